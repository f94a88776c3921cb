/* Partial least squares on invented respondents: laws that hold whatever the data. */
#include "surveys.h"

#include <math.h>

enum { ROWS = 300, PER = 4 };

/* All numbers of two estimates of one model, bit by bit. */
static void assert_same(const loy_pls *a, const loy_pls *b)
{
	loy_pls_indicator i = {.struct_size = sizeof(i)}, j = {.struct_size = sizeof(j)};
	loy_pls_path p = {.struct_size = sizeof(p)}, q = {.struct_size = sizeof(q)};
	loy_pls_construct c = {.struct_size = sizeof(c)}, d = {.struct_size = sizeof(d)};
	uint32_t k;

	for (k = 0; loy_pls_get_indicator(a, k, &i) == LOY_OK; k++) {
		assert_int_equal(loy_pls_get_indicator(b, k, &j), LOY_OK);
		assert_string_equal(i.name, j.name);
		assert_bits_equal(i.weight, j.weight);
		assert_bits_equal(i.loading, j.loading);
	}
	assert_int_equal(loy_pls_get_indicator(b, k, &j), LOY_ENOTFOUND);
	for (k = 0; loy_pls_get_path(a, k, &p) == LOY_OK; k++) {
		assert_int_equal(loy_pls_get_path(b, k, &q), LOY_OK);
		assert_bits_equal(p.value, q.value);
		assert_bits_equal(p.f2, q.f2);
	}
	for (k = 0; loy_pls_get_construct(a, k, &c) == LOY_OK; k++) {
		assert_int_equal(loy_pls_get_construct(b, k, &d), LOY_OK);
		assert_bits_equal(c.rho_a, d.rho_a);
		assert_bits_equal(c.rho_c, d.rho_c);
	}
}

/*
 * A fixed point by rows rather than by correlations, for mode A: each weight is proportional to the
 * covariance of its item with the inner proxy of its construct.
 */
static void weights_are_a_fixed_point(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 1, 0);
	uint32_t scheme, c, d, i;

	(void)state;
	for (scheme = LOY_PLS_PATH; scheme <= LOY_PLS_CENTROID; scheme++) {
		loy_pls_options options = {.struct_size = sizeof(options), .scheme = scheme};
		loy_pls *pls = survey_fit_invented(&survey, PER, "=~", &options);
		double *scores = survey_scores(pls, &survey.table),
		       *r = survey_matrix(pls, LOY_PLS_CORRELATIONS);
		double proxy[ROWS];
		size_t row;

		for (c = 0; c < 3; c++) {
			double inner[3], ratio = 0.0;

			for (d = 0; d < 3; d++) {
				inner[d] = d == c ? 0.0 : scheme == LOY_PLS_CENTROID ? 1.0 : r[c * 3 + d];
				/* all correlate positively here; what precedes counts by its path */
				if (scheme == LOY_PLS_PATH && d < c)
					inner[d] = survey_path(pls, d == 0 ? "A" : "B", c == 1 ? "B" : "C");
			}
			for (row = 0; row < ROWS; row++) {
				proxy[row] = 0.0;
				for (d = 0; d < 3; d++)
					proxy[row] += inner[d] * scores[row * 3 + d];
			}
			for (i = 0; i < PER; i++) {
				loy_pls_indicator indicator = {.struct_size = sizeof(indicator)};
				double covariance = survey_correlate(survey.values + c * PER + i, 3 * PER,
				                                     proxy, 1, ROWS);

				assert_int_equal(loy_pls_get_indicator(pls, c * PER + i, &indicator), LOY_OK);
				if (i == 0)
					ratio = indicator.weight / covariance;
				/* weights have converged to 1e-12, sums of 300 rows err by about as much */
				assert_close(indicator.weight / covariance, ratio, 1e-10, 0.0);
			}
		}
		free(r);
		free(scores);
		loy_pls_destroy(pls);
	}
	survey_free(&survey);
}

static void loadings_and_paths_are_those_of_the_scores(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 2, 1);
	loy_pls *pls = survey_fit_invented(&survey, PER, "=~", NULL);
	double *scores = survey_scores(pls, &survey.table),
	       *cross = survey_matrix(pls, LOY_PLS_CROSSLOADINGS);
	double ab, ac, bc, b, c;
	uint32_t i, k;

	(void)state;
	for (i = 0; i < 3 * PER; i++) {
		for (k = 0; k < 3; k++)
			assert_close(cross[i * 3 + k],
			             survey_correlate(survey.values + i, 3 * PER, scores + k, 3, ROWS), 0.0,
			             1e-12);
	}
	ab = survey_correlate(scores, 3, scores + 1, 3, ROWS);
	ac = survey_correlate(scores, 3, scores + 2, 3, ROWS);
	bc = survey_correlate(scores + 1, 3, scores + 2, 3, ROWS);
	b = (ac - ab * bc) / (1.0 - ab * ab);
	c = (bc - ab * ac) / (1.0 - ab * ab);
	assert_close(survey_path(pls, "A", "B"), ab, 0.0, 1e-12);
	assert_close(survey_path(pls, "A", "C"), b, 0.0, 1e-12);
	assert_close(survey_path(pls, "B", "C"), c, 0.0, 1e-12);
	assert_close(survey_construct_named(pls, "C").r2, b * ac + c * bc, 0.0, 1e-12);
	free(cross);
	free(scores);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

static void from_moments_comes_the_same(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 3, 0);
	loy_pls *pls = survey_fit_invented(&survey, PER, "=~", NULL), *other = NULL;
	char *text = survey_text(PER, "=~");
	loy_paths *paths = survey_paths(text);
	loy_moments *moments = NULL;

	(void)state;
	assert_int_equal(loy_moments_create(&moments, 3 * PER, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &survey.table, NULL), LOY_OK);
	assert_int_equal(
	        loy_pls_create_from_moments(&other, paths, moments, survey.table.names, NULL, NULL, NULL),
	        LOY_OK);
	assert_same(pls, other);
	loy_pls_destroy(other);
	loy_pls_destroy(pls);
	loy_moments_destroy(moments);
	loy_paths_destroy(paths);
	free(text);
	survey_free(&survey);
}

/* Trap: order of rows and of statements. Exact sums do not know the one, names do not need the other. */
static void rows_and_statements_in_any_order(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 5, 0);
	loy_pls *pls = survey_fit_invented(&survey, PER, "=~", NULL), *other;
	loy_paths *paths = survey_paths("C ~ B\nC =~ c4 + c2 + c3 + c1\nC ~ A\nA =~ a1 + a2 + a3 + a4\n"
	                                "B ~ A\nB =~ b1 + b2 + b3 + b4\n");
	loy_table upside_down = survey.table;

	(void)state;
	upside_down.values = survey.values + (ROWS - 1) * 3 * PER;
	upside_down.row_stride = -survey.table.row_stride;
	other = survey_fit(paths, &upside_down, NULL);
	assert_close(survey_path(other, "A", "C"), survey_path(pls, "A", "C"), 0.0, 1e-13);
	assert_close(survey_indicator_named(other, "C", "c2").weight,
	             survey_indicator_named(pls, "C", "c2").weight, 0.0, 1e-13);
	loy_pls_destroy(other);
	other = NULL;
	loy_paths_destroy(paths);
	{ /* the same statements: the same bits */
		char *text = survey_text(PER, "=~");

		paths = survey_paths(text);
		other = survey_fit(paths, &upside_down, NULL);
		free(text);
	}
	assert_same(pls, other);
	loy_pls_destroy(other);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* Unit weights: the score is the plain sum, standardised; its rho_A is alpha. */
static void unit_weights_are_equal(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 11, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .mode = LOY_PLS_MODE_UNIT};
	loy_pls *pls = survey_fit_invented(&survey, PER, "=~", &options);
	loy_pls_construct b = survey_construct_named(pls, "B");
	int i;

	(void)state;
	for (i = 0; i < 3 * PER; i++) {
		loy_pls_indicator indicator = {.struct_size = sizeof(indicator)},
		                  first = {.struct_size = sizeof(first)};

		assert_int_equal(loy_pls_get_indicator(pls, (uint32_t)i, &indicator), LOY_OK);
		assert_int_equal(loy_pls_get_indicator(pls, (uint32_t)(i - i % PER), &first), LOY_OK);
		assert_close(indicator.weight, first.weight, 1e-15, 0.0);
	}
	assert_close(b.rho_a, b.alpha_standardised, 1e-12, 0.0);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Mode B: the score is the regression of the inner proxy, so no other combination correlates more with it. */
static void mode_b_regresses(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 12, 0);
	loy_pls_override override = {.construct = "A", .mode = LOY_PLS_MODE_A};
	loy_pls_options options = {
	        .struct_size = sizeof(options), .override_count = 1, .overrides = &override};
	loy_pls *formed = survey_fit_invented(&survey, 3, "<~", NULL),
	        *mixed = survey_fit_invented(&survey, 3, "<~", &options);

	(void)state;
	assert_int_equal(survey_construct_named(formed, "A").mode, LOY_PLS_MODE_B);
	assert_int_equal(survey_construct_named(mixed, "A").mode, LOY_PLS_MODE_A);
	assert_int_equal(survey_construct_named(mixed, "B").mode, LOY_PLS_MODE_B);
	assert_close(survey_construct_named(formed, "A").rho_a, 1.0, 0.0, 0.0);
	assert_true(isnan(survey_construct_named(formed, "A").rho_pca));
	assert_true(survey_construct_named(formed, "B").r2 > survey_construct_named(mixed, "B").r2);
	loy_pls_destroy(formed);
	loy_pls_destroy(mixed);
	survey_free(&survey);
}

/* Consistent PLS on much data comes near the truth, from which plain PLS stays away. */
static void consistency(void **state)
{
	struct survey survey = survey_invent(20000, PER, 13, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .consistent = 1};
	loy_pls *plain = survey_fit_invented(&survey, PER, "=~", NULL),
	        *consistent = survey_fit_invented(&survey, PER, "=~", &options);
	double *latent = survey_matrix(consistent, LOY_PLS_LATENT);
	double *r = survey_matrix(plain, LOY_PLS_CORRELATIONS);

	(void)state;
	/* 20,000 rows leave an error of about 0.01; cutting answers to whole numbers takes a little more */
	assert_close(survey_path(consistent, "A", "B"), 0.6, 0.0, 0.03);
	assert_true(survey_path(plain, "A", "B") < 0.55);
	assert_true(survey_construct_named(consistent, "B").rho_a < 1.0);
	assert_int_equal(survey_summary(consistent).inadmissible, 0);
	assert_close(latent[1],
	             r[1] / sqrt(survey_construct_named(consistent, "A").rho_a *
	                         survey_construct_named(consistent, "B").rho_a),
	             1e-14, 0.0);
	free(latent);
	free(r);
	/* one factor per block made these data */
	assert_true(survey_summary(consistent).srmr < 0.02);
	loy_pls_destroy(plain);
	loy_pls_destroy(consistent);
	survey_free(&survey);
}

static void effects_add_up(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 14, 0);
	loy_pls *pls = survey_fit_invented(&survey, 2, "=~", NULL);
	double *direct = survey_matrix(pls, LOY_PLS_DIRECT), *indirect = survey_matrix(pls, LOY_PLS_INDIRECT);
	double *total = survey_matrix(pls, LOY_PLS_TOTAL);
	double chain = survey_path(pls, "A", "B") * survey_path(pls, "B", "C");
	loy_pls_chain c = {.struct_size = sizeof(c)};
	int i;

	(void)state;
	for (i = 0; i < 9; i++)
		assert_close(total[i], direct[i] + indirect[i], 0.0, 1e-15);
	assert_close(indirect[2], chain, 1e-14, 0.0);
	assert_close(direct[2], survey_path(pls, "A", "C"), 0.0, 0.0);
	assert_int_equal(loy_pls_chain_count(pls), 1);
	assert_close(loy_pls_chain_total(pls), 1.0, 0.0, 0.0);
	assert_int_equal(loy_pls_get_chain(pls, 0, &c), LOY_OK);
	assert_int_equal(c.length, 3);
	assert_int_equal(c.constructs[1], 1);
	assert_close(c.value, chain, 1e-15, 0.0);
	assert_close(c.vaf, chain / total[2], 1e-15, 0.0);
	assert_int_equal(loy_pls_get_chain(pls, 1, &c), LOY_ENOTFOUND);
	free(direct);
	free(indirect);
	free(total);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

static void missing_answers_of_new_respondents(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 15, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .missing = LOY_MISSING_MEAN};
	loy_pls *strict = survey_fit_invented(&survey, 2, "=~", NULL),
	        *mild = survey_fit_invented(&survey, 2, "=~", &options);
	double code = -99.0, scores[3], filled[3], row[6] = {5.0, -99.0, 7.0, 7.0, 3.0, 4.0};
	loy_table one = survey.table;

	(void)state;
	one.rows = 1;
	one.values = row;
	one.codes = &code;
	one.code_count = 1;
	assert_int_equal(loy_pls_score(strict, &one, LOY_PLS_SCORES, NULL, scores, 3, NULL, NULL), LOY_OK);
	assert_true(isnan(scores[0]) && !isnan(scores[1]) && !isnan(scores[2]));
	assert_int_equal(loy_pls_score(mild, &one, LOY_PLS_SCORES, NULL, scores, 3, NULL, NULL), LOY_OK);
	row[1] = survey_indicator_named(mild, "A", "a2").mean;
	assert_int_equal(loy_pls_score(mild, &one, LOY_PLS_SCORES, NULL, filled, 3, NULL, NULL), LOY_OK);
	assert_close(scores[0], filled[0], 0.0, 1e-15);
	loy_pls_destroy(strict);
	loy_pls_destroy(mild);
	survey_free(&survey);
}

/* Single items: with all paths the residual is nothing; a path left out leaves what it would have explained. */
static void srmr_is_what_paths_do_not_imply(void **state)
{
	struct survey survey = survey_invent(ROWS, 1, 16, 0);
	loy_pls *all = survey_fit_invented(&survey, 1, "=~", NULL), *some;
	loy_paths *paths = survey_paths("A =~ a1\nB =~ b1\nC =~ c1\nB ~ A\nC ~ B\n");
	double *r = survey_matrix(all, LOY_PLS_CORRELATIONS);

	(void)state;
	some = survey_fit(paths, &survey.table, NULL);
	assert_close(survey_summary(all).srmr, 0.0, 0.0, 1e-15);
	/* six elements of the triangle, of which one differs */
	assert_close(survey_summary(some).srmr, fabs(r[2] - r[1] * r[5]) / sqrt(6.0), 1e-12, 0.0);
	assert_close(survey_summary(some).srmr_saturated, 0.0, 0.0, 1e-15);
	free(r);
	loy_pls_destroy(all);
	loy_pls_destroy(some);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* Survey weights: their size does not matter, and n stays the number of rows. Frequencies add up to it. */
static void survey_weights_keep_n(void **state)
{
	struct survey survey = survey_invent(ROWS, 3, 17, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .weighting = LOY_WEIGHT_SURVEY};
	double weights[ROWS], path;
	loy_pls *pls;
	int i;

	(void)state;
	for (i = 0; i < ROWS; i++)
		weights[i] = 1.0 + (double)(i % 4);
	survey.table.weights = weights;
	survey.table.weight_stride = sizeof(*weights);
	pls = survey_fit_invented(&survey, 3, "=~", &options);
	path = survey_path(pls, "A", "C");
	assert_close(survey_summary(pls).n, ROWS, 0.0, 0.0);
	loy_pls_destroy(pls);
	for (i = 0; i < ROWS; i++)
		weights[i] *= 64.0;
	pls = survey_fit_invented(&survey, 3, "=~", &options);
	assert_close(survey_path(pls, "A", "C"), path, 0.0, 1e-13);
	assert_close(survey_summary(pls).n, ROWS, 0.0, 0.0);
	loy_pls_destroy(pls);
	options.weighting = LOY_WEIGHT_FREQUENCY;
	pls = survey_fit_invented(&survey, 3, "=~", &options);
	assert_close(survey_path(pls, "A", "C"), path, 0.0, 1e-13);
	assert_close(survey_summary(pls).n, 64.0 * 2.5 * ROWS, 0.0, 0.0);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* What the paths define is of their coefficients; labels of other terms have none here. */
static void defined_quantities(void **state)
{
	struct survey survey = survey_invent(ROWS, 2, 18, 0);
	loy_paths *paths = survey_paths("A =~ a1 + l*a2\nB =~ b1 + b2\nC =~ c1 + c2\nB ~ p*A\nC ~ q*B + r*A\n"
	                                "indirect := p*q\ntotal := indirect + r\nother := 2*l\n");
	loy_pls *pls = survey_fit(paths, &survey.table, NULL);
	double *total = survey_matrix(pls, LOY_PLS_TOTAL), value = 0.0;
	const char *name = NULL;

	(void)state;
	assert_int_equal(loy_pls_definition_count(pls), 3);
	assert_int_equal(loy_pls_get_definition(pls, 1, &name, &value), LOY_OK);
	assert_string_equal(name, "total");
	assert_close(value, total[2], 1e-14, 0.0);
	assert_int_equal(loy_pls_get_definition(pls, 2, &name, &value), LOY_EUNKNOWN);
	assert_int_equal(loy_pls_get_definition(pls, 3, &name, &value), LOY_ENOTFOUND);
	assert_int_equal(loy_pls_get_definition(pls, 0, NULL, &value), LOY_EINVAL);
	assert_int_equal(loy_pls_get_definition(NULL, 0, &name, &value), LOY_EINVAL);
	assert_int_equal(loy_pls_definition_count(NULL), 0);
	free(total);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(weights_are_a_fixed_point),
	        cmocka_unit_test(loadings_and_paths_are_those_of_the_scores),
	        cmocka_unit_test(from_moments_comes_the_same),
	        cmocka_unit_test(rows_and_statements_in_any_order),
	        cmocka_unit_test(unit_weights_are_equal),
	        cmocka_unit_test(mode_b_regresses),
	        cmocka_unit_test(consistency),
	        cmocka_unit_test(effects_add_up),
	        cmocka_unit_test(missing_answers_of_new_respondents),
	        cmocka_unit_test(srmr_is_what_paths_do_not_imply),
	        cmocka_unit_test(survey_weights_keep_n),
	        cmocka_unit_test(defined_quantities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
