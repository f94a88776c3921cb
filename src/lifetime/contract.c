/*
 * Contracts: a customer renews each period with probability 1 - theta, theta of beta(alpha, beta).
 *	sBG: S(t) = B(alpha, beta + t) / B(alpha, beta) (Fader & Hardie, J. Interactive Marketing 21, 2007);
 *	BdW: S(t) = B(alpha, beta + t^c) / B(alpha, beta) (Fader et al., J. Interactive Marketing 43, 2018).
 * A row still there after T renewals is S(T), one that ended at the end of period T is S(T - 1) - S(T).
 * Limits: one theta for all, S = (1 - theta)^(t^c); nobody leaves; a share pi leaves at the first chance, the rest
 * never (sBG), or nobody before period k, the share pi in it and the rest by a power of time,
 * S = (1 - pi) (t / k)^-kappa (BdW for c without end, t^c being to beta as (t / t0)^c to 1).
 * Slots: 0 c or kappa, 2 alpha, theta or pi, 3 beta.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

#define U_LARGE 1e100 /* from here, alpha and beta are nothing to u */

/* u = t^c, its log and its derivatives by log c. */
struct clock {
	double u, l, u1, u2;
};

static void clock_at(struct clock *out, double t, double c, int weibull)
{
	out->u = t;
	out->l = out->u1 = out->u2 = 0.0;
	if (weibull && t > 0.0) {
		out->l = c * loy__log(t);
		out->u = loy__exp(out->l);
		out->u1 = out->u * out->l;
		out->u2 = out->u1 * (out->l + 1.0);
	}
}

/* log gamma(b + u) gamma(a + b) / (gamma(b) gamma(a + b + u)) by log a and log b. */
static void log_beta_ratio(loy__jet *out, double a, double b, double u)
{
	double ratio[3], sum[3];

	loy__gamma_cross(b, u, a, ratio);
	loy__gamma_diff(a + b, u, sum);
	out->v = ratio[0];
	out->g[2] = -a * sum[1];
	out->g[3] = b * ratio[1];
	out->h[LOY__H22] = out->g[2] - a * a * sum[2];
	out->h[LOY__H23] = -a * b * sum[2];
	out->h[LOY__H33] = out->g[3] + b * b * ratio[2];
}

/* What log c does to the log of survival when all differ, log_beta_ratio() apart. */
static void add_clock(loy__jet *out, double a, double b, const struct clock *k)
{
	double step[3];

	if (k->u > U_LARGE) { /* S goes as u^-alpha; the squares below would not be numbers */
		out->g[0] = out->h[LOY__H00] = out->h[LOY__H02] = -a * k->l;
		return;
	}
	loy__gamma_diff(b + k->u, a, step);
	out->g[0] = -step[1] * k->u1;
	out->h[LOY__H00] = -step[1] * k->u2 - step[2] * k->u1 * k->u1;
	out->h[LOY__H02] = -a * loy__trigamma(a + b + k->u) * k->u1;
	out->h[LOY__H03] = -b * step[2] * k->u1;
}

static void log_survival(loy__jet *out, const loy__buying *m, int weibull, double t)
{
	double a = m->p[2], b = m->p[3], slope;
	struct clock k;

	memset(out, 0, sizeof(*out));
	if (!(t > 0.0))
		return;
	clock_at(&k, t, m->p[0], weibull);
	switch (m->drop) {
	case LOY__MIXED:
		log_beta_ratio(out, a, b, k.u);
		if (weibull)
			add_clock(out, a, b, &k);
		break;
	case LOY__SAME:
		slope = loy__log1p(-a);
		out->v = k.u * slope;
		out->g[2] = -k.u * a;
		out->h[LOY__H22] = -k.u * a * (1.0 - a);
		out->g[0] = slope * k.u1;
		out->h[LOY__H00] = slope * k.u2;
		out->h[LOY__H02] = -a * k.u1;
		break;
	case LOY__SPLIT:
		if (weibull && t < (double)m->k)
			break;
		out->v = loy__log1p(-a);
		out->g[2] = -a;
		out->h[LOY__H22] = -a * (1.0 - a);
		if (weibull) {
			slope = m->p[0] * loy__log(t / (double)m->k);
			out->v -= slope;
			out->g[0] = out->h[LOY__H00] = -slope;
		}
		break;
	default:
		break;
	}
}

/* log S(T) / S(T - 1), not as a difference of the two where they are nearly one. */
static double log_fall(const loy__buying *m, int weibull, double T)
{
	double a = m->p[2], b = m->p[3], growth = 1.0, cross[3];
	struct clock before;

	if (m->drop == LOY__NEVER)
		return 0.0;
	if (m->drop == LOY__SPLIT) {
		if (T <= (double)m->k)
			return T == (double)m->k ? loy__log1p(-a) : 0.0;
		return weibull ? m->p[0] * loy__log1p(-1.0 / T) : 0.0;
	}
	clock_at(&before, T - 1.0, m->p[0], weibull);
	if (weibull && T > 1.0) /* T^c - (T - 1)^c */
		growth = before.u * loy__expm1(-m->p[0] * loy__log1p(-1.0 / T));
	if (m->drop == LOY__SAME)
		return growth * loy__log1p(-a);
	if (!weibull)
		return -loy__log1p(a / (b + before.u));
	loy__gamma_cross(b + before.u, growth, a, cross);
	return cross[0];
}

void loy__contract_row(loy__jet *out, const loy__buying *m, const loy__form *form, double T, int ended)
{
	int weibull = form->family == LOY_LIFETIME_BDW, i, j, at = 0;
	loy__jet late, fall;
	double less, q;

	log_survival(out, m, weibull, ended ? T - 1.0 : T);
	if (!ended)
		return;
	log_survival(&late, m, weibull, T);
	fall = late;
	fall.v = log_fall(m, weibull, T);
	for (i = 0; i < 4; i++)
		fall.g[i] -= out->g[i];
	for (i = 0; i < 10; i++)
		fall.h[i] -= out->h[i];
	less = -loy__expm1(fall.v); /* 1 - S(T) / S(T - 1) */
	if (!(less > 0.0)) {
		out->v = (double)-INFINITY;
		return;
	}
	q = (1.0 - less) / less;
	out->v += loy__log(less);
	for (i = 0; i < 4; i++) {
		out->g[i] -= q * fall.g[i];
		for (j = i; j < 4; j++, at++)
			out->h[at] -= q * fall.h[at] + q * (1.0 + q) * fall.g[i] * fall.g[j];
	}
}
