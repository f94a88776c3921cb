/*
 * Snapshots of customers. The first byte of the input says which request for memory fails (128 and more: none), the
 * second what the rest is:
 *
 *	bit 0 set    the bytes of a file, whose checksums are made right; else what lies in a file's stream
 *	bit 1 set    customers with keys
 *	bit 2 set    (stream) the head of the list is in front already; then three bytes are the totals
 *
 * So structure is reached behind checksums. What is accepted must be a store: its profiles are canonical, can be
 * read, and take events. What is refused leaves an empty one.
 */
#include "fuzz.h"
#include "store/snapshot.h"

#define END (16 + 8 + 8 * LOY__SNAPSHOT_TOTALS)

static const uint8_t store_id[16] = "sixteen bytes id";

static void put_u32(uint8_t *at, uint32_t v)
{
	int i;

	for (i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

/* ---- files ---- */

static void put_file(const loy_files *files, const uint8_t *bytes, size_t size)
{
	void *file;

	FUZZ_CHECK(files->open(files->user_data, "snap-0000000000000001", LOY_OPEN_CREATE, &file) == LOY_OK);
	FUZZ_CHECK(files->write_at(files->user_data, file, 0, bytes, size) == LOY_OK);
	files->close(files->user_data, file);
}

/* The bytes with a head of file and end, where there is room for them, and with right checksums. */
static void put_mended(const loy_files *files, const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size + 1), key[24] = {0};
	uint32_t seed;
	size_t at, next;

	FUZZ_CHECK(bytes != NULL);
	memcpy(bytes, data, size);
	memcpy(key, store_id, 16);
	key[16] = 1;
	seed = loy__crc32c(0, key, sizeof(key));
	if (size >= 64 + 16 + END) {
		put_u32(bytes + 60, loy__crc32c(0, bytes, 60));
		for (at = 64; at + 16 <= size - END; at = next) {
			next = (at / 65536 + 1) * 65536;
			next = next < size - END ? next : size - END;
			put_u32(bytes + at, loy__crc32c(seed, bytes + at + 4, next - at - 4));
		}
		put_u32(bytes + size - END, loy__crc32c(seed, bytes + size - END + 4, END - 4));
	}
	put_file(files, bytes, size);
	free(bytes);
}

/* A whole and right file whose stream is the bytes. */
static void put_stream(const loy_files *files, const loy_store *store, const uint8_t *data, size_t size,
                       unsigned what)
{
	const unsigned keyed = what >> 1 & 1;
	loy__snapshot_writer *writer;
	loy_allocator memory;
	uint8_t head[32] = {'C', 'U', 'S', 'T', LOY__IMAGE_LAYOUT, 0, 0, 0, 0};
	size_t i;

	head[8] = (uint8_t)keyed;
	for (i = 0; i < 8; i++) {
		head[16 + i] = (uint8_t)(store->schema->fingerprint_high >> 8 * i);
		head[24 + i] = (uint8_t)(store->schema->fingerprint_low >> 8 * i);
	}
	FUZZ_CHECK(loy__memory_adopt(&memory, NULL) == LOY_OK);
	FUZZ_CHECK(loy__snapshot_writer_create(&writer, files, store_id, 1, &memory, NULL) == LOY_OK);
	if (what & 4)
		FUZZ_CHECK(loy__snapshot_write(writer, head, sizeof(head), NULL) == LOY_OK);
	for (i = 0; i < 3 && size > 0; i++, data++, size--)
		(void)loy__snapshot_add_total(writer, 3 * keyed + (unsigned)i, i == 0 ? *data : 16u * *data);
	FUZZ_CHECK(loy__snapshot_write(writer, data, size, NULL) == LOY_OK);
	FUZZ_CHECK(loy__snapshot_finish(writer, NULL) == LOY_OK);
	loy__snapshot_writer_destroy(writer);
}

/* ---- what was loaded ---- */

/* Its canonical bytes are read back as the same profile, which checks all that it holds. */
static void canonical(const loy_profile *profile, const loy_model *model)
{
	loy_profile *again = NULL;
	uint8_t *bytes;
	size_t size = 0;

	FUZZ_CHECK(loy_profile_write(profile, NULL, 0, &size) == LOY_EBUFFER);
	bytes = malloc(size);
	FUZZ_CHECK(bytes != NULL);
	FUZZ_CHECK(loy_profile_write(profile, bytes, size, &size) == LOY_OK);
	FUZZ_CHECK(loy_profile_create(&again, loy_model_schema(model), NULL) == LOY_OK);
	FUZZ_CHECK(loy_profile_read(again, bytes, size, NULL) == LOY_OK);
	FUZZ_CHECK(loy_profile_equal(profile, again) == 1);
	loy_profile_destroy(again);
	free(bytes);
}

/* Recorded events go to who was loaded, and the store stays one. */
static void grows(loy_store *store, uint64_t row)
{
	loy_event *event = NULL;
	uint64_t customer = 0;
	char key[LOY_CUSTOMER_KEY_MAX + 1];
	size_t length = 0;
	loy_status status;

	FUZZ_CHECK(loy_event_create(&event, NULL) == LOY_OK);
	FUZZ_CHECK(loy_store_customer(store, row, &customer, key, sizeof(key), &length) == LOY_OK);
	FUZZ_CHECK(loy_event_begin(event, LOY_KIND_PURCHASE, (int64_t)(row % 512) * 30 * LOY_DAY) == LOY_OK);
	FUZZ_CHECK(loy_event_set(event, LOY_FIELD_AMOUNT, 1234) == LOY_OK);
	FUZZ_CHECK(loy_event_set(event, LOY_FIELD_CATEGORY, (int64_t)row) == LOY_OK);
	if (customer != 0)
		FUZZ_CHECK(loy_event_set_customer(event, customer) == LOY_OK);
	else
		FUZZ_CHECK(loy_event_set_customer_key(event, key, length) == LOY_OK);
	status = loy_store_record(store, event, NULL);
	FUZZ_CHECK(status == LOY_OK || status == LOY_EOVERFLOW);
	loy_event_destroy(event);
}

static void check_store(loy_store *store, const loy_model *model)
{
	loy_profile *profile = NULL;
	uint64_t row, count = loy_store_count(store);
	int round;

	FUZZ_CHECK(loy_profile_create(&profile, loy_model_schema(model), NULL) == LOY_OK);
	FUZZ_CHECK(loy_store_sort(store) == LOY_OK);
	for (round = 0; round < 2; round++) {
		for (row = 0; row < count; row++) {
			FUZZ_CHECK(loy_store_profile(store, row, profile) == LOY_OK);
			canonical(profile, model);
			fuzz_read_fields(profile);
			if (round == 0)
				grows(store, row);
		}
		FUZZ_CHECK(loy_store_count(store) == count);
	}
	loy_profile_destroy(profile);
}

static loy_status load(loy_store *store, const loy_files *files, int keyed, loy_error *error)
{
	loy__vector positions = {0};
	loy__snapshot_reader *reader;
	loy_status status =
	        loy__snapshot_reader_create(&reader, files, store_id, 1, &store->budget.parent, error);

	if (status == LOY_OK)
		status = loy__snapshot_load_customers(reader, store, keyed ? &store->named : &store->numbered,
		                                      &positions, 1, error);
	FUZZ_CHECK(status == LOY_OK || positions.chunks == 0);
	loy__snapshot_reader_destroy(reader);
	loy__vector_free(&positions, &store->memory, sizeof(uint64_t));
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static loy_model *model; /* the same for every input */
	struct fuzz_heap heap = {.until = -1}, room = {.until = -1};
	loy_allocator memory = fuzz_allocator(&heap), medium = fuzz_allocator(&room);
	loy_files files = {.struct_size = sizeof(files)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_store *store = NULL;
	loy_status status;

	if (size < 2)
		return 0;
	if (model == NULL)
		FUZZ_CHECK(loy_model_create_builtin(&model, "retail", NULL) == LOY_OK);
	fuzz_begin();
	FUZZ_CHECK(loy_files_open_memory(&files, 1, &medium) == LOY_OK);
	FUZZ_CHECK(loy_store_create(&store, model, NULL, &memory) == LOY_OK);
	if (data[1] & 1)
		put_mended(&files, data + 2, size - 2);
	else
		put_stream(&files, store, data + 2, size - 2, data[1]);
	if (data[0] < 128)
		heap.until = heap.requests + data[0];
	status = load(store, &files, data[1] >> 1 & 1, &error);
	heap.until = -1;
	if (status == LOY_OK) {
		check_store(store, model);
	} else {
		FUZZ_CHECK(error.code == status && loy_store_count(store) == 0 && store->records.held == 0);
		FUZZ_CHECK(status == LOY_EDAMAGED || status == LOY_ENOMEM || status == LOY_EVERSION ||
		           status == LOY_ESTATE || status == LOY_ESCHEMA);
	}
	loy_store_destroy(store);
	loy_files_close(&files);
	FUZZ_CHECK(heap.live == 0);
	return 0;
}
