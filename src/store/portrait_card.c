/* The scorecard of one customer as JSON: scores, what they rest on, stages, loyalty type, gaps, value. */
#include "store/portrait.h"

static void put_real(loy__json *json, const char *name, double value)
{
	loy__json_name(json, name);
	loy__json_real(json, value);
}

static void put_word(loy__json *json, const char *name, const char *word)
{
	loy__json_name(json, name);
	loy__json_word(json, word);
}

static void put_contributions(loy__json *json, const loy_scorecard *card, uint32_t construct)
{
	static const char *const sources[] = {"channel", "silence", "worst_episode"};
	const loy_schema *schema = loy_model_schema(loy_scorecard_model(card));
	uint32_t i, count = loy_scorecard_contribution_count(card, construct);

	loy__json_name(json, "contributions");
	loy__json_open(json, '[');
	for (i = 0; i < count; i++) {
		loy_contribution part = {.struct_size = sizeof(part)};

		(void)loy_scorecard_contribution(card, construct, i, &part);
		loy__json_open(json, '{');
		put_word(json, "source", sources[part.source]);
		if (part.source == LOY_SOURCE_CHANNEL)
			put_word(json, "channel", loy_schema_channel_name(schema, part.channel));
		put_real(json, "points", part.points);
		put_real(json, "positive", part.positive);
		put_real(json, "negative", part.negative);
		loy__json_close(json, '}');
	}
	loy__json_close(json, ']');
}

static void put_construct(loy__json *json, const loy_scorecard *card, uint32_t construct)
{
	static const char *const states[] = {"unknown", "predicted", "observed"};
	loy_score score = {.struct_size = sizeof(score)};

	(void)loy_scorecard_score(card, construct, &score);
	loy__json_open(json, '{');
	put_word(json, "name", loy_model_construct_name(loy_scorecard_model(card), construct));
	put_word(json, "state", states[score.state]);
	put_real(json, "value", score.value);
	put_real(json, "low", score.low);
	put_real(json, "high", score.high);
	put_real(json, "deviation", score.deviation);
	put_real(json, "baseline", score.baseline);
	put_real(json, "evidence", score.evidence);
	put_real(json, "uncertainty", score.uncertainty);
	put_real(json, "coverage", score.coverage);
	put_real(json, "trend", score.trend);
	put_contributions(json, card, construct);
	loy__json_close(json, '}');
}

static void put_stages(loy__json *json, const loy_scorecard *card)
{
	const loy_model *model = loy_scorecard_model(card);
	uint32_t i, count = loy_model_staging_count(model);

	loy__json_name(json, "stages");
	loy__json_open(json, '[');
	for (i = 0; i < count; i++) {
		uint32_t rung = 0;

		(void)loy_scorecard_stage(card, i, &rung);
		loy__json_open(json, '{');
		put_word(json, "name", loy_model_staging_name(model, i));
		loy__json_name(json, "rung");
		loy__json_unsigned(json, rung);
		put_word(json, "called", rung != 0 ? loy_model_rung_name(model, i, rung) : NULL);
		loy__json_close(json, '}');
	}
	loy__json_close(json, ']');
}

static void put_type(loy__json *json, const loy_scorecard *card)
{
	static const char *const types[] = {NULL, "true", "latent", "spurious", "none"};
	loy_loyalty_type type = {.struct_size = sizeof(type)};

	if (loy_scorecard_type(card, &type) != LOY_OK)
		return; /* the model has none */
	loy__json_name(json, "loyalty_type");
	loy__json_open(json, '{');
	put_word(json, "likeliest", types[type.likeliest]);
	put_real(json, "true", type.loyal);
	put_real(json, "latent", type.latent);
	put_real(json, "spurious", type.spurious);
	put_real(json, "none", type.none);
	loy__json_close(json, '}');
}

static void put_surveys(loy__json *json, const loy_scorecard *card)
{
	const loy_schema *schema = loy_model_schema(loy_scorecard_model(card));
	loy_value_balance balance = {.struct_size = sizeof(balance)};
	uint32_t i, count = loy_scorecard_gap_count(card);

	loy__json_name(json, "service_gaps");
	loy__json_open(json, '[');
	for (i = 0; i < count; i++) {
		loy_gap gap = {.struct_size = sizeof(gap)};

		(void)loy_scorecard_gap(card, i, &gap);
		loy__json_open(json, '{');
		put_word(json, "dimension", loy_schema_dimension_name(schema, gap.item));
		loy__json_name(json, "expectations");
		loy__json_unsigned(json, gap.expectations);
		put_real(json, "expectation", gap.expectation);
		loy__json_name(json, "perceptions");
		loy__json_unsigned(json, gap.perceptions);
		put_real(json, "perception", gap.perception);
		put_real(json, "gap", gap.gap);
		loy__json_close(json, '}');
	}
	loy__json_close(json, ']');
	if (loy_scorecard_value_balance(card, &balance) != LOY_OK || balance.state != LOY_SCORE_OBSERVED)
		return;
	loy__json_name(json, "value_balance");
	loy__json_open(json, '{');
	put_real(json, "benefit", balance.benefit);
	put_real(json, "cost", balance.cost);
	put_real(json, "ratio_score", balance.ratio_score);
	put_real(json, "difference_score", balance.difference_score);
	loy__json_close(json, '}');
}

static void put_card(loy__json *json, const loy_scorecard *card)
{
	const loy_model *model = loy_scorecard_model(card);
	uint64_t fingerprint[2];
	uint32_t i;

	loy__json_open(json, '{');
	put_word(json, "model", loy_model_name(model));
	(void)loy_model_fingerprint(model, &fingerprint[0], &fingerprint[1]);
	loy__json_name(json, "fingerprint");
	loy__json_words(json, fingerprint, 2);
	loy__json_name(json, "constructs");
	loy__json_open(json, '[');
	for (i = 0; i < loy_model_construct_count(model); i++)
		put_construct(json, card, i);
	loy__json_close(json, ']');
	put_stages(json, card);
	put_type(json, card);
	put_surveys(json, card);
	loy__json_close(json, '}');
}

loy_status loy__portray_card(loy__json *json, const loy_store *store, const loy__record *record, int64_t time)
{
	loy_scorecard *card;
	loy_status status = loy_scorecard_create(&card, store->model, &store->memory);

	if (status != LOY_OK)
		return status;
	status = loy__scorecard_evaluate(card, store->schema, record, time);
	if (status == LOY_OK)
		put_card(json, card);
	loy_scorecard_destroy(card);
	return status;
}
