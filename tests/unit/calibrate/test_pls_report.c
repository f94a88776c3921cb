/* What makes a solution doubtful is reported with names; what cannot be estimated is refused with names. */
#include "surveys.h"

#include <math.h>

enum { ROWS = 250 };

static const char three[] = "A =~ a1 + a2 + a3\nB =~ b1 + b2 + b3\nC =~ c1 + c2 + c3\nB ~ A\nC ~ A + B\n";

static void a_good_solution_has_no_problems(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 20, 0);
	loy_pls *pls = survey_fit_text(three, &survey.table, NULL);
	loy_pls_summary s = {.struct_size = sizeof(s)};
	loy_pls_problem problem = {.struct_size = sizeof(problem)};

	(void)state;
	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_int_equal(s.problems, 0);
	assert_int_equal(s.inadmissible, 0);
	assert_int_equal(loy_pls_get_problem(pls, 0, &problem), LOY_ENOTFOUND);
	assert_int_equal(loy_pls_print_problem(pls, 0, NULL, 0, NULL), LOY_ENOTFOUND);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

static void not_converging_is_reported(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 21, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .iterations = 2};
	loy_pls *pls = survey_fit_text(three, &survey.table, &options);
	loy_pls_problem problem = {.struct_size = sizeof(problem)};
	loy_pls_summary s = {.struct_size = sizeof(s)};

	(void)state;
	assert_int_equal(survey_problems(pls, LOY_PLS_NOT_CONVERGED, &problem), 1);
	assert_int_equal(problem.inadmissible, 1);
	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_int_equal(s.converged, 0);
	assert_int_equal(s.iterations, 2);
	assert_close(problem.value, s.change, 0.0, 0.0);
	survey_says(pls, LOY_PLS_NOT_CONVERGED, "did not converge", "1e-12");
	loy_pls_destroy(pls);
	survey_free(&survey);
}

static void collinear_items_are_named(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 24, 0);
	size_t row;
	loy_pls *pls;

	(void)state;
	for (row = 0; row < ROWS; row++)
		survey.values[row * 9 + 2] = survey.values[row * 9] + survey.values[row * 9 + 1];
	pls = survey_fit_text(three, &survey.table, NULL);
	assert_int_equal(survey_problems(pls, LOY_PLS_DUPLICATE, NULL), 0);
	survey_says(pls, LOY_PLS_COLLINEAR, "A", "a3");
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Two constructs of the same answers cannot both explain a third. */
static void collinear_predictors_are_refused_by_name(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 25, 0);

	(void)state;
	survey_refused("A =~ a1\nB =~ a1\nC =~ c1 + c2\nC ~ A + B\n", &survey.table, NULL, LOY_ERANGE, "'C'");
	survey_free(&survey);
}

static void nearly_collinear_predictors_are_reported(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 26, 0);
	loy_pls *pls;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++)
		survey.values[row * 9 + 3] = survey.values[row * 9] + 0.001 * survey.values[row * 9 + 1];
	pls = survey_fit_text("A =~ a1\nB =~ b1\nC =~ c1 + c2\nC ~ A + B\n", &survey.table, NULL);
	assert_int_equal(survey_problems(pls, LOY_PLS_VIF_PREDICTOR, NULL), 2);
	survey_says(pls, LOY_PLS_VIF_PREDICTOR, "A", "C");
	survey_says(pls, LOY_PLS_CONDITION, "C", "900");
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Trap: what has negative weights has no index, and silence about it would sell one. */
static void a_negative_weight_is_reported_and_has_no_index(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 27, 1);
	loy_pls *pls = survey_fit_text(three, &survey.table, NULL);
	loy_pls_index index = {.struct_size = sizeof(index)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_pls_scale scales[9];
	double indices[ROWS * 3];
	int i;

	(void)state;
	for (i = 0; i < 9; i++) {
		scales[i].low = 1.0;
		scales[i].high = 10.0;
	}
	survey_says(pls, LOY_PLS_NEGATIVE_WEIGHT, "C", "c3");
	assert_int_equal(loy_pls_get_index(pls, 2, scales, &index, &error), LOY_ERANGE);
	assert_non_null(strstr(error.message, "'c3'"));
	assert_int_equal(loy_pls_get_index(pls, 0, scales, &index, &error), LOY_OK);
	assert_int_equal(
	        loy_pls_score(pls, &survey.table, LOY_PLS_INDICES, scales, indices, ROWS * 3, NULL, NULL),
	        LOY_OK);
	assert_true(isnan(indices[2]) && !isnan(indices[0]));
	scales[0].high = 9.0; /* answers of 10 lie beyond */
	assert_int_equal(loy_pls_get_index(pls, 0, scales, &index, &error), LOY_ERANGE);
	assert_non_null(strstr(error.message, "'a1'"));
	scales[0].high = 1.0;
	assert_int_equal(loy_pls_get_index(pls, 0, scales, &index, &error), LOY_EINVAL);
	scales[0].high = (double)NAN;
	assert_int_equal(loy_pls_get_index(pls, 0, scales, &index, &error), LOY_EINVAL);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Items that correlate negatively have a negative reliability: nothing to correct by, and NaN is not silent. */
static void a_negative_reliability_is_flagged(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 29, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .consistent = 1};
	loy_pls_problem problem = {.struct_size = sizeof(problem)};
	loy_pls *pls;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++) {
		double *v = survey.values + row * 6;

		v[0] = (double)(row * 7 % 10);
		v[1] = (double)(row * 3 % 7) - 0.25 * v[0];
		v[2] = v[0] + v[1];
		v[3] = v[2] + (double)(row % 5);
	}
	pls = survey_fit_text("A =~ a1 + a2\nB =~ b1 + b2\nC =~ c1 + c2\nB ~ A\nC ~ A + B\n", &survey.table,
	                      &options);
	assert_int_equal(survey_problems(pls, LOY_PLS_RELIABILITY, &problem), 1);
	assert_true(problem.value < 0.0 && problem.inadmissible == 1);
	survey_says(pls, LOY_PLS_RELIABILITY, "A", "rho_A");
	assert_true(isnan(survey_path(pls, "A", "B")));
	assert_true(isnan(survey_path(pls, "A", "C")) && isnan(survey_path(pls, "B", "C")));
	assert_int_equal(survey_problems(pls, LOY_PLS_PATH_BEYOND_ONE, NULL), 3);
	survey_says(pls, LOY_PLS_NOT_DEFINITE, "A", "NaN");
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Columns nobody names do not matter, whatever they hold. */
static void other_columns_do_not_matter(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 32, 0);
	static const char two[] = "A =~ a1 + a2\nB =~ b1 + b2\nB ~ A\n";
	loy_pls *before = survey_fit_text(two, &survey.table, NULL), *after;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++) {
		survey.values[row * 9 + 8] = row % 2 == 0 ? (double)NAN : 1.0;
		survey.values[row * 9 + 7] = 5.0;
	}
	after = survey_fit_text(two, &survey.table, NULL);
	assert_bits_equal(survey_path(before, "A", "B"), survey_path(after, "A", "B"));
	loy_pls_destroy(before);
	loy_pls_destroy(after);
	survey_free(&survey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_good_solution_has_no_problems),
	        cmocka_unit_test(not_converging_is_reported),
	        cmocka_unit_test(collinear_items_are_named),
	        cmocka_unit_test(collinear_predictors_are_refused_by_name),
	        cmocka_unit_test(nearly_collinear_predictors_are_reported),
	        cmocka_unit_test(a_negative_weight_is_reported_and_has_no_index),
	        cmocka_unit_test(a_negative_reliability_is_flagged),
	        cmocka_unit_test(other_columns_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
