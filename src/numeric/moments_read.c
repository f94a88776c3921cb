/*
 * Means, variances and matrices from exact sums.
 *
 * What is divided is computed exactly, in whole numbers: over rows that have both of a pair, with W the sum of weights,
 *
 *	C = W sum(w x y) - sum(w x) sum(w y),	covariance = C / W² (divisor n) or C / (W (W - 1)),
 *
 * so nothing cancels, however large the mean is beside the deviations. Where missing values stand for their column's
 * mean, deviations from it are 0 there, and with the column's own sums A, V over its rows
 *
 *	D = V_i V_j sum(w x y) - A_i V_j sum(w y) - A_j V_i sum(w x) + A_i A_j W,	covariance = D / (V_i V_j n).
 *
 * Each result then takes the rounding of numerator and denominator and of the division or, for correlations, of two
 * roots, a product and a division.
 */
#include "numeric/moments.h"

#include <math.h>
#include <string.h>

/* What is known of a pair over rows that have both. */
struct pair {
	loy__big weight, first_i, first_j, product;
	uint64_t rows;
};

/* How moments are to be read. */
struct reading {
	const loy_moments *m;
	uint32_t missing, weighting, kind;
	loy_error *error;
};

/* A sum over complete rows and, where they count, the others. */
static void take(loy__big *out, const loy__sum *complete, const loy__sum *others)
{
	loy__sum sum = *complete;

	if (others != NULL)
		loy__sum_add(&sum, others);
	loy__big_from_sum(out, &sum);
}

static uint64_t pair_rows(const struct reading *how, uint32_t i, uint32_t j)
{
	const loy_moments *m = how->m;
	uint64_t rows = m->complete;

	if (how->missing != LOY_MISSING_LISTWISE)
		rows += m->pair_rows[loy__pair_index(i, j, m->columns)].word[0];
	return rows;
}

/* i <= j */
static void read_pair(const struct reading *how, uint32_t i, uint32_t j, struct pair *out)
{
	const loy_moments *m = how->m;
	size_t k = m->columns, at = loy__pair_index(i, j, k);
	int others = how->missing != LOY_MISSING_LISTWISE;

	out->rows = pair_rows(how, i, j);
	take(&out->weight, m->weight, others ? &m->pair_weight[at] : NULL);
	take(&out->first_i, &m->first[i], others ? &m->pair_first[i * k + j] : NULL);
	take(&out->first_j, &m->first[j], others ? &m->pair_first[j * k + i] : NULL);
	take(&out->product, &m->product[at], others ? &m->pair_product[at] : NULL);
}

/* C of the text above, of x and y. */
static void centre(loy__big *out, const loy__big *weight, const loy__big *product, const loy__big *first,
                   const loy__big *second)
{
	loy__big left, right;

	loy__big_multiply(&left, weight, product);
	loy__big_multiply(&right, first, second);
	loy__big_subtract(out, &left, &right);
}

/* A column over its own rows. */
struct own {
	loy__big weight, first;
	uint64_t rows;
};

static void read_own(const struct reading *how, uint32_t i, struct own *out)
{
	const loy_moments *m = how->m;
	size_t k = m->columns, at = loy__pair_index(i, i, k);
	int others = how->missing != LOY_MISSING_LISTWISE;

	out->rows = pair_rows(how, i, i);
	take(&out->weight, m->weight, others ? &m->pair_weight[at] : NULL);
	take(&out->first, &m->first[i], others ? &m->pair_first[i * k + i] : NULL);
}

/* D of the text above. */
static LOY__NOINLINE void centre_means(const struct reading *how, uint32_t i, uint32_t j,
                                       const struct pair *pair, loy__big *divisor, loy__big *out)
{
	struct own a, b;
	loy__big part, product;

	read_own(how, i, &a);
	read_own(how, j, &b);
	loy__big_multiply(divisor, &a.weight, &b.weight);
	loy__big_multiply(out, divisor, &pair->product);
	loy__big_multiply(&part, &a.first, &b.weight);
	loy__big_multiply(&product, &part, &pair->first_j);
	loy__big_subtract(out, out, &product);
	loy__big_multiply(&part, &b.first, &a.weight);
	loy__big_multiply(&product, &part, &pair->first_i);
	loy__big_subtract(out, out, &product);
	loy__big_multiply(&part, &a.first, &b.first);
	loy__big_multiply(&product, &part, &pair->weight);
	loy__big_add(out, out, &product);
}

/* Numerator and divisor of a covariance, as divide() wants them, and the n of the pair. */
struct ratio {
	loy__big numerator, divisor, weight;
	uint64_t rows;
};

static void read_ratio(const struct reading *how, uint32_t i, uint32_t j, struct ratio *out)
{
	struct pair pair;

	read_pair(how, i, j, &pair);
	if (how->missing == LOY_MISSING_MEAN) {
		centre_means(how, i, j, &pair, &out->divisor, &out->numerator);
		loy__big_from_sum(&out->weight, how->m->weight_all);
		out->rows = how->m->counted;
		return;
	}
	centre(&out->numerator, &pair.weight, &pair.product, &pair.first_i, &pair.first_j);
	out->divisor = pair.weight;
	out->weight = pair.weight;
	out->rows = pair.rows;
}

/*
 * numerator / (divisor n), or n - 1; survey weights are scaled to add up to the number of rows. Numerators have 80
 * binary places more than divisors with n.
 */
static double divide(const struct reading *how, const struct ratio *ratio)
{
	loy__big factor, below, product, scaled = ratio->numerator;

	if (how->kind == LOY_MATRIX_COVARIANCE_ML) {
		below = ratio->weight;
	} else if (how->weighting == LOY_WEIGHT_FREQUENCY) {
		loy__big_from_u64(&factor, UINT64_C(1) << LOY__GRID_BITS);
		loy__big_subtract(&below, &ratio->weight, &factor);
	} else {
		loy__big_from_u64(&factor, ratio->rows);
		loy__big_multiply(&scaled, &ratio->numerator, &factor);
		loy__big_from_u64(&factor, ratio->rows - 1);
		loy__big_multiply(&below, &ratio->weight, &factor);
	}
	loy__big_multiply(&product, &ratio->divisor, &below);
	return loy__big_to_double(&scaled, -2 * LOY__GRID_BITS) / loy__big_to_double(&product, 0);
}

/* n as the weighting has it. */
static double count_of(const struct reading *how, const loy__big *weight, uint64_t rows)
{
	return how->weighting == LOY_WEIGHT_SURVEY ? (double)rows
	                                           : loy__big_to_double(weight, -LOY__GRID_BITS);
}

static double mean_of(const struct own *own)
{
	return loy__big_to_double(&own->first, -LOY__GRID_BITS) / loy__big_to_double(&own->weight, 0);
}

/* ---- correlations ---- */

/* The root of C or D of i with itself; pairwise over the rows that have j. 0 when it does not vary. */
static double root_of(const struct reading *how, uint32_t i, uint32_t j)
{
	const loy_moments *m = how->m;
	size_t k = m->columns, low = i < j ? i : j, high = i < j ? j : i, at = loy__pair_index(low, high, k);
	struct ratio ratio;

	if (how->missing == LOY_MISSING_PAIRWISE) {
		loy__big weight, first, square;

		take(&weight, m->weight, &m->pair_weight[at]);
		take(&first, &m->first[i], &m->pair_first[i * k + j]);
		take(&square, &m->product[loy__pair_index(i, i, k)], &m->pair_square[i * k + j]);
		centre(&ratio.numerator, &weight, &square, &first, &first);
	} else {
		read_ratio(how, i, i, &ratio);
	}
	return ratio.numerator.negative ? 0.0 : sqrt(loy__big_to_double(&ratio.numerator, 0));
}

/* `root_i` and `root_j` are those of the columns, which pairwise reading does not use. */
static double correlate(const struct reading *how, uint32_t i, uint32_t j, double root_i, double root_j)
{
	struct ratio ratio;
	double r;

	if (how->missing == LOY_MISSING_PAIRWISE) {
		root_i = root_of(how, i, j);
		root_j = root_of(how, j, i);
	}
	read_ratio(how, i, j, &ratio);
	r = loy__big_to_double(&ratio.numerator, 0) / (root_i * root_j);
	return r > 1.0 ? 1.0 : r < -1.0 ? -1.0 : r;
}

/* ---- whole matrices ---- */

static loy_status refuse_constant(const struct reading *how, uint32_t column)
{
	return loy__fail_row(how->error, LOY_ERANGE, -1, column,
	                     "a column does not vary, so that it has no correlations");
}

/* Everything that can be refused, before anything is written. */
static loy_status look_at_pair(const struct reading *how, uint32_t i, uint32_t j)
{
	struct own own;
	struct ratio ratio;

	read_own(how, j, &own);
	if (own.rows == 0)
		return loy__fail_row(how->error, LOY_EUNKNOWN, -1, j, "a column has no value");
	if (how->kind == LOY_MATRIX_COUNT)
		return LOY_OK;
	read_ratio(how, i, j, &ratio);
	if (!(count_of(how, &ratio.weight, ratio.rows) > 1.0))
		return loy__fail_row(how->error, LOY_EUNKNOWN, -1, j,
		                     "a column has fewer than two rows in common with another");
	if (how->kind != LOY_MATRIX_CORRELATION)
		return LOY_OK;
	if (root_of(how, i, j) == 0.0)
		return refuse_constant(how, i);
	return root_of(how, j, i) == 0.0 ? refuse_constant(how, j) : LOY_OK;
}

static loy_status look_at_all(const struct reading *how)
{
	uint32_t columns = how->m->columns, i, j;
	loy_status status = LOY_OK;

	for (i = 0; i < columns && status == LOY_OK; i++)
		status = look_at_pair(how, i, i);
	/* Only pairwise can rows that two have in common be fewer than those of each. */
	for (i = 0; i < columns && how->missing == LOY_MISSING_PAIRWISE; i++) {
		for (j = i + 1; j < columns && status == LOY_OK; j++)
			status = look_at_pair(how, i, j);
	}
	return status;
}

static double entry(const struct reading *how, uint32_t i, uint32_t j, const double *matrix)
{
	size_t k = how->m->columns;
	struct ratio ratio;

	if (how->kind == LOY_MATRIX_CORRELATION)
		return correlate(how, i, j, matrix[i * k + i], matrix[j * k + j]);
	read_ratio(how, i, j, &ratio);
	if (how->kind == LOY_MATRIX_COUNT)
		return count_of(how, &ratio.weight, ratio.rows);
	return divide(how, &ratio);
}

static void write_matrix(const struct reading *how, double *matrix)
{
	uint32_t i, j;
	size_t k = how->m->columns;

	for (i = 0; i < k;
	     i++) /* correlations have their columns' roots on the diagonal until they are done */
		matrix[i * k + i] =
		        how->kind == LOY_MATRIX_CORRELATION ? root_of(how, i, i) : entry(how, i, i, matrix);
	for (i = 0; i < k; i++) {
		for (j = i + 1; j < k; j++) {
			matrix[i * k + j] = entry(how, i, j, matrix);
			matrix[j * k + i] = matrix[i * k + j];
		}
	}
	for (i = 0; i < k && how->kind == LOY_MATRIX_CORRELATION; i++)
		matrix[i * k + i] = 1.0;
}

loy_status loy_moments_get_matrix(const loy_moments *moments, uint32_t missing, uint32_t weighting,
                                  uint32_t kind, double *matrix, double *means, loy_error *error)
{
	struct reading how;
	loy_status status;
	uint32_t i;

	if (moments == NULL || matrix == NULL || missing > LOY_MISSING_MEAN ||
	    weighting > LOY_WEIGHT_SURVEY || kind > LOY_MATRIX_COUNT)
		return loy__fail(error, LOY_EINVAL, "there is no such matrix, or no place for it");
	if (missing != LOY_MISSING_LISTWISE && moments->missing == LOY_MISSING_LISTWISE)
		return loy__fail(error, LOY_EINVAL, "these moments are of complete rows only");
	how.m = moments;
	how.missing = missing;
	how.weighting = weighting;
	how.kind = kind;
	how.error = error;
	status = look_at_all(&how);
	if (status != LOY_OK)
		return status;
	write_matrix(&how, matrix);
	for (i = 0; means != NULL && i < moments->columns; i++) {
		struct own own;

		read_own(&how, i, &own);
		means[i] = mean_of(&own);
	}
	return LOY_OK;
}

loy_status loy_moments_get_column(const loy_moments *moments, uint32_t column, uint32_t weighting,
                                  loy_column_moments *out)
{
	loy_column_moments told = {0};
	struct reading how = {0};
	struct ratio ratio;
	struct own own;

	if (moments == NULL || out == NULL || weighting > LOY_WEIGHT_SURVEY)
		return LOY_EINVAL;
	if (column >= moments->columns)
		return LOY_ENOTFOUND;
	how.m = moments;
	how.missing = moments->missing;
	how.weighting = weighting;
	read_own(&how, column, &own);
	told.rows = own.rows;
	told.weight = loy__big_to_double(&own.weight, -LOY__GRID_BITS);
	told.mean = told.variance = told.least = told.greatest = (double)NAN;
	if (own.rows != 0) {
		told.mean = mean_of(&own);
		told.least = moments->least[column];
		told.greatest = moments->greatest[column];
		read_ratio(&how, column, column, &ratio);
		if (count_of(&how, &ratio.weight, ratio.rows) > 1.0)
			told.variance = divide(&how, &ratio);
	}
	return loy__result_write(out, &told, sizeof(told));
}
