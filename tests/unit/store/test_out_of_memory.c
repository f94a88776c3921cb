/* Every allocation of every public call that changes a store fails once, and once for ever: nothing has changed. */
#include "sample_model.h"

static void creating(void **state)
{
	loy_store_options options = {.struct_size = sizeof(options)};
	loy_status status;
	int forever;
	long n;

	(void)state;
	options.customers = 3000;
	options.events = 5000;
	options.profile_bytes = 50000;
	for (forever = 0; forever < 2; forever++) {
		status = LOY_ENOMEM;
		for (n = 0; status == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = n, .forever = forever};
			loy_allocator memory = faulty_allocator(&heap);
			loy_store *store = (loy_store *)(void *)&heap;

			status = loy_store_create(&store, model, &options, &memory);
			assert_int_equal(store == NULL, status != LOY_OK);
			loy_store_destroy(store);
			assert_int_equal(heap.live, 0);
		}
		assert_int_equal(status, LOY_OK);
		assert_true(n > 10); /* index and chunks of customers and of identities, pointers, profiles */
	}
}

/* What one change does to a store. */
struct change {
	int what;
	loy_event *event;
	loy_profile *profile;
};

static loy_status apply(loy_store *store, const struct change *change)
{
	switch (change->what) {
	case 0:
		return loy_store_record(store, change->event, NULL);
	case 1:
		return loy_store_retract(store, change->event, NULL);
	case 2:
		return loy_store_merge_profile(store, 0, "merged", 6, change->profile);
	default:
		return loy_store_merge_profile(store, 2, NULL, 0, change->profile);
	}
}

/* A store whose next change needs memory: its first customers and events, up to `filled`. */
static loy_store *filled_store(const loy_allocator *memory, uint64_t filled)
{
	loy_store *store;
	loy_event *event;
	loy__random random;
	uint64_t i;

	assert_int_equal(loy_store_create(&store, model, NULL, memory), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	loy__random_init(&random, 8);
	for (i = 0; i < filled; i++) {
		stores_event(event, &random, 5 * filled, i + 1);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	return store;
}

static long change_without_memory(const struct change *change, uint64_t filled, int forever)
{
	loy_status status = LOY_ENOMEM;
	long n;

	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = -1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_store *store = filled_store(&memory, filled);
		loy_store_stats before = stores_stats(store), after;
		uint64_t hash[2], hash_after[2];

		stores_hash(store, hash);
		heap.requests = 0;
		heap.until = n;
		heap.forever = forever;
		status = apply(store, change);
		heap.until = -1;
		after = stores_stats(store);
		stores_hash(store, hash_after);
		if (status == LOY_ENOMEM) {
			assert_memory_equal(hash, hash_after, sizeof(hash));
			assert_int_equal(after.events, before.events);
			assert_int_equal(after.customers, before.customers);
			/* and it works once there is memory: an event's identity was not taken */
			status = apply(store, change);
			assert_true(status == LOY_OK || status == LOY_ENOTFOUND);
			status = LOY_ENOMEM;
		} else {
			assert_true(status == LOY_OK || status == LOY_ENOTFOUND);
		}
		loy_store_destroy(store);
		assert_int_equal(heap.live, 0);
	}
	return n - 1;
}

static void changing(void **state)
{
	static const uint64_t fillings[] = {0, 1, 12, 13, 40, 60, 511, 512, 513};
	struct change change;
	loy__random random;
	long refusals = 0;
	size_t i;

	(void)state;
	assert_int_equal(loy_event_create(&change.event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&change.profile, &model->schema, NULL), LOY_OK);
	loy__random_init(&random, 4);
	for (i = 0; i < 20; i++) {
		sample_event(change.event, &random, SAMPLE_TAME);
		assert_int_equal(loy_profile_record(change.profile, change.event, NULL), LOY_OK);
	}
	for (i = 0; i < sizeof(fillings) / sizeof(fillings[0]); i++) {
		for (change.what = 0; change.what < 4; change.what++) {
			sample_event(change.event, &random, SAMPLE_TAME);
			assert_int_equal(loy_event_set_customer_key(change.event, "somebody new", 12),
			                 LOY_OK);
			refusals += change_without_memory(&change, fillings[i], (int)(i % 2));
			assert_int_equal(loy_event_set_customer(change.event, 1), LOY_OK);
			refusals += change_without_memory(&change, fillings[i], (int)(i % 2));
		}
	}
	assert_true(refusals > 30);
	loy_profile_destroy(change.profile);
	loy_event_destroy(change.event);
}

/* The caller's profile has an allocator of its own. */
static void copying_a_profile_out(void **state)
{
	loy_store *store = filled_store(NULL, 50);
	loy_status status = LOY_ENOMEM;
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_profile *profile;
	uint64_t row;
	int way;

	(void)state;
	assert_int_equal(loy_store_sort(store), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, &model->schema, &memory), LOY_OK);
	for (way = 0; way < 2; way++) {
		uint64_t customer;

		for (row = 0, customer = 0; customer == 0; row++)
			assert_int_equal(loy_store_customers(store, row, 1, &customer), LOY_OK);
		heap.requests = 0;
		heap.until = 0;
		status = way ? loy_store_profile(store, row - 1, profile)
		             : loy_store_profile_of(store, customer, NULL, 0, profile);
		assert_int_equal(status, LOY_ENOMEM);
		heap.until = -1;
		status = way ? loy_store_profile(store, row - 1, profile)
		             : loy_store_profile_of(store, customer, NULL, 0, profile);
		assert_int_equal(status, LOY_OK);
		assert_true(heap.requests >= 2);
	}
	loy_profile_destroy(profile);
	assert_int_equal(heap.live, 0);
	loy_store_destroy(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(creating),
	        cmocka_unit_test(changing),
	        cmocka_unit_test(copying_a_profile_out),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
