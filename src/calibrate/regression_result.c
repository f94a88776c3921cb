/* What can be read of a logistic fit: steps between rounds, summary, coefficients, covariances, probabilities. */
#include "regression.h"

#include <math.h>

/* The rows of this round are those of the rounds before: as many, with the same weights. */
static int same_rows(const loy_logistic *fit)
{
	if (fit->round == LOY__ROUND_RANGE)
		return 1;
	if (fit->sums.rows != fit->rows || fit->sums.missing != fit->missing)
		return 0;
	return fit->round == LOY__ROUND_CENTRE || fit->sums.weight.high == fit->weight;
}

loy_status loy_logistic_step(loy_logistic *fit, uint32_t *done, loy_error *error)
{
	loy_status status = LOY_OK;

	if (fit == NULL || done == NULL)
		return loy__fail(error, LOY_EINVAL, "a fit and a place for the answer are needed");
	if (fit->round == LOY__ROUND_DONE)
		return loy__fail(error, LOY_ESTATE, "the fit is done");
	if (!same_rows(fit))
		return loy__fail(error, LOY_ESTATE,
		                 "the rows of this round are not those of the rounds before");
	if (fit->round <= LOY__ROUND_CENTRE)
		status = loy__logistic_begin(fit, error);
	else
		loy__logistic_advance(fit);
	if (status != LOY_OK)
		return status;
	fit->rounds++;
	if (fit->round != LOY__ROUND_DONE)
		loy__round_clear(fit, &fit->sums);
	*done = fit->round == LOY__ROUND_DONE;
	return LOY_OK;
}

/* ---- the end ---- */

/* Condition of the information once its diagonal is scaled to ones. */
static double condition(loy_logistic *fit)
{
	size_t n = fit->design.size, count = fit->moved_count, i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < count; j++) {
			size_t a = fit->moved[i], b = fit->moved[j];

			fit->factor[i * count + j] =
			        fit->information[a * n + b] /
			        (sqrt(fit->information[a * n + a]) * sqrt(fit->information[b * n + b]));
		}
	}
	if (loy__symmetric_eigen(fit->factor, count, fit->deviation_scale, NULL) != LOY_OK)
		return (double)INFINITY;
	return loy__condition_number(fit->deviation_scale, count);
}

/* The inverse information of the columns that have a finite value, in standardised columns, zeros elsewhere. */
static int fill_inverse(loy_logistic *fit)
{
	size_t n = fit->design.size, count = 0, i, j;

	for (i = 0; i < fit->moved_count;
	     i++) { /* of a runaway nothing is known in the limit: the others stand alone */
		if (fit->flaw[fit->moved[i]] != LOY_FLAW_INFINITE)
			fit->moved[count++] = fit->moved[i];
	}
	fit->moved_count = count;
	fit->summary.condition = condition(fit);
	memset(fit->covariance, 0, n * n * sizeof(*fit->covariance));
	for (i = 0; i < count; i++) {
		for (j = 0; j < count; j++)
			fit->factor[i * count + j] = fit->information[fit->moved[i] * n + fit->moved[j]];
	}
	if (loy__cholesky(fit->factor, count, 0.0, NULL) != LOY_OK)
		return 0;
	loy__cholesky_inverse(fit->factor, count);
	for (i = 0; i < count; i++) {
		for (j = 0; j < count; j++)
			fit->covariance[fit->moved[i] * n + fit->moved[j]] = fit->factor[i * count + j];
	}
	return 1;
}

/* Inverse information, times the sums of squared gradients, times the inverse. */
static void fill_robust(loy_logistic *fit)
{
	size_t n = fit->design.size, i, j, k;
	double factor = fit->factor_of_sums * fit->factor_of_sums;

	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			double sum = 0.0;

			for (k = 0; k < n; k++) {
				size_t low = k < j ? k : j, high = k < j ? j : k;

				sum += fit->covariance[i * n + k] *
				       fit->sums.matrix[high * fit->design.stride + low].high;
			}
			fit->inverse[i * n + j] = factor * sum;
		}
	}
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			double sum = 0.0;

			for (k = 0; k < n; k++)
				sum += fit->inverse[i * n + k] * fit->covariance[k * n + j];
			fit->robust[i * n + j] = sum;
		}
	}
}

/* What was not estimated has no covariance. The intercept is held at 0 or known with whatever it depends on. */
static void forget(const loy_logistic *fit, double *covariance, int known)
{
	size_t n = fit->design.size, i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			if (!known || fit->deviation_scale[i] == 0.0 || fit->deviation_scale[j] == 0.0)
				covariance[i * n + j] = (double)NAN;
		}
	}
}

static void fill_covariances(loy_logistic *fit)
{
	size_t i;
	int known = fill_inverse(fit), robust = (fit->options.flags & LOY_LOGISTIC_ROBUST) != 0;

	if (robust)
		fill_robust(fit);
	loy__design_restore_covariance(&fit->design, fit->covariance);
	if (robust)
		loy__design_restore_covariance(&fit->design, fit->robust);
	memset(fit->deviation_scale, 0, fit->design.size * sizeof(*fit->deviation_scale));
	for (i = 0; i < fit->moved_count; i++)
		fit->deviation_scale[fit->moved[i]] = 1.0;
	if (fit->flaw[0] == LOY_FLAW_INFINITE)
		fit->deviation_scale[0] = 0.0;
	forget(fit, fit->covariance, known);
	if (robust)
		forget(fit, fit->robust, known);
}

static void fill_likelihoods(loy_logistic *fit)
{
	loy_logistic_summary *s = &fit->summary;
	double share = fit->events / fit->weight, n = s->n, k = (double)s->estimated;
	int plain = fit->method == LOY_LOGISTIC_LIKELIHOOD && fit->options.ridge == 0.0 &&
	            (fit->options.flags & (LOY_LOGISTIC_OFFSET | LOY_LOGISTIC_HELD)) == 0;
	size_t j;

	s->log_likelihood = fit->value;
	s->objective = fit->objective;
	for (j = 0; j < fit->kept_count && fit->method == LOY_LOGISTIC_FIRTH; j++) /* in the caller's units */
		s->objective -= fit->kept[j] == 0 ? 0.0 : loy__log(fit->design.inverse[fit->kept[j] - 1]);
	s->deviance = -2.0 * s->log_likelihood;
	s->aic = s->deviance + 2.0 * k;
	s->bic = s->deviance + k * loy__log(n);
	s->log_likelihood_null = (double)NAN;
	s->ratio = s->ratio_p = (double)NAN;
	if ((fit->options.flags & LOY_LOGISTIC_OFFSET) == 0 &&
	    !((fit->options.flags & LOY_LOGISTIC_HELD) != 0 && fit->options.held == 0))
		s->log_likelihood_null = n * (share * loy__log(share) + (1.0 - share) * loy__log1p(-share));
	if (!plain)
		return;
	s->ratio = 2.0 * (s->log_likelihood - s->log_likelihood_null);
	s->ratio_p = 1.0;
	if (s->estimated > 1)
		(void)loy__chi_square(s->ratio > 0.0 ? s->ratio : 0.0, k - 1.0, NULL, &s->ratio_p);
}

/* Standardised values stay: what is read is worked out of them. */
void loy__logistic_finish(loy_logistic *fit)
{
	loy_logistic_summary *s = &fit->summary;
	size_t i;

	s->rows = fit->rows;
	s->missing = fit->missing;
	s->predictors = fit->design.predictors;
	s->estimated = (uint32_t)fit->moved_count;
	s->gradient = 0.0;
	for (i = 0; i < fit->moved_count; i++)
		s->gradient = fabs(fit->gradient[fit->moved[i]]) > s->gradient
		                      ? fabs(fit->gradient[fit->moved[i]])
		                      : s->gradient;
	s->distance = sqrt(fit->distance > 0.0 ? fit->distance : 0.0);
	s->column = 0;
	for (i = fit->design.size; i-- > 1;)
		s->column = fit->flaw[i] != LOY_FLAW_NONE ? (uint32_t)i : s->column;
	for (i = 1; i < fit->design.size && s->state == LOY_LOGISTIC_CONVERGED; i++) {
		if (fit->flaw[i] == LOY_FLAW_CONSTANT || fit->flaw[i] == LOY_FLAW_COLLINEAR)
			s->state = LOY_LOGISTIC_ALIASED;
	}
	fill_likelihoods(fit);
	fill_covariances(fit);
}

/* ---- reading ---- */

loy_status loy_logistic_get_summary(const loy_logistic *fit, loy_logistic_summary *out)
{
	if (fit == NULL)
		return LOY_EINVAL;
	if (fit->round != LOY__ROUND_DONE)
		return LOY_ESTATE;
	return loy__result_write(out, &fit->summary, sizeof(fit->summary));
}

void loy__coefficient_fill(loy_coefficient *out, double value, double deviation, double degrees,
                           double confidence)
{
	double quantile = (double)NAN, tail = (double)NAN;

	out->value = value;
	out->deviation = deviation;
	out->statistic = value / deviation;
	if (out->statistic == out->statistic)
		(void)loy__student_t(-fabs(out->statistic), degrees, &tail, NULL);
	out->p = 2.0 * tail;
	(void)loy__student_t_quantile(degrees, 0.5 * (1.0 - confidence), 1, &quantile);
	out->low = value - quantile * deviation;
	out->high = value + quantile * deviation;
}

loy_status loy_logistic_get_coefficient(const loy_logistic *fit, uint32_t index, loy_coefficient *out)
{
	loy_coefficient c;
	double variance, value;

	if (fit == NULL)
		return LOY_EINVAL;
	if (fit->round != LOY__ROUND_DONE)
		return LOY_ESTATE;
	if (index >= fit->design.size)
		return LOY_ENOTFOUND;
	memset(&c, 0, sizeof(c));
	value = loy__design_restore(&fit->design, fit->at, index);
	variance = fit->covariance[index * (fit->design.size + 1)];
	c.flaw = fit->flaw[index];
	if (c.flaw == LOY_FLAW_COLLINEAR || (c.flaw == LOY_FLAW_CONSTANT && fit->options.ridge == 0.0))
		value = (double)NAN;
	loy__coefficient_fill(&c, value, sqrt(variance), (double)INFINITY, fit->options.confidence);
	c.beta = c.inflation = (double)NAN;
	return loy__result_write(out, &c, sizeof(c));
}

loy_status loy_logistic_covariance(const loy_logistic *fit, uint32_t robust, uint32_t row, uint32_t column,
                                   double *out)
{
	if (fit == NULL || out == NULL || robust > 1)
		return LOY_EINVAL;
	if (fit->round != LOY__ROUND_DONE || (robust && (fit->options.flags & LOY_LOGISTIC_ROBUST) == 0))
		return LOY_ESTATE;
	if (row >= fit->design.size || column >= fit->design.size)
		return LOY_ENOTFOUND;
	*out = (robust ? fit->robust : fit->covariance)[row * fit->design.size + column];
	return LOY_OK;
}

loy_status loy_logistic_predict(const loy_logistic *fit, const loy_table *table, double *out)
{
	const loy__design *d;
	uint64_t row;
	uint32_t j;

	if (fit == NULL || out == NULL || loy__table_check(table, NULL) != LOY_OK ||
	    table->columns != fit->options.columns)
		return LOY_EINVAL;
	if (fit->round != LOY__ROUND_DONE)
		return LOY_ESTATE;
	d = &fit->design;
	for (row = 0; row < table->rows; row++) {
		double eta = fit->at[0];

		for (j = 0; j < d->predictors; j++)
			eta += fit->at[j + 1] *
			       ((loy__table_value(table, d->place[j], row) - d->centre[j]) * d->inverse[j]);
		if (d->with_offset)
			eta += loy__table_value(table, d->offset, row);
		out[row] = loy__logistic(eta);
	}
	return LOY_OK;
}
