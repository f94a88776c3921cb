/* Calibration of evidence weights: worlds in which the right weights are known. */
#include "world.h"

/* ---- weights ---- */

static void finds_the_weights_answers_were_made_with(void **state)
{
	loy_model *model = scoring_model(world), *truth;
	loy_calibration *calibration;
	loy_calibrated *fit;
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	double positive, negative;

	(void)state;
	truth = world_with("mean 0.6, strength 4, spread 1, limit 60\nconstruct loyalty\nvalue =~ 1*price\n"
	                   "satisfaction =~ (1, 1)*service",
	                   "mean 0.45, strength 4, spread 1, limit 60\nconstruct loyalty\nvalue =~ 1*price\n"
	                   "satisfaction =~ (0.7, 2.2)*service");
	calibration = asked(model, truth, "satisfaction", 0, CUSTOMERS, exactly);
	fit = fitted(calibration, model, "satisfaction", 1e-9);
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_int_equal(summary.state, LOY_CALIBRATED);
	assert_int_equal(summary.observations, CUSTOMERS);
	assert_int_equal(summary.customers, CUSTOMERS);
	assert_int_equal(summary.weights, 3);
	assert_true(summary.loss < summary.loss_before && summary.loss < summary.loss_mean);
	/* Answers are on the grid of scores, 2^-40 of a point, and the ridge of 1e-9 pulls: 1e-6 is ample for both. */
	assert_close(weight_of(fit, LOY_TUNED_PRIOR, 0).after, 0.45, 1e-6, 0.0);
	assert_close(weight_of(fit, LOY_TUNED_POSITIVE, 0).after, 0.7, 1e-6, 0.0);
	assert_close(weight_of(fit, LOY_TUNED_NEGATIVE, 0).after, 2.2, 1e-6, 0.0);
	assert_true(weight_of(fit, LOY_TUNED_NEGATIVE, 0).deviation < 1e-6); /* nothing is left unexplained */
	assert_int_equal(loy_model_indicator(loy_calibrated_model(fit),
	                                     scoring_construct(model, "satisfaction"), 0, &positive,
	                                     &negative),
	                 LOY_OK);
	assert_close(positive, 0.7, 1e-6, 0.0);
	assert_close(negative, 2.2, 1e-6, 0.0);
	loy_calibrated_destroy(fit);
	loy_calibration_destroy(calibration);
	loy_model_destroy(truth);
	loy_model_destroy(model);
}

static void a_strong_pull_leaves_weights_where_they_were(void **state)
{
	loy_model *model = scoring_model(world), *truth = world_with("(1, 1)*service", "(0.7, 2.2)*service");
	loy_calibration *calibration = asked(model, truth, "satisfaction", 0, 50, exactly);
	loy_calibrated *weak = fitted(calibration, model, "satisfaction", 0.1),
	               *strong = fitted(calibration, model, "satisfaction", 1e9);
	double free_weight = weight_of(weak, LOY_TUNED_NEGATIVE, 0).after,
	       held = weight_of(strong, LOY_TUNED_NEGATIVE, 0).after;

	(void)state;
	assert_true(fabs(free_weight - 2.2) < fabs(held - 2.2));
	assert_close(held, 1.0, 1e-6, 0.0);
	loy_calibrated_destroy(weak);
	loy_calibrated_destroy(strong);
	loy_calibration_destroy(calibration);
	loy_model_destroy(truth);
	loy_model_destroy(model);
}

/* Outcome 1 or 0 by a hash, with the odds that a mix of 0.8 of value and 0.2 of satisfaction gives. */
static double by_mix(const loy_score *truth, uint64_t customer)
{
	double odds = -6.0 + 12.0 * truth->mean / 100.0;

	return (double)(loy__mix64(customer + 77) >> 11) * 0x1p-53 < loy__logistic(odds);
}

static void finds_the_mix_of_outcomes(void **state)
{
	loy_model *model = scoring_model(world),
	          *truth = world_with("0.5*value + 0.5*satisfaction", "0.8*value + 0.2*satisfaction");
	loy_calibration *calibration = asked(model, truth, "loyalty", 0, 4000, by_mix);
	loy_calibrated *fit = fitted(calibration, model, "loyalty", 1e-3);
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	loy_calibrated_weight value = weight_of(fit, LOY_TUNED_PART, scoring_construct(model, "value")),
	                      satisfaction = weight_of(fit, LOY_TUNED_PART,
	                                               scoring_construct(model, "satisfaction"));

	(void)state;
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_int_equal(summary.state, LOY_CALIBRATED);
	assert_true(summary.loss < summary.loss_before);
	assert_close(value.after + satisfaction.after, 1.0, 1e-11, 0.0);
	/* 4,000 coin tosses: the share is known to about 0.05. */
	assert_close(value.after, 0.8, 0.0, 0.15);
	loy_calibrated_destroy(fit);
	loy_calibration_destroy(calibration);
	loy_model_destroy(truth);
	loy_model_destroy(model);
}

/* Asked about the composite itself, people answer its level: the mix is what their answers are the mean of. */
static void finds_the_mix_that_answers_are(void **state)
{
	loy_model *model = scoring_model(world),
	          *truth = world_with("0.5*value + 0.5*satisfaction", "0.8*value + 0.2*satisfaction");
	loy_calibration *calibration = asked(model, truth, "loyalty", 0, CUSTOMERS, exactly);
	loy_calibrated *fit = fitted(calibration, model, "loyalty", 1e-9);
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};

	(void)state;
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_int_equal(summary.state, LOY_CALIBRATED);
	assert_true(summary.loss < summary.loss_before);
	/* answers without an error: exact but for the grid of scores and the ridge */
	assert_close(weight_of(fit, LOY_TUNED_PART, scoring_construct(model, "value")).after, 0.8, 1e-6, 0.0);
	assert_close(weight_of(fit, LOY_TUNED_PART, scoring_construct(model, "satisfaction")).after, 0.2,
	             1e-6, 0.0);
	assert_bits_equal(summary.spread, 0.0);
	loy_calibrated_destroy(fit);
	loy_calibration_destroy(calibration);
	loy_model_destroy(truth);
	loy_model_destroy(model);
}

/* ---- order ---- */

static void print_fit(const loy_calibrated *fit, char *out, size_t room)
{
	size_t needed = 0;

	assert_int_equal(loy_model_print(loy_calibrated_model(fit), out, room, &needed), LOY_OK);
	assert_true(needed < room);
}

static void order_and_merging_change_no_bit(void **state)
{
	loy_model *model = scoring_model(world), *truth = world_with("(1, 1)*service", "(0.7, 2.2)*service");
	loy_calibration *whole = asked(model, truth, "satisfaction", 0, 90, by_mix);
	loy_calibration *parts = asked(model, truth, "satisfaction", 60, 90, by_mix);
	loy_calibration *more = asked(model, truth, "satisfaction", 0, 60, by_mix);
	char a[4096], b[4096];
	loy_calibrated *fit;

	(void)state;
	assert_int_equal(loy_calibration_merge(parts, more), LOY_OK);
	assert_int_equal(loy_calibration_count(parts), 90);
	fit = fitted(whole, model, "satisfaction", 0.0);
	print_fit(fit, a, sizeof(a));
	loy_calibrated_destroy(fit);
	fit = fitted(parts, model, "satisfaction", 0.0);
	print_fit(fit, b, sizeof(b));
	loy_calibrated_destroy(fit);
	assert_string_equal(a, b);
	loy_calibration_destroy(whole);
	loy_calibration_destroy(parts);
	loy_calibration_destroy(more);
	loy_model_destroy(truth);
	loy_model_destroy(model);
}

static void the_origin_says_what_was_fitted_on(void **state)
{
	loy_model *model = scoring_model(world), *truth = world_with("(1, 1)*service", "(0.7, 2.2)*service"),
	          *again = NULL;
	loy_calibration *calibration = asked(model, truth, "satisfaction", 0, 60, exactly);
	loy_calibrated *fit = fitted(calibration, model, "satisfaction", 0.0);
	uint64_t high[2], low[2];
	char text[4096];

	(void)state;
	print_fit(fit, text, sizeof(text));
	assert_non_null(strstr(text, "satisfaction calibrated on 60 answers of 60 customers"));
	/* The text is the model: reading it back gives an equal one. */
	again = scoring_model(text);
	assert_int_equal(loy_model_fingerprint(again, &high[0], &low[0]), LOY_OK);
	assert_int_equal(loy_model_fingerprint(loy_calibrated_model(fit), &high[1], &low[1]), LOY_OK);
	assert_true(high[0] == high[1] && low[0] == low[1]);
	loy_model_destroy(again);
	loy_calibrated_destroy(fit);
	loy_calibration_destroy(calibration);
	loy_model_destroy(truth);
	loy_model_destroy(model);
}

/* ---- intervals ---- */

#define ERROR_VARIANCE 0.01

/* As far above or below the score as its own deviation and the error of an answer have it, by turns. */
static double with_known_spread(const loy_score *truth, uint64_t customer)
{
	double m = truth->mean / 100.0, evidence = truth->evidence + 4.0;
	double nu = 1.0 / (1.0 / (0.5 * evidence) + 1.0 / 25.0);
	double off = sqrt(m * (1.0 - m) / (nu + 1.0) + ERROR_VARIANCE);

	return m + (customer % 2 == 0 ? off : -off);
}

static void finds_how_wide_intervals_should_be(void **state)
{
	loy_model *model = world_with("satisfaction ~ 0.3*value\n", "");
	loy_calibration *calibration = asked(model, model, "satisfaction", 0, 4000, with_known_spread);
	loy_calibration_options options = {
	        .struct_size = sizeof(options), .pull = 1e9, .error_variance = ERROR_VARIANCE};
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	loy_judgement judgement = {.struct_size = sizeof(judgement)};
	loy_calibrated *fit = NULL;

	(void)state;
	options.construct = scoring_construct(model, "satisfaction");
	assert_int_equal(loy_calibration_fit(calibration, model, &options, &fit, NULL, NULL), LOY_OK);
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_true((summary.flags & LOY_CALIBRATED_WIDTH) != 0);
	/* Nothing moves; the deviations are exact but for the grid of scores. */
	assert_close(summary.spread, 0.5, 1e-6, 0.0);
	assert_close(summary.limit, 25.0, 1e-6, 0.0);
	assert_bits_equal(summary.error_variance, ERROR_VARIANCE);
	/* All answers are one deviation off, so all lie within 1.645. */
	assert_int_equal(
	        loy_calibration_judge(calibration, loy_calibrated_model(fit), &options, &judgement, NULL),
	        LOY_OK);
	assert_close(judgement.coverage, 1.0, 0.0, 0.0);
	assert_close(judgement.coverage_third[1], 1.0, 0.0, 0.0);
	loy_calibrated_destroy(fit);
	loy_calibration_destroy(calibration);
	loy_model_destroy(model);
}

/*
 * Answers about the composite that are off by its interval as the parts make it, by m (1 - m) / 20 more in
 * variance where `more`, and by the error of an answer.
 */
static double off_by(const loy_score *truth, uint64_t customer, double more)
{
	double m = truth->mean / 100.0, parts = truth->deviation / 100.0;
	double off = sqrt(parts * parts + more * m * (1.0 - m) / 20.0 + ERROR_VARIANCE);

	return m + (customer % 2 == 0 ? off : -off);
}

static double further_off(const loy_score *truth, uint64_t customer)
{
	return off_by(truth, customer, 1.0);
}

static double as_parts_say(const loy_score *truth, uint64_t customer)
{
	return off_by(truth, customer, 0.0);
}

static double composite_limit(const loy_model *model, answering answer)
{
	loy_calibration *calibration = asked(model, model, "loyalty", 0, CUSTOMERS, answer);
	loy_calibration_options options = {
	        .struct_size = sizeof(options), .pull = 1e9, .error_variance = ERROR_VARIANCE};
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	loy_construct_info info = {.struct_size = sizeof(info)};
	loy_calibrated *fit = NULL;

	options.construct = scoring_construct(model, "loyalty");
	assert_int_equal(loy_calibration_fit(calibration, model, &options, &fit, NULL, NULL), LOY_OK);
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_true((summary.flags & LOY_CALIBRATED_WIDTH) != 0);
	assert_int_equal(loy_model_construct_info(loy_calibrated_model(fit), options.construct, &info),
	                 LOY_OK);
	assert_bits_equal(info.limit, summary.limit);
	loy_calibrated_destroy(fit);
	loy_calibration_destroy(calibration);
	return summary.limit;
}

static void finds_what_parts_do_not_say_of_a_composite(void **state)
{
	loy_model *model = scoring_model(world),
	          *wide = world_with("construct loyalty", "construct loyalty: limit 7");

	(void)state;
	/* nothing moves: exact but for the grid of scores and the rounding of the ridge */
	assert_close(composite_limit(model, further_off), 19.0, 1e-5, 0.0);
	/* the limit it had does not matter, that of its answers does */
	assert_close(composite_limit(wide, as_parts_say), 7.0, 1e-5, 0.0);
	assert_bits_equal(composite_limit(model, as_parts_say), 0.0);
	loy_model_destroy(wide);
	loy_model_destroy(model);
}

static double alternating(const loy_score *truth, uint64_t customer)
{
	(void)truth;
	return customer % 2 == 0 ? 0.7 : 0.5;
}

static void repeated_answers_tell_their_error(void **state)
{
	loy_model *model = scoring_model(world);
	loy_calibration *calibration = asked(model, model, "satisfaction", 0, 20, alternating);
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	loy_observation o = {.struct_size = sizeof(o), .weight = 1.0, .answer = 0.9};
	loy_profile *profile = NULL;
	loy_calibrated *fit = fitted(calibration, model, "satisfaction", 0.0);

	(void)state;
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_true(
	        isnan(summary.error_variance)); /* not known: nothing is said of it, and the interval stays */
	assert_int_equal(summary.flags & LOY_CALIBRATED_WIDTH, 0);
	assert_close(summary.spread, 1.0, 0.0, 0.0);
	assert_close(summary.limit, 60.0, 0.0, 0.0);
	loy_calibrated_destroy(fit);
	/* Customer 4 said 0.7, and 0.9 two days later; customer 6 too, but after eight days, which is another thing. */
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	o.construct = scoring_construct(model, "satisfaction");
	o.customer = 4;
	o.time = START + 222 * LOY_DAY;
	assert_int_equal(loy_calibration_add(calibration, &o, profile, NULL), LOY_OK);
	o.customer = 6;
	o.time = START + 228 * LOY_DAY;
	assert_int_equal(loy_calibration_add(calibration, &o, profile, NULL), LOY_OK);
	fit = fitted(calibration, model, "satisfaction", 0.0);
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_int_equal(summary.retests, 1);
	assert_close(summary.error_variance, 0.02, 1e-12, 0.0); /* 0.2^2 / 2 */
	assert_true((summary.flags & LOY_CALIBRATED_WIDTH) != 0);
	loy_calibrated_destroy(fit);
	loy_profile_destroy(profile);
	loy_calibration_destroy(calibration);
	loy_model_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(finds_the_weights_answers_were_made_with),
	        cmocka_unit_test(a_strong_pull_leaves_weights_where_they_were),
	        cmocka_unit_test(finds_the_mix_of_outcomes),
	        cmocka_unit_test(finds_the_mix_that_answers_are),
	        cmocka_unit_test(order_and_merging_change_no_bit),
	        cmocka_unit_test(the_origin_says_what_was_fitted_on),
	        cmocka_unit_test(finds_how_wide_intervals_should_be),
	        cmocka_unit_test(finds_what_parts_do_not_say_of_a_composite),
	        cmocka_unit_test(repeated_answers_tell_their_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
