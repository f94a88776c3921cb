/*
 * From the end of a search to what a fit keeps: the table of parameters with standardised values (lavaan's
 * std.all and std.lv), variables, matrices, and definitions by the delta method (Bollen 1989, chapter 8).
 */
#include "sem.h"

#include <math.h>
#include <string.h>

/* ---- names ---- */

static size_t text_size(const char *text)
{
	return strlen(text) + 1;
}

static uint32_t keep_text(loy_sem *sem, size_t *used, const char *text)
{
	size_t at = *used, size = text_size(text);

	memcpy(sem->names + at, text, size);
	*used += size;
	return (uint32_t)at;
}

static loy_status keep_names(loy_sem *sem, const loy__sem_model *model, const loy_paths *paths,
                             uint32_t *labels)
{
	size_t size = 0, used = 0;
	uint32_t i;

	for (i = 0; i < model->variables; i++)
		size += text_size(paths->variables[model->origin[i]].name);
	for (i = 0; i < paths->label_count; i++)
		size += text_size(paths->labels[i]);
	for (i = 0; i < paths->definition_count; i++)
		size += text_size(paths->definitions[i].name) + text_size(paths->definitions[i].expression);
	sem->names = loy__alloc(&sem->memory, size);
	if (sem->names == NULL)
		return LOY_ENOMEM;
	sem->names_size = size;
	for (i = 0; i < model->variables; i++)
		sem->places[i] = keep_text(sem, &used, paths->variables[model->origin[i]].name);
	for (i = 0; i < paths->label_count; i++)
		labels[i] = keep_text(sem, &used, paths->labels[i]);
	for (i = 0; i < paths->definition_count; i++) {
		loy__sem_row *row = sem->rows + model->cell_count + i;

		row->left = keep_text(sem, &used, paths->definitions[i].name);
		row->right = keep_text(sem, &used, paths->definitions[i].expression);
	}
	return LOY_OK;
}

/* ---- the table ---- */

/* Residual variance of each variable. */
static double residual_of(const loy__sem_work *w, uint32_t v)
{
	uint32_t i;

	for (i = 0; i < w->model->cell_count; i++) {
		const loy__sem_cell *c = w->model->cells + i;

		if (c->place == LOY__SEM_COVARIANCE && c->row == v && c->column == v)
			return c->value;
	}
	return 0.0;
}

/*
 * Standard deviation that a variable's coefficients are multiplied with: 1 of items when only constructs
 * count.
 */
static double scale_of(const loy_sem *sem, const loy__sem_model *model, uint32_t v, int all)
{
	return all || v >= model->observed ? sqrt(sem->variance[v]) : 1.0;
}

static double standardised(const loy_sem *sem, const loy__sem_work *w, const loy__sem_cell *c, int all)
{
	const loy__sem_model *model = w->model;
	double scale;

	if (c->place == LOY__SEM_PATH)
		return c->value * scale_of(sem, model, c->column, all) / scale_of(sem, model, c->row, all);
	if (c->place == LOY__SEM_MEAN)
		return c->value / scale_of(sem, model, c->row, all);
	if (c->row == c->column) {
		scale = scale_of(sem, model, c->row, all);
		return c->value / (scale * scale);
	}
	scale = all || c->row >= model->observed ? sqrt(residual_of(w, c->row)) : 1.0;
	scale *= all || c->column >= model->observed ? sqrt(residual_of(w, c->column)) : 1.0;
	return c->value / scale;
}

static void fill_rows(loy_sem *sem, const loy__sem_work *w, const uint32_t *labels)
{
	const loy__sem_model *model = w->model;
	size_t q = model->free_count;
	uint32_t i;

	for (i = 0; i < model->cell_count; i++) {
		const loy__sem_cell *c = model->cells + i;
		loy__sem_row *row = sem->rows + i;

		row->relation = c->relation;
		row->left = sem->places[c->left];
		row->right = c->relation == LOY_TERM_INTERCEPT ? LOY_SEM_NONE : sem->places[c->right];
		row->label = c->label != LOY__NO_LABEL ? labels[c->label] : LOY_SEM_NONE;
		row->free = c->free == LOY__SEM_FIXED ? LOY_SEM_NONE : c->free;
		row->added = c->added != 0;
		row->value = c->value;
		row->deviation = 0.0;
		if (c->free != LOY__SEM_FIXED)
			row->deviation = sqrt(sem->estimates[c->free * (q + 1)]);
		row->standard = standardised(sem, w, c, 1);
		row->latent = standardised(sem, w, c, 0);
	}
}

/* ---- variables and matrices ---- */

static int depends(const loy__sem_model *model, uint32_t v)
{
	return (model->role[v] & (LOY__SEM_INDICATOR | LOY__SEM_OUTCOME)) != 0;
}

static void fill_variables(loy_sem *sem, const loy__sem_work *w)
{
	const loy__sem_model *model = w->model;
	size_t t = model->variables, p = model->observed, m = t - p, i, j;

	for (i = 0; i < t; i++) {
		sem->variance[i] = w->covariance[i * t + i];
		sem->mean[i] = model->means ? w->mean[i] : (double)NAN;
		sem->r2[i] = (double)NAN;
		if (depends(model, (uint32_t)i))
			sem->r2[i] = 1.0 - residual_of(w, (uint32_t)i) / sem->variance[i];
	}
	memcpy(sem->sample, w->sample->covariance, p * p * sizeof(double));
	memcpy(sem->implied, w->implied, p * p * sizeof(double));
	for (i = 0; i < m; i++) {
		for (j = 0; j < m; j++)
			sem->constructs[i * m + j] = w->covariance[(p + i) * t + p + j];
	}
}

static void fill_info(loy_sem *sem, const loy__sem_work *w, const loy_paths *paths,
                      const loy__sem_search *search)
{
	const loy__sem_model *model = w->model;
	loy_sem_info *info = &sem->info;

	info->struct_size = sizeof(*info);
	info->state = search->state;
	info->parameter = LOY_SEM_NONE;
	info->parameters = model->cell_count + paths->definition_count;
	info->free = model->free_count;
	info->observed = model->observed;
	info->constructs = model->variables - model->observed;
	info->iterations = search->iterations;
	info->halvings = search->halvings;
	info->patterns = w->sample->pattern_count;
	info->means = model->means != 0;
	info->rows = w->sample->n;
	info->distance = search->distance;
}

/* ---- memory ---- */

static loy_status allocate(loy_sem *sem, const loy__sem_model *model, const loy_paths *paths)
{
	size_t t = model->variables, p = model->observed, m = t - p, q = model->free_count;
	size_t rows = (size_t)model->cell_count + paths->definition_count;
	double *next;

	sem->number_count = 3 * t + 2 * p * p + m * m + q * q;
	sem->numbers = loy__alloc_zero(&sem->memory, sem->number_count * sizeof(double));
	sem->places = loy__alloc_zero(&sem->memory, t * sizeof(*sem->places));
	sem->rows = loy__alloc_zero(&sem->memory, rows * sizeof(*sem->rows));
	sem->info.parameters = (uint32_t)rows; /* what is to be freed */
	sem->info.observed = model->observed;
	sem->info.constructs = (uint32_t)m;
	if (sem->numbers == NULL || sem->places == NULL || sem->rows == NULL)
		return LOY_ENOMEM;
	next = sem->numbers;
	sem->variance = loy__cut(&next, t);
	sem->mean = loy__cut(&next, t);
	sem->r2 = loy__cut(&next, t);
	sem->sample = loy__cut(&next, p * p);
	sem->implied = loy__cut(&next, p * p);
	sem->constructs = loy__cut(&next, m * m);
	sem->estimates = loy__cut(&next, q * q);
	return LOY_OK;
}

void loy_sem_destroy(loy_sem *sem)
{
	loy_allocator memory;

	if (sem == NULL)
		return;
	memory = sem->memory;
	loy__free(&memory, sem->numbers, sem->number_count * sizeof(double));
	loy__free(&memory, sem->places, (sem->info.observed + sem->info.constructs) * sizeof(*sem->places));
	loy__free(&memory, sem->rows, sem->info.parameters * sizeof(*sem->rows));
	loy__free(&memory, sem->names, sem->names_size);
	loy__free(&memory, sem->issues, sem->issue_room * sizeof(*sem->issues));
	loy__free(&memory, sem, sizeof(*sem));
}

/* ---- the whole ---- */

static loy_status fill(loy_sem *sem, loy__sem_work *w, const loy_paths *paths, const loy_sem_options *options,
                       const loy__sem_search *search, uint32_t *labels)
{
	loy__sem_scaling scaling = {(double)NAN, (double)NAN};
	size_t q = w->model->free_count, i;
	loy_status status = allocate(sem, w->model, paths);

	if (status == LOY_OK)
		status = keep_names(sem, w->model, paths, labels);
	if (status != LOY_OK)
		return status;
	fill_info(sem, w, paths, search);
	fill_variables(sem, w);
	if (search->state == LOY_SEM_NOT_IDENTIFIED) {
		for (i = 0; i < q * q; i++)
			sem->estimates[i] = (double)NAN;
	} else {
		status = loy__sem_errors(w, options, sem->estimates, &scaling);
	}
	if (status == LOY_OK)
		status = loy__sem_measure(w, &scaling, sem->fit);
	if (status != LOY_OK)
		return status;
	fill_rows(sem, w, labels);
	status = loy__sem_define(sem, w->model, paths);
	if (status == LOY_OK)
		status = loy__sem_find_issues(sem, w, search);
	return status;
}

loy_status loy__sem_result(loy_sem **out, loy__sem_work *w, const loy_paths *paths,
                           const loy_sem_options *options, const loy__sem_search *search)
{
	size_t size = ((size_t)paths->label_count + 1) * sizeof(uint32_t);
	uint32_t *labels;
	loy_status status = LOY_ENOMEM;

	*out = loy__alloc_zero(&w->memory, sizeof(**out));
	if (*out == NULL)
		return LOY_ENOMEM;
	(*out)->memory = w->memory;
	labels = loy__alloc_zero(&w->memory, size);
	if (labels != NULL)
		status = fill(*out, w, paths, options, search, labels);
	loy__free(&w->memory, labels, size);
	return status;
}
