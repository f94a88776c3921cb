/*
 * The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P, and their inverse.
 *
 * Method: for a >= 50 and x within 35 % of a Temme's uniform expansion (N. M. Temme, SIAM J. Math. Anal. 10,
 * 1979; DLMF 8.12), written with Mills' ratio so that both tails stay exact; else for a < 1 and x < 1.5 the
 * power series, Q from expm1 (W. Gautschi, ACM TOMS 5(4), 1979); else for x < a + 1 the series of DLMF
 * 8.11.4, beyond it Legendre's continued fraction (DLMF 8.9.2) by Steed's method. x^a e^-x / gamma(a + 1)
 * comes from logarithms kept as sums of two doubles. The inverse is Newton's method on the logarithm of the
 * smaller tail, kept in a bracket.
 * Error: 5e-15 relative in both functions for a <= 1e6 when the result is normal; the inverse as exact as its
 * argument allows, 1e-13 relative from 1e-300 up.
 * Range: 0 < a <= 1e100, x >= 0 (LOY_ERANGE elsewhere). Special cases: P = 0 at 0, 1 at inf; the inverse is 0
 * and inf at probabilities 0 and 1; LOY_ERANGE for probabilities outside [0, 1].
 */
#include "numeric/numeric.h"
#include "numeric/gamma_inc_table.h"
#include "numeric/pair.h"

#include <math.h>

/* Both functions at one point, and the density there times x. */
struct gamma_inc {
	double lower, upper, density;
};

/* x^a e^-x / gamma(a + 1), 0 when it underflows. */
static double gamma_inc_factor(double a, double x)
{
	loy__pair e = loy__pair_scaled(a, loy__log_pair(x, 0.0)), part = {x, 0.0};

	e = loy__pair_add(e, loy__pair_negate(part));
	if (a < 1.0) {
		part.high = loy__lgamma1p(a);
	} else {
		part = loy__pair_sum(a, 1.0);
		part = loy__lgamma_pair(part.high, part.low);
	}
	return loy__exp_of_pair(loy__pair_add(e, loy__pair_negate(part)));
}

/* For a < 1, x < 1.5: P = u (1 + a s), u = x^a / gamma(a + 1), s = sum n > 0 of (-x)^n / (n! (a + n)). */
static void gamma_inc_small(double a, double x, struct gamma_inc *out)
{
	loy__pair power = loy__log_pair(x, 0.0);
	double log_u, u, term = 1.0, sum = 0.0;
	int n;

	power = loy__pair_scaled(a, power);
	power = loy__pair_sum(power.high, power.low - loy__lgamma1p(a));
	log_u = power.high;
	u = loy__exp_of_pair(power);

	for (n = 1; n < 40; n++) {
		term *= -x / n;
		sum += term / (a + n);
		if (fabs(term) < 0x1p-58 * fabs(sum))
			break;
	}
	out->lower = u * (1.0 + a * sum);
	out->upper = -loy__expm1(log_u) - u * (a * sum);
	out->density = a * u * loy__exp(-x);
}

static void gamma_inc_series(double a, double x, struct gamma_inc *out)
{
	double factor = gamma_inc_factor(a, x), term = 1.0, sum = 1.0;
	int n;

	for (n = 1; n < 1000; n++) {
		term *= x / (a + n);
		sum += term;
		if (term < 0x1p-56 * sum)
			break;
	}
	out->lower = factor * sum;
	out->upper = 1.0 - out->lower;
	out->density = factor * a;
}

static void gamma_inc_fraction(double a, double x, struct gamma_inc *out)
{
	double density = gamma_inc_factor(a, x) * a;
	double b = x + 1.0 - a, d = 1.0 / b, step = d, sum = d;
	int n;

	for (n = 1; n < 1000; n++) {
		double c = -n * (n - a);

		b += 2.0;
		d = 1.0 / (b + c * d);
		step *= b * d - 1.0;
		sum += step;
		if (fabs(step) < 0x1p-56 * fabs(sum))
			break;
	}
	out->upper = density * sum;
	out->lower = 1.0 - out->upper;
	out->density = density;
}

/* eta^2 / 2 = mu - log(1 + mu), mu = x / a - 1: the smaller tail is pdf(y) (mills(|y|) +- sum / sqrt(a)). */
static void gamma_inc_uniform(double a, double x, struct gamma_inc *out)
{
	static const int terms[8] = {15, 15, 13, 11, 10, 8, 6, 3};
	loy__pair mu = loy__pair_sum(x, -a), phi, size = {a, 0.0};
	double eta, inverse = 1.0 / a, root = sqrt(a), sum = 0.0, pdf, tail;
	int k;

	mu = loy__pair_divide(mu, size);
	phi = loy__pair_add(mu, loy__pair_negate(loy__log1p_pair(mu.high, mu.low)));
	eta = sqrt(2.0 * phi.high);
	if (mu.high < 0.0)
		eta = -eta;
	for (k = 7; k >= 0; k--)
		sum = sum * inverse + loy__polynomial(gamma_inc_temme[k], terms[k], eta);
	pdf = loy__exp_of_pair(loy__pair_negate(loy__pair_scaled(a, phi))) *
	      0x1.9884533d43651p-2; /* 1 / sqrt(2 pi) */
	tail = pdf * (loy__mills(fabs(eta) * root) + (eta < 0.0 ? -sum : sum) / root);
	out->upper = eta < 0.0 ? 1.0 - tail : tail;
	out->lower = eta < 0.0 ? tail : 1.0 - tail;
	/* x^a e^-x / gamma(a) is sqrt(a) pdf(y) less what Stirling's formula lacks */
	out->density = root * pdf * loy__exp(-loy__binet(a));
}

/* 0 < x < inf */
static void gamma_inc_both(double a, double x, struct gamma_inc *out)
{
	if (a >= 50.0 && fabs(x - a) <= 0.35 * a)
		gamma_inc_uniform(a, x, out);
	else if (a < 1.0 && x < 1.5)
		gamma_inc_small(a, x, out);
	else if (x < a + 1.0)
		gamma_inc_series(a, x, out);
	else
		gamma_inc_fraction(a, x, out);
}

loy_status loy__gamma_inc(double a, double x, double *lower, double *upper)
{
	struct gamma_inc both = {0.0, 1.0, 0.0};

	if (!(a > 0.0 && a <= 1e100 && x >= 0.0))
		return LOY_ERANGE;
	if (x > DBL_MAX) {
		both.lower = 1.0;
		both.upper = 0.0;
	} else if (x > 0.0) {
		gamma_inc_both(a, x, &both);
	}
	if (lower != NULL)
		*lower = both.lower;
	if (upper != NULL)
		*upper = both.upper;
	return LOY_OK;
}

/* A first guess: Wilson & Hilferty (1931), or P = x^a / gamma(a + 1) where that is better, below it. */
static double gamma_inc_guess(double a, double p, int upper)
{
	double z = loy__normal_quantile(p), start, log_start;

	z = upper ? -z : z;
	start = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * sqrt(a));
	start = start > 0.0 ? a * start * start * start : 0.0;
	log_start = ((upper ? loy__log1p(-p) : loy__log(p)) + loy__lgamma(a + 1.0, NULL)) / a;
	if (start < 0.3 * a || a < 1.0) {
		double power = loy__exp(log_start);

		if (upper && a < 1.0 && power > 0.5) { /* Q is about x^(a - 1) e^-x / gamma(a) */
			power = -loy__log(p) - loy__lgamma(a, NULL);
			power = power > 0.5 ? power : 0.5;
		}
		start = power;
	}
	return start < 0x1p-1022 ? 0x1p-1022 : start > 1e300 ? 1e300 : start;
}

/* The x whose tail, lower or upper, is p, for 0 < p <= 1/2. */
static double gamma_inc_solve(double a, double p, int upper)
{
	double low = 0.0, high = (double)INFINITY, x = gamma_inc_guess(a, p, upper);
	struct gamma_inc at;
	int i;

	for (i = 0; i < 200; i++) {
		double tail, step, next;

		gamma_inc_both(a, x, &at);
		tail = upper ? at.upper : at.lower;
		if ((tail < p) == upper)
			high = x;
		else
			low = x;
		/* Newton on log tail: against log x for the lower tail, against x for the upper one */
		step = loy__log(tail / p) * tail / at.density;
		next = upper ? x + x * step : x * loy__exp(-step);
		if (fabs(next - x) <= 0x1p-36 * x) /* the next error is about its square */
			return next;
		if (!(next > low && next < high)) /* also NaN, where a tail or the density underflows */
			next = high > 1e300 ? 2.0 * x + 1.0
			       : low <= 0.0 ? 0.0625 * x
			                    : sqrt(low) * sqrt(high);
		x = next;
		if (x < 0x1p-1070 || high <= low * (1.0 + 0x1p-51))
			break;
	}
	return x;
}

loy_status loy__gamma_inc_inverse(double a, double probability, int upper, double *x)
{
	double p = probability;

	if (!(a > 0.0 && a <= 1e100 && p >= 0.0 && p <= 1.0))
		return LOY_ERANGE;
	if (p > 0.5) { /* exact */
		p = 1.0 - p;
		upper = !upper;
	}
	if (p == 0.0)
		*x = upper ? (double)INFINITY : 0.0;
	else
		*x = gamma_inc_solve(a, p, upper != 0);
	return LOY_OK;
}
