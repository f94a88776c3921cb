/*
 * Edges of survival, of Cox regression and of models as text: what is asked with one thing missing or wrong, one at a
 * time, and that nothing comes of it.
 */
#include "survivals.h"

#include <math.h>

static const loy_allocator one_of_three = {.allocate = faulty_alloc};

static loy_survival *made_of(loy_survival_options options)
{
	loy_survival *survival = NULL;

	options.struct_size = sizeof(options);
	assert_int_equal(loy_survival_create(&survival, &options, NULL), LOY_OK);
	return survival;
}

static loy_survival *some_subjects(uint32_t flags, uint32_t covariates)
{
	static struct subject subjects[60];

	invent_subjects(subjects, 60, 7, 4.0);
	return survival_of(subjects, 60, flags, covariates);
}

/* ---- accumulators ---- */

static void rows_and_columns_lack_one_thing(void **state)
{
	const double times[] = {1, 2}, covariates[] = {1, 2};
	loy_survival *plain = made_of((loy_survival_options){0}),
	             *entered = made_of((loy_survival_options){.flags = LOY_SURVIVAL_ENTERED}),
	             *weighted = made_of((loy_survival_options){.flags = LOY_SURVIVAL_WEIGHTED}),
	             *with = made_of((loy_survival_options){.covariates = 1});
	const loy_survival_row good = {.struct_size = sizeof(good), .time = 1.0, .event = 1};
	const loy_survival_columns columns = {
	        .struct_size = sizeof(columns), .time = times, .time_stride = sizeof(double)};
	loy_survival_row row = good;
	loy_survival_columns c = columns;
	uint32_t group;

	(void)state;
	assert_int_equal(loy_survival_add(NULL, &row, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_add(plain, NULL, NULL), LOY_EINVAL);
	row.struct_size = 3;
	assert_int_equal(loy_survival_add(plain, &row, NULL), LOY_EINVAL);
	row = good;
	row.reserved = 1;
	assert_int_equal(loy_survival_add(plain, &row, NULL), LOY_EINVAL);
	row = good;
	assert_int_equal(loy_survival_add(with, &row, NULL), LOY_EINVAL); /* no covariates */
	assert_int_equal(loy_survival_add_columns(NULL, &c, 2, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_add_columns(plain, NULL, 2, NULL), LOY_EINVAL);
	c.struct_size = 3;
	assert_int_equal(loy_survival_add_columns(plain, &c, 2, NULL), LOY_EINVAL);
	c = columns;
	c.reserved = 1;
	assert_int_equal(loy_survival_add_columns(plain, &c, 2, NULL), LOY_EINVAL);
	c = columns;
	assert_int_equal(loy_survival_add_columns(entered, &c, 2, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_add_columns(weighted, &c, 2, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_add_columns(with, &c, 2, NULL), LOY_EINVAL);
	c.entry = times;
	assert_int_equal(loy_survival_add_columns(plain, &c, 2, NULL), LOY_EINVAL);
	c = columns;
	c.weight = times;
	assert_int_equal(loy_survival_add_columns(plain, &c, 2, NULL), LOY_EINVAL);
	c = columns;
	c.covariates = covariates;
	assert_int_equal(loy_survival_add_columns(plain, &c, 2, NULL), LOY_EINVAL);
	c = columns;
	assert_int_equal(loy_survival_add_columns(plain, &c, 0, NULL), LOY_OK);
	assert_int_equal(loy_survival_add_columns(plain, &c, 2, NULL),
	                 LOY_OK); /* without events: all had it */
	assert_int_equal(loy_survival_merge(NULL, plain), LOY_EINVAL);
	assert_int_equal(loy_survival_merge(plain, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_merge(plain, entered), LOY_EINVAL);
	assert_int_equal(loy_survival_merge(plain, with), LOY_EINVAL);
	assert_int_equal(loy_survival_group(plain, 0, &group), LOY_ESTATE);
	assert_int_equal(loy_survival_group(NULL, 0, &group), LOY_EINVAL);
	assert_int_equal(loy_survival_group(plain, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_rows(plain), 2);
	assert_int_equal(loy_survival_rows(NULL), 0);
	loy_survival_destroy(plain);
	loy_survival_destroy(entered);
	loy_survival_destroy(weighted);
	loy_survival_destroy(with);
}

static void options_and_bytes_lack_one_thing(void **state)
{
	loy_survival_options options = {.struct_size = sizeof(options), .reserved = 1};
	loy_survival *survival = (loy_survival *)&options, *plain = made_of((loy_survival_options){0});
	uint8_t byte = 0;
	size_t needed = 0;

	(void)state;
	assert_int_equal(loy_survival_create(&survival, &options, NULL), LOY_EINVAL);
	assert_null(survival);
	options.reserved = 0;
	options.unit = -1;
	assert_int_equal(loy_survival_create(&survival, &options, NULL), LOY_EINVAL);
	options.unit = 0;
	assert_int_equal(loy_survival_create(&survival, &options, &one_of_three), LOY_EINVAL);
	assert_int_equal(loy_survival_write(NULL, NULL, 0, &needed), LOY_EINVAL);
	assert_int_equal(loy_survival_write(plain, NULL, 1, &needed), LOY_EINVAL);
	assert_int_equal(loy_survival_write(plain, NULL, 0, NULL), LOY_EBUFFER);
	survival = plain;
	assert_int_equal(loy_survival_read(&survival, NULL, 1, NULL, NULL), LOY_EINVAL);
	assert_null(survival);
	assert_int_equal(loy_survival_read(&survival, NULL, 0, NULL, NULL), LOY_EFORMAT);
	assert_int_equal(loy_survival_read(&survival, &byte, 1, NULL, NULL), LOY_EFORMAT);
	assert_int_equal(loy_survival_read(NULL, &byte, 1, NULL, NULL), LOY_EINVAL);
	loy_survival_destroy(plain);
}

/* ---- curves and comparisons ---- */

static void curves_are_asked_nonsense(void **state)
{
	loy_survival *survival = some_subjects(0, 0), *empty = made_of((loy_survival_options){0});
	loy_curve_options options = {.struct_size = 3};
	loy_curve *curve = NULL;
	loy_curve_point point = {.struct_size = sizeof(point)};
	loy_logrank_result result = {.struct_size = sizeof(result)};
	double out = 7.0;

	(void)state;
	assert_int_equal(loy_curve_create(&curve, survival, &options, NULL), LOY_EINVAL);
	assert_int_equal(loy_curve_create(&curve, survival, NULL, &one_of_three), LOY_EINVAL);
	assert_int_equal(loy_curve_create(&curve, empty, NULL, NULL), LOY_EUNKNOWN);
	assert_int_equal(loy_curve_create(&curve, survival, NULL, NULL), LOY_OK);
	assert_int_equal(loy_curve_get(NULL, 0, &point), LOY_EINVAL);
	assert_int_equal(loy_curve_get(curve, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_curve_at(NULL, 1.0, &point), LOY_EINVAL);
	assert_int_equal(loy_curve_at(curve, 1.0, NULL), LOY_EINVAL);
	assert_int_equal(loy_curve_at(curve, NAN, &point), LOY_EINVAL);
	assert_int_equal(loy_curve_quantile(NULL, 0.5, &out, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_curve_quantile(curve, 0.0, &out, NULL, NULL), LOY_ERANGE);
	assert_int_equal(loy_curve_quantile(curve, 1.0, &out, NULL, NULL), LOY_ERANGE);
	assert_int_equal(loy_curve_mean(NULL, 1.0, &out, NULL), LOY_EINVAL);
	assert_int_equal(loy_curve_mean(curve, 1.0, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_curve_mean(curve, NAN, &out, NULL), LOY_EINVAL);
	assert_int_equal(loy_curve_mean(curve, INFINITY, &out, NULL), LOY_EINVAL);
	assert_true(out == 7.0);
	assert_int_equal(loy_curve_quantile(curve, 0.5, NULL, NULL, NULL), LOY_OK); /* nothing is asked for */
	assert_int_equal(loy_survival_logrank(NULL, 0.0, &result, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_logrank(survival, 0.0, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_logrank(survival, NAN, &result, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_logrank(survival, 101.0, &result, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_logrank(survival, 0.0, &result, NULL, NULL, &one_of_three), LOY_EINVAL);
	loy_curve_destroy(curve);
	loy_survival_destroy(survival);
	loy_survival_destroy(empty);
}

/* ---- Cox regression ---- */

static void fits_are_asked_nonsense(void **state)
{
	const double x[SUBJECT_COVARIATES] = {0.0, 1.0, 0.5};
	loy_survival *survival = some_subjects(0, SUBJECT_COVARIATES), *narrow = some_subjects(0, 0);
	loy_cox_options options = {.struct_size = 3};
	loy_cox_hazard hazard = {.struct_size = sizeof(hazard)};
	loy_cox_coefficient c = {.struct_size = sizeof(c)};
	loy_cox *cox = NULL;
	double out = 7.0;

	(void)state;
	assert_int_equal(loy_cox_create(&cox, survival, &options, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_create(&cox, survival, NULL, &one_of_three, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_create(&cox, survival, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_cox_get_hazard(NULL, 0, &hazard), LOY_EINVAL);
	assert_int_equal(loy_cox_get_hazard(cox, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_get_hazard(cox, UINT64_MAX, &hazard), LOY_ENOTFOUND);
	assert_int_equal(loy_cox_covariance(NULL, 0, 0, &out), LOY_EINVAL);
	assert_int_equal(loy_cox_covariance(cox, 0, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_covariance(cox, SUBJECT_COVARIATES, 0, &out), LOY_ENOTFOUND);
	assert_int_equal(loy_cox_get_coefficient(NULL, 0, &c), LOY_EINVAL);
	assert_int_equal(loy_cox_get_coefficient(cox, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_get_coefficient(cox, SUBJECT_COVARIATES, &c), LOY_ENOTFOUND);
	assert_int_equal(loy_cox_relative(NULL, x, 8, 8, 1, &out), LOY_EINVAL);
	assert_int_equal(loy_cox_relative(cox, x, 8, 8, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_relative(cox, NULL, 8, 8, 0, NULL), LOY_OK);
	assert_int_equal(loy_cox_survival(NULL, 0, x, 1.0, &out), LOY_EINVAL);
	assert_int_equal(loy_cox_survival(cox, 0, NULL, 1.0, &out), LOY_EINVAL);
	assert_int_equal(loy_cox_survival(cox, 0, x, 1.0, NULL), LOY_EINVAL);
	assert_true(out == 7.0);
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
	loy_survival_destroy(narrow);
}

static void fits_are_tested_against_other_subjects(void **state)
{
	loy_survival *survival = some_subjects(0, SUBJECT_COVARIATES), *narrow = some_subjects(0, 1),
	             *more = some_subjects(0, SUBJECT_COVARIATES),
	             *none = made_of((loy_survival_options){.covariates = SUBJECT_COVARIATES});
	const struct subject again = {.time = 3.0, .event = 1};
	static struct subject subjects[60];
	loy_survival *unsorted = new_survival(0, SUBJECT_COVARIATES, NULL);
	int i;
	loy_proportionality p = {.struct_size = sizeof(p)};
	loy_concordance found = {.struct_size = sizeof(found)};
	loy_cox *cox = NULL;

	(void)state;
	assert_int_equal(loy_cox_create(&cox, survival, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(add_subject(more, &again, 0, SUBJECT_COVARIATES), LOY_OK);
	assert_int_equal(loy_cox_proportionality(NULL, survival, 0, LOY_COX_ALL, &p, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_proportionality(cox, NULL, 0, LOY_COX_ALL, &p, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_proportionality(cox, survival, LOY_CLOCK_LOG + 1, LOY_COX_ALL, &p, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_cox_proportionality(cox, narrow, 0, LOY_COX_ALL, &p, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_proportionality(cox, more, 0, LOY_COX_ALL, &p, NULL), LOY_EINVAL);
	invent_subjects(subjects, 60, 7, 4.0); /* those of the fit, in their own order */
	for (i = 0; i < 60; i++)
		assert_int_equal(add_subject(unsorted, &subjects[i], 0, SUBJECT_COVARIATES), LOY_OK);
	assert_int_equal(loy_cox_proportionality(cox, unsorted, 0, LOY_COX_ALL, &p, NULL), LOY_ESTATE);
	loy_survival_destroy(unsorted);
	assert_int_equal(loy_cox_proportionality(cox, survival, 0, 0, &p, NULL), LOY_OK);
	assert_int_equal(loy_cox_proportionality(cox, survival, 0, SUBJECT_COVARIATES, &p, NULL),
	                 LOY_ENOTFOUND);
	assert_int_equal(loy_cox_proportionality(cox, survival, 0, LOY_COX_ALL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_proportionality(cox, survival, 0, LOY_COX_ALL, &p, &one_of_three),
	                 LOY_EINVAL);
	assert_int_equal(loy_cox_proportionality(cox, survival, 0, LOY_COX_ALL, &p, NULL), LOY_OK);
	assert_int_equal(loy_cox_concordance(NULL, survival, &found, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_concordance(cox, NULL, &found, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_concordance(cox, survival, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_concordance(cox, narrow, &found, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_concordance(cox, survival, &found, &one_of_three), LOY_EINVAL);
	assert_int_equal(loy_cox_concordance(cox, more, &found, NULL), LOY_ESTATE); /* not sorted */
	assert_int_equal(loy_cox_concordance(cox, none, &found, NULL), LOY_EUNKNOWN);
	assert_int_equal(loy_survival_sort(more), LOY_OK);
	assert_int_equal(loy_cox_concordance(cox, more, &found, NULL),
	                 LOY_OK); /* others than those of the fit */
	assert_true(found.share > 0.5 && found.share < 1.0);
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
	loy_survival_destroy(narrow);
	loy_survival_destroy(more);
	loy_survival_destroy(none);
}

/* ---- models of buying as text and as bytes ---- */

static void texts_and_bytes_are_asked_nonsense(void **state)
{
	static char long_text[LOY_LIFETIME_TEXT_MAX + 1];
	const double values[] = {0.5, 6.0, 0.9, 1.6};
	loy_lifetime *model = NULL, *back;
	loy_lifetime_data *data;
	char text[1000], other[1100];
	size_t needed = 0, i, at = 0;

	(void)state;
	memset(long_text, ' ', sizeof(long_text));
	assert_int_equal(loy_lifetime_create(&model, LOY_LIFETIME_MBG_NBD, 0, 7 * LOY_DAY, values, 4, NULL),
	                 LOY_OK);
	assert_int_equal(loy_lifetime_print(NULL, text, sizeof(text), &needed), LOY_EINVAL);
	assert_int_equal(loy_lifetime_print(model, text, sizeof(text), NULL), LOY_OK);
	assert_int_equal(loy_lifetime_print(model, NULL, 1, &needed), LOY_EINVAL);
	assert_int_equal(loy_lifetime_print(model, text, sizeof(text), &needed), LOY_OK);
	/* A text that went through a machine with other line ends, and a tab for a blank, is the same model. */
	for (i = 0; i < needed; i++) {
		if (text[i] == '\n')
			other[at++] = '\r';
		other[at++] = (char)(text[i] == ' ' ? '\t' : text[i]);
	}
	assert_int_equal(loy_lifetime_parse(&back, other, at, NULL, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_print(back, other, sizeof(other), &at), LOY_OK);
	assert_string_equal(other, text);
	loy_lifetime_destroy(back);
	/* Constructors that fail leave NULL, whatever was wrong. */
#define REFUSED(status, ...)                                                                                 \
	do {                                                                                                 \
		back = model;                                                                                \
		assert_int_equal(loy_lifetime_parse(&back, __VA_ARGS__), status);                            \
		assert_null(back);                                                                           \
	} while (0)
	assert_int_equal(loy_lifetime_parse(NULL, text, needed, NULL, NULL), LOY_EINVAL);
	REFUSED(LOY_EINVAL, NULL, 0, NULL, NULL);
	REFUSED(LOY_EINVAL, text, needed, &one_of_three, NULL);
	REFUSED(LOY_ELIMIT, long_text, sizeof(long_text), NULL, NULL);
	REFUSED(LOY_ESYNTAX, text, needed / 2, NULL, NULL);
	assert_true((size_t)snprintf(other, sizeof(other), "%.*salso to the end of the text", (int)needed - 4,
	                             text) < sizeof(other));
	REFUSED(LOY_ESYNTAX, other, strlen(other), NULL, NULL);
#undef REFUSED
	data = (loy_lifetime_data *)(void *)&model;
	assert_int_equal(loy_lifetime_data_from_bytes(&data, NULL, 0, NULL, NULL), LOY_EINVAL);
	assert_null(data);
	assert_int_equal(loy_lifetime_data_from_bytes(NULL, text, 9, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_lifetime_data_from_bytes(&data, text, 7, NULL, NULL), LOY_EFORMAT);
	assert_int_equal(loy_lifetime_data_from_bytes(&data, text, 9, NULL, NULL), LOY_ECHECKSUM);
	loy_lifetime_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rows_and_columns_lack_one_thing),
	        cmocka_unit_test(options_and_bytes_lack_one_thing),
	        cmocka_unit_test(curves_are_asked_nonsense),
	        cmocka_unit_test(fits_are_asked_nonsense),
	        cmocka_unit_test(fits_are_tested_against_other_subjects),
	        cmocka_unit_test(texts_and_bytes_are_asked_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
