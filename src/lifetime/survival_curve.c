/*
 * Survival curves. S(t) is the product of 1 - events / at risk over the event times up to t (Kaplan & Meier 1958),
 * its variance S² times the sum of events / (at risk (at risk - events)) (Greenwood 1926); the cumulative hazard
 * is the sum of events / at risk, its variance that of events / at risk² (Nelson 1972, Aalen 1978). All sums run
 * in order of time. Rounding: about one unit in the last place of S for each event time, in the square root of
 * their number; 1e-13 for a million.
 */
#include "survival.h"

#include <math.h>

/* Within this of a share, a flat piece of the curve lies at the share: rounding must not decide (R: the same). */
#define FLAT 1.4901161193847656e-8

struct point {
	double time, at_risk, events, censored, survival;
	double greenwood; /* the sum in the variance */
	double hazard, hazard_variance;
};

struct loy_curve {
	loy_allocator memory;
	struct point *points;
	size_t count;
	double all;      /* at risk just before the first time */
	double quantile; /* of the normal distribution, for limits */
	uint32_t limits;
};

/* ---- making ---- */

static int is_wanted(const uint64_t *row, const loy_curve_options *options)
{
	return (options->flags & LOY_CURVE_GROUP) == 0 || loy__row_group(row) == options->group;
}

static size_t count_times(const loy_survival *s, const loy_curve_options *options)
{
	size_t rows = loy__survival_rows(s), times = 0, i;
	uint64_t last = UINT64_MAX; /* no time has these bits */

	for (i = 0; i < rows; i++) {
		const uint64_t *row = loy__survival_row(s, i);

		if (is_wanted(row, options) && row[LOY__SUBJECT_TIME] != last) {
			last = row[LOY__SUBJECT_TIME];
			times++;
		}
	}
	return times;
}

/*
 * Times, events and censored of a group or all, from the last time on, and who is at risk: all who have the time or a
 * later one. Entries are taken out afterwards.
 */
static void fill_counts(loy_curve *curve, const loy_survival *s, const loy_curve_options *options)
{
	size_t i = loy__survival_rows(s), at = curve->count;
	uint64_t last = UINT64_MAX;
	double all = 0.0, low = 0.0;
	struct point p = {0};

	while (i-- > 0) {
		const uint64_t *row = loy__survival_row(s, i);

		if (!is_wanted(row, options))
			continue;
		if (row[LOY__SUBJECT_TIME] != last) {
			if (at < curve->count)
				curve->points[at] = p;
			last = row[LOY__SUBJECT_TIME];
			at--;
			p.time = loy__from_word(last);
			p.events = p.censored = 0.0;
		}
		if (loy__row_event(row))
			p.events += loy__row_mass(s, row);
		else
			p.censored += loy__row_mass(s, row);
		loy__survival_sum_add(&all, &low, loy__row_mass(s, row));
		p.at_risk = all;
	}
	curve->points[0] = p;
	curve->all = all;
}

/* Those whose entry is not before a time are not at risk at it: the sum is walked again, `count` of them leave it. */
static void subtract_entries(loy_curve *curve, const loy_survival *s, const loy__sort_entry *entries,
                             size_t count)
{
	double sum = 0.0, low = 0.0;
	size_t at = curve->count;

	while (at-- > 0) {
		struct point *p = &curve->points[at];

		loy__survival_sum_add(&sum, &low, p->events);
		loy__survival_sum_add(&sum, &low, p->censored);
		for (; count > 0 && loy__from_word(entries[count - 1].key) >= p->time; count--)
			loy__survival_sum_add(&sum, &low,
			             -loy__row_mass(s, loy__survival_row(s, entries[count - 1].index)));
		p->at_risk = sum > p->events ? sum : p->events; /* not less, by rounding of weights */
	}
	curve->all = sum;
}

static loy_status fill_entered(loy_curve *curve, const loy_survival *s, const loy_curve_options *options)
{
	size_t rows = loy__survival_rows(s), count = 0, i;
	loy__sorter sorter;

	if (loy__sorter_open(&sorter, &curve->memory, rows) != LOY_OK)
		return LOY_ENOMEM;
	for (i = 0; i < rows; i++) {
		const uint64_t *row = loy__survival_row(s, i);

		if (is_wanted(row, options)) {
			sorter.entries[count].key = row[LOY__SUBJECT_FIXED];
			sorter.entries[count].minor = 0;
			sorter.entries[count++].index = (uint32_t)i;
		}
	}
	loy__sorter_run(&sorter, count, NULL, NULL);
	subtract_entries(curve, s, sorter.entries, count);
	loy__sorter_close(&sorter);
	return LOY_OK;
}

static void fill_estimates(loy_curve *curve)
{
	double survival = 1.0, greenwood = 0.0, hazard = 0.0, variance = 0.0;
	size_t i;

	for (i = 0; i < curve->count; i++) {
		struct point *p = &curve->points[i];
		double left = p->at_risk - p->events;

		if (p->events > 0.0) {
			double share = p->events / p->at_risk;

			/* else all of them: nothing is left, whatever rounding says of sums of weights */
			if (left > 0x1p-50 * p->at_risk) {
				survival *= left / p->at_risk;
				greenwood += share / left;
			} else {
				survival = 0.0;
			}
			hazard += share;
			variance += share / p->at_risk;
		}
		p->survival = survival;
		p->greenwood = greenwood;
		p->hazard = hazard;
		p->hazard_variance = variance;
	}
}

static loy_status check_options(loy_curve_options *out, const loy_curve_options *options)
{
	if (loy__options_read(out, sizeof(*out), options) != LOY_OK ||
	    (out->flags & ~(uint32_t)LOY_CURVE_GROUP) != 0 || out->limits > LOY_LIMITS_PLAIN)
		return LOY_EINVAL;
	if (out->confidence == 0.0)
		out->confidence = 0.95;
	return out->confidence > 0.0 && out->confidence < 1.0 ? LOY_OK : LOY_EINVAL;
}

static loy_status fill(loy_curve *curve, const loy_survival *s, const loy_curve_options *options)
{
	loy_status status = LOY_OK;

	if (curve->count == 0)
		return LOY_EUNKNOWN;
	curve->points = loy__alloc(&curve->memory, curve->count * sizeof(*curve->points));
	if (curve->points == NULL)
		return LOY_ENOMEM;
	fill_counts(curve, s, options);
	if ((s->flags & LOY_SURVIVAL_ENTERED) != 0)
		status = fill_entered(curve, s, options);
	fill_estimates(curve);
	return status;
}

loy_status loy_curve_create(loy_curve **out, const loy_survival *survival, const loy_curve_options *options,
                            const loy_allocator *memory)
{
	loy_curve_options chosen;
	loy_curve fresh = {0};
	loy_status status;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (survival == NULL || check_options(&chosen, options) != LOY_OK ||
	    loy__memory_adopt(&fresh.memory, memory) != LOY_OK)
		return LOY_EINVAL;
	if (!survival->sorted)
		return LOY_ESTATE;
	fresh.limits = chosen.limits;
	fresh.quantile = loy__normal_quantile(0.5 + 0.5 * chosen.confidence);
	fresh.count = count_times(survival, &chosen);
	status = fill(&fresh, survival, &chosen);
	if (status == LOY_OK) {
		*out = loy__alloc(&fresh.memory, sizeof(**out));
		status = *out != NULL ? LOY_OK : LOY_ENOMEM;
	}
	if (status == LOY_OK)
		**out = fresh;
	else
		loy__free(&fresh.memory, fresh.points, fresh.count * sizeof(*fresh.points));
	return status;
}

void loy_curve_destroy(loy_curve *curve)
{
	loy_allocator memory;

	if (curve == NULL)
		return;
	memory = curve->memory; /* it lies in the block: copy it out */
	loy__free(&memory, curve->points, curve->count * sizeof(*curve->points));
	loy__free(&memory, curve, sizeof(*curve));
}

/* ---- reading ---- */

static double at_most_one(double v)
{
	return v < 1.0 ? v : 1.0;
}

/* Limits of the survival at a point; NaN where it is 0 or, for log-log, 1 (there both are 1, as survival is). */
static void limits_at(const loy_curve *curve, const struct point *p, double *low, double *high)
{
	double s = p->survival, aside = curve->quantile * sqrt(p->greenwood), shift;

	if (!(s > 0.0)) {
		*low = *high = (double)NAN;
	} else if (p->greenwood == 0.0) {
		*low = *high = s;
	} else if (curve->limits == LOY_LIMITS_LOG) {
		*low = s * loy__exp(-aside);
		*high = at_most_one(s * loy__exp(aside));
	} else if (curve->limits == LOY_LIMITS_PLAIN) {
		*low = s * (1.0 - aside) > 0.0 ? s * (1.0 - aside) : 0.0;
		*high = at_most_one(s * (1.0 + aside));
	} else {
		shift = loy__exp(aside / loy__log(s)); /* the logarithm is below 0 */
		*low = loy__pow(s, 1.0 / shift);
		*high = loy__pow(s, shift);
	}
}

uint64_t loy_curve_count(const loy_curve *curve)
{
	return curve != NULL ? curve->count : 0;
}

static loy_status write_point(const loy_curve *curve, const struct point *p, loy_curve_point *out)
{
	loy_curve_point point = {0};

	point.time = p->time;
	point.at_risk = p->at_risk;
	point.events = p->events;
	point.censored = p->censored;
	point.survival = p->survival;
	point.deviation = p->survival > 0.0 ? p->survival * sqrt(p->greenwood) : (double)NAN;
	limits_at(curve, p, &point.low, &point.high);
	point.hazard = p->hazard;
	point.hazard_variance = p->hazard_variance;
	return loy__result_write(out, &point, sizeof(point));
}

loy_status loy_curve_get(const loy_curve *curve, uint64_t index, loy_curve_point *out)
{
	if (curve == NULL || out == NULL)
		return LOY_EINVAL;
	return index < curve->count ? write_point(curve, &curve->points[index], out) : LOY_ENOTFOUND;
}

/* How many points are not after a time. */
static size_t points_until(const loy_curve *curve, double time)
{
	size_t low = 0, high = curve->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (curve->points[middle].time <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* 1 when the curve says nothing about a time any more. */
static int is_beyond(const loy_curve *curve, double time)
{
	const struct point *last = &curve->points[curve->count - 1];

	return time > last->time && last->survival > 0.0;
}

loy_status loy_curve_at(const loy_curve *curve, double time, loy_curve_point *out)
{
	struct point start = {0};
	size_t count;

	if (curve == NULL || out == NULL || !(time >= 0.0))
		return LOY_EINVAL;
	if (is_beyond(curve, time))
		return LOY_EUNKNOWN;
	count = points_until(curve, time);
	start.survival = 1.0;
	start.at_risk = curve->all;
	return write_point(curve, count > 0 ? &curve->points[count - 1] : &start, out);
}

/* Which of the three curves: survival, its lower or its upper limit. */
enum { CURVE, LOWER, UPPER };

static double value_of(const loy_curve *curve, const struct point *p, int which)
{
	double low, high;

	if (which == CURVE)
		return p->survival;
	limits_at(curve, p, &low, &high);
	return which == LOWER ? low : high;
}

/* The first time a curve is at or below 1 - share, or the middle of the flat piece at it. NaN ends the limits. */
static double crossing(const loy_curve *curve, double share, int which)
{
	double level = 1.0 - share;
	size_t i, next;

	for (i = 0; i < curve->count; i++) {
		double value = value_of(curve, &curve->points[i], which);

		if (value != value)
			return (double)NAN;
		if (value <= level + FLAT)
			break;
	}
	if (i == curve->count)
		return (double)NAN;
	if (fabs(value_of(curve, &curve->points[i], which) - level) >= FLAT)
		return curve->points[i].time;
	for (next = i + 1; next < curve->count; next++) {
		if (!(value_of(curve, &curve->points[next], which) >= level - FLAT))
			break;
	}
	if (next == curve->count)
		next--; /* flat to the end: the last time anybody was watched */
	return 0.5 * curve->points[i].time + 0.5 * curve->points[next].time;
}

loy_status loy_curve_quantile(const loy_curve *curve, double share, double *time, double *low, double *high)
{
	if (curve == NULL)
		return LOY_EINVAL;
	if (!(share > 0.0) || !(share < 1.0))
		return LOY_ERANGE;
	if (time != NULL)
		*time = crossing(curve, share, CURVE);
	if (low != NULL)
		*low = crossing(curve, share, LOWER);
	if (high != NULL)
		*high = crossing(curve, share, UPPER);
	return LOY_OK;
}

loy_status loy_curve_mean(const loy_curve *curve, double until, double *mean, double *deviation)
{
	double area = 0.0, variance = 0.0, right = until;
	size_t i;

	if (curve == NULL || mean == NULL || !(until > 0.0) || !(until <= LOY__DURATION_MAX))
		return LOY_EINVAL;
	if (is_beyond(curve, until))
		return LOY_EUNKNOWN;
	for (i = points_until(curve, until); i-- > 0;) { /* from the right: the area still to come */
		const struct point *p = &curve->points[i];
		double step = p->greenwood - (i > 0 ? curve->points[i - 1].greenwood : 0.0);

		area += p->survival * (right - p->time);
		if (p->events > 0.0)
			variance += area * area * step;
		right = p->time;
	}
	*mean = area + right;
	if (deviation != NULL)
		*deviation = sqrt(variance);
	return LOY_OK;
}
