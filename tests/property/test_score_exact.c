/* What must be exact, to the bit or with ==, on random customers: sums, order, batches, what-if, changes. */
#include <math.h>

#include "chain.h"

enum { CASES = 400, ALL = (1 << CHAIN_KINDS) - 1 };

/* All that two cards say, bit for bit. */
static void check_equal(const loy_scorecard *a, const loy_scorecard *b)
{
	const loy_model *model = loy_scorecard_model(a);
	uint32_t c, i;

	for (c = 0; c < loy_model_construct_count(model); c++) {
		loy_score x = {.struct_size = sizeof(x)}, y = {.struct_size = sizeof(y)};

		assert_int_equal(loy_scorecard_score(a, c, &x), LOY_OK);
		assert_int_equal(loy_scorecard_score(b, c, &y), LOY_OK);
		assert_int_equal(x.state, y.state);
		assert_bits_equal(x.mean, y.mean);
		assert_bits_equal(x.low, y.low);
		assert_bits_equal(x.high, y.high);
		assert_bits_equal(x.deviation, y.deviation);
		assert_bits_equal(x.evidence, y.evidence);
		assert_bits_equal(x.coverage, y.coverage);
		assert_bits_equal(x.trend, y.trend);
		assert_int_equal(loy_scorecard_contribution_count(a, c),
		                 loy_scorecard_contribution_count(b, c));
		for (i = 0; i < loy_scorecard_contribution_count(a, c); i++) {
			loy_contribution p = {.struct_size = sizeof(p)}, q = {.struct_size = sizeof(q)};

			assert_int_equal(loy_scorecard_contribution(a, c, i, &p), LOY_OK);
			assert_int_equal(loy_scorecard_contribution(b, c, i, &q), LOY_OK);
			assert_true(p.source == q.source && p.channel == q.channel);
			assert_bits_equal(p.points, q.points);
			assert_bits_equal(p.positive, q.positive);
			assert_bits_equal(p.negative, q.negative);
		}
	}
}

static void order_and_partition_do_not_count(void **state)
{
	loy_model *model = chain_model(1, 0);
	loy__random random;
	int i, k;

	(void)state;
	loy__random_init(&random, 21);
	for (i = 0; i < CASES; i++) {
		struct chain_history history;
		loy_profile *whole, *part[3];
		loy_scorecard *a, *b;

		chain_random(&history, &random, CHAIN_EVENTS, ALL);
		whole = chain_profile(model, &history);
		for (k = 0; k < 3; k++)
			part[k] = scoring_profile(model);
		for (k = history.count; k > 0; k--) {
			int take = (int)loy__random_below(&random, (uint64_t)k);

			chain_record(part[loy__random_below(&random, 3)], model, &history.event[take]);
			history.event[take] = history.event[k - 1];
		}
		assert_int_equal(loy_profile_merge(part[0], part[1]), LOY_OK);
		assert_int_equal(loy_profile_merge(part[2], part[0]), LOY_OK);
		a = scoring_card(model, whole, DAY_2024(20));
		b = scoring_card(model, part[2], DAY_2024(20));
		check_equal(a, b);
		loy_scorecard_destroy(a);
		loy_scorecard_destroy(b);
		loy_profile_destroy(whole);
		for (k = 0; k < 3; k++)
			loy_profile_destroy(part[k]);
	}
	loy_model_destroy(model);
}

static void contributions_add_up(void **state)
{
	loy_model *model[2] = {chain_model(1, 0), chain_model(1, 1)};
	loy__random random;
	int i;

	(void)state;
	loy__random_init(&random, 22);
	for (i = 0; i < 4 * CASES; i++) {
		struct chain_history history;
		loy_profile *profile;
		loy_scorecard *card;
		/* some just now, some so long ago that hardly a bit is left of them */
		double days = (double)loy__random_below(&random, i % 4 == 0 ? 60000 : 300);

		chain_random(&history, &random, i % 3 == 0 ? 2 : CHAIN_EVENTS, ALL);
		profile = chain_profile(model[i % 2], &history);
		card = scoring_card(model[i % 2], profile, DAY_2024(days));
		scoring_check_sums(card);
		loy_scorecard_destroy(card);
		loy_profile_destroy(profile);
	}
	loy_model_destroy(model[0]);
	loy_model_destroy(model[1]);
}

struct row {
	double value, low, high, evidence;
	uint8_t state;
};

static void batches_say_what_cards_say(void **state)
{
	enum { ROWS = CASES, CONSTRUCTS = 6 };
	static struct row rows[CONSTRUCTS][ROWS];
	loy_score_column columns[CONSTRUCTS];
	loy_model *model = chain_model(1, 0);
	loy_profile *profiles[ROWS];
	loy_status status[ROWS];
	loy__random random;
	uint32_t c;
	int i;

	(void)state;
	loy__random_init(&random, 23);
	for (i = 0; i < ROWS; i++) {
		struct chain_history history;

		chain_random(&history, &random, i % 2 ? 4 : CHAIN_EVENTS, ALL);
		profiles[i] = i % 50 == 7 ? NULL : chain_profile(model, &history);
	}
	assert_int_equal(loy_model_construct_count(model), CONSTRUCTS);
	for (c = 0; c < CONSTRUCTS; c++) {
		struct row *first = rows[c];
		loy_score_column column = {sizeof(column),   c,
		                           &first->value,    sizeof(*first),
		                           &first->low,      sizeof(*first),
		                           &first->high,     sizeof(*first),
		                           &first->evidence, sizeof(*first),
		                           &first->state,    sizeof(*first)};

		columns[c] = column;
	}
	assert_int_equal(loy_score_profiles(model, (const loy_profile *const *)profiles, ROWS, DAY_2024(5),
	                                    columns, CONSTRUCTS, status),
	                 LOY_OK);
	for (i = 0; i < ROWS; i++) {
		loy_scorecard *card = scoring_card(model, profiles[i], DAY_2024(5));

		assert_int_equal(status[i], LOY_OK);
		for (c = 0; c < CONSTRUCTS; c++) {
			loy_score score = {.struct_size = sizeof(score)};
			int known;

			assert_int_equal(loy_scorecard_score(card, c, &score), LOY_OK);
			known = score.state != LOY_SCORE_UNKNOWN;
			assert_int_equal(rows[c][i].state, score.state);
			assert_bits_equal(rows[c][i].value, score.value);
			assert_bits_equal(rows[c][i].low, known ? score.low : (double)NAN);
			assert_bits_equal(rows[c][i].high, known ? score.high : (double)NAN);
			assert_bits_equal(rows[c][i].evidence, score.evidence);
		}
		/* one construct alone, which leaves out those it does not depend on */
		c = (uint32_t)i % CONSTRUCTS;
		{
			struct row alone = {0, 0, 0, 0, 9};
			loy_score_column column = {sizeof(column), c, &alone.value, 0, NULL, 0,
			                           &alone.high,    0, NULL,         0, NULL, 0};
			const loy_profile *one = profiles[i];

			assert_int_equal(loy_score_profiles(model, &one, 1, DAY_2024(5), &column, 1, NULL),
			                 LOY_OK);
			assert_bits_equal(alone.value, rows[c][i].value);
			assert_bits_equal(alone.high, rows[c][i].high);
			assert_true(alone.low == 0.0 && alone.evidence == 0.0 && alone.state == 9);
		}
		loy_scorecard_destroy(card);
		loy_profile_destroy(profiles[i]);
	}
	loy_model_destroy(model);
}

static void what_if_is_what_would_be(void **state)
{
	loy_model *model = chain_model(1, 0);
	loy_event *event[3];
	loy__random random;
	int i, k;

	(void)state;
	loy__random_init(&random, 24);
	for (k = 0; k < 3; k++)
		assert_int_equal(loy_event_create(&event[k], NULL), LOY_OK);
	for (i = 0; i < CASES; i++) {
		uint32_t count = (uint32_t)loy__random_below(&random, 4);
		struct chain_history history, more;
		loy_profile *profile, *kept;
		loy_scorecard *a, *b;

		chain_random(&history, &random, 20, ALL);
		do {
			chain_random(&more, &random, 3, ALL);
		} while ((uint32_t)more.count != count);
		profile = chain_profile(model, &history);
		kept = chain_profile(model, &history);
		for (k = 0; k < more.count; k++) {
			const char *kind = chain_kind[more.event[k].kind];
			uint32_t code = loy_schema_kind_find(loy_model_schema(model), kind, strlen(kind));

			assert_int_equal(loy_event_begin(event[k], code, more.event[k].time), LOY_OK);
			assert_int_equal(loy_event_set_ratio(event[k], LOY_FIELD_VALUE, more.event[k].value),
			                 LOY_OK);
			assert_int_equal(
			        loy_event_set_ratio(event[k], LOY_FIELD_WEIGHT, more.event[k].weight),
			        LOY_OK);
			assert_int_equal(loy_event_set(event[k], LOY_FIELD_AMOUNT, 100), LOY_OK);
		}
		assert_int_equal(loy_scorecard_create(&a, model, NULL), LOY_OK);
		assert_int_equal(loy_scorecard_what_if(a, profile, (const loy_event *const *)event, count,
		                                       DAY_2024(3), NULL),
		                 LOY_OK);
		assert_true(loy_profile_equal(profile, kept));
		for (k = 0; k < more.count; k++)
			assert_int_equal(loy_profile_record(profile, event[k], NULL), LOY_OK);
		b = scoring_card(model, profile, DAY_2024(3));
		check_equal(a, b);
		loy_scorecard_destroy(a);
		loy_scorecard_destroy(b);
		loy_profile_destroy(profile);
		loy_profile_destroy(kept);
	}
	for (k = 0; k < 3; k++)
		loy_event_destroy(event[k]);
	loy_model_destroy(model);
}

/* Lines of a change add up in the order listed and in reverse, and only for allowed reasons. */
static void check_change(const loy_change *change, double before, double after)
{
	double forth = 0.0, back = 0.0, was, is, size = INFINITY;
	uint32_t count = loy_change_line_count(change), i;

	assert_int_equal(loy_change_values(change, &was, &is), LOY_OK);
	assert_bits_equal(was, before);
	assert_bits_equal(is, after);
	for (i = 0; i < count; i++) {
		loy_change_line line = {.struct_size = sizeof(line)};

		assert_int_equal(loy_change_get_line(change, i, &line), LOY_OK);
		assert_true(line.points != 0.0 && fabs(line.points) <= size);
		assert_in_range(line.reason, LOY_CHANGE_TIME, LOY_CHANGE_MODEL);
		size = fabs(line.points);
		forth += line.points;
		assert_int_equal(loy_change_get_line(change, count - 1 - i, &line), LOY_OK);
		back += line.points;
	}
	assert_true(before + forth == after && before + back == after);
	assert_true(forth == after - before && back == forth);
}

static void changes_add_up(void **state)
{
	loy_model *model[3] = {chain_model(1, 0), chain_model(3, 0), NULL};
	loy_change *change;
	loy__random random;
	int i;

	(void)state;
	/* another schema */
	assert_int_equal(loy_model_create_builtin(&model[2], "retail", NULL), LOY_OK);
	assert_int_equal(loy_change_create(&change, NULL), LOY_OK);
	loy__random_init(&random, 25);
	for (i = 0; i < CASES; i++) {
		const loy_model *from = model[0], *to = model[loy__random_below(&random, 3)];
		const char *name = i % 2 ? "satisfaction" : "loyalty";
		struct chain_history history;
		loy_moment before, after;
		loy_profile *old, *now;
		loy_scorecard *a, *b;

		chain_random(&history, &random, 20, ALL);
		old = chain_profile(from, &history);
		now = scoring_profile(to);
		if (to == model[2]) {
			scoring_record(now, to, "purchase", DAY_2024(20), 1, 1);
		} else {
			chain_random(&history, &random, 20, ALL);
			loy_profile_destroy(now);
			now = chain_profile(to, &history);
		}
		before = (loy_moment){from, i % 7 == 0 ? NULL : old, DAY_2024(1)};
		after = (loy_moment){to, i % 9 == 0 ? NULL : now,
		                     DAY_2024((double)loy__random_below(&random, 100))};
		a = scoring_card(from, before.profile, before.time);
		b = scoring_card(to, after.profile, after.time);
		assert_int_equal(loy_change_explain(change, &before, &after, name, strlen(name)), LOY_OK);
		check_change(change, scoring_score(a, name).mean, scoring_score(b, name).mean);
		loy_scorecard_destroy(a);
		loy_scorecard_destroy(b);
		loy_profile_destroy(old);
		loy_profile_destroy(now);
	}
	loy_change_destroy(change);
	for (i = 0; i < 3; i++)
		loy_model_destroy(model[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(order_and_partition_do_not_count),
	        cmocka_unit_test(contributions_add_up),
	        cmocka_unit_test(batches_say_what_cards_say),
	        cmocka_unit_test(what_if_is_what_would_be),
	        cmocka_unit_test(changes_add_up),
	};

	return cmocka_run_group_tests_name("property/score_exact", tests, NULL, NULL);
}
