/* Inside Cox regression: rows made ready, sums over risk sets, and what a fit keeps. */
#ifndef LOY_LIFETIME_COX_H
#define LOY_LIFETIME_COX_H

#include <loyalty/cox.h>

#include "survival.h"

/* What a row is. A block is all rows that share a time and a baseline hazard. Rows are walked from the last on. */
#define LOY__COX_EVENT 1u /* has the event */
#define LOY__COX_TIED  2u /* has it together with others, so that ties matter */
#define LOY__COX_FIRST 4u /* first row of a block: the last one walked */
#define LOY__COX_LAST  8u /* last row of a time: the first one walked */

/*
 * Sums over a risk set: the relative hazards, times each covariate, times each product of two (i <= j, row by row).
 * `width` doubles.
 */
static inline size_t loy__cox_width(size_t columns)
{
	return 1 + columns + columns * (columns + 1) / 2;
}

/* Rows of an accumulator in canonical order, covariates centred on their mean and scaled by a power of two. */
typedef struct loy__cox_data {
	loy_allocator memory;
	const loy_survival *survival;
	size_t rows, columns, strata;
	int breslow;
	double *x;       /* rows x columns */
	double *mass;    /* subjects times weight */
	uint32_t *count; /* subjects */
	uint8_t *mark;
	uint32_t *stratum; /* of each row; NULL when there is one */
	uint32_t *entry;   /* rows by entry, ascending; NULL without entries */
	double *hazard;    /* relative, of each row; NULL without entries */
	double *present;   /* rows in each risk set, with entries */
	double *sums;      /* strata x width */
	double *tied;      /* width: over those with an event in this block */
	double *centre, *scale;
	size_t blocks; /* with an event */
	uint64_t events;
} loy__cox_data;

/* LOY_OK, LOY_ENOMEM or LOY_EUNKNOWN (no events); loy__cox_data_free in any case. */
loy_status loy__cox_data_fill(loy__cox_data *d, const loy_survival *s, const loy_cox_options *options,
                              const loy_allocator *memory);
void loy__cox_data_free(loy__cox_data *d);

/* The partial log-likelihood and its derivatives: `score` has columns, `information` columns x columns. */
typedef struct loy__cox_sums {
	double log_likelihood;
	double *score, *information;
	double *jumps; /* of the baseline hazard at the centre, one for each block with an event; NULL: not wanted */
	const double *factors; /* of each block with an event in score and information; NULL: all 1 */
} loy__cox_sums;

/* Fill all of `out` at these coefficients (of scaled covariates). What is not finite shows in the result. */
void loy__cox_evaluate(loy__cox_data *d, const double *coefficients, loy__cox_sums *out);

/* One step of the cumulative baseline hazard, at the centre. */
typedef struct loy__cox_step {
	double time, hazard;
} loy__cox_step;

struct loy_cox {
	loy_allocator memory;
	uint32_t columns, flags, ties;
	loy_cox_summary summary;
	double *value;      /* of the caller's covariates; 0 where there is none */
	double *covariance; /* columns x columns, NaN where there is none */
	double *centre;
	uint32_t *flaw;
	size_t strata, steps;
	uint32_t *groups; /* of the strata, ascending */
	size_t *start;    /* strata + 1: first step of each */
	double *last;     /* last time watched in each */
	loy__cox_step *step;
};

/* Allocate what a fit of this shape keeps; LOY_ENOMEM, and nothing kept. */
loy_status loy__cox_allocate(loy_cox **out, const loy__cox_data *d, const loy_allocator *memory);
/* Cumulate the jumps of a fit into its steps. */
void loy__cox_fill_hazard(loy_cox *cox, const loy__cox_data *d, const double *jumps);
/* Log of the hazard relative to the centre, for one row of the caller's covariates. */
double loy__cox_relative(const loy_cox *cox, const double *covariates, int64_t column);

#endif
