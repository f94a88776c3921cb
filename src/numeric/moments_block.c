/*
 * Blocks of rows into the sums of moments: columns are cut into limbs or, when those would be many, taken whole, and
 * what their products add up to goes to the wide sums. A block whose columns need more limbs than there is room for is
 * taken in halves; a row by itself always fits.
 */
#include "numeric/moments.h"

#include <math.h>
#include <string.h>

/* Limbs for which each column has room in a full block, and how many it can have in a block of one row. */
enum { VALUE_ROOM = 3, WEIGHTED_ROOM = 3, SQUARE_ROOM = 4 };
enum { VALUE_MOST = 4, WEIGHTED_MOST = 8, SQUARE_MOST = 32 };

/* How many times as long as one of limbs a product of whole columns takes, both sums of it together. */
enum { NEAR_COST = 3, FAR_COST = 5 };

static double largest(const double *values, uint32_t count)
{
	double most = 0.0;
	uint32_t r;

	for (r = 0; r < count; r++)
		most = fabs(values[r]) > most ? fabs(values[r]) : most;
	return most;
}

/* Cut a column whose values are at most `most`, multiples of 2^shift, and say which limbs it became. */
static int cut_from(loy__adder *a, loy__limbs *limbs, uint32_t column, const double *values, uint32_t shift,
                    double most, loy__limb_run *run)
{
	run->first = limbs->count;
	if (!loy__limbs_cut(limbs, column, values, shift, most, a->work))
		return 0;
	run->count = limbs->count - run->first;
	return 1;
}

static int cut(loy__adder *a, loy__limbs *limbs, uint32_t column, const double *values, double most,
               loy__limb_run *run)
{
	return cut_from(a, limbs, column, values, loy__limbs_shift(values, limbs->rows, most), most, run);
}

static const double *column_of(const loy__adder *a, const loy__grid_rows *rows, uint32_t column, uint32_t at)
{
	return rows->value + (size_t)column * a->stride + at;
}

/* The shift of each column; whether, without weights, columns are better taken whole than cut. */
static int measure(loy__adder *a, const loy__grid_rows *rows, uint32_t at, uint32_t count)
{
	uint32_t columns = a->m->columns, c;
	uint64_t limbs = 0, whole = (uint64_t)columns * columns;
	double most = 0.0, here;

	for (c = 0; c < columns; c++) {
		a->shift[c] = loy__limbs_shift(column_of(a, rows, c, at), count, rows->most[c]);
		limbs += loy__limbs_needed(a->shift[c], rows->most[c]);
		here = ldexp(rows->most[c], -(int)a->shift[c]);
		most = here > most ? here : most;
	}
	if (rows->weight != NULL || !(most < LOY__WHOLE_MOST))
		return 0;
	loy__whole_start(&a->whole, columns, count, most);
	return limbs * limbs > whole * (a->whole.far ? FAR_COST : NEAR_COST);
}

/* Values and, where there are weights, values times weights. */
static int cut_values(loy__adder *a, const loy__grid_rows *rows, uint32_t at, uint32_t count)
{
	uint32_t columns = a->m->columns, c;
	loy__limb_run weight;

	loy__limbs_start(&a->value, count);
	loy__limbs_start(&a->weight, count);
	loy__limbs_start(&a->weighted, count);
	for (c = 0; c < columns; c++) {
		if (!cut_from(a, &a->value, c, column_of(a, rows, c, at), a->shift[c], rows->most[c],
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

static void add_weights(loy__adder *a, const loy__grid_rows *rows, uint32_t count, loy__sum *sum)
{
	if (rows->weight != NULL)
		loy__limbs_sum(&a->weight, 0, sum);
	else
		loy__sum_add_double(sum, (double)count, LOY__GRID_BITS);
}

static void add_whole(loy__adder *a, const loy__grid_rows *rows, uint32_t at)
{
	uint32_t c;

	for (c = 0; c < a->m->columns; c++)
		loy__whole_take(&a->whole, c, column_of(a, rows, c, at), a->shift[c], rows->most[c]);
	loy__whole_finish(&a->whole);
	loy__whole_products(&a->whole, UNWEIGHTED_SHIFT, a->m->product);
	loy__whole_sum(&a->whole, UNWEIGHTED_SHIFT, a->m->first);
}

static int add_limbs(loy__adder *a, const loy__grid_rows *rows, uint32_t at, uint32_t count)
{
	const loy__limbs *weighted = rows->weight != NULL ? &a->weighted : &a->value;
	uint32_t shift = rows->weight != NULL ? 0 : UNWEIGHTED_SHIFT;

	if (!cut_values(a, rows, at, count))
		return 0;
	loy__limbs_products(weighted, &a->value, shift, a->m->columns, 0, a->m->product);
	loy__limbs_sum(weighted, shift, a->m->first);
	return 1;
}

static int add_complete(loy__adder *a, const loy__grid_rows *rows, uint32_t at, uint32_t count)
{
	loy_moments *m = a->m;

	if (measure(a, rows, at, count))
		add_whole(a, rows, at);
	else if (!add_limbs(a, rows, at, count))
		return 0;
	add_weights(a, rows, count, m->weight);
	add_weights(a, rows, count, m->weight_all);
	if (rows->weight != NULL)
		loy__limbs_products(&a->weight, &a->weight, 0, 1, 0, m->weight_squares);
	else
		loy__sum_add_double(m->weight_squares, (double)count, 2 * LOY__GRID_BITS);
	return 1;
}

/* What is there, its weights, and squares: what only rows with missing values need. */
static int cut_missing(loy__adder *a, const loy__grid_rows *rows, uint32_t at, uint32_t count)
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

static int add_partial(loy__adder *a, const loy__grid_rows *rows, uint32_t at, uint32_t count)
{
	loy_moments *m = a->m;
	const loy__limbs *weighted = rows->weight != NULL ? &a->weighted : &a->value;
	uint32_t shift = rows->weight != NULL ? 0 : UNWEIGHTED_SHIFT, k = m->columns;

	(void)measure(a, rows, at, count);
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
static void flush(loy__adder *a, loy__grid_rows *rows,
                  int (*add)(loy__adder *, const loy__grid_rows *, uint32_t, uint32_t))
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

void loy__adder_flush(loy__adder *adder)
{
	flush(adder, &adder->complete, add_complete);
}

void loy__adder_flush_partial(loy__adder *adder)
{
	flush(adder, &adder->partial, add_partial);
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

/* Of columns in fours. */
static void carve_whole(struct carver *from, loy__whole *whole, size_t columns, size_t stride)
{
	size_t places = (columns + LOY__LIMBS_SIDE - 1) / LOY__LIMBS_SIDE * LOY__LIMBS_SIDE * stride;

	whole->value = carve(from, places, sizeof(double));
	whole->top = carve(from, places, sizeof(double));
	whole->rest = carve(from, places, sizeof(double));
	whole->modulo = carve(from, places, sizeof(uint64_t));
	whole->shift = carve(from, columns, sizeof(uint32_t));
	whole->unit = carve(from, columns, sizeof(uint32_t));
}

static void carve_all(loy__adder *a, struct carver *from, int weighted)
{
	size_t columns = a->m->columns, stride = a->stride;
	int apart = a->m->missing == LOY_MISSING_PAIRWISE;

	a->work = carve(from, (size_t)2 * LOY__BLOCK_ROWS, sizeof(double));
	a->complete.value = carve(from, columns * stride, sizeof(double));
	a->complete.most = carve(from, columns, sizeof(double));
	a->value_run = carve(from, columns, sizeof(loy__limb_run));
	a->weighted_run = carve(from, columns, sizeof(loy__limb_run));
	a->shift = carve(from, columns, sizeof(uint32_t));
	a->kind = carve(from, stride, 1);
	carve_limbs(from, &a->value, columns, stride, VALUE_ROOM, VALUE_MOST);
	if (weighted) {
		a->complete.weight = carve(from, stride, sizeof(double));
		carve_limbs(from, &a->weight, 1, stride, VALUE_MOST, VALUE_MOST);
		carve_limbs(from, &a->weighted, columns, stride, WEIGHTED_ROOM, WEIGHTED_MOST);
	} else {
		carve_whole(from, &a->whole, columns, stride);
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

loy_status loy__adder_begin(loy__adder *out, loy_moments *moments, uint32_t stride, int weighted)
{
	struct carver from = {NULL, 0};

	memset(out, 0, sizeof(*out));
	out->m = moments;
	out->stride = stride;
	carve_all(out, &from, weighted);
	out->size = from.used;
	out->memory = loy__alloc(&moments->memory, out->size);
	if (out->memory == NULL)
		return LOY_ENOMEM;
	from.base = out->memory;
	from.used = 0;
	carve_all(out, &from, weighted);
	return LOY_OK;
}

void loy__adder_end(loy__adder *adder)
{
	loy__free(&adder->m->memory, adder->memory, adder->size);
}
