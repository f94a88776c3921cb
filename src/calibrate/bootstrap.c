/* The bootstrap from options to limits: room for everything, resamples in it, what they come to, and reading it. */
#include "calibrate/bootstrap.h"
#include "core/parallel.h"

#include <math.h>
#include <string.h>

#define RESAMPLES_DEFAULT 5000u

/* ---- what comes of it ---- */

/* Close the ranks: values of resamples that were used, one after another, for each quantity. */
static void compact(loy__drawing *d)
{
	loy_bootstrap *out = d->out;
	size_t i, r, at = 0;

	for (r = 0; r < d->resamples; r++) {
		out->summary.redrawn += d->redrawn[r];
		out->summary.dropped += d->state[r] == LOY__RESAMPLE_DROPPED;
		out->summary.unconverged += d->state[r] == LOY__RESAMPLE_UNCONVERGED;
	}
	out->summary.used = d->resamples - out->summary.dropped;
	for (i = 0; i < out->quantity_count; i++)
		for (r = 0; r < d->resamples; r++)
			if (d->state[r] != LOY__RESAMPLE_DROPPED)
				out->values[at++] = out->values[i * d->resamples + r];
}

/* The same for those with one left out; their weights go to `times`. */
static size_t compact_left_out(loy__drawing *d, double *times)
{
	size_t i, r, at = 0, kept = 0;

	if (d->left_out == NULL)
		return 0;
	for (r = 0; r < d->rows.count; r++)
		if (d->left_state[r])
			times[kept++] = d->frequency != NULL ? d->rows.weight[r] : 1.0;
	for (i = 0; i < d->out->quantity_count; i++)
		for (r = 0; r < d->rows.count; r++)
			if (d->left_state[r])
				d->left_out[at++] = d->left_out[i * d->rows.count + r];
	return kept;
}

static loy_status conclude(loy__drawing *d)
{
	loy_bootstrap *out = d->out;
	double *times = d->room, *sorted = d->room + d->rows.count;
	size_t used, left, i;

	compact(d);
	used = out->summary.used;
	if (used < 2)
		return LOY_ESTATE;
	left = compact_left_out(d, times);
	out->summary.left_out = (uint32_t)left;
	for (i = 0; i < out->quantity_count; i++) {
		loy_bootstrapped *limits = &out->limits[i];

		limits->quantity = out->list[i].what;
		limits->first = out->list[i].first;
		limits->second = out->list[i].second;
		limits->estimate = out->list[i].estimate;
		memcpy(sorted, out->values + i * used, used * sizeof(double));
		loy__bootstrap_limits(sorted, used, left > 0 ? d->left_out + i * left : NULL, times, left,
		                      d->options.level, limits);
	}
	return LOY_OK;
}

/* ---- starting ---- */

static loy_status check(loy__drawing *d, const loy_table *table, const loy_bootstrap_options *options,
                        loy_error *error)
{
	loy_bootstrap_options *o = &d->options;
	uint64_t i;

	if (loy__options_read(o, sizeof(*o), options) != LOY_OK ||
	    (o->flags & ~(uint32_t)(LOY_BOOTSTRAP_SIGNS_KEPT | LOY_BOOTSTRAP_NO_BCA)) != 0 ||
	    o->resamples > LOY_BOOTSTRAP_RESAMPLES_MAX || o->threads > LOY__THREADS_MAX ||
	    !(o->level >= 0.0 && o->level < 1.0))
		return loy__fail(error, LOY_EINVAL, "an option is not valid");
	if (d->pls->stage + 1 != d->pls->shared->plan.stages)
		return loy__fail(error, LOY_EINVAL, "an earlier stage: resample the estimate it belongs to");
	if (d->pls->shared->missing == LOY_MISSING_PAIRWISE)
		return loy__fail(
		        error, LOY_EINVAL,
		        "pairwise missing values cannot be resampled: take means or rows that are whole");
	o->resamples = o->resamples == 0 ? RESAMPLES_DEFAULT : o->resamples;
	o->threads = o->threads == 0 ? 1 : o->threads;
	if (!(o->level > 0.0))
		o->level = 0.95;
	for (i = 0; o->rows != NULL && i < o->resamples * table->rows; i++)
		if (o->rows[i] >= table->rows)
			return loy__fail_row(error, LOY_EINVAL, (int64_t)i, 0,
			                     "a row that is given is not in the table");
	d->threads = o->threads;
	d->resamples = o->resamples;
	d->table_rows = table->rows;
	return LOY_OK;
}

/* State, what was drawn again, places of rows and sums of frequencies, in one block. */
static loy_status allocate_fixed(loy__drawing *d)
{
	const loy__pls_rows *rows = &d->rows;
	size_t states = ((size_t)d->resamples + rows->count + 7) / 8 * 8,
	       redrawn = ((size_t)d->resamples * 2 + 7) / 8 * 8;
	size_t places = d->options.rows != NULL ? ((size_t)d->table_rows * 4 + 7) / 8 * 8 : 0;
	int frequencies =
	        d->pls->shared->weighting == LOY_WEIGHT_FREQUENCY && rows->total > (double)rows->count;
	size_t sums = frequencies ? rows->count * sizeof(double) : 0, i;
	double sum = 0.0;
	char *block;

	d->fixed_size = states + redrawn + places + sums;
	block = loy__alloc_zero(&d->out->memory, d->fixed_size);
	if (block == NULL)
		return LOY_ENOMEM;
	d->fixed = block;
	d->state = (uint8_t *)block;
	d->left_state = d->state + d->resamples;
	d->redrawn = (uint16_t *)(void *)(block + states);
	if (places > 0) {
		d->place = (uint32_t *)(void *)(block + states + redrawn);
		memset(d->place, 0xff, (size_t)d->table_rows * sizeof(*d->place));
		for (i = 0; i < rows->count; i++)
			d->place[rows->origin[i]] = (uint32_t)i;
	}
	if (frequencies) {
		d->frequency = (double *)(void *)(block + states + redrawn + places);
		for (i = 0; i < rows->count; i++)
			d->frequency[i] = sum += rows->weight[i];
	}
	return LOY_OK;
}

static loy_status allocate_out(loy__drawing *d)
{
	loy_bootstrap *out = d->out;
	size_t q;

	q = out->quantity_count = loy__quantities(d->pls, d->options.scales, NULL);
	if (!loy__mul_size(q, sizeof(*out->list), &out->list_size) ||
	    !loy__mul_size(q, sizeof(*out->limits), &out->limits_size) ||
	    !loy__mul_size(q * sizeof(double), d->resamples, &out->values_size))
		return LOY_ENOMEM;
	out->list = loy__alloc(&out->memory, out->list_size);
	out->limits = loy__alloc_zero(&out->memory, out->limits_size);
	out->values = loy__alloc(&out->memory, out->values_size);
	if (out->list == NULL || out->limits == NULL || out->values == NULL)
		return LOY_ENOMEM;
	(void)loy__quantities(d->pls, d->options.scales, out->list);
	return LOY_OK;
}

/* Rooms of the threads; when all is done the first ones hold what is sorted. */
static loy_status allocate_rooms(loy__drawing *d)
{
	size_t q = d->pls->model->constructs, last = d->rows.count + d->resamples, all;

	d->trial_room = loy__pls_trial_room(&d->rows);
	d->room_each = d->trial_room + q + 2 * q * q + d->out->quantity_count;
	if (!loy__mul_size(d->threads, d->room_each, &all) ||
	    !loy__mul_size(all > last ? all : last, sizeof(double), &d->left_size))
		return LOY_ENOMEM;
	d->room = loy__alloc(&d->out->memory, d->left_size);
	return d->room == NULL ? LOY_ENOMEM : LOY_OK;
}

static loy_status run(loy__drawing *d)
{
	int accelerated = (d->options.flags & LOY_BOOTSTRAP_NO_BCA) == 0;
	uint64_t all = d->resamples + (accelerated ? d->rows.count : 0);
	loy_status status = loy__drawing_resample(d, all);
	size_t left = 0;

	if (status == LOY_OK && accelerated &&
	    (!loy__mul_size(d->out->quantity_count, d->rows.count, &left) ||
	     !loy__mul_size(left, sizeof(double), &left)))
		status = LOY_ENOMEM;
	if (status == LOY_OK && accelerated) {
		d->left_out = loy__alloc(&d->out->memory, left);
		status = d->left_out == NULL ? LOY_ENOMEM : loy__drawing_leave_out(d, all);
	}
	if (status == LOY_OK)
		status = conclude(d);
	loy__free(&d->out->memory, d->left_out, d->left_out == NULL ? 0 : left);
	return status;
}

static loy_status make(loy__drawing *d)
{
	loy_status status;

	d->out->summary.resamples = d->resamples;
	d->out->summary.level = d->options.level;
	if (d->rows.count >= UINT32_MAX)
		return LOY_ELIMIT;
	status = allocate_fixed(d);
	if (status == LOY_OK)
		status = allocate_out(d);
	if (status == LOY_OK)
		status = allocate_rooms(d);
	if (status == LOY_OK)
		status = run(d);
	d->out->summary.quantities = (uint32_t)d->out->quantity_count;
	loy__free(&d->out->memory, d->room, d->room == NULL ? 0 : d->left_size);
	loy__free(&d->out->memory, d->fixed, d->fixed == NULL ? 0 : d->fixed_size);
	return status;
}

static loy_status open_rows(loy__drawing *d, const loy_table *table, loy_error *error)
{
	loy__pls_rows *rows = &d->rows;
	double respondents;
	loy_status status = loy__pls_rows_open(rows, d->pls, table, &d->out->memory, error);

	if (status != LOY_OK)
		return status;
	if (!loy__pls_is_whole(d->pls->model, d->pls->estimate)) {
		loy__pls_rows_close(rows);
		return loy__fail(error, LOY_ESTATE,
		                 "the estimate has paths or loadings that are not numbers");
	}
	respondents = d->pls->shared->weighting == LOY_WEIGHT_FREQUENCY ? rows->total : (double)rows->count;
	if (d->pls->shared->missing == LOY_MISSING_LISTWISE && respondents != d->pls->shared->n) {
		loy__pls_rows_close(rows);
		return loy__fail(error, LOY_EINVAL, "the table has other respondents than the estimate");
	}
	return LOY_OK;
}

static loy_status start(loy__drawing *d, const loy_table *table, const loy_bootstrap_options *options,
                        loy_error *error)
{
	loy_status status = loy__table_check(table, error);

	if (status == LOY_OK)
		status = check(d, table, options, error);
	if (status == LOY_OK)
		status = open_rows(d, table, error);
	if (status != LOY_OK)
		return status;
	status = make(d);
	loy__pls_rows_close(&d->rows);
	if (status == LOY_ESTATE)
		return loy__fail(error, status, "fewer than two resamples came to an estimate");
	return status == LOY_OK ? LOY_OK : loy__fail(error, status, loy_status_text(status));
}

loy_status loy_bootstrap_create(loy_bootstrap **out, const loy_pls *pls, const loy_table *table,
                                const loy_bootstrap_options *options, const loy_allocator *memory,
                                loy_error *error)
{
	loy__drawing d = {0};
	loy_allocator own;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "no place for the bootstrap");
	*out = NULL;
	if (pls == NULL || table == NULL || loy__memory_adopt(&own, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "an argument is missing or an allocator is not whole");
	d.pls = pls;
	d.out = loy__alloc_zero(&own, sizeof(*d.out));
	if (d.out == NULL)
		return loy__fail(error, LOY_ENOMEM, loy_status_text(LOY_ENOMEM));
	d.out->memory = own;
	status = start(&d, table, options, error);
	if (status != LOY_OK) {
		loy_bootstrap_destroy(d.out);
		return status;
	}
	*out = d.out;
	return LOY_OK;
}

void loy_bootstrap_destroy(loy_bootstrap *bootstrap)
{
	loy_allocator memory;

	if (bootstrap == NULL)
		return;
	memory = bootstrap->memory;
	loy__free(&memory, bootstrap->list, bootstrap->list_size);
	loy__free(&memory, bootstrap->values, bootstrap->values_size);
	loy__free(&memory, bootstrap->limits, bootstrap->limits_size);
	loy__free(&memory, bootstrap, sizeof(*bootstrap));
}

/* ---- reading ---- */

loy_status loy_bootstrap_get_summary(const loy_bootstrap *bootstrap, loy_bootstrap_summary *out)
{
	return bootstrap == NULL ? LOY_EINVAL
	                         : loy__result_write(out, &bootstrap->summary, sizeof(bootstrap->summary));
}

loy_status loy_bootstrap_get(const loy_bootstrap *bootstrap, uint32_t index, loy_bootstrapped *out)
{
	if (bootstrap == NULL)
		return LOY_EINVAL;
	if (index >= bootstrap->quantity_count)
		return LOY_ENOTFOUND;
	return loy__result_write(out, &bootstrap->limits[index], sizeof(bootstrap->limits[index]));
}

loy_status loy_bootstrap_find(const loy_bootstrap *bootstrap, uint32_t quantity, uint32_t first,
                              uint32_t second, uint32_t *index)
{
	uint32_t i;

	if (bootstrap == NULL || index == NULL)
		return LOY_EINVAL;
	for (i = 0; i < bootstrap->quantity_count; i++) {
		const loy__quantity *q = &bootstrap->list[i];

		if (q->what == quantity && q->first == first && q->second == second) {
			*index = i;
			return LOY_OK;
		}
	}
	return LOY_ENOTFOUND;
}

loy_status loy_bootstrap_replicates(const loy_bootstrap *bootstrap, uint32_t index, double *values,
                                    size_t capacity, size_t *needed)
{
	size_t used;

	if (bootstrap == NULL || (values == NULL && capacity > 0))
		return LOY_EINVAL;
	if (index >= bootstrap->quantity_count)
		return LOY_ENOTFOUND;
	used = bootstrap->summary.used;
	if (needed != NULL)
		*needed = used;
	if (capacity < used)
		return LOY_EBUFFER;
	memcpy(values, bootstrap->values + index * used, used * sizeof(double));
	return LOY_OK;
}
