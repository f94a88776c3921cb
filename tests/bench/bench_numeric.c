/*
 * Time per call of the functions of the numeric room, next to the C library's where it has the same function
 * and to a bare loop over the same arguments, all in one run:
 *
 *	cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build build/bench --target bench_numeric
 *	build/bench/tests/bench_numeric
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <math.h>

enum { COUNT = 4096, ROUNDS = 7 };

static double input[COUNT];
static int64_t times[COUNT];
static volatile double sink;

typedef double (*one)(double);

static double bare(double x)
{
	return x;
}

/* Nanoseconds a call: the best of some rounds, as others share the machine. */
static double time_one(one f, long repeats)
{
	double best = 1e9;
	int round, i;
	long k;

	for (round = 0; round < ROUNDS; round++) {
		double sum = 0.0, start = wall_seconds(), took;

		for (k = 0; k < repeats; k++)
			for (i = 0; i < COUNT; i++)
				sum += f(input[i]);
		took = (wall_seconds() - start) * 1e9 / ((double)repeats * COUNT);
		sink = sum;
		best = smaller(best, took);
	}
	return best;
}

static void print_row(const char *name, one ours, one theirs, long repeats)
{
	double mine = time_one(ours, repeats), other;

	if (theirs == NULL) {
		printf("%-14s %8.2f\n", name, mine);
		return;
	}
	other = time_one(theirs, repeats);
	printf("%-14s %8.2f %8.2f %8.2f\n", name, mine, other, mine / other);
}

static void fill(loy__random *r, double low, double high)
{
	int i;

	for (i = 0; i < COUNT; i++)
		input[i] = low + (high - low) * loy__random_unit(r);
}

static double pow_ours(double x)
{
	return loy__pow(x, 1.7);
}

static double pow_theirs(double x)
{
	return pow(x, 1.7);
}

static void elementary(loy__random *r)
{
	static const struct {
		const char *name;
		one ours, theirs;
		double low, high;
	} list[] = {
	        {"exp", loy__exp, exp, -20.0, 20.0},
	        {"exp2", loy__exp2, exp2, -20.0, 20.0},
	        {"expm1", loy__expm1, expm1, -2.0, 2.0},
	        {"log", loy__log, log, 0.0, 10.0},
	        {"log2", loy__log2, log2, 0.0, 10.0},
	        {"log1p", loy__log1p, log1p, -0.9, 10.0},
	        {"pow(x, 1.7)", pow_ours, pow_theirs, 0.0, 10.0},
	        {"tanh", loy__tanh, tanh, -3.0, 3.0},
	        {"logistic", loy__logistic, NULL, -9.0, 9.0},
	        {"log1pexp", loy__log1pexp, NULL, -9.0, 9.0},
	};
	size_t k;

	for (k = 0; k < LOY__COUNT(list); k++) {
		fill(r, list[k].low, list[k].high);
		print_row(list[k].name, list[k].ours, list[k].theirs, 50);
	}
	printf("%-14s %8.2f\n", "bare call", time_one(bare, 50));
}

static double lgamma_ours(double x)
{
	return loy__lgamma(x, NULL);
}

static double gamma_inc_p(double x)
{
	double lower;

	loy__gamma_inc(3.7, x, &lower, NULL);
	return lower;
}

static double beta_inc_i(double x)
{
	double lower;

	loy__beta_inc(30.0, 12.0, 0.05 * x, &lower, NULL);
	return lower;
}

static double beta_inc_inverse(double x)
{
	double found;

	loy__beta_inc_inverse(30.0, 12.0, 0.05 * x, &found);
	return found;
}

static double erf_quantile(double x)
{
	return loy__normal_quantile(0.05 * x);
}

static void special(loy__random *r)
{
	static const struct {
		const char *name;
		one ours, theirs;
	} list[] = {
	        {"lgamma", lgamma_ours, lgamma},
	        {"gamma", loy__gamma, tgamma},
	        {"digamma", loy__digamma, NULL},
	        {"trigamma", loy__trigamma, NULL},
	        {"erf", loy__erf, erf},
	        {"erfc", loy__erfc, erfc},
	        {"normal_cdf", loy__normal_cdf, NULL},
	        {"quantile", erf_quantile, NULL},
	        {"gamma_inc", gamma_inc_p, NULL},
	        {"beta_inc", beta_inc_i, NULL},
	        {"its inverse", beta_inc_inverse, NULL},
	};
	size_t k;

	fill(r, 0.0, 20.0);
	for (k = 0; k < LOY__COUNT(list); k++)
		print_row(list[k].name, list[k].ours, list[k].theirs, 5);
}

/* Both ends of an interval, for a score's usual evidence, for any, and for much. */
static void interval(loy__random *r)
{
	static const struct {
		const char *name;
		double low, high; /* log of a + b */
	} list[] = {{"a + b in 5..65", 1.609, 4.174}, {"1e-6..65", -13.8, 4.174}, {"65..1e5", 4.174, 11.51}};
	static double a[COUNT], b[COUNT];
	size_t k;
	int i, round;

	for (k = 0; k < LOY__COUNT(list); k++) {
		double best = 1e9;

		for (i = 0; i < COUNT; i++) {
			double size = exp(list[k].low + (list[k].high - list[k].low) * loy__random_unit(r));

			a[i] = size * (0.02 + 0.96 * loy__random_unit(r));
			b[i] = size - a[i];
		}
		for (round = 0; round < ROUNDS; round++) {
			double start = wall_seconds(), sum = 0.0, low, high, took;

			for (i = 0; i < COUNT; i++) {
				loy__beta_interval(a[i], b[i], 0.05, &low, &high);
				sum += low + high;
			}
			took = (wall_seconds() - start) * 1e9 / COUNT;
			sink = sum;
			best = smaller(best, took);
		}
		printf("beta interval, both ends, %-14s %8.1f ns\n", list[k].name, best);
	}
}

static void decay(loy__random *r)
{
	static loy__decay_time when[COUNT];
	static loy__decay sum[64];
	loy__half_life h;
	loy__decay_now now;
	double at = 1e9, add = 1e9, both = 1e9, read = 1e9;
	int round, i;

	loy__half_life_init(&h, 90 * LOY_DAY);
	for (i = 0; i < COUNT; i++)
		times[i] = INT64_C(1600000000) * LOY_SECOND +
		           (int64_t)loy__random_below(r, 730 * (uint64_t)LOY_DAY);
	for (i = 0; i < 64; i++)
		loy__decay_init(&sum[i]);
	loy__decay_now_init(&now, &h, INT64_C(1670000000) * LOY_SECOND);
	for (round = 0; round < 5 * ROUNDS; round++) {
		double start = wall_seconds(), total = 0.0, t;

		for (i = 0; i < COUNT; i++)
			loy__decay_at(&h, times[i], &when[i]);
		t = wall_seconds() - start;
		at = smaller(at, t);
		start = wall_seconds();
		for (i = 0; i < COUNT; i++)
			loy__decay_add(&sum[i & 63], &when[i], LOY__AMOUNT_ONE);
		t = wall_seconds() - start;
		add = smaller(add, t);
		start = wall_seconds();
		for (i = 0; i < COUNT; i++) {
			loy__decay_at(&h, times[i], &when[0]);
			loy__decay_add(&sum[i & 63], &when[0], LOY__AMOUNT_ONE);
		}
		t = wall_seconds() - start;
		both = smaller(both, t);
		start = wall_seconds();
		for (i = 0; i < COUNT; i++)
			total += loy__decay_read(&sum[i & 63], &now);
		t = wall_seconds() - start;
		read = smaller(read, t);
		sink = total;
	}
	printf("decay: at %.2f ns, add %.2f ns, both %.2f ns, read %.2f ns\n", at * 1e9 / COUNT,
	       add * 1e9 / COUNT, both * 1e9 / COUNT, read * 1e9 / COUNT);
}

int main(void)
{
	loy__random r;

	loy__random_init(&r, 1);
	printf("%-14s %8s %8s %8s\n", "function", "ours ns", "libm ns", "ratio");
	elementary(&r);
	special(&r);
	interval(&r);
	decay(&r);
	return 0;
}
