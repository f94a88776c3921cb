/*
 * Products of constructs: what columns a respondent has, and the correlations of products with all other columns from
 * one more pass over the rows. A product that is cleaned is its residual after regression on the indicators of both
 * constructs (Little, Bovaird & Widaman 2006); that and all that follows needs covariances alone.
 */
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

/* What a product takes as its factor: the value of a column before it. */
static double clean_value(const loy__pls_plan *plan, const loy__pls_run *run, uint32_t at,
                          const double *value)
{
	const loy__pls_column *column = &plan->column[at];
	const uint32_t *cleaning = plan->cleaning + column->clean;
	const double *beta = run->beta + (size_t)at * plan->extent;
	double sum = value[column->left] * value[column->right] - run->product_mean[at];
	uint32_t k;

	for (k = 0; k < column->clean_count; k++)
		sum -= beta[k] * value[cleaning[k]];
	return sum / run->product_sd[at];
}

static double score_value(const loy__pls_plan *plan, const loy__pls_run *run, const loy__pls_column *column,
                          const double *value)
{
	const loy__pls_model *m = &plan->model[column->left];
	const loy__pls_construct *construct = &m->construct[column->right];
	double sum = 0.0;
	uint32_t i;

	for (i = construct->first; i < construct->first + construct->count; i++)
		sum += run->stage[column->left].weight[i] * value[m->column[i]];
	return sum;
}

void loy__pls_row(const loy__pls_plan *plan, const loy__pls_run *run, int standardise, double *value)
{
	uint32_t at;

	for (at = plan->items; at < plan->extent; at++) {
		const loy__pls_column *column = &plan->column[at];

		if (column->kind == LOY__PLS_SCORE)
			value[at] = score_value(plan, run, column, value);
		else if (standardise)
			value[at] = clean_value(plan, run, at, value);
		else
			value[at] = value[column->left] * value[column->right];
	}
}

size_t loy__pls_fill_work(const loy__pls_plan *plan)
{
	size_t n = plan->extent;

	return 2 * n * n + n * plan->products;
}

/* Covariances of the k-th product with all columns that are no products. */
static void spread(const loy__pls_plan *plan, const loy__pls_run *run, const double *with_items, double *row)
{
	uint32_t at, i;

	memset(row, 0, plan->extent * sizeof(*row));
	memcpy(row, with_items, plan->items * sizeof(*row));
	for (at = plan->items; at < plan->extent; at++) {
		const loy__pls_column *column = &plan->column[at];
		const loy__pls_model *m = &plan->model[column->left];
		const loy__pls_construct *construct;

		if (column->kind != LOY__PLS_SCORE)
			continue;
		construct = &m->construct[column->right];
		for (i = construct->first; i < construct->first + construct->count; i++)
			row[at] += run->stage[column->left].weight[i] * row[m->column[i]];
	}
}

/* Coefficients by the cleaning columns, and what is left of the covariances; 0 when those are collinear. */
static int clean_row(const loy__pls_plan *plan, const loy__pls_run *run, uint32_t at, double *row,
                     double *factor)
{
	const loy__pls_column *column = &plan->column[at];
	const uint32_t *cleaning = plan->cleaning + column->clean;
	size_t n = plan->extent, k = column->clean_count, i, j;
	double *beta = run->beta + at * n;

	for (i = 0; i < k; i++) {
		beta[i] = row[cleaning[i]];
		for (j = 0; j < k; j++)
			factor[i * k + j] = run->x[cleaning[i] * n + cleaning[j]];
	}
	if (k == 0)
		return 1;
	if (loy__cholesky(factor, k, 1e-10, NULL) != LOY_OK)
		return 0;
	loy__cholesky_solve(factor, k, beta);
	for (i = 0; i < k; i++) {
		for (j = 0; j < n; j++) {
			if (plan->column[j].kind != LOY__PLS_PRODUCT)
				row[j] -= beta[i] * run->x[cleaning[i] * n + j];
		}
	}
	return 1;
}

/* Covariance of two products, both cleaned: `raw` of the second as multiplied, `left` of the first as cleaned. */
static double covary(const loy__pls_plan *plan, const loy__pls_run *run, uint32_t a, uint32_t b, double whole,
                     const double *raw, const double *left)
{
	const loy__pls_column *first = &plan->column[a], *second = &plan->column[b];
	const double *beta = run->beta + (size_t)a * plan->extent;
	uint32_t k;

	for (k = 0; k < first->clean_count; k++)
		whole -= beta[k] * raw[plan->cleaning[first->clean + k]];
	beta = run->beta + (size_t)b * plan->extent;
	for (k = 0; k < second->clean_count; k++)
		whole -= beta[k] * left[plan->cleaning[second->clean + k]];
	return whole;
}

/* Correlations out of covariances: deviations first. */
static loy_status scale(const loy__pls_plan *plan, loy__pls_run *run, uint32_t *blamed)
{
	size_t n = plan->extent, a, b;

	for (a = 0; a < n; a++) {
		run->product_sd[a] = 1.0;
		if (plan->column[a].kind != LOY__PLS_PRODUCT)
			continue;
		/* the variance of a product is about 1 + r²: far less is what rounding leaves */
		if (!(run->x[a * n + a] > 1e-12) || !(run->x[a * n + a] <= DBL_MAX)) {
			*blamed = (uint32_t)a;
			return LOY_ERANGE;
		}
		run->product_sd[a] = sqrt(run->x[a * n + a]);
	}
	for (a = 0; a < n; a++) {
		for (b = 0; b < n; b++) {
			if (plan->column[a].kind == LOY__PLS_PRODUCT ||
			    plan->column[b].kind == LOY__PLS_PRODUCT)
				run->x[a * n + b] /= run->product_sd[a] * run->product_sd[b];
		}
		run->x[a * n + a] = 1.0;
	}
	return LOY_OK;
}

loy_status loy__pls_fill_products(const loy__pls_plan *plan, loy__pls_run *run, const double *means,
                                  const double *covariances, double *work, uint32_t *blamed)
{
	size_t n = plan->extent, count = (size_t)plan->items + plan->products, j;
	double *raw = work, *left = work + n * plan->products;
	double *factor = left + n * n;
	uint32_t k, l, a, b;

	for (a = 0, k = 0; a < n; a++) {
		run->product_mean[a] = 0.0;
		if (plan->column[a].kind != LOY__PLS_PRODUCT)
			continue;
		run->product_mean[a] = means[plan->items + k];
		spread(plan, run, covariances + (plan->items + k) * count, raw + k * n);
		memcpy(left + a * n, raw + k * n, n * sizeof(*left));
		if (!clean_row(plan, run, a, left + a * n, factor)) {
			*blamed = a;
			return LOY_ERANGE;
		}
		k++;
	}
	for (a = 0, k = 0; a < n; a++) {
		if (plan->column[a].kind != LOY__PLS_PRODUCT)
			continue;
		for (j = 0; j < n; j++) {
			if (plan->column[j].kind != LOY__PLS_PRODUCT)
				run->x[a * n + j] = run->x[j * n + a] = left[a * n + j];
		}
		for (b = 0, l = 0; b <= a; b++) {
			if (plan->column[b].kind != LOY__PLS_PRODUCT)
				continue;
			run->x[a * n + b] = run->x[b * n + a] = covary(
			        plan, run, a, b, covariances[(plan->items + k) * count + plan->items + l],
			        raw + l * n, left + a * n);
			l++;
		}
		k++;
	}
	return scale(plan, run, blamed);
}

/* One more row for the moments of products: standardised items, then products. */
static void multiply(const loy__pls_again *again, const double *answers, double *value, double *out)
{
	const loy__pls_shared *s = again->shared;
	const loy__pls_plan *plan = &s->plan;
	uint32_t i, k = plan->items;

	for (i = 0; i < plan->items; i++) {
		if (loy__table_is_missing(again->source->table, answers[i]))
			value[i] = s->missing == LOY_MISSING_MEAN ? 0.0 : (double)NAN;
		else
			value[i] = (answers[i] - s->mean[i]) / s->deviation[i];
		out[i] = value[i];
	}
	loy__pls_row(plan, &s->run, 0, value);
	for (i = plan->items; i < plan->extent; i++) {
		if (plan->column[i].kind == LOY__PLS_PRODUCT)
			out[k++] = value[i];
	}
}

/* All rows once more, with their products. */
static loy_status pass(const loy__pls_again *again, loy_moments *moments, double *rows, double *value,
                       double *out)
{
	const loy__pls_plan *plan = &again->shared->plan;
	uint32_t count = plan->items + plan->products, r, rows_now;
	uint64_t first, all = again->source->table->rows;
	loy_status status = LOY_OK;

	for (first = 0; status == LOY_OK && first < all; first += LOY__PLS_CHUNK) {
		loy_table part;

		rows_now = all - first < LOY__PLS_CHUNK ? (uint32_t)(all - first) : LOY__PLS_CHUNK;
		part = loy__pls_rows_table(again->source, count, first, rows_now, out);
		part.codes = NULL; /* they are codes of answers, not of what is computed */
		part.code_count = 0;
		loy__pls_read_rows(again->source, plan->items, first, rows_now, rows);
		for (r = 0; r < rows_now; r++)
			multiply(again, rows + (size_t)r * plan->items, value, out + (size_t)r * count);
		status = loy_moments_add(moments, &part, again->error);
	}
	return status;
}

static loy_status name_column(const loy__pls_again *again, uint32_t at)
{
	const char *name = again->shared->plan.column[at].name;

	return loy__fail_name(again->error, LOY_ERANGE,
	                      "a product does not vary, or what it is cleaned of is collinear", name,
	                      strlen(name));
}

loy_status loy__pls_products_again(const loy__pls_plan *plan, loy__pls_run *run, void *user)
{
	const loy__pls_again *again = user;
	const loy_allocator *memory = &again->shared->memory;
	size_t count = (size_t)plan->items + plan->products, chunk = LOY__PLS_CHUNK;
	size_t size, doubles = count * (count + 1) + loy__pls_fill_work(plan) + plan->extent;
	uint32_t blamed = 0;
	loy_moments *moments = NULL;
	double *room, *matrix, *value;
	loy_status status;

	if (count > LOY_TABLE_COLUMNS_MAX)
		return loy__fail(again->error, LOY_ELIMIT, "more than 512 items and products");
	doubles += chunk * (plan->items + count);
	size = doubles * sizeof(*room);
	room = loy__alloc(memory, size);
	if (room == NULL)
		return LOY_ENOMEM;
	matrix = room + count;
	value = matrix + count * count + loy__pls_fill_work(plan);
	status = loy_moments_create(&moments, (uint32_t)count, LOY_MISSING_LISTWISE, memory);
	if (status == LOY_OK)
		status = pass(again, moments, value + plan->extent, value,
		              value + plan->extent + chunk * plan->items);
	if (status == LOY_OK)
		status = loy_moments_get_matrix(moments, LOY_MISSING_LISTWISE, again->shared->weighting,
		                                LOY_MATRIX_COVARIANCE, matrix, room, again->error);
	if (status == LOY_OK) {
		status = loy__pls_fill_products(plan, run, room, matrix, matrix + count * count, &blamed);
		if (status != LOY_OK)
			status = name_column(again, blamed);
	}
	loy_moments_destroy(moments);
	loy__free(memory, room, size);
	return status;
}
