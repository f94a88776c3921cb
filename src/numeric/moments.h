/*
 * A door of the numeric room: tables as every call with one sees them, and what the files of moments share.
 *
 * A value or weight on the grid is an integer number of 2^-40, below 2^80 in magnitude and, coming from a double, of at
 * most 53 bits between its first and last that is set. A row adds w x_i x_j, below 2^240, to the sum of a pair: over at
 * most 2^40 rows 280 bits. What is computed of the sums, exactly, takes at most 523 bits.
 */
#ifndef LOY_NUMERIC_MOMENTS_H
#define LOY_NUMERIC_MOMENTS_H

#include <loyalty/moments.h>
#include "numeric/numeric.h"

/* ---- tables (table.c) ---- */

#define LOY__COLUMN_NAME_MAX 63
#define LOY__CODES_MAX       16
#define LOY__TABLE_ROWS_MAX  (UINT64_C(1) << 40)
#define LOY__GRID_BITS       40
#define LOY__GRID_ONE                                                                                        \
	1099511627776.0 /* 2^40: values and weights lie below it, and are whole numbers of its inverse */

/* The checks every call with a table makes first: sizes, pointers, names, codes. Values are not looked at. */
loy_status loy__table_check(const loy_table *table, loy_error *error);
/* Column of a table by name; LOY_ENAME, naming it, when there is none or there are two. */
loy_status loy__table_find(const loy_table *table, const char *name, uint32_t *column, loy_error *error);
/* 1 when a value is missing: NaN, or one of the table's codes. Inline, for what looks at every value. */
static inline int loy__table_is_missing(const loy_table *table, double value)
{
	uint32_t i;

	for (i = 0; i < table->code_count; i++) {
		if (value == table->codes[i])
			return 1;
	}
	return value != value;
}
/* One value, wherever it lies; NaN where it is missing. */
double loy__table_value(const loy_table *table, uint32_t column, uint64_t row);
/* The weight of a row; 1 where the table has none. */
double loy__table_weight(const loy_table *table, uint64_t row);

/* ---- whole numbers (big.c) ---- */

/* A sum, two's complement, lowest word first. */
#define LOY__SUM_WORDS 5
typedef struct loy__sum {
	uint64_t word[LOY__SUM_WORDS];
} loy__sum;

void loy__sum_add(loy__sum *into, const loy__sum *from);
/* Add value * 2^shift; shift below 256. A double is a whole number of at most 2^53 in magnitude. */
void loy__sum_add_whole(loy__sum *into, int64_t value, uint32_t shift);
void loy__sum_add_double(loy__sum *into, double value, uint32_t shift);
/* -1, 0 or 1. */
int loy__sum_sign(const loy__sum *sum);
/* Whether |sum| <= bound * 2^shift; shift below 256. */
int loy__sum_within(const loy__sum *sum, uint64_t bound, uint32_t shift);

/* A whole number as sign and magnitude, lowest word first; words from `count` on mean nothing. */
#define LOY__BIG_WORDS 10
typedef struct loy__big {
	uint64_t word[LOY__BIG_WORDS];
	uint32_t count; /* words up to the highest that is not 0 */
	int negative;
} loy__big;

void loy__big_from_sum(loy__big *out, const loy__sum *sum);
void loy__big_from_u64(loy__big *out, uint64_t value);
/* `out` must be neither a nor b in products, and may be either in sums. Results must fit: the caller knows. */
void loy__big_multiply(loy__big *out, const loy__big *a, const loy__big *b);
void loy__big_add(loy__big *out, const loy__big *a, const loy__big *b);
void loy__big_subtract(loy__big *out, const loy__big *a, const loy__big *b);
/* a * 2^exponent, rounded once, to nearest even. */
double loy__big_to_double(const loy__big *a, int exponent);

/* To the nearest whole number, ties to even; never -0. */
static inline double loy__nearest(double v)
{
	const double whole = 4503599627370496.0; /* 2^52: from there on doubles are whole */
	double magic = v < 0.0 ? -whole : whole;

	return v < whole && v > -whole ? (v + magic) - magic : v;
}

/* ---- limbs of a block (moments_limbs.c) ---- */

/*
 * A block is at most 128 rows of columns of grid values, as doubles that hold whole numbers. Each column is written as
 * limb_0 2^shift_0 + limb_1 2^shift_1 + …, limbs being at most 2^23 in magnitude: then every product of two limbs is
 * at most 2^46, and a sum of 128 of them, in a double, exact. Answers on scales have one limb. Limbs are kept four side
 * by side, row after row, as the loop that multiplies them wants it.
 */
#define LOY__BLOCK_ROWS 128u
#define LOY__LIMBS_SIDE 4u /* limbs side by side */

typedef struct loy__limb {
	uint32_t column, shift;
} loy__limb;

typedef struct loy__limbs {
	double *data;
	size_t room;     /* doubles in data */
	loy__limb *limb; /* by column, ascending */
	uint32_t count, limit;
	uint32_t rows; /* of the block at hand */
} loy__limbs;

void loy__limbs_start(loy__limbs *limbs, uint32_t rows);
/* How many of the lowest bits are 0 in all values of a column; `most` is their largest magnitude. */
uint32_t loy__limbs_shift(const double *values, uint32_t rows, double most);
/* How many limbs such a column is cut into, one that is 0 into none. */
uint32_t loy__limbs_needed(uint32_t shift, double most);
/* Cut a column of such a shift. 0 when there is no room, else 1. `work`: as many doubles as rows. */
int loy__limbs_cut(loy__limbs *limbs, uint32_t column, const double *values, uint32_t shift, double most,
                   double *work);
/* Fill up the last four, before limbs are multiplied. */
void loy__limbs_finish(loy__limbs *limbs);
/* Limbs one behind the other: those of a column. */
typedef struct loy__limb_run {
	uint32_t first, count;
} loy__limb_run;
/*
 * The product of a column of one with a column of the other, row by row, cut into limbs (none is empty); or left as
 * products of limbs, at most 2^46, which are good for multiplying with 0 and 1 only. `work`: 2 * LOY__BLOCK_ROWS.
 */
int loy__limbs_multiply(loy__limbs *out, uint32_t column, const loy__limbs *left, loy__limb_run a,
                        const loy__limbs *right, loy__limb_run b, double *work);
int loy__limbs_multiply_out(loy__limbs *out, uint32_t column, const loy__limbs *left, loy__limb_run a,
                            const loy__limbs *right, loy__limb_run b, double *work);
/* Add to sums[column] the sum of each column of the block, times 2^shift. */
void loy__limbs_sum(const loy__limbs *limbs, uint32_t shift, loy__sum *sums);
/*
 * Add to the sums of pairs (i, j), i a column of left and j one of right, the sums over rows of their products. Of
 * `all` pairs sums[i * columns + j] is changed, else only where i <= j sums[loy__pair_index(i, j)]. `right` may be
 * `left`, but not for all pairs.
 */
void loy__limbs_products(const loy__limbs *left, const loy__limbs *right, uint32_t shift, uint32_t columns,
                         int all, loy__sum *sums);
static inline size_t loy__pair_index(size_t i, size_t j, size_t columns)
{
	return i * (2 * columns - i - 1) / 2 + j;
}

/* Sums over rows of the products of four limbs with four others: 16, those of the first one first. */
void loy__limbs_multiply_four(const double *x, const double *y, uint32_t rows, double *out);

/* ---- wide columns of a block (moments_whole.c) ---- */

#define LOY__WHOLE_MOST 4611686018427387904.0 /* 2^62: what columns lie below once their shift is taken off */

/*
 * All columns of a block, four side by side like limbs, but whole. Multiplying near columns takes about three times as
 * long as as many limbs would take, far ones five times.
 */
typedef struct loy__whole {
	double *value;      /* a whole number of the grid times 2^-shift */
	double *top, *rest; /* of far columns: their first bits, and the others */
	uint64_t *modulo;   /* the value modulo 2^64 */
	uint32_t *shift, *unit;
	uint32_t columns, rows;
	int far;
} loy__whole;

/* `most`: the largest magnitude of all columns, each less its shift. */
void loy__whole_start(loy__whole *whole, uint32_t columns, uint32_t rows, double most);
void loy__whole_take(loy__whole *whole, uint32_t column, const double *values, uint32_t shift, double most);
/* Fill up the last four, before columns are multiplied. */
void loy__whole_finish(loy__whole *whole);
/* Add to the sum of each column and each pair (i <= j) those over the rows, times 2^shift. */
void loy__whole_sum(const loy__whole *whole, uint32_t shift, loy__sum *sums);
void loy__whole_products(const loy__whole *whole, uint32_t shift, loy__sum *sums);

/* ---- moments (moments*.c) ---- */

/*
 * All sums are over rows of a weight above 0, in units of 2^-40 for each weight and value that is a factor. Rows
 * without a missing value and the others are summed apart: for pairs of the latter there is more to keep, because a
 * pair has rows of its own. Over rows that have both i and j:
 *
 *	rows       n                 weights   sum of w
 *	firsts     sum of w x_i, for i and j          squares   sum of w x_i², for i and j
 *	products   sum of w x_i x_j
 *
 * With LOY_MISSING_LISTWISE only complete rows are summed and these five are not there.
 */
struct loy_moments {
	loy_allocator memory;
	size_t size; /* bytes of the block, sums included */
	uint32_t columns, missing;
	uint64_t rows, counted, complete; /* seen; of a weight above 0; of these complete */
	size_t sum_count, pair_count;
	double *least, *greatest; /* of each column: infinities while there is none */
	loy__sum *sums;           /* all that follow, one behind the other */
	loy__sum *weight_all;     /* of all rows counted */
	loy__sum *weight, *weight_squares, *first, *product; /* of complete rows: 1, 1, columns, pairs */
	loy__sum *pair_rows, *pair_weight, *pair_product;    /* of the others: pairs each */
	loy__sum *pair_first, *pair_square; /* columns x columns each: of i where there is j */
};

/* How many sums there are. */
size_t loy__moments_sum_count(size_t columns, uint32_t missing);

/* ---- a block of rows into the sums (moments_block.c) ---- */

/* Rows at hand: columns of `stride` doubles, whole numbers of the grid. */
typedef struct loy__grid_rows {
	double *value; /* 0 where a value is missing */
	double *there; /* 1 or 0; of complete rows not used */
	double *weight;
	double *most; /* of each column, the largest magnitude or more */
	uint32_t count;
} loy__grid_rows;

typedef struct loy__adder {
	loy_moments *m;
	uint32_t stride; /* most rows of a block */
	loy__grid_rows complete, partial;
	double *work;
	loy__limbs value, weight, weighted, there, there_weight, square;
	loy__limb_run *value_run, *weighted_run; /* limbs of each column */
	uint32_t *shift;                         /* of each column of values */
	loy__whole whole;
	uint8_t *kind; /* of the rows of the block, for who fills it */
	void *memory;
	size_t size;
} loy__adder;

/* LOY_OK or LOY_ENOMEM. Blocks have at most `stride` rows, at most LOY__BLOCK_ROWS. */
loy_status loy__adder_begin(loy__adder *out, loy_moments *moments, uint32_t stride, int weighted);
void loy__adder_end(loy__adder *adder);
/* Add all complete, or all other, rows at hand to the sums, and have none. */
void loy__adder_flush(loy__adder *adder);
void loy__adder_flush_partial(loy__adder *adder);

#endif
