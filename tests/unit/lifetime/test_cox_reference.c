/*
 * Cox regression against reference values of R's survival package, on data outside the tree. Tolerances are those
 * the references state: 1e-6 and 1e-9, relative; both sides stop within 1e-9 of the maximum or better.
 */
#include "support.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define COLUMNS_MAX 5u

/* A design: names of columns of a file, and how a row becomes times and covariates. */
struct design {
	const char *file;
	uint32_t columns, flags;
	const char *names[COLUMNS_MAX];
	/* 0: leave the row out */
	int (*read)(struct csv *csv, loy_survival_row *row, double *covariates);
};

static double number(struct csv *csv, const char *name)
{
	return csv_double(csv, csv_column(csv, name));
}

static int is_text(struct csv *csv, const char *name, const char *text)
{
	return strcmp(csv_text(csv, csv_column(csv, name)), text) == 0;
}

static int read_cdnow(struct csv *csv, loy_survival_row *row, double *x)
{
	row->time = number(csv, "days_to_second");
	row->event = (uint32_t)number(csv, "second_purchase");
	x[0] = log(1.0 + number(csv, "first_amount"));
	x[1] = number(csv, "first_cds");
	x[2] = number(csv, "acq_month") == 2.0;
	x[3] = number(csv, "acq_month") == 3.0;
	return 1;
}

static int read_lung(struct csv *csv, loy_survival_row *row, double *x)
{
	row->time = number(csv, "time");
	row->event = (uint32_t)number(csv, "status");
	x[0] = number(csv, "age");
	x[1] = number(csv, "sex");
	x[2] = number(csv, "ph.ecog");
	return 1;
}

static int read_lung_strata(struct csv *csv, loy_survival_row *row, double *x)
{
	read_lung(csv, row, x);
	row->group = (uint32_t)x[1];
	x[1] = x[2];
	return 1;
}

static int read_ovarian(struct csv *csv, loy_survival_row *row, double *x)
{
	row->time = number(csv, "futime");
	row->event = (uint32_t)number(csv, "fustat");
	x[0] = number(csv, "age");
	x[1] = number(csv, "rx");
	x[2] = number(csv, "resid.ds");
	return 1;
}

static int read_telco(struct csv *csv, loy_survival_row *row, double *x)
{
	row->time = number(csv, "tenure");
	row->event = is_text(csv, "Churn", "Yes");
	x[0] = is_text(csv, "Contract", "One year");
	x[1] = is_text(csv, "Contract", "Two year");
	x[2] = is_text(csv, "InternetService", "Fiber optic");
	x[3] = is_text(csv, "TechSupport", "Yes");
	x[4] = number(csv, "MonthlyCharges");
	return row->time > 0.0;
}

static int read_counting(struct csv *csv, loy_survival_row *row, double *x)
{
	row->entry = number(csv, "start");
	row->time = number(csv, "stop");
	row->event = (uint32_t)number(csv, "ev");
	x[0] = number(csv, "x");
	return 1;
}

static const struct design cdnow = {
        "data/cdnow_sample_churn.csv", 4, 0, {"lfa", "first_cds", "m2", "m3"}, read_cdnow};

static const struct {
	const char *name;
	struct design design;
	uint32_t cox_flags;
} designs[] = {
        {"lung", {"data/survival_lung.csv", 3, 0, {"age", "sex", "ph.ecog"}, read_lung}, 0},
        {"lung_strata_sex",
         {"data/survival_lung.csv", 2, 0, {"age", "ph.ecog"}, read_lung_strata},
         LOY_COX_STRATA},
        {"ovarian", {"data/survival_ovarian.csv", 3, 0, {"age", "rx", "resid.ds"}, read_ovarian}, 0},
        {"telco",
         {"data/telco_churn.csv", 5, 0, {"one", "two", "fib", "tech", "MonthlyCharges"}, read_telco},
         0},
        {"counting_process",
         {"reference/stats/cox_counting_process_input.csv", 1, LOY_SURVIVAL_ENTERED, {"x"}, read_counting},
         0},
};

static loy_survival *read_design(const struct design *design)
{
	loy_survival_options options = {
	        .struct_size = sizeof(options), .flags = design->flags, .covariates = design->columns};
	struct csv *csv = shared_csv_or_skip(design->file);
	loy_survival *survival = NULL;

	assert_int_equal(loy_survival_create(&survival, &options, NULL), LOY_OK);
	while (csv_next(csv)) {
		loy_survival_row row = {.struct_size = sizeof(row)};
		double covariates[COLUMNS_MAX];

		row.covariates = covariates;
		if (design->read(csv, &row, covariates))
			assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_OK);
	}
	csv_close(csv);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	return survival;
}

static loy_cox *fit(const loy_survival *survival, uint32_t flags, uint32_t ties)
{
	loy_cox_options options = {.struct_size = sizeof(options), .flags = flags, .ties = ties};
	loy_cox_summary summary = {.struct_size = sizeof(summary)};
	loy_cox *cox = NULL;

	assert_int_equal(loy_cox_create(&cox, survival, &options, NULL, NULL), LOY_OK);
	assert_int_equal(loy_cox_get_summary(cox, &summary), LOY_OK);
	assert_int_equal(summary.state, LOY_COX_CONVERGED);
	assert_true(summary.distance < 1e-6);
	assert_true(summary.condition >= 1.0 && summary.condition < 1e4);
	return cox;
}

/* The cumulative hazard at 0 up to a time. */
static double hazard_at(const loy_cox *cox, uint32_t group, double time)
{
	double found = 0.0;
	uint64_t i;

	for (i = 0; i < loy_cox_hazard_count(cox); i++) {
		loy_cox_hazard h = {.struct_size = sizeof(h)};

		assert_int_equal(loy_cox_get_hazard(cox, i, &h), LOY_OK);
		if (h.group == group && h.time <= time)
			found = h.hazard;
	}
	return found;
}

static void check_model_row(struct csv *csv, const loy_cox *cox, const loy_survival *survival)
{
	const char *quantity = csv_text(csv, csv_column(csv, "quantity"));
	double value = number(csv, "value");
	loy_cox_summary s = {.struct_size = sizeof(s)};
	loy_concordance c = {.struct_size = sizeof(c)};
	uint32_t i;

	assert_int_equal(loy_cox_get_summary(cox, &s), LOY_OK);
	for (i = 0; i < cdnow.columns; i++) {
		loy_cox_coefficient b = {.struct_size = sizeof(b)};

		if (strcmp(quantity, cdnow.names[i]) != 0)
			continue;
		assert_int_equal(loy_cox_get_coefficient(cox, i, &b), LOY_OK);
		/* absolute: R stopped at its default tolerance, 1e-6 standard errors from the maximum */
		assert_close(b.value, value, 0.0, 1e-6);
		assert_close(b.deviation, number(csv, "se"), 1e-6, 0.0);
	}
	if (strcmp(quantity, "loglik_null") == 0)
		assert_close(s.log_likelihood_null, value, 1e-12, 0.0);
	if (strcmp(quantity, "loglik") == 0)
		assert_close(s.log_likelihood, value, 1e-12, 0.0);
	if (strcmp(quantity, "lr_chisq") == 0)
		assert_close(s.ratio, value, 1e-9, 0.0);
	if (strcmp(quantity, "wald_chisq") == 0)
		assert_close(s.wald, value, 1e-6, 0.0);
	if (strcmp(quantity, "score_chisq") == 0)
		assert_close(s.score, value, 1e-9, 0.0);
	if (strncmp(quantity, "cumbasehaz_at_", 14) == 0)
		assert_close(hazard_at(cox, 0, atof(quantity + 14)), value, 1e-6, 0.0);
	if (strcmp(quantity, "zph_global_chisq") == 0) {
		loy_proportionality t = {.struct_size = sizeof(t)};

		assert_int_equal(loy_cox_proportionality(cox, survival, LOY_CLOCK_KM, LOY_COX_ALL, &t, NULL),
		                 LOY_OK);
		assert_close(t.chi_square, value, 1e-6, 0.0);
	}
	if (strcmp(quantity, "concordance") == 0) {
		assert_int_equal(loy_cox_concordance(cox, survival, &c, NULL), LOY_OK);
		assert_close(c.share, value, 1e-6, 0.0); /* pairs of nearly the same hazard, as above */
	}
}

static void cdnow_second_purchase(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/btyd/churn_models.csv");
	loy_survival *survival = read_design(&cdnow);
	loy_cox *efron = fit(survival, 0, LOY_COX_EFRON), *breslow = fit(survival, 0, LOY_COX_BRESLOW);
	size_t rows = 0;

	(void)state;
	while (csv_next(csv)) {
		int is_efron = is_text(csv, "model", "cox_efron");

		if (!is_efron && !is_text(csv, "model", "cox_breslow"))
			continue;
		check_model_row(csv, is_efron ? efron : breslow, survival);
		rows++;
	}
	assert_int_equal(rows, 32);
	csv_close(csv);
	loy_cox_destroy(efron);
	loy_cox_destroy(breslow);
	loy_survival_destroy(survival);
}

/* Rows of one reference file for one design and way of ties. */
static size_t check_coefficients(size_t which, const char *ties, const loy_cox *cox)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/cox_coefficients.csv");
	size_t rows = 0;
	uint32_t i;

	while (csv_next(csv)) {
		if (!is_text(csv, "data", designs[which].name) || !is_text(csv, "ties", ties))
			continue;
		for (i = 0; i < designs[which].design.columns; i++) {
			loy_cox_coefficient b = {.struct_size = sizeof(b)};

			if (!is_text(csv, "term", designs[which].design.names[i]))
				continue;
			assert_int_equal(loy_cox_get_coefficient(cox, i, &b), LOY_OK);
			assert_int_equal(b.flaw, LOY_COX_FINITE);
			assert_close(b.value, number(csv, "coef"), 1e-9, 0.0);
			assert_close(b.deviation, number(csv, "se"), 1e-9, 0.0);
			assert_close(b.z, number(csv, "z"), 1e-9, 0.0);
			assert_close(b.p, number(csv, "p"), 1e-7, 0.0); /* z up to 25: 25 times its error */
			rows++;
		}
	}
	csv_close(csv);
	return rows;
}

static void check_tests(size_t which, const char *ties, const loy_cox *cox, const loy_survival *survival)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/cox_tests.csv");
	loy_cox_summary s = {.struct_size = sizeof(s)};
	loy_concordance c = {.struct_size = sizeof(c)};

	assert_int_equal(loy_cox_get_summary(cox, &s), LOY_OK);
	assert_int_equal(loy_cox_concordance(cox, survival, &c, NULL), LOY_OK);
	while (csv_next(csv)) {
		if (!is_text(csv, "data", designs[which].name) || !is_text(csv, "ties", ties))
			continue;
		assert_int_equal(s.subjects, csv_i64(csv, csv_column(csv, "n")));
		assert_int_equal(s.events, csv_i64(csv, csv_column(csv, "events")));
		assert_close(s.log_likelihood_null, number(csv, "loglik0"), 1e-12, 0.0);
		assert_close(s.log_likelihood, number(csv, "loglik"), 1e-12, 0.0);
		assert_close(s.ratio, number(csv, "lrt"), 1e-9, 0.0);
		assert_close(s.score, number(csv, "score"), 1e-9, 0.0);
		assert_close(s.wald, number(csv, "wald"), 1e-9, 0.0);
		assert_close(c.share, number(csv, "concordance"), 1e-12, 0.0);
	}
	csv_close(csv);
}

static void check_hazards(size_t which, const char *ties, const loy_cox *cox)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/cox_baseline_hazard.csv");

	while (csv_next(csv)) {
		const char *stratum = csv_text(csv, csv_column(csv, "stratum"));

		if (is_text(csv, "data", designs[which].name) && is_text(csv, "ties", ties))
			assert_close(hazard_at(cox, stratum[0] != '\0' ? (uint32_t)atoi(stratum + 4) : 0,
			                       number(csv, "time")),
			             number(csv, "cumhaz_at_zero"), 1e-9, 0.0);
	}
	csv_close(csv);
}

static size_t check_proportionality(size_t which, const loy_cox *cox, const loy_survival *survival)
{
	static const char *const clocks[3] = {"km", "identity", "log"};
	struct csv *csv = shared_csv_or_skip("reference/stats/cox_zph.csv");
	size_t rows = 0;
	uint32_t clock, i;

	while (csv_next(csv)) {
		loy_proportionality t = {.struct_size = sizeof(t)};
		uint32_t index = LOY_COX_ALL;

		if (!is_text(csv, "data", designs[which].name))
			continue;
		for (clock = 0; !is_text(csv, "transform", clocks[clock]); clock++)
			assert_true(clock < 2);
		for (i = 0; i < designs[which].design.columns; i++)
			index = is_text(csv, "term", designs[which].design.names[i]) ? i : index;
		assert_true(index != LOY_COX_ALL || is_text(csv, "term", "GLOBAL"));
		assert_int_equal(loy_cox_proportionality(cox, survival, clock, index, &t, NULL), LOY_OK);
		assert_int_equal(t.degrees, csv_i64(csv, csv_column(csv, "df")));
		assert_close(t.chi_square, number(csv, "chisq"), 1e-8, 0.0);
		assert_close(t.p, number(csv, "p"), 1e-6,
		             0.0); /* chi-squares up to 220: 110 times their error */
		rows++;
	}
	csv_close(csv);
	return rows;
}

static void five_designs(void **state)
{
	static const char *const ties[2] = {"efron", "breslow"};
	size_t which, rows = 0, tested = 0;
	uint32_t t;

	(void)state;
	for (which = 0; which < COUNT(designs); which++) {
		loy_survival *survival = read_design(&designs[which].design);

		for (t = LOY_COX_EFRON; t <= LOY_COX_BRESLOW; t++) {
			loy_cox *cox = fit(survival, designs[which].cox_flags, t);

			rows += check_coefficients(which, ties[t], cox);
			check_tests(which, ties[t], cox, survival);
			check_hazards(which, ties[t], cox);
			if (t == LOY_COX_EFRON)
				tested += check_proportionality(which, cox, survival);
			loy_cox_destroy(cox);
		}
		loy_survival_destroy(survival);
	}
	assert_int_equal(rows, 28);
	assert_int_equal(tested, 57);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(cdnow_second_purchase),
	        cmocka_unit_test(five_designs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
