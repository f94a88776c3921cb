/*
 * Tables that fill windows of many parts give what their rows give one by one: with a customer of more rows than are
 * sorted together, with windows that grow with the store, and when memory ends in the midst of a window.
 */
#include "stores.h"

#include "store/store.h"

enum { ROWS = 90000, COLUMNS = 6 };

static int64_t time_of[ROWS], amount[ROWS];
static uint64_t customer[ROWS], low[ROWS];
static loy_status told[ROWS];
static const uint16_t purchase = LOY_KIND_PURCHASE;
static const uint64_t device = 7;
static loy_model *retail;

static const loy_column columns[COLUMNS] = {
        {LOY_FIELD_KIND, LOY_COLUMN_U16, &purchase, 0, NULL, NULL},
        {LOY_FIELD_TIME, LOY_COLUMN_I64, time_of, 8, NULL, NULL},
        {LOY_FIELD_AMOUNT, LOY_COLUMN_I64, amount, 8, NULL, NULL},
        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, customer, 8, NULL, NULL},
        {LOY_FIELD_IDENTITY_HIGH, LOY_COLUMN_I64, &device, 0, NULL, NULL},
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

/* Of every `share` rows one is not of the one customer who comes most; one in 100 is a repetition or a conflict. */
static void fill(size_t rows, uint64_t customers, uint64_t share)
{
	loy__random random;
	size_t i, other;

	loy__random_init(&random, share);
	for (i = 0; i < rows; i++) {
		time_of[i] = 20000 * LOY_DAY + (int64_t)i * LOY_HOUR / 50;
		amount[i] = (int64_t)loy__random_below(&random, 10000);
		customer[i] = loy__random_below(&random, share) != 0
		                      ? 1
		                      : 2 + loy__random_below(&random, customers) * UINT64_C(1000003);
		low[i] = i;
		if (i != 0 && loy__random_below(&random, 100) == 0) {
			other = (size_t)loy__random_below(&random, i);
			low[i] = low[other];
			if (i % 2 == 0) {
				time_of[i] = time_of[other];
				amount[i] = amount[other];
				customer[i] = customer[other];
			}
		}
	}
}

/* Rows `i` whose told[i] is `which`, or all for LOY_EIO, one by one. */
static void record_rows(loy_store *store, size_t rows, loy_status which, loy_status *status)
{
	loy_event *event;
	size_t i;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < rows; i++) {
		loy_status got;

		if (which != LOY_EIO && told[i] != which)
			continue;
		assert_int_equal(loy_event_from_columns(event, columns, COLUMNS, i, NULL), LOY_OK);
		got = loy_store_record(store, event, NULL);
		if (status != NULL)
			status[i] = got;
	}
	loy_event_destroy(event);
}

static void assert_as_rows(size_t rows, uint32_t window)
{
	loy_store *batch = stores_create(retail, 0), *single = stores_create(retail, 0);
	static loy_status status[ROWS];
	size_t i;

	batch->window = window;
	record_rows(single, rows, LOY_EIO, status);
	assert_int_equal(loy_store_record_columns(batch, columns, COLUMNS, rows, NULL, told, NULL, NULL),
	                 LOY_OK);
	for (i = 0; i < rows; i++)
		assert_int_equal(told[i], status[i]);
	stores_assert_equal(batch, single);
	assert_int_equal(stores_stats(batch).duplicates, stores_stats(single).duplicates);
	assert_int_equal(stores_stats(batch).conflicts, stores_stats(single).conflicts);
	loy_store_destroy(batch);
	loy_store_destroy(single);
}

static void a_customer_may_have_most_rows(void **state)
{
	(void)state;
	fill(ROWS, 3000, 6);
	assert_as_rows(ROWS, LOY__WINDOW_ROWS);
}

static void windows_grow_with_the_store(void **state)
{
	(void)state;
	fill(30000, 5000, 1);
	assert_as_rows(30000, 600);
}

static void memory_may_end_in_any_part(void **state)
{
	enum { SOME = 40000 };
	loy_store *whole = stores_create(retail, 0);
	loy_status got = LOY_ENOMEM;
	long n, stopped = 0;

	(void)state;
	fill(SOME, 8000, 1);
	record_rows(whole, SOME, LOY_EIO, NULL);
	for (n = 0; got == LOY_ENOMEM; n += 1 + n / 4) {
		struct faulty heap = {.until = -1, .forever = 1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_store *store, *part = stores_create(retail, 0);

		assert_int_equal(loy_store_create(&store, retail, NULL, &memory), LOY_OK);
		heap.requests = 0;
		heap.until = n;
		got = loy_store_record_columns(store, columns, COLUMNS, SOME, NULL, told, NULL, NULL);
		heap.until = -1;
		stopped += got == LOY_ENOMEM;
		record_rows(part, SOME, LOY_OK, NULL);
		stores_assert_equal(store, part);
		record_rows(store, SOME, LOY_ENOMEM, NULL);
		stores_assert_equal(store, whole);
		loy_store_destroy(store);
		loy_store_destroy(part);
		assert_int_equal(heap.live, 0);
	}
	assert_true(stopped > 10);
	loy_store_destroy(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_customer_may_have_most_rows),
	        cmocka_unit_test(windows_grow_with_the_store),
	        cmocka_unit_test(memory_may_end_in_any_part),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
