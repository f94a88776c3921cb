/* What cannot be estimated: nothing to weigh by, nothing that varies, more than there is room for. All by name. */
#include "surveys.h"

enum { ROWS = 64 };

/* Every combination of six answers of two kinds: nothing correlates with anything. */
static struct survey factorial(void)
{
	struct survey survey = survey_invent(ROWS, 2, 80, 0);
	size_t row, i;

	for (row = 0; row < ROWS; row++) {
		for (i = 0; i < 6; i++)
			survey.values[row * 6 + i] = (row >> i & 1) != 0 ? 1.0 : -1.0;
	}
	return survey;
}

static void add(loy_paths *paths, uint32_t relation, const char *left, const char *right)
{
	assert_int_equal(loy_paths_add(paths, relation, left, right, LOY_TERM_DEFAULT, 0.0, NULL, NULL),
	                 LOY_OK);
}

static void neighbours_that_say_nothing(void **state)
{
	struct survey survey = factorial();

	(void)state;
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nB ~ A\n", &survey.table, NULL, LOY_ERANGE, "'A'");
	survey_free(&survey);
}

/* An item and its opposite: the start at +1 has no variance. */
static void items_that_cancel(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 81, 0);
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++)
		survey.values[row * 6 + 3] = 11.0 - survey.values[row * 6 + 2];
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nB ~ A\n", &survey.table, NULL, LOY_ERANGE, "'B'");
	survey_free(&survey);
}

static void products_that_do_not_vary(void **state)
{
	struct survey survey = factorial(), collinear = survey_invent(ROWS, 4, 82, 0);
	loy_pls_options options = {.struct_size = sizeof(options)};
	size_t row;

	(void)state;
	/* the square of what is 1 or -1 */
	for (row = 0; row < ROWS; row++)
		survey.values[row * 6 + 2] += 0.5 * survey.values[row * 6];
	survey_refused("A =~ a1\nB =~ b1\nB ~ A + A:A\n", &survey.table, NULL, LOY_ERANGE, "'A:A'");
	options.product = LOY_PLS_PRODUCT_INDICATORS;
	survey_refused("A =~ a1\nB =~ b1\nB ~ A + A:A\n", &survey.table, &options, LOY_ERANGE, "'a1:a1'");
	/* nothing can be cleaned of items that depend on one another */
	for (row = 0; row < ROWS; row++)
		collinear.values[row * 12 + 1] = 2.0 * collinear.values[row * 12];
	options.product = LOY_PLS_PRODUCT_ORTHOGONAL;
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nC =~ c1 + c2\nC ~ A + B + A:B\n", &collinear.table,
	               &options, LOY_ERANGE, "'a1:b1'");
	survey_free(&survey);
	survey_free(&collinear);
}

/* What only a product joins to the rest has no neighbours in the stage without it. */
static void constructs_alone_in_a_stage(void **state)
{
	struct survey survey = survey_invent(ROWS, 4, 83, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .higher = LOY_PLS_HIGHER_STAGES};
	loy_paths *paths;

	(void)state;
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nC =~ c1 + c2\nC ~ A + A:B\n", &survey.table, NULL,
	               LOY_EINVAL, "'B'");
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nH =~ A + B\nC =~ c1 + c2\nD =~ c3 + c4\nD ~ C\n",
	               &survey.table, &options, LOY_EINVAL, "'A'");
	/* a part that is multiplied, and in later stages nothing but that */
	survey_refused("A =~ a1 + a2\nB =~ b1 + b2\nH =~ A + B\nC =~ c1 + c2\nC ~ H + A:H\n", &survey.table,
	               &options, LOY_EINVAL, "'A'");
	paths = survey_paths("A =~ a1 + a2\nB =~ b1 + b2\nH =~ A + B\nC =~ c1 + c2\nC ~ H\n");
	add(paths, LOY_TERM_REGRESSED, "A", "H"); /* a text with that is refused when it is parsed */
	survey_refuse(paths, &survey.table, &options, LOY_ECYCLE, "'A'");
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* `count` constructs K0, K1, … of one item each, all of it. */
static loy_paths *many(uint32_t count)
{
	loy_paths *paths = NULL;
	char name[16];
	uint32_t i;

	assert_int_equal(loy_paths_create(&paths, NULL), LOY_OK);
	for (i = 0; i < count; i++) {
		sprintf(name, "K%u", (unsigned)i);
		add(paths, LOY_TERM_MEASURED, name, "a1");
	}
	return paths;
}

/* A construct with `count` items i0, i1, … from number `first` on. */
static void measure(loy_paths *paths, const char *construct, uint32_t first, uint32_t count)
{
	char name[16];
	uint32_t i;

	for (i = first; i < first + count; i++) {
		sprintf(name, "i%u", (unsigned)i);
		add(paths, LOY_TERM_MEASURED, construct, name);
	}
}

static void more_than_there_is_room_for(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 84, 0);
	loy_pls_options pairs = {.struct_size = sizeof(pairs), .product = LOY_PLS_PRODUCT_INDICATORS};
	loy_paths *paths = many(LOY_PLS_CONSTRUCTS_MAX + 1);
	char name[16], above[16];
	uint32_t i;

	(void)state;
	survey_refuse(paths, &survey.table, NULL, LOY_ELIMIT, "'K256'");
	loy_paths_destroy(paths);
	paths = many(LOY_PLS_PREDICTORS_MAX + 2);
	for (i = 1; i < LOY_PLS_PREDICTORS_MAX + 2; i++) {
		sprintf(name, "K%u", (unsigned)i);
		add(paths, LOY_TERM_REGRESSED, "K0", name);
	}
	survey_refuse(paths, &survey.table, NULL, LOY_ELIMIT, "64 predictors: 'K0'");
	loy_paths_destroy(paths);
	paths = many(1);
	measure(paths, "A", 0, LOY_TABLE_COLUMNS_MAX);
	add(paths, LOY_TERM_REGRESSED, "A", "K0");
	survey_refuse(paths, &survey.table, NULL, LOY_ELIMIT, "512 items");
	loy_paths_destroy(paths);
	/* constructs of constructs, each of which repeats 500 items */
	paths = many(1);
	measure(paths, "H0", 0, 500);
	add(paths, LOY_TERM_REGRESSED, "K0", "H0");
	for (i = 1; i < 5; i++) {
		sprintf(name, "H%u", (unsigned)i);
		sprintf(above, "H%u", (unsigned)i - 1);
		add(paths, LOY_TERM_MEASURED, name, above);
	}
	survey_refuse(paths, &survey.table, NULL, LOY_ELIMIT, "'H4'");
	for (i = 5; i < 10; i++) {
		sprintf(name, "H%u", (unsigned)i);
		sprintf(above, "H%u", (unsigned)i - 1);
		add(paths, LOY_TERM_MEASURED, name, above);
	}
	survey_refuse(paths, &survey.table, NULL, LOY_ELIMIT,
	              "8 levels of constructs, or more than 2 by stages: 'H8'");
	loy_paths_destroy(paths);
	/* pairs of 50 and 50 items, and of 60 and 60: refused while they are counted */
	for (i = 50; i <= 60; i += 10) {
		paths = many(1);
		measure(paths, "A", 0, i);
		measure(paths, "B", i, i);
		add(paths, LOY_TERM_REGRESSED, "K0", "A:B");
		add(paths, LOY_TERM_REGRESSED, "K0", "A");
		add(paths, LOY_TERM_REGRESSED, "K0", "B");
		survey_refuse(paths, &survey.table, &pairs, LOY_ELIMIT,
		              "more than 2048 items, products and scores");
		loy_paths_destroy(paths);
	}
	survey_free(&survey);
}

/* As many products as fit, but more columns than moments have. */
static void more_products_than_moments_have_columns(void **state)
{
	struct survey survey = survey_invent(ROWS, 23, 85, 0);
	loy_pls_options pairs = {.struct_size = sizeof(pairs), .product = LOY_PLS_PRODUCT_INDICATORS};
	char *text = survey_text(23, "=~");
	loy_paths *paths = survey_paths(text);

	(void)state;
	add(paths, LOY_TERM_REGRESSED, "C", "A:B");
	survey_refuse(paths, &survey.table, &pairs, LOY_ELIMIT, "512 items and products");
	loy_paths_destroy(paths);
	free(text);
	survey_free(&survey);
}

/* Most of everything still works: 8 levels, 64 predictors. */
static void as_much_as_there_is_room_for(void **state)
{
	struct survey survey = survey_invent(400, 22, 86, 0);
	loy_paths *paths = NULL;
	loy_pls_summary s = {.struct_size = sizeof(s)};
	char name[16], item[16], above[16];
	loy_pls *pls;
	uint32_t i;

	(void)state;
	assert_int_equal(loy_paths_create(&paths, NULL), LOY_OK);
	for (i = 0; i < 65; i++) {
		sprintf(name, "K%u", (unsigned)i);
		sprintf(item, "%c%u", "abc"[i / 22], (unsigned)(i % 22 + 1));
		add(paths, LOY_TERM_MEASURED, name, item);
		if (i != 0)
			add(paths, LOY_TERM_REGRESSED, "K0", name);
	}
	pls = survey_fit(paths, &survey.table, NULL);
	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_int_equal(s.paths, 64);
	loy_pls_destroy(pls);
	strcpy(above, "K1");
	for (i = 2; i <= 8; i++) {
		sprintf(name, "L%u", (unsigned)i);
		add(paths, LOY_TERM_MEASURED, name, above);
		strcpy(above, name);
	}
	pls = survey_fit(paths, &survey.table, NULL);
	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_int_equal(s.constructs, 72);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(neighbours_that_say_nothing),
	        cmocka_unit_test(items_that_cancel),
	        cmocka_unit_test(products_that_do_not_vary),
	        cmocka_unit_test(constructs_alone_in_a_stage),
	        cmocka_unit_test(more_than_there_is_room_for),
	        cmocka_unit_test(more_products_than_moments_have_columns),
	        cmocka_unit_test(as_much_as_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
