/* Widths of intervals from squared errors that are exactly as wide as they should be, and from ones that cannot be. */
#include "support.h"

#include "calibrate/calibration.h"

#include <math.h>

enum { ROWS = 24 };

struct world {
	loy__observation observation[ROWS];
	const loy__observation *list[ROWS];
	loy__selection selection;
	loy__evidence_rows rows;
	double mean[ROWS], evidence[ROWS], inherited[ROWS];
};

/*
 * Answers off by the root of m (1 - m) t / (1 + t) + what parents pass on + the error of an answer, where t =
 * narrow / evidence + floor: what the fit takes for granted, without any noise.
 */
static void make(struct world *w, double narrow, double floor, double error, int alike)
{
	size_t i;

	memset(w, 0, sizeof(*w));
	w->selection.list = w->list;
	w->selection.count = w->rows.count = ROWS;
	w->rows.inherited = w->inherited;
	for (i = 0; i < ROWS; i++) {
		double t, m = 0.3 + 0.02 * (double)(i % 7);

		w->evidence[i] = alike ? 4.0 : 2.0 + (double)(i * 5 % 17);
		w->mean[i] = m;
		w->inherited[i] = 0.001 * (double)(i % 3);
		t = narrow / w->evidence[i] + floor;
		w->observation[i].weight = 1.0 + (double)(i % 2);
		w->observation[i].answer = m + sqrt(m * (1.0 - m) * t / (1.0 + t) + w->inherited[i] + error);
		w->list[i] = &w->observation[i];
	}
}

static void fit(const struct world *w, double error, double *spread, double *limit)
{
	loy__fit_width(&w->rows, &w->selection, w->mean, w->evidence, error, spread, limit);
}

static void widths_that_made_the_errors_are_found(void **state)
{
	struct world w;
	double spread, limit;

	(void)state;
	make(&w, 0.8, 0.1, 0.002, 0);
	fit(&w, 0.002, &spread, &limit);
	/* steps end below 1e-12 of what is looked for; its condition takes some of that */
	assert_close(spread, 1.25, 1e-9, 0.0);
	assert_close(limit, 10.0, 1e-9, 0.0);
}

/* Customers of the same evidence cannot tell spread from limit, but what both come to. */
static void equal_evidence_tells_the_sum(void **state)
{
	struct world w;
	double spread, limit;

	(void)state;
	make(&w, 0.8, 0.1, 0.0, 1);
	fit(&w, 0.0, &spread, &limit);
	assert_true(spread > 0.0 && limit > 0.0);
	assert_close(1.0 / (4.0 * spread) + 1.0 / limit, 0.8 / 4.0 + 0.1, 1e-9, 0.0);
}

/* What one of them would have to be negative for is left at nothing, and the other fitted alone. */
static void neither_is_negative(void **state)
{
	struct world w;
	double spread, limit;
	size_t i;

	(void)state;
	make(&w, 0.8, 0.1, 0.0, 0);
	for (i = 0; i < ROWS; i++) /* more evidence, larger errors */
		w.observation[i].answer = w.mean[i] + 0.02 * w.evidence[i];
	fit(&w, 0.0, &spread, &limit);
	assert_true(spread > 9999.0 && spread <= 10000.1 && limit > 0.1 && limit < 1000.0);
	for (i = 0; i < ROWS; i++) /* errors that vanish with evidence faster than any spread has it */
		w.observation[i].answer = w.mean[i] + 0.6 / (w.evidence[i] * w.evidence[i]);
	fit(&w, 0.0, &spread, &limit);
	assert_true(limit > 9999.0 && limit <= 10000.1 && spread > 0.1 && spread < 1000.0);
}

/* Exact answers are as sure as models can say; answers at the other end as unsure. */
static void widths_stay_within_what_models_take(void **state)
{
	struct world w;
	double spread, limit;
	size_t i;

	(void)state;
	make(&w, 0.8, 0.1, 0.0, 0);
	for (i = 0; i < ROWS; i++)
		w.observation[i].answer = w.mean[i];
	fit(&w, 0.01, &spread, &limit);
	assert_close(spread, 1e4, 1e-9, 0.0);
	assert_close(limit, 1e4, 1e-9, 0.0);
	for (i = 0; i < ROWS; i++)
		w.observation[i].answer = w.mean[i] + 3.0;
	fit(&w, 0.0, &spread, &limit);
	assert_true(spread >= 1e-4 * (1.0 - 1e-12) && limit >= 1e-4 * (1.0 - 1e-12));
	assert_true(limit < 1e-2 || spread < 1e-2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(widths_that_made_the_errors_are_found),
	        cmocka_unit_test(equal_evidence_tells_the_sum),
	        cmocka_unit_test(neither_is_negative),
	        cmocka_unit_test(widths_stay_within_what_models_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
