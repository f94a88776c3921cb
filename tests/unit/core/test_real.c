#include "support.h"

#include <float.h>
#include <math.h>

#include "core/core.h"

static const char *text_of(double value)
{
	static char text[32];
	size_t length;

	memset(text, '?', sizeof(text));
	length = loy__real_write(value, text);
	assert_true(length <= 26);
	text[length] = '\0';
	return text;
}

static void known_numbers(void **state)
{
	static const struct {
		double value;
		const char *text;
	} known[] = {
	        {0.0, "0"},
	        {-0.0, "-0"},
	        {1.0, "1"},
	        {-1.0, "-1"},
	        {0.1, "0.1"},
	        {0.3, "0.3"},
	        {0.1 + 0.2, "0.30000000000000004"},
	        {2.0 / 3.0, "0.6666666666666666"},
	        {100.0, "100"},
	        {123456.789, "123456.789"},
	        {1e21, "1e21"},
	        {1e20, "100000000000000000000"},
	        {123456789012345680000.0, "123456789012345680000"},
	        {1e-5, "0.00001"},
	        {9.5e-7, "9.5e-7"},
	        {0.000001234, "0.000001234"},
	        {1e23, "1e23"}, /* a tie that the even limit decides */
	        {9007199254740992.0, "9007199254740992"},
	        {9007199254740993.0, "9007199254740992"},
	        {5e-324, "5e-324"},
	        {DBL_MIN, "2.2250738585072014e-308"},
	        {2.225073858507201e-308, "2.225073858507201e-308"},
	        {DBL_MAX, "1.7976931348623157e308"},
	        {-DBL_MAX, "-1.7976931348623157e308"},
	        {4.35, "4.35"},
	        {0.5, "0.5"},
	        {9.5367431640625e-7, "9.5367431640625e-7"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(known); i++)
		assert_string_equal(text_of(known[i].value), known[i].text);
	assert_string_equal(text_of((double)NAN), "");
	assert_string_equal(text_of((double)INFINITY), "");
}

/* Significant digits of a text. */
static int digits_of(const char *text)
{
	int count = 0, zeros = 0;

	for (; *text != '\0' && *text != 'e'; text++) {
		if (*text == '0' && count == 0)
			continue;
		if (*text >= '0' && *text <= '9') {
			zeros = *text == '0' ? zeros + 1 : 0;
			count++;
		}
	}
	return count - zeros;
}

/* Read back it has the same bits, and one digit less, as the C library rounds it, never has. */
static void check(double value)
{
	const char *text = text_of(value);
	int digits = digits_of(text);
	char less[64];

	assert_bits_equal(strtod(text, NULL), value);
	if (digits > 1) {
		snprintf(less, sizeof(less), "%.*e", digits - 2, value);
		if (strtod(less, NULL) == value)
			fail_msg("%s is longer than %s", text, less);
	}
}

static void every_number_is_read_back(void **state)
{
	uint64_t x = UINT64_C(88172645463325252);
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		double value;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(&value, &x, sizeof(value));
		if (isfinite(value))
			check(value);
		check((double)(x >> 11) / 9007199254740992.0 * 100.0);
		check((double)(x >> (x & 63)));
	}
	for (i = -1074; i < 1024; i++) { /* powers of two: the limits are not even */
		double power = ldexp(1.0, i);

		check(power);
		check(nextafter(power, INFINITY));
		check(nextafter(power, 0.0));
	}
	for (i = 1; i < 100000; i++) /* what people write */
		check((double)i / 1000.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(known_numbers),
	        cmocka_unit_test(every_number_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
