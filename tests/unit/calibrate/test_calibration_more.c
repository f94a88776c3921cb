/* Calibration: judgements, folds, what limits weights, and everything that is refused. */
#include "world.h"

/* ---- judgement ---- */

static double high_or_low(const loy_score *truth, uint64_t customer)
{
	(void)truth;
	return customer % 4 == 0 ? 0.25 : 0.75;
}

static void a_judgement_adds_up(void **state)
{
	loy_model *model = world_with("(1, 1)*service", "(0, 0)*service");
	loy_calibration *calibration;
	loy_calibration_options options = {.struct_size = sizeof(options)};
	loy_judgement j = {.struct_size = sizeof(j)};
	uint32_t i, full = 0;

	(void)state;
	loy_model_destroy(model);
	/* Without evidence and parents everybody scores the prior mean of 0.6. */
	model = world_with("satisfaction =~ (1, 1)*service\nsatisfaction ~ 0.3*value\n", "");
	calibration = asked(model, model, "satisfaction", 0, 40, high_or_low);
	options.construct = scoring_construct(model, "satisfaction");
	assert_int_equal(loy_calibration_judge(calibration, model, &options, &j, NULL), LOY_OK);
	assert_int_equal(j.observations, 40);
	assert_int_equal(j.customers, 40);
	assert_close(j.weight, 40.0, 0.0, 0.0);
	assert_close(j.mean, 0.625, 1e-14, 0.0);
	assert_close(j.bias, -0.025, 1e-12, 0.0);
	/* 10 answers 0.35 below, 30 answers 0.15 above */
	assert_close(j.rmse, sqrt((10 * 0.35 * 0.35 + 30 * 0.15 * 0.15) / 40.0), 1e-14, 0.0);
	assert_close(j.log_loss, -(0.625 * log(0.6) + 0.375 * log(0.4)), 1e-13, 0.0);
	assert_close(j.log_loss_mean, -(0.625 * log(0.625) + 0.375 * log(0.375)), 1e-13, 0.0);
	assert_close(j.quasi_r2,
	             1.0 - (10 * 0.35 * 0.35 + 30 * 0.15 * 0.15) / (10 * 0.375 * 0.375 + 30 * 0.125 * 0.125),
	             1e-12, 0.0);
	assert_true(isnan(j.coverage) && isnan(j.coverage_third[0]));
	for (i = 0; i < LOY_JUDGEMENT_BINS; i++) {
		assert_true(j.bin[i].low < j.bin[i].high);
		if (!(j.bin[i].weight > 0.0)) {
			assert_true(isnan(j.bin[i].predicted) && isnan(j.bin[i].observed));
			continue;
		}
		full++;
		assert_close(j.bin[i].predicted, 0.6, 1e-14, 0.0);
		assert_close(j.bin[i].observed, 0.625, 1e-14, 0.0);
	}
	assert_int_equal(full, 1);
	loy_calibration_destroy(calibration);
	loy_model_destroy(model);
}

static void folds_part_the_customers(void **state)
{
	loy_model *model = scoring_model(world);
	loy_calibration *calibration = asked(model, model, "satisfaction", 0, 200, exactly);
	loy_calibration_options options = {.struct_size = sizeof(options), .folds = 5};
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	loy_judgement j = {.struct_size = sizeof(j)};
	uint64_t judged = 0;

	(void)state;
	options.construct = scoring_construct(model, "satisfaction");
	for (options.fold = 0; options.fold < options.folds; options.fold++) {
		loy_calibrated *fit = NULL;

		assert_int_equal(loy_calibration_fit(calibration, model, &options, &fit, NULL, NULL), LOY_OK);
		assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
		assert_int_equal(
		        loy_calibration_judge(calibration, loy_calibrated_model(fit), &options, &j, NULL),
		        LOY_OK);
		assert_int_equal(summary.observations + j.observations, 200);
		assert_true(j.observations >= 20 && j.observations <= 60);
		judged += j.observations;
		loy_calibrated_destroy(fit);
	}
	assert_int_equal(judged, 200);
	loy_calibration_destroy(calibration);
	loy_model_destroy(model);
}

/* ---- what limits weights ---- */

static double after_amends(const loy_score *truth, uint64_t customer)
{
	(void)truth;
	return customer % 3 == 0 ? 0.55 : 0.95;
}

static void recovery_is_never_made_to_pay(void **state)
{
	static const char amends[] = "model amends\n"
	                             "channel complaint: half_life 365d, fast 60d\n"
	                             "channel recovery: half_life 365d, fast 60d\n"
	                             "on complaint: complaint 0\n"
	                             "on resolution: recovery 1\n"
	                             "construct satisfaction: mean 0.7, strength 4\n"
	                             "satisfaction =~ (0, 1)*complaint + (0.4, 0)*recovery\n"
	                             "recovery repairs complaint\n"
	                             "headline satisfaction\n";
	loy_model *model = scoring_model(amends);
	loy_calibration *calibration = NULL;
	loy_calibration_options options = {.struct_size = sizeof(options), .pull = 1e-3};
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	loy_profile *profile = NULL;
	loy_calibrated *fit = NULL;
	loy_observation o = {.struct_size = sizeof(o), .weight = 1.0, .time = START + 30 * LOY_DAY};
	double recovery, harm;

	(void)state;
	/* Those whose complaint was resolved are happier than those who never complained. */
	assert_int_equal(loy_calibration_create(&calibration, model, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	for (o.customer = 0; o.customer < 60; o.customer++) {
		loy_profile_clear(profile);
		if (o.customer % 3 != 0) {
			touch(profile, LOY_KIND_COMPLAINT, START, LOY_FIELD_SEVERITY, LOY_RATIO_ONE);
			touch(profile, LOY_KIND_RESOLUTION, START + LOY_DAY, LOY_FIELD_QUALITY,
			      LOY_RATIO_ONE);
		}
		o.answer = after_amends(NULL, o.customer);
		assert_int_equal(loy_calibration_add(calibration, &o, profile, NULL), LOY_OK);
	}
	assert_int_equal(loy_calibration_fit(calibration, model, &options, &fit, NULL, NULL), LOY_OK);
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_true((summary.flags & LOY_CALIBRATED_RECOVERY) != 0);
	recovery = weight_of(fit, LOY_TUNED_POSITIVE, 1).after;
	harm = weight_of(fit, LOY_TUNED_NEGATIVE, 0).after;
	{
		double mean = weight_of(fit, LOY_TUNED_PRIOR, 0).after;

		assert_true(recovery <= harm * mean / (1.0 - mean));
	}
	loy_calibrated_destroy(fit);
	loy_profile_destroy(profile);
	loy_calibration_destroy(calibration);
	loy_model_destroy(model);
}

static double moved_by_silence(const loy_score *truth, uint64_t customer)
{
	return truth->mean / 100.0 * (customer % 5 == 0 ? 0.9 : 0.95);
}

static void silence_the_worst_and_prospects_have_weights_too(void **state)
{
	static const char text[] = "model all\n"
	                           "channel purchase: half_life 365d, fast 90d\n"
	                           "worst: half_life 180d\n"
	                           "on purchase: purchase 1\n"
	                           "on complaint: purchase 0 weight severity\n"
	                           "construct behavioural: mean 0.5, strength 3\n"
	                           "behavioural =~ (0.7, 0.2)*purchase\n"
	                           "silence behavioural: purchase weight 0.8, gap 45d, strength 2, limit 6\n"
	                           "worst behavioural: weight 0.5\n"
	                           "lifetime mbg: r 0.525, alpha 6.18, a 0.891, b 1.614, unit 7d\n"
	                           "alive behavioural: weight 2\n"
	                           "purchases behavioural: weight 1, horizon 90d, half 2\n"
	                           "headline behavioural\n";
	static const uint32_t whats[] = {LOY_TUNED_PRIOR,   LOY_TUNED_POSITIVE, LOY_TUNED_NEGATIVE,
	                                 LOY_TUNED_SILENCE, LOY_TUNED_WORST,    LOY_TUNED_PROSPECT};
	loy_model *model = scoring_model(text);
	loy_calibration *calibration = NULL;
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	loy_scorecard *card = NULL;
	loy_profile *profile = NULL;
	loy_calibrated *fit;
	uint64_t customer;
	size_t i;

	(void)state;
	assert_int_equal(loy_calibration_create(&calibration, model, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	for (customer = 0; customer < 300; customer++) {
		loy_observation o = {.struct_size = sizeof(o), .customer = customer, .weight = 1.0};
		loy_score score = {.struct_size = sizeof(score)};
		uint64_t k;

		loy_profile_clear(profile);
		for (k = 0; k < customer % 7; k++)
			touch(profile, LOY_KIND_PURCHASE,
			      START + (int64_t)(k * (5 + customer % 11)) * LOY_DAY, LOY_FIELD_AMOUNT, 500);
		if (customer % 2 == 0)
			touch(profile, LOY_KIND_COMPLAINT, START + (int64_t)(customer % 50) * LOY_DAY,
			      LOY_FIELD_SEVERITY, (int64_t)(customer % 10) * (LOY_RATIO_ONE / 10));
		o.time = START + 220 * LOY_DAY;
		assert_int_equal(loy_scorecard_evaluate(card, profile, o.time), LOY_OK);
		assert_int_equal(loy_scorecard_score(card, 0, &score), LOY_OK);
		o.answer = moved_by_silence(&score, customer);
		assert_int_equal(loy_calibration_add(calibration, &o, profile, NULL), LOY_OK);
	}
	fit = fitted(calibration, model, "behavioural", 0.01);
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_int_equal(summary.state, LOY_CALIBRATED);
	assert_int_equal(summary.weights, 9);
	assert_true(summary.loss < summary.loss_before);
	assert_true(summary.gradient < 1e-9);
	for (i = 0; i < sizeof(whats) / sizeof(whats[0]); i++)
		assert_true(weight_of(fit, whats[i], 0).deviation > 0.0);
	assert_true(weight_of(fit, LOY_TUNED_PROSPECT, 1).after > 0.0);
	assert_true(isnan(weight_of(fit, LOY_TUNED_GAP, 0).deviation));
	assert_close(weight_of(fit, LOY_TUNED_GAP, 0).before, 45.0, 0.0, 0.0);
	assert_close(weight_of(fit, LOY_TUNED_SURENESS, 0).before, 2.0, 0.0, 0.0);
	loy_calibrated_destroy(fit);
	loy_profile_destroy(profile);
	loy_scorecard_destroy(card);
	loy_calibration_destroy(calibration);
	loy_model_destroy(model);
}

/* Buyers who are asked some time after their last purchase; answers as a truth with another gap has them. */
#define BUYING(gap)                                                                                          \
	"model buying\n"                                                                                     \
	"channel purchase: half_life 365d, fast 90d\n"                                                       \
	"on purchase: purchase 1\n"                                                                          \
	"construct behavioural: mean 0.5, strength 3\n"                                                      \
	"behavioural =~ (0.7, 0)*purchase\n"                                                                 \
	"silence behavioural: purchase weight 0.8, gap " gap ", strength 2, limit 6\n"                       \
	"headline behavioural\n"

/* Customers who buy regularly, then less or not at all, answer as a model with a gap of 20 days has them. */
static loy_calibration *silent(const loy_model *model, uint64_t customers)
{
	loy_model *truth = scoring_model(BUYING("20d"));
	loy_calibration *calibration = NULL;
	loy_scorecard *card = NULL;
	loy_profile *profile = NULL;
	uint64_t customer, k;

	assert_int_equal(loy_calibration_create(&calibration, model, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_create(&card, truth, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(truth), NULL), LOY_OK);
	for (customer = 0; customer < customers; customer++) {
		loy_observation o = {.struct_size = sizeof(o), .customer = customer, .weight = 1.0};
		loy_score score = {.struct_size = sizeof(score)};

		loy_profile_clear(profile);
		for (k = 0; k <= customer % 4; k++)
			touch(profile, LOY_KIND_PURCHASE,
			      START + (int64_t)(k * (5 + customer % 31)) * LOY_DAY, LOY_FIELD_AMOUNT, 500);
		o.time = START + (int64_t)(110 + customer % 90) * LOY_DAY;
		assert_int_equal(loy_scorecard_evaluate(card, profile, o.time), LOY_OK);
		assert_int_equal(loy_scorecard_score(card, 0, &score), LOY_OK);
		o.answer = score.mean / 100.0;
		assert_int_equal(loy_calibration_add(calibration, &o, profile, NULL), LOY_OK);
	}
	loy_profile_destroy(profile);
	loy_scorecard_destroy(card);
	loy_model_destroy(truth);
	return calibration;
}

static void finds_the_gap_that_silence_is_measured_by(void **state)
{
	loy_model *model = scoring_model(BUYING("45d"));
	loy_calibration *calibration = silent(model, 300);
	loy_calibrated *fit = fitted(calibration, model, "behavioural", 1e-6);

	(void)state;
	/* The last step of the search is a factor of 2^(1/16); the two trade off against each other. */
	assert_close(weight_of(fit, LOY_TUNED_GAP, 0).after, 20.0, 0.15, 0.0);
	assert_close(weight_of(fit, LOY_TUNED_SURENESS, 0).after, 2.0, 0.15, 0.0);
	loy_calibrated_destroy(fit);
	loy_calibration_destroy(calibration);
	loy_model_destroy(model);
}

/* The search for a gap asks for memory at every try: refusals all along it, and the fit as it is without them. */
static void silence_survives_refused_memory(void **state)
{
	loy_model *model = scoring_model(BUYING("45d"));
	loy_calibration *calibration = silent(model, 12);
	loy_calibration_options options = {.struct_size = sizeof(options), .error_variance = 0.001};
	loy_status status = LOY_ENOMEM;
	long n, survived = 0;

	(void)state;
	options.construct = scoring_construct(model, "behavioural");
	for (n = 0; status == LOY_ENOMEM; n += 1 + n / 8) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_calibrated *fit = NULL;

		status = loy_calibration_fit(calibration, model, &options, &fit, &memory, NULL);
		assert_int_equal(fit != NULL, status == LOY_OK);
		loy_calibrated_destroy(fit);
		assert_int_equal(heap.live, 0);
		survived++;
	}
	assert_int_equal(status, LOY_OK);
	assert_true(survived > 20);
	loy_calibration_destroy(calibration);
	loy_model_destroy(model);
}

static void a_faded_model_forgets_sooner(void **state)
{
	loy_model *model = scoring_model(world), *faded = NULL;
	char text[4096];
	size_t needed;

	(void)state;
	assert_int_equal(loy_model_create_faded(&faded, model, 0.5, NULL, NULL), LOY_OK);
	assert_int_equal(loy_model_print(faded, text, sizeof(text), &needed), LOY_OK);
	assert_non_null(strstr(text, "channel service: half_life 50d, fast 25d, share 0.25"));
	assert_non_null(strstr(text, "channel price: half_life 100d, fast 30d"));
	loy_model_destroy(faded);
	/* What is no whole number of any unit is still text that reads back. */
	assert_int_equal(loy_model_create_faded(&faded, model, 1.2345678, NULL, NULL), LOY_OK);
	assert_int_equal(loy_model_print(faded, text, sizeof(text), &needed), LOY_OK);
	loy_model_destroy(faded);
	faded = scoring_model(text);
	loy_model_destroy(faded);
	assert_int_equal(loy_model_create_faded(&faded, model, 0.001, NULL, NULL), LOY_ERANGE);
	assert_null(faded);
	assert_int_equal(loy_model_create_faded(&faded, model, NAN, NULL, NULL), LOY_ERANGE);
	assert_int_equal(loy_model_create_faded(&faded, NULL, 1.0, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_model_create_faded(NULL, model, 1.0, NULL, NULL), LOY_EINVAL);
	loy_model_destroy(model);
	/* 0.01 of an hour and a half is less than the hour that models ask for. */
	model = world_with("fast 50d", "fast 0.0625d");
	assert_int_equal(loy_model_create_faded(&faded, model, 0.01, NULL, NULL), LOY_ERANGE);
	loy_model_destroy(model);
}

/* ---- refusals ---- */

static void observations_are_checked(void **state)
{
	loy_model *model = scoring_model(world), *other = world_with("half_life 100d", "half_life 101d");
	loy_calibration *calibration = NULL, *foreign = NULL;
	loy_profile *profile = NULL;
	loy_observation good = {.struct_size = sizeof(good), .weight = 1.0, .answer = 0.5, .time = START}, o;
	loy_allocator half = {.allocate = faulty_alloc};

	(void)state;
	assert_int_equal(loy_calibration_create(NULL, model, NULL), LOY_EINVAL);
	assert_int_equal(loy_calibration_create(&calibration, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_calibration_create(&calibration, model, &half), LOY_EINVAL);
	assert_null(calibration);
	assert_int_equal(loy_calibration_create(&calibration, model, NULL), LOY_OK);
	assert_int_equal(loy_calibration_create(&foreign, other, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_calibration_add(NULL, &good, profile, NULL), LOY_EINVAL);
	assert_int_equal(loy_calibration_add(calibration, NULL, profile, NULL), LOY_EINVAL);
	assert_int_equal(loy_calibration_add(calibration, &good, NULL, NULL), LOY_EINVAL);
#define REFUSED(field, value, status)                                                                        \
	o = good;                                                                                            \
	o.field = (value);                                                                                   \
	assert_int_equal(loy_calibration_add(calibration, &o, profile, NULL), status)
	REFUSED(struct_size, 3, LOY_EINVAL);
	REFUSED(construct, 3, LOY_ENOTFOUND);
	REFUSED(answer, -0.01, LOY_ERANGE);
	REFUSED(answer, 1.01, LOY_ERANGE);
	REFUSED(answer, NAN, LOY_ERANGE);
	REFUSED(weight, 0.0, LOY_ERANGE);
	REFUSED(weight, 1e7, LOY_ERANGE);
	REFUSED(weight, NAN, LOY_ERANGE);
	REFUSED(time, LOY_TIME_MAX + 1, LOY_ETIME);
	REFUSED(time, LOY_TIME_MIN - 1, LOY_ETIME);
#undef REFUSED
	assert_int_equal(loy_calibration_add(foreign, &good, profile, NULL), LOY_ESCHEMA);
	assert_int_equal(loy_calibration_count(calibration), 0);
	assert_int_equal(loy_calibration_count(NULL), 0);
	assert_int_equal(loy_calibration_merge(calibration, foreign), LOY_ESCHEMA);
	assert_int_equal(loy_calibration_merge(calibration, NULL), LOY_EINVAL);
	assert_int_equal(loy_calibration_merge(NULL, calibration), LOY_EINVAL);
	assert_int_equal(loy_calibration_add(calibration, &good, profile, NULL), LOY_OK);
	assert_int_equal(loy_calibration_merge(calibration, calibration), LOY_OK); /* twice the answers */
	assert_int_equal(loy_calibration_count(calibration), 2);
	loy_profile_destroy(profile);
	loy_calibration_destroy(foreign);
	loy_calibration_destroy(calibration);
	loy_calibration_destroy(NULL);
	loy_model_destroy(other);
	loy_model_destroy(model);
}

static loy_status fit_status(const loy_calibration *calibration, const loy_model *model,
                             const loy_calibration_options *options)
{
	loy_calibrated *fit = NULL;
	loy_status status = loy_calibration_fit(calibration, model, options, &fit, NULL, NULL);

	if (status != LOY_OK)
		assert_null(fit);
	loy_calibrated_destroy(fit);
	return status;
}

static void fits_and_judgements_are_checked(void **state)
{
	loy_model *model = scoring_model(world), *other = world_with("half_life 100d", "half_life 101d"),
	          *renamed;
	loy_calibration *calibration = asked(model, model, "satisfaction", 0, 12, exactly), *empty = NULL;
	loy_calibration_options good = {.struct_size = sizeof(good)}, o;
	loy_judgement j = {.struct_size = sizeof(j)};
	char text[sizeof(world) + 300];

	(void)state;
	assert_true(snprintf(text, sizeof(text),
	                     "%.*sconstruct zeal\nconstruct ease\nconstruct thrift\nzeal =~ 1*price\n"
	                     "ease =~ 1*service\nthrift =~ 1*price\nheadline zeal, ease, thrift\n",
	                     (int)(strstr(world, "construct value") - world), world) > 0);
	renamed = scoring_model(text);
	assert_int_equal(loy_calibration_create(&empty, model, NULL), LOY_OK);
	good.construct = scoring_construct(model, "satisfaction");
	assert_int_equal(loy_calibration_fit(calibration, model, &good, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(fit_status(NULL, model, &good), LOY_EINVAL);
	assert_int_equal(fit_status(calibration, NULL, &good), LOY_EINVAL);
	assert_int_equal(fit_status(calibration, other, &good), LOY_ESCHEMA);
	assert_int_equal(fit_status(empty, model, &good), LOY_EUNKNOWN);
	assert_int_equal(loy_calibration_judge(NULL, model, &good, &j, NULL), LOY_EINVAL);
	assert_int_equal(loy_calibration_judge(calibration, NULL, &good, &j, NULL), LOY_EINVAL);
	assert_int_equal(loy_calibration_judge(calibration, model, &good, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_calibration_judge(calibration, other, &good, &j, NULL), LOY_ESCHEMA);
	assert_int_equal(loy_calibration_judge(empty, model, &good, &j, NULL), LOY_EUNKNOWN);
#define REFUSED(field, value, status)                                                                        \
	o = good;                                                                                            \
	o.field = (value);                                                                                   \
	assert_int_equal(fit_status(calibration, model, &o), status);                                        \
	assert_int_equal(loy_calibration_judge(calibration, model, &o, &j, NULL), status)
	REFUSED(struct_size, 2, LOY_EINVAL);
	REFUSED(construct, 99, LOY_ENOTFOUND);
	REFUSED(folds, 1, LOY_EINVAL);
	REFUSED(folds, 1001, LOY_EINVAL);
	REFUSED(reserved, 1, LOY_EINVAL);
	REFUSED(pull, -1.0, LOY_EINVAL);
	REFUSED(pull, NAN, LOY_EINVAL);
	REFUSED(error_variance, -1.0, LOY_EINVAL);
	REFUSED(error_variance, NAN, LOY_EINVAL);
	REFUSED(retest, -1, LOY_EINVAL);
#undef REFUSED
	o = good;
	o.folds = 3;
	o.fold = 3;
	assert_int_equal(fit_status(calibration, model, &o), LOY_EINVAL);
	assert_int_equal(fit_status(calibration, model, NULL),
	                 LOY_EUNKNOWN); /* the first construct: nobody was asked */
	/* Under the index of satisfaction, this one has something else. */
	assert_true(loy_model_construct_count(renamed) > good.construct);
	assert_int_equal(fit_status(calibration, renamed, &good), LOY_ENOTFOUND);
	assert_int_equal(loy_calibration_judge(calibration, renamed, &good, &j, NULL), LOY_ENOTFOUND);
	loy_calibration_destroy(empty);
	loy_calibration_destroy(calibration);
	loy_model_destroy(renamed);
	loy_model_destroy(other);
	loy_model_destroy(model);
}

static double always_all(const loy_score *truth, uint64_t customer)
{
	(void)truth;
	(void)customer;
	return 1.0;
}

static int32_t stop(uint64_t done, uint64_t total, void *user)
{
	(void)done;
	(void)total;
	(void)user;
	return 1;
}

static void nothing_to_learn_is_said(void **state)
{
	loy_model *model = scoring_model(world),
	          *fixed = world_with("satisfaction ~ 0.3*value", "satisfaction ~ 1*value");
	loy_calibration *same = asked(model, model, "satisfaction", 0, 12, always_all),
	                *some = asked(model, model, "satisfaction", 0, 12, exactly);
	loy_calibration_options options = {.struct_size = sizeof(options)};
	loy_calibrated_weight weight = {.struct_size = sizeof(weight)};
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	loy_calibrated *fit;

	(void)state;
	options.construct = scoring_construct(model, "satisfaction");
	assert_int_equal(fit_status(same, model, &options), LOY_EUNKNOWN);
	options.progress = stop;
	assert_int_equal(fit_status(some, model, &options), LOY_ECANCELLED);
	options.progress = NULL;
	options.iterations = 1;
	assert_int_equal(loy_calibration_fit(some, model, &options, &fit, NULL, NULL), LOY_OK);
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_int_equal(summary.state, LOY_CALIBRATED_STOPPED);
	assert_int_equal(loy_calibrated_get_weight(fit, 99, &weight), LOY_ENOTFOUND);
	assert_int_equal(loy_calibrated_get_weight(NULL, 0, &weight), LOY_EINVAL);
	assert_int_equal(loy_calibrated_get_summary(NULL, &summary), LOY_EINVAL);
	assert_null(loy_calibrated_model(NULL));
	loy_calibrated_destroy(fit);
	/* Where parents alone make the prior, the construct's own mean weighs nothing and is not looked for. */
	options.iterations = 0;
	assert_int_equal(loy_calibration_fit(some, fixed, &options, &fit, NULL, NULL), LOY_OK);
	assert_int_equal(loy_calibrated_get_weight(fit, 0, &weight), LOY_OK);
	assert_int_equal(weight.what, LOY_TUNED_POSITIVE);
	loy_calibrated_destroy(fit);
	loy_calibration_destroy(same);
	loy_calibration_destroy(some);
	loy_model_destroy(fixed);
	loy_model_destroy(model);
}

/* ---- memory ---- */

static double tossed(const loy_score *truth, uint64_t customer)
{
	(void)truth;
	return (double)(customer % 2);
}

static void every_allocation_of_a_fit_may_fail(void **state)
{
	/* a construct; the mix that answers are; the mix of outcomes */
	static const struct {
		const char *construct;
		answering answer;
	} cases[] = {{"satisfaction", exactly}, {"loyalty", exactly}, {"loyalty", tossed}};
	loy_model *model = scoring_model(world);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		loy_calibration *calibration =
		        asked(model, model, cases[i].construct, 0, 12, cases[i].answer);
		loy_calibration_options options = {.struct_size = sizeof(options), .error_variance = 0.001};
		loy_status status = LOY_ENOMEM;
		long n;

		options.construct = scoring_construct(model, cases[i].construct);
		for (n = 0; status == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = n};
			loy_allocator memory = faulty_allocator(&heap);
			loy_calibrated *fit = NULL;

			status = loy_calibration_fit(calibration, model, &options, &fit, &memory, NULL);
			loy_calibrated_destroy(fit);
			assert_int_equal(heap.live, 0);
		}
		assert_int_equal(status, LOY_OK);
		assert_true(n > 8);
		loy_calibration_destroy(calibration);
	}
	loy_model_destroy(model);
}

static void every_allocation_may_fail(void **state)
{
	loy_model *model = scoring_model(world);
	loy_calibration *calibration = asked(model, model, "satisfaction", 0, 12, exactly);
	loy_calibration_options options = {.struct_size = sizeof(options), .error_variance = 0.001};
	loy_status status;
	long n;

	(void)state;
	options.construct = scoring_construct(model, "satisfaction");
	for (n = 0, status = LOY_ENOMEM; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_calibration *own = NULL;
		loy_judgement j = {.struct_size = sizeof(j)};

		status = loy_calibration_create(&own, model, &memory);
		if (status == LOY_OK) {
			status = loy_calibration_merge(own, calibration);
			assert_int_equal(loy_calibration_count(own), status == LOY_OK ? 12 : 0);
		}
		if (status == LOY_OK)
			status = loy_calibration_judge(own, model, &options, &j, NULL);
		loy_calibration_destroy(own);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	for (n = 0, status = LOY_ENOMEM; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_model *faded = NULL;

		status = loy_model_create_faded(&faded, model, 2.0, &memory, NULL);
		loy_model_destroy(faded);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	loy_calibration_destroy(calibration);
	loy_model_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_judgement_adds_up),
	        cmocka_unit_test(folds_part_the_customers),
	        cmocka_unit_test(recovery_is_never_made_to_pay),
	        cmocka_unit_test(silence_the_worst_and_prospects_have_weights_too),
	        cmocka_unit_test(finds_the_gap_that_silence_is_measured_by),
	        cmocka_unit_test(silence_survives_refused_memory),
	        cmocka_unit_test(a_faded_model_forgets_sooner),
	        cmocka_unit_test(observations_are_checked),
	        cmocka_unit_test(fits_and_judgements_are_checked),
	        cmocka_unit_test(nothing_to_learn_is_said),
	        cmocka_unit_test(every_allocation_of_a_fit_may_fail),
	        cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
