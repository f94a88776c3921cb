/*
 * Snapshots as files, written: a head, blocks of 64 KiB with a checksum each, and an end that says how many there are.
 * The format is in README.md.
 */
#include "store/snapshot_blocks.h"

#include <string.h>

/* ---- what both sides know ---- */

uint32_t loy__snapshot_seed(const uint8_t *store_id, uint64_t number)
{
	uint8_t bytes[24];
	loy__writer w;

	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_bytes(&w, store_id, 16);
	loy__write_u64(&w, number);
	return loy__crc32c(0, bytes, sizeof(bytes));
}

void loy__snapshot_file_head(uint8_t *head, const uint8_t *store_id, uint64_t number, uint32_t version)
{
	loy__writer w;

	memset(head, 0, LOY__SNAPSHOT_HEAD);
	loy__writer_over(&w, head, LOY__SNAPSHOT_HEAD);
	loy__write_bytes(&w, LOY__SNAPSHOT_MAGIC, 8);
	loy__write_u32(&w, version);
	loy__write_u32(&w, LOY__SNAPSHOT_BLOCK);
	loy__write_bytes(&w, store_id, 16);
	loy__write_u64(&w, number);
	loy__writer_over(&w, head + LOY__SNAPSHOT_HEAD - 4, 4);
	loy__write_u32(&w, loy__crc32c(0, head, LOY__SNAPSHOT_HEAD - 4));
}

/* ---- writing ---- */

/* Fill in the head of a block whose payload is in place. */
static void make_block_head(uint8_t *block, uint32_t seed, unsigned kind, size_t payload, uint64_t index)
{
	loy__writer w;

	loy__writer_over(&w, block + 4, LOY__SNAPSHOT_BLOCK_HEAD - 4);
	loy__write_u16(&w, (uint16_t)kind);
	loy__write_u16(&w, (uint16_t)payload);
	loy__write_u64(&w, index);
	loy__writer_over(&w, block, 4);
	loy__write_u32(&w, loy__crc32c(seed, block + 4, LOY__SNAPSHOT_BLOCK_HEAD - 4 + payload));
}

struct loy__snapshot_writer {
	loy_files files;
	loy_allocator memory;
	void *file; /* NULL once it is closed */
	loy_status status;
	uint32_t seed;
	uint64_t index;   /* of the block being filled */
	uint64_t payload; /* bytes of blocks that are written */
	uint64_t limit;   /* of the file's bytes */
	size_t begin;     /* of the block in `bytes`: behind the file's head in the first */
	size_t fill;      /* end of what is in `bytes` */
	uint64_t totals[LOY__SNAPSHOT_TOTALS];
	loy__snapshot_group group;
	loy__journal_name name;
	int finished;
	uint8_t bytes[LOY__SNAPSHOT_BLOCK + LOY__SNAPSHOT_END];
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
	writer->seed = loy__snapshot_seed(store_id, number);
	loy__snapshot_name(number, &writer->name);
	loy__snapshot_file_head(writer->bytes, store_id, number, LOY__SNAPSHOT_VERSION);
	writer->limit = UINT64_MAX;
	writer->begin = LOY__SNAPSHOT_HEAD;
	writer->fill = LOY__SNAPSHOT_HEAD + LOY__SNAPSHOT_BLOCK_HEAD;
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

void loy__snapshot_limit(loy__snapshot_writer *writer, uint64_t bytes)
{
	writer->limit = bytes;
}

/* Finish the block and write it, with `more` bytes that were put behind it. */
static loy_status write_block(loy__snapshot_writer *writer, size_t more, loy_error *error)
{
	size_t payload = writer->fill - writer->begin - LOY__SNAPSHOT_BLOCK_HEAD;
	const loy_files *files = &writer->files;

	if (writer->index * LOY__SNAPSHOT_BLOCK + writer->fill + more > writer->limit) {
		writer->status = LOY_EFULL;
		return loy__fail(error, LOY_EFULL, "another snapshot would go beyond the limit of files");
	}
	make_block_head(writer->bytes + writer->begin, writer->seed, LOY__SNAPSHOT_DATA, payload,
	                writer->index);
	if (wrote(writer,
	          files->write_at(files->user_data, writer->file, writer->index * LOY__SNAPSHOT_BLOCK,
	                          writer->bytes, writer->fill + more),
	          error) != LOY_OK)
		return writer->status;
	writer->payload += payload;
	writer->index++;
	writer->begin = 0;
	writer->fill = LOY__SNAPSHOT_BLOCK_HEAD;
	return LOY_OK;
}

loy_status loy__snapshot_write(loy__snapshot_writer *writer, const void *bytes, size_t size, loy_error *error)
{
	const uint8_t *from = bytes;

	if (writer->status != LOY_OK)
		return not_written(writer, error);
	while (size > 0) {
		size_t part = LOY__SNAPSHOT_BLOCK - writer->fill;

		/* A full block waits until there is more: so the last one is never empty. */
		if (part == 0 && write_block(writer, 0, error) != LOY_OK)
			return writer->status;
		part = LOY__SNAPSHOT_BLOCK - writer->fill;
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

	return writer->index * LOY__SNAPSHOT_BLOCK + writer->fill + group->who.size + group->positions.size +
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

	loy__writer_over(&w, end + LOY__SNAPSHOT_BLOCK_HEAD, LOY__SNAPSHOT_END - LOY__SNAPSHOT_BLOCK_HEAD);
	loy__write_u64(&w, writer->payload + writer->fill - writer->begin - LOY__SNAPSHOT_BLOCK_HEAD);
	for (i = 0; i < LOY__SNAPSHOT_TOTALS; i++)
		loy__write_u64(&w, writer->totals[i]);
	make_block_head(end, writer->seed, LOY__SNAPSHOT_LAST, LOY__SNAPSHOT_END - LOY__SNAPSHOT_BLOCK_HEAD,
	                writer->index + 1);
}

loy_status loy__snapshot_finish(loy__snapshot_writer *writer, loy_error *error)
{
	const loy_files *files = &writer->files;

	if (writer->status != LOY_OK)
		return not_written(writer, error);
	make_end(writer);
	if (write_block(writer, LOY__SNAPSHOT_END, error) != LOY_OK ||
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
