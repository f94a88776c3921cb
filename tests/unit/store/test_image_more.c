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
	        cmocka_unit_test(starts_are_read_back),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
