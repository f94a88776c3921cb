/*
 * How many purchases there will be: probabilities of counts.
 *
 * Drop-out after purchases: n happened and the customer stayed, or the n-th was the last; the number of
 * Erlang events in t is negative binomial or Poisson, its tail a regularised incomplete beta or gamma
 * function, so that no tail is a difference from 1. Drop-out at any time: an integral over it, 16-point
 * Gauss-Legendre on panels of log(1 + y / scale) no longer than the count's spread. Opportunities and
 * contracts: sums of their formulas.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

#define PANEL_LONG 1.0

/* Probability of exactly n events in time t. */
static double events(const loy__buying *b, double n, double t)
{
	double r = b->p[0], log_p;

	if (!(t > 0.0))
		return n == 0.0 ? 1.0 : 0.0;
	if (b->rate == LOY__MIXED)
		log_p = loy__lgamma_diff(r, n) - r * loy__log1p(t / b->p[1]) -
		        (n > 0.0 ? n * loy__log1p(b->p[1] / t) : 0.0);
	else
		log_p = n * loy__log(r * t) - r * t;
	return loy__exp(log_p - loy__lgamma(n + 1.0, NULL));
}

/* Probability of n events or more. */
static double events_from(const loy__buying *b, double n, double t)
{
	double tail = (double)NAN;
	loy_status status;

	if (n == 0.0)
		return 1.0;
	if (!(t > 0.0))
		return 0.0;
	if (b->rate == LOY__MIXED)
		status = loy__beta_inc(n, b->p[0], t / (b->p[1] + t), &tail, NULL);
	else
		status = loy__gamma_inc(n, b->p[0] * t, &tail, NULL);
	return status == LOY_OK ? tail : (double)NAN;
}

static double bought(const loy__buying *b, double n, double t)
{
	loy__buying_part part;
	double stay, exactly = 0.0, i;

	loy__buying_part_init(&part, b, n, 0);
	stay = part.stay.v - (b->rate == LOY__MIXED ? loy__lgamma_diff(b->p[0], n * b->k) : 0.0);
	for (i = 0.0; i < b->k; i += 1.0)
		exactly += events(b, n * b->k + i, t);
	exactly *= loy__exp(stay);
	if (part.can_leave)
		exactly += loy__exp(stay + part.odds.v) * events_from(b, n * b->k, t);
	return exactly;
}

/* Density of leaving at y, and the chance to stay beyond. */
static double leaving(const loy__buying *b, double y, double *stays)
{
	double s = b->p[2], beta = b->p[3];

	switch (b->drop) {
	case LOY__MIXED:
		*stays = loy__exp(-s * loy__log1p(y / beta));
		return s / (beta + y) * *stays;
	case LOY__SAME:
		*stays = loy__exp(-s * y);
		return s * *stays;
	case LOY__SPLIT:
		*stays = 1.0 - s;
		return 0.0;
	default:
		*stays = 1.0;
		return 0.0;
	}
}

static double bought_in_time(const loy__buying *b, double n, double t)
{
	double stays, sum, scale, v = 0.0, end, longest = 4.0 / sqrt(n + 1.0);
	int i;

	(void)leaving(b, t, &stays);
	sum = stays * events(b, n, t);
	if (b->drop == LOY__SPLIT)
		return sum + (n == 0.0 ? b->p[2] : 0.0);
	if (b->drop == LOY__NEVER)
		return sum;
	scale = b->rate == LOY__MIXED ? b->p[1] : 1.0 / b->p[0];
	if (b->drop == LOY__MIXED && b->p[3] < scale)
		scale = b->p[3];
	else if (b->drop == LOY__SAME && 1.0 / b->p[2] < scale)
		scale = 1.0 / b->p[2];
	end = loy__log1p(t / scale);
	longest = longest < PANEL_LONG ? longest : PANEL_LONG;
	while (v < end) {
		double length = end - v < longest ? end - v : longest;

		for (i = 0; i < LOY__GAUSS_POINTS; i++) {
			double grown = loy__expm1(v + length * loy__gauss_node[i]), y = scale * grown;
			double density = leaving(b, y, &stays);

			sum += length * loy__gauss_weight[i] * scale * (grown + 1.0) * density *
			       events(b, n, y);
		}
		v = end - v <= length ? end : v + length;
	}
	return sum;
}

/* The last purchase may lie anywhere from x to n, those before it in C(t_x - 1, x - 1) orders. */
static double opportunities(const loy__buying *b, double x, double n)
{
	double sum = 0.0, i;
	loy__jet jet;

	if (x > n)
		return 0.0;
	if (x == 0.0) {
		loy__discrete_row(&jet, b, 0.0, 0.0, n);
		return loy__exp(jet.v);
	}
	for (i = x; i <= n; i += 1.0) {
		double orders = loy__lgamma(i, NULL) - loy__lgamma(x, NULL) - loy__lgamma(i - x + 1.0, NULL);

		loy__discrete_row(&jet, b, x, i, n);
		sum += loy__exp(jet.v + orders);
	}
	return sum;
}

loy_status loy_lifetime_probabilities(const loy_lifetime *model, const loy_history *history, double time,
                                      double *out, uint64_t count)
{
	loy_history given = {0};
	uint32_t effects, kind;
	loy__buying buying;
	loy__jet jet;
	uint64_t i;

	if (model == NULL || (out == NULL && count > 0) || model->form.family == LOY_LIFETIME_GAMMA_GAMMA ||
	    loy__options_read(&given, sizeof(given), history) != LOY_OK)
		return LOY_EINVAL;
	kind = loy__form_kind(&model->form);
	effects = model->form.rate_covariates | model->form.life_covariates;
	if (given.covariate_count > LOY_LIFETIME_COVARIATES_MAX ||
	    (effects != 0 && (given.covariates == NULL || (effects >> given.covariate_count) != 0)))
		return LOY_EINVAL;
	if (!(time >= 0.0 && time <= 1e12) || count > UINT32_MAX)
		return LOY_ERANGE;
	if (kind == LOY_LIFETIME_OPPORTUNITIES && (time != floor(time) || time > 10000.0))
		return LOY_ERANGE;
	loy__form_buying(&buying, &model->form, &model->layout, model->values, given.covariates);
	for (i = 0; i < count; i++) {
		if (kind == LOY_LIFETIME_CONTRACTS) {
			loy__contract_row(&jet, &buying, &model->form, (double)i + 1.0, 1);
			out[i] = loy__exp(jet.v);
		} else if (kind == LOY_LIFETIME_OPPORTUNITIES) {
			out[i] = opportunities(&buying, (double)i, time);
		} else if (buying.leave == LOY__LEAVE_TIME) {
			out[i] = bought_in_time(&buying, (double)i, time);
		} else {
			out[i] = bought(&buying, (double)i, time);
		}
	}
	return LOY_OK;
}
