/*
 * What a model implies, and how far the sample is from it. See sem.h for the form. Every sum runs in the order of
 * cells, variables and patterns.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

/* ---- memory ---- */

static void lay_out(loy__sem_work *w, size_t t, size_t p, size_t nv, size_t q)
{
	double *next = w->block;

	w->total = loy__cut(&next, t * t);
	w->effects = loy__cut(&next, t * t);
	w->residual = loy__cut(&next, t * t);
	w->covariance = loy__cut(&next, t * t);
	w->mean = loy__cut(&next, t);
	w->implied = loy__cut(&next, p * p);
	w->inverse = loy__cut(&next, p * p);
	w->misfit = loy__cut(&next, p * p);
	w->product = loy__cut(&next, p * p);
	w->vectors = loy__cut(&next, p * nv);
	w->part = loy__cut(&next, p * nv);
	w->inverse_part = loy__cut(&next, p * nv);
	w->misfit_part = loy__cut(&next, p * nv);
	w->gram = loy__cut(&next, nv * nv);
	w->misfit_gram = loy__cut(&next, nv * nv);
	w->misfit_all = loy__cut(&next, nv * nv);
	w->away = loy__cut(&next, nv);
	w->away_all = loy__cut(&next, nv);
	w->deviation = loy__cut(&next, p);
	w->mean_away = loy__cut(&next, p);
	w->gradient = loy__cut(&next, q);
	w->hessian = loy__cut(&next, q * q);
	w->expected = loy__cut(&next, q * q);
}

loy_status loy__sem_work_init(loy__sem_work *w, const loy__sem_model *model, const loy__sem_sample *sample)
{
	size_t t = model->variables, p = model->observed, nv = model->vector_count, q = model->free_count;
	/* some 40 million at most, by the limits of variables, columns and free parameters: 32 bits hold it */
	size_t count = 4 * t * t + t + 4 * p * p + 4 * p * nv + 3 * nv * nv + 2 * nv + 2 * p + q + 2 * q * q;

	memset(w, 0, sizeof(*w));
	w->memory = model->memory;
	w->model = model;
	w->sample = sample;
	w->size = count * sizeof(double);
	w->block = loy__alloc_zero(&w->memory, w->size);
	w->slopes = loy__alloc_zero(&w->memory, model->cell_count * sizeof(*w->slopes));
	if (w->block == NULL || w->slopes == NULL)
		return LOY_ENOMEM;
	lay_out(w, t, p, nv, q);
	return LOY_OK;
}

void loy__sem_work_free(loy__sem_work *w)
{
	if (w->model == NULL)
		return;
	loy__free(&w->memory, w->block, w->size);
	loy__free(&w->memory, w->slopes, w->model->cell_count * sizeof(*w->slopes));
	w->block = NULL;
	w->slopes = NULL;
}

/* ---- what is implied ---- */

static void add_row(double *to, double factor, const double *from, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		to[i] += factor * from[i];
}

/* rows += A rows, causes before effects: rows become E rows. */
static void follow_paths(const loy__sem_model *model, double *rows, size_t width)
{
	uint32_t i;

	for (i = 0; i < model->path_count; i++) {
		const loy__sem_cell *c = model->cells + model->path[i];

		if (c->value != 0.0)
			add_row(rows + c->row * width, c->value, rows + c->column * width, width);
	}
}

static void imply_covariances(loy__sem_work *w)
{
	const loy__sem_model *model = w->model;
	size_t t = model->variables, i, j;

	memset(w->residual, 0, t * t * sizeof(double));
	for (i = 0; i < model->cell_count; i++) {
		const loy__sem_cell *c = model->cells + i;

		if (c->place != LOY__SEM_COVARIANCE || c->value == 0.0)
			continue;
		add_row(w->residual + c->row * t, c->value, w->effects + c->column * t, t);
		if (c->row != c->column)
			add_row(w->residual + c->column * t, c->value, w->effects + c->row * t, t);
	}
	memcpy(w->covariance, w->residual, t * t * sizeof(double));
	follow_paths(model, w->covariance, t);
	for (i = 0; i < t; i++) { /* the two triangles were summed in other orders */
		for (j = 0; j < i; j++)
			w->covariance[j * t + i] = w->covariance[i * t + j];
	}
}

/* Of the implied matrices alone. */
static void imply(loy__sem_work *w)
{
	const loy__sem_model *model = w->model;
	size_t t = model->variables, p = model->observed, nv = model->vector_count, i, j;

	memset(w->total, 0, t * t * sizeof(double));
	for (i = 0; i < t; i++)
		w->total[i * t + i] = 1.0;
	follow_paths(model, w->total, t);
	for (i = 0; i < t; i++) {
		for (j = 0; j < t; j++)
			w->effects[j * t + i] = w->total[i * t + j];
	}
	imply_covariances(w);
	memset(w->mean, 0, t * sizeof(double));
	for (i = 0; i < model->cell_count; i++) {
		if (model->cells[i].place == LOY__SEM_MEAN)
			w->mean[model->cells[i].row] = model->cells[i].value;
	}
	follow_paths(model, w->mean, 1);
	for (i = 0; i < p; i++) {
		memcpy(w->implied + i * p, w->covariance + i * t, p * sizeof(double));
		memcpy(w->vectors + i * nv, w->total + i * t, t * sizeof(double));
		for (j = 0; j < t; j++) {
			if (model->vector[j] != LOY__SEM_FIXED)
				w->vectors[i * nv + model->vector[j]] = w->covariance[i * t + j];
		}
	}
}

/* ---- a pattern ---- */

/* to = a b, all n x n. */
static void multiply(double *to, const double *a, const double *b, size_t n, size_t width)
{
	size_t i, k;

	memset(to, 0, n * width * sizeof(double));
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++)
			add_row(to + i * width, a[i * n + k], b + k * width, width);
	}
}

double loy__sem_enter_pattern(loy__sem_work *w, const loy__sem_pattern *pattern)
{
	size_t k = pattern->items, p = w->model->observed, i, j;
	double value, trace = 0.0;

	for (i = 0; i < k; i++) {
		size_t a = pattern->item[i];

		w->deviation[i] = w->model->means ? pattern->mean[i] - w->mean[a] : 0.0;
		for (j = 0; j <= i; j++)
			w->inverse[i * k + j] = w->implied[a * p + pattern->item[j]];
	}
	for (i = 0; i < k; i++) {
		for (j = 0; j <= i; j++)
			w->misfit[i * k + j] = w->misfit[j * k + i] = pattern->covariance[i * k + j] -
			                                              w->inverse[i * k + j] +
			                                              w->deviation[i] * w->deviation[j];
	}
	if (loy__cholesky(w->inverse, k, 0.0, NULL) != LOY_OK)
		return (double)INFINITY;
	value = loy__cholesky_log_det(w->inverse, k);
	loy__cholesky_inverse(w->inverse, k);
	multiply(w->product, w->misfit, w->inverse, k, k);
	for (i = 0; i < k; i++)
		trace += w->product[i * k + i];
	return value + trace;
}

/* gram = a' b, symmetric, a and b k x nv. Many elements of a are 0. */
static void fill_gram(double *gram, const double *a, const double *b, size_t k, size_t nv)
{
	size_t i, u, v;

	memset(gram, 0, nv * nv * sizeof(double));
	for (i = 0; i < k; i++) {
		for (u = 0; u < nv; u++) {
			if (a[i * nv + u] != 0.0)
				add_row(gram + u * nv, a[i * nv + u], b + i * nv, u + 1);
		}
	}
	for (u = 0; u < nv; u++) {
		for (v = 0; v < u; v++)
			gram[v * nv + u] = gram[u * nv + v];
	}
}

void loy__sem_fill_pattern(loy__sem_work *w, const loy__sem_pattern *pattern)
{
	size_t k = pattern->items, nv = w->model->vector_count, i;

	for (i = 0; i < k; i++)
		memcpy(w->part + i * nv, w->vectors + pattern->item[i] * nv, nv * sizeof(double));
	multiply(w->misfit, w->inverse, w->product, k, k);
	multiply(w->inverse_part, w->inverse, w->part, k, nv);
	multiply(w->misfit_part, w->misfit, w->part, k, nv);
	fill_gram(w->gram, w->part, w->inverse_part, k, nv);
	fill_gram(w->misfit_gram, w->part, w->misfit_part, k, nv);
	memset(w->away, 0, nv * sizeof(double));
	for (i = 0; w->model->means && i < k; i++)
		add_row(w->away, w->deviation[i], w->inverse_part + i * nv, nv);
}

int loy__sem_evaluate(loy__sem_work *w)
{
	const loy__sem_sample *sample = w->sample;
	double value = 0.0;
	uint32_t i;

	imply(w);
	for (i = 0; i < sample->pattern_count && value <= DBL_MAX; i++)
		value += sample->patterns[i].weight / sample->n *
		         loy__sem_enter_pattern(w, sample->patterns + i);
	w->value = value;
	return fabs(value) <= DBL_MAX;
}
