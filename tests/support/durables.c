#include "durables.h"

loy_files durable_files(uint64_t seed)
{
	loy_files files = {.struct_size = sizeof(files)};

	assert_int_equal(loy_files_open_memory(&files, seed, NULL), LOY_OK);
	return files;
}

loy_store_options durable_options(const loy_files *files, uint32_t durability)
{
	loy_store_options options = {.struct_size = sizeof(options)};

	options.files = files;
	options.segment_bytes = 65536;
	options.durability = durability;
	options.group_events = 5;
	return options;
}

loy_store *durable_open(const loy_model *model, const loy_store_options *options, const loy_allocator *memory)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_store *store;
	loy_status status = loy_store_open(&store, NULL, 0, model, options, memory, NULL, &error);

	if (status != LOY_OK)
		fail_msg("open: %s: %s", loy_status_name(status), error.message);
	return store;
}

void durable_event(loy_event *event, uint64_t n)
{
	loy__random random;

	loy__random_init(&random, n + 1000);
	stores_event(event, &random, 7, 0);
	assert_int_equal(loy_event_set_sequence(event, 3, 77, n), LOY_OK);
}

void durable_visit(loy_event *event, const char *key, uint64_t n, int64_t content)
{
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, DURABLE_LATE + (int64_t)n * LOY_HOUR),
	                 LOY_OK);
	assert_int_equal(loy_event_set_customer_key(event, key, strlen(key)), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, ~loy__mix64(n), loy__mix64(n + 77)), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_TOUCHPOINT, content), LOY_OK);
}

void durable_record(loy_store *store, uint64_t first, uint64_t count)
{
	loy_event *event;
	uint64_t n;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = first; n < first + count; n++) {
		durable_event(event, n);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
}

loy_status durable_compact(loy_store *store, uint64_t bytes)
{
	uint32_t left = 1;
	loy_status status = LOY_OK;

	while (left && status == LOY_OK)
		status = loy_store_compact(store, bytes, &left, NULL);
	return status;
}
