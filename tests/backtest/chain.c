/*
 * Back-test: does the satisfaction score recover a truth that is known? The chain of examples/generate,
 * 4,000 customers over two years; half of them calibrate, the other half, never seen, are compared with
 * their true satisfaction every 90 days. Calibration uses what a real company has: answers to satisfaction
 * surveys and the evidence just before each (quasi-likelihood of Papke & Wooldridge 1996 on the weights;
 * the half-life by grid; the interval's scale from the excess of squared errors over the survey's own
 * error). The truth is only looked at to judge. Judged against plain beta reputation (Jøsang & Ismail
 * 2002): every weight 1, no forgetting.
 */
#include "chain_data.h"
#include <math.h>

#define CUSTOMERS 4000
#define CHANNELS  12
#define TEXT_SIZE 8192

static const char *const channel_names[CHANNELS] = {
        "fulfilment", "promise", "support", "failure",    "complaint",      "recovery",
        "review",     "mood",    "answer",  "perception", "recommendation", "price",
};

/* The curve is symmetric: in this chain lateness and earliness say equally much. */
static const char rules[] =
        "curve delivery: delay neutral 0.5, gain 2, loss_ratio 1, gain_scale 2d, loss_scale 2d\n"
        "curve reply: steps 4h 1, 24h 0.5, else 0\n"
        "on delivery: fulfilment delay(delivery)\n"
        "on promise_kept: promise 1\n"
        "on promise_broken: promise 0\n"
        "on first_response: support elapsed(reply)\n"
        "on service_failure: failure 0 weight severity\n"
        "on complaint: complaint 0 weight severity\n"
        "on resolution: recovery quality weight severity\n"
        "on review: review scale\n"
        "on review: mood signed(sentiment) weight confidence\n"
        "on emotion if emotion < 10: mood 1 weight intensity\n"
        "on emotion if emotion >= 10: mood 0 weight intensity\n"
        "on survey_answer if instrument = csat: answer scale\n"
        "on survey_answer if instrument = satisfaction: answer scale\n"
        "on survey_answer if instrument = perception: perception scale\n"
        "on survey_answer if instrument = nps: recommendation scale\n"
        "on purchase if discount > 0: price 0\n"
        "on purchase: price 1 weight 0.2\n";

/* A model to score with: how fast evidence fades, what it weighs, how wide the interval is. */
struct setting {
	double slow, fast, share; /* half-lives in days of all channels, weight of the fast sums */
	double mean, weight;      /* prior mean; weight of all evidence, for and against */
};

static void model_text(const struct setting *s, char *out, size_t size)
{
	size_t k, at = 0;

	at += (size_t)snprintf(out, size, "model chain \"Satisfaction of the generated chain\"\n");
	for (k = 0; k < CHANNELS; k++)
		at += (size_t)snprintf(out + at, size - at,
		                       "channel %s: half_life %.3fd, fast %.3fd, share %.3f\n",
		                       channel_names[k], s->slow, s->fast, s->share);
	at += (size_t)snprintf(out + at, size - at,
	                       "%sconstruct satisfaction: mean %.9f, strength 1, spread 1, limit 60\n", rules,
	                       s->mean);
	for (k = 0; k < CHANNELS; k++)
		at += (size_t)snprintf(out + at, size - at, "%s%.9f*%s", k == 0 ? "satisfaction =~ " : " + ",
		                       s->weight, channel_names[k]);
	at += (size_t)snprintf(out + at, size - at, "\nheadline satisfaction\n");
	assert_true(at < size);
}

static loy_model *make_model(const struct setting *s)
{
	char *text = malloc(TEXT_SIZE);
	loy_model *model;

	assert_non_null(text);
	model_text(s, text, TEXT_SIZE);
	model = fit_model(text);
	free(text);
	return model;
}

/* ---- calibration ---- */

/* What was known of each customer who calibrates just before each answer to a satisfaction question. */
static loy_calibration *collect(const struct facts *facts, const loy_model *model)
{
	loy_calibration *calibration = NULL;
	loy_profile *profile = NULL;
	loy_event *event = NULL;
	size_t i;

	assert_int_equal(loy_calibration_create(&calibration, model, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < facts->count; i++) {
		const struct fact *fact = &facts->list[i];
		double answer = answer_of(fact, LOY_INSTRUMENT_CSAT);

		if (i == 0 || fact->customer != facts->list[i - 1].customer)
			loy_profile_clear(profile);
		if (!is_training(fact->customer))
			continue;
		if (answer >= 0.0) {
			loy_observation o = {
			        .struct_size = sizeof(o), .customer = fact->customer, .weight = 1.0};

			o.time = fact->time;
			o.answer = answer;
			assert_int_equal(loy_calibration_add(calibration, &o, profile, NULL), LOY_OK);
		}
		fill_event(event, fact);
		assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	loy_profile_destroy(profile);
	return calibration;
}

/* ---- judgement ---- */

struct judged {
	double rmse;
	double covered;          /* share of truths inside the 90 % interval */
	double covered_third[3]; /* the same by thirds of the evidence */
	size_t count;
};

struct judgement {
	double evidence;
	int inside;
};

static int by_evidence(const void *a, const void *b)
{
	double x = ((const struct judgement *)a)->evidence, y = ((const struct judgement *)b)->evidence;

	return (x > y) - (x < y);
}

static struct judged judge(const struct facts *facts, const struct truths *truths, const loy_model *model)
{
	struct judgement *list = malloc(truths->count * sizeof(*list));
	struct judged result = {0};
	loy_scorecard *card = NULL;
	loy_profile *profile = NULL;
	loy_event *event = NULL;
	size_t t, f = 0, third;

	assert_non_null(list);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (t = 0; t < truths->count; t++) { /* by customer, then time, as the facts are */
		const struct truth *truth = &truths->list[t];
		loy_score score = {.struct_size = sizeof(score)};
		double real = state_of(truth, STATE_SATISFACTION);

		if (t == 0 || truth->customer != truths->list[t - 1].customer)
			loy_profile_clear(profile);
		while (f < facts->count &&
		       (facts->list[f].customer < truth->customer ||
		        (facts->list[f].customer == truth->customer && facts->list[f].time <= truth->time))) {
			if (facts->list[f].customer == truth->customer) {
				fill_event(event, &facts->list[f]);
				assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
			}
			f++;
		}
		if (is_training(truth->customer))
			continue;
		assert_int_equal(loy_scorecard_evaluate(card, profile, truth->time), LOY_OK);
		assert_int_equal(loy_scorecard_score(card, 0, &score), LOY_OK);
		result.rmse += (score.mean / 100.0 - real) * (score.mean / 100.0 - real);
		list[result.count].evidence = score.evidence;
		list[result.count].inside = score.low / 100.0 <= real && real <= score.high / 100.0;
		result.covered += list[result.count++].inside;
	}
	result.rmse = sqrt(result.rmse / (double)result.count);
	result.covered /= (double)result.count;
	qsort(list, result.count, sizeof(*list), by_evidence);
	for (t = 0; t < result.count; t++) {
		third = 3 * t / result.count;
		result.covered_third[third] += (double)list[t].inside * 3.0 / (double)result.count;
	}
	free(list);
	loy_event_destroy(event);
	loy_profile_destroy(profile);
	loy_scorecard_destroy(card);
	return result;
}

/* Fit under one pair of half-lives; the mean loss goes to *loss. The caller destroys model and fit. */
static loy_calibrated *calibrate(const struct facts *facts, const struct setting *s, double error,
                                 loy_model **model, double *loss)
{
	loy_calibration_options options = {
	        .struct_size = sizeof(options), .pull = 0.05, .error_variance = error};
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	loy_calibrated *fit = NULL;
	loy_calibration *calibration;

	*model = make_model(s);
	calibration = collect(facts, *model);
	assert_int_equal(loy_calibration_fit(calibration, *model, &options, &fit, NULL, NULL), LOY_OK);
	assert_int_equal(loy_calibrated_get_summary(fit, &summary), LOY_OK);
	assert_int_equal(summary.state, LOY_CALIBRATED);
	printf("chain: half-lives %3.0f and %2.0f days, %.1f of the fast: loss %.5f on %llu answers of %llu "
	       "customers, %u steps, spread %.3f, limit %.1f\n",
	       s->slow, s->fast, s->share, summary.loss, (unsigned long long)summary.observations,
	       (unsigned long long)summary.customers, summary.iterations, summary.spread, summary.limit);
	*loss = summary.loss;
	loy_calibration_destroy(calibration);
	return fit;
}

/* Mean answer, which plain reputation takes as its prior. */
static double mean_answer(const struct facts *facts)
{
	double sum = 0.0, count = 0.0;
	size_t i;

	for (i = 0; i < facts->count; i++) {
		double answer = answer_of(&facts->list[i], LOY_INSTRUMENT_CSAT);

		if (answer >= 0.0 && is_training(facts->list[i].customer)) {
			sum += answer;
			count += 1.0;
		}
	}
	return sum / count;
}

void backtest_chain(void **state)
{
	static const struct setting memories[] = {{20.0, 10.0, 0.0, 0.7, 0.3},  {30.0, 15.0, 0.0, 0.7, 0.3},
	                                          {45.0, 20.0, 0.0, 0.7, 0.3},  {60.0, 30.0, 0.0, 0.7, 0.3},
	                                          {120.0, 60.0, 0.0, 0.7, 0.3}, {90.0, 20.0, 0.7, 0.7, 0.3}};
	struct facts facts = {0};
	struct truths truths = {0};
	struct setting plain = {36500.0, 18250.0, 0.0, 0.0, 1.0};
	loy_model *best_model = NULL, *plain_model;
	loy_calibrated *best = NULL;
	struct judged calibrated, reputation;
	double least = HUGE_VAL, error;
	size_t i;

	(void)state;
	make_chain(CUSTOMERS, &facts, &truths);
	error = survey_error(&truths, STATE_SATISFACTION, 0.13, 4);
	for (i = 0; i < sizeof(memories) / sizeof(memories[0]); i++) {
		loy_model *model;
		double loss;
		loy_calibrated *fit = calibrate(&facts, &memories[i], error, &model, &loss);

		if (loss < least) {
			least = loss;
			loy_calibrated_destroy(best);
			loy_model_destroy(best_model);
			best = fit;
			best_model = model;
		} else {
			loy_calibrated_destroy(fit);
			loy_model_destroy(model);
		}
	}
	plain.mean = mean_answer(&facts);
	plain_model = make_model(&plain);
	calibrated = judge(&facts, &truths, loy_calibrated_model(best));
	reputation = judge(&facts, &truths, plain_model);
	printf("chain: satisfaction of %zu unseen moments: RMSE %.4f, plain beta reputation %.4f, ratio "
	       "%.3f\n",
	       calibrated.count, calibrated.rmse, reputation.rmse, calibrated.rmse / reputation.rmse);
	printf("chain: 90 %% intervals cover %.3f (%.3f, %.3f, %.3f by thirds of the evidence); uncalibrated "
	       "%.3f\n",
	       calibrated.covered, calibrated.covered_third[0], calibrated.covered_third[1],
	       calibrated.covered_third[2], reputation.covered);
	/* The prototype of the scoring model had 0.138 against 0.168 and covered 0.883. */
	assert_true(calibrated.rmse / reputation.rmse <= 0.138 / 0.168);
	assert_true(calibrated.covered >= 0.87 && calibrated.covered <= 0.93);
	loy_calibrated_destroy(best);
	loy_model_destroy(best_model);
	loy_model_destroy(plain_model);
	free(facts.list);
	free(truths.list);
}
