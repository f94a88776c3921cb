/*
 * One search for the parameters of a form: where it starts, guessed from means of the data, and how it is told that
 * it has gone to where only a limit of the family has a maximum.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

#define CONCENTRATION 500.0 /* r, a + b, …: beyond, a limit is tried */
#define RARE          1e-4

/* ---- where to start ---------------------------------------------------------------------------------------- */

struct means {
	double x, t_x, T, spend, weight;
};

static void find_means(struct means *m, const loy__problem *problem)
{
	size_t i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < problem->count; i++) {
		const loy__fit_row *row = &problem->rows[i];

		m->weight += row->weight;
		m->x += row->weight * row->x;
		m->t_x += row->weight * row->t_x;
		m->T += row->weight * row->T;
		m->spend += row->weight * row->spend;
	}
	m->x /= m->weight;
	m->t_x /= m->weight;
	m->T /= m->weight;
	m->spend /= m->weight;
}

/* In the four slots of a form whose rate and drop are mixed. */
static void guess(double p[4], const loy__problem *problem, const struct means *m)
{
	double rate = 1.5 * m->x / (m->T > 0.0 ? m->T : 1.0);

	switch (problem->form.family) {
	case LOY_LIFETIME_GAMMA_GAMMA:
		p[0] = 4.0;
		p[1] = 4.0;
		p[2] = m->spend * (p[1] - 1.0) / p[0];
		break;
	case LOY_LIFETIME_BG_BB:
		p[0] = 1.0;
		p[1] = m->t_x > m->x ? (m->t_x - m->x) / m->x + 0.2 : 0.5;
		p[2] = 0.7;
		p[3] = 0.7 * (m->T + 1.0);
		break;
	case LOY_LIFETIME_SBG:
	case LOY_LIFETIME_BDW:
		p[0] = 1.0;
		p[2] = 1.0;
		p[3] = m->x > 0.0 ? m->T / m->x : m->T + 1.0;
		break;
	case LOY_LIFETIME_PARETO_NBD:
		p[0] = 1.0;
		p[1] = 1.0 / rate;
		p[2] = 0.7;
		p[3] = 0.6 * m->T;
		break;
	default:
		p[0] = 0.8;
		p[1] = p[0] / (rate * problem->form.k);
		p[2] = 0.8;
		p[3] = p[2] * (1.5 + m->x);
		break;
	}
}

/* The same in the slots of a limit. */
static void guess_form(double p[4], const loy__problem *problem, const struct means *m)
{
	const loy__form *form = &problem->form;

	guess(p, problem, m);
	if (form->family == LOY_LIFETIME_GAMMA_GAMMA) {
		if (form->rate == LOY__SAME)
			p[2] *= p[0];
		else if (form->drop == LOY__SAME)
			p[2] = p[1] / p[2];
		return;
	}
	if (form->rate != LOY__MIXED)
		p[0] = form->family == LOY_LIFETIME_BG_BB ? p[0] / (p[0] + p[1]) : p[0] / p[1];
	if (form->drop == LOY__SAME)
		p[2] = form->family == LOY_LIFETIME_PARETO_NBD ? p[2] / p[3] : p[2] / (p[2] + p[3]);
	else if (form->drop == LOY__SPLIT)
		p[2] = 0.3;
}

/* ---- one search -------------------------------------------------------------------------------------------- */

/* Has the search gone where a limit may be the answer? */
static int astray(void *context, const double *theta)
{
	const loy__problem *problem = context;
	const loy__layout *layout = &problem->layout;
	const loy__form *form = &problem->form;
	double values[LOY_LIFETIME_PARAMETERS_MAX], p[4] = {0.0, 0.0, 0.0, 0.0},
	                                            at = problem->mean_T > 0.0 ? problem->mean_T : 1.0;
	uint32_t i;

	loy__from_free(layout, theta, values);
	for (i = 0; i < layout->base; i++)
		p[layout->slot[i]] = values[i];
	if (form->family == LOY_LIFETIME_GAMMA_GAMMA)
		return p[0] > CONCENTRATION || p[1] > CONCENTRATION || fabs(theta[layout->base - 1]) > 60.0;
	if (form->rate == LOY__MIXED && layout->slot[0] == 0 &&
	    (form->family == LOY_LIFETIME_BG_BB ? p[0] + p[1] : p[0]) > CONCENTRATION)
		return 1;
	if (form->rate == LOY__MIXED && form->family == LOY_LIFETIME_BG_BB && p[0] + p[1] < 0.01)
		return 1;
	if (form->rate == LOY__SAME && form->family != LOY_LIFETIME_BG_BB && p[0] * at < 1e-9)
		return 1;
	if (form->drop == LOY__MIXED) {
		if (form->family == LOY_LIFETIME_PARETO_NBD)
			return p[2] > CONCENTRATION || p[2] * at < RARE * (p[3] + at) || p[3] < RARE * at;
		return p[2] + p[3] > CONCENTRATION || p[2] < RARE * (p[2] + p[3]) || p[2] + p[3] < 0.01 ||
		       p[3] < RARE * p[2];
	}
	if (form->drop == LOY__SAME || form->drop == LOY__SPLIT)
		return form->family == LOY_LIFETIME_PARETO_NBD && form->drop == LOY__SAME
		               ? p[2] * at < 1e-9
		               : p[2] < 1e-9 || 1.0 - p[2] < 1e-9;
	return 0;
}

loy_status loy__fit_search(loy__fit_work *work, int stop, loy__found *out)
{
	loy__ascent *s = &work->search;
	loy_status status;

	s->stray = stop ? astray : NULL;
	s->n = work->problem.layout.n;
	s->theta = work->theta;
	status = loy__maximise(s);
	work->evaluations += s->evaluations;
	out->form = work->problem.form;
	out->n = (uint32_t)s->n;
	out->end = s->end;
	out->iterations = s->iterations;
	out->value = s->value;
	memcpy(out->theta, work->theta, s->n * sizeof(double));
	if (status == LOY_ERANGE) { /* a start that the model excludes: nothing found */
		out->end = LOY__SPENT;
		out->value = (double)-INFINITY;
		return LOY_OK;
	}
	return status;
}

void loy__fit_set_form(loy__fit_work *work, const loy__form *form)
{
	work->problem.form = *form;
	loy__form_layout(&work->problem.layout, form);
}

void loy__fit_guess(const loy__fit_work *work, double p[4])
{
	struct means m;

	find_means(&m, &work->problem);
	guess_form(p, &work->problem, &m);
}

void loy__fit_guess_start(loy__fit_work *work)
{
	const loy__layout *layout = &work->problem.layout;
	double p[4] = {1.0, 1.0, 1.0, 1.0}, values[LOY_LIFETIME_PARAMETERS_MAX];
	uint32_t i;

	loy__fit_guess(work, p);
	memset(values, 0, sizeof(values));
	for (i = 0; i < layout->base; i++)
		values[i] = p[layout->slot[i]];
	loy__to_free(layout, values, work->theta);
}
