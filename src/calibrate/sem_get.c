/* What can be asked of a fit. */
#include "sem.h"

#include <math.h>
#include <string.h>

#define MIDDLE 1.959963984540054 /* 97.5 % quantile of the normal distribution */

loy_status loy_sem_get_info(const loy_sem *sem, loy_sem_info *out)
{
	return sem == NULL ? LOY_EINVAL : loy__result_write(out, &sem->info, sizeof(sem->info));
}

static const char *text_at(const loy_sem *sem, uint32_t place)
{
	return place == LOY_SEM_NONE ? NULL : sem->names + place;
}

loy_status loy_sem_get_parameter(const loy_sem *sem, uint32_t index, loy_sem_parameter *out)
{
	loy_sem_parameter p = {0};
	const loy__sem_row *row;

	if (sem == NULL || out == NULL)
		return LOY_EINVAL;
	if (index >= sem->info.parameters)
		return LOY_ENOTFOUND;
	row = sem->rows + index;
	p.struct_size = sizeof(p);
	p.relation = row->relation;
	p.free = row->free;
	p.added = row->added;
	p.left = text_at(sem, row->left);
	p.right = text_at(sem, row->right);
	p.label = text_at(sem, row->label);
	p.value = row->value;
	p.deviation = row->deviation;
	p.standard = row->standard;
	p.latent = row->latent;
	p.z = p.p = (double)NAN;
	if (row->deviation > 0.0) {
		p.z = row->value / row->deviation;
		p.p = 2.0 * loy__normal_sf(fabs(p.z));
	}
	p.low = row->value - MIDDLE * row->deviation;
	p.high = row->value + MIDDLE * row->deviation;
	return loy__result_write(out, &p, sizeof(p));
}

static int is_text(const loy_sem *sem, uint32_t place, const char *text)
{
	return place == LOY_SEM_NONE ? text == NULL : text != NULL && strcmp(sem->names + place, text) == 0;
}

loy_status loy_sem_find_parameter(const loy_sem *sem, uint32_t relation, const char *left, const char *right,
                                  uint32_t *index)
{
	uint32_t i;

	if (sem == NULL || left == NULL || index == NULL)
		return LOY_EINVAL;
	for (i = 0; i < sem->info.parameters; i++) {
		const loy__sem_row *row = sem->rows + i;
		int same = row->relation == relation && is_text(sem, row->left, left) &&
		           (relation == LOY_SEM_DEFINED || is_text(sem, row->right, right));

		if (row->relation == relation && relation == LOY_TERM_COVARIES && right != NULL)
			same |= is_text(sem, row->left, right) && is_text(sem, row->right, left);
		if (same) {
			*index = i;
			return LOY_OK;
		}
	}
	return LOY_ENOTFOUND;
}

loy_status loy_sem_get_fit(const loy_sem *sem, uint32_t measure, double *value)
{
	if (sem == NULL || value == NULL)
		return LOY_EINVAL;
	if (measure >= LOY_SEM_FIT_COUNT)
		return LOY_ENOTFOUND;
	*value = sem->fit[measure];
	return LOY_OK;
}

const char *loy_sem_fit_name(uint32_t measure)
{
	switch (measure) {
#define FIT_CASE(name, value, text)                                                                          \
	case name:                                                                                           \
		return text;
		LOY_SEM_FIT_MAP(FIT_CASE)
#undef FIT_CASE
	default:
		return NULL;
	}
}

loy_status loy_sem_get_variable(const loy_sem *sem, uint32_t index, loy_sem_variable *out)
{
	loy_sem_variable v = {0};

	if (sem == NULL || out == NULL)
		return LOY_EINVAL;
	if (index >= sem->info.observed + sem->info.constructs)
		return LOY_ENOTFOUND;
	v.struct_size = sizeof(v);
	v.kind = index < sem->info.observed ? LOY_VARIABLE_ITEM : LOY_VARIABLE_CONSTRUCT;
	v.name = sem->names + sem->places[index];
	v.variance = sem->variance[index];
	v.mean = sem->mean[index];
	v.r2 = sem->r2[index];
	return loy__result_write(out, &v, sizeof(v));
}

static void correlate(double *matrix, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			if (i != j)
				matrix[i * n + j] /= sqrt(matrix[i * (n + 1)] * matrix[j * (n + 1)]);
		}
	}
	for (i = 0; i < n; i++)
		matrix[i * (n + 1)] = matrix[i * (n + 1)] > 0.0 ? 1.0 : (double)NAN;
}

loy_status loy_sem_get_matrix(const loy_sem *sem, uint32_t kind, double *matrix, size_t capacity,
                              uint32_t *size)
{
	const double *from[] = {NULL, NULL, NULL, NULL, NULL};
	size_t n;

	if (sem == NULL || kind > LOY_SEM_ESTIMATES || (matrix == NULL && capacity > 0))
		return LOY_EINVAL;
	n = kind <= LOY_SEM_IMPLIED ? sem->info.observed
	                            : (kind == LOY_SEM_ESTIMATES ? sem->info.free : sem->info.constructs);
	from[LOY_SEM_SAMPLE] = sem->sample;
	from[LOY_SEM_IMPLIED] = sem->implied;
	from[LOY_SEM_CONSTRUCTS] = from[LOY_SEM_CONSTRUCTS_CORRELATED] = sem->constructs;
	from[LOY_SEM_ESTIMATES] = sem->estimates;
	if (size != NULL)
		*size = (uint32_t)n;
	if (capacity < n * n)
		return LOY_EBUFFER;
	if (n > 0)
		memcpy(matrix, from[kind], n * n * sizeof(double));
	if (kind == LOY_SEM_CONSTRUCTS_CORRELATED)
		correlate(matrix, n);
	return LOY_OK;
}

loy_status loy_sem_get_issue(const loy_sem *sem, uint32_t index, loy_sem_issue *out)
{
	loy_sem_issue issue = {0};
	const loy__sem_issue *from;

	if (sem == NULL || out == NULL)
		return LOY_EINVAL;
	if (index >= sem->info.issues)
		return LOY_ENOTFOUND;
	from = sem->issues + index;
	issue.struct_size = sizeof(issue);
	issue.kind = from->kind;
	issue.parameter = from->parameter;
	issue.first = from->first == LOY_SEM_NONE ? NULL : sem->names + sem->places[from->first];
	issue.second = from->second == LOY_SEM_NONE ? NULL : sem->names + sem->places[from->second];
	issue.value = from->value;
	return loy__result_write(out, &issue, sizeof(issue));
}
