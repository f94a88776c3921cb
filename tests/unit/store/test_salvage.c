/* Salvage: all that can still be read of damaged files comes into a new store, and what is lost is counted. */
#include "durables.h"
#include "sample_model.h"

enum { EVENTS = 3000 };

/* A store of several journal files, closed. */
static loy_files make_store(uint64_t seed, uint64_t hash[2])
{
	loy_files files = durable_files(seed);
	loy_store_options options = durable_options(&files, LOY_DURABLE_GROUP);
	loy_store *store = durable_open(model, &options, NULL);

	durable_record(store, 0, EVENTS);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	assert_int_equal(durable_compact(store, 1u << 20), LOY_OK);
	stores_hash(store, hash);
	loy_store_destroy(store);
	return files;
}

static void flip(const loy_files *files, const char *name, uint64_t at)
{
	uint8_t byte;
	size_t got;
	void *file;

	assert_int_equal(files->open(files->user_data, name, LOY_OPEN_WRITE, &file), LOY_OK);
	assert_int_equal(files->read_at(files->user_data, file, at, &byte, 1, &got), LOY_OK);
	assert_int_equal(got, 1);
	byte ^= 0x10;
	assert_int_equal(files->write_at(files->user_data, file, at, &byte, 1), LOY_OK);
	files->close(files->user_data, file);
}

/* Salvage and open what was saved. */
static loy_store *salvage(const loy_files *damaged, loy_files *out, uint64_t *saved, uint64_t *lost)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_store_options options;
	loy_status status;

	*out = durable_files(99);
	status = loy_store_salvage(damaged, out, saved, lost, NULL, &error);
	if (status != LOY_OK)
		fail_msg("salvage: %s: %s", loy_status_name(status), error.message);
	options = durable_options(out, LOY_DURABLE_GROUP);
	return durable_open(model, &options, NULL);
}

/* Send all events again: those that were lost are the ones that are new. */
static uint64_t send_again(loy_store *store)
{
	uint64_t n, fresh = 0;
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = 0; n < EVENTS; n++) {
		loy_status status;

		durable_event(event, n);
		status = loy_store_record(store, event, NULL);
		assert_true(status == LOY_OK || status == LOY_EDUPLICATE);
		fresh += status == LOY_OK;
	}
	loy_event_destroy(event);
	return fresh;
}

/* Whatever else lies in the directory. */
static void put_file(const loy_files *files, const char *name, const char *text)
{
	void *file;

	assert_int_equal(files->open(files->user_data, name, LOY_OPEN_CREATE, &file), LOY_OK);
	assert_int_equal(files->write_at(files->user_data, file, 0, text, strlen(text)), LOY_OK);
	files->close(files->user_data, file);
}

static void nothing_is_lost_of_sound_files(void **state)
{
	uint64_t before[2], after[2], saved = 0, lost = 9;
	loy_files files = make_store(1, before), out;
	loy_store *store;

	(void)state;
	put_file(&files, "notes", "no file of a store");
	put_file(&files, "jnl-00000000000000zz", "no number");
	put_file(&files, "jnl-000000000000-001", "none either");
	put_file(&files, "abc-0000000000000001", "not a journal's");
	put_file(&files, "jnl-00000000000000fa", "a number, and nothing like a journal behind it");
	store = salvage(&files, &out, &saved, &lost);
	assert_int_equal(saved, EVENTS);
	assert_int_equal(lost, 0);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	loy_store_destroy(store);
	assert_int_equal(loy_store_salvage(&files, &out, &saved, &lost, NULL, NULL),
	                 LOY_ESTATE); /* not empty */
	loy_files_close(&out);
	loy_files_close(&files);
}

static void damage_costs_what_it_hits(void **state)
{
	static const uint64_t places[] = {200, 3000, 40001, 60000};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		uint64_t before[2], after[2], saved, lost;
		loy_files files = make_store(2 + i, before), out;
		loy_store_options options = durable_options(&files, LOY_DURABLE_GROUP);
		loy_store *store;

		flip(&files, "jnl-0000000000000002", places[i]);
		flip(&files, "jnl-0000000000000003", 0); /* a head: its records can be read all the same */
		assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL),
		                 LOY_EDAMAGED);
		store = salvage(&files, &out, &saved, &lost);
		assert_true(lost <= 1);
		assert_int_equal(saved, EVENTS - lost);
		assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
		assert_int_equal(send_again(store), lost);
		stores_hash(store, after);
		assert_memory_equal(before, after, sizeof(before));
		loy_store_destroy(store);
		loy_files_close(&out);
		loy_files_close(&files);
	}
}

static void files_that_are_missing_cost_their_records(void **state)
{
	uint64_t before[2], after[2], saved, lost;
	loy_files files = make_store(7, before), out;
	loy_store *store;

	(void)state;
	assert_int_equal(files.remove(files.user_data, "jnl-0000000000000002"), LOY_OK);
	assert_int_equal(files.remove(files.user_data, "meta-0"), LOY_OK);
	assert_int_equal(files.remove(files.user_data, "meta-1"), LOY_OK);
	store = salvage(&files, &out, &saved, &lost);
	assert_true(lost > 10);
	assert_int_equal(saved + lost, EVENTS);
	assert_int_equal(send_again(store), lost);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	loy_store_destroy(store);
	loy_files_close(&out);
	loy_files_close(&files);
}

static void no_store_is_told_apart(void **state)
{
	loy_files files = durable_files(8), out = durable_files(9);
	uint64_t saved, lost;

	(void)state;
	assert_int_equal(loy_store_salvage(&files, &out, &saved, &lost, NULL, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_store_salvage(NULL, &out, &saved, &lost, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_salvage(&files, NULL, &saved, &lost, NULL, NULL), LOY_EINVAL);
	loy_files_close(&files);
	loy_files_close(&out);
}

static void memory_may_run_out(void **state)
{
	uint64_t before[2], saved, lost;
	loy_files files = make_store(10, before);
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_files out = durable_files(11);

		status = loy_store_salvage(&files, &out, &saved, &lost, &memory, NULL);
		assert_int_equal(heap.live, 0);
		loy_files_close(&out);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 3);
	loy_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_is_lost_of_sound_files),
	        cmocka_unit_test(damage_costs_what_it_hits),
	        cmocka_unit_test(files_that_are_missing_cost_their_records),
	        cmocka_unit_test(no_store_is_told_apart),
	        cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
