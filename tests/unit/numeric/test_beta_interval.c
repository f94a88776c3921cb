/*
 * The fast interval of a beta distribution: values computed with 40 decimals, the reference file, and for
 * random parameters of all sizes that the distribution function has the tail just there.
 */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

/* The absolute error beta_interval.c states. */
#define NEAR 1e-10

static const struct {
	double a, b, tail, low, high;
} values[] = {
        {1.0, 1.0, 0.05, 0.05, 0.95},
        {0.5, 0.5, 0.05, 0.006155829702431137, 0.9938441702975689},
        {2.0, 3.0, 0.05, 0.09761146288641434, 0.7513953742698185},
        {4.2, 0.3, 0.05, 0.7014443628228011, 0.9999916807593755},
        {0.03, 0.8, 0.2, 7.332971752535167e-24, 0.0008587642410858784},
        {1.7, 40.0, 0.025, 0.00386328069218611, 0.11746067608886573},
        {64.0, 1.0, 0.05, 0.9542702976692375, 0.9991988633566534},
        {30.5, 34.25, 0.05, 0.37019850786806624, 0.5729117957105727},
        {30.5, 34.25, 1e-06, 0.20513494938044674, 0.748725970579583},
        {0.2, 0.1, 0.4, 0.7777787082873383, 0.9954028720387206},
        {900.0, 100.0, 0.05, 0.8839605437943976, 0.9151296944288718},
        {1000000.0, 2000000.0, 0.025, 0.33280000407595495, 0.3338668730691445},
};

static void interval(double a, double b, double tail, double *low, double *high)
{
	assert_int_equal(loy__beta_interval(a, b, tail, low, high), LOY_OK);
	assert_true(*low >= 0.0 && *low <= 1.0 && *high >= 0.0 && *high <= 1.0);
	assert_true(*low <= *high + NEAR);
}

static void values_are_right(void **state)
{
	double low, high;
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(values); i++) {
		interval(values[i].a, values[i].b, values[i].tail, &low, &high);
		assert_close(low, values[i].low, 0.0, NEAR);
		assert_close(high, values[i].high, 0.0, NEAR);
		/* the mirrored distribution has the mirrored interval */
		interval(values[i].b, values[i].a, values[i].tail, &low, &high);
		assert_close(low, 1.0 - values[i].high, 0.0, NEAR);
		assert_close(high, 1.0 - values[i].low, 0.0, NEAR);
	}
}

static void reference_quantiles_agree(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_betainc_inv.csv");
	size_t rows = 0;

	(void)state;
	while (csv_next(csv)) {
		double a = csv_double(csv, csv_column(csv, "a")), b = csv_double(csv, csv_column(csv, "b"));
		double p = csv_double(csv, csv_column(csv, "p")), x = csv_double(csv, csv_column(csv, "x")),
		       low, high;

		if (p == 0.5)
			continue;
		interval(a, b, p < 0.5 ? p : 1.0 - p, &low, &high);
		assert_close(p < 0.5 ? low : high, x, 0.0, NEAR);
		rows++;
	}
	csv_close(csv);
	assert_true(rows >= 50);
}

static void arguments_outside_are_refused(void **state)
{
	static const double bad[] = {0.0, -1.0, 2e10, (double)INFINITY, (double)NAN};
	double low = 7.0, high = 8.0;
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(bad); i++) {
		assert_int_equal(loy__beta_interval(bad[i], 1.0, 0.05, &low, &high), LOY_ERANGE);
		assert_int_equal(loy__beta_interval(1.0, bad[i], 0.05, &low, &high), LOY_ERANGE);
		assert_int_equal(loy__beta_interval(1.0, 1.0, bad[i], &low, &high), LOY_ERANGE);
	}
	assert_int_equal(loy__beta_interval(1.0, 1.0, 0.5, &low, &high), LOY_ERANGE);
	assert_true(low == 7.0 && high == 8.0);
}

static double lower_tail(double a, double b, double x)
{
	double lower;

	if (x <= 0.0)
		return 0.0;
	assert_int_equal(loy__beta_inc(a, b, x < 1.0 ? x : 1.0, &lower, NULL), LOY_OK);
	return lower;
}

static double upper_tail(double a, double b, double x)
{
	double upper;

	if (x <= 0.0)
		return 1.0;
	assert_int_equal(loy__beta_inc(a, b, x < 1.0 ? x : 1.0, NULL, &upper), LOY_OK);
	return upper;
}

/* The tail must lie between those at both sides of the end found; 2e-14 is the distribution function's own. */
static void check_tails(double a, double b, double tail)
{
	double smaller = a < b ? a : b, aside = NEAR + 1e-15 / smaller, low, high;

	interval(a, b, tail, &low, &high);
	assert_true(lower_tail(a, b, low - aside) <= tail * (1.0 + 2e-14));
	assert_true(low + aside >= 1.0 || lower_tail(a, b, low + aside) >= tail * (1.0 - 2e-14));
	assert_true(high - aside <= 0.0 || upper_tail(a, b, high - aside) >= tail * (1.0 - 2e-14));
	assert_true(high + aside >= 1.0 || upper_tail(a, b, high + aside) <= tail * (1.0 + 2e-14));
}

static void tails_are_as_asked(void **state)
{
	static const double tails[] = {0.05, 0.025, 0.005, 0.25, 1e-6, 0.499};
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 61);
	for (i = 0; i < 120000; i++) {
		double size = loy__random_unit(&random), mean = loy__random_unit(&random);
		double tail = tails[i / 3 % (int)LOY__COUNT(tails)];

		/* evidence from none to much, and what a score usually has */
		size = i % 3 == 0   ? loy__exp(24.0 * size - 14.0)
		       : i % 3 == 1 ? 0.01 + 65.0 * size
		                    : loy__exp(8.0 * size);
		if (i % 4 == 0)
			mean = loy__logistic(16.0 * mean - 8.0);
		check_tails(size * mean, size * (1.0 - mean), tail);
	}
}

/* Parameters from 1e-12 to 1e10, tails down to 1e-300, and tails where a two-point distribution jumps. */
static void extremes_are_survived(void **state)
{
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 62);
	for (i = 0; i < 6000; i++) {
		double a = loy__exp(50.0 * loy__random_unit(&random) - 27.0), b, tail, u;

		b = loy__exp(50.0 * loy__random_unit(&random) - 27.0);
		u = loy__random_unit(&random);
		tail = i % 3 == 0 ? loy__exp(-690.0 * u - 1.0) : 0.4999 * u + 1e-9;
		if (i % 5 == 0 && b < a)
			tail = b / (a + b) * (1.0 + (u - 0.5) * 40.0 * a);
		if (tail > 0.0 && tail < 0.5)
			check_tails(a < 1e10 ? a : 1e10, b < 1e10 ? b : 1e10, tail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(values_are_right),
	        cmocka_unit_test(reference_quantiles_agree),
	        cmocka_unit_test(arguments_outside_are_refused),
	        cmocka_unit_test(tails_are_as_asked),
	        cmocka_unit_test(extremes_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
