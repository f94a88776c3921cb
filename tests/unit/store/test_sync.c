#include "tills.h"
#include "sample_model.h"

#include "store/bundle.h"

/* ---- events ---- */

/* Event n of all: always the same. */
static void nth(loy_event *event, uint64_t n)
{
	loy__random random;

	loy__random_init(&random, n);
	stores_event(event, &random, 40, n + 1);
}

static void record(struct till *till, uint64_t first, uint64_t end)
{
	loy_event *event;
	uint64_t n;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = first; n < end; n++) {
		nth(event, n);
		assert_int_equal(loy_store_record(till->store, event, NULL), LOY_OK);
	}
	assert_int_equal(loy_store_commit(till->store, NULL), LOY_OK);
	loy_event_destroy(event);
}

static void assert_same(struct till *a, struct till *b)
{
	stores_assert_equal(a->store, b->store);
}

static uint64_t records(const struct till *till)
{
	return stores_stats(till->store).records;
}

struct patience {
	unsigned calls, until;
	uint64_t done, total;
};

static int32_t watch(uint64_t done, uint64_t total, void *user_data)
{
	struct patience *patience = user_data;

	assert_true(done >= patience->done && done <= total);
	patience->done = done;
	patience->total = total;
	return ++patience->calls > patience->until;
}

/* ---- vectors and bundles ---- */

static void the_same_records_have_the_same_vector(void **state)
{
	struct till a, b;
	struct bytes one, other;
	uint8_t small[3];
	size_t needed;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	one = till_vector(&a);
	other = till_vector(&b);
	assert_int_equal(one.size, other.size);
	assert_memory_equal(one.data, other.data, one.size);
	free(one.data);
	free(other.data);
	record(&a, 0, 10);
	till_close(&a);
	till_open(&a);
	record(&a, 10, 20);
	record(&b, 20, 30);
	till_send(&b, &a);
	till_send(&a, &b);
	one = till_vector(&a);
	other = till_vector(&b);
	assert_int_equal(one.size, 8 + 3 * 24); /* three lives */
	assert_int_equal(one.size, other.size);
	assert_memory_equal(one.data, other.data, one.size);
	assert_int_equal(loy_store_vector(a.store, small, sizeof(small), &needed), LOY_EBUFFER);
	assert_int_equal(needed, one.size);
	assert_int_equal(loy_store_vector(a.store, small, sizeof(small), NULL), LOY_EBUFFER);
	assert_same(&a, &b);
	free(one.data);
	free(other.data);
	till_destroy(&a);
	till_destroy(&b);
}

static void only_what_is_lacking_travels(void **state)
{
	loy_export_result result = {.struct_size = sizeof(result)};
	struct bytes since, first, second, nothing = {NULL, 0};
	loy_import_result taken;
	struct till a, b;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	record(&a, 0, 100);
	assert_int_equal(till_export(&a, NULL, 0, &first), 1);
	taken = till_import(&b, &first);
	assert_int_equal(taken.records, 100);
	assert_int_equal(taken.recorded, 100);
	record(&a, 100, 107);
	since = till_vector(&b);
	assert_int_equal(till_export(&a, &since, 0, &second), 1);
	assert_true(second.size < first.size / 5);
	taken = till_import(&b, &second);
	assert_int_equal(taken.recorded, 7);
	taken = till_import(&b, &second);
	assert_int_equal(taken.known, 7);
	taken = till_import(&b, &first);
	assert_int_equal(taken.known, 100);
	taken = till_import(&a, &first); /* one's own */
	assert_int_equal(taken.known, 100);
	assert_same(&a, &b);
	free(since.data);
	since = till_vector(&b);
	assert_int_equal(
	        loy_store_export(a.store, since.data, since.size, 0, bytes_keep, &nothing, &result, NULL),
	        LOY_OK);
	assert_int_equal(result.records, 0);
	assert_int_equal(result.complete, 1);
	taken = till_import(&b, &nothing);
	assert_int_equal(taken.records, 0);
	free(nothing.data);
	free(since.data);
	free(first.data);
	free(second.data);
	till_destroy(&a);
	till_destroy(&b);
}

/* What was told to others must be there after a crash, and an erasure must not be told by what it left alone. */
static void what_waits_is_committed_and_travels(void **state)
{
	struct till a, b;
	struct bytes bundle;
	loy_event *event;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	till_close(&a);
	a.durability = LOY_DURABLE_CALLER;
	till_open(&a);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	nth(event, 1);
	assert_int_equal(loy_store_record(a.store, event, NULL), LOY_OK);
	assert_true(stores_stats(a.store).pending != 0);
	assert_int_equal(till_export(&a, NULL, 0, &bundle), 1);
	assert_int_equal(stores_stats(a.store).pending, 0);
	assert_int_equal(till_import(&b, &bundle).recorded, 1);
	free(bundle.data);
	assert_same(&a, &b);
	loy_event_destroy(event);
	till_destroy(&a);
	till_destroy(&b);
}

static void bundles_may_be_bounded(void **state)
{
	struct till a, b;
	unsigned rounds = 0;
	uint32_t complete = 0;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	record(&a, 0, 500);
	while (!complete) {
		struct bytes since = till_vector(&b), bundle;

		complete = till_export(&a, &since, 3000, &bundle);
		assert_true(bundle.size < 3000 + 2000); /* a record beyond it at most */
		assert_true(till_import(&b, &bundle).recorded > 0);
		free(bundle.data);
		free(since.data);
		rounds++;
	}
	assert_true(rounds > 5);
	assert_same(&a, &b);
	till_destroy(&a);
	till_destroy(&b);
}

/* The bound holds for erasures, which go first, as well. */
static void erasures_lead(void **state)
{
	struct till a, b;
	struct bytes bundle;
	loy__bundle_reader reader;
	loy__fact fact;
	uint32_t complete = 0;
	unsigned rounds = 0;
	uint64_t n;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	record(&a, 0, 30);
	for (n = 1; n < 200; n++)
		assert_int_equal(loy_store_erase_until(a.store, 1000 + n, NULL, 0, 5, NULL), LOY_OK);
	record(&a, 30, 60);
	assert_int_equal(till_export(&a, NULL, 0, &bundle), 1);
	assert_int_equal(loy__bundle_reader_init(&reader, bundle.data, bundle.size, NULL), LOY_OK);
	for (n = 1; loy__bundle_next(&reader, &fact, NULL) == LOY_OK; n++)
		assert_int_equal(fact.type == LOY_RECORD_ERASE, n < 200);
	free(bundle.data);
	while (!complete) {
		struct bytes since = till_vector(&b);

		complete = till_export(&a, &since, 1000, &bundle);
		(void)till_import(&b, &bundle);
		free(bundle.data);
		free(since.data);
		rounds++;
	}
	assert_true(rounds > 7);
	assert_same(&a, &b);
	till_destroy(&a);
	till_destroy(&b);
}

/* Large records make groups of fewer. */
static void large_records_travel(void **state)
{
	struct patience patience = {.until = 1000};
	loy_batch_options options = {
	        .struct_size = sizeof(options), .progress = watch, .user_data = &patience};
	static uint8_t large[16000];
	struct till a, b;
	struct bytes bundle;
	loy_event *event;
	uint64_t n;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = 0; n < 150; n++) {
		nth(event, n);
		assert_int_equal(loy_event_set_extension(event, 1000, large, sizeof(large)), LOY_OK);
		assert_int_equal(loy_store_record(a.store, event, NULL), LOY_OK);
	}
	assert_int_equal(till_export(&a, NULL, 0, &bundle), 1);
	assert_int_equal(loy_store_import(b.store, bundle.data, bundle.size, &options, NULL, NULL), LOY_OK);
	assert_true(patience.calls > 2);
	assert_same(&a, &b);
	loy_event_destroy(event);
	free(bundle.data);
	till_destroy(&a);
	till_destroy(&b);
}

/* ---- what becomes of facts ---- */

static void each_fate_is_counted(void **state)
{
	loy_batch_options options = {.struct_size = sizeof(options)};
	loy_import_result result = {.struct_size = sizeof(result)};
	struct till a, b;
	struct bytes bundle;
	loy_event *event;
	uint64_t n, customer;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	record(&a, 0, 50);
	record(&b, 40, 60);         /* ten both have recorded */
	for (n = 60; n < 63; n++) { /* three of one identity and two contents */
		nth(event, n);
		assert_int_equal(loy_event_set(event, LOY_FIELD_SOURCE, 5000), LOY_OK);
		assert_int_equal(loy_store_record(a.store, event, NULL), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_SOURCE, 5001), LOY_OK);
		assert_int_equal(loy_store_record(b.store, event, NULL), LOY_OK);
	}
	for (n = 0; n < 4; n++) { /* four of somebody erased there, two of them in the future */
		customer = 1000000;
		assert_int_equal(
		        loy_event_begin(event, LOY_KIND_VISIT, LOY_TIME_MAX - (int64_t)n * 30000 * LOY_DAY),
		        LOY_OK);
		assert_int_equal(loy_event_set_customer(event, customer), LOY_OK);
		assert_int_equal(loy_store_record(a.store, event, NULL), LOY_OK);
	}
	assert_int_equal(loy_store_erase_until(b.store, 1000000, NULL, 0, 19900 * LOY_DAY, NULL), LOY_OK);
	options.latest_time = 20000 * LOY_DAY;
	assert_int_equal(till_export(&a, NULL, 0, &bundle), 1);
	assert_int_equal(loy_store_import(b.store, bundle.data, bundle.size, &options, &result, NULL),
	                 LOY_OK);
	assert_int_equal(result.records, 57);
	assert_int_equal(result.known, 10);
	assert_int_equal(result.conflicts, 3);
	assert_int_equal(result.erased, 1);
	assert_int_equal(result.future, 3);
	assert_int_equal(result.recorded, 43);
	free(bundle.data);
	till_send(&b, &a);
	till_send(&a, &b);
	assert_same(&a, &b);
	loy_event_destroy(event);
	till_destroy(&a);
	till_destroy(&b);
}

static void conflicts_are_kept_and_listed(void **state)
{
	struct till till[2];
	loy_event *event, *counts, *other;
	uint64_t digest[2][2][5];
	int i, k;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&counts, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&other, NULL), LOY_OK);
	for (i = 0; i < 2; i++) {
		till_create(&till[i], model, 1 + (uint64_t)i);
		assert_int_equal(loy_store_conflict_count(till[i].store), 0);
		assert_int_equal(loy_store_conflict(till[i].store, 0, counts, other, NULL), LOY_ENOTFOUND);
		for (k = 0; k < 3; k++) {
			nth(event, 5 + (uint64_t)k);
			assert_int_equal(loy_event_set(event, LOY_FIELD_SOURCE, 700 + i), LOY_OK);
			assert_int_equal(loy_store_record(till[i].store, event, NULL), LOY_OK);
		}
	}
	/* a third content of one of them, recorded where one is known */
	nth(event, 6);
	assert_int_equal(loy_event_set(event, LOY_FIELD_SOURCE, 777), LOY_OK);
	assert_int_equal(loy_store_record(till[0].store, event, NULL), LOY_ECONFLICT);
	assert_int_equal(loy_store_conflict_count(till[0].store), 1);
	till_send(&till[0], &till[1]);
	till_send(&till[1], &till[0]);
	assert_same(&till[0], &till[1]);
	for (i = 0; i < 2; i++) {
		assert_int_equal(loy_store_conflict_count(till[i].store), 4);
		for (k = 0; k < 4; k++) {
			uint64_t id[2][2];

			assert_int_equal(loy_store_conflict(till[i].store, (uint64_t)k, counts, other, NULL),
			                 LOY_OK);
			assert_int_equal(loy_event_identity(counts, &id[0][0], &id[0][1]), LOY_OK);
			assert_int_equal(loy_event_identity(other, &id[1][0], &id[1][1]), LOY_OK);
			assert_memory_equal(id[0], id[1], sizeof(id[0]));
			assert_int_equal(loy_event_digest(counts, &digest[i][0][k]), LOY_OK);
			assert_int_equal(loy_event_digest(other, &digest[i][1][k]), LOY_OK);
			assert_true(digest[i][0][k] < digest[i][1][k]); /* the smallest counts */
			assert_int_equal(loy_store_conflict(till[i].store, (uint64_t)k, NULL, other, NULL),
			                 LOY_OK);
			assert_int_equal(loy_store_conflict(till[i].store, (uint64_t)k, counts, NULL, NULL),
			                 LOY_OK);
		}
		assert_int_equal(loy_store_conflict(till[i].store, 4, counts, other, NULL), LOY_ENOTFOUND);
		for (k = 0; k < 4; k++) {
			assert_true(digest[i][0][k] == digest[0][0][k]);
			assert_true(digest[i][1][k] == digest[0][1][k]);
		}
	}
	assert_int_equal(loy_store_conflict_count(NULL), 0);
	assert_int_equal(loy_store_conflict(NULL, 0, counts, other, NULL), LOY_EINVAL);
	loy_event_destroy(event);
	loy_event_destroy(counts);
	loy_event_destroy(other);
	till_destroy(&till[0]);
	till_destroy(&till[1]);
}

/* ---- refused whole ---- */

/* A bundle of good facts of `from` and one that is not. */
static struct bytes with_a_bad_fact(const struct till *from, uint32_t type, const void *body, size_t size)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	struct bytes good, bad = {NULL, 0};
	loy__bundle_reader reader;
	loy__bundle_writer w;
	loy__fact fact;

	assert_int_equal(till_export(from, NULL, 0, &good), 1);
	loy__bundle_writer_init(&w, &memory, 0, bytes_keep, &bad);
	assert_int_equal(loy__bundle_reader_init(&reader, good.data, good.size, NULL), LOY_OK);
	while (loy__bundle_next(&reader, &fact, NULL) == LOY_OK)
		loy__bundle_add(&w, &fact);
	memset(&fact, 0, sizeof(fact));
	fact.type = type;
	fact.tag.life = 5;
	fact.body = body;
	fact.size = size;
	loy__bundle_add(&w, &fact);
	assert_int_equal(loy__bundle_finish(&w), LOY_OK);
	loy__bundle_writer_free(&w);
	free(good.data);
	return bad;
}

static void expect_refused(struct till *till, const struct bytes *bundle, loy_status status)
{
	loy_error error = {.struct_size = sizeof(error)};
	uint64_t before[2], after[2], had = records(till);

	stores_hash(till->store, before);
	assert_int_equal(loy_store_import(till->store, bundle->data, bundle->size, NULL, NULL, &error),
	                 status);
	assert_int_equal(error.code, status);
	assert_true(error.byte >= 0 && (uint64_t)error.byte < bundle->size);
	stores_hash(till->store, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(records(till), had);
}

static void bad_facts_change_nothing(void **state)
{
	static const struct {
		uint32_t type;
		const char *body;
		size_t size;
	} bad[] = {
	        {LOY_RECORD_EVENT, "", 0},
	        {LOY_RECORD_EVENT, "\x1f\0\0\0\1\1\0 an event it is not, really not", 35},
	        {LOY_RECORD_RETRACT, "\0\0\0\0", 4},
	        {LOY_RECORD_PROFILE, "\0\5\0\0\0\0\0\0\0\0LOYP", 14},
	        {LOY_RECORD_ERASE, "0123456701234567", 16},
	        {LOY_RECORD_ERASE, "0123456701234567\xff\xff\xff\xff\xff\xff\xff\x7f", 24},
	        {LOY_RECORD_ALIAS, "\0\0\0\0\0\0\0\0", 8},
	        {LOY_RECORD_ALIAS, "\0\0\0\0\0\0\0\0\0\5\0\5", 12},   /* of itself */
	        {LOY_RECORD_ALIAS, "\0\0\0\0\0\0\0\0\1\xff\0\5", 12}, /* not UTF-8 */
	        {LOY_RECORD_GONE, "0123456", 7},
	};
	struct till a, b;
	size_t i;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	record(&a, 0, 20);
	record(&b, 10, 30);
	for (i = 0; i < LOY__COUNT(bad); i++) {
		struct bytes bundle = with_a_bad_fact(&a, bad[i].type, bad[i].body, bad[i].size);
		loy_error error = {.struct_size = sizeof(error)};
		loy_status status = loy_store_import(b.store, bundle.data, bundle.size, NULL, NULL, &error);

		if (status == LOY_OK)
			fail_msg("bad fact %zu was accepted", i);
		expect_refused(&b, &bundle, status);
		free(bundle.data);
	}
	till_destroy(&a);
	till_destroy(&b);
}

/* A number that the importing store has yet to give out: who claims it would make its next record unknown to all. */
static void nobody_has_what_is_yet_to_be_made(void **state)
{
	struct faulty heap = {.until = -1};
	const loy_allocator memory = faulty_allocator(&heap);
	struct bytes own, bundle = {NULL, 0};
	loy__bundle_reader reader;
	loy__bundle_writer w;
	loy__fact fact;
	struct till a;

	(void)state;
	till_create(&a, model, 1);
	record(&a, 0, 1);
	assert_int_equal(till_export(&a, NULL, 0, &own), 1);
	assert_int_equal(loy__bundle_reader_init(&reader, own.data, own.size, NULL), LOY_OK);
	assert_int_equal(loy__bundle_next(&reader, &fact, NULL), LOY_OK);
	fact.tag.number++;
	loy__bundle_writer_init(&w, &memory, 0, bytes_keep, &bundle);
	loy__bundle_add(&w, &fact);
	assert_int_equal(loy__bundle_finish(&w), LOY_OK);
	loy__bundle_writer_free(&w);
	expect_refused(&a, &bundle, LOY_EFORMAT);
	till_close(&a);
	till_open(&a);
	(void)till_import(&a, &bundle); /* that life is over: it may be what a backup lost */
	free(own.data);
	free(bundle.data);
	till_destroy(&a);
}

/* Two contents under one name: whichever came first would count, here the one and there the other. */
static void one_name_is_one_record(void **state)
{
	struct faulty heap = {.until = -1};
	const loy_allocator memory = faulty_allocator(&heap);
	struct bytes good, bad = {NULL, 0};
	loy__bundle_reader reader;
	loy__bundle_writer w;
	struct till a, b;
	loy__fact fact;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	record(&a, 0, 20);
	assert_int_equal(till_export(&a, NULL, 0, &good), 1);
	assert_int_equal(loy__bundle_reader_init(&reader, good.data, good.size, NULL), LOY_OK);
	loy__bundle_writer_init(&w, &memory, 0, bytes_keep, &bad);
	while (loy__bundle_next(&reader, &fact, NULL) == LOY_OK) {
		if (fact.tag.number == 19)
			fact.tag.number = 3;
		loy__bundle_add(&w, &fact);
	}
	assert_int_equal(loy__bundle_finish(&w), LOY_OK);
	loy__bundle_writer_free(&w);
	expect_refused(&b, &bad, LOY_EFORMAT);
	free(good.data);
	free(bad.data);
	till_destroy(&a);
	till_destroy(&b);
}

static void damaged_bundles_change_nothing(void **state)
{
	struct till a, b;
	struct bytes bundle, part;
	size_t i;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	record(&a, 0, 20);
	assert_int_equal(till_export(&a, NULL, 0, &bundle), 1);
	for (i = 0; i < bundle.size; i += 7) {
		uint64_t before[2], after[2];

		stores_hash(b.store, before);
		bundle.data[i] ^= 16;
		assert_true(loy_store_import(b.store, bundle.data, bundle.size, NULL, NULL, NULL) != LOY_OK);
		bundle.data[i] ^= 16;
		stores_hash(b.store, after);
		assert_memory_equal(before, after, sizeof(before));
	}
	part = bundle;
	part.size--;
	assert_int_equal(loy_store_import(b.store, part.data, part.size, NULL, NULL, NULL), LOY_EFORMAT);
	assert_int_equal(records(&b), 0);
	free(bundle.data);
	till_destroy(&a);
	till_destroy(&b);
}

static void what_cannot_be_asked_is_refused(void **state)
{
	static const uint8_t key[16] = {1};
	loy_export_result small = {.struct_size = 3};
	loy_import_result short_result = {.struct_size = 2};
	loy_batch_options wrong = {.struct_size = sizeof(wrong), .reserved = 1};
	struct till a, b;
	struct bytes bundle, out = {NULL, 0};
	loy_store *memory = stores_create(model, 0);
	uint8_t vector[100];
	size_t needed;

	(void)state;
	till_create(&a, model, 1);
	record(&a, 0, 5);
	assert_int_equal(till_export(&a, NULL, 0, &bundle), 1);
	assert_int_equal(loy_store_vector(NULL, vector, sizeof(vector), &needed), LOY_EINVAL);
	assert_int_equal(loy_store_vector(a.store, NULL, 10, &needed), LOY_EINVAL);
	assert_int_equal(loy_store_vector(memory, vector, sizeof(vector), &needed), LOY_ESTATE);
	assert_int_equal(loy_store_export(NULL, NULL, 0, 0, bytes_keep, &out, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_export(a.store, NULL, 0, 0, NULL, &out, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_export(a.store, NULL, 1, 0, bytes_keep, &out, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_export(a.store, NULL, 0, 0, bytes_keep, &out, &small, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_export(memory, NULL, 0, 0, bytes_keep, &out, NULL, NULL), LOY_ESTATE);
	assert_int_equal(loy_store_export(a.store, "no vector", 9, 0, bytes_keep, &out, NULL, NULL),
	                 LOY_EFORMAT);
	assert_int_equal(loy_store_export(a.store, "\0\0\0\0\0\0\0\0\0", 9, 0, bytes_keep, &out, NULL, NULL),
	                 LOY_EFORMAT);
	assert_int_equal(loy_store_ship(memory, bytes_keep, &out, NULL, NULL), LOY_ESTATE);
	assert_null(out.data);
	assert_int_equal(loy_store_import(NULL, bundle.data, bundle.size, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_import(a.store, NULL, 0, NULL, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_import(a.store, bundle.data, bundle.size, &wrong, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_import(a.store, bundle.data, bundle.size, NULL, &short_result, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_store_conflict(memory, 0, NULL, NULL, NULL), LOY_ESTATE);
	assert_int_equal(loy_store_conflict_count(memory), 0);
	assert_int_equal(loy_store_import(memory, bundle.data, bundle.size, NULL, NULL, NULL), LOY_ESTATE);
	till_close(&a);
	a.flags = LOY_STORE_READ_ONLY;
	till_open(&a);
	assert_int_equal(loy_store_import(a.store, bundle.data, bundle.size, NULL, NULL, NULL),
	                 LOY_EREADONLY);
	assert_int_equal(loy_store_erase_until(a.store, 1, NULL, 0, 0, NULL), LOY_EREADONLY);
	assert_int_equal(till_export(&a, NULL, 0, &out), 1);
	assert_int_equal(out.size, bundle.size);
	assert_memory_equal(out.data, bundle.data, out.size);
	/* stores of other pseudonyms */
	memset(&b, 0, sizeof(b));
	b.model = model;
	b.pseudonym_key = key;
	b.files.struct_size = sizeof(b.files);
	assert_int_equal(loy_files_open_memory(&b.files, 3, NULL), LOY_OK);
	till_open(&b);
	assert_int_equal(loy_store_import(b.store, bundle.data, bundle.size, NULL, NULL, NULL), LOY_EINVAL);
	free(out.data);
	free(bundle.data);
	loy_store_destroy(memory);
	till_destroy(&a);
	till_destroy(&b);
}

/* ---- too much for a profile ---- */

enum { GREEDY = 7, SALES = 5000, COUNTED = 9223 }; /* a profile takes 9,223 purchases of the largest amount */

static void buy(struct till *till, uint64_t customer, uint64_t device)
{
	loy_event *event;
	uint64_t n;

	till_close(till);
	till->durability = LOY_DURABLE_CALLER;
	till_open(till);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = 0; n < SALES; n++) {
		assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, 20000 * LOY_DAY), LOY_OK);
		assert_int_equal(loy_event_set_customer(event, customer), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, LOY_MONEY_MAX), LOY_OK);
		assert_int_equal(loy_event_set_identity(event, device, n + 1), LOY_OK);
		assert_int_equal(loy_store_record(till->store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
}

/* Nor can two customers become one whose sums no profile takes; each stays what it was. */
static void a_group_that_would_overflow_is_refused(void **state)
{
	const loy_who one = {GREEDY, NULL, 0}, two = {GREEDY + 1, NULL, 0};
	loy_error error = {.struct_size = sizeof(error)};
	uint64_t before[2], after[2];
	struct till till;

	(void)state;
	till_create(&till, model, 1);
	buy(&till, GREEDY, 1);
	buy(&till, GREEDY + 1, 2);
	stores_hash(till.store, before);
	assert_int_equal(loy_store_join(till.store, &one, &two, LOY_DAY, &error), LOY_EOVERFLOW);
	assert_int_equal(error.code, LOY_EOVERFLOW);
	stores_hash(till.store, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(stores_stats(till.store).aliases, 0);
	till_destroy(&till);
}

/* What one customer's profile cannot count keeps nothing else back, and comes again until it counts for nothing. */
static void an_import_goes_on_behind_what_overflows(void **state)
{
	loy_import_result result = {.struct_size = sizeof(result)};
	loy_error error = {.struct_size = sizeof(error)};
	struct bytes bundle, since;
	struct till a, b;
	int again;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	buy(&a, GREEDY, 1);
	record(&a, 0, 10);
	buy(&b, GREEDY, 2);
	for (again = 0; again < 2; again++) { /* the second time only what was left out travels */
		since = till_vector(&b);
		assert_int_equal(till_export(&a, &since, 0, &bundle), 1);
		assert_int_equal(loy_store_import(b.store, bundle.data, bundle.size, NULL, &result, &error),
		                 LOY_EOVERFLOW);
		assert_int_equal(error.code, LOY_EOVERFLOW);
		assert_true(error.byte > 0 && (size_t)error.byte < bundle.size);
		assert_int_equal(result.refused, 2 * SALES - COUNTED);
		assert_int_equal(result.recorded, again ? 0 : COUNTED - SALES + 10);
		assert_int_equal(result.records, result.recorded + result.refused);
		assert_int_equal(stores_stats(b.store).events, COUNTED + 10);
		assert_int_equal(stores_stats(b.store).pending, 0);
		free(bundle.data);
		free(since.data);
		till_close(&b);
		till_open(&b);
		assert_int_equal(loy_store_verify(b.store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	}
	assert_int_equal(loy_store_erase_until(b.store, GREEDY, NULL, 0, LOY_TIME_MAX, NULL), LOY_OK);
	till_send(&a, &b);
	till_send(&b, &a);
	assert_same(&a, &b);
	till_destroy(&a);
	till_destroy(&b);
}

/* ---- cut short ---- */

static void imports_go_on_where_they_stopped(void **state)
{
	struct patience patience = {.until = 1};
	loy_batch_options options = {
	        .struct_size = sizeof(options), .progress = watch, .user_data = &patience};
	loy_import_result result = {.struct_size = sizeof(result)};
	struct till a, b;
	struct bytes bundle;
	uint64_t had;

	(void)state;
	till_create(&a, model, 1);
	till_create(&b, model, 2);
	till_close(&a);
	a.durability = LOY_DURABLE_CALLER;
	till_open(&a);
	record(&a, 0, 20000);
	assert_int_equal(till_export(&a, NULL, 0, &bundle), 1);
	assert_int_equal(loy_store_import(b.store, bundle.data, bundle.size, &options, &result, NULL),
	                 LOY_ECANCELLED);
	assert_int_equal(patience.calls, 2);
	had = records(&b);
	assert_true(had > 0 && had < 20000);
	till_close(&b);
	till_open(&b);
	assert_true(records(&b) == had);
	patience.calls = 0;
	patience.until = 1000;
	patience.done = 0;
	assert_int_equal(loy_store_import(b.store, bundle.data, bundle.size, &options, &result, NULL),
	                 LOY_OK);
	assert_true(result.known == had && result.recorded == 20000 - had);
	assert_true(patience.done == 20000 && patience.total == 20000);
	patience.until = patience.calls - 1; /* too late to cancel */
	patience.calls = 0;
	patience.done = 0;
	assert_int_equal(loy_store_import(b.store, bundle.data, bundle.size, &options, NULL, NULL), LOY_OK);
	assert_same(&a, &b);
	free(bundle.data);
	till_destroy(&a);
	till_destroy(&b);
}

/* A till too small for all of it keeps what it took, and a larger one goes on. */
static void a_limit_of_memory_is_told(void **state)
{
	loy_store_options options = {.struct_size = sizeof(options), .segment_bytes = 65536};
	struct till a, b;
	struct bytes bundle;
	loy_error error = {.struct_size = sizeof(error)};

	(void)state;
	till_create(&a, model, 1);
	till_close(&a);
	a.durability = LOY_DURABLE_CALLER;
	till_open(&a);
	record(&a, 0, 6000);
	assert_int_equal(till_export(&a, NULL, 0, &bundle), 1);
	till_create(&b, model, 2);
	till_close(&b);
	options.files = &b.files;
	options.memory_limit = 400000;
	assert_int_equal(loy_store_open(&b.store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_store_import(b.store, bundle.data, bundle.size, NULL, NULL, &error), LOY_ELIMIT);
	assert_int_equal(error.code, LOY_ELIMIT);
	assert_true(records(&b) > 100 && records(&b) < 6000);
	till_close(&b);
	till_open(&b);
	(void)till_import(&b, &bundle);
	assert_same(&a, &b);
	free(bundle.data);
	till_destroy(&a);
	till_destroy(&b);
}

/* ---- customers found to be one ---- */

static loy_who who_is(const char *key)
{
	loy_who who = {0, key, key != NULL ? strlen(key) : 0};

	return who;
}

static void visit(struct till *till, const char *key, uint64_t number, int64_t time)
{
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, time), LOY_OK);
	if (key != NULL)
		assert_int_equal(loy_event_set_customer_key(event, key, strlen(key)), LOY_OK);
	else
		assert_int_equal(loy_event_set_customer(event, number), LOY_OK);
	assert_int_equal(loy_store_record(till->store, event, NULL), LOY_OK);
	loy_event_destroy(event);
}

/* How many events are read when somebody is asked for; -1: nobody. */
static int events_of(const struct till *till, const char *key, uint64_t number)
{
	loy_profile *profile;
	loy_value value;
	int events = -1;

	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	if (loy_store_profile_of(till->store, number, key, key != NULL ? strlen(key) : 0, profile) ==
	    LOY_OK) {
		assert_int_equal(loy_profile_get(profile, LOY_PROFILE_EVENTS, 0, 0, &value), LOY_OK);
		events = (int)value.integer;
	}
	loy_profile_destroy(profile);
	return events;
}

static void parts_count_for_their_whole(void **state)
{
	const loy_who ann = who_is("ann"), anna = who_is("anna"), seven = {7, NULL, 0};
	struct till till, other;
	uint64_t number = 1;
	char key[16];
	size_t length = 9;

	(void)state;
	till_create(&till, model, 1);
	till_create(&other, model, 2);
	visit(&till, "ann", 0, 1);
	visit(&till, "anna", 0, 2);
	visit(&till, "anna", 0, 3);
	visit(&till, NULL, 7, 4);
	assert_int_equal(loy_store_count(till.store), 3);
	assert_int_equal(loy_store_whole(till.store, &ann, &number, key, sizeof(key), &length),
	                 LOY_ENOTFOUND);
	assert_int_equal(loy_store_join(till.store, &ann, &anna, 10, NULL), LOY_OK);
	assert_int_equal(loy_store_count(till.store), 2);
	assert_int_equal(events_of(&till, "ann", 0), 3);
	assert_int_equal(events_of(&till, "anna", 0), 3);
	assert_int_equal(loy_store_whole(till.store, &ann, &number, key, sizeof(key), &length), LOY_OK);
	assert_true(number == 0 && length == 4 && strcmp(key, "anna") == 0);
	assert_int_equal(loy_store_whole(till.store, &ann, &number, key, 4, &length), LOY_EBUFFER);
	assert_int_equal(loy_store_whole(till.store, &ann, NULL, key, sizeof(key), NULL), LOY_OK);
	/* a chain ends at its end */
	assert_int_equal(loy_store_join(till.store, &anna, &seven, 11, NULL), LOY_OK);
	assert_int_equal(loy_store_whole(till.store, &ann, &number, key, sizeof(key), &length), LOY_OK);
	assert_true(number == 7 && length == 0 && key[0] == '\0');
	assert_int_equal(events_of(&till, "ann", 0), 4);
	visit(&till, "ann", 0, 5);
	assert_int_equal(events_of(&till, NULL, 7), 5);
	assert_int_equal(loy_store_count(till.store), 1);
	assert_int_equal(stores_stats(till.store).aliases, 2);
	/* of a circle the latest statement does not hold */
	assert_int_equal(loy_store_join(till.store, &seven, &ann, 12, NULL), LOY_OK);
	assert_int_equal(loy_store_whole(till.store, &seven, &number, key, sizeof(key), &length),
	                 LOY_ENOTFOUND);
	assert_int_equal(events_of(&till, NULL, 7), 5);
	till_send(&till, &other);
	assert_same(&till, &other);
	/* … which it does once there is no circle; and an older statement is no news */
	assert_int_equal(loy_store_separate(till.store, &ann, 20, NULL), LOY_OK);
	assert_int_equal(loy_store_join(till.store, &ann, &anna, 19, NULL), LOY_OK);
	assert_int_equal(loy_store_whole(till.store, &anna, &number, key, sizeof(key), &length), LOY_OK);
	assert_true(number == 0 && strcmp(key, "ann") == 0);
	assert_int_equal(events_of(&till, NULL, 7), 5);
	till_send(&till, &other);
	assert_same(&till, &other);
	assert_int_equal(loy_store_join(till.store, &anna, &seven, 15, NULL), LOY_OK);
	assert_int_equal(loy_store_whole(till.store, &seven, NULL, NULL, 0, NULL), LOY_EBUFFER);
	assert_int_equal(loy_store_separate(till.store, &seven, 16, NULL), LOY_OK);
	assert_int_equal(loy_store_whole(till.store, &anna, NULL, NULL, 0, NULL),
	                 LOY_OK); /* a number needs no room */
	/* undone, nothing is lost */
	assert_int_equal(loy_store_separate(other.store, &seven, 21, NULL), LOY_OK);
	assert_int_equal(loy_store_separate(other.store, &anna, 22, NULL), LOY_OK);
	till_send(&other, &till);
	assert_int_equal(events_of(&till, "ann", 0), 2);
	assert_int_equal(events_of(&till, "anna", 0), 2);
	assert_int_equal(events_of(&till, NULL, 7), 1);
	assert_same(&till, &other);
	till_destroy(&till);
	till_destroy(&other);
}

static void joins_that_mean_nothing_are_refused(void **state)
{
	const loy_who ann = who_is("ann"), five = {5, NULL, 0}, nobody = {0, NULL, 0}, bad = who_is("\xff");
	loy_store *memory = stores_create(model, 0);
	struct till till;
	uint64_t number;
	size_t length;

	(void)state;
	till_create(&till, model, 1);
	assert_int_equal(loy_store_join(NULL, &ann, &five, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_join(till.store, NULL, &five, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_join(till.store, &ann, NULL, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_join(till.store, &ann, &ann, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_join(till.store, &ann, &nobody, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_join(till.store, &nobody, &ann, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_join(till.store, &bad, &ann, 1, NULL), LOY_EUTF8);
	assert_int_equal(loy_store_join(till.store, &ann, &five, LOY_TIME_MAX + 1, NULL), LOY_ETIME);
	assert_int_equal(loy_store_separate(till.store, &ann, LOY_TIME_MIN - 1, NULL), LOY_ETIME);
	assert_int_equal(loy_store_join(memory, &ann, &five, 1, NULL), LOY_ESTATE);
	assert_int_equal(loy_store_separate(NULL, &ann, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_separate(till.store, NULL, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_separate(memory, &ann, 1, NULL), LOY_ESTATE);
	assert_int_equal(loy_store_whole(NULL, &ann, &number, NULL, 0, &length), LOY_EINVAL);
	assert_int_equal(loy_store_whole(till.store, NULL, &number, NULL, 0, &length), LOY_EINVAL);
	assert_int_equal(loy_store_whole(till.store, &ann, &number, NULL, 1, &length), LOY_EINVAL);
	assert_int_equal(loy_store_whole(till.store, &nobody, &number, NULL, 0, &length), LOY_EINVAL);
	assert_int_equal(loy_store_whole(memory, &ann, &number, NULL, 0, &length), LOY_ESTATE);
	assert_int_equal(records(&till), 0);
	/* people nobody has seen yet may be joined: their events may be on their way */
	assert_int_equal(loy_store_join(till.store, &ann, &five, 1, NULL), LOY_OK);
	assert_int_equal(loy_store_whole(till.store, &ann, &number, NULL, 0, &length), LOY_OK);
	assert_true(number == 5);
	visit(&till, "ann", 0, 1);
	assert_int_equal(events_of(&till, NULL, 5), 1);
	loy_store_destroy(memory);
	till_destroy(&till);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_same_records_have_the_same_vector),
	        cmocka_unit_test(only_what_is_lacking_travels),
	        cmocka_unit_test(what_waits_is_committed_and_travels),
	        cmocka_unit_test(bundles_may_be_bounded),
	        cmocka_unit_test(erasures_lead),
	        cmocka_unit_test(large_records_travel),
	        cmocka_unit_test(each_fate_is_counted),
	        cmocka_unit_test(conflicts_are_kept_and_listed),
	        cmocka_unit_test(bad_facts_change_nothing),
	        cmocka_unit_test(nobody_has_what_is_yet_to_be_made),
	        cmocka_unit_test(one_name_is_one_record),
	        cmocka_unit_test(damaged_bundles_change_nothing),
	        cmocka_unit_test(what_cannot_be_asked_is_refused),
	        cmocka_unit_test(a_group_that_would_overflow_is_refused),
	        cmocka_unit_test(an_import_goes_on_behind_what_overflows),
	        cmocka_unit_test(imports_go_on_where_they_stopped),
	        cmocka_unit_test(a_limit_of_memory_is_told),
	        cmocka_unit_test(parts_count_for_their_whole),
	        cmocka_unit_test(joins_that_mean_nothing_are_refused),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
