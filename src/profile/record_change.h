/*
 * What one event adds to a record, taken out of the event once and then added in key order. Only record_gather.c,
 * record_place.c and record_apply.c include this.
 */
#ifndef LOY_PROFILE_RECORD_CHANGE_H
#define LOY_PROFILE_RECORD_CHANGE_H

#include "profile/record.h"

/* Half-lives prepared for the event's time, by their index in the schema modulo this. */
#define LOY__CHANGE_CACHE 8

/* Distinct categories of a purchase, the smallest codes, ascending. */
struct loy__categories {
	uint32_t count;
	int dropped;        /* some did not fit */
	uint64_t magnitude; /* of all lines together */
	uint32_t code[LOY_PROFILE_KEYS_MAX];
	int64_t spend[LOY_PROFILE_KEYS_MAX];
};

enum {
	LOY__PART_DAY = 1,
	LOY__PART_WORST = 2,
	LOY__PART_ANSWER = 4,
	LOY__PART_SPAN = 8,
	LOY__PART_TAGS = 16,
	LOY__PART_CATEGORIES = 32,
	LOY__PART_STATE = 64
};

struct loy__change {
	const loy_schema *schema;
	const loy_event *event;
	const struct loy__categories *categories; /* NULL: the field CATEGORY */
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
	uint8_t cache_index[LOY__CHANGE_CACHE];
	loy__decay_time cache[LOY__CHANGE_CACHE];
};

/*
 * Fill in a change (sign +1 or -1) from an event that loy_event_check() accepts. `categories`, made from the
 * lines of a purchase, may be NULL; it is kept, not copied.
 */
void loy__change_gather(struct loy__change *c, const loy_schema *schema, const loy_event *event, int sign,
                        const struct loy__categories *categories);
/* The event's time in half-lives of the schema's half-life `index`. */
static inline const loy__decay_time *loy__change_time(struct loy__change *c, unsigned index)
{
	unsigned slot = index % LOY__CHANGE_CACHE;

	if (c->cache_index[slot] != index) {
		loy__decay_at(&c->schema->half_life[index], c->event->time, &c->cache[slot]);
		c->cache_index[slot] = (uint8_t)index;
	}
	return &c->cache[slot];
}
static inline uint64_t loy__change_currency(const struct loy__change *c)
{
	return loy__event_has(c->event, LOY_FIELD_CURRENCY) ? (uint64_t)c->event->field[LOY_FIELD_CURRENCY]
	                                                    : 0;
}
/* Add it to a record where it only touches entries that are there and wide enough: 1. Otherwise 0, and no change. */
int loy__change_in_place(loy__record *record, struct loy__change *c);
/* The categories of an event's lines. */
void loy__categories_gather(struct loy__categories *list, const loy_event *event);

#endif
