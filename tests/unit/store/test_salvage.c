/* Salvage: all that can still be read of damaged files comes into a new store, and what is lost is counted. */
#include "durables.h"
#include "fault_files.h"
#include "sample_model.h"
#include "tills.h"

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

/* ---- files of a store that was not closed in order ---- */

enum { OWN = 700, HEARD = 20 };

static void hear(loy_store *store)
{
	struct bytes bundle;
	struct till till;

	till_create(&till, model, 4242);
	durable_record(till.store, EVENTS, HEARD);
	assert_int_equal(till_export(&till, NULL, 0, &bundle), 1);
	assert_int_equal(loy_store_import(store, bundle.data, bundle.size, NULL, NULL, NULL), LOY_OK);
	free(bundle.data);
	till_destroy(&till);
}

/* Close without a mark: opening copies what nobody vouches for, and what was copied stays in the old file. */
static void break_off(struct fault_files *disk, loy_store *store, const loy_store_options *options)
{
	const struct fault writes = {.kinds = FAULT_WRITE, .action = FAULT_FAIL, .forever = 1};
	const struct fault cuts = {.kinds = FAULT_RESIZE, .action = FAULT_FAIL, .forever = 1};

	fault_arm(disk, &writes);
	loy_store_destroy(store);
	fault_disarm(disk);
	fault_arm(disk, &cuts);
	loy_store_destroy(durable_open(model, options, NULL));
	fault_disarm(disk);
}

/* Three journal files: the second begins with the last record of the first, and records that came tagged are in it. */
static struct fault_files *make_broken(uint64_t hash[2])
{
	struct fault_files *disk = fault_create(12);
	loy_files files = fault_as_files(disk);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);

	durable_record(store, 0, OWN / 2);
	break_off(disk, store, &options);
	store = durable_open(model, &options, NULL);
	durable_record(store, OWN / 2, 10);
	hear(store);
	durable_record(store, OWN / 2 + 10, OWN - OWN / 2 - 10);
	stores_hash(store, hash);
	loy_store_destroy(store);
	return disk;
}

static void assert_saved(struct fault_files *disk, uint64_t most)
{
	loy_files files = fault_as_files(disk), out;
	uint64_t saved, lost;
	loy_store *store = salvage(&files, &out, &saved, &lost);

	/* What is lost at the end shows nowhere; a life that is lost counts as a record. */
	if (saved > OWN + HEARD || saved + most < OWN + HEARD || saved + lost > OWN + HEARD + 2)
		fail_msg("%d saved, %d lost, at most %d", (int)saved, (int)lost, (int)most);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	loy_store_destroy(store);
	loy_files_close(&out);
}

static const char *const journal_name[] = {"jnl-0000000000000001", "jnl-0000000000000002"};

/* A flipped bit anywhere costs a record or a commit, whatever else is in doubt. */
static void broken_off_files_are_saved(void **state)
{
	uint64_t hash[2], at;
	struct fault_files *disk = make_broken(hash);
	struct fault_image *image = fault_save(disk);
	size_t i;

	(void)state;
	assert_saved(disk, 0);
	for (i = 0; i < 2; i++) {
		for (at = 0; at < fault_file_size(disk, journal_name[i]); at += 509) {
			if (fault_file_byte(disk, journal_name[i], at) == 0)
				continue;
			fault_file_flip(disk, journal_name[i], at, 0x20);
			assert_saved(disk, HEARD + 1);
			fault_restore(disk, image);
		}
		/* A head that tells nothing: what the other file has, too, is taken once. */
		fault_file_flip(disk, journal_name[i], 40, 0x20);
		assert_saved(disk, 0);
		fault_file_flip(disk, "meta-0", 4, 1);
		fault_file_flip(disk, "meta-1", 4, 1);
		assert_saved(disk, 0);
		fault_restore(disk, image);
		fault_file_cut(disk, journal_name[i], 100);
		fault_file_flip(disk, "meta-0", 4, 1);
		fault_file_flip(disk, "meta-1", 4, 1);
		assert_saved(disk, OWN + HEARD);
		fault_restore(disk, image);
	}
	/* Nothing says which store it was. */
	for (i = 0; fault_file_name(disk, (uint32_t)i) != NULL; i++)
		fault_file_cut(disk, fault_file_name(disk, (uint32_t)i), 100);
	{
		loy_files files = fault_as_files(disk), out = durable_files(5);

		assert_int_equal(loy_store_salvage(&files, &out, NULL, NULL, NULL, NULL), LOY_EDAMAGED);
		assert_int_equal(files.remove(files.user_data, "meta-0"), LOY_OK);
		assert_int_equal(files.remove(files.user_data, "meta-1"), LOY_OK);
		assert_int_equal(loy_store_salvage(&files, &out, NULL, NULL, NULL, NULL), LOY_EDAMAGED);
		loy_files_close(&out);
	}
	fault_forget(disk, image);
	fault_destroy(disk);
}

/* Damage at both ends of the records that came tagged, and before the mark of an orderly end. */
static void gaps_are_bridged(void **state)
{
	uint64_t hash[2], saved, lost, last = 0, at;
	struct fault_files *disk = make_broken(hash);
	loy_files files = fault_as_files(disk), out;
	loy_store *store;

	(void)state;
	for (at = 0; at < fault_file_size(disk, journal_name[1]); at++) {
		if (fault_file_byte(disk, journal_name[1], at) != 0)
			last = at;
	}
	fault_file_flip(disk, journal_name[1], last - 40, 1);
	for (at = 10 * 120; at < 20 * 120; at += 40)
		fault_file_flip(disk, journal_name[1], at, 1);
	store = salvage(&files, &out, &saved, &lost);
	assert_true(lost > 5 && saved + lost >= OWN + HEARD - 1);
	loy_store_destroy(store);
	loy_files_close(&out);
	fault_destroy(disk);
}

static void each_operation_may_fail(void **state)
{
	static const uint32_t kinds[] = {FAULT_OPEN,           FAULT_READ,   FAULT_SIZE, FAULT_LIST,
	                                 FAULT_CREATE,         FAULT_WRITE,  FAULT_SYNC, FAULT_RENAME,
	                                 FAULT_SYNC_DIRECTORY, FAULT_ENTROPY};
	uint64_t hash[2], n;
	struct fault_files *disk = make_broken(hash);
	size_t k, of_target;

	(void)state;
	fault_file_flip(disk, journal_name[0], 3000, 1); /* behind a gap a life has to be made */
	for (k = 0; k < 2 * sizeof(kinds) / sizeof(kinds[0]); k++) {
		of_target = k % 2;
		for (n = 0;; n++) {
			struct fault_files *target = fault_create(13);
			loy_files files = fault_as_files(disk), out = fault_as_files(target);
			struct fault fault = {.kinds = kinds[k / 2], .at = n, .action = FAULT_FAIL};
			uint64_t saved = 7, lost = 7;
			loy_error error = {.struct_size = sizeof(error)};
			loy_status status;
			int met;

			fault_arm(of_target ? target : disk, &fault);
			status = loy_store_salvage(&files, &out, &saved, &lost, NULL, &error);
			met = fault_happened(of_target ? target : disk) != 0;
			fault_disarm(disk);
			if (status != LOY_OK) {
				assert_true(met && error.code == status && (saved == 7 && lost == 7));
				assert_true(status == LOY_EIO || status == LOY_EDAMAGED);
			} else { /* what cannot be read is lost, and counted */
				assert_true(saved + lost <= OWN + HEARD + 2);
				assert_true(met || saved >= OWN + HEARD - 1);
			}
			fault_destroy(target);
			if (!met)
				break;
		}
	}
	fault_destroy(disk);
}

/* Files that go between being listed and being read are lost, and nothing else is. */
static void files_may_go_meanwhile(void **state)
{
	uint64_t hash[2], n;
	struct fault_files *disk = make_broken(hash);

	(void)state;
	for (n = 0;; n++) {
		const struct fault gone = {
		        .kinds = FAULT_OPEN, .at = n, .action = FAULT_FAIL, .status = LOY_ENOTFOUND};
		loy_files files = fault_as_files(disk), out = durable_files(14);
		uint64_t saved = 0, lost = 0;
		uint64_t met;

		fault_arm(disk, &gone);
		assert_int_equal(loy_store_salvage(&files, &out, &saved, &lost, NULL, NULL), LOY_OK);
		assert_true(saved + lost <= OWN + HEARD + 2);
		met = fault_happened(disk);
		fault_disarm(disk);
		loy_files_close(&out);
		if (met == 0)
			break;
	}
	assert_true(n > 4);
	fault_destroy(disk);
}

/* A target that holds something is not written to. */
static void nothing_is_overwritten(void **state)
{
	uint64_t hash[2], after[2], saved = 7;
	loy_files files = make_store(20, hash), other = make_store(21, hash);
	loy_store_options options = durable_options(&other, LOY_DURABLE_GROUP);
	loy_store *store;

	(void)state;
	assert_int_equal(loy_store_salvage(&files, &other, &saved, NULL, NULL, NULL), LOY_ESTATE);
	assert_int_equal(saved, 7);
	store = durable_open(model, &options, NULL);
	stores_hash(store, after);
	assert_memory_equal(hash, after, sizeof(hash));
	loy_store_destroy(store);
	loy_files_close(&files);
	loy_files_close(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_is_lost_of_sound_files),
	        cmocka_unit_test(damage_costs_what_it_hits),
	        cmocka_unit_test(files_that_are_missing_cost_their_records),
	        cmocka_unit_test(no_store_is_told_apart),
	        cmocka_unit_test(memory_may_run_out),
	        cmocka_unit_test(broken_off_files_are_saved),
	        cmocka_unit_test(gaps_are_bridged),
	        cmocka_unit_test(each_operation_may_fail),
	        cmocka_unit_test(files_may_go_meanwhile),
	        cmocka_unit_test(nothing_is_overwritten),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
