/*
 * Laws that every score keeps, on random customers: what evidence, time, scale and recovery may and may not do.
 * Scores are rounded to 2^-40 points and computed with relative errors near 1e-15: 1e-10 points is their sum many
 * times over, so it is what "never rises" and "never falls" allow.
 */
#include <math.h>

#include "chain.h"

enum { CASES = 400, ALL = (1 << CHAIN_KINDS) - 1, CONSTRUCTS_MOST = LOY_CONSTRUCTS_MAX };
static const double HAIR = 1e-10;

struct scores {
	uint32_t count;
	loy_score at[CONSTRUCTS_MOST];
};

static struct scores scores_of(const loy_model *model, const loy_profile *profile, int64_t time)
{
	loy_scorecard *card = scoring_card(model, profile, time);
	struct scores all = {loy_model_construct_count(model), {{0}}};
	uint32_t c;

	for (c = 0; c < all.count; c++) {
		all.at[c].struct_size = sizeof(all.at[c]);
		assert_int_equal(loy_scorecard_score(card, c, &all.at[c]), LOY_OK);
	}
	loy_scorecard_destroy(card);
	return all;
}

/* Scores of a history, and of the same with one event more. */
static void with_and_without(const loy_model *model, const struct chain_history *history,
                             const struct chain_event *more, int64_t time, struct scores *before,
                             struct scores *after)
{
	loy_profile *profile = chain_profile(model, history);

	*before = scores_of(model, profile, time);
	chain_record(profile, model, more);
	*after = scores_of(model, profile, time);
	loy_profile_destroy(profile);
}

static void good_evidence_never_lowers(void **state)
{
	loy_model *model[2] = {chain_model(1, 0), chain_model(1, 1)};
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 1);
	for (i = 0; i < 2 * CASES; i++) {
		struct chain_history history;
		struct chain_event more;
		struct scores before, after;
		int64_t time = DAY_2024(0);
		uint32_t c;

		chain_random(&history, &random, 20, ALL);
		more.kind = (int)loy__random_below(&random, CHAIN_KINDS);
		more.time = time - (int64_t)loy__random_below(&random, 400) * LOY_DAY;
		if (more.kind == CHAIN_PURCHASE)
			more.time =
			        time; /* an earlier one shortens the expected gap, so silence since may weigh more */
		more.value = 1.0;
		more.weight = 1.0;
		with_and_without(model[i % 2], &history, &more, time, &before, &after);
		for (c = 0; c < before.count; c++)
			if (after.at[c].mean < before.at[c].mean - HAIR)
				fail_msg("case %d: a good %s lowers %s from %.12g to %.12g", i,
				         chain_kind[more.kind], loy_model_construct_name(model[i % 2], c),
				         before.at[c].mean, after.at[c].mean);
	}
	loy_model_destroy(model[0]);
	loy_model_destroy(model[1]);
}

static void bad_evidence_never_raises(void **state)
{
	loy_model *model[2] = {chain_model(1, 0), chain_model(1, 1)};
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 2);
	for (i = 0; i < 2 * CASES; i++) {
		/* a failure lets recovery evidence count that was there before it: not with the capped model */
		unsigned kinds = i % 2 == 0 ? ALL & ~(1u << CHAIN_RECOVERY) : ALL;
		struct chain_history history;
		struct chain_event more;
		struct scores before, after;
		uint32_t c;

		chain_random(&history, &random, 20, kinds);
		more.kind =
		        (int)loy__random_below(&random, CHAIN_PURCHASE); /* any purchase ends the silence */
		more.time = DAY_2024(0) - (int64_t)loy__random_below(&random, 400) * LOY_DAY;
		more.value = 0.0;
		more.weight = 1.0;
		with_and_without(model[i % 2], &history, &more, DAY_2024(0), &before, &after);
		for (c = 0; c < before.count; c++)
			if (after.at[c].mean > before.at[c].mean + HAIR)
				fail_msg("case %d: a bad %s raises %s from %.12g to %.12g", i,
				         chain_kind[more.kind], loy_model_construct_name(model[i % 2], c),
				         before.at[c].mean, after.at[c].mean);
	}
	loy_model_destroy(model[0]);
	loy_model_destroy(model[1]);
}

static void scores_stay_in_their_intervals(void **state)
{
	loy_model *model = chain_model(1, 0);
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 3);
	for (i = 0; i < CASES; i++) {
		struct chain_history history;
		struct scores all;
		loy_profile *profile;
		uint32_t c;

		chain_random(&history, &random, CHAIN_EVENTS, ALL);
		profile = chain_profile(model, &history);
		all = scores_of(model, profile, DAY_2024((double)loy__random_below(&random, 1000) - 300.0));
		loy_profile_destroy(profile);
		for (c = 0; c < all.count; c++) {
			const loy_score *s = &all.at[c];

			assert_true(0.0 <= s->low && s->low <= s->mean && s->mean <= s->high &&
			            s->high <= 100.0);
			assert_true(s->uncertainty > 0.0 && s->uncertainty <= 1.0);
			assert_true(s->coverage >= 0.0 && s->coverage <= 1.0);
			assert_true(s->evidence >= 0.0 && s->deviation > 0.0 && isfinite(s->trend));
			assert_true(s->state == LOY_SCORE_UNKNOWN ? isnan(s->value) && s->mean == s->baseline
			                                          : s->value == s->mean);
		}
	}
	loy_model_destroy(model);
}

static void uncertainty_grows_without_events(void **state)
{
	loy_model *model = chain_model(1, 1); /* damping fades too, and may uncover evidence of failures */
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 4);
	for (i = 0; i < CASES; i++) {
		struct chain_history history;
		struct scores earlier, later;
		loy_profile *profile;
		int64_t time = DAY_2024(0), wait = (int64_t)loy__random_below(&random, 500 * 24) * LOY_HOUR;
		uint32_t c;

		chain_random(&history, &random, CHAIN_EVENTS,
		             ALL & ~(1u << CHAIN_PURCHASE)); /* silence is evidence */
		profile = chain_profile(model, &history);
		earlier = scores_of(model, profile, time);
		later = scores_of(model, profile, time + wait);
		loy_profile_destroy(profile);
		for (c = 0; c < earlier.count; c++) /* 1e-15: a decayed sum is read to within 2^-50 */
			assert_true(later.at[c].uncertainty >= earlier.at[c].uncertainty - 1e-15);
	}
	loy_model_destroy(model);
}

static void more_evidence_narrows(void **state)
{
	loy_model *model = scoring_model("channel answer: half_life 100d, fast 10d, share 0.3\n"
	                                 "kind ev_answer = 1001\n"
	                                 "on ev_answer: answer value weight weight\n"
	                                 "construct trust: mean 0.5, strength 4, spread 1, limit 60\n"
	                                 "trust =~ 1*answer\n");
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 5);
	for (i = 0; i < CASES; i++) {
		loy_profile *profile = scoring_profile(model);
		double width = 101.0;
		int k;

		for (k = 0; k < 8;
		     k++) { /* a good and a bad answer of the same weight and time: the mean stays */
			int64_t time = DAY_2024(0) - (int64_t)loy__random_below(&random, 300) * LOY_DAY;
			double weight = (double)(1 + loy__random_below(&random, 30)) / 10.0;
			struct scores now;

			scoring_record(profile, model, "ev_answer", time, 0.0, weight);
			scoring_record(profile, model, "ev_answer", time, 1.0, weight);
			now = scores_of(model, profile, DAY_2024(0));
			assert_close(now.at[0].mean, 50.0, 0, HAIR);
			assert_true(now.at[0].high - now.at[0].low < width);
			width = now.at[0].high - now.at[0].low;
		}
		loy_profile_destroy(profile);
	}
	loy_model_destroy(model);
}

static void silence_never_raises_behaviour(void **state)
{
	loy_model *model = chain_model(1, 0);
	uint32_t behavioural = scoring_construct(model, "behavioural"),
	         loyalty = scoring_construct(model, "loyalty");
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 6);
	for (i = 0; i < CASES; i++) {
		struct chain_history history;
		struct scores earlier, later;
		loy_profile *profile;
		int64_t time = DAY_2024(0);
		int k;

		chain_random(&history, &random, 12, 1u << CHAIN_PURCHASE);
		for (k = 0; k < history.count; k++)
			history.event[k].value = 1.0;
		profile = chain_profile(model, &history);
		earlier = scores_of(model, profile, time);
		for (k = 0; k < 6; k++) {
			time += (int64_t)loy__random_below(&random, 60 * 24) * LOY_HOUR;
			later = scores_of(model, profile, time);
			assert_true(later.at[behavioural].mean <= earlier.at[behavioural].mean + HAIR);
			assert_true(later.at[loyalty].mean <= earlier.at[loyalty].mean + HAIR);
			earlier = later;
		}
		loy_profile_destroy(profile);
	}
	loy_model_destroy(model);
}

/* Constructs none of whose parents, near or far, stand below their baselines. */
static uint32_t lifted_by_none(const loy_model *model, const struct scores *before)
{
	uint32_t good = 0, c, p;

	for (c = 0; c < before->count; c++) {
		int below = 0;

		for (p = 0; p < c; p++) {
			double total = 0.0;

			assert_int_equal(loy_model_effects(model, p, c, NULL, NULL, &total), LOY_OK);
			below |= total > 0.0 && before->at[p].mean < before->at[p].baseline;
		}
		good |= (uint32_t)!below << c;
	}
	return good;
}

/* A failure and its perfect recovery, of one weight and time. */
static void check_paradox(const loy_model *model, loy_profile *profile, const loy_event *failure,
                          const loy_event *recovery, uint32_t *checked)
{
	struct scores before = scores_of(model, profile, DAY_2024(0)), after;
	uint32_t good = lifted_by_none(model, &before), c;

	assert_int_equal(loy_profile_record(profile, failure, NULL), LOY_OK);
	assert_int_equal(loy_profile_record(profile, recovery, NULL), LOY_OK);
	after = scores_of(model, profile, DAY_2024(0));
	for (c = 0; c < before.count; c++) {
		double most = fmax(before.at[c].mean, before.at[c].baseline);

		if ((good >> c & 1) == 0)
			continue;
		*checked += 1;
		if (after.at[c].mean > most + HAIR)
			fail_msg("failing and making good lifts %s from %.12g to %.12g",
			         loy_model_construct_name(model, c), before.at[c].mean, after.at[c].mean);
	}
}

static void no_recovery_paradox(void **state)
{
	loy_model *model = chain_model(1, 0);
	loy_event *event[2];
	loy__random random;
	uint32_t checked = 0;
	int i, k;

	(void)state;
	loy__random_init(&random, 7);
	for (k = 0; k < 2; k++)
		assert_int_equal(loy_event_create(&event[k], NULL), LOY_OK);
	for (i = 0; i < CASES; i++) {
		struct chain_history history;
		loy_profile *profile;
		double weight = (double)(1 + loy__random_below(&random, 30)) / 10.0;

		chain_random(&history, &random, 20, ALL);
		profile = chain_profile(model, &history);
		for (k = 0; k < 2; k++) {
			uint32_t kind = k == 1 ? 1005 : i % 2 == 0 ? 1003 : 1004;

			assert_int_equal(loy_event_begin(event[k], kind, DAY_2024(-1)), LOY_OK);
			assert_int_equal(loy_event_set_ratio(event[k], LOY_FIELD_VALUE, (double)k), LOY_OK);
			assert_int_equal(loy_event_set_ratio(event[k], LOY_FIELD_WEIGHT, weight), LOY_OK);
		}
		check_paradox(model, profile, event[0], event[1], &checked);
		loy_profile_destroy(profile);
	}
	assert_true(checked > CASES);
	for (k = 0; k < 2; k++)
		loy_event_destroy(event[k]);
	loy_model_destroy(model);
}

static void built_in_models_have_no_recovery_paradox(void **state)
{
	loy_event *event[2];
	loy__random random;
	uint32_t checked = 0, b;
	int i, k;

	(void)state;
	loy__random_init(&random, 8);
	for (k = 0; k < 2; k++)
		assert_int_equal(loy_event_create(&event[k], NULL), LOY_OK);
	for (b = 0; b < loy_model_builtin_count(); b++) {
		loy_model *model;

		assert_int_equal(loy_model_create_builtin(&model, loy_model_builtin_name(b), NULL), LOY_OK);
		for (i = 0; i < CASES; i++) {
			loy_profile *profile = scoring_profile(model);
			int purchases = (int)loy__random_below(&random, 12);
			double severity = (double)(1 + loy__random_below(&random, 1000)) / 1000.0;

			for (k = 0; k < purchases; k++)
				scoring_record(profile, model, "purchase",
				               DAY_2024(-(double)loy__random_below(&random, 300)), 1, 1);
			assert_int_equal(
			        loy_event_begin(event[0],
			                        i % 2 ? LOY_KIND_COMPLAINT : LOY_KIND_SERVICE_FAILURE,
			                        DAY_2024(-1)),
			        LOY_OK);
			assert_int_equal(loy_event_begin(event[1], LOY_KIND_RESOLUTION, DAY_2024(-1)),
			                 LOY_OK);
			assert_int_equal(loy_event_set_ratio(event[1], LOY_FIELD_QUALITY, 1.0), LOY_OK);
			for (k = 0; k < 2; k++)
				assert_int_equal(loy_event_set_ratio(event[k], LOY_FIELD_SEVERITY, severity),
				                 LOY_OK);
			check_paradox(model, profile, event[0], event[1], &checked);
			loy_profile_destroy(profile);
		}
		loy_model_destroy(model);
	}
	assert_true(checked > CASES);
	for (k = 0; k < 2; k++)
		loy_event_destroy(event[k]);
}

/* Everything of two cards, to within `off`; 0 asks for the same bits. */
static void check_same(const struct scores *a, const struct scores *b, double off)
{
	uint32_t c;

	for (c = 0; c < a->count; c++) {
		assert_close(b->at[c].mean, a->at[c].mean, 0, off);
		assert_close(b->at[c].low, a->at[c].low, 0, off * 100);
		assert_close(b->at[c].high, a->at[c].high, 0, off * 100);
		assert_close(b->at[c].evidence, a->at[c].evidence, 0, off);
		assert_int_equal(b->at[c].state, a->at[c].state);
	}
}

static void only_time_differences_count(void **state)
{
	loy_model *model = chain_model(1, 0);
	loy__random random;
	int i, k;

	(void)state;
	loy__random_init(&random, 9);
	for (i = 0; i < CASES; i++) {
		/*
		 * By whole days: mantissas of decayed sums are cut elsewhere, 1e-9. By a multiple of 32 half-lives of
		 * every channel (200, 100, 50, 20 and 10 days): they are cut alike, so the bits are the same.
		 */
		int exact = i % 2;
		int64_t days = exact ? (int64_t)loy__random_below(&random, 5) * 6400 + 6400
		                     : (int64_t)loy__random_below(&random, 20000) - 10000;
		struct chain_history history;
		struct scores here, there;
		loy_profile *profile;

		chain_random(&history, &random, 25, ALL);
		profile = chain_profile(model, &history);
		here = scores_of(model, profile, DAY_2024(30));
		loy_profile_destroy(profile);
		for (k = 0; k < history.count; k++)
			history.event[k].time += days * LOY_DAY;
		profile = chain_profile(model, &history);
		there = scores_of(model, profile, DAY_2024(30) + days * LOY_DAY);
		loy_profile_destroy(profile);
		check_same(&here, &there, exact ? 0.0 : 1e-9);
	}
	loy_model_destroy(model);
}

static void scale_of_weights_does_not_count(void **state)
{
	static const double scale[3] = {2.0, 0.5, 3.0};
	loy_model *model = chain_model(1, 0), *scaled[3];
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 10);
	for (i = 0; i < 3; i++)
		scaled[i] = chain_model(scale[i], 0);
	for (i = 0; i < CASES; i++) {
		const loy_model *other = scaled[i % 3];
		struct chain_history history;
		loy_profile *profile, *same;
		loy_scorecard *here, *there;
		uint32_t c, k;

		chain_random(&history, &random, 25, ALL);
		profile = chain_profile(model, &history);
		same = chain_profile(other, &history);
		here = scoring_card(model, profile, DAY_2024(10));
		there = scoring_card(other, same, DAY_2024(10));
		for (c = 0; c < loy_model_construct_count(model); c++) {
			loy_score a = scoring_score(here, loy_model_construct_name(model, c));
			loy_score b = scoring_score(there, loy_model_construct_name(model, c));

			assert_close(b.mean, a.mean, 0,
			             i % 3 == 2 ? 1e-9 : 0); /* powers of 2 change no rounding */
			assert_close(b.uncertainty, a.uncertainty, 0, 1e-12);
			for (k = 0; k < loy_scorecard_contribution_count(here, c); k++) {
				loy_contribution line = {.struct_size = sizeof(line)};
				const char *channel;

				assert_int_equal(loy_scorecard_contribution(here, c, k, &line), LOY_OK);
				channel = loy_schema_channel_name(loy_model_schema(model), line.channel);
				assert_close(scoring_part(there, loy_model_construct_name(model, c),
				                          line.source, channel),
				             line.points, 0, i % 3 == 2 ? 1e-9 : 0);
			}
		}
		loy_scorecard_destroy(here);
		loy_scorecard_destroy(there);
		loy_profile_destroy(profile);
		loy_profile_destroy(same);
	}
	for (i = 0; i < 3; i++)
		loy_model_destroy(scaled[i]);
	loy_model_destroy(model);
}

static void nothing_known_is_the_baseline_at_any_time(void **state)
{
	loy__random random;
	uint32_t b, c;
	int i;

	(void)state;
	loy__random_init(&random, 11);
	for (b = 0; b <= loy_model_builtin_count(); b++) {
		loy_model *model = NULL;

		if (b < loy_model_builtin_count())
			assert_int_equal(loy_model_create_builtin(&model, loy_model_builtin_name(b), NULL),
			                 LOY_OK);
		else
			model = chain_model(1, 0);
		for (i = 0; i < CASES / 4; i++) {
			int64_t time = LOY_TIME_MIN +
			               (int64_t)loy__random_below(&random, LOY_TIME_MAX - LOY_TIME_MIN);
			struct scores all = scores_of(model, NULL, time);

			for (c = 0; c < all.count; c++) {
				assert_bits_equal(all.at[c].mean, all.at[c].baseline);
				assert_int_equal(all.at[c].state, LOY_SCORE_UNKNOWN);
				assert_true(all.at[c].evidence == 0.0 && all.at[c].uncertainty == 1.0);
			}
		}
		loy_model_destroy(model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(good_evidence_never_lowers),
	        cmocka_unit_test(bad_evidence_never_raises),
	        cmocka_unit_test(scores_stay_in_their_intervals),
	        cmocka_unit_test(uncertainty_grows_without_events),
	        cmocka_unit_test(more_evidence_narrows),
	        cmocka_unit_test(silence_never_raises_behaviour),
	        cmocka_unit_test(no_recovery_paradox),
	        cmocka_unit_test(built_in_models_have_no_recovery_paradox),
	        cmocka_unit_test(only_time_differences_count),
	        cmocka_unit_test(scale_of_weights_does_not_count),
	        cmocka_unit_test(nothing_known_is_the_baseline_at_any_time),
	};

	return cmocka_run_group_tests_name("property/score_laws", tests, NULL, NULL);
}
