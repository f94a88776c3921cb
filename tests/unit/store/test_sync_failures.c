/*
 * Each request for memory and each operation on files fails once, and from then on, in every call that exchanges,
 * erases, joins or exports: a clear status, nothing half done, and the same call succeeds afterwards.
 */
#include "tills.h"

#include "fault_files.h"
#include "model/model.h"

enum {
	IMPORT,
	JOIN,
	SEPARATE,
	ERASE_UNTIL,
	ERASE,
	RECORD_CONFLICT,
	CHANGES,
	EXPORT = CHANGES,
	SHIP,
	PORTRAIT,
	CONFLICT,
	CALLS
};

static loy_model *model;
static struct bytes bundle; /* from a till with events, erasures, aliases, conflicts of its own */
static struct fault_files *disk;
static loy_files files;
static struct fault_image *before;               /* the store that calls are made on */
static uint64_t unchanged[2], after[CHANGES][2]; /* its hash, and what it is after each call */
static loy_event *event;

static void nth(uint64_t n, uint64_t identity, int64_t source)
{
	loy__random random;

	loy__random_init(&random, n);
	stores_event(event, &random, 12, identity);
	assert_int_equal(loy_event_set(event, LOY_FIELD_SOURCE, source), LOY_OK);
}

static loy_status open_store(loy_store **store, const loy_allocator *memory)
{
	loy_store_options options = {.struct_size = sizeof(options), .files = &files, .segment_bytes = 65536};

	return loy_store_open(store, NULL, 0, model, &options, memory, NULL, NULL);
}

static void fill(loy_store *store, uint64_t first, int64_t source)
{
	const loy_who one = {1, NULL, 0}, two = {2, NULL, 0}, four = {4, NULL, 0}, five = {5, NULL, 0};
	uint64_t n;

	for (n = first; n < first + 60; n++) {
		nth(n, n + 1, source);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	nth(first + 7, first + 8, source + 1);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_ECONFLICT);
	assert_int_equal(loy_store_join(store, &one, &two, (int64_t)first, NULL), LOY_OK);
	assert_int_equal(loy_store_join(store, &four, &five, (int64_t)first, NULL), LOY_OK);
	assert_int_equal(loy_store_erase_until(store, 7 + first % 2, NULL, 0, 19300 * LOY_DAY, NULL), LOY_OK);
}

/* ---- the calls ---- */

static int32_t forget(const void *bytes, size_t size, void *user_data)
{
	(void)bytes;
	(void)size;
	(void)user_data;
	return 0;
}

static loy_status call(int what, loy_store *store, loy_error *error)
{
	const loy_who one = {1, NULL, 0}, five = {5, NULL, 0}, eight = {8, NULL, 0};
	loy_event *counts, *other;
	loy_status status;

	switch (what) {
	case IMPORT:
		return loy_store_import(store, bundle.data, bundle.size, NULL, NULL, error);
	case JOIN:
		return loy_store_join(store, &eight, &five, 100, error);
	case SEPARATE:
		return loy_store_separate(store, &one, 101, error);
	case ERASE_UNTIL:
		return loy_store_erase_until(store, 5, NULL, 0, 19500 * LOY_DAY, error);
	case ERASE:
		status = loy_store_erase(store, 2, NULL, 0);
		return status == LOY_ENOTFOUND ? LOY_OK : status; /* done before, although it was not acknowledged */
	case RECORD_CONFLICT:
		nth(12, 13, 99);
		status = loy_store_record(store, event, error);
		return status == LOY_ECONFLICT || status == LOY_EDUPLICATE ? LOY_OK : status;
	case EXPORT:
		return loy_store_export(store, NULL, 0, 0, forget, NULL, NULL, error);
	case SHIP:
		return loy_store_ship(store, forget, NULL, NULL, error);
	case PORTRAIT:
		return loy_store_export_customer(store, 5, NULL, 0, 20000 * LOY_DAY, forget, NULL, error);
	default:
		assert_int_equal(loy_event_create(&counts, NULL), LOY_OK);
		assert_int_equal(loy_event_create(&other, NULL), LOY_OK);
		status = loy_store_conflict(store, 0, counts, other, error);
		loy_event_destroy(counts);
		loy_event_destroy(other);
		return status;
	}
}

static const uint64_t *expected(int what)
{
	return what < CHANGES ? after[what] : unchanged;
}

static void check_hash(loy_store *store, const uint64_t hash[2], int what, const char *when)
{
	uint64_t found[2];

	stores_hash(store, found);
	if (memcmp(found, hash, sizeof(found)) != 0)
		fail_msg("call %d: another store %s", what, when);
}

static int is_changed_or_not(loy_store *store, int what)
{
	uint64_t found[2];

	stores_hash(store, found);
	return memcmp(found, unchanged, sizeof(found)) == 0 ||
	       memcmp(found, expected(what), sizeof(found)) == 0;
}

/* ---- the scene ---- */

static int set_up(void **state)
{
	struct till from;
	loy_store *store;
	int what;

	(void)state;
	model = stores_model();
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	till_create(&from, model, 1);
	fill(from.store, 31, 5);
	assert_int_equal(till_export(&from, NULL, 0, &bundle), 1);
	till_destroy(&from);
	disk = fault_create(1);
	files = fault_as_files(disk);
	assert_int_equal(open_store(&store, NULL), LOY_OK);
	fill(store, 0, 6);
	stores_hash(store, unchanged);
	loy_store_destroy(store);
	before = fault_save(disk);
	for (what = 0; what < CALLS; what++) {
		fault_restore(disk, before);
		assert_int_equal(open_store(&store, NULL), LOY_OK);
		assert_int_equal(call(what, store, NULL), LOY_OK);
		if (what < CHANGES) {
			stores_hash(store, after[what]);
			assert_true(memcmp(after[what], unchanged, sizeof(unchanged)) != 0);
		} else {
			check_hash(store, unchanged, what, "after reading");
		}
		loy_store_destroy(store);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fault_forget(disk, before);
	fault_destroy(disk);
	free(bundle.data);
	loy_event_destroy(event);
	free(model);
	return 0;
}

/* ---- memory ---- */

static void without_memory(int what, int forever)
{
	loy_status status = LOY_ENOMEM;
	long n;

	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = -1, .forever = forever};
		loy_allocator memory = faulty_allocator(&heap);
		loy_error error = {.struct_size = sizeof(error)};
		loy_store *store;

		fault_restore(disk, before);
		assert_int_equal(open_store(&store, &memory), LOY_OK);
		heap.until = heap.requests + n;
		status = call(what, store, &error);
		heap.until = -1;
		if (status != LOY_OK && status != LOY_ENOMEM)
			fail_msg("call %d without memory: %s", what, loy_status_name(status));
		if (status == LOY_ENOMEM) {
			if (what != ERASE)
				assert_int_equal(error.code, LOY_ENOMEM);
			if (what != IMPORT) /* which keeps what it has recorded */
				check_hash(store, unchanged, what, "after it failed");
			assert_int_equal(call(what, store, NULL), LOY_OK);
		}
		check_hash(store, expected(what), what, "after it succeeded");
		loy_store_destroy(store);
		assert_int_equal(heap.live, 0);
		assert_int_equal(open_store(&store, NULL), LOY_OK);
		check_hash(store, expected(what), what, "after opening");
		loy_store_destroy(store);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 1);
}

static void each_request_for_memory_fails(void **state)
{
	int what;

	(void)state;
	for (what = 0; what < CALLS; what++) {
		without_memory(what, 0);
		without_memory(what, 1);
	}
}

/* ---- files ---- */

static void without_files(int what, int forever, uint32_t action)
{
	uint64_t n, happened = 1;

	for (n = 0; happened != 0; n++) {
		struct fault fault = {
		        .kinds = FAULT_ALL & ~(uint32_t)(FAULT_ENTROPY), .action = action, .at = n};
		loy_error error = {.struct_size = sizeof(error)};
		struct faulty heap = {.until = -1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_store *store;
		loy_status status;

		fault.forever = forever;
		fault_restore(disk, before);
		assert_int_equal(open_store(&store, &memory), LOY_OK);
		fault_arm(disk, &fault);
		status = call(what, store, &error);
		happened = fault_happened(disk);
		if (status != LOY_OK && (happened == 0 || (status != LOY_EIO && status != LOY_EFULL)))
			fail_msg("call %d without files: %s", what, loy_status_name(status));
		fault_disarm(disk);
		loy_store_destroy(store);
		assert_int_equal(heap.live, 0);
		if (action == FAULT_CUT)
			fault_crash(disk, n);
		else
			fault_kill(disk);
		assert_int_equal(open_store(&store, NULL), LOY_OK);
		if (status == LOY_OK)
			check_hash(store, expected(what), what, "although it was acknowledged");
		else if (what != IMPORT)
			assert_true(is_changed_or_not(store, what)); /* there completely or not at all */
		assert_int_equal(call(what, store, NULL), LOY_OK);
		check_hash(store, expected(what), what, "after it succeeded");
		loy_store_destroy(store);
	}
	assert_true(n > 1);
}

static void each_operation_on_files_fails(void **state)
{
	int what;

	(void)state;
	for (what = 0; what < CALLS; what++) {
		without_files(what, 0, FAULT_FAIL);
		without_files(what, 1, FAULT_FAIL);
		without_files(what, 0, FAULT_SHORT);
		if (what < CHANGES)
			without_files(what, 0, FAULT_CUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_request_for_memory_fails),
	        cmocka_unit_test(each_operation_on_files_fails),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
