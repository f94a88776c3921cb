/*
 * Frames: what journal files consist of; README.md has the layout. A record is one frame or several; the sum
 * of each further frame goes on from the one before, so that no frame of one record passes in another.
 */
#ifndef LOY_STORE_FRAME_H
#define LOY_STORE_FRAME_H

#include "core/core.h"

#define LOY__FRAME_HEAD 24u
#define LOY__FRAME_MAX  640u /* CRC-32C finds all errors of up to five bits in 655 bytes */
#define LOY__FRAME_BODY (LOY__FRAME_MAX - LOY__FRAME_HEAD)

/* Flags of a frame. Bit 7 is kept: frames that have it are of a newer version. */
enum {
	LOY__FRAME_PAD = 7,   /* bytes of zeroes at its end */
	LOY__FRAME_MORE = 8,  /* the record goes on in the next frame */
	LOY__FRAME_END = 16,  /* the last frame of a unit: records that count together or not at all */
	LOY__FRAME_SALT = 32, /* the record begins with 16 bytes: its salt in the chain */
	LOY__FRAME_LEAF =
	        64 /* the record begins with 32 bytes: its leaf in the chain, because it was edited */
};
/*
 * Bits of a frame's type: the journal's own, which are no records; and those a reader may skip when it does
 * not know them.
 */
#define LOY__TYPE_OWN  32u
#define LOY__TYPE_SKIP 128u
enum {
	LOY__FRAME_CLOSE = 32, /* all before it is on the medium: the store was closed in order */
	LOY__FRAME_SECRET =
	        33 /* the secret of the block of records that follows (files that were rewritten) */
};

typedef struct loy__frame {
	uint64_t sequence;   /* position of the record; of the journal's own, of the record before */
	uint32_t generation; /* of the opening that wrote it first */
	uint32_t behind;     /* how far what was known to be on the medium lay behind it */
	uint32_t size;       /* of the whole frame */
	uint32_t sum;
	uint8_t type, flags;
	const uint8_t *body; /* borrowed */
	uint32_t body_size;
} loy__frame;

/* Take the head of a frame apart: 1, or 0 when it cannot be one or does not fit in `left` bytes. */
int loy__frame_head(loy__frame *out, const uint8_t *at, size_t left);
/* Is the sum right, going on from `seed`? */
static inline int loy__frame_intact(const loy__frame *frame, const uint8_t *at, uint32_t seed)
{
	return loy__crc32c(seed, at + 4, frame->size - 4) == frame->sum;
}
/* Write the sum of the frame at `at`; returns it. */
uint32_t loy__frame_seal(uint8_t *at, uint32_t seed);
/* Did a frame prove that the record at this position was on the medium? */
static inline int loy__frame_covers(const loy__frame *frame, uint64_t position)
{
	return frame->behind <= frame->sequence && frame->sequence - frame->behind >= position;
}

/* What all frames of a record share. */
typedef struct loy__frame_kind {
	uint8_t type, flags; /* flags: SALT or LEAF; END for the last frame */
	uint32_t generation, behind;
	uint64_t sequence;
	uint32_t seed;
} loy__frame_kind;
/*
 * Make the frame of a body of `size` bytes that is in its place behind where the head goes, 7 bytes of room behind it;
 * `seed` of its sum, which it returns.
 */
uint32_t loy__frame_close(uint8_t *at, const loy__frame_kind *kind, uint32_t flags, size_t size, uint32_t seed);
/* Part of a record. */
typedef struct loy__piece {
	const void *data;
	size_t size;
} loy__piece;
/* Most bytes that `records` records of together `bytes` bytes take. UINT64_MAX when that overflows. */
uint64_t loy__frames_bound(uint64_t records, uint64_t bytes);
/*
 * Write a record as frames, its pieces one behind the other; returns the bytes written. *last and *last_seed
 * get where the last frame begins and what its sum goes on from.
 */
size_t loy__frames_write(uint8_t *out, const loy__frame_kind *kind, const loy__piece *pieces, size_t count,
                         size_t *last, uint32_t *last_seed);

#endif
