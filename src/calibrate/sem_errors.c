/*
 * Covariances of the estimates: the inverse of the information, expected (Jöreskog 1969) or observed (Efron &
 * Hinkley 1978), or a sandwich around the rows' own derivatives (Huber 1967, White 1982; Satorra & Bentler
 * 1994). And the factors by which chi-squares are divided so that their mean is right without normality:
 *
 * - Yuan & Bentler (2000) as lavaan and Mplus compute it: (tr(B1 A1^-1) - tr(B0 A0^-1)) / df, A the observed
 *   information per row and B the mean of products of rows' derivatives, of the unrestricted model and of the model;
 * - Satorra & Bentler: tr(U Gamma) / df = (tr(V Gamma) - tr(B A^-1)) / df, V the expected information of the
 *   moments.
 *
 * For complete rows both first traces need no matrix of moments of fourth order: with y the row less the mean
 * and W the inverse of the covariances, tr(V Gamma) = mean of ((y'W y)^2 - 2 y'W S W y + tr(W S W S)) / 2,
 * plus y'W y for the means. Given causes are no part of the likelihood: what they would add by themselves is
 * taken away. Weights of surveys come in squared, as the rows stand for others but vary by themselves.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

struct sandwich {
	loy__sem_work *w;
	size_t q;
	int centred; /* Satorra & Bentler: rows' moments about their mean, and about the mean of the sample */
	double *meat, *bread, *score, *centre, *z, *y;
};

/* What a row's products are weighted with. */
static double row_mass(const loy__sem_sample *sample, size_t row)
{
	double weight = sample->row_weights[row];

	return sample->survey ? weight * weight : weight;
}

/* Derivatives of a row's log-likelihood by the free parameters. */
static void score_row(struct sandwich *s, const loy__sem_pattern *pattern, const double *row)
{
	loy__sem_work *w = s->w;
	size_t nv = w->model->vector_count, i, v;
	uint32_t k;

	memset(s->z, 0, nv * sizeof(double));
	memset(s->score, 0, s->q * sizeof(double));
	for (i = 0; i < pattern->items; i++) {
		uint32_t item = pattern->item[i];
		double centre = w->model->means && !s->centred ? w->mean[item] : pattern->mean[i];
		double y = row[item] - centre;

		for (v = 0; v < nv; v++)
			s->z[v] += y * w->inverse_part[i * nv + v];
	}
	for (k = 0; k < w->slope_count; k++) {
		const loy__sem_slope *c = w->slopes + k;
		double expected = s->centred ? 0.0 : w->gram[c->u * nv + c->w];

		s->score[c->free] += c->factor * (s->z[c->u] * s->z[c->w] - expected) + c->shift * s->z[c->u];
	}
}

static void add_meat(struct sandwich *s, double mass)
{
	size_t i, j;

	for (i = 0; i < s->q; i++) {
		double own = mass * (s->score[i] - s->centre[i]);

		for (j = 0; j <= i; j++)
			s->meat[i * s->q + j] += own * (s->score[j] - s->centre[j]);
	}
}

/* Sums over the rows of all patterns, in their order. */
static void fill_meat(struct sandwich *s)
{
	const loy__sem_sample *sample = s->w->sample;
	size_t i, j, row;
	uint32_t k;
	int pass;

	for (pass = s->centred ? 0 : 1; pass < 2; pass++) {
		for (k = 0; k < sample->pattern_count; k++) {
			const loy__sem_pattern *pattern = sample->patterns + k;

			(void)loy__sem_enter_pattern(s->w, pattern);
			loy__sem_fill_pattern(s->w, pattern);
			for (row = pattern->first; row < pattern->first + pattern->rows; row++) {
				score_row(s, pattern, sample->rows + row * sample->items);
				if (pass == 1)
					add_meat(s, row_mass(sample, row));
				for (i = 0; pass == 0 && i < s->q; i++)
					s->centre[i] += sample->row_weights[row] / sample->n * s->score[i];
			}
		}
	}
	for (i = 0; i < s->q; i++) {
		for (j = 0; j < i; j++)
			s->meat[j * s->q + i] = s->meat[i * s->q + j];
	}
}

/* out = bread meat bread. */
static void assemble(const struct sandwich *s, double *out)
{
	size_t q = s->q, i, j, k;

	for (i = 0; i < q; i++) {
		memset(s->score, 0, q * sizeof(double));
		for (k = 0; k < q; k++) {
			for (j = 0; j < q; j++)
				s->score[j] += s->bread[i * q + k] * s->meat[k * q + j];
		}
		for (j = 0; j <= i; j++) {
			double sum = 0.0;

			for (k = 0; k < q; k++)
				sum += s->score[k] * s->bread[k * q + j];
			out[i * q + j] = out[j * q + i] = sum;
		}
	}
}

/* tr(B A^-1) of the model. */
static double own_trace(const struct sandwich *s)
{
	double sum = 0.0;
	size_t i;

	for (i = 0; i < s->q * s->q; i++)
		sum += s->meat[i] * s->bread[i];
	return sum;
}

/* ---- traces of the moments of complete rows ---- */

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
		sum += row_mass(sample, row) * (0.5 * (distance * distance - 2.0 * through + whole) +
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
static loy_status find_scaling(const loy__sem_work *w, int satorra, double own, loy__sem_scaling *out)
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

/* ---- the whole ---- */

/* The inverse of the information of all rows in `out`; 0 when it is not positive definite. */
static int invert(const loy__sem_work *w, const double *matrix, double *out)
{
	size_t q = w->model->free_count, i;

	for (i = 0; i < q * q; i++)
		out[i] = 0.5 * w->sample->trials * matrix[i];
	if (loy__cholesky(out, q, 0.0, NULL) != LOY_OK)
		return 0;
	loy__cholesky_inverse(out, q);
	return 1;
}

static loy_status find_sandwich(loy__sem_work *w, int satorra, double *out, loy__sem_scaling *scaling)
{
	size_t q = w->model->free_count, count = 2 * q * q + 2 * q + w->model->vector_count + 1;
	struct sandwich s = {0};
	double *block = loy__alloc_zero(&w->memory, count * sizeof(double));
	loy_status status = LOY_OK;

	if (block == NULL)
		return LOY_ENOMEM;
	s.w = w;
	s.q = q;
	s.centred = satorra;
	s.meat = block;
	s.bread = block + q * q;
	s.score = s.bread + q * q;
	s.centre = s.score + q;
	s.z = s.centre + q;
	fill_meat(&s);
	memcpy(s.bread, out, q * q * sizeof(double));
	assemble(&s, out);
	if (w->sample->pattern_count == 1 && w->sample->patterns->items == w->sample->items)
		status = find_scaling(w, satorra, own_trace(&s), scaling);
	loy__free(&w->memory, block, count * sizeof(double));
	return status;
}

loy_status loy__sem_errors(loy__sem_work *w, const loy_sem_options *options, double *out,
                           loy__sem_scaling *scaling)
{
	size_t q = w->model->free_count, i;
	uint32_t kind = options->errors;

	scaling->model = scaling->baseline = (double)NAN;
	if (kind == LOY_SEM_ERRORS_DEFAULT)
		kind = options->missing == LOY_SEM_FULL_INFORMATION ? LOY_SEM_ERRORS_OBSERVED
		                                                    : LOY_SEM_ERRORS_EXPECTED;
	if (!invert(w,
	            kind == LOY_SEM_ERRORS_EXPECTED || kind == LOY_SEM_ROBUST_MLM ? w->expected : w->hessian,
	            out)) {
		for (i = 0; i < q * q; i++)
			out[i] = (double)NAN;
		return LOY_OK;
	}
	if (kind < LOY_SEM_ROBUST_MLR)
		return LOY_OK;
	return find_sandwich(w, kind == LOY_SEM_ROBUST_MLM, out, scaling);
}
