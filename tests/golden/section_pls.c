/* Path models by partial least squares: every number of estimates of invented respondents, by all methods. */
#include "golden.h"
#include <loyalty.h>

#include <stdlib.h>
#include <string.h>

#define ROWS  90u
#define ITEMS 11u

static const char *const names[ITEMS] = {"a1", "a2", "a3", "a4", "b1", "b2", "b3", "c1", "c2", "c3", "d1"};

static void invent(double *values)
{
	uint64_t row, i;

	for (row = 0; row < ROWS; row++) {
		double all = golden_input(20 * row, 0.0, 4.0);

		for (i = 0; i < ITEMS; i++) {
			double answer = all + golden_input(20 * row + 1 + i / 4, 0.0, 3.0);

			values[row * ITEMS + i] =
			        (double)(int)(1.0 + answer + golden_input(20 * row + 5 + i, 0.0, 3.0));
		}
	}
}

static void numbers(struct golden *g, const loy_pls *pls)
{
	static double matrix[ITEMS * ITEMS * 4];
	loy_pls_summary s = {0};
	loy_pls_construct c = {0};
	loy_pls_indicator i = {0};
	loy_pls_path p = {0};
	loy_pls_chain chain = {0};
	size_t size, k;
	uint32_t at;

	s.struct_size = sizeof(s);
	c.struct_size = sizeof(c);
	i.struct_size = sizeof(i);
	p.struct_size = sizeof(p);
	chain.struct_size = sizeof(chain);
	golden_check(g, loy_pls_get_summary(pls, &s) == LOY_OK && s.converged == 1, "estimate");
	golden_u64(g, s.iterations);
	golden_u64(g, s.problems);
	golden_double(g, s.gof);
	golden_double(g, s.srmr);
	golden_double(g, s.srmr_saturated);
	golden_double(g, s.condition);
	for (at = 0; loy_pls_get_construct(pls, at, &c) == LOY_OK; at++) {
		golden_double(g, c.r2);
		golden_double(g, c.bic);
		golden_double(g, c.alpha);
		golden_double(g, c.rho_a);
		golden_double(g, c.rho_c);
		golden_double(g, c.rho_pca);
		golden_double(g, c.unit);
	}
	for (at = 0; loy_pls_get_indicator(pls, at, &i) == LOY_OK; at++) {
		golden_double(g, i.weight);
		golden_double(g, i.loading);
		golden_double(g, i.vif);
	}
	for (at = 0; loy_pls_get_path(pls, at, &p) == LOY_OK; at++) {
		golden_double(g, p.value);
		golden_double(g, p.f2);
		golden_double(g, p.vif);
	}
	for (at = 0; loy_pls_get_chain(pls, at, &chain) == LOY_OK; at++)
		golden_double(g, chain.value);
	for (at = LOY_PLS_CROSSLOADINGS; at <= LOY_PLS_ITEM_WEIGHTS; at++) {
		golden_check(g,
		             loy_pls_get_matrix(pls, at, matrix, sizeof(matrix) / sizeof(*matrix), &size) ==
		                     LOY_OK,
		             "matrix");
		for (k = 0; k < size; k++)
			golden_double(g, matrix[k]);
	}
}

static void respondents(struct golden *g, const loy_pls *pls, const loy_table *table)
{
	static double scores[ROWS * 8];
	size_t i;

	memset(scores, 0, sizeof(scores));
	golden_check(g,
	             loy_pls_score(pls, table, LOY_PLS_SCORES, NULL, scores, ROWS * 8, NULL, NULL) == LOY_OK,
	             "scores");
	for (i = 0; i < ROWS * 8; i++)
		golden_double(g, scores[i]);
}

/* Every limit of every quantity; with the estimate in a scoring model. */
static void resample(struct golden *g, const loy_pls *pls, const loy_table *table)
{
	loy_bootstrap_options options = {0};
	loy_bootstrap *bootstrap = NULL;
	loy_bootstrapped b = {0};
	uint32_t i;

	options.struct_size = sizeof(options);
	b.struct_size = sizeof(b);
	options.resamples = 60;
	options.seed = 3;
	options.flags = LOY_BOOTSTRAP_SIGNS_KEPT;
	golden_check(g, loy_bootstrap_create(&bootstrap, pls, table, &options, NULL, NULL) == LOY_OK,
	             "resampling");
	for (i = 0; loy_bootstrap_get(bootstrap, i, &b) == LOY_OK; i++) {
		golden_u64(g, b.quantity);
		golden_double(g, b.estimate);
		golden_double(g, b.deviation);
		golden_double(g, b.p);
		golden_double(g, b.normal_low);
		golden_double(g, b.percentile_high);
		golden_double(g, b.basic_low);
		golden_double(g, b.corrected_high);
		golden_double(g, b.accelerated_low);
	}
	golden_check(g, i > 20, "quantities");
	loy_bootstrap_destroy(bootstrap);
}

static void predict(struct golden *g, const loy_pls *pls, const loy_table *table)
{
	static loy_item_prediction made[ITEMS];
	uint32_t i, k;

	made[0].struct_size = sizeof(made[0]);
	golden_check(g, loy_pls_predict(pls, table, 9, made, ITEMS, NULL, NULL) == LOY_OK, "predicting");
	for (i = 0; i < loy_pls_predict_count(pls); i++)
		for (k = 0; k < LOY_PREDICT_METHODS; k++) {
			golden_double(g, made[i].rmse[k]);
			golden_double(g, made[i].mae[k]);
			golden_double(g, made[i].q2[k]);
		}
}

static void divide(struct golden *g, const loy_pls *pls, const loy_table *table)
{
	loy_groups_options options = {0};
	loy_path_difference d = {0};
	loy_invariance v = {0};
	loy_groups *groups = NULL;
	uint8_t group[ROWS];
	uint32_t i;

	options.struct_size = sizeof(options);
	d.struct_size = sizeof(d);
	v.struct_size = sizeof(v);
	options.permutations = options.resamples = 25;
	for (i = 0; i < ROWS; i++)
		group[i] = (uint8_t)(1 + i % 2);
	golden_check(g, loy_groups_create(&groups, pls, table, group, &options, NULL, NULL) == LOY_OK,
	             "groups");
	for (i = 0; loy_groups_get_invariance(groups, i, &v) == LOY_OK; i++) {
		golden_double(g, v.correlation);
		golden_double(g, v.correlation_least);
		golden_double(g, v.mean_high);
		golden_double(g, v.variance_low);
		golden_double(g, v.variance_p);
	}
	for (i = 0; loy_groups_get_path(groups, i, &d) == LOY_OK; i++) {
		golden_double(g, d.first_error);
		golden_double(g, d.permutation_p);
		golden_double(g, d.bootstrap_p);
		golden_double(g, d.welch_p);
	}
	loy_groups_destroy(groups);
}

static void adopt(struct golden *g, const loy_pls *pls)
{
	static const char text[] = "a ~ 0.1*d\nb ~ 0.2*a\nc ~ 0.3*a + 0.1*b\n";
	static char printed[4096];
	loy_pls_scale scales[ITEMS];
	loy_model *base = NULL, *model = NULL;
	size_t needed = 0;
	uint32_t i;

	for (i = 0; i < ITEMS; i++) {
		scales[i].low = 0.0;
		scales[i].high = 12.0;
	}
	golden_check(g, loy_model_create(&base, text, sizeof(text) - 1, NULL, NULL) == LOY_OK, "a base");
	golden_check(g,
	             loy_model_create_from_pls(&model, base, pls, scales, NULL, NULL, 0, NULL, NULL, NULL) ==
	                             LOY_OK &&
	                     loy_model_print(model, printed, sizeof(printed), &needed) == LOY_OK,
	             "a scoring model");
	golden_bytes(g, printed, needed);
	loy_model_destroy(model);
	loy_model_destroy(base);
}

/* The numbers of an estimate, or what is made of it further: a bootstrap, predictions, groups, a scoring model. */
static void estimate(struct golden *g, const char *text, const loy_pls_options *options, int further)
{
	static double values[ROWS * ITEMS];
	loy_table table = {0};
	loy_paths *paths = NULL;
	loy_pls *pls = NULL;

	invent(values);
	table.struct_size = sizeof(table);
	table.columns = ITEMS;
	table.rows = ROWS;
	table.values = values;
	table.row_stride = ITEMS * sizeof(double);
	table.column_stride = sizeof(double);
	table.names = names;
	golden_check(g, loy_paths_parse(&paths, text, strlen(text), NULL, NULL) == LOY_OK, "paths");
	golden_check(g, loy_pls_create(&pls, paths, &table, options, NULL, NULL) == LOY_OK, "estimating");
	if (further) {
		resample(g, pls, &table);
		predict(g, pls, &table);
		divide(g, pls, &table);
		adopt(g, pls);
	} else {
		numbers(g, pls);
		respondents(g, pls, &table);
	}
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
}

void golden_pls(struct golden *g)
{
	static const char plain[] =
	        "A =~ a1 + a2 + a3 + a4\nB =~ b1 + b2 + b3\nC =~ c1 + c2 + c3\nD =~ d1\nB ~ A\n"
	        "C ~ A + B\nD ~ C + B\n";
	static const char formed[] =
	        "A <~ a1 + a2 + a3 + a4\nB <~ b1 + b2 + b3\nC =~ c1 + c2 + c3\nB ~ A\nC ~ A + B\n";
	static const char higher[] =
	        "A1 =~ a1 + a2\nA2 =~ a3 + a4\nA =~ A1 + A2\nB =~ b1 + b2 + b3\nC =~ c1 + c2 + c3\n"
	        "B ~ A\nC ~ A + B\n";
	static const char product[] =
	        "A =~ a1 + a2\nB =~ b1 + b2 + b3\nC =~ c1 + c2 + c3\nB ~ A\nC ~ A + B + A:B\n";
	static const char *const schemes[3] = {"path", "factorial", "centroid"};
	static const char *const products[3] = {"stages", "indicators", "orthogonal"};
	loy_pls_options options = {0};
	uint32_t k;

	options.struct_size = sizeof(options);
	for (k = 0; k < 3; k++) {
		golden_begin(g, schemes[k]);
		options.scheme = k;
		options.sign = k;
		estimate(g, plain, &options, 0);
		estimate(g, formed, &options, 0);
		golden_end(g);
	}
	options.scheme = options.sign = 0;
	options.consistent = 1;
	golden_begin(g, "consistent");
	estimate(g, plain, &options, 0);
	golden_end(g);
	options.consistent = 0;
	golden_begin(g, "further");
	estimate(g, plain, &options, 1);
	golden_end(g);
	for (k = LOY_PLS_HIGHER_REPEATED; k <= LOY_PLS_HIGHER_STAGES; k++) {
		golden_begin(g, k == LOY_PLS_HIGHER_REPEATED ? "repeated" : "higher");
		options.higher = k;
		estimate(g, higher, &options, 0);
		golden_end(g);
	}
	for (k = LOY_PLS_PRODUCT_STAGES; k <= LOY_PLS_PRODUCT_ORTHOGONAL; k++) {
		golden_begin(g, products[k]);
		options.product = k;
		estimate(g, product, &options, 0);
		golden_end(g);
	}
}
