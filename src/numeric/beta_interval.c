/*
 * The quantiles of Beta(a, b) at p and 1 - p, fast: the ends of every interval the library states.
 *
 * Method: with t = log(x / (1 - x)), the lower quantile solves log I(t) = log p. A first guess comes from the
 * power law I = x^a / (a B) and the next two terms of its inverse, or from the cube-root approximation of the
 * F distribution (E. Paulson, Ann. Math. Stat. 13, 1942). There I is evaluated once, by the continued
 * fraction DLMF 8.17.22 freed of its divisions, and the inverse function's Taylor series in log p - log I is
 * taken to order 5: the derivatives of log I by t are polynomials in phi / I and x, phi the density of t.
 * Steps repeat until the terms left out are small. In t the power laws at both ends are straight lines, so
 * the series has no trouble there. The upper quantile is the lower one of Beta(b, a). Where this fails to
 * settle, and for parameters below 1e-3 or tails so small that both ends count, loy__beta_inc_inverse
 * answers.
 * Error: below 1e-10 absolute for a, b >= 1e-6; for smaller ones 1e-16 / min(a, b) where the answer is
 * neither at 0 nor at 1, as a change of p in its last place does as much.
 * Range: 0 < a, b <= 1e10, 0 < p < 1/2 (LOY_ERANGE elsewhere).
 */
#include "numeric/numeric.h"
#include "numeric/pair.h"

#include <math.h>

#define BETA_END_STEPS 5

/* What the two ends have in common. */
struct beta_ends {
	double p, log_p, log_q, z; /* the tail, log p, log(1 - p), normal quantile of p */
	double log_beta;
};

/* I and the density of t = log(x / y), at x and y = 1 - x. */
struct beta_point {
	double x, y, lower, phi;
};

/* (z - 1/2) log z - z and Binet's function at z, or z + 3 below 2.5; then *product gets z (z + 1) (z + 2). */
static double beta_end_stirling(double z, double *product)
{
	*product = 1.0;
	if (z < 2.5) {
		*product = z * (z + 1.0) * (z + 2.0);
		z += 3.0;
	}
	return ((z - 0.5) * loy__log(z) - z) + loy__binet(z);
}

/* log B(a, b) to some 1e-15 (a + b): the sums of loy__log_beta are exact where this need not be. */
static double beta_end_log_beta(double a, double b)
{
	double pa, pb, ps, sum;

	if (a + b > 1e4)
		return loy__log_beta(a, b);
	sum = beta_end_stirling(a, &pa) + beta_end_stirling(b, &pb) - beta_end_stirling(a + b, &ps);
	return sum + (0x1.d67f1c864beb5p-1 + loy__log(ps / (pa * pb))); /* log(2 pi) / 2 */
}

/*
 * x^a y^b / B / I = a + e1 x / (a + 1 + e2 x / (a + 2 + …)), e_2m = m (b - m), e_2m+1 = -(a + m) (a + b + m),
 * by its convergents; 0 when it does not settle.
 */
static double beta_end_fraction(double a, double b, double x)
{
	double top = a, top_before = 1.0, bottom = 1.0, bottom_before = 0.0, value = a, m;

	for (m = 0.0; m < 200.0; m += 2.0) {
		double scale, last = value, e;

		e = -(a + m) * (a + b + m) * x;
		top_before = (a + 2.0 * m + 1.0) * top + e * top_before;
		bottom_before = (a + 2.0 * m + 1.0) * bottom + e * bottom_before;
		e = (m + 1.0) * (b - m - 1.0) * x;
		top = (a + 2.0 * m + 2.0) * top_before + e * top;
		bottom = (a + 2.0 * m + 2.0) * bottom_before + e * bottom;
		e = -(a + m + 1.0) * (a + b + m + 1.0) * x;
		top_before = (a + 2.0 * m + 3.0) * top + e * top_before;
		bottom_before = (a + 2.0 * m + 3.0) * bottom + e * bottom_before;
		e = (m + 2.0) * (b - m - 2.0) * x;
		top = (a + 2.0 * m + 4.0) * top_before + e * top;
		bottom = (a + 2.0 * m + 4.0) * bottom_before + e * bottom;
		scale = 1.0 / bottom;
		value = top * scale;
		if (fabs(value - last) <= 1e-10 * fabs(value)) /* four steps gain three digits and more */
			return value;
		top = value;
		top_before *= scale;
		bottom_before *= scale;
		bottom = 1.0;
	}
	return 0.0;
}

static int beta_end_evaluate(double a, double b, double log_beta, struct beta_point *at)
{
	double x = at->x, y = at->y, fraction;

	at->phi = loy__exp(a * loy__log(x) + b * loy__log(y) - log_beta);
	if (x * (a + b + 2.0) <= a + 1.0) {
		fraction = beta_end_fraction(a, b, x);
		at->lower = at->phi / fraction;
	} else {
		fraction = beta_end_fraction(b, a, y);
		at->lower = 1.0 - at->phi / fraction;
	}
	return fraction > 0.0 && at->lower > 0.0;
}

/* How far t must move for log I to rise by s, and in *left the last term of that series. */
static double beta_end_step(double a, double b, const struct beta_point *at, double s, double *left)
{
	double x = at->x, xy = x * at->y, n = a + b, tau = at->lower / at->phi;
	/* A = tau * (log phi)', B = tau^2 (log phi)'', …; a dot is a derivative by log I */
	double u = (a - n * x) * tau, b2 = -n * xy * tau * tau, c = b2 * (1.0 - 2.0 * x) * tau;
	double d = b2 * (1.0 - 6.0 * xy) * tau * tau, rest = 1.0 - u;
	double u_dot = b2 + u * rest, b_dot = c + 2.0 * b2 * rest, c_dot = d + 3.0 * c * rest;
	double t3 = rest * (1.0 - 2.0 * u) - b2;
	double t4 = rest * t3 + (4.0 * u - 3.0) * u_dot - b_dot;
	double t5 = rest * t4 + (u * (24.0 - 18.0 * u) - 7.0 + 7.0 * b2) * u_dot + (7.0 * u - 6.0) * b_dot -
	            c_dot;

	if (fabs(s) > 0.7) { /* too far for the series: Newton's step */
		*left = 1.0;
		return s * tau;
	}
	t5 *= s * s * s * s * (1.0 / 120.0);
	*left = fabs(s * tau * t5);
	return s * tau * (1.0 + s * (0.5 * rest + s * (1.0 / 6.0 * t3 + s * (1.0 / 24.0 * t4))) + t5);
}

/* I = v^a when x is small: the first three terms of x in powers of v. */
static double beta_end_power(double a, double b, double v)
{
	double first = (b - 1.0) / (a + 1.0);
	double second = (b - 1.0) * (a * (a + 3.0 * b - 1.0) + 5.0 * b - 4.0) /
	                (2.0 * (a + 1.0) * (a + 1.0) * (a + 2.0));

	return v * (1.0 + v * (first + v * second));
}

/* The cube root of (x / a) / (y / b) is about normal with mean and variance from 1 / (9 a), 1 / (9 b). */
static double beta_end_cube_root(double a, double b, double z)
{
	double u = 1.0 / (9.0 * a), v = 1.0 / (9.0 * b), k = 1.0 - v;
	double square = z * z, root = u * k * k + v * (1.0 - u) * (1.0 - u) - u * v * square;

	/* the smaller root of (k q - (1 - u))^2 = z^2 (v q^2 + u) */
	root = ((1.0 - u) * k + z * sqrt(root > 0.0 ? root : 0.0)) / (k * k - square * v);
	return root;
}

/*
 * A first guess in at->x and at->y: I = v^a near 0, I = 1 - w^b near 1, the cube root between them where both
 * parameters are not too small, and the nearer of the two power laws, as if it went on, where one is.
 */
static void beta_end_guess(double a, double b, double z, double log_v, double log_w, struct beta_point *at)
{
	double v = loy__exp(log_v), w, q;

	if (a < 2.0 && v * (b + 1.0) < 0.7 * (a + 1.0)) {
		at->x = beta_end_power(a, b, v);
		at->y = 1.0 - at->x;
		return;
	}
	w = loy__exp(log_w);
	if (b < 0.5 && w * (a + 1.0) < 0.7 * (b + 1.0)) {
		at->y = beta_end_power(b, a, w);
		at->x = 1.0 - at->y;
		return;
	}
	q = a >= 0.5 && b >= 0.1 ? beta_end_cube_root(a, b, z) : 0.0;
	if (q > 0.01 && q < 100.0) {
		q = q * q * q;
		v = 1.0 / (a * q + b);
		at->x = a * q * v;
		at->y = b * v;
	} else if (log_v < 0.0) {
		at->x = v / (1.0 + v);
		at->y = 1.0 / (1.0 + v);
	} else {
		at->x = 1.0 / (1.0 + w);
		at->y = w / (1.0 + w);
	}
}

static double beta_end_find(double a, double b, const struct beta_ends *shared)
{
	double log_v = shared->log_p + loy__log(a) + shared->log_beta;
	double log_w = shared->log_q + loy__log(b) + shared->log_beta, left, x;
	struct beta_point at = {0.0, 0.0, 0.0, 0.0};
	int i;

	if (log_v < -40.0 * a - 1e-13) /* x^a is I a B: even if all of x were in this tail */
		return loy__exp(log_v / a);
	if (log_w < -40.0 * b - 1e-13)
		return 1.0;
	if (a > 1e-3 && b > 1e-3) {
		beta_end_guess(a, b, shared->z, log_v / a, log_w / b, &at);
		for (i = 0; i < BETA_END_STEPS; i++) {
			double s, move;

			if (!beta_end_evaluate(a, b, shared->log_beta, &at))
				break;
			s = loy__log(shared->p / at.lower);
			move = loy__exp(-beta_end_step(a, b, &at, s, &left));
			x = 1.0 / (at.x + at.y * move);
			at.y = at.y * move * x;
			at.x = at.x * x;
			if (fabs(s) < 0.5 && left * fabs(s) * at.x * at.y < 1e-14)
				return at.x;
		}
	}
	x = 0.0;
	(void)loy__beta_inc_inverse(a, b, shared->p, &x); /* the arguments are legal */
	return x;
}

loy_status loy__beta_interval(double a, double b, double tail, double *low, double *high)
{
	struct beta_ends shared = {0.0, 0.0, 0.0, 0.0, 0.0};

	if (!(a > 0.0 && b > 0.0 && a <= 1e10 && b <= 1e10 && tail > 0.0 && tail < 0.5))
		return LOY_ERANGE;
	shared.p = tail;
	shared.log_p = loy__log(tail);
	shared.log_q = loy__log1p(-tail);
	shared.z = loy__normal_quantile(tail);
	shared.log_beta = beta_end_log_beta(a, b);
	*low = beta_end_find(a, b, &shared);
	*high = 1.0 - beta_end_find(b, a, &shared);
	return LOY_OK;
}
