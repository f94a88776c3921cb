/*
 * The shortest decimal that is read back as the same double (Steele & White 1990, with the boundaries of Burger &
 * Dybvig 1996), by exact integers of up to 1200 bits: slow and simple. No locale, no table.
 */
#include "core/core.h"

#include <string.h>

#define LIMBS  36 /* 1152 bits: 2^1077 * 10, the greatest bottom, fits */
#define DIGITS 17 /* as many as any double needs */

typedef struct big {
	uint32_t limb[LIMBS];
	unsigned used; /* limbs beyond are not looked at; the last one is not zero */
} big;

static void set(big *a, uint64_t value)
{
	a->limb[0] = (uint32_t)value;
	a->limb[1] = (uint32_t)(value >> 32);
	a->used = a->limb[1] != 0 ? 2 : a->limb[0] != 0;
}

static void multiply(big *a, uint32_t by)
{
	uint64_t carry = 0;
	unsigned i;

	for (i = 0; i < a->used; i++) {
		carry += (uint64_t)a->limb[i] * by;
		a->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry != 0)
		a->limb[a->used++] = (uint32_t)carry;
}

/* a *= 2^bits; a is not 0. */
static void shift(big *a, unsigned bits)
{
	unsigned whole = bits / 32;

	multiply(a, UINT32_C(1) << bits % 32);
	memmove(a->limb + whole, a->limb, a->used * sizeof(a->limb[0]));
	memset(a->limb, 0, whole * sizeof(a->limb[0]));
	a->used += whole;
}

static uint32_t limb(const big *a, unsigned i)
{
	return i < a->used ? a->limb[i] : 0;
}

/* a + b compared with c: below, at or above 0. */
static int compare_sum(const big *a, const big *b, const big *c)
{
	int64_t rest = 0; /* of c less a and b, in units of the limb looked at; below 0 is below for good */
	unsigned i = LIMBS;

	while (i-- > 0) {
		rest = rest * INT64_C(0x100000000) + (int64_t)limb(c, i) - (int64_t)limb(a, i) -
		       (int64_t)limb(b, i);
		if (rest < 0)
			return 1;
		if (rest > 1) /* what follows of a and b is below two units */
			return -1;
	}
	return rest == 0 ? 0 : -1;
}

static int compare(const big *a, const big *b)
{
	static const big none = {{0}, 0};

	return compare_sum(a, &none, b);
}

/* a -= b, which is not larger. */
static void subtract(big *a, const big *b)
{
	int64_t rest = 0;
	unsigned i;

	for (i = 0; i < a->used; i++) {
		rest += (int64_t)a->limb[i] - (int64_t)limb(b, i);
		a->limb[i] = (uint32_t)rest;
		rest = rest < 0 ? -1 : 0;
	}
	while (a->used != 0 && a->limb[a->used - 1] == 0)
		a->used--;
}

/* A value is top / bottom; what lies less than low / bottom below it or high / bottom above is read as the same. */
typedef struct ratio {
	big top, bottom, low, high;
	int even; /* … and so are these limits themselves */
} ratio;

/* mantissa * 2^exponent; `narrow`: the next double below is half as far as the next above. */
static void set_ratio(ratio *r, uint64_t mantissa, int exponent, int narrow)
{
	unsigned up = exponent > 0 ? (unsigned)exponent : 0, down = exponent < 0 ? (unsigned)-exponent : 0;

	set(&r->top, mantissa);
	set(&r->bottom, 1);
	set(&r->low, 1);
	set(&r->high, 1);
	shift(&r->top, up + 1 + (unsigned)narrow);
	shift(&r->bottom, down + 1 + (unsigned)narrow);
	shift(&r->low, up);
	shift(&r->high, up + (unsigned)narrow);
	r->even = (mantissa & 1) == 0;
}

/* 1 when value + high >= 1, the limit itself counting where it is read as the value. */
static int reaches(const ratio *r)
{
	int order = compare_sum(&r->top, &r->high, &r->bottom);

	return order > 0 || (order == 0 && r->even);
}

/* Multiply by powers of ten until 0.1 <= value + high < 1; returns the power that takes it back. */
static int scale(ratio *r)
{
	int power = 0;

	while (reaches(r)) {
		multiply(&r->bottom, 10);
		power++;
	}
	for (;;) {
		multiply(&r->top, 10);
		multiply(&r->low, 10);
		multiply(&r->high, 10);
		if (reaches(r))
			return power; /* one digit is in front: the first that is written */
		power--;
	}
}

/* The next digit of a value below 10. */
static unsigned take_digit(ratio *r)
{
	unsigned digit = 0;

	while (compare(&r->top, &r->bottom) >= 0) {
		subtract(&r->top, &r->bottom);
		digit++;
	}
	return digit;
}

/* Shortest digits of a value that scale() left; returns their number. */
static size_t take_digits(ratio *r, char *digits)
{
	size_t count = 0;

	for (;;) {
		unsigned digit = take_digit(r);
		int near = compare(&r->top, &r->low);
		int enough = near < 0 || (near == 0 && r->even);
		int more = reaches(r);

		if (more && enough) /* either is read as the value: the nearer one */
			digit += compare_sum(&r->top, &r->top, &r->bottom) >= 0;
		else if (more)
			digit++;
		digits[count++] = (char)('0' + digit);
		if (more || enough)
			return count;
		multiply(&r->top, 10);
		multiply(&r->low, 10);
		multiply(&r->high, 10);
	}
}

/* 0.digits * 10^power as JSON and most languages read it. */
static size_t lay_out(const char *digits, size_t count, int power, char *out)
{
	size_t n = 0, front = power > 0 ? (size_t)power : 0;

	if (power > 0 && power <= 21) {
		for (; n < front; n++)
			out[n] = n < count ? digits[n] : '0';
		if (count <= front)
			return n;
		out[n++] = '.';
		memcpy(out + n, digits + front, count - front);
		return n + count - front;
	}
	if (power <= 0 && power > -6) {
		memcpy(out, "0.00000", 7);
		n = 2 + (size_t)-power;
		memcpy(out + n, digits, count);
		return n + count;
	}
	out[n++] = digits[0];
	if (count > 1) {
		out[n++] = '.';
		memcpy(out + n, digits + 1, count - 1);
		n += count - 1;
	}
	out[n++] = 'e';
	return n + loy__integer_write(power - 1, out + n);
}

size_t loy__real_write(double value, char *out)
{
	char digits[DIGITS];
	uint64_t bits, mantissa;
	int exponent, power;
	size_t n = 0;
	ratio r;

	memcpy(&bits, &value, sizeof(bits));
	mantissa = bits & UINT64_C(0xfffffffffffff);
	exponent = (int)(bits >> 52 & 0x7ff);
	if (exponent == 0x7ff)
		return 0;
	if (bits >> 63 != 0)
		out[n++] = '-';
	if (exponent == 0 && mantissa == 0) {
		out[n++] = '0';
		return n;
	}
	if (exponent != 0)
		mantissa |= UINT64_C(1) << 52;
	else
		exponent = 1;
	set_ratio(&r, mantissa, exponent - 1075, mantissa == UINT64_C(1) << 52 && exponent > 1);
	power = scale(&r);
	return n + lay_out(digits, take_digits(&r, digits), power, out + n);
}
