/* The search: found maxima, ridges, saddles, places outside, going astray, being cancelled. */
#include <float.h>
#include <math.h>

#include "numeric/optimise.h"
#include "support.h"

enum problem { BOWL, VALLEY, LOW_VALLEY, RIDGE, RUN, WALL };

static void scale(double *value, double *g, double *h, double by)
{
	int i;

	*value *= by;
	for (i = 0; i < 4; i++) {
		h[i] *= by;
		g[i / 2] *= i % 2 == 0 ? by : 1.0;
	}
}

static loy_status objective(void *context, const double *t, double *value, double *g, double *h)
{
	double a, b;

	switch (*(enum problem *)context) {
	case BOWL: /* -(x - 1)^2 - 10 (y + 2)^2 */
		*value = -(t[0] - 1.0) * (t[0] - 1.0) - 10.0 * (t[1] + 2.0) * (t[1] + 2.0);
		g[0] = -2.0 * (t[0] - 1.0);
		g[1] = -20.0 * (t[1] + 2.0);
		h[0] = -2.0;
		h[1] = h[2] = 0.0;
		h[3] = -20.0;
		return LOY_OK;
	case VALLEY: /* Rosenbrock's, upside down */
	case LOW_VALLEY:
		a = 1.0 - t[0];
		b = t[1] - t[0] * t[0];
		*value = -a * a - 100.0 * b * b;
		g[0] = 2.0 * a + 400.0 * t[0] * b;
		g[1] = -200.0 * b;
		h[0] = -2.0 + 400.0 * b - 800.0 * t[0] * t[0];
		h[1] = h[2] = 400.0 * t[0];
		h[3] = -200.0;
		if (*(enum problem *)context == LOW_VALLEY)
			scale(value, g, h, 1e-10);
		return LOY_OK;
	case RIDGE: /* -x^2: flat along y */
		*value = -t[0] * t[0];
		g[0] = -2.0 * t[0];
		g[1] = h[1] = h[2] = h[3] = 0.0;
		h[0] = -2.0;
		return LOY_OK;
	case RUN: /* -e^-x: no maximum */
		*value = -exp(-t[0]) - t[1] * t[1];
		g[0] = exp(-t[0]);
		g[1] = -2.0 * t[1];
		h[0] = -exp(-t[0]);
		h[1] = h[2] = 0.0;
		h[3] = -2.0;
		return LOY_OK;
	default: /* log x - x, x above 0 only */
		*value = t[0] > 0.0 ? log(t[0]) - t[0] - t[1] * t[1] : NAN;
		g[0] = 1.0 / t[0] - 1.0;
		g[1] = -2.0 * t[1];
		h[0] = -1.0 / (t[0] * t[0]);
		h[1] = h[2] = 0.0;
		h[3] = -2.0;
		return LOY_OK;
	}
}

static int beyond_twenty(void *context, const double *t)
{
	(void)context;
	return t[0] > 20.0;
}

static loy__ascent search_of(enum problem *problem, double *theta, double *work)
{
	loy__ascent search = {.objective = objective,
	                      .context = problem,
	                      .n = 2,
	                      .iterations_max = 200,
	                      .work = work,
	                      .theta = theta};

	return search;
}

static void maxima_are_found(void **state)
{
	enum problem problems[3] = {BOWL, VALLEY, WALL};
	static const double answers[3][2] = {{1.0, -2.0}, {1.0, 1.0}, {1.0, 0.0}};
	double work[200];
	int i;

	(void)state;
	assert_true(loy__ascent_work(2) <= 200);
	for (i = 0; i < 3; i++) {
		double theta[2] = {problems[i] == WALL ? 40.0 : -1.2, 1.0};
		loy__ascent search = search_of(&problems[i], theta, work);

		assert_int_equal(loy__maximise(&search), LOY_OK);
		assert_int_equal(search.end, LOY__FOUND);
		/* Newton's last step leaves rounding only */
		assert_close(theta[0], answers[i][0], 0.0, 1e-12);
		assert_close(theta[1], answers[i][1], 0.0, 1e-12);
		assert_true(search.iterations < 60);
		assert_true(fabs(search.gradient[0]) < 1e-12 && fabs(search.gradient[1]) < 1e-12);
	}
}

/* Gains below 1e-9 are gains while rounding leaves them: a curved valley is followed to its end, however shallow. */
static void low_valleys_are_followed(void **state)
{
	enum problem valley = LOW_VALLEY;
	double work[200], theta[2] = {-1.2, 1.0};
	loy__ascent search = search_of(&valley, theta, work);

	(void)state;
	assert_int_equal(loy__maximise(&search), LOY_OK);
	assert_int_equal(search.end, LOY__FOUND);
	/* 1e-13 of a value of 1 is what a second derivative of 1e-10 turns into 0.03 */
	assert_close(theta[0], 1.0, 0.0, 0.03);
	assert_close(theta[1], 1.0, 0.0, 0.06);
}

static void ridges_are_told(void **state)
{
	enum problem ridge = RIDGE, run = RUN;
	double work[200], theta[2] = {3.0, 1.0}, other[2] = {0.0, 1.0};
	loy__ascent search = search_of(&ridge, theta, work);

	(void)state;
	assert_int_equal(loy__maximise(&search), LOY_OK);
	assert_int_equal(search.end, LOY__FLAT);
	assert_close(theta[0], 0.0, 0.0, 1e-6);
	search = search_of(&run, other, work);
	search.stray = beyond_twenty;
	assert_int_equal(loy__maximise(&search), LOY_OK);
	assert_int_equal(search.end, LOY__STRAYED);
	assert_true(other[0] > 20.0);
}

static int32_t cancel(uint64_t done, uint64_t total, void *user_data)
{
	(void)total;
	(void)user_data;
	return done >= 2;
}

/* A bowl that is well for the first `good` looks and then is what `flaw` says. */
struct flawed {
	int good;
	enum { FAILS, NO_VALUE, NO_SLOPE, NO_CURVATURE } flaw;
};

static loy_status flawed_objective(void *context, const double *t, double *value, double *g, double *h)
{
	struct flawed *flawed = context;
	enum problem bowl = BOWL;
	loy_status status = objective(&bowl, t, value, g, h);

	if (flawed->good-- > 0)
		return status;
	if (flawed->flaw == FAILS)
		return LOY_ENOMEM;
	if (flawed->flaw == NO_VALUE)
		*value = NAN;
	else if (flawed->flaw == NO_SLOPE)
		g[1] = INFINITY;
	else
		h[3] = NAN;
	return LOY_OK;
}

static void flawed_objectives_are_told_or_kept_away_from(void **state)
{
	int flaw, good;

	(void)state;
	for (flaw = FAILS; flaw <= NO_CURVATURE; flaw++) {
		for (good = 0; good < 4; good++) {
			struct flawed flawed = {.good = good};
			double work[200], theta[2] = {-30.0, 50.0};
			loy__ascent search = {.objective = flawed_objective, .context = &flawed, .n = 2};
			loy_status status;

			flawed.flaw = (unsigned)flaw;
			search.iterations_max = 400;
			search.work = work;
			search.theta = theta;
			status = loy__maximise(&search);
			if (flaw == FAILS)
				assert_int_equal(status, LOY_ENOMEM);
			else if (good == 0)
				assert_int_equal(status, LOY_ERANGE);
			else /* nothing better is to be seen: it stays where all was well */
				assert_true(status == LOY_OK && search.value > -DBL_MAX);
		}
	}
}

static void ends_of_other_sorts(void **state)
{
	enum problem valley = VALLEY, wall = WALL;
	double work[200], theta[2] = {-1.2, 1.0}, outside[2] = {-1.0, 0.0};
	loy__ascent search = search_of(&valley, theta, work);

	(void)state;
	search.iterations_max = 3;
	assert_int_equal(loy__maximise(&search), LOY_OK);
	assert_int_equal(search.end, LOY__SPENT);
	search.progress = cancel;
	assert_int_equal(loy__maximise(&search), LOY_ECANCELLED);
	search = search_of(&wall, outside, work);
	assert_int_equal(loy__maximise(&search), LOY_ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(maxima_are_found),
	        cmocka_unit_test(low_valleys_are_followed),
	        cmocka_unit_test(ridges_are_told),
	        cmocka_unit_test(flawed_objectives_are_told_or_kept_away_from),
	        cmocka_unit_test(ends_of_other_sorts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
