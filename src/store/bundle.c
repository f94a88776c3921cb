/* Bundles as bytes: head, blocks of records, end; each checksum continues the one before. */
#include "store/bundle.h"

#include <string.h>

#define FORMAT_VERSION 1u
#define HEAD_BYTES     32u
#define FRAME_BYTES    12u /* of a block: type, length, checksum */
#define END_BYTES      16u
#define RECORD_BYTES   32u /* most of a record without its body */
#define PAYLOAD_MAX    (LOY__BUNDLE_BLOCK + LOY__RECORD_MAX + RECORD_BYTES)
#define NUMBER_MAX     (UINT64_C(1) << 62) /* of a tag: the end of a span must be a number too */

enum { BLOCK_RECORDS = 1, BLOCK_END = 2 };
enum { FOLLOWS = 0x80 }; /* in the type of a record: its tag is the one after the record before it */

static const uint8_t magic[8] = {'L', 'O', 'Y', 'B', 'N', 'D', 'L', 0};

/* ---- writing ---- */

static void give(loy__bundle_writer *w, const void *bytes, size_t size)
{
	if (w->status == LOY_OK && w->sink(bytes, size, w->user_data) != 0)
		w->status = LOY_ECANCELLED;
	w->bytes += size;
}

void loy__bundle_writer_init(loy__bundle_writer *w, const loy_allocator *memory, uint64_t pseudonym_check,
                             loy_sink sink, void *user_data)
{
	uint8_t head[HEAD_BYTES];
	loy__writer out;

	memset(w, 0, sizeof(*w));
	w->sink = sink;
	w->user_data = user_data;
	w->first = 1;
	loy__writer_init(&w->block, memory, PAYLOAD_MAX);
	loy__writer_over(&out, head, sizeof(head));
	loy__write_bytes(&out, magic, sizeof(magic));
	loy__write_u32(&out, FORMAT_VERSION);
	loy__write_u32(&out, 0);
	loy__write_u64(&out, pseudonym_check);
	loy__write_u32(&out, 0);
	w->sum = loy__crc32c(0, head, out.size);
	loy__write_u32(&out, w->sum);
	give(w, head, sizeof(head));
}

static void write_block(loy__bundle_writer *w, uint32_t type, const uint8_t *payload, size_t size)
{
	uint8_t head[FRAME_BYTES - 4], tail[4];
	loy__writer out;

	loy__writer_over(&out, head, sizeof(head));
	loy__write_u32(&out, type);
	loy__write_u32(&out, (uint32_t)size);
	w->sum = loy__crc32c(w->sum, head, sizeof(head));
	w->sum = loy__crc32c(w->sum, payload, size);
	loy__writer_over(&out, tail, sizeof(tail));
	loy__write_u32(&out, w->sum);
	give(w, head, sizeof(head));
	give(w, payload, size);
	give(w, tail, sizeof(tail));
}

static void write_records(loy__bundle_writer *w)
{
	if (w->block.size != 0 && w->status == LOY_OK)
		write_block(w, BLOCK_RECORDS, w->block.data, w->block.size);
	w->block.size = 0;
	w->first = 1;
}

static int follows(int first, loy__tag last, loy__tag tag)
{
	return !first && tag.life == last.life && tag.number == last.number + 1;
}

void loy__bundle_add(loy__bundle_writer *w, const loy__fact *fact)
{
	int next = follows(w->first, w->last, fact->tag);

	if (w->status != LOY_OK)
		return;
	loy__write_u8(&w->block, (uint8_t)(fact->type | (next ? FOLLOWS : 0)));
	if (!next) {
		loy__write_u64(&w->block, fact->tag.life);
		loy__write_varint(&w->block, fact->tag.number);
	}
	loy__write_varint(&w->block, fact->size);
	loy__write_bytes(&w->block, fact->body, fact->size);
	w->status = w->block.status;
	w->records++;
	w->first = 0;
	w->last = fact->tag;
	if (w->block.size >= LOY__BUNDLE_BLOCK)
		write_records(w);
}

uint64_t loy__bundle_size(const loy__bundle_writer *w)
{
	return w->bytes + w->block.size + (w->block.size != 0 ? FRAME_BYTES : 0) + FRAME_BYTES + END_BYTES;
}

loy_status loy__bundle_finish(loy__bundle_writer *w)
{
	uint8_t end[END_BYTES];
	loy__writer out;

	write_records(w);
	loy__writer_over(&out, end, sizeof(end));
	loy__write_u64(&out, w->records);
	loy__write_u64(&out, w->bytes + FRAME_BYTES + END_BYTES);
	if (w->status == LOY_OK)
		write_block(w, BLOCK_END, end, sizeof(end));
	return w->status;
}

void loy__bundle_writer_free(loy__bundle_writer *w)
{
	loy__writer_free(&w->block);
}

/* ---- reading ---- */

static loy_status fail(const loy__bundle_reader *r, loy_status status, const char *message, loy_error *error)
{
	return loy__fail_byte(error, status, (int64_t)r->in.at, message);
}

loy_status loy__bundle_reader_init(loy__bundle_reader *r, const void *bundle, size_t size, loy_error *error)
{
	const uint8_t *found;
	uint32_t version, flags, reserved;

	memset(r, 0, sizeof(*r));
	loy__reader_init(&r->in, bundle, size);
	found = loy__read_bytes(&r->in, sizeof(magic));
	if (found == NULL || memcmp(found, magic, sizeof(magic)) != 0)
		return loy__fail_byte(error, LOY_EFORMAT, 0, "these bytes are no bundle");
	version = loy__read_u32(&r->in);
	flags = loy__read_u32(&r->in);
	r->pseudonym_check = loy__read_u64(&r->in);
	reserved = loy__read_u32(&r->in);
	r->sum = loy__read_u32(&r->in);
	if (r->in.status != LOY_OK)
		return fail(r, LOY_EFORMAT, "the bundle ends early", error);
	if (loy__crc32c(0, r->in.data, HEAD_BYTES - 4) != r->sum)
		return loy__fail_byte(error, LOY_ECHECKSUM, 0, "the head of the bundle is damaged");
	if (version == 0 || (version == FORMAT_VERSION && (flags != 0 || reserved != 0)))
		return loy__fail_byte(error, LOY_EFORMAT, 8, "the head of the bundle is malformed");
	if (version > FORMAT_VERSION)
		return loy__fail_byte(error, LOY_EVERSION, 8, "the bundle was written by a newer version");
	r->block = r->block_end = r->in.at;
	return LOY_OK;
}

/* The end block says how much there was, and nothing follows. */
static loy_status read_end(loy__bundle_reader *r, loy_error *error)
{
	uint64_t records = loy__read_u64(&r->in), bytes = loy__read_u64(&r->in);

	if (records != r->records || bytes != r->in.size)
		return fail(r, LOY_EFORMAT, "the bundle's end tells of another number of records or bytes",
		            error);
	return LOY_ENOTFOUND;
}

/* Find the payload of the block at hand and check it; at the end block all is checked, and LOY_ENOTFOUND. */
static loy_status enter_block(loy__bundle_reader *r, loy_error *error)
{
	size_t start = r->in.at, before = r->block_end - r->block;
	uint32_t type = loy__read_u32(&r->in), size = loy__read_u32(&r->in), sum;

	if (r->in.status != LOY_OK || loy__reader_left(&r->in) < 4 || size > loy__reader_left(&r->in) - 4)
		return fail(r, LOY_EFORMAT, "the bundle ends early", error);
	r->block = r->in.at;
	r->block_end = r->block + size;
	r->sum = loy__crc32c(r->sum, r->in.data + start, r->block_end - start);
	r->in.at = r->block_end;
	sum = loy__read_u32(&r->in);
	if (sum != r->sum) {
		r->in.at = start;
		return fail(r, LOY_ECHECKSUM, "a block of the bundle is damaged", error);
	}
	r->in.at = r->block;
	r->first = 1;
	if (type == BLOCK_RECORDS && size != 0 && size <= PAYLOAD_MAX &&
	    (start == HEAD_BYTES || before >= LOY__BUNDLE_BLOCK))
		return LOY_OK;
	if (type == BLOCK_END && size == END_BYTES && r->block_end + 4 == r->in.size)
		return read_end(r, error);
	return fail(r, LOY_EFORMAT, "a block of the bundle is not where, or not as, a block is written",
	            error);
}

static loy_status read_record(loy__bundle_reader *r, loy__fact *out, loy_error *error)
{
	size_t start = r->in.at, limit = r->in.size;
	uint64_t size;
	uint8_t type;
	int next;

	r->in.size = r->block_end; /* nothing of a record lies beyond its block */
	memset(out, 0, sizeof(*out));
	type = loy__read_u8(&r->in);
	next = (type & FOLLOWS) != 0;
	out->type = type & (FOLLOWS - 1u);
	out->tag = r->last;
	out->tag.number++;
	if (!next) {
		out->tag.life = loy__read_u64(&r->in);
		out->tag.number = loy__read_varint(&r->in);
	}
	size = loy__read_varint(&r->in);
	out->size = size <= LOY__RECORD_MAX ? (size_t)size : SIZE_MAX;
	out->body = loy__read_bytes(&r->in, out->size);
	r->in.size = limit;
	if (r->in.status != LOY_OK || out->type < LOY_RECORD_EVENT || out->type > LOY_RECORD_GONE ||
	    out->tag.number > NUMBER_MAX || next != follows(r->first, r->last, out->tag) ||
	    start - r->block >= LOY__BUNDLE_BLOCK) {
		r->in.at = start;
		return fail(r, LOY_EFORMAT, "a record of the bundle is not as records are written", error);
	}
	r->first = 0;
	r->last = out->tag;
	r->records++;
	return LOY_OK;
}

loy_status loy__bundle_next(loy__bundle_reader *r, loy__fact *out, loy_error *error)
{
	loy_status status;

	if (r->in.at == r->block_end) {
		if (r->block != r->block_end)
			r->in.at += 4; /* the checksum of the block just read */
		status = enter_block(r, error);
		if (status != LOY_OK)
			return status;
	}
	return read_record(r, out, error);
}
