/*
 * Batches: many customers at one time into the caller's columns. A customer costs a walk over the evidence it
 * has and the constructs that are asked for; nothing is allocated, no transcendental function is called.
 */
#include "model/score.h"

#include <math.h>
#include <string.h>

#define PREFETCH_HANDLE 12 /* rows ahead: the handle of a profile … */
#define PREFETCH_RECORD 6  /* … and then its record, which only the handle knows */

LOY__NOINLINE void loy__score_record(const loy__reading_time *at, const loy__record *record,
                                     uint32_t intervals, loy__scores *out)
{
	loy__weighed evidence;
	uint32_t c;

	loy__weigh(at, record, LOY__READ_MIXED, &evidence);
	loy__weigh_relations(at->model, &evidence);
	loy__means(at->model, at->wanted, &evidence, out);
	if (intervals != 0)
		loy__limits_of(at->model, at->wanted, intervals, out);
	for (c = 0; c < at->model->construct_count; c++)
		if (at->wanted >> c & 1)
			out->mean[c] = loy__points(out->mean[c]);
}

/* ---- columns ---- */

/* Columns lie struct_size of the first apart, which may be more than we know. */
static const loy_score_column *column_at(const loy_score_column *columns, uint32_t index)
{
	return (const loy_score_column *)(const void *)((const char *)columns +
	                                                (size_t)index * columns->struct_size);
}

loy_status loy__score_columns_check(const loy_model *model, const loy_score_column *columns,
                                    uint32_t column_count, uint32_t *constructs, uint32_t *intervals)
{
	uint32_t i;

	if (model == NULL || (columns == NULL && column_count > 0))
		return LOY_EINVAL;
	*constructs = 0;
	*intervals = 0;
	for (i = 0; i < column_count; i++) {
		const loy_score_column *column = column_at(columns, i);
		loy_score_column known;
		uint32_t bit;

		if (column->struct_size != columns->struct_size || column->struct_size < sizeof(known) ||
		    column->struct_size % _Alignof(loy_score_column) != 0 ||
		    loy__options_read(&known, sizeof(known), column) != LOY_OK)
			return LOY_EINVAL;
		if (known.construct >= model->construct_count)
			return LOY_ENOTFOUND;
		bit = UINT32_C(1) << known.construct;
		if (known.value != NULL || known.evidence != NULL || known.state != NULL)
			*constructs |= bit;
		if (known.low != NULL || known.high != NULL) {
			*constructs |= bit;
			*intervals |= bit;
		}
	}
	return LOY_OK;
}

/* The caller's arrays may be packed into rows of any size: nothing is said about alignment. */
static void store(double *array, int64_t stride, uint64_t row, double value)
{
	if (array != NULL)
		memcpy((char *)array + (ptrdiff_t)((int64_t)row * stride), &value, sizeof(value));
}

static void store_state(uint8_t *array, int64_t stride, uint64_t row, uint32_t state)
{
	if (array != NULL)
		array[(ptrdiff_t)((int64_t)row * stride)] = (uint8_t)state;
}

void loy__score_store(const loy__scores *scores, const loy_score_column *columns, uint32_t column_count,
                      uint64_t row)
{
	uint32_t i;

	for (i = 0; i < column_count; i++) {
		const loy_score_column *column = column_at(columns, i);
		uint32_t c = column->construct, state = loy__score_state(scores, c);
		int known = state != LOY_SCORE_UNKNOWN;

		store(column->value, column->value_stride, row, known ? scores->mean[c] : (double)NAN);
		if (column->low != NULL)
			store(column->low, column->low_stride, row, known ? scores->low[c] : (double)NAN);
		if (column->high != NULL)
			store(column->high, column->high_stride, row, known ? scores->high[c] : (double)NAN);
		store(column->evidence, column->evidence_stride, row, scores->evidence[c]);
		store_state(column->state, column->state_stride, row, state);
	}
}

/* A row that cannot be scored. */
static void store_nothing(const loy_score_column *columns, uint32_t column_count, uint64_t row)
{
	uint32_t i;

	for (i = 0; i < column_count; i++) {
		const loy_score_column *column = column_at(columns, i);

		store(column->value, column->value_stride, row, (double)NAN);
		store(column->low, column->low_stride, row, (double)NAN);
		store(column->high, column->high_stride, row, (double)NAN);
		store(column->evidence, column->evidence_stride, row, (double)NAN);
		store_state(column->state, column->state_stride, row, LOY_SCORE_UNKNOWN);
	}
}

/* ---- profiles ---- */

static void prefetch_row(const loy_profile *const *profiles, uint64_t row, uint64_t count)
{
	if (count - row > PREFETCH_HANDLE)
		LOY__PREFETCH(profiles[row + PREFETCH_HANDLE]);
	if (count - row > PREFETCH_RECORD && profiles[row + PREFETCH_RECORD] != NULL)
		loy__record_prefetch(loy__profile_record(profiles[row + PREFETCH_RECORD]));
}

static LOY__NOINLINE void score_rows(const loy__reading_time *at, const loy_profile *const *profiles,
                                     uint64_t count, uint32_t intervals, const loy_score_column *columns,
                                     uint32_t column_count, loy_status *row_status)
{
	loy__scores scores;
	uint64_t row;

	for (row = 0; row < count; row++) {
		const loy_profile *profile = profiles[row];
		loy_status status = LOY_OK;

		prefetch_row(profiles, row, count);
		if (profile != NULL && !loy__schema_fits(at->model, loy__profile_schema(profile)))
			status = LOY_ESCHEMA;
		if (status == LOY_OK) {
			loy__score_record(at, profile != NULL ? loy__profile_record(profile) : NULL,
			                  intervals, &scores);
			loy__score_store(&scores, columns, column_count, row);
		} else {
			store_nothing(columns, column_count, row);
		}
		if (row_status != NULL)
			row_status[row] = status;
	}
}

loy_status loy_score_profiles(const loy_model *model, const loy_profile *const *profiles, uint64_t count,
                              int64_t time, const loy_score_column *columns, uint32_t column_count,
                              loy_status *row_status)
{
	uint32_t constructs, intervals;
	loy__reading_time at;
	loy_status status;

	if (profiles == NULL && count > 0)
		return LOY_EINVAL;
	status = loy__score_columns_check(model, columns, column_count, &constructs, &intervals);
	if (status == LOY_OK)
		status = loy__reading_time_init(&at, model, time, constructs);
	if (status != LOY_OK)
		return status;
	if (constructs == 0)
		at.wanted = 0; /* only the rows' statuses are asked for */
	score_rows(&at, profiles, count, intervals, columns, column_count, row_status);
	return LOY_OK;
}
