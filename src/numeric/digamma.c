/*
 * digamma and trigamma, the first two derivatives of log gamma.
 *
 * Method: from 2.5 up log x - 1/(2x) or 1/x + 1/(2x^2) and a polynomial in 1/x^2 (special_tables.py); below
 * 2.5 three steps of psi(x) = psi(x + 1) - 1/x; digamma near its positive zero 1.46163… as distance times a
 * polynomial; below 0 by reflection, with the fraction of x taken exactly.
 * Error: 2e-15 relative; digamma near its negative zeros 1e-15 times pi / sin^2(pi x), absolute.
 * Range: all doubles. Special cases: digamma(+-0) = -+inf, NaN at negative whole numbers and -inf, inf at
 * inf; trigamma is inf at 0, -1, -2, …, 0 at inf, NaN at -inf; NaN in, NaN out.
 * Source: DLMF 5.5, 5.11, 5.15.
 */
#include "numeric/numeric.h"
#include "numeric/gamma_table.h"
#include "numeric/pair.h"

#include <math.h>

/* x > 0, finite */
static double digamma_positive(double x)
{
	double steps = 0.0, inverse, square;

	if (x > 1.2 && x < 1.75) {
		double z = (x - DIGAMMA_ROOT_HIGH) - DIGAMMA_ROOT_LOW;

		return z * loy__polynomial(digamma_near_root, LOY__COUNT(digamma_near_root), z);
	}
	if (x < 2.5) {
		steps = 1.0 / (x + 2.0) + 1.0 / (x + 1.0) + 1.0 / x;
		x += 3.0;
	}
	inverse = 1.0 / x;
	square = inverse * inverse;
	square *= loy__polynomial(digamma_asymptotic, LOY__COUNT(digamma_asymptotic), square);
	return loy__log(x) - (0.5 * inverse + square) - steps;
}

double loy__digamma(double x)
{
	double rest;

	if (x != x || x < -DBL_MAX)
		return (double)NAN;
	if (x > DBL_MAX)
		return x;
	if (x > 0.0)
		return digamma_positive(x);
	if (x == 0.0)
		return -1.0 / x;
	rest = x - floor(x + 0.5);
	if (rest == 0.0)
		return (double)NAN;
	/* psi(1 - x) - pi cot(pi x) */
	rest = loy__sin_pi_pair(0.5 - fabs(rest)).high / loy__sin_pi_pair(rest).high;
	return digamma_positive(1.0 - x) - GAMMA_PI_HIGH * rest;
}

/* x > 0 */
static double trigamma_positive(double x)
{
	double steps = 0.0, inverse, square;

	if (x < 2.5) {
		double y = x + 1.0, z = x + 2.0;

		steps = 1.0 / (z * z) + 1.0 / (y * y) + 1.0 / (x * x);
		x += 3.0;
	}
	inverse = 1.0 / x;
	square = inverse * inverse;
	steps += square * (0.5 + inverse * loy__polynomial(trigamma_asymptotic,
	                                                   LOY__COUNT(trigamma_asymptotic), square));
	return inverse + steps;
}

double loy__trigamma(double x)
{
	double rest;

	if (x != x || x < -DBL_MAX)
		return (double)NAN;
	if (x > 0.0)
		return trigamma_positive(x);
	rest = x - floor(x + 0.5);
	if (rest == 0.0)
		return (double)INFINITY;
	/* pi^2 / sin^2(pi x) - psi'(1 - x) */
	rest = GAMMA_PI_HIGH / loy__sin_pi_pair(rest).high;
	return rest * rest - trigamma_positive(1.0 - x);
}
