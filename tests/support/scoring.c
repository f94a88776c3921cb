#include "scoring.h"

#include <math.h>

loy_model *scoring_model(const char *text)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_model *model = NULL;
	loy_status status = loy_model_create(&model, text, strlen(text), NULL, &error);

	if (status != LOY_OK)
		fail_msg("model refused: %s, line %u column %u: %s", loy_status_name(status), error.line,
		         error.column, error.message);
	return model;
}

uint32_t scoring_construct(const loy_model *model, const char *name)
{
	uint32_t construct = 0;

	if (loy_model_construct_find(model, name, strlen(name), &construct) != LOY_OK)
		fail_msg("no construct '%s'", name);
	return construct;
}

uint32_t scoring_channel(const loy_model *model, const char *name)
{
	const loy_schema *schema = loy_model_schema(model);
	uint32_t k;

	for (k = 0; k < loy_schema_channel_count(schema); k++)
		if (strcmp(loy_schema_channel_name(schema, k), name) == 0)
			return k;
	fail_msg("no channel '%s'", name);
	return 0;
}

static loy_event *event_of(const loy_model *model, const char *kind, int64_t time, double value,
                           double weight)
{
	uint32_t code = loy_schema_kind_find(loy_model_schema(model), kind, strlen(kind));
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, code, time), LOY_OK);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, value), LOY_OK);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_WEIGHT, weight), LOY_OK);
	if (code == LOY_KIND_PURCHASE)
		assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 100), LOY_OK);
	return event;
}

void scoring_record(loy_profile *profile, const loy_model *model, const char *kind, int64_t time,
                    double value, double weight)
{
	loy_event *event = event_of(model, kind, time, value, weight);
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = loy_profile_record(profile, event, &error);

	if (status != LOY_OK)
		fail_msg("event '%s' refused: %s: %s", kind, loy_status_name(status), error.message);
	loy_event_destroy(event);
}

void scoring_retract(loy_profile *profile, const loy_model *model, const char *kind, int64_t time,
                     double value, double weight)
{
	loy_event *event = event_of(model, kind, time, value, weight);

	assert_int_equal(loy_profile_retract(profile, event, NULL), LOY_OK);
	loy_event_destroy(event);
}

void scoring_answer(loy_profile *profile, uint32_t instrument, uint32_t item, int64_t time, double share)
{
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_SURVEY_ANSWER, time), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_INSTRUMENT, instrument), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_ITEM, item), LOY_OK);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, share), LOY_OK);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_SCALE_MIN, 0.0), LOY_OK);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_SCALE_MAX, 1.0), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	loy_event_destroy(event);
}

loy_profile *scoring_profile(const loy_model *model)
{
	loy_profile *profile;

	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	return profile;
}

loy_scorecard *scoring_card(const loy_model *model, const loy_profile *profile, int64_t time)
{
	loy_scorecard *card;

	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_evaluate(card, profile, time), LOY_OK);
	return card;
}

loy_score scoring_score(const loy_scorecard *card, const char *construct)
{
	loy_score score = {.struct_size = sizeof(score)};
	uint32_t index = scoring_construct(loy_scorecard_model(card), construct);

	assert_int_equal(loy_scorecard_score(card, index, &score), LOY_OK);
	return score;
}

double scoring_part(const loy_scorecard *card, const char *construct, uint32_t source, const char *channel)
{
	const loy_model *model = loy_scorecard_model(card);
	uint32_t c = scoring_construct(model, construct), i;

	for (i = 0; i < loy_scorecard_contribution_count(card, c); i++) {
		loy_contribution line = {.struct_size = sizeof(line)};

		assert_int_equal(loy_scorecard_contribution(card, c, i, &line), LOY_OK);
		if (line.source == source &&
		    (source != LOY_SOURCE_CHANNEL || line.channel == scoring_channel(model, channel)))
			return line.points;
	}
	return 0.0;
}

void scoring_check_sums(const loy_scorecard *card)
{
	const loy_model *model = loy_scorecard_model(card);
	uint32_t c, i, count;

	for (c = 0; c < loy_model_construct_count(model); c++) {
		loy_score score = {.struct_size = sizeof(score)};
		double forth, back, before = INFINITY;

		assert_int_equal(loy_scorecard_score(card, c, &score), LOY_OK);
		forth = score.baseline;
		back = 0.0;
		count = loy_scorecard_contribution_count(card, c);
		for (i = 0; i < count; i++) {
			loy_contribution line = {.struct_size = sizeof(line)};

			assert_int_equal(loy_scorecard_contribution(card, c, i, &line), LOY_OK);
			assert_true(line.points != 0.0);
			assert_true(fabs(line.points) <= before);
			before = fabs(line.points);
			forth += line.points;
			assert_int_equal(loy_scorecard_contribution(card, c, count - 1 - i, &line), LOY_OK);
			back += line.points;
		}
		if (forth != score.mean || back + score.baseline != score.mean)
			fail_msg("%s: contributions do not add up: %.17g and %.17g, not %.17g",
			         loy_model_construct_name(model, c), forth, back + score.baseline,
			         score.mean);
	}
}
