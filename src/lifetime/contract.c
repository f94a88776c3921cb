/*
 * Contracts: a customer renews each period with probability 1 - theta, theta of beta(alpha, beta).
 *	sBG: S(t) = B(alpha, beta + t) / B(alpha, beta) (Fader & Hardie, J. Interactive Marketing 21, 2007);
 *	BdW: S(t) = B(alpha, beta + t^c) / B(alpha, beta) (Fader et al., J. Interactive Marketing 43, 2018).
 * A row still there after T renewals is S(T), one that ended at the end of period T is S(T - 1) - S(T).
 * Limits: one theta for all, S = (1 - theta)^(t^c); nobody leaves; a share leaves at the first chance.
 * Slots: 0 c, 2 alpha or theta, 3 beta.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

/* u = t^c and its derivatives by log c. */
struct clock {
	double u, u1, u2;
};

static void clock_at(struct clock *out, double t, double c, int weibull)
{
	out->u = t;
	out->u1 = out->u2 = 0.0;
	if (weibull && t > 0.0) {
		double l = c * loy__log(t);

		out->u = loy__exp(l);
		out->u1 = out->u * l;
		out->u2 = out->u1 * (l + 1.0);
	}
}

static void log_survival(loy__jet *out, const loy__buying *m, int weibull, double t)
{
	double a = m->p[2], b = m->p[3], of_b[3], of_sum[3], slope, bend, low;
	struct clock k;

	memset(out, 0, sizeof(*out));
	if (!(t > 0.0))
		return;
	clock_at(&k, t, m->p[0], weibull);
	switch (m->drop) {
	case LOY__MIXED:
		loy__gamma_diff(b, k.u, of_b);
		loy__gamma_diff(a + b, k.u, of_sum);
		out->v = of_b[0] - of_sum[0];
		out->g[2] = -a * of_sum[1];
		out->g[3] = b * (of_b[1] - of_sum[1]);
		out->h[LOY__H22] = out->g[2] - a * a * of_sum[2];
		out->h[LOY__H23] = -a * b * of_sum[2];
		out->h[LOY__H33] = out->g[3] + b * b * (of_b[2] - of_sum[2]);
		if (weibull) {
			slope = loy__digamma(b + k.u) - loy__digamma(a + b + k.u);
			low = loy__trigamma(a + b + k.u);
			bend = loy__trigamma(b + k.u) - low;
			out->g[0] = slope * k.u1;
			out->h[LOY__H00] = slope * k.u2 + bend * k.u1 * k.u1;
			out->h[LOY__H02] = -a * low * k.u1;
			out->h[LOY__H03] = b * bend * k.u1;
		}
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
		out->v = loy__log1p(-a);
		out->g[2] = -a;
		out->h[LOY__H22] = -a * (1.0 - a);
		break;
	default:
		break;
	}
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
	fall.v -= out->v;
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
