/*
 * Blocks of columns as limbs, and exact sums of their products in double arithmetic (moments.h says why they are
 * exact).
 *
 * All is whole numbers: the result does not depend on how a block is cut, only the time does.
 */
#include "numeric/moments.h"

#include <math.h>
#include <string.h>

#define LIMB_BITS 24
#define LIMB_ONE  16777216.0 /* 2^24 */
#define LIMB_MOST 8388608.0  /* 2^23 */
#define SIDE      LOY__LIMBS_SIDE

void loy__limbs_start(loy__limbs *limbs, uint32_t rows)
{
	limbs->count = 0;
	limbs->rows = rows;
}

/* Where the next limb goes, its elements SIDE apart; NULL when there is no room. */
static double *next_limb(loy__limbs *limbs, uint32_t column, uint32_t shift)
{
	uint32_t at = limbs->count;

	if (at >= limbs->limit || (size_t)(at / SIDE + 1) * SIDE * limbs->rows > limbs->room)
		return NULL;
	limbs->limb[at].column = column;
	limbs->limb[at].shift = shift;
	limbs->count++;
	return limbs->data + (size_t)(at / SIDE) * SIDE * limbs->rows + at % SIDE;
}

static const double *limb_at(const loy__limbs *limbs, uint32_t at)
{
	return limbs->data + (size_t)(at / SIDE) * SIDE * limbs->rows + at % SIDE;
}

void loy__limbs_finish(loy__limbs *limbs)
{
	uint32_t at;
	size_t r;

	for (at = limbs->count; at % SIDE != 0; at++) {
		double *to = limbs->data + (size_t)(at / SIDE) * SIDE * limbs->rows + at % SIDE;

		for (r = 0; r < limbs->rows; r++)
			to[SIDE * r] = 0.0;
	}
}

static uint32_t zeroes_below(uint64_t bits)
{
	uint32_t count = 0;

	if (bits == 0)
		return 64;
	while ((bits & 0xff) == 0) {
		bits >>= 8;
		count += 8;
	}
	while ((bits & 1) == 0) {
		bits >>= 1;
		count++;
	}
	return count;
}

uint32_t loy__limbs_shift(const double *values, uint32_t rows, double most)
{
	uint32_t least = UINT32_MAX, r;
	uint64_t bits = 0;

	if (most == 0.0)
		return 0;
	if (most < 9223372036854775808.0) {
		for (r = 0; r < rows; r++)
			bits |= (uint64_t)(int64_t)values[r];
		return zeroes_below(bits);
	}
	for (r = 0; r < rows; r++) {
		int exponent;
		double fraction = frexp(fabs(values[r]), &exponent);
		uint64_t mantissa = (uint64_t)(fraction * 9007199254740992.0);
		int64_t here = (int64_t)zeroes_below(mantissa) + exponent - 53;

		if (mantissa != 0 && here < (int64_t)least)
			least = (uint32_t)here;
	}
	return least != UINT32_MAX ? least : 0;
}

uint32_t loy__limbs_needed(uint32_t shift, double most)
{
	uint32_t count = most != 0.0;

	for (most = ldexp(most, -(int)shift); most > LIMB_MOST; count++)
		most = loy__nearest(most * (1.0 / LIMB_ONE));
	return count;
}

int loy__limbs_cut(loy__limbs *limbs, uint32_t column, const double *values, uint32_t shift, double most,
                   double *work)
{
	size_t rows = limbs->rows, r;
	const double *from = values;
	double scale = ldexp(1.0, -(int)shift), *to;

	if (most == 0.0)
		return 1;
	most *= scale;
	while (most > LIMB_MOST) {
		to = next_limb(limbs, column, shift);
		if (to == NULL)
			return 0;
		for (r = 0; r < rows; r++) {
			double v = from[r] * scale, rest = loy__nearest(v * (1.0 / LIMB_ONE));

			to[SIDE * r] = v - rest * LIMB_ONE;
			work[r] = rest;
		}
		from = work;
		scale = 1.0;
		most = loy__nearest(most * (1.0 / LIMB_ONE));
		shift += LIMB_BITS;
	}
	to = next_limb(limbs, column, shift);
	if (to == NULL)
		return 0;
	for (r = 0; r < rows; r++)
		to[SIDE * r] = from[r] * scale;
	return 1;
}

/* Take a limb unless it is 0 in all rows. */
static int append(loy__limbs *out, uint32_t column, uint32_t shift, const double *values)
{
	size_t r = 0;
	double *to;

	while (r < out->rows && values[r] == 0.0)
		r++;
	if (r == out->rows)
		return 1;
	to = next_limb(out, column, shift);
	if (to == NULL)
		return 0;
	for (r = 0; r < out->rows; r++)
		to[SIDE * r] = values[r];
	return 1;
}

/* Products of limbs that stand for the same power, added to `out`. */
static void add_level(double *out, const loy__limbs *left, loy__limb_run a, const loy__limbs *right,
                      loy__limb_run b, uint32_t level)
{
	uint32_t i;
	size_t r;

	for (i = 0; i < a.count && i <= level; i++) {
		const double *x, *y;

		if (level - i >= b.count)
			continue;
		x = limb_at(left, a.first + i);
		y = limb_at(right, b.first + level - i);
		for (r = 0; r < left->rows; r++)
			out[r] += x[SIDE * r] * y[SIDE * r];
	}
}

int loy__limbs_multiply(loy__limbs *out, uint32_t column, const loy__limbs *left, loy__limb_run a,
                        const loy__limbs *right, loy__limb_run b, double *work)
{
	double *carry = work + LOY__BLOCK_ROWS;
	uint32_t level, shift, r;
	int more = 0;

	if (a.count == 0 || b.count == 0)
		return 1;
	shift = left->limb[a.first].shift + right->limb[b.first].shift;
	memset(carry, 0, LOY__BLOCK_ROWS * sizeof(*carry));
	for (level = 0; level + 1 < a.count + b.count || more; level++) {
		memcpy(work, carry, out->rows * sizeof(*work));
		add_level(work, left, a, right, b, level);
		more = 0;
		for (r = 0; r < out->rows; r++) { /* below 2^49: all this is exact */
			carry[r] = loy__nearest(work[r] * (1.0 / LIMB_ONE));
			work[r] -= carry[r] * LIMB_ONE;
			more |= carry[r] != 0.0;
		}
		if (!append(out, column, shift + level * LIMB_BITS, work))
			return 0;
	}
	return 1;
}

int loy__limbs_multiply_out(loy__limbs *out, uint32_t column, const loy__limbs *left, loy__limb_run a,
                            const loy__limbs *right, loy__limb_run b, double *work)
{
	uint32_t i, k;
	size_t r;

	for (i = a.first; i < a.first + a.count; i++) {
		for (k = b.first; k < b.first + b.count; k++) {
			const double *x = limb_at(left, i), *y = limb_at(right, k);

			for (r = 0; r < out->rows; r++)
				work[r] = x[SIDE * r] * y[SIDE * r];
			if (!append(out, column, left->limb[i].shift + right->limb[k].shift, work))
				return 0;
		}
	}
	return 1;
}

void loy__limbs_sum(const loy__limbs *limbs, uint32_t shift, loy__sum *sums)
{
	uint32_t i;
	size_t r;

	for (i = 0; i < limbs->count; i++) {
		const double *x = limb_at(limbs, i);
		double sum = 0.0;

		for (r = 0; r < limbs->rows; r++)
			sum += x[SIDE * r];
		loy__sum_add_double(&sums[limbs->limb[i].column], sum, limbs->limb[i].shift + shift);
	}
}

/* ---- products ---- */

/* One of four limbs with each of four others: a row of the sums. */
#define ROW(n)                                                                                               \
	s##n##0 += x[n] * y[0];                                                                              \
	s##n##1 += x[n] * y[1];                                                                              \
	s##n##2 += x[n] * y[2];                                                                              \
	s##n##3 += x[n] * y[3]
#define STORE(at, n)                                                                                         \
	out[at] = s##n##0;                                                                                   \
	out[at + 1] = s##n##1;                                                                               \
	out[at + 2] = s##n##2;                                                                               \
	out[at + 3] = s##n##3

/* Written out, so that the sums stay in registers. */
void loy__limbs_multiply_four(const double *x, const double *y, uint32_t rows, double *out)
{
	double s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
	double s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
	uint32_t r;

	for (r = 0; r < rows; r++) {
		ROW(0);
		ROW(1);
		ROW(2);
		ROW(3);
		x += SIDE;
		y += SIDE;
	}
	STORE(0, 0);
	STORE(4, 1);
	STORE(8, 2);
	STORE(12, 3);
}

/* Where four by four sums go. */
struct target {
	const loy__limbs *left, *right;
	loy__sum *sums;
	uint32_t shift, columns;
	int all;
};

static void add_one(const struct target *t, uint32_t a, uint32_t b, double value)
{
	const loy__limb *x = &t->left->limb[a], *y = &t->right->limb[b];
	uint32_t shift = x->shift + y->shift + t->shift;

	if (value == 0.0)
		return;
	if (t->all) {
		loy__sum_add_double(&t->sums[(size_t)x->column * t->columns + y->column], value, shift);
		return;
	}
	if (x->column > y->column || (t->left == t->right && a > b))
		return;
	if (t->left == t->right && x->column == y->column && a != b)
		shift++; /* it stands for both orders of the two limbs */
	loy__sum_add_double(&t->sums[loy__pair_index(x->column, y->column, t->columns)], value, shift);
}

static void add_four(const struct target *t, uint32_t a, uint32_t b, const double *values)
{
	uint32_t i, k;

	for (i = 0; i < SIDE && a + i < t->left->count; i++) {
		for (k = 0; k < SIDE && b + k < t->right->count; k++)
			add_one(t, a + i, b + k, values[SIDE * i + k]);
	}
}

void loy__limbs_products(const loy__limbs *left, const loy__limbs *right, uint32_t shift, uint32_t columns,
                         int all, loy__sum *sums)
{
	struct target target = {left, right, sums, shift, columns, all};
	uint32_t a, b;
	double values[SIDE * SIDE];

	for (a = 0; a < left->count; a += SIDE) {
		for (b = left == right ? a : 0; b < right->count; b += SIDE) {
			uint32_t last = b + SIDE <= right->count ? b + SIDE - 1 : right->count - 1;

			if (!all && left->limb[a].column > right->limb[last].column)
				continue;
			loy__limbs_multiply_four(left->data + (size_t)a * left->rows,
			                         right->data + (size_t)b * right->rows, left->rows, values);
			add_four(&target, a, b, values);
		}
	}
}
