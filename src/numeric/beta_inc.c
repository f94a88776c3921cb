/*
 * The regularised incomplete beta function I_x(a, b), its complement, and its inverse.
 *
 * Method: on the side where x <= (a + 1) / (a + b + 2), else on the other with a, b and x, 1 - x exchanged.
 * For a <= 1 the power series (DLMF 8.17.7), its complement by expm1, so that both are relatively exact
 * however small a is; for a > 1 the continued fraction of A. R. DiDonato & A. H. Morris (ACM TOMS 18(3),
 * 1992, equation 9) by Steed's method. x^a (1 - x)^b / B(a, b) comes from logarithms kept as sums of two
 * doubles. The inverse is Newton's method on the logarithm of the smaller tail, kept in a bracket.
 * Error: 1e-14 relative in both functions for a, b <= 1e6 when the result is normal; the inverse as exact as
 * its argument allows, 1e-13 relative from 1e-300 up.
 * Range: 0 < a, b <= 1e10, 0 <= x <= 1 (LOY_ERANGE elsewhere); time grows with the root of the larger of a
 * and b.
 * Special cases: I = 0 at 0, 1 at 1; the inverse is 0 and 1 at probabilities 0 and 1.
 */
#include "numeric/numeric.h"
#include "numeric/pair.h"

#include <math.h>

/* One side: parameters, point, logarithms of x and 1 - x, and a - (a + b) x, exactly even for x next to 1. */
struct beta_inc {
	double a, b, x;
	loy__pair log_x, log_y, gap;
};

struct beta_inc_value {
	double lower, upper, density; /* the density times x (1 - x) */
};

/* x^a y^b / B(a, b), 0 when it underflows. */
static double beta_inc_factor(const struct beta_inc *at)
{
	loy__pair sum = loy__pair_sum(at->a, at->b), e, part;

	e = loy__pair_add(loy__pair_scaled(at->a, at->log_x), loy__pair_scaled(at->b, at->log_y));
	part = loy__pair_add(loy__lgamma_pair(at->a, 0.0), loy__lgamma_pair(at->b, 0.0));
	part = loy__pair_add(part, loy__pair_negate(loy__lgamma_pair(sum.high, sum.low)));
	return loy__exp_of_pair(loy__pair_add(e, loy__pair_negate(part)));
}

/* For a <= 1: I = u (1 + a s), u = x^a / (a B), s = sum n > 0 of (1 - b) … (n - b) x^n / (n! (a + n)). */
static void beta_inc_series(const struct beta_inc *at, struct beta_inc_value *out)
{
	double a = at->a, b = at->b, x = at->x;
	loy__pair power = loy__pair_scaled(a, at->log_x);
	double log_u, u, term = 1.0, sum = 0.0;
	int n;

	power = loy__pair_sum(power.high, power.low - (loy__lgamma1p(a) + loy__lgamma_difference(a, b)));
	log_u = power.high;
	u = loy__exp_of_pair(power);

	for (n = 1; n < 500; n++) {
		term *= (n - b) * x / n;
		sum += term / (a + n);
		if (fabs(term) < 0x1p-58 * fabs(sum) || term == 0.0)
			break;
	}
	out->lower = u * (1.0 + a * sum);
	out->upper = -loy__expm1(log_u) - u * (a * sum);
	out->density = a * u * loy__exp(b * at->log_y.high);
}

/*
 * For a > 1: I = x^a y^b / B / (b0 + a1 / (b1 + a2 / (b2 + …))) with
 * a_n = (a + n - 1) (a + b + n - 1) n (b - n) x^2 / (a + 2n - 1)^2,
 * b_n = n + n (b - n) x / (a + 2n - 1) + (a + n) (a - (a + b) x + 1 + n (2 - x)) / (a + 2n + 1).
 */
static void beta_inc_fraction(const struct beta_inc *at, struct beta_inc_value *out)
{
	double a = at->a, b = at->b, x = at->x, factor = beta_inc_factor(at);
	double gap = (1.0 + at->gap.high) + at->gap.low, d = 0.0, step = 1.0, sum = 0.0;
	int n;

	for (n = 1; n < 1000000; n++) {
		double k = a + 2.0 * n - 1.0;
		double top = (a + n - 1.0) / k * ((a + b + n - 1.0) / k) * (n * (b - n) * x * x);
		double bottom = n + n * (b - n) * x / k + (a + n) * (gap + n * (2.0 - x)) / (k + 2.0);

		d = 1.0 / (bottom + top * d);
		step *= n == 1 ? top * d : bottom * d - 1.0;
		sum += step;
		if (fabs(step) < 0x1p-56 * fabs(sum) || step == 0.0) /* 0 from the first on when b is 1 */
			break;
	}
	sum = 1.0 / (a * gap / (a + 1.0) + sum); /* b0, which may nearly vanish, is added last */
	out->lower = factor * sum;
	out->upper = 1.0 - out->lower;
	out->density = factor;
}

/* 0 < x < 1 */
static void beta_inc_both(double a, double b, double x, struct beta_inc_value *out)
{
	struct beta_inc at = {a, b, x, {0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}};
	loy__pair part = loy__pair_add(loy__pair_product(a, x), loy__pair_product(b, x));
	int exchange = x > (a + 1.0) / (a + b + 2.0);
	double lower;

	at.log_x = loy__log_pair(x, 0.0);
	at.log_y = loy__log1p_pair(-x, 0.0);
	at.gap.high = a;
	at.gap = loy__pair_add(at.gap, loy__pair_negate(part));
	if (exchange) {
		part = at.log_x;
		at.log_x = at.log_y;
		at.log_y = part;
		at.gap = loy__pair_negate(at.gap);
		at.a = b;
		at.b = a;
		at.x = 1.0 - x;
	}
	if (at.a <= 1.0)
		beta_inc_series(&at, out);
	else
		beta_inc_fraction(&at, out);
	if (exchange) {
		lower = out->lower;
		out->lower = out->upper;
		out->upper = lower;
	}
}

static int beta_inc_legal(double a, double b)
{
	return a > 0.0 && b > 0.0 && a <= 1e10 && b <= 1e10;
}

loy_status loy__beta_inc(double a, double b, double x, double *lower, double *upper)
{
	struct beta_inc_value both = {0.0, 1.0, 0.0};

	if (!beta_inc_legal(a, b) || !(x >= 0.0 && x <= 1.0))
		return LOY_ERANGE;
	if (x == 1.0) {
		both.lower = 1.0;
		both.upper = 0.0;
	} else if (x > 0.0) {
		beta_inc_both(a, b, x, &both);
	}
	if (lower != NULL)
		*lower = both.lower;
	if (upper != NULL)
		*upper = both.upper;
	return LOY_OK;
}

/* A first guess for I = p: Abramowitz & Stegun 26.5.22 in the middle, I = x^a / (a B(a, b)) below it. */
static double beta_inc_guess(double a, double b, double p)
{
	double x = loy__exp((loy__log(p) + loy__log(a) + loy__log_beta(a, b)) / a);

	if (a > 1.0 && b > 1.0) {
		double z = -loy__normal_quantile(p), r = 1.0 / (2.0 * a - 1.0), s = 1.0 / (2.0 * b - 1.0);
		double h = 2.0 / (r + s), lambda = (z * z - 3.0) / 6.0;
		double w = z * sqrt(h + lambda) / h - (s - r) * (lambda + 5.0 / 6.0 - 2.0 / (3.0 * h));
		double start = a / (a + b * loy__exp(2.0 * w));

		if (start > x) /* the power lies left of the answer: the better of the two is the larger */
			x = start;
	}
	return x < 0x1p-1022 ? 0x1p-1022 : x > 0.5 ? 0.5 : x;
}

/* The x <= 1/2 with I = p, q = 1 - p, by the logarithm of the smaller of the two against that of x. */
static double beta_inc_solve(double a, double b, double p, double q)
{
	double low = 0.0, high = 0.5, x = beta_inc_guess(a, b, p < q ? p : 1.0 - q);
	struct beta_inc_value at;
	int i, upper = q < p;

	for (i = 0; i < 200; i++) {
		double step, next;

		beta_inc_both(a, b, x, &at);
		if (upper ? at.upper > q : at.lower < p)
			low = x;
		else
			high = x;
		step = upper ? loy__log(at.upper / q) * at.upper : -loy__log(at.lower / p) * at.lower;
		next = x * loy__exp(step * (1.0 - x) / at.density);
		if (fabs(next - x) <= 0x1p-36 * x) /* the next error is about its square */
			return next;
		if (!(next > low && next < high)) /* also NaN, where a tail or the density underflows */
			next = low > 0.0 ? 0.5 * (low + high) : 0.0625 * x;
		x = next;
		if (x < 0x1p-1070 || high - low <= 0x1p-53 * high)
			break;
	}
	return x;
}

loy_status loy__beta_inc_inverse(double a, double b, double probability, double *x)
{
	double p = probability, q = 1.0 - p;
	struct beta_inc_value half;

	if (!beta_inc_legal(a, b) || !(p >= 0.0 && p <= 1.0))
		return LOY_ERANGE;
	if (p == 0.0 || p == 1.0) {
		*x = p;
		return LOY_OK;
	}
	beta_inc_both(a, b, 0.5, &half);
	if (p < q ? p <= half.lower : q >= half.upper)
		*x = beta_inc_solve(a, b, p, q);
	else
		*x = 1.0 - beta_inc_solve(b, a, q, p);
	return LOY_OK;
}
