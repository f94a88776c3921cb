/*
 * Prediction out of sample: the model estimated once for each fold without it, by the same means as the
 * bootstrap; then every endogenous item of those left out, in standard deviations of the whole sample, which
 * are turned back at the end.
 */
#include "calibrate/bootstrap.h"

#include <loyalty/predict.h>

#include <math.h>
#include <string.h>

struct predicting {
	const loy_pls *pls;
	const loy__pls_model *model;
	const loy__pls_estimate *e; /* of the respondents left in */
	loy__pls_rows rows;
	loy__pls_trial trial;
	uint32_t folds, items, constructs;
	double *score, *guess; /* of one respondent: as answered; predicted */
	double *factor, *beta; /* of a benchmark */
	uint32_t *chosen;
	double *linear; /* items x items, twice: coefficients of each item by each other, of both benchmarks */
	uint8_t *solved; /* items, twice */
	double *total;   /* items x (n, about means, then for each method squares and magnitudes) */
};

enum { SUMS_N, SUMS_ABOUT, SUMS_FIRST, SUMS_ALL = SUMS_FIRST + 2 * LOY_PREDICT_METHODS };

/* Whether anything leads to a construct. */
static int is_endogenous(const loy__pls_model *model, uint32_t construct)
{
	return model->construct[construct].path_count > 0;
}

/* ---- benchmarks ---- */

/* Whether the items of a construct stand among the predictors of those of another. */
static int predicts(const loy__pls_model *model, uint32_t from, uint32_t to, int others)
{
	return others ? from != to : !is_endogenous(model, from);
}

/* Items that predict those of a construct, each once. */
static uint32_t choose(const struct predicting *p, uint32_t construct, int others)
{
	const loy__pls_model *m = p->model;
	uint32_t c, i, k, count = 0;

	for (c = 0; c < m->constructs; c++)
		for (i = m->construct[c].first; i < m->construct[c].first + m->construct[c].count; i++) {
			if (!predicts(m, c, construct, others))
				continue;
			for (k = 0; k < count && p->chosen[k] != m->column[i]; k++)
				;
			if (k == count)
				p->chosen[count++] = m->column[i];
		}
	return count;
}

/* Regressions of a construct's items on the chosen ones, from sums of products about the means of those left in. */
static void solve_block(struct predicting *p, uint32_t construct, int others)
{
	const loy__pls_construct *c = &p->model->construct[construct];
	uint32_t count = choose(p, construct, others), i, j;
	const double *squares = p->trial.squares;
	size_t n = p->items, all = others ? n * n : 0;
	int found;

	for (i = 0; i < count; i++)
		for (j = 0; j <= i; j++) {
			uint32_t a = p->chosen[i], b = p->chosen[j];

			p->factor[i * count + j] = squares[a > b ? a * n + b : b * n + a];
		}
	found = count > 0 && loy__cholesky(p->factor, count, 1e-12, NULL) == LOY_OK;
	for (i = c->first; i < c->first + c->count; i++) {
		uint32_t item = p->model->column[i];

		p->solved[(others ? n : 0) + item] = (uint8_t)found;
		if (!found)
			continue;
		for (j = 0; j < count; j++) {
			uint32_t a = p->chosen[j];

			p->beta[j] = squares[a > item ? a * n + item : item * n + a];
		}
		loy__cholesky_solve(p->factor, count, p->beta);
		memset(p->linear + all + item * n, 0, n * sizeof(double));
		for (j = 0; j < count; j++)
			p->linear[all + item * n + p->chosen[j]] = p->beta[j];
	}
}

/* ---- one respondent ---- */

/* What is predicted is compared with what was said; a NaN makes all of a method's figures NaN. */
static void judge(struct predicting *p, size_t row, uint32_t item, const double guess[LOY_PREDICT_METHODS])
{
	double said = p->rows.z[row * p->items + item], weight = p->rows.weight[row],
	       about = said - p->trial.mean[item];
	double *sums = p->total + (size_t)item * SUMS_ALL;
	int k;

	if (p->rows.there != NULL && !(p->rows.there[row * p->items + item] > 0.0))
		return;
	sums[SUMS_N] += weight;
	sums[SUMS_ABOUT] += weight * about * about;
	for (k = 0; k < LOY_PREDICT_METHODS; k++) {
		double off = said - guess[k];

		sums[SUMS_FIRST + 2 * k] += weight * off * off;
		sums[SUMS_FIRST + 2 * k + 1] += weight * fabs(off);
	}
}

static double by_regression(const struct predicting *p, size_t row, uint32_t item, int others)
{
	const double *beta = p->linear + (others ? (size_t)p->items * p->items : 0) + (size_t)item * p->items;
	double sum = p->trial.mean[item];
	uint32_t i;

	if (!p->solved[(others ? p->items : 0) + item])
		return (double)NAN;
	for (i = 0; i < p->items; i++)
		if (p->rows.there == NULL || p->rows.there[row * p->items + i] > 0.0)
			sum += beta[i] * (p->rows.z[row * p->items + i] - p->trial.mean[i]);
	return sum;
}

/* Scores as answered, and those that only the exogenous ones are known for, each after all that lead to it. */
static void score(struct predicting *p, size_t row)
{
	const loy__pls_model *m = p->model;
	uint32_t c, i, at;

	for (c = 0; c < m->constructs; c++) {
		p->score[c] = 0.0;
		for (i = m->construct[c].first; i < m->construct[c].first + m->construct[c].count; i++) {
			uint32_t item = m->column[i];

			if (p->rows.there == NULL || p->rows.there[row * p->items + item] > 0.0)
				p->score[c] += p->e->weight[i] *
				               (p->rows.z[row * p->items + item] - p->trial.mean[item]) /
				               p->trial.scale[item];
		}
	}
	for (at = 0; at < m->constructs; at++) {
		const loy__pls_construct *construct = &m->construct[m->order[at]];

		p->guess[m->order[at]] = construct->path_count > 0 ? 0.0 : p->score[m->order[at]];
		for (i = construct->path; i < construct->path + construct->path_count; i++)
			p->guess[m->order[at]] += p->e->path[i] * p->guess[m->path[i].from];
	}
}

static void predict_row(struct predicting *p, size_t row)
{
	const loy__pls_model *m = p->model;
	uint32_t c, i, k;

	score(p, row);
	for (c = 0; c < m->constructs; c++) {
		double direct = 0.0;

		if (!is_endogenous(m, c))
			continue;
		for (k = m->construct[c].path; k < m->construct[c].path + m->construct[c].path_count; k++)
			direct += p->e->path[k] * p->score[m->path[k].from];
		for (i = m->construct[c].first; i < m->construct[c].first + m->construct[c].count; i++) {
			uint32_t item = m->column[i];
			double loading = p->e->cross[(size_t)c * m->indicators + i] * p->trial.scale[item];
			double guess[LOY_PREDICT_METHODS];

			guess[LOY_PREDICT_DIRECT] = p->trial.mean[item] + loading * direct;
			guess[LOY_PREDICT_EARLIEST] = p->trial.mean[item] + loading * p->guess[c];
			guess[LOY_PREDICT_LINEAR] = by_regression(p, row, item, 0);
			guess[LOY_PREDICT_LINEAR_OTHERS] = by_regression(p, row, item, 1);
			judge(p, row, item, guess);
		}
	}
}

/* ---- all ---- */

static loy_status predict_fold(struct predicting *p, size_t fold)
{
	size_t row;
	uint32_t c;
	loy_status status;

	for (row = 0; row < p->rows.count; row++)
		p->trial.times[row] = row % p->folds == fold ? 0.0 : p->rows.weight[row];
	status = loy__pls_trial_run(&p->trial);
	if (status != LOY_OK)
		return status;
	for (c = 0; c < p->constructs; c++)
		if (is_endogenous(p->model, c)) {
			solve_block(p, c, 0);
			solve_block(p, c, 1);
		}
	for (row = fold; row < p->rows.count; row += p->folds)
		predict_row(p, row);
	return LOY_OK;
}

static void conclude(const struct predicting *p, loy_item_prediction *out, size_t size)
{
	const loy__pls_model *m = p->model;
	char *place = (char *)out;
	uint32_t c, i, k;

	for (c = 0; c < m->constructs; c++)
		for (i = m->construct[c].first;
		     is_endogenous(m, c) && i < m->construct[c].first + m->construct[c].count; i++) {
			const double *sums = p->total + (size_t)m->column[i] * SUMS_ALL;
			double deviation = p->pls->shared->deviation[m->column[i]];
			loy_item_prediction one = {0};

			one.struct_size = (uint32_t)size;
			one.indicator = i;
			one.n = sums[SUMS_N];
			for (k = 0; k < LOY_PREDICT_METHODS; k++) {
				one.rmse[k] = deviation * sqrt(sums[SUMS_FIRST + 2 * k] / one.n);
				one.mae[k] = deviation * sums[SUMS_FIRST + 2 * k + 1] / one.n;
				one.q2[k] = 1.0 - sums[SUMS_FIRST + 2 * k] / sums[SUMS_ABOUT];
			}
			memcpy(place, &one, size < sizeof(one) ? size : sizeof(one));
			place += size;
		}
}

/* Cut a block into what a prediction works with; the doubles it takes when `block` is NULL. */
static size_t lay(struct predicting *p, double *block)
{
	size_t n = p->items, q = p->constructs, at = loy__pls_trial_room(&p->rows);

	if (block == NULL)
		return at + 2 * q + 3 * n * n + n + n * SUMS_ALL + (n + 1) / 2 + 1 + n / 4 + 1;
	loy__pls_trial_lay(&p->trial, &p->rows, block);
	p->trial.plain = 1; /* scores are not corrected, either */
	p->e = &p->trial.run.stage[0];
	p->score = block + at;
	p->guess = p->score + q;
	p->factor = p->guess + q;
	p->linear = p->factor + n * n;
	p->beta = p->linear + 2 * n * n;
	p->total = p->beta + n;
	p->chosen = (uint32_t *)(void *)(p->total + n * SUMS_ALL);
	p->solved = (uint8_t *)(p->total + n * SUMS_ALL + (n + 1) / 2 + 1);
	memset(p->total, 0, n * SUMS_ALL * sizeof(double));
	return 0;
}

static loy_status predict(struct predicting *p, loy_item_prediction *out, size_t size, loy_error *error)
{
	size_t bytes = lay(p, NULL) * sizeof(double), fold;
	double *block = loy__alloc(&p->rows.memory, bytes);
	loy_status status = LOY_OK;

	if (block == NULL)
		return loy__fail(error, LOY_ENOMEM, loy_status_text(LOY_ENOMEM));
	(void)lay(p, block);
	for (fold = 0; fold < p->folds && status == LOY_OK; fold++) {
		status = predict_fold(p, fold);
		if (status != LOY_OK)
			(void)loy__fail_row(
			        error, status, (int64_t)fold, 0,
			        "without this fold an item does not vary or predictors are collinear");
	}
	if (status == LOY_OK)
		conclude(p, out, size);
	loy__free(&p->rows.memory, block, bytes);
	return status;
}

uint32_t loy_pls_predict_count(const loy_pls *pls)
{
	uint32_t c, count = 0;

	for (c = 0; pls != NULL && c < pls->model->constructs; c++)
		count += is_endogenous(pls->model, c) ? pls->model->construct[c].count : 0;
	return count;
}

static loy_status check(const loy_pls *pls, const loy_table *table, uint32_t folds,
                        const loy_item_prediction *out, loy_error *error)
{
	if (pls == NULL || table == NULL || out == NULL || out->struct_size < 2 * sizeof(uint32_t) ||
	    out->struct_size > 65536 || folds == 1)
		return loy__fail(error, LOY_EINVAL,
		                 "an argument is missing, a struct_size not valid, or there is one fold");
	if (pls->shared->plan.stages != 1 || pls->shared->plan.products != 0)
		return loy__fail(error, LOY_EINVAL,
		                 "models of several stages or with products cannot be predicted");
	if (pls->shared->missing == LOY_MISSING_PAIRWISE)
		return loy__fail(error, LOY_EINVAL, "pairwise missing values cannot be predicted");
	return loy__table_check(table, error);
}

loy_status loy_pls_predict(const loy_pls *pls, const loy_table *table, uint32_t folds,
                           loy_item_prediction *out, uint32_t capacity, const loy_allocator *memory,
                           loy_error *error)
{
	struct predicting *p;
	loy_allocator own;
	loy_status status = check(pls, table, folds, out, error);

	if (status != LOY_OK)
		return status;
	if (loy__memory_adopt(&own, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "an allocator is not whole");
	if (capacity < loy_pls_predict_count(pls))
		return loy__fail(error, LOY_EBUFFER, "fewer places than endogenous items");
	p = loy__alloc_zero(&own, sizeof(*p));
	if (p == NULL)
		return loy__fail(error, LOY_ENOMEM, loy_status_text(LOY_ENOMEM));
	status = loy__pls_rows_open(&p->rows, pls, table, &own, error);
	if (status == LOY_OK) {
		p->pls = pls;
		p->model = pls->model;
		p->items = p->rows.items;
		p->constructs = p->model->constructs;
		p->folds = folds == 0 || folds > p->rows.count ? (uint32_t)p->rows.count : folds;
		status = predict(p, out, out->struct_size, error);
		loy__pls_rows_close(&p->rows);
	}
	loy__free(&own, p, sizeof(*p));
	return status;
}
