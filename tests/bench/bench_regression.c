/*
 * What regressions cost, in CPU seconds and as ratios to a bare loop over the rows that adds up X'WX and no
 * more:
 *
 *	cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_regression
 *	build/bench/tests/bench_regression [ROWS]
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include "regressions.h"

#include <math.h>

enum { COLUMNS = 21, ROUNDS = 3 };

static volatile double sink;

/* The lower triangle of X'WX, as one would write it down: 1 and 20 columns, weights already there. */
static double bare_pass(const struct sheet *s, const double *weight)
{
	static double sum[COLUMNS][COLUMNS];
	double start = processor_seconds();
	size_t i, j, k;

	memset(sum, 0, sizeof(sum));
	for (i = 0; i < s->rows; i++) {
		double x[COLUMNS];

		x[0] = 1.0;
		for (j = 1; j < COLUMNS; j++)
			x[j] = s->values[i * s->columns + j - 1];
		for (j = 0; j < COLUMNS; j++) {
			double f = weight[i] * x[j];

			for (k = 0; k <= j; k++)
				sum[j][k] += f * x[k];
		}
	}
	sink = sum[3][2];
	return processor_seconds() - start;
}

static void logistic(const struct sheet *s, uint32_t method, double bare, const char *what)
{
	loy_logistic_options options = {.struct_size = sizeof(options), .columns = s->columns};
	loy_logistic_summary summary = {.struct_size = sizeof(summary)};
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	double least = 1e9;
	int round;

	options.outcome = s->columns - 1;
	options.method = method;
	for (round = 0; round < ROUNDS; round++) {
		loy_table table = sheet_table(s);
		const loy_table *tables = &table;
		double start = processor_seconds();
		loy_logistic *fit;

		assert_int_equal(loy_logistic_fit(&fit, &tables, 1, &options, 1, &memory, NULL), LOY_OK);
		least = smaller(least, processor_seconds() - start);
		assert_int_equal(loy_logistic_get_summary(fit, &summary), LOY_OK);
		loy_logistic_destroy(fit);
	}
	printf("  %-28s %7.3f s  %6.1f bare loops  %3u rounds  gradient %.1e  %zu KiB\n", what, least,
	       least / bare, (unsigned)summary.rounds, summary.gradient, heap.peak / 1024);
}

static void forecasts(const struct sheet *s, double bare)
{
	double *p = calloc(s->rows, sizeof(*p)), least = 1e9;
	uint8_t *happened = calloc(s->rows, 1);
	loy_forecasts f = {.struct_size = sizeof(f)};
	size_t i;
	int round;

	assert_true(p != NULL && happened != NULL);
	for (i = 0; i < s->rows; i++) {
		p[i] = loy__logistic(s->values[i * s->columns]);
		happened[i] = s->values[i * s->columns + s->columns - 1] != 0.0;
	}
	f.rows = s->rows;
	f.probability = p;
	f.happened = happened;
	for (round = 0; round < ROUNDS; round++) {
		loy_forecast_quality quality = {.struct_size = sizeof(quality)};
		double start = processor_seconds();

		assert_int_equal(loy_forecast_assess(&f, 0.0, &quality, NULL, NULL), LOY_OK);
		least = smaller(least, processor_seconds() - start);
	}
	printf("  %-28s %7.3f s  %6.1f bare loops\n", "forecasts assessed", least, least / bare);
	free(p);
	free(happened);
}

int main(int count, char **arguments)
{
	size_t rows = count > 1 ? (size_t)strtoul(arguments[1], NULL, 10) : 1000000, i;
	struct sheet *s = sheet_invent(rows, COLUMNS, 7);
	double *weight = calloc(rows, sizeof(*weight)), bare = 1e9;
	int round;

	if (weight == NULL)
		return 1;
	for (i = 0; i < rows; i++)
		weight[i] = 0.25 / (1.0 + (double)(i % 3));
	for (round = 0; round < ROUNDS; round++)
		bare = smaller(bare, bare_pass(s, weight));
	printf("%zu rows, %d columns and the intercept; one bare loop takes %.3f s\n", rows, COLUMNS - 1,
	       bare);
	logistic(s, LOY_LOGISTIC_LIKELIHOOD, bare, "logistic");
	logistic(s, LOY_LOGISTIC_FIRTH, bare, "logistic, Firth");
	forecasts(s, bare);
	free(weight);
	sheet_free(s);
	return 0;
}
