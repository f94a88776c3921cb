/*
 * Rows of a table into moments: all are looked at before anything changes, then blocks of rows are taken to the grid,
 * those with missing values set apart, and both handed on (moments_block.c).
 */
#include "numeric/moments.h"

#include <math.h>
#include <string.h>

/* What becomes of a row. */
enum { COMPLETE = 0, PARTIAL = 1, PASSED_OVER = 2 };

static double read_double(const char *at)
{
	double value;

	memcpy(&value, at, sizeof(value)); /* wherever it lies */
	return value;
}

static const char *place_of(const loy_table *table, uint64_t row, uint32_t column)
{
	return (const char *)table->values + (int64_t)row * table->row_stride +
	       (int64_t)column * table->column_stride;
}

/* ---- looking at everything before anything is added ---- */

static loy_status refuse_in_row(const loy_table *table, uint64_t row, loy_error *error)
{
	uint32_t c;

	for (c = 0; c < table->columns; c++) {
		double value = read_double(place_of(table, row, c));

		if (!(fabs(value) < LOY__GRID_ONE) && !loy__table_is_missing(table, value))
			return loy__fail_row(error, LOY_ERANGE, (int64_t)row, c,
			                     "a value is infinite, or not below 2^40 in magnitude");
	}
	if (table->weights != NULL) {
		double weight = loy__table_weight(table, row);

		if (!(weight >= 0.0 && weight < LOY__GRID_ONE))
			return loy__fail_row(error, LOY_ERANGE, (int64_t)row, table->columns,
			                     "a weight is not a number from 0 to below 2^40");
	}
	return LOY_OK;
}

static int64_t distance(int64_t stride)
{
	return stride < 0 ? -stride : stride; /* the check of the table left no stride without a negative */
}

/*
 * Whether rows [at, at + count) may hold something to refuse: a quick look, to which NaN is suspicious too. It goes
 * along the memory, which it is the first to touch.
 */
static int is_suspicious(const loy_table *table, uint64_t at, uint32_t count)
{
	int along_rows = distance(table->column_stride) <= distance(table->row_stride);
	int64_t step = along_rows ? table->row_stride : table->column_stride;
	int64_t inner_step = along_rows ? table->column_stride : table->row_stride;
	uint32_t outer = along_rows ? count : table->columns, inner = along_rows ? table->columns : count, i,
	         k;
	const char *start = place_of(table, at, 0);
	int bad = 0;

	for (i = 0; i < outer; i++) {
		const char *from = start + (int64_t)i * step;

		for (k = 0; k < inner; k++)
			bad |= !(fabs(read_double(from + (int64_t)k * inner_step)) < LOY__GRID_ONE);
	}
	for (i = 0; table->weights != NULL && i < count; i++) {
		double weight = loy__table_weight(table, at + i);

		bad |= !(weight >= 0.0 && weight < LOY__GRID_ONE);
	}
	return bad;
}

static loy_status look_at_all(const loy_table *table, loy_error *error)
{
	uint64_t at, row;
	uint32_t count;

	for (at = 0; at < table->rows; at += count) {
		count = table->rows - at < LOY__BLOCK_ROWS ? (uint32_t)(table->rows - at) : LOY__BLOCK_ROWS;
		if (!is_suspicious(table, at, count))
			continue;
		for (row = at; row < at + count; row++) {
			loy_status status = refuse_in_row(table, row, error);

			if (status != LOY_OK)
				return status;
		}
	}
	return LOY_OK;
}

/* ---- from the table to blocks ---- */

/* A column of a block as whole numbers of the grid; whether some of it is NaN. */
static int gather_column(const loy_table *table, uint64_t at, uint32_t column, uint32_t count, double *to)
{
	const char *from = place_of(table, at, column);
	int64_t stride = table->row_stride;
	uint32_t r;
	int gaps = 0;

	for (r = 0; r < count; r++) {
		double value = read_double(from + (int64_t)r * stride);

		gaps |= value != value;
		to[r] = loy__nearest(value * LOY__GRID_ONE);
	}
	return gaps;
}

/* The rows of a block as whole numbers of the grid, NaN where something is missing; what becomes of each. */
static void gather(loy__adder *a, const loy_table *table, uint64_t at, uint32_t count)
{
	uint32_t c, r;

	memset(a->kind, COMPLETE, count);
	for (c = 0; c < table->columns; c++) {
		const char *from = place_of(table, at, c);
		double *to = a->complete.value + (size_t)c * a->stride;

		if (!gather_column(table, at, c, count, to) && table->code_count == 0)
			continue;
		for (r = 0; r < count; r++) {
			if (loy__table_is_missing(table,
			                          read_double(from + (int64_t)r * table->row_stride))) {
				a->kind[r] = PARTIAL;
				to[r] = (double)NAN;
			}
		}
	}
	for (r = 0; table->weights != NULL && r < count; r++) {
		a->complete.weight[r] = loy__nearest(loy__table_weight(table, at + r) * LOY__GRID_ONE);
		if (a->complete.weight[r] == 0.0)
			a->kind[r] = PASSED_OVER;
	}
}

static void widen(loy_moments *m, uint32_t column, double least, double greatest)
{
	least *= 1.0 / LOY__GRID_ONE;
	greatest *= 1.0 / LOY__GRID_ONE;
	if (least < m->least[column])
		m->least[column] = least;
	if (greatest > m->greatest[column])
		m->greatest[column] = greatest;
}

/* The partial rows of a block go behind those waiting. */
static void set_apart(loy__adder *a, uint32_t count)
{
	loy__grid_rows *to = &a->partial;
	uint32_t start = to->count, end, c, r;

	for (c = 0; c < a->m->columns; c++) {
		const double *from = a->complete.value + (size_t)c * a->stride;
		size_t column = (size_t)c * a->stride;

		if (start == 0)
			to->most[c] = 0.0;
		for (r = 0, end = start; r < count; r++) {
			int there = from[r] == from[r];

			if (a->kind[r] != PARTIAL)
				continue;
			to->there[column + end] = there ? 1.0 : 0.0;
			to->value[column + end++] = there ? from[r] : 0.0;
			if (!there)
				continue;
			widen(a->m, c, from[r], from[r]);
			if (fabs(from[r]) > to->most[c])
				to->most[c] = fabs(from[r]);
		}
	}
	for (r = 0, end = start; r < count; r++) {
		if (a->kind[r] != PARTIAL)
			continue;
		if (to->weight != NULL)
			to->weight[end] = a->complete.weight[r];
		end++;
	}
	to->count = end;
}

/* Four at a time, so that no step waits for the one before it. */
static void find_extremes(const double *values, uint32_t count, double *least, double *greatest)
{
	double low[4], high[4];
	uint32_t r, i;

	for (i = 0; i < 4; i++) {
		low[i] = (double)INFINITY;
		high[i] = -(double)INFINITY;
	}
	for (r = 0; r + 4 <= count; r += 4) {
		for (i = 0; i < 4; i++) {
			low[i] = values[r + i] < low[i] ? values[r + i] : low[i];
			high[i] = values[r + i] > high[i] ? values[r + i] : high[i];
		}
	}
	for (; r < count; r++) {
		low[0] = values[r] < low[0] ? values[r] : low[0];
		high[0] = values[r] > high[0] ? values[r] : high[0];
	}
	for (i = 1; i < 4; i++) {
		low[0] = low[i] < low[0] ? low[i] : low[0];
		high[0] = high[i] > high[0] ? high[i] : high[0];
	}
	*least = low[0];
	*greatest = high[0];
}

/* Complete rows move together at the front. */
static void move_together(const loy__adder *a, double *column, uint32_t count)
{
	uint32_t r, end = 0;

	for (r = 0; r < count; r++) {
		if (a->kind[r] == COMPLETE)
			column[end++] = column[r];
	}
}

static void add_block(loy__adder *a, const loy_table *table, uint64_t at, uint32_t count)
{
	loy_moments *m = a->m;
	uint32_t kinds[3] = {0, 0, 0}, c, r;

	gather(a, table, at, count);
	for (r = 0; r < count; r++)
		kinds[a->kind[r]]++;
	m->rows += count;
	m->counted += kinds[COMPLETE] + kinds[PARTIAL];
	m->complete += kinds[COMPLETE];
	if (kinds[PARTIAL] != 0 && m->missing == LOY_MISSING_PAIRWISE) {
		if (a->partial.count + kinds[PARTIAL] > a->stride)
			loy__adder_flush_partial(a);
		set_apart(a, count);
	}
	for (c = 0; c < m->columns; c++) {
		double *column = a->complete.value + (size_t)c * a->stride, least, greatest;

		if (kinds[COMPLETE] != count)
			move_together(a, column, count);
		find_extremes(column, kinds[COMPLETE], &least, &greatest);
		widen(m, c, least, greatest);
		a->complete.most[c] = -least > greatest ? -least : greatest;
	}
	if (kinds[COMPLETE] != count && a->complete.weight != NULL)
		move_together(a, a->complete.weight, count);
	a->complete.count = kinds[COMPLETE];
	loy__adder_flush(a);
}

static void add_rows(loy__adder *a, const loy_table *table)
{
	uint64_t at, rows = table->rows;
	uint32_t count;

	for (at = 0; at < rows; at += count) {
		count = rows - at < a->stride ? (uint32_t)(rows - at) : a->stride;
		add_block(a, table, at, count);
	}
	loy__adder_flush_partial(a);
}

loy_status loy_moments_add(loy_moments *moments, const loy_table *table, loy_error *error)
{
	loy__adder adder;
	loy_status status;

	if (moments == NULL)
		return loy__fail(error, LOY_EINVAL, "there are no moments to add to");
	status = loy__table_check(table, error);
	if (status != LOY_OK)
		return status;
	if (table->columns != moments->columns)
		return loy__fail(error, LOY_EINVAL, "the table has another number of columns");
	if (table->rows > LOY__TABLE_ROWS_MAX - moments->rows)
		return loy__fail(error, LOY_EOVERFLOW, "these would be more than 2^40 rows");
	status = look_at_all(table, error);
	if (status != LOY_OK || table->rows == 0)
		return status;
	if (loy__adder_begin(&adder, moments,
	                     table->rows < LOY__BLOCK_ROWS ? (uint32_t)table->rows : LOY__BLOCK_ROWS,
	                     table->weights != NULL) != LOY_OK)
		return loy__fail(error, LOY_ENOMEM, "no memory for a block of rows");
	add_rows(&adder, table);
	loy__adder_end(&adder);
	return LOY_OK;
}
