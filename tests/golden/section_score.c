/* Scorecards of invented customers under every built-in model: all that a card, a change and a batch say. */
#include <loyalty.h>

#include "core/core.h"
#include "golden.h"

#define NOW (INT64_C(19800) * LOY_DAY)

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed += 1;
	return (loy__mix64(*seed) >> 11) % below;
}

static double part_of(uint64_t *seed)
{
	return (double)draw(seed, 1001) / 1000.0;
}

static void describe(loy_event *event, uint32_t kind, uint64_t *seed)
{
	loy_event_set_ratio(event, LOY_FIELD_SEVERITY, part_of(seed));
	loy_event_set_ratio(event, LOY_FIELD_QUALITY, part_of(seed));
	loy_event_set_ratio(event, LOY_FIELD_SENTIMENT, 2.0 * part_of(seed) - 1.0);
	loy_event_set_ratio(event, LOY_FIELD_CONFIDENCE, part_of(seed));
	loy_event_set_ratio(event, LOY_FIELD_INTENSITY, part_of(seed));
	loy_event_set(event, LOY_FIELD_AMOUNT, 100 + (int64_t)draw(seed, 9900));
	loy_event_set(event, LOY_FIELD_DISCOUNT, (int64_t)draw(seed, 90));
	loy_event_set(event, LOY_FIELD_ELAPSED, (int64_t)draw(seed, 48) * LOY_HOUR);
	loy_event_set(event, LOY_FIELD_DELAY, ((int64_t)draw(seed, 240) - 120) * LOY_HOUR);
	loy_event_set(event, LOY_FIELD_ITEM, 1 + (int64_t)draw(seed, 5));
	if (kind == LOY_KIND_SURVEY_ANSWER)
		loy_event_set(event, LOY_FIELD_INSTRUMENT, 1 + (int64_t)draw(seed, 13));
	if (kind == LOY_KIND_EMOTION)
		loy_event_set(event, LOY_FIELD_EMOTION, 1 + (int64_t)draw(seed, 12));
	loy_event_set_ratio(event, LOY_FIELD_VALUE, 1.0 + 4.0 * part_of(seed));
	loy_event_set_ratio(event, LOY_FIELD_SCALE_MIN, 1.0);
	loy_event_set_ratio(event, LOY_FIELD_SCALE_MAX, 5.0);
}

/* Events their kind cannot do without something of are refused; enough are not. */
static void live(struct golden *g, loy_profile *profile, loy_event *event, uint64_t seed, uint64_t events)
{
	uint64_t recorded = 0, i;

	for (i = 0; i < events; i++) {
		uint32_t kind = draw(&seed, 3) == 0 ? LOY_KIND_PURCHASE : 1 + (uint32_t)draw(&seed, 25);

		golden_check(g,
		             loy_event_begin(event, kind,
		                             NOW - (int64_t)draw(&seed, 700 * 86400) * LOY_SECOND) == LOY_OK,
		             "begin");
		describe(event, kind, &seed);
		recorded += loy_profile_record(profile, event, NULL) == LOY_OK;
	}
	golden_check(g, 3 * recorded >= events, "events are recorded");
}

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

static void hash_change(struct golden *g, loy_change *change, const loy_model *model, const loy_profile *old,
                        const loy_profile *now)
{
	loy_moment before = {model, old, NOW}, after = {model, now, NOW + 90 * LOY_DAY};
	uint32_t c, i;

	for (c = 0; c < loy_model_construct_count(model); c++) {
		const char *name = loy_model_construct_name(model, c);
		size_t length = 0;

		while (name[length] != '\0')
			length++;
		golden_check(g, loy_change_explain(change, &before, &after, name, length) == LOY_OK,
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

static void customers(struct golden *g, const char *name)
{
	enum { CUSTOMERS = 24 };
	loy_profile *profile = NULL, *before = NULL;
	loy_scorecard *card = NULL;
	loy_change *change = NULL;
	loy_model *model = NULL;
	loy_event *event = NULL;
	uint64_t n;
	uint32_t c;

	golden_begin(g, name);
	golden_check(g,
	             loy_model_create_builtin(&model, name, NULL) == LOY_OK &&
	                     loy_event_create(&event, NULL) == LOY_OK &&
	                     loy_scorecard_create(&card, model, NULL) == LOY_OK &&
	                     loy_change_create(&change, NULL) == LOY_OK &&
	                     loy_profile_create(&profile, loy_model_schema(model), NULL) == LOY_OK &&
	                     loy_profile_create(&before, loy_model_schema(model), NULL) == LOY_OK,
	             "objects");
	for (n = 0; g->flaws == 0 && n < CUSTOMERS; n++) {
		golden_check(g, loy_profile_copy(before, profile) == LOY_OK, "copy");
		if (n % 8 == 0)
			loy_profile_clear(profile);
		live(g, profile, event, n << 32, n * 2);
		golden_check(g,
		             loy_scorecard_evaluate(card, profile, NOW + (int64_t)n * 30 * LOY_DAY) == LOY_OK,
		             "evaluate");
		for (c = 0; c < loy_model_construct_count(model); c++)
			hash_construct(g, card, c);
		hash_rest(g, card);
		hash_change(g, change, model, before, profile);
	}
	golden_end(g);
	loy_change_destroy(change);
	loy_scorecard_destroy(card);
	loy_event_destroy(event);
	loy_profile_destroy(before);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

void golden_score(struct golden *g)
{
	uint32_t i;

	for (i = 0; i < loy_model_builtin_count(); i++)
		customers(g, loy_model_builtin_name(i));
}
