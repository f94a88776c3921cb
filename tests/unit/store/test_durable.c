/* Stores on files: opening, committing, identities, cursors, compaction, pseudonyms, the past, what is refused. */
#include "durables.h"
#include "sample_model.h"

#include "store/ledger.h"

static loy_recovery reopen(loy_store **store, const loy_store_options *options)
{
	loy_recovery report = {.struct_size = sizeof(report)};

	loy_store_destroy(*store);
	assert_int_equal(loy_store_open(store, NULL, 0, model, options, NULL, &report, NULL), LOY_OK);
	return report;
}

static void what_was_recorded_is_there_again(void **state)
{
	loy_files files = durable_files(1);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	uint64_t before[2], after[2];
	loy_recovery report;

	(void)state;
	durable_record(store, 0, 300);
	stores_hash(store, before);
	report = reopen(&store, &options);
	assert_int_equal(report.clean, 1);
	assert_int_equal(report.torn_bytes, 0);
	assert_int_equal(report.rebuilt, 0);
	assert_true(report.replayed >= 300);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(durable_compact(store, 1000), LOY_OK);
	report = reopen(&store, &options);
	assert_int_equal(report.replayed, 0);
	assert_true(report.snapshot_records >= 300);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	durable_record(store, 300, 10);
	report = reopen(&store, &options);
	assert_in_range(report.replayed, 10, 12); /* with the announcement of a life */
	assert_int_equal(stores_stats(store).events, 310);
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void only_what_was_committed_is_there_again(void **state)
{
	loy_files files = durable_files(2);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *store = durable_open(model, &options, NULL);

	(void)state;
	durable_record(store, 0, 20);
	assert_int_equal(stores_stats(store).pending, 21);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).pending, 0);
	durable_record(store, 20, 7);
	(void)reopen(&store, &options);
	assert_int_equal(stores_stats(store).events, 20);
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void groups_are_committed_by_number_and_by_time(void **state)
{
	loy_files files = durable_files(3);
	loy_store_options options = durable_options(&files, LOY_DURABLE_GROUP);
	loy_store *store;

	(void)state;
	options.group_microseconds = 1000;
	store = durable_open(model, &options, NULL);
	durable_record(store, 0, 4);
	assert_int_equal(stores_stats(store).pending, 5);
	durable_record(store, 4, 1);
	assert_int_equal(stores_stats(store).pending, 0);
	durable_record(store, 5, 1);
	assert_int_equal(loy_store_tick(store, 100, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).pending, 1);
	assert_int_equal(loy_store_tick(store, 1099, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).pending, 1);
	assert_int_equal(loy_store_tick(store, 1100, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).pending, 0);
	durable_record(store, 6, 1);
	assert_int_equal(loy_store_tick(store, 5000, NULL), LOY_OK);
	assert_int_equal(loy_store_tick(store, 4000, NULL),
	                 LOY_OK); /* a clock that ran backwards is not waited for */
	assert_int_equal(stores_stats(store).pending, 0);
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void a_store_without_path_and_files_is_in_memory(void **state)
{
	loy_store_options options = {.struct_size = sizeof(options), .customers = 10};
	uint64_t high, low;
	loy_cursor *cursor;
	loy_store *store;
	uint32_t left = 7;

	(void)state;
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_OK);
	durable_record(store, 0, 5);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	assert_int_equal(loy_store_tick(store, 1, NULL), LOY_OK);
	assert_int_equal(loy_store_compact(store, 1, &left, NULL), LOY_OK);
	assert_int_equal(left, 0);
	assert_int_equal(loy_store_next_identity(store, 1, &high, &low), LOY_ESTATE);
	assert_int_equal(loy_cursor_create(&cursor, store, NULL), LOY_ESTATE);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_ESTATE);
	assert_int_equal(loy_store_rebuild(store, NULL, NULL, NULL), LOY_ESTATE);
	loy_store_destroy(store);
	options.durability = LOY_DURABLE_GROUP;
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_EINVAL);
	assert_null(store);
}

static void options_that_cannot_be_are_refused(void **state)
{
	loy_files files = durable_files(4);
	loy_store_options good = durable_options(&files, LOY_DURABLE_EACH), options;
	loy_store *store;

	(void)state;
	options = good;
	options.flags = LOY_STORE_TRUSTED;
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_EINVAL);
	options = good;
	options.durability = 3;
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_EINVAL);
	options = good;
	options.segment_bytes = 65537;
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_EINVAL);
	options = good;
	options.group_microseconds = -1;
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_EINVAL);
	options = good;
	options.threads = 257;
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_EINVAL);
	options = good;
	options.reserved = 1;
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_open(&store, NULL, 0, NULL, &good, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_open(NULL, NULL, 0, model, &good, NULL, NULL, NULL), LOY_EINVAL);
	loy_files_close(&files);
}

static void a_store_for_reading_only_changes_nothing(void **state)
{
	loy_files files = durable_files(5);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	uint64_t before[2], after[2], high, low;
	loy_verification result = {.struct_size = sizeof(result)};
	loy_event *event;
	uint32_t left;

	(void)state;
	durable_record(store, 0, 40);
	stores_hash(store, before);
	loy_store_destroy(store);
	options.flags = LOY_STORE_READ_ONLY;
	store = durable_open(model, &options, NULL);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	durable_event(event, 41);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_EREADONLY);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_EREADONLY);
	assert_int_equal(loy_store_erase(store, 1, NULL, 0), LOY_EREADONLY);
	assert_int_equal(loy_store_commit(store, NULL), LOY_EREADONLY);
	assert_int_equal(loy_store_compact(store, 1, &left, NULL), LOY_EREADONLY);
	assert_int_equal(loy_store_next_identity(store, 1, &high, &low), LOY_EREADONLY);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, &result, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(result.records, 41); /* the announcement of a life is one */
	loy_event_destroy(event);
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void identities_are_never_made_twice(void **state)
{
	loy_files files = durable_files(6);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	uint64_t high[3], low, again;

	(void)state;
	assert_int_equal(loy_store_next_identity(store, 5, &high[0], &low), LOY_OK);
	assert_int_equal(high[0] >> 32, 5);
	assert_int_equal(low, 0);
	assert_int_equal(loy_store_next_identity(store, 5, &again, &low), LOY_OK);
	assert_int_equal(low, 1);
	assert_true(again == high[0]);
	assert_int_equal(loy_store_next_identity(store, 6, &high[1], &low), LOY_OK);
	assert_int_equal(low, 0);
	assert_int_equal(high[1] >> 32, 6);
	(void)reopen(&store, &options);
	assert_int_equal(loy_store_next_identity(store, 5, &high[2], &low), LOY_OK);
	assert_true(high[2] != high[0]);
	assert_int_equal(loy_store_next_identity(store, 0, &again, &low), LOY_EINVAL);
	assert_int_equal(loy_store_next_identity(store, UINT32_C(0x80000000), &again, &low), LOY_EINVAL);
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void a_cursor_reads_what_was_recorded(void **state)
{
	loy_files files = durable_files(7);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	loy_event *event, *expected;
	loy_cursor *cursor;
	uint64_t position, last = 0, n, one, other;
	uint32_t kind;

	(void)state;
	durable_record(store, 0, 12);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&expected, NULL), LOY_OK);
	durable_event(event, 3);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_OK);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_EDUPLICATE);
	assert_int_equal(loy_cursor_create(&cursor, store, NULL), LOY_OK);
	for (n = 0; n < 13; n++) {
		assert_int_equal(loy_cursor_next(cursor, &kind, &position, event, NULL), LOY_OK);
		assert_int_equal(kind, n < 12 ? LOY_RECORD_EVENT : LOY_RECORD_RETRACT);
		assert_true(position > last);
		last = position;
		durable_event(expected, n < 12 ? n : 3);
		assert_int_equal(loy_event_digest(event, &one), LOY_OK);
		assert_int_equal(loy_event_digest(expected, &other), LOY_OK);
		assert_true(one == other);
	}
	assert_int_equal(loy_cursor_next(cursor, NULL, NULL, NULL, NULL), LOY_ENOTFOUND);
	loy_cursor_destroy(cursor);
	loy_cursor_destroy(NULL);
	loy_event_destroy(event);
	loy_event_destroy(expected);
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* Whether some file holds these bytes. */
struct grep {
	const loy_files *files;
	const void *bytes;
	size_t size;
	int found;
};

static int32_t look_into(const char *name, void *context)
{
	struct grep *grep = context;
	const loy_files *files = grep->files;
	uint64_t size;
	size_t got, i;
	uint8_t *all;
	void *file;

	assert_int_equal(files->open(files->user_data, name, LOY_OPEN_READ, &file), LOY_OK);
	assert_int_equal(files->size(files->user_data, file, &size), LOY_OK);
	all = malloc((size_t)size + 1);
	assert_non_null(all);
	assert_int_equal(files->read_at(files->user_data, file, 0, all, (size_t)size, &got), LOY_OK);
	for (i = 0; i + grep->size <= got; i++)
		grep->found |= memcmp(all + i, grep->bytes, grep->size) == 0;
	free(all);
	files->close(files->user_data, file);
	return 0;
}

static int files_hold(const loy_files *files, const void *bytes, size_t size)
{
	struct grep grep = {files, bytes, size, 0};

	assert_int_equal(files->list(files->user_data, look_into, &grep), LOY_OK);
	return grep.found;
}

static void erased_bytes_leave_the_files(void **state)
{
	static const char key[] = "somebody-with-a-name", secret[] = "a note about somebody";
	loy_files files = durable_files(8);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	uint64_t before[2], after[2];
	loy_event *event;
	uint64_t n;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	durable_record(store, 0, 20);
	for (n = 0; n < 2000; n++) { /* over several journal files */
		durable_event(event, 100 + n);
		assert_int_equal(loy_event_set_customer_key(event, key, strlen(key)), LOY_OK);
		assert_int_equal(loy_event_set_extension(event, 1000, secret, strlen(secret)), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	assert_int_equal(durable_compact(store, 1u << 20), LOY_OK);
	assert_true(files_hold(&files, key, strlen(key)));
	assert_true(files_hold(&files, secret, strlen(secret)));
	assert_int_equal(loy_store_erase(store, 0, key, strlen(key)), LOY_OK);
	assert_int_equal(loy_store_erase(store, 0, key, strlen(key)), LOY_ENOTFOUND);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_EERASED);
	durable_record(store, 20, 20);
	stores_hash(store, before);
	assert_int_equal(durable_compact(store, 4096), LOY_OK);
	assert_false(files_hold(&files, key, strlen(key)));
	assert_false(files_hold(&files, secret, strlen(secret)));
	assert_int_equal(stores_stats(store).erased_events, 2000);
	assert_int_equal(stores_stats(store).erased_customers, 1);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	(void)reopen(&store, &options);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(loy_store_record(store, event, NULL), LOY_EERASED);
	loy_event_destroy(event);
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void pseudonyms_are_all_that_files_know(void **state)
{
	static const uint8_t secret[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	static const char key[] = "somebody-with-a-name";
	loy_files files = durable_files(9);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	uint64_t customer, row;
	char name[64];
	size_t length;
	loy_profile *profile;
	loy_event *event;
	loy_store *store;

	(void)state;
	options.pseudonym_key = secret;
	store = durable_open(model, &options, NULL);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	durable_event(event, 1);
	assert_int_equal(loy_event_set_customer_key(event, key, strlen(key)), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_EDUPLICATE);
	durable_event(event, 2);
	assert_int_equal(loy_event_set_customer(event, 4711), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	assert_int_equal(loy_event_customer(event, &customer), LOY_OK);
	assert_int_equal(customer, 4711); /* the caller's event is as it was */
	assert_int_equal(durable_compact(store, 1u << 20), LOY_OK);
	assert_false(files_hold(&files, key, strlen(key)));
	(void)reopen(&store, &options);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_store_profile_of(store, 0, key, strlen(key), profile), LOY_OK);
	assert_int_equal(loy_store_profile_of(store, 4711, NULL, 0, profile), LOY_OK);
	assert_int_equal(loy_store_profile_of(store, 4712, NULL, 0, profile), LOY_ENOTFOUND);
	assert_int_equal(loy_store_profile_of(store, 0, "nobody", 6, profile), LOY_ENOTFOUND);
	assert_int_equal(loy_store_find_key(store, key, strlen(key), &row), LOY_OK);
	assert_int_equal(loy_store_customer(store, row, &customer, name, sizeof(name), &length), LOY_OK);
	assert_int_equal(length, 32);
	assert_int_equal(loy_store_find(store, 4711, &row), LOY_OK);
	assert_int_equal(loy_store_customer(store, row, &customer, name, sizeof(name), &length), LOY_OK);
	assert_true(customer != 4711 && customer != 0);
	assert_int_equal(loy_store_erase(store, 0, key, strlen(key)), LOY_OK);
	loy_store_destroy(store);
	options.pseudonym_key = NULL; /* without the secret, or with another one, nobody gets in */
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_EINVAL);
	options.pseudonym_key = secret + 0;
	loy_profile_destroy(profile);
	loy_event_destroy(event);
	loy_files_close(&files);
}

static void tables_are_as_durable_as_single_events(void **state)
{
	enum { ROWS = 5000 };
	static const uint8_t kind = LOY_KIND_VISIT;
	static uint64_t customer[ROWS], low[ROWS];
	static int64_t time[ROWS];
	static loy_status status[ROWS];
	const uint64_t high = UINT64_C(9) << 32 | 1;
	const loy_column columns[] = {
	        {LOY_FIELD_KIND, LOY_COLUMN_U8, &kind, 0, NULL, NULL},
	        {LOY_FIELD_TIME, LOY_COLUMN_I64, time, 8, NULL, NULL},
	        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, customer, 8, NULL, NULL},
	        {LOY_FIELD_IDENTITY_HIGH, LOY_COLUMN_I64, &high, 0, NULL, NULL},
	        {LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, low, 8, NULL, NULL},
	};
	loy_files files = durable_files(10);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	loy_batch_result result = {.struct_size = sizeof(result)};
	uint64_t before[2], after[2];
	uint32_t i;

	(void)state;
	for (i = 0; i < ROWS; i++) {
		customer[i] = 1 + i % 37;
		low[i] = i < ROWS - 10 ? i : i - 100; /* the last ten come a second time, */
		time[i] = (int64_t)low[i] * LOY_HOUR;
		customer[i] = i < ROWS - 10 ? customer[i] : customer[i - 100];
		if (i >= ROWS - 5)
			time[i] += 1; /* half of them as something else */
	}
	assert_int_equal(loy_store_record_columns(store, columns, 5, ROWS, NULL, status, &result, NULL),
	                 LOY_OK);
	assert_int_equal(result.recorded, ROWS - 10);
	assert_int_equal(result.duplicates, 5);
	assert_int_equal(result.conflicts, 5);
	assert_int_equal(status[ROWS - 6], LOY_EDUPLICATE);
	assert_int_equal(status[ROWS - 5], LOY_ECONFLICT);
	assert_int_equal(stores_stats(store).pending, 0);
	assert_int_equal(stores_stats(store).open_conflicts, 5);
	stores_hash(store, before);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	(void)reopen(&store, &options);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(loy_store_record_columns(store, columns, 5, ROWS, NULL, status, &result, NULL),
	                 LOY_OK);
	assert_int_equal(result.duplicates, ROWS); /* contents that lost are known as well */
	assert_int_equal(durable_compact(store, 1u << 20), LOY_OK);
	(void)reopen(&store, &options);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	loy_store_destroy(store);
	loy_files_close(&files);
}

static int32_t cancel(uint64_t done, uint64_t total, void *user_data)
{
	(void)done;
	(void)total;
	++*(int *)user_data;
	return 1;
}

static void another_schema_is_refused_or_rebuilt(void **state)
{
	loy_files files = durable_files(11);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL), *plain;
	loy_model *other = stores_model();
	loy_schema *schema = plain_schema();
	loy_recovery report = {.struct_size = sizeof(report)};
	loy_event *event;
	loy_profile *one, *two;
	uint64_t n;

	(void)state;
	other->schema = *schema;
	free(schema);
	durable_record(store, 0, 60);
	assert_int_equal(durable_compact(store, 1u << 20), LOY_OK);
	loy_store_destroy(store);
	assert_int_equal(loy_store_open(&store, NULL, 0, other, &options, NULL, NULL, NULL), LOY_ESCHEMA);
	options.flags = LOY_STORE_REBUILD;
	assert_int_equal(loy_store_open(&store, NULL, 0, other, &options, NULL, &report, NULL), LOY_OK);
	assert_int_equal(report.rebuilt, 1);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	plain = stores_create(other, 0);
	for (n = 0; n < 60; n++) {
		durable_event(event, n);
		assert_int_equal(loy_store_record(plain, event, NULL), LOY_OK);
	}
	assert_int_equal(loy_profile_create(&one, &other->schema, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&two, &other->schema, NULL), LOY_OK);
	assert_int_equal(loy_store_sort(plain), LOY_OK);
	assert_int_equal(loy_store_count(store), loy_store_count(plain));
	for (n = 0; n < loy_store_count(store); n++) {
		assert_int_equal(loy_store_profile(store, n, one), LOY_OK);
		assert_int_equal(loy_store_profile(plain, n, two), LOY_OK);
		assert_true(loy_profile_equal(one, two));
	}
	loy_profile_destroy(one);
	loy_profile_destroy(two);
	loy_store_destroy(plain);
	loy_store_destroy(store);
	loy_event_destroy(event);
	loy_files_close(&files);
	free(other);
}

/* Events of few bytes, more than go by between two calls of progress. */
static void record_many(loy_store *store, uint64_t count)
{
	loy_event *event;
	uint64_t n;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = 0; n < count; n++) {
		assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, (int64_t)n * LOY_HOUR), LOY_OK);
		assert_int_equal(loy_event_set_customer(event, 1 + n % 100), LOY_OK);
		assert_int_equal(loy_event_set_sequence(event, 1, 1, n), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
}

static int32_t count_calls(uint64_t done, uint64_t total, void *user_data)
{
	assert_true(done <= total);
	++*(int *)user_data;
	return 0;
}

static void a_cancelled_rebuild_goes_on_with_the_next_opening(void **state)
{
	loy_files files = durable_files(13);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *store = durable_open(model, &options, NULL), *plain, *copy;
	loy_recovery report = {.struct_size = sizeof(report)};
	loy__ref part = {.number = 3}, whole = {.number = 4};
	loy_model *other = stores_model();
	loy_schema *schema = plain_schema();
	uint64_t one[2], two[2];
	int calls = 0;

	(void)state;
	other->schema = *schema;
	free(schema);
	record_many(store, 70000);
	loy__ref_hash(store, &part);
	loy__ref_hash(store, &whole);
	assert_int_equal(loy__ledger_alias(store, &part, &whole, 5, NULL), LOY_OK);
	assert_int_equal(loy_store_erase(store, 7, NULL, 0), LOY_OK);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	assert_int_equal(loy_store_as_of(store, LOY_TIME_MAX, other, &plain, NULL, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(durable_compact(store, 1u << 20), LOY_OK);
	loy_store_destroy(store);
	options.flags = LOY_STORE_REBUILD;
	options.progress = cancel;
	options.user_data = &calls;
	assert_int_equal(loy_store_open(&store, NULL, 0, other, &options, NULL, NULL, NULL), LOY_ECANCELLED);
	assert_int_equal(calls, 1);
	options.progress = count_calls;
	calls = 0;
	assert_int_equal(loy_store_open(&store, NULL, 0, other, &options, NULL, &report, NULL), LOY_OK);
	assert_int_equal(calls, 1); /* that it is done: what was left is less than it takes to be called */
	assert_int_equal(report.rebuilt, 1);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_store_count(store), 98);
	loy_store_destroy(store);
	options.flags = 0;
	assert_int_equal(loy_store_open(&store, NULL, 0, other, &options, NULL, &report, NULL), LOY_OK);
	assert_int_equal(report.rebuilt, 0);
	assert_int_equal(loy_store_as_of(store, LOY_TIME_MAX, other, &copy, NULL, NULL, NULL, NULL), LOY_OK);
	stores_hash(copy, one);
	stores_hash(plain, two);
	assert_memory_equal(one, two, sizeof(one));
	loy_store_destroy(copy);
	loy_store_destroy(store);
	loy_store_destroy(plain);
	loy_files_close(&files);
	free(other);
}

static void long_calls_can_be_cancelled(void **state)
{
	loy_files files = durable_files(12);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *store = durable_open(model, &options, NULL), *then;
	uint64_t before[2], after[2];
	int calls = 0;

	(void)state;
	record_many(store, 70000);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	stores_hash(store, before);
	assert_int_equal(loy_store_as_of(store, LOY_DAY, model, &then, NULL, cancel, &calls, NULL),
	                 LOY_ECANCELLED);
	assert_null(then);
	assert_int_equal(loy_store_rebuild(store, cancel, &calls, NULL), LOY_ECANCELLED);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_FILES, NULL, cancel, &calls, NULL),
	                 LOY_ECANCELLED);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_PROFILES, NULL, cancel, &calls, NULL),
	                 LOY_ECANCELLED);
	assert_int_equal(calls, 4);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	loy_store_destroy(store);
	options.progress = cancel;
	options.user_data = &calls;
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_ECANCELLED);
	assert_int_equal(calls, 5);
	loy_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_was_recorded_is_there_again),
	        cmocka_unit_test(only_what_was_committed_is_there_again),
	        cmocka_unit_test(groups_are_committed_by_number_and_by_time),
	        cmocka_unit_test(a_store_without_path_and_files_is_in_memory),
	        cmocka_unit_test(options_that_cannot_be_are_refused),
	        cmocka_unit_test(a_store_for_reading_only_changes_nothing),
	        cmocka_unit_test(identities_are_never_made_twice),
	        cmocka_unit_test(a_cursor_reads_what_was_recorded),
	        cmocka_unit_test(erased_bytes_leave_the_files),
	        cmocka_unit_test(pseudonyms_are_all_that_files_know),
	        cmocka_unit_test(tables_are_as_durable_as_single_events),
	        cmocka_unit_test(another_schema_is_refused_or_rebuilt),
	        cmocka_unit_test(a_cancelled_rebuild_goes_on_with_the_next_opening),
	        cmocka_unit_test(long_calls_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
