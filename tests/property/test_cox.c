/*
 * Laws of Cox regression: the fit on merged shards is the fit on the whole, to the last bit; other units of the
 * covariates are other units of the coefficients; counts stand for rows; time matters by its order alone; and
 * coefficients that made the data come back.
 */
#include "survivals.h"

#include <math.h>

enum { SUBJECTS = 500, SHARDS = 10, P = SUBJECT_COVARIATES };

static loy_cox *fit(const loy_survival *survival, uint32_t flags, uint32_t ties)
{
	loy_cox_options options = {.struct_size = sizeof(options), .flags = flags, .ties = ties};
	loy_cox_summary s = {.struct_size = sizeof(s)};
	loy_cox *cox = NULL;

	assert_int_equal(loy_cox_create(&cox, survival, &options, NULL, NULL), LOY_OK);
	assert_int_equal(loy_cox_get_summary(cox, &s), LOY_OK);
	assert_int_equal(s.state, LOY_COX_CONVERGED);
	assert_true(s.distance < 1e-6 && s.log_likelihood >= s.log_likelihood_null);
	return cox;
}

static void same_bits(const loy_cox *a, const loy_cox *b)
{
	loy_cox_summary s = {.struct_size = sizeof(s)}, t = s;
	uint32_t i;
	uint64_t k;

	assert_int_equal(loy_cox_get_summary(a, &s), LOY_OK);
	assert_int_equal(loy_cox_get_summary(b, &t), LOY_OK);
	assert_memory_equal(&s, &t, sizeof(s));
	for (i = 0; i < P; i++) {
		assert_bits_equal(cox_coefficient(a, i).value, cox_coefficient(b, i).value);
		assert_bits_equal(cox_coefficient(a, i).deviation, cox_coefficient(b, i).deviation);
	}
	assert_int_equal(loy_cox_hazard_count(a), loy_cox_hazard_count(b));
	for (k = 0; k < loy_cox_hazard_count(a); k++) {
		loy_cox_hazard g = {.struct_size = sizeof(g)}, h = g;

		assert_int_equal(loy_cox_get_hazard(a, k, &g), LOY_OK);
		assert_int_equal(loy_cox_get_hazard(b, k, &h), LOY_OK);
		assert_bits_equal(g.hazard, h.hazard);
		assert_bits_equal(g.time, h.time);
	}
}

static void shards_make_no_difference(void **state)
{
	static struct subject subjects[SUBJECTS];
	int round;

	(void)state;
	for (round = 0; round < 16; round++) {
		uint32_t flags = (uint32_t)round % 4, strata = round % 3 == 0 ? LOY_COX_STRATA : 0,
		         ties = (uint32_t)round / 4 % 2;
		loy_survival *whole, *merged = new_survival(flags, P, NULL);
		loy_cox *a, *b;
		size_t i, shard;

		invent_subjects(subjects, SUBJECTS, 50 + (uint64_t)round, round % 2 == 0 ? 4.0 : 0.0);
		whole = survival_of(subjects, SUBJECTS, flags, P);
		for (shard = SHARDS; shard-- > 0;) {
			loy_survival *part = new_survival(flags, P, NULL);

			for (i = SUBJECTS; i-- > 0;) {
				if (i % SHARDS == shard)
					assert_int_equal(add_subject(part, &subjects[i], flags, P), LOY_OK);
			}
			assert_int_equal(loy_survival_merge(merged, part), LOY_OK);
			loy_survival_destroy(part);
		}
		assert_int_equal(loy_survival_sort(merged), LOY_OK);
		a = fit(whole, strata, ties);
		b = fit(merged, strata, ties);
		same_bits(a, b);
		loy_cox_destroy(a);
		loy_cox_destroy(b);
		loy_survival_destroy(whole);
		loy_survival_destroy(merged);
	}
}

/* Covariates times a power of two: the same digits. Shifted, or times another number: the same but for rounding. */
static void units_of_covariates_are_free(void **state)
{
	static struct subject subjects[SUBJECTS];
	loy_survival *plain, *scaled, *shifted;
	loy_cox *a, *b, *c;
	double row[P] = {0.3, 1.0, 9.5}, other[P], alive, same;
	uint32_t j;
	size_t i;

	(void)state;
	invent_subjects(subjects, SUBJECTS, 90, 4.0);
	plain = survival_of(subjects, SUBJECTS, 0, P);
	for (i = 0; i < SUBJECTS; i++) {
		for (j = 0; j < P; j++)
			subjects[i].covariate[j] *= 1024.0;
	}
	scaled = survival_of(subjects, SUBJECTS, 0, P);
	for (i = 0; i < SUBJECTS; i++) {
		for (j = 0; j < P; j++)
			subjects[i].covariate[j] = subjects[i].covariate[j] / 1024.0 * 0.3 + 5.0;
	}
	shifted = survival_of(subjects, SUBJECTS, 0, P);
	a = fit(plain, 0, LOY_COX_EFRON);
	b = fit(scaled, 0, LOY_COX_EFRON);
	c = fit(shifted, 0, LOY_COX_EFRON);
	for (j = 0; j < P; j++) {
		/* the order of tied rows follows the bits of their covariates: the same sums in another order */
		assert_close(cox_coefficient(b, j).value * 1024.0, cox_coefficient(a, j).value, 1e-11, 0.0);
		assert_close(cox_coefficient(b, j).deviation * 1024.0, cox_coefficient(a, j).deviation, 1e-12,
		             0.0);
		assert_close(cox_coefficient(c, j).value * 0.3, cox_coefficient(a, j).value, 1e-10, 0.0);
		other[j] = row[j] * 0.3 + 5.0;
	}
	assert_int_equal(loy_cox_survival(a, 0, row, 1.0, &alive), LOY_OK);
	assert_int_equal(loy_cox_survival(c, 0, other, 1.0, &same), LOY_OK);
	assert_close(same, alive, 1e-10, 0.0);
	loy_cox_destroy(a);
	loy_cox_destroy(b);
	loy_cox_destroy(c);
	loy_survival_destroy(plain);
	loy_survival_destroy(scaled);
	loy_survival_destroy(shifted);
}

static void only_the_order_of_times_matters(void **state)
{
	static struct subject subjects[SUBJECTS];
	loy_survival *plain, *bent;
	loy_cox *a, *b;
	uint32_t j;
	size_t i;

	(void)state;
	invent_subjects(subjects, SUBJECTS, 91, 0.0);
	plain = survival_of(subjects, SUBJECTS, 0, P);
	for (i = 0; i < SUBJECTS; i++)
		subjects[i].time = loy__exp(3.0 * subjects[i].time);
	bent = survival_of(subjects, SUBJECTS, 0, P);
	a = fit(plain, 0, LOY_COX_EFRON);
	b = fit(bent, 0, LOY_COX_EFRON);
	for (j = 0; j < P; j++)
		assert_bits_equal(cox_coefficient(b, j).value, cox_coefficient(a, j).value);
	loy_cox_destroy(a);
	loy_cox_destroy(b);
	loy_survival_destroy(plain);
	loy_survival_destroy(bent);
}

/* Breslow: twice the rows is twice the likelihood, so half the variance. Rows cut in two by an entry change nothing. */
static void doubled_and_cut_rows(void **state)
{
	static struct subject subjects[SUBJECTS];
	loy_survival *plain, *twice, *cut = new_survival(LOY_SURVIVAL_ENTERED, P, NULL);
	loy_cox *a, *b, *c;
	uint32_t j;
	size_t i;

	(void)state;
	invent_subjects(subjects, SUBJECTS, 92, 4.0);
	plain = survival_of(subjects, SUBJECTS, 0, P);
	twice = survival_of(subjects, SUBJECTS, 0, P);
	assert_int_equal(loy_survival_merge(twice, plain), LOY_OK);
	assert_int_equal(loy_survival_sort(twice), LOY_OK);
	for (i = 0; i < SUBJECTS; i++) {
		struct subject part = subjects[i];

		part.entry = 0.0;
		if (subjects[i].time > 0.5) { /* watched until half a unit, then again from there */
			part.time = 0.5;
			part.event = 0;
			assert_int_equal(add_subject(cut, &part, LOY_SURVIVAL_ENTERED, P), LOY_OK);
			part = subjects[i];
			part.entry = 0.5;
		}
		assert_int_equal(add_subject(cut, &part, LOY_SURVIVAL_ENTERED, P), LOY_OK);
	}
	assert_int_equal(loy_survival_sort(cut), LOY_OK);
	a = fit(plain, 0, LOY_COX_BRESLOW);
	b = fit(twice, 0, LOY_COX_BRESLOW);
	c = fit(cut, 0, LOY_COX_BRESLOW);
	for (j = 0; j < P; j++) { /* rounding, and the end of Newton's steps: 1e-12 of a standard error */
		assert_close(cox_coefficient(b, j).value, cox_coefficient(a, j).value, 1e-11, 0.0);
		assert_close(cox_coefficient(b, j).deviation * sqrt(2.0), cox_coefficient(a, j).deviation,
		             1e-12, 0.0);
		assert_close(cox_coefficient(c, j).value, cox_coefficient(a, j).value, 1e-10, 0.0);
		assert_close(cox_coefficient(c, j).deviation, cox_coefficient(a, j).deviation, 1e-11, 0.0);
	}
	loy_cox_destroy(a);
	loy_cox_destroy(b);
	loy_cox_destroy(c);
	loy_survival_destroy(plain);
	loy_survival_destroy(twice);
	loy_survival_destroy(cut);
}

static void the_truth_comes_back(void **state)
{
	enum { MANY = 20000 };
	static const double truth[P] = {0.8, -0.5, 0.3};
	struct subject *subjects = calloc(MANY, sizeof(*subjects));
	loy_survival *survival;
	loy_concordance c = {.struct_size = sizeof(c)};
	loy_cox *cox;
	uint32_t j;

	(void)state;
	assert_non_null(subjects);
	invent_subjects(subjects, MANY, 93, 0.0);
	survival = survival_of(subjects, MANY, 0, P);
	cox = fit(survival, 0, LOY_COX_EFRON);
	for (j = 0; j < P; j++) /* four standard errors: the seed is fixed, so it passes or it does not */
		assert_close(cox_coefficient(cox, j).value, truth[j], 0.0,
		             4.0 * cox_coefficient(cox, j).deviation);
	assert_int_equal(loy_cox_concordance(cox, survival, &c, NULL), LOY_OK);
	assert_true(c.share > 0.6 && c.share < 0.8);
	loy_cox_destroy(cox);
	loy_survival_destroy(survival);
	free(subjects);
}

/* Concordance against looking at every pair. */
static void concordance_is_that_of_all_pairs(void **state)
{
	static struct subject subjects[SUBJECTS];
	uint32_t kind;

	(void)state;
	for (kind = 0; kind < 4; kind++) {
		uint32_t flags = kind % 2 != 0 ? LOY_SURVIVAL_ENTERED : 0,
		         strata = kind / 2 != 0 ? LOY_COX_STRATA : 0;
		double hazard[SUBJECTS], concordant = 0.0, discordant = 0.0, tied = 0.0;
		loy_concordance c = {.struct_size = sizeof(c)};
		loy_survival *survival;
		loy_cox *cox;
		size_t i, j;

		invent_subjects(subjects, SUBJECTS, 94, 4.0);
		for (i = 0; i < SUBJECTS; i++) /* few values, so that hazards tie */
			subjects[i].covariate[0] = floor(2.0 * subjects[i].covariate[0]);
		survival = survival_of(subjects, SUBJECTS, flags, 2);
		cox = fit(survival, strata, LOY_COX_EFRON);
		for (i = 0; i < SUBJECTS; i++)
			assert_int_equal(loy_cox_relative(cox, subjects[i].covariate, 0, 8, 1, &hazard[i]),
			                 LOY_OK);
		for (i = 0; i < SUBJECTS; i++) {
			const struct subject *a = &subjects[i];

			for (j = 0; j < SUBJECTS && a->event; j++) {
				const struct subject *b = &subjects[j];

				if (!(b->time > a->time || (b->time == a->time && !b->event)) ||
				    (flags != 0 && !(b->entry < a->time)) ||
				    (strata != 0 && a->group != b->group))
					continue;
				concordant += hazard[i] > hazard[j];
				discordant += hazard[i] < hazard[j];
				tied += hazard[i] == hazard[j];
			}
		}
		assert_int_equal(loy_cox_concordance(cox, survival, &c, NULL), LOY_OK);
		assert_bits_equal(c.concordant, concordant);
		assert_bits_equal(c.discordant, discordant);
		assert_bits_equal(c.tied, tied);
		assert_true(tied > 0.0);
		loy_cox_destroy(cox);
		loy_survival_destroy(survival);
	}
}

/* 2,000 small random sets: each ends at a maximum or with a name for why not, and never with something else. */
static void every_fit_ends_in_a_named_state(void **state)
{
	long seen[LOY_COX_STOPPED + 1] = {0, 0, 0, 0};
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 95);
	for (round = 0; round < 2000; round++) {
		loy_survival *survival = new_survival(0, P, NULL);
		loy_cox_summary s = {.struct_size = sizeof(s)};
		size_t count = 2 + (size_t)loy__random_below(&r, 15), i;
		loy_cox_options options = {.struct_size = sizeof(options), .ties = (uint32_t)round % 2};
		loy_cox *cox = NULL;
		loy_status status;
		uint32_t j;

		for (i = 0; i < count; i++) {
			double x[P];
			loy_survival_row row = {.struct_size = sizeof(row)};

			for (j = 0; j < P; j++)
				x[j] = j < 2 ? (double)loy__random_below(&r, 2) : loy__random_unit(&r);
			row.time = (double)loy__random_below(&r, 10);
			row.event = (uint32_t)loy__random_below(&r, 2);
			row.covariates = x;
			assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_OK);
		}
		assert_int_equal(loy_survival_sort(survival), LOY_OK);
		status = loy_cox_create(&cox, survival, &options, NULL, NULL);
		assert_true(status == LOY_OK || status == LOY_EUNKNOWN);
		if (status == LOY_OK) {
			assert_int_equal(loy_cox_get_summary(cox, &s), LOY_OK);
			seen[s.state]++;
			if (s.state == LOY_COX_CONVERGED)
				assert_true(s.distance < 1e-6);
		}
		loy_cox_destroy(cox);
		loy_survival_destroy(survival);
	}
	print_message("             converged %ld, without some columns %ld, separated %ld, stopped %ld\n",
	              seen[LOY_COX_CONVERGED], seen[LOY_COX_ALIASED], seen[LOY_COX_SEPARATED],
	              seen[LOY_COX_STOPPED]);
	assert_int_equal(seen[LOY_COX_STOPPED], 0);
	assert_true(seen[LOY_COX_CONVERGED] > 100 && seen[LOY_COX_ALIASED] > 100 &&
	            seen[LOY_COX_SEPARATED] > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(shards_make_no_difference),
	        cmocka_unit_test(units_of_covariates_are_free),
	        cmocka_unit_test(only_the_order_of_times_matters),
	        cmocka_unit_test(doubled_and_cut_rows),
	        cmocka_unit_test(the_truth_comes_back),
	        cmocka_unit_test(concordance_is_that_of_all_pairs),
	        cmocka_unit_test(every_fit_ends_in_a_named_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
