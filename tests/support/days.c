#include "days.h"

#include "store/ledger.h"

struct day day_begin(const struct plan *plan, const loy_files *files, const loy_allocator *memory)
{
	struct day day = {.plan = plan,
	                  .model = plan->model,
	                  .memory = memory,
	                  .options = durable_options(files, plan->durability)};

	day.options.flags = plan->flags;
	assert_int_equal(loy_event_create(&day.event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&day.profile, loy_model_schema(plan->model), NULL), LOY_OK);
	durable_event(day.event, 50);
	assert_int_equal(loy_profile_record(day.profile, day.event, NULL), LOY_OK);
	return day;
}

void day_end(struct day *day)
{
	loy_event_destroy(day->event);
	loy_profile_destroy(day->profile);
}

loy_status day_open_again(struct day *day, const loy_model *model)
{
	if (model != NULL)
		day->model = model;
	loy_store_destroy(day->store);
	return loy_store_open(&day->store, NULL, 0, day->model, &day->options, day->memory, NULL, NULL);
}

/* ---- memory ---- */

static int fine(loy_status status)
{
	return status == LOY_OK || status == LOY_EDUPLICATE || status == LOY_ECONFLICT ||
	       status == LOY_EERASED;
}

/* The day with request n refused; each step that fails is done again. Returns whether the request was met. */
static int run_short_of_memory(const struct plan *plan, long n, uint64_t hash[2])
{
	struct faulty heap = {.until = n};
	loy_allocator memory = faulty_allocator(&heap);
	loy_files files = {.struct_size = sizeof(files)};
	struct day day;
	loy_status status;
	unsigned i;

	assert_int_equal(loy_files_open_memory(&files, 5, NULL), LOY_OK);
	day = day_begin(plan, &files, &memory);
	status = loy_store_open(&day.store, NULL, 0, day.model, &day.options, &memory, NULL, NULL);
	if (status == LOY_ENOMEM)
		status = loy_store_open(&day.store, NULL, 0, day.model, &day.options, &memory, NULL, NULL);
	assert_int_equal(status, LOY_OK);
	for (i = 0; (status = plan->step(&day, i)) != LOY_ECANCELLED; i++) {
		if (status == LOY_ENOMEM) {
			assert_int_equal(heap.refused, 1);
			if (day.store != NULL)
				assert_int_equal(loy_store_verify(day.store, LOY_VERIFY_PROFILES, NULL, NULL,
				                                  NULL, NULL),
				                 LOY_OK);
			status = plan->step(&day, i);
		}
		if (!fine(status))
			fail_msg("request %ld: step %u: %s", n, i, loy_status_name(status));
	}
	heap.until = -1;
	stores_hash(day.store, hash);
	assert_int_equal(loy_store_verify(day.store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	loy_store_destroy(day.store);
	assert_int_equal(heap.live, 0);
	day_end(&day);
	loy_files_close(&files);
	return heap.refused != 0;
}

void days_short_of_memory(const struct plan *plan)
{
	uint64_t expected[2], hash[2];
	long n;

	assert_false(run_short_of_memory(plan, -1, expected));
	for (n = 0; run_short_of_memory(plan, n, hash); n++)
		assert_memory_equal(hash, expected, sizeof(hash));
	assert_true(n > 100);
}

void days_without_memory(const struct plan *plan)
{
	long n, refused = 1;

	for (n = 0; refused != 0; n += 3) {
		struct faulty heap = {.until = n, .forever = 1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_files files = {.struct_size = sizeof(files)};
		loy_status status;
		struct day day;
		unsigned i;

		assert_int_equal(loy_files_open_memory(&files, 5, NULL), LOY_OK);
		day = day_begin(plan, &files, &memory);
		status = loy_store_open(&day.store, NULL, 0, day.model, &day.options, &memory, NULL, NULL);
		for (i = 0; status != LOY_ECANCELLED && day.store != NULL; i++) {
			status = plan->step(&day, i);
			if (!fine(status) && status != LOY_ENOMEM && status != LOY_ECANCELLED &&
			    status != LOY_ENOTFOUND)
				fail_msg("request %ld: step %u: %s", n, i, loy_status_name(status));
		}
		loy_store_destroy(day.store);
		refused = heap.refused;
		assert_int_equal(heap.live, 0);
		day.store = durable_open(day.model, &day.options,
		                         NULL); /* what is on the files is sound all the same */
		assert_int_equal(loy_store_verify(day.store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
		loy_store_destroy(day.store);
		day_end(&day);
		loy_files_close(&files);
	}
}

/* ---- files ---- */

/*
 * The day with operation n failing once, or forever. After LOY_EIO only opening again helps; a step that failed is then
 * done again, and may turn out to have happened. Returns whether the operation was met.
 */
static int run_with_failing_files(const struct plan *plan, uint64_t n, uint32_t kinds, int forever,
                                  loy_status status_of, uint64_t hash[2])
{
	struct fault_files *disk = fault_create(n);
	const struct fault fault = {
	        .kinds = kinds, .at = n, .action = FAULT_FAIL, .forever = forever, .status = status_of};
	loy_files files = fault_as_files(disk);
	struct day day = day_begin(plan, &files, NULL);
	loy_status status;
	int met = 0;
	unsigned i;

	day.no_merge = 1;
	fault_arm(disk, &fault);
	status = loy_store_open(&day.store, NULL, 0, day.model, &day.options, NULL, NULL, NULL);
	for (i = 0; status != LOY_ECANCELLED;) {
		if (!fine(status)) {
			if (status != LOY_EIO && status != LOY_EFULL)
				fail_msg("operation %u: step %u: %s", (unsigned)n, i,
				         loy_status_name(status));
			met = 1;
			fault_disarm(disk);
			loy_store_destroy(day.store);
			day.store = durable_open(day.model, &day.options, NULL);
			if (i > 0)
				i--;
		}
		status = plan->step(&day, i++);
	}
	met |= fault_happened(disk) != 0;
	fault_disarm(disk);
	stores_hash(day.store, hash);
	assert_int_equal(loy_store_verify(day.store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	loy_store_destroy(day.store);
	fault_crash(disk, n); /* all that was acknowledged is on the medium */
	day.store = durable_open(day.model, &day.options, NULL);
	stores_hash(day.store, hash);
	loy_store_destroy(day.store);
	day_end(&day);
	fault_destroy(disk);
	return met;
}

void days_of_failing_files(const struct plan *plan, uint32_t kinds, int forever, loy_status status)
{
	uint64_t expected[2], hash[2], n;

	(void)run_with_failing_files(plan, UINT64_MAX, kinds, 0, status, expected);
	for (n = 0; run_with_failing_files(plan, n, kinds, forever, status, hash); n++)
		assert_memory_equal(hash, expected, sizeof(hash));
	assert_true(n > 0);
}
