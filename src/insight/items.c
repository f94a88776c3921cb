/*
 * A block of items: what is summed are moments of items and of the block's score, and of each item with its
 * square, which gives third and fourth moments. Items are turned and moved to the middle of their scale
 * first.
 */
#include "items.h"

#include <math.h>

#define CHUNK     1024u  /* rows taken to moments at a time */
#define VALUE_MAX 0x1p19 /* squares must fit moments, */

static loy_status check_options(loy_items_options *o, const loy_items_options *given)
{
	int turned = 0;
	uint32_t i;

	if (given == NULL || loy__options_read(o, sizeof(*o), given) != LOY_OK ||
	    o->missing > LOY_MISSING_PAIRWISE || o->weighting > LOY_WEIGHT_SURVEY || o->count < 2)
		return LOY_EINVAL;
	if (o->count > LOY_ITEMS_MAX)
		return LOY_ELIMIT;
	for (i = 0; o->keys != NULL && i < o->count; i++) {
		if (o->keys[i] != 1 && o->keys[i] != -1)
			return LOY_EINVAL;
		turned |= o->keys[i] < 0;
	}
	if (!(fabs(o->low) < VALUE_MAX && fabs(o->high) < VALUE_MAX))
		return LOY_EINVAL;
	return (o->low == 0.0 && o->high == 0.0) ? (turned ? LOY_EINVAL : LOY_OK)
	                                         : (o->low < o->high ? LOY_OK : LOY_EINVAL);
}

/* Moments of nothing yet; on failure what there is is destroyed. */
static loy_status create_moments(loy_items *items)
{
	uint32_t i;
	loy_status status =
	        loy_moments_create(&items->moments, items->count + 1, items->missing, &items->memory);

	for (i = 0; i < items->count && status == LOY_OK; i++)
		status = loy_moments_create(&items->shape[i], 2, LOY_MISSING_LISTWISE, &items->memory);
	if (status != LOY_OK)
		loy_items_destroy(items);
	return status;
}

loy_status loy_items_create(loy_items **out, const loy_items_options *options, const loy_allocator *memory)
{
	loy_items_options chosen;
	loy_allocator adopted;
	loy_items *items;
	loy_status status;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	status = check_options(&chosen, options);
	if (status == LOY_OK)
		status = loy__memory_adopt(&adopted, memory);
	if (status != LOY_OK)
		return status;
	items = loy__alloc_zero(&adopted, sizeof(*items));
	if (items == NULL)
		return LOY_ENOMEM;
	items->memory = adopted;
	items->count = chosen.count;
	items->missing = chosen.missing;
	items->weighting = chosen.weighting;
	items->bounded = chosen.low < chosen.high;
	items->low = chosen.low;
	items->high = chosen.high;
	items->middle = 0.5 * (chosen.low + chosen.high);
	memset(items->keys, 1, sizeof(items->keys));
	if (chosen.keys != NULL)
		memcpy(items->keys, chosen.keys, chosen.count);
	status = create_moments(items);
	if (status == LOY_OK)
		*out = items;
	return status;
}

void loy_items_destroy(loy_items *items)
{
	loy_allocator memory;
	uint32_t i;

	if (items == NULL)
		return;
	memory = items->memory; /* it lies in the block: copy it out */
	for (i = 0; i < items->count; i++)
		loy_moments_destroy(items->shape[i]);
	loy_moments_destroy(items->moments);
	loy__free(&memory, items, sizeof(*items));
}

/* ---- rows ---- */

/* NaN for a missing one. LOY_ERANGE beyond what is allowed. */
static loy_status read_value(const loy_items *items, const loy_table *table, uint32_t column, uint64_t row,
                             double *value)
{
	*value = loy__table_value(table, column, row);
	if (*value != *value)
		return LOY_OK;
	if (!(fabs(*value) < VALUE_MAX) ||
	    (items->bounded && !(*value >= items->low && *value <= items->high)))
		return LOY_ERANGE;
	*value = items->keys[column] < 0 ? items->middle - *value : *value - items->middle;
	return LOY_OK;
}

/* One row as moments see it: items, score, squares. Left out as a whole when listwise; else it may lack a score. */
static loy_status read_row(const loy_items *items, const loy_table *table, uint64_t row, double *to,
                           uint32_t *column)
{
	double sum = 0.0;
	uint32_t p = items->count, i, seen = 0;

	for (i = 0; i < p; i++) {
		if (read_value(items, table, i, row, &to[i]) != LOY_OK) {
			*column = i;
			return LOY_ERANGE;
		}
		if (to[i] == to[i]) {
			sum += to[i];
			seen++;
		}
	}
	to[p] = seen != 0 ? sum / seen : (double)NAN;
	for (i = 0; i < p; i++) {
		if (items->missing == LOY_MISSING_LISTWISE && seen != p)
			to[i] = (double)NAN;
		to[p + 1 + i] = to[i] * to[i];
	}
	return LOY_OK;
}

/* A chunk that was read: `piece` has its rows and weights. */
static loy_status add_chunk(loy_items *to, loy_table *piece, const double *chunk, loy_error *error)
{
	uint32_t p = to->count, i;
	loy_status status;

	piece->columns = p + 1;
	piece->values = chunk;
	piece->column_stride = sizeof(double);
	status = loy_moments_add(to->moments, piece, error);
	piece->columns = 2;
	piece->column_stride = (int64_t)((p + 1) * sizeof(double));
	for (i = 0; i < p && status == LOY_OK; i++) {
		piece->values = chunk + i;
		status = loy_moments_add(to->shape[i], piece, error);
	}
	return status;
}

/* Rows from `row` on, as many as fit a chunk; returns how many, 0 when one is refused. */
static size_t read_chunk(const loy_items *items, const loy_table *table, uint64_t row, double *chunk,
                         loy_error *error)
{
	size_t width = 2 * (size_t)items->count + 1, rows, i;
	uint32_t column = 0;

	rows = table->rows - row < CHUNK ? (size_t)(table->rows - row) : CHUNK;
	for (i = 0; i < rows; i++) {
		if (read_row(items, table, row + i, chunk + i * width, &column) != LOY_OK) {
			loy__error_fill_row(error, LOY_ERANGE, (int64_t)(row + i), column,
			                    "an answer lies beyond the ends of its scale, or 2^19");
			return 0;
		}
	}
	return rows;
}

/* All rows into a fresh block. */
static loy_status add_rows(loy_items *to, const loy_table *table, double *chunk, loy_error *error)
{
	loy_table piece = {0};
	size_t width = 2 * (size_t)to->count + 1;
	uint64_t row = 0;
	loy_status status = LOY_OK;

	piece.struct_size = sizeof(piece);
	piece.row_stride = (int64_t)(width * sizeof(double));
	piece.weight_stride = table->weight_stride;
	while (status == LOY_OK && row < table->rows) {
		piece.rows = read_chunk(to, table, row, chunk, error);
		if (piece.rows == 0)
			return LOY_ERANGE;
		if (table->weights != NULL)
			piece.weights = (const double *)(const void *)((const char *)table->weights +
			                                               (int64_t)row * table->weight_stride);
		status = add_chunk(to, &piece, chunk, error);
		if (status != LOY_OK && error != NULL && error->row >= 0)
			error->row += (int64_t)row;
		row += piece.rows;
	}
	return status;
}

/* The same block without answers. */
static loy_status fresh_like(loy_items **out, const loy_items *items)
{
	loy_items *fresh = loy__alloc(&items->memory, sizeof(*fresh));
	loy_status status;

	*out = NULL;
	if (fresh == NULL)
		return LOY_ENOMEM;
	*fresh = *items;
	fresh->moments = NULL;
	memset(fresh->shape, 0, sizeof(fresh->shape));
	status = create_moments(fresh);
	if (status == LOY_OK)
		*out = fresh;
	return status;
}

loy_status loy_items_add(loy_items *items, const loy_table *table, loy_error *error)
{
	loy_items *fresh = NULL;
	double *chunk;
	size_t bytes, rows;
	loy_status status;

	if (items == NULL)
		return loy__fail(error, LOY_EINVAL, "there is nothing to add to");
	status = loy__table_check(table, error);
	if (status != LOY_OK)
		return status;
	if (table->columns != items->count)
		return loy__fail(error, LOY_EINVAL, "the table's columns are not the items of the block");
	rows = table->rows < CHUNK ? (size_t)table->rows : CHUNK;
	bytes = (rows + 1) * (2 * (size_t)items->count + 1) * sizeof(*chunk);
	chunk = loy__alloc(&items->memory, bytes);
	status = chunk != NULL ? fresh_like(&fresh, items) : LOY_ENOMEM;
	if (status != LOY_OK)
		(void)loy__fail(error, status, "no memory to add items");
	else
		status = add_rows(fresh, table, chunk, error);
	if (status == LOY_OK) {
		status = loy_items_merge(items, fresh);
		if (status != LOY_OK)
			(void)loy__fail(error, status, "these would be more rows than can be counted");
	}
	loy_items_destroy(fresh);
	loy__free(&items->memory, chunk, bytes);
	return status;
}

loy_status loy_items_merge(loy_items *into, const loy_items *from)
{
	uint32_t i;
	loy_status status;

	if (into == NULL || from == NULL || into->count != from->count || into->missing != from->missing ||
	    into->weighting != from->weighting || into->bounded != from->bounded || into->low != from->low ||
	    into->high != from->high || memcmp(into->keys, from->keys, into->count) != 0)
		return LOY_EINVAL;
	status = loy_moments_merge(into->moments, from->moments);
	for (i = 0; i < into->count && status == LOY_OK; i++) /* as many rows: what one takes all take */
		status = loy_moments_merge(into->shape[i], from->shape[i]);
	return status;
}
