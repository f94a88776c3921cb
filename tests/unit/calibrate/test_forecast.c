/*
 * Forecasts against what happened: measures by brute force over pairs, edges, weights as repeated rows, any
 * order, and the reference; churn forecast for customers left out against the published comparison.
 */
#include "regressions.h"

#include <math.h>

enum { ROWS = 150 };

struct data {
	double p[3 * ROWS], weight[3 * ROWS];
	uint8_t y[3 * ROWS];
	loy_forecasts f;
};

/* Forecasts in steps of 0.1: many ties. */
static void invent(struct data *d, size_t rows, uint64_t seed)
{
	loy__random r;
	size_t i;

	loy__random_init(&r, seed);
	memset(d, 0, sizeof(*d));
	d->f.struct_size = sizeof(d->f);
	d->f.rows = rows;
	d->f.probability = d->p;
	d->f.happened = d->y;
	for (i = 0; i < rows; i++) {
		d->p[i] = (double)loy__random_below(&r, 11) / 10.0;
		d->y[i] = loy__random_unit(&r) < 0.2 + 0.5 * d->p[i];
		d->weight[i] = 1.0;
	}
}

static loy_forecast_quality assess(const loy_forecasts *f)
{
	loy_forecast_quality q = {.struct_size = sizeof(q)};

	assert_int_equal(loy_forecast_assess(f, 0.0, &q, NULL, NULL), LOY_OK);
	return q;
}

static double won(double event, double other)
{
	return event > other ? 1.0 : event == other ? 0.5 : 0.0;
}

static void pairs_by_brute_force(void **state)
{
	struct data d;
	loy_forecast_quality q;
	double sum = 0.0, squares = 0.0, squares_other = 0.0, m = 0.0, n = 0.0, brier = 0.0, loss = 0.0, auc;
	size_t i, j;

	(void)state;
	invent(&d, ROWS, 3);
	q = assess(&d.f);
	for (i = 0; i < ROWS; i++) {
		double cut = d.p[i] < 1e-15 ? 1e-15 : d.p[i] > 1 - 1e-15 ? 1 - 1e-15 : d.p[i];

		m += d.y[i];
		n += 1 - d.y[i];
		brier += (d.p[i] - d.y[i]) * (d.p[i] - d.y[i]) / ROWS;
		loss -= log(d.y[i] ? cut : 1 - cut) / ROWS;
		for (j = 0; j < ROWS; j++)
			sum += d.y[i] == 1 && d.y[j] == 0 ? won(d.p[i], d.p[j]) : 0.0;
	}
	auc = sum / (m * n);
	for (i = 0; i < ROWS; i++) {
		double mean = 0.0;

		for (j = 0; j < ROWS; j++)
			mean += d.y[i] == d.y[j] ? 0.0
			        : d.y[i]         ? won(d.p[i], d.p[j]) / n
			                         : won(d.p[j], d.p[i]) / m;
		*(d.y[i] ? &squares : &squares_other) += (mean - auc) * (mean - auc);
	}
	assert_close(q.auc, auc, 1e-14, 0.0);
	assert_close(q.auc_deviation, sqrt(squares / (m - 1) / m + squares_other / (n - 1) / n), 1e-13, 0.0);
	assert_close(q.brier, brier, 1e-13, 0.0);
	assert_close(q.brier, q.reliability - q.resolution + q.uncertainty, 1e-13, 0.0);
	assert_close(q.log_loss, loss, 1e-13, 0.0);
	assert_int_equal(q.distinct, 11);
	assert_true(q.auc_low < q.auc && q.auc < q.auc_high);
}

static void order_does_not_matter(void **state)
{
	struct data d, other;
	loy_forecast_quality q, t;
	size_t i;

	(void)state;
	invent(&d, ROWS, 5);
	for (i = 0; i < ROWS; i++)
		d.weight[i] = 0.1 + (double)(i % 7) / 3.0;
	other = d;
	for (i = 0; i < ROWS; i++) {
		other.p[i] = d.p[(i * 7 + 3) % ROWS];
		other.y[i] = d.y[(i * 7 + 3) % ROWS];
		other.weight[i] = d.weight[(i * 7 + 3) % ROWS];
	}
	d.f.weight = d.weight;
	other.f = d.f;
	other.f.probability = other.p;
	other.f.happened = other.y;
	other.f.weight = other.weight;
	q = assess(&d.f);
	t = assess(&other.f);
	assert_memory_equal(&q, &t, sizeof(q));
}

static void weights_are_repeated_rows(void **state)
{
	struct data d, repeated;
	loy_forecast_quality q, t;
	loy_forecast_bin bin[7], same[7];
	double gain, other;
	size_t i, at = 0;

	(void)state;
	invent(&d, ROWS, 9);
	invent(&repeated, 0, 9);
	for (i = 0; i < ROWS; i++) {
		size_t k;

		d.weight[i] = 1.0 + (double)(i % 3);
		for (k = 0; k <= i % 3; k++, at++) {
			repeated.p[at] = d.p[i];
			repeated.y[at] = d.y[i];
		}
	}
	d.f.weight = d.weight;
	repeated.f.rows = at;
	q = assess(&d.f);
	t = assess(&repeated.f);
	assert_memory_equal(&q, &t, sizeof(q)); /* sums of whole numbers: the same bits */
	assert_int_equal(loy_forecast_gain(&d.f, 0.23, &gain, NULL, NULL), LOY_OK);
	assert_int_equal(loy_forecast_gain(&repeated.f, 0.23, &other, NULL, NULL), LOY_OK);
	assert_bits_equal(gain, other);
	assert_int_equal(loy_forecast_bins(&d.f, 7, bin, NULL, NULL), LOY_OK);
	assert_int_equal(loy_forecast_bins(&repeated.f, 7, same, NULL, NULL), LOY_OK);
	assert_memory_equal(bin, same, sizeof(bin));
}

static void one_outcome_has_no_ranks(void **state)
{
	struct data d;
	loy_forecast_quality q;
	double gain = 7.0;

	(void)state;
	invent(&d, 5, 1);
	memset(d.y, 0, sizeof(d.y));
	q = assess(&d.f);
	assert_true(isnan(q.auc) && isnan(q.auc_deviation) && isnan(q.ks) && isnan(q.average_precision));
	assert_true(q.brier == q.brier && q.uncertainty == 0.0);
	assert_int_equal(loy_forecast_gain(&d.f, 0.5, &gain, NULL, NULL), LOY_EUNKNOWN);
	assert_true(gain == 7.0);
	d.y[2] = 1;
	q = assess(&d.f);
	assert_true(q.auc == q.auc && isnan(q.auc_deviation)); /* one event: no error can be told */
	d.p[0] = d.p[1] = d.p[3] = d.p[4] = 0.0;
	d.p[2] = 1.0;
	q = assess(&d.f);
	assert_true(q.auc == 1.0 && q.brier == 0.0 && isnan(q.spiegelhalter_z));
	assert_close(q.log_loss, 1e-15, 1e-3,
	             0.0); /* certainty that was right: 1 - 1e-15, as near as a double is */
}

static void edges_of_bins(void **state)
{
	double p[] = {0.0, 0.1, 0.3, 0.30000000000000004, 0.7, 0.999, 1.0};
	uint8_t y[] = {0, 1, 0, 1, 1, 0, 1};
	loy_forecasts f = {.struct_size = sizeof(f), .rows = 7, .probability = p, .happened = y};
	loy_forecast_bin bin[10];
	static const double n[10] = {1, 1, 0, 2, 0, 0, 0, 1, 0, 2};
	size_t i;

	(void)state;
	assert_int_equal(loy_forecast_bins(&f, 10, bin, NULL, NULL), LOY_OK);
	for (i = 0; i < 10; i++) {
		assert_true(bin[i].n == n[i]);
		assert_true(n[i] > 0.0 ? bin[i].observed_low <= bin[i].observed &&
		                                 bin[i].observed <= bin[i].observed_high
		                       : isnan(bin[i].observed) && isnan(bin[i].forecast));
	}
}

/*
 * Quotients are rounded: a forecast at an edge belongs above it, the number before it below, whatever their products
 * with the number of bins round to.
 */
static void edges_of_all_bins(void **state)
{
	double p[2000];
	static uint8_t y[2000];
	loy_forecasts f = {.struct_size = sizeof(f), .probability = p, .happened = y};
	loy_forecast_bin bin[1000];
	uint32_t count, k;

	(void)state;
	for (count = 1; count <= 1000; count++) {
		for (k = 0; k < count; k++) {
			p[2 * k] = (double)k / count;
			p[2 * k + 1] = nextafter((double)(k + 1) / count, 0.0);
		}
		f.rows = 2 * count;
		assert_int_equal(loy_forecast_bins(&f, count, bin, NULL, NULL), LOY_OK);
		for (k = 0; k < count; k++)
			assert_true(bin[k].n == 2.0);
	}
}

/* With few of an outcome the error is large: limits of an area end at 0 and 1. */
static void limits_of_areas_are_areas(void **state)
{
	double p[] = {0.1, 0.2, 0.4, 0.3, 0.5, 0.6};
	uint8_t y[] = {0, 0, 0, 1, 1, 1};
	loy_forecasts f = {.struct_size = sizeof(f), .rows = 6, .probability = p, .happened = y};
	loy_forecast_quality q = assess(&f);
	size_t i;

	(void)state;
	assert_close(q.auc, 8.0 / 9.0, 1e-15, 0.0);
	assert_true(q.auc_high == 1.0 && q.auc_low > 0.0 && q.auc_low < q.auc);
	for (i = 0; i < 6; i++)
		y[i] = !y[i];
	q = assess(&f);
	assert_close(q.auc, 1.0 / 9.0, 1e-15, 0.0);
	assert_true(q.auc_low == 0.0 && q.auc_high < 1.0 && q.auc_high > q.auc);
	y[0] = y[1] = y[2] = y[3] = y[4] = 0; /* one event has no spread */
	y[5] = 1;
	q = assess(&f);
	assert_close(q.auc, 1.0, 0.0, 0.0);
	assert_true(isnan(q.auc_deviation) && isnan(q.auc_low) && isnan(q.auc_high));
}

/* Forecasts that tell everything have an area of 1 and no more, though sums of these weights are rounded. */
static void areas_are_at_most_one(void **state)
{
	loy__random random;
	int round;

	(void)state;
	loy__random_init(&random, 3);
	for (round = 0; round < 500; round++) {
		double p[24], w[24];
		uint8_t happened[24];
		loy_forecasts f = {
		        .struct_size = sizeof(f), .rows = 24, .probability = p, .happened = happened};
		loy_forecast_quality q = {.struct_size = sizeof(q)};
		int i;

		for (i = 0; i < 24; i++) {
			happened[i] = i % 3 != 0;
			p[i] = happened[i] ? 0.9 : 0.1;
			w[i] = 0.1 + (double)loy__random_below(&random, 100) / 10.0;
		}
		f.weight = w;
		assert_int_equal(loy_forecast_assess(&f, 0.0, &q, NULL, NULL), LOY_OK);
		assert_close(q.auc, 1.0, 1e-14, 0.0); /* a rounding for each of the weights */
		assert_true(q.auc <= 1.0 && q.ks <= 1.0 && q.auc_high <= 1.0);
	}
}

static void refusals(void **state)
{
	static const loy_allocator half = {.allocate = faulty_alloc};
	struct data d;
	loy_forecast_quality q = {.struct_size = sizeof(q)};
	loy_forecast_bin bin;
	loy_error error = {.struct_size = sizeof(error)};
	double gain;

	(void)state;
	invent(&d, 20, 1);
	assert_int_equal(loy_forecast_assess(NULL, 0, &q, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_forecast_assess(&d.f, 0, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_forecast_assess(&d.f, 1.0, &q, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_forecast_assess(&d.f, NAN, &q, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_forecast_bins(&d.f, 0, &bin, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_forecast_bins(&d.f, 1001, &bin, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_forecast_bins(&d.f, 1, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_forecast_gain(&d.f, 0.0, &gain, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_forecast_gain(&d.f, 1.1, &gain, NULL, NULL), LOY_EINVAL);
	d.f.rows = 0;
	assert_int_equal(loy_forecast_assess(&d.f, 0, &q, NULL, NULL), LOY_EUNKNOWN);
	d.f.rows = 20;
	d.p[13] = NAN;
	assert_int_equal(loy_forecast_assess(&d.f, 0, &q, NULL, &error), LOY_ERANGE);
	assert_int_equal(error.row, 13);
	d.p[13] = 1.0000000000000002;
	assert_int_equal(loy_forecast_assess(&d.f, 0, &q, NULL, NULL), LOY_ERANGE);
	d.p[13] = -0.0;
	d.y[4] = 2;
	assert_int_equal(loy_forecast_bins(&d.f, 1, &bin, NULL, &error), LOY_ERANGE);
	assert_int_equal(error.row, 4);
	d.y[4] = 1;
	d.f.weight = d.weight;
	d.weight[19] = 0.0;
	assert_int_equal(loy_forecast_gain(&d.f, 0.5, &gain, NULL, &error), LOY_ERANGE);
	assert_int_equal(error.row, 19);
	d.weight[19] = 0x1p40;
	assert_int_equal(loy_forecast_assess(&d.f, 0, &q, NULL, NULL), LOY_ERANGE);
	d.weight[19] = NAN;
	assert_int_equal(loy_forecast_assess(&d.f, 0, &q, NULL, NULL), LOY_ERANGE);
	d.f.weight = NULL;
	assert_int_equal(loy_forecast_gain(&d.f, 0.5, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_forecast_gain(&d.f, NAN, &gain, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_forecast_gain(&d.f, 1.0, &gain, NULL, NULL), LOY_OK);
	assert_close(gain, 1.0, 0.0, 0.0);
	assert_int_equal(loy_forecast_assess(&d.f, 0, &q, &half, NULL), LOY_EINVAL);
	d.f.reserved = 1;
	assert_int_equal(loy_forecast_assess(&d.f, 0, &q, NULL, NULL), LOY_EINVAL);
	d.f.reserved = 0;
	d.f.struct_size = 3;
	assert_int_equal(loy_forecast_assess(&d.f, 0, &q, NULL, NULL), LOY_EINVAL);
	d.f.struct_size = sizeof(d.f);
	d.f.rows = (uint64_t)UINT32_MAX + 1;
	assert_int_equal(loy_forecast_assess(&d.f, 0, &q, NULL, NULL), LOY_EINVAL);
	d.f.rows = 20;
	d.f.probability = NULL;
	assert_int_equal(loy_forecast_assess(&d.f, 0, &q, NULL, NULL), LOY_EINVAL);
	d.f.probability = d.p;
	d.f.happened = NULL;
	assert_int_equal(loy_forecast_assess(&d.f, 0, &q, NULL, NULL), LOY_EINVAL);
}

static void out_of_memory(void **state)
{
	struct data d;
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	invent(&d, ROWS, 1);
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_forecast_quality q = {.struct_size = sizeof(q)};

		status = loy_forecast_assess(&d.f, 0.0, &q, &memory, NULL);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 1);
}

/* ---- reference ---- */

static double measure(const char *name)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/score_measures.csv");
	double value = NAN;

	while (csv_next(csv)) {
		if (strcmp(csv_text(csv, 0), name) == 0)
			value = csv_double(csv, 1);
	}
	csv_close(csv);
	return value;
}

static void reference(void **state)
{
	struct sheet *s = sheet_shared("reference/stats/scores_labels.csv", "p y");
	struct csv *csv = shared_csv_or_skip("reference/stats/reliability_bins.csv");
	struct data d;
	loy_forecast_bin bin[10];
	loy_forecast_quality q;
	size_t i;

	(void)state;
	invent(&d, 0, 1);
	assert_true(s->rows <= 3 * ROWS);
	for (i = 0; i < s->rows; i++) {
		d.p[i] = s->values[2 * i];
		d.y[i] = s->values[2 * i + 1] != 0.0;
	}
	d.f.rows = s->rows;
	q = assess(&d.f);
	assert_close(q.auc, measure("auc"), 1e-12, 0.0);
	assert_close(q.auc_deviation, measure("auc_delong_se"), 1e-10, 0.0);
	assert_close(q.average_precision, measure("average_precision"), 1e-10, 0.0);
	assert_close(q.brier, measure("brier"), 1e-10, 0.0);
	assert_close(q.reliability, measure("brier_reliability"), 1e-10, 0.0);
	assert_close(q.resolution, measure("brier_resolution"), 1e-10, 0.0);
	assert_close(q.uncertainty, measure("brier_uncertainty"), 1e-10, 0.0);
	assert_close(q.log_loss, measure("logloss_clip_1e-15"), 1e-10, 0.0);
	assert_close(q.ks, measure("ks"), 1e-10, 0.0);
	assert_close(q.calibration_error, measure("ece_10_equal_width"), 1e-10, 0.0);
	assert_close(q.calibration_worst, measure("mce_10_equal_width"), 1e-10, 0.0);
	assert_close(q.spiegelhalter_z, measure("spiegelhalter_z"), 1e-10, 0.0);
	for (i = 1; i <= 10; i++) {
		char name[64];
		double gain;

		assert_int_equal(loy_forecast_gain(&d.f, (double)i / 10.0, &gain, NULL, NULL), LOY_OK);
		snprintf(name, sizeof(name), "gain_at_%u0pct", (unsigned)i);
		assert_close(gain, measure(name), 1e-10, 0.0);
		snprintf(name, sizeof(name), "cumulative_lift_at_%u0pct", (unsigned)i);
		assert_close(gain / ((double)i / 10.0), measure(name), 1e-10, 0.0);
	}
	assert_int_equal(loy_forecast_bins(&d.f, 10, bin, NULL, NULL), LOY_OK);
	for (i = 0; csv_next(csv); i++) {
		assert_true(bin[i].n == csv_double(csv, 1));
		assert_close(bin[i].forecast, csv_double(csv, 2), 1e-10, 0.0);
		assert_close(bin[i].observed, csv_double(csv, 3), 1e-10, 0.0);
	}
	assert_int_equal(i, 10);
	csv_close(csv);
	sheet_free(s);
}

/* Slope and intercept of what happened on the log odds of what was forecast. */
static void calibration_line(void **state)
{
	struct sheet *s = sheet_shared("reference/stats/scores_labels.csv", "p y");
	loy_logistic_options o = {.struct_size = sizeof(o), .columns = 2, .outcome = 1};
	loy_coefficient intercept = {.struct_size = sizeof(intercept)}, slope = intercept;
	loy_logistic *fit;
	size_t i;

	(void)state;
	for (i = 0; i < s->rows; i++) {
		double p = s->values[2 * i];

		p = p < 0.005 ? 0.005 : p > 0.995 ? 0.995 : p;
		s->values[2 * i] = log(p / (1 - p));
	}
	fit = fit_sheet(s, &o);
	assert_int_equal(loy_logistic_get_coefficient(fit, 0, &intercept), LOY_OK);
	assert_int_equal(loy_logistic_get_coefficient(fit, 1, &slope), LOY_OK);
	assert_close(intercept.value, measure("calibration_intercept"), 1e-10, 0.0);
	assert_close(slope.value, measure("calibration_slope"), 1e-10, 0.0);
	loy_logistic_destroy(fit);
	sheet_free(s);
}

/* Five folds by row number: fit on four, forecast the fifth; all forecasts together against the published figures. */
static void churn_of_unseen_customers(void **state)
{
	struct sheet *s = sheet_shared(
	        "data/telco_design.csv",
	        "tenure monthly total senior partner dependents phoneservice paperlessbilling "
	        "multiplelines onlinesecurity onlinebackup deviceprotection techsupport streamingtv "
	        "streamingmovies male fiber nonet oneyear twoyear pay_card pay_echeck pay_mail churn");
	double *p = calloc(s->rows, sizeof(*p));
	uint8_t *y = calloc(s->rows, 1);
	loy_forecasts f = {.struct_size = sizeof(f), .rows = s->rows, .probability = p, .happened = y};
	struct csv *csv = shared_csv_or_skip("reference/stats/churn_benchmark.csv");
	loy_forecast_quality q;
	size_t fold, i;

	(void)state;
	for (fold = 0; fold < 5; fold++) {
		struct sheet *rest = sheet_new(s->rows, s->columns);
		loy_logistic_options o = {
		        .struct_size = sizeof(o), .columns = s->columns, .outcome = s->columns - 1};
		loy_logistic *fit;

		rest->rows = 0;
		for (i = 0; i < s->rows; i++) {
			if (i % 5 != fold)
				memcpy(rest->values + rest->rows++ * s->columns, s->values + i * s->columns,
				       s->columns * sizeof(double));
		}
		fit = fit_sheet(rest, &o);
		for (i = fold; i < s->rows; i += 5) {
			loy_table one = sheet_rows(s, i, 1);

			assert_int_equal(loy_logistic_predict(fit, &one, &p[i]), LOY_OK);
			y[i] = s->values[i * s->columns + s->columns - 1] != 0.0;
		}
		loy_logistic_destroy(fit);
		sheet_free(rest);
	}
	q = assess(&f);
	assert_true(csv_next(csv));
	assert_string_equal(csv_text(csv, 1), "logistic_ml");
	/* an anchor: the other program stops earlier */
	assert_close(q.auc, csv_double(csv, csv_column(csv, "pooled_auc")), 1e-5, 0.0);
	assert_close(q.log_loss, csv_double(csv, csv_column(csv, "logloss")), 1e-5, 0.0);
	assert_close(q.brier, csv_double(csv, csv_column(csv, "brier")), 1e-5, 0.0);
	csv_close(csv);
	free(p);
	free(y);
	sheet_free(s);
}

/*
 * Customers who leave by a known law: a fit of one half foretells the other half as well as the law itself, and by
 * what moves them in the order of its coefficients.
 */
static void churn_of_invented_customers(void **state)
{
	enum { CUSTOMERS = 6000, HALF = CUSTOMERS / 2 };
	static const double law[3] = {1.5, -0.8, 0.0};
	struct sheet *s = sheet_new(CUSTOMERS, 4);
	loy_logistic_options o = {.struct_size = sizeof(o), .columns = 4, .outcome = 3};
	double *told = calloc(CUSTOMERS, sizeof(*told)),
	       *true_chance = calloc(CUSTOMERS, sizeof(*true_chance));
	uint8_t *left = calloc(CUSTOMERS, 1);
	loy_forecasts f = {.struct_size = sizeof(f), .rows = HALF, .happened = left + HALF};
	loy_forecast_quality q, best;
	loy_table seen, unseen;
	const loy_table *tables[1] = {&seen};
	loy_logistic *fit = NULL;
	loy__random r;
	size_t i, j;

	(void)state;
	assert_non_null(told);
	assert_non_null(true_chance);
	assert_non_null(left);
	loy__random_init(&r, 8);
	for (i = 0; i < CUSTOMERS; i++) {
		double odds = -1.0;

		for (j = 0; j < 3; j++) {
			s->values[4 * i + j] = loy__normal_quantile(loy__random_unit(&r) + 0x1p-54);
			odds += law[j] * s->values[4 * i + j];
		}
		true_chance[i] = 1.0 / (1.0 + exp(-odds));
		left[i] = loy__random_unit(&r) < true_chance[i];
		s->values[4 * i + 3] = left[i];
	}
	seen = sheet_rows(s, 0, HALF);
	unseen = sheet_rows(s, HALF, HALF);
	assert_int_equal(loy_logistic_fit(&fit, tables, 1, &o, 2, NULL, NULL), LOY_OK);
	for (j = 0; j < 3;
	     j++) { /* within four errors of the truth; what does nothing is found to do nothing */
		loy_coefficient c = {.struct_size = sizeof(c)};

		assert_int_equal(loy_logistic_get_coefficient(fit, (uint32_t)j + 1, &c), LOY_OK);
		assert_true(fabs(c.value - law[j]) < 4.0 * c.deviation);
		assert_int_equal(c.p < 0.001, j < 2);
	}
	assert_int_equal(loy_logistic_predict(fit, &unseen, told + HALF), LOY_OK);
	f.probability = told + HALF;
	q = assess(&f);
	f.probability = true_chance + HALF;
	best = assess(&f);
	/* the fit errs by sqrt(4 / 3000) standard errors or so: nothing to be seen in ranks or squares */
	assert_true(q.auc > 0.75 && q.auc > best.auc - 0.003);
	assert_true(q.brier < best.brier + 0.001 && q.log_loss < best.log_loss + 0.003);
	assert_true(q.spiegelhalter_p > 0.001 && q.calibration_error < 0.04);
	loy_logistic_destroy(fit);
	free(told);
	free(true_chance);
	free(left);
	sheet_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(pairs_by_brute_force),
	        cmocka_unit_test(order_does_not_matter),
	        cmocka_unit_test(weights_are_repeated_rows),
	        cmocka_unit_test(one_outcome_has_no_ranks),
	        cmocka_unit_test(edges_of_bins),
	        cmocka_unit_test(edges_of_all_bins),
	        cmocka_unit_test(limits_of_areas_are_areas),
	        cmocka_unit_test(areas_are_at_most_one),
	        cmocka_unit_test(refusals),
	        cmocka_unit_test(out_of_memory),
	        cmocka_unit_test(reference),
	        cmocka_unit_test(calibration_line),
	        cmocka_unit_test(churn_of_unseen_customers),
	        cmocka_unit_test(churn_of_invented_customers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
