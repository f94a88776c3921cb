/* Schemas at work: curves against reference values, rules, preparation and its refusals. */
#include "support.h"

#include <math.h>

#include "profile/profile.h"

#define ONE       LOY_RATIO_ONE
#define HALF_UNIT (LOY__AMOUNT_ONE / 2)

/* A schema with two channels and one rule: on own kind 1000, channel 1, value 1, weight 1. Too large for the stack. */
static loy_schema *small_schema(void)
{
	loy_schema *schema = calloc(1, sizeof(*schema));

	assert_non_null(schema);
	schema->fingerprint_high = 11;
	schema->fingerprint_low = 22;
	schema->channel_count = 2;
	strcpy(schema->channel[0].name, "first");
	strcpy(schema->channel[1].name, "second");
	schema->channel[0].slow.microseconds = 365 * LOY_DAY;
	schema->channel[0].fast.microseconds = 60 * LOY_DAY;
	schema->channel[1].slow.microseconds = 270 * LOY_DAY;
	schema->channel[1].fast.microseconds = 60 * LOY_DAY;
	schema->rule_count = 1;
	schema->rule[0].kind = 1000;
	schema->rule[0].channel = 1;
	schema->rule[0].value_source = LOY__VALUE_CONSTANT;
	schema->rule[0].value = 1.0;
	schema->rule[0].weight = 1.0;
	return schema;
}

static void begin(loy_event *event, uint32_t kind)
{
	loy_allocator memory;

	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	loy__event_init(event, &memory);
	assert_int_equal(loy_event_begin(event, kind, 0), LOY_OK);
}

/* ---- what is told of a schema ---- */

static void names_and_numbers_can_be_asked(void **state)
{
	loy_schema *schema = small_schema();
	uint64_t high = 0, low = 0;

	(void)state;
	schema->dimension_count = 2;
	strcpy(schema->dimension[0], "tangibles");
	strcpy(schema->dimension[1], "empathy");
	schema->own_kind_count = 2;
	schema->own_kind[0].kind = 1002;
	strcpy(schema->own_kind[0].name, "workshop");
	schema->own_kind[1].kind = 1000;
	strcpy(schema->own_kind[1].name, "scan");
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	assert_int_equal(loy_schema_fingerprint(schema, &high, &low), LOY_OK);
	assert_true(high == 11 && low == 22);
	assert_int_equal(loy_schema_channel_count(schema), 2);
	assert_string_equal(loy_schema_channel_name(schema, 0), "first");
	assert_string_equal(loy_schema_channel_name(schema, 1), "second");
	assert_null(loy_schema_channel_name(schema, 2));
	assert_int_equal(loy_schema_dimension_count(schema), 2);
	assert_null(loy_schema_dimension_name(schema, 0));
	assert_string_equal(loy_schema_dimension_name(schema, 1), "tangibles");
	assert_string_equal(loy_schema_dimension_name(schema, 2), "empathy");
	assert_null(loy_schema_dimension_name(schema, 3));
	assert_int_equal(schema->own_kind[0].kind, 1000); /* sorted */
	assert_int_equal(loy_schema_kind_find(schema, "workshop", 8), 1002);
	assert_int_equal(loy_schema_kind_find(schema, "scan", 4), 1000);
	assert_int_equal(loy_schema_kind_find(schema, "purchase", 8), LOY_KIND_PURCHASE);
	assert_int_equal(loy_schema_kind_find(schema, "scanner", 7), 0);
	assert_int_equal(loy_schema_kind_find(schema, "scam", 4), 0);
	assert_string_equal(loy_schema_kind_name(schema, 1002), "workshop");
	assert_string_equal(loy_schema_kind_name(schema, 1000), "scan");
	assert_string_equal(loy_schema_kind_name(schema, LOY_KIND_VISIT), "visit");
	assert_null(loy_schema_kind_name(schema, 1001));
	free(schema);
}

static void no_schema_is_the_librarys_own_kinds(void **state)
{
	loy_schema *schema = small_schema();
	uint64_t word = 5;

	(void)state;
	assert_int_equal(loy_schema_fingerprint(NULL, &word, &word), LOY_EINVAL);
	assert_int_equal(loy_schema_fingerprint(schema, NULL, &word), LOY_EINVAL);
	assert_int_equal(loy_schema_fingerprint(schema, &word, NULL), LOY_EINVAL);
	assert_int_equal(word, 5);
	assert_int_equal(loy_schema_channel_count(NULL), 0);
	assert_null(loy_schema_channel_name(NULL, 0));
	assert_int_equal(loy_schema_dimension_count(NULL), 0);
	assert_null(loy_schema_dimension_name(NULL, 1));
	assert_int_equal(loy_schema_kind_find(NULL, "visit", 5), LOY_KIND_VISIT);
	assert_int_equal(loy_schema_kind_find(NULL, "scan", 4), 0);
	assert_int_equal(loy_schema_kind_find(schema, NULL, 4), 0);
	assert_string_equal(loy_schema_kind_name(NULL, LOY_KIND_VISIT), "visit");
	assert_null(loy_schema_kind_name(NULL, 1000));
	free(schema);
}

/* ---- curves ---- */

/* A curve calibrated on reviews of late and early deliveries, with the digits the reference was made from. */
static loy__curve delivery_curve(void)
{
	loy__curve curve = {.kind = LOY__CURVE_DISCONFIRMATION,
	                    .neutral = 0.757,
	                    .gain = 0.429,
	                    .loss_ratio = 7.53,
	                    .gain_scale = LOY_DAY / 100 * 382,
	                    .loss_scale = LOY_DAY / 100 * 571};
	loy_schema *schema = small_schema();

	schema->curve_count = 1;
	schema->curve[0] = curve;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	curve = schema->curve[0];
	free(schema);
	return curve;
}

/* 1e-12: the reference is printed with 17 digits; exp, log and the logistic add a few units in the last place. */
static void disconfirmation_follows_the_reference(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/score_disconfirmation.csv");
	loy__curve curve = delivery_curve();
	int rows = 0;

	(void)state;
	while (csv_next(csv)) {
		double early = csv_double(csv, csv_column(csv, "days_early"));
		int64_t late = (int64_t)floor(-early * (double)LOY_DAY + 0.5);

		assert_close(loy__curve_value(&curve, late), csv_double(csv, csv_column(csv, "y")), 0.0,
		             1e-12);
		rows++;
	}
	assert_int_equal(rows, 12);
	csv_close(csv);
}

/* The same without the folder: at the promise, and the two ends of the logit, 3.2 down and 0.43 up. */
static void disconfirmation_has_its_limits(void **state)
{
	loy__curve curve = delivery_curve();
	const double neutral = log(0.757 / 0.243);

	(void)state;
	/* 1e-15: one rounding of the logit and one of the logistic */
	assert_close(loy__curve_value(&curve, 0), 0.757, 0.0, 1e-15);
	assert_close(loy__curve_value(&curve, 36525 * LOY_DAY), 1.0 / (1.0 + exp(-(neutral - 7.53 * 0.429))),
	             0.0, 1e-15);
	assert_close(loy__curve_value(&curve, -36525 * LOY_DAY), 1.0 / (1.0 + exp(-(neutral + 0.429))), 0.0,
	             1e-15);
	assert_true(loy__curve_value(&curve, INT64_MAX) >= 0.0);
	assert_true(loy__curve_value(&curve, INT64_MIN) <= 1.0);
}

/* Later is never better: 200,001 delays of up to 100 days, and those around the promise one by one. */
static void disconfirmation_never_rises_with_lateness(void **state)
{
	loy__curve curve = delivery_curve();
	double last = 2.0;
	int64_t i;

	(void)state;
	for (i = -100000; i <= 100000; i++) {
		double y = loy__curve_value(&curve, i * (LOY_DAY / 1000));

		if (!(y <= last))
			fail_msg("%.17g after %.17g at %lld thousandths of a day", y, last, (long long)i);
		last = y;
	}
	last = 2.0;
	for (i = -2000; i <= 2000; i++) {
		double y = loy__curve_value(&curve, i);

		assert_true(y <= last);
		last = y;
	}
}

static void steps_hold_up_to_their_limits(void **state)
{
	loy__curve reply = {.kind = LOY__CURVE_STEPS,
	                    .step_count = 2,
	                    .step_limit = {4 * LOY_HOUR, 24 * LOY_HOUR},
	                    .step_value = {1.0, 0.5},
	                    .otherwise = 0.125};
	loy__curve flat = {.kind = LOY__CURVE_STEPS, .otherwise = 0.25};

	(void)state;
	assert_bits_equal(loy__curve_value(&reply, INT64_MIN), 1.0);
	assert_bits_equal(loy__curve_value(&reply, 4 * LOY_HOUR), 1.0);
	assert_bits_equal(loy__curve_value(&reply, 4 * LOY_HOUR + 1), 0.5);
	assert_bits_equal(loy__curve_value(&reply, 24 * LOY_HOUR), 0.5);
	assert_bits_equal(loy__curve_value(&reply, 24 * LOY_HOUR + 1), 0.125);
	assert_bits_equal(loy__curve_value(&flat, 0), 0.25);
}

/* ---- rules ---- */

static void expect_evidence(const loy_schema *schema, const loy_event *event, int64_t positive,
                            int64_t negative)
{
	int64_t got_positive = -7, got_negative = -7;

	assert_int_equal(loy__rule_evaluate(schema, &schema->rule[0], event, &got_positive, &got_negative),
	                 1);
	if (got_positive != positive || got_negative != negative)
		fail_msg("%lld for and %lld against, not %lld and %lld", (long long)got_positive,
		         (long long)got_negative, (long long)positive, (long long)negative);
}

static void expect_nothing(const loy_schema *schema, const loy_event *event)
{
	int64_t positive, negative;

	assert_int_equal(loy__rule_evaluate(schema, &schema->rule[0], event, &positive, &negative), 0);
}

static void constants_are_prepared(void **state)
{
	loy_schema *schema = small_schema();
	loy_event event;

	(void)state;
	begin(&event, 1000);
	schema->rule[0].value = 0.25;
	schema->rule[0].weight = 2.0;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	assert_true(schema->rule[0].positive == HALF_UNIT && schema->rule[0].negative == 3 * HALF_UNIT);
	expect_evidence(schema, &event, HALF_UNIT, 3 * HALF_UNIT);
	schema->rule[0].weight = 255.999;
	schema->rule[0].value = 1.0;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	assert_true(schema->rule[0].positive < LOY__AMOUNT_LIMIT);
	expect_evidence(schema, &event, loy__amount_from_double(255.999), 0);
	schema->rule[0].weight = 0.0; /* evidence without weight is none */
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	expect_nothing(schema, &event);
	free(schema);
}

/* y of a third does not fit a binary fraction: the two parts still sum to the weight. */
static void both_parts_sum_to_the_weight(void **state)
{
	loy_schema *schema = small_schema();
	int64_t third = loy__amount_from_double(1.0 / 3.0);
	loy_event event;

	(void)state;
	begin(&event, 1000);
	schema->rule[0].value = 1.0 / 3.0;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	expect_evidence(schema, &event, third, LOY__AMOUNT_ONE - third);
	free(schema);
}

static void conditions_compare_as_integers(void **state)
{
	/* less, at most, equal, not equal, at least, greater: than 10, for 9, 10 and 11 */
	static const int holds[7][3] = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0},
	                                {1, 0, 1}, {0, 1, 1}, {0, 0, 1}};
	loy_schema *schema = small_schema();
	loy_event event;
	uint8_t comparison;
	int i;

	(void)state;
	schema->rule[0].condition_count = 1;
	schema->rule[0].condition[0].field = LOY_FIELD_CHANNEL;
	schema->rule[0].condition[0].value = 10;
	for (comparison = LOY__LESS; comparison <= LOY__GREATER; comparison++) {
		schema->rule[0].condition[0].comparison = comparison;
		assert_int_equal(loy__schema_prepare(schema), LOY_OK);
		for (i = 0; i < 3; i++) {
			begin(&event, 1000);
			expect_nothing(schema, &event); /* not set: false */
			assert_int_equal(loy_event_set(&event, LOY_FIELD_CHANNEL, 9 + i), LOY_OK);
			if (holds[comparison][i])
				expect_evidence(schema, &event, LOY__AMOUNT_ONE, 0);
			else
				expect_nothing(schema, &event);
		}
	}
	schema->rule[0].condition[0].comparison = LOY__UNSET;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	expect_nothing(schema, &event); /* it is 11 */
	begin(&event, 1000);
	expect_evidence(schema, &event, LOY__AMOUNT_ONE, 0);
	free(schema);
}

static void all_conditions_must_hold(void **state)
{
	loy_schema *schema = small_schema();
	loy_event event;
	int i;

	(void)state;
	schema->rule[0].condition_count = LOY__CONDITIONS_MAX;
	for (i = 0; i < LOY__CONDITIONS_MAX; i++) {
		schema->rule[0].condition[i].field = (uint8_t)(LOY_FIELD_TOUCHPOINT + i);
		schema->rule[0].condition[i].comparison = LOY__EQUAL;
		schema->rule[0].condition[i].value = i;
	}
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	begin(&event, 1000);
	for (i = 0; i < LOY__CONDITIONS_MAX; i++) {
		expect_nothing(schema, &event);
		assert_int_equal(loy_event_set(&event, LOY_FIELD_TOUCHPOINT + (uint32_t)i, i), LOY_OK);
	}
	expect_evidence(schema, &event, LOY__AMOUNT_ONE, 0);
	free(schema);
}

static void weights_are_multiplied_by_fields(void **state)
{
	loy_schema *schema = small_schema();
	loy_event event;

	(void)state;
	schema->rule[0].weight = 0.5;
	schema->rule[0].weight_field[0] = LOY_FIELD_SEVERITY;
	schema->rule[0].weight_field[1] = LOY_FIELD_WEIGHT;
	schema->rule[0].value = 0.0;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	assert_true(schema->rule[0].positive == -1 && schema->rule[0].negative == -1);
	begin(&event, 1000);
	expect_evidence(schema, &event, 0, HALF_UNIT); /* not set: 1 */
	assert_int_equal(loy_event_set_ratio(&event, LOY_FIELD_SEVERITY, 0.5), LOY_OK);
	expect_evidence(schema, &event, 0, HALF_UNIT / 2);
	assert_int_equal(loy_event_set_ratio(&event, LOY_FIELD_WEIGHT, 4.0), LOY_OK);
	expect_evidence(schema, &event, 0, LOY__AMOUNT_ONE);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_SEVERITY, 0), LOY_OK);
	expect_nothing(schema, &event);
	/* clamped above and below */
	schema->rule[0].weight = 200.0;
	schema->rule[0].weight_field[0] = LOY_FIELD_SENTIMENT;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	assert_int_equal(loy_event_set_ratio(&event, LOY_FIELD_WEIGHT, 255.0), LOY_OK);
	expect_evidence(schema, &event, 0, loy__amount_from_double(255.999));
	assert_int_equal(loy_event_set(&event, LOY_FIELD_SENTIMENT, -1), LOY_OK);
	expect_nothing(schema, &event);
	free(schema);
}

static void values_come_from_fields(void **state)
{
	loy_schema *schema = small_schema();
	loy_event event;

	(void)state;
	schema->rule[0].value_source = LOY__VALUE_FIELD;
	schema->rule[0].value_field = LOY_FIELD_VALUE;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	begin(&event, 1000);
	expect_nothing(schema, &event);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_VALUE, ONE / 4), LOY_OK);
	expect_evidence(schema, &event, HALF_UNIT / 2, HALF_UNIT / 2 * 3);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_VALUE, 3 * ONE), LOY_OK);
	expect_evidence(schema, &event, LOY__AMOUNT_ONE, 0); /* clamped */
	assert_int_equal(loy_event_set(&event, LOY_FIELD_VALUE, -ONE), LOY_OK);
	expect_evidence(schema, &event, 0, LOY__AMOUNT_ONE);
	schema->rule[0].value_source = LOY__VALUE_SIGNED;
	expect_evidence(schema, &event, 0, LOY__AMOUNT_ONE);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_VALUE, 0), LOY_OK);
	expect_evidence(schema, &event, HALF_UNIT, HALF_UNIT);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_VALUE, ONE), LOY_OK);
	expect_evidence(schema, &event, LOY__AMOUNT_ONE, 0);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_VALUE, 2 * ONE), LOY_OK);
	expect_evidence(schema, &event, LOY__AMOUNT_ONE, 0); /* clamped */
	assert_int_equal(loy_event_begin(&event, 1000, 0), LOY_OK);
	expect_nothing(schema, &event);
	free(schema);
}

static void values_come_from_scales(void **state)
{
	loy_schema *schema = small_schema();
	loy_event event;

	(void)state;
	schema->rule[0].value_source = LOY__VALUE_SCALE;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	begin(&event, LOY_KIND_REVIEW);
	expect_nothing(schema, &event);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_VALUE, 4 * ONE), LOY_OK);
	expect_evidence(schema, &event, HALF_UNIT / 2 * 3, HALF_UNIT / 2);
	schema->rule[0].value_source = LOY__VALUE_REVERSED;
	expect_evidence(schema, &event, HALF_UNIT / 2, HALF_UNIT / 2 * 3);
	free(schema);
}

static void values_come_from_curves_of_durations(void **state)
{
	loy_schema *schema = small_schema();
	loy_event event;

	(void)state;
	schema->curve_count = 2;
	schema->curve[1].kind = LOY__CURVE_STEPS;
	schema->curve[1].step_count = 1;
	schema->curve[1].step_limit[0] = LOY_HOUR;
	schema->curve[1].step_value[0] = 1.0;
	schema->curve[1].otherwise = 0.5;
	schema->curve[0] = schema->curve[1];
	schema->curve[0].otherwise = 0.0;
	schema->rule[0].value_source = LOY__VALUE_ELAPSED;
	schema->rule[0].curve = 1;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	begin(&event, LOY_KIND_FIRST_RESPONSE);
	expect_nothing(schema, &event);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_ELAPSED, LOY_HOUR), LOY_OK);
	expect_evidence(schema, &event, LOY__AMOUNT_ONE, 0);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_ELAPSED, LOY_HOUR + 1), LOY_OK);
	expect_evidence(schema, &event, HALF_UNIT, HALF_UNIT);
	schema->rule[0].value_source = LOY__VALUE_DELAY;
	expect_nothing(schema, &event);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_PROMISED_TIME, -LOY_HOUR), LOY_OK);
	expect_evidence(schema, &event, LOY__AMOUNT_ONE, 0);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_DELAY, 2 * LOY_HOUR), LOY_OK);
	expect_evidence(schema, &event, HALF_UNIT, HALF_UNIT);
	schema->rule[0].curve = 0;
	expect_evidence(schema, &event, 0, LOY__AMOUNT_ONE);
	free(schema);
}

static void values_come_from_shares_of_money(void **state)
{
	loy_schema *schema = small_schema();
	loy_event event;

	(void)state;
	schema->rule[0].value_source = LOY__VALUE_SHARE;
	schema->rule[0].value_field = LOY_FIELD_DISCOUNT;
	schema->rule[0].value_other = LOY_FIELD_AMOUNT;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	begin(&event, LOY_KIND_PURCHASE);
	expect_nothing(schema, &event);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_DISCOUNT, 0), LOY_OK);
	expect_nothing(schema, &event);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_AMOUNT, 0), LOY_OK);
	expect_nothing(schema, &event); /* both 0 */
	assert_int_equal(loy_event_set(&event, LOY_FIELD_AMOUNT, LOY_MONEY_MAX), LOY_OK);
	expect_evidence(schema, &event, 0, LOY__AMOUNT_ONE);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_DISCOUNT, LOY_MONEY_MAX), LOY_OK);
	expect_evidence(schema, &event, HALF_UNIT, HALF_UNIT);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_DISCOUNT, -1), LOY_OK);
	expect_nothing(schema, &event);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_DISCOUNT, 1), LOY_OK);
	assert_int_equal(loy_event_set(&event, LOY_FIELD_AMOUNT, -1), LOY_OK);
	expect_nothing(schema, &event);
	free(schema);
}

/* ---- preparing ---- */

static void rules_are_sorted_stably_and_found_by_kind(void **state)
{
	static const uint32_t order[] = {1000, 5, 1, 5, 65535, 1, 1000, 63, 64, 5};
	enum { RULES = sizeof(order) / sizeof(order[0]) };
	loy_schema *schema = small_schema();
	const loy__rule *rules;
	uint32_t count = 0, i, j;

	(void)state;
	for (i = 0; i < RULES; i++) {
		schema->rule[i] = schema->rule[0];
		schema->rule[i].kind = order[i];
		schema->rule[i].channel = i == 3 ? 0 : 1;
		schema->rule[i].value = (double)i / RULES; /* where it stood */
	}
	schema->rule_count = RULES;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	for (i = 1; i < RULES; i++) {
		const loy__rule *a = &schema->rule[i - 1], *b = &schema->rule[i];

		assert_true(a->kind <= b->kind);
		if (a->kind == b->kind)
			assert_true(a->channel < b->channel ||
			            (a->channel == b->channel && a->value < b->value));
	}
	for (i = 0; i < RULES; i++) {
		uint32_t expected = 0;

		for (j = 0; j < RULES; j++)
			expected += order[j] == order[i];
		rules = loy__schema_rules(schema, order[i], &count);
		assert_int_equal(count, expected);
		for (j = 0; j < count; j++)
			assert_int_equal(rules[j].kind, order[i]);
	}
	for (i = 0; i < 70000; i++) {
		(void)loy__schema_rules(schema, i, &count);
		if (i != 1 && i != 5 && i != 63 && i != 64 && i != 1000 && i != 65535)
			assert_int_equal(count, 0);
	}
	free(schema);
}

static void equal_half_lives_are_shared(void **state)
{
	loy_schema *schema = small_schema();

	(void)state;
	schema->worst_half_life.microseconds = 180 * LOY_DAY;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	assert_int_equal(loy__schema_prepare(schema), LOY_OK); /* again: the same */
	assert_int_equal(schema->half_life_count, 3);
	assert_true(schema->half_life[schema->slow_index[0]].microseconds == 365 * LOY_DAY);
	assert_true(schema->half_life[schema->slow_index[1]].microseconds == 270 * LOY_DAY);
	assert_int_equal(schema->fast_index[0], schema->fast_index[1]);
	assert_true(schema->half_life[schema->fast_index[0]].microseconds == 60 * LOY_DAY);
	assert_true(schema->half_life[schema->fast_index[0]].reciprocal ==
	            schema->channel[0].fast.reciprocal);
	free(schema);
}

/* Each case spoils one thing of a sound schema; the last one nothing. */
enum { SOUND = 50 };
static void spoil(loy_schema *schema, int flaw)
{
	loy__rule *rule = &schema->rule[0];
	loy__curve *curve = &schema->curve[0];

	schema->curve_count = 1;
	*curve = delivery_curve();
	/* clang-format off */
	switch (flaw) {
	case 0: schema->channel_count = LOY_CHANNELS_MAX + 1; break;
	case 1: schema->rule_count = LOY__RULES_MAX + 1; break;
	case 2: schema->curve_count = LOY__CURVES_MAX + 1; break;
	case 3: schema->dimension_count = LOY__DIMENSIONS_MAX + 1; break;
	case 4: schema->own_kind_count = LOY__OWN_KINDS_MAX + 1; break;
	case 5: *curve = (loy__curve){.kind = LOY__CURVE_STEPS, .step_count = LOY__CURVE_STEPS_MAX + 1}; break;
	case 6: schema->channel[1].slow.microseconds = LOY__HALF_LIFE_MAX + 1; break;
	case 7: schema->channel[1].fast.microseconds = LOY__HALF_LIFE_MIN - 1; break;
	case 8: schema->channel[1].fast.microseconds = schema->channel[1].slow.microseconds; break;
	case 9: schema->worst_half_life.microseconds = -1; break;
	case 10: curve->neutral = 0.0; break;
	case 11: curve->neutral = 1.0; break;
	case 12: curve->gain = -0.1; break;
	case 13: curve->loss_ratio = -0.1; break;
	case 14: curve->gain_scale = 0; break;
	case 15: curve->loss_scale = 0; break;
	case 16: curve->gain = NAN; break;
	case 17: curve->loss_ratio = INFINITY; break;
	case 18: curve->neutral = NAN; break;
	case 19: *curve = (loy__curve){.kind = LOY__CURVE_STEPS, .step_count = 2}; break; /* limits 0, 0 */
	case 20: *curve = (loy__curve){.kind = LOY__CURVE_STEPS, .otherwise = 1.5}; break;
	case 21: *curve = (loy__curve){.kind = LOY__CURVE_STEPS, .step_count = 1, .step_value = {-0.5}}; break;
	case 22: rule->weight = 256.0; break;
	case 23: rule->weight = -1.0; break;
	case 24: rule->weight = NAN; break;
	case 25: schema->own_kind_count = 1, schema->own_kind[0].kind = 999; break;
	case 26: schema->own_kind_count = 1, schema->own_kind[0].kind = 65536; break;
	case 27: curve->gain = 2e6; break;
	case 28: curve->kind = 3; break;
	case 29: rule->kind = 0; break;
	case 30: rule->kind = 65536; break;
	case 31: rule->channel = 2; break;
	case 32: rule->condition_count = LOY__CONDITIONS_MAX + 1; break;
	case 33: rule->value = 1.5; break;
	case 34: rule->value = NAN; break;
	case 35: rule->value_source = 0; break;
	case 36: rule->value_source = LOY__VALUE_SHARE + 1; break;
	case 37: rule->value_source = LOY__VALUE_FIELD, rule->value_field = LOY_FIELD_AMOUNT; break;
	case 38: rule->value_source = LOY__VALUE_SIGNED, rule->value_field = 200; break;
	case 39: rule->value_source = LOY__VALUE_DELAY, rule->curve = 1; break;
	case 40: rule->value_source = LOY__VALUE_ELAPSED, rule->curve = 255; break;
	case 41: rule->value_source = LOY__VALUE_SHARE, rule->value_field = LOY_FIELD_AMOUNT; break;
	case 42: rule->value_source = LOY__VALUE_SHARE, rule->value_other = LOY_FIELD_AMOUNT; break;
	case 43: rule->weight_field[0] = LOY_FIELD_AMOUNT; break;
	case 44: rule->weight_field[1] = 64; break;
	case 45: rule->condition_count = 1; break; /* field 0 */
	case 46: rule->condition_count = 1, rule->condition[0] = (loy__condition){64, LOY__LESS, 0}; break;
	case 47: rule->condition_count = 1, rule->condition[0] = (loy__condition){1, 0, 0}; break;
	case 48: rule->condition_count = 1, rule->condition[0] = (loy__condition){1, LOY__UNSET + 1, 0}; break;
	case 49:
		schema->own_kind_count = 3;
		schema->own_kind[0].kind = schema->own_kind[2].kind = 1001;
		schema->own_kind[1].kind = 1000;
		break;
	default: break; /* sound */
	}
	/* clang-format on */
}

static void flawed_schemas_are_refused(void **state)
{
	int flaw;

	(void)state;
	for (flaw = 0; flaw <= SOUND; flaw++) {
		loy_schema *schema = small_schema();
		loy_status expected = flaw <= 5    ? LOY_ELIMIT
		                      : flaw <= 27 ? LOY_ERANGE
		                      : flaw <= 48 ? LOY_EINVAL
		                      : flaw == 49 ? LOY_ENAME
		                                   : LOY_OK;
		loy_status status;

		spoil(schema, flaw);
		status = loy__schema_prepare(schema);
		if (status != expected)
			fail_msg("flaw %d is %s, not %s", flaw, loy_status_name(status),
			         loy_status_name(expected));
		free(schema);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_and_numbers_can_be_asked),
	        cmocka_unit_test(no_schema_is_the_librarys_own_kinds),
	        cmocka_unit_test(disconfirmation_follows_the_reference),
	        cmocka_unit_test(disconfirmation_has_its_limits),
	        cmocka_unit_test(disconfirmation_never_rises_with_lateness),
	        cmocka_unit_test(steps_hold_up_to_their_limits),
	        cmocka_unit_test(constants_are_prepared),
	        cmocka_unit_test(both_parts_sum_to_the_weight),
	        cmocka_unit_test(conditions_compare_as_integers),
	        cmocka_unit_test(all_conditions_must_hold),
	        cmocka_unit_test(weights_are_multiplied_by_fields),
	        cmocka_unit_test(values_come_from_fields),
	        cmocka_unit_test(values_come_from_scales),
	        cmocka_unit_test(values_come_from_curves_of_durations),
	        cmocka_unit_test(values_come_from_shares_of_money),
	        cmocka_unit_test(rules_are_sorted_stably_and_found_by_kind),
	        cmocka_unit_test(equal_half_lives_are_shared),
	        cmocka_unit_test(flawed_schemas_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
