/*
 * Which events were seen. Identities of keys are kept one by one, in the order they came, with an index over them.
 * Those of a device's count (top bit 0) come one after the other, so they are kept by stretches of neighbours: a
 * stretch has a bit for each that was seen, and from the second on a block with their digests. So a count costs
 * little more than a digest an event, and looking for the next one hardly leaves the stretch of the one before.
 */
#include "store/store.h"

#include <string.h>

#define BITS    5
#define STRETCH ((size_t)1 << BITS) /* neighbours */

/* For which kind there is room, in loy__identities.ready. */
#define SINGLE    1u
#define NEIGHBOUR 2u

typedef struct stretch {
	uint64_t high, base; /* low >> BITS */
	uint32_t seen, reserved;
	union {
		uint64_t digest;   /* of the only one */
		uint64_t *digests; /* by their low bits */
	} of;
} stretch;

static int counted(uint64_t high)
{
	return high >> 63 == 0;
}

static int alone(uint32_t seen)
{
	return (seen & (seen - 1)) == 0;
}

static stretch *stretch_at(const loy__identities *set, uint32_t entry)
{
	return loy__vector_at(&set->stretches, entry, sizeof(stretch));
}

static loy__identity *identity_at(const loy__identities *set, uint32_t entry)
{
	return loy__vector_at(&set->entries, entry, sizeof(loy__identity));
}

uint64_t loy__identities_hash(const loy__identities *set, uint64_t high, uint64_t low)
{
	return loy__mix64(loy__mix64(high ^ set->seed) + (counted(high) ? low >> BITS : low));
}

static uint64_t stretch_hash(const void *identities, uint32_t entry)
{
	const loy__identities *set = identities;
	const stretch *s = stretch_at(set, entry);

	return loy__identities_hash(set, s->high, s->base << BITS);
}

static uint64_t identity_hash(const void *identities, uint32_t entry)
{
	const loy__identities *set = identities;
	const loy__identity *identity = identity_at(set, entry);

	return loy__identities_hash(set, identity->high, identity->low);
}

/* ---- finding ---- */

static uint32_t find_stretch(const loy__identities *set, uint64_t hash, uint64_t high, uint64_t base)
{
	loy__search search;
	uint32_t entry;

	if (LOY__LIKELY(set->latest < set->stretch_index.live)) {
		const stretch *s = stretch_at(set, set->latest);

		if (LOY__LIKELY(s->base == base && s->high == high))
			return set->latest;
	}
	loy__index_start(&set->stretch_index, hash, &search);
	do
		entry = loy__index_next(&set->stretch_index, &search);
	while (entry != LOY__NO_ENTRY &&
	       (stretch_at(set, entry)->base != base || stretch_at(set, entry)->high != high));
	return entry;
}

static uint32_t find_single(const loy__identities *set, uint64_t hash, uint64_t high, uint64_t low)
{
	loy__search search;
	uint32_t entry;

	loy__index_start(&set->index, hash, &search);
	do
		entry = loy__index_next(&set->index, &search);
	while (entry != LOY__NO_ENTRY &&
	       (identity_at(set, entry)->low != low || identity_at(set, entry)->high != high));
	return entry;
}

static uint64_t *digest_of(const loy__identities *set, uint64_t hash, uint64_t high, uint64_t low)
{
	uint32_t entry, place = (uint32_t)(low & (STRETCH - 1));
	stretch *s;

	if (LOY__UNLIKELY(!counted(high))) {
		entry = find_single(set, hash, high, low);
		return entry != LOY__NO_ENTRY ? &identity_at(set, entry)->digest : NULL;
	}
	entry = find_stretch(set, hash, high, low >> BITS);
	if (entry == LOY__NO_ENTRY)
		return NULL;
	s = stretch_at(set, entry);
	if ((s->seen >> place & 1) == 0)
		return NULL;
	return alone(s->seen) ? &s->of.digest : &s->of.digests[place];
}

const uint64_t *loy__identities_find(const loy__identities *set, uint64_t hash, uint64_t high, uint64_t low)
{
	return digest_of(set, hash, high, low);
}

void loy__identities_revise(const loy__identities *set, uint64_t hash, const loy__identity *identity)
{
	*digest_of(set, hash, identity->high, identity->low) = identity->digest;
}

int loy__identities_source_known(const loy__identities *set, uint64_t high)
{
	uint32_t i, count = counted(high) ? set->stretch_index.live : set->index.live;

	for (i = 0; i < count; i++) {
		if ((counted(high) ? stretch_at(set, i)->high : identity_at(set, i)->high) == high)
			return 1;
	}
	return 0;
}

/* ---- room ---- */

static loy_status reserve_blocks(loy__identities *set, const loy_allocator *memory, uint64_t count)
{
	while (set->spares < count) {
		uint64_t *block = loy__alloc(memory, STRETCH * sizeof(*block));

		if (block == NULL)
			return LOY_ENOMEM;
		memcpy(block, &set->spare, sizeof(set->spare));
		set->spare = block;
		set->spares++;
		set->blocks++;
	}
	return LOY_OK;
}

static loy_status reserve(loy__identities *set, const loy_allocator *memory, uint64_t singles,
                          uint64_t stretches)
{
	loy_status status = loy__index_reserve(&set->index, memory, singles, identity_hash, set);

	if (status == LOY_OK)
		status = loy__vector_reserve(&set->entries, memory, set->index.live + singles,
		                             sizeof(loy__identity));
	if (status == LOY_OK)
		status = loy__index_reserve(&set->stretch_index, memory, stretches, stretch_hash, set);
	if (status == LOY_OK)
		status = loy__vector_reserve(&set->stretches, memory, set->stretch_index.live + stretches,
		                             sizeof(stretch));
	if (status == LOY_OK)
		status = reserve_blocks(set, memory, stretches);
	if (status == LOY_OK)
		set->ready |= (singles != 0 ? SINGLE : 0) | (stretches != 0 ? NEIGHBOUR : 0);
	return status;
}

loy_status loy__identities_reserve_one(loy__identities *set, const loy_allocator *memory, uint64_t high)
{
	unsigned kind = counted(high) ? NEIGHBOUR : SINGLE;

	if (LOY__LIKELY((set->ready & kind) != 0))
		return LOY_OK;
	return reserve(set, memory, kind == SINGLE, kind == NEIGHBOUR);
}

loy_status loy__identities_reserve(loy__identities *set, const loy_allocator *memory, uint64_t count)
{
	if (count == 1)
		return (set->ready & (SINGLE | NEIGHBOUR)) == (SINGLE | NEIGHBOUR)
		               ? LOY_OK
		               : reserve(set, memory, 1, 1);
	return reserve(set, memory, count, count / (STRETCH / 2) + 8);
}

loy_status loy__identities_reserve_all(loy__identities *set, const loy_allocator *memory,
                                       const loy__identities *from)
{
	return reserve(set, memory, from->index.live, from->stretch_index.live);
}

/* ---- changing ---- */

static uint64_t *take_block(loy__identities *set)
{
	uint64_t *block = set->spare;

	memcpy(&set->spare, block, sizeof(set->spare));
	set->spares--;
	return block;
}

static void give_block(loy__identities *set, uint64_t *block)
{
	memcpy(block, &set->spare, sizeof(set->spare));
	set->spare = block;
	set->spares++;
}

static unsigned place_of(uint32_t seen)
{
	unsigned place = 0;

	while ((seen >> place & 1) == 0)
		place++;
	return place;
}

static void add_counted(loy__identities *set, uint64_t hash, const loy__identity *identity)
{
	uint32_t entry = find_stretch(set, hash, identity->high, identity->low >> BITS);
	uint32_t place = (uint32_t)(identity->low & (STRETCH - 1));
	stretch *s;

	if (entry == LOY__NO_ENTRY) {
		entry = set->stretch_index.live;
		s = stretch_at(set, entry);
		s->high = identity->high;
		s->base = identity->low >> BITS;
		s->seen = 0;
		s->reserved = 0;
		s->of.digest = identity->digest;
		loy__index_add(&set->stretch_index, hash, entry);
		set->ready &= ~NEIGHBOUR;
		/* devices count on: the next neighbours will be looked for before long */
		loy__index_prefetch(&set->stretch_index,
		                    loy__identities_hash(set, identity->high, identity->low + STRETCH));
	} else {
		s = stretch_at(set, entry);
		if (LOY__UNLIKELY((s->seen >> place & 1) != 0))
			return; /* it is there */
		if (alone(s->seen)) {
			uint64_t *digests = take_block(set);

			digests[place_of(s->seen)] = s->of.digest;
			s->of.digests = digests;
			set->ready &= ~NEIGHBOUR;
		}
		s->of.digests[place] = identity->digest;
	}
	s->seen |= 1u << place;
	set->latest = entry;
	set->neighbours++;
}

int loy__identities_follow(loy__identities *set, const loy__identity *identity)
{
	uint32_t place = (uint32_t)(identity->low & (STRETCH - 1));
	stretch *s;

	if (LOY__UNLIKELY(set->latest >= set->stretch_index.live))
		return 0;
	s = stretch_at(set, set->latest);
	if (s->high != identity->high || s->base != identity->low >> BITS || alone(s->seen) ||
	    (s->seen >> place & 1) != 0)
		return 0;
	s->of.digests[place] = identity->digest;
	s->seen |= 1u << place;
	set->neighbours++;
	return 1;
}

void loy__identities_add(loy__identities *set, uint64_t hash, const loy__identity *identity)
{
	if (LOY__LIKELY(counted(identity->high))) {
		add_counted(set, hash, identity);
	} else {
		*identity_at(set, set->index.live) = *identity;
		loy__index_add(&set->index, hash, set->index.live);
		set->ready &= ~SINGLE;
	}
}

static void forget_stretch(loy__identities *set, uint64_t hash, uint32_t entry)
{
	uint32_t last = set->stretch_index.live - 1;

	loy__index_erase(&set->stretch_index, hash, entry);
	if (entry != last) {
		loy__index_renumber(&set->stretch_index, stretch_hash(set, last), last, entry);
		*stretch_at(set, entry) = *stretch_at(set, last);
	}
	set->latest = LOY__NO_ENTRY;
}

static void forget_single(loy__identities *set, uint64_t hash, uint32_t entry)
{
	uint32_t last = set->index.live - 1;

	loy__index_erase(&set->index, hash, entry);
	if (entry != last) {
		loy__index_renumber(&set->index, identity_hash(set, last), last, entry);
		*identity_at(set, entry) = *identity_at(set, last);
	}
}

void loy__identities_forget(loy__identities *set, uint64_t high, uint64_t low)
{
	uint64_t hash = loy__identities_hash(set, high, low), *digests;
	uint32_t entry;
	stretch *s;

	if (loy__identities_find(set, hash, high, low) == NULL)
		return;
	if (!counted(high)) {
		forget_single(set, hash, find_single(set, hash, high, low));
		return;
	}
	entry = find_stretch(set, hash, high, low >> BITS);
	s = stretch_at(set, entry);
	set->neighbours--;
	if (alone(s->seen)) {
		forget_stretch(set, hash, entry);
		return;
	}
	s->seen &= ~(1u << (low & (STRETCH - 1)));
	if (alone(s->seen)) {
		digests = s->of.digests;
		s->of.digest = digests[place_of(s->seen)];
		give_block(set, digests);
	}
}

/* ---- all of them ---- */

uint64_t loy__identities_count(const loy__identities *set)
{
	return set->neighbours + set->index.live;
}

int loy__identities_next(const loy__identities *set, loy__identities_walk *walk, loy__identity *out)
{
	if (walk->entry < set->index.live) {
		*out = *identity_at(set, walk->entry++);
		return 1;
	}
	for (; walk->stretch < set->stretch_index.live; walk->stretch++, walk->place = 0) {
		const stretch *s = stretch_at(set, walk->stretch);

		while (walk->place < STRETCH && (s->seen >> walk->place & 1) == 0)
			walk->place++;
		if (walk->place < STRETCH) {
			out->high = s->high;
			out->low = s->base << BITS | walk->place;
			out->digest = alone(s->seen) ? s->of.digest : s->of.digests[walk->place];
			walk->place++;
			return 1;
		}
	}
	return 0;
}

void loy__identities_free(loy__identities *set, const loy_allocator *memory)
{
	uint32_t i;

	for (i = 0; i < set->stretch_index.live; i++) {
		if (!alone(stretch_at(set, i)->seen))
			loy__free(memory, stretch_at(set, i)->of.digests, STRETCH * sizeof(uint64_t));
	}
	while (set->spare != NULL)
		loy__free(memory, take_block(set), STRETCH * sizeof(uint64_t));
	loy__index_free(&set->index, memory);
	loy__vector_free(&set->entries, memory, sizeof(loy__identity));
	loy__index_free(&set->stretch_index, memory);
	loy__vector_free(&set->stretches, memory, sizeof(stretch));
	set->blocks = set->neighbours = 0;
	set->ready = 0;
}

uint64_t loy__identities_bytes(const loy__identities *set)
{
	return (set->index.capacity + set->stretch_index.capacity) * sizeof(*set->index.slots) +
	       (set->entries.capacity + set->stretches.capacity) * sizeof(*set->entries.chunk) +
	       (uint64_t)set->entries.chunks * LOY__VECTOR_CHUNK * sizeof(loy__identity) +
	       (uint64_t)set->stretches.chunks * LOY__VECTOR_CHUNK * sizeof(stretch) +
	       set->blocks * STRETCH * sizeof(uint64_t);
}
