/* Scorecards of invented customers under every built-in model: all that a card, a change and a batch say. */
#include <string.h>

#include "history.h"

enum { CUSTOMERS = 24 };

static void hash_construct(struct golden *g, const loy_scorecard *card, uint32_t c)
{
	loy_score score = {.struct_size = sizeof(score)};
	uint32_t i;

	golden_check(g, loy_scorecard_score(card, c, &score) == LOY_OK, "score");
	golden_u64(g, score.state);
	golden_double(g, score.value);
	golden_double(g, score.mean);
	golden_double(g, score.low);
	golden_double(g, score.high);
	golden_double(g, score.deviation);
	golden_double(g, score.baseline);
	golden_double(g, score.evidence);
	golden_double(g, score.uncertainty);
	golden_double(g, score.coverage);
	golden_double(g, score.trend);
	for (i = 0; i < loy_scorecard_contribution_count(card, c); i++) {
		loy_contribution line = {.struct_size = sizeof(line)};

		golden_check(g, loy_scorecard_contribution(card, c, i, &line) == LOY_OK, "contribution");
		golden_u64(g, (uint64_t)line.source << 32 | line.channel);
		golden_double(g, line.points);
		golden_double(g, line.positive);
		golden_double(g, line.negative);
	}
	for (i = 0; i < loy_scorecard_driver_count(card, c); i++) {
		loy_driver line = {.struct_size = sizeof(line)};

		golden_check(g, loy_scorecard_driver(card, c, i, &line) == LOY_OK, "driver");
		golden_u64(g, line.channel);
		golden_double(g, line.gain);
		golden_double(g, line.regain);
	}
}

static void hash_rest(struct golden *g, const loy_scorecard *card)
{
	const loy_model *model = loy_scorecard_model(card);
	loy_loyalty_type type = {.struct_size = sizeof(type)};
	loy_value_balance balance = {.struct_size = sizeof(balance)};
	uint32_t i, k;

	for (i = 0; i < loy_model_staging_count(model); i++) {
		for (k = 1; k <= loy_model_rung_count(model, i); k++) {
			double probability = -1.0;

			golden_check(g, loy_scorecard_rung_probability(card, i, k, &probability) == LOY_OK,
			             "rung");
			golden_double(g, probability);
		}
		golden_check(g, loy_scorecard_stage(card, i, &k) == LOY_OK, "stage");
		golden_u64(g, k);
	}
	if (loy_scorecard_type(card, &type) == LOY_OK) {
		golden_u64(g, type.likeliest);
		golden_double(g, type.loyal);
		golden_double(g, type.spurious);
	}
	for (i = 0; i < loy_scorecard_gap_count(card); i++) {
		loy_gap gap = {.struct_size = sizeof(gap)};

		golden_check(g, loy_scorecard_gap(card, i, &gap) == LOY_OK, "gap");
		golden_u64(g, gap.item);
		golden_double(g, gap.expectation);
		golden_double(g, gap.gap);
	}
	golden_check(g, loy_scorecard_value_balance(card, &balance) == LOY_OK, "balance");
	golden_double(g, balance.ratio);
	golden_double(g, balance.difference_score);
}

static void hash_change(struct golden *g, loy_change *change, const loy_moment *before,
                        const loy_moment *after)
{
	uint32_t c, i;

	for (c = 0; c < loy_model_construct_count(after->model); c++) {
		const char *name = loy_model_construct_name(after->model, c);

		golden_check(g, loy_change_explain(change, before, after, name, strlen(name)) == LOY_OK,
		             "change");
		for (i = 0; i < loy_change_line_count(change); i++) {
			loy_change_line line = {.struct_size = sizeof(line)};

			golden_check(g, loy_change_get_line(change, i, &line) == LOY_OK, "line");
			golden_u64(g,
			           (uint64_t)line.reason << 40 | (uint64_t)line.source << 32 | line.channel);
			golden_double(g, line.points);
		}
	}
}

/* Customers of ever longer histories, read at ever later times. */
static void customers(struct golden *g, const loy_model *model, loy_scorecard *card, loy_change *change)
{
	loy_profile *profile = NULL, *before = NULL;
	uint64_t n;
	uint32_t c;

	golden_check(g, loy_profile_create(&profile, loy_model_schema(model), NULL) == LOY_OK, "a profile");
	golden_check(g, loy_profile_create(&before, loy_model_schema(model), NULL) == LOY_OK, "a profile");
	for (n = 0; profile != NULL && before != NULL && n < CUSTOMERS; n++) {
		int64_t time = HISTORY_END + (int64_t)n * 10 * LOY_DAY;
		loy_moment from = {model, before, HISTORY_END - 30 * LOY_DAY}, to = {model, profile, time};

		history_profile(g, before, n + 1, n);
		history_profile(g, profile, n + 1, n * 3);
		golden_check(g, loy_scorecard_evaluate(card, profile, time) == LOY_OK, "evaluate");
		for (c = 0; c < loy_model_construct_count(model); c++)
			hash_construct(g, card, c);
		hash_rest(g, card);
		hash_change(g, change, &from, &to);
	}
	loy_profile_destroy(before);
	loy_profile_destroy(profile);
}

void golden_score(struct golden *g)
{
	uint32_t i;

	for (i = 0; i < loy_model_builtin_count(); i++) {
		loy_scorecard *card = NULL;
		loy_change *change = NULL;
		loy_model *model;

		golden_begin(g, loy_model_builtin_name(i));
		model = history_model(g, loy_model_builtin_name(i));
		golden_check(g, loy_scorecard_create(&card, model, NULL) == LOY_OK, "a card");
		golden_check(g, loy_change_create(&change, NULL) == LOY_OK, "a change");
		if (card != NULL && change != NULL)
			customers(g, model, card, change);
		loy_change_destroy(change);
		loy_scorecard_destroy(card);
		loy_model_destroy(model);
		golden_end(g);
	}
}
