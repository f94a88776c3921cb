/* One question about one customer. */
#include "fit.h"

#include <math.h>
#include <string.h>

#define PERIODS_MAX 1000000.0 /* most periods summed over one by one */
#define ROUNDING    1e-17

static int may_ask(uint32_t quantity, const loy_lifetime *model)
{
	int contract = loy__form_kind(&model->form) == LOY_LIFETIME_CONTRACTS;

	if (model->form.family == LOY_LIFETIME_GAMMA_GAMMA)
		return quantity == LOY_ASK_SPEND || quantity == LOY_ASK_LOG_LIKELIHOOD;
	switch (quantity) {
	case LOY_ASK_ALIVE:
	case LOY_ASK_LOG_LIKELIHOOD:
		return 1;
	case LOY_ASK_SPEND:
	case LOY_ASK_PURCHASES:
	case LOY_ASK_DISCOUNTED:
	case LOY_ASK_VALUE:
		return !contract;
	case LOY_ASK_RETENTION:
	case LOY_ASK_RENEWALS:
		return contract;
	default:
		return 0;
	}
}

/* Units in a year, as the literature counts them. */
static double year_of(const loy_lifetime_ask *ask, int64_t unit)
{
	if (ask->year != 0.0)
		return ask->year;
	if (unit == LOY_WEEK)
		return 52.0;
	return unit == LOY_DAY ? 365.0 : 365.25 * (double)LOY_DAY / (double)unit;
}

loy_status loy__question_init(loy__question *out, const loy_lifetime_ask *ask, const loy_lifetime *model,
                              const loy_lifetime *spend)
{
	double level = ask->level != 0.0 ? ask->level : 0.95, year = year_of(ask, model->info.unit);
	int spends = ask->quantity == LOY_ASK_SPEND || ask->quantity == LOY_ASK_VALUE, discounts, whole;

	if (!may_ask(ask->quantity, model) || ask->reserved != 0)
		return LOY_EINVAL;
	if (spends && model->form.family != LOY_LIFETIME_GAMMA_GAMMA &&
	    (spend == NULL || spend->form.family != LOY_LIFETIME_GAMMA_GAMMA))
		return LOY_EINVAL;
	if (spends && ((model->form.family == LOY_LIFETIME_GAMMA_GAMMA ? model : spend)->info.boundary &
	               LOY_BOUNDARY_NO_MEAN) != 0)
		return LOY_EUNKNOWN;
	out->quantity = ask->quantity;
	out->from = ask->from;
	out->to = ask->to;
	discounts = ask->quantity == LOY_ASK_DISCOUNTED || ask->quantity == LOY_ASK_VALUE ||
	            ask->quantity == LOY_ASK_RENEWALS;
	if (!(ask->from >= 0.0 && ask->from <= 1e12 && ask->to >= ask->from && ask->discount > -1.0 &&
	      ask->discount <= 1e6 && year > 0.0 && year <= 1e12 && level > 0.0 && level < 1.0))
		return LOY_ERANGE;
	out->delta = discounts ? loy__log1p(ask->discount) / year : 0.0;
	if (ask->to > 1e12 && !(discounts && ask->to > DBL_MAX && out->delta > 0.0))
		return LOY_ERANGE;
	whole = loy__form_kind(&model->form) != LOY_LIFETIME_PURCHASES;
	if (whole && (ask->from != floor(ask->from) || ask->to != floor(ask->to) ||
	              (ask->to > PERIODS_MAX && !(out->delta >= 40.0 / PERIODS_MAX))))
		return LOY_ERANGE;
	out->quantile = loy__normal_quantile(0.5 + 0.5 * level);
	return LOY_OK;
}

/* ---- buying in continuous time ------------------------------------------------------------------------------ */

static int shortcut(const loy_lifetime *model, uint32_t of, const loy__fit_row *row)
{
	return of == 0 && model->shortcuts != NULL && row->x < (double)LOY__SHORTCUTS;
}

double loy__alive(const loy_lifetime *model, const loy__fit_row *row)
{
	const loy__buying *buying = &model->variants[0].buying;
	double odds;

	if (!shortcut(model, 0, row))
		return loy__buying_alive(buying, row->x, row->t_x, row->T);
	odds = model->shortcuts[(uint32_t)row->x].odds;
	odds += (buying->p[0] + row->x) * loy__log1p((row->T - row->t_x) / (buying->p[1] + row->t_x));
	return loy__logistic(-odds);
}

double loy__bought(const loy_lifetime *model, const loy__question *question, const loy__fit_row *row)
{
	const loy__buying *buying = &model->variants[0].buying;
	const loy__shortcut *cut = NULL;
	double to, from = 0.0;

	if (shortcut(model, 0, row))
		cut = &model->shortcuts[(uint32_t)row->x];
	to = cut != NULL ? loy__buying_expected_with(buying, row->x, row->T, question->to, cut->coefficients,
	                                             cut->count)
	                 : loy__buying_expected_alive(buying, row->x, row->t_x, row->T, question->to);
	if (question->from > 0.0)
		from = cut != NULL
		               ? loy__buying_expected_with(buying, row->x, row->T, question->from,
		                                           cut->coefficients, cut->count)
		               : loy__buying_expected_alive(buying, row->x, row->t_x, row->T, question->from);
	return to - from;
}

/* Expected discounted purchases of one who is alive for sure. */
static double discounted(const loy_lifetime *model, const loy__buying *buying, const loy__question *question,
                         const loy__fit_row *row)
{
	const loy__shortcut *cut = NULL;

	if (buying == &model->variants[0].buying && shortcut(model, 0, row))
		cut = &model->shortcuts[(uint32_t)row->x];
	return loy__buying_discounted_with(buying, row->x, row->t_x, row->T, question->delta, question->from,
	                                   question->to, cut != NULL ? cut->coefficients : NULL,
	                                   cut != NULL ? cut->count : 0);
}

static double buying_answer(const loy_lifetime *model, uint32_t of, const loy__buying *buying,
                            const loy__question *question, const loy__fit_row *row)
{
	double alive, x = row->x, t_x = row->t_x, T = row->T;

	if (question->quantity == LOY_ASK_LOG_LIKELIHOOD)
		return loy__buying_log_likelihood(buying, x, t_x, T);
	alive = buying == &model->variants[0].buying ? loy__alive(model, row)
	                                             : loy__buying_alive(buying, x, t_x, T);
	if (question->quantity == LOY_ASK_ALIVE)
		return alive;
	if (question->quantity == LOY_ASK_DISCOUNTED || question->quantity == LOY_ASK_VALUE)
		return alive * discounted(model, buying, question, row);
	if (of == 0 && buying == &model->variants[0].buying)
		return alive * loy__bought(model, question, row);
	alive *= loy__buying_expected_alive(buying, x, t_x, T, question->to) -
	         (question->from > 0.0 ? loy__buying_expected_alive(buying, x, t_x, T, question->from) : 0.0);
	return alive;
}

/* ---- opportunities ------------------------------------------------------------------------------------------ */

/* E[(1 - theta)^m] as a log, and the chance to stay on from the m-th opportunity. */
static double log_stay(const loy__buying *b, double m)
{
	double moment[6];

	switch (b->drop) {
	case LOY__MIXED:
		loy__beta_moment(b->p[2], b->p[3], 0.0, m, moment);
		return moment[0];
	case LOY__SAME:
		return m * loy__log1p(-b->p[2]);
	case LOY__SPLIT:
		return m > 0.0 ? loy__log1p(-b->p[2]) : 0.0;
	default:
		return 0.0;
	}
}

static double stay_on(const loy__buying *b, double m)
{
	switch (b->drop) {
	case LOY__MIXED:
		return (b->p[3] + m) / (b->p[2] + b->p[3] + m);
	case LOY__SAME:
		return 1.0 - b->p[2];
	case LOY__SPLIT:
		return m > 0.0 ? 1.0 : 1.0 - b->p[2];
	default:
		return 1.0;
	}
}

/* sum over j in (from, to] of v^(j - shift) times the chance to be there at m + j, given m; log v is -delta. */
static double sum_stays(const loy__buying *b, const loy__question *q, double m, double shift)
{
	double v = loy__exp(-q->delta), weight = loy__exp(log_stay(b, m + q->from) - log_stay(b, m)),
	       sum = 0.0, j;
	double discount = loy__exp(-q->delta * (q->from + 1.0 - shift));

	for (j = q->from + 1.0; j <= q->to && j <= q->from + PERIODS_MAX; j += 1.0) {
		weight *= stay_on(b, m + j - 1.0);
		sum += discount * weight;
		discount *= v;
		if (v < 1.0 && discount * weight <= ROUNDING * (1.0 - v) * sum)
			break;
	}
	return sum;
}

static double opportunity_answer(const loy__buying *b, const loy__question *q, const loy__fit_row *row)
{
	loy__jet jet;
	double moment[6], alive, mean;

	loy__discrete_row(&jet, b, row->x, row->t_x, row->T);
	if (q->quantity == LOY_ASK_LOG_LIKELIHOOD)
		return jet.v;
	if (b->rate == LOY__MIXED) {
		loy__beta_moment(b->p[0], b->p[1], row->x, row->T - row->x, moment);
		mean = (b->p[0] + row->x) / (b->p[0] + b->p[1] + row->T);
	} else if (b->rate == LOY__SPLIT) { /* who bought once buys always, who let a chance go never buys */
		moment[0] = row->x > 0.0 ? loy__log(b->p[0]) : row->T > 0.0 ? loy__log1p(-b->p[0]) : 0.0;
		mean = row->x > 0.0 ? 1.0 : row->T > 0.0 ? 0.0 : b->p[0];
		if (!(jet.v > -DBL_MAX) || (row->x > 0.0 && row->x < row->t_x))
			return (double)NAN; /* a history that the model excludes */
		if (row->x > 0.0 && row->T > row->x)
			moment[0] =
			        (double)-INFINITY; /* the first chance let go tells that the customer left */
	} else {
		moment[0] = (row->x > 0.0 ? row->x * loy__log(b->p[0]) : 0.0) +
		            (row->T - row->x) * loy__log1p(-b->p[0]);
		mean = b->p[0];
	}
	if (q->quantity == LOY_ASK_ALIVE)
		return loy__exp(moment[0] + log_stay(b, row->T + q->to) - jet.v);
	alive = loy__exp(moment[0] + log_stay(b, row->T) - jet.v);
	return alive * mean * sum_stays(b, q, row->T, 0.0);
}

/* ---- contracts ---------------------------------------------------------------------------------------------- */

static double log_contract(const loy_lifetime *model, const loy__buying *b, double T)
{
	loy__jet jet;

	loy__contract_row(&jet, b, &model->form, T, 0);
	return jet.v;
}

static double contract_answer(const loy_lifetime *model, const loy__buying *b, const loy__question *q,
                              const loy__fit_row *row)
{
	double now, v = loy__exp(-q->delta), discount, sum = 0.0, j;
	loy__jet jet;

	if (q->quantity == LOY_ASK_LOG_LIKELIHOOD) {
		loy__contract_row(&jet, b, &model->form, row->T, row->x > 0.0);
		return jet.v;
	}
	if (row->x > 0.0)
		return 0.0; /* it has ended */
	now = log_contract(model, b, row->T);
	if (q->quantity == LOY_ASK_ALIVE)
		return loy__exp(log_contract(model, b, row->T + q->to) - now);
	if (q->quantity == LOY_ASK_RETENTION)
		return loy__exp(log_contract(model, b, row->T + 1.0) - now);
	if (model->form.family == LOY_LIFETIME_SBG)
		return sum_stays(b, q, row->T, 1.0);
	discount = loy__exp(-q->delta * q->from);
	for (j = q->from + 1.0; j <= q->to && j <= q->from + PERIODS_MAX; j += 1.0) {
		double stay = discount * loy__exp(log_contract(model, b, row->T + j) - now);

		sum += stay;
		discount *= v;
		if (stay <= ROUNDING * (v < 1.0 ? 1.0 - v : 0.0) * sum)
			break;
	}
	return sum;
}

/* ---- spend -------------------------------------------------------------------------------------------------- */

static double spend_answer(const loy_lifetime *model, const double p[4], const loy__fit_row *row)
{
	double x = row->spend > 0.0 ? row->x : 0.0;

	if (model->form.drop == LOY__SAME)
		return p[0] / p[2];
	if (model->form.rate == LOY__SAME)
		return x > 0.0 ? row->spend : p[2] / (p[1] - 1.0);
	return p[0] * (p[2] + x * row->spend) / (p[0] * x + p[1] - 1.0);
}

double loy__answer(const loy_lifetime *model, uint32_t of, const loy_lifetime *spend, uint32_t of_spend,
                   const loy__question *question, const loy__fit_row *row)
{
	const loy__variant *variant = &model->variants[of];
	const loy__buying *buying = &variant->buying;
	loy__buying own;
	loy__spend_part part;
	loy__jet jet;
	double answer;

	if (question->quantity == LOY_ASK_SPEND)
		return model->form.family == LOY_LIFETIME_GAMMA_GAMMA
		               ? spend_answer(model, buying->p, row)
		               : spend_answer(spend, spend->variants[of_spend].buying.p, row);
	if (model->form.family == LOY_LIFETIME_GAMMA_GAMMA) {
		if (!(row->x > 0.0 && row->spend > 0.0))
			return 0.0; /* such a customer says nothing about spend */
		loy__spend_part_init(&part, buying->p, &model->form, row->x);
		loy__spend_row(&jet, buying->p, &model->form, &part, row->spend);
		return jet.v;
	}
	if (row->z != NULL && model->layout.n > model->layout.base) {
		loy__form_buying(&own, &model->form, &model->layout, variant->values, row->z);
		buying = &own;
	}
	if (loy__form_buys(&model->form))
		answer = buying_answer(model, of, buying, question, row);
	else if (model->form.family == LOY_LIFETIME_BG_BB)
		answer = opportunity_answer(buying, question, row);
	else
		answer = contract_answer(model, buying, question, row);
	if (question->quantity == LOY_ASK_VALUE)
		answer *= spend_answer(spend, spend->variants[of_spend].buying.p, row);
	return answer;
}
