/* Constructs made of constructs, products with their slopes, and effects of larger models. */
#include "surveys.h"

#include <math.h>

#include "calibrate/pls.h"

enum { ROWS = 280, PER = 4, ITEMS = 3 * PER };

/* Scores of respondents must have the correlations the estimate says they have: mean 0, variance 1 and all others. */
static void scores_are_as_told(const loy_pls *pls, const loy_table *table)
{
	double *scores = survey_scores(pls, table), *r = survey_matrix(pls, LOY_PLS_CORRELATIONS);
	size_t q = survey_summary(pls).constructs, rows = (size_t)table->rows, c, d, row;

	for (c = 0; c < q; c++) {
		double mean = 0.0;

		for (row = 0; row < rows; row++)
			mean += scores[row * q + c] / (double)rows;
		assert_close(mean, 0.0, 0.0, 1e-11);
		for (d = 0; d <= c; d++) {
			double sum = 0.0;

			for (row = 0; row < rows; row++)
				sum += scores[row * q + c] * scores[row * q + d];
			/* products are summed in multiples of 2^-40, which leaves some 1e-13 */
			assert_close(sum / (double)(rows - 1), r[c * q + d], 0.0, 1e-11);
		}
	}
	free(scores);
	free(r);
}

/* A table of items and of columns made of them. */
static struct survey extend(const struct survey *survey, const double *more, size_t columns,
                            const char *const *names)
{
	struct survey all = *survey;
	size_t whole = survey->table.columns + columns, row, i;

	all.values = calloc((size_t)survey->table.rows * whole, sizeof(double));
	all.names = calloc(whole, sizeof(*all.names));
	assert_true(all.values != NULL && all.names != NULL);
	for (i = 0; i < whole; i++) {
		all.names[i] = calloc(1, 32);
		assert_non_null(all.names[i]);
		strcpy(all.names[i],
		       i < survey->table.columns ? survey->names[i] : names[i - survey->table.columns]);
	}
	for (row = 0; row < survey->table.rows; row++) {
		memcpy(all.values + row * whole, survey->values + row * survey->table.columns,
		       survey->table.columns * sizeof(double));
		memcpy(all.values + row * whole + survey->table.columns, more + row * columns,
		       columns * sizeof(double));
	}
	all.table.columns = (uint32_t)whole;
	all.table.values = all.values;
	all.table.row_stride = (int64_t)(whole * sizeof(double));
	all.table.names = (const char *const *)all.names;
	return all;
}

/* ---- higher order ---- */

static const char parts[] = "A1 =~ a1 + a2\nA2 =~ a3 + a4\nC =~ c1 + c2 + c3\n";

/* Repeated indicators: the same as naming all of them, with the paths between whole and parts. */
static void repeated_indicators(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 40, 0);
	char text[256];
	loy_pls *higher, *spelled;
	loy_pls_construct c = {.struct_size = sizeof(c)};
	loy_pls_path path = {.struct_size = sizeof(path)};

	(void)state;
	sprintf(text, "%sH =~ A1 + A2\nC ~ H\n", parts);
	higher = survey_fit_text(text, &survey.table, NULL);
	sprintf(text, "%sH =~ a1 + a2 + a3 + a4\nC ~ H\nA1 ~ H\nA2 ~ H\n", parts);
	spelled = survey_fit_text(text, &survey.table, NULL);
	assert_bits_equal(survey_path(higher, "H", "C"), survey_path(spelled, "H", "C"));
	assert_bits_equal(survey_path(higher, "H", "A1"), survey_path(spelled, "H", "A1"));
	assert_int_equal(loy_pls_get_construct(higher, survey_construct(higher, "H"), &c), LOY_OK);
	assert_int_equal(c.order, 2);
	assert_int_equal(c.indicator_count, 4);
	assert_int_equal(loy_pls_get_path(higher, 0, &path), LOY_OK);
	assert_int_equal(path.hierarchy, 1);
	assert_int_equal(survey_summary(higher).stages, 1);
	assert_null(loy_pls_first_stage(higher));
	/* items that are repeated are no duplicates */
	assert_int_equal(survey_problems(higher, LOY_PLS_DUPLICATE, NULL), 0);
	loy_pls_destroy(spelled);
	loy_pls_destroy(higher);
	/* composed: the parts lead to the whole, and explain it wholly */
	sprintf(text, "%sH <~ A1 + A2\nC ~ H\n", parts);
	higher = survey_fit_text(text, &survey.table, NULL);
	assert_int_equal(loy_pls_get_construct(higher, survey_construct(higher, "H"), &c), LOY_OK);
	assert_int_equal(c.predictors, 2);
	assert_true(c.r2 > 0.99);
	loy_pls_destroy(higher);
	survey_free(&survey);
}

/* By weights of items, through the parts: the score on another scale. */
static void an_index_through_the_parts(const loy_pls *pls, const loy_table *table)
{
	size_t q = survey_summary(pls).constructs, h = survey_construct(pls, "H"), row;
	double *scores = survey_scores(pls, table), *weights = survey_matrix(pls, LOY_PLS_ITEM_WEIGHTS);
	double *indices = calloc((size_t)table->rows * q, sizeof(*indices));
	loy_pls_index index = {.struct_size = sizeof(index)};
	loy_pls_scale scales[ITEMS];
	const char *name;
	uint32_t i;

	assert_non_null(indices);
	for (i = 0; loy_pls_get_item(pls, i, &name, NULL, NULL) == LOY_OK; i++) {
		scales[i].low = 1.0;
		scales[i].high = 10.0;
		assert_true((weights[h * survey_summary(pls).items + i] > 0.0) == (name[0] == 'a'));
	}
	assert_int_equal(loy_pls_get_index(pls, (uint32_t)h, scales, &index, NULL), LOY_OK);
	assert_int_equal(loy_pls_score(pls, table, LOY_PLS_INDICES, scales, indices, (size_t)table->rows * q,
	                               NULL, NULL),
	                 LOY_OK);
	for (row = 0; row < table->rows; row++)
		assert_close((indices[row * q + h] - index.mean) / index.deviation, scores[row * q + h], 0.0,
		             1e-10);
	free(indices);
	free(weights);
	free(scores);
}

/* Two stages: the same as estimating the parts, writing their scores down, and estimating with those as items. */
static void two_stages_are_two_estimates(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 41, 0), all;
	loy_pls_options options = {.struct_size = sizeof(options), .higher = LOY_PLS_HIGHER_STAGES};
	static const char *const names[2] = {"s1", "s2"};
	char text[256];
	loy_pls *higher, *first, *second;
	double *scores, columns[ROWS * 2];
	size_t row;
	loy_pls_indicator i = {.struct_size = sizeof(i)}, j = {.struct_size = sizeof(j)};

	(void)state;
	sprintf(text, "%sB =~ b1 + b2\nH =~ A1 + A2\nB ~ H\nC ~ H + B\n", parts);
	higher = survey_fit_text(text, &survey.table, &options);
	sprintf(text, "%sB =~ b1 + b2\nB ~ A1 + A2\nC ~ A1 + A2 + B\n", parts);
	first = survey_fit_text(text, &survey.table, NULL);
	assert_int_equal(survey_summary(higher).stages, 2);
	assert_bits_equal(survey_path(loy_pls_first_stage(higher), "A1", "C"), survey_path(first, "A1", "C"));
	scores = survey_scores(first, &survey.table);
	for (row = 0; row < ROWS; row++) {
		columns[row * 2] = scores[row * 4 + survey_construct(first, "A1")];
		columns[row * 2 + 1] = scores[row * 4 + survey_construct(first, "A2")];
	}
	all = extend(&survey, columns, 2, names);
	second = survey_fit_text("C =~ c1 + c2 + c3\nB =~ b1 + b2\nH =~ s1 + s2\nB ~ H\nC ~ H + B\n",
	                         &all.table, NULL);
	assert_close(survey_path(higher, "H", "C"), survey_path(second, "H", "C"), 0.0, 1e-11);
	assert_close(survey_path(higher, "B", "C"), survey_path(second, "B", "C"), 0.0, 1e-11);
	assert_int_equal(loy_pls_get_indicator(higher, survey_indicator(higher, "H", "A2"), &i), LOY_OK);
	assert_int_equal(loy_pls_get_indicator(second, survey_indicator(second, "H", "s2"), &j), LOY_OK);
	assert_close(i.weight, j.weight, 0.0, 1e-11);
	assert_close(i.loading, j.loading, 0.0, 1e-11);
	assert_int_equal(i.item, LOY_PLS_NO_ITEM);
	scores_are_as_told(higher, &survey.table);
	an_index_through_the_parts(higher, &survey.table);
	free(scores);
	loy_pls_destroy(first);
	loy_pls_destroy(second);
	loy_pls_destroy(higher);
	survey_free(&survey);
	survey_free(&all);
}

static void levels_and_what_there_is_no_stage_for(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 42, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .higher = LOY_PLS_HIGHER_STAGES};
	static const char text[] = "A1 =~ a1 + a2\nA2 =~ a3 + a4\nH =~ A1 + A2\nB =~ b1 + b2\nT =~ H + B\n"
	                           "C =~ c1 + c2\nC ~ T\n";
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = survey_paths(text);
	loy_pls *pls = survey_fit(paths, &survey.table, NULL);
	loy_pls_construct c = {.struct_size = sizeof(c)};

	(void)state;
	assert_int_equal(loy_pls_get_construct(pls, survey_construct(pls, "T"), &c), LOY_OK);
	assert_int_equal(c.order, 3);
	assert_int_equal(c.indicator_count, 6);
	loy_pls_destroy(pls);
	assert_int_equal(loy_pls_create(&pls, paths, &survey.table, &options, NULL, &error), LOY_ELIMIT);
	assert_non_null(strstr(error.message, "'T'"));
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* ---- products ---- */

static const char multiplied[] =
        "A =~ a1 + a2 + a3\nB =~ b1 + b2\nC =~ c1 + c2 + c3\nB ~ A\nC ~ A + B + A:B\n";

static void scores_of_products_are_as_told(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 43, 0);
	uint32_t product;

	(void)state;
	for (product = LOY_PLS_PRODUCT_STAGES; product <= LOY_PLS_PRODUCT_ORTHOGONAL; product++) {
		loy_pls_options options = {.struct_size = sizeof(options), .product = product};
		loy_pls *pls = survey_fit_text(multiplied, &survey.table, &options);
		loy_pls_construct c = {.struct_size = sizeof(c)};

		assert_int_equal(loy_pls_get_construct(pls, survey_construct(pls, "A:B"), &c), LOY_OK);
		assert_int_equal(c.product, 1);
		assert_int_equal(c.first, survey_construct(pls, "A"));
		assert_int_equal(c.second, survey_construct(pls, "B"));
		assert_int_equal(c.indicator_count, product == LOY_PLS_PRODUCT_STAGES ? 1 : 6);
		scores_are_as_told(pls, &survey.table);
		loy_pls_destroy(pls);
	}
	survey_free(&survey);
}

/* Residuals have nothing in common with what they were cleaned of. */
static void orthogonal_products_are_orthogonal(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 44, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .product = LOY_PLS_PRODUCT_ORTHOGONAL};
	loy_pls *pls = survey_fit_text(multiplied, &survey.table, &options);
	double *cross = survey_matrix(pls, LOY_PLS_CROSSLOADINGS);
	size_t q = survey_summary(pls).constructs, product = survey_construct(pls, "A:B"), i;

	(void)state;
	for (i = 0; i < 5; i++) /* a1 … a3, b1, b2 come first */
		assert_close(cross[i * q + product], 0.0, 0.0, 1e-11);
	free(cross);
	loy_pls_destroy(pls);
	survey_free(&survey);
}

static uint32_t path_from(const loy_pls *pls, const char *from, const char *to)
{
	loy_pls_path path = {.struct_size = sizeof(path)};
	uint32_t i;

	for (i = 0; loy_pls_get_path(pls, i, &path) == LOY_OK; i++) {
		if (path.from == survey_construct(pls, from) && path.to == survey_construct(pls, to))
			return i;
	}
	fail_msg("no path from %s to %s", from, to);
	return 0;
}

/* A slope is the derivative of the regression at a level of the moderator. */
static void simple_slopes(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 45, 0);
	loy_pls *pls = survey_fit_text(multiplied, &survey.table, NULL), *square;
	uint32_t product = path_from(pls, "A:B", "C"), a = survey_construct(pls, "A"),
	         b = survey_construct(pls, "B");
	loy_pls_construct c = {.struct_size = sizeof(c)};
	loy_pls_slope slope = {.struct_size = sizeof(slope)};
	double level;

	(void)state;
	assert_int_equal(loy_pls_get_construct(pls, survey_construct(pls, "A:B"), &c), LOY_OK);
	for (level = -1.0; level <= 1.0; level += 1.0) {
		assert_int_equal(loy_pls_get_slope(pls, product, a, level, &slope), LOY_OK);
		assert_int_equal(slope.moderator, b);
		assert_close(slope.slope,
		             survey_path(pls, "A", "C") + level * survey_path(pls, "A:B", "C") / c.unit,
		             1e-14, 0.0);
		assert_int_equal(loy_pls_get_slope(pls, product, b, level, &slope), LOY_OK);
		assert_int_equal(slope.moderator, a);
		assert_close(slope.slope,
		             survey_path(pls, "B", "C") + level * survey_path(pls, "A:B", "C") / c.unit,
		             1e-14, 0.0);
	}
	assert_int_equal(loy_pls_get_slope(pls, product, survey_construct(pls, "C"), 0.0, &slope),
	                 LOY_EINVAL);
	assert_int_equal(loy_pls_get_slope(pls, product, a, (double)NAN, &slope), LOY_EINVAL);
	assert_int_equal(loy_pls_get_slope(pls, path_from(pls, "A", "B"), a, 0.0, &slope), LOY_ENOTFOUND);
	assert_int_equal(loy_pls_get_slope(pls, 99, a, 0.0, &slope), LOY_ENOTFOUND);
	loy_pls_destroy(pls);
	square = survey_fit_text("A =~ a1 + a2 + a3\nC =~ c1 + c2\nC ~ A + A:A\n", &survey.table, NULL);
	assert_int_equal(loy_pls_get_construct(square, survey_construct(square, "A:A"), &c), LOY_OK);
	assert_int_equal(loy_pls_get_slope(square, path_from(square, "A:A", "C"),
	                                   survey_construct(square, "A"), 0.5, &slope),
	                 LOY_OK);
	assert_close(slope.slope, survey_path(square, "A", "C") + survey_path(square, "A:A", "C") / c.unit,
	             1e-14, 0.0);
	loy_pls_destroy(square);
	survey_free(&survey);
}

/* Products of a construct of higher order, both by stages: three estimates, one after the other. */
static void products_of_higher_order_constructs(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 46, 0);
	uint32_t product;

	(void)state;
	for (product = LOY_PLS_PRODUCT_STAGES; product <= LOY_PLS_PRODUCT_ORTHOGONAL; product++) {
		loy_pls_options options = {
		        .struct_size = sizeof(options), .higher = LOY_PLS_HIGHER_STAGES, .product = product};
		loy_pls *pls = survey_fit_text(
		        "A1 =~ a1 + a2\nA2 =~ a3 + a4\nH =~ A1 + A2\nB =~ b1 + b2\nC =~ c1 + c2 + c3\n"
		        "C ~ H + B + H:B\n",
		        &survey.table, &options);

		assert_int_equal(survey_summary(pls).stages, product == LOY_PLS_PRODUCT_STAGES ? 3 : 2);
		scores_are_as_told(pls, &survey.table);
		scores_are_as_told(loy_pls_first_stage(pls), &survey.table);
		loy_pls_destroy(pls);
	}
	survey_free(&survey);
}

static void products_with_missing_answers(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 47, 0);
	loy_pls_options options = {.struct_size = sizeof(options), .missing = LOY_MISSING_MEAN};
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = survey_paths(multiplied);
	loy_pls *pls;
	size_t row;

	(void)state;
	for (row = 0; row < ROWS; row += 5)
		survey.values[row * ITEMS + row % ITEMS] = (double)NAN;
	pls = survey_fit(paths, &survey.table, &options);
	assert_close(survey_summary(pls).n, ROWS, 0.0, 0.0);
	scores_are_as_told(pls, &survey.table);
	loy_pls_destroy(pls);
	options.missing = LOY_MISSING_PAIRWISE;
	assert_int_equal(loy_pls_create(&pls, paths, &survey.table, &options, NULL, &error), LOY_EINVAL);
	assert_non_null(strstr(error.message, "rows"));
	loy_paths_destroy(paths);
	survey_free(&survey);
}

/* Frequency weights are repeated rows, for products as well. */
static void weighted_products(void **state)
{
	struct survey survey = survey_invent(ROWS, PER, 48, 0);
	double weights[ROWS];
	loy_pls *weighted, *repeated;
	struct survey twice = survey;
	size_t row;

	(void)state;
	twice.values = calloc(ROWS * 2, ITEMS * sizeof(double));
	assert_non_null(twice.values);
	twice.table.rows = 0;
	for (row = 0; row < ROWS; row++) {
		size_t k;

		weights[row] = 1.0 + (double)(row % 2);
		for (k = 0; k <= row % 2; k++)
			memcpy(twice.values + ITEMS * twice.table.rows++, survey.values + ITEMS * row,
			       ITEMS * sizeof(double));
	}
	twice.table.values = twice.values;
	survey.table.weights = weights;
	survey.table.weight_stride = sizeof(double);
	weighted = survey_fit_text(multiplied, &survey.table, NULL);
	repeated = survey_fit_text(multiplied, &twice.table, NULL);
	assert_close(survey_path(weighted, "A:B", "C"), survey_path(repeated, "A:B", "C"), 0.0, 1e-12);
	assert_close(survey_summary(weighted).n, 1.5 * ROWS, 0.0, 0.0);
	loy_pls_destroy(weighted);
	loy_pls_destroy(repeated);
	free(twice.values);
	survey_free(&survey);
}

/* ---- effects ---- */

/* The reviewed paper's paths: .35 x .42 + .28 x .31 = .2338, and .42 + .31 is no effect of anything. */
static void the_worked_example(void **state)
{
	enum { INNOVATION, SATISFACTION, IMAGE, LOYALTY };
	loy__pls_construct constructs[4] = {{0}};
	loy__pls_path paths[4] = {{INNOVATION, SATISFACTION, 0, 0},
	                          {INNOVATION, IMAGE, 0, 0},
	                          {SATISFACTION, LOYALTY, 0, 0},
	                          {IMAGE, LOYALTY, 0, 0}};
	uint32_t order[4] = {INNOVATION, IMAGE, SATISFACTION, LOYALTY};
	const double values[4] = {0.35, 0.28, 0.42, 0.31};
	loy__pls_model model = {
	        .constructs = 4, .paths = 4, .construct = constructs, .path = paths, .order = order};
	double total[16];
	struct csv *csv;
	static const char *const names[4] = {"innovation", "satisfaction", "image", "loyalty"};

	(void)state;
	constructs[SATISFACTION].path_count = constructs[IMAGE].path_count = 1;
	constructs[IMAGE].path = 1;
	constructs[LOYALTY].path = constructs[LOYALTY].path_count = 2;
	loy__pls_effects(&model, values, total);
	assert_close(total[INNOVATION * 4 + LOYALTY], 0.2338, 1e-15, 0.0);
	csv = shared_csv_or_skip("reference/sem/effects_worked_example.csv");
	while (csv_next(csv)) {
		int from = 0, to = 0;

		while (strcmp(names[from], csv_text(csv, csv_column(csv, "from"))) != 0)
			from++;
		while (strcmp(names[to], csv_text(csv, csv_column(csv, "to"))) != 0)
			to++;
		assert_close(total[from * 4 + to], csv_double(csv, csv_column(csv, "total")), 1e-15, 0.0);
	}
	csv_close(csv);
}

/* All constructs on all later ones: chains double with each. Too many are not listed, but effects are whole. */
static void chains_are_bounded(void **state)
{
	enum { MANY = 20 };
	struct survey survey = survey_invent(ROWS, 7, 49, 0);
	char text[4096];
	size_t used = 0;
	int i, j, count;

	(void)state;
	for (count = 6; count <= MANY; count += MANY - 6) {
		loy_pls *pls;
		double expected = 0.0;
		uint32_t q = (uint32_t)count;

		used = 0;
		for (i = 0; i < count; i++)
			used += (size_t)sprintf(text + used, "F%02d =~ %c%d\n", i, "abc"[i % 3], i / 3 + 1);
		for (j = 1; j < count; j++) {
			used += (size_t)sprintf(text + used, "F%02d ~ F00", j);
			for (i = 1; i < j; i++)
				used += (size_t)sprintf(text + used, " + F%02d", i);
			used += (size_t)sprintf(text + used, "\n");
			for (i = 0; i < j; i++) /* 2^(constructs between), less the path itself */
				expected += ldexp(1.0, j - i - 1) - 1.0;
		}
		pls = survey_fit_text(text, &survey.table, NULL);
		assert_close(loy_pls_chain_total(pls), expected, 0.0, 0.0);
		assert_int_equal(loy_pls_chain_count(pls),
		                 expected <= LOY_PLS_CHAINS_MAX ? (uint32_t)expected : 0);
		if (count == 6) { /* they add up */
			double *indirect = survey_matrix(pls, LOY_PLS_INDIRECT), sum = 0.0;
			loy_pls_chain chain = {.struct_size = sizeof(chain)};
			uint32_t k;

			for (k = 0; loy_pls_get_chain(pls, k, &chain) == LOY_OK; k++) {
				if (chain.constructs[0] == 0 && chain.constructs[chain.length - 1] == q - 1)
					sum += chain.value;
			}
			assert_close(indirect[q - 1], sum, 0.0, 1e-14);
			free(indirect);
		}
		loy_pls_destroy(pls);
	}
	survey_free(&survey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(repeated_indicators),
	        cmocka_unit_test(two_stages_are_two_estimates),
	        cmocka_unit_test(levels_and_what_there_is_no_stage_for),
	        cmocka_unit_test(scores_of_products_are_as_told),
	        cmocka_unit_test(orthogonal_products_are_orthogonal),
	        cmocka_unit_test(simple_slopes),
	        cmocka_unit_test(products_of_higher_order_constructs),
	        cmocka_unit_test(products_with_missing_answers),
	        cmocka_unit_test(weighted_products),
	        cmocka_unit_test(the_worked_example),
	        cmocka_unit_test(chains_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
