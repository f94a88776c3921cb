/*
 * A schema at work: which rules a kind of event has, and what each makes of an event.
 *
 * A rule gives a value y in [0, 1] and a weight w; its evidence is w*y for and w*(1-y) against. Both are fixed
 * point (LOY__AMOUNT_BITS), and the second is the total less the first, so that they sum to the weight exactly.
 */
#include "profile/profile.h"

#include <string.h>

/* ---- what the public header lists ---- */

loy_status loy_schema_fingerprint(const loy_schema *schema, uint64_t *high, uint64_t *low)
{
	if (schema == NULL || high == NULL || low == NULL)
		return LOY_EINVAL;
	*high = schema->fingerprint_high;
	*low = schema->fingerprint_low;
	return LOY_OK;
}

uint32_t loy_schema_channel_count(const loy_schema *schema)
{
	return schema != NULL ? schema->channel_count : 0;
}

const char *loy_schema_channel_name(const loy_schema *schema, uint32_t channel)
{
	return channel < loy_schema_channel_count(schema) ? schema->channel[channel].name : NULL;
}

uint32_t loy_schema_dimension_count(const loy_schema *schema)
{
	return schema != NULL ? schema->dimension_count : 0;
}

const char *loy_schema_dimension_name(const loy_schema *schema, uint32_t item)
{
	return item != 0 && item <= loy_schema_dimension_count(schema) ? schema->dimension[item - 1] : NULL;
}

uint32_t loy_schema_kind_find(const loy_schema *schema, const char *name, size_t length)
{
	uint32_t found = loy_kind_find(name, length);
	uint32_t i;

	if (found != LOY_KIND_NONE || schema == NULL || name == NULL)
		return found;
	for (i = 0; i < schema->own_kind_count; i++) {
		const char *own = schema->own_kind[i].name;

		if (strlen(own) == length && memcmp(own, name, length) == 0)
			return schema->own_kind[i].kind;
	}
	return LOY_KIND_NONE;
}

const char *loy_schema_kind_name(const loy_schema *schema, uint32_t kind)
{
	const char *name = loy_kind_name(kind);
	uint32_t i;

	for (i = 0; name == NULL && schema != NULL && i < schema->own_kind_count; i++) {
		if (schema->own_kind[i].kind == kind)
			name = schema->own_kind[i].name;
	}
	return name;
}

/* ---- curves ---- */

static double step_value(const loy__curve *curve, int64_t span)
{
	uint32_t i;

	for (i = 0; i < curve->step_count; i++) {
		if (span <= curve->step_limit[i])
			return curve->step_value[i];
	}
	return curve->otherwise;
}

/*
 * Earliness gains little and lateness costs much (expectancy-disconfirmation, Oliver 1980; the shape is
 * scoring-model.md section 4): saturating exponentials on the logit, with their own scale on each side.
 */
static double disconfirmation_value(const loy__curve *curve, int64_t late)
{
	double logit = curve->neutral_logit;

	if (late <= 0)
		logit -= curve->gain * loy__expm1((double)late / (double)curve->gain_scale);
	else
		logit += curve->loss_ratio * curve->gain *
		         loy__expm1(-(double)late / (double)curve->loss_scale);
	return loy__logistic(logit);
}

double loy__curve_value(const loy__curve *curve, int64_t span)
{
	return curve->kind == LOY__CURVE_STEPS ? step_value(curve, span) : disconfirmation_value(curve, span);
}

/* ---- rules ---- */

const loy__rule *loy__schema_rules(const loy_schema *schema, uint32_t kind, uint32_t *count)
{
	uint32_t first, end;

	if (kind < LOY__COUNT(schema->first_rule)) {
		first = schema->first_rule[kind];
		end = schema->end_rule[kind];
	} else {
		uint32_t high = schema->rule_count;

		first = 0;
		while (first < high) {
			uint32_t middle = first + (high - first) / 2;

			if (schema->rule[middle].kind < kind)
				first = middle + 1;
			else
				high = middle;
		}
		for (end = first; end < schema->rule_count && schema->rule[end].kind == kind; end++)
			;
	}
	*count = end - first;
	return schema->rule + first;
}

static int holds(const loy__condition *condition, const loy_event *event)
{
	int64_t value = event->field[condition->field];

	if (!loy__event_has(event, condition->field))
		return condition->comparison == LOY__UNSET;
	switch (condition->comparison) {
	case LOY__LESS:
		return value < condition->value;
	case LOY__LESS_EQUAL:
		return value <= condition->value;
	case LOY__EQUAL:
		return value == condition->value;
	case LOY__NOT_EQUAL:
		return value != condition->value;
	case LOY__GREATER_EQUAL:
		return value >= condition->value;
	case LOY__GREATER:
		return value > condition->value;
	default:
		return 0;
	}
}

static double unit_clamp(double y)
{
	return y < 0.0 ? 0.0 : y > 1.0 ? 1.0 : y;
}

static double field_ratio(const loy_event *event, uint32_t field)
{
	return (double)event->field[field] / (double)LOY_RATIO_ONE;
}

/* a / (a + b) of two amounts of money; sums of two are whole doubles. */
static int money_share(const loy_event *event, const loy__rule *rule, double *y)
{
	int64_t part = event->field[rule->value_field], other = event->field[rule->value_other];

	if (!loy__event_has(event, rule->value_field) || !loy__event_has(event, rule->value_other))
		return 0;
	if (part < 0 || other < 0 || part + other == 0)
		return 0;
	*y = (double)part / (double)(part + other);
	return 1;
}

static int scale_share(const loy_event *event, int reversed, double *y)
{
	int64_t share;

	if (!loy__event_share(event, &share))
		return 0;
	*y = (double)(reversed ? LOY_RATIO_ONE - share : share) / (double)LOY_RATIO_ONE;
	return 1;
}

/* The rule's y, or 0 when the event does not tell it. */
static int rule_value(const loy_schema *schema, const loy__rule *rule, const loy_event *event, double *y)
{
	int64_t span;

	switch (rule->value_source) {
	case LOY__VALUE_CONSTANT:
		*y = rule->value;
		return 1;
	case LOY__VALUE_FIELD:
		*y = unit_clamp(field_ratio(event, rule->value_field));
		return loy__event_has(event, rule->value_field);
	case LOY__VALUE_SIGNED:
		*y = unit_clamp((1.0 + field_ratio(event, rule->value_field)) / 2.0);
		return loy__event_has(event, rule->value_field);
	case LOY__VALUE_SCALE:
	case LOY__VALUE_REVERSED:
		return scale_share(event, rule->value_source == LOY__VALUE_REVERSED, y);
	case LOY__VALUE_DELAY:
		if (!loy__event_delay(event, &span))
			return 0;
		*y = loy__curve_value(&schema->curve[rule->curve], span);
		return 1;
	case LOY__VALUE_ELAPSED:
		if (!loy__event_has(event, LOY_FIELD_ELAPSED))
			return 0;
		*y = loy__curve_value(&schema->curve[rule->curve], event->field[LOY_FIELD_ELAPSED]);
		return 1;
	default:
		return money_share(event, rule, y);
	}
}

static double rule_weight(const loy__rule *rule, const loy_event *event)
{
	double weight = rule->weight;
	int i;

	for (i = 0; i < 2; i++) {
		uint32_t field = rule->weight_field[i];

		if (field != LOY__NO_FIELD && loy__event_has(event, field))
			weight *= field_ratio(event, field);
	}
	return weight < 0.0 ? 0.0 : weight > LOY__WEIGHT_MAX ? LOY__WEIGHT_MAX : weight;
}

void loy__split_weight(double y, double weight, int64_t *positive, int64_t *negative)
{
	*positive = loy__amount_from_double(weight * y);
	*negative = loy__amount_from_double(weight) - *positive;
}

int loy__rule_evaluate(const loy_schema *schema, const loy__rule *rule, const loy_event *event,
                       int64_t *positive, int64_t *negative)
{
	uint32_t i;
	double y;

	for (i = 0; i < rule->condition_count; i++) {
		if (!holds(&rule->condition[i], event))
			return 0;
	}
	if (rule->positive >= 0) {
		*positive = rule->positive;
		*negative = rule->negative;
	} else {
		if (!rule_value(schema, rule, event, &y))
			return 0;
		loy__split_weight(y, rule_weight(rule, event), positive, negative);
	}
	return (*positive | *negative) != 0; /* evidence without weight is none */
}
