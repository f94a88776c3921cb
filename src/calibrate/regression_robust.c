/*
 * Covariances of a linear fit that hold whatever the variances of its residuals are, in two passes over the
 * rows: the first finds the largest term, the second sums them on a grid made for it.
 */
#include "regression.h"

#include <math.h>

struct robust {
	const loy_linear *fit;
	loy__design design;
	loy__row_block block;
	loy__exact *sums;        /* size x stride */
	double *bread;           /* size x size: inverse of X'WX in the columns of the design */
	double *beta;            /* coefficients likewise */
	double weight_scale;     /* survey weights to n */
	double largest, inverse; /* of the terms */
	uint64_t rows, missing;
	uint32_t kind;
};

/* Terms of the rows of a block in `spare`. LOY_ERANGE when a row alone decides its value. */
static loy_status fill_terms(struct robust *r)
{
	loy__row_block *b = &r->block;
	const loy_linear *l = r->fit;
	size_t n = r->design.size, i, j, k;

	for (i = 0; i < b->rows; i++) {
		const double *z = b->z + i * r->design.stride;
		double fitted = 0.0, leverage = 0.0, weight = b->weight[i] / r->design.weight_inverse,
		       residual, left;

		for (j = 0; j < n; j++) {
			double sum = 0.0;

			for (k = 0; k < n; k++)
				sum += r->bread[j * n + k] * z[k];
			leverage += sum * z[j];
			fitted += r->beta[j] * z[j];
		}
		residual = b->y[i] - fitted;
		if (l->weighting == LOY_WEIGHT_SURVEY) {
			weight *= r->weight_scale;
			leverage *= weight;
			weight *= weight;
		}
		left = r->kind < LOY_ROBUST_HC2 ? 1.0 : 1.0 - leverage;
		if (!(left > 1e-12))
			return LOY_ERANGE;
		b->spare[i] =
		        weight * (residual * residual) / (r->kind == LOY_ROBUST_HC3 ? left * left : left);
	}
	return LOY_OK;
}

static loy_status pass(struct robust *r, const loy_table *table, int sum)
{
	loy__row_block *b = &r->block;
	uint64_t row = 0;
	size_t i, j;

	while (row < table->rows) {
		loy_status status = loy__row_block_fill(b, &r->design, table, &row, &r->missing);

		if (status != LOY_OK)
			return status;
		r->rows += b->rows;
		status = fill_terms(r);
		if (status != LOY_OK)
			return status;
		for (i = 0; i < b->rows && !sum; i++)
			r->largest = b->spare[i] > r->largest ? b->spare[i] : r->largest;
		for (i = 0; i < b->rows && sum; i++) {
			for (j = 0; j < r->design.stride; j++)
				b->f[i * r->design.stride + j] =
				        b->spare[i] * r->inverse * b->z[i * r->design.stride + j];
		}
		if (sum)
			loy__sum_matrix(r->sums, b->z, b->f, b->rows, r->design.size, r->design.stride, 1.0);
	}
	return LOY_OK;
}

static loy_status all_passes(struct robust *r, const loy_table *const *tables, uint32_t count,
                             loy_error *error)
{
	loy_status status = LOY_OK;
	uint32_t i, sum;

	for (sum = 0; sum < 2 && status == LOY_OK; sum++) {
		r->rows = 0;
		for (i = 0; i < count && status == LOY_OK; i++)
			status = pass(r, tables[i], sum != 0);
		r->inverse = 1.0 / loy__power_above(r->largest);
	}
	if (status == LOY_ERANGE)
		return loy__fail(error, status, "a row alone decides its own value: its leverage is 1");
	if (status != LOY_OK || r->rows != r->fit->rows)
		return loy__fail(error, LOY_ESTATE, "these are not the rows the moments were made of");
	return LOY_OK;
}

/* Columns of the fit, centred on the means, and X'WX there, of which the intercept is no part. */
static void fill_design(struct robust *r)
{
	const loy_linear *l = r->fit;
	loy__design *d = &r->design;
	size_t p = l->predictors, n = p + 1, i, j;

	for (i = 0; i < p; i++) {
		double up = l->most[i] - l->mean[i], down = l->mean[i] - l->least[i];

		d->centre[i] = l->mean[i];
		d->inverse[i] = 1.0 / loy__power_above(up > down ? up : down);
		r->beta[i + 1] = l->value[i + 1] / d->inverse[i];
	}
	r->beta[0] = l->mean[p];
	r->bread[0] = 1.0 / l->summary.n;
	for (i = 0; i < p; i++) {
		for (j = 0; j < p; j++) {
			if (l->inverse[i * p + j] != 0.0)
				r->bread[(i + 1) * n + j + 1] = l->inverse[i * p + j] / (l->summary.n - 1.0) /
				                                (l->deviation[i] * d->inverse[i]) /
				                                (l->deviation[j] * d->inverse[j]);
		}
	}
}

/* bread · sums · bread, in the caller's units; what has a flaw has none. */
static void finish(struct robust *r, double *spare, double *covariance)
{
	const loy_linear *l = r->fit;
	size_t n = r->design.size, i, j, k;
	double factor = r->kind == LOY_ROBUST_HC1 ? l->summary.n / l->summary.degrees : 1.0;

	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			double sum = 0.0;

			for (k = 0; k < n; k++)
				sum += r->bread[i * n + k] *
				       r->sums[(k < j ? j : k) * r->design.stride + (k < j ? k : j)].high;
			spare[i * n + j] = factor * sum / r->inverse;
		}
	}
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			double sum = 0.0;

			for (k = 0; k < n; k++)
				sum += spare[i * n + k] * r->bread[k * n + j];
			covariance[i * n + j] = sum;
		}
	}
	loy__design_restore_covariance(&r->design, covariance);
	for (i = 0; i < n * n; i++) {
		if (l->flaw[i / n] != LOY_FLAW_NONE || l->flaw[i % n] != LOY_FLAW_NONE)
			covariance[i] = (double)NAN;
	}
}

/* Survey weights are scaled to add up to the rows: the sum of all, exactly, on the grid of the largest. */
static double weight_sum(struct robust *r, const loy_table *const *tables, uint32_t count)
{
	loy__exact sum = {0.0, 0.0};
	double bound = 0.0;
	uint32_t i, second;
	size_t k;

	for (second = 0; second < 2; second++) {
		for (i = 0; i < count; i++) {
			uint64_t row = 0;

			while (row < tables[i]->rows && loy__row_block_fill(&r->block, &r->design, tables[i],
			                                                    &row, &r->missing) == LOY_OK) {
				for (k = 0; k < r->block.rows && !second; k++)
					bound = r->block.weight[k] > bound ? r->block.weight[k] : bound;
				if (second)
					loy__sum_values(&sum, r->block.weight, r->block.rows,
					                loy__power_above(bound));
			}
		}
	}
	return sum.high / r->design.weight_inverse;
}

static loy_status check(const loy_linear *linear, const loy_table *const *tables, uint32_t count,
                        uint32_t kind, const double *covariance, loy_error *error)
{
	loy_status status = LOY_OK;
	uint32_t i;

	if (linear == NULL || tables == NULL || count == 0 || kind > LOY_ROBUST_HC3 || covariance == NULL)
		return loy__fail(error, LOY_EINVAL, "a fit, its tables, a kind and a place are needed");
	if (linear->missing != LOY_MISSING_LISTWISE)
		return loy__fail(error, LOY_EINVAL, "robust covariances are of complete rows");
	for (i = 0; i < count && status == LOY_OK; i++) {
		status = loy__table_check(tables[i], error);
		if (status == LOY_OK && tables[i]->columns != linear->columns)
			status = loy__fail(error, LOY_EINVAL, "a table has not the columns of the moments");
	}
	return status;
}

loy_status loy_linear_robust(const loy_linear *linear, const loy_table *const *tables, uint32_t count,
                             uint32_t kind, double *covariance, const loy_allocator *memory, loy_error *error)
{
	struct robust r = {0};
	loy_allocator adopted;
	size_t n, stride, doubles;
	double *block, *at;
	loy_status status = check(linear, tables, count, kind, covariance, error);

	if (status != LOY_OK)
		return status;
	if (loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "an allocator has all functions or none");
	n = (size_t)linear->predictors + 1;
	stride = (n + 3) / 4 * 4;
	doubles = loy__row_block_doubles(stride) + 2 * (n + 1) * stride + 3 * n + 2 * n * n;
	block = at = loy__alloc_zero(&adopted, doubles * sizeof(*block));
	if (block == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the covariance");
	r.fit = linear;
	r.kind = kind;
	r.design.columns = linear->columns;
	r.design.predictors = linear->predictors;
	r.design.outcome = linear->outcome;
	r.design.whole = 1;
	r.design.size = n;
	r.design.stride = stride;
	r.design.place = linear->place;
	r.design.weight_inverse = 0x1p-40;
	loy__row_block_lay_out(&r.block, at, stride);
	at += loy__row_block_doubles(stride);
	r.sums = (loy__exact *)(void *)at;
	r.bread = at + 2 * (n + 1) * stride;
	r.beta = r.bread + 2 * n * n;
	r.design.centre = r.beta + n;
	r.design.inverse = r.design.centre + n;
	fill_design(&r);
	if (linear->weighting == LOY_WEIGHT_SURVEY)
		r.weight_scale = linear->summary.n / weight_sum(&r, tables, count);
	status = all_passes(&r, tables, count, error);
	if (status == LOY_OK)
		finish(&r, r.bread + n * n, covariance);
	loy__free(&adopted, block, doubles * sizeof(*block));
	return status;
}
