/* A world of customers with two channels of evidence, in which the right weights are known. */
#ifndef LOY_TESTS_CALIBRATE_WORLD_H
#define LOY_TESTS_CALIBRATE_WORLD_H

#include "scoring.h"

#include "numeric/numeric.h"

#include <math.h>

#define START (INT64_C(19723) * LOY_DAY)

static const char world[] = "model world \"Two channels and a mix\"\n"
                            "channel service: half_life 100d, fast 50d, share 0.25\n"
                            "channel price: half_life 200d, fast 60d\n"
                            "kind visit_rated = 1001\n"
                            "kind price_rated = 1002\n"
                            "on visit_rated: service quality\n"
                            "on price_rated: price quality\n"
                            "on complaint: service 0 weight severity\n"
                            "construct value: mean 0.6, strength 4\n"
                            "construct satisfaction: mean 0.6, strength 4, spread 1, limit 60\n"
                            "construct loyalty\n"
                            "value =~ 1*price\n"
                            "satisfaction =~ (1, 1)*service\n"
                            "satisfaction ~ 0.3*value\n"
                            "loyalty <~ 0.5*value + 0.5*satisfaction\n"
                            "headline value, satisfaction, loyalty\n";

/* ---- customers ---- */

static void touch(loy_profile *profile, uint16_t kind, int64_t time, uint32_t field, int64_t ratio)
{
	loy_event *event = NULL;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, kind, time), LOY_OK);
	assert_int_equal(loy_event_set(event, field, ratio), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	loy_event_destroy(event);
}

/* A customer with some evidence in both channels, for and against. */
static void live(loy_profile *profile, uint64_t customer)
{
	loy__random random;
	uint64_t i, n;

	loy__random_init(&random, customer);
	n = 1 + loy__random_below(&random, 8);
	loy_profile_clear(profile);
	for (i = 0; i < n; i++) {
		int64_t time = START + (int64_t)loy__random_below(&random, 200) * LOY_DAY;

		touch(profile, 1001, time, LOY_FIELD_QUALITY,
		      (int64_t)loy__random_below(&random, 11) * (LOY_RATIO_ONE / 10));
		touch(profile, 1002, time, LOY_FIELD_QUALITY,
		      (int64_t)loy__random_below(&random, 11) * (LOY_RATIO_ONE / 10));
		if (i % 3 == 0)
			touch(profile, LOY_KIND_COMPLAINT, time, LOY_FIELD_SEVERITY,
			      (int64_t)loy__random_below(&random, 11) * (LOY_RATIO_ONE / 10));
	}
}

#define CUSTOMERS 400

/* What an answer is, given what the true model says of a customer. */
typedef double (*answering)(const loy_score *truth, uint64_t customer);

static double exactly(const loy_score *truth, uint64_t customer)
{
	(void)customer;
	return truth->mean / 100.0;
}

static void add_customer(loy_calibration *calibration, loy_scorecard *card, loy_profile *profile,
                         uint32_t construct, uint64_t customer, answering answer)
{
	loy_observation o = {
	        .struct_size = sizeof(o), .construct = construct, .customer = customer, .weight = 1.0};
	loy_score score = {.struct_size = sizeof(score)};

	live(profile, customer);
	o.time = START + 220 * LOY_DAY;
	assert_int_equal(loy_scorecard_evaluate(card, profile, o.time), LOY_OK);
	assert_int_equal(loy_scorecard_score(card, construct, &score), LOY_OK);
	o.answer = answer(&score, customer);
	assert_int_equal(loy_calibration_add(calibration, &o, profile, NULL), LOY_OK);
}

/* Customers `from` to `to` answer as the true model has them, asked about a construct. */
static loy_calibration *asked(const loy_model *model, const loy_model *truth, const char *construct,
                              uint64_t from, uint64_t to, answering answer)
{
	loy_calibration *calibration = NULL;
	loy_scorecard *card = NULL;
	loy_profile *profile = NULL;

	assert_int_equal(loy_calibration_create(&calibration, model, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_create(&card, truth, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(truth), NULL), LOY_OK);
	for (; from < to; from++)
		add_customer(calibration, card, profile, scoring_construct(truth, construct), from, answer);
	loy_profile_destroy(profile);
	loy_scorecard_destroy(card);
	return calibration;
}

/* The world with other weights of satisfaction. */
static loy_model *world_with(const char *was, const char *is)
{
	const char *at = strstr(world, was);
	char text[sizeof(world) + 200];

	assert_non_null(at);
	assert_true(snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - world), world, is, at + strlen(was)) >
	            0);
	return scoring_model(text);
}

static loy_calibrated *fitted(const loy_calibration *calibration, const loy_model *model,
                              const char *construct, double pull)
{
	loy_calibration_options options = {.struct_size = sizeof(options), .pull = pull};
	loy_calibrated *fit = NULL;
	loy_error error = {.struct_size = sizeof(error)};

	options.construct = scoring_construct(model, construct);
	if (loy_calibration_fit(calibration, model, &options, &fit, NULL, &error) != LOY_OK)
		fail_msg("%s", error.message);
	return fit;
}

static loy_calibrated_weight weight_of(const loy_calibrated *fit, uint32_t what, uint32_t index)
{
	loy_calibrated_weight weight = {.struct_size = sizeof(weight)};
	uint32_t i;

	for (i = 0; loy_calibrated_get_weight(fit, i, &weight) == LOY_OK; i++)
		if (weight.what == what && weight.index == index)
			return weight;
	fail_msg("no weight %u of %u", what, index);
	return weight;
}

#endif
