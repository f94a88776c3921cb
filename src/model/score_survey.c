/* What answers say directly: SERVQUAL gaps, and perceived benefits against perceived costs. */
#include "model/score.h"

#include <math.h>

/* Mean of all answers to an item, each a share of its scale. */
static loy__answers read_answers(const loy_scorecard *card, const loy__record *record, uint32_t instrument,
                                 uint32_t item)
{
	const loy_schema *schema = &card->model->schema;
	uint64_t key = (uint64_t)instrument << 16 | item;
	int64_t time = card->explained.at.time;
	loy__answers answers = {0, (double)NAN};
	loy_value count, sum;

	if (loy__record_get(record, schema, LOY_PROFILE_ANSWER_COUNT, key, time, &count) != LOY_OK ||
	    loy__record_get(record, schema, LOY_PROFILE_ANSWER_SUM, key, time, &sum) != LOY_OK ||
	    count.integer < 1)
		return answers;
	answers.count = (uint32_t)count.integer;
	answers.mean = (double)sum.integer / ((double)count.integer * (double)LOY_RATIO_ONE);
	return answers;
}

static double gap_of(const loy_scorecard *card, uint32_t dimension)
{
	return card->perception[dimension].mean - card->expectation[dimension].mean;
}

/* Worst first, unknown last, ties by dimension. */
static void rank_gaps(loy_scorecard *card)
{
	uint32_t d, i;

	for (d = 0; d < card->model->schema.dimension_count; d++) {
		double gap = gap_of(card, d);

		for (i = d; i > 0; i--) {
			double before = gap_of(card, card->gap_order[i - 1]);

			if (isnan(gap) || (!isnan(before) && before <= gap))
				break;
			card->gap_order[i] = card->gap_order[i - 1];
		}
		card->gap_order[i] = (uint8_t)d;
	}
}

void loy__card_read_answers(loy_scorecard *card, const loy__record *record)
{
	const loy_model *model = card->model;
	uint32_t i;

	for (i = 0; i < model->benefit_count; i++)
		card->benefit[i] = read_answers(card, record, LOY_INSTRUMENT_BENEFIT, i + 1);
	for (i = 0; i < model->cost_count; i++)
		card->cost[i] = read_answers(card, record, LOY_INSTRUMENT_COST, i + 1);
	for (i = 0; i < model->schema.dimension_count; i++) {
		card->expectation[i] = read_answers(card, record, LOY_INSTRUMENT_SERVQUAL_EXPECTATION, i + 1);
		card->perception[i] = read_answers(card, record, LOY_INSTRUMENT_SERVQUAL_PERCEPTION, i + 1);
	}
	rank_gaps(card);
}

uint32_t loy_scorecard_gap_count(const loy_scorecard *card)
{
	return card != NULL && card->ready ? card->model->schema.dimension_count : 0;
}

loy_status loy_scorecard_gap(const loy_scorecard *card, uint32_t index, loy_gap *out)
{
	loy_gap line;
	uint32_t d;

	if (card == NULL)
		return LOY_EINVAL;
	if (!card->ready)
		return LOY_ESTATE;
	if (index >= card->model->schema.dimension_count)
		return LOY_ENOTFOUND;
	d = card->gap_order[index];
	line.item = d + 1;
	line.expectations = card->expectation[d].count;
	line.perceptions = card->perception[d].count;
	/* NaN is written, not computed: targets differ in the sign a computed one has */
	line.expectation = line.expectations > 0 ? 100.0 * card->expectation[d].mean : (double)NAN;
	line.perception = line.perceptions > 0 ? 100.0 * card->perception[d].mean : (double)NAN;
	line.gap = (double)NAN;
	if (line.expectations > 0 && line.perceptions > 0)
		line.gap = line.perception - line.expectation;
	return loy__result_write(out, &line, sizeof(line));
}

/* Weighted mean over the items that have answers; NaN when none has. */
static double weighted_answers(const loy__answers *answers, const loy__weighted_item *items, uint32_t count)
{
	double sum = 0.0, weight = 0.0;
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (answers[i].count == 0)
			continue;
		sum += items[i].weight * answers[i].mean;
		weight += items[i].weight;
	}
	return weight > 0.0 ? sum / weight : (double)NAN;
}

loy_status loy_scorecard_value_balance(const loy_scorecard *card, loy_value_balance *out)
{
	loy_value_balance balance = {0};

	if (card == NULL)
		return LOY_EINVAL;
	if (!card->ready)
		return LOY_ESTATE;
	balance.benefit = weighted_answers(card->benefit, card->model->benefit, card->model->benefit_count);
	balance.cost = weighted_answers(card->cost, card->model->cost, card->model->cost_count);
	balance.difference = (double)NAN;
	balance.difference_score = (double)NAN;
	balance.ratio = (double)NAN;
	balance.ratio_score = (double)NAN;
	if (!isnan(balance.benefit) && !isnan(balance.cost)) {
		balance.state = LOY_SCORE_OBSERVED;
		balance.difference = balance.benefit - balance.cost;
		balance.difference_score = 50.0 + 50.0 * balance.difference;
		if (balance.cost > 0.0)
			balance.ratio = balance.benefit / balance.cost;
		else
			balance.ratio = balance.benefit > 0.0 ? (double)INFINITY : 1.0;
		balance.ratio_score = 50.0;
		if (balance.benefit + balance.cost > 0.0)
			balance.ratio_score = 100.0 * balance.benefit / (balance.benefit + balance.cost);
	}
	return loy__result_write(out, &balance, sizeof(balance));
}
