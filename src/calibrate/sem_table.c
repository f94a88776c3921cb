/*
 * The sample from moments and from a table. Where covariances are enough, rows of a table go through exact
 * sums and the result is that of moments; rows themselves are kept, and then sorted, only for what needs
 * them.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

#define CHUNK       64u /* rows at a time on their way to moments */
#define VALUE_LIMIT 0x1p40

/* ---- moments ---- */

static double count_rows(const loy_moments_info *info, uint32_t weighting)
{
	return weighting == LOY_WEIGHT_SURVEY ? (double)info->complete : info->weight;
}

/* Means and covariances of the columns named; `all` has room for columns x columns + columns doubles. */
static loy_status read_moments(loy__sem_sample *s, const loy_moments *moments, const loy_moments_info *info,
                               const uint32_t *column, const loy_sem_options *options, double *all,
                               loy_error *error)
{
	uint32_t kind =
	        options->likelihood == LOY_SEM_WISHART ? LOY_MATRIX_COVARIANCE : LOY_MATRIX_COVARIANCE_ML;
	size_t columns = info->columns;
	loy_status status = loy_moments_get_matrix(moments, info->missing, options->weighting, kind, all,
	                                           all + columns * columns, error);

	if (status == LOY_OK)
		loy__sem_sample_pick(s, column, columns, all, all + columns * columns, 1.0);
	return status;
}

static loy_status take_moments(loy__sem_sample *s, const loy_moments *moments, const uint32_t *column,
                               const loy_sem_options *options, loy_error *error)
{
	loy_moments_info info = {0};
	loy_status status;
	double *all, n;
	size_t size;

	info.struct_size = sizeof(info);
	status = loy_moments_get_info(moments, &info);
	if (status != LOY_OK)
		return loy__fail(error, status, "these are no moments");
	if (info.missing != LOY_MISSING_LISTWISE && info.complete != info.rows)
		return loy__fail(error, LOY_EINVAL,
		                 "moments of incomplete rows must be listwise, or fit the table");
	n = count_rows(&info, options->weighting);
	status = loy__sem_sample_count(s, n, options, error);
	if (status != LOY_OK)
		return status;
	size = ((size_t)info.columns + 1) * info.columns * sizeof(double);
	all = loy__alloc(&s->memory, size);
	if (all == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the covariances");
	status = read_moments(s, moments, &info, column, options, all, error);
	loy__free(&s->memory, all, size);
	return status;
}

/* The scratch of columns is the list of the sample's only pattern, which is all items again afterwards. */
static void list_items(loy__sem_sample *s)
{
	uint32_t i;

	for (i = 0; i < s->items; i++)
		s->pattern_items[i] = i;
}

loy_status loy__sem_sample_moments(loy__sem_sample *s, const loy__sem_model *model, const loy_paths *paths,
                                   const loy_moments *moments, const char *const *names,
                                   const loy_sem_options *options, loy_error *error)
{
	loy_moments_info info = {0};
	loy_status status = loy__sem_sample_open(s, model, error);
	uint32_t i;

	if (status != LOY_OK)
		return status;
	if (options->errors > LOY_SEM_ERRORS_OBSERVED || options->missing != LOY_SEM_LISTWISE)
		return loy__fail(error, LOY_EINVAL, "full information and robust errors need a table");
	info.struct_size = sizeof(info);
	status = loy_moments_get_info(moments, &info);
	for (i = 0; i < info.columns && status == LOY_OK; i++)
		status = names[i] != NULL ? LOY_OK : LOY_EINVAL;
	if (status != LOY_OK)
		return loy__fail(error, status, "each column of the moments needs a name");
	status = loy__sem_find_columns(model, paths, names, info.columns, s->pattern_items, error);
	if (status == LOY_OK)
		status = take_moments(s, moments, s->pattern_items, options, error);
	list_items(s);
	return status;
}

/* ---- a table ---- */

/* One value: NaN when it is missing, never -0. LOY_ERANGE beyond the grid of moments. */
static loy_status read_value(const loy_table *t, uint64_t row, uint32_t column, double *out, loy_error *error)
{
	double value = loy__table_value(t, column, row);

	if (fabs(value) >= VALUE_LIMIT)
		return loy__fail_row(error, LOY_ERANGE, (int64_t)row, column,
		                     "a value is infinite or too large");
	*out = value + 0.0;
	return LOY_OK;
}

/* The items of a row. *missing counts those that it has not. */
static loy_status read_row(const loy_table *t, uint64_t row, const uint32_t *column, uint32_t items,
                           double *out, double *weight, uint32_t *missing, loy_error *error)
{
	loy_status status = LOY_OK;
	uint32_t i;

	*missing = 0;
	for (i = 0; i < items && status == LOY_OK; i++) {
		status = read_value(t, row, column[i], out + i, error);
		*missing += status == LOY_OK && isnan(out[i]);
	}
	*weight = loy__table_weight(t, row);
	if (status == LOY_OK && !(*weight >= 0.0 && *weight < VALUE_LIMIT))
		return loy__fail_row(error, LOY_ERANGE, (int64_t)row, 0, "a weight is negative or too large");
	return status;
}

/* All rows through exact sums. */
static loy_status sum_rows(loy__sem_sample *s, const loy_table *t, const uint32_t *column,
                           loy_moments *moments, double *chunk, loy_error *error)
{
	loy_table part = {0};
	uint32_t items = s->items, missing;
	uint64_t row;
	loy_status status = LOY_OK;

	part.struct_size = sizeof(part);
	part.columns = items;
	part.values = chunk;
	part.row_stride = (int64_t)(items * sizeof(double));
	part.column_stride = sizeof(double);
	part.weights = t->weights != NULL ? chunk + (size_t)CHUNK * items : NULL;
	part.weight_stride = sizeof(double);
	for (row = 0; row < t->rows && status == LOY_OK; row++) {
		double *to = chunk + part.rows * items;

		status = read_row(t, row, column, items, to, chunk + (size_t)CHUNK * items + part.rows,
		                  &missing, error);
		part.rows++;
		if (status == LOY_OK && (part.rows == CHUNK || row + 1 == t->rows)) {
			status = loy_moments_add(moments, &part, error);
			part.rows = 0;
		}
	}
	return status;
}

static loy_status sum_table(loy__sem_sample *s, const loy_table *t, uint32_t *column,
                            const loy_sem_options *options, loy_error *error)
{
	size_t size = (size_t)CHUNK * (s->items + 1) * sizeof(double);
	double *chunk = loy__alloc(&s->memory, size);
	loy_moments *moments = NULL;
	loy_status status = LOY_ENOMEM;

	if (chunk != NULL)
		status = loy_moments_create(&moments, s->items, LOY_MISSING_LISTWISE, &s->memory);
	if (status != LOY_OK)
		(void)loy__fail(error, status, "no memory for the moments");
	if (status == LOY_OK)
		status = sum_rows(s, t, column, moments, chunk, error);
	list_items(s);
	if (status == LOY_OK)
		status = take_moments(s, moments, s->pattern_items, options, error);
	loy_moments_destroy(moments);
	loy__free(&s->memory, chunk, size);
	return status;
}

/* ---- rows that are kept ---- */

/* Rows that count: complete ones, or with full information those that have anything. */
static loy_status keep_rows(loy__sem_sample *s, const loy_table *t, const uint32_t *column,
                            const loy_sem_options *options, loy_error *error)
{
	size_t p = s->items, size;
	uint64_t row;

	if (t->rows > UINT32_MAX || !loy__mul_size((size_t)t->rows, (p + 1) * sizeof(double), &size))
		return loy__fail(error, LOY_ELIMIT, "more rows than can be kept");
	s->rows = size > 0 ? loy__alloc(&s->memory, size) : NULL;
	if (s->rows == NULL)
		return loy__fail(error, size > 0 ? LOY_ENOMEM : LOY_EUNKNOWN,
		                 "no rows, or no memory for them");
	s->row_room = (size_t)t->rows;
	s->row_weights = s->rows + s->row_room * p;
	for (row = 0; row < t->rows; row++) {
		uint32_t missing;
		loy_status status = read_row(t, row, column, s->items, s->rows + s->row_count * p,
		                             s->row_weights + s->row_count, &missing, error);
		int whole = options->missing == LOY_SEM_LISTWISE ? missing == 0 : missing < s->items;

		if (status != LOY_OK)
			return status;
		if (whole && (s->row_weights[s->row_count] > 0.0 || options->weighting == LOY_WEIGHT_SURVEY))
			s->row_count++;
	}
	if (s->row_count == 0)
		return loy__fail(error, LOY_EUNKNOWN, "no row counts");
	return LOY_OK;
}

static loy_status take_rows(loy__sem_sample *s, const loy_table *t, const uint32_t *column,
                            const loy_sem_options *options, loy_error *error)
{
	loy_status status = keep_rows(s, t, column, options, error);

	if (status != LOY_OK)
		return status;
	s->survey = options->weighting == LOY_WEIGHT_SURVEY;
	status = loy__sem_sort_rows(s);
	if (status != LOY_OK)
		return loy__fail(error, status, "no memory for the rows in order");
	return LOY_OK;
}

loy_status loy__sem_sample_table(loy__sem_sample *s, const loy__sem_model *model, const loy_paths *paths,
                                 const loy_table *table, const loy_sem_options *options, loy_error *error)
{
	loy_status status = loy__sem_sample_open(s, model, error);
	int rows = options->missing == LOY_SEM_FULL_INFORMATION || options->errors >= LOY_SEM_ROBUST_MLR;
	uint32_t i;

	if (status != LOY_OK)
		return status;
	status = loy__table_check(table, error);
	for (i = 0; i < model->observed && status == LOY_OK; i++)
		status = loy__table_find(table, paths->variables[model->origin[i]].name, &s->pattern_items[i],
		                         error);
	if (status == LOY_OK && rows)
		status = take_rows(s, table, s->pattern_items, options, error);
	if (status == LOY_OK && options->missing == LOY_SEM_LISTWISE)
		return sum_table(s, table, s->pattern_items, options, error);
	list_items(s);
	if (status == LOY_OK)
		status = loy__sem_make_patterns(s, model, paths, error);
	return status;
}
