/*
 * The log-likelihood of all rows with first and second derivatives, as the search wants it. Rows are gone
 * through in canonical order and their terms added with what rounding took carried along (Neumaier 1974), so
 * the sum is a function of the set of rows.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

static const uint8_t pair_at[4][4] = {{LOY__H00, LOY__H01, LOY__H02, LOY__H03},
                                      {LOY__H01, LOY__H11, LOY__H12, LOY__H13},
                                      {LOY__H02, LOY__H12, LOY__H22, LOY__H23},
                                      {LOY__H03, LOY__H13, LOY__H23, LOY__H33}};

/* What rows of one x share, prepared when x changes. */
struct shared {
	int ready;
	double x;
	loy__buying_part part;
	loy__spend_part spend;
};

static void row_jet(loy__jet *out, const loy__form *form, const loy__buying *buying, struct shared *shared,
                    const loy__fit_row *row, int changed)
{
	int fresh = changed || !shared->ready || row->x != shared->x;

	shared->ready = 1;
	shared->x = row->x;
	switch (form->family) {
	case LOY_LIFETIME_GAMMA_GAMMA:
		if (fresh)
			loy__spend_part_init(&shared->spend, buying->p, form, row->x);
		loy__spend_row(out, buying->p, form, &shared->spend, row->spend);
		break;
	case LOY_LIFETIME_BG_BB:
		loy__discrete_row(out, buying, row->x, row->t_x, row->T);
		break;
	case LOY_LIFETIME_SBG:
	case LOY_LIFETIME_BDW:
		loy__contract_row(out, buying, form, row->T, row->x > 0.0);
		break;
	default:
		if (fresh)
			loy__buying_part_init(&shared->part, buying, row->x, 1);
		loy__buying_row(out, buying, &shared->part, row->t_x, row->T, 1);
		break;
	}
}

/* Sums so far. */
struct total {
	double value, carry;
	loy__jet base;
	double *gradient, *hessian; /* of the effects' rows and columns; only used with effects */
};

static void add_value(struct total *total, double v)
{
	double sum = total->value + v;

	total->carry += fabs(total->value) >= fabs(v) ? (total->value - sum) + v : (v - sum) + total->value;
	total->value = sum;
}

static void add_base(loy__jet *sum, const loy__jet *jet, double w)
{
	int i;

	for (i = 0; i < 4; i++)
		sum->g[i] += w * jet->g[i];
	for (i = 0; i < 10; i++)
		sum->h[i] += w * jet->h[i];
}

/* What one row adds to the derivatives by effects: each effect moves the slots along its way, times the covariate. */
static void add_effects(struct total *total, const loy__layout *layout, const loy__jet *jet, double w,
                        const double *z)
{
	const double *way[2] = {layout->rate_way, layout->life_way};
	double first[2] = {0.0, 0.0}, cross[2][4], second[2][2];
	uint32_t i, j, s, t, n = layout->n;

	for (s = 0; s < 2; s++) {
		for (i = 0; i < 4; i++) {
			first[s] += way[s][i] * jet->g[i];
			cross[s][i] = 0.0;
			for (j = 0; j < 4; j++)
				cross[s][i] += way[s][j] * jet->h[pair_at[i][j]];
		}
	}
	for (s = 0; s < 2; s++) {
		for (t = 0; t < 2; t++) {
			second[s][t] = 0.0;
			for (i = 0; i < 4; i++)
				second[s][t] += way[t][i] * cross[s][i];
		}
	}
	for (i = layout->base; i < n; i++) {
		double at = w * z[layout->covariate[i]];

		s = i < layout->base + layout->rates ? 0 : 1;
		total->gradient[i] += at * first[s];
		for (j = 0; j < layout->base; j++)
			total->hessian[i * n + j] += at * cross[s][layout->slot[j]];
		for (j = layout->base; j <= i; j++) {
			t = j < layout->base + layout->rates ? 0 : 1;
			total->hessian[i * n + j] += at * z[layout->covariate[j]] * second[s][t];
		}
	}
}

/* Sums in slots become sums in parameters; the penalty; the other triangle. */
static void finish(const loy__problem *problem, struct total *total, const double *theta, double *value,
                   double *gradient, double *hessian)
{
	const loy__layout *layout = &problem->layout;
	uint32_t i, j, n = layout->n;
	double penalty = 0.0;

	for (i = 0; i < layout->base; i++) {
		gradient[i] = total->base.g[layout->slot[i]];
		for (j = 0; j <= i; j++)
			hessian[i * n + j] = total->base.h[pair_at[layout->slot[i]][layout->slot[j]]];
	}
	for (i = 0; i < n; i++) {
		penalty += theta[i] * theta[i];
		gradient[i] -= problem->ridge * theta[i];
		hessian[i * n + i] -= problem->ridge;
		for (j = 0; j < i; j++)
			hessian[j * n + i] = hessian[i * n + j];
	}
	*value = total->value + total->carry - 0.5 * problem->ridge * penalty;
}

/* Parameters within what formulas take. */
static int inside(const loy__layout *layout, const double *values)
{
	uint32_t i;

	for (i = 0; i < layout->base; i++) {
		if (!(values[i] > 0.0 && values[i] < 1e100) ||
		    (layout->kind[i] == LOY__LOGIT && !(values[i] < 1.0)))
			return 0;
	}
	return 1;
}

/* All rows one by one. 0 when one of them cannot be. */
static LOY__NOINLINE int add_rows(struct total *total, const loy__problem *problem, const loy__buying *common)
{
	const loy__layout *layout = &problem->layout;
	int effects = layout->n > layout->base;
	/* Effects on rates alone leave what rows of one x share as it is, but for the log of the scale. */
	int rates_only = effects && layout->lives == 0 && loy__form_buys(&problem->form);
	loy__buying buying = *common;
	struct shared shared;
	loy__jet jet;
	size_t i;

	shared.ready = 0;
	for (i = 0; i < problem->count; i++) {
		const loy__fit_row *row = &problem->rows[i];

		if (effects) {
			loy__form_buying(&buying, &problem->form, layout, problem->scratch, row->z);
			if (rates_only && shared.ready)
				shared.part.log_alpha =
				        loy__log(buying.p[problem->form.rate == LOY__MIXED ? 1 : 0]);
		}
		row_jet(&jet, &problem->form, &buying, &shared, row, effects && !rates_only);
		if (!(jet.v > -DBL_MAX))
			return 0;
		add_value(total, row->weight * jet.v);
		add_base(&total->base, &jet, row->weight);
		if (effects)
			add_effects(total, layout, &jet, row->weight, row->z);
	}
	return 1;
}

/* ---- the fast way: no effects, gamma rates, drop-out after purchases -------------------------------------- */

/* Weighted sums over the rows of one x: of what happened (base) and of the odds of having left. */
struct group {
	double weight, late, rest, at_T, slope; /* base */
	double w, since, fall, bend;     /* odds, times the chance of having left: 1, and three slopes */
	double v, v0, v1, v00, v01, v11; /* products of slopes, times that chance and its complement */
};

static void add_group_row(struct group *g, struct total *total, const loy__buying *b,
                          const loy__buying_part *part, const loy__fit_row *row)
{
	double r = b->p[0], alpha = b->p[1], n = part->x, weight = row->weight;
	double late = loy__log1p(row->T / alpha), at_T = alpha / (alpha + row->T),
	       rest = row->T / (alpha + row->T);
	double since, at_x, fall, odds, e, w, v, g0, g1, value = -r * late - n * (part->log_alpha + late);

	g->weight += weight;
	g->late += weight * late;
	g->rest += weight * rest;
	g->at_T += weight * at_T;
	g->slope += weight * at_T * rest;
	if (part->can_leave) {
		since = row->t_x > 0.0 ? loy__log1p((row->T - row->t_x) / (alpha + row->t_x)) : late;
		at_x = alpha / (alpha + row->t_x);
		fall = -at_T *
		       ((row->T - row->t_x) / (alpha + row->t_x)); /* at_T - at_x, however large alpha */
		odds = part->odds.v + (r + n) * since;
		e = loy__exp(-fabs(odds));
		value += (odds > 0.0 ? odds : 0.0) + loy__log1p(e);
		w = weight * (odds > 0.0 ? 1.0 : e) / (1.0 + e);
		v = w * (odds > 0.0 ? e : 1.0) / (1.0 + e);
		g0 = r * since;
		g1 = (r + n) * fall;
		g->w += w;
		g->since += w * g0;
		g->fall += w * fall;
		g->bend += w * (at_T * rest - at_x * (row->t_x / (alpha + row->t_x)));
		g->v += v;
		g->v0 += v * g0;
		g->v1 += v * g1;
		g->v00 += v * g0 * g0;
		g->v01 += v * g0 * g1;
		g->v11 += v * g1 * g1;
	}
	add_value(total, weight * value);
}

/* The sums of one x become derivatives. */
static void close_group(struct group *g, struct total *total, const loy__buying *b,
                        const loy__buying_part *part)
{
	loy__jet *sum = &total->base;
	const double *o = part->odds.g, *oh = part->odds.h;
	double r = b->p[0], n = part->x;

	add_value(total, g->weight * part->stay.v);
	add_base(sum, &part->stay, g->weight);
	sum->g[0] += g->since - r * g->late;
	sum->g[1] += r * g->rest - n * g->at_T + (r + n) * g->fall;
	sum->g[2] += g->w * o[2];
	sum->g[3] += g->w * o[3];
	sum->h[LOY__H00] += g->since - r * g->late + g->v00;
	sum->h[LOY__H01] += r * (g->rest + g->fall) + g->v01;
	sum->h[LOY__H02] += g->v0 * o[2];
	sum->h[LOY__H03] += g->v0 * o[3];
	sum->h[LOY__H11] += (r + n) * (g->bend - g->slope) + g->v11;
	sum->h[LOY__H12] += g->v1 * o[2];
	sum->h[LOY__H13] += g->v1 * o[3];
	sum->h[LOY__H22] += g->w * oh[LOY__H22] + g->v * o[2] * o[2];
	sum->h[LOY__H23] += g->w * oh[LOY__H23] + g->v * o[2] * o[3];
	sum->h[LOY__H33] += g->w * oh[LOY__H33] + g->v * o[3] * o[3];
	memset(g, 0, sizeof(*g));
}

static LOY__NOINLINE void add_groups(struct total *total, const loy__problem *problem,
                                     const loy__buying *buying)
{
	loy__buying_part part;
	struct group group;
	size_t i;

	memset(&group, 0, sizeof(group));
	for (i = 0; i < problem->count; i++) {
		const loy__fit_row *row = &problem->rows[i];

		if (i == 0 || row->x != part.x) {
			if (i > 0)
				close_group(&group, total, buying, &part);
			loy__buying_part_init(&part, buying, row->x, 1);
		}
		add_group_row(&group, total, buying, &part, row);
	}
	if (problem->count > 0)
		close_group(&group, total, buying, &part);
}

loy_status loy__likelihood(void *context, const double *theta, double *value, double *gradient,
                           double *hessian)
{
	loy__problem *problem = context;
	const loy__layout *layout = &problem->layout;
	loy__buying buying;
	struct total total;

	memset(&total, 0, sizeof(total));
	memset(gradient, 0, layout->n * sizeof(double));
	memset(hessian, 0, (size_t)layout->n * layout->n * sizeof(double));
	total.gradient = gradient;
	total.hessian = hessian;
	loy__from_free(layout, theta, problem->scratch);
	*value = (double)-INFINITY;
	if (!inside(layout, problem->scratch))
		return LOY_OK;
	loy__form_buying(&buying, &problem->form, layout, problem->scratch, NULL);
	if (loy__form_buys(&problem->form) && layout->n == layout->base && buying.leave != LOY__LEAVE_TIME &&
	    buying.k == 1 && buying.rate == LOY__MIXED)
		add_groups(&total, problem, &buying);
	else if (!add_rows(&total, problem, &buying))
		return LOY_OK;
	finish(problem, &total, theta, value, gradient, hessian);
	problem->value = total.value + total.carry;
	return LOY_OK;
}
