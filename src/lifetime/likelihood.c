/*
 * The log-likelihood of all rows with first and second derivatives, as the search wants it. Rows are gone
 * through in canonical order and their terms added with what rounding took carried along (Neumaier 1974), so
 * the sum is a function of the set of rows.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

static const uint8_t pair_at[4][4] = {{LOY__H00, LOY__H01, LOY__H02, LOY__H03},
                                      {LOY__H01, LOY__H11, LOY__H12, LOY__H13},
                                      {LOY__H02, LOY__H12, LOY__H22, LOY__H23},
                                      {LOY__H03, LOY__H13, LOY__H23, LOY__H33}};

void loy__row_jet(loy__jet *out, const loy__form *form, const loy__buying *buying,
                  const loy__buying_part *part, const loy__fit_row *row, int derivatives)
{
	switch (form->family) {
	case LOY_LIFETIME_GAMMA_GAMMA:
		loy__spend_row(out, buying->p, form, row->x, row->spend);
		break;
	case LOY_LIFETIME_BG_BB:
		loy__discrete_row(out, buying, row->x, row->t_x, row->T);
		break;
	case LOY_LIFETIME_SBG:
	case LOY_LIFETIME_BDW:
		loy__contract_row(out, buying, form, row->T, row->x > 0.0);
		break;
	default:
		loy__buying_row(out, buying, part, row->t_x, row->T, derivatives);
		break;
	}
}

/* Sums so far. */
struct total {
	double value, carry;
	loy__jet base;
	double *gradient, *hessian; /* of the effects' rows and columns; only used with effects */
};

static void add_value(struct total *total, double v)
{
	double sum = total->value + v;

	total->carry += fabs(total->value) >= fabs(v) ? (total->value - sum) + v : (v - sum) + total->value;
	total->value = sum;
}

static void add_base(loy__jet *sum, const loy__jet *jet, double w)
{
	int i;

	for (i = 0; i < 4; i++)
		sum->g[i] += w * jet->g[i];
	for (i = 0; i < 10; i++)
		sum->h[i] += w * jet->h[i];
}

/* What one row adds to the derivatives by effects: each effect moves the slots along its way, times the covariate. */
static void add_effects(struct total *total, const loy__layout *layout, const loy__jet *jet, double w,
                        const double *z)
{
	const double *way[2] = {layout->rate_way, layout->life_way};
	double first[2] = {0.0, 0.0}, cross[2][4], second[2][2];
	uint32_t i, j, s, t, n = layout->n;

	for (s = 0; s < 2; s++) {
		for (i = 0; i < 4; i++) {
			first[s] += way[s][i] * jet->g[i];
			cross[s][i] = 0.0;
			for (j = 0; j < 4; j++)
				cross[s][i] += way[s][j] * jet->h[pair_at[i][j]];
		}
	}
	for (s = 0; s < 2; s++) {
		for (t = 0; t < 2; t++) {
			second[s][t] = 0.0;
			for (i = 0; i < 4; i++)
				second[s][t] += way[t][i] * cross[s][i];
		}
	}
	for (i = layout->base; i < n; i++) {
		double at = w * z[layout->covariate[i]];

		s = i < layout->base + layout->rates ? 0 : 1;
		total->gradient[i] += at * first[s];
		for (j = 0; j < layout->base; j++)
			total->hessian[i * n + j] += at * cross[s][layout->slot[j]];
		for (j = layout->base; j <= i; j++) {
			t = j < layout->base + layout->rates ? 0 : 1;
			total->hessian[i * n + j] += at * z[layout->covariate[j]] * second[s][t];
		}
	}
}

/* Sums in slots become sums in parameters; the penalty; the other triangle. */
static void finish(const loy__problem *problem, struct total *total, const double *theta, double *value,
                   double *gradient, double *hessian)
{
	const loy__layout *layout = &problem->layout;
	uint32_t i, j, n = layout->n;
	double penalty = 0.0;

	for (i = 0; i < layout->base; i++) {
		gradient[i] = total->base.g[layout->slot[i]];
		for (j = 0; j <= i; j++)
			hessian[i * n + j] = total->base.h[pair_at[layout->slot[i]][layout->slot[j]]];
	}
	for (i = 0; i < n; i++) {
		penalty += theta[i] * theta[i];
		gradient[i] -= problem->ridge * theta[i];
		hessian[i * n + i] -= problem->ridge;
		for (j = 0; j < i; j++)
			hessian[j * n + i] = hessian[i * n + j];
	}
	*value = total->value + total->carry - 0.5 * problem->ridge * penalty;
}

loy_status loy__likelihood(void *context, const double *theta, double *value, double *gradient,
                           double *hessian)
{
	loy__problem *problem = context;
	const loy__layout *layout = &problem->layout;
	int buys = loy__form_buys(&problem->form), effects = layout->n > layout->base;
	double *values = problem->scratch;
	loy__buying buying;
	loy__buying_part part;
	struct total total;
	loy__jet jet;
	size_t i;

	memset(&total, 0, sizeof(total));
	memset(gradient, 0, layout->n * sizeof(double));
	memset(hessian, 0, (size_t)layout->n * layout->n * sizeof(double));
	memset(&part, 0, sizeof(part));
	total.gradient = gradient;
	total.hessian = hessian;
	loy__from_free(layout, theta, values);
	*value = (double)-INFINITY;
	for (i = 0; i < layout->base; i++) {
		if (!(values[i] > 0.0 && values[i] < 1e100) ||
		    (layout->kind[i] == LOY__LOGIT && !(values[i] < 1.0)))
			return LOY_OK; /* outside */
	}
	loy__form_buying(&buying, &problem->form, layout, values, NULL);
	for (i = 0; i < problem->count; i++) {
		const loy__fit_row *row = &problem->rows[i];

		if (effects)
			loy__form_buying(&buying, &problem->form, layout, values, row->z);
		if (buys && (effects || i == 0 || row->x != part.x))
			loy__buying_part_init(&part, &buying, row->x, 1);
		loy__row_jet(&jet, &problem->form, &buying, &part, row, 1);
		if (!(jet.v > -DBL_MAX))
			return LOY_OK;
		add_value(&total, row->weight * jet.v);
		add_base(&total.base, &jet, row->weight);
		if (effects)
			add_effects(&total, layout, &jet, row->weight, row->z);
	}
	finish(problem, &total, theta, value, gradient, hessian);
	problem->value = total.value + total.carry;
	return LOY_OK;
}
