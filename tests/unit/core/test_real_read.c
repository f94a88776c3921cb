/* Decimals read as doubles: what was written comes back, digits are rounded as the C library rounds them. */
#include <math.h>

#include "core/core.h"
#include "numeric/numeric.h"
#include "support.h"

static void written_comes_back(void **state)
{
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 1);
	for (i = 0; i < 50000; i++) {
		uint64_t bits = loy__random_next(&random);
		double v, read;
		char text[40];
		size_t length;
		loy_status status;

		memcpy(&v, &bits, sizeof(v));
		if (i % 4 == 0)
			v = ldexp((double)(bits >> 40), -1074); /* subnormal */
		if (!(fabs(v) <= DBL_MAX))
			continue;
		length = loy__real_write(v, text);
		assert_int_equal(loy__real_read(text, length, &read, &status), length);
		assert_int_equal(status, LOY_OK);
		assert_bits_equal(read, v);
	}
}

/* 19 digits: more than a double holds, so that rounding is seen. */
static void rounded_as_strtod_rounds(void **state)
{
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 2);
	for (i = 0; i < 20000; i++) {
		char text[60];
		double read;
		loy_status status;

		snprintf(text, sizeof(text), "%llu.%llue%d",
		         (unsigned long long)loy__random_below(&random, 10),
		         (unsigned long long)loy__random_below(&random, 1000000000000000000u),
		         (int)loy__random_below(&random, 640) - 330);
		assert_int_equal(loy__real_read(text, strlen(text), &read, &status), strlen(text));
		if (status == LOY_OK)
			assert_bits_equal(read, strtod(text, NULL));
		else
			assert_true(status == LOY_ERANGE && strtod(text, NULL) > DBL_MAX);
	}
}

static void odd_texts(void **state)
{
	static const struct {
		const char *text;
		size_t used;
		loy_status status;
		double value;
	} cases[] = {
	        {"0", 1, LOY_OK, 0.0},
	        {"-12.50x", 6, LOY_OK, -12.5},
	        {"+.5", 3, LOY_OK, 0.5},
	        {"5.", 2, LOY_OK, 5.0},
	        {"1e5", 3, LOY_OK, 1e5},
	        {"1e", 1, LOY_OK, 1.0},
	        {"1e+", 1, LOY_OK, 1.0},
	        {"1.2.3", 3, LOY_OK, 1.2},
	        {"inf", 3, LOY_OK, INFINITY},
	        {"-inf", 4, LOY_OK, -INFINITY},
	        {"nan", 3, LOY_OK, NAN},
	        {"1e-400", 6, LOY_OK, 0.0},
	        {"2e-324", 6, LOY_OK, 0.0},
	        {"3e-324", 6, LOY_OK, 4.9406564584124654e-324},
	        {"706613171992777300000", 21, LOY_OK, 706613171992777300000.0},
	        {"000000000000000000000000000001", 30, LOY_OK, 1.0},
	        {"1e309", 5, LOY_ERANGE, 0.0},
	        {"1e99999999999", 13, LOY_ERANGE, 0.0},
	        {"12345678901234567891", 20, LOY_ERANGE, 0.0},
	        {"", 0, LOY_OK, 0.0},
	        {".", 0, LOY_OK, 0.0},
	        {"-", 0, LOY_OK, 0.0},
	        {"e5", 0, LOY_OK, 0.0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double value = 77.0;
		loy_status status;

		if (loy__real_read(cases[i].text, strlen(cases[i].text), &value, &status) != cases[i].used ||
		    status != cases[i].status)
			fail_msg("'%s': status %d", cases[i].text, status);
		if (cases[i].used > 0 && status == LOY_OK)
			assert_close(value, cases[i].value, 0.0, 0.0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(written_comes_back),
	        cmocka_unit_test(rounded_as_strtod_rounds),
	        cmocka_unit_test(odd_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
