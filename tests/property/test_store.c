/*
 * The laws of a store, on random scenarios: whatever way events arrive, sent twice or not, alone or in tables, in
 * one store or in shards merged in any order, the customers and profiles are the same bytes; conflicts never win.
 */
#include "sample_model.h"

enum { SCENARIOS = 1200, EVENTS_MAX = 160, SHARDS_MAX = 6 };

/* Event n of a scenario, always the same; `other` changes its content but not its identity. */
static void nth(loy_event *event, uint64_t scenario, uint64_t n, uint64_t customers, int other)
{
	loy__random random;

	loy__random_init(&random, scenario << 20 | n);
	stores_event(event, &random, customers, n + 1);
	if (other)
		assert_int_equal(loy_event_set(event, LOY_FIELD_TOUCHPOINT,
		                               (int64_t)loy__random_below(&random, 1000000) + 77777),
		                 LOY_OK);
}

static void shuffle(uint64_t *order, uint64_t count, loy__random *random)
{
	uint64_t i;

	for (i = count; i > 1; i--) {
		uint64_t k = loy__random_below(random, i), kept = order[i - 1];

		order[i - 1] = order[k];
		order[k] = kept;
	}
}

/* All events in order, each once. */
static loy_store *plain(uint64_t scenario, uint64_t count, uint64_t customers, loy_event *event)
{
	loy_store *store = stores_create(model, 0);
	uint64_t i;

	for (i = 0; i < count; i++) {
		nth(event, scenario, i, customers, 0);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	return store;
}

static void order_and_repetition_do_not_matter(void **state)
{
	uint64_t scenario, duplicates = 0, conflicts = 0;
	loy_event *event;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (scenario = 0; scenario < SCENARIOS; scenario++) {
		uint64_t order[2 * EVENTS_MAX], count, customers, sent, i;
		uint8_t seen[EVENTS_MAX] = {0};
		loy_store *store, *expected;
		loy__random random;

		loy__random_init(&random, scenario);
		count = 1 + loy__random_below(&random, EVENTS_MAX);
		customers = 1 + loy__random_below(&random, 20);
		expected = plain(scenario, count, customers, event);
		store = stores_create(model, 0);
		sent = count + loy__random_below(&random, count + 1);
		for (i = 0; i < sent; i++)
			order[i] = i < count ? i : loy__random_below(&random, count);
		shuffle(order, sent, &random);
		for (i = 0; i < sent; i++) {
			/* what was seen is sometimes sent again with other content */
			int forged = seen[order[i]] && loy__random_below(&random, 3) == 0;
			loy_status status;

			nth(event, scenario, order[i], customers, forged);
			status = loy_store_record(store, event, NULL);
			assert_int_equal(status, !seen[order[i]] ? LOY_OK
			                         : forged        ? LOY_ECONFLICT
			                                         : LOY_EDUPLICATE);
			duplicates += status == LOY_EDUPLICATE;
			conflicts += status == LOY_ECONFLICT;
			seen[order[i]] = 1;
		}
		stores_assert_equal(store, expected);
		assert_int_equal(stores_stats(store).events, count);
		loy_store_destroy(store);
		loy_store_destroy(expected);
	}
	assert_true(duplicates > SCENARIOS && conflicts > SCENARIOS);
	loy_event_destroy(event);
}

static void shards_merge_in_any_order(void **state)
{
	uint64_t scenario;
	loy_event *event;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (scenario = 0; scenario < SCENARIOS; scenario++) {
		uint64_t count, customers, shards, i;
		loy_store *shard[SHARDS_MAX], *expected;
		loy__random random;

		loy__random_init(&random, scenario);
		count = 1 + loy__random_below(&random, EVENTS_MAX);
		customers = 1 + loy__random_below(&random, 20);
		shards = 1 + loy__random_below(&random, SHARDS_MAX);
		expected = plain(scenario, count, customers, event);
		for (i = 0; i < shards; i++)
			shard[i] = stores_create(model, 0);
		for (i = 0; i < count; i++) { /* split by chance, so customers live in several shards */
			nth(event, scenario, i, customers, 0);
			assert_int_equal(
			        loy_store_record(shard[loy__random_below(&random, shards)], event, NULL),
			        LOY_OK);
		}
		while (shards > 1) {
			uint64_t from = loy__random_below(&random, shards),
			         into = loy__random_below(&random, shards - 1);

			into += into >= from;
			assert_int_equal(loy_store_merge(shard[into], shard[from]), LOY_OK);
			if (stores_stats(shard[from]).events != 0) /* not twice */
				assert_int_equal(loy_store_merge(shard[into], shard[from]), LOY_EDUPLICATE);
			loy_store_destroy(shard[from]);
			shard[from] = shard[--shards];
		}
		stores_assert_equal(shard[0], expected);
		assert_int_equal(stores_stats(shard[0]).events, count);
		loy_store_destroy(shard[0]);
		loy_store_destroy(expected);
	}
	loy_event_destroy(event);
}

/* ---- against profiles kept one by one ---- */

enum { CUSTOMERS = 12, STEPS = 120 };

struct mirror {
	loy_profile *profile[CUSTOMERS];
	int there[CUSTOMERS];
};

/* Customers 0, 3, 6, … have keys. */
static uint64_t number_of(uint32_t customer)
{
	return customer % 3 == 0 ? 0 : UINT64_C(1) << customer;
}

static const char *key_of(uint32_t customer)
{
	return &"kkkkkkkkkkkk"[customer];
}

static void random_event_of(loy_event *event, loy__random *random, uint32_t customer)
{
	sample_event(event, random, SAMPLE_TAME);
	assert_int_equal(loy_event_set_identity(event, 0, 0), LOY_OK);
	if (number_of(customer) != 0)
		assert_int_equal(loy_event_set_customer(event, number_of(customer)), LOY_OK);
	else
		assert_int_equal(
		        loy_event_set_customer_key(event, key_of(customer), strlen(key_of(customer))),
		        LOY_OK);
}

static void step(loy_store *store, struct mirror *mirror, loy_event *event, loy__random *random)
{
	uint32_t customer = (uint32_t)loy__random_below(random, CUSTOMERS);
	uint32_t other = (uint32_t)loy__random_below(random, CUSTOMERS);
	uint64_t number = number_of(customer), what = loy__random_below(random, 20);
	const char *key = key_of(customer);
	loy_profile *profile = mirror->profile[customer];

	if (what == 0) {
		assert_int_equal(loy_store_erase(store, number, key, strlen(key)),
		                 mirror->there[customer] ? LOY_OK : LOY_ENOTFOUND);
		mirror->there[customer] = 0;
		loy_profile_clear(profile);
	} else if (what == 1) {
		assert_int_equal(
		        loy_store_merge_profile(store, number, key, strlen(key), mirror->profile[other]),
		        LOY_OK);
		assert_int_equal(loy_profile_merge(profile, mirror->profile[other]), LOY_OK);
		mirror->there[customer] = 1;
	} else if (what == 2) {
		random_event_of(event, random, customer);
		assert_int_equal(loy_store_retract(store, event, NULL),
		                 mirror->there[customer] ? LOY_OK : LOY_ENOTFOUND);
		if (mirror->there[customer])
			assert_int_equal(loy_profile_retract(profile, event, NULL), LOY_OK);
	} else {
		random_event_of(event, random, customer);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
		assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
		mirror->there[customer] = 1;
	}
}

static void every_step_does_what_profiles_do(void **state)
{
	struct mirror mirror;
	loy_profile *copy;
	loy_event *event;
	uint64_t scenario;
	uint32_t i;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&copy, &model->schema, NULL), LOY_OK);
	for (i = 0; i < CUSTOMERS; i++)
		assert_int_equal(loy_profile_create(&mirror.profile[i], &model->schema, NULL), LOY_OK);
	for (scenario = 0; scenario < SCENARIOS; scenario++) {
		loy_store *store = stores_create(model, scenario % 2 ? LOY_STORE_TRUSTED : 0);
		loy__random random;
		uint64_t count = 0;

		loy__random_init(&random, scenario);
		for (i = 0; i < CUSTOMERS; i++) {
			loy_profile_clear(mirror.profile[i]);
			mirror.there[i] = 0;
		}
		for (i = 0; i < STEPS; i++)
			step(store, &mirror, event, &random);
		for (i = 0; i < CUSTOMERS; i++) {
			loy_status status =
			        loy_store_profile_of(store, number_of(i), key_of(i), strlen(key_of(i)), copy);

			count += (uint64_t)mirror.there[i];
			assert_int_equal(status, mirror.there[i] ? LOY_OK : LOY_ENOTFOUND);
			if (mirror.there[i] && !loy_profile_equal(copy, mirror.profile[i]))
				fail_msg("scenario %u: customer %u differs", (unsigned)scenario, (unsigned)i);
		}
		assert_int_equal(loy_store_count(store), count);
		loy_store_destroy(store);
	}
	for (i = 0; i < CUSTOMERS; i++)
		loy_profile_destroy(mirror.profile[i]);
	loy_profile_destroy(copy);
	loy_event_destroy(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(order_and_repetition_do_not_matter),
	        cmocka_unit_test(shards_merge_in_any_order),
	        cmocka_unit_test(every_step_does_what_profiles_do),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
