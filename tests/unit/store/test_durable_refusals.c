/* What stores on files refuse, and that they are as before: arguments, options, media that fail, times of the past. */
#include "durables.h"
#include "sample_model.h"

#include <loyalty/privacy.h>

static void assert_unchanged(loy_store *store, const uint64_t before[2])
{
	uint64_t after[2];

	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(after));
}

/* ---- files with moods ---- */

struct moody {
	loy_files files;
	long until; /* calls that may fail before one does; -1: none does */
	int forever;
	uint32_t repeat; /* what entropy says as long as `repeats` is not 0 */
	int repeats;
};

static int fails(struct moody *moody)
{
	if (moody->until < 0)
		return 0;
	if (moody->until > 0) {
		moody->until--;
		return 0;
	}
	moody->until = moody->forever ? 0 : -1;
	return 1;
}

#define MOODY(user) struct moody *m = (user)
#define PASS(call)  return fails(m) ? LOY_EIO : m->files.call

static loy_status moody_open(void *user, const char *name, uint32_t mode, void **file)
{
	MOODY(user);
	PASS(open(m->files.user_data, name, mode, file));
}

static void moody_close(void *user, void *file)
{
	MOODY(user);
	m->files.close(m->files.user_data, file);
}

static loy_status moody_read(void *user, void *file, uint64_t at, void *buffer, size_t size, size_t *got)
{
	MOODY(user);
	PASS(read_at(m->files.user_data, file, at, buffer, size, got));
}

static loy_status moody_write(void *user, void *file, uint64_t at, const void *buffer, size_t size)
{
	MOODY(user);
	PASS(write_at(m->files.user_data, file, at, buffer, size));
}

static loy_status moody_size(void *user, void *file, uint64_t *size)
{
	MOODY(user);
	PASS(size(m->files.user_data, file, size));
}

static loy_status moody_resize(void *user, void *file, uint64_t size)
{
	MOODY(user);
	PASS(resize(m->files.user_data, file, size));
}

static loy_status moody_sync(void *user, void *file)
{
	MOODY(user);
	PASS(sync(m->files.user_data, file));
}

static loy_status moody_rename(void *user, const char *from, const char *to)
{
	MOODY(user);
	PASS(rename(m->files.user_data, from, to));
}

static loy_status moody_remove(void *user, const char *name)
{
	MOODY(user);
	PASS(remove(m->files.user_data, name));
}

static loy_status moody_sync_directory(void *user)
{
	MOODY(user);
	PASS(sync_directory(m->files.user_data));
}

static loy_status moody_list(void *user, int32_t (*each)(const char *, void *), void *context)
{
	MOODY(user);
	PASS(list(m->files.user_data, each, context));
}

static loy_status moody_entropy(void *user, void *buffer, size_t size)
{
	MOODY(user);
	if (m->repeats > 0 && size == 4) {
		uint8_t bytes[4] = {(uint8_t)m->repeat, (uint8_t)(m->repeat >> 8), (uint8_t)(m->repeat >> 16),
		                    (uint8_t)(m->repeat >> 24)};

		m->repeats--;
		memcpy(buffer, bytes, 4);
		return LOY_OK;
	}
	PASS(entropy(m->files.user_data, buffer, size));
}

static loy_files moody_files(struct moody *moody, loy_files files)
{
	loy_files out = {.struct_size = sizeof(out), .open = moody_open, .close = moody_close};

	moody->files = files;
	moody->until = -1;
	out.read_at = moody_read;
	out.write_at = moody_write;
	out.size = moody_size;
	out.resize = moody_resize;
	out.sync = moody_sync;
	out.rename = moody_rename;
	out.remove = moody_remove;
	out.sync_directory = moody_sync_directory;
	out.list = moody_list;
	out.entropy = moody_entropy;
	out.user_data = moody;
	return out;
}

/* ---- arguments ---- */

static loy_status try_open(const loy_store_options *options, const loy_allocator *memory,
                           loy_recovery *report)
{
	loy_store *store = (loy_store *)&model;
	loy_status status = loy_store_open(&store, NULL, 0, model, options, memory, report, NULL);

	if (status != LOY_OK)
		assert_null(store);
	loy_store_destroy(store);
	return status;
}

static void options_out_of_range_are_refused(void **state)
{
	static const uint64_t sizes[] = {1, 4096, 61440, 65537, 69631, UINT64_C(67112960), UINT64_MAX};
	static const uint64_t allowed[] = {0, 65536, 69632, UINT64_C(67108864)};
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_recovery report = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		loy_files files = durable_files(1);
		loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);

		options.segment_bytes = sizes[i];
		assert_int_equal(try_open(&options, NULL, NULL), LOY_EINVAL);
		loy_files_close(&files);
	}
	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		loy_files files = durable_files(2);
		loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);

		options.segment_bytes = allowed[i];
		options.group_events = 0;
		options.struct_size = sizeof(options);
		assert_int_equal(try_open(&options, NULL, NULL), LOY_OK);
		options.struct_size = 1;
		assert_int_equal(try_open(&options, NULL, NULL), LOY_EINVAL);
		options.struct_size = sizeof(options);
		options.flags = 32;
		assert_int_equal(try_open(&options, NULL, NULL), LOY_EINVAL);
		options.flags = 0;
		options.group_microseconds = INT64_MIN;
		assert_int_equal(try_open(&options, NULL, NULL), LOY_EINVAL);
		options.group_microseconds = 0;
		report.struct_size = 0;
		assert_int_equal(try_open(&options, NULL, &report), LOY_EINVAL);
		memory.resize = NULL;
		assert_int_equal(try_open(&options, &memory, NULL), LOY_EINVAL);
		files.rename = NULL;
		assert_int_equal(try_open(&options, NULL, NULL), LOY_EINVAL);
		loy_files_close(&files);
	}
	assert_int_equal(heap.requests, 0);
}

static void arguments_that_cannot_be_change_nothing(void **state)
{
	loy_files files = durable_files(3), other = durable_files(4), broken = {0};
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL), *out = store;
	loy_verification result = {0};
	loy_allocator none = {0};
	uint64_t before[2], high, low;
	uint32_t left = 0;
	loy_cursor *cursor;
	loy_profile *profile;
	char key[300];

	(void)state;
	memset(key, 'k', sizeof(key));
	durable_record(store, 0, 30);
	stores_hash(store, before);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_store_commit(NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_tick(NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_next_identity(NULL, 1, &high, &low), LOY_EINVAL);
	assert_int_equal(loy_store_next_identity(store, 1, NULL, &low), LOY_EINVAL);
	assert_int_equal(loy_store_next_identity(store, 1, &high, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_next_identity(store, UINT32_MAX, &high, &low), LOY_EINVAL);
	assert_int_equal(loy_store_next_identity(store, INT32_MAX, &high, &low), LOY_OK);
	assert_int_equal(loy_store_compact(NULL, 1, &left, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_compact(store, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_verify(NULL, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_verify(store, 0, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_verify(store, 8, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, &result, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_rebuild(NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_as_of(store, 0, model, NULL, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_as_of(NULL, 0, model, &out, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_null(out);
	assert_int_equal(loy_store_as_of(store, 0, NULL, &out, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_as_of(store, 0, model, &out, &none, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_as_of(store, LOY_TIME_MIN - 1, model, &out, NULL, NULL, NULL, NULL),
	                 LOY_ETIME);
	assert_int_equal(loy_store_as_of(store, LOY_TIME_MAX + 1, model, &out, NULL, NULL, NULL, NULL),
	                 LOY_ETIME);
	assert_int_equal(loy_store_profile_as_of(NULL, 0, 1, NULL, 0, profile, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_profile_as_of(store, 0, 1, NULL, 0, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_profile_as_of(store, LOY_TIME_MIN - 1, 1, NULL, 0, profile, NULL),
	                 LOY_ETIME);
	assert_int_equal(loy_store_profile_as_of(store, LOY_TIME_MAX + 1, 1, NULL, 0, profile, NULL),
	                 LOY_ETIME);
	assert_int_equal(loy_store_profile_as_of(store, 0, 0, NULL, 0, profile, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_profile_as_of(store, 0, 0, key, 0, profile, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_profile_as_of(store, 0, 0, key, sizeof(key), profile, NULL), LOY_ELIMIT);
	assert_int_equal(loy_store_profile_as_of(store, 0, 0, "\xff", 1, profile, NULL), LOY_EUTF8);
	assert_int_equal(loy_store_profile_as_of(store, LOY_TIME_MAX, 999, NULL, 0, profile, NULL),
	                 LOY_ENOTFOUND);
	assert_int_equal(loy_store_erase_until(store, 1, NULL, 0, LOY_TIME_MAX + 1, NULL), LOY_ETIME);
	assert_int_equal(loy_store_erase_until(store, 0, "\xff", 1, 0, NULL), LOY_EUTF8);
	assert_int_equal(loy_cursor_create(NULL, store, NULL), LOY_EINVAL);
	assert_int_equal(loy_cursor_create(&cursor, NULL, NULL), LOY_EINVAL);
	assert_null(cursor);
	assert_int_equal(loy_cursor_next(NULL, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_salvage(&files, &other, NULL, NULL, &none, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_salvage(&broken, &other, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_salvage(&files, &broken, NULL, NULL, NULL, NULL), LOY_EINVAL);
	assert_unchanged(store, before);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	loy_store_destroy(store);
	assert_int_equal(loy_store_salvage(&files, &other, NULL, NULL, NULL, NULL), LOY_OK);
	loy_profile_destroy(profile);
	loy_files_close(&files);
	loy_files_close(&other);
}

static void stores_in_memory_have_no_past(void **state)
{
	loy_store *store = stores_create(model, 0), *out = store;
	uint64_t before[2];
	loy_profile *profile;
	int64_t time;

	(void)state;
	durable_record(store, 0, 10);
	stores_hash(store, before);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_store_as_of(store, 0, model, &out, NULL, NULL, NULL, NULL), LOY_ESTATE);
	assert_null(out);
	assert_int_equal(loy_store_profile_as_of(store, 0, 1, NULL, 0, profile, NULL), LOY_ESTATE);
	assert_int_equal(loy_store_erase_until(store, 1, NULL, 0, 0, NULL), LOY_ESTATE);
	assert_int_equal(loy_store_erased_until(store, 1, NULL, 0, &time), LOY_ESTATE);
	assert_unchanged(store, before);
	loy_profile_destroy(profile);
	loy_store_destroy(store);
}

/* ---- the past ---- */

enum { EVENTS = 60, MERGED = 9, JOINED = 2, WHOLE = 3, ERASED = 1, ERASED_HOUR = 10, TAKEN_BACK = 30 };

static void visit(loy_event *event, uint64_t customer, int64_t hour)
{
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, hour * LOY_HOUR), LOY_OK);
	if (customer % 5 == 4)
		assert_int_equal(loy_event_set_customer_key(event, "somebody", 8), LOY_OK);
	else
		assert_int_equal(loy_event_set_customer(event, customer), LOY_OK);
	assert_int_equal(loy_event_set_sequence(event, 1, 1, (uint64_t)hour), LOY_OK);
}

static loy_store *make_past(const loy_store_options *options)
{
	loy_store *store = durable_open(model, options, NULL);
	loy_who part = {JOINED, NULL, 0}, whole = {WHOLE, NULL, 0};
	loy_profile *merged;
	loy_event *event;
	int64_t n;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&merged, loy_model_schema(model), NULL), LOY_OK);
	for (n = 0; n < EVENTS; n++) {
		visit(event, (uint64_t)(n % 4 + 1), n);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	for (n = 5; n <= 20; n += 15) {
		visit(event, MERGED + 1, n);
		assert_int_equal(loy_profile_record(merged, event, NULL), LOY_OK);
	}
	assert_int_equal(loy_store_merge_profile(store, MERGED + 1, NULL, 0, merged), LOY_OK);
	assert_int_equal(loy_store_erase_until(store, ERASED, NULL, 0, ERASED_HOUR * LOY_HOUR, NULL), LOY_OK);
	assert_int_equal(loy_store_join(store, &part, &whole, 0, NULL), LOY_OK);
	visit(event, TAKEN_BACK % 4 + 1, TAKEN_BACK);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_OK);
	loy_profile_destroy(merged);
	loy_event_destroy(event);
	return store;
}

/* The same, told only what counts up to an hour. */
static loy_store *expect_past(int64_t hour)
{
	loy_store *store = stores_create(model, 0);
	loy_event *event;
	int64_t n;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = 0; n < EVENTS && n <= hour; n++) {
		uint64_t customer = (uint64_t)(n % 4 + 1);

		if (customer == ERASED && n <= ERASED_HOUR)
			continue;
		visit(event, customer == JOINED ? WHOLE : customer, n);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	if (hour >= TAKEN_BACK) {
		visit(event, TAKEN_BACK % 4 + 1, TAKEN_BACK);
		assert_int_equal(loy_store_retract(store, event, NULL), LOY_OK);
	}
	for (n = 5; n <= 20 && hour >= 20; n += 15) {
		visit(event, MERGED + 1, n);
		assert_int_equal(loy_event_set_identity(event, 0, 0), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	return store;
}

static void the_past_is_what_counted_up_to_then(void **state)
{
	static const int64_t hours[] = {-1, 0, 1, 9, 10, 12, 19, 20, 58, 59, 60};
	loy_files files = durable_files(5);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *store = make_past(&options), *past, *expected;
	loy_profile *one, *two;
	uint64_t before[2], customer;
	size_t i;

	(void)state;
	stores_hash(store, before);
	assert_int_equal(loy_profile_create(&one, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&two, loy_model_schema(model), NULL), LOY_OK);
	for (i = 0; i < sizeof(hours) / sizeof(hours[0]); i++) {
		int64_t time = hours[i] * LOY_HOUR;

		expected = expect_past(hours[i]);
		assert_int_equal(loy_store_as_of(store, time, model, &past, NULL, NULL, NULL, NULL), LOY_OK);
		stores_assert_equal(past, expected);
		assert_int_equal(stores_stats(past).events, stores_stats(expected).events);
		for (customer = 0; customer <= MERGED + 1; customer++) {
			uint64_t asked = customer == JOINED ? WHOLE : customer;
			loy_status there = loy_store_profile_of(expected, asked, "somebody", 8, one);

			assert_int_equal(
			        loy_store_profile_as_of(store, time, customer, "somebody", 8, two, NULL),
			        there);
			if (there == LOY_OK)
				assert_true(loy_profile_equal(one, two));
		}
		assert_int_equal(loy_store_profile_as_of(store, time, 0, "somebodx", 8, two, NULL),
		                 LOY_ENOTFOUND);
		loy_store_destroy(past);
		loy_store_destroy(expected);
	}
	assert_unchanged(store, before);
	loy_profile_destroy(one);
	loy_profile_destroy(two);
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void merged_profiles_keep_their_schema(void **state)
{
	loy_files files = durable_files(6);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *store = make_past(&options), *past = store;
	loy_model *other = stores_model();
	loy_schema *schema = plain_schema();
	loy_profile *profile;
	uint64_t before[2];

	(void)state;
	other->schema = *schema;
	free(schema);
	stores_hash(store, before);
	assert_int_equal(loy_store_as_of(store, LOY_TIME_MAX, other, &past, NULL, NULL, NULL, NULL),
	                 LOY_ESCHEMA);
	assert_null(past);
	assert_int_equal(loy_profile_create(&profile, &other->schema, NULL), LOY_OK);
	assert_int_equal(loy_store_profile_as_of(store, LOY_TIME_MAX, MERGED + 1, NULL, 0, profile, NULL),
	                 LOY_ESCHEMA);
	assert_int_equal(loy_store_profile_as_of(store, LOY_TIME_MAX, WHOLE, NULL, 0, profile, NULL), LOY_OK);
	assert_unchanged(store, before);
	loy_profile_destroy(profile);
	loy_store_destroy(store);
	loy_files_close(&files);
	free(other);
}

static void pseudonyms_hold_in_the_past_and_in_tables(void **state)
{
	static const uint8_t secret[16] = {7, 1}, wrong[16] = {7, 2}, kind = LOY_KIND_VISIT;
	static const uint64_t customer[3] = {4711, 4712, 4711};
	static const int64_t time[3] = {1, 2, LOY_DAY};
	const loy_column columns[] = {
	        {LOY_FIELD_KIND, LOY_COLUMN_U8, &kind, 0, NULL, NULL},
	        {LOY_FIELD_TIME, LOY_COLUMN_I64, time, 8, NULL, NULL},
	        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, customer, 8, NULL, NULL},
	};
	loy_batch_options batch = {.struct_size = sizeof(batch), .latest_time = 2};
	loy_batch_result result = {.struct_size = sizeof(result)};
	loy_files files = durable_files(7);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_status status[3];
	loy_store *store, *past;
	loy_profile *profile;
	uint64_t row;

	(void)state;
	options.pseudonym_key = secret;
	store = durable_open(model, &options, NULL);
	assert_int_equal(loy_store_record_columns(store, columns, 3, 3, &batch, status, &result, NULL),
	                 LOY_OK);
	assert_int_equal(result.recorded, 2);
	assert_int_equal(result.refused, 1);
	assert_int_equal(result.first_refused, 2);
	assert_int_equal(status[2], LOY_EFUTURE);
	assert_int_equal(loy_store_as_of(store, 1, model, &past, NULL, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_store_count(past), 1);
	assert_int_equal(loy_store_find(past, 4711, &row), LOY_OK);
	assert_int_equal(loy_store_find(past, 4712, &row), LOY_ENOTFOUND);
	loy_store_destroy(past);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_store_profile_as_of(store, 1, 4711, NULL, 0, profile, NULL), LOY_OK);
	assert_int_equal(loy_store_profile_as_of(store, 1, 4712, NULL, 0, profile, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_store_profile_as_of(store, 1, 0, "x", 1, profile, NULL), LOY_ENOTFOUND);
	loy_store_destroy(store);
	options.pseudonym_key = wrong;
	assert_int_equal(try_open(&options, NULL, NULL), LOY_EINVAL);
	options.pseudonym_key = NULL;
	assert_int_equal(try_open(&options, NULL, NULL), LOY_EINVAL);
	options.pseudonym_key = secret;
	assert_int_equal(try_open(&options, NULL, NULL), LOY_OK);
	loy_profile_destroy(profile);
	loy_files_close(&files);
}

/* ---- media ---- */

static void an_epoch_in_use_is_drawn_again(void **state)
{
	struct moody moody = {0};
	loy_files memory = durable_files(8), files = moody_files(&moody, memory);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	uint64_t high, low;

	(void)state;
	durable_record(store, 0, 3); /* of device 3 in epoch 77 */
	moody.repeat = 77;
	moody.repeats = 2;
	assert_int_equal(loy_store_next_identity(store, 3, &high, &low), LOY_OK);
	assert_int_equal(high >> 32, 3);
	assert_true((uint32_t)high != 77);
	assert_int_equal(moody.repeats, 0);
	moody.until = 0;
	assert_int_equal(loy_store_next_identity(store, 4, &high, &low), LOY_EIO);
	loy_store_destroy(store);
	loy_files_close(&memory);
}

static void after_a_failed_sync_nothing_goes_on(void **state)
{
	struct moody moody = {0};
	loy_files memory = durable_files(9), files = moody_files(&moody, memory);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *store = durable_open(model, &options, NULL), *out;
	loy_profile *profile;
	loy_cursor *cursor;
	uint32_t left;
	uint64_t high, low;

	(void)state;
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	durable_record(store, 0, 10);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	durable_record(store, 10, 10);
	moody.until = 0;
	assert_int_equal(loy_store_as_of(store, 0, model, &out, NULL, NULL, NULL, NULL), LOY_EIO);
	assert_null(out);
	assert_int_equal(moody.until, -1); /* the medium is well again, the store is not */
	assert_int_equal(loy_store_commit(store, NULL), LOY_EIO);
	assert_int_equal(loy_store_tick(store, 1, NULL), LOY_EIO);
	assert_int_equal(loy_store_as_of(store, 0, model, &out, NULL, NULL, NULL, NULL), LOY_EIO);
	assert_int_equal(loy_store_profile_as_of(store, 0, 1, NULL, 0, profile, NULL), LOY_EIO);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_EIO);
	assert_int_equal(loy_store_rebuild(store, NULL, NULL, NULL), LOY_EIO);
	assert_int_equal(loy_store_compact(store, 1, &left, NULL), LOY_EIO);
	assert_int_equal(loy_store_next_identity(store, 3, &high, &low), LOY_EIO);
	assert_int_equal(loy_cursor_create(&cursor, store, NULL), LOY_EIO);
	loy_store_destroy(store);
	store = durable_open(model, &options, NULL);
	assert_int_equal(stores_stats(store).events, 10);
	loy_profile_destroy(profile);
	loy_store_destroy(store);
	loy_files_close(&memory);
}

/* Each call of the medium fails once, in opening, compaction and verification: what was acknowledged is there. */
static void each_call_of_the_medium_may_fail(void **state)
{
	struct moody moody = {0};
	loy_files memory = durable_files(10), files = moody_files(&moody, memory);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *store = make_past(&options), *past;
	loy_status status = LOY_EIO;
	uint64_t before[2];
	long n;

	(void)state;
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	stores_hash(store, before);
	loy_store_destroy(store);
	for (n = 0; status != LOY_OK || moody.until < 0; n++) {
		assert_true(n < 2000);
		moody.until = n;
		status = loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL);
		if (status == LOY_OK)
			status = durable_compact(store, 1u << 20);
		if (status == LOY_OK)
			status = loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL);
		if (status == LOY_OK) {
			status = loy_store_as_of(store, LOY_HOUR, model, &past, NULL, NULL, NULL, NULL);
			loy_store_destroy(past);
		}
		loy_store_destroy(store);
		if (moody.until < 0) {
			store = durable_open(model, &options, NULL);
			assert_unchanged(store, before);
			loy_store_destroy(store);
		}
	}
	assert_true(n > 10);
	moody.until = -1;
	loy_files_close(&memory);
}

static void salvage_lives_with_files_that_fail(void **state)
{
	struct moody moody = {0};
	loy_files memory = durable_files(11), files = moody_files(&moody, memory);
	loy_store_options options = durable_options(&memory, LOY_DURABLE_CALLER);
	loy_store *store = durable_open(model, &options, NULL);
	uint64_t saved = 0, lost = 0, best = 0;
	long n;
	int side;

	(void)state;
	durable_record(store, 0, 500);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	loy_store_destroy(store);
	for (side = 0; side < 2; side++) {
		moody.until = -1;
		for (n = 0, best = 0; best < 500 || moody.until < 0; n++) {
			loy_files to = durable_files(12), out = to;
			loy_status status;

			assert_true(n < 1000);
			files = moody_files(&moody, side == 0 ? memory : to);
			moody.until = n;
			status = loy_store_salvage(side == 0 ? &files : &memory, side == 0 ? &out : &files,
			                           &saved, &lost, NULL, NULL);
			if (status == LOY_OK) {
				assert_true(saved + lost <= 500);
				best = saved > best ? saved : best;
			} else {
				assert_true(moody.until < 0); /* something did fail */
			}
			loy_files_close(&to);
		}
		assert_int_equal(best, 500);
		assert_true(n > 5);
	}
	loy_files_close(&memory);
}

static void memory_may_run_out_in_the_past(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_files files = durable_files(13);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *store = make_past(&options), *past;
	loy_profile *profile;
	loy_cursor *cursor;
	uint64_t before[2];
	int call;
	long n;

	(void)state;
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	stores_hash(store, before);
	loy_store_destroy(store);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	store = durable_open(model, &options, &memory);
	for (call = 0; call < 5; call++) {
		loy_status status = LOY_ENOMEM;

		for (n = 0; status != LOY_OK; n++) {
			assert_true(n < 2000);
			heap.until = heap.requests + n;
			past = NULL;
			cursor = NULL;
			if (call == 0)
				status = loy_store_as_of(store, 20 * LOY_HOUR, model, &past, &memory, NULL,
				                         NULL, NULL);
			else if (call == 1)
				status = loy_store_as_of(store, LOY_TIME_MAX, model, &past, &memory, NULL,
				                         NULL, NULL);
			else if (call == 2)
				status = loy_store_profile_as_of(store, LOY_TIME_MAX, MERGED + 1, NULL, 0,
				                                 profile, NULL);
			else if (call == 3)
				status = loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL);
			else
				status = loy_cursor_create(&cursor, store, NULL);
			if (status != LOY_OK)
				assert_int_equal(status, LOY_ENOMEM);
			loy_store_destroy(past);
			loy_cursor_destroy(cursor);
		}
		assert_true(n > 1);
	}
	heap.until = -1;
	assert_unchanged(store, before);
	loy_profile_destroy(profile);
	loy_store_destroy(store);
	assert_int_equal(heap.live, 0);
	loy_files_close(&files);
}

static void ticks_count_from_the_first_that_sees_records(void **state)
{
	loy_files files = durable_files(14);
	loy_store_options options = durable_options(&files, LOY_DURABLE_GROUP);
	loy_store *store;

	(void)state;
	store = durable_open(model, &options, NULL);
	assert_int_equal(loy_store_tick(store, INT64_MIN, NULL), LOY_OK);
	durable_record(store, 0, 1);
	assert_int_equal(loy_store_tick(store, 0, NULL), LOY_OK);
	assert_int_equal(loy_store_tick(store, 49999, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).pending, 2);
	assert_int_equal(loy_store_tick(store, 50000, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).pending, 0);
	loy_store_destroy(store);
	options.durability = LOY_DURABLE_CALLER;
	store = durable_open(model, &options, NULL);
	durable_record(store, 1, 20);
	assert_int_equal(loy_store_tick(store, INT64_MAX, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).pending, 21);
	loy_store_destroy(store);
	loy_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(options_out_of_range_are_refused),
	        cmocka_unit_test(arguments_that_cannot_be_change_nothing),
	        cmocka_unit_test(stores_in_memory_have_no_past),
	        cmocka_unit_test(the_past_is_what_counted_up_to_then),
	        cmocka_unit_test(merged_profiles_keep_their_schema),
	        cmocka_unit_test(pseudonyms_hold_in_the_past_and_in_tables),
	        cmocka_unit_test(an_epoch_in_use_is_drawn_again),
	        cmocka_unit_test(after_a_failed_sync_nothing_goes_on),
	        cmocka_unit_test(each_call_of_the_medium_may_fail),
	        cmocka_unit_test(salvage_lives_with_files_that_fail),
	        cmocka_unit_test(memory_may_run_out_in_the_past),
	        cmocka_unit_test(ticks_count_from_the_first_that_sees_records),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
