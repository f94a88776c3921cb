/*
 * Structural equation models on data whose answers are known: covariances made from parameters, closed forms
 * of regression, rows simulated from a model; and that neither the order of rows nor the way to the
 * covariances matters.
 */
#include "sems.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- covariances made from parameters ---- */

/* A one-factor model by hand: loading i times loading j times the variance, and residuals. */
static void one_factor(double *s, size_t n, const double *loading, double variance, const double *residual)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++)
			s[i * n + j] = loading[i] * loading[j] * variance + (i == j ? residual[i] : 0.0);
	}
}

static void exact_covariances_give_the_true_parameters(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	const double loading[] = {1.0, 0.8, -1.2, 0.6}, residual[] = {1.0, 0.5, 0.7, 0.9};
	const char *text = "F =~ a + b + c + d";
	loy_sem_options options = default_options();
	double s[16];
	loy_sem *sem;
	size_t i;

	(void)state;
	one_factor(s, 4, loading, 2.0, residual);
	options.likelihood = LOY_SEM_WISHART; /* so that covariances are taken as they are */
	sem = fit_matrix(text, s, NULL, 4, 100, names, &options);
	assert_int_equal(info_of(sem).state, LOY_SEM_CONVERGED);
	assert_int_equal(info_of(sem).issues, 0);
	for (i = 0; i < 4; i++) {
		/* rounding of some hundred operations */
		assert_close(parameter(sem, "F", "=~", names[i]).value, loading[i], 1e-12, 0.0);
		assert_close(parameter(sem, names[i], "~~", names[i]).value, residual[i], 1e-12, 0.0);
	}
	assert_close(parameter(sem, "F", "~~", "F").value, 2.0, 1e-12, 0.0);
	assert_close(fit_of(sem, LOY_SEM_CHISQ), 0.0, 0.0, 1e-11);
	assert_bits_equal(fit_of(sem, LOY_SEM_DF), 2.0);
	assert_close(fit_of(sem, LOY_SEM_SRMR), 0.0, 0.0, 1e-14);
	assert_bits_equal(fit_of(sem, LOY_SEM_RMSEA), 0.0);
	assert_bits_equal(fit_of(sem, LOY_SEM_CFI), 1.0);
	assert_close(parameter(sem, "F", "=~", "c").standard, -1.2 * sqrt(2.0 / (1.44 * 2.0 + 0.7)), 1e-12,
	             0.0);
	assert_close(parameter(sem, "F", "=~", "c").latent, -1.2 * sqrt(2.0), 1e-12, 0.0);
	loy_sem_destroy(sem);
}

/*
 * Paths among constructs: x -> y -> z and x -> z. cov(constructs) by hand from g = 0.5, h = -0.4, k = 0.7 and
 * residual variances; three items each with loadings 1, 0.9, 1.1 and residuals 0.5.
 */
static void make_paths(double s[81], double phi[9])
{
	const double loading[3] = {1.0, 0.9, 1.1}, x = 1.5, y = 0.8, z = 0.6, g = 0.5, h = -0.4, k = 0.7;
	double xy = g * x, yy = g * g * x + y, xz = h * x + k * xy, yz = h * xy + k * yy;
	double zz = h * xz + k * yz + z;
	const double all[9] = {x, xy, xz, xy, yy, yz, xz, yz, zz};
	size_t i, j;

	memcpy(phi, all, sizeof(all));
	for (i = 0; i < 9; i++) {
		for (j = 0; j < 9; j++)
			s[i * 9 + j] = loading[i % 3] * loading[j % 3] * phi[i / 3 * 3 + j / 3] +
			               (i == j ? 0.5 : 0.0);
	}
}

static const char *const nine[] = {"x1", "x2", "x3", "y1", "y2", "y3", "z1", "z2", "z3"};
static const char three_paths[] = "X =~ x1 + x2 + x3\nY =~ y1 + y2 + y3\nZ =~ z1 + z2 + z3\n"
                                  "Y ~ g*X\nZ ~ h*X + k*Y\nindirect := g*k\ntotal := h + indirect\n";

static void paths_among_constructs_are_found(void **state)
{
	loy_sem_options options = default_options();
	double s[81], phi[9], m[9];
	loy_sem_variable v = {.struct_size = sizeof(v)};
	loy_sem *sem;
	uint32_t size = 0;
	size_t i;

	(void)state;
	make_paths(s, phi);
	options.likelihood = LOY_SEM_WISHART;
	sem = fit_matrix(three_paths, s, NULL, 9, 200, nine, &options);
	assert_close(parameter(sem, "Y", "~", "X").value, 0.5, 1e-12, 0.0);
	assert_close(parameter(sem, "Z", "~", "X").value, -0.4, 1e-12, 0.0);
	assert_close(parameter(sem, "Z", "~", "Y").value, 0.7, 1e-12, 0.0);
	assert_close(parameter(sem, "Z", "~~", "Z").value, 0.6, 1e-12, 0.0);
	assert_close(parameter(sem, "indirect", ":=", NULL).value, 0.35, 1e-12, 0.0);
	assert_close(parameter(sem, "total", ":=", NULL).value, -0.05, 1e-11, 0.0);
	assert_int_equal(loy_sem_get_matrix(sem, LOY_SEM_CONSTRUCTS, m, COUNT(m), &size), LOY_OK);
	assert_int_equal(size, 3);
	for (i = 0; i < 9; i++)
		assert_close(m[i], phi[i], 1e-12, 0.0);
	assert_int_equal(loy_sem_get_variable(sem, 11, &v), LOY_OK);
	assert_string_equal(v.name, "Z");
	assert_int_equal(v.kind, LOY_VARIABLE_CONSTRUCT);
	assert_close(v.r2, 1.0 - 0.6 / phi[8], 1e-12, 0.0);
	assert_close(v.variance, phi[8], 1e-12, 0.0);
	assert_true(isnan(v.mean));
	loy_sem_destroy(sem);
}

/* A construct of constructs: their covariances have one factor. */
static void second_order_factors_are_found(void **state)
{
	static const char text[] = "A =~ x1 + x2 + x3\nB =~ y1 + y2 + y3\nC =~ z1 + z2 + z3\nG =~ A + B + C";
	const double loading[] = {1.0, 0.7, 1.3}, residual[] = {0.4, 0.6, 0.3}, item[3] = {1.0, 0.8, 1.2};
	loy_sem_options options = default_options();
	double phi[9], s[81];
	loy_sem *sem;
	size_t i, j;

	(void)state;
	one_factor(phi, 3, loading, 0.9, residual);
	for (i = 0; i < 9; i++) {
		for (j = 0; j < 9; j++)
			s[i * 9 + j] =
			        item[i % 3] * item[j % 3] * phi[i / 3 * 3 + j / 3] + (i == j ? 0.7 : 0.0);
	}
	options.likelihood = LOY_SEM_WISHART;
	sem = fit_matrix(text, s, NULL, 9, 200, nine, &options);
	assert_int_equal(info_of(sem).state, LOY_SEM_CONVERGED);
	assert_close(parameter(sem, "G", "=~", "B").value, 0.7, 1e-11, 0.0);
	assert_close(parameter(sem, "G", "=~", "C").value, 1.3, 1e-11, 0.0);
	assert_close(parameter(sem, "G", "~~", "G").value, 0.9, 1e-11, 0.0);
	assert_close(parameter(sem, "B", "~~", "B").value, 0.6, 1e-11, 0.0);
	assert_bits_equal(fit_of(sem, LOY_SEM_DF), 24.0);
	loy_sem_destroy(sem);
}

static void scales_by_loading_and_by_variance_fit_alike(void **state)
{
	loy_sem_options options = default_options();
	double s[81], phi[9];
	loy_sem *by_loading, *by_variance;
	size_t i;

	(void)state;
	make_paths(s, phi);
	s[1] = s[9] = s[1] + 0.2; /* so that it does not fit */
	s[30] = s[70] = s[30] - 0.1;
	by_loading = fit_matrix(three_paths, s, NULL, 9, 200, nine, &options);
	options.flags = LOY_SEM_UNIT_VARIANCE;
	by_variance = fit_matrix(three_paths, s, NULL, 9, 200, nine, &options);
	assert_true(fit_of(by_loading, LOY_SEM_CHISQ) > 1.0);
	/* the same minimum by another way: rounding, magnified by 1 / chi-square */
	assert_close(fit_of(by_loading, LOY_SEM_CHISQ), fit_of(by_variance, LOY_SEM_CHISQ), 1e-11, 0.0);
	assert_bits_equal(fit_of(by_loading, LOY_SEM_DF), fit_of(by_variance, LOY_SEM_DF));
	for (i = 0; i < 9; i++) {
		const char *construct = i < 3 ? "X" : (i < 6 ? "Y" : "Z");

		assert_close(parameter(by_loading, construct, "=~", nine[i]).standard,
		             parameter(by_variance, construct, "=~", nine[i]).standard, 1e-11, 0.0);
	}
	assert_close(parameter(by_loading, "Z", "~", "Y").standard,
	             parameter(by_variance, "Z", "~", "Y").standard, 1e-10, 0.0);
	assert_bits_equal(parameter(by_variance, "Y", "~~", "Y").value, 1.0);
	assert_int_equal(parameter(by_variance, "Y", "~~", "Y").free, LOY_SEM_NONE);
	assert_bits_equal(parameter(by_loading, "X", "=~", "x1").value, 1.0);
	loy_sem_destroy(by_loading);
	loy_sem_destroy(by_variance);
}

static void equal_labels_are_one_parameter(void **state)
{
	loy_sem_options options = default_options();
	double s[81], phi[9];
	loy_sem *apart, *together, *fixed;

	(void)state;
	make_paths(s, phi);
	s[1] = s[9] = s[1] + 0.2;
	apart = fit_matrix("X =~ x1 + x2 + x3\nY =~ y1 + y2 + y3", s, NULL, 9, 200, nine, &options);
	together = fit_matrix("X =~ x1 + l*x2 + x3\nY =~ y1 + l*y2 + y3", s, NULL, 9, 200, nine, &options);
	fixed = fit_matrix("X =~ x1 + l*x2 + x3\nY =~ l*y1 + y2 + y3", s, NULL, 9, 200, nine, &options);
	assert_bits_equal(fit_of(together, LOY_SEM_DF), fit_of(apart, LOY_SEM_DF) + 1.0);
	assert_bits_equal(parameter(together, "X", "=~", "x2").value,
	                  parameter(together, "Y", "=~", "y2").value);
	assert_int_equal(parameter(together, "X", "=~", "x2").free,
	                 parameter(together, "Y", "=~", "y2").free);
	assert_string_equal(parameter(together, "X", "=~", "x2").label, "l");
	assert_true(fit_of(together, LOY_SEM_CHISQ) > fit_of(apart, LOY_SEM_CHISQ));
	/* the label's other cell sets a scale: so both are 1 */
	assert_bits_equal(parameter(fixed, "X", "=~", "x2").value, 1.0);
	assert_int_equal(parameter(fixed, "X", "=~", "x2").free, LOY_SEM_NONE);
	loy_sem_destroy(apart);
	loy_sem_destroy(together);
	loy_sem_destroy(fixed);
}

/* ---- the table of parameters is lavaan's ---- */

static void the_table_has_lavaans_rows_in_lavaans_order(void **state)
{
	static const char *const names[] = {"a", "b", "c", "x", "u", "y", "v"};
	static const char text[] = "F =~ a + b + c\nG =~ u\ny ~ F + x\nv ~ G + x\na ~~ b\n";
	static const char *const expected[] = {"F=~a", "F=~b", "F=~c", "G=~u", "y~F",  "y~x",  "v~G",
	                                       "v~x",  "a~~b", "a~~a", "b~~b", "c~~c", "u~~u", "y~~y",
	                                       "v~~v", "F~~F", "G~~G", "F~~G", "y~~v", "x~~x"};
	const char *const ops[] = {"", "=~", "", "~", "~~"};
	double s[49];
	loy_sem *sem;
	uint32_t i, j;

	(void)state;
	for (i = 0; i < 7; i++) {
		for (j = 0; j < 7; j++)
			s[i * 7 + j] = i == j ? 2.0 : 0.5 + 0.01 * (i + j);
	}
	sem = fit_matrix(text, s, NULL, 7, 300, names, NULL);
	assert_int_equal(info_of(sem).parameters, COUNT(expected));
	for (i = 0; i < COUNT(expected); i++) {
		loy_sem_parameter p = parameter_at(sem, i);
		char row[64];

		snprintf(row, sizeof(row), "%s%s%s", p.left, ops[p.relation], p.right);
		assert_string_equal(row, expected[i]);
		assert_int_equal(p.added, i >= 9);
	}
	assert_int_equal(parameter(sem, "u", "~~", "u").free, LOY_SEM_NONE); /* a construct's only item */
	assert_bits_equal(parameter(sem, "u", "~~", "u").value, 0.0);
	assert_int_equal(parameter(sem, "x", "~~", "x").free, LOY_SEM_NONE); /* a given cause */
	assert_close(parameter(sem, "x", "~~", "x").value, 2.0 * 299 / 300, 1e-15, 0.0);
	assert_int_equal(info_of(sem).free, 16);
	loy_sem_destroy(sem);
}

/* ---- regression in closed form ---- */

enum { ROWS = 60 };

static void invent_regression(double *rows, uint64_t seed)
{
	loy__random r;
	size_t i;

	loy__random_init(&r, seed);
	for (i = 0; i < ROWS; i++) {
		double x = normal(&r), y = 1.0 + 0.6 * x + (0.5 + 0.4 * fabs(x)) * normal(&r);

		/* multiples of 2^-30, which moments sum exactly */
		rows[2 * i] = floor(x * 0x1p30) * 0x1p-30;
		rows[2 * i + 1] = floor(y * 0x1p30) * 0x1p-30;
	}
}

static const char *const xy[] = {"x", "y"};

static void a_regression_is_least_squares(void **state)
{
	double rows[2 * ROWS] = {0}, mx = 0, my = 0, xx = 0, sxy = 0, sse = 0, slope, robust = 0;
	loy_table table = table_of(rows, ROWS, 2, xy);
	loy_sem_options options = default_options();
	loy_sem *sem;
	size_t i;

	(void)state;
	invent_regression(rows, 5);
	for (i = 0; i < ROWS; i++) {
		mx += rows[2 * i] / ROWS;
		my += rows[2 * i + 1] / ROWS;
	}
	for (i = 0; i < ROWS; i++) {
		xx += (rows[2 * i] - mx) * (rows[2 * i] - mx);
		sxy += (rows[2 * i] - mx) * (rows[2 * i + 1] - my);
	}
	slope = sxy / xx;
	for (i = 0; i < ROWS; i++) {
		double x = rows[2 * i] - mx, e = rows[2 * i + 1] - my - slope * x;

		sse += e * e;
		robust += e * e * x * x;
	}
	sem = fit_table("y ~ x", &table, NULL);
	assert_close(parameter(sem, "y", "~", "x").value, slope, 1e-12, 0.0);
	assert_close(parameter(sem, "y", "~~", "y").value, sse / ROWS, 1e-12, 0.0);
	assert_close(parameter(sem, "y", "~", "x").deviation, sqrt(sse / ROWS / xx), 1e-12, 0.0);
	assert_close(parameter(sem, "y", "~~", "y").deviation, sse / ROWS * sqrt(2.0 / ROWS), 1e-12, 0.0);
	assert_bits_equal(fit_of(sem, LOY_SEM_DF), 0.0);
	assert_true(isnan(fit_of(sem, LOY_SEM_P)));
	/* likelihood of y given x */
	assert_close(fit_of(sem, LOY_SEM_LOGL),
	             -0.5 * ROWS * (log(2 * 3.14159265358979323846 * sse / ROWS) + 1), 1e-12, 0.0);
	loy_sem_destroy(sem);
	/* the sandwich of a regression is White's, HC0 */
	options.errors = LOY_SEM_ROBUST_MLR;
	sem = fit_table("y ~ x", &table, &options);
	assert_close(parameter(sem, "y", "~", "x").deviation, sqrt(robust) / xx, 1e-11, 0.0);
	loy_sem_destroy(sem);
	options.errors = LOY_SEM_ROBUST_MLM;
	sem = fit_table("y ~ x", &table, &options);
	assert_close(parameter(sem, "y", "~", "x").deviation, sqrt(robust) / xx, 1e-11, 0.0);
	loy_sem_destroy(sem);
}

/*
 * y is missing in the last rows: its regression is that of the others, x has the moments of all (Anderson
 * 1957).
 */
static void missing_outcomes_have_a_closed_form(void **state)
{
	double rows[2 * ROWS] = {0}, whole[2 * ROWS] = {0}, mean = 0, square = 0;
	loy_table table = table_of(rows, ROWS, 2, xy), first = table_of(whole, ROWS - 25, 2, xy);
	loy_sem_options options = default_options();
	loy_sem *sem, *complete;
	size_t i;

	(void)state;
	invent_regression(rows, 6);
	memcpy(whole, rows, sizeof(rows));
	for (i = 0; i < ROWS; i++) {
		mean += rows[2 * i] / ROWS;
		if (i >= ROWS - 25)
			rows[2 * i + 1] = (double)NAN;
	}
	for (i = 0; i < ROWS; i++)
		square += (rows[2 * i] - mean) * (rows[2 * i] - mean) / ROWS;
	options.flags = LOY_SEM_MEANS;
	complete = fit_table("y ~ x", &first, &options);
	options.missing = LOY_SEM_FULL_INFORMATION;
	sem = fit_table("y ~ x", &table, &options);
	assert_int_equal(info_of(sem).patterns, 2);
	assert_int_equal(info_of(sem).means, 1);
	assert_close(parameter(sem, "y", "~", "x").value, parameter(complete, "y", "~", "x").value, 1e-11,
	             0.0);
	assert_close(parameter(sem, "y", "~1", NULL).value, parameter(complete, "y", "~1", NULL).value, 1e-11,
	             0.0);
	assert_close(parameter(sem, "y", "~~", "y").value, parameter(complete, "y", "~~", "y").value, 1e-11,
	             0.0);
	assert_close(parameter(sem, "y", "~", "x").deviation, parameter(complete, "y", "~", "x").deviation,
	             1e-10, 0.0);
	assert_close(parameter(sem, "x", "~1", NULL).value, mean, 0.0, 1e-13);
	assert_close(parameter(sem, "x", "~~", "x").value, square, 1e-12, 0.0);
	assert_close(fit_of(sem, LOY_SEM_CHISQ), 0.0, 0.0, 1e-10); /* EM stops 1e-13 from the same place */
	loy_sem_destroy(sem);
	loy_sem_destroy(complete);
}

/* ---- rows ---- */

enum { MANY = 400, ITEMS = 9 };

/* Rows of the model of make_paths, on a grid, some of them missing. */
static double *invent_rows(size_t rows, uint64_t seed, double missing)
{
	const double loading[3] = {1.0, 0.9, 1.1};
	double *all = malloc(rows * ITEMS * sizeof(double));
	loy__random r;
	size_t i, j;

	assert_non_null(all);
	loy__random_init(&r, seed);
	for (i = 0; i < rows; i++) {
		double x = sqrt(1.5) * normal(&r), y = 0.5 * x + sqrt(0.8) * normal(&r);
		double z = -0.4 * x + 0.7 * y + sqrt(0.6) * normal(&r);

		for (j = 0; j < ITEMS; j++) {
			double construct = j < 3 ? x : (j < 6 ? y : z);
			double value = 4.0 + loading[j % 3] * construct + sqrt(0.5) * normal(&r);

			all[i * ITEMS + j] = floor(value * 0x1p20) * 0x1p-20;
			if (loy__random_unit(&r) < missing)
				all[i * ITEMS + j] = (double)NAN;
		}
	}
	return all;
}

static void simulated_rows_give_back_their_parameters(void **state)
{
	static const struct {
		const char *left, *op, *right;
		double value;
	} truth[] = {{"X", "=~", "x2", 0.9}, {"Y", "=~", "y3", 1.1}, {"Y", "~", "X", 0.5},
	             {"Z", "~", "X", -0.4},  {"Z", "~", "Y", 0.7},   {"z2", "~~", "z2", 0.5},
	             {"X", "~~", "X", 1.5},  {"Y", "~~", "Y", 0.8}};
	double squares[COUNT(truth)] = {0}, chi_square = 0.0;
	enum { RUNS = 100 };
	size_t run, i;

	(void)state;
	for (run = 0; run < RUNS; run++) {
		double *rows = invent_rows(MANY, 1000 + run, 0.0);
		loy_table table = table_of(rows, MANY, ITEMS, nine);
		loy_sem *sem = fit_table(three_paths, &table, NULL);

		assert_int_equal(info_of(sem).state, LOY_SEM_CONVERGED);
		chi_square += fit_of(sem, LOY_SEM_CHISQ) / RUNS;
		for (i = 0; i < COUNT(truth); i++) {
			loy_sem_parameter p = parameter(sem, truth[i].left, truth[i].op, truth[i].right);
			double z = (p.value - truth[i].value) / p.deviation;

			squares[i] += z * z / RUNS;
		}
		loy_sem_destroy(sem);
		free(rows);
	}
	/* means of 100: four standard deviations are 0.57 of z squared, 2.8 of a chi-square of 24 */
	for (i = 0; i < COUNT(truth); i++)
		assert_close(squares[i], 1.0, 0.0, 0.57);
	assert_close(chi_square, 24.0, 0.0, 2.8);
}

/* Means over runs with a tenth missing: what is estimated is unbiased, and its errors are right. */
static void simulated_rows_with_gaps_give_back_their_parameters(void **state)
{
	loy_sem_options options = default_options();
	double square = 0.0, bias = 0.0, chi_square = 0.0, scaled = 0.0;
	enum { RUNS = 40 };
	size_t run;

	(void)state;
	options.missing = LOY_SEM_FULL_INFORMATION;
	options.errors = LOY_SEM_ROBUST_MLR;
	for (run = 0; run < RUNS; run++) {
		double *rows = invent_rows(200, 5000 + run, 0.1);
		loy_table table = table_of(rows, 200, ITEMS, nine);
		loy_sem *sem = fit_table(three_paths, &table, &options);
		loy_sem_parameter p = parameter(sem, "Z", "~", "Y");
		double z = (p.value - 0.7) / p.deviation;

		assert_int_equal(info_of(sem).state, LOY_SEM_CONVERGED);
		square += z * z / RUNS;
		bias += z / RUNS;
		chi_square += fit_of(sem, LOY_SEM_CHISQ) / RUNS;
		scaled += fit_of(sem, LOY_SEM_SCALED_CHISQ) / RUNS;
		assert_true(isnan(fit_of(sem, LOY_SEM_ROBUST_CFI))); /* not known with gaps */
		loy_sem_destroy(sem);
		free(rows);
	}
	/* four standard deviations of means of 40; a chi-square at n = 200 is a few per cent too large */
	assert_close(square, 1.0, 0.0, 0.9);
	assert_close(bias, 0.0, 0.0, 0.63);
	assert_close(chi_square, 24.0, 0.0, 4.4 + 1.5);
	assert_close(scaled, chi_square, 0.05, 0.0); /* rows are normal: nothing to be scaled */
}

static void the_order_of_rows_changes_no_bit(void **state)
{
	static const uint32_t errors[] = {LOY_SEM_ERRORS_DEFAULT, LOY_SEM_ROBUST_MLR, LOY_SEM_ROBUST_MLM};
	double *rows = invent_rows(MANY, 7, 0.0), *gaps = invent_rows(MANY, 8, 0.05);
	double *turned = malloc(MANY * ITEMS * sizeof(double));
	size_t i, kind;

	(void)state;
	assert_non_null(turned);
	for (kind = 0; kind < 5; kind++) {
		const double *from = kind < 3 ? rows : gaps;
		loy_table table = table_of(from, MANY, ITEMS, nine),
		          other = table_of(turned, MANY, ITEMS, nine);
		loy_sem_options options = default_options();
		loy_sem *a, *b;

		for (i = 0; i < MANY; i++) /* 7 and 400 have no common factor */
			memcpy(turned + i * ITEMS, from + (i * 7 + 3) % MANY * ITEMS, ITEMS * sizeof(double));
		options.errors = kind < 3 ? errors[kind] : errors[kind - 3];
		options.missing = kind < 3 ? LOY_SEM_LISTWISE : LOY_SEM_FULL_INFORMATION;
		a = fit_table(three_paths, &table, &options);
		b = fit_table(three_paths, &other, &options);
		assert_same_fit(a, b);
		loy_sem_destroy(a);
		loy_sem_destroy(b);
	}
	free(rows);
	free(gaps);
	free(turned);
}

static void table_moments_and_matrix_say_the_same(void **state)
{
	double *rows = invent_rows(MANY, 9, 0.0), s[81], means[9];
	loy_table table = table_of(rows, MANY, ITEMS, nine);
	loy_moments *moments = NULL;
	loy_sem *by_table, *by_moments = NULL, *by_matrix;
	loy_paths *paths = survey_paths(three_paths);
	uint32_t i;

	(void)state;
	assert_int_equal(loy_moments_create(&moments, ITEMS, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	assert_int_equal(loy_moments_get_matrix(moments, LOY_MISSING_LISTWISE, LOY_WEIGHT_FREQUENCY,
	                                        LOY_MATRIX_COVARIANCE, s, means, NULL),
	                 LOY_OK);
	by_table = fit_table(three_paths, &table, NULL);
	assert_int_equal(loy_sem_fit_moments(&by_moments, paths, moments, nine, NULL, NULL, NULL), LOY_OK);
	by_matrix = fit_matrix(three_paths, s, means, ITEMS, MANY, nine, NULL);
	assert_same_fit(by_table, by_moments);
	for (i = 0; i < info_of(by_table).parameters; i++) /* a rounding of each covariance */
		assert_close(parameter_at(by_matrix, i).value, parameter_at(by_table, i).value, 1e-11, 1e-13);
	loy_moments_destroy(moments);
	loy_paths_destroy(paths);
	loy_sem_destroy(by_table);
	loy_sem_destroy(by_moments);
	loy_sem_destroy(by_matrix);
	free(rows);
}

/* ---- weights, means, missing values ---- */

static void assert_near_fit(const loy_sem *a, const loy_sem *b, double tolerance)
{
	uint32_t i;

	assert_int_equal(info_of(a).parameters, info_of(b).parameters);
	for (i = 0; i < info_of(a).parameters; i++) {
		assert_close(parameter_at(a, i).value, parameter_at(b, i).value, tolerance, tolerance);
		assert_close(parameter_at(a, i).deviation, parameter_at(b, i).deviation, tolerance,
		             tolerance);
	}
	assert_close(fit_of(a, LOY_SEM_CHISQ), fit_of(b, LOY_SEM_CHISQ), tolerance, 10 * tolerance);
}

static void a_weight_of_two_is_two_rows(void **state)
{
	double *rows = invent_rows(2 * MANY, 10, 0.03), weights[MANY];
	size_t i, copies = MANY;
	uint32_t kind;

	(void)state;
	for (i = 0; i < MANY; i++) {
		weights[i] = i % 3 == 0 ? 2.0 : 1.0;
		if (i % 3 == 0)
			memcpy(rows + copies++ * ITEMS, rows + i * ITEMS, ITEMS * sizeof(double));
	}
	for (kind = 0; kind < 4; kind++) {
		loy_table table = table_of(rows, MANY, ITEMS, nine),
		          other = table_of(rows, copies, ITEMS, nine);
		loy_sem_options options = default_options();
		loy_sem *weighted, *repeated;

		table.weights = weights;
		table.weight_stride = sizeof(double);
		options.errors = kind % 2 == 1 ? LOY_SEM_ROBUST_MLR : LOY_SEM_ERRORS_DEFAULT;
		options.missing = kind < 2 ? LOY_SEM_LISTWISE : LOY_SEM_FULL_INFORMATION;
		weighted = fit_table(three_paths, &table, &options);
		repeated = fit_table(three_paths, &other, &options);
		assert_near_fit(weighted, repeated, 1e-10); /* sums in another order */
		assert_close(fit_of(weighted, LOY_SEM_SCALING), fit_of(repeated, LOY_SEM_SCALING), 1e-9, 0.0);
		/* as survey weights they change nothing but n */
		options.weighting = LOY_WEIGHT_SURVEY;
		loy_sem_destroy(repeated);
		repeated = fit_table(three_paths, &table, &options);
		assert_close(parameter(weighted, "Z", "~", "Y").value,
		             parameter(repeated, "Z", "~", "Y").value, 1e-10, 0.0);
		assert_true(info_of(repeated).rows < info_of(weighted).rows);
		loy_sem_destroy(weighted);
		loy_sem_destroy(repeated);
	}
	free(rows);
}

/*
 * Rows of weight 0 say nothing, whatever they leave out: with full information the estimates are those of the others.
 * Rows that are equal but for their weights stand in any order.
 */
static void rows_of_no_weight_say_nothing(void **state)
{
	enum { N = 80, SILENT = 7 };
	loy_sem_options options = default_options();
	double rows[N * 9], weights[N], turned[N * 9], turned_weights[N];
	loy_table table = table_of(rows, N, 9, nine), other = table_of(turned, N, 9, nine), fewer;
	loy_sem *all, *without, *upside_down;
	loy__random r;
	size_t i, j;

	(void)state;
	loy__random_init(&r, 12);
	for (i = 0; i < N; i++) {
		double f = normal(&r), g = 0.5 * f + normal(&r), h = 0.4 * g + normal(&r);

		for (j = 0; j < 9; j++)
			rows[i * 9 + j] = (j < 3 ? f : j < 6 ? g : h) + normal(&r);
		weights[i] = i >= N - SILENT ? 0.0 : 1.0 + (double)(i % 3);
		rows[i * 9 + i % 5] = i % 4 == 0 ? NAN : rows[i * 9 + i % 5];
		if (i >= N - SILENT) /* patterns that only they have */
			rows[i * 9 + 5] = rows[i * 9 + 6 + i % 3] = NAN;
		if (i > 0 && i < 9)
			memcpy(rows + i * 9, rows, 9 * sizeof(double));
	}
	for (i = 0; i < N; i++) {
		memcpy(turned + i * 9, rows + (N - 1 - i) * 9, 9 * sizeof(double));
		turned_weights[i] = weights[N - 1 - i];
	}
	options.missing = LOY_SEM_FULL_INFORMATION;
	options.weighting = LOY_WEIGHT_SURVEY;
	table.weights = weights;
	other.weights = turned_weights;
	table.weight_stride = other.weight_stride = sizeof(double);
	fewer = table;
	fewer.rows = N - SILENT;
	all = fit_table(three_paths, &table, &options);
	upside_down = fit_table(three_paths, &other, &options);
	without = fit_table(three_paths, &fewer, &options);
	assert_same_fit(all, upside_down);
	for (i = 0; i < info_of(all).parameters; i++)
		assert_close(parameter_at(all, (uint32_t)i).value, parameter_at(without, (uint32_t)i).value,
		             1e-9, 1e-9);
	assert_int_equal(info_of(all).patterns, info_of(without).patterns);
	loy_sem_destroy(all);
	loy_sem_destroy(upside_down);
	loy_sem_destroy(without);
}

/* Patterns of missing answers among many items, some of which differ beyond the first 64 alone. */
static void many_items_have_many_patterns(void **state)
{
	enum { WIDE = 68, N = 160 };
	static char name[WIDE][8];
	static double rows[N * WIDE], turned[N * WIDE];
	const char *names[WIDE];
	char text[WIDE * 12] = "";
	loy_sem_options options = default_options();
	loy_table table, other;
	loy_sem *sem, *same;
	loy__random r;
	size_t i, j;

	(void)state;
	loy__random_init(&r, 21);
	for (j = 0; j < WIDE; j++) {
		sprintf(name[j], "i%u", (unsigned)j);
		names[j] = name[j];
		sprintf(text + strlen(text), "i%u ~~ i%u\n", (unsigned)j, (unsigned)j);
	}
	for (i = 0; i < N; i++) {
		for (j = 0; j < WIDE; j++)
			rows[i * WIDE + j] = normal(&r);
		if (i % 20 == 0)
			rows[i * WIDE + 64 + i / 20 % 4] = NAN;
		if (i % 19 == 0)
			rows[i * WIDE + 2] = NAN;
	}
	for (i = 0; i < N; i++)
		memcpy(turned + i * WIDE, rows + (N - 1 - i) * WIDE, sizeof(rows) / N);
	table = table_of(rows, N, WIDE, names);
	other = table_of(turned, N, WIDE, names);
	options.missing = LOY_SEM_FULL_INFORMATION;
	sem = fit_table(text, &table, &options);
	same = fit_table(text, &other, &options);
	assert_int_equal(info_of(sem).state, LOY_SEM_CONVERGED);
	assert_true(info_of(sem).patterns >= 6);
	assert_same_fit(sem, same);
	for (j = 0; j < WIDE; j++) { /* each by itself: mean and variance of what is there */
		double mean = 0.0, square = 0.0, n = 0.0;

		for (i = 0; i < N; i++) {
			double value = rows[i * WIDE + j];

			if (isnan(value))
				continue;
			mean += value;
			square += value * value;
			n += 1.0;
		}
		assert_close(parameter(sem, names[j], "~~", names[j]).value,
		             square / n - mean / n * (mean / n), 1e-9, 0.0);
	}
	loy_sem_destroy(sem);
	loy_sem_destroy(same);
}

static void full_information_of_complete_rows_is_maximum_likelihood(void **state)
{
	double *rows = invent_rows(MANY, 11, 0.0);
	loy_table table = table_of(rows, MANY, ITEMS, nine);
	loy_sem_options options = default_options();
	loy_sem *plain, *full;

	(void)state;
	options.flags = LOY_SEM_MEANS;
	options.errors = LOY_SEM_ERRORS_OBSERVED;
	plain = fit_table(three_paths, &table, &options);
	options.missing = LOY_SEM_FULL_INFORMATION;
	full = fit_table(three_paths, &table, &options);
	assert_near_fit(plain, full, 1e-10);
	assert_close(fit_of(plain, LOY_SEM_LOGL), fit_of(full, LOY_SEM_LOGL), 1e-13, 0.0);
	assert_close(fit_of(plain, LOY_SEM_BASELINE_CHISQ), fit_of(full, LOY_SEM_BASELINE_CHISQ), 1e-11, 0.0);
	assert_close(fit_of(plain, LOY_SEM_SRMR), fit_of(full, LOY_SEM_SRMR), 1e-9, 0.0);
	/* free intercepts of items are their means */
	assert_close(parameter(plain, "x1", "~1", NULL).value, 4.0, 0.05, 0.0);
	assert_bits_equal(parameter(plain, "X", "~1", NULL).value, 0.0);
	loy_sem_destroy(plain);
	options.errors = LOY_SEM_ROBUST_MLR;
	loy_sem_destroy(full);
	plain = fit_table(three_paths, &table, &options);
	options.missing = LOY_SEM_LISTWISE;
	full = fit_table(three_paths, &table, &options);
	assert_near_fit(plain, full, 1e-10);
	assert_close(fit_of(plain, LOY_SEM_SCALING), fit_of(full, LOY_SEM_SCALING), 1e-9, 0.0);
	loy_sem_destroy(plain);
	loy_sem_destroy(full);
	free(rows);
}

static void codes_of_missing_values_are_missing(void **state)
{
	double *rows = invent_rows(MANY, 12, 0.05), *coded = malloc(MANY * ITEMS * sizeof(double));
	const double codes[] = {-99.0, 999.0};
	loy_table table = table_of(rows, MANY, ITEMS, nine), other = table_of(coded, MANY, ITEMS, nine);
	loy_sem_options options = default_options();
	uint32_t missing;
	size_t i;

	(void)state;
	assert_non_null(coded);
	for (i = 0; i < MANY * ITEMS; i++)
		coded[i] = isnan(rows[i]) ? codes[i % 2] : rows[i];
	other.codes = codes;
	other.code_count = 2;
	for (missing = LOY_SEM_LISTWISE; missing <= LOY_SEM_FULL_INFORMATION; missing++) {
		loy_sem *a, *b;

		options.missing = missing;
		a = fit_table(three_paths, &table, &options);
		b = fit_table(three_paths, &other, &options);
		assert_same_fit(a, b);
		loy_sem_destroy(a);
		loy_sem_destroy(b);
	}
	free(rows);
	free(coded);
}

/* Sobel's formula with the covariance of the two estimates. */
static void defined_effects_have_errors_by_the_delta_method(void **state)
{
	double *rows = invent_rows(MANY, 13, 0.0), *m;
	loy_table table = table_of(rows, MANY, ITEMS, nine);
	loy_sem *sem = fit_table(three_paths, &table, NULL);
	loy_sem_parameter g = parameter(sem, "Y", "~", "X"), k = parameter(sem, "Z", "~", "Y");
	loy_sem_parameter indirect = parameter(sem, "indirect", ":=", NULL);
	uint32_t n = 0;
	double variance;

	(void)state;
	assert_int_equal(loy_sem_get_matrix(sem, LOY_SEM_ESTIMATES, NULL, 0, &n), LOY_EBUFFER);
	assert_int_equal(n, info_of(sem).free);
	m = malloc((size_t)n * n * sizeof(double));
	assert_non_null(m);
	assert_int_equal(loy_sem_get_matrix(sem, LOY_SEM_ESTIMATES, m, (size_t)n * n, &n), LOY_OK);
	variance = k.value * k.value * m[g.free * n + g.free] + g.value * g.value * m[k.free * n + k.free] +
	           2 * g.value * k.value * m[g.free * n + k.free];
	assert_close(indirect.value, g.value * k.value, 1e-15, 0.0);
	assert_close(indirect.deviation, sqrt(variance), 1e-13, 0.0);
	assert_close(indirect.standard, g.standard * k.standard, 1e-15, 0.0);
	assert_close(indirect.z, indirect.value / indirect.deviation, 1e-15, 0.0);
	assert_string_equal(indirect.left, "indirect");
	assert_string_equal(indirect.right, "g * k");
	assert_null(indirect.label);
	free(m);
	free(rows);
	loy_sem_destroy(sem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(exact_covariances_give_the_true_parameters),
	        cmocka_unit_test(paths_among_constructs_are_found),
	        cmocka_unit_test(second_order_factors_are_found),
	        cmocka_unit_test(scales_by_loading_and_by_variance_fit_alike),
	        cmocka_unit_test(equal_labels_are_one_parameter),
	        cmocka_unit_test(the_table_has_lavaans_rows_in_lavaans_order),
	        cmocka_unit_test(a_regression_is_least_squares),
	        cmocka_unit_test(missing_outcomes_have_a_closed_form),
	        cmocka_unit_test(simulated_rows_give_back_their_parameters),
	        cmocka_unit_test(simulated_rows_with_gaps_give_back_their_parameters),
	        cmocka_unit_test(the_order_of_rows_changes_no_bit),
	        cmocka_unit_test(table_moments_and_matrix_say_the_same),
	        cmocka_unit_test(a_weight_of_two_is_two_rows),
	        cmocka_unit_test(rows_of_no_weight_say_nothing),
	        cmocka_unit_test(many_items_have_many_patterns),
	        cmocka_unit_test(full_information_of_complete_rows_is_maximum_likelihood),
	        cmocka_unit_test(codes_of_missing_values_are_missing),
	        cmocka_unit_test(defined_effects_have_errors_by_the_delta_method),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
