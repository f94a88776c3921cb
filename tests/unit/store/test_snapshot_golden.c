/*
 * Snapshots of each version of the format stay known: tests/golden/files/snapshot-1 was written by version 1 with
 * images of layout 2, and is kept for ever. Loaded it is the same store on every target, and what this version writes
 * of that store is the same, byte for byte. When records get another layout, a file is added for it, and this one is
 * refused as LOY_ESTATE: profiles are then made from the journal again. LOY_GOLDEN_WRITE=path in the environment
 * makes the test write the file there.
 */
#include "snapshots.h"

#define FILE_NAME "tests/golden/files/snapshot-1"

static loy_store *golden_store(const loy_model *model)
{
	loy_store *store = stores_create(model, 0);
	loy_event *event;
	loy__random random;
	int i;

	loy__random_init(&random, 2026);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < 400; i++) {
		stores_event(event, &random, i < 300 ? 40 : 2, 0);
		if (i % 11 == 10)
			(void)loy_store_retract(store, event, NULL);
		else
			assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	return store;
}

static void write_golden(const char *path, const uint8_t *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void the_golden_snapshot_is_loaded_and_written(void **state)
{
	loy_model *model = stores_model();
	loy_store *store = golden_store(model), *loaded = stores_create(model, 0);
	loy_files files = snapshots_files();
	const char *out = getenv("LOY_GOLDEN_WRITE");
	char *path = source_path(FILE_NAME), *kept;
	loy_allocator memory;
	uint8_t *written;
	size_t kept_size, size;

	(void)state;
	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	assert_int_equal(snapshots_save(store, &files, 1, &memory, NULL), LOY_OK);
	written = snapshots_bytes(&files, 1, &size);
	if (out != NULL)
		write_golden(out, written, size);
	kept = read_whole_file(path, &kept_size);
	assert_int_equal(size, kept_size);
	assert_memory_equal(written, kept, size);
	snapshots_put(&files, 1, (const uint8_t *)kept, kept_size);
	assert_int_equal(snapshots_load(loaded, &files, 1, &memory, 1, NULL), LOY_OK);
	stores_assert_equal(store, loaded);
	free(written);
	free(kept);
	free(path);
	loy_store_destroy(loaded);
	loy_store_destroy(store);
	loy_files_close(&files);
	free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_golden_snapshot_is_loaded_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
