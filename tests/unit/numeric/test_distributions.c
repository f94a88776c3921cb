/*
 * Student's t, chi-square, F and exact limits of shares: the reference files, closed forms that need no file,
 * quantiles put back, both tails, and what is refused.
 */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

#define INF ((double)INFINITY)
#define PI  3.141592653589793

/* With 1 and 2 degrees of freedom t has closed forms; F(1, n) is t², F(2, 2) is x / (1 + x). */
static void closed_forms(void **state)
{
	double t, lower, upper, other;

	(void)state;
	for (t = -30.0; t <= 30.0; t += 0.37) {
		assert_int_equal(loy__student_t(t, 1.0, &lower, &upper), LOY_OK);
		/* atan of the test's C library: 1e-15, amplified by the sum where the tail is small */
		assert_close(lower, 0.5 + atan(t) / PI, 1e-13, 0.0);
		assert_close(upper, 0.5 - atan(t) / PI, 1e-13, 0.0);
		assert_int_equal(loy__student_t(t, 2.0, &lower, &upper), LOY_OK);
		assert_close(upper, 1.0 / ((2.0 + t * t) * (1.0 + t / sqrt(2.0 + t * t))),
		             t < 0.0 ? 1e-11 : 1e-14, 0.0);
		assert_int_equal(loy__f_ratio(t * t, 1.0, 7.5, NULL, &other), LOY_OK);
		assert_int_equal(loy__student_t(fabs(t), 7.5, NULL, &upper), LOY_OK);
		assert_close(other, 2.0 * upper, 2e-14, 0.0);
		assert_int_equal(loy__f_ratio(t * t, 2.0, 2.0, &lower, &upper), LOY_OK);
		assert_close(lower, t * t / (1.0 + t * t), 1e-14, 0.0);
		assert_close(upper, 1.0 / (1.0 + t * t), 1e-14, 0.0);
		assert_int_equal(loy__chi_square(t * t, 2.0, NULL, &upper), LOY_OK);
		assert_close(upper, exp(-0.5 * t * t), 1e-13, 0.0);
	}
	/* far out, where t² overflows: the tail of the Cauchy distribution is 1 / (pi t) */
	assert_int_equal(loy__student_t(1e200, 1.0, NULL, &upper), LOY_OK);
	assert_close(upper, 1e-200 / PI, 1e-12, 0.0);
	assert_int_equal(loy__student_t(3.0, INF, NULL, &upper), LOY_OK);
	assert_bits_equal(upper, loy__normal_sf(3.0));
	assert_int_equal(loy__student_t(-3.0, 2e10, &lower, NULL), LOY_OK);
	assert_bits_equal(lower, loy__normal_sf(3.0));
}

static void ends(void **state)
{
	double lower = 7.0, upper = 7.0, x;

	(void)state;
	assert_int_equal(loy__student_t(INF, 3.0, &lower, &upper), LOY_OK);
	assert_true(lower == 1.0 && upper == 0.0);
	assert_int_equal(loy__student_t(-INF, 3.0, &lower, &upper), LOY_OK);
	assert_true(lower == 0.0 && upper == 1.0);
	assert_int_equal(loy__chi_square(INF, 3.0, &lower, &upper), LOY_OK);
	assert_true(lower == 1.0 && upper == 0.0);
	assert_int_equal(loy__f_ratio(INF, 3.0, 4.0, &lower, &upper), LOY_OK);
	assert_true(lower == 1.0 && upper == 0.0);
	assert_int_equal(loy__student_t_quantile(3.0, 0.0, 0, &x), LOY_OK);
	assert_true(x == -INF);
	assert_int_equal(loy__student_t_quantile(3.0, 0.0, 1, &x), LOY_OK);
	assert_true(x == INF);
	assert_int_equal(loy__student_t_quantile(3.0, 0.5, 0, &x), LOY_OK);
	assert_true(x == 0.0);
	assert_int_equal(loy__chi_square_quantile(3.0, 0.0, 1, &x), LOY_OK);
	assert_true(x == INF);
	assert_int_equal(loy__chi_square_quantile(3.0, 0.0, 0, &x), LOY_OK);
	assert_true(x == 0.0);
	assert_int_equal(loy__f_ratio_quantile(3.0, 4.0, 0.0, 0, &x), LOY_OK);
	assert_true(x == 0.0);
	assert_int_equal(loy__f_ratio_quantile(3.0, 4.0, 1.0, 0, &x), LOY_OK);
	assert_true(x == INF);
}

static void quantiles_put_back(void **state)
{
	static const double degrees[] = {0.7, 1.0, 2.0, 3.5, 29.0, 250.0, 1e4, 1e6, 1e11};
	static const double tails[] = {1e-12, 1e-8, 0.001, 0.025, 0.2, 0.499};
	size_t i, j, k;

	(void)state;
	for (i = 0; i < LOY__COUNT(degrees); i++) {
		for (j = 0; j < LOY__COUNT(tails); j++) {
			double x, other, lower, upper;

			/* where the density times x is large, a last place of x is worth some of the tail's */
			assert_int_equal(loy__student_t_quantile(degrees[i], tails[j], 1, &x), LOY_OK);
			assert_int_equal(loy__student_t_quantile(degrees[i], tails[j], 0, &other), LOY_OK);
			assert_bits_equal(x, -other);
			assert_int_equal(loy__student_t(x, degrees[i], NULL, &upper), LOY_OK);
			assert_close(upper, tails[j], 1e-12, 0.0);
			if (degrees[i] > 1e10)
				continue;
			assert_int_equal(loy__chi_square_quantile(degrees[i], tails[j], 1, &x), LOY_OK);
			assert_int_equal(loy__chi_square(x, degrees[i], NULL, &upper), LOY_OK);
			assert_close(upper, tails[j], 1e-11, 0.0);
			for (k = 0; k < 6; k++) {
				assert_int_equal(
				        loy__f_ratio_quantile(degrees[i], degrees[k], tails[j], 1, &x),
				        LOY_OK);
				assert_int_equal(loy__f_ratio(x, degrees[i], degrees[k], NULL, &upper),
				                 LOY_OK);
				assert_close(upper, tails[j], 1e-11, 0.0);
				assert_int_equal(
				        loy__f_ratio_quantile(degrees[i], degrees[k], tails[j], 0, &x),
				        LOY_OK);
				assert_int_equal(loy__f_ratio(x, degrees[i], degrees[k], &lower, NULL),
				                 LOY_OK);
				assert_close(lower, tails[j], 1e-11, 0.0);
			}
		}
	}
}

/* Limits are where the binomial tails are what they should be: sums of terms for n = 9. */
static void limits_of_a_share(void **state)
{
	static const double choose[10] = {1, 9, 36, 84, 126, 126, 84, 36, 9, 1};
	int hits, i;

	(void)state;
	for (hits = 0; hits <= 9; hits++) {
		double low, high, above = 0.0, below = 0.0;

		assert_int_equal(loy__binomial_limits(hits, 9.0, 0.025, &low, &high), LOY_OK);
		for (i = hits; i <= 9; i++)
			above += choose[i] * pow(low, i) * pow(1.0 - low, 9 - i);
		for (i = 0; i <= hits; i++)
			below += choose[i] * pow(high, i) * pow(1.0 - high, 9 - i);
		assert_close(above, hits == 0 ? 1.0 : 0.025, 1e-12, 0.0);
		assert_close(below, hits == 9 ? 1.0 : 0.025, 1e-12, 0.0);
		assert_true(low <= hits / 9.0 && hits / 9.0 <= high);
	}
	/* all of 5: (tail)^(1/5) */
	{
		double low, high;

		assert_int_equal(loy__binomial_limits(5.0, 5.0, 0.025, &low, &high), LOY_OK);
		assert_close(low, pow(0.025, 0.2), 1e-14, 0.0);
		assert_true(high == 1.0);
	}
}

static void refusals(void **state)
{
	static const double bad[] = {0.0, -1.0, NAN};
	double x = 5.0, y = 5.0;
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(bad); i++) {
		assert_int_equal(loy__student_t(1.0, bad[i], &x, &y), LOY_ERANGE);
		assert_int_equal(loy__chi_square(1.0, bad[i], &x, &y), LOY_ERANGE);
		assert_int_equal(loy__f_ratio(1.0, bad[i], 2.0, &x, &y), LOY_ERANGE);
		assert_int_equal(loy__f_ratio(1.0, 2.0, bad[i], &x, &y), LOY_ERANGE);
		assert_int_equal(loy__student_t_quantile(bad[i], 0.5, 0, &x), LOY_ERANGE);
		assert_int_equal(loy__chi_square_quantile(bad[i], 0.5, 0, &x), LOY_ERANGE);
		assert_int_equal(loy__f_ratio_quantile(bad[i], 1.0, 0.5, 0, &x), LOY_ERANGE);
		assert_int_equal(loy__binomial_limits(0.0, bad[i], 0.1, &x, &y), LOY_ERANGE);
		assert_int_equal(loy__binomial_limits(1.0, 2.0, bad[i], &x, &y), LOY_ERANGE);
	}
	assert_int_equal(loy__student_t(NAN, 1.0, &x, &y), LOY_ERANGE);
	assert_int_equal(loy__chi_square(-1.0, 1.0, &x, &y), LOY_ERANGE);
	assert_int_equal(loy__chi_square(1.0, 2e10, &x, &y), LOY_ERANGE);
	assert_int_equal(loy__f_ratio(-1.0, 1.0, 1.0, &x, &y), LOY_ERANGE);
	assert_int_equal(loy__student_t_quantile(1.0, 1.5, 0, &x), LOY_ERANGE);
	assert_int_equal(loy__student_t_quantile(1.0, NAN, 0, &x), LOY_ERANGE);
	assert_int_equal(loy__chi_square_quantile(1.0, -0.5, 0, &x), LOY_ERANGE);
	assert_int_equal(loy__f_ratio_quantile(1.0, 1.0, 1.5, 0, &x), LOY_ERANGE);
	assert_int_equal(loy__binomial_limits(3.0, 2.0, 0.1, &x, &y), LOY_ERANGE);
	assert_int_equal(loy__binomial_limits(1.0, 2.0, 0.5, &x, &y), LOY_ERANGE);
	assert_true(x == 5.0 && y == 5.0);
}

/* Degrees so many, or so few, that another formula or none is left. */
static void degrees_beyond_reason(void **state)
{
	const double tiny = 0x1p-1074; /* half of it is 0 */
	double x = 5.0, y = 5.0, z;

	(void)state;
	assert_int_equal(loy__f_ratio(1.0, tiny, 1.0, &x, &y), LOY_ERANGE);
	assert_int_equal(loy__f_ratio(1.0, 1.0, 2e10, &x, &y), LOY_ERANGE);
	assert_int_equal(loy__f_ratio(1.0, 2e10, 1.0, &x, &y), LOY_ERANGE);
	assert_int_equal(loy__f_ratio_quantile(tiny, 1.0, 0.5, 0, &x), LOY_ERANGE);
	assert_int_equal(loy__f_ratio_quantile(1.0, 1.0, NAN, 0, &x), LOY_ERANGE);
	assert_int_equal(loy__chi_square_quantile(tiny, 0.5, 0, &x), LOY_ERANGE);
	assert_int_equal(loy__chi_square_quantile(2e10, 0.5, 0, &x), LOY_ERANGE);
	assert_int_equal(loy__chi_square_quantile(1.0, 1.5, 0, &x), LOY_ERANGE);
	assert_int_equal(loy__binomial_limits(0.5, 2e9, 0.1, &x, &y), LOY_ERANGE);
	assert_int_equal(loy__binomial_limits(NAN, 2.0, 0.1, &x, &y), LOY_ERANGE);
	assert_true(x == 5.0 && y == 5.0);
	/* Student's t of many degrees is normal; of few its quantiles leave what doubles hold. */
	assert_int_equal(loy__student_t_quantile(1e11, 0.975, 0, &x), LOY_OK);
	assert_close(x, 1.959963984540054, 1e-10, 0.0); /* off by about t^3 / 4 degrees, 2e-11 */
	assert_int_equal(loy__student_t_quantile(1.0, 1e-200, 0, &x), LOY_OK);
	assert_close(x, -0x1.45f306dc9c883p-2 * 1e200, 1e-12, 0.0); /* -1 / (pi p), Cauchy's */
	assert_int_equal(loy__student_t(-1e200, 3.0, &x, NULL), LOY_OK);
	assert_true(x >= 0.0 && x < 1e-300);
	/* F of few degrees, where shares round to 0 and to 1. */
	assert_int_equal(loy__f_ratio_quantile(0.01, 0.01, 1e-12, 0, &x), LOY_OK);
	assert_int_equal(loy__f_ratio_quantile(0.01, 0.01, 1e-12, 1, &z), LOY_OK);
	assert_true(x >= 0.0 && x < 1e-300 && z > 1e300);
	assert_int_equal(loy__f_ratio_quantile(1e-3, 1e-3, 0.6, 0, &x), LOY_OK);
	assert_true(x > 1.0);
	assert_int_equal(loy__f_ratio_quantile(2.0, 3.0, 0.0, 0, &x), LOY_OK);
	assert_true(x == 0.0);
	assert_int_equal(loy__f_ratio_quantile(2.0, 3.0, 1.0, 0, &x), LOY_OK);
	assert_true(x == (double)INFINITY);
	/* Shares at the ends have one limit there. */
	loy__wilson_limits(0.0, 5.0, 2.0, &x, &y);
	assert_true(x == 0.0 && y > 0.0);
	loy__wilson_limits(1.0, 5.0, 2.0, &x, &y);
	assert_true(x < 1.0 && y == 1.0);
	loy__wilson_limits(0x1p-60, 5.0, 2.0, &x, &y);
	assert_true(x >= 0.0 && x < 0.01);
	loy__wilson_limits(1.0 - 0x1p-53, 5.0, 2.0, &x, &y);
	assert_true(y <= 1.0 && y > 0.99);
}

/* ---- reference files: 30 decimals ---- */

static void student_reference(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_student_t.csv");
	size_t t = csv_column(csv, "t"), df = csv_column(csv, "df"), cdf = csv_column(csv, "cdf");
	size_t sf = csv_column(csv, "sf");
	double lower, upper;

	(void)state;
	while (csv_next(csv)) {
		assert_int_equal(loy__student_t(csv_double(csv, t), csv_double(csv, df), &lower, &upper),
		                 LOY_OK);
		assert_close(lower, csv_double(csv, cdf), 1e-12, 1e-308);
		assert_close(upper, csv_double(csv, sf), 1e-12, 1e-308);
	}
	csv_close(csv);
}

static void student_quantile_reference(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_student_t_quantile.csv");
	size_t p = csv_column(csv, "p"), df = csv_column(csv, "df"), t = csv_column(csv, "t");
	double x;

	(void)state;
	while (csv_next(csv)) {
		assert_int_equal(loy__student_t_quantile(csv_double(csv, df), csv_double(csv, p), 0, &x),
		                 LOY_OK);
		/* p near 1 is a rounded 1 - tail: the file has it from the same double, and so have we */
		assert_close(x, csv_double(csv, t), 1e-12, 0.0);
	}
	csv_close(csv);
}

static void chi_square_reference(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_chi2.csv");
	size_t x = csv_column(csv, "x"), df = csv_column(csv, "df"), cdf = csv_column(csv, "cdf");
	size_t sf = csv_column(csv, "sf");
	double lower, upper;

	(void)state;
	while (csv_next(csv)) {
		assert_int_equal(loy__chi_square(csv_double(csv, x), csv_double(csv, df), &lower, &upper),
		                 LOY_OK);
		assert_close(lower, csv_double(csv, cdf), 1e-12, 1e-308);
		assert_close(upper, csv_double(csv, sf), 1e-12, 1e-308);
	}
	csv_close(csv);
}

static void f_reference(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_f_dist.csv");
	size_t x = csv_column(csv, "x"), a = csv_column(csv, "df1"), b = csv_column(csv, "df2");
	size_t cdf = csv_column(csv, "cdf"), sf = csv_column(csv, "sf");
	double lower, upper;

	(void)state;
	while (csv_next(csv)) {
		assert_int_equal(loy__f_ratio(csv_double(csv, x), csv_double(csv, a), csv_double(csv, b),
		                              &lower, &upper),
		                 LOY_OK);
		assert_close(lower, csv_double(csv, cdf), 1e-12, 1e-308);
		assert_close(upper, csv_double(csv, sf), 1e-12, 1e-308);
	}
	csv_close(csv);
}

static void clopper_pearson_reference(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/ab_proportion_intervals.csv");
	size_t x = csv_column(csv, "x"), n = csv_column(csv, "n"), conf = csv_column(csv, "conf");
	size_t lo = csv_column(csv, "clopper_pearson_lo"), hi = csv_column(csv, "clopper_pearson_hi");
	double low, high;

	(void)state;
	while (csv_next(csv)) {
		double tail = 0.5 * (1.0 - csv_double(csv, conf));

		assert_int_equal(
		        loy__binomial_limits(csv_double(csv, x), csv_double(csv, n), tail, &low, &high),
		        LOY_OK);
		/* the README's 1e-10: the level is a rounded decimal, and so is its tail */
		assert_close(low, csv_double(csv, lo), 1e-10, 0.0);
		assert_close(high, csv_double(csv, hi), 1e-10, 0.0);
	}
	csv_close(csv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(closed_forms),
	        cmocka_unit_test(ends),
	        cmocka_unit_test(quantiles_put_back),
	        cmocka_unit_test(limits_of_a_share),
	        cmocka_unit_test(refusals),
	        cmocka_unit_test(degrees_beyond_reason),
	        cmocka_unit_test(student_reference),
	        cmocka_unit_test(student_quantile_reference),
	        cmocka_unit_test(chi_square_reference),
	        cmocka_unit_test(f_reference),
	        cmocka_unit_test(clopper_pearson_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
