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

static inline uint64_t native_word(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
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
 * Most entries are plain: sufficient conditions, form included, tell it at a glance, without branches on their forms,
 * which no processor foresees. What is not plain is taken apart. Data is there in the record.
 */
static LOY__ALWAYS_INLINE int kind_plain(const loy__record *record, uint64_t entry, const uint64_t *data)
{
	const uint64_t least = (uint64_t)LOY_TIME_MIN, span = (uint64_t)LOY_TIME_MAX - (uint64_t)LOY_TIME_MIN;
	unsigned words = loy__entry_words(entry);

	/* one form or the other; a count is of 32 bits, and what lies above it is not used */
	return words - 1 < 2 && (entry >> LOY__SHIFT_KIND & 0xffff) != 0 &&
	       (entry >> 4 & BITS(0, 36)) <= record->operations &&
	       data[0] - least <= data[words - 1] - least && data[words - 1] - least <= span;
}

/* Purchases and discounts. A form of one word has none of what the others are masked for. */
static LOY__ALWAYS_INLINE int money_plain(const loy__record *record, uint64_t entry, const uint64_t *data)
{
	const uint64_t most = record->magnitude, day = entry >> 4 & BITS(0, 20);
	size_t words = loy__entry_words(entry), many = words == 5;
	uint64_t mask = UINT64_C(0) - (uint64_t)many, squares, high, first, discounts;

	if (words != 1 + 4 * many || day - 1 > (uint64_t)(LOY_TIME_MAX / LOY_DAY + LOY__DAY_BIAS) ||
	    most > INT64_MAX / 4)
		return 0;
	squares = data[many] & mask;
	high = data[2 * many] & mask;
	first = data[3 * many];
	discounts = data[4 * many] & mask;
	return high == 0 && within(data[0], most) && within(first, most) && within(discounts, most) &&
	       within(data[0] - first, most) && (most > UINT32_MAX || squares <= most * most);
}

/* Chunks of 32 bits are those of 42 bits with nothing above. */
static LOY__ALWAYS_INLINE int evidence_plain(const loy__record *record, const loy_schema *schema,
                                             uint64_t entry, const uint64_t *data)
{
	const uint64_t count = entry >> 40 & 255, all = (uint64_t)record->operations * UINT32_MAX;
	const uint64_t limit = count << 32 < all ? count << 32 : all;
	size_t words = loy__entry_words(entry), wide = words == 4;
	uint64_t mask = UINT64_C(0) - (uint64_t)wide, high;

	if (words != 3 + wide ||
	    (entry >> LOY__SHIFT_EVIDENCE & 255) >= 2 * (uint64_t)schema->channel_count ||
	    !top_valid(entry >> 4 & 0x3ffff) || !top_valid(entry >> 22 & 0x3ffff))
		return 0;
	high = (data[3 * wide] & mask) | (LOY__CHUNK_HIGHS & ~mask);
	return high >> 60 == 0 && within(loy__chunk(data[0] & UINT32_MAX, high, 0), limit) &&
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
	int bad; /* something cannot be */
};

/* Whether a directory word has an accepted form. */
static inline int form_valid(uint64_t entry)
{
	unsigned words = loy__entry_words(entry);

	return words < 8 && (entry & unused[loy__entry_class(entry)][words]) == 0;
}

/* Whether a directory word comes behind the one before it in its class (0: none), and its data lies in the record. */
static LOY__ALWAYS_INLINE int follows(const struct look *at, uint32_t class, uint64_t entry, uint64_t before)
{
	unsigned shift = loy__class_shift(class);

	return entry >> shift > before >> shift && loy__entry_words(entry) <= (size_t)(at->end - at->data);
}

/* All entries of one class, which the compiler knows: their plain ones cost little. */
static LOY__ALWAYS_INLINE void look_at_class(struct look *at, uint32_t class, size_t most)
{
	const uint64_t *first = at->word;
	uint64_t before = 0;

	for (; at->word < at->directory_end && loy__entry_class(*at->word) == class; at->word++) {
		uint64_t entry = *at->word;
		int plain;

		if (LOY__UNLIKELY(!follows(at, class, entry, before))) {
			at->bad = 1;
			return;
		}
		plain = class == LOY__CLASS_KIND    ? kind_plain(at->record, entry, at->data)
		        : class == LOY__CLASS_MONEY ? money_plain(at->record, entry, at->data)
		                                    : evidence_plain(at->record, at->schema, entry, at->data);
		if (LOY__UNLIKELY(!plain))
			at->bad |=
			        !form_valid(entry) || !slots_valid(at->record, at->schema, entry, at->data);
		before = entry;
		at->data += loy__entry_words(entry);
	}
	at->bad |= (size_t)(at->word - first) > most;
}

/* The other entries, which fewer customers have. */
static LOY__NOINLINE void look_at_others(struct look *at)
{
	const uint64_t *list = at->word;
	uint64_t before = 0;

	for (; at->word < at->directory_end; at->word++) {
		uint64_t entry = *at->word;
		uint32_t class = loy__entry_class(entry);

		if (class <= LOY__CLASS_EVIDENCE || class > LOY__CLASS_LAST || !form_valid(entry) ||
		    !follows(at, class, entry, before) ||
		    !slots_valid(at->record, at->schema, entry, at->data)) {
			at->bad = 1;
			return;
		}
		if ((entry ^ before) >> loy__list_shift(entry) != 0)
			list = at->word;
		at->bad |= (size_t)(at->word - list) >= loy__list_limit(entry);
		before = entry;
		at->data += loy__entry_words(entry);
	}
}

/* Whether some list has as many keys as are kept: else none was dropped. */
static int some_list_full(const loy__record *record)
{
	size_t i, listed = 0;
	int full = 0;

	for (i = 0; i < record->entries; i++) {
		uint64_t entry = record->words[i];

		listed = i != 0 && (entry ^ record->words[i - 1]) >> loy__list_shift(entry) == 0 ? listed + 1
		                                                                                 : 1;
		full |= listed == loy__list_limit(entry);
	}
	return full;
}

/*
 * Months, which have a place of their own, at a glance, from the last to the first: they descend, so these two tell
 * whether all are months that there are. Four at a time, of which some may not be months but what lies before them,
 * which is masked: how many months there are no processor foresees.
 */
#define MONTHS_FIRST (LOY__MONTH_BIAS - UINT64_C(12) * (1970 - 1900) + ((uint64_t)LOY__CLASS_DAYS << 16))
#define MONTHS       (UINT64_C(12) * (2200 - 1900))

/* Bits below the month that it cannot have, by the first four bits of its number's fraction of a year. */
#define LONG_MONTH  (BITS(0, 4) | BITS(35, 40))
#define SHORT_MONTH (BITS(0, 4) | BITS(34, 40))
#define FEBRUARY    (BITS(0, 4) | BITS(32, 40)) /* of most years */
#define TWELFTH     UINT32_C(0x15555556)        /* of 2^32, rounded up: no product reaches the next twelfth */
static const uint64_t month_unused[16] = {
        LONG_MONTH, FEBRUARY,   LONG_MONTH,  NONE, SHORT_MONTH, LONG_MONTH,  SHORT_MONTH, NONE,
        LONG_MONTH, LONG_MONTH, SHORT_MONTH, NONE, LONG_MONTH,  SHORT_MONTH, LONG_MONTH,  NONE,
};

struct months {
	uint64_t after, stray, wrapped;
};

static LOY__ALWAYS_INLINE void look_at_month(struct months *at, uint64_t word, uint64_t mask)
{
	uint64_t month = word >> LOY__SHIFT_DAYS;

	at->stray |= word & mask & month_unused[(uint32_t)(month - MONTHS_FIRST) * TWELFTH >> 28];
	at->wrapped |= mask & (((word << 24) - 1) | (at->after - month - 1));
	at->after = month;
}

static LOY__ALWAYS_INLINE int months_plain(const loy__record *record)
{
	const uint8_t *end = (const uint8_t *)(record->words + record->used);
	struct months at = {MONTHS_FIRST + MONTHS, 0, 0};
	uint32_t left = record->months;

	if (left != 0 && *loy__record_months_read(record) >> LOY__SHIFT_DAYS < MONTHS_FIRST)
		return 0;
	/* there are four words at the least: those of the head, and a month */
	for (; left > 0; left -= left < 4 ? left : 4, end -= 32) {
		look_at_month(&at, native_word(end - 8), UINT64_MAX);
		look_at_month(&at, native_word(end - 16), UINT64_C(0) - (left > 1));
		look_at_month(&at, native_word(end - 24), UINT64_C(0) - (left > 2));
		look_at_month(&at, native_word(end - 32), UINT64_C(0) - (left > 3));
	}
	return (at.stray | at.wrapped >> 63) == 0;
}

/* The same for what is not plain: the 29th of February. */
static LOY__NOINLINE int months_valid(const loy__record *record, const loy_schema *schema)
{
	const uint64_t *word = loy__record_months_read(record), *end = word + record->months;
	uint64_t before = 0;

	for (; word < end; word++) {
		if (loy__entry_class(*word) != LOY__CLASS_DAYS || loy__entry_words(*word) != 0 ||
		    !form_valid(*word) || *word >> LOY__SHIFT_DAYS <= before ||
		    !slots_valid(record, schema, *word, word))
			return 0;
		before = *word >> LOY__SHIFT_DAYS;
	}
	return 1;
}

static LOY__ALWAYS_INLINE int words_valid(const loy__record *record, const loy_schema *schema)
{
	const uint64_t *words = record->words, *data = words + record->entries;
	struct look at = {record, schema, words, data, data, loy__record_months_read(record), 0};

	look_at_class(&at, LOY__CLASS_KIND, LOY__KINDS_KEPT);
	look_at_class(&at, LOY__CLASS_MONEY, LOY_PROFILE_KEYS_MAX);
	look_at_class(&at, LOY__CLASS_EVIDENCE, SIZE_MAX);
	if (at.word != at.directory_end) {
		struct look rest = at; /* so that `at` need not have an address */

		look_at_others(&rest);
		at = rest;
	}
	return !at.bad && at.word == at.directory_end && at.data == at.end &&
	       (LOY__LIKELY(months_plain(record)) || months_valid(record, schema)) &&
	       (LOY__LIKELY(!record->dropped) || some_list_full(record));
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
	loy__record *record = image;
	uint64_t counts, words, magnitude;
	uint32_t operations, retracted, entries, months, used, flags;

	if (size < LOY__IMAGE_HEAD)
		return NULL;
	counts = loy__get_u64(head);
	words = loy__get_u64(head + 8);
	magnitude = loy__get_u64(head + 16);
	operations = (uint32_t)counts;
	retracted = (uint32_t)(counts >> 32);
	entries = (uint32_t)words & 0xffff;
	months = (uint32_t)(words >> 16) & 0xffff;
	used = (uint32_t)(words >> 32) & 0xffff;
	flags = (uint32_t)(words >> 48);
	if (operations - 1 >= LOY__OPERATIONS_MAX || retracted > operations || magnitude > INT64_MAX ||
	    (entries | months) == 0 || used < entries + months ||
	    (flags & ~(uint32_t)LOY_PROFILE_KEYS_DROPPED) != 0 ||
	    LOY__IMAGE_HEAD + (used | 1) * sizeof(uint64_t) != size)
		return NULL;
	record->operations = operations;
	record->retracted = retracted & LOY__RETRACTED_MASK;
	record->dropped = (flags & LOY_PROFILE_KEYS_DROPPED) != 0;
	record->entries = (uint16_t)entries;
	record->months = (uint16_t)months;
	record->used = (uint16_t)used;
	record->capacity = (uint16_t)(used | 1);
	record->magnitude = magnitude;
	make_native(record);
	return words_valid(record, schema) ? record : NULL;
}
