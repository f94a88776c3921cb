/*
 * Tables that are recorded by customer give what their rows give one by one: the same customers, profiles and
 * statuses, whatever the windows and on however many threads, with repetitions, conflicts, flawed rows and rows that do
 * not fit among them; and when memory ends anywhere, the statuses say which rows are in.
 */
#include "tables.h"

#include "store/store.h"

enum { SCENARIOS = 160, ROWS = TABLE_ROWS };

static loy_model *sample, *retail;
static struct table table;

static int make_models(void **state)
{
	(void)state;
	sample = stores_model();
	return loy_model_create_builtin(&retail, "retail", NULL);
}

static int free_models(void **state)
{
	(void)state;
	free(sample);
	loy_model_destroy(retail);
	return 0;
}

/* The rows one event at a time, those not after `latest`. */
static void record_rows(loy_store *store, const struct table *t, loy_status *status, int64_t latest)
{
	loy_event *event;
	size_t i;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < t->rows; i++) {
		status[i] = loy_event_from_columns(event, t->column, t->columns, i, NULL);
		if (status[i] == LOY_OK && t->time[i] > latest)
			status[i] = LOY_EFUTURE;
		if (status[i] == LOY_OK)
			status[i] = loy_store_record(store, event, NULL);
	}
	loy_event_destroy(event);
}

static void assert_told(const loy_batch_result *result, const loy_status *status, size_t rows)
{
	uint64_t recorded = 0, duplicates = 0, conflicts = 0, refused = 0;
	int64_t first = -1;
	size_t i;

	for (i = 0; i < rows; i++) {
		recorded += status[i] == LOY_OK;
		duplicates += status[i] == LOY_EDUPLICATE;
		conflicts += status[i] == LOY_ECONFLICT;
		if (status[i] != LOY_OK && status[i] != LOY_EDUPLICATE && status[i] != LOY_ECONFLICT &&
		    refused++ == 0)
			first = (int64_t)i;
	}
	assert_int_equal(result->recorded, recorded);
	assert_int_equal(result->duplicates, duplicates);
	assert_int_equal(result->conflicts, conflicts);
	assert_int_equal(result->refused, refused);
	assert_int_equal(result->first_refused, first);
}

static void tables_are_their_rows(void **state)
{
	uint64_t scenario, duplicates = 0, conflicts = 0;

	(void)state;
	for (scenario = 0; scenario < SCENARIOS; scenario++) {
		static const uint32_t windows[] = {1, 7, 100, LOY__WINDOW_ROWS};
		const loy_model *model = scenario % 7 < 3 ? sample : retail;
		uint32_t flags = scenario % 8 == 7 || scenario % 8 == 4 ? LOY_STORE_TRUSTED : 0;
		loy_store *batch = stores_create(model, flags), *single = stores_create(model, flags);
		loy_batch_options options = {.struct_size = sizeof(options)};
		loy_batch_result result = {.struct_size = sizeof(result)};
		loy_error error = {.struct_size = sizeof(error)};
		loy_status status[ROWS];
		size_t i;

		table_fill(&table, scenario);
		batch->window = batch->window_most = windows[scenario / 2 % 4];
		batch->part = scenario % 3 == 0 ? 16 : LOY__PART_ROWS;
		options.threads = (uint32_t)(scenario / 3 % 10);
		single->notes.least = scenario % 2 == 0 ? 1 : LOY__NOTES_LEAST;
		options.latest_time = scenario % 16 == 1 ? 20100 * LOY_DAY : 0;
		assert_int_equal(loy_store_record_columns(batch, table.column, table.columns, table.rows,
		                                          &options, table.status, &result, &error),
		                 LOY_OK);
		record_rows(single, &table, status,
		            options.latest_time != 0 ? options.latest_time : INT64_MAX);
		for (i = 0; i < table.rows; i++) {
			if (table.status[i] != status[i])
				fail_msg("scenario %u, row %u: %d, not %d", (unsigned)scenario, (unsigned)i,
				         (int)table.status[i], (int)status[i]);
			duplicates += status[i] == LOY_EDUPLICATE;
			conflicts += status[i] == LOY_ECONFLICT;
		}
		assert_told(&result, status, table.rows);
		assert_int_equal(error.row, result.refused != 0 ? result.first_refused : 0);
		assert_int_equal(error.code, result.refused != 0 ? status[result.first_refused] : LOY_OK);
		stores_assert_equal(batch, single);
		assert_int_equal(stores_stats(batch).events, stores_stats(single).events);
		assert_int_equal(stores_stats(batch).duplicates, stores_stats(single).duplicates);
		assert_int_equal(stores_stats(batch).conflicts, stores_stats(single).conflicts);
		loy_store_destroy(batch);
		loy_store_destroy(single);
	}
	assert_true(duplicates > SCENARIOS && conflicts > SCENARIOS);
}

/* All amounts are the largest there are: some rows of each customer do not fit, which is known only late. */
static void assert_those_that_do_not_fit_are_the_same(uint32_t threads)
{
	enum { FULL = 9223 - 200 }; /* one customer's profile before: 200 more amounts fit */
	loy_store *batch = stores_create(retail, 0), *single = stores_create(retail, 0);
	loy_batch_options options = {.struct_size = sizeof(options), .threads = threads};
	loy_batch_result result = {.struct_size = sizeof(result)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status[ROWS];
	loy_event *event;
	uint64_t i, wrong = 0;

	batch->part = 16;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < FULL; i++) {
		assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, 0), LOY_OK);
		assert_int_equal(loy_event_set_customer(event, 1), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, LOY_MONEY_MAX), LOY_OK);
		assert_int_equal(loy_store_record(batch, event, NULL), LOY_OK);
		assert_int_equal(loy_store_record(single, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	table_fill(&table, 10); /* identities, and no flaws */
	for (i = 0; i < table.rows; i++) {
		table.customer[i] = 1 + i % 2;
		table.amount[i] = LOY_MONEY_MAX;
		/* some are sent again, and some that do not fit come as a conflict that fits its customer */
		if (i % 5 == 4) {
			table.high[i] = table.high[i - 2];
			table.low[i] = table.low[i - 2];
			table.time[i] = table.time[i - 2];
			table.customer[i] = i % 10 == 4 ? 2 : table.customer[i - 2];
		}
	}
	assert_int_equal(loy_store_record_columns(batch, table.column, table.columns, table.rows, &options,
	                                          table.status, &result, &error),
	                 LOY_OK);
	record_rows(single, &table, status, INT64_MAX);
	for (i = 0; i < table.rows; i++)
		wrong += table.status[i] == LOY_EOVERFLOW;
	assert_true(wrong > 50);
	assert_int_equal(memcmp(table.status, status, table.rows * sizeof(*status)), 0);
	assert_told(&result, status, table.rows);
	assert_int_equal(error.code, LOY_EOVERFLOW);
	assert_int_equal(error.row, result.first_refused);
	assert_true(error.message[0] != '\0');
	stores_assert_equal(batch, single);
	loy_store_destroy(batch);
	loy_store_destroy(single);
}

static void rows_that_do_not_fit_are_the_same_ones(void **state)
{
	(void)state;
	assert_those_that_do_not_fit_are_the_same(1);
	assert_those_that_do_not_fit_are_the_same(3);
}

/* After a call that ended early: what the statuses say is in, is in, and the rest can be sent again. */
static void assert_resumed(loy_store *store, const loy_store *whole, const loy_model *model)
{
	loy_store *part = stores_create(model, 0);
	loy_event *event;
	size_t i;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < table.rows; i++) {
		if (table.status[i] != LOY_OK)
			continue;
		assert_int_equal(loy_event_from_columns(event, table.column, table.columns, i, NULL), LOY_OK);
		assert_int_equal(loy_store_record(part, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	stores_assert_equal(store, part);
	loy_store_destroy(part);
	assert_int_equal(loy_store_record_columns(store, table.column, table.columns, table.rows, NULL, NULL,
	                                          NULL, NULL),
	                 LOY_OK);
	assert_int_equal(stores_stats(store).events, stores_stats(whole).events);
}

static void memory_may_end_anywhere(void **state)
{
	uint64_t scenario;
	long stopped = 0;

	(void)state;
	for (scenario = 1; scenario < 24; scenario += 2) {
		const loy_model *model = scenario % 4 == 1 ? sample : retail;
		loy_store *whole = stores_create(model, 0);
		loy_status status[ROWS], got = LOY_ENOMEM;
		long n;

		table_fill(&table, scenario % 8 == 7 ? scenario + 1 : scenario);
		record_rows(whole, &table, status, INT64_MAX);
		for (n = 0; got == LOY_ENOMEM || n < 3; n++) {
			struct faulty heap = {.until = n, .forever = 1};
			loy_allocator memory = faulty_allocator(&heap);
			loy_batch_options options = {.struct_size = sizeof(options),
			                             .threads = (uint32_t)(scenario / 4 % 4)};
			loy_batch_result result = {.struct_size = sizeof(result)};
			loy_error error = {.struct_size = sizeof(error)};
			loy_store *store;
			size_t i, untried = 0;

			heap.until = -1;
			assert_int_equal(loy_store_create(&store, model, NULL, &memory), LOY_OK);
			store->window = store->window_most = scenario % 3 == 0 ? 64 : LOY__WINDOW_ROWS;
			store->part = 16;
			heap.requests = 0;
			heap.until = n;
			got = loy_store_record_columns(store, table.column, table.columns, table.rows,
			                               &options, table.status, &result, &error);
			heap.until = -1;
			for (i = 0; i < table.rows; i++)
				untried += table.status[i] == LOY_ENOMEM;
			assert_int_equal(got, untried != 0 ? LOY_ENOMEM : LOY_OK);
			assert_int_equal(result.recorded + result.duplicates + result.conflicts +
			                         result.refused,
			                 table.rows - untried);
			if (untried != 0) {
				assert_int_equal(error.code, LOY_ENOMEM);
				assert_int_equal(table.status[error.row], LOY_ENOMEM);
				stopped++;
			}
			assert_resumed(store, whole, model);
			stores_assert_equal(store, whole);
			loy_store_destroy(store);
			assert_int_equal(heap.live, 0);
		}
		loy_store_destroy(whole);
	}
	assert_true(stopped > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(tables_are_their_rows),
	        cmocka_unit_test(rows_that_do_not_fit_are_the_same_ones),
	        cmocka_unit_test(memory_may_end_anywhere),
	};

	return cmocka_run_group_tests(tests, make_models, free_models);
}
