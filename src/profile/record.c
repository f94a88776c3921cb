/* Records as blocks of memory: making room, copying, finding entries. */
#include "profile/record.h"

#include <string.h>

const loy__record loy__record_empty = {0};

static size_t block_size(size_t capacity)
{
	return sizeof(loy__record) + capacity * sizeof(uint64_t);
}

/*
 * No slack beyond a block of whole 16 bytes, which is what allocators hand out, while a record is small: memory a
 * customer is what a base is made of. A customer who comes for many months needs a word more in each, so larger
 * records grow by a cache line, and are moved every eighth time.
 */
static size_t capacity_for(size_t words)
{
	const size_t head = sizeof(loy__record) / sizeof(uint64_t);

	return words + head <= 16 ? words | 1 : (words + head + 7) / 8 * 8 - head;
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

const void *loy__record_end(const loy__record *record)
{
	return record->words + record->used - (record->used != 0);
}

size_t loy__record_memory(const loy__record *record)
{
	return record != NULL ? block_size(record->capacity) : 0;
}

void loy__record_add_month(loy__record *record, uint64_t word)
{
	uint64_t *months = loy__record_months(record);
	size_t count = record->months;
	size_t at = loy__months_seek(months, count, word >> LOY__SHIFT_DAYS << LOY__SHIFT_DAYS);

	if (at == count || (months[at] ^ word) >> LOY__SHIFT_DAYS != 0) {
		memmove(months + at + 1, months + at, (count - at) * sizeof(*months));
		months[at] = 0;
		record->months++;
		record->used++;
	}
	months[at] |= word;
}

const uint64_t *loy__record_find(const loy__record *record, uint32_t class, uint64_t key,
                                 const uint64_t **data)
{
	unsigned shift = loy__class_shift(class);
	uint64_t base = (uint64_t) class << 56 | key << shift;
	size_t index = 0, offset = 0;

	if (record == NULL || key > UINT64_C(0xffffffffffffff) >> shift)
		return NULL;
	if (class == LOY__CLASS_DAYS) {
		*data = loy__record_months_read(record);
		index = loy__months_seek(*data, record->months, base);
		return index < record->months && ((*data)[index] ^ base) >> shift == 0 ? &(*data)[index]
		                                                                       : NULL;
	}
	while (index < record->entries && record->words[index] < base)
		offset += loy__entry_words(record->words[index++]);
	if (index == record->entries || (record->words[index] ^ base) >> shift != 0)
		return NULL;
	*data = record->words + record->entries + offset;
	return &record->words[index];
}
