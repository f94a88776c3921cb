/*
 * What one event adds to a record.
 *
 * First everything that the event says is gathered, then the record is walked twice: to plan its growth and,
 * when memory is there, to change it. Both walks are the same code, so they cannot disagree.
 */
#include "profile/record.h"

#include <string.h>

/* Half-lives prepared for the event's time, by their index in the schema. */
#define CACHE_SIZE 8
/* One event's evidence in one channel is capped just below a weight of 256. */
#define AMOUNT_MOST (LOY__AMOUNT_LIMIT - 1)

#define BIT(NAME) (UINT64_C(1) << LOY_FIELD_##NAME)
#define TAGS                                                                                                 \
	(BIT(EMOTION) | BIT(ENGAGEMENT) | BIT(OFFER) | BIT(TOUCHPOINT) | BIT(CHANNEL) | BIT(SOURCE) |        \
	 BIT(DEVICE))

/* Distinct categories of a purchase, the smallest codes, ascending. */
struct categories {
	uint32_t count, dropped;
	uint32_t code[LOY_PROFILE_KEYS_MAX];
	int64_t spend[LOY_PROFILE_KEYS_MAX];
};

enum {
	PART_DAY = 1,
	PART_WORST = 2,
	PART_ANSWER = 4,
	PART_SPAN = 8,
	PART_TAGS = 16,
	PART_CATEGORIES = 32,
	PART_STATE = 64
};

struct change {
	const loy_schema *schema;
	const loy_event *event;
	const struct categories *categories; /* NULL: see `category` */
	int sign;
	unsigned parts; /* what there is besides kind, money and evidence */
	int64_t worst;
	uint64_t magnitude;
	/* money; `money_words` 0: none */
	unsigned money_words;
	int64_t purchased, returned, discount, compensation;
	int64_t day;      /* local, of a purchase */
	uint32_t month;   /* of that day, with LOY__MONTH_BIAS */
	uint64_t day_bit; /* in its month */
	/* answer, span and state as entries, and what they get */
	uint64_t answer, span, state, state_value;
	int64_t share, span_value;
	int span_targeted, span_within;
	/* evidence: channel * 2 + sign, ascending */
	uint32_t evidence_count;
	uint8_t evidence[2 * LOY_CHANNELS_MAX];
	int64_t amount[2 * LOY_CHANNELS_MAX];
	uint8_t cache_index[CACHE_SIZE];
	loy__decay_time cache[CACHE_SIZE];
};

/* ---- gathering ---- */

static void raise_magnitude(struct change *c, int64_t value)
{
	uint64_t size = value < 0 ? (uint64_t)-value : (uint64_t)value;

	c->magnitude = size > c->magnitude ? size : c->magnitude;
}

/*
 * Month and day of the month of a local day. Calendar by Neri & Schneider, Euclidean affine functions and their
 * application to calendar algorithms (2023): years start in March, days are counted from the year 0.
 */
static void gather_day(struct change *c)
{
	uint32_t n = 4 * (uint32_t)(c->day + 719468) + 3;
	uint32_t century = n / 146097;
	uint64_t product = UINT64_C(2939745) * (n % 146097 | 3);
	uint32_t day_of_year = (uint32_t)(product & UINT32_MAX) / 2939745 / 4;
	uint32_t line = 2141 * day_of_year + 197913;

	/* months 13 and 14 are those of the next year, which is what counting them on means */
	c->month =
	        (100 * century + (uint32_t)(product >> 32) - 1970) * 12 + (line >> 16) - 1 + LOY__MONTH_BIAS;
	c->day_bit = UINT64_C(1) << (line & 65535) / 2141;
}

static void gather_money(struct change *c)
{
	const loy_event *event = c->event;
	int64_t amount = loy__event_has(event, LOY_FIELD_AMOUNT) ? event->field[LOY_FIELD_AMOUNT] : 0;

	if (event->kind == LOY_KIND_PURCHASE) {
		int64_t offset =
		        loy__event_has(event, LOY_FIELD_UTC_OFFSET) ? event->field[LOY_FIELD_UTC_OFFSET] : 0;

		c->day = loy__floor_div(event->time + offset, LOY_DAY);
		gather_day(c);
		c->parts |= c->sign > 0 ? PART_DAY : 0;
		c->purchased = amount;
		c->discount =
		        loy__event_has(event, LOY_FIELD_DISCOUNT) ? event->field[LOY_FIELD_DISCOUNT] : 0;
		c->money_words = c->sign > 0 && c->discount == 0 ? 1 : 5;
		raise_magnitude(c, amount);
		raise_magnitude(c, c->discount);
	} else if (event->kind == LOY_KIND_RETURN) {
		c->returned = amount;
		c->money_words = 7;
		raise_magnitude(c, amount);
	}
	if (loy__event_has(event, LOY_FIELD_COMPENSATION)) {
		c->compensation = event->field[LOY_FIELD_COMPENSATION];
		c->money_words = 7;
		raise_magnitude(c, c->compensation);
	}
}

static void gather_channel(struct change *c, uint32_t channel, int64_t positive, int64_t negative)
{
	if (positive > 0) {
		c->evidence[c->evidence_count] = (uint8_t)(2 * channel);
		c->amount[c->evidence_count++] = positive < AMOUNT_MOST ? positive : AMOUNT_MOST;
	}
	if (negative > 0) {
		c->evidence[c->evidence_count] = (uint8_t)(2 * channel + 1);
		c->amount[c->evidence_count++] = negative < AMOUNT_MOST ? negative : AMOUNT_MOST;
	}
}

/* Rules are sorted by channel; those of one channel add up. */
static void gather_evidence(struct change *c)
{
	uint32_t count, i;
	const loy__rule *rule = loy__schema_rules(c->schema, c->event->kind, &count);
	int64_t positive = 0, negative = 0;

	for (i = 0; i < count; i++, rule++) {
		int64_t up = rule->positive, down = rule->negative;

		if (up >= 0 || loy__rule_evaluate(c->schema, rule, c->event, &up, &down)) {
			positive += up;
			negative += down;
		}
		if (i + 1 == count || rule[1].channel != rule->channel) {
			gather_channel(c, rule->channel, positive, negative);
			positive = 0;
			negative = 0;
		}
	}
}

/* log2 of the weight plus the time in half-lives: the worst episode is the one with the largest. */
static void gather_worst(struct change *c)
{
	const loy__half_life *h = &c->schema->worst_half_life;
	int64_t most = 0;
	double log;
	uint32_t i;

	if (h->microseconds == 0 || c->sign < 0)
		return;
	for (i = 0; i < c->evidence_count; i++) {
		if ((c->evidence[i] & 1) != 0 &&
		    (c->schema->worst_channels >> (c->evidence[i] >> 1) & 1) != 0 && c->amount[i] > most)
			most = c->amount[i];
	}
	if (most == 0)
		return;
	log = loy__log2((double)most); /* 0 to 48 */
	c->worst = loy__worst_time(h, c->event->time) + (int64_t)(log * (double)LOY__WORST_ONE) -
	           LOY__AMOUNT_BITS * LOY__WORST_ONE;
	c->parts |= PART_WORST;
}

static void gather_answer(struct change *c)
{
	const loy_event *event = c->event;
	uint64_t key;

	if (event->kind != LOY_KIND_SURVEY_ANSWER && event->kind != LOY_KIND_REVIEW)
		return;
	if (!loy__event_share(event, &c->share))
		return;
	key = (uint64_t)LOY_INSTRUMENT_REVIEW << 16;
	if (event->kind == LOY_KIND_SURVEY_ANSWER) {
		key = loy__event_has(event, LOY_FIELD_INSTRUMENT)
		              ? (uint64_t)event->field[LOY_FIELD_INSTRUMENT] << 16
		              : 0;
		if (loy__event_has(event, LOY_FIELD_ITEM))
			key |= (uint64_t)event->field[LOY_FIELD_ITEM];
	}
	c->answer = LOY__ENTRY(ANSWER, key) | (c->sign > 0 ? 4 : 7);
	c->parts |= PART_ANSWER;
}

/* How long it took, and whether that was within the target; deliveries and promises: how late, target 0. */
static void gather_span(struct change *c)
{
	const loy_event *event = c->event;

	if (!loy__kind_has_span(event->kind))
		return;
	if (event->kind >= LOY_KIND_DELIVERY) {
		if (!loy__event_delay(event, &c->span_value))
			return;
		c->span_targeted = 1;
		c->span_within = c->span_value <= 0;
	} else {
		if (!loy__event_has(event, LOY_FIELD_ELAPSED))
			return;
		c->span_value = event->field[LOY_FIELD_ELAPSED];
		c->span_targeted = loy__event_has(event, LOY_FIELD_TARGET);
		c->span_within = c->span_targeted && c->span_value <= event->field[LOY_FIELD_TARGET];
	}
	raise_magnitude(c, c->span_value);
	c->span = LOY__ENTRY(SPAN, event->kind) | (c->sign > 0 ? 1 : 3);
	c->parts |= PART_SPAN;
}

/* Membership and consents: the latest counts. */
static void gather_state(struct change *c)
{
	const loy_event *event = c->event;
	uint64_t key;

	if (c->sign < 0)
		return;
	if (event->kind == LOY_KIND_MEMBERSHIP && loy__event_has(event, LOY_FIELD_STATE)) {
		key = (uint64_t)LOY_FIELD_STATE << 32;
		c->state_value = (uint64_t)event->field[LOY_FIELD_STATE];
	} else if (event->kind == LOY_KIND_CONSENT && loy__event_has(event, LOY_FIELD_PURPOSE) &&
	           loy__event_has(event, LOY_FIELD_GRANTED)) {
		key = (uint64_t)LOY_FIELD_PURPOSE << 32 | (uint64_t)event->field[LOY_FIELD_PURPOSE];
		c->state_value = (uint64_t)event->field[LOY_FIELD_GRANTED];
	} else {
		return;
	}
	c->state = LOY__ENTRY(STATE, key) | 4;
	c->parts |= PART_STATE;
}

/* Add a line to its category; of more than fit, the smallest codes stay. */
static void add_line(struct categories *list, uint32_t code, int64_t amount)
{
	uint32_t at = 0, i;

	while (at < list->count && list->code[at] < code)
		at++;
	if (at < list->count && list->code[at] == code) {
		list->spend[at] += amount;
		return;
	}
	if (list->count == LOY_PROFILE_KEYS_MAX) {
		list->dropped = 1;
		if (at == list->count)
			return;
		list->count--;
	}
	for (i = list->count; i > at; i--) {
		list->code[i] = list->code[i - 1];
		list->spend[i] = list->spend[i - 1];
	}
	list->code[at] = code;
	list->spend[at] = amount;
	list->count++;
}

/* ---- changing ---- */

static const loy__decay_time *decay_time(struct change *c, unsigned index)
{
	unsigned slot = index % CACHE_SIZE;

	if (c->cache_index[slot] != index) {
		loy__decay_at(&c->schema->half_life[index], c->event->time, &c->cache[slot]);
		c->cache_index[slot] = (uint8_t)index;
	}
	return &c->cache[slot];
}

static LOY__ALWAYS_INLINE void visit_money(loy__walk *walk, int step, const struct change *c)
{
	const loy_event *event = c->event;
	uint64_t v[LOY__SLOTS], currency = 0, size, high, low, day, sign = (uint64_t)c->sign;

	if (loy__event_has(event, LOY_FIELD_CURRENCY))
		currency = (uint64_t)event->field[LOY_FIELD_CURRENCY];
	if (!loy__open(walk, step, LOY__CLASS_MONEY, LOY__ENTRY(MONEY, currency) | c->money_words, v))
		return;
	if (c->money_words == 7) {
		v[6] += sign * (uint64_t)c->returned;
		v[7] += sign * (uint64_t)c->compensation;
	}
	if (event->kind == LOY_KIND_PURCHASE) {
		v[0] += sign * (uint64_t)c->purchased;
		v[5] += sign * (uint64_t)c->discount;
		size = (uint64_t)(c->purchased < 0 ? -c->purchased : c->purchased);
		low = loy__multiply_full(size, size, &high);
		if (c->sign < 0) {
			high = ~high + (low == 0);
			low = UINT64_C(0) - low;
		}
		loy__wide_accumulate(&v[1], low, high);
		day = (uint64_t)(c->day + LOY__DAY_BIAS);
		if (day < v[3]) {
			v[3] = day;
			v[4] = 0;
		}
		if (day == v[3])
			v[4] += sign * (uint64_t)c->purchased;
	}
	loy__close(walk, LOY__CLASS_MONEY, v);
}

static LOY__ALWAYS_INLINE void visit_days(loy__walk *walk, int step, const struct change *c)
{
	uint64_t v[LOY__SLOTS];

	if (!loy__open(walk, step, LOY__CLASS_DAYS, LOY__ENTRY(DAYS, c->month), v))
		return;
	v[0] |= c->day_bit;
	loy__close(walk, LOY__CLASS_DAYS, v);
}

static LOY__ALWAYS_INLINE void visit_evidence(loy__walk *walk, int step, struct change *c)
{
	uint32_t i;

	for (i = 0; i < c->evidence_count; i++) {
		uint64_t entry =
		        LOY__ENTRY(EVIDENCE, c->evidence[i]) | UINT64_C(1) << 40 | (c->sign > 0 ? 3 : 4);
		uint64_t v[LOY__SLOTS], u[LOY__SLOTS] = {0};
		unsigned channel = c->evidence[i] / 2;
		int64_t amount = c->sign * c->amount[i];
		loy__decay slow, fast;

		if (step != LOY__PLAN) {
			loy__decay_addend(&slow, decay_time(c, c->schema->slow_index[channel]), amount);
			loy__decay_addend(&fast, decay_time(c, c->schema->fast_index[channel]), amount);
		}
		if (step == LOY__REVISIT) {
			uint64_t *at = &walk->words[walk->place[walk->visited].index];

			if (LOY__LIKELY((*at & LOY__EVIDENCE_TOPS) == loy__tops(&slow, &fast) &&
			                c->sign > 0)) {
				loy__walk_revisit(walk);
				loy__add_in_place(at, loy__walk_data(walk), &slow, &fast);
				continue;
			}
		}
		if (!loy__open(walk, step, LOY__CLASS_EVIDENCE, entry, v))
			continue;
		loy__slots_set_decay(u, 0, &slow);
		loy__slots_set_decay(u, 1, &fast);
		u[7] = 1;
		loy__entry_combine(LOY__CLASS_EVIDENCE, v, u);
		loy__close(walk, LOY__CLASS_EVIDENCE, v);
	}
}

/* Keep (time, identity, value) when it is later than what slots 0 to 3 hold. */
static void keep_if_later(uint64_t *v, const loy_event *event, uint64_t value)
{
	uint64_t u[4] = {(uint64_t)event->time, event->identity_high, event->identity_low, value};
	int i;

	if (loy__entry_later(u, v)) {
		for (i = 0; i < 4; i++)
			v[i] = u[i];
	}
}

static LOY__ALWAYS_INLINE void visit_answer(loy__walk *walk, int step, const struct change *c)
{
	uint64_t v[LOY__SLOTS], share = (uint64_t)c->share, square = share * share;

	if (!loy__open(walk, step, LOY__CLASS_ANSWER, c->answer, v))
		return;
	if (c->sign > 0) {
		keep_if_later(v, c->event, share);
		v[4]++;
		v[5] += share;
		loy__wide_accumulate(&v[6], square, 0);
	} else {
		v[4]--;
		v[5] -= share;
		loy__wide_accumulate(&v[6], UINT64_C(0) - square, square != 0 ? UINT64_MAX : 0);
	}
	loy__close(walk, LOY__CLASS_ANSWER, v);
}

static LOY__ALWAYS_INLINE void visit_span(loy__walk *walk, int step, const struct change *c)
{
	uint64_t v[LOY__SLOTS], sign = (uint64_t)c->sign;

	if (!loy__open(walk, step, LOY__CLASS_SPAN, c->span, v))
		return;
	v[0] += sign;
	v[1] += sign * (uint64_t)c->span_value;
	if (c->sign > 0 && c->span_value > loy__signed(v[2]))
		v[2] = (uint64_t)c->span_value;
	v[3] += sign * (uint64_t)c->span_targeted;
	v[4] += sign * (uint64_t)c->span_within;
	loy__close(walk, LOY__CLASS_SPAN, v);
}

static LOY__ALWAYS_INLINE void visit_tags(loy__walk *walk, int step, const struct change *c)
{
	uint64_t v[LOY__SLOTS], key, count = ((uint64_t)c->sign & 0x3fff) << 4;
	int i;

	for (i = 0; i < LOY__TAG_FIELDS; i++) {
		if (!loy__event_has(c->event, loy__tag_fields[i]))
			continue;
		key = (uint64_t)loy__tag_fields[i] << 32 | (uint64_t)c->event->field[loy__tag_fields[i]];
		if (!loy__open(walk, step, LOY__CLASS_TAG, LOY__ENTRY(TAG, key) | count, v))
			continue;
		v[0] += (uint64_t)c->sign;
		loy__close(walk, LOY__CLASS_TAG, v);
	}
}

static LOY__ALWAYS_INLINE void visit_category(loy__walk *walk, int step, const struct change *c,
                                              uint64_t code, int64_t spend)
{
	uint64_t v[LOY__SLOTS], count = ((uint64_t)c->sign & 0xfffff) << 4;

	if (!loy__open(walk, step, LOY__CLASS_CATEGORY, LOY__ENTRY(CATEGORY, code) | count | 1, v))
		return;
	v[0] += (uint64_t)c->sign;
	v[1] += (uint64_t)c->sign * (uint64_t)spend;
	loy__close(walk, LOY__CLASS_CATEGORY, v);
}

static LOY__ALWAYS_INLINE void visit_categories(loy__walk *walk, int step, const struct change *c)
{
	uint32_t i;

	if (c->categories == NULL) {
		visit_category(walk, step, c, (uint64_t)c->event->field[LOY_FIELD_CATEGORY], c->purchased);
		return;
	}
	for (i = 0; i < c->categories->count; i++)
		visit_category(walk, step, c, c->categories->code[i], c->categories->spend[i]);
}

static LOY__ALWAYS_INLINE void visit_state(loy__walk *walk, int step, const struct change *c)
{
	uint64_t v[LOY__SLOTS];

	if (!loy__open(walk, step, LOY__CLASS_STATE, c->state, v))
		return;
	keep_if_later(v, c->event, c->state_value);
	loy__close(walk, LOY__CLASS_STATE, v);
}

static LOY__ALWAYS_INLINE void visit_kind(loy__walk *walk, int step, const struct change *c)
{
	uint64_t v[LOY__SLOTS], time = (uint64_t)c->event->time;

	if (!loy__open(walk, step, LOY__CLASS_KIND, LOY__ENTRY(KIND, c->event->kind) | (c->sign > 0), v))
		return;
	v[0] += (uint64_t)c->sign;
	if (c->sign > 0) {
		if (c->event->time < loy__signed(v[1]))
			v[1] = time;
		if (c->event->time > loy__signed(v[2]))
			v[2] = time;
	}
	loy__close(walk, LOY__CLASS_KIND, v);
}

static LOY__ALWAYS_INLINE void visit_worst(loy__walk *walk, int step, const struct change *c)
{
	uint64_t v[LOY__SLOTS];

	if (!loy__open(walk, step, LOY__CLASS_WORST, LOY__ENTRY(WORST, 0) | 1, v))
		return;
	if (c->worst > loy__signed(v[0]))
		v[0] = (uint64_t)c->worst;
	loy__close(walk, LOY__CLASS_WORST, v);
}

/* All that the event touches, in ascending order of entries. */
static LOY__ALWAYS_INLINE void visit(loy__walk *walk, int step, struct change *c)
{
	visit_kind(walk, step, c);
	if (c->money_words != 0)
		visit_money(walk, step, c);
	if (c->parts & PART_DAY)
		visit_days(walk, step, c);
	visit_evidence(walk, step, c);
	if (LOY__LIKELY(c->parts <= PART_DAY))
		return;
	if (c->parts & PART_WORST)
		visit_worst(walk, step, c);
	if (c->parts & PART_ANSWER)
		visit_answer(walk, step, c);
	if (c->parts & PART_SPAN)
		visit_span(walk, step, c);
	if (c->parts & PART_TAGS)
		visit_tags(walk, step, c);
	if (c->parts & PART_CATEGORIES)
		visit_categories(walk, step, c);
	if (c->parts & PART_STATE)
		visit_state(walk, step, c);
}

/* Three copies of the code above, as what each leaves out is most of it. Returns the words to grow by, at most. */
static LOY__NEVER_INLINE size_t plan(loy__record *record, struct change *c, loy__place *place,
                                     size_t *visited)
{
	loy__walk walk;

	loy__walk_init(&walk, record, place);
	visit(&walk, LOY__PLAN, c);
	*visited = walk.visited;
	return walk.growth;
}

static LOY__NEVER_INLINE void change(loy__record *record, struct change *c)
{
	loy__walk walk;

	loy__walk_init(&walk, record, NULL);
	visit(&walk, LOY__CHANGE, c);
}

static LOY__NEVER_INLINE void revisit(loy__record *record, struct change *c, loy__place *place)
{
	loy__walk walk;

	loy__walk_init(&walk, record, place);
	visit(&walk, LOY__REVISIT, c);
}

static LOY__NEVER_INLINE loy_status write_change(loy__record **record, struct change *c,
                                                 const loy_allocator *memory)
{
	loy__place place[LOY__PLACES];
	size_t visited, growth = plan(*record, c, place, &visited);
	loy_status status;

	if (LOY__LIKELY(growth == 0 && visited <= LOY__PLACES)) {
		revisit(*record, c, place);
		return LOY_OK;
	}
	status = loy__record_reserve(record, growth, memory);
	if (status == LOY_OK)
		change(*record, c);
	return status;
}

static loy_status apply(loy__record **record, const loy_schema *schema, const loy_event *event, int sign,
                        const struct categories *categories, uint64_t magnitude, const loy_allocator *memory,
                        loy_error *error)
{
	struct change c;
	loy_status status;

	c.schema = schema;
	c.event = event;
	c.categories = categories;
	c.sign = sign;
	c.parts = 0;
	c.magnitude = magnitude;
	c.money_words = 0;
	c.purchased = c.returned = c.discount = c.compensation = 0;
	c.evidence_count = 0;
	memset(c.cache_index, 0xff, sizeof(c.cache_index)); /* no half-life */
	gather_money(&c);
	gather_evidence(&c);
	gather_worst(&c);
	if ((event->present & TAGS) != 0)
		c.parts |= PART_TAGS;
	if (event->kind == LOY_KIND_PURCHASE) {
		if (categories != NULL || loy__event_has(event, LOY_FIELD_CATEGORY))
			c.parts |= PART_CATEGORIES;
	} else {
		gather_answer(&c);
		gather_span(&c);
		gather_state(&c);
	}
	if (*record != NULL && ((*record)->operations >= LOY__OPERATIONS_MAX ||
	                        c.magnitude > (uint64_t)INT64_MAX - (*record)->magnitude))
		return loy__fail(error, LOY_EOVERFLOW,
		                 "the profile holds too many events, or too large amounts");
	status = write_change(record, &c, memory);
	if (status != LOY_OK)
		return loy__fail(error, status, "out of memory for a profile");
	(*record)->operations++;
	(*record)->retracted += sign < 0;
	(*record)->magnitude += c.magnitude;
	if (categories != NULL && categories->dropped)
		(*record)->flags |= LOY_PROFILE_KEYS_DROPPED;
	return LOY_OK;
}

/* The list of categories has a stack frame of its own. */
static loy_status apply_lines(loy__record **record, const loy_schema *schema, const loy_event *event,
                              int sign, const loy_allocator *memory, loy_error *error)
{
	struct categories list;
	uint64_t magnitude = 0;
	size_t i;

	list.count = 0;
	list.dropped = 0;
	for (i = 0; i < event->line_count; i++) {
		int64_t amount = event->lines[i].amount;

		add_line(&list, event->lines[i].category, amount);
		magnitude += (uint64_t)(amount < 0 ? -amount : amount);
	}
	return apply(record, schema, event, sign, &list, magnitude, memory, error);
}

loy_status loy__record_apply(loy__record **record, const loy_schema *schema, const loy_event *event, int sign,
                             const loy_allocator *memory, loy_error *error)
{
	if (event->kind == LOY_KIND_PURCHASE && event->line_count != 0)
		return apply_lines(record, schema, event, sign, memory, error);
	return apply(record, schema, event, sign, NULL, 0, memory, error);
}
