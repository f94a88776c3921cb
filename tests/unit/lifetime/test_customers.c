/*
 * Predictions for each customer against the references, at the references' parameters. 1e-9 relative is what they
 * promise; discounted sums by other quadratures too. Predictions at our own fits are compared to 1e-5.
 */
#include "customers.h"

static void cdnow_after_purchases(void **state)
{
	struct wanted bg[] = {{"ll_bgnbd", {.quantity = LOY_ASK_LOG_LIKELIHOOD}, 1e-9},
	                      {"palive_bgnbd", {.quantity = LOY_ASK_ALIVE}, 1e-9},
	                      {"cet39_bgnbd", {.quantity = LOY_ASK_PURCHASES, .to = 39.0}, 1e-9}};
	struct wanted mbg[] = {{"ll_mbgnbd", {.quantity = LOY_ASK_LOG_LIKELIHOOD}, 1e-9},
	                       {"palive_mbgnbd", {.quantity = LOY_ASK_ALIVE}, 1e-9},
	                       {"cet39_mbgnbd", {.quantity = LOY_ASK_PURCHASES, .to = 39.0}, 1e-9}};
	struct summary s;
	loy_lifetime *model;

	(void)state;
	summary_read(&s, "data/cdnow_sample_summary.csv", NULL);
	model = reference_model("mle", LOY_LIFETIME_BG_NBD, "cdnow_sample", "bgnbd", bg_names, 4);
	compare_columns(model, NULL, &s, "reference/btyd/cdnow_sample_customers.csv", bg, 3);
	loy_lifetime_destroy(model);
	model = reference_model("mle", LOY_LIFETIME_MBG_NBD, "cdnow_sample", "mbgnbd", bg_names, 4);
	compare_columns(model, NULL, &s, "reference/btyd/cdnow_sample_customers.csv", mbg, 3);
	loy_lifetime_destroy(model);
	summary_free(&s);
}

static void cdnow_at_any_time(void **state)
{
	struct wanted wanted[] = {{"ll_pnbd", {.quantity = LOY_ASK_LOG_LIKELIHOOD}, 1e-9},
	                          {"palive_pnbd", {.quantity = LOY_ASK_ALIVE}, 1e-9},
	                          {"cet39_pnbd", {.quantity = LOY_ASK_PURCHASES, .to = 39.0}, 1e-9},
	                          {"dert_pnbd_15pa",
	                           {.quantity = LOY_ASK_DISCOUNTED, .to = INFINITY, .discount = WEEK_RATE},
	                           1e-9},
	                          {"det52_pnbd_15pa",
	                           {.quantity = LOY_ASK_DISCOUNTED, .to = 52.0, .discount = WEEK_RATE},
	                           1e-9},
	                          {"ceav_gg", {.quantity = LOY_ASK_SPEND}, 1e-9},
	                          {"clvinf_pnbd_gg_15pa",
	                           {.quantity = LOY_ASK_VALUE, .to = INFINITY, .discount = WEEK_RATE},
	                           1e-9}};
	struct summary s;
	loy_lifetime *model, *spend;

	(void)state;
	summary_read(&s, "data/cdnow_sample_summary.csv", NULL);
	model = reference_model("mle", LOY_LIFETIME_PARETO_NBD, "cdnow_sample", "pnbd", pareto_names, 4);
	spend = reference_model("mle", LOY_LIFETIME_GAMMA_GAMMA, "cdnow_sample", "gg", spend_names, 3);
	compare_columns(model, spend, &s, "reference/btyd/cdnow_sample_customers.csv", wanted, 7);
	loy_lifetime_destroy(spend);
	loy_lifetime_destroy(model);
	summary_free(&s);
}

/* sum over months k of spend (purchases of month k) / 1.01^k, as lifetimes counts CLV: from differences of ours. */
static void cdnow_monthly_value(void **state)
{
	struct csv *csv;
	loy_history_column columns[8];
	loy_lifetime_ask asks[13];
	double *values[13], *spend_values;
	struct summary s;
	loy_lifetime *model, *spend;
	size_t row;
	int k;

	(void)state;
	summary_read(&s, "data/cdnow_sample_summary.csv", NULL);
	spend_values = numbers();
	model = reference_model("mle", LOY_LIFETIME_BG_NBD, "cdnow_sample", "bgnbd", bg_names, 4);
	spend = reference_model("mle", LOY_LIFETIME_GAMMA_GAMMA, "cdnow_sample", "gg", spend_names, 3);
	memset(asks, 0, sizeof(asks));
	for (k = 0; k < 13; k++) {
		asks[k].struct_size = sizeof(asks[k]);
		asks[k].quantity = k < 12 ? LOY_ASK_PURCHASES : LOY_ASK_SPEND;
		asks[k].from = k < 12 ? 4.345 * k : 0.0;
		asks[k].to = k < 12 ? 4.345 * (k + 1) : 0.0;
		asks[k].value = values[k] = k < 12 ? numbers() : spend_values;
		asks[k].value_stride = sizeof(double);
	}
	assert_int_equal(loy_lifetime_predict(model, spend, columns, summary_columns(&s, columns), s.n, asks,
	                                      13, NULL, NULL, NULL),
	                 LOY_OK);
	csv = shared_csv_or_skip("reference/btyd/cdnow_sample_customers.csv");
	for (row = 0; csv_next(csv); row++) {
		double sum = 0.0, expected = csv_double(csv, csv_column(csv, "clv12m_bgnbd_gg"));

		for (k = 0; k < 12; k++)
			sum += spend_values[row] * values[k][row] / pow(1.01, k + 1);
		assert_close(sum, expected, 1e-9, 0.0);
	}
	csv_close(csv);
	for (k = 0; k < 12; k++)
		free(values[k]);
	free(spend_values);
	loy_lifetime_destroy(spend);
	loy_lifetime_destroy(model);
	summary_free(&s);
}

static void donations(void **state)
{
	struct wanted wanted[] = {
	        {"ll", {.quantity = LOY_ASK_LOG_LIKELIHOOD}, 1e-9},
	        {"palive_at_n", {.quantity = LOY_ASK_ALIVE}, 1e-9},
	        {"palive_at_n_plus_1", {.quantity = LOY_ASK_ALIVE, .to = 1.0}, 1e-9},
	        {"cet5", {.quantity = LOY_ASK_PURCHASES, .to = 5.0}, 1e-9},
	        {"dert_10pct",
	         {.quantity = LOY_ASK_DISCOUNTED, .to = INFINITY, .discount = 0.1, .year = 1.0},
	         1e-9}};
	struct summary s;
	loy_lifetime *model;

	(void)state;
	summary_read(&s, "data/donations_bgbb.csv", NULL);
	model = reference_model("mle", LOY_LIFETIME_BG_BB, "donations", "bgbb", beta_names, 4);
	compare_columns(model, NULL, &s, "reference/btyd/donations_bgbb.csv", wanted, 5);
	loy_lifetime_destroy(model);
	summary_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(cdnow_after_purchases),
	        cmocka_unit_test(cdnow_at_any_time),
	        cmocka_unit_test(cdnow_monthly_value),
	        cmocka_unit_test(donations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
