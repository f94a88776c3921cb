/*
 * Means of constructs from evidence: the operations every score goes through, in one fixed order.
 *
 * m = (strength * mu + sum kp r) / (strength + sum (kp r + km s) + …), mu the prior mean moved by how far the
 * parents are from their baselines. Written with these distances, a customer without evidence has every term
 * exactly 0 and gets the baseline bit for bit; loy__score_prepare() computes baselines with the same function.
 */
#include "model/score.h"

double loy__points(double mean)
{
	double points = 100.0 * mean;

	return loy__grid(points > 0.0 ? points < 100.0 ? points : 100.0 : 0.0);
}

/* ---- response curves ---- */

/* The segment that holds x: its right end is point[index]. */
static uint32_t response_segment(const loy__response *response, double x)
{
	uint32_t i = 1;

	while (i + 1 < response->point_count && x > response->x[i])
		i++;
	return i;
}

static double segment_slope(const loy__response *response, uint32_t i)
{
	return (response->y[i] - response->y[i - 1]) / (response->x[i] - response->x[i - 1]);
}

static double response_value(const loy__response *response, double x)
{
	uint32_t i = response_segment(response, x);

	return response->y[i - 1] + (x - response->x[i - 1]) * segment_slope(response, i);
}

/*
 * Mean slope between two places: the slopes of the segments weighted by their shares of the way. Unlike the
 * quotient of the differences it loses no digits when the places are close, and has a value when they are one.
 */
static double response_secant(const loy__response *response, double from, double to)
{
	double low = from < to ? from : to, high = from < to ? to : from;
	uint32_t i = response_segment(response, low), last = response_segment(response, high);
	double climbed = 0.0, at = low;

	if (i == last)
		return segment_slope(response, i);
	for (; i < last; i++) {
		climbed += (response->x[i] - at) * segment_slope(response, i);
		at = response->x[i];
	}
	climbed += (high - at) * segment_slope(response, last);
	return climbed / (high - low);
}

/* ---- evidence of one construct ---- */

double loy__missed(const loy__construct *construct, const loy__weighed *evidence)
{
	double expected, gaps, missed;

	if (!(construct->silence_weight > 0.0 && evidence->purchases > 0.0))
		return 0.0;
	/* the mean gap is gaps / expected: a prior of `strength` gaps, and those seen */
	expected = construct->silence_strength + evidence->purchases - 1.0;
	gaps = construct->silence_strength * (double)construct->silence_gap + evidence->span;
	if (!(gaps > 0.0))
		return 0.0; /* no gap was ever seen or assumed */
	missed = evidence->silent * expected / gaps - 1.0;
	if (!(missed > 0.0))
		return 0.0;
	return missed < construct->silence_limit ? missed : construct->silence_limit;
}

double loy__positive_weight(const loy__indicator *indicator, const double *mean)
{
	if (indicator->moderator == LOY__NONE)
		return indicator->positive;
	return indicator->positive * (1.0 + indicator->moderation * (2.0 * mean[indicator->moderator] - 1.0));
}

double loy__path_factor(const loy_model *model, const loy__path *path, const double *mean)
{
	double baseline = model->construct[path->parent].baseline, factor = 1.0;

	if (path->moderator != LOY__NONE && mean[path->parent] > baseline)
		factor = 1.0 + path->moderation * (2.0 * mean[path->moderator] - 1.0);
	if (path->response != LOY__NONE)
		factor *= response_secant(&model->response[path->response], baseline, mean[path->parent]);
	return factor;
}

/* ---- evaluation ---- */

static double weighted_mean(const loy__construct *composite, const double *value)
{
	double sum = 0.0;
	uint32_t i;

	for (i = 0; i < composite->path_count; i++)
		sum += composite->path[i].weight * value[composite->path[i].parent];
	return sum;
}

static double posterior_mean(const loy__construct *construct, double prior, double positive, double evidence)
{
	return (construct->strength * prior + positive) / (construct->strength + evidence);
}

double loy__prior_mean(const loy_model *model, const loy__construct *construct, const double *mean)
{
	double prior = construct->prior;
	uint32_t i;

	for (i = 0; i < construct->path_count; i++) {
		const loy__path *path = &construct->path[i];
		double above = mean[path->parent] - model->construct[path->parent].baseline;

		if (path->response == LOY__NONE && path->moderator == LOY__NONE)
			prior += path->weight * above;
		else
			prior += path->weight * loy__path_factor(model, path, mean) * above;
	}
	return prior;
}

static void add_prospects(const loy_model *model, const loy__construct *construct,
                          const loy__weighed *evidence, double *positive, double *total)
{
	double weight[LOY__PROSPECTS], share[LOY__PROSPECTS];
	uint32_t i;

	loy__prospects(model, construct, evidence, weight, share);
	for (i = 0; i < LOY__PROSPECTS; i++) {
		*positive += weight[i] * share[i];
		*total += weight[i];
	}
}

/* Add to a construct's sums what the links could not: moderated indicators, silence, the worst episode, prospects. */
static void add_own_terms(const loy_model *model, const loy__construct *construct,
                          const loy__weighed *evidence, const double *mean, double *positive, double *total)
{
	uint32_t i;

	for (i = 0; i < construct->moderated_count; i++) {
		const loy__indicator *indicator = &construct->indicator[construct->moderated[i]];
		double good = loy__positive_weight(indicator, mean) * evidence->positive[indicator->channel];

		*positive += good;
		*total += good + indicator->negative * evidence->negative[indicator->channel];
	}
	if (construct->silence_weight > 0.0)
		*total += construct->silence_weight * loy__missed(construct, evidence);
	if (construct->worst_weight > 0.0)
		*total += construct->worst_weight * evidence->worst;
	if (evidence->has_history)
		add_prospects(model, construct, evidence, positive, total);
}

/* Note what a construct rests on: bits of those before it are there already. */
static void note_state(const loy__construct *construct, uint32_t c, loy__scores *out)
{
	uint32_t own =
	        construct->composite ? (out->observed & construct->parents) != 0 : out->evidence[c] > 0.0;
	uint32_t reached = own | ((out->reached & construct->parents) != 0);

	out->observed |= own << c;
	out->reached |= reached << c;
}

void loy__means(const loy_model *model, uint32_t wanted, const loy__weighed *evidence, loy__scores *out)
{
	double positive[LOY_CONSTRUCTS_MAX];
	uint32_t c, i, j;

	for (c = 0; c < model->construct_count; c++) {
		positive[c] = 0.0;
		out->evidence[c] = 0.0;
	}
	for (i = 0; i < evidence->channel_count; i++) {
		uint32_t k = evidence->channel[i];

		for (j = model->first_link[k]; j < model->first_link[k + 1]; j++) {
			const loy__link *link = &model->link[j];
			double good = link->positive * evidence->positive[k];

			positive[link->construct] += good;
			out->evidence[link->construct] += good + link->negative * evidence->negative[k];
		}
	}
	out->observed = 0;
	out->reached = 0;
	for (c = 0; c < model->construct_count; c++) {
		const loy__construct *construct = &model->construct[c];

		if ((wanted >> c & 1) == 0)
			continue;
		if (construct->composite) {
			out->evidence[c] = weighted_mean(construct, out->evidence);
			out->mean[c] = weighted_mean(construct, out->mean);
		} else {
			add_own_terms(model, construct, evidence, out->mean, &positive[c], &out->evidence[c]);
			out->mean[c] = posterior_mean(construct, loy__prior_mean(model, construct, out->mean),
			                              positive[c], out->evidence[c]);
		}
		note_state(construct, c, out);
	}
}

/* ---- what a model is prepared with ---- */

static void prepare_links(loy_model *model)
{
	uint32_t k, c, i, count = 0;

	for (k = 0; k < LOY_CHANNELS_MAX; k++) {
		model->first_link[k] = (uint16_t)count;
		for (c = 0; c < model->construct_count; c++) {
			const loy__construct *construct = &model->construct[c];

			for (i = 0; i < construct->indicator_count; i++) {
				const loy__indicator *indicator = &construct->indicator[i];

				if (indicator->channel != k || indicator->moderator != LOY__NONE)
					continue;
				model->link[count].positive = indicator->positive;
				model->link[count].negative = indicator->negative;
				model->link[count++].construct = c;
			}
		}
	}
	model->first_link[LOY_CHANNELS_MAX] = (uint16_t)count;
}

static void prepare_construct(loy_model *model, loy__construct *construct)
{
	double baselines[LOY_CONSTRUCTS_MAX], rest = 1.0, parents = 0.0;
	uint32_t i;

	construct->parents = 0;
	construct->moderated_count = 0;
	for (i = 0; i < construct->indicator_count; i++)
		if (construct->indicator[i].moderator != LOY__NONE)
			construct->moderated[construct->moderated_count++] = (uint8_t)i;
	for (i = 0; i < construct->path_count; i++) {
		const loy__path *path = &construct->path[i];
		double baseline = model->construct[path->parent].baseline;

		if (path->weight > 0.0)
			construct->parents |= UINT32_C(1) << path->parent;
		baselines[path->parent] = baseline;
		if (path->response != LOY__NONE)
			baseline = response_value(&model->response[path->response], baseline);
		rest -= path->weight;
		parents += path->weight * baseline;
	}
	if (construct->composite) {
		construct->prior = 0.0;
		construct->baseline = weighted_mean(construct, baselines);
	} else {
		construct->prior = (rest > 0.0 ? rest : 0.0) * construct->mean + parents;
		construct->baseline = posterior_mean(construct, construct->prior, 0.0, 0.0);
	}
}

void loy__score_prepare(loy_model *model)
{
	uint32_t c;

	prepare_links(model);
	for (c = 0; c < model->construct_count; c++)
		prepare_construct(model, &model->construct[c]);
}
