/* Taking out of an event what it adds to a record: money and day, evidence, answers, durations, states. */
#include "profile/record_change.h"

#include <string.h>

/* One event's evidence in one channel is capped just below a weight of 256. */
#define AMOUNT_MOST (LOY__AMOUNT_LIMIT - 1)

#define BIT(NAME) (UINT64_C(1) << LOY_FIELD_##NAME)
#define TAGS                                                                                                 \
	(BIT(EMOTION) | BIT(ENGAGEMENT) | BIT(OFFER) | BIT(TOUCHPOINT) | BIT(CHANNEL) | BIT(SOURCE) |        \
	 BIT(DEVICE))

static void raise_magnitude(struct loy__change *c, int64_t value)
{
	uint64_t size = value < 0 ? (uint64_t)-value : (uint64_t)value;

	c->magnitude = size > c->magnitude ? size : c->magnitude;
}

static void gather_money(struct loy__change *c)
{
	const loy_event *event = c->event;
	int64_t amount = loy__event_has(event, LOY_FIELD_AMOUNT) ? event->field[LOY_FIELD_AMOUNT] : 0;

	if (event->kind == LOY_KIND_PURCHASE) {
		int64_t offset =
		        loy__event_has(event, LOY_FIELD_UTC_OFFSET) ? event->field[LOY_FIELD_UTC_OFFSET] : 0;

		c->day = loy__floor_div(event->time + offset, LOY_DAY);
		loy__change_month(c->day, &c->month, &c->day_bit);
		c->parts |= c->sign > 0 ? LOY__PART_DAY : 0;
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

static void gather_channel(struct loy__change *c, uint32_t channel, int64_t positive, int64_t negative)
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
static void gather_evidence(struct loy__change *c)
{
	uint32_t count, i;
	const loy__rule *rule = loy__schema_rules(c->schema, c->event->kind, &count);
	int64_t positive = 0, negative = 0;

	for (i = 0; i < count; i++, rule++) {
		int64_t up = rule->positive, down = rule->negative;

		if ((c->event->present & rule->needs) == rule->needs &&
		    ((up >= 0 && rule->condition_count == 0) ||
		     loy__rule_evaluate(c->schema, rule, c->event, &up, &down))) {
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

int64_t loy__change_worst(const loy_schema *schema, int64_t time, int64_t amount)
{
	double log = loy__log2((double)amount); /* 0 to 48 */

	return loy__worst_time(&schema->worst_half_life, time) + (int64_t)(log * (double)LOY__WORST_ONE) -
	       LOY__AMOUNT_BITS * LOY__WORST_ONE;
}

static void gather_worst(struct loy__change *c)
{
	int64_t most = 0;
	uint32_t i;

	if (c->schema->worst_half_life.microseconds == 0 || c->sign < 0)
		return;
	for (i = 0; i < c->evidence_count; i++) {
		if ((c->evidence[i] & 1) != 0 &&
		    (c->schema->worst_channels >> (c->evidence[i] >> 1) & 1) != 0 && c->amount[i] > most)
			most = c->amount[i];
	}
	if (most == 0)
		return;
	c->worst = loy__change_worst(c->schema, c->event->time, most);
	c->parts |= LOY__PART_WORST;
}

static void gather_answer(struct loy__change *c)
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
	c->parts |= LOY__PART_ANSWER;
}

/* How long it took, and whether that was within the target; deliveries and promises: how late, target 0. */
static void gather_span(struct loy__change *c)
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
	c->parts |= LOY__PART_SPAN;
}

/* Membership and consents: the latest counts. */
static void gather_state(struct loy__change *c)
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
	c->parts |= LOY__PART_STATE;
}

/* Add a line to its category; of more than fit, the smallest codes stay. */
static void add_line(struct loy__categories *list, uint32_t code, int64_t amount)
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

void loy__categories_gather(struct loy__categories *list, const loy_event *event)
{
	size_t i;

	list->count = 0;
	list->dropped = 0;
	list->magnitude = 0;
	for (i = 0; i < event->line_count; i++) {
		int64_t amount = event->lines[i].amount;

		add_line(list, event->lines[i].category, amount);
		list->magnitude += (uint64_t)(amount < 0 ? -amount : amount);
	}
}

void loy__change_gather(struct loy__change *c, const loy_schema *schema, const loy_event *event, int sign,
                        const struct loy__categories *categories)
{
	c->schema = schema;
	c->event = event;
	c->categories = categories;
	c->sign = sign;
	c->parts = (event->present & TAGS) != 0 ? LOY__PART_TAGS : 0;
	c->magnitude = categories != NULL ? categories->magnitude : 0;
	c->money_words = 0;
	c->purchased = c->returned = c->discount = c->compensation = 0;
	c->evidence_count = 0;
	memset(c->cache_index, 0xff, sizeof(c->cache_index)); /* no half-life */
	gather_money(c);
	gather_evidence(c);
	gather_worst(c);
	if (event->kind == LOY_KIND_PURCHASE) {
		if (categories != NULL || loy__event_has(event, LOY_FIELD_CATEGORY))
			c->parts |= LOY__PART_CATEGORIES;
	} else {
		gather_answer(c);
		gather_span(c);
		gather_state(c);
	}
}
