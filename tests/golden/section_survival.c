/* Survival: canonical bytes, curves, quantiles, means, tests and regressions of invented subjects. */
#include "golden.h"
#include "lifetime/lifetime.h"

#include <stdlib.h>

#define SUBJECTS   400u
#define COVARIATES 2u

static void add(struct golden *g, loy_survival *survival, uint64_t i, uint32_t flags)
{
	double covariates[COVARIATES];
	loy_survival_row row = {0};

	row.struct_size = sizeof(row);
	covariates[0] = golden_input(5 * i, -1.0, 1.0);
	covariates[1] = (double)(i % 3);
	row.covariates = covariates;
	row.time = golden_input(5 * i + 1, 0.01, 4.0);
	if (i % 2 == 0)
		row.time = (double)(int)(8.0 * row.time + 1.0) / 8.0;
	row.event = golden_input(5 * i + 2, 0.0, 1.0) < 0.6 + 0.3 * covariates[0];
	row.group = (uint32_t)(i % 4);
	if ((flags & LOY_SURVIVAL_ENTERED) != 0)
		row.entry = row.time * golden_input(5 * i + 3, 0.0, 0.7);
	if ((flags & LOY_SURVIVAL_WEIGHTED) != 0)
		row.weight = golden_input(5 * i + 4, 0.5, 2.0);
	golden_check(g, loy_survival_add(survival, &row, NULL) == LOY_OK, "adding");
}

static loy_survival *make(struct golden *g, uint32_t flags)
{
	loy_survival_options options = {0};
	loy_survival *survival = NULL;
	uint64_t i;

	options.struct_size = sizeof(options);
	options.flags = flags;
	options.covariates = COVARIATES;
	golden_check(g, loy_survival_create(&survival, &options, NULL) == LOY_OK, "creating");
	for (i = 0; i < SUBJECTS; i++)
		add(g, survival, i, flags);
	golden_check(g, loy_survival_sort(survival) == LOY_OK, "sorting");
	return survival;
}

static void bytes(struct golden *g, const loy_survival *survival)
{
	size_t size = 0;
	uint8_t *out;

	(void)loy_survival_write(survival, NULL, 0, &size);
	out = malloc(size);
	golden_check(g, out != NULL && loy_survival_write(survival, out, size, NULL) == LOY_OK, "writing");
	if (out != NULL)
		golden_bytes(g, out, size);
	free(out);
}

static void curve(struct golden *g, const loy_survival *survival, uint32_t limits)
{
	loy_curve_options options = {0};
	loy_curve *made = NULL;
	double time, low, high;
	uint64_t i;

	options.struct_size = sizeof(options);
	options.limits = limits;
	options.flags = limits == LOY_LIMITS_PLAIN ? LOY_CURVE_GROUP : 0;
	options.group = 2;
	golden_check(g, loy_curve_create(&made, survival, &options, NULL) == LOY_OK, "curve");
	for (i = 0; i < loy_curve_count(made); i++) {
		loy_curve_point p = {0};

		p.struct_size = sizeof(p);
		golden_check(g, loy_curve_get(made, i, &p) == LOY_OK, "point");
		golden_double(g, p.at_risk);
		golden_double(g, p.survival);
		golden_double(g, p.deviation);
		golden_double(g, p.low);
		golden_double(g, p.high);
		golden_double(g, p.hazard);
		golden_double(g, p.hazard_variance);
	}
	golden_check(g, loy_curve_quantile(made, 0.3, &time, &low, &high) == LOY_OK, "quantile");
	golden_double(g, time);
	golden_double(g, low);
	golden_double(g, high);
	golden_check(g, loy_curve_mean(made, 2.5, &time, &low) == LOY_OK, "mean");
	golden_double(g, time);
	golden_double(g, low);
	loy_curve_destroy(made);
}

static void test(struct golden *g, const loy_survival *survival)
{
	double observed[4], expected[4];
	loy_logrank_result result = {0};
	int i;

	result.struct_size = sizeof(result);
	golden_check(g, loy_survival_logrank(survival, 0.5, &result, observed, expected, NULL) == LOY_OK,
	             "test");
	golden_double(g, result.chi_square);
	golden_double(g, result.p);
	for (i = 0; i < 4; i++) {
		golden_double(g, observed[i]);
		golden_double(g, expected[i]);
	}
}

static void baseline(struct golden *g, const loy_cox *cox)
{
	const double covariates[COVARIATES] = {0.25, 1.0};
	double value = 0.0;
	uint64_t i;

	for (i = 0; i < loy_cox_hazard_count(cox); i++) {
		loy_cox_hazard h = {0};

		h.struct_size = sizeof(h);
		golden_check(g, loy_cox_get_hazard(cox, i, &h) == LOY_OK, "hazard");
		golden_double(g, h.hazard);
		golden_double(g, h.survival);
		if (loy_cox_survival(cox, h.group, covariates, h.time, &value) == LOY_OK)
			golden_double(g, value);
	}
}

static void regression(struct golden *g, const loy_survival *survival, uint32_t flags, uint32_t ties)
{
	loy_cox_options options = {0};
	loy_cox_summary s = {0};
	loy_concordance c = {0};
	loy_proportionality t = {0};
	loy_cox *cox = NULL;
	uint32_t i;

	options.struct_size = sizeof(options);
	options.flags = flags;
	options.ties = ties;
	s.struct_size = sizeof(s);
	c.struct_size = sizeof(c);
	t.struct_size = sizeof(t);
	golden_check(g, loy_cox_create(&cox, survival, &options, NULL, NULL) == LOY_OK, "fit");
	golden_check(g, loy_cox_get_summary(cox, &s) == LOY_OK && s.state == LOY_COX_CONVERGED, "maximum");
	golden_double(g, s.log_likelihood_null);
	golden_double(g, s.log_likelihood);
	golden_double(g, s.wald);
	golden_double(g, s.score);
	golden_double(g, s.ratio_p);
	golden_double(g, s.gradient);
	golden_double(g, s.condition);
	for (i = 0; i < COVARIATES; i++) {
		loy_cox_coefficient b = {0};

		b.struct_size = sizeof(b);
		golden_check(g, loy_cox_get_coefficient(cox, i, &b) == LOY_OK, "coefficient");
		golden_double(g, b.value);
		golden_double(g, b.deviation);
		golden_double(g, b.p);
	}
	baseline(g, cox);
	golden_check(g, loy_cox_concordance(cox, survival, &c, NULL) == LOY_OK, "concordance");
	golden_double(g, c.share);
	for (i = LOY_CLOCK_KM; i <= LOY_CLOCK_LOG; i++) {
		golden_check(g, loy_cox_proportionality(cox, survival, i, LOY_COX_ALL, &t, NULL) == LOY_OK,
		             "proportionality");
		golden_double(g, t.chi_square);
		golden_double(g, t.p);
	}
	loy_cox_destroy(cox);
}

void golden_survival(struct golden *g)
{
	static const char *const names[4] = {"plain", "weighted", "entered", "both"};
	uint32_t flags, limits, ties;

	for (flags = 0; flags < 4; flags++) {
		loy_survival *survival;

		golden_begin(g, names[flags]);
		survival = make(g, flags);
		bytes(g, survival);
		for (limits = LOY_LIMITS_LOG; limits <= LOY_LIMITS_PLAIN; limits++)
			curve(g, survival, limits);
		test(g, survival);
		for (ties = LOY_COX_EFRON; ties <= LOY_COX_BRESLOW; ties++) {
			regression(g, survival, 0, ties);
			regression(g, survival, LOY_COX_STRATA, ties);
		}
		loy_survival_destroy(survival);
		golden_end(g);
	}
}
