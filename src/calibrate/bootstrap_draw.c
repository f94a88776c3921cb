/*
 * Resamples drawn and estimated, on as many threads as there are to be. Everything threads write to was allocated
 * before they start, and each resample has a place of its own, so results do not depend on how many there are.
 */
#include "calibrate/bootstrap.h"
#include "core/parallel.h"

#include <string.h>

#define TRIES 100u
#define SLAB  64u /* resamples of a thread between two calls of progress */

/* ---- one resample ---- */

/* The row that one of all respondents is counted in. */
static size_t row_of(const loy__drawing *d, double respondent)
{
	size_t low = 0, high = d->rows.count - 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->frequency[middle] > respondent)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void draw_rows(const loy__drawing *d, uint32_t resample, uint32_t attempt, double *times)
{
	const loy__pls_rows *rows = &d->rows;
	uint64_t count = d->frequency != NULL ? (uint64_t)rows->total : rows->count, k;

	memset(times, 0, rows->count * sizeof(double));
	for (k = 0; k < count; k++) {
		uint64_t at =
		        loy__draw_below(d->options.seed, LOY__DRAW_BOOTSTRAP, resample, attempt, k, count);

		if (d->frequency != NULL)
			times[row_of(d, (double)at)] += 1.0;
		else
			times[at] += rows->weight[at];
	}
}

/* The rows that were given; those the estimate leaves out count for nothing. */
static void take_rows(const loy__drawing *d, uint32_t resample, double *times)
{
	const uint32_t *given = d->options.rows + (size_t)resample * d->table_rows;
	uint64_t k;

	memset(times, 0, d->rows.count * sizeof(double));
	for (k = 0; k < d->table_rows; k++) {
		uint32_t at = d->place[given[k]];

		if (at != UINT32_MAX)
			times[at] += d->rows.weight[at];
	}
}

static void take_values(loy__drawing *d, const loy__pls_trial *trial, double *spare, double *values,
                        size_t stride, size_t place)
{
	loy_bootstrap *out = d->out;
	size_t q = d->pls->model->constructs, i;
	double *signs = spare, *room = spare + q, *now = room + 2 * q * q;

	loy__quantity_values(d->pls, trial, d->options.scales, out->list, out->quantity_count,
	                     (d->options.flags & LOY_BOOTSTRAP_SIGNS_KEPT) != 0 ? signs : NULL, room, now);
	for (i = 0; i < out->quantity_count; i++)
		values[i * stride + place] = now[i];
}

static int converged(const loy__drawing *d, const loy__pls_trial *trial)
{
	uint32_t stage;

	for (stage = 0; stage < d->pls->shared->plan.stages; stage++)
		if (!trial->run.stage[stage].converged)
			return 0;
	return 1;
}

static void resample_one(loy__drawing *d, loy__pls_trial *trial, double *spare, uint32_t resample)
{
	uint32_t tries = d->options.rows != NULL ? 1 : TRIES, attempt;

	d->state[resample] = LOY__RESAMPLE_DROPPED;
	for (attempt = 0; attempt < tries; attempt++) {
		if (d->options.rows != NULL)
			take_rows(d, resample, trial->times);
		else
			draw_rows(d, resample, attempt, trial->times);
		if (loy__pls_trial_run(trial) == LOY_OK) {
			d->state[resample] = (uint8_t)(converged(d, trial) ? LOY__RESAMPLE_USED
			                                                   : LOY__RESAMPLE_UNCONVERGED);
			take_values(d, trial, spare, d->out->values, d->resamples, resample);
			break;
		}
	}
	d->redrawn[resample] = (uint16_t)(d->options.rows != NULL ? 0 : attempt);
}

static void leave_out_one(loy__drawing *d, loy__pls_trial *trial, double *spare, size_t row)
{
	memcpy(trial->times, d->rows.weight, d->rows.count * sizeof(double));
	trial->times[row] -= d->frequency != NULL ? 1.0 : d->rows.weight[row];
	d->left_state[row] = loy__pls_trial_run(trial) == LOY_OK;
	if (d->left_state[row])
		take_values(d, trial, spare, d->left_out, d->rows.count, row);
}

/* ---- threads ---- */

static void work(uint32_t part, uint32_t parts, void *user,
                 void (*one)(loy__drawing *, loy__pls_trial *, double *, size_t))
{
	loy__drawing *d = user;
	loy__pls_trial trial;
	double *room = d->room + part * d->room_each;
	size_t i;

	loy__pls_trial_lay(&trial, &d->rows, room);
	for (i = d->first + part; i < d->end; i += parts)
		one(d, &trial, room + d->trial_room, i);
}

static void one_resample(loy__drawing *d, loy__pls_trial *trial, double *spare, size_t at)
{
	resample_one(d, trial, spare, (uint32_t)at);
}

static void resample_part(uint32_t part, uint32_t parts, void *user)
{
	work(part, parts, user, one_resample);
}

static void leave_out_part(uint32_t part, uint32_t parts, void *user)
{
	work(part, parts, user, leave_out_one);
}

static loy_status in_slabs(loy__drawing *d, void (*part)(uint32_t, uint32_t, void *), uint32_t count,
                           uint64_t done, uint64_t all)
{
	uint32_t slab = SLAB * d->threads;
	loy_status status = LOY_OK;

	for (d->first = 0; d->first < count && status == LOY_OK; d->first = d->end) {
		d->end = count - d->first < slab ? count : d->first + slab;
		status = loy__parallel(d->threads, part, d);
		if (status == LOY_OK && d->options.progress != NULL &&
		    d->options.progress(done + d->end, all, d->options.user_data) != 0 && done + d->end < all)
			status = LOY_ECANCELLED;
	}
	return status;
}

loy_status loy__drawing_resample(loy__drawing *d, uint64_t all)
{
	return in_slabs(d, resample_part, d->resamples, 0, all);
}

loy_status loy__drawing_leave_out(loy__drawing *d, uint64_t all)
{
	return in_slabs(d, leave_out_part, (uint32_t)d->rows.count, d->resamples, all);
}
