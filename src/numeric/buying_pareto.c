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
 * panel's beginning is left out. Derivatives are those of the integrand. Error: 1e-13 relative, plus 1e-16
 * times the exponents.
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

/* 8 points, for panels that ask for no more. */
static const double short_node[8] = {
        0.01985507175123188415, 0.10166676129318663020, 0.23723379504183550709, 0.40828267875217509753,
        0.59171732124782490246, 0.76276620495816449290, 0.89833323870681336979, 0.98014492824876811584,
};
static const double short_weight[8] = {
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
	int near;        /* which one m belongs to */
	double log_T[2]; /* log((scale + T) / (scale + t_x)) */
	double since;    /* T - t_x */
};

/* Sums over nodes of weight times: 1, what the derivatives need, and its products. */
struct moments {
	double zero, one[4], two[10];
};

static void integrand_init(struct integrand *f, const loy__buying *model, double x, double t_x, double T)
{
	int i;

	memset(f, 0, sizeof(*f));
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
	f->m_at = f->at[f->near];
}

/* How fast the log of the integrand falls at v; `grown` is e^v. */
static double fall_rate(const struct integrand *f, double grown)
{
	double distance = f->m_at * (grown - 1.0); /* y - t_x */
	int far = !f->near;

	if (!f->log_steps)
		return f->decay;
	return f->power[f->near] - 1.0 + f->decay * f->m_at * grown +
	       (f->scale[far] > 0.0 ? f->power[far] * f->m_at * grown / (f->at[far] + distance) : 0.0);
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

/* One node: its weight times the integrand relative to t_x goes to the sums. Returns the log of the integrand. */
static LOY__ALWAYS_INLINE double add_node(struct moments *sums, const struct integrand *f, double v,
                                          double weight, int derivatives)
{
	double distance = v, fell[2] = {0.0, 0.0}, value[4], log_f, w;
	int near = f->near, far = !near;
	size_t i, j, at = 0;

	if (f->log_steps) {
		distance = f->m_at * (loy__exp(v) - 1.0);
		fell[near] = v;
		if (f->scale[far] > 0.0)
			fell[far] = loy__log((f->at[far] + distance) / f->at[far]);
	}
	log_f = (f->log_steps ? v : 0.0) - f->power[0] * fell[0] - f->power[1] * fell[1] -
	        f->decay * distance;
	w = weight * loy__exp(log_f);
	sums->zero += w;
	if (!derivatives)
		return log_f;
	for (i = 0; i < 2; i++) {
		int limit = !(f->scale[i] > 0.0);

		value[2 * i] = limit ? f->since - distance : f->log_T[i] - fell[i];
		value[2 * i + 1] = limit ? 0.0 : f->scale[i] / (f->at[i] + distance);
	}
	for (i = 0; i < 4; i++) {
		double part = w * value[i];

		sums->one[i] += part;
		for (j = i; j < 4; j++, at++)
			sums->two[at] += part * value[j];
	}
	return log_f;
}

/* The same nodes when both processes are mixed, for the value alone: the usual case of predictions. */
static double add_values(struct moments *sums, const struct integrand *f, double v, double length,
                         const double *node, const double *weight, int count)
{
	int far = !f->near, i;
	double slope = 1.0 - f->power[f->near], power = f->power[far], share = f->m_at / f->at[far],
	       log_f = 0.0, sum = 0.0;

	for (i = 0; i < count; i++) {
		double at = v + length * node[i];

		log_f = slope * at - power * loy__log(1.0 + share * (loy__exp(at) - 1.0));
		sum += weight[i] * loy__exp(log_f);
	}
	sums->zero += length * sum;
	return log_f;
}

/* 1 when one panel of 8 points does for all of it: the common case, known without an exponential. */
static int one_short_panel(const struct integrand *f, double end)
{
	return f->log_steps && end <= SHORT_LONG &&
	       fall_rate(f, 1.0 + f->since / f->m_at) * end <= SHORT_FALL;
}

static void integrate(struct moments *sums, const struct integrand *f, int derivatives)
{
	double v = 0.0, end = f->log_steps ? f->log_T[f->near] : f->since, log_f = 0.0;
	int i, panels, only_values = !derivatives && f->scale[0] > 0.0 && f->scale[1] > 0.0;
	int few = one_short_panel(f, end), count = few ? 8 : LOY__GAUSS_POINTS;
	const double *node = few ? short_node : loy__gauss_node;
	const double *weight = few ? short_weight : loy__gauss_weight;

	for (panels = 0; panels < 400 && v < end && log_f > -FALL_END; panels++) {
		double length = few ? end : panel_length(f, v, end - v);

		if (only_values) {
			log_f = add_values(sums, f, v, length, node, weight, count);
		} else {
			for (i = 0; i < count; i++)
				log_f = add_node(sums, f, v + length * node[i], length * weight[i],
				                 derivatives);
		}
		v += length;
	}
}

/*
 * From moments of (La, q, Lb, p) to derivatives. Gradient: c La, e (q_T - q) for rates, 1 + s Lb, s p_T - (s
 * + 1) p for lives, which are affine; second derivatives of a node are affine in those and in q^2, p^2.
 */
static void derive(loy__jet *out, const struct moments *sums, const struct integrand *f,
                   const loy__buying *model, double T)
{
	double slope[4], mean[4], square[2], q_T, p_T, s = model->p[2], r = model->p[0];
	int i, j, at = 0, life = model->drop == LOY__MIXED;

	for (i = 0; i < 4; i++)
		mean[i] = sums->one[i] / sums->zero;
	square[0] = sums->two[LOY__H11] / sums->zero;
	square[1] = sums->two[LOY__H33] / sums->zero;
	q_T = f->scale[0] > 0.0 ? f->scale[0] / (f->scale[0] + T) : 0.0;
	p_T = life ? f->scale[1] / (f->scale[1] + T) : 0.0;
	slope[0] = r;
	slope[1] = -f->power[0];
	slope[2] = s;
	slope[3] = life ? -(s + 1.0) : 0.0;
	out->g[0] = r * mean[0];
	out->g[1] = f->power[0] * (q_T - mean[1]);
	out->g[2] = 1.0 + s * mean[2];
	out->g[3] = life ? s * p_T - (s + 1.0) * mean[3] : 0.0;
	for (i = 0; i < 4; i++)
		for (j = i; j < 4; j++, at++)
			out->h[at] = slope[i] * slope[j] * (sums->two[at] / sums->zero - mean[i] * mean[j]);
	out->h[LOY__H00] += r * mean[0];
	if (f->scale[0] > 0.0) {
		out->h[LOY__H01] += r * (q_T - mean[1]);
		out->h[LOY__H11] += f->power[0] * (q_T * (1.0 - q_T) - (mean[1] - square[0]));
	}
	out->h[LOY__H22] += s * mean[2];
	if (life) {
		out->h[LOY__H23] += s * (p_T - mean[3]);
		out->h[LOY__H33] += s * p_T * (1.0 - p_T) - (s + 1.0) * (mean[3] - square[1]);
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
			(void)add_values(&sums, &f, 0.0, f.log_T[f.near], short_node, short_weight, 8);
			return 1.0 / (1.0 + loy__exp(exponent) * model->p[2] * sums.zero * f.m_at / f.at[1]);
		}
	}
	loy__pareto_odds(&odds, model, x, t_x, T, 0);
	return loy__logistic(-odds.v);
}
