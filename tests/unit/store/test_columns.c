#include "sample_model.h"

#include "store/store.h"

enum { ROWS = 5000 };

/* A table of purchases, visits and surveys. */
struct table {
	uint16_t kind[ROWS];
	int64_t time[ROWS], amount[ROWS], value[ROWS];
	uint64_t customer[ROWS], high[ROWS], low[ROWS];
	uint8_t has_amount[ROWS], has_value[ROWS];
	char text[ROWS * 12];
	int64_t offsets[ROWS + 1];
	loy_column column[8];
	loy_status status[ROWS];
};

static const uint16_t instrument = LOY_INSTRUMENT_NPS;
static struct table table;

static void set_column(struct table *t, size_t i, uint32_t field, uint32_t type, const void *data,
                       int64_t stride, const uint8_t *present)
{
	loy_column column = {field, type, data, stride, NULL, present};

	t->column[i] = column;
}

/* Fill the table; customers by number, or by key when `keyed`. */
static void fill(struct table *t, uint64_t seed, uint64_t customers, int keyed)
{
	loy__random random;
	size_t i;

	loy__random_init(&random, seed);
	t->offsets[0] = 0;
	for (i = 0; i < ROWS; i++) {
		static const uint16_t kinds[] = {LOY_KIND_PURCHASE, LOY_KIND_PURCHASE, LOY_KIND_VISIT,
		                                 LOY_KIND_SURVEY_ANSWER};

		t->kind[i] = kinds[loy__random_below(&random, 4)];
		t->time[i] = (20000 + (int64_t)loy__random_below(&random, 700)) * LOY_DAY;
		t->customer[i] = 1 + loy__random_below(&random, customers);
		t->amount[i] = (int64_t)loy__random_below(&random, 10000);
		t->value[i] = (int64_t)loy__random_below(&random, 11) * LOY_RATIO_ONE;
		t->has_amount[i] = t->kind[i] == LOY_KIND_PURCHASE;
		t->has_value[i] = t->kind[i] == LOY_KIND_SURVEY_ANSWER;
		t->high[i] = seed;
		t->low[i] = i + 1;
		t->offsets[i + 1] =
		        t->offsets[i] + sprintf(t->text + t->offsets[i], "c%u", (unsigned)t->customer[i]);
	}
	set_column(t, 0, LOY_FIELD_KIND, LOY_COLUMN_U16, t->kind, 2, NULL);
	set_column(t, 1, LOY_FIELD_TIME, LOY_COLUMN_I64, t->time, 8, NULL);
	set_column(t, 2, LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, t->customer, 8, NULL);
	set_column(t, 3, LOY_FIELD_AMOUNT, LOY_COLUMN_I64, t->amount, 8, t->has_amount);
	set_column(t, 4, LOY_FIELD_VALUE, LOY_COLUMN_I64, t->value, 8, t->has_value);
	set_column(t, 5, LOY_FIELD_INSTRUMENT, LOY_COLUMN_U16, &instrument, 0, t->has_value);
	set_column(t, 6, LOY_FIELD_IDENTITY_HIGH, LOY_COLUMN_I64, t->high, 8, NULL);
	set_column(t, 7, LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, t->low, 8, NULL);
	if (keyed) {
		set_column(t, 2, LOY_FIELD_CUSTOMER, LOY_COLUMN_TEXT, t->text, 0, NULL);
		t->column[2].offsets = t->offsets;
	}
}

/* The same rows one event at a time. */
static void record_rows(loy_store *store, const struct table *t, size_t first, size_t end)
{
	loy_event *event;
	size_t i;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = first; i < end; i++) {
		assert_int_equal(loy_event_from_columns(event, t->column, 8, i, NULL), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
}

static void assert_result(const loy_batch_result *result, uint64_t recorded, uint64_t duplicates,
                          uint64_t conflicts, uint64_t refused, int64_t first)
{
	assert_int_equal(result->recorded, recorded);
	assert_int_equal(result->duplicates, duplicates);
	assert_int_equal(result->conflicts, conflicts);
	assert_int_equal(result->refused, refused);
	assert_int_equal(result->first_refused, first);
}

static void a_table_is_its_rows_one_by_one(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 4; seed++) {
		loy_store *batch = stores_create(model, seed & 2 ? LOY_STORE_TRUSTED : 0),
		          *single = stores_create(model, 0);
		loy_batch_result result = {.struct_size = sizeof(result)};
		loy_error error = {.struct_size = sizeof(error)};
		size_t i;

		fill(&table, seed, 700, seed & 1);
		memset(table.status, 0x55, sizeof(table.status));
		assert_int_equal(loy_store_record_columns(batch, table.column, 8, ROWS, NULL, table.status,
		                                          &result, &error),
		                 LOY_OK);
		assert_result(&result, ROWS, 0, 0, 0, -1);
		assert_int_equal(error.code, LOY_OK); /* left alone */
		for (i = 0; i < ROWS; i++)
			assert_int_equal(table.status[i], LOY_OK);
		record_rows(single, &table, 0, ROWS);
		stores_assert_equal(batch, single);
		assert_int_equal(stores_stats(batch).events, ROWS);
		loy_store_destroy(single);
		loy_store_destroy(batch);
	}
}

static void flawed_rows_do_not_stop_the_others(void **state)
{
	loy_store *store = stores_create(model, 0), *clean = stores_create(model, 0);
	loy_batch_options options = {.struct_size = sizeof(options), .latest_time = 20650 * LOY_DAY};
	loy_batch_result result = {.struct_size = sizeof(result)};
	loy_error error = {.struct_size = sizeof(error)};
	uint64_t future = 0; /* rows */
	size_t i;

	(void)state;
	fill(&table, 9, 300, 0);
	table.time[17] = table.time[18] = 20001 * LOY_DAY;
	table.low[100] = table.low[17]; /* 100: a conflict, 101: a duplicate */
	table.kind[101] = table.kind[17];
	table.time[101] = table.time[17];
	table.customer[101] = table.customer[17];
	table.amount[101] = table.amount[17];
	table.value[101] = table.value[17];
	table.has_amount[101] = table.has_amount[17];
	table.has_value[101] = table.has_value[17];
	table.low[101] = table.low[17];
	table.time[100] = 20001 * LOY_DAY;
	table.customer[102] = 0;
	table.time[102] = 20001 * LOY_DAY;
	table.time[103] = LOY_TIME_MAX + 1;
	table.kind[3000] = LOY_KIND_PURCHASE;
	table.has_amount[3000] = 0;
	table.time[3000] = 20001 * LOY_DAY;
	for (i = 0; i < ROWS; i++)
		future += table.time[i] > options.latest_time && i != 103;
	assert_int_equal(loy_store_record_columns(store, table.column, 8, ROWS, &options, table.status,
	                                          &result, &error),
	                 LOY_OK);
	assert_int_equal(table.status[17], LOY_OK);
	assert_int_equal(table.status[100], LOY_ECONFLICT);
	assert_int_equal(table.status[101], LOY_EDUPLICATE);
	assert_int_equal(table.status[102], LOY_EINVAL);
	assert_int_equal(table.status[103], LOY_ETIME);
	assert_int_equal(table.status[3000], LOY_EINVAL);
	for (i = 0; i < ROWS && table.status[i] != LOY_EFUTURE; i++)
		;
	assert_result(&result, ROWS - 5 - future, 1, 1, 3 + future, i < 102 ? (int64_t)i : 102);
	assert_int_equal(error.row, result.first_refused);
	assert_int_equal(error.code, table.status[error.row]);
	assert_int_equal(error.field, error.code == LOY_EFUTURE ? LOY_FIELD_TIME : LOY_FIELD_CUSTOMER);
	assert_true(error.message[0] != '\0');
	for (i = 0; i < ROWS; i++) {
		if (table.status[i] == LOY_OK)
			record_rows(clean, &table, i, i + 1);
		else
			assert_true(table.time[i] > options.latest_time || (i >= 100 && i <= 103) ||
			            i == 3000);
	}
	stores_assert_equal(store, clean);
	/* all of it once more: nothing changes */
	assert_int_equal(
	        loy_store_record_columns(store, table.column, 8, ROWS, &options, NULL, &result, NULL),
	        LOY_OK);
	assert_result(&result, 0, ROWS - 4 - future, 1, 3 + future, error.row);
	stores_assert_equal(store, clean);
	loy_store_destroy(clean);
	loy_store_destroy(store);
}

/* A row that only the profile refuses: its error comes from there. */
static void the_first_refusal_is_explained(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_batch_result result = {.struct_size = sizeof(result)};
	loy_error error = {.struct_size = sizeof(error)};
	size_t i;

	(void)state;
	fill(&table, 9, 1, 0);
	for (i = 0; i < ROWS; i++) {
		table.kind[i] = LOY_KIND_PURCHASE;
		table.has_amount[i] = 1;
		table.has_value[i] = 0;
		table.amount[i] = LOY_MONEY_MAX;
	}
	assert_int_equal(loy_store_record_columns(store, table.column, 8, ROWS, NULL, NULL, &result, &error),
	                 LOY_OK);
	assert_result(&result, ROWS, 0, 0, 0, -1);
	for (i = 0; i < ROWS; i++)
		table.low[i] += ROWS;
	table.has_amount[4900] = 0;
	assert_int_equal(
	        loy_store_record_columns(store, table.column, 8, ROWS, NULL, table.status, &result, &error),
	        LOY_OK);
	assert_result(&result, 9223 - ROWS, 0, 0, 2 * ROWS - 9223, 9223 - ROWS);
	assert_int_equal(error.code, LOY_EOVERFLOW);
	assert_int_equal(error.row, 9223 - ROWS);
	assert_int_equal(table.status[ROWS - 1], LOY_EOVERFLOW);
	assert_int_equal(table.status[4900], LOY_EINVAL);
	loy_store_destroy(store);
}

static void columns_and_options_are_checked_first(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_batch_options options = {.struct_size = sizeof(options), .threads = 257};
	loy_batch_result result = {0};
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status[1] = {LOY_ESTATE};

	(void)state;
	fill(&table, 9, 1, 0);
	assert_int_equal(loy_store_record_columns(NULL, table.column, 8, 1, NULL, NULL, NULL, &error),
	                 LOY_EINVAL);
	assert_int_equal(loy_store_record_columns(store, NULL, 8, 1, NULL, NULL, NULL, &error), LOY_EINVAL);
	assert_int_equal(loy_store_record_columns(store, table.column, 2, 1, NULL, status, NULL, &error),
	                 LOY_EINVAL);
	assert_int_equal(error.field, LOY_FIELD_CUSTOMER);
	assert_int_equal(loy_store_record_columns(store, table.column, 8, 1, &options, NULL, NULL, &error),
	                 LOY_EINVAL);
	assert_int_equal(loy_store_record_columns(store, table.column, 8, 1, NULL, NULL, &result, &error),
	                 LOY_EINVAL);
	assert_int_equal(
	        loy_store_record_columns(store, table.column, 8, UINT64_MAX, NULL, NULL, NULL, &error),
	        LOY_EINVAL);
	assert_int_equal(status[0], LOY_ESTATE);
	assert_int_equal(loy_store_count(store), 0);
	assert_int_equal(loy_store_record_columns(store, table.column, 8, 0, NULL, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_store_count(store), 0);
	loy_store_destroy(store);
}

struct watcher {
	uint64_t calls, done, total, stop_at;
};

static int32_t watch(uint64_t done, uint64_t total, void *user_data)
{
	struct watcher *w = user_data;

	w->calls++;
	assert_true(done > w->done && done <= total);
	w->done = done;
	w->total = total;
	return done >= w->stop_at;
}

static void progress_is_told_and_may_cancel(void **state)
{
	enum { MANY = 200000 };
	static uint64_t customer[MANY];
	static loy_status status[MANY];
	static const uint8_t visit = LOY_KIND_VISIT;
	static const int64_t time = 0;
	const loy_column columns[] = {
	        {LOY_FIELD_KIND, LOY_COLUMN_U8, &visit, 0, NULL, NULL},
	        {LOY_FIELD_TIME, LOY_COLUMN_I64, &time, 0, NULL, NULL},
	        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, customer, 8, NULL, NULL},
	};
	struct watcher watcher = {.stop_at = UINT64_MAX};
	loy_batch_options options = {
	        .struct_size = sizeof(options), .progress = watch, .user_data = &watcher};
	loy_batch_result result = {.struct_size = sizeof(result)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_store *store = stores_create(model, 0);
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++)
		customer[i] = 1 + i % 50;
	assert_int_equal(loy_store_record_columns(store, columns, 3, MANY, &options, status, &result, &error),
	                 LOY_OK);
	assert_true(watcher.calls >= 3 && watcher.done == MANY && watcher.total == MANY);
	assert_result(&result, MANY, 0, 0, 0, -1);
	watcher.done = 0;
	watcher.stop_at = 100000;
	assert_int_equal(loy_store_record_columns(store, columns, 3, MANY, &options, status, &result, &error),
	                 LOY_ECANCELLED);
	assert_int_equal(error.code, LOY_ECANCELLED);
	assert_int_equal(error.row, watcher.done);
	assert_true(watcher.done >= 100000 && watcher.done < 170000);
	assert_result(&result, watcher.done, 0, 0, 0, -1);
	assert_int_equal(stores_stats(store).events, MANY + watcher.done);
	for (i = 0; i < MANY; i++)
		assert_int_equal(status[i], i < watcher.done ? LOY_OK : LOY_ECANCELLED);
	watcher.done = 0;
	watcher.stop_at = MANY; /* too late to cancel anything */
	assert_int_equal(loy_store_record_columns(store, columns, 3, MANY, &options, NULL, NULL, NULL),
	                 LOY_OK);
	loy_store_destroy(store);
}

/* Out of memory, or at the limit, in the middle of a table: the statuses say how far it went. */
static void a_table_that_does_not_fit_can_be_sent_again(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_store_options options = {.struct_size = sizeof(options), .memory_limit = 400000};
	loy_batch_result result = {.struct_size = sizeof(result)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_store *store, *whole = stores_create(model, 0), *part = stores_create(model, 0);
	loy_status status;
	long n;
	size_t i, stopped = 0;

	(void)state;
	fill(&table, 4, 2000, 1);
	record_rows(whole, &table, 0, ROWS);
	assert_int_equal(loy_store_create(&store, model, &options, &memory), LOY_OK);
	assert_int_equal(
	        loy_store_record_columns(store, table.column, 8, ROWS, NULL, table.status, &result, &error),
	        LOY_ELIMIT);
	assert_int_equal(error.code, LOY_ELIMIT);
	assert_true(heap.bytes <= 400000);
	for (i = 0; i < ROWS && table.status[i] == LOY_OK; i++)
		;
	assert_int_equal(result.recorded, i);
	assert_true(i > 500 && i < ROWS - 500);
	record_rows(part, &table, 0, i);
	stores_assert_equal(store, part);
	for (; i < ROWS; i++)
		assert_int_equal(table.status[i], LOY_ELIMIT);
	loy_store_destroy(store);
	assert_int_equal(heap.live, 0);

	options.memory_limit = 0;
	assert_int_equal(loy_store_create(&store, model, &options, &memory), LOY_OK);
	for (n = 0; n < 1000; n++) {
		heap.requests = 0;
		heap.until = n % 2;
		status = loy_store_record_columns(store, table.column, 8, ROWS, NULL, table.status, &result,
		                                  &error);
		if (status == LOY_OK)
			break;
		assert_int_equal(status, LOY_ENOMEM);
		assert_int_equal(error.code, LOY_ENOMEM);
		stopped++;
		for (i = 0; i < ROWS && (table.status[i] == LOY_OK || table.status[i] == LOY_EDUPLICATE); i++)
			;
		assert_int_equal(error.row, i);
		assert_int_equal(result.recorded + result.duplicates, i);
		assert_int_equal(table.status[ROWS - 1], LOY_ENOMEM);
	}
	heap.until = -1;
	assert_true(stopped > 4);
	assert_int_equal(loy_store_record_columns(store, table.column, 8, ROWS, NULL, NULL, &result, NULL),
	                 LOY_OK);
	assert_int_equal(result.duplicates, ROWS);
	stores_assert_equal(store, whole);
	loy_store_destroy(store);
	assert_int_equal(heap.live, 0);
	loy_store_destroy(part);
	loy_store_destroy(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_table_is_its_rows_one_by_one),
	        cmocka_unit_test(flawed_rows_do_not_stop_the_others),
	        cmocka_unit_test(the_first_refusal_is_explained),
	        cmocka_unit_test(columns_and_options_are_checked_first),
	        cmocka_unit_test(progress_is_told_and_may_cancel),
	        cmocka_unit_test(a_table_that_does_not_fit_can_be_sent_again),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
