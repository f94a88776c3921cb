/*
 * Logistic fits: closed forms, score equations, the same bits whatever the order, split and threads,
 * separation and other flaws named, weights, offsets, missing values, refusals and memory.
 */
#include "regressions.h"

#include <math.h>

#define MOST 16

static loy_logistic_options options_of(const struct sheet *s)
{
	loy_logistic_options o = {.struct_size = sizeof(o)};

	o.columns = s->columns;
	o.outcome = s->columns - 1;
	return o;
}

static loy_logistic_summary summary_of(const loy_logistic *fit)
{
	loy_logistic_summary m = {.struct_size = sizeof(m)};

	assert_int_equal(loy_logistic_get_summary(fit, &m), LOY_OK);
	return m;
}

static loy_coefficient coefficient(const loy_logistic *fit, uint32_t index)
{
	loy_coefficient c = {.struct_size = sizeof(c)};

	assert_int_equal(loy_logistic_get_coefficient(fit, index, &c), LOY_OK);
	return c;
}

/* Everything that can be read of a fit, in one piece of memory. */
struct image {
	loy_logistic_summary summary;
	loy_coefficient c[MOST];
	double covariance[2][MOST][MOST];
};

static void take_image(struct image *image, const loy_logistic *fit, int robust)
{
	uint32_t i, j, k, size;

	memset(image, 0, sizeof(*image));
	image->summary = summary_of(fit);
	size = image->summary.predictors + 1;
	for (i = 0; i < size; i++) {
		image->c[i] = coefficient(fit, i);
		for (j = 0; j < size; j++) {
			for (k = 0; k <= (uint32_t)robust; k++)
				assert_int_equal(
				        loy_logistic_covariance(fit, k, i, j, &image->covariance[k][i][j]),
				        LOY_OK);
		}
	}
}

/* ---- closed forms ---- */

/* One trait that is there or not: the log odds ratio, with Woolf's error. */
static void table_of_two_by_two(void **state)
{
	static const double row[4][3] = {{0, 0, 30}, {0, 1, 10}, {1, 0, 15}, {1, 1, 45}};
	struct sheet *s = sheet_new(4, 2);
	loy_logistic_options o = options_of(s);
	loy_logistic_summary m;
	loy_logistic *fit;
	size_t i;

	(void)state;
	s->weights = calloc(4, sizeof(double));
	for (i = 0; i < 4; i++) {
		s->values[2 * i] = row[i][0];
		s->values[2 * i + 1] = row[i][1];
		s->weights[i] = row[i][2];
	}
	fit = fit_sheet(s, &o);
	m = summary_of(fit);
	assert_int_equal(m.state, LOY_LOGISTIC_CONVERGED);
	assert_close(coefficient(fit, 0).value, log(10.0 / 30.0), 1e-12, 0.0);
	assert_close(coefficient(fit, 1).value, log(3.0) + log(3.0), 1e-12, 0.0);
	assert_close(coefficient(fit, 0).deviation, sqrt(1.0 / 30 + 1.0 / 10), 1e-12, 0.0);
	assert_close(coefficient(fit, 1).deviation, sqrt(1.0 / 30 + 1.0 / 10 + 1.0 / 15 + 1.0 / 45), 1e-12,
	             0.0);
	assert_close(m.log_likelihood, 10 * log(0.25) + 30 * log(0.75) + 15 * log(0.25) + 45 * log(0.75),
	             1e-13, 0.0);
	assert_close(m.log_likelihood_null, 55 * log(0.55) + 45 * log(0.45), 1e-13, 0.0);
	assert_close(m.n, 100.0, 0.0, 0.0);
	assert_close(m.events, 55.0, 1e-15, 0.0);
	assert_true(m.gradient < 1e-11 && m.distance < 1e-10 && m.rows == 4);
	loy_logistic_destroy(fit);
	/* Firth on its own intercept: half an event and half a non-event more */
	o.columns = 1;
	o.outcome = 0;
	o.method = LOY_LOGISTIC_FIRTH;
	for (i = 0; i < 4; i++)
		s->values[i] = i == 2;
	s->columns = 1;
	for (i = 0; i < 4; i++)
		s->weights[i] = 1.0;
	fit = fit_sheet(s, &o);
	assert_close(coefficient(fit, 0).value, log(1.5 / 3.5), 1e-10, 0.0);
	loy_logistic_destroy(fit);
	sheet_free(s);
}

/* Sum of (y - p) x over the rows, worked out plainly, of coefficient `index`. */
static double score(const struct sheet *s, const loy_logistic *fit, uint32_t index)
{
	loy_table table = sheet_table(s);
	double *p = calloc(s->rows, sizeof(*p)), sum = 0.0;
	size_t r;

	assert_int_equal(loy_logistic_predict(fit, &table, p), LOY_OK);
	for (r = 0; r < s->rows; r++) {
		const double *x = s->values + r * s->columns;

		sum += (s->weights != NULL ? s->weights[r] : 1.0) * (x[s->columns - 1] - p[r]) *
		       (index == 0 ? 1.0 : x[index - 1]);
	}
	free(p);
	return sum;
}

static void gradients_vanish_where_they_should(void **state)
{
	struct sheet *s = sheet_invent(3000, 9, 5);
	loy_logistic_options o = options_of(s);
	loy_logistic *fit = fit_sheet(s, &o);
	uint32_t i;

	(void)state;
	for (i = 0; i < 9; i++) /* sums of 3000 terms below 3, each rounded */
		assert_close(score(s, fit, i), 0.0, 0.0, 1e-10);
	assert_true(summary_of(fit).gradient < 1e-11);
	loy_logistic_destroy(fit);
	o.ridge = 20.0;
	fit = fit_sheet(s, &o);
	assert_close(score(s, fit, 0), 0.0, 0.0, 1e-10);
	for (i = 1; i < 9; i++)
		assert_close(score(s, fit, i), 20.0 * coefficient(fit, i).value, 0.0, 1e-10);
	assert_true(isnan(summary_of(fit).ratio));
	loy_logistic_destroy(fit);
	sheet_free(s);
}

static void robust_covariance_by_hand(void **state)
{
	struct sheet *s = sheet_invent(500, 3, 8);
	loy_logistic_options o = options_of(s);
	loy_logistic *fit;
	loy_table table = sheet_table(s);
	double p[500], inverse[9], meat[9] = {0}, both, expected;
	uint32_t i, j, k, l;
	size_t r;

	(void)state;
	o.flags = LOY_LOGISTIC_ROBUST;
	fit = fit_sheet(s, &o);
	assert_int_equal(loy_logistic_predict(fit, &table, p), LOY_OK);
	for (r = 0; r < 500; r++) {
		const double x[3] = {1.0, s->values[3 * r], s->values[3 * r + 1]};
		double residual = s->values[3 * r + 2] - p[r];

		for (i = 0; i < 9; i++)
			meat[i] += residual * residual * x[i / 3] * x[i % 3];
	}
	for (i = 0; i < 9; i++)
		assert_int_equal(loy_logistic_covariance(fit, 0, i / 3, i % 3, &inverse[i]), LOY_OK);
	for (i = 0; i < 3; i++) {
		for (j = 0; j < 3; j++) {
			expected = 0.0;
			for (k = 0; k < 3; k++) {
				for (l = 0; l < 3; l++)
					expected += inverse[3 * i + k] * meat[3 * k + l] * inverse[3 * l + j];
			}
			assert_int_equal(loy_logistic_covariance(fit, 1, i, j, &both), LOY_OK);
			assert_close(both, expected, 1e-9, 1e-15);
		}
	}
	loy_logistic_destroy(fit);
	sheet_free(s);
}

/* ---- the same bits ---- */

static void shuffle(struct sheet *s, uint64_t seed)
{
	loy__random r;
	size_t i, j, c;

	loy__random_init(&r, seed);
	for (i = s->rows; i-- > 1;) {
		size_t other = (size_t)loy__random_below(&r, i + 1);

		for (c = 0, j = 0; c < s->columns; c++, j++) {
			double kept = s->values[i * s->columns + c];

			s->values[i * s->columns + c] = s->values[other * s->columns + c];
			s->values[other * s->columns + c] = kept;
		}
		if (s->weights != NULL) {
			double kept = s->weights[i];

			s->weights[i] = s->weights[other];
			s->weights[other] = kept;
		}
	}
}

static void compare(const struct image *expected, loy_logistic *fit)
{
	struct image image;

	take_image(&image, fit, 1);
	assert_memory_equal(&image, expected, sizeof(image));
	loy_logistic_destroy(fit);
}

/* Rounds by hand: rows one by one, some through forks. */
static loy_logistic *fit_by_hand(const struct sheet *s, const loy_logistic_options *o)
{
	loy_logistic *fit = NULL;
	uint32_t done = 0;

	assert_int_equal(loy_logistic_create(&fit, o, NULL), LOY_OK);
	while (!done) {
		loy_logistic *fork = NULL;
		size_t r;

		assert_int_equal(loy_logistic_fork(&fork, fit, NULL), LOY_OK);
		for (r = 0; r < s->rows; r++) {
			loy_table row = sheet_rows(s, r, 1);

			assert_int_equal(loy_logistic_add(r % 3 == 0 ? fork : fit, &row, NULL), LOY_OK);
		}
		assert_int_equal(loy_logistic_merge(fit, fork), LOY_OK);
		assert_int_equal(loy_logistic_step(fit, &done, NULL), LOY_OK);
		if (!done)
			assert_int_equal(loy_logistic_merge(fit, fork), LOY_EINVAL); /* of another round */
		loy_logistic_destroy(fork);
	}
	return fit;
}

static void check_bits(uint32_t method, uint32_t weighting)
{
	struct sheet *s = sheet_invent(700, 6, 11);
	loy_logistic_options o = options_of(s);
	struct image expected;
	loy_logistic *fit;
	uint32_t threads;
	size_t r;

	o.method = method;
	o.flags = LOY_LOGISTIC_ROBUST;
	o.weighting = weighting;
	s->weights = calloc(s->rows, sizeof(double));
	for (r = 0; r < s->rows; r++)
		s->weights[r] = 0.3 + (double)(r % 11) / 7.0;
	fit = fit_sheet(s, &o);
	take_image(&expected, fit, 1);
	loy_logistic_destroy(fit);
	assert_int_equal(expected.summary.state, LOY_LOGISTIC_CONVERGED);
	shuffle(s, 3);
	compare(&expected, fit_sheet(s, &o));
	for (threads = 2; threads <= 5; threads += 3) {
		loy_table part[3] = {sheet_rows(s, 0, 100), sheet_rows(s, 100, 1), sheet_rows(s, 101, 599)};
		const loy_table *const tables[3] = {&part[2], &part[0], &part[1]};

		assert_int_equal(loy_logistic_fit(&fit, tables, 3, &o, threads, NULL, NULL), LOY_OK);
		compare(&expected, fit);
	}
	compare(&expected, fit_by_hand(s, &o));
	sheet_free(s);
}

static void order_split_and_threads_change_no_bit(void **state)
{
	(void)state;
	check_bits(LOY_LOGISTIC_LIKELIHOOD, LOY_WEIGHT_FREQUENCY);
	check_bits(LOY_LOGISTIC_LIKELIHOOD, LOY_WEIGHT_SURVEY);
	check_bits(LOY_LOGISTIC_FIRTH, LOY_WEIGHT_FREQUENCY);
}

/* Column by column in memory, outcome first, missing as a code, rows between that are left out. */
static void layout_and_missing_codes_change_no_bit(void **state)
{
	struct sheet *s = sheet_invent(300, 4, 2);
	loy_logistic_options o = options_of(s);
	static const uint32_t predictors[] = {3, 2, 1};
	static const double code = -99.0;
	double *other = calloc(600 * 4, sizeof(*other));
	loy_table table = {.struct_size = sizeof(table)};
	const loy_table *tables = &table;
	struct image expected;
	loy_logistic *fit;
	size_t r, c;

	(void)state;
	o.flags = LOY_LOGISTIC_ROBUST;
	fit = fit_sheet(s, &o);
	take_image(&expected, fit, 1);
	loy_logistic_destroy(fit);
	for (r = 0; r < 600; r++) {
		for (c = 0; c < 4; c++)
			other[(3 - c) * 600 + r] = s->values[r / 2 * 4 + c];
		if (r % 2 == 1)
			other[r % 4 * 600 + r] = r % 3 == 0 ? (double)NAN : code;
	}
	table.columns = 4;
	table.rows = 600;
	table.values = other;
	table.row_stride = sizeof(double);
	table.column_stride = 600 * sizeof(double);
	table.codes = &code;
	table.code_count = 1;
	o.outcome = 0;
	o.predictor_count = 3;
	o.predictors = predictors;
	assert_int_equal(loy_logistic_fit(&fit, &tables, 1, &o, 2, NULL, NULL), LOY_OK);
	assert_int_equal(summary_of(fit).missing, 300);
	expected.summary.missing = 300;
	compare(&expected, fit);
	free(other);
	sheet_free(s);
}

/* ---- weights and offsets ---- */

static void weights_are_repeated_rows(void **state)
{
	struct sheet *s = sheet_invent(200, 4, 4), *repeated = sheet_new(600, 4);
	loy_logistic_options o = options_of(s);
	loy_logistic *fit, *other;
	size_t r, k, at = 0;
	uint32_t i, method;

	(void)state;
	s->weights = calloc(200, sizeof(double));
	for (r = 0; r < 200; r++) {
		s->weights[r] = (double)(r % 3); /* 0 stands for nobody */
		for (k = 0; k < r % 3; k++)
			memcpy(repeated->values + 4 * at++, s->values + 4 * r, 4 * sizeof(double));
	}
	repeated->rows = at;
	for (method = LOY_LOGISTIC_LIKELIHOOD; method <= LOY_LOGISTIC_FIRTH; method++) {
		o.method = method;
		fit = fit_sheet(s, &o);
		other = fit_sheet(repeated, &o);
		assert_close(summary_of(fit).n, (double)at, 0.0, 0.0);
		assert_close(summary_of(fit).log_likelihood, summary_of(other).log_likelihood, 1e-13, 0.0);
		for (i = 0; i < 4; i++) { /* to what Newton leaves */
			assert_close(coefficient(fit, i).value, coefficient(other, i).value, 1e-11, 1e-12);
			assert_close(coefficient(fit, i).deviation, coefficient(other, i).deviation, 1e-11,
			             0.0);
		}
		loy_logistic_destroy(fit);
		loy_logistic_destroy(other);
	}
	/* survey weights: n stays the rows, and only their proportions count */
	o.method = LOY_LOGISTIC_LIKELIHOOD;
	o.weighting = LOY_WEIGHT_SURVEY;
	fit = fit_sheet(s, &o);
	assert_close(summary_of(fit).n, 133.0, 0.0, 0.0);
	for (r = 0; r < 200; r++)
		s->weights[r] *= 1024.0;
	other = fit_sheet(s, &o);
	for (i = 0; i < 4; i++)
		assert_bits_equal(coefficient(fit, i).deviation, coefficient(other, i).deviation);
	loy_logistic_destroy(fit);
	loy_logistic_destroy(other);
	sheet_free(s);
	sheet_free(repeated);
}

/* What one predictor adds, given as an offset, leaves the other coefficients where they were. */
static void offsets(void **state)
{
	struct sheet *s = sheet_invent(400, 4, 6), *with = sheet_new(400, 4);
	loy_logistic_options o = options_of(s);
	loy_logistic *fit = fit_sheet(s, &o), *other;
	double b = coefficient(fit, 3).value;
	size_t r;

	(void)state;
	for (r = 0; r < 400; r++) {
		memcpy(with->values + 4 * r, s->values + 4 * r, 4 * sizeof(double));
		with->values[4 * r + 2] *= b;
	}
	o.flags = LOY_LOGISTIC_OFFSET;
	o.offset = 2;
	other = fit_sheet(with, &o);
	assert_int_equal(summary_of(other).predictors, 2);
	assert_close(coefficient(other, 1).value, coefficient(fit, 1).value, 1e-10, 0.0);
	assert_close(coefficient(other, 2).value, coefficient(fit, 2).value, 1e-10, 0.0);
	assert_close(summary_of(other).log_likelihood, summary_of(fit).log_likelihood, 1e-12, 0.0);
	assert_true(isnan(summary_of(other).log_likelihood_null) && isnan(summary_of(other).ratio_p));
	loy_logistic_destroy(fit);
	loy_logistic_destroy(other);
	sheet_free(s);
	sheet_free(with);
}

static void held_at_zero(void **state)
{
	struct sheet *s = sheet_invent(400, 3, 6), *without = sheet_new(400, 2);
	loy_logistic_options o = options_of(s);
	loy_logistic *fit, *other;
	size_t r;

	(void)state;
	for (r = 0; r < 400; r++) {
		without->values[2 * r] = s->values[3 * r];
		without->values[2 * r + 1] = s->values[3 * r + 2];
	}
	o.flags = LOY_LOGISTIC_HELD;
	o.held = 2;
	fit = fit_sheet(s, &o);
	o = options_of(without);
	other = fit_sheet(without, &o);
	assert_close(coefficient(fit, 1).value, coefficient(other, 1).value, 1e-11, 0.0);
	assert_close(summary_of(fit).log_likelihood, summary_of(other).log_likelihood, 1e-13, 0.0);
	assert_true(coefficient(fit, 2).value == 0.0 && isnan(coefficient(fit, 2).deviation));
	loy_logistic_destroy(fit);
	loy_logistic_destroy(other);
	/* without an intercept: the score of the predictors vanishes, that of the intercept need not */
	o = options_of(s);
	o.flags = LOY_LOGISTIC_HELD;
	fit = fit_sheet(s, &o);
	assert_close(coefficient(fit, 0).value, 0.0, 0.0, 0.0);
	assert_close(score(s, fit, 1), 0.0, 0.0, 1e-11);
	assert_close(score(s, fit, 2), 0.0, 0.0, 1e-11);
	assert_true(fabs(score(s, fit, 0)) > 0.1);
	loy_logistic_destroy(fit);
	sheet_free(s);
	sheet_free(without);
}

/* ---- flaws ---- */

/* x says it all; z does not. With `almost`, one x = 1 has the other outcome than x = 1 says, one x = 0 both. */
static struct sheet *separated(int quasi)
{
	struct sheet *s = sheet_new(40, 3);
	size_t r;

	for (r = 0; r < 40; r++) {
		double *x = s->values + 3 * r;

		x[0] = (double)(r * 7 % 11);
		x[1] = quasi ? (double)(r % 2) : (double)r - 19.5;
		x[2] = quasi ? (r % 2 == 1 || r % 3 == 0) : r >= 20;
	}
	return s;
}

static void separation_is_detected_and_the_column_named(void **state)
{
	int quasi;

	(void)state;
	for (quasi = 0; quasi < 2; quasi++) {
		struct sheet *s = separated(quasi);
		loy_logistic_options o = options_of(s);
		loy_logistic *fit = fit_sheet(s, &o), *firth, *safe;
		loy_logistic_summary m = summary_of(fit);

		assert_int_equal(m.state, LOY_LOGISTIC_SEPARATED);
		assert_int_equal(coefficient(fit, 2).flaw, LOY_FLAW_INFINITE);
		assert_true(coefficient(fit, 2).value > 5.0 && isnan(coefficient(fit, 2).deviation));
		if (quasi) {
			assert_int_equal(m.column, 2);
			assert_int_equal(coefficient(fit, 1).flaw, LOY_FLAW_NONE);
		}
		loy_logistic_destroy(fit);
		o.method = LOY_LOGISTIC_FIRTH;
		firth = fit_sheet(s, &o);
		o.method = LOY_LOGISTIC_SAFE;
		safe = fit_sheet(s, &o);
		assert_int_equal(summary_of(firth).state, LOY_LOGISTIC_CONVERGED);
		m = summary_of(safe);
		assert_int_equal(m.state, LOY_LOGISTIC_SHRUNK);
		assert_int_equal(coefficient(safe, 2).flaw, LOY_FLAW_SHRUNK);
		assert_bits_equal(coefficient(safe, 2).value, coefficient(firth, 2).value);
		assert_bits_equal(coefficient(safe, 2).deviation, coefficient(firth, 2).deviation);
		assert_bits_equal(m.objective, summary_of(firth).objective);
		loy_logistic_destroy(firth);
		loy_logistic_destroy(safe);
		o.method = LOY_LOGISTIC_LIKELIHOOD;
		o.ridge = 0.01; /* a penalty makes a maximum */
		fit = fit_sheet(s, &o);
		assert_int_equal(summary_of(fit).state, LOY_LOGISTIC_CONVERGED);
		loy_logistic_destroy(fit);
		sheet_free(s);
	}
}

/* With a maximum, SAFE is plain likelihood; strong effects are not taken for separation. */
static void strong_effects_are_no_separation(void **state)
{
	struct sheet *s = sheet_new(2000, 2);
	loy_logistic_options o = options_of(s);
	loy_logistic *fit, *plain;
	size_t r;

	(void)state;
	for (r = 0; r < 2000; r++) { /* certain but for three rows */
		s->values[2 * r] = ((double)r - 999.5) / 100.0;
		s->values[2 * r + 1] = (r >= 1000) != (r == 900 || r == 1004 || r == 1030);
	}
	plain = fit_sheet(s, &o);
	o.method = LOY_LOGISTIC_SAFE;
	fit = fit_sheet(s, &o);
	assert_int_equal(summary_of(fit).state, LOY_LOGISTIC_CONVERGED);
	assert_bits_equal(coefficient(fit, 1).value, coefficient(plain, 1).value);
	assert_true(coefficient(fit, 1).value > 3.0);
	assert_close(score(s, fit, 1), 0.0, 0.0, 1e-10);
	loy_logistic_destroy(fit);
	loy_logistic_destroy(plain);
	sheet_free(s);
}

static void constant_and_dependent_columns_are_named(void **state)
{
	struct sheet *s = sheet_invent(300, 4, 7), *with = sheet_new(300, 6);
	loy_logistic_options o = options_of(s), p = options_of(with);
	loy_logistic *fit, *other;
	loy_logistic_summary m;
	double covariance;
	size_t r;

	(void)state;
	for (r = 0; r < 300; r++) {
		const double *x = s->values + 4 * r;
		double *y = with->values + 6 * r;

		y[0] = x[0];
		y[1] = 0.1; /* does not vary, whatever rounding says of its mean */
		y[2] = x[1];
		y[3] = 3.0 * x[0] - 2.0 * x[1] + 7.0;
		y[4] = x[2];
		y[5] = x[3];
	}
	fit = fit_sheet(with, &p);
	other = fit_sheet(s, &o);
	m = summary_of(fit);
	assert_int_equal(m.state, LOY_LOGISTIC_ALIASED);
	assert_int_equal(m.column, 2);
	assert_int_equal(m.estimated, 4);
	assert_int_equal(coefficient(fit, 2).flaw, LOY_FLAW_CONSTANT);
	assert_int_equal(coefficient(fit, 4).flaw, LOY_FLAW_COLLINEAR);
	assert_true(isnan(coefficient(fit, 2).value) && isnan(coefficient(fit, 4).p));
	assert_int_equal(loy_logistic_covariance(fit, 0, 4, 1, &covariance), LOY_OK);
	assert_true(isnan(covariance));
	assert_close(coefficient(fit, 1).value, coefficient(other, 1).value, 1e-10, 0.0);
	assert_close(coefficient(fit, 3).value, coefficient(other, 2).value, 1e-10, 0.0);
	assert_close(coefficient(fit, 5).deviation, coefficient(other, 3).deviation, 1e-10, 0.0);
	loy_logistic_destroy(fit);
	loy_logistic_destroy(other);
	sheet_free(s);
	sheet_free(with);
}

/* Values of 1e90 and of 1e-90, and far from zero: what is fitted does not depend on units. */
static void units_do_not_matter(void **state)
{
	struct sheet *s = sheet_invent(300, 4, 12), *other = sheet_new(300, 4);
	loy_logistic_options o = options_of(s);
	loy_logistic *a, *b;
	size_t r;

	(void)state;
	for (r = 0; r < 300; r++) {
		other->values[4 * r] = s->values[4 * r] * 0x1p300;
		other->values[4 * r + 1] = s->values[4 * r + 1] * 0x1p-300;
		other->values[4 * r + 2] = s->values[4 * r + 2] + 1e6;
		other->values[4 * r + 3] = s->values[4 * r + 3];
	}
	a = fit_sheet(s, &o);
	b = fit_sheet(other, &o);
	assert_close(coefficient(b, 1).value * 0x1p300, coefficient(a, 1).value, 1e-8, 0.0);
	assert_close(coefficient(b, 2).value * 0x1p-300, coefficient(a, 2).value, 1e-8, 0.0);
	assert_close(coefficient(b, 3).value, coefficient(a, 3).value, 1e-8,
	             0.0); /* 1e6: 1e-10 of x is lost */
	loy_logistic_destroy(a);
	loy_logistic_destroy(b);
	sheet_free(s);
	sheet_free(other);
}

/* ---- refusals ---- */

static void no_answer_from_no_evidence(void **state)
{
	struct sheet *s = sheet_invent(20, 2, 3);
	loy_logistic_options o = options_of(s);
	loy_table table = sheet_table(s);
	const loy_table *tables = &table;
	loy_logistic *fit = NULL;
	loy_error error = {.struct_size = sizeof(error)};
	size_t r;

	(void)state;
	table.rows = 0;
	assert_int_equal(loy_logistic_fit(&fit, &tables, 1, &o, 1, NULL, &error), LOY_EUNKNOWN);
	assert_null(fit);
	table.rows = 20;
	for (r = 0; r < 20; r++)
		s->values[2 * r + 1] = 1.0;
	assert_int_equal(loy_logistic_fit(&fit, &tables, 1, &o, 1, NULL, &error), LOY_EUNKNOWN);
	assert_null(fit);
	for (r = 0; r < 20; r++)
		s->values[2 * r] = NAN;
	assert_int_equal(loy_logistic_fit(&fit, &tables, 1, &o, 3, NULL, &error), LOY_EUNKNOWN);
	sheet_free(s);
}

static void refuse_options(void (*spoil)(loy_logistic_options *), loy_status expected)
{
	loy_logistic_options o = {.struct_size = sizeof(o), .columns = 4, .outcome = 3};
	loy_logistic *fit = (loy_logistic *)&o;

	spoil(&o);
	assert_int_equal(loy_logistic_create(&fit, &o, NULL), expected);
	assert_null(fit);
}

static const uint32_t twice[] = {1, 1}, the_outcome[] = {0, 3}, beyond[] = {4}, many[129];

static void spoil_size(loy_logistic_options *o)
{
	o->struct_size = 3;
}
static void spoil_flags(loy_logistic_options *o)
{
	o->flags = 8;
}
static void spoil_method(loy_logistic_options *o)
{
	o->method = 3;
}
static void spoil_weighting(loy_logistic_options *o)
{
	o->weighting = 2;
}
static void spoil_columns(loy_logistic_options *o)
{
	o->columns = 0;
}
static void spoil_outcome(loy_logistic_options *o)
{
	o->outcome = 4;
}
static void spoil_offset(loy_logistic_options *o)
{
	o->offset = 1;
}
static void spoil_offset_place(loy_logistic_options *o)
{
	o->flags = LOY_LOGISTIC_OFFSET, o->offset = 3;
}
static void spoil_held(loy_logistic_options *o)
{
	o->held = 1;
}
static void spoil_held_place(loy_logistic_options *o)
{
	o->flags = LOY_LOGISTIC_HELD, o->held = 4;
}
static void spoil_ridge(loy_logistic_options *o)
{
	o->ridge = -1.0;
}
static void spoil_ridge_nan(loy_logistic_options *o)
{
	o->ridge = NAN;
}
static void spoil_ridge_firth(loy_logistic_options *o)
{
	o->ridge = 1.0, o->method = LOY_LOGISTIC_FIRTH;
}
static void spoil_confidence(loy_logistic_options *o)
{
	o->confidence = 1.0;
}
static void spoil_twice(loy_logistic_options *o)
{
	o->predictors = twice, o->predictor_count = 2;
}
static void spoil_own(loy_logistic_options *o)
{
	o->predictors = the_outcome, o->predictor_count = 2;
}
static void spoil_beyond(loy_logistic_options *o)
{
	o->predictors = beyond, o->predictor_count = 1;
}
static void spoil_pointer(loy_logistic_options *o)
{
	o->predictor_count = 1;
}
static void spoil_many(loy_logistic_options *o)
{
	o->predictors = many, o->predictor_count = 129;
}
static void spoil_all_others(loy_logistic_options *o)
{
	o->columns = 200;
}

static void hostile_options(void **state)
{
	static void (*const spoils[])(loy_logistic_options *) = {
	        spoil_size,    spoil_flags,     spoil_method,       spoil_weighting,  spoil_columns,
	        spoil_outcome, spoil_offset,    spoil_offset_place, spoil_held,       spoil_held_place,
	        spoil_ridge,   spoil_ridge_nan, spoil_ridge_firth,  spoil_confidence, spoil_twice,
	        spoil_own,     spoil_beyond,    spoil_pointer};
	loy_logistic *fit = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(spoils); i++)
		refuse_options(spoils[i], LOY_EINVAL);
	refuse_options(spoil_many, LOY_ELIMIT);
	refuse_options(spoil_all_others, LOY_ELIMIT);
	assert_int_equal(loy_logistic_create(NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_create(&fit, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_fork(&fit, NULL, NULL), LOY_EINVAL);
	loy_logistic_destroy(NULL);
}

/* A table with something wrong in its last row changes nothing of what was added before. */
static void hostile_rows_change_nothing(void **state)
{
	static const struct {
		uint32_t column;
		double value;
	} bad[] = {{3, 0.5}, {3, -1.0}, {0, INFINITY}, {1, -INFINITY}, {2, 1e101}, {3, 1e300}};
	struct sheet *s = sheet_invent(200, 4, 9), *spoiled = sheet_invent(200, 4, 9);
	loy_logistic_options o = options_of(s);
	struct image expected;
	loy_logistic *fit, *other = NULL;
	loy_table table = sheet_table(s), wrong = sheet_table(spoiled);
	uint32_t done = 0;
	int first = 1;
	size_t i;

	(void)state;
	o.flags = LOY_LOGISTIC_ROBUST;
	fit = fit_sheet(s, &o);
	take_image(&expected, fit, 1);
	assert_int_equal(loy_logistic_add(fit, &table, NULL), LOY_ESTATE);
	assert_int_equal(loy_logistic_step(fit, &done, NULL), LOY_ESTATE);
	loy_logistic_destroy(fit);
	assert_int_equal(loy_logistic_create(&other, &o, NULL), LOY_OK);
	while (!done) {
		loy_coefficient c = {.struct_size = sizeof(c)};

		assert_int_equal(loy_logistic_add(other, &table, NULL), LOY_OK);
		for (i = 0; i < LOY__COUNT(bad); i++) {
			loy_error error = {.struct_size = sizeof(error)};
			double *cell = spoiled->values + 199 * 4 + bad[i].column, kept = *cell;
			loy_status status;

			*cell = bad[i].value;
			status = loy_logistic_add(other, &wrong, &error);
			*cell = kept;
			assert_int_equal(status, first ? LOY_ERANGE : LOY_ESTATE);
			if (first) {
				assert_int_equal(error.row, 199);
				assert_int_equal(error.field, bad[i].column);
			}
		}
		first = 0;
		wrong.columns = 3;
		assert_int_equal(loy_logistic_add(other, &wrong, NULL), LOY_EINVAL);
		wrong.columns = 4;
		assert_int_equal(loy_logistic_add(other, NULL, NULL), LOY_EINVAL);
		assert_int_equal(loy_logistic_add(NULL, &table, NULL), LOY_EINVAL);
		assert_int_equal(loy_logistic_get_coefficient(other, 0, &c), LOY_ESTATE);
		assert_int_equal(loy_logistic_step(other, &done, NULL), LOY_OK);
	}
	compare(&expected, other);
	sheet_free(s);
	sheet_free(spoiled);
}

static void rows_must_stay_the_same_from_round_to_round(void **state)
{
	struct sheet *s = sheet_invent(100, 3, 9);
	loy_logistic_options o = options_of(s);
	loy_table all = sheet_table(s), fewer = sheet_rows(s, 0, 99);
	loy_error error = {.struct_size = sizeof(error)};
	loy_logistic *fit = NULL;
	uint32_t done = 0;

	(void)state;
	assert_int_equal(loy_logistic_create(&fit, &o, NULL), LOY_OK);
	assert_int_equal(loy_logistic_add(fit, &all, NULL), LOY_OK);
	assert_int_equal(loy_logistic_step(fit, &done, NULL), LOY_OK);
	assert_int_equal(loy_logistic_add(fit, &fewer, NULL), LOY_OK);
	assert_int_equal(loy_logistic_step(fit, &done, &error), LOY_ESTATE);
	fewer = sheet_rows(s, 99, 1);
	assert_int_equal(loy_logistic_add(fit, &fewer, NULL), LOY_OK); /* and there it is */
	assert_int_equal(loy_logistic_step(fit, &done, NULL), LOY_OK);
	s->values[0] = 1e50; /* beyond what the first round saw */
	assert_int_equal(loy_logistic_add(fit, &all, &error), LOY_ESTATE);
	assert_int_equal(loy_logistic_step(fit, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_step(NULL, &done, NULL), LOY_EINVAL);
	loy_logistic_destroy(fit);
	sheet_free(s);
}

static void reading_beyond_the_last(void **state)
{
	struct sheet *s = sheet_invent(100, 3, 9);
	loy_logistic_options o = options_of(s);
	loy_logistic *fit = fit_sheet(s, &o);
	loy_coefficient c = {.struct_size = sizeof(c)};
	loy_logistic_summary small = {.struct_size = 2};
	loy_table table = sheet_table(s);
	double x, p[100];

	(void)state;
	assert_int_equal(loy_logistic_get_coefficient(fit, 3, &c), LOY_ENOTFOUND);
	assert_int_equal(loy_logistic_get_coefficient(NULL, 0, &c), LOY_EINVAL);
	assert_int_equal(loy_logistic_get_summary(fit, &small), LOY_EINVAL);
	assert_int_equal(loy_logistic_covariance(fit, 0, 3, 0, &x), LOY_ENOTFOUND);
	assert_int_equal(loy_logistic_covariance(fit, 1, 0, 0, &x), LOY_ESTATE);
	assert_int_equal(loy_logistic_covariance(fit, 2, 0, 0, &x), LOY_EINVAL);
	s->values[4] = NAN;
	assert_int_equal(loy_logistic_predict(fit, &table, p), LOY_OK);
	assert_true(isnan(p[1]) && p[0] > 0.0 && p[0] < 1.0);
	table.columns = 2;
	assert_int_equal(loy_logistic_predict(fit, &table, p), LOY_EINVAL);
	loy_logistic_destroy(fit);
	sheet_free(s);
}

static void out_of_memory(void **state)
{
	struct sheet *s = sheet_invent(100, 4, 9);
	loy_logistic_options o = options_of(s);
	loy_table table = sheet_table(s);
	const loy_table *tables = &table;
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_logistic *fit = NULL;

		status = loy_logistic_fit(&fit, &tables, 1, &o, 3, &memory, NULL);
		assert_true((fit != NULL) == (status == LOY_OK));
		loy_logistic_destroy(fit);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 3);
	sheet_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(table_of_two_by_two),
	        cmocka_unit_test(gradients_vanish_where_they_should),
	        cmocka_unit_test(robust_covariance_by_hand),
	        cmocka_unit_test(order_split_and_threads_change_no_bit),
	        cmocka_unit_test(layout_and_missing_codes_change_no_bit),
	        cmocka_unit_test(weights_are_repeated_rows),
	        cmocka_unit_test(offsets),
	        cmocka_unit_test(held_at_zero),
	        cmocka_unit_test(separation_is_detected_and_the_column_named),
	        cmocka_unit_test(strong_effects_are_no_separation),
	        cmocka_unit_test(constant_and_dependent_columns_are_named),
	        cmocka_unit_test(units_do_not_matter),
	        cmocka_unit_test(no_answer_from_no_evidence),
	        cmocka_unit_test(hostile_options),
	        cmocka_unit_test(hostile_rows_change_nothing),
	        cmocka_unit_test(rows_must_stay_the_same_from_round_to_round),
	        cmocka_unit_test(reading_beyond_the_last),
	        cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
