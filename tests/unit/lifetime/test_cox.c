/*
 * Cox regression: coefficients that can be worked out by hand, the derivatives against differences of the likelihood,
 * and what has no maximum, or not one: named, never silently answered. Also requests, memory and progress.
 */
#include "survivals.h"
#include "lifetime/cox.h"

#include <math.h>

static void add(loy_survival *survival, double time, uint32_t event, uint64_t count, const double *covariates)
{
	loy_survival_row row = {.struct_size = sizeof(row), .time = time, .event = event, .count = count};

	row.covariates = covariates;
	assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_OK);
}

static loy_cox *fit(loy_survival *survival, uint32_t ties, loy_cox_summary *summary)
{
	loy_cox_options options = {.struct_size = sizeof(options), .ties = ties};
	loy_error error = {.struct_size = sizeof(error)};
	loy_cox *cox = NULL;

	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	assert_int_equal(loy_cox_create(&cox, survival, &options, NULL, &error), LOY_OK);
	summary->struct_size = sizeof(*summary);
	assert_int_equal(loy_cox_get_summary(cox, summary), LOY_OK);
	return cox;
}

/*
 * x = 1 has its event first, x = 0 next, while another x = 1 is censored at the end. With h = exp(b) the likelihood is
 * h / (2h + 1) * 1 / (1 + h): its maximum is at 2 h² = 1.
 */
static void three_by_hand(void **state)
{
	const double one = 1.0, zero = 0.0, h = sqrt(0.5);
	loy_survival *survival = new_survival(0, 1, NULL);
	loy_cox_hazard hazard = {.struct_size = sizeof(hazard)};
	loy_cox_summary s;
	loy_cox_coefficient c;
	loy_cox *cox;
	double information, relative, alive;

	(void)state;
	add(survival, 1.0, 1, 1, &one);
	add(survival, 2.0, 1, 1, &zero);
	add(survival, 3.0, 0, 1, &one);
	cox = fit(survival, LOY_COX_EFRON, &s);
	c = cox_coefficient(cox, 0);
	information = 2 * h / ((2 * h + 1) * (2 * h + 1)) + h / ((1 + h) * (1 + h));
	assert_int_equal(s.state, LOY_COX_CONVERGED);
	assert_int_equal(s.events, 2);
	assert_int_equal(s.subjects, 3);
	assert_int_equal(s.degrees, 1);
	assert_close(c.value, log(h), 1e-12, 0.0);
	assert_close(c.deviation, 1.0 / sqrt(information), 1e-12, 0.0);
	assert_close(c.z, c.value * sqrt(information), 1e-12, 0.0);
	assert_close(c.p, erfc(-c.z / sqrt(2.0)), 1e-11, 0.0);
	assert_close(c.low, c.value - 1.959963984540054 * c.deviation, 1e-15, 0.0);
	assert_close(c.high, c.value + 1.959963984540054 * c.deviation, 1e-15, 0.0);
	assert_close(s.log_likelihood_null, -log(6.0), 1e-15, 0.0);
	assert_close(s.log_likelihood, log(h / (2 * h + 1) / (1 + h)), 1e-14, 0.0);
	assert_close(s.ratio, 2 * (s.log_likelihood - s.log_likelihood_null), 1e-15, 0.0);
	assert_close(s.wald, c.z * c.z, 1e-12, 0.0);
	/* at b = 0: score 1 - 2/3 - 1/2, information 2/9 + 1/4 */
	assert_close(s.score, (1.0 / 36) / (17.0 / 36), 1e-14, 0.0);
	assert_true(s.gradient < 1e-12 && s.distance < 1e-12);
	assert_bits_equal(s.condition, 1.0);
	assert_int_equal(loy_cox_hazard_count(cox), 2);
	assert_int_equal(loy_cox_get_hazard(cox, 0, &hazard), LOY_OK);
	assert_bits_equal(hazard.time, 1.0);
	assert_close(hazard.hazard, 1.0 / (2 * h + 1), 1e-12, 0.0);
	assert_int_equal(loy_cox_get_hazard(cox, 1, &hazard), LOY_OK);
	assert_close(hazard.hazard, 1.0 / (2 * h + 1) + 1.0 / (1 + h), 1e-12, 0.0);
	assert_close(hazard.survival, exp(-hazard.hazard), 1e-12, 0.0);
	assert_int_equal(loy_cox_get_hazard(cox, 2, &hazard), LOY_ENOTFOUND);
	assert_int_equal(loy_cox_survival(cox, 0, &one, 2.5, &alive), LOY_OK);
	assert_close(alive, exp(-h * hazard.hazard), 1e-12, 0.0);
	assert_int_equal(loy_cox_survival(cox, 0, &one, 0.5, &alive), LOY_OK);
	assert_bits_equal(alive, 1.0);
	assert_int_equal(loy_cox_survival(cox, 0, &one, 3.5, &alive), LOY_EUNKNOWN);
	assert_int_equal(loy_cox_survival(cox, 1, &one, 1.0, &alive), LOY_ENOTFOUND);
	assert_int_equal(loy_cox_relative(cox, &one, 8, 8, 1, &relative), LOY_OK);
	assert_close(relative, log(h), 1e-12, 0.0);
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
}

/* Two tied events, x = 1 and x = 0, and one of each that goes on: likelihoods by hand at b = 0 and near it. */
static void ties_by_hand(void **state)
{
	const double one = 1.0, zero = 0.0;
	loy_survival *survival = new_survival(0, 1, NULL);
	loy_cox_summary s;
	loy_cox *cox;

	(void)state;
	add(survival, 1.0, 1, 1, &one);
	add(survival, 1.0, 1, 1, &zero);
	add(survival, 2.0, 0, 1, &one);
	add(survival, 2.0, 0, 2, &zero);
	cox = fit(survival, LOY_COX_BRESLOW, &s);
	assert_close(s.log_likelihood_null, -2.0 * log(5.0), 1e-15, 0.0);
	/* h / (2h + 3)²: maximum at h = 3/2 */
	assert_close(cox_coefficient(cox, 0).value, log(1.5), 1e-12, 0.0);
	loy_cox_destroy(cox);
	cox = fit(survival, LOY_COX_EFRON, &s);
	/* S = 2h + 3, half of the events' sum off in the second factor: h / (2h + 3) / (1.5 h + 2.5) */
	assert_close(s.log_likelihood_null, -log(5.0) - log(4.0), 1e-15, 0.0);
	assert_close(cox_coefficient(cox, 0).value, 0.5 * log(7.5 / 3.0), 1e-12, 0.0);
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
}

/* ---- derivatives ---- */

static void check_derivatives(uint32_t flags, uint32_t ties, uint32_t strata)
{
	enum { P = SUBJECT_COVARIATES };
	loy_cox_options options = {.struct_size = sizeof(options), .flags = strata, .ties = ties};
	double at[P] = {0.4, -0.3, 0.2}, score[P], information[P * P], other[P], spare[P * P];
	loy__cox_sums here = {0, score, information, NULL, NULL}, there = {0, other, spare, NULL, NULL};
	struct subject subjects[120];
	loy_survival *survival;
	loy_allocator memory;
	loy__cox_data data;
	size_t i, j;

	invent_subjects(subjects, 120, 77, 3.0);
	survival = survival_of(subjects, 120, flags, P);
	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	assert_int_equal(loy__cox_data_fill(&data, survival, &options, &memory), LOY_OK);
	loy__cox_evaluate(&data, at, &here);
	for (i = 0; i < P; i++) {
		double moved[P] = {at[0], at[1], at[2]}, before, step = 1e-5;

		moved[i] = at[i] - step;
		loy__cox_evaluate(&data, moved, &there);
		before = there.log_likelihood;
		memcpy(spare, other, sizeof(other));
		moved[i] = at[i] + step;
		{
			double score_before[P];

			memcpy(score_before, other, sizeof(other));
			loy__cox_evaluate(&data, moved, &there);
			/* central differences: error step² / 6 of the third derivative, some 100 here, and rounding */
			assert_close((there.log_likelihood - before) / (2 * step), score[i], 1e-7, 1e-6);
			for (j = 0; j < P; j++) {
				assert_close((score_before[j] - other[j]) / (2 * step),
				             information[i * P + j], 1e-6, 1e-6);
				assert_bits_equal(information[i * P + j], information[j * P + i]);
			}
		}
	}
	loy__cox_data_free(&data);
	loy_survival_destroy(survival);
}

static void derivatives_are_those_of_the_likelihood(void **state)
{
	uint32_t flags, ties;

	(void)state;
	for (flags = 0; flags < 4; flags++) {
		for (ties = LOY_COX_EFRON; ties <= LOY_COX_BRESLOW; ties++) {
			check_derivatives(flags, ties, 0);
			check_derivatives(flags, ties, LOY_COX_STRATA);
		}
	}
}

/* ---- no maximum, or not one ---- */

static void constant_columns_are_named(void **state)
{
	loy_survival *survival = new_survival(0, 3, NULL);
	loy__random r;
	loy_cox_summary s;
	loy_cox_coefficient c;
	loy_cox *cox;
	double covariance;
	int i;

	(void)state;
	loy__random_init(&r, 1);
	for (i = 0; i < 50; i++) {
		const double x[3] = {loy__random_unit(&r), 0.1, loy__random_unit(&r)};

		add(survival, loy__random_unit(&r), i % 3 != 0, 1, x);
	}
	cox = fit(survival, LOY_COX_EFRON, &s);
	assert_int_equal(s.state, LOY_COX_ALIASED);
	assert_int_equal(s.column, 1);
	assert_int_equal(s.degrees, 2);
	c = cox_coefficient(cox, 1);
	assert_int_equal(c.flaw, LOY_COX_CONSTANT);
	assert_true(isnan(c.value) && isnan(c.deviation) && isnan(c.p) && isnan(c.low));
	assert_int_equal(loy_cox_covariance(cox, 1, 0, &covariance), LOY_OK);
	assert_true(isnan(covariance));
	assert_int_equal(loy_cox_covariance(cox, 2, 0, &covariance), LOY_OK);
	assert_true(covariance == covariance);
	assert_int_equal(cox_coefficient(cox, 0).flaw, LOY_COX_FINITE);
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
}

/* Dummies of all levels, and a sum of two columns: the last of them follows from the others. */
static void collinear_columns_are_named(void **state)
{
	loy_survival *survival = new_survival(0, 4, NULL), *without = new_survival(0, 2, NULL);
	loy__random r;
	loy_cox_summary s, t;
	loy_cox *cox, *other;
	uint32_t i;

	(void)state;
	loy__random_init(&r, 2);
	for (i = 0; i < 80; i++) {
		const double u = loy__random_unit(&r), v = (double)loy__random_below(&r, 2);
		const double x[4] = {u, v, 3.0 * u - 2.0 * v + 7.0, 1.0 - v}, fewer[2] = {u, v};
		const double time = loy__random_unit(&r);

		add(survival, time, i % 4 != 0, 1, x);
		add(without, time, i % 4 != 0, 1, fewer);
	}
	cox = fit(survival, LOY_COX_EFRON, &s);
	other = fit(without, LOY_COX_EFRON, &t);
	assert_int_equal(s.state, LOY_COX_ALIASED);
	assert_int_equal(s.column, 2);
	assert_int_equal(s.degrees, 2);
	assert_int_equal(cox_coefficient(cox, 2).flaw, LOY_COX_COLLINEAR);
	assert_int_equal(cox_coefficient(cox, 3).flaw, LOY_COX_COLLINEAR);
	assert_int_equal(t.state, LOY_COX_CONVERGED);
	for (i = 0; i < 2; i++) /* the others are as if it were not there: to rounding and Newton's end */
		assert_close(cox_coefficient(cox, i).value, cox_coefficient(other, i).value, 1e-10, 0.0);
	assert_close(s.log_likelihood, t.log_likelihood, 1e-13, 0.0);
	loy_cox_destroy(cox);
	loy_cox_destroy(other);
	loy_survival_destroy(survival);
	loy_survival_destroy(without);
}

/* Nobody with x = 1 ever has the event: the coefficient runs to minus infinity, the other one does not. */
static void separation_is_named(void **state)
{
	loy_survival *survival = new_survival(0, 2, NULL), *limit = new_survival(0, 1, NULL);
	loy_proportionality test = {.struct_size = sizeof(test)};
	loy__random r;
	loy_cox_summary s, t;
	loy_cox_coefficient c;
	loy_cox *cox, *other;
	int i;

	(void)state;
	loy__random_init(&r, 3);
	for (i = 0; i < 200; i++) {
		const double x[2] = {(double)loy__random_below(&r, 2), loy__random_unit(&r)};
		const double time = loy__random_unit(&r);
		const uint32_t event = x[0] == 0.0 && loy__random_below(&r, 3) != 0;

		add(survival, time, event, 1, x);
		if (x[0] == 0.0) /* in the limit the others have no hazard: they could as well not be there */
			add(limit, time, event, 1, &x[1]);
	}
	cox = fit(survival, LOY_COX_EFRON, &s);
	other = fit(limit, LOY_COX_EFRON, &t);
	assert_int_equal(s.state, LOY_COX_SEPARATED);
	assert_int_equal(s.column, 0);
	assert_int_equal(loy_cox_proportionality(cox, survival, 0, 1, &test, NULL), LOY_ESTATE);
	assert_true(isnan(s.wald) && isnan(s.wald_p));
	c = cox_coefficient(cox, 0);
	assert_int_equal(c.flaw, LOY_COX_INFINITE);
	assert_true(c.value < -10.0 && isnan(c.deviation) && isnan(c.p));
	c = cox_coefficient(cox, 1);
	assert_int_equal(c.flaw, LOY_COX_FINITE);
	assert_int_equal(t.state, LOY_COX_CONVERGED);
	assert_close(s.log_likelihood, t.log_likelihood, 0.0, 2e-9); /* the supremum, as promised */
	assert_close(c.value, cox_coefficient(other, 0).value, 0.0, 1e-6);
	assert_close(c.deviation, cox_coefficient(other, 0).deviation, 1e-6, 0.0);
	loy_cox_destroy(cox);
	loy_cox_destroy(other);
	loy_survival_destroy(survival);
	loy_survival_destroy(limit);
}

/* The covariate orders all events; and a combination of two that does, while each alone does not. */
static void perfect_order_is_named(void **state)
{
	loy_survival *survival = new_survival(0, 1, NULL), *both = new_survival(0, 2, NULL);
	loy__random r;
	loy_cox_summary s;
	loy_cox *cox;
	int i;

	(void)state;
	loy__random_init(&r, 4);
	for (i = 0; i < 30; i++) {
		const double x = (double)-i, pair[2] = {10.0 * loy__random_unit(&r), 0.0};
		double shifted[2] = {pair[0], x - pair[0]};

		add(survival, (double)i, 1, 1, &x);
		add(both, (double)i, 1, 1, shifted);
	}
	cox = fit(survival, LOY_COX_EFRON, &s);
	assert_int_equal(s.state, LOY_COX_SEPARATED);
	assert_int_equal(cox_coefficient(cox, 0).flaw, LOY_COX_INFINITE);
	assert_true(cox_coefficient(cox, 0).value > 1.0);
	assert_close(s.log_likelihood, 0.0, 0.0, 1e-8);
	loy_cox_destroy(cox);
	cox = fit(both, LOY_COX_BRESLOW, &s);
	assert_int_equal(s.state, LOY_COX_SEPARATED);
	assert_int_equal(cox_coefficient(cox, 0).flaw, LOY_COX_INFINITE);
	assert_int_equal(cox_coefficient(cox, 1).flaw, LOY_COX_INFINITE);
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
	loy_survival_destroy(both);
}

/* A strong effect is none of that: 1 of 1,000 with x = 1 has the event, against all others. */
static void a_strong_effect_is_no_separation(void **state)
{
	const double one = 1.0, zero = 0.0;
	loy_survival *survival = new_survival(0, 1, NULL);
	loy_cox_summary s;
	loy_cox *cox;
	int i;

	(void)state;
	add(survival, 500.0, 1, 1, &one);
	for (i = 0; i < 1000; i++) {
		add(survival, (double)(i + 1), 1, 1, &zero);
		add(survival, 2000.0, 0, 1, &one);
	}
	cox = fit(survival, LOY_COX_EFRON, &s);
	assert_int_equal(s.state, LOY_COX_CONVERGED);
	assert_true(cox_coefficient(cox, 0).value < -5.0 && cox_coefficient(cox, 0).deviation < 1.5);
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
}

static void iterations_that_end_say_so(void **state)
{
	struct subject subjects[100];
	loy_cox_options options = {.struct_size = sizeof(options), .iterations = 1};
	loy_cox_summary s = {.struct_size = sizeof(s)};
	loy_survival *survival;
	loy_cox *cox = NULL;

	(void)state;
	invent_subjects(subjects, 100, 12, 0.0);
	survival = survival_of(subjects, 100, 0, 3);
	assert_int_equal(loy_cox_create(&cox, survival, &options, NULL, NULL), LOY_OK);
	assert_int_equal(loy_cox_get_summary(cox, &s), LOY_OK);
	assert_int_equal(s.state, LOY_COX_STOPPED);
	assert_int_equal(s.iterations, 1);
	assert_true(s.distance > 1e-6);
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
}

/* Huge covariates that only differ far behind the point, and outliers: still an answer or a name for why not. */
static void awkward_covariates(void **state)
{
	struct subject subjects[200];
	loy_survival *survival = new_survival(0, 3, NULL), *plain;
	loy_cox_summary s, t;
	loy_cox *cox, *other;
	size_t i;

	(void)state;
	invent_subjects(subjects, 200, 13, 0.0);
	plain = survival_of(subjects, 200, 0, 3);
	for (i = 0; i < 200; i++) {
		const double x[3] = {subjects[i].covariate[0] * 0x1p300, subjects[i].covariate[1] * 0x1p-300,
		                     subjects[i].covariate[2] + 1e6};

		add(survival, subjects[i].time, subjects[i].event, 1, x);
	}
	cox = fit(survival, LOY_COX_EFRON, &s);
	other = fit(plain, LOY_COX_EFRON, &t);
	assert_int_equal(s.state, LOY_COX_CONVERGED);
	assert_close(cox_coefficient(cox, 0).value * 0x1p300, cox_coefficient(other, 0).value, 1e-8, 0.0);
	assert_close(cox_coefficient(cox, 1).value * 0x1p-300, cox_coefficient(other, 1).value, 1e-8, 0.0);
	assert_close(cox_coefficient(cox, 2).value, cox_coefficient(other, 2).value, 1e-8,
	             0.0); /* 1e6 costs six digits */
	loy_cox_destroy(cox);
	loy_cox_destroy(other);
	loy_survival_destroy(survival);
	loy_survival_destroy(plain);
}

/*
 * One of little weight far out: at first it hardly counts, so that Newton's step is as long as the others ask for;
 * there, its hazard is all there is, or beyond what a double holds.
 */
static void steps_are_halved_when_needed(void **state)
{
	static const double far_out[2] = {200.0, 5000.0};
	int which, i;

	(void)state;
	for (which = 0; which < 2; which++) {
		loy_survival *survival = new_survival(LOY_SURVIVAL_WEIGHTED, 1, NULL);
		loy_survival_row row = {.struct_size = sizeof(row), .time = 100.0, .weight = 1e-9};
		loy__random r;
		loy_cox_summary s;
		loy_cox *cox;

		row.covariates = &far_out[which];
		assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_OK);
		loy__random_init(&r, 5);
		for (i = 0; i < 100; i++) {
			const double x = (double)loy__random_below(&r, 2);

			row.covariates = &x;
			row.weight = 1.0;
			row.event = 1;
			row.time = loy__random_unit(&r) / (1.0 + 2.0 * x);
			assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_OK);
		}
		cox = fit(survival, LOY_COX_EFRON, &s);
		assert_int_equal(s.state, LOY_COX_CONVERGED);
		assert_true(s.halvings > 0 && s.distance < 1e-6);
		assert_true(s.log_likelihood > s.log_likelihood_null);
		loy_cox_destroy(cox);
		loy_survival_destroy(survival);
	}
}

/* ---- the rest ---- */

/* Pairs by hand: (event 1 | 2, 3, 4), (event 2 | 3, 4); 3 is censored at the time of 2's event, 4 is tied with 1. */
static void concordance_by_hand(void **state)
{
	const double x[4] = {1.0, 2.0, 3.0, 1.0}, time[4] = {1.0, 2.0, 2.0, 3.0};
	loy_survival *survival = new_survival(0, 1, NULL), *empty = new_survival(0, 1, NULL);
	loy_survival *wrong = new_survival(0, 2, NULL);
	loy_concordance c = {.struct_size = sizeof(c)};
	loy_cox_summary s;
	loy_cox *cox;
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		add(survival, time[i], i < 2, 1, &x[i]);
	cox = fit(survival, LOY_COX_EFRON, &s);
	assert_true(cox_coefficient(cox, 0).value <
	            0.0); /* so 1 has a higher hazard than 2 and 3, 2 a lower one than 4 */
	assert_int_equal(loy_cox_concordance(cox, survival, &c, NULL), LOY_OK);
	assert_bits_equal(c.concordant, 3.0);
	assert_bits_equal(c.discordant, 1.0);
	assert_bits_equal(c.tied, 1.0);
	assert_bits_equal(c.share, 0.7);
	assert_int_equal(loy_cox_concordance(cox, empty, &c, NULL), LOY_EUNKNOWN);
	assert_int_equal(loy_cox_concordance(cox, wrong, &c, NULL), LOY_EINVAL);
	add(empty, 1.0, 1, 1, &x[0]);
	assert_int_equal(loy_cox_concordance(cox, empty, &c, NULL), LOY_ESTATE);
	assert_int_equal(loy_survival_sort(empty), LOY_OK);
	assert_int_equal(loy_cox_concordance(cox, empty, &c, NULL), LOY_EUNKNOWN); /* one alone is no pair */
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
	loy_survival_destroy(empty);
	loy_survival_destroy(wrong);
}

/* A hazard ratio that turns round half way is found, one that stays is not; and what cannot be asked is refused. */
static void changing_effects_are_found(void **state)
{
	loy_survival *turning = new_survival(0, 2, NULL), *other = new_survival(0, 2, NULL);
	loy_proportionality t = {.struct_size = sizeof(t)};
	const double same[2] = {0.5, 0.5};
	loy__random r;
	loy_cox_summary s;
	loy_cox *cox;
	int i;

	(void)state;
	loy__random_init(&r, 21);
	for (i = 0; i < 2000; i++) {
		const double x[2] = {(double)loy__random_below(&r, 2), loy__random_unit(&r)};
		double early = -loy__log1p(-loy__random_unit(&r)) / (x[0] != 0.0 ? 1.0 : 0.5);
		double late = 0.7 - loy__log1p(-loy__random_unit(&r)) / (x[0] != 0.0 ? 0.5 : 1.0);

		add(turning, early < 0.7 ? early : late, 1, 1, x);
	}
	cox = fit(turning, LOY_COX_EFRON, &s);
	assert_int_equal(loy_cox_proportionality(cox, turning, LOY_CLOCK_IDENTITY, 0, &t, NULL), LOY_OK);
	assert_true(t.p < 1e-6 && t.degrees == 1);
	assert_int_equal(loy_cox_proportionality(cox, turning, LOY_CLOCK_KM, 1, &t, NULL), LOY_OK);
	assert_true(t.p > 0.01);
	assert_int_equal(loy_cox_proportionality(cox, turning, LOY_CLOCK_LOG, LOY_COX_ALL, &t, NULL), LOY_OK);
	assert_int_equal(t.degrees, 2);
	assert_int_equal(loy_cox_proportionality(cox, turning, 3, 0, &t, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_proportionality(cox, turning, 0, 2, &t, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_cox_proportionality(cox, turning, 0, 0, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_proportionality(cox, other, 0, 0, &t, NULL), LOY_EINVAL);
	for (i = 0; i < 2000; i++) /* as many subjects, fewer events */
		add(other, 1.0 + (double)(i % 7), i % 2 == 0, 1, same);
	assert_int_equal(loy_survival_sort(other), LOY_OK);
	assert_int_equal(loy_cox_proportionality(cox, other, 0, 0, &t, NULL), LOY_EINVAL);
	add(turning, 0.0, 1, 1, same);
	assert_int_equal(loy_cox_proportionality(cox, turning, 0, 0, &t, NULL), LOY_EINVAL);
	loy_cox_destroy(cox);
	cox = fit(turning, LOY_COX_EFRON, &s);
	assert_int_equal(loy_cox_proportionality(cox, turning, LOY_CLOCK_LOG, 0, &t, NULL), LOY_ERANGE);
	loy_cox_destroy(cox);
	cox = fit(other, LOY_COX_EFRON, &s); /* constant columns: no coefficient to test */
	assert_int_equal(loy_cox_proportionality(cox, other, 0, LOY_COX_ALL, &t, NULL), LOY_ENOTFOUND);
	loy_cox_destroy(cox);
	loy_survival_destroy(turning);
	loy_survival_destroy(other);
}

static void one_event_time_shows_no_change(void **state)
{
	const double one = 1.0, zero = 0.0;
	loy_proportionality t = {.struct_size = sizeof(t)};
	loy_survival *survival = new_survival(0, 1, NULL);
	loy_cox_summary s;
	loy_cox *cox;

	(void)state;
	add(survival, 1.0, 1, 3, &one);
	add(survival, 1.0, 1, 2, &zero);
	add(survival, 2.0, 0, 4, &one);
	add(survival, 2.0, 0, 7, &zero);
	cox = fit(survival, LOY_COX_EFRON, &s);
	assert_int_equal(s.state, LOY_COX_CONVERGED);
	assert_int_equal(loy_cox_proportionality(cox, survival, 0, 0, &t, NULL), LOY_EUNKNOWN);
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
}

static void requests_are_checked(void **state)
{
	const double nan = (double)NAN, x = 1.0;
	loy_survival *survival = new_survival(0, 1, NULL), *plain = new_survival(0, 0, NULL);
	loy_cox_options options = {.struct_size = sizeof(options)};
	loy_cox_summary s;
	loy_cox *cox = NULL;
	double out;

	(void)state;
	assert_int_equal(loy_cox_create(&cox, plain, NULL, NULL, NULL), LOY_EINVAL); /* no covariates */
	assert_int_equal(loy_cox_create(&cox, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_create(NULL, survival, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_create(&cox, survival, NULL, NULL, NULL), LOY_EUNKNOWN); /* no rows */
	add(survival, 1.0, 0, 1, &x);
	assert_int_equal(loy_cox_create(&cox, survival, NULL, NULL, NULL), LOY_ESTATE);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	assert_int_equal(loy_cox_create(&cox, survival, NULL, NULL, NULL), LOY_EUNKNOWN); /* no event */
	options.flags = 2;
	assert_int_equal(loy_cox_create(&cox, survival, &options, NULL, NULL), LOY_EINVAL);
	options.flags = 0;
	options.ties = 2;
	assert_int_equal(loy_cox_create(&cox, survival, &options, NULL, NULL), LOY_EINVAL);
	assert_null(cox);
	add(survival, 1.0, 1, 1, &x);
	cox = fit(survival, LOY_COX_EFRON, &s); /* nothing to learn: no coefficient, but a baseline */
	assert_int_equal(s.state, LOY_COX_ALIASED);
	assert_int_equal(s.degrees, 0);
	assert_bits_equal(s.ratio_p, 1.0);
	assert_int_equal(loy_cox_hazard_count(cox), 1);
	assert_int_equal(loy_cox_survival(cox, 0, &nan, 1.0, &out), LOY_ERANGE);
	assert_int_equal(loy_cox_survival(cox, 0, &x, nan, &out), LOY_EINVAL);
	assert_int_equal(loy_cox_survival(cox, 0, &x, 1.0, &out), LOY_OK);
	assert_close(out, exp(-0.5), 1e-15, 0.0);
	assert_int_equal(loy_cox_relative(cox, &nan, 8, 8, 1, &out), LOY_ERANGE);
	assert_int_equal(loy_cox_relative(cox, NULL, 8, 8, 1, &out), LOY_EINVAL);
	assert_int_equal(loy_cox_covariance(cox, 0, 1, &out), LOY_ENOTFOUND);
	assert_int_equal(loy_cox_get_coefficient(cox, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_cox_get_summary(NULL, &s), LOY_EINVAL);
	assert_int_equal(loy_cox_hazard_count(NULL), 0);
	loy_cox_destroy(NULL);
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
	loy_survival_destroy(plain);
}

static int32_t cancel(uint64_t done, uint64_t total, void *user)
{
	uint64_t *calls = user;

	assert_true(done <= total);
	++*calls;
	return done == 2;
}

static void memory_may_run_out_and_callers_may_cancel(void **state)
{
	uint64_t calls = 0;
	loy_cox_options options = {.struct_size = sizeof(options),
	                           .flags = LOY_COX_STRATA,
	                           .progress = cancel,
	                           .user_data = &calls};
	struct subject subjects[60];
	loy_survival *survival;
	loy_cox *cox = NULL;
	long n;
	int done = 0;

	(void)state;
	invent_subjects(subjects, 60, 14, 3.0);
	survival = survival_of(subjects, 60, LOY_SURVIVAL_ENTERED | LOY_SURVIVAL_WEIGHTED, 3);
	assert_int_equal(loy_cox_create(&cox, survival, &options, NULL, NULL), LOY_ECANCELLED);
	assert_null(cox);
	assert_int_equal(calls, 2);
	options.progress = NULL;
	for (n = 0; !done; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_concordance c = {.struct_size = sizeof(c), .share = -1.0};
		loy_proportionality t = {.struct_size = sizeof(t), .p = -1.0};
		loy_error error = {.struct_size = sizeof(error)};
		loy_status status = loy_cox_create(&cox, survival, &options, &memory, &error);

		assert_true((status == LOY_OK) == (cox != NULL));
		if (status != LOY_OK) {
			assert_int_equal(status, LOY_ENOMEM);
			assert_int_equal(error.code, LOY_ENOMEM);
		} else {
			status = loy_cox_concordance(cox, survival, &c, &memory);
			assert_true(status == LOY_OK || (status == LOY_ENOMEM && c.share == -1.0));
			status = loy_cox_proportionality(cox, survival, LOY_CLOCK_KM, LOY_COX_ALL, &t,
			                                 &memory);
			assert_true(status == LOY_OK || (status == LOY_ENOMEM && t.p == -1.0));
		}
		loy_cox_destroy(cox);
		cox = NULL;
		assert_int_equal(heap.live, 0);
		done = heap.refused == 0;
	}
	assert_true(n > 25);
	loy_survival_destroy(survival);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(three_by_hand),
	        cmocka_unit_test(ties_by_hand),
	        cmocka_unit_test(derivatives_are_those_of_the_likelihood),
	        cmocka_unit_test(constant_columns_are_named),
	        cmocka_unit_test(collinear_columns_are_named),
	        cmocka_unit_test(separation_is_named),
	        cmocka_unit_test(perfect_order_is_named),
	        cmocka_unit_test(a_strong_effect_is_no_separation),
	        cmocka_unit_test(iterations_that_end_say_so),
	        cmocka_unit_test(awkward_covariates),
	        cmocka_unit_test(steps_are_halved_when_needed),
	        cmocka_unit_test(concordance_by_hand),
	        cmocka_unit_test(changing_effects_are_found),
	        cmocka_unit_test(one_event_time_shows_no_change),
	        cmocka_unit_test(requests_are_checked),
	        cmocka_unit_test(memory_may_run_out_and_callers_may_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
