/* Moments of tables: making them, merging them, what has been counted. */
#include "numeric/moments.h"

#include <math.h>
#include <string.h>

/* The sums lie one behind the other, in the order of the struct. */
static void place_sums(loy_moments *m)
{
	size_t k = m->columns;

	m->weight_all = m->sums;
	m->weight = m->weight_all + 1;
	m->weight_squares = m->weight + 1;
	m->first = m->weight_squares + 1;
	m->product = m->first + k;
	if (m->missing == LOY_MISSING_LISTWISE)
		return;
	m->pair_rows = m->product + m->pair_count;
	m->pair_weight = m->pair_rows + m->pair_count;
	m->pair_product = m->pair_weight + m->pair_count;
	m->pair_first = m->pair_product + m->pair_count;
	m->pair_square = m->pair_first + k * k;
}

size_t loy__moments_sum_count(size_t columns, uint32_t missing)
{
	size_t pairs = columns * (columns + 1) / 2, count = 3 + columns + pairs;

	return missing == LOY_MISSING_LISTWISE ? count : count + 3 * pairs + 2 * columns * columns;
}

loy_status loy_moments_create(loy_moments **out, uint32_t columns, uint32_t missing,
                              const loy_allocator *memory)
{
	loy_moments start = {0}, *fresh;
	uint32_t i;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (columns == 0 || columns > LOY_TABLE_COLUMNS_MAX || missing > LOY_MISSING_PAIRWISE ||
	    loy__memory_adopt(&start.memory, memory) != LOY_OK)
		return LOY_EINVAL;
	start.columns = columns;
	start.missing = missing;
	start.pair_count = (size_t)columns * (columns + 1) / 2;
	start.sum_count = loy__moments_sum_count(columns, missing);
	start.size = sizeof(*fresh) + start.sum_count * sizeof(loy__sum) + 2 * (size_t)columns * sizeof(double);
	fresh = loy__alloc_zero(&start.memory, start.size);
	if (fresh == NULL)
		return LOY_ENOMEM;
	*fresh = start;
	fresh->sums = (loy__sum *)(void *)(fresh + 1);
	place_sums(fresh);
	fresh->least = (double *)(void *)(fresh->sums + fresh->sum_count);
	fresh->greatest = fresh->least + columns;
	for (i = 0; i < columns; i++) {
		fresh->least[i] = (double)INFINITY;
		fresh->greatest[i] = -(double)INFINITY;
	}
	*out = fresh;
	return LOY_OK;
}

void loy_moments_destroy(loy_moments *moments)
{
	if (moments != NULL) {
		loy_allocator memory = moments->memory; /* it lies in the block */

		loy__free(&memory, moments, moments->size);
	}
}

loy_status loy_moments_merge(loy_moments *into, const loy_moments *from)
{
	size_t i;

	if (into == NULL || from == NULL || into->columns != from->columns || into->missing != from->missing)
		return LOY_EINVAL;
	if (from->rows > LOY__TABLE_ROWS_MAX - into->rows)
		return LOY_EOVERFLOW;
	into->rows += from->rows;
	into->counted += from->counted;
	into->complete += from->complete;
	for (i = 0; i < into->sum_count; i++)
		loy__sum_add(&into->sums[i], &from->sums[i]);
	for (i = 0; i < into->columns; i++) {
		if (from->least[i] < into->least[i])
			into->least[i] = from->least[i];
		if (from->greatest[i] > into->greatest[i])
			into->greatest[i] = from->greatest[i];
	}
	return LOY_OK;
}

static double real_of(const loy__sum *sum, int exponent)
{
	loy__big big;

	loy__big_from_sum(&big, sum);
	return loy__big_to_double(&big, exponent);
}

loy_status loy_moments_get_info(const loy_moments *moments, loy_moments_info *out)
{
	loy_moments_info told = {0};

	if (moments == NULL || out == NULL)
		return LOY_EINVAL;
	told.columns = moments->columns;
	told.missing = moments->missing;
	told.rows = moments->rows;
	told.complete = moments->complete;
	told.weight = real_of(moments->weight, -LOY__GRID_BITS);
	told.weight_squares = real_of(moments->weight_squares, -2 * LOY__GRID_BITS);
	return loy__result_write(out, &told, sizeof(told));
}
