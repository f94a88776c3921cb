/*
 * What survival costs: rows into an accumulator, their order, curves, log-rank test, Cox regression and concordance,
 * as CPU seconds and as ratios to a bare pass that only adds up all numbers of all rows:
 *
 *	cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_survival
 *	build/bench/tests/bench_survival [ROWS]
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include "survivals.h"

#include <math.h>

enum { COVARIATES = 4, ROUNDS = 3 };

struct table {
	size_t rows;
	double *time, *covariates;
	uint8_t *event;
	uint32_t *group;
};

/* Times to the day when `days` is set, which makes many ties. */
static void invent(struct table *t, size_t rows, int days)
{
	loy__random r;
	size_t i, j;

	loy__random_init(&r, 99);
	for (i = 0; i < rows; i++) {
		double *x = t->covariates + i * COVARIATES, sum = 0.0, life, watched;

		for (j = 0; j < COVARIATES; j++) {
			x[j] = j == 1 ? (double)loy__random_below(&r, 2) : 3.0 * loy__random_unit(&r) - 1.5;
			sum += (j % 2 == 0 ? 0.4 : -0.3) * x[j];
		}
		life = -200.0 * loy__log1p(-loy__random_unit(&r)) * loy__exp(-sum);
		watched = 100.0 + 300.0 * loy__random_unit(&r);
		t->event[i] = life <= watched;
		t->time[i] = life <= watched ? life : watched;
		if (days)
			t->time[i] = floor(t->time[i]) + 1.0;
		t->group[i] = (uint32_t)loy__random_below(&r, 4);
	}
	t->rows = rows;
}

static volatile double sink;

static double bare_pass(const struct table *t)
{
	double start = processor_seconds(), sum = 0.0;
	size_t i;

	for (i = 0; i < t->rows; i++)
		sum += t->time[i] + t->event[i] + t->group[i];
	for (i = 0; i < t->rows * COVARIATES; i++)
		sum += t->covariates[i];
	sink = sum;
	return processor_seconds() - start;
}

static loy_survival *load(const struct table *t, uint32_t covariates)
{
	loy_survival *survival = new_survival(0, covariates, NULL);
	loy_survival_columns columns = {.struct_size = sizeof(columns)};

	columns.time = t->time;
	columns.time_stride = sizeof(*t->time);
	columns.event = t->event;
	columns.event_stride = 1;
	columns.group = t->group;
	columns.group_stride = sizeof(*t->group);
	columns.covariates = covariates != 0 ? t->covariates : NULL;
	columns.covariate_row = COVARIATES * (int64_t)sizeof(double);
	columns.covariate_column = sizeof(double);
	assert_int_equal(loy_survival_add_columns(survival, &columns, t->rows, NULL), LOY_OK);
	return survival;
}

static void report(const char *what, double took, double bare)
{
	printf("  %-34s %7.3f s  %6.1f bare passes\n", what, took, took / bare);
}

static void curves(const struct table *t, double bare)
{
	double add = 1e9, sort = 1e9, make = 1e9, test = 1e9, whole = 1e9;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		double start = processor_seconds(), a, b, c;
		loy_logrank_result result = {.struct_size = sizeof(result)};
		loy_survival *survival = load(t, 0);
		loy_curve *curve = NULL;

		a = processor_seconds();
		assert_int_equal(loy_survival_sort(survival), LOY_OK);
		b = processor_seconds();
		assert_int_equal(loy_curve_create(&curve, survival, NULL, NULL), LOY_OK);
		c = processor_seconds();
		assert_int_equal(loy_survival_logrank(survival, 0.0, &result, NULL, NULL, NULL), LOY_OK);
		test = smaller(test, processor_seconds() - c);
		add = smaller(add, a - start);
		sort = smaller(sort, b - a);
		make = smaller(make, c - b);
		whole = smaller(whole, c - start);
		loy_curve_destroy(curve);
		loy_survival_destroy(survival);
	}
	report("curve: add columns", add, bare);
	report("curve: sort", sort, bare);
	report("curve: Kaplan-Meier", make, bare);
	report("curve: all three", whole, bare);
	report("log-rank, 4 groups", test, bare);
}

static void regression(const struct table *t, uint32_t ties, double bare)
{
	double add = 1e9, sort = 1e9, fit = 1e9, order = 1e9, whole = 1e9;
	loy_cox_summary summary = {.struct_size = sizeof(summary)};
	int round;

	for (round = 0; round < ROUNDS; round++) {
		loy_cox_options options = {.struct_size = sizeof(options), .ties = ties};
		loy_concordance found = {.struct_size = sizeof(found)};
		double start = processor_seconds(), a, b, c;
		loy_survival *survival = load(t, COVARIATES);
		loy_cox *cox = NULL;

		a = processor_seconds();
		assert_int_equal(loy_survival_sort(survival), LOY_OK);
		b = processor_seconds();
		assert_int_equal(loy_cox_create(&cox, survival, &options, NULL, NULL), LOY_OK);
		c = processor_seconds();
		assert_int_equal(loy_cox_concordance(cox, survival, &found, NULL), LOY_OK);
		order = smaller(order, processor_seconds() - c);
		add = smaller(add, a - start);
		sort = smaller(sort, b - a);
		fit = smaller(fit, c - b);
		whole = smaller(whole, c - start);
		assert_int_equal(loy_cox_get_summary(cox, &summary), LOY_OK);
		assert_int_equal(summary.state, LOY_COX_CONVERGED);
		loy_cox_destroy(cox);
		loy_survival_destroy(survival);
	}
	printf(" %s ties: %u steps, %llu events\n", ties == LOY_COX_EFRON ? "Efron" : "Breslow",
	       (unsigned)summary.iterations, (unsigned long long)summary.events);
	report("Cox: add columns", add, bare);
	report("Cox: sort", sort, bare);
	report("Cox: fit, 4 covariates", fit, bare);
	report("Cox: all three", whole, bare);
	report("concordance", order, bare);
}

int main(int count, char **arguments)
{
	size_t rows = count > 1 ? (size_t)strtoul(arguments[1], NULL, 10) : 1000000;
	struct table t;
	int days, round;

	t.time = calloc(rows, sizeof(*t.time));
	t.covariates = calloc(rows * COVARIATES, sizeof(*t.covariates));
	t.event = calloc(rows, 1);
	t.group = calloc(rows, sizeof(*t.group));
	if (t.time == NULL || t.covariates == NULL || t.event == NULL || t.group == NULL)
		return 1;
	for (days = 0; days < 2; days++) {
		double bare = 1e9;

		invent(&t, rows, days);
		for (round = 0; round < 5; round++)
			bare = smaller(bare, bare_pass(&t));
		printf("%zu rows, %s; a bare pass takes %.4f s\n", rows, days ? "whole days" : "no ties",
		       bare);
		curves(&t, bare);
		regression(&t, LOY_COX_EFRON, bare);
		if (days)
			regression(&t, LOY_COX_BRESLOW, bare);
	}
	free(t.time);
	free(t.covariates);
	free(t.event);
	free(t.group);
	return 0;
}
