/* Drawing resamples, and what they say of a quantity: bias, standard error, and five sorts of limits. */
#include "calibrate/bootstrap.h"

#include <math.h>

uint64_t loy__draw_below(uint64_t seed, uint32_t kind, uint32_t resample, uint32_t attempt, uint64_t k,
                         uint64_t bound)
{
	uint64_t key = loy__mix64(seed + UINT64_C(0x9e3779b97f4a7c15)), high;

	key = loy__mix64(key ^ ((uint64_t)kind << 62 | (uint64_t)attempt << 32 | resample));
	(void)loy__multiply_full(loy__mix64(key + (k + 1) * UINT64_C(0x9e3779b97f4a7c15)), bound, &high);
	return high;
}

/* Heap sort: in place, no worst case, and equal doubles cannot be told apart. */
static void sift(double *values, size_t root, size_t count)
{
	double moving = values[root];
	size_t child;

	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count && values[child + 1] > values[child])
			child++;
		if (!(values[child] > moving))
			break;
		values[root] = values[child];
		root = child;
	}
	values[root] = moving;
}

void loy__sort_doubles(double *values, size_t count)
{
	size_t i;

	for (i = count / 2; i-- > 0;)
		sift(values, i, count);
	for (i = count; i-- > 1;) {
		double last = values[i];

		values[i] = values[0];
		values[0] = last;
		sift(values, 0, i);
	}
}

double loy__sorted_quantile(const double *sorted, size_t count, double share)
{
	double at = (double)(count - 1) * share;
	size_t below = (size_t)at;

	if (below + 1 >= count)
		return sorted[count - 1];
	return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

/* The normal deviate of the share of resamples below the estimate, ties half. */
static double bias_correction(const double *values, size_t count, double estimate)
{
	double below = 0.0;
	size_t i;

	for (i = 0; i < count; i++)
		below += values[i] < estimate ? 1.0 : values[i] > estimate ? 0.0 : 0.5;
	return loy__normal_quantile(below / (double)count);
}

static double acceleration(const double *left_out, const double *times, size_t count)
{
	double mean = 0.0, total = 0.0, squares = 0.0, cubes = 0.0;
	size_t i;

	for (i = 0; i < count; i++) {
		mean += times[i] * left_out[i];
		total += times[i];
	}
	mean /= total;
	for (i = 0; i < count; i++) {
		double off = mean - left_out[i];

		squares += times[i] * off * off;
		cubes += times[i] * off * off * off;
	}
	return squares > 0.0 ? cubes / (6.0 * squares * sqrt(squares)) : 0.0;
}

static void corrected(const double *sorted, size_t count, double z0, double a, double z, double *low,
                      double *high)
{
	double down = z0 - z, up = z0 + z;

	*low = *high = (double)NAN;
	if (!(fabs(z0) <= DBL_MAX) || !(1.0 - a * down > 0.0) || !(1.0 - a * up > 0.0))
		return;
	*low = loy__sorted_quantile(sorted, count, loy__normal_cdf(z0 + down / (1.0 - a * down)));
	*high = loy__sorted_quantile(sorted, count, loy__normal_cdf(z0 + up / (1.0 - a * up)));
}

void loy__bootstrap_limits(double *values, size_t count, const double *left_out, const double *times,
                           size_t left_count, double level, loy_bootstrapped *out)
{
	double mean = 0.0, squares = 0.0, tail = 0.5 * (1.0 - level), z = -loy__normal_quantile(tail), z0;
	size_t i;

	for (i = 0; i < count; i++)
		mean += values[i];
	mean /= (double)count;
	for (i = 0; i < count; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	out->mean = mean;
	out->bias = mean - out->estimate;
	out->deviation = sqrt(squares / (double)(count - 1));
	out->t = out->estimate / out->deviation;
	out->p = 2.0 * loy__normal_sf(fabs(out->t));
	out->normal_low = out->estimate - z * out->deviation;
	out->normal_high = out->estimate + z * out->deviation;
	z0 = bias_correction(values, count, out->estimate);
	loy__sort_doubles(values, count);
	out->percentile_low = loy__sorted_quantile(values, count, tail);
	out->percentile_high = loy__sorted_quantile(values, count, 1.0 - tail);
	out->basic_low = 2.0 * out->estimate - out->percentile_high;
	out->basic_high = 2.0 * out->estimate - out->percentile_low;
	corrected(values, count, z0, 0.0, z, &out->corrected_low, &out->corrected_high);
	out->accelerated_low = out->accelerated_high = (double)NAN;
	if (left_out != NULL)
		corrected(values, count, z0, acceleration(left_out, times, left_count), z,
		          &out->accelerated_low, &out->accelerated_high);
}
