/* What tests of predictions share: models at the references' parameters, columns of the references. */
#ifndef LOY_TESTS_LIFETIME_CUSTOMERS_H
#define LOY_TESTS_LIFETIME_CUSTOMERS_H

#include "buying.h"

#define WEEK_RATE 0.15 /* a year of 52 weeks: the references discount by log(1.15) / 52 a week */

/* A model with the parameters that a file of estimates gives for a data set. */
static inline loy_lifetime *reference_model(const char *estimates, uint32_t family, const char *dataset,
                                            const char *name, const char *const *names, uint32_t count)
{
	char file[120];
	struct csv *csv;
	size_t d, m, q, v;
	double p[4] = {0};
	loy_lifetime *model = NULL;
	uint32_t i;

	snprintf(file, sizeof(file), "reference/btyd/%s.csv", estimates);
	csv = shared_csv_or_skip(file);
	d = csv_column(csv, "dataset");
	m = csv_column(csv, "model");
	q = csv_column(csv, "quantity");
	v = csv_column(csv, "value");
	while (csv_next(csv)) {
		for (i = 0; i < count; i++) {
			if (strcmp(csv_text(csv, d), dataset) == 0 && strcmp(csv_text(csv, m), name) == 0 &&
			    strcmp(csv_text(csv, q), names[i]) == 0)
				p[i] = csv_double(csv, v);
		}
	}
	csv_close(csv);
	assert_int_equal(loy_lifetime_create(&model, family, 0, 0, p, count, NULL), LOY_OK);
	return model;
}

static const char *const bg_names[] = {"r", "alpha", "a", "b"};
static const char *const pareto_names[] = {"r", "alpha", "s", "beta"};
static const char *const spend_names[] = {"p", "q", "gamma"};
static const char *const beta_names[] = {"alpha", "beta", "gamma", "delta"};

struct wanted {
	const char *column;
	loy_lifetime_ask ask;
	double relative;
};

/* All customers at once; every column of the reference file that `wanted` names. */
static inline void compare_columns(const loy_lifetime *model, const loy_lifetime *spend,
                                   const struct summary *s, const char *file, struct wanted *wanted,
                                   uint32_t count)
{
	loy_history_column columns[8];
	loy_lifetime_ask asks[8];
	double *values[8];
	struct csv *csv = shared_csv_or_skip(file);
	uint32_t i;
	size_t row;

	for (i = 0; i < count; i++) {
		asks[i] = wanted[i].ask;
		asks[i].struct_size = sizeof(asks[i]);
		asks[i].value = values[i] = numbers();
		asks[i].value_stride = sizeof(double);
	}
	assert_int_equal(loy_lifetime_predict(model, spend, columns, summary_columns(s, columns), s->n, asks,
	                                      count, NULL, NULL, NULL),
	                 LOY_OK);
	for (row = 0; csv_next(csv); row++) {
		for (i = 0; i < count; i++) {
			double expected = csv_double(csv, csv_column(csv, wanted[i].column));

			if (!(fabs(values[i][row] - expected) <= wanted[i].relative * fabs(expected)))
				fail_msg("%s, line %zu, %s: %.17g, not %.17g", file, csv_line(csv),
				         wanted[i].column, values[i][row], expected);
		}
	}
	assert_int_equal(row, s->n);
	csv_close(csv);
	for (i = 0; i < count; i++)
		free(values[i]);
}

#endif
