/* Scorecards as a host uses them: evaluation, what-if, contributions, drivers, memory, refusals. */
#include <math.h>

#include "chain.h"
#include "model/score.h"

#define SMALL                                                                                                \
	"channel quality: half_life 100d, fast 10d, share 0.5\n"                                             \
	"channel complaint: half_life 100d, fast 10d\n"                                                      \
	"channel price: half_life 100d, fast 10d\n"                                                          \
	"kind ev_quality = 1001\n"                                                                           \
	"kind ev_complaint = 1002\n"                                                                         \
	"kind ev_price = 1003\n"                                                                             \
	"on ev_quality: quality value weight weight\n"                                                       \
	"on ev_complaint: complaint value weight weight\n"                                                   \
	"on ev_price: price value weight weight\n"                                                           \
	"construct value: mean 0.5, strength 4, spread 1, limit 60\n"                                        \
	"construct satisfaction: mean 0.7, strength 4, spread 1, limit 60\n"                                 \
	"construct trust: mean 0.25, strength 2, spread 1, limit 60\n"                                       \
	"value =~ 1*quality\n"                                                                               \
	"satisfaction =~ (0.5, 1)*quality + (0, 2)*complaint\n"                                              \
	"satisfaction ~ 0.25*value\n"                                                                        \
	"trust =~ 1*price\n"                                                                                 \
	"loyalty <~ 3*satisfaction + 1*trust\n"                                                              \
	"headline satisfaction, trust, value, loyalty\n"

static void a_card_says_why(void **state)
{
	loy_model *model = scoring_model(SMALL);
	loy_profile *profile = scoring_profile(model);
	loy_contribution line = {.struct_size = sizeof(line)};
	loy_scorecard *card;
	loy_score score;
	uint64_t events = 0;
	uint32_t flags = 9;
	int64_t time = 0;
	int i;

	(void)state;
	/* just now: 4 good, 1 bad */
	for (i = 0; i < 4; i++)
		scoring_record(profile, model, "ev_quality", DAY_2024(0), 1, 1);
	scoring_record(profile, model, "ev_complaint", DAY_2024(0), 0, 1);
	card = scoring_card(model, profile, DAY_2024(0));
	/* by hand in test_score_means: 0.60625, baseline 0.65; sums are kept to 2^-46, a few of them: 1e-12 */
	score = scoring_score(card, "satisfaction");
	assert_close(score.mean, 60.625, 0, 1e-12);
	assert_bits_equal(score.value, score.mean);
	assert_close(score.baseline, 65.0, 0, 1e-12);
	assert_close(score.evidence, 4.0, 0, 1e-12);
	assert_close(score.uncertainty, 0.5, 0, 1e-12);
	assert_close(score.coverage, 1.0, 0, 0);
	assert_close(score.trend, 0.0, 0, 1e-12);
	assert_int_equal(score.state, LOY_SCORE_OBSERVED);
	assert_true(score.low < score.mean && score.mean < score.high && score.deviation > 0);
	/* quality: 100 * 0.35 * 2 / 8 of its own, and 0.5 * 0.25 of the 25 it gives to value; complaint -65 * 2 / 8 */
	assert_close(scoring_part(card, "satisfaction", LOY_SOURCE_CHANNEL, "quality"), 8.75 + 3.125, 0,
	             1e-11);
	assert_close(scoring_part(card, "satisfaction", LOY_SOURCE_CHANNEL, "complaint"), -16.25, 0, 1e-11);
	assert_int_equal(loy_scorecard_contribution_count(card, scoring_construct(model, "satisfaction")), 2);
	assert_int_equal(loy_scorecard_contribution(card, scoring_construct(model, "satisfaction"), 0, &line),
	                 LOY_OK);
	assert_int_equal(line.channel, scoring_channel(model, "complaint"));
	assert_close(line.negative, 1.0, 0, 1e-12);
	assert_close(line.positive, 0.0, 0, 0);
	assert_int_equal(scoring_score(card, "trust").state, LOY_SCORE_UNKNOWN);
	assert_true(isnan(scoring_score(card, "trust").value));
	assert_close(scoring_score(card, "trust").coverage, 0.0, 0, 0);
	assert_close(scoring_score(card, "loyalty").coverage, 2.0 / 3.0, 1e-15, 0);
	assert_close(scoring_score(card, "loyalty").uncertainty, 0.75 * 0.5 + 0.25, 0, 1e-12);
	scoring_check_sums(card);
	assert_ptr_equal(loy_scorecard_model(card), model);
	assert_int_equal(loy_scorecard_time(card, &time), LOY_OK);
	assert_true(time == DAY_2024(0));
	assert_int_equal(loy_scorecard_events(card, &events), LOY_OK);
	assert_int_equal(events, 5);
	assert_int_equal(loy_scorecard_flags(card, &flags), LOY_OK);
	assert_int_equal(flags, 0);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void trends_compare_fast_with_slow(void **state)
{
	loy_model *model = scoring_model(SMALL);
	loy_profile *profile = scoring_profile(model);
	loy_scorecard *card;
	double slow, fast, slow_n = 4 + 1.5, fast_n = 4 + 1.0 / 1024 + 1, variance[2];
	loy_score score;

	(void)state;
	/* good 100 days ago, bad now: fast sums have forgotten the good one (2^-10) */
	scoring_record(profile, model, "ev_quality", DAY_2024(-100), 1, 1);
	scoring_record(profile, model, "ev_quality", DAY_2024(0), 0, 1);
	card = scoring_card(model, profile, DAY_2024(0));
	score = scoring_score(card, "value");
	slow = (2 + 0.5) / slow_n;
	fast = (2 + 1.0 / 1024) / fast_n;
	variance[0] = slow * (1 - slow) / (slow_n * 60 / (slow_n + 60) + 1);
	variance[1] = fast * (1 - fast) / (fast_n * 60 / (fast_n + 60) + 1);
	assert_close(score.trend, (fast - slow) / sqrt(variance[0] + variance[1]), 0, 1e-11);
	assert_true(score.trend < 0);
	assert_bits_equal(scoring_score(card, "trust").trend, 0.0);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void flags_warn_of_what_a_score_cannot_see(void **state)
{
	loy_model *model = scoring_model(SMALL);
	loy_profile *profile = scoring_profile(model);
	loy_scorecard *card;
	loy_event *event;
	uint64_t events;
	uint32_t flags, i;

	(void)state;
	scoring_record(profile, model, "ev_quality", DAY_2024(2), 1, 1);
	card = scoring_card(model, profile, DAY_2024(2));
	assert_int_equal(loy_scorecard_flags(card, &flags), LOY_OK);
	assert_int_equal(flags, 0);
	assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(1)), LOY_OK);
	assert_int_equal(loy_scorecard_flags(card, &flags), LOY_OK);
	assert_int_equal(flags, LOY_CARD_FUTURE);
	scoring_retract(profile, model, "ev_quality", DAY_2024(2), 1, 1);
	assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(3)), LOY_OK);
	assert_int_equal(loy_scorecard_flags(card, &flags), LOY_OK);
	assert_int_equal(flags, LOY_CARD_RETRACTED);
	assert_int_equal(scoring_score(card, "value").state, LOY_SCORE_UNKNOWN);
	assert_int_equal(loy_scorecard_events(card, &events), LOY_OK);
	assert_int_equal(events, 0);
	loy_profile_clear(profile);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i <= LOY_PROFILE_KEYS_MAX; i++) {
		assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, DAY_2024(0)), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_TOUCHPOINT, i + 1), LOY_OK);
		assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	}
	assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(3)), LOY_OK);
	assert_int_equal(loy_scorecard_flags(card, &flags), LOY_OK);
	assert_int_equal(flags, LOY_CARD_DROPPED);
	loy_event_destroy(event);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void evidence_far_ahead_is_bounded(void **state)
{
	loy_model *model = chain_model(1, 0);
	loy_profile *profile = scoring_profile(model);
	loy_scorecard *card;
	int i;

	(void)state;
	/* up to 90,000 days, 9,000 half-lives, ahead of the time read */
	for (i = 0; i < CHAIN_KINDS; i++) {
		scoring_record(profile, model, chain_kind[i], DAY_2024(60000), 0.25, 200);
		scoring_record(profile, model, chain_kind[i], DAY_2024(1000.0 * i), 1, 1);
	}
	card = scoring_card(model, profile, LOY_TIME_MIN);
	scoring_check_sums(card);
	for (i = 0; i < (int)loy_model_construct_count(model); i++) {
		loy_score score = scoring_score(card, loy_model_construct_name(model, (uint32_t)i));

		assert_true(score.mean >= 0 && score.mean <= 100 && score.low >= 0 && score.high <= 100);
		assert_true(isfinite(score.evidence) && isfinite(score.trend) && score.uncertainty > 0);
	}
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

/*
 * Profiles from bytes of which one was changed, the checksum made good: whatever the reader accepts must be scored
 * within bounds. A purchase is only taken back here, so one changed sign counts it without a time.
 */
static void hostile_profiles_are_scored_within_bounds(void **state)
{
	loy_model *model = chain_model(1, 0);
	loy_profile *profile = scoring_profile(model);
	loy_scorecard *card = scoring_card(model, NULL, 0);
	unsigned char bytes[1024], changed[1024];
	uint32_t accepted = 0, c;
	size_t size, at;
	int value;

	(void)state;
	scoring_retract(profile, model, "purchase", DAY_2024(0), 1, 1);
	scoring_record(profile, model, "ev_quality", DAY_2024(0), 0.5, 1);
	scoring_record(profile, model, "ev_slip", DAY_2024(-9), 0.25, 1);
	scoring_record(profile, model, "ev_recovery", DAY_2024(-8), 0.75, 1);
	assert_int_equal(loy_profile_write(profile, bytes, sizeof(bytes), &size), LOY_OK);
	for (at = 0; at + 4 < size; at++) {
		for (value = 0; value < 256; value++) {
			uint32_t sum;

			memcpy(changed, bytes, size);
			changed[at] = (unsigned char)value;
			sum = loy__crc32c(0, changed, size - 4);
			for (c = 0; c < 4; c++)
				changed[size - 4 + c] = (unsigned char)(sum >> (8 * c));
			if (loy_profile_read(profile, changed, size, NULL) != LOY_OK)
				continue;
			accepted++;
			assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(1)), LOY_OK);
			scoring_check_sums(card);
			for (c = 0; c < loy_model_construct_count(model); c++) {
				loy_score score = {.struct_size = sizeof(score)};

				assert_int_equal(loy_scorecard_score(card, c, &score), LOY_OK);
				assert_true(score.mean >= 0 && score.low <= score.mean &&
				            score.mean <= score.high && score.high <= 100);
				assert_true(isfinite(score.evidence) && isfinite(score.trend));
			}
		}
	}
	assert_true(accepted > 256); /* every byte as it was, and more */
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void steep_curves_leave_sums_exact(void **state)
{
	loy_model *model = scoring_model("channel quality: half_life 100d, fast 10d\n"
	                                 "channel price: half_life 100d, fast 10d\n"
	                                 "kind ev_quality = 1001\n"
	                                 "kind ev_price = 1003\n"
	                                 "on ev_quality: quality value weight weight\n"
	                                 "on ev_price: price value weight weight\n"
	                                 "construct value: mean 0.5, strength 4, spread 1, limit 60\n"
	                                 "construct trust: mean 0.5, strength 4, spread 1, limit 60\n"
	                                 "value =~ 1*quality + 1*price\n"
	                                 "trust ~ 1*cliff(value)\n"
	                                 "response cliff: 0 0, 0.5 0.1, 0.500001 0.9, 1 1\n");
	loy_profile *profile = scoring_profile(model);
	loy_scorecard *card;

	(void)state;
	/* opposite and nearly equal: 800,000 times their difference is what they add to trust */
	scoring_record(profile, model, "ev_quality", DAY_2024(0), 1, 10);
	scoring_record(profile, model, "ev_price", DAY_2024(0), 0, 9.999995);
	card = scoring_card(model, profile, DAY_2024(0));
	scoring_check_sums(card);
	assert_true(fabs(scoring_part(card, "trust", LOY_SOURCE_CHANNEL, "quality")) <= 612.0);
	assert_true(fabs(scoring_part(card, "trust", LOY_SOURCE_CHANNEL, "price")) <= 612.0);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void remainders_go_to_someone(void **state)
{
	loy_model *model = chain_model(1, 1);
	loy__explained *explained = calloc(1, sizeof(*explained));
	loy_profile *profile = scoring_profile(model);
	int i;

	(void)state;
	/* what decades leave of an event moves no score, but nothing may be lost either */
	scoring_record(profile, model, "ev_quality", DAY_2024(0), 0.5, 0.1);
	scoring_record(profile, model, "purchase", DAY_2024(0), 1, 0.1);
	for (i = 0; i < 20000; i += 7) {
		uint32_t c, s;

		assert_int_equal(loy__explain(explained, model, loy__profile_record(profile), DAY_2024(i)),
		                 LOY_OK);
		for (c = 0; c < model->construct_count; c++) {
			double sum = explained->baseline[c];

			for (s = 0; s < LOY__SOURCES; s++)
				sum += explained->part[c][s];
			assert_true(sum == explained->points[c]);
		}
	}
	free(explained);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void drivers_are_ranked_by_what_they_would_move(void **state)
{
	loy_model *model = scoring_model(SMALL);
	loy_profile *profile = scoring_profile(model);
	uint32_t satisfaction = scoring_construct(model, "satisfaction"),
	         trust = scoring_construct(model, "trust");
	loy_driver line = {.struct_size = sizeof(line)};
	loy_scorecard *card;
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		scoring_record(profile, model, "ev_quality", DAY_2024(0), 1, 1);
	scoring_record(profile, model, "ev_complaint", DAY_2024(0), 0, 1);
	card = scoring_card(model, profile, DAY_2024(0));
	assert_int_equal(loy_scorecard_driver_count(card, satisfaction), 2);
	assert_int_equal(loy_scorecard_driver(card, satisfaction, 0, &line), LOY_OK);
	assert_int_equal(line.channel, scoring_channel(model, "complaint"));
	assert_close(line.gain, 0.0, 0, 0);
	/* without it (4 * 0.7125 + 2) / 6 */
	assert_close(line.regain, 100 * 4.85 / 6 - 60.625, 0, 1e-11);
	assert_int_equal(loy_scorecard_driver(card, satisfaction, 1, &line), LOY_OK);
	assert_int_equal(line.channel, scoring_channel(model, "quality"));
	/* one more: value 7/9, mu 0.65 + 0.25 * (7/9 - 0.5), (4 mu + 2.5) / 8.5 */
	assert_close(line.gain, 100 * (4 * (0.65 + 0.25 * (7.0 / 9 - 0.5)) + 2.5) / 8.5 - 60.625, 0, 1e-11);
	assert_close(line.regain, 0.0, 0, 0);
	/* a channel without any evidence yet */
	assert_int_equal(loy_scorecard_driver_count(card, trust), 1);
	assert_int_equal(loy_scorecard_driver(card, trust, 0, &line), LOY_OK);
	assert_int_equal(line.channel, scoring_channel(model, "price"));
	assert_close(line.gain, 25.0, 0, 1e-11); /* (0.5 + 1) / 3 - 0.25 */
	/* made anew after another evaluation */
	assert_int_equal(loy_scorecard_evaluate(card, NULL, DAY_2024(0)), LOY_OK);
	assert_int_equal(loy_scorecard_driver_count(card, satisfaction), 1);
	assert_int_equal(loy_scorecard_driver(card, satisfaction, 1, &line), LOY_ENOTFOUND);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void recovery_drives_nothing_without_a_failure(void **state)
{
	loy_model *model = chain_model(1, 0);
	loy_profile *profile = scoring_profile(model);
	uint32_t satisfaction = scoring_construct(model, "satisfaction"), i;
	loy_scorecard *card = scoring_card(model, NULL, DAY_2024(0));
	int seen = 0;

	(void)state;
	for (i = 0; i < loy_scorecard_driver_count(card, satisfaction); i++) {
		loy_driver line = {.struct_size = sizeof(line)};

		assert_int_equal(loy_scorecard_driver(card, satisfaction, i, &line), LOY_OK);
		assert_int_not_equal(line.channel, scoring_channel(model, "recovery"));
	}
	scoring_record(profile, model, "ev_complaint", DAY_2024(0), 0, 1);
	assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(0)), LOY_OK);
	for (i = 0; i < loy_scorecard_driver_count(card, satisfaction); i++) {
		loy_driver line = {.struct_size = sizeof(line)};

		assert_int_equal(loy_scorecard_driver(card, satisfaction, i, &line), LOY_OK);
		seen |= line.channel == scoring_channel(model, "recovery") && line.gain > 0;
	}
	assert_true(seen);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void what_if_says_which_event_it_refuses(void **state)
{
	loy_model *model = scoring_model(SMALL), *other = chain_model(1, 0);
	loy_profile *profile = scoring_profile(model), *foreign = scoring_profile(other);
	loy_error error = {.struct_size = sizeof(error)};
	const loy_event *events[3];
	loy_event *good, *flawed;
	loy_scorecard *card;
	double before;

	(void)state;
	assert_int_equal(loy_event_create(&good, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&flawed, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(good, 1001, DAY_2024(0)), LOY_OK);
	assert_int_equal(loy_event_set_ratio(good, LOY_FIELD_VALUE, 1), LOY_OK);
	assert_int_equal(loy_event_begin(flawed, LOY_KIND_PURCHASE, DAY_2024(0)),
	                 LOY_OK); /* without an amount */
	card = scoring_card(model, profile, DAY_2024(0));
	events[0] = good;
	events[1] = good;
	events[2] = flawed;
	before = scoring_score(card, "value").mean;
	assert_int_equal(loy_scorecard_what_if(card, profile, events, 3, DAY_2024(0), &error), LOY_EINVAL);
	assert_int_equal(error.row, 2);
	assert_int_equal(error.field, LOY_FIELD_AMOUNT);
	events[1] = NULL;
	assert_int_equal(loy_scorecard_what_if(card, profile, events, 3, DAY_2024(0), &error), LOY_EINVAL);
	assert_int_equal(error.row, 1);
	assert_int_equal(loy_scorecard_what_if(card, profile, events, 1, LOY_TIME_MAX + 1, &error),
	                 LOY_ETIME);
	assert_int_equal(loy_scorecard_what_if(card, foreign, events, 1, 0, &error), LOY_ESCHEMA);
	assert_int_equal(loy_scorecard_what_if(card, profile, NULL, 1, 0, &error), LOY_EINVAL);
	assert_int_equal(loy_scorecard_what_if(NULL, profile, events, 1, 0, NULL), LOY_EINVAL);
	assert_bits_equal(scoring_score(card, "value").mean, before);
	/* (2 + 1) / 5, without a profile at all */
	assert_int_equal(loy_scorecard_what_if(card, NULL, events, 1, DAY_2024(0), &error), LOY_OK);
	assert_close(scoring_score(card, "value").mean, 60.0, 0, 1e-12);
	assert_int_equal(loy_scorecard_what_if(card, profile, NULL, 0, DAY_2024(0), &error), LOY_OK);
	assert_bits_equal(scoring_score(card, "value").mean, before);
	loy_scorecard_destroy(card);
	loy_event_destroy(good);
	loy_event_destroy(flawed);
	loy_profile_destroy(profile);
	loy_profile_destroy(foreign);
	loy_model_destroy(model);
	loy_model_destroy(other);
}

static void memory_may_run_out_anywhere(void **state)
{
	loy_model *model = scoring_model(SMALL);
	loy_profile *profile = scoring_profile(model);
	loy_status status = LOY_ENOMEM;
	loy_error error = {.struct_size = sizeof(error)};
	const loy_event *events[2];
	int blamed = 0;
	loy_event *event;
	long n;

	(void)state;
	scoring_record(profile, model, "ev_quality", DAY_2024(0), 1, 1);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, 1003, DAY_2024(0)), LOY_OK);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, 1), LOY_OK);
	events[0] = event;
	events[1] = event;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_scorecard *card = NULL;

		status = loy_scorecard_create(&card, model, &memory);
		assert_int_equal(status == LOY_OK, card != NULL);
		loy_scorecard_destroy(card);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 2);
	status = LOY_ENOMEM;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = -1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_scorecard *card;
		long live;

		assert_int_equal(loy_scorecard_create(&card, model, &memory), LOY_OK);
		assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(0)), LOY_OK);
		live = heap.live;
		heap.until = heap.requests + n;
		error.row = -9;
		status = loy_scorecard_what_if(card, profile, events, 2, DAY_2024(0), &error);
		blamed |= status == LOY_ENOMEM && error.row >= 0; /* -1 when the copy failed */
		assert_int_equal(heap.live, live);
		assert_int_equal(scoring_score(card, "trust").state,
		                 status == LOY_OK ? LOY_SCORE_OBSERVED : LOY_SCORE_UNKNOWN);
		loy_scorecard_destroy(card);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 1);
	assert_true(blamed);
	loy_event_destroy(event);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void evaluating_does_not_allocate(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_model *model = chain_model(1, 0);
	struct chain_history history;
	loy_profile *profile;
	loy_scorecard *card;
	loy__random random;
	long requests;
	uint32_t c;

	(void)state;
	loy__random_init(&random, 3);
	chain_random(&history, &random, CHAIN_EVENTS, (1 << CHAIN_KINDS) - 1);
	profile = chain_profile(model, &history);
	assert_int_equal(loy_scorecard_create(&card, model, &memory), LOY_OK);
	requests = heap.requests;
	assert_int_equal(loy_scorecard_evaluate(card, profile, DAY_2024(0)), LOY_OK);
	scoring_check_sums(card);
	for (c = 0; c < loy_model_construct_count(model); c++)
		(void)loy_scorecard_driver_count(card, c);
	assert_int_equal(heap.requests, requests);
	loy_scorecard_destroy(card);
	assert_int_equal(heap.live, 0);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void hostile_arguments_are_refused(void **state)
{
	loy_model *model = scoring_model(SMALL), *other = chain_model(1, 0);
	loy_profile *foreign = scoring_profile(other);
	loy_allocator half = {NULL, NULL, faulty_release, NULL};
	loy_score score = {.struct_size = sizeof(score)};
	loy_contribution part = {.struct_size = sizeof(part)};
	loy_driver driver = {.struct_size = sizeof(driver)};
	loy_scorecard *card = (loy_scorecard *)&half;
	uint64_t events;
	uint32_t flags;
	int64_t time;

	(void)state;
	assert_int_equal(loy_scorecard_create(NULL, model, NULL), LOY_EINVAL);
	assert_int_equal(loy_scorecard_create(&card, NULL, NULL), LOY_EINVAL);
	assert_null(card);
	assert_int_equal(loy_scorecard_create(&card, model, &half), LOY_EINVAL);
	assert_null(card);
	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	/* before the first evaluation */
	assert_int_equal(loy_scorecard_time(card, &time), LOY_ESTATE);
	assert_int_equal(loy_scorecard_flags(card, &flags), LOY_ESTATE);
	assert_int_equal(loy_scorecard_events(card, &events), LOY_ESTATE);
	assert_int_equal(loy_scorecard_score(card, 0, &score), LOY_ESTATE);
	assert_int_equal(loy_scorecard_contribution(card, 0, 0, &part), LOY_ESTATE);
	assert_int_equal(loy_scorecard_driver(card, 0, 0, &driver), LOY_ESTATE);
	assert_int_equal(loy_scorecard_contribution_count(card, 0), 0);
	assert_int_equal(loy_scorecard_driver_count(card, 0), 0);
	assert_ptr_equal(loy_scorecard_model(card), model);
	assert_int_equal(loy_scorecard_evaluate(card, NULL, LOY_TIME_MAX + 1), LOY_ETIME);
	assert_int_equal(loy_scorecard_evaluate(card, NULL, LOY_TIME_MIN - 1), LOY_ETIME);
	assert_int_equal(loy_scorecard_evaluate(card, foreign, 0), LOY_ESCHEMA);
	assert_int_equal(loy_scorecard_evaluate(NULL, NULL, 0), LOY_EINVAL);
	assert_int_equal(loy_scorecard_score(card, 0, &score), LOY_ESTATE);
	assert_int_equal(loy_scorecard_evaluate(card, NULL, LOY_TIME_MAX), LOY_OK);
	assert_int_equal(loy_scorecard_evaluate(card, foreign, 0), LOY_ESCHEMA);
	assert_int_equal(loy_scorecard_time(card, &time), LOY_OK);
	assert_true(time == LOY_TIME_MAX);
	/* outputs and indices */
	assert_int_equal(loy_scorecard_time(card, NULL), LOY_EINVAL);
	assert_int_equal(loy_scorecard_flags(card, NULL), LOY_EINVAL);
	assert_int_equal(loy_scorecard_events(card, NULL), LOY_EINVAL);
	assert_int_equal(loy_scorecard_score(card, 4, &score), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_score(card, UINT32_MAX, &score), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_score(card, 0, NULL), LOY_EINVAL);
	score.struct_size = 0;
	assert_int_equal(loy_scorecard_score(card, 0, &score), LOY_EINVAL);
	assert_int_equal(loy_scorecard_contribution(card, 0, 0, &part), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_contribution(card, 9, 0, &part), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_contribution_count(card, 9), 0);
	assert_int_equal(loy_scorecard_driver(card, 9, 0, &driver), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_driver(card, 0, 9, &driver), LOY_ENOTFOUND);
	assert_int_equal(loy_scorecard_driver(card, 0, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_scorecard_driver_count(card, 9), 0);
	/* no card at all */
	assert_int_equal(loy_scorecard_time(NULL, &time), LOY_EINVAL);
	assert_int_equal(loy_scorecard_flags(NULL, &flags), LOY_EINVAL);
	assert_int_equal(loy_scorecard_events(NULL, &events), LOY_EINVAL);
	assert_int_equal(loy_scorecard_score(NULL, 0, &score), LOY_EINVAL);
	assert_int_equal(loy_scorecard_contribution(NULL, 0, 0, &part), LOY_EINVAL);
	assert_int_equal(loy_scorecard_driver(NULL, 0, 0, &driver), LOY_EINVAL);
	assert_int_equal(loy_scorecard_contribution_count(NULL, 0), 0);
	assert_int_equal(loy_scorecard_driver_count(NULL, 0), 0);
	assert_null(loy_scorecard_model(NULL));
	loy_scorecard_destroy(NULL);
	loy_scorecard_destroy(card);
	loy_profile_destroy(foreign);
	loy_model_destroy(model);
	loy_model_destroy(other);
}

static void shorter_and_longer_structs_are_honoured(void **state)
{
	loy_model *model = scoring_model(SMALL);
	loy_scorecard *card = scoring_card(model, NULL, 0);
	struct {
		loy_score score;
		uint64_t later;
	} longer;
	loy_score shorter;

	(void)state;
	memset(&longer, 7, sizeof(longer));
	longer.score.struct_size = sizeof(longer);
	assert_int_equal(loy_scorecard_score(card, 0, &longer.score), LOY_OK);
	assert_close(longer.score.mean, 50.0, 0, 0);
	assert_int_equal(longer.score.struct_size, sizeof(longer));
	assert_true(longer.later == UINT64_C(0x0707070707070707));
	memset(&shorter, 7, sizeof(shorter));
	shorter.struct_size = offsetof(loy_score, low);
	assert_int_equal(loy_scorecard_score(card, 0, &shorter), LOY_OK);
	assert_close(shorter.mean, 50.0, 0, 0);
	assert_memory_equal(&shorter.low, &longer.later, sizeof(shorter.low));
	loy_scorecard_destroy(card);
	loy_model_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_card_says_why),
	        cmocka_unit_test(trends_compare_fast_with_slow),
	        cmocka_unit_test(flags_warn_of_what_a_score_cannot_see),
	        cmocka_unit_test(evidence_far_ahead_is_bounded),
	        cmocka_unit_test(hostile_profiles_are_scored_within_bounds),
	        cmocka_unit_test(steep_curves_leave_sums_exact),
	        cmocka_unit_test(remainders_go_to_someone),
	        cmocka_unit_test(drivers_are_ranked_by_what_they_would_move),
	        cmocka_unit_test(recovery_drives_nothing_without_a_failure),
	        cmocka_unit_test(what_if_says_which_event_it_refuses),
	        cmocka_unit_test(memory_may_run_out_anywhere),
	        cmocka_unit_test(evaluating_does_not_allocate),
	        cmocka_unit_test(hostile_arguments_are_refused),
	        cmocka_unit_test(shorter_and_longer_structs_are_honoured),
	};

	return cmocka_run_group_tests_name("model/score_card", tests, NULL, NULL);
}
