/*
 * BG/BB: at each of n opportunities a customer buys with probability p of beta(alpha, beta), and before each
 * leaves with probability theta of beta(gamma, delta) (Fader, Hardie & Shang, Marketing Science 29, 2010,
 * equation 5):
 *	L = E[p^x (1 - p)^(n - x)] E[(1 - theta)^n]
 *	  + sum over i < n - t_x of E[p^x (1 - p)^(t_x - x + i)] E[theta (1 - theta)^(t_x + i)].
 */
#include "fit.h"

#include <math.h>
#include <string.h>

/* A log-sum-exp with derivatives, term after term. */
struct mixture {
	double highest, sum, g[4], h[10];
};

static void add_term(struct mixture *m, const loy__jet *term)
{
	double w;
	int i, j, at = 0;

	if (!(term->v > -DBL_MAX))
		return;
	if (term->v > m->highest) {
		double shrink = loy__exp(m->highest - term->v);

		m->sum *= shrink;
		for (i = 0; i < 4; i++)
			m->g[i] *= shrink;
		for (i = 0; i < 10; i++)
			m->h[i] *= shrink;
		m->highest = term->v;
	}
	w = loy__exp(term->v - m->highest);
	m->sum += w;
	for (i = 0; i < 4; i++) {
		m->g[i] += w * term->g[i];
		for (j = i; j < 4; j++, at++)
			m->h[at] += w * (term->h[at] + term->g[i] * term->g[j]);
	}
}

/* log E[p^yes (1 - p)^no] into the two slots from `slot`. */
static void add_chances(loy__jet *jet, uint32_t mode, const double *p, int slot, double yes, double no)
{
	static const uint8_t place[2][3] = {{LOY__H00, LOY__H01, LOY__H11}, {LOY__H22, LOY__H23, LOY__H33}};
	const uint8_t *h = place[slot / 2];
	double moment[6];

	if (mode == LOY__MIXED) {
		loy__beta_moment(p[0], p[1], yes, no, moment);
		jet->v += moment[0];
		jet->g[slot] += moment[1];
		jet->g[slot + 1] += moment[2];
		jet->h[h[0]] += moment[3];
		jet->h[h[1]] += moment[4];
		jet->h[h[2]] += moment[5];
	} else if (mode == LOY__SAME) {
		jet->v += (yes > 0.0 ? yes * loy__log(p[0]) : 0.0) + no * loy__log1p(-p[0]);
		jet->g[slot] += yes - (yes + no) * p[0];
		jet->h[h[0]] -= (yes + no) * p[0] * (1.0 - p[0]);
	} else if (mode == LOY__SPLIT) { /* the first chance decides */
		if (yes > 0.0) {
			jet->v += no > 0.0 ? (double)-INFINITY : loy__log(p[0]);
			jet->g[slot] += 1.0 - p[0];
		} else if (no > 0.0) {
			jet->v += loy__log1p(-p[0]);
			jet->g[slot] -= p[0];
		}
		jet->h[h[0]] -= yes + no > 0.0 ? p[0] * (1.0 - p[0]) : 0.0;
	} else if (yes > 0.0) {
		jet->v = (double)-INFINITY;
	}
}

void loy__discrete_row(loy__jet *out, const loy__buying *m, double x, double t_x, double n)
{
	struct mixture mixture;
	loy__jet term;
	double i;
	int a, b, at = 0;

	memset(&mixture, 0, sizeof(mixture));
	memset(&term, 0, sizeof(term));
	add_chances(&term, m->rate, m->p, 0, x, n - x);
	add_chances(&term, m->drop, m->p + 2, 2, 0.0, n);
	mixture.highest = -DBL_MAX;
	add_term(&mixture, &term);
	for (i = 0.0; i < n - t_x; i += 1.0) {
		memset(&term, 0, sizeof(term));
		add_chances(&term, m->rate, m->p, 0, x, t_x - x + i);
		add_chances(&term, m->drop, m->p + 2, 2, 1.0, t_x + i);
		add_term(&mixture, &term);
	}
	memset(out, 0, sizeof(*out));
	out->v = (double)-INFINITY;
	if (!(mixture.sum > 0.0))
		return;
	out->v = mixture.highest + loy__log(mixture.sum);
	for (a = 0; a < 4; a++)
		out->g[a] = mixture.g[a] / mixture.sum;
	for (a = 0; a < 4; a++)
		for (b = a; b < 4; b++, at++)
			out->h[at] = mixture.h[at] / mixture.sum - out->g[a] * out->g[b];
}
