/* Structural equation models of invented rows: searches, errors, measures and issues of every way to fit. */
#include "golden.h"
#include "numeric/numeric.h"

#include <loyalty/sem.h>

#include <math.h>

#define ROWS  120u
#define ITEMS 7u

static const char *const names[ITEMS] = {"a1", "a2", "a3", "b1", "b2", "b3", "x"};

static void invent(double *rows, double missing)
{
	uint64_t i, j;

	for (i = 0; i < ROWS; i++) {
		double a = loy__normal_quantile(golden_input(20 * i, 0.001, 0.999));
		double b = 0.6 * a + loy__normal_quantile(golden_input(20 * i + 1, 0.001, 0.999));

		for (j = 0; j < ITEMS; j++) {
			double error = loy__normal_quantile(golden_input(20 * i + 2 + j, 0.001, 0.999));
			double construct = j < 3 ? a : b;

			rows[i * ITEMS + j] = 5.0 + (j == 6 ? 0.4 * a : construct) + 0.7 * error;
			if (golden_input(20 * i + 10 + j, 0.0, 1.0) < missing)
				rows[i * ITEMS + j] = (double)NAN;
		}
	}
}

static void print(struct golden *g, const loy_sem *sem)
{
	loy_sem_info info = {0};
	double value = 0.0;
	uint32_t i;

	info.struct_size = sizeof(info);
	golden_check(g, loy_sem_get_info(sem, &info) == LOY_OK && info.state == LOY_SEM_CONVERGED, "minimum");
	golden_double(g, info.condition);
	golden_double(g, info.distance);
	for (i = 0; i < info.parameters; i++) {
		loy_sem_parameter p = {0};

		p.struct_size = sizeof(p);
		golden_check(g, loy_sem_get_parameter(sem, i, &p) == LOY_OK, "parameter");
		golden_double(g, p.value);
		golden_double(g, p.deviation);
		golden_double(g, p.standard);
		golden_double(g, p.latent);
		if (p.deviation > 0.0)
			golden_double(g, p.p);
	}
	for (i = 0; i < LOY_SEM_FIT_COUNT; i++) {
		golden_check(g, loy_sem_get_fit(sem, i, &value) == LOY_OK, "measure");
		golden_double(g, value);
	}
}

static void fit(struct golden *g, const char *name, const double *rows, const loy_sem_options *options)
{
	static const char text[] = "A =~ a1 + a2 + l*a3\nB =~ b1 + b2 + l*b3\nB ~ p*A + q*x\na1 ~~ b1\n"
	                           "effect := p / (1 + exp(q)) + l^2\n";
	loy_paths *paths = NULL;
	loy_table table = {0};
	loy_sem *sem = NULL;

	golden_begin(g, name);
	table.struct_size = sizeof(table);
	table.columns = ITEMS;
	table.rows = ROWS;
	table.values = rows;
	table.row_stride = ITEMS * sizeof(double);
	table.column_stride = sizeof(double);
	table.names = names;
	golden_check(g, loy_paths_parse(&paths, text, sizeof(text) - 1, NULL, NULL) == LOY_OK, "paths");
	golden_check(g, loy_sem_fit_table(&sem, paths, &table, options, NULL, NULL) == LOY_OK, "fit");
	if (sem != NULL)
		print(g, sem);
	loy_sem_destroy(sem);
	loy_paths_destroy(paths);
	golden_end(g);
}

void golden_sem(struct golden *g)
{
	static double rows[ROWS * ITEMS];
	loy_sem_options options = {0};

	options.struct_size = sizeof(options);
	invent(rows, 0.0);
	fit(g, "likelihood", rows, &options);
	options.flags = LOY_SEM_UNIT_VARIANCE | LOY_SEM_RANDOM_CAUSES;
	options.likelihood = LOY_SEM_WISHART;
	fit(g, "wishart", rows, &options);
	options.likelihood = LOY_SEM_NORMAL;
	options.flags = LOY_SEM_MEANS;
	options.errors = LOY_SEM_ROBUST_MLR;
	fit(g, "mlr", rows, &options);
	options.errors = LOY_SEM_ROBUST_MLM;
	fit(g, "mlm", rows, &options);
	invent(rows, 0.06);
	options.missing = LOY_SEM_FULL_INFORMATION;
	options.errors = LOY_SEM_ERRORS_DEFAULT;
	fit(g, "missing", rows, &options);
	options.errors = LOY_SEM_ROBUST_MLR;
	fit(g, "missing-mlr", rows, &options);
}
