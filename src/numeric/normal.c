/*
 * The error function and the normal distribution.
 *
 * Method: all from Mills' ratio, sf(z) / pdf(z), kept as (z + 3) times itself in 16 polynomials in 1 / (z +
 * 3) (special_tables.py), and from e^(-z^2/2) with the square as an exact sum of two doubles, so that the far
 * tails lose nothing; erf below 1/2 is x times a polynomial in x^2. Quantiles: algorithm AS 241 (M. J.
 * Wichura, Applied Statistics 37(3), 1988), on the smaller tail.
 * Error: 8e-16 relative, also in the tails, as long as the result is normal; quantile 7e-16 relative.
 * Range: all doubles. Special cases: as the limits say at +-inf; quantile(0) = -inf, quantile(1) = inf, NaN
 * outside [0, 1]; NaN in, NaN out.
 */
#include "numeric/numeric.h"
#include "numeric/normal_table.h"
#include "numeric/pair.h"

#include <math.h>

/* (z + 3) sf(z) / pdf(z) for z >= 0. */
static double normal_mills_scaled(double z)
{
	double t = 48.0 / (z + 3.0);
	int row = t < 15.0 ? (int)t : 15;

	return loy__polynomial(normal_mills[row], LOY__COUNT(normal_mills[row]), t - (row + 0.5));
}

double loy__mills(double z)
{
	return normal_mills_scaled(z) / (z + 3.0);
}

/* e^-(square) sf(z) / pdf(z) * factor, the square below 746. */
static double normal_tail(loy__pair square, double z, double factor)
{
	int power;
	loy__pair e = loy__exp_pair(-square.high, -square.low, &power);

	return loy__scale(e.high * (factor * normal_mills_scaled(z) / (z + 3.0)), power);
}

double loy__normal_sf(double z)
{
	double tail = 0.0;

	if (z != z)
		return z;
	if (fabs(z) < 0.5) /* exactly 1/2 at 0; erf(x) / x at x = z / sqrt(2) */
		return 0.5 - z * (0x1.6a09e667f3bcdp-2 *
		                  loy__polynomial(normal_erf, LOY__COUNT(normal_erf), 0.5 * z * z));
	if (fabs(z) < 38.6) {
		loy__pair square = loy__pair_product(z, z);

		square.high *= 0.5;
		square.low *= 0.5;
		tail = normal_tail(square, fabs(z), 1.0 / NORMAL_ROOT_2_PI_HIGH);
	}
	return z < 0.0 ? 1.0 - tail : tail;
}

double loy__normal_cdf(double z)
{
	return loy__normal_sf(-z);
}

double loy__normal_log_cdf(double z)
{
	loy__pair square;
	double rest;

	if (z >= 0.0) {
		rest = loy__normal_sf(z);
		return rest > 0.0 ? loy__log1p(-rest) : 0.0; /* never -0 */
	}
	if (!(z < -1.0))
		return loy__log(loy__normal_sf(-z));
	rest = loy__log(normal_mills_scaled(-z) / (3.0 - z)) - NORMAL_LOG_ROOT_2_PI_HIGH;
	if (z < -1e8)
		return z < -1e160 ? -(double)INFINITY : rest - 0.5 * z * z;
	square = loy__pair_product(z, z);
	square = loy__pair_fast(-0.5 * square.high, rest - 0.5 * square.low);
	return square.high;
}

/* erf(x) for |x| < 1/2. */
static double normal_erf_small(double x)
{
	return x * loy__polynomial(normal_erf, LOY__COUNT(normal_erf), x * x);
}

/* erfc(x) for x >= 1/2, which is 2 sf(x sqrt(2)). */
static double normal_erfc_tail(double x)
{
	if (!(x < 27.3))
		return 0.0;
	return normal_tail(loy__pair_product(x, x), x * 0x1.6a09e667f3bcdp+0, 2.0 / NORMAL_ROOT_2_PI_HIGH);
}

double loy__erf(double x)
{
	if (fabs(x) < 0.5)
		return normal_erf_small(x);
	return x != x ? x : copysign(1.0 - normal_erfc_tail(fabs(x)), x);
}

double loy__erfc(double x)
{
	if (x != x)
		return x;
	if (fabs(x) < 0.5)
		return 1.0 - normal_erf_small(x);
	return x < 0.0 ? 2.0 - normal_erfc_tail(-x) : normal_erfc_tail(x);
}

/* Wichura's rational functions: near the middle, to e^-25, and beyond. */
static const double normal_quantile_middle[2][8] = {
        {3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3,
         1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
         3.3430575583588128105e+4, 2.5090809287301226727e+3},
        {1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
         2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4,
         5.2264952788528545610e+3}};
static const double normal_quantile_tail[2][8] = {
        {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
         3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
         2.27238449892691845833e-2, 7.74545014278341407640e-4},
        {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
         1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
         1.05075007164441684324e-9}};
static const double normal_quantile_far[2][8] = {
        {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
         2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
         2.71155556874348757815e-5, 2.01033439929228813265e-7},
        {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
         7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
         2.04426310338993978564e-15}};

static double normal_quantile_ratio(const double table[2][8], double r)
{
	return loy__polynomial(table[0], 8, r) / loy__polynomial(table[1], 8, r);
}

double loy__normal_quantile(double p)
{
	double q = p - 0.5, r;

	if (!(p >= 0.0 && p <= 1.0))
		return (double)NAN;
	if (fabs(q) <= 0.425)
		return q * normal_quantile_ratio(normal_quantile_middle, 0.180625 - q * q);
	r = q < 0.0 ? p : 1.0 - p;
	if (r == 0.0)
		return q < 0.0 ? -(double)INFINITY : (double)INFINITY;
	r = sqrt(-loy__log(r));
	r = r <= 5.0 ? normal_quantile_ratio(normal_quantile_tail, r - 1.6)
	             : normal_quantile_ratio(normal_quantile_far, r - 5.0);
	return q < 0.0 ? -r : r;
}
