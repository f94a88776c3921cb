/*
 * A schema at work: which rules a kind of event has, and what each makes of an event.
 *
 * A rule gives a value y in [0, 1] and a weight w; its evidence is w*y for and w*(1-y) against. Both are fixed
 * point (LOY__AMOUNT_BITS), and the second is the total less the first, so that they sum to the weight exactly.
 */
#include "profile/profile.h"

#include <string.h>

/* The greatest weight one event can have: below the 256 that amounts are made for. */
#define WEIGHT_MAX 255.999

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
	return weight < 0.0 ? 0.0 : weight > WEIGHT_MAX ? WEIGHT_MAX : weight;
}

static void split_weight(double y, double weight, int64_t *positive, int64_t *negative)
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
		split_weight(y, rule_weight(rule, event), positive, negative);
	}
	return (*positive | *negative) != 0; /* evidence without weight is none */
}

/* ---- preparing ---- */

static int is_unit(double v)
{
	return v >= 0.0 && v <= 1.0; /* refuses NaN as well */
}

static loy_status prepare_channels(loy_schema *schema)
{
	uint32_t i, all = 0;

	if (schema->channel_count > LOY_CHANNELS_MAX)
		return LOY_ELIMIT;
	for (i = 0; i < schema->channel_count; i++) {
		loy__channel *channel = &schema->channel[i];

		if (loy__half_life_init(&channel->slow, channel->slow.microseconds) != LOY_OK ||
		    loy__half_life_init(&channel->fast, channel->fast.microseconds) != LOY_OK ||
		    channel->slow.microseconds <= channel->fast.microseconds)
			return LOY_ERANGE;
		all |= UINT32_C(1) << i;
	}
	if (schema->worst_channels == 0)
		schema->worst_channels = all;
	if ((schema->worst_channels & ~all) != 0)
		return LOY_ERANGE;
	if (schema->worst_half_life.microseconds != 0)
		return loy__half_life_init(&schema->worst_half_life, schema->worst_half_life.microseconds);
	return LOY_OK;
}

static loy_status prepare_curve(loy__curve *curve)
{
	uint32_t i;

	if (curve->kind == LOY__CURVE_DISCONFIRMATION) {
		if (!(curve->neutral > 0.0 && curve->neutral < 1.0) ||
		    !(curve->gain >= 0.0 && curve->gain <= 1e6) ||
		    !(curve->loss_ratio >= 0.0 && curve->loss_ratio <= 1e6) || curve->gain_scale <= 0 ||
		    curve->loss_scale <= 0)
			return LOY_ERANGE;
		curve->neutral_logit = loy__log(curve->neutral / (1.0 - curve->neutral));
		return LOY_OK;
	}
	if (curve->kind != LOY__CURVE_STEPS)
		return LOY_EINVAL;
	if (curve->step_count > LOY__CURVE_STEPS_MAX)
		return LOY_ELIMIT;
	for (i = 0; i < curve->step_count; i++) {
		if (!is_unit(curve->step_value[i]) ||
		    (i > 0 && curve->step_limit[i] <= curve->step_limit[i - 1]))
			return LOY_ERANGE;
	}
	return is_unit(curve->otherwise) ? LOY_OK : LOY_ERANGE;
}

static int has_type(uint32_t field, uint32_t type)
{
	return field <= LOY_FIELD_OPTIONAL_LAST && loy__field_ranges[field].type == type;
}

static int value_source_valid(const loy_schema *schema, const loy__rule *rule)
{
	switch (rule->value_source) {
	case LOY__VALUE_CONSTANT:
		return is_unit(rule->value);
	case LOY__VALUE_FIELD:
	case LOY__VALUE_SIGNED:
		return has_type(rule->value_field, LOY_TYPE_RATIO);
	case LOY__VALUE_SCALE:
	case LOY__VALUE_REVERSED:
		return 1;
	case LOY__VALUE_DELAY:
	case LOY__VALUE_ELAPSED:
		return rule->curve < schema->curve_count;
	case LOY__VALUE_SHARE:
		return has_type(rule->value_field, LOY_TYPE_MONEY) &&
		       has_type(rule->value_other, LOY_TYPE_MONEY);
	default:
		return 0;
	}
}

static loy_status prepare_rule(const loy_schema *schema, loy__rule *rule)
{
	int fixed = rule->value_source == LOY__VALUE_CONSTANT;
	uint32_t i;

	if (rule->kind == LOY_KIND_NONE || rule->kind > LOY_KIND_LAST ||
	    rule->channel >= schema->channel_count || rule->condition_count > LOY__CONDITIONS_MAX ||
	    !value_source_valid(schema, rule))
		return LOY_EINVAL;
	if (!(rule->weight >= 0.0 && rule->weight <= WEIGHT_MAX))
		return LOY_ERANGE;
	rule->needs = 0;
	for (i = 0; i < rule->condition_count; i++) {
		const loy__condition *condition = &rule->condition[i];

		if (condition->field > LOY_FIELD_OPTIONAL_LAST ||
		    loy__field_ranges[condition->field].type == 0 || condition->comparison < LOY__LESS ||
		    condition->comparison > LOY__UNSET)
			return LOY_EINVAL;
		if (condition->comparison != LOY__UNSET)
			rule->needs |= UINT64_C(1) << condition->field;
	}
	for (i = 0; i < 2; i++) {
		if (rule->weight_field[i] == LOY__NO_FIELD)
			continue;
		fixed = 0;
		if (!has_type(rule->weight_field[i], LOY_TYPE_RATIO))
			return LOY_EINVAL;
	}
	rule->positive = -1;
	rule->negative = -1;
	if (fixed)
		split_weight(rule->value, rule->weight, &rule->positive, &rule->negative);
	return LOY_OK;
}

static int rule_before(const loy__rule *a, const loy__rule *b)
{
	return a->kind < b->kind || (a->kind == b->kind && a->channel < b->channel);
}

/* Insertion keeps rules of the same kind and channel in the order of the text. */
static void sort_rules(loy_schema *schema)
{
	uint32_t i, at;

	for (i = 1; i < schema->rule_count; i++) {
		loy__rule rule = schema->rule[i];

		for (at = i; at > 0 && rule_before(&rule, &schema->rule[at - 1]); at--)
			schema->rule[at] = schema->rule[at - 1];
		schema->rule[at] = rule;
	}
}

static void index_rules(loy_schema *schema)
{
	uint32_t kind, i = 0;

	for (kind = 0; kind < LOY__COUNT(schema->first_rule); kind++) {
		schema->first_rule[kind] = (uint16_t)i;
		while (i < schema->rule_count && schema->rule[i].kind == kind)
			i++;
		schema->end_rule[kind] = (uint16_t)i;
	}
}

/* Add a channel's amounts to the list; 0 when it is full. */
static int add_always(loy_schema *schema, uint32_t *end, uint32_t channel, int64_t positive, int64_t negative)
{
	const int64_t amount[2] = {positive, negative};
	uint32_t i;

	for (i = 0; i < 2; i++) {
		if (amount[i] == 0)
			continue;
		if (*end == LOY__ALWAYS_MAX)
			return 0;
		schema->always[*end].amount = amount[i];
		schema->always[(*end)++].key = 2 * channel + i;
	}
	return 1;
}

/* What events of a kind give that no condition and no field has a say in. */
static void prepare_always(loy_schema *schema, uint32_t kind, uint32_t *end)
{
	const uint32_t begin = *end;
	int64_t positive = 0, negative = 0;
	uint64_t asks = 0;
	uint32_t i;

	for (i = schema->first_rule[kind]; i < schema->end_rule[kind]; i++) {
		const loy__rule *rule = &schema->rule[i];

		if (rule->condition_count == 0 && rule->positive >= 0) {
			positive += rule->positive;
			negative += rule->negative;
		} else {
			asks |= rule->needs != 0 ? rule->needs : UINT64_MAX;
		}
		if (i + 1 < schema->end_rule[kind] && rule[1].channel == rule->channel)
			continue;
		if (!add_always(schema, end, rule->channel, positive, negative))
			asks = UINT64_MAX;
		positive = 0;
		negative = 0;
	}
	if (asks == UINT64_MAX)
		*end = begin;
	schema->asks[kind] = asks;
	schema->first_always[kind] = (uint8_t)begin;
	schema->end_always[kind] = (uint8_t)*end;
}

static uint8_t half_life_index(loy_schema *schema, const loy__half_life *half_life)
{
	uint32_t i = 0;

	while (i < schema->half_life_count && schema->half_life[i].microseconds != half_life->microseconds)
		i++;
	if (i == schema->half_life_count)
		schema->half_life[schema->half_life_count++] = *half_life;
	return (uint8_t)i;
}

static loy_status sort_own_kinds(loy_schema *schema)
{
	uint32_t i, at;

	if (schema->own_kind_count > LOY__OWN_KINDS_MAX)
		return LOY_ELIMIT;
	for (i = 0; i < schema->own_kind_count; i++) {
		if (schema->own_kind[i].kind < LOY_KIND_OWN_FIRST || schema->own_kind[i].kind > LOY_KIND_LAST)
			return LOY_ERANGE;
		for (at = i; at > 0 && schema->own_kind[at].kind < schema->own_kind[at - 1].kind; at--) {
			uint32_t kind = schema->own_kind[at].kind;
			char name[LOY__NAME_MAX + 1];

			memcpy(name, schema->own_kind[at].name, sizeof(name));
			schema->own_kind[at] = schema->own_kind[at - 1];
			schema->own_kind[at - 1].kind = kind;
			memcpy(schema->own_kind[at - 1].name, name, sizeof(name));
		}
		if (at > 0 && schema->own_kind[at].kind == schema->own_kind[at - 1].kind)
			return LOY_ENAME;
	}
	return LOY_OK;
}

loy_status loy__schema_prepare(loy_schema *schema)
{
	loy_status status = prepare_channels(schema);
	uint32_t i, end = 0;

	if (status == LOY_OK &&
	    (schema->curve_count > LOY__CURVES_MAX || schema->rule_count > LOY__RULES_MAX ||
	     schema->dimension_count > LOY__DIMENSIONS_MAX))
		status = LOY_ELIMIT;
	for (i = 0; status == LOY_OK && i < schema->curve_count; i++)
		status = prepare_curve(&schema->curve[i]);
	for (i = 0; status == LOY_OK && i < schema->rule_count; i++)
		status = prepare_rule(schema, &schema->rule[i]);
	if (status == LOY_OK)
		status = sort_own_kinds(schema);
	if (status != LOY_OK)
		return status;
	sort_rules(schema);
	index_rules(schema);
	for (i = 0; i < LOY__COUNT(schema->asks); i++)
		prepare_always(schema, i, &end);
	schema->half_life_count = 0;
	for (i = 0; i < schema->channel_count; i++) {
		schema->slow_index[i] = half_life_index(schema, &schema->channel[i].slow);
		schema->fast_index[i] = half_life_index(schema, &schema->channel[i].fast);
	}
	return LOY_OK;
}
