/*
 * The error function and the normal distribution: values computed with 60 decimals, the reference files,
 * special cases, symmetry, and the joints of the tables.
 */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

#define INF ((double)INFINITY)

static const struct {
	double x, erf, erfc, sf, log_sf, log_cdf;
} values[] = {
        {0.0, 0.0, 1.0, 0.5, -0.6931471805599453, -0.6931471805599453},
        {1e-10, 1.1283791670955126e-10, 0.999999999887162, 0.49999999996010575, -0.6931471806397338,
         -0.6931471804801569},
        {0.1, 0.1124629160182849, 0.887537083981715, 0.460172162722971, -0.7761545927302733,
         -0.6165050101150263},
        {0.4999, 0.5204119951613866, 0.4795880048386134, 0.3085727461387826, -1.1757976574741527,
         -0.3689973339012081},
        {0.5001, 0.5205877516768808, 0.4794122483231193, 0.3085023330735178, -1.1760258730282804,
         -0.3688955018143503},
        {1.0, 0.8427007929497149, 0.15729920705028513, 0.15865525393145705, -1.8410216450092636,
         -0.17275377902344988},
        {1.7, 0.9837904585907745, 0.01620954140922544, 0.04456546275854304, -3.1107960975524813,
         -0.045589029170068934},
        {2.9, 0.9999589021219005, 4.109787809945886e-05, 0.0018658133003840384, -6.284058234947419,
         -0.0018675560981809218},
        {4.4, 0.999999999510829, 4.891710270605872e-10, 5.412543907703851e-06, -12.126791352390722,
         -5.412558555572483e-06},
        {6.1, 1.0, 6.3146021501937184e-18, 5.303423262948841e-10, -21.357498419215556,
         -5.303423264355157e-10},
        {8.2, 1.0, 4.290212022762982e-31, 1.2019351542735859e-16, -36.65742860143866,
         -1.2019351542735859e-16},
        {13.3, 1.0, 6.368006404723223e-79, 1.1573416283690325e-40, -91.95727804428796,
         -1.1573416283690325e-40},
        {20.5, 1.0, 8.450842369572458e-185, 1.0764673258790961e-93, -214.0667289632638,
         -1.0764673258790961e-93},
        {26.5, 1.0, 2.2109076642637343e-307, 4.8461626603033206e-155, -355.322502226356,
         -4.8461626603033206e-155},
};

static const struct {
	double p, z;
} quantiles[] = {
        {5e-324, -38.467405617144344},     {1e-300, -37.0470962993612},
        {1e-100, -21.273453560965326},     {1.3e-11, -6.667611456510741},
        {1.4e-11, -6.656723091518184},     {1e-05, -4.264890793922825},
        {0.025, -1.9599639845400543},      {0.05, -1.6448536269514726},
        {0.0749, -1.4402382675279637},     {0.0751, -1.43882539275254},
        {0.1, -1.2815515655446004},        {0.3, -0.5244005127080408},
        {0.4999, -0.00025066283008800747}, {0.4999999999, -2.506628482030354e-10},
};

/* The bound normal.c states. */
#define NEAR 8e-16

static void values_are_right(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(values); i++) {
		double x = values[i].x;

		assert_close(loy__erf(x), values[i].erf, NEAR, 0.0);
		assert_close(loy__erf(-x), -values[i].erf, NEAR, 0.0);
		assert_close(loy__erfc(x), values[i].erfc, NEAR, 0.0);
		assert_close(loy__erfc(-x), 2.0 - values[i].erfc, NEAR, 0.0);
		assert_close(loy__normal_sf(x), values[i].sf, NEAR, 0.0);
		assert_close(loy__normal_cdf(x), 1.0 - values[i].sf, NEAR, 0.0);
		assert_close(loy__normal_cdf(-x), values[i].sf, NEAR, 0.0);
		assert_close(loy__normal_log_cdf(-x), values[i].log_sf, NEAR, 0.0);
		assert_close(loy__normal_log_cdf(x), values[i].log_cdf, NEAR, 0.0);
	}
	for (i = 0; i < LOY__COUNT(quantiles); i++) {
		assert_close(loy__normal_quantile(quantiles[i].p), quantiles[i].z, NEAR, 0.0);
		if (quantiles[i].p > 1e-5) /* 1 - p is rounded: its relative error grows as p falls */
			assert_close(loy__normal_quantile(1.0 - quantiles[i].p), -quantiles[i].z,
			             NEAR + 1e-17 / quantiles[i].p, 3e-16);
	}
}

static void reference_distribution_agrees(void **state)
{
	static const struct {
		const char *name;
		double (*f)(double);
	} columns[] = {{"cdf", loy__normal_cdf},
	               {"sf", loy__normal_sf},
	               {"log_cdf", loy__normal_log_cdf},
	               {"erf", loy__erf},
	               {"erfc", loy__erfc}};
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_normal.csv");
	size_t rows = 0, i;

	(void)state;
	while (csv_next(csv)) { /* the tolerance stated with the file; subnormal numbers have fewer digits */
		double x = csv_double(csv, csv_column(csv, "x"));

		for (i = 0; i < LOY__COUNT(columns); i++)
			assert_close(columns[i].f(x), csv_double(csv, csv_column(csv, columns[i].name)),
			             1e-15, 5e-324);
		rows++;
	}
	csv_close(csv);
	assert_true(rows >= 100);
}

static void reference_quantiles_agree(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_normal_quantile.csv");
	size_t rows = 0;

	(void)state;
	while (csv_next(csv)) {
		double p = csv_double(csv, csv_column(csv, "p"));

		assert_close(loy__normal_quantile(p), csv_double(csv, csv_column(csv, "z")), 1e-15, 0.0);
		rows++;
	}
	csv_close(csv);
	assert_true(rows >= 100);
}

static void special_cases(void **state)
{
	double (*const all[])(double) = {loy__erf,       loy__erfc,           loy__normal_cdf,
	                                 loy__normal_sf, loy__normal_log_cdf, loy__normal_quantile};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(all); i++)
		assert_true(isnan(all[i]((double)NAN)));
	assert_bits_equal(loy__erf(0.0), 0.0);
	assert_bits_equal(loy__erf(-0.0), -0.0);
	assert_bits_equal(loy__erf(INF), 1.0);
	assert_bits_equal(loy__erf(-INF), -1.0);
	assert_bits_equal(loy__erfc(INF), 0.0);
	assert_bits_equal(loy__erfc(-INF), 2.0);
	assert_bits_equal(loy__erfc(0.0), 1.0);
	assert_bits_equal(loy__normal_cdf(0.0), 0.5);
	assert_bits_equal(loy__normal_cdf(-INF), 0.0);
	assert_bits_equal(loy__normal_cdf(INF), 1.0);
	assert_bits_equal(loy__normal_cdf(-38.7), 0.0);
	assert_true(loy__normal_cdf(-38.4) > 0.0);
	assert_bits_equal(loy__normal_sf(INF), 0.0);
	assert_bits_equal(loy__normal_sf(-INF), 1.0);
	assert_bits_equal(loy__normal_log_cdf(INF), 0.0);
	assert_bits_equal(loy__normal_log_cdf(-INF), -INF);
	assert_bits_equal(loy__normal_log_cdf(-1e200), -INF);
	assert_close(loy__normal_log_cdf(-1e150), -5e299, 1e-15, 0.0);
	assert_bits_equal(loy__normal_quantile(0.0), -INF);
	assert_bits_equal(loy__normal_quantile(1.0), INF);
	assert_bits_equal(loy__normal_quantile(0.5), 0.0);
	assert_true(isnan(loy__normal_quantile(-1e-300)));
	assert_true(isnan(loy__normal_quantile(1.0000000000000002)));
}

static void tails_fall_and_join(void **state)
{
	double before = 1.0, log_before = -1e300;
	int i;

	(void)state;
	for (i = -9000; i <= 39000; i++) {
		double z = i * 0x1p-10, sf = loy__normal_sf(z), log_cdf = loy__normal_log_cdf(-z);

		assert_true(sf <= before && sf >= 0.0);
		assert_true(i == -9000 || log_cdf <= log_before);
		assert_bits_equal(loy__normal_cdf(-z), sf);
		assert_close(loy__normal_cdf(z) + sf, 1.0, 0x1p-52, 0.0);
		if (z > -3.0 && z < 37.0)
			assert_close(log_cdf, loy__log(sf), 1.5e-15, 2e-16);
		if (fabs(z) <
		    5.0) /* erfc(x) = 2 sf(x sqrt 2): x sqrt 2 is rounded, which z sf'(z) carries on */
			assert_close(loy__erfc(z), 2.0 * loy__normal_sf(z * 1.4142135623730951),
			             1e-15 + 4.5e-16 * z * z, 0.0);
		before = sf;
		log_before = log_cdf;
	}
}

static void quantiles_invert_the_distribution(void **state)
{
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 41);
	for (i = 0; i < 100000; i++) {
		double u = loy__random_unit(&random), p, z;

		p = i % 2 != 0 ? u : loy__exp2(-1000.0 * u);
		z = loy__normal_quantile(p);
		/* an error of e z in z is one of about e z^2 in p */
		assert_close(loy__normal_cdf(z), p, 1e-15 * (1.0 + z * z), 0.0);
		assert_true(loy__normal_quantile(p * (1.0 - 0x1p-30)) <= z);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(values_are_right),
	        cmocka_unit_test(reference_distribution_agrees),
	        cmocka_unit_test(reference_quantiles_agree),
	        cmocka_unit_test(special_cases),
	        cmocka_unit_test(tails_fall_and_join),
	        cmocka_unit_test(quantiles_invert_the_distribution),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
