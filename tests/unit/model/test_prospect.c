/* Prospects as evidence: what the text says, what scores make of it, and that it all adds up. */
#include "scoring.h"

#include "model/score.h"

#define BARE                                                                                                 \
	"channel purchase: half_life 100d, fast 10d\n"                                                       \
	"on purchase: purchase 1\n"                                                                          \
	"construct behavioural: mean 0.5, strength 4, spread 1, limit 60\n"                                  \
	"construct value: mean 0.5, strength 2, spread 1, limit 60\n"                                        \
	"behavioural =~ (0.5, 0)*purchase\n"                                                                 \
	"value ~ 0.3*behavioural\n"
/* The estimates for the CDNOW sample: see the reference customer below. */
#define LIFETIME "lifetime mbg: r 0.524843, alpha 6.183085, a 0.891359, b 1.614002, unit 7d\n"
#define SPEND    "spend gamma_gamma: p 6.249572, q 3.744225, gamma 1544.3521\n"
#define COUNTS                                                                                               \
	"alive behavioural: weight 2\n"                                                                      \
	"purchases behavioural: weight 1, horizon 273d, half 2\n"                                            \
	"worth value: weight 1.5, horizon 364d, half 2000, discount 0.15\n"

static void buy(loy_profile *profile, int64_t day, int64_t amount)
{
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, day * LOY_DAY + 10 * LOY_HOUR), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, amount), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	loy_event_destroy(event);
}

/* Customer 1 of the CDNOW sample: x 2, t_x 30.43 weeks, T 38.86 weeks. */
#define BORN INT64_C(20000)
#define READ ((BORN + 272) * LOY_DAY)
static loy_profile *make_customer(const loy_model *model)
{
	loy_profile *profile = scoring_profile(model);

	buy(profile, BORN, 2933);
	buy(profile, BORN + 17, 2973);
	buy(profile, BORN + 213, 1496);
	return profile;
}

static void shares_are_those_of_the_literature(void **state)
{
	loy_model *model = scoring_model(BARE LIFETIME SPEND COUNTS);
	loy_profile *profile = make_customer(model);
	loy_scorecard *card = scoring_card(model, profile, READ);
	uint32_t i, behavioural = scoring_construct(model, "behavioural");
	int seen = 0;

	(void)state;
	for (i = 0; i < loy_scorecard_contribution_count(card, behavioural); i++) {
		loy_contribution part = {.struct_size = sizeof(part)};

		assert_int_equal(loy_scorecard_contribution(card, behavioural, i, &part), LOY_OK);
		if (part.source == LOY_SOURCE_ALIVE) { /* published: .7061; parameters here have 7 digits */
			assert_close(part.positive, 0.706138, 1e-5, 0.0);
			seen++;
		}
		if (part.source == LOY_SOURCE_PURCHASES) { /* 1.2628 expected in 39 weeks */
			assert_close(part.positive, 1.262759 / (1.262759 + 2.0), 1e-5, 0.0);
			assert_close(part.positive + part.negative, 1.0, 1e-15, 0.0);
			seen++;
		}
	}
	assert_int_equal(seen, 2);
	scoring_check_sums(card);
	/* weight 2 of .7061 and 1 of .3870 against strength 4 at .5, and faded purchases */
	assert_true(scoring_score(card, "behavioural").mean > 50.0);
	assert_true(scoring_part(card, "behavioural", LOY_SOURCE_ALIVE, NULL) > 0.0);
	assert_true(scoring_part(card, "behavioural", LOY_SOURCE_PURCHASES, NULL) < 0.0);
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void worth_is_purchases_times_spend(void **state)
{
	loy_model *model = scoring_model(BARE LIFETIME SPEND COUNTS);
	loy_profile *profile = make_customer(model);
	loy_lifetime *buying, *spend;
	const double b[] = {0.524843, 6.183085, 0.891359, 1.614002}, g[] = {6.249572, 3.744225, 1544.3521};
	loy_history history = {.struct_size = sizeof(history), .x = 2, .t_x = 213.0 / 7, .T = 272.0 / 7};
	loy_lifetime_ask ask = {
	        .struct_size = sizeof(ask), .quantity = LOY_ASK_VALUE, .to = 52.0, .discount = 0.15};
	loy_lifetime_estimate estimate = {.struct_size = sizeof(estimate)};
	double weight[LOY__PROSPECTS], share[LOY__PROSPECTS], worth;
	uint32_t value = scoring_construct(model, "value");
	loy__explained *explained = malloc(sizeof(*explained));

	(void)state;
	history.spend = (2973.0 + 1496.0) / 2.0;
	assert_int_equal(loy_lifetime_create(&buying, LOY_LIFETIME_MBG_NBD, 0, 0, b, 4, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_create(&spend, LOY_LIFETIME_GAMMA_GAMMA, 0, 0, g, 3, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_evaluate(buying, spend, &history, &ask, &estimate), LOY_OK);
	assert_int_equal(loy__explain(explained, model, loy__profile_record(profile), READ), LOY_OK);
	loy__prospects(model, &model->construct[value], &explained->used, weight, share);
	assert_bits_equal(weight[2], 1.5);
	worth = 2000.0 * share[2] / (1.0 - share[2]);
	/* the same formulas in the same order but for the share and back: a few roundings */
	assert_close(worth, estimate.value, 1e-13, 0.0);
	free(explained);
	loy_lifetime_destroy(buying);
	loy_lifetime_destroy(spend);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void nobody_known_has_no_prospects(void **state)
{
	loy_model *with = scoring_model(BARE LIFETIME SPEND COUNTS), *without = scoring_model(BARE);
	loy_scorecard *a = scoring_card(with, NULL, READ), *b = scoring_card(without, NULL, READ);
	loy_score score = scoring_score(a, "behavioural");

	(void)state;
	assert_int_equal(score.state, LOY_SCORE_UNKNOWN);
	assert_bits_equal(score.mean, scoring_score(b, "behavioural").mean);
	assert_bits_equal(score.evidence, 0.0);
	loy_scorecard_destroy(a);
	loy_scorecard_destroy(b);
	loy_model_destroy(with);
	loy_model_destroy(without);
}

static void silence_of_a_regular_customer_lowers_the_score(void **state)
{
	loy_model *model = scoring_model(BARE LIFETIME "alive behavioural: weight 3\n");
	loy_profile *profile = scoring_profile(model);
	double last = 100.0, before = 1.0;
	int64_t day;

	(void)state;
	for (day = 0; day < 70; day += 7)
		buy(profile, BORN + day, 100);
	for (day = 70; day < 800; day += 30) {
		loy_scorecard *card = scoring_card(model, profile, (BORN + day) * LOY_DAY);
		loy_score score = scoring_score(card, "behavioural");
		uint32_t i;

		scoring_check_sums(card);
		assert_true(score.mean < last);
		last = score.mean;
		for (i = 0; i < loy_scorecard_contribution_count(card, 0); i++) {
			loy_contribution part = {.struct_size = sizeof(part)};

			assert_int_equal(loy_scorecard_contribution(card, 0, i, &part), LOY_OK);
			if (part.source != LOY_SOURCE_ALIVE)
				continue;
			assert_true(part.positive < before);
			before = part.positive;
		}
		loy_scorecard_destroy(card);
	}
	assert_true(before < 1e-3); /* ten weekly purchases, then two years of nothing */
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void batches_say_what_cards_say(void **state)
{
	loy_model *model = scoring_model(BARE LIFETIME SPEND COUNTS "headline behavioural, value\n");
	loy_profile *profile = make_customer(model);
	loy_store *store;
	loy_score_column columns[2] = {{.struct_size = sizeof(columns[0])},
	                               {.struct_size = sizeof(columns[0])}};
	double values[2];
	loy_scorecard *card = scoring_card(model, profile, READ);
	int i;

	(void)state;
	assert_int_equal(loy_store_create(&store, model, NULL, NULL), LOY_OK);
	assert_int_equal(loy_store_merge_profile(store, 7, NULL, 0, profile), LOY_OK);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	for (i = 0; i < 2; i++) {
		columns[i].construct = scoring_construct(model, i == 0 ? "behavioural" : "value");
		columns[i].value = &values[i];
		columns[i].value_stride = sizeof(values[i]);
	}
	assert_int_equal(loy_store_score(store, model, READ, 0, 1, columns, 2, NULL), LOY_OK);
	assert_bits_equal(values[0], scoring_score(card, "behavioural").value);
	assert_bits_equal(values[1], scoring_score(card, "value").value);
	loy_scorecard_destroy(card);
	loy_store_destroy(store);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void changes_name_prospects(void **state)
{
	loy_model *model = scoring_model(BARE LIFETIME SPEND COUNTS);
	loy_profile *profile = make_customer(model);
	loy_moment before = {model, profile, READ}, after = {model, profile, READ + 100 * LOY_DAY};
	loy_change *change;
	double first, last, sum = 0.0;
	int alive = 0;
	uint32_t i;

	(void)state;
	assert_int_equal(loy_change_create(&change, NULL), LOY_OK);
	assert_int_equal(loy_change_explain(change, &before, &after, "behavioural", 11), LOY_OK);
	assert_int_equal(loy_change_values(change, &first, &last), LOY_OK);
	for (i = 0; i < loy_change_line_count(change); i++) {
		loy_change_line line = {.struct_size = sizeof(line)};

		assert_int_equal(loy_change_get_line(change, i, &line), LOY_OK);
		alive += line.source == LOY_SOURCE_ALIVE && line.reason == LOY_CHANGE_TIME &&
		         line.points < 0.0;
		sum += line.points;
	}
	assert_int_equal(alive, 1);
	assert_bits_equal(first + sum, last);
	loy_change_destroy(change);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

/* ---- text ---- */

static void texts_come_back(void **state)
{
	static const char *const texts[] = {
	        BARE LIFETIME SPEND COUNTS,
	        BARE "lifetime bg: r 0.2426, alpha 4.41, a 0.79, b 2.43, unit 1d\nalive behavioural: weight "
	             "0.25\n",
	        BARE "lifetime pareto: r 0.55, alpha 10.6, s 0.61, beta 11.7, unit 7d\n"
	             "spend gamma_gamma: p 6, q 4, gamma 15 in \"EUR\"\n"
	             "worth behavioural: weight 1, horizon 30d, half 100\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(texts); i++) {
		loy_model *model = scoring_model(texts[i]), *again;
		char first[8192], second[8192];
		size_t needed;

		assert_int_equal(loy_model_print(model, first, sizeof(first), &needed), LOY_OK);
		assert_non_null(strstr(first, "lifetime "));
		again = scoring_model(first);
		assert_int_equal(loy_model_print(again, second, sizeof(second), &needed), LOY_OK);
		assert_string_equal(first, second);
		loy_model_destroy(again);
		loy_model_destroy(model);
	}
}

static void texts_are_refused_with_reason(void **state)
{
	static const struct {
		const char *text, *message;
		loy_status status;
	} cases[] = {
	        {BARE "alive behavioural: weight 1\n", "prospects are known only after 'lifetime'",
	         LOY_ENAME},
	        {BARE LIFETIME "worth value: weight 1, horizon 9d, half 2\n",
	         "worth is known only after 'spend'", LOY_ENAME},
	        {BARE LIFETIME LIFETIME, "said twice", LOY_ENAME},
	        {BARE SPEND SPEND, "said twice", LOY_ENAME},
	        {BARE LIFETIME "alive value: weight 1\nalive value: weight 1\n", "said twice", LOY_ENAME},
	        {BARE "lifetime weibull: r 1\n", "mbg, bg or pareto", LOY_ESYNTAX},
	        {BARE "lifetime mbg: r 1, alpha 1, a 1, unit 7d\n", ", b", LOY_ESYNTAX},
	        {BARE "lifetime pareto: r 1, alpha 1, a 1, b 1, unit 7d\n", "'s'", LOY_ESYNTAX},
	        {BARE "lifetime mbg: r 0, alpha 1, a 1, b 1, unit 7d\n", "a number above 0", LOY_ERANGE},
	        {BARE "spend gamma_gamma: p 1, q 1, gamma 1\n", "a number above 1", LOY_ERANGE},
	        {BARE "spend gamma_gamma: p 1, q 2, gamma 1 in \"EURO\"\n", "three letters", LOY_ESYNTAX},
	        {BARE LIFETIME "purchases value: weight 1, horizon 9d\n", ", half", LOY_ESYNTAX},
	        {BARE LIFETIME "c <~ 1*value\nalive c: weight 1\n", "composite", LOY_ENAME},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(cases); i++) {
		loy_error error = {.struct_size = sizeof(error)};
		loy_model *model;

		assert_int_equal(loy_model_create(&model, cases[i].text, strlen(cases[i].text), NULL, &error),
		                 cases[i].status);
		if (strstr(error.message, cases[i].message) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", error.message, cases[i].message);
		assert_true(error.line > 6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(shares_are_those_of_the_literature),
	        cmocka_unit_test(worth_is_purchases_times_spend),
	        cmocka_unit_test(nobody_known_has_no_prospects),
	        cmocka_unit_test(silence_of_a_regular_customer_lowers_the_score),
	        cmocka_unit_test(batches_say_what_cards_say),
	        cmocka_unit_test(changes_name_prospects),
	        cmocka_unit_test(texts_come_back),
	        cmocka_unit_test(texts_are_refused_with_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
