#include "sample_model.h"

/* Record events first … end - 1 of one endless random history into a store. */
static void record(loy_store *store, uint64_t first, uint64_t end, uint64_t customers)
{
	loy_event *event;
	loy__random random;
	uint64_t i;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = first; i < end; i++) {
		loy__random_init(&random, i);
		stores_event(event, &random, customers, i + 1);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
}

static void merged_stores_are_one(void **state)
{
	loy_store *whole = stores_create(model, 0), *a = stores_create(model, 0),
	          *b = stores_create(model, 0);
	loy_event *event;
	loy__random random;
	uint64_t before[2], after[2];

	(void)state;
	record(whole, 0, 900, 60);
	record(a, 0, 300, 60);
	record(b, 300, 900, 60);
	stores_hash(b, before);
	assert_int_equal(loy_store_merge(a, b), LOY_OK);
	stores_hash(b, after);
	assert_memory_equal(before, after, sizeof(before)); /* the other is only read */
	stores_assert_equal(a, whole);
	assert_int_equal(stores_stats(a).events, 900);
	/* its identities came along */
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	loy__random_init(&random, 700);
	stores_event(event, &random, 60, 701);
	assert_int_equal(loy_store_record(a, event, NULL), LOY_EDUPLICATE);
	loy_event_destroy(event);
	loy_store_destroy(a);
	/* an empty store takes and gives */
	a = stores_create(model, 0);
	assert_int_equal(loy_store_merge(a, whole), LOY_OK);
	stores_assert_equal(a, whole);
	loy_store_destroy(b);
	b = stores_create(model, 0);
	assert_int_equal(loy_store_merge(a, b), LOY_OK);
	stores_assert_equal(a, whole);
	loy_store_destroy(b);
	loy_store_destroy(a);
	loy_store_destroy(whole);
}

static void overlaps_are_refused_whole(void **state)
{
	loy_store *a = stores_create(model, 0), *b = stores_create(model, 0),
	          *trusted = stores_create(model, LOY_STORE_TRUSTED);
	loy_store *other_trusted = stores_create(model, LOY_STORE_TRUSTED), *foreign;
	loy_model *other = stores_model();
	uint64_t before[2], after[2], memory;

	(void)state;
	other->schema.fingerprint_low ^= 1;
	foreign = stores_create(other, 0);
	record(a, 0, 300, 40);
	record(b, 299, 500, 40); /* event 299 is in both */
	stores_hash(a, before);
	memory = stores_stats(a).memory;
	assert_int_equal(loy_store_merge(a, b), LOY_EDUPLICATE);
	assert_int_equal(loy_store_merge(b, a), LOY_EDUPLICATE);
	assert_int_equal(loy_store_merge(a, trusted), LOY_ESTATE);
	assert_int_equal(loy_store_merge(trusted, a), LOY_ESTATE);
	assert_int_equal(loy_store_merge(a, foreign), LOY_ESCHEMA);
	assert_int_equal(loy_store_merge(a, a), LOY_EINVAL);
	assert_int_equal(loy_store_merge(NULL, a), LOY_EINVAL);
	assert_int_equal(loy_store_merge(a, NULL), LOY_EINVAL);
	stores_hash(a, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(stores_stats(a).memory, memory);
	record(trusted, 0, 300, 40);
	assert_int_equal(loy_store_merge(other_trusted, trusted), LOY_OK);
	assert_int_equal(loy_store_merge(other_trusted, trusted), LOY_OK); /* as the caller vouches */
	assert_int_equal(stores_stats(other_trusted).events, 600);
	loy_store_destroy(foreign);
	free(other);
	loy_store_destroy(other_trusted);
	loy_store_destroy(trusted);
	loy_store_destroy(b);
	loy_store_destroy(a);
}

/* 9223 of the largest purchases fill a profile: half in each store is too much for one, late in the merge. */
static void a_profile_that_would_overflow_stops_all(void **state)
{
	loy_store *a = stores_create(model, 0), *b = stores_create(model, 0);
	loy_event *event;
	uint64_t before[2], after[2], i;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	record(a, 0, 100, 40);
	record(b, 100, 200, 40);
	for (i = 0; i < 2 * 4700; i++) {
		assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, 0), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, LOY_MONEY_MAX), LOY_OK);
		assert_int_equal(loy_event_set_customer_key(event, "zz", 2), LOY_OK);
		assert_int_equal(loy_store_record(i % 2 ? a : b, event, NULL), LOY_OK);
	}
	stores_hash(a, before);
	assert_int_equal(loy_store_merge(a, b), LOY_EOVERFLOW);
	stores_hash(a, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(stores_stats(a).events, 4800);
	loy_event_destroy(event);
	loy_store_destroy(b);
	loy_store_destroy(a);
}

static void merging_without_memory_changes_nothing(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_store *a, *b = stores_create(model, 0), *whole = stores_create(model, 0);
	loy_status status = LOY_ENOMEM;
	uint64_t before[2], after[2];
	long n;

	(void)state;
	record(whole, 0, 900, 60);
	record(b, 0, 800, 60);
	assert_int_equal(loy_store_create(&a, model, NULL, &memory), LOY_OK);
	record(a, 800, 900, 60);
	stores_hash(a, before);
	for (n = 0; status != LOY_OK; n++) {
		heap.requests = 0;
		heap.until = n;
		heap.forever = (int)(n % 2);
		status = loy_store_merge(a, b);
		heap.until = -1;
		if (status != LOY_OK) {
			assert_int_equal(status, LOY_ENOMEM);
			stores_hash(a, after);
			assert_memory_equal(before, after, sizeof(before));
			assert_int_equal(stores_stats(a).events, 100);
		}
		assert_true(n < 1000);
	}
	assert_true(n > 3);
	stores_assert_equal(a, whole);
	loy_store_destroy(whole);
	loy_store_destroy(b);
	loy_store_destroy(a);
	assert_int_equal(heap.live, 0);
}

static void merging_beyond_the_limit_changes_nothing(void **state)
{
	loy_store_options options = {.struct_size = sizeof(options), .memory_limit = 150000};
	loy_store *a, *b = stores_create(model, 0);
	uint64_t before[2], after[2];

	(void)state;
	assert_int_equal(loy_store_create(&a, model, &options, NULL), LOY_OK);
	record(a, 0, 50, 60);
	record(b, 50, 4000, 200);
	stores_hash(a, before);
	assert_int_equal(loy_store_merge(a, b), LOY_ELIMIT);
	stores_hash(a, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_true(stores_stats(a).memory <= 150000);
	loy_store_destroy(b);
	loy_store_destroy(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(merged_stores_are_one),
	        cmocka_unit_test(overlaps_are_refused_whole),
	        cmocka_unit_test(a_profile_that_would_overflow_stops_all),
	        cmocka_unit_test(merging_without_memory_changes_nothing),
	        cmocka_unit_test(merging_beyond_the_limit_changes_nothing),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
