/*
 * Scores and indices of respondents, the fitted ones or new, from the means, deviations and weights of an estimate.
 * Indices as in Fornell et al. (1996): weights back on the scale of the answers, ends from the questionnaire.
 */
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

typedef struct reader {
	const loy_pls *pls;
	loy__pls_source source;
	const loy_pls_scale *scales; /* NULL: scores */
	loy_error *error;
	double *rows, *value; /* LOY__PLS_CHUNK x items; extent */
	uint8_t has_index[LOY_PLS_CONSTRUCTS_MAX];
} reader;

static loy_status refuse_item(const loy_pls *pls, uint32_t item, loy_status status, const char *why,
                              loy_error *error)
{
	const char *name = pls->shared->plan.column[item].name;

	return loy__fail_name(error, status, why, name, strlen(name));
}

static loy_status check_scale(const loy_pls *pls, const loy_pls_scale *scales, uint32_t item,
                              loy_error *error)
{
	double range = scales[item].high - scales[item].low;

	if (!(range > 0.0) || !(range <= DBL_MAX))
		return refuse_item(pls, item, LOY_EINVAL, "a scale needs two ends, the lower one first",
		                   error);
	return LOY_OK;
}

/* Whether a construct has an index: weights above 0, of its indicators and of items behind them, on scales that fit. */
static loy_status check_index(const loy_pls *pls, uint32_t c, const loy_pls_scale *scales, loy_error *error)
{
	const loy__pls_construct *construct = &pls->model->construct[c];
	const loy__pls_shared *s = pls->shared;
	const double *weights = pls->quality.item_weight + (size_t)c * s->plan.items;
	loy_status status = LOY_OK;
	uint32_t i;

	if (construct->product)
		return loy__fail_name(error, LOY_EUNKNOWN, "a product has no index", construct->name,
		                      strlen(construct->name));
	for (i = construct->first; i < construct->first + construct->count; i++) {
		const char *name = s->plan.column[pls->model->column[i]].name;

		if (!(pls->estimate->weight[i] > 0.0))
			return loy__fail_name(error, LOY_ERANGE, "a weight is not above 0", name,
			                      strlen(name));
	}
	for (i = 0; status == LOY_OK && i < s->plan.items; i++) {
		if (!(fabs(weights[i]) > 0.0))
			continue; /* not of this construct */
		status = check_scale(pls, scales, i, error);
		if (status == LOY_OK && !(weights[i] > 0.0))
			status = refuse_item(pls, i, LOY_ERANGE, "a weight is not above 0", error);
		if (status == LOY_OK && !(s->least[i] >= scales[i].low && s->greatest[i] <= scales[i].high))
			status = refuse_item(pls, i, LOY_ERANGE, "an answer lies beyond the scale", error);
	}
	return status;
}

/* Weighted distance from the lower ends, of 100 over the whole range; answers are by item. */
static double index_of(const loy_pls *pls, uint32_t c, const loy_pls_scale *scales, const double *answers,
                       double *range)
{
	const double *weights = pls->quality.item_weight + (size_t)c * pls->shared->plan.items;
	double sum = 0.0, whole = 0.0;
	uint32_t item;

	for (item = 0; item < pls->shared->plan.items; item++) {
		double w = weights[item] / pls->shared->deviation[item];

		if (!(w > 0.0))
			continue; /* not of this construct: a missing answer to it does not matter */
		sum += w * (answers[item] - scales[item].low);
		whole += w * (scales[item].high - scales[item].low);
	}
	if (range != NULL)
		*range = whole;
	return 100.0 * sum / whole;
}

loy_status loy_pls_get_index(const loy_pls *pls, uint32_t construct, const loy_pls_scale *scales,
                             loy_pls_index *out, loy_error *error)
{
	loy_pls_index index = {0};
	loy_status status;
	double range, count = 0.0;
	uint32_t i;

	if (pls == NULL || scales == NULL || out == NULL)
		return loy__fail(error, LOY_EINVAL, "an estimate, scales or a place that are not there");
	if (construct >= pls->model->constructs)
		return loy__fail(error, LOY_ENOTFOUND, "no such construct");
	status = check_index(pls, construct, scales, error);
	if (status != LOY_OK)
		return status;
	index.construct = construct;
	index.mean = index_of(pls, construct, scales, pls->shared->mean, &range);
	index.deviation = 100.0 / range; /* the score behind it has variance 1 */
	for (i = 0; i < pls->shared->plan.items; i++) {
		if (!(pls->quality.item_weight[(size_t)construct * pls->shared->plan.items + i] > 0.0))
			continue;
		index.equal +=
		        100.0 * (pls->shared->mean[i] - scales[i].low) / (scales[i].high - scales[i].low);
		count += 1.0;
	}
	index.equal /= count;
	return loy__result_write(out, &index, sizeof(index));
}

/* ---- respondents ---- */

/* Answers must be numbers, and on their scales; a refusal says where. */
static loy_status check_rows(const reader *r, uint64_t first, uint32_t count)
{
	const loy__pls_plan *plan = &r->pls->shared->plan;
	uint32_t row, i;

	for (row = 0; row < count; row++) {
		for (i = 0; i < plan->items; i++) {
			double answer = r->rows[(size_t)row * plan->items + i];

			if (loy__table_is_missing(r->source.table, answer))
				continue;
			if (!(fabs(answer) <= DBL_MAX))
				return loy__fail_row(r->error, LOY_ERANGE, (int64_t)(first + row),
				                     r->source.map[i], "an answer is not finite");
			if (r->scales != NULL && !(answer >= r->scales[i].low && answer <= r->scales[i].high))
				return loy__fail_row(r->error, LOY_ERANGE, (int64_t)(first + row),
				                     r->source.map[i], "an answer lies beyond the scale");
		}
	}
	return LOY_OK;
}

static double score_of(const loy_pls *pls, uint32_t c, const double *value)
{
	const loy__pls_construct *construct = &pls->model->construct[c];
	double sum = 0.0;
	uint32_t i;

	for (i = construct->first; i < construct->first + construct->count; i++)
		sum += pls->estimate->weight[i] * value[pls->model->column[i]];
	return sum;
}

/* One respondent. */
static void write_row(const reader *r, const double *answers, double *out)
{
	const loy_pls *pls = r->pls;
	const loy__pls_shared *s = pls->shared;
	uint32_t i, c;

	for (i = 0; i < s->plan.items; i++) {
		double answer = answers[i];

		if (loy__table_is_missing(r->source.table, answer))
			answer = s->missing == LOY_MISSING_MEAN ? s->mean[i] : (double)NAN;
		r->value[i] = r->scales != NULL ? answer : (answer - s->mean[i]) / s->deviation[i];
	}
	if (r->scales == NULL)
		loy__pls_row(&s->plan, &s->run, 1, r->value);
	for (c = 0; c < pls->model->constructs; c++) {
		if (r->scales == NULL)
			out[c] = score_of(pls, c, r->value);
		else if (r->has_index[c])
			out[c] = index_of(pls, c, r->scales, r->value, NULL);
		else
			out[c] = (double)NAN;
	}
}

/* All rows are looked at before the first is written. */
static loy_status write_rows(const reader *r, double *scores)
{
	const loy__pls_plan *plan = &r->pls->shared->plan;
	uint64_t rows = r->source.table->rows, first;
	loy_status status = LOY_OK;
	uint32_t writing, row;

	for (writing = 0; writing < 2; writing++) {
		for (first = 0; status == LOY_OK && first < rows; first += LOY__PLS_CHUNK) {
			uint32_t count =
			        rows - first < LOY__PLS_CHUNK ? (uint32_t)(rows - first) : LOY__PLS_CHUNK;

			loy__pls_read_rows(&r->source, plan->items, first, count, r->rows);
			if (!writing)
				status = check_rows(r, first, count);
			for (row = 0; writing && row < count; row++)
				write_row(r, r->rows + (size_t)row * plan->items,
				          scores + (size_t)(first + row) * r->pls->model->constructs);
		}
	}
	return status;
}

static loy_status map_items(reader *r)
{
	const loy__pls_plan *plan = &r->pls->shared->plan;
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; status == LOY_OK && i < plan->items; i++) {
		status = loy__table_find(r->source.table, plan->column[i].name, &r->source.map[i], r->error);
		if (status == LOY_OK && r->scales != NULL)
			status = check_scale(r->pls, r->scales, i, r->error);
	}
	for (i = 0; status == LOY_OK && r->scales != NULL && i < r->pls->model->constructs; i++)
		r->has_index[i] = check_index(r->pls, i, r->scales, NULL) == LOY_OK;
	return status;
}

loy_status loy_pls_score(const loy_pls *pls, const loy_table *table, uint32_t kind,
                         const loy_pls_scale *scales, double *scores, size_t capacity,
                         const loy_allocator *memory, loy_error *error)
{
	reader r = {pls, {table, NULL, NULL, 0}, scales, error, NULL, NULL, {0}};
	loy_allocator adopted;
	size_t items, doubles, size;
	loy_status status = loy__table_check(table, error);

	if (status != LOY_OK)
		return status;
	if (pls == NULL || kind > LOY_PLS_INDICES || (kind == LOY_PLS_INDICES) != (scales != NULL) ||
	    (scores == NULL && table->rows != 0) || loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "an estimate, scales or a place that are not there");
	if (table->rows > capacity / pls->model->constructs)
		return loy__fail(error, LOY_EBUFFER, "less room than rows times constructs");
	items = pls->shared->plan.items;
	doubles = LOY__PLS_CHUNK * items + pls->shared->plan.extent;
	size = doubles * sizeof(*r.rows) + items * sizeof(*r.source.map);
	r.rows = loy__alloc(&adopted, size);
	if (r.rows == NULL)
		return loy__fail(error, LOY_ENOMEM, loy_status_text(LOY_ENOMEM));
	r.value = r.rows + LOY__PLS_CHUNK * items;
	r.source.map = (uint32_t *)(void *)(r.rows + doubles);
	r.source.columns = table->columns;
	status = map_items(&r);
	if (status == LOY_OK)
		status = write_rows(&r, scores);
	loy__free(&adopted, r.rows, size);
	return status;
}
