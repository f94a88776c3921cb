/* Names, numbers, durations, texts and lists of settings in model text. */
#include "model/syntax.h"

#include <string.h>

#define ONE LOY__DECIMAL_ONE

const loy__range loy__range_share = {0, ONE, "a number from 0 to 1"};
const loy__range loy__range_open = {1, ONE - 1, "a number above 0 and below 1"};
const loy__range loy__range_positive = {1, 1000000 * ONE, "a number above 0, at most 1000000"};
const loy__range loy__range_weight = {0, 1000 * ONE, "a number from 0 to 1000"};
const loy__range loy__range_half_life = {LOY__HALF_LIFE_MIN, LOY__HALF_LIFE_MAX,
                                         "a duration from 1h to 36500d"};
const loy__range loy__range_duration = {1, LOY__HALF_LIFE_MAX, "a duration above 0, at most 36500d"};

/* ---- numbers ---- */

/* Take a decimal of any size: 1, or 0 after failing. */
static int number_take(loy__syntax *s, const loy__range *range, int64_t *value)
{
	loy_status status = LOY_OK;

	if (!loy__syntax_is(s, LOY__TOKEN_NUMBER)) {
		loy__syntax_expected(s, LOY_ESYNTAX, range->words);
		return 0;
	}
	loy__decimal_read(s->text + s->token.at, s->token.length, value, &status);
	if (status != LOY_OK) {
		loy__syntax_refuse(s, &s->token, status,
		                   "a number has at most 12 decimals and 9000000 is the largest");
		return 0;
	}
	loy__syntax_advance(s);
	return 1;
}

int64_t loy__syntax_decimal(loy__syntax *s, const loy__range *range)
{
	loy__token before = s->before, number = s->token;
	int64_t value;

	if (!number_take(s, range, &value))
		return range->least;
	if (value < range->least || value > range->greatest) {
		s->before = before;
		s->token = number;
		loy__syntax_expected(s, LOY_ERANGE, range->words);
	}
	return value;
}

double loy__syntax_real(loy__syntax *s, const loy__range *range)
{
	return loy__real_from_decimal(loy__syntax_decimal(s, range));
}

/* A number token as an integer: 1 when it is one that fits. */
static int integer_read(const char *text, uint32_t length, int64_t *value)
{
	uint32_t i = text[0] == '-' ? 1 : 0;
	int64_t sum = 0;

	for (; i < length; i++) {
		if (text[i] == '.' || sum > (INT64_MAX - 9) / 10)
			return 0;
		sum = sum * 10 + (text[i] - '0');
	}
	*value = text[0] == '-' ? -sum : sum;
	return 1;
}

int64_t loy__syntax_integer(loy__syntax *s, int64_t least, int64_t greatest, const char *what)
{
	int64_t value = least;

	if (!loy__syntax_is(s, LOY__TOKEN_NUMBER))
		loy__syntax_expected(s, LOY_ESYNTAX, what);
	else if (!integer_read(s->text + s->token.at, s->token.length, &value) || value < least ||
	         value > greatest)
		loy__syntax_expected(s, LOY_ERANGE, what);
	loy__syntax_advance(s);
	return value;
}

/* ---- durations ---- */

/* Microseconds of each unit, largest first. */
static const int64_t unit_spans[] = {LOY_DAY, LOY_HOUR, 60 * LOY_SECOND, LOY_SECOND};
static const char unit_names[][4] = {"d", "h", "min", "s"};

const char *loy__span_unit_name(uint32_t unit)
{
	return unit_names[unit];
}

/* decimal * unit in microseconds: 1 when it is a whole number of them. A decimal is below 9 million. */
static int span_from_decimal(int64_t decimal, uint32_t unit, int64_t *span)
{
	int64_t seconds = unit_spans[unit] / LOY_SECOND;
	int64_t part = decimal % ONE * seconds; /* below 1e12 * 86400, in 1e-12 seconds */

	if (part % (ONE / LOY_SECOND) != 0)
		return 0;
	*span = decimal / ONE * unit_spans[unit] + part / (ONE / LOY_SECOND);
	return 1;
}

/* The other way: 1 when the span is such a decimal of the unit. */
static int decimal_from_span(int64_t span, uint32_t unit, int64_t *decimal)
{
	int64_t seconds = unit_spans[unit] / LOY_SECOND;
	int64_t whole = span / unit_spans[unit];
	int64_t part = span % unit_spans[unit] * (ONE / LOY_SECOND);

	if (part % seconds != 0 || whole >= 9000000 || whole <= -9000000)
		return 0;
	*decimal = whole * ONE + part / seconds;
	return 1;
}

uint32_t loy__span_unit(int64_t span, int64_t *decimal)
{
	uint32_t unit, best = LOY__NONE;
	size_t shortest = SIZE_MAX;

	for (unit = 0; unit < LOY__COUNT(unit_spans); unit++) {
		char text[24];
		int64_t tried;
		size_t length;

		if (!decimal_from_span(span, unit, &tried))
			continue;
		length = loy__decimal_write(tried, text) + strlen(unit_names[unit]);
		if (length < shortest) {
			shortest = length;
			best = unit;
			*decimal = tried;
		}
	}
	return best;
}

int64_t loy__syntax_span(loy__syntax *s, const loy__range *range)
{
	loy__token before = s->before, number = s->token;
	int64_t decimal, span = range->least;
	uint32_t unit = 0;

	if (!number_take(s, range, &decimal))
		return span;
	while (unit < LOY__COUNT(unit_spans) && !loy__syntax_is_word(s, unit_names[unit]))
		unit++;
	if (unit == LOY__COUNT(unit_spans)) {
		loy__syntax_expected(s, LOY_ESYNTAX, "a unit of time ('d', 'h', 'min' or 's')");
		return span;
	}
	number.length = s->token.at + s->token.length - number.at; /* messages speak of both together */
	if (!span_from_decimal(decimal, unit, &span)) {
		loy__syntax_refuse(s, &number, LOY_ERANGE,
		                   "this duration is no whole number of microseconds");
	} else if (span < range->least || span > range->greatest) {
		s->before = before;
		s->token = number;
		loy__syntax_expected(s, LOY_ERANGE, range->words);
	}
	loy__syntax_advance(s);
	return span;
}

/* ---- names and texts ---- */

loy__token loy__syntax_name(loy__syntax *s, const char *what, char *out)
{
	loy__token name = s->token;

	if (name.type != LOY__TOKEN_NAME) {
		loy__syntax_expected(s, LOY_ESYNTAX, what);
		return s->token;
	}
	if (name.length > LOY_NAME_MAX) {
		loy__syntax_refuse(s, &name, LOY_ELIMIT, "a name has at most 31 bytes");
		return s->token;
	}
	if (out != NULL) {
		memset(out, 0, LOY_NAME_MAX + 1);
		memcpy(out, s->text + name.at, name.length);
	}
	loy__syntax_advance(s);
	return name;
}

void loy__syntax_string(loy__syntax *s, char *out, size_t size)
{
	size_t length = 0;

	do {
		loy__token string = s->token;

		if (string.type != LOY__TOKEN_STRING) {
			loy__syntax_expected(s, LOY_ESYNTAX, "a text in quotes");
			return;
		}
		if (string.length - 2 >= size - length) {
			loy__syntax_fail(s, &string, LOY_ELIMIT, "this text is too long");
			return;
		}
		memcpy(out + length, s->text + string.at + 1, string.length - 2);
		length += string.length - 2;
		loy__syntax_advance(s);
	} while (loy__syntax_accept(s, '+'));
	out[length] = '\0';
}

/* ---- settings ---- */

/* Says which names could have come: "'half_life', 'fast' or 'share'". No list of ours has more than 80 bytes. */
static void settings_expected(loy__syntax *s, const loy__setting *settings, uint32_t count, uint32_t seen)
{
	char words[LOY_ERROR_MESSAGE_SIZE];
	size_t length = 0;
	uint32_t i, left = 0;

	for (i = 0; i < count; i++)
		left += (seen >> i & 1) == 0;
	for (i = 0; i < count; i++) {
		size_t size = strlen(settings[i].name);

		if ((seen >> i & 1) != 0)
			continue;
		words[length++] = '\'';
		memcpy(words + length, settings[i].name, size);
		length += size;
		words[length++] = '\'';
		left--;
		if (left != 0) {
			memcpy(words + length, left == 1 ? " or " : ", ", left == 1 ? 4 : 2);
			length += left == 1 ? 4 : 2;
		}
	}
	words[length] = '\0';
	loy__syntax_expected(s, LOY_ESYNTAX, length != 0 ? words : "the end of the line");
}

static void setting_missing(loy__syntax *s, const char *name)
{
	char words[48] = "', ";
	size_t length = strlen(name);

	memcpy(words + 3, name, length);
	memcpy(words + 3 + length, " …'", sizeof(" …'"));
	loy__syntax_expected(s, LOY_ESYNTAX, words);
}

void loy__syntax_settings(loy__syntax *s, const loy__setting *settings, uint32_t count)
{
	uint32_t seen = 0, i;

	do {
		for (i = 0; i < count && !loy__syntax_is_word(s, settings[i].name); i++)
			;
		if (i == count) {
			settings_expected(s, settings, count, seen);
			return;
		}
		if ((seen >> i & 1) != 0)
			loy__syntax_refuse(s, &s->token, LOY_ENAME, "this is said twice");
		seen |= UINT32_C(1) << i;
		loy__syntax_advance(s);
		if (settings[i].real != NULL)
			*settings[i].real = loy__syntax_real(s, settings[i].range);
		else
			*settings[i].span = loy__syntax_span(s, settings[i].range);
	} while (loy__syntax_accept(s, ','));
	for (i = 0; i < count; i++) {
		if (settings[i].required && (seen >> i & 1) == 0) {
			setting_missing(s, settings[i].name);
			return;
		}
	}
}
