/*
 * Events recorded one by one: a store adds purchases of the usual form in a way of its own, which must not show. Next
 * to it profiles take the same events without a store.
 */
#include "stores.h"

#include "model/model.h"

enum { CUSTOMERS = 5, EVENTS = 3000 };

/* A purchase, mostly with nothing but an amount; times pass, or are all over the years. */
static void make_purchase(loy_event *event, loy__random *r, uint64_t n, int wild)
{
	const uint64_t years = (uint64_t)LOY_TIME_MAX - (uint64_t)LOY_TIME_MIN;
	int64_t time = (int64_t)n * 7 * LOY_HOUR;

	if (wild && loy__random_below(r, 3) == 0)
		time = loy__signed((uint64_t)LOY_TIME_MIN + loy__random_below(r, years));
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, time), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, (int64_t)loy__random_below(r, 30000) - 2000),
	                 LOY_OK);
	if (wild && loy__random_below(r, 50) == 0)
		assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, LOY_MONEY_MAX), LOY_OK);
	if (loy__random_below(r, 8) == 0)
		assert_int_equal(loy_event_set(event, LOY_FIELD_DISCOUNT, (int64_t)loy__random_below(r, 500)),
		                 LOY_OK);
	if (loy__random_below(r, 8) == 0)
		assert_int_equal(loy_event_set(event, LOY_FIELD_CURRENCY,
		                               1 + (int64_t)loy__random_below(r, wild ? 90 : 3)),
		                 LOY_OK);
	if (loy__random_below(r, 8) == 0)
		assert_int_equal(loy_event_set(event, LOY_FIELD_UTC_OFFSET, 9 * LOY_HOUR), LOY_OK);
	if (loy__random_below(r, 20) == 0)
		assert_int_equal(loy_event_set(event, LOY_FIELD_CATEGORY, (int64_t)loy__random_below(r, 4)),
		                 LOY_OK);
}

static void assert_same(const loy_store *store, uint64_t customer, const loy_profile *expected)
{
	loy_profile *got;
	uint8_t *a, *b;
	size_t size, other;

	assert_int_equal(loy_profile_create(&got, loy_model_schema(loy_store_model(store)), NULL), LOY_OK);
	assert_int_equal(loy_store_profile_of(store, customer, NULL, 0, got), LOY_OK);
	a = profile_bytes(got, &size);
	b = profile_bytes(expected, &other);
	assert_int_equal(size, other);
	assert_memory_equal(a, b, size);
	free(a);
	free(b);
	loy_profile_destroy(got);
}

/* `others`: one event in so many is no purchase; 0: all are. */
static void record_both(const loy_model *model, int wild, uint64_t others)
{
	loy_store *store = stores_create(model, 0);
	loy_profile *profile[CUSTOMERS];
	loy__random random;
	loy_event *event;
	uint64_t n, who;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (who = 0; who < CUSTOMERS; who++)
		assert_int_equal(loy_profile_create(&profile[who], loy_model_schema(model), NULL), LOY_OK);
	loy__random_init(&random, (uint64_t)wild + others);
	for (n = 0; n < EVENTS; n++) {
		if (others != 0 && loy__random_below(&random, others) == 0)
			sample_event(event, &random, wild ? SAMPLE_WILD : SAMPLE_TAME);
		else
			make_purchase(event, &random, n, wild);
		who = loy__random_below(&random, CUSTOMERS);
		assert_int_equal(loy_event_set_customer(event, who + 1), LOY_OK);
		assert_int_equal(loy_event_set_identity(event, 0, n + 1), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
		assert_int_equal(loy_profile_record(profile[who], event, NULL), LOY_OK);
		if (n < 100 || n % 64 == 0)
			assert_same(store, who + 1, profile[who]);
	}
	for (who = 0; who < CUSTOMERS; who++) {
		assert_same(store, who + 1, profile[who]);
		loy_profile_destroy(profile[who]);
	}
	loy_event_destroy(event);
	loy_store_destroy(store);
}

static void stores_count_as_profiles_do(void **state)
{
	static const char *const names[] = {"retail", "hospitality", "b2b_service"};
	loy_model *model = stores_model();
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		record_both(model, (int)i % 2, i / 2 * 10);
	free(model);
	for (i = 0; i < LOY__COUNT(names); i++) {
		assert_int_equal(loy_model_create_builtin(&model, names[i], NULL), LOY_OK);
		record_both(model, 0, 0);
		record_both(model, 1, 10);
		loy_model_destroy(model);
	}
}

/* What is not complete, or of nobody, is refused as it always was, and changes nothing. */
static void flaws_are_told(void **state)
{
	loy_model *model = stores_model();
	loy_store *store = stores_create(model, 0);
	loy_error error = {.struct_size = sizeof(error)};
	loy_event *event;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, 0), LOY_OK);
	assert_int_equal(loy_store_record(store, event, &error), LOY_EINVAL); /* both: the first is told */
	assert_int_equal(error.field, LOY_FIELD_AMOUNT);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 5), LOY_OK);
	assert_int_equal(loy_store_record(store, event, &error), LOY_EINVAL);
	assert_string_equal(error.message, "the event has no customer");
	assert_int_equal(loy_event_set_customer(event, 1), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_SCALE_MIN, 5), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_SCALE_MAX, 5), LOY_OK);
	assert_int_equal(loy_store_record(store, event, &error), LOY_EINVAL);
	assert_int_equal(error.field, LOY_FIELD_SCALE_MAX);
	assert_int_equal(loy_store_count(store), 0);
	assert_int_equal(stores_stats(store).events, 0);
	loy_event_destroy(event);
	loy_store_destroy(store);
	free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(stores_count_as_profiles_do),
	        cmocka_unit_test(flaws_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
