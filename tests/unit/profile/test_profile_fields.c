/* Every field of the registry, its keys, and what events make of it. */
#include "sample_profile.h"

#include <math.h>

#define EUR   4543826u       /* 'E'<<16 | 'U'<<8 | 'R' */
#define DAY0  INT64_C(19723) /* 2024-01-01 */
#define T0    (DAY0 * LOY_DAY + 12 * LOY_HOUR)
#define MONTH 648u /* January 2024 */

struct fixture {
	loy_profile *profile;
	loy_event *event;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(loy_profile_create(&f->profile, schema, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&f->event, NULL), LOY_OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	loy_profile_destroy(f->profile);
	loy_event_destroy(f->event);
	free(f);
	return 0;
}

static void begin(struct fixture *f, uint32_t kind, int64_t time)
{
	assert_int_equal(loy_event_begin(f->event, kind, time), LOY_OK);
}

static void set(struct fixture *f, uint32_t field, int64_t value)
{
	assert_int_equal(loy_event_set(f->event, field, value), LOY_OK);
}

static void record(struct fixture *f)
{
	assert_int_equal(loy_profile_record(f->profile, f->event, NULL), LOY_OK);
}

static void retract(struct fixture *f)
{
	assert_int_equal(loy_profile_retract(f->profile, f->event, NULL), LOY_OK);
}

static void purchase(struct fixture *f, int64_t time, int64_t amount)
{
	begin(f, LOY_KIND_PURCHASE, time);
	set(f, LOY_FIELD_AMOUNT, amount);
	set(f, LOY_FIELD_CURRENCY, EUR);
}

static loy_value value_at(struct fixture *f, uint32_t field, uint64_t key, int64_t time)
{
	loy_value value;

	memset(&value, 0xA5, sizeof(value));
	if (loy_profile_get(f->profile, field, key, time, &value) != LOY_OK)
		fail_msg("field %u has no key %llu", (unsigned)field, (unsigned long long)key);
	return value;
}

static int64_t integer(struct fixture *f, uint32_t field, uint64_t key)
{
	return value_at(f, field, key, T0).integer;
}

static void unknown(struct fixture *f, uint32_t field, uint64_t key)
{
	loy_value value = {.type = 77};

	assert_int_equal(loy_profile_get(f->profile, field, key, T0, &value), LOY_EUNKNOWN);
	assert_int_equal(value.type, 77);
}

/* ---- the registry itself ---- */

static void the_registry_is_the_list_of_the_header(void **state)
{
	static const loy_profile_field expected[] = {
#define ROW(NAME, id, name, type, unit, key) {id, type, key, 0, name, unit},
	        LOY_PROFILE_MAP(ROW)
#undef ROW
	};
	uint32_t i;

	(void)state;
	assert_int_equal(loy_profile_field_count(), LOY__COUNT(expected));
	for (i = 0; i < LOY__COUNT(expected); i++) {
		loy_profile_field field;

		assert_int_equal(loy_profile_field_info(i, &field), LOY_OK);
		assert_int_equal(field.id, expected[i].id);
		assert_int_equal(field.type, expected[i].type);
		assert_int_equal(field.key, expected[i].key);
		assert_int_equal(field.reserved, 0);
		assert_string_equal(field.name, expected[i].name);
		assert_string_equal(field.unit, expected[i].unit);
		assert_true(i == 0 || expected[i - 1].id < field.id);
	}
	assert_int_equal(loy_profile_field_info(i, &(loy_profile_field){0}), LOY_ENOTFOUND);
	assert_int_equal(loy_profile_field_info(0, NULL), LOY_EINVAL);
}

/* Wild events until every field has a key: each key can be read, gives its type, and they ascend. */
static void every_field_and_key_can_be_read(void **state)
{
	struct fixture *f = *state;
	loy__random r;
	uint32_t i, k;
	int n;

	loy__random_init(&r, 5);
	for (n = 0; n < 400; n++) {
		sample_event(f->event, &r, n % 2 ? SAMPLE_TAME : SAMPLE_WILD);
		record(f);
	}
	for (i = 0; i < loy_profile_field_count(); i++) {
		loy_profile_field field;
		uint64_t key = 0, before = 0;
		uint32_t count;

		assert_int_equal(loy_profile_field_info(i, &field), LOY_OK);
		count = loy_profile_key_count(f->profile, field.id);
		if (count == 0)
			fail_msg("%s has no value after 400 events", field.name);
		if (field.key == LOY_KEY_NONE) {
			assert_int_equal(count, 1);
			assert_int_equal(value_at(f, field.id, 0, T0).type, field.type);
			assert_int_equal(loy_profile_key(f->profile, field.id, 0, &key), LOY_EINVAL);
			assert_int_equal(loy_profile_get(f->profile, field.id, 1, T0, &(loy_value){0}),
			                 LOY_EINVAL);
			continue;
		}
		for (k = 0; k < count; k++) {
			assert_int_equal(loy_profile_key(f->profile, field.id, k, &key), LOY_OK);
			if (k > 0 && (int64_t)key <= (int64_t)before)
				fail_msg("keys of %s do not ascend", field.name);
			assert_int_equal(value_at(f, field.id, key, T0).type, field.type);
			before = key;
		}
		assert_int_equal(loy_profile_key(f->profile, field.id, count, &key), LOY_ENOTFOUND);
		assert_int_equal(loy_profile_key(f->profile, field.id, UINT32_MAX, &key), LOY_ENOTFOUND);
		unknown(f, field.id, UINT64_MAX);
		unknown(f, field.id, UINT64_C(1) << 55);
	}
}

static void unknown_fields_are_refused(void **state)
{
	struct fixture *f = *state;
	loy_value value;
	uint64_t key;

	assert_int_equal(loy_profile_get(f->profile, 0, 0, T0, &value), LOY_EINVAL);
	assert_int_equal(loy_profile_get(f->profile, 6, 0, T0, &value), LOY_EINVAL);
	assert_int_equal(loy_profile_get(f->profile, 1000, 0, T0, &value), LOY_EINVAL);
	assert_int_equal(loy_profile_key_count(f->profile, 1000), 0);
	assert_int_equal(loy_profile_key(f->profile, 1000, 0, &key), LOY_EINVAL);
}

static void an_empty_profile_knows_its_counts_and_nothing_else(void **state)
{
	static const uint32_t zero[] = {LOY_PROFILE_EVENTS,          LOY_PROFILE_FLAGS,
	                                LOY_PROFILE_PURCHASE_DAYS,   LOY_PROFILE_ACTIVE_MONTHS,
	                                LOY_PROFILE_OPEN_CASES,      LOY_PROFILE_CATEGORIES,
	                                LOY_PROFILE_PROMISES_PENDING};
	struct fixture *f = *state;
	uint32_t i, k;

	for (i = 0; i < loy_profile_field_count(); i++) {
		loy_profile_field field;
		int is_zero = 0;

		assert_int_equal(loy_profile_field_info(i, &field), LOY_OK);
		for (k = 0; k < LOY__COUNT(zero); k++)
			is_zero |= zero[k] == field.id;
		assert_int_equal(loy_profile_key_count(f->profile, field.id), is_zero);
		if (is_zero)
			assert_int_equal(integer(f, field.id, 0), 0);
		else
			unknown(f, field.id, 0);
	}
}

/* ---- what events make of the fields ---- */

static void counts_and_times(void **state)
{
	struct fixture *f = *state;

	begin(f, LOY_KIND_VISIT, T0 + 5);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_FIRST_TIME, LOY_KIND_VISIT), T0 + 5);
	assert_int_equal(integer(f, LOY_PROFILE_LAST_TIME, LOY_KIND_VISIT), T0 + 5);
	begin(f, LOY_KIND_VISIT, T0);
	record(f);
	begin(f, LOY_KIND_VISIT, T0 + 9);
	record(f);
	begin(f, 65535, T0 + 1); /* a kind nobody knows is counted all the same */
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_EVENTS, 0), 4);
	assert_int_equal(integer(f, LOY_PROFILE_COUNT, LOY_KIND_VISIT), 3);
	assert_int_equal(integer(f, LOY_PROFILE_FIRST_TIME, LOY_KIND_VISIT), T0);
	assert_int_equal(integer(f, LOY_PROFILE_LAST_TIME, LOY_KIND_VISIT), T0 + 9);
	assert_int_equal(integer(f, LOY_PROFILE_COUNT, 65535), 1);
	assert_int_equal(integer(f, LOY_PROFILE_FLAGS, 0), 0);
	retract(f);
	assert_int_equal(integer(f, LOY_PROFILE_EVENTS, 0), 3);
	assert_int_equal(integer(f, LOY_PROFILE_COUNT, 65535), 0);
	assert_int_equal(integer(f, LOY_PROFILE_LAST_TIME, 65535), T0 + 1);        /* cannot be undone … */
	assert_int_equal(integer(f, LOY_PROFILE_FLAGS, 0), LOY_PROFILE_RETRACTED); /* … which is said */
	begin(f, LOY_KIND_CONTACT, T0);
	retract(f); /* before the event itself arrives: there is no time yet */
	assert_int_equal(integer(f, LOY_PROFILE_COUNT, LOY_KIND_CONTACT), -1);
	unknown(f, LOY_PROFILE_FIRST_TIME, LOY_KIND_CONTACT);
	unknown(f, LOY_PROFILE_LAST_TIME, LOY_KIND_CONTACT);
}

static void money(void **state)
{
	struct fixture *f = *state;
	loy_value squares;

	purchase(f, T0 + LOY_DAY, 1999);
	record(f);
	squares = value_at(f, LOY_PROFILE_PURCHASE_SQUARES, EUR, T0);
	assert_int_equal(squares.high, 0);
	assert_int_equal(squares.low, 1999 * 1999);
	assert_int_equal(integer(f, LOY_PROFILE_RETURNED, EUR), 0);
	purchase(f, T0, -300);
	set(f, LOY_FIELD_DISCOUNT, 50);
	record(f);
	purchase(f, T0 + LOY_HOUR, 1000);
	record(f);
	begin(f, LOY_KIND_RETURN, T0 - 99 * LOY_DAY); /* before its sale */
	set(f, LOY_FIELD_AMOUNT, 600);
	set(f, LOY_FIELD_CURRENCY, EUR);
	record(f);
	begin(f, LOY_KIND_RESOLUTION, T0);
	set(f, LOY_FIELD_COMPENSATION, 250);
	record(f);
	begin(f, LOY_KIND_PRICE, T0); /* an amount that nobody paid */
	set(f, LOY_FIELD_AMOUNT, 777);
	set(f, LOY_FIELD_CURRENCY, EUR);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_PURCHASED, EUR), 2699);
	assert_int_equal(integer(f, LOY_PROFILE_RETURNED, EUR), 600);
	assert_int_equal(integer(f, LOY_PROFILE_NET_SPEND, EUR), 2099);
	assert_int_equal(integer(f, LOY_PROFILE_DISCOUNTS, EUR), 50);
	assert_int_equal(integer(f, LOY_PROFILE_COMPENSATIONS, EUR), 0);
	assert_int_equal(integer(f, LOY_PROFILE_COMPENSATIONS, 0), 250); /* no currency was said */
	assert_int_equal(integer(f, LOY_PROFILE_PURCHASED, 0), 0);
	unknown(f, LOY_PROFILE_FIRST_DAY, 0); /* nothing was bought in it */
	unknown(f, LOY_PROFILE_FIRST_DAY_SPEND, 0);
	assert_int_equal(integer(f, LOY_PROFILE_FIRST_DAY, EUR), DAY0);
	assert_int_equal(integer(f, LOY_PROFILE_FIRST_DAY_SPEND, EUR), 700);
	squares = value_at(f, LOY_PROFILE_PURCHASE_SQUARES, EUR, T0);
	assert_int_equal(squares.low, 1999 * 1999 + 300 * 300 + 1000 * 1000);
	assert_int_equal(loy_profile_key_count(f->profile, LOY_PROFILE_NET_SPEND), 2);
}

static void large_squares_take_128_bits(void **state)
{
	struct fixture *f = *state;
	loy_value squares;
	int i;

	for (i = 0; i < 3; i++) {
		purchase(f, T0, i == 1 ? -LOY_MONEY_MAX : LOY_MONEY_MAX);
		record(f);
	}
	/* 3e30 and -1e30 in words of 64 bits */
	squares = value_at(f, LOY_PROFILE_PURCHASE_SQUARES, EUR, T0);
	assert_int_equal(squares.high, INT64_C(162630325872));
	assert_int_equal(squares.low, UINT64_C(15230832810915790848));
	assert_int_equal(integer(f, LOY_PROFILE_PURCHASED, EUR), LOY_MONEY_MAX);
	retract(f);
	retract(f);
	retract(f);
	retract(f);
	squares = value_at(f, LOY_PROFILE_PURCHASE_SQUARES, EUR, T0);
	assert_int_equal(squares.high, INT64_C(-54210108625));
	assert_int_equal(squares.low, UINT64_C(13369799803404288000));
}

static void local_days(void **state)
{
	struct fixture *f = *state;

	purchase(f, DAY0 * LOY_DAY + LOY_HOUR, 1);   /* 01:00 UTC on New Year's Day … */
	set(f, LOY_FIELD_UTC_OFFSET, -5 * LOY_HOUR); /* … is still December in New York */
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_DAYS_OF_MONTH, MONTH - 1), INT64_C(1) << 30);
	assert_int_equal(integer(f, LOY_PROFILE_FIRST_DAY, EUR), DAY0 - 1);
	purchase(f, T0, 1);
	record(f);
	purchase(f, T0 + LOY_SECOND, 1);
	record(f);
	purchase(f, T0 + 30 * LOY_DAY, 1);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_DAYS_OF_MONTH, MONTH), INT64_C(1) << 30 | 1);
	assert_int_equal(integer(f, LOY_PROFILE_PURCHASE_DAYS, 0), 3);
	assert_int_equal(integer(f, LOY_PROFILE_ACTIVE_MONTHS, 0), 2);
	assert_int_equal(integer(f, LOY_PROFILE_FIRST_PURCHASE_DAY, 0), DAY0 - 1);
	assert_int_equal(integer(f, LOY_PROFILE_LAST_PURCHASE_DAY, 0), DAY0 + 30);
	retract(f);
	assert_int_equal(integer(f, LOY_PROFILE_PURCHASE_DAYS, 0), 3); /* days stay */
	purchase(f, INT64_C(-400) * LOY_DAY, 1); /* 1968-11-27: months before 1970 are negative */
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_DAYS_OF_MONTH, (uint64_t)-14), 1 << 26);
	assert_int_equal(integer(f, LOY_PROFILE_FIRST_PURCHASE_DAY, 0), -400);
}

/* Every local day there is sets its own bit of its own month. */
static void every_day_has_its_bit(void **state)
{
	struct fixture *f = *state;
	int64_t day, last = LOY_TIME_MAX / LOY_DAY + 1, first = LOY_TIME_MIN / LOY_DAY - 1;
	int32_t year, month, of_month, length;
	uint32_t i;
	uint64_t key;

	for (day = first; day <= last; day++) {
		int64_t time = day < first + 1  ? LOY_TIME_MIN
		               : day > last - 1 ? LOY_TIME_MAX
		                                : day * LOY_DAY + 7;

		purchase(f, time, 1);
		if (day == first || day == last)
			set(f, LOY_FIELD_UTC_OFFSET, day == first ? -LOY_DAY : LOY_DAY);
		record(f);
	}
	assert_int_equal(integer(f, LOY_PROFILE_PURCHASE_DAYS, 0), last - first + 1);
	assert_int_equal(integer(f, LOY_PROFILE_FIRST_PURCHASE_DAY, 0), first);
	assert_int_equal(integer(f, LOY_PROFILE_LAST_PURCHASE_DAY, 0), last);
	assert_int_equal(integer(f, LOY_PROFILE_ACTIVE_MONTHS, 0), 300 * 12 + 2);
	for (i = 0; loy_profile_key(f->profile, LOY_PROFILE_DAYS_OF_MONTH, i, &key) == LOY_OK; i++) {
		int64_t bits = integer(f, LOY_PROFILE_DAYS_OF_MONTH, key), index = (int64_t)key;

		year = (int32_t)(1970 + loy__floor_div(index, 12));
		month = (int32_t)(index - (year - 1970) * 12 + 1);
		day = loy__days_from_date(year, month, 1);
		loy__date_from_days(day + 31, &year, &month, &of_month);
		length = 31 - (of_month - 1);
		if (day < first)
			assert_int_equal(bits, INT64_C(1) << 30); /* the last day of 1899 */
		else if (day == last)
			assert_int_equal(bits, 1);
		else
			assert_int_equal(bits, (INT64_C(1) << length) - 1);
	}
	assert_int_equal(i, 300 * 12 + 2);
}

static void evidence_is_read_at_a_time(void **state)
{
	struct fixture *f = *state;
	int64_t slow = 180 * LOY_DAY, fast = 30 * LOY_DAY;

	purchase(f, T0, 100);
	record(f);
	/* weight 1 on channel 0; the addends' error is below 2^-46, reading adds 2^-50 */
	assert_close(value_at(f, LOY_PROFILE_POSITIVE_SLOW, 0, T0).real, 1.0, 3e-14, 0);
	assert_close(value_at(f, LOY_PROFILE_POSITIVE_FAST, 0, T0).real, 1.0, 3e-14, 0);
	assert_close(value_at(f, LOY_PROFILE_POSITIVE_SLOW, 0, T0 + slow).real, 0.5, 3e-14, 0);
	assert_close(value_at(f, LOY_PROFILE_POSITIVE_FAST, 0, T0 + fast).real, 0.5, 3e-14, 0);
	assert_close(value_at(f, LOY_PROFILE_POSITIVE_FAST, 0, T0 + slow).real, 1.0 / 64, 3e-14, 0);
	unknown(f, LOY_PROFILE_NEGATIVE_SLOW, 0);
	/* channel 1: value 0.75 of weight 0.5 */
	assert_close(value_at(f, LOY_PROFILE_POSITIVE_SLOW, 1, T0).real, 0.375, 3e-14, 0);
	assert_close(value_at(f, LOY_PROFILE_NEGATIVE_SLOW, 1, T0).real, 0.125, 3e-14, 0);
	assert_close(value_at(f, LOY_PROFILE_NEGATIVE_FAST, 1, T0 + fast).real, 0.0625, 3e-14, 0);
	assert_int_equal(loy_profile_key_count(f->profile, LOY_PROFILE_POSITIVE_SLOW), 3);
	assert_int_equal(loy_profile_key_count(f->profile, LOY_PROFILE_NEGATIVE_FAST), 2);
	/* channel 5: two rules of one channel add up, 2.0 * 0.6 + 0.25 * 0.3; each is rounded to 2^-40 = 9.1e-13 */
	assert_close(value_at(f, LOY_PROFILE_POSITIVE_SLOW, 5, T0).real, 1.275, 3e-14, 2e-12);
	assert_close(value_at(f, LOY_PROFILE_NEGATIVE_SLOW, 5, T0).real, 0.975, 3e-14, 2e-12);
	begin(f, LOY_KIND_SERVICE_FAILURE, T0);
	record(f); /* two rules of weight 200 meet the cap of one event */
	assert_close(value_at(f, LOY_PROFILE_NEGATIVE_SLOW, 2, T0).real, 256.0, 3e-14, 0);
	assert_close(value_at(f, LOY_PROFILE_POSITIVE_SLOW, 2, T0).real, 20.0, 3e-14, 0);
	assert_int_equal(
	        loy_profile_get(f->profile, LOY_PROFILE_POSITIVE_SLOW, 0, LOY_TIME_MAX + 1, &(loy_value){0}),
	        LOY_ETIME);
	assert_int_equal(
	        loy_profile_get(f->profile, LOY_PROFILE_POSITIVE_SLOW, 0, LOY_TIME_MIN - 1, &(loy_value){0}),
	        LOY_ETIME);
	retract(f);
	assert_true(value_at(f, LOY_PROFILE_NEGATIVE_SLOW, 2, T0).real == 0.0);
}

static void the_worst_episode_is_a_maximum(void **state)
{
	struct fixture *f = *state;
	int64_t half_life = 120 * LOY_DAY;

	begin(f, LOY_KIND_COMPLAINT, T0); /* weight 1.5 times severity */
	set(f, LOY_FIELD_SEVERITY, LOY_RATIO_ONE / 2);
	record(f);
	/* 2^-40 of an order, rounded down twice: relative error below 2 ln 2 2^-40 = 1.3e-12 */
	assert_close(value_at(f, LOY_PROFILE_WORST_EPISODE, 0, T0).real, 0.75, 2e-12, 0);
	assert_close(value_at(f, LOY_PROFILE_WORST_EPISODE, 0, T0 + half_life).real, 0.375, 2e-12, 0);
	begin(f, LOY_KIND_COMPLAINT, T0 + half_life);
	set(f, LOY_FIELD_SEVERITY, LOY_RATIO_ONE / 5); /* 0.3 is less than 0.375 */
	record(f);
	assert_close(value_at(f, LOY_PROFILE_WORST_EPISODE, 0, T0 + half_life).real, 0.375, 2e-12, 0);
	begin(f, LOY_KIND_COMPLAINT, T0 + half_life);
	set(f, LOY_FIELD_SEVERITY, LOY_RATIO_ONE);
	record(f);
	assert_close(value_at(f, LOY_PROFILE_WORST_EPISODE, 0, T0 + half_life).real, 1.5, 2e-12, 0);
	retract(f); /* stays */
	assert_close(value_at(f, LOY_PROFILE_WORST_EPISODE, 0, T0 + half_life).real, 1.5, 2e-12, 0);
	/* read long before and long after the episode: finite, not negative */
	assert_true(value_at(f, LOY_PROFILE_WORST_EPISODE, 0, LOY_TIME_MIN).real <= DBL_MAX);
	assert_true(value_at(f, LOY_PROFILE_WORST_EPISODE, 0, LOY_TIME_MAX).real >= 0.0);
	assert_int_equal(
	        loy_profile_get(f->profile, LOY_PROFILE_WORST_EPISODE, 0, LOY_TIME_MAX + 1, &(loy_value){0}),
	        LOY_ETIME);
	assert_int_equal(
	        loy_profile_get(f->profile, LOY_PROFILE_WORST_EPISODE, 0, LOY_TIME_MIN - 1, &(loy_value){0}),
	        LOY_ETIME);
}

static void answer(struct fixture *f, int64_t time, uint64_t identity, int64_t value)
{
	begin(f, LOY_KIND_SURVEY_ANSWER, time);
	set(f, LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_CSAT);
	set(f, LOY_FIELD_ITEM, 7);
	set(f, LOY_FIELD_SCALE_MIN, 0);
	set(f, LOY_FIELD_SCALE_MAX, 4 * LOY_RATIO_ONE);
	set(f, LOY_FIELD_VALUE, value * LOY_RATIO_ONE);
	assert_int_equal(loy_event_set_identity(f->event, 1, identity), LOY_OK);
}

static void answers(void **state)
{
	const uint64_t key = LOY_INSTRUMENT_CSAT << 16 | 7, stars = LOY_INSTRUMENT_REVIEW << 16;
	struct fixture *f = *state;

	answer(f, T0, 5, 3);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_SQUARES, key), 0);
	assert_int_equal(value_at(f, LOY_PROFILE_ANSWER_SQUARES, key, T0).low, UINT64_C(562500000000000000));
	answer(f, T0, 4, 1); /* the same time: the greater identity stays */
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_LATEST, key), 750000000);
	answer(f, T0, 6, 0);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_LATEST, key), 0);
	answer(f, T0, 6, 4); /* the same identity too: the greater value */
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_LATEST, key), 1000000000);
	answer(f, T0 - 1, 9, 2); /* late */
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_LATEST, key), 1000000000);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_LATEST_TIME, key), T0);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_COUNT, key), 5);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_SUM, key), INT64_C(2500000000));
	retract(f);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_SUM, key), INT64_C(2000000000));
	/* 0.75^2 + 0.25^2 + 1 */
	assert_int_equal(value_at(f, LOY_PROFILE_ANSWER_SQUARES, key, T0).low, UINT64_C(1625000000000000000));
	begin(f, LOY_KIND_REVIEW, T0);
	set(f, LOY_FIELD_VALUE, 4 * LOY_RATIO_ONE);
	set(f, LOY_FIELD_ITEM, 3); /* stars have one place */
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_LATEST, stars), 750000000);
	begin(f, LOY_KIND_REVIEW, T0);
	set(f, LOY_FIELD_SENTIMENT, LOY_RATIO_ONE); /* no stars, no answer */
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_COUNT, stars), 1);
	answer(f, T0, 6, 0);
	set(f, LOY_FIELD_ITEM, 8);
	retract(f); /* only taken back: nothing is the latest */
	unknown(f, LOY_PROFILE_ANSWER_LATEST, key + 1);
	unknown(f, LOY_PROFILE_ANSWER_LATEST_TIME, key + 1);
	assert_int_equal(integer(f, LOY_PROFILE_ANSWER_COUNT, key + 1), -1);
}

static void spans(void **state)
{
	struct fixture *f = *state;

	begin(f, LOY_KIND_FIRST_RESPONSE, T0);
	set(f, LOY_FIELD_ELAPSED, 3 * LOY_HOUR);
	set(f, LOY_FIELD_TARGET, 4 * LOY_HOUR);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_WITHIN, LOY_KIND_FIRST_RESPONSE), 1);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_TARGETED, LOY_KIND_FIRST_RESPONSE), 1);
	set(f, LOY_FIELD_ELAPSED, 5 * LOY_HOUR);
	record(f);
	begin(f, LOY_KIND_FIRST_RESPONSE, T0);
	set(f, LOY_FIELD_ELAPSED, LOY_HOUR); /* no target */
	record(f);
	begin(f, LOY_KIND_FIRST_RESPONSE, T0); /* took nobody knows how long */
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_COUNT, LOY_KIND_FIRST_RESPONSE), 3);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_SUM, LOY_KIND_FIRST_RESPONSE), 9 * LOY_HOUR);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_LONGEST, LOY_KIND_FIRST_RESPONSE), 5 * LOY_HOUR);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_TARGETED, LOY_KIND_FIRST_RESPONSE), 2);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_WITHIN, LOY_KIND_FIRST_RESPONSE), 1);
	begin(f, LOY_KIND_DELIVERY, T0);
	set(f, LOY_FIELD_PROMISED_TIME, T0 + LOY_DAY); /* a day early */
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_LONGEST, LOY_KIND_DELIVERY), -LOY_DAY);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_WITHIN, LOY_KIND_DELIVERY), 1);
	begin(f, LOY_KIND_DELIVERY, T0);
	set(f, LOY_FIELD_DELAY, 2 * LOY_DAY);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_SUM, LOY_KIND_DELIVERY), LOY_DAY);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_TARGETED, LOY_KIND_DELIVERY), 2);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_WITHIN, LOY_KIND_DELIVERY), 1);
	retract(f);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_COUNT, LOY_KIND_DELIVERY), 1);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_LONGEST, LOY_KIND_DELIVERY), 2 * LOY_DAY);
	begin(f, LOY_KIND_PROMISE_KEPT, T0);
	set(f, LOY_FIELD_DELAY, 0); /* on time is within */
	retract(f);
	assert_int_equal(integer(f, LOY_PROFILE_SPAN_WITHIN, LOY_KIND_PROMISE_KEPT), -1);
	unknown(f, LOY_PROFILE_SPAN_LONGEST, LOY_KIND_PROMISE_KEPT);
	begin(f, LOY_KIND_PROMISE_MADE, T0);
	set(f, LOY_FIELD_PROMISED_TIME, T0 + LOY_DAY); /* is not late yet */
	record(f);
	unknown(f, LOY_PROFILE_SPAN_COUNT, LOY_KIND_PROMISE_MADE);
}

static void tags_and_categories(void **state)
{
	static const uint32_t fields[] = {LOY_FIELD_EMOTION,    LOY_FIELD_ENGAGEMENT, LOY_FIELD_OFFER,
	                                  LOY_FIELD_TOUCHPOINT, LOY_FIELD_CHANNEL,    LOY_FIELD_SOURCE,
	                                  LOY_FIELD_DEVICE};
	const loy_line lines[] = {
	        {7, 0, LOY_RATIO_ONE, 150}, {3, 0, LOY_RATIO_ONE, 50}, {7, 1, LOY_RATIO_ONE, -20}};
	struct fixture *f = *state;
	uint32_t i;

	purchase(f, T0, 200);
	for (i = 0; i < LOY__COUNT(fields); i++)
		set(f, fields[i], 40 + i);
	set(f, LOY_FIELD_CATEGORY, 9);
	record(f);
	record(f);
	begin(f, LOY_KIND_VISIT, T0);
	set(f, LOY_FIELD_CHANNEL, 44);
	set(f, LOY_FIELD_CATEGORY, 9); /* nothing was bought */
	record(f);
	for (i = 0; i < LOY__COUNT(fields); i++)
		assert_int_equal(integer(f, LOY_PROFILE_TAG_COUNT, (uint64_t)fields[i] << 32 | (40 + i)),
		                 fields[i] == LOY_FIELD_CHANNEL ? 3 : 2);
	assert_int_equal(loy_profile_key_count(f->profile, LOY_PROFILE_TAG_COUNT), LOY__COUNT(fields));
	assert_int_equal(integer(f, LOY_PROFILE_CATEGORY_COUNT, 9), 2);
	assert_int_equal(integer(f, LOY_PROFILE_CATEGORY_SPEND, 9), 400);
	purchase(f, T0, 180);
	set(f, LOY_FIELD_CATEGORY, 9); /* the lines say more */
	for (i = 0; i < LOY__COUNT(lines); i++)
		assert_int_equal(loy_event_add_line(f->event, &lines[i]), LOY_OK);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_CATEGORY_COUNT, 7), 1);
	assert_int_equal(integer(f, LOY_PROFILE_CATEGORY_SPEND, 7), 130);
	assert_int_equal(integer(f, LOY_PROFILE_CATEGORY_SPEND, 3), 50);
	assert_int_equal(integer(f, LOY_PROFILE_CATEGORY_COUNT, 9), 2);
	assert_int_equal(integer(f, LOY_PROFILE_CATEGORIES, 0), 3);
	retract(f);
	assert_int_equal(integer(f, LOY_PROFILE_CATEGORY_SPEND, 7), 0);
	assert_int_equal(integer(f, LOY_PROFILE_CATEGORIES, 0), 3);
}

static void states_are_the_latest(void **state)
{
	const uint64_t member = (uint64_t)LOY_FIELD_STATE << 32;
	const uint64_t marketing = (uint64_t)LOY_FIELD_PURPOSE << 32 | LOY_PURPOSE_MARKETING;
	struct fixture *f = *state;

	begin(f, LOY_KIND_MEMBERSHIP, T0);
	set(f, LOY_FIELD_STATE, LOY_MEMBERSHIP_LEFT);
	record(f);
	begin(f, LOY_KIND_MEMBERSHIP, T0 - 1);
	set(f, LOY_FIELD_STATE, LOY_MEMBERSHIP_JOINED);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_STATE_VALUE, member), LOY_MEMBERSHIP_LEFT);
	assert_int_equal(integer(f, LOY_PROFILE_STATE_TIME, member), T0);
	begin(f, LOY_KIND_CONSENT, T0);
	set(f, LOY_FIELD_PURPOSE, LOY_PURPOSE_MARKETING);
	set(f, LOY_FIELD_GRANTED, 1);
	record(f);
	begin(f, LOY_KIND_CONSENT, T0 + 1);
	set(f, LOY_FIELD_PURPOSE, LOY_PURPOSE_MARKETING);
	set(f, LOY_FIELD_GRANTED, 0);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_STATE_VALUE, marketing), 0);
	assert_int_equal(integer(f, LOY_PROFILE_STATE_TIME, marketing), T0 + 1);
	retract(f); /* a consent withdrawn stays withdrawn */
	assert_int_equal(integer(f, LOY_PROFILE_STATE_VALUE, marketing), 0);
	assert_int_equal(loy_profile_key_count(f->profile, LOY_PROFILE_STATE_VALUE), 2);
}

static void promises_and_cases(void **state)
{
	struct fixture *f = *state;
	int i;

	for (i = 0; i < 5; i++) {
		begin(f, LOY_KIND_PROMISE_MADE, T0 + i);
		record(f);
	}
	begin(f, LOY_KIND_PROMISE_KEPT, T0);
	record(f);
	begin(f, LOY_KIND_PROMISE_BROKEN, T0);
	record(f);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_PROMISES_PENDING, 0), 2);
	begin(f, LOY_KIND_RESOLUTION, T0); /* before its complaint */
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_OPEN_CASES, 0), -1);
	begin(f, LOY_KIND_COMPLAINT, T0);
	record(f);
	record(f);
	assert_int_equal(integer(f, LOY_PROFILE_OPEN_CASES, 0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_registry_is_the_list_of_the_header),
	        cmocka_unit_test_setup_teardown(every_field_and_key_can_be_read, setup, teardown),
	        cmocka_unit_test_setup_teardown(unknown_fields_are_refused, setup, teardown),
	        cmocka_unit_test_setup_teardown(an_empty_profile_knows_its_counts_and_nothing_else, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(counts_and_times, setup, teardown),
	        cmocka_unit_test_setup_teardown(money, setup, teardown),
	        cmocka_unit_test_setup_teardown(large_squares_take_128_bits, setup, teardown),
	        cmocka_unit_test_setup_teardown(local_days, setup, teardown),
	        cmocka_unit_test_setup_teardown(every_day_has_its_bit, setup, teardown),
	        cmocka_unit_test_setup_teardown(evidence_is_read_at_a_time, setup, teardown),
	        cmocka_unit_test_setup_teardown(the_worst_episode_is_a_maximum, setup, teardown),
	        cmocka_unit_test_setup_teardown(answers, setup, teardown),
	        cmocka_unit_test_setup_teardown(spans, setup, teardown),
	        cmocka_unit_test_setup_teardown(tags_and_categories, setup, teardown),
	        cmocka_unit_test_setup_teardown(states_are_the_latest, setup, teardown),
	        cmocka_unit_test_setup_teardown(promises_and_cases, setup, teardown),
	};

	return cmocka_run_group_tests_name("profile fields", tests, make_schema, free_schema);
}
