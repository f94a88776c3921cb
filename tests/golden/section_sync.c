/* Bundles, version vectors, what stores are after exchanging them, pages of customers, and numbers as they print. */
#include "golden.h"
#include "core/core.h"

#include <loyalty.h>
#include <stdio.h>
#include <string.h>

#define EVENTS 300

static int32_t add_bytes(const void *bytes, size_t size, void *user_data)
{
	golden_bytes(user_data, bytes, size);
	return 0;
}

/* A bundle that is kept: large enough for what is written here. */
struct kept {
	size_t size;
	uint8_t bytes[200000];
};

static int32_t keep(const void *bytes, size_t size, void *user_data)
{
	struct kept *kept = user_data;

	if (size > sizeof(kept->bytes) - kept->size)
		return 1;
	memcpy(kept->bytes + kept->size, bytes, size);
	kept->size += size;
	return 0;
}

/* Event i of a till: a sale, an answer or a consent of one of twenty, some of them known by a key. */
static void make_event(struct golden *g, loy_event *event, uint64_t i, uint64_t till)
{
	static const uint32_t kinds[4] = {LOY_KIND_PURCHASE, LOY_KIND_PURCHASE, LOY_KIND_SURVEY_ANSWER,
	                                  LOY_KIND_CONSENT};
	uint64_t x = loy__mix64(i * 2 + 1), customer = x % 20;
	char key[16];
	int good;

	good = loy_event_begin(event, kinds[i % 4], (int64_t)(19000 + x % 500) * LOY_DAY) == LOY_OK;
	if (customer % 4 == 0) {
		snprintf(key, sizeof(key), "key-%u", (unsigned)customer);
		good &= loy_event_set_customer_key(event, key, strlen(key)) == LOY_OK;
	} else {
		good &= loy_event_set_customer(event, customer) == LOY_OK;
	}
	good &= loy_event_set_identity(event, 9, i + 1) == LOY_OK;
	good &= loy_event_set(event, LOY_FIELD_AMOUNT, (int64_t)(x % 10000)) == LOY_OK;
	good &= loy_event_set(event, LOY_FIELD_CURRENCY, (int64_t)loy_currency_code("EUR")) == LOY_OK;
	good &= loy_event_set(event, LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS) == LOY_OK;
	good &= loy_event_set(event, LOY_FIELD_VALUE, (int64_t)(x % 11) * LOY_RATIO_ONE) == LOY_OK;
	good &= loy_event_set(event, LOY_FIELD_PURPOSE, LOY_PURPOSE_MARKETING) == LOY_OK;
	good &= loy_event_set(event, LOY_FIELD_GRANTED, (int64_t)(x & 1)) == LOY_OK;
	if (i % 50 == 0) /* both tills say something else about these */
		good &= loy_event_set(event, LOY_FIELD_SOURCE, (int64_t)till) == LOY_OK;
	golden_check(g, good, "an event");
}

static loy_store *make_till(struct golden *g, const loy_model *model, loy_files *files, uint64_t till)
{
	const loy_who part = {till, NULL, 0}, whole = {5, NULL, 0};
	loy_store_options options = {.struct_size = sizeof(options), .files = files};
	loy_store *store = NULL;
	loy_event *event = NULL;
	uint64_t i;

	memset(files, 0, sizeof(*files));
	files->struct_size = sizeof(*files);
	options.durability = LOY_DURABLE_CALLER;
	options.segment_bytes = 65536;
	golden_check(g, loy_files_open_memory(files, till, NULL) == LOY_OK, "files");
	golden_check(g, loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL) == LOY_OK, "open");
	golden_check(g, loy_event_create(&event, NULL) == LOY_OK, "event");
	for (i = 0; i < EVENTS; i++) {
		if (i % 3 != till % 3) { /* a third is known to both */
			make_event(g, event, i, till);
			golden_check(g, loy_store_record(store, event, NULL) == LOY_OK, "record");
		}
	}
	golden_check(g, loy_store_join(store, &part, &whole, (int64_t)till, NULL) == LOY_OK, "join");
	golden_check(g, loy_store_erase_until(store, 10 + till, NULL, 0, 19300 * LOY_DAY, NULL) == LOY_OK,
	             "erase");
	loy_event_destroy(event);
	return store;
}

static void send(struct golden *g, loy_store *from, loy_store *to)
{
	static struct kept bundle;
	static uint8_t vector[4096];
	size_t size = 0;

	bundle.size = 0;
	golden_check(g, loy_store_vector(to, vector, sizeof(vector), &size) == LOY_OK, "vector");
	golden_bytes(g, vector, size);
	golden_check(g, loy_store_export(from, vector, size, 0, keep, &bundle, NULL, NULL) == LOY_OK,
	             "export");
	golden_bytes(g, bundle.bytes, bundle.size);
	golden_check(g, loy_store_import(to, bundle.bytes, bundle.size, NULL, NULL, NULL) == LOY_OK,
	             "import");
}

static void add_store(struct golden *g, loy_store *store)
{
	uint64_t high = 0, low = 0;

	golden_check(g, loy_store_sort(store) == LOY_OK, "sort");
	golden_check(g, loy_store_hash(store, &high, &low) == LOY_OK, "hash");
	golden_u64(g, high);
	golden_u64(g, low);
	golden_u64(g, loy_store_conflict_count(store));
}

static void numbers(struct golden *g)
{
	char text[32];
	uint64_t i;

	golden_begin(g, "numbers");
	for (i = 0; i < 20000; i++) {
		golden_bytes(g, text, loy__real_write(golden_scaled(i, -1070, 1020), text));
		golden_bytes(g, text, loy__real_write(golden_input(i, -100.0, 100.0), text));
	}
	golden_end(g);
}

void golden_sync(struct golden *g)
{
	loy_model *model = NULL;
	loy_files files[2];
	loy_store *till[2];
	uint64_t i;

	golden_check(g, loy_model_create_builtin(&model, "retail", NULL) == LOY_OK, "model");
	for (i = 0; i < 2; i++)
		till[i] = make_till(g, model, &files[i], i + 1);
	golden_begin(g, "bundles");
	send(g, till[0], till[1]);
	send(g, till[1], till[0]);
	golden_end(g);
	golden_begin(g, "stores");
	add_store(g, till[0]);
	golden_end(g);
	golden_begin(g, "same");
	add_store(g, till[1]);
	golden_end(g);
	golden_begin(g, "ship");
	golden_check(g, loy_store_ship(till[1], add_bytes, g, NULL, NULL) == LOY_OK, "ship");
	golden_end(g);
	golden_begin(g, "pages");
	for (i = 1; i < 10; i++) {
		if (i % 4 != 0)
			golden_check(g,
			             loy_store_export_customer(till[0], i, NULL, 0, 19600 * LOY_DAY,
			                                       add_bytes, g, NULL) == LOY_OK,
			             "page");
	}
	golden_check(g,
	             loy_store_export_customer(till[0], 0, "key-4", 5, 19600 * LOY_DAY, add_bytes, g, NULL) ==
	                     LOY_OK,
	             "page of a key");
	golden_end(g);
	numbers(g);
	for (i = 0; i < 2; i++) {
		loy_store_destroy(till[i]);
		loy_files_close(&files[i]);
	}
	loy_model_destroy(model);
}
