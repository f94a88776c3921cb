/* Completeness of events, shares of scales, delays. */
#include "support.h"

#include "profile/profile.h"

#define ONE LOY_RATIO_ONE

/* An event in the test's own struct, with fields given as (id, value) pairs up to id 0. */
struct wish {
	uint32_t field;
	int64_t value;
};

static void make(loy_event *event, uint32_t kind, const struct wish *wishes)
{
	loy_allocator memory;

	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	loy__event_init(event, &memory);
	assert_int_equal(loy_event_begin(event, kind, INT64_C(1000) * LOY_DAY), LOY_OK);
	for (; wishes->field != 0; wishes++)
		assert_int_equal(loy_event_set(event, wishes->field, wishes->value), LOY_OK);
}

static void expect(uint32_t kind, const struct wish *wishes, loy_status status, uint32_t field)
{
	loy_error error = {.struct_size = sizeof(error), .row = 77};
	loy_event event;

	make(&event, kind, wishes);
	assert_int_equal(loy_event_check(&event, NULL), status);
	assert_int_equal(loy_event_check(&event, &error), status);
	if (status == LOY_OK) {
		assert_int_equal(error.row, 77); /* left alone */
		return;
	}
	assert_int_equal(error.code, status);
	assert_int_equal(error.row, -1);
	assert_int_equal(error.byte, -1);
	assert_int_equal(error.field, field);
	assert_true(error.message[0] != '\0');
	assert_int_equal(loy__event_check_row(&event, 123, &error), status);
	assert_int_equal(error.row, 123);
	loy__event_release(&event);
}

#define WISHES(...)                                                                                          \
	(const struct wish[])                                                                                \
	{                                                                                                    \
		__VA_ARGS__,                                                                                 \
		{                                                                                            \
			0, 0                                                                                 \
		}                                                                                            \
	}
#define NOTHING                                                                                              \
	(const struct wish[])                                                                                \
	{                                                                                                    \
		{                                                                                            \
			0, 0                                                                                 \
		}                                                                                            \
	}

static void an_empty_event_is_incomplete(void **state)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_event *event = NULL;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_check(event, &error), LOY_EINVAL);
	assert_int_equal(error.field, LOY_FIELD_KIND);
	loy_event_destroy(event);
}

/* Every kind without any field: what it cannot do without is named. */
static void each_kind_names_what_it_lacks(void **state)
{
	static const uint32_t lacks[LOY_KIND_CONSENT + 1] = {
	        [LOY_KIND_PURCHASE] = LOY_FIELD_AMOUNT,     [LOY_KIND_RETURN] = LOY_FIELD_AMOUNT,
	        [LOY_KIND_SURVEY_ANSWER] = LOY_FIELD_VALUE, [LOY_KIND_REVIEW] = LOY_FIELD_VALUE,
	        [LOY_KIND_EMOTION] = LOY_FIELD_EMOTION,     [LOY_KIND_OFFER_SHOWN] = LOY_FIELD_OFFER,
	        [LOY_KIND_OFFER_TAKEN] = LOY_FIELD_OFFER,   [LOY_KIND_PRICE] = LOY_FIELD_AMOUNT,
	        [LOY_KIND_MEMBERSHIP] = LOY_FIELD_STATE,    [LOY_KIND_CONSENT] = LOY_FIELD_PURPOSE,
	};
	uint32_t kind;

	(void)state;
	for (kind = 1; kind <= LOY_KIND_CONSENT; kind++)
		expect(kind, NOTHING, lacks[kind] != 0 ? LOY_EINVAL : LOY_OK, lacks[kind]);
}

static void complete_events_pass(void **state)
{
	(void)state;
	expect(LOY_KIND_PURCHASE, WISHES({LOY_FIELD_AMOUNT, 100}), LOY_OK, 0);
	expect(LOY_KIND_PURCHASE, WISHES({LOY_FIELD_AMOUNT, -100}), LOY_OK, 0);
	expect(LOY_KIND_RETURN, WISHES({LOY_FIELD_AMOUNT, 0}), LOY_OK, 0);
	expect(LOY_KIND_EMOTION, WISHES({LOY_FIELD_EMOTION, LOY_EMOTION_ANGER}), LOY_OK, 0);
	expect(LOY_KIND_OFFER_SHOWN, WISHES({LOY_FIELD_OFFER, 1}), LOY_OK, 0);
	expect(LOY_KIND_OFFER_TAKEN, WISHES({LOY_FIELD_OFFER, 1}), LOY_OK, 0);
	expect(LOY_KIND_PRICE, WISHES({LOY_FIELD_AMOUNT, 5}), LOY_OK, 0);
	expect(LOY_KIND_MEMBERSHIP, WISHES({LOY_FIELD_STATE, LOY_MEMBERSHIP_LEFT}), LOY_OK, 0);
	expect(LOY_KIND_CONSENT, WISHES({LOY_FIELD_PURPOSE, 1}), LOY_EINVAL, LOY_FIELD_GRANTED);
	expect(LOY_KIND_CONSENT, WISHES({LOY_FIELD_PURPOSE, 1}, {LOY_FIELD_GRANTED, 0}), LOY_OK, 0);
	expect(LOY_KIND_OWN_FIRST, NOTHING, LOY_OK, 0);
	expect(LOY_KIND_LAST, NOTHING, LOY_OK, 0);
	expect(LOY_KIND_CONSENT + 1, NOTHING, LOY_OK, 0);
}

/* Taken as it is, a return of -100 would raise the net spend by 100. */
static void returns_take_back_nothing_negative(void **state)
{
	(void)state;
	expect(LOY_KIND_RETURN, WISHES({LOY_FIELD_AMOUNT, -1}), LOY_ERANGE, LOY_FIELD_AMOUNT);
	expect(LOY_KIND_RETURN, WISHES({LOY_FIELD_AMOUNT, -LOY_MONEY_MAX}), LOY_ERANGE, LOY_FIELD_AMOUNT);
}

static void survey_answers_lie_on_a_known_scale(void **state)
{
	const struct wish csat = {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_CSAT};

	(void)state;
	expect(LOY_KIND_SURVEY_ANSWER, WISHES({LOY_FIELD_VALUE, 1}), LOY_EINVAL, LOY_FIELD_INSTRUMENT);
	expect(LOY_KIND_SURVEY_ANSWER, WISHES(csat), LOY_EINVAL, LOY_FIELD_VALUE);
	expect(LOY_KIND_SURVEY_ANSWER, WISHES(csat, {LOY_FIELD_VALUE, ONE}), LOY_EINVAL, LOY_FIELD_SCALE_MAX);
	expect(LOY_KIND_SURVEY_ANSWER, WISHES(csat, {LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MIN, ONE}),
	       LOY_EINVAL, LOY_FIELD_SCALE_MAX);
	expect(LOY_KIND_SURVEY_ANSWER, WISHES(csat, {LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MAX, 5 * ONE}),
	       LOY_EINVAL, LOY_FIELD_SCALE_MIN);
	expect(LOY_KIND_SURVEY_ANSWER,
	       WISHES(csat, {LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MIN, ONE},
	              {LOY_FIELD_SCALE_MAX, 5 * ONE}),
	       LOY_OK, 0);
	expect(LOY_KIND_SURVEY_ANSWER,
	       WISHES(csat, {LOY_FIELD_VALUE, 5 * ONE}, {LOY_FIELD_SCALE_MIN, ONE},
	              {LOY_FIELD_SCALE_MAX, 5 * ONE}),
	       LOY_OK, 0);
	expect(LOY_KIND_SURVEY_ANSWER,
	       WISHES(csat, {LOY_FIELD_VALUE, ONE - 1}, {LOY_FIELD_SCALE_MIN, ONE},
	              {LOY_FIELD_SCALE_MAX, 5 * ONE}),
	       LOY_ERANGE, LOY_FIELD_VALUE);
	expect(LOY_KIND_SURVEY_ANSWER,
	       WISHES(csat, {LOY_FIELD_VALUE, 5 * ONE + 1}, {LOY_FIELD_SCALE_MIN, ONE},
	              {LOY_FIELD_SCALE_MAX, 5 * ONE}),
	       LOY_ERANGE, LOY_FIELD_VALUE);
}

static void a_scale_ends_after_it_begins_in_any_kind(void **state)
{
	(void)state;
	expect(LOY_KIND_VISIT, WISHES({LOY_FIELD_SCALE_MIN, 5}, {LOY_FIELD_SCALE_MAX, 5}), LOY_EINVAL,
	       LOY_FIELD_SCALE_MAX);
	expect(LOY_KIND_OWN_FIRST, WISHES({LOY_FIELD_SCALE_MIN, 5}, {LOY_FIELD_SCALE_MAX, 4}), LOY_EINVAL,
	       LOY_FIELD_SCALE_MAX);
	expect(LOY_KIND_VISIT, WISHES({LOY_FIELD_SCALE_MIN, 5}, {LOY_FIELD_SCALE_MAX, 6}), LOY_OK, 0);
	expect(LOY_KIND_VISIT, WISHES({LOY_FIELD_SCALE_MIN, 5}), LOY_OK, 0);
	/* half a scale against the implied half */
	expect(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MAX, ONE}), LOY_EINVAL,
	       LOY_FIELD_SCALE_MAX);
	expect(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MIN, 5 * ONE}), LOY_EINVAL,
	       LOY_FIELD_SCALE_MIN);
}

static void nps_is_a_whole_number_from_0_to_10(void **state)
{
	const struct wish nps = {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS};
	int64_t i;

	(void)state;
	for (i = 0; i <= 10; i++)
		expect(LOY_KIND_SURVEY_ANSWER, WISHES(nps, {LOY_FIELD_VALUE, i * ONE}), LOY_OK, 0);
	expect(LOY_KIND_SURVEY_ANSWER, WISHES(nps, {LOY_FIELD_VALUE, 11 * ONE}), LOY_ERANGE, LOY_FIELD_VALUE);
	expect(LOY_KIND_SURVEY_ANSWER, WISHES(nps, {LOY_FIELD_VALUE, -ONE}), LOY_ERANGE, LOY_FIELD_VALUE);
	expect(LOY_KIND_SURVEY_ANSWER, WISHES(nps, {LOY_FIELD_VALUE, 9 * ONE + 1}), LOY_ERANGE,
	       LOY_FIELD_VALUE);
	expect(LOY_KIND_SURVEY_ANSWER,
	       WISHES(nps, {LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MIN, 0}, {LOY_FIELD_SCALE_MAX, 10 * ONE}),
	       LOY_OK, 0);
	expect(LOY_KIND_SURVEY_ANSWER, WISHES(nps, {LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MIN, ONE}),
	       LOY_ERANGE, LOY_FIELD_SCALE_MIN);
	expect(LOY_KIND_SURVEY_ANSWER, WISHES(nps, {LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MAX, 5 * ONE}),
	       LOY_ERANGE, LOY_FIELD_SCALE_MAX);
}

static void reviews_have_stars_or_a_sentiment(void **state)
{
	(void)state;
	expect(LOY_KIND_REVIEW, WISHES({LOY_FIELD_SENTIMENT, -ONE}), LOY_OK, 0);
	expect(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, ONE}), LOY_OK, 0);
	expect(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, 5 * ONE}), LOY_OK, 0);
	expect(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, 0}), LOY_ERANGE, LOY_FIELD_VALUE);
	expect(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, 8 * ONE}), LOY_ERANGE, LOY_FIELD_VALUE);
	expect(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, 8 * ONE}, {LOY_FIELD_SCALE_MAX, 10 * ONE}), LOY_OK,
	       0);
	expect(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, 8 * ONE}, {LOY_FIELD_SENTIMENT, 0}), LOY_ERANGE,
	       LOY_FIELD_VALUE);
}

static void only_purchases_and_returns_have_lines(void **state)
{
	const loy_line line = {1, 0, ONE, 100};
	uint32_t kind;

	(void)state;
	for (kind = 1; kind <= LOY_KIND_OWN_FIRST;
	     kind += kind == LOY_KIND_CONSENT ? LOY_KIND_OWN_FIRST - kind : 1) {
		const int may =
		        kind == LOY_KIND_PURCHASE || kind == LOY_KIND_RETURN || kind == LOY_KIND_OWN_FIRST;
		loy_event event;

		/* all that any kind needs; the sum of the lines need not be the amount */
		make(&event, kind,
		     WISHES({LOY_FIELD_AMOUNT, 99}, {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS},
		            {LOY_FIELD_VALUE, ONE}, {LOY_FIELD_EMOTION, 1}, {LOY_FIELD_OFFER, 1},
		            {LOY_FIELD_STATE, 1}, {LOY_FIELD_PURPOSE, 1}, {LOY_FIELD_GRANTED, 1}));
		assert_int_equal(loy_event_check(&event, NULL), LOY_OK);
		assert_int_equal(loy_event_add_line(&event, &line), LOY_OK);
		assert_int_equal(loy_event_check(&event, NULL), may ? LOY_OK : LOY_EINVAL);
		loy__event_release(&event);
	}
}

/* ---- shares and delays ---- */

static int64_t share_of(uint32_t kind, const struct wish *wishes)
{
	int64_t share = -1;
	loy_event event;
	int known;

	make(&event, kind, wishes);
	known = loy__event_share(&event, &share);
	assert_int_equal(known, share >= 0);
	return share;
}

static void shares_are_rounded_exactly(void **state)
{
	const int64_t far = ONE * 1000000;

	(void)state;
	assert_int_equal(share_of(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, 4 * ONE})), 750000000);
	assert_int_equal(share_of(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, ONE})), 0);
	assert_int_equal(share_of(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, 5 * ONE})), ONE);
	assert_int_equal(share_of(LOY_KIND_SURVEY_ANSWER, WISHES({LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS},
	                                                         {LOY_FIELD_VALUE, 7 * ONE})),
	                 700000000);
	/* 1 of 0 … 3, 2 of 0 … 3: 333333333.3, 666666666.7 */
	assert_int_equal(share_of(LOY_KIND_EMOTION, WISHES({LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MIN, 0},
	                                                   {LOY_FIELD_SCALE_MAX, 3 * ONE})),
	                 333333333);
	assert_int_equal(
	        share_of(LOY_KIND_EMOTION, WISHES({LOY_FIELD_VALUE, 2 * ONE}, {LOY_FIELD_SCALE_MIN, 0},
	                                          {LOY_FIELD_SCALE_MAX, 3 * ONE})),
	        666666667);
	/* 1 of 0 … 2e9 is half of 1e-9: away from zero; 1 of 0 … 2e9 + 1 is less */
	assert_int_equal(share_of(LOY_KIND_EMOTION, WISHES({LOY_FIELD_VALUE, 1}, {LOY_FIELD_SCALE_MIN, 0},
	                                                   {LOY_FIELD_SCALE_MAX, 2 * ONE})),
	                 1);
	assert_int_equal(share_of(LOY_KIND_EMOTION, WISHES({LOY_FIELD_VALUE, 1}, {LOY_FIELD_SCALE_MIN, 0},
	                                                   {LOY_FIELD_SCALE_MAX, 2 * ONE + 1})),
	                 0);
	/* the widest scale there is */
	assert_int_equal(
	        share_of(LOY_KIND_EMOTION, WISHES({LOY_FIELD_VALUE, far}, {LOY_FIELD_SCALE_MIN, -far},
	                                          {LOY_FIELD_SCALE_MAX, far})),
	        ONE);
	assert_int_equal(
	        share_of(LOY_KIND_EMOTION, WISHES({LOY_FIELD_VALUE, far - 1000000},
	                                          {LOY_FIELD_SCALE_MIN, -far}, {LOY_FIELD_SCALE_MAX, far})),
	        ONE); /* 1e9 - 0.5: away from zero */
	assert_int_equal(
	        share_of(LOY_KIND_EMOTION, WISHES({LOY_FIELD_VALUE, far - 1000001},
	                                          {LOY_FIELD_SCALE_MIN, -far}, {LOY_FIELD_SCALE_MAX, far})),
	        ONE - 1);
}

static void shares_without_value_or_scale_are_not_known(void **state)
{
	(void)state;
	assert_int_equal(share_of(LOY_KIND_REVIEW, WISHES({LOY_FIELD_SENTIMENT, ONE})), -1);
	assert_int_equal(share_of(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, 6 * ONE})), -1);
	assert_int_equal(share_of(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, 0})), -1);
	assert_int_equal(
	        share_of(LOY_KIND_REVIEW, WISHES({LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MAX, ONE})), -1);
	assert_int_equal(share_of(LOY_KIND_SURVEY_ANSWER, WISHES({LOY_FIELD_VALUE, ONE})), -1);
	assert_int_equal(
	        share_of(LOY_KIND_VISIT, WISHES({LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MAX, 5 * ONE})), -1);
	assert_int_equal(share_of(LOY_KIND_VISIT, WISHES({LOY_FIELD_VALUE, ONE}, {LOY_FIELD_SCALE_MIN, 0})),
	                 -1);
	/* an NPS of another kind of event implies nothing */
	assert_int_equal(share_of(LOY_KIND_VISIT,
	                          WISHES({LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS}, {LOY_FIELD_VALUE, ONE})),
	                 -1);
}

static void delays_come_from_the_field_or_two_times(void **state)
{
	const int64_t now = INT64_C(1000) * LOY_DAY;
	int64_t delay = 5;
	loy_event event;

	(void)state;
	make(&event, LOY_KIND_DELIVERY, NOTHING);
	assert_int_equal(loy__event_delay(&event, &delay), 0);
	assert_int_equal(delay, 5);
	make(&event, LOY_KIND_DELIVERY, WISHES({LOY_FIELD_ACTUAL_TIME, now}));
	assert_int_equal(loy__event_delay(&event, &delay), 0);
	make(&event, LOY_KIND_DELIVERY, WISHES({LOY_FIELD_PROMISED_TIME, now - LOY_DAY}));
	assert_int_equal(loy__event_delay(&event, &delay), 1);
	assert_int_equal(delay, LOY_DAY);
	make(&event, LOY_KIND_DELIVERY,
	     WISHES({LOY_FIELD_PROMISED_TIME, now - LOY_DAY}, {LOY_FIELD_ACTUAL_TIME, now - 3 * LOY_DAY}));
	assert_int_equal(loy__event_delay(&event, &delay), 1);
	assert_int_equal(delay, -2 * LOY_DAY);
	make(&event, LOY_KIND_DELIVERY, WISHES({LOY_FIELD_PROMISED_TIME, now}, {LOY_FIELD_DELAY, -7}));
	assert_int_equal(loy__event_delay(&event, &delay), 1);
	assert_int_equal(delay, -7);
	make(&event, LOY_KIND_DELIVERY,
	     WISHES({LOY_FIELD_PROMISED_TIME, LOY_TIME_MIN}, {LOY_FIELD_ACTUAL_TIME, LOY_TIME_MAX}));
	assert_int_equal(loy__event_delay(&event, &delay), 1);
	assert_true(delay == LOY_TIME_MAX - LOY_TIME_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_empty_event_is_incomplete),
	        cmocka_unit_test(each_kind_names_what_it_lacks),
	        cmocka_unit_test(complete_events_pass),
	        cmocka_unit_test(returns_take_back_nothing_negative),
	        cmocka_unit_test(survey_answers_lie_on_a_known_scale),
	        cmocka_unit_test(a_scale_ends_after_it_begins_in_any_kind),
	        cmocka_unit_test(nps_is_a_whole_number_from_0_to_10),
	        cmocka_unit_test(reviews_have_stars_or_a_sentiment),
	        cmocka_unit_test(only_purchases_and_returns_have_lines),
	        cmocka_unit_test(shares_are_rounded_exactly),
	        cmocka_unit_test(shares_without_value_or_scale_are_not_known),
	        cmocka_unit_test(delays_come_from_the_field_or_two_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
