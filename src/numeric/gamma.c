/*
 * log gamma, gamma and log beta.
 *
 * Method: from 2.5 up Stirling's formula in sums of two doubles, what it lacks (Binet's function) as a
 * polynomial in 1/x^2 (special_tables.py); below 2.5 by gamma(x) = gamma(x + 3) / (x (x + 1) (x + 2)); from
 * 0.5 to 2.5 log gamma as z times a polynomial in z = x - 2, so that the zeros at 1 and 2 are relatively
 * exact; below 0 by reflection, pi / sin(pi x) with the fraction of x taken exactly.
 * Error: log gamma 1 unit in the last place for x > 2.5, 4e-16 relative between 0 and 2.5, 4e-16 absolute or
 * relative (the larger) below 0; gamma 1 unit for x > 0 and 4e-16 relative below; log beta 4e-16, absolute or
 * relative (the larger). Exact where gamma is a whole double.
 * Range: all doubles, log beta up to 1e300. Special cases: log gamma is inf at 0, -1, -2, … and at +-inf, its
 * sign there 0; gamma(+-0) is +-inf, gamma is NaN at negative whole numbers and -inf, overflows to inf above
 * 171.624 and underflows below -184; log beta is inf at 0, -inf at inf, NaN below 0 and for 0 with inf.
 * Source: DLMF 5.5, 5.11; Binet's function after Whittaker & Watson (1927), section 12.33.
 */
#include "numeric/numeric.h"
#include "numeric/gamma_table.h"
#include "numeric/pair.h"

#include <math.h>

double loy__binet(double x)
{
	double inverse = 1.0 / x;

	return inverse * loy__polynomial(gamma_binet, LOY__COUNT(gamma_binet), inverse * inverse);
}

/* log gamma(x + low) for 2.5 <= x <= 1e290. */
static loy__pair gamma_stirling(double x, double low)
{
	const loy__pair half_log_2_pi = {GAMMA_HALF_LOG_2_PI_HIGH, GAMMA_HALF_LOG_2_PI_LOW};
	loy__pair less_half = loy__pair_sum(x, -0.5), sum;

	less_half.low += low;
	sum = loy__pair_multiply(less_half, loy__log_pair(x, low));
	less_half.high = -x;
	less_half.low = -low;
	sum = loy__pair_add(sum, less_half);
	sum = loy__pair_add(sum, half_log_2_pi);
	sum.low += loy__binet(x);
	return loy__pair_fast(sum.high, sum.low);
}

/* x (x + 1) (x + 2) of a sum of two doubles. */
static loy__pair gamma_three(loy__pair x)
{
	loy__pair one = {1.0, 0.0}, two = {2.0, 0.0};

	return loy__pair_multiply(x, loy__pair_multiply(loy__pair_add(x, one), loy__pair_add(x, two)));
}

loy__pair loy__lgamma_pair(double x, double low)
{
	loy__pair three, sum;

	if (x >= 2.5)
		return gamma_stirling(x, low);
	three.high = x;
	three.low = low;
	three = gamma_three(three);
	sum = loy__pair_sum(3.0, x);
	sum = gamma_stirling(sum.high, sum.low + low);
	return loy__pair_add(sum, loy__pair_negate(loy__log_pair(three.high, three.low)));
}

double loy__lgamma1p(double x)
{
	double z = x - 1.0, sum;

	if (x < 0.5) {
		sum = x * loy__polynomial(gamma_two, LOY__COUNT(gamma_two), x);
		return sum - loy__log1p(x);
	}
	return z * loy__polynomial(gamma_two, LOY__COUNT(gamma_two), z);
}

loy__pair loy__sin_pi_pair(double r)
{
	/* Taylor's series of the sine, or the cosine of the complement, in y <= pi / 4; its first terms as sums */
	const loy__pair pi = {GAMMA_PI_HIGH, GAMMA_PI_LOW};
	loy__pair y = {0.0, 0.0}, square;
	double size = fabs(r), t, p;

	y.high = size <= 0.25 ? size : 0.5 - size;
	y = loy__pair_multiply(y, pi);
	t = y.high * y.high;
	if (size <= 0.25) {
		p = 0x1.6124613a86d09p-33 - t * (0x1.ae7f3e733b81fp-41 - t * 0x1.952c77030ad4ap-49);
		p = 0x1.71de3a556c734p-19 - t * (0x1.ae64567f544e4p-26 - t * p);
		p = 0x1.1111111111111p-7 - t * (0x1.a01a01a01a01ap-13 - t * p);
		p = y.low - y.high * t * (0x1.5555555555555p-3 - t * p);
		y = loy__pair_fast(y.high, p);
	} else {
		square = loy__pair_multiply(y, y);
		p = 0x1.1eed8eff8d898p-29 - t * (0x1.93974a8c07c9dp-37 - t * 0x1.ae7f3e733b81fp-45);
		p = 0x1.a01a01a01a01ap-16 - t * (0x1.27e4fb7789f5cp-22 - t * p);
		p = 0x1.5555555555555p-5 - t * (0x1.6c16c16c16c17p-10 - t * p);
		y = loy__pair_fast(1.0, -0.5 * square.high);
		y = loy__pair_fast(y.high, y.low - 0.5 * square.low + t * t * p);
	}
	return r < 0.0 ? loy__pair_negate(y) : y;
}

/* |x sin(pi x)| for x < 0, and the sign of gamma(x); 0 at the poles. */
static loy__pair gamma_reflection(double x, int *sign)
{
	double below = floor(x), nearest = floor(x + 0.5);
	loy__pair size = {-x, 0.0};

	*sign = below == x ? 0 : floor(0.5 * below) * 2.0 == below ? 1 : -1;
	return loy__pair_multiply(size, loy__sin_pi_pair(fabs(x - nearest)));
}

double loy__lgamma(double x, int *sign)
{
	const loy__pair pi = {GAMMA_PI_HIGH, GAMMA_PI_LOW};
	loy__pair sum, part;
	int own = 1;

	sign = sign == NULL ? &own : sign;
	*sign = 1;
	if (x != x)
		return x;
	if (x <= 0.0 || fabs(x) > DBL_MAX) {
		if (x < -DBL_MAX || x == floor(x)) { /* the poles, and both infinities */
			*sign = 0;
			return (double)INFINITY;
		}
		part = gamma_reflection(x, sign);
		part = loy__pair_divide(pi, part);
		sum = loy__pair_negate(loy__lgamma_pair(-x, 0.0));
		return loy__pair_add(sum, loy__log_pair(part.high, part.low)).high;
	}
	if (x < 2.5) {
		if (x > 0.5)
			return loy__lgamma1p(x - 1.0);
		return x * loy__polynomial(gamma_two, LOY__COUNT(gamma_two), x) - loy__log1p(x) - loy__log(x);
	}
	if (x > 0x1p60) /* the other terms are below 2^-58 of these */
		return x * (loy__log(x) - 1.0);
	return gamma_stirling(x, 0.0).high;
}

/* gamma(x) for 0 < x < 171.7 as high * 2^power. */
static double gamma_positive(double x, int *power)
{
	loy__pair sum, three = {1.0, 0.0};

	if (x < 2.5) {
		three.high = x;
		three = gamma_three(three);
		sum = loy__pair_sum(3.0, x);
		sum = gamma_stirling(sum.high, sum.low);
	} else {
		sum = gamma_stirling(x, 0.0);
	}
	sum = loy__exp_pair(sum.high, sum.low, power);
	return x < 2.5 ? loy__pair_divide(sum, three).high : sum.high;
}

double loy__gamma(double x)
{
	loy__pair part;
	double value;
	int power, sign;

	if (x != x || x < -DBL_MAX)
		return (double)NAN;
	if (fabs(x) < 0x1p-60)
		return 1.0 / x; /* also at +-0 */
	if (x > 171.625)
		return (double)INFINITY;
	if (x > 0.0) {
		value = gamma_positive(x, &power);
		return loy__scale(value, power);
	}
	if (x == floor(x))
		return (double)NAN;
	part = gamma_reflection(x, &sign);
	if (x < -190.0) /* below the smallest double, whatever the sine */
		return sign * 0.0;
	value = GAMMA_PI_HIGH / part.high;
	if (x > -170.0) {
		double positive = gamma_positive(-x, &power);

		return sign * value / loy__scale(positive, power);
	}
	part = gamma_stirling(-x, 0.0);
	part = loy__exp_pair(-part.high, -part.low, &power);
	return sign * loy__scale(value * part.high, power);
}

/* Binet's function at q less that at p + q; for small p from its derivative, which loses no digits. */
static double gamma_binet_difference(double p, double q)
{
	double sum = 0.0;
	int i;

	if (p > 1e-3)
		return loy__binet(q) - loy__binet(p + q);
	for (i = 0; i < 3; i++) { /* Simpson's rule: its error is p^5 / 2880 * a fifth derivative below 0.1 */
		double inverse = 1.0 / (q + 0.5 * p * i), t = inverse * inverse;
		double slope = t * loy__polynomial(digamma_asymptotic, LOY__COUNT(digamma_asymptotic), t);

		sum += i == 1 ? 4.0 * slope : slope;
	}
	return sum * p / 6.0;
}

double loy__lgamma_difference(double p, double q)
{
	double steps = 0.0, sum;

	if (q < 2.5) { /* three steps up */
		steps = loy__log1p(p / q) + loy__log1p(p / (q + 1.0)) + loy__log1p(p / (q + 2.0));
		q += 3.0;
	}
	sum = p + q;
	/* (q - 1/2) log(q / (p + q)) - p log(p + q) + p, and Binet's functions */
	return ((q - 0.5) * loy__log1p(-p / sum) + (p - p * loy__log(sum))) + gamma_binet_difference(p, q) +
	       steps;
}

double loy__log_beta(double a, double b)
{
	double p = a < b ? a : b, q = a < b ? b : a;
	loy__pair sum, part;

	if (a != a || b != b || p < 0.0)
		return (double)NAN;
	if (p == 0.0 || q > DBL_MAX)
		return p > 0.0 ? -(double)INFINITY : q > DBL_MAX ? (double)NAN : (double)INFINITY;
	if (p >= 2.5) {
		double share = p / (p + q);

		return (GAMMA_HALF_LOG_2_PI_HIGH - 0.5 * loy__log(q)) +
		       (loy__binet(p) + loy__binet(q) - loy__binet(p + q)) +
		       ((p - 0.5) * loy__log(share) + q * loy__log1p(-share));
	}
	if (q > 64.0)
		return loy__lgamma(p, NULL) + loy__lgamma_difference(p, q);
	sum = loy__pair_sum(p, q);
	part = loy__pair_negate(loy__lgamma_pair(sum.high, sum.low));
	sum = loy__pair_add(loy__lgamma_pair(q, 0.0), part);
	return loy__pair_add(loy__lgamma_pair(p, 0.0), sum).high;
}
