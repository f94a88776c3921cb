/*
 * Incomplete gamma and beta functions and their inverses: values computed with 80 decimals, the reference
 * files, recurrences across all methods and their joints, inverses put back.
 */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

#define INF ((double)INFINITY)

static const struct {
	double a, x, lower, upper;
} gamma_values[] = {
        {1e-10, 1e-05, 0.999999998906428, 1.0935719794146443e-09},
        {1e-10, 1.2, 0.9999999999841591, 1.584084368698531e-11},
        {0.001, 2.0, 0.999951023082169, 4.897691783098148e-05},
        {0.5, 1e-20, 1.1283791670955126e-10, 0.999999999887162},
        {0.5, 0.7, 0.7632764293621426, 0.23672357063785737},
        {0.5, 1.49, 0.9157007275967407, 0.08429927240325934},
        {0.5, 1.51, 0.9177565338533937, 0.08224346614660624},
        {0.999, 1.4, 0.7537445191507004, 0.24625548084929955},
        {1.0, 1.0, 0.6321205588285577, 0.36787944117144233},
        {1.0, 30.0, 0.9999999999999064, 9.357622968840175e-14},
        {2.5, 3.4, 0.7640554623054786, 0.2359445376945214},
        {2.5, 3.6, 0.7938140802904441, 0.20618591970955588},
        {20.0, 4.0, 1.0200522105968353e-08, 0.9999999897994779},
        {20.0, 60.0, 0.9999999993648082, 6.351918340378976e-10},
        {49.9, 50.0, 0.5244594489048816, 0.4755405510951184},
        {50.1, 50.0, 0.5131572007475022, 0.48684279925249785},
        {50.1, 33.0, 0.0033187715880275506, 0.9966812284119725},
        {50.1, 67.5, 0.9882798201914841, 0.01172017980851587},
        {50.1, 67.7, 0.9889709223624239, 0.011029077637576093},
        {50.1, 100.0, 0.9999999873347003, 1.2665299694324377e-08},
        {200.0, 100.0, 9.34315007298839e-19, 1.0},
        {1000.0, 1200.0, 0.9999999987118394, 1.2881606086281433e-09},
        {1000.0, 900.0, 0.0005499022657117829, 0.9994500977342882},
        {100000.0, 100100.0, 0.6244451307044055, 0.3755548692955945},
        {100000.0, 98000.0, 9.690835158160487e-11, 0.9999999999030916},
};

static const struct {
	double a, b, x, lower, upper;
} beta_values[] = {
        {1e-09, 1e-09, 0.3, 0.49999999957635105, 0.5000000004236489},
        {1e-07, 20.0, 0.01, 0.9999998760805947, 1.2391940529253863e-07},
        {1e-07, 20.0, 0.2, 0.9999999997531493, 2.468506579321795e-10},
        {0.01, 30000.0, 1e-05, 0.9909275189228111, 0.009072481077188917},
        {0.5, 0.5, 1e-09, 2.0131684845150097e-05, 0.9999798683151548},
        {0.5, 0.5, 0.99, 0.9362314391414801, 0.06376856085851988},
        {0.3, 1.7, 0.8, 0.9845558004634641, 0.015444199536535811},
        {1.0, 1.0, 0.25, 0.25, 0.75},
        {1.0, 5.0, 0.7, 0.99757, 0.0024300000000000016},
        {1.01, 0.02, 0.9999, 0.16796842124729158, 0.8320315787527084},
        {2.5, 3.5, 0.2, 0.13281730977804912, 0.8671826902219508},
        {2.5, 3.5, 0.4, 0.4869041915261174, 0.5130958084738826},
        {2.5, 3.5, 0.9, 0.9978262271572729, 0.0021737728427270757},
        {40.0, 60.0, 0.3, 0.017592508468930075, 0.9824074915310699},
        {40.0, 60.0, 0.5, 0.9780623532064924, 0.0219376467935076},
        {700.0, 3.0, 0.98, 8.163363948549102e-05, 0.9999183663605145},
        {3.0, 1000000.0, 5e-06, 0.8753494544393331, 0.12465054556066686},
        {100000.0, 100000.0, 0.503, 0.996355047635286, 0.0036449523647139963},
        {1000000.0, 10.0, 0.99998, 0.004994569001364409, 0.9950054309986356},
};

/* The bounds the files state for a, b <= 1e6. */
#define GAMMA_NEAR 5e-15
#define BETA_NEAR  1e-14

static double gamma_lower(double a, double x)
{
	double lower;

	assert_int_equal(loy__gamma_inc(a, x, &lower, NULL), LOY_OK);
	return lower;
}

static double gamma_upper(double a, double x)
{
	double upper;

	assert_int_equal(loy__gamma_inc(a, x, NULL, &upper), LOY_OK);
	return upper;
}

static double gamma_inverse(double a, double p, int upper)
{
	double x;

	assert_int_equal(loy__gamma_inc_inverse(a, p, upper, &x), LOY_OK);
	return x;
}

static double beta_lower(double a, double b, double x)
{
	double lower;

	assert_int_equal(loy__beta_inc(a, b, x, &lower, NULL), LOY_OK);
	return lower;
}

static double beta_upper(double a, double b, double x)
{
	double upper;

	assert_int_equal(loy__beta_inc(a, b, x, NULL, &upper), LOY_OK);
	return upper;
}

static double beta_inverse(double a, double b, double p)
{
	double x;

	assert_int_equal(loy__beta_inc_inverse(a, b, p, &x), LOY_OK);
	return x;
}

static void values_are_right(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(gamma_values); i++) {
		double a = gamma_values[i].a, x = gamma_values[i].x;

		assert_close(gamma_lower(a, x), gamma_values[i].lower, GAMMA_NEAR, 0.0);
		assert_close(gamma_upper(a, x), gamma_values[i].upper, GAMMA_NEAR, 0.0);
	}
	for (i = 0; i < LOY__COUNT(beta_values); i++) {
		double a = beta_values[i].a, b = beta_values[i].b, x = beta_values[i].x;

		assert_close(beta_lower(a, b, x), beta_values[i].lower, BETA_NEAR, 0.0);
		assert_close(beta_upper(a, b, x), beta_values[i].upper, BETA_NEAR, 0.0);
	}
}

/* The tolerances of the next four are those stated with the files. */
static void reference_gamma_agrees(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_gammainc.csv");
	size_t rows = 0;

	(void)state;
	while (csv_next(csv)) {
		double a = csv_double(csv, csv_column(csv, "a")), x = csv_double(csv, csv_column(csv, "x"));

		assert_close(gamma_lower(a, x), csv_double(csv, csv_column(csv, "P")), 1e-12, 5e-324);
		assert_close(gamma_upper(a, x), csv_double(csv, csv_column(csv, "Q")), 1e-12, 5e-324);
		rows++;
	}
	csv_close(csv);
	assert_true(rows >= 200);
}

static void reference_gamma_inverse_agrees(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_gammainc_inv.csv");
	size_t rows = 0;

	(void)state;
	while (csv_next(csv)) {
		double a = csv_double(csv, csv_column(csv, "a")),
		       p = csv_double(csv, csv_column(csv, "prob"));
		int upper = (int)csv_i64(csv, csv_column(csv, "upper"));

		assert_close(gamma_inverse(a, p, upper), csv_double(csv, csv_column(csv, "x")), 1e-11, 0.0);
		rows++;
	}
	csv_close(csv);
	assert_true(rows >= 100);
}

static void reference_beta_agrees(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_betainc.csv");
	size_t rows = 0;

	(void)state;
	while (csv_next(csv)) {
		double a = csv_double(csv, csv_column(csv, "a")), b = csv_double(csv, csv_column(csv, "b"));
		double x = csv_double(csv, csv_column(csv, "x")), near = a >= 1e4 || b >= 1e4 ? 1e-11 : 1e-12;

		assert_close(beta_lower(a, b, x), csv_double(csv, csv_column(csv, "I")), near, 5e-324);
		assert_close(beta_upper(a, b, x), csv_double(csv, csv_column(csv, "one_minus_I")), near,
		             5e-324);
		rows++;
	}
	csv_close(csv);
	assert_true(rows >= 100);
}

static void reference_beta_inverse_agrees(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_betainc_inv.csv");
	size_t rows = 0;

	(void)state;
	while (csv_next(csv)) {
		double a = csv_double(csv, csv_column(csv, "a")), b = csv_double(csv, csv_column(csv, "b"));

		assert_close(beta_inverse(a, b, csv_double(csv, csv_column(csv, "p"))),
		             csv_double(csv, csv_column(csv, "x")), 1e-11, 0.0);
		rows++;
	}
	csv_close(csv);
	assert_true(rows >= 50);
}

static void arguments_outside_are_refused(void **state)
{
	static const double bad[] = {0.0, -1.0, INF, (double)NAN};
	double lower = 7.0, upper = 8.0;
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(bad); i++) {
		assert_int_equal(loy__gamma_inc(bad[i], 1.0, &lower, &upper), LOY_ERANGE);
		assert_int_equal(loy__gamma_inc_inverse(bad[i], 0.5, 0, &lower), LOY_ERANGE);
		assert_int_equal(loy__beta_inc(bad[i], 1.0, 0.5, &lower, &upper), LOY_ERANGE);
		assert_int_equal(loy__beta_inc(1.0, bad[i], 0.5, &lower, &upper), LOY_ERANGE);
		assert_int_equal(loy__beta_inc_inverse(bad[i], 1.0, 0.5, &lower), LOY_ERANGE);
		assert_int_equal(loy__beta_inc_inverse(1.0, bad[i], 0.5, &lower), LOY_ERANGE);
	}
	assert_int_equal(loy__gamma_inc(1e101, 1.0, &lower, &upper), LOY_ERANGE);
	assert_int_equal(loy__gamma_inc(1.0, -1e-300, &lower, &upper), LOY_ERANGE);
	assert_int_equal(loy__gamma_inc(1.0, (double)NAN, &lower, &upper), LOY_ERANGE);
	assert_int_equal(loy__gamma_inc_inverse(1.0, 1.1, 0, &lower), LOY_ERANGE);
	assert_int_equal(loy__gamma_inc_inverse(1.0, -0.1, 1, &lower), LOY_ERANGE);
	assert_int_equal(loy__gamma_inc_inverse(1.0, (double)NAN, 1, &lower), LOY_ERANGE);
	assert_int_equal(loy__beta_inc(2e10, 1.0, 0.5, &lower, &upper), LOY_ERANGE);
	assert_int_equal(loy__beta_inc(1.0, 2e10, 0.5, &lower, &upper), LOY_ERANGE);
	assert_int_equal(loy__beta_inc(1.0, 1.0, 1.1, &lower, &upper), LOY_ERANGE);
	assert_int_equal(loy__beta_inc(1.0, 1.0, -0.1, &lower, &upper), LOY_ERANGE);
	assert_int_equal(loy__beta_inc(1.0, 1.0, (double)NAN, &lower, &upper), LOY_ERANGE);
	assert_int_equal(loy__beta_inc_inverse(1.0, 1.0, 1.1, &lower), LOY_ERANGE);
	assert_int_equal(loy__beta_inc_inverse(1.0, 1.0, (double)NAN, &lower), LOY_ERANGE);
	assert_true(lower == 7.0 && upper == 8.0);
}

static void ends_are_exact(void **state)
{
	(void)state;
	assert_bits_equal(gamma_lower(2.0, 0.0), 0.0);
	assert_bits_equal(gamma_upper(2.0, 0.0), 1.0);
	assert_bits_equal(gamma_lower(2.0, INF), 1.0);
	assert_bits_equal(gamma_upper(2.0, INF), 0.0);
	assert_bits_equal(gamma_lower(2.0, 1e305), 1.0);
	assert_bits_equal(gamma_upper(2.0, 800.0), 0.0);
	assert_bits_equal(gamma_lower(1e5, 7e4), 0.0);
	assert_bits_equal(gamma_lower(1e90, 1e80), 0.0);
	assert_bits_equal(gamma_inverse(2.0, 0.0, 0), 0.0);
	assert_bits_equal(gamma_inverse(2.0, 1.0, 0), INF);
	assert_bits_equal(gamma_inverse(2.0, 0.0, 1), INF);
	assert_bits_equal(gamma_inverse(2.0, 1.0, 1), 0.0);
	assert_bits_equal(beta_lower(2.0, 3.0, 0.0), 0.0);
	assert_bits_equal(beta_upper(2.0, 3.0, 0.0), 1.0);
	assert_bits_equal(beta_lower(2.0, 3.0, 1.0), 1.0);
	assert_bits_equal(beta_upper(2.0, 3.0, 1.0), 0.0);
	assert_bits_equal(beta_lower(1e5, 1e5, 0.3), 0.0);
	assert_bits_equal(beta_inverse(2.0, 3.0, 0.0), 0.0);
	assert_bits_equal(beta_inverse(2.0, 3.0, 1.0), 1.0);
	assert_bits_equal(beta_inverse(1.0, 1e-3, 0.5), 1.0); /* 1 - 2^-1000 */
	assert_true(beta_inverse(1e-4, 1.0, 0.5) < 1e-300);
	assert_true(gamma_inverse(1e-4, 0.5, 0) < 1e-300);
	assert_true(gamma_inverse(1e-4, 0.5, 1) < 1e-300);
}

/* Parameters of all sizes, most of them where methods meet. */
static double any_parameter(loy__random *random, double low, double high)
{
	double span = loy__log(high / low);

	return low * loy__exp(span * loy__random_unit(random));
}

static void gamma_functions_follow_their_recurrence(void **state)
{
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 51);
	for (i = 0; i < 40000; i++) {
		double a = any_parameter(&random, 1e-3, 2e4), u = loy__random_unit(&random), x, lower, upper,
		       step, near;

		a = i % 5 == 0 ? 49.0 + loy__random_unit(&random) : floor(a * 0x1p20 + 1.0) * 0x1p-20;
		x = i % 3 == 0 ? a * (1.0 + (u - 0.5) * 0.8) : a + (u - 0.5) * 8.0 * sqrt(a) + 1e-6;
		if (!(x > 0.0))
			x = u;
		lower = gamma_lower(a, x);
		upper = gamma_upper(a, x);
		assert_close(lower + upper, 1.0, 0x1p-51, 0.0);
		/* P(a + 1) = P(a) - x^a e^-x / gamma(a + 1), the power from plain logarithms: 3e-16 of their size */
		step = loy__exp(a * loy__log(x) - x - loy__lgamma(a + 1.0, NULL));
		near = step * 4e-16 * (a * fabs(loy__log(x)) + x + 1.0) + 1e-300;
		assert_close(gamma_lower(a + 1.0, x) + step, lower, 1e-14, near);
		assert_close(gamma_upper(a + 1.0, x) - step, upper, 1e-14, near + 1e-14 * step);
	}
}

static void beta_functions_follow_their_recurrence(void **state)
{
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 52);
	for (i = 0; i < 40000; i++) {
		double a = any_parameter(&random, 1e-3, 1e4), b = any_parameter(&random, 1e-3, 1e4), x, step,
		       size;
		double u = loy__random_unit(&random), mean = a / (a + b);

		a = floor(a * 0x1p20 + 1.0) * 0x1p-20;
		x = i % 3 == 0 ? u : mean + (u - 0.5) * 8.0 * sqrt(mean * (1.0 - mean) / (a + b + 1.0));
		x = floor(x * 0x1p40) * 0x1p-40; /* so that 1 - x is exact */
		if (!(x > 0.0 && x < 1.0))
			continue;
		assert_close(beta_lower(a, b, x) + beta_upper(a, b, x), 1.0, 0x1p-51, 0.0);
		assert_close(beta_upper(b, a, 1.0 - x), beta_lower(a, b, x), 2e-14, 1e-300);
		/* I(a + 1, b) = I(a, b) - x^a (1 - x)^b / (a B(a, b)) */
		size = a * fabs(loy__log(x)) + b * fabs(loy__log1p(-x)) + fabs(loy__log_beta(a, b)) + 1.0;
		step = loy__exp(a * loy__log(x) + b * loy__log1p(-x) - loy__log_beta(a, b)) / a;
		assert_close(beta_lower(a + 1.0, b, x) + step, beta_lower(a, b, x), 2e-14,
		             step * size * 4e-16 + 1e-300);
		assert_close(beta_upper(a + 1.0, b, x) - step, beta_upper(a, b, x), 2e-14,
		             step * (1e-14 + size * 4e-16) + 1e-300);
	}
}

/* The probability must lie between those a little to the left and to the right of what was found. */
static void gamma_inverses_come_back(void **state)
{
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 53);
	for (i = 0; i < 20000; i++) {
		double a = any_parameter(&random, 1e-3, 1e6), p = loy__random_unit(&random), x;
		int upper = i & 1;

		if (i % 3 == 0)
			p = loy__exp(-300.0 * p);
		x = gamma_inverse(a, p, upper);
		if (x < 1e-290) { /* nearly or wholly below the smallest double */
			assert_true(gamma_lower(a, 1e-289) >= (upper ? 1.0 - p : p));
		} else if (upper) {
			assert_true(gamma_upper(a, x * (1.0 + 1e-13)) <= p * (1.0 + GAMMA_NEAR));
			assert_true(gamma_upper(a, x * (1.0 - 1e-13)) >= p * (1.0 - GAMMA_NEAR));
		} else {
			assert_true(gamma_lower(a, x * (1.0 + 1e-13)) >= p * (1.0 - GAMMA_NEAR));
			assert_true(gamma_lower(a, x * (1.0 - 1e-13)) <= p * (1.0 + GAMMA_NEAR));
		}
	}
}

static void beta_inverses_come_back(void **state)
{
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 54);
	for (i = 0; i < 20000; i++) {
		double a = any_parameter(&random, 1e-3, 1e5), b = any_parameter(&random, 1e-3, 1e5), x, aside;
		double p = loy__random_unit(&random);

		if (i % 3 == 0)
			p = loy__exp(-300.0 * p);
		x = beta_inverse(a, b, p);
		if (x < 1e-290) {
			assert_true(beta_lower(a, b, 1e-289) >= p);
			continue;
		}
		aside = x < 0.5 ? 1e-13 * x : 0x1p-52; /* next to 1 the answer may be no double */
		assert_true(beta_lower(a, b, x - aside) <= p * (1.0 + BETA_NEAR));
		assert_true(x + aside >= 1.0 || beta_lower(a, b, x + aside) >= p * (1.0 - BETA_NEAR));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(values_are_right),
	        cmocka_unit_test(reference_gamma_agrees),
	        cmocka_unit_test(reference_gamma_inverse_agrees),
	        cmocka_unit_test(reference_beta_agrees),
	        cmocka_unit_test(reference_beta_inverse_agrees),
	        cmocka_unit_test(arguments_outside_are_refused),
	        cmocka_unit_test(ends_are_exact),
	        cmocka_unit_test(gamma_functions_follow_their_recurrence),
	        cmocka_unit_test(beta_functions_follow_their_recurrence),
	        cmocka_unit_test(gamma_inverses_come_back),
	        cmocka_unit_test(beta_inverses_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
