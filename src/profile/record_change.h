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
/*
 * An episode of negative evidence at a time: log2 of its weight plus the time in half-lives, so that the worst is the
 * largest, whenever it is asked.
 */
int64_t loy__change_worst(const loy_schema *schema, int64_t time, int64_t amount);
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
/*
 * Month (with LOY__MONTH_BIAS) and bit of the day of the month of a local day. Calendar by Neri & Schneider, Euclidean
 * affine functions and their application to calendar algorithms (2023): years start in March, days are counted from
 * the year 0.
 */
static LOY__ALWAYS_INLINE void loy__change_month(int64_t local_day, uint32_t *month, uint64_t *day_bit)
{
	uint32_t n = 4 * (uint32_t)(local_day + 719468) + 3;
	uint32_t century = n / 146097;
	uint64_t product = UINT64_C(2939745) * (n % 146097 | 3);
	uint32_t day_of_year = (uint32_t)(product & UINT32_MAX) / 2939745 / 4;
	uint32_t line = 2141 * day_of_year + 197913;

	/* months 13 and 14 are those of the next year, which is what counting them on means */
	*month = (100 * century + (uint32_t)(product >> 32) - 1970) * 12 + (line >> 16) - 1 + LOY__MONTH_BIAS;
	*day_bit = UINT64_C(1) << (line & 65535) / 2141;
}
/* Add an event to a record where it only touches entries that are there and wide enough: 1. Else 0, and no change. */
int loy__record_place(loy__record *record, const loy_schema *schema, const loy_event *event);
/* The categories of an event's lines. */
void loy__categories_gather(struct loy__categories *list, const loy_event *event);

#endif
