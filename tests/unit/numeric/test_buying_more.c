/*
 * Discounted and expected purchases of every kind of model: sums over intervals, bounds by the discount, infinite
 * horizons, limits of the parameters, and where events are no longer counted one by one.
 */
#include <math.h>

#include "numeric/buying.h"
#include "support.h"

static loy__buying model_of(uint32_t leave, uint32_t k, uint32_t rate, uint32_t drop)
{
	loy__buying model = {leave, k, rate, drop, {0.7, 6.0, drop == LOY__MIXED ? 0.8 : 0.15, 2.5}};

	return model;
}

static void each_model(void (*check)(const loy__buying *model, double x, double t_x))
{
	uint32_t leave, rate, drop, k;

	for (leave = 0; leave < 3; leave++) {
		for (rate = 0; rate < 2; rate++) {
			for (drop = 0; drop < 4; drop++) {
				for (k = 1; k <= (leave == LOY__LEAVE_MBG ? 3u : 1u); k += 2) {
					loy__buying model = model_of(leave, k, rate, drop);

					check(&model, 0.0, 0.0);
					check(&model, 4.0, 15.0);
				}
			}
		}
	}
}

static double discounted(const loy__buying *model, double x, double t_x, double delta, double from, double to)
{
	return loy__buying_discounted_alive(model, x, t_x, 20.0, delta, from, to);
}

static double expected(const loy__buying *model, double x, double t_x, double t)
{
	return loy__buying_expected_alive(model, x, t_x, 20.0, t);
}

/* ---- discounts ---- */

static void check_sums(const loy__buying *model, double x, double t_x)
{
	double whole = discounted(model, x, t_x, 0.03, 0.0, 40.0);

	assert_close(discounted(model, x, t_x, 0.03, 0.0, 7.0) + discounted(model, x, t_x, 0.03, 7.0, 40.0),
	             whole, 1e-9, 0.0);
	assert_true(whole > 0.0);
	assert_bits_equal(discounted(model, x, t_x, 0.03, 7.0, 7.0), 0.0);
	assert_bits_equal(discounted(model, x, t_x, 0.03, 7.0, 6.0), 0.0);
	assert_bits_equal(discounted(model, x, t_x, 0.03, 7.0, (double)NAN), 0.0);
}

static void intervals_add_up(void **state)
{
	(void)state;
	each_model(check_sums);
}

/* Without a discount it is the difference of expectations; with one it lies between the discounts of both ends. */
static void check_bounds(const loy__buying *model, double x, double t_x)
{
	double plain = expected(model, x, t_x, 30.0) - expected(model, x, t_x, 5.0);
	double some = discounted(model, x, t_x, 0.02, 5.0, 30.0);

	assert_close(discounted(model, x, t_x, 0.0, 5.0, 30.0), plain, 1e-9, 0.0);
	assert_true(some < plain * exp(-0.02 * 5.0));
	assert_true(some > plain * exp(-0.02 * 30.0));
	assert_true(discounted(model, x, t_x, 0.04, 5.0, 30.0) < some);
}

static void discounts_bound_the_sum(void **state)
{
	(void)state;
	each_model(check_bounds);
}

static void check_forever(const loy__buying *model, double x, double t_x)
{
	double forever = discounted(model, x, t_x, 0.1, 0.0, (double)INFINITY);

	assert_close(forever, discounted(model, x, t_x, 0.1, 0.0, 400.0), 1e-9, 0.0);
	assert_true(forever > discounted(model, x, t_x, 0.1, 0.0, 50.0));
	/* a discount that leaves a moment only: the mean rate now, over delta */
	if (model->k == 1)
		assert_close(discounted(model, x, t_x, 1e6, 0.0, (double)INFINITY),
		             expected(model, x, t_x, 1e-6), 1e-5, 0.0);
}

static void horizons_may_be_infinite(void **state)
{
	(void)state;
	each_model(check_forever);
}

static void steep_survival_keeps_its_digits(void **state)
{
	loy__buying steep = {LOY__LEAVE_TIME, 1, LOY__MIXED, LOY__MIXED, {0.7, 6.0, 5e3, 2.5}};
	/* all alike, leaving at the mean rate s / (beta + T): a difference of the order of 1 / s */
	loy__buying same = {LOY__LEAVE_TIME, 1, LOY__MIXED, LOY__SAME, {0.7, 6.0, 5e3 / 22.5, 0.0}};

	(void)state;
	assert_close(discounted(&steep, 4.0, 15.0, 0.1, 0.0, 50.0),
	             discounted(&same, 4.0, 15.0, 0.1, 0.0, 50.0), 1e-3, 0.0);
	assert_close(discounted(&steep, 4.0, 15.0, 0.0, 0.0, 50.0), expected(&steep, 4.0, 15.0, 50.0), 1e-9,
	             0.0);
}

/* Who buys often and leaves soon after: expectations level off long before the horizon, and parts still add up. */
static void early_leavers_add_up(void **state)
{
	static const double p[2][4] = {{0.0722, 0.2564, 15.5377, 2.9276}, {18.0, 9.4, 19.0, 0.137}};
	double sum, at;
	uint32_t leave;
	int i;

	(void)state;
	for (leave = 0; leave < 2; leave++) {
		for (i = 0; i < 2; i++) {
			loy__buying model = {leave, 1, LOY__MIXED, LOY__MIXED, {0}};

			memcpy(model.p, p[i], sizeof(model.p));
			for (sum = at = 0.0; at < 52.0; at += 6.5)
				sum += loy__buying_discounted_alive(&model, 5.0, 1.0, 1.8, 0.006, at,
				                                    at + 6.5);
			assert_close(loy__buying_discounted_alive(&model, 5.0, 1.0, 1.8, 0.006, 0.0, 52.0),
			             sum, 1e-11, 0.0);
		}
	}
}

/* ---- expectations ---- */

static void check_growth(const loy__buying *model, double x, double t_x)
{
	double t, before = 0.0;

	for (t = 0.5; t < 2000.0; t *= 2.0) {
		double now = expected(model, x, t_x, t);

		assert_true(now >= before && now < (double)INFINITY);
		if (model->drop == LOY__NEVER && model->k == 1) /* a constant rate */
			assert_close(now, 2.0 * expected(model, x, t_x, t / 2.0), 1e-12, 0.0);
		before = now;
	}
	assert_true(before > 0.0);
	assert_bits_equal(expected(model, x, t_x, 0.0), 0.0);
}

static void expectations_grow(void **state)
{
	(void)state;
	each_model(check_growth);
}

/* Nearly nobody leaves: densities that reach to where p is no number but 0. */
static void tiny_chances_of_leaving(void **state)
{
	uint32_t leave, rate;

	(void)state;
	for (leave = 0; leave < 2; leave++) {
		for (rate = 0; rate < 2; rate++) {
			loy__buying near = model_of(leave, 1, rate, LOY__MIXED), never = near;

			near.p[2] = 1e-6;
			never.drop = LOY__NEVER;
			assert_close(loy__buying_expected_mixed(&near, 4.0, 15.0, 20.0, 10.0),
			             expected(&never, 4.0, 15.0, 10.0), 1e-4, 0.0);
		}
	}
}

/* Just below a million events they are counted, just above they are not: the slope stays. */
static void many_events_are_continuous(void **state)
{
	uint32_t rate, drop;

	(void)state;
	for (rate = 0; rate < 2; rate++) {
		for (drop = 0; drop < 3; drop++) {
			loy__buying model = model_of(LOY__LEAVE_MBG, 3, rate, drop);
			double x = 40.0, rho = model.p[0] + 3.0 * x, t, counted, continued;

			t = rate == LOY__MIXED ? 1e6 * (model.p[1] + 20.0) / (rho + 2.0) : 1e6 / model.p[0];
			if (drop == LOY__SAME)
				model.p[2] = 1e-6;
			counted = loy__buying_expected_alive(&model, x, 20.0, 20.0, t * 0.98);
			continued = loy__buying_expected_alive(&model, x, 20.0, 20.0, t * 1.03);
			assert_true(continued > counted);
			assert_true(continued <= counted * (1.03 / 0.98) * 1.0002);
			if (drop == LOY__NEVER)
				assert_close(continued, counted * (1.03 / 0.98), 2e-4, 0.0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(intervals_add_up),         cmocka_unit_test(discounts_bound_the_sum),
	        cmocka_unit_test(horizons_may_be_infinite), cmocka_unit_test(steep_survival_keeps_its_digits),
	        cmocka_unit_test(early_leavers_add_up),     cmocka_unit_test(expectations_grow),
	        cmocka_unit_test(tiny_chances_of_leaving),  cmocka_unit_test(many_events_are_continuous),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
