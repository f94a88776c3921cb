/*
 * Whose R² it is. Shapley: R² of every subset, walked so that each takes one row of a Cholesky factor more
 * than the one before; then the gains of each predictor, weighted by the orders they stand for. Relative
 * weights: predictors against the orthogonal columns closest to them.
 */
#include "regression.h"

#include <math.h>

#define SHAPLEY_MOST ((size_t)20)

/* R² of the subset that is `set[0] … set[count - 1]`, given the factor of all but the last. */
static double add_to_factor(const loy_linear *l, double *factor, double *right, const uint32_t *set,
                            size_t count, double before)
{
	size_t p = l->predictors, last = count - 1, i, k;
	double *row = factor + last * SHAPLEY_MOST, own = 1.0, sum = l->with[set[last]];

	for (i = 0; i < last; i++) {
		double v = l->correlation[set[last] * p + set[i]];

		for (k = 0; k < i; k++)
			v -= row[k] * factor[i * SHAPLEY_MOST + k];
		row[i] = v / factor[i * SHAPLEY_MOST + i];
		own -= row[i] * row[i];
		sum -= row[i] * right[i];
	}
	row[last] = sqrt(own);
	right[last] = sum / row[last];
	return before + right[last] * right[last];
}

/* squared[mask] of each subset of the kept predictors. */
static void all_subsets(const loy_linear *l, const uint32_t *kept, size_t count, double *factor,
                        double *squared)
{
	uint32_t set[SHAPLEY_MOST] = {0}, at[SHAPLEY_MOST], mask = 0;
	double right[SHAPLEY_MOST], reached[SHAPLEY_MOST + 1] = {0.0};
	size_t depth = 0, next = 0;

	squared[0] = 0.0;
	for (;;) {
		if (next < count) { /* one more */
			at[depth] = (uint32_t)next;
			set[depth] = kept[next];
			mask |= UINT32_C(1) << next;
			depth++;
			reached[depth] = add_to_factor(l, factor, right, set, depth, reached[depth - 1]);
			squared[mask] = reached[depth];
			next++;
		} else if (depth > 0) { /* the last one gives way to the one after it */
			depth--;
			next = (size_t)at[depth] + 1;
			mask &= ~(UINT32_C(1) << at[depth]);
		} else {
			return;
		}
	}
}

static uint32_t bits_of(uint32_t mask)
{
	uint32_t count = 0;

	for (; mask != 0; mask &= mask - 1)
		count++;
	return count;
}

static LOY__NOINLINE loy_status shapley(const loy_linear *l, const uint32_t *kept, size_t count,
                                        double *shares, const loy_allocator *memory)
{
	size_t subsets = (size_t)1 << count, doubles = subsets + SHAPLEY_MOST * SHAPLEY_MOST, i;
	double *squared, weight[SHAPLEY_MOST];
	uint32_t mask;

	squared = loy__alloc(memory, doubles * sizeof(*squared));
	if (squared == NULL)
		return LOY_ENOMEM;
	all_subsets(l, kept, count, squared + subsets, squared);
	for (i = 0; i < count;
	     i++) /* s! (count - 1 - s)! / count!: one over count times a binomial coefficient */
		weight[i] = i == 0 ? 1.0 / (double)count : weight[i - 1] * (double)i / (double)(count - i);
	for (i = 0; i < count; i++) {
		double sum = 0.0;

		for (mask = 0; mask < subsets; mask++) {
			if ((mask >> i & 1) == 0)
				sum += weight[bits_of(mask)] *
				       (squared[mask | UINT32_C(1) << i] - squared[mask]);
		}
		shares[kept[i]] = sum;
	}
	loy__free(memory, squared, doubles * sizeof(*squared));
	return LOY_OK;
}

/* With R = V D V': L = V D^1/2 V', b = V D^-1/2 V' r, share = L² b². */
static LOY__NOINLINE loy_status relative(const loy_linear *l, const uint32_t *kept, size_t count,
                                         double *shares, const loy_allocator *memory)
{
	size_t p = l->predictors, doubles = 2 * count * count + 2 * count, i, j, k;
	double *matrix = loy__alloc(memory, (doubles + 1) * sizeof(*matrix));
	double *vectors, *values, *b;
	loy_status status;

	if (matrix == NULL)
		return LOY_ENOMEM;
	vectors = matrix + count * count;
	values = vectors + count * count;
	b = values + count;
	for (i = 0; i < count * count; i++)
		matrix[i] = l->correlation[kept[i / count] * p + kept[i % count]];
	status = loy__symmetric_eigen(matrix, count, values, vectors);
	for (i = 0; i < count && status == LOY_OK; i++) {
		double sum = 0.0;

		for (j = 0; j < count; j++) {
			double root = 0.0, inverse = 0.0;

			for (k = 0; k < count; k++) {
				double both = vectors[k * count + i] * vectors[k * count + j];

				root += both * sqrt(values[k]);
				inverse += both / sqrt(values[k]);
			}
			matrix[i * count + j] = root;
			sum += inverse * l->with[kept[j]];
		}
		b[i] = sum;
	}
	for (i = 0; i < count && status == LOY_OK; i++) {
		double sum = 0.0;

		for (j = 0; j < count; j++)
			sum += matrix[i * count + j] * matrix[i * count + j] * (b[j] * b[j]);
		shares[kept[i]] = sum;
	}
	loy__free(memory, matrix, (doubles + 1) * sizeof(*matrix));
	return status;
}

loy_status loy_linear_drivers(const loy_linear *linear, uint32_t method, double *shares,
                              const loy_allocator *memory)
{
	uint32_t kept[LOY_PREDICTORS_MAX];
	loy_allocator adopted;
	size_t count = 0, i;

	if (linear == NULL || shares == NULL || method > LOY_DRIVERS_RELATIVE ||
	    loy__memory_adopt(&adopted, memory) != LOY_OK)
		return LOY_EINVAL;
	for (i = 0; i < linear->predictors; i++) {
		if (linear->flaw[i + 1] == LOY_FLAW_NONE)
			kept[count++] = (uint32_t)i;
	}
	if (method == LOY_DRIVERS_SHAPLEY && count > SHAPLEY_MOST)
		return LOY_ELIMIT;
	for (i = 0; i < linear->predictors; i++)
		shares[i] = 0.0;
	return method == LOY_DRIVERS_SHAPLEY ? shapley(linear, kept, count, shares, &adopted)
	                                     : relative(linear, kept, count, shares, &adopted);
}
