/*
 * Purchases in (T + from, T + to] of a customer alive at T, each discounted by e^(-delta t), t counted from
 * T.
 *
 * Method: 16-point Gauss-Legendre on panels of v = log(1 + t / age), age = beta + T or alpha + T, at most 3
 * long, over which the integrand falls by at most e^14; 8 points where one panel will do that is at most 1.5
 * long and over which it falls by at most e^2, and expectations are sums of the series. Drop-out at any time:
 * the density of purchases is the mean rate times survival, ((beta + T) / (beta + T + t))^s. After purchases:
 * by parts, from expected purchases E(t), whose levelling off counts as a fall:
 *	e^(-delta to) E(to) - e^(-delta from) E(from) + delta integral e^(-delta t) E(t) dt.
 * `to` may be infinite for delta > 0; what lies where delta t > 60 is left out.
 * Error: 1e-11 relative. Source of DERT: Fader, Hardie & Lee, J. Marketing Research 42 (2005).
 */
#include "numeric/buying.h"

#include <math.h>

#define PANEL_LONG 3.0
#define PANEL_FALL 14.0
#define SHORT_LONG 1.5
#define SHORT_FALL 2.0
#define LEVEL      40.0 /* e^-this of the beginning is level */
#define EXACT_LONG 0.1  /* below, e^v less 1 would lack digits that count */
#define END        60.0
#define PANELS_MAX 4000

/* (e^(-e from) - e^(-e to)) / e */
static double between(double e, double from, double to)
{
	if (e == 0.0)
		return to - from;
	return -loy__exp(-e * from) * loy__expm1(-e * (to - from)) / e;
}

struct flow {
	const loy__buying *model;
	double x, t_x, T, delta, age;
	double power; /* of survival */
	double steep; /* by parts: how fast expectations level off by v, at first */
	int by_parts;
	const double *coefficients;
	uint32_t count;
};

static double expected(const struct flow *f, double t)
{
	if (f->count > 0)
		return loy__buying_expected_with(f->model, f->x, f->T, t, f->coefficients, f->count);
	return loy__buying_expected_alive(f->model, f->x, f->t_x, f->T, t);
}

/* By how much the log of the integrand, or of what expectations still lack, falls from v on, at most. */
static double fall(const struct flow *f, double v, double length)
{
	double in_time = f->delta * f->age * loy__exp(v) * loy__expm1(length), in_lives;

	if (f->by_parts)
		in_lives = f->steep * v < LEVEL ? f->steep * length : 0.0;
	else
		in_lives = (f->power - 1.0) * length;
	return in_time > in_lives ? in_time : in_lives;
}

/* A panel of the integral by v, without e^(-delta from). */
static double panel(const struct flow *f, double v, double length, double from, int few)
{
	const double *node = few ? loy__gauss_short_node : loy__gauss_node;
	const double *weight = few ? loy__gauss_short_weight : loy__gauss_weight;
	int count = few ? LOY__GAUSS_SHORT : LOY__GAUSS_POINTS, exact = v + length < EXACT_LONG, i;
	double grown[LOY__GAUSS_POINTS], value[LOY__GAUSS_POINTS], sum = 0.0; /* grown: t / age */

	for (i = 0; i < count; i++)
		grown[i] = exact ? loy__expm1(v + length * node[i]) : v + length * node[i];
	if (!exact)
		loy__exp_each(grown, count);
	for (i = 0; i < count; i++) {
		double at = v + length * node[i];

		grown[i] -= exact ? 0.0 : 1.0;
		value[i] = (f->by_parts ? at : (1.0 - f->power) * at) - f->delta * (f->age * grown[i] - from);
	}
	loy__exp_each(value, count);
	for (i = 0; i < count; i++) {
		if (f->by_parts && f->count > 0)
			value[i] *= loy__buying_expected_grown(f->model, f->x, f->T, v + length * node[i],
			                                       grown[i], f->coefficients, f->count);
		else if (f->by_parts)
			value[i] *= expected(f, f->age * grown[i]);
		sum += weight[i] * value[i];
	}
	return length * f->age * sum;
}

static double integrate(const struct flow *f, double from, double to)
{
	double v = loy__log1p(from / f->age), end = loy__log1p(to / f->age), sum = 0.0;
	int panels, smooth = !f->by_parts || f->count > 0; /* expectations of phases have waves */

	if (smooth && end - v <= SHORT_LONG && fall(f, v, end - v) <= SHORT_FALL)
		return end > v ? panel(f, v, end - v, from, 1) : 0.0;
	for (panels = 0; panels < PANELS_MAX && v < end; panels++) {
		double length = end - v < PANEL_LONG ? end - v : PANEL_LONG;

		while (fall(f, v, length) > PANEL_FALL)
			length *= 0.5;
		sum += panel(f, v, length, from, 0);
		v = end - v <= length ? end : v + length;
	}
	return sum;
}

static double by_parts(struct flow *f, double from, double to)
{
	double own[LOY__SERIES_TERMS], leaving = f->model->drop == LOY__NEVER ? 0.0 : f->model->p[2];

	if (f->model->drop == LOY__MIXED)
		leaving /= f->model->p[2] + f->model->p[3] + f->x;
	f->by_parts = 1;
	f->steep = leaving * (f->model->rate == LOY__MIXED ? f->model->p[0] + f->x : 1.0);
	f->age = f->model->rate == LOY__MIXED ? f->model->p[1] + f->T : 1.0 / f->model->p[0];
	if (f->coefficients == NULL) {
		f->count = loy__buying_series(f->model, f->x, own);
		f->coefficients = own;
	}
	return loy__exp(-f->delta * to) * expected(f, to) +
	       loy__exp(-f->delta * from) * (f->delta * integrate(f, from, to) - expected(f, from));
}

double loy__buying_discounted_alive(const loy__buying *model, double x, double t_x, double T, double delta,
                                    double from, double to)
{
	return loy__buying_discounted_with(model, x, t_x, T, delta, from, to, NULL, 0);
}

double loy__buying_discounted_with(const loy__buying *model, double x, double t_x, double T, double delta,
                                   double from, double to, const double *coefficients, uint32_t count)
{
	struct flow f = {model, x, t_x, T, delta, 1.0, 0.0, 0.0, 0, coefficients, count};
	double n = x * model->k, rate;

	if (delta > 0.0 && to > from + END / delta)
		to = from + END / delta;
	if (!(to > from))
		return 0.0;
	if (model->k == 1) {
		int leaves = model->drop == LOY__SAME && model->leave == LOY__LEAVE_TIME;
		int stays = model->drop == LOY__NEVER ||
		            (model->drop == LOY__SPLIT && (x > 0.0 || model->leave != LOY__LEAVE_BG));

		rate = model->rate == LOY__MIXED ? (model->p[0] + n) / (model->p[1] + T) : model->p[0];
		if (leaves || stays)
			return rate * between(delta + (leaves ? model->p[2] : 0.0), from, to);
		if (model->leave == LOY__LEAVE_TIME) {
			f.age = model->p[3] + T;
			f.power = model->p[2];
			return rate * loy__exp(-delta * from) * integrate(&f, from, to);
		}
	}
	return by_parts(&f, from, to);
}
