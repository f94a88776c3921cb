#include "support.h"

#include "core/core.h"

static void utf8_is_told_from_the_rest(void **state)
{
	static const char *const valid[] = {"", "plain", "\xC2\x80 \xDF\xBF",
	                                    "\xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF",
	                                    "\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"};
	static const struct {
		const char *text;
		size_t good; /* bytes before the flaw */
	} invalid[] = {
	        {"\x80", 0},
	        {"ab\xC1\xBF", 2},
	        {"\xC2", 0},
	        {"\xC2\x41", 0},
	        {"\xE0\x9F\xBF", 0},
	        {"a\xED\xA0\x80", 1},
	        {"\xE1\x80", 0},
	        {"\xE1\x80\xC0", 0},
	        {"\xE1\x80\x7F", 0},
	        {"\xF0\x8F\xBF\xBF", 0},
	        {"\xF4\x90\x80\x80", 0},
	        {"\xF5\x80\x80\x80", 0},
	        {"\xF1\x80\x80", 0},
	        {"\xF1\x80\x80\x41", 0},
	        {"\xFF", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(valid); i++)
		assert_true(loy__utf8_valid(valid[i], strlen(valid[i])));
	for (i = 0; i < LOY__COUNT(invalid); i++) {
		assert_false(loy__utf8_valid(invalid[i].text, strlen(invalid[i].text)));
		assert_int_equal(loy__utf8_check(invalid[i].text, strlen(invalid[i].text)), invalid[i].good);
	}
	assert_true(loy__utf8_valid("a\0b", 3));
}

static void decimals_are_read_exactly(void **state)
{
	static const struct {
		const char *text;
		size_t used;
		int64_t value;
	} read[] = {
	        {"0", 1, 0},
	        {"-0", 2, 0},
	        {"0.35*x", 4, INT64_C(350000000000)},
	        {"-2", 2, -2 * LOY__DECIMAL_ONE},
	        {"12.000001", 9, INT64_C(12000001000000)},
	        {"0.000000000001", 14, 1},
	        {"-8999999.999999999999", 21, INT64_C(-8999999999999999999)},
	        {"9000000", 7, 9000000 * LOY__DECIMAL_ONE},
	        {"007.50", 6, INT64_C(7500000000000)},
	        {"1.", 1, LOY__DECIMAL_ONE},
	        {"1.x", 1, LOY__DECIMAL_ONE},
	        {"1e5", 1, LOY__DECIMAL_ONE},
	        {"1,5", 1, LOY__DECIMAL_ONE},
	};
	static const char *const none[] = {"", "-", "x", ".5", "+1", " 1", "-.5", "--1"};
	static const struct {
		const char *text;
		size_t used;
	} beyond[] = {
	        {"9000000.000000000001", 20},     {"-9000001", 8},
	        {"99999999999999999999999 ", 23}, {"0.0000000000001", 15},
	        {"1.0000000000000000", 18},       {"90000000.5", 10},
	};
	int64_t value = 77;
	loy_status status;
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(read); i++) {
		assert_int_equal(loy__decimal_read(read[i].text, strlen(read[i].text), &value, &status),
		                 read[i].used);
		assert_int_equal(status, LOY_OK);
		assert_true(value == read[i].value);
	}
	value = 77;
	for (i = 0; i < LOY__COUNT(none); i++)
		assert_int_equal(loy__decimal_read(none[i], strlen(none[i]), &value, &status), 0);
	for (i = 0; i < LOY__COUNT(beyond); i++) {
		assert_int_equal(loy__decimal_read(beyond[i].text, strlen(beyond[i].text), &value, &status),
		                 beyond[i].used);
		assert_int_equal(status, LOY_ERANGE);
	}
	assert_int_equal(value, 77);
	assert_int_equal(loy__decimal_read("12345", 2, &value, &status),
	                 2); /* the length ends it, not a zero */
	assert_true(value == 12 * LOY__DECIMAL_ONE);
	assert_int_equal(loy__decimal_read("1.5", 2, &value, &status), 1);
}

static void decimals_are_written_shortest(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} cases[] = {
	        {0, "0"},
	        {1, "0.000000000001"},
	        {-LOY__DECIMAL_ONE, "-1"},
	        {INT64_C(350000000000), "0.35"},
	        {INT64_C(12000001000000), "12.000001"},
	        {INT64_MAX, "9223372.036854775807"},
	        {INT64_MIN, "-9223372.036854775808"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(cases); i++) {
		char text[25] = {0};

		assert_int_equal(loy__decimal_write(cases[i].value, text), strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
}

static void decimals_come_back(void **state)
{
	uint64_t x = 1;
	int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		char text[24];
		int64_t value, back = 0;
		loy_status status;
		size_t n;

		x = loy__mix64(x + (uint64_t)i);
		value = (int64_t)(x >> (i % 60)) % INT64_C(9000000000000000000);
		n = loy__decimal_write(value, text);
		assert_int_equal(loy__decimal_read(text, n, &back, &status), n);
		assert_int_equal(status, LOY_OK);
		assert_true(back == value);
	}
}

static void integers_are_written(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} cases[] = {
	        {0, "0"},
	        {-1, "-1"},
	        {1000, "1000"},
	        {INT64_MAX, "9223372036854775807"},
	        {INT64_MIN, "-9223372036854775808"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(cases); i++) {
		char text[21] = {0};

		assert_int_equal(loy__integer_write(cases[i].value, text), strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
}

static void text_out_needs_room_for_its_zero(void **state)
{
	char buffer[6] = "-----";
	size_t needed = 99;

	(void)state;
	assert_int_equal(loy__text_out("hello", 5, NULL, 0, &needed), LOY_EBUFFER);
	assert_int_equal(needed, 5);
	assert_int_equal(loy__text_out("hello", 5, buffer, 5, &needed), LOY_EBUFFER);
	assert_string_equal(buffer, "-----");
	assert_int_equal(loy__text_out("hello", 5, buffer, 6, &needed), LOY_OK);
	assert_string_equal(buffer, "hello");
	assert_int_equal(loy__text_out("", 0, buffer, 1, NULL), LOY_OK);
	assert_string_equal(buffer, "");
	assert_int_equal(loy__text_out("hello", 5, NULL, 6, &needed), LOY_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(utf8_is_told_from_the_rest),
	        cmocka_unit_test(decimals_are_read_exactly),
	        cmocka_unit_test(decimals_are_written_shortest),
	        cmocka_unit_test(decimals_come_back),
	        cmocka_unit_test(integers_are_written),
	        cmocka_unit_test(text_out_needs_room_for_its_zero),
	};

	return cmocka_run_group_tests_name("core/text", tests, NULL, NULL);
}
