/* Names and parts of scorecards; see card.h. */
#include "card.h"

#include <stdio.h>
#include <string.h>

const char *source_name(const loy_model *model, uint32_t source, uint32_t channel)
{
	switch (source) {
	case LOY_SOURCE_SILENCE:
		return "missed purchases";
	case LOY_SOURCE_WORST:
		return "worst episode";
	case LOY_SOURCE_ALIVE:
		return "still a customer";
	case LOY_SOURCE_PURCHASES:
		return "expected purchases";
	case LOY_SOURCE_WORTH:
		return "expected worth";
	case LOY_SOURCE_BASELINE:
		return "baseline";
	case LOY_SOURCE_GONE:
		return "what only the first model reads";
	default:
		return loy_schema_channel_name(loy_model_schema(model), channel);
	}
}

const char *state_name(uint32_t state)
{
	static const char *const names[] = {"unknown", "predicted", "observed"};

	return names[state];
}

loy_score score_of(const loy_scorecard *card, uint32_t construct)
{
	loy_score score;

	memset(&score, 0, sizeof(score));
	score.struct_size = sizeof(score);
	(void)loy_scorecard_score(card, construct, &score);
	return score;
}

loy_contribution part_of(const loy_scorecard *card, uint32_t construct, uint32_t index)
{
	loy_contribution part;

	memset(&part, 0, sizeof(part));
	part.struct_size = sizeof(part);
	(void)loy_scorecard_contribution(card, construct, index, &part);
	return part;
}

const char *stage_of(const loy_scorecard *card, uint32_t staging)
{
	uint32_t rung = 0;

	(void)loy_scorecard_stage(card, staging, &rung);
	return rung != 0 ? loy_model_rung_name(loy_scorecard_model(card), staging, rung) : "";
}

/* Tell which constructs there are instead. */
static void tell_constructs(const loy_model *model, const char *missing)
{
	const char *name = loy_model_name(model);
	char list[LOY_CONSTRUCTS_MAX * (LOY_NAME_MAX + 2) + 1] = "";
	size_t at = 0;
	uint32_t i;

	for (i = 0; i < loy_model_construct_count(model); i++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i == 0 ? "" : ", ",
		                       loy_model_construct_name(model, i));
	say("the model%s%s has no construct '%s'; it has %s", name[0] != '\0' ? " " : "", name, missing,
	    list);
}

int construct_find(const loy_model *model, const char *name, uint32_t *construct)
{
	if (loy_model_construct_find(model, name, strlen(name), construct) == LOY_OK)
		return 1;
	tell_constructs(model, name);
	return 0;
}

int constructs_exist(const struct args *args, const loy_model *model)
{
	uint32_t unused;
	int i;

	for (i = 0; i < args->construct_count; i++) {
		if (!construct_find(model, args->construct[i], &unused))
			return 0;
	}
	return 1;
}

int construct_wanted(const struct args *args, const loy_model *model, uint32_t construct, int headline_only)
{
	uint32_t i, headline;
	int k;

	for (k = 0; k < args->construct_count; k++) {
		if (strcmp(args->construct[k], loy_model_construct_name(model, construct)) == 0)
			return 1;
	}
	for (i = 0; headline_only && i < loy_model_headline_count(model); i++) {
		if (loy_model_headline(model, i, &headline) == LOY_OK && headline == construct)
			return args->construct_count == 0;
	}
	return !headline_only && args->construct_count == 0;
}
