/*
 * Records as they lie in memory, for snapshots: reading one is copying it. What comes from a file is hostile, so
 * every word is looked at before it is believed: what is accepted has the bounds that the arithmetic relies on.
 */
#include "profile/record_walk.h"

#include <string.h>

/* Numbers of words that entries of a class can have, as bits. */
static const uint8_t forms[LOY__CLASS_LAST + 1] = {
        [LOY__CLASS_KIND] = 1u << 0 | 1u << 1 | 1u << 2,
        [LOY__CLASS_MONEY] = 1u << 1 | 1u << 5 | 1u << 7,
        [LOY__CLASS_DAYS] = 1u << 0,
        [LOY__CLASS_EVIDENCE] = 1u << 3 | 1u << 4 | 1u << 6,
        [LOY__CLASS_WORST] = 1u << 1,
        [LOY__CLASS_ANSWER] = 1u << 4 | 1u << 7,
        [LOY__CLASS_SPAN] = 1u << 1 | 1u << 3,
        [LOY__CLASS_TAG] = 1u << 0 | 1u << 1,
        [LOY__CLASS_CATEGORY] = 1u << 1 | 1u << 2,
        [LOY__CLASS_STATE] = 1u << 4,
};

static int is_little_endian(void)
{
	const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return first == 1;
}

static int is_empty(const loy__record *record)
{
	return record == NULL || record->operations == 0;
}

/* ---- writing ---- */

size_t loy__image_words_size(const loy__record *record)
{
	return is_empty(record) ? 0 : record->used * sizeof(uint64_t);
}

size_t loy__image_memory(const loy__record *record)
{
	return is_empty(record) ? 0 : loy__record_block(record->used);
}

void loy__image_write_head(const loy__record *record, uint8_t head[LOY__IMAGE_HEAD])
{
	loy__writer w;

	memset(head, 0, LOY__IMAGE_HEAD);
	if (is_empty(record))
		return;
	loy__writer_over(&w, head, LOY__IMAGE_HEAD);
	loy__write_u32(&w, record->operations);
	loy__write_u32(&w, record->retracted);
	loy__write_u16(&w, record->entries);
	loy__write_u16(&w, record->used);
	loy__write_u16(&w, 0);
	loy__write_u16(&w, record->flags);
	loy__write_u64(&w, record->magnitude);
}

void loy__image_write_words(const loy__record *record, size_t first, size_t count, uint8_t *out)
{
	size_t i;

	if (is_little_endian()) {
		memcpy(out, record->words + first, count * sizeof(uint64_t));
		return;
	}
	for (i = 0; i < count * sizeof(uint64_t); i++)
		out[i] = (uint8_t)(record->words[first + i / 8] >> 8 * (i % 8));
}

/* ---- reading ---- */

static uint64_t word_from(const uint8_t *bytes, unsigned count)
{
	uint64_t word = 0;
	unsigned i;

	for (i = 0; i < count; i++)
		word |= (uint64_t)bytes[i] << 8 * i;
	return word;
}

loy_status loy__image_begin(loy__record **out, const uint8_t head[LOY__IMAGE_HEAD], uint8_t **words,
                            size_t *size, const loy_allocator *memory)
{
	uint32_t operations = (uint32_t)word_from(head, 4), retracted = (uint32_t)word_from(head + 4, 4);
	uint16_t entries = (uint16_t)word_from(head + 8, 2), used = (uint16_t)word_from(head + 10, 2);
	uint16_t flags = (uint16_t)word_from(head + 14, 2);
	uint64_t magnitude = word_from(head + 16, 8);
	loy__record *record = NULL;

	*out = NULL;
	*size = 0;
	if (operations == 0)
		return (retracted | entries | used | flags) == 0 && magnitude == 0 &&
		                       word_from(head + 12, 2) == 0
		               ? LOY_OK
		               : LOY_EFORMAT;
	if (operations > LOY__OPERATIONS_MAX || retracted > operations || magnitude > INT64_MAX ||
	    entries == 0 || used < entries || (flags & ~(unsigned)LOY_PROFILE_KEYS_DROPPED) != 0 ||
	    word_from(head + 12, 2) != 0)
		return LOY_EFORMAT;
	if (loy__record_reserve(&record, used, memory) != LOY_OK)
		return LOY_ENOMEM;
	record->operations = operations;
	record->retracted = retracted;
	record->entries = entries;
	record->used = used;
	record->flags = flags;
	record->magnitude = magnitude;
	*out = record;
	*words = (uint8_t *)record->words;
	*size = used * sizeof(uint64_t);
	return LOY_OK;
}

/* Bring the words that were read into the machine's order. */
static void make_native(loy__record *record)
{
	size_t i;

	for (i = 0; i < record->used && !is_little_endian(); i++)
		record->words[i] = word_from((const uint8_t *)&record->words[i], 8);
}

/* 1 when an entry is what packing its slots gives: no bits where none belong, chunks within their count of events. */
static int is_packed(uint32_t class, uint64_t entry, const uint64_t *data, const uint64_t *v)
{
	unsigned words = loy__entry_words(entry), shift = loy__class_shift(class);
	uint64_t again[LOY__SLOTS] = {0}, bounded[LOY__SLOTS], packed = entry >> shift << shift | words;

	loy__store(class, v, &packed, again);
	if (packed != entry || memcmp(again, data, words * sizeof(uint64_t)) != 0)
		return 0;
	if (class != LOY__CLASS_EVIDENCE)
		return 1;
	memcpy(bounded, v, sizeof(bounded));
	return loy__entry_fit(class, bounded) <= words && bounded[7] <= v[7];
}

static int entry_valid(const loy__record *record, const loy_schema *schema, uint64_t entry,
                       const uint64_t *data)
{
	uint32_t class = loy__entry_class(entry);
	uint64_t v[LOY__SLOTS] = {0};

	loy__load(class, entry, data, v);
	return loy__entry_valid(record, schema, class, loy__entry_key(entry), v) &&
	       is_packed(class, entry, data, v);
}

int loy__image_finish(loy__record *record, const loy_schema *schema)
{
	const uint64_t *data = record->words + record->entries;
	size_t left = (size_t)record->used - record->entries, listed = 0, i;
	uint64_t before = 0;
	int list_full = 0;

	make_native(record);
	for (i = 0; i < record->entries; i++) {
		uint64_t entry = record->words[i];
		uint32_t class = loy__entry_class(entry);
		unsigned words = loy__entry_words(entry);

		if (class < LOY__CLASS_FIRST || class > LOY__CLASS_LAST || (forms[class] >> words & 1) == 0 ||
		    words > left || entry >> loy__class_shift(class) << loy__class_shift(class) <= before)
			return 0;
		listed = (entry ^ before) >> loy__list_shift(entry) == 0 ? listed + 1 : 1;
		if (listed > loy__list_limit(entry) || !entry_valid(record, schema, entry, data))
			return 0;
		list_full |= listed == loy__list_limit(entry);
		before = entry;
		data += words;
		left -= words;
	}
	return left == 0 && (record->flags == 0 || list_full);
}
