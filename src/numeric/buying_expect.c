/*
 * Expected purchases in (T, T + t] of customers with a history.
 *
 * Method: closed forms, all as expm1 and log1p so that s = 1, a = 1 and small t lose nothing.
 * - Drop-out at any time: mean rate times expected time alive (Schmittlein, Morrison & Colombo 1987).
 * - BG and MBG: with C = a + b' - 1, e = a - 1, B = C - (r + x), Z = (alpha + T) / (alpha + T + t), z = 1 - Z
 *   and b' = b + x (MBG: b + x + 1), Fader, Hardie & Lee's (2005) form after Euler's transformation,
 *	C ((1 - Z^e) / e - Z^e G), G = sum over n >= 1 of (1 + e)_(n-1) (B)_n / ((C)_n n!) z^n,
 *   whose terms have one sign for B > -1. Where they do not, where the sum does not end in time, or where the
 *   difference would cancel (C / (r + x) large), quadrature over p instead (buying_mixed.c).
 * Error: 1e-12 relative, times C / (r + x) / 1e4 for the series.
 */
#include "numeric/buying.h"

#include <math.h>

#define SERIES_LONG  1000u /* most terms beyond LOY__SERIES_Z */
#define SERIES_SMALL 1e-17
#define CANCEL_MAX   1e4

/* (1 - e^(-e l)) / e */
static double ramp(double e, double l)
{
	return e != 0.0 ? -loy__expm1(-e * l) / e : l;
}

/* What the series needs to know; 0 when the model or x has none. */
struct series {
	double rho, e, B, C;
};

static int series_init(struct series *s, const loy__buying *model, double x)
{
	if (model->leave == LOY__LEAVE_TIME || model->k > 1 || model->rate != LOY__MIXED ||
	    model->drop != LOY__MIXED)
		return 0;
	s->rho = model->p[0] + x;
	s->e = model->p[2] - 1.0;
	s->C = model->p[2] + model->p[3] + x - (model->leave == LOY__LEAVE_BG ? 1.0 : 0.0);
	s->B = s->C - s->rho;
	return s->B > -1.0 && s->C > 0.0 && s->C < CANCEL_MAX * s->rho;
}

uint32_t loy__buying_series(const loy__buying *model, double x, double coefficients[LOY__SERIES_TERMS])
{
	struct series s;
	double c, power = LOY__SERIES_Z, sum = 0.0;
	uint32_t n, i;

	if (!series_init(&s, model, x))
		return 0;
	c = s.B / s.C;
	for (n = 1; n <= LOY__SERIES_TERMS; n++) {
		double term = fabs(c) * power, ratio = (s.e + n) * (s.B + n) / ((s.C + n) * (n + 1.0));

		coefficients[n - 1] = c;
		sum += term;
		if (ratio < 1.2 && term <= SERIES_SMALL * (sum + 1e-290)) {
			for (i = n; i % 4 != 0; i++)
				coefficients[i] = 0.0;
			return i;
		}
		c *= ratio;
		power *= LOY__SERIES_Z;
	}
	return 0;
}

/* Four sums side by side: a quarter of the waiting. count is a multiple of 4. */
static double series_sum(const double *c, uint32_t count, double z)
{
	double z2 = z * z, z4 = z2 * z2, s0 = 0.0, s1 = 0.0, s2 = 0.0, s3 = 0.0;
	uint32_t i;

	for (i = count; i > 0; i -= 4) {
		s0 = s0 * z4 + c[i - 4];
		s1 = s1 * z4 + c[i - 3];
		s2 = s2 * z4 + c[i - 2];
		s3 = s3 * z4 + c[i - 1];
	}
	return z * ((s0 + s1 * z) + z2 * (s2 + s3 * z));
}

static double series_value(double e, double C, double l, double G)
{
	double less = loy__expm1(-e * l),
	       power = less > -0.5 ? 1.0 + less : loy__exp(-e * l); /* Z^e - 1, Z^e */

	return C * ((e != 0.0 ? -less / e : l) - power * G);
}

/* Beyond LOY__SERIES_Z: 0 when the sum does not end in time. */
static int series_long(const struct series *s, double z, double *G)
{
	double term = s->B / s->C * z, sum = 0.0;
	uint32_t n;

	for (n = 1; n <= SERIES_LONG; n++) {
		double ratio = (s->e + n) * (s->B + n) / ((s->C + n) * (n + 1.0)) * z;

		sum += term;
		if (ratio < 1.0 && fabs(term) <= SERIES_SMALL * (1.0 - ratio) * fabs(sum)) {
			*G = sum;
			return sum < DBL_MAX;
		}
		term *= ratio;
	}
	return 0;
}

static double expected_beta(const loy__buying *model, double x, double t_x, double T, double t)
{
	double coefficients[LOY__SERIES_TERMS], age = model->p[1] + T, z = t / (age + t), G = 0.0;
	struct series s;
	uint32_t count;

	if (series_init(&s, model, x)) {
		if (z <= LOY__SERIES_Z) {
			count = loy__buying_series(model, x, coefficients);
			if (count > 0)
				return series_value(s.e, s.C, loy__log1p(t / age),
				                    series_sum(coefficients, count, z));
		} else if (series_long(&s, z, &G)) {
			double value = series_value(s.e, s.C, loy__log1p(t / age), G);

			/* the difference must not have cancelled: phi is C (1 - Z^e) / e */
			if (value > 1e-4 * s.C * ramp(s.e, loy__log1p(t / age)))
				return value;
		}
	}
	return loy__buying_expected_mixed(model, x, t_x, T, t);
}

static double expected_time(const loy__buying *model, double rate, double T, double t)
{
	double age = model->p[3] + T;

	switch (model->drop) {
	case LOY__MIXED:
		return rate * age * ramp(model->p[2] - 1.0, loy__log1p(t / age));
	case LOY__SAME:
		return rate * ramp(model->p[2], t);
	default: /* who is alive stays */
		return rate * t;
	}
}

double loy__buying_expected_alive(const loy__buying *model, double x, double t_x, double T, double t)
{
	int mixed = model->rate == LOY__MIXED;
	double n = x * model->k, rho = model->p[0] + n, age = model->p[1] + T, p = model->p[2];
	double rate = mixed ? rho / age : model->p[0], none;

	if (!(t > 0.0))
		return 0.0;
	if (model->k > 1)
		return loy__buying_expected_mixed(model, x, t_x, T, t);
	if (model->leave == LOY__LEAVE_TIME)
		return expected_time(model, rate, T, t);
	switch (model->drop) {
	case LOY__MIXED:
		return mixed ? expected_beta(model, x, t_x, T, t)
		             : loy__buying_expected_mixed(model, x, t_x, T, t);
	case LOY__SAME:
		return mixed ? ramp(p, rho * loy__log1p(p * t / age) / p) : ramp(p, rate * t);
	case LOY__SPLIT:
		if (model->leave == LOY__LEAVE_BG && x == 0.0) { /* the first chance is still to come */
			none = mixed ? -rho * loy__log1p(t / age) : -rate * t;
			return (1.0 - p) * rate * t - p * loy__expm1(none);
		}
		return rate * t;
	default:
		return rate * t;
	}
}

double loy__buying_expected_with(const loy__buying *model, double x, double T, double t,
                                 const double *coefficients, uint32_t count)
{
	double age = model->p[1] + T, z = t / (age + t);

	if (!(z <= LOY__SERIES_Z) || count == 0)
		return loy__buying_expected_alive(model, x, 0.0, T, t);
	return series_value(model->p[2] - 1.0,
	                    model->p[2] + model->p[3] + x - (model->leave == LOY__LEAVE_BG ? 1.0 : 0.0),
	                    loy__log1p(t / age), series_sum(coefficients, count, z));
}

double loy__buying_expected_grown(const loy__buying *model, double x, double T, double v, double grown,
                                  const double *coefficients, uint32_t count)
{
	double z = grown / (1.0 + grown);

	if (!(z <= LOY__SERIES_Z))
		return loy__buying_expected_alive(model, x, 0.0, T, (model->p[1] + T) * grown);
	return series_value(model->p[2] - 1.0,
	                    model->p[2] + model->p[3] + x - (model->leave == LOY__LEAVE_BG ? 1.0 : 0.0), v,
	                    series_sum(coefficients, count, z));
}

double loy__buying_expected(const loy__buying *model, double x, double t_x, double T, double t)
{
	return loy__buying_alive(model, x, t_x, T) * loy__buying_expected_alive(model, x, t_x, T, t);
}
