/*
 * The search for weights. Of a construct: the quasi-likelihood of Papke & Wooldridge (1996) of answers y
 * under the posterior mean m = A / (A + B), sum of w (y log m + (1 - y) log(1 - m)), less a ridge on the
 * logarithms of the weights. A mix of parts that is asked about is such a mean too. Of a composite with
 * outcomes instead: their logistic likelihood, with the log odds a + sum of b_i mean_i; b_i = exp(scale + log
 * share_i + u_i) cannot be negative, and a ridge on u keeps the shares near where they were. Both have exact
 * second derivatives; rows are summed in the selection's order, so the result does not depend on how they
 * came.
 *
 * Standard errors are those of the sandwich over customers (Liang & Zeger 1986): one customer's answers are
 * not independent.
 */
#include "calibrate/calibration.h"

#include <math.h>
#include <string.h>

#define ASTRAY 30.0 /* logarithms this far from where they were have left the data behind */

struct search {
	const loy__tuning *tuning;
	size_t n; /* free parameters: levers, of outcomes of a mix one constant and one scale before them */
	const double *start;
	double pull;
	double *weight;  /* n: what the parameters stand for, once for all rows */
	double *slope;   /* of a row's A and B, or its log odds, by each parameter: 2 n */
	double *cluster; /* gradient of one customer; with `outer`: its products are summed */
	double *outer;   /* NULL: not wanted */
};

double loy__answer_loss(double answer, double mean)
{
	double m = mean < 1e-12 ? 1e-12 : mean > 1.0 - 1e-12 ? 1.0 - 1e-12 : mean;

	return -(answer * loy__log(m) + (1.0 - answer) * loy__log(1.0 - m));
}

/* ---- one row ---- */

struct row_sums {
	double good, bad;   /* A and B */
	double prior, bend; /* first and second derivative of A by the logit of the prior mean */
};

/* A and B of a row, and their derivatives by each parameter in s->slope (by A) and s->slope + n (by B). */
static void evidence_row(const struct search *s, size_t row, struct row_sums *out)
{
	const loy__evidence_rows *rows = s->tuning->rows;
	size_t first = rows->columns < s->n, i;
	const double *up = rows->up + row * rows->columns, *down = rows->down + row * rows->columns;
	double prior = rows->fixed[row];

	out->prior = out->bend = 0.0;
	if (first) {
		double mean = s->weight[0], way = rows->strength * rows->rest * mean * (1.0 - mean);

		prior += rows->rest * mean;
		out->prior = way;
		out->bend = way * (1.0 - 2.0 * mean);
		s->slope[0] = way;
		s->slope[s->n] = -way;
	}
	out->good = rows->strength * prior;
	out->bad = rows->strength * (1.0 - prior);
	for (i = 0; i < rows->columns; i++) {
		double weight = s->weight[first + i];

		s->slope[first + i] = weight * up[i];
		s->slope[s->n + first + i] = weight * down[i];
		out->good += weight * up[i];
		out->bad += weight * down[i];
	}
}

/* Value of a row; gradient into s->cluster, second derivatives added to the lower triangle of `hessian`. */
static double evidence_value(const struct search *s, size_t row, double *hessian)
{
	const loy__observation *o = s->tuning->selection->list[row];
	size_t n = s->n, i, j;
	int first = s->tuning->rows->columns < n;
	struct row_sums sums;
	double y = o->answer, w = o->weight, all, for_, against;

	evidence_row(s, row, &sums);
	all = sums.good + sums.bad;
	for_ = y > 0.0 ? y / sums.good : 0.0;
	against = y < 1.0 ? (1.0 - y) / sums.bad : 0.0;
	for (i = 0; i < n; i++) {
		double a = s->slope[i], b = s->slope[n + i], own;

		s->cluster[i] += w * (for_ * a + against * b - (a + b) / all);
		own = first && i == 0 ? sums.bend * (for_ - against) : for_ * a + against * b - (a + b) / all;
		hessian[i * n + i] += w * own;
		for (j = 0; j <= i; j++) {
			double aj = s->slope[j], bj = s->slope[n + j];

			hessian[i * n + j] -=
			        w * (for_ * a * (aj / sums.good) + against * b * (bj / sums.bad) -
			             (a + b) * (aj + bj) / (all * all));
		}
	}
	return w * (y * loy__log(sums.good / all) + (1.0 - y) * loy__log(sums.bad / all));
}

/* The same of outcomes of a mix: parameters are the constant, the scale, and u of each part. */
static double mix_value(const struct search *s, const double *theta, size_t row, double *hessian)
{
	const loy__observation *o = s->tuning->selection->list[row];
	const loy__evidence_rows *rows = s->tuning->rows;
	const double *mean = rows->up + row * rows->columns;
	size_t n = s->n, i, j;
	double odds = theta[0], y = o->answer, w = o->weight, p, off;

	s->slope[0] = 1.0;
	s->slope[1] = 0.0;
	for (i = 0; i < rows->columns; i++) {
		double part = s->weight[2 + i] * mean[i];

		s->slope[2 + i] = part;
		s->slope[1] += part;
		odds += part;
	}
	p = loy__logistic(odds);
	off = w * (y - p);
	for (i = 0; i < n; i++) {
		s->cluster[i] += off * s->slope[i];
		if (i > 0)
			hessian[i * n + i] += off * s->slope[i];
		if (i > 1)
			hessian[i * n + 1] += off * s->slope[i];
		for (j = 0; j <= i; j++)
			hessian[i * n + j] -= w * p * (1.0 - p) * s->slope[i] * s->slope[j];
	}
	return w * (y * odds - loy__log1pexp(odds));
}

/* ---- all rows ---- */

static void end_customer(const struct search *s, double *gradient)
{
	size_t i, j;

	for (i = 0; i < s->n; i++) {
		gradient[i] += s->cluster[i];
		for (j = 0; s->outer != NULL && j <= i; j++)
			s->outer[i * s->n + j] += s->cluster[i] * s->cluster[j];
	}
	memset(s->cluster, 0, s->n * sizeof(double));
}

/* Parameters before the weights: the prior mean, if it is looked for; the constant and the scale of a mix. */
static size_t first_weight(const struct search *s)
{
	return s->n - s->tuning->rows->columns;
}

/* The prior mean and the weights of evidence; of a mix the weights of its parts. */
static void find_weights(const struct search *s, const double *theta)
{
	const loy__tuning *tuning = s->tuning;
	size_t first = first_weight(s), i;

	if (!tuning->odds && first > 0)
		s->weight[0] = loy__logistic(theta[0]);
	for (i = first; i < s->n && !tuning->odds; i++)
		s->weight[i] = loy__exp(theta[i]);
	for (i = first; i < s->n && tuning->odds; i++)
		s->weight[i] = loy__exp(theta[1] + theta[i] + loy__log(tuning->levers[i - first].before));
}

static loy_status objective(void *context, const double *theta, double *value, double *gradient,
                            double *hessian)
{
	const struct search *s = context;
	const loy__selection *selection = s->tuning->selection;
	size_t n = s->n, row, i, j;

	*value = 0.0;
	memset(gradient, 0, n * sizeof(double));
	memset(hessian, 0, n * n * sizeof(double));
	memset(s->cluster, 0, n * sizeof(double));
	find_weights(s, theta);
	for (row = 0; row < selection->count; row++) {
		*value +=
		        s->tuning->odds ? mix_value(s, theta, row, hessian) : evidence_value(s, row, hessian);
		if (row + 1 == selection->count ||
		    selection->list[row + 1]->customer != selection->list[row]->customer)
			end_customer(s, gradient);
	}
	for (i = s->tuning->odds ? 2 : 0; i < n; i++) {
		double off = theta[i] - s->start[i];

		*value -= s->pull * off * off;
		gradient[i] -= 2.0 * s->pull * off;
		hessian[i * n + i] -= 2.0 * s->pull;
	}
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			hessian[j * n + i] = hessian[i * n + j];
	return LOY_OK;
}

static int stray(void *context, const double *theta)
{
	const struct search *s = context;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (fabs(theta[i] - s->start[i]) > ASTRAY)
			return 1;
	return 0;
}

/* ---- where it starts, what comes out ---- */

static void begin(const struct search *s, double *theta)
{
	size_t i, first = first_weight(s);

	for (i = 0; i < s->n; i++)
		theta[i] = 0.0;
	if (s->tuning->odds)
		return; /* all odds even, the mix as it was */
	for (i = 0; i < s->n; i++) {
		double before = s->tuning->levers[i].before;

		theta[i] = i < first ? loy__log(before) - loy__log1p(-before) : loy__log(before);
	}
}

static void take_levers(const struct search *s, const double *theta)
{
	loy__lever *levers = s->tuning->levers;
	size_t i, first = first_weight(s);

	if (!s->tuning->odds) {
		for (i = 0; i < s->n; i++)
			levers[i].after = i < first ? loy__logistic(theta[i]) : loy__exp(theta[i]);
		return;
	}
	for (i = 0; i < s->tuning->lever_count; i++)
		levers[i].after = levers[i].before * loy__exp(theta[2 + i]);
}

/* Deviations from the inverse of -hessian and the customers' gradients. `room`: n x n. */
static void take_deviations(const struct search *s, const double *hessian, double *room)
{
	loy__lever *levers = s->tuning->levers;
	size_t n = s->n, i, j, k, skip = s->tuning->odds ? 2 : 0;
	int found;

	for (i = 0; i < n * n; i++)
		room[i] = -hessian[i];
	found = loy__cholesky(room, n, 1e-12, NULL) == LOY_OK;
	if (found)
		loy__cholesky_inverse(room, n);
	for (i = skip; i < n; i++) {
		double variance = 0.0;
		int told = found && s->outer[i * n + i] > 0.0; /* else only the ridge holds it */

		for (j = 0; told && j < n; j++)
			for (k = 0; k < n; k++)
				variance += room[i * n + j] * s->outer[j < k ? k * n + j : j * n + k] *
				            room[i * n + k];
		levers[i - skip].deviation = told ? sqrt(variance) : (double)NAN;
	}
}

static double total_weight(const loy__selection *selection)
{
	double sum = 0.0;
	size_t i;

	for (i = 0; i < selection->count; i++)
		sum += selection->list[i]->weight;
	return sum;
}

static uint32_t state_of(uint32_t end)
{
	return end == LOY__FOUND   ? LOY_CALIBRATED
	       : end == LOY__SPENT ? LOY_CALIBRATED_STOPPED
	                           : LOY_CALIBRATED_FLAT;
}

static loy_status run(struct search *s, loy__tuning *tuning, double *block)
{
	size_t n = s->n, i;
	loy__ascent ascent = {0};
	double *start = block, *theta = block + n, *outer = block + 6 * n, *room = outer + n * n, value,
	       norm = 0.0;
	loy_status status;

	s->start = start;
	s->cluster = block + 2 * n;
	s->slope = block + 3 * n;
	s->weight = block + 5 * n;
	begin(s, start);
	memcpy(theta, start, n * sizeof(double));
	ascent.objective = objective;
	ascent.stray = stray;
	ascent.context = s;
	ascent.n = n;
	ascent.iterations_max = tuning->options->iterations;
	ascent.progress = tuning->options->progress;
	ascent.user_data = tuning->options->user_data;
	ascent.theta = theta;
	ascent.work = room + n * n;
	status = loy__maximise(&ascent);
	if (status != LOY_OK)
		return status;
	tuning->penalised = -ascent.value / total_weight(tuning->selection);
	tuning->state = state_of(ascent.end);
	tuning->iterations = ascent.iterations;
	take_levers(s, theta);
	memset(outer, 0, n * n * sizeof(double));
	s->outer = outer;
	s->pull = 0.0;
	(void)objective(s, theta, &value, ascent.gradient,
	                ascent.hessian); /* customers' gradients; the loss */
	tuning->loss = -value / total_weight(tuning->selection);
	s->pull = tuning->options->pull;
	s->outer = NULL;
	(void)objective(s, theta, &value, ascent.gradient, ascent.hessian);
	s->outer = outer;
	take_deviations(s, ascent.hessian, room);
	for (i = 0; i < n; i++)
		norm += ascent.gradient[i] * ascent.gradient[i];
	tuning->gradient = sqrt(norm) / (double)tuning->selection->count;
	return LOY_OK;
}

loy_status loy__tune(loy__tuning *tuning, const loy_allocator *memory)
{
	struct search s = {0};
	size_t n = tuning->lever_count + (tuning->odds ? 2u : 0u), doubles;
	loy_status status;
	double *block;

	s.tuning = tuning;
	s.n = n;
	s.pull = tuning->options->pull;
	doubles = 6 * n + 2 * n * n + loy__ascent_work(n);
	block = loy__alloc(memory, doubles * sizeof(double));
	if (block == NULL)
		return LOY_ENOMEM;
	status = run(&s, tuning, block);
	loy__free(memory, block, doubles * sizeof(double));
	return status;
}
