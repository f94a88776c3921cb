/*
 * Gamma and its relatives: values computed with 60 decimals, the reference file, special cases, and the
 * equations that tie each function to itself at other places.
 */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

#define INF ((double)INFINITY)

/* -1 stands for a value beyond the range of doubles. */
static const struct {
	double x, log_gamma, gamma, digamma, trigamma;
} gamma_values[] = {
        {1e-300, 690.7755278982137, 9.999999999999999e+299, -9.999999999999999e+299, -1.0},
        {1e-05, 11.512919692895826, 99999.42279422555, -100000.57719921567, 10000000001.644909},
        {0.1, 2.252712651734206, 9.51350769866873, -10.423754940411076, 101.43329915079275},
        {0.4999, 0.5725613186041184, 1.7728019519128926, -1.9640035904016993, 4.936485567383169},
        {0.6, 0.39823385806923495, 1.489192248812817, -1.5406192138931905, 3.6362096709023577},
        {0.9999999, 5.772157468444193e-08, 1.0000000577215764, -0.5772158293949515, 1.6449343072596394},
        {1.0000001, -5.772155829918507e-08, 0.9999999422784434, -0.5772155004081381, 1.6449338264368782},
        {1.25, -0.09827183642181316, 0.906402477055477, -0.22745353337626542, 1.1973291545071107},
        {1.4616321449, -0.12148629053584961, 0.8856031944108887, -6.615230062364537e-11, 0.9676722455081578},
        {1.7, -0.09580769740706588, 0.9086387328532904, 0.2085478748734939, 0.7932328301639984},
        {1.99999, -4.227811104241674e-06, 0.999995772197833, 0.42277788573759284, 0.6449381080109867},
        {2.0001, 4.2281658112919945e-05, 1.0000422825519948, 0.4228488264846654, 0.6448936579371437},
        {2.4999, 0.28461255726068263, 1.3292469212723061, 0.7031076036885755, 0.49038137762498063},
        {2.5, 0.2846828704729192, 1.329340388179137, 0.7031566406452432, 0.49035775610023485},
        {3.3, 0.9870985778947344, 2.6834373819557684, 1.0348224890596216, 0.3535015418410618},
        {7.25, 7.0521854507385395, 1155.3810139199898, 1.910453526883736, 0.14787923315893217},
        {33.5, 83.30242550295006, 1.505856975626702e+36, 3.496545816722825, 0.030300712174923455},
        {100.1, 359.59427178885676, 1.478454494651475e+156, 4.601166364717534, 0.010040076304158763},
        {170.5, 704.0044277342047, 5.56209241456e+305, 5.135799878794703, 0.005882335979579863},
        {1234.5, 7550.550901077895, -1.0, 7.118016231827998, 0.0008103727271269667},
        {1000000000000000.0, 3.3538776394910668e+16, -1.0, 34.538776394910684, 1.0000000000000005e-15},
        {1e+100, 2.2925850929940456e+102, -1.0, 230.25850929940458, 1e-100},
        {-0.3, 1.4648400508576025, -4.326851108825193, 2.113309779635399, 13.945160267805722},
        {-0.99999, 11.512929692950378, -100000.42279890865, -99999.57718967069, 10000000002.73595},
        {-1.5, 0.860047015376481, 2.363271801207355, 0.7031566406452432, 9.379246644989124},
        {-2.4570247, 5.792758455100296e-08, -1.0000000579275863, 1.515603819399498, 9.71664222691221},
        {-7.7, -8.6110964437789, 0.00018207416684152617, -0.17774844371896933, 14.957612844863727},
        {-33.25, -84.44198963688153, 2.1247598917999635e-37, 6.6606096450806564, 19.709581339574722},
        {-100.9, -365.57345017352264, -1.7118584830459163e-159, -5.049750846971445, 103.34597725726884},
        {-169.4, -702.2959654880028, 9.925160206692356e-306, 6.155976802811849, 10.905680463237989},
};

static const struct {
	double a, b, log_beta;
} beta_values[] = {
        {1e-10, 1e-10, 23.7189981105004},      {1e-07, 3.5, 16.118095482921095},
        {1e-05, 100000.0, 11.512804563691175}, {0.3, 0.7, 1.3566652413497422},
        {0.5, 2.5, 0.16390063283767395},       {1.0, 1.0, 0.0},
        {1.0, 7.0, -1.9459101490553132},       {2.4, 64.5, -9.808931423619882},
        {2.6, 2.7, -2.8474036518626016},       {3.0, 100000000.0, -54.56889508129715},
        {30.25, 50.5, -53.95298674569173},     {100000.0, 200000.0, -190958.88527911686},
        {0.1, 1e+300, -66.82484013808717},     {1e-300, 5.0, 690.7755278982137},
};

static void values_are_right(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(gamma_values); i++) {
		double x = gamma_values[i].x;
		int sign;

		/* the file states 6e-16 relative for x > 0, absolute or relative below */
		assert_close(loy__lgamma(x, &sign), gamma_values[i].log_gamma, 6e-16, x < 0.0 ? 6e-16 : 0.0);
		assert_int_equal(sign, x < 0.0 && gamma_values[i].gamma < 0.0 ? -1 : 1);
		assert_close(loy__lgamma(x, NULL), gamma_values[i].log_gamma, 6e-16, x < 0.0 ? 6e-16 : 0.0);
		if (gamma_values[i].gamma != -1.0)
			assert_close(loy__gamma(x), gamma_values[i].gamma, x < 0.0 ? 4e-16 : 2.3e-16, 0.0);
		/* below 0 times pi / sin^2(pi x), at most 1e10 here and there the value itself is as large */
		assert_close(loy__digamma(x), gamma_values[i].digamma, 2e-15, x < 0.0 ? 2e-14 : 0.0);
		if (gamma_values[i].trigamma != -1.0)
			assert_close(loy__trigamma(x), gamma_values[i].trigamma, 1e-15, 0.0);
	}
	for (i = 0; i < LOY__COUNT(beta_values); i++) {
		assert_close(loy__log_beta(beta_values[i].a, beta_values[i].b), beta_values[i].log_beta,
		             6e-16, 6e-16);
		assert_bits_equal(loy__log_beta(beta_values[i].b, beta_values[i].a),
		                  loy__log_beta(beta_values[i].a, beta_values[i].b));
	}
}

static void reference_family_agrees(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_gamma_family.csv");
	size_t x = csv_column(csv, "x"), rows = 0;

	(void)state;
	while (csv_next(csv)) { /* the tolerances are those stated with the file */
		double at = csv_double(csv, x), expected = csv_double(csv, csv_column(csv, "lgamma"));
		int sign;

		assert_close(loy__lgamma(at, &sign), expected, 4e-16, 4e-16);
		assert_int_equal(sign, csv_i64(csv, csv_column(csv, "sign")));
		if (!csv_empty(csv, csv_column(csv, "gamma")))
			assert_close(loy__gamma(at), csv_double(csv, csv_column(csv, "gamma")), 1e-14, 0.0);
		if (!csv_empty(csv, csv_column(csv, "digamma")))
			assert_close(loy__digamma(at), csv_double(csv, csv_column(csv, "digamma")), 1e-14,
			             1e-13);
		if (!csv_empty(csv, csv_column(csv, "trigamma")))
			assert_close(loy__trigamma(at), csv_double(csv, csv_column(csv, "trigamma")), 1e-14,
			             0.0);
		rows++;
	}
	csv_close(csv);
	assert_true(rows >= 100);
}

static void special_cases(void **state)
{
	int sign = 7;

	(void)state;
	assert_true(isnan(loy__lgamma((double)NAN, &sign)));
	assert_bits_equal(loy__lgamma(0.0, &sign), INF);
	assert_int_equal(sign, 0);
	assert_bits_equal(loy__lgamma(-3.0, &sign), INF);
	assert_int_equal(sign, 0);
	assert_bits_equal(loy__lgamma(-1e300, &sign), INF);
	assert_int_equal(sign, 0);
	assert_bits_equal(loy__lgamma(INF, &sign), INF);
	assert_bits_equal(loy__lgamma(-INF, &sign), INF);
	assert_bits_equal(loy__lgamma(1e306, &sign), INF);
	assert_bits_equal(loy__lgamma(1.0, &sign), 0.0);
	assert_bits_equal(loy__lgamma(2.0, &sign), 0.0);
	assert_int_equal(sign, 1);
	assert_bits_equal(loy__gamma(0.0), INF);
	assert_bits_equal(loy__gamma(-0.0), -INF);
	assert_bits_equal(loy__gamma(INF), INF);
	assert_bits_equal(loy__gamma(171.7), INF);
	assert_bits_equal(loy__gamma(171.6244), INF);
	assert_true(loy__gamma(171.6243) > 1.79e308 && loy__gamma(171.6243) < INF);
	assert_bits_equal(loy__gamma(-200.5), -0.0);
	assert_bits_equal(loy__gamma(-201.5), 0.0);
	assert_bits_equal(loy__gamma(-188.5), -0.0);
	assert_true(isnan(loy__gamma(-5.0)));
	assert_true(isnan(loy__gamma(-INF)));
	assert_true(isnan(loy__gamma((double)NAN)));
	assert_bits_equal(loy__digamma(0.0), -INF);
	assert_bits_equal(loy__digamma(-0.0), INF);
	assert_bits_equal(loy__digamma(INF), INF);
	assert_true(isnan(loy__digamma(-INF)));
	assert_true(isnan(loy__digamma(-4.0)));
	assert_true(isnan(loy__digamma((double)NAN)));
	assert_bits_equal(loy__trigamma(0.0), INF);
	assert_bits_equal(loy__trigamma(-2.0), INF);
	assert_bits_equal(loy__trigamma(INF), 0.0);
	assert_true(isnan(loy__trigamma(-INF)));
	assert_true(isnan(loy__trigamma((double)NAN)));
	assert_bits_equal(loy__log_beta(0.0, 3.0), INF);
	assert_bits_equal(loy__log_beta(3.0, INF), -INF);
	assert_true(isnan(loy__log_beta(0.0, INF)));
	assert_true(isnan(loy__log_beta(-1.0, 3.0)));
	assert_true(isnan(loy__log_beta((double)NAN, 3.0)));
	assert_true(isnan(loy__log_beta(3.0, (double)NAN)));
}

static void factorials_are_exact(void **state)
{
	double exact = 1.0;
	int n;

	(void)state;
	for (n = 1; n <= 23; n++) { /* 22! is the last that is a double */
		assert_bits_equal(loy__gamma(n), exact);
		exact *= n;
	}
	for (n = 1; n < 60; n++) /* Legendre's: gamma(n + 1/2) 4^n n! = (2n)! sqrt(pi) */
		assert_close(loy__gamma(n + 0.5) * loy__gamma(n + 1.0),
		             ldexp(loy__gamma(2.0 * n + 1.0), -2 * n) * 1.7724538509055160, 1e-15, 0.0);
}

static void neighbours_agree(void **state)
{
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 31);
	for (i = 0; i < 100000; i++) {
		double u = loy__random_unit(&random), x, y;

		/* multiples of 2^-32, so that x + 1 is exact */
		x = floor((i % 2 != 0 ? 12.0 * u - 6.0 : 200.0 * u - 100.0) * 0x1p32) * 0x1p-32;
		if (fabs(x - floor(x + 0.5)) < 1e-3)
			continue;
		y = x + 1.0;
		assert_close(loy__gamma(y), x * loy__gamma(x), 1e-15, 0.0);
		/* psi(x + 1) - psi(x) = 1/x; near the poles at 1e-3 both are up to 1e3, their slopes 1e6 */
		assert_close(loy__digamma(y) - loy__digamma(x), 1.0 / x, 1e-15,
		             2e-15 * fabs(loy__digamma(x)) + 2e-14);
		assert_close(loy__trigamma(x) - loy__trigamma(y), 1.0 / (x * x), 1e-15,
		             4e-15 * loy__trigamma(x));
		assert_close(loy__lgamma(y, NULL) - loy__lgamma(x, NULL), loy__log(fabs(x)), 1e-15,
		             1e-15 * (1.0 + fabs(loy__lgamma(x, NULL))));
	}
}

/* B(a + 1, b) = B(a, b) a / (a + b), across the ranges that are computed differently. */
static void beta_follows_its_recurrence(void **state)
{
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 32);
	for (i = 0; i < 100000; i++) {
		double a = loy__exp(30.0 * loy__random_unit(&random) - 15.0), b, now, next;

		b = loy__exp(30.0 * loy__random_unit(&random) - 15.0);
		a = floor(a * 0x1p20) * 0x1p-20 + 0x1p-20; /* so that a + 1 is exact */
		now = loy__log_beta(a, b);
		next = loy__log_beta(a + 1.0, b);
		assert_close(next - now, -loy__log1p(b / a), 1e-15, 1.2e-15 * (1.0 + fabs(now)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(values_are_right), cmocka_unit_test(reference_family_agrees),
	        cmocka_unit_test(special_cases),    cmocka_unit_test(factorials_are_exact),
	        cmocka_unit_test(neighbours_agree), cmocka_unit_test(beta_follows_its_recurrence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
