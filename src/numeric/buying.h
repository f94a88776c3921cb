/*
 * The second door of the numeric room: formulas of buying-while-alive models. One customer's log-likelihood
 * with derivatives, the probability of being alive, expected purchases; O(1), no memory, the same bits
 * everywhere. A history is x repeat purchases, the last at t_x, observed until T; 0 <= t_x <= T, t_x = 0 when
 * x = 0.
 *
 * buying_row.c     BG/NBD, MBG/NBD, MBG/CNBD-k: log-likelihood and odds of having left
 * buying_pareto.c  the same for Pareto/NBD
 * buying_expect.c  expected purchases; buying_mixed.c the same where closed forms fail
 * buying_discount.c  discounted purchases
 * gamma_diff.c     differences of log gamma and its derivatives
 */
#ifndef LOY_NUMERIC_BUYING_H
#define LOY_NUMERIC_BUYING_H

#include "numeric/numeric.h"

/* How long a customer stays. */
enum {
	LOY__LEAVE_MBG = 0, /* drop-out after every purchase, the first included */
	LOY__LEAVE_BG = 1,  /* drop-out after every repeat purchase */
	LOY__LEAVE_TIME = 2 /* at any time (Pareto/NBD) */
};
/* How customers differ. */
enum {
	LOY__MIXED = 0, /* rates: gamma(r, alpha); drop-out: beta(a, b), or gamma(s, beta) for rates of leaving */
	LOY__SAME = 1,  /* all alike: rate lambda; drop-out probability p, or rate mu */
	LOY__NEVER = 2, /* drop-out only: nobody leaves */
	LOY__SPLIT = 3  /* drop-out only: the share pi leaves at the first chance, the rest never */
};

/*
 * A model: leave, k, rate, drop chosen; p[0], p[1] are r, alpha or lambda, unused; p[2], p[3] are a, b or
 * s, beta or one of p, mu, pi and unused. All above 0; p and pi below 1. k is Erlang's, 1 for all but CNBD.
 *
 * Derivatives are by free parameters: the logs of p[0] … p[3], the log of p / (1 - p) for probabilities.
 */
typedef struct loy__buying {
	uint32_t leave, k, rate, drop;
	double p[4];
} loy__buying;

/* A value, its gradient and the upper triangle of its second derivatives by rows. */
typedef struct loy__jet {
	double v;
	double g[4];
	double h[10];
} loy__jet;
enum { LOY__H00, LOY__H01, LOY__H02, LOY__H03, LOY__H11, LOY__H12, LOY__H13, LOY__H22, LOY__H23, LOY__H33 };

/* What rows of the same x share: to be prepared once for many rows. */
typedef struct loy__buying_part {
	double x;
	int can_leave;      /* 0: a customer with this x is alive for sure */
	int can_stay;       /* 0: … has left for sure, or such a row cannot be */
	double log_alpha;   /* log of p[1] */
	loy__jet stay;      /* log of what depends on x only */
	loy__jet odds;      /* log odds of having left, what depends on x only; not for LOY__LEAVE_TIME */
} loy__buying_part;

/* `derivatives` 0 fills values only. */
void loy__buying_part_init(loy__buying_part *part, const loy__buying *model, double x, int derivatives);
/*
 * Log-likelihood of a row without terms that hold no parameter: no x!, no intervals (k > 1: no
 * -x log (k - 1)! either). -inf for a row that the model excludes.
 */
void loy__buying_row(loy__jet *out, const loy__buying *model, const loy__buying_part *part, double t_x, double T,
                     int derivatives);
/*
 * Log of the odds of having left against being alive for LOY__LEAVE_TIME, with derivatives; out->v may be -inf, the
 * rest is then 0.
 */
void loy__pareto_odds(loy__jet *out, const loy__buying *model, double x, double t_x, double T, int derivatives);
double loy__pareto_alive(const loy__buying *model, double x, double t_x, double T);
/* Of one row, without preparation. */
double loy__buying_log_likelihood(const loy__buying *model, double x, double t_x, double T);
double loy__buying_alive(const loy__buying *model, double x, double t_x, double T);
/*
 * Expected purchases in (T, T + t], not knowing whether the customer is alive; history 0, 0, 0 is a new
 * customer. t >= 0 and finite.
 */
double loy__buying_expected(const loy__buying *model, double x, double t_x, double T, double t);
/* The same of a customer who is alive at T for sure. */
double loy__buying_expected_alive(const loy__buying *model, double x, double t_x, double T, double t);
/*
 * The same in (T + from, T + to], each purchase discounted by e^(-delta t) to T. to may be infinite for delta
 * > 0.
 */
double loy__buying_discounted_alive(const loy__buying *model, double x, double t_x, double T, double delta,
                                    double from, double to);
/* The same bits with loy__buying_series() of this x, or NULL. */
double loy__buying_discounted_with(const loy__buying *model, double x, double t_x, double T, double delta,
                                   double from, double to, const double *coefficients, uint32_t count);
/*
 * Coefficients of the series that loy__buying_expected_alive sums for a BG or MBG model and this x, for
 * callers with many rows of the same x: returns how many are good for every z <= LOY__SERIES_Z, 0 when there
 * is no such series. loy__buying_expected_with gives the very bits of loy__buying_expected_alive.
 */
#define LOY__SERIES_TERMS 64
#define LOY__SERIES_Z     0.55
uint32_t loy__buying_series(const loy__buying *model, double x, double coefficients[LOY__SERIES_TERMS]);
double loy__buying_expected_with(const loy__buying *model, double x, double T, double t, const double *coefficients,
                                 uint32_t count);
/* At t = (alpha + T) grown, v = log(1 + grown), for count > 0 and callers who have these. */
double loy__buying_expected_grown(const loy__buying *model, double x, double T, double v, double grown,
                                  const double *coefficients, uint32_t count);
/* Where loy__buying_expected_alive has no closed form: quadrature over p, sums over purchases (buying_mixed.c). */
double loy__buying_expected_mixed(const loy__buying *model, double x, double t_x, double T, double t);

/* log gamma(x + d) - log gamma(x), and the same of digamma and trigamma; x > 0, d >= 0. Good for any size of x. */
void loy__gamma_diff(double x, double d, double out[3]);
double loy__lgamma_diff(double x, double d);
/* What of each remains of the difference over d from x when that from x + e is taken off. e >= 0. */
void loy__gamma_cross(double x, double d, double e, double out[3]);
/*
 * log E[p^i (1 - p)^j] for p of beta(a, b), by log a and log b: value, gradient (2), second derivatives (aa,
 * ab, bb) in out[0 … 5].
 */
void loy__beta_moment(double a, double b, double i, double j, double out[6]);

/* Nodes and weights of 16-point Gauss-Legendre quadrature on [0, 1] (Abramowitz & Stegun 25.4.30). */
#define LOY__GAUSS_POINTS 16
extern const double loy__gauss_node[LOY__GAUSS_POINTS];
extern const double loy__gauss_weight[LOY__GAUSS_POINTS];
/* 8 points, for what asks for no more. */
#define LOY__GAUSS_SHORT 8
extern const double loy__gauss_short_node[LOY__GAUSS_SHORT];
extern const double loy__gauss_short_weight[LOY__GAUSS_SHORT];

#endif
