/*
 * The door of the insight room: what customers said, counted and judged. What its files share: counts of
 * answers and sums over them.
 */
#ifndef LOY_INSIGHT_INSIGHT_H
#define LOY_INSIGHT_INSIGHT_H

#include <loyalty/items.h>
#include <loyalty/survey.h>
#include <string.h>

#include "numeric/moments.h"
#include "numeric/numeric.h"

/* The answers to one point of a scale; weights and their squares in multiples of 2^-40. */
typedef struct loy__point {
	uint64_t rows;
	loy__wide weight, square;
} loy__point;

struct loy_answers {
	loy_allocator memory;
	loy_scale scale; /* step is not 0 */
	uint64_t missing;
	size_t points;
	loy__point *point;
};

/* A number given to each answer, summed over all: what shares, net scores and means have in common. */
typedef struct loy__tally {
	uint64_t rows; /* with a weight */
	double n;      /* as weights say */
	double mean;
	double spread;    /* variance of one, divisor n */
	double variance;  /* of the mean, divisor n */
	double effective; /* answers that variance corresponds to */
} loy__tally;

/* The number given to an answer, by two parameters. */
typedef double (*loy__number)(double answer, const double with[2]);
/* LOY_EUNKNOWN without answers. */
loy_status loy__answers_tally(const loy_answers *answers, loy__number number, const double with[2],
                              loy__tally *out);
/* 1 from with[0] to with[1], else 0. */
double loy__number_in_band(double answer, const double with[2]);
/* The answer of point i; the point of an answer, or -1. */
int32_t loy__answer_of(const loy_answers *answers, size_t point);
int64_t loy__point_of(const loy_answers *answers, double answer);
/* LOY_EINVAL unless it is 0 or a probability; *out is 0.95 for 0. */
loy_status loy__confidence_read(double confidence, double *out);
/* Fill limits around a centre within [least, most]: flags say what there is to say. */
void loy__interval_fill(loy_interval *out, double centre, double half, double least, double most);

#endif
