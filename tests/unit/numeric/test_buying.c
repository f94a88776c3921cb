/*
 * Rows of buying models: derivatives against central differences (step 1e-5: about 1e-10 of the third derivative,
 * 1e-11 of rounding, both relative to the terms), every limit against the model close to it, series against
 * quadrature.
 */
#include <math.h>

#include "numeric/buying.h"
#include "support.h"

static loy__jet row(const loy__buying *model, double x, double t_x, double T)
{
	loy__buying_part part;
	loy__jet jet;

	loy__buying_part_init(&part, model, x, 1);
	loy__buying_row(&jet, model, &part, t_x, T, 1);
	return jet;
}

/* Which free parameters a model has, and one of them moved. */
static int has_slot(const loy__buying *model, int slot)
{
	if (slot < 2)
		return slot == 0 || model->rate == LOY__MIXED;
	return model->drop == LOY__MIXED || (slot == 2 && model->drop != LOY__NEVER);
}

static loy__buying moved(loy__buying model, int slot, double by)
{
	int logit = slot == 2 &&
	            (model.drop == LOY__SPLIT || (model.drop == LOY__SAME && model.leave != LOY__LEAVE_TIME));

	if (logit)
		model.p[slot] = 1.0 / (1.0 + (1.0 / model.p[slot] - 1.0) * exp(-by));
	else
		model.p[slot] *= exp(by);
	return model;
}

static void check_derivatives(const loy__buying *model, double x, double t_x, double T)
{
	static const int at[4][4] = {{0, 1, 2, 3}, {1, 4, 5, 6}, {2, 5, 7, 8}, {3, 6, 8, 9}};
	const double h = 1e-5;
	loy__jet jet = row(model, x, t_x, T), up, down;
	loy__buying other;
	int i, j;

	for (i = 0; i < 4; i++) {
		if (!has_slot(model, i))
			continue;
		other = moved(*model, i, h);
		up = row(&other, x, t_x, T);
		other = moved(*model, i, -h);
		down = row(&other, x, t_x, T);
		assert_close(jet.g[i], (up.v - down.v) / (2.0 * h), 1e-7, 1e-7 * (1.0 + fabs(jet.v)));
		for (j = 0; j < 4; j++) {
			if (has_slot(model, j))
				assert_close(jet.h[at[i][j]], (up.g[j] - down.g[j]) / (2.0 * h), 1e-7,
				             1e-7 * (1.0 + fabs(jet.v)));
		}
	}
}

static void derivatives(void **state)
{
	static const double histories[][3] = {{0.0, 0.0, 20.0},   {1.0, 15.0, 20.0}, {6.0, 12.0, 20.0},
	                                      {40.0, 19.0, 20.0}, {1.0, 0.0, 20.0},  {3.0, 20.0, 20.0}};
	uint32_t leave, rate, drop, k;
	size_t i;

	(void)state;
	for (leave = 0; leave < 3; leave++) {
		for (rate = 0; rate < 2; rate++) {
			for (drop = 0; drop < 4; drop++) {
				for (k = 1; k <= (leave == LOY__LEAVE_MBG ? 4u : 1u); k++) {
					loy__buying model = {
					        leave,
					        k,
					        rate,
					        drop,
					        {0.7, 6.0, drop == LOY__MIXED ? 0.8 : 0.15, 2.5}};

					for (i = 0; i < sizeof(histories) / sizeof(histories[0]); i++)
						check_derivatives(&model, histories[i][0], histories[i][1],
						                  histories[i][2]);
				}
			}
		}
	}
}

/* A limit is what the mixed model tends to: both log-likelihood and expected purchases. */
static void limits(void **state)
{
	uint32_t leave;

	(void)state;
	for (leave = 0; leave < 3; leave++) {
		loy__buying same = {leave, 1, LOY__SAME, LOY__SAME, {0.3, 0.0, 0.1, 0.0}},
		            near = {leave, 1, LOY__MIXED, LOY__MIXED, {0.3e8, 1e8, 0.1e8, 0.9e8}},
		            never = {leave, 1, LOY__MIXED, LOY__NEVER, {0.7, 6.0, 0.0, 0.0}},
		            nearly = {leave, 1, LOY__MIXED, LOY__MIXED, {0.7, 6.0, 1e-9, 1.0}};

		if (leave == LOY__LEAVE_TIME)
			near.p[3] = 1e8;
		/* differences are of the order of (x, T)^2 / 1e8 */
		assert_close(row(&same, 4.0, 15.0, 20.0).v, row(&near, 4.0, 15.0, 20.0).v, 1e-5, 0.0);
		assert_close(loy__buying_expected(&same, 4.0, 15.0, 20.0, 10.0),
		             loy__buying_expected(&near, 4.0, 15.0, 20.0, 10.0), 1e-5, 0.0);
		assert_close(row(&never, 4.0, 15.0, 20.0).v, row(&nearly, 4.0, 15.0, 20.0).v, 1e-7, 0.0);
		assert_close(loy__buying_expected(&never, 4.0, 15.0, 20.0, 10.0),
		             loy__buying_expected(&nearly, 4.0, 15.0, 20.0, 10.0), 1e-6, 0.0);
	}
}

/*
 * Searches go far out: at scales of up to 1e17 a mixed model still has the limit's value, and its derivatives add up to
 * the limit's. What differs is (x, T)^2 over the scale, and rounding of numbers up to that of the log-likelihood.
 */
static void far_out(void **state)
{
	static const double histories[][3] = {{0.0, 0.0, 20.0}, {4.0, 15.0, 20.0}, {40.0, 19.5, 20.0}};
	static const int corners[3] = {LOY__H00, LOY__H01, LOY__H11};
	uint32_t leave;
	double scale;
	size_t i;
	int j;

	(void)state;
	for (leave = 0; leave < 3; leave++) {
		for (scale = 1e6; scale < 1e18; scale *= 30.0) {
			/* both rates, then one of them, without end */
			loy__buying same = {leave, 1, LOY__SAME, LOY__SAME, {0.3, 0.0, 0.1, 0.0}},
			            near = {leave, 1, LOY__MIXED, LOY__SAME, {0.3 * scale, scale, 0.1, 0.0}},
			            other = {leave, 1, LOY__SAME, LOY__MIXED, {0.3, 0.0, 0.1 * scale, scale}};

			if (leave != LOY__LEAVE_TIME)
				other.p[3] = 0.9 * scale;
			for (i = 0; i < 3; i++) {
				loy__jet limit = row(&same, histories[i][0], histories[i][1],
				                     histories[i][2]),
				         rates = row(&near, histories[i][0], histories[i][1],
				                     histories[i][2]),
				         lives = row(&other, histories[i][0], histories[i][1],
				                     histories[i][2]);
				double slack = 1e5 / scale + 2e-12, sum = 0.0;

				assert_close(rates.v, limit.v, 0.0, slack);
				assert_close(lives.v, limit.v, 0.0, slack);
				assert_close(rates.g[0], limit.g[0], 0.0, slack);
				assert_close(rates.g[0] + rates.g[1], 0.0, 0.0, slack);
				if (leave == LOY__LEAVE_TIME) {
					assert_close(lives.g[2], limit.g[2], 0.0, slack);
					assert_close(lives.g[2] + lives.g[3], 0.0, 0.0, slack);
				}
				/* along r and alpha together nothing bends */
				for (j = 0; j < 3; j++)
					sum += (j == 1 ? 2.0 : 1.0) * rates.h[corners[j]];
				assert_close(sum, 0.0, 0.0, slack);
			}
		}
	}
}

/* Two independent ways to the same expectation. */
static void series_and_quadrature(void **state)
{
	/* two with Z^(a - 1) far below rounding of 1, times a sum as far above it; one with chances down to e^-5000 */
	static const double p[4][4] = {{0.5, 6.0, 0.9, 2.5},
	                               {0.0722, 0.2564, 15.5377, 2.9276},
	                               {18.0, 9.4, 19.0, 0.137},
	                               {173.6, 4003.0, 0.0101, 209.6}};
	double x, t;
	uint32_t leave;
	int i;

	(void)state;
	for (leave = 0; leave < 2; leave++) {
		for (i = 0; i < 4; i++) {
			loy__buying model = {leave, 1, LOY__MIXED, LOY__MIXED, {0}};

			memcpy(model.p, p[i], sizeof(model.p));
			for (x = 0.0; x < 60.0; x = x * 2.0 + 1.0) {
				for (t = 0.01; t < 1e5; t *= 6.0) {
					double one = loy__buying_expected_alive(&model, x, 0.0, 3.0, t),
					       other = loy__buying_expected_mixed(&model, x, 0.0, 3.0, t);

					assert_close(one, other, 1e-10, 0.0);
				}
			}
		}
	}
}

/* Erlang phases: for k = 2 the chance of a purchase at least as counted by the first event after enough of them. */
static void expectations_of_phases_grow(void **state)
{
	loy__buying model = {LOY__LEAVE_MBG, 3, LOY__MIXED, LOY__MIXED, {0.8, 3.0, 0.6, 2.0}};
	double t, before = 0.0;

	(void)state;
	for (t = 0.5; t < 3000.0; t *= 1.5) {
		double now = loy__buying_expected(&model, 4.0, 15.0, 20.0, t);

		assert_true(now > before);
		before = now;
	}
	/* one by one or taken as continuous: the two meet at a million events, to about one purchase of many */
	model.drop = LOY__NEVER;
	assert_close(loy__buying_expected_alive(&model, 4.0, 15.0, 20.0, 1.7e6),
	             loy__buying_expected_alive(&model, 4.0, 15.0, 20.0, 1.9e6) * 1.7 / 1.9, 1e-4, 0.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(derivatives),
	        cmocka_unit_test(limits),
	        cmocka_unit_test(far_out),
	        cmocka_unit_test(series_and_quadrature),
	        cmocka_unit_test(expectations_of_phases_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
