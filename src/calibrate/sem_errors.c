/*
 * Covariances of the estimates: the inverse of the information, expected (Jöreskog 1969) or observed (Efron &
 * Hinkley 1978), or a sandwich around the products of the rows' own derivatives (Huber 1967, White 1982;
 * Satorra & Bentler 1994). Weights of surveys come in squared, as the rows stand for others but vary by
 * themselves.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

struct sandwich {
	loy__sem_work *w;
	size_t q;
	int centred; /* Satorra & Bentler: rows' moments about their mean, and about the mean of the sample */
	double *meat, *score, *centre, *z;
};

double loy__sem_row_mass(const loy__sem_sample *sample, size_t row)
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
					add_meat(s, loy__sem_row_mass(sample, row));
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

loy_status loy__sem_meat(loy__sem_work *w, int centred, double *meat)
{
	size_t q = w->model->free_count, size = (2 * q + w->model->vector_count) * sizeof(double);
	double *block = loy__alloc_zero(&w->memory, size);
	struct sandwich s = {0};

	if (block == NULL)
		return LOY_ENOMEM;
	s.w = w;
	s.q = q;
	s.centred = centred;
	s.meat = meat;
	s.score = block;
	s.centre = block + q;
	s.z = block + 2 * q;
	memset(meat, 0, q * q * sizeof(double));
	fill_meat(&s);
	loy__free(&w->memory, block, size);
	return LOY_OK;
}

double loy__sem_trace(const double *a, const double *b, size_t n)
{
	double sum = 0.0;
	size_t i;

	for (i = 0; i < n * n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* ---- the whole ---- */

int loy__sem_invert(const loy__sem_work *w, const double *matrix, double *out)
{
	size_t q = w->model->free_count, i;

	for (i = 0; i < q * q; i++)
		out[i] = 0.5 * w->sample->trials * matrix[i];
	if (loy__cholesky(out, q, 0.0, NULL) != LOY_OK)
		return 0;
	loy__cholesky_inverse(out, q);
	return 1;
}

/* out = bread meat bread; what was meat is scratch afterwards. */
static void assemble(double *out, const double *bread, double *meat, double *product, size_t q)
{
	size_t i, j, k;

	memset(product, 0, q * q * sizeof(double));
	for (i = 0; i < q; i++) {
		for (k = 0; k < q; k++) {
			for (j = 0; j < q; j++)
				product[i * q + j] += bread[i * q + k] * meat[k * q + j];
		}
	}
	memset(meat, 0, q * q * sizeof(double));
	for (i = 0; i < q; i++) {
		for (k = 0; k < q; k++) {
			for (j = 0; j <= i; j++)
				meat[i * q + j] += product[i * q + k] * bread[k * q + j];
		}
	}
	for (i = 0; i < q; i++) {
		for (j = 0; j <= i; j++)
			out[i * q + j] = out[j * q + i] = meat[i * q + j];
	}
}

static loy_status find_sandwich(loy__sem_work *w, int satorra, double *out, loy__sem_scaling *scaling)
{
	size_t q = w->model->free_count, size = 3 * q * q * sizeof(double);
	double *meat = loy__alloc(&w->memory, size), *bread, *product, own;
	loy_status status;

	if (meat == NULL)
		return LOY_ENOMEM;
	bread = meat + q * q;
	product = bread + q * q;
	memcpy(bread, out, q * q * sizeof(double));
	status = loy__sem_meat(w, satorra, meat);
	if (status == LOY_OK) {
		own = loy__sem_trace(meat, bread, q);
		assemble(out, bread, meat, product, q);
		status = loy__sem_scale(w, satorra, own, scaling);
	}
	loy__free(&w->memory, meat, size);
	return status;
}

loy_status loy__sem_errors(loy__sem_work *w, const loy_sem_options *options, double *out,
                           loy__sem_scaling *scaling)
{
	size_t q = w->model->free_count, i;
	uint32_t kind = options->errors;
	int expected;

	scaling->model = scaling->baseline = (double)NAN;
	if (kind == LOY_SEM_ERRORS_DEFAULT)
		kind = options->missing == LOY_SEM_FULL_INFORMATION ? LOY_SEM_ERRORS_OBSERVED
		                                                    : LOY_SEM_ERRORS_EXPECTED;
	expected = kind == LOY_SEM_ERRORS_EXPECTED || kind == LOY_SEM_ROBUST_MLM;
	if (!loy__sem_invert(w, expected ? w->expected : w->hessian, out)) {
		for (i = 0; i < q * q; i++)
			out[i] = (double)NAN;
		return LOY_OK;
	}
	return kind < LOY_SEM_ROBUST_MLR ? LOY_OK
	                                 : find_sandwich(w, kind == LOY_SEM_ROBUST_MLM, out, scaling);
}
