/* UTF-8, fixed-point decimals, integers and text out: no locale is involved anywhere. */
#include "core/core.h"

#include <string.h>

#define DECIMAL_PLACES 12
/* Largest magnitude of a decimal: leaves room to add and scale without nearing the ends of int64_t. */
#define DECIMAL_MAX (INT64_C(9000000) * LOY__DECIMAL_ONE)

/* Bytes of the character at `b` with `left` >= 1 bytes to come, 0 when it is not valid (Unicode 15, table 3-7). */
static size_t character_size(const uint8_t *b, size_t left)
{
	uint8_t low = 0x80, high = 0xBF; /* range of the second byte: narrower after E0, ED, F0 and F4 */
	size_t size, i;

	if (b[0] < 0x80)
		return 1;
	if (b[0] < 0xC2 || b[0] > 0xF4)
		return 0;
	size = b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
	if (left < size)
		return 0;
	if (b[0] == 0xE0)
		low = 0xA0; /* overlong */
	else if (b[0] == 0xED)
		high = 0x9F; /* surrogates */
	else if (b[0] == 0xF0)
		low = 0x90; /* overlong */
	else if (b[0] == 0xF4)
		high = 0x8F; /* beyond U+10FFFF */
	if (b[1] < low || b[1] > high)
		return 0;
	for (i = 2; i < size; i++) {
		if (b[i] < 0x80 || b[i] > 0xBF)
			return 0;
	}
	return size;
}

size_t loy__utf8_check(const void *text, size_t length)
{
	const uint8_t *bytes = text;
	size_t at = 0, size;

	while (at < length) {
		size = character_size(bytes + at, length - at);
		if (size == 0)
			break;
		at += size;
	}
	return at;
}

int loy__utf8_valid(const void *text, size_t length)
{
	return loy__utf8_check(text, length) == length;
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

size_t loy__decimal_read(const char *text, size_t length, int64_t *value, loy_status *status)
{
	size_t at = 0, places = 0;
	int negative = length > 0 && text[0] == '-';
	int fits = 1;
	int64_t sum = 0;

	*status = LOY_OK;
	at = negative ? 1 : 0;
	if (at == length || !is_digit(text[at]))
		return 0;
	for (; at < length && is_digit(text[at]); at++) {
		sum = sum * 10 + (text[at] - '0');
		if (sum > DECIMAL_MAX / LOY__DECIMAL_ONE) {
			fits = 0; /* go on only to find the number's end */
			sum = 0;
		}
	}
	sum *= LOY__DECIMAL_ONE;
	if (at + 1 < length && text[at] == '.' && is_digit(text[at + 1])) {
		int64_t unit = LOY__DECIMAL_ONE;

		for (at++; at < length && is_digit(text[at]); at++, places++) {
			unit /= 10;
			sum += unit * (text[at] - '0');
		}
	}
	if (!fits || places > DECIMAL_PLACES || sum > DECIMAL_MAX)
		*status = LOY_ERANGE;
	else
		*value = negative ? -sum : sum;
	return at;
}

/* Magnitude of a signed integer: INT64_MIN has one too. */
static uint64_t magnitude(int64_t value)
{
	return value < 0 ? ~(uint64_t)value + 1 : (uint64_t)value;
}

static size_t write_digits(uint64_t value, char *out)
{
	char digits[20];
	size_t n = 0, i;

	do {
		digits[n++] = (char)('0' + (int)(value % 10));
		value /= 10;
	} while (value != 0);
	for (i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	return n;
}

size_t loy__integer_write(int64_t value, char *out)
{
	size_t n = 0;

	if (value < 0)
		out[n++] = '-';
	return n + write_digits(magnitude(value), out + n);
}

size_t loy__decimal_write(int64_t value, char *out)
{
	uint64_t left = magnitude(value);
	uint64_t part = left % (uint64_t)LOY__DECIMAL_ONE;
	size_t n = 0, places;

	if (value < 0)
		out[n++] = '-';
	n += write_digits(left / (uint64_t)LOY__DECIMAL_ONE, out + n);
	if (part == 0)
		return n;
	out[n++] = '.';
	for (places = DECIMAL_PLACES; part % 10 == 0; places--)
		part /= 10; /* trailing zeros say nothing */
	for (left = places; left > 0; left--) {
		out[n + left - 1] = (char)('0' + (int)(part % 10));
		part /= 10;
	}
	return n + places;
}

loy_status loy__text_out(const char *text, size_t length, char *buffer, size_t capacity, size_t *needed)
{
	if (buffer == NULL && capacity != 0)
		return LOY_EINVAL;
	if (needed != NULL)
		*needed = length;
	if (length >= capacity)
		return LOY_EBUFFER;
	if (length != 0)
		memcpy(buffer, text, length);
	buffer[length] = '\0';
	return LOY_OK;
}
