/*
 * The canonical text of a model: statements in a fixed order, the schema's first, names in the order of the
 * model, every number in its shortest form. Parsing it gives an equal model, printing that the same text.
 */
#include "model/syntax.h"

#include <string.h>

#define PRINT_WIDTH 80 /* a list goes on in the next line once its line is this long */

typedef struct printer {
	loy__writer *out;
	const loy_model *model;
	size_t column;
} printer;

/* ---- pieces ---- */

static void put_bytes(printer *p, const char *text, size_t length)
{
	loy__write_bytes(p->out, text, length);
	p->column += length;
}

static void put(printer *p, const char *text)
{
	put_bytes(p, text, strlen(text));
}

static void end_line(printer *p)
{
	put(p, "\n");
	p->column = 0;
}

/* Between two elements of a list: `separator`, whose last byte is a blank, ends a line that is long enough. */
static void put_separator(printer *p, const char *separator)
{
	if (p->column < PRINT_WIDTH) {
		put(p, separator);
		return;
	}
	put_bytes(p, separator, strlen(separator) - 1);
	end_line(p);
	put(p, "\t");
}

/* The shortest decimal that is read as this double. */
static void put_real(printer *p, double real)
{
	int64_t decimal = loy__decimal_from_real(real), unit = LOY__DECIMAL_ONE;
	char text[24];

	for (; unit > 1; unit /= 10) {
		int64_t rounded = (decimal + unit / 2) / unit * unit;

		if (loy__real_from_decimal(rounded) == real) {
			decimal = rounded;
			break;
		}
	}
	put_bytes(p, text, loy__decimal_write(decimal, text));
}

static void put_integer(printer *p, int64_t value)
{
	char text[20];

	put_bytes(p, text, loy__integer_write(value, text));
}

static void put_span(printer *p, int64_t span)
{
	int64_t decimal = 0;
	uint32_t unit = loy__span_unit(span, &decimal);
	char text[24];

	put_bytes(p, text, loy__decimal_write(decimal, text));
	put(p, loy__span_unit_name(unit));
}

/* A text in quotes, cut after blanks into pieces joined by `+`. */
static void put_string(printer *p, const char *text)
{
	size_t length = strlen(text), at = 0, i;

	put(p, "\"");
	for (i = 0; i < length; i++) {
		if (text[i] != ' ' || p->column + (i - at) < PRINT_WIDTH || i + 1 == length)
			continue;
		put_bytes(p, text + at, i + 1 - at);
		at = i + 1;
		put(p, "\" +");
		end_line(p);
		put(p, "\t\"");
	}
	put_bytes(p, text + at, length - at);
	put(p, "\"");
}

static const char *field_name(uint32_t id)
{
	loy_field field = {0, 0, NULL, 0, 0};
	uint32_t i;

	for (i = 0; field.id != id && i < loy_field_count(); i++)
		(void)loy_field_info(i, &field);
	return field.name;
}

static const char *channel_name(const printer *p, uint32_t channel)
{
	return p->model->schema.channel[channel].name;
}

static const char *construct_name(const printer *p, uint32_t construct)
{
	return p->model->construct[construct].name;
}

/* ---- schema ---- */

static void print_curve(printer *p, const loy__curve *curve)
{
	uint32_t i;

	put(p, "curve ");
	put(p, curve->name);
	if (curve->kind == LOY__CURVE_STEPS) {
		put(p, ": steps ");
		for (i = 0; i < curve->step_count; i++) {
			put_span(p, curve->step_limit[i]);
			put(p, " ");
			put_real(p, curve->step_value[i]);
			put_separator(p, ", ");
		}
		put(p, "else ");
		put_real(p, curve->otherwise);
	} else {
		put(p, ": delay neutral ");
		put_real(p, curve->neutral);
		put(p, ", gain ");
		put_real(p, curve->gain);
		put(p, ", loss_ratio ");
		put_real(p, curve->loss_ratio);
		put(p, ", gain_scale ");
		put_span(p, curve->gain_scale);
		put_separator(p, ", ");
		put(p, "loss_scale ");
		put_span(p, curve->loss_scale);
	}
	end_line(p);
}

static void print_condition(printer *p, const loy__condition *condition)
{
	static const char comparisons[][8] = {"", " < ", " <= ", " = ", " != ", " >= ", " > ", " unset"};
	const loy_schema *schema = &p->model->schema;
	uint32_t type = loy__field_ranges[condition->field].type;
	char text[24];

	put(p, field_name(condition->field));
	put(p, comparisons[condition->comparison]);
	if (condition->comparison == LOY__UNSET)
		return;
	if (type == LOY_TYPE_RATIO) {
		put_bytes(p, text,
		          loy__decimal_write(condition->value * (LOY__DECIMAL_ONE / LOY_RATIO_ONE), text));
	} else if (type == LOY_TYPE_SPAN) {
		put_span(p, condition->value);
	} else {
		const char *name = type == LOY_TYPE_CODE
		                           ? loy_code_name(condition->field, (uint32_t)condition->value)
		                           : NULL;

		if (condition->field == LOY_FIELD_ITEM && condition->value >= 1 &&
		    condition->value <= (int64_t)schema->dimension_count)
			name = schema->dimension[condition->value - 1];
		if (name != NULL)
			put(p, name);
		else
			put_integer(p, condition->value);
	}
}

static void print_value(printer *p, const loy__rule *rule)
{
	switch (rule->value_source) {
	case LOY__VALUE_CONSTANT:
		put_real(p, rule->value);
		break;
	case LOY__VALUE_FIELD:
		put(p, field_name(rule->value_field));
		break;
	case LOY__VALUE_SIGNED:
		put(p, "signed(");
		put(p, field_name(rule->value_field));
		put(p, ")");
		break;
	case LOY__VALUE_SCALE:
		put(p, "scale");
		break;
	case LOY__VALUE_REVERSED:
		put(p, "reversed");
		break;
	case LOY__VALUE_SHARE:
		put(p, "share(");
		put(p, field_name(rule->value_field));
		put(p, ", ");
		put(p, field_name(rule->value_other));
		put(p, ")");
		break;
	default:
		put(p, rule->value_source == LOY__VALUE_DELAY ? "delay(" : "elapsed(");
		put(p, p->model->schema.curve[rule->curve].name);
		put(p, ")");
		break;
	}
}

static void print_weight(printer *p, const loy__rule *rule)
{
	int fields = rule->weight_field[0] != LOY__NO_FIELD;

	if (rule->weight == 1.0 && !fields)
		return;
	put(p, " weight ");
	if (rule->weight != 1.0)
		put_real(p, rule->weight);
	if (!fields)
		return;
	if (rule->weight != 1.0)
		put(p, " * ");
	put(p, field_name(rule->weight_field[0]));
	if (rule->weight_field[1] != LOY__NO_FIELD) {
		put(p, " * ");
		put(p, field_name(rule->weight_field[1]));
	}
}

static void print_rule(printer *p, const loy__rule *rule)
{
	uint32_t i;

	put(p, "on ");
	put(p, loy_schema_kind_name(&p->model->schema, rule->kind));
	for (i = 0; i < rule->condition_count; i++) {
		put(p, i == 0 ? " if " : " and ");
		print_condition(p, &rule->condition[i]);
	}
	put(p, ": ");
	put(p, channel_name(p, rule->channel));
	put(p, " ");
	print_value(p, rule);
	print_weight(p, rule);
	end_line(p);
}

static void print_channel(printer *p, uint32_t i, int schema_only)
{
	const loy__channel *channel = &p->model->schema.channel[i];

	put(p, "channel ");
	put(p, channel->name);
	put(p, ": half_life ");
	put_span(p, channel->slow.microseconds);
	put(p, ", fast ");
	put_span(p, channel->fast.microseconds);
	if (!schema_only && p->model->fast_share[i] > 0.0) {
		put(p, ", share ");
		put_real(p, p->model->fast_share[i]);
	}
	end_line(p);
}

/* Nothing when all channels count, which is what saying nothing means. */
static void print_worst_channels(printer *p)
{
	const loy_schema *schema = &p->model->schema;
	uint32_t named = 0, left = 0, i;

	for (i = 0; i < schema->channel_count; i++)
		left += (schema->worst_channels >> i & 1) == 0;
	for (i = 0; left != 0 && i < schema->channel_count; i++) {
		if ((schema->worst_channels >> i & 1) == 0)
			continue;
		if (named++ == 0)
			put(p, " of ");
		else
			put_separator(p, " + ");
		put(p, channel_name(p, i));
	}
}

static void print_schema(printer *p, int schema_only)
{
	const loy_schema *schema = &p->model->schema;
	uint32_t i;

	for (i = 0; i < schema->own_kind_count; i++) {
		put(p, "kind ");
		put(p, schema->own_kind[i].name);
		put(p, " = ");
		put_integer(p, (int64_t)schema->own_kind[i].kind);
		end_line(p);
	}
	for (i = 0; i < schema->dimension_count; i++) {
		if (i == 0)
			put(p, "dimensions ");
		else
			put_separator(p, ", ");
		put(p, schema->dimension[i]);
	}
	if (schema->dimension_count != 0)
		end_line(p);
	for (i = 0; i < schema->channel_count; i++)
		print_channel(p, i, schema_only);
	if (schema->worst_half_life.microseconds != 0) {
		put(p, "worst: half_life ");
		put_span(p, schema->worst_half_life.microseconds);
		print_worst_channels(p);
		end_line(p);
	}
	for (i = 0; i < schema->curve_count; i++)
		print_curve(p, &schema->curve[i]);
	for (i = 0; i < schema->rule_count; i++)
		print_rule(p, &schema->rule[i]);
}

/* ---- scoring ---- */

static void print_construct(printer *p, const loy__construct *construct)
{
	put(p, "construct ");
	put(p, construct->name);
	if (!construct->composite) {
		put(p, ": mean ");
		put_real(p, construct->mean);
		put(p, ", strength ");
		put_real(p, construct->strength);
		put(p, ", spread ");
		put_real(p, construct->spread);
		put(p, ", limit ");
		put_real(p, construct->limit);
	}
	end_line(p);
}

static void start_term(printer *p, const loy__construct *construct, const char *operator, uint32_t index)
{
	if (index == 0) {
		put(p, construct->name);
		put(p, operator);
	} else {
		put_separator(p, " + ");
	}
}

static void print_indicators(printer *p, const loy__construct *construct)
{
	uint32_t i;

	for (i = 0; i < construct->indicator_count; i++) {
		const loy__indicator *indicator = &construct->indicator[i];

		start_term(p, construct, " =~ ", i);
		if (indicator->positive == indicator->negative) {
			put_real(p, indicator->positive);
		} else {
			put(p, "(");
			put_real(p, indicator->positive);
			put(p, ", ");
			put_real(p, indicator->negative);
			put(p, ")");
		}
		put(p, "*");
		put(p, channel_name(p, indicator->channel));
	}
	if (construct->indicator_count != 0)
		end_line(p);
}

/* Paths of a construct or components of a composite. */
static void print_paths(printer *p, const loy__construct *construct)
{
	uint32_t i;

	for (i = 0; i < construct->path_count; i++) {
		const loy__path *path = &construct->path[i];

		start_term(p, construct, construct->composite ? " <~ " : " ~ ", i);
		put_real(p, path->written);
		put(p, "*");
		if (path->response != LOY__NONE) {
			put(p, p->model->response[path->response].name);
			put(p, "(");
		}
		put(p, construct_name(p, path->parent));
		if (path->response != LOY__NONE)
			put(p, ")");
	}
	if (construct->path_count != 0)
		end_line(p);
}

static void print_interaction(printer *p, const loy__construct *construct, uint32_t index, double strength,
                              const char *moderated, uint8_t moderator)
{
	start_term(p, construct, " ~ ", index);
	put_real(p, strength);
	put(p, "*");
	put(p, moderated);
	put(p, ":");
	put(p, construct_name(p, moderator));
}

static void print_interactions(printer *p, const loy__construct *construct)
{
	uint32_t printed = 0, i;

	for (i = 0; i < construct->indicator_count; i++) {
		const loy__indicator *indicator = &construct->indicator[i];

		if (indicator->moderator != LOY__NONE)
			print_interaction(p, construct, printed++, indicator->moderation,
			                  channel_name(p, indicator->channel), indicator->moderator);
	}
	for (i = 0; i < construct->path_count; i++) {
		const loy__path *path = &construct->path[i];

		if (path->moderator != LOY__NONE)
			print_interaction(p, construct, printed++, path->moderation,
			                  construct_name(p, path->parent), path->moderator);
	}
	if (printed != 0)
		end_line(p);
}

static void print_response(printer *p, const loy__response *response)
{
	uint32_t i;

	put(p, "response ");
	put(p, response->name);
	for (i = 0; i < response->point_count; i++) {
		if (i == 0)
			put(p, ": ");
		else
			put_separator(p, ", ");
		put_real(p, response->x[i]);
		put(p, " ");
		put_real(p, response->y[i]);
	}
	end_line(p);
}

static void print_failures(printer *p)
{
	const loy_model *model = p->model;
	uint32_t i;

	for (i = 0; i < model->schema.channel_count; i++) {
		if (model->damping[i].by == LOY__NONE)
			continue;
		put(p, "damping ");
		put(p, channel_name(p, i));
		put(p, ": ");
		put_real(p, model->damping[i].strength);
		put(p, " by ");
		put(p, channel_name(p, model->damping[i].by));
		put(p, " at ");
		put_real(p, model->damping[i].at);
		end_line(p);
	}
	if (model->recovery == LOY__NONE)
		return;
	put(p, channel_name(p, model->recovery));
	put(p, " repairs ");
	for (i = 0; i < model->failure_count; i++) {
		if (i != 0)
			put_separator(p, " + ");
		put(p, channel_name(p, model->failure[i]));
	}
	end_line(p);
}

static void print_burdens(printer *p, const loy__construct *construct)
{
	if (construct->silence_weight > 0.0) {
		put(p, "silence ");
		put(p, construct->name);
		put(p, ": purchase weight ");
		put_real(p, construct->silence_weight);
		put(p, ", gap ");
		put_span(p, construct->silence_gap);
		put(p, ", strength ");
		put_real(p, construct->silence_strength);
		put(p, ", limit ");
		put_real(p, construct->silence_limit);
		end_line(p);
	}
	if (construct->worst_weight > 0.0) {
		put(p, "worst ");
		put(p, construct->name);
		put(p, ": weight ");
		put_real(p, construct->worst_weight);
		end_line(p);
	}
}

static void print_items(printer *p, const char *word, const loy__weighted_item *items, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (i == 0)
			put(p, word);
		else
			put_separator(p, ", ");
		put(p, items[i].name);
		put(p, " ");
		put_real(p, items[i].written);
	}
	if (count != 0)
		end_line(p);
}

static void print_staging(printer *p, const loy__staging *staging)
{
	uint32_t i, k;

	put(p, "stages ");
	put(p, staging->name);
	for (i = 0; i < staging->rung_count; i++) {
		if (i == 0)
			put(p, ": ");
		else
			put_separator(p, ", ");
		put(p, staging->rung[i].name);
		for (k = 0; k < staging->rung[i].count; k++) {
			put(p, k == 0 ? " " : "|");
			put(p, construct_name(p, staging->rung[i].construct[k]));
		}
	}
	put_separator(p, "; ");
	put(p, "cut ");
	put_real(p, staging->cut);
	put(p, ", probability ");
	put_real(p, staging->probability);
	end_line(p);
}

static void print_type(printer *p)
{
	const loy_model *model = p->model;
	uint32_t i;

	if (model->attitude_count == 0)
		return;
	put(p, "loyalty_type: attitude ");
	for (i = 0; i < model->attitude_count; i++) {
		if (i != 0)
			put_separator(p, " + ");
		put_real(p, model->attitude_written[i]);
		put(p, "*");
		put(p, construct_name(p, model->attitude[i]));
	}
	put_separator(p, ", ");
	put(p, "behaviour ");
	put(p, construct_name(p, model->behaviour));
	put(p, ", cut ");
	put_real(p, model->type_cut);
	end_line(p);
}

static void print_headline(printer *p)
{
	uint32_t i;

	for (i = 0; i < loy_model_headline_count(p->model); i++) {
		put(p, i == 0 ? "headline " : ", ");
		put(p, construct_name(p, p->model->headline[i]));
	}
	if (i != 0)
		end_line(p);
}

static void print_scoring(printer *p)
{
	const loy_model *model = p->model;
	uint32_t i;

	for (i = 0; i < model->construct_count; i++)
		print_construct(p, &model->construct[i]);
	for (i = 0; i < model->construct_count; i++) {
		print_indicators(p, &model->construct[i]);
		print_paths(p, &model->construct[i]);
		print_interactions(p, &model->construct[i]);
	}
	for (i = 0; i < model->response_count; i++)
		print_response(p, &model->response[i]);
	print_failures(p);
	for (i = 0; i < model->construct_count; i++)
		print_burdens(p, &model->construct[i]);
	print_items(p, "benefit ", model->benefit, model->benefit_count);
	print_items(p, "cost ", model->cost, model->cost_count);
	for (i = 0; i < model->staging_count; i++)
		print_staging(p, &model->staging[i]);
	print_type(p);
	print_headline(p);
}

/* ---- all of it ---- */

static void print_head(printer *p)
{
	const loy_model *model = p->model;

	if (model->name[0] != '\0') {
		put(p, "model ");
		put(p, model->name);
		if (model->title[0] != '\0') {
			put(p, " ");
			put_string(p, model->title);
		}
		end_line(p);
	}
	if (model->origin[0] != '\0') {
		put(p, "origin ");
		put_string(p, model->origin);
		end_line(p);
	}
}

void loy__model_print(const loy_model *model, int schema_only, loy__writer *out)
{
	printer p = {NULL, NULL, 0};

	p.out = out;
	p.model = model;
	if (!schema_only)
		print_head(&p);
	print_schema(&p, schema_only);
	if (!schema_only)
		print_scoring(&p);
}

loy_status loy_model_print(const loy_model *model, char *buffer, size_t capacity, size_t *needed)
{
	loy__writer out;

	if (model == NULL || (buffer == NULL && capacity != 0))
		return LOY_EINVAL;
	loy__writer_over(&out, buffer, capacity);
	loy__model_print(model, 0, &out);
	if (needed != NULL)
		*needed = out.size;
	if (out.size >= capacity)
		return LOY_EBUFFER;
	buffer[out.size] = '\0';
	return LOY_OK;
}
