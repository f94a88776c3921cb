/*
 * Exact sums of products of wide columns: of 25 to 62 bits, as amounts of money have on the grid, for which limbs
 * would be many.
 *
 * Method: the sum of a pair's products over a block is computed in two ways of which each loses something: in doubles,
 * rounded, and modulo 2^64. A rounded sum C that is less than 2^63 from the truth and what is left of the truth modulo
 * 2^64, U, make the truth: it is C + d, where d is the number from -2^63 to below 2^63 that is U - C modulo 2^64.
 *
 * Error: none, because C is near enough. With u = 2^-53, R rows and values of at most A and B in magnitude, products
 * are rounded by at most u A B and each of the R additions by at most u R A B (but for factors of 1 + 2^-45): C is
 * less than u R (R + 1) A B, for R = 128 less than 2^-38.9 A B, from the truth. Near columns have A B <= 2^101.2: d is
 * below 2^62.3. Columns beyond that, below 2^62, are cut in two: x = top + rest, top a multiple of 2^k of at most 2^23
 * times 2^k, rest at most 2^(k-1). The sum of top times top is exact, in multiples of at most 2^53; of what is left,
 *
 *	x y - top_x top_y = top_x rest_y + rest_x y,
 *
 * both sums have A B <= 2^100, and d is below 2^62.2.
 */
#include "numeric/moments.h"

#include <math.h>
#include <string.h>

#define SIDE      LOY__LIMBS_SIDE
#define NEAR_MOST 1688849860263936.0 /* 1.5 * 2^50 */
#define TOP_BITS  23

void loy__whole_start(loy__whole *whole, uint32_t columns, uint32_t rows, double most)
{
	whole->columns = columns;
	whole->rows = rows;
	whole->far = most > NEAR_MOST;
}

/* Element r of a column is SIDE * r behind its first. */
static size_t place_of(const loy__whole *whole, uint32_t column)
{
	return (size_t)(column / SIDE) * SIDE * whole->rows + column % SIDE;
}

/* Cut x in two, below it a multiple of 2^k of at most 2^23 times 2^k. */
static void cut(loy__whole *whole, uint32_t column, double most)
{
	size_t at = place_of(whole, column), r;
	double unit, inverse;
	int exponent;

	(void)frexp(most, &exponent); /* below 2^exponent */
	exponent = exponent > TOP_BITS ? exponent - TOP_BITS : 0;
	whole->unit[column] = (uint32_t)exponent;
	unit = ldexp(1.0, exponent);
	inverse = 1.0 / unit;
	for (r = 0; r < whole->rows; r++) {
		double x = whole->value[at + SIDE * r], top = loy__nearest(x * inverse) * unit;

		whole->top[at + SIDE * r] = top;
		whole->rest[at + SIDE * r] = x - top;
	}
}

void loy__whole_take(loy__whole *whole, uint32_t column, const double *values, uint32_t shift, double most)
{
	size_t at = place_of(whole, column), r;
	double scale = ldexp(1.0, -(int)shift);

	whole->shift[column] = shift;
	whole->unit[column] = 0;
	for (r = 0; r < whole->rows; r++) {
		double x = values[r] * scale;

		whole->value[at + SIDE * r] = x;
		whole->modulo[at + SIDE * r] = (uint64_t)(int64_t)x;
	}
	if (whole->far)
		cut(whole, column, most * scale);
}

void loy__whole_finish(loy__whole *whole)
{
	uint32_t c;
	size_t r;

	for (c = whole->columns; c % SIDE != 0; c++) {
		size_t at = place_of(whole, c);

		for (r = 0; r < whole->rows; r++) {
			whole->value[at + SIDE * r] = 0.0;
			whole->modulo[at + SIDE * r] = 0;
			if (whole->far)
				whole->top[at + SIDE * r] = whole->rest[at + SIDE * r] = 0.0;
		}
	}
}

/* ---- sums ---- */

/* Add the number that is nearest `rounded` of those that are `modulo` modulo 2^64, times 2^shift. */
static void add_nearest(loy__sum *sum, double rounded, uint64_t modulo, uint32_t shift)
{
	const double step = 4503599627370496.0; /* 2^52: the parts of what is below 2^115 fit into 64 bits */
	double high = loy__nearest(rounded * (1.0 / step)), low = rounded - high * step;
	uint64_t ahead = modulo - ((uint64_t)(int64_t)high << 52) - (uint64_t)(int64_t)low;
	int64_t d = ahead <= INT64_MAX ? (int64_t)ahead : -(int64_t)~ahead - 1;

	if (high != 0.0)
		loy__sum_add_whole(sum, (int64_t)high, shift + 52);
	loy__sum_add_whole(sum, (int64_t)low + d,
	                   shift); /* d is a quarter below its limit, low at most 2^51 */
}

void loy__whole_sum(const loy__whole *whole, uint32_t shift, loy__sum *sums)
{
	uint32_t c;

	for (c = 0; c < whole->columns; c++) {
		size_t at = place_of(whole, c), r;
		double rounded = 0.0;
		uint64_t modulo = 0;

		for (r = 0; r < whole->rows; r++) {
			rounded += whole->value[at + SIDE * r];
			modulo += whole->modulo[at + SIDE * r];
		}
		add_nearest(&sums[c], rounded, modulo, whole->shift[c] + shift);
	}
}

/* Two with two: more at a time do not make it faster. */
static void multiply_two(const uint64_t *x, const uint64_t *y, uint32_t rows, uint64_t *out)
{
	uint64_t s00 = 0, s01 = 0, s10 = 0, s11 = 0;
	uint32_t r;

	for (r = 0; r < rows; r++) {
		s00 += x[0] * y[0];
		s01 += x[0] * y[1];
		s10 += x[1] * y[0];
		s11 += x[1] * y[1];
		x += SIDE;
		y += SIDE;
	}
	out[0] = s00;
	out[1] = s01;
	out[SIDE] = s10;
	out[SIDE + 1] = s11;
}

/* The sums of four columns with four. */
struct sums {
	double exact[SIDE * SIDE]; /* of the tops, in multiples of both units */
	double rounded[SIDE * SIDE];
	uint64_t modulo[SIDE * SIDE];
};

/* Columns from a on with those from b on. */
static void multiply(const loy__whole *whole, uint32_t a, uint32_t b, struct sums *out)
{
	size_t x = (size_t)a * whole->rows, y = (size_t)b * whole->rows;
	uint32_t i, k;

	for (i = 0; i < SIDE; i += 2) {
		for (k = 0; k < SIDE; k += 2)
			multiply_two(whole->modulo + x + i, whole->modulo + y + k, whole->rows,
			             out->modulo + (size_t)SIDE * i + k);
	}
	if (!whole->far) {
		memset(out->exact, 0, sizeof(out->exact));
		loy__limbs_multiply_four(whole->value + x, whole->value + y, whole->rows, out->rounded);
		return;
	}
	loy__limbs_multiply_four(whole->top + x, whole->rest + y, whole->rows, out->exact);
	loy__limbs_multiply_four(whole->rest + x, whole->value + y, whole->rows, out->rounded);
	for (i = 0; i < SIDE * SIDE; i++)
		out->rounded[i] += out->exact[i];
	loy__limbs_multiply_four(whole->top + x, whole->top + y, whole->rows, out->exact);
}

static void add_pair(const loy__whole *whole, uint32_t i, uint32_t j, const struct sums *from, uint32_t at,
                     uint32_t shift, loy__sum *sum)
{
	uint32_t unit = whole->unit[i] + whole->unit[j];
	uint64_t modulo = from->modulo[at];

	shift += whole->shift[i] + whole->shift[j];
	if (from->exact[at] != 0.0) {
		int64_t exact = (int64_t)(from->exact[at] * ldexp(1.0, -(int)unit));

		loy__sum_add_whole(sum, exact, shift + unit);
		modulo -= unit < 64 ? (uint64_t)exact << unit : 0;
	}
	add_nearest(sum, from->rounded[at], modulo, shift);
}

void loy__whole_products(const loy__whole *whole, uint32_t shift, loy__sum *sums)
{
	uint32_t a, b, i, k;
	struct sums found;

	for (a = 0; a < whole->columns; a += SIDE) {
		for (b = a; b < whole->columns; b += SIDE) {
			multiply(whole, a, b, &found);
			for (i = a; i < a + SIDE && i < whole->columns; i++) {
				for (k = i < b ? b : i; k < b + SIDE && k < whole->columns; k++)
					add_pair(whole, i, k, &found, SIDE * (i - a) + k - b, shift,
					         &sums[loy__pair_index(i, k, whole->columns)]);
			}
		}
	}
}
