/*
 * Sums of two doubles, for the inside of this room: a result that is needed to more than 53 bits is kept as a
 * rounded part and what rounding took. Steps of Knuth (1969), Dekker (1971) and Veltkamp (1968), without
 * fused multiply-add; exact unless something overflows, or a product's error underflows (below 2^-969).
 */
#ifndef LOY_NUMERIC_PAIR_H
#define LOY_NUMERIC_PAIR_H

#include "core/core.h"

#include <string.h>

typedef struct loy__pair {
	double high, low;
} loy__pair;

/* a + b exactly, for |a| >= |b| or a == 0. */
static inline loy__pair loy__pair_fast(double a, double b)
{
	loy__pair sum;

	sum.high = a + b;
	sum.low = b - (sum.high - a);
	return sum;
}

/* a + b exactly. */
static inline loy__pair loy__pair_sum(double a, double b)
{
	loy__pair sum;
	double part;

	sum.high = a + b;
	part = sum.high - a;
	sum.low = (a - (sum.high - part)) + (b - part);
	return sum;
}

/* a * b exactly, for |a|, |b| < 2^995. */
static inline loy__pair loy__pair_product(double a, double b)
{
	loy__pair product;
	double t = a * 134217729.0, a0 = t - (t - a), a1 = a - a0; /* 2^27 + 1: halves of 26 bits */
	double u = b * 134217729.0, b0 = u - (u - b), b1 = b - b0;

	product.high = a * b;
	product.low = ((a0 * b0 - product.high) + a0 * b1 + a1 * b0) + a1 * b1;
	return product;
}

static inline loy__pair loy__pair_negate(loy__pair a)
{
	a.high = -a.high;
	a.low = -a.low;
	return a;
}

/* a * b of a double and a sum, to about 2^-104, relatively. */
static inline loy__pair loy__pair_scaled(double a, loy__pair b)
{
	loy__pair product = loy__pair_product(a, b.high);

	return loy__pair_fast(product.high, product.low + a * b.low);
}

/* a * b and a / b to about 2^-103, relatively. */
static inline loy__pair loy__pair_multiply(loy__pair a, loy__pair b)
{
	loy__pair product = loy__pair_product(a.high, b.high);

	return loy__pair_fast(product.high, product.low + (a.high * b.low + a.low * b.high));
}

static inline loy__pair loy__pair_divide(loy__pair a, loy__pair b)
{
	double quotient = a.high / b.high;
	loy__pair back = loy__pair_product(quotient, b.high);

	return loy__pair_fast(quotient,
	                      (((a.high - back.high) - back.low) + a.low - quotient * b.low) / b.high);
}

/* a + b to about 2^-104 of the larger one. */
static inline loy__pair loy__pair_add(loy__pair a, loy__pair b)
{
	loy__pair sum = loy__pair_sum(a.high, b.high);

	return loy__pair_fast(sum.high, sum.low + (a.low + b.low));
}

/* c[0] + c[1] x + … + c[count - 1] x^(count - 1), for count >= 2: even and odd powers side by side. */
static inline double loy__polynomial(const double *c, int count, double x)
{
	double square = x * x, even, odd;
	int i = count - 1;

	if (i % 2 == 0) {
		even = c[i];
		odd = c[i - 1];
		i -= 2;
	} else {
		odd = c[i];
		even = c[i - 1];
		i -= 2;
	}
	for (; i > 0; i -= 2) {
		if (i % 2 == 0) {
			even = even * square + c[i];
			odd = odd * square + c[i - 1];
		} else {
			odd = odd * square + c[i];
			even = even * square + c[i - 1];
		}
	}
	return i == 0 ? even * square + c[0] + x * odd : even + x * odd;
}

static inline uint64_t loy__double_bits(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static inline double loy__double_from_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/*
 * value * 2^power for |power| <= 1900 and a value from 2^-60 to 2^60: rounded once at most, where the result is
 * subnormal.
 */
static inline double loy__scale(double value, int power)
{
	double rest = 1.0;

	if (LOY__UNLIKELY(power < -960 || power > 960)) {
		rest = power < 0 ? 0x1p-960 : 0x1p960;
		power += power < 0 ? 960 : -960;
	}
	return value * loy__double_from_bits((uint64_t)(power + 1023) << 52) * rest;
}

/* exp(x + low) = (high + low) * 2^power with high in (0.99, 2.01), for |x| < 1e6: error 2^-60. */
loy__pair loy__exp_pair(double x, double low, int *power);
/* e^x of a sum below 709, rounded once more; 0 below -746. */
double loy__exp_of_pair(loy__pair x);
/* e^x - 1 for -40 <= x < 709: error 2^-57 relative. */
loy__pair loy__expm1_pair(double x);
/* log(x + low) for x > 0, finite: error below 2^-68 relative, when |low| is far below x 2^-40. */
loy__pair loy__log_pair(double x, double low);
/* log(1 + x + low), x >= -1/2 or so, |low| <= 2^-52 |x|: the same. */
loy__pair loy__log1p_pair(double x, double low);
/* log gamma(x + low) for x > 0, |low| <= 2^-52 x: error 1e-17 and 2^-68 of it; not for its zeros at 1, 2. */
loy__pair loy__lgamma_pair(double x, double low);
/* What Stirling's formula lacks: log gamma(x) = (x - 1/2) log x - x + log(2 pi) / 2 + this, for x >= 2.5. */
double loy__binet(double x);
/* log gamma(1 + x) for -1/2 <= x <= 3/2, also relatively exact near its zeros at 0 and 1. */
double loy__lgamma1p(double x);
/* sf(z) / pdf(z) of the normal distribution for z >= 0: error 4e-16 relative. */
double loy__mills(double z);
/* log gamma(q) - log gamma(p + q) for p, q > 0: error 1e-15 of p (1 + |log q|). */
double loy__lgamma_difference(double p, double q);
/* sin(pi r) for |r| <= 1/2: error 2^-58 relative. */
loy__pair loy__sin_pi_pair(double r);

#endif
