/*
 * What the functions of this room answer when they are asked with nothing, with too much, or with what is only half
 * there: a status, and nothing changed. Tests of each part have what is refused for its meaning.
 */
#include "surveys.h"

#include "sems.h"

/* An allocator that cannot release is none. */
static const loy_allocator half = {.allocate = faulty_alloc};

/* ---- paths ---- */

static void paths_are_read_within_their_bounds(void **state)
{
	loy_paths *paths = survey_paths("A =~ a1 + a2\nB =~ b1\nB ~ p*A\nB ~ A:A\nA ~~ A\nd := 2*p\n"),
	          *none = NULL;
	loy_variable variable = {.struct_size = sizeof(variable)};
	loy_term term = {.struct_size = sizeof(term)};
	const char *text = NULL;
	uint32_t index = 77;
	char room[4];

	(void)state;
	assert_int_equal(loy_paths_create(&none, &half), LOY_EINVAL);
	assert_null(none);
	assert_int_equal(loy_paths_variable_count(NULL), 0);
	assert_int_equal(loy_paths_term_count(NULL), 0);
	assert_int_equal(loy_paths_definition_count(NULL), 0);
	assert_int_equal(loy_paths_get_variable(NULL, 0, &variable), LOY_EINVAL);
	assert_int_equal(loy_paths_get_variable(paths, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_get_variable(paths, loy_paths_variable_count(paths), &variable),
	                 LOY_ENOTFOUND);
	assert_int_equal(loy_paths_get_term(NULL, 0, &term), LOY_EINVAL);
	assert_int_equal(loy_paths_get_term(paths, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_get_term(paths, loy_paths_term_count(paths), &term), LOY_ENOTFOUND);
	assert_int_equal(loy_paths_find_variable(NULL, "A", 1, &index), LOY_EINVAL);
	assert_int_equal(loy_paths_find_variable(paths, NULL, 1, &index), LOY_EINVAL);
	assert_int_equal(loy_paths_find_variable(paths, "A", 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_find_variable(paths, "A", 0, &index), LOY_ENOTFOUND);
	assert_int_equal(loy_paths_find_variable(paths, "A:B", 3, &index), LOY_ENOTFOUND);
	assert_int_equal(loy_paths_find_variable(paths, "B:A", 3, &index), LOY_ENOTFOUND);
	assert_int_equal(loy_paths_find_variable(paths, "A:AA", 4, &index), LOY_ENOTFOUND);
	assert_int_equal(index, 77);
	assert_int_equal(loy_paths_get_definition(NULL, 0, &text, NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_get_definition(paths, 1, &text, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_paths_get_definition(paths, 0, NULL, NULL), LOY_OK);
	assert_int_equal(loy_paths_get_definition(paths, 0, NULL, &text), LOY_OK);
	assert_string_equal(text, "2 * p"); /* canonical */
	assert_int_equal(loy_paths_get_definition(paths, 0, &text, NULL), LOY_OK);
	assert_string_equal(text, "d");
	assert_int_equal(loy_paths_print(paths, NULL, sizeof(room), NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_print(paths, room, sizeof(room), NULL), LOY_EBUFFER);
	loy_paths_destroy(paths);
}

static void products_are_found_in_either_order(void **state)
{
	loy_paths *paths = survey_paths("A =~ a1\nB =~ b1\nC =~ c1\nC ~ A + B + A:B\n");
	uint32_t index = 0, other = 1;

	(void)state;
	assert_int_equal(loy_paths_find_variable(paths, "A:B", 3, &index), LOY_OK);
	assert_int_equal(loy_paths_find_variable(paths, "B:A", 3, &other), LOY_OK);
	assert_int_equal(index, other);
	assert_int_equal(loy_paths_find_variable(paths, "B:C", 3, &other), LOY_ENOTFOUND);
	loy_paths_destroy(paths);
}

static void terms_are_added_whole_or_not(void **state)
{
	static const struct {
		uint32_t relation, treatment;
		const char *left, *right, *label;
		loy_status status;
	} bad[] = {
	        {0, 0, "A", "a9", NULL, LOY_EINVAL},
	        {LOY_TERM_INTERCEPT + 1, 0, "A", "a9", NULL, LOY_EINVAL},
	        {LOY_TERM_MEASURED, LOY_TERM_FREED + 1, "A", "a9", NULL, LOY_EINVAL},
	        {LOY_TERM_MEASURED, 0, NULL, "a9", NULL, LOY_EINVAL},
	        {LOY_TERM_MEASURED, 0, "A", NULL, NULL, LOY_EINVAL},
	        {LOY_TERM_MEASURED, 0, "A", "", NULL, LOY_ESYNTAX},
	        {LOY_TERM_MEASURED, 0, "A", "9a", NULL, LOY_ESYNTAX},
	        {LOY_TERM_MEASURED, 0, "A", "a-9", NULL, LOY_ESYNTAX},
	        {LOY_TERM_REGRESSED, 0, "B", "A:", NULL, LOY_ESYNTAX},
	        {LOY_TERM_REGRESSED, 0, "B", ":A", NULL, LOY_ESYNTAX},
	        {LOY_TERM_REGRESSED, 0, "A:B", "A", NULL, LOY_ESYNTAX},
	        {LOY_TERM_MEASURED, 0, "A", "a9", "9x", LOY_ESYNTAX},
	        {LOY_TERM_MEASURED, 0, "A", "a9", "NA", LOY_ESYNTAX},
	        {LOY_TERM_MEASURED, 0, "A", "a9", "", LOY_ESYNTAX},
	        {LOY_TERM_MEASURED, 0, "A", "a9", "twice", LOY_ENAME},
	        {LOY_TERM_MEASURED, 0, "A", "A", NULL, LOY_ENAME},
	        {LOY_TERM_COMPOSED, 0, "A", "a9", NULL, LOY_ENAME},
	        {LOY_TERM_COVARIES, 0, "a2", "a1", NULL, LOY_ENAME},
	};
	loy_paths *paths = survey_paths("A =~ a1 + a2\nB =~ b1\nB ~ p*A\na1 ~~ a2\ntwice := 2*p\n");
	uint32_t variables = loy_paths_variable_count(paths), terms = loy_paths_term_count(paths), i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(loy_paths_add(paths, bad[i].relation, bad[i].left, bad[i].right,
		                               bad[i].treatment, 0.0, bad[i].label, NULL),
		                 bad[i].status);
		assert_int_equal(loy_paths_variable_count(paths), variables);
		assert_int_equal(loy_paths_term_count(paths), terms);
	}
	assert_int_equal(loy_paths_add(NULL, LOY_TERM_MEASURED, "A", "a9", 0, 0.0, NULL, NULL), LOY_EINVAL);
	/* as long as the definition's name, and not it; longer names that begin or end alike */
	assert_int_equal(loy_paths_add(paths, LOY_TERM_MEASURED, "A", "a8", 0, 0.0, "twins", NULL), LOY_OK);
	assert_int_equal(loy_paths_add(paths, LOY_TERM_MEASURED, "A", "a9", 0, 0.0, "twice2", NULL), LOY_OK);
	assert_int_equal(loy_paths_add(paths, LOY_TERM_COVARIES, "a2", "a8", 0, 0.0, NULL, NULL), LOY_OK);
	assert_int_equal(loy_paths_add(paths, LOY_TERM_COVARIES, "a8", "a1", 0, 0.0, NULL, NULL), LOY_OK);
	loy_paths_destroy(paths);
}

static void definitions_are_added_whole_or_not(void **state)
{
	loy_paths *paths = survey_paths("A =~ a1\nB =~ b1\nB ~ p*A\n");
	char *text = malloc((size_t)LOY_MODEL_TEXT_MAX + 2);

	(void)state;
	assert_non_null(text);
	memset(text, ' ', (size_t)LOY_MODEL_TEXT_MAX + 1);
	text[0] = 'p';
	text[LOY_MODEL_TEXT_MAX + 1] = '\0';
	assert_int_equal(loy_paths_define(paths, NULL, "p", NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_define(paths, "d", NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_paths_define(paths, "d", text, NULL), LOY_ELIMIT);
	assert_int_equal(loy_paths_define(paths, "d", "p\xff", NULL), LOY_EUTF8);
	assert_int_equal(loy_paths_define(paths, "d", "p \x01", NULL), LOY_ESYNTAX);
	assert_int_equal(loy_paths_define(paths, "d", "(p", NULL), LOY_ESYNTAX);
	assert_int_equal(loy_paths_define(paths, "d", "p)", NULL), LOY_ESYNTAX);
	assert_int_equal(loy_paths_define(paths, "d", "exp(p) + p)", NULL), LOY_ESYNTAX);
	assert_int_equal(loy_paths_define(paths, "1d", "p", NULL), LOY_ESYNTAX);
	assert_int_equal(loy_paths_definition_count(paths), 0);
	assert_int_equal(loy_paths_define(paths, "d", "p", NULL), LOY_OK);
	free(text);
	loy_paths_destroy(paths);
}

/* ---- partial least squares ---- */

static void estimates_are_asked_within_their_bounds(void **state)
{
	struct survey survey = survey_invent(60, 2, 51, 1);
	loy_paths *paths =
	        survey_paths("A =~ a1 + a2\nB =~ b1 + b2\nC =~ c1 + c2\nB ~ p*A\nC ~ B + A:B\nd := p\n");
	loy_pls *pls = survey_fit(paths, &survey.table, NULL), *none = NULL;
	loy_pls_slope slope = {.struct_size = sizeof(slope)};
	uint32_t index = 0, product = LOY_PLS_NONE, i;
	loy_pls_path path = {.struct_size = sizeof(path)};
	loy_pls_scale scales[6];
	const char *name;
	double value, scores[4];
	char text[4];

	(void)state;
	assert_int_equal(loy_pls_create(&none, NULL, &survey.table, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_create(&none, paths, &survey.table, NULL, &half, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_find_construct(NULL, "A", 1, &index), LOY_EINVAL);
	assert_int_equal(loy_pls_find_construct(pls, NULL, 1, &index), LOY_EINVAL);
	assert_int_equal(loy_pls_find_construct(pls, "A", 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_find_construct(pls, "", 0, &index), LOY_ENOTFOUND);
	assert_int_equal(loy_pls_get_definition(pls, 0, &name, NULL), LOY_EINVAL);
	for (i = 0; loy_pls_get_path(pls, i, &path) == LOY_OK; i++) {
		if (path.from == survey_construct(pls, "A:B"))
			product = i;
	}
	assert_int_equal(loy_pls_get_slope(pls, product, LOY_PLS_NONE, 0.0, &slope), LOY_EINVAL);
	assert_int_equal(loy_pls_get_slope(pls, product, survey_construct(pls, "C"), 0.0, &slope),
	                 LOY_EINVAL);
	assert_int_equal(loy_pls_get_slope(pls, product, survey_construct(pls, "A"), INFINITY, &slope),
	                 LOY_EINVAL);
	assert_int_equal(loy_pls_get_slope(NULL, product, survey_construct(pls, "A"), 0.0, &slope),
	                 LOY_EINVAL);
	assert_int_equal(loy_pls_get_slope(pls, product, survey_construct(pls, "A"), 0.0, &slope), LOY_OK);
	assert_true(survey_summary(pls).problems > 0); /* the item that is reversed */
	assert_int_equal(loy_pls_print_problem(NULL, 0, text, sizeof(text), NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_print_problem(pls, 0, NULL, sizeof(text), NULL), LOY_EINVAL);
	assert_int_equal(loy_pls_print_problem(pls, 0, text, sizeof(text), NULL), LOY_EBUFFER);
	for (i = 0; i < 6; i++) {
		scales[i].low = 1.0;
		scales[i].high = 10.0;
	}
	scales[0].high = INFINITY;
	assert_int_equal(loy_pls_score(pls, &survey.table, LOY_PLS_SCORES, NULL, NULL, 4, NULL, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_pls_score(NULL, &survey.table, LOY_PLS_SCORES, NULL, scores, 4, NULL, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_pls_score(pls, &survey.table, LOY_PLS_SCORES, NULL, scores, 4, &half, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_pls_score(pls, &survey.table, LOY_PLS_INDICES + 1, NULL, scores, 4, NULL, NULL),
	                 LOY_EINVAL);
	survey.table.rows = 1;
	assert_int_equal(loy_pls_score(pls, &survey.table, LOY_PLS_INDICES, scales, scores, 4, NULL, NULL),
	                 LOY_EINVAL);
	survey.table.rows = 0; /* nobody has no score, and needs no place for it */
	assert_int_equal(loy_pls_score(pls, &survey.table, LOY_PLS_SCORES, NULL, NULL, 0, NULL, NULL),
	                 LOY_OK);
	value = survey_path(pls, "A", "B");
	assert_true(isfinite(value));
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

static void modes_by_construct_are_checked(void **state)
{
	static const loy_pls_override bad[] = {{.construct = "A", .mode = LOY_PLS_MODE_OF_TERM},
	                                       {.construct = "A", .mode = LOY_PLS_MODE_UNIT + 1},
	                                       {.construct = "A", .mode = LOY_PLS_MODE_A, .reserved = 1},
	                                       {.construct = NULL, .mode = LOY_PLS_MODE_A + 9},
	                                       {.construct = NULL, .mode = LOY_PLS_MODE_A},
	                                       {.construct = "", .mode = LOY_PLS_MODE_A},
	                                       {.construct = "a1", .mode = LOY_PLS_MODE_A},
	                                       {.construct = "D", .mode = LOY_PLS_MODE_A}};
	struct survey survey = survey_invent(60, 2, 52, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .override_count = 1};
	char *text = survey_text(2, "=~");
	loy_paths *paths = survey_paths(text);
	loy_pls *pls = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		options.overrides = &bad[i];
		assert_int_not_equal(loy_pls_create(&pls, paths, &survey.table, &options, NULL, NULL),
		                     LOY_OK);
		assert_null(pls);
	}
	options.override_count = LOY_VARIABLES_MAX + 1;
	assert_int_equal(loy_pls_create(&pls, paths, &survey.table, &options, NULL, NULL), LOY_EINVAL);
	options.override_count = 0;
	options.vif_limit = 3.0;
	options.iterations = 40;
	options.tolerance = 1e-6;
	assert_int_equal(loy_pls_create(&pls, paths, &survey.table, &options, NULL, NULL), LOY_OK);
	loy_pls_destroy(pls);
	free(text);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* ---- structural equations ---- */

static void fits_are_asked_within_their_bounds(void **state)
{
	static const char text[] = "F =~ a + b + c\nG =~ d + e + f\nG ~ F";
	double s[36], matrix[36];
	loy_sem_variable v = {.struct_size = sizeof(v)};
	loy_sem *sem;
	uint32_t index = 5, size = 9;

	(void)state;
	make_two(s, 0.5, 1.0);
	sem = fit_matrix(text, s, NULL, 6, 100, six, NULL);
	assert_int_equal(loy_sem_get_variable(sem, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_sem_get_issue(sem, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_sem_get_matrix(NULL, LOY_SEM_SAMPLE, matrix, 36, NULL), LOY_EINVAL);
	assert_int_equal(loy_sem_get_matrix(sem, LOY_SEM_SAMPLE, NULL, 0, &size), LOY_EBUFFER);
	assert_int_equal(size, 6);
	assert_int_equal(loy_sem_find_parameter(NULL, LOY_TERM_COVARIES, "F", "F", &index), LOY_EINVAL);
	assert_int_equal(loy_sem_find_parameter(sem, LOY_TERM_COVARIES, "F", NULL, &index), LOY_ENOTFOUND);
	assert_int_equal(loy_sem_find_parameter(sem, LOY_TERM_COVARIES, "F", "G", &index), LOY_ENOTFOUND);
	assert_int_equal(loy_sem_find_parameter(sem, LOY_TERM_REGRESSED, "F", "G", &index), LOY_ENOTFOUND);
	assert_int_equal(loy_sem_find_parameter(sem, LOY_TERM_INTERCEPT, "a", NULL, &index), LOY_ENOTFOUND);
	assert_int_equal(index, 5);
	loy_sem_destroy(sem);
	sem = fit_matrix("a ~ b + c", s, NULL, 6, 100, six, NULL); /* no constructs: their matrix is empty */
	assert_int_equal(loy_sem_get_matrix(sem, LOY_SEM_CONSTRUCTS, NULL, 0, &size), LOY_OK);
	assert_int_equal(size, 0);
	assert_int_equal(loy_sem_get_matrix(sem, LOY_SEM_CONSTRUCTS_CORRELATED, NULL, 0, NULL), LOY_OK);
	loy_sem_destroy(sem);
}

static loy_status matrix_status(const loy_sem_matrix *matrix)
{
	loy_paths *paths = survey_paths(two_factors);
	loy_sem *sem = NULL;
	loy_status status = loy_sem_fit_matrix(&sem, paths, matrix, NULL, NULL, NULL);

	assert_int_equal(sem != NULL, status == LOY_OK);
	loy_sem_destroy(sem);
	loy_paths_destroy(paths);
	return status;
}

static void matrices_are_checked(void **state)
{
	static const char *const holed[] = {"a", "b", NULL, "d", "e", "f"};
	static const char *const doubled[] = {"a", "b", "c", "d", "e", "a"};
	double s[36], means[6] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
	loy_sem_matrix good = {.struct_size = sizeof(good), .columns = 6, .rows = 100, .names = six}, m;

	(void)state;
	make_two(s, 0.5, 1.0);
	good.covariance = s;
	good.means = means;
	assert_int_equal(matrix_status(&good), LOY_OK);
	m = good, m.columns = LOY_TABLE_COLUMNS_MAX + 1;
	assert_int_equal(matrix_status(&m), LOY_EINVAL);
	m = good, m.rows = 1;
	assert_int_equal(matrix_status(&m), LOY_EINVAL);
	m = good, m.covariance = NULL;
	assert_int_equal(matrix_status(&m), LOY_EINVAL);
	m = good, m.names = holed;
	assert_int_equal(matrix_status(&m), LOY_EINVAL);
	m = good, m.names = doubled;
	assert_int_equal(matrix_status(&m), LOY_ENAME);
	means[4] = NAN;
	assert_int_equal(matrix_status(&good), LOY_EINVAL);
	means[4] = 5.0;
	s[7] = 1e141;
	assert_int_equal(matrix_status(&good), LOY_EINVAL);
}

/* Moments that were kept pair by pair say the same as long as no row was incomplete. */
static void moments_are_checked(void **state)
{
	static const char *const holed[] = {"a", "b", "c", NULL, "e", "f"};
	loy_sem_options robust = default_options(), all = default_options();
	double rows[40 * 6];
	loy_table table = table_of(rows, 40, 6, six);
	loy_paths *paths = survey_paths(two_factors);
	loy_moments *moments = NULL;
	loy_sem *sem = NULL, *same;
	loy__random r;
	size_t i;

	(void)state;
	loy__random_init(&r, 4);
	for (i = 0; i < 240; i++)
		rows[i] = normal(&r) + (i % 6 < 3 ? rows[i / 6 * 6] : 0.0) * (i % 6 != 0);
	assert_int_equal(loy_moments_create(&moments, 6, LOY_MISSING_PAIRWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	assert_int_equal(loy_sem_fit_moments(&sem, paths, moments, holed, NULL, NULL, NULL), LOY_EINVAL);
	robust.errors = LOY_SEM_ROBUST_MLM;
	assert_int_equal(loy_sem_fit_moments(&sem, paths, moments, six, &robust, NULL, NULL), LOY_EINVAL);
	all.missing = LOY_SEM_FULL_INFORMATION;
	assert_int_equal(loy_sem_fit_moments(&sem, paths, moments, six, &all, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_sem_fit_moments(&sem, paths, moments, six, NULL, NULL, NULL), LOY_OK);
	same = fit_table(two_factors, &table, NULL);
	assert_same_fit(sem, same);
	loy_sem_destroy(same);
	loy_sem_destroy(sem);
	rows[17] = NAN;
	table.rows = 4;
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	assert_int_equal(loy_sem_fit_moments(&sem, paths, moments, six, NULL, NULL, NULL), LOY_EINVAL);
	loy_moments_destroy(moments);
	loy_paths_destroy(paths);
}

/* Rows of weight 0 are nobody; weights are those that moments take. */
static void resampled_weights_are_those_of_moments(void **state)
{
	loy_pls_options settings = {.struct_size = sizeof(settings), .weighting = LOY_WEIGHT_SURVEY};
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 20};
	struct survey survey = survey_invent(40, 2, 55, 0);
	loy_bootstrap_summary s = {.struct_size = sizeof(s)};
	loy_bootstrap *bootstrap = NULL;
	double weights[40], value[1];
	loy_pls *pls;
	uint32_t i;

	(void)state;
	for (i = 0; i < 40; i++)
		weights[i] = i < 4 ? 0.0 : 1.5;
	survey.table.weights = weights;
	survey.table.weight_stride = sizeof(*weights);
	pls = survey_fit_invented(&survey, 2, "=~", &settings);
	assert_close(survey_summary(pls).n, 36.0, 0.0, 0.0);
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &survey.table, &options, NULL, NULL), LOY_OK);
	assert_int_equal(loy_bootstrap_get_summary(bootstrap, &s), LOY_OK);
	assert_int_equal(s.left_out, 36);
	loy_bootstrap_destroy(bootstrap);
	for (i = 0; i < 4; i++)
		weights[i] = 1.5;
	weights[9] = 0x1p40;
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &survey.table, &options, NULL, NULL),
	                 LOY_ERANGE);
	weights[9] = -1.0;
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &survey.table, &options, NULL, NULL),
	                 LOY_ERANGE);
	weights[9] = NAN;
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &survey.table, &options, NULL, NULL),
	                 LOY_ERANGE);
	assert_null(bootstrap);
	loy_pls_destroy(pls);
	weights[9] = 1.5;
	pls = survey_fit_invented(&survey, 2, "=~", &settings);
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &survey.table, &options, NULL, NULL), LOY_OK);
	assert_int_equal(loy_bootstrap_get_summary(bootstrap, &s), LOY_OK);
	assert_int_equal(s.left_out, 40);
	assert_int_equal(loy_bootstrap_replicates(bootstrap, 0, NULL, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_bootstrap_replicates(NULL, 0, value, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_bootstrap_replicates(bootstrap, 0, value, 1, NULL), LOY_EBUFFER);
	loy_bootstrap_destroy(bootstrap);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* All zero is the default: 5000 resamples, 1000 divisions, limits of 95 %. */
static void options_default(void **state)
{
	struct survey survey = survey_invent(30, 1, 56, 0);
	loy_pls *pls = survey_fit_invented(&survey, 1, "=~", NULL);
	loy_bootstrap_summary s = {.struct_size = sizeof(s)};
	loy_groups_summary g = {.struct_size = sizeof(g)};
	loy_bootstrap *bootstrap = NULL;
	loy_groups *groups = NULL;
	uint8_t group[30];
	uint32_t i;

	(void)state;
	for (i = 0; i < 30; i++)
		group[i] = (uint8_t)(1 + i % 2);
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &survey.table, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_bootstrap_get_summary(bootstrap, &s), LOY_OK);
	assert_int_equal(s.resamples, 5000);
	assert_close(s.level, 0.95, 0.0, 0.0);
	assert_int_equal(loy_groups_create(&groups, pls, &survey.table, group, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_groups_get_summary(groups, &g), LOY_OK);
	assert_int_equal(g.permutations, 1000);
	assert_int_equal(g.resamples, 1000);
	loy_bootstrap_destroy(bootstrap);
	loy_groups_destroy(groups);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Products are of constructs, on either side; cycles of long names are named as far as a message goes. */
static void models_are_refused_by_what_they_name(void **state)
{
	struct survey survey = survey_invent(30, 3, 57, 0);
#define LONG(letter) #letter "_that_has_a_name_so_long_that_three_of_them_fill_a_message"
	static const char circle[] =
	        LONG(A) " =~ a1 + a2\n" LONG(B) " =~ b1 + b2\n" LONG(H) " =~ " LONG(A) " + " LONG(
	                B) "\n" LONG(C) " =~ c1 + c2\n" LONG(C) " ~ " LONG(A) "\n" LONG(H) " ~ " LONG(C) "\n";

	(void)state;
	survey_refused("A =~ a1 + a2\nC =~ c1 + c2\nC ~ A + A:b1\n", &survey.table, NULL, LOY_EINVAL, "A:b1");
	survey_refused("A =~ a1 + a2\nC =~ c1 + c2\nC ~ A + b1:A\n", &survey.table, NULL, LOY_EINVAL, "b1:A");
	survey_refused(circle, &survey.table, NULL, LOY_ECYCLE, "_that_has_a_name");
	survey_free(&survey);
}

/* ---- calibration ---- */

static void calibration_needs_all_it_is_given(void **state)
{
	static const double factors[] = {0.0, 0.009, 101.0, NAN, -1.0};
	loy_calibration *calibration = NULL;
	loy_model *model = NULL, *faded = NULL;
	size_t i;

	(void)state;
	assert_int_equal(loy_model_create_builtin(&model, "retail", NULL), LOY_OK);
	assert_int_equal(loy_calibration_create(NULL, model, NULL), LOY_EINVAL);
	assert_int_equal(loy_calibration_create(&calibration, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_calibration_create(&calibration, model, &half), LOY_EINVAL);
	assert_null(calibration);
	assert_int_equal(loy_model_create_faded(NULL, model, 2.0, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_model_create_faded(&faded, NULL, 2.0, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_model_create_faded(&faded, model, 2.0, &half, NULL), LOY_EINVAL);
	for (i = 0; i < sizeof(factors) / sizeof(factors[0]); i++)
		assert_int_equal(loy_model_create_faded(&faded, model, factors[i], NULL, NULL), LOY_ERANGE);
	assert_null(faded);
	loy_model_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(paths_are_read_within_their_bounds),
	        cmocka_unit_test(products_are_found_in_either_order),
	        cmocka_unit_test(terms_are_added_whole_or_not),
	        cmocka_unit_test(definitions_are_added_whole_or_not),
	        cmocka_unit_test(estimates_are_asked_within_their_bounds),
	        cmocka_unit_test(modes_by_construct_are_checked),
	        cmocka_unit_test(resampled_weights_are_those_of_moments),
	        cmocka_unit_test(options_default),
	        cmocka_unit_test(models_are_refused_by_what_they_name),
	        cmocka_unit_test(calibration_needs_all_it_is_given),
	        cmocka_unit_test(fits_are_asked_within_their_bounds),
	        cmocka_unit_test(matrices_are_checked),
	        cmocka_unit_test(moments_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
