/* What tests of buying models share: reference files as columns, models fitted on them. */
#ifndef LOY_TESTS_LIFETIME_BUYING_H
#define LOY_TESTS_LIFETIME_BUYING_H

#include <math.h>

#include "support.h"

#define ROWS_MOST 25000

struct summary {
	size_t n;
	double *x, *t_x, *T, *spend, *weight, *covariates[2], *holdout;
	uint32_t covariate_count;
};

static inline double *numbers(void)
{
	double *p = calloc(ROWS_MOST, sizeof(*p));

	assert_non_null(p);
	return p;
}

/*
 * Columns x, t_x, T (or n), zbar, customers, x_holdout, up to two covariates of a shared file; skips where it
 * is absent.
 */
static inline void summary_read(struct summary *s, const char *file, const char *const covariates[2])
{
	struct csv *csv = shared_csv_or_skip(file);
	int x = csv_find(csv, "x"), t_x = csv_find(csv, "t_x"), T = csv_find(csv, "T"),
	    z = csv_find(csv, "zbar"), w = csv_find(csv, "customers"), h = csv_find(csv, "x_holdout"), i;

	memset(s, 0, sizeof(*s));
	s->x = numbers();
	s->t_x = numbers();
	s->T = numbers();
	s->spend = numbers();
	s->weight = numbers();
	s->covariates[0] = numbers();
	s->covariates[1] = numbers();
	s->holdout = numbers();
	if (T < 0)
		T = csv_find(csv, "n");
	while (csv_next(csv)) {
		assert_true(s->n < ROWS_MOST);
		s->x[s->n] = csv_double(csv, (size_t)x);
		s->t_x[s->n] = csv_double(csv, (size_t)t_x);
		s->T[s->n] = csv_double(csv, (size_t)T);
		s->spend[s->n] = z >= 0 ? csv_double(csv, (size_t)z) : 0.0;
		s->holdout[s->n] = h >= 0 ? csv_double(csv, (size_t)h) : 0.0;
		s->weight[s->n] = w >= 0 ? csv_double(csv, (size_t)w) : 1.0;
		for (i = 0; covariates != NULL && i < 2; i++)
			s->covariates[i][s->n] = csv_double(csv, csv_column(csv, covariates[i]));
		s->n++;
	}
	s->covariate_count = covariates != NULL ? 2 : 0;
	csv_close(csv);
}

static inline void summary_free(struct summary *s)
{
	free(s->x);
	free(s->t_x);
	free(s->T);
	free(s->spend);
	free(s->weight);
	free(s->covariates[0]);
	free(s->covariates[1]);
	free(s->holdout);
}

static inline uint32_t summary_columns(const struct summary *s, loy_history_column columns[8])
{
	const loy_history_column all[8] = {
	        {LOY_HISTORY_X, LOY_COLUMN_F64, s->x, 8},
	        {LOY_HISTORY_T_X, LOY_COLUMN_F64, s->t_x, 8},
	        {LOY_HISTORY_T, LOY_COLUMN_F64, s->T, 8},
	        {LOY_HISTORY_SPEND, LOY_COLUMN_F64, s->spend, 8},
	        {LOY_HISTORY_WEIGHT, LOY_COLUMN_F64, s->weight, 8},
	        {LOY_HISTORY_COVARIATE, LOY_COLUMN_F64, s->covariates[0], 8},
	        {LOY_HISTORY_COVARIATE + 1, LOY_COLUMN_F64, s->covariates[1], 8},
	};

	memcpy(columns, all, sizeof(all));
	return 5 + s->covariate_count;
}

static inline loy_lifetime_data *summary_data(const struct summary *s, uint32_t kind)
{
	loy_lifetime_data_options options = {
	        .struct_size = sizeof(options), .kind = kind, .covariate_count = s->covariate_count};
	loy_error error = {.struct_size = sizeof(error)};
	loy_history_column columns[8];
	loy_lifetime_data *data = NULL;

	assert_int_equal(loy_lifetime_data_create(&data, &options, NULL), LOY_OK);
	if (loy_lifetime_data_add_columns(data, columns, summary_columns(s, columns), s->n, &error) != LOY_OK)
		fail_msg("row %lld: %s", (long long)error.row, error.message);
	return data;
}

static inline loy_lifetime *fit(const loy_lifetime_data *data, loy_lifetime_options options)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime *model = NULL;

	options.struct_size = sizeof(options);
	if (loy_lifetime_fit(&model, data, &options, NULL, &error) != LOY_OK)
		fail_msg("fit of family %u: %s", options.family, error.message);
	return model;
}

static inline double parameter(const loy_lifetime *model, const char *name)
{
	double value = NAN;
	uint32_t index;

	if (loy_lifetime_parameter_find(model, name, strlen(name), &index) != LOY_OK)
		fail_msg("the model has no parameter %s", name);
	assert_int_equal(loy_lifetime_parameter(model, index, &value, NULL), LOY_OK);
	return value;
}

/* A model as its text gives it: a family with its k, a form, parameters. */
static inline loy_lifetime *parsed(const char *family, const char *form, const char *rest)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime *model = NULL;
	char text[600];

	snprintf(text, sizeof(text),
	         "lifetime 1 model %s form %s status given 0 0 unit 604800000000 fitted 0 0 0 0 loglik nan "
	         "nan nan 0 %s end",
	         family, form, rest);
	if (loy_lifetime_parse(&model, text, strlen(text), NULL, &error) != LOY_OK)
		fail_msg("%s %s: %s", family, form, error.message);
	return model;
}

#endif
