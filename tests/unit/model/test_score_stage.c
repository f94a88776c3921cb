/* Stages and types: probabilities, order of rungs, what is unknown, refusals. */
#include "scoring.h"

#include "model/score.h"

#define BASE                                                                                                 \
	"channel talk: half_life 100d, fast 10d\n"                                                           \
	"channel visit: half_life 100d, fast 10d\n"                                                          \
	"kind ev_talk = 1001\n"                                                                              \
	"kind ev_visit = 1002\n"                                                                             \
	"on ev_talk: talk value weight weight\n"                                                             \
	"on ev_visit: visit value weight weight\n"                                                           \
	"construct value: mean 0.9, strength 40, spread 1, limit 600\n"                                      \
	"construct attitude: mean 0.5, strength 2, spread 1, limit 2\n"                                      \
	"construct feeling: mean 0.5, strength 2, spread 1, limit 2\n"                                       \
	"construct habit: mean 0.5, strength 2, spread 1, limit 2\n"                                         \
	"value =~ 0.01*talk\n"                                                                               \
	"attitude =~ 20*talk\n"                                                                              \
	"feeling =~ 1*talk\n"                                                                                \
	"habit =~ 20*visit\n"
#define STAGES                                                                                               \
	"stages ladder: cognitive value, affective attitude|feeling, action habit; cut 0.6, probability "    \
	"0.7\n"
#define TYPE "loyalty_type: attitude 1*attitude, behaviour habit, cut 0.5\n"

static uint32_t stage(const loy_scorecard *card, uint32_t staging)
{
	uint32_t rung = 99;

	assert_int_equal(loy_scorecard_stage(card, staging, &rung), LOY_OK);
	return rung;
}

static double rung_of(const loy_scorecard *card, uint32_t staging, uint32_t rung)
{
	double probability = -1;

	assert_int_equal(loy_scorecard_rung_probability(card, staging, rung, &probability), LOY_OK);
	return probability;
}

static void a_rung_needs_all_below_it(void **state)
{
	loy_model *model = scoring_model(BASE STAGES);
	loy_profile *profile = scoring_profile(model);
	loy_scorecard *card = scoring_card(model, NULL, DAY_2024(0));

	(void)state;
	/* the prior alone would be enough for the first rung, but nobody is known */
	assert_true(rung_of(card, 0, 1) > 0.99);
	assert_int_equal(stage(card, 0), 0);
	scoring_record(profile, model, "ev_visit", DAY_2024(0), 1, 5);
	assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(0)), LOY_OK);
	assert_true(rung_of(card, 0, 3) > 0.7);
	assert_int_equal(stage(card, 0), 0);
	scoring_record(profile, model, "ev_talk", DAY_2024(0), 0.5, 1);
	assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(0)), LOY_OK);
	assert_int_equal(stage(card, 0), 1);
	scoring_record(profile, model, "ev_talk", DAY_2024(0), 1, 5);
	assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(0)), LOY_OK);
	assert_int_equal(stage(card, 0), 3);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void a_rung_is_its_likeliest_construct(void **state)
{
	loy_model *model = scoring_model(BASE STAGES);
	loy_profile *profile = scoring_profile(model);
	loy_scorecard *card;
	loy_score attitude, feeling;
	double a, f;

	(void)state;
	scoring_record(profile, model, "ev_talk", DAY_2024(0), 0.75, 4);
	card = scoring_card(model, profile, DAY_2024(0));
	attitude = scoring_score(card, "attitude");
	feeling = scoring_score(card, "feeling");
	a = loy__probability_above(attitude.mean / 100, attitude.deviation * attitude.deviation / 10000, 0.6);
	f = loy__probability_above(feeling.mean / 100, feeling.deviation * feeling.deviation / 10000, 0.6);
	assert_true(a > f);
	assert_close(rung_of(card, 0, 2), a, 1e-9, 0); /* means rounded to 2^-40 points */
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void a_rung_without_constructs_takes_any_event(void **state)
{
	loy_model *model =
	        scoring_model(BASE "stages pyramid: buyer, friend attitude; cut 0.6, probability 0.7\n");
	loy_profile *profile = scoring_profile(model);
	loy_scorecard *card = scoring_card(model, profile, DAY_2024(0));

	(void)state;
	assert_close(rung_of(card, 0, 1), 0.0, 0, 0);
	assert_int_equal(stage(card, 0), 0);
	scoring_record(profile, model, "ev_visit", DAY_2024(0), 0, 1);
	assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(0)), LOY_OK);
	assert_close(rung_of(card, 0, 1), 1.0, 0, 0);
	assert_int_equal(stage(card, 0), 1);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void types_cross_attitude_with_patronage(void **state)
{
	static const struct {
		double talk, visit;
		uint32_t likeliest;
	} cases[4] = {{1, 1, 1}, {1, 0, 2}, {0, 1, 3}, {0, 0, 4}};
	loy_model *model = scoring_model(BASE TYPE);
	loy_loyalty_type type = {.struct_size = sizeof(type)};
	loy_scorecard *card = scoring_card(model, NULL, DAY_2024(0));
	int i;

	(void)state;
	/* both means at the cut of a symmetric Beta: a quarter each, and nothing is likeliest */
	assert_int_equal(loy_scorecard_type(card, &type), LOY_OK);
	assert_int_equal(type.likeliest, 0);
	assert_close(type.loyal, 0.25, 0, 1e-12);
	assert_close(type.none, 0.25, 0, 1e-12);
	for (i = 0; i < 4; i++) {
		loy_profile *profile = scoring_profile(model);

		scoring_record(profile, model, "ev_talk", DAY_2024(0), cases[i].talk, 1);
		scoring_record(profile, model, "ev_visit", DAY_2024(0), cases[i].visit, 1);
		assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(0)), LOY_OK);
		assert_int_equal(loy_scorecard_type(card, &type), LOY_OK);
		assert_int_equal(type.likeliest, cases[i].likeliest);
		assert_close(type.loyal + type.latent + type.spurious + type.none, 1.0, 0, 1e-15);
		loy_profile_destroy(profile);
	}
	loy_scorecard_destroy(card);
	loy_model_destroy(model);
}

static void attitude_is_a_weighted_sum_with_its_own_variance(void **state)
{
	loy_model *model = scoring_model(
	        BASE "loyalty_type: attitude 1*attitude + 3*feeling, behaviour habit, cut 0.5\n");
	loy_loyalty_type type = {.struct_size = sizeof(type)};
	loy_profile *profile = scoring_profile(model);
	loy_score attitude, feeling;
	loy_scorecard *card;
	double mean, variance;

	(void)state;
	scoring_record(profile, model, "ev_talk", DAY_2024(0), 0.75, 4);
	card = scoring_card(model, profile, DAY_2024(0));
	attitude = scoring_score(card, "attitude");
	feeling = scoring_score(card, "feeling");
	mean = (0.25 * attitude.mean + 0.75 * feeling.mean) / 100;
	variance = (0.0625 * attitude.deviation * attitude.deviation +
	            0.5625 * feeling.deviation * feeling.deviation) /
	           10000; /* they share no parent */
	assert_int_equal(loy_scorecard_type(card, &type), LOY_OK);
	assert_close(type.loyal + type.latent, loy__probability_above(mean, variance, 0.5), 1e-9, 0);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void models_name_their_stages(void **state)
{
	loy_model *model = scoring_model(BASE STAGES);

	(void)state;
	assert_int_equal(loy_model_staging_count(model), 1);
	assert_string_equal(loy_model_staging_name(model, 0), "ladder");
	assert_int_equal(loy_model_rung_count(model, 0), 3);
	assert_string_equal(loy_model_rung_name(model, 0, 2), "affective");
	loy_model_destroy(model);
}

static void hostile_arguments_are_refused(void **state)
{
	loy_model *model = scoring_model(BASE STAGES TYPE), *bare = scoring_model(BASE);
	loy_loyalty_type type = {.struct_size = sizeof(type)};
	loy_scorecard *card, *plain;
	double probability;
	uint32_t rung;

	(void)state;
	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_stage(card, 0, &rung), LOY_ESTATE);
	assert_int_equal(loy_scorecard_rung_probability(card, 0, 1, &probability), LOY_ESTATE);
	assert_int_equal(loy_scorecard_type(card, &type), LOY_ESTATE);
	assert_int_equal(loy_scorecard_evaluate(card, NULL, 0), LOY_OK);
	assert_int_equal(loy_scorecard_stage(card, 1, &rung), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_stage(card, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_scorecard_rung_probability(card, 1, 1, &probability), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_rung_probability(card, 0, 0, &probability), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_rung_probability(card, 0, 4, &probability), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_rung_probability(card, 0, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_scorecard_type(card, NULL), LOY_EINVAL);
	type.struct_size = 3;
	assert_int_equal(loy_scorecard_type(card, &type), LOY_EINVAL);
	type.struct_size = sizeof(type);
	assert_int_equal(loy_scorecard_stage(NULL, 0, &rung), LOY_EINVAL);
	assert_int_equal(loy_scorecard_rung_probability(NULL, 0, 1, &probability), LOY_EINVAL);
	assert_int_equal(loy_scorecard_type(NULL, &type), LOY_EINVAL);
	plain = scoring_card(bare, NULL, 0);
	assert_int_equal(loy_scorecard_type(plain, &type), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_stage(plain, 0, &rung), LOY_ENOTFOUND);
	loy_scorecard_destroy(card);
	loy_scorecard_destroy(plain);
	loy_model_destroy(model);
	loy_model_destroy(bare);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_rung_needs_all_below_it),
	        cmocka_unit_test(a_rung_is_its_likeliest_construct),
	        cmocka_unit_test(a_rung_without_constructs_takes_any_event),
	        cmocka_unit_test(types_cross_attitude_with_patronage),
	        cmocka_unit_test(attitude_is_a_weighted_sum_with_its_own_variance),
	        cmocka_unit_test(models_name_their_stages),
	        cmocka_unit_test(hostile_arguments_are_refused),
	};

	return cmocka_run_group_tests_name("model/score_stage", tests, NULL, NULL);
}
