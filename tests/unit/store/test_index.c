#include "support.h"

#include "store/store.h"

/* ---- identities ---- */

static loy__identity nth(uint64_t n)
{
	loy__identity identity = {n % 7 << 32, n / 7, n * n};

	if (n % 3 == 0) /* not of a device's count */
		identity.high |= UINT64_C(1) << 63;

	return identity;
}

static void put(loy__identities *set, const loy_allocator *memory, uint64_t n)
{
	loy__identity identity = nth(n);

	assert_int_equal(loy__identities_reserve_one(set, memory, identity.high), LOY_OK);
	loy__identities_add(set, loy__identities_hash(set, identity.high, identity.low), &identity);
}

static const uint64_t *get(const loy__identities *set, uint64_t n)
{
	loy__identity identity = nth(n);

	return loy__identities_find(set, loy__identities_hash(set, identity.high, identity.low),
	                            identity.high, identity.low);
}

static void identities_are_found_and_strangers_are_not(void **state)
{
	enum { MANY = 100000 };
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy__identities set = {.seed = 5};
	uint64_t n;

	(void)state;
	assert_null(get(&set, 0));
	for (n = 0; n < MANY; n++) {
		assert_null(get(&set, n));
		put(&set, &memory, n);
		assert_non_null(get(&set, n));
		/* 32 bytes an event, but for last chunks, smallest indexes and a block for digests */
		assert_true(loy__identities_bytes(&set) <=
		            32 * (n + 1) + LOY__VECTOR_CHUNK * (24 + 32) + 8192);
	}
	for (n = 0; n < MANY; n++)
		assert_int_equal(*get(&set, n), n * n);
	for (; n < 2 * MANY; n++)
		assert_null(get(&set, n));
	assert_int_equal(loy__identities_count(&set), MANY);
	loy__identities_free(&set, &memory);
	assert_int_equal(heap.live, 0);
}

/* Searches start at one slot for all, so that nothing but the identity itself tells them apart. */
static void identities_of_one_hash_are_told_apart(void **state)
{
	const uint64_t hash = UINT64_C(0xffffffff12345678), top = UINT64_C(1) << 63;
	loy_allocator memory;
	loy__identities set = {0};
	uint64_t n;

	(void)state;
	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	for (n = 0; n < 9; n++) { /* more would be hashed anew when the index grows */
		loy__identity single = {n | top, 9, n + 1}, counted = {n, 9, n + 100};

		assert_int_equal(loy__identities_reserve_one(&set, &memory, single.high), LOY_OK);
		loy__identities_add(&set, hash, &single);
		assert_int_equal(loy__identities_reserve_one(&set, &memory, counted.high), LOY_OK);
		loy__identities_add(&set, hash, &counted);
	}
	for (n = 0; n < 9; n++) {
		assert_int_equal(*loy__identities_find(&set, hash, n | top, 9), n + 1);
		assert_int_equal(*loy__identities_find(&set, hash, n, 9), n + 100);
		assert_null(loy__identities_find(&set, hash, n, 8));
		assert_null(loy__identities_find(&set, hash, n | top, 8));
	}
	assert_null(loy__identities_find(&set, hash, 9, 9));
	assert_null(loy__identities_find(&set, hash, 9 | top, 9));
	loy__identities_free(&set, &memory);
}

/* Identities come, go and come again at random, close together and far apart; all others stay as they are. */
static void identities_come_and_go(void **state)
{
	enum { PLACES = 400, STEPS = 40000 };
	static uint64_t there[4][PLACES]; /* digest, 0: not there */
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy__identities set = {.seed = 77};
	loy__identities_walk walk = {0};
	loy__identity found;
	uint64_t step, count = 0, walked = 0;
	loy__random random;

	(void)state;
	memset(there, 0, sizeof(there));
	loy__random_init(&random, 3);
	for (step = 1; step <= STEPS; step++) {
		uint64_t source = loy__random_below(&random, 4), place = loy__random_below(&random, PLACES);
		uint64_t low = source == 1 ? place * 31 : place,
		         high = source < 3 ? source : UINT64_C(3) << 62;
		uint64_t hash = loy__identities_hash(&set, high, low);
		const uint64_t *known = loy__identities_find(&set, hash, high, low);
		loy__identity identity = {high, low, step};

		assert_int_equal(known != NULL, there[source][place] != 0);
		if (known != NULL)
			assert_int_equal(*known, there[source][place]);
		if (known != NULL && loy__random_below(&random, 3) != 0) {
			loy__identities_forget(&set, high, low);
			there[source][place] = 0;
			count--;
		} else if (known == NULL) {
			assert_int_equal(loy__identities_reserve_one(&set, &memory, high), LOY_OK);
			loy__identities_add(&set, hash, &identity);
			there[source][place] = step;
			count++;
		}
		assert_int_equal(loy__identities_count(&set), count);
	}
	loy__identities_forget(&set, 99, 1); /* was never there */
	while (loy__identities_next(&set, &walk, &found)) {
		uint64_t source = found.high >> 63 != 0 ? 3 : found.high;

		assert_int_equal(found.digest, there[source][source == 1 ? found.low / 31 : found.low]);
		walked++;
	}
	assert_int_equal(walked, count);
	assert_true(loy__identities_source_known(&set, 2) &&
	            loy__identities_source_known(&set, UINT64_C(3) << 62));
	assert_false(loy__identities_source_known(&set, 3) || loy__identities_source_known(&set, UINT64_MAX));
	loy__identities_free(&set, &memory);
	assert_int_equal(heap.live, 0);
}

/* A device that counts costs little more than a digest an event. */
static void counts_take_few_bytes(void **state)
{
	enum { MANY = 100000 };
	loy_allocator memory;
	loy__identities set = {.seed = 5};
	uint64_t n;

	(void)state;
	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	for (n = 0; n < MANY; n++) {
		loy__identity identity = {UINT64_C(7) << 32, n, n};

		assert_int_equal(loy__identities_reserve_one(&set, &memory, identity.high), LOY_OK);
		loy__identities_add(&set, loy__identities_hash(&set, identity.high, n), &identity);
	}
	assert_true(loy__identities_bytes(&set) < MANY * 10 + 40000);
	loy__identities_free(&set, &memory);
}

static void room_for_identities_needs_no_more_memory(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy__identities set = {.seed = 1};
	long requests;
	uint64_t n;

	(void)state;
	assert_int_equal(loy__identities_reserve(&set, &memory, 5000), LOY_OK);
	requests = heap.requests;
	for (n = 0; n < 5000; n++)
		put(&set, &memory, n);
	assert_int_equal(heap.requests, requests);
	loy__identities_free(&set, &memory);
	assert_int_equal(heap.live, 0);
}

static void growth_without_memory_loses_nothing(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy__identities set = {.seed = 3};
	uint64_t n, refused = 0, k;

	(void)state;
	for (n = 0; n < 3000; n++) {
		loy_status status;

		heap.requests = 0; /* the next request fails, then the one after it */
		for (k = 0; k < 4; k++) {
			heap.until = (long)k;
			heap.requests = 0;
			status = loy__identities_reserve_one(&set, &memory, nth(n).high);
			if (status == LOY_OK)
				break;
			assert_int_equal(status, LOY_ENOMEM);
			refused++;
			assert_int_equal(loy__identities_count(&set), n);
			assert_null(get(&set, n));
			if (n != 0)
				assert_non_null(get(&set, n - 1));
		}
		heap.until = -1;
		put(&set, &memory, n);
	}
	assert_true(refused > 20);
	for (n = 0; n < 3000; n++)
		assert_non_null(get(&set, n));
	assert_int_equal(loy__identities_reserve(&set, &memory, UINT64_C(1) << 40), LOY_ELIMIT);
	loy__identities_free(&set, &memory);
	assert_int_equal(heap.live, 0);
}

/* ---- customers ---- */

static void numbers_come_and_go(void **state)
{
	enum { RANGE = 500, STEPS = 100000 };
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy__customers table = {.seed = 11};
	uint8_t there[RANGE] = {0};
	loy__random random;
	uint32_t live = 0, i;

	(void)state;
	loy__random_init(&random, 3);
	for (i = 0; i < STEPS; i++) {
		uint64_t number = 1 + loy__random_below(&random, RANGE);
		loy__who who = loy__who_number(&table, number);
		uint32_t entry = loy__customers_find(&table, &who);

		assert_int_equal(entry != LOY__NO_ENTRY, there[number - 1]);
		if (entry == LOY__NO_ENTRY) {
			assert_int_equal(loy__customers_reserve(&table, &memory, 1), LOY_OK);
			assert_int_equal(loy__customers_add(&table, &who, NULL, NULL), live);
			live++;
		} else {
			assert_int_equal(loy__customers_at(&table, entry)->who.number, number);
			loy__customers_erase(&table, entry);
			live--;
		}
		there[number - 1] ^= 1;
		assert_int_equal(table.index.live, live);
		if (i % 5000 == 0) {
			uint32_t k;

			loy__customers_sort(&table);
			for (k = 1; k < live; k++)
				assert_true(loy__customers_at(&table, k - 1)->who.number <
				            loy__customers_at(&table, k)->who.number);
		}
	}
	assert_true(table.index.capacity < 2048); /* erased slots are swept, they do not make it grow */
	loy__customers_free(&table, &memory);
	assert_int_equal(heap.live, 0);
}

/* Sort `count` numbers given by a formula and look all of them up by their rows. */
static void sort_numbers(uint32_t count, uint64_t (*number)(uint32_t i, uint32_t count))
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy__customers table = {.seed = count};
	loy__who who;
	long requests;
	uint32_t i;

	assert_int_equal(loy__customers_reserve(&table, &memory, count), LOY_OK);
	for (i = 0; i < count; i++) {
		who = loy__who_number(&table, number(i, count));
		assert_int_equal(loy__customers_find(&table, &who), LOY__NO_ENTRY);
		(void)loy__customers_add(&table, &who, NULL, NULL);
	}
	requests = heap.requests;
	loy__customers_sort(&table);
	assert_int_equal(heap.requests, requests);
	for (i = 0; i < count; i++) {
		if (i != 0)
			assert_true(loy__customers_at(&table, i - 1)->who.number <
			            loy__customers_at(&table, i)->who.number);
		who = loy__who_number(&table, loy__customers_at(&table, i)->who.number);
		assert_int_equal(loy__customers_find(&table, &who), i);
	}
	loy__customers_free(&table, &memory);
	assert_int_equal(heap.live, 0);
}

static uint64_t rising(uint32_t i, uint32_t count)
{
	(void)count;
	return i + 1;
}
static uint64_t falling(uint32_t i, uint32_t count)
{
	return count - i;
}
static uint64_t scattered(uint32_t i, uint32_t count)
{
	(void)count;
	return loy__mix64(i + 1);
}
static uint64_t pipes(uint32_t i, uint32_t count)
{
	return 1 + (i < count / 2 ? 2 * (uint64_t)i : 2 * (uint64_t)(count - i) - 1);
}

static void numbers_of_any_pattern_are_sorted_without_memory(void **state)
{
	static const uint32_t counts[] = {0, 1, 2, 3, 12, 13, 14, 100, 1000, 20000};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(counts); i++) {
		sort_numbers(counts[i], rising);
		sort_numbers(counts[i], falling);
		sort_numbers(counts[i], scattered);
		sort_numbers(counts[i], pipes);
	}
}

static void keys_are_found_erased_and_sorted_bytewise(void **state)
{
	enum { COUNT = 5000 };
	static uint8_t keys[COUNT][LOY_CUSTOMER_KEY_MAX + 1];
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy__customers table = {.keyed = 1, .seed = 77};
	loy__who who;
	uint32_t i, k;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		/* lengths 4 to 255, prefixes of one another among them, bytes above 0x7f among them */
		keys[i][0] = (uint8_t)(i % 50 == 0 ? 255 : 4 + i % 9);
		memset(keys[i] + 1, i % 3 == 0 ? 0xc3 : 'a', keys[i][0]);
		for (k = 0; k < 4; k++)
			keys[i][1 + k] = (uint8_t)('a' + (i >> 4 * k & 15));
		who = loy__who_key(&table, keys[i] + 1, keys[i][0]);
		assert_int_equal(loy__customers_find(&table, &who), LOY__NO_ENTRY);
		assert_int_equal(loy__customers_reserve(&table, &memory, 1), LOY_OK);
		assert_int_equal(loy__customers_add(&table, &who, keys[i], NULL), i);
	}
	loy__customers_erase(&table, 17);
	who = loy__who_key(&table, keys[17] + 1, keys[17][0]);
	assert_int_equal(loy__customers_find(&table, &who), LOY__NO_ENTRY);
	loy__customers_sort(&table);
	for (i = 0; i < COUNT - 1; i++) {
		const uint8_t *key = loy__customers_at(&table, i)->who.key;

		if (i != 0) {
			assert_true(loy__key_before(loy__customers_at(&table, i - 1)->who.key, key));
			assert_false(loy__key_before(key, loy__customers_at(&table, i - 1)->who.key));
		}
		assert_false(loy__key_before(key, key));
		who = loy__who_key(&table, key + 1, key[0]);
		assert_int_equal(loy__customers_find(&table, &who), i);
	}
	assert_true(loy__key_before((const uint8_t *)"\1a", (const uint8_t *)"\2aa"));
	assert_true(loy__key_before((const uint8_t *)"\2az", (const uint8_t *)"\1b"));
	assert_true(loy__key_before((const uint8_t *)"\1z", (const uint8_t *)"\1\xc3"));
	loy__customers_free(&table, &memory);
	assert_int_equal(heap.live, 0);
}

/* ---- entries settled together ---- */

static int names_are_same(const void *names, uint32_t a, uint32_t b)
{
	const uint32_t *name = names;

	return name[a] == name[b];
}

static uint64_t hash_of_name(const void *names, uint32_t entry)
{
	const uint32_t *name = names;

	return loy__mix64(name[entry] / 2); /* two have one hash each */
}

/* The last hundred begin at the last slots: their searches go on at the first. */
static void settled_entries_are_found_and_repeated_ones_are_not_settled(void **state)
{
	enum { MANY = 1000 };
	static uint32_t names[MANY];
	static uint64_t hashes[MANY];
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy__index index = {0};
	loy__search search;
	uint32_t i, found;

	(void)state;
	for (i = 0; i < MANY; i++) {
		names[i] = i;
		hashes[i] = i < 900 ? hash_of_name(names, i) : UINT64_MAX - i;
	}
	assert_int_equal(loy__index_reserve(&index, &memory, MANY, hash_of_name, names), LOY_OK);
	assert_true(loy__index_settle(&index, hashes, 3, names_are_same, names));
	assert_true(loy__index_settle(&index, hashes + 3, MANY - 4, names_are_same, names));
	assert_int_equal(index.live, MANY - 1);
	assert_int_equal(index.used, MANY - 1);
	for (i = 0; i < MANY - 1; i++) {
		loy__index_start(&index, hashes[i], &search);
		do
			found = loy__index_next(&index, &search);
		while (found != i && found != LOY__NO_ENTRY);
		assert_int_equal(found, i);
	}
	hashes[MANY - 1] = hashes[500];
	names[MANY - 1] = names[500];
	assert_false(loy__index_settle(&index, hashes + MANY - 1, 1, names_are_same, names));
	loy__index_free(&index, &memory);
	assert_int_equal(heap.live, 0);
}

static void more_elements_than_addresses_are_refused(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy__vector v = {0};

	(void)state;
	assert_int_equal(loy__vector_reserve(&v, &memory, UINT64_C(1) << 62, 16), LOY_ENOMEM);
	assert_int_equal(heap.requests, 0);
	assert_int_equal(loy__vector_reserve(&v, &memory, LOY__VECTOR_CHUNK * 3, 16), LOY_OK);
	assert_int_equal(v.chunks, 3);
	assert_ptr_equal(loy__vector_at(&v, LOY__VECTOR_CHUNK, 16), v.chunk[0] + LOY__VECTOR_CHUNK * 16);
	assert_int_equal(loy__vector_reserve(&v, &memory, LOY__VECTOR_CHUNK * 5, 16), LOY_OK);
	assert_int_equal(v.chunks, 5);
	loy__vector_free(&v, &memory, 16);
	assert_int_equal(heap.live, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(identities_are_found_and_strangers_are_not),
	        cmocka_unit_test(identities_of_one_hash_are_told_apart),
	        cmocka_unit_test(identities_come_and_go),
	        cmocka_unit_test(counts_take_few_bytes),
	        cmocka_unit_test(room_for_identities_needs_no_more_memory),
	        cmocka_unit_test(growth_without_memory_loses_nothing),
	        cmocka_unit_test(numbers_come_and_go),
	        cmocka_unit_test(numbers_of_any_pattern_are_sorted_without_memory),
	        cmocka_unit_test(keys_are_found_erased_and_sorted_bytewise),
	        cmocka_unit_test(settled_entries_are_found_and_repeated_ones_are_not_settled),
	        cmocka_unit_test(more_elements_than_addresses_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
