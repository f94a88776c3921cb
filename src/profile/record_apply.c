/*
 * Adding an event to a record. The record is walked twice: to plan its growth and, when memory is there, to change
 * it. Both walks are the same code, so they cannot disagree.
 */
#include "profile/record_change.h"
#include "profile/record_walk.h"

static LOY__ALWAYS_INLINE void visit_money(loy__walk *walk, int step, const struct loy__change *c)
{
	const loy_event *event = c->event;
	uint64_t v[LOY__SLOTS], size, high, low, day, sign = (uint64_t)c->sign;

	if (!loy__open(walk, step, LOY__CLASS_MONEY,
	               LOY__ENTRY(MONEY, loy__change_currency(c)) | c->money_words, v))
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

static LOY__ALWAYS_INLINE void visit_evidence(loy__walk *walk, int step, struct loy__change *c)
{
	uint32_t i;

	for (i = 0; i < c->evidence_count; i++) {
		uint64_t entry =
		        LOY__ENTRY(EVIDENCE, c->evidence[i]) | UINT64_C(1) << 40 | (c->sign > 0 ? 3 : 4);
		uint64_t v[LOY__SLOTS], u[LOY__SLOTS] = {0};
		unsigned channel = c->evidence[i] / 2;
		int64_t amount = c->sign * c->amount[i];
		loy__decay slow, fast;

		if (!loy__open(walk, step, LOY__CLASS_EVIDENCE, entry, v))
			continue;
		loy__decay_addend(&slow, loy__change_time(c, c->schema->slow_index[channel]), amount);
		loy__decay_addend(&fast, loy__change_time(c, c->schema->fast_index[channel]), amount);
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

static LOY__ALWAYS_INLINE void visit_answer(loy__walk *walk, int step, const struct loy__change *c)
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

static LOY__ALWAYS_INLINE void visit_span(loy__walk *walk, int step, const struct loy__change *c)
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

static LOY__ALWAYS_INLINE void visit_tags(loy__walk *walk, int step, const struct loy__change *c)
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

static LOY__ALWAYS_INLINE void visit_category(loy__walk *walk, int step, const struct loy__change *c,
                                              uint64_t code, int64_t spend)
{
	uint64_t v[LOY__SLOTS], count = ((uint64_t)c->sign & 0xfffff) << 4;

	if (!loy__open(walk, step, LOY__CLASS_CATEGORY, LOY__ENTRY(CATEGORY, code) | count | 1, v))
		return;
	v[0] += (uint64_t)c->sign;
	v[1] += (uint64_t)c->sign * (uint64_t)spend;
	loy__close(walk, LOY__CLASS_CATEGORY, v);
}

static LOY__ALWAYS_INLINE void visit_categories(loy__walk *walk, int step, const struct loy__change *c)
{
	uint32_t i;

	if (c->categories == NULL) {
		visit_category(walk, step, c, (uint64_t)c->event->field[LOY_FIELD_CATEGORY], c->purchased);
		return;
	}
	for (i = 0; i < c->categories->count; i++)
		visit_category(walk, step, c, c->categories->code[i], c->categories->spend[i]);
}

static LOY__ALWAYS_INLINE void visit_state(loy__walk *walk, int step, const struct loy__change *c)
{
	uint64_t v[LOY__SLOTS];

	if (!loy__open(walk, step, LOY__CLASS_STATE, c->state, v))
		return;
	keep_if_later(v, c->event, c->state_value);
	loy__close(walk, LOY__CLASS_STATE, v);
}

static LOY__ALWAYS_INLINE void visit_kind(loy__walk *walk, int step, const struct loy__change *c)
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

static LOY__ALWAYS_INLINE void visit_worst(loy__walk *walk, int step, const struct loy__change *c)
{
	uint64_t v[LOY__SLOTS];

	if (!loy__open(walk, step, LOY__CLASS_WORST, LOY__ENTRY(WORST, 0) | 1, v))
		return;
	if (c->worst > loy__signed(v[0]))
		v[0] = (uint64_t)c->worst;
	loy__close(walk, LOY__CLASS_WORST, v);
}

/* All that the event touches, in ascending order of entries. */
static LOY__ALWAYS_INLINE void visit(loy__walk *walk, int step, struct loy__change *c)
{
	visit_kind(walk, step, c);
	if (c->money_words != 0)
		visit_money(walk, step, c);
	if (c->parts & LOY__PART_DAY)
		loy__walk_month(walk, step, LOY__ENTRY(DAYS, c->month) | c->day_bit << 4);
	visit_evidence(walk, step, c);
	if (c->parts & LOY__PART_WORST)
		visit_worst(walk, step, c);
	if (c->parts & LOY__PART_ANSWER)
		visit_answer(walk, step, c);
	if (c->parts & LOY__PART_SPAN)
		visit_span(walk, step, c);
	if (c->parts & LOY__PART_TAGS)
		visit_tags(walk, step, c);
	if (c->parts & LOY__PART_CATEGORIES)
		visit_categories(walk, step, c);
	if (c->parts & LOY__PART_STATE)
		visit_state(walk, step, c);
}

/* Two copies of the code above, as what each leaves out is most of it. The words to grow by, at most. */
static LOY__NOINLINE size_t plan(loy__record *record, struct loy__change *c)
{
	loy__walk walk;

	loy__walk_init(&walk, record);
	visit(&walk, LOY__PLAN, c);
	return walk.growth;
}

static LOY__NOINLINE void change(loy__record *record, struct loy__change *c)
{
	loy__walk walk;

	loy__walk_init(&walk, record);
	visit(&walk, LOY__CHANGE, c);
}

static LOY__NOINLINE loy_status apply(loy__record **record, const loy_schema *schema,
                                          const loy_event *event, int sign,
                                          const struct loy__categories *categories,
                                          const loy_allocator *memory, loy_error *error)
{
	struct loy__change c;
	loy_status status;

	loy__change_gather(&c, schema, event, sign, categories);
	if (*record != NULL && ((*record)->operations >= LOY__OPERATIONS_MAX ||
	                        c.magnitude > (uint64_t)INT64_MAX - (*record)->magnitude))
		return loy__fail(error, LOY_EOVERFLOW,
		                 "the profile holds too many events, or too large amounts");
	status = loy__record_reserve(record, plan(*record, &c), memory);
	if (status != LOY_OK)
		return loy__fail(error, status, "out of memory for a profile");
	change(*record, &c);
	(*record)->operations++;
	(*record)->retracted = ((*record)->retracted + (uint32_t)(sign < 0)) & LOY__RETRACTED_MASK;
	(*record)->magnitude += c.magnitude;
	if (categories != NULL && categories->dropped)
		(*record)->dropped = 1;
	return LOY_OK;
}

/* The list of categories has a stack frame of its own. */
static LOY__NOINLINE loy_status apply_lines(loy__record **record, const loy_schema *schema,
                                                const loy_event *event, int sign, const loy_allocator *memory,
                                                loy_error *error)
{
	struct loy__categories list;

	loy__categories_gather(&list, event);
	return apply(record, schema, event, sign, &list, memory, error);
}

loy_status loy__record_apply(loy__record **record, const loy_schema *schema, const loy_event *event, int sign,
                             const loy_allocator *memory, loy_error *error)
{
	if (sign > 0 && *record != NULL && loy__record_place(*record, schema, event))
		return LOY_OK;
	if (event->kind == LOY_KIND_PURCHASE && event->line_count != 0)
		return apply_lines(record, schema, event, sign, memory, error);
	return apply(record, schema, event, sign, NULL, memory, error);
}
