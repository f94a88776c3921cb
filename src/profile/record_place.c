/*
 * Adding an event in place. Most events of a known customer touch entries that are there and wide enough: then
 * nothing grows, nothing moves, and no entry needs to be taken apart. What does not fit is left to record_apply.c,
 * which can do everything; both give the same record.
 */
#include "profile/record_change.h"

#define EVIDENCE_MOST 8 /* sums of evidence for or against that one event can add to here */

/* Where an entry lies, and its data. */
struct spot {
	uint64_t *entry, *data;
};

struct spots {
	struct spot kind, money, day, worst, category;
	struct spot evidence[EVIDENCE_MOST], tag[LOY__TAG_FIELDS];
	loy__decay slow[EVIDENCE_MOST], fast[EVIDENCE_MOST];
	uint32_t tags;
};

/* A place in the directory and in the data behind it. */
struct cursor {
	uint64_t *words, *data;
	size_t entries, index;
};

#define PARTS_HERE (LOY__PART_DAY | LOY__PART_WORST | LOY__PART_TAGS | LOY__PART_CATEGORIES)

/* Find an entry at or after the cursor. */
static LOY__ALWAYS_INLINE int find(struct cursor *at, uint64_t entry, unsigned shift, struct spot *spot)
{
	uint64_t *words = at->words, *data = at->data;
	size_t index = at->index;

	while (index < at->entries && words[index] < entry)
		data += loy__entry_words(words[index++]);
	at->index = index;
	at->data = data;
	spot->entry = &words[index];
	spot->data = data;
	return index < at->entries && (words[index] ^ entry) >> shift == 0;
}

/* The first entry not below `entry` among those without data: months are many. */
static LOY__ALWAYS_INLINE size_t halve(const struct cursor *at, size_t count, uint64_t entry)
{
	size_t index = at->index;

	while (count > 0) {
		size_t half = count / 2;
		int below = at->words[index + half] < entry;

		index += below ? half + 1 : 0;
		count = below ? count - half - 1 : half;
	}
	return index;
}

static LOY__ALWAYS_INLINE int find_day(struct cursor *at, const struct loy__change *c, struct spot *spot)
{
	uint64_t entry = LOY__ENTRY(DAYS, c->month);
	size_t days;

	/* entries before the first month may have data, those of months have none */
	while (at->index < at->entries && at->words[at->index] < (uint64_t)LOY__CLASS_DAYS << 56)
		at->data += loy__entry_words(at->words[at->index++]);
	days = halve(at, at->entries - at->index, (uint64_t)LOY__CLASS_EVIDENCE << 56) - at->index;
	if (c->parts & LOY__PART_DAY) {
		size_t index = halve(at, days, entry);

		spot->entry = &at->words[index];
		if (index == at->index + days || (at->words[index] ^ entry) >> LOY__SHIFT_DAYS != 0)
			return 0;
	}
	at->index += days;
	return 1;
}

/* Bring a sum's addend down to where the sum's chunks are; 0 when it reaches above them. */
static LOY__ALWAYS_INLINE int lower(loy__decay *addend, uint64_t top)
{
	int32_t down = (int32_t)top - LOY__TOP_BIAS - addend->top;

	if (LOY__LIKELY(down == 0))
		return 1;
	if (down < 0)
		return 0;
	addend->chunk[2] = down == 1 ? addend->chunk[1] : down == 2 ? addend->chunk[0] : 0;
	addend->chunk[1] = down == 1 ? addend->chunk[0] : 0;
	addend->chunk[0] = 0;
	return 1;
}

static LOY__ALWAYS_INLINE int find_evidence(struct cursor *at, struct loy__change *c, struct spots *s)
{
	uint32_t i;

	if (c->evidence_count > EVIDENCE_MOST)
		return 0;
	for (i = 0; i < c->evidence_count; i++) {
		unsigned channel = c->evidence[i] / 2;
		uint64_t entry;

		if (!find(at, LOY__ENTRY(EVIDENCE, c->evidence[i]), LOY__SHIFT_EVIDENCE, &s->evidence[i]))
			return 0;
		entry = *s->evidence[i].entry;
		if (loy__entry_words(entry) < 4 ||
		    (loy__entry_words(entry) == 4 && (entry >> 40 & 255) >= LOY__EVIDENCE_NARROW))
			return 0;
		loy__decay_addend(&s->slow[i], loy__change_time(c, c->schema->slow_index[channel]),
		                  c->amount[i]);
		loy__decay_addend(&s->fast[i], loy__change_time(c, c->schema->fast_index[channel]),
		                  c->amount[i]);
		if (!lower(&s->slow[i], entry >> 4 & 0x3ffff) || !lower(&s->fast[i], entry >> 22 & 0x3ffff))
			return 0;
	}
	return 1;
}

/* Counts in the payload have room for one more, and are not negative. */
static LOY__ALWAYS_INLINE int has_room(uint64_t entry, unsigned bits)
{
	return (entry >> 4 & ((UINT64_C(1) << bits) - 1)) < (UINT64_C(1) << (bits - 1)) - 1;
}

static int find_rest(struct cursor *at, const struct loy__change *c, struct spots *s)
{
	const loy_event *event = c->event;
	int i;

	if ((c->parts & LOY__PART_WORST) != 0 && !find(at, LOY__ENTRY(WORST, 0), LOY__SHIFT_WORST, &s->worst))
		return 0;
	for (i = 0; (c->parts & LOY__PART_TAGS) != 0 && i < LOY__TAG_FIELDS; i++) {
		uint64_t key = (uint64_t)loy__tag_fields[i] << 32;

		if (!loy__event_has(event, loy__tag_fields[i]))
			continue;
		key |= (uint64_t)event->field[loy__tag_fields[i]];
		if (!find(at, LOY__ENTRY(TAG, key), LOY__SHIFT_TAG, &s->tag[s->tags]) ||
		    (loy__entry_words(*s->tag[s->tags].entry) == 0 && !has_room(*s->tag[s->tags].entry, 14)))
			return 0;
		s->tags++;
	}
	if ((c->parts & LOY__PART_CATEGORIES) == 0)
		return 1;
	return find(at, LOY__ENTRY(CATEGORY, event->field[LOY_FIELD_CATEGORY]), LOY__SHIFT_CATEGORY,
	            &s->category) &&
	       (loy__entry_words(*s->category.entry) == 2 || has_room(*s->category.entry, 20));
}

static void add_money(const struct spot *spot, const struct loy__change *c)
{
	uint64_t size = (uint64_t)(c->purchased < 0 ? -c->purchased : c->purchased), *w = spot->data;
	uint64_t low, high, day = (uint64_t)(c->day + LOY__DAY_BIAS),
	                    first = *spot->entry >> 4 & (LOY__NO_DAY - 1);

	w[0] += (uint64_t)c->purchased;
	low = loy__multiply_full(size, size, &high);
	loy__wide_accumulate(&w[1], low, high);
	if (LOY__UNLIKELY(day < first || first == 0)) {
		*spot->entry = (*spot->entry & ~((LOY__NO_DAY - 1) << 4)) | day << 4;
		first = day;
		w[3] = 0;
	}
	if (day == first)
		w[3] += (uint64_t)c->purchased;
	w[4] += (uint64_t)c->discount;
}

static void add_rest(const struct spots *s, const struct loy__change *c)
{
	uint32_t i;

	if ((c->parts & LOY__PART_WORST) != 0 && c->worst > loy__signed(s->worst.data[0]))
		s->worst.data[0] = (uint64_t)c->worst;
	for (i = 0; i < s->tags; i++) {
		if (loy__entry_words(*s->tag[i].entry) == 0)
			*s->tag[i].entry += UINT64_C(1) << 4;
		else
			s->tag[i].data[0]++;
	}
	if ((c->parts & LOY__PART_CATEGORIES) == 0)
		return;
	s->category.data[0] += (uint64_t)c->purchased;
	if (loy__entry_words(*s->category.entry) == 1)
		*s->category.entry += UINT64_C(1) << 4;
	else
		s->category.data[1]++;
}

int loy__change_in_place(loy__record *record, struct loy__change *c)
{
	struct cursor at = {record->words, record->words + record->entries, record->entries, 0};
	int purchase = c->event->kind == LOY_KIND_PURCHASE;
	int rest = (c->parts & ~(unsigned)LOY__PART_DAY) != 0;
	struct spots s;
	uint32_t i;

	if (c->sign < 0 || c->categories != NULL || c->money_words == 7 ||
	    (c->parts & ~(unsigned)PARTS_HERE) != 0)
		return 0;
	if (!find(&at, LOY__ENTRY(KIND, c->event->kind), LOY__SHIFT_KIND, &s.kind) ||
	    loy__entry_words(*s.kind.entry) != 2 || !has_room(*s.kind.entry, 32))
		return 0;
	if (purchase && (!find(&at, LOY__ENTRY(MONEY, loy__change_currency(c)), LOY__SHIFT_MONEY, &s.money) ||
	                 loy__entry_words(*s.money.entry) < 5))
		return 0;
	s.tags = 0;
	if (!find_day(&at, c, &s.day) || !find_evidence(&at, c, &s) || (rest && !find_rest(&at, c, &s)))
		return 0;
	/* everything has its place: nothing fails from here on */
	*s.kind.entry += UINT64_C(1) << 4;
	if (c->event->time < loy__signed(s.kind.data[0]))
		s.kind.data[0] = (uint64_t)c->event->time;
	if (c->event->time > loy__signed(s.kind.data[1]))
		s.kind.data[1] = (uint64_t)c->event->time;
	if (purchase) {
		add_money(&s.money, c);
		*s.day.entry |= c->day_bit << 4;
	}
	for (i = 0; i < c->evidence_count; i++)
		loy__add_in_place(s.evidence[i].entry, s.evidence[i].data, &s.slow[i], &s.fast[i]);
	if (rest)
		add_rest(&s, c);
	return 1;
}
