/*
 * What structural equation models refuse, by name, and what they flag (constructs that are not positive definite:
 * test_traps.c): Heywood cases, models that are not identified, samples that cannot be fitted; hostile requests;
 * memory that runs out.
 */
#include "sems.h"

#include <stdlib.h>

static loy_sem_matrix matrix_of(const double *s, uint32_t columns, uint64_t rows)
{
	loy_sem_matrix matrix = {.struct_size = sizeof(matrix), .columns = columns, .rows = rows};

	matrix.covariance = s;
	matrix.names = six;
	return matrix;
}

/* ---- flagged ---- */

static void constructs_just_within_are_not_flagged(void **state)
{
	double s[36] = {0};
	loy_sem *sem;

	(void)state;
	make_two(s, 0.999, 1.0);
	sem = fit_matrix(two_factors, s, NULL, 6, 300, six, NULL);
	assert_int_equal(info_of(sem).issues, 0);
	loy_sem_destroy(sem);
}

/* Correlations 0.8, 0.8, 0.5 of three items: a's loading squared is 0.8 * 0.8 / 0.5 = 1.28 of its variance. */
static void heywood_cases_are_named(void **state)
{
	const double s[9] = {1.0, 0.8, 0.8, 0.8, 1.0, 0.5, 0.8, 0.5, 1.0};
	loy_sem_options options = default_options();
	loy_sem_issue issue;
	loy_sem *sem;

	(void)state;
	options.likelihood = LOY_SEM_WISHART;
	sem = fit_matrix("F =~ a + b + c", s, NULL, 3, 100, six, &options);
	issue = issue_of(sem, LOY_SEM_ISSUE_VARIANCE);
	assert_string_equal(issue.first, "a");
	assert_null(issue.second);
	assert_close(issue.value, -0.28, 1e-11, 0.0);
	assert_close(parameter_at(sem, issue.parameter).value, -0.28, 1e-11, 0.0);
	issue = issue_of(sem, LOY_SEM_ISSUE_PATH); /* its standardised loading is beyond 1, too */
	assert_close(issue.value, sqrt(1.28), 1e-11, 0.0);
	loy_sem_destroy(sem);
}

static void residuals_that_are_not_positive_definite_are_named(void **state)
{
	double s[36] = {0};
	loy_sem_options options = default_options();
	loy_sem_issue issue;
	loy_sem *sem;

	(void)state;
	make_two(s, 0.5, 0.2);
	s[3] = s[18] = 0.5 + 0.25; /* residuals of a and d: covariance 0.25, variances 0.2 */
	options.likelihood = LOY_SEM_WISHART;
	sem = fit_matrix("F =~ a + b + c\nG =~ d + e + f\na ~~ d", s, NULL, 6, 300, six, &options);
	assert_close(parameter(sem, "a", "~~", "d").value, 0.25, 1e-11, 0.0);
	issue = issue_of(sem, LOY_SEM_ISSUE_RESIDUALS);
	assert_close(issue.value, 1.0 - 1.25, 1e-10, 0.0);
	issue = issue_of(sem, LOY_SEM_ISSUE_CORRELATION);
	assert_string_equal(issue.first, "a");
	assert_string_equal(issue.second, "d");
	assert_close(issue.value, 1.25, 1e-11, 0.0);
	loy_sem_destroy(sem);
}

static void what_is_not_identified_is_named(void **state)
{
	const double s[4] = {1.0, 0.4, 0.4, 1.0};
	double t[36];
	loy_sem_issue issue;
	loy_sem_info info;
	loy_sem *sem = fit_matrix("F =~ a + b", s, NULL, 2, 100, six, NULL);

	(void)state;
	info = info_of(sem);
	assert_int_equal(info.state, LOY_SEM_NOT_IDENTIFIED);
	issue = issue_of(sem, LOY_SEM_ISSUE_NOT_IDENTIFIED);
	assert_int_equal(issue.parameter, info.parameter);
	assert_int_not_equal(info.parameter, LOY_SEM_NONE);
	assert_true(isnan(parameter(sem, "F", "=~", "b").deviation));
	assert_true(isnan(parameter(sem, "F", "=~", "b").p));
	assert_true(fit_of(sem, LOY_SEM_DF) < 0.0 && isnan(fit_of(sem, LOY_SEM_P)));
	loy_sem_destroy(sem);
	/* degrees of freedom are left, but the scale of F is nowhere */
	make_two(t, 0.5, 1.0);
	sem = fit_matrix("F =~ NA*a + b + c\nG =~ d + e + f", t, NULL, 6, 100, six, NULL);
	assert_int_equal(info_of(sem).state, LOY_SEM_NOT_IDENTIFIED);
	assert_close(fit_of(sem, LOY_SEM_CHISQ), 0.0, 0.0, 1e-9); /* what it implies is known all the same */
	loy_sem_destroy(sem);
}

static void a_search_that_is_stopped_says_so(void **state)
{
	double s[36] = {0};
	loy_sem_options options = default_options();
	loy_sem *sem;

	(void)state;
	make_two(s, 0.5, 1.0);
	s[1] = s[6] = 1.4;
	options.iterations = 1;
	sem = fit_matrix(two_factors, s, NULL, 6, 300, six, &options);
	assert_int_equal(info_of(sem).state, LOY_SEM_STOPPED);
	assert_int_equal(info_of(sem).iterations, 1);
	assert_bits_equal(issue_of(sem, LOY_SEM_ISSUE_STOPPED).value, 1.0);
	assert_true(info_of(sem).distance > 1e-6);
	loy_sem_destroy(sem);
}

static void fewer_rows_than_parameters_are_flagged(void **state)
{
	double s[36] = {0};
	loy_sem *sem;

	(void)state;
	make_two(s, 0.5, 1.0);
	sem = fit_matrix(two_factors, s, NULL, 6, 12, six, NULL); /* 13 parameters */
	assert_bits_equal(issue_of(sem, LOY_SEM_ISSUE_FEW_ROWS).value, 12.0);
	loy_sem_destroy(sem);
}

static void definitions_that_are_not_finite_are_flagged(void **state)
{
	double s[36] = {0};
	loy_sem *sem;
	loy_sem_issue issue;

	(void)state;
	make_two(s, 0.5, 1.0);
	sem = fit_matrix("F =~ a + l*b + c\nG =~ d + e + f\nbad := 1 / (l - l)", s, NULL, 6, 100, six, NULL);
	issue = issue_of(sem, LOY_SEM_ISSUE_DEFINITION);
	assert_string_equal(parameter_at(sem, issue.parameter).left, "bad");
	assert_true(isnan(parameter(sem, "bad", ":=", NULL).value));
	assert_true(isnan(parameter(sem, "bad", ":=", NULL).deviation));
	loy_sem_destroy(sem);
}

/* ---- refused ---- */

static void assert_refused(const char *text, const loy_sem_matrix *matrix, const loy_sem_options *options,
                           loy_status expected, const char *said)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = survey_paths(text);
	loy_sem *sem = (loy_sem *)&error;

	assert_int_equal(loy_sem_fit_matrix(&sem, paths, matrix, options, NULL, &error), expected);
	assert_null(sem);
	if (strstr(error.message, said) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.message, said);
	loy_paths_destroy(paths);
}

static void samples_that_cannot_be_fitted_are_refused_by_name(void **state)
{
	double s[36] = {0};
	loy_sem_matrix matrix = matrix_of(s, 6, 100);
	size_t i;

	(void)state;
	make_two(s, 0.5, 1.0);
	for (i = 0; i < 6; i++) /* e is a copy of b */
		s[4 * 6 + i] = s[i * 6 + 4] = s[6 + i];
	s[4 * 6 + 4] = s[6 + 1];
	s[4 * 6 + 1] = s[6 + 4] = s[6 + 1];
	assert_refused(two_factors, &matrix, NULL, LOY_ERANGE, "'e'");
	make_two(s, 0.5, 1.0);
	for (i = 0; i < 6; i++)
		s[12 + i] = s[i * 6 + 2] = 0.0;
	assert_refused(two_factors, &matrix, NULL, LOY_ERANGE, "does not vary: 'c'");
	make_two(s, 0.5, 1.0);
	matrix.rows = 6;
	assert_refused(two_factors, &matrix, NULL, LOY_EUNKNOWN, "more complete rows than items");
	matrix.rows = 7;
	assert_refused("F =~ a + b + zzz", &matrix, NULL, LOY_ENAME, "'zzz'");
	s[3] += 0.1;
	assert_refused(two_factors, &matrix, NULL, LOY_EINVAL, "symmetric");
	s[18] += 0.1;
	s[7] = (double)NAN;
	assert_refused(two_factors, &matrix, NULL, LOY_EINVAL, "finite");
}

static void models_that_cannot_be_are_refused_by_name(void **state)
{
	double s[36] = {0};
	loy_sem_matrix matrix = matrix_of(s, 6, 100);

	(void)state;
	make_two(s, 0.5, 1.0);
	assert_refused("F =~ a + b + c\nC <~ d + e\nC ~ F", &matrix, NULL, LOY_EINVAL, "'C'");
	assert_refused("F =~ a + b + c\nG =~ d + e + f\nG ~ F + F:a", &matrix, NULL, LOY_EINVAL, "product");
	assert_refused("F =~ a + b + c\na:b ~~ d", &matrix, NULL, LOY_EINVAL, "product");
	assert_refused("F =~ a + b + c\na ~ F", &matrix, NULL, LOY_ENAME, "twice");
	/* each statement is fine, but together a causes itself */
	assert_refused("F =~ a + b + c\nF ~ a", &matrix, NULL, LOY_ECYCLE, "");
	assert_refused("F =~ 1*a + 1*b\nF ~~ 1*F\na ~~ 1*a\nb ~~ 1*b", &matrix, NULL, LOY_EINVAL, "free");
	assert_refused("F =~ 1*a + l*b + c\nG =~ l*d + e + f\nd ~~ l*d\na ~~ l*a\nb ~ 1", &matrix, NULL,
	               LOY_EINVAL, "means");
}

/* Every pair of 64 items covaries freely: 2,080 parameters. And a construct of more items than moments have columns. */
static void more_than_there_is_room_for_is_refused(void **state)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_sem_matrix matrix = {.struct_size = sizeof(matrix), .columns = 1, .rows = 100};
	static const char *const one[] = {"i0"};
	static const double variance[] = {1.0};
	loy_paths *pairs = NULL, *wide = NULL;
	loy_sem *sem = NULL;
	uint32_t i, j;

	(void)state;
	matrix.names = one;
	matrix.covariance = variance;
	assert_int_equal(loy_paths_create(&pairs, NULL), LOY_OK);
	assert_int_equal(loy_paths_create(&wide, NULL), LOY_OK);
	for (i = 0; i < 64; i++) {
		for (j = 0; j <= i; j++) {
			char left[8], right[8];

			sprintf(left, "i%u", (unsigned)i);
			sprintf(right, "i%u", (unsigned)j);
			assert_int_equal(
			        loy_paths_add(pairs, LOY_TERM_COVARIES, left, right, 0, 0.0, NULL, NULL),
			        LOY_OK);
		}
	}
	assert_int_equal(loy_sem_fit_matrix(&sem, pairs, &matrix, NULL, NULL, &error), LOY_ELIMIT);
	assert_non_null(strstr(error.message, "free parameters"));
	for (i = 0; i <= LOY_TABLE_COLUMNS_MAX; i++) {
		char item[8];

		sprintf(item, "i%u", (unsigned)i);
		assert_int_equal(loy_paths_add(wide, LOY_TERM_MEASURED, "F", item, 0, 0.0, NULL, NULL),
		                 LOY_OK);
	}
	assert_int_equal(loy_sem_fit_matrix(&sem, wide, &matrix, NULL, NULL, &error), LOY_ELIMIT);
	assert_non_null(strstr(error.message, "items"));
	assert_null(sem);
	loy_paths_destroy(pairs);
	loy_paths_destroy(wide);
}

/* Fixed covariances that no variables can have, whatever the rest is. */
static void what_nothing_can_imply_is_refused(void **state)
{
	double s[36] = {0};
	loy_sem_matrix matrix = matrix_of(s, 6, 100);

	(void)state;
	make_two(s, 0.5, 1.0);
	assert_refused("F =~ a + b + c\nG =~ d + e + f\na ~~ 100*d", &matrix, NULL, LOY_ERANGE, "no start");
	assert_refused("a ~~ 1*a\nb ~~ 1*b\na ~~ -1.5*b\nc ~~ c", &matrix, NULL, LOY_ERANGE, "no start");
}

static void options_that_make_no_sense_are_refused(void **state)
{
	loy_sem_options good = default_options(), bad;
	double s[36] = {0};
	loy_sem_matrix matrix = matrix_of(s, 6, 100), short_matrix = matrix;

	(void)state;
	make_two(s, 0.5, 1.0);
#define REFUSED(change, said)                                                                                \
	bad = good;                                                                                          \
	change;                                                                                              \
	assert_refused(two_factors, &matrix, &bad, LOY_EINVAL, said)
	REFUSED(bad.struct_size = 2, "");
	REFUSED(bad.flags = 8, "options");
	REFUSED(bad.likelihood = 2, "options");
	REFUSED(bad.missing = 2, "options");
	REFUSED(bad.errors = 5, "options");
	REFUSED(bad.weighting = 2, "options");
	REFUSED(bad.reserved = 1, "options");
	REFUSED(bad.missing = LOY_SEM_FULL_INFORMATION, "need a table");
	REFUSED(bad.errors = LOY_SEM_ROBUST_MLR, "need a table");
	REFUSED(bad.flags = LOY_SEM_MEANS, "there are none");
	REFUSED((bad.likelihood = LOY_SEM_WISHART, bad.flags = LOY_SEM_MEANS), "Wishart");
	REFUSED((bad.missing = LOY_SEM_FULL_INFORMATION, bad.errors = LOY_SEM_ROBUST_MLM), "complete rows");
#undef REFUSED
	bad = good;
	bad.likelihood = LOY_SEM_WISHART;
	assert_refused("F =~ a + b + c\na ~ 1", &matrix, &bad, LOY_EINVAL, "no means");
	short_matrix.columns = 0;
	assert_refused(two_factors, &short_matrix, NULL, LOY_EINVAL, "columns");
	short_matrix = matrix;
	short_matrix.struct_size = 8;
	assert_refused(two_factors, &short_matrix, NULL, LOY_EINVAL, "matrix");
	short_matrix = matrix;
	short_matrix.names = NULL;
	assert_refused(two_factors, &short_matrix, NULL, LOY_EINVAL, "names");
}

static void nothing_is_asked_of_nothing(void **state)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_sem_parameter p = {.struct_size = sizeof(p)};
	loy_sem_variable v = {.struct_size = sizeof(v)};
	loy_sem_issue issue = {.struct_size = sizeof(issue)};
	loy_sem_info info = {.struct_size = sizeof(info)};
	double s[36] = {0}, value = 7.0;
	loy_sem_matrix matrix = matrix_of(s, 6, 100);
	loy_paths *paths = survey_paths(two_factors);
	loy_moments *moments = NULL;
	loy_sem *sem = NULL;
	uint32_t index = 5;

	(void)state;
	make_two(s, 0.5, 1.0);
	assert_int_equal(loy_sem_fit_matrix(NULL, paths, &matrix, NULL, NULL, &error), LOY_EINVAL);
	assert_int_equal(loy_sem_fit_matrix(&sem, NULL, &matrix, NULL, NULL, &error), LOY_EINVAL);
	assert_int_equal(loy_sem_fit_matrix(&sem, paths, NULL, NULL, NULL, &error), LOY_EINVAL);
	assert_int_equal(loy_sem_fit_table(&sem, paths, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_sem_fit_moments(&sem, paths, NULL, six, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_create(&moments, 6, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_sem_fit_moments(&sem, paths, moments, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_sem_fit_moments(&sem, paths, moments, six, NULL, NULL, NULL), LOY_EUNKNOWN);
	loy_moments_destroy(moments);
	assert_int_equal(loy_sem_fit_matrix(&sem, paths, &matrix, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_sem_get_info(NULL, &info), LOY_EINVAL);
	assert_int_equal(loy_sem_get_info(sem, NULL), LOY_EINVAL);
	assert_int_equal(loy_sem_get_parameter(sem, 15, &p), LOY_ENOTFOUND);
	assert_int_equal(loy_sem_get_parameter(NULL, 0, &p), LOY_EINVAL);
	assert_int_equal(loy_sem_get_parameter(sem, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_sem_find_parameter(sem, LOY_TERM_MEASURED, "F", "d", &index), LOY_ENOTFOUND);
	assert_int_equal(loy_sem_find_parameter(sem, LOY_TERM_MEASURED, NULL, "d", &index), LOY_EINVAL);
	assert_int_equal(loy_sem_find_parameter(sem, LOY_TERM_MEASURED, "F", "a", NULL), LOY_EINVAL);
	assert_int_equal(index, 5);
	assert_int_equal(loy_sem_find_parameter(sem, LOY_TERM_COVARIES, "G", "F", &index), LOY_OK);
	assert_int_equal(loy_sem_get_fit(sem, LOY_SEM_FIT_COUNT, &value), LOY_ENOTFOUND);
	assert_int_equal(loy_sem_get_fit(NULL, 0, &value), LOY_EINVAL);
	assert_int_equal(loy_sem_get_fit(sem, 0, NULL), LOY_EINVAL);
	assert_bits_equal(value, 7.0);
	assert_string_equal(loy_sem_fit_name(LOY_SEM_CFI), "cfi");
	assert_null(loy_sem_fit_name(LOY_SEM_FIT_COUNT));
	assert_int_equal(loy_sem_get_variable(sem, 8, &v), LOY_ENOTFOUND);
	assert_int_equal(loy_sem_get_variable(NULL, 0, &v), LOY_EINVAL);
	assert_int_equal(loy_sem_get_issue(sem, 0, &issue), LOY_ENOTFOUND);
	assert_int_equal(loy_sem_get_issue(NULL, 0, &issue), LOY_EINVAL);
	assert_int_equal(loy_sem_get_matrix(sem, 9, s, 36, NULL), LOY_EINVAL);
	assert_int_equal(loy_sem_get_matrix(sem, LOY_SEM_SAMPLE, NULL, 36, NULL), LOY_EINVAL);
	assert_int_equal(loy_sem_get_matrix(sem, LOY_SEM_SAMPLE, s, 35, NULL), LOY_EBUFFER);
	loy_sem_destroy(sem);
	loy_sem_destroy(NULL);
	loy_paths_destroy(paths);
}

/* ---- rows ---- */

enum { ROWS = 40 };

static void invent(double *rows)
{
	loy__random r;
	size_t i, j;

	loy__random_init(&r, 3);
	for (i = 0; i < ROWS; i++) {
		double f = normal(&r), g = 0.5 * f + normal(&r);

		for (j = 0; j < 6; j++)
			rows[i * 6 + j] = (j < 3 ? f : g) + 0.7 * normal(&r);
	}
}

static void assert_table_refused(const loy_table *table, const loy_sem_options *options, loy_status expected,
                                 int64_t row, uint32_t field, const char *said)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = survey_paths(two_factors);
	loy_sem *sem = NULL;

	assert_int_equal(loy_sem_fit_table(&sem, paths, table, options, NULL, &error), expected);
	assert_null(sem);
	assert_int_equal(error.row, row);
	assert_int_equal(error.field, field);
	if (strstr(error.message, said) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.message, said);
	loy_paths_destroy(paths);
}

static void tables_that_cannot_be_fitted_are_refused_with_their_place(void **state)
{
	static double rows[ROWS * 6], weights[ROWS];
	loy_table table = table_of(rows, ROWS, 6, six);
	loy_sem_options options = default_options();
	uint32_t pass;
	size_t i;

	(void)state;
	for (pass = 0; pass < 3; pass++) {
		options.missing = pass == 1 ? LOY_SEM_FULL_INFORMATION : LOY_SEM_LISTWISE;
		options.errors = pass == 2 ? LOY_SEM_ROBUST_MLR : LOY_SEM_ERRORS_DEFAULT;
		invent(rows);
		rows[5 * 6 + 2] = (double)INFINITY;
		assert_table_refused(&table, &options, LOY_ERANGE, 5, 2, "too large");
		invent(rows);
		rows[7 * 6 + 4] = -0x1p40;
		assert_table_refused(&table, &options, LOY_ERANGE, 7, 4, "too large");
		invent(rows);
		for (i = 0; i < ROWS; i++)
			weights[i] = i == 11 ? -1.0 : 1.0;
		table.weights = weights;
		table.weight_stride = sizeof(double);
		assert_table_refused(&table, &options, LOY_ERANGE, 11, 0, "weight");
		table.weights = NULL;
		for (i = 0; i < ROWS; i++)
			rows[i * 6 + 3] = 2.0;
		assert_table_refused(&table, &options, LOY_ERANGE, -1, 0, "does not vary: 'd'");
		for (i = 0; i < ROWS * 6; i++)
			rows[i] = (double)NAN;
		assert_table_refused(&table, &options, LOY_EUNKNOWN, -1, 0, "");
		table.rows = 0;
		assert_table_refused(&table, &options, LOY_EUNKNOWN, -1, 0, "");
		table.rows = 6;
		invent(rows);
		assert_table_refused(&table, &options, LOY_EUNKNOWN, -1, 0, "rows than items");
		table.rows = ROWS;
	}
	/* one item less than the paths speak of */
	options.errors = LOY_SEM_ERRORS_DEFAULT;
	options.missing = LOY_SEM_FULL_INFORMATION;
	table.columns = 5;
	assert_table_refused(&table, &options, LOY_ENAME, -1, 0, "'f'");
}

static int32_t cancel(uint64_t done, uint64_t total, void *user_data)
{
	int *calls = user_data;

	assert_true(done <= total);
	return ++*calls == 3;
}

static void the_caller_can_cancel(void **state)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = survey_paths(two_factors);
	loy_sem_options options = default_options();
	double s[36] = {0};
	loy_sem_matrix matrix = matrix_of(s, 6, 100);
	loy_sem *sem = NULL;
	int calls = 0;

	(void)state;
	make_two(s, 0.5, 1.0);
	s[1] = s[6] = 1.4;
	options.progress = cancel;
	options.user_data = &calls;
	assert_int_equal(loy_sem_fit_matrix(&sem, paths, &matrix, &options, NULL, &error), LOY_ECANCELLED);
	assert_int_equal(calls, 3);
	assert_null(sem);
	loy_paths_destroy(paths);
}

/* ---- memory ---- */

static void every_refused_request_for_memory_is_survived(void **state)
{
	static double rows[ROWS * 6];
	loy_table table = table_of(rows, ROWS, 6, six);
	loy_paths *paths = survey_paths("F =~ a + b + l*c\nG =~ d + e + f\nG ~ r*F\nboth := l*r\n");
	uint32_t kind;
	size_t i;

	(void)state;
	invent(rows);
	for (kind = 0; kind < 4; kind++) {
		loy_sem_options options = default_options();
		loy_status status = LOY_ENOMEM;
		long n;

		options.errors = kind == 1 || kind == 3 ? LOY_SEM_ROBUST_MLR : LOY_SEM_ERRORS_DEFAULT;
		options.missing = kind >= 2 ? LOY_SEM_FULL_INFORMATION : LOY_SEM_LISTWISE;
		for (i = 0; kind == 2 && i < ROWS; i += 5)
			rows[i * 6 + i % 6] = (double)NAN;
		for (n = 0; status == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = n};
			loy_allocator memory = faulty_allocator(&heap);
			loy_sem *sem = NULL;

			status = loy_sem_fit_table(&sem, paths, &table, &options, &memory, NULL);
			assert_true((status == LOY_OK) == (sem != NULL));
			loy_sem_destroy(sem);
			assert_int_equal(heap.live, 0);
		}
		assert_int_equal(status, LOY_OK);
		assert_true(n > 10);
	}
	loy_paths_destroy(paths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(constructs_just_within_are_not_flagged),
	        cmocka_unit_test(heywood_cases_are_named),
	        cmocka_unit_test(residuals_that_are_not_positive_definite_are_named),
	        cmocka_unit_test(what_is_not_identified_is_named),
	        cmocka_unit_test(a_search_that_is_stopped_says_so),
	        cmocka_unit_test(fewer_rows_than_parameters_are_flagged),
	        cmocka_unit_test(definitions_that_are_not_finite_are_flagged),
	        cmocka_unit_test(samples_that_cannot_be_fitted_are_refused_by_name),
	        cmocka_unit_test(models_that_cannot_be_are_refused_by_name),
	        cmocka_unit_test(more_than_there_is_room_for_is_refused),
	        cmocka_unit_test(what_nothing_can_imply_is_refused),
	        cmocka_unit_test(options_that_make_no_sense_are_refused),
	        cmocka_unit_test(nothing_is_asked_of_nothing),
	        cmocka_unit_test(tables_that_cannot_be_fitted_are_refused_with_their_place),
	        cmocka_unit_test(the_caller_can_cancel),
	        cmocka_unit_test(every_refused_request_for_memory_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
