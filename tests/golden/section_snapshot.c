/* Snapshots of customers, to the byte: with numbers and with keys, whole files. What was loaded is what was saved. */
#include <stdlib.h>
#include <string.h>

#include "history.h"
#include "store/snapshot.h"

#define CUSTOMERS 300

static const uint8_t id[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void fill_store(struct golden *g, loy_store *store, const loy_model *model)
{
	loy_profile *profile = NULL;
	uint64_t customer;
	char key[16];

	golden_check(g, loy_profile_create(&profile, loy_model_schema(model), NULL) == LOY_OK, "a profile");
	for (customer = 1; profile != NULL && customer <= CUSTOMERS; customer++) {
		history_profile(g, profile, customer, customer % 50 == 0 ? 900 : customer % 40);
		memset(key, (int)('a' + customer % 26), sizeof(key));
		golden_check(g,
		             loy_store_merge_profile(store, customer % 3 != 0 ? customer * customer : 0, key,
		                                     (size_t)(1 + customer / 26), profile) == LOY_OK,
		             "merging");
	}
	loy_profile_destroy(profile);
}

static void save(struct golden *g, const loy_store *store, const loy_files *files, uint64_t number)
{
	const loy__customers *tables[2] = {&store->numbered, &store->named};
	loy__snapshot_writer *writer = NULL;
	loy_allocator memory;
	int good, t;
	uint32_t i;

	good = loy__memory_adopt(&memory, NULL) == LOY_OK &&
	       loy__snapshot_writer_create(&writer, files, id, number, &memory, NULL) == LOY_OK;
	for (t = 0; t < 2 && good; t++) {
		for (i = 0; i < tables[t]->index.live && good; i++)
			good = loy__snapshot_write_customer(writer, store, tables[t], i, 1000u + i, NULL) ==
			       LOY_OK;
		good = good && loy__snapshot_end_customers(writer, store, tables[t], NULL) == LOY_OK;
	}
	golden_check(g, good && loy__snapshot_finish(writer, NULL) == LOY_OK, "saving");
	loy__snapshot_writer_destroy(writer);
}

static void hash_file(struct golden *g, const loy_files *files, const char *name)
{
	uint64_t size = 0;
	uint8_t *bytes = NULL;
	void *file = NULL;
	size_t got = 0;

	golden_check(g, files->open(files->user_data, name, LOY_OPEN_READ, &file) == LOY_OK, "opening");
	if (file == NULL)
		return;
	golden_check(g, files->size(files->user_data, file, &size) == LOY_OK, "size");
	bytes = malloc((size_t)size + 1);
	golden_check(g,
	             bytes != NULL &&
	                     files->read_at(files->user_data, file, 0, bytes, (size_t)size, &got) == LOY_OK,
	             "reading");
	golden_u64(g, size);
	if (bytes != NULL)
		golden_bytes(g, bytes, got);
	free(bytes);
	files->close(files->user_data, file);
}

static void load(struct golden *g, loy_store *store, const loy_files *files, uint64_t number)
{
	loy__snapshot_reader *reader = NULL;
	uint64_t high = 0, low = 0;
	loy_allocator memory;
	int good;

	good = loy__memory_adopt(&memory, NULL) == LOY_OK &&
	       loy__snapshot_reader_create(&reader, files, id, number, &memory, NULL) == LOY_OK &&
	       loy__snapshot_load_customers(reader, store, &store->numbered, NULL, 1, NULL) == LOY_OK &&
	       loy__snapshot_load_customers(reader, store, &store->named, NULL, 1, NULL) == LOY_OK;
	golden_check(g, good, "loading");
	loy__snapshot_reader_destroy(reader);
	golden_check(g, loy_store_sort(store) == LOY_OK && loy_store_hash(store, &high, &low) == LOY_OK,
	             "hash");
	golden_u64(g, high);
	golden_u64(g, low);
}

static void one_model(struct golden *g, const char *name)
{
	loy_model *model = history_model(g, name);
	loy_store *store = NULL, *loaded = NULL;
	loy_files files = {.struct_size = sizeof(files)};

	golden_begin(g, name);
	golden_check(g, loy_store_create(&store, model, NULL, NULL) == LOY_OK, "a store");
	golden_check(g, loy_store_create(&loaded, model, NULL, NULL) == LOY_OK, "a store");
	golden_check(g, loy_files_open_memory(&files, 1, NULL) == LOY_OK, "files");
	if (store != NULL && loaded != NULL && files.user_data != NULL) {
		fill_store(g, store, model);
		golden_check(g, loy_store_sort(store) == LOY_OK, "sorting");
		save(g, store, &files, 1);
		hash_file(g, &files, "snap-0000000000000001");
		load(g, loaded, &files, 1);
		save(g, loaded, &files, 2);
		hash_file(g, &files, "snap-0000000000000002");
	}
	golden_end(g);
	loy_store_destroy(loaded);
	loy_store_destroy(store);
	loy_files_close(&files);
	loy_model_destroy(model);
}

void golden_snapshot(struct golden *g)
{
	one_model(g, "retail");
	one_model(g, "hospitality");
}
