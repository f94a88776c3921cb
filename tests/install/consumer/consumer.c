/* What a first user writes: it must build against the installed library in every way of getting it. */
#include <loyalty.h>
#include <stdio.h>
#include <string.h>

#define TODAY (INT64_C(20000) * LOY_DAY)

static int check(int good, const char *what)
{
	if (!good)
		fprintf(stderr, "consumer: %s\n", what);
	return good ? 0 : 1;
}

static int basics(void)
{
	int64_t time = 0;
	uint32_t code = 0;
	char text[64];
	size_t needed = 0;
	int flaws = 0;

	flaws += check(loy_version_number() == LOY_VERSION_NUMBER, "library and headers differ in version");
	flaws += check(strcmp(loy_status_name(LOY_ENOMEM), "LOY_ENOMEM") == 0, "status name");
	flaws += check(loy_time_parse("2024-02-29T12:00Z", 17, 0, &time) == LOY_OK, "time");
	flaws += check(loy_time_print(time, text, sizeof(text), &needed) == LOY_OK, "time printed");
	flaws += check(strcmp(text, "2024-02-29T12:00:00Z") == 0, "time printed differs");
	flaws += check(loy_code_from_text("coffee", 6, &code) == LOY_OK && code == 0x57224ef2u, "code");
	return flaws;
}

/* A few weeks of a good customer: a purchase a week, and an answer of 9 out of 10. */
static int record(loy_store *store, loy_event *event)
{
	loy_error error = {0};
	int week, flaws = 0;

	error.struct_size = sizeof(error);
	for (week = 0; week < 8; week++) {
		flaws +=
		        check(loy_event_begin(event, LOY_KIND_PURCHASE, TODAY - 7 * week * LOY_DAY) == LOY_OK,
		              "begin");
		flaws += check(loy_event_set_sequence(event, 1, 1, (uint64_t)week) == LOY_OK, "identity");
		flaws += check(loy_event_set_customer(event, 42) == LOY_OK, "customer");
		flaws += check(loy_event_set(event, LOY_FIELD_AMOUNT, 1250) == LOY_OK, "amount");
		flaws += check(loy_store_record(store, event, &error) == LOY_OK, error.message);
		flaws += check(loy_store_record(store, event, NULL) == LOY_EDUPLICATE,
		               "a duplicate is noticed");
	}
	flaws += check(loy_event_begin(event, LOY_KIND_SURVEY_ANSWER, TODAY - LOY_DAY) == LOY_OK, "begin");
	flaws += check(loy_event_set_customer(event, 42) == LOY_OK, "customer");
	flaws +=
	        check(loy_event_set(event, LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS) == LOY_OK, "instrument");
	flaws += check(loy_event_set_ratio(event, LOY_FIELD_VALUE, 9.0) == LOY_OK, "value");
	flaws += check(loy_store_record(store, event, &error) == LOY_OK, error.message);
	return flaws;
}

static int score(const loy_store *store, const loy_model *model, loy_scorecard *card)
{
	loy_profile *profile = NULL;
	uint64_t row = 0;
	uint32_t i, k, construct = 0;
	int flaws = 0;

	flaws += check(loy_store_find(store, 42, &row) == LOY_OK, "the customer is found");
	flaws += check(loy_profile_create(&profile, loy_model_schema(model), NULL) == LOY_OK, "a profile");
	flaws += check(loy_store_profile(store, row, profile) == LOY_OK, "the customer's profile");
	flaws += check(loy_scorecard_evaluate(card, profile, TODAY) == LOY_OK, "scored");
	loy_profile_destroy(profile);
	flaws += check(loy_model_headline_count(model) == 4, "four scores");
	for (i = 0; flaws == 0 && i < loy_model_headline_count(model); i++) {
		loy_score found = {0};
		double sum;

		found.struct_size = sizeof(found);
		flaws += check(loy_model_headline(model, i, &construct) == LOY_OK, "headline");
		flaws += check(loy_scorecard_score(card, construct, &found) == LOY_OK, "score");
		sum = found.baseline;
		for (k = 0; k < loy_scorecard_contribution_count(card, construct); k++) {
			loy_contribution line = {0};

			line.struct_size = sizeof(line);
			flaws += check(loy_scorecard_contribution(card, construct, k, &line) == LOY_OK,
			               "contribution");
			sum += line.points;
		}
		flaws += check(sum == found.mean, "contributions add up to the score exactly");
		flaws += check(found.low <= found.mean && found.mean <= found.high,
		               "the interval holds the score");
		printf("%-14s %5.1f  [%5.1f, %5.1f]\n", loy_model_construct_name(model, construct),
		       found.mean, found.low, found.high);
	}
	return flaws;
}

int main(void)
{
	loy_model *model = NULL;
	loy_store *store = NULL;
	loy_event *event = NULL;
	loy_scorecard *card = NULL;
	int flaws = basics();

	flaws += check(loy_model_create_builtin(&model, "retail", NULL) == LOY_OK, "the retail model");
	flaws += check(loy_store_create(&store, model, NULL, NULL) == LOY_OK, "a store");
	flaws += check(loy_event_create(&event, NULL) == LOY_OK, "an event");
	flaws += check(loy_scorecard_create(&card, model, NULL) == LOY_OK, "a scorecard");
	if (flaws == 0)
		flaws += record(store, event);
	flaws += check(loy_store_sort(store) == LOY_OK, "sorted");
	if (flaws == 0)
		flaws += score(store, model, card);
	loy_scorecard_destroy(card);
	loy_event_destroy(event);
	loy_store_destroy(store);
	loy_model_destroy(model);
	if (flaws == 0)
		printf("libloyalty %s works\n", loy_version());
	return flaws != 0;
}
