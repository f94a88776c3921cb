/*
 * What takes long enough to be told of and cancelled, and what only many customers bring about: opening, rebuilding,
 * verifying and recording more than 65,536 events at a time, hashes that collide.
 */
#include "durables.h"
#include "fault_files.h"
#include "sample_models.h"
#include "snapshots.h"

enum { EVENTS = 70000 };

/* ---- progress ---- */

struct teller {
	unsigned calls, cancel_at; /* the call that says stop, from 1; 0: none */
};

static int32_t tell(uint64_t done, uint64_t total, void *user)
{
	struct teller *teller = user;

	assert_true(done <= total);
	return ++teller->calls == teller->cancel_at;
}

static void record_many(loy_store *store)
{
	loy_event *event;
	uint64_t n;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = 0; n < EVENTS; n++) {
		assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, (int64_t)n * LOY_HOUR / 4), LOY_OK);
		assert_int_equal(loy_event_set_customer(event, 1 + n % 100), LOY_OK);
		assert_int_equal(loy_event_set_sequence(event, 1, 1, n), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
}

/* Files with many events; with a snapshot, or without. */
static struct fault_files *make_files(int snapshot)
{
	struct fault_files *disk = fault_create(31);
	loy_files files = fault_as_files(disk);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *store;

	options.segment_bytes = UINT64_C(4) << 20;
	store = durable_open(model, &options, NULL);
	record_many(store);
	if (snapshot)
		assert_int_equal(durable_compact(store, UINT64_MAX / 2), LOY_OK);
	loy_store_destroy(store);
	return disk;
}

/* Whoever is told and does not say stop gets what others get. */
static void telling_changes_nothing(void **state)
{
	struct fault_files *disk = make_files(0);
	loy_files files = fault_as_files(disk);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	struct teller teller = {0, 0};
	loy_store *store, *then;

	(void)state;
	options.progress = tell;
	options.user_data = &teller;
	store = durable_open(model, &options, NULL);
	assert_true(teller.calls > 0);
	teller.calls = 0;
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, tell, &teller, NULL), LOY_OK);
	assert_true(teller.calls >= 3);
	teller.calls = 0;
	assert_int_equal(loy_store_rebuild(store, tell, &teller, NULL), LOY_OK);
	assert_true(teller.calls > 0);
	teller.calls = 0;
	assert_int_equal(loy_store_as_of(store, LOY_DAY, model, &then, NULL, tell, &teller, NULL), LOY_OK);
	assert_true(teller.calls > 0);
	loy_store_destroy(then);
	teller = (struct teller){0, 1};
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_CHAIN, NULL, tell, &teller, NULL),
	                 LOY_ECANCELLED);
	loy_store_destroy(store);
	fault_destroy(disk);
}

static loy_status open_otherwise(const loy_files *files, uint32_t flags, struct teller *teller,
                                 loy_store **store)
{
	loy_store_options options = durable_options(files, LOY_DURABLE_CALLER);

	options.flags = LOY_STORE_REBUILD | flags;
	options.progress = tell;
	options.user_data = teller;
	return loy_store_open(store, NULL, 0, other, &options, NULL, NULL, NULL);
}

/* A rebuild that is cancelled keeps what it made, if it may write; if it cannot, the next begins again. */
static void cancelled_rebuilds_keep_what_they_can(void **state)
{
	struct fault_files *disk = make_files(1);
	loy_files files = fault_as_files(disk);
	const struct fault creations = {.kinds = FAULT_CREATE, .action = FAULT_FAIL, .forever = 1};
	const struct fault writes = {.kinds = FAULT_SYNC, .action = FAULT_FAIL, .at = 2, .forever = 1};
	struct teller teller = {0, 1};
	uint64_t first[2], second[2];
	loy_store *store;

	(void)state;
	assert_int_equal(open_otherwise(&files, LOY_STORE_READ_ONLY, &teller, &store), LOY_ECANCELLED);
	teller = (struct teller){0, 0};
	assert_int_equal(open_otherwise(&files, LOY_STORE_READ_ONLY, &teller, &store), LOY_OK);
	stores_hash(store, first); /* read-only: nothing is kept */
	loy_store_destroy(store);
	teller = (struct teller){0, 1};
	fault_arm(disk, &creations);
	assert_int_equal(open_otherwise(&files, 0, &teller, &store), LOY_EIO);
	fault_disarm(disk);
	teller = (struct teller){0, 1};
	fault_arm(disk, &writes);
	assert_int_equal(open_otherwise(&files, 0, &teller, &store), LOY_EIO);
	fault_disarm(disk);
	teller = (struct teller){0, 1};
	assert_int_equal(open_otherwise(&files, 0, &teller, &store), LOY_ECANCELLED);
	teller = (struct teller){0, 0};
	assert_int_equal(open_otherwise(&files, 0, &teller, &store), LOY_OK);
	stores_hash(store, second);
	assert_memory_equal(first, second, sizeof(first));
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	loy_store_destroy(store);
	fault_destroy(disk);
}

static void merge_one(loy_store *store)
{
	loy_profile *profile;
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(other), NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, LOY_DAY), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 5), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_store_merge_profile(store, 5, NULL, 0, profile), LOY_OK);
	assert_int_equal(loy_store_merge_profile(store, 5000, NULL, 0, profile), LOY_OK);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
}

static void kept_profiles_go_on_with_what_came_since(void **state)
{
	struct fault_files *disk = make_files(1);
	loy_files files = fault_as_files(disk);
	const struct fault full = {
	        .kinds = FAULT_CREATE, .action = FAULT_FAIL, .forever = 1, .status = LOY_EFULL};
	struct teller teller = {0, 1};
	uint64_t first[2], second[2];
	loy_store *store;

	(void)state;
	assert_int_equal(open_otherwise(&files, 0, &teller, &store), LOY_ECANCELLED);
	/* Made, but with no room for a snapshot; a profile is merged, which follows this schema. */
	fault_arm(disk, &full);
	teller = (struct teller){0, 0};
	assert_int_equal(open_otherwise(&files, 0, &teller, &store), LOY_OK);
	fault_disarm(disk);
	merge_one(store);
	stores_hash(store, first);
	loy_store_destroy(store);
	assert_int_equal(open_otherwise(&files, LOY_STORE_READ_ONLY, &teller, &store), LOY_OK);
	stores_hash(store, second);
	assert_memory_equal(first, second, sizeof(first));
	loy_store_destroy(store);
	fault_destroy(disk);
}

/* What was kept goes on where it stopped, unless what came since changes what it holds. */
static void kept_profiles_are_begun_anew_when_their_meaning_changed(void **state)
{
	struct fault_files *disk = make_files(1);
	loy_files files = fault_as_files(disk);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	const struct fault full = {
	        .kinds = FAULT_CREATE, .action = FAULT_FAIL, .forever = 1, .status = LOY_EFULL};
	struct teller teller = {0, 1};
	loy_recovery report = {.struct_size = sizeof(report)};
	uint64_t first[2], second[2];
	loy_store *store;

	(void)state;
	assert_int_equal(open_otherwise(&files, 0, &teller, &store), LOY_ECANCELLED);
	/* Under the schema of before, with no room for a snapshot, so that what was kept stays; an erasure. */
	options.flags = LOY_STORE_REBUILD;
	fault_arm(disk, &full);
	store = durable_open(model, &options, NULL);
	fault_disarm(disk);
	assert_int_equal(loy_store_erase(store, 7, NULL, 0), LOY_OK);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	loy_store_destroy(store);
	teller = (struct teller){0, 0};
	assert_int_equal(open_otherwise(&files, LOY_STORE_READ_ONLY, &teller, &store), LOY_OK);
	stores_hash(store, first);
	loy_store_destroy(store);
	options.flags = LOY_STORE_REBUILD;
	assert_int_equal(loy_store_open(&store, NULL, 0, other, &options, NULL, &report, NULL), LOY_OK);
	assert_int_equal(report.rebuilt, 1);
	stores_hash(store, second);
	assert_memory_equal(first, second, sizeof(first));
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	loy_store_destroy(store);
	fault_destroy(disk);
}

/* ---- tables ---- */

static uint64_t customer[EVENTS], number[EVENTS];
static int64_t amount[EVENTS], time_of[EVENTS];

static uint32_t fill_columns(loy_column columns[5])
{
	static const uint8_t kind = LOY_KIND_PURCHASE;
	const loy_column all[] = {
	        {LOY_FIELD_KIND, LOY_COLUMN_U8, &kind, 0, NULL, NULL},
	        {LOY_FIELD_TIME, LOY_COLUMN_I64, time_of, 8, NULL, NULL},
	        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, customer, 8, NULL, NULL},
	        {LOY_FIELD_AMOUNT, LOY_COLUMN_I64, amount, 8, NULL, NULL},
	        {LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, number, 8, NULL, NULL},
	};
	uint64_t i;

	for (i = 0; i < EVENTS; i++) {
		customer[i] = 1 + i % 1000;
		number[i] = i + 1;
		amount[i] = 100;
		time_of[i] = (int64_t)i * LOY_HOUR / 4;
	}
	memcpy(columns, all, sizeof(all));
	return 5;
}

/* In memory and on files; told, cancelled at each call, and sent again. */
static void tables_can_be_cancelled(void **state)
{
	unsigned on_files, at;
	loy_column columns[5];
	uint32_t count = fill_columns(columns);
	uint64_t expected[2], hash[2];

	(void)state;
	for (on_files = 0; on_files < 4;
	     on_files++) { /* 1, 2: and committed otherwise; 3: in memory with a limit */
		for (at = 0; at < 4; at++) {
			loy_files files = durable_files(40);
			loy_store_options options = durable_options(&files, LOY_DURABLE_GROUP);
			struct teller teller = {0, at};
			loy_batch_options batch = {.struct_size = sizeof(batch)};
			loy_store *store;
			loy_status status;

			if (on_files == 2)
				options.durability = LOY_DURABLE_CALLER;
			if (on_files == 0 || on_files == 3) {
				loy_store_options own = {.struct_size = sizeof(own)};

				own.memory_limit = on_files == 3 ? UINT64_C(1) << 24 : 0;
				assert_int_equal(loy_store_create(&store, model, &own, NULL), LOY_OK);
			} else {
				store = durable_open(model, &options, NULL);
			}
			batch.progress = at != 3 ? tell : NULL;
			batch.user_data = &teller;
			status = loy_store_record_columns(store, columns, count, EVENTS, &batch, NULL, NULL,
			                                  NULL);
			assert_true(status == (at == 1 ? LOY_ECANCELLED : LOY_OK) || (at == 2));
			assert_int_equal(loy_store_record_columns(store, columns, count, EVENTS, NULL, NULL,
			                                          NULL, NULL),
			                 LOY_OK);
			stores_hash(store, hash);
			if (at == 0 && on_files != 2)
				memcpy(expected, hash, sizeof(hash));
			assert_memory_equal(hash, expected, sizeof(hash));
			loy_store_destroy(store);
			loy_files_close(&files);
		}
	}
}

/* ---- many customers ---- */

/* So many that their hashes collide where an index looks at them: each is found, and loaded again. */
static void many_keys(void **state)
{
	enum { KEYS = 150000 };
	loy_store *store = stores_create(model, LOY_STORE_TRUSTED),
	          *loaded = stores_create(model, LOY_STORE_TRUSTED);
	loy_files files = snapshots_files();
	loy_allocator memory;
	loy_event *event;
	char key[24];
	uint64_t row;
	unsigned n;

	(void)state;
	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = 0; n < KEYS; n++) {
		int length = snprintf(key, sizeof(key), "%.*s%u", (int)(n % 7), "abcdefg", n);

		assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, LOY_DAY), LOY_OK);
		assert_int_equal(loy_event_set_customer_key(event, key, (size_t)length), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	assert_int_equal(loy_store_count(store), KEYS);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	for (n = 0; n < KEYS; n++) {
		int length = snprintf(key, sizeof(key), "%.*s%u", (int)(n % 7), "abcdefg", n);

		assert_int_equal(loy_store_find_key(store, key, (size_t)length, &row), LOY_OK);
	}
	assert_int_equal(snapshots_save(store, &files, 1, &memory, NULL), LOY_OK);
	assert_int_equal(snapshots_load(loaded, &files, 1, &memory, 1, NULL), LOY_OK);
	stores_assert_equal(store, loaded);
	loy_store_destroy(store);
	loy_store_destroy(loaded);
	loy_event_destroy(event);
	loy_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(telling_changes_nothing),
	        cmocka_unit_test(cancelled_rebuilds_keep_what_they_can),
	        cmocka_unit_test(kept_profiles_go_on_with_what_came_since),
	        cmocka_unit_test(kept_profiles_are_begun_anew_when_their_meaning_changed),
	        cmocka_unit_test(tables_can_be_cancelled),
	        cmocka_unit_test(many_keys),
	};

	return cmocka_run_group_tests(tests, make_models, free_models);
}
