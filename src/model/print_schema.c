/* The first half of a model's text: kinds, dimensions, curves, channels, rules. */
#include "model/print.h"

#include <string.h>

static void print_curve(loy__printer *p, const loy__curve *curve)
{
	uint32_t i;

	loy__print_text(p, "curve ");
	loy__print_text(p, curve->name);
	if (curve->kind == LOY__CURVE_STEPS) {
		loy__print_text(p, ": steps ");
		for (i = 0; i < curve->step_count; i++) {
			loy__print_span(p, curve->step_limit[i]);
			loy__print_text(p, " ");
			loy__print_real(p, curve->step_value[i]);
			loy__print_separator(p, ", ");
		}
		loy__print_text(p, "else ");
		loy__print_real(p, curve->otherwise);
	} else {
		loy__print_text(p, ": delay neutral ");
		loy__print_real(p, curve->neutral);
		loy__print_text(p, ", gain ");
		loy__print_real(p, curve->gain);
		loy__print_text(p, ", loss_ratio ");
		loy__print_real(p, curve->loss_ratio);
		loy__print_text(p, ", gain_scale ");
		loy__print_span(p, curve->gain_scale);
		loy__print_separator(p, ", ");
		loy__print_text(p, "loss_scale ");
		loy__print_span(p, curve->loss_scale);
	}
	loy__print_end_line(p);
}

static void print_condition(loy__printer *p, const loy__condition *condition)
{
	static const char comparisons[][8] = {"", " < ", " <= ", " = ", " != ", " >= ", " > ", " unset"};
	const loy_schema *schema = &p->model->schema;
	uint32_t type = loy__field_ranges[condition->field].type;
	char text[24];

	loy__print_text(p, loy__field_name(condition->field));
	loy__print_text(p, comparisons[condition->comparison]);
	if (condition->comparison == LOY__UNSET)
		return;
	if (type == LOY_TYPE_RATIO) {
		loy__print_bytes(
		        p, text,
		        loy__decimal_write(condition->value * (LOY__DECIMAL_ONE / LOY_RATIO_ONE), text));
	} else if (type == LOY_TYPE_SPAN) {
		loy__print_span(p, condition->value);
	} else {
		const char *name = type == LOY_TYPE_CODE
		                           ? loy_code_name(condition->field, (uint32_t)condition->value)
		                           : NULL;

		if (condition->field == LOY_FIELD_ITEM && condition->value >= 1 &&
		    condition->value <= (int64_t)schema->dimension_count)
			name = schema->dimension[condition->value - 1];
		if (name != NULL)
			loy__print_text(p, name);
		else
			loy__print_integer(p, condition->value);
	}
}

static void print_value(loy__printer *p, const loy__rule *rule)
{
	switch (rule->value_source) {
	case LOY__VALUE_CONSTANT:
		loy__print_real(p, rule->value);
		break;
	case LOY__VALUE_FIELD:
		loy__print_text(p, loy__field_name(rule->value_field));
		break;
	case LOY__VALUE_SIGNED:
		loy__print_text(p, "signed(");
		loy__print_text(p, loy__field_name(rule->value_field));
		loy__print_text(p, ")");
		break;
	case LOY__VALUE_SCALE:
		loy__print_text(p, "scale");
		break;
	case LOY__VALUE_REVERSED:
		loy__print_text(p, "reversed");
		break;
	case LOY__VALUE_SHARE:
		loy__print_text(p, "share(");
		loy__print_text(p, loy__field_name(rule->value_field));
		loy__print_text(p, ", ");
		loy__print_text(p, loy__field_name(rule->value_other));
		loy__print_text(p, ")");
		break;
	default:
		loy__print_text(p, rule->value_source == LOY__VALUE_DELAY ? "delay(" : "elapsed(");
		loy__print_text(p, p->model->schema.curve[rule->curve].name);
		loy__print_text(p, ")");
		break;
	}
}

static void print_weight(loy__printer *p, const loy__rule *rule)
{
	int fields = rule->weight_field[0] != LOY__NO_FIELD;

	if (rule->weight == 1.0 && !fields)
		return;
	loy__print_text(p, " weight ");
	if (rule->weight != 1.0)
		loy__print_real(p, rule->weight);
	if (!fields)
		return;
	if (rule->weight != 1.0)
		loy__print_text(p, " * ");
	loy__print_text(p, loy__field_name(rule->weight_field[0]));
	if (rule->weight_field[1] != LOY__NO_FIELD) {
		loy__print_text(p, " * ");
		loy__print_text(p, loy__field_name(rule->weight_field[1]));
	}
}

static void print_rule(loy__printer *p, const loy__rule *rule)
{
	uint32_t i;

	loy__print_text(p, "on ");
	loy__print_text(p, loy_schema_kind_name(&p->model->schema, rule->kind));
	for (i = 0; i < rule->condition_count; i++) {
		loy__print_text(p, i == 0 ? " if " : " and ");
		print_condition(p, &rule->condition[i]);
	}
	loy__print_text(p, ": ");
	loy__print_text(p, loy__print_channel_name(p, rule->channel));
	loy__print_text(p, " ");
	print_value(p, rule);
	print_weight(p, rule);
	loy__print_end_line(p);
}

static void print_channel(loy__printer *p, uint32_t i, int schema_only)
{
	const loy__channel *channel = &p->model->schema.channel[i];

	loy__print_text(p, "channel ");
	loy__print_text(p, channel->name);
	loy__print_text(p, ": half_life ");
	loy__print_span(p, channel->slow.microseconds);
	loy__print_text(p, ", fast ");
	loy__print_span(p, channel->fast.microseconds);
	if (!schema_only && p->model->fast_share[i] > 0.0) {
		loy__print_text(p, ", share ");
		loy__print_real(p, p->model->fast_share[i]);
	}
	loy__print_end_line(p);
}

/* Nothing when all channels count, which is what saying nothing means. */
static void print_worst_channels(loy__printer *p)
{
	const loy_schema *schema = &p->model->schema;
	uint32_t named = 0, left = 0, i;

	for (i = 0; i < schema->channel_count; i++)
		left += (schema->worst_channels >> i & 1) == 0;
	for (i = 0; left != 0 && i < schema->channel_count; i++) {
		if ((schema->worst_channels >> i & 1) == 0)
			continue;
		if (named++ == 0)
			loy__print_text(p, " of ");
		else
			loy__print_separator(p, " + ");
		loy__print_text(p, loy__print_channel_name(p, i));
	}
}

void loy__print_schema(loy__printer *p, int schema_only)
{
	const loy_schema *schema = &p->model->schema;
	uint32_t i;

	for (i = 0; i < schema->own_kind_count; i++) {
		loy__print_text(p, "kind ");
		loy__print_text(p, schema->own_kind[i].name);
		loy__print_text(p, " = ");
		loy__print_integer(p, (int64_t)schema->own_kind[i].kind);
		loy__print_end_line(p);
	}
	for (i = 0; i < schema->dimension_count; i++) {
		if (i == 0)
			loy__print_text(p, "dimensions ");
		else
			loy__print_separator(p, ", ");
		loy__print_text(p, schema->dimension[i]);
	}
	if (schema->dimension_count != 0)
		loy__print_end_line(p);
	for (i = 0; i < schema->channel_count; i++)
		print_channel(p, i, schema_only);
	if (schema->worst_half_life.microseconds != 0) {
		loy__print_text(p, "worst: half_life ");
		loy__print_span(p, schema->worst_half_life.microseconds);
		print_worst_channels(p);
		loy__print_end_line(p);
	}
	for (i = 0; i < schema->curve_count; i++)
		print_curve(p, &schema->curve[i]);
	for (i = 0; i < schema->rule_count; i++)
		print_rule(p, &schema->rule[i]);
}
