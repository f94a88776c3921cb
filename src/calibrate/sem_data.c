/* The sample of a model: what all ways to one share, and the way from a matrix. */
#include "sem.h"

#include <math.h>
#include <string.h>

#define LOG_2PI   1.8378770664093454836
#define DEPENDENT 1e-12 /* of an item's variance: what rounding leaves when it follows from others */

/* Room for covariances and means, and one pattern of all items. */
loy_status loy__sem_sample_open(loy__sem_sample *s, const loy__sem_model *model, loy_error *error)
{
	size_t p = model->observed;
	uint32_t i;

	memset(s, 0, sizeof(*s));
	s->memory = model->memory;
	s->items = model->observed;
	s->covariance = loy__alloc_zero(&s->memory, (p * p + p) * sizeof(double));
	s->patterns = loy__alloc_zero(&s->memory, sizeof(*s->patterns));
	s->pattern_room = s->patterns != NULL;
	s->pattern_count = 1;
	s->pattern_items = loy__alloc_zero(&s->memory, p * sizeof(*s->pattern_items));
	s->pattern_item_count = s->pattern_items != NULL ? p : 0;
	if (s->covariance == NULL || s->patterns == NULL || s->pattern_items == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the sample");
	s->mean = s->covariance + p * p;
	for (i = 0; i < p; i++)
		s->pattern_items[i] = i;
	s->patterns->items = model->observed;
	s->patterns->item = s->pattern_items;
	s->patterns->mean = s->mean;
	s->patterns->covariance = s->covariance;
	return LOY_OK;
}

void loy__sem_sample_free(loy__sem_sample *s)
{
	size_t p = s->items;

	loy__free(&s->memory, s->covariance, (p * p + p) * sizeof(double));
	loy__free(&s->memory, s->patterns, s->pattern_room * sizeof(*s->patterns));
	loy__free(&s->memory, s->pattern_numbers, s->pattern_number_count * sizeof(double));
	loy__free(&s->memory, s->pattern_items, s->pattern_item_count * sizeof(*s->pattern_items));
	loy__free(&s->memory, s->rows, s->row_room * (p + 1) * sizeof(double));
	memset(s, 0, sizeof(*s));
}

static const char *item_name(const loy__sem_model *model, const loy_paths *paths, uint32_t item)
{
	return paths->variables[model->origin[item]].name;
}

/* What n is, and what follows from it. */
loy_status loy__sem_sample_count(loy__sem_sample *s, double n, const loy_sem_options *options,
                                 loy_error *error)
{
	s->n = n;
	s->trials = options->likelihood == LOY_SEM_WISHART ? n - 1.0 : n;
	s->patterns->weight = n;
	return n > (double)s->items
	               ? LOY_OK
	               : loy__fail(error, LOY_EUNKNOWN, "there are not more complete rows than items");
}

/* ---- a matrix ---- */

static loy_status check_matrix(const loy_sem_matrix *m, loy_error *error)
{
	loy_sem_matrix known;
	size_t k = 0, i, j;

	if (m == NULL || m->struct_size < sizeof(*m) ||
	    loy__options_read(&known, sizeof(known), m) != LOY_OK || m->columns == 0 ||
	    m->columns > LOY_TABLE_COLUMNS_MAX || m->rows < 2 || m->covariance == NULL || m->names == NULL)
		return loy__fail(error, LOY_EINVAL,
		                 "a matrix needs columns, at least two rows, covariances and names");
	k = m->columns;
	for (i = 0; i < k; i++) {
		if (m->names[i] == NULL || (m->means != NULL && !(fabs(m->means[i]) <= DBL_MAX)))
			return loy__fail_row(error, LOY_EINVAL, -1, (uint32_t)i,
			                     "a column has no name or no finite mean");
		for (j = 0; j <= i; j++) {
			double a = m->covariance[i * k + j], b = m->covariance[j * k + i];

			if (!(fabs(a) <= 1e140 && fabs(a - b) <= 1e-9 * fabs(a) + 1e-300))
				return loy__fail_row(error, LOY_EINVAL, (int64_t)i, (uint32_t)j,
				                     "the covariances are not finite and symmetric");
		}
	}
	return LOY_OK;
}

/* Column of each item by name. */
loy_status loy__sem_find_columns(const loy__sem_model *model, const loy_paths *paths,
                                 const char *const *names, uint32_t columns, uint32_t *column,
                                 loy_error *error)
{
	uint32_t i, j;

	for (i = 0; i < model->observed; i++) {
		const char *name = item_name(model, paths, i);

		column[i] = columns;
		for (j = 0; j < columns; j++) {
			if (strcmp(names[j], name) != 0)
				continue;
			if (column[i] != columns)
				return loy__fail_name(error, LOY_ENAME, "two columns have the same name",
				                      name, strlen(name));
			column[i] = j;
		}
		if (column[i] == columns)
			return loy__fail_name(error, LOY_ENAME, "an item is no column of the data", name,
			                      strlen(name));
	}
	return LOY_OK;
}

/* Our part of a matrix of all columns, times `factor`. */
void loy__sem_sample_pick(loy__sem_sample *s, const uint32_t *column, size_t columns, const double *matrix,
                          const double *means, double factor)
{
	size_t p = s->items, i, j;

	for (i = 0; i < p; i++) {
		s->mean[i] = means != NULL ? means[column[i]] : 0.0;
		for (j = 0; j <= i; j++)
			s->covariance[i * p + j] = s->covariance[j * p + i] =
			        factor * matrix[column[i] * columns + column[j]];
	}
}

loy_status loy__sem_sample_matrix(loy__sem_sample *s, const loy__sem_model *model, const loy_paths *paths,
                                  const loy_sem_matrix *matrix, const loy_sem_options *options,
                                  loy_error *error)
{
	loy_status status = loy__sem_sample_open(s, model, error);
	uint32_t i;
	double n;

	if (status == LOY_OK)
		status = check_matrix(matrix, error);
	if (status != LOY_OK)
		return status;
	if (options->errors > LOY_SEM_ERRORS_OBSERVED || options->missing != LOY_SEM_LISTWISE)
		return loy__fail(error, LOY_EINVAL, "full information and robust errors need a table");
	if (model->means && matrix->means == NULL)
		return loy__fail(error, LOY_EINVAL, "means are to be fitted, but there are none");
	n = (double)matrix->rows;
	status = loy__sem_find_columns(model, paths, matrix->names, matrix->columns, s->pattern_items, error);
	if (status == LOY_OK) {
		loy__sem_sample_pick(s, s->pattern_items, matrix->columns, matrix->covariance, matrix->means,
		                     options->likelihood == LOY_SEM_WISHART ? 1.0 : (n - 1.0) / n);
		for (i = 0; i < s->items; i++)
			s->pattern_items[i] = i;
		status = loy__sem_sample_count(s, n, options, error);
	}
	return status;
}

/* ---- what every sample ends with ---- */

loy_status loy__sem_sample_finish(loy__sem_sample *s, const loy__sem_model *model, const loy_paths *paths,
                                  loy_error *error)
{
	size_t p = s->items, pivot = 0, i;
	double *factor;

	for (i = 0; i < p; i++) {
		const char *name = item_name(model, paths, (uint32_t)i);

		if (!(s->covariance[i * p + i] > 0.0))
			return loy__fail_name(error, LOY_ERANGE, "an item does not vary", name, strlen(name));
	}
	factor = loy__alloc(&s->memory, p * p * sizeof(double));
	if (factor == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the sample");
	memcpy(factor, s->covariance, p * p * sizeof(double));
	if (loy__cholesky(factor, p, DEPENDENT, &pivot) != LOY_OK) {
		const char *name = item_name(model, paths, (uint32_t)pivot);

		loy__free(&s->memory, factor, p * p * sizeof(double));
		return loy__fail_name(
		        error, LOY_ERANGE,
		        "the covariances of the sample are not positive definite: an item follows "
		        "from those before it",
		        name, strlen(name));
	}
	if (s->pattern_numbers == NULL) { /* with missing values the search of the unrestricted model knows */
		s->value = loy__cholesky_log_det(factor, p);
		s->log_likelihood = -0.5 * s->n * ((double)p * (LOG_2PI + 1.0) + s->value);
	}
	loy__free(&s->memory, factor, p * p * sizeof(double));
	return LOY_OK;
}
