/* Shares of answers in a band, and means. */
#include "insight.h"

#include <math.h>

static loy_status count_share(const loy_answers *a, int32_t least, int32_t most, uint64_t *hits,
                              loy__tally *tally)
{
	const double with[2] = {least, most};
	size_t i;

	if (a == NULL || least > most || loy__point_of(a, least) < 0 || loy__point_of(a, most) < 0)
		return LOY_EINVAL;
	*hits = 0;
	for (i = 0; i < a->points; i++) {
		if (loy__number_in_band(loy__answer_of(a, i), with) > 0.0)
			*hits += a->point[i].rows;
	}
	return loy__answers_tally(a, loy__number_in_band, with, tally);
}

loy_status loy_answers_share(const loy_answers *answers, int32_t least, int32_t most, loy_share *out)
{
	loy__tally tally;
	loy_share r;
	uint64_t hits;
	loy_status status = count_share(answers, least, most, &hits, &tally);

	if (status != LOY_OK)
		return status;
	memset(&r, 0, sizeof(r));
	r.hits = hits;
	r.answers = tally.rows;
	r.share = tally.mean;
	r.deviation = sqrt(tally.variance);
	r.n = tally.n;
	r.effective = tally.effective;
	return loy__result_write(out, &r, sizeof(r));
}

static double within(double share)
{
	return share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
}

loy_status loy_answers_share_interval(const loy_answers *answers, int32_t least, int32_t most,
                                      uint32_t method, double confidence, loy_interval *out)
{
	loy__tally tally;
	loy_interval limits;
	uint64_t hits;
	double level, z, n;
	loy_status status = count_share(answers, least, most, &hits, &tally);

	if (loy__confidence_read(confidence, &level) != LOY_OK || method > LOY_SURVEY_EXACT ||
	    method == LOY_SURVEY_STUDENT)
		return LOY_EINVAL;
	if (status != LOY_OK)
		return status;
	memset(&limits, 0, sizeof(limits));
	z = -loy__normal_quantile(0.5 * (1.0 - level));
	n = tally.effective;
	limits.centre = tally.mean;
	if (method == LOY_SURVEY_WALD) {
		loy__interval_fill(&limits, tally.mean, z * sqrt(tally.variance), 0.0, 1.0);
	} else if (method == LOY_SURVEY_ADJUSTED) {
		double more = n + z * z, share = (n * tally.mean + 0.5 * z * z) / more;

		loy__interval_fill(&limits, share, z * sqrt(share * (1.0 - share) / more), 0.0, 1.0);
	} else if (method == LOY_SURVEY_SCORE) {
		loy__wilson_limits(tally.mean, n, z, &limits.low, &limits.high);
		limits.centre = 0.5 * (limits.low + limits.high);
	} else {
		status = loy__binomial_limits(within(tally.mean) * n, n, 0.5 * (1.0 - level), &limits.low,
		                              &limits.high); /* of at most 1e9 answers */
	}
	limits.flags &= ~(uint32_t)LOY_INTERVAL_BEYOND; /* shares are cut */
	limits.low = within(limits.low);
	limits.high = within(limits.high);
	return status == LOY_OK ? loy__result_write(out, &limits, sizeof(limits)) : status;
}

static double answer_itself(double answer, const double with[2])
{
	(void)with;
	return answer;
}

static double third_power(double answer, const double with[2])
{
	double gap = answer - with[0];

	return gap * gap * gap;
}

static double fourth_power(double answer, const double with[2])
{
	double gap = answer - with[0];

	return gap * gap * (gap * gap);
}

/* Third and fourth central moments, by weights. */
static void fill_shape(const loy_answers *a, const loy__tally *tally, loy_mean *out)
{
	const double with[2] = {tally->mean, 0.0};
	loy__tally part;

	out->skewness = out->kurtosis = (double)NAN;
	if (!(tally->spread > 0.0))
		return;
	(void)loy__answers_tally(a, third_power, with, &part);
	out->skewness = part.mean / (tally->spread * sqrt(tally->spread));
	(void)loy__answers_tally(a, fourth_power, with, &part);
	out->kurtosis = part.mean / (tally->spread * tally->spread) - 3.0;
}

loy_status loy_answers_mean(const loy_answers *answers, double confidence, loy_mean *out)
{
	loy__tally tally;
	loy_mean r;
	double level, t = (double)NAN;
	loy_status status;

	if (answers == NULL || loy__confidence_read(confidence, &level) != LOY_OK)
		return LOY_EINVAL;
	status = loy__answers_tally(answers, answer_itself, NULL, &tally);
	if (status != LOY_OK)
		return status;
	memset(&r, 0, sizeof(r));
	r.answers = tally.rows;
	r.missing = answers->missing;
	r.n = tally.n;
	r.mean = tally.mean;
	r.spread = r.deviation = r.low = r.high = (double)NAN;
	if (tally.n > 1.0) {
		(void)loy__student_t_quantile(tally.n - 1.0, 0.5 * (1.0 - level), 1, &t);
		r.spread = sqrt(tally.spread * (tally.n / (tally.n - 1.0)));
		r.deviation = sqrt(tally.variance * (tally.n / (tally.n - 1.0)));
		r.low = r.mean - t * r.deviation;
		r.high = r.mean + t * r.deviation;
	}
	r.index = 100.0 * (r.mean - answers->scale.low) / ((double)answers->scale.high - answers->scale.low);
	fill_shape(answers, &tally, &r);
	return loy__result_write(out, &r, sizeof(r));
}
