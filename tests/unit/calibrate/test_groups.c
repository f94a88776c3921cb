/* Comparing groups: what must hold of equal ones, of different ones, and of any. */
#include "surveys.h"

#include "numeric/numeric.h"

#include <math.h>

struct fixture {
	struct survey survey;
	loy_paths *paths;
	loy_pls *pls;
	uint8_t group[400];
};

/*
 * Invented respondents, every other one in the second group; a part of them `turned`: what they say of B says
 * nothing.
 */
static struct fixture fixture_open(uint32_t rows, int turned)
{
	struct fixture f;
	char *text = survey_text(3, "=~");
	uint32_t i, k;

	f.survey = survey_invent(rows, 3, 11, 0);
	for (i = 0; i < rows; i++) {
		f.group[i] = (uint8_t)(1 + i % 2);
		for (k = 3; k < 6 && turned && f.group[i] == 2;
		     k++) /* the items of B, out of step with all else */
			f.survey.values[i * f.survey.table.columns + k] =
			        f.survey.values[(i + 100) % rows * f.survey.table.columns + k];
	}
	f.paths = survey_paths(text);
	f.pls = survey_fit(f.paths, &f.survey.table, NULL);
	free(text);
	return f;
}

static void fixture_close(struct fixture *f)
{
	loy_pls_destroy(f->pls);
	loy_paths_destroy(f->paths);
	survey_free(&f->survey);
}

static loy_groups *compared(const struct fixture *f, const loy_groups_options *options)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_groups *groups = NULL;

	if (loy_groups_create(&groups, f->pls, &f->survey.table, f->group, options, NULL, &error) != LOY_OK)
		fail_msg("%s", error.message);
	return groups;
}

static loy_path_difference path_of(const loy_groups *groups, uint32_t path)
{
	loy_path_difference d = {.struct_size = sizeof(d)};

	assert_int_equal(loy_groups_get_path(groups, path, &d), LOY_OK);
	return d;
}

static loy_invariance construct_of(const loy_groups *groups, uint32_t construct)
{
	loy_invariance v = {.struct_size = sizeof(v)};

	assert_int_equal(loy_groups_get_invariance(groups, construct, &v), LOY_OK);
	return v;
}

static void values_are_those_of_each_group_alone(void **state)
{
	struct fixture f = fixture_open(200, 0);
	loy_groups_options options = {.struct_size = sizeof(options), .permutations = 20, .resamples = 20};
	loy_groups *groups = compared(&f, &options);
	loy_groups_summary s = {.struct_size = sizeof(s)};
	double *half = calloc(100 * f.survey.table.columns, sizeof(*half));
	loy_table table = f.survey.table;
	uint32_t which, i;

	(void)state;
	assert_non_null(half);
	assert_int_equal(loy_groups_get_summary(groups, &s), LOY_OK);
	assert_int_equal(s.first, 100);
	assert_int_equal(s.second, 100);
	assert_int_equal(s.constructs, 3);
	assert_int_equal(s.paths, 3);
	table.values = half;
	table.rows = 100;
	for (which = 0; which < 2; which++) {
		loy_pls *pls;

		for (i = 0; i < 100; i++)
			memcpy(half + i * table.columns, f.survey.values + (2 * i + which) * table.columns,
			       table.columns * sizeof(*half));
		pls = survey_fit(f.paths, &table, NULL);
		for (i = 0; i < 3; i++) {
			loy_pls_path p = {.struct_size = sizeof(p)};
			loy_path_difference d = path_of(groups, i);

			assert_int_equal(loy_pls_get_path(pls, i, &p), LOY_OK);
			assert_close(which == 0 ? d.first : d.second, p.value, 0.0, 1e-11);
		}
		loy_pls_destroy(pls);
	}
	free(half);
	loy_groups_destroy(groups);
	fixture_close(&f);
}

/* The same respondents twice: nothing differs, and chance makes it differ more. */
static void equal_groups_are_found_equal(void **state)
{
	struct fixture f = fixture_open(200, 0);
	loy_groups_options options = {.struct_size = sizeof(options), .permutations = 100, .resamples = 100};
	loy_groups *groups;
	uint32_t i;

	(void)state;
	for (i = 1; i < 200; i += 2)
		memcpy(f.survey.values + i * f.survey.table.columns,
		       f.survey.values + (i - 1) * f.survey.table.columns,
		       f.survey.table.columns * sizeof(double));
	loy_pls_destroy(f.pls);
	f.pls = survey_fit(f.paths, &f.survey.table, NULL);
	groups = compared(&f, &options);
	for (i = 0; i < 3; i++) {
		loy_invariance v = construct_of(groups, i);
		loy_path_difference d = path_of(groups, i);

		assert_close(v.correlation, 1.0, 0.0, 1e-9);
		assert_close(v.mean_difference, 0.0, 0.0, 1e-12);
		assert_close(v.variance_ratio, 0.0, 0.0, 1e-12);
		assert_close(v.mean_p, 1.0, 0.0, 0.0);
		assert_true(v.mean_low < 0.0 && 0.0 < v.mean_high);
		assert_true(v.variance_low < 0.0 && 0.0 < v.variance_high);
		assert_true(v.correlation_least <= 1.0 && v.correlation_p > 0.5);
		assert_close(d.first, d.second, 0.0, 1e-12);
		assert_close(d.permutation_p, 1.0, 0.0, 0.0);
		assert_true(d.bootstrap_p > 0.5 && d.welch_p > 0.99);
	}
	loy_groups_destroy(groups);
	fixture_close(&f);
}

static void different_paths_are_found_different(void **state)
{
	struct fixture f = fixture_open(400, 1);
	loy_groups_options options = {.struct_size = sizeof(options), .permutations = 200, .resamples = 200};
	loy_groups *groups = compared(&f, &options);
	loy_path_difference d =
	        path_of(groups, 0); /* A to B, which the second group's answers do not follow */

	(void)state;
	assert_true(d.first > d.second + 0.2);
	assert_true(d.permutation_p < 0.02 && d.bootstrap_p < 0.02 && d.welch_p < 0.02 && d.welch_t > 2.0);
	assert_true(d.first_error > 0.0 && d.second_error > d.first_error);
	loy_groups_destroy(groups);
	fixture_close(&f);
}

/* A group that answers higher, and one that answers wider. */
static void means_and_variances_are_told_apart(void **state)
{
	struct fixture f = fixture_open(200, 0);
	loy_groups_options options = {.struct_size = sizeof(options), .permutations = 100, .resamples = 10};
	loy_groups *groups;
	loy_invariance v;
	uint32_t i, k;

	(void)state;
	for (i = 1; i < 200; i += 2)
		for (k = 0; k < 3; k++) { /* the items of A */
			f.survey.values[i * f.survey.table.columns + k] *= 2.0;
			f.survey.values[i * f.survey.table.columns + k] += 5.0;
		}
	loy_pls_destroy(f.pls);
	f.pls = survey_fit(f.paths, &f.survey.table, NULL);
	groups = compared(&f, &options);
	v = construct_of(groups, 0);
	assert_true(v.mean_difference < v.mean_low && v.mean_p < 0.02);
	assert_true(v.variance_ratio < v.variance_low && v.variance_p < 0.02);
	assert_true(v.correlation > 0.9); /* measured alike all the same */
	loy_groups_destroy(groups);
	fixture_close(&f);
}

static void names_of_groups_turn_signs_and_bits_are_the_same(void **state)
{
	struct fixture f = fixture_open(120, 1);
	loy_groups_options options = {
	        .struct_size = sizeof(options), .permutations = 30, .resamples = 30, .seed = 5};
	loy_groups *one = compared(&f, &options), *again = compared(&f, &options), *other;
	uint32_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		loy_path_difference a = path_of(one, i), b = path_of(again, i);
		loy_invariance v = construct_of(one, i), w = construct_of(again, i);

		assert_memory_equal(&a, &b, sizeof(a));
		assert_memory_equal(&v, &w, sizeof(v));
	}
	for (i = 0; i < 120; i++)
		f.group[i] = (uint8_t)(i < 10 ? 0 : 3 - f.group[i]); /* and ten in neither */
	other = compared(&f, &options);
	for (i = 0; i < 10; i++)
		f.group[i] = 0;
	for (i = 10; i < 120; i++)
		f.group[i] = (uint8_t)(3 - f.group[i]);
	loy_groups_destroy(again);
	again = compared(&f, &options);
	for (i = 0; i < 3; i++) {
		assert_bits_equal(path_of(other, i).first, path_of(again, i).second);
		assert_close(construct_of(other, i).mean_difference, -construct_of(again, i).mean_difference,
		             0.0, 1e-12);
		assert_close(construct_of(other, i).variance_ratio, -construct_of(again, i).variance_ratio,
		             0.0, 1e-12);
		assert_close(construct_of(other, i).correlation, construct_of(again, i).correlation, 0.0,
		             1e-12);
	}
	loy_groups_destroy(other);
	loy_groups_destroy(again);
	loy_groups_destroy(one);
	fixture_close(&f);
}

static void means_stand_in_for_what_is_missing(void **state)
{
	loy_pls_options settings = {.struct_size = sizeof(settings), .missing = LOY_MISSING_MEAN};
	struct fixture f = fixture_open(120, 0);
	loy_groups_options options = {.struct_size = sizeof(options), .permutations = 20, .resamples = 20};
	loy_groups *whole = compared(&f, &options), *holes;
	uint32_t i;

	(void)state;
	for (i = 0; i < 120; i += 9)
		f.survey.values[i * f.survey.table.columns + i % f.survey.table.columns] = NAN;
	f.group[7] = 0; /* and one in neither, so that rows move up */
	loy_pls_destroy(f.pls);
	f.pls = survey_fit(f.paths, &f.survey.table, &settings);
	holes = compared(&f, &options);
	for (i = 0; i < 3; i++) {
		/* one answer in a hundred missing moves nothing far */
		assert_close(path_of(holes, i).first, path_of(whole, i).first, 0.0, 0.1);
		assert_close(construct_of(holes, i).mean_difference, construct_of(whole, i).mean_difference,
		             0.0, 0.1);
	}
	loy_groups_destroy(holes);
	loy_groups_destroy(whole);
	fixture_close(&f);
}

static int32_t stop(uint64_t done, uint64_t total, void *user)
{
	(void)total;
	(void)user;
	return done >= 64;
}

/* Products belong to rows, by stages or by items: scores of one group by the weights of the other are not theirs. */
static void products_cannot_be_compared(void **state)
{
	loy_groups_options options = {.struct_size = sizeof(options), .permutations = 4, .resamples = 4};
	struct fixture f = fixture_open(60, 0);
	uint32_t product;

	(void)state;
	assert_int_equal(
	        loy_paths_add(f.paths, LOY_TERM_REGRESSED, "C", "A:B", LOY_TERM_DEFAULT, 0.0, NULL, NULL),
	        LOY_OK);
	for (product = LOY_PLS_PRODUCT_STAGES; product <= LOY_PLS_PRODUCT_ORTHOGONAL; product++) {
		loy_pls_options settings = {.struct_size = sizeof(settings), .product = product};
		loy_pls *pls = survey_fit(f.paths, &f.survey.table, &settings);
		loy_groups *groups = NULL;

		assert_int_equal(
		        loy_groups_create(&groups, pls, &f.survey.table, f.group, &options, NULL, NULL),
		        LOY_EINVAL);
		assert_null(groups);
		loy_pls_destroy(pls);
	}
	fixture_close(&f);
}

static void what_cannot_be_compared_is_refused(void **state)
{
	struct fixture f = fixture_open(60, 0);
	loy_groups_options good = {.struct_size = sizeof(good), .permutations = 4, .resamples = 4}, o;
	loy_pls_options pairwise = {.struct_size = sizeof(pairwise), .missing = LOY_MISSING_PAIRWISE};
	loy_allocator half = {.allocate = faulty_alloc};
	loy_groups_summary s = {.struct_size = sizeof(s)};
	loy_invariance v = {.struct_size = sizeof(v)};
	loy_path_difference d = {.struct_size = sizeof(d)};
	loy_groups *groups = NULL;
	loy_table table = f.survey.table;
	double weights[60] = {0};
	loy_status status = LOY_ENOMEM;
	loy_pls *other;
	uint32_t i;
	long n;

	(void)state;
#define REFUSED(status)                                                                                      \
	assert_int_equal(loy_groups_create(&groups, f.pls, &table, f.group, &o, NULL, NULL), status)
	o = good, o.struct_size = 3, REFUSED(LOY_EINVAL);
	o = good, o.reserved = 1, REFUSED(LOY_EINVAL);
	o = good, o.permutations = 1, REFUSED(LOY_EINVAL);
	o = good, o.permutations = 1000001, REFUSED(LOY_EINVAL);
	o = good, o.resamples = 1, REFUSED(LOY_EINVAL);
	o = good, o.resamples = 1000001, REFUSED(LOY_EINVAL);
	o = good, o.level = 1.0, REFUSED(LOY_EINVAL);
	o = good, o.level = NAN, REFUSED(LOY_EINVAL);
	o = good, o.permutations = 70, o.progress = stop, REFUSED(LOY_ECANCELLED);
	o = good;
	table.weights = weights;
	table.weight_stride = sizeof(double);
	REFUSED(LOY_EINVAL);
	table = f.survey.table;
	table.columns--;
	REFUSED(LOY_ENAME);
	table = f.survey.table;
	f.group[5] = 3;
	REFUSED(LOY_EINVAL);
	for (i = 0; i < 60; i++)
		f.group[i] = (uint8_t)(i < 2 ? 1 : 2);
	REFUSED(LOY_EUNKNOWN);
	for (i = 0; i < 60; i++)
		f.group[i] = (uint8_t)(1 + i % 2);
	assert_null(groups);
	assert_int_equal(loy_groups_create(NULL, f.pls, &table, f.group, &o, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_groups_create(&groups, NULL, &table, f.group, &o, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_groups_create(&groups, f.pls, NULL, f.group, &o, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_groups_create(&groups, f.pls, &table, NULL, &o, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_groups_create(&groups, f.pls, &table, f.group, &o, &half, NULL), LOY_EINVAL);
	other = survey_fit(f.paths, &table, &pairwise);
	assert_int_equal(loy_groups_create(&groups, other, &table, f.group, &o, NULL, NULL), LOY_EINVAL);
	loy_pls_destroy(other);
	groups = compared(&f, &good);
	assert_int_equal(loy_groups_get_summary(NULL, &s), LOY_EINVAL);
	assert_int_equal(loy_groups_get_invariance(NULL, 0, &v), LOY_EINVAL);
	assert_int_equal(loy_groups_get_invariance(groups, 3, &v), LOY_ENOTFOUND);
	assert_int_equal(loy_groups_get_path(NULL, 0, &d), LOY_EINVAL);
	assert_int_equal(loy_groups_get_path(groups, 3, &d), LOY_ENOTFOUND);
	loy_groups_destroy(groups);
	loy_groups_destroy(NULL);
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);

		groups = NULL;
		status = loy_groups_create(&groups, f.pls, &table, f.group, &good, &memory, NULL);
		assert_true((status == LOY_OK) == (groups != NULL));
		loy_groups_destroy(groups);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	/* A group in which an item does not vary has no estimate. */
	for (i = 1; i < 60; i += 2)
		f.survey.values[i * table.columns] = 4.0;
	assert_int_equal(loy_groups_create(&groups, f.pls, &table, f.group, &good, NULL, NULL), LOY_ERANGE);
	fixture_close(&f);
}

/* Under chance alone small p are as rare as they say. */
static void p_is_honest(void **state)
{
	loy_groups_options options = {.struct_size = sizeof(options), .permutations = 99, .resamples = 10};
	int trial, rare = 0, trials = 40;

	(void)state;
	for (trial = 0; trial < trials; trial++) {
		struct fixture f = fixture_open(100, 0);
		loy_groups *groups;
		uint32_t i;

		for (i = 0; i < 100; i++)
			f.group[i] = (uint8_t)(1 + loy__mix64((uint64_t)trial * 1000 + i) % 2);
		groups = compared(&f, &options);
		rare += path_of(groups, 0).permutation_p <= 0.2;
		loy_groups_destroy(groups);
		fixture_close(&f);
	}
	/* 40 tosses of 0.2: 8 expected, deviation 2.5 */
	assert_true(rare >= 1 && rare <= 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(values_are_those_of_each_group_alone),
	        cmocka_unit_test(equal_groups_are_found_equal),
	        cmocka_unit_test(different_paths_are_found_different),
	        cmocka_unit_test(means_and_variances_are_told_apart),
	        cmocka_unit_test(names_of_groups_turn_signs_and_bits_are_the_same),
	        cmocka_unit_test(means_stand_in_for_what_is_missing),
	        cmocka_unit_test(products_cannot_be_compared),
	        cmocka_unit_test(what_cannot_be_compared_is_refused),
	        cmocka_unit_test(p_is_honest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
