/* What entries of each class hold when they are new, how they add up, and which values they can have. */
#include "profile/record.h"

#define NO_TIME     ((uint64_t)INT64_MIN)
#define RATIO_ONE   ((uint64_t)LOY_RATIO_ONE)
#define CHUNK_SHIFT 32
/* Local days lie at most one day outside the accepted times: December 1899 to January 2200. */
#define MONTHS_BEGIN (LOY__MONTH_BIAS - (1970 - 1900) * 12 - 1)
#define MONTHS_END   (LOY__MONTH_BIAS + (2200 - 1970) * 12 + 1)
/* Keys count from this month (from 0) of this year. */
#define FIRST_YEAR       (1970 - LOY__MONTH_BIAS / 12 - 1)
#define MONTHS_FROM_YEAR (12 - LOY__MONTH_BIAS % 12)

const uint64_t loy__entry_neutral[LOY__CLASS_LAST + 1][LOY__SLOTS] = {
        [LOY__CLASS_KIND] = {0, INT64_MAX, NO_TIME},
        [LOY__CLASS_MONEY] = {0, 0, 0, LOY__NO_DAY},
        [LOY__CLASS_WORST] = {NO_TIME},
        [LOY__CLASS_ANSWER] = {NO_TIME},
        [LOY__CLASS_SPAN] = {0, 0, NO_TIME},
        [LOY__CLASS_STATE] = {NO_TIME},
};
const uint8_t loy__entry_slots[LOY__CLASS_LAST + 1] = {
        [LOY__CLASS_KIND] = 3,     [LOY__CLASS_MONEY] = 8,  [LOY__CLASS_DAYS] = 1, [LOY__CLASS_EVIDENCE] = 7,
        [LOY__CLASS_WORST] = 1,    [LOY__CLASS_ANSWER] = 8, [LOY__CLASS_SPAN] = 5, [LOY__CLASS_TAG] = 1,
        [LOY__CLASS_CATEGORY] = 2, [LOY__CLASS_STATE] = 4,
};
const uint8_t loy__tag_fields[LOY__TAG_FIELDS] = {
        LOY_FIELD_EMOTION, LOY_FIELD_ENGAGEMENT, LOY_FIELD_OFFER,  LOY_FIELD_TOUCHPOINT,
        LOY_FIELD_CHANNEL, LOY_FIELD_SOURCE,     LOY_FIELD_DEVICE,
};

int loy__kind_has_span(uint32_t kind)
{
	switch (kind) {
	case LOY_KIND_CONTACT:
	case LOY_KIND_FIRST_RESPONSE:
	case LOY_KIND_RESOLUTION:
	case LOY_KIND_DELIVERY:
	case LOY_KIND_PROMISE_KEPT:
	case LOY_KIND_PROMISE_BROKEN:
		return 1;
	default: /* a promise made is neither late nor on time yet */
		return 0;
	}
}

/* ---- adding up ---- */

static uint64_t signed_min(uint64_t a, uint64_t b)
{
	return loy__signed(a) < loy__signed(b) ? a : b;
}

static uint64_t signed_max(uint64_t a, uint64_t b)
{
	return loy__signed(a) > loy__signed(b) ? a : b;
}

int loy__entry_later(const uint64_t *u, const uint64_t *v)
{
	int i;

	if (u[0] != v[0])
		return loy__signed(u[0]) > loy__signed(v[0]);
	for (i = 1; i < 4; i++) {
		if (u[i] != v[i])
			return u[i] > v[i];
	}
	return 0;
}

static void keep_latest(uint64_t *v, const uint64_t *u)
{
	int i;

	if (loy__entry_later(u, v)) {
		for (i = 0; i < 4; i++)
			v[i] = u[i];
	}
}

static void combine_money(uint64_t *v, const uint64_t *u)
{
	int i;

	v[0] += u[0];
	loy__wide_accumulate(&v[1], u[1], u[2]);
	if (u[3] < v[3]) {
		v[3] = u[3];
		v[4] = u[4];
	} else if (u[3] == v[3]) {
		v[4] += u[4];
	}
	for (i = 5; i < 8; i++)
		v[i] += u[i];
}

static void combine_evidence(uint64_t *v, const uint64_t *u)
{
	loy__decay into, from;
	int fast;

	for (fast = 0; fast < 2; fast++) {
		loy__slots_decay(v, fast, &into);
		loy__slots_decay(u, fast, &from);
		(void)loy__decay_merge(&into, &from); /* the number of operations keeps it from overflowing */
		loy__slots_set_decay(v, fast, &into);
	}
	v[7] = v[7] + u[7] < LOY__EVIDENCE_NARROW ? v[7] + u[7] : LOY__EVIDENCE_NARROW;
}

static void combine_span(uint64_t *v, const uint64_t *u)
{
	v[0] += u[0];
	v[1] += u[1];
	v[2] = signed_max(v[2], u[2]);
	v[3] += u[3];
	v[4] += u[4];
}

void loy__entry_combine(uint32_t class, uint64_t *v, const uint64_t *u)
{
	switch (class) {
	case LOY__CLASS_KIND:
		v[0] += u[0];
		v[1] = signed_min(v[1], u[1]);
		v[2] = signed_max(v[2], u[2]);
		break;
	case LOY__CLASS_MONEY:
		combine_money(v, u);
		break;
	case LOY__CLASS_DAYS:
		v[0] |= u[0];
		break;
	case LOY__CLASS_EVIDENCE:
		combine_evidence(v, u);
		break;
	case LOY__CLASS_WORST:
		v[0] = signed_max(v[0], u[0]);
		break;
	case LOY__CLASS_ANSWER:
		keep_latest(v, u);
		v[4] += u[4];
		v[5] += u[5];
		loy__wide_accumulate(&v[6], u[6], u[7]);
		break;
	case LOY__CLASS_SPAN:
		combine_span(v, u);
		break;
	case LOY__CLASS_TAG:
		v[0] += u[0];
		break;
	case LOY__CLASS_CATEGORY:
		v[0] += u[0];
		v[1] += u[1];
		break;
	default: /* STATE */
		keep_latest(v, u);
		break;
	}
}

/* ---- shortest forms ---- */

static uint64_t magnitude_of(uint64_t bits)
{
	return bits >> 63 != 0 ? UINT64_C(0) - bits : bits;
}

/* (high, low) == size * size */
static int is_square(uint64_t size, uint64_t low, uint64_t high)
{
	uint64_t square_high, square_low = loy__multiply_full(size, size, &square_high);

	return low == square_low && high == square_high;
}

static unsigned fit_money(const uint64_t *v)
{
	if (v[6] != 0 || v[7] != 0)
		return 7;
	return v[5] == 0 && v[3] != LOY__NO_DAY && v[4] == v[0] && is_square(magnitude_of(v[0]), v[1], v[2])
	               ? 1
	               : 5;
}

static unsigned fit_evidence(uint64_t *v)
{
	uint64_t most = 0, size;
	int i, signs = 0;

	for (i = 0; i < 6; i++) {
		size = magnitude_of(v[i]);
		size = (size >> CHUNK_SHIFT) + ((size & UINT32_MAX) != 0); /* rounded up */
		most = size > most ? size : most;
		signs |= v[i] > UINT32_MAX; /* negative, or too large */
	}
	v[7] = most < 1 ? 1 : most < LOY__EVIDENCE_NARROW ? most : LOY__EVIDENCE_NARROW;
	if (!signs)
		return 3;
	return most <= LOY__EVIDENCE_NARROW ? 4 : 6;
}

unsigned loy__entry_fit(uint32_t class, uint64_t *v)
{
	switch (class) {
	case LOY__CLASS_KIND:
		return v[2] == NO_TIME ? 0 : v[1] == v[2] ? 1 : 2;
	case LOY__CLASS_MONEY:
		return fit_money(v);
	case LOY__CLASS_EVIDENCE:
		return fit_evidence(v);
	case LOY__CLASS_ANSWER:
		return v[4] == 1 && v[0] != NO_TIME && v[5] == v[3] && is_square(v[3], v[6], v[7]) ? 4 : 7;
	case LOY__CLASS_SPAN:
		return v[0] == 1 && v[1] == v[2] && v[3] <= 1 && v[4] <= 1 ? 1 : 3;
	case LOY__CLASS_TAG:
		return v[0] + 0x2000 > 0x3fff;
	case LOY__CLASS_CATEGORY:
		return v[0] + 0x80000 > 0xfffff ? 2 : 1;
	case LOY__CLASS_DAYS:
		return 0;
	case LOY__CLASS_WORST:
		return 1;
	default: /* STATE */
		return 4;
	}
}

/* ---- which values are possible ---- */

static int time_valid(uint64_t time)
{
	return loy__signed(time) >= LOY_TIME_MIN && loy__signed(time) <= LOY_TIME_MAX;
}

/* |value| <= limit, for slots that are signed sums */
static int within(uint64_t value, uint64_t limit)
{
	return magnitude_of(value) <= limit;
}

/* |(high, low)| <= a * b */
static int wide_within(uint64_t low, uint64_t high, uint64_t a, uint64_t b)
{
	uint64_t limit_high, limit_low = loy__multiply_full(a, b, &limit_high);

	if (high >> 63 != 0) {
		high = ~high + (low == 0);
		low = UINT64_C(0) - low;
	}
	return high < limit_high || (high == limit_high && low <= limit_low);
}

static int money_valid(const loy__record *header, const uint64_t *v)
{
	int64_t others;
	int i;

	for (i = 0; i < 8; i++) {
		if ((i == 0 || i > 3) && !within(v[i], header->magnitude))
			return 0;
	}
	if (!wide_within(v[1], v[2], header->magnitude, header->magnitude))
		return 0;
	/* an event buys or returns, and buys on the first day or on another */
	if (magnitude_of(v[0]) + magnitude_of(v[6]) > header->magnitude ||
	    !loy__add_i64(loy__signed(v[0]), -loy__signed(v[4]), &others) ||
	    !within((uint64_t)others, header->magnitude))
		return 0;
	if (v[3] == LOY__NO_DAY) /* nothing was bought */
		return v[0] == 0 && v[1] == 0 && v[2] == 0 && v[4] == 0 && v[5] == 0;
	return v[3] >= 1 && v[3] <= LOY_TIME_MAX / LOY_DAY + LOY__DAY_BIAS + 1;
}

static int days_valid(uint64_t key, const uint64_t *v)
{
	static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	uint32_t months = (uint32_t)key + MONTHS_FROM_YEAR, year = FIRST_YEAR + months / 12, month = months % 12;
	uint32_t last = days[month];

	if (month == 1 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		last = 29;
	return key >= MONTHS_BEGIN && key < MONTHS_END && v[0] != 0 && v[0] >> last == 0;
}

static int evidence_valid(const loy__record *header, const loy_schema *schema, uint64_t key,
                          const uint64_t *v)
{
	uint64_t limit = (uint64_t)header->operations * UINT32_MAX;
	loy__decay sum;
	int i;

	if (key >= 2 * (uint64_t)schema->channel_count || v[6] >> 36 != 0)
		return 0;
	for (i = 0; i < 6; i++) {
		if (!within(v[i], limit))
			return 0;
	}
	for (i = 0; i < 2; i++) {
		loy__slots_decay(v, i, &sum);
		if (sum.top == LOY__DECAY_EMPTY || !loy__decay_valid(&sum))
			return 0;
	}
	return 1;
}

static int answer_valid(const loy__record *header, const uint64_t *v)
{
	uint64_t operations = header->operations;

	if (v[0] == NO_TIME ? (v[1] | v[2] | v[3]) != 0 : !time_valid(v[0]) || v[3] > RATIO_ONE)
		return 0;
	return within(v[4], operations) && within(v[5], operations * RATIO_ONE) &&
	       wide_within(v[6], v[7], operations * RATIO_ONE, RATIO_ONE);
}

static int span_valid(const loy__record *header, uint64_t key, const uint64_t *v)
{
	return loy__kind_has_span((uint32_t)key) && within(v[0], header->operations) &&
	       within(v[1], header->magnitude) && (v[2] == NO_TIME || within(v[2], header->magnitude)) &&
	       within(v[3], header->operations) && within(v[4], header->operations);
}

static int state_valid(uint64_t key, const uint64_t *v)
{
	uint64_t code = key & UINT32_MAX;

	if (!time_valid(v[0]))
		return 0;
	if (key >> 32 == LOY_FIELD_PURPOSE)
		return code <= 65535 && v[3] <= 1;
	return key >> 32 == LOY_FIELD_STATE && code == 0 && v[3] <= 65535;
}

static int tag_valid(const loy__record *header, uint64_t key, const uint64_t *v)
{
	int i;

	for (i = 0; i < LOY__TAG_FIELDS; i++) {
		if (key >> 32 == loy__tag_fields[i])
			return within(v[0], header->operations);
	}
	return 0;
}

int loy__entry_valid(const loy__record *header, const loy_schema *schema, uint32_t class, uint64_t key,
                     const uint64_t *v)
{
	switch (class) {
	case LOY__CLASS_KIND:
		if (key == 0 || !within(v[0], header->operations))
			return 0;
		if (v[1] == INT64_MAX && v[2] == NO_TIME)
			return 1; /* only taken back so far */
		return time_valid(v[1]) && time_valid(v[2]) && loy__signed(v[1]) <= loy__signed(v[2]);
	case LOY__CLASS_MONEY:
		return money_valid(header, v);
	case LOY__CLASS_DAYS:
		return days_valid(key, v);
	case LOY__CLASS_EVIDENCE:
		return evidence_valid(header, schema, key, v);
	case LOY__CLASS_WORST:
		return key == 0 && schema->worst_half_life.microseconds != 0 &&
		       within(v[0], UINT64_C(1) << 62);
	case LOY__CLASS_ANSWER:
		return answer_valid(header, v);
	case LOY__CLASS_SPAN:
		return span_valid(header, key, v);
	case LOY__CLASS_TAG:
		return tag_valid(header, key, v);
	case LOY__CLASS_CATEGORY:
		return within(v[0], header->operations) && within(v[1], header->magnitude);
	default: /* STATE */
		return state_valid(key, v);
	}
}
