/*
 * Rules: `on KIND if CONDITION and CONDITION: CHANNEL VALUE weight WEIGHT`.
 *
 * Constants of conditions are written in the field's unit: ratios as decimals, spans with a unit, codes as
 * numbers, known names, or texts (hashed as loy_code_from_text() does; currencies by their three letters).
 */
#include "model/syntax.h"

#include <string.h>

#define RATIO_DECIMAL (LOY__DECIMAL_ONE / LOY_RATIO_ONE) /* one step of a ratio field in 1e-12 */

static const loy__range rule_weight_range = {1, 255 * LOY__DECIMAL_ONE, "a number above 0, at most 255"};

/* Take the name of a field with one of the types whose bits are set. */
static uint32_t read_field(loy__syntax *s, uint32_t types, const char *what)
{
	uint32_t field = LOY__NO_FIELD;

	if (loy__syntax_is(s, LOY__TOKEN_NAME))
		field = loy_field_find(s->text + s->token.at, s->token.length);
	if (field == LOY_FIELD_NONE || field > LOY_FIELD_OPTIONAL_LAST ||
	    (types >> loy__field_ranges[field].type & 1) == 0) {
		loy__syntax_expected(s, loy__syntax_is(s, LOY__TOKEN_NAME) ? LOY_ENAME : LOY_ESYNTAX, what);
		return LOY__NO_FIELD;
	}
	loy__syntax_advance(s);
	return field;
}

/* ---- conditions ---- */

static int read_comparison(loy__syntax *s)
{
	if (loy__syntax_accept(s, '<'))
		return LOY__LESS;
	if (loy__syntax_accept(s, LOY__TOKEN_LESS_EQUAL))
		return LOY__LESS_EQUAL;
	if (loy__syntax_accept(s, '='))
		return LOY__EQUAL;
	if (loy__syntax_accept(s, LOY__TOKEN_NOT_EQUAL))
		return LOY__NOT_EQUAL;
	if (loy__syntax_accept(s, LOY__TOKEN_GREATER_EQUAL))
		return LOY__GREATER_EQUAL;
	if (loy__syntax_accept(s, '>'))
		return LOY__GREATER;
	if (loy__syntax_accept_word(s, "unset"))
		return LOY__UNSET;
	loy__syntax_expected(s, LOY_ESYNTAX, "a comparison or 'unset'");
	return LOY__EQUAL;
}

static int64_t read_code(loy__syntax *s, uint32_t field)
{
	const loy_schema *schema = &s->model->schema;
	const char *text = s->text + s->token.at;
	uint32_t code = 0, i;

	if (loy__syntax_is(s, LOY__TOKEN_NAME)) {
		int known = loy_code_find(field, text, s->token.length, &code) == LOY_OK;

		for (i = 0; field == LOY_FIELD_ITEM && i < schema->dimension_count; i++) {
			if (loy__syntax_same(s, &s->token, schema->dimension[i])) {
				code = i + 1;
				known = 1;
			}
		}
		if (!known)
			loy__syntax_expected(s, LOY_ENAME, "a known name or a number");
		loy__syntax_advance(s);
		return code;
	}
	if (loy__syntax_is(s, LOY__TOKEN_STRING) && loy__field_ranges[field].greatest == UINT32_MAX) {
		uint32_t length = s->token.length - 2;

		if (field != LOY_FIELD_CURRENCY)
			(void)loy_code_from_text(text + 1, length,
			                         &code); /* all of the text is valid UTF-8 */
		else if (length == 3)
			code = loy_currency_code(text + 1);
		if (code == 0)
			loy__syntax_expected(s, LOY_ERANGE, "three capital letters");
		loy__syntax_advance(s);
		return code;
	}
	return loy__syntax_integer(s, 0, loy__field_ranges[field].greatest, "a number or a name");
}

/* A decimal that is a whole number of 1e-9 within the field's range. */
static int64_t read_ratio(loy__syntax *s, uint32_t field)
{
	static const loy__range any = {INT64_MIN, INT64_MAX, "a number"};
	loy__token number = s->token;
	int64_t value = loy__syntax_decimal(s, &any);

	if (value % RATIO_DECIMAL != 0)
		loy__syntax_refuse(s, &number, LOY_ERANGE, "a ratio has at most 9 decimals");
	value /= RATIO_DECIMAL;
	if (value < loy__field_ranges[field].least || value > loy__field_ranges[field].greatest)
		loy__syntax_refuse(s, &number, LOY_ERANGE, "the field never has this value");
	return value;
}

static int64_t read_constant(loy__syntax *s, uint32_t field)
{
	const loy__field_range *range = &loy__field_ranges[field];
	loy__range span = {0, 0, "a duration"};

	span.least = range->least;
	span.greatest = range->greatest;
	switch (range->type) {
	case LOY_TYPE_RATIO:
		return read_ratio(s, field);
	case LOY_TYPE_SPAN:
		return loy__syntax_span(s, &span);
	case LOY_TYPE_CODE:
		return read_code(s, field);
	default:
		return loy__syntax_integer(s, range->least, range->greatest, "a whole number");
	}
}

static void read_conditions(loy__syntax *s, loy__rule *rule)
{
	const uint32_t types = 1u << LOY_TYPE_COUNT | 1u << LOY_TYPE_MONEY | 1u << LOY_TYPE_RATIO |
	                       1u << LOY_TYPE_SPAN | 1u << LOY_TYPE_CODE;

	do {
		loy__condition *condition = &rule->condition[rule->condition_count];

		if (rule->condition_count == LOY__CONDITIONS_MAX) {
			loy__syntax_fail(s, &s->token, LOY_ELIMIT, "a rule has at most 3 conditions");
			return;
		}
		condition->field = (uint8_t)read_field(s, types, "a field that can be compared");
		condition->comparison = (uint8_t)read_comparison(s);
		if (s->status != LOY_OK)
			return;
		condition->value =
		        condition->comparison != LOY__UNSET ? read_constant(s, condition->field) : 0;
		rule->condition_count++;
	} while (loy__syntax_accept_word(s, "and"));
}

/* ---- values and weights ---- */

static void read_curve_value(loy__syntax *s, loy__rule *rule, uint8_t source)
{
	rule->value_source = source;
	loy__syntax_expect(s, '(');
	rule->curve = (uint8_t)loy__syntax_curve(s);
	loy__syntax_expect(s, ')');
}

/* `delay` and `elapsed` are fields too, but no ratios: here they can only be what a curve is for. */
static void read_value(loy__syntax *s, loy__rule *rule)
{
	static const char what[] =
	        "a value: a number from 0 to 1, a ratio field, scale, reversed, signed(), delay(), …";
	const uint32_t ratio = 1u << LOY_TYPE_RATIO, money = 1u << LOY_TYPE_MONEY;

	if (loy__syntax_is(s, LOY__TOKEN_NUMBER)) {
		rule->value_source = LOY__VALUE_CONSTANT;
		rule->value = loy__syntax_real(s, &loy__range_share);
	} else if (loy__syntax_accept_word(s, "scale")) {
		rule->value_source = LOY__VALUE_SCALE;
	} else if (loy__syntax_accept_word(s, "reversed")) {
		rule->value_source = LOY__VALUE_REVERSED;
	} else if (loy__syntax_accept_word(s, "delay")) {
		read_curve_value(s, rule, LOY__VALUE_DELAY);
	} else if (loy__syntax_accept_word(s, "elapsed")) {
		read_curve_value(s, rule, LOY__VALUE_ELAPSED);
	} else if (loy__syntax_accept_word(s, "signed")) {
		rule->value_source = LOY__VALUE_SIGNED;
		loy__syntax_expect(s, '(');
		rule->value_field = (uint8_t)read_field(s, ratio, "a ratio field");
		loy__syntax_expect(s, ')');
	} else if (loy__syntax_accept_word(s, "share")) {
		rule->value_source = LOY__VALUE_SHARE;
		loy__syntax_expect(s, '(');
		rule->value_field = (uint8_t)read_field(s, money, "a money field");
		loy__syntax_expect(s, ',');
		rule->value_other = (uint8_t)read_field(s, money, "a money field");
		loy__syntax_expect(s, ')');
	} else {
		rule->value_source = LOY__VALUE_FIELD;
		rule->value_field = (uint8_t)read_field(s, ratio, what);
	}
}

static void read_weight(loy__syntax *s, loy__rule *rule)
{
	uint32_t fields = 0;

	if (loy__syntax_is(s, LOY__TOKEN_NUMBER)) {
		rule->weight = loy__syntax_real(s, &rule_weight_range);
		if (!loy__syntax_accept(s, '*'))
			return;
	}
	do {
		if (fields == LOY__COUNT(rule->weight_field)) {
			loy__syntax_fail(s, &s->token, LOY_ELIMIT, "a weight has at most 2 fields");
			return;
		}
		rule->weight_field[fields++] =
		        (uint8_t)read_field(s, 1u << LOY_TYPE_RATIO, "a number or a ratio field");
	} while (loy__syntax_accept(s, '*'));
}

void loy__syntax_read_rule(loy__syntax *s)
{
	loy_schema *schema = &s->model->schema;
	loy__rule *rule = &schema->rule[schema->rule_count];
	loy__token kind = loy__syntax_name(s, "the name of a kind", NULL);

	if (schema->rule_count == LOY__RULES_MAX)
		loy__syntax_fail(s, &kind, LOY_ELIMIT, "a model has at most 256 rules");
	if (s->status != LOY_OK)
		return;
	rule->kind = loy_schema_kind_find(schema, s->text + kind.at, kind.length);
	rule->weight = 1.0;
	if (rule->kind == LOY_KIND_NONE)
		loy__syntax_refuse(s, &kind, LOY_ENAME, "no kind of this name is declared");
	if (loy__syntax_accept_word(s, "if"))
		read_conditions(s, rule);
	loy__syntax_expect(s, ':');
	rule->channel = (uint8_t)loy__syntax_channel(s);
	read_value(s, rule);
	if (loy__syntax_accept_word(s, "weight"))
		read_weight(s, rule);
	schema->rule_count++;
}
