/* Images of ledgers, word by word: what was written is read, whatever cannot be is refused, wherever it ends. */
#include "snapshots.h"
#include "store/image.h"

#define START_TAG UINT64_C(0x313054524154534c) /* "LSTART01" */
#define IMAGE_TAG UINT64_C(0x313045474d494c4c) /* "LLIMGE01" */
#define END_TAG   UINT64_C(0x31304e444e45494c) /* "LIENDN01" */

/* Two parties in a group, an erasure, a span of tags, a content and an identity. */
enum {
	OWN = 2,
	SPANS = 9,
	SPAN_FIRST = 11,
	ERASURES = 13,
	PARTIES = 17,
	NUMBER = 18,
	OTHER = 21,
	RECORD = 23,
	STATEMENTS = 24,
	PART = 25,
	WHOLE = 26,
	CONTENTS = 30,
	IDENTITIES = 38,
	KNOWN = 42,
	BLOCKS = 43,
	END = 44,
	WORDS = 45
};
static const uint64_t good[WORDS] = {
        IMAGE_TAG, 100, 90,      1,    12,  3, 2, 1, 5000, /* positions, scrubbed, counters, newest */
        1,         7,   1,       4,                        /* tags */
        1,         11,  22,      33,                       /* erasures */
        2,         101, 0,       0,    102, 0, 0,          /* parties: number, exists, size of its record */
        1,         0,   1,       4000, 7,   2,             /* statements: 101 belongs to 102 */
        1,         1,   2,       3,    40,  0, 0, 6,       /* contents */
        1,         8,   9,       10,                       /* identities */
        0,         0,   END_TAG,
};

static loy_model *model;
static loy_allocator heap_memory;

static int make_model(void **state)
{
	(void)state;
	model = stores_model();
	return loy__memory_adopt(&heap_memory, NULL);
}

static int free_model(void **state)
{
	(void)state;
	free(model);
	return 0;
}

static void save_words(const loy_files *files, const uint64_t *words, size_t count)
{
	loy__snapshot_writer *writer;
	uint8_t bytes[8];
	size_t i, k;

	assert_int_equal(loy__snapshot_writer_create(&writer, files, snapshots_id, 1, &heap_memory, NULL),
	                 LOY_OK);
	for (i = 0; i < count; i++) {
		for (k = 0; k < 8; k++)
			bytes[k] = (uint8_t)(words[i] >> 8 * k);
		assert_int_equal(loy__snapshot_write(writer, bytes, 8, NULL), LOY_OK);
	}
	assert_int_equal(loy__snapshot_finish(writer, NULL), LOY_OK);
	loy__snapshot_writer_destroy(writer);
}

static loy__snapshot_reader *reader_of(const loy_files *files)
{
	loy__snapshot_reader *reader;

	assert_int_equal(loy__snapshot_reader_create(&reader, files, snapshots_id, 1, &heap_memory, NULL),
	                 LOY_OK);
	return reader;
}

/* Read into the ledger of a new store; *out, if given, is that store. */
static loy_status read_words(const uint64_t *words, size_t count, loy_store **out, loy_files *home)
{
	loy_files files = snapshots_files();
	loy_store_options options = {.struct_size = sizeof(options)};
	loy__snapshot_reader *reader;
	loy_store *store;
	loy_status status;
	int scrubbed = 7;

	*home = snapshots_files();
	options.files = home;
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_OK);
	save_words(&files, words, count);
	reader = reader_of(&files);
	status = loy__base_read(reader, store, &scrubbed, NULL);
	if (status == LOY_OK)
		assert_int_equal(scrubbed, words[3] != 0);
	loy__snapshot_reader_destroy(reader);
	loy_files_close(&files);
	*out = store;
	return status;
}

static void refused(const uint64_t *words, size_t count, size_t what)
{
	loy_files home;
	loy_store *store;
	loy_status status = read_words(words, count, &store, &home);

	loy_store_destroy(store);
	loy_files_close(&home);
	if (status != LOY_EDAMAGED)
		fail_msg("case %zu: %s", what, loy_status_name(status));
}

static void good_words_are_read(void **state)
{
	struct loy__ledger *ledger;
	loy_files home;
	loy_store *store;

	(void)state;
	assert_int_equal(read_words(good, WORDS, &store, &home), LOY_OK);
	ledger = store->ledger;
	assert_int_equal(ledger->image_position, 100);
	assert_int_equal(ledger->own_position, 90);
	assert_int_equal(store->events, 12);
	assert_int_equal(store->duplicates, 3);
	assert_int_equal(store->conflicts, 2);
	assert_int_equal(ledger->erased_events, 1);
	assert_int_equal(ledger->newest, 5000);
	assert_int_equal(ledger->tags.count, 1);
	assert_int_equal(ledger->tags.span[0].end, 4);
	assert_int_equal(ledger->erasures.index.live, 1);
	assert_int_equal(ledger->parties.index.live, 2);
	assert_int_equal(ledger->parties.statements, 1);
	assert_int_equal(loy__party_at(&ledger->parties, 1)->number, 102);
	assert_int_equal(ledger->contents.count, 1);
	assert_int_equal(loy__identities_count(&store->identities), 1);
	loy_store_destroy(store);
	loy_files_close(&home);
}

static void every_end_is_noticed(void **state)
{
	uint64_t words[WORDS + 1] = {0};
	size_t n;

	(void)state;
	memcpy(words, good, sizeof(good));
	for (n = 1; n < WORDS; n++)
		refused(words, n, n);
	refused(words, WORDS + 1, WORDS + 1); /* a word too many */
}

static void what_cannot_be_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint64_t word;
	} list[] = {
	        {0, IMAGE_TAG + 1},
	        {OWN, 101},
	        {SPANS, UINT64_MAX},
	        {SPAN_FIRST, 4},
	        {ERASURES, UINT64_MAX},
	        {PARTIES, UINT64_MAX},
	        {OTHER, 101},
	        {RECORD, 100000},
	        {STATEMENTS, UINT64_MAX},
	        {PART, 2},
	        {WHOLE, 2},
	        {WHOLE, 0},
	        {CONTENTS, UINT64_MAX},
	        {IDENTITIES, 3},
	        {KNOWN, UINT64_MAX},
	        {BLOCKS, UINT64_MAX},
	        {END, END_TAG + 1},
	        {NUMBER, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(list); i++) {
		uint64_t words[WORDS];

		memcpy(words, good, sizeof(good));
		words[list[i].at] = list[i].word;
		refused(words, WORDS, i);
	}
}

/* A list goes on over a part of the file that is damaged: what came before it was fine. */
static void lists_may_be_damaged_in_the_midst(void **state)
{
	enum { MANY = 8000, ALL = WORDS + 4 * MANY };
	static uint64_t words[ALL];
	loy_files files = snapshots_files(), home = snapshots_files();
	loy_store_options options = {.struct_size = sizeof(options), .files = &home};
	loy__snapshot_reader *reader;
	loy_store *store;
	uint8_t *bytes;
	size_t size, at;
	int scrubbed, whole;

	(void)state;
	memcpy(words, good, sizeof(good));
	words[BLOCKS] = MANY;
	words[ALL - 1] = END_TAG;
	for (at = BLOCKS + 1; at < ALL - 1; at++)
		words[at] = at;
	save_words(&files, words, ALL);
	bytes = snapshots_bytes(&files, 1, &size);
	for (whole = 1; whole >= 0; whole--) {
		if (!whole) {
			bytes[size / 3 * 2] ^= 1;
			snapshots_put(&files, 1, bytes, size);
		}
		assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_OK);
		reader = reader_of(&files);
		assert_int_equal(loy__base_read(reader, store, &scrubbed, NULL),
		                 whole ? LOY_OK : LOY_EDAMAGED);
		if (whole)
			assert_int_equal(store->ledger->known.block_count, MANY);
		else
			assert_in_range(store->ledger->known.block_count, MANY / 3, MANY - 1);
		loy__snapshot_reader_destroy(reader);
		loy_store_destroy(store);
		loy_files_close(&home);
		home = snapshots_files();
	}
	free(bytes);
	loy_files_close(&home);
	loy_files_close(&files);
}

/* ---- more of everything: keys, records, identities counted up ---- */

enum { ROOM = 2048 };
struct image {
	uint8_t bytes[ROOM];
	size_t size;
};

static void add_words(struct image *image, const uint64_t *words, size_t count)
{
	size_t i;

	assert_true(image->size + 8 * count <= ROOM);
	for (i = 0; i < count; i++, image->size += 8)
		loy__put_u64(image->bytes + image->size, words[i]);
}

static void add_bytes(struct image *image, const void *bytes, size_t size)
{
	assert_true(image->size + size <= ROOM);
	memcpy(image->bytes + image->size, bytes, size);
	image->size += size;
}

/* What may be odd about an image. */
struct oddity {
	uint64_t erased_again; /* the second erasure is of the same hash */
	uint64_t key_length;   /* of a party's key; 3 is right */
	uint64_t exists;       /* the party that has a record */
	int garbage;           /* in place of that record */
};

static struct image make_image(const struct oddity *odd)
{
	static const uint64_t known[] = {1, 5, 10, 20}, blocks[] = {2, 5, 10, 15, 0, 5, 16, 19, 0};
	const uint64_t erasures[] = {2, 11, 22, 33, odd->erased_again ? 11 : 12, 22, 20};
	const uint64_t key[] = {2, 0, odd->key_length};
	const uint64_t contents[] = {2, 1, 2, 3, 40, 0, 0, 6, 1, 2, 4, 41, 0, 0, 7};
	struct image image = {{0}, 0};
	uint8_t record[600];
	uint64_t words[2] = {odd->exists, 0};
	loy_profile *profile;
	loy_event *event;
	size_t size;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, LOY_DAY), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 102), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_profile_write(profile, record, sizeof(record), &size), LOY_OK);
	if (odd->garbage)
		memset(record, 0x5a, size);
	words[1] = size;
	add_words(&image, good, ERASURES);
	add_words(&image, erasures, 7);
	add_words(&image, key, 3);
	add_bytes(&image, "ada", 3);
	add_words(&image, (const uint64_t[]){0, 0, 102}, 3);
	add_words(&image, words, 2);
	add_bytes(&image, record, size);
	add_words(&image, good + STATEMENTS, CONTENTS - STATEMENTS);
	add_words(&image, contents, 15);
	add_words(&image, good + IDENTITIES, KNOWN - IDENTITIES);
	add_words(&image, known, 4);
	add_words(&image, blocks, 9);
	add_words(&image, good + END, 1);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
	return image;
}

/* Into a store that gets `requests` requests for memory from there on; -1: all. */
static loy_status read_image(const struct image *image, struct faulty *heap, long requests)
{
	loy_files files = snapshots_files(), home = snapshots_files();
	loy_store_options options = {.struct_size = sizeof(options), .files = &home};
	loy_allocator memory = faulty_allocator(heap);
	loy__snapshot_writer *writer;
	loy__snapshot_reader *reader;
	loy_store *store;
	loy_status status;
	int scrubbed;

	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, &memory, NULL, NULL), LOY_OK);
	assert_int_equal(loy__snapshot_writer_create(&writer, &files, snapshots_id, 1, &heap_memory, NULL),
	                 LOY_OK);
	assert_int_equal(loy__snapshot_write(writer, image->bytes, image->size, NULL), LOY_OK);
	assert_int_equal(loy__snapshot_finish(writer, NULL), LOY_OK);
	loy__snapshot_writer_destroy(writer);
	reader = reader_of(&files);
	heap->until = requests >= 0 ? heap->requests + requests : -1;
	status = loy__base_read(reader, store, &scrubbed, NULL);
	loy__snapshot_reader_destroy(reader);
	loy_store_destroy(store);
	loy_files_close(&files);
	loy_files_close(&home);
	assert_int_equal(heap->live, 0);
	return status;
}

static void odd_images_are_refused(void **state)
{
	static const struct oddity odd[] = {
	        {.key_length = 3, .exists = 1},
	        {.key_length = 3, .exists = 1, .erased_again = 1},
	        {.key_length = LOY_CUSTOMER_KEY_MAX + 1, .exists = 1},
	        {.key_length = 0, .exists = 1},
	        {.key_length = 2, .exists = 1},
	        {.key_length = 3, .exists = 0},
	        {.key_length = 3, .exists = 1, .garbage = 1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(odd); i++) {
		struct faulty heap = {.until = -1};
		struct image image = make_image(&odd[i]);

		if (read_image(&image, &heap, -1) != (i == 0 ? LOY_OK : LOY_EDAMAGED))
			fail_msg("image %d", (int)i);
	}
}

static void images_end_anywhere(void **state)
{
	static const struct oddity none = {.key_length = 3, .exists = 1};
	struct image whole = make_image(&none), image = whole;

	(void)state;
	for (image.size = 1; image.size < whole.size; image.size++) {
		struct faulty heap = {.until = -1};

		assert_int_equal(read_image(&image, &heap, -1), LOY_EDAMAGED);
	}
}

static void reading_may_find_no_memory(void **state)
{
	static const struct oddity none = {.key_length = 3, .exists = 1};
	struct image image = make_image(&none);
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = -1};

		status = read_image(&image, &heap, n);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 4);
}

static void starts_are_read_back(void **state)
{
	const loy__base_head head = {77, {5, 6}};
	uint64_t words[4] = {START_TAG, 77, 5, 6};
	loy_files files = snapshots_files(), other = snapshots_files();
	loy__snapshot_writer *writer;
	loy__snapshot_reader *reader;
	loy__base_head back = {0};

	(void)state;
	assert_int_equal(loy__snapshot_writer_create(&writer, &files, snapshots_id, 1, &heap_memory, NULL),
	                 LOY_OK);
	assert_int_equal(loy__base_write_start(writer, &head, NULL), LOY_OK);
	assert_int_equal(loy__snapshot_finish(writer, NULL), LOY_OK);
	loy__snapshot_writer_destroy(writer);
	reader = reader_of(&files);
	assert_int_equal(loy__base_read_start(reader, &back, NULL), LOY_OK);
	assert_int_equal(back.position, 77);
	assert_int_equal(back.tagging.life, 5);
	assert_int_equal(back.tagging.number, 6);
	assert_int_equal(loy__snapshot_left(reader), 0);
	loy__snapshot_reader_destroy(reader);
	words[0]++;
	save_words(&other, words, 4);
	reader = reader_of(&other);
	assert_int_equal(loy__base_read_start(reader, &back, NULL), LOY_EDAMAGED);
	loy__snapshot_reader_destroy(reader);
	loy_files_close(&other);
	loy_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(good_words_are_read),
	        cmocka_unit_test(every_end_is_noticed),
	        cmocka_unit_test(what_cannot_be_is_refused),
	        cmocka_unit_test(odd_images_are_refused),
	        cmocka_unit_test(images_end_anywhere),
	        cmocka_unit_test(reading_may_find_no_memory),
	        cmocka_unit_test(starts_are_read_back),
	        cmocka_unit_test(lists_may_be_damaged_in_the_midst),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
