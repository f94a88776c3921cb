/*
 * Whole numbers of a few words: sums of moments, and what is computed of them.
 *
 * Method: schoolbook arithmetic on 64-bit words (Knuth, The Art of Computer Programming 2, 1997, section 4.3.1).
 * Error: none; loy__big_to_double rounds once, to nearest, ties to even.
 */
#include "numeric/moments.h"

#include <math.h>
#include <string.h>

/* ---- sums ---- */

void loy__sum_add(loy__sum *into, const loy__sum *from)
{
	uint64_t carry = 0;
	uint32_t i;

	for (i = 0; i < LOY__SUM_WORDS; i++) {
		uint64_t a = into->word[i], sum = a + from->word[i], with = sum + carry;

		carry = (uint64_t)(sum < a) | (uint64_t)(with < sum);
		into->word[i] = with;
	}
}

void loy__sum_add_whole(loy__sum *into, int64_t value, uint32_t shift)
{
	uint64_t low = (uint64_t)value, sign = value < 0 ? UINT64_MAX : 0, high = sign, carry = 0;
	uint32_t bits = shift % 64, i;

	if (bits != 0) {
		high = sign << bits | low >> (64 - bits);
		low <<= bits;
	}
	for (i = shift / 64; i < LOY__SUM_WORDS; i++) {
		uint64_t a = into->word[i], sum = a + low, with = sum + carry;

		carry = (uint64_t)(sum < a) | (uint64_t)(with < sum);
		into->word[i] = with;
		low = high;
		high = sign;
	}
}

void loy__sum_add_double(loy__sum *into, double value, uint32_t shift)
{
	loy__sum_add_whole(into, (int64_t)value, shift);
}

int loy__sum_sign(const loy__sum *sum)
{
	uint32_t i;

	if (sum->word[LOY__SUM_WORDS - 1] >> 63 != 0)
		return -1;
	for (i = 0; i < LOY__SUM_WORDS; i++) {
		if (sum->word[i] != 0)
			return 1;
	}
	return 0;
}

int loy__sum_within(const loy__sum *sum, uint64_t bound, uint32_t shift)
{
	uint64_t limit[LOY__SUM_WORDS] = {0};
	uint32_t bits = shift % 64, i;
	loy__big magnitude;

	limit[shift / 64] = bound << bits;
	if (bits != 0)
		limit[shift / 64 + 1] = bound >> (64 - bits);
	loy__big_from_sum(&magnitude, sum);
	for (i = LOY__SUM_WORDS; i-- > 0;) {
		uint64_t word = i < magnitude.count ? magnitude.word[i] : 0;

		if (word != limit[i])
			return word < limit[i];
	}
	return 1;
}

/* ---- sign and magnitude ---- */

static void trim(loy__big *a)
{
	while (a->count > 0 && a->word[a->count - 1] == 0)
		a->count--;
	if (a->count == 0)
		a->negative = 0;
}

void loy__big_from_sum(loy__big *out, const loy__sum *sum)
{
	uint64_t flip, carry;
	uint32_t i;

	out->negative = sum->word[LOY__SUM_WORDS - 1] >> 63 != 0;
	flip = out->negative ? UINT64_MAX : 0;
	carry = out->negative ? 1 : 0;
	for (i = 0; i < LOY__SUM_WORDS; i++) {
		uint64_t word = (sum->word[i] ^ flip) + carry;

		carry = (uint64_t)(word < carry);
		out->word[i] = word;
	}
	out->count = LOY__SUM_WORDS;
	trim(out);
}

void loy__big_from_u64(loy__big *out, uint64_t value)
{
	out->word[0] = value;
	out->count = value != 0 ? 1 : 0;
	out->negative = 0;
}

void loy__big_multiply(loy__big *out, const loy__big *a, const loy__big *b)
{
	uint32_t i, k;

	for (i = 0; i < a->count + b->count && i < LOY__BIG_WORDS; i++)
		out->word[i] = 0;
	out->count = i;
	for (i = 0; i < a->count; i++) {
		uint64_t carry = 0;

		for (k = 0; k < b->count && i + k < LOY__BIG_WORDS; k++) {
			uint64_t high, low = loy__multiply_full(a->word[i], b->word[k], &high);

			low += carry;
			high += (uint64_t)(low < carry);
			out->word[i + k] += low;
			carry = high + (uint64_t)(out->word[i + k] < low);
		}
		if (i + k < LOY__BIG_WORDS)
			out->word[i + k] = carry; /* nothing has been added there yet */
	}
	out->negative = a->negative != b->negative;
	trim(out);
}

static int magnitude_less(const loy__big *a, const loy__big *b)
{
	uint32_t i;

	if (a->count != b->count)
		return a->count < b->count;
	for (i = a->count; i-- > 0;) {
		if (a->word[i] != b->word[i])
			return a->word[i] < b->word[i];
	}
	return 0;
}

static void add_magnitudes(loy__big *out, const loy__big *a, const loy__big *b)
{
	uint32_t count = a->count > b->count ? a->count : b->count, i;
	uint64_t carry = 0;

	for (i = 0; i < count; i++) {
		uint64_t x = i < a->count ? a->word[i] : 0, y = i < b->count ? b->word[i] : 0;
		uint64_t sum = x + y, with = sum + carry;

		carry = (uint64_t)(sum < x) | (uint64_t)(with < sum);
		out->word[i] = with;
	}
	if (carry != 0 && count < LOY__BIG_WORDS)
		out->word[count++] = carry;
	out->count = count;
}

/* |a| - |b|, where |a| is not the less. */
static void subtract_magnitudes(loy__big *out, const loy__big *a, const loy__big *b)
{
	uint64_t borrow = 0;
	uint32_t i;

	for (i = 0; i < a->count; i++) {
		uint64_t x = a->word[i], y = i < b->count ? b->word[i] : 0;
		uint64_t difference = x - y, with = difference - borrow;

		borrow = (uint64_t)(x < y) | (uint64_t)(difference < borrow);
		out->word[i] = with;
	}
	out->count = a->count;
}

static void add_signed(loy__big *out, const loy__big *a, const loy__big *b, int b_negative)
{
	int negative = a->negative;

	if (a->negative == b_negative) {
		add_magnitudes(out, a, b);
	} else if (magnitude_less(a, b)) {
		subtract_magnitudes(out, b, a);
		negative = b_negative;
	} else {
		subtract_magnitudes(out, a, b);
	}
	out->negative = negative;
	trim(out);
}

void loy__big_add(loy__big *out, const loy__big *a, const loy__big *b)
{
	add_signed(out, a, b, b->negative);
}

void loy__big_subtract(loy__big *out, const loy__big *a, const loy__big *b)
{
	add_signed(out, a, b, !b->negative);
}

double loy__big_to_double(const loy__big *a, int exponent)
{
	uint64_t high, low, bits, rest;
	uint32_t i;
	int shift = 0;

	if (a->count == 0)
		return 0.0;
	high = a->word[a->count - 1];
	low = a->count > 1 ? a->word[a->count - 2] : 0;
	while ((high >> 63) == 0) {
		high = high << 1 | low >> 63;
		low <<= 1;
		shift++;
	}
	rest = (high & 0x7ff) << 1 | (uint64_t)(low != 0);
	for (i = 0; i + 2 < a->count; i++)
		rest |= (uint64_t)(a->word[i] != 0);
	bits = high >> 11; /* 53 bits stay */
	if (rest > 0x800 || (rest == 0x800 && (bits & 1) != 0))
		bits++;
	return ldexp(a->negative ? -(double)bits : (double)bits,
	             64 * ((int)a->count - 1) + 11 - shift + exponent);
}
