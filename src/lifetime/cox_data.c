/*
 * Rows made ready for regression. Covariates are centred, which keeps sums of products from cancelling, and scaled by
 * the power of two next to their standard deviation, which is exact: the same data in other binary units has the
 * same digits.
 */
#include "cox.h"

#include <math.h>

static void *room(const loy__cox_data *d, size_t count, size_t size)
{
	size_t bytes;

	return loy__mul_size(count, size, &bytes) ? loy__alloc(&d->memory, bytes) : NULL;
}

static void give_back(const loy__cox_data *d, void *block, size_t bytes)
{
	loy__free(&d->memory, block, bytes);
}

void loy__cox_data_free(loy__cox_data *d)
{
	size_t width = loy__cox_width(d->columns);

	if (d->survival == NULL)
		return; /* never filled */
	give_back(d, d->x, d->rows * d->columns * sizeof(*d->x));
	give_back(d, d->mass, d->rows * sizeof(*d->mass));
	give_back(d, d->count, d->rows * sizeof(*d->count));
	give_back(d, d->mark, d->rows * sizeof(*d->mark));
	give_back(d, d->stratum, d->rows * sizeof(*d->stratum));
	give_back(d, d->entry, d->rows * sizeof(*d->entry));
	give_back(d, d->hazard, d->rows * sizeof(*d->hazard));
	give_back(d, d->present, d->strata * sizeof(*d->present));
	give_back(d, d->sums, d->strata * width * sizeof(*d->sums));
	give_back(d, d->tied, width * sizeof(*d->tied));
	give_back(d, d->centre, d->columns * sizeof(*d->centre));
	give_back(d, d->scale, d->columns * sizeof(*d->scale));
}

static loy_status allocate(loy__cox_data *d, int strata, int entered)
{
	size_t width = loy__cox_width(d->columns), cells, all;

	if (!loy__mul_size(d->rows, d->columns, &cells) || !loy__mul_size(d->strata, width, &all))
		return LOY_ENOMEM;
	d->x = room(d, cells, sizeof(*d->x));
	d->mass = room(d, d->rows, sizeof(*d->mass));
	d->count = room(d, d->rows, sizeof(*d->count));
	d->mark = room(d, d->rows, sizeof(*d->mark));
	d->sums = room(d, all, sizeof(*d->sums));
	d->tied = room(d, width, sizeof(*d->tied));
	d->centre = room(d, d->columns, sizeof(*d->centre));
	d->scale = room(d, d->columns, sizeof(*d->scale));
	if (d->x == NULL || d->mass == NULL || d->count == NULL || d->mark == NULL || d->sums == NULL ||
	    d->tied == NULL || d->centre == NULL || d->scale == NULL)
		return LOY_ENOMEM;
	if (strata) {
		d->stratum = room(d, d->rows, sizeof(*d->stratum));
		if (d->stratum == NULL)
			return LOY_ENOMEM;
	}
	if (entered) {
		d->entry = room(d, d->rows, sizeof(*d->entry));
		d->hazard = room(d, d->rows, sizeof(*d->hazard));
		d->present = room(d, d->strata, sizeof(*d->present));
		if (d->entry == NULL || d->hazard == NULL || d->present == NULL)
			return LOY_ENOMEM;
	}
	return LOY_OK;
}

/* ---- covariates ---- */

static void fill_rows(loy__cox_data *d)
{
	const size_t first = loy__covariate_word(d->survival);
	size_t i, j;

	for (i = 0; i < d->rows; i++) {
		const uint64_t *row = loy__survival_row(d->survival, i);

		d->mass[i] = loy__row_mass(d->survival, row);
		d->count[i] = (uint32_t)row[LOY__SUBJECT_COUNT];
		for (j = 0; j < d->columns; j++)
			d->x[i * d->columns + j] = loy__from_word(row[first + j]);
		if (d->stratum != NULL)
			d->stratum[i] = (uint32_t)loy__group_rank(d->survival, loy__row_group(row));
	}
}

/* The mean of a column; a constant one is its own mean, whatever rounding says. */
static double centre_of(const loy__cox_data *d, size_t column)
{
	double low = d->x[column], high = low, sum = 0.0, mass = 0.0, mean;
	size_t i;

	for (i = 0; i < d->rows; i++) {
		double v = d->x[i * d->columns + column];

		low = v < low ? v : low;
		high = v > high ? v : high;
		sum += d->mass[i] * v;
		mass += d->mass[i];
	}
	mean = sum / mass;
	return mean < low ? low : mean > high ? high : mean; /* low == high leaves one choice */
}

/* The power of two at or below the standard deviation; 1 for a constant column. */
static double scale_of(const loy__cox_data *d, size_t column)
{
	double sum = 0.0, mass = 0.0;
	size_t i;
	int exponent;

	for (i = 0; i < d->rows; i++) {
		double v = d->x[i * d->columns + column] - d->centre[column];

		sum += d->mass[i] * (v * v);
		mass += d->mass[i];
	}
	if (!(sum / mass >= 0x1p-1000)) /* nothing, or too little for its square to be told from nothing */
		return 1.0;
	(void)frexp(sqrt(sum / mass), &exponent);
	return ldexp(1.0, exponent - 1);
}

static void standardise(loy__cox_data *d)
{
	size_t i, j;

	for (j = 0; j < d->columns; j++) {
		d->centre[j] = centre_of(d, j);
		d->scale[j] = scale_of(d, j);
	}
	for (i = 0; i < d->rows; i++) {
		double *x = d->x + i * d->columns;

		for (j = 0; j < d->columns; j++)
			x[j] = (x[j] - d->centre[j]) / d->scale[j];
	}
}

/* ---- blocks ---- */

static int same_block(const loy__cox_data *d, size_t a, size_t b)
{
	const uint64_t *left = loy__survival_row(d->survival, a), *right = loy__survival_row(d->survival, b);

	return left[LOY__SUBJECT_TIME] == right[LOY__SUBJECT_TIME] &&
	       (d->stratum == NULL || left[LOY__SUBJECT_WHO] >> 1 == right[LOY__SUBJECT_WHO] >> 1);
}

/* Rows [first, end) are a block. */
static void mark_block(loy__cox_data *d, size_t first, size_t end)
{
	uint64_t events = 0;
	size_t i;

	for (i = first; i < end; i++) {
		d->mark[i] = loy__row_event(loy__survival_row(d->survival, i)) ? LOY__COX_EVENT : 0;
		if (d->mark[i] != 0)
			events += d->count[i];
	}
	for (i = first; i < end && events > 1; i++)
		d->mark[i] |= d->mark[i] != 0 ? LOY__COX_TIED : 0;
	d->mark[first] |= LOY__COX_FIRST;
	d->events += events;
	d->blocks += events > 0;
}

static void mark_rows(loy__cox_data *d)
{
	size_t first, end;

	for (first = 0; first < d->rows; first = end) {
		for (end = first + 1; end < d->rows && same_block(d, first, end); end++)
			;
		mark_block(d, first, end);
		if (end == d->rows || loy__survival_row(d->survival, end)[LOY__SUBJECT_TIME] !=
		                              loy__survival_row(d->survival, first)[LOY__SUBJECT_TIME])
			d->mark[end - 1] |= LOY__COX_LAST;
	}
}

static loy_status order_entries(loy__cox_data *d)
{
	loy__sorter sorter;
	size_t i;

	if (loy__sorter_open(&sorter, &d->memory, d->rows) != LOY_OK)
		return LOY_ENOMEM;
	for (i = 0; i < d->rows; i++) {
		sorter.entries[i].key = loy__survival_row(d->survival, i)[LOY__SUBJECT_FIXED];
		sorter.entries[i].minor = 0;
		sorter.entries[i].index = (uint32_t)i;
	}
	loy__sorter_run(&sorter, d->rows, NULL, NULL);
	for (i = 0; i < d->rows; i++)
		d->entry[i] = sorter.entries[i].index;
	loy__sorter_close(&sorter);
	return LOY_OK;
}

loy_status loy__cox_data_fill(loy__cox_data *d, const loy_survival *s, const loy_cox_options *options,
                              const loy_allocator *memory)
{
	int strata = (options->flags & LOY_COX_STRATA) != 0;
	loy_status status;

	memset(d, 0, sizeof(*d));
	d->memory = *memory;
	d->survival = s;
	d->rows = loy__survival_rows(s);
	d->columns = s->covariates;
	d->strata = strata && s->group_count > 0 ? s->group_count : 1;
	d->breslow = options->ties == LOY_COX_BRESLOW;
	if (d->rows == 0)
		return LOY_EUNKNOWN;
	status = allocate(d, strata, (s->flags & LOY_SURVIVAL_ENTERED) != 0);
	if (status != LOY_OK)
		return status;
	fill_rows(d);
	mark_rows(d);
	if (d->events == 0)
		return LOY_EUNKNOWN;
	standardise(d);
	return d->entry != NULL ? order_entries(d) : LOY_OK;
}
