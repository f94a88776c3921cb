/* Who is erased until when: hashes of customers, never customers. */
#include "store/ledger_state.h"

/* The words are a keyed hash already; the index looks at its top and its low bits. */
static uint64_t erasure_hash(const void *owner, uint32_t entry)
{
	const loy__erasures *set = owner;

	return loy__erasures_at(set, entry)->who[0];
}

static loy__erasure *find(const loy__erasures *set, const uint64_t who[2], uint32_t *at)
{
	loy__search search;
	uint32_t entry;

	loy__index_start(&set->index, who[0], &search);
	while ((entry = loy__index_next(&set->index, &search)) != LOY__NO_ENTRY) {
		loy__erasure *erasure = loy__vector_at(&set->entries, entry, sizeof(*erasure));

		if (erasure->who[0] == who[0] && erasure->who[1] == who[1]) {
			*at = entry;
			return erasure;
		}
	}
	return NULL;
}

int64_t loy__erasures_until(const loy__erasures *set, const uint64_t who[2])
{
	uint32_t at;
	const loy__erasure *erasure = find(set, who, &at);

	return erasure != NULL ? erasure->time : INT64_MIN;
}

loy_status loy__erasures_reserve(loy__erasures *set, const loy_allocator *memory, uint64_t count)
{
	loy_status status = loy__index_reserve(&set->index, memory, count, erasure_hash, set);

	if (status == LOY_OK)
		status = loy__vector_reserve(&set->entries, memory, set->index.live + count,
		                             sizeof(loy__erasure));
	return status;
}

int64_t loy__erasures_raise(loy__erasures *set, const uint64_t who[2], int64_t time)
{
	uint32_t at;
	loy__erasure *erasure = find(set, who, &at);
	int64_t before = INT64_MIN;

	if (erasure == NULL) {
		at = set->index.live;
		erasure = loy__vector_at(&set->entries, at, sizeof(*erasure));
		erasure->who[0] = who[0];
		erasure->who[1] = who[1];
		erasure->time = time;
		loy__index_add(&set->index, who[0], at);
	} else {
		before = erasure->time;
		if (time > before)
			erasure->time = time;
	}
	return before;
}

void loy__erasures_lower(loy__erasures *set, const uint64_t who[2], int64_t before)
{
	uint32_t at;
	loy__erasure *erasure = find(set, who, &at);

	if (erasure == NULL)
		return;
	if (before == INT64_MIN) /* it is the last entry */
		loy__index_erase(&set->index, who[0], at);
	else
		erasure->time = before;
}

void loy__erasures_free(loy__erasures *set, const loy_allocator *memory)
{
	loy__index_free(&set->index, memory);
	loy__vector_free(&set->entries, memory, sizeof(loy__erasure));
}
