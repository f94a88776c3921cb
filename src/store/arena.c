/* Blocks without headers, in size classes. */
#include "store/store.h"

#include <string.h>

#define SMALL_MAX  ((size_t)LOY__ARENA_STEP * LOY__ARENA_SMALL)
#define CHUNK_MIN  16384u
#define CHUNK_MAX  (8u << 20)
#define NO_CLASS   LOY__ARENA_CLASSES

/* In front of each chunk; takes a multiple of LOY__ARENA_STEP so that blocks stay aligned for any type. */
struct chunk {
	struct chunk *older;
	size_t size;
};
#define CHUNK_HEAD ((sizeof(struct chunk) + LOY__ARENA_STEP - 1) / LOY__ARENA_STEP * LOY__ARENA_STEP)

/* Bytes of the blocks of a class. The largest has 2^30, which is more than any record takes. */
static size_t class_bytes(unsigned class)
{
	unsigned octave, quarter;

	if (class < LOY__ARENA_SMALL)
		return (class + 1) * (size_t)LOY__ARENA_STEP;
	octave = (class - LOY__ARENA_SMALL) / 4;
	quarter = (class - LOY__ARENA_SMALL) % 4 + 1;
	return ((size_t)SMALL_MAX << octave) / 4 * (4 + quarter);
}

static unsigned class_of(size_t size)
{
	unsigned class;

	if (LOY__LIKELY(size <= SMALL_MAX))
		return size != 0 ? (unsigned)((size - 1) / LOY__ARENA_STEP) : 0;
	for (class = LOY__ARENA_SMALL; class < LOY__ARENA_CLASSES && class_bytes(class) < size; class++)
		;
	return class;
}

size_t loy__arena_block(size_t size)
{
	unsigned class = class_of(size);

	return class != NO_CLASS ? class_bytes(class) : 0;
}

void loy__arena_init(loy__arena *arena, const loy_allocator *memory)
{
	memset(arena, 0, sizeof(*arena));
	arena->memory = memory;
}

void loy__arena_free(loy__arena *arena)
{
	struct chunk *chunk = arena->chunks, *older;

	for (; chunk != NULL; chunk = older) {
		older = chunk->older;
		loy__free(arena->memory, chunk, chunk->size);
	}
	loy__arena_init(arena, arena->memory);
}

static void give_back(loy__arena *arena, void *block, unsigned class)
{
	memcpy(block, &arena->free_block[class], sizeof(void *));
	arena->free_block[class] = block;
}

/* Cut what is left into blocks for later. */
static void retire_rest(loy__arena *arena)
{
	while (arena->left >= LOY__ARENA_STEP) {
		unsigned class = class_of(arena->left);
		size_t bytes;

		if (class == NO_CLASS || class_bytes(class) > arena->left)
			class--;
		bytes = class_bytes(class);
		give_back(arena, arena->at, class);
		arena->at += bytes;
		arena->left -= bytes;
	}
}

/*
 * Go on in the largest block that was given back, if it has `need` bytes: before memory is asked for, what there
 * is is used up.
 */
static int reuse_largest(loy__arena *arena, size_t need)
{
	unsigned class = LOY__ARENA_CLASSES;
	void *block;

	while (class > 0 && arena->free_block[class - 1] == NULL)
		class--;
	if (class == 0 || class_bytes(class - 1) < need)
		return 0;
	block = arena->free_block[class - 1];
	memcpy(&arena->free_block[class - 1], block, sizeof(void *));
	retire_rest(arena);
	arena->at = block;
	arena->left = class_bytes(class - 1);
	return 1;
}

/* A new chunk with room for `need` bytes, a multiple of the step. */
static int add_chunk(loy__arena *arena, size_t need)
{
	size_t size = (size_t)(arena->held / 16 < CHUNK_MAX ? arena->held / 16 : CHUNK_MAX);
	struct chunk *chunk;

	size = size / LOY__ARENA_STEP * LOY__ARENA_STEP;
	if (size < CHUNK_MIN)
		size = CHUNK_MIN;
	if (need > SIZE_MAX - CHUNK_HEAD)
		return 0;
	if (size < need + CHUNK_HEAD)
		size = need + CHUNK_HEAD;
	chunk = loy__alloc(arena->memory, size);
	if (chunk == NULL && size > need + CHUNK_HEAD) {
		size = need + CHUNK_HEAD; /* close to a limit, what is needed may still fit */
		chunk = loy__alloc(arena->memory, size);
	}
	if (chunk == NULL)
		return 0;
	retire_rest(arena);
	chunk->older = arena->chunks;
	chunk->size = size;
	arena->chunks = chunk;
	arena->at = (uint8_t *)chunk + CHUNK_HEAD;
	arena->left = size - CHUNK_HEAD;
	arena->held += size;
	return 1;
}

loy_status loy__arena_reserve(loy__arena *arena, uint64_t bytes)
{
	if (bytes <= arena->left)
		return LOY_OK;
	if (bytes > SIZE_MAX - 2 * CHUNK_HEAD)
		return LOY_ENOMEM;
	return add_chunk(arena, ((size_t)bytes + LOY__ARENA_STEP - 1) / LOY__ARENA_STEP * LOY__ARENA_STEP)
	               ? LOY_OK
	               : LOY_ENOMEM;
}

static void *arena_allocate(size_t size, void *user_data)
{
	loy__arena *arena = user_data;
	unsigned class = class_of(size);
	void *block;
	size_t bytes;

	if (class == NO_CLASS)
		return NULL;
	bytes = class_bytes(class);
	block = arena->free_block[class];
	if (block != NULL) {
		memcpy(&arena->free_block[class], block, sizeof(void *));
	} else {
		if (LOY__UNLIKELY(arena->left < bytes) && !reuse_largest(arena, bytes) && !add_chunk(arena, bytes))
			return NULL;
		block = arena->at;
		arena->at += bytes;
		arena->left -= bytes;
	}
	arena->used += bytes;
	return block;
}

static void arena_release(void *block, size_t size, void *user_data)
{
	loy__arena *arena = user_data;
	unsigned class = class_of(size);

	arena->used -= class_bytes(class);
	give_back(arena, block, class);
}

static void *arena_resize(void *block, size_t old_size, size_t new_size, void *user_data)
{
	loy__arena *arena = user_data;
	unsigned old_class = class_of(old_size), new_class = class_of(new_size);
	size_t old_bytes, new_bytes;
	uint8_t *end;
	void *moved;

	if (old_class == new_class)
		return new_class != NO_CLASS ? block : NULL;
	if (new_class == NO_CLASS)
		return NULL;
	old_bytes = class_bytes(old_class);
	new_bytes = class_bytes(new_class);
	end = (uint8_t *)block + old_bytes;
	if (end == arena->at && (new_bytes < old_bytes || new_bytes - old_bytes <= arena->left)) {
		/* The block handed out last, which is what a table sorted by customer grows. */
		arena->at = (uint8_t *)block + new_bytes;
		arena->left = arena->left + old_bytes - new_bytes;
		arena->used = arena->used + new_bytes - old_bytes;
		return block;
	}
	moved = arena_allocate(new_size, arena);
	if (moved != NULL) {
		memcpy(moved, block, old_size < new_size ? old_size : new_size);
		arena_release(block, old_size, arena);
	}
	return moved;
}

loy_allocator loy__arena_allocator(loy__arena *arena)
{
	loy_allocator memory = {arena_allocate, arena_resize, arena_release, arena};

	return memory;
}
