/*
 * Rows of a sample in an order that depends on nothing but their content, so that sums over them do not
 * change with the order they came in; and their patterns of missing values.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

static int is_missing(double value)
{
	return isnan(value);
}

/* What is missing comes first, then values, then weights. */
static int compare_rows(uint32_t a, uint32_t b, const void *user)
{
	const loy__sem_sample *s = user;
	const double *x = s->rows + (size_t)a * s->items, *y = s->rows + (size_t)b * s->items;
	uint32_t i;

	for (i = 0; i < s->items; i++) {
		if (is_missing(x[i]) != is_missing(y[i]))
			return is_missing(x[i]) ? -1 : 1;
	}
	for (i = 0; i < s->items; i++) {
		if (x[i] < y[i] || x[i] > y[i])
			return x[i] < y[i] ? -1 : 1;
	}
	if (s->row_weights[a] < s->row_weights[b] || s->row_weights[a] > s->row_weights[b])
		return s->row_weights[a] < s->row_weights[b] ? -1 : 1;
	return 0;
}

/* What is missing among the first 64 items, so that rows of one pattern have one key. */
static uint64_t key_of(const loy__sem_sample *s, size_t row)
{
	uint64_t key = 0;
	uint32_t i;

	for (i = 0; i < s->items && i < 64; i++)
		key |= is_missing(s->rows[row * s->items + i]) ? UINT64_C(1) << (63 - i) : 0;
	return ~key;
}

static void copy_rows(loy__sem_sample *s, const loy__sort_entry *entries, double *to)
{
	double *weights = to + s->row_count * s->items;
	size_t i;

	for (i = 0; i < s->row_count; i++) {
		memcpy(to + i * s->items, s->rows + (size_t)entries[i].index * s->items,
		       s->items * sizeof(double));
		weights[i] = s->row_weights[entries[i].index];
	}
}

/* Weights of surveys add up to the rows. */
static void scale_weights(loy__sem_sample *s)
{
	double sum = 0.0;
	size_t i;

	for (i = 0; i < s->row_count; i++)
		sum += s->row_weights[i];
	for (i = 0; s->survey && sum > 0.0 && i < s->row_count; i++)
		s->row_weights[i] *= (double)s->row_count / sum;
	s->n = s->trials = s->survey ? (double)s->row_count : sum;
	s->patterns->first = 0;
	s->patterns->rows = s->row_count;
}

loy_status loy__sem_sort_rows(loy__sem_sample *s)
{
	size_t i, row_size = (s->items + 1) * sizeof(double);
	loy__sorter sorter;
	double *sorted;

	if (loy__sorter_open(&sorter, &s->memory, s->row_count) != LOY_OK)
		return LOY_ENOMEM;
	sorted = loy__alloc(&s->memory, s->row_count * row_size);
	if (sorted != NULL) {
		for (i = 0; i < s->row_count; i++) {
			sorter.entries[i].key = key_of(s, i);
			sorter.entries[i].minor = 0;
			sorter.entries[i].index = (uint32_t)i;
		}
		loy__sorter_run(&sorter, s->row_count, compare_rows, s);
		copy_rows(s, sorter.entries, sorted);
		loy__free(&s->memory, s->rows, s->row_room * row_size);
		s->rows = sorted;
		s->row_weights = sorted + s->row_count * s->items;
		s->row_room = s->row_count;
		scale_weights(s);
	}
	loy__sorter_close(&sorter);
	return sorted != NULL ? LOY_OK : LOY_ENOMEM;
}

/* ---- patterns ---- */

static int same_pattern(const loy__sem_sample *s, size_t a, size_t b)
{
	uint32_t i;

	for (i = 0; i < s->items; i++) {
		if (is_missing(s->rows[a * s->items + i]) != is_missing(s->rows[b * s->items + i]))
			return 0;
	}
	return 1;
}

static uint32_t items_of(const loy__sem_sample *s, size_t row)
{
	uint32_t i, count = 0;

	for (i = 0; i < s->items; i++)
		count += !is_missing(s->rows[row * s->items + i]);
	return count;
}

static double weigh(const loy__sem_sample *s, size_t first, size_t rows)
{
	double sum = 0.0;
	size_t i;

	for (i = 0; i < rows; i++)
		sum += s->row_weights[first + i];
	return sum;
}

/* Rows from `first` on that are of its pattern. */
static size_t span(const loy__sem_sample *s, size_t first)
{
	size_t end = first + 1;

	while (end < s->row_count && same_pattern(s, first, end))
		end++;
	return end - first;
}

/* How many patterns have weight, and how many numbers and items they take. */
static size_t count_patterns(const loy__sem_sample *s, size_t *numbers, size_t *items)
{
	size_t patterns = 0, first, rows;

	*numbers = *items = 0;
	for (first = 0; first < s->row_count; first += rows) {
		size_t k = items_of(s, first);

		rows = span(s, first);
		if (!(weigh(s, first, rows) > 0.0))
			continue;
		patterns++;
		*numbers += k * k + k;
		*items += k;
	}
	return patterns;
}

/* Mean and covariances of a pattern's rows, in two passes. */
static void sum_pattern(const loy__sem_sample *s, loy__sem_pattern *pattern)
{
	size_t k = pattern->items, row, i, j;

	for (row = pattern->first; row < pattern->first + pattern->rows; row++) {
		double share = s->row_weights[row] / pattern->weight;

		for (i = 0; i < k; i++)
			pattern->mean[i] += share * s->rows[row * s->items + pattern->item[i]];
	}
	for (row = pattern->first; row < pattern->first + pattern->rows; row++) {
		const double *x = s->rows + row * s->items;
		double share = s->row_weights[row] / pattern->weight;

		for (i = 0; i < k; i++) {
			double away = share * (x[pattern->item[i]] - pattern->mean[i]);

			for (j = 0; j <= i; j++)
				pattern->covariance[i * k + j] +=
				        away * (x[pattern->item[j]] - pattern->mean[j]);
		}
	}
	for (i = 0; i < k; i++) {
		for (j = 0; j < i; j++)
			pattern->covariance[j * k + i] = pattern->covariance[i * k + j];
	}
}

static void fill_patterns(loy__sem_sample *s)
{
	double *numbers = s->pattern_numbers;
	uint32_t *item = s->pattern_items, i;
	size_t first, rows;

	s->pattern_count = 0;
	for (first = 0; first < s->row_count; first += rows) {
		loy__sem_pattern *pattern = s->patterns + s->pattern_count;
		double weight;

		rows = span(s, first);
		weight = weigh(s, first, rows);
		if (!(weight > 0.0))
			continue;
		pattern->weight = weight;
		pattern->first = first;
		pattern->rows = rows;
		pattern->items = 0;
		pattern->item = item;
		for (i = 0; i < s->items; i++) {
			if (!is_missing(s->rows[first * s->items + i]))
				item[pattern->items++] = i;
		}
		item += pattern->items;
		pattern->mean = numbers;
		pattern->covariance = numbers + pattern->items;
		numbers += pattern->items + pattern->items * pattern->items;
		sum_pattern(s, pattern);
		s->pattern_count++;
	}
}

/* An item that no row has, or that does not vary: its name. */
static loy_status check_items(const loy__sem_sample *s, const loy__sem_model *model, const loy_paths *paths,
                              loy_error *error)
{
	size_t row;
	uint32_t i;

	for (i = 0; i < s->items; i++) {
		const char *name = paths->variables[model->origin[i]].name;
		double first = (double)NAN;
		int varies = 0;

		for (row = 0; row < s->row_count && !varies; row++) {
			double value = s->rows[row * s->items + i];

			if (is_missing(value) || !(s->row_weights[row] > 0.0))
				continue;
			first = is_missing(first) ? value : first;
			varies = value < first || value > first;
		}
		if (!varies)
			return loy__fail_name(error, LOY_ERANGE, "an item does not vary", name, strlen(name));
	}
	return LOY_OK;
}

loy_status loy__sem_make_patterns(loy__sem_sample *s, const loy__sem_model *model, const loy_paths *paths,
                                  loy_error *error)
{
	size_t numbers, items, patterns;
	loy_status status = check_items(s, model, paths, error);

	if (status != LOY_OK)
		return status;
	patterns = count_patterns(s, &numbers, &items);
	loy__free(&s->memory, s->patterns, s->pattern_room * sizeof(*s->patterns));
	loy__free(&s->memory, s->pattern_items, s->pattern_item_count * sizeof(*s->pattern_items));
	s->patterns = loy__alloc_zero(&s->memory, patterns * sizeof(*s->patterns));
	s->pattern_room = s->patterns != NULL ? patterns : 0;
	s->pattern_items = loy__alloc_zero(&s->memory, items * sizeof(*s->pattern_items));
	s->pattern_item_count = s->pattern_items != NULL ? items : 0;
	s->pattern_numbers = loy__alloc_zero(&s->memory, numbers * sizeof(double));
	s->pattern_number_count = s->pattern_numbers != NULL ? numbers : 0;
	if (s->patterns == NULL || s->pattern_items == NULL || s->pattern_numbers == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the patterns of missing values");
	fill_patterns(s);
	if (!(s->n > (double)s->items))
		return loy__fail(error, LOY_EUNKNOWN, "there are not more rows than items");
	status = loy__sem_saturate(s);
	if (status == LOY_ERANGE)
		return loy__fail(error, status,
		                 "the items that rows have together are too few for covariances");
	if (status != LOY_OK)
		return loy__fail(error, status, "no memory for the unrestricted model");
	return LOY_OK;
}
