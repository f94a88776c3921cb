/*
 * What partial least squares costs: an estimate from a correlation matrix in a workspace at hand (what a bootstrap
 * repeats), one from moments and one from a table with all quality figures, a bootstrap and predictions with all
 * intervals and errors, as CPU seconds and as ratios to the bare computation of the correlation matrix from the rows:
 *
 *	cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_pls
 *	build/bench/tests/bench_pls [ROUNDS [ROWS]]
 *
 * The model is that of the European index (seven constructs, 24 items, twelve paths) on 250 invented respondents.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include "surveys.h"

#include <math.h>

#include "calibrate/pls.h"

enum { ROWS = 250, ITEMS = 24, CONSTRUCTS = 7 };

static const char text[] = "Image =~ i1 + i2 + i3 + i4 + i5\n"
                           "Expectation =~ e1 + e2 + e3\n"
                           "Quality =~ q1 + q2 + q3 + q4 + q5 + q6 + q7\n"
                           "Value =~ v1 + v2\n"
                           "Satisfaction =~ s1 + s2 + s3\n"
                           "Complaints =~ c1\n"
                           "Loyalty =~ l1 + l2 + l3\n"
                           "Expectation ~ Image\n"
                           "Quality ~ Expectation\n"
                           "Value ~ Expectation + Quality\n"
                           "Satisfaction ~ Image + Expectation + Quality + Value\n"
                           "Complaints ~ Satisfaction\n"
                           "Loyalty ~ Image + Satisfaction + Complaints\n";
static const char *const names[ITEMS] = {"i1", "i2", "i3", "i4", "i5", "e1", "e2", "e3",
                                         "q1", "q2", "q3", "q4", "q5", "q6", "q7", "v1",
                                         "v2", "s1", "s2", "s3", "c1", "l1", "l2", "l3"};

static void invent(double *values)
{
	static const int owner[ITEMS] = {0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2,
	                                 2, 2, 2, 3, 3, 4, 4, 4, 5, 6, 6, 6};
	loy__random r;
	int row, i;

	loy__random_init(&r, 7);
	for (row = 0; row < ROWS; row++) {
		double latent[CONSTRUCTS], common = loy__random_unit(&r);

		for (i = 0; i < CONSTRUCTS; i++)
			latent[i] = 0.5 * common + 0.5 * loy__random_unit(&r);
		for (i = 0; i < ITEMS; i++)
			values[row * ITEMS + i] =
			        floor(1.0 + 5.0 * latent[owner[i]] + 5.0 * loy__random_unit(&r));
	}
}

static volatile double sink;

/* What any program must do at least: means, then products of deviations of all pairs. */
static void bare_correlations(const double *values, double *r)
{
	double mean[ITEMS] = {0.0}, row_deviation[ITEMS];
	int row, i, j;

	for (row = 0; row < ROWS; row++) {
		for (i = 0; i < ITEMS; i++)
			mean[i] += values[row * ITEMS + i] / ROWS;
	}
	memset(r, 0, ITEMS * ITEMS * sizeof(*r));
	for (row = 0; row < ROWS; row++) {
		for (i = 0; i < ITEMS; i++)
			row_deviation[i] = values[row * ITEMS + i] - mean[i];
		for (i = 0; i < ITEMS; i++) {
			for (j = 0; j <= i; j++)
				r[i * ITEMS + j] += row_deviation[i] * row_deviation[j];
		}
	}
	for (i = 0; i < ITEMS; i++) {
		for (j = 0; j < i; j++)
			r[i * ITEMS + j] /= sqrt(r[i * ITEMS + i] * r[j * ITEMS + j]);
	}
	sink = r[ITEMS];
}

static void print_line(const char *what, double each, double bare)
{
	printf("%-52s %9.1f us  %6.2f x bare\n", what, 1e6 * each, each / bare);
}

/* The least of five measurements of `rounds` calls each. */
#define MEASURE(result, call)                                                                                \
	do {                                                                                                 \
		int measurement, round_;                                                                     \
		(result) = INFINITY;                                                                         \
		for (measurement = 0; measurement < 5; measurement++) {                                      \
			double start = processor_seconds();                                                  \
			for (round_ = 0; round_ < rounds; round_++) {                                        \
				call;                                                                        \
			}                                                                                    \
			(result) = fmin((result), (processor_seconds() - start) / rounds);                   \
		}                                                                                            \
	} while (0)

static void from_moments(const loy_paths *paths, const loy_moments *moments)
{
	loy_pls *pls = NULL;

	if (loy_pls_create_from_moments(&pls, paths, moments, names, NULL, NULL, NULL) != LOY_OK)
		exit(1);
	loy_pls_destroy(pls);
}

/* Many rows, in one pass: time, and memory beyond the table. */
static void many_rows(const loy_paths *paths, size_t rows)
{
	double *values = malloc(rows * ITEMS * sizeof(*values)), pass = 0.0, start, total;
	static double few[ROWS * ITEMS];
	loy_table table = {.struct_size = sizeof(table), .columns = ITEMS, .rows = rows, .values = values};
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_pls *pls = NULL;
	size_t i;

	if (values == NULL)
		exit(1);
	invent(few);
	for (i = 0; i < rows * ITEMS; i++)
		values[i] = few[i % (ROWS * ITEMS)];
	table.row_stride = ITEMS * sizeof(double);
	table.column_stride = sizeof(double);
	table.names = names;
	start = processor_seconds();
	for (i = 0; i < rows * ITEMS; i++)
		pass += values[i];
	sink = pass;
	pass = processor_seconds() - start;
	start = processor_seconds();
	if (loy_pls_create(&pls, paths, &table, NULL, &memory, NULL) != LOY_OK)
		exit(1);
	total = processor_seconds() - start;
	printf("%zu rows from the table: %.3f s, %.1f x adding up its numbers, %zu KiB beyond it\n", rows,
	       total, total / pass, heap.peak / 1024);
	loy_pls_destroy(pls);
	free(values);
}

/* 5000 resamples with every interval there is, of paths, weights, loadings, effects, chains and HTMT. */
static void resample(const loy_pls *pls, const loy_table *table, double bare)
{
	loy_bootstrap_options options = {.struct_size = sizeof(options), .resamples = 5000};
	loy_bootstrap_summary summary = {.struct_size = sizeof(summary)};
	loy_bootstrap *bootstrap = NULL;
	double start = processor_seconds();

	if (loy_bootstrap_create(&bootstrap, pls, table, &options, NULL, NULL) != LOY_OK ||
	    loy_bootstrap_get_summary(bootstrap, &summary) != LOY_OK)
		exit(1);
	start = processor_seconds() - start;
	printf("bootstrap of %u, %u left out, %u quantities: %.3f s, %.1f x bare each\n", summary.used,
	       summary.left_out, summary.quantities, start, start / bare / (summary.used + summary.left_out));
	loy_bootstrap_destroy(bootstrap);
}

/* Each respondent predicted by a model without them. */
static void foretell(const loy_pls *pls, const loy_table *table, double bare)
{
	loy_item_prediction items[ITEMS] = {{.struct_size = sizeof(items[0])}};
	double start = processor_seconds();

	if (loy_pls_predict(pls, table, 0, items, ITEMS, NULL, NULL) != LOY_OK)
		exit(1);
	start = processor_seconds() - start;
	printf("each respondent predicted by the others, with both benchmarks: %.3f s, %.1f x bare each\n",
	       start, start / bare / ROWS);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 2000;
	size_t rows = argc > 2 ? (size_t)atol(argv[2]) : 1000000;
	static double values[ROWS * ITEMS], r[ITEMS * ITEMS];
	double bare, solve, moments_time, table_time, judge;
	loy_table table = {.struct_size = sizeof(table), .columns = ITEMS, .rows = ROWS, .values = values};
	loy_paths *paths = survey_paths(text);
	loy_moments *moments = NULL;
	loy_pls *pls;

	invent(values);
	table.row_stride = ITEMS * sizeof(double);
	table.column_stride = sizeof(double);
	table.names = names;
	if (loy_moments_create(&moments, ITEMS, LOY_MISSING_LISTWISE, NULL) != LOY_OK ||
	    loy_moments_add(moments, &table, NULL) != LOY_OK)
		return 1;
	pls = survey_fit(paths, &table, NULL);
	MEASURE(bare, bare_correlations(values, r));
	MEASURE(solve, sink = loy__pls_run_plan(&pls->shared->plan, &pls->shared->run, NULL, NULL, NULL));
	MEASURE(judge,
	        loy__pls_htmt(pls->model, pls->estimate->r, pls->quality.htmt, pls->quality.htmt_signed);
	        loy__pls_effects(pls->model, pls->estimate->path, pls->quality.total));
	MEASURE(moments_time, from_moments(paths, moments));
	MEASURE(table_time, loy_pls_destroy(survey_fit(paths, &table, NULL)));
	printf("%d items, %d constructs, %d rows, %u iterations\n", ITEMS, CONSTRUCTS, ROWS,
	       pls->estimate->iterations);
	print_line("bare correlations of the rows", bare, bare);
	print_line("estimate from correlations, workspace at hand", solve, bare);
	print_line("HTMT (both) and total effects", judge, bare);
	print_line("estimate with all figures, from moments", moments_time, bare);
	print_line("the same from the table", table_time, bare);
	resample(pls, &table, bare);
	foretell(pls, &table, bare);
	many_rows(paths, rows);
	loy_pls_destroy(pls);
	loy_moments_destroy(moments);
	loy_paths_destroy(paths);
	return 0;
}
