/*
 * Traps of other programs for path models, one test for each, in the order in which a review of eleven of them
 * found them: what others get wrong, and the assertion that this library does not. Traps seven to sixteen are in
 * test_traps_more.c; those of net scores (edges, scales, missing codes) in insight/test_survey.c, by names that
 * begin with trap_ as well. Tests whose names end in "_on_…" repeat a review's evidence on data outside the tree.
 */
#include "surveys.h"

#include "sems.h"

enum { ROWS = 300, PER = 4 };

/* ---- 1: signs ---- */

/* The sum of a construct's standardised items by its weights, which nothing but weights can turn. */
static void weigh(const loy_pls *pls, const struct survey *survey, uint32_t construct, double *sums)
{
	loy_pls_indicator i = {.struct_size = sizeof(i)};
	size_t row;
	uint32_t k;

	memset(sums, 0, survey->table.rows * sizeof(*sums));
	for (k = 0; loy_pls_get_indicator(pls, k, &i) == LOY_OK; k++) {
		const double *value = survey->values + survey_column(survey, i.name);

		for (row = 0; i.construct == construct && row < survey->table.rows; row++)
			sums[row] += i.weight * (value[row * survey->table.columns] - i.mean) / i.deviation;
	}
}

/* Weights, loadings, scores and paths belong together, whatever direction a rule gave them. */
static void belongs_together(const loy_pls *pls, const struct survey *survey)
{
	size_t rows = survey->table.rows, columns = survey->table.columns;
	uint32_t constructs = survey_summary(pls).constructs, c, k;
	double *scores = survey_scores(pls, &survey->table), *r = survey_matrix(pls, LOY_PLS_CORRELATIONS),
	       *direct = survey_matrix(pls, LOY_PLS_DIRECT), *sums = malloc(rows * sizeof(*sums));
	loy_pls_indicator i = {.struct_size = sizeof(i)};
	loy_pls_path p = {.struct_size = sizeof(p)};

	assert_non_null(sums);
	for (c = 0; c < constructs; c++) {
		weigh(pls, survey, c, sums);
		/* the evidence against a peer: -1 */
		assert_close(survey_correlate(sums, 1, scores + c, constructs, rows), 1.0, 0.0, 1e-12);
		for (k = 0; loy_pls_get_indicator(pls, k, &i) == LOY_OK; k++) {
			if (i.construct == c)
				assert_close(survey_correlate(survey->values + survey_column(survey, i.name),
				                              columns, sums, 1, rows),
				             i.loading, 0.0, 1e-11);
		}
		for (k = 0; k < constructs; k++)
			assert_close(survey_correlate(scores + k, constructs, sums, 1, rows),
			             r[c * constructs + k], 0.0, 1e-11);
	}
	for (k = 0; loy_pls_get_path(pls, k, &p) == LOY_OK; k++) {
		double explained =
		        0.0; /* of what p.from has in common with p.to, by all predictors of that */

		for (c = 0; c < constructs; c++)
			explained += direct[c * constructs + p.to] * r[c * constructs + p.from];
		assert_close(explained, r[p.from * constructs + p.to], 0.0, 1e-11);
	}
	free(scores);
	free(r);
	free(direct);
	free(sums);
}

/*
 * One flips signs of scores, loadings and paths but not of weights. The strongest of B's items is reversed: the start
 * follows the other three, the dominant one wants the other direction.
 */
static void trap_signs_turn_weights_loadings_scores_and_paths_together(void **state)
{
	static const int expected[3] = {-1, 1, -1}; /* sign of b1 by start, dominant one, majority */
	struct survey survey = survey_invent(ROWS, 4, 6, 0);
	double first = 0.0;
	uint32_t sign;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++) {
		double *v = survey.values + row * 12 + 4;

		v[0] = 11.0 - v[0];
		v[1] += (double)(row * 37 % 5);
		v[2] += (double)(row * 53 % 4);
		v[3] += (double)(row * 29 % 4);
	}
	for (sign = LOY_PLS_SIGN_START; sign <= LOY_PLS_SIGN_MAJORITY; sign++) {
		loy_pls_options options = {.struct_size = sizeof(options), .sign = sign};
		loy_pls *pls = survey_fit_invented(&survey, 4, "=~", &options);
		loy_pls_indicator b1 = survey_indicator_named(pls, "B", "b1"),
		                  b2 = survey_indicator_named(pls, "B", "b2");

		assert_true(b1.loading * expected[sign] > 0.0 && b1.weight * expected[sign] > 0.0);
		assert_true(b2.loading * expected[sign] < 0.0 && b2.weight * expected[sign] < 0.0);
		assert_true(survey_path(pls, "A", "B") * expected[sign] < 0.0);
		first = sign == 0 ? survey_path(pls, "A", "B") : first;
		assert_close(fabs(survey_path(pls, "A", "B")), fabs(first), 0.0, 1e-15);
		belongs_together(pls, &survey);
		loy_pls_destroy(pls);
	}
	survey_free(&survey);
}

/*
 * One strong item against two weak ones: the start follows the strong one, the majority wants the other
 * direction.
 */
static void trap_signs_follow_the_rule_that_was_chosen(void **state)
{
	static const int expected[3] = {1, 1, -1};
	struct survey survey = survey_invent(ROWS, 3, 19, 0);
	uint32_t sign;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++) {
		double *v = survey.values + row * 9;

		v[3] = 11.0 - v[3];
		v[4] += (double)(row * 37 % 20);
		v[5] += (double)(row * 53 % 19);
	}
	for (sign = LOY_PLS_SIGN_START; sign <= LOY_PLS_SIGN_MAJORITY; sign++) {
		loy_pls_options options = {.struct_size = sizeof(options), .sign = sign};
		loy_pls *pls = survey_fit_invented(&survey, 3, "=~", &options);

		assert_true(survey_indicator_named(pls, "B", "b1").loading * expected[sign] > 0.0);
		assert_true(survey_indicator_named(pls, "B", "b2").loading * expected[sign] < 0.0);
		assert_true(survey_indicator_named(pls, "B", "b3").weight * expected[sign] < 0.0);
		belongs_together(pls, &survey);
		loy_pls_destroy(pls);
	}
	survey_free(&survey);
}

/* There scores by the peer's weights correlate -1 with its scores. */
static void trap_signs_belong_together_on_russett_and_spainfoot(void **state)
{
	static const char *const models[] = {"russett", "spainfoot"};
	uint32_t sign;
	size_t m;

	(void)state;
	for (m = 0; m < 2; m++) {
		loy_paths *paths = survey_model(models[m]);
		struct survey survey = survey_read(survey_file(models[m]));

		for (sign = LOY_PLS_SIGN_START; sign <= LOY_PLS_SIGN_MAJORITY; sign++) {
			loy_pls_options options = {.struct_size = sizeof(options), .sign = sign};
			loy_pls *pls = survey_fit(paths, &survey.table, &options);

			belongs_together(pls, &survey);
			loy_pls_destroy(pls);
		}
		loy_paths_destroy(paths);
		survey_free(&survey);
	}
}

/* ---- 2: standardising ---- */

/*
 * One divides all columns by one pooled deviation. Other units, and an offset, change nothing but the last
 * places.
 */
static void trap_items_are_standardised_each_by_its_own_deviation(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 4, 0);
	loy_pls *pls = survey_fit_invented(&survey, PER, "=~", NULL), *other;
	loy_pls_indicator before, after;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++) {
		survey.values[row * 3 * PER] *= 1024.0;
		survey.values[row * 3 * PER + 1] = survey.values[row * 3 * PER + 1] / 64.0 - 3.0;
	}
	other = survey_fit_invented(&survey, PER, "=~", NULL);
	before = survey_indicator_named(pls, "A", "a1");
	after = survey_indicator_named(other, "A", "a1");
	assert_close(after.weight, before.weight, 0.0, 1e-13);
	assert_close(after.deviation, 1024.0 * before.deviation, 1e-14, 0.0);
	before = survey_indicator_named(pls, "A", "a2");
	after = survey_indicator_named(other, "A", "a2");
	assert_close(after.weight, before.weight, 0.0, 1e-13);
	assert_close(survey_path(other, "A", "C"), survey_path(pls, "A", "C"), 0.0, 1e-13);
	loy_pls_destroy(other);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* ---- 3: seeds ---- */

/* 200 values of the first path, of a bootstrap of invented respondents. */
static void replicates(uint64_t seed, uint32_t threads, double values[200])
{
	loy_bootstrap_options options = {.struct_size = sizeof(options),
	                                 .resamples = 200,
	                                 .flags = LOY_BOOTSTRAP_NO_BCA,
	                                 .seed = seed,
	                                 .threads = threads};
	struct survey survey = survey_invent(60, 3, 11, 0);
	loy_pls *pls = survey_fit_invented(&survey, 3, "=~", NULL);
	loy_bootstrap *bootstrap = NULL;

	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &survey.table, &options, NULL, NULL), LOY_OK);
	assert_int_equal(loy_bootstrap_replicates(bootstrap, 0, values, 200, NULL), LOY_OK);
	loy_bootstrap_destroy(bootstrap);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* One gives replicate i the seed plus i: seeds 1 and 2 have 199 of 200 replicates in common. */
static void trap_bootstrap_seeds_share_no_replicates(void **state)
{
	double one[200], two[200], threads[200];
	int i, k;

	(void)state;
	replicates(1, 1, one);
	replicates(2, 1, two);
	replicates(1, 3, threads);
	for (i = 0; i < 200; i++) {
		for (k = 0; k < 200; k++)
			assert_true(one[i] != two[k]);
	}
	assert_memory_equal(one, threads, sizeof(one));
}

/* ---- 4: settings of the estimate in resamples ---- */

/*
 * One forgets how missing values were treated, the limit of iterations and the tolerance. All respondents once as a
 * resample: whatever was set gives the estimate again, which is another one than without the setting.
 */
static void trap_bootstrap_keeps_every_setting(void **state)
{
	static const loy_pls_override unit = {.construct = "B", .mode = LOY_PLS_MODE_UNIT};
	const loy_pls_options settings[] = {
	        {.missing = LOY_MISSING_MEAN},
	        {.iterations = 2},
	        {.tolerance = 0.1},
	        {.scheme = LOY_PLS_CENTROID},
	        {.scheme = LOY_PLS_FACTORIAL},
	        {.mode = LOY_PLS_MODE_B},
	        {.overrides = &unit, .override_count = 1},
	        {.consistent = 1},
	        {.sign = LOY_PLS_SIGN_DOMINANT},
	        {.weighting = LOY_WEIGHT_SURVEY},
	};
	struct survey survey = survey_invent(90, 3, 7, 0);
	uint32_t rows[2 * 90], i, k;
	double weights[90], values[2], plain;
	loy_pls *pls;

	(void)state;
	for (i = 0; i < 90; i++) {
		double *v = survey.values + i * 9;

		rows[i] = rows[90 + i] = i;
		weights[i] = 1.0;
		v[3] = 11.0 -
		       v[3]; /* so that B's largest loading is negative, and its sign is a matter of rule */
		v[4] += (double)(i * 37 % 5);
		v[5] += (double)(i * 53 % 4);
		if (i % 9 == 4)
			v[i % 7] = NAN;
	}
	survey.table.weights = weights;
	survey.table.weight_stride = sizeof(*weights);
	pls = survey_fit_invented(&survey, 3, "=~", NULL);
	plain = survey_path(pls, "A", "B");
	loy_pls_destroy(pls);
	for (i = 0; i < 90; i++)
		weights[i] = 0.5 + (double)(i % 5); /* halves are no frequencies */
	for (k = 0; k < sizeof(settings) / sizeof(settings[0]); k++) {
		loy_pls_options options = settings[k];
		loy_bootstrap_options resampling = {
		        .struct_size = sizeof(resampling), .resamples = 2, .rows = rows};
		loy_bootstrap *bootstrap = NULL;
		loy_bootstrapped b = {.struct_size = sizeof(b)};

		options.struct_size = sizeof(options);
		survey.table.weights = options.weighting == LOY_WEIGHT_SURVEY ? weights : NULL;
		pls = survey_fit_invented(&survey, 3, "=~", &options);
		assert_true(fabs(survey_path(pls, "A", "B") - plain) > 1e-6);
		assert_int_equal(
		        loy_bootstrap_create(&bootstrap, pls, &survey.table, &resampling, NULL, NULL),
		        LOY_OK);
		for (i = 0; loy_bootstrap_get(bootstrap, i, &b) == LOY_OK; i++) {
			assert_int_equal(loy_bootstrap_replicates(bootstrap, i, values, 2, NULL), LOY_OK);
			/* moments are exact in the one and summed plainly in the other */
			assert_close(values[0], b.estimate, 0.0, 1e-11);
		}
		loy_bootstrap_destroy(bootstrap);
		loy_pls_destroy(pls);
	}
	survey_free(&survey);
}

/* There the resamples of a peer are about the estimate with means in place of what is missing. */
static void trap_bootstrap_keeps_listwise_on_ecsi_missing(void **state)
{
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 1000};
	loy_pls_options means = {.struct_size = sizeof(means), .missing = LOY_MISSING_MEAN};
	struct survey survey = survey_read("data/ecsi_mobile_missing.csv");
	loy_paths *paths = survey_model("ecsi_mobile");
	loy_pls *pls = survey_fit(paths, &survey.table, NULL),
	        *mean = survey_fit(paths, &survey.table, &means);
	uint32_t from = survey_construct(pls, "Quality"), to = survey_construct(pls, "Satisfaction"),
	         index = 0;
	loy_bootstrap_summary s = {.struct_size = sizeof(s)};
	loy_bootstrapped b = {.struct_size = sizeof(b)};
	loy_bootstrap *bootstrap = NULL;

	(void)state;
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &survey.table, &options, NULL, NULL), LOY_OK);
	assert_int_equal(loy_bootstrap_get_summary(bootstrap, &s), LOY_OK);
	assert_int_equal(s.left_out, 119); /* the complete ones of 250 */
	assert_int_equal(loy_bootstrap_find(bootstrap, LOY_BOOTSTRAP_PATH, from, to, &index), LOY_OK);
	assert_int_equal(loy_bootstrap_get(bootstrap, index, &b), LOY_OK);
	assert_close(b.estimate, 0.5710, 0.0, 5e-5);
	assert_close(survey_path(mean, "Quality", "Satisfaction"), 0.5025, 0.0, 5e-5);
	/* the mean of 1,000 resamples has an error of 0.003 or so, and bias is small */
	assert_close(b.mean, b.estimate, 0.0, 0.02);
	loy_bootstrap_destroy(bootstrap);
	loy_pls_destroy(mean);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* ---- 5: inadmissible solutions ---- */

/*
 * One is silent. A's items have little in common, but each has much with B's: corrected for A's low reliability, the
 * correlation lies beyond 1, and so do path and R².
 */
static void trap_inadmissible_consistent_estimates_are_flagged(void **state)
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
	pls = survey_fit_text(text, &survey.table, NULL);
	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_int_equal(s.inadmissible, 0);
	loy_pls_destroy(pls);
	pls = survey_fit_text(text, &survey.table, &options);
	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	assert_true(s.inadmissible >= 4);
	assert_int_equal(survey_problems(pls, LOY_PLS_PATH_BEYOND_ONE, &problem), 1);
	assert_close(problem.value, survey_path(pls, "A", "B"), 0.0, 0.0);
	assert_true(problem.value > 1.0 && problem.inadmissible == 1);
	survey_says(pls, LOY_PLS_PATH_BEYOND_ONE, "A -> B", "beyond 1");
	survey_says(pls, LOY_PLS_CORRELATED, "A", "B");
	survey_says(pls, LOY_PLS_NOT_DEFINITE, "A", "B");
	survey_says(pls, LOY_PLS_R2_BEYOND_ONE, "B", "R2");
	loy_pls_destroy(pls);
	survey_free(&survey);
}

static loy_pls *consistent_fit(const char *model, struct survey *survey)
{
	loy_pls_options options = {.struct_size = sizeof(options), .consistent = 1};
	loy_paths *paths = survey_model(model);
	loy_pls *pls;

	*survey = survey_read(survey_file(model));
	pls = survey_fit(paths, &survey->table, &options);
	loy_paths_destroy(paths);
	return pls;
}

/* There one is silent about a reliability beyond 1, and the five checks of another pass a path of 2.585. */
static void trap_inadmissible_consistent_estimates_are_flagged_on_surveys(void **state)
{
	loy_pls_problem problem = {.struct_size = sizeof(problem)};
	struct survey survey;
	loy_pls *pls = consistent_fit("satisfaction_bank", &survey);
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
	pls = consistent_fit("russett", &survey);
	assert_int_equal(survey_problems(pls, LOY_PLS_RELIABILITY, &problem), 1);
	assert_close(problem.value, 1.0186, 0.0, 5e-5);
	assert_true(survey_problems(pls, LOY_PLS_LOADING_BEYOND_ONE, NULL) > 0);
	loy_pls_destroy(pls);
	survey_free(&survey);
	pls = consistent_fit("ecsi_mobile", &survey);
	assert_int_equal(survey_problems(pls, LOY_PLS_NOT_DEFINITE, &problem), 1);
	assert_true(problem.value < 0.0);
	survey_says(pls, LOY_PLS_NOT_DEFINITE, "these two are nearest", "least eigenvalue -");
	loy_pls_destroy(pls);
	survey_free(&survey);
	pls = consistent_fit("spainfoot", &survey);
	assert_int_equal(survey_problems(pls, LOY_PLS_NOT_DEFINITE, NULL), 1);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* ---- 6: near-singular constructs; on the surveys of the review: test_sem_reference.c ---- */

/*
 * Correlations beyond 1 fit the data best: one stops without a word, or bends them to something that is
 * possible.
 */
static void trap_latents_that_are_not_positive_definite_are_flagged_never_repaired(void **state)
{
	loy_sem_options options = default_options();
	loy_sem_issue issue;
	double s[36], r[4];
	loy_sem *sem;

	(void)state;
	make_two(s, 1.05, 1.0);
	options.likelihood = LOY_SEM_WISHART;
	sem = fit_matrix(two_factors, s, NULL, 6, 300, six, &options);
	/* the true values are found and kept: nothing is repaired */
	assert_int_equal(info_of(sem).state, LOY_SEM_CONVERGED);
	assert_close(parameter(sem, "F", "~~", "G").value, 1.05, 1e-11, 0.0);
	assert_close(fit_of(sem, LOY_SEM_CHISQ), 0.0, 0.0, 1e-10);
	assert_int_equal(info_of(sem).issues, 2);
	issue = issue_of(sem, LOY_SEM_ISSUE_CORRELATION);
	assert_string_equal(issue.first, "F");
	assert_string_equal(issue.second, "G");
	assert_close(issue.value, 1.05, 1e-11, 0.0);
	assert_string_equal(parameter_at(sem, issue.parameter).left, "F");
	issue = issue_of(sem, LOY_SEM_ISSUE_CONSTRUCTS);
	assert_close(issue.value, -0.05, 1e-9, 0.0);
	assert_int_equal(loy_sem_get_matrix(sem, LOY_SEM_CONSTRUCTS_CORRELATED, r, 4, NULL), LOY_OK);
	assert_close(r[1], 1.05, 1e-11, 0.0);
	loy_sem_destroy(sem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(trap_signs_turn_weights_loadings_scores_and_paths_together),
	        cmocka_unit_test(trap_signs_follow_the_rule_that_was_chosen),
	        cmocka_unit_test(trap_signs_belong_together_on_russett_and_spainfoot),
	        cmocka_unit_test(trap_items_are_standardised_each_by_its_own_deviation),
	        cmocka_unit_test(trap_bootstrap_seeds_share_no_replicates),
	        cmocka_unit_test(trap_bootstrap_keeps_every_setting),
	        cmocka_unit_test(trap_bootstrap_keeps_listwise_on_ecsi_missing),
	        cmocka_unit_test(trap_inadmissible_consistent_estimates_are_flagged),
	        cmocka_unit_test(trap_inadmissible_consistent_estimates_are_flagged_on_surveys),
	        cmocka_unit_test(trap_latents_that_are_not_positive_definite_are_flagged_never_repaired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
