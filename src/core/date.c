/* Civil dates (proleptic Gregorian calendar, UTC) and ISO 8601 text. */
#include "core/core.h"

#define DAYS_BEFORE_EPOCH 719468 /* from 0000-03-01 to 1970-01-01 */
#define DAYS_IN_ERA       146097 /* 400 years */
#define OFFSET_LIMIT      (24 * 60)

/*
 * Years are counted from March, so that the leap day comes last and the days before a month are a line,
 * (153 m + 2) / 5; eras of 400 years repeat exactly.
 */
int64_t loy__days_from_date(int32_t year, int32_t month, int32_t day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = loy__floor_div(y, 400);
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_IN_ERA + day_of_era - DAYS_BEFORE_EPOCH;
}

void loy__date_from_days(int64_t days, int32_t *year, int32_t *month, int32_t *day)
{
	int64_t shifted = days + DAYS_BEFORE_EPOCH;
	int64_t era = loy__floor_div(shifted, DAYS_IN_ERA);
	int64_t day_of_era = shifted - era * DAYS_IN_ERA;
	int64_t year_of_era =
	        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_IN_ERA - 1)) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;

	*day = (int32_t)(day_of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int32_t)(from_march + (from_march < 10 ? 3 : -9));
	*year = (int32_t)(year_of_era + era * 400 + (*month <= 2));
}

/* A place in the text being read; `good` turns 0 at the first thing that is not as expected. */
struct cursor {
	const char *text;
	size_t length, at;
	int good;
};

static int next_is(const struct cursor *c, char expected)
{
	return c->at < c->length && c->text[c->at] == expected;
}

static void expect(struct cursor *c, char expected)
{
	if (next_is(c, expected))
		c->at++;
	else
		c->good = 0;
}

/* Exactly `count` digits, value in [low, high]. */
static int32_t number(struct cursor *c, size_t count, int32_t low, int32_t high)
{
	int32_t value = 0;
	size_t i;

	if (c->length - c->at < count)
		c->good = 0;
	for (i = 0; c->good && i < count; i++, c->at++) {
		char digit = c->text[c->at];

		if (digit < '0' || digit > '9')
			c->good = 0;
		value = value * 10 + (digit - '0');
	}
	if (value < low || value > high)
		c->good = 0;
	return c->good ? value : low;
}

static int32_t days_in_month(int32_t year, int32_t month)
{
	int32_t leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (month == 2)
		return 28 + leap;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Decimals after the seconds: one to six, in microseconds. */
static int64_t fraction(struct cursor *c)
{
	int64_t unit = LOY_SECOND, sum = 0;
	size_t start = c->at;

	while (c->at < c->length && c->text[c->at] >= '0' && c->text[c->at] <= '9' && c->at - start < 6) {
		unit /= 10;
		sum += unit * (c->text[c->at++] - '0');
	}
	if (c->at == start)
		c->good = 0;
	return sum;
}

/* The part after the date: microseconds of the day, and the offset when the text gives one. */
static int64_t time_of_day(struct cursor *c, int32_t *offset)
{
	int64_t minutes, time;

	minutes = (int64_t)number(c, 2, 0, 23) * 60;
	expect(c, ':');
	minutes += number(c, 2, 0, 59);
	time = minutes * 60 * LOY_SECOND;
	if (next_is(c, ':')) {
		c->at++;
		time += number(c, 2, 0, 59) * LOY_SECOND;
		if (next_is(c, '.')) {
			c->at++;
			time += fraction(c);
		}
	}
	if (next_is(c, 'Z')) {
		c->at++;
		*offset = 0;
	} else if (next_is(c, '+') || next_is(c, '-')) {
		int32_t sign = c->text[c->at++] == '-' ? -1 : 1;

		*offset = sign * 60 * number(c, 2, 0, 23);
		expect(c, ':');
		*offset += sign * number(c, 2, 0, 59);
	}
	return time;
}

loy_status loy_time_parse(const char *text, size_t length, int32_t utc_offset_minutes, int64_t *time)
{
	struct cursor c = {text, length, 0, 1};
	int32_t year, month, day, offset = utc_offset_minutes;
	int64_t found = 0;

	if (text == NULL || time == NULL || offset <= -OFFSET_LIMIT || offset >= OFFSET_LIMIT)
		return LOY_EINVAL;
	year = number(&c, 4, 0, 9999);
	expect(&c, '-');
	month = number(&c, 2, 1, 12);
	expect(&c, '-');
	day = number(&c, 2, 1, days_in_month(year, month));
	if (c.good && (next_is(&c, 'T') || next_is(&c, ' '))) {
		c.at++;
		found = time_of_day(&c, &offset);
	}
	if (!c.good || c.at != length)
		return LOY_EFORMAT;
	found += loy__days_from_date(year, month, day) * LOY_DAY - offset * (60 * LOY_SECOND);
	if (found < LOY_TIME_MIN || found > LOY_TIME_MAX)
		return LOY_ETIME;
	*time = found;
	return LOY_OK;
}

static size_t put_digits(char *out, int64_t value, size_t count)
{
	size_t i;

	for (i = count; i > 0; i--) {
		out[i - 1] = (char)('0' + (int)(value % 10));
		value /= 10;
	}
	return count;
}

loy_status loy_time_print(int64_t time, char *buffer, size_t capacity, size_t *needed)
{
	char text[32]; /* YYYY-MM-DDThh:mm:ss.ffffffZ is 27 */
	int64_t days, within, seconds;
	int32_t year, month, day;
	size_t n = 0;

	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return LOY_ETIME;
	days = loy__floor_div(time, LOY_DAY);
	within = time - days * LOY_DAY;
	seconds = within / LOY_SECOND;
	loy__date_from_days(days, &year, &month, &day);
	n += put_digits(text + n, year, 4);
	text[n++] = '-';
	n += put_digits(text + n, month, 2);
	text[n++] = '-';
	n += put_digits(text + n, day, 2);
	text[n++] = 'T';
	n += put_digits(text + n, seconds / 3600, 2);
	text[n++] = ':';
	n += put_digits(text + n, seconds / 60 % 60, 2);
	text[n++] = ':';
	n += put_digits(text + n, seconds % 60, 2);
	if (within % LOY_SECOND != 0) {
		text[n++] = '.';
		n += put_digits(text + n, within % LOY_SECOND, 6);
	}
	text[n++] = 'Z';
	return loy__text_out(text, n, buffer, capacity, needed);
}
