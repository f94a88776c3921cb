/*
 * Factors by which chi-squares are divided so that their mean is right without normality:
 *
 * - Yuan & Bentler (2000) as lavaan and Mplus compute it: (tr(B1 A1^-1) - tr(B0 A0^-1)) / df, A the observed
 *   information per row and B the mean of products of rows' derivatives, of the unrestricted model and of the
 *   model;
 * - Satorra & Bentler (1994): tr(U Gamma) / df = (tr(V Gamma) - tr(B A^-1)) / df, V the expected information of
 *   the moments.
 *
 * For complete rows both first traces need no matrix of moments of fourth order: with y the row less the mean
 * and W the inverse of the covariances, tr(V Gamma) = mean of ((y'W y)^2 - 2 y'W S W y + tr(W S W S)) / 2, plus
 * y'W y for the means. Given causes are no part of the likelihood: what they would add by themselves is taken
 * away. With missing values the unrestricted model and the baseline are models like others, whose cells are the
 * moments themselves.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

/* ---- complete rows ---- */

/*
 * tr(V Gamma) of some items (`item`, `k` of them) with W given (k x k): see above. `scratch` has room for k x
 * k + k doubles.
 */
static double moment_trace(const loy__sem_work *w, const uint32_t *item, size_t k, const double *weight,
                           double *scratch)
{
	const loy__sem_sample *sample = w->sample;
	double *product = scratch, *y = scratch + k * k, whole = 0.0, sum = 0.0;
	size_t p = sample->items, row, i, j, l;

	for (i = 0; i < k; i++) { /* W S */
		for (j = 0; j < k; j++) {
			product[i * k + j] = 0.0;
			for (l = 0; l < k; l++)
				product[i * k + j] +=
				        weight[i * k + l] * sample->covariance[item[l] * p + item[j]];
		}
	}
	for (i = 0; i < k; i++) {
		for (j = 0; j < k; j++)
			whole += product[i * k + j] * product[j * k + i];
	}
	for (row = 0; row < sample->row_count; row++) {
		const double *x = sample->rows + row * p;
		double distance = 0.0, through = 0.0;

		for (i = 0; i < k; i++)
			y[i] = x[item[i]] - sample->mean[item[i]];
		for (i = 0; i < k; i++) {
			double wy = 0.0, swy = 0.0; /* elements of W y and W S W y */

			for (j = 0; j < k; j++)
				wy += weight[i * k + j] * y[j];
			distance += wy * y[i];
			for (j = 0; j < k; j++)
				swy += product[j * k + i] * y[j];
			through += swy * wy;
		}
		sum += loy__sem_row_mass(sample, row) * (0.5 * (distance * distance - 2.0 * through + whole) +
		                                         (w->model->means ? distance : 0.0));
	}
	return sum / sample->n;
}

/* The same with W the inverse of the covariances of these items. */
static double saturated_trace(const loy__sem_work *w, const uint32_t *item, size_t k, double *scratch)
{
	size_t p = w->sample->items, i, j;

	for (i = 0; i < k; i++) {
		for (j = 0; j < k; j++)
			scratch[i * k + j] = w->sample->covariance[item[i] * p + item[j]];
	}
	if (loy__cholesky(scratch, k, 0.0, NULL) != LOY_OK)
		return (double)NAN;
	loy__cholesky_inverse(scratch, k);
	return moment_trace(w, item, k, scratch, scratch + k * k);
}

/* The traces of given causes, and of all other items each by itself. `items` gets the given ones. */
static double given_trace(const loy__sem_work *w, uint32_t *items, double *scratch)
{
	uint32_t i, k = 0;

	for (i = 0; i < w->model->observed; i++) {
		if ((w->model->role[i] & LOY__SEM_GIVEN) != 0)
			items[k++] = i;
	}
	return k > 0 ? saturated_trace(w, items, k, scratch) : 0.0;
}

static double single_traces(const loy__sem_work *w, double *scratch)
{
	double sum = 0.0;
	uint32_t i;

	for (i = 0; i < w->model->observed; i++) {
		if ((w->model->role[i] & LOY__SEM_GIVEN) == 0)
			sum += saturated_trace(w, &i, 1, scratch);
	}
	return sum;
}

/* W of the baseline model: variances, and the covariances of given causes. */
static int fill_baseline(const loy__sem_work *w, double *weight)
{
	const double *s = w->sample->covariance;
	size_t p = w->model->observed, i, j;

	for (i = 0; i < p; i++) {
		for (j = 0; j < p; j++) {
			int both = (w->model->role[i] & w->model->role[j] & LOY__SEM_GIVEN) != 0;

			weight[i * p + j] = i == j || both ? s[i * p + j] : 0.0;
		}
	}
	if (loy__cholesky(weight, p, 0.0, NULL) != LOY_OK)
		return 0;
	loy__cholesky_inverse(weight, p);
	return 1;
}

/* Factors of complete rows; `own` is tr(B A^-1) of the model. */
static loy_status scale_complete(const loy__sem_work *w, int satorra, double own, loy__sem_scaling *out)
{
	size_t p = w->model->observed, size = (2 * p * p + p) * sizeof(double);
	const uint32_t *all = w->sample->patterns->item;
	uint32_t *items = loy__alloc(&w->memory, p * sizeof(*items));
	double *scratch = loy__alloc(&w->memory, size), model, baseline;
	int64_t degrees = loy__sem_degrees(w->model), others = loy__sem_baseline_degrees(w->model);

	if (scratch != NULL && items != NULL) {
		double given = given_trace(w, items, scratch), single = single_traces(w, scratch);

		model = baseline = saturated_trace(w, all, p, scratch);
		if (satorra) {
			memcpy(scratch, w->implied, p * p * sizeof(double));
			baseline = (double)NAN;
			if (loy__cholesky(scratch, p, 0.0, NULL) == LOY_OK) {
				loy__cholesky_inverse(scratch, p);
				model = moment_trace(w, all, p, scratch, scratch + p * p);
			}
			if (fill_baseline(w, scratch))
				baseline = moment_trace(w, all, p, scratch, scratch + p * p);
		}
		if (degrees > 0)
			out->model = (model - given - own) / (double)degrees;
		if (others > 0)
			out->baseline = (baseline - given - single) / (double)others;
	}
	loy__free(&w->memory, scratch, size);
	loy__free(&w->memory, items, p * sizeof(*items));
	return scratch != NULL && items != NULL ? LOY_OK : LOY_ENOMEM;
}

/* ---- rows with missing values ---- */

/* A model of items alone: means and variances free, covariances when `whole`. */
static loy_status build_plain(loy__sem_model *model, const loy__sem_model *like, int whole)
{
	size_t p = like->observed, cells = p + (whole ? p * (p + 1) / 2 : p), i, j;
	loy__sem_cell *c;

	memset(model, 0, sizeof(*model));
	model->memory = like->memory;
	model->observed = model->variables = model->vector_count = like->observed;
	model->means = 1;
	model->cells = loy__alloc_zero(&model->memory, cells * sizeof(*model->cells));
	model->cell_room = model->cells != NULL ? cells : 0;
	if (model->cells == NULL || loy__sem_model_open(model, like->observed) != LOY_OK)
		return LOY_ENOMEM;
	for (i = 0; i < p; i++) {
		for (j = whole ? 0 : i; j <= i + 1; j++) { /* beyond the diagonal: the mean */
			c = model->cells + model->cell_count;
			c->place = j <= i ? LOY__SEM_COVARIANCE : LOY__SEM_MEAN;
			c->row = (uint32_t)i;
			c->column = (uint32_t)(j <= i ? j : i);
			c->free = model->cell_count++;
		}
	}
	model->free_count = model->cell_count;
	for (i = 0; i < p; i++)
		model->vector[i] = LOY__SEM_FIXED; /* nothing is a cause */
	return LOY_OK;
}

/* Mean and variance of an item by the rows that have it: what the baseline model estimates. */
static void item_moments(const loy__sem_sample *s, uint32_t item, double *mean, double *variance)
{
	double weight, sum;
	int pass;

	for (pass = 0; pass < 2; pass++) {
		uint32_t k, i;

		for (k = 0, weight = sum = 0.0; k < s->pattern_count; k++) {
			const loy__sem_pattern *p = s->patterns + k;

			for (i = 0; i < p->items; i++) {
				double away = p->mean[i] - *mean;

				if (p->item[i] != item)
					continue;
				weight += p->weight;
				sum += p->weight * (pass == 0
				                            ? p->mean[i]
				                            : p->covariance[i * p->items + i] + away * away);
			}
		}
		*(pass == 0 ? mean : variance) = sum / weight;
	}
}

static void set_plain(loy__sem_model *model, const loy__sem_sample *s, int whole)
{
	uint32_t i;

	for (i = 0; i < model->cell_count; i++) {
		loy__sem_cell *c = model->cells + i;
		double mean = s->mean[c->row], variance = 0.0;

		if (!whole)
			item_moments(s, c->row, &mean, &variance);
		else
			variance = s->covariance[(size_t)c->row * s->items + c->column];
		c->value = c->place == LOY__SEM_MEAN ? mean : variance;
	}
}

/*
 * tr(B A^-1) of the unrestricted model, or of the baseline; NaN when it is too large a model or has no
 * inverse.
 */
static loy_status plain_trace(const loy__sem_work *like, int whole, double *trace)
{
	loy__sem_work w = {0};
	loy__sem_model model;
	loy_status status = build_plain(&model, like->model, whole);
	size_t q = model.free_count, size = 2 * q * q * sizeof(double);
	double *block = NULL;

	*trace = (double)NAN;
	if (status == LOY_OK && q <= LOY_SEM_FREE_MAX) {
		status = loy__sem_work_init(&w, &model, like->sample);
		block = status == LOY_OK ? loy__alloc(&model.memory, size) : NULL;
		status = block != NULL ? LOY_OK : LOY_ENOMEM;
	}
	if (block != NULL) {
		set_plain(&model, like->sample, whole);
		if (loy__sem_evaluate(&w)) {
			loy__sem_derive(&w);
			if (loy__sem_invert(&w, w.hessian, block)) {
				status = loy__sem_meat(&w, 0, block + q * q);
				*trace = loy__sem_trace(block, block + q * q, q);
			}
		}
	}
	loy__free(&model.memory, block, size);
	loy__sem_work_free(&w);
	loy__sem_model_free(&model);
	return status;
}

loy_status loy__sem_scale_plain(const loy__sem_work *w, double own, loy__sem_scaling *out)
{
	double degrees = (double)loy__sem_degrees(w->model),
	       others = (double)loy__sem_baseline_degrees(w->model);
	double whole = 0.0, single = 0.0;
	loy_status status = plain_trace(w, 1, &whole);

	if (status == LOY_OK)
		status = plain_trace(w, 0, &single);
	if (status == LOY_OK && degrees > 0.0)
		out->model = (whole - own) / degrees;
	if (status == LOY_OK && others > 0.0)
		out->baseline = (whole - single) / others;
	return status;
}

loy_status loy__sem_scale(const loy__sem_work *w, int satorra, double own, loy__sem_scaling *out)
{
	if (loy__sem_is_complete(w->sample))
		return scale_complete(w, satorra, own, out);
	return loy__sem_scale_plain(w, own, out);
}
