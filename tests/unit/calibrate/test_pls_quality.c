/*
 * Quality of path models by its definitions, from rows of invented respondents and nothing else of the estimate than
 * its scores: so that each figure is tested where the reference data are not. Sums of 300 rows in plain order err by
 * 1e-13 or so; 1e-10 is allowed.
 */
#include "surveys.h"

#include <math.h>

enum { ROWS = 300, PER = 3, ITEMS = 3 * PER };

#define NEAR 1e-10

struct sample {
	struct survey survey;
	loy_pls *pls;
	double *scores;
	double r[ITEMS][ITEMS], load[ITEMS], phi[3][3]; /* of items, with their own scores, of scores */
};

static struct sample sample_of(const loy_pls_options *options)
{
	struct sample s = {.survey = survey_invent(ROWS, PER, 41, 0)};
	size_t i, j;

	s.pls = survey_fit_invented(&s.survey, PER, "=~", options);
	s.scores = survey_scores(s.pls, &s.survey.table);
	for (i = 0; i < ITEMS; i++) {
		for (j = 0; j < ITEMS; j++)
			s.r[i][j] = survey_correlate(s.survey.values + i, ITEMS, s.survey.values + j, ITEMS,
			                             ROWS);
		s.load[i] = survey_correlate(s.survey.values + i, ITEMS, s.scores + i / PER, 3, ROWS);
	}
	for (i = 0; i < 3; i++) {
		for (j = 0; j < 3; j++)
			s.phi[i][j] = survey_correlate(s.scores + i, 3, s.scores + j, 3, ROWS);
	}
	return s;
}

static void sample_free(struct sample *s)
{
	free(s->scores);
	loy_pls_destroy(s->pls);
	survey_free(&s->survey);
}

static loy_pls_construct construct_at(const struct sample *s, uint32_t c)
{
	loy_pls_construct construct = {.struct_size = sizeof(construct)};

	assert_int_equal(loy_pls_get_construct(s->pls, c, &construct), LOY_OK);
	return construct;
}

static double variance(const double *values, size_t step)
{
	double mean = 0.0, sum = 0.0;
	size_t i;

	for (i = 0; i < ROWS; i++)
		mean += values[i * step] / ROWS;
	for (i = 0; i < ROWS; i++)
		sum += (values[i * step] - mean) * (values[i * step] - mean);
	return sum / (ROWS - 1);
}

/* ---- reliability ---- */

static void alphas_are_of_the_sum_of_the_items(void **state)
{
	struct sample s = sample_of(NULL);
	size_t c, i, row;

	(void)state;
	for (c = 0; c < 3; c++) {
		double sums[ROWS] = {0}, single = 0.0, shared = 0.0;

		for (i = c * PER; i < (c + 1) * PER; i++) {
			for (row = 0; row < ROWS; row++)
				sums[row] += s.survey.values[row * ITEMS + i];
			single += variance(s.survey.values + i, ITEMS);
			shared += s.r[i][c * PER] + s.r[i][c * PER + 1] + s.r[i][c * PER + 2];
		}
		assert_close(construct_at(&s, (uint32_t)c).alpha, 1.5 * (1.0 - single / variance(sums, 1)),
		             NEAR, 0.0);
		assert_close(construct_at(&s, (uint32_t)c).alpha_standardised, 1.5 * (1.0 - PER / shared),
		             NEAR, 0.0);
	}
	sample_free(&s);
}

static void rho_c_and_variance_extracted_are_of_loadings(void **state)
{
	struct sample s = sample_of(NULL);
	size_t c, i;

	(void)state;
	for (c = 0; c < 3; c++) {
		double sum = 0.0, squares = 0.0;
		loy_pls_construct construct = construct_at(&s, (uint32_t)c);

		for (i = c * PER; i < (c + 1) * PER; i++) {
			loy_pls_indicator item = {.struct_size = sizeof(item)};

			sum += s.load[i];
			squares += s.load[i] * s.load[i];
			assert_int_equal(loy_pls_get_indicator(s.pls, (uint32_t)i, &item), LOY_OK);
			assert_close(item.loading, s.load[i], NEAR, 0.0);
			assert_close(item.communality, s.load[i] * s.load[i], NEAR, 0.0);
			assert_close(item.redundancy, c == 0 ? 0.0 : item.communality * construct.r2, NEAR,
			             0.0);
		}
		assert_close(construct.ave, squares / PER, NEAR, 0.0);
		assert_close(construct.communality, squares / PER, NEAR, 0.0);
		assert_close(construct.redundancy, c == 0 ? 0.0 : squares / PER * construct.r2, NEAR, 0.0);
		assert_close(construct.rho_c, sum * sum / (sum * sum + PER - squares), NEAR, 0.0);
	}
	sample_free(&s);
}

/* (w'w)² w'(S - diag S)w / w'(ww' - diag ww')w, of Dijkstra & Henseler; consistent loadings follow from it. */
static void rho_a_is_of_weights(void **state)
{
	loy_pls_options options = {.struct_size = sizeof(options), .consistent = 1};
	struct sample s = sample_of(&options);
	loy_pls_indicator item[ITEMS] = {{.struct_size = sizeof(item[0])}};
	size_t c, i, j;

	(void)state;
	for (c = 0; c < 3; c++) {
		double length = 0.0, above = 0.0, below = 0.0, rho;

		for (i = c * PER; i < (c + 1) * PER; i++) {
			item[i].struct_size = sizeof(item[i]);
			assert_int_equal(loy_pls_get_indicator(s.pls, (uint32_t)i, &item[i]), LOY_OK);
			length += item[i].weight * item[i].weight;
		}
		for (i = c * PER; i < (c + 1) * PER; i++) {
			for (j = c * PER; j < (c + 1) * PER; j++) {
				double both = item[i].weight * item[j].weight;

				above += i != j ? both * s.r[i][j] : 0.0;
				below += i != j ? both * both : 0.0;
			}
		}
		rho = length * length * above / below;
		assert_close(construct_at(&s, (uint32_t)c).rho_a, rho, NEAR, 0.0);
		for (i = c * PER; i < (c + 1) * PER; i++)
			assert_close(item[i].loading, item[i].weight * sqrt(rho) / length, NEAR, 0.0);
	}
	sample_free(&s);
}

/* Eigenvalues of a block by the sum and the products they must have; the first component by repeated products. */
static void principal_components_are_of_the_block(void **state)
{
	struct sample s = sample_of(NULL);
	size_t c, i, j, round;

	(void)state;
	for (c = 0; c < 3; c++) {
		double v[PER] = {1.0, 1.0, 1.0}, next[PER], value = 0.0, sum = 0.0, rest, pairs = 0.0;
		loy_pls_construct construct = construct_at(&s, (uint32_t)c);

		for (round = 0; round < 2000; round++) {
			for (value = 0.0, i = 0; i < PER; i++) {
				for (next[i] = 0.0, j = 0; j < PER; j++)
					next[i] += s.r[c * PER + i][c * PER + j] * v[j];
				value += next[i] * next[i];
			}
			value = sqrt(value);
			for (i = 0; i < PER; i++)
				v[i] = next[i] / value;
		}
		for (i = 0; i < PER; i++)
			sum += v[i] * sqrt(value); /* correlation of an item with the component */
		for (i = 0; i < PER; i++)
			for (j = 0; j < i; j++)
				pairs += 1.0 - s.r[c * PER + i][c * PER + j] * s.r[c * PER + i][c * PER + j];
		rest = PER - value - construct.eigen2; /* the third */
		assert_close(construct.eigen1, value, NEAR, 0.0);
		assert_close(value * construct.eigen2 + value * rest + construct.eigen2 * rest, pairs, NEAR,
		             0.0);
		assert_true(construct.eigen1 >= construct.eigen2 && construct.eigen2 >= rest);
		assert_close(construct.rho_pca, sum * sum / (sum * sum + PER - value), NEAR, 0.0);
	}
	sample_free(&s);
}

/* ---- validity ---- */

static void fornell_larcker_has_roots_of_variance_extracted(void **state)
{
	struct sample s = sample_of(NULL);
	double *matrix = survey_matrix(s.pls, LOY_PLS_FORNELL_LARCKER);
	size_t c, d;

	(void)state;
	for (c = 0; c < 3; c++) {
		assert_close(matrix[c * 3 + c], sqrt(construct_at(&s, (uint32_t)c).ave), 1e-15, 0.0);
		for (d = 0; d < 3; d++) {
			if (d != c)
				assert_close(matrix[c * 3 + d], d < c ? s.phi[c][d] : 0.0, NEAR, 0.0);
		}
	}
	free(matrix);
	sample_free(&s);
}

static void htmt_is_a_ratio_of_means(void **state)
{
	struct sample s = sample_of(NULL);
	double *matrix = survey_matrix(s.pls, LOY_PLS_HTMT), within[3], across;
	size_t c, d, i, j;

	(void)state;
	for (c = 0; c < 3; c++) {
		size_t f = c * PER;

		within[c] = (fabs(s.r[f][f + 1]) + fabs(s.r[f][f + 2]) + fabs(s.r[f + 1][f + 2])) / 3.0;
		for (d = 0; d < c; d++) {
			for (across = 0.0, i = 0; i < PER; i++)
				for (j = 0; j < PER; j++)
					across += fabs(s.r[f + i][d * PER + j]) / (PER * PER);
			assert_close(matrix[c * 3 + d], across / sqrt(within[c] * within[d]), NEAR, 0.0);
		}
	}
	free(matrix);
	sample_free(&s);
}

static void inflation_is_of_what_others_explain(void **state)
{
	struct sample s = sample_of(NULL);
	loy_pls_indicator item = {.struct_size = sizeof(item)};
	loy_pls_path path = {.struct_size = sizeof(path)};
	size_t i;
	uint32_t k;

	(void)state;
	for (i = 0; i < ITEMS; i++) {
		size_t f = i - i % PER, a = f + (i + 1) % PER, b = f + (i + 2) % PER;
		double explained = s.r[i][a] * s.r[i][a] + s.r[i][b] * s.r[i][b] -
		                   2.0 * s.r[i][a] * s.r[i][b] * s.r[a][b];

		explained /= 1.0 - s.r[a][b] * s.r[a][b];
		assert_int_equal(loy_pls_get_indicator(s.pls, (uint32_t)i, &item), LOY_OK);
		assert_close(item.vif, 1.0 / (1.0 - explained), NEAR, 0.0);
	}
	for (k = 0; loy_pls_get_path(s.pls, k, &path) == LOY_OK; k++)
		assert_close(path.vif, k == 0 ? 1.0 : 1.0 / (1.0 - s.phi[0][1] * s.phi[0][1]), NEAR, 0.0);
	sample_free(&s);
}

/* Items of a composite that say nearly the same are estimated, and reported. */
static void inflated_items_of_composites_are_reported(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 42, 0);
	loy_pls_problem problem = {.struct_size = sizeof(problem)};
	loy_pls *pls;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++)
		survey.values[row * ITEMS + 1] = survey.values[row * ITEMS] + (double)(row * 7 % 5) / 8.0;
	pls = survey_fit_invented(&survey, PER, "<~", NULL);
	assert_int_equal(survey_problems(pls, LOY_PLS_VIF_INDICATOR, &problem), 2);
	assert_int_equal(problem.indicator, 0);
	assert_true(problem.value > 5.0 && problem.limit == 5.0 && problem.inadmissible == 0);
	survey_says(pls, LOY_PLS_VIF_INDICATOR, "a1", "A");
	survey_says(pls, LOY_PLS_VIF_INDICATOR, "a2", "A");
	loy_pls_destroy(pls);
	pls = survey_fit_invented(&survey, PER, "=~",
	                          NULL); /* where weights are correlations it does no harm */
	assert_int_equal(survey_problems(pls, LOY_PLS_VIF_INDICATOR, NULL), 0);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* Pairs that different respondents answered may contradict one another. */
static void contradicting_pairs_are_reported(void **state)
{
	loy_pls_options options = {.struct_size = sizeof(options), .missing = LOY_MISSING_PAIRWISE};
	struct survey survey = survey_invent(ROWS, 2, 43, 0);
	loy_pls_problem problem = {.struct_size = sizeof(problem)};
	loy_pls_summary summary;
	loy_pls *pls;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row++) { /* a1 goes with a2 and with b1, and these two against each other */
		double *v = survey.values + row * 6, u = (double)(row * 7 % 10);

		v[row % 3 == 0 ? 2 : row % 3 == 1 ? 1 : 0] = NAN;
		v[0] = row % 3 == 2 ? v[0] : u;
		v[1] = row % 3 == 1 ? v[1] : row % 3 == 0 ? u : 10.0 - u;
		v[2] = row % 3 == 0 ? v[2] : u;
	}
	pls = survey_fit_text("A =~ a1 + a2\nB =~ b1 + b2\nC =~ c1 + c2\nB ~ A\nC ~ B\n", &survey.table,
	                      &options);
	assert_int_equal(survey_problems(pls, LOY_PLS_ITEMS_NOT_DEFINITE, &problem), 1);
	assert_true(problem.value < 0.0 && problem.inadmissible == 1);
	survey_says(pls, LOY_PLS_ITEMS_NOT_DEFINITE, "items", "eigenvalue");
	summary = survey_summary(pls);
	assert_close(summary.n, ROWS / 3, 0.0, 0.0); /* of the pair with the fewest */
	loy_pls_destroy(pls);
	survey_free(&survey);
}

/* ---- fit ---- */

static void explained_variance_and_its_criteria(void **state)
{
	struct sample s = sample_of(NULL);
	loy_pls_construct b = construct_at(&s, 1), c = construct_at(&s, 2);
	double ab = s.phi[0][1], ac = s.phi[0][2], bc = s.phi[1][2], error;
	double r2 = (ac * ac + bc * bc - 2.0 * ab * ac * bc) / (1.0 - ab * ab), shared = 0.0;
	size_t i;

	(void)state;
	assert_close(b.r2, ab * ab, NEAR, 0.0);
	assert_close(c.r2, r2, NEAR, 0.0);
	assert_close(b.r2_adjusted, 1.0 - (1.0 - ab * ab) * (ROWS - 1) / (ROWS - 2), NEAR, 0.0);
	assert_close(c.r2_adjusted, 1.0 - (1.0 - r2) * (ROWS - 1) / (ROWS - 3), NEAR, 0.0);
	assert_true(isnan(construct_at(&s, 0).r2) && isnan(construct_at(&s, 0).r2_adjusted));
	error = ROWS * log((1.0 - r2) * (ROWS - 1) / ROWS);
	assert_close(c.aic, error + 2.0 * 3.0, NEAR, 0.0);
	assert_close(c.bic, error + 3.0 * log(ROWS), NEAR, 0.0);
	for (i = 0; i < ITEMS; i++)
		shared += s.load[i] * s.load[i] / ITEMS;
	assert_close(survey_summary(s.pls).gof, sqrt(shared * (ab * ab + r2) / 2.0), NEAR, 0.0);
	sample_free(&s);
}

/* With all paths among three constructs nothing is restricted, so that both residuals are one. */
static void residuals_of_correlations(void **state)
{
	uint32_t consistent;

	(void)state;
	for (consistent = 0; consistent < 2; consistent++) {
		loy_pls_options options = {.struct_size = sizeof(options), .consistent = consistent};
		struct sample s = sample_of(&options);
		double *latent = survey_matrix(s.pls, LOY_PLS_LATENT), squares = 0.0;
		loy_pls_indicator a = {.struct_size = sizeof(a)}, b = a;
		uint32_t i, j;

		for (i = 0; i < ITEMS; i++) {
			for (j = 0; j < i; j++) {
				double implied;

				assert_int_equal(loy_pls_get_indicator(s.pls, i, &a), LOY_OK);
				assert_int_equal(loy_pls_get_indicator(s.pls, j, &b), LOY_OK);
				implied = a.loading * b.loading * latent[a.construct * 3 + b.construct];
				/* composites take their own indicators as they are, factors explain them */
				if (consistent || a.construct != b.construct)
					squares += (s.r[i][j] - implied) * (s.r[i][j] - implied);
			}
		}
		assert_close(survey_summary(s.pls).srmr_saturated, sqrt(squares / (ITEMS * (ITEMS + 1) / 2)),
		             NEAR, 0.0);
		assert_close(survey_summary(s.pls).srmr, survey_summary(s.pls).srmr_saturated, NEAR, 0.0);
		free(latent);
		sample_free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(alphas_are_of_the_sum_of_the_items),
	        cmocka_unit_test(rho_c_and_variance_extracted_are_of_loadings),
	        cmocka_unit_test(rho_a_is_of_weights),
	        cmocka_unit_test(principal_components_are_of_the_block),
	        cmocka_unit_test(fornell_larcker_has_roots_of_variance_extracted),
	        cmocka_unit_test(htmt_is_a_ratio_of_means),
	        cmocka_unit_test(inflation_is_of_what_others_explain),
	        cmocka_unit_test(inflated_items_of_composites_are_reported),
	        cmocka_unit_test(contradicting_pairs_are_reported),
	        cmocka_unit_test(explained_variance_and_its_criteria),
	        cmocka_unit_test(residuals_of_correlations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
