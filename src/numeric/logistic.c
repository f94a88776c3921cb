/*
 * logistic, log1pexp and tanh: what is usually put together from exp and log1p, but rounded once.
 *
 * Method: e^-|x| as a sum of two doubles (exp.c); one division of such sums for the logistic function and for
 * tanh x = (e^2x - 1) / (e^2x + 1), one logarithm (log.c) for log(1 + e^x).
 * Error: at most 0.53 units in the last place, tanh 0.6 (measured over 1.5 * 10^7 random arguments each:
 * logistic 0.526, log1pexp 0.516, tanh 0.58); subnormal results 0.77 of the smallest number.
 * Range: all doubles. Special cases: logistic(-inf) = 0, logistic(inf) = 1, log1pexp(-inf) = 0, log1pexp(inf)
 * = inf, tanh(+-inf) = +-1, tanh(-0) = -0; NaN in, NaN out.
 */
#include "numeric/numeric.h"
#include "numeric/pair.h"

#include <math.h>

/* e^x for -40 <= x <= 0 as a sum. */
static loy__pair logistic_exp(double x)
{
	int power;
	loy__pair e = loy__exp_pair(x, 0.0, &power);

	e.high = loy__scale(e.high, power);
	e.low = loy__scale(e.low, power);
	return e;
}

double loy__logistic(double x)
{
	const loy__pair one = {1.0, 0.0};
	loy__pair e, sum;

	if (LOY__UNLIKELY(!(fabs(x) <= 40.0))) /* e^-40 is below 2^-57 */
		return x > 40.0 ? 1.0 : loy__exp(x);
	e = logistic_exp(-fabs(x));
	sum = loy__pair_add(one, e);
	sum = loy__pair_divide(x < 0.0 ? e : one, sum);
	return sum.high;
}

double loy__log1pexp(double x)
{
	loy__pair e;

	if (LOY__UNLIKELY(!(fabs(x) <= 40.0)))
		return x > 40.0 ? x : loy__exp(x);
	e = logistic_exp(-fabs(x));
	e = loy__log1p_pair(e.high, e.low);
	if (x > 0.0) {
		loy__pair more = loy__pair_sum(x, e.high);

		return more.high + (more.low + e.low);
	}
	return e.high;
}

double loy__tanh(double x)
{
	const loy__pair two = {2.0, 0.0};
	loy__pair e;

	if (LOY__UNLIKELY(!(fabs(x) <= 22.0))) /* 2 e^-44 is below 2^-62 */
		return x > 22.0 ? 1.0 : x < -22.0 ? -1.0 : x + x;
	if (fabs(x) < 0x1p-28) /* x^3 / 3 is below 2^-57 x */
		return x;
	e = loy__expm1_pair(2.0 * fabs(x)); /* exactly odd */
	e = loy__pair_divide(e, loy__pair_add(two, e));
	return copysign(e.high, x);
}
