/*
 * The search of a logistic fit, one round at a time. The likelihood is concave: Newton's method with steps
 * halved where they lower it. Close to the maximum the information of the round before is good enough for a
 * step, and a round that need not sum it takes a third of the time; the last round always has all. Firth's
 * penalised likelihood takes its step with the information alone, as Heinze & Schemper (2002) do, as far as the step
 * before tells.
 *
 * Separation: the likelihood has stopped rising while steps stay large, three times in a row. Some direction
 * tells the outcomes without error, and Newton walks along it by about one unit of log odds a step.
 */
#include "regression.h"

#include <math.h>

#define ALIAS_TOLERANCE 1e-11 /* of the information's diagonal: what rounding leaves of a dependent column */
#define CONVERGED       1e-20 /* squared length of a step, in standard errors: one more is taken */
#define CLOSE           1e-10 /* the same over n: the information need not be summed again */
#define FLAT_GAIN       1e-9  /* rise of the log-likelihood */
#define FLAT_STEP       0.02  /* step, in log odds of a row at a column's end, that is not small */
#define STRAYS          3u
#define HALVINGS_MAX    40u
#define SHARE_LEAST     0.1 /* of a step with Firth's penalty */
#define SHARE_MOST      10.0

/* ---- what all rounds share ---- */

static loy_status factor(const loy_logistic *fit, const uint32_t *set, size_t count, double tolerance,
                         size_t *pivot)
{
	size_t n = fit->design.size, i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < count; j++)
			fit->factor[i * count + j] = fit->information[set[i] * n + set[j]];
	}
	return loy__cholesky(fit->factor, count, tolerance, pivot);
}

static void drop(uint32_t *set, size_t *count, size_t place)
{
	(*count)--;
	memmove(set + place, set + place + 1, (*count - place) * sizeof(*set));
}

static void choose_moved(loy_logistic *fit)
{
	int held = (fit->options.flags & LOY_LOGISTIC_HELD) != 0;
	size_t i;

	fit->moved_count = 0;
	for (i = 0; i < fit->kept_count; i++) {
		if (!held || fit->kept[i] != fit->options.held)
			fit->moved[fit->moved_count++] = fit->kept[i];
	}
}

/* Leave out constant columns and those that follow from the ones before. */
static void choose_columns(loy_logistic *fit)
{
	size_t i, pivot = 0;

	if (fit->options.ridge == 0.0) {
		for (i = fit->kept_count; i-- > 1;) {
			if (fit->flaw[fit->kept[i]] == LOY_FLAW_CONSTANT)
				drop(fit->kept, &fit->kept_count, i);
		}
		while (fit->kept_count > 0 &&
		       factor(fit, fit->kept, fit->kept_count, ALIAS_TOLERANCE, &pivot) != LOY_OK) {
			fit->flaw[fit->kept[pivot]] = LOY_FLAW_COLLINEAR;
			drop(fit->kept, &fit->kept_count, pivot);
		}
	}
	choose_moved(fit);
}

/* The step from the gradient by the factored information; distance becomes its squared length in standard errors. */
static void find_step(loy_logistic *fit)
{
	double *step = fit->deviation_scale;
	size_t i;

	for (i = 0; i < fit->moved_count; i++)
		step[i] = fit->gradient[fit->moved[i]];
	loy__cholesky_solve(fit->factor, fit->moved_count, step);
	fit->last_distance = fit->distance;
	fit->distance = 0.0;
	memset(fit->direction, 0, fit->design.size * sizeof(*fit->direction));
	for (i = 0; i < fit->moved_count; i++) {
		fit->distance += step[i] * fit->gradient[fit->moved[i]];
		fit->direction[fit->moved[i]] = step[i];
	}
}

static double largest_step(const loy_logistic *fit)
{
	double largest = 0.0;
	size_t i;

	for (i = 0; i < fit->design.size; i++)
		largest = fabs(fit->direction[i]) > largest ? fabs(fit->direction[i]) : largest;
	return largest;
}

static void set_trial(loy_logistic *fit)
{
	size_t i;

	for (i = 0; i < fit->design.size; i++)
		fit->trial[i] = fit->at[i] + fit->share * fit->direction[i];
}

static void end(loy_logistic *fit, uint32_t state)
{
	fit->summary.state = state;
	fit->round = (fit->options.flags & LOY_LOGISTIC_ROBUST) != 0 ? LOY__ROUND_ROBUST : LOY__ROUND_DONE;
	if (fit->round == LOY__ROUND_DONE)
		loy__logistic_finish(fit);
}

static void start(loy_logistic *fit, uint32_t method)
{
	double share = fit->events / fit->weight;
	size_t i;

	fit->method = method;
	fit->evaluated = fit->strays = fit->finishing = fit->halvings_here = 0;
	fit->informed = 1;
	fit->distance = fit->last_distance = (double)INFINITY;
	fit->gain = (double)INFINITY;
	fit->share = 1.0;
	memset(fit->trial, 0, fit->design.size * sizeof(*fit->trial));
	memset(fit->at, 0, fit->design.size * sizeof(*fit->at));
	if (!((fit->options.flags & LOY_LOGISTIC_HELD) != 0 && fit->options.held == 0))
		fit->trial[0] = loy__log(share / (1.0 - share));
	fit->kept_count = fit->design.size;
	for (i = 0; i < fit->design.size; i++)
		fit->kept[i] = (uint32_t)i;
	fit->round = LOY__ROUND_VALUE;
}

/* ---- the first two rounds ---- */

/* Values of the first round are known to be finite: now each can be taken into [-1, 1]. */
static loy_status take_range(loy_logistic *fit, loy_error *error)
{
	loy__design *d = &fit->design;
	size_t j;

	if (fit->sums.rows == 0)
		return loy__fail(error, LOY_EUNKNOWN, "there is no complete row");
	fit->rows = fit->sums.rows;
	fit->missing = fit->sums.missing;
	d->offset_most = fit->sums.offset_most;
	d->weight_inverse = 1.0 / loy__power_above(fit->sums.weight_most);
	d->free = 0;
	for (j = 0; j < d->predictors; j++) {
		double least = fit->sums.least[j], most = fit->sums.most[j];

		if (least == most)
			fit->flaw[j + 1] = LOY_FLAW_CONSTANT;
		d->centre[j] = 0.0;
		d->inverse[j] = 1.0 / loy__power_above(fabs(least) > fabs(most) ? fabs(least) : fabs(most));
		fit->covariance[j] = least; /* kept until the next round */
		fit->robust[j] = most;
	}
	fit->round = LOY__ROUND_CENTRE;
	return LOY_OK;
}

static loy_status take_centre(loy_logistic *fit, loy_error *error)
{
	loy__design *d = &fit->design;
	double n;
	size_t j;

	fit->weight = fit->sums.weight.high;
	fit->events = fit->sums.event.high;
	if (!(fit->events > 0.0 && fit->events < fit->weight))
		return loy__fail(error, LOY_EUNKNOWN, "all outcomes are alike");
	n = fit->options.weighting == LOY_WEIGHT_SURVEY ? (double)fit->rows : fit->weight / d->weight_inverse;
	fit->factor_of_sums = n / fit->weight;
	fit->summary.n = n;
	fit->summary.events = fit->factor_of_sums * fit->events;
	for (j = 0; j < d->predictors; j++) {
		double least = fit->covariance[j], most = fit->robust[j];
		double mean = fit->sums.vector[j + 1].high / fit->weight / d->inverse[j];

		mean = mean < least ? least : mean > most ? most : mean;
		if ((fit->options.flags & LOY_LOGISTIC_HELD) != 0 && fit->options.held == 0)
			mean = 0.0; /* the caller's intercept is held, not that at the centre */
		d->centre[j] = mean;
		d->inverse[j] =
		        1.0 / loy__power_above(most - mean > mean - least ? most - mean : mean - least);
		if ((fit->options.flags & LOY_LOGISTIC_HELD) != 0 && fit->options.held == 0)
			d->inverse[j] =
			        1.0 / loy__power_above(fabs(most) > fabs(least) ? fabs(most) : fabs(least));
	}
	start(fit, fit->options.method == LOY_LOGISTIC_FIRTH ? LOY_LOGISTIC_FIRTH : LOY_LOGISTIC_LIKELIHOOD);
	return LOY_OK;
}

loy_status loy__logistic_begin(loy_logistic *fit, loy_error *error)
{
	return fit->round == LOY__ROUND_RANGE ? take_range(fit, error) : take_centre(fit, error);
}

/* ---- rounds that evaluate ---- */

/* lambda of the scaled coefficient j. */
static double ridge(const loy_logistic *fit, size_t j)
{
	double inverse = j == 0 ? 0.0 : fit->design.inverse[j - 1];

	return fit->options.ridge * inverse * inverse;
}

static void take_information(loy_logistic *fit)
{
	size_t n = fit->design.size, i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j <= i; j++)
			fit->information[i * n + j] = fit->information[j * n + i] =
			        fit->factor_of_sums * fit->sums.matrix[i * fit->design.stride + j].high;
		fit->information[i * n + i] += ridge(fit, i);
	}
}

/* Value and penalty at the trial point. */
static void take_value(loy_logistic *fit, double *value, double *objective)
{
	size_t i;

	*value = fit->factor_of_sums * (fit->sums.value[0].high + fit->sums.value[1].high);
	*objective = *value;
	for (i = 1; i < fit->design.size; i++)
		*objective -= 0.5 * ridge(fit, i) * fit->trial[i] * fit->trial[i];
	if (fit->informed)
		take_information(fit);
	if (fit->informed && !fit->evaluated)
		choose_columns(fit);
	if (fit->method == LOY_LOGISTIC_FIRTH) {
		if (factor(fit, fit->kept, fit->kept_count, 0.0, NULL) != LOY_OK) {
			*objective = -(double)INFINITY;
			return;
		}
		fit->log_det = loy__cholesky_log_det(fit->factor, fit->kept_count);
		*objective += 0.5 * fit->log_det;
	}
}

/* Go half as far. Returns 0 when that has been done too often. */
static int halve(loy_logistic *fit)
{
	if (!fit->evaluated || ++fit->halvings_here > HALVINGS_MAX)
		return 0;
	fit->summary.halvings++;
	fit->share *= 0.5;
	fit->informed = 1;
	set_trial(fit);
	return 1;
}

static void mark_infinite(loy_logistic *fit)
{
	double largest = largest_step(fit), intercept = fit->direction[0];
	size_t i;

	for (i = 1; i < fit->design.size; i++) {
		if (fabs(fit->direction[i]) > 0.01 * largest)
			fit->flaw[i] = LOY_FLAW_INFINITE;
		intercept -= fit->design.centre[i - 1] * fit->design.inverse[i - 1] * fit->direction[i];
	}
	if (fabs(intercept) > 0.01 * largest)
		fit->flaw[0] = LOY_FLAW_INFINITE;
}

/* 1 when there is no maximum, and what to do instead has been done. */
static int runs_away(loy_logistic *fit, int solved)
{
	double gain = solved ? fit->gain : 0.0;
	size_t i;

	if (!(gain < FLAT_GAIN + 1e-14 * fabs(fit->objective)) || !(largest_step(fit) > FLAT_STEP)) {
		fit->strays = 0;
		return 0;
	}
	if (++fit->strays < STRAYS && solved)
		return 0;
	mark_infinite(fit);
	if (fit->options.method != LOY_LOGISTIC_SAFE) {
		end(fit, LOY_LOGISTIC_SEPARATED);
		return 1;
	}
	for (i = 0; i < fit->design.size; i++)
		fit->flaw[i] = fit->flaw[i] == LOY_FLAW_INFINITE ? LOY_FLAW_SHRUNK : fit->flaw[i];
	start(fit, LOY_LOGISTIC_FIRTH);
	return 1;
}

/* Where the gradient is as good as nothing, or gets no smaller by steps that are. */
static int arrived(const loy_logistic *fit)
{
	return fit->distance <= CONVERGED ||
	       (fit->distance <= 1e-12 && fit->fresh && fit->distance > 0.25 * fit->last_distance);
}

static void go_on(loy_logistic *fit, double share)
{
	int slow = !fit->fresh && fit->distance > 1e-4 * fit->last_distance;

	fit->finishing = arrived(fit) != 0 ? 1u : 0u;
	fit->informed = fit->finishing != 0 || slow || fit->method == LOY_LOGISTIC_FIRTH ||
	                                fit->distance > CLOSE * fit->summary.n || largest_step(fit) > 1e-3
	                        ? 1u
	                        : 0u;
	fit->share = share;
	fit->halvings_here = 0;
	set_trial(fit);
	fit->round = LOY__ROUND_VALUE;
}

/* Likelihood: the trial point was accepted; look at the gradient there. */
static void advance_likelihood(loy_logistic *fit)
{
	int solved = 1;
	size_t i;

	for (i = 0; i < fit->design.size; i++)
		fit->gradient[i] =
		        fit->factor_of_sums * fit->sums.vector[i].high - ridge(fit, i) * fit->at[i];
	fit->fresh = fit->informed;
	if (fit->informed)
		solved = factor(fit, fit->moved, fit->moved_count, 0.0, NULL) == LOY_OK;
	if (solved)
		find_step(fit);
	if (fit->informed && runs_away(fit, solved))
		return;
	if (!solved) {
		end(fit, LOY_LOGISTIC_STOPPED);
		return;
	}
	if (fit->finishing && fit->fresh && arrived(fit))
		end(fit, LOY_LOGISTIC_CONVERGED);
	else
		go_on(fit, 1.0);
}

/* Firth: the trial point was accepted; leverages there need the inverse of its information. */
static void prepare_hat(loy_logistic *fit)
{
	size_t n = fit->design.size, count = fit->kept_count, i, j;

	for (i = 0; i < n; i++)
		fit->gradient[i] = fit->factor_of_sums * fit->sums.vector[i].high;
	loy__cholesky_inverse(fit->factor, count);
	memset(fit->inverse, 0, n * n * sizeof(*fit->inverse));
	for (i = 0; i < count; i++) {
		for (j = 0; j < count; j++)
			fit->inverse[fit->kept[i] * n + fit->kept[j]] = fit->factor[i * count + j];
	}
	fit->fresh = 1;
	fit->round = LOY__ROUND_HAT;
}

/*
 * How far to go along the next step. The information is not the curvature of the penalised likelihood: with few rows
 * whole steps go too far, or not far enough, by the same share again and again. What the last step made of the gradient
 * along it tells by how much (Barzilai & Borwein 1988).
 */
static double next_share(const loy_logistic *fit, double along)
{
	double fallen = fit->distance - along, share;

	if (!(fit->distance < (double)INFINITY) || !(fallen > 0.0))
		return 1.0;
	share = fit->share * fit->distance / fallen;
	return share < SHARE_LEAST ? SHARE_LEAST : share > SHARE_MOST ? SHARE_MOST : share;
}

static void advance_hat(loy_logistic *fit)
{
	double along = 0.0, share;
	size_t i;

	for (i = 0; i < fit->design.size; i++) {
		fit->gradient[i] += fit->sums.vector[i].high;
		along += fit->direction[i] * fit->gradient[i];
	}
	share = next_share(fit, along);
	if (factor(fit, fit->moved, fit->moved_count, 0.0, NULL) != LOY_OK) {
		end(fit, LOY_LOGISTIC_STOPPED);
		return;
	}
	find_step(fit);
	if (fit->distance <= 1e-26 || (fit->distance <= 1e-18 && fit->distance > 0.9 * fit->last_distance))
		end(fit,
		    fit->options.method == LOY_LOGISTIC_SAFE ? LOY_LOGISTIC_SHRUNK : LOY_LOGISTIC_CONVERGED);
	else
		go_on(fit, share);
}

static void advance_value(loy_logistic *fit)
{
	/* rounding: that of a determinant is worse than that of a sum */
	double slack = (fit->method == LOY_LOGISTIC_FIRTH ? 1e-9 : 1e-12) * (1.0 + fabs(fit->objective));
	double value, objective;

	take_value(fit, &value, &objective);
	if (!(objective >= (fit->evaluated ? fit->objective - slack : -DBL_MAX))) { /* NaN too */
		if (!halve(fit))
			end(fit, LOY_LOGISTIC_STOPPED);
		return;
	}
	fit->gain = fit->evaluated ? objective - fit->objective : (double)INFINITY;
	fit->value = value;
	fit->objective = objective;
	fit->evaluated = 1;
	memcpy(fit->at, fit->trial, fit->design.size * sizeof(*fit->at));
	if (fit->method == LOY_LOGISTIC_FIRTH)
		prepare_hat(fit);
	else
		advance_likelihood(fit);
}

void loy__logistic_advance(loy_logistic *fit)
{
	fit->summary.rounds++;
	if (fit->round == LOY__ROUND_ROBUST) {
		fit->round = LOY__ROUND_DONE;
		loy__logistic_finish(fit);
		return;
	}
	if (fit->round == LOY__ROUND_VALUE)
		advance_value(fit);
	else
		advance_hat(fit);
	if (fit->summary.rounds >= fit->options.iterations && fit->round != LOY__ROUND_DONE &&
	    fit->round != LOY__ROUND_ROBUST)
		end(fit, LOY_LOGISTIC_STOPPED);
}
