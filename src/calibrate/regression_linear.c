/*
 * Least squares from moments: correlations are factored, which does not care for the units of columns; what
 * depends on the columns before it to 1e-11 has no coefficient.
 */
#include "regression.h"

#include <math.h>

#define ALIAS_TOLERANCE 1e-11
#define LOG_TWO_PI      1.8378770664093453

static loy_linear *allocate(const loy_allocator *memory, const uint32_t *place, uint32_t predictors)
{
	size_t head = (sizeof(loy_linear) + 7) / 8 * 8, p = predictors, size = p + 1;
	size_t doubles = 4 * size + 3 * p + size + 2 * p * p + size * size;
	size_t bytes = head + doubles * sizeof(double) + (p + size) * sizeof(uint32_t);
	loy_linear *l = loy__alloc_zero(memory, bytes);
	double *at;

	if (l == NULL)
		return NULL;
	at = (double *)(void *)((char *)l + head);
	l->memory = *memory;
	l->bytes = bytes;
	l->predictors = predictors;
	l->mean = loy__cut(&at, size);
	l->deviation = loy__cut(&at, size);
	l->least = loy__cut(&at, size);
	l->most = loy__cut(&at, size);
	l->with = loy__cut(&at, 2 * p);
	l->beta = loy__cut(&at, p);
	l->value = loy__cut(&at, size);
	l->correlation = loy__cut(&at, p * p);
	l->inverse = loy__cut(&at, p * p);
	l->covariance = loy__cut(&at, size * size);
	l->place = (uint32_t *)(void *)at;
	l->flaw = l->place + p;
	memcpy(l->place, place, p * sizeof(*place));
	return l;
}

void loy_linear_destroy(loy_linear *linear)
{
	loy_allocator memory;

	if (linear == NULL)
		return;
	memory = linear->memory; /* it lies in the block: copy it out */
	loy__free(&memory, linear, linear->bytes);
}

/* ---- from moments ---- */

static uint32_t column_of(const loy_linear *l, size_t i)
{
	return i < l->predictors ? l->place[i] : l->outcome;
}

/* Means, ranges, deviations, correlations; matrix and means are of all columns. */
static void take_moments(loy_linear *l, const loy_moments *moments, const double *matrix, const double *means)
{
	size_t p = l->predictors, i, j;

	for (i = 0; i <= p; i++) {
		uint32_t column = column_of(l, i);
		loy_column_moments c;

		c.struct_size = sizeof(c);
		(void)loy_moments_get_column(moments, column, l->weighting, &c);
		l->mean[i] = means[column];
		l->least[i] = c.least;
		l->most[i] = c.greatest;
		l->deviation[i] = sqrt(matrix[(size_t)column * (l->columns + 1)]);
	}
	for (i = 0; i < p; i++) {
		for (j = 0; j <= p; j++) {
			double both = matrix[(size_t)column_of(l, i) * l->columns + column_of(l, j)];
			double scale = l->deviation[i] * l->deviation[j];
			double r = i == j ? 1.0 : scale > 0.0 ? both / scale : 0.0;

			if (j < p)
				l->correlation[i * p + j] = r;
			else
				l->with[i] = r;
		}
	}
}

/* n: what every pair used has at least. */
static double least_count(const loy_linear *l, const double *counts)
{
	double n = counts[(size_t)l->outcome * (l->columns + 1)];
	size_t i, j;

	for (i = 0; i <= l->predictors; i++) {
		for (j = 0; j <= l->predictors; j++) {
			double pair = counts[(size_t)column_of(l, i) * l->columns + column_of(l, j)];

			n = pair < n ? pair : n;
		}
	}
	return n;
}

static loy_status read_moments(loy_linear *l, const loy_moments *moments, loy_error *error)
{
	size_t cells = (size_t)l->columns * l->columns, bytes = (cells + l->columns) * sizeof(double);
	double *matrix = loy__alloc(&l->memory, bytes);
	loy_status status;

	if (matrix == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the moments");
	status = loy_moments_get_matrix(moments, l->missing, l->weighting, LOY_MATRIX_COUNT, matrix, NULL,
	                                error);
	if (status == LOY_OK) {
		l->summary.n = least_count(l, matrix);
		status = loy_moments_get_matrix(moments, l->missing, l->weighting, LOY_MATRIX_COVARIANCE,
		                                matrix, matrix + cells, error);
	}
	if (status == LOY_OK)
		take_moments(l, moments, matrix, matrix + cells);
	loy__free(&l->memory, matrix, bytes);
	return status;
}

/* ---- the solution ---- */

/* The factor of the correlations of `kept`, which loses what depends on others. Returns how many are left. */
static size_t choose_columns(loy_linear *l, uint32_t *kept, double *factor)
{
	size_t p = l->predictors, count = 0, i, j, pivot = 0;

	for (i = 0; i < p; i++) {
		if (l->deviation[i] > 0.0)
			kept[count++] = (uint32_t)i;
		else
			l->flaw[i + 1] = LOY_FLAW_CONSTANT;
	}
	for (;;) {
		for (i = 0; i < count; i++) {
			for (j = 0; j < count; j++)
				factor[i * count + j] = l->correlation[kept[i] * p + kept[j]];
		}
		if (loy__cholesky(factor, count, ALIAS_TOLERANCE, &pivot) == LOY_OK)
			return count;
		l->flaw[kept[pivot] + 1] = LOY_FLAW_COLLINEAR;
		count--;
		memmove(kept + pivot, kept + pivot + 1, (count - pivot) * sizeof(*kept));
	}
}

/* beta, the inverse, R² and condition. */
static void solve(loy_linear *l, const uint32_t *kept, size_t count, double *factor)
{
	double *right = l->with + l->predictors; /* room behind the correlations */
	size_t p = l->predictors, i, j;
	double sum = 0.0;

	for (i = 0; i < count; i++)
		right[i] = l->with[kept[i]];
	loy__cholesky_solve(factor, count, right);
	loy__cholesky_inverse(factor, count);
	for (i = 0; i < count; i++) {
		l->beta[kept[i]] = right[i];
		sum += right[i] * l->with[kept[i]];
		for (j = 0; j < count; j++)
			l->inverse[kept[i] * p + kept[j]] = factor[i * count + j];
	}
	l->summary.r_squared = sum > 1.0 ? 1.0 : sum > 0.0 ? sum : 0.0;
	for (i = 0; i < count; i++) {
		for (j = 0; j < count; j++)
			factor[i * count + j] = l->correlation[kept[i] * p + kept[j]];
	}
	l->summary.condition = (double)INFINITY;
	if (loy__symmetric_eigen(factor, count, right, NULL) == LOY_OK)
		l->summary.condition = loy__condition_number(right, count);
}

static loy_status fill_tests(loy_linear *l, size_t count, loy_error *error)
{
	loy_linear_summary *s = &l->summary;
	double spread = l->deviation[l->predictors], k = (double)count, left = 1.0 - s->r_squared, squares;

	s->predictors = l->predictors;
	s->estimated = (uint32_t)count + 1;
	s->degrees = s->n - k - 1.0;
	if (!(s->degrees > 0.0))
		return loy__fail(error, LOY_EUNKNOWN, "there are no more rows than coefficients");
	squares = (s->n - 1.0) * spread * spread * left;
	s->r_squared_adjusted = 1.0 - left * (s->n - 1.0) / s->degrees;
	s->sigma = sqrt(squares / s->degrees);
	s->log_likelihood = -0.5 * s->n * (LOG_TWO_PI + loy__log(squares / s->n) + 1.0);
	s->aic = -2.0 * s->log_likelihood + 2.0 * (k + 1.0);
	s->bic = -2.0 * s->log_likelihood + (k + 1.0) * loy__log(s->n);
	s->f = s->f_p = (double)NAN;
	if (count > 0) {
		s->f = s->r_squared / k / (left / s->degrees);
		(void)loy__f_ratio(s->f, k, s->degrees, NULL, &s->f_p);
	}
	return LOY_OK;
}

/* Coefficients and their covariances in the caller's units; zeros where there is none. */
static void fill_values(loy_linear *l)
{
	size_t p = l->predictors, n = p + 1, i, j;
	double spread = l->deviation[p], variance = l->summary.sigma * l->summary.sigma;
	double *c = l->covariance;

	l->value[0] = l->mean[p];
	for (i = 0; i < p; i++) {
		l->value[i + 1] =
		        l->flaw[i + 1] == LOY_FLAW_NONE ? l->beta[i] * spread / l->deviation[i] : 0.0;
		l->value[0] -= l->value[i + 1] * l->mean[i];
		for (j = 0; j < p; j++) {
			if (l->inverse[i * p + j] != 0.0)
				c[(i + 1) * n + j + 1] = variance / (l->summary.n - 1.0) *
				                         l->inverse[i * p + j] /
				                         (l->deviation[i] * l->deviation[j]);
		}
	}
	c[0] = variance / l->summary.n;
	for (i = 1; i < n; i++) {
		double sum = 0.0;

		for (j = 1; j < n; j++)
			sum -= l->mean[j - 1] * c[j * n + i];
		c[i] = c[i * n] = sum;
		c[0] -= l->mean[i - 1] * sum;
	}
}

static loy_status fit(loy_linear *l, const loy_moments *moments, loy_error *error)
{
	size_t p = l->predictors, bytes = p * p * sizeof(double) + p * sizeof(uint32_t) + sizeof(double),
	       count, i;
	double *factor;
	loy_status status = read_moments(l, moments, error);

	if (status != LOY_OK)
		return status;
	if (!(l->deviation[p] > 0.0))
		return loy__fail_row(error, LOY_ERANGE, -1, l->outcome, "the outcome does not vary");
	factor = loy__alloc(&l->memory, bytes);
	if (factor == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the fit");
	count = choose_columns(l, (uint32_t *)(void *)(factor + p * p), factor);
	solve(l, (uint32_t *)(void *)(factor + p * p), count, factor);
	loy__free(&l->memory, factor, bytes);
	status = fill_tests(l, count, error);
	if (status == LOY_OK)
		fill_values(l);
	for (i = p + 1; i-- > 1;)
		l->summary.column = l->flaw[i] != LOY_FLAW_NONE ? (uint32_t)i : l->summary.column;
	return status;
}

static loy_status prepare(loy_linear **out, const loy_moments *moments, const loy_linear_options *options,
                          const loy_allocator *memory)
{
	uint32_t place[LOY_PREDICTORS_MAX], count;
	loy_linear_options o;
	loy_moments_info info;
	loy_allocator adopted;
	loy_status status;

	info.struct_size = sizeof(info);
	if (loy__options_read(&o, sizeof(o), options) != LOY_OK || options == NULL || o.reserved != 0 ||
	    loy_moments_get_info(moments, &info) != LOY_OK || o.missing > LOY_MISSING_MEAN ||
	    o.weighting > LOY_WEIGHT_SURVEY ||
	    !(o.confidence == 0.0 || (o.confidence > 0.0 && o.confidence < 1.0)) ||
	    loy__memory_adopt(&adopted, memory) != LOY_OK)
		return LOY_EINVAL;
	count = o.predictor_count;
	if (o.outcome >= info.columns)
		return LOY_ENOTFOUND;
	status = loy__design_choose(place, &count, o.predictors, info.columns, o.outcome, info.columns);
	if (status != LOY_OK)
		return status;
	*out = allocate(&adopted, place, count);
	if (*out == NULL)
		return LOY_ENOMEM;
	(*out)->columns = info.columns;
	(*out)->outcome = o.outcome;
	(*out)->missing = o.missing;
	(*out)->weighting = o.weighting;
	(*out)->rows = info.complete;
	(*out)->confidence = o.confidence > 0.0 ? o.confidence : 0.95;
	return LOY_OK;
}

loy_status loy_linear_create(loy_linear **out, const loy_moments *moments, const loy_linear_options *options,
                             const loy_allocator *memory, loy_error *error)
{
	loy_linear *l = NULL;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "nowhere to put the fit");
	*out = NULL;
	status = prepare(&l, moments, options, memory);
	if (status != LOY_OK)
		return loy__fail(error, status, "moments and options that name columns of theirs are needed");
	status = fit(l, moments, error);
	if (status != LOY_OK)
		loy_linear_destroy(l);
	else
		*out = l;
	return status;
}

/* ---- reading ---- */

loy_status loy_linear_get_summary(const loy_linear *linear, loy_linear_summary *out)
{
	if (linear == NULL)
		return LOY_EINVAL;
	return loy__result_write(out, &linear->summary, sizeof(linear->summary));
}

loy_status loy_linear_get_coefficient(const loy_linear *linear, uint32_t index, loy_coefficient *out)
{
	loy_coefficient c;
	double value;
	size_t p;

	if (linear == NULL)
		return LOY_EINVAL;
	p = linear->predictors;
	if (index > p)
		return LOY_ENOTFOUND;
	memset(&c, 0, sizeof(c));
	c.flaw = linear->flaw[index];
	value = c.flaw == LOY_FLAW_NONE ? linear->value[index] : (double)NAN;
	loy__coefficient_fill(&c, value, sqrt(linear->covariance[index * (p + 2)]), linear->summary.degrees,
	                      linear->confidence);
	c.beta = c.inflation = (double)NAN;
	if (c.flaw != LOY_FLAW_NONE) {
		c.deviation = (double)NAN;
	} else if (index > 0) {
		c.beta = linear->beta[index - 1];
		c.inflation = linear->inverse[(index - 1) * (p + 1)];
	}
	return loy__result_write(out, &c, sizeof(c));
}

loy_status loy_linear_covariance(const loy_linear *linear, uint32_t row, uint32_t column, double *out)
{
	if (linear == NULL || out == NULL)
		return LOY_EINVAL;
	if (row > linear->predictors || column > linear->predictors)
		return LOY_ENOTFOUND;
	*out = linear->flaw[row] == LOY_FLAW_NONE && linear->flaw[column] == LOY_FLAW_NONE
	               ? linear->covariance[row * (linear->predictors + 1) + column]
	               : (double)NAN;
	return LOY_OK;
}
