/*
 * More that must survive when memory runs out or files fail, at each request and each operation in turn: bundles going
 * in and out, customers with keys that become one and are erased, identities of random bits with several contents,
 * tables, customers as JSON, another schema, files that are salvaged.
 */
#include "days.h"
#include "sample_models.h"
#include "tills.h"

#include <loyalty/privacy.h>

#define LATE DURABLE_LATE

/* ---- steps ---- */

/* A visit of somebody with a key, under an identity of random bits, with one of several contents. */
static loy_status visit(loy_store *store, loy_event *event, const char *key, uint64_t n, int64_t content)
{
	durable_visit(event, key, n, content);
	return loy_store_record(store, event, NULL);
}

static loy_status join(struct day *day, const char *part, const char *whole, int64_t time)
{
	loy_who one = {0, part, strlen(part)}, two = {0, whole, whole != NULL ? strlen(whole) : 0};

	return whole != NULL ? loy_store_join(day->store, &one, &two, time, NULL)
	                     : loy_store_separate(day->store, &one, time, NULL);
}

static loy_status take_bundle(struct day *day)
{
	const struct bytes *bundle = day->plan->data;

	return loy_store_import(day->store, bundle->data, bundle->size, NULL, NULL, NULL);
}

/* What an unknown store lacks, and what nobody lacks. */
static loy_status give_bundles(struct day *day)
{
	struct bytes bundle = {NULL, 0};
	uint8_t vector[1000];
	size_t size = 0;
	loy_status status = loy_store_export(day->store, NULL, 0, 0, bytes_keep, &bundle, NULL, NULL);

	free(bundle.data);
	bundle = (struct bytes){NULL, 0};
	if (status == LOY_OK)
		status = loy_store_vector(day->store, vector, sizeof(vector), &size);
	if (status == LOY_OK)
		status = loy_store_export(day->store, vector, size, 0, bytes_keep, &bundle, NULL, NULL);
	free(bundle.data);
	return status;
}

static loy_status show_customer(struct day *day, uint64_t customer, const char *key)
{
	struct bytes text = {NULL, 0};
	loy_status status = loy_store_export_customer(day->store, customer, key, strlen(key), LATE,
	                                              bytes_keep, &text, NULL);

	free(text.data);
	return status;
}

static loy_status record_table(struct day *day)
{
	enum { ROWS = 6 };
	static const uint64_t customer[ROWS] = {1, 2, 3, 1, 2, 1}, number[ROWS] = {1, 2, 3, 4, 5, 1};
	static const int64_t amount[ROWS] = {100, 200, 300, 400, 500, 100};
	int64_t time[ROWS];
	loy_status status[ROWS];
	const uint8_t kind = LOY_KIND_PURCHASE;
	const loy_column columns[] = {
	        {LOY_FIELD_KIND, LOY_COLUMN_U8, &kind, 0, NULL, NULL},
	        {LOY_FIELD_TIME, LOY_COLUMN_I64, time, 8, NULL, NULL},
	        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, customer, 8, NULL, NULL},
	        {LOY_FIELD_AMOUNT, LOY_COLUMN_I64, amount, 8, NULL, NULL},
	        {LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, number, 8, NULL, NULL},
	};
	int i;

	for (i = 0; i < ROWS; i++)
		time[i] = LATE + (i == 5 ? 0 : i) * LOY_DAY;
	return loy_store_record_columns(day->store, columns, 5, ROWS, NULL, status, NULL, NULL);
}

/* Out of files that nobody has open into others. */
static loy_status salvage(struct day *day)
{
	loy_files out = durable_files(77);
	uint64_t saved = 0, lost = 0;
	loy_status status;

	loy_store_destroy(day->store);
	day->store = NULL;
	status = loy_store_salvage(day->options.files, &out, &saved, &lost, day->memory, NULL);
	if (status == LOY_OK)
		assert_true(saved + lost > 20); /* what could not be read was counted */
	loy_files_close(&out);
	return status != LOY_OK ? status : day_open_again(day, NULL);
}

static loy_status step(struct day *day, unsigned n)
{
	uint32_t left;

	if (n >= 4 && n < 10) {
		durable_event(day->event, n);
		return loy_store_record(day->store, day->event, NULL);
	}
	switch (n) {
	case 0:
		return visit(day->store, day->event, "ada", 1, 1);
	case 1:
		return visit(day->store, day->event, "ada", 1, 2);
	case 2:
		return visit(day->store, day->event, "bob", 2, 1);
	case 3:
		return visit(day->store, day->event, "eve", 3, 1);
	case 10:
		return take_bundle(day);
	case 11:
		return join(day, "ada", "bob", LATE);
	case 12:
		return record_table(day);
	case 13:
		return give_bundles(day);
	case 14:
		return loy_store_compact(day->store, 1000, &left, NULL);
	case 15:
		return visit(day->store, day->event, "ada", 4, 1);
	case 16:
		return join(day, "ada", NULL, LATE + 1);
	case 17:
		return day_open_again(day, NULL);
	case 18:
		return join(day, "ada", "bob", LATE + 2);
	case 19:
		return durable_compact(day->store, 1000);
	case 20:
		return day_open_again(day, NULL);
	case 21:
		return loy_store_erase_until(day->store, 0, "ada", 3, LATE + 2 * LOY_HOUR, NULL);
	case 22:
		return show_customer(day, 0, "bob");
	case 23:
		return take_bundle(day);
	case 24:
		return durable_compact(day->store, 1000);
	case 25:
		return day_open_again(day, other);
	case 26:
		return visit(day->store, day->event, "bob", 5, 1);
	case 27:
		return day_open_again(day, model);
	case 28:
		return loy_store_verify(day->store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL);
	case 29:
		return salvage(day);
	default:
		return LOY_ECANCELLED;
	}
}

/* ---- what another till sends ---- */

/* Something of each kind but profiles, which belong to a schema; an erasure leads, and another one comes late. */
static struct bytes make_bundle(void)
{
	struct bytes bundle;
	struct till till;
	loy_event *event;
	uint64_t n;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	till_create(&till, model, 4242);
	for (n = 100; n < 104; n++) {
		durable_event(event, n);
		assert_int_equal(loy_store_record(till.store, event, NULL), LOY_OK);
	}
	durable_event(event, 6); /* which the other knows, with another content */
	assert_int_equal(loy_event_set(event, LOY_FIELD_TOUCHPOINT, 9), LOY_OK);
	assert_int_equal(loy_store_record(till.store, event, NULL), LOY_OK);
	durable_event(event, 7); /* and as it is */
	assert_int_equal(loy_store_record(till.store, event, NULL), LOY_OK);
	durable_event(event, 101);
	assert_int_equal(loy_store_retract(till.store, event, NULL), LOY_OK);
	assert_int_equal(visit(till.store, event, "ada", 1, 3), LOY_OK);
	assert_int_equal(visit(till.store, event, "bob", 12, 1), LOY_OK);
	assert_int_equal(loy_store_join(till.store, &(loy_who){5, NULL, 0}, &(loy_who){6, NULL, 0}, 1, NULL),
	                 LOY_OK);
	assert_int_equal(loy_store_erase_until(till.store, 0, "eve", 3, LATE, NULL), LOY_OK);
	assert_int_equal(loy_store_erase_until(till.store, 4, NULL, 0, LATE, NULL), LOY_OK);
	till_compact(&till);
	assert_int_equal(till_export(&till, NULL, 0, &bundle), 1);
	till_destroy(&till);
	loy_event_destroy(event);
	return bundle;
}

static struct plan make_plan(struct bytes *bundle)
{
	*bundle = make_bundle();
	return (struct plan){.model = model, .flags = LOY_STORE_REBUILD, .step = step, .data = bundle};
}

/* ---- tests ---- */

static void each_request_may_be_refused(void **state)
{
	struct bytes bundle;
	const struct plan plan = make_plan(&bundle);

	(void)state;
	days_short_of_memory(&plan);
	days_without_memory(&plan);
	free(bundle.data);
}

static void each_operation_may_fail(void **state)
{
	static const uint32_t kinds[] = {FAULT_OPEN, FAULT_CREATE, FAULT_READ,          FAULT_WRITE,
	                                 FAULT_SYNC, FAULT_RENAME, FAULT_SYNC_DIRECTORY};
	struct bytes bundle;
	const struct plan plan = make_plan(&bundle);
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		days_of_failing_files(&plan, kinds[k], 0, LOY_EIO);
	days_of_failing_files(&plan, FAULT_CREATE | FAULT_WRITE | FAULT_RESIZE, 0, LOY_EFULL);
	free(bundle.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_request_may_be_refused),
	        cmocka_unit_test(each_operation_may_fail),
	};

	return cmocka_run_group_tests(tests, make_models, free_models);
}
