/* Reliability of a block of items, from its covariances and correlations. */
#include "items.h"

#include <math.h>

/* Matrices of all columns and of the items alone; all in one block. */
struct analysis {
	const loy_items *items;
	size_t p, columns;
	double *all;       /* covariances of all columns: items and, last, the score */
	double *means;     /* of all columns */
	double *c, *r;     /* of items: covariances, correlations */
	double *inverse;   /* of r, when `regular` */
	double *spare;     /* p x p + p */
	double sum, trace; /* of c */
	double n;          /* rows that limits and tests count */
	int regular;
};

static size_t doubles_of(size_t p)
{
	size_t columns = p + 1;

	return columns * columns + columns + 4 * p * p + 2 * p;
}

static void lay_out(struct analysis *a, const loy_items *items, double *block)
{
	a->items = items;
	a->p = items->count;
	a->columns = a->p + 1;
	a->all = block;
	a->means = a->all + a->columns * a->columns;
	a->c = a->means + a->columns;
	a->r = a->c + a->p * a->p;
	a->inverse = a->r + a->p * a->p;
	a->spare = a->inverse + a->p * a->p;
}

/* The upper left corner of a matrix of all columns. */
static void take_items(const struct analysis *a, double *to)
{
	size_t i, j;

	for (i = 0; i < a->p; i++) {
		for (j = 0; j < a->p; j++)
			to[i * a->p + j] = a->all[i * a->columns + j];
	}
}

static double column_count(const struct analysis *a, uint32_t column)
{
	loy_column_moments m;

	m.struct_size = sizeof(m);
	(void)loy_moments_get_column(a->items->moments, column, a->items->weighting, &m);
	return a->items->weighting == LOY_WEIGHT_SURVEY ? (double)m.rows : m.weight;
}

static loy_status refuse_constant(size_t column, loy_error *error)
{
	return loy__fail_row(error, LOY_ERANGE, -1, (uint32_t)column, "an item does not vary");
}

/* The matrices; correlations pairwise are over the rows that have both, as moments have them. */
static loy_status read_moments(struct analysis *a, loy_error *error)
{
	const loy_items *items = a->items;
	size_t i;
	loy_status status = loy_moments_get_matrix(items->moments, items->missing, items->weighting,
	                                           LOY_MATRIX_COVARIANCE, a->all, a->means, error);

	if (status != LOY_OK)
		return status;
	take_items(a, a->c);
	a->sum = a->trace = 0.0;
	for (i = 0; i < a->p * a->p; i++) {
		a->sum += a->c[i];
		a->trace += i % (a->p + 1) == 0 ? a->c[i] : 0.0;
	}
	for (i = 0; i < a->p; i++) {
		if (!(a->c[i * (a->p + 1)] > 0.0))
			return refuse_constant(i, error);
	}
	a->n = column_count(a, (uint32_t)a->p);
	return LOY_OK;
}

/* What correlations the covariances say: the same as those of rows that have both unless answers are missing. */
static void scale_covariances(struct analysis *a)
{
	size_t p = a->p, i, j;

	for (i = 0; i < p; i++) {
		for (j = 0; j < p; j++)
			a->r[i * p + j] = i == j ? 1.0
			                         : a->c[i * p + j] / (sqrt(a->c[i * (p + 1)]) *
			                                              sqrt(a->c[j * (p + 1)]));
	}
}

/* Correlations of the items, and with the score. */
static loy_status read_correlations(struct analysis *a, double *with_score, loy_error *error)
{
	size_t i;
	loy_status status = loy_moments_get_matrix(a->items->moments, a->items->missing, a->items->weighting,
	                                           LOY_MATRIX_CORRELATION, a->all, NULL, error);

	if (status != LOY_OK)
		return status;
	take_items(a, a->r);
	for (i = 0; i < a->p; i++)
		with_score[i] = a->all[i * a->columns + a->p];
	return LOY_OK;
}

/* ---- alpha ---- */

static double alpha_of(double sum, double trace, double count)
{
	return count / (count - 1.0) * (1.0 - trace / sum);
}

/* Duhachek & Iacobucci: 2 k² / ((k - 1)² s³) (s (tr C² + t²) - 2 t 1'C²1) / n, s the sum of C, t its trace. */
static double alpha_deviation(const struct analysis *a)
{
	double k = (double)a->p, squares = 0.0, all = 0.0, variance;
	size_t i, j;

	for (i = 0; i < a->p; i++) {
		double sum = 0.0;

		for (j = 0; j < a->p; j++) {
			sum += a->c[i * a->p + j];
			squares += a->c[i * a->p + j] * a->c[i * a->p + j];
		}
		all += sum * sum;
	}
	variance = 2.0 * k * k / ((k - 1.0) * (k - 1.0) * (a->sum * a->sum * a->sum)) *
	           (a->sum * (squares + a->trace * a->trace) - 2.0 * (a->trace * all));
	return sqrt(variance / a->n);
}

static void fill_alpha(const struct analysis *a, loy_reliability *out)
{
	double k = (double)a->p, low = (double)NAN, high = (double)NAN;

	out->alpha = alpha_of(a->sum, a->trace, k);
	out->alpha_deviation = alpha_deviation(a);
	out->alpha_low = out->alpha_high = (double)NAN;
	if (!(a->n > 1.0))
		return;
	(void)loy__f_ratio_quantile(a->n - 1.0, (a->n - 1.0) * (k - 1.0), 0.025, 1, &high);
	(void)loy__f_ratio_quantile(a->n - 1.0, (a->n - 1.0) * (k - 1.0), 0.025, 0, &low);
	out->alpha_low = 1.0 - (1.0 - out->alpha) * high;
	out->alpha_high = 1.0 - (1.0 - out->alpha) * low;
}

/* ---- correlations ---- */

/* The middle one of n values, which are put in order. */
static double median_of(double *values, size_t n)
{
	size_t i, j;

	for (i = 1; i < n; i++) {
		double moving = values[i];

		for (j = i; j > 0 && values[j - 1] > moving; j--)
			values[j] = values[j - 1];
		values[j] = moving;
	}
	return n % 2 == 1 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

static void fill_correlations(struct analysis *a, loy_reliability *out)
{
	double k = (double)a->p, sum = 0.0;
	size_t p = a->p, i, j, at = 0;

	for (i = 0; i < p; i++) {
		for (j = 0; j < i; j++) {
			a->spare[at++] = a->r[i * p + j];
			sum += a->r[i * p + j];
		}
	}
	out->mean_r = 2.0 * sum / (k * (k - 1.0));
	out->median_r = median_of(a->spare, at);
	out->alpha_standardised = alpha_of(2.0 * sum + k, k, k);
	out->signal_to_noise = k * out->mean_r / (1.0 - out->mean_r);
}

/* The factor of the correlations, where they have one. */
static void factor(struct analysis *a)
{
	memcpy(a->inverse, a->r, a->p * a->p * sizeof(*a->r));
	a->regular = loy__cholesky(a->inverse, a->p, 1e-12, NULL) == LOY_OK;
}

/* Guttman's: what items have of their own, by the covariances. */
static void fill_lambda(struct analysis *a, loy_reliability *out)
{
	double left = 0.0, sum = 0.0;
	size_t i;

	factor(a);
	out->lambda6 = (double)NAN;
	if (!a->regular)
		return;
	loy__cholesky_inverse(a->inverse, a->p);
	for (i = 0; i < a->p * a->p; i++) {
		sum += a->r[i];
		left += i % (a->p + 1) == 0 ? 1.0 / a->inverse[i] : 0.0;
	}
	out->lambda6 = 1.0 - left / sum;
}

/* Inverse of the correlations, and the test that there are none. */
static void fill_tests(struct analysis *a, loy_reliability *out)
{
	double k = (double)a->p;

	out->bartlett = out->bartlett_p = (double)NAN;
	out->bartlett_degrees = k * (k - 1.0) / 2.0;
	factor(a);
	if (!a->regular)
		return;
	out->bartlett =
	        -(out->complete - 1.0 - (2.0 * k + 5.0) / 6.0) * loy__cholesky_log_det(a->inverse, a->p);
	if (out->bartlett >= 0.0)
		(void)loy__chi_square(out->bartlett, out->bartlett_degrees, NULL, &out->bartlett_p);
	loy__cholesky_inverse(a->inverse, a->p);
}

/* Sums of squared correlations of an item with the others, plain and partial. */
static void sampling(const struct analysis *a, size_t i, double *plain, double *partial)
{
	size_t p = a->p, j;

	*plain = *partial = 0.0;
	for (j = 0; j < p; j++) {
		double q;

		if (j == i)
			continue;
		q = a->inverse[i * p + j] / sqrt(a->inverse[i * (p + 1)] * a->inverse[j * (p + 1)]);
		*plain += a->r[i * p + j] * a->r[i * p + j];
		*partial += q * q;
	}
}

static void fill_sampling(const struct analysis *a, loy_reliability *out, loy_item *each)
{
	double plain, partial, all = 0.0, all_partial = 0.0;
	size_t i;

	out->kmo = (double)NAN;
	for (i = 0; i < a->p; i++) {
		if (each != NULL)
			each[i].kmo = each[i].multiple = (double)NAN;
		if (!a->regular)
			continue;
		sampling(a, i, &plain, &partial);
		all += plain;
		all_partial += partial;
		if (each != NULL) {
			each[i].kmo = plain / (plain + partial);
			each[i].multiple = 1.0 - 1.0 / a->inverse[i * (a->p + 1)];
		}
	}
	if (a->regular)
		out->kmo = all / (all + all_partial);
}

/* ---- items ---- */

/* From variances and covariances of an item and its square: central moments, divisor n. */
static void fill_shape(const struct analysis *a, size_t i, double n, loy_item *out)
{
	double both[4], means[2], share = (n - 1.0) / n, variance, third, fourth;

	out->skewness = out->kurtosis = (double)NAN;
	if (loy_moments_get_matrix(a->items->shape[i], LOY_MISSING_LISTWISE, a->items->weighting,
	                           LOY_MATRIX_COVARIANCE, both, means, NULL) != LOY_OK)
		return;
	variance = both[0] * share;
	third = both[1] * share - 2.0 * means[0] * variance;
	fourth = (both[3] - 4.0 * means[0] * both[1] + 4.0 * means[0] * means[0] * both[0]) * share +
	         variance * variance;
	out->skewness = third / (variance * sqrt(variance));
	out->kurtosis = fourth / (variance * variance) - 3.0;
}

/* Covariance of an item with the sum of all. */
static double sum_of(const struct analysis *a, size_t i)
{
	double sum = 0.0;
	size_t j;

	for (j = 0; j < a->p; j++)
		sum += a->c[i * a->p + j];
	return sum;
}

static void fill_items(const struct analysis *a, loy_item *each)
{
	size_t p = a->p, i;

	for (i = 0; i < p; i++) {
		double own = a->c[i * (p + 1)], sum = sum_of(a, i), rest;

		rest = a->sum - 2.0 * sum + own;
		each[i].n = column_count(a, (uint32_t)i);
		each[i].mean = a->means[i] + a->items->middle;
		each[i].spread = sqrt(own);
		each[i].with_rest = rest > 0.0 ? (sum - own) / sqrt(own * rest) : (double)NAN;
		each[i].alpha_without =
		        p > 2 && rest > 0.0 ? alpha_of(rest, a->trace - own, (double)p - 1.0) : (double)NAN;
		fill_shape(a, i, each[i].n, &each[i]);
	}
}

/* ---- the whole ---- */

static loy_status analyse(struct analysis *a, loy_reliability *out, loy_item *each, double *eigenvalues,
                          loy_error *error)
{
	double *with = a->spare + a->p * a->p;
	loy_moments_info info;
	size_t i;
	loy_status status = read_moments(a, error);

	if (status != LOY_OK)
		return status;
	info.struct_size = sizeof(info);
	(void)loy_moments_get_info(a->items->moments, &info);
	memset(out, 0, sizeof(*out));
	out->items = a->items->count;
	out->n = a->n;
	out->complete = a->items->weighting == LOY_WEIGHT_SURVEY ? (double)info.complete : info.weight;
	out->mean = a->means[a->p] + a->items->middle;
	out->spread = sqrt(a->all[a->columns * a->columns - 1]);
	fill_alpha(a, out);
	for (i = 0; i < a->p; i++)
		out->negative += sum_of(a, i) < a->c[i * (a->p + 1)];
	if (each != NULL)
		fill_items(a, each);
	scale_covariances(a);
	fill_correlations(a, out);
	fill_lambda(a, out);
	status = read_correlations(a, with, error);
	if (status != LOY_OK)
		return status;
	for (i = 0; i < a->p && each != NULL; i++)
		each[i].with_score = with[i];
	fill_tests(a, out);
	fill_sampling(a, out, each);
	if (eigenvalues == NULL)
		return LOY_OK;
	memcpy(a->spare, a->r, a->p * a->p * sizeof(*a->r));
	status = loy__symmetric_eigen(a->spare, a->p, with, NULL);
	for (i = 0; i < a->p && status == LOY_OK; i++)
		eigenvalues[i] = with[a->p - 1 - i];
	return status;
}

loy_status loy_items_analyse(const loy_items *items, loy_reliability *out, loy_item *each,
                             double *eigenvalues, const loy_allocator *memory, loy_error *error)
{
	struct analysis a;
	loy_reliability found;
	loy_allocator adopted;
	size_t bytes;
	double *block;
	loy_status status;

	if (items == NULL || out == NULL || loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "items and a place for the result are needed");
	bytes = doubles_of(items->count) * sizeof(*block);
	block = loy__alloc(&adopted, bytes);
	if (block == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the analysis");
	lay_out(&a, items, block);
	status = analyse(&a, &found, each, eigenvalues, error);
	loy__free(&adopted, block, bytes);
	return status == LOY_OK ? loy__result_write(out, &found, sizeof(found)) : status;
}
