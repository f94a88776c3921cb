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
	loy_status status =
	        loy_store_export_customer(day->store, 0, "ada", 3, LATE, bytes_keep, &page, NULL);

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
	default:
		return loy_store_compact(day->store, 1u << 20, &left, NULL);
	}
}

/* Everything is acknowledged at the end of a step. */
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
	if (status == LOY_OK)
		status = call(day, n);
	return status == LOY_OK ? loy_store_commit(day->store, NULL) : status;
}

static struct plan plan(void)
{
	return (struct plan){
	        .model = model, .flags = LOY_STORE_REBUILD, .durability = LOY_DURABLE_CALLER, .step = step};
}

static void each_request_may_be_refused(void **state)
{
	const struct plan own = plan();

	(void)state;
	days_short_of_memory(&own);
	days_without_memory(&own);
}

static void each_operation_may_fail(void **state)
{
	static const uint32_t kinds[] = {FAULT_OPEN,    FAULT_CREATE, FAULT_READ,   FAULT_WRITE,
	                                 FAULT_SYNC,    FAULT_RENAME, FAULT_RESIZE, FAULT_SYNC_DIRECTORY,
	                                 FAULT_ENTROPY, FAULT_SIZE,   FAULT_LIST,   FAULT_REMOVE};
	const struct plan own = plan();
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		days_of_failing_files(&own, kinds[k], 0, LOY_EIO);
	days_of_failing_files(&own, FAULT_CREATE | FAULT_WRITE | FAULT_RESIZE, 0, LOY_EFULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_request_may_be_refused),
	        cmocka_unit_test(each_operation_may_fail),
	};

	return cmocka_run_group_tests(tests, make_models, free_models);
}
