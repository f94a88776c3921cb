/* Drivers: what would raise a score most, found by evaluating the customer with a little more or less evidence. */
#include "model/score.h"

#include <string.h>

/* Points each construct would gain with this evidence; it is damped and capped here. */
static void find_gains(const loy_scorecard *card, loy__weighed *evidence, loy__scores *scores,
                       uint32_t channel, double gain[LOY_CONSTRUCTS_MAX][LOY_CHANNELS_MAX])
{
	const loy__explained *explained = &card->explained;
	uint32_t c;

	loy__weigh_relations(card->model, evidence);
	loy__means(card->model, explained->at.wanted, evidence, scores);
	for (c = 0; c < card->model->construct_count; c++)
		gain[c][channel] = loy__points(scores->mean[c]) - explained->points[c];
}

static double larger(const loy__drivers *drivers, uint32_t c, uint32_t channel)
{
	double gain = drivers->gain[c][channel], regain = drivers->regain[c][channel];

	return gain > regain ? gain : regain;
}

static void rank_drivers(loy__drivers *drivers, uint32_t c, uint32_t channels)
{
	uint8_t *order = drivers->order[c];
	uint32_t count = 0, k, i;

	for (k = 0; k < channels; k++) {
		if (!(larger(drivers, c, k) > 0.0))
			continue;
		for (i = count++; i > 0 && larger(drivers, c, order[i - 1]) < larger(drivers, c, k); i--)
			order[i] = order[i - 1];
		order[i] = (uint8_t)k;
	}
	drivers->count[c] = (uint8_t)count;
}

/* The card's drivers. They lie in a block of their own, so a card that is only read can still make them once. */
static const loy__drivers *drivers_of(const loy_scorecard *card)
{
	loy__drivers *drivers = card->drivers;
	uint32_t k, c;

	if (drivers->ready)
		return drivers;
	for (k = 0; k < card->model->schema.channel_count; k++) {
		drivers->evidence = card->explained.held;
		loy__weigh_insert(&drivers->evidence, k);
		drivers->evidence.positive[k] += 1.0;
		find_gains(card, &drivers->evidence, &drivers->scores, k, drivers->gain);
		drivers->evidence = card->explained.held;
		drivers->evidence.negative[k] = 0.0;
		find_gains(card, &drivers->evidence, &drivers->scores, k, drivers->regain);
	}
	for (c = 0; c < card->model->construct_count; c++)
		rank_drivers(drivers, c, card->model->schema.channel_count);
	drivers->ready = 1;
	return drivers;
}

uint32_t loy_scorecard_driver_count(const loy_scorecard *card, uint32_t construct)
{
	return loy__card_check(card, construct) == LOY_OK ? drivers_of(card)->count[construct] : 0;
}

loy_status loy_scorecard_driver(const loy_scorecard *card, uint32_t construct, uint32_t index,
                                loy_driver *out)
{
	loy_status status = loy__card_check(card, construct);
	const loy__drivers *drivers;
	loy_driver line = {0};

	if (status != LOY_OK)
		return status;
	drivers = drivers_of(card);
	if (index >= drivers->count[construct])
		return LOY_ENOTFOUND;
	line.channel = drivers->order[construct][index];
	line.gain = drivers->gain[construct][line.channel];
	line.regain = drivers->regain[construct][line.channel];
	return loy__result_write(out, &line, sizeof(line));
}
