/* Differences of log gamma and its derivatives: against the functions where these are exact enough, and by addition. */
#include <math.h>

#include "numeric/buying.h"
#include "support.h"

/* For moderate x the difference of the functions is good to about 1e-15 of their size. */
static void differences_of_functions(void **state)
{
	double x, d, out[3];

	(void)state;
	for (x = 0.01; x < 200.0; x *= 1.7) {
		for (d = 0.0; d < 300.0; d = d * 1.9 + 0.3) {
			loy__gamma_diff(x, d, out);
			assert_close(out[0], loy__lgamma(x + d, NULL) - loy__lgamma(x, NULL), 1e-12, 1e-12);
			assert_close(out[1], loy__digamma(x + d) - loy__digamma(x), 1e-11, 1e-12);
			assert_close(out[2], loy__trigamma(x + d) - loy__trigamma(x), 1e-11, 1e-12);
			assert_bits_equal(out[0], loy__lgamma_diff(x, d));
		}
	}
}

/* Whole steps are sums: the branch for many steps must meet the one for few. */
static void many_steps_are_sums(void **state)
{
	double x, out[3];

	(void)state;
	for (x = 0.3; x < 1e15; x *= 7.0) {
		double logs = 0.0, first = 0.0, second = 0.0, i;

		for (i = 0.0; i < 200.0; i += 1.0) {
			logs += log(x + i);
			first += 1.0 / (x + i);
			second -= 1.0 / ((x + i) * (x + i));
		}
		loy__gamma_diff(x, 200.0, out);
		/* 200 roundings of the sums */
		assert_close(out[0], logs, 1e-13, 1e-12);
		assert_close(out[1], first, 1e-12, 0.0);
		assert_close(out[2], second, 1e-11, 0.0);
	}
}

/* d digamma(x), for x far beyond where log gamma's own digits hold any of the difference. */
static void nothing_cancels_for_large_x(void **state)
{
	double out[3];

	(void)state;
	loy__gamma_diff(1e30, 0.5, out);
	assert_close(out[0], 0.5 * log(1e30), 1e-15, 0.0);
	assert_close(out[1], 0.5e-30, 1e-12, 0.0);
	assert_close(out[2], -0.5e-60, 1e-12, 0.0);
}

/*
 * Second differences: over a whole step of 1 or 2 they are elementary, over two steps the sum of both, and which step
 * is taken first does not matter. Near and far from where the formulas change, for steps of any size.
 */
static void second_differences(void **state)
{
	double x, e, one[3], two[3], sum[3], back[3];
	int i;

	(void)state;
	/* no step is too large: here (x + d) / x is all that counts */
	loy__gamma_cross(1e144, 1e167, 1e-3, one);
	assert_close(one[0], -1e-3 * log(1e23), 1e-13, 0.0);
	assert_close(one[1], 1e-147, 1e-12, 0.0);
	for (x = 20.0; x < 1e16; x *= 13.0) {
		for (e = 1e-3; e < 1e10; e *= 37.0) {
			/* below CROSS_FROM, cancelling: what 1e-16 of a step's difference is to what remains of it */
			double loose = x < 1e4 ? 1e-10 : 1e-13;

			loy__gamma_cross(x, 1.0, e, one);
			assert_close(one[0], -log1p(e / x), loose, 0.0);
			assert_close(one[1], e / x / (x + e), loose, 0.0);
			assert_close(one[2], -e / x / (x + e) * (1.0 / x + 1.0 / (x + e)), 1e-7, 0.0);
			loy__gamma_cross(x + 1.0, 0.25, e, two);
			loy__gamma_cross(x, 1.25, e, sum);
			loy__gamma_cross(x, e, 1.25, back);
			for (i = 0; i < 3; i++) {
				double digits = i < 2 ? 3.0 * loose : 1e-7;

				assert_close(sum[i], one[i] + two[i], digits, 0.0);
				assert_close(sum[i], back[i], digits, 0.0);
			}
		}
	}
}

/* Moments of beta by direct integration of their recurrence: E[p] = a / (a + b), and derivatives by small steps. */
static void beta_moments(void **state)
{
	static const double a = 0.8, b = 2.4, h = 1e-5;
	double m[6], up[6], down[6];

	(void)state;
	loy__beta_moment(a, b, 1.0, 0.0, m);
	assert_close(m[0], log(a / (a + b)), 1e-14, 0.0);
	loy__beta_moment(a, b, 3.0, 7.0, m);
	loy__beta_moment(a * exp(h), b, 3.0, 7.0, up);
	loy__beta_moment(a * exp(-h), b, 3.0, 7.0, down);
	/* central differences: h^2 of third derivatives and 1e-16 / h of rounding */
	assert_close(m[1], (up[0] - down[0]) / (2.0 * h), 1e-9, 1e-9);
	assert_close(m[3], (up[1] - down[1]) / (2.0 * h), 1e-8, 1e-9);
	assert_close(m[4], (up[2] - down[2]) / (2.0 * h), 1e-8, 1e-9);
	loy__beta_moment(a, b * exp(h), 3.0, 7.0, up);
	loy__beta_moment(a, b * exp(-h), 3.0, 7.0, down);
	assert_close(m[2], (up[0] - down[0]) / (2.0 * h), 1e-9, 1e-9);
	assert_close(m[5], (up[2] - down[2]) / (2.0 * h), 1e-8, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(differences_of_functions),
	        cmocka_unit_test(many_steps_are_sums),
	        cmocka_unit_test(nothing_cancels_for_large_x),
	        cmocka_unit_test(second_differences),
	        cmocka_unit_test(beta_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
