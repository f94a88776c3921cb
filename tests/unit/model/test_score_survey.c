/* SERVQUAL gaps and the balance of benefits and costs, from answers. */
#include <math.h>

#include "scoring.h"

static const char text[] = "dimensions tangibles, reliability, empathy, assurance\n"
                           "channel survey: half_life 100d, fast 10d\n"
                           "on survey_answer: survey scale\n"
                           "construct value: mean 0.5, strength 4, spread 1, limit 60\n"
                           "value =~ 1*survey\n"
                           "benefit functional 0.5, emotional 0.3, social 0.2\n"
                           "cost money 3, time 1\n";

static loy_gap gap_at(const loy_scorecard *card, uint32_t index)
{
	loy_gap gap = {.struct_size = sizeof(gap)};

	assert_int_equal(loy_scorecard_gap(card, index, &gap), LOY_OK);
	return gap;
}

static loy_value_balance balance_of(const loy_model *model, const loy_profile *profile)
{
	loy_value_balance balance = {.struct_size = sizeof(balance)};
	loy_scorecard *card = scoring_card(model, profile, DAY_2024(1));

	assert_int_equal(loy_scorecard_value_balance(card, &balance), LOY_OK);
	loy_scorecard_destroy(card);
	return balance;
}

static void gaps_are_ranked_worst_first(void **state)
{
	loy_model *model = scoring_model(text);
	loy_profile *profile = scoring_profile(model);
	loy_scorecard *card;
	loy_gap gap;

	(void)state;
	/* dimension 1: 0.9 expected, 0.8 seen; 3: 0.75 and 0.5 on average; 4: seen only; 2: nothing */
	scoring_answer(profile, LOY_INSTRUMENT_SERVQUAL_EXPECTATION, 1, DAY_2024(0), 0.9);
	scoring_answer(profile, LOY_INSTRUMENT_SERVQUAL_PERCEPTION, 1, DAY_2024(0), 0.8);
	scoring_answer(profile, LOY_INSTRUMENT_SERVQUAL_EXPECTATION, 3, DAY_2024(0), 0.75);
	scoring_answer(profile, LOY_INSTRUMENT_SERVQUAL_PERCEPTION, 3, DAY_2024(0), 0.25);
	scoring_answer(profile, LOY_INSTRUMENT_SERVQUAL_PERCEPTION, 3, DAY_2024(-50), 0.75);
	scoring_answer(profile, LOY_INSTRUMENT_SERVQUAL_PERCEPTION, 4, DAY_2024(0), 1);
	card = scoring_card(model, profile, DAY_2024(1));
	assert_int_equal(loy_scorecard_gap_count(card), 4);
	gap = gap_at(card, 0);
	assert_int_equal(gap.item, 3);
	assert_int_equal(gap.expectations, 1);
	assert_int_equal(gap.perceptions, 2);
	assert_close(gap.expectation, 75.0, 0, 1e-12);
	assert_close(gap.perception, 50.0, 0, 1e-12);
	assert_close(gap.gap, -25.0, 0, 1e-12);
	gap = gap_at(card, 1);
	assert_int_equal(gap.item, 1);
	assert_close(gap.gap, -10.0, 0, 1e-12);
	gap = gap_at(card, 2); /* unknown ones last, by item */
	assert_int_equal(gap.item, 2);
	assert_true(isnan(gap.expectation) && isnan(gap.perception) && isnan(gap.gap));
	gap = gap_at(card, 3);
	assert_int_equal(gap.item, 4);
	assert_int_equal(gap.expectations, 0);
	assert_close(gap.perception, 100.0, 0, 0);
	assert_true(isnan(gap.expectation) && isnan(gap.gap));
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void equal_gaps_stand_by_item(void **state)
{
	loy_model *model = scoring_model(text);
	loy_profile *profile = scoring_profile(model);
	loy_scorecard *card;
	uint32_t item;

	(void)state;
	for (item = 1; item <= 4; item++) {
		scoring_answer(profile, LOY_INSTRUMENT_SERVQUAL_EXPECTATION, item, DAY_2024(0), 0.5);
		scoring_answer(profile, LOY_INSTRUMENT_SERVQUAL_PERCEPTION, item, DAY_2024(0),
		               item == 4 ? 0.25 : 0.5);
	}
	card = scoring_card(model, profile, DAY_2024(1));
	assert_int_equal(gap_at(card, 0).item, 4);
	assert_int_equal(gap_at(card, 1).item, 1);
	assert_int_equal(gap_at(card, 2).item, 2);
	assert_int_equal(gap_at(card, 3).item, 3);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void balance_weighs_the_items_answered(void **state)
{
	loy_model *model = scoring_model(text);
	loy_profile *profile = scoring_profile(model);
	loy_value_balance balance = balance_of(model, profile);

	(void)state;
	assert_int_equal(balance.state, LOY_SCORE_UNKNOWN);
	assert_true(isnan(balance.benefit) && isnan(balance.cost) && isnan(balance.ratio));
	assert_true(isnan(balance.ratio_score) && isnan(balance.difference) &&
	            isnan(balance.difference_score));
	/* functional 0.8 twice the mean of 1 and 0.6, social 0.1: (0.5 * 0.8 + 0.2 * 0.1) / 0.7 */
	scoring_answer(profile, LOY_INSTRUMENT_BENEFIT, 1, DAY_2024(0), 1);
	scoring_answer(profile, LOY_INSTRUMENT_BENEFIT, 1, DAY_2024(-9), 0.6);
	scoring_answer(profile, LOY_INSTRUMENT_BENEFIT, 3, DAY_2024(0), 0.1);
	balance = balance_of(model, profile);
	assert_int_equal(balance.state, LOY_SCORE_UNKNOWN);
	assert_close(balance.benefit, 0.6, 1e-14, 0);
	assert_true(isnan(balance.cost) && isnan(balance.ratio) && isnan(balance.difference));
	/* money 0.2, time 0.6: (3 * 0.2 + 0.6) / 4 */
	scoring_answer(profile, LOY_INSTRUMENT_COST, 1, DAY_2024(0), 0.2);
	scoring_answer(profile, LOY_INSTRUMENT_COST, 2, DAY_2024(0), 0.6);
	balance = balance_of(model, profile);
	assert_int_equal(balance.state, LOY_SCORE_OBSERVED);
	assert_close(balance.cost, 0.3, 1e-14, 0);
	assert_close(balance.ratio, 2.0, 1e-14, 0);
	assert_close(balance.ratio_score, 100 * 0.6 / 0.9, 1e-14, 0);
	assert_close(balance.difference, 0.3, 1e-14, 0);
	assert_close(balance.difference_score, 65.0, 1e-14, 0);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void zero_cost_is_defined(void **state)
{
	loy_model *model = scoring_model(text);
	loy_profile *profile = scoring_profile(model);
	loy_value_balance balance;

	(void)state;
	scoring_answer(profile, LOY_INSTRUMENT_BENEFIT, 1, DAY_2024(0), 0);
	scoring_answer(profile, LOY_INSTRUMENT_COST, 1, DAY_2024(0), 0);
	balance = balance_of(model, profile);
	assert_close(balance.ratio, 1.0, 0, 0);
	assert_close(balance.ratio_score, 50.0, 0, 0);
	assert_close(balance.difference, 0.0, 0, 0);
	assert_close(balance.difference_score, 50.0, 0, 0);
	scoring_answer(profile, LOY_INSTRUMENT_BENEFIT, 1, DAY_2024(0), 1);
	balance = balance_of(model, profile);
	assert_true(isinf(balance.ratio) && balance.ratio > 0);
	assert_close(balance.ratio_score, 100.0, 0, 0);
	assert_close(balance.difference_score, 75.0, 0, 0);
	loy_profile_destroy(profile);
	profile = scoring_profile(model);
	scoring_answer(profile, LOY_INSTRUMENT_BENEFIT, 1, DAY_2024(0), 0);
	scoring_answer(profile, LOY_INSTRUMENT_COST, 1, DAY_2024(0), 0.5);
	balance = balance_of(model, profile);
	assert_close(balance.ratio, 0.0, 0, 0);
	assert_close(balance.ratio_score, 0.0, 0, 0);
	assert_close(balance.difference_score, 25.0, 0, 0);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void hostile_arguments_are_refused(void **state)
{
	loy_value_balance balance = {.struct_size = sizeof(balance)};
	loy_gap gap = {.struct_size = sizeof(gap)};
	loy_model *model = scoring_model(text);
	loy_scorecard *card;

	(void)state;
	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_gap_count(card), 0);
	assert_int_equal(loy_scorecard_gap(card, 0, &gap), LOY_ESTATE);
	assert_int_equal(loy_scorecard_value_balance(card, &balance), LOY_ESTATE);
	assert_int_equal(loy_scorecard_evaluate(card, NULL, 0), LOY_OK);
	assert_int_equal(loy_scorecard_gap(card, 4, &gap), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_gap(card, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_scorecard_value_balance(card, NULL), LOY_EINVAL);
	balance.struct_size = 1;
	assert_int_equal(loy_scorecard_value_balance(card, &balance), LOY_EINVAL);
	assert_int_equal(loy_scorecard_gap(NULL, 0, &gap), LOY_EINVAL);
	assert_int_equal(loy_scorecard_value_balance(NULL, &balance), LOY_EINVAL);
	assert_int_equal(loy_scorecard_gap_count(NULL), 0);
	loy_scorecard_destroy(card);
	loy_model_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(gaps_are_ranked_worst_first),
	        cmocka_unit_test(equal_gaps_stand_by_item),
	        cmocka_unit_test(balance_weighs_the_items_answered),
	        cmocka_unit_test(zero_cost_is_defined),
	        cmocka_unit_test(hostile_arguments_are_refused),
	};

	return cmocka_run_group_tests_name("model/score_survey", tests, NULL, NULL);
}
