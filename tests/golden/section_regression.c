/* Regression: distributions, logistic fits of every kind, linear fits with all that hangs on them, forecasts. */
#include "golden.h"
#include "numeric/numeric.h"

#include <loyalty.h>

#define ROWS    300u
#define COLUMNS 5u

/* Four traits, one of them a yes or no, and an outcome of either kind. */
static void invent(double *values, double *weights, int binary)
{
	uint64_t i;

	for (i = 0; i < ROWS; i++) {
		double *x = values + i * COLUMNS, sum;

		x[0] = golden_input(7 * i, -2.0, 2.0);
		x[1] = (double)(i % 2);
		x[2] = golden_input(7 * i + 1, 0.0, 50.0) + 3.0 * x[0];
		x[3] = x[0] * x[2];
		sum = 0.5 * x[0] - 0.7 * x[1] + 0.02 * x[2];
		x[4] = binary ? (golden_input(7 * i + 2, 0.0, 1.0) < loy__logistic(sum) ? 1.0 : 0.0)
		              : sum + golden_input(7 * i + 3, -1.0, 1.0);
		weights[i] = golden_input(7 * i + 4, 0.1, 3.0);
	}
}

static loy_table table_of(const double *values, const double *weights)
{
	loy_table table = {0};

	table.struct_size = sizeof(table);
	table.columns = COLUMNS;
	table.rows = ROWS;
	table.values = values;
	table.row_stride = COLUMNS * (int64_t)sizeof(double);
	table.column_stride = sizeof(double);
	table.weights = weights;
	table.weight_stride = sizeof(double);
	return table;
}

static void distributions(struct golden *g)
{
	uint64_t i;

	for (i = 0; i < 200; i++) {
		double a = golden_scaled(2 * i, -1, 12), b = golden_scaled(2 * i + 1, -1, 12), low = 0.0,
		       high = 0.0;
		double x = golden_input(i, 0.01, 6.0), tail = golden_input(i, 0.0001, 0.4999);

		golden_check(g, loy__student_t(x, a, &low, &high) == LOY_OK, "t");
		golden_double(g, high);
		golden_check(g, loy__f_ratio(x, a, b, &low, &high) == LOY_OK, "F");
		golden_double(g, low);
		golden_double(g, high);
		golden_check(g, loy__student_t_quantile(a, tail, 1, &x) == LOY_OK, "quantile of t");
		golden_double(g, x);
		golden_check(g, loy__chi_square_quantile(a, tail, 1, &x) == LOY_OK, "quantile of chi-square");
		golden_double(g, x);
		golden_check(g, loy__f_ratio_quantile(a, b, tail, 0, &x) == LOY_OK, "quantile of F");
		golden_double(g, x);
		golden_check(g,
		             loy__binomial_limits(a < b ? a : b, a < b ? b : a, tail, &low, &high) == LOY_OK,
		             "limits");
		golden_double(g, low);
		golden_double(g, high);
	}
}

static void one_logistic(struct golden *g, const loy_table *table, uint32_t method, double ridge,
                         uint32_t weighting)
{
	loy_logistic_options options = {0};
	loy_logistic_summary s = {0};
	loy_logistic *fit = NULL;
	double covariance = 0.0, predicted[ROWS];
	uint32_t i, j;

	options.struct_size = sizeof(options);
	options.columns = COLUMNS;
	options.outcome = COLUMNS - 1;
	options.method = method;
	options.flags = LOY_LOGISTIC_ROBUST;
	options.ridge = ridge;
	options.weighting = weighting;
	s.struct_size = sizeof(s);
	golden_check(g, loy_logistic_fit(&fit, &table, 1, &options, 2, NULL, NULL) == LOY_OK, "fit");
	golden_check(g, loy_logistic_get_summary(fit, &s) == LOY_OK && s.state == LOY_LOGISTIC_CONVERGED,
	             "maximum");
	golden_u64(g, s.rounds);
	golden_double(g, s.log_likelihood);
	golden_double(g, s.objective);
	golden_double(g, s.bic);
	golden_double(g, s.ratio_p);
	golden_double(g, s.gradient);
	golden_double(g, s.condition);
	for (i = 0; i < COLUMNS; i++) {
		loy_coefficient c = {0};

		c.struct_size = sizeof(c);
		golden_check(g, loy_logistic_get_coefficient(fit, i, &c) == LOY_OK, "coefficient");
		golden_double(g, c.value);
		golden_double(g, c.p);
		golden_double(g, c.low);
		for (j = 0; j < 2 * COLUMNS; j++) {
			golden_check(g, loy_logistic_covariance(fit, j % 2, i, j / 2, &covariance) == LOY_OK,
			             "covariance");
			golden_double(g, covariance);
		}
	}
	golden_check(g, loy_logistic_predict(fit, table, predicted) == LOY_OK, "predicting");
	for (i = 0; i < ROWS; i++)
		golden_double(g, predicted[i]);
	loy_logistic_destroy(fit);
}

static void slopes(struct golden *g, const loy_linear *fit)
{
	loy_slope slope = {0};
	double low = 0.0, high = 0.0;
	uint32_t region = 0;

	slope.struct_size = sizeof(slope);
	golden_check(g, loy_linear_slope(fit, 1, 4, 3.5, &slope) == LOY_OK, "slope");
	golden_double(g, slope.value);
	golden_double(g, slope.deviation);
	golden_double(g, slope.p);
	golden_check(g, loy_linear_region(fit, 1, 4, &region, &low, &high) == LOY_OK, "region");
	golden_u64(g, region);
	golden_double(g, low);
	golden_double(g, high);
}

static void linear(struct golden *g, const loy_table *table, uint32_t weighting)
{
	loy_linear_options options = {0};
	loy_linear_summary s = {0};
	loy_moments *moments = NULL;
	loy_linear *fit = NULL;
	double robust[COLUMNS * COLUMNS], shares[COLUMNS];
	uint32_t i, kind;

	options.struct_size = sizeof(options);
	options.outcome = COLUMNS - 1;
	options.weighting = weighting;
	s.struct_size = sizeof(s);
	golden_check(g, loy_moments_create(&moments, COLUMNS, LOY_MISSING_LISTWISE, NULL) == LOY_OK,
	             "moments");
	golden_check(g, loy_moments_add(moments, table, NULL) == LOY_OK, "adding");
	golden_check(g, loy_linear_create(&fit, moments, &options, NULL, NULL) == LOY_OK, "fit");
	golden_check(g, loy_linear_get_summary(fit, &s) == LOY_OK && s.column == 0, "no flaw");
	golden_double(g, s.r_squared);
	golden_double(g, s.f_p);
	golden_double(g, s.aic);
	golden_double(g, s.condition);
	for (i = 0; i < COLUMNS; i++) {
		loy_coefficient c = {0};

		c.struct_size = sizeof(c);
		golden_check(g, loy_linear_get_coefficient(fit, i, &c) == LOY_OK, "coefficient");
		golden_double(g, c.value);
		golden_double(g, c.deviation);
		golden_double(g, c.p);
		golden_double(g, c.high);
		golden_double(g, c.inflation);
	}
	for (kind = LOY_ROBUST_HC0; kind <= LOY_ROBUST_HC3; kind++) {
		golden_check(g, loy_linear_robust(fit, &table, 1, kind, robust, NULL, NULL) == LOY_OK,
		             "robust");
		for (i = 0; i < COLUMNS * COLUMNS; i++)
			golden_double(g, robust[i]);
	}
	for (kind = LOY_DRIVERS_SHAPLEY; kind <= LOY_DRIVERS_RELATIVE; kind++) {
		golden_check(g, loy_linear_drivers(fit, kind, shares, NULL) == LOY_OK, "drivers");
		for (i = 0; i + 1 < COLUMNS; i++)
			golden_double(g, shares[i]);
	}
	slopes(g, fit);
	loy_linear_destroy(fit);
	loy_moments_destroy(moments);
}

static void forecasts(struct golden *g, const double *values, const double *weights)
{
	double p[ROWS], gain = 0.0;
	uint8_t happened[ROWS];
	loy_forecasts f = {0};
	loy_forecast_quality q = {0};
	loy_forecast_bin bins[8];
	uint32_t i;

	for (i = 0; i < ROWS; i++) {
		p[i] = loy__logistic((double)(int)(4.0 * values[i * COLUMNS]) / 4.0);
		happened[i] = values[i * COLUMNS + COLUMNS - 1] != 0.0;
	}
	f.struct_size = sizeof(f);
	f.rows = ROWS;
	f.probability = p;
	f.happened = happened;
	f.weight = weights;
	q.struct_size = sizeof(q);
	golden_check(g, loy_forecast_assess(&f, 0.9, &q, NULL, NULL) == LOY_OK, "assessing");
	golden_double(g, q.auc);
	golden_double(g, q.auc_low);
	golden_double(g, q.average_precision);
	golden_double(g, q.ks);
	golden_double(g, q.reliability);
	golden_double(g, q.resolution);
	golden_double(g, q.log_loss);
	golden_double(g, q.calibration_error);
	golden_double(g, q.spiegelhalter_p);
	golden_check(g, loy_forecast_bins(&f, 8, bins, NULL, NULL) == LOY_OK, "bins");
	for (i = 0; i < 8; i++) {
		golden_double(g, bins[i].forecast);
		golden_double(g, bins[i].observed_low);
	}
	golden_check(g, loy_forecast_gain(&f, 0.3, &gain, NULL, NULL) == LOY_OK, "gain");
	golden_double(g, gain);
}

void golden_regression(struct golden *g)
{
	static double values[ROWS * COLUMNS], weights[ROWS];
	loy_table table = table_of(values, weights);
	uint32_t weighting;

	golden_begin(g, "distributions");
	distributions(g);
	golden_end(g);
	golden_begin(g, "logistic");
	invent(values, weights, 1);
	for (weighting = 0; weighting < 2; weighting++) {
		one_logistic(g, &table, LOY_LOGISTIC_LIKELIHOOD, 0.0, weighting);
		one_logistic(g, &table, LOY_LOGISTIC_LIKELIHOOD, 5.0, weighting);
		one_logistic(g, &table, LOY_LOGISTIC_FIRTH, 0.0, weighting);
	}
	golden_end(g);
	golden_begin(g, "forecasts");
	forecasts(g, values, weights);
	golden_end(g);
	golden_begin(g, "linear");
	invent(values, weights, 0);
	for (weighting = 0; weighting < 2; weighting++)
		linear(g, &table, weighting);
	golden_end(g);
}
