#include "tills.h"

#include "model/model.h"

#define DAY(n) ((19000 + (n)) * LOY_DAY)

/* ---- memory that can be looked through ---- */

struct block {
	struct block *next, *before;
	size_t size;
	long double aligned; /* so that what follows is aligned for anything */
};

static void *block_allocate(size_t size, void *user_data)
{
	struct block *all = user_data,
	             *block = calloc(1, sizeof(*block) + size); /* nothing of others in it */

	if (block == NULL)
		return NULL;
	block->size = size;
	block->next = all->next;
	block->before = all;
	if (all->next != NULL)
		all->next->before = block;
	all->next = block;
	return block + 1;
}

static void block_release(void *bytes, size_t size, void *user_data)
{
	struct block *block = (struct block *)bytes - 1;

	(void)user_data;
	assert_int_equal(block->size, size);
	block->before->next = block->next;
	if (block->next != NULL)
		block->next->before = block->before;
	free(block);
}

static void *block_resize(void *bytes, size_t old_size, size_t new_size, void *user_data)
{
	void *fresh = block_allocate(new_size, user_data);

	if (fresh != NULL) {
		memcpy(fresh, bytes, old_size < new_size ? old_size : new_size);
		block_release(bytes, old_size, user_data);
	}
	return fresh;
}

static int holds(const uint8_t *data, size_t length, const void *bytes, size_t size)
{
	size_t i;

	for (i = 0; i + size <= length; i++) {
		if (memcmp(data + i, bytes, size) == 0)
			return 1;
	}
	return 0;
}

static unsigned blocks_holding(const struct block *all, const void *bytes, size_t size)
{
	const struct block *block;
	unsigned count = 0;

	for (block = all->next; block != NULL; block = block->next)
		count += (unsigned)holds((const uint8_t *)(block + 1), block->size, bytes, size);
	return count;
}

/* ---- one customer among others ---- */

static const char secret_key[] = "zebra-4711-who-asks-to-be-forgotten";
static const uint64_t secret_number = UINT64_C(0x1f2e3d4c5b6a7988);
static const char secret_text[] = "what-the-event-said-in-so-many-words";
static const int64_t secret_amount = INT64_C(0x2a3b4c5d6e7f1);

/* Traces of the two: bytes that nothing else in a store has. */
struct trace {
	uint8_t bytes[40];
	size_t size;
};
enum { TRACES = 7 };

static void make_traces(struct trace trace[TRACES])
{
	loy__writer w;
	int i;

	for (i = 0; i < TRACES; i++) {
		loy__writer_over(&w, trace[i].bytes, sizeof(trace[i].bytes));
		switch (i) {
		case 0:
			loy__write_bytes(&w, secret_key, sizeof(secret_key) - 1);
			break;
		case 1:
			loy__write_bytes(&w, secret_text, sizeof(secret_text) - 1);
			break;
		case 2: /* as a canonical event has it */
			loy__write_varint(&w, secret_number);
			break;
		case 3: /* as a customer's row has it */
			loy__write_u64(&w, secret_number);
			break;
		case 4:
			loy__write_zigzag(&w, secret_amount);
			break;
		case 5: /* as a sum has it */
			loy__write_u64(&w, (uint64_t)secret_amount);
			break;
		default: /* on a machine that counts the other way */
			for (w.size = 0; w.size < 8; w.size++)
				trace[i].bytes[w.size] = (uint8_t)(secret_number >> (56 - 8 * w.size));
			break;
		}
		trace[i].size = w.size;
	}
}

struct scene {
	loy_model *model;
	struct till till;
	struct block blocks; /* of the store's memory */
	loy_event *event;
	uint64_t identity;
	struct trace trace[TRACES];
};

static void open_store(struct scene *scene)
{
	loy_allocator memory = {block_allocate, block_resize, block_release, &scene->blocks};
	loy_store_options options = {.struct_size = sizeof(options), .files = &scene->till.files};

	options.segment_bytes = 65536;
	assert_int_equal(
	        loy_store_open(&scene->till.store, NULL, 0, scene->model, &options, &memory, NULL, NULL),
	        LOY_OK);
}

static void set_up(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->model = stores_model();
	till_create(&scene->till, scene->model, 1);
	till_close(&scene->till);
	open_store(scene);
	assert_int_equal(loy_event_create(&scene->event, NULL), LOY_OK);
	make_traces(scene->trace);
}

static void tear_down(struct scene *scene)
{
	loy_event_destroy(scene->event);
	till_destroy(&scene->till);
	assert_null(scene->blocks.next);
	free(scene->model);
}

static void begin(struct scene *scene, const char *key, uint64_t number, int64_t time)
{
	assert_int_equal(loy_event_begin(scene->event, LOY_KIND_PURCHASE, time), LOY_OK);
	if (key != NULL)
		assert_int_equal(loy_event_set_customer_key(scene->event, key, strlen(key)), LOY_OK);
	else
		assert_int_equal(loy_event_set_customer(scene->event, number), LOY_OK);
	scene->identity++;
	assert_int_equal(loy_event_set_identity(scene->event, 77, scene->identity), LOY_OK);
	assert_int_equal(loy_event_set(scene->event, LOY_FIELD_AMOUNT, 100 + (int64_t)scene->identity),
	                 LOY_OK);
}

static void make_secret(struct scene *scene, const char *key, uint64_t number, int64_t time)
{
	begin(scene, key, number, time);
	assert_int_equal(loy_event_set(scene->event, LOY_FIELD_AMOUNT, secret_amount), LOY_OK);
	assert_int_equal(loy_event_set_extension(scene->event, 1000, secret_text, sizeof(secret_text) - 1),
	                 LOY_OK);
}

static void record(struct scene *scene, loy_status expected)
{
	assert_int_equal(loy_store_record(scene->till.store, scene->event, NULL), expected);
}

static void record_others(struct scene *scene, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		begin(scene, i % 3 == 0 ? "somebody else" : NULL, 1 + i % 7, DAY(i % 50));
		record(scene, LOY_OK);
	}
}

static loy_status erase(struct scene *scene, const char *key, uint64_t number, int64_t time)
{
	return loy_store_erase_until(scene->till.store, number, key, key != NULL ? strlen(key) : 0, time,
	                             NULL);
}

static unsigned files_with_traces(const struct scene *scene, const loy_files *files)
{
	unsigned count = 0;
	int i;

	for (i = 0; i < TRACES; i++)
		count += files_holding(files, scene->trace[i].bytes, scene->trace[i].size);
	return count;
}

static unsigned blocks_with_traces(const struct scene *scene)
{
	unsigned count = 0;
	int i;

	for (i = 0; i < TRACES; i++)
		count += blocks_holding(&scene->blocks, scene->trace[i].bytes, scene->trace[i].size);
	return count;
}

static unsigned traces_in_bundle(const struct scene *scene)
{
	struct bytes bundle;
	unsigned count = 0;
	int i;

	assert_int_equal(till_export(&scene->till, NULL, 0, &bundle), 1);
	for (i = 0; i < TRACES; i++)
		count += (unsigned)holds(bundle.data, bundle.size, scene->trace[i].bytes,
		                         scene->trace[i].size);
	free(bundle.data);
	return count;
}

static void verify(struct scene *scene)
{
	loy_verification found = {.struct_size = sizeof(found)};

	assert_int_equal(loy_store_verify(scene->till.store, LOY_VERIFY_ALL, &found, NULL, NULL, NULL),
	                 LOY_OK);
	assert_int_equal(found.chained, 1);
	assert_int_equal(found.wrong, 0);
}

/* ---- nothing is left ---- */

static void record_secrets(struct scene *scene)
{
	int i;

	for (i = 0; i < 5; i++) {
		make_secret(scene, secret_key, 0, DAY(i));
		record(scene, LOY_OK);
		make_secret(scene, NULL, secret_number, DAY(i));
		record(scene, LOY_OK);
		record_others(scene, 400);
	}
}

static void no_byte_is_left_after_compaction(void **state)
{
	struct scene scene;
	uint64_t before[2], after[2];

	(void)state;
	set_up(&scene);
	record_secrets(&scene);
	till_compact(&scene.till); /* so that snapshots have them too */
	record_secrets(&scene);
	assert_true(files_with_traces(&scene, &scene.till.files) > 5);
	assert_true(blocks_with_traces(&scene) >= 3);
	assert_true(traces_in_bundle(&scene) >= 4);
	assert_int_equal(erase(&scene, secret_key, 0, DAY(1000)), LOY_OK);
	assert_int_equal(erase(&scene, NULL, secret_number, DAY(1000)), LOY_OK);
	assert_int_equal(traces_in_bundle(&scene), 0); /* at once */
	till_compact(&scene.till);
	assert_int_equal(files_with_traces(&scene, &scene.till.files), 0);
	assert_int_equal(traces_in_bundle(&scene), 0);
	verify(&scene);
	assert_int_equal(stores_stats(scene.till.store).erased_customers, 2);
	assert_int_equal(stores_stats(scene.till.store).erased_events, 20);
	stores_hash(scene.till.store, before);
	till_close(&scene.till);
	open_store(&scene);
	stores_hash(scene.till.store, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(blocks_with_traces(&scene), 0); /* what is read back into memory */
	verify(&scene);
	tear_down(&scene);
}

/* What is erased at one till is gone from another once it has heard of it and compacted. */
static void erasure_travels(void **state)
{
	struct scene scene;
	struct till other;
	uint64_t before[2], after[2];

	(void)state;
	set_up(&scene);
	till_create(&other, scene.model, 2);
	record_secrets(&scene);
	till_send(&scene.till, &other);
	assert_true(files_with_traces(&scene, &other.files) > 3);
	assert_int_equal(erase(&scene, secret_key, 0, DAY(1000)), LOY_OK);
	assert_int_equal(erase(&scene, NULL, secret_number, DAY(1000)), LOY_OK);
	till_send(&scene.till, &other);
	till_compact(&other);
	assert_int_equal(files_with_traces(&scene, &other.files), 0);
	stores_hash(scene.till.store, before);
	stores_hash(other.store, after);
	assert_memory_equal(before, after, sizeof(before));
	till_destroy(&other);
	tear_down(&scene);
}

/* ---- what an erasure means ---- */

static void erasure_wins_over_late_events(void **state)
{
	struct scene scene;
	struct till other, third;
	loy_import_result result;
	struct bytes bundle;
	uint64_t before[2], after[2];
	int64_t until = 0;

	(void)state;
	set_up(&scene);
	till_create(&other, scene.model, 2);
	till_create(&third, scene.model, 3);
	/* the other till has sold something nobody here has heard of */
	make_secret(&scene, secret_key, 0, DAY(3));
	assert_int_equal(loy_store_record(other.store, scene.event, NULL), LOY_OK);
	assert_int_equal(erase(&scene, secret_key, 0, DAY(5)), LOY_OK); /* nobody here knows them: no error */
	assert_int_equal(loy_store_erased_until(scene.till.store, 0, secret_key, strlen(secret_key), &until),
	                 LOY_OK);
	assert_true(until == DAY(5));
	/* late here … */
	record(&scene, LOY_EERASED);
	make_secret(&scene, secret_key, 0, DAY(5));
	record(&scene, LOY_EERASED);
	/* … and by bundle */
	assert_int_equal(till_export(&other, NULL, 0, &bundle), 1);
	result = till_import(&scene.till, &bundle);
	assert_int_equal(result.erased, 1);
	assert_int_equal(loy_store_count(scene.till.store), 0);
	free(bundle.data);
	/* the erasure reaches the other after its event, and the third before */
	till_send(&scene.till, &third);
	till_send(&scene.till, &other);
	assert_int_equal(loy_store_count(other.store), 0);
	till_send(&other, &third);
	till_send(&third, &scene.till);
	stores_hash(scene.till.store, before);
	stores_hash(other.store, after);
	assert_memory_equal(before, after, sizeof(before));
	stores_hash(third.store, after);
	assert_memory_equal(before, after, sizeof(before));
	/* never in any file of the first till, and not in the third's */
	till_compact(&scene.till);
	till_compact(&third);
	assert_int_equal(files_with_traces(&scene, &scene.till.files), 0);
	assert_int_equal(files_with_traces(&scene, &third.files), 0);
	verify(&scene);
	till_destroy(&other);
	till_destroy(&third);
	tear_down(&scene);
}

static void who_returns_begins_anew(void **state)
{
	struct scene scene;
	loy_profile *expected, *found;

	(void)state;
	set_up(&scene);
	assert_int_equal(loy_profile_create(&expected, &scene.model->schema, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&found, &scene.model->schema, NULL), LOY_OK);
	record_secrets(&scene);
	begin(&scene, secret_key, 0, DAY(6)); /* before the erasure is known here, and after its time */
	record(&scene, LOY_OK);
	assert_int_equal(loy_profile_record(expected, scene.event, NULL), LOY_OK);
	assert_int_equal(erase(&scene, secret_key, 0, DAY(5)), LOY_OK);
	begin(&scene, secret_key, 0, DAY(5) + 1);
	record(&scene, LOY_OK);
	assert_int_equal(loy_profile_record(expected, scene.event, NULL), LOY_OK);
	assert_int_equal(loy_store_profile_of(scene.till.store, 0, secret_key, strlen(secret_key), found),
	                 LOY_OK);
	assert_int_equal(loy_profile_equal(expected, found), 1);
	/* an older erasure changes nothing; a later one takes one event more */
	assert_int_equal(erase(&scene, secret_key, 0, DAY(2)), LOY_OK);
	assert_int_equal(loy_store_profile_of(scene.till.store, 0, secret_key, strlen(secret_key), found),
	                 LOY_OK);
	assert_int_equal(loy_profile_equal(expected, found), 1);
	assert_int_equal(loy_store_erase(scene.till.store, 0, secret_key, strlen(secret_key)), LOY_OK);
	assert_int_equal(loy_store_profile_of(scene.till.store, 0, secret_key, strlen(secret_key), found),
	                 LOY_ENOTFOUND);
	begin(&scene, secret_key, 0, LOY_TIME_MAX);
	record(&scene, LOY_EERASED); /* loy_store_erase() is for good */
	verify(&scene);
	loy_profile_destroy(expected);
	loy_profile_destroy(found);
	tear_down(&scene);
}

/* A sale sent again after it was erased is not a new sale. */
static void identities_stay_known(void **state)
{
	struct scene scene;
	uint64_t identity;

	(void)state;
	set_up(&scene);
	make_secret(&scene, secret_key, 0, DAY(3));
	identity = scene.identity;
	record(&scene, LOY_OK);
	assert_int_equal(erase(&scene, secret_key, 0, DAY(4)), LOY_OK);
	record(&scene, LOY_EERASED);
	till_compact(&scene.till);
	till_close(&scene.till);
	open_store(&scene);
	make_secret(&scene, secret_key, 0, DAY(3));
	assert_int_equal(loy_event_set_identity(scene.event, 77, identity), LOY_OK);
	record(&scene, LOY_EERASED);
	assert_int_equal(loy_store_count(scene.till.store), 0);
	tear_down(&scene);
}

static void a_whole_is_erased_with_its_parts(void **state)
{
	const loy_who part = {0, secret_key, sizeof(secret_key) - 1}, whole = {secret_number, NULL, 0};
	struct scene scene;
	loy_profile *found;
	int64_t until;

	(void)state;
	set_up(&scene);
	assert_int_equal(loy_profile_create(&found, &scene.model->schema, NULL), LOY_OK);
	record_secrets(&scene);
	assert_int_equal(loy_store_join(scene.till.store, &part, &whole, DAY(4), NULL), LOY_OK);
	assert_int_equal(erase(&scene, NULL, secret_number, DAY(1000)), LOY_OK);
	assert_int_equal(loy_store_erased_until(scene.till.store, 0, secret_key, strlen(secret_key), &until),
	                 LOY_OK);
	assert_true(until == DAY(1000));
	assert_int_equal(loy_store_profile_of(scene.till.store, 0, secret_key, strlen(secret_key), found),
	                 LOY_ENOTFOUND);
	assert_int_equal(loy_store_profile_of(scene.till.store, secret_number, NULL, 0, found),
	                 LOY_ENOTFOUND);
	till_compact(&scene.till);
	assert_int_equal(files_with_traces(&scene, &scene.till.files), 0);
	assert_int_equal(traces_in_bundle(&scene), 0);
	verify(&scene);
	loy_profile_destroy(found);
	tear_down(&scene);
}

/* A digest of what was erased would tell whoever tries contents which it was. */
static void no_digest_is_left(struct scene *scene, uint64_t high, int crash)
{
	uint64_t digest;
	uint32_t left = 0;
	uint8_t bytes[8];
	loy__writer w;

	make_secret(scene, secret_key, 0, DAY(3));
	assert_int_equal(loy_event_set_identity(scene->event, high, 7), LOY_OK);
	assert_int_equal(loy_event_digest(scene->event, &digest), LOY_OK);
	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_u64(&w, digest);
	record(scene, LOY_OK);
	record_others(scene, 20);
	till_compact(&scene->till);
	assert_int_equal(files_holding(&scene->till.files, bytes, sizeof(bytes)),
	                 high >> 63); /* others' are not kept */
	assert_int_equal(erase(scene, secret_key, 0, DAY(3)), LOY_OK);
	if (crash) { /* the journal is rewritten, and what ends the snapshot with the digest is not done any more */
		assert_int_equal(loy_store_compact(scene->till.store, 1, &left, NULL), LOY_OK);
		assert_int_equal(left, 1);
		till_close(&scene->till);
		open_store(scene);
	}
	till_compact(&scene->till);
	assert_int_equal(files_holding(&scene->till.files, bytes, sizeof(bytes)), 0);
	make_secret(scene, secret_key, 0, DAY(4)); /* the same identity, again and after the erasure */
	assert_int_equal(loy_event_set_identity(scene->event, high, 7), LOY_OK);
	record(scene, LOY_ECONFLICT);
	record(scene, LOY_EDUPLICATE);
	verify(scene);
}

static void digests_go_with_content(void **state)
{
	static const uint64_t high[] = {UINT64_C(0x9000000000000001), 5}; /* of a key; counted by a device */
	struct scene scene;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		set_up(&scene);
		no_digest_is_left(&scene, high[i % 2], i >= 2);
		tear_down(&scene);
	}
}

/* With a key, not even before: files and bundles hold pseudonyms only. */
static void pseudonyms_hide_customers(void **state)
{
	static const uint8_t key[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	struct scene scene;
	struct trace *t = scene.trace;
	struct bytes bundle;

	(void)state;
	set_up(&scene);
	till_destroy(&scene.till);
	scene.till.files.struct_size = sizeof(scene.till.files);
	assert_int_equal(loy_files_open_memory(&scene.till.files, 9, NULL), LOY_OK);
	scene.till.pseudonym_key = key;
	till_open(&scene.till);
	record_secrets(&scene);
	till_compact(&scene.till);
	assert_int_equal(files_holding(&scene.till.files, t[0].bytes, t[0].size), 0);
	assert_true(files_holding(&scene.till.files, t[1].bytes, t[1].size) > 0); /* what was said is there */
	assert_int_equal(files_holding(&scene.till.files, t[2].bytes, t[2].size), 0);
	assert_int_equal(files_holding(&scene.till.files, t[3].bytes, t[3].size), 0);
	assert_int_equal(files_holding(&scene.till.files, t[6].bytes, t[6].size), 0);
	assert_int_equal(till_export(&scene.till, NULL, 0, &bundle), 1);
	assert_false(holds(bundle.data, bundle.size, t[0].bytes, t[0].size));
	assert_false(holds(bundle.data, bundle.size, t[2].bytes, t[2].size));
	free(bundle.data);
	assert_int_equal(erase(&scene, secret_key, 0, DAY(1000)), LOY_OK);
	assert_int_equal(erase(&scene, NULL, secret_number, DAY(1000)), LOY_OK);
	till_compact(&scene.till);
	assert_int_equal(files_with_traces(&scene, &scene.till.files), 0);
	tear_down(&scene);
}

static void what_cannot_be_erased_is_refused(void **state)
{
	struct scene scene;
	loy_store *memory;
	int64_t until = 7;

	(void)state;
	set_up(&scene);
	memory = stores_create(scene.model, 0);
	assert_int_equal(loy_store_erase_until(NULL, 1, NULL, 0, DAY(1), NULL), LOY_EINVAL);
	assert_int_equal(loy_store_erase_until(memory, 1, NULL, 0, DAY(1), NULL), LOY_ESTATE);
	assert_int_equal(loy_store_erased_until(memory, 1, NULL, 0, &until), LOY_ESTATE);
	assert_int_equal(loy_store_erased_until(NULL, 1, NULL, 0, &until), LOY_EINVAL);
	assert_int_equal(loy_store_erased_until(scene.till.store, 1, NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_erased_until(scene.till.store, 1, NULL, 0, &until), LOY_ENOTFOUND);
	assert_int_equal(erase(&scene, NULL, 0, DAY(1)), LOY_EINVAL);
	assert_int_equal(erase(&scene, "", 0, DAY(1)), LOY_EINVAL);
	assert_int_equal(erase(&scene, "\xff", 0, DAY(1)), LOY_EUTF8);
	assert_int_equal(erase(&scene, NULL, 5, LOY_TIME_MAX + 1), LOY_ETIME);
	assert_int_equal(erase(&scene, NULL, 5, LOY_TIME_MIN - 1), LOY_ETIME);
	assert_true(until == 7);
	assert_int_equal(stores_stats(scene.till.store).records, 0);
	loy_store_destroy(memory);
	tear_down(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(no_byte_is_left_after_compaction),
	        cmocka_unit_test(erasure_travels),
	        cmocka_unit_test(erasure_wins_over_late_events),
	        cmocka_unit_test(who_returns_begins_anew),
	        cmocka_unit_test(identities_stay_known),
	        cmocka_unit_test(a_whole_is_erased_with_its_parts),
	        cmocka_unit_test(digests_go_with_content),
	        cmocka_unit_test(pseudonyms_hide_customers),
	        cmocka_unit_test(what_cannot_be_erased_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
