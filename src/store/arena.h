/*
 * Blocks without headers, of memory that comes in chunks: records and keys of a store lie in them (arena.c).
 */
#ifndef LOY_STORE_ARENA_H
#define LOY_STORE_ARENA_H

#include "core/core.h"

/*
 * Blocks come in size classes: 64 a step apart, then four a doubling. A block given back goes to the
 * list of its class and is handed out again; nothing is written around blocks, because whoever gives one
 * back says its size. Memory comes in chunks, a part of what is held at a time, and stays until the end; before
 * another is asked for, free blocks that lie side by side are joined.
 */
#define LOY__ARENA_SMALL   64u /* classes by step */
#define LOY__ARENA_CLASSES (LOY__ARENA_SMALL + 4 * 20)
#define LOY__ARENA_LISTS   8u /* of blocks of a class: who follows many at a time waits less for memory */

typedef struct loy__arena {
	const loy_allocator *memory; /* NULL: a part, which asks for none */
	unsigned shift;              /* a step is 2^shift bytes */
	void *chunks;                /* the newest first */
	uint8_t *at;                 /* where blocks are cut off next */
	size_t left;
	uint64_t held;       /* bytes of all chunks */
	uint64_t used;       /* bytes of the blocks handed out */
	uint64_t given_back; /* bytes of blocks given back since the last sweep */
	void *free_block[LOY__ARENA_CLASSES][LOY__ARENA_LISTS];
	uint8_t filled[LOY__ARENA_CLASSES]; /* a bit for each list that has blocks */
	unsigned first, lists;              /* lists that are in use: all of them, or those of a part */
	unsigned turn;                      /* of these: where the next block that is given back goes */
	unsigned groups;                    /* classes from this one on have none */
} loy__arena;

/* `memory` is borrowed. Blocks are aligned to 2^shift bytes, 3 or 4. */
void loy__arena_init(loy__arena *arena, unsigned shift, const loy_allocator *memory);
void loy__arena_free(loy__arena *arena);
/* A chunk of at least `bytes` now, so that that much can be handed out without asking for more. */
loy_status loy__arena_reserve(loy__arena *arena, uint64_t bytes);
/*
 * Many blocks at once, side by side: `bytes` in all, a whole number of steps. Each may be given back alone, when its
 * size is one that blocks have; LOY__ARENA_EXACT steps and less are. NULL when out of memory.
 */
#define LOY__ARENA_EXACT LOY__ARENA_SMALL
void *loy__arena_run(loy__arena *arena, size_t bytes);
/* The arena as an allocator; the arena must not move while it is in use. */
loy_allocator loy__arena_allocator(loy__arena *arena);
/* Bytes a block of `size` bytes takes; 0 when it is more than an arena gives. */
size_t loy__arena_block(const loy__arena *arena, size_t size);

/*
 * Parts of an arena, `count` of them, at most LOY__ARENA_LISTS, for threads. After a split each hands out its share of
 * the blocks that were given back and, where there is memory for it, some `bytes` that nobody used yet; it has no more
 * than that, and says so. The arena itself is not used until the parts are joined again. A block of one part may
 * be given back to another. What nobody used a part keeps for the next time, until it is closed.
 */
void loy__arena_part(loy__arena *part, const loy__arena *arena, uint32_t number, uint32_t count);
void loy__arena_split(loy__arena *arena, loy__arena *parts, uint32_t count, size_t bytes);
void loy__arena_join(loy__arena *arena, loy__arena *parts, uint32_t count);
void loy__arena_close(loy__arena *arena, loy__arena *part);

#endif
