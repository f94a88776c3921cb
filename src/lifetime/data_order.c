/* Canonical order of an accumulator's rows: ascending by x, T, t_x, covariates, intervals, spend. */
#include "fit.h"

#include <string.h>

#define RUN 8u /* sorted by insertion first */

static int in_order(const loy_lifetime_data *data, uint32_t a, uint32_t b)
{
	const double *left = loy__data_row(data, a), *right = loy__data_row(data, b);
	size_t i;

	for (i = 0; i < data->stride; i++) {
		if (left[i] != right[i])
			return left[i] < right[i];
	}
	return 1;
}

static void sort_runs(const loy_lifetime_data *data, uint32_t *order)
{
	size_t start, i, j, count = data->count;

	for (start = 0; start < count; start += RUN) {
		for (i = start + 1; i < count && i < start + RUN; i++) {
			uint32_t moving = order[i];

			for (j = i; j > start && !in_order(data, order[j - 1], moving); j--)
				order[j] = order[j - 1];
			order[j] = moving;
		}
	}
}

static void merge_runs(const loy_lifetime_data *data, const uint32_t *from, uint32_t *to, size_t run)
{
	size_t start, count = data->count;

	for (start = 0; start < count; start += 2 * run) {
		size_t middle = start + run < count ? start + run : count;
		size_t end = middle + run < count ? middle + run : count, a = start, b = middle, at;

		for (at = start; at < end; at++) {
			int left = b == end || (a < middle && in_order(data, from[a], from[b]));

			to[at] = left ? from[a++] : from[b++];
		}
	}
}

loy_status loy__data_order(const loy_lifetime_data *data, const loy_allocator *memory, uint32_t **order)
{
	size_t count = data->count, run, i;
	uint32_t *from, *to;

	*order = NULL;
	from = loy__alloc(memory, count * sizeof(*from));
	to = loy__alloc(memory, count * sizeof(*to));
	if (from == NULL || to == NULL) {
		loy__free(memory, from, count * sizeof(*from));
		loy__free(memory, to, count * sizeof(*to));
		return LOY_ENOMEM;
	}
	for (i = 0; i < count; i++)
		from[i] = (uint32_t)i;
	sort_runs(data, from);
	for (run = RUN; run < count; run *= 2) {
		uint32_t *other = to;

		merge_runs(data, from, to, run);
		to = from;
		from = other;
	}
	loy__free(memory, to, count * sizeof(*to));
	*order = from;
	return LOY_OK;
}
