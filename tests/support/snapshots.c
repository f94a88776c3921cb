#include "snapshots.h"

const uint8_t snapshots_id[16] = "sixteen bytes id";

loy_files snapshots_files(void)
{
	loy_files files = {.struct_size = sizeof(files)};

	assert_int_equal(loy_files_open_memory(&files, 1, NULL), LOY_OK);
	return files;
}

/* ---- stores ---- */

static loy_status save_table(loy__snapshot_writer *writer, const loy_store *store,
                             const loy__customers *table, loy_error *error)
{
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; i < table->index.live && status == LOY_OK; i++)
		status = loy__snapshot_write_customer(writer, store, table, i,
		                                      SNAPSHOTS_POSITION(i, table->keyed), error);
	return status == LOY_OK ? loy__snapshot_end_customers(writer, store, table, error) : status;
}

loy_status snapshots_save(const loy_store *store, const loy_files *files, uint64_t number,
                          const loy_allocator *memory, loy_error *error)
{
	loy__snapshot_writer *writer;
	loy_status status = loy__snapshot_writer_create(&writer, files, snapshots_id, number, memory, error);

	if (status != LOY_OK) {
		assert_null(writer);
		return status;
	}
	status = save_table(writer, store, &store->numbered, error);
	if (status == LOY_OK)
		status = save_table(writer, store, &store->named, error);
	if (status == LOY_OK)
		status = loy__snapshot_finish(writer, error);
	loy__snapshot_writer_destroy(writer);
	return status;
}

static loy_status load_table(loy__snapshot_reader *reader, loy_store *store, loy__customers *table,
                             uint32_t threads, loy_error *error)
{
	loy__vector positions = {0};
	loy_status status = loy__snapshot_load_customers(reader, store, table, &positions, threads, error);

	if (status != LOY_OK) {
		assert_int_equal(positions.chunks, 0);
		assert_int_equal(loy_store_count(store), 0);
		assert_int_equal(store->records.held + store->keys.held, 0);
	}
	loy__vector_free(&positions, &store->memory, sizeof(uint64_t));
	return status;
}

loy_status snapshots_load(loy_store *store, const loy_files *files, uint64_t number,
                          const loy_allocator *memory, uint32_t threads, loy_error *error)
{
	loy__snapshot_reader *reader;
	loy_status status = loy__snapshot_reader_create(&reader, files, snapshots_id, number, memory, error);

	if (status != LOY_OK) {
		assert_null(reader);
		return status;
	}
	status = load_table(reader, store, &store->numbered, threads, error);
	if (status == LOY_OK)
		status = load_table(reader, store, &store->named, threads, error);
	if (status == LOY_OK)
		assert_int_equal(loy__snapshot_left(reader), 0);
	loy__snapshot_reader_destroy(reader);
	return status;
}

/* ---- bytes of files ---- */

static const char *name_of(uint64_t number, char name[32])
{
	snprintf(name, 32, "snap-%016llx", (unsigned long long)number);
	return name;
}

uint8_t *snapshots_bytes(const loy_files *files, uint64_t number, size_t *size)
{
	uint64_t length;
	uint8_t *bytes;
	char name[32];
	void *file;

	assert_int_equal(files->open(files->user_data, name_of(number, name), LOY_OPEN_READ, &file), LOY_OK);
	assert_int_equal(files->size(files->user_data, file, &length), LOY_OK);
	bytes = malloc((size_t)length + 1);
	assert_non_null(bytes);
	assert_int_equal(files->read_at(files->user_data, file, 0, bytes, (size_t)length, size), LOY_OK);
	assert_int_equal(*size, length);
	files->close(files->user_data, file);
	return bytes;
}

void snapshots_put(const loy_files *files, uint64_t number, const uint8_t *bytes, size_t size)
{
	char name[32];
	void *file;

	assert_int_equal(files->open(files->user_data, name_of(number, name), LOY_OPEN_CREATE, &file),
	                 LOY_OK);
	assert_int_equal(files->write_at(files->user_data, file, 0, bytes, size), LOY_OK);
	files->close(files->user_data, file);
}

static int32_t count_one(const char *name, void *context)
{
	(void)name;
	++*(size_t *)context;
	return 0;
}

size_t snapshots_count(const loy_files *files)
{
	size_t count = 0;

	assert_int_equal(files->list(files->user_data, count_one, &count), LOY_OK);
	return count;
}

static void put_sum(uint8_t *at, uint32_t sum)
{
	int i;

	for (i = 0; i < 4; i++)
		at[i] = (uint8_t)(sum >> 8 * i);
}

void snapshots_mend(uint8_t *bytes, size_t size, uint64_t number)
{
	const size_t end = 16 + 8 + 8 * LOY__SNAPSHOT_TOTALS;
	size_t at, next;
	uint8_t key[24];
	uint32_t seed;
	int i;

	if (size < 64 + 16 + end)
		return;
	memcpy(key, snapshots_id, 16);
	for (i = 0; i < 8; i++)
		key[16 + i] = (uint8_t)(number >> 8 * i);
	seed = loy__crc32c(0, key, sizeof(key));
	put_sum(bytes + 60, loy__crc32c(0, bytes, 60));
	for (at = 64; at + 16 <= size - end; at = next) {
		next = (at / 65536 + 1) * 65536;
		next = next < size - end ? next : size - end;
		put_sum(bytes + at, loy__crc32c(seed, bytes + at + 4, next - at - 4));
	}
	put_sum(bytes + size - end, loy__crc32c(seed, bytes + size - end + 4, end - 4));
}

/* ---- files that fail ---- */

static int refuses(struct failing_files *f)
{
	long call = f->calls++;

	return f->until >= 0 && (call == f->until || (f->forever && call > f->until));
}

static loy_status failing_open(void *user_data, const char *name, uint32_t mode, void **file)
{
	struct failing_files *f = user_data;
	loy_status status = refuses(f) ? f->status : f->real.open(f->real.user_data, name, mode, file);

	f->open += status == LOY_OK;
	return status;
}

static void failing_close(void *user_data, void *file)
{
	struct failing_files *f = user_data;

	f->open--;
	f->real.close(f->real.user_data, file);
}

static loy_status failing_read(void *user_data, void *file, uint64_t offset, void *buffer, size_t size,
                               size_t *got)
{
	struct failing_files *f = user_data;

	return refuses(f) ? f->status : f->real.read_at(f->real.user_data, file, offset, buffer, size, got);
}

static loy_status failing_write(void *user_data, void *file, uint64_t offset, const void *buffer, size_t size)
{
	struct failing_files *f = user_data;

	return refuses(f) ? f->status : f->real.write_at(f->real.user_data, file, offset, buffer, size);
}

static loy_status failing_size(void *user_data, void *file, uint64_t *size)
{
	struct failing_files *f = user_data;

	return refuses(f) ? f->status : f->real.size(f->real.user_data, file, size);
}

static loy_status failing_resize(void *user_data, void *file, uint64_t size)
{
	struct failing_files *f = user_data;

	return refuses(f) ? f->status : f->real.resize(f->real.user_data, file, size);
}

static loy_status failing_sync(void *user_data, void *file)
{
	struct failing_files *f = user_data;

	return refuses(f) ? f->status : f->real.sync(f->real.user_data, file);
}

static loy_status failing_rename(void *user_data, const char *from, const char *to)
{
	struct failing_files *f = user_data;

	return refuses(f) ? f->status : f->real.rename(f->real.user_data, from, to);
}

static loy_status failing_remove(void *user_data, const char *name)
{
	struct failing_files *f = user_data;

	return refuses(f) ? f->status : f->real.remove(f->real.user_data, name);
}

static loy_status failing_sync_directory(void *user_data)
{
	struct failing_files *f = user_data;

	return refuses(f) ? f->status : f->real.sync_directory(f->real.user_data);
}

void failing_files(struct failing_files *f, const loy_files *real)
{
	memset(f, 0, sizeof(*f));
	f->real = *real;
	f->files = *real;
	f->until = -1;
	f->status = LOY_EIO;
	f->files.open = failing_open;
	f->files.close = failing_close;
	f->files.read_at = failing_read;
	f->files.write_at = failing_write;
	f->files.size = failing_size;
	f->files.resize = failing_resize;
	f->files.sync = failing_sync;
	f->files.rename = failing_rename;
	f->files.remove = failing_remove;
	f->files.sync_directory = failing_sync_directory;
	f->files.user_data = f;
}
