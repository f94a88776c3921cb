/*
 * Curves and log-rank tests against values worked out by hand, and their edges: nobody left, entries, weights, flat
 * pieces. Tolerances: a handful of operations, each rounded once.
 */
#include "survivals.h"

#include <math.h>

#define NEAR 1e-15

static void add(loy_survival *survival, double time, uint32_t event, uint32_t group, uint64_t count)
{
	loy_survival_row row = {
	        .struct_size = sizeof(row), .time = time, .event = event, .group = group, .count = count};

	assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_OK);
}

static loy_curve *curve_of(loy_survival *survival, const loy_curve_options *options)
{
	loy_curve *curve = NULL;

	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	assert_int_equal(loy_curve_create(&curve, survival, options, NULL), LOY_OK);
	return curve;
}

static loy_curve_point point(const loy_curve *curve, uint64_t index)
{
	loy_curve_point p = {.struct_size = sizeof(p)};

	assert_int_equal(loy_curve_get(curve, index, &p), LOY_OK);
	return p;
}

/* Ten subjects: events at 1 (two) and 3, censored at 1 and 2; five watched until 4. */
static loy_survival *ten(void)
{
	loy_survival *survival = new_survival(0, 0, NULL);

	add(survival, 4.0, 0, 0, 5);
	add(survival, 3.0, 1, 0, 1);
	add(survival, 1.0, 0, 0, 1); /* censored after the events of the same time */
	add(survival, 2.0, 0, 0, 1);
	add(survival, 1.0, 1, 0, 2);
	return survival;
}

static void ten_by_hand(void **state)
{
	loy_survival *survival = ten();
	loy_curve *curve = curve_of(survival, NULL);
	const double z = 1.959963984540054, g = 2.0 / (10 * 8), h = g + 1.0 / (6 * 5);
	double mean, deviation;
	loy_curve_point p;

	(void)state;
	assert_int_equal(loy_curve_count(curve), 4);
	p = point(curve, 0);
	assert_bits_equal(p.time, 1.0);
	assert_bits_equal(p.at_risk, 10.0);
	assert_bits_equal(p.events, 2.0);
	assert_bits_equal(p.censored, 1.0);
	assert_close(p.survival, 0.8, NEAR, 0.0);
	assert_close(p.deviation, 0.8 * sqrt(g), NEAR, 0.0);
	assert_close(p.low, 0.8 * exp(-z * sqrt(g)), 4 * NEAR, 0.0);
	assert_bits_equal(p.high, 1.0);
	assert_close(p.hazard, 0.2, NEAR, 0.0);
	assert_close(p.hazard_variance, 0.02, NEAR, 0.0);
	p = point(curve, 1);
	assert_bits_equal(p.at_risk, 7.0);
	assert_bits_equal(p.events, 0.0);
	assert_close(p.survival, 0.8, NEAR, 0.0);
	p = point(curve, 2);
	assert_bits_equal(p.at_risk, 6.0);
	assert_close(p.survival, 0.8 * 5 / 6, NEAR, 0.0);
	assert_close(p.deviation, 0.8 * 5 / 6 * sqrt(h), NEAR, 0.0);
	assert_close(p.hazard, 0.2 + 1.0 / 6, NEAR, 0.0);
	p = point(curve, 3);
	assert_bits_equal(p.at_risk, 5.0);
	assert_bits_equal(p.censored, 5.0);
	/* the area: 1 + .8 * 2 + 2/3; its variance by hand from the areas still to come at 1 and 3 */
	assert_int_equal(loy_curve_mean(curve, 4.0, &mean, &deviation), LOY_OK);
	assert_close(mean, 1.0 + 1.6 + 2.0 / 3, NEAR, 0.0);
	assert_close(deviation, sqrt((1.6 + 2.0 / 3) * (1.6 + 2.0 / 3) * g + 4.0 / 9 / 30), 4 * NEAR, 0.0);
	assert_int_equal(loy_curve_mean(curve, 0.5, &mean, &deviation), LOY_OK);
	assert_bits_equal(mean, 0.5);
	assert_bits_equal(deviation, 0.0);
	assert_int_equal(loy_curve_mean(curve, 4.5, &mean, NULL), LOY_EUNKNOWN);
	loy_curve_destroy(curve);
	loy_survival_destroy(survival);
}

static void other_limits(void **state)
{
	loy_survival *survival = ten();
	loy_curve_options options = {
	        .struct_size = sizeof(options), .limits = LOY_LIMITS_PLAIN, .confidence = 0.9};
	const double z = 1.6448536269514722, g = 2.0 / 80;
	loy_curve *curve = curve_of(survival, &options);
	loy_curve_point p = point(curve, 0);

	(void)state;
	assert_close(p.low, 0.8 - z * 0.8 * sqrt(g), 4 * NEAR, 0.0);
	assert_bits_equal(p.high, 1.0);
	loy_curve_destroy(curve);
	options.limits = LOY_LIMITS_LOGLOG;
	curve = curve_of(survival, &options);
	p = point(curve, 0);
	assert_close(p.low, pow(0.8, exp(-z * sqrt(g) / log(0.8))), 8 * NEAR, 0.0);
	assert_close(p.high, pow(0.8, exp(z * sqrt(g) / log(0.8))), 8 * NEAR, 0.0);
	loy_curve_destroy(curve);
	loy_survival_destroy(survival);
}

static void times_between_and_beyond(void **state)
{
	loy_survival *survival = ten();
	loy_curve *curve = curve_of(survival, NULL);
	loy_curve_point p = {.struct_size = sizeof(p)};
	double low, high, time;

	(void)state;
	assert_int_equal(loy_curve_at(curve, 0.5, &p), LOY_OK);
	assert_bits_equal(p.survival, 1.0);
	assert_bits_equal(p.at_risk, 10.0);
	assert_bits_equal(p.low, 1.0);
	assert_int_equal(loy_curve_at(curve, 2.5, &p), LOY_OK);
	assert_bits_equal(p.time, 2.0);
	assert_int_equal(loy_curve_at(curve, 4.0, &p), LOY_OK);
	assert_int_equal(loy_curve_at(curve, 4.01, &p), LOY_EUNKNOWN);
	assert_int_equal(loy_curve_at(curve, (double)NAN, &p), LOY_EINVAL);
	assert_int_equal(loy_curve_get(curve, 4, &p), LOY_ENOTFOUND);
	assert_int_equal(loy_curve_quantile(curve, 0.5, &time, &low, &high), LOY_OK);
	assert_true(isnan(time) && isnan(high)); /* survival never gets to a half, its lower limit does */
	assert_bits_equal(low, 3.0);
	assert_int_equal(loy_curve_quantile(curve, 0.2, &time, NULL, NULL), LOY_OK);
	assert_bits_equal(time, 2.0); /* .8 from 1 to 3: the middle */
	assert_int_equal(loy_curve_quantile(curve, 0.25, &time, NULL, NULL), LOY_OK);
	assert_bits_equal(time, 3.0);
	assert_int_equal(loy_curve_quantile(curve, 1.0 / 3, &time, NULL, NULL), LOY_OK);
	assert_bits_equal(time, 3.5); /* flat to the end: between the event and the last time */
	assert_int_equal(loy_curve_quantile(curve, 0.0, &time, NULL, NULL), LOY_ERANGE);
	assert_int_equal(loy_curve_quantile(curve, (double)NAN, &time, NULL, NULL), LOY_ERANGE);
	loy_curve_destroy(curve);
	loy_survival_destroy(survival);
}

static void everybody_has_the_event(void **state)
{
	loy_survival *survival = new_survival(0, 0, NULL);
	loy_curve *curve;
	loy_curve_point p = {.struct_size = sizeof(p)};
	double mean, deviation;

	(void)state;
	add(survival, 1.0, 1, 0, 1);
	add(survival, 3.0, 1, 0, 1);
	curve = curve_of(survival, NULL);
	p = point(curve, 1);
	assert_bits_equal(p.survival, 0.0);
	assert_true(isnan(p.deviation) && isnan(p.low) && isnan(p.high));
	assert_int_equal(loy_curve_at(curve, 100.0, &p), LOY_OK); /* nobody is left: that is known */
	assert_bits_equal(p.survival, 0.0);
	assert_int_equal(loy_curve_mean(curve, 100.0, &mean, &deviation), LOY_OK);
	assert_bits_equal(mean, 2.0);
	assert_close(deviation, sqrt(0.5), NEAR, 0.0); /* of two values 1 and 3: (2 / 2) squared, over 2 */
	loy_curve_destroy(curve);
	loy_survival_destroy(survival);
}

static void entries_are_not_at_risk_before(void **state)
{
	/* (entry, time]: an entry at 2 is not at risk for the event at 2, and everybody else has left by 4 */
	static const double entry[4] = {0, 2, 1, 4}, time[4] = {2, 4, 3, 5};
	loy_survival *survival = new_survival(LOY_SURVIVAL_ENTERED, 0, NULL);
	const double at_risk[4] = {2, 2, 1, 1};
	loy_curve *curve;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		loy_survival_row row = {
		        .struct_size = sizeof(row), .entry = entry[i], .time = time[i], .event = i != 1};

		assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_OK);
	}
	curve = curve_of(survival, NULL);
	for (i = 0; i < 4; i++)
		assert_bits_equal(point(curve, i).at_risk, at_risk[i]);
	assert_bits_equal(point(curve, 0).survival, 0.5);
	assert_bits_equal(point(curve, 1).survival, 0.25);
	assert_bits_equal(point(curve, 3).survival, 0.0);
	loy_curve_destroy(curve);
	loy_survival_destroy(survival);
}

static void whole_weights_are_counts(void **state)
{
	loy_survival *weighted = new_survival(LOY_SURVIVAL_WEIGHTED, 0, NULL),
	             *counted = new_survival(0, 0, NULL);
	loy_logrank_result a = {.struct_size = sizeof(a)}, b = a;
	loy_curve *left, *right;
	loy__random r;
	uint64_t i;

	(void)state;
	loy__random_init(&r, 8);
	for (i = 0; i < 60; i++) {
		loy_survival_row row = {.struct_size = sizeof(row),
		                        .time = (double)loy__random_below(&r, 20),
		                        .event = (uint32_t)loy__random_below(&r, 2),
		                        .group = (uint32_t)loy__random_below(&r, 2),
		                        .count = 1 + loy__random_below(&r, 4)};

		assert_int_equal(loy_survival_add(counted, &row, NULL), LOY_OK);
		row.weight = (double)row.count;
		row.count = 0;
		assert_int_equal(loy_survival_add(weighted, &row, NULL), LOY_OK);
	}
	left = curve_of(weighted, NULL);
	right = curve_of(counted, NULL);
	assert_int_equal(loy_curve_count(left), loy_curve_count(right));
	for (i = 0; i < loy_curve_count(left); i++) { /* whole numbers add up exactly: the same bits */
		assert_bits_equal(point(left, i).at_risk, point(right, i).at_risk);
		assert_bits_equal(point(left, i).survival, point(right, i).survival);
		assert_bits_equal(point(left, i).hazard_variance, point(right, i).hazard_variance);
	}
	assert_int_equal(loy_survival_logrank(weighted, 0.5, &a, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_survival_logrank(counted, 0.5, &b, NULL, NULL, NULL), LOY_OK);
	assert_bits_equal(a.chi_square, b.chi_square);
	loy_curve_destroy(left);
	loy_curve_destroy(right);
	loy_survival_destroy(weighted);
	loy_survival_destroy(counted);
}

static void requests_are_checked(void **state)
{
	loy_curve_options options = {.struct_size = sizeof(options)};
	loy_survival *survival = new_survival(0, 0, NULL);
	loy_curve *curve = NULL;

	(void)state;
	assert_int_equal(loy_curve_create(&curve, survival, NULL, NULL), LOY_EUNKNOWN);
	add(survival, 1.0, 1, 3, 1);
	assert_int_equal(loy_curve_create(&curve, survival, NULL, NULL), LOY_ESTATE);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	assert_int_equal(loy_curve_create(NULL, survival, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_curve_create(&curve, NULL, NULL, NULL), LOY_EINVAL);
	options.limits = 3;
	assert_int_equal(loy_curve_create(&curve, survival, &options, NULL), LOY_EINVAL);
	options.limits = 0;
	options.confidence = 1.0;
	assert_int_equal(loy_curve_create(&curve, survival, &options, NULL), LOY_EINVAL);
	options.confidence = (double)NAN;
	assert_int_equal(loy_curve_create(&curve, survival, &options, NULL), LOY_EINVAL);
	options.confidence = 0.0;
	options.flags = 2;
	assert_int_equal(loy_curve_create(&curve, survival, &options, NULL), LOY_EINVAL);
	options.flags = LOY_CURVE_GROUP;
	assert_int_equal(loy_curve_create(&curve, survival, &options, NULL), LOY_EUNKNOWN); /* no group 0 */
	assert_null(curve);
	assert_int_equal(loy_curve_count(NULL), 0);
	assert_int_equal(loy_curve_get(NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_curve_quantile(NULL, 0.5, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_curve_mean(NULL, 1.0, NULL, NULL), LOY_EINVAL);
	loy_curve_destroy(NULL);
	loy_survival_destroy(survival);
}

/* Two groups, two event times: expected 3/7 of the first, 2/5 of the second … by hand. */
static void two_groups_by_hand(void **state)
{
	loy_survival *survival = new_survival(0, 0, NULL);
	loy_logrank_result result = {.struct_size = sizeof(result)};
	double observed[2], expected[2], e, v;

	(void)state;
	add(survival, 1.0, 1, 0, 1); /* at risk: 3 of group 0, 4 of group 1 */
	add(survival, 2.0, 0, 1, 1);
	add(survival, 3.0, 1, 1, 2); /* 2 of group 0, 3 of group 1 */
	add(survival, 4.0, 0, 0, 2);
	add(survival, 4.0, 0, 1, 1);
	assert_int_equal(loy_survival_logrank(survival, 0.0, &result, NULL, NULL, NULL), LOY_ESTATE);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	assert_int_equal(loy_survival_logrank(survival, 0.0, &result, observed, expected, NULL), LOY_OK);
	e = 3.0 / 7 + 2.0 * 2 / 5;
	v = 3.0 / 7 * 4 / 7 + 2.0 * 3 / 4 * 2 / 5 * 3 / 5;
	assert_bits_equal(observed[0], 1.0);
	assert_bits_equal(observed[1], 2.0);
	assert_close(expected[0], e, NEAR, 0.0);
	assert_close(expected[1], 3.0 - e, NEAR, 0.0);
	assert_int_equal(result.degrees, 1);
	assert_close(result.chi_square, (1.0 - e) * (1.0 - e) / v, 8 * NEAR, 0.0);
	assert_close(result.p, erfc(sqrt(0.5 * result.chi_square)), 1e-13, 0.0);
	assert_int_equal(loy_survival_logrank(survival, -1.0, &result, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_logrank(survival, (double)NAN, &result, NULL, NULL, NULL), LOY_EINVAL);
	loy_survival_destroy(survival);
}

static void nothing_to_compare(void **state)
{
	loy_survival *survival = new_survival(0, 0, NULL);
	loy_logrank_result result = {.struct_size = sizeof(result)};
	uint32_t group;

	(void)state;
	add(survival, 1.0, 1, 0, 9);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	assert_int_equal(loy_survival_logrank(survival, 0.0, &result, NULL, NULL, NULL), LOY_EUNKNOWN);
	add(survival, 2.0, 0, 1, 9); /* all of group 0 have their event at once, group 1 never */
	add(survival, 0.5, 0, 2, 9); /* group 2 has left before: it counts for nothing */
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	assert_int_equal(loy_survival_logrank(survival, 0.0, &result, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(result.degrees, 1);
	for (group = 3; group <= 256; group++)
		add(survival, 1.0, 0, group, 1);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	assert_int_equal(loy_survival_logrank(survival, 0.0, &result, NULL, NULL, NULL), LOY_ELIMIT);
	loy_survival_destroy(survival);
	survival = new_survival(0, 0, NULL);
	add(survival, 1.0, 1, 0,
	    3); /* group 1 comes to risk only when group 0 is gone: no entries here, so censored */
	add(survival, 0.5, 0, 1, 3);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	assert_int_equal(loy_survival_logrank(survival, 0.0, &result, NULL, NULL, NULL), LOY_EUNKNOWN);
	loy_survival_destroy(survival);
}

static void memory_may_run_out(void **state)
{
	struct subject subjects[30];
	loy_survival *survival;
	long n, seen = 0;
	int done = 0;

	(void)state;
	invent_subjects(subjects, 30, 6, 4.0);
	survival = survival_of(subjects, 30, LOY_SURVIVAL_ENTERED, 0);
	for (n = 0; !done; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_logrank_result result = {.struct_size = sizeof(result), .degrees = 77};
		loy_curve *curve = NULL;
		loy_status first = loy_curve_create(&curve, survival, NULL, &memory), second;

		assert_true(first == LOY_OK || (first == LOY_ENOMEM && curve == NULL));
		loy_curve_destroy(curve);
		second = loy_survival_logrank(survival, 0.0, &result, NULL, NULL, &memory);
		assert_true(second == LOY_OK || (second == LOY_ENOMEM && result.degrees == 77));
		assert_int_equal(heap.live, 0);
		seen += (first == LOY_ENOMEM) + (second == LOY_ENOMEM);
		done = heap.refused == 0;
	}
	assert_int_equal(seen, n - 1);
	assert_true(n > 6);
	loy_survival_destroy(survival);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ten_by_hand),
	        cmocka_unit_test(other_limits),
	        cmocka_unit_test(times_between_and_beyond),
	        cmocka_unit_test(everybody_has_the_event),
	        cmocka_unit_test(entries_are_not_at_risk_before),
	        cmocka_unit_test(whole_weights_are_counts),
	        cmocka_unit_test(requests_are_checked),
	        cmocka_unit_test(two_groups_by_hand),
	        cmocka_unit_test(nothing_to_compare),
	        cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
