/* Vectors that do not move their elements, and indexes over them. */
#include "store/store.h"

#include <string.h>

/* ---- vectors ---- */

loy_status loy__vector_reserve(loy__vector *v, const loy_allocator *memory, uint64_t count, size_t size)
{
	const size_t bytes = LOY__VECTOR_CHUNK * size;
	uint64_t need = (count + LOY__VECTOR_CHUNK - 1) >> LOY__VECTOR_BITS;
	void *chunks = v->chunk;
	loy_status status;

	if (need <= v->chunks)
		return LOY_OK;
	if (need > SIZE_MAX / bytes)
		return LOY_ENOMEM;
	status = loy__grow(memory, &chunks, &v->capacity, (size_t)need, sizeof(*v->chunk), SIZE_MAX);
	v->chunk = chunks;
	while (status == LOY_OK && v->chunks < need) {
		size_t more = v->chunks == 0 ? (size_t)need : 1;
		uint8_t *block = loy__alloc(memory, more * bytes);

		if (block == NULL)
			return LOY_ENOMEM;
		if (v->chunks == 0)
			v->first = more;
		for (; more > 0; more--, block += bytes)
			v->chunk[v->chunks++] = block;
	}
	return status;
}

void loy__vector_free(loy__vector *v, const loy_allocator *memory, size_t size)
{
	size_t i, chunks;

	for (i = 0; i < v->chunks; i += chunks) {
		chunks = i == 0 ? v->first : 1;
		loy__free(memory, v->chunk[i], chunks * LOY__VECTOR_CHUNK * size);
	}
	loy__free(memory, v->chunk, v->capacity * sizeof(*v->chunk));
	memset(v, 0, sizeof(*v));
}

/* ---- indexes ---- */

#define CAPACITY_MIN 16u
#define AHEAD        32u /* entries whose slots are fetched before they are needed */

/* Entries a capacity takes. Always leaves an empty slot. */
static uint64_t most_of(uint64_t capacity)
{
	return capacity / 5 * 4;
}

/* 2^k, 3 * 2^(k - 1), 2^(k + 1), … */
static uint64_t next_capacity(uint64_t capacity)
{
	return (capacity & (capacity - 1)) == 0 ? capacity / 2 * 3 : capacity / 3 * 4;
}

/* Bits for entry + 1 of any entry there is room for, and one value more, for slots that were erased. */
static uint32_t mask_for(uint64_t capacity)
{
	uint64_t most = most_of(capacity), mask = 1;

	while (mask < most + 1)
		mask = mask << 1 | 1;
	return (uint32_t)mask;
}

void loy__index_add(loy__index *ix, uint64_t hash, uint32_t entry)
{
	uint64_t at = loy__index_home(ix, hash);

	while (ix->slots[at] != 0 && (ix->slots[at] & ix->mask) != ix->mask)
		at = at + 1 < ix->capacity ? at + 1 : 0;
	ix->used += ix->slots[at] == 0;
	ix->slots[at] = ((uint32_t)hash & ~ix->mask) | (entry + 1);
	ix->live++;
}

int loy__index_settle(loy__index *ix, const uint64_t *hashes, uint32_t count, loy__index_same same,
                      const void *owner)
{
	const uint32_t mask = ix->mask, first = ix->live;
	const uint64_t capacity = ix->capacity;
	uint32_t *slots = ix->slots, i;

	for (i = 0; i < count; i++) {
		uint64_t at = loy__index_home(ix, hashes[i]);
		uint32_t slot = ((uint32_t)hashes[i] & ~mask) | (first + i + 1);

		LOY__PREFETCH(slots + loy__index_home(ix, hashes[i + AHEAD < count ? i + AHEAD : i]));
		for (; slots[at] != 0; at = at + 1 < capacity ? at + 1 : 0) {
			if (LOY__UNLIKELY(((slots[at] ^ slot) & ~mask) == 0) &&
			    same(owner, (slots[at] & mask) - 1, first + i))
				return 0;
		}
		slots[at] = slot;
	}
	ix->used += count;
	ix->live += count;
	return 1;
}

loy_status loy__index_reserve(loy__index *ix, const loy_allocator *memory, uint64_t count,
                              loy__index_hash hash, const void *owner)
{
	loy__index grown = {0};
	uint32_t entry;

	if (LOY__LIKELY(ix->used + count <= most_of(ix->capacity)))
		return LOY_OK;
	if (count > LOY__ENTRIES_MAX - ix->live)
		return LOY_ELIMIT;
	grown.capacity = CAPACITY_MIN;
	while (most_of(grown.capacity) < ix->live + count)
		grown.capacity = next_capacity(grown.capacity);
	if (grown.capacity > SIZE_MAX / sizeof(*grown.slots))
		return LOY_ENOMEM;
	grown.mask = mask_for(grown.capacity);
	grown.slots = loy__alloc_zero(memory, (size_t)grown.capacity * sizeof(*grown.slots));
	if (grown.slots == NULL)
		return LOY_ENOMEM;
	for (entry = 0; entry < ix->live; entry++)
		loy__index_add(&grown, hash(owner, entry), entry);
	loy__index_free(ix, memory);
	*ix = grown;
	return LOY_OK;
}

void loy__index_rebuild(loy__index *ix, uint32_t count, loy__index_hash hash, const void *owner)
{
	uint32_t entry;

	if (ix->capacity != 0)
		memset(ix->slots, 0, (size_t)ix->capacity * sizeof(*ix->slots));
	ix->used = ix->live = 0;
	for (entry = 0; entry < count; entry++)
		loy__index_add(ix, hash(owner, entry), entry);
}

void loy__index_free(loy__index *ix, const loy_allocator *memory)
{
	loy__free(memory, ix->slots, (size_t)ix->capacity * sizeof(*ix->slots));
	memset(ix, 0, sizeof(*ix));
}

/* The slot of an entry that is there. */
static uint32_t *slot_of(loy__index *ix, uint64_t hash, uint32_t entry)
{
	uint32_t slot = ((uint32_t)hash & ~ix->mask) | (entry + 1);
	uint64_t at = loy__index_home(ix, hash);

	while (ix->slots[at] != slot)
		at = at + 1 < ix->capacity ? at + 1 : 0;
	return &ix->slots[at];
}

void loy__index_erase(loy__index *ix, uint64_t hash, uint32_t entry)
{
	*slot_of(ix, hash, entry) = ix->mask;
	ix->live--;
}

void loy__index_renumber(loy__index *ix, uint64_t hash, uint32_t entry, uint32_t number)
{
	*slot_of(ix, hash, entry) = ((uint32_t)hash & ~ix->mask) | (number + 1);
}
