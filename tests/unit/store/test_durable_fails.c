/*
 * Stores on files when memory runs out or files fail, at each request and each operation in turn: a call that failed
 * has changed nothing, and what was acknowledged is there when the store is opened again.
 */
#include "durables.h"
#include "fault_files.h"

#include "store/ledger.h"

static loy_model *model;

static int make_model(void **state)
{
	(void)state;
	model = stores_model();
	return 0;
}

static int free_model(void **state)
{
	(void)state;
	free(model);
	return 0;
}

/* ---- a day ---- */

struct day {
	loy_store *store;
	loy_store_options options;
	const loy_allocator *memory;
	loy_event *event; /* of memory that does not fail */
	loy_profile *profile;
	int no_merge; /* a merged profile has no identity: done again after a failure, it may count twice */
};

/* Event n, or with `other` another content of its identity, on the fourth or before the first of its rivals. */
static loy_status record(struct day *day, uint64_t n, int other)
{
	durable_event(day->event, n);
	if (other != 0)
		assert_int_equal(loy_event_set(day->event, LOY_FIELD_TOUCHPOINT, other), LOY_OK);
	return loy_store_record(day->store, day->event, NULL);
}

static loy_status join(struct day *day, uint64_t part, uint64_t whole)
{
	loy__ref one = {.number = part}, two = {.number = whole};

	loy__ref_hash(day->store, &one);
	loy__ref_hash(day->store, &two);
	return loy__ledger_alias(day->store, &one, &two, (int64_t)(part * 1000), NULL);
}

static loy_status erase_until(struct day *day, uint64_t number, int64_t time)
{
	loy__ref who = {.number = number};

	loy__ref_hash(day->store, &who);
	return loy__ledger_erase(day->store, &who, time, NULL);
}

static loy_status look_back(struct day *day)
{
	loy_store *then;
	loy_status status =
	        loy_store_as_of(day->store, LOY_DAY * 19800, model, &then, day->memory, NULL, NULL, NULL);

	if (status == LOY_OK)
		loy_store_destroy(then);
	return status;
}

static loy_status read_all(struct day *day)
{
	loy_cursor *cursor;
	loy_status status = loy_cursor_create(&cursor, day->store, NULL);

	while (status == LOY_OK)
		status = loy_cursor_next(cursor, NULL, NULL, day->event, NULL);
	if (cursor != NULL)
		loy_cursor_destroy(cursor);
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

static loy_status identify(struct day *day)
{
	uint64_t high, low;

	return loy_store_next_identity(day->store, 8, &high, &low);
}

static loy_status open_again(struct day *day)
{
	loy_store_destroy(day->store);
	return loy_store_open(&day->store, NULL, 0, model, &day->options, day->memory, NULL, NULL);
}

/* Step n of the day; LOY_ECANCELLED after the last. */
static loy_status step(struct day *day, unsigned n)
{
	uint32_t left;

	if (n < 8)
		return record(day, n, 0);
	switch (n) {
	case 8:
		return record(day, 2, 5);
	case 9:
		return record(day, 3, 6);
	case 10:
		return record(day, 3, 0);
	case 11:
		durable_event(day->event, 4);
		return loy_store_retract(day->store, day->event, NULL);
	case 12:
		if (day->no_merge)
			return LOY_OK;
		return loy_store_merge_profile(day->store, 5, NULL, 0, day->profile);
	case 13:
		return loy_store_compact(day->store, 100, &left, NULL);
	case 14:
		return join(day, 5, 2);
	case 15:
		return record(day, 20, 0);
	case 16:
		return erase_until(day, 4, LOY_DAY * 19800);
	case 17:
		return loy_store_commit(day->store, NULL);
	case 18:
		return durable_compact(day->store, 1000);
	case 19:
		return record(day, 21, 0);
	case 20:
		return loy_store_verify(day->store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL);
	case 21:
		return loy_store_rebuild(day->store, NULL, NULL, NULL);
	case 22:
		return look_back(day);
	case 23:
		return read_all(day);
	case 24:
		return identify(day);
	case 25:
		return open_again(day);
	case 26:
		return record(day, 22, 0);
	case 27:
		return loy_store_profile_as_of(day->store, LOY_TIME_MAX, 2, NULL, 0, day->profile, NULL);
	default:
		return LOY_ECANCELLED;
	}
}

static struct day begin_day(const loy_files *files, const loy_allocator *memory)
{
	struct day day = {.memory = memory, .options = durable_options(files, LOY_DURABLE_EACH)};

	assert_int_equal(loy_event_create(&day.event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&day.profile, &model->schema, NULL), LOY_OK);
	durable_event(day.event, 50);
	assert_int_equal(loy_profile_record(day.profile, day.event, NULL), LOY_OK);
	return day;
}

static void end_day(struct day *day)
{
	loy_event_destroy(day->event);
	loy_profile_destroy(day->profile);
}

/* ---- memory ---- */

static int fine(loy_status status)
{
	return status == LOY_OK || status == LOY_EDUPLICATE || status == LOY_ECONFLICT;
}

/* The day with request n refused; each step that fails is done again. Returns whether the request was met. */
static int run_short_of_memory(long n, uint64_t hash[2])
{
	struct faulty heap = {.until = n};
	loy_allocator memory = faulty_allocator(&heap);
	loy_files files = {.struct_size = sizeof(files)};
	struct day day;
	loy_status status;
	unsigned i;

	assert_int_equal(loy_files_open_memory(&files, 5, NULL), LOY_OK);
	day = begin_day(&files, &memory);
	status = loy_store_open(&day.store, NULL, 0, model, &day.options, &memory, NULL, NULL);
	if (status == LOY_ENOMEM)
		status = loy_store_open(&day.store, NULL, 0, model, &day.options, &memory, NULL, NULL);
	assert_int_equal(status, LOY_OK);
	for (i = 0; (status = step(&day, i)) != LOY_ECANCELLED; i++) {
		if (status == LOY_ENOMEM) {
			assert_int_equal(heap.refused, 1);
			if (day.store != NULL)
				assert_int_equal(loy_store_verify(day.store, LOY_VERIFY_PROFILES, NULL, NULL,
				                                  NULL, NULL),
				                 LOY_OK);
			status = step(&day, i);
		}
		if (!fine(status))
			fail_msg("request %ld: step %u: %s", n, i, loy_status_name(status));
	}
	heap.until = -1;
	stores_hash(day.store, hash);
	assert_int_equal(loy_store_verify(day.store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	loy_store_destroy(day.store);
	assert_int_equal(heap.live, 0);
	end_day(&day);
	loy_files_close(&files);
	return heap.refused != 0;
}

static void every_call_survives_a_refused_request(void **state)
{
	uint64_t expected[2], hash[2];
	long n;

	(void)state;
	assert_false(run_short_of_memory(-1, expected));
	for (n = 0; run_short_of_memory(n, hash); n++)
		assert_memory_equal(hash, expected, sizeof(hash));
	assert_true(n > 100);
}

static void every_call_survives_no_more_memory(void **state)
{
	long n, refused = 1;

	(void)state;
	for (n = 0; refused != 0; n += 3) {
		struct faulty heap = {.until = n, .forever = 1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_files files = {.struct_size = sizeof(files)};
		loy_status status;
		struct day day;
		unsigned i;

		assert_int_equal(loy_files_open_memory(&files, 5, NULL), LOY_OK);
		day = begin_day(&files, &memory);
		status = loy_store_open(&day.store, NULL, 0, model, &day.options, &memory, NULL, NULL);
		for (i = 0; status != LOY_ECANCELLED && day.store != NULL; i++) {
			status = step(&day, i);
			if (!fine(status) && status != LOY_ENOMEM && status != LOY_ECANCELLED &&
			    status != LOY_ENOTFOUND)
				fail_msg("request %ld: step %u: %s", n, i, loy_status_name(status));
		}
		loy_store_destroy(day.store);
		refused = heap.refused;
		assert_int_equal(heap.live, 0);
		day.store = durable_open(model, &day.options,
		                         NULL); /* what is on the files is sound all the same */
		assert_int_equal(loy_store_verify(day.store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
		loy_store_destroy(day.store);
		end_day(&day);
		loy_files_close(&files);
	}
}

/* ---- files ---- */

/*
 * The day with operation n failing once, or forever. After LOY_EIO only opening again helps; a step that failed is then
 * done again, and may turn out to have happened. Returns whether the operation was met.
 */
static int run_with_failing_files(uint64_t n, uint32_t kinds, int forever, loy_status status_of,
                                  uint64_t hash[2])
{
	struct fault_files *disk = fault_create(n);
	const struct fault fault = {
	        .kinds = kinds, .at = n, .action = FAULT_FAIL, .forever = forever, .status = status_of};
	loy_files files = fault_as_files(disk);
	struct day day = begin_day(&files, NULL);
	loy_status status;
	int met = 0;
	unsigned i;

	day.no_merge = 1;
	fault_arm(disk, &fault);
	status = loy_store_open(&day.store, NULL, 0, model, &day.options, NULL, NULL, NULL);
	for (i = 0; status != LOY_ECANCELLED;) {
		if (!fine(status) && status != LOY_EERASED) {
			if (status != LOY_EIO && status != LOY_EFULL)
				fail_msg("operation %u: step %u: %s", (unsigned)n, i,
				         loy_status_name(status));
			met = 1;
			fault_disarm(disk);
			loy_store_destroy(day.store);
			day.store = durable_open(model, &day.options, NULL);
			if (i > 0)
				i--;
		}
		status = step(&day, i++);
	}
	met |= fault_happened(disk) != 0;
	fault_disarm(disk);
	stores_hash(day.store, hash);
	assert_int_equal(loy_store_verify(day.store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	loy_store_destroy(day.store);
	fault_crash(disk, n); /* all that was acknowledged is on the medium */
	day.store = durable_open(model, &day.options, NULL);
	stores_hash(day.store, hash);
	loy_store_destroy(day.store);
	end_day(&day);
	fault_destroy(disk);
	return met;
}

static void run_all(uint32_t kinds, int forever, loy_status status)
{
	uint64_t expected[2], hash[2], n;

	(void)run_with_failing_files(UINT64_MAX, kinds, 0, status, expected);
	for (n = 0; run_with_failing_files(n, kinds, forever, status, hash); n++)
		assert_memory_equal(hash, expected, sizeof(hash));
	assert_true(n > 0);
}

static void every_call_survives_a_failing_operation(void **state)
{
	static const uint32_t kinds[] = {FAULT_OPEN, FAULT_CREATE, FAULT_READ,          FAULT_WRITE,
	                                 FAULT_SYNC, FAULT_RENAME, FAULT_SYNC_DIRECTORY};
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		run_all(kinds[k], 0, LOY_EIO);
		run_all(kinds[k], 1, LOY_EIO);
	}
}

static void every_call_survives_a_full_medium(void **state)
{
	(void)state;
	run_all(FAULT_CREATE | FAULT_WRITE | FAULT_RESIZE, 0, LOY_EFULL);
}

/* After a failed sync nothing is said any more. */
static void a_store_whose_files_failed_says_nothing(void **state)
{
	struct fault_files *disk = fault_create(1);
	const struct fault fault = {.kinds = FAULT_SYNC, .action = FAULT_FAIL};
	loy_files files = fault_as_files(disk);
	struct day day = begin_day(&files, NULL);
	loy_store_stats stats = {.struct_size = sizeof(stats)};
	uint64_t row, hash[2];
	loy_cursor *cursor;
	uint32_t left;

	(void)state;
	day.store = durable_open(model, &day.options, NULL);
	assert_int_equal(record(&day, 1, 0), LOY_OK);
	assert_int_equal(loy_store_sort(day.store), LOY_OK);
	fault_arm(disk, &fault);
	assert_int_equal(record(&day, 2, 0), LOY_EIO);
	assert_int_equal(record(&day, 3, 0), LOY_EIO);
	assert_int_equal(loy_store_retract(day.store, day.event, NULL), LOY_EIO);
	assert_int_equal(loy_store_merge_profile(day.store, 1, NULL, 0, day.profile), LOY_EIO);
	assert_int_equal(loy_store_erase(day.store, 1, NULL, 0), LOY_EIO);
	assert_int_equal(loy_store_sort(day.store), LOY_EIO);
	assert_int_equal(loy_store_find(day.store, 1, &row), LOY_EIO);
	assert_int_equal(loy_store_profile_of(day.store, 1, NULL, 0, day.profile), LOY_EIO);
	assert_int_equal(loy_store_profile(day.store, 0, day.profile), LOY_EIO);
	assert_int_equal(loy_store_hash(day.store, &hash[0], &hash[1]), LOY_EIO);
	assert_int_equal(loy_store_get_stats(day.store, &stats), LOY_EIO);
	assert_int_equal(loy_store_commit(day.store, NULL), LOY_EIO);
	assert_int_equal(loy_store_tick(day.store, 1, NULL), LOY_EIO);
	assert_int_equal(loy_store_compact(day.store, 1, &left, NULL), LOY_EIO);
	assert_int_equal(loy_store_verify(day.store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_EIO);
	assert_int_equal(loy_store_rebuild(day.store, NULL, NULL, NULL), LOY_EIO);
	assert_int_equal(loy_cursor_create(&cursor, day.store, NULL), LOY_EIO);
	assert_int_equal(loy_store_next_identity(day.store, 1, &hash[0], &hash[1]), LOY_EIO);
	loy_store_destroy(day.store);
	end_day(&day);
	fault_destroy(disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_call_survives_a_refused_request),
	        cmocka_unit_test(every_call_survives_no_more_memory),
	        cmocka_unit_test(every_call_survives_a_failing_operation),
	        cmocka_unit_test(every_call_survives_a_full_medium),
	        cmocka_unit_test(a_store_whose_files_failed_says_nothing),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
