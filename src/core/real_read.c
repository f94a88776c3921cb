/*
 * Decimals read as doubles: correctly rounded, half to even, no locale.
 *
 * Method: the quotient of whole numbers of up to 2,048 bits, to 62 bits and a remainder. At most 19 significant
 * digits are taken, which is two more than any double needs.
 */
#include "core/core.h"

#include <math.h>
#include <string.h>

#define LIMBS       64u
#define DIGITS_READ 19
#define TEN_MOST    400 /* largest decimal exponent looked at */

struct big {
	uint32_t limb[LIMBS]; /* lowest first */
	uint32_t count;       /* limbs that are not leading zeroes */
};

static void big_set(struct big *b, uint64_t v)
{
	b->limb[0] = (uint32_t)v;
	b->limb[1] = (uint32_t)(v >> 32);
	b->count = b->limb[1] != 0 ? 2 : (b->limb[0] != 0 ? 1 : 0);
}

static void big_multiply(struct big *b, uint32_t factor)
{
	uint64_t carry = 0;
	uint32_t i;

	for (i = 0; i < b->count; i++) {
		carry += (uint64_t)b->limb[i] * factor;
		b->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry != 0)
		b->limb[b->count++] = (uint32_t)carry;
}

static void big_ten(struct big *b, int power)
{
	for (; power >= 9; power -= 9)
		big_multiply(b, 1000000000u);
	for (; power > 0; power--)
		big_multiply(b, 10u);
}

static int word_bits(uint64_t v)
{
	int bits = 0;

	for (; v != 0; v >>= 1)
		bits++;
	return bits;
}

static int big_bits(const struct big *b)
{
	return b->count == 0 ? 0 : (int)(b->count - 1) * 32 + word_bits(b->limb[b->count - 1]);
}

static void big_shift(struct big *b, int bits)
{
	uint32_t whole = (uint32_t)bits / 32, part = (uint32_t)bits % 32, i;

	if (b->count == 0 || bits == 0)
		return;
	memmove(b->limb + whole, b->limb, b->count * sizeof(uint32_t));
	memset(b->limb, 0, whole * sizeof(uint32_t));
	b->count += whole;
	if (part != 0) {
		uint32_t high = b->limb[b->count - 1] >> (32 - part);

		for (i = b->count - 1; i > whole; i--)
			b->limb[i] = b->limb[i] << part | b->limb[i - 1] >> (32 - part);
		b->limb[whole] <<= part;
		if (high != 0)
			b->limb[b->count++] = high;
	}
}

static void big_halve(struct big *b)
{
	uint32_t i;

	for (i = 0; i < b->count; i++)
		b->limb[i] = b->limb[i] >> 1 | (i + 1 < b->count ? b->limb[i + 1] << 31 : 0);
	if (b->count > 0 && b->limb[b->count - 1] == 0)
		b->count--;
}

static int big_less(const struct big *a, const struct big *b)
{
	uint32_t i;

	if (a->count != b->count)
		return a->count < b->count;
	for (i = a->count; i-- > 0;) {
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i];
	}
	return 0;
}

/* a -= b, for a >= b. */
static void big_subtract(struct big *a, const struct big *b)
{
	uint64_t borrow = 0;
	uint32_t i;

	for (i = 0; i < a->count; i++) {
		uint64_t take = borrow + (i < b->count ? b->limb[i] : 0);

		borrow = a->limb[i] < take;
		a->limb[i] = (uint32_t)(a->limb[i] - take);
	}
	while (a->count > 0 && a->limb[a->count - 1] == 0)
		a->count--;
}

/* floor(a / b), which must fit in 64 bits; a becomes the remainder, b is used up. */
static uint64_t big_divide(struct big *a, struct big *b)
{
	int shift = big_bits(a) - big_bits(b);
	uint64_t quotient = 0;

	if (shift < 0)
		return 0;
	big_shift(b, shift);
	for (; shift >= 0; shift--) {
		quotient <<= 1;
		if (!big_less(a, b)) {
			big_subtract(a, b);
			quotient |= 1;
		}
		big_halve(b);
	}
	return quotient;
}

/* digits * 10^power, correctly rounded; infinite when too large. */
static double from_decimal(uint64_t digits, int power)
{
	struct big a, b;
	uint64_t quotient, half, rest;
	int shift, drop, lowest;

	if (digits == 0)
		return 0.0;
	big_set(&a, digits);
	big_set(&b, 1);
	big_ten(power > 0 ? &a : &b, power > 0 ? power : -power);
	shift = 62 - (big_bits(&a) - big_bits(&b)); /* the quotient then has 62 or 63 bits */
	big_shift(shift > 0 ? &a : &b, shift > 0 ? shift : -shift);
	quotient = big_divide(&a, &b);
	lowest = word_bits(quotient) - 53 - shift; /* exponent of the last bit kept */
	lowest = lowest > -1074 ? lowest : -1074;
	drop = lowest + shift;
	if (drop > 63)
		return 0.0;
	half = UINT64_C(1) << (drop - 1);
	rest = quotient & (2 * half - 1);
	quotient >>= drop;
	if (rest > half || (rest == half && (a.count > 0 || (quotient & 1) != 0)))
		quotient++;
	return lowest > 1023 ? (double)INFINITY : ldexp((double)quotient, lowest);
}

/* The digits of a number at `text`: their value in *digits, exponent in *power. Returns the bytes; 0 for none. */
static size_t read_digits(const char *text, size_t length, uint64_t *digits, int *power, loy_status *status)
{
	size_t at = 0, seen = 0;
	int point = 0, significant = 0, exponent = 0;
	uint64_t n = 0;

	for (; at < length; at++) {
		if (text[at] == '.' && !point) {
			point = 1;
			continue;
		}
		if (text[at] < '0' || text[at] > '9')
			break;
		seen++;
		if (n != 0 || text[at] != '0')
			significant++;
		if (significant <= DIGITS_READ) {
			n = n * 10 + (uint64_t)(text[at] - '0');
			exponent -= point;
		} else if (text[at] == '0') {
			exponent += !point; /* zeroes after all digits only say how large the number is */
		} else {
			*status = LOY_ERANGE;
		}
	}
	*digits = n;
	*power = exponent < -10000 ? -10000 : exponent > 10000 ? 10000 : exponent;
	return seen > 0 ? at : 0;
}

static size_t read_exponent(const char *text, size_t length, int *power)
{
	size_t at = 1;
	int sign = 1, value = 0, seen = 0;

	if (length < 2 || (text[0] != 'e' && text[0] != 'E'))
		return 0;
	if (text[at] == '-' || text[at] == '+')
		sign = text[at++] == '-' ? -1 : 1;
	for (; at < length && text[at] >= '0' && text[at] <= '9'; at++, seen++)
		value = value < 10000 ? value * 10 + (text[at] - '0') : value;
	if (seen == 0)
		return 0;
	*power += sign * value;
	return at;
}

size_t loy__real_read(const char *text, size_t length, double *value, loy_status *status)
{
	size_t at = 0, used;
	uint64_t digits;
	int power, negative = 0;

	*status = LOY_OK;
	if (at < length && (text[at] == '-' || text[at] == '+'))
		negative = text[at++] == '-';
	if (length - at >= 3 && memcmp(text + at, "nan", 3) == 0) {
		*value = (double)NAN;
		return at + 3;
	}
	if (length - at >= 3 && memcmp(text + at, "inf", 3) == 0) {
		*value = (double)(negative ? -INFINITY : INFINITY);
		return at + 3;
	}
	used = read_digits(text + at, length - at, &digits, &power, status);
	if (used == 0)
		return 0;
	at += used;
	at += read_exponent(text + at, length - at, &power);
	if (digits != 0 && (power > TEN_MOST || power < -TEN_MOST))
		*status = LOY_ERANGE;
	if (*status != LOY_OK)
		return at;
	*value = from_decimal(digits, power);
	if (*value > DBL_MAX)
		*status = LOY_ERANGE;
	if (negative)
		*value = -*value;
	return at;
}
