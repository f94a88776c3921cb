/*
 * The forms of entries: directory words, and slots packed into data words and back. record.h says what they mean;
 * it includes this, nobody else does.
 */
#ifndef LOY_PROFILE_RECORD_FORM_H
#define LOY_PROFILE_RECORD_FORM_H

#include "profile/profile.h"

/* ---- directory words ---- */

enum {
	LOY__SHIFT_KIND = 40,
	LOY__SHIFT_MONEY = 24,
	LOY__SHIFT_DAYS = 40,
	LOY__SHIFT_EVIDENCE = 48,
	LOY__SHIFT_WORST = 40,
	LOY__SHIFT_ANSWER = 24,
	LOY__SHIFT_SPAN = 40,
	LOY__SHIFT_TAG = 18,
	LOY__SHIFT_CATEGORY = 24,
	LOY__SHIFT_STATE = 18
};
#define LOY__CLASS_FIRST          LOY__CLASS_KIND
#define LOY__CLASS_LAST           LOY__CLASS_STATE
#define LOY__MONTH_BIAS           2048  /* January 1970 */
#define LOY__DAY_BIAS             25569 /* first days are kept from 1 on: 0 is none */
#define LOY__NO_DAY               (UINT64_C(1) << 18)
#define LOY__WORST_ONE            (INT64_C(1) << 40) /* one half-life, or one binary order of weight */
#define LOY__TOP_BIAS             20001              /* tops of decayed sums from 1 on: 0 is an empty sum */
#define LOY__SINGLE_SPAN_TARGETED 1u
#define LOY__SINGLE_SPAN_WITHIN   2u

#define LOY__ENTRY(CLASS, key) ((uint64_t)LOY__CLASS_##CLASS << 56 | (uint64_t)(key) << LOY__SHIFT_##CLASS)

static inline uint32_t loy__entry_class(uint64_t entry)
{
	return (uint32_t)(entry >> 56);
}
static inline unsigned loy__entry_words(uint64_t entry)
{
	return (unsigned)(entry & 15);
}
static LOY__ALWAYS_INLINE unsigned loy__class_shift(uint32_t class)
{
	switch (class) {
	case LOY__CLASS_MONEY:
	case LOY__CLASS_ANSWER:
	case LOY__CLASS_CATEGORY:
		return 24;
	case LOY__CLASS_EVIDENCE:
		return LOY__SHIFT_EVIDENCE;
	case LOY__CLASS_TAG:
	case LOY__CLASS_STATE:
		return 18;
	default:
		return 40;
	}
}
static inline uint64_t loy__entry_key(uint64_t entry)
{
	return (entry & UINT64_C(0xffffffffffffff)) >> loy__class_shift(loy__entry_class(entry));
}
/* A payload of `bits` bits that starts `at` bits above the number of words, as a signed number. */
static inline uint64_t loy__payload_signed(uint64_t entry, unsigned bits)
{
	uint64_t sign = UINT64_C(1) << (bits - 1), value = entry >> 4 & (2 * sign - 1);

	return (value ^ sign) - sign;
}

/* Time in half-lives since 1970, in units of 1 / LOY__WORST_ONE: the ages of worst episodes. */
static inline int64_t loy__worst_time(const loy__half_life *h, int64_t time)
{
	int64_t whole = loy__floor_div(time, h->microseconds);
	double fraction = (double)(time - whole * h->microseconds) / (double)h->microseconds;

	return whole * LOY__WORST_ONE + (int64_t)(fraction * (double)LOY__WORST_ONE);
}

/* ---- slots: what an entry holds, whatever its form ---- */

#define LOY__SLOTS 8
/*
 * KIND      0 count, 1 first time (INT64_MAX: none), 2 last time (INT64_MIN: none)
 * MONEY     0 purchased, 1-2 squares (low, high), 3 first day + LOY__DAY_BIAS (LOY__NO_DAY: none), 4 spend of
 *           that day, 5 discounts, 6 returned, 7 compensations
 * DAYS      0 bits
 * EVIDENCE  0-2 slow chunks, 3-5 fast chunks, 6 tops (slow low 18 bits, fast the next 18), 7 an upper bound of
 *           |chunk| / 2^32, capped at 255 (not content)
 * WORST     0 worst episode
 * ANSWER    0 time of the latest (INT64_MIN: none), 1-2 its identity (high, low), 3 its share, 4 count, 5 sum,
 *           6-7 squares
 * SPAN      0 count, 1 sum, 2 longest (INT64_MIN: none), 3 targeted, 4 within
 * TAG       0 count
 * CATEGORY  0 count, 1 spend
 * STATE     0 time, 1-2 identity, 3 value
 */
#define LOY__EVIDENCE_NARROW 255 /* events a chunk of 42 bits takes */

/* The two decayed sums among the slots of EVIDENCE. */
static inline void loy__slots_decay(const uint64_t *v, int fast, loy__decay *out)
{
	uint32_t top = (uint32_t)(v[6] >> (fast ? 18 : 0) & 0x3ffff);

	out->chunk[0] = loy__signed(v[fast ? 3 : 0]);
	out->chunk[1] = loy__signed(v[fast ? 4 : 1]);
	out->chunk[2] = loy__signed(v[fast ? 5 : 2]);
	out->top = top != 0 ? (int32_t)top - LOY__TOP_BIAS : LOY__DECAY_EMPTY;
}
static inline void loy__slots_set_decay(uint64_t *v, int fast, const loy__decay *sum)
{
	uint64_t top = sum->top != LOY__DECAY_EMPTY ? (uint64_t)(sum->top + LOY__TOP_BIAS) : 0;

	v[fast ? 3 : 0] = (uint64_t)sum->chunk[0];
	v[fast ? 4 : 1] = (uint64_t)sum->chunk[1];
	v[fast ? 5 : 2] = (uint64_t)sum->chunk[2];
	v[6] = fast ? (v[6] & 0x3ffff) | top << 18 : (v[6] & ~UINT64_C(0x3ffff)) | top;
}
static inline void loy__wide_accumulate(uint64_t *sum, uint64_t low, uint64_t high)
{
	sum[0] += low;
	sum[1] += high + (sum[0] < low);
}

static LOY__ALWAYS_INLINE void loy__load_money(uint64_t entry, const uint64_t *w, uint64_t *v)
{
	unsigned words = loy__entry_words(entry);
	uint64_t day = entry >> 4 & (LOY__NO_DAY - 1);

	v[0] = w[0];
	v[3] = day != 0 ? day : LOY__NO_DAY;
	if (LOY__UNLIKELY(words == 1)) {
		uint64_t size = w[0] >> 63 != 0 ? UINT64_C(0) - w[0] : w[0];

		v[1] = loy__multiply_full(size, size, &v[2]);
		v[4] = w[0];
		v[5] = 0;
	} else {
		v[1] = w[1];
		v[2] = w[2];
		v[4] = w[3];
		v[5] = w[4];
	}
	v[6] = words == 7 ? w[5] : 0;
	v[7] = words == 7 ? w[6] : 0;
}

static LOY__ALWAYS_INLINE void loy__store_money(const uint64_t *v, uint64_t *entry, uint64_t *w)
{
	unsigned words = loy__entry_words(*entry);

	*entry = (*entry & ~((LOY__NO_DAY - 1) << 4)) | (v[3] & (LOY__NO_DAY - 1)) << 4;
	w[0] = v[0];
	if (words == 1)
		return;
	w[1] = v[1];
	w[2] = v[2];
	w[3] = v[4];
	w[4] = v[5];
	if (words == 7) {
		w[5] = v[6];
		w[6] = v[7];
	}
}

/*
 * Chunks of 42 bits: the low 32 bits of all six, two to a word, then 10 high bits of each of chunk + 2^41. Of 32
 * bits: without the last word, which then stands for zeroes. Spelled out: slots stay in registers this way.
 */
#define LOY__CHUNK_BIAS  (UINT64_C(1) << 41)
#define LOY__CHUNK_HIGHS UINT64_C(0x0802008020080200) /* six times 512 */
static LOY__ALWAYS_INLINE uint64_t loy__chunk(uint64_t low, uint64_t high, unsigned at)
{
	return (low | (high >> 10 * at & 1023) << 32) - LOY__CHUNK_BIAS;
}
static LOY__ALWAYS_INLINE void loy__load_evidence(uint64_t entry, const uint64_t *w, uint64_t *v)
{
	unsigned words = loy__entry_words(entry);

	if (LOY__UNLIKELY(words == 6)) {
		v[0] = w[0];
		v[1] = w[1];
		v[2] = w[2];
		v[3] = w[3];
		v[4] = w[4];
		v[5] = w[5];
	} else {
		uint64_t high = words == 4 ? w[3] : LOY__CHUNK_HIGHS;

		v[0] = loy__chunk(w[0] & UINT32_MAX, high, 0);
		v[1] = loy__chunk(w[0] >> 32, high, 1);
		v[2] = loy__chunk(w[1] & UINT32_MAX, high, 2);
		v[3] = loy__chunk(w[1] >> 32, high, 3);
		v[4] = loy__chunk(w[2] & UINT32_MAX, high, 4);
		v[5] = loy__chunk(w[2] >> 32, high, 5);
	}
	v[6] = entry >> 4 & UINT64_C(0xfffffffff);
	v[7] = entry >> 40 & 255;
}

static LOY__ALWAYS_INLINE void loy__store_evidence(const uint64_t *v, uint64_t *entry, uint64_t *w)
{
	unsigned words = loy__entry_words(*entry);

	*entry = (*entry & ~UINT64_C(0xfffffffffff0)) | v[6] << 4 | v[7] << 40;
	if (LOY__UNLIKELY(words == 6)) {
		w[0] = v[0];
		w[1] = v[1];
		w[2] = v[2];
		w[3] = v[3];
		w[4] = v[4];
		w[5] = v[5];
		return;
	}
	w[0] = (v[0] & UINT32_MAX) | v[1] << 32;
	w[1] = (v[2] & UINT32_MAX) | v[3] << 32;
	w[2] = (v[4] & UINT32_MAX) | v[5] << 32;
	if (words == 4)
		w[3] = (v[0] + LOY__CHUNK_BIAS) >> 32 | (v[1] + LOY__CHUNK_BIAS) >> 32 << 10 |
		       (v[2] + LOY__CHUNK_BIAS) >> 32 << 20 | (v[3] + LOY__CHUNK_BIAS) >> 32 << 30 |
		       (v[4] + LOY__CHUNK_BIAS) >> 32 << 40 | (v[5] + LOY__CHUNK_BIAS) >> 32 << 50;
}

/* Add purchases to 5 words or more, without taking the entry apart: sums, squares, a day with its spend. */
static LOY__ALWAYS_INLINE void loy__money_add_in_place(uint64_t *entry, uint64_t *w, uint64_t purchased,
                                                       const uint64_t squares[2], uint64_t day, uint64_t spend,
                                                       uint64_t discounts)
{
	uint64_t first = *entry >> 4 & (LOY__NO_DAY - 1);

	w[0] += purchased;
	loy__wide_accumulate(&w[1], squares[0], squares[1]);
	if (LOY__UNLIKELY(day - 1 < first - 1)) { /* 0: none */
		*entry = (*entry & ~((LOY__NO_DAY - 1) << 4)) | day << 4;
		w[3] = spend;
	} else if (day == first) {
		w[3] += spend;
	}
	w[4] += discounts;
}

/*
 * Add events that reach the same chunks as the ones before, which most do, without taking the entry apart.
 * Chunks of 42 bits: carries of the low parts go to the high ones. Pieces are then not negative.
 */
static LOY__ALWAYS_INLINE void loy__add_in_place(uint64_t *entry, uint64_t *w, const loy__decay *slow,
                                                 const loy__decay *fast, uint64_t events)
{
	uint64_t a, b, c, d, e, f;

	if (LOY__UNLIKELY(loy__entry_words(*entry) == 6)) {
		w[0] += (uint64_t)slow->chunk[0];
		w[1] += (uint64_t)slow->chunk[1];
		w[2] += (uint64_t)slow->chunk[2];
		w[3] += (uint64_t)fast->chunk[0];
		w[4] += (uint64_t)fast->chunk[1];
		w[5] += (uint64_t)fast->chunk[2];
		return;
	}
	a = (w[0] & UINT32_MAX) + (uint64_t)slow->chunk[0];
	b = (w[0] >> 32) + (uint64_t)slow->chunk[1];
	c = (w[1] & UINT32_MAX) + (uint64_t)slow->chunk[2];
	d = (w[1] >> 32) + (uint64_t)fast->chunk[0];
	e = (w[2] & UINT32_MAX) + (uint64_t)fast->chunk[1];
	f = (w[2] >> 32) + (uint64_t)fast->chunk[2];
	w[0] = (a & UINT32_MAX) | b << 32;
	w[1] = (c & UINT32_MAX) | d << 32;
	w[2] = (e & UINT32_MAX) | f << 32;
	w[3] += (a >> 32) + (b >> 32 << 10) + (c >> 32 << 20) + (d >> 32 << 30) + (e >> 32 << 40) +
	        (f >> 32 << 50);
	*entry += events << 40; /* 255 at most, or it would have more words */
}

/* The low 32 bits of a word as a signed number. */
static inline uint64_t loy__signed_half(uint64_t word)
{
	return ((word & UINT32_MAX) ^ UINT64_C(0x80000000)) - UINT64_C(0x80000000);
}

static inline void loy__load_answer(uint64_t entry, const uint64_t *w, uint64_t *v)
{
	v[0] = w[0];
	v[1] = w[1];
	v[2] = w[2];
	v[3] = w[3] & UINT32_MAX;
	if (loy__entry_words(entry) == 4) {
		v[4] = 1;
		v[5] = v[3];
		v[6] = v[3] * v[3];
		v[7] = 0;
	} else {
		v[4] = loy__signed_half(w[3] >> 32);
		v[5] = w[4];
		v[6] = w[5];
		v[7] = w[6];
	}
}

static inline void loy__store_answer(const uint64_t *v, uint64_t entry, uint64_t *w)
{
	w[0] = v[0];
	w[1] = v[1];
	w[2] = v[2];
	w[3] = v[3];
	if (loy__entry_words(entry) == 7) {
		w[3] |= v[4] << 32;
		w[4] = v[5];
		w[5] = v[6];
		w[6] = v[7];
	}
}

static inline void loy__load_span(uint64_t entry, const uint64_t *w, uint64_t *v)
{
	v[1] = w[0];
	if (loy__entry_words(entry) == 1) {
		v[0] = 1;
		v[2] = w[0];
		v[3] = (entry >> 4 & LOY__SINGLE_SPAN_TARGETED) != 0;
		v[4] = (entry >> 4 & LOY__SINGLE_SPAN_WITHIN) != 0;
	} else {
		v[0] = loy__payload_signed(entry, 32);
		v[2] = w[1];
		v[3] = loy__signed_half(w[2]);
		v[4] = loy__signed_half(w[2] >> 32);
	}
}

static inline void loy__store_span(const uint64_t *v, uint64_t *entry, uint64_t *w)
{
	uint64_t payload = v[0] & UINT32_MAX;

	w[0] = v[1];
	if (loy__entry_words(*entry) == 1) {
		payload = v[3] * LOY__SINGLE_SPAN_TARGETED + v[4] * LOY__SINGLE_SPAN_WITHIN;
	} else {
		w[1] = v[2];
		w[2] = (v[3] & UINT32_MAX) | v[4] << 32;
	}
	*entry = (*entry & ~(UINT64_C(0xfffffffff) << 4)) | payload << 4;
}

/* Expand an entry to its slots; those its class has not are left alone. */
static LOY__ALWAYS_INLINE void loy__load(uint32_t class, uint64_t entry, const uint64_t *w, uint64_t *v)
{
	unsigned words = loy__entry_words(entry);

	switch (class) {
	case LOY__CLASS_KIND:
		v[0] = loy__payload_signed(entry, 32);
		v[1] = words != 0 ? w[0] : (uint64_t)INT64_MAX;
		v[2] = words != 0 ? w[words - 1] : (uint64_t)INT64_MIN;
		break;
	case LOY__CLASS_MONEY:
		loy__load_money(entry, w, v);
		break;
	case LOY__CLASS_DAYS:
		v[0] = entry >> 4 & INT32_MAX;
		break;
	case LOY__CLASS_EVIDENCE:
		loy__load_evidence(entry, w, v);
		break;
	case LOY__CLASS_ANSWER:
		loy__load_answer(entry, w, v);
		break;
	case LOY__CLASS_SPAN:
		loy__load_span(entry, w, v);
		break;
	case LOY__CLASS_TAG:
		v[0] = words == 1 ? w[0] : loy__payload_signed(entry, 14);
		break;
	case LOY__CLASS_CATEGORY:
		v[0] = words == 2 ? w[1] : loy__payload_signed(entry, 20);
		v[1] = w[0];
		break;
	case LOY__CLASS_STATE:
		v[3] = w[3];
		v[2] = w[2];
		v[1] = w[1];
		v[0] = w[0];
		break;
	default: /* WORST */
		v[0] = w[0];
		break;
	}
}

/* Put slots into an entry whose number of words is set already. */
static LOY__ALWAYS_INLINE void loy__store(uint32_t class, const uint64_t *v, uint64_t *entry, uint64_t *w)
{
	unsigned words = loy__entry_words(*entry);
	uint64_t bare = *entry >> loy__class_shift(class) << loy__class_shift(class) | words;

	switch (class) {
	case LOY__CLASS_KIND:
		*entry = bare | (v[0] & UINT32_MAX) << 4;
		if (words != 0) {
			w[0] = v[1];
			w[words - 1] = v[2];
		}
		break;
	case LOY__CLASS_MONEY:
		loy__store_money(v, entry, w);
		break;
	case LOY__CLASS_DAYS:
		*entry = bare | v[0] << 4;
		break;
	case LOY__CLASS_EVIDENCE:
		loy__store_evidence(v, entry, w);
		break;
	case LOY__CLASS_ANSWER:
		loy__store_answer(v, *entry, w);
		break;
	case LOY__CLASS_SPAN:
		loy__store_span(v, entry, w);
		break;
	case LOY__CLASS_TAG:
		*entry = bare | (words == 1 ? 0 : (v[0] & 0x3fff) << 4);
		if (words == 1)
			w[0] = v[0];
		break;
	case LOY__CLASS_CATEGORY:
		*entry = bare | (words == 2 ? 0 : (v[0] & 0xfffff) << 4);
		w[0] = v[1];
		if (words == 2)
			w[1] = v[0];
		break;
	case LOY__CLASS_STATE:
		w[0] = v[0];
		w[1] = v[1];
		w[2] = v[2];
		w[3] = v[3];
		break;
	default: /* WORST */
		w[0] = v[0];
		break;
	}
}

#endif
