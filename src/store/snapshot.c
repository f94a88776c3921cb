/*
 * Snapshots as files: a head, blocks of 64 KiB with a checksum each, and an end that says how many there are. The
 * format is in README.md.
 */
#include "store/snapshot.h"
#include "store/files.h"

#include <string.h>

#define MAGIC      "LOYSNAP\n"
#define VERSION    1u
#define BLOCK      65536u
#define FILE_HEAD  64u /* for ever, whatever the version is; within the first block */
#define BLOCK_HEAD 16u
#define END        (BLOCK_HEAD + 8u + 8u * LOY__SNAPSHOT_TOTALS)

enum { KIND_DATA = 1, KIND_END = 2 };

/* ---- what both sides know ---- */

/* Checksums begin with what no other file has in common with this one. */
static uint32_t seed_of(const uint8_t *store_id, uint64_t number)
{
	uint8_t bytes[24];
	loy__writer w;

	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_bytes(&w, store_id, 16);
	loy__write_u64(&w, number);
	return loy__crc32c(0, bytes, sizeof(bytes));
}

static void make_file_head(uint8_t *head, const uint8_t *store_id, uint64_t number, uint32_t version)
{
	loy__writer w;

	memset(head, 0, FILE_HEAD);
	loy__writer_over(&w, head, FILE_HEAD);
	loy__write_bytes(&w, MAGIC, 8);
	loy__write_u32(&w, version);
	loy__write_u32(&w, BLOCK);
	loy__write_bytes(&w, store_id, 16);
	loy__write_u64(&w, number);
	loy__writer_over(&w, head + FILE_HEAD - 4, 4);
	loy__write_u32(&w, loy__crc32c(0, head, FILE_HEAD - 4));
}

/* Fill in the head of a block whose payload is in place. */
static void make_block_head(uint8_t *block, uint32_t seed, unsigned kind, size_t payload, uint64_t index)
{
	loy__writer w;

	loy__writer_over(&w, block + 4, BLOCK_HEAD - 4);
	loy__write_u16(&w, (uint16_t)kind);
	loy__write_u16(&w, (uint16_t)payload);
	loy__write_u64(&w, index);
	loy__writer_over(&w, block, 4);
	loy__write_u32(&w, loy__crc32c(seed, block + 4, BLOCK_HEAD - 4 + payload));
}

/* 1 when a block of this length, which must not be less than its head's, is the one it should be. */
static int block_valid(const uint8_t *block, uint32_t seed, unsigned kind, size_t length, uint64_t index)
{
	loy__reader r;

	loy__reader_init(&r, block, length);
	return loy__read_u32(&r) == loy__crc32c(seed, block + 4, length - 4) && loy__read_u16(&r) == kind &&
	       loy__read_u16(&r) == length - BLOCK_HEAD && loy__read_u64(&r) == index;
}

/* ---- writing ---- */

struct loy__snapshot_writer {
	loy_files files;
	loy_allocator memory;
	void *file; /* NULL once it is closed */
	loy_status status;
	uint32_t seed;
	uint64_t index;   /* of the block being filled */
	uint64_t payload; /* bytes of blocks that are written */
	size_t begin;     /* of the block in `bytes`: behind the file's head in the first */
	size_t fill;      /* end of what is in `bytes` */
	uint64_t totals[LOY__SNAPSHOT_TOTALS];
	loy__snapshot_group group;
	loy__journal_name name;
	int finished;
	uint8_t bytes[BLOCK + END];
};

static loy_status not_written(const loy__snapshot_writer *writer, loy_error *error)
{
	return loy__fail_file(error, writer->status, "a snapshot could not be written", writer->name.text,
	                      -1);
}

/* Failures of files stay: what is on the medium is not known any more. */
static loy_status wrote(loy__snapshot_writer *writer, loy_status status, loy_error *error)
{
	writer->status = loy__files_status(status);
	if (writer->status == LOY_ENOTFOUND)
		writer->status = LOY_EIO; /* it was there a moment ago */
	return writer->status == LOY_OK ? LOY_OK : not_written(writer, error);
}

loy_status loy__snapshot_writer_create(loy__snapshot_writer **out, const loy_files *files,
                                       const uint8_t store_id[16], uint64_t number,
                                       const loy_allocator *memory, loy_error *error)
{
	loy__snapshot_writer *writer = loy__alloc(memory, sizeof(*writer));
	loy_status status;

	*out = NULL;
	if (writer == NULL)
		return loy__fail(error, LOY_ENOMEM, "out of memory for writing a snapshot");
	memset(writer, 0, offsetof(loy__snapshot_writer, bytes));
	writer->files = *files;
	writer->memory = *memory;
	writer->seed = seed_of(store_id, number);
	loy__snapshot_name(number, &writer->name);
	make_file_head(writer->bytes, store_id, number, VERSION);
	writer->begin = FILE_HEAD;
	writer->fill = FILE_HEAD + BLOCK_HEAD;
	loy__writer_init(&writer->group.who, memory, SIZE_MAX);
	loy__writer_init(&writer->group.positions, memory, SIZE_MAX);
	loy__writer_init(&writer->group.sizes, memory, SIZE_MAX);
	loy__writer_init(&writer->group.images, memory, SIZE_MAX);
	loy__writer_init(&writer->group.large, memory, SIZE_MAX);
	status = wrote(writer,
	               files->open(files->user_data, writer->name.text, LOY_OPEN_CREATE, &writer->file),
	               error);
	if (status != LOY_OK) {
		loy__free(memory, writer, sizeof(*writer));
		return status;
	}
	*out = writer;
	return LOY_OK;
}

/* Finish the block and write it, with `more` bytes that were put behind it. */
static loy_status write_block(loy__snapshot_writer *writer, size_t more, loy_error *error)
{
	size_t payload = writer->fill - writer->begin - BLOCK_HEAD;
	const loy_files *files = &writer->files;

	make_block_head(writer->bytes + writer->begin, writer->seed, KIND_DATA, payload, writer->index);
	if (wrote(writer,
	          files->write_at(files->user_data, writer->file, writer->index * BLOCK, writer->bytes,
	                          writer->fill + more),
	          error) != LOY_OK)
		return writer->status;
	writer->payload += payload;
	writer->index++;
	writer->begin = 0;
	writer->fill = BLOCK_HEAD;
	return LOY_OK;
}

loy_status loy__snapshot_write(loy__snapshot_writer *writer, const void *bytes, size_t size, loy_error *error)
{
	const uint8_t *from = bytes;

	if (writer->status != LOY_OK)
		return not_written(writer, error);
	while (size > 0) {
		size_t part = BLOCK - writer->fill;

		/* A full block waits until there is more: so the last one is never empty. */
		if (part == 0 && write_block(writer, 0, error) != LOY_OK)
			return writer->status;
		part = BLOCK - writer->fill;
		part = size < part ? size : part;
		memcpy(writer->bytes + writer->fill, from, part);
		writer->fill += part;
		from += part;
		size -= part;
	}
	return LOY_OK;
}

uint64_t loy__snapshot_written(const loy__snapshot_writer *writer)
{
	const loy__snapshot_group *group = &writer->group;

	return writer->index * BLOCK + writer->fill + group->who.size + group->positions.size +
	       group->sizes.size + group->images.size + group->large.size;
}

loy__snapshot_group *loy__snapshot_writer_group(loy__snapshot_writer *writer)
{
	return &writer->group;
}

uint64_t loy__snapshot_add_total(loy__snapshot_writer *writer, unsigned which, uint64_t amount)
{
	return writer->totals[which] += amount;
}

/* Put the end behind the last block. */
static void make_end(loy__snapshot_writer *writer)
{
	uint8_t *end = writer->bytes + writer->fill;
	loy__writer w;
	int i;

	loy__writer_over(&w, end + BLOCK_HEAD, END - BLOCK_HEAD);
	loy__write_u64(&w, writer->payload + writer->fill - writer->begin - BLOCK_HEAD);
	for (i = 0; i < LOY__SNAPSHOT_TOTALS; i++)
		loy__write_u64(&w, writer->totals[i]);
	make_block_head(end, writer->seed, KIND_END, END - BLOCK_HEAD, writer->index + 1);
}

loy_status loy__snapshot_finish(loy__snapshot_writer *writer, loy_error *error)
{
	const loy_files *files = &writer->files;

	if (writer->status != LOY_OK)
		return not_written(writer, error);
	make_end(writer);
	if (write_block(writer, END, error) != LOY_OK ||
	    wrote(writer, files->sync(files->user_data, writer->file), error) != LOY_OK)
		return writer->status;
	files->close(files->user_data, writer->file);
	writer->file = NULL;
	if (wrote(writer, files->sync_directory(files->user_data), error) != LOY_OK)
		return writer->status;
	writer->finished = 1;
	return LOY_OK;
}

void loy__snapshot_writer_destroy(loy__snapshot_writer *writer)
{
	loy_allocator memory;

	if (writer == NULL)
		return;
	if (writer->file != NULL)
		writer->files.close(writer->files.user_data, writer->file);
	if (!writer->finished)
		(void)writer->files.remove(writer->files.user_data, writer->name.text);
	loy__writer_free(&writer->group.who);
	loy__writer_free(&writer->group.positions);
	loy__writer_free(&writer->group.sizes);
	loy__writer_free(&writer->group.images);
	loy__writer_free(&writer->group.large);
	memory = writer->memory; /* it lies in the block: copy it out */
	loy__free(&memory, writer, sizeof(*writer));
}

/* ---- reading ---- */

/*
 * Room for two blocks: what is left of one is moved in front of the payload of the next, over its head when that was
 * looked at, so that any stretch of a block's length can be had in one piece.
 */
struct loy__snapshot_reader {
	loy_files files;
	loy_allocator memory;
	void *file;
	loy_status status;
	uint32_t seed;
	uint64_t size;  /* of the file without its end */
	uint64_t index; /* of the block to be read next */
	uint64_t left;  /* payload not given out, that of blocks to come included */
	size_t at, end; /* what can be given out */
	uint64_t totals[LOY__SNAPSHOT_TOTALS];
	loy__journal_name name;
	uint8_t bytes[2 * BLOCK];
};

static loy_status not_read(const loy__snapshot_reader *reader, loy_error *error)
{
	return loy__fail_file(error, reader->status, "a snapshot could not be read", reader->name.text, -1);
}

static loy_status damaged(loy__snapshot_reader *reader, uint64_t byte, loy_error *error)
{
	reader->status = LOY_EDAMAGED;
	return loy__fail_file(error, LOY_EDAMAGED, "a snapshot is damaged", reader->name.text, (int64_t)byte);
}

uint64_t loy__snapshot_byte(const loy__snapshot_reader *reader)
{
	return reader->index * BLOCK - (reader->end - reader->at);
}

loy_status loy__snapshot_refuse_at(loy__snapshot_reader *reader, uint64_t byte, loy_error *error)
{
	return damaged(reader, byte, error);
}

loy_status loy__snapshot_refuse(loy__snapshot_reader *reader, loy_error *error)
{
	return damaged(reader, loy__snapshot_byte(reader), error);
}

/* Bytes of the file; those that end too early are damage. */
static loy_status read_file(loy__snapshot_reader *reader, uint64_t offset, uint8_t *out, size_t size,
                            loy_error *error)
{
	reader->status = loy__files_read(&reader->files, reader->file, offset, out, size);
	if (reader->status == LOY_EDAMAGED)
		return damaged(reader, offset, error);
	return reader->status == LOY_OK ? LOY_OK : not_read(reader, error);
}

static uint64_t number_of_blocks(const loy__snapshot_reader *reader)
{
	return (reader->size + BLOCK - 1) / BLOCK;
}

/* Length of a block with its head, without that of the file. */
static size_t length_of(const loy__snapshot_reader *reader, uint64_t index)
{
	uint64_t rest = reader->size - index * BLOCK;

	return (rest < BLOCK ? (size_t)rest : BLOCK) - (index == 0 ? FILE_HEAD : 0);
}

static loy_status read_file_head(loy__snapshot_reader *reader, const uint8_t *store_id, uint64_t number,
                                 loy_error *error)
{
	uint8_t *head = reader->bytes, *expected = reader->bytes + FILE_HEAD;
	uint32_t version, sum;
	loy__reader r;

	if (read_file(reader, 0, head, FILE_HEAD, error) != LOY_OK)
		return reader->status;
	loy__reader_init(&r, head + FILE_HEAD - 4, 4);
	sum = loy__read_u32(&r);
	loy__reader_init(&r, head + 8, 4);
	version = loy__read_u32(&r);
	if (memcmp(head, MAGIC, 8) != 0 || sum != loy__crc32c(0, head, FILE_HEAD - 4) || version == 0)
		return damaged(reader, 0, error);
	if (version > VERSION) {
		reader->status = LOY_EVERSION;
		return loy__fail_file(error, LOY_EVERSION, "a snapshot was written by a newer version",
		                      reader->name.text, -1);
	}
	make_file_head(expected, store_id, number, version);
	return memcmp(head, expected, FILE_HEAD) == 0 ? LOY_OK : damaged(reader, 0, error);
}

/* The end says how long all is; it lies where the blocks end. */
static loy_status read_end(loy__snapshot_reader *reader, loy_error *error)
{
	uint8_t *end = reader->bytes;
	uint64_t blocks = number_of_blocks(reader), payload;
	loy__reader r;
	int i;

	if (read_file(reader, reader->size, end, END, error) != LOY_OK)
		return reader->status;
	payload = reader->size - FILE_HEAD - blocks * BLOCK_HEAD;
	loy__reader_init(&r, end + BLOCK_HEAD, END - BLOCK_HEAD);
	if (!block_valid(end, reader->seed, KIND_END, END, blocks) || loy__read_u64(&r) != payload)
		return damaged(reader, reader->size, error);
	for (i = 0; i < LOY__SNAPSHOT_TOTALS; i++)
		reader->totals[i] = loy__read_u64(&r);
	reader->left = payload;
	return LOY_OK;
}

static loy_status open_file(loy__snapshot_reader *reader, const uint8_t *store_id, uint64_t number,
                            loy_error *error)
{
	const loy_files *files = &reader->files;
	uint64_t size = 0;

	reader->status = loy__files_status(
	        files->open(files->user_data, reader->name.text, LOY_OPEN_READ, &reader->file));
	if (reader->status != LOY_OK) {
		reader->file = NULL;
		return loy__fail_file(error, reader->status, "a snapshot could not be opened",
		                      reader->name.text, -1);
	}
	reader->status = loy__files_status(files->size(files->user_data, reader->file, &size));
	if (reader->status != LOY_OK)
		return not_read(reader, error);
	if (size > INT64_MAX)
		return damaged(reader, 0, error);
	if (read_file_head(reader, store_id, number, error) != LOY_OK)
		return reader->status;
	reader->size = size - END; /* wraps when it is shorter, and is then no length of blocks */
	if (size < FILE_HEAD + BLOCK_HEAD + END ||
	    (reader->size > BLOCK && (reader->size - 1) % BLOCK < BLOCK_HEAD))
		return damaged(reader, size, error);
	return read_end(reader, error);
}

/* Read the next block and put what is left of the one before in front of its payload. */
static loy_status next_block(loy__snapshot_reader *reader, loy_error *error)
{
	uint8_t *block = reader->bytes + BLOCK;
	size_t length = length_of(reader, reader->index), left = reader->end - reader->at;
	uint64_t offset = reader->index * BLOCK + (reader->index == 0 ? FILE_HEAD : 0);

	if (left > 0) /* it may reach into where the block goes */
		memmove(reader->bytes, reader->bytes + reader->at, left);
	if (read_file(reader, offset, block, length, error) != LOY_OK)
		return reader->status;
	if (!block_valid(block, reader->seed, KIND_DATA, length, reader->index))
		return damaged(reader, offset, error);
	reader->at = BLOCK + BLOCK_HEAD - left;
	reader->end = BLOCK + length;
	if (left > 0)
		memmove(reader->bytes + reader->at, reader->bytes, left);
	reader->index++;
	return LOY_OK;
}

loy_status loy__snapshot_reader_create(loy__snapshot_reader **out, const loy_files *files,
                                       const uint8_t store_id[16], uint64_t number,
                                       const loy_allocator *memory, loy_error *error)
{
	loy__snapshot_reader *reader = loy__alloc(memory, sizeof(*reader));
	loy_status status;

	*out = NULL;
	if (reader == NULL)
		return loy__fail(error, LOY_ENOMEM, "out of memory for reading a snapshot");
	memset(reader, 0, offsetof(loy__snapshot_reader, bytes));
	reader->files = *files;
	reader->memory = *memory;
	reader->seed = seed_of(store_id, number);
	loy__snapshot_name(number, &reader->name);
	status = open_file(reader, store_id, number, error);
	if (status == LOY_OK && reader->left == 0)
		status = next_block(reader, error); /* nobody would ever look at it */
	if (status != LOY_OK) {
		loy__snapshot_reader_destroy(reader);
		return status;
	}
	*out = reader;
	return LOY_OK;
}

/* LOY_OK when so much is left at all. */
static loy_status can_read(loy__snapshot_reader *reader, uint64_t size, loy_error *error)
{
	if (reader->status != LOY_OK)
		return not_read(reader, error);
	return size <= reader->left ? LOY_OK : loy__snapshot_refuse(reader, error);
}

loy_status loy__snapshot_borrow(loy__snapshot_reader *reader, const uint8_t **out, size_t size,
                                loy_error *error)
{
	*out = NULL;
	if (can_read(reader, size, error) != LOY_OK)
		return reader->status;
	while (LOY__UNLIKELY(reader->end - reader->at < size)) {
		if (next_block(reader, error) != LOY_OK)
			return reader->status;
	}
	*out = reader->bytes + reader->at;
	reader->at += size;
	reader->left -= size;
	return LOY_OK;
}

/*
 * Read a whole block so that its payload lies where it is wanted: its head goes over the bytes in front, which are
 * put back.
 */
static loy_status read_in_place(loy__snapshot_reader *reader, uint8_t *to, loy_error *error)
{
	uint8_t kept[BLOCK_HEAD], *block = to - BLOCK_HEAD;
	uint64_t offset = reader->index * BLOCK;
	loy_status status;

	memcpy(kept, block, BLOCK_HEAD);
	status = read_file(reader, offset, block, BLOCK, error);
	if (status == LOY_OK && !block_valid(block, reader->seed, KIND_DATA, BLOCK, reader->index))
		status = damaged(reader, offset, error);
	memcpy(block, kept, BLOCK_HEAD);
	reader->index++;
	reader->at = reader->end = 0;
	return status;
}

loy_status loy__snapshot_read(loy__snapshot_reader *reader, void *out, size_t size, loy_error *error)
{
	uint8_t *to = out;
	loy_status status = can_read(reader, size, error);

	while (status == LOY_OK && size > 0) {
		size_t part = reader->end - reader->at;

		if (part > 0) {
			part = size < part ? size : part;
			memcpy(to, reader->bytes + reader->at, part);
			reader->at += part;
		} else if (reader->index > 0 && size >= BLOCK - BLOCK_HEAD &&
		           to - (uint8_t *)out >= (int)BLOCK_HEAD) {
			part = BLOCK - BLOCK_HEAD; /* as many follow, so the block is a whole one */
			status = read_in_place(reader, to, error);
		} else {
			status = next_block(reader, error);
		}
		reader->left -= part;
		to += part;
		size -= part;
	}
	return status;
}

uint64_t loy__snapshot_left(const loy__snapshot_reader *reader)
{
	return reader->left;
}

uint64_t loy__snapshot_total(const loy__snapshot_reader *reader, unsigned which)
{
	return reader->totals[which];
}

void loy__snapshot_reader_destroy(loy__snapshot_reader *reader)
{
	loy_allocator memory;

	if (reader == NULL)
		return;
	if (reader->file != NULL)
		reader->files.close(reader->files.user_data, reader->file);
	memory = reader->memory; /* it lies in the block: copy it out */
	loy__free(&memory, reader, sizeof(*reader));
}
