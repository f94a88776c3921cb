/*
 * Elementary functions: correctly rounded values (computed with 80 decimals), special cases, identities, and
 * the joints of tables and ranges. The error itself is measured by tests/bench/ulp_numeric.c.
 */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

#define INF ((double)INFINITY)

struct value {
	double x, y;
};

struct power {
	double x, y, z;
};

/* x and the double nearest to f(x) */
static const struct value exp_values[] = {
        {0x1.0000000000000p+0, 0x1.5bf0a8b145769p+1},     {-0x1.0000000000000p+0, 0x1.78b56362cef38p-2},
        {0x1.0000000000000p-1, 0x1.a61298e1e069cp+0},     {0x1.12e0be826d695p-30, 0x1.000000044b830p+0},
        {-0x1.12e0be826d695p-30, 0x1.fffffff768fa1p-1},   {0x1.4800000000000p+3, 0x1.b9ea2aed2a0f1p+14},
        {-0x1.4800000000000p+3, 0x1.2899a7a835446p-15},   {0x1.62ccccccccccdp+6, 0x1.f4705bbffae5cp+127},
        {-0x1.9d33333333333p+6, 0x1.f553311167f9cp-150},  {0x1.5e26666666666p+9, 0x1.3f6d02b17eb6dp+1010},
        {-0x1.5e5999999999ap+9, 0x1.130e7f11093c4p-1011}, {0x1.62e3d70a3d70ap+9, 0x1.fe9ce5c4c52b4p+1023},
        {-0x1.748cccccccccdp+9, 0x0.0000000000001p-1022}, {-0x1.6840000000000p+9, 0x0.00005cf08fff0p-1022},
};
static const struct value exp2_values[] = {
        {0x1.0000000000000p-1, 0x1.6a09e667f3bcdp+0},      {-0x1.0000000000000p-1, 0x1.6a09e667f3bcdp-1},
        {0x1.12e0be826d695p-30, 0x1.00000002fa1f9p+0},     {0x1.5555555555555p-2, 0x1.428a2f98d728bp+0},
        {0x1.5666666666666p+3, 0x1.9fdf8bcce533ap+10},     {-0x1.5666666666666p+3, 0x1.3b2c47bff832cp-11},
        {0x1.fffeb851eb852p+9, 0x1.fc769e9b9c396p+1023},   {-0x1.fef3333333333p+9, 0x1.125fbee2506b0p-1022},
        {-0x1.0693333333333p+10, 0x0.0000000cfefc6p-1022}, {-0x1.0c80000000000p+10, 0x0.0000000000001p-1022},
        {0x1.08ccccccccccdp+5, 0x1.125fbee250669p+33},
};
static const struct value expm1_values[] = {
        {0x1.79ca10c924223p-67, 0x1.79ca10c924223p-67},   {0x1.4f8b588e368f1p-17, 0x1.4f8bc681cdfb6p-17},
        {-0x1.4f8b588e368f1p-17, -0x1.4f8aea9acf2c9p-17}, {0x1.ff2e48e8a71dep-5, 0x1.07bbba1cbb46bp-4},
        {0x1.0068db8bac711p-4, 0x1.089af7b9326cdp-4},     {-0x1.ff2e48e8a71dep-5, -0x1.ef8eff5895d7fp-5},
        {-0x1.0068db8bac711p-4, -0x1.f119040e464a0p-5},   {0x1.3333333333333p-2, 0x1.6641632306a56p-2},
        {-0x1.3333333333333p-2, -0x1.0966f2c7907f6p-2},   {0x1.0000000000000p+0, 0x1.b7e151628aed3p+0},
        {-0x1.0000000000000p+0, -0x1.43a54e4e98864p-1},   {0x1.6000000000000p+2, 0x1.e76244f21bbf6p+7},
        {-0x1.6000000000000p+2, -0x1.fde856b4a6b12p-1},   {-0x1.2733333333333p+5, -0x1.fffffffffffffp-1},
        {0x1.5e0cccccccccdp+9, 0x1.058614179b2a5p+1010},  {0x1.e07ae147ae148p+4, 0x1.407d3e5a47bd0p+43},
};
static const struct value log_values[] = {
        {0x0.0000000000001p-1022, -0x1.74385446d71c3p+9}, {0x0.012688b70e62bp-1022, -0x1.64e69394d9508p+9},
        {0x1.089ed476ecab0p-1022, -0x1.622e809940dffp+9}, {0x1.4f8b588e368f1p-17, -0x1.7069e2aa2aa5bp+3},
        {0x1.0000000000000p-1, -0x1.62e42fefa39efp-1},    {0x1.6666666666666p-1, -0x1.6d3c324e13f50p-2},
        {0x1.fae147ae147aep-1, -0x1.495453e6fd4bcp-7},    {0x1.ffffde7210be9p-1, -0x1.0c6f82d74d230p-20},
        {0x1.000010c6f7a0bp+0, 0x1.0c6f713f33a1dp-20},    {0x1.028f5c28f5c29p+0, 0x1.460d6ccca367cp-7},
        {0x1.8000000000000p+0, 0x1.9f323ecbf984cp-2},     {0x1.0000000000000p+1, 0x1.62e42fefa39efp-1},
        {0x1.8000000000000p+1, 0x1.193ea7aad030bp+0},     {0x1.4000000000000p+3, 0x1.26bb1bbb55516p+1},
        {0x1.2a05f20000000p+33, 0x1.7069e2aa2aa5bp+4},    {0x1.e42d130773b76p+1023, 0x1.62dd08fdc6f88p+9},
};
static const struct value log2_values[] = {
        {0x0.0000000000001p-1022, -0x1.0c80000000000p+10}, {0x1.4f8b588e368f1p-17, -0x1.09c1165ec0627p+4},
        {0x1.3333333333333p-2, -0x1.bca9c6f53897bp+0},     {0x1.ffffde7210be9p-1, -0x1.83454c4167fe4p-20},
        {0x1.000010c6f7a0bp+0, 0x1.834532df5d30ep-20},     {0x1.4cccccccccccdp+0, 0x1.83988d0c1f60dp-2},
        {0x1.8000000000000p+1, 0x1.95c01a39fbd68p+0},      {0x1.4000000000000p+3, 0x1.a934f0979a371p+1},
        {0x1.2a05f20000000p+33, 0x1.09c1165ec0627p+5},     {0x1.e42d130773b76p+1023, 0x1.fff5ae814b54ap+9},
};
static const struct value log1p_values[] = {
        {0x1.79ca10c924223p-67, 0x1.79ca10c924223p-67},   {0x1.b7cdfd9d7bdbbp-34, 0x1.b7cdfd9d1d693p-34},
        {-0x1.b7cdfd9d7bdbbp-34, -0x1.b7cdfd9dda4e3p-34}, {0x1.5379fa97e132bp-9, 0x1.5309a12c80eafp-9},
        {0x1.56191148fd9fdp-9, 0x1.55a6fa58f198ep-9},     {-0x1.5379fa97e132bp-9, -0x1.53eab781e1806p-9},
        {-0x1.56191148fd9fdp-9, -0x1.568b8e0a491f2p-9},   {0x1.999999999999ap-4, 0x1.8663f793c46c7p-4},
        {-0x1.999999999999ap-4, -0x1.af8e8210a415ep-4},   {0x1.0000000000000p+0, 0x1.62e42fefa39efp-1},
        {-0x1.0000000000000p-1, -0x1.62e42fefa39efp-1},   {-0x1.ff7ced916872bp-1, -0x1.ba18a998fff9fp+2},
        {0x1.4000000000000p+3, 0x1.32ee3b77f374cp+1},     {0x1.2a05f20000000p+33, 0x1.7069e2aa3184ep+4},
        {0x1.7e43c8800759cp+996, 0x1.5963447f87fb5p+9},
};
static const struct value logistic_values[] = {
        {0.0, 0x1.0000000000000p-1},
        {0x1.b7cdfd9d7bdbbp-34, 0x1.0000000036f9cp-1},
        {0x1.0000000000000p-1, 0x1.3eb2fd4d34391p-1},
        {-0x1.0000000000000p-1, 0x1.829a0565978dfp-2},
        {0x1.8000000000000p+1, 0x1.e7b7cbc36fabcp-1},
        {-0x1.8000000000000p+1, 0x1.848343c905445p-5},
        {0x1.4000000000000p+4, 0x1.ffffffee4b79bp-1},
        {-0x1.4000000000000p+4, 0x1.1b4865556b5d5p-29},
        {0x1.259999999999ap+5, 0x1.fffffffffffffp-1},
        {-0x1.259999999999ap+5, 0x1.0998b04bdd18fp-53},
        {-0x1.3feb851eb851fp+5, 0x1.3c9fa9072721ep-58},
        {-0x1.40147ae147ae1p+5, 0x1.365aa69166a56p-58},
        {-0x1.2c00000000000p+8, 0x1.245639c3a49f7p-433},
        {-0x1.7473333333333p+9, 0x0.0000000000001p-1022},
};
static const struct value log1pexp_values[] = {
        {0.0, 0x1.62e42fefa39efp-1},
        {0x1.b7cdfd9d7bdbbp-34, 0x1.62e42ff011927p-1},
        {0x1.0000000000000p-1, 0x1.f2ba37edae032p-1},
        {-0x1.0000000000000p-1, 0x1.e5746fdb5c064p-2},
        {0x1.8000000000000p+1, 0x1.86381c3f0115cp+1},
        {-0x1.8000000000000p+1, 0x1.8e070fc045701p-5},
        {0x1.4000000000000p+4, 0x1.400000008da43p+4},
        {-0x1.4000000000000p+4, 0x1.1b48655a5141ep-29},
        {0x1.3feb851eb851fp+5, 0x1.3feb851eb851fp+5},
        {0x1.40147ae147ae1p+5, 0x1.40147ae147ae1p+5},
        {-0x1.3feb851eb851fp+5, 0x1.3c9fa9072721ep-58},
        {-0x1.40147ae147ae1p+5, 0x1.365aa69166a56p-58},
        {-0x1.2c00000000000p+8, 0x1.245639c3a49f7p-433},
        {-0x1.7473333333333p+9, 0x0.0000000000001p-1022},
        {0x1.86a0000000000p+16, 0x1.86a0000000000p+16},
};
static const struct value tanh_values[] = {
        {0x1.b7cdfd9d7bdbbp-34, 0x1.b7cdfd9d7bdbbp-34}, {0x1.4f8b588e368f1p-17, 0x1.4f8b588e06854p-17},
        {0x1.47ae147ae147bp-7, 0x1.47ab48ae4595ep-7},   {-0x1.47ae147ae147bp-7, -0x1.47ab48ae4595ep-7},
        {0x1.eb851eb851eb8p-6, 0x1.eb5f62857006fp-6},   {0x1.3333333333333p-2, 0x1.2a4dda7d914fap-2},
        {-0x1.3333333333333p-2, -0x1.2a4dda7d914fap-2}, {0x1.0000000000000p+0, 0x1.85efab514f394p-1},
        {-0x1.0000000000000p+0, -0x1.85efab514f394p-1}, {0x1.8000000000000p+1, 0x1.fd77d111a0b00p-1},
        {0x1.4000000000000p+3, 0x1.ffffffdc96f35p-1},   {-0x1.2800000000000p+4, -0x1.ffffffffffffep-1},
        {0x1.5e66666666666p+4, 0x1.0000000000000p+0},
};
static const struct power powers[] = {
        {0x1.0000000000000p+1, 0x1.0000000000000p-1, 0x1.6a09e667f3bcdp+0},
        {0x1.4000000000000p+3, -0x1.8000000000000p+1, 0x1.0624dd2f1a9fcp-10},
        {0x1.999999999999ap-4, 0x1.6000000000000p+2, 0x1.a86f0875fcf97p-19},
        {0x1.000001ad7f29bp+0, 0x1.312d000000000p+23, 0x1.5bf0a790ce6f2p+1},
        {0x1.fffffca501acbp-1, -0x1.312d000000000p+23, 0x1.5bf0a9d212735p+1},
        {0x1.8000000000000p+1, 0x1.4000000000000p+5, 0x1.517168a4523fdp+63},
        {0x1.4f8b588e368f1p-17, 0x1.e0ccccccccccdp+5, 0x1.b1b7583379073p-999},
        {0x1.7e43c8800759cp+996, -0x1.0cccccccccccdp+0, 0x0.000000c1069cdp-1022},
        {0x1.3333333333333p-2, 0x1.2c5999999999ap+9, 0x0.000006153b3a2p-1022},
        {0x1.c666666666666p+2, -0x1.684cccccccccdp+8, 0x1.1976b9c218e4dp-1019},
        {-0x1.8000000000000p+1, 0x1.4000000000000p+2, -0x1.e600000000000p+7},
        {-0x1.8000000000000p+0, -0x1.0000000000000p+3, 0x1.3fa39ab547995p-5},
        {0x0.0000000000001p-1022, 0x1.3333333333333p-2, 0x1.bdb8cdadbe161p-323},
        {0x1.0000000000001p+0, 0x1.0000000000000p+55, 0x1.749ea7d470c68p+11},
        {0x1.0000000000000p-1, 0x1.0c60000000000p+10, 0x0.0000000000001p-1022},
        {-0x1.0000000000000p+1, -0x1.0c40000000000p+10, -0x0.0000000000002p-1022},
        {0x1.e42d130773b76p+1023, 0x1.fae147ae147aep-1, 0x1.9a33f52f64173p+1013},
        {0x1.1fa182c40c60dp-1022, -0x1.ff7ced916872bp-1, 0x1.c0d9e36b676cbp+1020},
};

/* Nearest values differ from results with an error below 0.56 units by one place at most. */
static void check(double (*f)(double), const struct value *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (support_ulps(f(list[i].x), list[i].y) > 1)
			assert_bits_equal(f(list[i].x), list[i].y);
}

static void values_are_right_to_the_last_place(void **state)
{
	size_t i;

	(void)state;
	check(loy__exp, exp_values, LOY__COUNT(exp_values));
	check(loy__exp2, exp2_values, LOY__COUNT(exp2_values));
	check(loy__expm1, expm1_values, LOY__COUNT(expm1_values));
	check(loy__log, log_values, LOY__COUNT(log_values));
	check(loy__log2, log2_values, LOY__COUNT(log2_values));
	check(loy__log1p, log1p_values, LOY__COUNT(log1p_values));
	check(loy__logistic, logistic_values, LOY__COUNT(logistic_values));
	check(loy__log1pexp, log1pexp_values, LOY__COUNT(log1pexp_values));
	check(loy__tanh, tanh_values, LOY__COUNT(tanh_values));
	for (i = 0; i < LOY__COUNT(powers); i++)
		if (support_ulps(loy__pow(powers[i].x, powers[i].y), powers[i].z) > 1)
			assert_bits_equal(loy__pow(powers[i].x, powers[i].y), powers[i].z);
}

static void reference_helpers_agree(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/sf_logistic_helpers.csv");
	size_t x = csv_column(csv, "x"), rows = 0;
	const struct {
		const char *name;
		double (*f)(double);
	} columns[] = {{"log1pexp", loy__log1pexp},
	               {"logistic", loy__logistic},
	               {"expm1", loy__expm1},
	               {"log1p", loy__log1p}};

	(void)state;
	while (csv_next(csv)) {
		double at = csv_double(csv, x);
		size_t i;

		for (i = 0; i < LOY__COUNT(columns); i++) {
			size_t column = csv_column(csv, columns[i].name);

			/* the tolerance stated with the file; it holds numbers below the range of doubles too */
			if (!csv_empty(csv, column))
				assert_close(columns[i].f(at), csv_double(csv, column), 4e-16, 5e-324);
		}
		assert_close(-loy__log1pexp(-at), csv_double(csv, csv_column(csv, "log_logistic")), 4e-16,
		             5e-324);
		rows++;
	}
	csv_close(csv);
	assert_true(rows >= 10);
}

static void special_cases_follow_the_standard(void **state)
{
	double (*const all[])(double) = {loy__exp,   loy__exp2,     loy__expm1,    loy__log, loy__log2,
	                                 loy__log1p, loy__logistic, loy__log1pexp, loy__tanh};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(all); i++)
		assert_true(isnan(all[i]((double)NAN)));
	assert_bits_equal(loy__exp(0.0), 1.0);
	assert_bits_equal(loy__exp(-0.0), 1.0);
	assert_bits_equal(loy__exp(INF), INF);
	assert_bits_equal(loy__exp(-INF), 0.0);
	assert_bits_equal(loy__exp(709.79), INF);
	assert_bits_equal(loy__exp(710.0), INF);
	assert_bits_equal(loy__exp(-745.14), 0.0);
	assert_bits_equal(loy__exp(-1e300), 0.0);
	assert_bits_equal(loy__exp2(INF), INF);
	assert_bits_equal(loy__exp2(1024.0), INF);
	assert_bits_equal(loy__exp2(-INF), 0.0);
	assert_bits_equal(loy__exp2(-1076.0), 0.0);
	assert_bits_equal(loy__expm1(INF), INF);
	assert_bits_equal(loy__expm1(-INF), -1.0);
	assert_bits_equal(loy__expm1(-41.0), -1.0);
	assert_bits_equal(loy__expm1(-0.0), -0.0);
	assert_bits_equal(loy__expm1(709.5), loy__exp(709.5));
	assert_bits_equal(loy__expm1(710.0), INF);
	assert_bits_equal(loy__log(0.0), -INF);
	assert_bits_equal(loy__log(-0.0), -INF);
	assert_bits_equal(loy__log(INF), INF);
	assert_bits_equal(loy__log(1.0), 0.0);
	assert_true(isnan(loy__log(-1e-300)));
	assert_true(isnan(loy__log(-INF)));
	assert_bits_equal(loy__log2(0.0), -INF);
	assert_bits_equal(loy__log2(INF), INF);
	assert_true(isnan(loy__log2(-1.0)));
	assert_bits_equal(loy__log1p(-1.0), -INF);
	assert_bits_equal(loy__log1p(INF), INF);
	assert_bits_equal(loy__log1p(-0.0), -0.0);
	assert_true(isnan(loy__log1p(-1.0000000000000002)));
	assert_bits_equal(loy__logistic(INF), 1.0);
	assert_bits_equal(loy__logistic(-INF), 0.0);
	assert_bits_equal(loy__logistic(0.0), 0.5);
	assert_bits_equal(loy__log1pexp(INF), INF);
	assert_bits_equal(loy__log1pexp(-INF), 0.0);
	assert_bits_equal(loy__tanh(INF), 1.0);
	assert_bits_equal(loy__tanh(-INF), -1.0);
	assert_bits_equal(loy__tanh(-0.0), -0.0);
	assert_bits_equal(loy__tanh(1e-200), 1e-200);
}

/* x, y and x^y, from C99 F.9.4.4 and what follows for large exponents. */
static void powers_follow_the_standard(void **state)
{
	static const struct power list[] = {
	        {0.0, -3.0, INF},
	        {-0.0, -3.0, -INF},
	        {0.0, -2.0, INF},
	        {-0.0, -2.0, INF},
	        {-0.0, -1.5, INF},
	        {0.0, 3.0, 0.0},
	        {-0.0, 3.0, -0.0},
	        {-0.0, 2.0, 0.0},
	        {-0.0, 0.5, 0.0},
	        {0.0, -INF, INF},
	        {-1.0, INF, 1.0},
	        {-1.0, -INF, 1.0},
	        {1.0, (double)NAN, 1.0},
	        {(double)NAN, 0.0, 1.0},
	        {0.5, -INF, INF},
	        {2.0, -INF, 0.0},
	        {0.5, INF, 0.0},
	        {2.0, INF, INF},
	        {-0.5, INF, 0.0},
	        {-INF, -3.0, -0.0},
	        {-INF, -2.5, 0.0},
	        {-INF, 3.0, -INF},
	        {-INF, 2.0, INF},
	        {INF, -0.5, 0.0},
	        {INF, 0.5, INF},
	        {INF, 0.0, 1.0},
	        {-INF, -INF, 0.0},
	        {1.0, INF, 1.0},
	        {1.0, -7.3, 1.0},
	        {-1.0, 3.0, -1.0},
	        {-1.0, 0x1p60, 1.0},
	        {2.0, 1024.0, INF},
	        {-2.0, 1025.0, -INF},
	        {2.0, -1076.0, 0.0},
	        {-2.0, -1077.0, -0.0},
	        {1.5, 1e300, INF},
	        {1.5, -1e300, 0.0},
	        {0.5, 1e300, 0.0},
	        {0.5, -1e300, INF},
	        {3.7, 1e-300, 1.0},
	        {-2.0, 0x1p53, INF},
	        {-0.5, 0x1p70, 0.0},
	        {-0.5, 9007199254740991.0, -0.0},
	        {-3.0, 3.0, -27.0},
	        {-3.0, 4.0, 81.0},
	        {2.0, -1074.0, 5e-324},
	        {4.0, 0.5, 2.0},
	        {1e-300, -1.5, INF},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(list); i++)
		assert_bits_equal(loy__pow(list[i].x, list[i].y), list[i].z);
	assert_true(isnan(loy__pow(-8.0, 1.0 / 3.0)));
	assert_true(isnan(loy__pow(-0x1p-1074, 0.5)));
	assert_true(isnan(loy__pow((double)NAN, 1.0)));
	assert_true(isnan(loy__pow(2.0, (double)NAN)));
}

static void whole_powers_are_exact(void **state)
{
	int k, base;

	(void)state;
	for (k = -1074; k < 1024; k++) {
		double power = ldexp(1.0, k);

		assert_bits_equal(loy__exp2(k), power);
		assert_bits_equal(loy__log2(power), (double)k);
		assert_bits_equal(loy__pow(2.0, k), power);
		assert_bits_equal(loy__pow(0.5, -k), power);
	}
	for (base = 2; base <= 100; base++) {
		double exact = 1.0;

		for (k = 0; exact <= 0x1p26; k++) {
			assert_bits_equal(loy__pow(base, k), exact);
			assert_bits_equal(loy__pow(-base, k), k % 2 != 0 ? -exact : exact);
			assert_bits_equal(loy__pow(exact * exact, 0.5), exact);
			exact *= base;
		}
	}
}

/* Numbers of all sizes and both signs, the exponent between low and high. */
static double any(loy__random *random, int low, int high)
{
	int power = low + (int)loy__random_below(random, (uint64_t)(high - low));
	double value = ldexp(1.0 + loy__random_unit(random), power);

	return loy__random_below(random, 2) == 0 ? value : -value;
}

static void functions_invert_one_another(void **state)
{
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 21);
	for (i = 0; i < 100000; i++) {
		double x = fabs(any(&random, -1000, 1000)), small = any(&random, -60, 2), y;

		/* an error of one unit in the logarithm is one of |log x| 2^-52 in x */
		assert_close(loy__exp(loy__log(x)), x, (fabs(log(x)) + 2.0) * 0x1p-52, 0.0);
		assert_close(loy__exp2(loy__log2(x)), x, (fabs(log2(x)) + 2.0) * 0x1p-52, 0.0);
		y = loy__expm1(small);
		/* y + 1 = e^small: an error of y in small is one of y e^-small */
		assert_close(loy__log1p(y), small, 0x1p-51, fabs(y) * loy__exp(-small) * 0x1p-51);
		assert_close(loy__logistic(small) + loy__logistic(-small), 1.0, 0x1p-52, 0.0);
		assert_bits_equal(loy__tanh(-small), -loy__tanh(small));
		y = loy__expm1(2.0 * small);
		assert_close(loy__tanh(small), y / (y + 2.0), 0x1p-50, 0.0);
		assert_close(loy__log1pexp(small), -loy__log(loy__logistic(-small)), 0x1p-50, 0x1p-52);
		assert_close(loy__pow(x, 0.5), sqrt(x), 0x1p-52, 0.0);
		x = any(&random, -500, 500);
		assert_close(loy__pow(x, 2.0), x * x, 0x1p-52, 0.0);
		assert_close(loy__pow(x, -1.0), 1.0 / x, 0x1p-52, 0.0);
	}
}

/* Rising functions rise, in steps far above the error, across every joint of a table or a range. */
static void functions_rise(void **state)
{
	double (*const all[])(double) = {loy__exp,      loy__exp2,     loy__expm1,
	                                 loy__logistic, loy__log1pexp, loy__tanh};
	double joint;
	size_t k;
	int i;

	(void)state;
	for (k = 0; k < LOY__COUNT(all); k++)
		for (i = -4000; i <= 4000; i++) {
			joint = ((double)i + 0.5) * 0.0027076061740622863; /* ln 2 / 256 */
			if (all[k] == loy__exp2)
				joint = ((double)i + 0.5) / 128.0;
			assert_true(all[k](joint - 0x1p-30) <= all[k](joint));
			assert_true(all[k](joint) <= all[k](joint + 0x1p-30));
		}
	for (k = 0; k < LOY__COUNT(all); k++) {
		static const double joints[] = {0.0625, -0.0625, 0.03125, -0.03125, 40.0,
		                                -40.0,  22.0,    -22.0,   0x1p-28};

		for (i = 0; i < (int)LOY__COUNT(joints); i++) {
			assert_true(all[k](joints[i] * (1.0 - 0x1p-40)) * joints[i] <=
			            all[k](joints[i]) * joints[i]);
			assert_true(all[k](joints[i]) * joints[i] <=
			            all[k](joints[i] * (1.0 + 0x1p-40)) * joints[i]);
		}
	}
	for (i = 0; i < 3 * 128; i++) {
		/* the rows of the table of logarithms change at these words */
		uint64_t word = UINT64_C(0x3fe68aab00000000) + ((uint64_t)i << 45);
		double x;

		memcpy(&x, &word, sizeof(x));
		assert_true(loy__log(x * (1.0 - 0x1p-50)) < loy__log(x));
		assert_true(loy__log(x) < loy__log(x * (1.0 + 0x1p-50)));
		assert_true(loy__log2(x * (1.0 - 0x1p-50)) < loy__log2(x));
		assert_true(loy__log1p(x * (1.0 - 0x1p-48)) < loy__log1p(x));
	}
	assert_true(loy__log1p(0.0026 * (1.0 - 0x1p-48)) < loy__log1p(0.0026));
	assert_true(loy__log1p(-0.0026 * (1.0 + 0x1p-48)) < loy__log1p(-0.0026));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(values_are_right_to_the_last_place),
	        cmocka_unit_test(reference_helpers_agree),
	        cmocka_unit_test(special_cases_follow_the_standard),
	        cmocka_unit_test(powers_follow_the_standard),
	        cmocka_unit_test(whole_powers_are_exact),
	        cmocka_unit_test(functions_invert_one_another),
	        cmocka_unit_test(functions_rise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
