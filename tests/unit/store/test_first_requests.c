/*
 * Memory that ends at the very first: the first customer, statement, pseudonym or merged key, for which nothing has
 * been made yet. A clear status, nothing leaks, and the same call succeeds afterwards.
 */
#include "durables.h"
#include "sample_model.h"

#include <loyalty/sync.h>

#define LATE DURABLE_LATE

/* The first customer there ever is, by number and by key: nothing has been made for it. */
static void the_first_customer_may_find_no_memory(void **state)
{
	static const uint8_t secret[16] = {4, 5, 6};
	unsigned kind;

	(void)state;
	for (kind = 0; kind < 12;
	     kind++) { /* by key; on files, and there with pseudonyms; and memory stays away */
		loy_status status = LOY_ENOMEM;
		loy_event *event;
		long n;

		assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
		durable_visit(event, "ada", 1, 1);
		if (kind % 2 == 0)
			assert_int_equal(loy_event_set_customer(event, 5), LOY_OK);
		for (n = 0; status == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = -1};
			loy_allocator memory = faulty_allocator(&heap);
			loy_files files = durable_files(4);
			loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
			loy_store *store;

			options.pseudonym_key = kind % 6 < 4 ? NULL : secret;
			if (kind % 6 < 2)
				assert_int_equal(loy_store_create(&store, model, NULL, &memory), LOY_OK);
			else
				store = durable_open(model, &options, &memory);
			heap.until = heap.requests + n;
			heap.forever = kind / 6;
			status = loy_store_record(store, event, NULL);
			heap.until = -1;
			assert_int_equal(loy_store_count(store), status == LOY_OK);
			if (status != LOY_OK)
				assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
			loy_store_destroy(store);
			assert_int_equal(heap.live, 0);
			loy_files_close(&files);
		}
		assert_int_equal(status, LOY_OK);
		assert_true(n > 3);
		loy_event_destroy(event);
	}
}

/* Two who were never heard of become one: they are entered, and nobody has a row. */
static void the_first_statement_may_find_no_memory(void **state)
{
	static const loy_who one = {0, "ada", 3}, two = {0, "bob", 3};
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = -1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_files files = durable_files(4);
		loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
		loy_store *store = durable_open(model, &options, &memory);

		heap.until = heap.requests + n;
		status = loy_store_join(store, &one, &two, LATE, NULL);
		assert_int_equal(stores_stats(store).aliases, status == LOY_OK);
		loy_store_destroy(store);
		assert_int_equal(heap.live, 0);
		loy_files_close(&files);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 5);
}

/* A store of pseudonyms has more to make: when it is opened, and for the past. */
static void pseudonyms_may_find_no_memory(void **state)
{
	static const uint8_t secret[16] = {4, 5, 6};
	loy_files files = durable_files(4);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_status status = LOY_ENOMEM;
	loy_store *store, *then;
	long n;

	(void)state;
	options.pseudonym_key = secret;
	store = durable_open(model, &options, NULL);
	durable_record(store, 0, 5);
	loy_store_destroy(store);
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);

		status = loy_store_open(&store, NULL, 0, model, &options, &memory, NULL, NULL);
		if (status == LOY_OK)
			status =
			        loy_store_as_of(store, LOY_TIME_MAX, model, &then, &memory, NULL, NULL, NULL);
		if (status == LOY_OK)
			loy_store_destroy(then);
		loy_store_destroy(store);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 20);
	loy_files_close(&files);
}

/* Stores with keys merged into one that has nothing, and into one that has them. */
static void merging_keys_may_find_no_memory(void **state)
{
	loy_store *from = stores_create(model, LOY_STORE_TRUSTED);
	loy_store_options options = {.struct_size = sizeof(options), .flags = LOY_STORE_TRUSTED};
	loy_event *event;
	unsigned both, forever;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	durable_visit(event, "ada", 1, 1);
	assert_int_equal(loy_store_record(from, event, NULL), LOY_OK);
	for (both = forever = 0; forever < 2; forever += both, both = !both) {
		loy_status status = LOY_ENOMEM;
		long n;

		for (n = 0; status == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = -1};
			loy_allocator memory = faulty_allocator(&heap);
			loy_store *store;

			assert_int_equal(loy_store_create(&store, model, &options, &memory), LOY_OK);
			if (both)
				assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
			heap.until = heap.requests + n;
			heap.forever = (int)forever;
			status = loy_store_merge(store, from);
			heap.until = -1;
			assert_int_equal(stores_stats(store).events, both + (status == LOY_OK));
			loy_store_destroy(store);
			assert_int_equal(heap.live, 0);
		}
		assert_int_equal(status, LOY_OK);
		assert_true(n > 1);
	}
	loy_event_destroy(event);
	loy_store_destroy(from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_first_customer_may_find_no_memory),
	        cmocka_unit_test(the_first_statement_may_find_no_memory),
	        cmocka_unit_test(pseudonyms_may_find_no_memory),
	        cmocka_unit_test(merging_keys_may_find_no_memory),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
