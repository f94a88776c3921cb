/*
 * What partial least squares knows of its data: means, deviations, extremes and correlations of the items, from
 * moments, which a table is first made into. Sums are exact, so the order of rows does not matter.
 */
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

void loy__pls_read_rows(const loy__pls_source *source, uint32_t items, uint64_t first, uint32_t count,
                        double *rows)
{
	const loy_table *table = source->table;
	const uint8_t *values = (const uint8_t *)table->values;
	uint32_t r, i;

	for (r = 0; r < count; r++) {
		int64_t row = (int64_t)(first + r) * table->row_stride;

		for (i = 0; i < items; i++)
			memcpy(rows + (size_t)r * items + i,
			       values + (row + (int64_t)source->map[i] * table->column_stride),
			       sizeof(*rows));
	}
}

loy_table loy__pls_rows_table(const loy__pls_source *source, uint32_t columns, uint64_t first, uint32_t count,
                              const double *rows)
{
	loy_table part = *source->table;
	const uint8_t *weights = (const uint8_t *)part.weights;

	part.struct_size = sizeof(part);
	part.columns = columns;
	part.rows = count;
	part.values = rows;
	part.row_stride = (int64_t)(columns * sizeof(*rows));
	part.column_stride = sizeof(*rows);
	if (weights != NULL)
		part.weights = (const double *)(const void *)(weights + (int64_t)first * part.weight_stride);
	part.names = NULL;
	return part;
}

/* Where an error lies in the caller's table rather than in a part of it. */
static void place_error(loy_error *error, const loy__pls_source *source, uint32_t items, uint64_t first)
{
	if (error == NULL || error->struct_size < sizeof(*error) || error->row < 0)
		return;
	error->row += (int64_t)first;
	if (error->field < items)
		error->field = source->map[error->field];
}

/* Moments of the items of a table. */
static loy_status collect(const loy__pls_shared *s, const loy__pls_source *source, loy_moments **out,
                          loy_error *error)
{
	uint32_t items = s->plan.items;
	size_t size = (size_t)items * LOY__PLS_CHUNK * sizeof(double);
	double *rows = loy__alloc(&s->memory, size);
	uint64_t first;
	loy_status status;

	*out = NULL;
	if (rows == NULL)
		return LOY_ENOMEM;
	status = loy_moments_create(
	        out, items, s->missing == LOY_MISSING_LISTWISE ? LOY_MISSING_LISTWISE : LOY_MISSING_PAIRWISE,
	        &s->memory);
	for (first = 0; status == LOY_OK && first < source->table->rows; first += LOY__PLS_CHUNK) {
		uint64_t left = source->table->rows - first;
		uint32_t count = left < LOY__PLS_CHUNK ? (uint32_t)left : LOY__PLS_CHUNK;
		loy_table part = loy__pls_rows_table(source, items, first, count, rows);

		loy__pls_read_rows(source, items, first, count, rows);
		status = loy_moments_add(*out, &part, error);
		if (status != LOY_OK)
			place_error(error, source, items, first);
	}
	loy__free(&s->memory, rows, size);
	return status;
}

/* The matrix of a kind, of the items alone, into rows of `stride` doubles. */
static loy_status read_matrix(const loy__pls_shared *s, const loy_moments *moments,
                              const loy__pls_source *source, uint32_t kind, double *out, size_t stride,
                              loy_error *error)
{
	size_t columns = source->columns, items = s->plan.items, size = columns * columns * sizeof(double), i,
	       j;
	double *whole = loy__alloc(&s->memory, size);
	loy_status status;

	if (whole == NULL)
		return LOY_ENOMEM;
	status = loy_moments_get_matrix(moments, s->missing, s->weighting, kind, whole, NULL, error);
	for (i = 0; status == LOY_OK && i < items; i++) {
		for (j = 0; j < items; j++)
			out[i * stride + j] = whole[source->map[i] * columns + source->map[j]];
	}
	loy__free(&s->memory, whole, size);
	return status;
}

/* Respondents: complete rows, or what the pair with the fewest has. */
static loy_status count_rows(loy__pls_shared *s, const loy_moments *moments, const loy__pls_source *source,
                             loy_error *error)
{
	size_t n = s->plan.extent, i, j;
	loy_moments_info info = {0};
	loy_status status;

	info.struct_size = sizeof(info);
	status = loy_moments_get_info(moments, &info);
	s->n = s->weighting == LOY_WEIGHT_SURVEY ? (double)info.complete : info.weight;
	if (status == LOY_OK && s->missing != LOY_MISSING_LISTWISE) {
		status = read_matrix(s, moments, source, LOY_MATRIX_COUNT, s->run.x, n, error);
		s->n = s->run.x[0];
		for (i = 0; i < s->plan.items; i++) {
			for (j = 0; j <= i; j++)
				s->n = s->run.x[i * n + j] < s->n ? s->run.x[i * n + j] : s->n;
		}
	}
	if (status == LOY_OK && !(s->n >= 3.0))
		return loy__fail(error, LOY_EUNKNOWN, "fewer than 3 respondents");
	return status;
}

static loy_status read_items(loy__pls_shared *s, const loy_moments *moments, const loy__pls_source *source,
                             loy_error *error)
{
	uint32_t i;

	for (i = 0; i < s->plan.items; i++) {
		loy_column_moments column = {0};
		loy_status status;
		const char *name = s->plan.column[i].name;

		column.struct_size = sizeof(column);
		status = loy_moments_get_column(moments, source->map[i], s->weighting, &column);
		if (status != LOY_OK)
			return status;
		s->mean[i] = column.mean;
		s->least[i] = column.least;
		s->greatest[i] = column.greatest;
		if (!(column.least < column.greatest) || !(column.variance > 0.0))
			return loy__fail_name(error, LOY_ERANGE, "an item does not vary", name, strlen(name));
	}
	return LOY_OK;
}

/* Correlations into the run's matrix, deviations beside it. */
static loy_status read_correlations(loy__pls_shared *s, const loy_moments *moments,
                                    const loy__pls_source *source, loy_error *error)
{
	size_t n = s->plan.extent, items = s->plan.items, i, j;
	double *x = s->run.x;
	loy_status status = read_matrix(s, moments, source, LOY_MATRIX_COVARIANCE, x, n, error);

	for (i = 0; status == LOY_OK && i < items; i++) {
		s->deviation[i] = sqrt(x[i * n + i]);
		if (!(s->deviation[i] > 0.0) || !(s->deviation[i] <= DBL_MAX))
			return loy__fail_name(error, LOY_ERANGE, "an item does not vary",
			                      s->plan.column[i].name, strlen(s->plan.column[i].name));
	}
	/* pairs of rows of their own need deviations of their own, which moments know */
	if (status == LOY_OK && s->missing == LOY_MISSING_PAIRWISE)
		return read_matrix(s, moments, source, LOY_MATRIX_CORRELATION, x, n, error);
	for (i = 0; status == LOY_OK && i < items; i++) {
		for (j = 0; j < i; j++)
			x[i * n + j] = x[j * n + i] = x[i * n + j] / (s->deviation[i] * s->deviation[j]);
	}
	for (i = 0; status == LOY_OK && i < items; i++)
		x[i * n + i] = 1.0;
	return status;
}

loy_status loy__pls_load(loy__pls_shared *s, const loy__pls_source *source, loy_error *error)
{
	loy__pls_source items = *source;
	loy_moments *collected = NULL;
	uint32_t own[LOY__PLS_CHUNK], i;
	size_t own_size = s->plan.items * sizeof(*items.map);
	loy_status status = LOY_OK;

	if (source->table != NULL) { /* their moments have the columns in order */
		items.map = s->plan.items <= LOY__PLS_CHUNK ? own : loy__alloc(&s->memory, own_size);
		items.columns = s->plan.items;
		if (items.map == NULL)
			return LOY_ENOMEM;
		for (i = 0; i < s->plan.items; i++)
			items.map[i] = i;
		status = collect(s, source, &collected, error);
		items.moments = collected;
	}
	if (status == LOY_OK)
		status = count_rows(s, items.moments, &items, error);
	if (status == LOY_OK)
		status = read_items(s, items.moments, &items, error);
	if (status == LOY_OK)
		status = read_correlations(s, items.moments, &items, error);
	loy_moments_destroy(collected);
	if (source->table != NULL && items.map != own)
		loy__free(&s->memory, items.map, own_size);
	return status;
}
