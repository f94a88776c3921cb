/*
 * Maximising with exact second derivatives: Newton steps within a trust region, the region's problem solved from
 * the eigenvalues of the negative Hessian (Conn, Gould & Toint 2000, 7.3; Nocedal & Wright 2006, chapter 4).
 *
 * A step is accepted when the value rises by a tenth of a thousandth of what was predicted. Near the top (predicted
 * gain below 1e-9 and what rounding leaves of a value) steps are accepted when they halve the gradient; the search
 * ends when they no longer do and the value cannot tell any more either. So the gradient is zero to rounding, and
 * the result does not depend on how good the last differences of values were.
 */
#include "numeric/optimise.h"

#include <math.h>
#include <string.h>

#define RADIUS_START 1.0
#define RADIUS_MAX   4.0
#define RADIUS_MIN   1e-13
#define POLISH_MAX   12u
#define ROUNDING     1e-13 /* of a value: differences below say nothing */

size_t loy__ascent_work(size_t n)
{
	return 5 * n + 4 * n * n;
}

/* What one search works on, cut from the caller's memory. */
struct space {
	double *step, *trial, *trial_gradient, *values, *gradient;
	double *hessian, *trial_hessian, *vectors, *matrix;
};

static void space_init(struct space *s, double *work, size_t n)
{
	s->gradient = work;
	s->step = work + n;
	s->trial = work + 2 * n;
	s->trial_gradient = work + 3 * n;
	s->values = work + 4 * n;
	s->hessian = work + 5 * n;
	s->trial_hessian = s->hessian + n * n;
	s->vectors = s->trial_hessian + n * n;
	s->matrix = s->vectors + n * n;
}

static int all_finite(const double *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!(fabs(v[i]) <= DBL_MAX))
			return 0;
	}
	return 1;
}

static loy_status evaluate(loy__ascent *search, const double *theta, double *value, double *gradient,
                           double *hessian)
{
	loy_status status;
	size_t n = search->n;

	search->evaluations++;
	status = search->objective(search->context, theta, value, gradient, hessian);
	if (status == LOY_OK &&
	    !(fabs(*value) <= DBL_MAX && all_finite(gradient, n) && all_finite(hessian, n * n)))
		*value = (double)-INFINITY;
	return status;
}

/* Eigenvalues and vectors of -hessian, ascending. */
static loy_status decompose(struct space *s, size_t n)
{
	size_t i;

	for (i = 0; i < n * n; i++)
		s->matrix[i] = -s->hessian[i];
	return loy__symmetric_eigen(s->matrix, n, s->values, s->vectors);
}

/* Length of the step for a shift of the eigenvalues; along[i] is the gradient along vector i (in s->trial). */
static double shifted_length(const struct space *s, size_t n, const double *along, double shift)
{
	double sum = 0.0;
	size_t i;

	for (i = 0; i < n; i++) {
		double part = along[i] / (s->values[i] + shift);

		sum += part * part;
	}
	return sqrt(sum);
}

/*
 * The step within the radius that gains most in the quadratic model; returns the gain predicted. *inside gets 1
 * for a whole Newton step.
 */
static double find_step(struct space *s, size_t n, double radius, int *inside)
{
	double *along = s->trial, largest = 0.0, shift = 0.0, low, high, gain = 0.0;
	size_t i, j;
	int round;

	for (i = 0; i < n; i++) {
		along[i] = 0.0;
		for (j = 0; j < n; j++)
			along[i] += s->vectors[i * n + j] * s->gradient[j];
		largest = fabs(s->values[i]) > largest ? fabs(s->values[i]) : largest;
	}
	*inside = s->values[0] > 1e-14 * largest && shifted_length(s, n, along, 0.0) <= radius;
	if (!*inside) {
		low = s->values[0] > 0.0 ? 0.0 : -s->values[0];
		low += 1e-14 * largest + 1e-300;
		high = low + 1e-3 * largest + 1e-300;
		for (round = 0; round < 1100 && shifted_length(s, n, along, high) > radius; round++)
			high = low + 4.0 * (high - low);
		for (round = 0; round < 60; round++) {
			shift = 0.5 * (low + high);
			if (shifted_length(s, n, along, shift) > radius)
				low = shift;
			else
				high = shift;
		}
		shift = high;
	}
	memset(s->step, 0, n * sizeof(*s->step));
	for (i = 0; i < n; i++) {
		double part = along[i] / (s->values[i] + shift);

		gain += part * (along[i] - 0.5 * s->values[i] * part);
		for (j = 0; j < n; j++)
			s->step[j] += part * s->vectors[i * n + j];
	}
	return gain;
}

static double norm(const double *v, size_t n)
{
	double sum = 0.0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += v[i] * v[i];
	return sqrt(sum);
}

static void accept(loy__ascent *search, struct space *s, double value)
{
	size_t n = search->n;

	memcpy(search->theta, s->trial, n * sizeof(double));
	memcpy(s->gradient, s->trial_gradient, n * sizeof(double));
	memcpy(s->hessian, s->trial_hessian, n * n * sizeof(double));
	search->value = value;
}

/* Down, up or as it was, by how well the quadratic model predicted. */
static double next_radius(double radius, double length, double ratio)
{
	if (!(ratio >= 0.25))
		return 0.25 * length;
	if (ratio > 0.75 && length > 0.9 * radius)
		return 2.0 * radius < RADIUS_MAX ? 2.0 * radius : RADIUS_MAX;
	return radius;
}

/* One step. *done gets LOY__FOUND or LOY__FLAT at the end of the way. */
static loy_status advance(loy__ascent *search, struct space *s, double *radius, uint32_t *polished,
                          uint32_t *done)
{
	double gain, value, length;
	size_t n = search->n, i;
	int inside, near_top;
	loy_status status = decompose(s, n);

	if (status != LOY_OK)
		return status;
	gain = find_step(s, n, *radius, &inside);
	near_top = inside && gain <= 1e-9 + ROUNDING * fabs(search->value);
	length = norm(s->step, n);
	for (i = 0; i < n; i++)
		s->trial[i] = search->theta[i] + s->step[i];
	if (*radius < RADIUS_MIN || length == 0.0 ||
	    memcmp(s->trial, search->theta, n * sizeof(double)) == 0 ||
	    (near_top && *polished >= POLISH_MAX)) {
		*done = inside ? LOY__FOUND : LOY__FLAT;
		return LOY_OK;
	}
	status = evaluate(search, s->trial, &value, s->trial_gradient, s->trial_hessian);
	if (status != LOY_OK)
		return status;
	if (near_top) {
		if (value > -DBL_MAX && norm(s->trial_gradient, n) < 0.5 * norm(s->gradient, n)) {
			accept(search, s, value);
			++*polished;
			return LOY_OK;
		}
		if (gain <= ROUNDING * (1.0 + fabs(search->value))) {
			*done = LOY__FOUND;
			return LOY_OK;
		}
	}
	*radius = next_radius(*radius, length, (value - search->value) / gain);
	if (value - search->value > 1e-4 * gain)
		accept(search, s, value);
	return LOY_OK;
}

loy_status loy__maximise(loy__ascent *search)
{
	struct space s;
	double radius = RADIUS_START;
	uint32_t polished = 0, done = 0;
	loy_status status;

	space_init(&s, search->work, search->n);
	search->gradient = s.gradient;
	search->hessian = s.hessian;
	search->iterations = 0;
	search->evaluations = 0;
	search->end = LOY__SPENT;
	status = evaluate(search, search->theta, &search->value, s.gradient, s.hessian);
	if (status == LOY_OK && !(search->value > -DBL_MAX))
		return LOY_ERANGE;
	while (status == LOY_OK && done == 0 && search->iterations < search->iterations_max) {
		if (search->stray != NULL && search->stray(search->context, search->theta)) {
			done = LOY__STRAYED;
			break;
		}
		status = advance(search, &s, &radius, &polished, &done);
		search->iterations++;
		if (search->progress != NULL &&
		    search->progress(search->iterations, search->iterations_max, search->user_data) != 0)
			return LOY_ECANCELLED;
	}
	if (done != 0)
		search->end = done;
	return status;
}
