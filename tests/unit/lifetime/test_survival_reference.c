/*
 * Survival against reference values of R's survival package, on data outside the tree: curves with three kinds of
 * limits, quantiles, restricted means, log-rank tests. Tolerances are those the references state: 1e-12 for
 * curves, which are a few hundred correctly rounded operations, 1e-9 for what is made from them.
 */
#include "support.h"

#include <math.h>

#define CURVE_NEAR 1e-12
#define TEST_NEAR  1e-9

/* Times, events and one grouping column of a file; `code` turns the text of the latter into a group. */
static loy_survival *read_table(const char *name, const char *time, const char *event, const char *group,
                                uint32_t (*code)(const char *))
{
	struct csv *csv = shared_csv_or_skip(name);
	loy_survival *survival = NULL;

	assert_int_equal(loy_survival_create(&survival, NULL, NULL), LOY_OK);
	while (csv_next(csv)) {
		loy_survival_row row = {.struct_size = sizeof(row)};
		const char *happened = csv_text(csv, csv_column(csv, event));

		row.time = csv_double(csv, csv_column(csv, time));
		row.event = strcmp(happened, "1") == 0 || strcmp(happened, "Yes") == 0;
		row.group = group != NULL ? code(csv_text(csv, csv_column(csv, group))) : 0;
		assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_OK);
	}
	csv_close(csv);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	return survival;
}

static uint32_t number(const char *text)
{
	return (uint32_t)atoi(text);
}

static uint32_t contract(const char *text)
{
	return text[0] == 'M' ? 0 : text[0] == 'O' ? 1 : 2;
}

static loy_survival *cdnow(void)
{
	return read_table("data/cdnow_sample_churn.csv", "days_to_second", "second_purchase", "acq_month",
	                  number);
}

/* The data and group the statistics references name. */
static loy_survival *data_of(const char *data, const char *group, loy_curve_options *options)
{
	if (strcmp(data, "lung") == 0) {
		if (strcmp(group, "all") != 0) {
			options->flags = LOY_CURVE_GROUP;
			options->group = number(group + 3); /* "sex1" */
		}
		return read_table("data/survival_lung.csv", "time", "status", "sex", number);
	}
	if (strcmp(data, "ovarian") == 0)
		return read_table("data/survival_ovarian.csv", "futime", "fustat", NULL, NULL);
	if (strcmp(group, "all") != 0) {
		options->flags = LOY_CURVE_GROUP;
		options->group = contract(group);
	}
	return read_table("data/telco_churn.csv", "tenure", "Churn", "Contract", contract);
}

static loy_curve *curve_of(const loy_survival *survival, loy_curve_options *options, uint32_t limits)
{
	loy_curve *curve = NULL;

	options->struct_size = sizeof(*options);
	options->limits = limits;
	assert_int_equal(loy_curve_create(&curve, survival, options, NULL), LOY_OK);
	return curve;
}

/* Spelled in any way. */
static int is_nan(struct csv *csv, const char *column)
{
	size_t at = csv_column(csv, column);

	return csv_empty(csv, at) || isnan(csv_double(csv, at));
}

static void check_limits(struct csv *csv, loy_curve *const curves[3], uint64_t row, const char *const low[3],
                         const char *const high[3])
{
	uint32_t kind;

	for (kind = LOY_LIMITS_LOG; kind <= LOY_LIMITS_PLAIN; kind++) {
		loy_curve_point p = {.struct_size = sizeof(p)};

		assert_int_equal(loy_curve_get(curves[kind], row, &p), LOY_OK);
		if (is_nan(csv, low[kind])) { /* also where survival is 1: both limits are 1 then */
			assert_true(isnan(p.low) || (p.low == 1.0 && p.high == 1.0));
			continue;
		}
		assert_close(p.low, csv_double(csv, csv_column(csv, low[kind])), CURVE_NEAR, 1e-14);
		assert_close(p.high, csv_double(csv, csv_column(csv, high[kind])), CURVE_NEAR, 1e-14);
	}
}

static void cdnow_second_purchase(void **state)
{
	static const char *const low[3] = {"lo_log", "lo_loglog", "lo_plain"};
	static const char *const high[3] = {"hi_log", "hi_loglog", "hi_plain"};
	struct csv *csv = shared_csv_or_skip("reference/btyd/churn_km.csv");
	loy_survival *survival = cdnow();
	loy_curve_options options = {0};
	loy_curve *curves[3];
	uint64_t row = 0;
	uint32_t kind;

	(void)state;
	for (kind = 0; kind < 3; kind++)
		curves[kind] = curve_of(survival, &options, kind);
	for (; csv_next(csv); row++) {
		loy_curve_point p = {.struct_size = sizeof(p)};

		assert_int_equal(loy_curve_get(curves[0], row, &p), LOY_OK);
		assert_bits_equal(p.time, csv_double(csv, csv_column(csv, "time")));
		assert_bits_equal(p.at_risk, csv_double(csv, csv_column(csv, "n_risk")));
		assert_bits_equal(p.events, csv_double(csv, csv_column(csv, "n_event")));
		assert_bits_equal(p.censored, csv_double(csv, csv_column(csv, "n_censor")));
		assert_close(p.survival, csv_double(csv, csv_column(csv, "survival")), CURVE_NEAR, 0.0);
		assert_close(p.deviation, csv_double(csv, csv_column(csv, "se_greenwood")), CURVE_NEAR, 0.0);
		assert_close(p.hazard, csv_double(csv, csv_column(csv, "nelson_aalen")), CURVE_NEAR, 0.0);
		check_limits(csv, curves, row, low, high);
	}
	assert_int_equal(row, loy_curve_count(curves[0]));
	assert_true(row > 400);
	for (kind = 0; kind < 3; kind++)
		loy_curve_destroy(curves[kind]);
	loy_survival_destroy(survival);
	csv_close(csv);
}

/* A row of churn_models.csv; the test fails where there is none. */
static double model_value(const char *model, const char *quantity, int se)
{
	struct csv *csv = shared_csv_or_skip("reference/btyd/churn_models.csv");
	double found = (double)NAN;
	int seen = 0;

	while (csv_next(csv)) {
		if (strcmp(csv_text(csv, csv_column(csv, "model")), model) == 0 &&
		    strcmp(csv_text(csv, csv_column(csv, "quantity")), quantity) == 0) {
			size_t column = csv_column(csv, se ? "se" : "value");

			seen = 1;
			found = csv_empty(csv, column) ? (double)NAN : csv_double(csv, column);
		}
	}
	csv_close(csv);
	if (!seen)
		fail_msg("no %s %s in the reference", model, quantity);
	return found;
}

static void cdnow_by_month(void **state)
{
	double observed[3], expected[3], mean, deviation;
	loy_logrank_result result = {.struct_size = sizeof(result)};
	loy_survival *survival = cdnow();
	loy_curve_options options = {0};
	loy_curve *curve = curve_of(survival, &options, LOY_LIMITS_LOG);
	uint32_t month, group;

	(void)state;
	assert_int_equal(loy_curve_mean(curve, 365.0, &mean, &deviation), LOY_OK);
	assert_close(mean, model_value("km", "rmean_to_365", 0), TEST_NEAR, 0.0);
	assert_close(deviation, model_value("km", "rmean_to_365", 1), TEST_NEAR, 0.0);
	loy_curve_destroy(curve);
	assert_int_equal(loy_survival_logrank(survival, 0.0, &result, observed, expected, NULL), LOY_OK);
	assert_int_equal(result.degrees, 2);
	assert_close(result.chi_square, model_value("logrank", "chisq", 0), TEST_NEAR, 0.0);
	for (month = 1; month <= 3; month++) {
		loy_curve_point p = {.struct_size = sizeof(p)};
		char name[40];
		double median;

		assert_int_equal(loy_survival_group(survival, month - 1, &group), LOY_OK);
		assert_int_equal(group, month);
		snprintf(name, sizeof(name), "obs_month%u", (unsigned)month);
		assert_bits_equal(observed[month - 1], model_value("logrank", name, 0));
		snprintf(name, sizeof(name), "exp_month%u", (unsigned)month);
		assert_close(expected[month - 1], model_value("logrank", name, 0), CURVE_NEAR, 0.0);
		options.flags = LOY_CURVE_GROUP;
		options.group = month;
		curve = curve_of(survival, &options, LOY_LIMITS_LOG);
		assert_int_equal(loy_curve_quantile(curve, 0.5, &median, NULL, NULL), LOY_OK);
		snprintf(name, sizeof(name), "median_days_month%u", (unsigned)month);
		assert_close(median, model_value("km_by_month", name, 0), 0.0, 0.0);
		snprintf(name, sizeof(name), "S90_month%u", (unsigned)month);
		assert_int_equal(loy_curve_at(curve, 90.0, &p), LOY_OK);
		assert_close(p.survival, model_value("km_by_month", name, 0), CURVE_NEAR, 0.0);
		snprintf(name, sizeof(name), "S365_month%u", (unsigned)month);
		assert_int_equal(loy_curve_at(curve, 365.0, &p), LOY_OK);
		assert_close(p.survival, model_value("km_by_month", name, 0), CURVE_NEAR, 0.0);
		loy_curve_destroy(curve);
	}
	loy_survival_destroy(survival);
}

static void curves_of_three_data_sets(void **state)
{
	static const char *const low[3] = {"lower_log", "lower_loglog", "lower_plain"};
	static const char *const high[3] = {"upper_log", "upper_loglog", "upper_plain"};
	struct csv *csv = shared_csv_or_skip("reference/stats/km_curves.csv");
	loy_survival *survival = NULL;
	loy_curve *curves[3] = {NULL, NULL, NULL};
	char last[64] = "";
	uint64_t row = 0;
	size_t rows = 0;
	uint32_t kind;

	(void)state;
	for (; csv_next(csv); rows++) {
		loy_curve_point p = {.struct_size = sizeof(p)};
		char name[64];

		snprintf(name, sizeof(name), "%s|%s", csv_text(csv, csv_column(csv, "data")),
		         csv_text(csv, csv_column(csv, "group")));
		if (strcmp(name, last) != 0) {
			loy_curve_options options = {0};

			for (kind = 0; kind < 3; kind++)
				loy_curve_destroy(curves[kind]);
			loy_survival_destroy(survival);
			survival = data_of(csv_text(csv, csv_column(csv, "data")),
			                   csv_text(csv, csv_column(csv, "group")), &options);
			for (kind = 0; kind < 3; kind++)
				curves[kind] = curve_of(survival, &options, kind);
			snprintf(last, sizeof(last), "%s", name);
			row = 0;
		}
		assert_int_equal(loy_curve_get(curves[0], row, &p), LOY_OK);
		assert_bits_equal(p.time, csv_double(csv, csv_column(csv, "time")));
		assert_bits_equal(p.at_risk, csv_double(csv, csv_column(csv, "n_risk")));
		assert_close(p.survival, csv_double(csv, csv_column(csv, "surv")), CURVE_NEAR, 1e-15);
		if (!is_nan(csv, "se_surv"))
			assert_close(p.deviation, csv_double(csv, csv_column(csv, "se_surv")), CURVE_NEAR,
			             0.0);
		assert_close(p.hazard, csv_double(csv, csv_column(csv, "nelson_aalen")), CURVE_NEAR, 0.0);
		check_limits(csv, curves, row, low, high);
		row++;
	}
	for (kind = 0; kind < 3; kind++)
		loy_curve_destroy(curves[kind]);
	loy_survival_destroy(survival);
	csv_close(csv);
	assert_true(rows > 600);
}

static void check_quantile(struct csv *csv, const char *column, double found)
{
	if (is_nan(csv, column))
		assert_true(isnan(found));
	else
		assert_bits_equal(found, csv_double(csv, csv_column(csv, column)));
}

static void quantiles_and_means(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/km_quantiles_rmst.csv");
	size_t rows = 0;

	(void)state;
	for (; csv_next(csv); rows++) {
		loy_curve_options options = {0};
		loy_survival *survival = data_of(csv_text(csv, csv_column(csv, "data")),
		                                 csv_text(csv, csv_column(csv, "group")), &options);
		loy_curve *curve = curve_of(survival, &options, LOY_LIMITS_LOG);
		double time, low, high;

		assert_int_equal(loy_curve_quantile(curve, 0.25, &time, NULL, NULL), LOY_OK);
		check_quantile(csv, "q25", time);
		assert_int_equal(loy_curve_quantile(curve, 0.75, &time, NULL, NULL), LOY_OK);
		check_quantile(csv, "q75", time);
		assert_int_equal(loy_curve_quantile(curve, 0.5, &time, &low, &high), LOY_OK);
		check_quantile(csv, "median", time);
		check_quantile(csv, "median_lower", low);
		check_quantile(csv, "median_upper", high);
		assert_int_equal(loy_curve_mean(curve, csv_double(csv, csv_column(csv, "tau")), &time, &low),
		                 LOY_OK);
		assert_close(time, csv_double(csv, csv_column(csv, "rmst")), TEST_NEAR, 0.0);
		assert_close(low, csv_double(csv, csv_column(csv, "rmst_se")), TEST_NEAR, 0.0);
		loy_curve_destroy(curve);
		loy_survival_destroy(survival);
	}
	csv_close(csv);
	assert_true(rows >= 8);
}

static void logrank_tests(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/logrank.csv");
	size_t rows = 0;

	(void)state;
	while (csv_next(csv)) {
		const char *data = csv_text(csv, csv_column(csv, "data"));
		loy_logrank_result result = {.struct_size = sizeof(result)};
		loy_survival *survival;

		if (strcmp(data, "lung:sex") == 0)
			survival = read_table("data/survival_lung.csv", "time", "status", "sex", number);
		else if (strcmp(data, "lung:ph.ecog") == 0)
			survival = read_table("data/survival_lung.csv", "time", "status", "ph.ecog", number);
		else if (strcmp(data, "telco:Contract") == 0)
			survival =
			        read_table("data/telco_churn.csv", "tenure", "Churn", "Contract", contract);
		else
			continue; /* stratified: not offered */
		assert_int_equal(loy_survival_logrank(survival, csv_double(csv, csv_column(csv, "rho")),
		                                      &result, NULL, NULL, NULL),
		                 LOY_OK);
		assert_int_equal(result.degrees, csv_i64(csv, csv_column(csv, "df")));
		assert_close(result.chi_square, csv_double(csv, csv_column(csv, "chisq")), TEST_NEAR, 0.0);
		assert_close(result.p, csv_double(csv, csv_column(csv, "p")), TEST_NEAR, 1e-300);
		loy_survival_destroy(survival);
		rows++;
	}
	csv_close(csv);
	assert_true(rows >= 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(cdnow_second_purchase),
	        cmocka_unit_test(cdnow_by_month),
	        cmocka_unit_test(curves_of_three_data_sets),
	        cmocka_unit_test(quantiles_and_means),
	        cmocka_unit_test(logrank_tests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
