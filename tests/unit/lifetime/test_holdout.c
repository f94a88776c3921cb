/*
 * Predictions for the time after the data against the references, at the references' parameters (1e-9
 * relative, which is what they promise), and how far they were from what then happened; covariates at our own
 * fit, where the references' estimates and ours agree to 1e-7, and against CLVTools, whose search stops early
 * (5e-3, as the references say).
 */
#include "customers.h"

struct metrics {
	double weeks, came, expected, absolute, square, correlation;
};

static struct metrics metrics_of(const char *dataset, const char *name)
{
	struct metrics m = {0};
	struct csv *csv;
	char file[80];
	int found = 0;

	snprintf(file, sizeof(file), "reference/btyd/%s_metrics.csv", dataset);
	csv = shared_csv_or_skip(file);
	while (csv_next(csv)) {
		if (strcmp(csv_text(csv, csv_column(csv, "model")), name) != 0)
			continue;
		found = 1;
		m.weeks = csv_double(csv, csv_column(csv, "holdout_weeks"));
		m.came = csv_double(csv, csv_column(csv, "actual_holdout"));
		m.expected = csv_double(csv, csv_column(csv, "sum_cet"));
		m.absolute = csv_double(csv, csv_column(csv, "mae"));
		m.square = csv_double(csv, csv_column(csv, "rmse"));
		m.correlation = csv_double(csv, csv_column(csv, "pearson_r"));
	}
	csv_close(csv);
	assert_true(found);
	return m;
}

/* Expected purchases of all in the holdout against those that came. */
static void compare_metrics(const loy_lifetime *model, const struct summary *s, const char *dataset,
                            const char *name, double relative)
{
	struct metrics m = metrics_of(dataset, name), sum = {0};
	double *values = numbers(), n = (double)s->n, both = 0.0, squares = 0.0, came = 0.0;
	loy_lifetime_ask ask = {.struct_size = sizeof(ask),
	                        .quantity = LOY_ASK_PURCHASES,
	                        .to = m.weeks,
	                        .value = values,
	                        .value_stride = sizeof(double)};
	loy_history_column columns[8];
	size_t i;

	assert_int_equal(loy_lifetime_predict(model, NULL, columns, summary_columns(s, columns), s->n, &ask,
	                                      1, NULL, NULL, NULL),
	                 LOY_OK);
	for (i = 0; i < s->n; i++) {
		double error = values[i] - s->holdout[i];

		sum.came += s->holdout[i];
		sum.expected += values[i];
		sum.absolute += fabs(error) / n;
		sum.square += error * error / n;
		both += values[i] * s->holdout[i];
		squares += values[i] * values[i];
		came += s->holdout[i] * s->holdout[i];
	}
	sum.correlation =
	        (both - sum.expected * sum.came / n) /
	        sqrt((squares - sum.expected * sum.expected / n) * (came - sum.came * sum.came / n));
	assert_bits_equal(sum.came, m.came);
	assert_close(ask.total, m.expected, relative, 0.0);
	assert_close(sum.absolute, m.absolute, relative, 0.0);
	assert_close(sqrt(sum.square), m.square, relative, 0.0);
	assert_close(sum.correlation, m.correlation, relative, 0.0);
	free(values);
}

/* P(alive), expected purchases and discounted ones of each customer, and the errors of the whole. */
static void check(const char *dataset, int priced)
{
	static const struct {
		const char *name;
		uint32_t family;
		const char *const *parameters;
	} models[3] = {{"bgnbd", LOY_LIFETIME_BG_NBD, bg_names},
	               {"mbgnbd", LOY_LIFETIME_MBG_NBD, bg_names},
	               {"pnbd", LOY_LIFETIME_PARETO_NBD, pareto_names}};
	char summary_file[80], customer_file[80], estimates[80], alive[40], bought[40];
	loy_lifetime *spend = NULL;
	struct summary s;
	int i;

	snprintf(summary_file, sizeof(summary_file), "reference/btyd/%s_summary.csv", dataset);
	snprintf(customer_file, sizeof(customer_file), "reference/btyd/%s_customers.csv", dataset);
	snprintf(estimates, sizeof(estimates), "%s_mle", dataset);
	summary_read(&s, summary_file, NULL);
	if (priced)
		spend = reference_model(estimates, LOY_LIFETIME_GAMMA_GAMMA, dataset, "gg", spend_names, 3);
	for (i = 0; i < 3; i++) {
		struct wanted wanted[4] = {
		        {alive, {.quantity = LOY_ASK_ALIVE}, 1e-9},
		        {bought, {.quantity = LOY_ASK_PURCHASES}, 1e-9},
		        {"dert_pnbd_15pa",
		         {.quantity = LOY_ASK_DISCOUNTED, .to = INFINITY, .discount = WEEK_RATE},
		         1e-9},
		        {"ceav_gg", {.quantity = LOY_ASK_SPEND}, 1e-9}};
		uint32_t count = models[i].family != LOY_LIFETIME_PARETO_NBD ? 2 : priced ? 4 : 3;
		loy_lifetime *model = reference_model(estimates, models[i].family, dataset, models[i].name,
		                                      models[i].parameters, 4);

		snprintf(alive, sizeof(alive), "palive_%s", models[i].name);
		snprintf(bought, sizeof(bought), "cet_holdout_%s", models[i].name);
		wanted[1].ask.to = metrics_of(dataset, models[i].name).weeks;
		compare_columns(model, spend, &s, customer_file, wanted, count);
		compare_metrics(model, &s, dataset, models[i].name, 1e-9);
		loy_lifetime_destroy(model);
	}
	loy_lifetime_destroy(spend);
	summary_free(&s);
}

static void apparel(void **state)
{
	(void)state;
	check("apparel", 1);
}

static void sim_store(void **state)
{
	(void)state;
	check("sim_store", 1);
}

static void lifetimes_example(void **state)
{
	(void)state;
	check("lifetimes_example", 0);
}

/* Rows of CLVTools are in the order of customers' numbers as texts. */
static void compare_with_clvtools(const loy_lifetime *model, const loy_lifetime *spend,
                                  const struct summary *s, const char *file, double weeks)
{
	struct wanted wanted[5] = {
	        {"PAlive", {.quantity = LOY_ASK_ALIVE}, 5e-3},
	        {"CET", {.quantity = LOY_ASK_PURCHASES, .to = weeks}, 5e-3},
	        {"DERT", {.quantity = LOY_ASK_DISCOUNTED, .to = INFINITY, .discount = WEEK_RATE}, 5e-3},
	        {"predicted.mean.spending", {.quantity = LOY_ASK_SPEND}, 5e-3},
	        {"predicted.CLV", {.quantity = LOY_ASK_VALUE, .to = INFINITY, .discount = WEEK_RATE}, 5e-3}};
	loy_history_column columns[8];
	loy_lifetime_ask asks[5];
	double *values[5];
	struct csv *csv = shared_csv_or_skip(file);
	size_t rows;
	int i;

	for (i = 0; i < 5; i++) {
		asks[i] = wanted[i].ask;
		asks[i].struct_size = sizeof(asks[i]);
		asks[i].value = values[i] = numbers();
		asks[i].value_stride = sizeof(double);
	}
	assert_int_equal(loy_lifetime_predict(model, spend, columns, summary_columns(s, columns), s->n, asks,
	                                      5, NULL, NULL, NULL),
	                 LOY_OK);
	for (rows = 0; csv_next(csv); rows++) {
		size_t customer = (size_t)csv_double(csv, csv_column(csv, "Id"));

		assert_in_range(customer, 1, s->n);
		for (i = 0; i < 5; i++)
			assert_close(values[i][customer - 1],
			             csv_double(csv, csv_column(csv, wanted[i].column)), wanted[i].relative,
			             0.0);
	}
	assert_int_equal(rows, s->n);
	csv_close(csv);
	for (i = 0; i < 5; i++)
		free(values[i]);
}

/*
 * Pareto/NBD with covariates that stand in a file of their own, fitted here; s and data are the caller's to
 * give back.
 */
static loy_lifetime *fit_static(struct summary *s, const char *summary_file, const char *covariate_file,
                                const char *const names[2], loy_lifetime **spend)
{
	struct csv *csv = shared_csv_or_skip(covariate_file);
	loy_lifetime_data *data;
	loy_lifetime *model;
	size_t row;

	summary_read(s, summary_file, NULL);
	for (row = 0; csv_next(csv); row++) {
		s->covariates[0][row] = csv_double(csv, csv_column(csv, names[0]));
		s->covariates[1][row] = csv_double(csv, csv_column(csv, names[1]));
	}
	csv_close(csv);
	assert_int_equal(row, s->n);
	s->covariate_count = 2;
	data = summary_data(s, LOY_LIFETIME_PURCHASES);
	model = fit(data, (loy_lifetime_options){.family = LOY_LIFETIME_PARETO_NBD,
	                                         .rate_covariates = 3,
	                                         .life_covariates = 3});
	*spend = fit(data, (loy_lifetime_options){.family = LOY_LIFETIME_GAMMA_GAMMA});
	loy_lifetime_data_destroy(data);
	return model;
}

static void sim_store_with_covariates(void **state)
{
	static const char *const names[2] = {"online", "score"};
	struct wanted wanted[2] = {
	        {"palive_pnbd_static", {.quantity = LOY_ASK_ALIVE}, 1e-5},
	        {"cet_holdout_pnbd_static", {.quantity = LOY_ASK_PURCHASES, .to = 52.0}, 1e-5}};
	loy_lifetime *model, *spend;
	struct summary s;

	(void)state;
	model = fit_static(&s, "reference/btyd/sim_store_summary.csv", "data/sim_store_covariates.csv", names,
	                   &spend);
	compare_columns(model, NULL, &s, "reference/btyd/sim_store_customers.csv", wanted, 2);
	compare_metrics(model, &s, "sim_store", "pnbd_static", 1e-6);
	compare_with_clvtools(model, spend, &s, "reference/btyd/clvtools_sim_store_pnbd_static.csv", 52.0);
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(spend);
	summary_free(&s);
}

static void apparel_with_covariates(void **state)
{
	static const char *const names[2] = {"gender", "channel"};
	loy_lifetime *model, *spend;
	struct summary s;

	(void)state;
	model = fit_static(&s, "reference/btyd/apparel_summary.csv", "data/apparel_static_covariates.csv",
	                   names, &spend);
	compare_with_clvtools(model, spend, &s, "reference/btyd/clvtools_apparel_pnbd_static.csv",
	                      metrics_of("apparel", "pnbd").weeks);
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(spend);
	summary_free(&s);
}

/* How many customers bought how often, as BG/NBD expects it: probabilities of counts, each for its own time. */
static void cdnow_histogram(void **state)
{
	loy_lifetime *model =
	        reference_model("mle", LOY_LIFETIME_BG_NBD, "cdnow_sample", "bgnbd", bg_names, 4);
	struct csv *csv = shared_csv_or_skip("reference/btyd/cdnow_sample_histogram.csv");
	double expected[8] = {0.0}, actual[8] = {0.0}, p[7];
	struct summary s;
	size_t i, c;

	(void)state;
	summary_read(&s, "data/cdnow_sample_summary.csv", NULL);
	for (i = 0; i < s.n; i++) {
		assert_int_equal(loy_lifetime_probabilities(model, NULL, s.T[i], p, 7), LOY_OK);
		expected[7] += 1.0;
		for (c = 0; c < 7; c++) {
			expected[c] += p[c];
			expected[7] -= p[c];
		}
		actual[s.x[i] < 7.0 ? (size_t)s.x[i] : 7] += 1.0;
	}
	for (c = 0; csv_next(csv); c++) {
		assert_true(c < 8);
		assert_bits_equal(actual[c], csv_double(csv, csv_column(csv, "actual_customers")));
		assert_close(expected[c], csv_double(csv, csv_column(csv, "expected_customers_bgnbd")), 1e-9,
		             0.0);
	}
	assert_int_equal(c, 8);
	csv_close(csv);
	loy_lifetime_destroy(model);
	summary_free(&s);
}

/* Mean expectations of those who bought equally often, against the mean that came. */
static void cdnow_by_frequency(void **state)
{
	static const struct {
		const char *name;
		uint32_t family;
		const char *const *parameters;
	} models[3] = {{"bgnbd", LOY_LIFETIME_BG_NBD, bg_names},
	               {"mbgnbd", LOY_LIFETIME_MBG_NBD, bg_names},
	               {"pnbd", LOY_LIFETIME_PARETO_NBD, pareto_names}};
	struct summary s;
	int m;

	(void)state;
	summary_read(&s, "data/cdnow_sample_summary.csv", NULL);
	for (m = 0; m < 3; m++) {
		loy_lifetime *model = reference_model("mle", models[m].family, "cdnow_sample", models[m].name,
		                                      models[m].parameters, 4);
		struct csv *csv = shared_csv_or_skip("reference/btyd/cdnow_sample_cet_by_frequency.csv");
		double sums[8] = {0.0}, came[8] = {0.0}, counts[8] = {0.0};
		loy_lifetime_ask ask = {
		        .struct_size = sizeof(ask), .quantity = LOY_ASK_PURCHASES, .to = 39.0};
		size_t i, c;

		for (i = 0; i < s.n; i++) {
			loy_history history = {
			        .struct_size = sizeof(history), .x = s.x[i], .t_x = s.t_x[i], .T = s.T[i]};
			loy_lifetime_estimate answer = {.struct_size = sizeof(answer)};

			c = s.x[i] < 7.0 ? (size_t)s.x[i] : 7;
			assert_int_equal(loy_lifetime_evaluate(model, NULL, &history, &ask, &answer), LOY_OK);
			sums[c] += answer.value;
			came[c] += s.holdout[i];
			counts[c] += 1.0;
		}
		for (c = 0; csv_next(csv); c++) {
			assert_true(c < 8);
			assert_bits_equal(counts[c], csv_double(csv, csv_column(csv, "customers")));
			assert_close(came[c] / counts[c], csv_double(csv, csv_column(csv, "actual_mean")),
			             1e-12, 0.0);
			assert_close(sums[c] / counts[c], csv_double(csv, csv_column(csv, models[m].name)),
			             1e-9, 0.0);
		}
		assert_int_equal(c, 8);
		csv_close(csv);
		loy_lifetime_destroy(model);
	}
	summary_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(apparel),
	        cmocka_unit_test(sim_store),
	        cmocka_unit_test(lifetimes_example),
	        cmocka_unit_test(sim_store_with_covariates),
	        cmocka_unit_test(apparel_with_covariates),
	        cmocka_unit_test(cdnow_histogram),
	        cmocka_unit_test(cdnow_by_frequency),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
