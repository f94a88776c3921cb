#include "tills.h"

int32_t bytes_keep(const void *data, size_t size, void *bytes)
{
	struct bytes *out = bytes;

	out->data = realloc(out->data, out->size + size);
	assert_non_null(out->data);
	memcpy(out->data + out->size, data, size);
	out->size += size;
	return 0;
}

/* ---- files ---- */

static int32_t note_name(const char *name, void *context)
{
	struct files_copy *copy = context;

	assert_true(copy->count < LOY__COUNT(copy->file));
	strcpy(copy->file[copy->count++].name, name);
	return 0;
}

void files_save(const loy_files *files, struct files_copy *copy)
{
	uint32_t i;

	memset(copy, 0, sizeof(*copy));
	assert_int_equal(files->list(files->user_data, note_name, copy), LOY_OK);
	for (i = 0; i < copy->count; i++) {
		struct bytes *content = &copy->file[i].content;
		uint64_t size;
		void *file;

		assert_int_equal(files->open(files->user_data, copy->file[i].name, LOY_OPEN_READ, &file),
		                 LOY_OK);
		assert_int_equal(files->size(files->user_data, file, &size), LOY_OK);
		content->data = malloc((size_t)size + 1);
		assert_non_null(content->data);
		assert_int_equal(files->read_at(files->user_data, file, 0, content->data, (size_t)size,
		                                &content->size),
		                 LOY_OK);
		assert_int_equal(content->size, size);
		files->close(files->user_data, file);
	}
}

void files_restore(const loy_files *files, const struct files_copy *copy)
{
	struct files_copy there;
	uint32_t i;

	files_save(files, &there);
	for (i = 0; i < there.count; i++)
		assert_int_equal(files->remove(files->user_data, there.file[i].name), LOY_OK);
	files_free(&there);
	for (i = 0; i < copy->count; i++) {
		const struct bytes *content = &copy->file[i].content;
		void *file;

		assert_int_equal(files->open(files->user_data, copy->file[i].name, LOY_OPEN_CREATE, &file),
		                 LOY_OK);
		assert_int_equal(files->write_at(files->user_data, file, 0, content->data, content->size),
		                 LOY_OK);
		assert_int_equal(files->sync(files->user_data, file), LOY_OK);
		files->close(files->user_data, file);
	}
	assert_int_equal(files->sync_directory(files->user_data), LOY_OK);
}

void files_free(struct files_copy *copy)
{
	uint32_t i;

	for (i = 0; i < copy->count; i++)
		free(copy->file[i].content.data);
	copy->count = 0;
}

static int holds(const struct bytes *content, const void *bytes, size_t size)
{
	size_t i;

	for (i = 0; i + size <= content->size; i++) {
		if (memcmp(content->data + i, bytes, size) == 0)
			return 1;
	}
	return 0;
}

unsigned files_holding(const loy_files *files, const void *bytes, size_t size)
{
	struct files_copy copy;
	unsigned count = 0;
	uint32_t i;

	files_save(files, &copy);
	for (i = 0; i < copy.count; i++)
		count += (unsigned)holds(&copy.file[i].content, bytes, size);
	files_free(&copy);
	return count;
}

/* ---- tills ---- */

void till_create(struct till *till, const loy_model *model, uint64_t seed)
{
	memset(till, 0, sizeof(*till));
	till->model = model;
	till->files.struct_size = sizeof(till->files);
	assert_int_equal(loy_files_open_memory(&till->files, seed, NULL), LOY_OK);
	till_open(till);
}

void till_open(struct till *till)
{
	loy_store_options options = {.struct_size = sizeof(options)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;

	options.files = &till->files;
	options.segment_bytes = 65536;
	options.flags = till->flags;
	options.durability = till->durability;
	options.pseudonym_key = till->pseudonym_key;
	status = loy_store_open(&till->store, NULL, 0, till->model, &options, NULL, NULL, &error);
	if (status != LOY_OK)
		fail_msg("opening: %s: %s", loy_status_name(status), error.message);
}

void till_close(struct till *till)
{
	if (till->store != NULL)
		assert_int_equal(loy_store_commit(till->store, NULL), LOY_OK);
	loy_store_destroy(till->store);
	till->store = NULL;
}

void till_destroy(struct till *till)
{
	loy_store_destroy(till->store);
	till->store = NULL;
	loy_files_close(&till->files);
}

struct bytes till_vector(const struct till *till)
{
	struct bytes vector = {NULL, 0};

	assert_int_equal(loy_store_vector(till->store, NULL, 0, &vector.size), LOY_EBUFFER);
	vector.data = malloc(vector.size);
	assert_non_null(vector.data);
	assert_int_equal(loy_store_vector(till->store, vector.data, vector.size, &vector.size), LOY_OK);
	return vector;
}

uint32_t till_export(const struct till *till, const struct bytes *since, uint64_t limit, struct bytes *bundle)
{
	loy_export_result result = {.struct_size = sizeof(result)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;

	bundle->data = NULL;
	bundle->size = 0;
	status =
	        loy_store_export(till->store, since != NULL ? since->data : NULL,
	                         since != NULL ? since->size : 0, limit, bytes_keep, bundle, &result, &error);
	if (status != LOY_OK)
		fail_msg("export: %s: %s", loy_status_name(status), error.message);
	assert_int_equal(error.code, LOY_OK);
	assert_true(result.bytes == bundle->size);
	return result.complete;
}

loy_import_result till_import(struct till *till, const struct bytes *bundle)
{
	loy_import_result result = {.struct_size = sizeof(result)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = loy_store_import(till->store, bundle->data, bundle->size, NULL, &result, &error);

	if (status != LOY_OK)
		fail_msg("import: %s: %s", loy_status_name(status), error.message);
	assert_int_equal(error.code, LOY_OK);
	assert_true(result.records == result.recorded + result.known + result.conflicts + result.erased);
	return result;
}

void till_send(const struct till *from, struct till *to)
{
	struct bytes since = till_vector(to), bundle;

	assert_int_equal(loy_store_commit(from->store, NULL), LOY_OK);
	assert_int_equal(till_export(from, &since, 0, &bundle), 1);
	(void)till_import(to, &bundle);
	free(bundle.data);
	free(since.data);
}

void till_compact(struct till *till)
{
	uint32_t left = 1;
	unsigned steps = 0;

	while (left != 0) {
		loy_error error = {.struct_size = sizeof(error)};
		loy_status status = loy_store_compact(till->store, 100000, &left, &error);

		if (status != LOY_OK)
			fail_msg("compaction: %s: %s", loy_status_name(status), error.message);
		assert_true(++steps < 1000);
	}
}
