/*
 * Families of models and their limits: which parameters there are, what they are called, how they become free
 * to move over all real numbers, and what covariates do to them.
 *
 * Effects (as CLVTools has them): alpha_i = alpha exp(-trans' z), Pareto beta_i = beta exp(-life' z), BG and
 * MBG a_i = a exp(life' z) and b_i = b exp(life' z). In limits: lambda_i = lambda exp(trans' z), mu_i = mu
 * exp(life' z); where all have one probability of dropping out, life effects have nothing to act on and leave
 * the model.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

int loy__form_buys(const loy__form *form)
{
	return form->family == LOY_LIFETIME_MBG_NBD || form->family == LOY_LIFETIME_BG_NBD ||
	       form->family == LOY_LIFETIME_PARETO_NBD || form->family == LOY_LIFETIME_MBG_CNBD;
}

uint32_t loy__form_kind(const loy__form *form)
{
	if (form->family == LOY_LIFETIME_BG_BB)
		return LOY_LIFETIME_OPPORTUNITIES;
	return form->family == LOY_LIFETIME_SBG || form->family == LOY_LIFETIME_BDW ? LOY_LIFETIME_CONTRACTS
	                                                                            : LOY_LIFETIME_PURCHASES;
}

int loy__form_exists(const loy__form *form)
{
	if ((form->rate > LOY__SAME && (form->rate != LOY__SPLIT || form->family != LOY_LIFETIME_BG_BB)) ||
	    form->drop > LOY__SPLIT)
		return 0;
	switch (form->family) {
	case LOY_LIFETIME_GAMMA_GAMMA:
		return form->drop <= LOY__SAME && !(form->rate == LOY__SAME && form->drop == LOY__SAME);
	case LOY_LIFETIME_SBG:
		return form->rate == LOY__MIXED;
	case LOY_LIFETIME_BDW:
		return form->rate == LOY__MIXED && form->drop != LOY__NEVER;
	default:
		return 1;
	}
}

static void add_slot(loy__layout *out, uint8_t slot, uint8_t kind)
{
	out->slot[out->n] = slot;
	out->kind[out->n] = kind;
	out->n++;
}

static void add_effects(loy__layout *out, uint32_t bits, uint32_t *count)
{
	uint8_t i;

	for (i = 0; i < LOY_LIFETIME_COVARIATES_MAX; i++) {
		if ((bits >> i & 1u) != 0) {
			out->covariate[out->n++] = i;
			++*count;
		}
	}
}

/* The first two slots: how fast. */
static void rate_slots(loy__layout *out, const loy__form *form)
{
	int discrete = form->family == LOY_LIFETIME_BG_BB;

	if (form->family == LOY_LIFETIME_SBG)
		return;
	if (form->family == LOY_LIFETIME_BDW) {
		add_slot(out, 0, LOY__LOG); /* c */
		return;
	}
	if (form->rate == LOY__MIXED) {
		add_slot(out, 0, LOY__LOG);
		add_slot(out, 1, LOY__LOG);
		out->rate_way[1] = -1.0;
	} else {
		add_slot(out, 0, discrete ? LOY__LOGIT : LOY__LOG);
		out->rate_way[0] = 1.0;
	}
}

/* The last two: how long. */
static void drop_slots(loy__layout *out, const loy__form *form)
{
	int in_time = form->family == LOY_LIFETIME_PARETO_NBD;

	switch (form->drop) {
	case LOY__MIXED:
		add_slot(out, 2, LOY__LOG);
		add_slot(out, 3, LOY__LOG);
		out->life_way[2] = in_time ? 0.0 : 1.0;
		out->life_way[3] = in_time ? -1.0 : 1.0;
		break;
	case LOY__SAME:
		add_slot(out, 2, in_time ? LOY__LOG : LOY__LOGIT);
		out->life_way[2] = in_time ? 1.0 : 0.0;
		break;
	case LOY__SPLIT:
		add_slot(out, 2, LOY__LOGIT);
		break;
	default:
		break;
	}
}

/* p, q, gamma; rate SAME: p without end (q, gamma p); drop SAME: q without end (p, q / gamma). */
static void spend_slots(loy__layout *out, const loy__form *form)
{
	if (form->rate == LOY__MIXED)
		add_slot(out, 0, LOY__LOG);
	if (form->drop == LOY__MIXED)
		add_slot(out, 1, LOY__LOG);
	add_slot(out, 2, LOY__LOG);
}

void loy__form_layout(loy__layout *out, const loy__form *form)
{
	memset(out, 0, sizeof(*out));
	if (form->family == LOY_LIFETIME_GAMMA_GAMMA) {
		spend_slots(out, form);
		out->base = out->n;
		return;
	}
	rate_slots(out, form);
	drop_slots(out, form);
	if (form->family == LOY_LIFETIME_BDW && form->drop == LOY__MIXED) { /* alpha, beta, c */
		out->slot[0] = 2;
		out->slot[1] = 3;
		out->slot[2] = 0;
	}
	out->base = out->n;
	add_effects(out, form->rate_covariates, &out->rates);
	if (out->life_way[2] != 0.0 || out->life_way[3] != 0.0)
		add_effects(out, form->life_covariates, &out->lives);
}

static const char *base_name(const loy__form *form, uint32_t slot)
{
	static const char spend[3][8] = {"p", "q", "gamma"},
	                  discrete[4][8] = {"alpha", "beta", "gamma", "delta"};
	static const char bought[4][8] = {"r", "alpha", "a", "b"}, timed[4][8] = {"r", "alpha", "s", "beta"};
	static const char contract[4][8] = {"c", "", "alpha", "beta"};

	if (form->family == LOY_LIFETIME_GAMMA_GAMMA) {
		if (slot == 2 && form->rate == LOY__SAME)
			return "scale";
		return slot == 2 && form->drop == LOY__SAME ? "rate" : spend[slot];
	}
	if (slot == 0 && form->rate == LOY__SPLIT)
		return "rho";
	if (slot == 0 && form->rate == LOY__SAME)
		return form->family == LOY_LIFETIME_BG_BB ? "p" : "lambda";
	if (slot == 2 && form->drop == LOY__SPLIT)
		return "pi";
	if (slot == 2 && form->drop == LOY__SAME) {
		if (form->family == LOY_LIFETIME_PARETO_NBD)
			return "mu";
		return loy__form_buys(form) ? "p" : "theta";
	}
	if (slot == 0 && form->family == LOY_LIFETIME_BDW && form->drop == LOY__SPLIT)
		return "kappa";
	switch (form->family) {
	case LOY_LIFETIME_BG_BB:
		return discrete[slot];
	case LOY_LIFETIME_SBG:
	case LOY_LIFETIME_BDW:
		return contract[slot];
	case LOY_LIFETIME_PARETO_NBD:
		return timed[slot];
	default:
		return bought[slot];
	}
}

void loy__form_name(char out[LOY__NAME_SIZE], const loy__form *form, const loy__layout *layout,
                    uint32_t parameter)
{
	const char *stem;
	size_t length;

	memset(out, 0, LOY__NAME_SIZE);
	if (parameter < layout->base)
		stem = base_name(form, layout->slot[parameter]);
	else
		stem = parameter < layout->base + layout->rates ? "trans." : "life.";
	length = strlen(stem);
	memcpy(out, stem, length);
	if (parameter >= layout->base)
		(void)loy__integer_write(layout->covariate[parameter] + 1, out + length);
}

uint32_t loy__form_boundary(const loy__form *form)
{
	uint32_t bits = form->rate == LOY__SAME    ? LOY_BOUNDARY_SAME_RATE
	                : form->rate == LOY__SPLIT ? LOY_BOUNDARY_SPLIT_RATE
	                                           : 0u;

	if (form->drop == LOY__SAME)
		bits |= LOY_BOUNDARY_SAME_DROPOUT;
	else if (form->drop == LOY__NEVER)
		bits |= LOY_BOUNDARY_NO_DROPOUT;
	else if (form->drop == LOY__SPLIT)
		bits |= LOY_BOUNDARY_SPLIT_DROPOUT;
	return bits;
}

void loy__from_free(const loy__layout *layout, const double *theta, double *values)
{
	uint32_t i;

	for (i = 0; i < layout->n; i++) {
		if (i >= layout->base)
			values[i] = theta[i];
		else
			values[i] =
			        layout->kind[i] == LOY__LOG ? loy__exp(theta[i]) : loy__logistic(theta[i]);
	}
}

void loy__to_free(const loy__layout *layout, const double *values, double *theta)
{
	uint32_t i;

	for (i = 0; i < layout->n; i++) {
		if (i >= layout->base)
			theta[i] = values[i];
		else if (layout->kind[i] == LOY__LOG)
			theta[i] = loy__log(values[i]);
		else
			theta[i] = loy__log(values[i]) - loy__log1p(-values[i]);
	}
}

double loy__free_slope(const loy__layout *layout, uint32_t parameter, double value)
{
	if (parameter >= layout->base)
		return 1.0;
	return layout->kind[parameter] == LOY__LOG ? value : value * (1.0 - value);
}

void loy__form_buying(loy__buying *out, const loy__form *form, const loy__layout *layout,
                      const double *values, const double *z)
{
	double rate = 0.0, life = 0.0;
	uint32_t i;

	memset(out, 0, sizeof(*out));
	out->leave = form->family == LOY_LIFETIME_BG_NBD       ? LOY__LEAVE_BG
	             : form->family == LOY_LIFETIME_PARETO_NBD ? LOY__LEAVE_TIME
	                                                       : LOY__LEAVE_MBG;
	out->k = form->k > 0 ? form->k : 1;
	out->rate = form->rate;
	out->drop = form->drop;
	for (i = 0; i < layout->base; i++)
		out->p[layout->slot[i]] = values[i];
	if (z == NULL || layout->n == layout->base)
		return;
	for (i = layout->base; i < layout->base + layout->rates; i++)
		rate += values[i] * z[layout->covariate[i]];
	for (; i < layout->n; i++)
		life += values[i] * z[layout->covariate[i]];
	for (i = 0; i < 4; i++) {
		double way = layout->rate_way[i] * rate + layout->life_way[i] * life;

		if (way != 0.0)
			out->p[i] *= loy__exp(way);
	}
}
