/*
 * Logistic fits against the reference: customers of a telephone company and of a shop, Firth's method on the
 * published example, ridge, penalised likelihood-ratio tests, and a regression of the survey.
 */
#include "regressions.h"

#include <math.h>

static struct sheet *read_data(const char *name)
{
	struct sheet *s;
	size_t i;

	if (strcmp(name, "telco") == 0)
		return sheet_shared("data/telco_design.csv",
		                    "tenure monthly total senior partner dependents phoneservice "
		                    "paperlessbilling multiplelines "
		                    "onlinesecurity onlinebackup deviceprotection techsupport streamingtv "
		                    "streamingmovies male "
		                    "fiber nonet oneyear twoyear pay_card pay_echeck pay_mail churn");
	if (strcmp(name, "sex2") == 0)
		return sheet_shared("data/logistf_sex2.csv", "age oc vic vicl vis dia case");
	if (strcmp(name, "separated") == 0)
		return sheet_shared("reference/stats/logit_input_separated.csv", "x z y");
	if (strcmp(name, "quasi") == 0)
		return sheet_shared("reference/stats/logit_input_quasi.csv", "x z y");
	s = sheet_shared("data/cdnow_churn_features.csv",
	                 "recency_days tenure_days orders spend orders_90d churn");
	for (i = 0; i < s->rows; i++) {
		double *row = s->values + i * s->columns;

		row[0] = log1p(row[0]);
		row[1] = log1p(row[1]);
		row[2] = log(row[2]);
		row[3] = log1p(row[3]);
	}
	return s;
}

static loy_logistic *fit_named(const struct sheet *s, const char *method, double lambda)
{
	loy_logistic_options o = {.struct_size = sizeof(o)};

	o.columns = s->columns;
	o.outcome = s->columns - 1;
	o.ridge = strcmp(method, "ridge") == 0 ? lambda : 0.0;
	o.method = strcmp(method, "firth") == 0 ? LOY_LOGISTIC_FIRTH : LOY_LOGISTIC_LIKELIHOOD;
	return fit_sheet(s, &o);
}

static void coefficients(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/logit_coefficients.csv");
	char data[32] = "", method[32] = "", lambda[32] = "";
	struct sheet *s = NULL;
	loy_logistic *fit = NULL;
	uint32_t index = 0;
	size_t checked = 0;

	(void)state;
	while (csv_next(csv)) {
		loy_coefficient c = {.struct_size = sizeof(c)};
		double tolerance;

		if (strcmp(data, csv_text(csv, 0)) != 0) {
			sheet_free(s);
			snprintf(data, sizeof(data), "%s", csv_text(csv, 0));
			s = read_data(data);
			method[0] = '\0';
		}
		if (strcmp(method, csv_text(csv, 1)) != 0 || strcmp(lambda, csv_text(csv, 2)) != 0) {
			loy_logistic_destroy(fit);
			snprintf(method, sizeof(method), "%s", csv_text(csv, 1));
			snprintf(lambda, sizeof(lambda), "%s", csv_text(csv, 2));
			fit = fit_named(s, method, csv_empty(csv, 2) ? 0.0 : csv_double(csv, 2));
			index = 0;
		}
		assert_int_equal(loy_logistic_get_coefficient(fit, index++, &c), LOY_OK);
		/* the README: 1e-8, telco (condition number 1.6e5) 1e-7, as are its standard errors */
		tolerance = strcmp(data, "telco") == 0 ? 1e-7 : 1e-8;
		assert_close(c.value, csv_double(csv, 4), tolerance, 1e-12);
		if (!csv_empty(csv, 5))
			assert_close(c.deviation, csv_double(csv, 5), tolerance, 0.0);
		checked++;
	}
	assert_true(checked > 100);
	loy_logistic_destroy(fit);
	sheet_free(s);
	csv_close(csv);
}

/* Chi-square of the penalised likelihood-ratio test of one coefficient, and what the other fit has reached. */
static void check_plr(const struct csv *csv, const struct sheet *s, const loy_logistic_summary *whole)
{
	const char *term = csv_text(csv, 1) + strlen("firth_plr:");
	loy_logistic_options o = {.struct_size = sizeof(o), .flags = LOY_LOGISTIC_HELD};
	loy_logistic_summary summary = {.struct_size = sizeof(summary)};
	loy_logistic *fit;
	double chi_square, p;

	o.columns = s->columns;
	o.outcome = s->columns - 1;
	o.method = LOY_LOGISTIC_FIRTH;
	o.held = strcmp(term, "(Intercept)") == 0 ? 0 : sheet_column(s, term) + 1;
	fit = fit_sheet(s, &o);
	assert_int_equal(loy_logistic_get_summary(fit, &summary), LOY_OK);
	chi_square = 2.0 * (whole->objective - summary.objective);
	/* a difference of likelihoods: what rounding leaves of them is absolute */
	assert_close(chi_square, csv_double(csv, 6), 1e-8, 1e-11);
	assert_close(summary.objective, csv_double(csv, 5), 1e-8, 0.0);
	assert_int_equal(loy__chi_square(chi_square, 1.0, NULL, &p), LOY_OK);
	assert_close(p, csv_double(csv, 7), 1e-8, 0.0);
	loy_logistic_destroy(fit);
}

static void fits(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/logit_fits.csv");
	char data[32] = "";
	struct sheet *s = NULL;
	loy_logistic_summary summary = {.struct_size = sizeof(summary)};

	(void)state;
	while (csv_next(csv)) {
		loy_logistic *fit;

		if (strcmp(data, csv_text(csv, 0)) != 0) {
			sheet_free(s);
			snprintf(data, sizeof(data), "%s", csv_text(csv, 0));
			s = read_data(data);
		}
		if (strncmp(csv_text(csv, 1), "firth_plr:", 10) == 0) {
			check_plr(csv, s, &summary);
			continue;
		}
		fit = fit_named(s, csv_text(csv, 1), csv_empty(csv, 2) ? 0.0 : csv_double(csv, 2));
		assert_int_equal(loy_logistic_get_summary(fit, &summary), LOY_OK);
		assert_int_equal(summary.state, LOY_LOGISTIC_CONVERGED);
		assert_close(summary.n, csv_double(csv, 3), 0.0, 0.0);
		assert_close(summary.events, csv_double(csv, 4), 1e-15, 0.0);
		assert_close(summary.log_likelihood, csv_double(csv, 5), 1e-8, 0.0);
		assert_close(summary.objective, csv_double(csv, 6), 1e-8, 0.0);
		loy_logistic_destroy(fit);
	}
	sheet_free(s);
	csv_close(csv);
}

static void survey(void **state)
{
	static const char model[] = "logit:churn~loy+sat+tru";
	static const char *const terms[] = {"const", "loy", "sat", "tru"};
	struct sheet *s = sheet_shared("data/loyalty_sim_dev.csv",
	                               "loy1 loy2 loy3 loy4 sat1 sat2 sat3 tru1 tru2 tru3 churn");
	struct sheet *means = sheet_new(s->rows, 4);
	loy_logistic_options o = {.struct_size = sizeof(o), .columns = 4, .outcome = 3};
	loy_logistic_summary summary = {.struct_size = sizeof(summary)};
	loy_logistic *fit;
	uint32_t i;
	size_t r;

	(void)state;
	for (r = 0; r < s->rows; r++) {
		const double *v = s->values + r * s->columns;

		means->values[4 * r] = (v[0] + v[1] + v[2] + v[3]) / 4;
		means->values[4 * r + 1] = (v[4] + v[5] + v[6]) / 3;
		means->values[4 * r + 2] = (v[7] + v[8] + v[9]) / 3;
		means->values[4 * r + 3] = v[10];
	}
	fit = fit_sheet(means, &o);
	for (i = 0; i < 4; i++) {
		loy_coefficient c = {.struct_size = sizeof(c)};

		assert_int_equal(loy_logistic_get_coefficient(fit, i, &c), LOY_OK);
		assert_close(c.value, reference_value(model, terms[i], "coef"), 1e-10, 0.0);
		assert_close(c.deviation, reference_value(model, terms[i], "se"), 1e-10, 0.0);
		assert_close(c.statistic, reference_value(model, terms[i], "stat"), 1e-10, 0.0);
		/* p moves 25 times as much as its statistic of 5 */
		assert_close(c.p, reference_value(model, terms[i], "p"), 1e-9, 0.0);
		assert_close(c.low, reference_value(model, terms[i], "lo"), 1e-10, 1e-13);
		assert_close(c.high, reference_value(model, terms[i], "hi"), 1e-9, 1e-13);
	}
	assert_int_equal(loy_logistic_get_summary(fit, &summary), LOY_OK);
	assert_close(summary.log_likelihood, reference_value(model, "", "logl"), 1e-10, 0.0);
	/* the reference's null model stopped 4e-8 below its maximum, which has a closed form */
	assert_close(summary.log_likelihood_null, reference_value(model, "", "logl_null"), 0.0, 4e-8);
	assert_true(summary.log_likelihood_null > reference_value(model, "", "logl_null"));
	assert_close(summary.deviance, reference_value(model, "", "deviance"), 1e-10, 0.0);
	assert_close(summary.aic, reference_value(model, "", "aic"), 1e-10, 0.0);
	assert_close(summary.bic, reference_value(model, "", "bic"), 1e-10, 0.0);
	assert_close(summary.ratio, reference_value(model, "", "lr_chi2"), 0.0, 8e-8);
	assert_close(summary.ratio_p, reference_value(model, "", "lr_p"), 4e-8, 0.0);
	loy_logistic_destroy(fit);
	sheet_free(means);
	sheet_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(coefficients),
	        cmocka_unit_test(fits),
	        cmocka_unit_test(survey),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
