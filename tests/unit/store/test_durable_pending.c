/*
 * Calls that meet records which wait to be committed, when memory runs out or files fail, at each request and each
 * operation in turn: what a call commits on its way it commits first, and then does or does not what it was to do.
 */
#include "days.h"
#include "sample_models.h"
#include "tills.h"

#include <loyalty/privacy.h>

#include "store/ledger_state.h"

#define LATE DURABLE_LATE

/* Two events that wait; done again after a failure they may be known. */
static loy_status pend(struct day *day, uint64_t n)
{
	uint64_t i;

	for (i = 2 * n; i < 2 * n + 2; i++) {
		loy_status status;

		durable_event(day->event, i);
		status = loy_store_record(day->store, day->event, NULL);
		if (status != LOY_OK && status != LOY_EDUPLICATE && status != LOY_EERASED)
			return status;
	}
	return LOY_OK;
}

/* Under an identity of random bits, with one of several contents. */
static loy_status visit(struct day *day, const char *key, uint64_t n, int64_t content)
{
	loy_status status;

	durable_visit(day->event, key, n, content);
	status = loy_store_record(day->store, day->event, NULL);
	return status == LOY_EDUPLICATE || status == LOY_ECONFLICT ? LOY_OK : status;
}

static loy_status join(struct day *day, const char *part, const char *whole, int64_t time)
{
	loy_who one = {0, part, strlen(part)}, two = {0, whole, strlen(whole)};

	return loy_store_join(day->store, &one, &two, time, NULL);
}

static loy_status look_back(struct day *day)
{
	loy_store *then;
	loy_status status =
	        loy_store_as_of(day->store, LATE - LOY_DAY, model, &then, day->memory, NULL, NULL, NULL);

	if (status == LOY_OK)
		loy_store_destroy(then);
	return status;
}

static loy_status look_at(struct day *day, uint64_t customer)
{
	loy_status status = loy_store_profile_as_of(day->store, LATE, customer, NULL, 0, day->profile, NULL);

	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

static loy_status ship(struct day *day)
{
	struct bytes bundle = {NULL, 0};
	loy_status status = loy_store_ship(day->store, bytes_keep, &bundle, NULL, NULL);

	free(bundle.data);
	return status;
}

static loy_status portray(struct day *day)
{
	struct bytes page = {NULL, 0};
	loy_status status = loy_store_export_customer(day->store, 0, "ada", 3, LATE, bytes_keep, &page, NULL);

	free(page.data);
	return status;
}

/* As a cancelled rebuild does. */
static loy_status keep_profiles(struct day *day)
{
	loy_status status = loy_store_commit(day->store, NULL);

	if (status == LOY_OK)
		status = loy__snapshot_write_partial(
		        day->store, loy__journal_committed(day->store->ledger->journal), NULL);
	return loy__store_status(day->store, status, NULL);
}

static loy_status retract(struct day *day, uint64_t n)
{
	loy_status status;

	durable_event(day->event, n);
	status = loy_store_retract(day->store, day->event, NULL);
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

/* Profiles among it, one of somebody who is erased here later, and what is known here. */
static struct bytes make_bundle(void)
{
	static const uint64_t customers[] = {5, 4, 60};
	struct bytes bundle;
	loy_profile *profile;
	struct till till;
	loy_event *event;
	size_t i;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	durable_event(event, 300);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	till_create(&till, model, 4242);
	durable_record(till.store, 3, 2);
	durable_record(till.store, 200, 3);
	for (i = 0; i < sizeof(customers) / sizeof(customers[0]); i++)
		assert_int_equal(loy_store_merge_profile(till.store, customers[i], NULL, 0, profile), LOY_OK);
	assert_int_equal(loy_store_merge_profile(till.store, 0, "ada", 3, profile), LOY_OK);
	assert_int_equal(loy_store_merge_profile(till.store, 0, "new", 3, profile), LOY_OK);
	assert_int_equal(till_export(&till, NULL, 0, &bundle), 1);
	till_destroy(&till);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
	return bundle;
}

static loy_status hear(struct day *day)
{
	const struct bytes *bundle = day->plan->data;

	return loy_store_import(day->store, bundle->data, bundle->size, NULL, NULL, NULL);
}

static loy_status call(struct day *day, unsigned n)
{
	uint32_t left;

	switch (n) {
	case 0:
		return visit(day, "ada", 1, 1);
	case 1:
		return visit(day, "bob", 2, 1);
	case 2:
		return visit(day, "ada", 1, 2);
	case 3:
		return loy_store_compact(day->store, 100, &left, NULL);
	case 4:
		return durable_compact(day->store, 1000);
	case 5:
		return loy_store_verify(day->store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL);
	case 6:
		return look_back(day);
	case 7:
		return look_at(day, 2);
	case 8:
		return ship(day);
	case 9:
		return portray(day);
	case 10:
		return join(day, "ada", "bob", LATE);
	case 11:
		return visit(day, "ada", 1, 3);
	case 12:
		return retract(day, 5);
	case 13:
		return loy_store_rebuild(day->store, NULL, NULL, NULL);
	case 14:
		return keep_profiles(day);
	case 15:
		return loy_store_erase_until(day->store, 4, NULL, 0, LATE, NULL);
	case 16:
		return durable_compact(day->store, 1000);
	case 17:
		return loy_store_tick(day->store, n, NULL);
	case 18:
		return loy_store_erase_until(day->store, 0, "ada", 3, LATE + 3 * LOY_HOUR, NULL);
	case 19:
		return loy_store_compact(day->store, 1u << 20, &left, NULL);
	default:
		return hear(day);
	}
}

/* Everything is acknowledged at the end of a step. */
static loy_status finish(struct day *day, loy_status status)
{
	return status == LOY_OK ? loy_store_commit(day->store, NULL) : status;
}

static loy_status step(struct day *day, unsigned n)
{
	loy_status status;

	if (n == 20)
		return day_open_again(day, other);
	if (n == 21)
		return day_open_again(day, model);
	if (n > 21)
		return LOY_ECANCELLED;
	status = pend(day, n);
	return finish(day, status == LOY_OK ? call(day, n) : status);
}

/* With profiles of the store's schema among what comes, which keep it from being opened under another. */
static loy_status hearing_step(struct day *day, unsigned n)
{
	static const uint8_t calls[] = {0, 1, 2, 10, 20, 15, 18, 16, 5, 13};
	loy_status status;

	if (n == sizeof(calls))
		return day_open_again(day, model);
	if (n > sizeof(calls))
		return LOY_ECANCELLED;
	status = pend(day, n);
	return finish(day, status == LOY_OK ? call(day, calls[n]) : status);
}

/* Erased before the bundle comes. */
static loy_status late_step(struct day *day, unsigned n)
{
	static const uint8_t calls[] = {0, 15, 20, 11, 4};
	loy_status status;

	if (n == sizeof(calls))
		return day_open_again(day, model);
	if (n > sizeof(calls))
		return LOY_ECANCELLED;
	status = pend(day, n);
	return finish(day, status == LOY_OK ? call(day, calls[n]) : status);
}

static loy_status (*const steps[])(struct day *, unsigned) = {step, hearing_step, late_step};

static struct plan plan(size_t which, const struct bytes *bundle)
{
	return (struct plan){.model = model,
	                     .flags = LOY_STORE_REBUILD,
	                     .durability = LOY_DURABLE_CALLER,
	                     .step = steps[which],
	                     .data = bundle};
}

static void each_request_may_be_refused(void **state)
{
	struct bytes bundle = make_bundle();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct plan own = plan(i, &bundle);

		days_short_of_memory(&own);
		days_without_memory(&own);
	}
	free(bundle.data);
}

static void each_operation_may_fail(void **state)
{
	static const uint32_t kinds[] = {FAULT_OPEN,    FAULT_CREATE, FAULT_READ,   FAULT_WRITE,
	                                 FAULT_SYNC,    FAULT_RENAME, FAULT_RESIZE, FAULT_SYNC_DIRECTORY,
	                                 FAULT_ENTROPY, FAULT_SIZE,   FAULT_LIST,   FAULT_REMOVE};
	struct bytes bundle = make_bundle();
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct plan own = plan(i, &bundle);

		for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			days_of_failing_files(&own, kinds[k], 0, LOY_EIO);
		days_of_failing_files(&own, FAULT_CREATE | FAULT_WRITE | FAULT_RESIZE, 0, LOY_EFULL);
	}
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
