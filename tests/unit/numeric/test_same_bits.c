/*
 * The same bits everywhere: one hash for each function of the room over a fixed stream of arguments. The
 * expected hashes were found alike on x86-64 (gcc and clang, -O0 to -O3 -march=native), i386 with SSE2,
 * aarch64, armhf and s390x, mingw under wine and wasm under node. A hash that changes means that scores and
 * profiles change: it needs a reason and a new version.
 */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

enum { COUNT = 20000 };

static uint64_t mix(uint64_t hash, uint64_t word)
{
	return loy__mix64((hash ^ word) + UINT64_C(0x9e3779b97f4a7c15));
}

static uint64_t mix_double(uint64_t hash, double x)
{
	uint64_t word;

	memcpy(&word, &x, sizeof(word));
	return mix(hash, isnan(x) ? 0 : word); /* the bits of a NaN are no result */
}

/* A random mantissa and power; one draw in a statement, as the order of arguments is not defined. */
static double sized(loy__random *random, int low, int high)
{
	int power = low + (int)loy__random_below(random, (uint64_t)(high - low));

	return ldexp(1.0 + loy__random_unit(random), power);
}

/* Wide, narrow, near 0, of all sizes, and negative. */
static double any_argument(loy__random *random, int i)
{
	switch (i % 5) {
	case 0:
		return 1600.0 * (loy__random_unit(random) - 0.5);
	case 1:
		return 80.0 * (loy__random_unit(random) - 0.5);
	case 2:
		return 4.0 * (loy__random_unit(random) - 0.5);
	case 3:
		return sized(random, -1066, 1024);
	default:
		return -sized(random, -60, 10);
	}
}

static void check(const char *name, uint64_t hash, uint64_t expected)
{
	if (hash != expected)
		fail_msg("%s: 0x%016llx, not 0x%016llx", name, (unsigned long long)hash,
		         (unsigned long long)expected);
}

static double log_gamma(double x)
{
	int sign;
	double value = loy__lgamma(x, &sign);

	return sign < 0 ? -value : value;
}

static void functions_of_one_number(void **state)
{
	static const struct {
		const char *name;
		double (*f)(double);
		uint64_t hash;
	} list[] = {
	        {"exp", loy__exp, UINT64_C(0x1115195cc1d2e64e)},
	        {"exp2", loy__exp2, UINT64_C(0x07d2e1aac8b2c3a6)},
	        {"expm1", loy__expm1, UINT64_C(0xbacdbb1d6e6d32db)},
	        {"log", loy__log, UINT64_C(0x227b77d8144ac107)},
	        {"log2", loy__log2, UINT64_C(0xa1974765af716004)},
	        {"log1p", loy__log1p, UINT64_C(0x65219fb5fd9aae0f)},
	        {"logistic", loy__logistic, UINT64_C(0x9647cf038a38a583)},
	        {"log1pexp", loy__log1pexp, UINT64_C(0x7f97123e9450e5d4)},
	        {"tanh", loy__tanh, UINT64_C(0xf3ffd4ab31b30f27)},
	        {"lgamma", log_gamma, UINT64_C(0xc1d4a5b33af79a75)},
	        {"gamma", loy__gamma, UINT64_C(0xae99aebad7e9ee3d)},
	        {"digamma", loy__digamma, UINT64_C(0x84f35672c8fcd353)},
	        {"trigamma", loy__trigamma, UINT64_C(0x302be1b39a53ca2e)},
	        {"erf", loy__erf, UINT64_C(0x70d8fd82861fa8be)},
	        {"erfc", loy__erfc, UINT64_C(0x8ddb1744637ba508)},
	        {"normal_cdf", loy__normal_cdf, UINT64_C(0x2caab5bcdb189308)},
	        {"normal_sf", loy__normal_sf, UINT64_C(0x481bc39951c8b99c)},
	        {"normal_log_cdf", loy__normal_log_cdf, UINT64_C(0x8d4b05979f38abd0)},
	        {"normal_quantile", loy__normal_quantile, UINT64_C(0x3616c2c442e46347)},
	};
	size_t k;
	int i;

	(void)state;
	for (k = 0; k < LOY__COUNT(list); k++) {
		loy__random random;
		uint64_t hash = 0;

		loy__random_init(&random, 71);
		for (i = 0; i < COUNT; i++) {
			double x = any_argument(&random, i);

			if (list[k].f == loy__normal_quantile)
				x = i % 2 != 0 ? loy__random_unit(&random) : sized(&random, -1070, 0);
			hash = mix_double(hash, list[k].f(x));
		}
		check(list[k].name, hash, list[k].hash);
	}
}

static void functions_of_two_numbers(void **state)
{
	uint64_t power = 0, beta = 0;
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 72);
	for (i = 0; i < COUNT; i++) {
		double x = sized(&random, -100, 100), y = any_argument(&random, i), a, b;

		power = mix_double(power, loy__pow(x, i % 2 != 0 ? y : 0.01 * y));
		a = sized(&random, -30, 30);
		b = sized(&random, -30, 30);
		beta = mix_double(beta, loy__log_beta(a, b));
	}
	check("pow", power, UINT64_C(0x07acac23d16b75bb));
	check("log_beta", beta, UINT64_C(0x855ef984ab4fa1d2));
}

static void incomplete_functions(void **state)
{
	uint64_t gamma = 0, beta = 0, inverse = 0, interval = 0;
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 73);
	for (i = 0; i < COUNT; i++) {
		double a = sized(&random, -14, 16), b = sized(&random, -14, 16),
		       p = loy__random_unit(&random), u, v;

		assert_int_equal(loy__gamma_inc(a, i % 2 != 0 ? b : a * (0.5 + p), &u, &v), LOY_OK);
		gamma = mix_double(mix_double(gamma, u), v);
		assert_int_equal(loy__beta_inc(a, b, i % 2 != 0 ? p : a / (a + b), &u, &v), LOY_OK);
		beta = mix_double(mix_double(beta, u), v);
		assert_int_equal(loy__beta_interval(a, b, 0.05 + 0.4 * p * p, &u, &v), LOY_OK);
		interval = mix_double(mix_double(interval, u), v);
		if (i % 8 != 0)
			continue;
		assert_int_equal(loy__gamma_inc_inverse(a, p, i / 8 & 1, &u), LOY_OK);
		assert_int_equal(loy__beta_inc_inverse(a, b, p, &v), LOY_OK);
		inverse = mix_double(mix_double(inverse, u), v);
	}
	check("gamma_inc", gamma, UINT64_C(0xff4378c69c4c4f29));
	check("beta_inc", beta, UINT64_C(0x00a7f603202de80e));
	check("beta_interval", interval, UINT64_C(0x4cbe3edd14ee4340));
	check("inverses", inverse, UINT64_C(0x008771cebd71cc0f));
}

static void integers_and_sums(void **state)
{
	uint64_t wide = 0, sums = 0, reads = 0;
	loy__random random;
	int i, k;

	(void)state;
	loy__random_init(&random, 74);
	for (i = 0; i < COUNT; i++) {
		int64_t x = (int64_t)(loy__random_next(&random) >> 1),
		        y = (int64_t)(loy__random_next(&random) >> (1 + i % 63));
		int64_t length = LOY__HALF_LIFE_MIN, time = 0;
		loy__wide product = loy__wide_multiply(i % 2 != 0 ? x : -x, y);
		loy__half_life h;
		loy__decay_now now;
		loy__decay sum;
		char text[40];
		size_t size = loy__wide_write(product, text), n;

		wide = mix(mix(wide, product.low), (uint64_t)product.high);
		wide = mix_double(wide, loy__wide_to_double(product));
		for (n = 0; n < size; n++)
			wide = mix(wide, (uint64_t)text[n]);
		length += (int64_t)loy__random_below(&random, i % 2 != 0 ? (uint64_t)LOY_DAY * 1000
		                                                         : (uint64_t)LOY_DAY * 36499);
		assert_int_equal(loy__half_life_init(&h, length), LOY_OK);
		loy__decay_init(&sum);
		for (k = 0; k < 4; k++) {
			loy__decay_time when;

			if (k % 2 == 0)
				time = LOY_TIME_MIN +
				       (int64_t)loy__random_below(&random,
				                                  (uint64_t)(LOY_TIME_MAX - LOY_TIME_MIN));
			loy__decay_at(&h, time, &when);
			y = (int64_t)(loy__random_next(&random) >> 17);
			assert_int_equal(loy__decay_add(&sum, &when, k % 2 != 0 ? y : -y), LOY_OK);
		}
		for (k = 0; k < LOY__DECAY_CHUNKS; k++)
			sums = mix(sums, (uint64_t)sum.chunk[k]);
		sums = mix(sums, (uint64_t)sum.top);
		loy__decay_now_init(&now, &h, time);
		reads = mix_double(reads, loy__decay_read(&sum, &now));
	}
	check("wide", wide, UINT64_C(0x884461f78416a037));
	check("decay", sums, UINT64_C(0x7ec4f4ede068e7e6));
	check("decay_read", reads, UINT64_C(0x1aba45028963f634));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(functions_of_one_number),
	        cmocka_unit_test(functions_of_two_numbers),
	        cmocka_unit_test(incomplete_functions),
	        cmocka_unit_test(integers_and_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
