/* What makes a solution doubtful is reported with names; what cannot be estimated is refused with names. */
#include "surveys.h"

#include <math.h>

enum { ROWS = 250 };

static loy_pls *fit(const char *text, const loy_table *table, const loy_pls_options *options)
{
	loy_paths *paths = survey_paths(text);
	loy_pls *pls = survey_fit(paths, table, options);

	loy_paths_destroy(paths);
	return pls;
}

/* Estimating must fail with this status, and the message must name this. */
static void refused(const char *text, const loy_table *table, const loy_pls_options *options,
                    loy_status status, const char *name)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = survey_paths(text);
	loy_pls *pls = (loy_pls *)&error;

	assert_int_equal(loy_pls_create(&pls, paths, table, options, NULL, &error), status);
	assert_null(pls);
	assert_int_equal(error.code, status);
	if (strstr(error.message, name) == NULL)
		fail_msg("\"%s\" does not name %s", error.message, name);
	loy_paths_destroy(paths);
}

/* The sentence of a problem must hold all these words. */
static void says(const loy_pls *pls, uint32_t kind, const char *a, const char *b)
{
	loy_pls_problem problem = {.struct_size = sizeof(problem)};
	char text[1024];
	uint32_t i;

	for (i = 0; loy_pls_get_problem(pls, i, &problem) == LOY_OK; i++) {
		assert_int_equal(loy_pls_print_problem(pls, i, text, sizeof(text), NULL), LOY_OK);
		if (problem.kind == kind && strstr(text, a) != NULL && strstr(text, b) != NULL)
			return;
	}
	fail_msg("no problem of kind %u says %s and %s", (unsigned)kind, a, b);
}

static const char three[] = "A =~ a1 + a2 + a3\nB =~ b1 + b2 + b3\nC =~ c1 + c2 + c3\nB ~ A\nC ~ A + B\n";

static void a_good_solution_has_no_problems(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 20, 0);
	loy_pls *pls = fit(three, &survey.table, NULL);
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
	loy_pls *pls = fit(three, &survey.table, &options);
	loy_pls_problem problem = {.struct_size = sizeof(problem)};
	loy_pls_summary s = {.struct_size = sizeof(s)};

	(void)state;
	assert_int_equal(survey_problems(pls, LOY_PLS_NOT_CONVERGED, &problem), 1);
	assert_int_equal(problem.inadmissible, 1);
	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_int_equal(s.converged, 0);
	assert_int_equal(s.iterations, 2);
	assert_close(problem.value, s.change, 0.0, 0.0);
	says(pls, LOY_PLS_NOT_CONVERGED, "did not converge", "1e-12");
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Trap: constant column. Other programs fail somewhere inside; here the item is named. */
static void a_constant_item_is_refused_by_name(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 22, 0);
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++)
		survey.values[row * 9 + 4] = 7.0;
	refused(three, &survey.table, NULL, LOY_ERANGE, "'b2'");
	survey_free(&survey);
}

/* Trap: duplicate column. In mode A it is estimated and reported, in mode B it has no solution. */
static void duplicate_items_are_named(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 23, 0);
	loy_pls_override override = {.construct = "B", .mode = LOY_PLS_MODE_B};
	loy_pls_options options = {
	        .struct_size = sizeof(options), .override_count = 1, .overrides = &override};
	loy_pls_indicator indicator = {.struct_size = sizeof(indicator)};
	size_t row;
	loy_pls *pls;

	(void)state;
	for (row = 0; row < ROWS; row++)
		survey.values[row * 9 + 5] = 3.0 * survey.values[row * 9 + 3] - 1.0;
	pls = fit(three, &survey.table, NULL);
	assert_int_equal(survey_problems(pls, LOY_PLS_DUPLICATE, NULL), 1);
	says(pls, LOY_PLS_DUPLICATE, "b3", "b1");
	says(pls, LOY_PLS_COLLINEAR, "B", "b3");
	assert_int_equal(loy_pls_get_indicator(pls, survey_indicator(pls, "B", "b1"), &indicator), LOY_OK);
	assert_true(isinf(indicator.vif));
	loy_pls_destroy(pls);
	refused(three, &survey.table, &options, LOY_ERANGE, "'B'");
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
	pls = fit(three, &survey.table, NULL);
	assert_int_equal(survey_problems(pls, LOY_PLS_DUPLICATE, NULL), 0);
	says(pls, LOY_PLS_COLLINEAR, "A", "a3");
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Two constructs of the same answers cannot both explain a third. */
static void collinear_predictors_are_refused_by_name(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 25, 0);

	(void)state;
	refused("A =~ a1\nB =~ a1\nC =~ c1 + c2\nC ~ A + B\n", &survey.table, NULL, LOY_ERANGE, "'C'");
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
	pls = fit("A =~ a1\nB =~ b1\nC =~ c1 + c2\nC ~ A + B\n", &survey.table, NULL);
	assert_int_equal(survey_problems(pls, LOY_PLS_VIF_PREDICTOR, NULL), 2);
	says(pls, LOY_PLS_VIF_PREDICTOR, "A", "C");
	says(pls, LOY_PLS_CONDITION, "C", "900");
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Trap: what has negative weights has no index, and silence about it would sell one. */
static void a_negative_weight_is_reported_and_has_no_index(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 27, 1);
	loy_pls *pls = fit(three, &survey.table, NULL);
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
	says(pls, LOY_PLS_NEGATIVE_WEIGHT, "C", "c3");
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

/*
 * Trap: inadmissible consistent estimates are silent elsewhere. A's items have little in common, but each has much with
 * B's: corrected for A's low reliability, the correlation lies beyond 1, and so do path and R².
 */
static void inadmissible_consistent_estimates_are_flagged(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 28, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .consistent = 1};
	static const char text[] = "A =~ a1 + a2\nB =~ b1 + b2\nB ~ A\n";
	loy_pls_problem problem = {.struct_size = sizeof(problem)};
	loy_pls_summary s = {.struct_size = sizeof(s)};
	loy_pls *pls;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++) {
		double *v = survey.values + row * 6;

		v[0] = (double)(row * 7 % 10 + 1);
		v[1] = (double)(row * 3 % 7 + 1);
		v[2] = v[0] + v[1] + (double)(row % 3);
		v[3] = v[0] + 2.0 * v[1] + (double)(row % 2);
		v[0] += v[1] / 8.0; /* a little in common */
	}
	pls = fit(text, &survey.table, NULL);
	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_int_equal(s.inadmissible, 0);
	loy_pls_destroy(pls);
	pls = fit(text, &survey.table, &options);
	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_true(s.inadmissible >= 4);
	assert_int_equal(survey_problems(pls, LOY_PLS_PATH_BEYOND_ONE, &problem), 1);
	assert_close(problem.value, survey_path(pls, "A", "B"), 0.0, 0.0);
	assert_true(problem.value > 1.0 && problem.inadmissible == 1);
	says(pls, LOY_PLS_PATH_BEYOND_ONE, "A -> B", "beyond 1");
	says(pls, LOY_PLS_CORRELATED, "A", "B");
	says(pls, LOY_PLS_NOT_DEFINITE, "A", "B");
	says(pls, LOY_PLS_R2_BEYOND_ONE, "B", "R2");
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
	pls = fit("A =~ a1 + a2\nB =~ b1 + b2\nC =~ c1 + c2\nB ~ A\nC ~ A + B\n", &survey.table, &options);
	assert_int_equal(survey_problems(pls, LOY_PLS_RELIABILITY, &problem), 1);
	assert_true(problem.value < 0.0 && problem.inadmissible == 1);
	says(pls, LOY_PLS_RELIABILITY, "A", "rho_A");
	assert_true(isnan(survey_path(pls, "A", "B")));
	assert_true(isnan(survey_path(pls, "A", "C")) && isnan(survey_path(pls, "B", "C")));
	assert_int_equal(survey_problems(pls, LOY_PLS_PATH_BEYOND_ONE, NULL), 3);
	says(pls, LOY_PLS_NOT_DEFINITE, "A", "NaN");
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Trap: cycles. Nothing is endless: they are refused, with the names on them. */
static void cycles_are_refused_with_their_names(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 30, 0);
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths;
	loy_pls *pls;

	(void)state;
	/* texts are refused when they are parsed: these paths are built */
	paths = survey_paths("A =~ a1 + a2\nB =~ b1 + b2\nC =~ c1 + c2\nB ~ A\nC ~ B\n");
	assert_int_equal(
	        loy_paths_add(paths, LOY_TERM_REGRESSED, "A", "C", LOY_TERM_DEFAULT, 0.0, NULL, NULL),
	        LOY_OK);
	assert_int_equal(loy_pls_create(&pls, paths, &survey.table, NULL, NULL, &error), LOY_ECYCLE);
	assert_non_null(strstr(error.message, "'C ~ B ~ A ~ C'"));
	loy_paths_destroy(paths);
	/* a whole leads to its parts when it is measured by them: nothing a text's own paths show */
	refused("A1 =~ a1 + a2\nA2 =~ b1 + b2\nH =~ A1 + A2\nB =~ c1 + c2\nB ~ A1\nH ~ B\n", &survey.table,
	        NULL, LOY_ECYCLE, "A1");
	survey_free(&survey);
}

/* Trap: codes of missing answers. Undeclared, -99 would be the loudest answer of all. */
static void missing_codes_are_not_answers(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 31, 0), holes = survey_invent(ROWS, 3, 31, 0);
	double code = -99.0, nothing = (double)NAN;
	loy_pls_summary s = {.struct_size = sizeof(s)};
	loy_pls *coded, *open;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row += 7) {
		survey.values[row * 9 + row % 9] = code;
		holes.values[row * 9 + row % 9] = nothing;
	}
	survey.table.codes = &code;
	survey.table.code_count = 1;
	coded = fit(three, &survey.table, NULL);
	open = fit(three, &holes.table, NULL);
	assert_bits_equal(survey_path(coded, "A", "C"), survey_path(open, "A", "C"));
	assert_int_equal(loy_pls_get_summary(coded, &s), LOY_OK);
	assert_close(s.n, ROWS - 36, 0.0, 0.0);
	loy_pls_destroy(coded);
	loy_pls_destroy(open);
	survey_free(&survey);
	survey_free(&holes);
}

/* Columns nobody names do not matter, whatever they hold. */
static void other_columns_do_not_matter(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 32, 0);
	static const char two[] = "A =~ a1 + a2\nB =~ b1 + b2\nB ~ A\n";
	loy_pls *before = fit(two, &survey.table, NULL), *after;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++) {
		survey.values[row * 9 + 8] = row % 2 == 0 ? (double)NAN : 1.0;
		survey.values[row * 9 + 7] = 5.0;
	}
	after = fit(two, &survey.table, NULL);
	assert_bits_equal(survey_path(before, "A", "B"), survey_path(after, "A", "B"));
	loy_pls_destroy(before);
	loy_pls_destroy(after);
	survey_free(&survey);
}

/* ---- on the shared data: what the references keep on purpose ---- */

static loy_pls *consistent(const char *model, struct survey *survey)
{
	loy_pls_options options = {.struct_size = sizeof(options), .consistent = 1};
	loy_paths *paths = survey_model(model);
	loy_pls *pls;

	*survey = survey_read(survey_file(model));
	pls = survey_fit(paths, &survey->table, &options);
	loy_paths_destroy(paths);
	return pls;
}

static void known_inadmissible_solutions_are_flagged(void **state)
{
	loy_pls_problem problem = {.struct_size = sizeof(problem)};
	struct survey survey;
	loy_pls *pls = consistent("satisfaction_bank", &survey);
	double largest = 0.0;
	uint32_t i;

	(void)state;
	for (i = 0; loy_pls_get_problem(pls, i, &problem) == LOY_OK; i++) {
		if (problem.kind == LOY_PLS_PATH_BEYOND_ONE && problem.inadmissible)
			largest = fmax(largest, fabs(problem.value));
	}
	assert_close(largest, 2.585, 0.0, 5e-4);
	loy_pls_destroy(pls);
	survey_free(&survey);
	pls = consistent("russett", &survey);
	assert_int_equal(survey_problems(pls, LOY_PLS_RELIABILITY, &problem), 1);
	assert_close(problem.value, 1.0186, 0.0, 5e-5);
	assert_true(survey_problems(pls, LOY_PLS_LOADING_BEYOND_ONE, NULL) > 0);
	loy_pls_destroy(pls);
	survey_free(&survey);
	pls = consistent("ecsi_mobile", &survey);
	assert_int_equal(survey_problems(pls, LOY_PLS_NOT_DEFINITE, &problem), 1);
	assert_true(problem.value < 0.0);
	says(pls, LOY_PLS_NOT_DEFINITE, "these two are nearest", "least eigenvalue -");
	loy_pls_destroy(pls);
	survey_free(&survey);
	pls = consistent("spainfoot", &survey);
	assert_int_equal(survey_problems(pls, LOY_PLS_NOT_DEFINITE, NULL), 1);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_good_solution_has_no_problems),
	        cmocka_unit_test(not_converging_is_reported),
	        cmocka_unit_test(a_constant_item_is_refused_by_name),
	        cmocka_unit_test(duplicate_items_are_named),
	        cmocka_unit_test(collinear_items_are_named),
	        cmocka_unit_test(collinear_predictors_are_refused_by_name),
	        cmocka_unit_test(nearly_collinear_predictors_are_reported),
	        cmocka_unit_test(a_negative_weight_is_reported_and_has_no_index),
	        cmocka_unit_test(inadmissible_consistent_estimates_are_flagged),
	        cmocka_unit_test(a_negative_reliability_is_flagged),
	        cmocka_unit_test(cycles_are_refused_with_their_names),
	        cmocka_unit_test(missing_codes_are_not_answers),
	        cmocka_unit_test(other_columns_do_not_matter),
	        cmocka_unit_test(known_inadmissible_solutions_are_flagged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
