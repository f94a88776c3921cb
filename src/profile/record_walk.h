/*
 * Walking over a record with ascending keys, to plan a change and then to make it: how events and other records
 * are added. Only record*.c includes this.
 */
#ifndef LOY_PROFILE_RECORD_WALK_H
#define LOY_PROFILE_RECORD_WALK_H

#include "profile/record.h"

/* Words that hold what entries `a` and `b` hold together; never fewer than `a` has. */
static LOY__ALWAYS_INLINE unsigned loy__entry_joined(uint32_t class, uint64_t a, uint64_t b)
{
	unsigned wa = loy__entry_words(a), wb = loy__entry_words(b), most = wa > wb ? wa : wb;
	uint64_t sum;

	switch (class) {
	case LOY__CLASS_KIND:
		return wa != 0 && wb != 0 ? 2 : most;
	case LOY__CLASS_MONEY:
		return most > 5 ? most : 5;
	case LOY__CLASS_EVIDENCE:
		return most == 6 || (a >> 40 & 255) + (b >> 40 & 255) > LOY__EVIDENCE_NARROW ? 6 : 4;
	case LOY__CLASS_ANSWER:
		return 7;
	case LOY__CLASS_SPAN:
		return 3;
	case LOY__CLASS_TAG:
		sum = loy__payload_signed(a, 14) + loy__payload_signed(b, 14);
		return most == 1 || sum + 0x2000 > 0x3fff;
	case LOY__CLASS_CATEGORY:
		sum = loy__payload_signed(a, 20) + loy__payload_signed(b, 20);
		return most == 2 || sum + 0x80000 > 0xfffff ? 2 : 1;
	default:
		return most;
	}
}

/* The neutral slots, spelled out for the classes that most events touch. */
static LOY__ALWAYS_INLINE void loy__entry_begin(uint32_t class, uint64_t *v)
{
	unsigned i;

	switch (class) {
	case LOY__CLASS_KIND:
		v[0] = 0;
		v[1] = (uint64_t)INT64_MAX;
		v[2] = (uint64_t)INT64_MIN;
		break;
	case LOY__CLASS_MONEY:
		v[0] = v[1] = v[2] = v[4] = v[5] = v[6] = v[7] = 0;
		v[3] = LOY__NO_DAY;
		break;
	case LOY__CLASS_EVIDENCE:
		v[0] = v[1] = v[2] = v[3] = v[4] = v[5] = v[6] = v[7] = 0;
		break;
	case LOY__CLASS_TAG:
		v[0] = 0;
		break;
	default:
		for (i = 0; i < LOY__SLOTS; i++)
			v[i] = loy__entry_neutral[class][i];
		break;
	}
}

/*
 * The same walk is done twice. LOY__PLAN only adds up how many words the record will grow by at most; when the
 * memory is there, LOY__CHANGE does the work and cannot fail.
 */
enum { LOY__PLAN, LOY__CHANGE };

typedef struct loy__walk {
	loy__record *record; /* may be NULL while planning */
	uint64_t *words;
	size_t entries;
	size_t index,
	        offset; /* of the first entry not below the last key, and of its data behind the directory */
	size_t growth;  /* planned, in words */
} loy__walk;

static inline void loy__walk_init(loy__walk *walk, loy__record *record)
{
	walk->record = record;
	walk->words = record != NULL ? record->words : NULL;
	walk->entries = record != NULL ? record->entries : 0;
	walk->index = 0;
	walk->offset = 0;
	walk->growth = 0;
}

/* Entries that share the bits from here up form one list, of which only the smallest keys are kept ...*/
unsigned loy__list_shift(uint64_t entry);
/* ... and so many of them; SIZE_MAX for keys that are few by their nature. */
size_t loy__list_limit(uint64_t entry);
/* Whether the list of `entry` keeps that key, which would go to this index. */
int loy__walk_admits(const uint64_t *words, size_t entries, size_t index, uint64_t entry);
/* Put a new entry where the walk stands; 0 when its list does not keep it. */
int loy__walk_insert(loy__walk *walk, uint64_t entry);
/* Give the entry where the walk stands more words. */
void loy__walk_widen(loy__walk *walk, unsigned words);

static inline uint64_t *loy__walk_data(const loy__walk *walk)
{
	return walk->words + walk->entries + walk->offset;
}

/* Move to the first entry not below `base`. */
static LOY__ALWAYS_INLINE void loy__walk_seek(loy__walk *walk, uint64_t base)
{
	size_t index = walk->index, offset = walk->offset;

	while (index < walk->entries && walk->words[index] < base)
		offset += loy__entry_words(walk->words[index++]);
	walk->index = index;
	walk->offset = offset;
}

static LOY__ALWAYS_INLINE void loy__walk_plan(loy__walk *walk, uint32_t class, uint64_t entry, int found)
{
	if (found) {
		uint64_t have = walk->words[walk->index];

		walk->growth += loy__entry_joined(class, have, entry) - loy__entry_words(have);
	} else if (loy__walk_admits(walk->words, walk->entries, walk->index, entry)) {
		walk->growth += 1 + loy__entry_words(entry);
	}
}

/* Add days to a month; `word` is both. */
static LOY__ALWAYS_INLINE void loy__walk_month(loy__walk *walk, int step, uint64_t word)
{
	if (step == LOY__PLAN)
		walk->growth += walk->record == NULL || !loy__record_has_month(walk->record, word);
	else
		loy__record_add_month(walk->record, word);
}

/*
 * Find or make an entry and expand it to its slots; 0 when its list has no room for the key, and while planning.
 * `entry` has the class, the key, and the words and payload of what is going to be added. After the slots are
 * changed, loy__close() packs them.
 */
static LOY__ALWAYS_INLINE int loy__open(loy__walk *walk, int step, uint32_t class, uint64_t entry,
                                        uint64_t *v)
{
	const unsigned shift = loy__class_shift(class);
	unsigned have, want;
	int found;

	loy__walk_seek(walk, entry >> shift << shift);
	found = LOY__LIKELY(walk->index < walk->entries && (walk->words[walk->index] ^ entry) >> shift == 0);
	if (step == LOY__PLAN) {
		loy__walk_plan(walk, class, entry, found);
		return 0;
	}
	if (!found) {
		if (!loy__walk_insert(walk, entry))
			return 0;
		loy__entry_begin(class, v);
		return 1;
	}
	have = loy__entry_words(walk->words[walk->index]);
	want = loy__entry_joined(class, walk->words[walk->index], entry);
	loy__load(class, walk->words[walk->index], loy__walk_data(walk), v);
	if (want != have)
		loy__walk_widen(walk, want);
	return 1;
}

static LOY__ALWAYS_INLINE void loy__close(loy__walk *walk, uint32_t class, const uint64_t *v)
{
	loy__store(class, v, &walk->words[walk->index], loy__walk_data(walk));
}

#endif
