/* Functions of real numbers, random numbers, wide integers and decayed sums over many inputs. */
#include "golden.h"
#include "numeric/numeric.h"

#define INPUTS 4000u

/* Evenly spread over [low, high), and as many with exponents from `small` to `large`, both signs when signed. */
struct function {
	const char *name;
	double (*call)(double x);
	double low, high;
	int small, large, is_signed;
};

static const struct function functions[] = {
        {"exp", loy__exp, -750.0, 720.0, -1074, 9, 1},
        {"exp2", loy__exp2, -1080.0, 1030.0, -1074, 10, 1},
        {"expm1", loy__expm1, -60.0, 720.0, -1074, 9, 1},
        {"log", loy__log, 0.0, 2.0, -1074, 1023, 0},
        {"log2", loy__log2, 0.0, 2.0, -1074, 1023, 0},
        {"log1p", loy__log1p, -1.0, 3.0, -1074, 1023, 0},
        {"logistic", loy__logistic, -750.0, 750.0, -1074, 9, 1},
        {"log1pexp", loy__log1pexp, -750.0, 750.0, -1074, 9, 1},
        {"tanh", loy__tanh, -25.0, 25.0, -1074, 5, 1},
        {"gamma", loy__gamma, -60.0, 175.0, -1074, 7, 1},
        {"digamma", loy__digamma, -60.0, 200.0, -1000, 60, 1},
        {"trigamma", loy__trigamma, -60.0, 200.0, -500, 60, 1},
        {"erf", loy__erf, -7.0, 7.0, -1074, 3, 1},
        {"erfc", loy__erfc, -7.0, 28.0, -1074, 5, 1},
        {"normal_cdf", loy__normal_cdf, -39.0, 9.0, -1074, 6, 1},
        {"normal_sf", loy__normal_sf, -9.0, 39.0, -1074, 6, 1},
        {"normal_log_cdf", loy__normal_log_cdf, -300.0, 9.0, -1074, 20, 1},
        {"normal_quantile", loy__normal_quantile, 0.0, 1.0, -1074, -1, 0},
};

static void elementary(struct golden *g)
{
	size_t f;
	uint64_t i;

	for (f = 0; f < LOY__COUNT(functions); f++) {
		const struct function *at = &functions[f];

		golden_begin(g, at->name);
		for (i = 0; i < INPUTS; i++) {
			double x = golden_scaled(i, at->small, at->large);

			golden_double(g, at->call(golden_input(i, at->low, at->high)));
			golden_double(g, at->call(at->is_signed && i % 2 != 0 ? -x : x));
		}
		golden_end(g);
	}
}

static void powers(struct golden *g)
{
	uint64_t i;

	golden_begin(g, "pow");
	for (i = 0; i < INPUTS; i++) {
		double x = golden_scaled(i, -60, 60), y = golden_input(i + INPUTS, -30.0, 30.0);

		golden_double(g, loy__pow(x, y));
		golden_double(g, loy__pow(golden_input(i, 0.0, 2.0), y * 30.0));
		golden_double(g, loy__pow(i % 2 != 0 ? -x : x, (double)(i % 23) - 11.0));
	}
	golden_end(g);
}

static void gammas(struct golden *g)
{
	uint64_t i;
	int sign;

	golden_begin(g, "lgamma");
	for (i = 0; i < INPUTS; i++) {
		double x = golden_scaled(i, -1022, 1000);

		golden_double(g, loy__lgamma(golden_input(i, -60.0, 200.0), &sign));
		golden_i64(g, sign);
		golden_double(g, loy__lgamma(i % 2 != 0 ? -x : x, NULL));
		golden_double(g, loy__log_beta(golden_scaled(i, -20, 40), golden_scaled(i + 1, -20, 40)));
	}
	golden_end(g);
	golden_begin(g, "gamma_inc");
	for (i = 0; i < INPUTS; i++) {
		double a = golden_scaled(i, -10, 17), lower = 0.0, upper = 0.0, x = 0.0;

		golden_i64(g, loy__gamma_inc(a, a * golden_input(i, 0.0, 3.0), &lower, &upper));
		golden_double(g, lower);
		golden_double(g, upper);
		if (i % 8 == 0) {
			golden_i64(g, loy__gamma_inc_inverse(a, golden_input(i + 1, 0.0, 1.0),
			                                     (int)(i / 8 % 2), &x));
			golden_double(g, x);
		}
	}
	golden_end(g);
}

static void betas(struct golden *g)
{
	uint64_t i;

	golden_begin(g, "beta_inc");
	for (i = 0; i < INPUTS; i++) {
		double a = golden_scaled(i, -8, 14), b = golden_scaled(i + INPUTS, -8, 14),
		       mean = a / (a + b);
		double lower = 0.0, upper = 0.0, x = 0.0;

		golden_i64(g, loy__beta_inc(a, b, i % 2 != 0 ? mean : golden_input(i, 0.0, 1.0), &lower,
		                            &upper));
		golden_double(g, lower);
		golden_double(g, upper);
		if (i % 8 == 0) {
			golden_i64(g, loy__beta_inc_inverse(a, b, golden_input(i + 1, 0.0, 1.0), &x));
			golden_double(g, x);
		}
	}
	golden_end(g);
	golden_begin(g, "beta_interval");
	for (i = 0; i < INPUTS; i++) {
		double a = golden_scaled(i, -3, 10), b = golden_scaled(i + INPUTS, -3, 10), low = 0.0,
		       high = 0.0;

		golden_i64(g, loy__beta_interval(a, b, 0.05, &low, &high));
		golden_double(g, low);
		golden_double(g, high);
	}
	golden_end(g);
}

static void random_numbers(struct golden *g)
{
	loy__random r;
	uint64_t i;

	golden_begin(g, "random");
	for (i = 0; i < INPUTS; i++) {
		if (i % 100 == 0)
			loy__random_init(&r, i);
		golden_u64(g, loy__random_next(&r));
		golden_double(g, loy__random_unit(&r));
		golden_u64(g, loy__random_below(&r, i + 1));
	}
	golden_end(g);
}

static void wide_integers(struct golden *g)
{
	loy__wide sum = loy__wide_from(0);
	char text[40];
	uint64_t i;

	golden_begin(g, "wide");
	for (i = 0; i < INPUTS; i++) {
		int64_t a = (int64_t)loy__mix64(i + 1), b = (int64_t)loy__mix64(i + 77);
		loy__wide product = loy__wide_multiply(a, b >> (i % 50));

		if (!loy__wide_add(sum, product, &sum))
			sum = product;
		golden_u64(g, sum.low);
		golden_i64(g, sum.high);
		golden_double(g, loy__wide_to_double(product));
		golden_bytes(g, text, loy__wide_write(sum, text));
	}
	golden_end(g);
}

static void matrices(struct golden *g)
{
	double a[36], factor[36], values[6], vectors[36];
	size_t pivots[6];
	uint64_t i, j, k;

	golden_begin(g, "linear");
	for (i = 0; i < 200; i++) {
		for (j = 0; j < 36; j++)
			vectors[j] = golden_input(36 * i + j, -1.0, 1.0);
		for (j = 0; j < 36; j++) {
			a[j] = j % 7 == 0 ? 0.01 : 0.0;
			for (k = 0; k < 6; k++)
				a[j] += vectors[j / 6 * 6 + k] * vectors[j % 6 * 6 + k];
			factor[j] = a[j];
			values[j % 6] = golden_input(j, -1.0, 1.0);
		}
		golden_check(g, loy__cholesky(factor, 6, 0.0, NULL) == LOY_OK, "factor");
		golden_double(g, loy__cholesky_log_det(factor, 6));
		loy__cholesky_solve(factor, 6, values);
		loy__cholesky_inverse(factor, 6);
		for (j = 0; j < 36; j++)
			golden_double(g, factor[j] + values[j % 6]);
		golden_check(g, loy__lu(vectors, 6, pivots) == LOY_OK, "elimination");
		loy__lu_solve(vectors, 6, pivots, values);
		for (j = 0; j < 6; j++)
			golden_double(g, values[j]);
		golden_check(g, loy__symmetric_eigen(a, 6, values, vectors) == LOY_OK, "eigenvalues");
		for (j = 0; j < 36; j++)
			golden_double(g, vectors[j] * values[j / 6]);
	}
	golden_end(g);
}

static void decayed_sums(struct golden *g)
{
	const uint64_t span = (uint64_t)(LOY_TIME_MAX - LOY_TIME_MIN) + 1;
	uint64_t history, i;

	golden_begin(g, "decay");
	for (history = 0; history < 50; history++) {
		loy__half_life half_life = {0};
		loy__decay_now now;
		loy__decay sum;

		golden_check(g,
		             loy__half_life_init(&half_life, (int64_t)(history * history + 1) * LOY_DAY) ==
		                     LOY_OK,
		             "half-life");
		loy__decay_init(&sum);
		for (i = 0; i < 100; i++) {
			int64_t time = LOY_TIME_MIN + (int64_t)(loy__mix64(history * 100 + i + 1) % span);
			int64_t amount = (int64_t)loy__mix64(i + 5) >> 24;
			loy__decay_time when;

			loy__decay_at(&half_life, time, &when);
			golden_check(g, loy__decay_add(&sum, &when, amount) == LOY_OK, "adding");
			loy__decay_now_init(&now, &half_life, time);
			golden_double(g, loy__decay_read(&sum, &now));
		}
		golden_i64(g, sum.top);
		golden_i64(g, sum.chunk[0]);
		golden_i64(g, sum.chunk[1]);
		golden_i64(g, sum.chunk[2]);
	}
	golden_end(g);
}

void golden_numeric(struct golden *g)
{
	elementary(g);
	powers(g);
	gammas(g);
	betas(g);
	random_numbers(g);
	wide_integers(g);
	matrices(g);
	decayed_sums(g);
}
