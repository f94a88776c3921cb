/*
 * Quality of measurement and structure: reliability, variance extracted, HTMT, inflation of variance, fit. What each
 * number means is in the public header; sums over pairs of a symmetric matrix run over its lower triangle.
 */
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

/* Least pivot of a block, of its variance: below it an indicator depends on the others. */
#define PIVOT 1e-10

/* Mean correlations between the indicators of two constructs, or of different ones of one; 1 of a single one. */
static double mean_correlation(const loy__pls_model *m, const double *r, uint32_t c, uint32_t d, int absolute)
{
	const loy__pls_construct *first = &m->construct[c], *second = &m->construct[d];
	size_t p = m->indicators, i, j, pairs = 0;
	double sum = 0.0;

	if (c == d && first->count == 1)
		return 1.0;
	for (i = first->first; i < (size_t)first->first + first->count; i++) {
		for (j = second->first; j < (size_t)second->first + second->count; j++) {
			if (c == d && j >= i)
				break;
			sum += absolute ? fabs(r[i * p + j]) : r[i * p + j];
			pairs++;
		}
	}
	return sum / (double)pairs;
}

static void fill_htmt(const loy__pls_model *m, const double *r, int absolute, double *out)
{
	size_t q = m->constructs;
	uint32_t c, d;

	for (c = 0; c < m->constructs; c++)
		out[c * q + c] = mean_correlation(m, r, c, c, absolute);
	for (c = 0; c < m->constructs; c++) {
		for (d = 0; d < c; d++) {
			double both = out[c * q + c] * out[d * q + d];
			double between = mean_correlation(m, r, c, d, absolute);

			out[c * q + d] = out[d * q + c] =
			        both > 0.0 ? fabs(between) / sqrt(both) : (double)NAN;
		}
	}
	for (c = 0; c < m->constructs; c++)
		out[c * q + c] = 1.0;
}

void loy__pls_htmt(const loy__pls_model *m, const double *r, double *absolute, double *by_sign)
{
	if (absolute != NULL)
		fill_htmt(m, r, 1, absolute);
	if (by_sign != NULL)
		fill_htmt(m, r, 0, by_sign);
}

/* k / (k - 1) (1 - sum of variances / variance of the sum), by correlations or, where all are items, covariances. */
static double alpha_of(const loy_pls *pls, const loy__pls_construct *construct, int raw)
{
	const loy__pls_model *m = pls->model;
	const double *deviation = pls->shared->deviation;
	size_t p = m->indicators, first = construct->first, k = construct->count, i, j;
	double variances = 0.0, whole = 0.0;

	for (i = first; i < first + k; i++) {
		double s = 1.0;

		if (raw && m->column[i] >= pls->shared->plan.items)
			return (double)NAN;
		if (raw)
			s = deviation[m->column[i]];
		variances += s * s;
		for (j = first; j < i; j++)
			whole +=
			        2.0 * s * (raw ? deviation[m->column[j]] : 1.0) * pls->estimate->r[i * p + j];
	}
	if (k == 1)
		return 1.0;
	whole += variances;
	return (double)k / (double)(k - 1) * (1.0 - variances / whole);
}

/* rho_C, average variance extracted, mean communality. */
static void reliability(loy_pls *pls, uint32_t c)
{
	const loy__pls_construct *construct = &pls->model->construct[c];
	const loy__pls_estimate *e = pls->estimate;
	const double *cross = e->cross + (size_t)c * pls->model->indicators;
	double sum = 0.0, squares = 0.0, communality = 0.0, k = (double)construct->count;
	uint32_t i;

	for (i = construct->first; i < construct->first + construct->count; i++) {
		sum += e->loading[i];
		squares += e->loading[i] * e->loading[i];
		communality += cross[i] * cross[i];
	}
	pls->quality.rho_c[c] = sum * sum / (sum * sum + k - squares);
	pls->quality.ave[c] = squares / k;
	pls->quality.communality[c] = communality / k;
}

/* Eigenvalues of a block and what follows; the inverse of its correlations has inflation on its diagonal. */
static void look_at_block(loy_pls *pls, uint32_t c, double *work)
{
	const loy__pls_construct *construct = &pls->model->construct[c];
	size_t p = pls->model->indicators, first = construct->first, k = construct->count, i;
	double *block = work, *vectors = work + k * k, *values = vectors + k * k, sum = 0.0, largest;
	loy__pls_quality *quality = &pls->quality;

	quality->eigen1[c] = quality->rho_pca[c] = quality->indicator_vif[first] = 1.0;
	quality->eigen2[c] = 0.0;
	if (construct->mode == LOY_PLS_MODE_B)
		quality->rho_pca[c] = (double)NAN;
	if (k == 1)
		return;
	for (i = 0; i < k; i++)
		memcpy(block + i * k, pls->estimate->r + (first + i) * p + first, k * sizeof(*block));
	memcpy(vectors, block, k * k * sizeof(*block));
	if (loy__cholesky(vectors, k, PIVOT, NULL) == LOY_OK) {
		loy__cholesky_inverse(vectors, k);
		for (i = 0; i < k; i++)
			quality->indicator_vif[first + i] = vectors[i * k + i];
	} else {
		for (i = 0; i < k; i++)
			quality->indicator_vif[first + i] = (double)INFINITY;
	}
	/* correlations are finite: the eigenvalues always come */
	(void)loy__symmetric_eigen(block, k, values, vectors);
	largest = values[k - 1];
	quality->eigen1[c] = largest;
	quality->eigen2[c] = values[k - 2];
	for (i = 0; i < k; i++)
		sum += vectors[(k - 1) * k + i];
	sum = largest * sum * sum; /* squared sum of the correlations with the first component */
	if (construct->mode != LOY_PLS_MODE_B)
		quality->rho_pca[c] = sum / (sum + (double)k - largest);
}

/* Mean communality of the indicators of blocks of several times mean R², and its root. */
static double goodness(const loy_pls *pls)
{
	double communality = 0.0, indicators = 0.0, r2 = 0.0, outcomes = 0.0;
	uint32_t c;

	for (c = 0; c < pls->model->constructs; c++) {
		const loy__pls_construct *construct = &pls->model->construct[c];

		if (construct->count > 1) {
			communality += pls->quality.communality[c] * (double)construct->count;
			indicators += (double)construct->count;
		}
		if (construct->path_count != 0) {
			r2 += pls->estimate->r2[c];
			outcomes += 1.0;
		}
	}
	if (!(indicators > 0.0) || !(outcomes > 0.0) || !(r2 >= 0.0))
		return (double)NAN;
	return sqrt(communality / indicators * (r2 / outcomes));
}

/*
 * Correlations of constructs that the paths imply: what nothing leads to correlates freely, disturbances are apart. In
 * causal order each column follows from those of its predictors.
 */
static void imply(const loy__pls_model *m, const loy__pls_estimate *e, double *implied)
{
	size_t q = m->constructs, at, before, k;

	for (at = 0; at < q; at++) {
		size_t c = m->order[at];
		const loy__pls_construct *construct = &m->construct[c];

		implied[c * q + c] = 1.0;
		for (before = 0; before < at; before++) {
			size_t d = m->order[before];
			double sum = 0.0;

			for (k = construct->path; k < (size_t)construct->path + construct->path_count; k++)
				sum += e->path[k] * implied[m->path[k].from * q + d];
			if (construct->path_count == 0)
				sum = e->latent[c * q + d];
			implied[c * q + d] = implied[d * q + c] = sum;
		}
	}
}

/* Root mean square of what correlations of indicators differ by from those implied by these of constructs. */
static double residual(const loy__pls_model *m, const loy__pls_estimate *e, const double *constructs)
{
	size_t p = m->indicators, q = m->constructs, i, j;
	double squares = 0.0;
	uint32_t c, d;

	for (c = 0; c < m->constructs; c++) {
		const loy__pls_construct *first = &m->construct[c];

		for (d = 0; d <= c; d++) {
			const loy__pls_construct *second = &m->construct[d];

			if (c == d && !first->corrected)
				continue; /* a composite takes its indicators as they are */
			for (i = first->first; i < (size_t)first->first + first->count; i++) {
				for (j = second->first; j < (size_t)second->first + second->count; j++) {
					double gap = e->r[i * p + j] -
					             e->loading[i] * e->loading[j] * constructs[c * q + d];

					squares += c != d || j < i ? gap * gap : 0.0;
				}
			}
		}
	}
	return sqrt(squares / (0.5 * (double)p * (double)(p + 1)));
}

/* Least eigenvalue and condition number of a symmetric matrix; NaN when it has none. */
static double least_eigenvalue(const double *from, size_t stride, size_t n, double *work, double *condition)
{
	double *values = work + n * n;
	size_t i;

	for (i = 0; i < n; i++)
		memcpy(work + i * n, from + i * stride, n * sizeof(*work));
	if (loy__symmetric_values(work, n, values, values + n) != LOY_OK) {
		*condition = (double)NAN;
		return (double)NAN;
	}
	*condition = loy__condition_number(values, n);
	return values[0];
}

/* A score as a sum over items: scores of earlier stages are such sums themselves. */
static void spread_over_items(loy_pls *pls, uint32_t c, double *out)
{
	const loy__pls_shared *s = pls->shared;
	const loy__pls_construct *construct = &pls->model->construct[c];
	uint32_t i, k;

	memset(out, 0, s->plan.items * sizeof(*out));
	for (i = construct->first; i < construct->first + construct->count; i++) {
		const loy__pls_column *column = &s->plan.column[pls->model->column[i]];
		double w = pls->estimate->weight[i];

		if (column->kind == LOY__PLS_ITEM) {
			out[pls->model->column[i]] += w;
		} else if (column->kind == LOY__PLS_SCORE) { /* of a construct made of items */
			const loy__pls_model *m = &s->plan.model[column->left];
			const loy__pls_construct *part = &m->construct[column->right];

			for (k = part->first; k < part->first + part->count; k++)
				out[m->column[k]] += w * s->run.stage[column->left].weight[k];
		}
	}
	for (i = 0; construct->product && i < s->plan.items; i++)
		out[i] = (double)NAN;
}

static double *take(double **room, size_t count)
{
	double *piece = *room;

	*room += count;
	return piece;
}

static loy_status make_room(loy_pls *pls)
{
	size_t p = pls->model->indicators, q = pls->model->constructs;
	loy__pls_quality *quality = &pls->quality;
	double *room;

	pls->quality_size = (8 * q + p + 3 * q * q + q * pls->shared->plan.items) * sizeof(*room);
	room = loy__alloc(&pls->shared->memory, pls->quality_size);
	pls->quality_room = room;
	if (room == NULL)
		return LOY_ENOMEM;
	quality->alpha = take(&room, q);
	quality->alpha_standardised = take(&room, q);
	quality->rho_c = take(&room, q);
	quality->ave = take(&room, q);
	quality->rho_pca = take(&room, q);
	quality->eigen1 = take(&room, q);
	quality->eigen2 = take(&room, q);
	quality->communality = take(&room, q);
	quality->indicator_vif = take(&room, p);
	quality->htmt = take(&room, q * q);
	quality->htmt_signed = take(&room, q * q);
	quality->total = take(&room, q * q);
	quality->item_weight = take(&room, q * pls->shared->plan.items);
	return LOY_OK;
}

loy_status loy__pls_judge(loy_pls *pls)
{
	const loy__pls_model *m = pls->model;
	const loy__pls_plan *plan = &pls->shared->plan;
	size_t n = m->indicators > plan->items ? m->indicators : plan->items, bytes;
	loy__pls_quality *quality = &pls->quality;
	double *work;
	uint32_t c;

	n = n > m->constructs ? n : m->constructs;
	bytes = (2 * n * n + 2 * n) * sizeof(*work);
	if (make_room(pls) != LOY_OK)
		return LOY_ENOMEM;
	work = loy__alloc(&pls->shared->memory, bytes);
	if (work == NULL)
		return LOY_ENOMEM;
	for (c = 0; c < m->constructs; c++) {
		quality->alpha[c] = alpha_of(pls, &m->construct[c], 1);
		quality->alpha_standardised[c] = alpha_of(pls, &m->construct[c], 0);
		reliability(pls, c);
		look_at_block(pls, c, work);
		spread_over_items(pls, c, quality->item_weight + (size_t)c * plan->items);
	}
	loy__pls_htmt(m, pls->estimate->r, quality->htmt, quality->htmt_signed);
	loy__pls_effects(m, pls->estimate->path, quality->total);
	quality->gof = goodness(pls);
	quality->srmr_saturated = residual(m, pls->estimate, pls->estimate->latent);
	imply(m, pls->estimate, work);
	quality->srmr = residual(m, pls->estimate, work);
	quality->item_least =
	        least_eigenvalue(pls->shared->run.x, plan->extent, plan->items, work, &quality->condition);
	quality->latent_least = least_eigenvalue(pls->estimate->latent, m->constructs, m->constructs, work,
	                                         &quality->latent_condition);
	loy__free(&pls->shared->memory, work, bytes);
	return LOY_OK;
}
