/*
 * Between changes any number of threads read a store on files: each sees what one alone would see; and two open it. The
 * thread sanitizer looks on.
 */
#include "durables.h"
#include "sample_model.h"

#include <loyalty/privacy.h>

#include "core/parallel.h"

enum { THREADS = 6, ROUNDS = 40, CUSTOMERS = 5 };

/* What a thread sees of a store, as one number; no assertions there, which belong to the test's own thread. */
struct view {
	const loy_store *store;
	uint64_t seen[THREADS];
};

static uint64_t mix(uint64_t sum, uint64_t word)
{
	return loy__mix64(sum ^ word) + 1;
}

static uint64_t look_at_row(const loy_store *store, uint64_t row, loy_profile *profile, loy_scorecard *card)
{
	uint64_t sum = row, customer = 0, found = 0, high = 0, low = 0;
	loy_who who = {0, NULL, 0};
	char key[LOY_CUSTOMER_KEY_MAX + 1];
	size_t length = 0;
	int64_t time = 0;

	sum = mix(sum, (uint64_t)loy_store_customer(store, row, &customer, key, sizeof(key), &length));
	sum = mix(sum, customer + length);
	if (customer != 0)
		sum = mix(sum, (uint64_t)loy_store_find(store, customer, &found) + found);
	else
		sum = mix(sum, (uint64_t)loy_store_find_key(store, key, length, &found) + found);
	sum = mix(sum, (uint64_t)loy_store_profile(store, row, profile));
	(void)loy_profile_hash(profile, &high, &low);
	sum = mix(mix(sum, high), low);
	sum = mix(sum, (uint64_t)loy_store_evaluate(store, row, card, 19900 * LOY_DAY));
	sum = mix(sum,
	          (uint64_t)loy_store_consent(store, customer, key, length, LOY_PURPOSE_MARKETING, &time));
	who.customer = customer;
	who.key = key;
	who.length = length;
	sum = mix(sum, (uint64_t)loy_store_whole(store, &who, &customer, key, sizeof(key), &length));
	return mix(sum, customer);
}

static void read_all(uint32_t part, uint32_t parts, void *user)
{
	struct view *view = user;
	loy_store_stats stats = {.struct_size = sizeof(stats)};
	uint64_t sum = 0, high = 0, low = 0, row;
	loy_profile *profile = NULL;
	loy_scorecard *card = NULL;
	unsigned round;

	(void)parts;
	if (loy_profile_create(&profile, loy_model_schema(model), NULL) == LOY_OK &&
	    loy_scorecard_create(&card, model, NULL) == LOY_OK) {
		for (round = 0; round < ROUNDS; round++) {
			for (row = 0; row < loy_store_count(view->store); row++)
				sum = mix(sum, look_at_row(view->store, row, profile, card));
			(void)loy_store_hash(view->store, &high, &low);
			(void)loy_store_get_stats(view->store, &stats);
			sum = mix(mix(sum, high + low),
			          stats.records + loy_store_conflict_count(view->store));
		}
	}
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	view->seen[part] = sum;
}

static void threads_read_what_one_reads(void **state)
{
	loy_files files = durable_files(41);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	uint64_t day, before = 0;
	unsigned i;

	(void)state;
	for (day = 0; day < 3; day++) { /* changed between, by one thread */
		struct view alone = {store, {0}}, together = {store, {0}};

		durable_record(store, 20 * day, 20);
		assert_int_equal(loy_store_join(store, &(loy_who){5, NULL, 0},
		                                &(loy_who){1 + day % 2, NULL, 0}, (int64_t)day * LOY_DAY,
		                                NULL),
		                 LOY_OK);
		assert_int_equal(loy_store_sort(store), LOY_OK);
		assert_true(loy_store_count(store) >= CUSTOMERS);
		read_all(0, 1, &alone);
		assert_int_equal(loy__parallel(THREADS, read_all, &together), LOY_OK);
		for (i = 0; i < THREADS; i++)
			assert_true(together.seen[i] == alone.seen[0]);
		assert_true(alone.seen[0] != 0 && alone.seen[0] != before);
		before = alone.seen[0];
	}
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void open_and_hash(const loy_store_options *options, uint64_t hash[2])
{
	loy_store *store = durable_open(model, options, NULL);

	assert_int_equal(loy_store_sort(store), LOY_OK);
	assert_int_equal(loy_store_hash(store, &hash[0], &hash[1]), LOY_OK);
	loy_store_destroy(store);
}

static void two_threads_open_what_one_opens(void **state)
{
	enum { MANY = 80000 }; /* of more groups of a snapshot than change hands together */
	loy_files files = durable_files(42);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *store = durable_open(model, &options, NULL);
	uint64_t alone[2], together[2], n;
	loy_event *event;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = 0; n < MANY; n++) {
		assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, (int64_t)n * LOY_HOUR), LOY_OK);
		assert_int_equal(loy_event_set_sequence(event, 1, 1, n), LOY_OK);
		assert_int_equal(loy_event_set_customer(event, n + 1), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	assert_int_equal(durable_compact(store, UINT64_MAX), LOY_OK);
	loy_event_destroy(event);
	loy_store_destroy(store);
	open_and_hash(&options, alone);
	options.threads = 2;
	open_and_hash(&options, together);
	assert_true(alone[0] == together[0] && alone[1] == together[1]);
	loy_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(threads_read_what_one_reads),
	        cmocka_unit_test(two_threads_open_what_one_opens),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
