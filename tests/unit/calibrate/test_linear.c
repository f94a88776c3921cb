/*
 * Linear regressions: by hand, robust covariances worked out plainly, the same bits in any order, drivers by
 * all subsets, regions of significance, flaws named, refusals and memory.
 */
#include "regressions.h"

#include <math.h>

static loy_moments *moments_of(const struct sheet *s)
{
	loy_table table = sheet_table(s);
	loy_moments *moments = NULL;

	assert_int_equal(loy_moments_create(&moments, s->columns, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	return moments;
}

/* The last column on all others. */
static loy_linear *fit_weighted(const struct sheet *s, uint32_t weighting)
{
	loy_linear_options o = {.struct_size = sizeof(o), .outcome = s->columns - 1, .weighting = weighting};
	loy_moments *moments = moments_of(s);
	loy_error error = {.struct_size = sizeof(error)};
	loy_linear *fit = NULL;

	if (loy_linear_create(&fit, moments, &o, NULL, &error) != LOY_OK)
		fail_msg("%s", error.message);
	loy_moments_destroy(moments);
	return fit;
}

static loy_linear *fit_last(const struct sheet *s)
{
	return fit_weighted(s, LOY_WEIGHT_FREQUENCY);
}

static loy_coefficient coefficient(const loy_linear *fit, uint32_t index)
{
	loy_coefficient c = {.struct_size = sizeof(c)};

	assert_int_equal(loy_linear_get_coefficient(fit, index, &c), LOY_OK);
	return c;
}

static loy_linear_summary summary_of(const loy_linear *fit)
{
	loy_linear_summary m = {.struct_size = sizeof(m)};

	assert_int_equal(loy_linear_get_summary(fit, &m), LOY_OK);
	return m;
}

/* Outcomes that depend on the traits, with noise that grows with the first. */
static struct sheet *invent(size_t rows, uint32_t columns, uint64_t seed)
{
	struct sheet *s = sheet_invent(rows, columns, seed);
	loy__random r;
	size_t i, j;

	loy__random_init(&r, seed + 1);
	for (i = 0; i < rows; i++) {
		double *x = s->values + i * columns, sum = 2.0;

		if (columns > 3)
			x[1] += 0.5 * x[0];
		for (j = 0; j + 1 < columns; j++)
			sum += (double)(j + 1) / 4.0 * x[j];
		x[columns - 1] =
		        sum + (1.5 + x[0] / 4.0) * (loy__random_unit(&r) + loy__random_unit(&r) - 1.0);
	}
	return s;
}

/* y = 1, 2, 2, 4 on x = 0, 1, 2, 3: slope 0.9, intercept 0.9. */
static void four_points(void **state)
{
	static const double points[8] = {0, 1, 1, 2, 2, 2, 3, 4};
	struct sheet *s = sheet_new(4, 2);
	loy_linear *fit;
	loy_linear_summary m;
	loy_coefficient b;

	(void)state;
	memcpy(s->values, points, sizeof(points));
	fit = fit_last(s);
	m = summary_of(fit);
	b = coefficient(fit, 1);
	assert_close(b.value, 0.9, 1e-14, 0.0);
	assert_close(coefficient(fit, 0).value, 0.9, 1e-14, 0.0);
	/* residuals .1, .2, -.7, .4: sum of squares .7 of 4.75 */
	assert_close(m.r_squared, 1.0 - 0.7 / 4.75, 1e-14, 0.0);
	assert_close(m.sigma, sqrt(0.35), 1e-14, 0.0);
	assert_close(b.deviation, sqrt(0.35 / 5.0), 1e-14, 0.0);
	assert_close(coefficient(fit, 0).deviation, sqrt(0.35 * (0.25 + 1.5 * 1.5 / 5.0)), 1e-13, 0.0);
	assert_close(m.f, b.statistic * b.statistic, 1e-13, 0.0);
	assert_close(m.f_p, b.p, 1e-12, 0.0);
	assert_close(b.inflation, 1.0, 1e-15, 0.0);
	assert_close(b.beta, 0.9 * sqrt(5.0 / 4.75), 1e-14, 0.0);
	assert_close(m.log_likelihood, -2.0 * (log(2.0 * 3.141592653589793) + log(0.175) + 1.0), 1e-14, 0.0);
	assert_close(b.high - b.low, 2.0 * 0.95 * sqrt(2.0 / 0.0975) * b.deviation, 1e-13,
	             0.0); /* t of 2 degrees */
	loy_linear_destroy(fit);
	sheet_free(s);
}

/* Residuals are orthogonal to all columns; VIF is 1 / (1 - R²) of a regression on the others. */
static void normal_equations(void **state)
{
	struct sheet *s = invent(500, 5, 3), *others = sheet_new(500, 4);
	loy_linear *fit = fit_last(s), *other;
	double sums[5] = {0};
	size_t r;
	uint32_t j;

	(void)state;
	for (r = 0; r < 500; r++) {
		const double *x = s->values + 5 * r;
		double residual = x[4] - coefficient(fit, 0).value;

		for (j = 0; j < 4; j++)
			residual -= coefficient(fit, j + 1).value * x[j];
		for (j = 0; j < 5; j++)
			sums[j] += residual * (j == 0 ? 1.0 : x[j - 1]);
		others->values[4 * r] = x[0];
		others->values[4 * r + 1] = x[2];
		others->values[4 * r + 2] = x[3];
		others->values[4 * r + 3] = x[1];
	}
	for (j = 0; j < 5; j++) /* values are on a grid of 1e-12 */
		assert_close(sums[j], 0.0, 0.0, 1e-8);
	other = fit_last(others);
	assert_close(coefficient(fit, 2).inflation, 1.0 / (1.0 - summary_of(other).r_squared), 1e-12, 0.0);
	assert_true(coefficient(fit, 2).inflation > 1.1);
	loy_linear_destroy(fit);
	loy_linear_destroy(other);
	sheet_free(s);
	sheet_free(others);
}

/* ---- robust covariances ---- */

/* (X'WX)^-1 X' diag X (X'WX)^-1 with everything in the caller's units, by the book. */
static void by_the_book(const struct sheet *s, const loy_linear *fit, uint32_t kind, int survey, double *out)
{
	size_t n = s->columns, r, i, j, k;
	double bread[25], meat[25] = {0}, half[25], total = 0.0;

	assert_true(n <= 5);
	for (r = 0; r < s->rows; r++)
		total += s->weights[r];
	memset(bread, 0, sizeof(bread));
	for (r = 0; r < s->rows; r++) {
		const double *row = s->values + r * n;
		double w = survey ? s->weights[r] * (double)s->rows / total : s->weights[r];

		for (i = 0; i < n; i++) {
			for (j = 0; j < n; j++)
				bread[i * n + j] +=
				        w * (i == 0 ? 1.0 : row[i - 1]) * (j == 0 ? 1.0 : row[j - 1]);
		}
	}
	assert_int_equal(loy__cholesky(bread, n, 0.0, NULL), LOY_OK);
	loy__cholesky_inverse(bread, n);
	for (r = 0; r < s->rows; r++) {
		const double *row = s->values + r * n;
		double w = survey ? s->weights[r] * (double)s->rows / total : s->weights[r], leverage = 0.0,
		       x[5];
		double residual = row[n - 1] - coefficient(fit, 0).value;

		for (i = 0; i < n; i++)
			x[i] = i == 0 ? 1.0 : row[i - 1];
		for (i = 1; i < n; i++)
			residual -= coefficient(fit, (uint32_t)i).value * x[i];
		for (i = 0; i < n * n; i++)
			leverage += x[i / n] * bread[i] * x[i % n];
		if (survey)
			leverage *= w;
		residual *= residual * (survey ? w * w : w);
		residual /= kind == LOY_ROBUST_HC3   ? (1 - leverage) * (1 - leverage)
		            : kind == LOY_ROBUST_HC2 ? 1 - leverage
		                                     : 1.0;
		for (i = 0; i < n * n; i++)
			meat[i] += residual * x[i / n] * x[i % n];
	}
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			half[i * n + j] = 0.0;
			for (k = 0; k < n; k++)
				half[i * n + j] += bread[i * n + k] * meat[k * n + j];
		}
	}
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			out[i * n + j] = 0.0;
			for (k = 0; k < n; k++)
				out[i * n + j] += half[i * n + k] * bread[k * n + j];
			if (kind == LOY_ROBUST_HC1)
				out[i * n + j] *= summary_of(fit).n / summary_of(fit).degrees;
		}
	}
}

static void robust_covariances(void **state)
{
	struct sheet *s = invent(300, 5, 4);
	uint32_t kind, weighting;
	size_t r, i;

	(void)state;
	s->weights = calloc(300, sizeof(double));
	for (r = 0; r < 300; r++)
		s->weights[r] = 0.5 + (double)(r % 7);
	for (weighting = 0; weighting < 2; weighting++) {
		loy_linear *fit = fit_weighted(s, weighting);
		loy_table table = sheet_table(s);
		const loy_table *tables = &table;

		for (kind = LOY_ROBUST_HC0; kind <= LOY_ROBUST_HC3; kind++) {
			double found[25], expected[25];

			assert_int_equal(loy_linear_robust(fit, &tables, 1, kind, found, NULL, NULL), LOY_OK);
			by_the_book(s, fit, kind, weighting == LOY_WEIGHT_SURVEY, expected);
			for (i = 0; i < 25; i++) /* the book inverts what is not centred */
				assert_close(found[i], expected[i], 1e-10, 1e-12);
		}
		loy_linear_destroy(fit);
	}
	sheet_free(s);
}

static void robust_in_any_order_and_split_has_the_same_bits(void **state)
{
	struct sheet *s = invent(500, 5, 9), *turned = sheet_new(500, 5);
	loy_linear *fit;
	loy_table whole = sheet_table(s), part[3];
	const loy_table *one = &whole, *three[3] = {&part[0], &part[1], &part[2]};
	double found[25], other[25];
	size_t r;

	(void)state;
	s->weights = calloc(500, sizeof(double));
	turned->weights = calloc(500, sizeof(double));
	for (r = 0; r < 500; r++)
		s->weights[r] = 0.1 + (double)(r % 13) / 3.0;
	for (r = 0; r < 500; r++) {
		memcpy(turned->values + 5 * r, s->values + 5 * (r * 7 % 500), 5 * sizeof(double));
		turned->weights[r] = s->weights[r * 7 % 500];
	}
	fit = fit_weighted(s, LOY_WEIGHT_SURVEY);
	whole = sheet_table(s);
	part[0] = sheet_rows(turned, 300, 200);
	part[1] = sheet_rows(turned, 1, 299);
	part[2] = sheet_rows(turned, 0, 1);
	assert_int_equal(loy_linear_robust(fit, &one, 1, LOY_ROBUST_HC3, found, NULL, NULL), LOY_OK);
	assert_int_equal(loy_linear_robust(fit, three, 3, LOY_ROBUST_HC3, other, NULL, NULL), LOY_OK);
	assert_memory_equal(found, other, sizeof(found));
	loy_linear_destroy(fit);
	sheet_free(s);
	sheet_free(turned);
}

static void robust_refuses_other_rows(void **state)
{
	struct sheet *s = invent(50, 3, 9);
	loy_linear *fit = fit_last(s);
	loy_table table = sheet_rows(s, 0, 49);
	const loy_table *tables = &table;
	double found[9];

	(void)state;
	assert_int_equal(loy_linear_robust(fit, &tables, 1, 0, found, NULL, NULL), LOY_ESTATE);
	table = sheet_table(s);
	assert_int_equal(loy_linear_robust(fit, &tables, 1, 4, found, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_robust(fit, &tables, 0, 0, found, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_robust(fit, NULL, 1, 0, found, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_robust(fit, &tables, 1, 0, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_robust(NULL, &tables, 1, 0, found, NULL, NULL), LOY_EINVAL);
	table.columns = 2;
	assert_int_equal(loy_linear_robust(fit, &tables, 1, 0, found, NULL, NULL), LOY_EINVAL);
	table = sheet_table(s);
	s->values[30] = 1e9;
	assert_int_equal(loy_linear_robust(fit, &tables, 1, 0, found, NULL, NULL), LOY_ESTATE);
	loy_linear_destroy(fit);
	/* one row that alone has a trait decides its own value */
	for (size_t r = 0; r < 50; r++)
		s->values[3 * r] = r == 7;
	fit = fit_last(s);
	assert_int_equal(loy_linear_robust(fit, &tables, 1, LOY_ROBUST_HC3, found, NULL, NULL), LOY_ERANGE);
	assert_int_equal(loy_linear_robust(fit, &tables, 1, LOY_ROBUST_HC1, found, NULL, NULL), LOY_OK);
	loy_linear_destroy(fit);
	sheet_free(s);
}

/* ---- drivers ---- */

static double r_squared(const struct sheet *s, const uint32_t *set, uint32_t count)
{
	loy_linear_options o = {.struct_size = sizeof(o), .outcome = s->columns - 1};
	loy_moments *moments = moments_of(s);
	loy_linear *fit = NULL;
	double result;

	if (count == 0) {
		loy_moments_destroy(moments);
		return 0.0;
	}
	o.predictors = set;
	o.predictor_count = count;
	assert_int_equal(loy_linear_create(&fit, moments, &o, NULL, NULL), LOY_OK);
	result = summary_of(fit).r_squared;
	loy_linear_destroy(fit);
	loy_moments_destroy(moments);
	return result;
}

/* Mean gain of each predictor over all 24 orders of four. */
static void drivers_share_out_all_of_it(void **state)
{
	struct sheet *s = invent(400, 5, 5);
	loy_linear *fit = fit_last(s);
	double shapley[4], relative[4], mean[4] = {0}, sum = 0.0, other = 0.0;
	uint32_t order[4], code, i, j;

	(void)state;
	for (code = 0; code < 256; code++) {
		double before = 0.0;

		for (i = 0; i < 4; i++)
			order[i] = code >> (2 * i) & 3;
		if ((1u << order[0] | 1u << order[1] | 1u << order[2] | 1u << order[3]) != 15)
			continue;
		for (j = 0; j < 4; j++) {
			double now = r_squared(s, order, j + 1);

			mean[order[j]] += (now - before) / 24.0;
			before = now;
		}
	}
	assert_int_equal(loy_linear_drivers(fit, LOY_DRIVERS_SHAPLEY, shapley, NULL), LOY_OK);
	assert_int_equal(loy_linear_drivers(fit, LOY_DRIVERS_RELATIVE, relative, NULL), LOY_OK);
	for (i = 0; i < 4; i++) {
		assert_close(shapley[i], mean[i], 1e-12, 1e-14);
		assert_true(shapley[i] > 0.0 && relative[i] > 0.0);
		sum += shapley[i];
		other += relative[i];
	}
	assert_close(sum, summary_of(fit).r_squared, 1e-13, 0.0);
	assert_close(other, summary_of(fit).r_squared, 1e-12, 0.0);
	assert_int_equal(loy_linear_drivers(fit, 2, shapley, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_drivers(fit, 0, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_drivers(NULL, 0, shapley, NULL), LOY_EINVAL);
	loy_linear_destroy(fit);
	sheet_free(s);
	s = invent(400, 22, 5);
	fit = fit_last(s);
	{
		double many[21];

		assert_int_equal(loy_linear_drivers(fit, LOY_DRIVERS_SHAPLEY, many, NULL), LOY_ELIMIT);
		assert_int_equal(loy_linear_drivers(fit, LOY_DRIVERS_RELATIVE, many, NULL), LOY_OK);
	}
	loy_linear_destroy(fit);
	sheet_free(s);
}

/* ---- moderation ---- */

/* With the product in raw units, the slope at the mean is the coefficient of the centred model. */
static void slopes_do_not_depend_on_centring(void **state)
{
	struct sheet *s = sheet_new(400, 4), *centred = sheet_new(400, 4);
	loy__random r;
	loy_linear *fit, *other;
	loy_slope slope = {.struct_size = sizeof(slope)}, same = {.struct_size = sizeof(same)};
	loy_table table;
	double product[400], low, high, low_centred, high_centred;
	uint32_t region, region_centred;
	size_t i;

	(void)state;
	loy__random_init(&r, 77);
	for (i = 0; i < 400; i++) {
		double *x = s->values + 4 * i;

		x[0] = 4.0 * loy__random_unit(&r);
		x[1] = 6.0 * loy__random_unit(&r);
		x[3] = 1.0 + 0.2 * x[0] - 0.3 * x[1] + 0.25 * (x[0] - 2.0) * (x[1] - 3.0) +
		       2.0 * loy__random_unit(&r);
	}
	table = sheet_table(s);
	assert_int_equal(loy_table_product(&table, 0, 0.0, 1, 0.0, product), LOY_OK);
	for (i = 0; i < 400; i++)
		s->values[4 * i + 2] = product[i];
	assert_int_equal(loy_table_product(&table, 0, 2.0, 1, 3.0, product), LOY_OK);
	for (i = 0; i < 400; i++) {
		memcpy(centred->values + 4 * i, s->values + 4 * i, 4 * sizeof(double));
		centred->values[4 * i] -= 2.0;
		centred->values[4 * i + 1] -= 3.0;
		centred->values[4 * i + 2] = product[i];
	}
	fit = fit_last(s);
	other = fit_last(centred);
	assert_int_equal(loy_linear_slope(fit, 1, 3, 4.5, &slope), LOY_OK);
	assert_int_equal(loy_linear_slope(other, 1, 3, 1.5, &same), LOY_OK);
	assert_close(slope.value, same.value, 1e-9, 0.0);
	assert_close(slope.deviation, same.deviation, 1e-9, 0.0);
	assert_close(slope.p, same.p, 1e-7, 0.0);
	assert_int_equal(loy_linear_region(fit, 1, 3, &region, &low, &high), LOY_OK);
	assert_int_equal(loy_linear_region(other, 1, 3, &region_centred, &low_centred, &high_centred),
	                 LOY_OK);
	assert_int_equal(region, LOY_REGION_OUTSIDE);
	assert_int_equal(region_centred, LOY_REGION_OUTSIDE);
	assert_close(low - 3.0, low_centred, 1e-8, 0.0);
	assert_close(high - 3.0, high_centred, 1e-8, 0.0);
	/* at a bound a limit of the slope is zero */
	assert_int_equal(loy_linear_slope(fit, 1, 3, low, &slope), LOY_OK);
	assert_close(slope.high, 0.0, 0.0, 1e-10);
	assert_close(slope.p, 0.05, 1e-8, 0.0);
	assert_int_equal(loy_linear_slope(fit, 1, 4, 0.0, &slope), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_slope(fit, 0, 3, 0.0, &slope), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_slope(fit, 3, 3, 0.0, &slope), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_slope(fit, 1, 3, NAN, &slope), LOY_EINVAL);
	assert_int_equal(loy_linear_region(fit, 1, 7, &region, &low, &high), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_region(NULL, 1, 3, &region, &low, &high), LOY_EINVAL);
	assert_int_equal(loy_table_product(&table, 0, 0.0, 4, 0.0, product), LOY_ENOTFOUND);
	assert_int_equal(loy_table_product(&table, 0, NAN, 1, 0.0, product), LOY_EINVAL);
	loy_linear_destroy(fit);
	loy_linear_destroy(other);
	sheet_free(s);
	sheet_free(centred);
}

static void indirect_effects(void **state)
{
	loy_indirect i = {.struct_size = sizeof(i)};

	(void)state;
	assert_int_equal(loy_indirect_effect(0.5, 0.1, -0.4, 0.2, &i), LOY_OK);
	assert_close(i.effect, -0.2, 1e-15, 0.0);
	assert_close(i.sobel, sqrt(0.16 * 0.01 + 0.25 * 0.04), 1e-14, 0.0);
	assert_close(i.aroian, sqrt(0.16 * 0.01 + 0.25 * 0.04 + 0.01 * 0.04), 1e-14, 0.0);
	assert_close(i.goodman, sqrt(0.16 * 0.01 + 0.25 * 0.04 - 0.01 * 0.04), 1e-14, 0.0);
	assert_close(i.sobel_p, erfc(-i.sobel_z / sqrt(2.0)), 1e-12, 0.0);
	assert_int_equal(loy_indirect_effect(0.01, 0.1, 0.01, 0.2, &i), LOY_OK);
	assert_true(isnan(i.goodman) && isnan(i.goodman_z) && isnan(i.goodman_p)); /* a negative variance */
	assert_int_equal(loy_indirect_effect(0.01, 0.0, 0.01, 0.0, &i), LOY_OK);
	assert_true(i.sobel == 0.0 && isnan(i.sobel_z));
	assert_int_equal(loy_indirect_effect(0.01, -1.0, 0.01, 0.0, &i), LOY_ERANGE);
	assert_int_equal(loy_indirect_effect(NAN, 1.0, 0.01, 0.0, &i), LOY_ERANGE);
	assert_int_equal(loy_indirect_effect(1.0, 1.0, 0.01, 0.0, NULL), LOY_EINVAL);
}

/* ---- flaws and refusals ---- */

static void constant_and_dependent_columns_are_named(void **state)
{
	struct sheet *s = invent(200, 4, 6), *with = sheet_new(200, 6);
	loy_linear *fit, *other;
	double shares[5], covariance;
	loy_table table;
	const loy_table *tables = &table;
	double robust[36];
	size_t r;

	(void)state;
	for (r = 0; r < 200; r++) {
		const double *x = s->values + 4 * r;
		double *y = with->values + 6 * r;

		y[0] = x[0];
		y[1] = 0.1;
		y[2] = x[1];
		y[3] = x[0] - 2.0 * x[1];
		y[4] = x[2];
		y[5] = x[3];
	}
	fit = fit_last(with);
	other = fit_last(s);
	assert_int_equal(summary_of(fit).column, 2);
	assert_int_equal(summary_of(fit).estimated, 4);
	assert_int_equal(coefficient(fit, 2).flaw, LOY_FLAW_CONSTANT);
	assert_int_equal(coefficient(fit, 4).flaw, LOY_FLAW_COLLINEAR);
	assert_true(isnan(coefficient(fit, 2).value) && isnan(coefficient(fit, 4).deviation));
	assert_int_equal(loy_linear_covariance(fit, 4, 1, &covariance), LOY_OK);
	assert_true(isnan(covariance));
	assert_close(coefficient(fit, 3).value, coefficient(other, 2).value, 1e-12, 0.0);
	assert_close(coefficient(fit, 5).deviation, coefficient(other, 3).deviation, 1e-12, 0.0);
	assert_int_equal(loy_linear_drivers(fit, LOY_DRIVERS_SHAPLEY, shares, NULL), LOY_OK);
	assert_true(shares[1] == 0.0 && shares[3] == 0.0 && shares[0] > 0.0);
	table = sheet_table(with);
	assert_int_equal(loy_linear_robust(fit, &tables, 1, LOY_ROBUST_HC2, robust, NULL, NULL), LOY_OK);
	assert_true(isnan(robust[2 * 7]) && isnan(robust[4 * 6 + 1]) && robust[5 * 7] > 0.0);
	loy_linear_destroy(fit);
	loy_linear_destroy(other);
	sheet_free(s);
	sheet_free(with);
}

static loy_status refuse(const loy_moments *moments, loy_linear_options o)
{
	loy_linear *fit = (loy_linear *)&o;
	loy_status status = loy_linear_create(&fit, moments, &o, NULL, NULL);

	assert_null(fit);
	return status;
}

static void refusals(void **state)
{
	struct sheet *s = invent(30, 3, 6);
	loy_moments *moments = moments_of(s);
	const loy_linear_options good = {.struct_size = sizeof(good), .outcome = 2};
	static const uint32_t twice[] = {0, 0};
	loy_linear_options o = good;
	loy_linear *fit;
	loy_coefficient c = {.struct_size = sizeof(c)};
	double x;

	(void)state;
	o.outcome = 3;
	assert_int_equal(refuse(moments, o), LOY_ENOTFOUND);
	o = good;
	o.missing = 3;
	assert_int_equal(refuse(moments, o), LOY_EINVAL);
	o = good;
	o.missing = LOY_MISSING_PAIRWISE; /* the moments are of complete rows */
	assert_int_equal(refuse(moments, o), LOY_EINVAL);
	o = good;
	o.weighting = 2;
	assert_int_equal(refuse(moments, o), LOY_EINVAL);
	o = good;
	o.confidence = -0.5;
	assert_int_equal(refuse(moments, o), LOY_EINVAL);
	o = good;
	o.reserved = 1;
	assert_int_equal(refuse(moments, o), LOY_EINVAL);
	o = good;
	o.predictors = twice;
	o.predictor_count = 2;
	assert_int_equal(refuse(moments, o), LOY_EINVAL);
	assert_int_equal(refuse(NULL, good), LOY_EINVAL);
	assert_int_equal(loy_linear_create(NULL, moments, &good, NULL, NULL), LOY_EINVAL);
	fit = fit_last(s);
	assert_int_equal(loy_linear_get_coefficient(fit, 3, &c), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_get_coefficient(NULL, 0, &c), LOY_EINVAL);
	assert_int_equal(loy_linear_covariance(fit, 0, 3, &x), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_get_summary(NULL, NULL), LOY_EINVAL);
	loy_linear_destroy(fit);
	loy_linear_destroy(NULL);
	loy_moments_destroy(moments);
	s->rows = 3; /* as many as coefficients */
	moments = moments_of(s);
	assert_int_equal(refuse(moments, good), LOY_EUNKNOWN);
	loy_moments_destroy(moments);
	s->rows = 30;
	for (size_t r = 0; r < 30; r++)
		s->values[3 * r + 2] = 4.0;
	moments = moments_of(s);
	assert_int_equal(refuse(moments, good), LOY_ERANGE);
	loy_moments_destroy(moments);
	sheet_free(s);
}

static void out_of_memory(void **state)
{
	struct sheet *s = invent(60, 4, 6);
	loy_moments *moments = moments_of(s);
	loy_linear_options o = {.struct_size = sizeof(o), .outcome = 3};
	loy_table table = sheet_table(s);
	const loy_table *tables = &table;
	loy_status status = LOY_ENOMEM;
	double shares[3], robust[16];
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_linear *fit = NULL;

		status = loy_linear_create(&fit, moments, &o, &memory, NULL);
		if (status == LOY_OK)
			status = loy_linear_robust(fit, &tables, 1, LOY_ROBUST_HC3, robust, &memory, NULL);
		if (status == LOY_OK)
			status = loy_linear_drivers(fit, LOY_DRIVERS_SHAPLEY, shares, &memory);
		if (status == LOY_OK)
			status = loy_linear_drivers(fit, LOY_DRIVERS_RELATIVE, shares, &memory);
		loy_linear_destroy(fit);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 5);
	loy_moments_destroy(moments);
	sheet_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(four_points),
	        cmocka_unit_test(normal_equations),
	        cmocka_unit_test(robust_covariances),
	        cmocka_unit_test(robust_in_any_order_and_split_has_the_same_bits),
	        cmocka_unit_test(robust_refuses_other_rows),
	        cmocka_unit_test(drivers_share_out_all_of_it),
	        cmocka_unit_test(slopes_do_not_depend_on_centring),
	        cmocka_unit_test(indirect_effects),
	        cmocka_unit_test(constant_and_dependent_columns_are_named),
	        cmocka_unit_test(refusals),
	        cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
