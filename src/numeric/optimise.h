/*
 * The third door of the numeric room: maximising a smooth function of a few parameters with known first and second
 * derivatives, for whatever fits something by likelihood.
 */
#ifndef LOY_NUMERIC_OPTIMISE_H
#define LOY_NUMERIC_OPTIMISE_H

#include "numeric/numeric.h"

/*
 * Value, gradient and (n x n, whole, symmetric) second derivatives at theta. A value that is not finite means that
 * theta lies outside. Any status but LOY_OK ends the search with that status.
 */
typedef loy_status (*loy__objective)(void *context, const double *theta, double *value, double *gradient,
                                     double *hessian);
/* 1 when theta has gone where the search should stop and somebody should think. NULL: never. */
typedef int (*loy__stray)(void *context, const double *theta);

enum {
	LOY__FOUND = 1,  /* a maximum: the gradient is nothing but rounding, -hessian is positive definite */
	LOY__FLAT = 2,   /* no way up, but -hessian is singular or not positive: a saddle or a ridge */
	LOY__STRAYED = 3,
	LOY__SPENT = 4   /* iterations */
};

typedef struct loy__ascent {
	/* in */
	loy__objective objective;
	loy__stray stray;
	void *context;
	size_t n;
	uint32_t iterations_max;
	loy_progress progress;   /* may be NULL; told the iteration; cancels with LOY_ECANCELLED */
	void *user_data;
	double *work;            /* loy__ascent_work(n) doubles */
	/* in and out */
	double *theta;           /* where to start; where it ended */
	/* out */
	uint32_t end, iterations, evaluations;
	double value;
	double *gradient;        /* at theta; they lie in work */
	double *hessian;
} loy__ascent;

size_t loy__ascent_work(size_t n);
/* LOY_ERANGE when the start itself lies outside; LOY_ECANCELLED; what the objective returns. */
loy_status loy__maximise(loy__ascent *search);

#endif
