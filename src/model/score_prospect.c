/*
 * Prospects: what a buying-while-alive model, fitted elsewhere and named in the model's text, expects of a
 * customer. P(alive), the purchases of a horizon and their discounted worth become shares of 0 to 1, and
 * these evidence of fixed weight.
 *
 * Sources: see numeric/buying.h; expected spend is the gamma-gamma posterior mean, p (gamma + x z) / (p x + q
 * - 1) (Fader & Hardie, 2013). Purchases E and worth V count as E / (E + half) and V / (V + half). A customer
 * who never bought has no history to go by: no evidence. Limit: unlike other evidence these shares may fall
 * after a purchase; for a customer who bought fast a pause says more.
 */
#include "model/score.h"

/* A unit's year, as loy_lifetime_ask has it. */
static double units_in_year(int64_t unit)
{
	if (unit == 7 * LOY_DAY)
		return 52.0;
	return unit == LOY_DAY ? 365.0 : 365.25 * (double)LOY_DAY / (double)unit;
}

void loy__weigh_history(const loy__reading_time *at, const loy__record *record, loy__weighed *out)
{
	const loy_model *model = at->model;
	double days = (double)LOY_DAY / (double)model->buying_unit;
	loy_purchase_summary summary;

	if (!loy__record_purchase_summary(record, model->spend_currency, at->time, &summary))
		return;
	out->has_history = 1;
	out->x = summary.x;
	out->t_x = summary.t_x * days;
	out->T = summary.T * days;
	out->spend = summary.mean_spend;
	out->alive = loy__buying_alive(&model->buying, out->x, out->t_x, out->T);
}

/* Of a later purchase, minor units. */
static double expected_spend(const loy_model *model, const loy__weighed *evidence)
{
	double spent = evidence->spend > 0.0 ? evidence->x * evidence->spend : 0.0;
	double counted = evidence->spend > 0.0 ? evidence->x : 0.0;

	return model->spend_p * (model->spend_gamma + spent) /
	       (model->spend_p * counted + model->spend_q - 1.0);
}

static double worth(const loy_model *model, const loy__prospect *prospect, const loy__weighed *evidence)
{
	double unit = (double)model->buying_unit;
	double delta = loy__log1p(prospect->worth_discount) / units_in_year(model->buying_unit);
	double purchases =
	        loy__buying_discounted_alive(&model->buying, evidence->x, evidence->t_x, evidence->T, delta,
	                                     0.0, (double)prospect->worth_horizon / unit);

	return evidence->alive * purchases * expected_spend(model, evidence);
}

static double saturating(double value, double half)
{
	return value > 0.0 ? value / (value + half) : 0.0;
}

void loy__prospects(const loy_model *model, const loy__construct *construct, const loy__weighed *evidence,
                    double weight[LOY__PROSPECTS], double share[LOY__PROSPECTS])
{
	const loy__prospect *prospect = &construct->prospect;
	uint32_t i;

	for (i = 0; i < LOY__PROSPECTS; i++)
		weight[i] = share[i] = 0.0;
	if (!evidence->has_history)
		return;
	weight[0] = prospect->alive;
	weight[1] = prospect->purchases;
	weight[2] = prospect->worth;
	share[0] = evidence->alive;
	if (prospect->purchases > 0.0)
		share[1] =
		        saturating(loy__buying_expected(
		                           &model->buying, evidence->x, evidence->t_x, evidence->T,
		                           (double)prospect->purchases_horizon / (double)model->buying_unit),
		                   prospect->purchases_half);
	if (prospect->worth > 0.0)
		share[2] = saturating(worth(model, prospect, evidence), prospect->worth_half);
}
