/*
 * Scoring speed, all in one run: the four headline scores of many customers with the default model, values only and
 * with intervals, next to a bare walk over the same records. Customers have three to eight evidence entries.
 *
 *	cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build build/bench --target bench_score
 *	build/bench/tests/bench_score [CUSTOMERS, at most 200000]
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include "model/model.h"

enum { CUSTOMERS_MAX = 200000, ROUNDS = 5, SCORES = 4 };

static uint32_t customers = CUSTOMERS_MAX;
static loy_profile *profiles[CUSTOMERS_MAX];
static double value[SCORES][CUSTOMERS_MAX], low[SCORES][CUSTOMERS_MAX], high[SCORES][CUSTOMERS_MAX];
static volatile uint64_t sink;

static void begin(loy_event *event, uint32_t kind, loy__random *random)
{
	int64_t day = (int64_t)loy__random_below(random, 700);

	check(loy_event_begin(event, kind,
	                      (19000 + day) * LOY_DAY + (int64_t)loy__random_below(random, LOY_DAY)),
	      "begin");
}

/* A customer of a shop: some purchases, a delivery each, now and then a complaint, an answer, a review. */
static void fill(loy_profile *profile, loy_event *event, loy__random *random)
{
	uint64_t count = 2 + loy__random_below(random, 6), i;

	for (i = 0; i < count; i++) {
		begin(event, LOY_KIND_PURCHASE, random);
		check(loy_event_set(event, LOY_FIELD_AMOUNT, 100 + (int64_t)loy__random_below(random, 9000)),
		      "amount");
		check(loy_profile_record(profile, event, NULL), "purchase");
	}
	if (loy__random_below(random, 2) == 0) {
		begin(event, LOY_KIND_DELIVERY, random);
		check(loy_event_set(event, LOY_FIELD_DELAY,
		                    ((int64_t)loy__random_below(random, 9) - 5) * LOY_DAY),
		      "delay");
		check(loy_profile_record(profile, event, NULL), "delivery");
	}
	if (loy__random_below(random, 3) == 0) {
		begin(event, LOY_KIND_COMPLAINT, random);
		check(loy_event_set_ratio(event, LOY_FIELD_SEVERITY, 0.6), "severity");
		check(loy_profile_record(profile, event, NULL), "complaint");
		begin(event, LOY_KIND_RESOLUTION, random);
		check(loy_event_set_ratio(event, LOY_FIELD_SEVERITY, 0.6), "severity");
		check(loy_event_set_ratio(event, LOY_FIELD_QUALITY, 0.7), "quality");
		check(loy_profile_record(profile, event, NULL), "resolution");
	}
	if (loy__random_below(random, 2) == 0) {
		begin(event, LOY_KIND_SURVEY_ANSWER, random);
		check(loy_event_set(event, LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS), "instrument");
		check(loy_event_set_ratio(event, LOY_FIELD_VALUE, (double)loy__random_below(random, 11)),
		      "answer");
		check(loy_profile_record(profile, event, NULL), "answer");
	}
	if (loy__random_below(random, 3) == 0) {
		begin(event, LOY_KIND_REVIEW, random);
		check(loy_event_set_ratio(event, LOY_FIELD_VALUE, (double)(1 + loy__random_below(random, 5))),
		      "stars");
		check(loy_event_set_ratio(event, LOY_FIELD_SENTIMENT, 0.4), "sentiment");
		check(loy_profile_record(profile, event, NULL), "review");
	}
}

static double best_of(double (*run)(const loy_model *), const loy_model *model)
{
	double best = 1e9;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		double took = run(model);

		best = smaller(best, took);
	}
	return best;
}

static double bare(const loy_model *model)
{
	double start = processor_seconds();
	uint64_t entries = 0;
	uint32_t i;

	(void)model;
	for (i = 0; i < customers; i++) {
		loy__reading reading;

		if (i + 12 < customers)
			LOY__PREFETCH(profiles[i + 12]);
		if (i + 6 < customers)
			loy__record_prefetch(loy__profile_record(profiles[i + 6]));
		loy__record_reading(loy__profile_record(profiles[i]), &reading);
		entries += reading.evidence_count;
	}
	sink = entries;
	return (processor_seconds() - start) / customers;
}

static double batch(const loy_model *model, int intervals)
{
	loy_score_column columns[SCORES] = {{0}};
	double start;
	uint32_t i;

	for (i = 0; i < SCORES; i++) {
		columns[i].struct_size = sizeof(columns[i]);
		check(loy_model_headline(model, i, &columns[i].construct), "headline");
		columns[i].value = value[i];
		columns[i].value_stride = sizeof(double);
		columns[i].low = intervals ? low[i] : NULL;
		columns[i].low_stride = sizeof(double);
		columns[i].high = intervals ? high[i] : NULL;
		columns[i].high_stride = sizeof(double);
	}
	start = processor_seconds();
	check(loy_score_profiles(model, (const loy_profile *const *)profiles, customers, 19720 * LOY_DAY,
	                         columns, SCORES, NULL),
	      "score");
	return (processor_seconds() - start) / customers;
}

static double values(const loy_model *model)
{
	return batch(model, 0);
}

static double intervals(const loy_model *model)
{
	return batch(model, 1);
}

static double cards(const loy_model *model)
{
	uint32_t some = (customers + 9) / 10, i;
	loy_scorecard *card;
	double start;

	check(loy_scorecard_create(&card, model, NULL), "card");
	start = processor_seconds();
	for (i = 0; i < some; i++) {
		check(loy_scorecard_evaluate(card, profiles[i], 19720 * LOY_DAY), "evaluate");
		sink = loy_scorecard_contribution_count(card, 0);
	}
	start = (processor_seconds() - start) / some;
	loy_scorecard_destroy(card);
	return start;
}

static void report(const char *what, double took, double compared)
{
	printf("%-28s %8.1f ns %10.0f /s %6.2f of the bare walk\n", what, took * 1e9, 1 / took,
	       took / compared);
}

int main(int count, char **arguments)
{
	loy_model *model;
	loy_event *event;
	loy__random random;
	uint64_t entries = 0;
	double walk;
	uint32_t i;

	if (count > 1)
		customers = (uint32_t)strtoul(arguments[1], NULL, 10);
	need(customers >= 1 && customers <= CUSTOMERS_MAX, "reading the number of customers");
	check(loy_model_create_builtin(&model, loy_model_builtin_name(0), NULL), "model");
	check(loy_event_create(&event, NULL), "event");
	loy__random_init(&random, 1);
	for (i = 0; i < customers; i++) {
		loy__reading reading;

		check(loy_profile_create(&profiles[i], loy_model_schema(model), NULL), "profile");
		fill(profiles[i], event, &random);
		loy__record_reading(loy__profile_record(profiles[i]), &reading);
		entries += reading.evidence_count;
	}
	printf("%s, %u customers, %.2f evidence entries each\n", loy_model_name(model), (unsigned)customers,
	       (double)entries / customers);
	walk = best_of(bare, model);
	report("bare walk", walk, walk);
	report("four values", best_of(values, model), walk);
	report("four values and intervals", best_of(intervals, model), walk);
	report("scorecards", best_of(cards, model), walk);
	for (i = 0; i < customers; i++)
		loy_profile_destroy(profiles[i]);
	loy_event_destroy(event);
	loy_model_destroy(model);
	return 0;
}
