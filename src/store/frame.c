/* Frames: heads, sums, records cut into frames. */
#include "store/frame.h"

#include <string.h>

int loy__frame_head(loy__frame *out, const uint8_t *at, size_t left)
{
	uint32_t pad;

	if (left < LOY__FRAME_HEAD)
		return 0;
	out->sum = loy__get_u32(at);
	out->size = loy__get_u16(at + 4) * 8;
	out->type = at[6];
	out->flags = at[7];
	out->sequence = loy__get_u64(at + 8);
	out->generation = loy__get_u32(at + 16);
	out->behind = loy__get_u32(at + 20);
	pad = out->flags & LOY__FRAME_PAD;
	if (out->size < LOY__FRAME_HEAD + pad || out->size > LOY__FRAME_MAX || out->size > left)
		return 0;
	out->body = at + LOY__FRAME_HEAD;
	out->body_size = out->size - LOY__FRAME_HEAD - pad;
	return 1;
}

uint32_t loy__frame_seal(uint8_t *at, uint32_t seed)
{
	uint32_t sum = loy__crc32c(seed, at + 4, loy__get_u16(at + 4) * 8 - 4);

	loy__put_u32(at, sum);
	return sum;
}

uint64_t loy__frames_bound(uint64_t records, uint64_t bytes)
{
	/* One head and less than 8 bytes of padding for each record, one more head for each full frame. */
	if (records > UINT64_MAX / 128 || bytes > UINT64_MAX / 4)
		return UINT64_MAX;
	return records * (LOY__FRAME_HEAD + 8) + bytes + bytes / LOY__FRAME_BODY * LOY__FRAME_HEAD;
}

uint32_t loy__frame_close(uint8_t *at, const loy__frame_kind *kind, uint32_t flags, size_t size,
                          uint32_t seed)
{
	size_t pad = (8 - size % 8) % 8;

	loy__put_u16(at + 4, (uint32_t)((LOY__FRAME_HEAD + size + pad) / 8));
	at[6] = kind->type;
	at[7] = (uint8_t)(flags | pad);
	loy__put_u64(at + 8, kind->sequence);
	loy__put_u32(at + 16, kind->generation);
	loy__put_u32(at + 20, kind->behind);
	memset(at + LOY__FRAME_HEAD + size, 0, pad);
	return loy__frame_seal(at, seed);
}

/* Copy the next `size` bytes of the pieces. */
static void take(uint8_t *out, size_t size, const loy__piece **piece, size_t *done)
{
	while (size > 0) {
		size_t part = (*piece)->size - *done;

		if (part > size)
			part = size;
		if (part != 0)
			memcpy(out, (const uint8_t *)(*piece)->data + *done, part);
		out += part;
		size -= part;
		*done += part;
		if (*done == (*piece)->size) {
			++*piece;
			*done = 0;
		}
	}
}

size_t loy__frames_write(uint8_t *out, const loy__frame_kind *kind, const loy__piece *pieces, size_t count,
                         size_t *last, uint32_t *last_seed)
{
	uint32_t seed = kind->seed;
	size_t left = 0, at = 0, done = 0, i;

	for (i = 0; i < count; i++)
		left += pieces[i].size;
	do {
		size_t part = left < LOY__FRAME_BODY ? left : LOY__FRAME_BODY;
		uint32_t flags = kind->flags;

		left -= part;
		if (left != 0)
			flags = (flags & ~(uint32_t)LOY__FRAME_END) | LOY__FRAME_MORE;
		take(out + at + LOY__FRAME_HEAD, part, &pieces, &done);
		*last = at;
		*last_seed = seed;
		seed = loy__frame_close(out + at, kind, flags, part, seed);
		at += (LOY__FRAME_HEAD + part + 7) / 8 * 8;
	} while (left != 0);
	return at;
}
