/*
 * Student's t, chi-square and F: tails and quantiles, and exact limits of a share.
 *
 * Method: the incomplete beta and gamma functions, called on the side where their argument is small, so that it is
 * exact to its last place and so is the tail. Quantiles: the inverses of these, and where 1 - x
 * is needed, which the inverse does not tell exactly, two steps of Newton's method on the tail itself.
 * Error: 1e-13 relative in tails above 1e-300 and quantiles (measured against 30 decimals), as long as
 * degrees of freedom do not exceed 1e6, beyond that that of the incomplete beta function.
 * Range: degrees of freedom in (0, 1e10]; t takes any above as infinitely many.
 * Special cases: infinite arguments have tails 0 and 1; quantiles of 0 and 1 are the ends of the range.
 */
#include "numeric/numeric.h"

#include <math.h>

#define DEGREES_MAX 1e10

static loy_status give(double first, double second, int exchange, double *lower, double *upper)
{
	if (lower != NULL)
		*lower = exchange ? second : first;
	if (upper != NULL)
		*upper = exchange ? first : second;
	return LOY_OK;
}

/* Tail beyond |t|. */
static double student_tail(double t, double degrees)
{
	double square = t * t, tail = 0.0;

	if (degrees > DEGREES_MAX)
		return loy__normal_sf(fabs(t));
	if (square < degrees)
		(void)loy__beta_inc(0.5, 0.5 * degrees, square / (degrees + square), NULL, &tail);
	else if (square <= DBL_MAX)
		(void)loy__beta_inc(0.5 * degrees, 0.5, degrees / (degrees + square), &tail, NULL);
	else if (fabs(t) <= DBL_MAX) /* x is below what its square can say: the leading term of the series */
		tail = loy__exp(0.5 * degrees * (loy__log(degrees) - 2.0 * loy__log(fabs(t))) -
		                loy__log_beta(0.5 * degrees, 0.5) - loy__log(0.5 * degrees));
	return 0.5 * tail;
}

loy_status loy__student_t(double t, double degrees, double *lower, double *upper)
{
	double tail;

	if (!(degrees > 0.0) || t != t)
		return LOY_ERANGE;
	tail = student_tail(t, degrees);
	return give(1.0 - tail, tail, t < 0.0, lower, upper);
}

static double student_log_density(double t, double degrees)
{
	if (degrees > DEGREES_MAX)
		return -0.5 * t * t - 0.9189385332046727;
	return -loy__log_beta(0.5 * degrees, 0.5) - 0.5 * loy__log(degrees) -
	       0.5 * (degrees + 1.0) * loy__log1p(t * t / degrees);
}

/* The positive t with this tail, 0 < tail < 1/2. */
static double student_quantile(double degrees, double tail)
{
	double x, t;
	int i;

	if (degrees > DEGREES_MAX)
		return -loy__normal_quantile(tail);
	(void)loy__beta_inc_inverse(0.5 * degrees, 0.5, 2.0 * tail, &x);
	if (x > 0.5) { /* the other way round is the exact one */
		(void)loy__beta_inc_inverse(0.5, 0.5 * degrees, 1.0 - 2.0 * tail, &x);
		t = sqrt(degrees * x / (1.0 - x));
	} else if (x < DBL_MIN) {
		/* nothing is left of x but its logarithm, by the first term of the tail's series */
		t = loy__exp(-(loy__log(tail * degrees) + loy__log_beta(0.5 * degrees, 0.5)) / degrees);
		t *= sqrt(degrees);
	} else {
		t = sqrt(degrees) * sqrt((1.0 - x) / x);
	}
	for (i = 0; i < 2 && t <= 1e150; i++) { /* on the logarithm of the tail, which is nearly straight */
		double here = student_tail(t, degrees);

		if (here > 0.0)
			t += loy__log(here / tail) * here / loy__exp(student_log_density(t, degrees));
	}
	return t;
}

loy_status loy__student_t_quantile(double degrees, double probability, int upper, double *t)
{
	double tail = probability <= 0.5 ? probability : 1.0 - probability;
	double size = 0.0;

	if (!(degrees > 0.0) || !(probability >= 0.0 && probability <= 1.0))
		return LOY_ERANGE;
	if (tail == 0.0)
		size = (double)INFINITY;
	else if (tail < 0.5)
		size = student_quantile(degrees, tail);
	*t = (probability > 0.5) != (upper != 0) ? size : -size;
	return LOY_OK;
}

loy_status loy__chi_square(double x, double degrees, double *lower, double *upper)
{
	if (!(degrees > 0.0 && degrees <= DEGREES_MAX) || !(x >= 0.0))
		return LOY_ERANGE;
	if (x > DBL_MAX)
		return give(1.0, 0.0, 0, lower, upper);
	return loy__gamma_inc(0.5 * degrees, 0.5 * x, lower, upper);
}

loy_status loy__chi_square_quantile(double degrees, double probability, int upper, double *x)
{
	double half;
	loy_status status;

	if (!(degrees > 0.0 && degrees <= DEGREES_MAX) || !(probability >= 0.0 && probability <= 1.0))
		return LOY_ERANGE;
	if (probability == (upper ? 0.0 : 1.0)) {
		*x = (double)INFINITY;
		return LOY_OK;
	}
	status = loy__gamma_inc_inverse(0.5 * degrees, probability, upper, &half);
	if (status == LOY_OK)
		*x = 2.0 * half;
	return status;
}

static int f_legal(double degrees1, double degrees2)
{
	return degrees1 > 0.0 && degrees1 <= DEGREES_MAX && degrees2 > 0.0 && degrees2 <= DEGREES_MAX;
}

loy_status loy__f_ratio(double x, double degrees1, double degrees2, double *lower, double *upper)
{
	double a = 0.5 * degrees1, b = 0.5 * degrees2, ratio, first, second;
	loy_status status;

	if (!f_legal(degrees1, degrees2) || !(x >= 0.0))
		return LOY_ERANGE;
	ratio = degrees1 / degrees2 * x;
	if (!(ratio <= DBL_MAX))
		return give(1.0, 0.0, 0, lower, upper);
	if (ratio <= 1.0)
		status = loy__beta_inc(a, b, ratio / (1.0 + ratio), &first, &second);
	else
		status = loy__beta_inc(b, a, 1.0 / (1.0 + ratio), &first, &second);
	return status == LOY_OK ? give(first, second, ratio > 1.0, lower, upper) : status;
}

/* One step of Newton's method on the logarithm of the tail, against that of x: where 1 - share was not exact. */
static double f_polish(double x, double degrees1, double degrees2, double probability, int upper)
{
	double a = 0.5 * degrees1, b = 0.5 * degrees2, ratio = degrees1 / degrees2 * x, tail = 0.0, slope;

	(void)loy__f_ratio(x, degrees1, degrees2, upper ? NULL : &tail, upper ? &tail : NULL);
	if (!(tail > 0.0) || !(ratio > 0.0) || !(ratio <= DBL_MAX))
		return x;
	slope = loy__exp(a * loy__log(ratio) - (a + b) * loy__log1p(ratio) - loy__log_beta(a, b)) / tail;
	return slope > 0.0 ? x * loy__exp((upper ? 1.0 : -1.0) * loy__log(tail / probability) / slope) : x;
}

loy_status loy__f_ratio_quantile(double degrees1, double degrees2, double probability, int upper, double *x)
{
	double a = 0.5 * (upper ? degrees2 : degrees1), b = 0.5 * (upper ? degrees1 : degrees2), share, ratio;
	loy_status status;

	if (!f_legal(degrees1, degrees2) || !(probability >= 0.0 && probability <= 1.0))
		return LOY_ERANGE;
	status = loy__beta_inc_inverse(a, b, probability, &share);
	if (status != LOY_OK)
		return status;
	ratio = upper ? (1.0 - share) / share : share / (1.0 - share);
	*x = degrees2 / degrees1 * ratio;
	if (share > 0.5 && share < 1.0)
		*x = f_polish(f_polish(*x, degrees1, degrees2, probability, upper), degrees1, degrees2,
		              probability, upper);
	return LOY_OK;
}

loy_status loy__binomial_limits(double hits, double n, double tail, double *low, double *high)
{
	double least = 0.0, most = 0.0;

	if (!(n > 0.0 && n <= 1e9) || !(hits >= 0.0 && hits <= n) || !(tail > 0.0 && tail < 0.5))
		return LOY_ERANGE;
	if (hits > 0.0)
		(void)loy__beta_inc_inverse(hits, n - hits + 1.0, tail, &least);
	if (hits < n) /* from the other end, where the tail is exact */
		(void)loy__beta_inc_inverse(n - hits, hits + 1.0, tail, &most);
	*low = least;
	*high = 1.0 - most;
	return LOY_OK;
}

void loy__wilson_limits(double share, double n, double z, double *low, double *high)
{
	double k = z * z / n, centre = (share + 0.5 * k) / (1.0 + k);
	double half = sqrt(share * (1.0 - share) * k + 0.25 * k * k) / (1.0 + k);

	*low = share > 0.0 && centre > half ? centre - half : 0.0;
	*high = share < 1.0 && centre + half < 1.0 ? centre + half : 1.0;
}
