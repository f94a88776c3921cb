/*
 * Records as they lie in memory, for snapshots: loading one is reading it. What comes from a file is hostile, so
 * every word is looked at before it is believed: what is accepted is a record that events could have made, as the
 * reader of canonical bytes sees it.
 */
#include "profile/record_walk.h"

#include <string.h>

static int is_little_endian(void)
{
	const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return first == 1;
}

/* ---- writing ---- */

size_t loy__image_size(const loy__record *record)
{
	if (record == NULL || record->operations == 0)
		return 0;
	return (LOY__IMAGE_HEAD + record->used * sizeof(uint64_t) + LOY__IMAGE_STEP - 1) / LOY__IMAGE_STEP *
	       LOY__IMAGE_STEP;
}

void loy__image_write(const loy__record *record, loy__writer *out)
{
	size_t i, size = loy__image_size(record);

	if (size == 0)
		return;
	loy__write_u32(out, record->operations);
	loy__write_u32(out, record->retracted);
	loy__write_u16(out, record->entries);
	loy__write_u16(out, record->months);
	loy__write_u16(out, record->used);
	loy__write_u16(out, (uint16_t)loy__record_flags(record));
	loy__write_u64(out, record->magnitude);
	if (is_little_endian())
		loy__write_bytes(out, record->words, record->used * sizeof(uint64_t));
	for (i = 0; i < record->used && !is_little_endian(); i++)
		loy__write_u64(out, record->words[i]);
	if (size > LOY__IMAGE_HEAD + record->used * sizeof(uint64_t))
		loy__write_u64(out, 0);
}

/* ---- looking at words ---- */

/* Bits of a directory word that belong to nothing, by class and number of words; all where there is no such form. */
#define BITS(from, end) ((UINT64_C(1) << (end)) - (UINT64_C(1) << (from)))
#define NONE            UINT64_MAX
static const uint64_t unused[LOY__CLASS_LAST + 1][8] = {
        {NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE},
        [LOY__CLASS_KIND] = {BITS(36, 40), BITS(36, 40), BITS(36, 40), NONE, NONE, NONE, NONE, NONE},
        [LOY__CLASS_MONEY] = {NONE, BITS(22, 24), NONE, NONE, NONE, BITS(22, 24), NONE, BITS(22, 24)},
        [LOY__CLASS_DAYS] = {BITS(35, 40), NONE, NONE, NONE, NONE, NONE, NONE, NONE},
        [LOY__CLASS_EVIDENCE] = {NONE, NONE, NONE, 0, 0, NONE, 0, NONE},
        [LOY__CLASS_WORST] = {NONE, BITS(4, 40), NONE, NONE, NONE, NONE, NONE, NONE},
        [LOY__CLASS_ANSWER] = {NONE, NONE, NONE, NONE, BITS(4, 24), NONE, NONE, BITS(4, 24)},
        [LOY__CLASS_SPAN] = {NONE, BITS(6, 40), NONE, BITS(36, 40), NONE, NONE, NONE, NONE},
        [LOY__CLASS_TAG] = {0, BITS(4, 18), NONE, NONE, NONE, NONE, NONE, NONE},
        [LOY__CLASS_CATEGORY] = {NONE, 0, BITS(4, 24), NONE, NONE, NONE, NONE, NONE},
        [LOY__CLASS_STATE] = {NONE, NONE, NONE, NONE, BITS(4, 18), NONE, NONE, NONE},
};

/* Whether a word of an entry has bits that belong to nothing. */
static int has_stray_bits(uint32_t class, unsigned words, const uint64_t *data)
{
	return words == 4 && ((class == LOY__CLASS_EVIDENCE && data[3] >> 60 != 0) ||
	                      (class == LOY__CLASS_ANSWER && data[3] >> 32 != 0));
}

/* Any entry, by its slots. */
static LOY__NOINLINE int slots_valid(const loy__record *record, const loy_schema *schema, uint64_t entry,
                                     const uint64_t *data)
{
	uint32_t class = loy__entry_class(entry);
	unsigned words = loy__entry_words(entry);
	uint64_t v[LOY__SLOTS] = {0}, bound;

	loy__load(class, entry, data, v);
	if (!loy__entry_valid(record, schema, class, loy__entry_key(entry), v) ||
	    has_stray_bits(class, words, data))
		return 0;
	if (class != LOY__CLASS_EVIDENCE)
		return 1;
	bound = v[7]; /* chunks lie within their count of events, or adding in place would overflow */
	return loy__entry_fit(class, v) <= words && v[7] <= bound;
}

/* |value| <= limit, for a limit below 2^63 */
static inline int within(uint64_t value, uint64_t limit)
{
	return value + limit <= 2 * limit;
}

static inline int top_valid(uint64_t top)
{
	return top - (uint64_t)(LOY__DECAY_TOP_LEAST + LOY__TOP_BIAS) <=
	       (uint64_t)(LOY__DECAY_TOP_MOST - LOY__DECAY_TOP_LEAST);
}

/*
 * Most entries are plain: sufficient conditions tell it at a glance, without branches on their forms, which no
 * processor foresees. What is not plain is taken apart. Forms are accepted ones.
 */
static LOY__ALWAYS_INLINE int kind_plain(const loy__record *record, uint64_t entry, const uint64_t *data)
{
	const uint64_t least = (uint64_t)LOY_TIME_MIN, span = (uint64_t)LOY_TIME_MAX - (uint64_t)LOY_TIME_MIN;
	unsigned words = loy__entry_words(entry);

	return words != 0 && (entry >> LOY__SHIFT_KIND & 0xffff) != 0 &&
	       (entry >> 4 & UINT32_MAX) <= record->operations &&
	       data[0] - least <= data[words - 1] - least && data[words - 1] - least <= span;
}

/* Purchases and discounts. A form of one word has none of what the others are masked for. */
static LOY__ALWAYS_INLINE int money_plain(const loy__record *record, uint64_t entry, const uint64_t *data)
{
	const uint64_t most = record->magnitude, day = entry >> 4 & (LOY__NO_DAY - 1);
	unsigned words = loy__entry_words(entry);
	size_t many = words == 5;
	uint64_t mask = UINT64_C(0) - (uint64_t)many, squares = data[many] & mask,
	         high = data[2 * many] & mask;
	uint64_t first = data[3 * many], discounts = data[4 * many] & mask;

	return words <= 5 && day - 1 <= (uint64_t)(LOY_TIME_MAX / LOY_DAY + LOY__DAY_BIAS) &&
	       most <= INT64_MAX / 4 && high == 0 && within(data[0], most) && within(first, most) &&
	       within(discounts, most) && within(data[0] - first, most) &&
	       (most > UINT32_MAX || squares <= most * most);
}

static LOY__ALWAYS_INLINE int month_plain(uint64_t entry)
{
	const uint64_t count = UINT64_C(12) * (2200 - 1900),
	               first = LOY__MONTH_BIAS - UINT64_C(12) * (1970 - 1900);
	uint64_t days = entry >> 4 & INT32_MAX;

	return (entry >> LOY__SHIFT_DAYS & 0xffff) - first < count && days - 1 < (1u << 28) - 1;
}

/* Chunks of 32 bits are those of 42 bits with nothing above. */
static LOY__ALWAYS_INLINE int evidence_plain(const loy__record *record, const loy_schema *schema,
                                             uint64_t entry, const uint64_t *data)
{
	const uint64_t count = entry >> 40 & 255, all = (uint64_t)record->operations * UINT32_MAX;
	const uint64_t limit = count << 32 < all ? count << 32 : all;
	unsigned words = loy__entry_words(entry);
	size_t wide = words == 4;
	uint64_t mask = UINT64_C(0) - (uint64_t)wide,
	         high = (data[3 * wide] & mask) | (LOY__CHUNK_HIGHS & ~mask);

	return words != 6 && (entry >> LOY__SHIFT_EVIDENCE & 255) < 2 * (uint64_t)schema->channel_count &&
	       top_valid(entry >> 4 & 0x3ffff) && top_valid(entry >> 22 & 0x3ffff) && high >> 60 == 0 &&
	       within(loy__chunk(data[0] & UINT32_MAX, high, 0), limit) &&
	       within(loy__chunk(data[0] >> 32, high, 1), limit) &&
	       within(loy__chunk(data[1] & UINT32_MAX, high, 2), limit) &&
	       within(loy__chunk(data[1] >> 32, high, 3), limit) &&
	       within(loy__chunk(data[2] & UINT32_MAX, high, 4), limit) &&
	       within(loy__chunk(data[2] >> 32, high, 5), limit);
}

/* Where a walk over the directory stands. */
struct look {
	const loy__record *record;
	const loy_schema *schema;
	const uint64_t *word, *directory_end, *data, *end;
	uint64_t before; /* directory word */
	uint64_t bad;    /* not 0: something cannot be */
	int list_full;   /* some list has as many keys as are kept */
};

/* Whether the next directory word has an accepted form and follows in order, and its data lies in the record. */
static LOY__ALWAYS_INLINE int form_valid(const struct look *at, uint32_t class, uint64_t entry)
{
	unsigned words = loy__entry_words(entry), shift = loy__class_shift(class);

	return words < 8 && (entry & unused[class][words]) == 0 && words <= (size_t)(at->end - at->data) &&
	       entry >> shift << shift > at->before;
}

/* All entries of one class, which the compiler knows: their plain ones cost little. */
static LOY__ALWAYS_INLINE void look_at_class(struct look *at, uint32_t class, size_t most)
{
	const uint64_t *first = at->word;

	for (; at->word < at->directory_end && loy__entry_class(*at->word) == class; at->word++) {
		uint64_t entry = *at->word;
		int plain;

		if (LOY__UNLIKELY(!form_valid(at, class, entry))) {
			at->bad = 1;
			return;
		}
		plain = class == LOY__CLASS_KIND    ? kind_plain(at->record, entry, at->data)
		        : class == LOY__CLASS_MONEY ? money_plain(at->record, entry, at->data)
		                                    : evidence_plain(at->record, at->schema, entry, at->data);
		if (LOY__UNLIKELY(!plain))
			at->bad |= !slots_valid(at->record, at->schema, entry, at->data);
		at->before = entry;
		at->data += loy__entry_words(entry);
	}
	at->bad |= (size_t)(at->word - first) > most;
	at->list_full |= (size_t)(at->word - first) == most;
}

/* The other entries, which fewer customers have. */
static LOY__NOINLINE void look_at_others(struct look *at)
{
	const uint64_t *list = at->word;

	for (; at->word < at->directory_end; at->word++) {
		uint64_t entry = *at->word;
		uint32_t class = loy__entry_class(entry);

		if (class <= LOY__CLASS_EVIDENCE || class > LOY__CLASS_LAST ||
		    !form_valid(at, class, entry) || !slots_valid(at->record, at->schema, entry, at->data)) {
			at->bad = 1;
			return;
		}
		if ((entry ^ at->before) >> loy__list_shift(entry) != 0)
			list = at->word;
		at->bad |= (size_t)(at->word - list) >= loy__list_limit(entry);
		at->list_full |= (size_t)(at->word - list) + 1 == loy__list_limit(entry);
		at->before = entry;
		at->data += loy__entry_words(entry);
	}
}

/* Months, which have a place of their own. */
static int months_valid(const loy__record *record, const loy_schema *schema)
{
	const uint64_t *word = loy__record_months_read(record), *end = word + record->months;
	uint64_t before = 0, bad = 0;

	for (; word < end; word++) {
		bad |= loy__entry_class(*word) != LOY__CLASS_DAYS || loy__entry_words(*word) != 0 ||
		       (*word & unused[LOY__CLASS_DAYS][0]) != 0 || *word >> LOY__SHIFT_DAYS <= before;
		if (LOY__UNLIKELY(!bad && !month_plain(*word)))
			bad |= !slots_valid(record, schema, *word, word);
		before = *word >> LOY__SHIFT_DAYS;
	}
	return !bad;
}

static int words_valid(const loy__record *record, const loy_schema *schema)
{
	const uint64_t *words = record->words, *data = words + record->entries;
	struct look at = {record, schema, words, data, data, loy__record_months_read(record), 0, 0, 0};

	look_at_class(&at, LOY__CLASS_KIND, LOY__KINDS_KEPT);
	look_at_class(&at, LOY__CLASS_MONEY, LOY_PROFILE_KEYS_MAX);
	look_at_class(&at, LOY__CLASS_EVIDENCE, SIZE_MAX);
	if (at.word != at.directory_end) {
		struct look rest = at; /* so that `at` need not have an address */

		look_at_others(&rest);
		at = rest;
	}
	return !at.bad && at.word == at.directory_end && at.data == at.end && months_valid(record, schema) &&
	       (!record->dropped || at.list_full);
}

/* ---- reading ---- */

/* Bring the words that were read into the machine's order. */
static void make_native(loy__record *record)
{
	size_t i;

	for (i = 0; i < record->used && !is_little_endian(); i++)
		record->words[i] = loy__get_u64((const uint8_t *)&record->words[i]);
}

loy__record *loy__image_open(void *image, size_t size, const loy_schema *schema)
{
	const uint8_t *head = image;
	loy__record *record = image, fresh = {0};
	uint32_t retracted;
	uint64_t flags;

	if (size < LOY__IMAGE_HEAD)
		return NULL;
	flags = loy__get_u16(head + 14);
	fresh.operations = loy__get_u32(head);
	retracted = loy__get_u32(head + 4);
	fresh.entries = (uint16_t)loy__get_u16(head + 8);
	fresh.months = (uint16_t)loy__get_u16(head + 10);
	fresh.used = (uint16_t)loy__get_u16(head + 12);
	fresh.retracted = retracted & LOY__RETRACTED_MASK;
	fresh.dropped = (flags & LOY_PROFILE_KEYS_DROPPED) != 0;
	fresh.magnitude = loy__get_u64(head + 16);
	if (fresh.operations - 1 >= LOY__OPERATIONS_MAX || retracted > fresh.operations ||
	    fresh.magnitude > INT64_MAX || (fresh.entries | fresh.months) == 0 ||
	    fresh.used < (uint32_t)fresh.entries + fresh.months ||
	    (flags & ~(uint64_t)LOY_PROFILE_KEYS_DROPPED) != 0)
		return NULL;
	fresh.capacity = fresh.used | 1;
	if (LOY__IMAGE_HEAD + fresh.capacity * sizeof(uint64_t) != size)
		return NULL;
	*record = fresh;
	make_native(record);
	return words_valid(record, schema) ? record : NULL;
}
