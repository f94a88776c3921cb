/*
 * Bundles from other stores. The first byte of the input says which request for memory fails while the bundle is
 * taken in (128 and more: none), the second how the rest is meant:
 *	0  a bundle as it is
 *	1  a bundle whose checksums are made right, so that the fuzzer gets past them
 *	2  facts: type, life, number, length and body of each, which are put into a bundle
 * What is refused changes nothing; what is accepted is known when it comes again, survives opening, and makes another
 * store the same.
 */
#include "fuzz.h"
#include "store/bundle.h"

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

static void bundle_facts(const uint8_t *data, size_t size, struct bytes *out)
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
	if (how % 3 == 2) {
		bundle_facts(data, size, &out);
		return out;
	}
	memcpy(out.data, data, size);
	out.size = size;
	if (how % 3 == 1)
		seal(out.data, out.size);
	return out;
}

/* ---- stores ---- */

static loy_store *open_store(const loy_model *model, const loy_files *files, const loy_allocator *memory)
{
	loy_store_options options = {.struct_size = sizeof(options), .files = files, .segment_bytes = 65536};
	loy_store *store;

	FUZZ_CHECK(loy_store_open(&store, NULL, 0, model, &options, memory, NULL, NULL) == LOY_OK);
	return store;
}

/* Somebody with some history, so that facts meet others. */
static void fill(loy_store *store)
{
	loy_event *event;
	uint64_t i;

	FUZZ_CHECK(loy_event_create(&event, NULL) == LOY_OK);
	for (i = 1; i <= 4; i++) {
		FUZZ_CHECK(loy_event_begin(event, LOY_KIND_VISIT, (int64_t)i * LOY_DAY) == LOY_OK);
		FUZZ_CHECK(loy_event_set_customer(event, i % 2 + 1) == LOY_OK);
		FUZZ_CHECK(loy_event_set_identity(event, 0, i) == LOY_OK);
		FUZZ_CHECK(loy_store_record(store, event, NULL) == LOY_OK);
	}
	FUZZ_CHECK(loy_store_erase_until(store, 2, NULL, 0, LOY_DAY, NULL) == LOY_OK);
	loy_event_destroy(event);
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
static void pass_on(const loy_model *model, loy_store *store)
{
	struct bytes bundle = {NULL, 0};
	uint64_t expected[2];
	loy_store *other;
	loy_files files = {.struct_size = sizeof(files)};

	FUZZ_CHECK(loy_files_open_memory(&files, 2, NULL) == LOY_OK);
	other = open_store(model, &files, NULL);
	FUZZ_CHECK(loy_store_export(store, NULL, 0, 0, keep, &bundle, NULL, NULL) == LOY_OK);
	FUZZ_CHECK(loy_store_import(other, bundle.data, bundle.size, NULL, NULL, NULL) == LOY_OK);
	hash(store, expected);
	same(other, expected);
	loy_store_destroy(other);
	loy_files_close(&files);
	free(bundle.data);
}

static void accepted(const loy_model *model, loy_store *store, const struct bytes *bundle)
{
	loy_import_result result = {.struct_size = sizeof(result)};
	loy_verification found = {.struct_size = sizeof(found)};
	uint64_t before[2], had = records(store);

	hash(store, before);
	FUZZ_CHECK(loy_store_import(store, bundle->data, bundle->size, NULL, &result, NULL) == LOY_OK);
	FUZZ_CHECK(result.known == result.records && records(store) == had);
	same(store, before);
	FUZZ_CHECK(loy_store_verify(store, LOY_VERIFY_ALL, &found, NULL, NULL, NULL) == LOY_OK);
	pass_on(model, store);
}

/* The structure alone, which is most of what is refused; 1 when it is one a bundle has. */
static int is_bundle(const struct bytes *bundle)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy__bundle_reader reader;
	loy_status status = loy__bundle_reader_init(&reader, bundle->data, bundle->size, &error);
	loy__fact fact;

	while (status == LOY_OK)
		status = loy__bundle_next(&reader, &fact, &error);
	if (status == LOY_ENOTFOUND)
		return 1;
	FUZZ_CHECK(error.code == status && error.byte >= 0 && (size_t)error.byte <= bundle->size);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static loy_model *model; /* the same for every input */
	struct fuzz_heap heap = {.until = -1};
	loy_allocator memory = fuzz_allocator(&heap);
	loy_error error = {.struct_size = sizeof(error)};
	uint64_t before[2], after[2];
	struct bytes bundle;
	loy_store *store;
	loy_files files = {.struct_size = sizeof(files)};
	loy_status status;

	if (size < 2)
		return 0;
	if (model == NULL)
		FUZZ_CHECK(loy_model_create_builtin(&model, "retail", NULL) == LOY_OK);
	bundle = make_bundle(data + 2, size - 2, data[1]);
	if (!is_bundle(&bundle) &&
	    data[0] % 64 != 0) { /* a store now and then: it takes a thousand times as long */
		free(bundle.data);
		return 0;
	}
	FUZZ_CHECK(loy_files_open_memory(&files, 1, NULL) == LOY_OK);
	store = open_store(model, &files, &memory);
	fill(store);
	hash(store, before);
	heap.until = data[0] < 128 ? heap.requests + data[0] : -1;
	status = loy_store_import(store, bundle.data, bundle.size, NULL, NULL, &error);
	heap.until = -1;
	if (status == LOY_OK) {
		accepted(model, store, &bundle);
	} else {
		FUZZ_CHECK(error.code == status);
		if (status != LOY_ENOMEM && status != LOY_EOVERFLOW) {
			FUZZ_CHECK(error.byte >= 0 || status == LOY_EINVAL);
			same(store, before);
		}
	}
	hash(store, before);
	loy_store_destroy(store);
	FUZZ_CHECK(heap.live == 0);
	store = open_store(model, &files, NULL);
	hash(store, after);
	FUZZ_CHECK(memcmp(before, after, sizeof(before)) == 0);
	loy_store_destroy(store);
	loy_files_close(&files);
	free(bundle.data);
	return 0;
}
