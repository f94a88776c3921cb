/* Cells to integers; see values.h. */
#include "values.h"

#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 40 /* significant digits of a decimal */

struct decimal {
	int negative;
	uint8_t digit[DIGITS_MAX];
	int count; /* digits kept, the first of them not 0 unless it is the only one */
	int point; /* the decimal point stands before digit[point]; may lie outside the digits */
	int64_t unit;
};

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int text_is(const char *text, size_t length, const char *name)
{
	return length == strlen(name) && memcmp(text, name, length) == 0;
}

const char *value_quote(const char *text, size_t length, char buffer[VALUE_MESSAGE_SIZE])
{
	size_t i, at = 0, shown = length > 40 ? 37 : length;

	buffer[at++] = '\'';
	for (i = 0; i < shown && at + 10 < VALUE_MESSAGE_SIZE; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c == 0x7F)
			at += (size_t)snprintf(buffer + at, VALUE_MESSAGE_SIZE - at, "\\x%02X", c);
		else
			buffer[at++] = (char)c;
	}
	(void)snprintf(buffer + at, VALUE_MESSAGE_SIZE - at, "%s'", shown < length ? "..." : "");
	return buffer;
}

int64_t unit_of_time(const char *text, size_t length)
{
	static const struct {
		char name[4];
		int64_t size;
	} units[] = {
	        {"us", 1},       {"ms", 1000},   {"s", LOY_SECOND},  {"min", 60 * LOY_SECOND},
	        {"h", LOY_HOUR}, {"d", LOY_DAY}, {"w", 7 * LOY_DAY},
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (text_is(text, length, units[i].name))
			return units[i].size;
	}
	return 0;
}

/* ---- decimals ---- */

/* Read the digits around a decimal point. Returns the bytes taken, 0 when there are no digits or too many. */
static size_t read_digits(const char *text, size_t length, struct decimal *out)
{
	size_t i;
	int seen = 0, point_seen = 0;

	for (i = 0; i < length; i++) {
		if (text[i] == '.' && !point_seen) {
			point_seen = 1;
			continue;
		}
		if (!is_digit(text[i]))
			break;
		seen = 1;
		if (text[i] == '0' && out->count == 0) { /* a leading zero holds no digit */
			out->point -= point_seen;
			continue;
		}
		if (out->count == DIGITS_MAX)
			return 0;
		out->digit[out->count++] = (uint8_t)(text[i] - '0');
		out->point += !point_seen;
	}
	return seen ? i : 0;
}

/* Read `e-5`. Returns the bytes taken; 0 when it is no exponent. */
static size_t read_exponent(const char *text, size_t length, struct decimal *out)
{
	size_t i = 1;
	int exponent = 0, negative = 0;

	if (length < 2 || (text[0] != 'e' && text[0] != 'E'))
		return 0;
	if (text[i] == '-' || text[i] == '+')
		negative = text[i++] == '-';
	if (i == length || !is_digit(text[i]))
		return 0;
	for (; i < length && is_digit(text[i]); i++) {
		if (exponent < 1000)
			exponent = exponent * 10 + (text[i] - '0');
	}
	out->point += negative ? -exponent : exponent;
	return i;
}

static int read_decimal(const char *text, size_t length, struct decimal *out)
{
	size_t at = 0, taken;

	memset(out, 0, sizeof(*out));
	if (length > 0 && (text[0] == '-' || text[0] == '+'))
		out->negative = text[at++] == '-';
	taken = read_digits(text + at, length - at, out);
	if (taken == 0)
		return 0;
	at += taken;
	at += read_exponent(text + at, length - at, out);
	while (at < length && text[at] == ' ')
		at++;
	if (at < length && text[at] == '%') {
		out->point -= 2;
		at++;
	} else if (at < length) {
		out->unit = unit_of_time(text + at, length - at);
		at = out->unit != 0 ? length : at;
	}
	return at == length;
}

/*
 * The decimal times `scale`, 0 < scale <= 10^17, rounded to the nearest integer, halves up; *whole tells
 * whether nothing was rounded. Digits behind the point are divided by ten from the last to the first:
 * floor((d + floor(x)) / 10) = floor((d + x) / 10), so no digit is lost on the way. 0: beyond 64 bits.
 */
static int times(const struct decimal *number, int64_t scale, int64_t *out, int *whole)
{
	int64_t fraction = 0, sum = 0, rest = 0;
	int i;

	*whole = 1;
	for (i = number->count - 1; i >= number->point && i >= 0; i--) {
		*whole &= rest == 0;
		fraction += number->digit[i] * scale;
		rest = fraction % 10;
		fraction /= 10;
	}
	for (i = number->point; i < 0; i++) { /* zeros between the point and the first digit */
		*whole &= rest == 0;
		rest = fraction % 10;
		fraction /= 10;
	}
	*whole &= rest == 0;
	for (i = 0; i < number->point && number->count > 0; i++) {
		int64_t step = i < number->count ? number->digit[i] * scale : 0;

		if (sum > (INT64_MAX / 2 - step) / 10)
			return 0;
		sum = sum * 10 + step;
	}
	sum += fraction + (rest >= 5);
	*out = number->negative ? -sum : sum;
	return 1;
}

int factor_parse(const char *text, size_t length, struct factor *out)
{
	struct decimal number;
	int i;

	if (!read_decimal(text, length, &number) || number.count > 17 || number.point > 17 ||
	    number.point < -12)
		return 0;
	out->digits = 0;
	for (i = 0; i < number.count || i < number.point; i++)
		out->digits = out->digits * 10 + (i < number.count ? number.digit[i] : 0);
	out->decimals = number.count == 0 ? 0 : number.count > number.point ? number.count - number.point : 0;
	out->unit = number.unit;
	if (number.negative)
		out->digits = -out->digits;
	return 1;
}

static int64_t unit_of_type(uint32_t type)
{
	return type == LOY_TYPE_RATIO ? LOY_RATIO_ONE : 1;
}

/* Fold a factor into a decimal and the scale it will be multiplied with. 0: too large. */
static int apply_factor(struct decimal *number, const struct factor *factor, int64_t *scale)
{
	int64_t digits = factor->digits;

	if (digits < 0) {
		number->negative = !number->negative;
		digits = -digits;
	}
	number->point -= factor->decimals;
	if (digits > INT64_C(100000000000000000) / *scale)
		return 0;
	*scale *= digits;
	return 1;
}

int value_number(const char *text, size_t length, const struct factor *factor, uint32_t type, int64_t *out,
                 char message[VALUE_MESSAGE_SIZE])
{
	struct decimal number;
	char shown[VALUE_MESSAGE_SIZE];
	int64_t scale = unit_of_type(type), unit;
	int whole, timed = type == LOY_TYPE_SPAN || type == LOY_TYPE_TIME;

	value_quote(text, length, shown);
	if (!read_decimal(text, length, &number)) {
		(void)snprintf(message, VALUE_MESSAGE_SIZE, "%.60s is not a number", shown);
		return 0;
	}
	unit = number.unit != 0 ? number.unit : factor != NULL ? factor->unit : 0;
	if ((unit != 0) != timed || (number.unit != 0 && factor != NULL && factor->unit != 0)) {
		(void)snprintf(message, VALUE_MESSAGE_SIZE,
		               timed ? "%.60s needs one unit of time: us, ms, s, min, h, d or w"
		                     : "%.60s has a unit of time, but this is no duration",
		               shown);
		return 0;
	}
	if (timed)
		scale = unit;
	if ((factor != NULL && !apply_factor(&number, factor, &scale)) ||
	    !times(&number, scale, out, &whole)) {
		(void)snprintf(message, VALUE_MESSAGE_SIZE, "%.60s is too large", shown);
		return 0;
	}
	if (!whole && (type == LOY_TYPE_MONEY || type == LOY_TYPE_COUNT || type == LOY_TYPE_CODE)) {
		(void)snprintf(message, VALUE_MESSAGE_SIZE, "%.60s is not a whole number of %s", shown,
		               type == LOY_TYPE_MONEY
		                       ? "minor units (cents); `* 100` in the mapping makes cents"
		                       : "things");
		return 0;
	}
	return 1;
}
