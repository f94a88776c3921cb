/*
 * How sure a score is: variances, 90 % intervals, probabilities.
 *
 * A construct's own variance is that of a Beta whose number of observations grows with the evidence up to a
 * limit; total effects carry it to whatever depends on the construct. It is the delta method with the weights
 * held fixed: the factor of a response curve or moderator is the one its contribution is scaled with (the
 * secant from the baseline), and its own uncertainty is left out. Mean and variance then choose a Beta.
 */
#include "model/score.h"

#include <math.h>

#define OBSERVATIONS_LEAST 1e-6 /* of the matched Beta, when parents vary more than any Beta of that mean */
#define TAIL               0.05

void loy__spread_init(const loy_model *model, uint32_t wanted, const loy__scores *raw, loy__spread *out)
{
	uint32_t c;

	for (c = 0; c < model->construct_count; c++) {
		const loy__construct *construct = &model->construct[c];
		double total = construct->strength + raw->evidence[c], scaled, mean;

		if ((wanted >> c & 1) == 0)
			continue;
		mean = raw->mean[c];
		if (construct->composite) { /* what its parts do not say of it, however sure they are */
			out->own[c] =
			        construct->limit > 0.0 ? mean * (1.0 - mean) / (construct->limit + 1.0) : 0.0;
			continue;
		}
		/* 1 / (1 / scaled + 1 / limit) observations */
		scaled = construct->spread * total;
		out->own[c] =
		        mean * (1.0 - mean) / (scaled * construct->limit / (scaled + construct->limit) + 1.0);
		out->kept[c] = construct->strength / total;
	}
}

double loy__total_variance(const loy_model *model, const loy__scores *raw, const loy__spread *spread,
                           double *effect)
{
	double variance = 0.0;
	uint32_t c, i;

	for (c = model->construct_count; c-- > 0;) {
		const loy__construct *construct = &model->construct[c];
		double passed = effect[c];

		if (!(passed > 0.0))
			continue;
		variance += passed * passed * spread->own[c];
		if (!construct->composite)
			passed *= spread->kept[c];
		for (i = 0; i < construct->path_count; i++) {
			const loy__path *path = &construct->path[i];
			double weight = path->weight;

			if (path->response != LOY__NONE || path->moderator != LOY__NONE)
				weight *= loy__path_factor(model, path, raw->mean);
			effect[path->parent] += passed * weight;
		}
	}
	return variance;
}

double loy__construct_variance(const loy_model *model, const loy__scores *raw, const loy__spread *spread,
                               uint32_t construct)
{
	double effect[LOY_CONSTRUCTS_MAX] = {0};

	effect[construct] = 1.0;
	return loy__total_variance(model, raw, spread, effect);
}

int loy__beta_shape(double mean, double variance, double *a, double *b)
{
	double observations;

	if (!(mean > 0.0 && mean < 1.0 && variance > 0.0))
		return 0;
	observations = mean * (1.0 - mean) / variance - 1.0;
	if (!(observations > OBSERVATIONS_LEAST))
		observations = OBSERVATIONS_LEAST;
	*a = mean * observations;
	*b = (1.0 - mean) * observations;
	return 1;
}

void loy__limits(double mean, double variance, double points, double *low, double *high)
{
	double a, b, below, above;

	*low = points;
	*high = points;
	if (!loy__beta_shape(mean, variance, &a, &b))
		return;
	if (loy__beta_interval(a, b, TAIL, &below, &above) != LOY_OK) {
		below = 0.0; /* nothing known of the shape: the widest interval there is */
		above = 1.0;
	}
	below *= 100.0;
	above *= 100.0;
	if (below < points)
		*low = below > 0.0 ? below : 0.0;
	if (above > points)
		*high = above < 100.0 ? above : 100.0;
}

LOY__NOINLINE void loy__limits_of(const loy_model *model, uint32_t wanted, uint32_t intervals,
                                  loy__scores *raw)
{
	loy__spread spread;
	uint32_t c;

	loy__spread_init(model, wanted, raw, &spread);
	for (c = 0; c < model->construct_count; c++)
		if ((intervals >> c & 1) != 0)
			loy__limits(raw->mean[c], loy__construct_variance(model, raw, &spread, c),
			            loy__points(raw->mean[c]), &raw->low[c], &raw->high[c]);
}

double loy__probability_above(double mean, double variance, double cut)
{
	double a, b, above;

	if (!loy__beta_shape(mean, variance, &a, &b))
		return mean > cut ? 1.0 : 0.0;
	if (loy__beta_inc(a, b, cut, NULL, &above) != LOY_OK)
		return mean > cut ? 1.0 : 0.0;
	return above;
}
