/* What regressions refuse, argument by argument, and the ends of what they answer. */
#include "regressions.h"

#include <math.h>

static loy_linear *linear_of(struct sheet *s)
{
	loy_linear_options o = {.struct_size = sizeof(o), .outcome = s->columns - 1};
	loy_table table = sheet_table(s);
	loy_moments *moments = NULL;
	loy_linear *fit = NULL;

	assert_int_equal(loy_moments_create(&moments, s->columns, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	assert_int_equal(loy_linear_create(&fit, moments, &o, NULL, NULL), LOY_OK);
	loy_moments_destroy(moments);
	return fit;
}

static void linear_models_refuse(void **state)
{
	struct sheet *s = sheet_invent(60, 4, 3);
	loy_linear_options good = {.struct_size = sizeof(good), .outcome = 3}, o;
	loy_linear_summary m = {.struct_size = sizeof(m)};
	loy_coefficient c = {.struct_size = sizeof(c)};
	static const uint32_t twice[2] = {0, 0}, itself[1] = {3}, beyond[1] = {4};
	loy_allocator half = {.allocate = faulty_alloc};
	loy_moments *moments = NULL, *empty = NULL;
	loy_table table = sheet_table(s);
	loy_linear *fit = NULL;
	double value, shares[3], matrix[16];
	const loy_table *tables[1] = {&table}, *none[1] = {NULL};

	(void)state;
	assert_int_equal(loy_moments_create(&moments, 4, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_create(&empty, 4, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
#define REFUSED(change)                                                                                      \
	o = good;                                                                                            \
	change;                                                                                              \
	assert_int_not_equal(loy_linear_create(&fit, moments, &o, NULL, NULL), LOY_OK);                      \
	assert_null(fit)
	REFUSED(o.struct_size = 3);
	REFUSED(o.outcome = 4);
	REFUSED(o.reserved = 1);
	REFUSED(o.weighting = 7);
	REFUSED(o.missing = 7);
	REFUSED(o.confidence = 1.0);
	REFUSED(o.confidence = -0.5);
	REFUSED(o.confidence = NAN);
	REFUSED(o.predictor_count = 2; o.predictors = twice);
	REFUSED(o.predictor_count = 1; o.predictors = itself);
	REFUSED(o.predictor_count = 1; o.predictors = beyond);
	REFUSED(o.predictor_count = 1);
#undef REFUSED
	assert_int_equal(loy_linear_create(NULL, moments, &good, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_create(&fit, NULL, &good, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_create(&fit, moments, &good, &half, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_create(&fit, empty, &good, NULL, NULL), LOY_EUNKNOWN);
	fit = linear_of(s);
	assert_int_equal(loy_linear_get_summary(NULL, &m), LOY_EINVAL);
	assert_int_equal(loy_linear_get_coefficient(NULL, 0, &c), LOY_EINVAL);
	assert_int_equal(loy_linear_get_coefficient(fit, 4, &c), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_covariance(NULL, 0, 0, &value), LOY_EINVAL);
	assert_int_equal(loy_linear_covariance(fit, 0, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_covariance(fit, 4, 0, &value), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_covariance(fit, 0, 4, &value), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_robust(NULL, tables, 1, 0, matrix, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_robust(fit, NULL, 1, 0, matrix, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_robust(fit, none, 1, 0, matrix, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_robust(fit, tables, 1, 99, matrix, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_robust(fit, tables, 1, 0, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_robust(fit, tables, 1, 0, matrix, &half, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_drivers(NULL, 0, shares, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_drivers(fit, 0, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_drivers(fit, 99, shares, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_drivers(fit, 0, shares, &half), LOY_EINVAL);
	loy_linear_destroy(fit);
	loy_linear_destroy(NULL);
	loy_moments_destroy(empty);
	loy_moments_destroy(moments);
	sheet_free(s);
}

static void moderation_refuses(void **state)
{
	struct sheet *s = sheet_invent(60, 4, 5), *flat = sheet_invent(60, 4, 5);
	loy_slope slope = {.struct_size = sizeof(slope)};
	loy_indirect indirect = {.struct_size = sizeof(indirect)};
	loy_linear *fit, *flawed;
	loy_table table = sheet_table(s);
	double low, high, out[60];
	uint32_t region, row;

	(void)state;
	for (row = 0; row < 60; row++)
		flat->values[row * 4 + 1] = 7.0;
	fit = linear_of(s);
	flawed = linear_of(flat);
	assert_int_equal(loy_linear_slope(NULL, 1, 2, 0.0, &slope), LOY_EINVAL);
	assert_int_equal(loy_linear_slope(fit, 1, 2, 0.0, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_slope(fit, 1, 2, NAN, &slope), LOY_EINVAL);
	assert_int_equal(loy_linear_slope(fit, 1, 2, INFINITY, &slope), LOY_EINVAL);
	assert_int_equal(loy_linear_slope(fit, 1, 1, 0.0, &slope), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_slope(fit, 0, 1, 0.0, &slope), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_slope(fit, 1, 0, 0.0, &slope), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_slope(fit, 4, 1, 0.0, &slope), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_slope(fit, 1, 4, 0.0, &slope), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_slope(flawed, 2, 1, 0.0, &slope), LOY_EUNKNOWN);
	assert_int_equal(loy_linear_slope(flawed, 1, 2, 0.0, &slope), LOY_EUNKNOWN);
	assert_int_equal(loy_linear_region(NULL, 1, 2, &region, &low, &high), LOY_EINVAL);
	assert_int_equal(loy_linear_region(fit, 1, 2, NULL, &low, &high), LOY_EINVAL);
	assert_int_equal(loy_linear_region(fit, 1, 2, &region, NULL, &high), LOY_EINVAL);
	assert_int_equal(loy_linear_region(fit, 1, 2, &region, &low, NULL), LOY_EINVAL);
	assert_int_equal(loy_linear_region(fit, 1, 1, &region, &low, &high), LOY_ENOTFOUND);
	assert_int_equal(loy_linear_region(flawed, 2, 1, &region, &low, &high), LOY_EUNKNOWN);
	assert_int_equal(loy_linear_region(flawed, 1, 2, &region, &low, &high), LOY_EUNKNOWN);
	assert_int_equal(loy_table_product(&table, 0, 0.0, 1, 0.0, NULL), LOY_EINVAL);
	assert_int_equal(loy_table_product(NULL, 0, 0.0, 1, 0.0, out), LOY_EINVAL);
	assert_int_equal(loy_table_product(&table, 0, NAN, 1, 0.0, out), LOY_EINVAL);
	assert_int_equal(loy_table_product(&table, 0, 0.0, 1, INFINITY, out), LOY_EINVAL);
	assert_int_equal(loy_table_product(&table, 4, 0.0, 1, 0.0, out), LOY_ENOTFOUND);
	assert_int_equal(loy_table_product(&table, 0, 0.0, 4, 0.0, out), LOY_ENOTFOUND);
	assert_int_equal(loy_table_product(&table, 0, 1.0, 1, 2.0, out), LOY_OK);
	assert_close(out[0], (s->values[0] - 1.0) * (s->values[1] - 2.0), 1e-15, 0.0);
	assert_int_equal(loy_indirect_effect(0.5, 0.1, 0.4, 0.1, NULL), LOY_EINVAL);
	assert_int_equal(loy_indirect_effect(NAN, 0.1, 0.4, 0.1, &indirect), LOY_ERANGE);
	assert_int_equal(loy_indirect_effect(0.5, -0.1, 0.4, 0.1, &indirect), LOY_ERANGE);
	assert_int_equal(loy_indirect_effect(0.5, 0.1, INFINITY, 0.1, &indirect), LOY_ERANGE);
	assert_int_equal(loy_indirect_effect(0.5, 0.1, 0.4, NAN, &indirect), LOY_ERANGE);
	/* Without errors there is no test; Goodman's variance can be negative, which is said and not hidden. */
	assert_int_equal(loy_indirect_effect(0.5, 0.0, 0.4, 0.0, &indirect), LOY_OK);
	assert_true(isnan(indirect.sobel_z) && isnan(indirect.sobel_p));
	assert_int_equal(loy_indirect_effect(0.01, 1.0, 0.01, 1.0, &indirect), LOY_OK);
	assert_true(isnan(indirect.goodman) && indirect.aroian > 0.0);
	loy_linear_destroy(flawed);
	loy_linear_destroy(fit);
	sheet_free(flat);
	sheet_free(s);
}

/* Outcomes 0 and 1 in the last column. */
static struct sheet *outcomes(size_t rows, uint64_t seed)
{
	struct sheet *s = sheet_invent(rows, 4, seed);
	size_t i;

	for (i = 0; i < rows; i++)
		s->values[i * 4 + 3] = loy__mix64(seed + i) % 3 == 0;
	return s;
}

static void logistic_models_refuse(void **state)
{
	struct sheet *s = outcomes(80, 9);
	loy_logistic_options good = {.struct_size = sizeof(good), .columns = 4, .outcome = 3}, o;
	static const uint32_t twice[2] = {1, 1};
	loy_logistic_summary m = {.struct_size = sizeof(m)};
	loy_coefficient c = {.struct_size = sizeof(c)};
	loy_allocator half = {.allocate = faulty_alloc};
	loy_table table = sheet_table(s);
	const loy_table *tables[1] = {&table}, *none[1] = {NULL};
	loy_logistic *fit = NULL, *fork = NULL, *other = NULL;
	double value, out[80];
	uint32_t done;

	(void)state;
#define REFUSED(change)                                                                                      \
	o = good;                                                                                            \
	change;                                                                                              \
	assert_int_equal(loy_logistic_create(&fit, &o, NULL), LOY_EINVAL);                                   \
	assert_null(fit)
	REFUSED(o.struct_size = 3);
	REFUSED(o.flags = 0x80000000u);
	REFUSED(o.method = 99);
	REFUSED(o.weighting = 99);
	REFUSED(o.columns = 0);
	REFUSED(o.columns = LOY_TABLE_COLUMNS_MAX + 1);
	REFUSED(o.offset = 1);
	REFUSED(o.flags = LOY_LOGISTIC_OFFSET; o.offset = 4);
	REFUSED(o.flags = LOY_LOGISTIC_OFFSET; o.offset = 3);
	REFUSED(o.held = 1);
	REFUSED(o.flags = LOY_LOGISTIC_HELD; o.held = 9);
	REFUSED(o.ridge = -1.0);
	REFUSED(o.ridge = NAN);
	REFUSED(o.ridge = 1e101);
	REFUSED(o.ridge = 1.0; o.method = LOY_LOGISTIC_SAFE);
	REFUSED(o.confidence = 1.0);
	REFUSED(o.confidence = NAN);
	REFUSED(o.confidence = -0.5);
	REFUSED(o.predictor_count = 2; o.predictors = twice);
#undef REFUSED
	assert_int_equal(loy_logistic_create(NULL, &good, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_create(&fit, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_create(&fit, &good, &half), LOY_EINVAL);
	assert_int_equal(loy_logistic_create(&fit, &good, NULL), LOY_OK);
	assert_int_equal(loy_logistic_step(fit, &done, NULL), LOY_EUNKNOWN); /* no rows */
	assert_int_equal(loy_logistic_step(NULL, &done, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_step(fit, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_add(NULL, &table, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_add(fit, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_fork(NULL, fit, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_fork(&fork, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_fork(&fork, fit, &half), LOY_EINVAL);
	assert_int_equal(loy_logistic_merge(NULL, fit), LOY_EINVAL);
	assert_int_equal(loy_logistic_merge(fit, NULL), LOY_EINVAL);
	/* Fits of other columns, other outcomes and other rounds are no forks. */
	o = good;
	o.outcome = 0;
	assert_int_equal(loy_logistic_create(&other, &o, NULL), LOY_OK);
	assert_int_equal(loy_logistic_merge(fit, other), LOY_EINVAL);
	loy_logistic_destroy(other);
	o = good;
	o.columns = 3;
	o.outcome = 2;
	assert_int_equal(loy_logistic_create(&other, &o, NULL), LOY_OK);
	assert_int_equal(loy_logistic_merge(fit, other), LOY_EINVAL);
	loy_logistic_destroy(other);
	o = good;
	o.flags = LOY_LOGISTIC_OFFSET;
	o.offset = 1;
	assert_int_equal(loy_logistic_create(&other, &o, NULL), LOY_OK);
	assert_int_equal(loy_logistic_merge(fit, other), LOY_EINVAL);
	loy_logistic_destroy(other);
	assert_int_equal(loy_logistic_fork(&fork, fit, NULL), LOY_OK);
	assert_int_equal(loy_logistic_add(fork, &table, NULL), LOY_OK);
	assert_int_equal(loy_logistic_merge(fit, fork), LOY_OK);
	assert_int_equal(loy_logistic_step(fit, &done, NULL), LOY_OK);
	assert_int_equal(loy_logistic_merge(fit, fork), LOY_EINVAL); /* of the round before */
	loy_logistic_destroy(fork);
	loy_logistic_destroy(fit);
	assert_int_equal(loy_logistic_fit(NULL, tables, 1, &good, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_fit(&fit, NULL, 1, &good, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_fit(&fit, none, 1, &good, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_fit(&fit, tables, 1, NULL, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_fit(&fit, tables, 1, &good, 1, &half, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_fit(&fit, tables, 1, &good, 0, NULL, NULL), LOY_OK);
	assert_int_equal(loy_logistic_get_summary(NULL, &m), LOY_EINVAL);
	assert_int_equal(loy_logistic_get_coefficient(NULL, 0, &c), LOY_EINVAL);
	assert_int_equal(loy_logistic_get_coefficient(fit, 4, &c), LOY_ENOTFOUND);
	assert_int_equal(loy_logistic_covariance(NULL, 0, 0, 0, &value), LOY_EINVAL);
	assert_int_equal(loy_logistic_covariance(fit, 0, 0, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_logistic_covariance(fit, 2, 0, 0, &value), LOY_EINVAL);
	assert_int_not_equal(loy_logistic_covariance(fit, 1, 0, 0, &value), LOY_OK); /* was not asked for */
	assert_int_equal(loy_logistic_covariance(fit, 0, 4, 0, &value), LOY_ENOTFOUND);
	assert_int_equal(loy_logistic_covariance(fit, 0, 0, 4, &value), LOY_ENOTFOUND);
	assert_int_equal(loy_logistic_predict(NULL, &table, out), LOY_EINVAL);
	assert_int_equal(loy_logistic_predict(fit, NULL, out), LOY_EINVAL);
	assert_int_equal(loy_logistic_predict(fit, &table, NULL), LOY_EINVAL);
	table.columns = 3;
	assert_int_equal(loy_logistic_predict(fit, &table, out), LOY_EINVAL);
	loy_logistic_destroy(fit);
	loy_logistic_destroy(NULL);
	sheet_free(s);
}

/* Rows with weights or offsets beyond their range are refused whole, with their place. */
static void weights_and_offsets_are_checked(void **state)
{
	static const double weights[] = {-1.0, NAN, 0x1p40, INFINITY}, offsets[] = {1.1e6, -1.1e6, INFINITY};
	struct sheet *s = outcomes(40, 10);
	loy_logistic_options o = {.struct_size = sizeof(o), .columns = 4, .outcome = 3};
	loy_error error = {.struct_size = sizeof(error)};
	double given[40];
	loy_table table = sheet_table(s);
	loy_logistic *fit = NULL;
	uint32_t done = 0;
	size_t i;

	(void)state;
	for (i = 0; i < 40; i++)
		given[i] = 1.0;
	table.weights = given;
	table.weight_stride = sizeof(*given);
	o.flags = LOY_LOGISTIC_OFFSET;
	o.offset = 2;
	assert_int_equal(loy_logistic_create(&fit, &o, NULL), LOY_OK);
	for (i = 0; i < LOY__COUNT(weights); i++) {
		given[7] = weights[i];
		assert_int_equal(loy_logistic_add(fit, &table, &error), LOY_ERANGE);
		assert_int_equal(error.row, 7);
	}
	given[7] = 1.0;
	for (i = 0; i < LOY__COUNT(offsets); i++) {
		s->values[4 * 9 + 2] = offsets[i];
		assert_int_equal(loy_logistic_add(fit, &table, &error), LOY_ERANGE);
		assert_int_equal(error.row, 9);
		assert_int_equal(error.field, 2);
	}
	assert_int_equal(loy_logistic_step(fit, &done, NULL), LOY_EUNKNOWN); /* nothing of it was added */
	loy_logistic_destroy(fit);
	sheet_free(s);
}

/* A round's sums go with fits at the same place of the same search only, however far both have come. */
static void rounds_of_other_data_are_not_merged(void **state)
{
	struct sheet *s = outcomes(60, 11), *other = outcomes(60, 11);
	loy_logistic_options o = {.struct_size = sizeof(o), .columns = 4, .outcome = 3};
	static const int changes[] = {0, 1, 2};
	size_t i, k;

	(void)state;
	for (k = 0; k < LOY__COUNT(changes); k++) {
		loy_table a = sheet_table(s), b = sheet_table(other);
		loy_logistic *one = NULL, *two = NULL;
		uint32_t done = 0, refused = 0, rounds = 0;

		memcpy(other->values, s->values, 60 * 4 * sizeof(double));
		for (i = 0; i < 60; i++) {
			double *v = other->values + 4 * i;

			if (changes[k] == 0)
				v[0] += 1.0; /* another centre */
			else if (changes[k] == 1)
				v[1] *= 64.0; /* another scale */
			else
				v[3] = s->values[4 * ((i + 1) % 60) + 3]; /* as many outcomes, of others */
		}
		assert_int_equal(loy_logistic_create(&one, &o, NULL), LOY_OK);
		assert_int_equal(loy_logistic_create(&two, &o, NULL), LOY_OK);
		while (!done && rounds++ < 6) {
			refused += loy_logistic_merge(one, two) == LOY_EINVAL;
			assert_int_equal(loy_logistic_add(one, &a, NULL), LOY_OK);
			assert_int_equal(loy_logistic_add(two, &b, NULL), LOY_OK);
			assert_int_equal(loy_logistic_step(one, &done, NULL), LOY_OK);
			assert_int_equal(loy_logistic_step(two, &done, NULL), LOY_OK);
		}
		/* ranges are the same for all; then what they are, or where the first step led, is not */
		assert_true(refused >= 2 && refused < rounds);
		loy_logistic_destroy(one);
		loy_logistic_destroy(two);
	}
	sheet_free(s);
	sheet_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(linear_models_refuse),
	        cmocka_unit_test(moderation_refuses),
	        cmocka_unit_test(logistic_models_refuse),
	        cmocka_unit_test(weights_and_offsets_are_checked),
	        cmocka_unit_test(rounds_of_other_data_are_not_merged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
