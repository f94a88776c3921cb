/*
 * Net scores: promoters less detractors. The score interval inverts the test of a difference of two shares of
 * one sample (Tango 1998): at each candidate the shares are the most likely ones that differ by just that. It
 * never has width 0 and stays within what a score can be.
 */
#include "insight.h"

#include <math.h>

#define HALVINGS 100

/* Bands on this scale; NULL: those of the net promoter score, which is for 0 to 10. */
static loy_status read_bands(const loy_answers *a, const loy_bands *given, loy_bands *out)
{
	if (a == NULL)
		return LOY_EINVAL;
	if (given == NULL) {
		out->detractor_most = 6;
		out->promoter_least = 9;
		return a->scale.low == 0 && a->scale.high == 10 && a->scale.step == 1 ? LOY_OK : LOY_EINVAL;
	}
	if (loy__options_read(out, sizeof(*out), given) != LOY_OK ||
	    out->detractor_most >= out->promoter_least || loy__point_of(a, out->detractor_most) < 0 ||
	    loy__point_of(a, out->promoter_least) < 0)
		return LOY_EINVAL;
	return LOY_OK;
}

struct net {
	loy__tally tally;
	uint64_t promoters, passives, detractors;
	double promoter_share, detractor_share;
};

/* 1, 0 or -1: from with[1] on for, up to with[0] against. */
static double net_number(double answer, const double with[2])
{
	return answer >= with[1] ? 1.0 : answer <= with[0] ? -1.0 : 0.0;
}

static loy_status count_net(const loy_answers *a, const loy_bands *bands, struct net *out)
{
	const double with[2] = {bands->detractor_most, bands->promoter_least};
	const double promoters[2] = {bands->promoter_least, a->scale.high};
	const double detractors[2] = {a->scale.low, bands->detractor_most};
	loy__tally part;
	size_t i;
	loy_status status;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < a->points; i++) {
		double number = net_number(loy__answer_of(a, i), with);

		*(number > 0.0   ? &out->promoters
		  : number < 0.0 ? &out->detractors
		                 : &out->passives) += a->point[i].rows;
	}
	status = loy__answers_tally(a, loy__number_in_band, promoters, &part);
	if (status != LOY_OK)
		return status;
	out->promoter_share = part.mean;
	(void)loy__answers_tally(a, loy__number_in_band, detractors, &part);
	out->detractor_share = part.mean;
	return loy__answers_tally(a, net_number, with, &out->tally);
}

loy_status loy_answers_net(const loy_answers *answers, const loy_bands *bands, loy_net *out)
{
	struct net net;
	loy_bands known;
	loy_net r;
	loy_status status = read_bands(answers, bands, &known);

	if (status == LOY_OK)
		status = count_net(answers, &known, &net);
	if (status != LOY_OK)
		return status;
	memset(&r, 0, sizeof(r));
	r.answers = net.tally.rows;
	r.missing = answers->missing;
	r.promoters = net.promoters;
	r.passives = net.passives;
	r.detractors = net.detractors;
	r.promoter_share = net.promoter_share;
	r.detractor_share = net.detractor_share;
	r.passive_share = 1.0 - net.promoter_share - net.detractor_share;
	r.passive_share = r.passive_share > 0.0 && r.passives != 0 ? r.passive_share : 0.0;
	r.score = 100.0 * net.tally.mean;
	r.variance = net.tally.spread;
	r.deviation = 100.0 * sqrt(net.tally.variance);
	r.n = net.tally.n;
	r.effective = net.tally.effective;
	return loy__result_write(out, &r, sizeof(r));
}

/* ---- the score interval ---- */

/* How far below z the score test of a difference `at` stays: negative inside the interval. For counts up, down of n. */
static double excess(double up, double down, double n, double z, double at)
{
	double b = -up - down + (2.0 * n - up + down) * at, c = -down * at * (1.0 - at);
	double root = sqrt(b * b - 8.0 * n * c), share, gap = up - down - n * at;

	share = b > 0.0 ? -2.0 * c / (b + root)
	                : (root - b) / (4.0 * n); /* of those against, at this difference */
	return gap * gap - z * z * n * (2.0 * share + at - at * at);
}

/* The upper limit of the difference of shares; the lower one is that of those against, turned round. */
static double upper_limit(double up, double down, double n, double z)
{
	double low = (up - down) / n, high = 1.0;
	int i;

	if (low >= 1.0)
		return 1.0;
	for (i = 0; i < HALVINGS && high - low > 0x1p-54; i++) {
		double middle = low + 0.5 * (high - low);

		if (excess(up, down, n, z, middle) > 0.0)
			high = middle;
		else
			low = middle;
	}
	return low + 0.5 * (high - low);
}

static void fill_score(const struct net *net, double z, loy_interval *out)
{
	double n = net->tally.effective, up = n * net->promoter_share, down = n * net->detractor_share;

	memset(out, 0, sizeof(*out));
	out->low = -100.0 * upper_limit(down, up, n, z);
	out->high = 100.0 * upper_limit(up, down, n, z);
	out->centre = 0.5 * (out->low + out->high);
}

/* Rocks (2016): three quarters of an answer more for and against, three answers more in all. */
static void fill_adjusted(const struct net *net, double z, loy_interval *out)
{
	double n = net->tally.effective + 3.0, up = (net->tally.effective * net->promoter_share + 0.75) / n;
	double down = (net->tally.effective * net->detractor_share + 0.75) / n, gap = up - down;

	loy__interval_fill(out, 100.0 * gap, 100.0 * z * sqrt((up + down - gap * gap) / n), -100.0, 100.0);
}

loy_status loy_answers_net_interval(const loy_answers *answers, const loy_bands *bands, uint32_t method,
                                    double confidence, loy_interval *out)
{
	loy_interval limits;
	loy_bands known;
	struct net net;
	double level, z, t = 0.0;
	loy_status status = read_bands(answers, bands, &known);

	if (status != LOY_OK || method > LOY_SURVEY_SCORE ||
	    loy__confidence_read(confidence, &level) != LOY_OK)
		return LOY_EINVAL;
	status = count_net(answers, &known, &net);
	if (status != LOY_OK)
		return status;
	z = -loy__normal_quantile(0.5 * (1.0 - level));
	if (method == LOY_SURVEY_STUDENT) {
		if (!(net.tally.n > 1.0))
			return LOY_EUNKNOWN;
		(void)loy__student_t_quantile(net.tally.n - 1.0, 0.5 * (1.0 - level), 1, &t);
		t *= sqrt(net.tally.n / (net.tally.n - 1.0));
	}
	if (method == LOY_SURVEY_ADJUSTED)
		fill_adjusted(&net, z, &limits);
	else if (method == LOY_SURVEY_SCORE)
		fill_score(&net, z, &limits);
	else
		loy__interval_fill(&limits, 100.0 * net.tally.mean,
		                   100.0 * (method == LOY_SURVEY_STUDENT ? t : z) * sqrt(net.tally.variance),
		                   -100.0, 100.0);
	return loy__result_write(out, &limits, sizeof(limits));
}

loy_status loy_net_difference(const loy_net *first, const loy_net *second, double confidence,
                              loy_difference *out)
{
	loy_difference d;
	loy_net a, b;
	double level, z;

	if (first == NULL || second == NULL || loy__options_read(&a, sizeof(a), first) != LOY_OK ||
	    loy__options_read(&b, sizeof(b), second) != LOY_OK ||
	    loy__confidence_read(confidence, &level) != LOY_OK || !(fabs(a.score) <= 100.0) ||
	    !(fabs(b.score) <= 100.0) || !(a.deviation >= 0.0 && b.deviation >= 0.0))
		return LOY_EINVAL;
	memset(&d, 0, sizeof(d));
	z = -loy__normal_quantile(0.5 * (1.0 - level));
	d.difference = a.score - b.score;
	d.deviation = sqrt(a.deviation * a.deviation + b.deviation * b.deviation);
	d.z = d.deviation > 0.0 ? d.difference / d.deviation : (double)NAN;
	d.p = d.deviation > 0.0 ? 2.0 * loy__normal_sf(fabs(d.z)) : (double)NAN;
	d.low = d.difference - z * d.deviation;
	d.high = d.difference + z * d.deviation;
	return loy__result_write(out, &d, sizeof(d));
}
