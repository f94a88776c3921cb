/* Hostile arguments are refused with a reason and change nothing; memory may run out at any request. */
#include "surveys.h"

#include <math.h>

enum { ROWS = 120 };

static const char two[] = "A =~ a1 + a2\nB =~ b1 + b2\nB ~ A\n";
static const char rich[] =
        "A1 =~ a1 + a2\nA2 =~ a3 + a4\nH =~ A1 + A2\nB <~ b1 + b2\nC =~ c1 + c2 + c3\nB ~ H\n"
        "C ~ h*H + b*B + H:B\nsum := h + b\n";

static void options_that_there_are_not(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 60, 0);
	loy_paths *paths = survey_paths(two);
	loy_pls_options good = {.struct_size = sizeof(good)}, bad;
	loy_pls_override override = {.construct = "A", .mode = LOY_PLS_MODE_B};
	struct {
		loy_pls_options options;
		uint32_t later;
	} newer = {{.struct_size = sizeof(newer)}, 1};

	(void)state;
#define BAD(field, value, words)                                                                             \
	bad = good;                                                                                          \
	bad.field = (value);                                                                                 \
	survey_refuse(paths, &survey.table, &bad, LOY_EINVAL, words)
	BAD(struct_size, 3, "struct_size");
	BAD(scheme, 3, "option");
	BAD(mode, 4, "option");
	BAD(consistent, 2, "option");
	BAD(sign, 3, "option");
	BAD(higher, 2, "option");
	BAD(product, 3, "option");
	BAD(missing, 3, "option");
	BAD(weighting, 2, "option");
	BAD(reserved, 1, "option");
	BAD(override_count, 1, "modes");
	BAD(tolerance, -1.0, "tolerance");
	BAD(tolerance, (double)NAN, "tolerance");
	BAD(tolerance, 2.0, "tolerance");
	BAD(vif_limit, -1.0, "limit");
	BAD(vif_limit, (double)INFINITY, "limit");
#undef BAD
	survey_refuse(paths, &survey.table, &newer.options, LOY_EINVAL, "struct_size");
	bad = good;
	bad.overrides = &override;
	bad.override_count = 1;
	override.mode = 0;
	survey_refuse(paths, &survey.table, &bad, LOY_EINVAL, "'A'");
	override.mode = LOY_PLS_MODE_A;
	override.reserved = 1;
	survey_refuse(paths, &survey.table, &bad, LOY_EINVAL, "'A'");
	override.reserved = 0;
	override.construct = "a1";
	survey_refuse(paths, &survey.table, &bad, LOY_ENAME, "'a1'");
	override.construct = NULL;
	survey_refuse(paths, &survey.table, &bad, LOY_ENAME, "no construct");
	loy_paths_destroy(paths);
	survey_free(&survey);
}

static void models_that_are_none(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 61, 0);
	const loy_table *t = &survey.table;
	loy_paths *empty = NULL, *paths;

	(void)state;
	assert_int_equal(loy_paths_create(&empty, NULL), LOY_OK);
	survey_refuse(empty, t, NULL, LOY_EINVAL, "no construct");
	loy_paths_destroy(empty);
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\n", t, NULL, LOY_EINVAL, "'A'");
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nB ~ A\nb3 ~ A\n", t, NULL, LOY_EINVAL, "'b3'");
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nB ~ A + b3\n", t, NULL, LOY_EINVAL, "'b3'");
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nB ~ A + A:b3\n", t, NULL, LOY_EINVAL, "A:b3");
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nB ~ 0.5*A\n", t, NULL, LOY_EINVAL, "'A'");
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nC =~ c1 + c2\nB ~ p*A\nC ~ p*B\n", t, NULL, LOY_EINVAL,
	               "'p'");
	survey_refused("A =~ 1*a1 + a2\nB =~ b1 + b2\nB ~ A\n", t, NULL, LOY_EINVAL, "'a1'");
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nB ~ A\na1 ~~ b1\n", t, NULL, LOY_EINVAL, "'a1'");
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nB ~ A\nB ~ 1\n", t, NULL, LOY_EINVAL, "'B'");
	survey_refused("A =~ a1 + a2:a3\nB =~ b1 + b2\nB ~ A\n", t, NULL, LOY_EINVAL, "'a2:a3'");
	/* texts with cycles are refused when they are parsed: this one is built */
	paths = survey_paths("H =~ A + B\nA =~ a1 + a2\nB =~ b1 + b2\nB ~ A\n");
	assert_int_equal(loy_paths_add(paths, LOY_TERM_MEASURED, "A", "H", LOY_TERM_DEFAULT, 0.0, NULL, NULL),
	                 LOY_OK);
	survey_refuse(paths, t, NULL, LOY_ECYCLE, "made of itself");
	loy_paths_destroy(paths);
	survey_refused("A =~ a1 + a2\nB =~ b1 + zz\nB ~ A\n", t, NULL, LOY_ENAME, "'zz'");
	survey_free(&survey);
}

static void tables_that_are_none(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 62, 0);
	loy_paths *paths = survey_paths(two);
	loy_table table = survey.table;
	double weights[ROWS] = {0.0};
	loy_error error = {.struct_size = sizeof(error)};
	loy_pls *pls;

	(void)state;
	survey_refuse(paths, NULL, NULL, LOY_EINVAL, "table");
	survey_refuse(NULL, &table, NULL, LOY_EINVAL, "paths");
	assert_int_equal(loy_pls_create(NULL, paths, &table, NULL, NULL, NULL), LOY_EINVAL);
	table.rows = 2;
	survey_refuse(paths, &table, NULL, LOY_EUNKNOWN, "3 respondents");
	table.rows = 0;
	survey_refuse(paths, &table, NULL, LOY_EUNKNOWN, "3 respondents");
	table = survey.table;
	table.columns = 0;
	survey_refuse(paths, &table, NULL, LOY_EINVAL, "columns");
	table = survey.table;
	table.weights = weights; /* nobody counts */
	table.weight_stride = sizeof(*weights);
	survey_refuse(paths, &table, NULL, LOY_EUNKNOWN, "3 respondents");
	weights[70] = -1.0;
	assert_int_equal(loy_pls_create(&pls, paths, &table, NULL, NULL, &error), LOY_ERANGE);
	assert_int_equal(error.row, 70);
	table = survey.table;
	survey.values[100 * 6 + 3] = (double)INFINITY;
	assert_int_equal(loy_pls_create(&pls, paths, &table, NULL, NULL, &error), LOY_ERANGE);
	assert_int_equal(error.row, 100);
	assert_int_equal(error.field, 3);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

static void moments_that_are_not_enough(void **state)
{
	struct survey survey = survey_invent(ROWS, 4, 63, 0);
	loy_paths *paths = survey_paths(two), *products = survey_paths(rich);
	loy_pls_options mean = {.struct_size = sizeof(mean), .missing = LOY_MISSING_MEAN};
	loy_moments *moments = NULL;
	loy_error error = {.struct_size = sizeof(error)};
	loy_pls *pls;
	const char *const *names = survey.table.names;
	const char *gaps[12] = {NULL};

	(void)state;
	assert_int_equal(loy_moments_create(&moments, 12, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_pls_create_from_moments(&pls, paths, moments, names, NULL, NULL, &error),
	                 LOY_EUNKNOWN);
	assert_int_equal(loy_moments_add(moments, &survey.table, NULL), LOY_OK);
	assert_int_equal(loy_pls_create_from_moments(&pls, products, moments, names, NULL, NULL, &error),
	                 LOY_EINVAL);
	assert_non_null(strstr(error.message, "rows of a table"));
	assert_int_equal(loy_pls_create_from_moments(&pls, paths, moments, names, &mean, NULL, &error),
	                 LOY_EINVAL);
	assert_int_equal(loy_pls_create_from_moments(&pls, paths, moments, gaps, NULL, NULL, &error),
	                 LOY_ENAME);
	assert_non_null(strstr(error.message, "'a1'"));
	assert_int_equal(loy_pls_create_from_moments(&pls, paths, moments, NULL, NULL, NULL, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_pls_create_from_moments(&pls, paths, NULL, names, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_create_from_moments(&pls, NULL, moments, names, NULL, NULL, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_pls_create_from_moments(NULL, paths, moments, names, NULL, NULL, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_pls_create_from_moments(&pls, paths, moments, names, NULL, NULL, NULL), LOY_OK);
	loy_pls_destroy(pls);
	loy_moments_destroy(moments);
	loy_paths_destroy(paths);
	loy_paths_destroy(products);
	survey_free(&survey);
}

static void getters(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 64, 0);
	loy_paths *paths = survey_paths(two);
	loy_pls *pls = survey_fit(paths, &survey.table, NULL);
	loy_pls_construct c = {.struct_size = 0};
	loy_pls_indicator i = {.struct_size = sizeof(i)};
	loy_pls_path p = {.struct_size = sizeof(p)};
	double matrix[16];
	const char *name;
	uint32_t index;
	size_t needed = 0;

	(void)state;
	loy_pls_destroy(NULL);
	assert_int_equal(loy_pls_get_summary(NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_get_summary(pls, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_get_construct(pls, 0, &c), LOY_EINVAL); /* its size was not set */
	assert_int_equal(loy_pls_get_construct(NULL, 0, &c), LOY_EINVAL);
	assert_int_equal(loy_pls_get_construct(pls, 2, &c), LOY_ENOTFOUND);
	assert_int_equal(loy_pls_get_indicator(NULL, 0, &i), LOY_EINVAL);
	assert_int_equal(loy_pls_get_indicator(pls, 4, &i), LOY_ENOTFOUND);
	assert_int_equal(loy_pls_get_path(NULL, 0, &p), LOY_EINVAL);
	assert_int_equal(loy_pls_get_path(pls, 1, &p), LOY_ENOTFOUND);
	assert_int_equal(loy_pls_get_item(pls, 4, &name, NULL, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_pls_get_item(pls, 0, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_get_item(NULL, 0, &name, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_find_construct(pls, "Ax", 1, &index), LOY_OK);
	assert_int_equal(loy_pls_find_construct(pls, "Ax", 2, &index), LOY_ENOTFOUND);
	assert_int_equal(loy_pls_find_construct(pls, NULL, 2, &index), LOY_EINVAL);
	assert_int_equal(loy_pls_get_matrix(pls, 11, matrix, 16, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_get_matrix(NULL, 0, matrix, 16, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_get_matrix(pls, LOY_PLS_TOTAL, NULL, 4, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_get_matrix(pls, LOY_PLS_ITEMS, matrix, 15, &needed), LOY_EBUFFER);
	assert_int_equal(needed, 16);
	assert_int_equal(loy_pls_get_matrix(pls, LOY_PLS_ITEMS, matrix, 16, &needed), LOY_OK);
	assert_close(matrix[5], 1.0, 0.0, 0.0);
	assert_close(matrix[1], matrix[4], 0.0, 0.0);
	assert_int_equal(loy_pls_chain_count(NULL), 0);
	assert_close(loy_pls_chain_total(NULL), 0.0, 0.0, 0.0);
	assert_int_equal(loy_pls_get_chain(NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_get_slope(NULL, 0, 0, 0.0, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_get_problem(NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_print_problem(NULL, 0, NULL, 0, NULL), LOY_EINVAL);
	assert_null(loy_pls_first_stage(NULL));
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

static void respondents_that_are_refused(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 65, 0);
	loy_paths *paths = survey_paths(two);
	loy_pls *pls = survey_fit(paths, &survey.table, NULL);
	loy_error error = {.struct_size = sizeof(error)};
	loy_pls_scale scales[4] = {{1, 10}, {1, 10}, {1, 10}, {1, 10}};
	loy_pls_index index = {.struct_size = sizeof(index)};
	double scores[ROWS * 2];
	loy_table table = survey.table;
	const char *names[6] = {"a1", "a2", "b1", "bb", "c1", "c2"};

	(void)state;
	scores[0] = 123.0;
	assert_int_equal(loy_pls_score(NULL, &table, 0, NULL, scores, ROWS * 2, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_score(pls, NULL, 0, NULL, scores, ROWS * 2, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_score(pls, &table, 2, NULL, scores, ROWS * 2, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_score(pls, &table, 0, scales, scores, ROWS * 2, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_score(pls, &table, 1, NULL, scores, ROWS * 2, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_score(pls, &table, 0, NULL, NULL, ROWS * 2, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_score(pls, &table, 0, NULL, scores, ROWS * 2 - 1, NULL, NULL), LOY_EBUFFER);
	table.names = names;
	assert_int_equal(loy_pls_score(pls, &table, 0, NULL, scores, ROWS * 2, NULL, &error), LOY_ENAME);
	assert_non_null(strstr(error.message, "'b2'"));
	table = survey.table;
	survey.values[110 * 6 + 2] = (double)INFINITY;
	assert_int_equal(loy_pls_score(pls, &table, 0, NULL, scores, ROWS * 2, NULL, &error), LOY_ERANGE);
	assert_int_equal(error.row, 110);
	assert_int_equal(error.field, 2);
	survey.values[110 * 6 + 2] = 11.0;
	assert_int_equal(loy_pls_score(pls, &table, 1, scales, scores, ROWS * 2, NULL, &error), LOY_ERANGE);
	assert_int_equal(error.row, 110);
	assert_close(scores[0], 123.0, 0.0, 0.0); /* nothing was written */
	scales[3].low = 10.0;
	assert_int_equal(loy_pls_score(pls, &table, 1, scales, scores, ROWS * 2, NULL, &error), LOY_EINVAL);
	assert_non_null(strstr(error.message, "'b2'"));
	assert_int_equal(loy_pls_get_index(pls, 2, scales, &index, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_pls_get_index(pls, 0, NULL, &index, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_get_index(NULL, 0, scales, &index, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_get_index(pls, 0, scales, NULL, NULL), LOY_EINVAL);
	table.rows = 0;
	assert_int_equal(loy_pls_score(pls, &table, 0, NULL, NULL, 0, NULL, NULL), LOY_OK);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* Every request for memory is refused once: a status, no leak, and nothing in *out. */
static void out_of_memory_anywhere(void **state)
{
	struct survey survey = survey_invent(ROWS, 4, 66, 0);
	loy_paths *paths = survey_paths(rich);
	uint32_t product;
	int consistent;

	(void)state;
	for (product = LOY_PLS_PRODUCT_STAGES; product <= LOY_PLS_PRODUCT_ORTHOGONAL; product++) {
		for (consistent = 0; consistent < 2; consistent++) {
			loy_pls_options options = {.struct_size = sizeof(options),
			                           .higher = LOY_PLS_HIGHER_STAGES,
			                           .product = product,
			                           .consistent = (uint32_t)consistent};
			loy_status status = LOY_ENOMEM;
			long n;

			for (n = 0; status == LOY_ENOMEM; n++) {
				struct faulty heap = {.until = n};
				loy_allocator memory = faulty_allocator(&heap);
				loy_error error = {.struct_size = sizeof(error)};
				loy_pls *pls = (loy_pls *)&heap;

				status =
				        loy_pls_create(&pls, paths, &survey.table, &options, &memory, &error);
				if (status != LOY_OK) {
					assert_null(pls);
					assert_int_equal(error.code, LOY_ENOMEM);
				}
				loy_pls_destroy(pls);
				assert_int_equal(heap.live, 0);
			}
			assert_int_equal(status, LOY_OK);
			assert_true(n > 40);
		}
	}
	loy_paths_destroy(paths);
	survey_free(&survey);
}

static void out_of_memory_from_moments_and_for_scores(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 67, 0);
	loy_paths *paths = survey_paths(two);
	loy_pls_options options = {.struct_size = sizeof(options), .missing = LOY_MISSING_PAIRWISE};
	loy_moments *moments = NULL;
	loy_status status = LOY_ENOMEM;
	loy_pls *fitted = survey_fit(paths, &survey.table, NULL);
	double scores[ROWS * 2];
	long n;

	(void)state;
	assert_int_equal(loy_moments_create(&moments, 6, LOY_MISSING_PAIRWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &survey.table, NULL), LOY_OK);
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_pls *pls = NULL;

		status = loy_pls_create_from_moments(&pls, paths, moments, survey.table.names, &options,
		                                     &memory, NULL);
		loy_pls_destroy(pls);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	for (n = 0, status = LOY_ENOMEM; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);

		status = loy_pls_score(fitted, &survey.table, LOY_PLS_SCORES, NULL, scores, ROWS * 2, &memory,
		                       NULL);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 1);
	loy_pls_destroy(fitted);
	loy_moments_destroy(moments);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(options_that_there_are_not),
	        cmocka_unit_test(models_that_are_none),
	        cmocka_unit_test(tables_that_are_none),
	        cmocka_unit_test(moments_that_are_not_enough),
	        cmocka_unit_test(getters),
	        cmocka_unit_test(respondents_that_are_refused),
	        cmocka_unit_test(out_of_memory_anywhere),
	        cmocka_unit_test(out_of_memory_from_moments_and_for_scores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
