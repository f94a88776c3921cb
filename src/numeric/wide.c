/*
 * 128-bit integers in two's complement from 64-bit halves.
 *
 * Method: schoolbook arithmetic on 64-bit and 32-bit pieces (Knuth, The Art of Computer Programming 2, 1997,
 * section 4.3.1). Range: -2^127 .. 2^127 - 1. Error: none; loy__wide_to_double rounds once, to nearest, ties
 * to even. Special cases: the negative of -2^127 is itself, as it is for the built-in types.
 */
#include "numeric/numeric.h"

#include <math.h>
#include <string.h>

static uint64_t wide_magnitude(int64_t v)
{
	return v < 0 ? UINT64_C(0) - (uint64_t)v : (uint64_t)v;
}

loy__wide loy__wide_from(int64_t v)
{
	loy__wide out;

	out.low = (uint64_t)v;
	out.high = v < 0 ? -1 : 0;
	return out;
}

int loy__wide_add(loy__wide a, loy__wide b, loy__wide *out)
{
	uint64_t low = a.low + b.low;
	uint64_t high = (uint64_t)a.high + (uint64_t)b.high + (low < a.low);

	/* it left the range when both signs differ from the sign of the result */
	if (((((uint64_t)a.high ^ high) & ((uint64_t)b.high ^ high)) >> 63) != 0)
		return 0;
	out->low = low;
	out->high = loy__signed(high);
	return 1;
}

loy__wide loy__wide_negate(loy__wide a)
{
	loy__wide out;

	out.low = UINT64_C(0) - a.low;
	out.high = loy__signed(~(uint64_t)a.high + (a.low == 0));
	return out;
}

loy__wide loy__wide_multiply(int64_t a, int64_t b)
{
	uint64_t high;
	loy__wide out;

	out.low = loy__multiply_full(wide_magnitude(a), wide_magnitude(b), &high);
	out.high = loy__signed(high); /* at most 2^62 */
	return (a < 0) != (b < 0) ? loy__wide_negate(out) : out;
}

double loy__wide_to_double(loy__wide a)
{
	int negative = a.high < 0;
	uint64_t high, low, bits, rest;
	int shift = 0; /* places the magnitude was moved left */

	if (negative)
		a = loy__wide_negate(a);
	high = (uint64_t)a.high;
	low = a.low;
	if (high == 0) {
		high = low;
		low = 0;
		shift = 64;
	}
	if (high == 0)
		return 0.0;
	while ((high >> 63) == 0) {
		high = high << 1 | low >> 63;
		low <<= 1;
		shift++;
	}
	/* 53 bits stay, 11 of this word and all of the other decide the rounding */
	bits = high >> 11;
	rest = (high & 0x7ff) << 1 | (low != 0);
	if (rest > 0x800 || (rest == 0x800 && (bits & 1) != 0))
		bits++;
	return ldexp(negative ? -(double)bits : (double)bits, 75 - shift);
}

size_t loy__wide_write(loy__wide a, char *out)
{
	const uint32_t billion = 1000000000;
	uint32_t word[4];
	char digits[40];
	size_t count = 0, length = 0, i;
	int left = 4;

	if (a.high < 0) {
		out[length++] = '-';
		a = loy__wide_negate(a);
	}
	word[0] = (uint32_t)((uint64_t)a.high >> 32);
	word[1] = (uint32_t)(uint64_t)a.high;
	word[2] = (uint32_t)(a.low >> 32);
	word[3] = (uint32_t)a.low;
	while (left > 0) {
		uint64_t carry = 0;
		int k;

		for (k = 0; k < 4; k++) {
			carry = carry << 32 | word[k];
			word[k] = (uint32_t)(carry / billion);
			carry %= billion;
		}
		left = (word[0] | word[1] | word[2] | word[3]) != 0;
		for (k = 0; k < 9 && (left || carry != 0 || count == 0); k++) {
			digits[count++] = (char)('0' + (int)(carry % 10));
			carry /= 10;
		}
	}
	for (i = 0; i < count; i++)
		out[length + i] = digits[count - 1 - i];
	return length + count;
}
