/* Traps of other programs for path models, seven to sixteen: test_traps.c has the first six and says more. */
#include "surveys.h"

#include "sems.h"

enum { ROWS = 300, PER = 4 };

static const char three[] = "A =~ a1 + a2 + a3\nB =~ b1 + b2 + b3\nC =~ c1 + c2 + c3\nB ~ A\nC ~ A + B\n";

/* ---- 7: HTMT ---- */

/*
 * One takes the mean of absolute correlations, one the absolute mean: they differ when an item is reversed,
 * and only then.
 */
static void trap_htmt_in_both_definitions(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 8, 0), reversed = survey_invent(ROWS, PER, 8, 1);
	loy_pls *pls = survey_fit_invented(&survey, PER, "=~", NULL),
	        *other = survey_fit_invented(&reversed, PER, "=~", NULL);
	double *a = survey_matrix(pls, LOY_PLS_HTMT), *b = survey_matrix(pls, LOY_PLS_HTMT_SIGNED);
	double *c = survey_matrix(other, LOY_PLS_HTMT), *d = survey_matrix(other, LOY_PLS_HTMT_SIGNED);

	(void)state;
	assert_close(a[1], b[1], 1e-13, 0.0);
	assert_close(a[2], b[2], 1e-13, 0.0);
	assert_close(c[2], a[2], 1e-12, 0.0); /* a reversed item changes no absolute correlation */
	assert_true(fabs(c[2] - d[2]) > 0.01);
	assert_close(a[0], 1.0, 0.0, 0.0);
	assert_close(a[1], a[3], 0.0, 0.0);
	free(a);
	free(b);
	free(c);
	free(d);
	loy_pls_destroy(pls);
	loy_pls_destroy(other);
	survey_free(&survey);
	survey_free(&reversed);
}

/* There they differ by 0.036, as one item of loyalty correlates negatively with others. */
static void trap_htmt_in_both_definitions_on_ecsi(void **state)
{
	loy_paths *paths = survey_model("ecsi_mobile");
	struct survey survey = survey_read(survey_file("ecsi_mobile"));
	loy_pls *pls = survey_fit(paths, &survey.table, NULL);
	uint32_t n = survey_summary(pls).constructs, i;
	double *a = survey_matrix(pls, LOY_PLS_HTMT), *b = survey_matrix(pls, LOY_PLS_HTMT_SIGNED),
	       worst = 0.0;

	(void)state;
	for (i = 0; i < n * n; i++)
		worst = fmax(worst, fabs(a[i] - b[i]));
	assert_close(worst, 0.036, 0.0, 5e-4);
	free(a);
	free(b);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* ---- 8: f² ---- */

/* One estimates the model again without the path: f² is about the same scores. */
static void trap_f2_holds_scores_fixed(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 9, 0);
	loy_pls *pls = survey_fit_invented(&survey, PER, "=~", NULL);
	double *r = survey_matrix(pls, LOY_PLS_CORRELATIONS), full = survey_construct_named(pls, "C").r2;
	loy_pls_path path = {.struct_size = sizeof(path)};
	uint32_t k;

	(void)state;
	for (k = 1; k < 3; k++) {
		double without = r[(k == 1 ? 1 : 0) * 3 + 2];

		assert_int_equal(loy_pls_get_path(pls, k, &path), LOY_OK);
		assert_int_equal(path.from, k - 1);
		assert_close(path.f2, (full - without * without) / (1.0 - full), 1e-12, 0.0);
		assert_close(path.vif, 1.0 / (1.0 - r[1] * r[1]), 1e-12, 0.0);
	}
	free(r);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

static void trap_f2_holds_scores_fixed_on_ecsi(void **state)
{
	loy_paths *paths = survey_model("ecsi_mobile");
	struct survey survey = survey_read(survey_file("ecsi_mobile"));
	loy_pls *pls = survey_fit(paths, &survey.table, NULL);
	loy_pls_path p = {.struct_size = sizeof(p)};
	uint32_t i;

	(void)state;
	for (i = 0; loy_pls_get_path(pls, i, &p) == LOY_OK; i++) {
		if (p.from == survey_construct(pls, "Complaints") && p.to == survey_construct(pls, "Loyalty"))
			break;
	}
	assert_close(p.f2, 0.0058, 0.0, 5e-5); /* 0.0070 with the model estimated again */
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* ---- 9: benchmark of predictions ---- */

/* Errors of the items of B and C, of invented respondents in ten folds. */
static void predicted(const struct survey *survey, const loy_pls_options *options, loy_item_prediction out[6])
{
	loy_pls *pls = survey_fit_invented(survey, 3, "=~", options);

	memset(out, 0, 6 * sizeof(*out));
	out->struct_size = sizeof(*out);
	assert_int_equal(loy_pls_predict_count(pls), 6);
	assert_int_equal(loy_pls_predict(pls, &survey->table, 10, out, 6, NULL, NULL), LOY_OK);
	loy_pls_destroy(pls);
}

/*
 * One lets the benchmark see items of all other constructs: what comes later in the model cannot help what
 * was published.
 */
static void trap_predictions_have_the_benchmark_of_exogenous_items(void **state)
{
	struct survey survey = survey_invent(120, 3, 11, 0);
	loy_item_prediction before[6], after[6];
	uint32_t i, row, last = survey.table.columns - 1;

	(void)state;
	predicted(&survey, NULL, before);
	for (i = 0; i < 6; i++) {
		assert_close(before[i].n, 120.0, 0.0, 0.0);
		assert_true(before[i].mae[LOY_PREDICT_DIRECT] <= before[i].rmse[LOY_PREDICT_DIRECT]);
		assert_true(before[i].q2[LOY_PREDICT_DIRECT] > 0.0 && before[i].q2[LOY_PREDICT_DIRECT] < 1.0);
	}
	/* B is predicted from A alone: for its items the two ways are one. */
	assert_close(before[0].rmse[LOY_PREDICT_DIRECT], before[0].rmse[LOY_PREDICT_EARLIEST], 1e-12, 0.0);
	for (row = 0; row < 120; row++)
		survey.values[row * survey.table.columns + last] += row % 5; /* an item of C, which is last */
	predicted(&survey, NULL, after);
	assert_bits_equal(after[0].rmse[LOY_PREDICT_LINEAR], before[0].rmse[LOY_PREDICT_LINEAR]);
	assert_true(after[0].rmse[LOY_PREDICT_LINEAR_OTHERS] != before[0].rmse[LOY_PREDICT_LINEAR_OTHERS]);
	survey_free(&survey);
}

/*
 * One predicts by corrected paths from scores that are not corrected: errors must be those of plain
 * estimates.
 */
static void trap_predictions_of_consistent_estimates_use_paths_of_scores(void **state)
{
	loy_pls_options options = {.struct_size = sizeof(options), .consistent = 1};
	struct survey survey = survey_invent(120, 3, 11, 0);
	loy_pls *plain = survey_fit_invented(&survey, 3, "=~", NULL),
	        *consistent = survey_fit_invented(&survey, 3, "=~", &options);
	loy_item_prediction a[6], b[6];
	uint32_t i, k;

	(void)state;
	assert_true(survey_path(consistent, "A", "B") > survey_path(plain, "A", "B") + 0.1);
	predicted(&survey, NULL, a);
	predicted(&survey, &options, b);
	for (i = 0; i < 6; i++) {
		for (k = 0; k < LOY_PREDICT_METHODS; k++) {
			assert_bits_equal(b[i].rmse[k], a[i].rmse[k]);
			assert_bits_equal(b[i].mae[k], a[i].mae[k]);
			assert_bits_equal(b[i].q2[k], a[i].q2[k]);
		}
	}
	loy_pls_destroy(plain);
	loy_pls_destroy(consistent);
	survey_free(&survey);
}

/* ---- 10: weights of indices ---- */

/* One takes standardised weights on raw answers, which is another combination than the score. */
static void trap_index_weights_are_those_of_raw_answers(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 10, 0);
	loy_pls *pls = survey_fit_invented(&survey, 3, "=~", NULL);
	loy_pls_scale scales[9];
	loy_pls_index index = {.struct_size = sizeof(index)};
	double indices[ROWS * 3], *scores = survey_scores(pls, &survey.table), mean = 0.0, squares = 0.0;
	size_t row;
	int i;

	(void)state;
	for (i = 0; i < 9; i++) {
		scales[i].low = 1.0;
		scales[i].high = 10.0;
	}
	assert_int_equal(loy_pls_get_index(pls, 2, scales, &index, NULL), LOY_OK);
	assert_int_equal(
	        loy_pls_score(pls, &survey.table, LOY_PLS_INDICES, scales, indices, ROWS * 3, NULL, NULL),
	        LOY_OK);
	for (row = 0; row < ROWS; row++) {
		mean += indices[row * 3 + 2] / ROWS;
		assert_true(indices[row * 3 + 2] >= 0.0 && indices[row * 3 + 2] <= 100.0);
		/* the index is the score on another scale */
		assert_close((indices[row * 3 + 2] - index.mean) / index.deviation, scores[row * 3 + 2], 0.0,
		             1e-10);
	}
	for (row = 0; row < ROWS; row++)
		squares += (indices[row * 3 + 2] - mean) * (indices[row * 3 + 2] - mean);
	assert_close(index.mean, mean, 1e-12, 0.0);
	assert_close(index.deviation, sqrt(squares / (ROWS - 1)), 1e-12, 0.0);
	free(scores);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

static void trap_index_weights_are_those_of_raw_answers_on_ecsi(void **state)
{
	loy_paths *paths = survey_model("ecsi_mobile");
	struct survey survey = survey_read(survey_file("ecsi_mobile"));
	loy_pls *pls = survey_fit(paths, &survey.table, NULL);
	uint32_t satisfaction = survey_construct(pls, "Satisfaction"), i;
	loy_pls_index index = {.struct_size = sizeof(index)};
	loy_pls_indicator item = {.struct_size = sizeof(item)};
	double answers = 0.0, weights = 0.0;
	loy_pls_scale scales[64];

	(void)state;
	for (i = 0; i < survey_summary(pls).items; i++) {
		scales[i].low = 1.0;
		scales[i].high = 10.0;
	}
	assert_int_equal(loy_pls_get_index(pls, satisfaction, scales, &index, NULL), LOY_OK);
	assert_close(index.mean, 72.45, 0.0, 5e-3);
	assert_close(index.equal, 71.97, 0.0, 5e-3);
	for (i = 0; loy_pls_get_indicator(pls, i, &item) == LOY_OK; i++) {
		answers += item.construct == satisfaction ? item.weight * item.mean : 0.0;
		weights += item.construct == satisfaction ? item.weight : 0.0;
	}
	/* what the peer gives */
	assert_close(100.0 * (answers - weights) / (9.0 * weights), 71.78, 0.0, 5e-3);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* ---- 11: constant and duplicate columns, missing values ---- */

/* Others fail somewhere inside, or stop without a name. */
static void trap_a_constant_item_is_refused_by_name(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 22, 0);
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++)
		survey.values[row * 9 + 4] = 7.0;
	survey_refused(three, &survey.table, NULL, LOY_ERANGE, "'b2'");
	survey_free(&survey);
}

/*
 * All three let a message of their linear algebra out. In mode A it is estimated and reported, in mode B it
 * has no solution.
 */
static void trap_duplicate_items_are_named(void **state)
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
	pls = survey_fit_text(three, &survey.table, NULL);
	assert_int_equal(survey_problems(pls, LOY_PLS_DUPLICATE, NULL), 1);
	survey_says(pls, LOY_PLS_DUPLICATE, "b3", "b1");
	survey_says(pls, LOY_PLS_COLLINEAR, "B", "b3");
	assert_int_equal(loy_pls_get_indicator(pls, survey_indicator(pls, "B", "b1"), &indicator), LOY_OK);
	assert_true(isinf(indicator.vif));
	loy_pls_destroy(pls);
	survey_refused(three, &survey.table, &options, LOY_ERANGE, "'B'");
	survey_free(&survey);
}

/*
 * One crashes, one puts in means without a word: here incomplete rows are left out and n says so, or means
 * are asked for.
 */
static void trap_missing_answers_are_never_filled_in_unasked(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 33, 0), holes = survey_invent(ROWS, 3, 33, 0);
	loy_pls_options means = {.struct_size = sizeof(means), .missing = LOY_MISSING_MEAN};
	loy_pls *left, *alone, *filled;
	size_t row, kept = 0;

	(void)state;
	for (row = 0; row < ROWS; row++) {
		if (row % 7 == 3)
			holes.values[row * 9 + row % 9] = NAN;
		else
			memmove(survey.values + 9 * kept++, survey.values + row * 9, 9 * sizeof(double));
	}
	survey.table.rows = kept;
	left = survey_fit_text(three, &holes.table, NULL);
	alone = survey_fit_text(three, &survey.table, NULL);
	filled = survey_fit_text(three, &holes.table, &means);
	assert_close(survey_summary(left).n, (double)kept, 0.0, 0.0);
	assert_close(survey_summary(filled).n, ROWS, 0.0, 0.0);
	assert_bits_equal(survey_path(left, "A", "C"), survey_path(alone, "A", "C"));
	assert_true(fabs(survey_path(left, "A", "C") - survey_path(filled, "A", "C")) > 1e-3);
	loy_pls_destroy(left);
	loy_pls_destroy(alone);
	loy_pls_destroy(filled);
	survey_free(&survey);
	survey_free(&holes);
}

/* ---- 12: resamples that lose their variance ---- */

/* In others the whole bootstrap dies of one of them. */
static void trap_resamples_that_lose_variance_are_redrawn_and_counted(void **state)
{
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 200};
	loy_bootstrap_summary s = {.struct_size = sizeof(s)};
	struct survey survey = survey_invent(40, 3, 11, 0);
	loy_bootstrap *bootstrap = NULL;
	uint32_t rows[3 * 40], i;
	loy_pls *pls;

	(void)state;
	/* An item that one respondent in forty answers otherwise is constant in (1 - 1/40)^40 = 36 % of resamples. */
	for (i = 0; i < 40; i++)
		survey.values[i * survey.table.columns] = i == 17;
	pls = survey_fit_text(three, &survey.table, NULL);
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &survey.table, &options, NULL, NULL), LOY_OK);
	assert_int_equal(loy_bootstrap_get_summary(bootstrap, &s), LOY_OK);
	assert_int_equal(s.used, 200);
	assert_int_equal(s.dropped, 0);
	/* 200 * 0.36 / 0.64 = 114 expected, with a deviation of 13 */
	assert_true(s.redrawn > 60 && s.redrawn < 170);
	assert_int_equal(s.left_out, 39); /* without that one there is no estimate */
	loy_bootstrap_destroy(bootstrap);
	/* Rows that are given cannot be drawn again: the resample is dropped and counted. */
	for (i = 0; i < 40; i++) {
		rows[i] = rows[40 + i] = i;
		rows[80 + i] = i % 10;
	}
	options.rows = rows;
	options.resamples = 3;
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &survey.table, &options, NULL, NULL), LOY_OK);
	assert_int_equal(loy_bootstrap_get_summary(bootstrap, &s), LOY_OK);
	assert_int_equal(s.used, 2);
	assert_int_equal(s.dropped, 1);
	loy_bootstrap_destroy(bootstrap);
	options.rows = rows + 40; /* one that does is too few to say anything */
	options.resamples = 2;
	assert_int_equal(loy_bootstrap_create(&bootstrap, pls, &survey.table, &options, NULL, NULL),
	                 LOY_ESTATE);
	assert_null(bootstrap);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* ---- 13: net scores ---- */

/*
 * All promoters have variance 0 and a plain interval of width 0, and one gives limits as (upper, lower). The laws of
 * all methods, other scales and missing codes of answers: trap_… in insight/test_survey.c.
 */
static void trap_net_scores_at_the_edge_say_that_an_interval_says_nothing(void **state)
{
	loy_scale scale = {.struct_size = sizeof(scale), .low = 0, .high = 10};
	loy_interval limits = {.struct_size = sizeof(limits)};
	loy_net net = {.struct_size = sizeof(net)};
	loy_answers *answers = NULL;
	uint32_t method;

	(void)state;
	assert_int_equal(loy_answers_create(&answers, &scale, NULL), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 10, 12), LOY_OK);
	assert_int_equal(loy_answers_net(answers, NULL, &net), LOY_OK);
	assert_close(net.variance, 0.0, 0.0, 0.0);
	for (method = LOY_SURVEY_WALD; method <= LOY_SURVEY_SCORE; method++) {
		assert_int_equal(loy_answers_net_interval(answers, NULL, method, 0.95, &limits), LOY_OK);
		assert_true(limits.low <= limits.high);
		assert_int_equal((limits.flags & LOY_INTERVAL_DEGENERATE) != 0, limits.low == limits.high);
	}
	assert_true(limits.low < 80.0); /* by the score test: a dozen answers leave much open */
	loy_answers_destroy(answers);
}

/* ---- 14: codes of missing answers ---- */

/* Undeclared, -99 would be the loudest answer of all. */
static void trap_missing_codes_are_not_answers(void **state)
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
	coded = survey_fit_text(three, &survey.table, NULL);
	open = survey_fit_text(three, &holes.table, NULL);
	assert_bits_equal(survey_path(coded, "A", "C"), survey_path(open, "A", "C"));
	assert_int_equal(loy_pls_get_summary(coded, &s), LOY_OK);
	assert_close(s.n, ROWS - 43, 0.0, 0.0);
	loy_pls_destroy(coded);
	loy_pls_destroy(open);
	survey_free(&survey);
	survey_free(&holes);
}

/* ---- 15: n or n - 1 ---- */

/* Deviations and scores are those of n - 1; weights do not depend on it. */
static void trap_deviations_and_scores_are_of_n_minus_1(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 7, 0);
	loy_pls *pls = survey_fit_invented(&survey, 2, "=~", NULL);
	double *scores = survey_scores(pls, &survey.table), squares = 0.0, mean = 0.0, sum = 0.0;
	loy_pls_indicator a1 = survey_indicator_named(pls, "A", "a1");
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++) {
		squares += scores[row * 3] * scores[row * 3];
		mean += survey.values[row * 6] / ROWS;
	}
	for (row = 0; row < ROWS; row++)
		sum += (survey.values[row * 6] - mean) * (survey.values[row * 6] - mean);
	assert_close(squares / (ROWS - 1), 1.0, 1e-12, 0.0);
	assert_close(a1.deviation, sqrt(sum / (ROWS - 1)), 1e-13, 0.0);
	assert_close(a1.mean, mean, 1e-13, 0.0);
	free(scores);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Chi-square and variances are those of n, or of n - 1 when that is said; paths do not depend on it. */
static void trap_likelihoods_of_n_and_of_n_minus_1_are_told_apart(void **state)
{
	loy_sem_options options = default_options();
	loy_sem *of_n, *of_less;
	double s[36];

	(void)state;
	make_two(s, 0.5, 1.0);
	s[1] = s[6] = s[1] + 0.2;
	of_n = fit_matrix(two_factors, s, NULL, 6, 50, six, &options);
	options.likelihood = LOY_SEM_WISHART;
	of_less = fit_matrix(two_factors, s, NULL, 6, 50, six, &options);
	assert_true(fit_of(of_n, LOY_SEM_CHISQ) > 0.1);
	assert_close(fit_of(of_less, LOY_SEM_CHISQ), fit_of(of_n, LOY_SEM_CHISQ) * 49 / 50, 1e-11, 0.0);
	assert_close(parameter(of_less, "F", "~~", "F").value,
	             parameter(of_n, "F", "~~", "F").value * 50 / 49, 1e-11, 0.0);
	assert_close(parameter(of_less, "F", "=~", "c").value, parameter(of_n, "F", "=~", "c").value, 1e-10,
	             0.0);
	loy_sem_destroy(of_n);
	loy_sem_destroy(of_less);
}

/* ---- 16: cycles ---- */

/*
 * One adds powers of the paths until they are 0: without end on a cycle. Here they are refused, with the
 * names on them.
 */
static void trap_cycles_are_refused_with_their_names(void **state)
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
	survey_refused("A1 =~ a1 + a2\nA2 =~ b1 + b2\nH =~ A1 + A2\nB =~ c1 + c2\nB ~ A1\nH ~ B\n",
	               &survey.table, NULL, LOY_ECYCLE, "A1");
	survey_free(&survey);
}

/*
 * And that one stops too early where the terms of a power cancel: D is C turned round, so that what A does to both by
 * way of B adds up to 0, but not what it does to E after them.
 */
static void trap_effects_that_cancel_end_no_chain(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 34, 0);
	double *direct, *total, two = 0.0;
	loy_pls *pls;
	size_t row;
	uint32_t a, b, c, d, e, n, i, k;

	(void)state;
	for (row = 0; row < ROWS; row++) {
		double *v = survey.values + row * 9;

		v[4] = 11.0 - v[3]; /* D */
		v[5] = v[3] + v[8];
	}
	pls = survey_fit_text("A =~ a1\nB =~ a2\nC =~ b1\nD =~ b2\nE =~ b3\nB ~ A\nC ~ B\nD ~ B\nE ~ C\n",
	                      &survey.table, NULL);
	direct = survey_matrix(pls, LOY_PLS_DIRECT);
	total = survey_matrix(pls, LOY_PLS_TOTAL);
	n = survey_summary(pls).constructs;
	a = survey_construct(pls, "A");
	b = survey_construct(pls, "B");
	c = survey_construct(pls, "C");
	d = survey_construct(pls, "D");
	e = survey_construct(pls, "E");
	assert_close(direct[b * n + d], -direct[b * n + c], 1e-13, 0.0);
	assert_true(direct[b * n + c] > 0.2 && direct[c * n + e] > 0.2);
	for (i = 0; i < n; i++) { /* all elements of the second power but those that lead to E */
		for (k = 0; k < n; k++)
			two += k == e ? 0.0 : direct[a * n + i] * direct[i * n + k];
	}
	assert_close(two, 0.0, 0.0, 1e-13);
	assert_close(total[a * n + e], direct[a * n + b] * direct[b * n + c] * direct[c * n + e], 1e-13, 0.0);
	assert_close(total[b * n + e], direct[b * n + c] * direct[c * n + e], 1e-13, 0.0);
	free(direct);
	free(total);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(trap_htmt_in_both_definitions),
	        cmocka_unit_test(trap_htmt_in_both_definitions_on_ecsi),
	        cmocka_unit_test(trap_f2_holds_scores_fixed),
	        cmocka_unit_test(trap_f2_holds_scores_fixed_on_ecsi),
	        cmocka_unit_test(trap_predictions_have_the_benchmark_of_exogenous_items),
	        cmocka_unit_test(trap_predictions_of_consistent_estimates_use_paths_of_scores),
	        cmocka_unit_test(trap_index_weights_are_those_of_raw_answers),
	        cmocka_unit_test(trap_index_weights_are_those_of_raw_answers_on_ecsi),
	        cmocka_unit_test(trap_a_constant_item_is_refused_by_name),
	        cmocka_unit_test(trap_duplicate_items_are_named),
	        cmocka_unit_test(trap_missing_answers_are_never_filled_in_unasked),
	        cmocka_unit_test(trap_resamples_that_lose_variance_are_redrawn_and_counted),
	        cmocka_unit_test(trap_net_scores_at_the_edge_say_that_an_interval_says_nothing),
	        cmocka_unit_test(trap_missing_codes_are_not_answers),
	        cmocka_unit_test(trap_deviations_and_scores_are_of_n_minus_1),
	        cmocka_unit_test(trap_likelihoods_of_n_and_of_n_minus_1_are_told_apart),
	        cmocka_unit_test(trap_cycles_are_refused_with_their_names),
	        cmocka_unit_test(trap_effects_that_cancel_end_no_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
