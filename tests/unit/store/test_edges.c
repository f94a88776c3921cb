/*
 * The edges of what stores take: options of one life in the other, numbers and names just beyond, sets that
 * outgrow theirs.
 */
#include "durables.h"
#include "fault_files.h"
#include "sample_model.h"
#include "snapshots.h"

#include <loyalty/privacy.h>

#include "store/ledger_state.h"
#include "store/segment.h"

static void visit(loy_store *store, uint64_t customer, uint64_t high, uint64_t low)
{
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, (int64_t)customer * LOY_HOUR), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, customer), LOY_OK);
	if (high != 0 || low != 0)
		assert_int_equal(loy_event_set_identity(event, high, low), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	loy_event_destroy(event);
}

/* ---- options ---- */

static int32_t go_on(uint64_t done, uint64_t total, void *user_data)
{
	(void)done;
	(void)total;
	(void)user_data;
	return 0;
}

static void options_of_files_are_none_of_memory(void **state)
{
	static const uint8_t key[16] = {1};
	loy_files files = durable_files(1);
	loy_store *store = NULL;
	int i;

	(void)state;
	for (i = 0; i < 11; i++) {
		loy_store_options options = {.struct_size = sizeof(options)};

		options.files = i == 0 ? &files : NULL;
		options.files_limit = i == 1;
		options.segment_bytes = i == 2 ? 65536 : 0;
		options.durability = i == 3 ? LOY_DURABLE_GROUP : 0;
		options.group_events = i == 4;
		options.group_microseconds = i == 5;
		options.pseudonym_key = i == 6 ? key : NULL;
		options.progress = i == 7 ? go_on : NULL;
		options.flags = i == 8 ? LOY_STORE_READ_ONLY : 0;
		options.threads = i == 9 ? 2 : 0;
		options.user_data = i == 10 ? &files : NULL;
		assert_int_equal(loy_store_create(&store, model, &options, NULL), LOY_EINVAL);
		assert_null(store);
	}
	loy_files_close(&files);
}

/* Nobody asks a store that trusts its input for identities. */
static void a_store_that_trusts_makes_no_room_for_identities(void **state)
{
	loy_store_options options = {
	        .struct_size = sizeof(options), .events = 1000000, .flags = LOY_STORE_TRUSTED};
	loy_store *store;

	(void)state;
	assert_int_equal(loy_store_create(&store, model, &options, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).identity_bytes, 0);
	loy_store_destroy(store);
}

/* More taken back than was there: the count of events ends at none. */
static void the_count_of_events_does_not_wrap(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_event *event;

	(void)state;
	visit(store, 1, 0, 0);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, LOY_HOUR), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 1), LOY_OK);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).events, 0);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).events, 0);
	loy_event_destroy(event);
	loy_store_destroy(store);
}

/* ---- pseudonyms ---- */

static void a_pseudonym_leads_to_whom_it_is_part_of(void **state)
{
	static const uint8_t secret[16] = {7, 1};
	loy_files files = durable_files(2);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	const loy_who part = {0, "ada", 3}, whole = {4711, NULL, 0};
	loy_profile *profile;
	loy_store *store, *past;
	loy_event *event;
	uint64_t row;

	(void)state;
	options.pseudonym_key = secret;
	store = durable_open(model, &options, NULL);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, LOY_HOUR), LOY_OK);
	assert_int_equal(loy_event_set_customer_key(event, "ada", 3), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	assert_int_equal(loy_event_set_customer_key(event, "bob", 3), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	visit(store, 4711, 0, 0);
	assert_int_equal(loy_store_join(store, &part, &whole, 0, NULL), LOY_OK);
	assert_int_equal(loy_store_profile_of(store, 0, "ada", 3, profile), LOY_OK);
	assert_int_equal(loy_store_profile_of(store, 0, "eve", 3, profile), LOY_ENOTFOUND);
	assert_int_equal(loy_store_as_of(store, LOY_DAY * 300, model, &past, NULL, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_store_find_key(past, "bob", 3, &row), LOY_OK);
	assert_int_equal(loy_store_find_key(past, "eve", 3, &row), LOY_ENOTFOUND);
	loy_store_destroy(past);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* ---- sets that grow ---- */

/* Every second number: each is a span of its own until there are too many; their neighbours join them all the same. */
static void numbers_with_gaps_are_known_beyond_the_last_span(void **state)
{
	enum { SPANS = 8192, MORE = 20 };
	loy_files files = durable_files(3);
	loy_store_options options = durable_options(&files, LOY_DURABLE_CALLER);
	loy_store *store = durable_open(model, &options, NULL);
	loy_event *event;
	uint64_t n, high, low, apart;

	(void)state;
	visit(store, 1, 8, 1);
	for (n = 0; n < SPANS + MORE; n++)
		visit(store, n % 5 + 1, 9, 2 * n);
	visit(store, 1, 9, 2 * 100 + 1); /* between two spans */
	assert_int_equal(store->ledger->known.spans.count, SPANS - 1);
	visit(store, 1, 9, 2 * (SPANS + MORE) + 99); /* there is room for one again */
	visit(store, 1, 9, 2 * (SPANS + MORE) + 999);
	assert_int_equal(store->ledger->known.spans.count, SPANS);
	apart = loy__identities_count(&store->identities);
	visit(store, 1, 8, 0); /* nothing precedes 0, but 1 follows it */
	assert_int_equal(loy__identities_count(&store->identities), apart);
	visit(store, 1, 7, 0); /* and nothing this one */
	assert_int_equal(loy__identities_count(&store->identities), apart + 1);
	assert_int_equal(store->ledger->known.spans.count, SPANS);
	assert_int_equal(loy__known_reserve(store, UINT64_MAX), LOY_ELIMIT); /* no journal is as long */
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (n = 0; n < SPANS + MORE; n += 7) {
		assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, (int64_t)(n % 5 + 1) * LOY_HOUR),
		                 LOY_OK);
		assert_int_equal(loy_event_set_customer(event, n % 5 + 1), LOY_OK);
		assert_int_equal(loy_event_set_identity(event, 9, 2 * n), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_EDUPLICATE);
	}
	assert_int_equal(loy_store_next_identity(store, 9, &high, &low), LOY_OK);
	loy_event_destroy(event);
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* Forty pairs, by number and by key: more parties than the first table holds. */
static void many_may_be_part_of_others(void **state)
{
	loy_files files = durable_files(4);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	uint64_t before[2], after[2], n;

	(void)state;
	for (n = 1; n <= 40; n++) {
		char key[3] = {'k', (char)('a' + n / 20), (char)('a' + n % 20)};
		const loy_who part = {0, key, sizeof(key)}, whole = {n, NULL, 0};

		visit(store, n, 0, 0);
		assert_int_equal(loy_store_join(store, &part, &whole, 0, NULL), LOY_OK);
		assert_int_equal(loy_store_join(store, &part, &part, 0, NULL), LOY_EINVAL);
	}
	stores_hash(store, before);
	loy_store_destroy(store);
	store = durable_open(model, &options, NULL);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* ---- tags ---- */

static void assert_spans(const loy__tags *tags, const loy__span *span, size_t count)
{
	assert_int_equal(tags->count, count);
	assert_memory_equal(tags->span, span, count * sizeof(*span));
}

static void tags_come_and_go(void **state)
{
	static const loy__span run[] = {{1, 0, 10}}, holes[] = {{1, 1, 4}, {1, 5, 9}},
	                       filled[] = {{1, 1, 12}, {2, 3, 4}}, wide[] = {{1, 0, 20}, {2, 3, 4}},
	                       apart[] = {{1, 5, 7}, {1, 8, 9}};
	loy__tags tags = {NULL, 0, 0}, part = {NULL, 0, 0};
	loy_allocator memory;

	(void)state;
	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	assert_int_equal(loy__tags_reserve(&tags, &memory, 10), LOY_OK);
	assert_int_equal(loy__tags_reserve(&part, &memory, 10), LOY_OK);
	assert_int_equal(loy__tags_cover(&tags, &part), 1);
	loy__tags_add_run(&tags, (loy__tag){1, 0}, 10);
	assert_spans(&tags, run, 1);
	loy__tags_remove(&tags, (loy__tag){1, 0});
	loy__tags_remove(&tags, (loy__tag){1, 9});
	loy__tags_remove(&tags, (loy__tag){1, 4});
	assert_spans(&tags, holes, 2);
	loy__tags_add(&part, (loy__tag){1, 5});
	loy__tags_add(&part, (loy__tag){1, 6});
	loy__tags_add(&part, (loy__tag){1, 8});
	assert_spans(&part, apart, 2);
	assert_int_equal(loy__tags_cover(&tags, &part), 1);
	assert_int_equal(loy__tags_cover(&part, &tags), 0);
	loy__tags_add(&part, (loy__tag){1, 9}); /* its span ends too late now */
	assert_int_equal(loy__tags_cover(&tags, &part), 0);
	loy__tags_add(&tags, (loy__tag){2, 3});
	assert_int_equal(loy__tags_cover(&part, &tags), 0); /* of a life that is not known */
	loy__tags_add_run(&tags, (loy__tag){1, 4}, 8);
	assert_spans(&tags, filled, 2);
	loy__tags_remove(&tags, (loy__tag){2, 3});
	assert_int_equal(tags.count, 1);
	loy__tags_add(&tags, (loy__tag){2, 3});
	loy__tags_add_run(&tags, (loy__tag){1, 0}, 20);
	assert_spans(&tags, wide, 2);
	loy__tags_add_run(&tags, (loy__tag){1, 2}, 3); /* all there already */
	assert_spans(&tags, wide, 2);
	loy__tags_free(&tags, &memory);
	loy__tags_free(&part, &memory);
}

/* ---- meta that nobody writes ---- */

static void put_meta(const loy_files *files, size_t at, uint64_t value)
{
	static const char name[2][8] = {"meta-0", "meta-1"};
	int i;

	for (i = 0; i < 2; i++) {
		uint8_t bytes[LOY__SECTOR];
		size_t got;
		void *file;

		assert_int_equal(files->open(files->user_data, name[i], LOY_OPEN_WRITE, &file), LOY_OK);
		assert_int_equal(files->read_at(files->user_data, file, 0, bytes, sizeof(bytes), &got),
		                 LOY_OK);
		loy__put_u64(bytes + at, value);
		loy__put_u32(bytes + LOY__SECTOR - 4, loy__crc32c(0, bytes, LOY__SECTOR - 4));
		assert_int_equal(files->write_at(files->user_data, file, 0, bytes, sizeof(bytes)), LOY_OK);
		files->close(files->user_data, file);
	}
}

static void meta_that_cannot_be_is_damage(void **state)
{
	static const struct {
		size_t at;
		uint64_t value;
	} bad[] = {{24, UINT64_MAX / 2},   {56, 0}, {56, 65537}, {56, UINT64_C(1) << 32}, {88, 0}, {88, 99},
	           {96, UINT64_C(1) << 40}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		loy_files files = durable_files(5);
		loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
		loy_store *store = durable_open(model, &options, NULL);

		visit(store, 1, 0, 0);
		loy_store_destroy(store);
		put_meta(&files, bad[i].at, bad[i].value);
		assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL),
		                 LOY_EDAMAGED);
		loy_files_close(&files);
	}
}

/* The last opening there can be is not one. */
static void a_store_can_be_opened_only_so_often(void **state)
{
	loy_files files = durable_files(6);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);

	(void)state;
	visit(store, 1, 0, 0);
	loy_store_destroy(store);
	put_meta(&files, 48, UINT32_MAX);
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_ELIMIT);
	options.flags = LOY_STORE_READ_ONLY;
	store = durable_open(model, &options, NULL);
	assert_int_equal(stores_stats(store).events, 1);
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* Whoever made the store got no further than its name: nothing is there, and readers say so. */
static void a_store_that_was_only_named_is_empty(void **state)
{
	struct fault_files *disk = fault_create(7);
	const struct fault fault = {.kinds = FAULT_RENAME, .action = FAULT_FAIL, .status = LOY_EIO};
	loy_files files = fault_as_files(disk);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store;

	(void)state;
	fault_arm(disk, &fault);
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_EIO);
	fault_disarm(disk);
	options.flags = LOY_STORE_READ_ONLY;
	store = durable_open(model, &options, NULL);
	assert_int_equal(stores_stats(store).records, 0);
	assert_int_equal(loy_store_count(store), 0);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_PROFILES, NULL, NULL, NULL, NULL), LOY_OK);
	loy_store_destroy(store);
	put_meta(&files, 72, 1); /* a snapshot of what was never recorded */
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_OK);
	loy_store_destroy(store);
	options.flags = 0;
	store = durable_open(model, &options, NULL);
	visit(store, 1, 0, 0);
	loy_store_destroy(store);
	fault_destroy(disk);
}

/* ---- small refusals ---- */

static int32_t drop(const void *bytes, size_t size, void *user_data)
{
	(void)bytes;
	(void)user_data;
	(void)size;
	return 0;
}

static void small_refusals(void **state)
{
	loy_files files = durable_files(8);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL), *memory = stores_create(model, 0);
	loy__journal_options direct = {.files = files};
	loy_error small = {.struct_size = 40};
	loy_verification found = {.struct_size = sizeof(found)};
	loy_allocator heap;
	loy__journal *j;
	loy_profile *profile;

	(void)state;
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	visit(store, 1, 0, 0);
	assert_int_equal(loy_store_export_customer(NULL, 1, NULL, 0, 0, drop, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_merge(store, memory), LOY_ESTATE);
	assert_int_equal(loy_store_merge(memory, store), LOY_ESTATE);
	assert_int_equal(loy_store_merge_profile(memory, 0, "x", 0, profile), LOY_EINVAL);
	assert_int_equal(loy_store_merge_profile(memory, 0, NULL, 1, profile), LOY_EINVAL);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_CHAIN, &found, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_FILES, &found, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(loy_store_erase_until(store, 1, NULL, 0, LOY_DAY, NULL), LOY_OK);
	assert_int_equal(loy_store_erase_until(store, 1, NULL, 0, LOY_HOUR, NULL),
	                 LOY_OK); /* no less erased */
	assert_int_equal(loy_store_profile_of(store, 1, NULL, 0, profile), LOY_ENOTFOUND);
	loy_store_destroy(store);
	loy_store_destroy(memory);
	assert_int_equal(loy__memory_adopt(&heap, NULL), LOY_OK);
	direct.segment_bytes = 4096;
	assert_int_equal(loy__journal_open(&j, &direct, &heap, NULL), LOY_EINVAL);
	direct.segment_bytes = UINT64_C(1) << 30;
	assert_int_equal(loy__journal_open(&j, &direct, &heap, NULL), LOY_EINVAL);
	direct.segment_bytes = 65537;
	assert_int_equal(loy__journal_open(&j, &direct, &heap, NULL), LOY_EINVAL);
	put_meta(&files, 56, 1);
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, &small), LOY_EDAMAGED);
	assert_int_equal(small.code, 0); /* a struct of no version that ever was is left alone */
	loy_profile_destroy(profile);
	loy_files_close(&files);
}

/* ---- just beyond ---- */

/* Taken back so often that the sum has no room for it: nothing changes. */
static void taking_back_may_not_fit(void **state)
{
	loy_store *store = stores_create(model, 0);
	loy_status status = LOY_OK;
	uint64_t before[2], after[2];
	loy_event *event;
	int n;

	(void)state;
	for (n = 0; n < 3; n++)
		visit(store, 1, 0, 0);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, LOY_HOUR), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 1), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, LOY_MONEY_MAX), LOY_OK);
	for (n = 0; n < 10000 && status == LOY_OK; n++) {
		stores_hash(store, before);
		status = loy_store_retract(store, event, NULL);
	}
	assert_int_equal(status, LOY_EOVERFLOW);
	assert_true(n > 9000);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	visit(store, 1, 0, 0);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_EOVERFLOW);
	assert_int_equal(stores_stats(store).events, 1);
	loy_event_destroy(event);
	loy_store_destroy(store);
}

/* On files an event without identity is taken back without one, and nobody gives an erased customer a profile. */
static void nameless_events_and_erased_profiles(void **state)
{
	loy_files files = durable_files(6);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	loy_profile *profile;
	loy_event *event;
	uint64_t before[2], after[2];

	(void)state;
	visit(store, 1, 0, 0);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_store_profile_of(store, 1, NULL, 0, profile), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, LOY_HOUR), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 1), LOY_OK);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).events, 0);
	assert_int_equal(loy_store_erase_until(store, 2, NULL, 0, LOY_DAY, NULL), LOY_OK);
	assert_int_equal(loy_store_merge_profile(store, 2, NULL, 0, profile), LOY_EERASED);
	assert_int_equal(loy_store_profile_of(store, 2, NULL, 0, profile), LOY_ENOTFOUND);
	stores_hash(store, before);
	loy_store_destroy(store);
	store = durable_open(model, &options, NULL);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	loy_event_destroy(event);
	loy_profile_destroy(profile);
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void sets_may_be_empty_or_lowered(void **state)
{
	static const uint64_t ada[2] = {1, 2}, bob[2] = {3, 4};
	loy__erasures erased = {0};
	loy_allocator memory;
	loy__index none = {0};

	(void)state;
	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	loy__index_rebuild(&none, 0, NULL, NULL);
	assert_int_equal(loy__index_first(&none, 5), LOY__NO_ENTRY);
	assert_int_equal(loy__erasures_reserve(&erased, &memory, 2), LOY_OK);
	assert_true(loy__erasures_raise(&erased, ada, 5) == INT64_MIN);
	assert_int_equal(loy__erasures_raise(&erased, ada, 9), 5);
	loy__erasures_lower(&erased, bob, 1);
	loy__erasures_lower(&erased, ada, 5);
	assert_int_equal(loy__erasures_until(&erased, ada), 5);
	loy__erasures_lower(&erased, ada, INT64_MIN);
	assert_true(loy__erasures_until(&erased, ada) == INT64_MIN);
	loy__erasures_free(&erased, &memory);
}

/* A limit below what is held leaves room for nothing. */
static void limits_may_be_below_what_is_held(void **state)
{
	struct faulty heap = {.until = -1};
	loy__budget budget = {.held = 100, .limit = 50};
	loy_allocator memory;

	(void)state;
	budget.parent = faulty_allocator(&heap);
	memory = loy__budget_allocator(&budget);
	assert_null(loy__alloc(&memory, 1));
	assert_int_equal(heap.requests, 0);
	assert_int_equal(loy__budget_status(&budget, LOY_ENOMEM), LOY_ELIMIT);
}

static void names_of_files_have_few_characters(void **state)
{
	(void)state;
	assert_true(loy__file_name_valid("az-09"));
	assert_false(loy__file_name_valid("a{"));
	assert_false(loy__file_name_valid("a:"));
	assert_false(loy__file_name_valid("a/"));
	assert_false(loy__file_name_valid("A"));
}

static loy_status size_of_no_file(void *user_data, void *file, uint64_t *size)
{
	(void)user_data;
	(void)file;
	*size = (uint64_t)INT64_MAX + 1;
	return LOY_OK;
}

static void no_snapshot_is_so_long(void **state)
{
	loy_files files = snapshots_files(), lying;
	loy_store *store = stores_create(model, 0);
	loy__snapshot_reader *reader;
	loy_allocator memory;

	(void)state;
	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	assert_int_equal(snapshots_save(store, &files, 1, &memory, NULL), LOY_OK);
	lying = files;
	lying.size = size_of_no_file;
	assert_int_equal(loy__snapshot_reader_create(&reader, &files, snapshots_id, 1, &memory, NULL),
	                 LOY_OK);
	loy__snapshot_reader_destroy(reader);
	assert_int_equal(loy__snapshot_reader_create(&reader, &lying, snapshots_id, 1, &memory, NULL),
	                 LOY_EDAMAGED);
	loy__snapshot_reader_destroy(reader);
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* Who asks only how many there are needs no room for them; threads without a row have nothing to do. */
static void ranks_may_be_counted_only(void **state)
{
	loy_batch_options options = {.struct_size = sizeof(options), .threads = 4};
	loy_store *store = stores_create(model, 0);
	uint64_t found = 0;

	(void)state;
	visit(store, 1, 0, 0);
	visit(store, 2, 0, 0);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	assert_int_equal(
	        loy_store_rank(store, model, 0, LOY_DAY * 300, 1, NULL, 0, NULL, NULL, 0, &found, &options),
	        LOY_OK);
	assert_int_equal(found, 2); /* all: there is no filter */
	loy_store_destroy(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(options_of_files_are_none_of_memory),
	        cmocka_unit_test(a_store_that_trusts_makes_no_room_for_identities),
	        cmocka_unit_test(the_count_of_events_does_not_wrap),
	        cmocka_unit_test(a_pseudonym_leads_to_whom_it_is_part_of),
	        cmocka_unit_test(numbers_with_gaps_are_known_beyond_the_last_span),
	        cmocka_unit_test(many_may_be_part_of_others),
	        cmocka_unit_test(tags_come_and_go),
	        cmocka_unit_test(meta_that_cannot_be_is_damage),
	        cmocka_unit_test(a_store_can_be_opened_only_so_often),
	        cmocka_unit_test(a_store_that_was_only_named_is_empty),
	        cmocka_unit_test(small_refusals),
	        cmocka_unit_test(taking_back_may_not_fit),
	        cmocka_unit_test(nameless_events_and_erased_profiles),
	        cmocka_unit_test(sets_may_be_empty_or_lowered),
	        cmocka_unit_test(limits_may_be_below_what_is_held),
	        cmocka_unit_test(names_of_files_have_few_characters),
	        cmocka_unit_test(no_snapshot_is_so_long),
	        cmocka_unit_test(ranks_may_be_counted_only),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
