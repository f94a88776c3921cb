/* Customers in snapshots: loaded they are what was saved, to the byte; whatever cannot be is refused. */
#include "snapshots.h"

static loy_model *model;
static loy_allocator heap_memory;

static int make_model(void **state)
{
	(void)state;
	model = stores_model();
	return loy__memory_adopt(&heap_memory, NULL);
}

static int free_model(void **state)
{
	(void)state;
	free(model);
	return 0;
}

static loy_store *random_store(uint64_t seed, int events, uint64_t customers)
{
	loy_store *store = stores_create(model, 0);
	loy_event *event;
	loy__random random;
	int i;

	loy__random_init(&random, seed);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < events; i++) {
		stores_event(event, &random, customers, 0);
		if (i % 11 == 10)
			(void)loy_store_retract(store, event, NULL);
		else
			assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	return store;
}

static void loaded_is_what_was_saved(void **state)
{
	static const struct {
		int events;
		uint64_t customers;
	} sizes[] = {{0, 1}, {1, 1}, {1, 2}, {40, 3}, {300, 2}, {3000, 1000}, {20000, 300}, {20000, 15000}};
	loy_files files = snapshots_files();
	size_t i;

	(void)state;
	for (i = 0; i < 2 * LOY__COUNT(sizes); i++) {
		loy_store *store = random_store(i, sizes[i / 2].events, sizes[i / 2].customers);
		loy_store *loaded = stores_create(model, 0);
		loy_store_stats had, has;

		if (i % 2 == 1)
			assert_int_equal(loy_store_sort(store), LOY_OK);
		assert_int_equal(snapshots_save(store, &files, i, &heap_memory, NULL), LOY_OK);
		assert_int_equal(snapshots_load(loaded, &files, i, &heap_memory, 2, NULL), LOY_OK);
		assert_true(loaded->sorted >= store->sorted); /* a few may happen to be in order */
		had = stores_stats(store);
		has = stores_stats(loaded);
		assert_true(has.profile_bytes <= had.profile_bytes);
		stores_assert_equal(store, loaded);
		loy_store_destroy(loaded);
		loy_store_destroy(store);
	}
	loy_files_close(&files);
}

/* What was loaded goes on like what was recorded: the same events, the same result. */
static void loaded_stores_go_on(void **state)
{
	loy_files files = snapshots_files();
	loy_store *store = random_store(5, 2000, 200), *loaded = stores_create(model, 0);
	loy_event *event;
	loy__random random;
	int i;

	(void)state;
	assert_int_equal(snapshots_save(store, &files, 1, &heap_memory, NULL), LOY_OK);
	assert_int_equal(snapshots_load(loaded, &files, 1, &heap_memory, 2, NULL), LOY_OK);
	loy__random_init(&random, 77);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < 3000; i++) {
		stores_event(event, &random, 400, 0);
		assert_int_equal(loy_store_record(store, event, NULL), loy_store_record(loaded, event, NULL));
		if (i % 50 == 0)
			assert_int_equal(loy_store_erase(store, 1 + (uint64_t)i / 50, NULL, 0),
			                 loy_store_erase(loaded, 1 + (uint64_t)i / 50, NULL, 0));
	}
	stores_assert_equal(store, loaded);
	loy_event_destroy(event);
	loy_store_destroy(loaded);
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* Customers without a profile, whose record is NULL or has no operations. */
static void empty_profiles_are_kept(void **state)
{
	loy_files files = snapshots_files();
	loy_store *store = stores_create(model, 0), *loaded = stores_create(model, 0);
	loy_profile *profile;

	(void)state;
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_store_merge_profile(store, 7, NULL, 0, profile), LOY_OK);
	assert_int_equal(loy_store_merge_profile(store, 0, "seven", 5, profile), LOY_OK);
	assert_int_equal(snapshots_save(store, &files, 1, &heap_memory, NULL), LOY_OK);
	assert_int_equal(snapshots_load(loaded, &files, 1, &heap_memory, 2, NULL), LOY_OK);
	assert_int_equal(loy_store_count(loaded), 2);
	stores_assert_equal(store, loaded);
	loy_profile_destroy(profile);
	loy_store_destroy(loaded);
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* Customers with nothing to write but who they are: groups end when they have 8,192 of them, and then none waits. */
static void groups_end_by_number(void **state)
{
	static const uint64_t counts[] = {8191, 8192, 8193, 16384};
	loy_profile *profile;
	size_t i;

	(void)state;
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	for (i = 0; i < LOY__COUNT(counts); i++) {
		loy_files files = snapshots_files();
		loy_store *store = stores_create(model, 0), *loaded = stores_create(model, 0);
		uint64_t n;

		for (n = 1; n <= counts[i]; n++)
			assert_int_equal(loy_store_merge_profile(store, n, NULL, 0, profile), LOY_OK);
		assert_int_equal(snapshots_save(store, &files, 1, &heap_memory, NULL), LOY_OK);
		assert_int_equal(snapshots_load(loaded, &files, 1, &heap_memory, 2, NULL), LOY_OK);
		assert_int_equal(loy_store_count(loaded), counts[i]);
		stores_assert_equal(store, loaded);
		loy_store_destroy(loaded);
		loy_store_destroy(store);
		loy_files_close(&files);
	}
	loy_profile_destroy(profile);
}

static void positions_are_kept(void **state)
{
	loy_files files = snapshots_files();
	loy_store *store = random_store(6, 12000, 6000), *loaded = stores_create(model, 0);
	loy__snapshot_reader *reader;
	int named;

	(void)state;
	assert_int_equal(snapshots_save(store, &files, 1, &heap_memory, NULL), LOY_OK);
	assert_int_equal(loy__snapshot_reader_create(&reader, &files, snapshots_id, 1, &heap_memory, NULL),
	                 LOY_OK);
	for (named = 0; named < 2; named++) {
		loy__customers *table = named ? &loaded->named : &loaded->numbered;
		loy__vector positions = {0};
		uint32_t i;

		assert_int_equal(loy__snapshot_load_customers(reader, loaded, table, &positions, 2, NULL),
		                 LOY_OK);
		assert_true(table->index.live > 512); /* more than a chunk of a vector */
		for (i = 0; i < table->index.live; i++) {
			const uint64_t *position = loy__vector_at(&positions, i, sizeof(*position));

			assert_true(*position == SNAPSHOTS_POSITION(i, named));
		}
		loy__vector_free(&positions, &loaded->memory, sizeof(uint64_t));
	}
	loy__snapshot_reader_destroy(reader);
	loy_store_destroy(loaded);
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* ---- memory ---- */

static void loading_makes_room_at_once(void **state)
{
	loy_files files = snapshots_files();
	loy_store *store = random_store(3, 30000, 4000), *loaded = stores_create(model, 0);
	loy_store_stats stats;

	(void)state;
	assert_int_equal(snapshots_save(store, &files, 1, &heap_memory, NULL), LOY_OK);
	assert_int_equal(snapshots_load(loaded, &files, 1, &heap_memory, 2, NULL), LOY_OK);
	assert_int_equal(loaded->records.left, 0); /* one chunk, and nothing of it left over but its head */
	assert_true(loaded->records.held - loaded->records.used <= 32);
	assert_true(loaded->keys.held - loaded->keys.used <= 16384); /* the smallest chunk */
	stats = stores_stats(loaded);
	/* 16 bytes of an entry, at most 8 of the index, chunks of 512 entries; and the keys */
	assert_true(stats.memory - stats.profile_bytes - loaded->keys.held <=
	            24 * stats.customers + 2 * 512 * 16 + sizeof(*loaded) + 1024);
	loy_store_destroy(loaded);
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void loading_survives_every_failed_allocation(void **state)
{
	loy_files files = snapshots_files();
	loy_store *store = random_store(9, 3000, 1500);
	loy_store_options options = {.struct_size = sizeof(options)};
	loy_status status;
	int forever;
	long n;

	(void)state;
	assert_int_equal(snapshots_save(store, &files, 1, &heap_memory, NULL), LOY_OK);
	for (forever = 0; forever < 2; forever++) {
		status = LOY_ENOMEM;
		for (n = 1; status == LOY_ENOMEM; n++) { /* request 0 is the store's own */
			struct faulty heap = {.until = n, .forever = forever};
			loy_allocator memory = faulty_allocator(&heap);
			loy_error error = {.struct_size = sizeof(error)};
			loy_store *loaded;

			assert_int_equal(loy_store_create(&loaded, model, &options, &memory), LOY_OK);
			status = snapshots_load(loaded, &files, 1, &memory, 2, &error);
			heap.until = -1;
			if (status == LOY_OK)
				stores_assert_equal(store, loaded);
			else
				assert_int_equal(error.code, LOY_ENOMEM);
			loy_store_destroy(loaded);
			assert_int_equal(heap.live, 0);
		}
		assert_int_equal(status, LOY_OK);
		assert_true(n > 10);
	}
	options.memory_limit = stores_stats(store).profile_bytes;
	for (status = LOY_ELIMIT; status != LOY_OK; options.memory_limit += 10000) {
		loy_store *loaded;

		assert_int_equal(loy_store_create(&loaded, model, &options, NULL), LOY_OK);
		status = snapshots_load(loaded, &files, 1, &heap_memory, 2, NULL);
		assert_true(status == LOY_OK || status == LOY_ELIMIT);
		loy_store_destroy(loaded);
	}
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void saving_survives_every_failed_allocation(void **state)
{
	loy_files files = snapshots_files();
	loy_store *store = random_store(9, 3000, 1500);
	loy_status status;
	int forever;
	long n;

	(void)state;
	for (forever = 0; forever < 2; forever++) {
		status = LOY_ENOMEM;
		for (n = 0; status == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = n, .forever = forever};
			loy_allocator memory = faulty_allocator(&heap);
			loy_error error = {.struct_size = sizeof(error)};

			status = snapshots_save(store, &files, 1, &memory, &error);
			assert_int_equal(heap.live, 0);
			assert_int_equal(error.code, status);
			assert_int_equal(snapshots_count(&files), status == LOY_OK);
		}
		assert_int_equal(status, LOY_OK);
		assert_true(n > 10); /* the writer, and what customers wait in, growing */
		assert_int_equal(files.remove(files.user_data, "snap-0000000000000001"), LOY_OK);
	}
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void files_that_fail_leave_an_empty_store(void **state)
{
	loy_files files = snapshots_files();
	loy_store *store = random_store(9, 20000, 1500), *loaded = stores_create(model, 0);
	loy_status status = LOY_EIO;
	long n;

	(void)state;
	for (n = 0; status != LOY_OK; n++) {
		struct failing_files failing;

		failing_files(&failing, &files);
		failing.until = n;
		status = snapshots_save(store, &failing.files, 1, &heap_memory, NULL);
		assert_true(status == LOY_OK || status == LOY_EIO);
		assert_int_equal(failing.open, 0);
		assert_int_equal(snapshots_count(&files), status == LOY_OK);
	}
	status = LOY_EIO;
	for (n = 0; status != LOY_OK; n++) {
		struct failing_files failing;

		failing_files(&failing, &files);
		failing.until = n;
		status = snapshots_load(loaded, &failing.files, 1, &heap_memory, 2, NULL);
		assert_true(status == LOY_OK || status == LOY_EIO);
		assert_int_equal(failing.open, 0);
	}
	stores_assert_equal(store, loaded); /* it was empty again after each failure */
	loy_store_destroy(loaded);
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* ---- hostile bytes ---- */

/* A store of a few customers as bytes, and what becomes of them when they are changed. */
struct victim {
	loy_files files;
	loy_store *store, *loaded;
	uint8_t *bytes;
	size_t size;
};

static void make_victim(struct victim *v, uint64_t seed, int events, uint64_t customers)
{
	v->files = snapshots_files();
	v->store = random_store(seed, events, customers);
	v->loaded = stores_create(model, 0);
	assert_int_equal(snapshots_save(v->store, &v->files, 1, &heap_memory, NULL), LOY_OK);
	v->bytes = snapshots_bytes(&v->files, 1, &v->size);
}

static void free_victim(struct victim *v)
{
	free(v->bytes);
	loy_store_destroy(v->loaded);
	loy_store_destroy(v->store);
	loy_files_close(&v->files);
}

static loy_status load_changed(struct victim *v, loy_error *error)
{
	loy_error alone = {.struct_size = sizeof(alone)};
	loy_status status;

	snapshots_put(&v->files, 1, v->bytes, v->size);
	status = snapshots_load(v->loaded, &v->files, 1, &heap_memory, 1, &alone);
	if (status == LOY_OK) /* one thread finds what two find, at the same byte */
		return status;
	assert_int_equal(snapshots_load(v->loaded, &v->files, 1, &heap_memory, 2, error), status);
	assert_true(error == NULL ||
	            (error->byte == alone.byte && strcmp(error->message, alone.message) == 0));
	return status;
}

/* 1 when all that was loaded can be written as canonical bytes and read back: it is made of possible profiles. */
static int is_possible(const loy_store *store)
{
	loy_profile *profile;
	uint64_t row;
	int fine = 1;

	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	for (row = 0; row < loy_store_count(store); row++) {
		uint8_t *bytes;
		size_t size;

		assert_int_equal(
		        loy__profile_assign(profile, store->schema, loy__store_row(store, row)->record),
		        LOY_OK);
		bytes = profile_bytes(profile, &size);
		fine &= loy_profile_read(profile, bytes, size, NULL) == LOY_OK;
		free(bytes);
	}
	loy_profile_destroy(profile);
	return fine;
}

static void every_flipped_bit_is_damage(void **state)
{
	struct victim v;
	size_t bit;

	(void)state;
	make_victim(&v, 4, 12, 4);
	for (bit = 0; bit < 8 * v.size; bit++) {
		loy_error error = {.struct_size = sizeof(error)};

		v.bytes[bit / 8] = (uint8_t)(v.bytes[bit / 8] ^ 1u << bit % 8);
		if (load_changed(&v, &error) != LOY_EDAMAGED || error.code != LOY_EDAMAGED || error.byte < 0)
			fail_msg("bit %zu of %zu: %s", bit, 8 * v.size, error.message);
		v.bytes[bit / 8] = (uint8_t)(v.bytes[bit / 8] ^ 1u << bit % 8);
	}
	assert_int_equal(load_changed(&v, NULL), LOY_OK);
	stores_assert_equal(v.store, v.loaded);
	free_victim(&v);
}

static void every_truncation_is_damage(void **state)
{
	struct victim v;
	size_t size;

	(void)state;
	make_victim(&v, 4, 12, 4);
	size = v.size;
	for (v.size = 0; v.size < size; v.size++)
		assert_int_equal(load_changed(&v, NULL), LOY_EDAMAGED);
	free_victim(&v);
}

/* With checksums made right again: refused, or a store of possible profiles. */
static void hostile_bytes_make_no_impossible_profiles(void **state)
{
	long accepted = 0, refused = 0;
	int round;

	(void)state;
	for (round = 0; round < FEWER_ROUNDS(6); round++) {
		struct victim v;
		size_t at;
		unsigned bit;

		make_victim(&v, (uint64_t)round, 30 + 40 * round, 4);
		for (at = 64 + 16; at < v.size; at++) {
			for (bit = (unsigned)(at + (size_t)round) % 3; bit < 8; bit += 3) {
				loy_status status;

				v.bytes[at] = (uint8_t)(v.bytes[at] ^ 1u << bit);
				snapshots_mend(v.bytes, v.size, 1);
				status = load_changed(&v, NULL);
				assert_true(status == LOY_OK || status == LOY_EDAMAGED ||
				            status == LOY_ESTATE || status == LOY_ESCHEMA);
				if (status == LOY_OK && !is_possible(v.loaded))
					fail_msg("byte %zu, bit %u: an impossible profile", at, bit);
				accepted += status == LOY_OK;
				refused += status != LOY_OK;
				loy_store_destroy(v.loaded);
				v.loaded = stores_create(model, 0);
				v.bytes[at] = (uint8_t)(v.bytes[at] ^ 1u << bit);
			}
		}
		free_victim(&v);
	}
	assert_true(accepted > 100 && refused > 100); /* an amount may be another; a directory may not */
}

/* Threads take several groups at a time: of a store with more than that, the first thing wrong is named by both. */
static void two_threads_find_what_one_finds(void **state)
{
	struct victim v;
	long found[2] = {0, 0};
	int round;

	(void)state;
	make_victim(&v, 31, 150000, 100000);
	assert_true(v.size > 20u << 19); /* so many groups of half a megabyte */
	for (round = 0; round < 80; round++) {
		loy_error error = {.struct_size = sizeof(error)};
		size_t first = 64 + 16 + (v.size / 80) * (size_t)round + (size_t)round % 7;
		size_t second = first + v.size / 3 < v.size ? first + v.size / 3 : first;
		loy_status status;

		v.bytes[first] ^= 0x20;
		v.bytes[second] ^= second != first;
		if (round % 4 != 0) /* or else a sum is wrong, which the reader finds */
			snapshots_mend(v.bytes, v.size, 1);
		status = load_changed(&v, &error);
		found[status == LOY_OK]++;
		v.bytes[first] ^= 0x20;
		v.bytes[second] ^= second != first;
		if (status == LOY_OK) {
			loy_store_destroy(v.loaded);
			v.loaded = stores_create(model, 0);
		}
	}
	assert_true(found[0] > 20);
	snapshots_mend(v.bytes, v.size, 1);
	assert_int_equal(load_changed(&v, NULL), LOY_OK);
	stores_assert_equal(v.store, v.loaded);
	loy_store_destroy(v.loaded);
	v.loaded = stores_create(model, 0);
	assert_int_equal(snapshots_load(v.loaded, &v.files, 1, &heap_memory, 2, NULL), LOY_OK);
	stores_assert_equal(v.store, v.loaded);
	free_victim(&v);
}

/* The bytes of the first list begin behind the file's and the block's heads. */
#define LIST 80u

static void other_layouts_and_schemas_have_their_status(void **state)
{
	struct victim v;

	(void)state;
	make_victim(&v, 4, 12, 4);
	v.bytes[LIST + 4] ^= 0x40;
	snapshots_mend(v.bytes, v.size, 1);
	assert_int_equal(load_changed(&v, NULL), LOY_ESTATE);
	v.bytes[LIST + 4] ^= 0x40;
	v.bytes[LIST + 16] ^= 1;
	snapshots_mend(v.bytes, v.size, 1);
	assert_int_equal(load_changed(&v, NULL), LOY_ESCHEMA);
	v.bytes[LIST + 16] ^= 1;
	v.bytes[LIST] ^= 1; /* neither tag nor table are content that may be another */
	snapshots_mend(v.bytes, v.size, 1);
	assert_int_equal(load_changed(&v, NULL), LOY_EDAMAGED);
	v.bytes[LIST] ^= 1;
	v.bytes[LIST + 8] ^= 1;
	snapshots_mend(v.bytes, v.size, 1);
	assert_int_equal(load_changed(&v, NULL), LOY_EDAMAGED);
	free_victim(&v);
}

/* Write the customers of a table in an order of the test's. */
static loy_status save_in_order(const loy_store *store, const loy_files *files, const uint32_t *order,
                                size_t count)
{
	const loy__customers *table = store->numbered.index.live != 0 ? &store->numbered : &store->named;
	loy__snapshot_writer *writer;
	size_t i;

	assert_int_equal(loy__snapshot_writer_create(&writer, files, snapshots_id, 1, &heap_memory, NULL),
	                 LOY_OK);
	for (i = 0; i < count; i++)
		assert_int_equal(
		        loy__snapshot_write_customer(writer, store, table, order[i], UINT64_MAX, NULL),
		        LOY_OK);
	assert_int_equal(loy__snapshot_end_customers(writer, store, table, NULL), LOY_OK);
	assert_int_equal(loy__snapshot_finish(writer, NULL), LOY_OK);
	loy__snapshot_writer_destroy(writer);
	return LOY_OK;
}

static loy_status load_one(loy_store *loaded, const loy_files *files, int named)
{
	loy__vector positions = {0};
	loy__snapshot_reader *reader;
	loy_status status;

	assert_int_equal(loy__snapshot_reader_create(&reader, files, snapshots_id, 1, &heap_memory, NULL),
	                 LOY_OK);
	status = loy__snapshot_load_customers(reader, loaded, named ? &loaded->named : &loaded->numbered,
	                                      &positions, 2, NULL);
	loy__snapshot_reader_destroy(reader);
	loy__vector_free(&positions, &loaded->memory, sizeof(uint64_t));
	return status;
}

static void nobody_is_there_twice(void **state)
{
	static const uint32_t fine[] = {2, 0, 1}, twice[] = {1, 0, 2, 0}, in_a_row[] = {0, 0};
	loy_files files = snapshots_files();
	int named;

	(void)state;
	for (named = 0; named < 2; named++) {
		loy_store *store = stores_create(model, 0), *loaded = stores_create(model, 0);
		loy_profile *profile;
		uint64_t i;

		assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
		for (i = 1; i < 4; i++)
			assert_int_equal(loy_store_merge_profile(store, named ? 0 : i, named ? "key" : NULL,
			                                         named ? i : 0, profile),
			                 LOY_OK);
		(void)save_in_order(store, &files, twice, 4);
		assert_int_equal(load_one(loaded, &files, named), LOY_EDAMAGED);
		assert_int_equal(loy_store_count(loaded), 0);
		(void)save_in_order(store, &files, in_a_row, 2);
		assert_int_equal(load_one(loaded, &files, named), LOY_EDAMAGED);
		(void)save_in_order(store, &files, fine, 3);
		assert_int_equal(load_one(loaded, &files, !named), LOY_EDAMAGED); /* numbers are no keys */
		assert_int_equal(load_one(loaded, &files, named), LOY_OK);
		assert_int_equal(loaded->sorted, 0);
		stores_assert_equal(store, loaded);
		loy_profile_destroy(profile);
		loy_store_destroy(loaded);
		loy_store_destroy(store);
	}
	loy_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(loaded_is_what_was_saved),
	        cmocka_unit_test(loaded_stores_go_on),
	        cmocka_unit_test(empty_profiles_are_kept),
	        cmocka_unit_test(groups_end_by_number),
	        cmocka_unit_test(positions_are_kept),
	        cmocka_unit_test(loading_makes_room_at_once),
	        cmocka_unit_test(loading_survives_every_failed_allocation),
	        cmocka_unit_test(saving_survives_every_failed_allocation),
	        cmocka_unit_test(files_that_fail_leave_an_empty_store),
	        cmocka_unit_test(every_flipped_bit_is_damage),
	        cmocka_unit_test(every_truncation_is_damage),
	        cmocka_unit_test(hostile_bytes_make_no_impossible_profiles),
	        cmocka_unit_test(two_threads_find_what_one_finds),
	        cmocka_unit_test(other_layouts_and_schemas_have_their_status),
	        cmocka_unit_test(nobody_is_there_twice),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
