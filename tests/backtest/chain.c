/*
 * Back-test: does the satisfaction score recover a truth that is known? The chain of examples/generate,
 * 4,000 customers over two years; half of them calibrate, the other half, never seen, are compared with
 * their true satisfaction every 90 days. Calibration uses what a real company has: answers to satisfaction
 * surveys and the evidence just before each (quasi-likelihood of Papke & Wooldridge 1996 on the weights;
 * the half-life by grid; the interval's scale from the excess of squared errors over the survey's own
 * error). The truth is only looked at to judge. Judged against plain beta reputation (Jøsang & Ismail
 * 2002): every weight 1, no forgetting.
 */
#include "backtest.h"
#include "chain.h"
#include <math.h>

#define CUSTOMERS  4000
#define CHANNELS   12
#define PARAMETERS (1 + 2 * CHANNELS) /* logit of the mean, logarithms of the weights */
#define ROWS_MAX   60000
#define TEXT_SIZE  8192

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
	double theta[PARAMETERS];
	double spread, limit;
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
	                       "%sconstruct satisfaction: mean %.9f, strength 1, spread %.9f, limit %.9f\n",
	                       rules, fit_logistic(s->theta[0]), s->spread, s->limit);
	for (k = 0; k < CHANNELS; k++)
		at += (size_t)snprintf(out + at, size - at, "%s(%.9f, %.9f)*%s",
		                       k == 0 ? "satisfaction =~ " : " + ", exp(s->theta[1 + 2 * k]),
		                       exp(s->theta[2 + 2 * k]), channel_names[k]);
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

/* ---- the chain, in order of what happened, without copies ---- */

static int by_time(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;

	if (x->customer != y->customer)
		return x->customer < y->customer ? -1 : 1;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static void make_chain(struct facts *facts, struct truths *truths)
{
	struct settings settings = {2026, CUSTOMERS, 730, 19723 * LOY_DAY};
	size_t i, kept = 0;
	uint32_t customer;

	for (customer = 1; customer <= CUSTOMERS; customer++)
		assert_true(chain_customer(&settings, customer, facts, truths));
	qsort(facts->list, facts->count, sizeof(*facts->list), by_time);
	for (i = 0; i < facts->count; i++)
		if (kept == 0 || by_time(&facts->list[kept - 1], &facts->list[i]) != 0)
			facts->list[kept++] = facts->list[i];
	facts->count = kept;
}

static void fill_event(loy_event *event, const struct fact *fact)
{
	int k;

	assert_int_equal(loy_event_begin(event, fact->kind, fact->time), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, fact->customer, fact->sequence), LOY_OK);
	for (k = 0; k < fact->count; k++)
		assert_int_equal(loy_event_set(event, fact->field[k], fact->value[k]), LOY_OK);
}

/* The answer to a satisfaction question as a share of its scale, or -1. */
static double answer_of(const struct fact *fact)
{
	double value = 0.0, least = 0.0, greatest = 1.0;
	int k, asked = 0;

	if (fact->kind != LOY_KIND_SURVEY_ANSWER)
		return -1.0;
	for (k = 0; k < fact->count; k++) {
		double v = (double)fact->value[k];

		if (fact->field[k] == LOY_FIELD_INSTRUMENT)
			asked = v == LOY_INSTRUMENT_CSAT;
		else if (fact->field[k] == LOY_FIELD_VALUE)
			value = v;
		else if (fact->field[k] == LOY_FIELD_SCALE_MIN)
			least = v;
		else if (fact->field[k] == LOY_FIELD_SCALE_MAX)
			greatest = v;
	}
	return asked ? (value - least) / (greatest - least) : -1.0;
}

static int is_training(uint32_t customer)
{
	return customer % 2 == 0;
}

/* ---- calibration ---- */

/* The evidence just before each answer: positive and negative of each channel, and the answer. */
struct rows {
	double (*evidence)[2 * CHANNELS];
	double *answer;
	size_t count;
};

static double read_evidence(const loy_profile *profile, uint32_t field, size_t channel, int64_t time)
{
	loy_value value;

	return loy_profile_get(profile, field, channel, time, &value) == LOY_OK ? value.real : 0.0;
}

static double mixed(const loy_profile *profile, uint32_t slow, uint32_t fast, double share, size_t channel,
                    int64_t time)
{
	return (1.0 - share) * read_evidence(profile, slow, channel, time) +
	       share * read_evidence(profile, fast, channel, time);
}

static void collect(const struct facts *facts, const struct setting *s, struct rows *rows)
{
	loy_model *model = make_model(s);
	loy_profile *profile = NULL;
	loy_event *event = NULL;
	size_t i, k;

	rows->count = 0;
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < facts->count; i++) {
		const struct fact *fact = &facts->list[i];
		double answer = answer_of(fact);

		if (i == 0 || fact->customer != facts->list[i - 1].customer)
			loy_profile_clear(profile);
		if (!is_training(fact->customer))
			continue;
		if (answer >= 0.0) {
			assert_true(rows->count < ROWS_MAX);
			for (k = 0; k < CHANNELS; k++) {
				double *row = rows->evidence[rows->count];

				row[2 * k] = mixed(profile, LOY_PROFILE_POSITIVE_SLOW,
				                   LOY_PROFILE_POSITIVE_FAST, s->share, k, fact->time);
				row[2 * k + 1] = mixed(profile, LOY_PROFILE_NEGATIVE_SLOW,
				                       LOY_PROFILE_NEGATIVE_FAST, s->share, k, fact->time);
			}
			rows->answer[rows->count++] = answer;
		}
		fill_event(event, fact);
		assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

/* Prior mean and weights from their logit and logarithms. */
static void weights_of(const double *theta, double *weight)
{
	size_t k;

	weight[0] = fit_logistic(theta[0]);
	for (k = 1; k < PARAMETERS; k++)
		weight[k] = exp(theta[k]);
}

/* Posterior mean and total evidence of a row. */
static double row_mean(const double *evidence, const double *weight, double *total)
{
	double up = weight[0], all = 1.0;
	size_t k;

	for (k = 0; k < CHANNELS; k++) {
		double good = weight[1 + 2 * k] * evidence[2 * k];

		up += good;
		all += good + weight[2 + 2 * k] * evidence[2 * k + 1];
	}
	*total = all;
	return up / all;
}

#define DEFAULT_WEIGHT 0.3
#define PULL           0.05 /* strength of the pull of log weights to the default, in answers */

/* Mean quasi-likelihood loss with the pull, and its gradient. */
static double loss(const struct rows *rows, const double *theta, double *gradient)
{
	double sum = 0.0, n = (double)rows->count, weight[PARAMETERS];
	size_t i, k;

	weights_of(theta, weight);
	memset(gradient, 0, PARAMETERS * sizeof(*gradient));
	for (i = 0; i < rows->count; i++) {
		const double *e = rows->evidence[i];
		double total, m = row_mean(e, weight, &total), y = rows->answer[i];
		double slope = (m - y) / (m * (1.0 - m)) / (n * total);

		sum -= (y * log(m) + (1.0 - y) * log(1.0 - m)) / n;
		gradient[0] += slope * weight[0] * (1.0 - weight[0]);
		for (k = 0; k < CHANNELS; k++) {
			gradient[1 + 2 * k] += slope * weight[1 + 2 * k] * e[2 * k] * (1.0 - m);
			gradient[2 + 2 * k] -= slope * weight[2 + 2 * k] * e[2 * k + 1] * m;
		}
	}
	for (k = 1; k < PARAMETERS; k++) {
		double off = theta[k] - log(DEFAULT_WEIGHT);

		sum += PULL * off * off / n;
		gradient[k] += 2.0 * PULL * off / n;
	}
	return sum;
}

/* Resilient gradient descent (Riedmiller & Braun 1993): only signs of the gradient count, no step to tune. */
static double calibrate(const struct rows *rows, double *theta)
{
	double step[PARAMETERS], last[PARAMETERS] = {0}, gradient[PARAMETERS], value = 0.0;
	size_t i, k;

	theta[0] = 1.0;
	for (k = 0; k < PARAMETERS; k++)
		step[k] = 0.1;
	for (k = 1; k < PARAMETERS; k++)
		theta[k] = log(DEFAULT_WEIGHT);
	for (i = 0; i < 200; i++) {
		value = loss(rows, theta, gradient);
		for (k = 0; k < PARAMETERS; k++) {
			if (gradient[k] * last[k] < 0.0) {
				step[k] *= 0.5;
				gradient[k] = 0.0;
			} else {
				step[k] = fmin(step[k] * 1.2, 0.5);
			}
			theta[k] -= gradient[k] > 0.0 ? step[k] : gradient[k] < 0.0 ? -step[k] : 0.0;
			last[k] = gradient[k];
		}
	}
	return value;
}

/*
 * Error variance of one answer of someone whose satisfaction is `share`, from the generator's description: a normal
 * error of 0.13, kept in [0, 1], read on five points.
 */
static double answer_variance(double share)
{
	double sum = 0.0, squares = 0.0, weight = 0.0, z;

	for (z = -4.0; z <= 4.0; z += 0.05) {
		double heard = fmin(fmax(share + 0.13 * z, 0.0), 1.0), read = floor(heard * 4.0 + 0.5) / 4.0;
		double density = exp(-0.5 * z * z);

		sum += density * read;
		squares += density * read * read;
		weight += density;
	}
	return squares / weight - sum / weight * (sum / weight);
}

/* What a test–retest study among the customers who calibrate would find: their mean error variance. */
static double survey_error(const struct truths *truths)
{
	double sum = 0.0, count = 0.0;
	size_t i;

	for (i = 0; i < truths->count; i++)
		if (is_training(truths->list[i].customer)) {
			sum += answer_variance(truths->list[i].satisfaction / 1e6);
			count += 1.0;
		}
	return sum / count;
}

struct scale_fit {
	const struct rows *rows;
	const double *weight;
	double error; /* of the survey */
};

/* How far squared errors, less the survey's own, are from what the interval claims, by evidence. */
static double scale_misfit(const double *p, void *user)
{
	const struct scale_fit *fit = user;
	static const double edge[] = {2.0, 3.5, 6.0, 1e300};
	double excess[4] = {0}, claim[4] = {0}, n[4] = {0}, misfit = 0.0;
	size_t i, q;

	for (i = 0; i < fit->rows->count; i++) {
		double total, m = row_mean(fit->rows->evidence[i], fit->weight, &total),
		              y = fit->rows->answer[i];
		double nu = 1.0 / (1.0 / (exp(p[0]) * total) + 1.0 / exp(p[1]));

		for (q = 0; total > edge[q]; q++)
			;
		excess[q] += (y - m) * (y - m) - fit->error;
		claim[q] += m * (1.0 - m) / (nu + 1.0);
		n[q] += 1.0;
	}
	for (q = 0; q < 4; q++)
		if (n[q] > 0.0)
			misfit += (excess[q] - claim[q]) * (excess[q] - claim[q]) / n[q];
	return misfit;
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

static struct judged judge(const struct facts *facts, const struct truths *truths, const struct setting *s)
{
	loy_model *model = make_model(s);
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
		double real = truth->satisfaction / 1e6;

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
	loy_model_destroy(model);
	return result;
}

void backtest_chain(void **state)
{
	static const struct {
		double slow, fast, share;
	} memories[] = {{20.0, 10.0, 0.0}, {30.0, 15.0, 0.0},  {45.0, 20.0, 0.0},
	                {60.0, 30.0, 0.0}, {120.0, 60.0, 0.0}, {90.0, 20.0, 0.7}};
	struct facts facts = {0};
	struct truths truths = {0};
	struct rows rows = {malloc(ROWS_MAX * sizeof(*rows.evidence)), malloc(ROWS_MAX * sizeof(double)), 0};
	struct setting best = {0}, plain = {36500.0, 18250.0, 0.0, {0}, 1.0, 60.0};
	double weight[PARAMETERS];
	struct scale_fit fit = {&rows, weight, 0.0};
	double scale[2] = {0.0, 3.0}, least = HUGE_VAL, mean = 0.0;
	struct judged calibrated, reputation;
	size_t i;

	(void)state;
	make_chain(&facts, &truths);
	for (i = 0; i < sizeof(memories) / sizeof(memories[0]); i++) {
		struct setting trial = {
		        memories[i].slow, memories[i].fast, memories[i].share, {0}, 1.0, 60.0};
		double value;

		collect(&facts, &trial, &rows);
		value = calibrate(&rows, trial.theta);
		printf("chain: half-lives %3.0f and %2.0f days, %.1f of the fast: loss %.5f on %zu answers\n",
		       trial.slow, trial.fast, trial.share, value, rows.count);
		if (value < least) {
			least = value;
			best = trial;
		}
	}
	collect(&facts, &best, &rows);
	weights_of(best.theta, weight);
	fit.error = survey_error(&truths);
	fit_minimise(scale_misfit, &fit, scale, 2, 0.5, 120, 1e-9);
	best.spread = exp(scale[0]);
	best.limit = exp(scale[1]);
	for (i = 0; i < rows.count; i++)
		mean += rows.answer[i] / (double)rows.count;
	plain.theta[0] = fit_logit(mean); /* weights e^0 = 1 */
	calibrated = judge(&facts, &truths, &best);
	reputation = judge(&facts, &truths, &plain);
	printf("chain: satisfaction of %zu unseen moments: RMSE %.4f, plain beta reputation %.4f, ratio "
	       "%.3f\n",
	       calibrated.count, calibrated.rmse, reputation.rmse, calibrated.rmse / reputation.rmse);
	printf("chain: spread %.3f, limit %.1f; 90 %% intervals cover %.3f (%.3f, %.3f, %.3f by thirds of "
	       "the evidence); "
	       "uncalibrated %.3f\n",
	       best.spread, best.limit, calibrated.covered, calibrated.covered_third[0],
	       calibrated.covered_third[1], calibrated.covered_third[2], reputation.covered);
	/* The prototype of the scoring model had 0.138 against 0.168 and covered 0.883. */
	assert_true(calibrated.rmse / reputation.rmse <= 0.138 / 0.168);
	assert_true(calibrated.covered >= 0.87 && calibrated.covered <= 0.93);
	free(rows.evidence);
	free(rows.answer);
	free(facts.list);
	free(truths.list);
}
