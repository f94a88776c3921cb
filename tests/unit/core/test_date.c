#include "support.h"

#include "core/core.h"

static void days_and_dates_are_inverse(void **state)
{
	int64_t days;
	int32_t last_year = 0, last_month = 0, last_day = 0;

	(void)state;
	assert_int_equal(loy__days_from_date(1970, 1, 1), 0);
	assert_int_equal(loy__days_from_date(2000, 2, 29), 11016);
	assert_int_equal(loy__days_from_date(1969, 12, 31), -1);
	assert_int_equal(loy__days_from_date(0, 3, 1), -719468);
	assert_int_equal(loy__days_from_date(-1, 12, 31), -719529);
	assert_int_equal(loy__days_from_date(1900, 1, 1) * LOY_DAY, LOY_TIME_MIN);
	assert_int_equal(loy__days_from_date(2200, 1, 1) * LOY_DAY - 1, LOY_TIME_MAX);
	for (days = -800000; days <= 200000; days++) { /* years -221 to 2517 */
		int32_t year, month, day;

		loy__date_from_days(days, &year, &month, &day);
		if (loy__days_from_date(year, month, day) != days)
			fail_msg("day %d becomes %d-%d-%d", (int)days, year, month, day);
		if (days > -800000) {
			int next_day = year == last_year && month == last_month && day == last_day + 1;
			int next_month = year == last_year && month == last_month + 1 && day == 1;
			int next_year = year == last_year + 1 && month == 1 && day == 1 && last_month == 12;

			assert_int_equal(next_day + next_month + next_year, 1);
		}
		last_year = year;
		last_month = month;
		last_day = day;
	}
}

static int64_t parsed(const char *text, int32_t offset)
{
	int64_t time = -1;

	assert_int_equal(loy_time_parse(text, strlen(text), offset, &time), LOY_OK);
	return time;
}

static void times_are_read(void **state)
{
	const int64_t noon = loy__days_from_date(2024, 2, 29) * LOY_DAY + 12 * LOY_HOUR;

	(void)state;
	assert_true(parsed("1970-01-01", 0) == 0);
	assert_true(parsed("2024-02-29T12:00", 0) == noon);
	assert_true(parsed("2024-02-29 12:00:00", 0) == noon);
	assert_true(parsed("2024-02-29T12:00:00Z", 300) == noon);
	assert_true(parsed("2024-02-29T12:00Z", -60) == noon);
	assert_true(parsed("2024-02-29T12:00", 60) == noon - LOY_HOUR);
	assert_true(parsed("2024-02-29", -60) == noon - 11 * LOY_HOUR);
	assert_true(parsed("2024-02-29T14:30+02:30", 0) == noon);
	assert_true(parsed("2024-02-29T10:15:00-01:45", 0) == noon);
	assert_true(parsed("2024-02-29T12:00:00.5", 0) == noon + 500000);
	assert_true(parsed("2024-02-29T12:00:59.000001Z", 0) == noon + 59 * LOY_SECOND + 1);
	assert_true(parsed("1900-01-01", 0) == LOY_TIME_MIN);
	assert_true(parsed("2199-12-31T23:59:59.999999Z", 0) == LOY_TIME_MAX);
}

static void flawed_times_are_refused(void **state)
{
	static const char *const flawed[] = {
	        "",
	        "2024",
	        "2024-1-01",
	        "2024-13-01",
	        "2024-00-01",
	        "2024-01-00",
	        "2024-01-32",
	        "2024-04-31",
	        "2023-02-29",
	        "1900-02-29",
	        "2024/01/01",
	        "2024-01-01x",
	        "2024-01-01T",
	        "2024-01-01T12",
	        "2024-01-01T24:00",
	        "2024-01-01T12:60",
	        "2024-01-01T12:00:60",
	        "2024-01-01T12:00:00.",
	        "2024-01-01T12:00:00.1234567",
	        "2024-01-01T12:00:00z",
	        "2024-01-01T12:00+2",
	        "2024-01-01T12:00+24:00",
	        "2024-01-01T12:00+01:60",
	        "2024-01-01T12:00+0100",
	        "2024-01-01Z",
	        " 2024-01-01",
	        "2024-01-01 ",
	        "-024-01-01",
	        "2024-0a-01",
	};
	int64_t time = 5;
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(flawed); i++) {
		if (loy_time_parse(flawed[i], strlen(flawed[i]), 0, &time) != LOY_EFORMAT)
			fail_msg("'%s' was accepted", flawed[i]);
	}
	assert_int_equal(loy_time_parse("1899-12-31", 10, 0, &time), LOY_ETIME);
	assert_int_equal(loy_time_parse("2200-01-01", 10, 0, &time), LOY_ETIME);
	assert_int_equal(loy_time_parse("1900-01-01", 10, 1, &time), LOY_ETIME);
	assert_int_equal(loy_time_parse(NULL, 0, 0, &time), LOY_EINVAL);
	assert_int_equal(loy_time_parse("2024-01-01", 10, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_time_parse("2024-01-01", 10, 1440, &time), LOY_EINVAL);
	assert_int_equal(loy_time_parse("2024-01-01", 10, -1440, &time), LOY_EINVAL);
	assert_true(time == 5);
}

static void times_are_printed(void **state)
{
	char text[32] = "";
	size_t needed = 0, at;

	(void)state;
	assert_int_equal(loy_time_print(0, text, sizeof(text), &needed), LOY_OK);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	assert_int_equal(needed, 20);
	assert_int_equal(loy_time_print(-1, text, sizeof(text), &needed), LOY_OK);
	assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
	assert_int_equal(loy_time_print(LOY_TIME_MAX, text, 27, &needed), LOY_EBUFFER);
	assert_int_equal(needed, 27);
	assert_int_equal(loy_time_print(LOY_TIME_MAX, text, 28, &needed), LOY_OK);
	assert_string_equal(text, "2199-12-31T23:59:59.999999Z");
	assert_int_equal(loy_time_print(LOY_TIME_MAX + 1, text, sizeof(text), &needed), LOY_ETIME);
	assert_int_equal(loy_time_print(LOY_TIME_MIN - 1, text, sizeof(text), &needed), LOY_ETIME);
	assert_int_equal(loy_time_print(0, text, sizeof(text), NULL), LOY_OK);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	assert_int_equal(loy_time_print(0, NULL, 5, &needed), LOY_EINVAL);
	for (at = 0; at < 20000; at++) {
		int64_t span = LOY_TIME_MAX - LOY_TIME_MIN + 1;
		int64_t time = LOY_TIME_MIN + (int64_t)(loy__mix64(at + 1) % (uint64_t)span);

		if (at % 2 == 0)
			time -= time % LOY_SECOND;
		assert_int_equal(loy_time_print(time, text, sizeof(text), &needed), LOY_OK);
		assert_true(parsed(text, 77) == time);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(days_and_dates_are_inverse),
	        cmocka_unit_test(times_are_read),
	        cmocka_unit_test(flawed_times_are_refused),
	        cmocka_unit_test(times_are_printed),
	};

	return cmocka_run_group_tests_name("core/date", tests, NULL, NULL);
}
