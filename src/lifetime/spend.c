/*
 * Gamma-gamma: mean spend z of x purchases is gamma(p x, nu x) given the customer's nu, which is gamma(q,
 * gamma) (Fader & Hardie, "The gamma-gamma model of monetary value", 2013). With S = gamma + x z,
 *	log L = log gamma(p x + q) / (gamma(p x) gamma(q)) + q log(gamma / S) + p x log(x z / S) - log z.
 * Limits: p without end (every purchase of a customer costs the same: z is inverse gamma(q, gamma p)); q
 * without end (customers are alike: z is gamma(p x, x q / gamma)).
 */
#include "fit.h"

#include <string.h>

static void purchases_alike(loy__jet *out, double q, double scale, double z)
{
	double ratio = scale / z, digamma = loy__digamma(q), log_ratio = loy__log(ratio);

	out->v = q * log_ratio - loy__lgamma(q, NULL) - loy__log(z) - ratio;
	out->g[1] = q * (log_ratio - digamma);
	out->h[LOY__H11] = out->g[1] - q * q * loy__trigamma(q);
	out->h[LOY__H12] = q;
	out->g[2] = q - ratio;
	out->h[LOY__H22] = -ratio;
}

static void customers_alike(loy__jet *out, double p, double nu, double x, double z)
{
	double shape = p * x, scaled = nu * x * z, log_scaled = loy__log(scaled);

	out->v = shape * log_scaled - loy__lgamma(shape, NULL) - loy__log(z) - scaled;
	out->g[0] = shape * (log_scaled - loy__digamma(shape));
	out->h[LOY__H00] = out->g[0] - shape * shape * loy__trigamma(shape);
	out->h[LOY__H02] = shape;
	out->g[2] = shape - scaled;
	out->h[LOY__H22] = -scaled;
}

void loy__spend_part_init(loy__spend_part *part, const double p[4], const loy__form *form, double x)
{
	double shape = p[0] * x, q = p[1];

	memset(part, 0, sizeof(*part));
	part->x = x;
	if (form->rate == LOY__SAME || form->drop == LOY__SAME)
		return;
	loy__gamma_diff(shape, q, part->over_shape);
	loy__gamma_diff(q, shape, part->over_q);
	part->trigamma = loy__trigamma(shape + q);
	/* log gamma(shape + q) / (gamma(shape) gamma(q)): the difference from the larger, for the two cancel */
	part->log_beta = q > shape ? part->over_q[0] - loy__lgamma(shape, NULL)
	                           : part->over_shape[0] - loy__lgamma(q, NULL);
}

void loy__spend_row(loy__jet *out, const double p[4], const loy__form *form, const loy__spend_part *part,
                    double z)
{
	double x = part->x, shape = p[0] * x, q = p[1], gamma = p[2], total = gamma + x * z,
	       u = gamma / total;
	double rest = x * z / total, log_u = -loy__log1p(x * z / gamma),
	       log_rest = -loy__log1p(gamma / (x * z));

	memset(out, 0, sizeof(*out));
	if (form->rate == LOY__SAME) {
		purchases_alike(out, q, gamma, z);
		return;
	}
	if (form->drop == LOY__SAME) {
		customers_alike(out, p[0], gamma, x, z);
		return;
	}
	out->v = part->log_beta + q * log_u + shape * log_rest - loy__log(z);
	out->g[0] = shape * (part->over_shape[1] + log_rest);
	out->g[1] = q * (part->over_q[1] + log_u);
	out->g[2] = q * rest - shape * u;
	out->h[LOY__H00] = out->g[0] + shape * shape * part->over_shape[2];
	out->h[LOY__H01] = shape * q * part->trigamma;
	out->h[LOY__H02] = -shape * u;
	out->h[LOY__H11] = out->g[1] + q * q * part->over_q[2];
	out->h[LOY__H12] = q * rest;
	out->h[LOY__H22] = -(shape + q) * u * rest;
}
