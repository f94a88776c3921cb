#include "sample_model.h"

#include "store/store.h"

static loy_event *new_event(void)
{
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	return event;
}

/* A purchase of a customer by number. */
static void purchase(loy_event *event, uint64_t customer, int64_t day, int64_t amount, uint64_t identity)
{
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, day * LOY_DAY), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, amount), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, customer), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, 0, identity), LOY_OK);
}

static int64_t integer(const loy_profile *profile, uint32_t field, uint64_t key)
{
	loy_value value;

	assert_int_equal(loy_profile_get(profile, field, key, 0, &value), LOY_OK);
	return value.integer;
}

static void options_are_checked(void **state)
{
	loy_store_options options = {.struct_size = sizeof(options), .flags = 2};
	loy_allocator half = {faulty_alloc, NULL, NULL, NULL};
	loy_store *store = (loy_store *)(void *)&options;
	struct {
		loy_store_options known;
		uint64_t later;
	} larger = {{.struct_size = sizeof(larger)}, 1};

	(void)state;
	assert_int_equal(loy_store_create(NULL, model, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_create(&store, NULL, NULL, NULL), LOY_EINVAL);
	assert_null(store);
	assert_int_equal(loy_store_create(&store, model, &options, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_create(&store, model, &larger.known, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_create(&store, model, NULL, &half), LOY_EINVAL);
	options.flags = 0;
	options.memory_limit = 10;
	assert_int_equal(loy_store_create(&store, model, &options, NULL), LOY_ELIMIT);
	options.memory_limit = 100000;
	options.customers = 100000;
	assert_int_equal(loy_store_create(&store, model, &options, NULL), LOY_ELIMIT);
	options.customers = UINT64_MAX;
	options.memory_limit = 0;
	assert_int_equal(loy_store_create(&store, model, &options, NULL), LOY_ELIMIT);
	options.customers = 0;
	options.events = UINT64_MAX;
	assert_int_equal(loy_store_create(&store, model, &options, NULL), LOY_ELIMIT);
	options.events = 0;
	options.profile_bytes = UINT64_MAX;
	assert_int_equal(loy_store_create(&store, model, &options, NULL), LOY_ENOMEM);
	assert_null(store);
	larger.later = 0;
	assert_int_equal(loy_store_create(&store, model, &larger.known, NULL), LOY_OK);
	assert_ptr_equal(loy_store_model(store), model);
	assert_null(loy_store_model(NULL));
	loy_store_destroy(store);
	loy_store_destroy(NULL);
}

static void no_store_is_refused(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_event *event = new_event();
	loy_store_stats stats = {.struct_size = sizeof(stats)};
	loy_profile *profile;
	uint64_t n;

	(void)state;
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	assert_int_equal(loy_store_record(NULL, event, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_record(store, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_EINVAL); /* empty */
	assert_int_equal(loy_store_retract(NULL, event, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_retract(store, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_get_stats(NULL, &stats), LOY_EINVAL);
	assert_int_equal(loy_store_get_stats(store, NULL), LOY_EINVAL);
	stats.struct_size = 0;
	assert_int_equal(loy_store_get_stats(store, &stats), LOY_EINVAL);
	assert_int_equal(loy_store_count(NULL), 0);
	assert_int_equal(loy_store_sort(NULL), LOY_EINVAL);
	assert_int_equal(loy_store_profile_of(NULL, 1, NULL, 0, profile), LOY_EINVAL);
	assert_int_equal(loy_store_profile_of(store, 1, NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_profile_of(store, 0, NULL, 3, profile), LOY_EINVAL);
	assert_int_equal(loy_store_profile_of(store, 0, "abc", 0, profile), LOY_EINVAL);
	assert_int_equal(loy_store_erase(NULL, 1, NULL, 0), LOY_EINVAL);
	assert_int_equal(loy_store_erase(store, 0, NULL, 0), LOY_EINVAL);
	assert_int_equal(loy_store_erase(store, 1, NULL, 0), LOY_ENOTFOUND);
	assert_int_equal(loy_store_hash(NULL, &n, &n), LOY_EINVAL);
	assert_int_equal(loy_store_hash(store, NULL, &n), LOY_EINVAL);
	assert_int_equal(loy_store_hash(store, &n, NULL), LOY_EINVAL);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
	loy_store_destroy(store);
}

static void events_go_to_their_customers(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_event *event = new_event();
	loy_profile *profile;

	(void)state;
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	purchase(event, 7, 20000, 500, 1);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	purchase(event, 7, 20001, 700, 2);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	purchase(event, 8, 20001, 11, 3);
	assert_int_equal(loy_event_set_customer_key(event, "7", 1), LOY_OK); /* not number 7 */
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	assert_int_equal(loy_store_count(store), 2);
	assert_int_equal(loy_store_profile_of(store, 7, NULL, 0, profile), LOY_OK);
	assert_int_equal(integer(profile, LOY_PROFILE_PURCHASED, 0), 1200);
	assert_int_equal(loy_store_profile_of(store, 0, "7", 1, profile), LOY_OK);
	assert_int_equal(integer(profile, LOY_PROFILE_PURCHASED, 0), 11);
	assert_int_equal(loy_store_profile_of(store, 8, NULL, 0, profile), LOY_ENOTFOUND);
	assert_int_equal(loy_store_profile_of(store, 0, "77", 2, profile), LOY_ENOTFOUND);
	assert_int_equal(stores_stats(store).events, 3);
	assert_int_equal(stores_stats(store).customers, 2);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
	loy_store_destroy(store);
}

static void an_event_sent_again_is_told_apart_from_a_conflict(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_event *event = new_event();
	loy_error error = {.struct_size = sizeof(error)};
	uint64_t before[2], after[2];

	(void)state;
	purchase(event, 7, 20000, 500, 9);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	stores_hash(store, before);
	assert_int_equal(loy_store_record(store, event, &error), LOY_EDUPLICATE);
	assert_int_equal(error.code, LOY_EDUPLICATE);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 501), LOY_OK);
	assert_int_equal(loy_store_record(store, event, &error), LOY_ECONFLICT);
	assert_int_equal(error.code, LOY_ECONFLICT);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 500), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 6), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL),
	                 LOY_ECONFLICT); /* another customer is other content */
	assert_int_equal(loy_store_count(store), 1);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(stores_stats(store).duplicates, 1);
	assert_int_equal(stores_stats(store).conflicts, 2);
	assert_int_equal(stores_stats(store).events, 1);
	/* without identity nothing is recognised */
	assert_int_equal(loy_event_set_identity(event, 0, 0), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).events, 3);
	/* (1, 0) and (0, 1) are two identities */
	assert_int_equal(loy_event_set_identity(event, 1, 0), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, 0, 1), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	loy_event_destroy(event);
	loy_store_destroy(store);
}

static void trusted_callers_are_not_checked(void **state)
{
	loy_store *store = stores_create(model, LOY_STORE_TRUSTED);
	loy_event *event = new_event();

	(void)state;
	purchase(event, 7, 20000, 500, 9);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).events, 2);
	assert_int_equal(stores_stats(store).identity_bytes, 0);
	loy_event_destroy(event);
	loy_store_destroy(store);
}

static void incomplete_events_change_nothing(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_event *event = new_event();
	loy_error error = {.struct_size = sizeof(error)};

	(void)state;
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, 0), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, 1, 1), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 1), LOY_OK);
	assert_int_equal(loy_store_record(store, event, &error), LOY_EINVAL); /* no amount */
	assert_int_equal(error.field, LOY_FIELD_AMOUNT);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, 0), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, 1, 1), LOY_OK);
	assert_int_equal(loy_store_record(store, event, &error), LOY_EINVAL);
	assert_string_equal(error.message, "the event has no customer");
	assert_int_equal(loy_store_retract(store, event, &error), LOY_EINVAL);
	assert_int_equal(loy_store_count(store), 0);
	assert_int_equal(loy_event_set_customer(event, 1), LOY_OK);
	assert_int_equal(loy_store_record(store, event, &error), LOY_OK); /* the identity was not taken */
	loy_event_destroy(event);
	loy_store_destroy(store);
}

/* A profile can take magnitudes up to 2^63: 9223 purchases of the largest amount. */
static void an_event_the_profile_refuses_leaves_no_trace(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_event *event = new_event();
	loy_error error = {.struct_size = sizeof(error)};
	uint64_t i;

	(void)state;
	for (i = 1; i <= 9223; i++) {
		purchase(event, 7, 20000, LOY_MONEY_MAX, i);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	purchase(event, 7, 20000, LOY_MONEY_MAX, i);
	assert_int_equal(loy_store_record(store, event, &error), LOY_EOVERFLOW);
	assert_int_equal(error.code, LOY_EOVERFLOW);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_EOVERFLOW); /* and not a duplicate */
	assert_int_equal(stores_stats(store).events, 9223);
	purchase(event, 7, 20000, 1, i);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK); /* its identity is free */
	loy_event_destroy(event);
	loy_store_destroy(store);
}

static void retracting_takes_back(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_event *event = new_event();
	loy_profile *profile;

	(void)state;
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	purchase(event, 7, 20000, 500, 1);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	purchase(event, 7, 20001, 300, 2);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_OK);
	assert_int_equal(loy_store_profile_of(store, 7, NULL, 0, profile), LOY_OK);
	assert_int_equal(integer(profile, LOY_PROFILE_PURCHASED, 0), 500);
	assert_int_equal(stores_stats(store).events, 1);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_EDUPLICATE); /* stays known */
	assert_int_equal(loy_event_set_customer(event, 8), LOY_OK);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_ENOTFOUND);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
	loy_store_destroy(store);
}

static void erased_customers_are_gone_and_their_events_do_not_come_back(void **state)
{
	loy_store *store = stores_create(model, 0), *other = stores_create(model, 0);
	loy_event *event = new_event();
	loy_profile *profile;
	uint64_t i;

	(void)state;
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	for (i = 1; i <= 40; i++) {
		purchase(event, i, 20000, 500, i);
		if (i % 2 == 0)
			assert_int_equal(
			        loy_event_set_customer_key(
			                event, (const char *)&"abcdefghijklmnopqrstuvwxyz"[i / 2], 1),
			        LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
		if (i > 2)
			assert_int_equal(loy_store_record(other, event, NULL), LOY_OK);
	}
	assert_int_equal(loy_store_erase(store, 1, NULL, 0), LOY_OK);
	assert_int_equal(loy_store_erase(store, 0, "b", 1), LOY_OK);
	assert_int_equal(loy_store_erase(store, 0, "b", 1), LOY_ENOTFOUND);
	assert_int_equal(loy_store_count(store), 38);
	assert_int_equal(loy_store_profile_of(store, 1, NULL, 0, profile), LOY_ENOTFOUND);
	stores_assert_equal(store, other); /* as if they had never been there */
	purchase(event, 1, 20000, 500, 1);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_EDUPLICATE);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
	loy_store_destroy(other);
	loy_store_destroy(store);
}

static void erasing_gives_memory_back_to_the_store(void **state)
{
	loy_store *store = stores_create(model, LOY_STORE_TRUSTED);
	loy_event *event = new_event();
	uint64_t i, held;

	(void)state;
	for (i = 1; i <= 2000; i++) {
		purchase(event, i, 20000, 500, i);
		assert_int_equal(loy_event_set_customer_key(event, (const char *)&i, 2) == LOY_OK ||
		                         loy_event_set_customer(event, i) == LOY_OK,
		                 1);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	held = stores_stats(store).memory;
	assert_int_equal(loy_store_sort(store), LOY_OK);
	while (loy_store_count(store) != 0) {
		uint64_t customer;
		char key[LOY_CUSTOMER_KEY_MAX + 1];
		size_t length;

		assert_int_equal(loy_store_customer(store, loy_store_count(store) - 1, &customer, key,
		                                    sizeof(key), &length),
		                 LOY_OK);
		assert_int_equal(loy_store_erase(store, customer, key, length), LOY_OK);
		assert_int_equal(loy_store_sort(store), LOY_OK);
	}
	assert_int_equal(stores_stats(store).profile_bytes, 0);
	for (i = 1; i <= 2000; i++) {
		purchase(event, 5000 + i, 20000, 500, i);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	assert_true(stores_stats(store).memory <= held + held / 8);
	loy_event_destroy(event);
	loy_store_destroy(store);
}

static void a_limit_is_kept_and_loses_nothing(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_store_options options = {.struct_size = sizeof(options), .memory_limit = 300000};
	loy_error error = {.struct_size = sizeof(error)};
	loy_store *store, *plain = stores_create(model, 0);
	loy_event *event = new_event();
	loy_status status = LOY_OK;
	uint64_t i, refused = 0;

	(void)state;
	assert_int_equal(loy_store_create(&store, model, &options, &memory), LOY_OK);
	for (i = 1; refused < 50; i++) {
		purchase(event, 1 + i % 3000, 20000 + (int64_t)(i / 3000), 500, i);
		status = loy_store_record(store, event, &error);
		if (status == LOY_OK) {
			assert_int_equal(loy_store_record(plain, event, NULL), LOY_OK);
		} else {
			assert_int_equal(status, LOY_ELIMIT);
			assert_int_equal(error.code, LOY_ELIMIT);
			refused++;
		}
		assert_true(heap.bytes <= 300000);
		assert_int_equal(stores_stats(store).memory, heap.bytes);
	}
	assert_true(heap.bytes > 200000);
	stores_assert_equal(store, plain);
	purchase(event, 2, 20000, 500, 1);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_EDUPLICATE);
	loy_event_destroy(event);
	loy_store_destroy(plain);
	loy_store_destroy(store);
	assert_int_equal(heap.live, 0);
}

/* What a till needs: room made at the start, and then not one request. */
static void room_made_at_once_is_enough(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_store_options options = {.struct_size = sizeof(options), .customers = 500, .events = 20000};
	loy_store *store;
	loy_event *event = new_event();
	loy_profile *profile;
	loy__random random;
	uint64_t i, row;
	long requests;

	(void)state;
	options.profile_bytes = 500 * 9000;
	assert_int_equal(loy_store_create(&store, model, &options, &memory), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	loy__random_init(&random, 5);
	requests = heap.requests;
	for (i = 1; i <= 20000; i++) {
		sample_event(event, &random, SAMPLE_TAME);
		assert_int_equal(loy_event_set_customer(event, 1 + i % 500), LOY_OK);
		assert_int_equal(loy_event_set_identity(event, 0, i), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
		if (i % 1000 == 0) {
			assert_int_equal(loy_store_sort(store), LOY_OK);
			assert_int_equal(loy_store_find(store, 1 + i % 500, &row), LOY_OK);
			assert_int_equal(loy_store_profile(store, row, profile), LOY_OK);
		}
	}
	assert_int_equal(heap.requests, requests);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
	loy_store_destroy(store);
	assert_int_equal(heap.live, 0);
}

static void merged_profiles_count_as_if_recorded(void **state)
{
	loy_store *store = stores_create(model, 0), *whole = stores_create(model, 0);
	loy_event *event = new_event();
	loy_profile *profile, *foreign;
	struct loy_schema *other = plain_schema();
	char large[300];

	(void)state;
	memset(large, 'x', sizeof(large));
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&foreign, other, NULL), LOY_OK);
	purchase(event, 7, 20000, 500, 1);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	assert_int_equal(loy_store_record(whole, event, NULL), LOY_OK);
	purchase(event, 7, 20009, 99, 2);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_store_record(whole, event, NULL), LOY_OK);
	assert_int_equal(loy_store_merge_profile(store, 7, NULL, 0, profile), LOY_OK);
	assert_int_equal(stores_stats(store).events, 2);
	stores_assert_equal(store, whole);
	assert_int_equal(loy_event_set_customer_key(event, "new", 3), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, 3, 3), LOY_OK);
	assert_int_equal(loy_store_record(whole, event, NULL), LOY_OK);
	assert_int_equal(loy_store_merge_profile(store, 0, "new", 3, profile), LOY_OK);
	stores_assert_equal(store, whole);
	assert_int_equal(loy_store_merge_profile(NULL, 7, NULL, 0, profile), LOY_EINVAL);
	assert_int_equal(loy_store_merge_profile(store, 0, NULL, 0, profile), LOY_EINVAL);
	assert_int_equal(loy_store_merge_profile(store, 7, NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_merge_profile(store, 0, large, sizeof(large), profile), LOY_ELIMIT);
	assert_int_equal(loy_store_merge_profile(store, 0, "\xff", 1, profile), LOY_EUTF8);
	assert_int_equal(loy_store_merge_profile(store, 7, NULL, 0, foreign), LOY_ESCHEMA);
	assert_int_equal(loy_store_profile_of(store, 7, NULL, 0, foreign), LOY_ESCHEMA);
	stores_assert_equal(store, whole);
	/* the empty profile makes a customer */
	loy_profile_clear(profile);
	assert_int_equal(loy_store_merge_profile(store, 9, NULL, 0, profile), LOY_OK);
	assert_int_equal(loy_store_merge_profile(store, 9, NULL, 0, profile), LOY_OK);
	assert_int_equal(loy_store_count(store), 3);
	assert_int_equal(loy_store_profile_of(store, 9, NULL, 0, profile), LOY_OK);
	assert_int_equal(integer(profile, LOY_PROFILE_EVENTS, 0), 0);
	loy_profile_destroy(foreign);
	loy_profile_destroy(profile);
	free(other);
	loy_event_destroy(event);
	loy_store_destroy(whole);
	loy_store_destroy(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(options_are_checked),
	        cmocka_unit_test(no_store_is_refused),
	        cmocka_unit_test(events_go_to_their_customers),
	        cmocka_unit_test(an_event_sent_again_is_told_apart_from_a_conflict),
	        cmocka_unit_test(trusted_callers_are_not_checked),
	        cmocka_unit_test(incomplete_events_change_nothing),
	        cmocka_unit_test(an_event_the_profile_refuses_leaves_no_trace),
	        cmocka_unit_test(retracting_takes_back),
	        cmocka_unit_test(erased_customers_are_gone_and_their_events_do_not_come_back),
	        cmocka_unit_test(erasing_gives_memory_back_to_the_store),
	        cmocka_unit_test(a_limit_is_kept_and_loses_nothing),
	        cmocka_unit_test(room_made_at_once_is_enough),
	        cmocka_unit_test(merged_profiles_count_as_if_recorded),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
