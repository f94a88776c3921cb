/*
 * The noncentral chi-square distribution and the noncentrality that puts a value at a given probability.
 *
 * Method: a Poisson mixture of central distributions (Johnson, Kotz & Balakrishnan 1995, 29.3), each tail
 * summed from the end where its recurrence only adds (Benton & Krishnamoorthy 2003): Q upward, P downward.
 * The mixture is cut 12 standard deviations and 60 terms from its mode. By the noncentrality, the derivative
 * of P is minus half the mixture of the terms between neighbours. The inverse is Newton's method in a
 * bracket. Error: 1e-11 relative for tails above 1e-12 and degrees and noncentrality up to 1e6, growing with
 * them. Range: 0 < degrees <= 1e8, 0 <= shift <= 1e8, x >= 0 and finite (LOY_ERANGE elsewhere). Time goes
 * with the square root of the noncentrality.
 */
#include "numeric/numeric.h"

#include <math.h>

#define LIMIT     1e8
#define LEAST     1e-280 /* below, recurrences lose digits or all */
#define STEPS_MAX 200

/*
 * Terms first ... last of the mixture; between the tails of j and j + 1 lies x^a e^-x / gamma(a + 1), a =
 * degrees / 2 + j.
 */
struct mixture {
	double half, x, degrees; /* of the noncentrality, of x, of the degrees of freedom */
	double first, last;
};

static double weight_at(const struct mixture *m, double j)
{
	if (m->half <= 0.0)
		return j > 0.0 ? 0.0 : 1.0;
	return loy__exp(j * loy__log(m->half) - m->half - loy__lgamma(j + 1.0, NULL));
}

static double between_at(const struct mixture *m, double j)
{
	double a = m->degrees + j;

	return loy__exp(a * loy__log(m->x) - m->x - loy__lgamma(a + 1.0, NULL));
}

/* A tail and what lies between it and the next, afresh: where a recurrence would start from nothing. */
static loy_status look_up(const struct mixture *m, double j, int upper, double *tail, double *between)
{
	*between = between_at(m, j);
	return loy__gamma_inc(m->degrees + j, m->x, upper ? NULL : tail, upper ? tail : NULL);
}

static loy_status sum_upper(const struct mixture *m, double *upper, double *slope)
{
	double j, weight = weight_at(m, m->first), between = 0.0, tail = 0.0, sum = 0.0, steps = 0.0;
	loy_status status = LOY_OK;

	for (j = m->first; j <= m->last; j += 1.0) {
		if (tail < LEAST || between < LEAST)
			status = look_up(m, j, 1, &tail, &between);
		if (status != LOY_OK)
			return status;
		sum += weight * tail;
		steps += weight * between;
		tail += between;
		weight *= m->half / (j + 1.0);
		between *= m->x / (m->degrees + j + 1.0);
	}
	*upper = sum;
	*slope = -0.5 * steps;
	return LOY_OK;
}

static loy_status sum_lower(const struct mixture *m, double *lower)
{
	double j, weight = weight_at(m, m->last), between = 0.0, tail = 0.0, sum = 0.0;
	loy_status status = LOY_OK;

	for (j = m->last; j >= m->first; j -= 1.0) {
		if (tail < LEAST || between < LEAST)
			status = look_up(m, j, 0, &tail, &between);
		if (status != LOY_OK)
			return status;
		sum += weight * tail;
		between *= (m->degrees + j) / m->x;
		tail += between;
		weight *= m->half > 0.0 ? j / m->half : 0.0;
	}
	*lower = sum;
	return LOY_OK;
}

loy_status loy__noncentral_chi_square(double x, double degrees, double shift, double *lower, double *upper,
                                      double *slope)
{
	struct mixture m;
	double mode, width, low = 0.0, high = 1.0, steep = 0.0;
	loy_status status = LOY_OK;

	if (!(x >= 0.0 && x <= DBL_MAX && degrees > 0.0 && degrees <= LIMIT && shift >= 0.0 &&
	      shift <= LIMIT))
		return LOY_ERANGE;
	m.half = 0.5 * shift;
	m.x = 0.5 * x;
	m.degrees = 0.5 * degrees;
	mode = floor(m.half);
	width = floor(12.0 * sqrt(m.half)) + 60.0;
	m.first = mode > width ? mode - width : 0.0;
	m.last = m.half > 0.0 ? mode + width : 0.0;
	if (m.x > 0.0) {
		status = sum_upper(&m, &high, &steep);
		if (status == LOY_OK)
			status = sum_lower(&m, &low);
	}
	if (status != LOY_OK)
		return status;
	if (lower != NULL)
		*lower = low < 1.0 ? low : 1.0;
	if (upper != NULL)
		*upper = high < 1.0 ? high : 1.0;
	if (slope != NULL)
		*slope = steep;
	return LOY_OK;
}

loy_status loy__noncentral_chi_square_shift(double x, double degrees, double probability, double *shift)
{
	double low = 0.0, high, at, p, slope;
	loy_status status;
	int step;

	if (!(probability > 0.0 && probability < 1.0))
		return LOY_ERANGE;
	status = loy__noncentral_chi_square(x, degrees, 0.0, &p, NULL, NULL);
	if (status != LOY_OK || p <= probability) { /* it is there without any noncentrality, or beyond */
		if (status == LOY_OK)
			*shift = 0.0;
		return status;
	}
	high = at = x > degrees ? x - degrees + 1.0 : 1.0;
	for (step = 0; step < STEPS_MAX; step++) {
		status = loy__noncentral_chi_square(x, degrees, high, &p, NULL, NULL);
		if (status != LOY_OK)
			return status;
		if (p <= probability)
			break;
		low = high;
		high *= 2.0;
	}
	for (step = 0; step < STEPS_MAX; step++) {
		double next;

		status = loy__noncentral_chi_square(x, degrees, at, &p, NULL, &slope);
		if (status != LOY_OK)
			return status;
		if (p > probability)
			low = at;
		else
			high = at;
		next = at - (p - probability) / slope;
		if (!(next > low && next < high))
			next = 0.5 * (low + high);
		if (fabs(next - at) <= 1e-14 * next)
			break;
		at = next;
	}
	*shift = at;
	return LOY_OK;
}
