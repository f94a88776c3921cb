/*
 * Exact decayed sums: sum of amount * 2^(time / half_life), the same bits in whatever order it is built.
 *
 * Method: binned summation (Ahrens, Demmel & Nguyen, ACM TOMS 46(3), 2020) of forward decay (Cormode et al.
 * 2009). An addend is an integer amount * mantissa (96 bits) at bit position floor(time / half_life) - 87.
 * Its magnitude is cut at the absolute multiples of 32 bits, and the three highest pieces that an amount of
 * any size could reach at that time are added to 64-bit chunks without carries. A piece depends on its own
 * event only, integer addition commutes, and which chunks are kept depends on the newest event only: so the
 * state does not depend on order or grouping. Subtracting an addend takes back exactly what adding it gave.
 *
 * Time: half-lives from 1 hour to 100 years, times in the years 1900 to 2199; floor and remainder are exact.
 * Mantissa: 2^f = 2^(i/256) * 2^(j/65536) * 2^r with r < 2^-16 from a polynomial of degree 2, all integer and
 * all cut, so that it never reaches 2: error below 2^-46.4 relative. Derivation of the parts: the fraction is
 * cut to 48 bits (2^-48.5), the cubic term (ln 2)^3/6 r^3 is left out (2^-52.1), the result is cut to 48 bits
 * (2^-47). Reading: relative error below 2^-50 against the stored integer.
 */
#include "numeric/numeric.h"
#include "numeric/decay_table.h"

#include <math.h>
#include <string.h>

/* Above this bit no addend can reach: amount * mantissa < 2^96 lies 87 places below the whole half-lives. */
#define DECAY_REACH 8

/* floor(x / 32) and x mod 32 of a possibly negative bit position, far smaller than 2^40. */
#define DECAY_SHIFTED(x) ((uint64_t)((x) + (INT64_C(1) << 40)))
#define DECAY_INDEX(x)   ((int64_t)(DECAY_SHIFTED(x) >> 5) - (INT64_C(1) << 35))
#define DECAY_PLACE(x)   ((unsigned)(DECAY_SHIFTED(x) & 31))

loy_status loy__half_life_init(loy__half_life *h, int64_t microseconds)
{
	uint64_t quotient = 1, rest, divisor = (uint64_t)microseconds;
	int64_t origin;
	uint32_t bits = 0;
	int i;

	if (microseconds < LOY__HALF_LIFE_MIN || microseconds > LOY__HALF_LIFE_MAX)
		return LOY_ERANGE;
	while (divisor >> bits != 0)
		bits++;
	/* long division of 2^(63 + bits) - 1: its first `bits` digits give a 1, then come 63 more */
	rest = (UINT64_C(1) << bits) - 1 - divisor;
	for (i = 0; i < 63; i++) {
		rest = rest << 1 | 1;
		quotient <<= 1;
		if (rest >= divisor) {
			rest -= divisor;
			quotient |= 1;
		}
	}
	origin = loy__floor_div(LOY_TIME_MIN, microseconds);
	h->microseconds = microseconds;
	h->bias = -origin * microseconds;
	h->reciprocal = quotient;
	h->origin = (int32_t)origin;
	h->bits = bits;
	return LOY_OK;
}

/* floor(time / half_life), and the remainder. */
static LOY__ALWAYS_INLINE int64_t decay_divide(const loy__half_life *h, int64_t time, uint64_t *rest)
{
	uint64_t positive = (uint64_t)(time + h->bias), divisor = (uint64_t)h->microseconds;
	/* 32 bits of each: at most 1 too small, as 2^22 / half_life and quotient * 2^-31 are below 1/100 */
	uint64_t quotient = (positive >> 22) * (h->reciprocal >> 32) >> (h->bits + 9);
	uint64_t left = positive - quotient * divisor;
	uint64_t more = left >= divisor;

	*rest = left - (more ? divisor : 0);
	return (int64_t)(quotient + more) + h->origin;
}

/* What moves a rest to the top of 64 bits. A product, as processors take longer to move by places they look up. */
static LOY__ALWAYS_INLINE uint64_t decay_scale_of(const loy__half_life *h)
{
	return UINT64_C(1) << (64 - h->bits);
}

/* 2^(rest / half_life) as an integer in [2^47, 2^48), of a rest that was moved to the top. */
static LOY__ALWAYS_INLINE uint64_t decay_mantissa(const loy__half_life *h, uint64_t rest)
{
	uint64_t high, low, place, fraction, r, q, fine, v, coarse;

	/*
	 * rest / half_life with 63, then 48 places: the top of a product of two 64-bit numbers. Leaving out
	 * low parts and cutting the reciprocal takes less than 4 units, which are given back: so the halves,
	 * quarters and so on are exact, and the result stays below 1, as half-lives are below 2^52.
	 */
	high = h->reciprocal >> 32;
	low = h->reciprocal & 0xffffffff;
	place = rest >> 32;
	fraction = place * high + (place * low >> 32) + ((rest & 0xffffffff) * high >> 32);
	fraction = (fraction + 4) >> 15;
	/* 2^r - 1 with 64 places: r * (ln 2 + r * (ln 2)^2 / 2), the constants with 40 and 34 places */
	r = fraction & 0xffffffff;
	q = UINT64_C(762123384785) + (r * UINT64_C(4127059964) >> 42);
	q = (r * (q >> 8) + (r * (q & 255) >> 8)) >> 16;
	/* 2^(j/65536) * 2^r - 1 */
	fine = decay_fine[fraction >> 32 & 255];
	v = fine + q + ((fine >> 24) * (q >> 16) >> 24);
	/* times 2^(i/256), which has 63 places; one of v's is given up */
	coarse = decay_coarse[fraction >> 40];
	high = coarse >> 32;
	low = coarse & 0xffffffff;
	place = v >> 32;
	coarse += high * place + (high * (v & 0xffffffff) >> 32) + (low * place >> 32);
	return coarse >> 16;
}

static LOY__ALWAYS_INLINE void decay_at(const loy__half_life *h, int64_t time, loy__decay_time *out)
{
	uint64_t rest;

	out->whole = decay_divide(h, time, &rest);
	out->mantissa = decay_mantissa(h, rest * decay_scale_of(h));
}

void loy__decay_at(const loy__half_life *h, int64_t time, loy__decay_time *out)
{
	decay_at(h, time, out);
}

void loy__decay_at_two(const loy__half_life *slow, const loy__half_life *fast, int64_t time,
                       loy__decay_time out[2])
{
	decay_at(slow, time, &out[0]);
	decay_at(fast, time, &out[1]);
}

int loy__decay_valid(const loy__decay *sum)
{
	int i;

	_Static_assert(DECAY_INDEX(LOY_TIME_MIN / LOY__HALF_LIFE_MIN + DECAY_REACH) == LOY__DECAY_TOP_LEAST &&
	                       DECAY_INDEX(LOY_TIME_MAX / LOY__HALF_LIFE_MIN + DECAY_REACH) ==
	                               LOY__DECAY_TOP_MOST,
	               "the tops that times can reach are others");

	if (sum->top == LOY__DECAY_EMPTY)
		return sum->chunk[0] == 0 && sum->chunk[1] == 0 && sum->chunk[2] == 0;
	if (sum->top < LOY__DECAY_TOP_LEAST || sum->top > LOY__DECAY_TOP_MOST)
		return 0;
	for (i = 0; i < LOY__DECAY_CHUNKS; i++)
		if (sum->chunk[i] < -LOY__DECAY_LIMIT || sum->chunk[i] > LOY__DECAY_LIMIT)
			return 0;
	return 1;
}

/* a + b of two numbers within the limit; *bad becomes 1 when the sum is not. */
static int64_t decay_sum(int64_t a, int64_t b, uint64_t *bad)
{
	uint64_t sum = (uint64_t)a + (uint64_t)b;
	const uint64_t limit = (uint64_t)LOY__DECAY_LIMIT;

	*bad |= sum + limit > 2 * limit;
	return loy__signed(sum);
}

/* Add pieces whose highest belongs to chunk `top`; the sum ends up with the higher `top` of the two. */
static loy_status decay_combine(loy__decay *sum, int64_t top, int64_t p0, int64_t p1, int64_t p2)
{
	int64_t c0 = sum->chunk[0], c1 = sum->chunk[1], c2 = sum->chunk[2];
	int64_t higher = top - sum->top;
	uint64_t bad = 0;

	if (LOY__UNLIKELY(higher != 0)) {
		if (higher > 0) { /* the sum's lowest chunks fall out */
			c2 = higher == 1 ? c1 : higher == 2 ? c0 : 0;
			c1 = higher == 1 ? c0 : 0;
			c0 = 0;
		} else { /* the addend's lowest pieces do */
			p2 = higher == -1 ? p1 : higher == -2 ? p0 : 0;
			p1 = higher == -1 ? p0 : 0;
			p0 = 0;
			top = sum->top;
		}
	}
	c0 = decay_sum(c0, p0, &bad);
	c1 = decay_sum(c1, p1, &bad);
	c2 = decay_sum(c2, p2, &bad);
	if (LOY__UNLIKELY(bad != 0))
		return LOY_EOVERFLOW;
	sum->chunk[0] = c0;
	sum->chunk[1] = c1;
	sum->chunk[2] = c2;
	sum->top = (int32_t)top;
	return LOY_OK;
}

/* The pieces of a weight of 1, whose amount is a power of two: the mantissa moves, nothing is multiplied. */
static LOY__ALWAYS_INLINE void decay_one(uint64_t mantissa, unsigned drop, int64_t piece[3])
{
	unsigned up = LOY__AMOUNT_BITS - drop; /* 9 to 40 */
	uint64_t low = mantissa << up;

	piece[0] = (int64_t)(mantissa >> (64 - up));
	piece[1] = (int64_t)(low >> 32);
	piece[2] = (int64_t)(low & 0xffffffff);
}

static LOY__ALWAYS_INLINE void decay_addend_one(loy__decay *out, const loy__decay_time *when)
{
	decay_one(when->mantissa, 31 - DECAY_PLACE(when->whole + DECAY_REACH), out->chunk);
	out->top = (int32_t)DECAY_INDEX(when->whole + DECAY_REACH);
}

static LOY__ALWAYS_INLINE void decay_addend(loy__decay *out, const loy__decay_time *when, int64_t amount)
{
	uint64_t size = amount < 0 ? UINT64_C(0) - (uint64_t)amount : (uint64_t)amount;
	uint64_t a0 = size & 0xffffffff, a1 = size >> 32;
	uint64_t m0 = when->mantissa & 0xffffffff, m1 = when->mantissa >> 32;
	uint64_t low = a0 * m0, middle = a0 * m1 + a1 * m0 + (low >> 32), high;
	unsigned drop = 31 - DECAY_PLACE(when->whole + DECAY_REACH);

	high = a1 * m1 + (middle >> 32);
	/* bit 95 of the product moves to its place inside the highest chunk; what falls below is cut */
	out->chunk[0] = (int64_t)(high >> drop);
	out->chunk[1] = (int64_t)((high << 32 | (middle & 0xffffffff)) >> drop & 0xffffffff);
	out->chunk[2] = (int64_t)((middle << 32 | (low & 0xffffffff)) >> drop & 0xffffffff);
	if (amount < 0) {
		out->chunk[0] = -out->chunk[0];
		out->chunk[1] = -out->chunk[1];
		out->chunk[2] = -out->chunk[2];
	}
	out->top = (int32_t)DECAY_INDEX(when->whole + DECAY_REACH);
}

void loy__decay_addend(loy__decay *out, const loy__decay_time *when, int64_t amount)
{
	decay_addend(out, when, amount);
}

void loy__decay_addend_two(loy__decay out[2], const loy__decay_time when[2], int64_t amount)
{
	if (LOY__LIKELY(amount == LOY__AMOUNT_ONE)) {
		decay_addend_one(&out[0], &when[0]);
		decay_addend_one(&out[1], &when[1]);
	} else {
		decay_addend(&out[0], &when[0], amount);
		decay_addend(&out[1], &when[1], amount);
	}
}

/* ---- many times of one half-life: the period they lie in is divided for once ---- */

void loy__decay_period_init(loy__decay_period *period, const loy__half_life *h)
{
	period->half_life = h;
	period->begin = 0;
	period->width = 0; /* no time lies in it */
	period->top = LOY__DECAY_EMPTY;
	period->drop = 0;
}

static LOY__NOINLINE void decay_period_move(loy__decay_period *period, int64_t time)
{
	uint64_t rest;
	int64_t whole = decay_divide(period->half_life, time, &rest) + DECAY_REACH;

	period->begin = time - (int64_t)rest;
	period->width = (uint64_t)period->half_life->microseconds;
	period->top = (int32_t)DECAY_INDEX(whole);
	period->drop = 31 - DECAY_PLACE(whole);
}

static LOY__ALWAYS_INLINE void decay_within(loy__decay *out, loy__decay_period *period, int64_t time)
{
	const loy__half_life *h = period->half_life;

	if (LOY__UNLIKELY((uint64_t)(time - period->begin) >= period->width))
		decay_period_move(period, time);
	decay_one(decay_mantissa(h, (uint64_t)(time - period->begin) * decay_scale_of(h)), period->drop,
	          out->chunk);
	out->top = period->top;
}

void loy__decay_within_two(loy__decay out[2], loy__decay_period *slow, loy__decay_period *fast, int64_t time,
                           int64_t amount)
{
	loy__decay_time when[2];

	if (LOY__LIKELY(amount == LOY__AMOUNT_ONE)) {
		decay_within(&out[0], slow, time);
		decay_within(&out[1], fast, time);
	} else {
		loy__decay_at_two(slow->half_life, fast->half_life, time, when);
		loy__decay_addend_two(out, when, amount);
	}
}

static void decay_collect_other(loy__decay *sum, const loy__half_life *h, const int64_t *times,
                                uint32_t count, int64_t amount)
{
	loy__decay_time when;
	loy__decay addend;
	uint32_t i;

	for (i = 0; i < count; i++) {
		decay_at(h, times[i], &when);
		decay_addend(&addend, &when, amount);
		(void)decay_combine(sum, addend.top, addend.chunk[0], addend.chunk[1], addend.chunk[2]);
	}
}

void loy__decay_collect(loy__decay *sum, loy__decay_period *period, const int64_t *times, uint32_t count,
                        int64_t amount)
{
	const loy__half_life h = *period->half_life;
	const uint64_t scale = decay_scale_of(&h);
	int64_t c0, c1, c2, piece[3];
	uint32_t i = 0;

	if (LOY__UNLIKELY(amount != LOY__AMOUNT_ONE)) {
		decay_collect_other(sum, period->half_life, times, count, amount);
		return;
	}
	while (i < count) {
		if ((uint64_t)(times[i] - period->begin) >= period->width)
			decay_period_move(period, times[i]);
		for (c0 = c1 = c2 = 0; i < count; i++) {
			uint64_t rest = (uint64_t)(times[i] - period->begin);

			if (LOY__UNLIKELY(rest >= period->width))
				break;
			decay_one(decay_mantissa(&h, rest * scale), period->drop, piece);
			c0 += piece[0];
			c1 += piece[1];
			c2 += piece[2];
		}
		if (LOY__LIKELY(sum->top == LOY__DECAY_EMPTY || sum->top == period->top)) {
			sum->chunk[0] += c0;
			sum->chunk[1] += c1;
			sum->chunk[2] += c2;
			sum->top = period->top;
		} else {
			(void)decay_combine(sum, period->top, c0, c1, c2);
		}
	}
}

loy_status loy__decay_add(loy__decay *sum, const loy__decay_time *when, int64_t amount)
{
	loy__decay addend;

	if (LOY__UNLIKELY(amount >= LOY__AMOUNT_LIMIT || amount <= -LOY__AMOUNT_LIMIT))
		return LOY_ERANGE;
	if (amount == 0)
		return LOY_OK;
	loy__decay_addend(&addend, when, amount);
	return decay_combine(sum, addend.top, addend.chunk[0], addend.chunk[1], addend.chunk[2]);
}

loy_status loy__decay_merge(loy__decay *into, const loy__decay *from)
{
	if (from->top == LOY__DECAY_EMPTY)
		return LOY_OK;
	return decay_combine(into, from->top, from->chunk[0], from->chunk[1], from->chunk[2]);
}

void loy__decay_now_init(loy__decay_now *now, const loy__half_life *h, int64_t time)
{
	uint64_t rest;

	now->whole = decay_divide(h, time, &rest);
	now->scale = loy__exp2(-((double)rest / (double)h->microseconds));
}

/* x * 2^power for |power| far beyond the exponents of doubles too: saturates, underflows to 0. */
static double decay_scale(double x, int64_t power)
{
	double scaled = ldexp(x, (int)(power > 4096 ? 4096 : power < -4096 ? -4096 : power));

	if (scaled == 0.0)
		return 0.0; /* never -0 */
	return scaled > DBL_MAX ? DBL_MAX : scaled < -DBL_MAX ? -DBL_MAX : scaled;
}

double loy__decay_read(const loy__decay *sum, const loy__decay_now *now)
{
	/* the lowest chunk counts multiples of 2^(32 (top - 2)) */
	int64_t power = ((int64_t)sum->top - 2) * 32 - now->whole;
	uint64_t bias = (uint64_t)1 << 63, bits;
	uint64_t low, middle;
	double value, factor;

	/* carry: now only the first is signed and the others are below 2^32, so nothing cancels inexactly */
	low = (uint64_t)sum->chunk[2] + bias;
	middle = (uint64_t)sum->chunk[1] + (low >> 32) - (UINT64_C(1) << 31) + bias;
	value = (double)(sum->chunk[0] + ((int64_t)(middle >> 32) - (INT64_C(1) << 31)));
	value = value * 4294967296.0 + (double)(int64_t)(middle & 0xffffffff);
	value = value * 4294967296.0 + (double)(int64_t)(low & 0xffffffff);
	value *= now->scale;
	if (LOY__UNLIKELY(power < -1000 || power > 800)) /* an empty sum comes this way */
		return decay_scale(value, power);
	bits = (uint64_t)(power + 1023) << 52;
	memcpy(&factor, &bits, sizeof(factor));
	return value * factor;
}
