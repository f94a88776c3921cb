/*
 * What moments cost: a table into an accumulator, as nanoseconds for each product of a pair and row, beside a bare
 * double loop over the same table that keeps the sums of products of all pairs, rounding as it goes:
 *
 *	cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_moments
 *	build/bench/tests/bench_moments [ROWS]
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include "support.h"
#include "numeric/moments.h"

#include <math.h>

enum { COLUMNS = 24, PAIRS = COLUMNS * (COLUMNS + 1) / 2, ROUNDS = 3 };

/* What is in the table. */
enum { ANSWERS, MONEY, LARGE, SPREAD, REALS, KINDS };

static void invent(double *values, size_t rows, int kind)
{
	loy__random r;
	size_t i;

	loy__random_init(&r, 7);
	for (i = 0; i < rows * COLUMNS; i++) {
		double v = loy__random_unit(&r);

		if (kind == ANSWERS)
			values[i] = 1.0 + floor(10.0 * v);
		else if (kind == MONEY)
			values[i] = floor(100000.0 * v) / 100.0;
		else if (kind == LARGE)
			values[i] = floor(400000000.0 * v) / 100.0;
		else if (kind == SPREAD)
			values[i] = floor(ldexp(6400.0 * (1.0 + v), (int)loy__random_below(&r, 17))) / 100.0;
		else
			values[i] = 6.0 * v - 3.0;
	}
}

static volatile double sink;

static double bare(const double *values, size_t rows)
{
	double best = (double)INFINITY;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		double sums[PAIRS] = {0}, start = processor_seconds();
		size_t r;

		for (r = 0; r < rows; r++) {
			const double *x = values + r * COLUMNS;
			size_t i, k, at = 0;

			for (i = 0; i < COLUMNS; i++) {
				for (k = i; k < COLUMNS; k++)
					sums[at++] += x[i] * x[k];
			}
		}
		sink = sums[0] + sums[PAIRS - 1];
		start = processor_seconds() - start;
		best = smaller(best, start);
	}
	return best;
}

static size_t most_bytes; /* ever taken at once */

static double exact(const double *values, const double *weights, size_t rows, uint32_t missing)
{
	loy_table table = {.struct_size = sizeof(table),
	                   .columns = COLUMNS,
	                   .rows = rows,
	                   .values = values,
	                   .row_stride = COLUMNS * 8,
	                   .column_stride = 8,
	                   .weights = weights,
	                   .weight_stride = 8};
	double best = (double)INFINITY;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		struct faulty heap = {.until = -1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_moments *m = NULL;
		double start;

		if (loy_moments_create(&m, COLUMNS, missing, &memory) != LOY_OK)
			exit(1);
		start = processor_seconds();
		if (loy_moments_add(m, &table, NULL) != LOY_OK)
			exit(1);
		start = processor_seconds() - start;
		best = smaller(best, start);
		most_bytes = heap.peak > most_bytes ? heap.peak : most_bytes;
		loy_moments_destroy(m);
	}
	return best;
}

static void report(const char *what, double taken, double plain, size_t rows)
{
	printf("%-44s %8.4f s   %6.3f ns for each product   %5.2f of the bare loop\n", what, taken,
	       1e9 * taken / ((double)rows * PAIRS), taken / plain);
}

/* One estimate's worth: 250 rows in, correlations out. */
static void small(const double *values)
{
	enum { TIMES = 2000, ROWS = 250 };
	loy_table table = {.struct_size = sizeof(table),
	                   .columns = COLUMNS,
	                   .rows = ROWS,
	                   .values = values,
	                   .row_stride = COLUMNS * 8,
	                   .column_stride = 8};
	double matrix[COLUMNS * COLUMNS], adding = 0.0, reading = 0.0, start;
	int i;

	for (i = 0; i < TIMES; i++) {
		loy_moments *m = NULL;

		if (loy_moments_create(&m, COLUMNS, LOY_MISSING_LISTWISE, NULL) != LOY_OK)
			exit(1);
		start = processor_seconds();
		if (loy_moments_add(m, &table, NULL) != LOY_OK)
			exit(1);
		adding += processor_seconds() - start;
		start = processor_seconds();
		if (loy_moments_get_matrix(m, 0, 0, LOY_MATRIX_CORRELATION, matrix, NULL, NULL) != LOY_OK)
			exit(1);
		reading += processor_seconds() - start;
		loy_moments_destroy(m);
	}
	printf("250 rows in %.1f us, correlations out in %.1f us\n", 1e6 * adding / TIMES,
	       1e6 * reading / TIMES);
}

int main(int argc, char **argv)
{
	static const char *const names[KINDS] = {"answers from 1 to 10", "money, two decimals",
	                                         "money, up to 4 millions",
	                                         "money, from 64 to 8 millions, evenly spread", "reals"};
	size_t rows = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 1000000, i;
	double *values = malloc(rows * COLUMNS * sizeof(*values)), *weights = malloc(rows * sizeof(*weights));
	loy__random r;
	int kind;

	if (values == NULL || weights == NULL || rows < 250)
		return 1;
	printf("%zu rows, %d columns, %d products a row\n", rows, (int)COLUMNS, (int)PAIRS);
	for (kind = 0; kind < KINDS; kind++) {
		double plain;

		invent(values, rows, kind);
		plain = bare(values, rows);
		report("bare loop", plain, plain, rows);
		report(names[kind], exact(values, NULL, rows, LOY_MISSING_LISTWISE), plain, rows);
		if (kind != ANSWERS)
			continue;
		loy__random_init(&r, 8);
		for (i = 0; i < rows; i++)
			weights[i] = floor(3.0 * loy__random_unit(&r));
		report("  weights 0, 1, 2", exact(values, weights, rows, LOY_MISSING_LISTWISE), plain, rows);
		for (i = 0; i < rows; i++)
			weights[i] = 0.5 + loy__random_unit(&r);
		report("  weights, real", exact(values, weights, rows, LOY_MISSING_LISTWISE), plain, rows);
		report("  pairwise, nothing missing", exact(values, NULL, rows, LOY_MISSING_PAIRWISE), plain,
		       rows);
		for (i = 0; i < rows * COLUMNS; i += 1 + loy__random_below(&r, 40))
			values[i] = (double)NAN;
		report("  listwise, 5 % missing", exact(values, NULL, rows, LOY_MISSING_LISTWISE), plain,
		       rows);
		report("  pairwise, 5 % missing", exact(values, NULL, rows, LOY_MISSING_PAIRWISE), plain,
		       rows);
		invent(values, rows, kind);
		small(values);
	}
	printf("at most %zu bytes beyond the table\n", most_bytes);
	free(values);
	free(weights);
	return 0;
}
