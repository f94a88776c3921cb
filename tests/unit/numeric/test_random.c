/* Random numbers: published first values, the reference stream, and that bounded ones are uniform. */
#include "support.h"
#include "numeric/numeric.h"

static void first_values_are_the_published_ones(void **state)
{
	/* state words of splitmix64(0) (Vigna's splitmix64.c), and what xoshiro256** makes of them */
	static const uint64_t words[] = {UINT64_C(0xe220a8397b1dcdaf), UINT64_C(0x6e789e6aa1b965f4),
	                                 UINT64_C(0x06c45d188009454f), UINT64_C(0xf88bb8a8724c81ec)};
	static const uint64_t first[] = {UINT64_C(0x99ec5f36cb75f2b4), UINT64_C(0xbf6e1f784956452a),
	                                 UINT64_C(0x1a5f849d4933e6e0), UINT64_C(0x6aa594f1262d2d2c)};
	loy__random random;
	size_t i;

	(void)state;
	loy__random_init(&random, 0);
	assert_memory_equal(random.state, words, sizeof(words));
	for (i = 0; i < LOY__COUNT(first); i++)
		assert_true(loy__random_next(&random) == first[i]);
}

static void reference_stream_is_reproduced(void **state)
{
	struct csv *csv = shared_csv_or_skip("reference/stats/rng_golden.csv");
	size_t generator = csv_column(csv, "generator"), seed = csv_column(csv, "seed_or_state");
	size_t index = csv_column(csv, "index"), hex = csv_column(csv, "hex"), rows = 0;
	loy__random random = {{0, 0, 0, 0}};

	(void)state;
	while (csv_next(csv)) {
		if (strcmp(csv_text(csv, generator), "xoshiro256** seeded by splitmix64") != 0)
			continue;
		if (csv_i64(csv, index) == 0)
			loy__random_init(&random, strtoull(csv_text(csv, seed), NULL, 0));
		assert_true(loy__random_next(&random) == strtoull(csv_text(csv, hex), NULL, 16));
		rows++;
	}
	csv_close(csv);
	assert_true(rows >= 20);
}

static void unit_numbers_fill_the_interval(void **state)
{
	double low = 1.0, high = 0.0, sum = 0.0;
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 11);
	for (i = 0; i < 100000; i++) {
		double u = loy__random_unit(&random);

		assert_true(u >= 0.0 && u < 1.0);
		low = u < low ? u : low;
		high = u > high ? u : high;
		sum += u;
	}
	/* mean 1/2 with standard error 0.2887 / sqrt(1e5) = 0.0009: five of them */
	assert_close(sum / 100000.0, 0.5, 0.0, 0.0046);
	assert_true(low < 0.001 && high > 0.999);
}

static void bounded_numbers_are_uniform(void **state)
{
	enum { BINS = 10, DRAWS = 100000 };
	int count[BINS] = {0}, third[3] = {0}, i;
	/* 3 * 2^62: without rejection, one value in three would be drawn twice as often as the others */
	const uint64_t wide = UINT64_C(3) << 62;
	double chi2 = 0.0;
	loy__random random;

	(void)state;
	loy__random_init(&random, 12);
	for (i = 0; i < DRAWS; i++)
		count[loy__random_below(&random, BINS)]++;
	for (i = 0; i < BINS; i++) {
		double d = count[i] - (double)DRAWS / BINS;

		chi2 += d * d / ((double)DRAWS / BINS);
	}
	assert_true(chi2 < 33.7); /* the 0.9999 quantile of chi-square with 9 degrees of freedom */
	for (i = 0; i < 20000; i++) {
		uint64_t v = loy__random_below(&random, wide);

		assert_true(v < wide);
		third[v % 3]++;
		assert_true(loy__random_below(&random, 1) == 0);
	}
	for (i = 0; i < 3; i++) /* 6667, five standard deviations of 67 */
		assert_true(third[i] > 6333 && third[i] < 7001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(first_values_are_the_published_ones),
	        cmocka_unit_test(reference_stream_is_reproduced),
	        cmocka_unit_test(unit_numbers_fill_the_interval),
	        cmocka_unit_test(bounded_numbers_are_uniform),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
