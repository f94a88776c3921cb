/*
 * Adding an event in place. Most events of a known customer touch entries that are there and wide enough: then
 * nothing grows, nothing moves, and no entry needs to be taken apart. What does not fit is left to record_apply.c,
 * which can do everything; both give the same record.
 *
 * First all places are found and all amounts are made, without touching the record; then nothing can fail.
 */
#include "profile/record_change.h"

#define EVIDENCE_MOST 6                          /* sums of evidence one event can reach here */
#define TIME_BIAS     (INT64_C(40000) * LOY_DAY) /* makes every local time positive */

#define BIT(NAME) (UINT64_C(1) << LOY_FIELD_##NAME)
#define TAGS                                                                                                 \
	(BIT(EMOTION) | BIT(ENGAGEMENT) | BIT(OFFER) | BIT(TOUCHPOINT) | BIT(CHANNEL) | BIT(SOURCE) |        \
	 BIT(DEVICE))

/* Where an entry lies, and its data. */
struct spot {
	uint64_t *entry, *data;
};

struct sum {
	uint32_t key;
	loy__decay decay[2]; /* addends of the slow and the fast sum */
	struct spot spot;
};

/* All that is found and made. */
struct place {
	const loy_schema *schema;
	const loy_event *event;
	struct spot kind, money, worst, category;
	uint64_t *day; /* NULL: the month is new, and there is room for it */
	struct spot tag[LOY__TAG_FIELDS];
	struct sum sum[EVIDENCE_MOST];
	uint32_t tags, sums;
	int has_category, has_worst;
	int64_t worst_amount;
	/* what a purchase adds */
	int64_t purchased, discount;
	uint64_t local_day, day_bit, magnitude;
	uint32_t month;
	/* the event's time in the half-lives that were asked for last */
	uint32_t half_lives; /* their indexes, slow and fast */
	loy__decay_time when[2];
};

/* Where the search stands in the directory, and the data of that entry. */
struct cursor {
	uint64_t *words, *end, *data;
};

/* Find an entry where the search stands or after it. */
static LOY__ALWAYS_INLINE int find(struct cursor *at, uint64_t entry, unsigned shift, struct spot *spot)
{
	uint64_t *words = at->words, *data = at->data;

	while (words < at->end && *words < entry)
		data += loy__entry_words(*words++);
	at->words = spot->entry = words;
	at->data = spot->data = data;
	return words < at->end && (*words ^ entry) >> shift == 0;
}

/* A count in the payload has room for one more, and is not negative. */
static LOY__ALWAYS_INLINE int has_room(uint64_t entry, unsigned bits)
{
	return (entry >> 4 & ((UINT64_C(1) << bits) - 1)) < (UINT64_C(1) << (bits - 1)) - 1;
}

static LOY__ALWAYS_INLINE int64_t field_or_zero(const loy_event *event, uint32_t field)
{
	return loy__event_has(event, field) ? event->field[field] : 0;
}

static LOY__ALWAYS_INLINE uint64_t size_of(int64_t amount)
{
	return amount < 0 ? (uint64_t)-amount : (uint64_t)amount;
}

/* The word of a month, or NULL: most purchases are of the last. */
static LOY__ALWAYS_INLINE uint64_t *find_month(loy__record *record, uint64_t month)
{
	uint64_t *months = loy__record_months(record);
	size_t count = record->months, at;

	if (LOY__LIKELY(count != 0 && (months[count - 1] ^ month) >> LOY__SHIFT_DAYS == 0))
		return &months[count - 1];
	at = loy__months_seek(months, count, month);
	return at < count && (months[at] ^ month) >> LOY__SHIFT_DAYS == 0 ? &months[at] : NULL;
}

/* What a purchase adds to money and months. */
static LOY__ALWAYS_INLINE void make_purchase(struct place *p)
{
	const loy_event *event = p->event;
	int64_t time = event->time + field_or_zero(event, LOY_FIELD_UTC_OFFSET);
	int64_t day = (int64_t)((uint64_t)(time + TIME_BIAS) / (uint64_t)LOY_DAY) - TIME_BIAS / LOY_DAY;
	uint64_t discount;

	p->purchased = field_or_zero(event, LOY_FIELD_AMOUNT);
	p->discount = field_or_zero(event, LOY_FIELD_DISCOUNT);
	p->magnitude = size_of(p->purchased);
	discount = size_of(p->discount);
	p->magnitude = discount > p->magnitude ? discount : p->magnitude;
	loy__change_month(day, &p->month, &p->day_bit);
	p->local_day = (uint64_t)(day + LOY__DAY_BIAS);
}

static LOY__ALWAYS_INLINE int find_purchase(struct cursor *at, loy__record *record, struct place *p)
{
	uint64_t currency = (uint64_t)field_or_zero(p->event, LOY_FIELD_CURRENCY);

	p->day = find_month(record, LOY__ENTRY(DAYS, p->month));
	if (p->day == NULL && record->used == record->capacity)
		return 0;
	return find(at, LOY__ENTRY(MONEY, currency), LOY__SHIFT_MONEY, &p->money) &&
	       loy__entry_words(*p->money.entry) >= 5;
}

/* Bring an addend down to the chunks of a sum; 0 when it reaches above them. */
static LOY__ALWAYS_INLINE int lower(loy__decay *addend, uint64_t top)
{
	int32_t down = (int32_t)top - LOY__TOP_BIAS - addend->top;

	if (LOY__LIKELY(down == 0))
		return 1;
	if (down < 0 || top == 0)
		return 0;
	addend->chunk[2] = down == 1 ? addend->chunk[1] : down == 2 ? addend->chunk[0] : 0;
	addend->chunk[1] = down == 1 ? addend->chunk[0] : 0;
	addend->chunk[0] = 0;
	return 1;
}

/* ---- evidence: made without looking at the record, so that a processor does it while the record arrives ---- */

static LOY__ALWAYS_INLINE int make_sum(struct place *p, uint32_t key, int64_t amount)
{
	const loy_schema *schema = p->schema;
	uint32_t slow = schema->slow_index[key / 2], fast = schema->fast_index[key / 2];
	struct sum *sum = &p->sum[p->sums];

	if (LOY__UNLIKELY(amount >= LOY__AMOUNT_LIMIT || p->sums++ == EVIDENCE_MOST))
		return 0;
	if (p->half_lives != (slow << 8 | fast)) {
		p->half_lives = slow << 8 | fast;
		loy__decay_at_two(&schema->half_life[slow], &schema->half_life[fast], p->event->time,
		                  p->when);
	}
	if ((key & 1 & schema->worst_channels >> key / 2) != 0 && amount > p->worst_amount)
		p->worst_amount = amount;
	sum->key = key;
	loy__decay_addend_two(sum->decay, p->when, amount);
	return 1;
}

/* Rules are sorted by channel; those of one channel add up. */
static LOY__NOINLINE int make_sums_by_rules(struct place *p)
{
	const loy_event *event = p->event;
	uint32_t count;
	const loy__rule *rule = loy__schema_rules(p->schema, event->kind, &count), *end = rule + count;
	int64_t positive = 0, negative = 0;

	for (; rule < end; rule++) {
		int64_t up = rule->positive, down = rule->negative;

		if ((event->present & rule->needs) == rule->needs &&
		    ((up >= 0 && rule->condition_count == 0) ||
		     loy__rule_evaluate(p->schema, rule, event, &up, &down))) {
			positive += up;
			negative += down;
		}
		if ((positive | negative) == 0 || (rule + 1 < end && rule[1].channel == rule->channel))
			continue;
		if ((positive != 0 && !make_sum(p, 2u * rule->channel, positive)) ||
		    (negative != 0 && !make_sum(p, 2u * rule->channel + 1, negative)))
			return 0;
		positive = 0;
		negative = 0;
	}
	return 1;
}

static LOY__ALWAYS_INLINE int make_sums(struct place *p)
{
	const loy_schema *schema = p->schema;
	uint32_t kind = p->event->kind, i;

	if (LOY__UNLIKELY(kind >= LOY__COUNT(schema->asks) || (p->event->present & schema->asks[kind]) != 0 ||
	                  schema->asks[kind] == UINT64_MAX))
		return make_sums_by_rules(p);
	for (i = schema->first_always[kind]; i < schema->end_always[kind]; i++) {
		if (!make_sum(p, schema->always[i].key, schema->always[i].amount))
			return 0;
	}
	return 1;
}

static LOY__ALWAYS_INLINE int find_sums(struct cursor *at, struct place *p)
{
	uint32_t i;

	for (i = 0; i < p->sums; i++) {
		struct sum *sum = &p->sum[i];
		uint64_t entry;
		unsigned words;

		if (!find(at, LOY__ENTRY(EVIDENCE, sum->key), LOY__SHIFT_EVIDENCE, &sum->spot))
			return 0;
		entry = *sum->spot.entry;
		words = loy__entry_words(entry);
		if (words < 4 || (words == 4 && (entry >> 40 & 255) >= LOY__EVIDENCE_NARROW) ||
		    !lower(&sum->decay[0], entry >> 4 & 0x3ffff) ||
		    !lower(&sum->decay[1], entry >> 22 & 0x3ffff))
			return 0;
	}
	return !p->has_worst || find(at, LOY__ENTRY(WORST, 0), LOY__SHIFT_WORST, &p->worst);
}

static LOY__NOINLINE int find_tags(struct cursor *at, struct place *p)
{
	int i;

	for (i = 0; i < LOY__TAG_FIELDS; i++) {
		uint64_t key = (uint64_t)loy__tag_fields[i] << 32;
		struct spot *spot = &p->tag[p->tags];

		if (!loy__event_has(p->event, loy__tag_fields[i]))
			continue;
		key |= (uint64_t)p->event->field[loy__tag_fields[i]];
		if (!find(at, LOY__ENTRY(TAG, key), LOY__SHIFT_TAG, spot) ||
		    (loy__entry_words(*spot->entry) == 0 && !has_room(*spot->entry, 14)))
			return 0;
		p->tags++;
	}
	return 1;
}

static LOY__ALWAYS_INLINE int find_category(struct cursor *at, struct place *p)
{
	uint64_t code = (uint64_t)p->event->field[LOY_FIELD_CATEGORY];

	return find(at, LOY__ENTRY(CATEGORY, code), LOY__SHIFT_CATEGORY, &p->category) &&
	       (loy__entry_words(*p->category.entry) == 2 || has_room(*p->category.entry, 20));
}

/* ---- nothing fails from here on ---- */

static LOY__ALWAYS_INLINE void add_kind(const struct place *p)
{
	uint64_t *w = p->kind.data;

	*p->kind.entry += UINT64_C(1) << 4;
	if (p->event->time < loy__signed(w[0]))
		w[0] = (uint64_t)p->event->time;
	if (p->event->time > loy__signed(w[1]))
		w[1] = (uint64_t)p->event->time;
}

static LOY__ALWAYS_INLINE void add_purchase(const struct place *p, loy__record *record)
{
	uint64_t size = size_of(p->purchased), squares[2];

	squares[0] = loy__multiply_full(size, size, &squares[1]);
	loy__money_add_in_place(p->money.entry, p->money.data, (uint64_t)p->purchased, squares, p->local_day,
	                        (uint64_t)p->purchased, (uint64_t)p->discount);
	if (LOY__LIKELY(p->day != NULL))
		*p->day |= p->day_bit << 4;
	else /* behind all that was found */
		loy__record_add_month(record, LOY__ENTRY(DAYS, p->month) | p->day_bit << 4);
}

static LOY__NOINLINE void raise_worst(const struct place *p)
{
	int64_t worst = loy__change_worst(p->schema, p->event->time, p->worst_amount);

	if (worst > loy__signed(p->worst.data[0]))
		p->worst.data[0] = (uint64_t)worst;
}

static LOY__NOINLINE void add_tags(const struct place *p)
{
	uint32_t i;

	for (i = 0; i < p->tags; i++) {
		if (loy__entry_words(*p->tag[i].entry) == 0)
			*p->tag[i].entry += UINT64_C(1) << 4;
		else
			p->tag[i].data[0]++;
	}
}

static LOY__ALWAYS_INLINE void add_category(const struct place *p)
{
	p->category.data[0] += (uint64_t)p->purchased;
	if (loy__entry_words(*p->category.entry) == 1)
		*p->category.entry += UINT64_C(1) << 4;
	else
		p->category.data[1]++;
}

/* ---- the whole ---- */

/* Kinds that add more than themselves, evidence and tags; those of purchases are known here. */
#define MORE                                                                                                 \
	(UINT64_C(1) << LOY_KIND_RETURN | UINT64_C(1) << LOY_KIND_CONTACT |                                  \
	 UINT64_C(1) << LOY_KIND_FIRST_RESPONSE | UINT64_C(1) << LOY_KIND_RESOLUTION |                       \
	 UINT64_C(1) << LOY_KIND_DELIVERY | UINT64_C(1) << LOY_KIND_PROMISE_KEPT |                           \
	 UINT64_C(1) << LOY_KIND_PROMISE_BROKEN | UINT64_C(1) << LOY_KIND_SURVEY_ANSWER |                    \
	 UINT64_C(1) << LOY_KIND_REVIEW | UINT64_C(1) << LOY_KIND_MEMBERSHIP |                               \
	 UINT64_C(1) << LOY_KIND_CONSENT)

static LOY__ALWAYS_INLINE int is_plain(const loy_event *event)
{
	return (event->kind >= 64 || (MORE >> event->kind & 1) == 0) && event->line_count == 0 &&
	       !loy__event_has(event, LOY_FIELD_COMPENSATION);
}

/* Find all places; 0 when one is missing or too narrow. */
static LOY__ALWAYS_INLINE int find_places(loy__record *record, struct place *p)
{
	uint64_t *words = record->words;
	struct cursor at = {words, words + record->entries, words + record->entries};
	const loy_event *event = p->event;
	int purchase = event->kind == LOY_KIND_PURCHASE;

	if (!find(&at, LOY__ENTRY(KIND, event->kind), LOY__SHIFT_KIND, &p->kind) ||
	    loy__entry_words(*p->kind.entry) != 2 || !has_room(*p->kind.entry, 32) ||
	    (purchase && !find_purchase(&at, record, p)) || !find_sums(&at, p))
		return 0;
	if (LOY__UNLIKELY((event->present & TAGS) != 0)) {
		struct cursor copy = at; /* so that `at` need not have an address */

		if (!find_tags(&copy, p))
			return 0;
		at = copy;
	}
	return !p->has_category || find_category(&at, p);
}

int loy__record_place(loy__record *record, const loy_schema *schema, const loy_event *event)
{
	int purchase = event->kind == LOY_KIND_PURCHASE;
	struct place p;
	uint32_t i;

	if (!is_plain(event))
		return 0;
	p.schema = schema;
	p.event = event;
	p.tags = p.sums = 0;
	p.magnitude = 0;
	p.worst_amount = 0;
	p.half_lives = UINT32_MAX;
	p.has_category = purchase && loy__event_has(event, LOY_FIELD_CATEGORY);
	if (purchase)
		make_purchase(&p);
	if (!make_sums(&p))
		return 0;
	p.has_worst = p.worst_amount != 0 && schema->worst_half_life.microseconds != 0;
	if (!find_places(record, &p) || record->operations >= LOY__OPERATIONS_MAX ||
	    p.magnitude > (uint64_t)INT64_MAX - record->magnitude)
		return 0;
	add_kind(&p);
	if (purchase)
		add_purchase(&p, record);
	for (i = 0; i < p.sums; i++)
		loy__add_in_place(p.sum[i].spot.entry, p.sum[i].spot.data, &p.sum[i].decay[0],
		                  &p.sum[i].decay[1], 1);
	if (LOY__UNLIKELY(p.has_worst))
		raise_worst(&p);
	if (p.tags != 0)
		add_tags(&p);
	if (p.has_category)
		add_category(&p);
	record->operations++;
	record->magnitude += p.magnitude;
	return 1;
}
