/*
 * Differences of log gamma, digamma and trigamma over a step d >= 0 from x > 0.
 *
 * Method: for whole d up to 64 products and sums of x + i; else, from x = 10 up, differences of Stirling's
 * formulas term by term, so that nothing cancels however large x is; below, differences of the functions.
 * Error: about 1e-15 + d 1e-16 absolute or relative, whichever is larger, for log gamma; 1e-14 relative for
 * the other two from x = 10 up or for small whole d, 1e-14 absolute else.
 *
 * Differences of such differences over a second step: below x = 1e4 as they stand, over the smaller of the two steps
 * first; else from Stirling's formulas, whose terms' second differences are products. Error there: 1e-14 relative for
 * log gamma and digamma, 1e-8 for trigamma.
 */
#include "numeric/buying.h"

#include <math.h>

#include "numeric/pair.h"

#define STEPS_MAX  64.0
#define CROSS_FROM 1e4

/* By products: x + 0, …, x + d - 1. */
static void diff_by_steps(double x, double d, double out[3])
{
	double product = 1.0, logs = 0.0, first = 0.0, second = 0.0, i;

	for (i = 0.0; i < d; i += 1.0) {
		double inverse = 1.0 / (x + i);

		product *= x + i;
		if (!(product < 1e200 && product > 1e-200)) {
			logs += loy__log(product);
			product = 1.0;
		}
		first += inverse;
		second += inverse * inverse;
	}
	out[0] = logs + loy__log(product);
	out[1] = first;
	out[2] = -second;
}

/* What digamma lacks of log x - 1/(2x), and trigamma of 1/x + 1/(2x^2), for x >= 10: DLMF 5.11.2. */
static double digamma_rest(double s)
{
	return -s * (1.0 / 12 -
	             s * (1.0 / 120 -
	                  s * (1.0 / 252 -
	                       s * (1.0 / 240 - s * (1.0 / 132 - s * (691.0 / 32760 - s * (1.0 / 12)))))));
}

static double trigamma_rest(double inverse, double s)
{
	return inverse * s *
	       (1.0 / 6 -
	        s * (1.0 / 30 -
	             s * (1.0 / 42 - s * (1.0 / 30 - s * (5.0 / 66 - s * (691.0 / 2730 - s * (7.0 / 6)))))));
}

static double stirling_diff(double x, double d)
{
	double y = x + d;

	return (x - 0.5) * loy__log1p(d / x) + d * (loy__log(y) - 1.0) + (loy__binet(y) - loy__binet(x));
}

void loy__gamma_diff(double x, double d, double out[3])
{
	if (d <= STEPS_MAX && d == floor(d)) {
		diff_by_steps(x, d, out);
	} else if (x >= 10.0) {
		double y = x + d, ix = 1.0 / x, iy = 1.0 / y, step = d * ix * iy; /* 1/x - 1/y */

		out[0] = stirling_diff(x, d);
		out[1] = loy__log1p(d * ix) + 0.5 * step + (digamma_rest(iy * iy) - digamma_rest(ix * ix));
		out[2] = -step - 0.5 * step * (ix + iy) +
		         (trigamma_rest(iy, iy * iy) - trigamma_rest(ix, ix * ix));
	} else {
		out[0] = loy__lgamma(x + d, NULL) - loy__lgamma(x, NULL);
		out[1] = loy__digamma(x + d) - loy__digamma(x);
		out[2] = loy__trigamma(x + d) - loy__trigamma(x);
	}
}

/*
 * With p = 1/x, q = 1/(x + d) and P, Q the same of x + e, second differences of 1/x and 1/x^2 are
 *	s1 = (q - p) - (Q - P) = -d e (2 x + e + d) p q P Q,
 *	s2 = (q^2 - p^2) - (Q^2 - P^2) = s1 (p + q) - d P Q ((p - P) + (q - Q)),
 * that of log x is log(1 - ...) with (x + d) (x + e) = x (x + d + e) + d e.
 */
static void stirling_cross(double x, double d, double e, double out[3])
{
	double p = 1.0 / x, q = 1.0 / (x + d), P = 1.0 / (x + e), Q = 1.0 / (x + d + e);
	/* by factors of at most 2, which never overflow */
	double s1 = -(d * q) * (e * P) * ((2.0 * x + e + d) * Q) * p;
	double s2 = s1 * (p + q) - (d * Q) * P * ((e * P) * p + (e * Q) * q),
	       logs = loy__log1p(d * Q * (e * p));

	out[0] = (x - 0.5) * logs - d * loy__log1p(e * q) - e * loy__log1p(d * P) + s1 / 12.0;
	out[1] = logs - s1 / 2.0 - s2 / 12.0;
	out[2] = s1 + s2 / 2.0;
}

void loy__gamma_cross(double x, double d, double e, double out[3])
{
	double step = d < e ? d : e, later[3];
	int i;

	if (x >= CROSS_FROM) {
		stirling_cross(x, d, e, out);
		return;
	}
	loy__gamma_diff(x, step, out);
	loy__gamma_diff(x + (d < e ? e : d), step, later);
	for (i = 0; i < 3; i++)
		out[i] -= later[i];
}

double loy__lgamma_diff(double x, double d)
{
	double out[3];

	if (d <= STEPS_MAX && d == floor(d)) {
		diff_by_steps(x, d, out);
		return out[0];
	}
	if (x >= 10.0)
		return stirling_diff(x, d);
	return loy__lgamma(x + d, NULL) - loy__lgamma(x, NULL);
}

void loy__beta_moment(double a, double b, double i, double j, double out[6])
{
	double of_a[3], of_b[3], of_sum[3];

	loy__gamma_diff(a, i, of_a);
	loy__gamma_diff(b, j, of_b);
	loy__gamma_diff(a + b, i + j, of_sum);
	out[0] = of_a[0] + of_b[0] - of_sum[0];
	out[1] = a * (of_a[1] - of_sum[1]);
	out[2] = b * (of_b[1] - of_sum[1]);
	out[3] = out[1] + a * a * (of_a[2] - of_sum[2]);
	out[4] = -a * b * of_sum[2];
	out[5] = out[2] + b * b * (of_b[2] - of_sum[2]);
}
