/*
 * Histories drawn from a model. Each customer has a random sequence of its own, made from the seed and the
 * customer's number, so draws do not depend on how customers are divided among calls or machines.
 *
 * Gamma variables after Marsaglia & Tsang (ACM TOMS 26, 2000), normal ones by the quantile function.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

#define PURCHASES_MAX 10000000.0 /* of one customer: beyond, drawing stops */

static double exponential(loy__random *random)
{
	return -loy__log1p(-loy__random_unit(random));
}

static double normal(loy__random *random)
{
	return loy__normal_quantile(((double)(loy__random_next(random) >> 12) + 0.5) *
	                            (1.0 / 4503599627370496.0));
}

/* Log of a gamma variable: small shapes make variables too small for a double. */
static double log_gamma_draw(loy__random *random, double shape)
{
	double boost = 0.0, d, c, x, v;

	if (shape < 1.0) {
		boost = -exponential(random) / shape;
		shape += 1.0;
	}
	d = shape - 1.0 / 3.0;
	c = 1.0 / sqrt(9.0 * d);
	for (;;) {
		x = normal(random);
		v = 1.0 + c * x;
		if (!(v > 0.0))
			continue;
		v = v * v * v;
		if (-exponential(random) < 0.5 * x * x + d - d * v + d * loy__log(v))
			return boost + loy__log(d * v);
	}
}

static double beta_draw(loy__random *random, double a, double b)
{
	double u = log_gamma_draw(random, a), v = log_gamma_draw(random, b);

	return loy__logistic(u - v);
}

static double draw_rate(loy__random *random, const loy__buying *b)
{
	return b->rate == LOY__MIXED ? loy__exp(log_gamma_draw(random, b->p[0])) / b->p[1] : b->p[0];
}

/* A probability of dropping out, or a rate of leaving; 0 for those who never do. */
static double draw_drop(loy__random *random, const loy__buying *b)
{
	switch (b->drop) {
	case LOY__MIXED:
		if (b->leave == LOY__LEAVE_TIME)
			return loy__exp(log_gamma_draw(random, b->p[2])) / b->p[3];
		return beta_draw(random, b->p[2], b->p[3]);
	case LOY__SAME:
		return b->p[2];
	case LOY__SPLIT:
		if (b->leave == LOY__LEAVE_TIME)
			return loy__random_unit(random) < b->p[2] ? (double)INFINITY : 0.0;
		return loy__random_unit(random) < b->p[2] ? 1.0 : 0.0;
	default:
		return 0.0;
	}
}

struct drawn {
	double x, t_x, intervals, spend;
};

static void draw_purchases(struct drawn *out, loy__random *random, const loy__buying *b, double T)
{
	double rate = draw_rate(random, b), drop = draw_drop(random, b), end = T, at = 0.0;
	uint32_t i;

	if (b->leave == LOY__LEAVE_TIME) {
		double life = drop > 0.0 ? exponential(random) / drop : (double)INFINITY;

		end = life < T ? life : T;
		drop = 0.0;
	} else if (b->leave == LOY__LEAVE_MBG && loy__random_unit(random) < drop) {
		return;
	}
	while (out->x < PURCHASES_MAX) {
		double wait = 0.0;

		for (i = 0; i < b->k; i++)
			wait += exponential(random) / rate;
		if (!(at + wait <= end && at + wait > at))
			return;
		at += wait;
		out->x += 1.0;
		out->t_x = at;
		out->intervals += loy__log(wait);
		if (b->leave != LOY__LEAVE_TIME && loy__random_unit(random) < drop)
			return;
	}
}

static void draw_opportunities(struct drawn *out, loy__random *random, const loy__buying *b, double n)
{
	double p = b->rate == LOY__MIXED ? beta_draw(random, b->p[0], b->p[1]) : b->p[0];
	double drop = draw_drop(random, b), i;

	if (b->rate == LOY__SPLIT)
		p = loy__random_unit(random) < b->p[0] ? 1.0 : 0.0;
	for (i = 1.0; i <= n && !(loy__random_unit(random) < drop); i += 1.0) {
		if (loy__random_unit(random) < p) {
			out->x += 1.0;
			out->t_x = i;
		}
	}
}

/* x is 1 when the contract ended within n periods, t_x the periods it was seen. */
static void draw_contract(struct drawn *out, loy__random *random, const loy__buying *b, int weibull, double n)
{
	double drop = draw_drop(random, b), periods = (double)INFINITY, hazard = -loy__log1p(-drop);

	if (b->drop == LOY__SPLIT && weibull) { /* the share pi in period k, the others later */
		periods = drop > 0.0 ? b->k : ceil(b->k * loy__exp(exponential(random) / b->p[0]));
		periods = drop > 0.0 || periods > b->k ? periods : b->k + 1.0;
	} else if (hazard > 0.0) {
		periods = exponential(random) / hazard;
		if (weibull)
			periods = loy__pow(periods, 1.0 / b->p[0]);
		periods = ceil(periods) > 1.0 ? ceil(periods) : 1.0;
	}
	out->x = periods <= n ? 1.0 : 0.0;
	out->t_x = periods <= n ? periods : n;
}

static double draw_spend(loy__random *random, const loy_lifetime *spend, double x)
{
	const double *p = spend->variants[0].buying.p;
	double scale;

	if (spend->form.rate == LOY__SAME) /* all purchases of a customer alike */
		return p[2] * loy__exp(-log_gamma_draw(random, p[1]));
	scale = spend->form.drop == LOY__SAME ? 1.0 / p[2] : p[2] * loy__exp(-log_gamma_draw(random, p[1]));
	return loy__exp(log_gamma_draw(random, p[0] * x)) * scale / x;
}

static void draw(struct drawn *out, const loy_lifetime *model, const loy_lifetime *spend, uint64_t seed,
                 uint64_t customer, double time, const double *covariates)
{
	loy__buying buying;
	loy__random random;

	memset(out, 0, sizeof(*out));
	loy__random_init(&random, loy__mix64(seed) ^ loy__mix64(customer + UINT64_C(0x9e3779b97f4a7c15)));
	loy__form_buying(&buying, &model->form, &model->layout, model->values, covariates);
	if (loy__form_buys(&model->form))
		draw_purchases(out, &random, &buying, time);
	else if (model->form.family == LOY_LIFETIME_BG_BB)
		draw_opportunities(out, &random, &buying, time);
	else
		draw_contract(out, &random, &buying, model->form.family == LOY_LIFETIME_BDW, time);
	if (spend != NULL && out->x > 0.0)
		out->spend = draw_spend(&random, spend, out->x);
}

loy_status loy_lifetime_simulate(const loy_lifetime *model, const loy_lifetime *spend, uint64_t seed,
                                 uint64_t first, uint64_t count, double time, const double *covariates,
                                 double *x, double *t_x, double *intervals, double *mean_spend)
{
	uint32_t effects, width = 0;
	struct drawn drawn;
	uint64_t i;

	if (model == NULL || model->form.family == LOY_LIFETIME_GAMMA_GAMMA ||
	    (spend != NULL && spend->form.family != LOY_LIFETIME_GAMMA_GAMMA))
		return LOY_EINVAL;
	effects = model->form.rate_covariates | model->form.life_covariates;
	if (effects != 0 && covariates == NULL)
		return LOY_EINVAL;
	for (; effects >> width != 0; width++)
		;
	if (!(time >= 0.0 && time <= 1e12) || (loy__form_kind(&model->form) != LOY_LIFETIME_PURCHASES &&
	                                       (time != floor(time) || time > 100000.0)))
		return LOY_ERANGE;
	for (i = 0; i < count; i++) {
		draw(&drawn, model, spend, seed, first + i, time,
		     effects != 0 ? covariates + i * width : NULL);
		if (x != NULL)
			x[i] = drawn.x;
		if (t_x != NULL)
			t_x[i] = drawn.t_x;
		if (intervals != NULL)
			intervals[i] = drawn.intervals;
		if (mean_spend != NULL)
			mean_spend[i] = drawn.spend;
	}
	return LOY_OK;
}
