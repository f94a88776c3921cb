/*
 * What divisions at random and resamples of two groups come to: shares as far from nothing as what was observed,
 * limits, and tests of the difference of paths, by resamples (Henseler 2012) and Welch's.
 */
#include "calibrate/groups.h"

#include <math.h>
#include <string.h>

/* Share of random divisions at least as far from 0; the division that was observed is one of them. */
static double as_far(const double *values, size_t count, double observed)
{
	size_t i, far = 1;

	for (i = 0; i < count; i++)
		far += fabs(values[i]) >= fabs(observed);
	return (double)far / (double)(count + 1);
}

static void limits(loy__comparing *c, const double *values, double *low, double *high)
{
	double tail = 0.5 * (1.0 - c->options.level);

	memcpy(c->sorted, values, c->options.permutations * sizeof(double));
	loy__sort_doubles(c->sorted, c->options.permutations);
	*low = loy__sorted_quantile(c->sorted, c->options.permutations, tail);
	*high = loy__sorted_quantile(c->sorted, c->options.permutations, 1.0 - tail);
}

static void judge_construct(loy__comparing *c, uint32_t construct, const loy__said *all)
{
	size_t n = c->options.permutations, i, low = 1;
	loy_invariance *v = &c->out->invariance[construct];
	const double *correlation = all->correlation + construct * n;

	for (i = 0; i < n; i++)
		low += correlation[i] <= v->correlation;
	v->correlation_p = (double)low / (double)(n + 1);
	memcpy(c->sorted, correlation, n * sizeof(double));
	loy__sort_doubles(c->sorted, n);
	v->correlation_least = loy__sorted_quantile(c->sorted, n, 1.0 - c->options.level);
	limits(c, all->mean + construct * n, &v->mean_low, &v->mean_high);
	v->mean_p = as_far(all->mean + construct * n, n, v->mean_difference);
	limits(c, all->ratio + construct * n, &v->variance_low, &v->variance_high);
	v->variance_p = as_far(all->ratio + construct * n, n, v->variance_ratio);
}

void loy__groups_judge_permutations(loy__comparing *c)
{
	loy__said all = loy__groups_series(c, 0, c->options.permutations);
	size_t n = c->options.permutations, i;
	uint32_t k;

	for (k = 0; k < c->model->constructs; k++)
		judge_construct(c, k, &all);
	for (k = 0; k < c->model->paths; k++) {
		loy_path_difference *d = &c->out->path[k];

		for (i = 0; i < n; i++)
			c->sorted[i] = all.first[k * n + i] - all.second[k * n + i];
		d->permutation_p = as_far(c->sorted, n, d->first - d->second);
	}
}

static double error_of(const double *values, size_t count)
{
	double mean = 0.0, squares = 0.0;
	size_t i;

	for (i = 0; i < count; i++)
		mean += values[i] / (double)count;
	for (i = 0; i < count; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	return sqrt(squares / (double)(count - 1));
}

/* How many of the first group's values exceed how many of the second's, ties half, of all pairs. Both sorted. */
static double exceedance(const double *first, const double *second, size_t count)
{
	size_t i, under = 0, not_over = 0;
	double sum = 0.0;

	for (i = 0; i < count; i++) {
		while (under < count && second[under] < first[i])
			under++;
		while (not_over < count && second[not_over] <= first[i])
			not_over++;
		sum += (double)under + 0.5 * (double)(not_over - under);
	}
	return sum / ((double)count * (double)count);
}

void loy__groups_judge_draws(loy__comparing *c)
{
	size_t n = c->options.resamples;
	uint32_t k;

	for (k = 0; k < c->model->paths; k++) {
		double *first = c->series + k * n, *second = c->series + (c->model->paths + k) * n, share, a,
		       b, degrees;
		loy_path_difference *d = &c->out->path[k];

		d->first_error = error_of(first, n);
		d->second_error = error_of(second, n);
		loy__sort_doubles(first, n);
		loy__sort_doubles(second, n);
		share = exceedance(first, second, n);
		d->bootstrap_p = 2.0 * (share < 0.5 ? share : 1.0 - share);
		a = d->first_error * d->first_error;
		b = d->second_error * d->second_error;
		d->welch_t = (d->first - d->second) / sqrt(a + b);
		degrees = (a + b) * (a + b) /
		          (a * a / ((double)c->out->summary.first - 1.0) +
		           b * b / ((double)c->out->summary.second - 1.0));
		d->welch_p = (double)NAN;
		if (loy__student_t(fabs(d->welch_t), degrees, NULL, &share) == LOY_OK)
			d->welch_p = 2.0 * share;
	}
}
