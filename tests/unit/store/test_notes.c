/* Notes where records are: when there are some, that they lead to the records, and that nothing depends on them. */
#include "sample_model.h"

#include "store/store.h"

#define CUSTOMERS 100u
#define EVENTS    2000u

/* A store that takes notes from `least` slots on. */
static loy_store *make_store(uint64_t least, const loy_allocator *memory)
{
	loy_store *store;

	assert_int_equal(loy_store_create(&store, model, NULL, memory), LOY_OK);
	store->notes.least = least;
	return store;
}

/* The same events each time, in several parts. */
static void record(loy_store *store, uint32_t first, uint32_t count)
{
	loy__random random;
	loy_event *event;
	uint32_t i;

	loy__random_init(&random, 3);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < first + count; i++) {
		stores_event(event, &random, CUSTOMERS, 0);
		if (i >= first)
			assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
}

/* Customers by number whose notes say where their records are. */
static uint32_t count_right(const loy_store *store)
{
	const loy__customers *c = &store->numbered;
	uint32_t i, right = 0;

	for (i = 0; i < c->index.live; i++) {
		uint64_t hash = loy__customers_hash(c, i);
		loy__search search;

		loy__index_start(&c->index, hash, &search);
		while (loy__index_next(&c->index, &search) != i)
			;
		right += store->notes.note[loy__index_found(&c->index, &search)] ==
		         loy__note_of(loy__customers_at(c, i)->record);
	}
	return right;
}

static void notes_lead_to_records(void **state)
{
	loy_store *store = make_store(1, NULL);
	uint32_t numbers;

	(void)state;
	record(store, 0, EVENTS);
	numbers = store->numbered.index.live;
	assert_in_range(numbers, CUSTOMERS / 2, CUSTOMERS); /* some have keys */
	assert_int_equal(store->notes.slots, store->numbered.index.capacity);
	assert_int_equal(count_right(store), numbers); /* all came again since the index last grew */
	assert_int_equal(loy_store_erase(store, loy__customers_at(&store->numbered, 5)->who.number, NULL, 0),
	                 LOY_OK);
	assert_int_equal(loy_store_sort(store), LOY_OK); /* which gives customers other slots */
	record(store, EVENTS, EVENTS);
	assert_int_equal(store->numbered.index.live, numbers);
	assert_int_equal(count_right(store), numbers);
	loy_store_destroy(store);
}

static void few_customers_have_none(void **state)
{
	loy_store *store = make_store(1024, NULL), *other = make_store(64, NULL);
	uint64_t with;

	(void)state;
	record(store, 0, EVENTS);
	record(other, 0, EVENTS);
	assert_null(store->notes.note);
	assert_non_null(other->notes.note);
	with = stores_stats(other).memory;
	loy__notes_free(&other->notes, &other->memory);
	assert_int_equal(stores_stats(other).memory, with - 4 * other->numbered.index.capacity);
	stores_assert_equal(store, other);
	loy_store_destroy(store);
	loy_store_destroy(other);
}

/* They take an eighth of what is left at most. */
static void notes_leave_room(void **state)
{
	loy_store *store = make_store(UINT64_MAX, NULL);
	uint64_t size;

	(void)state;
	record(store, 0, EVENTS);
	size = 4 * store->numbered.index.capacity;
	store->notes.least = 1;
	store->budget.limit = store->budget.held + 8 * size - 1;
	loy__notes_follow(&store->notes, &store->numbered.index, &store->budget, &store->memory);
	assert_null(store->notes.note);
	store->budget.limit++;
	store->notes.slots = 0; /* as if it were another index */
	loy__notes_follow(&store->notes, &store->numbered.index, &store->budget, &store->memory);
	assert_non_null(store->notes.note);
	loy_store_destroy(store);
}

static void events_are_recorded_without_memory_for_notes(void **state)
{
	loy_store *expected = make_store(UINT64_MAX, NULL);
	uint32_t before = 0, n;

	(void)state;
	record(expected, 0, EVENTS);
	for (n = 0; n < EVENTS / 2; n += 61) {
		struct faulty heap = {.until = -1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_store *store = make_store(UINT64_MAX, &memory);

		record(store, 0, n + 1);
		store->notes.least = 1;
		heap.until = heap.requests;
		heap.forever = 1;
		loy__notes_follow(&store->notes, &store->numbered.index, &store->budget, &store->memory);
		before += heap.refused == 1 && store->notes.note == NULL;
		heap.until = -1;
		record(store, n + 1, EVENTS - n - 1);
		stores_assert_equal(store, expected);
		loy_store_destroy(store);
		assert_int_equal(heap.live, 0);
	}
	assert_true(before > 10);
	loy_store_destroy(expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(notes_lead_to_records),
	        cmocka_unit_test(few_customers_have_none),
	        cmocka_unit_test(notes_leave_room),
	        cmocka_unit_test(events_are_recorded_without_memory_for_notes),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
