/*
 * Items of a block: by hand, reversed keys, missing answers, any order and split, flaws named,
 * importance-performance maps, hostile arguments and memory.
 */
#include "regressions.h"

#include <math.h>

static loy_items *items_of(const struct sheet *s, const int8_t *keys, uint32_t missing)
{
	loy_items_options o = {
	        .struct_size = sizeof(o), .count = s->columns, .missing = missing, .keys = keys};
	loy_table table = sheet_table(s);
	loy_items *items = NULL;

	o.low = 1.0;
	o.high = 7.0;
	assert_int_equal(loy_items_create(&items, &o, NULL), LOY_OK);
	assert_int_equal(loy_items_add(items, &table, NULL), LOY_OK);
	return items;
}

static loy_reliability analyse(const loy_items *items, loy_item *each, double *eigenvalues)
{
	loy_reliability r = {.struct_size = sizeof(r)};
	loy_error error = {.struct_size = sizeof(error)};

	if (loy_items_analyse(items, &r, each, eigenvalues, NULL, &error) != LOY_OK)
		fail_msg("%s", error.message);
	return r;
}

/* Answers from 1 to 7 that share something. */
static struct sheet *invent(size_t rows, uint32_t columns, uint64_t seed)
{
	struct sheet *s = sheet_new(rows, columns);
	loy__random r;
	size_t i;
	uint32_t j;

	loy__random_init(&r, seed);
	for (i = 0; i < rows; i++) {
		double common = 4.0 * loy__random_unit(&r);

		for (j = 0; j < columns; j++)
			s->values[i * columns + j] = floor(1.0 + common + 3.0 * loy__random_unit(&r));
	}
	return s;
}

/* Two items: alpha is Spearman and Brown's of their correlation when variances are equal. */
static void two_items_by_hand(void **state)
{
	static const double rows[4][2] = {{1, 2}, {2, 1}, {3, 4}, {4, 3}};
	struct sheet *s = sheet_new(4, 2);
	loy_items *items;
	loy_item each[2];
	double eigenvalues[2];
	loy_reliability r;

	(void)state;
	memcpy(s->values, rows, sizeof(rows));
	items = items_of(s, NULL, LOY_MISSING_LISTWISE);
	r = analyse(items, each, eigenvalues);
	/* correlation 3/5 */
	assert_close(r.mean_r, 0.6, 1e-14, 0.0);
	assert_close(r.alpha, 1.2 / 1.6, 1e-14, 0.0);
	assert_close(r.alpha_standardised, 0.75, 1e-14, 0.0);
	assert_close(r.signal_to_noise, 3.0, 1e-13, 0.0);
	assert_close(r.lambda6, 1.0 - 2.0 * 0.64 / 3.2, 1e-14, 0.0);
	assert_close(each[0].with_rest, 0.6, 1e-14, 0.0);
	assert_close(each[0].with_score, sqrt(0.8), 1e-14, 0.0);
	assert_close(each[0].multiple, 0.36, 1e-13, 0.0);
	assert_close(eigenvalues[0], 1.6, 1e-14, 0.0);
	assert_close(eigenvalues[1], 0.4, 1e-14, 0.0);
	assert_close(r.kmo, 0.5, 1e-14, 0.0);
	assert_close(r.mean, 2.5, 1e-15, 0.0);
	assert_close(r.bartlett, -(3.0 - 9.0 / 6.0) * log(0.64), 1e-13, 0.0);
	assert_close(each[1].kurtosis, 1.64 - 3.0, 1e-13, 0.0); /* 1 to 4 each once: 10.25 / 4 over 1.25² */
	assert_close(each[1].skewness, 0.0, 0.0, 1e-13);
	assert_true(isnan(each[0].alpha_without));
	assert_int_equal(r.negative, 0);
	loy_items_destroy(items);
	sheet_free(s);
}

/* alpha = k / (k - 1) (1 - sum of variances / variance of the sum), from the rows themselves. */
static double alpha_of_rows(const struct sheet *s, uint32_t without)
{
	double own = 0.0, sum = 0.0, squares = 0.0, k = 0.0, n = (double)s->rows;
	uint32_t j;
	size_t i;

	for (j = 0; j < s->columns; j++) {
		double one = 0.0, square = 0.0;

		if (j == without)
			continue;
		for (i = 0; i < s->rows; i++) {
			one += s->values[i * s->columns + j];
			square += s->values[i * s->columns + j] * s->values[i * s->columns + j];
		}
		own += square - one * one / n;
		k += 1.0;
	}
	for (i = 0; i < s->rows; i++) {
		double total = 0.0;

		for (j = 0; j < s->columns; j++)
			total += j == without ? 0.0 : s->values[i * s->columns + j];
		sum += total;
		squares += total * total;
	}
	return k / (k - 1.0) * (1.0 - own / (squares - sum * sum / n));
}

static void alpha_from_rows(void **state)
{
	struct sheet *s = invent(300, 6, 4);
	loy_items *items = items_of(s, NULL, LOY_MISSING_LISTWISE);
	loy_item each[6];
	loy_reliability r = analyse(items, each, NULL);
	uint32_t j;

	(void)state;
	assert_close(r.alpha, alpha_of_rows(s, 99), 1e-12, 0.0);
	assert_true(r.alpha_low < r.alpha && r.alpha < r.alpha_high && r.alpha_deviation > 0.0);
	assert_true(r.n == 300.0 && r.complete == 300.0);
	for (j = 0; j < 6; j++)
		assert_close(each[j].alpha_without, alpha_of_rows(s, j), 1e-12, 0.0);
	loy_items_destroy(items);
	sheet_free(s);
}

static void reversed_items_are_turned_by_the_ends_of_their_scale(void **state)
{
	static const int8_t keys[4] = {1, -1, 1, -1};
	struct sheet *s = invent(200, 4, 7), *turned = invent(200, 4, 7);
	loy_items *items, *plain;
	loy_item each[4], same[4];
	loy_reliability r, q;
	size_t i;

	(void)state;
	for (i = 0; i < 200; i++) {
		turned->values[4 * i + 1] = 8.0 - turned->values[4 * i + 1];
		turned->values[4 * i + 3] = 8.0 - turned->values[4 * i + 3];
	}
	items = items_of(turned, keys, LOY_MISSING_LISTWISE);
	plain = items_of(s, NULL, LOY_MISSING_LISTWISE);
	r = analyse(items, each, NULL);
	q = analyse(plain, same, NULL);
	assert_memory_equal(&r, &q, sizeof(r));
	assert_memory_equal(each, same, sizeof(each));
	loy_items_destroy(items);
	items = items_of(turned, NULL, LOY_MISSING_LISTWISE); /* somebody forgot */
	r = analyse(items, NULL, NULL);
	assert_true(r.alpha < 0.0 && r.negative > 0);
	loy_items_destroy(items);
	loy_items_destroy(plain);
	sheet_free(s);
	sheet_free(turned);
}

static void order_and_split_change_no_bit(void **state)
{
	struct sheet *s = invent(1500, 5, 9);
	loy_items_options o = {.struct_size = sizeof(o), .count = 5, .missing = LOY_MISSING_PAIRWISE};
	loy_items *whole = NULL, *a = NULL, *b = NULL;
	loy_item each[5], other[5];
	double values[5], other_values[5];
	loy_reliability r, q;
	loy_table table = sheet_table(s);
	size_t i;

	(void)state;
	s->values[17] = s->values[1200] = s->values[5000] = NAN;
	for (i = 0; i < 5; i++)
		s->values[3000 + i] = NAN; /* nothing at all */
	assert_int_equal(loy_items_create(&whole, &o, NULL), LOY_OK);
	assert_int_equal(loy_items_create(&a, &o, NULL), LOY_OK);
	assert_int_equal(loy_items_create(&b, &o, NULL), LOY_OK);
	assert_int_equal(loy_items_add(whole, &table, NULL), LOY_OK);
	table = sheet_rows(s, 1100, 400);
	assert_int_equal(loy_items_add(b, &table, NULL), LOY_OK);
	table = sheet_rows(s, 0, 7);
	assert_int_equal(loy_items_add(b, &table, NULL), LOY_OK);
	table = sheet_rows(s, 7, 1093);
	assert_int_equal(loy_items_add(a, &table, NULL), LOY_OK);
	assert_int_equal(loy_items_merge(a, b), LOY_OK);
	r = analyse(whole, each, values);
	q = analyse(a, other, other_values);
	assert_memory_equal(&r, &q, sizeof(r));
	assert_memory_equal(each, other, sizeof(each));
	assert_memory_equal(values, other_values, sizeof(values));
	assert_true(r.n == 1499.0 && r.complete == 1496.0);
	loy_items_destroy(whole);
	loy_items_destroy(a);
	loy_items_destroy(b);
	sheet_free(s);
}

static void weights_are_repeated_rows(void **state)
{
	struct sheet *s = invent(60, 3, 3), *repeated = sheet_new(120, 3);
	loy_items *items, *other;
	loy_item each[3], same[3];
	loy_reliability r, q;
	size_t i, at = 0;

	(void)state;
	s->weights = calloc(60, sizeof(double));
	for (i = 0; i < 60; i++) {
		s->weights[i] = 1.0 + (double)(i % 3);
		for (size_t k = 0; k < 1 + i % 3; k++, at++)
			memcpy(repeated->values + 3 * at, s->values + 3 * i, 3 * sizeof(double));
	}
	assert_int_equal(at, 120);
	items = items_of(s, NULL, LOY_MISSING_LISTWISE);
	other = items_of(repeated, NULL, LOY_MISSING_LISTWISE);
	r = analyse(items, each, NULL);
	q = analyse(other, same, NULL);
	assert_close(r.alpha, q.alpha, 1e-13, 0.0);
	assert_close(r.alpha_deviation, q.alpha_deviation, 1e-12, 0.0);
	assert_close(r.bartlett, q.bartlett, 1e-12, 0.0);
	for (i = 0; i < 3; i++) {
		assert_close(each[i].skewness, same[i].skewness, 1e-11, 1e-12);
		assert_close(each[i].with_score, same[i].with_score, 1e-12, 0.0);
	}
	loy_items_destroy(items);
	loy_items_destroy(other);
	sheet_free(s);
	sheet_free(repeated);
}

static void constant_and_duplicate_items_are_named_not_hidden(void **state)
{
	struct sheet *s = invent(50, 3, 3);
	loy_reliability r = {.struct_size = sizeof(r)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_item each[3];
	loy_items *items;
	size_t i;

	(void)state;
	for (i = 0; i < 50; i++)
		s->values[3 * i + 2] = s->values[3 * i];
	items = items_of(s, NULL, LOY_MISSING_LISTWISE);
	r = analyse(items, each, NULL); /* the same question twice: no inverse, the rest stands */
	assert_true(isnan(r.kmo) && isnan(r.lambda6) && isnan(r.bartlett) && isnan(each[0].multiple));
	assert_close(r.alpha, alpha_of_rows(s, 99), 1e-12, 0.0);
	loy_items_destroy(items);
	for (i = 0; i < 50; i++)
		s->values[3 * i + 1] = 4.0;
	items = items_of(s, NULL, LOY_MISSING_LISTWISE);
	assert_int_equal(loy_items_analyse(items, &r, NULL, NULL, NULL, &error), LOY_ERANGE);
	assert_int_equal(error.field, 1);
	loy_items_destroy(items);
	s->rows = 1;
	items = items_of(s, NULL, LOY_MISSING_LISTWISE);
	assert_int_equal(loy_items_analyse(items, &r, NULL, NULL, NULL, NULL), LOY_EUNKNOWN);
	loy_items_destroy(items);
	sheet_free(s);
}

static void answers_beyond_the_scale_are_refused_and_change_nothing(void **state)
{
	struct sheet *s = invent(20, 3, 3);
	loy_items *items = items_of(s, NULL, LOY_MISSING_LISTWISE);
	loy_reliability before = analyse(items, NULL, NULL), after;
	loy_table table = sheet_table(s);
	loy_error error = {.struct_size = sizeof(error)};

	(void)state;
	s->values[3 * 13 + 1] = 8.0;
	assert_int_equal(loy_items_add(items, &table, &error), LOY_ERANGE);
	assert_int_equal(error.row, 13);
	assert_int_equal(error.field, 1);
	s->values[3 * 13 + 1] = INFINITY;
	assert_int_equal(loy_items_add(items, &table, NULL), LOY_ERANGE);
	table.columns = 2;
	assert_int_equal(loy_items_add(items, &table, NULL), LOY_EINVAL);
	assert_int_equal(loy_items_add(items, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_items_add(NULL, &table, NULL), LOY_EINVAL);
	s->weights = calloc(20, sizeof(double));
	s->values[3 * 13 + 1] = 4.0;
	s->weights[19] = -1.0;
	table = sheet_table(s);
	assert_int_equal(loy_items_add(items, &table, &error), LOY_ERANGE);
	assert_int_equal(error.row, 19);
	after = analyse(items, NULL, NULL);
	assert_memory_equal(&before, &after, sizeof(before));
	loy_items_destroy(items);
	sheet_free(s);
}

static loy_status create_with(loy_items_options o)
{
	loy_items *items = (loy_items *)&o;
	loy_status status = loy_items_create(&items, &o, NULL);

	assert_null(items);
	return status;
}

static void hostile_options(void **state)
{
	static const int8_t zero[3] = {1, 0, 1}, turned[3] = {1, -1, 1};
	const loy_items_options good = {.struct_size = sizeof(good), .count = 3};
	loy_items_options o = good;
	loy_items *items = NULL, *other = NULL;
	loy_reliability r = {.struct_size = sizeof(r)};

	(void)state;
	o.count = 1;
	assert_int_equal(create_with(o), LOY_EINVAL);
	o.count = LOY_ITEMS_MAX + 1;
	assert_int_equal(create_with(o), LOY_ELIMIT);
	o = good;
	o.missing = LOY_MISSING_MEAN;
	assert_int_equal(create_with(o), LOY_EINVAL);
	o = good;
	o.weighting = 2;
	assert_int_equal(create_with(o), LOY_EINVAL);
	o = good;
	o.keys = zero;
	assert_int_equal(create_with(o), LOY_EINVAL);
	o.keys = turned; /* by which ends? */
	assert_int_equal(create_with(o), LOY_EINVAL);
	o.low = 7.0;
	o.high = 1.0;
	assert_int_equal(create_with(o), LOY_EINVAL);
	o.low = NAN;
	assert_int_equal(create_with(o), LOY_EINVAL);
	assert_int_equal(loy_items_create(NULL, &good, NULL), LOY_EINVAL);
	assert_int_equal(loy_items_create(&items, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_items_create(&items, &good, NULL), LOY_OK);
	o.low = 1.0;
	o.high = 7.0;
	assert_int_equal(loy_items_create(&other, &o, NULL), LOY_OK);
	assert_int_equal(loy_items_merge(items, other), LOY_EINVAL);
	assert_int_equal(loy_items_merge(NULL, other), LOY_EINVAL);
	assert_int_equal(loy_items_analyse(items, &r, NULL, NULL, NULL, NULL), LOY_EUNKNOWN);
	assert_int_equal(loy_items_analyse(items, NULL, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_items_analyse(NULL, &r, NULL, NULL, NULL, NULL), LOY_EINVAL);
	loy_items_destroy(items);
	loy_items_destroy(other);
	loy_items_destroy(NULL);
}

static void out_of_memory(void **state)
{
	struct sheet *s = invent(30, 3, 3);
	loy_items_options o = {.struct_size = sizeof(o), .count = 3};
	loy_table table = sheet_table(s);
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_items *items = NULL;
		loy_reliability r = {.struct_size = sizeof(r)};

		status = loy_items_create(&items, &o, &memory);
		assert_true((items != NULL) == (status == LOY_OK));
		if (status == LOY_OK)
			status = loy_items_add(items, &table, NULL);
		if (status == LOY_OK)
			status = loy_items_analyse(items, &r, NULL, NULL, &memory, NULL);
		loy_items_destroy(items);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 10);
	sheet_free(s);
}

/* ---- importance and performance ---- */

static void quadrants_and_ranks(void **state)
{
	loy_priority d[5] = {{.importance = 0.5, .performance = 80},
	                     {.importance = 0.4, .performance = 40},
	                     {.importance = 0.1, .performance = 90},
	                     {.importance = 0.05, .performance = 30},
	                     {.importance = -0.05, .performance = 60}};
	loy_priority_lines lines = {.struct_size = sizeof(lines)};

	(void)state;
	assert_int_equal(loy_priority_map(d, 5, &lines, NULL), LOY_OK);
	assert_close(lines.importance, 0.2, 1e-15, 0.0);
	assert_close(lines.performance, 60.0, 1e-15, 0.0);
	assert_int_equal(d[0].quadrant, LOY_PRIORITY_KEEP);
	assert_int_equal(d[1].quadrant, LOY_PRIORITY_FIX);
	assert_int_equal(d[2].quadrant, LOY_PRIORITY_EXCESS);
	assert_int_equal(d[3].quadrant, LOY_PRIORITY_LOW);
	assert_int_equal(d[4].quadrant, LOY_PRIORITY_EXCESS); /* on the line counts as above */
	assert_int_equal(d[1].rank, 1);                       /* 0.4 times 60 */
	assert_int_equal(d[0].rank, 2);                       /* 0.5 times 20 */
	assert_int_equal(d[3].rank, 3);
	assert_int_equal(d[2].rank, 4);
	assert_int_equal(d[4].rank, 5);
	assert_true(d[4].gain == 0.0 && d[0].gain == 0.5);
	lines.given = 1;
	lines.importance = 0.45;
	lines.performance = 35.0;
	assert_int_equal(loy_priority_map(d, 5, &lines, NULL), LOY_OK);
	assert_int_equal(d[1].quadrant, LOY_PRIORITY_EXCESS);
	assert_true(lines.importance == 0.45);
}

static void hostile_maps(void **state)
{
	loy_priority d[2] = {{.importance = 0.5, .performance = 80}, {.importance = 0.4, .performance = 140}};
	loy_priority_lines lines = {.struct_size = sizeof(lines)};
	loy_error error = {.struct_size = sizeof(error)};
	double index = 7.0;

	(void)state;
	assert_int_equal(loy_priority_map(d, 2, &lines, &error), LOY_ERANGE);
	assert_int_equal(error.row, 1);
	d[1].performance = 50;
	d[0].importance = NAN;
	assert_int_equal(loy_priority_map(d, 2, &lines, &error), LOY_ERANGE);
	assert_int_equal(error.row, 0);
	assert_int_equal(loy_priority_map(d, 0, &lines, NULL), LOY_EINVAL);
	assert_int_equal(loy_priority_map(NULL, 1, &lines, NULL), LOY_EINVAL);
	assert_int_equal(loy_priority_map(d, 1, NULL, NULL), LOY_EINVAL);
	lines.given = 2;
	assert_int_equal(loy_priority_map(d, 1, &lines, NULL), LOY_EINVAL);
	lines.given = 1;
	lines.performance = INFINITY;
	assert_int_equal(loy_priority_map(d, 1, &lines, NULL), LOY_EINVAL);
	assert_int_equal(loy_index_from_mean(8.0, 1.0, 7.0, &index), LOY_ERANGE);
	assert_int_equal(loy_index_from_mean(4.0, 7.0, 1.0, &index), LOY_ERANGE);
	assert_int_equal(loy_index_from_mean(NAN, 1.0, 7.0, &index), LOY_ERANGE);
	assert_int_equal(loy_index_from_mean(4.0, 1.0, 7.0, NULL), LOY_EINVAL);
	assert_true(index == 7.0);
	assert_int_equal(loy_index_from_mean(4.0, 1.0, 7.0, &index), LOY_OK);
	assert_true(index == 50.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(two_items_by_hand),
	        cmocka_unit_test(alpha_from_rows),
	        cmocka_unit_test(reversed_items_are_turned_by_the_ends_of_their_scale),
	        cmocka_unit_test(order_and_split_change_no_bit),
	        cmocka_unit_test(weights_are_repeated_rows),
	        cmocka_unit_test(constant_and_duplicate_items_are_named_not_hidden),
	        cmocka_unit_test(answers_beyond_the_scale_are_refused_and_change_nothing),
	        cmocka_unit_test(hostile_options),
	        cmocka_unit_test(out_of_memory),
	        cmocka_unit_test(quadrants_and_ranks),
	        cmocka_unit_test(hostile_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
