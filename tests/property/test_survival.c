/*
 * Laws of survival accumulators and curves: the order of adding and the way rows are spread over accumulators that
 * are merged change no bit; bytes are a second form of the same; time may be measured in another unit.
 */
#include "survivals.h"

#include <math.h>

enum { SUBJECTS = 600, SHARDS = 10 };

static const uint32_t kinds[4] = {0, LOY_SURVIVAL_ENTERED, LOY_SURVIVAL_WEIGHTED,
                                  LOY_SURVIVAL_ENTERED | LOY_SURVIVAL_WEIGHTED};

static void same_bytes(const loy_survival *a, const loy_survival *b)
{
	size_t size, other;
	uint8_t *left = survival_bytes(a, &size), *right = survival_bytes(b, &other);

	assert_int_equal(size, other);
	assert_memory_equal(left, right, size);
	free(left);
	free(right);
}

static void shuffle(struct subject *subjects, size_t count, loy__random *r)
{
	size_t i;

	for (i = count; i > 1; i--) {
		size_t j = (size_t)loy__random_below(r, i);
		struct subject kept = subjects[i - 1];

		subjects[i - 1] = subjects[j];
		subjects[j] = kept;
	}
}

static void order_and_shards_make_no_difference(void **state)
{
	static struct subject subjects[SUBJECTS];
	loy__random r;
	int round;

	(void)state;
	loy__random_init(&r, 11);
	for (round = 0; round < 40; round++) {
		uint32_t flags = kinds[round % 4], covariates = round % 3 == 0 ? 0 : SUBJECT_COVARIATES,
		         shard;
		loy_survival *whole, *parts[SHARDS], *merged = new_survival(flags, covariates, NULL);
		size_t i;

		invent_subjects(subjects, SUBJECTS, 100 + (uint64_t)round, round % 2 == 0 ? 5.0 : 0.0);
		for (i = 0; i < SUBJECTS && round % 5 == 0;
		     i++) /* groups of 32 bits: they leave no room for hashes */
			subjects[i].group += UINT32_MAX - 16;
		whole = survival_of(subjects, SUBJECTS, flags, covariates);
		shuffle(subjects, SUBJECTS, &r);
		for (shard = 0; shard < SHARDS; shard++)
			parts[shard] = new_survival(flags, covariates, NULL);
		for (i = 0; i < SUBJECTS; i++) {
			shard = (uint32_t)loy__random_below(&r, SHARDS);
			assert_int_equal(add_subject(parts[shard], &subjects[i], flags, covariates), LOY_OK);
		}
		for (shard = 0; shard < SHARDS; shard++) {
			if (shard % 2 == 0)
				assert_int_equal(loy_survival_sort(parts[shard]), LOY_OK);
			assert_int_equal(loy_survival_merge(merged, parts[shard]), LOY_OK);
			loy_survival_destroy(parts[shard]);
		}
		assert_int_equal(loy_survival_sort(merged), LOY_OK);
		same_bytes(whole, merged);
		loy_survival_destroy(whole);
		loy_survival_destroy(merged);
	}
}

static void bytes_read_back(void **state)
{
	static struct subject subjects[SUBJECTS];
	int round;

	(void)state;
	for (round = 0; round < 40; round++) {
		size_t count = (size_t)round * round % SUBJECTS, size;
		loy_survival *survival, *back = NULL;
		uint8_t *bytes;

		invent_subjects(subjects, SUBJECTS, 200 + (uint64_t)round, round % 2 == 0 ? 5.0 : 0.0);
		survival = survival_of(subjects, count, kinds[round % 4], (uint32_t)round % 4);
		bytes = survival_bytes(survival, &size);
		assert_int_equal(loy_survival_read(&back, bytes, size, NULL, NULL), LOY_OK);
		same_bytes(survival, back);
		assert_int_equal(loy_survival_group_count(back), loy_survival_group_count(survival));
		free(bytes);
		loy_survival_destroy(survival);
		loy_survival_destroy(back);
	}
}

static void merging_with_itself_doubles_counts(void **state)
{
	static struct subject subjects[SUBJECTS];
	loy_survival *survival;
	loy_curve *once = NULL, *twice = NULL;
	uint64_t i;

	(void)state;
	invent_subjects(subjects, SUBJECTS, 300, 5.0);
	survival = survival_of(subjects, SUBJECTS, 0, 0);
	assert_int_equal(loy_curve_create(&once, survival, NULL, NULL), LOY_OK);
	assert_int_equal(loy_survival_merge(survival, survival), LOY_OK);
	assert_int_equal(loy_survival_subjects(survival), 2 * SUBJECTS);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	assert_int_equal(loy_curve_create(&twice, survival, NULL, NULL), LOY_OK);
	assert_int_equal(loy_curve_count(once), loy_curve_count(twice));
	for (i = 0; i < loy_curve_count(once); i++) {
		loy_curve_point a = {.struct_size = sizeof(a)}, b = a;

		assert_int_equal(loy_curve_get(once, i, &a), LOY_OK);
		assert_int_equal(loy_curve_get(twice, i, &b), LOY_OK);
		assert_bits_equal(b.survival, a.survival); /* the same quotients */
		assert_bits_equal(b.at_risk, 2.0 * a.at_risk);
		assert_bits_equal(b.hazard_variance, 0.5 * a.hazard_variance);
	}
	loy_curve_destroy(once);
	loy_curve_destroy(twice);
	loy_survival_destroy(survival);
}

/* Times in another unit: the same curve at other times. A power of two changes no digit. */
static void the_unit_of_time_is_free(void **state)
{
	static struct subject subjects[SUBJECTS];
	loy_survival *days, *other;
	loy_curve *a = NULL, *b = NULL;
	double mean, scaled, median, low, high, times[3];
	uint64_t i;

	(void)state;
	invent_subjects(subjects, SUBJECTS, 400, 0.0);
	days = survival_of(subjects, SUBJECTS, LOY_SURVIVAL_ENTERED, 0);
	for (i = 0; i < SUBJECTS; i++) {
		subjects[i].time *= 1024.0;
		subjects[i].entry *= 1024.0;
	}
	other = survival_of(subjects, SUBJECTS, LOY_SURVIVAL_ENTERED, 0);
	assert_int_equal(loy_curve_create(&a, days, NULL, NULL), LOY_OK);
	assert_int_equal(loy_curve_create(&b, other, NULL, NULL), LOY_OK);
	for (i = 0; i < loy_curve_count(a); i++) {
		loy_curve_point p = {.struct_size = sizeof(p)}, q = p;

		assert_int_equal(loy_curve_get(a, i, &p), LOY_OK);
		assert_int_equal(loy_curve_get(b, i, &q), LOY_OK);
		assert_bits_equal(q.time, 1024.0 * p.time);
		assert_bits_equal(q.survival, p.survival);
		assert_true(p.low <= p.survival && p.survival <= p.high);
		assert_true(i == 0 || p.hazard >= 0.0);
	}
	assert_int_equal(loy_curve_mean(a, 1.0, &mean, NULL), LOY_OK);
	assert_int_equal(loy_curve_mean(b, 1024.0, &scaled, NULL), LOY_OK);
	assert_bits_equal(scaled, 1024.0 * mean);
	assert_int_equal(loy_curve_quantile(a, 0.5, &median, &low, &high), LOY_OK);
	assert_int_equal(loy_curve_quantile(b, 0.5, &times[0], &times[1], &times[2]), LOY_OK);
	assert_bits_equal(times[0], 1024.0 * median);
	assert_true(low <= median && median <= high);
	loy_curve_destroy(a);
	loy_curve_destroy(b);
	loy_survival_destroy(days);
	loy_survival_destroy(other);
}

/* Without censoring the curve is one less the distribution of the sample, and the test of groups is symmetric. */
static void without_censoring_it_is_counting(void **state)
{
	static struct subject subjects[SUBJECTS];
	loy_logrank_result forth = {.struct_size = sizeof(forth)}, back = forth;
	loy_survival *survival;
	loy_curve *curve = NULL;
	double sum = 0.0, mean;
	uint64_t i;

	(void)state;
	invent_subjects(subjects, SUBJECTS, 500, 0.0);
	for (i = 0; i < SUBJECTS; i++) {
		subjects[i].event = 1;
		sum += subjects[i].time;
	}
	survival = survival_of(subjects, SUBJECTS, 0, 0);
	assert_int_equal(loy_curve_create(&curve, survival, NULL, NULL), LOY_OK);
	for (i = 0; i < loy_curve_count(curve); i++) {
		loy_curve_point p = {.struct_size = sizeof(p)};

		assert_int_equal(loy_curve_get(curve, i, &p), LOY_OK);
		/* 600 factors, each rounded: 600 half units in the last place */
		assert_close(p.survival, (p.at_risk - p.events) / SUBJECTS, 7e-14, 0.0);
		if (p.survival > 0.0)
			assert_close(p.deviation * p.deviation, p.survival * (1.0 - p.survival) / SUBJECTS,
			             2e-13, 0.0);
	}
	assert_int_equal(loy_curve_mean(curve, 1e6, &mean, NULL), LOY_OK);
	assert_close(mean, sum / SUBJECTS, 1e-13, 0.0);
	assert_int_equal(loy_survival_logrank(survival, 1.0, &forth, NULL, NULL, NULL), LOY_OK);
	loy_curve_destroy(curve);
	loy_survival_destroy(survival);
	for (i = 0; i < SUBJECTS; i++)
		subjects[i].group =
		        1000 - subjects[i].group; /* another group is left out of the quadratic form */
	survival = survival_of(subjects, SUBJECTS, 0, 0);
	assert_int_equal(loy_survival_logrank(survival, 1.0, &back, NULL, NULL, NULL), LOY_OK);
	assert_close(back.chi_square, forth.chi_square, 1e-12, 0.0);
	loy_survival_destroy(survival);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(order_and_shards_make_no_difference),
	        cmocka_unit_test(bytes_read_back),
	        cmocka_unit_test(merging_with_itself_doubles_counts),
	        cmocka_unit_test(the_unit_of_time_is_free),
	        cmocka_unit_test(without_censoring_it_is_counting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
