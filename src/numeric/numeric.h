/*
 * The door of the numeric room: functions of real numbers that give the same bits on every target,
 * exact sums, random numbers. Built from + - * / sqrt and integer arithmetic only. Includes core alone.
 * Each function's file opens with its method, range, error bound and special cases.
 */
#ifndef LOY_NUMERIC_NUMERIC_H
#define LOY_NUMERIC_NUMERIC_H

#include "core/core.h"

/* ---- elementary functions: at most 1 unit in the last place; NaN in, NaN out ------------------------- */

double loy__exp(double x);
double loy__exp2(double x);
double loy__expm1(double x);
double loy__log(double x); /* -inf at 0, NaN below */
double loy__log2(double x);
double loy__log1p(double x);
double loy__pow(double x, double y); /* C99 special cases */
double loy__logistic(double x);      /* 1 / (1 + exp(-x)) */
double loy__log1pexp(double x);      /* log(1 + exp(x)) */
double loy__tanh(double x);
/* x[0 … count - 1] become loy__exp, loy__log of themselves: the same bits, sooner than one by one. */
void loy__exp_each(double *x, int count);
void loy__log_each(double *x, int count);

/* ---- special functions: 1e-12 relative unless the file says better ------------------------------------ */

double loy__lgamma(double x, int *sign); /* log |gamma(x)|; sign may be NULL; poles give +inf, sign 0 */
double loy__gamma(double x);
double loy__digamma(double x);
double loy__trigamma(double x);
double loy__erf(double x);
double loy__erfc(double x);
double loy__normal_cdf(double z);
double loy__normal_sf(double z);
double loy__normal_log_cdf(double z);
double loy__normal_quantile(double p);
double loy__log_beta(double a, double b);
/*
 * Regularised incomplete gamma P (lower) and Q (upper), 0 < a <= 1e100, x >= 0. Either output may be NULL.
 * LOY_ERANGE, here and below, for arguments outside, and outputs untouched.
 */
loy_status loy__gamma_inc(double a, double x, double *lower, double *upper);
loy_status loy__gamma_inc_inverse(double a, double probability, int upper, double *x);
/* Regularised incomplete beta I_x(a, b) and 1 - I; 0 < a, b <= 1e10, 0 <= x <= 1. Either output may be NULL. */
loy_status loy__beta_inc(double a, double b, double x, double *lower, double *upper);
loy_status loy__beta_inc_inverse(double a, double b, double probability, double *x);
/*
 * The two quantiles of Beta(a, b) at `tail` and 1 - `tail`, sharing what they have in common: the fast
 * path of every interval (about half a microsecond for both). 0 < tail < 1/2. Absolute error below 1e-10.
 */
loy_status loy__beta_interval(double a, double b, double tail, double *low, double *high);

/* ---- 128-bit integers (wide.c), two's complement, without compiler extensions -------------------------- */

typedef struct loy__wide {
	uint64_t low;
	int64_t high;
} loy__wide;

/* All 128 bits of a product: returns the low word. */
static inline uint64_t loy__multiply_full(uint64_t a, uint64_t b, uint64_t *high)
{
	uint64_t a0 = a & 0xffffffff, a1 = a >> 32, b0 = b & 0xffffffff, b1 = b >> 32;
	uint64_t low = a0 * b0, left = a1 * b0, right = a0 * b1;
	uint64_t middle = (low >> 32) + (left & 0xffffffff) + (right & 0xffffffff);

	*high = a1 * b1 + (left >> 32) + (right >> 32) + (middle >> 32);
	return middle << 32 | (low & 0xffffffff);
}

loy__wide loy__wide_from(int64_t v);
int loy__wide_add(loy__wide a, loy__wide b, loy__wide *out); /* 1 when it fits, else 0 */
loy__wide loy__wide_negate(loy__wide a);                     /* exact but for the smallest value */
loy__wide loy__wide_multiply(int64_t a, int64_t b);          /* never overflows */
double loy__wide_to_double(loy__wide a);                     /* rounded once, to nearest even */
size_t loy__wide_write(loy__wide a, char *out);              /* decimal, at most 40 bytes, not terminated */

/* ---- exact decayed sums (decay.c) ------------------------------------------------------------------- */

/*
 * sum of amount * 2^((time - 1970) / half_life), kept so that the state does not depend on the order of the
 * additions (binned summation of Ahrens, Demmel & Nguyen 2020, carried over to decay): each addend is an
 * integer cut at absolute 32-bit boundaries, and the top three 32-bit chunks are summed without carries.
 *
 * An addend is amount (fixed point, 40 binary places, below 2^48 in magnitude, that is |weight| < 256) times
 * a 48-bit mantissa of 2^fraction; its relative error is below 2^-46. `top` is the index of the highest chunk
 * any event so far could reach (a function of time and half-life only); chunk[0] belongs to it, chunk[1] and
 * chunk[2] to the two below; what an addend has below those is cut off, toward zero, at less than 2^-55 of a
 * weight of 1 at the newest event. Chunk i counts multiples of 2^(32 i). An empty sum has
 * top == LOY__DECAY_EMPTY and zero chunks; adding an amount of 0 leaves a sum as it is.
 */
#define LOY__DECAY_CHUNKS  3
#define LOY__DECAY_EMPTY   INT32_MIN
#define LOY__DECAY_LIMIT   (INT64_C(1) << 62) /* the largest magnitude of a chunk */
#define LOY__DECAY_TOP_LEAST (-19175) /* of sums of events whose times are accepted */
#define LOY__DECAY_TOP_MOST  63004
#define LOY__AMOUNT_BITS   40                 /* binary places of an amount */
#define LOY__AMOUNT_ONE    (INT64_C(1) << LOY__AMOUNT_BITS)
#define LOY__AMOUNT_LIMIT  (INT64_C(1) << 48)
#define LOY__HALF_LIFE_MIN LOY_HOUR
#define LOY__HALF_LIFE_MAX (INT64_C(36500) * LOY_DAY)

typedef struct loy__decay {
	int64_t chunk[LOY__DECAY_CHUNKS];
	int32_t top;
} loy__decay;

/* A half-life prepared for use: division by it becomes multiplication. */
typedef struct loy__half_life {
	int64_t microseconds;
	int64_t bias;        /* a multiple of the half-life that makes every time positive */
	uint64_t reciprocal; /* floor((2^(63 + bits) - 1) / half-life), from 2^63 to below 2^64 */
	int32_t origin;      /* -bias / half-life */
	uint32_t bits;       /* bit length of the half-life */
} loy__half_life;

/* When an event happened, in half-lives since 1970: what every addend of that event and half-life shares. */
typedef struct loy__decay_time {
	int64_t whole;     /* floor(time / half_life) */
	uint64_t mantissa; /* 2^fraction as an integer in [2^47, 2^48), cut */
} loy__decay_time;

loy_status loy__half_life_init(loy__half_life *h, int64_t microseconds); /* LOY_ERANGE outside the limits */
/* `time` must lie in [LOY_TIME_MIN, LOY_TIME_MAX], here and in loy__decay_now_init. */
void loy__decay_at(const loy__half_life *h, int64_t time, loy__decay_time *out);
/* The same for two half-lives at once, which takes less time than two calls. */
void loy__decay_at_two(const loy__half_life *slow, const loy__half_life *fast, int64_t time,
                       loy__decay_time out[2]);
static inline void loy__decay_init(loy__decay *sum)
{
	sum->chunk[0] = sum->chunk[1] = sum->chunk[2] = 0;
	sum->top = LOY__DECAY_EMPTY;
}
/* 1 when a sum could have been made by the calls below, for readers of foreign bytes, else 0. */
int loy__decay_valid(const loy__decay *sum);
/* The sum of this one addend; |amount| is not 0 and below its limit. Its chunks lie within 32 bits and a sign. */
void loy__decay_addend(loy__decay *out, const loy__decay_time *when, int64_t amount);
void loy__decay_addend_two(loy__decay out[2], const loy__decay_time when[2], int64_t amount);
/* The whole half-life that times asked for lately lie in, for which nothing needs to be divided. */
typedef struct loy__decay_period {
	const loy__half_life *half_life;
	int64_t begin;
	uint64_t width; /* the half-life, or 0: none yet */
	int32_t top;    /* of addends in it */
	uint32_t drop;  /* places their lowest bits lose */
} loy__decay_period;
void loy__decay_period_init(loy__decay_period *period, const loy__half_life *h); /* borrows it */
/* As loy__decay_addend_two() at that time, of an amount above 0. */
void loy__decay_within_two(loy__decay out[2], loy__decay_period *slow, loy__decay_period *fast, int64_t time,
                           int64_t amount);
/*
 * Add an amount, above 0 and below its limit, at each of these times. Nothing is checked: fewer than 2^29 addends since
 * the sum was empty cannot overflow.
 */
void loy__decay_collect(loy__decay *sum, loy__decay_period *period, const int64_t *times, uint32_t count,
                        int64_t amount);
/*
 * Add amount at that time. No change, and LOY_EOVERFLOW when a chunk would leave its limit (about a billion
 * addends of the same sign), LOY_ERANGE when the amount reaches its limit.
 */
loy_status loy__decay_add(loy__decay *sum, const loy__decay_time *when, int64_t amount);
/* The sum of both; the same object twice is allowed. LOY_EOVERFLOW, and no change, as above. */
loy_status loy__decay_merge(loy__decay *into, const loy__decay *from);
/*
 * The factors 2^(32 * chunk index - now / half_life) needed to read many sums at one time: `now` is prepared
 * once, reading is then a few multiplications. The result is amount-weighted: 1.0 is one event of weight 1
 * now. It is within 2^-50 of the stored integer, relatively. Far in the past of the newest event it saturates
 * at +-DBL_MAX, far in its future it underflows to 0.
 */
typedef struct loy__decay_now {
	int64_t whole;
	double scale; /* 2^-fraction */
} loy__decay_now;
void loy__decay_now_init(loy__decay_now *now, const loy__half_life *h, int64_t time);
double loy__decay_read(const loy__decay *sum, const loy__decay_now *now);

/* Real weight, below 256 in magnitude, to fixed point: nearest, halves away from zero. */
static inline int64_t loy__amount_from_double(double w)
{
	double scaled = w * (double)LOY__AMOUNT_ONE;

	return (int64_t)(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
}

/* ---- small dense matrices (linear.c): n x n, row-major, in the caller's arrays --------------------------- */

/*
 * Factor a symmetric positive definite matrix, of which the lower triangle is read, in place: L below and on
 * the diagonal, zeroes above. LOY_ERANGE, and what is in `a` then means nothing, when it is not positive
 * definite: *pivot (may be NULL) is the first row that, but for `tolerance` of its diagonal element, depends on
 * those before it. A tolerance of 0 refuses only what cannot be factored; 1e-10 is usual for information.
 */
loy_status loy__cholesky(double *a, size_t n, double tolerance, size_t *pivot);
void loy__cholesky_solve(const double *l, size_t n, double *b); /* b becomes the solution of L L' x = b */
void loy__cholesky_inverse(double *l, size_t n);         /* the factor becomes the inverse of L L', whole */
double loy__cholesky_log_det(const double *l, size_t n); /* log det of L L' */
/* Factor any matrix in place, with row exchanges in `pivots`; LOY_ERANGE when it is singular. */
loy_status loy__lu(double *a, size_t n, size_t *pivots);
void loy__lu_solve(const double *lu, size_t n, const size_t *pivots, double *b);
/*
 * Eigenvalues of a symmetric matrix, ascending, and in row i of `vectors` (may be NULL) the unit vector of value i,
 * its largest component positive. The lower triangle is read, `a` is destroyed. LOY_ERANGE for elements that
 * are not finite or beyond 1e150.
 */
loy_status loy__symmetric_eigen(double *a, size_t n, double *values, double *vectors);
/*
 * Eigenvalues alone, ascending, of large matrices (linear_values.c): `work` has room for n, the lower triangle is read,
 * `a` is destroyed. LOY_ERANGE for elements that are not finite or beyond 1e100.
 */
loy_status loy__symmetric_values(double *a, size_t n, double *values, double *work);
/* Largest over smallest of ascending eigenvalues; infinite unless all are positive. */
double loy__condition_number(const double *values, size_t n);

/* ---- sorting (sort.c) ------------------------------------------------------------------------------- */

/* What is sorted instead of rows; `minor` orders equal keys as far as 32 bits can. */
typedef struct loy__sort_entry {
	uint64_t key;
	uint32_t minor;
	uint32_t index;
} loy__sort_entry;

/* Breaks ties of key and minor: negative, 0 or positive. NULL: ties keep the order of index, as given. */
typedef int (*loy__sort_tie)(uint32_t a, uint32_t b, const void *user);

/* Room to sort in: the caller fills entries, and finds them sorted there (the pointer may be another one then). */
typedef struct loy__sorter {
	loy_allocator memory;
	loy__sort_entry *entries, *spare;
	uint32_t *digits;
	size_t capacity;
} loy__sorter;

/* LOY_ENOMEM, and nothing to close, when there is no memory for `capacity` entries. */
loy_status loy__sorter_open(loy__sorter *sorter, const loy_allocator *memory, size_t capacity);
void loy__sorter_close(loy__sorter *sorter);
/* Sort the first `count` entries by key, minor and tie. Stable; never more than n log n. */
void loy__sorter_run(loy__sorter *sorter, size_t count, loy__sort_tie tie, const void *user);
unsigned loy__bit_length(uint64_t v); /* 0 of 0 */

/* ---- distributions (distributions.c): 1e-12 relative in both tails ------------------------------------- */

/*
 * P and Q of Student's t, chi-square and F, degrees of freedom in (0, 1e10] (of t beyond that the normal distribution);
 * outputs may be NULL. LOY_ERANGE, and outputs untouched, for arguments outside; t may be infinite, the others lie
 * in [0, infinity].
 */
loy_status loy__student_t(double t, double degrees, double *lower, double *upper);
loy_status loy__chi_square(double x, double degrees, double *lower, double *upper);
loy_status loy__f_ratio(double x, double degrees1, double degrees2, double *lower, double *upper);
/* Where the lower tail (with `upper` the upper tail) has this probability; infinite at 0 and 1 where it is. */
loy_status loy__student_t_quantile(double degrees, double probability, int upper, double *t);
loy_status loy__chi_square_quantile(double degrees, double probability, int upper, double *x);
loy_status loy__f_ratio_quantile(double degrees1, double degrees2, double probability, int upper, double *x);
/*
 * P and Q of the noncentral chi-square distribution and the derivative of P by the noncentrality, outputs may be NULL;
 * and the noncentrality at which P is `probability`, 0 when it never is that high (noncentral.c).
 */
loy_status loy__noncentral_chi_square(double x, double degrees, double shift, double *lower, double *upper,
                                      double *slope);
loy_status loy__noncentral_chi_square_shift(double x, double degrees, double probability, double *shift);
/*
 * The limits of a share that was seen in `hits` of `n` (neither needs to be whole), with `tail` beyond each (Clopper &
 * Pearson 1934): exact, never too narrow. 0 <= hits <= n <= 1e9, n > 0, 0 < tail < 1/2.
 */
loy_status loy__binomial_limits(double hits, double n, double tail, double *low, double *high);
/* Limits of a share seen in n at z standard errors (Wilson 1927), within [0, 1]; share in [0, 1], n and z above 0. */
void loy__wilson_limits(double share, double n, double z, double *low, double *high);

/* ---- random numbers (random.c): integer-only, explicit seed -------------------------------------------- */

typedef struct loy__random {
	uint64_t state[4]; /* xoshiro256** (Blackman & Vigna 2018), seeded by splitmix64 */
} loy__random;

void loy__random_init(loy__random *r, uint64_t seed);
uint64_t loy__random_next(loy__random *r);
double loy__random_unit(loy__random *r);                    /* [0, 1), 53 bits */
uint64_t loy__random_below(loy__random *r, uint64_t bound); /* unbiased; bound > 0 */

#endif
