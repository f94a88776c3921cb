/*
 * exp and exp2.
 *
 * Method: 2^k * 2^(i/128) * e^r, |r| <= ln 2 / 256, the table as sums of two doubles and e^r - 1 a polynomial
 * (P. T. P. Tang, ACM TOMS 15(2), 1989). The product is added to the table's high part last, so all roundings
 * but one are of numbers 2^-8 as large. Range: all doubles. Special cases: exp(-inf) = 0, exp(inf) = inf, NaN in,
 * NaN out; overflow gives inf, underflow is gradual.
 */
#include "numeric/numeric.h"
#include "numeric/exp_table.h"

#include <math.h>
#include <string.h>

/* 2^power for -1022 <= power <= 1023. */
static double exp_power(int power)
{
	uint64_t bits = (uint64_t)(power + 1023) << 52;
	double out;

	memcpy(&out, &bits, sizeof(out));
	return out;
}

/* value * 2^power for values in [0.5, 4] and |power| <= 1100: one rounding at most, when it underflows. */
static double exp_scale(double value, int power)
{
	if (LOY__LIKELY(power >= -1020 && power <= 1020))
		return value * exp_power(power);
	if (power > 0)
		return value * exp_power(power - 200) * exp_power(200);
	return value * exp_power(power + 200) * exp_power(-200);
}

/* 2^(n/128) * (1 + p), p small. */
static double exp_finish(int n, double p)
{
	int i = (int)((unsigned)n & 127);
	double high = exp_table[i][0], low = exp_table[i][1];

	return exp_scale(high + (high * p + low), (n - i) / 128);
}

double loy__exp2(double x)
{
	double n, r, p;

	if (LOY__UNLIKELY(!(x > -1080.0 && x < 1024.0)))
		return x >= 1024.0 ? (double)INFINITY : x <= -1080.0 ? 0.0 : x + x;
	n = (x * 128.0 + 0x1.8p52) - 0x1.8p52;
	r = x - n * 0.0078125;
	/* (2^r - 1) / r by Taylor: what is left out is below 2^-60 */
	p = 0x1.3b2ab6fba4e77p-7 + r * 0x1.5d87fe78a6731p-10;
	p = 0x1.62e42fefa39efp-1 + r * (0x1.ebfbdff82c58fp-3 + r * (0x1.c6b08d704a0c0p-5 + r * p));
	return exp_finish((int)n, r * p);
}

double loy__exp(double x)
{
	double n, r, p;

	if (LOY__UNLIKELY(!(x > -746.0 && x < 710.0)))
		return x >= 710.0 ? (double)INFINITY : x <= -746.0 ? 0.0 : x + x;
	n = (x * 0x1.71547652b82fep+7 + 0x1.8p52) - 0x1.8p52;
	/* ln 2 / 128 in two parts, the first of 32 bits: its products with n are exact */
	r = (x - n * 0x1.62e42fecp-8) - n * 0x1.d1cf79abc9e3bp-39;
	p = 0x1.5555555555555p-3 + r * (0x1.5555555555555p-5 + r * 0x1.1111111111111p-7);
	p = r + r * r * (0.5 + r * p);
	return exp_finish((int)n, p);
}
