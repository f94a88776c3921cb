/* Which events were seen: identities and digests in the order they came, and an index over them. */
#include "store/store.h"

static uint64_t identity_hash(const void *identities, uint32_t entry)
{
	const loy__identities *set = identities;
	const loy__identity *identity = loy__identities_at(set, entry);

	return loy__identities_hash(set, identity->high, identity->low);
}

const loy__identity *loy__identities_find(const loy__identities *set, uint64_t hash, uint64_t high,
                                          uint64_t low)
{
	loy__search search;
	uint32_t entry;

	loy__index_start(&set->index, hash, &search);
	while ((entry = loy__index_next(&set->index, &search)) != LOY__NO_ENTRY) {
		const loy__identity *identity = loy__identities_at(set, entry);

		if (identity->low == low && identity->high == high)
			return identity;
	}
	return NULL;
}

loy_status loy__identities_reserve(loy__identities *set, const loy_allocator *memory, uint64_t count)
{
	loy_status status = loy__index_reserve(&set->index, memory, count, identity_hash, set);

	if (status == LOY_OK)
		status = loy__vector_reserve(&set->entries, memory, set->index.live + count,
		                             sizeof(loy__identity));
	return status;
}

void loy__identities_add(loy__identities *set, uint64_t hash, const loy__identity *identity)
{
	*loy__identities_at(set, set->index.live) = *identity;
	loy__index_add(&set->index, hash, set->index.live);
}

int loy__identities_source_known(const loy__identities *set, uint64_t high)
{
	uint32_t i;

	for (i = 0; i < set->index.live && loy__identities_at(set, i)->high != high; i++)
		;
	return i < set->index.live;
}

void loy__identities_forget(loy__identities *set, uint64_t high, uint64_t low)
{
	uint64_t hash = loy__identities_hash(set, high, low);
	uint32_t last = set->index.live - 1, entry;
	loy__search search;

	loy__index_start(&set->index, hash, &search);
	do
		entry = loy__index_next(&set->index, &search);
	while (loy__identities_at(set, entry)->low != low || loy__identities_at(set, entry)->high != high);
	loy__index_erase(&set->index, hash, entry);
	if (entry != last) {
		loy__index_renumber(&set->index, identity_hash(set, last), last, entry);
		*loy__identities_at(set, entry) = *loy__identities_at(set, last);
	}
}

void loy__identities_free(loy__identities *set, const loy_allocator *memory)
{
	loy__index_free(&set->index, memory);
	loy__vector_free(&set->entries, memory, sizeof(loy__identity));
}

uint64_t loy__identities_bytes(const loy__identities *set)
{
	return set->index.capacity * sizeof(*set->index.slots) +
	       set->entries.capacity * sizeof(*set->entries.chunk) +
	       (uint64_t)set->entries.chunks * LOY__VECTOR_CHUNK * sizeof(loy__identity);
}
