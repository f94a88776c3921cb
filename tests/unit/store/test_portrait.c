#include "stores.h"

#include <math.h>

#include "json.h"
#include "tills.h"
#include "model/model.h"
#include "store/json.h"

#define NOW (20200 * LOY_DAY)

/* ---- a sink that keeps everything, or stops ---- */

struct page {
	char *text;
	size_t size;
	int calls, stop_at; /* the call that says no; -1: none */
};

static int32_t keep(const void *bytes, size_t size, void *user_data)
{
	struct page *page = user_data;

	assert_true(size > 0 && size <= LOY__JSON_BUFFER);
	if (page->calls++ == page->stop_at)
		return 1;
	page->text = realloc(page->text, page->size + size + 1);
	memcpy(page->text + page->size, bytes, size);
	page->size += size;
	page->text[page->size] = '\0';
	return 0;
}

/* ---- the writer ---- */

static void text_numbers_and_marks(void **state)
{
	static const uint8_t bytes[3] = {0, 0xab, 0xff};
	static const uint64_t words[2] = {1, UINT64_MAX};
	const loy__wide big = {0, 1}, small = {0, -1};
	struct page page = {.stop_at = -1};
	loy__json json;
	const char *expected =
	        "{\"a\":[1,-2,\"9007199254740992\",9007199254740991,\"-9007199254740992\",-9007199254740991,"
	        "\"-9223372036854775808\",\"18446744073709551615\",\"18446744073709551616\","
	        "\"-18446744073709551616\"],"
	        "\"q\\\"\\\\\":\"\\u0000\\u001f\x7f\xc3\xa9/\\\"\\\\\",\"r\":[0.1,-0,null,null,1e300],"
	        "\"t\":true,\"f\":false,\"n\":null,\"e\":{},\"l\":[[],[{}]],"
	        "\"h\":\"00abff\",\"w\":\"0000000000000001ffffffffffffffff\","
	        "\"at\":\"1970-01-01T00:00:00.000001Z\",\"never\":\"9223372036854775807\"}";

	(void)state;
	loy__json_init(&json, keep, &page);
	loy__json_open(&json, '{');
	loy__json_name(&json, "a");
	loy__json_open(&json, '[');
	loy__json_integer(&json, 1);
	loy__json_integer(&json, -2);
	loy__json_integer(&json, INT64_C(1) << 53);
	loy__json_integer(&json, (INT64_C(1) << 53) - 1);
	loy__json_integer(&json, -(INT64_C(1) << 53));
	loy__json_integer(&json, 1 - (INT64_C(1) << 53));
	loy__json_integer(&json, INT64_MIN);
	loy__json_unsigned(&json, UINT64_MAX);
	loy__json_wide(&json, big);
	loy__json_wide(&json, small);
	loy__json_close(&json, ']');
	loy__json_name(&json, "q\"\\");
	loy__json_text(&json, "\0\x1f\x7f\xc3\xa9/\"\\", 8);
	loy__json_name(&json, "r");
	loy__json_open(&json, '[');
	loy__json_real(&json, 0.1);
	loy__json_real(&json, -0.0);
	loy__json_real(&json, (double)NAN);
	loy__json_real(&json, (double)-INFINITY);
	loy__json_real(&json, 1e300);
	loy__json_close(&json, ']');
	loy__json_name(&json, "t");
	loy__json_truth(&json, 2);
	loy__json_name(&json, "f");
	loy__json_truth(&json, 0);
	loy__json_name(&json, "n");
	loy__json_word(&json, NULL);
	loy__json_name(&json, "e");
	loy__json_open(&json, '{');
	loy__json_close(&json, '}');
	loy__json_name(&json, "l");
	loy__json_open(&json, '[');
	loy__json_open(&json, '[');
	loy__json_close(&json, ']');
	loy__json_open(&json, '[');
	loy__json_open(&json, '{');
	loy__json_close(&json, '}');
	loy__json_close(&json, ']');
	loy__json_close(&json, ']');
	loy__json_name(&json, "h");
	loy__json_hex(&json, bytes, sizeof(bytes));
	loy__json_name(&json, "w");
	loy__json_words(&json, words, 2);
	loy__json_name(&json, "at");
	loy__json_time(&json, 1);
	loy__json_name(&json, "never");
	loy__json_time(&json, INT64_MAX);
	loy__json_close(&json, '}');
	assert_int_equal(loy__json_finish(&json), LOY_OK);
	assert_string_equal(page.text, expected);
	free(page.text);
}

/* ---- customers ---- */

static loy_status portray(loy_store *store, uint64_t customer, const char *key, struct page *page)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = loy_store_export_customer(store, customer, key, key != NULL ? strlen(key) : 0,
	                                              NOW, keep, page, &error);

	assert_int_equal(error.code, status);
	return status;
}

/* A value as the page has it: the same bits, all digits. */
static void check_value(const struct json *json, const char *path, const loy_value *value)
{
	char text[64];
	size_t length;

	if (value->type == LOY_TYPE_REAL) {
		assert_bits_equal(json_number(json, path), value->real);
	} else if (value->type == LOY_TYPE_TIME) {
		assert_int_equal(loy_time_print(value->integer, text, sizeof(text), &length), LOY_OK);
		assert_string_equal(json_text(json, path), text);
	} else if (value->type == LOY_TYPE_WIDE) {
		const loy__wide wide = {value->low, value->high};

		length = loy__wide_write(wide, text);
		text[length] = '\0';
		if (json_text(json, path) != NULL)
			assert_string_equal(json_text(json, path), text);
		else
			assert_true(json_number(json, path) == strtod(text, NULL) && length <= 16);
	} else if (json_text(json, path) != NULL) {
		snprintf(text, sizeof(text), "%lld", (long long)value->integer);
		assert_string_equal(json_text(json, path), text);
	} else {
		assert_true(json_number(json, path) == (double)value->integer);
	}
}

/* All the registry knows and the profile has is on the page, in the registry's order; returns how many values. */
static unsigned check_profile(const struct json *json, const loy_profile *profile)
{
	loy_profile_field field;
	unsigned values = 0;
	uint32_t i, k;

	for (i = 0; loy_profile_field_info(i, &field) == LOY_OK; i++) {
		uint32_t count = field.key != LOY_KEY_NONE ? loy_profile_key_count(profile, field.id) : 1,
		         written = 0;
		char path[100];

		snprintf(path, sizeof(path), "profile/fields/%u/name", (unsigned)i);
		assert_string_equal(json_text(json, path), field.name);
		snprintf(path, sizeof(path), "profile/fields/%u/unit", (unsigned)i);
		assert_string_equal(json_text(json, path), field.unit);
		for (k = 0; k < count; k++) {
			uint64_t key = 0;
			loy_value value;

			if (field.key != LOY_KEY_NONE)
				assert_int_equal(loy_profile_key(profile, field.id, k, &key), LOY_OK);
			if (loy_profile_get(profile, field.id, key, NOW, &value) != LOY_OK)
				continue;
			snprintf(path, sizeof(path), "profile/fields/%u/values/%u/value", (unsigned)i,
			         (unsigned)written++);
			check_value(json, path, &value);
		}
		values += written;
	}
	return values;
}

static void check_card(const struct json *json, const loy_model *model, const loy_profile *profile)
{
	loy_scorecard *card;
	uint32_t c, i;

	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_evaluate(card, profile, NOW), LOY_OK);
	for (c = 0; c < loy_model_construct_count(model); c++) {
		loy_score score = {.struct_size = sizeof(score)};
		char path[100];

		assert_int_equal(loy_scorecard_score(card, c, &score), LOY_OK);
		snprintf(path, sizeof(path), "scorecard/constructs/%u/name", (unsigned)c);
		assert_string_equal(json_text(json, path), loy_model_construct_name(model, c));
		snprintf(path, sizeof(path), "scorecard/constructs/%u/deviation", (unsigned)c);
		assert_bits_equal(json_number(json, path), score.deviation);
		if (score.state != LOY_SCORE_UNKNOWN) {
			snprintf(path, sizeof(path), "scorecard/constructs/%u/value", (unsigned)c);
			assert_bits_equal(json_number(json, path), score.value);
		}
		for (i = 0; i < loy_scorecard_contribution_count(card, c); i++) {
			loy_contribution part = {.struct_size = sizeof(part)};

			assert_int_equal(loy_scorecard_contribution(card, c, i, &part), LOY_OK);
			snprintf(path, sizeof(path), "scorecard/constructs/%u/contributions/%u/points",
			         (unsigned)c, (unsigned)i);
			assert_bits_equal(json_number(json, path), part.points);
		}
	}
	loy_scorecard_destroy(card);
}

static void everything_known_is_on_the_page(void **state)
{
	loy_model *model = stores_model();
	loy_store *store = stores_create(model, 0);
	loy_profile *profile;
	loy_event *event;
	loy__random random;
	unsigned values = 0;
	uint64_t i, row;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	loy__random_init(&random, 3);
	for (i = 1; i <= 3000; i++) {
		stores_event(event, &random, 40, i);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	assert_int_equal(loy_store_sort(store), LOY_OK);
	for (row = 0; row < loy_store_count(store); row++) {
		struct page page = {.stop_at = -1};
		struct json *json;
		char key[32];
		uint64_t number;
		size_t length;

		assert_int_equal(loy_store_customer(store, row, &number, key, sizeof(key), &length), LOY_OK);
		assert_int_equal(loy_store_profile(store, row, profile), LOY_OK);
		assert_int_equal(
		        loy_store_export_customer(store, number, key, length, NOW, keep, &page, NULL),
		        LOY_OK);
		json = json_parse(page.text);
		if (number != 0)
			assert_true(json_number(json, "customer/number") == (double)number);
		else
			assert_string_equal(json_text(json, "customer/key"), key);
		assert_string_equal(json_text(json, "time"), "2025-04-22T00:00:00Z");
		values += check_profile(json, profile);
		check_card(json, model, profile);
		json_close(json);
	}
	assert_true(values > 4000);
	loy_event_destroy(event);
	loy_profile_destroy(profile);
	loy_store_destroy(store);
	free(model);
}

static void set(loy_event *event, uint32_t field, int64_t value)
{
	assert_int_equal(loy_event_set(event, field, value), LOY_OK);
}

/* A customer whose key needs escapes, with one of each kind of key a field can have. */
static loy_store *one_customer(const loy_model *model, const char *key, const loy_allocator *memory)
{
	loy_store *store;
	loy_event *event;
	int i;

	assert_int_equal(loy_store_create(&store, model, NULL, memory), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < 5; i++) {
		static const uint32_t kinds[5] = {LOY_KIND_PURCHASE, LOY_KIND_SURVEY_ANSWER, LOY_KIND_CONSENT,
		                                  LOY_KIND_CONSENT, 2000};

		assert_int_equal(loy_event_begin(event, kinds[i], NOW - LOY_DAY + i), LOY_OK);
		assert_int_equal(loy_event_set_customer_key(event, key, strlen(key)), LOY_OK);
		set(event, LOY_FIELD_AMOUNT, i == 0 ? INT64_C(1000000000001) : 1);
		set(event, LOY_FIELD_CURRENCY, (int64_t)loy_currency_code("EUR"));
		set(event, LOY_FIELD_CATEGORY, 77);
		set(event, LOY_FIELD_TOUCHPOINT, 4000000000);
		set(event, LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS);
		set(event, LOY_FIELD_ITEM, 3);
		set(event, LOY_FIELD_VALUE, 7 * LOY_RATIO_ONE);
		set(event, LOY_FIELD_PURPOSE, i == 3 ? 900 : LOY_PURPOSE_MARKETING);
		set(event, LOY_FIELD_GRANTED, i == 3);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	return store;
}

/* The first value of a field by name. */
static const char *first(const struct json *json, const char *name, const char *member)
{
	char path[100];
	unsigned i;

	for (i = 0; i < loy_profile_field_count(); i++) {
		snprintf(path, sizeof(path), "profile/fields/%u/name", i);
		if (strcmp(json_text(json, path), name) == 0) {
			snprintf(path, sizeof(path), "profile/fields/%u/values/0/%s", i, member);
			return json_text(json, path);
		}
	}
	return NULL;
}

static void keys_are_told_by_their_names(void **state)
{
	static const char awkward[] = "\"quoted\\\" \x01\n\xf0\x9f\x8c\xb1 </script>";
	loy_model *model = stores_model();
	loy_store *store = one_customer(model, awkward, NULL);
	struct page page = {.stop_at = -1};
	struct json *json;

	(void)state;
	assert_int_equal(
	        loy_store_export_customer(store, 0, awkward, strlen(awkward), NOW, keep, &page, NULL),
	        LOY_OK);
	assert_true(loy__utf8_valid(page.text, page.size));
	json = json_parse(page.text);
	assert_string_equal(json_text(json, "customer/key"), awkward);
	assert_string_equal(first(json, "purchased", "currency"), "EUR");
	assert_string_equal(first(json, "purchase_squares", "value"), "1000000000002000000000001");
	assert_string_equal(first(json, "count", "called"), "purchase");
	assert_string_equal(first(json, "days_of_month", "month"), "2025-04");
	assert_string_equal(first(json, "positive_slow", "channel"), "purchase");
	assert_string_equal(first(json, "answer_count", "called"), "nps");
	assert_string_equal(first(json, "tag_count", "field"), "touchpoint");
	assert_string_equal(first(json, "state_value", "field"), "purpose");
	assert_string_equal(first(json, "state_value", "called"), "marketing");
	assert_string_equal(json_text(json, "consents/0/called"), "marketing");
	assert_true(json_number(json, "consents/1/purpose") == 900.0);
	assert_null(json_text(json, "consents/1/called"));
	assert_string_equal(json_text(json, "consents/0/since"), "2025-04-21T00:00:00.000002Z");
	assert_non_null(strstr(page.text, "\"granted\":false,"));
	assert_non_null(strstr(page.text, "\"granted\":true,"));
	json_close(json);
	loy_store_destroy(store);
	free(model);
}

/* The built-in model has stages, types, gaps and more: each is on the page. */
static void cards_are_whole(void **state)
{
	struct page page = {.stop_at = -1};
	struct json *json;
	loy_model *model;
	loy_store *store;
	loy_event *event;
	int i;

	(void)state;
	assert_int_equal(loy_model_create_builtin(&model, "retail", NULL), LOY_OK);
	store = one_customer(model, "x", NULL);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < 60;
	     i++) { /* who bought often, fell silent, and says what it was worth and what it cost */
		static const int64_t instruments[4] = {LOY_INSTRUMENT_BENEFIT, LOY_INSTRUMENT_COST,
		                                       LOY_INSTRUMENT_SERVQUAL_EXPECTATION,
		                                       LOY_INSTRUMENT_SERVQUAL_PERCEPTION};

		assert_int_equal(loy_event_begin(event, i < 30 ? LOY_KIND_PURCHASE : LOY_KIND_SURVEY_ANSWER,
		                                 NOW - (600 - i) * LOY_DAY),
		                 LOY_OK);
		assert_int_equal(loy_event_set_customer_key(event, "y", 1), LOY_OK);
		set(event, LOY_FIELD_AMOUNT, 5000);
		set(event, LOY_FIELD_INSTRUMENT, instruments[i % 4]);
		set(event, LOY_FIELD_ITEM, 1);
		set(event, LOY_FIELD_VALUE, LOY_RATIO_ONE / 4 * (i % 4));
		set(event, LOY_FIELD_SCALE_MIN, 0);
		set(event, LOY_FIELD_SCALE_MAX, LOY_RATIO_ONE);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	assert_int_equal(portray(store, 0, "y", &page), LOY_OK);
	json = json_parse(page.text);
	assert_non_null(strstr(page.text, "{\"source\":\"silence\",\"points\":"));
	assert_true(json_number(json, "scorecard/value_balance/cost") > 0.0);
	assert_true(json_number(json, "scorecard/service_gaps/0/expectations") > 0.0);
	assert_string_equal(json_text(json, "scorecard/model"), loy_model_name(model));
	assert_int_equal(strlen(json_text(json, "scorecard/fingerprint")), 32);
	assert_string_equal(json_text(json, "scorecard/stages/0/name"), loy_model_staging_name(model, 0));
	assert_non_null(json_text(json, "scorecard/loyalty_type/likeliest"));
	json_close(json);
	loy_store_destroy(store);
	loy_model_destroy(model);
}

/* ---- on files ---- */

static void add_event(loy_store *store, loy_event *event, uint64_t customer, uint32_t kind, int64_t time)
{
	const loy_line line = {7, 2, 3 * LOY_RATIO_ONE, -250};

	assert_int_equal(loy_event_begin(event, kind, time), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, customer), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, customer, (uint64_t)time), LOY_OK);
	set(event, LOY_FIELD_AMOUNT, 1250);
	set(event, LOY_FIELD_CURRENCY, (int64_t)loy_currency_code("USD"));
	set(event, LOY_FIELD_ACTUAL_TIME, NOW);
	set(event, LOY_FIELD_REFERENCE_HIGH, -1);
	if (kind == LOY_KIND_PURCHASE)
		assert_int_equal(loy_event_add_line(event, &line), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 1000, "\x01\xff", 2), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
}

static void stranger(loy_store *store, const char *key)
{
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, NOW), LOY_OK);
	assert_int_equal(loy_event_set_customer_key(event, key, strlen(key)), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	loy_event_destroy(event);
}

/* All events of a customer and of all who are part of it are on the page, none of others, none twice. */
static void on_files_every_event_is_on_the_page(void **state)
{
	const loy_who seven = {7, NULL, 0}, ann = {0, "ann", 3};
	loy_model *model = stores_model();
	struct page page = {.stop_at = -1}, stranger_page = {.stop_at = -1};
	struct till till, other;
	struct json *json;
	loy_profile *profile;
	loy_event *event;
	int i;

	(void)state;
	till_create(&till, model, 1);
	till_create(&other, model, 2);
	till_close(&till);
	till.durability = LOY_DURABLE_CALLER; /* what waits is on the page as well */
	till_open(&till);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	add_event(till.store, event, 7, LOY_KIND_PURCHASE, NOW - 3);
	add_event(other.store, event, 7, LOY_KIND_PURCHASE, NOW - 3); /* the same sale at another till */
	add_event(till.store, event, 8, LOY_KIND_PURCHASE, NOW - 2);  /* somebody else */
	add_event(till.store, event, 7, LOY_KIND_VISIT, NOW - 1);
	stranger(till.store, "eve");
	stranger(till.store, "eveline");
	assert_int_equal(loy_store_retract(till.store, event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, 1003, NOW), LOY_OK);
	assert_int_equal(loy_event_set_customer_key(event, "ann", 3), LOY_OK);
	event->present |= UINT64_C(1) << 45; /* of a later version */
	event->field[45] = -7;
	assert_int_equal(loy_store_record(till.store, event, NULL), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_store_merge_profile(till.store, 0, "ann", 3, profile), LOY_OK);
	assert_int_equal(loy_store_join(till.store, &ann, &seven, NOW, NULL), LOY_OK);
	assert_int_equal(loy_store_erase_until(till.store, 7, NULL, 0, NOW - 100, NULL), LOY_OK);
	till_send(&other, &till);
	assert_int_equal(portray(till.store, 0, "ann", &page), LOY_OK);
	json = json_parse(page.text);
	assert_true(json_number(json, "customer/number") == 7.0);
	assert_string_equal(json_text(json, "parts/0/key"), "ann");
	assert_string_equal(json_text(json, "erased_until"), "2025-04-21T23:59:59.999900Z");
	assert_string_equal(json_text(json, "events/0/called"), "purchase");
	assert_string_equal(json_text(json, "events/0/time"), "2025-04-21T23:59:59.999997Z");
	assert_int_equal(strlen(json_text(json, "events/0/identity")), 32);
	assert_true(json_number(json, "events/0/fields/amount") == 1250.0);
	assert_string_equal(json_text(json, "events/0/fields/currency"), "USD");
	assert_string_equal(json_text(json, "events/0/fields/actual_time"), "2025-04-22T00:00:00Z");
	assert_string_equal(json_text(json, "events/0/fields/reference_high"), "ffffffffffffffff");
	assert_true(json_number(json, "events/0/lines/0/quantity") == 3e9);
	assert_true(json_number(json, "events/0/lines/0/amount") == -250.0);
	assert_true(json_number(json, "events/0/extensions/0/tag") == 1000.0);
	assert_string_equal(json_text(json, "events/0/extensions/0/bytes"), "01ff");
	assert_string_equal(json_text(json, "events/1/called"), "visit");
	assert_string_equal(json_text(json, "events/2/called"), "visit");
	assert_non_null(strstr(page.text, "\"retracted\":true"));
	assert_true(json_number(json, "events/3/kind") == 1003.0);
	assert_string_equal(json_text(json, "events/3/customer/key"), "ann");
	assert_true(json_number(json, "events/3/fields/field_45") == -7.0);
	assert_non_null(json_text(json, "events/4/merged_profile"));
	assert_null(json_text(json, "events/5/time"));
	assert_null(strstr(page.text, "\"number\":8"));
	assert_null(strstr(page.text, "eve\""));
	till_close(&till);
	till.flags = LOY_STORE_READ_ONLY;
	till_open(&till);
	for (i = 0; i < page.calls; i++) { /* the same for readers, and it may be cut short anywhere */
		struct page part = {.stop_at = i};

		assert_int_equal(portray(till.store, 0, "ann", &part), LOY_ECANCELLED);
		assert_int_equal(part.calls, i + 1);
		assert_true(part.size == 0 || memcmp(part.text, page.text, part.size) == 0);
		free(part.text);
	}
	assert_int_equal(portray(till.store, 0, "eve", &stranger_page), LOY_OK);
	assert_null(strstr(stranger_page.text, "eveline"));
	assert_null(strstr(stranger_page.text, "ann"));
	free(stranger_page.text);
	json_close(json);
	loy_event_destroy(event);
	loy_profile_destroy(profile);
	till_destroy(&till);
	till_destroy(&other);
	free(model);
}

static void what_cannot_be_exported_is_refused(void **state)
{
	loy_model *model = stores_model();
	loy_store *store = one_customer(model, "x", NULL);
	struct page page = {.stop_at = -1};

	(void)state;
	assert_int_equal(loy_store_export_customer(NULL, 1, NULL, 0, NOW, keep, &page, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_export_customer(store, 1, NULL, 0, NOW, NULL, &page, NULL), LOY_EINVAL);
	assert_int_equal(portray(store, 0, NULL, &page), LOY_EINVAL);
	assert_int_equal(portray(store, 5, NULL, &page), LOY_ENOTFOUND);
	assert_int_equal(portray(store, 0, "y", &page), LOY_ENOTFOUND);
	assert_int_equal(loy_store_export_customer(store, 0, "x", 1, LOY_TIME_MAX + 1, keep, &page, NULL),
	                 LOY_ETIME);
	assert_int_equal(loy_store_export_customer(store, 0, "x", 1, LOY_TIME_MIN - 1, keep, &page, NULL),
	                 LOY_ETIME);
	assert_int_equal(page.calls, 0);
	loy_store_destroy(store);
	free(model);
}

static void a_sink_may_stop_at_any_time(void **state)
{
	loy_model *model = stores_model();
	loy_store *store = one_customer(model, "x", NULL);
	struct page whole = {.stop_at = -1};
	int i;

	(void)state;
	assert_int_equal(portray(store, 0, "x", &whole), LOY_OK);
	assert_true(whole.calls > 5);
	for (i = 0; i < whole.calls; i++) {
		struct page page = {.stop_at = i};

		assert_int_equal(portray(store, 0, "x", &page), LOY_ECANCELLED);
		assert_int_equal(page.calls, i + 1); /* and is not asked again */
		assert_true(page.size == 0 || memcmp(page.text, whole.text, page.size) == 0);
		free(page.text);
	}
	free(whole.text);
	loy_store_destroy(store);
	free(model);
}

static void memory_may_run_out(void **state)
{
	loy_model *model = stores_model();
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = -1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_store *store = one_customer(model, "x", &memory);
		struct page page = {.stop_at = -1};
		long live = heap.live;

		heap.until = heap.requests + n;
		status = portray(store, 0, "x", &page);
		assert_int_equal(heap.live, live);
		loy_store_destroy(store);
		assert_int_equal(heap.live, 0);
		free(page.text);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 2);
	free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(text_numbers_and_marks),
	        cmocka_unit_test(everything_known_is_on_the_page),
	        cmocka_unit_test(keys_are_told_by_their_names),
	        cmocka_unit_test(cards_are_whole),
	        cmocka_unit_test(on_files_every_event_is_on_the_page),
	        cmocka_unit_test(what_cannot_be_exported_is_refused),
	        cmocka_unit_test(a_sink_may_stop_at_any_time),
	        cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
