/* Writing and reading bytes: little-endian, one byte at a time, so that neither alignment nor order matters. */
#include "core/core.h"

#include <string.h>

/* First allocation of a growing output: most serialised objects fit. */
#define FIRST_CAPACITY 64u

void loy__writer_init(loy__writer *w, const loy_allocator *memory, size_t limit)
{
	memset(w, 0, sizeof(*w));
	w->memory = *memory;
	w->limit = limit;
	w->status = LOY_OK;
}

void loy__writer_over(loy__writer *w, void *buffer, size_t capacity)
{
	memset(w, 0,
	       sizeof(*w)); /* no allocate function: that is how a fixed buffer is told from a growing one */
	w->data = buffer;
	w->capacity = buffer != NULL ? capacity : 0;
	w->limit = SIZE_MAX;
	w->status = LOY_OK;
}

void loy__writer_free(loy__writer *w)
{
	if (w->memory.allocate != NULL)
		loy__free(&w->memory, w->data, w->capacity);
	w->data = NULL;
	w->size = 0;
	w->capacity = 0;
}

/* Room for `size` more bytes in a growing output. */
static loy_status make_room(loy__writer *w, size_t size)
{
	void *data = w->data;
	size_t need = w->size + size; /* the caller saw that it stays within limit */
	size_t wish = need < FIRST_CAPACITY && w->limit >= FIRST_CAPACITY ? FIRST_CAPACITY : need;
	loy_status status = loy__grow(&w->memory, &data, &w->capacity, wish, 1, w->limit);

	w->data = data;
	return status;
}

void loy__write_bytes(loy__writer *w, const void *data, size_t size)
{
	size_t fits = size;

	if (w->status != LOY_OK || size == 0)
		return;
	if (size > w->limit - w->size) {
		w->status = LOY_ELIMIT;
		return;
	}
	if (w->memory.allocate == NULL) {
		size_t left = w->size < w->capacity ? w->capacity - w->size : 0;

		fits = size < left ? size : left;
	} else if (size > w->capacity - w->size) {
		w->status = make_room(w, size);
		if (w->status != LOY_OK)
			return;
	}
	if (fits != 0)
		memcpy(w->data + w->size, data, fits);
	w->size += size;
}

void loy__write_u8(loy__writer *w, uint8_t v)
{
	loy__write_bytes(w, &v, 1);
}

void loy__write_u16(loy__writer *w, uint16_t v)
{
	uint8_t b[2] = {(uint8_t)(v & 0xFFu), (uint8_t)(v >> 8)};

	loy__write_bytes(w, b, sizeof(b));
}

static void put_word(uint8_t *b, uint64_t v, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++)
		b[i] = (uint8_t)(v >> (8 * i));
}

void loy__write_u32(loy__writer *w, uint32_t v)
{
	uint8_t b[4];

	put_word(b, v, sizeof(b));
	loy__write_bytes(w, b, sizeof(b));
}

void loy__write_u64(loy__writer *w, uint64_t v)
{
	uint8_t b[8];

	put_word(b, v, sizeof(b));
	loy__write_bytes(w, b, sizeof(b));
}

void loy__write_varint(loy__writer *w, uint64_t v)
{
	uint8_t b[10];
	size_t n = 0;

	while (v >= 0x80u) {
		b[n++] = (uint8_t)(0x80u | (v & 0x7Fu));
		v >>= 7;
	}
	b[n++] = (uint8_t)v;
	loy__write_bytes(w, b, n);
}

void loy__write_zigzag(loy__writer *w, int64_t v)
{
	uint64_t u = (uint64_t)v;

	loy__write_varint(w, v < 0 ? ~(u << 1) : u << 1);
}

void loy__reader_init(loy__reader *r, const void *data, size_t size)
{
	r->data = data;
	r->size = data != NULL ? size : 0;
	r->at = 0;
	r->status = data != NULL || size == 0 ? LOY_OK : LOY_EFORMAT;
}

const uint8_t *loy__read_bytes(loy__reader *r, size_t size)
{
	const uint8_t *at;

	if (r->status != LOY_OK)
		return NULL;
	if (size > r->size - r->at) {
		r->status = LOY_EFORMAT;
		return NULL;
	}
	/* An empty read of an empty input has no address of its own, and NULL would mean failure. */
	at = r->data != NULL ? r->data + r->at : (const uint8_t *)"";
	r->at += size;
	return at;
}

static uint64_t take_word(loy__reader *r, unsigned count)
{
	const uint8_t *b = loy__read_bytes(r, count);
	uint64_t v = 0;
	unsigned i;

	if (b == NULL)
		return 0;
	for (i = 0; i < count; i++)
		v |= (uint64_t)b[i] << (8 * i);
	return v;
}

uint8_t loy__read_u8(loy__reader *r)
{
	return (uint8_t)take_word(r, 1);
}

uint16_t loy__read_u16(loy__reader *r)
{
	return (uint16_t)take_word(r, 2);
}

uint32_t loy__read_u32(loy__reader *r)
{
	return (uint32_t)take_word(r, 4);
}

uint64_t loy__read_u64(loy__reader *r)
{
	return take_word(r, 8);
}

uint64_t loy__read_varint(loy__reader *r)
{
	size_t start = r->at;
	uint64_t v = 0;
	unsigned i;

	for (i = 0; i < 10; i++) {
		uint8_t b = loy__read_u8(r);

		if (r->status != LOY_OK)
			break;
		if (i == 9 && b > 1)
			break; /* beyond 64 bits */
		v |= (uint64_t)(b & 0x7Fu) << (7 * i);
		if (b < 0x80u) {
			if (b == 0 && i > 0)
				break; /* a longer form than needed */
			return v;
		}
	}
	r->at = start;
	r->status = LOY_EFORMAT;
	return 0;
}

int64_t loy__read_zigzag(loy__reader *r)
{
	uint64_t u = loy__read_varint(r);
	int64_t half = (int64_t)(u >> 1); /* at most INT64_MAX */

	return (u & 1) != 0 ? -half - 1 : half;
}
