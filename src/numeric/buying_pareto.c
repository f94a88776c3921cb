/*
 * Pareto/NBD: the odds of having left by T. They are the integral over the time y of leaving,
 *	odds = integral from t_x to T of hazard(y) rates(y) lives(y) dy,
 *	rates(y) = ((alpha + T) / (alpha + y))^(r + x), lives(y) = ((beta + T) / (beta + y))^s, hazard = s / (beta + y),
 * where the usual form is a difference of two hypergeometric functions, which cancels and overflows (Fader &
 * Hardie, "A note on deriving the Pareto/NBD model", 2005). The limits: rates = e^(lambda (T - y)), lives =
 * e^(mu (T - y)), hazard = mu.
 *
 * Method: 16-point Gauss-Legendre on panels of v = log((m + y) / (m + t_x)), m the smaller of alpha and beta
 * (of y itself when both are limits). A panel is at most 5 long, which keeps the singularity of the other
 * factor at distance, and the integrand falls by at most e^14 over it; what lies below e^-42 of the first
 * panel's beginning is left out. Derivatives are those of the integrand.
 *
 * A search for a maximum may go far out towards a limit, where an exponent of 1e13 meets a v of 1e-14. So e^v - 1 and
 * the logarithm of the other factor are then taken as such, and derivatives by scales are sums of (t_x + …) / (scale +
 * …), which is small there, not of scale / (scale + …), which is nearly 1. Error: 1e-13 relative, plus 1e-16 times the
 * exponents of e that are left.
 */
#include "numeric/buying.h"

#include <math.h>
#include <string.h>

#define PANEL_LONG   5.0
#define PANEL_FALL   14.0
#define FALL_END     42.0
#define SHORT_LONG   1.7 /* of these, half the points are enough */
#define SHORT_FALL   3.5
#define EXPONENT_MAX 600.0 /* odds below e^this are computed without logarithms */
#define STEEP        1e3   /* exponents beyond need e^v - 1 and logarithms near 1 to all their digits */

const double loy__gauss_node[LOY__GAUSS_POINTS] = {
        0.00529953250417503370, 0.02771248846338371196, 0.06718439880608412805, 0.12229779582249848305,
        0.19106187779867812577, 0.27099161117138630682, 0.35919822461037054338, 0.45249374508118127990,
        0.54750625491881872010, 0.64080177538962945662, 0.72900838882861369318, 0.80893812220132187423,
        0.87770220417750151695, 0.93281560119391587195, 0.97228751153661628804, 0.99470046749582496630,
};
const double loy__gauss_weight[LOY__GAUSS_POINTS] = {
        0.01357622970587704742, 0.03112676196932394643, 0.04757925584124639240, 0.06231448562776693602,
        0.07479799440828836604, 0.08457825969750126909, 0.09130170752246179443, 0.09472530522753424814,
        0.09472530522753424814, 0.09130170752246179443, 0.08457825969750126909, 0.07479799440828836604,
        0.06231448562776693602, 0.04757925584124639240, 0.03112676196932394643, 0.01357622970587704742,
};

const double loy__gauss_short_node[LOY__GAUSS_SHORT] = {
        0.01985507175123188415, 0.10166676129318663020, 0.23723379504183550709, 0.40828267875217509753,
        0.59171732124782490246, 0.76276620495816449290, 0.89833323870681336979, 0.98014492824876811584,
};
const double loy__gauss_short_weight[LOY__GAUSS_SHORT] = {
        0.05061426814518812957, 0.11119051722668723527, 0.15685332293894364366, 0.18134189168918099148,
        0.18134189168918099148, 0.15685332293894364366, 0.11119051722668723527, 0.05061426814518812957,
};

/*
 * The integrand seen from t_x. near is the process whose scale is m; each has an exponent (r + x; s + 1 or s)
 * or, as a limit, a rate.
 */
struct integrand {
	int log_steps;   /* v is a logarithm; else v is y - t_x */
	double m_at;     /* m + t_x */
	double power[2]; /* exponents of rates (0) and lives with hazard (1); 0 for limits */
	double scale[2]; /* alpha, beta */
	double at[2];    /* scale + t_x */
	double decay;    /* sum of the limits' rates */
	int near, far;   /* which one m belongs to, and the other */
	double share;    /* m + t_x of the other's; 0: that one is a limit */
	int steep;       /* exponents are large */
	double log_T[2]; /* log((scale + T) / (scale + t_x)) */
	double t_x;
	double since; /* T - t_x */
};

/* Sums over nodes of weight times: 1, what the derivatives need, and its products. */
struct moments {
	double zero, one[4], two[10];
};

static void integrand_init(struct integrand *f, const loy__buying *model, double x, double t_x, double T)
{
	int i;

	memset(f, 0, sizeof(*f));
	f->t_x = t_x;
	f->since = T - t_x;
	if (model->rate == LOY__MIXED) {
		f->scale[0] = model->p[1];
		f->power[0] = model->p[0] + x;
	} else {
		f->decay += model->p[0];
	}
	if (model->drop == LOY__MIXED) {
		f->scale[1] = model->p[3];
		f->power[1] = model->p[2] + 1.0;
	} else {
		f->decay += model->p[2];
	}
	f->log_steps = f->scale[0] > 0.0 || f->scale[1] > 0.0;
	f->near = f->scale[1] > 0.0 && !(f->scale[0] > 0.0 && f->scale[0] <= f->scale[1]);
	for (i = 0; i < 2; i++) {
		f->at[i] = f->scale[i] + t_x;
		if (f->scale[i] > 0.0)
			f->log_T[i] = loy__log1p(f->since / f->at[i]);
	}
	f->far = !f->near;
	f->m_at = f->at[f->near];
	f->share = f->scale[f->far] > 0.0 ? f->m_at / f->at[f->far] : 0.0;
	f->steep = f->power[0] > STEEP || f->power[1] > STEEP;
}

/* How fast the log of the integrand falls at v; `grown` is e^v. */
static double fall_rate(const struct integrand *f, double grown)
{
	double distance = f->m_at * (grown - 1.0); /* y - t_x */

	if (!f->log_steps)
		return f->decay;
	return f->power[f->near] - 1.0 + f->decay * f->m_at * grown +
	       (f->share > 0.0 ? f->power[f->far] * f->m_at * grown / (f->at[f->far] + distance) : 0.0);
}

/* Length of the panel that starts at v: short enough for the fastest fall in it. */
static double panel_length(const struct integrand *f, double v, double left)
{
	double length = f->log_steps && left > PANEL_LONG ? PANEL_LONG : left;
	int halvings;

	for (halvings = 0; halvings < 200; halvings++) {
		double rate = fall_rate(f, loy__exp(v + (f->log_steps ? length : 0.0)));

		if (!(rate * length > PANEL_FALL))
			break;
		/* Twice as short at least; where the rate does not change, right at once. */
		length = PANEL_FALL / rate > 0.5 * length ? PANEL_FALL / rate : 0.5 * length;
		if (PANEL_FALL / rate > 0.5 * length)
			break;
	}
	return length;
}

/* What a panel sums over; its nodes go through exp and log together, which waits less than one by one. */
struct nodes {
	int count;
	double v[LOY__GAUSS_POINTS], distance[LOY__GAUSS_POINTS]; /* y - t_x */
	double fell[LOY__GAUSS_POINTS]; /* log of how far the other factor's base has grown */
	double w[LOY__GAUSS_POINTS];    /* log of the integrand relative to t_x, then its weight in the sum */
};

static void find_nodes(struct nodes *n, const struct integrand *f)
{
	int i;

	for (i = 0; i < n->count; i++) {
		n->distance[i] = n->v[i];
		n->fell[i] = 0.0;
	}
	if (!f->log_steps)
		return;
	if (!f->steep)
		loy__exp_each(n->distance, n->count);
	for (i = 0; i < n->count; i++) {
		double grown = f->steep ? loy__expm1(n->v[i]) : n->distance[i] - 1.0;

		n->distance[i] = f->m_at * grown;
		n->fell[i] = f->steep ? loy__log1p(f->share * grown) : 1.0 + f->share * grown;
	}
	if (!f->steep)
		loy__log_each(n->fell, n->count);
}

/* Derivatives' moments of one node of weight w. */
static LOY__ALWAYS_INLINE void add_moments(struct moments *sums, const struct integrand *f, double w,
                                           double distance, const double fell[2])
{
	double value[4];
	size_t i, j, at = 0;

	for (i = 0; i < 2; i++) {
		int limit = !(f->scale[i] > 0.0);

		value[2 * i] = limit ? f->since - distance : f->log_T[i] - fell[i];
		value[2 * i + 1] = limit ? 0.0 : (f->t_x + distance) / (f->at[i] + distance);
	}
	for (i = 0; i < 4; i++) {
		double part = w * value[i];

		sums->one[i] += part;
		for (j = i; j < 4; j++, at++)
			sums->two[at] += part * value[j];
	}
}

/* A panel from v on. Returns the log of the integrand at its last node. */
static double add_panel(struct moments *sums, const struct integrand *f, double v, double length, int few,
                        int derivatives)
{
	const double *node = few ? loy__gauss_short_node : loy__gauss_node;
	const double *weight = few ? loy__gauss_short_weight : loy__gauss_weight;
	double slope = f->log_steps ? 1.0 - f->power[f->near] : 0.0, last, fell[2];
	struct nodes n;
	int i;

	n.count = few ? LOY__GAUSS_SHORT : LOY__GAUSS_POINTS;
	for (i = 0; i < n.count; i++)
		n.v[i] = v + length * node[i];
	find_nodes(&n, f);
	for (i = 0; i < n.count; i++)
		n.w[i] = slope * n.v[i] - f->power[f->far] * n.fell[i] - f->decay * n.distance[i];
	last = n.w[n.count - 1];
	loy__exp_each(n.w, n.count);
	for (i = 0; i < n.count; i++) {
		n.w[i] *= length * weight[i];
		sums->zero += n.w[i];
	}
	for (i = 0; derivatives && i < n.count; i++) {
		fell[f->near] = n.v[i];
		fell[f->far] = n.fell[i];
		add_moments(sums, f, n.w[i], n.distance[i], fell);
	}
	return last;
}

/* 1 when one panel of 8 points does for all of it: the common case, known without an exponential. */
static int one_short_panel(const struct integrand *f, double end)
{
	return f->log_steps && end <= SHORT_LONG &&
	       fall_rate(f, 1.0 + f->since / f->m_at) * end <= SHORT_FALL;
}

static LOY__NOINLINE void integrate(struct moments *sums, const struct integrand *f, int derivatives)
{
	double v = 0.0, end = f->log_steps ? f->log_T[f->near] : f->since, log_f = 0.0;
	int panels, few = one_short_panel(f, end);

	for (panels = 0; panels < 400 && v < end && log_f > -FALL_END; panels++) {
		double length = few ? end : panel_length(f, v, end - v);

		log_f = add_panel(sums, f, v, length, few, derivatives);
		v += length;
	}
}

/*
 * From moments of (La, u, Lb, w), u = 1 - alpha / (alpha + y), w the same of beta, to derivatives. Gradient: c La,
 * e (u - u_T) for rates, 1 + s Lb, s (w - w_T) + w - 1 for lives, which are affine; second derivatives of a node are
 * affine in those and in u^2, w^2.
 */
static void derive(loy__jet *out, const struct moments *sums, const struct integrand *f,
                   const loy__buying *model, double T)
{
	double slope[4], mean[4], square[2], u_T, w_T, s = model->p[2], r = model->p[0];
	int i, j, at = 0, life = model->drop == LOY__MIXED;

	for (i = 0; i < 4; i++)
		mean[i] = sums->one[i] / sums->zero;
	square[0] = sums->two[LOY__H11] / sums->zero;
	square[1] = sums->two[LOY__H33] / sums->zero;
	u_T = f->scale[0] > 0.0 ? T / (f->scale[0] + T) : 0.0;
	w_T = life ? T / (f->scale[1] + T) : 0.0;
	slope[0] = r;
	slope[1] = f->power[0];
	slope[2] = s;
	slope[3] = life ? s + 1.0 : 0.0;
	out->g[0] = r * mean[0];
	out->g[1] = f->power[0] * (mean[1] - u_T);
	out->g[2] = 1.0 + s * mean[2];
	out->g[3] = life ? s * (mean[3] - w_T) + mean[3] - 1.0 : 0.0;
	for (i = 0; i < 4; i++)
		for (j = i; j < 4; j++, at++)
			out->h[at] = slope[i] * slope[j] * (sums->two[at] / sums->zero - mean[i] * mean[j]);
	out->h[LOY__H00] += r * mean[0];
	if (f->scale[0] > 0.0) {
		out->h[LOY__H01] += r * (mean[1] - u_T);
		out->h[LOY__H11] += f->power[0] * (u_T * (1.0 - u_T) - (mean[1] - square[0]));
	}
	out->h[LOY__H22] += s * mean[2];
	if (life) {
		out->h[LOY__H23] += s * (mean[3] - w_T);
		out->h[LOY__H33] += s * w_T * (1.0 - w_T) - (s + 1.0) * (mean[3] - square[1]);
	}
}

/* The share pi left at the very beginning, so only customers without a repeat purchase can have left. */
static void split_odds(loy__jet *out, const loy__buying *model, double x, double T)
{
	double r = model->p[0], alpha = model->p[1], pi = model->p[2];

	out->v = (double)-INFINITY;
	if (x > 0.0)
		return;
	out->v = loy__log(pi) - loy__log1p(-pi);
	out->g[2] = 1.0;
	if (model->rate == LOY__SAME) {
		out->v += r * T;
		out->g[0] = out->h[LOY__H00] = r * T;
	} else {
		double late = loy__log1p(T / alpha), rest = T / (alpha + T);

		out->v += r * late;
		out->g[0] = out->h[LOY__H00] = r * late;
		out->g[1] = out->h[LOY__H01] = -r * rest;
		out->h[LOY__H11] = r * rest * (1.0 - rest);
	}
}

void loy__pareto_odds(loy__jet *out, const loy__buying *model, double x, double t_x, double T,
                      int derivatives)
{
	struct integrand f;
	struct moments sums;

	memset(out, 0, sizeof(*out));
	if (model->drop == LOY__SPLIT) {
		split_odds(out, model, x, T);
		return;
	}
	if (model->drop == LOY__NEVER || !(T > t_x)) {
		out->v = (double)-INFINITY;
		return;
	}
	integrand_init(&f, model, x, t_x, T);
	memset(&sums, 0, sizeof(sums));
	integrate(&sums, &f, derivatives);
	out->v = f.power[0] * f.log_T[0] + model->p[2] * f.log_T[1] + f.decay * f.since +
	         loy__log(model->p[2] * sums.zero * (f.log_steps ? f.m_at : 1.0) /
	                  (f.scale[1] > 0.0 ? f.at[1] : 1.0));
	if (derivatives)
		derive(out, &sums, &f, model, T);
}

double loy__pareto_alive(const loy__buying *model, double x, double t_x, double T)
{
	struct integrand f;
	struct moments sums;
	loy__jet odds;
	double exponent;

	if (model->drop == LOY__MIXED && model->rate == LOY__MIXED && T > t_x) {
		integrand_init(&f, model, x, t_x, T);
		exponent = f.power[0] * f.log_T[0] + model->p[2] * f.log_T[1];
		if (exponent < EXPONENT_MAX && one_short_panel(&f, f.log_T[f.near])) {
			sums.zero = 0.0;
			(void)add_panel(&sums, &f, 0.0, f.log_T[f.near], 1, 0);
			return 1.0 / (1.0 + loy__exp(exponent) * model->p[2] * sums.zero * f.m_at / f.at[1]);
		}
	}
	loy__pareto_odds(&odds, model, x, t_x, T, 0);
	return loy__logistic(-odds.v);
}
