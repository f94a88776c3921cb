/* Stages (Oliver 1999) and loyalty types (Dick & Basu 1994), as probabilities from the scores' distributions. */
#include "model/score.h"

/* The likeliest of a rung's constructs; `known_only` leaves out those that no evidence reaches. */
static double rung_probability(const loy_scorecard *card, const loy__staging *staging, uint32_t rung,
                               int known_only)
{
	const loy__explained *explained = &card->explained;
	double best = 0.0;
	uint32_t i;

	if (staging->rung[rung].count == 0)
		return explained->held.events > 0 ? 1.0 : 0.0;
	for (i = 0; i < staging->rung[rung].count; i++) {
		uint32_t c = staging->rung[rung].construct[i];
		double one;

		if (known_only && (explained->raw.reached >> c & 1) == 0)
			continue;
		one = loy__probability_above(explained->raw.mean[c], card->variance[c], staging->cut);
		if (one > best)
			best = one;
	}
	return best;
}

static loy_status staging_check(const loy_scorecard *card, uint32_t staging)
{
	if (card == NULL)
		return LOY_EINVAL;
	if (staging >= card->model->staging_count)
		return LOY_ENOTFOUND;
	return card->ready ? LOY_OK : LOY_ESTATE;
}

loy_status loy_scorecard_stage(const loy_scorecard *card, uint32_t staging, uint32_t *rung)
{
	loy_status status = staging_check(card, staging);
	const loy__staging *ladder;
	uint32_t reached = 0;

	if (status != LOY_OK)
		return status;
	if (rung == NULL)
		return LOY_EINVAL;
	ladder = &card->model->staging[staging];
	while (reached < ladder->rung_count &&
	       rung_probability(card, ladder, reached, 1) >= ladder->probability)
		reached++;
	*rung = reached;
	return LOY_OK;
}

loy_status loy_scorecard_rung_probability(const loy_scorecard *card, uint32_t staging, uint32_t rung,
                                          double *probability)
{
	loy_status status = staging_check(card, staging);

	if (status != LOY_OK)
		return status;
	if (probability == NULL)
		return LOY_EINVAL;
	if (rung < 1 || rung > card->model->staging[staging].rung_count)
		return LOY_ENOTFOUND;
	*probability = rung_probability(card, &card->model->staging[staging], rung - 1, 0);
	return LOY_OK;
}

/* P(weighted attitude > cut), and whether evidence reaches any of its constructs. */
static double attitude_probability(const loy_scorecard *card, uint32_t *known)
{
	const loy_model *model = card->model;
	const loy__scores *raw = &card->explained.raw;
	double effect[LOY_CONSTRUCTS_MAX] = {0}, mean = 0.0;
	loy__spread spread;
	uint32_t i;

	loy__spread_init(model, card->explained.at.wanted, raw, &spread);
	for (i = 0; i < model->attitude_count; i++) {
		mean += model->attitude_weight[i] * raw->mean[model->attitude[i]];
		effect[model->attitude[i]] += model->attitude_weight[i];
		*known |= raw->reached >> model->attitude[i] & 1;
	}
	return loy__probability_above(mean, loy__total_variance(model, raw, &spread, effect),
	                              model->type_cut);
}

loy_status loy_scorecard_type(const loy_scorecard *card, loy_loyalty_type *out)
{
	loy_loyalty_type type = {0};
	double attitude, patronage, best;
	uint32_t known;

	if (card == NULL)
		return LOY_EINVAL;
	if (card->model->attitude_count == 0)
		return LOY_ENOTFOUND;
	if (!card->ready)
		return LOY_ESTATE;
	known = card->explained.raw.reached >> card->model->behaviour & 1;
	attitude = attitude_probability(card, &known);
	patronage = loy__probability_above(card->explained.raw.mean[card->model->behaviour],
	                                   card->variance[card->model->behaviour], card->model->type_cut);
	type.loyal = attitude * patronage;
	type.latent = attitude * (1.0 - patronage);
	type.spurious = (1.0 - attitude) * patronage;
	type.none = (1.0 - attitude) * (1.0 - patronage);
	best = type.loyal;
	type.likeliest = known != 0;
	if (known != 0 && type.latent > best) {
		best = type.latent;
		type.likeliest = 2;
	}
	if (known != 0 && type.spurious > best) {
		best = type.spurious;
		type.likeliest = 3;
	}
	if (known != 0 && type.none > best)
		type.likeliest = 4;
	return loy__result_write(out, &type, sizeof(type));
}
