/*
 * What structural equation models cost: whole fits from a covariance matrix, model to measures, and by full information
 * from rows, as milliseconds and as ratios to a bare Cholesky factor with inverse of the same number of items:
 *
 *	cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_sem
 *	build/bench/tests/bench_sem [ROUNDS]
 *
 * The shapes are those of well-known models: nine items of three factors (Holzinger & Swineford), 24 items of seven
 * constructs in a path model (a satisfaction index), 38 items of six.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include "support.h"
#include "calibrate/sem.h"

#include <math.h>

enum { ITEMS_MAX = 40, ROWS = 600 };

struct shape {
	const char *what;
	uint32_t blocks, items[8];
	const char *paths; /* among constructs C0, C1, … */
};

static const struct shape shapes[] = {
        {"9 items, 3 factors", 3, {3, 3, 3}, ""},
        {"24 items, 7 constructs, 12 paths",
         7,
         {5, 3, 7, 2, 3, 1, 3},
         "C1 ~ C0\nC2 ~ C1\nC3 ~ C1 + C2\nC4 ~ C0 + C1 + C2 + C3\nC5 ~ C4\nC6 ~ C0 + C4 + C5\n"},
        {"39 items, 6 constructs, 11 paths",
         6,
         {22, 4, 3, 3, 3, 4},
         "C1 ~ C0\nC2 ~ C0 + C1\nC3 ~ C0 + C1 + C2\nC4 ~ C1 + C3\nC5 ~ C1 + C3 + C4\n"},
};

struct data {
	double *rows, *covariance;
	char names[ITEMS_MAX][8];
	const char *name[ITEMS_MAX];
	uint32_t items;
	loy_paths *paths;
};

/* Rows with one common factor and one for each block, so that no model fits exactly. */
static void invent(struct data *d, const struct shape *shape, double missing)
{
	loy__random r;
	uint32_t row, block, i, at;

	loy__random_init(&r, 17);
	for (row = 0; row < ROWS; row++) {
		double common = loy__normal_quantile(loy__random_unit(&r) + 0x1p-54);

		for (block = 0, at = 0; block < shape->blocks; block++) {
			double own =
			        0.7 * common + 0.6 * loy__normal_quantile(loy__random_unit(&r) + 0x1p-54);

			for (i = 0; i < shape->items[block]; i++, at++) {
				double error = loy__normal_quantile(loy__random_unit(&r) + 0x1p-54);

				d->rows[row * d->items + at] = loy__random_unit(&r) < missing
				                                       ? (double)NAN
				                                       : 5.0 + own + 0.9 * error;
			}
		}
	}
}

static void describe(struct data *d, const struct shape *shape)
{
	static char text[4096];
	size_t length = 0;
	uint32_t block, i;

	d->items = 0;
	for (block = 0; block < shape->blocks; block++) {
		length += (size_t)snprintf(text + length, sizeof(text) - length, "C%u =~ ", block);
		for (i = 0; i < shape->items[block]; i++, d->items++) {
			snprintf(d->names[d->items], sizeof(d->names[0]), "i%u", d->items);
			d->name[d->items] = d->names[d->items];
			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
			                           i > 0 ? " + " : "", d->names[d->items]);
		}
		length += (size_t)snprintf(text + length, sizeof(text) - length, "\n");
	}
	snprintf(text + length, sizeof(text) - length, "%s", shape->paths);
	assert_int_equal(loy_paths_parse(&d->paths, text, strlen(text), NULL, NULL), LOY_OK);
}

static loy_table table_of(const struct data *d)
{
	loy_table t = {.struct_size = sizeof(t), .columns = d->items, .rows = ROWS, .values = d->rows};

	t.row_stride = (int64_t)(d->items * sizeof(double));
	t.column_stride = sizeof(double);
	t.names = d->name;
	return t;
}

static void sum_covariances(struct data *d)
{
	loy_table table = table_of(d);
	loy_moments *moments = NULL;

	assert_int_equal(loy_moments_create(&moments, d->items, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	assert_int_equal(loy_moments_get_matrix(moments, LOY_MISSING_LISTWISE, LOY_WEIGHT_FREQUENCY,
	                                        LOY_MATRIX_COVARIANCE, d->covariance, NULL, NULL),
	                 LOY_OK);
	loy_moments_destroy(moments);
}

static volatile double sink;

static double bare_inverse(const struct data *d, uint32_t rounds)
{
	static double a[ITEMS_MAX * ITEMS_MAX];
	double start, least = 1e9;
	uint32_t i;

	for (i = 0; i < rounds; i++) {
		start = processor_seconds();
		memcpy(a, d->covariance, (size_t)d->items * d->items * sizeof(double));
		assert_int_equal(loy__cholesky(a, d->items, 0.0, NULL), LOY_OK);
		loy__cholesky_inverse(a, d->items);
		sink = a[0];
		start = processor_seconds() - start;
		least = smaller(least, start);
	}
	return least;
}

static double fit_matrix(const struct data *d, uint32_t rounds, loy_sem_info *info)
{
	loy_sem_matrix matrix = {.struct_size = sizeof(matrix), .columns = d->items, .rows = ROWS};
	double least = 1e9;
	uint32_t i;

	matrix.covariance = d->covariance;
	matrix.names = d->name;
	for (i = 0; i < rounds; i++) {
		double start = processor_seconds();
		loy_sem *sem = NULL;

		assert_int_equal(loy_sem_fit_matrix(&sem, d->paths, &matrix, NULL, NULL, NULL), LOY_OK);
		start = processor_seconds() - start;
		least = smaller(least, start);
		assert_int_equal(loy_sem_get_info(sem, info), LOY_OK);
		loy_sem_destroy(sem);
	}
	return least;
}

static double fit_rows(const struct data *d, uint32_t missing, uint32_t errors, uint32_t rounds,
                       loy_sem_info *info)
{
	loy_sem_options options = {.struct_size = sizeof(options), .missing = missing, .errors = errors};
	loy_table table = table_of(d);
	double least = 1e9;
	uint32_t i;

	for (i = 0; i < rounds; i++) {
		double start = processor_seconds();
		loy_sem *sem = NULL;

		assert_int_equal(loy_sem_fit_table(&sem, d->paths, &table, &options, NULL, NULL), LOY_OK);
		start = processor_seconds() - start;
		least = smaller(least, start);
		assert_int_equal(loy_sem_get_info(sem, info), LOY_OK);
		loy_sem_destroy(sem);
	}
	return least;
}

static void report(const char *what, double took, double bare, const loy_sem_info *info)
{
	printf("  %-34s %8.3f ms  %7.0f inverses  %2u steps, %u free, %u patterns, state %u\n", what,
	       1e3 * took, took / bare, info->iterations, info->free, info->patterns, info->state);
}

static void run(const struct shape *shape, uint32_t rounds)
{
	static double rows[ROWS * ITEMS_MAX], covariance[ITEMS_MAX * ITEMS_MAX];
	struct data d = {.rows = rows, .covariance = covariance};
	loy_sem_info info = {.struct_size = sizeof(info)};
	double bare, took;

	describe(&d, shape);
	invent(&d, shape, 0.0);
	sum_covariances(&d);
	bare = bare_inverse(&d, 10 * rounds);
	printf("%s: a bare factor and inverse takes %.2f us\n", shape->what, 1e6 * bare);
	took = fit_matrix(&d, rounds, &info);
	report("from covariances", took, bare, &info);
	took = fit_rows(&d, LOY_SEM_LISTWISE, LOY_SEM_ERRORS_DEFAULT, rounds, &info);
	report("from 600 rows", took, bare, &info);
	took = fit_rows(&d, LOY_SEM_LISTWISE, LOY_SEM_ROBUST_MLR, rounds, &info);
	report("with robust errors", took, bare, &info);
	invent(&d, shape, 0.005);
	took = fit_rows(&d, LOY_SEM_FULL_INFORMATION, LOY_SEM_ERRORS_DEFAULT, rounds, &info);
	report("0.5 % missing, full information", took, bare, &info);
	loy_paths_destroy(d.paths);
}

int main(int argc, char **argv)
{
	uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 20;
	size_t i;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		run(&shapes[i], rounds);
	return 0;
}
