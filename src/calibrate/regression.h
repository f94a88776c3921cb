/*
 * Inside regression: rows of tables in blocks, exact sums over them, and fits in the making.
 *
 * Exact sums: an addend below `bound` in magnitude is cut to multiples of 2^-46 bound, by adding and taking
 * off a large number; sums of a block of such are exact in a double, and sums of blocks in two. So the order
 * of rows does not matter, nor how they were split: pre-rounded summation of Demmel & Nguyen (2013) with a
 * bound known beforehand.
 */
#ifndef LOY_CALIBRATE_REGRESSION_H
#define LOY_CALIBRATE_REGRESSION_H

#include <loyalty/regression.h>
#include <string.h>

#include "numeric/moments.h"
#include "numeric/numeric.h"

#define LOY__ROW_BLOCK     128u  /* rows: 128 addends of the largest size still sum exactly */
#define LOY__MAGIC         96.0  /* times the bound: its last place is 2^-46 of the bound */
#define LOY__PREDICTOR_MAX 1e100 /* magnitude of a value */

/* ---- exact sums (regression_sums.c) ---- */

/* high is the sum, rounded once; low what that left. */
typedef struct loy__exact {
	double high, low;
} loy__exact;

/* Add another sum of the same grid. */
static inline void loy__exact_add(loy__exact *to, double high, double low)
{
	double sum = to->high + high, part = sum - to->high;
	double rest =
	        to->low + low + ((to->high - (sum - part)) + (high - part)); /* exact: all on the grid */

	to->high = sum + rest;
	to->low = rest - (to->high - sum);
}

/* to[k] += sum over rows of factor[r] z[r][k], k < stride; |factor z| <= bound, a power of two. */
void loy__sum_vector(loy__exact *to, const double *z, const double *factor, size_t rows, size_t stride,
                     double bound);
/* to[j][k] += sum over rows of f[r][j] z[r][k] for k <= j < size, a few more: all matrices have rows of `stride`. */
void loy__sum_matrix(loy__exact *to, const double *z, const double *f, size_t rows, size_t size,
                     size_t stride, double bound);
/* to += sum of values, each at most bound in magnitude. */
void loy__sum_values(loy__exact *to, const double *values, size_t rows, double bound);
/* The same with what is cut off summed as well, in to[1]: to multiples of 2^-92 bound, that is without loss. */
void loy__sum_values_finely(loy__exact to[2], const double *values, size_t rows, double bound);

/* ---- rows (regression_rows.c) ---- */

/* Which columns of tables are predictors and so on, and how their values are taken: (value - centre) inverse. */
typedef struct loy__design {
	uint32_t columns, predictors, outcome, offset;
	int with_offset;
	int free;                 /* values are taken as they are: nothing is known of them yet */
	int whole;                /* a value missing in any column, even one not used, leaves a row out */
	size_t size, stride;      /* 1 + predictors; rounded up to a multiple of 4 */
	uint32_t *place;          /* columns of the predictors */
	double *centre, *inverse; /* of each predictor; inverse is a power of two */
	double weight_inverse;    /* likewise */
	int binary;               /* outcomes are 0 or 1, */
	double offset_most;       /* and offsets no larger */
} loy__design;

/* Rows without missing values and with a weight: z has 1, the predictors, and zeros up to the stride. */
typedef struct loy__row_block {
	size_t rows;
	double *z, *f; /* LOY__ROW_BLOCK x stride */
	double *y, *weight, *offset, *eta, *spare;
	uint64_t *row; /* where each came from */
} loy__row_block;

/* Doubles a block takes, rows included as one each. */
size_t loy__row_block_doubles(size_t stride);
void loy__row_block_lay_out(loy__row_block *block, double *memory, size_t stride);
/*
 * Fill a block with rows from *row on, which moves on; *missing counts those left out. LOY_ESTATE when a
 * value lies beyond what centre and scale were made for.
 */
loy_status loy__row_block_fill(loy__row_block *block, const loy__design *design, const loy_table *table,
                               uint64_t *row, uint64_t *missing);
/* Predictors from options: NULL and 0 mean all columns but the others. LOY_OK, LOY_EINVAL, LOY_ELIMIT. */
loy_status loy__design_choose(uint32_t *place, uint32_t *count, const uint32_t *given, uint32_t columns,
                              uint32_t outcome, uint32_t offset);
/* A power of two above the magnitude; 1 for 0. */
double loy__power_above(double magnitude);

/* What a fit in standardised columns is in the caller's: a coefficient, and covariance in place (size x size). */
double loy__design_restore(const loy__design *design, const double *at, size_t index);
void loy__design_restore_covariance(const loy__design *design, double *covariance);

/* ---- logistic fits ---- */

enum {
	LOY__ROUND_RANGE,
	LOY__ROUND_CENTRE,
	LOY__ROUND_VALUE,
	LOY__ROUND_HAT,
	LOY__ROUND_ROBUST,
	LOY__ROUND_DONE
};

/* What a round sums. Which parts are used depends on the round. */
typedef struct loy__round_sums {
	uint64_t rows, missing;
	double weight_most, offset_most;
	double *least, *most; /* of each predictor */
	loy__exact weight, event, value[2];
	loy__exact *vector; /* stride */
	loy__exact *matrix; /* size x stride */
} loy__round_sums;

struct loy_logistic {
	loy_allocator memory;
	size_t bytes; /* of this block, everything below included */
	loy_logistic_options options;
	loy__design design;
	loy__row_block block;
	loy__round_sums sums, scratch;
	uint32_t round, rounds, method, informed, finishing;
	uint32_t *flaw, *kept, *moved; /* kept: in the information; moved: those of them that are estimated */
	size_t kept_count, moved_count;
	double *at, *trial, *direction, *gradient;
	double *information, *factor, *inverse, *covariance, *robust; /* size x size */
	double *deviation_scale;                                      /* scratch of size */
	/* of the rows, once known */
	uint64_t rows, missing;
	double weight, events; /* sums of scaled weights, as added up */
	double factor_of_sums; /* what turns sums into likelihoods: undoes the scale of weights, survey weights to n */
	/* of the search */
	double value, objective, share, gain, distance, last_distance, log_det;
	uint32_t fresh, evaluated, strays, halvings_here;
	loy_logistic_summary summary;
};

void loy__round_clear(const loy_logistic *fit, loy__round_sums *sums);
/* Take over another fit's round. Both were made with the same options. */
void loy__logistic_follow(loy_logistic *fit, const loy_logistic *leader);
/* The search's part of a step (regression_newton.c), once the sums of a round are complete. */
loy_status loy__logistic_begin(loy_logistic *fit, loy_error *error);
void loy__logistic_advance(loy_logistic *fit);
/* Standardised coefficients at `at` are final: fill summary and covariance (regression_result.c). */
void loy__logistic_finish(loy_logistic *fit);

/* ---- linear fits (regression_linear.c) ---- */

struct loy_linear {
	loy_allocator memory;
	size_t bytes;
	uint32_t columns, predictors, outcome, missing, weighting;
	uint32_t *place, *flaw; /* flaw: of each coefficient */
	double confidence;
	uint64_t rows;
	loy_linear_summary summary;
	double *mean, *deviation;   /* of the predictors, then the outcome */
	double *least, *most;       /* likewise */
	double *correlation, *with; /* of predictors, and with the outcome */
	double *beta, *value;       /* standardised by predictor; by coefficient */
	double *inverse;            /* of the correlations of those without a flaw; zeros elsewhere */
	double *covariance;         /* of coefficients: size x size */
};

/* What both kinds of regression do with a coefficient and its error; degrees infinite: normal. */
void loy__coefficient_fill(loy_coefficient *out, double value, double deviation, double degrees,
                           double confidence);

#endif
