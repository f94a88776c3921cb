/*
 * Evaluation by hand: small models whose figures can be checked with pencil and paper. The evidence is filled in
 * directly. Sums of a few terms of at most 10: 1e-15 is some units in the last place.
 */
#include "scoring.h"

#include "model/score.h"

#define CHANNELS                                                                                             \
	"channel quality: half_life 100d, fast 10d\n"                                                        \
	"channel complaint: half_life 100d, fast 10d\n"                                                      \
	"channel slip: half_life 100d, fast 10d\n"                                                           \
	"channel recovery: half_life 100d, fast 10d\n"                                                       \
	"channel purchase: half_life 100d, fast 10d\n"                                                       \
	"on complaint: complaint 0\n"
enum { QUALITY, COMPLAINT, SLIP, RECOVERY, PURCHASE };
static const double TINY = 1e-15;

static void put(loy__weighed *evidence, uint32_t channel, double positive, double negative)
{
	loy__weigh_insert(evidence, channel);
	evidence->positive[channel] = positive;
	evidence->negative[channel] = negative;
}

static loy__scores means(const loy_model *model, const loy__weighed *evidence)
{
	loy__scores scores;

	loy__means(model, (UINT32_C(1) << model->construct_count) - 1, evidence, &scores);
	return scores;
}

static double mean_of(const loy_model *model, const loy__scores *scores, const char *name)
{
	return scores->mean[scoring_construct(model, name)];
}

static uint32_t state_of(const loy_model *model, const loy__scores *scores, const char *name)
{
	return loy__score_state(scores, scoring_construct(model, name));
}

static const char two_constructs[] =
        CHANNELS "construct value: mean 0.5, strength 4, spread 1, limit 60\n"
                 "construct satisfaction: mean 0.7, strength 4, spread 1, limit 60\n"
                 "construct trust: mean 0.25, strength 2, spread 1, limit 60\n"
                 "value =~ 1*quality\n"
                 "satisfaction =~ (0.5, 1)*quality + (0, 2)*complaint\n"
                 "satisfaction ~ 0.25*value\n"
                 "trust =~ 1*slip\n"
                 "loyalty <~ 3*satisfaction + 1*trust\n";

static void evidence_and_parents_are_weighed(void **state)
{
	loy_model *model = scoring_model(two_constructs);
	loy__weighed evidence = {0};
	loy__scores scores;

	(void)state;
	put(&evidence, COMPLAINT, 0, 1);
	put(&evidence, QUALITY, 4, 0);
	scores = means(model, &evidence);
	/* (4 * 0.5 + 4) / (4 + 4) */
	assert_close(mean_of(model, &scores, "value"), 0.75, 0, TINY);
	/* prior 0.75 * 0.7 + 0.25 * 0.5 = 0.65, moved by 0.25 * 0.25; (4 * 0.7125 + 2) / (4 + 2 + 2) */
	assert_close(mean_of(model, &scores, "satisfaction"), 0.60625, 0, TINY);
	assert_bits_equal(mean_of(model, &scores, "trust"), 0.25);
	assert_close(mean_of(model, &scores, "loyalty"), 0.75 * 0.60625 + 0.25 * 0.25, 0, TINY);
	assert_close(scores.evidence[scoring_construct(model, "satisfaction")], 4.0, 0, TINY);
	assert_close(scores.evidence[scoring_construct(model, "loyalty")], 3.0, 0, TINY);
	assert_close(model->construct[scoring_construct(model, "satisfaction")].baseline, 0.65, 0, TINY);
	assert_int_equal(state_of(model, &scores, "loyalty"), LOY_SCORE_OBSERVED);
	assert_int_equal(state_of(model, &scores, "trust"), LOY_SCORE_UNKNOWN);
	loy_model_destroy(model);
}

static void states_tell_own_evidence_from_inherited(void **state)
{
	loy_model *model =
	        scoring_model(CHANNELS "construct value: mean 0.5, strength 4, spread 1, limit 60\n"
	                               "construct satisfaction: mean 0.7, strength 4, spread 1, limit 60\n"
	                               "construct trust: mean 0.7, strength 4, spread 1, limit 60\n"
	                               "value =~ (0, 1)*quality\n"
	                               "satisfaction =~ 1*complaint\n"
	                               "satisfaction ~ 0.25*value\n"
	                               "trust ~ 0.25*value + 0*satisfaction\n"
	                               "loyalty <~ 1*satisfaction + 1*trust\n");
	loy__weighed evidence = {0};
	loy__scores scores;

	(void)state;
	put(&evidence, QUALITY, 3, 0); /* weighs nothing: no evidence */
	scores = means(model, &evidence);
	assert_int_equal(scores.reached, 0);
	put(&evidence, QUALITY, 0, 3);
	scores = means(model, &evidence);
	assert_int_equal(state_of(model, &scores, "value"), LOY_SCORE_OBSERVED);
	assert_int_equal(state_of(model, &scores, "satisfaction"), LOY_SCORE_PREDICTED);
	assert_int_equal(state_of(model, &scores, "trust"), LOY_SCORE_PREDICTED);
	assert_int_equal(state_of(model, &scores, "loyalty"), LOY_SCORE_PREDICTED);
	put(&evidence, QUALITY, 0, 0);
	put(&evidence, COMPLAINT, 1, 0);
	scores = means(model, &evidence);
	assert_int_equal(state_of(model, &scores, "value"), LOY_SCORE_UNKNOWN);
	assert_int_equal(state_of(model, &scores, "trust"),
	                 LOY_SCORE_UNKNOWN); /* a path of weight 0 is none */
	assert_int_equal(state_of(model, &scores, "loyalty"), LOY_SCORE_OBSERVED);
	loy_model_destroy(model);
}

static void nothing_is_the_baseline_to_the_bit(void **state)
{
	loy__weighed none = {0};
	uint32_t b, c;

	(void)state;
	for (b = 0; b < loy_model_builtin_count(); b++) {
		loy_model *model;
		loy__scores scores;

		assert_int_equal(loy_model_create_builtin(&model, loy_model_builtin_name(b), NULL), LOY_OK);
		scores = means(model, &none);
		assert_int_equal(scores.reached, 0);
		for (c = 0; c < model->construct_count; c++)
			assert_bits_equal(scores.mean[c], model->construct[c].baseline);
		loy_model_destroy(model);
	}
}

static const char curved[] = CHANNELS "construct value: mean 0.5, strength 4, spread 1, limit 60\n"
                                      "construct satisfaction: mean 0.7, strength 4, spread 1, limit 60\n"
                                      "value =~ 1*quality\n"
                                      "satisfaction ~ 0.5*knee(value)\n"
                                      "response knee: 0 0, 0.25 0.25, 0.6 0.6, 0.7 1, 1 1\n";

static void response_curves_bend_a_path(void **state)
{
	loy_model *model = scoring_model(curved);
	const loy__path *path = &model->construct[1].path[0];
	double mean[2] = {0.5, 0.0};
	loy__weighed evidence = {0};
	loy__scores scores;

	(void)state;
	/* R(0.5) = 0.5: baseline 0.5 * 0.7 + 0.5 * 0.5 */
	assert_close(model->construct[1].baseline, 0.6, 0, TINY);
	put(&evidence, QUALITY, 4, 0); /* value 0.75, R = 1 */
	scores = means(model, &evidence);
	assert_close(scores.mean[1], 0.6 + 0.5 * 0.5, 0, TINY);
	put(&evidence, QUALITY, 0, 4); /* value 0.25, R = 0.25 */
	scores = means(model, &evidence);
	assert_close(scores.mean[1], 0.6 - 0.5 * 0.25, 0, TINY);
	/* the secant: the slope at the baseline, along one segment, over a knee, over a flat end */
	assert_close(loy__path_factor(model, path, mean), 1.0, 0, TINY);
	mean[0] = 0.55;
	assert_close(loy__path_factor(model, path, mean), 1.0, 0, TINY);
	mean[0] = 0.65; /* R = 0.8 */
	assert_close(loy__path_factor(model, path, mean), 2.0, 0, 4 * TINY);
	mean[0] = 1.0;
	assert_close(loy__path_factor(model, path, mean), 1.0, 0, TINY);
	mean[0] = 0.0;
	assert_close(loy__path_factor(model, path, mean), 1.0, 0, TINY);
	loy_model_destroy(model);
}

static void moderators_strengthen_what_is_good(void **state)
{
	loy_model *model =
	        scoring_model(CHANNELS "construct value: mean 0.5, strength 4, spread 1, limit 60\n"
	                               "construct service: mean 0.5, strength 4, spread 1, limit 60\n"
	                               "construct satisfaction: mean 0.6, strength 4, spread 1, limit 60\n"
	                               "value =~ 1*quality\n"
	                               "service =~ 1*recovery\n"
	                               "satisfaction =~ (1, 1)*slip\n"
	                               "satisfaction ~ 0.4*service\n"
	                               "satisfaction ~ 0.5*service:value + 0.8*slip:value\n");
	uint32_t satisfaction = scoring_construct(model, "satisfaction");
	loy__weighed evidence = {0};
	loy__scores scores;

	(void)state;
	/* a better value alone changes nothing, as nothing good is there to strengthen */
	put(&evidence, QUALITY, 4, 0);
	scores = means(model, &evidence);
	assert_bits_equal(scores.mean[satisfaction], model->construct[satisfaction].baseline);
	/* baseline 0.6 * 0.6 + 0.4 * 0.5 = 0.56; service 0.75; 1 + 0.5 * (2 * 0.75 - 1) = 1.25 */
	put(&evidence, RECOVERY, 4, 0);
	scores = means(model, &evidence);
	assert_close(scores.mean[satisfaction], 0.56 + 0.4 * 1.25 * 0.25, 0, TINY);
	/* what lies below the baseline is not strengthened */
	put(&evidence, RECOVERY, 0, 4);
	scores = means(model, &evidence);
	assert_close(scores.mean[satisfaction], 0.56 - 0.4 * 0.25, 0, TINY);
	/* good evidence of a moderated channel counts 1 + 0.8 * 0.5 = 1.4, bad as ever */
	put(&evidence, RECOVERY, 0, 0);
	put(&evidence, SLIP, 2, 1);
	scores = means(model, &evidence);
	assert_close(scores.mean[satisfaction], (4 * 0.56 + 2.8) / (4 + 2.8 + 1), 0, TINY);
	assert_close(scores.evidence[satisfaction], 3.8, 0, TINY);
	/* a poor value weakens it: value 0.25, 1 - 0.8 * 0.5 */
	put(&evidence, QUALITY, 0, 4);
	scores = means(model, &evidence);
	assert_close(scores.mean[satisfaction], (4 * 0.56 + 1.2) / (4 + 1.2 + 1), 0, TINY);
	loy_model_destroy(model);
}

static void silence_counts_missed_purchases(void **state)
{
	loy_model *model = scoring_model(
	        CHANNELS "construct behavioural: mean 0.5, strength 3, spread 1, limit 60\n"
	                 "behavioural =~ 1*purchase\n"
	                 "silence behavioural: purchase weight 0.5, gap 40d, strength 2, limit 6\n");
	loy__construct *behavioural = &model->construct[0];
	const double day = (double)LOY_DAY;
	loy__weighed evidence = {0};
	loy__scores scores;

	(void)state;
	assert_bits_equal(loy__missed(behavioural, &evidence), 0.0);
	evidence.purchases = 1.0;
	evidence.silent = 40 * day;
	assert_bits_equal(loy__missed(behavioural, &evidence), 0.0);
	evidence.silent = 100 * day; /* a gap of 40 days expected: 1.5 missed */
	assert_close(loy__missed(behavioural, &evidence), 1.5, 0, TINY);
	evidence.purchases = 4.0; /* (2 * 40 + 45) / (2 + 3) = 25 days */
	evidence.span = 45 * day;
	assert_close(loy__missed(behavioural, &evidence), 3.0, 0, TINY);
	scores = means(model, &evidence);
	assert_close(scores.mean[0], 1.5 / (3 + 0.5 * 3), 0, TINY);
	assert_close(scores.evidence[0], 1.5, 0, TINY);
	evidence.silent = 1000 * day;
	assert_bits_equal(loy__missed(behavioural, &evidence), 6.0);
	/* no prior gap: nothing is missed before a gap was seen */
	behavioural->silence_strength = 0.0;
	evidence.purchases = 1.0;
	evidence.span = 0.0;
	assert_bits_equal(loy__missed(behavioural, &evidence), 0.0);
	evidence.purchases = 3.0; /* 2 gaps in 100 days */
	evidence.span = 100 * day;
	evidence.silent = 150 * day;
	assert_close(loy__missed(behavioural, &evidence), 2.0, 0, TINY);
	loy_model_destroy(model);
}

static void failures_are_damped_and_recoveries_capped(void **state)
{
	loy_model *model = scoring_model(
	        CHANNELS "construct satisfaction: mean 0.7, strength 4, spread 1, limit 60\n"
	                 "satisfaction =~ (0, 2)*complaint + (0, 1)*slip + (0.1, 0.1)*recovery\n"
	                 "damping slip: 0.5 by purchase at 5\n"
	                 "recovery repairs complaint + slip\n");
	loy__weighed evidence = {0}, none = {0};

	(void)state;
	put(&evidence, SLIP, 1, 2);
	put(&evidence, COMPLAINT, 0, 1);
	put(&evidence, RECOVERY, 5, 1);
	put(&evidence, PURCHASE, 15, 1);
	loy__weigh_relations(model, &evidence);
	assert_close(evidence.negative[SLIP], 2 * (1 - 0.5 * 15 / 20), 0, TINY);
	assert_close(evidence.positive[SLIP], 1, 0, 0);
	assert_close(evidence.negative[COMPLAINT], 1, 0, 0);
	assert_close(evidence.positive[RECOVERY], 3, 0, 0); /* the failures as they happened */
	assert_close(evidence.negative[RECOVERY], 1, 0, 0);
	put(&evidence, RECOVERY, 0.5, 0);
	loy__weigh_relations(model, &evidence);
	assert_close(evidence.positive[RECOVERY], 0.5, 0, 0);
	/* nothing to repair: nothing gained */
	put(&none, RECOVERY, 2, 0);
	loy__weigh_relations(model, &none);
	assert_bits_equal(none.positive[RECOVERY], 0.0);
	loy_model_destroy(model);
}

static void channels_are_inserted_in_order_and_once(void **state)
{
	loy__weighed evidence = {0};

	(void)state;
	loy__weigh_insert(&evidence, 3);
	loy__weigh_insert(&evidence, 1);
	loy__weigh_insert(&evidence, 31);
	loy__weigh_insert(&evidence, 3);
	loy__weigh_insert(&evidence, 1);
	loy__weigh_insert(&evidence, 0);
	assert_int_equal(evidence.channel_count, 4);
	assert_memory_equal(evidence.channel, "\0\1\3\37", 4);
}

static void only_what_is_wanted_is_evaluated(void **state)
{
	loy_model *model = scoring_model(two_constructs);
	uint32_t satisfaction = scoring_construct(model, "satisfaction"),
	         trust = scoring_construct(model, "trust");
	uint32_t value = scoring_construct(model, "value");
	loy__weighed evidence = {0};
	loy__reading_time at;
	loy__scores all, some;

	(void)state;
	put(&evidence, QUALITY, 4, 1);
	all = means(model, &evidence);
	assert_int_equal(loy__reading_time_init(&at, model, 0, UINT32_C(1) << satisfaction), LOY_OK);
	assert_int_equal(at.wanted, UINT32_C(1) << satisfaction | UINT32_C(1) << value);
	memset(&some, 0, sizeof(some));
	loy__means(model, at.wanted, &evidence, &some);
	assert_bits_equal(some.mean[satisfaction], all.mean[satisfaction]);
	assert_bits_equal(some.mean[trust], 0.0);
	assert_int_equal(loy__reading_time_init(&at, model, 0, 0), LOY_OK);
	assert_int_equal(at.wanted, 15);
	assert_int_equal(loy__reading_time_init(&at, model, 0, 16), LOY_EINVAL);
	assert_int_equal(loy__reading_time_init(&at, model, LOY_TIME_MAX + 1, 1), LOY_ETIME);
	assert_int_equal(loy__reading_time_init(&at, model, LOY_TIME_MIN - 1, 1), LOY_ETIME);
	loy_model_destroy(model);
}

static void moderators_are_wanted_too(void **state)
{
	loy_model *model =
	        scoring_model(CHANNELS "construct value: mean 0.5, strength 4, spread 1, limit 60\n"
	                               "construct price: mean 0.5, strength 4, spread 1, limit 60\n"
	                               "construct service: mean 0.5, strength 4, spread 1, limit 60\n"
	                               "construct satisfaction: mean 0.6, strength 4, spread 1, limit 60\n"
	                               "satisfaction =~ 1*slip\n"
	                               "satisfaction ~ 0.4*service\n"
	                               "satisfaction ~ 0.5*service:value + 0.8*slip:price\n");
	loy__reading_time at;

	(void)state;
	assert_int_equal(loy__reading_time_init(&at, model, 0,
	                                        UINT32_C(1) << scoring_construct(model, "satisfaction")),
	                 LOY_OK);
	assert_int_equal(at.wanted, 15);
	assert_false(at.reads_worst);
	loy_model_destroy(model);
}

static void points_lie_on_the_grid(void **state)
{
	const double unit = 1.0 / 1099511627776.0;
	double third;

	(void)state;
	assert_bits_equal(loy__points(0.5), 50.0);
	assert_bits_equal(loy__points(-1e-17), 0.0);
	assert_bits_equal(loy__points(1.0 + 2e-16), 100.0);
	third = loy__points(1.0 / 3.0);
	assert_close(third, 100.0 / 3.0, 0, unit / 2);
	assert_true(third / unit == (double)(int64_t)(third / unit));
	assert_bits_equal(loy__grid(-unit * 0.75), -unit);
	assert_bits_equal(loy__grid(-unit * 0.25), 0.0);
	assert_bits_equal(loy__grid(unit * 2.5), unit * 2.0); /* ties to even */
	assert_bits_equal(loy__grid(511.0 + unit), 511.0 + unit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(evidence_and_parents_are_weighed),
	        cmocka_unit_test(states_tell_own_evidence_from_inherited),
	        cmocka_unit_test(nothing_is_the_baseline_to_the_bit),
	        cmocka_unit_test(response_curves_bend_a_path),
	        cmocka_unit_test(moderators_strengthen_what_is_good),
	        cmocka_unit_test(silence_counts_missed_purchases),
	        cmocka_unit_test(failures_are_damped_and_recoveries_capped),
	        cmocka_unit_test(channels_are_inserted_in_order_and_once),
	        cmocka_unit_test(only_what_is_wanted_is_evaluated),
	        cmocka_unit_test(moderators_are_wanted_too),
	        cmocka_unit_test(points_lie_on_the_grid),
	};

	return cmocka_run_group_tests_name("model/score_means", tests, NULL, NULL);
}
