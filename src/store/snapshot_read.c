/* Snapshots as files, read: the head, the end, then block after block when its bytes are wanted. */
#include "store/snapshot_blocks.h"

#include <string.h>

/* 1 when a block of this length, which must not be less than its head's, is the one it should be. */
static int block_valid(const uint8_t *block, uint32_t seed, unsigned kind, size_t length, uint64_t index)
{
	loy__reader r;

	loy__reader_init(&r, block, length);
	return loy__read_u32(&r) == loy__crc32c(seed, block + 4, length - 4) && loy__read_u16(&r) == kind &&
	       loy__read_u16(&r) == length - LOY__SNAPSHOT_BLOCK_HEAD && loy__read_u64(&r) == index;
}

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
	uint8_t bytes[2 * LOY__SNAPSHOT_BLOCK];
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
	return reader->index * LOY__SNAPSHOT_BLOCK - (reader->end - reader->at);
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
	return (reader->size + LOY__SNAPSHOT_BLOCK - 1) / LOY__SNAPSHOT_BLOCK;
}

/* Length of a block with its head, without that of the file. */
static size_t length_of(const loy__snapshot_reader *reader, uint64_t index)
{
	uint64_t rest = reader->size - index * LOY__SNAPSHOT_BLOCK;

	return (rest < LOY__SNAPSHOT_BLOCK ? (size_t)rest : LOY__SNAPSHOT_BLOCK) -
	       (index == 0 ? LOY__SNAPSHOT_HEAD : 0);
}

static loy_status read_file_head(loy__snapshot_reader *reader, const uint8_t *store_id, uint64_t number,
                                 loy_error *error)
{
	uint8_t *head = reader->bytes, *expected = reader->bytes + LOY__SNAPSHOT_HEAD;
	uint32_t version, sum;
	loy__reader r;

	if (read_file(reader, 0, head, LOY__SNAPSHOT_HEAD, error) != LOY_OK)
		return reader->status;
	loy__reader_init(&r, head + LOY__SNAPSHOT_HEAD - 4, 4);
	sum = loy__read_u32(&r);
	loy__reader_init(&r, head + 8, 4);
	version = loy__read_u32(&r);
	if (memcmp(head, LOY__SNAPSHOT_MAGIC, 8) != 0 ||
	    sum != loy__crc32c(0, head, LOY__SNAPSHOT_HEAD - 4) || version == 0)
		return damaged(reader, 0, error);
	if (version > LOY__SNAPSHOT_VERSION) {
		reader->status = LOY_EVERSION;
		return loy__fail_file(error, LOY_EVERSION, "a snapshot was written by a newer version",
		                      reader->name.text, -1);
	}
	loy__snapshot_file_head(expected, store_id, number, version);
	return memcmp(head, expected, LOY__SNAPSHOT_HEAD) == 0 ? LOY_OK : damaged(reader, 0, error);
}

/* The end says how long all is; it lies where the blocks end. */
static loy_status read_end(loy__snapshot_reader *reader, loy_error *error)
{
	uint8_t *end = reader->bytes;
	uint64_t blocks = number_of_blocks(reader), payload;
	loy__reader r;
	int i;

	if (read_file(reader, reader->size, end, LOY__SNAPSHOT_END, error) != LOY_OK)
		return reader->status;
	payload = reader->size - LOY__SNAPSHOT_HEAD - blocks * LOY__SNAPSHOT_BLOCK_HEAD;
	loy__reader_init(&r, end + LOY__SNAPSHOT_BLOCK_HEAD, LOY__SNAPSHOT_END - LOY__SNAPSHOT_BLOCK_HEAD);
	if (!block_valid(end, reader->seed, LOY__SNAPSHOT_LAST, LOY__SNAPSHOT_END, blocks) ||
	    loy__read_u64(&r) != payload)
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
	reader->size =
	        size - LOY__SNAPSHOT_END; /* wraps when it is shorter, and is then no length of blocks */
	if (size < LOY__SNAPSHOT_HEAD + LOY__SNAPSHOT_BLOCK_HEAD + LOY__SNAPSHOT_END ||
	    (reader->size > LOY__SNAPSHOT_BLOCK &&
	     (reader->size - 1) % LOY__SNAPSHOT_BLOCK < LOY__SNAPSHOT_BLOCK_HEAD))
		return damaged(reader, size, error);
	return read_end(reader, error);
}

/* Read the next block and put what is left of the one before in front of its payload. */
static loy_status next_block(loy__snapshot_reader *reader, loy_error *error)
{
	uint8_t *block = reader->bytes + LOY__SNAPSHOT_BLOCK;
	size_t length = length_of(reader, reader->index), left = reader->end - reader->at;
	uint64_t offset = reader->index * LOY__SNAPSHOT_BLOCK + (reader->index == 0 ? LOY__SNAPSHOT_HEAD : 0);

	if (left > 0) /* it may reach into where the block goes */
		memmove(reader->bytes, reader->bytes + reader->at, left);
	if (read_file(reader, offset, block, length, error) != LOY_OK)
		return reader->status;
	if (!block_valid(block, reader->seed, LOY__SNAPSHOT_DATA, length, reader->index))
		return damaged(reader, offset, error);
	reader->at = LOY__SNAPSHOT_BLOCK + LOY__SNAPSHOT_BLOCK_HEAD - left;
	reader->end = LOY__SNAPSHOT_BLOCK + length;
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
	reader->seed = loy__snapshot_seed(store_id, number);
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
	uint8_t kept[LOY__SNAPSHOT_BLOCK_HEAD], *block = to - LOY__SNAPSHOT_BLOCK_HEAD;
	uint64_t offset = reader->index * LOY__SNAPSHOT_BLOCK;
	loy_status status;

	memcpy(kept, block, LOY__SNAPSHOT_BLOCK_HEAD);
	status = read_file(reader, offset, block, LOY__SNAPSHOT_BLOCK, error);
	if (status == LOY_OK &&
	    !block_valid(block, reader->seed, LOY__SNAPSHOT_DATA, LOY__SNAPSHOT_BLOCK, reader->index))
		status = damaged(reader, offset, error);
	memcpy(block, kept, LOY__SNAPSHOT_BLOCK_HEAD);
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
		} else if (reader->index > 0 && size >= LOY__SNAPSHOT_BLOCK - LOY__SNAPSHOT_BLOCK_HEAD &&
		           to - (uint8_t *)out >= (int)LOY__SNAPSHOT_BLOCK_HEAD) {
			part = LOY__SNAPSHOT_BLOCK -
			       LOY__SNAPSHOT_BLOCK_HEAD; /* as many follow, so the block is a whole one */
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
