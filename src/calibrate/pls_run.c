/*
 * Running a plan: its memory, and its stages one after another. Scores of an earlier stage are sums of columns, so
 * their correlations follow from those of the columns; only products need rows.
 */
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

/* A piece of the workspace; without one, only counted. */
static double *take(double *room, size_t *used, size_t count)
{
	double *piece = room != NULL ? room + *used : NULL;

	*used += count;
	return piece;
}

static void lay_stage(loy__pls_estimate *e, const loy__pls_model *m, double *room, size_t *used)
{
	size_t p = m->indicators, q = m->constructs;

	memset(e, 0, sizeof(*e));
	e->r = take(room, used, p * p);
	e->weight = take(room, used, p);
	e->next = take(room, used, p);
	e->loading = take(room, used, p);
	e->cross = take(room, used, p * q);
	e->score = take(room, used, q * q);
	e->latent = m->consistent ? take(room, used, q * q) : e->score;
	e->inner = take(room, used, q * q);
	e->rho_a = take(room, used, q);
	e->r2 = take(room, used, q);
	e->r2_score = take(room, used, q);
	e->path = take(room, used, m->paths);
	e->f2 = take(room, used, m->paths);
	e->vif = take(room, used, m->paths);
	e->factor = take(room, used, m->factors);
	e->work = take(room, used, LOY__PLS_REGRESS_WORK(m->predictors));
}

static size_t lay(loy__pls_run *run, const loy__pls_plan *plan, double *room)
{
	size_t n = plan->extent, used = 0;
	uint32_t stage;

	run->x = take(room, &used, n * n);
	run->product_sd = take(room, &used, plan->products != 0 ? n : 0);
	run->product_mean = take(room, &used, plan->products != 0 ? n : 0);
	run->beta = take(room, &used, plan->products != 0 ? n * n : 0);
	for (stage = 0; stage < plan->stages; stage++)
		lay_stage(&run->stage[stage], &plan->model[stage], room, &used);
	return used;
}

size_t loy__pls_room(const loy__pls_plan *plan)
{
	loy__pls_run counted;

	return lay(&counted, plan, NULL);
}

void loy__pls_lay(loy__pls_run *run, const loy__pls_plan *plan, double *room)
{
	(void)lay(run, plan, room);
}

/* Correlations of the scores a stage gives to later ones, with each other and with all columns before them. */
static void add_scores(const loy__pls_plan *plan, loy__pls_run *run, uint32_t stage)
{
	const loy__pls_model *m = &plan->model[stage];
	size_t n = plan->extent;
	uint32_t at, i, j;

	for (at = plan->items; at < plan->extent; at++) {
		const loy__pls_column *column = &plan->column[at];
		const loy__pls_construct *construct;
		double *row = run->x + at * n;

		if (column->kind != LOY__PLS_SCORE || column->left != stage)
			continue;
		construct = &m->construct[column->right];
		memset(row, 0, at * sizeof(*row));
		for (i = construct->first; i < construct->first + construct->count; i++) {
			const double *other = run->x + m->column[i] * n;
			double w = run->stage[stage].weight[i];

			for (j = 0; j < at; j++)
				row[j] += w * other[j];
		}
		for (j = 0; j < at; j++)
			run->x[j * n + at] = row[j];
		row[at] = 1.0;
	}
}

/* The stage's indicators out of all columns. */
static void gather(const loy__pls_plan *plan, loy__pls_run *run, uint32_t stage)
{
	const loy__pls_model *m = &plan->model[stage];
	double *r = run->stage[stage].r;
	size_t p = m->indicators, i, j;

	for (i = 0; i < p; i++) {
		const double *row = run->x + (size_t)m->column[i] * plan->extent;

		for (j = 0; j < p; j++)
			r[i * p + j] = row[m->column[j]];
	}
}

loy_status loy__pls_run_plan(const loy__pls_plan *plan, loy__pls_run *run, loy__pls_products products,
                             void *user, uint32_t *blamed)
{
	loy_status status = LOY_OK;
	uint32_t stage;

	for (stage = 0; status == LOY_OK && stage < plan->stages; stage++) {
		loy__pls_estimate *e = &run->stage[stage];

		if (blamed != NULL)
			*blamed = stage;
		e->blame = LOY_PLS_NONE;
		if (stage + 1 == plan->stages && plan->products != 0)
			status = products != NULL ? products(plan, run, user) : LOY_EINVAL;
		if (status != LOY_OK)
			break;
		gather(plan, run, stage);
		status = loy__pls_weigh(&plan->model[stage], e);
		if (status == LOY_OK)
			status = loy__pls_follow(&plan->model[stage], e);
		if (status == LOY_OK)
			add_scores(plan, run, stage);
	}
	return status;
}
