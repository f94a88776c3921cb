/* Histories from profiles: the same as from transactions, and fit for models. */
#include "scoring.h"

#define START INT64_C(20000)

static void buy(loy_profile *profile, int64_t day, int64_t amount)
{
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, day * LOY_DAY + 10 * LOY_HOUR), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, amount), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	loy_event_destroy(event);
}

static void a_profile_is_asked_at_once(void **state)
{
	const double parameters[] = {0.524843, 6.183085, 0.891359, 1.614002};
	loy_history history = {.struct_size = sizeof(history), .weight = 3};
	loy_lifetime_ask ask = {.struct_size = sizeof(ask), .quantity = LOY_ASK_ALIVE};
	loy_lifetime_estimate estimate = {.struct_size = sizeof(estimate)};
	loy_model *model = scoring_model("construct a: mean 0.5\n");
	loy_profile *profile = scoring_profile(model);
	loy_lifetime_data *data;
	loy_lifetime *lifetime;

	(void)state;
	assert_int_equal(loy_history_from_profile(&history, profile, 0, START * LOY_DAY, LOY_WEEK),
	                 LOY_EUNKNOWN);
	buy(profile, START, 2933);
	buy(profile, START + 17, 2973);
	buy(profile, START + 213, 1496);
	assert_int_equal(loy_history_from_profile(&history, profile, 0, (START + 272) * LOY_DAY, LOY_WEEK),
	                 LOY_OK);
	assert_true(history.x == 2.0);
	assert_bits_equal(history.t_x, 213.0 * (1.0 / 7.0));
	assert_bits_equal(history.spend, 2234.5);
	assert_int_equal(history.weight, 3); /* not ours */
	assert_int_equal(loy_lifetime_create(&lifetime, LOY_LIFETIME_MBG_NBD, 0, 0, parameters, 4, NULL),
	                 LOY_OK);
	assert_int_equal(loy_lifetime_evaluate(lifetime, NULL, &history, &ask, &estimate), LOY_OK);
	assert_close(estimate.value, 0.706138, 1e-5, 0.0); /* published: customer 1 of the CDNOW sample */
	assert_int_equal(loy_lifetime_data_create(&data, NULL, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_data_add(data, &history, NULL), LOY_OK);
	loy_lifetime_data_destroy(data);
	loy_lifetime_destroy(lifetime);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void what_cannot_be_is_refused(void **state)
{
	loy_history history = {.struct_size = sizeof(history)};
	loy_model *model = scoring_model("construct a: mean 0.5\n");
	loy_profile *profile = scoring_profile(model);

	(void)state;
	buy(profile, START, 1);
	assert_int_equal(loy_history_from_profile(NULL, profile, 0, 0, LOY_WEEK), LOY_EINVAL);
	assert_int_equal(loy_history_from_profile(&history, NULL, 0, 0, LOY_WEEK), LOY_EINVAL);
	assert_int_equal(loy_history_from_profile(&history, profile, 0, 0, 0), LOY_EINVAL);
	assert_int_equal(loy_history_from_profile(&history, profile, 0, LOY_TIME_MAX + 1, LOY_WEEK),
	                 LOY_ETIME);
	history.struct_size = 0;
	assert_int_equal(loy_history_from_profile(&history, profile, 0, 0, LOY_WEEK), LOY_EINVAL);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_profile_is_asked_at_once),
	        cmocka_unit_test(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
