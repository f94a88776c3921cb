/*
 * Tables that are recorded with threads give what one thread gives: the same fates of rows, the same state. Customers
 * who have more rows than a thread sorts together, rows that a record refuses, new customers, other events among the
 * purchases, memory that ends, and more threads than there is work for.
 */
#include "stores.h"

#include "store/store.h"

enum { ROWS = 120000 };

static int64_t time_of[ROWS], amount[ROWS];
static uint64_t customer[ROWS], high[ROWS], low[ROWS];
static uint16_t kind[ROWS];
static loy_status told[2][ROWS];
static loy_model *retail;

static const loy_column columns[] = {
        {LOY_FIELD_TIME, LOY_COLUMN_I64, time_of, 8, NULL, NULL},
        {LOY_FIELD_AMOUNT, LOY_COLUMN_I64, amount, 8, NULL, NULL},
        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, customer, 8, NULL, NULL},
        {LOY_FIELD_KIND, LOY_COLUMN_U16, kind, 2, NULL, NULL},
        {LOY_FIELD_IDENTITY_HIGH, LOY_COLUMN_I64, high, 8, NULL, NULL},
        {LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, low, 8, NULL, NULL},
};

static int make_model(void **state)
{
	(void)state;
	return loy_model_create_builtin(&retail, "retail", NULL);
}

static int free_model(void **state)
{
	(void)state;
	loy_model_destroy(retail);
	return 0;
}

/* Purchases over three years of so many customers, of whom half the rows are one's; some are sent twice. */
static void fill(uint64_t customers, uint64_t seed)
{
	loy__random random;
	size_t i;

	loy__random_init(&random, seed);
	for (i = 0; i < ROWS; i++) {
		time_of[i] = 19000 * LOY_DAY + (int64_t)loy__random_below(&random, 1000) * LOY_DAY;
		amount[i] = (int64_t)loy__random_below(&random, 10000);
		customer[i] = i % 2 == 0 ? 1 : 1 + loy__random_below(&random, customers);
		kind[i] = LOY_KIND_PURCHASE;
		high[i] = seed;
		low[i] = i;
		if (i % 25 == 24) { /* again, or as something else */
			low[i] = i - 7;
			time_of[i] = time_of[i - 7];
			amount[i] = i % 50 == 24 ? amount[i - 7] : 10001;
			customer[i] = customer[i - 7];
		}
	}
}

/* Record the table; the fates go to one of the two. */
static void record(loy_store *store, uint32_t threads, loy_status *fates)
{
	loy_batch_options options = {.struct_size = sizeof(options), .threads = threads};

	assert_int_equal(loy_store_record_columns(store, columns, 6, ROWS, &options, fates, NULL, NULL),
	                 LOY_OK);
}

static void assert_same(loy_store *a, loy_store *b)
{
	loy_store_stats x = stores_stats(a), y = stores_stats(b);

	assert_memory_equal(told[0], told[1], sizeof(told[0]));
	assert_int_equal(x.events, y.events);
	assert_int_equal(x.duplicates, y.duplicates);
	assert_int_equal(x.conflicts, y.conflicts);
	stores_assert_equal(a, b);
}

/* Twice: into an empty store, then to customers who are there, and some who are not. */
static void assert_threads_make_no_difference(uint32_t threads, uint32_t flags, size_t others)
{
	loy_store *one = stores_create(retail, flags), *many = stores_create(retail, flags);
	uint64_t pass;
	size_t i;

	for (pass = 1; pass <= 2; pass++) {
		fill(3000 * pass, pass);
		for (i = 0; others != 0 && i < ROWS; i += others)
			kind[i] = LOY_KIND_VISIT;
		record(one, 1, told[0]);
		record(many, threads, told[1]);
		assert_same(one, many);
	}
	assert_true((stores_stats(one).duplicates > 0 && stores_stats(one).conflicts > 0) == (flags == 0));
	loy_store_destroy(one);
	loy_store_destroy(many);
}

static void any_number_of_threads_gives_the_same(void **state)
{
	static const uint32_t threads[] = {2, 3, 5, 8, 200};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(threads); i++)
		assert_threads_make_no_difference(threads[i], i % 2 == 0 ? 0 : LOY_STORE_TRUSTED, 0);
}

static void other_events_are_left_to_the_caller(void **state)
{
	(void)state;
	assert_threads_make_no_difference(2, 0, 9);
	assert_threads_make_no_difference(4, LOY_STORE_TRUSTED, 2);
}

/* Of the first customer's 60,000 rows some 9,000 fit, and then small ones do again: in the order of rows. */
static void what_does_not_fit_is_found_by_order(void **state)
{
	loy_store *one = stores_create(retail, LOY_STORE_TRUSTED),
	          *many = stores_create(retail, LOY_STORE_TRUSTED);
	size_t i, refused = 0, after = 0;

	(void)state;
	fill(500, 3);
	record(one, 1, told[0]);
	record(many, 1, told[1]);
	for (i = 0; i < ROWS; i++)
		amount[i] = i % 2 == 0 ? LOY_MONEY_MAX - (int64_t)(i % 1000) * (LOY_MONEY_MAX / 1000) : 1;
	record(one, 1, told[0]);
	record(many, 2, told[1]);
	for (i = 0; i < ROWS; i++) {
		refused += told[1][i] == LOY_EOVERFLOW;
		after += refused != 0 && i % 2 == 0 && told[1][i] == LOY_OK;
	}
	assert_true(refused > 1000 && after > 10);
	assert_same(one, many);
	loy_store_destroy(one);
	loy_store_destroy(many);
}

/* A store that may not grow: what is in is in, and all of it once there is room. */
static void a_limit_ends_the_call_cleanly(void **state)
{
	loy_store_options options = {.struct_size = sizeof(options)};
	loy_batch_options batch = {.struct_size = sizeof(batch), .threads = 2};
	loy_store *whole = stores_create(retail, 0), *part;
	uint64_t limit;
	size_t i, stopped = 0;

	(void)state;
	fill(20000, 5);
	record(whole, 1, told[0]);
	for (limit = 2 << 20; limit < 24 << 20; limit += 1 << 20) {
		size_t in = 0;
		loy_status status;

		options.memory_limit = limit;
		assert_int_equal(loy_store_create(&part, retail, &options, NULL), LOY_OK);
		status = loy_store_record_columns(part, columns, 6, ROWS, &batch, told[1], NULL, NULL);
		for (i = 0; i < ROWS; i++) {
			in += told[1][i] == LOY_OK;
			if (status == LOY_OK)
				assert_int_equal(told[1][i], told[0][i]);
			else if (told[1][i] != LOY_ELIMIT)
				assert_true(told[1][i] == LOY_OK || told[1][i] == LOY_EDUPLICATE ||
				            told[1][i] == LOY_ECONFLICT);
		}
		assert_int_equal(stores_stats(part).events, in);
		assert_true(stores_stats(part).memory <= limit);
		if (status == LOY_OK)
			stores_assert_equal(part, whole);
		else
			assert_int_equal(status, LOY_ELIMIT);
		stopped += status != LOY_OK;
		loy_store_destroy(part);
	}
	assert_true(stopped > 2 && stopped < 22);
	loy_store_destroy(whole);
}

/* Without memory for threads' own the table is recorded all the same. */
static void threads_that_cannot_be_had_are_done_without(void **state)
{
	loy_store *one = stores_create(retail, LOY_STORE_TRUSTED), *many;
	loy_store_options options = {.struct_size = sizeof(options), .flags = LOY_STORE_TRUSTED};
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_batch_options batch = {.struct_size = sizeof(batch), .threads = 3};
	long n;

	(void)state;
	fill(200, 7);
	record(one, 1, told[0]);
	for (n = 0; n < 12; n++) { /* one request alone is refused; the third is that for threads */
		loy_status status;

		assert_int_equal(loy_store_create(&many, retail, &options, &memory), LOY_OK);
		heap.requests = 0;
		heap.until = n;
		status = loy_store_record_columns(many, columns, 6, ROWS, &batch, told[1], NULL, NULL);
		heap.until = -1;
		if (n == 2)
			assert_int_equal(status, LOY_OK);
		if (status != LOY_OK)
			assert_int_equal(status, LOY_ENOMEM);
		else
			assert_same(one, many);
		loy_store_destroy(many);
		assert_int_equal(heap.live, 0);
	}
	loy_store_destroy(one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(any_number_of_threads_gives_the_same),
	        cmocka_unit_test(other_events_are_left_to_the_caller),
	        cmocka_unit_test(what_does_not_fit_is_found_by_order),
	        cmocka_unit_test(a_limit_ends_the_call_cleanly),
	        cmocka_unit_test(threads_that_cannot_be_had_are_done_without),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
