/*
 * The 18-channel prototype of the reference set as a model text, its events as profiles, and every score, limit,
 * contribution, stage and type it gave. Tolerances on the 0-100 scale: 1e-9 for scores and contributions
 * (evidence is kept to 2^-46 and event ratios to 1e-9, the data to 1e-3), 1e-7 for interval limits, 1e-9 for
 * probabilities, which are the ends of the same Beta distributions on the scale 0-1.
 */
#include "scoring.h"

#include "json.h"

#include <ctype.h>

enum { TEXT_SIZE = 16384 };

struct reference {
	struct json *json;
	char *events; /* path of the events */
	loy_model *model;
	loy_profile *profile;
	loy_scorecard *card;
	char name[64], params[16];
};

/* ---- the model ---- */

static void say(char *text, const char *format, ...)
{
	size_t length = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	assert_true((size_t)vsnprintf(text + length, TEXT_SIZE - length, format, arguments) <
	            TEXT_SIZE - length);
	va_end(arguments);
}

static double number(struct reference *r, const char *params, const char *format, const char *a,
                     const char *b)
{
	char path[256], rest[200];

	snprintf(rest, sizeof(rest), format, a, b);
	snprintf(path, sizeof(path), "%s/%s", params, rest);
	return json_number(r->json, path);
}

static void say_channels(struct reference *r, const char *params, char *text)
{
	char path[64], channel[64];
	size_t i;

	snprintf(path, sizeof(path), "%s/channels", params);
	for (i = 0; json_member(r->json, path, i) != NULL; i++) {
		snprintf(channel, sizeof(channel), "%s", json_member(r->json, path, i));
		say(text, "channel %s: half_life %.9gd, fast %.9gd, share %.9g\n", channel,
		    number(r, params, "channels/%s/slow_days%s", channel, ""),
		    number(r, params, "channels/%s/fast_days%s", channel, ""),
		    number(r, params, "channels/%s/omega%s", channel, ""));
		if (strcmp(channel, "purchase") != 0)
			say(text, "kind ev_%s = %d\non ev_%s: %s value weight weight\n", channel,
			    1000 + (int)i, channel, channel);
	}
	assert_int_equal(i, 18);
	say(text, "on purchase: purchase value weight weight\n");
}

static void say_construct(struct reference *r, const char *params, char upper, char *text)
{
	char name[2] = {upper, '\0'}, path[128], other[64];
	int lower = tolower((unsigned char)upper);
	size_t i;

	say(text, "construct %c: mean %.9g, strength %.9g, spread %.9g, limit %.9g\n", lower,
	    number(r, params, "constructs/%s/mu%s", name, ""),
	    number(r, params, "constructs/%s/n0%s", name, ""),
	    number(r, params, "constructs/%s/phi%s", name, ""),
	    number(r, params, "constructs/%s/nu_max%s", name, ""));
	snprintf(path, sizeof(path), "%s/kappa", params);
	for (i = 0; json_member(r->json, path, i) != NULL; i++) {
		char below[200];
		size_t k;

		snprintf(other, sizeof(other), "%s", json_member(r->json, path, i));
		snprintf(below, sizeof(below), "%s/%s", path, other);
		for (k = 0; json_member(r->json, below, k) != NULL; k++)
			if (strcmp(json_member(r->json, below, k), name) == 0)
				say(text, "%c =~ (%.9g, %.9g)*%s\n", lower,
				    number(r, params, "kappa/%s/%s/0", other, name),
				    number(r, params, "kappa/%s/%s/1", other, name), other);
	}
	snprintf(path, sizeof(path), "%s/gamma/%s", params, name);
	for (i = 0; json_member(r->json, path, i) != NULL; i++) {
		snprintf(other, sizeof(other), "%s", json_member(r->json, path, i));
		say(text, "%c ~ %.9g*%c\n", lower, number(r, params, "gamma/%s/%s", name, other),
		    tolower((unsigned char)other[0]));
	}
}

/* The prototype's worst episode is one of the channels that can lower its construct. */
static void say_worst(struct reference *r, const char *params, double weight, char *text)
{
	char path[64], name[32], channel[64];
	const char *separator = " of ";
	size_t i, k;

	snprintf(path, sizeof(path), "%s/peak/construct", params);
	snprintf(name, sizeof(name), "%s", json_text(r->json, path));
	say(text, "worst: half_life %.9gd", number(r, params, "peak/half_life_days%s%s", "", ""));
	snprintf(path, sizeof(path), "%s/kappa", params);
	for (i = 0; json_member(r->json, path, i) != NULL; i++) {
		char below[200];

		snprintf(channel, sizeof(channel), "%s", json_member(r->json, path, i));
		snprintf(below, sizeof(below), "%s/%s", path, channel);
		for (k = 0; json_member(r->json, below, k) != NULL; k++) {
			if (strcmp(json_member(r->json, below, k), name) != 0 ||
			    !(number(r, params, "kappa/%s/%s/1", channel, name) > 0.0))
				continue;
			say(text, "%s%s", separator, channel);
			separator = " + ";
		}
	}
	say(text, "\nworst %c: weight %.9g\n", tolower((unsigned char)name[0]), weight);
}

static loy_model *reference_model(struct reference *r, const char *params)
{
	const char *order = "VSTEAB";
	char *text = calloc(1, TEXT_SIZE);
	loy_model *model;
	double worst = number(r, params, "peak/kappa%s%s", "", "");

	say_channels(r, params, text);
	for (; *order != '\0'; order++)
		say_construct(r, params, *order, text);
	say(text, "l <~ %.9g*b + %.9g*a + %.9g*e\n", number(r, params, "omega/B%s%s", "", ""),
	    number(r, params, "omega/A%s%s", "", ""), number(r, params, "omega/E%s%s", "", ""));
	say(text, "silence b: purchase weight %.9g, gap %.9gd, strength %.9g, limit %.9g\n",
	    number(r, params, "silence/kappa%s%s", "", ""), number(r, params, "silence/g0_days%s%s", "", ""),
	    number(r, params, "silence/a0%s%s", "", ""), number(r, params, "silence/max_missed%s%s", "", ""));
	if (worst > 0.0)
		say_worst(r, params, worst, text);
	say(text,
	    "stages ladder: cognitive v, affective s|e, conative a, action b;\n cut %.9g, probability %.9g\n",
	    number(r, params, "stage_cut%s%s", "", ""), number(r, params, "stage_prob%s%s", "", ""));
	say(text, "loyalty_type: attitude %.9g*a + %.9g*e, behaviour b, cut %.9g\n",
	    number(r, params, "omega/A%s%s", "", ""), number(r, params, "omega/E%s%s", "", ""),
	    number(r, params, "type_cut%s%s", "", ""));
	say(text, "headline s, t, v, l\n");
	model = scoring_model(text);
	free(text);
	return model;
}

/* ---- customers ---- */

static int64_t time_of(const struct csv *csv, const char *column)
{
	return (int64_t)csv_double(csv, csv_column(csv, column)) * LOY_SECOND;
}

static void release_case(struct reference *r)
{
	loy_scorecard_destroy(r->card);
	loy_profile_destroy(r->profile);
	r->card = NULL;
	r->profile = NULL;
	r->name[0] = '\0';
}

static void record_case(struct reference *r)
{
	struct csv *events = csv_open(r->events);
	size_t column = csv_column(events, "case");
	char kind[80];

	while (csv_next(events)) {
		double y = csv_double(events, csv_column(events, "y"));
		double weight = csv_double(events, csv_column(events, "weight"));
		const char *channel = csv_text(events, csv_column(events, "channel"));

		if (strcmp(csv_text(events, column), r->name) != 0)
			continue;
		snprintf(kind, sizeof(kind), "%s%s", strcmp(channel, "purchase") == 0 ? "" : "ev_", channel);
		if (csv_i64(events, csv_column(events, "sign")) > 0)
			scoring_record(r->profile, r->model, kind, time_of(events, "unix_time"), y, weight);
		else
			scoring_retract(r->profile, r->model, kind, time_of(events, "unix_time"), y, weight);
	}
	csv_close(events);
}

/* The card of the case in the current row, at its time. Rows of a case follow each other. */
static const loy_scorecard *card_of(struct reference *r, const struct csv *row, const char *params)
{
	const char *name = csv_text(row, csv_column(row, "case"));

	if (strcmp(r->params, params) != 0) {
		release_case(r);
		loy_model_destroy(r->model);
		r->model = reference_model(r, params);
		snprintf(r->params, sizeof(r->params), "%s", params);
	}
	if (strcmp(r->name, name) != 0) {
		release_case(r);
		snprintf(r->name, sizeof(r->name), "%s", name);
		r->profile = scoring_profile(r->model);
		record_case(r);
		assert_int_equal(loy_scorecard_create(&r->card, r->model, NULL), LOY_OK);
	}
	assert_int_equal(loy_scorecard_evaluate(r->card, r->profile, time_of(row, "read_unix")), LOY_OK);
	return r->card;
}

static void open_reference(struct reference *r)
{
	char *path = shared_or_skip("reference/stats/score_params.json");

	memset(r, 0, sizeof(*r));
	r->json = json_open(path);
	free(path);
	r->events = shared_or_skip("reference/stats/score_events.csv");
}

static void close_reference(struct reference *r)
{
	release_case(r);
	loy_model_destroy(r->model);
	json_close(r->json);
	free(r->events);
}

static const char *construct_of(const struct csv *row, char name[2])
{
	name[0] = (char)tolower((unsigned char)csv_text(row, csv_column(row, "construct"))[0]);
	name[1] = '\0';
	return name;
}

static void scores_and_limits_are_those_of_the_prototype(void **state)
{
	struct reference r;
	struct csv *rows;
	size_t count = 0;

	(void)state;
	open_reference(&r);
	rows = shared_csv_or_skip("reference/stats/score_expected.csv");
	for (; csv_next(rows); count++) {
		const loy_scorecard *card = card_of(&r, rows, csv_text(rows, csv_column(rows, "params")));
		char name[2];
		loy_score score = scoring_score(card, construct_of(rows, name));

		assert_close(score.mean, csv_double(rows, csv_column(rows, "score")), 0, 1e-9);
		assert_close(score.baseline, csv_double(rows, csv_column(rows, "baseline")), 0, 1e-9);
		assert_close(score.low, csv_double(rows, csv_column(rows, "lo90")), 0, 1e-7);
		assert_close(score.high, csv_double(rows, csv_column(rows, "hi90")), 0, 1e-7);
		assert_close(score.deviation, csv_double(rows, csv_column(rows, "sd")), 0, 1e-9);
		assert_close(score.uncertainty, csv_double(rows, csv_column(rows, "uncertainty")), 0, 1e-11);
		scoring_check_sums(card);
	}
	assert_int_equal(count, 301);
	csv_close(rows);
	close_reference(&r);
}

static void contributions_are_those_of_the_prototype(void **state)
{
	struct reference r;
	struct csv *rows;
	size_t count = 0;

	(void)state;
	open_reference(&r);
	rows = shared_csv_or_skip("reference/stats/score_contributions.csv");
	for (; csv_next(rows); count++) {
		const char *channel = csv_text(rows, csv_column(rows, "channel"));
		int peak = strcmp(csv_text(rows, csv_column(rows, "case")), "mixed_25_peak") == 0;
		const loy_scorecard *card = card_of(&r, rows, peak ? "peak" : "default");
		uint32_t source = LOY_SOURCE_CHANNEL;
		char name[2];

		if (strcmp(channel, "silence") == 0)
			source = LOY_SOURCE_SILENCE;
		else if (strcmp(channel, "worst_episode") == 0)
			source = LOY_SOURCE_WORST;
		assert_close(scoring_part(card, construct_of(rows, name), source, channel),
		             csv_double(rows, csv_column(rows, "contribution")), 0, 1e-9);
	}
	assert_int_equal(count, 1211);
	csv_close(rows);
	close_reference(&r);
}

/* Purchases missed, as the silence line of behaviour shows them. */
static double missed_of(const loy_scorecard *card)
{
	uint32_t b = scoring_construct(loy_scorecard_model(card), "b"), i;

	for (i = 0; i < loy_scorecard_contribution_count(card, b); i++) {
		loy_contribution line = {.struct_size = sizeof(line)};

		assert_int_equal(loy_scorecard_contribution(card, b, i, &line), LOY_OK);
		if (line.source == LOY_SOURCE_SILENCE)
			return line.negative;
	}
	return 0.0;
}

static void stages_and_types_are_those_of_the_prototype(void **state)
{
	static const char rung_name[4][16] = {"p_cognitive", "p_affective", "p_conative", "p_action"};
	struct reference r;
	struct csv *rows;
	size_t count = 0;

	(void)state;
	open_reference(&r);
	rows = shared_csv_or_skip("reference/stats/score_stage.csv");
	for (; csv_next(rows); count++) {
		const loy_scorecard *card = card_of(&r, rows, csv_text(rows, csv_column(rows, "params")));
		const char *stage = csv_text(rows, csv_column(rows, "stage"));
		loy_loyalty_type type = {.struct_size = sizeof(type)};
		uint32_t rung, i;

		assert_close(missed_of(card), csv_double(rows, csv_column(rows, "missed_purchases")), 0,
		             1e-11);
		for (i = 0; i < 4; i++) {
			double probability;

			assert_int_equal(loy_scorecard_rung_probability(card, 0, i + 1, &probability),
			                 LOY_OK);
			assert_close(probability, csv_double(rows, csv_column(rows, rung_name[i])), 0, 1e-9);
		}
		assert_int_equal(loy_scorecard_stage(card, 0, &rung), LOY_OK);
		assert_string_equal(rung > 0 ? loy_model_rung_name(r.model, 0, rung) : "none", stage);
		assert_int_equal(loy_scorecard_type(card, &type), LOY_OK);
		assert_close(type.loyal, csv_double(rows, csv_column(rows, "type_true")), 0, 1e-9);
		assert_close(type.latent, csv_double(rows, csv_column(rows, "type_latent")), 0, 1e-9);
		assert_close(type.spurious, csv_double(rows, csv_column(rows, "type_spurious")), 0, 1e-9);
		assert_close(type.none, csv_double(rows, csv_column(rows, "type_none")), 0, 1e-9);
	}
	assert_int_equal(count, 43);
	csv_close(rows);
	close_reference(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(scores_and_limits_are_those_of_the_prototype),
	        cmocka_unit_test(contributions_are_those_of_the_prototype),
	        cmocka_unit_test(stages_and_types_are_those_of_the_prototype),
	};

	return cmocka_run_group_tests_name("model/score_reference", tests, NULL, NULL);
}
