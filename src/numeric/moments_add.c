/*
 * Rows of a table into moments: blocks of rows are taken to the grid, those with missing values set apart, columns cut
 * into limbs, and what their products sum up to added to the wide sums. A block whose columns need more limbs than
 * there is room for is taken in halves; a row by itself always fits.
 */
#include "numeric/moments.h"

#include <math.h>
#include <string.h>

/* Limbs for which each column has room in a full block, and how many it can have in a block of one row. */
enum { VALUE_ROOM = 3, WEIGHTED_ROOM = 3, SQUARE_ROOM = 4 };
enum { VALUE_MOST = 4, WEIGHTED_MOST = 8, SQUARE_MOST = 32 };

/* What becomes of a row. */
enum { COMPLETE = 0, PARTIAL = 1, PASSED_OVER = 2 };

/* Rows at hand: columns of `stride` doubles, whole numbers of the grid. */
struct rows {
	double *value; /* 0 where a value is missing */
	double *there; /* 1 or 0; of complete rows not used */
	double *weight;
	double *most; /* of each column, the largest magnitude or more */
	uint32_t count;
};

struct adder {
	loy_moments *m;
	const loy_table *table;
	uint32_t stride; /* most rows of a block */
	struct rows complete, partial;
	double *work;
	loy__limbs value, weight, weighted, there, there_weight, square;
	loy__limb_run *value_run, *weighted_run; /* limbs of each column */
	uint8_t *kind;                           /* of the rows of the block */
	size_t size;
};

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

/* ---- a block whose columns have been cut into limbs, into the sums ---- */

static double largest(const double *values, uint32_t count)
{
	double most = 0.0;
	uint32_t r;

	for (r = 0; r < count; r++)
		most = fabs(values[r]) > most ? fabs(values[r]) : most;
	return most;
}

/* Cut a column whose values are at most `most` and say which limbs it became. */
static int cut(struct adder *a, loy__limbs *limbs, uint32_t column, const double *values, double most,
               loy__limb_run *run)
{
	run->first = limbs->count;
	if (!loy__limbs_cut(limbs, column, values, most, a->work))
		return 0;
	run->count = limbs->count - run->first;
	return 1;
}

/* Values and, where there are weights, values times weights. */
static int cut_values(struct adder *a, const struct rows *rows, uint32_t at, uint32_t count)
{
	uint32_t columns = a->m->columns, c;
	loy__limb_run weight;

	loy__limbs_start(&a->value, count);
	loy__limbs_start(&a->weight, count);
	loy__limbs_start(&a->weighted, count);
	for (c = 0; c < columns; c++) {
		if (!cut(a, &a->value, c, rows->value + (size_t)c * a->stride + at, rows->most[c],
		         &a->value_run[c]))
			return 0;
	}
	loy__limbs_finish(&a->value);
	if (rows->weight == NULL)
		return 1;
	if (!cut(a, &a->weight, 0, rows->weight + at, largest(rows->weight + at, count), &weight))
		return 0;
	for (c = 0; c < columns; c++) {
		loy__limb_run *run = &a->weighted_run[c];

		run->first = a->weighted.count;
		if (!loy__limbs_multiply(&a->weighted, c, &a->weight, weight, &a->value, a->value_run[c],
		                         a->work))
			return 0;
		run->count = a->weighted.count - run->first;
	}
	loy__limbs_finish(&a->weight);
	loy__limbs_finish(&a->weighted);
	return 1;
}

/* Where nothing has a weight all weights are 1: values times weights are values, 2^40 times as many units. */
#define UNWEIGHTED_SHIFT LOY__GRID_BITS

static void add_weights(struct adder *a, const struct rows *rows, uint32_t count, loy__sum *sum)
{
	if (rows->weight != NULL)
		loy__limbs_sum(&a->weight, 0, sum);
	else
		loy__sum_add_double(sum, (double)count, LOY__GRID_BITS);
}

static int add_complete(struct adder *a, const struct rows *rows, uint32_t at, uint32_t count)
{
	loy_moments *m = a->m;
	const loy__limbs *weighted = rows->weight != NULL ? &a->weighted : &a->value;
	uint32_t shift = rows->weight != NULL ? 0 : UNWEIGHTED_SHIFT;

	if (!cut_values(a, rows, at, count))
		return 0;
	loy__limbs_products(weighted, &a->value, shift, m->columns, 0, m->product);
	loy__limbs_sum(weighted, shift, m->first);
	add_weights(a, rows, count, m->weight);
	add_weights(a, rows, count, m->weight_all);
	if (rows->weight != NULL)
		loy__limbs_products(&a->weight, &a->weight, 0, 1, 0, m->weight_squares);
	else
		loy__sum_add_double(m->weight_squares, (double)count, 2 * LOY__GRID_BITS);
	return 1;
}

/* What is there, its weights, and squares: what only rows with missing values need. */
static int cut_missing(struct adder *a, const struct rows *rows, uint32_t at, uint32_t count)
{
	const loy__limbs *weighted = rows->weight != NULL ? &a->weighted : &a->value;
	const loy__limb_run *run = rows->weight != NULL ? a->weighted_run : a->value_run;
	double *there_weight = a->work + LOY__BLOCK_ROWS;
	uint32_t c, r;
	loy__limb_run unused;

	loy__limbs_start(&a->there, count);
	loy__limbs_start(&a->there_weight, count);
	loy__limbs_start(&a->square, count);
	for (c = 0; c < a->m->columns; c++) {
		const double *there = rows->there + (size_t)c * a->stride + at;

		if (!cut(a, &a->there, c, there, 1.0, &unused) ||
		    !loy__limbs_multiply_out(&a->square, c, weighted, run[c], &a->value, a->value_run[c],
		                             a->work))
			return 0;
		if (rows->weight == NULL)
			continue;
		for (r = 0; r < count; r++)
			there_weight[r] = there[r] * rows->weight[at + r];
		if (!cut(a, &a->there_weight, c, there_weight, largest(there_weight, count), &unused))
			return 0;
	}
	loy__limbs_finish(&a->there);
	loy__limbs_finish(&a->there_weight);
	loy__limbs_finish(&a->square);
	return 1;
}

static int add_partial(struct adder *a, const struct rows *rows, uint32_t at, uint32_t count)
{
	loy_moments *m = a->m;
	const loy__limbs *weighted = rows->weight != NULL ? &a->weighted : &a->value;
	uint32_t shift = rows->weight != NULL ? 0 : UNWEIGHTED_SHIFT, k = m->columns;

	if (!cut_values(a, rows, at, count) || !cut_missing(a, rows, at, count))
		return 0;
	loy__limbs_products(&a->there, &a->there, 0, k, 0, m->pair_rows);
	loy__limbs_products(rows->weight != NULL ? &a->there_weight : &a->there, &a->there, shift, k, 0,
	                    m->pair_weight);
	loy__limbs_products(weighted, &a->value, shift, k, 0, m->pair_product);
	loy__limbs_products(weighted, &a->there, shift, k, 1, m->pair_first);
	loy__limbs_products(&a->square, &a->there, shift, k, 1, m->pair_square);
	add_weights(a, rows, count, m->weight_all);
	return 1;
}

/* Add all rows at hand, in as large parts as there is room for, and have none. */
static void flush(struct adder *a, struct rows *rows,
                  int (*add)(struct adder *, const struct rows *, uint32_t, uint32_t))
{
	uint32_t at = 0, count = rows->count;

	while (at < rows->count) {
		if (count > rows->count - at)
			count = rows->count - at;
		if (add(a, rows, at, count))
			at += count;
		else
			count = (count + 1) / 2;
	}
	rows->count = 0;
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
static void gather(struct adder *a, uint64_t at, uint32_t count)
{
	const loy_table *table = a->table;
	uint32_t c, r;

	memset(a->kind, COMPLETE, count);
	for (c = 0; c < table->columns; c++) {
		const char *from = place_of(table, at, c);
		double *to = a->complete.value + (size_t)c * a->stride;

		if (!gather_column(table, at, c, count, to) && table->code_count == 0)
			continue;
		for (r = 0; r < count; r++) {
			if (loy__table_is_missing(table, read_double(from + (int64_t)r * table->row_stride))) {
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
static void set_apart(struct adder *a, uint32_t count)
{
	struct rows *to = &a->partial;
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
static void move_together(const struct adder *a, double *column, uint32_t count)
{
	uint32_t r, end = 0;

	for (r = 0; r < count; r++) {
		if (a->kind[r] == COMPLETE)
			column[end++] = column[r];
	}
}

static void add_block(struct adder *a, uint64_t at, uint32_t count)
{
	loy_moments *m = a->m;
	uint32_t kinds[3] = {0, 0, 0}, c, r;

	gather(a, at, count);
	for (r = 0; r < count; r++)
		kinds[a->kind[r]]++;
	m->rows += count;
	m->counted += kinds[COMPLETE] + kinds[PARTIAL];
	m->complete += kinds[COMPLETE];
	if (kinds[PARTIAL] != 0 && m->missing == LOY_MISSING_PAIRWISE) {
		if (a->partial.count + kinds[PARTIAL] > a->stride)
			flush(a, &a->partial, add_partial);
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
	flush(a, &a->complete, add_complete);
}

/* ---- memory ---- */

/* Carves parts out of one block; with `base` NULL it only counts. */
struct carver {
	char *base;
	size_t used;
};

static void *carve(struct carver *from, size_t count, size_t size)
{
	void *part = from->base != NULL ? from->base + from->used : NULL;

	from->used += (count * size + 7) / 8 * 8;
	return part;
}

static void carve_limbs(struct carver *from, loy__limbs *limbs, size_t columns, size_t stride, size_t room,
                        size_t most)
{
	limbs->limit = (uint32_t)(columns * most);
	limbs->room = columns * (room * stride > most ? room * stride : most) + 4 * stride;
	limbs->data = carve(from, limbs->room, sizeof(double));
	limbs->limb = carve(from, limbs->limit, sizeof(loy__limb));
}

static void carve_all(struct adder *a, struct carver *from)
{
	size_t columns = a->m->columns, stride = a->stride;
	int weighted = a->table->weights != NULL, apart = a->m->missing == LOY_MISSING_PAIRWISE;

	a->work = carve(from, (size_t)2 * LOY__BLOCK_ROWS, sizeof(double));
	a->complete.value = carve(from, columns * stride, sizeof(double));
	a->complete.most = carve(from, columns, sizeof(double));
	a->value_run = carve(from, columns, sizeof(loy__limb_run));
	a->weighted_run = carve(from, columns, sizeof(loy__limb_run));
	a->kind = carve(from, stride, 1);
	carve_limbs(from, &a->value, columns, stride, VALUE_ROOM, VALUE_MOST);
	if (weighted) {
		a->complete.weight = carve(from, stride, sizeof(double));
		carve_limbs(from, &a->weight, 1, stride, VALUE_MOST, VALUE_MOST);
		carve_limbs(from, &a->weighted, columns, stride, WEIGHTED_ROOM, WEIGHTED_MOST);
	}
	if (!apart)
		return;
	a->partial.value = carve(from, columns * stride, sizeof(double));
	a->partial.there = carve(from, columns * stride, sizeof(double));
	a->partial.most = carve(from, columns, sizeof(double));
	carve_limbs(from, &a->there, columns, stride, 1, 1);
	carve_limbs(from, &a->square, columns, stride, SQUARE_ROOM, SQUARE_MOST);
	if (weighted) {
		a->partial.weight = carve(from, stride, sizeof(double));
		carve_limbs(from, &a->there_weight, columns, stride, VALUE_ROOM, VALUE_MOST);
	}
}

static void add_rows(struct adder *a)
{
	uint64_t at, rows = a->table->rows;
	uint32_t count;

	for (at = 0; at < rows; at += count) {
		count = rows - at < a->stride ? (uint32_t)(rows - at) : a->stride;
		add_block(a, at, count);
	}
	flush(a, &a->partial, add_partial);
}

loy_status loy_moments_add(loy_moments *moments, const loy_table *table, loy_error *error)
{
	struct carver from = {NULL, 0};
	struct adder a = {0};
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
	a.m = moments;
	a.table = table;
	a.stride = table->rows < LOY__BLOCK_ROWS ? (uint32_t)table->rows : LOY__BLOCK_ROWS;
	carve_all(&a, &from);
	from.base = loy__alloc(&moments->memory, from.used);
	if (from.base == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for a block of rows");
	a.size = from.used;
	from.used = 0;
	carve_all(&a, &from);
	add_rows(&a);
	loy__free(&moments->memory, from.base, a.size);
	return LOY_OK;
}
