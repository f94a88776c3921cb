/*
 * Small dense matrices: hand-made cases, and for random ones of all sizes the identities that define a factor,
 * a solution, an inverse and an eigenvector.
 */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

#define N_MAX 24

/* Backward errors are about n 2^-53 of the norm, here at most 24 of 1e-16; 100 times that is still rounding. */
#define ROUNDING 3e-13

static double symmetric[N_MAX * N_MAX], work[N_MAX * N_MAX], other[N_MAX * N_MAX];

/* B B' + ridge: positive definite with a condition of some thousands at most. */
static void fill_definite(loy__random *r, size_t n, double ridge)
{
	size_t i, j, k;

	for (i = 0; i < n * n; i++)
		other[i] = 2.0 * loy__random_unit(r) - 1.0;
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			double sum = i == j ? ridge : 0.0;

			for (k = 0; k < n; k++)
				sum += other[i * n + k] * other[j * n + k];
			symmetric[i * n + j] = sum;
		}
	}
}

static double product(const double *a, const double *b, size_t n, size_t i, size_t j)
{
	double sum = 0.0;
	size_t k;

	for (k = 0; k < n; k++)
		sum += a[i * n + k] * b[k * n + j];
	return sum;
}

static void hand_made_factor(void **state)
{
	/* L = (2, 0, 0; 6, 1, 0; -8, 5, 3): all exact in binary */
	double a[9] = {4, 12, -16, 12, 37, -43, -16, -43, 98}, b[3] = {4, 13, -11};
	const double l[9] = {2, 0, 0, 6, 1, 0, -8, 5, 3};
	size_t pivot = 9, i;

	(void)state;
	assert_int_equal(loy__cholesky(a, 3, 0.0, &pivot), LOY_OK);
	assert_int_equal(pivot, 9);
	for (i = 0; i < 9; i++)
		assert_bits_equal(a[i], l[i]);
	assert_close(loy__cholesky_log_det(a, 3), loy__log(36.0), 1e-15, 0.0);
	loy__cholesky_solve(a, 3, b); /* L y = b: (2, 1, 0), then L' x = y: x = (-2, 1, 0) */
	assert_bits_equal(b[0], -2.0);
	assert_bits_equal(b[1], 1.0);
	assert_bits_equal(b[2], 0.0);
}

static void dependent_row_is_named(void **state)
{
	/* row 2 is the sum of rows 0 and 1 */
	const double given[16] = {2, 1, 3, 0, 1, 3, 4, 0, 3, 4, 7, 0, 0, 0, 0, 1};
	double a[16], bad[4] = {1, 0, 0, (double)NAN}, indefinite[4] = {1, 2, 2, 1};
	size_t pivot = 9;

	(void)state;
	memcpy(a, given, sizeof(a));
	assert_int_equal(loy__cholesky(a, 4, 1e-10, &pivot), LOY_ERANGE);
	assert_int_equal(pivot, 2);
	assert_int_equal(loy__cholesky(bad, 2, 0.0, &pivot), LOY_ERANGE);
	assert_int_equal(pivot, 1);
	assert_int_equal(loy__cholesky(indefinite, 2, 0.0, NULL), LOY_ERANGE);
	bad[0] = (double)INFINITY;
	assert_int_equal(loy__cholesky(bad, 1, 0.0, &pivot), LOY_ERANGE);
	assert_int_equal(pivot, 0);
	assert_int_equal(loy__cholesky(bad, 0, 0.0, NULL), LOY_OK);
}

static void inverse_times_matrix_is_identity(void **state)
{
	loy__random r;
	size_t n, i, j;
	int round;

	(void)state;
	loy__random_init(&r, 5);
	for (round = 0; round < 400; round++) {
		n = 1 + (size_t)round % N_MAX;
		fill_definite(&r, n, 0.1);
		memcpy(work, symmetric, sizeof(work));
		assert_int_equal(loy__cholesky(work, n, 1e-12, NULL), LOY_OK);
		for (i = 0; i < n; i++) {
			for (j = 0; j < n; j++) {
				double sum = 0.0;
				size_t k;

				for (k = 0; k < n; k++)
					sum += work[i * n + k] * work[j * n + k];
				assert_close(sum, symmetric[i * n + j], 0.0, ROUNDING);
			}
		}
		loy__cholesky_inverse(work, n);
		for (i = 0; i < n; i++) {
			for (j = 0; j < n; j++) {
				assert_bits_equal(work[i * n + j], work[j * n + i]);
				/* condition up to 500: that times the rounding */
				assert_close(product(symmetric, work, n, i, j), i == j ? 1.0 : 0.0, 0.0,
				             500.0 * ROUNDING);
			}
		}
	}
}

static void solutions_solve(void **state)
{
	double x[N_MAX], b[N_MAX], c[N_MAX];
	size_t pivots[N_MAX], n, i, j;
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 6);
	for (round = 0; round < 400; round++) {
		n = 1 + (size_t)round % N_MAX;
		fill_definite(&r, n, 0.1);
		for (i = 0; i < n; i++)
			x[i] = 2.0 * loy__random_unit(&r) - 1.0;
		for (i = 0; i < n; i++) {
			b[i] = c[i] = 0.0;
			for (j = 0; j < n; j++) {
				b[i] += symmetric[i * n + j] * x[j];
				c[i] += other[i * n + j] * x[j];
			}
		}
		assert_int_equal(loy__cholesky(symmetric, n, 0.0, NULL), LOY_OK);
		loy__cholesky_solve(symmetric, n, b);
		memcpy(work, other, sizeof(work));
		assert_int_equal(loy__lu(work, n, pivots), LOY_OK);
		loy__lu_solve(work, n, pivots, c);
		for (i = 0; i < n; i++) { /* the residual is what is small, whatever the condition */
			double residual = 0.0;

			for (j = 0; j < n; j++)
				residual += other[i * n + j] * (c[j] - x[j]);
			assert_close(residual, 0.0, 0.0, 1e-9 * (1.0 + fabs(c[i])));
			assert_close(b[i], x[i], 0.0, 500.0 * ROUNDING);
		}
	}
}

static void rows_are_exchanged(void **state)
{
	double a[9] = {0, 2, 1, 4, 0, 0, 0, 1, 3}, b[3] = {7, 4, 11}, singular[4] = {1, 2, 2, 4};
	double infinite[1] = {(double)INFINITY};
	size_t pivots[3];

	(void)state;
	assert_int_equal(loy__lu(a, 3, pivots), LOY_OK); /* x = (1, 2, 3), exactly */
	loy__lu_solve(a, 3, pivots, b);
	assert_bits_equal(b[0], 1.0);
	assert_bits_equal(b[1], 2.0);
	assert_bits_equal(b[2], 3.0);
	assert_int_equal(loy__lu(singular, 2, pivots), LOY_ERANGE);
	assert_int_equal(loy__lu(infinite, 1, pivots), LOY_ERANGE);
}

static void eigenvectors_are_turned_by_their_values_only(void **state)
{
	double values[N_MAX], vectors[N_MAX * N_MAX], only[N_MAX];
	loy__random r;
	size_t n, i, j, k;
	int round;

	(void)state;
	loy__random_init(&r, 7);
	for (round = 0; round < 300; round++) {
		double trace = 0.0, sum = 0.0;

		n = 1 + (size_t)round % N_MAX;
		fill_definite(&r, n, round % 3 == 0 ? -1.5 : 0.0); /* indefinite ones as well */
		memcpy(work, symmetric, sizeof(work));
		assert_int_equal(loy__symmetric_eigen(work, n, values, vectors), LOY_OK);
		memcpy(work, symmetric, sizeof(work));
		assert_int_equal(loy__symmetric_eigen(work, n, only, NULL), LOY_OK);
		for (i = 0; i < n; i++) {
			assert_bits_equal(only[i], values[i]);
			assert_true(i == 0 || values[i - 1] <= values[i]);
			trace += symmetric[i * n + i];
			sum += values[i];
			for (j = 0; j < n; j++) {
				double turned = 0.0, dot = 0.0;

				for (k = 0; k < n; k++) {
					turned += symmetric[j * n + k] * vectors[i * n + k];
					dot += vectors[i * n + k] * vectors[j * n + k];
				}
				assert_close(turned, values[i] * vectors[i * n + j], 0.0, ROUNDING);
				assert_close(dot, i == j ? 1.0 : 0.0, 0.0, ROUNDING);
			}
		}
		assert_close(sum, trace, 0.0, ROUNDING);
	}
}

static void small_eigenvalues_keep_their_digits(void **state)
{
	/* diag(1, 1e-10, 1e-20) (1 .5 .25; .5 1 .5; .25 .5 1) of the same: the Schur complements, but for 1e-20 */
	double a[9] = {1, 0.5e-10, 0.25e-20, 0.5e-10, 1e-20, 0.5e-30, 0.25e-20, 0.5e-30, 1e-40}, values[3];

	(void)state;
	assert_int_equal(loy__symmetric_eigen(a, 3, values, NULL), LOY_OK);
	assert_close(values[0], 0.75e-40, 1e-14, 0.0);
	assert_close(values[1], 0.75e-20, 1e-14, 0.0);
	assert_close(values[2], 1.0, 1e-14, 0.0);
	assert_close(loy__condition_number(values, 3), 1.0 / 0.75e-40, 1e-14, 0.0);
}

static void awkward_matrices(void **state)
{
	double swap[4] = {0, 1, 1, 0}, zero[4] = {0, 0, 0, 0}, equal[9] = {5, 0, 0, 0, 5, 0, 0, 0, 5};
	double bad[4] = {1, 0, (double)NAN, 1}, values[3], vectors[9];

	(void)state;
	assert_int_equal(loy__symmetric_eigen(swap, 2, values, vectors), LOY_OK);
	assert_close(values[0], -1.0, 1e-15, 0.0);
	assert_close(values[1], 1.0, 1e-15, 0.0);
	assert_close(vectors[2], sqrt(0.5), 1e-15, 0.0);
	assert_true(isinf(loy__condition_number(values, 2)));
	assert_int_equal(loy__symmetric_eigen(zero, 2, values, vectors), LOY_OK);
	assert_bits_equal(values[0], 0.0);
	assert_true(isinf(loy__condition_number(values, 2)));
	assert_int_equal(loy__symmetric_eigen(equal, 3, values, vectors), LOY_OK);
	assert_bits_equal(values[2], 5.0);
	assert_bits_equal(loy__condition_number(values, 3), 1.0);
	assert_bits_equal(loy__condition_number(values, 0), 1.0);
	assert_int_equal(loy__symmetric_eigen(bad, 2, values, NULL), LOY_ERANGE);
	bad[2] = 1e200;
	assert_int_equal(loy__symmetric_eigen(bad, 2, values, NULL), LOY_ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(hand_made_factor),
	        cmocka_unit_test(dependent_row_is_named),
	        cmocka_unit_test(inverse_times_matrix_is_identity),
	        cmocka_unit_test(solutions_solve),
	        cmocka_unit_test(rows_are_exchanged),
	        cmocka_unit_test(eigenvectors_are_turned_by_their_values_only),
	        cmocka_unit_test(small_eigenvalues_keep_their_digits),
	        cmocka_unit_test(awkward_matrices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
