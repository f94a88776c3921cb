/* 128-bit integers: every operation against known values, sums and products against one another. */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

static const int64_t corners[] = {0,
                                  1,
                                  -1,
                                  2,
                                  -2,
                                  999999999,
                                  1000000000,
                                  INT32_MAX,
                                  INT32_MIN,
                                  INT64_C(1) << 32,
                                  INT64_MAX,
                                  INT64_MIN,
                                  INT64_MAX - 1,
                                  INT64_MIN + 1,
                                  -(INT64_C(1) << 53)};

static loy__wide wide(int64_t high, uint64_t low)
{
	loy__wide w;

	w.high = high;
	w.low = low;
	return w;
}

static void assert_text(loy__wide value, const char *expected)
{
	char text[40];
	size_t length = loy__wide_write(value, text);

	assert_int_equal(length, strlen(expected));
	assert_memory_equal(text, expected, length);
}

static void text_is_decimal(void **state)
{
	(void)state;
	assert_text(loy__wide_from(0), "0");
	assert_text(loy__wide_from(-7), "-7");
	assert_text(loy__wide_from(1000000000), "1000000000");
	assert_text(loy__wide_from(999999999), "999999999");
	assert_text(loy__wide_from(INT64_MIN), "-9223372036854775808");
	assert_text(wide(1, 0), "18446744073709551616");
	assert_text(wide(-1, 0), "-18446744073709551616");
	assert_text(wide(INT64_C(0x4b3b4ca85a86c47a), UINT64_C(0x098a224000000000)),
	            "100000000000000000000000000000000000000");
	assert_text(wide(INT64_MAX, UINT64_MAX), "170141183460469231731687303715884105727");
	assert_text(wide(INT64_MIN, 0), "-170141183460469231731687303715884105728");
}

static void addition_notices_overflow(void **state)
{
	loy__wide largest = wide(INT64_MAX, UINT64_MAX), smallest = wide(INT64_MIN, 0), sum = wide(3, 4);

	(void)state;
	assert_false(loy__wide_add(largest, loy__wide_from(1), &sum));
	assert_false(loy__wide_add(smallest, loy__wide_from(-1), &sum));
	assert_false(loy__wide_add(smallest, smallest, &sum));
	assert_true(sum.high == 3 && sum.low == 4);
	assert_true(loy__wide_add(largest, smallest, &sum));
	assert_true(sum.high == -1 && sum.low == UINT64_MAX);
	assert_true(loy__wide_add(wide(0, UINT64_MAX), loy__wide_from(1), &sum));
	assert_true(sum.high == 1 && sum.low == 0);
	assert_true(loy__wide_add(wide(1, 0), loy__wide_from(-1), &sum));
	assert_true(sum.high == 0 && sum.low == UINT64_MAX);
}

static void negation_is_its_own_inverse(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(corners); i++) {
		loy__wide a = loy__wide_from(corners[i]), back = loy__wide_negate(loy__wide_negate(a)), sum;

		assert_true(back.high == a.high && back.low == a.low);
		assert_true(loy__wide_add(a, loy__wide_negate(a), &sum));
		assert_true(sum.high == 0 && sum.low == 0);
	}
	assert_true(loy__wide_negate(wide(INT64_MIN, 0)).high == INT64_MIN);
}

/* a * b by adding shifted copies of a: slow and obviously right. */
static loy__wide product_by_addition(int64_t a, int64_t b)
{
	loy__wide term = loy__wide_from(a), total = loy__wide_from(0);
	uint64_t left = (uint64_t)b;
	int bit;

	for (bit = 0; bit < 64; bit++) {
		loy__wide signed_term = bit == 63 ? loy__wide_negate(term) : term;

		if ((left >> bit & 1) != 0)
			assert_true(loy__wide_add(total, signed_term, &total));
		if (bit < 63)
			assert_true(loy__wide_add(term, term, &term));
	}
	return total;
}

static void products_are_exact(void **state)
{
	loy__random random;
	size_t i, k;

	(void)state;
	for (i = 0; i < LOY__COUNT(corners); i++)
		for (k = 0; k < LOY__COUNT(corners); k++) {
			loy__wide p = loy__wide_multiply(corners[i], corners[k]);
			loy__wide e = product_by_addition(corners[i], corners[k]);

			assert_true(p.high == e.high && p.low == e.low);
		}
	loy__random_init(&random, 5);
	for (i = 0; i < 20000; i++) {
		int64_t a = (int64_t)(loy__random_next(&random) >> (i & 63)) * (i & 1 ? -1 : 1);
		int64_t b = (int64_t)(loy__random_next(&random) >> (i / 64 & 63));
		loy__wide p = loy__wide_multiply(a, b), e = product_by_addition(a, b);

		assert_true(p.high == e.high && p.low == e.low);
	}
}

static void doubles_are_rounded_once_to_even(void **state)
{
	loy__random random;
	int i;

	(void)state;
	assert_bits_equal(loy__wide_to_double(loy__wide_from(0)), 0.0);
	assert_bits_equal(loy__wide_to_double(loy__wide_from(-3)), -3.0);
	assert_bits_equal(loy__wide_to_double(wide(INT64_MIN, 0)), -0x1p127);
	assert_bits_equal(loy__wide_to_double(wide(INT64_MAX, UINT64_MAX)), 0x1p127);
	/* ties: 2^53 + 1 goes down to even, 2^53 + 3 up; a bit far below breaks the tie */
	assert_bits_equal(loy__wide_to_double(wide(0, (UINT64_C(1) << 53) + 1)), 0x1p53);
	assert_bits_equal(loy__wide_to_double(wide(0, (UINT64_C(1) << 53) + 3)), 0x1.0000000000002p53);
	assert_bits_equal(loy__wide_to_double(wide(INT64_C(1) << 53, UINT64_C(1) << 63)), 0x1p117);
	assert_bits_equal(loy__wide_to_double(wide(INT64_C(1) << 53 | 1, 1)), 0x1.0000000000001p117);
	assert_bits_equal(loy__wide_to_double(wide(INT64_C(1) << 53, (UINT64_C(1) << 63) | 1)), 0x1p117);
	assert_bits_equal(loy__wide_to_double(wide((INT64_C(1) << 54) + 2, 0)), 0x1p118);
	assert_bits_equal(loy__wide_to_double(wide((INT64_C(1) << 54) + 2, 1)), 0x1.0000000000001p118);
	/* one word: the conversion of the language does the same */
	loy__random_init(&random, 9);
	for (i = 0; i < 20000; i++) {
		int64_t v = (int64_t)(loy__random_next(&random) >> 1) >> (i % 62);

		assert_bits_equal(loy__wide_to_double(loy__wide_from(v)), (double)v);
		assert_bits_equal(loy__wide_to_double(loy__wide_from(-v)), (double)-v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(text_is_decimal),
	        cmocka_unit_test(addition_notices_overflow),
	        cmocka_unit_test(negation_is_its_own_inverse),
	        cmocka_unit_test(products_are_exact),
	        cmocka_unit_test(doubles_are_rounded_once_to_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
