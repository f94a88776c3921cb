/*
 * Media that are full or may not be used: which status says so, and what the message tells; files of others that lie
 * there, too.
 */
#include "durables.h"
#include "fault_files.h"
#include "sample_model.h"

#include <string.h>

static loy_status try_open(loy_store **store, const loy_files *files, loy_error *error)
{
	loy_store_options options = durable_options(files, LOY_DURABLE_EACH);

	memset(error, 0, sizeof(*error));
	error->struct_size = sizeof(*error);
	return loy_store_open(store, NULL, 0, model, &options, NULL, NULL, error);
}

/* From no room at all to enough for a new store. */
static void a_full_medium_takes_no_new_store(void **state)
{
	struct fault_files *disk = fault_create(1);
	loy_files files = fault_as_files(disk);
	loy_status status = LOY_EFULL;
	loy_store *store = NULL;
	uint64_t room = 0;
	loy_error error;

	(void)state;
	for (; status != LOY_OK; room += 30000) {
		fault_room(disk, room);
		status = try_open(&store, &files, &error);
		if (status == LOY_OK)
			break;
		assert_int_equal(status, LOY_EFULL);
		assert_int_equal(error.code, LOY_EFULL);
		assert_non_null(strstr(error.message, "room"));
		assert_null(store);
		assert_true(room < 1000000);
	}
	assert_true(room > 65536);
	durable_record(store, 0, 10);
	loy_store_destroy(store);
	fault_destroy(disk);
}

static void what_is_denied_is_said(void **state)
{
	static const struct {
		loy_status status;
		const char *says;
	} reasons[] = {{LOY_EDENIED, "the system does not permit it"},
	               {LOY_EREADONLY, "it can only be read"},
	               {LOY_ELOCKED, "somebody else has it open"},
	               {LOY_EIO, "'lock'"}};
	struct fault_files *disk = fault_create(2);
	loy_files files = fault_as_files(disk);
	loy_store *store;
	loy_error error;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		fault_arm(disk, &(struct fault){.kinds = FAULT_OPEN | FAULT_CREATE,
		                                .action = FAULT_FAIL,
		                                .status = reasons[i].status});
		assert_int_equal(try_open(&store, &files, &error), reasons[i].status);
		assert_int_equal(error.code, reasons[i].status);
		assert_true(strlen(error.message) > strlen(reasons[i].says));
		assert_string_equal(error.message + strlen(error.message) - strlen(reasons[i].says),
		                    reasons[i].says);
		fault_disarm(disk);
	}
	fault_destroy(disk);
}

/* A commit that fails for whatever reason is a failure of the medium: nothing is believed, but the reason is told. */
static void a_commit_tells_why_it_failed(void **state)
{
	struct fault_files *disk = fault_create(3);
	loy_files files = fault_as_files(disk);
	loy_event *event;
	loy_store *store;
	loy_error error;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(try_open(&store, &files, &error), LOY_OK);
	durable_record(store, 0, 3);
	fault_arm(disk, &(struct fault){.kinds = FAULT_WRITE, .action = FAULT_FAIL, .status = LOY_EFULL});
	durable_event(event, 3);
	assert_int_equal(loy_store_record(store, event, &error), LOY_EIO);
	assert_int_equal(error.code, LOY_EIO);
	assert_non_null(strstr(error.message, "there is no room for more on the medium"));
	assert_int_equal(loy_store_record(store, event, &error), LOY_EIO);
	loy_store_destroy(store);
	fault_disarm(disk);
	assert_int_equal(try_open(&store, &files, &error), LOY_OK);
	assert_int_equal(loy_store_count(store), 3);
	loy_store_destroy(store);
	loy_event_destroy(event);
	fault_destroy(disk);
}

/* Purchases of as many customers. */
static void record_purchases(loy_store *store, uint64_t first, uint64_t count)
{
	loy_event *event;
	uint64_t n;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = first; n < first + count; n++) {
		assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, DURABLE_LATE), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 250), LOY_OK);
		assert_int_equal(loy_event_set_customer(event, n + 1), LOY_OK);
		assert_int_equal(loy_event_set_sequence(event, 1, 1, n), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
}

/* A snapshot that would be too long is given up, at whatever size that shows. */
static void snapshots_keep_to_the_limit_of_files(void **state)
{
	struct fault_files *disk = fault_create(5);
	loy_files files = fault_as_files(disk);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_status status = LOY_EFULL;
	loy_store *store;
	uint64_t kib, held;
	uint32_t i;

	(void)state;
	for (kib = 200; status != LOY_OK; kib += 60) {
		options.files_limit = kib * 1024;
		store = durable_open(model, &options, NULL);
		record_purchases(store, kib == 200 ? 0 : 100000 + kib, kib == 200 ? 1500 : 1);
		assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
		status = durable_compact(store, 10);
		for (held = i = 0; fault_file_name(disk, i) != NULL; i++)
			held += fault_file_size(disk, fault_file_name(disk, i));
		assert_true(held <= options.files_limit);
		if (status != LOY_OK)
			assert_int_equal(status, LOY_EFULL);
		assert_int_equal(stores_stats(store).snapshot_bytes != 0, status == LOY_OK);
		loy_store_destroy(store);
		assert_true(kib < 1000);
	}
	assert_true(kib > 260); /* not at first */
	fault_destroy(disk);
}

static int is_there(const loy_files *files, const char *name)
{
	void *file;
	loy_status status = files->open(files->user_data, name, LOY_OPEN_READ, &file);

	if (status == LOY_OK)
		files->close(files->user_data, file);
	return status == LOY_OK;
}

/* What a crash left of a snapshot is removed; what somebody put there under a name that is a little like it stays. */
static void files_of_others_stay(void **state)
{
	static const char *const names[] = {
	        "snap-00000000000000ff",  "snap-backup", "snap-", "snap-00000000000000fg",
	        "snap-00000000000000ff0", "snap-0f"};
	loy_files files = durable_files(4);
	loy_store *store;
	loy_error error;
	void *file;
	size_t i;

	(void)state;
	assert_int_equal(try_open(&store, &files, &error), LOY_OK);
	durable_record(store, 0, 3);
	loy_store_destroy(store);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(files.open(files.user_data, names[i], LOY_OPEN_CREATE, &file), LOY_OK);
		files.close(files.user_data, file);
	}
	assert_int_equal(try_open(&store, &files, &error), LOY_OK);
	assert_int_equal(durable_compact(store, 1000), LOY_OK);
	assert_int_equal(durable_compact(store, 1000), LOY_OK);
	loy_store_destroy(store);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(is_there(&files, names[i]), i != 0);
	loy_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_full_medium_takes_no_new_store),
	        cmocka_unit_test(what_is_denied_is_said),
	        cmocka_unit_test(a_commit_tells_why_it_failed),
	        cmocka_unit_test(snapshots_keep_to_the_limit_of_files),
	        cmocka_unit_test(files_of_others_stay),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
