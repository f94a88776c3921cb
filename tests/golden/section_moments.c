/* Moments: canonical bytes and matrices of invented tables, and defined quantities with their derivatives. */
#include "golden.h"
#include "calibrate/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS    300u
#define COLUMNS 6u

/* Answers, money, reals, and columns whose values are of many magnitudes; every seventeenth missing. */
static double value(uint64_t i, uint32_t column)
{
	uint64_t at = COLUMNS * i + column;

	if (at % 17 == 3)
		return (double)NAN;
	switch (column) {
	case 0:
	case 1:
		return (double)(int)golden_input(at, 1.0, 8.0);
	case 2:
		return (double)(int)golden_input(at, 0.0, 1e6) / 100.0;
	case 3:
		return golden_input(at, -3.0, 3.0);
	case 4:
		return 1e6 + golden_input(at, -1e-3, 1e-3);
	default:
		return golden_scaled(at, -42, 39);
	}
}

static loy_moments *make(struct golden *g, uint32_t missing, int weighted)
{
	static double values[ROWS * COLUMNS], weights[ROWS];
	loy_moments *m = NULL;
	loy_table table;
	uint32_t i;

	for (i = 0; i < ROWS * COLUMNS; i++)
		values[i] = value(i / COLUMNS, i % COLUMNS);
	for (i = 0; i < ROWS; i++)
		weights[i] = golden_input(i, 0.1, 3.0);
	memset(&table, 0, sizeof(table));
	table.struct_size = sizeof(table);
	table.columns = COLUMNS;
	table.rows = ROWS;
	table.values = values;
	table.row_stride = (int64_t)(COLUMNS * sizeof(double));
	table.column_stride = (int64_t)sizeof(double);
	table.weights = weighted ? weights : NULL;
	table.weight_stride = (int64_t)sizeof(double);
	golden_check(g, loy_moments_create(&m, COLUMNS, missing, NULL) == LOY_OK, "creating");
	golden_check(g, loy_moments_add(m, &table, NULL) == LOY_OK, "adding");
	return m;
}

static void bytes(struct golden *g, const loy_moments *m)
{
	size_t size = 0;
	uint8_t *out;

	(void)loy_moments_serialize(m, NULL, 0, &size);
	out = malloc(size);
	golden_check(g, out != NULL && loy_moments_serialize(m, out, size, NULL) == LOY_OK, "writing");
	if (out != NULL)
		golden_bytes(g, out, size);
	free(out);
}

static void matrices(struct golden *g, const loy_moments *m, uint32_t most_missing)
{
	double matrix[COLUMNS * COLUMNS], means[COLUMNS];
	uint32_t how, i;

	for (how = 0; how < 8 * (most_missing + 1); how++) {
		golden_check(g,
		             loy_moments_get_matrix(m, how / 8, how % 2, how / 2 % 4, matrix, means, NULL) == LOY_OK,
		             "reading");
		for (i = 0; i < COLUMNS * COLUMNS; i++)
			golden_double(g, matrix[i]);
		for (i = 0; i < COLUMNS; i++)
			golden_double(g, means[i]);
	}
}

static void paths(struct golden *g)
{
	static const char text[] = "y ~ a*x + b*z; i := a*b\nt := exp(i)/sqrt(b) - log(a)^3 + a^b\n";
	static const double labels[] = {0.42, 0.31};
	double values[2], jacobian[4];
	loy_paths *p = NULL;
	int i;

	golden_check(g, loy_paths_parse(&p, text, sizeof(text) - 1, NULL, NULL) == LOY_OK, "parsing");
	golden_check(g, loy__paths_evaluate(p, labels, values, jacobian) == LOY_OK, "evaluating");
	for (i = 0; i < 2; i++)
		golden_double(g, values[i]);
	for (i = 0; i < 4; i++)
		golden_double(g, jacobian[i]);
	loy_paths_destroy(p);
}

void golden_moments(struct golden *g)
{
	static const char *const names[] = {"listwise", "listwise_weighted", "pairwise", "pairwise_weighted"};
	uint32_t i;

	for (i = 0; i < 4; i++) {
		loy_moments *m;

		golden_begin(g, names[i]);
		m = make(g, i / 2, i % 2 != 0);
		bytes(g, m);
		matrices(g, m, i < 2 ? 0 : 2);
		loy_moments_destroy(m);
		golden_end(g);
	}
	golden_begin(g, "definitions");
	paths(g);
	golden_end(g);
}
