/*
 * How a record lies in memory. Only record*.c and profile.c include this.
 *
 * One block: a header, then words. The first `entries` words are the directory, ascending; the data words of
 * the entries follow in the same order. A directory word is, from the top: class (8 bits), key (as many bits as
 * the class needs), payload (what small counts and marks fit there), and in the lowest 4 bits how many data
 * words the entry has. So whoever walks the directory knows where the data lies, and no entry is held twice.
 *
 * Months (DAYS) are words of the same kind without data. They are many, and of interest only for themselves, so
 * they lie at the end of the block, ascending: what most events touch then lies together at the start, and a new
 * month goes where the block ends. As bytes they have the place their class has.
 *
 * An entry is held in one of a few forms, told apart by its number of words: one event alone takes the shortest,
 * more events a longer one. The form is not part of the content: two records are equal when their entries
 * expand to the same slots, and only slots are written as bytes.
 *
 *	class     key bits    payload                            words
 *	KIND      40-55       count (32)                         0 no times; 1 one time; 2 first, last
 *	MONEY     24-55       first day (18)                     1 one purchase; 5; 7 with returned, compensations
 *	DAYS      40-55       bits of days (31)                  0, at the end
 *	EVIDENCE  48-55       tops (2 x 18), events (8)          3 chunks of 32 bits; 4 of 42 bits; 6 of 64 bits
 *	WORST     40-55                                          1
 *	ANSWER    24-55                                          4 one answer; 7
 *	SPAN      40-55       one span: targeted, within; else   1 one span; 3
 *	                      count (32)
 *	TAG       18-55       count (14)                         0; 1 count
 *	CATEGORY  24-55       count (20)                         1 spend; 2 spend, count
 *	STATE     18-55                                          4
 *
 * Nothing overflows: an event adds at most its magnitude (the largest amount of its money and spans) to any sum
 * of 64 bits, and the magnitudes of all events together, those taken back included, stay below 2^63. That bound
 * is a sum itself, so whether an event still fits does not depend on the order. Squares then stay below 2^126,
 * and with at most 2^28 operations no count leaves 32 bits and no chunk of a decayed sum 2^60.
 */
#ifndef LOY_PROFILE_RECORD_H
#define LOY_PROFILE_RECORD_H

#include "profile/record_form.h"

#define LOY__OPERATIONS_MAX UINT32_C(0x10000000) /* events added and taken back */
#define LOY__KINDS_KEPT     256                  /* of KIND entries, the smallest keys */

#define LOY__RETRACTED_MASK UINT32_C(0x3fffffff) /* as many bits as it has */

struct loy__record {
	uint32_t operations;     /* events added and taken back */
	unsigned retracted : 30; /* of these, taken back */
	unsigned dropped : 1;    /* LOY_PROFILE_KEYS_DROPPED; LOY_PROFILE_RETRACTED follows from `retracted` */
	uint16_t entries;        /* words of the directory */
	uint16_t months;         /* words of months */
	uint16_t used;           /* words, those of directory and months included */
	uint16_t capacity;       /* words */
	uint64_t magnitude;      /* of all operations; at most INT64_MAX */
	uint64_t words[];
};

/* What an entry of a class holds before anything was added, and how many slots it has (record_entry.c). */
extern const uint64_t loy__entry_neutral[LOY__CLASS_LAST + 1][LOY__SLOTS];
extern const uint8_t loy__entry_slots[LOY__CLASS_LAST + 1];
/* Add the slots `u` to the slots `v`. Cannot overflow, see above. */
void loy__entry_combine(uint32_t class, uint64_t *v, const uint64_t *u);
/* 1 when `u` comes after `v`, by their slots 0 to 3: time, identity, value. */
int loy__entry_later(const uint64_t *u, const uint64_t *v);
/* Words of the shortest form that holds these slots; sets slot 7 of EVIDENCE. */
unsigned loy__entry_fit(uint32_t class, uint64_t *v);
/*
 * 1 when these slots could be an entry with this key of a record with this header, else 0. The key has no more
 * bits than keys of its class.
 */
int loy__entry_valid(const loy__record *header, const loy_schema *schema, uint32_t class, uint64_t key,
                     const uint64_t *v);
/* The event fields that are counted as tags, ascending. */
#define LOY__TAG_FIELDS 7
extern const uint8_t loy__tag_fields[LOY__TAG_FIELDS];
/* 1 when durations of this kind are kept. */
int loy__kind_has_span(uint32_t kind);

/* ---- blocks (record.c) ---- */

/* What stands for NULL. A block without operations is empty as well. */
extern const loy__record loy__record_empty;
/* Make it empty, keep its block. NULL is allowed. */
void loy__record_clear(loy__record *record);
/* An empty record with room for so many words; NULL when out of memory. */
loy__record *loy__record_new(size_t words, const loy_allocator *memory);
/* Make room for `growth` more words. LOY_ENOMEM: unchanged. */
loy_status loy__record_reserve(loy__record **record, size_t growth, const loy_allocator *memory);
/* The words of months: record->months of them. */
static inline uint64_t *loy__record_months(loy__record *record)
{
	return record->words + record->used - record->months;
}
static inline const uint64_t *loy__record_months_read(const loy__record *record)
{
	return record->words + record->used - record->months;
}
/* Index of the first of ascending words that is not below `base`; the last ones are looked at first. */
static inline size_t loy__months_seek(const uint64_t *words, size_t count, uint64_t base)
{
	size_t low = 0, high = count;

	if (count != 0 && words[count - 1] < base)
		return count;
	if (count > 1 && words[count - 2] < base)
		return count - 1;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (words[middle] < base)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
static inline int loy__record_has_month(const loy__record *record, uint64_t word)
{
	const uint64_t *months = loy__record_months_read(record);
	size_t at = loy__months_seek(months, record->months, word >> LOY__SHIFT_DAYS << LOY__SHIFT_DAYS);

	return at < record->months && (months[at] ^ word) >> LOY__SHIFT_DAYS == 0;
}
/* Add days to a month; `word` is both. There is room for a new one. */
void loy__record_add_month(loy__record *record, uint64_t word);
static inline uint32_t loy__record_flags(const loy__record *record)
{
	return record->dropped ? LOY_PROFILE_KEYS_DROPPED : 0;
}
/* The directory word of a key, and where its data lies; NULL when there is none. */
const uint64_t *loy__record_find(const loy__record *record, uint32_t class, uint64_t key,
                                 const uint64_t **data);
/* Local days with purchases; `first` and `last`, days since 1970, count when there are any. */
typedef struct loy__purchase_days {
	int64_t days, months, first, last;
} loy__purchase_days;
void loy__record_purchase_days(const loy__record *record, loy__purchase_days *out);

#endif
