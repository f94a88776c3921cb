/*
 * Windows of tables at their edges: progress told and calls cancelled where rows come one by one, sales with one half
 * of an identity or none, windows of every size, customers without a profile, notes of an index that has grown, and
 * memory that ends where a customer has more rows than are sorted together.
 */
#include "durables.h"

#include "store/store.h"

enum { ROWS = 90000, KEYED = 140000 };

static int64_t time_of[ROWS], amount[ROWS];
static uint64_t customer[ROWS], high[ROWS], low[ROWS];
static loy_status told[KEYED], expected[ROWS];
static const uint16_t purchase = LOY_KIND_PURCHASE, visit = LOY_KIND_VISIT;
static loy_model *retail;

/* Sales; who wants fewer columns says so. */
static const loy_column columns[] = {
        {LOY_FIELD_KIND, LOY_COLUMN_U16, &purchase, 0, NULL, NULL},
        {LOY_FIELD_TIME, LOY_COLUMN_I64, time_of, 8, NULL, NULL},
        {LOY_FIELD_AMOUNT, LOY_COLUMN_I64, amount, 8, NULL, NULL},
        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, customer, 8, NULL, NULL},
        {LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, low, 8, NULL, NULL},
        {LOY_FIELD_IDENTITY_HIGH, LOY_COLUMN_I64, high, 8, NULL, NULL},
};
enum { NO_IDENTITY = 4, LOW_ONLY = 5, BOTH = 6 };

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

/* Sales to so many customers, numbered from `first` on; every tenth has no identity, every 25th that of another. */
static void fill(size_t rows, uint64_t first, uint64_t customers)
{
	loy__random random;
	size_t i;

	loy__random_init(&random, first + customers);
	for (i = 0; i < rows; i++) {
		time_of[i] = 20000 * LOY_DAY + (int64_t)i * LOY_HOUR / 50;
		amount[i] = (int64_t)loy__random_below(&random, 10000);
		customer[i] = first + loy__random_below(&random, customers);
		high[i] = i % 3;
		low[i] = i % 10 == 0 ? 0 : i % 25 == 1 ? low[i / 2] : i;
	}
}

/* The rows one by one; what became of them goes to `expected`. */
static void record_rows(loy_store *store, const loy_column *column, uint32_t count, size_t rows)
{
	loy_event *event;
	size_t i;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < rows; i++) {
		expected[i] = loy_event_from_columns(event, column, count, i, NULL);
		if (expected[i] == LOY_OK)
			expected[i] = loy_store_record(store, event, NULL);
	}
	loy_event_destroy(event);
}

static loy_status record_table(loy_store *store, const loy_column *column, uint32_t count, size_t rows)
{
	return loy_store_record_columns(store, column, count, rows, NULL, told, NULL, NULL);
}

/* The table in one store, its rows in the other: the same fates, the same state. */
static void assert_as_rows(loy_store *batch, loy_store *single, const loy_column *column, uint32_t count,
                           size_t rows)
{
	assert_int_equal(record_table(batch, column, count, rows), LOY_OK);
	record_rows(single, column, count, rows);
	assert_memory_equal(told, expected, rows * sizeof(*told));
	stores_assert_equal(batch, single);
	assert_int_equal(stores_stats(batch).events, stores_stats(single).events);
	assert_int_equal(stores_stats(batch).duplicates, stores_stats(single).duplicates);
	assert_int_equal(stores_stats(batch).conflicts, stores_stats(single).conflicts);
}

/* ---- rows one by one: customers have keys ---- */

static const char keys[] = "adabobeve";
static int64_t offsets[KEYED + 1], later[KEYED];
static const loy_column keyed[] = {
        {LOY_FIELD_KIND, LOY_COLUMN_U16, &visit, 0, NULL, NULL},
        {LOY_FIELD_TIME, LOY_COLUMN_I64, later, 8, NULL, NULL},
        {LOY_FIELD_CUSTOMER, LOY_COLUMN_TEXT, keys, 0, offsets, NULL},
};

struct watcher {
	uint64_t calls, done, stop_at;
};

static int32_t watch(uint64_t done, uint64_t total, void *user_data)
{
	struct watcher *w = user_data;

	w->calls++;
	assert_true(done > w->done && done <= total);
	w->done = done;
	return done >= w->stop_at;
}

/* The last row is ada's, all others are nobody's. */
static void fill_keyed(size_t rows)
{
	size_t i;

	for (i = 0; i < rows; i++)
		offsets[i] = 0;
	offsets[rows] = 3;
	for (i = 0; i < rows; i++)
		later[i] = LOY_DAY * 20000 + (int64_t)i;
}

static void progress_is_told_of_keyed_rows(void **state)
{
	struct watcher watcher = {.stop_at = UINT64_MAX};
	loy_batch_options options = {
	        .struct_size = sizeof(options), .progress = watch, .user_data = &watcher};
	loy_batch_result result = {.struct_size = sizeof(result)};
	loy_store *store = stores_create(retail, 0);
	size_t i;

	(void)state;
	fill_keyed(KEYED);
	assert_int_equal(loy_store_record_columns(store, keyed, 3, KEYED, &options, told, &result, NULL),
	                 LOY_OK);
	assert_int_equal(watcher.calls, 3); /* 65536, 131072 and the end */
	assert_int_equal(watcher.done, KEYED);
	assert_int_equal(result.refused, KEYED - 1);
	assert_int_equal(result.recorded, 1);
	watcher.done = 0;
	watcher.stop_at = 100000;
	assert_int_equal(loy_store_record_columns(store, keyed, 3, KEYED, &options, told, &result, NULL),
	                 LOY_ECANCELLED);
	assert_int_equal(watcher.done, 131072);
	assert_int_equal(result.refused, 131072);
	for (i = 0; i < KEYED; i++)
		assert_int_equal(told[i], i < 131072 ? LOY_EINVAL : LOY_ECANCELLED);
	watcher.done = 0;
	watcher.stop_at = KEYED; /* too late to cancel anything */
	assert_int_equal(loy_store_record_columns(store, keyed, 3, KEYED, &options, told, &result, NULL),
	                 LOY_OK);
	loy_store_destroy(store);
}

/* A row may be both flawed and too late: it is told of the flaw. */
static void late_rows_of_nobody_are_flawed(void **state)
{
	loy_batch_options options = {.struct_size = sizeof(options), .latest_time = LOY_DAY * 20000};
	loy_store *store = stores_create(retail, 0);
	loy_batch_result result = {.struct_size = sizeof(result)};

	(void)state;
	fill_keyed(4);
	offsets[3] = 0; /* row 3 is ada's */
	assert_int_equal(loy_store_record_columns(store, keyed, 3, 4, &options, told, &result, NULL), LOY_OK);
	assert_int_equal(result.recorded, 0);
	assert_int_equal(told[0], LOY_EINVAL);
	assert_int_equal(told[2], LOY_EINVAL);
	assert_int_equal(told[3], LOY_EFUTURE);
	loy_store_destroy(store);
}

/* A customer of whom an empty profile came has none in memory until an event comes. */
static void customers_may_have_no_profile(void **state)
{
	enum { SOME = 400 };
	loy_store *batch = stores_create(retail, LOY_STORE_TRUSTED),
	          *single = stores_create(retail, LOY_STORE_TRUSTED);
	loy_profile *nothing;
	size_t i;

	(void)state;
	for (i = 0; i <= SOME; i++)
		offsets[i] = 0;
	for (i = 0; i < SOME; i++) {
		later[i] = LOY_DAY * 20000 + (int64_t)i;
		offsets[i + 1] = offsets[i] + (i >= SOME - 3 ? 3 : 0);
	}
	assert_int_equal(loy_profile_create(&nothing, loy_model_schema(retail), NULL), LOY_OK);
	assert_int_equal(loy_store_merge_profile(batch, 0, "bob", 3, nothing), LOY_OK);
	assert_int_equal(loy_store_merge_profile(single, 0, "bob", 3, nothing), LOY_OK);
	assert_null(loy__customers_at(&batch->named, 0)->record);
	assert_as_rows(batch, single, keyed, 3, SOME);
	assert_int_equal(loy_store_count(batch), 3);
	assert_non_null(loy__customers_at(&batch->named, 1)->record);
	loy_profile_destroy(nothing);
	loy_store_destroy(single);
	loy_store_destroy(batch);
}

/* ---- rows by customer ---- */

static void sales_may_have_half_an_identity(void **state)
{
	static const uint32_t counts[] = {NO_IDENTITY, LOW_ONLY, BOTH};
	enum { SOME = 3000 };
	loy_column high_only[LOW_ONLY];
	uint32_t i, trusted;

	(void)state;
	fill(SOME, 1, 200);
	for (i = 0; i < LOY__COUNT(counts) + 1; i++) {
		for (trusted = 0; trusted < 2; trusted++) {
			loy_store *batch = stores_create(retail, trusted ? LOY_STORE_TRUSTED : 0),
			          *single = stores_create(retail, trusted ? LOY_STORE_TRUSTED : 0);
			const loy_column *column = columns;

			memcpy(high_only, columns, sizeof(high_only));
			high_only[NO_IDENTITY] = columns[LOW_ONLY];
			if (i == LOY__COUNT(counts))
				column = high_only;
			assert_as_rows(batch, single, column, column == columns ? counts[i] : LOW_ONLY, SOME);
			assert_true((stores_stats(batch).conflicts != 0) == (i != 0 && !trusted));
			loy_store_destroy(single);
			loy_store_destroy(batch);
		}
	}
}

/* A store that trusts has no identities that a refused row would have to give back. */
static void rows_that_do_not_fit_are_refused_by_who_trusts(void **state)
{
	enum { SOME = 9300 };
	loy_store *batch = stores_create(retail, LOY_STORE_TRUSTED),
	          *single = stores_create(retail, LOY_STORE_TRUSTED);
	size_t i;

	(void)state;
	fill(SOME, 1, 1);
	for (i = 0; i < SOME; i++)
		amount[i] = LOY_MONEY_MAX;
	assert_as_rows(batch, single, columns, BOTH, SOME);
	assert_int_equal(told[0], LOY_OK);
	assert_int_equal(told[SOME - 1], LOY_EOVERFLOW);
	loy_store_destroy(single);
	loy_store_destroy(batch);
}

/* On files a refused row gives its identity back, of whichever kind it is, or has none. */
static void rows_that_do_not_fit_give_identities_back(void **state)
{
	enum { SOME = 9400 };
	loy_files files = durable_files(3), others = durable_files(4);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *batch = durable_open(retail, &options, NULL), *single;
	size_t i;

	(void)state;
	options.files = &others;
	single = durable_open(retail, &options, NULL);
	single->window = single->window_most = 1; /* each row by itself */
	fill(SOME, 1, 1);
	for (i = 0; i < SOME; i++) {
		amount[i] = LOY_MONEY_MAX;
		high[i] = i % 3 == 0   ? 0
		          : i % 3 == 1 ? 7
		                       : ~loy__mix64(i); /* none, counted up, random bits */
		low[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? i : loy__mix64(i + 77);
	}
	assert_as_rows(batch, single, columns, BOTH, SOME);
	assert_int_equal(told[0], LOY_OK);
	for (i = SOME - 9; i < SOME; i++)
		assert_int_equal(told[i], LOY_EOVERFLOW);
	for (i = SOME - 9; i < SOME; i++)
		amount[i] = 0; /* whose identities are free, so that these are no conflicts */
	assert_as_rows(batch, single, columns, BOTH, SOME);
	for (i = SOME - 9; i < SOME; i++)
		assert_int_equal(told[i], LOY_OK);
	loy_store_destroy(single);
	loy_store_destroy(batch);
	loy_files_close(&others);
	loy_files_close(&files);
}

/* A store that holds much takes larger windows than it began with, within its limit. */
static void windows_follow_what_a_store_holds(void **state)
{
	enum { SOME = 20000, FEW = 600 };
	loy_store_options options = {.struct_size = sizeof(options), .memory_limit = (uint64_t)1 << 30};
	loy_store *batch, *single = stores_create(retail, 0);

	(void)state;
	assert_int_equal(loy_store_create(&batch, retail, &options, NULL), LOY_OK);
	fill(SOME, 1, 8000);
	assert_as_rows(batch, single, columns, NO_IDENTITY, SOME);
	batch->window = 16;
	fill(FEW, 1, 9000);
	assert_as_rows(batch, single, columns, NO_IDENTITY, FEW);
	loy_store_destroy(single);
	loy_store_destroy(batch);
}

/* The same on files, where a window may be too small to be sorted, or smaller than what goes together. */
static void windows_on_files_may_be_small(void **state)
{
	static const uint32_t most[] = {16, 100, 600, LOY__WINDOW_MOST};
	enum { SOME = 3000 };
	size_t i;

	(void)state;
	fill(SOME, 1, 200);
	for (i = 0; i < LOY__COUNT(most); i++) {
		loy_files files = durable_files(3), others = durable_files(4);
		loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
		loy_store *batch = durable_open(retail, &options, NULL), *single;

		options.files = &others;
		single = durable_open(retail, &options, NULL);
		batch->window_most = most[i];
		batch->window = most[i];
		assert_as_rows(batch, single, columns, BOTH, SOME);
		loy_store_destroy(single);
		loy_store_destroy(batch);
		loy_files_close(&others);
		loy_files_close(&files);
	}
}

/* Notes are of an index that a table makes grow while its rows are recorded. */
static void notes_may_be_of_a_smaller_index(void **state)
{
	enum { FEW = 100, SOME = 5000 };
	loy_store *batch = stores_create(retail, 0), *single = stores_create(retail, 0);
	loy_column visits[LOW_ONLY];

	(void)state;
	memcpy(visits, columns, sizeof(visits));
	visits[0].data = &visit;
	visits[2] = columns[LOW_ONLY]; /* high, in place of the amount */
	fill(SOME, 1, 4000);
	batch->notes.least = 1;
	record_rows(batch, visits, LOW_ONLY, FEW);
	record_rows(single, visits, LOW_ONLY, FEW);
	assert_non_null(batch->notes.note);
	assert_as_rows(batch, single, visits, LOW_ONLY, SOME);
	assert_true(batch->notes.slots != batch->numbered.index.capacity);
	loy_store_destroy(single);
	loy_store_destroy(batch);
}

static void progress_is_told_of_small_tables(void **state)
{
	struct watcher watcher = {.stop_at = 1};
	loy_batch_options options = {
	        .struct_size = sizeof(options), .progress = watch, .user_data = &watcher};
	loy_store *store = stores_create(retail, 0);

	(void)state;
	fill(1000, 1, 50);
	assert_int_equal(
	        loy_store_record_columns(store, columns, NO_IDENTITY, 1000, &options, NULL, NULL, NULL),
	        LOY_OK);
	assert_int_equal(watcher.calls, 1); /* at the end: too late to cancel anything */
	assert_int_equal(watcher.done, 1000);
	loy_store_destroy(store);
}

/* ---- without memory ---- */

static size_t count_told(loy_status which, size_t rows)
{
	size_t i, count = 0;

	for (i = 0; i < rows; i++)
		count += told[i] == which;
	return count;
}

/* One request in the midst of a table is refused: without a wider window the one there is serves. */
static void a_window_that_cannot_be_widened_serves(void **state)
{
	enum { SOME = 30000 };
	loy_store *whole = stores_create(retail, 0);
	long n, last = 2, kept = 0;

	(void)state;
	fill(SOME, 1, 5000);
	record_rows(whole, columns, NO_IDENTITY, SOME);
	for (n = 0; n < last; n++) {
		struct faulty heap = {.until = -1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_store *store;
		loy_status status;

		assert_int_equal(loy_store_create(&store, retail, NULL, &memory), LOY_OK);
		store->window = 600;
		heap.requests = 0;
		heap.until = n;
		status = record_table(store, columns, NO_IDENTITY, SOME);
		heap.until = -1;
		last = heap.requests > last ? heap.requests : last;
		if (status == LOY_OK) {
			kept++;
			stores_assert_equal(store, whole);
		} else {
			assert_int_equal(status, LOY_ENOMEM);
			assert_int_equal(stores_stats(store).events, count_told(LOY_OK, SOME));
		}
		loy_store_destroy(store);
		assert_int_equal(heap.live, 0);
	}
	assert_true(kept > 1 && kept < last);
	loy_store_destroy(whole);
}

/* Memory ends among the rows of a customer who has more than are sorted together: none of the rest is tried. */
static void memory_may_end_before_the_rest_of_a_part(void **state)
{
	loy_status status = LOY_ENOMEM;
	long n, midst = 0;
	size_t i;

	(void)state;
	fill(ROWS, 1, 1);
	for (i = 0; i < ROWS; i += 20)
		customer[i] = 2 + i;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = -1, .forever = 1};
		loy_allocator memory = faulty_allocator(&heap);
		size_t recorded;
		loy_store *store;

		assert_int_equal(loy_store_create(&store, retail, NULL, &memory), LOY_OK);
		heap.requests = 0;
		heap.until = n;
		status = record_table(store, columns, NO_IDENTITY, ROWS);
		recorded = count_told(LOY_OK, ROWS);
		assert_int_equal(stores_stats(store).events, recorded);
		assert_int_equal(recorded + count_told(LOY_ENOMEM, ROWS), ROWS);
		midst += recorded != 0 && recorded < ROWS;
		loy_store_destroy(store);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(midst > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(progress_is_told_of_keyed_rows),
	        cmocka_unit_test(late_rows_of_nobody_are_flawed),
	        cmocka_unit_test(customers_may_have_no_profile),
	        cmocka_unit_test(sales_may_have_half_an_identity),
	        cmocka_unit_test(rows_that_do_not_fit_are_refused_by_who_trusts),
	        cmocka_unit_test(rows_that_do_not_fit_give_identities_back),
	        cmocka_unit_test(windows_follow_what_a_store_holds),
	        cmocka_unit_test(windows_on_files_may_be_small),
	        cmocka_unit_test(notes_may_be_of_a_smaller_index),
	        cmocka_unit_test(progress_is_told_of_small_tables),
	        cmocka_unit_test(a_window_that_cannot_be_widened_serves),
	        cmocka_unit_test(memory_may_end_before_the_rest_of_a_part),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
