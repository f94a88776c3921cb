/* Records as blocks of memory: making room, finding, inserting and widening entries. */
#include "profile/record.h"

#include <string.h>

/* Capacities are multiples of this, so that an allocator in front of many records meets few sizes. */
#define CAPACITY_STEP 4

const loy__record loy__record_empty = {0};

static size_t block_size(size_t capacity)
{
	return sizeof(loy__record) + capacity * sizeof(uint64_t);
}

/* An eighth more than needed: growing is rare enough then, and memory a customer is what a base is made of. */
static size_t capacity_for(size_t words)
{
	return (words + words / 8 + CAPACITY_STEP - 1) / CAPACITY_STEP * CAPACITY_STEP;
}

loy__record *loy__record_new(size_t words, const loy_allocator *memory)
{
	loy__record *record = loy__alloc(memory, block_size(words));

	if (record != NULL) {
		memset(record, 0, sizeof(*record));
		record->capacity = (uint16_t)words;
	}
	return record;
}

loy_status loy__record_reserve(loy__record **record, size_t growth, const loy_allocator *memory)
{
	loy__record *grown, *old = *record;
	size_t need, capacity;

	if (old == NULL) {
		*record = loy__record_new(capacity_for(growth), memory);
		return *record != NULL ? LOY_OK : LOY_ENOMEM;
	}
	need = old->used + growth;
	if (LOY__LIKELY(need <= old->capacity))
		return LOY_OK;
	capacity = capacity_for(need);
	grown = loy__resize(memory, old, block_size(old->capacity), block_size(capacity));
	if (grown == NULL)
		return LOY_ENOMEM;
	grown->capacity = (uint16_t)capacity;
	*record = grown;
	return LOY_OK;
}

loy_status loy__record_copy(loy__record **out, const loy__record *from, const loy_allocator *memory)
{
	loy__record *copy;

	*out = NULL;
	if (from == NULL || from->operations == 0)
		return LOY_OK;
	copy = loy__record_new(from->used, memory);
	if (copy == NULL)
		return LOY_ENOMEM;
	memcpy(copy, from, block_size(from->used));
	copy->capacity = from->used;
	*out = copy;
	return LOY_OK;
}

void loy__record_clear(loy__record *record)
{
	uint16_t capacity;

	if (record != NULL) {
		capacity = record->capacity;
		*record = loy__record_empty;
		record->capacity = capacity;
	}
}

void loy__record_free(loy__record *record, const loy_allocator *memory)
{
	if (record != NULL)
		loy__free(memory, record, block_size(record->capacity));
}

size_t loy__record_memory(const loy__record *record)
{
	return record != NULL ? block_size(record->capacity) : 0;
}

const uint64_t *loy__record_find(const loy__record *record, uint32_t class, uint64_t key,
                                 const uint64_t **data)
{
	unsigned shift = loy__class_shift(class);
	uint64_t base = (uint64_t) class << 56 | key << shift;
	size_t index = 0, offset = 0;

	if (record == NULL || key > UINT64_C(0xffffffffffffff) >> shift)
		return NULL;
	while (index < record->entries && record->words[index] < base)
		offset += loy__entry_words(record->words[index++]);
	if (index == record->entries || (record->words[index] ^ base) >> shift != 0)
		return NULL;
	*data = record->words + record->entries + offset;
	return &record->words[index];
}

/* ---- changing entries ---- */

unsigned loy__list_shift(uint64_t entry)
{
	uint32_t class = loy__entry_class(entry);

	return class == LOY__CLASS_TAG || class == LOY__CLASS_STATE ? 32 + LOY__SHIFT_TAG : 56;
}

size_t loy__list_limit(uint64_t entry)
{
	switch (loy__entry_class(entry)) {
	case LOY__CLASS_KIND:
		return LOY__KINDS_KEPT;
	case LOY__CLASS_MONEY:
	case LOY__CLASS_ANSWER:
	case LOY__CLASS_TAG:
	case LOY__CLASS_CATEGORY:
	case LOY__CLASS_STATE:
		return LOY_PROFILE_KEYS_MAX;
	default: /* the keys of the others are few by their nature */
		return SIZE_MAX;
	}
}

/* End of the list that `entry` belongs to and in which it would go to `index`, and in *count how many it has. */
static size_t list_end(const uint64_t *words, size_t entries, size_t index, uint64_t entry, size_t *count)
{
	unsigned shift = loy__list_shift(entry);
	size_t from = index, end = index;

	while (from > 0 && (words[from - 1] ^ entry) >> shift == 0)
		from--;
	while (end < entries && (words[end] ^ entry) >> shift == 0)
		end++;
	*count = end - from;
	return end;
}

int loy__walk_admits(const uint64_t *words, size_t entries, size_t index, uint64_t entry)
{
	size_t limit = loy__list_limit(entry), count, end;

	if (limit == SIZE_MAX)
		return 1;
	end = list_end(words, entries, index, entry, &count);
	return count < limit || index < end;
}

static void move_words(loy__walk *walk, size_t to, size_t from, size_t count)
{
	memmove(walk->words + to, walk->words + from, count * sizeof(uint64_t));
}

/* Take the entry at `index` out; the walk stands at or before it. */
static void remove_entry(loy__walk *walk, size_t index)
{
	size_t data = walk->entries + walk->offset, used = walk->record->used, words, i;

	for (i = walk->index; i < index; i++)
		data += loy__entry_words(walk->words[i]);
	words = loy__entry_words(walk->words[index]);
	move_words(walk, index, index + 1, data - index - 1);
	move_words(walk, data - 1, data + words, used - data - words);
	walk->entries--;
	walk->record->entries--;
	walk->record->used = (uint16_t)(used - 1 - words);
}

int loy__walk_insert(loy__walk *walk, uint64_t entry)
{
	size_t limit = loy__list_limit(entry), count, end, data, used, words = loy__entry_words(entry);

	if (limit != SIZE_MAX) {
		end = list_end(walk->words, walk->entries, walk->index, entry, &count);
		if (count >= limit) {
			walk->record->flags |= LOY_PROFILE_KEYS_DROPPED;
			if (walk->index == end)
				return 0;
			remove_entry(walk, end - 1);
		}
	}
	data = walk->entries + walk->offset;
	used = walk->record->used;
	move_words(walk, data + 1 + words, data, used - data);
	move_words(walk, walk->index + 1, walk->index, data - walk->index);
	walk->words[walk->index] = entry;
	walk->entries++;
	walk->record->entries++;
	walk->record->used = (uint16_t)(used + 1 + words);
	return 1;
}

void loy__walk_widen(loy__walk *walk, unsigned words)
{
	uint64_t *entry = &walk->words[walk->index];
	size_t have = loy__entry_words(*entry), more = words - have;
	size_t end = walk->entries + walk->offset + have, used = walk->record->used;

	move_words(walk, end + more, end, used - end);
	walk->record->used = (uint16_t)(used + more);
	*entry += more;
}
