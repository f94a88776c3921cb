/* What is resampled: everything an estimate tells that has a standard error. */
#include "calibrate/bootstrap.h"

#include <math.h>
#include <string.h>

/* ---- the list ---- */

struct lister {
	loy__quantity *list;
	size_t count;
};

static void note(struct lister *l, uint32_t what, uint32_t first, uint32_t second, double estimate)
{
	if (isnan(estimate))
		return;
	if (l->list != NULL) {
		loy__quantity *q = &l->list[l->count];

		q->what = what;
		q->first = first;
		q->second = second;
		q->estimate = estimate;
	}
	l->count++;
}

static double direct(const loy__pls_model *m, const loy__pls_estimate *e, uint32_t from, uint32_t to)
{
	const loy__pls_construct *c = &m->construct[to];
	uint32_t i;

	for (i = c->path; i < c->path + c->path_count; i++)
		if (m->path[i].from == from)
			return e->path[i];
	return 0.0;
}

/* Whether there is a chain of two paths or more; effects may add up to 0 by chance, chains do not. */
static int has_chain(const loy_pls *pls, uint32_t from, uint32_t to)
{
	const loy__pls_model *m = pls->model;
	uint32_t i;

	for (i = 0; i < m->construct[to].path_count; i++) {
		uint32_t between = m->path[m->construct[to].path + i].from;

		if (between != from && pls->quality.total[(size_t)from * m->constructs + between] != 0.0)
			return 1;
	}
	return 0;
}

static void list_effects(const loy_pls *pls, struct lister *l)
{
	const loy__pls_model *m = pls->model;
	size_t q = m->constructs;
	uint32_t a, b, i;

	for (a = 0; a < q; a++)
		for (b = 0; b < q; b++)
			if (pls->quality.total[a * q + b] != 0.0)
				note(l, LOY_BOOTSTRAP_TOTAL, a, b, pls->quality.total[a * q + b]);
	for (a = 0; a < q; a++)
		for (b = 0; b < q; b++)
			if (a != b && has_chain(pls, a, b))
				note(l, LOY_BOOTSTRAP_INDIRECT, a, b,
				     pls->quality.total[a * q + b] - direct(m, pls->estimate, a, b));
	for (i = 0; i < pls->chains.count; i++) {
		loy_pls_chain chain = {0};

		chain.struct_size = sizeof(chain);
		if (loy_pls_get_chain(pls, i, &chain) == LOY_OK)
			note(l, LOY_BOOTSTRAP_CHAIN, i, 0, chain.value);
	}
}

static void list_indices(const loy_pls *pls, const loy_pls_scale *scales, struct lister *l)
{
	uint32_t c;

	for (c = 0; c < pls->model->constructs && scales != NULL; c++) {
		loy_pls_index index = {0};

		index.struct_size = sizeof(index);
		if (loy_pls_get_index(pls, c, scales, &index, NULL) == LOY_OK)
			note(l, LOY_BOOTSTRAP_INDEX, c, 0, index.mean);
	}
}

size_t loy__quantities(const loy_pls *pls, const loy_pls_scale *scales, loy__quantity *list)
{
	const loy__pls_model *m = pls->model;
	const loy__pls_estimate *e = pls->estimate;
	struct lister l;
	uint32_t c, i, k;

	l.list = list;
	l.count = 0;
	for (i = 0; i < m->paths; i++)
		note(&l, LOY_BOOTSTRAP_PATH, m->path[i].from, m->path[i].to, e->path[i]);
	for (k = 0; k < 2; k++)
		for (c = 0; c < m->constructs; c++)
			for (i = m->construct[c].first; i < m->construct[c].first + m->construct[c].count;
			     i++)
				note(&l, k == 0 ? LOY_BOOTSTRAP_WEIGHT : LOY_BOOTSTRAP_LOADING, i, c,
				     k == 0 ? e->weight[i] : e->loading[i]);
	for (c = 0; c < m->constructs; c++)
		if (m->construct[c].path_count > 0)
			note(&l, LOY_BOOTSTRAP_R2, c, 0, e->r2[c]);
	list_effects(pls, &l);
	for (c = 0; c < m->constructs; c++)
		for (i = 0; i < c; i++)
			note(&l, LOY_BOOTSTRAP_HTMT, c, i, pls->quality.htmt[(size_t)c * m->constructs + i]);
	list_indices(pls, scales, &l);
	return l.count;
}

/* ---- values ---- */

/* The direction of each construct, by how its loadings agree with the estimate's. */
static void orient(const loy_pls *pls, const loy__pls_estimate *e, double *signs)
{
	const loy__pls_model *m = pls->model;
	uint32_t c, i;

	for (c = 0; c < m->constructs; c++) {
		double agreement = 0.0;

		for (i = m->construct[c].first; i < m->construct[c].first + m->construct[c].count; i++)
			agreement += e->loading[i] * pls->estimate->loading[i];
		signs[c] = agreement < 0.0 ? -1.0 : 1.0;
	}
}

/* What an index adds up over items: means above the lower end, and whole scales. */
static void weigh(const loy_pls *pls, const loy__pls_trial *trial, const loy_pls_scale *scales, uint32_t item,
                  double weight, double sums[2])
{
	double s = pls->shared->deviation[item], w = weight / (s * trial->scale[item]);

	sums[0] += w * (pls->shared->mean[item] + s * trial->mean[item] - scales[item].low);
	sums[1] += w * (scales[item].high - scales[item].low);
}

/* Of constructs made of constructs, through the scores of these. */
static double index_of(const loy_pls *pls, const loy__pls_trial *trial, const loy__pls_estimate *e,
                       const loy_pls_scale *scales, uint32_t construct)
{
	const loy__pls_plan *plan = &pls->shared->plan;
	const loy__pls_construct *c = &pls->model->construct[construct];
	double sums[2] = {0.0, 0.0};
	uint32_t i, k;

	for (i = c->first; i < c->first + c->count; i++) {
		const loy__pls_column *column = &plan->column[pls->model->column[i]];

		if (column->kind == LOY__PLS_ITEM) {
			weigh(pls, trial, scales, pls->model->column[i], e->weight[i], sums);
		} else {
			const loy__pls_model *m = &plan->model[column->left];
			const loy__pls_construct *part = &m->construct[column->right];

			for (k = part->first; k < part->first + part->count; k++)
				weigh(pls, trial, scales, m->column[k],
				      e->weight[i] * trial->run.stage[column->left].weight[k], sums);
		}
	}
	return 100.0 * sums[0] / sums[1];
}

static double chain_of(const loy_pls *pls, const loy__pls_estimate *e, const double *signs, uint32_t chain)
{
	const uint32_t *link = pls->chains.links + pls->chains.start[chain];
	uint32_t length = pls->chains.start[chain + 1] - pls->chains.start[chain], i;
	double value = 1.0;

	for (i = 1; i < length; i++)
		value *= direct(pls->model, e, link[i - 1], link[i]);
	return signs == NULL ? value : value * signs[link[0]] * signs[link[length - 1]];
}

static uint32_t path_of(const loy__pls_model *m, const loy__quantity *q)
{
	uint32_t i = m->construct[q->second].path;

	while (m->path[i].from != q->first)
		i++;
	return i;
}

void loy__quantity_values(const loy_pls *pls, const loy__pls_trial *trial, const loy_pls_scale *scales,
                          const loy__quantity *list, size_t count, double *signs, double *room,
                          double *values)
{
	const loy__pls_model *m = pls->model;
	const loy__pls_estimate *e = &trial->run.stage[pls->stage];
	size_t n = m->constructs, i;
	double *total = room, *htmt = room + n * n;

	if (signs != NULL)
		orient(pls, e, signs);
	loy__pls_effects(m, e->path, total);
	loy__pls_htmt(m, e->r, htmt, NULL);
	for (i = 0; i < count; i++) {
		const loy__quantity *q = &list[i];
		double turn = signs == NULL ? 1.0 : signs[q->second];

		switch (q->what) {
		case LOY_BOOTSTRAP_PATH:
			values[i] = e->path[path_of(m, q)];
			break;
		case LOY_BOOTSTRAP_WEIGHT:
			values[i] = turn * e->weight[q->first];
			break;
		case LOY_BOOTSTRAP_LOADING:
			values[i] = turn * e->loading[q->first];
			break;
		case LOY_BOOTSTRAP_R2:
			values[i] = e->r2[q->first];
			break;
		case LOY_BOOTSTRAP_TOTAL:
			values[i] = total[q->first * n + q->second];
			break;
		case LOY_BOOTSTRAP_INDIRECT:
			values[i] = total[q->first * n + q->second] - direct(m, e, q->first, q->second);
			break;
		case LOY_BOOTSTRAP_CHAIN:
			values[i] = chain_of(pls, e, signs, q->first);
			break;
		case LOY_BOOTSTRAP_HTMT:
			values[i] = htmt[q->first * n + q->second];
			break;
		default:
			values[i] = index_of(pls, trial, e, scales, q->first);
			break;
		}
		if (signs != NULL && (q->what == LOY_BOOTSTRAP_PATH || q->what == LOY_BOOTSTRAP_TOTAL ||
		                      q->what == LOY_BOOTSTRAP_INDIRECT))
			values[i] *= signs[q->first] * turn;
	}
}
