/* Logistic fits in the making: what is allocated, rows into rounds, forks and merges. */
#include "regression.h"

#include <math.h>

#define OFFSET_MAX 1e6

static size_t sums_doubles(const loy__design *d)
{
	return 2 * (d->size - 1) + 2 * (d->stride + 2 * d->size * d->stride + 2 * d->stride);
}

static void lay_out_sums(const loy__design *d, loy__round_sums *s, double **from)
{
	s->least = loy__cut(from, d->predictors);
	s->most = loy__cut(from, d->predictors);
	s->vector = (loy__exact *)(void *)loy__cut(from, 2 * d->stride);
	s->matrix = (loy__exact *)(void *)loy__cut(from, 2 * (d->size + 1) * d->stride);
}

static size_t fit_doubles(const loy__design *d)
{
	return 2 * (d->size - 1) + 5 * d->size + 5 * d->size * d->size + 2 * sums_doubles(d) +
	       loy__row_block_doubles(d->stride);
}

/* Everything lies in one block: the fit, doubles, then small integers. */
static loy_logistic *allocate(const loy_allocator *memory, loy__design *d)
{
	size_t head = (sizeof(loy_logistic) + 7) / 8 * 8;
	size_t bytes =
	        head + fit_doubles(d) * sizeof(double) + (3 * d->size + d->predictors) * sizeof(uint32_t);
	loy_logistic *fit = loy__alloc_zero(memory, bytes);
	double *at;
	uint32_t *small;

	if (fit == NULL)
		return NULL;
	at = (double *)(void *)((char *)fit + head);
	small = (uint32_t *)(void *)(at + fit_doubles(d));
	fit->memory = *memory;
	fit->bytes = bytes;
	fit->design = *d;
	fit->design.centre = loy__cut(&at, d->predictors);
	fit->design.inverse = loy__cut(&at, d->predictors);
	fit->at = loy__cut(&at, d->size);
	fit->trial = loy__cut(&at, d->size);
	fit->direction = loy__cut(&at, d->size);
	fit->gradient = loy__cut(&at, d->size);
	fit->deviation_scale = loy__cut(&at, d->size);
	fit->information = loy__cut(&at, d->size * d->size);
	fit->factor = loy__cut(&at, d->size * d->size);
	fit->inverse = loy__cut(&at, d->size * d->size);
	fit->covariance = loy__cut(&at, d->size * d->size);
	fit->robust = loy__cut(&at, d->size * d->size);
	lay_out_sums(d, &fit->sums, &at);
	lay_out_sums(d, &fit->scratch, &at);
	loy__row_block_lay_out(&fit->block, at, d->stride);
	fit->flaw = small;
	fit->kept = fit->flaw + d->size;
	fit->moved = fit->kept + d->size;
	fit->design.place = fit->moved + d->size;
	memcpy(fit->design.place, d->place, d->predictors * sizeof(*d->place));
	return fit;
}

/* LOY_OK and the options as they are meant, or what is wrong with them. */
static loy_status check_options(loy_logistic_options *o, const loy_logistic_options *given, uint32_t *place)
{
	const uint32_t flags = LOY_LOGISTIC_OFFSET | LOY_LOGISTIC_HELD | LOY_LOGISTIC_ROBUST;
	loy_status status;
	uint32_t none;

	if (given == NULL || loy__options_read(o, sizeof(*o), given) != LOY_OK || (o->flags & ~flags) != 0 ||
	    o->method > LOY_LOGISTIC_SAFE || o->weighting > LOY_WEIGHT_SURVEY || o->columns == 0 ||
	    o->columns > LOY_TABLE_COLUMNS_MAX)
		return LOY_EINVAL;
	none = (o->flags & LOY_LOGISTIC_OFFSET) != 0 ? o->offset : o->columns;
	if (((o->flags & LOY_LOGISTIC_OFFSET) == 0 ? o->offset != 0
	                                           : o->offset >= o->columns || o->offset == o->outcome) ||
	    ((o->flags & LOY_LOGISTIC_HELD) == 0 && o->held != 0))
		return LOY_EINVAL;
	status = loy__design_choose(place, &o->predictor_count, o->predictors, o->columns, o->outcome, none);
	if (status != LOY_OK)
		return status;
	if (o->held > o->predictor_count || !(o->ridge >= 0.0 && o->ridge <= 1e100) ||
	    (o->ridge > 0.0 && o->method != LOY_LOGISTIC_LIKELIHOOD) ||
	    !(o->confidence == 0.0 || (o->confidence > 0.0 && o->confidence < 1.0)))
		return LOY_EINVAL;
	if (o->confidence == 0.0)
		o->confidence = 0.95;
	if (o->iterations == 0)
		o->iterations = 1000;
	o->predictors = NULL;
	return LOY_OK;
}

void loy__round_clear(const loy_logistic *fit, loy__round_sums *s)
{
	const loy__design *d = &fit->design;
	size_t j;

	s->rows = s->missing = 0;
	s->weight_most = s->offset_most = 0.0;
	for (j = 0; j < d->predictors; j++) {
		s->least[j] = (double)INFINITY;
		s->most[j] = -(double)INFINITY;
	}
	s->weight.high = s->weight.low = s->event.high = s->event.low = 0.0;
	memset(s->value, 0, sizeof(s->value));
	for (j = 0; j < d->stride; j++)
		s->vector[j].high = s->vector[j].low = 0.0;
	for (j = 0; j < (d->size + 1) * d->stride; j++)
		s->matrix[j].high = s->matrix[j].low = 0.0;
}

static void merge_grids(loy__exact *to, const loy__exact *from, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		loy__exact_add(&to[i], from[i].high, from[i].low);
}

static void merge_round(const loy_logistic *fit, loy__round_sums *to, const loy__round_sums *from)
{
	const loy__design *d = &fit->design;
	size_t j;

	to->rows += from->rows;
	to->missing += from->missing;
	to->weight_most = from->weight_most > to->weight_most ? from->weight_most : to->weight_most;
	to->offset_most = from->offset_most > to->offset_most ? from->offset_most : to->offset_most;
	for (j = 0; j < d->predictors; j++) {
		to->least[j] = from->least[j] < to->least[j] ? from->least[j] : to->least[j];
		to->most[j] = from->most[j] > to->most[j] ? from->most[j] : to->most[j];
	}
	merge_grids(&to->weight, &from->weight, 1);
	merge_grids(&to->event, &from->event, 1);
	merge_grids(to->value, from->value, 2);
	merge_grids(to->vector, from->vector, d->stride);
	if (fit->round == LOY__ROUND_VALUE ? fit->informed : fit->round == LOY__ROUND_ROBUST)
		merge_grids(to->matrix, from->matrix, (d->size + 1) * d->stride);
}

loy_status loy_logistic_create(loy_logistic **out, const loy_logistic_options *options,
                               const loy_allocator *memory)
{
	uint32_t place[LOY_PREDICTORS_MAX];
	loy_logistic_options chosen;
	loy__design design;
	loy_allocator adopted;
	loy_status status;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	status = check_options(&chosen, options, place);
	if (status == LOY_OK)
		status = loy__memory_adopt(&adopted, memory);
	if (status != LOY_OK)
		return status;
	memset(&design, 0, sizeof(design));
	design.columns = chosen.columns;
	design.predictors = chosen.predictor_count;
	design.outcome = chosen.outcome;
	design.offset = chosen.offset;
	design.with_offset = (chosen.flags & LOY_LOGISTIC_OFFSET) != 0;
	design.free = 1;
	design.binary = 1;
	design.size = 1 + (size_t)chosen.predictor_count;
	design.stride = (design.size + 3) / 4 * 4;
	design.place = place;
	design.weight_inverse = 1.0;
	*out = allocate(&adopted, &design);
	if (*out == NULL)
		return LOY_ENOMEM;
	(*out)->options = chosen;
	(*out)->method = chosen.method == LOY_LOGISTIC_FIRTH ? LOY_LOGISTIC_FIRTH : LOY_LOGISTIC_LIKELIHOOD;
	(*out)->round = LOY__ROUND_RANGE;
	loy__round_clear(*out, &(*out)->sums);
	return LOY_OK;
}

void loy_logistic_destroy(loy_logistic *fit)
{
	loy_allocator memory;

	if (fit == NULL)
		return;
	memory = fit->memory; /* it lies in the block: copy it out */
	loy__free(&memory, fit, fit->bytes);
}

/* ---- rows into sums ---- */

static loy_status refuse(const loy_logistic *fit, size_t r, uint32_t column, const char *why,
                         loy_error *error)
{
	return loy__fail_row(error, LOY_ERANGE, (int64_t)fit->block.row[r], column, why);
}

/* The first round: values are looked at, ranges kept. */
static loy_status sum_range(loy_logistic *fit, loy__round_sums *to, loy_error *error)
{
	const loy__design *d = &fit->design;
	const loy__row_block *b = &fit->block;
	size_t r, j;

	for (r = 0; r < b->rows; r++) {
		const double *z = b->z + r * d->stride + 1;

		if (b->y[r] != 0.0 && b->y[r] != 1.0)
			return refuse(fit, r, d->outcome, "an outcome is 0 or 1", error);
		if (!(b->weight[r] > 0.0 && b->weight[r] < 0x1p40))
			return refuse(fit, r, 0, "a weight lies in [0, 2^40)", error);
		if (!(fabs(b->offset[r]) <= OFFSET_MAX))
			return refuse(fit, r, d->offset, "an offset is at most 1e6", error);
		for (j = 0; j < d->predictors; j++) {
			if (!(fabs(z[j]) <= LOY__PREDICTOR_MAX))
				return refuse(fit, r, d->place[j], "a predictor is a number of at most 1e100",
				              error);
			to->least[j] = z[j] < to->least[j] ? z[j] : to->least[j];
			to->most[j] = z[j] > to->most[j] ? z[j] : to->most[j];
		}
		to->weight_most = b->weight[r] > to->weight_most ? b->weight[r] : to->weight_most;
		to->offset_most = fabs(b->offset[r]) > to->offset_most ? fabs(b->offset[r]) : to->offset_most;
	}
	return LOY_OK;
}

static void sum_centre(loy_logistic *fit, loy__round_sums *to)
{
	loy__row_block *b = &fit->block;
	size_t r;

	for (r = 0; r < b->rows; r++)
		b->spare[r] = b->weight[r] * b->y[r];
	loy__sum_values(&to->event, b->spare, b->rows, 1.0);
	loy__sum_vector(to->vector, b->z, b->weight, b->rows, fit->design.stride, 1.0);
}

/* Log odds of each row. Four partial sums, always the same ones. */
static void fill_eta(loy_logistic *fit, const double *at)
{
	const loy__design *d = &fit->design;
	loy__row_block *b = &fit->block;
	size_t r, k;

	for (r = 0; r < b->rows; r++) {
		const double *z = b->z + r * d->stride;
		double part[4] = {0.0, 0.0, 0.0, 0.0};

		for (k = 0; k + 4 <= d->size; k += 4) {
			part[0] += at[k] * z[k];
			part[1] += at[k + 1] * z[k + 1];
			part[2] += at[k + 2] * z[k + 2];
			part[3] += at[k + 3] * z[k + 3];
		}
		for (; k < d->size; k++)
			part[k % 4] += at[k] * z[k];
		b->eta[r] = ((part[0] + part[1]) + (part[2] + part[3])) + b->offset[r];
	}
}

/* f becomes each row of z times factor[r]. */
static void fill_factors(loy_logistic *fit, const double *factor)
{
	size_t stride = fit->design.stride, r, k, l;

	for (r = 0; r < fit->block.rows; r++) {
		const double *z = fit->block.z + r * stride;
		double *f = fit->block.f + r * stride, by = factor[r];

		for (k = 0; k < stride; k += 4) {
			for (l = 0; l < 4; l++)
				f[k + l] = by * z[k + l];
		}
	}
}

/* A bound of what one row can add to the log-likelihood, from coefficients alone. */
static double value_bound(const loy_logistic *fit)
{
	double sum = 1.0 + fit->design.offset_most;
	size_t k;

	for (k = 0; k < fit->design.size; k++)
		sum += fabs(fit->trial[k]);
	return loy__power_above(sum);
}

/* Likelihood, gradient and, when wanted, information at the trial point. */
static void sum_value(loy_logistic *fit, loy__round_sums *to, double bound)
{
	loy__row_block *b = &fit->block;
	double *residual = b->offset, *mass = b->spare; /* the offset is in eta by then */
	size_t r;

	fill_eta(fit, fit->trial);
	for (r = 0; r < b->rows; r++) {
		double eta = b->eta[r], small = loy__exp(-fabs(eta)), share = 1.0 / (1.0 + small);
		double rest = small * share; /* the smaller of the two probabilities */
		int likely = (eta < 0.0) == (b->y[r] == 0.0);

		mass[r] = b->weight[r] * (share * rest);
		residual[r] = b->weight[r] * (likely ? rest : share);
		if (b->y[r] == 0.0)
			residual[r] = -residual[r];
		b->eta[r] = -b->weight[r] * (loy__log1p(small) + (likely ? 0.0 : fabs(eta)));
	}
	loy__sum_values_finely(to->value, b->eta, b->rows, bound);
	loy__sum_vector(to->vector, b->z, residual, b->rows, fit->design.stride, 1.0);
	if (!fit->informed)
		return;
	fill_factors(fit, mass);
	loy__sum_matrix(to->matrix, b->z, b->f, b->rows, fit->design.size, fit->design.stride, 0.25);
}

/* Firth's part of the gradient: leverage times (1/2 - probability). */
static void sum_hat(loy_logistic *fit, loy__round_sums *to)
{
	loy__row_block *b = &fit->block;
	size_t n = fit->design.size, r, j, k;

	fill_eta(fit, fit->at);
	for (r = 0; r < b->rows; r++) {
		const double *z = b->z + r * fit->design.stride;
		double small = loy__exp(-fabs(b->eta[r])), share = 1.0 / (1.0 + small), form = 0.0;
		double half = (b->eta[r] < 0.0 ? 0.5 : -0.5) * (1.0 - small) * share;

		for (j = 0; j < n; j++) {
			const double *row = fit->inverse + j * n;
			double sum = 0.5 * row[j] * z[j];

			for (k = 0; k < j; k++)
				sum += row[k] * z[k];
			form += 2.0 * sum * z[j];
		}
		form *= fit->factor_of_sums * b->weight[r] * (small * share * share);
		b->spare[r] = (form <= 1.0 ? form : 1.0) * half;
	}
	loy__sum_vector(to->vector, b->z, b->spare, b->rows, fit->design.stride, 1.0);
}

static void sum_robust(loy_logistic *fit, loy__round_sums *to)
{
	loy__row_block *b = &fit->block;
	size_t r;

	fill_eta(fit, fit->at);
	for (r = 0; r < b->rows; r++) {
		double residual = b->weight[r] * (b->y[r] - loy__logistic(b->eta[r]));

		b->spare[r] = residual * residual;
	}
	fill_factors(fit, b->spare);
	loy__sum_matrix(to->matrix, b->z, b->f, b->rows, fit->design.size, fit->design.stride, 1.0);
}

/* One table's rows into `to`, at the round's state. */
static loy_status sum_round(loy_logistic *fit, const loy_table *table, loy__round_sums *to, loy_error *error)
{
	double bound = value_bound(fit);
	uint64_t row = 0;

	while (row < table->rows) {
		loy_status status = loy__row_block_fill(&fit->block, &fit->design, table, &row, &to->missing);

		if (status != LOY_OK)
			return loy__fail(error, status, "these rows were not there in the rounds before");
		to->rows += fit->block.rows;
		if (fit->round == LOY__ROUND_RANGE) {
			status = sum_range(fit, to, error);
			if (status != LOY_OK)
				return status;
			continue;
		}
		loy__sum_values(&to->weight, fit->block.weight, fit->block.rows, 1.0);
		if (fit->round == LOY__ROUND_CENTRE)
			sum_centre(fit, to);
		else if (fit->round == LOY__ROUND_VALUE)
			sum_value(fit, to, bound);
		else if (fit->round == LOY__ROUND_HAT)
			sum_hat(fit, to);
		else
			sum_robust(fit, to);
	}
	return LOY_OK;
}

loy_status loy_logistic_add(loy_logistic *fit, const loy_table *table, loy_error *error)
{
	loy_status status;

	if (fit == NULL)
		return loy__fail(error, LOY_EINVAL, "there is no fit to add to");
	status = loy__table_check(table, error);
	if (status != LOY_OK)
		return status;
	if (table->columns != fit->options.columns)
		return loy__fail(error, LOY_EINVAL, "the table has not the columns of the fit");
	if (fit->round == LOY__ROUND_DONE)
		return loy__fail(error, LOY_ESTATE, "the fit is done");
	loy__round_clear(fit, &fit->scratch);
	status = sum_round(fit, table, &fit->scratch, error);
	if (status == LOY_OK)
		merge_round(fit, &fit->sums, &fit->scratch);
	return status;
}

/* ---- forks ---- */

void loy__logistic_follow(loy_logistic *fit, const loy_logistic *leader)
{
	const loy__design *d = &leader->design;

	fit->round = leader->round;
	fit->rounds = leader->rounds;
	fit->informed = leader->informed;
	fit->design.offset_most = d->offset_most;
	fit->factor_of_sums = leader->factor_of_sums;
	fit->design.free = d->free;
	fit->design.weight_inverse = d->weight_inverse;
	memcpy(fit->design.centre, d->centre, d->predictors * sizeof(*d->centre));
	memcpy(fit->design.inverse, d->inverse, d->predictors * sizeof(*d->inverse));
	memcpy(fit->at, leader->at, d->size * sizeof(*fit->at));
	memcpy(fit->trial, leader->trial, d->size * sizeof(*fit->trial));
	memcpy(fit->inverse, leader->inverse, d->size * d->size * sizeof(*fit->inverse));
	loy__round_clear(fit, &fit->sums);
}

loy_status loy_logistic_fork(loy_logistic **out, const loy_logistic *fit, const loy_allocator *memory)
{
	loy_allocator adopted;
	loy__design design;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (fit == NULL || loy__memory_adopt(&adopted, memory) != LOY_OK)
		return LOY_EINVAL;
	design = fit->design;
	*out = allocate(&adopted, &design);
	if (*out == NULL)
		return LOY_ENOMEM;
	(*out)->options = fit->options;
	loy__logistic_follow(*out, fit);
	return LOY_OK;
}

static int same_round(const loy_logistic *a, const loy_logistic *b)
{
	const loy__design *d = &a->design, *e = &b->design;

	return a->round == b->round && a->rounds == b->rounds && d->columns == e->columns &&
	       d->size == e->size && d->outcome == e->outcome && d->with_offset == e->with_offset &&
	       d->offset == e->offset && d->weight_inverse == e->weight_inverse &&
	       a->round != LOY__ROUND_DONE &&
	       memcmp(d->place, e->place, d->predictors * sizeof(*d->place)) == 0 &&
	       memcmp(d->centre, e->centre, d->predictors * sizeof(*d->centre)) == 0 &&
	       memcmp(d->inverse, e->inverse, d->predictors * sizeof(*d->inverse)) == 0 &&
	       memcmp(a->at, b->at, d->size * sizeof(*a->at)) == 0 &&
	       memcmp(a->trial, b->trial, d->size * sizeof(*a->trial)) == 0;
}

loy_status loy_logistic_merge(loy_logistic *into, const loy_logistic *from)
{
	if (into == NULL || from == NULL || !same_round(into, from))
		return LOY_EINVAL;
	merge_round(into, &into->sums, &from->sums);
	return LOY_OK;
}
