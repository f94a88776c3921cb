/*
 * Weights of partial least squares from a correlation matrix alone. Method: all weights 1; then, until they stay,
 * inner weights from the correlations of scores, and outer weights from the correlations of indicators with the
 * inner proxies, of all constructs at once (Lohmoeller 1989, chapter 2; Tenenhaus et al. 2005, section 2). With R the
 * correlations and w the weights, scores never appear: cov(indicator, score) = R w, cov(scores) = w' R w. One round
 * costs indicators² multiplications. Sums run in index order: same bits everywhere.
 */
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

/* Least variance of a score, of what it were if all its indicators were the same: below it is rounding. */
#define NOTHING 1e-14
/* Least pivot of mode B, of the diagonal: what the indicators before it leave unexplained. */
#define PIVOT 1e-10

/* Correlations of one score with all indicators, and its weights scaled to variance 1; 0 when it has none. */
static int project(const loy__pls_model *m, loy__pls_estimate *e, uint32_t c)
{
	const loy__pls_construct *construct = &m->construct[c];
	size_t p = m->indicators, first = construct->first, end = first + construct->count, i, j;
	double *cross = e->cross + c * p, variance = 0.0, size = 0.0, scale;

	memset(cross, 0, p * sizeof(*cross));
	for (i = first; i < end; i++) {
		const double *row = e->r + i * p;
		double w = e->weight[i];

		size += fabs(w);
		for (j = 0; j < p; j++)
			cross[j] += w * row[j];
	}
	for (i = first; i < end; i++)
		variance += e->weight[i] * cross[i];
	if (!(variance > NOTHING * size * size) || !(variance <= DBL_MAX)) /* refuses NaN as well */
		return 0;
	scale = 1.0 / sqrt(variance);
	for (i = first; i < end; i++)
		e->weight[i] *= scale;
	for (j = 0; j < p; j++)
		cross[j] *= scale;
	return 1;
}

static loy_status project_all(const loy__pls_model *m, loy__pls_estimate *e)
{
	size_t p = m->indicators, q = m->constructs;
	uint32_t c, d, i;

	for (c = 0; c < m->constructs; c++) {
		const loy__pls_construct *construct = &m->construct[c];

		if (!project(m, e, c))
			return loy__pls_blame(e, LOY__PLS_NO_VARIANCE, c);
		for (d = 0; d < c; d++) {
			double sum = 0.0;

			for (i = construct->first; i < construct->first + construct->count; i++)
				sum += e->weight[i] * e->cross[d * p + i];
			e->score[c * q + d] = e->score[d * q + c] = sum;
		}
		e->score[c * q + c] = 1.0;
	}
	return LOY_OK;
}

/* Inner weights of all constructs by one of the three schemes: row c of `inner` says how others weigh in c. */
static loy_status weigh_neighbours(const loy__pls_model *m, loy__pls_estimate *e)
{
	size_t q = m->constructs;
	uint32_t c, d, k;

	for (c = 0; c < m->constructs; c++) {
		const loy__pls_construct *construct = &m->construct[c];

		for (d = 0; d < m->constructs; d++) {
			double r = e->score[c * q + d];

			if (m->link[c * q + d] == LOY__PLS_APART)
				e->inner[c * q + d] = 0.0;
			else if (m->scheme == LOY_PLS_CENTROID)
				e->inner[c * q + d] = (double)((r > 0.0) - (r < 0.0));
			else
				e->inner[c * q + d] = r;
		}
		if (m->scheme != LOY_PLS_PATH || construct->path_count == 0)
			continue;
		if (!loy__pls_regress(m, e->score, c, 0, e->work, e->path + construct->path, NULL))
			return loy__pls_blame(e, LOY__PLS_PREDICTORS_COLLINEAR, c);
		for (k = construct->path; k < construct->path + construct->path_count; k++)
			e->inner[c * q + m->path[k].from] = e->path[k];
	}
	return LOY_OK;
}

/* Next weights, not scaled: correlations with the inner proxy, in mode B regressed on the block. */
static void weigh_block(const loy__pls_model *m, loy__pls_estimate *e, uint32_t c)
{
	const loy__pls_construct *construct = &m->construct[c];
	size_t p = m->indicators, q = m->constructs, first = construct->first, count = construct->count;
	double *next = e->next + first;
	size_t d, i;

	if (construct->mode == LOY_PLS_MODE_UNIT || count == 1) {
		memcpy(next, e->weight + first, count * sizeof(*next));
		return;
	}
	memset(next, 0, count * sizeof(*next));
	for (d = 0; d < q; d++) {
		const double *cross = e->cross + d * p + first;
		double inner = e->inner[c * q + d];

		for (i = 0; inner != 0.0 && i < count; i++)
			next[i] += inner * cross[i];
	}
	if (construct->mode == LOY_PLS_MODE_B)
		loy__cholesky_solve(e->factor + construct->factor, count, next);
}

/* Factors of the blocks of mode B: they stay the same in all rounds. */
static loy_status factor_blocks(const loy__pls_model *m, loy__pls_estimate *e)
{
	size_t p = m->indicators, i;
	uint32_t c;

	for (c = 0; c < m->constructs; c++) {
		const loy__pls_construct *construct = &m->construct[c];
		double *factor = e->factor + construct->factor;

		if (construct->mode != LOY_PLS_MODE_B || construct->count == 1)
			continue;
		for (i = 0; i < construct->count; i++)
			memcpy(factor + i * construct->count,
			       e->r + (construct->first + i) * p + construct->first,
			       construct->count * sizeof(*factor));
		if (loy__cholesky(factor, construct->count, PIVOT, NULL) != LOY_OK)
			return loy__pls_blame(e, LOY__PLS_BLOCK_COLLINEAR, c);
	}
	return LOY_OK;
}

static loy_status iterate(const loy__pls_model *m, loy__pls_estimate *e)
{
	loy_status status = weigh_neighbours(m, e);
	uint32_t c, i;

	if (status != LOY_OK)
		return status;
	for (c = 0; c < m->constructs; c++)
		weigh_block(m, e, c);
	for (i = 0; i < m->indicators; i++) {
		double kept = e->weight[i];

		e->weight[i] = e->next[i];
		e->next[i] = kept;
	}
	status = project_all(m, e);
	e->change = 0.0;
	for (i = 0; i < m->indicators; i++)
		e->change += fabs(e->weight[i] - e->next[i]);
	return status;
}

/* 1 when the rule wants the other direction of a construct. */
static int is_reversed(const loy__pls_model *m, const loy__pls_estimate *e, uint32_t c)
{
	const loy__pls_construct *construct = &m->construct[c];
	const double *loading = e->cross + (size_t)c * m->indicators + construct->first;
	double sum = 0.0, dominant = 0.0;
	int64_t balance = 0;
	uint32_t i;

	for (i = 0; i < construct->count; i++) {
		sum += loading[i];
		balance += (loading[i] > 0.0) - (loading[i] < 0.0);
		/* a rounding error must not decide between indicators that are the same but for their sign */
		if (fabs(loading[i]) > fabs(dominant) * (1.0 + 1e-12))
			dominant = loading[i];
	}
	if (m->sign == LOY_PLS_SIGN_DOMINANT)
		return dominant < 0.0;
	if (m->sign == LOY_PLS_SIGN_MAJORITY)
		return balance < 0 || (balance == 0 && sum < 0.0);
	return 0;
}

/* Reverse one construct wherever it appears. */
static void reverse(const loy__pls_model *m, loy__pls_estimate *e, uint32_t c)
{
	const loy__pls_construct *construct = &m->construct[c];
	size_t p = m->indicators, q = m->constructs, i;

	for (i = construct->first; i < (size_t)construct->first + construct->count; i++)
		e->weight[i] = -e->weight[i];
	for (i = 0; i < p; i++)
		e->cross[c * p + i] = -e->cross[c * p + i];
	for (i = 0; i < q; i++) {
		if (i != c) {
			e->score[c * q + i] = -e->score[c * q + i];
			e->score[i * q + c] = -e->score[i * q + c];
		}
	}
}

loy_status loy__pls_weigh(const loy__pls_model *m, loy__pls_estimate *e)
{
	loy_status status = factor_blocks(m, e);
	uint32_t c, i;

	e->iterations = e->converged = 0;
	e->change = 0.0;
	for (i = 0; i < m->indicators; i++)
		e->weight[i] = 1.0;
	if (status == LOY_OK)
		status = project_all(m, e);
	while (status == LOY_OK && !e->converged && e->iterations < m->iterations) {
		status = iterate(m, e);
		e->iterations++;
		e->converged = e->change < m->tolerance;
	}
	for (c = 0; status == LOY_OK && m->sign != LOY_PLS_SIGN_START && c < m->constructs; c++) {
		if (is_reversed(m, e, c))
			reverse(m, e, c);
	}
	return status;
}
