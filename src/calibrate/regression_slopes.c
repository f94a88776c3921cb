/* Moderation and mediation: simple slopes, where they differ from zero, products of columns, indirect effects. */
#include "regression.h"

#include <math.h>

static int both_there(const loy_linear *l, uint32_t focal, uint32_t product)
{
	return l != NULL && focal != product && focal >= 1 && product >= 1 && focal <= l->predictors &&
	       product <= l->predictors;
}

static double covariance(const loy_linear *l, uint32_t i, uint32_t j)
{
	return l->covariance[i * (l->predictors + 1) + j];
}

loy_status loy_linear_slope(const loy_linear *linear, uint32_t focal, uint32_t product, double at,
                            loy_slope *out)
{
	loy_coefficient c;
	loy_slope s;
	double variance;

	if (linear == NULL || out == NULL || !(fabs(at) <= DBL_MAX))
		return LOY_EINVAL;
	if (!both_there(linear, focal, product))
		return LOY_ENOTFOUND;
	if (linear->flaw[focal] != LOY_FLAW_NONE || linear->flaw[product] != LOY_FLAW_NONE)
		return LOY_EUNKNOWN;
	variance = covariance(linear, focal, focal) + 2.0 * at * covariance(linear, focal, product) +
	           at * at * covariance(linear, product, product);
	loy__coefficient_fill(&c, linear->value[focal] + at * linear->value[product], sqrt(variance),
	                      linear->summary.degrees, linear->confidence);
	memset(&s, 0, sizeof(s));
	s.at = at;
	s.value = c.value;
	s.deviation = c.deviation;
	s.statistic = c.statistic;
	s.p = c.p;
	s.low = c.low;
	s.high = c.high;
	return loy__result_write(out, &s, sizeof(s));
}

/* (b + m c)² = t² (vb + 2 m vbc + m² vc): a quadratic in m, above zero where the slope differs from zero. */
loy_status loy_linear_region(const loy_linear *linear, uint32_t focal, uint32_t product, uint32_t *region,
                             double *low, double *high)
{
	double t, squared, value, a, b, c, root, first, second;

	if (linear == NULL || region == NULL || low == NULL || high == NULL)
		return LOY_EINVAL;
	if (!both_there(linear, focal, product))
		return LOY_ENOTFOUND;
	if (linear->flaw[focal] != LOY_FLAW_NONE || linear->flaw[product] != LOY_FLAW_NONE)
		return LOY_EUNKNOWN;
	(void)loy__student_t_quantile(linear->summary.degrees, 0.5 * (1.0 - linear->confidence), 1, &t);
	value = linear->value[product];
	squared = t * t;
	a = value * value - squared * covariance(linear, product, product);
	b = linear->value[focal] * value - squared * covariance(linear, focal, product);
	c = linear->value[focal] * linear->value[focal] - squared * covariance(linear, focal, focal);
	root = b * b - a * c;
	*low = *high = (double)NAN;
	if (!(root > 0.0) || a == 0.0) {
		*region = c > 0.0 ? LOY_REGION_ALL : LOY_REGION_NOWHERE;
		return LOY_OK;
	}
	root = b < 0.0 ? -b + sqrt(root) : -b - sqrt(root); /* no cancellation */
	first = root / a;
	second = c / root;
	*low = first < second ? first : second;
	*high = first < second ? second : first;
	*region = a > 0.0 ? LOY_REGION_OUTSIDE : LOY_REGION_BETWEEN;
	return LOY_OK;
}

loy_status loy_table_product(const loy_table *table, uint32_t first, double first_centre, uint32_t second,
                             double second_centre, double *out)
{
	uint64_t row;

	if (out == NULL || loy__table_check(table, NULL) != LOY_OK || !(fabs(first_centre) <= DBL_MAX) ||
	    !(fabs(second_centre) <= DBL_MAX))
		return LOY_EINVAL;
	if (first >= table->columns || second >= table->columns)
		return LOY_ENOTFOUND;
	for (row = 0; row < table->rows; row++)
		out[row] = (loy__table_value(table, first, row) - first_centre) *
		           (loy__table_value(table, second, row) - second_centre);
	return LOY_OK;
}

static void test(double effect, double variance, double *deviation, double *z, double *p)
{
	double tail = (double)NAN;

	*deviation = sqrt(variance); /* NaN of a negative one */
	*z = *deviation > 0.0 ? effect / *deviation : (double)NAN;
	if (*z == *z)
		tail = loy__normal_sf(fabs(*z));
	*p = 2.0 * tail;
}

loy_status loy_indirect_effect(double a, double a_deviation, double b, double b_deviation, loy_indirect *out)
{
	double first = b * b * a_deviation * a_deviation + a * a * b_deviation * b_deviation;
	double product = a_deviation * a_deviation * b_deviation * b_deviation;
	loy_indirect r;

	if (out == NULL)
		return LOY_EINVAL;
	if (!(fabs(a) <= 1e100) || !(fabs(b) <= 1e100) || !(a_deviation >= 0.0 && a_deviation <= 1e100) ||
	    !(b_deviation >= 0.0 && b_deviation <= 1e100))
		return LOY_ERANGE;
	memset(&r, 0, sizeof(r));
	r.effect = a * b;
	test(r.effect, first, &r.sobel, &r.sobel_z, &r.sobel_p);
	test(r.effect, first + product, &r.aroian, &r.aroian_z, &r.aroian_p);
	test(r.effect, first < product ? (double)NAN : first - product, &r.goodman, &r.goodman_z,
	     &r.goodman_p);
	return loy__result_write(out, &r, sizeof(r));
}
