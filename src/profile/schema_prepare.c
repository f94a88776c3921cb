/*
 * A schema made ready: what it says is checked, rules are put in order by kind of event, and what is the same for
 * all events is computed once.
 */
#include "profile/profile.h"

#include <string.h>

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
	if (!(rule->weight >= 0.0 && rule->weight <= LOY__WEIGHT_MAX))
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
		loy__split_weight(rule->value, rule->weight, &rule->positive, &rule->negative);
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
