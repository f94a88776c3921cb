/* Eigenvalues without vectors: those that Jacobi's sweeps find, known ones of large matrices, and refusals. */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

#define N_MAX 60

static double a[N_MAX * N_MAX], b[N_MAX * N_MAX], values[N_MAX], expected[N_MAX], work[N_MAX];

static void the_same_as_by_rotations(void **state)
{
	loy__random r;
	size_t n, i, j;

	(void)state;
	loy__random_init(&r, 3);
	for (n = 1; n <= 40; n++) {
		for (i = 0; i < n; i++) {
			for (j = 0; j <= i; j++) /* some zeros: the matrix falls apart */
				a[i * n + j] = loy__random_below(&r, 4) == 0
				                       ? 0.0
				                       : 2.0 * loy__random_unit(&r) - 1.0;
		}
		for (i = 0; i < n * n; i++)
			b[i] = a[i];
		assert_int_equal(loy__symmetric_values(a, n, values, work), LOY_OK);
		assert_int_equal(loy__symmetric_eigen(b, n, expected, NULL), LOY_OK);
		for (i = 0; i < n; i++) /* both err by about n 2^-53 of the norm, at most 40: 2e-13 */
			assert_close(values[i], expected[i], 0.0, 1e-12);
	}
}

/* -1, 2, -1 beside the diagonal: 2 - 2 cos(k pi / (n + 1)); all the same off it: r n - r + 1, and 1 - r. */
static void known_values(void **state)
{
	size_t i, j, n = N_MAX;

	(void)state;
	for (i = 0; i < n; i++) {
		for (j = 0; j <= i; j++)
			a[i * n + j] = i == j ? 2.0 : i - j == 1 ? -1.0 : 0.0;
	}
	assert_int_equal(loy__symmetric_values(a, n, values, work), LOY_OK);
	for (i = 0; i < n; i++) /* n 2^-53 of the norm, 4 */
		assert_close(values[i],
		             2.0 - 2.0 * cos(3.14159265358979324 * (double)(i + 1) / (double)(n + 1)), 0.0,
		             1e-13);
	for (i = 0; i < n; i++) {
		for (j = 0; j <= i; j++)
			a[i * n + j] = i == j ? 1.0 : 0.25;
	}
	assert_int_equal(loy__symmetric_values(a, n, values, work), LOY_OK);
	assert_close(values[n - 1], 0.25 * (double)n + 0.75, 1e-14, 0.0);
	for (i = 0; i + 1 < n; i++)
		assert_close(values[i], 0.75, 0.0, 1e-13);
}

static void awkward_matrices(void **state)
{
	double one[1] = {-3.0}, zero[9] = {0}, swap[4] = {0, 0, 1, 0}, bad[4] = {1, 0, NAN, 1},
	       large[4] = {1e101, 0, 0, 1};

	(void)state;
	assert_int_equal(loy__symmetric_values(one, 1, values, work), LOY_OK);
	assert_bits_equal(values[0], -3.0);
	assert_int_equal(loy__symmetric_values(zero, 3, values, work), LOY_OK);
	assert_close(values[0], 0.0, 0.0, 0.0);
	assert_close(values[2], 0.0, 0.0, 0.0);
	assert_int_equal(loy__symmetric_values(swap, 2, values, work), LOY_OK);
	assert_close(values[0], -1.0, 1e-15, 0.0);
	assert_close(values[1], 1.0, 1e-15, 0.0);
	assert_int_equal(loy__symmetric_values(bad, 2, values, work), LOY_ERANGE);
	assert_int_equal(loy__symmetric_values(large, 2, values, work), LOY_ERANGE);
	assert_int_equal(loy__symmetric_values(NULL, 0, values, work), LOY_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_same_as_by_rotations),
	        cmocka_unit_test(known_values),
	        cmocka_unit_test(awkward_matrices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
