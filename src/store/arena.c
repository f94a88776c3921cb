/* Blocks without headers, in size classes. */
#include "store/arena.h"

#include <string.h>

#define CHUNK_MIN   16384u
#define CHUNK_MAX   (64u << 20)
#define CHUNK_SHARE 32u /* a new chunk has this part of what is held */
#define SWEEP_SHARE 12u /* so much must be free, and have been given back, for a sweep */
#define NO_CLASS    LOY__ARENA_CLASSES

/* In front of each chunk; takes a multiple of 16 so that blocks stay aligned for any type. */
struct chunk {
	struct chunk *older;
	size_t size;
};
#define CHUNK_HEAD ((sizeof(struct chunk) + 16 - 1) / 16 * 16)

static size_t step_of(const loy__arena *arena)
{
	return (size_t)1 << arena->shift;
}

/* Bytes of the blocks of a class. The largest has 2^29 or more, which no record takes. */
static size_t class_bytes(const loy__arena *arena, unsigned group)
{
	unsigned octave, quarter;

	if (group < LOY__ARENA_SMALL)
		return (size_t)(group + 1) << arena->shift;
	octave = (group - LOY__ARENA_SMALL) / 4;
	quarter = (group - LOY__ARENA_SMALL) % 4 + 1;
	return ((size_t)LOY__ARENA_SMALL << arena->shift << octave) / 4 * (4 + quarter);
}

static unsigned class_of(const loy__arena *arena, size_t size)
{
	unsigned group;

	if (LOY__LIKELY(size <= (size_t)LOY__ARENA_SMALL << arena->shift))
		return size != 0 ? (unsigned)((size - 1) >> arena->shift) : 0;
	for (group = LOY__ARENA_SMALL; group < LOY__ARENA_CLASSES && class_bytes(arena, group) < size;
	     group++)
		;
	return group;
}

size_t loy__arena_block(const loy__arena *arena, size_t size)
{
	unsigned group = class_of(arena, size);

	return group != NO_CLASS ? class_bytes(arena, group) : 0;
}

void loy__arena_init(loy__arena *arena, unsigned shift, const loy_allocator *memory)
{
	memset(arena, 0, sizeof(*arena));
	arena->shift = shift;
	arena->memory = memory;
	arena->lists = LOY__ARENA_LISTS;
}

void loy__arena_free(loy__arena *arena)
{
	struct chunk *chunk = arena->chunks, *older;

	for (; chunk != NULL; chunk = older) {
		older = chunk->older;
		loy__free(arena->memory, chunk, chunk->size);
	}
	loy__arena_init(arena, arena->shift, arena->memory);
}

/* ---- blocks that were given back ---- */

/* Put a block on a list of its class. */
static void give_back(loy__arena *arena, void *block, unsigned group)
{
	unsigned i = arena->first + arena->turn;
	void **list = &arena->free_block[group][i];

	arena->turn = arena->turn + 1 < arena->lists ? arena->turn + 1 : 0;
	memcpy(block, list, sizeof(void *));
	*list = block;
	arena->filled[group] = (uint8_t)(arena->filled[group] | 1u << i);
	if (group >= arena->groups)
		arena->groups = group + 1;
}

/* The first block of a list that has some. The one behind it is fetched: it is read when it is taken. */
static void *take_first(loy__arena *arena, unsigned group, unsigned i)
{
	void **list = &arena->free_block[group][i], *block = *list;

	memcpy(list, block, sizeof(void *));
	if (*list == NULL)
		arena->filled[group] = (uint8_t)(arena->filled[group] & ~(1u << i));
	LOY__PREFETCH(*list);
	return block;
}

/* A block of this class that was given back, or NULL. */
static void *take_again(loy__arena *arena, unsigned group)
{
	unsigned i = arena->first + arena->turn, end = arena->first + arena->lists;

	if (arena->filled[group] == 0)
		return NULL;
	while ((arena->filled[group] >> i & 1) == 0)
		i = i + 1 < end ? i + 1 : arena->first;
	return take_first(arena, group, i);
}

/* Cut a piece, a multiple of the step, into blocks for later. */
static void cut_up(loy__arena *arena, uint8_t *at, size_t size)
{
	while (size >= step_of(arena)) {
		unsigned group = class_of(arena, size);
		size_t bytes;

		if (group == NO_CLASS || class_bytes(arena, group) > size)
			group--;
		bytes = class_bytes(arena, group);
		give_back(arena, at, group);
		at += bytes;
		size -= bytes;
	}
}

static void retire_rest(loy__arena *arena)
{
	cut_up(arena, arena->at, arena->left);
	arena->left = 0;
}

/*
 * Go on in the largest block that was given back, if it has `need` bytes: before memory is asked for, what there
 * is is used up.
 */
static int reuse_largest(loy__arena *arena, size_t need)
{
	while (arena->groups > 0 && class_bytes(arena, arena->groups - 1) >= need) {
		size_t bytes = class_bytes(arena, arena->groups - 1);
		void *block = take_again(arena, arena->groups - 1);

		if (block == NULL) {
			arena->groups--;
			continue;
		}
		retire_rest(arena);
		arena->at = block;
		arena->left = bytes;
		return 1;
	}
	return 0;
}

/* ---- sweeping ---- */

/*
 * Records grow: many blocks of one size are given back and blocks of the next size are wanted. The old ones often
 * lie side by side, but lists of blocks do not show it. A sweep marks all free steps in a map, finds the runs and
 * cuts them anew. It is done before another chunk is asked for, when enough was given back since the last time and is
 * free now, so that its cost is spread over what it saves.
 */
struct map {
	struct span {
		uint8_t *start;
		size_t steps, first; /* first: bit of the first step */
	} * span;                    /* chunks by address */
	size_t spans;
	uint8_t *bits;
	unsigned shift;
};

static size_t span_steps(const loy__arena *arena, const struct chunk *chunk)
{
	return (chunk->size - CHUNK_HEAD) >> arena->shift;
}

static void sort_spans(const loy__arena *arena, struct map *map)
{
	struct chunk *chunk = arena->chunks;
	size_t i, bits = 0;

	for (map->spans = 0; chunk != NULL; chunk = chunk->older) {
		uint8_t *start = (uint8_t *)chunk + CHUNK_HEAD;

		for (i = map->spans++; i > 0 && (uintptr_t)map->span[i - 1].start > (uintptr_t)start; i--)
			map->span[i] = map->span[i - 1];
		map->span[i].start = start;
		map->span[i].steps = span_steps(arena, chunk);
	}
	for (i = 0; i < map->spans; i++) {
		map->span[i].first = bits;
		bits += map->span[i].steps;
	}
}

/* Mark the steps of a free block. */
static void mark(const struct map *map, const uint8_t *block, size_t bytes)
{
	size_t low = 0, high = map->spans, bit, end;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if ((uintptr_t)map->span[middle].start <= (uintptr_t)block)
			low = middle;
		else
			high = middle;
	}
	bit = map->span[low].first + ((size_t)(block - map->span[low].start) >> map->shift);
	for (end = bit + (bytes >> map->shift); bit < end; bit++)
		map->bits[bit / 8] = (uint8_t)(map->bits[bit / 8] | 1u << bit % 8);
}

static int marked(const struct map *map, size_t bit)
{
	return map->bits[bit / 8] >> bit % 8 & 1;
}

static void cut_runs(loy__arena *arena, const struct map *map, const struct span *span)
{
	size_t i = 0, begin;

	while (i < span->steps) {
		if ((span->first + i) % 8 == 0 && map->bits[(span->first + i) / 8] == 0) {
			i += 8; /* may go past the end */
			continue;
		}
		for (begin = i; i < span->steps && marked(map, span->first + i); i++)
			;
		if (i > begin)
			cut_up(arena, span->start + (begin << map->shift), (i - begin) << map->shift);
		else
			i++;
	}
}

/*
 * Mark all free blocks, and forget them. Most of it is waiting for the next block of a list, so all lists are followed
 * at a time.
 */
static void mark_all(loy__arena *arena, const struct map *map)
{
	unsigned group, i;
	int more = 1;

	while (more) {
		more = 0;
		for (group = 0; group < arena->groups; group++) {
			for (i = 0; i < LOY__ARENA_LISTS; i++) {
				if ((arena->filled[group] >> i & 1) == 0)
					continue;
				mark(map, take_first(arena, group, i), class_bytes(arena, group));
				more = 1;
			}
		}
	}
}

/* Join free blocks that lie side by side. Without memory for the map nothing happens. */
static void sweep(loy__arena *arena)
{
	struct chunk *chunk;
	struct map map;
	size_t chunks = 0, steps = 0, size, i;

	for (chunk = arena->chunks; chunk != NULL; chunk = chunk->older) {
		chunks++;
		steps += span_steps(arena, chunk);
	}
	size = chunks * sizeof(*map.span) + steps / 8 + 1;
	map.span = loy__alloc_zero(arena->memory, size);
	if (map.span == NULL)
		return;
	map.bits = (uint8_t *)(map.span + chunks);
	sort_spans(arena, &map);
	map.shift = arena->shift;
	retire_rest(arena);
	mark_all(arena, &map);
	for (i = 0; i < map.spans; i++)
		cut_runs(arena, &map, &map.span[i]);
	loy__free(arena->memory, map.span, size);
	arena->given_back = 0;
}

static int worth_sweeping(const loy__arena *arena)
{
	return arena->held - arena->used - arena->left > arena->held / SWEEP_SHARE &&
	       arena->given_back > arena->held / SWEEP_SHARE;
}

/* ---- growing ---- */

/* A new chunk with room for `need` bytes, a multiple of the step which leaves a size_t room for a head. */
static int add_chunk(loy__arena *arena, size_t need)
{
	size_t size = (size_t)(arena->held / CHUNK_SHARE < CHUNK_MAX ? arena->held / CHUNK_SHARE : CHUNK_MAX);
	struct chunk *chunk;

	size = size / 16 * 16;
	if (size < CHUNK_MIN)
		size = CHUNK_MIN;
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
	return add_chunk(arena, ((size_t)bytes + 15) / 16 * 16) ? LOY_OK : LOY_ENOMEM;
}

/* Room for `need` bytes to cut off, from what there is or from a new chunk. */
static int find_room(loy__arena *arena, size_t need)
{
	if (reuse_largest(arena, need))
		return 1;
	if (arena->memory == NULL)
		return 0;
	if (worth_sweeping(arena)) {
		sweep(arena);
		if (reuse_largest(arena, need))
			return 1;
	}
	return add_chunk(arena, need);
}

static void *arena_allocate(size_t size, void *user_data)
{
	loy__arena *arena = user_data;
	unsigned group = class_of(arena, size);
	void *block;
	size_t bytes;

	if (group == NO_CLASS)
		return NULL;
	bytes = class_bytes(arena, group);
	block = take_again(arena, group);
	if (block == NULL) {
		if (LOY__UNLIKELY(arena->left < bytes) && !find_room(arena, bytes))
			return NULL;
		block = arena->at;
		arena->at += bytes;
		arena->left -= bytes;
	}
	arena->used += bytes;
	return block;
}

void *loy__arena_run(loy__arena *arena, size_t bytes)
{
	void *run;

	if (loy__arena_reserve(arena, bytes) != LOY_OK)
		return NULL;
	run = arena->at;
	arena->at += bytes;
	arena->left -= bytes;
	arena->used += bytes;
	return run;
}

static void arena_release(void *block, size_t size, void *user_data)
{
	loy__arena *arena = user_data;
	unsigned group = class_of(arena, size);

	arena->used -= class_bytes(arena, group);
	arena->given_back += class_bytes(arena, group);
	give_back(arena, block, group);
}

static void *arena_resize(void *block, size_t old_size, size_t new_size, void *user_data)
{
	loy__arena *arena = user_data;
	unsigned old_class = class_of(arena, old_size), new_class = class_of(arena, new_size);
	size_t old_bytes, new_bytes;
	uint8_t *end;
	void *moved;

	if (new_class == NO_CLASS)
		return NULL;
	if (old_class == new_class)
		return block;
	old_bytes = class_bytes(arena, old_class);
	new_bytes = class_bytes(arena, new_class);
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

/* ---- parts ---- */

/* Move the blocks on the lists of a part from one to the other. */
static void move_lists(const loy__arena *part, loy__arena *from, loy__arena *to)
{
	const size_t size = part->lists * sizeof(void *);
	const unsigned bits = ((1u << part->lists) - 1) << part->first;
	unsigned group;

	for (group = 0; group < from->groups; group++) {
		memcpy(&to->free_block[group][part->first], &from->free_block[group][part->first], size);
		memset(&from->free_block[group][part->first], 0, size);
		to->filled[group] = (uint8_t)(to->filled[group] | (from->filled[group] & bits));
		from->filled[group] = (uint8_t)(from->filled[group] & ~bits);
	}
	to->groups = to->groups > from->groups ? to->groups : from->groups;
}

void loy__arena_part(loy__arena *part, const loy__arena *arena, uint32_t number, uint32_t count)
{
	loy__arena_init(part, arena->shift, NULL);
	part->first = LOY__ARENA_LISTS * number / count;
	part->lists = LOY__ARENA_LISTS * (number + 1) / count - part->first;
}

void loy__arena_split(loy__arena *arena, loy__arena *parts, uint32_t count, size_t bytes)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		loy__arena *part = &parts[i];

		if (part->left > bytes / 4 || (arena->left < bytes && !find_room(arena, bytes)))
			continue;
		cut_up(arena, part->at, part->left);
		part->at = arena->at;
		part->left = bytes;
		arena->at += bytes;
		arena->left -= bytes;
	}
	for (i = 0; i < count; i++) /* not before: room is made of such blocks as well */
		move_lists(&parts[i], arena, &parts[i]);
}

void loy__arena_join(loy__arena *arena, loy__arena *parts, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		loy__arena *part = &parts[i];

		move_lists(part, part, arena);
		arena->used += part->used; /* modulo 2^64: blocks of other parts may have come back to it */
		arena->given_back += part->given_back;
		part->used = part->given_back = 0;
	}
}

void loy__arena_close(loy__arena *arena, loy__arena *part)
{
	cut_up(arena, part->at, part->left);
	part->left = 0;
}
