/*
 * Back-test: from survey to score. The default model scores a chain it knows nothing of; its evidence weights
 * are calibrated on what half of the customers answered and did (half-lives by grid, then each construct,
 * parents first; the mix of loyalty last), and both models are compared with the truth about the other half.
 * Who has left seldom answers: answers about loyalty are weighted by how many customers they stand for, those
 * who have been silent for about as long (post-stratification). No truth is needed for that.
 */
#include "scoring.h"
#include "chain_data.h"
#include <math.h>

#define CUSTOMERS 3000
#define OUTCOME   0xffffffffu /* instead of an instrument: bought again within the generator's time */

/* Which answers are about which construct, in the order of calibration, and the error of one answer. */
static const struct target {
	const char *construct;
	uint32_t instrument[2];
	double noise;
	int steps, state;
} targets[] = {
        {"value", {LOY_INSTRUMENT_VALUE, 0}, 0.14, 6, STATE_VALUE},
        {"satisfaction", {LOY_INSTRUMENT_CSAT, LOY_INSTRUMENT_SATISFACTION}, 0.13, 4, STATE_SATISFACTION},
        {"trust", {LOY_INSTRUMENT_TRUST, 0}, 0.14, 6, STATE_TRUST},
        {"attitudinal", {LOY_INSTRUMENT_NPS, LOY_INSTRUMENT_LOYALTY}, 0.15, 10, STATE_LOYALTY},
        {"behavioural", {OUTCOME, 0}, 0.0, 0, 0},
        {"loyalty", {LOY_INSTRUMENT_NPS, LOY_INSTRUMENT_LOYALTY}, 0.15, 10, STATE_LOYALTY}, /* the mix */
};
#define TARGETS (sizeof(targets) / sizeof(targets[0]))

/* ---- what happened, told to somebody ---- */

/* Called before each fact, and for each truth in its place; the profile is what was known just before. */
typedef void (*listener)(void *user, const loy_profile *profile, const struct fact *fact,
                         const struct truth *truth);

static void replay(const struct facts *facts, const struct truths *truths, const loy_model *model,
                   int training, listener tell, void *user)
{
	loy_profile *profile = NULL;
	loy_event *event = NULL;
	size_t f, t = 0;

	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (f = 0; f <= facts->count; f++) {
		const struct fact *fact = f < facts->count ? &facts->list[f] : NULL;

		for (; t < truths->count &&
		       (fact == NULL || truths->list[t].customer < fact->customer ||
		        (truths->list[t].customer == fact->customer && truths->list[t].time < fact->time));
		     t++) {
			if (f > 0 && facts->list[f - 1].customer == truths->list[t].customer &&
			    is_training(truths->list[t].customer) == training)
				tell(user, profile, NULL, &truths->list[t]);
		}
		if (fact == NULL || is_training(fact->customer) != training)
			continue;
		if (f == 0 || fact->customer != facts->list[f - 1].customer)
			loy_profile_clear(profile);
		tell(user, profile, fact, NULL);
		fill_event(event, fact);
		assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	loy_profile_destroy(profile);
}

/* ---- calibration ---- */

#define STRATA 6

struct collecting {
	const loy_model *model;
	loy_calibration *calibration;
	double customers[STRATA],
	        answers[STRATA]; /* of loyalty, by how long their customer has been silent */
};

static int stratum(const loy_profile *profile, int64_t time)
{
	static const int days[STRATA - 1] = {15, 30, 60, 120, 240};
	loy_value last = {0};
	int k = 0;

	if (loy_profile_get(profile, LOY_PROFILE_LAST_TIME, LOY_KIND_PURCHASE, time, &last) != LOY_OK)
		return STRATA - 1;
	while (k < STRATA - 1 && time - last.integer > days[k] * LOY_DAY)
		k++;
	return k;
}

/* The truth's moments are every 90th day of every customer: as a count of the base, whatever is true. */
static void count_one(void *user, const loy_profile *profile, const struct fact *fact,
                      const struct truth *truth)
{
	struct collecting *c = user;

	if (truth != NULL)
		c->customers[stratum(profile, truth->time)] += 1.0;
	else if (answer_of(fact, LOY_INSTRUMENT_NPS) >= 0.0 || answer_of(fact, LOY_INSTRUMENT_LOYALTY) >= 0.0)
		c->answers[stratum(profile, fact->time)] += 1.0;
}

/* As many customers as an answer about a construct stands for; on average 1. */
static double weight_of(const struct collecting *c, const struct target *target, int k)
{
	double customers = 0.0, answers = 0.0;
	int i;

	if (target->state != STATE_LOYALTY)
		return 1.0;
	for (i = 0; i < STRATA; i++) {
		customers += c->customers[i];
		answers += c->answers[i];
	}
	return c->customers[k] / c->answers[k] * (answers / customers);
}

static void collect_one(struct collecting *c, const loy_profile *profile, const char *construct,
                        uint32_t customer, int64_t time, double answer, double weight)
{
	loy_observation o = {.struct_size = sizeof(o), .customer = customer, .time = time, .weight = weight};

	o.construct = scoring_construct(c->model, construct);
	o.answer = answer;
	assert_int_equal(loy_calibration_add(c->calibration, &o, profile, NULL), LOY_OK);
}

static void collect(void *user, const loy_profile *profile, const struct fact *fact,
                    const struct truth *truth)
{
	struct collecting *c = user;
	size_t i, k;

	if (truth != NULL) {
		collect_one(c, profile, "behavioural", truth->customer, truth->time, truth->bought, 1.0);
		return;
	}
	for (i = 0; i < TARGETS; i++)
		for (k = 0; k < 2; k++) {
			double answer = targets[i].instrument[k] == 0 || targets[i].instrument[k] == OUTCOME
			                        ? -1.0
			                        : answer_of(fact, targets[i].instrument[k]);

			if (answer >= 0.0)
				collect_one(c, profile, targets[i].construct, fact->customer, fact->time,
				            answer, weight_of(c, &targets[i], stratum(profile, fact->time)));
		}
}

static loy_calibration *collected(const struct facts *facts, const struct truths *truths,
                                  const loy_model *model)
{
	struct collecting c = {.model = model};

	replay(facts, truths, model, 1, count_one, &c);
	assert_int_equal(loy_calibration_create(&c.calibration, model, NULL), LOY_OK);
	replay(facts, truths, model, 1, collect, &c);
	return c.calibration;
}

/* Fit one construct of a model; the sum of losses grows by its own. The caller owns the fit. */
static loy_calibrated *fit_target(const loy_calibration *calibration, const struct truths *truths,
                                  const loy_model *model, const struct target *target, double *losses)
{
	loy_calibration_options options = {.struct_size = sizeof(options)};
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	loy_calibrated *fit = NULL;
	loy_error error = {.struct_size = sizeof(error)};

	options.construct = scoring_construct(model, target->construct);
	if (target->steps > 0)
		options.error_variance = survey_error(truths, target->state, target->noise, target->steps);
	if (loy_calibration_fit(calibration, model, &options, &fit, NULL, &error) != LOY_OK)
		fail_msg("%s: %s", target->construct, error.message);
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_int_equal(summary.state, LOY_CALIBRATED);
	*losses += summary.loss;
	printf("survey: %-12s %6llu answers: loss %.5f, was %.5f, the mean alone %.5f; spread %.2f, "
	       "limit %.1f\n",
	       target->construct, (unsigned long long)summary.observations, summary.loss, summary.loss_before,
	       summary.loss_mean, summary.spread, summary.limit);
	return fit;
}

/* All constructs, parents first. The last fit owns the model. */
static loy_calibrated *fit_all(const loy_calibration *calibration, const struct truths *truths,
                               const loy_model *model, double *losses)
{
	loy_calibrated *fit = NULL;
	size_t i;

	*losses = 0.0;
	for (i = 0; i < TARGETS; i++) {
		loy_calibrated *next =
		        fit_target(calibration, truths, fit == NULL ? model : loy_calibrated_model(fit),
		                   &targets[i], losses);

		loy_calibrated_destroy(fit);
		fit = next;
	}
	return fit;
}

/* ---- judgement ---- */

#define SCORES 4 /* the headlines of the default model: satisfaction, trust, value, loyalty */

struct judging {
	const loy_model *model;
	loy_scorecard *card;
	double squares[SCORES], inside[SCORES], loss, count;
	double there, inside_there; /* moments of who has not left, and those whose loyalty lies inside */
};

static void judge_one(void *user, const loy_profile *profile, const struct fact *fact,
                      const struct truth *truth)
{
	static const char *const names[SCORES] = {"satisfaction", "trust", "value", "loyalty"};
	struct judging *j = user;
	loy_score score = {.struct_size = sizeof(score)};
	static const int states[SCORES] = {STATE_SATISFACTION, STATE_TRUST, STATE_VALUE, STATE_LOYALTY};
	double p;
	int i;

	(void)fact;
	if (truth == NULL)
		return;
	assert_int_equal(loy_scorecard_evaluate(j->card, profile, truth->time), LOY_OK);
	for (i = 0; i < SCORES; i++) {
		double real = state_of(truth, states[i]);

		assert_int_equal(loy_scorecard_score(j->card, scoring_construct(j->model, names[i]), &score),
		                 LOY_OK);
		j->squares[i] += (score.mean / 100.0 - real) * (score.mean / 100.0 - real);
		j->inside[i] += score.low / 100.0 <= real && real <= score.high / 100.0;
	}
	j->there += !is_gone(truth);
	j->inside_there += !is_gone(truth) && score.low / 100.0 <= state_of(truth, STATE_LOYALTY) &&
	                   state_of(truth, STATE_LOYALTY) <= score.high / 100.0; /* the last was loyalty */
	assert_int_equal(loy_scorecard_score(j->card, scoring_construct(j->model, "behavioural"), &score),
	                 LOY_OK);
	p = fmin(fmax(score.mean / 100.0, 1e-6), 1.0 - 1e-6);
	j->loss -= truth->bought ? log(p) : log(1.0 - p);
	j->count += 1.0;
}

static struct judging judge(const struct facts *facts, const struct truths *truths, const loy_model *model,
                            const char *what)
{
	struct judging j = {.model = model};
	int i;

	assert_int_equal(loy_scorecard_create(&j.card, model, NULL), LOY_OK);
	replay(facts, truths, model, 0, judge_one, &j);
	loy_scorecard_destroy(j.card);
	printf("survey: %s, %.0f unseen moments: RMSE", what, j.count);
	for (i = 0; i < SCORES; i++) {
		j.squares[i] = sqrt(j.squares[i] / j.count);
		j.inside[i] /= j.count;
		printf(" %.4f", j.squares[i]);
	}
	j.inside_there /= j.there;
	printf(" (satisfaction, trust, value, loyalty); 90 %% intervals cover %.3f %.3f %.3f %.3f, loyalty "
	       "of "
	       "who has not left for good %.3f; log loss of buying again %.4f\n",
	       j.inside[0], j.inside[1], j.inside[2], j.inside[3], j.inside_there, j.loss / j.count);
	j.loss /= j.count;
	return j;
}

void backtest_survey(void **state)
{
	static const double factors[] = {0.05, 0.1, 0.2, 1.0};
	struct facts facts = {0};
	struct truths truths = {0};
	loy_model *model = NULL, *best_model = NULL;
	loy_calibrated *best = NULL;
	struct judging before, after;
	double least = HUGE_VAL, losses;
	size_t i;

	(void)state;
	make_chain(CUSTOMERS, &facts, &truths);
	assert_int_equal(loy_model_create_builtin(&model, "retail", NULL), LOY_OK);
	for (i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
		loy_model *faded = NULL;
		loy_calibration *calibration;
		loy_calibrated *fit;

		assert_int_equal(loy_model_create_faded(&faded, model, factors[i], NULL, NULL), LOY_OK);
		calibration = collected(&facts, &truths, faded);
		fit = fit_all(calibration, &truths, faded, &losses);
		printf("survey: half-lives times %.2f: losses %.5f\n", factors[i], losses);
		loy_calibration_destroy(calibration);
		if (losses < least) {
			least = losses;
			loy_calibrated_destroy(best);
			loy_model_destroy(best_model);
			best = fit;
			best_model = faded;
		} else {
			loy_calibrated_destroy(fit);
			loy_model_destroy(faded);
		}
	}
	before = judge(&facts, &truths, model, "default");
	after = judge(&facts, &truths, loy_calibrated_model(best), "calibrated");
	for (i = 0; i < SCORES; i++)
		assert_true(after.squares[i] < before.squares[i]);
	/*
	 * Loyalty is bimodal: who has left for good, 6 moments in 100, has none, and until silence tells no interval
	 * around a mean reaches that. Of everybody else, and of all other scores, intervals hold what they say.
	 */
	for (i = 0; i < SCORES - 1; i++)
		assert_true(after.inside[i] >= 0.87 && after.inside[i] <= 0.93);
	assert_true(after.inside_there >= 0.87 && after.inside_there <= 0.93);
	assert_true(after.inside[SCORES - 1] >= 0.84);
	assert_true(after.loss < before.loss);
	loy_calibrated_destroy(best);
	loy_model_destroy(best_model);
	loy_model_destroy(model);
	free(facts.list);
	free(truths.list);
}
