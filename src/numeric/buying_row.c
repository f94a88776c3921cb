/*
 * BG/NBD, MBG/NBD and MBG/CNBD-k: one row's log-likelihood, its derivatives, the odds of having left.
 *
 * Method: a row is alive (nothing happened since t_x) or left right after its last purchase. With n = k x
 * Erlang phases, rate gamma(r, alpha) and stay(x) the probability of not having left:
 *	log L = log G(n, T) + log stay(x) + log(Q + e^D),
 *	G(n, T) = gamma(r + n) / gamma(r) alpha^r / (alpha + T)^(r + n),
 *	Q = sum over j < k of (r + n)_j / j! ((T - t_x) / (alpha + T))^j, 1 for k = 1,
 *	D = log(left(x) / stay(x)) + (r + n) log((alpha + T) / (alpha + t_x)),
 * all by differences of log gamma and log1p, so that nothing cancels for large r, alpha, a, b. P(alive) is
 * Q / (Q + e^D).
 * Error: about 1e-15 times the size of the terms: below 1e-12 relative but for tiny P(alive), which have the
 * relative error of e^D, about |D| 1e-16.
 * Sources: Fader, Hardie & Lee (2005); Batislam, Denizel & Filiztekin (2007); Platzer & Reutterer (2016).
 */
#include "numeric/buying.h"

#include <math.h>
#include <string.h>

static void add_beta(loy__jet *jet, const double moment[6])
{
	jet->v += moment[0];
	jet->g[2] += moment[1];
	jet->g[3] += moment[2];
	jet->h[LOY__H22] += moment[3];
	jet->h[LOY__H23] += moment[4];
	jet->h[LOY__H33] += moment[5];
}

/* stay: n drop-out chances not taken; odds: the last of these taken. n >= 1. */
static void part_drop(loy__buying_part *part, const loy__buying *model, double n)
{
	double a = model->p[2], b = model->p[3], moment[6], in_sum;

	switch (model->drop) {
	case LOY__MIXED:
		loy__beta_moment(a, b, 0.0, n, moment);
		add_beta(&part->stay, moment);
		b += n - 1.0; /* left / stay is a / (b + n - 1) */
		in_sum = model->p[3] / b;
		part->odds.v = loy__log(a / b);
		part->odds.g[2] = 1.0;
		part->odds.g[3] = -in_sum;
		part->odds.h[LOY__H33] = -in_sum * (1.0 - in_sum);
		break;
	case LOY__SAME:
		part->stay.v += n * loy__log1p(-a);
		part->stay.g[2] = -n * a;
		part->stay.h[LOY__H22] = -n * a * (1.0 - a);
		part->odds.v = loy__log(a) - loy__log1p(-a);
		part->odds.g[2] = 1.0;
		break;
	case LOY__SPLIT: /* the first chance decides for all */
		part->stay.v += loy__log1p(-a);
		part->stay.g[2] = -a;
		part->stay.h[LOY__H22] = -a * (1.0 - a);
		part->odds.v = loy__log(a) - loy__log1p(-a);
		part->odds.g[2] = 1.0;
		part->can_leave = n == 1.0;
		break;
	default:
		part->can_leave = 0;
		break;
	}
}

void loy__buying_part_init(loy__buying_part *part, const loy__buying *model, double x, int derivatives)
{
	double chances = model->leave == LOY__LEAVE_BG ? x : x + 1.0, n = x * model->k, r = model->p[0];

	memset(part, 0, sizeof(*part));
	part->x = x;
	part->can_stay = 1;
	part->can_leave = 1;
	if (model->rate == LOY__MIXED) {
		part->log_alpha = loy__log(model->p[1]);
		if (derivatives) {
			double diff[3];

			loy__gamma_diff(r, n, diff);
			part->stay.v = diff[0];
			part->stay.g[0] = r * diff[1];
			part->stay.h[LOY__H00] = r * diff[1] + r * r * diff[2];
		} else {
			part->stay.v = loy__lgamma_diff(r, n);
		}
	} else {
		part->log_alpha = loy__log(r);
	}
	if (model->leave == LOY__LEAVE_TIME)
		return;
	if (chances > 0.0)
		part_drop(part, model, chances);
	else
		part->can_leave = 0;
}

/* log G(n, T) but for what depends on x only, and the part of the odds that depends on times. */
static void row_times(loy__jet *base, loy__jet *odds, const loy__buying *model, const loy__buying_part *part,
                      double t_x, double T)
{
	double n = part->x * model->k, r = model->p[0], alpha = model->p[1];

	if (model->rate == LOY__SAME) { /* r is the rate here */
		base->v += n * part->log_alpha - r * T;
		base->g[0] += n - r * T;
		base->h[LOY__H00] -= r * T;
		odds->v += r * (T - t_x);
		odds->g[0] += r * (T - t_x);
		odds->h[LOY__H00] += r * (T - t_x);
	} else {
		double late = loy__log1p(T / alpha), since = loy__log1p((T - t_x) / (alpha + t_x));
		/* what is near 0 for a large alpha as such, not as 1 less what is near 1 */
		double at_T = alpha / (alpha + T), at_x = alpha / (alpha + t_x), rest = T / (alpha + T);
		double slope_T = at_T * rest, slope_x = at_x * (t_x / (alpha + t_x));
		double fall = -at_T * ((T - t_x) / (alpha + t_x)); /* at_T - at_x */

		base->v -= r * late + n * (part->log_alpha + late);
		base->g[0] -= r * late;
		base->h[LOY__H00] -= r * late;
		base->g[1] += r * rest - n * at_T;
		base->h[LOY__H01] += r * rest;
		base->h[LOY__H11] -= (r + n) * slope_T;
		odds->v += (r + n) * since;
		odds->g[0] += r * since;
		odds->h[LOY__H00] += r * since;
		odds->g[1] += (r + n) * fall;
		odds->h[LOY__H01] += r * fall;
		odds->h[LOY__H11] += (r + n) * (slope_T - slope_x);
	}
}

/* Second derivatives of log(1 - w + w e^odds) at weight w of the odds. */
static void add_mixture(loy__jet *base, const loy__jet *odds, double w)
{
	double v = w * (1.0 - w);
	int i, j, at = 0;

	for (i = 0; i < 4; i++) {
		base->g[i] += w * odds->g[i];
		for (j = i; j < 4; j++, at++)
			base->h[at] += w * odds->h[at] + v * odds->g[i] * odds->g[j];
	}
}

/*
 * log Q for k > 1 as a jet in the rate's parameters: the terms' logs are (r + n)_j / j! y^j, or (lambda
 * (T - t_x))^j / j!, whose derivatives are weighted by the terms' shares.
 */
static void phases(loy__jet *out, const loy__buying *model, double x, double t_x, double T)
{
	double r = model->p[0], alpha = model->p[1], n = x * model->k, sum = 1.0, term = 1.0;
	double first[2] = {0.0, 0.0}, second[3] = {0.0, 0.0, 0.0}, h1 = 0.0, h2 = 0.0;
	int mixed = model->rate == LOY__MIXED;
	double y = mixed ? (T - t_x) / (alpha + T) : r * (T - t_x), at_T = mixed ? alpha / (alpha + T) : 0.0;
	uint32_t j;

	memset(out, 0, sizeof(*out));
	for (j = 1; j < model->k; j++) {
		double i = (double)(j - 1), g0, g1, h00, h01, h11;

		term *= y / (i + 1.0);
		if (mixed) {
			term *= r + n + i;
			h1 += 1.0 / (r + n + i);
			h2 += 1.0 / ((r + n + i) * (r + n + i));
		}
		g0 = mixed ? r * h1 : i + 1.0;
		g1 = -(i + 1.0) * at_T;
		h00 = mixed ? r * h1 - r * r * h2 : 0.0;
		h01 = 0.0;
		h11 = g1 * (1.0 - at_T);
		sum += term;
		first[0] += term * g0;
		first[1] += term * g1;
		second[0] += term * (h00 + g0 * g0);
		second[1] += term * (h01 + g0 * g1);
		second[2] += term * (h11 + g1 * g1);
	}
	out->v = loy__log(sum);
	out->g[0] = first[0] / sum;
	out->g[1] = first[1] / sum;
	out->h[LOY__H00] = second[0] / sum - out->g[0] * out->g[0];
	out->h[LOY__H01] = second[1] / sum - out->g[0] * out->g[1];
	out->h[LOY__H11] = second[2] / sum - out->g[1] * out->g[1];
}

static void jet_add(loy__jet *to, const loy__jet *from, double factor)
{
	int i;

	to->v += factor * from->v;
	for (i = 0; i < 4; i++)
		to->g[i] += factor * from->g[i];
	for (i = 0; i < 10; i++)
		to->h[i] += factor * from->h[i];
}

/* Pareto: base of the alive, and odds. SPLIT: the share pi left at once. */
static void time_row(loy__jet *base, loy__jet *odds, const loy__buying *model, const loy__buying_part *part,
                     double t_x, double T, int derivatives)
{
	double s = model->p[2], beta = model->p[3];

	row_times(base, odds, model, part, t_x, T); /* these odds are not what is asked for */
	if (model->drop == LOY__MIXED) {
		double late = loy__log1p(T / beta), rest = T / (beta + T);

		base->v -= s * late;
		base->g[2] -= s * late;
		base->h[LOY__H22] -= s * late;
		base->g[3] += s * rest;
		base->h[LOY__H23] += s * rest;
		base->h[LOY__H33] -= s * rest * (1.0 - rest);
	} else if (model->drop == LOY__SAME) {
		base->v -= s * T;
		base->g[2] -= s * T;
		base->h[LOY__H22] -= s * T;
	} else if (model->drop == LOY__SPLIT) {
		base->v += loy__log1p(-s);
		base->g[2] -= s;
		base->h[LOY__H22] -= s * (1.0 - s);
	}
	loy__pareto_odds(odds, model, part->x, t_x, T, derivatives);
}

void loy__buying_row(loy__jet *out, const loy__buying *model, const loy__buying_part *part, double t_x,
                     double T, int derivatives)
{
	loy__jet odds = part->odds, many;
	int can_leave = part->can_leave;
	double w;

	*out = part->stay;
	if (model->leave == LOY__LEAVE_TIME) {
		time_row(out, &odds, model, part, t_x, T, derivatives);
		can_leave = odds.v > -DBL_MAX;
	} else {
		row_times(out, &odds, model, part, t_x, T);
	}
	if (model->k > 1) {
		phases(&many, model, part->x, t_x, T);
		jet_add(out, &many, 1.0);
		jet_add(&odds, &many, -1.0);
	}
	if (!can_leave)
		return;
	out->v += loy__log1pexp(odds.v);
	if (!derivatives)
		return;
	w = loy__logistic(odds.v);
	add_mixture(out, &odds, w);
}

/* Log of the odds of having left after a purchase against being alive; -inf when alive for sure. */
static double log_odds(const loy__buying *model, const loy__buying_part *part, double t_x, double T)
{
	double n = part->x * model->k, since, sum = 1.0, term = 1.0;
	uint32_t j;

	if (!part->can_leave)
		return (double)-INFINITY;
	if (model->rate == LOY__SAME)
		since = model->p[0] * (T - t_x);
	else
		since = (model->p[0] + n) * loy__log1p((T - t_x) / (model->p[1] + t_x));
	if (model->k > 1) {
		double y = model->rate == LOY__SAME ? since : (T - t_x) / (model->p[1] + T);

		for (j = 1; j < model->k; j++) {
			term *= y / (double)j;
			if (model->rate == LOY__MIXED)
				term *= model->p[0] + n + (double)(j - 1);
			sum += term;
		}
		since -= loy__log(sum);
	}
	return part->odds.v + since;
}

double loy__buying_log_likelihood(const loy__buying *model, double x, double t_x, double T)
{
	loy__buying_part part;
	loy__jet out;

	loy__buying_part_init(&part, model, x, 0);
	loy__buying_row(&out, model, &part, t_x, T, 0);
	return out.v;
}

double loy__buying_alive(const loy__buying *model, double x, double t_x, double T)
{
	loy__buying_part part;

	if (model->leave == LOY__LEAVE_TIME)
		return loy__pareto_alive(model, x, t_x, T);
	loy__buying_part_init(&part, model, x, 0);
	return loy__logistic(-log_odds(model, &part, t_x, T));
}
