/*
 * Purchases in (T + from, T + to] of a customer alive at T, each discounted by e^(-delta t), t counted from
 * T.
 *
 * Method: 16-point Gauss-Legendre on panels of v = log(1 + t / age), age = beta + T or alpha + T, at most 3
 * long, over which the integrand falls by at most e^14. Drop-out at any time: the density of purchases is the
 * mean rate times survival, ((beta + T) / (beta + T + t))^s. After purchases: by parts, from expected
 * purchases E(t):
 *	e^(-delta to) E(to) - e^(-delta from) E(from) + delta integral e^(-delta t) E(t) dt.
 * `to` may be infinite for delta > 0; what lies where delta t > 60 is left out.
 * Error: 1e-11 relative. Source of DERT: Fader, Hardie & Lee, J. Marketing Research 42 (2005).
 */
#include "numeric/buying.h"

#include <math.h>

#define PANEL_LONG 3.0
#define PANEL_FALL 14.0
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
	double x, t_x, T, delta, age, power; /* power: of survival */
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

/* The integrand by v, without e^(-delta from). */
static double at(const struct flow *f, double v, double from)
{
	double grown = loy__expm1(v), t = f->age * grown, jacobian = f->age * (grown + 1.0);
	double discount = loy__exp(-f->delta * (t - from));

	if (f->by_parts)
		return jacobian * discount * expected(f, t);
	return jacobian * discount * loy__exp(-f->power * v);
}

static double integrate(const struct flow *f, double from, double to)
{
	double v = loy__log1p(from / f->age), end = loy__log1p(to / f->age), sum = 0.0;
	int i, panels;

	for (panels = 0; panels < PANELS_MAX && v < end; panels++) {
		double length = end - v < PANEL_LONG ? end - v : PANEL_LONG;

		while (f->delta * f->age * loy__exp(v) * loy__expm1(length) > PANEL_FALL ||
		       (!f->by_parts && (f->power - 1.0) * length > PANEL_FALL))
			length *= 0.5;
		for (i = 0; i < LOY__GAUSS_POINTS; i++)
			sum += length * loy__gauss_weight[i] * at(f, v + length * loy__gauss_node[i], from);
		v = end - v <= length ? end : v + length;
	}
	return sum;
}

static double by_parts(struct flow *f, double from, double to)
{
	double coefficients[LOY__SERIES_TERMS];

	f->by_parts = 1;
	f->age = f->model->rate == LOY__MIXED ? f->model->p[1] + f->T : 1.0 / f->model->p[0];
	f->count = loy__buying_series(f->model, f->x, coefficients);
	f->coefficients = coefficients;
	return loy__exp(-f->delta * to) * expected(f, to) +
	       loy__exp(-f->delta * from) * (f->delta * integrate(f, from, to) - expected(f, from));
}

double loy__buying_discounted_alive(const loy__buying *model, double x, double t_x, double T, double delta,
                                    double from, double to)
{
	struct flow f = {model, x, t_x, T, delta, 1.0, 0.0, 0, NULL, 0};
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
