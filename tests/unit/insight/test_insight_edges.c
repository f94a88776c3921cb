/*
 * Edges of survey metrics and item analysis: arguments that are not there, scales that differ in one thing only, sums
 * too large to count, items that cancel, do not vary together, or leave too little to test.
 */
#include "regressions.h"

#include <float.h>
#include <math.h>

static loy_table columns(const double *values, size_t rows, uint32_t count, const double *weights)
{
	loy_table table = support_table(values, rows, count);

	table.weights = weights;
	return table;
}

/* ---- answers on a scale ---- */

static loy_answers *scale_of(loy_scale scale)
{
	loy_answers *answers = NULL;

	scale.struct_size = sizeof(scale);
	assert_int_equal(loy_answers_create(&answers, &scale, NULL), LOY_OK);
	return answers;
}

static void scales_that_differ_in_one_thing_do_not_merge(void **state)
{
	static const loy_scale scales[] = {{.low = 0, .high = 10, .step = 2},
	                                   {.low = 2, .high = 10, .step = 2},
	                                   {.low = 0, .high = 8, .step = 2},
	                                   {.low = 0, .high = 10, .step = 1},
	                                   {.low = 0, .high = 10, .step = 2, .weighting = LOY_WEIGHT_SURVEY}};
	loy_answers *answers[5];
	int i, j;

	(void)state;
	for (i = 0; i < 5; i++)
		answers[i] = scale_of(scales[i]);
	for (i = 0; i < 5; i++) {
		for (j = 0; j < 5; j++)
			assert_int_equal(loy_answers_merge(answers[i], answers[j]),
			                 i == j ? LOY_OK : LOY_EINVAL);
		assert_int_equal(loy_answers_merge(answers[i], NULL), LOY_EINVAL);
	}
	for (i = 0; i < 5; i++)
		loy_answers_destroy(answers[i]);
}

static void scales_and_bands_at_their_limits(void **state)
{
	const loy_scale good = {.struct_size = sizeof(good), .low = 0, .high = 10};
	loy_allocator half = {0};
	loy_scale s = good;
	loy_answers *answers = NULL, *stars = scale_of((loy_scale){.low = 0, .high = 5}),
	            *wide = scale_of((loy_scale){.low = 0, .high = 20, .step = 2});
	loy_bands bands = {.struct_size = 3, .detractor_most = 1, .promoter_least = 4};
	loy_net net = {.struct_size = sizeof(net)};
	uint64_t rows;

	(void)state;
	s.struct_size = 2;
	assert_int_equal(loy_answers_create(&answers, &s, NULL), LOY_EINVAL);
	s = good;
	s.low = -1000001;
	assert_int_equal(loy_answers_create(&answers, &s, NULL), LOY_EINVAL);
	s.low = 0;
	s.high = 1000001;
	assert_int_equal(loy_answers_create(&answers, &s, NULL), LOY_EINVAL);
	half.allocate = faulty_allocator(&(struct faulty){0}).allocate; /* one function of three */
	assert_int_equal(loy_answers_create(&answers, &good, &half), LOY_EINVAL);
	assert_int_equal(loy_answers_net(stars, &bands, &net), LOY_EINVAL); /* a size that is none */
	assert_int_equal(loy_answers_net(stars, NULL, &net), LOY_EINVAL);   /* 0 to 5 has no usual bands */
	assert_int_equal(loy_answers_net(wide, NULL, &net), LOY_EINVAL);
	assert_int_equal(loy_answers_count(NULL, 1, 1), LOY_EINVAL);
	assert_int_equal(loy_answers_get(NULL, 1, &rows, NULL), LOY_EINVAL);
	loy_answers_destroy(stars);
	loy_answers_destroy(wide);
}

static void sums_beyond_what_can_be_counted_change_nothing(void **state)
{
	static double values[256], weights[256];
	const double nobody[] = {NAN};
	loy_answers *answers = scale_of((loy_scale){.low = 0, .high = 10}), *full;
	loy_table table = columns(values, 256, 1, weights), none = columns(nobody, 1, 1, NULL);
	loy_error error = {.struct_size = sizeof(error)};
	uint64_t rows, missing;
	size_t i;

	(void)state;
	for (i = 0; i < 256; i++)
		weights[i] =
		        0x1.fffffffffffffp39; /* its square on the grid is near 2^120: 128 of them are too many */
	assert_int_equal(loy_answers_add(answers, &table, 0, &error), LOY_EOVERFLOW);
	assert_true(strstr(error.message, "beyond") != NULL);
	table.rows = 100;
	assert_int_equal(loy_answers_add(answers, &table, 0, NULL), LOY_OK);
	assert_int_equal(loy_answers_add(answers, &table, 0, &error), LOY_EOVERFLOW); /* with what is there */
	assert_int_equal(loy_answers_get(answers, 0, &rows, NULL), LOY_OK);
	assert_int_equal(rows, 100);
	/* Those who gave no answer: doubled 63 times, and once more. */
	full = scale_of((loy_scale){.low = 0, .high = 10});
	assert_int_equal(loy_answers_add(full, &none, 0, NULL), LOY_OK);
	for (i = 0; i < 63; i++)
		assert_int_equal(loy_answers_merge(full, full), LOY_OK);
	missing = loy_answers_missing(full);
	assert_true(missing == UINT64_C(1) << 63);
	assert_int_equal(loy_answers_merge(full, full), LOY_EOVERFLOW);
	assert_true(loy_answers_missing(full) == missing);
	loy_answers_destroy(answers);
	loy_answers_destroy(full);
}

static void weights_that_are_no_weights(void **state)
{
	const double values[] = {5}, large[] = {0x1p40}, unsure[] = {NAN}, nothing[] = {0};
	loy_answers *answers = scale_of((loy_scale){.low = 0, .high = 10});
	loy_table table = columns(values, 1, 1, large);
	loy_net net = {.struct_size = sizeof(net)};

	(void)state;
	assert_int_equal(loy_answers_add(answers, &table, 0, NULL), LOY_ERANGE);
	table.weights = unsure;
	assert_int_equal(loy_answers_add(answers, &table, 0, NULL), LOY_ERANGE);
	table.weights = nothing;
	assert_int_equal(loy_answers_add(answers, &table, 0, NULL), LOY_OK); /* stands for nobody */
	assert_int_equal(loy_answers_net(answers, NULL, &net), LOY_EUNKNOWN);
	loy_answers_destroy(answers);
}

static void nonsense_is_refused(void **state)
{
	loy_answers *answers = scale_of((loy_scale){.low = 0, .high = 10, .step = 2});
	const loy_net good = {.struct_size = sizeof(good), .score = 10.0, .deviation = 2.0};
	loy_net bad[5];
	loy_difference d = {.struct_size = sizeof(d)};
	loy_share share = {.struct_size = sizeof(share)};
	loy_interval limits = {.struct_size = sizeof(limits)};
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		bad[i] = good;
	bad[0].struct_size = 3;
	bad[1].score = NAN;
	bad[2].score = -100.5;
	bad[3].deviation = -1.0;
	bad[4].deviation = NAN;
	for (i = 0; i < 5; i++) {
		assert_int_equal(loy_net_difference(&bad[i], &good, 0.0, &d), LOY_EINVAL);
		assert_int_equal(loy_net_difference(&good, &bad[i], 0.0, &d), LOY_EINVAL);
	}
	assert_int_equal(loy_net_difference(NULL, &good, 0.0, &d), LOY_EINVAL);
	assert_int_equal(loy_net_difference(&good, NULL, 0.0, &d), LOY_EINVAL);
	assert_int_equal(loy_net_difference(&good, &good, 1.0, &d), LOY_EINVAL);
	assert_int_equal(loy_net_difference(&good, &good, 0.9, &d), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 4, 3), LOY_OK);
	assert_int_equal(loy_answers_share(NULL, 0, 2, &share), LOY_EINVAL);
	assert_int_equal(loy_answers_share(answers, 1, 4, &share),
	                 LOY_EINVAL); /* an end between two points */
	assert_int_equal(loy_answers_share(answers, 0, 3, &share), LOY_EINVAL);
	assert_int_equal(loy_answers_share_interval(NULL, 0, 2, LOY_SURVEY_EXACT, 0.0, &limits), LOY_EINVAL);
	assert_int_equal(loy_answers_share_interval(answers, 0, 2, LOY_SURVEY_EXACT, 0.0, &limits), LOY_OK);
	assert_true(limits.low == 0.0 && limits.high > 0.0);
	assert_int_equal(loy_answers_count(answers, 0, 999999997),
	                 LOY_OK); /* a billion with the three above */
	assert_int_equal(loy_answers_share_interval(answers, 0, 2, LOY_SURVEY_EXACT, 0.0, &limits), LOY_OK);
	assert_int_equal(loy_answers_count(answers, 0, 1), LOY_OK);
	assert_int_equal(loy_answers_share_interval(answers, 0, 2, LOY_SURVEY_EXACT, 0.0, &limits),
	                 LOY_ERANGE);
	assert_int_equal(loy_answers_share_interval(answers, 0, 2, LOY_SURVEY_SCORE, 0.0, &limits), LOY_OK);
	loy_answers_destroy(answers);
}

/* ---- gaps of service quality ---- */

static void service_that_does_not_vary_has_no_test(void **state)
{
	/* Three respondents see each item one point below what they expected: the gap does not vary, its parts do. */
	const double values[] = {5, 4, 6, 5, 3, 2}, weights[] = {1, 2, 1};
	static const uint32_t expectation[] = {0}, perception[] = {1}, dimension[] = {0};
	const double zero[] = {1e101};
	loy_service s = {.struct_size = sizeof(s),
	                 .items = 1,
	                 .perception = perception,
	                 .dimension = dimension,
	                 .dimensions = 1};
	loy_table table = columns(values, 3, 2, weights);
	loy_moments *moments = NULL;
	loy_service_gap overall;
	loy_allocator half = {0};

	(void)state;
	assert_int_equal(loy_moments_create(&moments, 2, LOY_MISSING_LISTWISE, NULL), LOY_OK);
	assert_int_equal(loy_moments_add(moments, &table, NULL), LOY_OK);
	s.expectation = expectation;
	assert_int_equal(loy_service_gaps(moments, &s, NULL, NULL, &overall, NULL, NULL), LOY_OK);
	assert_true(overall.gap == -1.0 && overall.spread == 0.0 && isnan(overall.t) && isnan(overall.p));
	assert_true(overall.n == 4.0); /* weights are repeated rows */
	s.weighting = LOY_WEIGHT_SURVEY;
	assert_int_equal(loy_service_gaps(moments, &s, NULL, NULL, &overall, NULL, NULL), LOY_OK);
	assert_true(overall.n == 3.0);
	s.dimension = NULL;
	assert_int_equal(loy_service_gaps(moments, &s, NULL, NULL, &overall, NULL, NULL), LOY_EINVAL);
	s.dimension = dimension;
	s.dimensions = 0;
	assert_int_equal(loy_service_gaps(moments, &s, NULL, NULL, &overall, NULL, NULL), LOY_EINVAL);
	s.dimensions = 1;
	s.weights = zero;
	assert_int_equal(loy_service_gaps(moments, &s, NULL, NULL, &overall, NULL, NULL), LOY_EINVAL);
	s.weights = NULL;
	half.allocate = faulty_allocator(&(struct faulty){0}).allocate;
	assert_int_equal(loy_service_gaps(moments, &s, NULL, NULL, &overall, &half, NULL), LOY_EINVAL);
	loy_moments_destroy(moments);
}

/* ---- items ---- */

static loy_items *items_of(const loy_items_options *options, const loy_table *table)
{
	loy_items_options o = *options;
	loy_items *items = NULL;

	o.struct_size = sizeof(o);
	assert_int_equal(loy_items_create(&items, &o, NULL), LOY_OK);
	if (table != NULL)
		assert_int_equal(loy_items_add(items, table, NULL), LOY_OK);
	return items;
}

static void blocks_that_differ_in_one_thing_do_not_merge(void **state)
{
	static const int8_t turned[] = {1, -1}, plain[] = {1, 1};
	static const loy_items_options options[] = {
	        {.count = 2, .low = 1, .high = 7, .keys = plain},
	        {.count = 3, .low = 1, .high = 7},
	        {.count = 2, .low = 1, .high = 7, .missing = LOY_MISSING_PAIRWISE},
	        {.count = 2, .low = 1, .high = 7, .weighting = LOY_WEIGHT_SURVEY},
	        {.count = 2},
	        {.count = 2, .low = 0, .high = 7},
	        {.count = 2, .low = 1, .high = 5},
	        {.count = 2, .low = 1, .high = 7, .keys = turned}};
	loy_items *items[8];
	int i, j;

	(void)state;
	for (i = 0; i < 8; i++)
		items[i] = items_of(&options[i], NULL);
	for (i = 0; i < 8; i++) {
		for (j = 0; j < 8; j++)
			assert_int_equal(loy_items_merge(items[i], items[j]), i == j ? LOY_OK : LOY_EINVAL);
		assert_int_equal(loy_items_merge(items[i], NULL), LOY_EINVAL);
	}
	for (i = 0; i < 8; i++)
		loy_items_destroy(items[i]);
}

static void rows_of_items_are_refused_by_their_place(void **state)
{
	const double values[] = {1, 2, 3, 4, 5, -9, 6, 7}, weights[] = {1, 1, -1, 1}, codes[] = {-9};
	const loy_items_options bounded = {.count = 2, .low = 1, .high = 7};
	loy_table table = columns(values, 4, 2, weights);
	loy_items *items = items_of(&bounded, NULL);
	loy_error error = {.struct_size = sizeof(error)};
	loy_reliability r = {.struct_size = sizeof(r)};

	(void)state;
	assert_int_equal(loy_items_add(items, &table, &error), LOY_ERANGE); /* below the scale, and no code */
	assert_true(error.row == 2 && error.field == 1);
	table.codes = codes;
	table.code_count = 1;
	error.row = -1;
	assert_int_equal(loy_items_add(items, &table, &error), LOY_ERANGE); /* the weight */
	assert_int_equal(error.row, 2);
	assert_int_equal(loy_items_add(items, &table, NULL), LOY_ERANGE);
	table.weights = NULL;
	assert_int_equal(loy_items_add(items, &table, &error), LOY_OK);
	assert_int_equal(loy_items_analyse(items, &r, NULL, NULL, NULL, NULL), LOY_OK);
	assert_true(r.complete == 3.0);
	loy_items_destroy(items);
}

static void too_many_rows_of_items(void **state)
{
	const double values[] = {1, 2, 3, 5};
	const loy_items_options plain = {.count = 2};
	loy_table table = columns(values, 2, 2, NULL);
	loy_items *items = items_of(&plain, &table);
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = LOY_OK;
	int doublings;

	(void)state;
	for (doublings = 0; status == LOY_OK && doublings < 64; doublings++)
		status = loy_items_merge(items, items);
	assert_true(status == LOY_EOVERFLOW || status == LOY_ELIMIT);
	assert_int_equal(doublings,
	                 40); /* 2 rows, and at most 2^40 are counted: the 40th doubling is refused */
	assert_int_equal(loy_items_add(items, &table, &error), status);
	assert_true(strstr(error.message, "more rows") != NULL);
	loy_items_destroy(items);
}

static void items_that_cancel_or_never_meet(void **state)
{
	/* Columns: an item, another, and the other turned round: the rest of the first does not vary. */
	const double cancel[] = {1, 1, 7, 2, 3, 5, 4, 2, 6, 3, 6, 2, 5, 4, 4};
	/* The first two are answered together in two rows, where the first is the same. */
	const double apart[] = {3, 1, 1, 3, 2, 5, 1, NAN, 2, 5, NAN, 4, 4, NAN, 7};
	const double few[] = {3, 1, NAN, 1, NAN, 2, NAN, 4, 4, 2, 6, NAN, 5, NAN, 1, NAN, 3, 6};
	const loy_items_options plain = {.count = 3}, pairs = {.count = 3, .missing = LOY_MISSING_PAIRWISE};
	loy_table table = columns(cancel, 5, 3, NULL);
	loy_items *items = items_of(&plain, &table);
	loy_error error = {.struct_size = sizeof(error)};
	loy_reliability r = {.struct_size = sizeof(r)};
	loy_allocator half = {0};
	loy_item each[3];
	double eigenvalues[3];

	(void)state;
	assert_int_equal(loy_items_analyse(items, &r, each, eigenvalues, NULL, &error), LOY_OK);
	assert_true(isnan(each[0].with_rest) && isnan(each[0].alpha_without));
	assert_true(isnan(r.lambda6) && isnan(r.bartlett) && r.negative == 2);
	half.allocate = faulty_allocator(&(struct faulty){0}).allocate;
	assert_int_equal(loy_items_analyse(items, &r, each, NULL, &half, &error), LOY_EINVAL);
	loy_items_destroy(items);
	table.values = apart;
	items = items_of(&pairs, &table);
	assert_int_equal(loy_items_analyse(items, &r, each, eigenvalues, NULL, &error), LOY_ERANGE);
	loy_items_destroy(items);
	/* No row is complete: the test counts less rows than it takes away, and says nothing. */
	table.values = few;
	table.rows = 6;
	items = items_of(&pairs, &table);
	if (loy_items_analyse(items, &r, each, eigenvalues, NULL, &error) != LOY_OK)
		fail_msg("%s", error.message);
	assert_true(r.complete == 0.0 && isnan(r.bartlett_p));
	loy_items_destroy(items);
}

static void weights_of_respondents_count_rows(void **state)
{
	const double values[] = {1, 2, 2, 3, 4, 3, 5, 5}, weights[] = {0.1, 0.2, 0.3, 0.2};
	const loy_items_options survey = {.count = 2, .weighting = LOY_WEIGHT_SURVEY}, plain = {.count = 2};
	loy_table table = columns(values, 4, 2, weights);
	loy_items *items = items_of(&survey, &table);
	loy_reliability r = {.struct_size = sizeof(r)};
	loy_item each[2];

	(void)state;
	assert_int_equal(loy_items_analyse(items, &r, each, NULL, NULL, NULL), LOY_OK);
	assert_true(r.n == 4.0 && r.complete == 4.0 && each[1].n == 4.0 && r.alpha_low < r.alpha &&
	            r.alpha < r.alpha_high);
	loy_items_destroy(items);
	items = items_of(&plain, &table); /* less than one row in all */
	assert_int_equal(loy_items_analyse(items, &r, each, NULL, NULL, NULL), LOY_EUNKNOWN);
	loy_items_destroy(items);
}

static void hostile_blocks_and_maps(void **state)
{
	loy_items_options o = {.struct_size = 3, .count = 2};
	loy_items *items = NULL;
	loy_allocator half = {0};
	loy_priority d[1] = {{.importance = 0.5, .performance = -1}};
	loy_priority_lines lines = {.struct_size = sizeof(lines)};
	double index = 7.0;

	(void)state;
	assert_int_equal(loy_items_create(&items, &o, NULL), LOY_EINVAL);
	o.struct_size = sizeof(o);
	o.high = 0x1p19;
	assert_int_equal(loy_items_create(&items, &o, NULL), LOY_EINVAL);
	o.low = -0x1p19;
	o.high = 0.0;
	assert_int_equal(loy_items_create(&items, &o, NULL), LOY_EINVAL);
	o.low = 0.0;
	half.allocate = faulty_allocator(&(struct faulty){0}).allocate;
	assert_int_equal(loy_items_create(&items, &o, &half), LOY_EINVAL);
	assert_null(items);
	assert_int_equal(loy_items_add(NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_priority_map(d, 1, &lines, NULL), LOY_ERANGE);
	d[0].performance = NAN;
	assert_int_equal(loy_priority_map(d, 1, &lines, NULL), LOY_ERANGE);
	d[0].performance = 50;
	assert_int_equal(loy_priority_map(d, 10001, &lines, NULL), LOY_EINVAL);
	lines.struct_size = 1;
	assert_int_equal(loy_priority_map(d, 1, &lines, NULL), LOY_EINVAL);
	lines.struct_size = sizeof(lines);
	lines.given = 1;
	lines.importance = NAN;
	assert_int_equal(loy_priority_map(d, 1, &lines, NULL), LOY_EINVAL);
	lines.importance = 0.5;
	lines.performance = 60.0;
	assert_int_equal(loy_priority_map(d, 1, &lines, NULL), LOY_OK);
	assert_int_equal(d[0].quadrant, LOY_PRIORITY_FIX);
	assert_int_equal(loy_index_from_mean(0.0, -DBL_MAX, DBL_MAX, &index), LOY_ERANGE);
	assert_int_equal(loy_index_from_mean(0.5, 1.0, 7.0, &index), LOY_ERANGE);
	assert_true(index == 7.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(scales_that_differ_in_one_thing_do_not_merge),
	        cmocka_unit_test(scales_and_bands_at_their_limits),
	        cmocka_unit_test(sums_beyond_what_can_be_counted_change_nothing),
	        cmocka_unit_test(weights_that_are_no_weights),
	        cmocka_unit_test(nonsense_is_refused),
	        cmocka_unit_test(service_that_does_not_vary_has_no_test),
	        cmocka_unit_test(blocks_that_differ_in_one_thing_do_not_merge),
	        cmocka_unit_test(rows_of_items_are_refused_by_their_place),
	        cmocka_unit_test(too_many_rows_of_items),
	        cmocka_unit_test(items_that_cancel_or_never_meet),
	        cmocka_unit_test(weights_of_respondents_count_rows),
	        cmocka_unit_test(hostile_blocks_and_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
