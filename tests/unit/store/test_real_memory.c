/*
 * What real customers take in memory with the default model: CDNOW (purchases alone), Olist (orders, deliveries,
 * reviews) and grocery lines with departments, discounts and offers. Skipped where the data sets are absent.
 */
#include "support.h"

#include "store/store.h"

static loy_model *model;

static int make_model(void **state)
{
	(void)state;
	return loy_model_create_builtin(&model, "retail", NULL);
}

static int free_model(void **state)
{
	(void)state;
	loy_model_destroy(model);
	return 0;
}

static int64_t time_of(const char *text, int32_t offset_minutes)
{
	int64_t time = 0;

	if (loy_time_parse(text, strlen(text), offset_minutes, &time) != LOY_OK)
		fail_msg("'%s' is no time", text);
	return time;
}

static uint32_t code_of(const char *text, size_t length)
{
	uint32_t code = 0;

	assert_int_equal(loy_code_from_text(text, length, &code), LOY_OK);
	return code;
}

/* Begin an event of a row; its line in the file is its identity. */
static void begin(loy_event *event, const struct csv *csv, uint32_t kind, int64_t time)
{
	assert_int_equal(loy_event_begin(event, kind, time), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, 1, csv_line(csv)), LOY_OK);
}

/* CDNOW: amounts in dollars with cents. */
static int cdnow_event(loy_event *event, const struct csv *csv)
{
	begin(event, csv, LOY_KIND_PURCHASE, time_of(csv_text(csv, csv_column(csv, "date")), 0));
	assert_int_equal(
	        loy_event_set_customer(event, (uint64_t)csv_i64(csv, csv_column(csv, "customer_id"))),
	        LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT,
	                               (int64_t)(csv_double(csv, csv_column(csv, "amount")) * 100.0 + 0.5)),
	                 LOY_OK);
	return 1;
}

static int olist_event(loy_event *event, const struct csv *csv)
{
	const char *type = csv_text(csv, csv_column(csv, "type")),
	           *customer = csv_text(csv, csv_column(csv, "customer"));
	const char *category = strstr(csv_text(csv, csv_column(csv, "detail")), ";category=");
	int64_t time = time_of(csv_text(csv, csv_column(csv, "ts")), 0);
	size_t amount = csv_column(csv, "amount_cents"), delay = csv_column(csv, "delay_days");

	if (strcmp(type, "order") == 0 && !csv_empty(csv, amount)) {
		begin(event, csv, LOY_KIND_PURCHASE, time);
		assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, csv_i64(csv, amount)), LOY_OK);
		if (category != NULL)
			assert_int_equal(loy_event_set(event, LOY_FIELD_CATEGORY,
			                               code_of(category + 10, strlen(category + 10))),
			                 LOY_OK);
	} else if (strcmp(type, "delivered") == 0) {
		begin(event, csv, LOY_KIND_DELIVERY, time);
		if (!csv_empty(csv, delay))
			assert_int_equal(loy_event_set(event, LOY_FIELD_DELAY,
			                               (int64_t)(csv_double(csv, delay) * (double)LOY_DAY)),
			                 LOY_OK);
	} else if (strcmp(type, "review") == 0) {
		begin(event, csv, LOY_KIND_REVIEW, time);
		assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE,
		                                     csv_double(csv, csv_column(csv, "score"))),
		                 LOY_OK);
	} else {
		return 0; /* payments and hand-overs to the carrier are no evidence */
	}
	assert_int_equal(loy_event_set_customer_key(event, customer, strlen(customer)), LOY_OK);
	return 1;
}

static int grocery_event(loy_event *event, const struct csv *csv)
{
	const char *type = csv_text(csv, csv_column(csv, "type")),
	           *detail = csv_text(csv, csv_column(csv, "detail"));
	const char *ref = csv_text(csv, csv_column(csv, "ref"));
	int64_t time = time_of(csv_text(csv, csv_column(csv, "ts_utc")), 0);

	if (strcmp(type, "purchase_line") == 0) {
		begin(event, csv, LOY_KIND_PURCHASE, time);
		assert_int_equal(
		        loy_event_set(event, LOY_FIELD_AMOUNT, csv_i64(csv, csv_column(csv, "amount_cents"))),
		        LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_DISCOUNT,
		                               csv_i64(csv, csv_column(csv, "store_discount_cents")) +
		                                       csv_i64(csv, csv_column(csv, "coupon_cents"))),
		                 LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_CATEGORY, code_of(detail, strlen(detail))),
		                 LOY_OK);
	} else {
		begin(event, csv,
		      strcmp(type, "campaign_offer") == 0 ? LOY_KIND_OFFER_SHOWN : LOY_KIND_OFFER_TAKEN,
		      time);
		assert_int_equal(loy_event_set(event, LOY_FIELD_OFFER, code_of(ref, strlen(ref))), LOY_OK);
	}
	assert_int_equal(loy_event_set(event, LOY_FIELD_UTC_OFFSET,
	                               csv_i64(csv, csv_column(csv, "utc_offset_min")) * 60 * LOY_SECOND),
	                 LOY_OK);
	assert_int_equal(loy_event_set_customer(event, (uint64_t)csv_i64(csv, csv_column(csv, "customer"))),
	                 LOY_OK);
	return 1;
}

static int ascending(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

/*
 * Load a file and print bytes a customer: all a trusted store holds, in the mean; and the profile's block of each
 * customer plus an equal share of the rest, as a median. Returns the median.
 */
static double load(const char *file, int (*read)(loy_event *event, const struct csv *csv))
{
	struct csv *csv = shared_csv_or_skip(file);
	loy_store_options options = {.struct_size = sizeof(options), .flags = LOY_STORE_TRUSTED};
	loy_store_stats stats = {.struct_size = sizeof(stats)}, checked = {.struct_size = sizeof(checked)};
	loy_store *store, *careful;
	loy_event *event;
	size_t *blocks, i, sum = 0;
	double rest, median;

	assert_int_equal(loy_store_create(&store, model, &options, NULL), LOY_OK);
	assert_int_equal(loy_store_create(&careful, model, NULL, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	while (csv_next(csv)) {
		if (read(event, csv)) {
			assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
			assert_int_equal(loy_store_record(careful, event, NULL), LOY_OK);
		}
	}
	assert_int_equal(loy_store_sort(store), LOY_OK);
	assert_int_equal(loy_store_get_stats(store, &stats), LOY_OK);
	assert_int_equal(loy_store_get_stats(careful, &checked), LOY_OK);
	blocks = malloc((size_t)stats.customers * sizeof(*blocks));
	for (i = 0; i < stats.customers; i++) {
		blocks[i] = loy__arena_block(&store->records,
		                             loy__record_memory(loy__store_row(store, i)->record));
		sum += blocks[i];
	}
	assert_int_equal(sum, stats.profile_bytes);
	qsort(blocks, (size_t)stats.customers, sizeof(*blocks), ascending);
	rest = (double)(stats.memory - sum) / (double)stats.customers;
	median = (double)blocks[stats.customers / 2] + rest;
	print_message(
	        "%s: %llu customers, %.1f events each; bytes a customer: mean %.1f, median %.1f, least %.1f, "
	        "most %.1f (%.1f of them not profile); with identities %.1f more, %.1f an event\n",
	        file, (unsigned long long)stats.customers, (double)stats.events / (double)stats.customers,
	        (double)stats.memory / (double)stats.customers, median, (double)blocks[0] + rest,
	        (double)blocks[stats.customers - 1] + rest, rest,
	        (double)checked.identity_bytes / (double)stats.customers,
	        (double)checked.identity_bytes / (double)stats.events);
	free(blocks);
	loy_event_destroy(event);
	loy_store_destroy(careful);
	loy_store_destroy(store);
	csv_close(csv);
	return median;
}

/* Three purchases each: far less than the 400 bytes a customer may take. */
static void cdnow(void **state)
{
	(void)state;
	assert_true(load("data/cdnow_master_transactions.csv", cdnow_event) <= 150.0);
}

static void olist(void **state)
{
	(void)state;
	assert_true(load("data/olist_events.csv", olist_event) <= 400.0);
}

/* 35 events each, over eight months, with departments, discounts and offers. */
static void grocery(void **state)
{
	(void)state;
	assert_true(load("data/grocery_coupon_events.csv", grocery_event) <= 500.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(cdnow),
	        cmocka_unit_test(olist),
	        cmocka_unit_test(grocery),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
