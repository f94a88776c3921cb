/*
 * exp, exp2 and expm1.
 *
 * Method: e^x = 2^k * 2^(i/128) * e^r, |r| <= ln 2 / 256; the table has sums of two doubles, e^r - 1 is a
 * polynomial (P. T. P. Tang, ACM TOMS 15(2), 1989). The product with the table's high part is added to it
 * last, so all roundings but one are of numbers 2^-8 as large. expm1 subtracts 1 before that addition, and is
 * a polynomial below 1/16.
 * Error: at most 0.52 units in the last place, 0.65 for expm1, when the result is normal (measured over 1.2 *
 * 10^7 random arguments each: 0.511, 0.511, 0.607); at most 0.77 of the smallest number below that.
 * Range: all doubles. Special cases: exp(-inf) = 0, exp(inf) = inf, expm1(-inf) = -1, expm1(-0) = -0, NaN in,
 * NaN out; overflow gives inf, underflow is gradual.
 */
#include "numeric/numeric.h"
#include "numeric/exp_table.h"
#include "numeric/pair.h"

#include <math.h>

/* 128 / ln 2, and ln 2 / 128 in two parts, the first of 31 bits: its whole multiples are exact. */
#define EXP_INVERSE 0x1.71547652b82fep+7
#define EXP_HIGH    0x1.62e42feep-8
#define EXP_LOW     0x1.a39ef35793c76p-40

/* The whole number nearest to x, |x| < 2^51; ties to even. */
static double exp_round(double x)
{
	return (x + 0x1.8p52) - 0x1.8p52;
}

/* e^r - 1 for |r| < 0.0028: what Taylor's series leaves out is below 2^-60 of r. */
static double exp_series(double r)
{
	double p = 0x1.5555555555555p-3 + r * (0x1.5555555555555p-5 + r * 0x1.1111111111111p-7);

	return r + r * r * (0.5 + r * p);
}

/* 2^(n/128) * (1 + p). */
static double exp_finish(int n, double p)
{
	int i = (int)((unsigned)n & 127);
	double high = exp_table[i][0], low = exp_table[i][1];

	return loy__scale(high + (high * p + low), (n - i) / 128);
}

double loy__exp(double x)
{
	double n;

	if (LOY__UNLIKELY(!(x > -746.0 && x < 710.0)))
		return x >= 710.0 ? (double)INFINITY : x <= -746.0 ? 0.0 : x + x;
	n = exp_round(x * EXP_INVERSE);
	return exp_finish((int)n, exp_series((x - n * EXP_HIGH) - n * EXP_LOW));
}

void loy__exp_each(double *x, int count)
{
	int i;

	for (i = 0; i < count; i++)
		x[i] = loy__exp(x[i]);
}

double loy__exp2(double x)
{
	double n, r, p;

	if (LOY__UNLIKELY(!(x > -1080.0 && x < 1024.0)))
		return x >= 1024.0 ? (double)INFINITY : x <= -1080.0 ? 0.0 : x + x;
	n = exp_round(x * 128.0);
	r = x - n * 0.0078125;
	/* (2^r - 1) / r = ln 2 + (ln 2)^2 / 2 r + …; what is left out is below 2^-60 */
	p = 0x1.3b2ab6fba4e77p-7 + r * 0x1.5d87fe78a6731p-10;
	p = 0x1.62e42fefa39efp-1 + r * (0x1.ebfbdff82c58fp-3 + r * (0x1.c6b08d704a0c0p-5 + r * p));
	return exp_finish((int)n, r * p);
}

loy__pair loy__exp_pair(double x, double low, int *power)
{
	double n = exp_round(x * EXP_INVERSE);
	int whole = (int)n, i = (int)((unsigned)whole & 127);
	double p = exp_series((x - n * EXP_HIGH) - (n * EXP_LOW - low));

	*power = (whole - i) / 128;
	return loy__pair_fast(exp_table[i][0], exp_table[i][0] * p + exp_table[i][1]);
}

double loy__exp_of_pair(loy__pair x)
{
	int power;

	if (x.high < -746.0)
		return 0.0;
	x = loy__exp_pair(x.high, x.low, &power);
	return loy__scale(x.high, power);
}

/* (e^x - 1 - x) / x^2 for |x| <= 1/16: what Taylor's series leaves out is below 2^-62. */
static double expm1_series(double x)
{
	double square = x * x;
	double a = 0.5 + x * 0x1.5555555555555p-3;
	double b = 0x1.5555555555555p-5 + x * 0x1.1111111111111p-7;
	double c = 0x1.6c16c16c16c17p-10 + x * 0x1.a01a01a01a01ap-13;
	double d = 0x1.a01a01a01a01ap-16 + x * 0x1.71de3a556c734p-19;

	return a + square * (b + square * (c + square * (d + square * 0x1.27e4fb7789f5cp-22)));
}

loy__pair loy__expm1_pair(double x)
{
	loy__pair e, less;
	double rest;
	int power;

	if (fabs(x) <= 0.0625)
		return loy__pair_fast(x, x * x * expm1_series(x));
	e = loy__exp_pair(x, 0.0, &power);
	/* 2^1023 at most, so that e * 2^power is no overflow where e^x is none */
	rest = loy__scale(e.low, power);
	less = loy__pair_sum(loy__scale(e.high, power), -1.0);
	return loy__pair_fast(less.high, less.low + rest);
}

double loy__expm1(double x)
{
	loy__pair e;

	if (LOY__UNLIKELY(!(x < 709.0)))
		return loy__exp(x);
	if (LOY__UNLIKELY(x < -40.0))
		return -1.0;
	if (LOY__UNLIKELY(fabs(x) < 0x1p-54))
		return x;
	e = loy__expm1_pair(x);
	return e.high;
}
