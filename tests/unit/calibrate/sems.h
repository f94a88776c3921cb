/* What tests of structural equation models share: paths from text, fits, parameters by name, invented rows. */
#ifndef LOY_TESTS_CALIBRATE_SEMS_H
#define LOY_TESTS_CALIBRATE_SEMS_H

#include "surveys.h"
#include "calibrate/sem.h"

#include <math.h>

static inline loy_sem_options default_options(void)
{
	loy_sem_options options = {.struct_size = sizeof(options)};

	return options;
}

/* Rows of doubles, one column for each name. */
static inline loy_table table_of(const double *values, uint64_t rows, uint32_t columns,
                                 const char *const *names)
{
	loy_table table = support_table(values, rows, columns);

	table.names = names;
	return table;
}

static inline loy_sem *fit_table(const char *text, const loy_table *table, const loy_sem_options *options)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = survey_paths(text);
	loy_sem *sem = NULL;

	if (loy_sem_fit_table(&sem, paths, table, options, NULL, &error) != LOY_OK)
		fail_msg("%s", error.message);
	loy_paths_destroy(paths);
	return sem;
}

/* Covariances with divisor rows - 1. */
static inline loy_sem *fit_matrix(const char *text, const double *covariance, const double *means,
                                  uint32_t columns, uint64_t rows, const char *const *names,
                                  const loy_sem_options *options)
{
	loy_sem_matrix matrix = {.struct_size = sizeof(matrix), .columns = columns, .rows = rows};
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = survey_paths(text);
	loy_sem *sem = NULL;

	matrix.covariance = covariance;
	matrix.means = means;
	matrix.names = names;
	if (loy_sem_fit_matrix(&sem, paths, &matrix, options, NULL, &error) != LOY_OK)
		fail_msg("%s", error.message);
	loy_paths_destroy(paths);
	return sem;
}

static inline loy_sem_info info_of(const loy_sem *sem)
{
	loy_sem_info info = {.struct_size = sizeof(info)};

	assert_int_equal(loy_sem_get_info(sem, &info), LOY_OK);
	return info;
}

static inline loy_sem_parameter parameter_at(const loy_sem *sem, uint32_t index)
{
	loy_sem_parameter p = {.struct_size = sizeof(p)};

	assert_int_equal(loy_sem_get_parameter(sem, index, &p), LOY_OK);
	return p;
}

static const char *const six[] = {"a", "b", "c", "d", "e", "f"};
static const char two_factors[] = "F =~ a + b + c\nG =~ d + e + f";

/* Two factors of three items each: loadings 1, variances 1 and 1, a covariance, residuals. */
static inline void make_two(double s[36], double covariance, double residual)
{
	size_t i, j;

	for (i = 0; i < 6; i++) {
		for (j = 0; j < 6; j++)
			s[i * 6 + j] = (i / 3 == j / 3 ? 1.0 : covariance) + (i == j ? residual : 0.0);
	}
}

static inline uint32_t relation_of(const char *op)
{
	static const struct {
		const char *op;
		uint32_t relation;
	} known[] = {{"=~", LOY_TERM_MEASURED},
	             {"~", LOY_TERM_REGRESSED},
	             {"~~", LOY_TERM_COVARIES},
	             {"~1", LOY_TERM_INTERCEPT},
	             {":=", LOY_SEM_DEFINED}};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(op, known[i].op) == 0)
			return known[i].relation;
	}
	fail_msg("no relation %s", op);
	return 0;
}

static inline loy_sem_parameter parameter(const loy_sem *sem, const char *left, const char *op,
                                          const char *right)
{
	uint32_t index = 0;

	if (loy_sem_find_parameter(sem, relation_of(op), left, right, &index) != LOY_OK)
		fail_msg("no parameter %s %s %s", left, op, right != NULL ? right : "");
	return parameter_at(sem, index);
}

static inline double fit_of(const loy_sem *sem, uint32_t measure)
{
	double value = 0.0;

	assert_int_equal(loy_sem_get_fit(sem, measure, &value), LOY_OK);
	return value;
}

/* The first issue of a kind; the test fails when there is none. */
static inline loy_sem_issue issue_of(const loy_sem *sem, uint32_t kind)
{
	loy_sem_issue issue = {.struct_size = sizeof(issue)};
	uint32_t i;

	for (i = 0; i < info_of(sem).issues; i++) {
		assert_int_equal(loy_sem_get_issue(sem, i, &issue), LOY_OK);
		if (issue.kind == kind)
			return issue;
	}
	fail_msg("no issue of kind %u among %u", kind, info_of(sem).issues);
	return issue;
}

static inline double normal(loy__random *r)
{
	return loy__normal_quantile(loy__random_unit(r) + 0x1p-54);
}

/* Equal bits of everything a fit says. */
static inline void assert_same_fit(const loy_sem *a, const loy_sem *b)
{
	uint32_t i;

	assert_int_equal(info_of(a).parameters, info_of(b).parameters);
	for (i = 0; i < info_of(a).parameters; i++) {
		loy_sem_parameter p = parameter_at(a, i), q = parameter_at(b, i);

		assert_bits_equal(p.value, q.value);
		assert_bits_equal(p.deviation, q.deviation);
		assert_bits_equal(p.standard, q.standard);
	}
	for (i = 0; i < LOY_SEM_FIT_COUNT; i++)
		assert_bits_equal(fit_of(a, i), fit_of(b, i));
}

#endif
