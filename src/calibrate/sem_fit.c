/*
 * The search of the minimum. Far from it by Fisher's scoring, whose matrix is always a covariance (Jennrich &
 * Sampson 1976, Lee & Jennrich 1979); near it by Newton's method with exact second derivatives, as long as
 * they are positive definite. A step that does not lower the function enough is halved. At the end, where
 * differences of the function are nothing but rounding, steps go on while their length in standard errors
 * goes down by half each time: what is left of the gradient is rounding, too.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

#define ITERATIONS_DEFAULT 500u
#define HALVINGS_MAX       30u
#define STARTS_MAX         6u
#define NEWTON_BELOW       1e-2
#define POLISH_BELOW       1e-9  /* differences of f below tell nothing */
#define NOTHING            1e-30 /* of the same: 1e-15 sqrt(n / 2) standard errors */
#define ENOUGH             1e-14 /* with which a search that cannot go on has converged */
#define RIDGE_LEAST        1e-2
#define RIDGE_GROWTH       4.0
#define SINGULAR           1e-13 /* of the diagonal: no step from such a matrix */
#define LOOSE              1e-11 /* of the diagonal of the information: not identified */

struct search {
	loy__sem_work *w;
	loy__sem_model *model;
	size_t q;
	double *theta, *trial, *step, *factor;
	double decrement; /* g'H^-1 g of the step at hand */
	double ridge; /* of scoring, as a share of the diagonal: grows where whole steps go too far (Marquardt 1963) */
	int newton; /* whether the step is Newton's */
};

void loy__sem_set(loy__sem_model *model, const double *theta)
{
	uint32_t i;

	for (i = 0; i < model->cell_count; i++) {
		if (model->cells[i].free != LOY__SEM_FIXED)
			model->cells[i].value = theta[model->cells[i].free];
	}
}

static void read_theta(const loy__sem_model *model, double *theta)
{
	uint32_t i;

	for (i = 0; i < model->cell_count; i++) {
		if (model->cells[i].free != LOY__SEM_FIXED)
			theta[model->cells[i].free] = model->cells[i].value;
	}
}

/*
 * Factor a matrix of second derivatives; with a ridge, larger and larger, when it is singular and `bend` says
 * so.
 */
static int factor(struct search *s, const double *matrix, int bend)
{
	double ridge = bend ? s->ridge : 0.0;
	size_t q = s->q, i;
	int round;

	for (round = 0; round < 12; round++) {
		memcpy(s->factor, matrix, q * q * sizeof(double));
		for (i = 0; i < q; i++)
			s->factor[i * q + i] += ridge * matrix[i * q + i] + (ridge > 0.0 ? 1e-300 : 0.0);
		if (loy__cholesky(s->factor, q, SINGULAR, NULL) == LOY_OK)
			return 1;
		if (!bend)
			return 0;
		ridge = ridge > 0.0 ? 10.0 * ridge : 1e-9;
	}
	return 0;
}

/* The step by the matrix that was factored. */
static void find_step(struct search *s)
{
	size_t i;

	for (i = 0; i < s->q; i++)
		s->step[i] = -s->w->gradient[i];
	loy__cholesky_solve(s->factor, s->q, s->step);
	s->decrement = 0.0;
	for (i = 0; i < s->q; i++)
		s->decrement -= s->step[i] * s->w->gradient[i];
}

/* The best step from here; 0 when there is none. */
static int choose_step(struct search *s, int scoring)
{
	s->newton = 0;
	if (!factor(s, s->w->expected, 1))
		return 0;
	find_step(s);
	if (!scoring && s->decrement < NEWTON_BELOW && factor(s, s->w->hessian, 0)) {
		find_step(s);
		s->newton = 1;
	}
	return s->decrement >= 0.0;
}

static int try(struct search *s, double share)
{
	size_t i;

	for (i = 0; i < s->q; i++)
		s->trial[i] = s->theta[i] + share * s->step[i];
	loy__sem_set(s->model, s->trial);
	return loy__sem_evaluate(s->w);
}

/*
 * Along the step, half as far while the function does not fall enough. 0, and back where it was, if it never
 * does.
 */
static int walk(struct search *s, loy__sem_search *out)
{
	double share = 1.0, from = s->w->value;
	uint32_t halvings;

	for (halvings = 0; halvings <= HALVINGS_MAX; halvings++, share *= 0.5) {
		out->halvings += halvings > 0;
		if (try(s, share) && from - s->w->value > 1e-4 * share * s->decrement) {
			memcpy(s->theta, s->trial, s->q * sizeof(double));
			if (halvings > 0)
				s->ridge = s->ridge > RIDGE_LEAST ? RIDGE_GROWTH * s->ridge : RIDGE_LEAST;
			else
				s->ridge = s->ridge > RIDGE_LEAST ? s->ridge / RIDGE_GROWTH : 0.0;
			return 1;
		}
	}
	loy__sem_set(s->model, s->theta);
	(void)loy__sem_evaluate(s->w);
	return 0;
}

/* A whole step at the end of the way, kept if it shortens the next one. 0 when it does not. */
static int polish(struct search *s)
{
	double before = s->decrement;

	if (try(s, 1.0)) {
		double *kept = s->theta;

		loy__sem_derive(s->w);
		s->theta = s->trial;
		s->trial = kept;
		if (choose_step(s, 0) && s->decrement < 0.25 * before)
			return 1;
		if (s->decrement < before) /* no worse: stay, but go no further */
			return 0;
		s->trial = s->theta;
		s->theta = kept;
	}
	loy__sem_set(s->model, s->theta);
	(void)loy__sem_evaluate(s->w);
	loy__sem_derive(s->w);
	s->decrement = before;
	return 0;
}

/* Starts whose covariances imply nothing possible lose them, half at a time. */
static int start(struct search *s)
{
	uint32_t tries, i;

	for (tries = 0; tries < STARTS_MAX; tries++) {
		if (loy__sem_evaluate(s->w))
			return 1;
		for (i = 0; i < s->model->cell_count; i++) {
			loy__sem_cell *c = s->model->cells + i;

			if (c->free != LOY__SEM_FIXED && c->place == LOY__SEM_COVARIANCE &&
			    c->row != c->column)
				c->value *= tries + 2 < STARTS_MAX ? 0.5 : 0.0;
		}
	}
	return 0;
}

static loy_status descend(struct search *s, const loy_sem_options *options, loy__sem_search *out)
{
	uint32_t most = options->iterations != 0 ? options->iterations : ITERATIONS_DEFAULT;

	loy__sem_derive(s->w);
	out->state = LOY_SEM_STOPPED;
	while (out->iterations < most && choose_step(s, 0)) {
		out->iterations++;
		if (options->progress != NULL &&
		    options->progress(out->iterations, most, options->user_data) != 0)
			return LOY_ECANCELLED;
		if (s->decrement <= NOTHING) {
			out->state = LOY_SEM_CONVERGED;
			break;
		}
		if (s->decrement < POLISH_BELOW && s->newton) {
			int more = polish(s);

			if (!more && s->decrement < ENOUGH)
				out->state = LOY_SEM_CONVERGED;
			if (!more)
				break;
			continue;
		}
		if (walk(s, out)) {
			loy__sem_derive(s->w);
			continue;
		}
		if (!s->newton || !choose_step(s, 1) || !walk(s, out)) {
			out->state = s->decrement < ENOUGH ? LOY_SEM_CONVERGED : LOY_SEM_STOPPED;
			break;
		}
		loy__sem_derive(s->w);
	}
	return LOY_OK;
}

/* What the end is: a minimum has positive second derivatives, and its information is not singular. */
static void judge(struct search *s, loy__sem_search *out)
{
	size_t pivot = 0;

	out->loose = LOY__SEM_FIXED;
	out->distance = sqrt(0.5 * s->w->sample->n * (s->decrement > 0.0 ? s->decrement : 0.0));
	memcpy(s->factor, s->w->expected, s->q * s->q * sizeof(double));
	if (loy__cholesky(s->factor, s->q, LOOSE, &pivot) != LOY_OK) {
		out->loose = (uint32_t)pivot;
		if (out->state == LOY_SEM_CONVERGED || s->decrement < ENOUGH)
			out->state = LOY_SEM_NOT_IDENTIFIED;
		return;
	}
	memcpy(s->factor, s->w->hessian, s->q * s->q * sizeof(double));
	if (out->state == LOY_SEM_CONVERGED && loy__cholesky(s->factor, s->q, 0.0, NULL) != LOY_OK)
		out->state = LOY_SEM_STOPPED;
}

loy_status loy__sem_minimise(loy__sem_work *w, loy__sem_model *model, const loy_sem_options *options,
                             loy__sem_search *out)
{
	size_t q = model->free_count, size = (3 * q + q * q + 1) * sizeof(double);
	struct search s = {0};
	double *block = loy__alloc_zero(&w->memory, size);
	loy_status status = LOY_OK;

	memset(out, 0, sizeof(*out));
	if (block == NULL)
		return LOY_ENOMEM;
	s.w = w;
	s.model = model;
	s.q = q;
	s.theta = block;
	s.trial = block + q;
	s.step = block + 2 * q;
	s.factor = block + 3 * q;
	if (!start(&s))
		status = LOY_ERANGE;
	if (status == LOY_OK) {
		read_theta(model, s.theta);
		status = descend(&s, options, out);
	}
	if (status == LOY_OK)
		judge(&s, out);
	loy__free(&w->memory, block, size);
	return status;
}
