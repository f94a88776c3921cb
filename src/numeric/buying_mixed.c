/*
 * Expected purchases of a customer alive at T where there is no closed form, or none that keeps its digits.
 *
 * Without Erlang phases: given p, the expectation is (1 - Z_p^(r + x)) / p with Z_p = (alpha + T) / (alpha +
 * T + p t), or (1 - e^(-lambda p t)) / p; its mean over the posterior beta(a, b') of p is taken by 16-point
 * Gauss-Legendre on panels of s = log(p / (1 - p)), outwards from the mode, numerator and normalisation
 * alike, so that no beta function is needed. Singularities lie at distance pi from the real line. Error:
 * 1e-13 relative.
 *
 * With k phases: the number N of Erlang events in t is negative binomial (or Poisson) given the phase j now,
 * whose odds are the terms of Q (buying_row.c); floor((j + N) / k) purchases follow, the i-th only if the
 * customer stayed i - 1 times. All terms are positive. Error: 1e-13 relative, but 1e-4 when more than a
 * million events are expected: there the count is taken as continuous.
 */
#include "numeric/buying.h"

#include <math.h>

#define PANELS_MAX 2000
#define TAIL       50.0 /* e^-TAIL of the highest density is left out */
#define EVENTS_MAX 1e6

struct density {
	double a, b;     /* of p */
	double highest;  /* log density at the mode, by s */
	double rho, x_t; /* exponent, and t / (alpha + T); rho < 0: x_t is lambda t */
};

static double log_density(const struct density *d, double s)
{
	return -d->a * loy__log1pexp(-s) - d->b * loy__log1pexp(s) - d->highest;
}

/* (1 - Z_p^rho) / p */
static double given(const struct density *d, double p)
{
	double exponent = d->rho < 0.0 ? d->x_t * p : d->rho * loy__log1p(d->x_t * p);

	if (exponent < 1e-17) /* the limit, and before p and exponent are so small that they lose digits */
		return d->rho < 0.0 ? d->x_t : d->rho * d->x_t;
	return -loy__expm1(-exponent) / p;
}

/* From the mode to one side. */
static void side(const struct density *d, double mode, double sign, double width, double sums[2])
{
	double at = 0.0, length;
	int i, panels;

	for (panels = 0; panels < PANELS_MAX && log_density(d, mode + sign * at) > -TAIL; panels++) {
		double here = log_density(d, mode + sign * at);

		/* As the tails are pure exponentials far out, panels may grow with the distance. */
		length = at > 10.0 ? at : (4.0 * width < 4.0 ? 4.0 * width : 4.0);
		while (here - log_density(d, mode + sign * (at + length)) > 18.0)
			length *= 0.5;
		for (i = 0; i < LOY__GAUSS_POINTS; i++) {
			double s = mode + sign * (at + length * loy__gauss_node[i]);
			double w = length * loy__gauss_weight[i] * loy__exp(log_density(d, s));

			sums[0] += w;
			sums[1] += w * given(d, loy__logistic(s));
		}
		at += length;
	}
}

static double by_probability(const loy__buying *model, double x, double T, double t)
{
	struct density d;
	double mode, width, sums[2] = {0.0, 0.0};

	d.a = model->p[2];
	d.b = model->p[3] + x + (model->leave == LOY__LEAVE_BG ? 0.0 : 1.0);
	d.highest = 0.0;
	if (model->rate == LOY__MIXED) {
		d.rho = model->p[0] + x;
		d.x_t = t / (model->p[1] + T);
	} else {
		d.rho = -1.0;
		d.x_t = model->p[0] * t;
	}
	mode = loy__log(d.a / d.b);
	width = sqrt(1.0 / d.a + 1.0 / d.b);
	d.highest = log_density(&d, mode);
	side(&d, mode, 1.0, width, sums);
	side(&d, mode, -1.0, width, sums);
	return sums[1] / sums[0];
}

/* Many events: purchases come one at a time, k times as rarely; the mean rate and its spread stay. */
static double continuous(const loy__buying *model, double rho, double x, double T, double t)
{
	double p = model->p[2], age = (model->p[1] + T) * model->k, rate = model->p[0] / model->k;
	int mixed = model->rate == LOY__MIXED;
	loy__buying one = *model;

	one.k = 1;
	one.p[0] = mixed ? rho - x : rate;
	one.p[1] = age - T;
	if (model->drop == LOY__MIXED)
		return by_probability(&one, x, T, t);
	if (model->drop == LOY__SAME)
		return -loy__expm1(mixed ? -rho * loy__log1p(p * t / age) : -rate * p * t) / p;
	return mixed ? rho * t / age : rate * t;
}

/* Expected purchases given phase j now; events are counted one by one. */
static double from_phase(const loy__buying *model, double x, double T, double t, uint32_t j)
{
	int mixed = model->rate == LOY__MIXED;
	double rho = model->p[0] + x * model->k + (double)j, age = model->p[1] + T;
	double z = mixed ? t / (age + t) : 0.0, mean = mixed ? rho * t / age : model->p[0] * t;
	double log_scale = mixed ? -rho * loy__log1p(t / age) : -mean;
	double term = 1.0, sum = 0.0, all = 0.0, stay = 1.0, n, b = model->p[3] + x + 1.0, a = model->p[2];
	uint32_t phase = j;
	double purchases = 0.0; /* W: those of them that happen */

	if (mean > EVENTS_MAX) {
		return continuous(model, rho, x, T, t);
	}
	for (n = 0.0;; n += 1.0) {
		double ratio = mixed ? (rho + n) / (n + 1.0) * z : mean / (n + 1.0);

		sum += term * purchases;
		all += term;
		if (ratio < 1.0 &&
		    term * (purchases + 1.0) * ratio <= 1e-17 * sum * (1.0 - ratio) * (1.0 - ratio))
			break;
		if (ratio < 1.0 && sum == 0.0 && term <= 1e-300 * all)
			break;
		term *= ratio;
		if (term > 1e250) {
			term *= 1e-250;
			sum *= 1e-250;
			all *= 1e-250;
			log_scale += 575.6462732485114;
		}
		if (++phase == model->k) {
			phase = 0;
			purchases += stay;
			if (model->drop == LOY__MIXED) {
				stay *= b / (a + b);
				b += 1.0;
			} else if (model->drop == LOY__SAME) {
				stay *= 1.0 - a;
			}
		}
	}
	return sum * loy__exp(log_scale);
}

double loy__buying_expected_mixed(const loy__buying *model, double x, double t_x, double T, double t)
{
	double y, weight = 1.0, weights = 0.0, sum = 0.0, n = x * model->k;
	uint32_t j;

	if (model->k == 1)
		return by_probability(model, x, T, t);
	y = model->rate == LOY__MIXED ? (T - t_x) / (model->p[1] + T) : model->p[0] * (T - t_x);
	for (j = 0; j < model->k; j++) {
		sum += weight * from_phase(model, x, T, t, j);
		weights += weight;
		weight *= y / (j + 1.0);
		if (model->rate == LOY__MIXED)
			weight *= model->p[0] + n + j;
	}
	return sum / weights;
}
