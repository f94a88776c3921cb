/*
 * What a fit keeps and answers. The baseline hazard is Breslow's (1974): each event time adds events / sum of the
 * relative hazards at risk, with Efron's ties the mean over the ties, as in the likelihood. It is kept at the centre
 * of the covariates, where it neither overflows nor underflows, and told at 0.
 */
#include "cox.h"

#include <math.h>

loy_status loy__cox_allocate(loy_cox **out, const loy__cox_data *d, const loy_allocator *memory)
{
	size_t p = d->columns;
	loy_cox *cox = loy__alloc_zero(memory, sizeof(*cox));

	*out = NULL;
	if (cox == NULL)
		return LOY_ENOMEM;
	cox->memory = *memory;
	cox->columns = (uint32_t)p;
	cox->strata = d->strata;
	cox->steps = d->blocks;
	cox->value = loy__alloc(memory, p * sizeof(*cox->value));
	cox->covariance = loy__alloc(memory, p * p * sizeof(*cox->covariance));
	cox->centre = loy__alloc(memory, p * sizeof(*cox->centre));
	cox->flaw = loy__alloc(memory, p * sizeof(*cox->flaw));
	cox->groups = loy__alloc_zero(memory, d->strata * sizeof(*cox->groups));
	cox->start = loy__alloc_zero(memory, (d->strata + 1) * sizeof(*cox->start));
	cox->last = loy__alloc_zero(memory, d->strata * sizeof(*cox->last));
	cox->step = loy__alloc(memory, d->blocks * sizeof(*cox->step));
	if (cox->value != NULL && cox->covariance != NULL && cox->centre != NULL && cox->flaw != NULL &&
	    cox->groups != NULL && cox->start != NULL && cox->last != NULL && cox->step != NULL) {
		*out = cox;
		return LOY_OK;
	}
	loy_cox_destroy(cox);
	return LOY_ENOMEM;
}

void loy_cox_destroy(loy_cox *cox)
{
	loy_allocator memory;
	size_t p;

	if (cox == NULL)
		return;
	memory = cox->memory; /* it lies in the block: copy it out */
	p = cox->columns;
	loy__free(&memory, cox->value, p * sizeof(*cox->value));
	loy__free(&memory, cox->covariance, p * p * sizeof(*cox->covariance));
	loy__free(&memory, cox->centre, p * sizeof(*cox->centre));
	loy__free(&memory, cox->flaw, p * sizeof(*cox->flaw));
	loy__free(&memory, cox->groups, cox->strata * sizeof(*cox->groups));
	loy__free(&memory, cox->start, (cox->strata + 1) * sizeof(*cox->start));
	loy__free(&memory, cox->last, cox->strata * sizeof(*cox->last));
	loy__free(&memory, cox->step, cox->steps * sizeof(*cox->step));
	loy__free(&memory, cox, sizeof(*cox));
}

/* ---- baseline hazard ---- */

static size_t stratum_of(const loy__cox_data *d, size_t row)
{
	return d->stratum != NULL ? d->stratum[row] : 0;
}

/* Walk the blocks with an event, in order; first to count them in `start`, then to place them. */
static void place_steps(loy_cox *cox, const loy__cox_data *d, const double *jumps, int counting)
{
	size_t i, jump = 0, stratum;
	int events = 0;

	for (i = 0; i < d->rows; i++) {
		if ((d->mark[i] & LOY__COX_FIRST) != 0)
			events = 0;
		if ((d->mark[i] & LOY__COX_EVENT) == 0 || events)
			continue;
		events = 1; /* the first event of its block */
		stratum = stratum_of(d, i);
		if (!counting) {
			loy__cox_step *step = &cox->step[cox->start[stratum]];

			step->time = loy__from_word(loy__survival_row(d->survival, i)[LOY__SUBJECT_TIME]);
			step->hazard = jumps[jump++];
		}
		cox->start[stratum]++;
	}
}

void loy__cox_fill_hazard(loy_cox *cox, const loy__cox_data *d, const double *jumps)
{
	size_t i, stratum, sum = 0;

	for (i = 0; i < d->rows; i++) /* rows come by time: the last one wins */
		cox->last[stratum_of(d, i)] =
		        loy__from_word(loy__survival_row(d->survival, i)[LOY__SUBJECT_TIME]);
	for (stratum = 0; d->stratum != NULL && stratum < cox->strata; stratum++)
		cox->groups[stratum] = d->survival->groups[stratum];
	place_steps(cox, d, jumps, 1);
	for (stratum = 0; stratum <= cox->strata; stratum++) {
		size_t count = stratum < cox->strata ? cox->start[stratum] : 0;

		cox->start[stratum] = sum;
		sum += count;
	}
	place_steps(cox, d, jumps, 0); /* leaves each start at its end, the start of the next */
	for (stratum = cox->strata; stratum > 0; stratum--)
		cox->start[stratum] = cox->start[stratum - 1];
	cox->start[0] = 0;
	for (stratum = 0; stratum < cox->strata; stratum++) {
		for (i = cox->start[stratum] + 1; i < cox->start[stratum + 1]; i++)
			cox->step[i].hazard += cox->step[i - 1].hazard;
	}
}

uint64_t loy_cox_hazard_count(const loy_cox *cox)
{
	return cox != NULL ? cox->steps : 0;
}

loy_status loy_cox_get_hazard(const loy_cox *cox, uint64_t index, loy_cox_hazard *out)
{
	loy_cox_hazard hazard = {0};
	double shift = 0.0;
	size_t i, stratum = 0;

	if (cox == NULL || out == NULL)
		return LOY_EINVAL;
	if (index >= cox->steps)
		return LOY_ENOTFOUND;
	while (cox->start[stratum + 1] <= index)
		stratum++;
	for (i = 0; i < cox->columns; i++)
		shift -= cox->value[i] * cox->centre[i];
	hazard.group = cox->groups[stratum];
	hazard.time = cox->step[index].time;
	hazard.hazard = cox->step[index].hazard * loy__exp(shift);
	hazard.survival = loy__exp(-hazard.hazard);
	return loy__result_write(out, &hazard, sizeof(hazard));
}

/* ---- coefficients ---- */

loy_status loy_cox_get_summary(const loy_cox *cox, loy_cox_summary *out)
{
	return cox != NULL ? loy__result_write(out, &cox->summary, sizeof(cox->summary)) : LOY_EINVAL;
}

loy_status loy_cox_covariance(const loy_cox *cox, uint32_t row, uint32_t column, double *out)
{
	if (cox == NULL || out == NULL)
		return LOY_EINVAL;
	if (row >= cox->columns || column >= cox->columns)
		return LOY_ENOTFOUND;
	*out = cox->covariance[row * cox->columns + column];
	return LOY_OK;
}

loy_status loy_cox_get_coefficient(const loy_cox *cox, uint32_t index, loy_cox_coefficient *out)
{
	const double quantile = 1.959963984540054; /* of the normal distribution at 0.975 */
	loy_cox_coefficient c = {0};

	if (cox == NULL || out == NULL)
		return LOY_EINVAL;
	if (index >= cox->columns)
		return LOY_ENOTFOUND;
	c.flaw = cox->flaw[index];
	c.value = c.flaw == LOY_COX_CONSTANT || c.flaw == LOY_COX_COLLINEAR ? (double)NAN : cox->value[index];
	c.deviation = sqrt(cox->covariance[index * cox->columns + index]); /* NaN stays NaN */
	c.z = c.value / c.deviation;
	c.p = loy__erfc(fabs(c.z) * 0.70710678118654752440);
	c.low = c.value - quantile * c.deviation;
	c.high = c.value + quantile * c.deviation;
	return loy__result_write(out, &c, sizeof(c));
}

/* ---- prediction ---- */

double loy__cox_relative(const loy_cox *cox, const double *covariates, int64_t column)
{
	double sum = 0.0;
	uint32_t i;

	for (i = 0; i < cox->columns; i++)
		sum += cox->value[i] * (loy__real_at(covariates, (int64_t)i * column) - cox->centre[i]);
	return sum;
}

/* 1 when all covariates of a row can be used. */
static int is_usable(const loy_cox *cox, const double *covariates, int64_t column)
{
	uint32_t i;

	for (i = 0; i < cox->columns; i++) {
		if (!(fabs(loy__real_at(covariates, (int64_t)i * column)) <= LOY__COVARIATE_MAX))
			return 0;
	}
	return 1;
}

loy_status loy_cox_relative(const loy_cox *cox, const double *covariates, int64_t covariate_row,
                            int64_t covariate_column, uint64_t rows, double *out)
{
	uint64_t i;
	uint32_t j;

	if (cox == NULL || ((covariates == NULL || out == NULL) && rows != 0))
		return LOY_EINVAL;
	for (i = 0; i < rows; i++) {
		const char *row = (const char *)covariates + (int64_t)i * covariate_row;

		if (!is_usable(cox, (const double *)(const void *)row, covariate_column))
			return LOY_ERANGE;
	}
	for (i = 0; i < rows; i++) {
		const char *row = (const char *)covariates + (int64_t)i * covariate_row;
		double sum = 0.0;

		for (j = 0; j < cox->columns; j++)
			sum += cox->value[j] * loy__real_at(row, (int64_t)j * covariate_column);
		out[i] = sum;
	}
	return LOY_OK;
}

/* Cumulative hazard of a stratum at the centre, up to a time. */
static double hazard_until(const loy_cox *cox, size_t stratum, double time)
{
	size_t low = cox->start[stratum], high = cox->start[stratum + 1];

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cox->step[middle].time <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low > cox->start[stratum] ? cox->step[low - 1].hazard : 0.0;
}

loy_status loy_cox_survival(const loy_cox *cox, uint32_t group, const double *covariates, double time,
                            double *survival)
{
	size_t stratum = 0;
	double hazard;

	if (cox == NULL || covariates == NULL || survival == NULL || !(time >= 0.0))
		return LOY_EINVAL;
	if (!is_usable(cox, covariates, sizeof(double)))
		return LOY_ERANGE;
	while (stratum < cox->strata && cox->groups[stratum] != group)
		stratum++;
	if (stratum == cox->strata)
		return LOY_ENOTFOUND;
	if (time > cox->last[stratum])
		return LOY_EUNKNOWN;
	hazard = hazard_until(cox, stratum, time);
	/* no hazard so far is none, however large the factor */
	*survival = hazard > 0.0
	                    ? loy__exp(-hazard * loy__exp(loy__cox_relative(cox, covariates, sizeof(double))))
	                    : 1.0;
	return LOY_OK;
}
