/*
 * Bundles from other stores. The first byte of the input says which request for memory fails while the bundle is
 * taken in (128 and more: none), the second how the rest is meant:
 *	0  a bundle as it is
 *	1  a bundle whose checksums are made right, so that the fuzzer gets past them
 *	2  facts: type, life, number, length and body of each, which are put into a bundle
 *	3  the same, but without those that no store would take
 * It is this modulo 4; and when it is 64 or more, what the import leads to in other stores is not looked at.
 * What is refused changes nothing; what is accepted is known when it comes again, survives opening, and makes another
 * store the same.
 */
#include "fuzz.h"
#include "store/bundle.h"
#include "../support/files_image.h"

#define HEAD 32u

struct bytes {
	uint8_t *data;
	size_t size;
};

static int32_t keep(const void *bytes, size_t size, void *user_data)
{
	struct bytes *out = user_data;

	out->data = realloc(out->data, out->size + size);
	FUZZ_CHECK(out->data != NULL);
	memcpy(out->data + out->size, bytes, size);
	out->size += size;
	return 0;
}

/* The same for every input: the files of a store with some history, so that facts meet others, and of an empty one. */
static struct fixture {
	loy_model *model;
	struct bytes image[2];
	loy_files files;
	loy_store *judge; /* the first of the two: asked what it would refuse, and never changed */
} fixture;

/* ---- inputs ---- */

static void seal(uint8_t *data, size_t size)
{
	uint32_t sum;
	size_t at = HEAD, k;

	if (size < HEAD)
		return;
	sum = loy__crc32c(0, data, HEAD - 4);
	for (k = 0; k < 4; k++)
		data[HEAD - 4 + k] = (uint8_t)(sum >> 8 * k);
	while (size - at >= 12) {
		size_t length = (size_t)data[at + 4] | (size_t)data[at + 5] << 8 | (size_t)data[at + 6] << 16;

		if (length > size - at - 12)
			break;
		sum = loy__crc32c(sum, data + at, 8 + length);
		for (k = 0; k < 4; k++)
			data[at + 8 + length + k] = (uint8_t)(sum >> 8 * k);
		at += 12 + length;
	}
}

static void bundle_facts(const uint8_t *data, size_t size, int chosen, struct bytes *out)
{
	struct fuzz_heap heap = {.until = -1};
	loy_allocator memory = fuzz_allocator(&heap);
	loy__bundle_writer w;
	size_t at = 0;

	loy__bundle_writer_init(&w, &memory, 0, keep, out);
	while (size - at >= 5) {
		loy__fact fact = {.type = 1 + data[at] % 6u};

		fact.tag.life = 1 + data[at + 1] % 4u;
		fact.tag.number = data[at + 2];
		fact.size = (size_t)data[at + 3] | (size_t)(data[at + 4] & 15) << 8;
		at += 5;
		if (fact.size > size - at)
			fact.size = size - at;
		fact.body = data + at;
		at += fact.size;
		if (!chosen || loy__fact_check(fixture.judge, &fact, NULL) == LOY_OK)
			loy__bundle_add(&w, &fact);
	}
	FUZZ_CHECK(loy__bundle_finish(&w) == LOY_OK);
	loy__bundle_writer_free(&w);
	FUZZ_CHECK(heap.live == 0);
}

static struct bytes make_bundle(const uint8_t *data, size_t size, unsigned how)
{
	struct bytes out = {malloc(size + 1), 0};

	FUZZ_CHECK(out.data != NULL);
	if (how % 4 >= 2) {
		bundle_facts(data, size, how % 4 == 3, &out);
		return out;
	}
	memcpy(out.data, data, size);
	out.size = size;
	if (how % 4 == 1)
		seal(out.data, out.size);
	return out;
}

/* ---- stores ---- */

static loy_store *open_store(const loy_files *files, const loy_allocator *memory)
{
	loy_store_options options = {.struct_size = sizeof(options), .files = files, .segment_bytes = 65536};
	loy_store *store;

	FUZZ_CHECK(loy_store_open(&store, NULL, 0, fixture.model, &options, memory, NULL, NULL) == LOY_OK);
	return store;
}

static void visit(loy_store *store, uint64_t customer, uint64_t number, int64_t day)
{
	loy_event *event;

	FUZZ_CHECK(loy_event_create(&event, NULL) == LOY_OK);
	FUZZ_CHECK(loy_event_begin(event, LOY_KIND_VISIT, day * LOY_DAY) == LOY_OK);
	FUZZ_CHECK(loy_event_set_customer(event, customer) == LOY_OK);
	FUZZ_CHECK(loy_event_set_identity(event, 0, number) == LOY_OK);
	FUZZ_CHECK(loy_store_record(store, event, NULL) == LOY_OK);
	loy_event_destroy(event);
}

static const loy_files *image_from; /* while an image is made */

static int32_t pack(const char *name, void *context)
{
	struct bytes *image = context;

	if (strcmp(name, "lock") != 0)
		FUZZ_CHECK(image_pack(image_from, name, image->data, &image->size));
	return 0;
}

static void open_image(loy_files *files, unsigned which, const loy_allocator *memory)
{
	files->struct_size = sizeof(*files);
	FUZZ_CHECK(loy_files_open_memory(files, which + 3, memory) == LOY_OK);
	FUZZ_CHECK(image_unpack(files, fixture.image[which].data, fixture.image[which].size));
}

static void hash(loy_store *store, uint64_t out[2])
{
	FUZZ_CHECK(loy_store_sort(store) == LOY_OK);
	FUZZ_CHECK(loy_store_hash(store, &out[0], &out[1]) == LOY_OK);
}

static void same(loy_store *store, const uint64_t expected[2])
{
	uint64_t found[2];

	hash(store, found);
	FUZZ_CHECK(memcmp(found, expected, sizeof(found)) == 0);
}

static uint64_t records(const loy_store *store)
{
	loy_store_stats stats = {.struct_size = sizeof(stats)};

	FUZZ_CHECK(loy_store_get_stats(store, &stats) == LOY_OK);
	return stats.records;
}

/* Another store that is told everything is the same. */
static void pass_on(loy_store *store)
{
	struct fuzz_heap heap = {.until = -1};
	loy_allocator memory = fuzz_allocator(&heap);
	struct bytes bundle = {NULL, 0};
	uint64_t expected[2];
	loy_store *other;
	loy_files files;

	open_image(&files, 1, &memory);
	other = open_store(&files, &memory);
	FUZZ_CHECK(loy_store_export(store, NULL, 0, 0, keep, &bundle, NULL, NULL) == LOY_OK);
	FUZZ_CHECK(loy_store_import(other, bundle.data, bundle.size, NULL, NULL, NULL) == LOY_OK);
	hash(store, expected);
	same(other, expected);
	loy_store_destroy(other);
	loy_files_close(&files);
	free(bundle.data);
}

static void accepted(loy_store *store, const struct bytes *bundle)
{
	loy_import_result result = {.struct_size = sizeof(result)};
	loy_verification found = {.struct_size = sizeof(found)};
	uint64_t before[2], had = records(store);

	hash(store, before);
	FUZZ_CHECK(loy_store_import(store, bundle->data, bundle->size, NULL, &result, NULL) == LOY_OK);
	FUZZ_CHECK(result.known == result.records && records(store) == had);
	same(store, before);
	FUZZ_CHECK(loy_store_verify(store, LOY_VERIFY_ALL, &found, NULL, NULL, NULL) == LOY_OK);
	pass_on(store);
}

static loy_store *open_filled(loy_files *files, const loy_allocator *memory, const loy_allocator *medium)
{
	loy_store *store;

	open_image(files, 0, medium);
	store = open_store(files, memory);
	visit(store, 1, 9, 5); /* so that it has a life of its own */
	return store;
}

static void make_fixture(void)
{
	uint64_t i, k;

	FUZZ_CHECK(loy_model_create_builtin(&fixture.model, "retail", NULL) == LOY_OK);

	for (k = 0; k < 2; k++) {
		loy_files files = {.struct_size = sizeof(files)};
		struct bytes *image = &fixture.image[k];
		loy_store *store;

		FUZZ_CHECK(loy_files_open_memory(&files, k + 1, NULL) == LOY_OK);
		store = open_store(&files, NULL);
		for (i = 1; k == 0 && i <= 4; i++)
			visit(store, i % 2 + 1, i, (int64_t)i);
		if (k == 0)
			FUZZ_CHECK(loy_store_erase_until(store, 2, NULL, 0, LOY_DAY, NULL) == LOY_OK);
		loy_store_destroy(store);
		image->data = malloc(2 * IMAGE_FILE_MAX);
		FUZZ_CHECK(image->data != NULL);
		image_from = &files;
		FUZZ_CHECK(files.list(files.user_data, pack, image) == LOY_OK);
		loy_files_close(&files);
	}
	fixture.judge = open_filled(&fixture.files, NULL, NULL);
}

/* Whether a store looks at more than form and facts one by one, which is where most of what is refused ends. */
static int is_promising(const struct bytes *bundle)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy__bundle_reader reader;
	loy_status status = loy__bundle_reader_init(&reader, bundle->data, bundle->size, &error);
	int sound = 1;
	loy__fact fact;

	while (status == LOY_OK) {
		status = loy__bundle_next(&reader, &fact, &error);
		sound &= status != LOY_OK || (loy__fact_check(fixture.judge, &fact, NULL) == LOY_OK &&
		                              !loy__ledger_awaits(fixture.judge, fact.tag));
	}
	if (status == LOY_ENOTFOUND)
		return sound;
	FUZZ_CHECK(error.code == status && error.byte >= 0 && (size_t)error.byte <= bundle->size);
	return 0;
}

/* Take a bundle in, with the request for memory that a byte names failing. */
static void take_in(const struct bytes *bundle, int promising, unsigned failing, int thorough)
{
	struct fuzz_heap heap = {.until = -1}, room = {.until = -1};
	loy_allocator memory = fuzz_allocator(&heap), medium = fuzz_allocator(&room);
	loy_error error = {.struct_size = sizeof(error)};
	uint64_t before[2];
	loy_files files;
	loy_store *store;
	loy_status status;

	store = open_filled(&files, &memory, &medium);
	hash(store, before);
	heap.until = failing < 128 ? heap.requests + (long)failing : -1;
	status = loy_store_import(store, bundle->data, bundle->size, NULL, NULL, &error);
	heap.until = -1;
	FUZZ_CHECK(status != LOY_OK || promising);
	if (status == LOY_OK && thorough) {
		accepted(store, bundle);
	} else if (status != LOY_OK) {
		FUZZ_CHECK(error.code == status);
		if (status != LOY_ENOMEM && status != LOY_EOVERFLOW) {
			FUZZ_CHECK(error.byte >= 0 || status == LOY_EINVAL);
			same(store, before);
		}
	}
	hash(store, before);
	loy_store_destroy(store);
	FUZZ_CHECK(heap.live == 0);
	if (thorough) {
		store = open_store(&files, &memory);
		same(store, before);
		loy_store_destroy(store);
	}
	loy_files_close(&files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bundle;
	int promising;

	if (size < 2)
		return 0;
	if (fixture.judge == NULL)
		make_fixture();
	fuzz_begin();
	bundle = make_bundle(data + 2, size - 2, data[1]);
	promising = is_promising(&bundle);
	/* A store of its own for other input now and then: it takes a hundred times as long. */
	if (promising || data[0] % 64 == 0)
		take_in(&bundle, promising, data[0], data[1] < 64);
	free(bundle.data);
	return 0;
}
