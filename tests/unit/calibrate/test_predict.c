/* Prediction out of sample: against reference values, and what must hold of any. */
#include "surveys.h"

#include <math.h>

static const char *const methods[LOY_PREDICT_METHODS] = {"pls_DA", "pls_EA", "lm_exo", "lm_others"};

static loy_item_prediction *predicted(const loy_pls *pls, const loy_table *table, uint32_t folds)
{
	uint32_t count = loy_pls_predict_count(pls);
	loy_item_prediction *out = calloc(count + 1u, sizeof(*out));
	loy_error error = {.struct_size = sizeof(error)};

	assert_non_null(out);
	out->struct_size = sizeof(*out);
	if (loy_pls_predict(pls, table, folds, out, count, NULL, &error) != LOY_OK)
		fail_msg("%s", error.message);
	return out;
}

/* Tolerance 1e-9, as the references state. */
static void compare(const loy_pls *pls, const loy_item_prediction *made, const char *model, const char *folds,
                    double *worst)
{
	char file[128];
	struct csv *csv;

	sprintf(file, "reference/sem/predict_%s.csv", model);
	csv = shared_csv_or_skip(file);
	while (csv_next(csv)) {
		loy_pls_indicator indicator = {.struct_size = sizeof(indicator)};
		uint32_t i, k = 0;

		if (strcmp(csv_text(csv, csv_column(csv, "folds")), folds) != 0)
			continue;
		while (strcmp(methods[k], csv_text(csv, csv_column(csv, "method"))) != 0)
			assert_true(++k < LOY_PREDICT_METHODS);
		for (i = 0; i < loy_pls_predict_count(pls); i++) {
			assert_int_equal(loy_pls_get_indicator(pls, made[i].indicator, &indicator), LOY_OK);
			if (strcmp(indicator.name, csv_text(csv, csv_column(csv, "item"))) == 0)
				break;
		}
		assert_true(i < loy_pls_predict_count(pls));
		assert_close(made[i].rmse[k], csv_double(csv, csv_column(csv, "rmse")), 1e-9, 1e-9);
		assert_close(made[i].mae[k], csv_double(csv, csv_column(csv, "mae")), 1e-9, 1e-9);
		assert_close(made[i].q2[k], csv_double(csv, csv_column(csv, "q2_predict")), 0.0, 1e-9);
		*worst = fmax(*worst, fabs(made[i].rmse[k] - csv_double(csv, csv_column(csv, "rmse"))));
	}
	csv_close(csv);
}

static void reference_values(void **state)
{
	static const char *const models[] = {"ecsi_mobile", "satisfaction_bank", "loyalty_sim", "csi_bank"};
	double worst = 0.0;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		loy_paths *paths = survey_model(models[i]);
		struct survey survey = survey_read(survey_file(models[i]));
		loy_pls *pls = survey_fit(paths, &survey.table, NULL);
		loy_item_prediction *loo = predicted(pls, &survey.table, 0),
		                    *ten = predicted(pls, &survey.table, 10);

		compare(pls, loo, models[i], "loo", &worst);
		compare(pls, ten, models[i], "10", &worst);
		free(loo);
		free(ten);
		loy_pls_destroy(pls);
		loy_paths_destroy(paths);
		survey_free(&survey);
	}
	print_message("worst difference of an RMSE %.2g\n", worst);
}

/* Errors of an item of B and one of C, each answer foretold from a model of the respondents of other folds. */
struct errors {
	double squares, magnitudes, about;
};

static void note_error(struct errors *e, double said, double guess, double mean)
{
	e->squares += (said - guess) * (said - guess);
	e->magnitudes += fabs(said - guess);
	e->about += (said - mean) * (said - mean);
}

/* Least squares of a column on the three items of A. */
static void benchmark(const loy_table *rest, uint32_t outcome, double beta[4])
{
	static const uint32_t exogenous[3] = {0, 1, 2};
	loy_linear_options options = {.struct_size = sizeof(options),
	                              .outcome = outcome,
	                              .predictor_count = 3,
	                              .predictors = exogenous};
	loy_coefficient c = {.struct_size = sizeof(c)};
	loy_moments *moments = NULL;
	loy_linear *linear = NULL;
	uint32_t i;

	assert_int_equal(loy_moments_create(&moments, rest->columns, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, rest, NULL), LOY_OK);
	assert_int_equal(loy_linear_create(&linear, moments, &options, NULL, NULL), LOY_OK);
	for (i = 0; i < 4; i++) {
		assert_int_equal(loy_linear_get_coefficient(linear, i, &c), LOY_OK);
		beta[i] = c.value;
	}
	loy_linear_destroy(linear);
	loy_moments_destroy(moments);
}

/* What PLSpredict is, step by step, by estimates of the rest: means, deviations, weights, paths, loadings. */
static void predictions_are_what_the_rest_foretells(void **state)
{
	enum { N = 60, FOLDS = 5, COLUMNS = 9 };
	static const uint32_t items[2] = {4, 8}; /* b2 of B, c3 of C */
	struct survey survey = survey_invent(N, 3, 12, 0), rest = survey_invent(N, 3, 12, 0);
	loy_pls *pls = survey_fit_invented(&survey, 3, "=~", NULL);
	loy_item_prediction *made = predicted(pls, &survey.table, FOLDS);
	struct errors errors[2][3] = {{{0.0, 0.0, 0.0}}};
	uint32_t fold, row, k, m;

	(void)state;
	for (fold = 0; fold < FOLDS; fold++) {
		loy_pls *known;
		double *scores, *total, beta[4];

		for (rest.table.rows = 0, row = 0; row < N; row++) {
			if (row % FOLDS != fold)
				memcpy(rest.values + COLUMNS * rest.table.rows++,
				       survey.values + COLUMNS * row, COLUMNS * sizeof(double));
		}
		known = survey_fit_invented(&rest, 3, "=~", NULL);
		scores = survey_scores(known, &survey.table);
		total = survey_matrix(known, LOY_PLS_TOTAL);
		for (k = 0; k < 2; k++) {
			loy_pls_indicator item = {.struct_size = sizeof(item)};
			double path = survey_path(known, "A", k == 0 ? "B" : "C");

			assert_int_equal(loy_pls_get_indicator(known, items[k], &item), LOY_OK);
			benchmark(&rest.table, items[k], beta);
			for (row = fold; row < N; row += FOLDS) {
				const double *said = survey.values + COLUMNS * row, *score = scores + 3 * row;
				double direct = path * score[0];

				direct += k == 0 ? 0.0 : survey_path(known, "B", "C") * score[1];
				note_error(&errors[k][0], said[items[k]],
				           item.mean + item.deviation * item.loading * direct, item.mean);
				note_error(&errors[k][1], said[items[k]],
				           item.mean +
				                   item.deviation * item.loading * total[1 + k] * score[0],
				           item.mean);
				note_error(&errors[k][2], said[items[k]],
				           beta[0] + beta[1] * said[0] + beta[2] * said[1] +
				                   beta[3] * said[2],
				           item.mean);
			}
		}
		free(scores);
		free(total);
		loy_pls_destroy(known);
	}
	for (k = 0; k < 2; k++) {
		const loy_item_prediction *p = &made[items[k] - 3];

		assert_int_equal(p->indicator, items[k]);
		for (m = 0; m < 3; m++) { /* direct, earliest, linear; plain sums err by 1e-13 or so */
			assert_close(p->rmse[m], sqrt(errors[k][m].squares / N), 1e-10, 0.0);
			assert_close(p->mae[m], errors[k][m].magnitudes / N, 1e-10, 0.0);
			assert_close(p->q2[m], 1.0 - errors[k][m].squares / errors[k][m].about, 0.0, 1e-10);
		}
	}
	free(made);
	loy_pls_destroy(pls);
	survey_free(&survey);
	survey_free(&rest);
}

/* More items than respondents left in: no regression, and that is said; the path model predicts all the same. */
static void benchmarks_that_cannot_be_are_not(void **state)
{
	struct survey survey = survey_invent(8, 3, 4, 0);
	char *text = survey_text(3, "=~");
	loy_paths *paths = survey_paths(text);
	loy_pls *pls = survey_fit(paths, &survey.table, NULL);
	loy_item_prediction *made = predicted(pls, &survey.table, 2);

	(void)state;
	assert_true(isnan(made[0].rmse[LOY_PREDICT_LINEAR_OTHERS]));
	assert_true(made[0].rmse[LOY_PREDICT_DIRECT] > 0.0);
	free(made);
	free(text);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

static void means_stand_in_for_what_is_missing(void **state)
{
	loy_pls_options options = {.struct_size = sizeof(options), .missing = LOY_MISSING_MEAN};
	struct survey survey = survey_invent(100, 3, 11, 0);
	char *text = survey_text(3, "=~");
	loy_paths *paths = survey_paths(text);
	loy_item_prediction *made;
	loy_pls *pls;
	uint32_t row;

	(void)state;
	for (row = 0; row < 100; row += 7)
		survey.values[row * survey.table.columns + row % survey.table.columns] = NAN;
	pls = survey_fit(paths, &survey.table, &options);
	made = predicted(pls, &survey.table, 10);
	assert_true(made[0].n < 100.0 && made[0].n > 90.0); /* what nobody said cannot be missed */
	assert_true(made[0].q2[LOY_PREDICT_DIRECT] > 0.0);
	free(made);
	free(text);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

static void what_cannot_be_predicted_is_refused(void **state)
{
	loy_pls_options pairwise = {.struct_size = sizeof(pairwise), .missing = LOY_MISSING_PAIRWISE};
	loy_pls_options of_items = {.struct_size = sizeof(of_items), .product = LOY_PLS_PRODUCT_INDICATORS};
	struct survey survey = survey_invent(40, 3, 11, 0);
	char *text = survey_text(3, "=~"), whole[1024];
	loy_paths *paths = survey_paths(text), *products;
	loy_item_prediction made[6] = {{.struct_size = sizeof(made[0])}};
	loy_pls *pls = survey_fit(paths, &survey.table, NULL), *other;
	loy_allocator half = {.allocate = faulty_alloc};
	loy_table shorter = survey.table;
	loy_status status = LOY_ENOMEM;
	uint32_t row;
	long n;

	(void)state;
	assert_int_equal(loy_pls_predict_count(NULL), 0);
#define REFUSED(pls, table, folds, out, capacity, memory, status)                                            \
	assert_int_equal(loy_pls_predict(pls, table, folds, out, capacity, memory, NULL), status)
	REFUSED(NULL, &survey.table, 0, made, 6, NULL, LOY_EINVAL);
	REFUSED(pls, NULL, 0, made, 6, NULL, LOY_EINVAL);
	REFUSED(pls, &survey.table, 0, NULL, 6, NULL, LOY_EINVAL);
	REFUSED(pls, &survey.table, 1, made, 6, NULL, LOY_EINVAL);
	REFUSED(pls, &survey.table, 0, made, 5, NULL, LOY_EBUFFER);
	REFUSED(pls, &survey.table, 0, made, 6, &half, LOY_EINVAL);
	shorter.columns--;
	REFUSED(pls, &shorter, 0, made, 6, NULL, LOY_ENAME);
	shorter = survey.table;
	shorter.rows = 2;
	REFUSED(pls, &shorter, 0, made, 6, NULL, LOY_EINVAL);
	made[0].struct_size = 4;
	REFUSED(pls, &survey.table, 0, made, 6, NULL, LOY_EINVAL);
	made[0].struct_size = sizeof(made[0]);
	other = survey_fit(paths, &survey.table, &pairwise);
	REFUSED(other, &survey.table, 0, made, 6, NULL, LOY_EINVAL);
	loy_pls_destroy(other);
	sprintf(whole, "%s\nC ~ A:B\n", text);
	products = survey_paths(whole);
	other = survey_fit(products, &survey.table, NULL);
	REFUSED(other, &survey.table, 0, made, 6, NULL, LOY_EINVAL);
	loy_pls_destroy(other);
	other = survey_fit(products, &survey.table, &of_items); /* one stage, but products are no items */
	REFUSED(other, &survey.table, 0, made, 6, NULL, LOY_EINVAL);
	loy_pls_destroy(other);
	loy_paths_destroy(products);
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);

		status = loy_pls_predict(pls, &survey.table, 4, made, 6, &memory, NULL);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	/* An item that one respondent alone answers otherwise does not vary without that one. */
	for (row = 0; row < 40; row++)
		survey.values[row * survey.table.columns] = row == 17;
	other = survey_fit(paths, &survey.table, NULL);
	REFUSED(other, &survey.table, 0, made, 6, NULL, LOY_ERANGE);
#undef REFUSED
	loy_pls_destroy(other);
	free(text);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	survey_free(&survey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(reference_values),
	        cmocka_unit_test(predictions_are_what_the_rest_foretells),
	        cmocka_unit_test(benchmarks_that_cannot_be_are_not),
	        cmocka_unit_test(means_stand_in_for_what_is_missing),
	        cmocka_unit_test(what_cannot_be_predicted_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
