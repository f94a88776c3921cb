/*
 * The ends of what this room answers: nothing to explain, one row too few, values as large as they may be,
 * other rows.
 */
#include "regressions.h"

#include "calibrate/bootstrap.h"

#include <math.h>

/* ---- linear models ---- */

static loy_moments *moments_of(const loy_table *table, uint32_t missing)
{
	loy_moments *moments = NULL;

	assert_int_equal(loy_moments_create(&moments, table->columns, missing, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, table, NULL), LOY_OK);
	return moments;
}

static loy_linear *linear_of(const struct sheet *s, const loy_linear_options *options)
{
	loy_table table = sheet_table(s);
	loy_moments *moments = moments_of(&table, LOY_MISSING_PAIRWISE);
	loy_linear *fit = NULL;

	assert_int_equal(loy_linear_create(&fit, moments, options, NULL, NULL), LOY_OK);
	loy_moments_destroy(moments);
	return fit;
}

/* Read pair by pair, n is what the pair with the fewest rows has. */
static void pairs_have_the_n_of_the_fewest(void **state)
{
	struct sheet *s = sheet_invent(60, 4, 31);
	loy_linear_options o = {
	        .struct_size = sizeof(o), .outcome = 3, .missing = LOY_MISSING_PAIRWISE, .confidence = 0.9};
	loy_linear_summary m = {.struct_size = sizeof(m)};
	loy_linear *fit;
	size_t i;

	(void)state;
	for (i = 0; i < 60; i++) {
		if (i % 6 == 0)
			s->values[4 * i] = NAN;
		if (i % 10 == 1)
			s->values[4 * i + 1] = NAN;
	}
	fit = linear_of(s, &o);
	assert_int_equal(loy_linear_get_summary(fit, &m), LOY_OK);
	assert_close(m.n, 44.0, 0.0, 0.0); /* of both columns: 60 - 10 - 6 */
	loy_linear_destroy(fit);
	sheet_free(s);
}

/*
 * Predictors of which none varies, or none has anything to do with the outcome: nothing is explained, and
 * that is said.
 */
static void nothing_explains_nothing(void **state)
{
	struct sheet *s = sheet_new(8, 3);
	loy_linear_options o = {.struct_size = sizeof(o), .outcome = 2};
	loy_linear_summary m = {.struct_size = sizeof(m)};
	double value = 0.0;
	loy_linear *fit;
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++) { /* a 2 x 2 x 2 design */
		s->values[3 * i] = (double)(i & 1u);
		s->values[3 * i + 1] = (double)(i >> 1 & 1u);
		s->values[3 * i + 2] = (double)(i >> 2 & 1u);
	}
	fit = linear_of(s, &o);
	assert_int_equal(loy_linear_get_summary(fit, &m), LOY_OK);
	assert_close(m.r_squared, 0.0, 0.0, 0.0);
	assert_close(m.f, 0.0, 0.0, 0.0);
	assert_close(m.f_p, 1.0, 1e-12, 0.0);
	loy_linear_destroy(fit);
	for (i = 0; i < 8; i++)
		s->values[3 * i] = s->values[3 * i + 1] = 5.0;
	fit = linear_of(s, &o);
	assert_int_equal(loy_linear_get_summary(fit, &m), LOY_OK);
	assert_int_equal(m.estimated, 1);
	assert_close(m.r_squared, 0.0, 0.0, 0.0);
	assert_true(isnan(m.f) && isnan(m.f_p));
	assert_int_equal(loy_linear_covariance(fit, 0, 0, &value), LOY_OK);
	assert_close(value, m.sigma * m.sigma / 8.0, 1e-14, 0.0); /* of a mean */
	assert_int_equal(loy_linear_covariance(fit, 0, 1, &value), LOY_OK);
	assert_true(isnan(value));
	assert_int_equal(loy_linear_covariance(fit, 1, 0, &value), LOY_OK);
	assert_true(isnan(value));
	loy_linear_destroy(fit);
	sheet_free(s);
}

static void effects_beyond_numbers_are_refused(void **state)
{
	static const double bad[][4] = {{1e101, 1, 1, 1}, {-1e101, 1, 1, 1}, {1, 1e101, 1, 1},
	                                {1, NAN, 1, 1},   {1, 1, -1e101, 1}, {1, 1, 1, 1e101},
	                                {1, 1, 1, -1}};
	loy_indirect indirect = {.struct_size = sizeof(indirect)};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(bad); i++)
		assert_int_equal(loy_indirect_effect(bad[i][0], bad[i][1], bad[i][2], bad[i][3], &indirect),
		                 LOY_ERANGE);
	assert_int_equal(loy_indirect_effect(1e100, 1.0, -1e100, 1.0, &indirect), LOY_OK);
	assert_close(indirect.effect, -1e200, 1e-15, 0.0);
}

/* ---- logistic models ---- */

/* No predictor at all: the intercept is the log odds, its variance the inverse of n p (1 - p). */
static void an_intercept_alone_is_the_log_odds(void **state)
{
	double y[10] = {1, 0, 0, 1, 0, 0, 0, 1, 0, 0};
	loy_table table = {.struct_size = sizeof(table), .columns = 1, .rows = 10, .values = y};
	const loy_table *tables[1] = {&table};
	loy_logistic_options o = {.struct_size = sizeof(o), .columns = 1, .confidence = 0.9};
	loy_coefficient c = {.struct_size = sizeof(c)};
	loy_logistic *fit = NULL;

	(void)state;
	table.row_stride = table.column_stride = sizeof(double);
	assert_int_equal(loy_logistic_fit(&fit, tables, 1, &o, 3, NULL, NULL), LOY_OK);
	assert_int_equal(loy_logistic_get_coefficient(fit, 0, &c), LOY_OK);
	assert_close(c.value, log(3.0 / 7.0), 1e-12, 0.0);
	assert_close(c.deviation, sqrt(1.0 / (10.0 * 0.3 * 0.7)), 1e-12, 0.0);
	assert_close(c.high - c.value, 1.6448536269514722 * c.deviation, 1e-12, 0.0);
	loy_logistic_destroy(fit);
}

/* Whoever's part a flawed row falls to: its place is that in the caller's table. */
static void flawed_rows_are_named_from_any_thread(void **state)
{
	struct sheet *s = sheet_invent(90, 4, 12), *fine = sheet_invent(30, 4, 13);
	loy_logistic_options o = {.struct_size = sizeof(o), .columns = 4, .outcome = 3};
	loy_error error = {.struct_size = sizeof(error)};
	loy_table good = sheet_table(fine), table = sheet_table(s), broken = good;
	const loy_table *tables[2] = {&good, &table};
	loy_logistic *fit = NULL;
	uint32_t threads;

	(void)state;
	s->values[4 * 71 + 1] = INFINITY;
	for (threads = 1; threads <= 4; threads++) {
		assert_int_equal(loy_logistic_fit(&fit, tables, 2, &o, threads, NULL, &error), LOY_ERANGE);
		assert_null(fit);
		assert_int_equal(error.row, 71);
		assert_int_equal(error.field, 1);
	}
	assert_int_equal(loy_logistic_fit(&fit, tables, 0, &o, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_fit(&fit, tables, 2, &o, 1025, NULL, NULL), LOY_ELIMIT);
	broken.values = NULL;
	tables[1] = &broken;
	assert_int_equal(loy_logistic_fit(&fit, tables, 2, &o, 1, NULL, NULL), LOY_EINVAL);
	assert_null(fit);
	sheet_free(s);
	sheet_free(fine);
}

static void unfinished_fits_tell_nothing(void **state)
{
	struct sheet *s = sheet_invent(50, 3, 14);
	loy_logistic_options o = {.struct_size = sizeof(o), .columns = 3, .outcome = 2};
	loy_logistic_summary m = {.struct_size = sizeof(m)};
	loy_coefficient c = {.struct_size = sizeof(c)};
	loy_table table = sheet_table(s);
	double out[50], value;
	loy_logistic *fit = NULL;
	uint32_t done = 0;
	size_t i;

	(void)state;
	assert_int_equal(loy_logistic_create(&fit, &o, NULL), LOY_OK);
	for (i = 0; i < 3; i++) {
		assert_int_equal(loy_logistic_get_summary(fit, &m), LOY_ESTATE);
		assert_int_equal(loy_logistic_get_coefficient(fit, 0, &c), LOY_ESTATE);
		assert_int_equal(loy_logistic_covariance(fit, 0, 0, 0, &value), LOY_ESTATE);
		assert_int_equal(loy_logistic_predict(fit, &table, out), LOY_ESTATE);
		assert_int_equal(loy_logistic_add(fit, &table, NULL), LOY_OK);
		assert_int_equal(loy_logistic_step(fit, &done, NULL), LOY_OK);
	}
	/* as many rows, but one of them incomplete: these are others */
	s->values[0] = NAN;
	i = (size_t)loy_logistic_add(fit, &table, NULL);
	assert_true(i == LOY_OK || i == LOY_ESTATE);
	assert_int_equal(loy_logistic_step(fit, &done, NULL), LOY_ESTATE);
	assert_int_equal(done, 0);
	loy_logistic_destroy(fit);
	sheet_free(s);
}

/* ---- forecasts ---- */

/* Equal forecasts of unequal weight stand in any order; where all left, or none, there is nothing to rank. */
static void weights_among_equal_forecasts(void **state)
{
	double p[6] = {0.5, 0.5, 0.5, 0.5, 0.25, 0.75}, weight[6] = {3, 1, 2, 2, 1, 1};
	uint8_t y[6] = {1, 0, 1, 0, 0, 1};
	loy_forecasts f = {
	        .struct_size = sizeof(f), .rows = 6, .probability = p, .happened = y, .weight = weight};
	loy_forecast_quality q = {.struct_size = sizeof(q)}, r = q, wide = q;
	size_t i;

	(void)state;
	assert_int_equal(loy_forecast_assess(&f, 0.5, &q, NULL, NULL), LOY_OK);
	/*
	 * six events against four others: of 24 pairs by weight, those of 0.75 or against 0.25 are won, the
	 * rest tied
	 */
	assert_close(q.auc, (4.0 + 5.0 + 0.5 * 15.0) / 24.0, 1e-15, 0.0);
	for (i = 0; i < 3; i++) {
		double weights = weight[i], turned = weight[5 - i];
		double chance = p[i];
		uint8_t what = y[i];

		weight[i] = turned;
		weight[5 - i] = weights;
		p[i] = p[5 - i];
		p[5 - i] = chance;
		y[i] = y[5 - i];
		y[5 - i] = what;
	}
	assert_int_equal(loy_forecast_assess(&f, 0.5, &r, NULL, NULL), LOY_OK);
	assert_memory_equal(&q, &r, sizeof(q));
	assert_int_equal(loy_forecast_assess(&f, 0.0, &wide, NULL, NULL), LOY_OK);
	assert_true(wide.auc_low < q.auc_low && wide.auc_high > q.auc_high);
	memset(y, 1, sizeof(y));
	assert_int_equal(loy_forecast_assess(&f, 0.0, &q, NULL, NULL), LOY_OK);
	assert_true(isnan(q.auc) && isnan(q.ks));
	y[1] = 0; /* of weight 1 */
	assert_int_equal(loy_forecast_assess(&f, 0.0, &q, NULL, NULL), LOY_OK);
	assert_true(isfinite(q.auc) && isnan(q.auc_deviation));
}

/* ---- limits of the bootstrap ---- */

static void limits_at_their_ends(void **state)
{
	double values[5] = {5.0, 3.0, 1.0, 2.0, 4.0}, left[40] = {0.0}, times[40];
	loy_bootstrapped b = {.estimate = 3.0};
	size_t i;

	(void)state;
	for (i = 0; i < 40; i++)
		times[i] = 1.0;
	left[0] = -1.0; /* one respondent on whom all hangs: an acceleration of nearly 1 / 6 */
	loy__bootstrap_limits(values, 5, left, times, 40, 0.8, &b);
	assert_close(b.percentile_low, 1.4, 1e-12, 0.0);
	assert_close(b.percentile_high, 4.6, 1e-12, 0.0);
	assert_close(b.corrected_low, 1.4, 1e-9, 0.0); /* as many above as below: no bias */
	assert_true(b.accelerated_low > 1.4 && b.accelerated_high > 4.6 && b.accelerated_high <= 5.0);
	assert_close(loy__sorted_quantile(values, 5, 1.0), 5.0, 0.0, 0.0);
	assert_close(loy__sorted_quantile(values, 5, 0.0), 1.0, 0.0, 0.0);
	/* so far out that the acceleration has no answer, on either side */
	loy__bootstrap_limits(values, 5, left, times, 40, 1.0 - 1e-12, &b);
	assert_true(isnan(b.accelerated_low) && isnan(b.accelerated_high));
	left[0] = 1.0;
	loy__bootstrap_limits(values, 5, left, times, 40, 1.0 - 1e-12, &b);
	assert_true(isnan(b.accelerated_low) && isnan(b.accelerated_high));
	memset(left, 0, sizeof(left)); /* and nobody matters: none */
	loy__bootstrap_limits(values, 5, left, times, 40, 0.8, &b);
	assert_close(b.accelerated_high, b.corrected_high, 0.0, 0.0);
	b.estimate = 9.0; /* all on one side */
	loy__bootstrap_limits(values, 5, left, times, 40, 0.8, &b);
	assert_true(isnan(b.corrected_low) && isnan(b.accelerated_high) &&
	            b.percentile_low < b.percentile_high);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(pairs_have_the_n_of_the_fewest),
	        cmocka_unit_test(nothing_explains_nothing),
	        cmocka_unit_test(effects_beyond_numbers_are_refused),
	        cmocka_unit_test(an_intercept_alone_is_the_log_odds),
	        cmocka_unit_test(flawed_rows_are_named_from_any_thread),
	        cmocka_unit_test(unfinished_fits_tell_nothing),
	        cmocka_unit_test(weights_among_equal_forecasts),
	        cmocka_unit_test(limits_at_their_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
