/*
 * Measures the error of the elementary functions in units in the last place against libquadmath, and prints
 * the worst case of each with its argument. Run by hand, from the top of the tree:
 *
 *	gcc -O2 -ffp-contract=off -Iinclude -Isrc tests/bench/ulp_numeric.c src/numeric/[a-z]*.c src/core/[a-z]*.c \
 *		-lquadmath -lm -o /tmp/ulp && /tmp/ulp 10000000
 *
 * The unit of a normal result y with |y| in [2^e, 2^(e+1)) is 2^(e-52); results below 2^-1022 are listed
 * apart.
 */
#include "numeric/numeric.h"

#include <math.h>
#include <quadmath.h>
#include <stdio.h>
#include <stdlib.h>

struct worst {
	double normal, normal_x, normal_y, tiny, tiny_x;
};

static void note(struct worst *w, double x, double y, double got, __float128 exact)
{
	int exponent;
	double unit, error;

	if (!(fabs(got) <= DBL_MAX) || exact == 0)
		return;
	frexpq(exact, &exponent);
	exponent = exponent < -1021 ? -1021 : exponent;
	unit = ldexp(1.0, exponent - 53);
	error = (double)(fabsq((__float128)got - exact) / unit);
	if (exponent == -1021 && fabsq(exact) < 0x1p-1022) {
		if (error > w->tiny) {
			w->tiny = error;
			w->tiny_x = x;
		}
	} else if (error > w->normal) {
		w->normal = error;
		w->normal_x = x;
		w->normal_y = y;
	}
}

static __float128 logistic_q(__float128 x)
{
	return 1 / (1 + expq(-x));
}

static __float128 log1pexp_q(__float128 x)
{
	return x > 0 ? x + log1pq(expq(-x)) : log1pq(expq(x));
}

struct function {
	const char *name;
	double (*ours)(double);
	__float128 (*exact)(__float128);
	double low, high; /* of the arguments, besides those of all sizes */
};

/* Arguments: even over the range, of all sizes, near 0, and near 1. */
static double argument(loy__random *r, const struct function *f, long i)
{
	double u = loy__random_unit(r);

	switch (i % 4) {
	case 0:
		return f->low + (f->high - f->low) * u;
	case 1:
		return ldexp(f->low < 0.0 && (i & 4) != 0 ? -1.0 - u : 1.0 + u,
		             (int)loy__random_below(r, 64) - 56);
	case 2:
		return f->low < 0.0 ? (u - 0.5) * 4.0 : 0.5 + u;
	default:
		return f->low < 0.0 ? (u - 0.5) * 64.0
		                    : ldexp(1.0 + u, (int)loy__random_below(r, 2090) - 1066);
	}
}

int main(int argc, char **argv)
{
	static const struct function functions[] = {
	        {"exp", loy__exp, expq, -746.0, 710.0},
	        {"exp2", loy__exp2, exp2q, -1075.0, 1024.0},
	        {"expm1", loy__expm1, expm1q, -40.0, 710.0},
	        {"log", loy__log, logq, 0.0, 3.0},
	        {"log2", loy__log2, log2q, 0.0, 3.0},
	        {"log1p", loy__log1p, log1pq, -0.999999, 3.0},
	        {"logistic", loy__logistic, logistic_q, -746.0, 40.0},
	        {"log1pexp", loy__log1pexp, log1pexp_q, -746.0, 40.0},
	        {"tanh", loy__tanh, tanhq, -22.0, 22.0},
	};
	long count = argc > 1 ? atol(argv[1]) : 1000000, i;
	struct worst w = {0};
	loy__random r;
	size_t k;

	loy__random_init(&r, argc > 2 ? (uint64_t)atol(argv[2]) : 1);
	for (k = 0; k < LOY__COUNT(functions); k++) {
		const struct function *f = &functions[k];

		w = (struct worst){0};
		for (i = 0; i < count; i++) {
			double x = argument(&r, f, i);

			note(&w, x, 0.0, f->ours(x), f->exact((__float128)x));
		}
		printf("%-9s %.4f at %a; subnormal %.4f at %a\n", f->name, w.normal, w.normal_x, w.tiny,
		       w.tiny_x);
		fflush(stdout);
	}
	w = (struct worst){0};
	for (i = 0; i < count; i++) {
		double u = loy__random_unit(&r), v = loy__random_unit(&r) - 0.5, x, y;
		int reach = i % 4 == 1 ? 1000 : 20;

		x = i % 4 == 0 ? 0.5 + u
		               : ldexp(1.0 + u, (int)loy__random_below(&r, 2 * (uint64_t)reach) - reach);
		/* exponents that use the whole range of results, and small ones */
		y = i % 3 == 0 ? v * 20.0 : v * 2980.0 / (fabs(log2(x)) + 1e-9);
		note(&w, x, y, loy__pow(x, y), powq((__float128)x, (__float128)y));
	}
	printf("%-9s %.4f at %a, %a; subnormal %.4f at %a\n", "pow", w.normal, w.normal_x, w.normal_y, w.tiny,
	       w.tiny_x);
	return 0;
}
