/*
 * Stores on files when memory runs out or files fail, at each request and each operation in turn: a call that failed
 * has changed nothing, and what was acknowledged is there when the store is opened again.
 */
#include "days.h"
#include "sample_model.h"

#include <loyalty/privacy.h>

#include "store/ledger.h"

/* ---- a day ---- */

/* Event n, or with `other` another content of its identity, on the fourth or before the first of its rivals. */
static loy_status record(struct day *day, uint64_t n, int other)
{
	durable_event(day->event, n);
	if (other != 0)
		assert_int_equal(loy_event_set(day->event, LOY_FIELD_TOUCHPOINT, other), LOY_OK);
	return loy_store_record(day->store, day->event, NULL);
}

static loy_status join(struct day *day, uint64_t part, uint64_t whole)
{
	loy__ref one = {.number = part}, two = {.number = whole};

	loy__ref_hash(day->store, &one);
	loy__ref_hash(day->store, &two);
	return loy__ledger_alias(day->store, &one, &two, (int64_t)(part * 1000), NULL);
}

static loy_status erase_until(struct day *day, uint64_t number, int64_t time)
{
	loy__ref who = {.number = number};

	loy__ref_hash(day->store, &who);
	return loy__ledger_erase(day->store, &who, time, NULL);
}

static loy_status look_back(struct day *day)
{
	loy_store *then;
	loy_status status =
	        loy_store_as_of(day->store, LOY_DAY * 19800, model, &then, day->memory, NULL, NULL, NULL);

	if (status == LOY_OK)
		loy_store_destroy(then);
	return status;
}

static loy_status read_all(struct day *day)
{
	loy_cursor *cursor;
	loy_status status = loy_cursor_create(&cursor, day->store, NULL);

	while (status == LOY_OK)
		status = loy_cursor_next(cursor, NULL, NULL, day->event, NULL);
	if (cursor != NULL)
		loy_cursor_destroy(cursor);
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

static loy_status identify(struct day *day)
{
	uint64_t high, low;

	return loy_store_next_identity(day->store, 8, &high, &low);
}

/* Step n of the day; LOY_ECANCELLED after the last. */
static loy_status step(struct day *day, unsigned n)
{
	uint32_t left;

	if (n < 8)
		return record(day, n, 0);
	switch (n) {
	case 8:
		return record(day, 2, 5);
	case 9:
		return record(day, 3, 6);
	case 10:
		return record(day, 3, 0);
	case 11:
		durable_event(day->event, 4);
		return loy_store_retract(day->store, day->event, NULL);
	case 12:
		if (day->no_merge)
			return LOY_OK;
		return loy_store_merge_profile(day->store, 5, NULL, 0, day->profile);
	case 13:
		return loy_store_compact(day->store, 100, &left, NULL);
	case 14:
		return join(day, 5, 2);
	case 15:
		return record(day, 20, 0);
	case 16:
		return erase_until(day, 4, LOY_DAY * 19800);
	case 17:
		return loy_store_commit(day->store, NULL);
	case 18:
		return durable_compact(day->store, 1000);
	case 19:
		return record(day, 21, 0);
	case 20:
		return loy_store_verify(day->store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL);
	case 21:
		return loy_store_rebuild(day->store, NULL, NULL, NULL);
	case 22:
		return look_back(day);
	case 23:
		return read_all(day);
	case 24:
		return identify(day);
	case 25:
		return day_open_again(day, NULL);
	case 26:
		return record(day, 22, 0);
	case 27:
		return loy_store_profile_as_of(day->store, LOY_TIME_MAX, 2, NULL, 0, day->profile, NULL);
	default:
		return LOY_ECANCELLED;
	}
}

static struct plan plan(void)
{
	return (struct plan){.model = model, .step = step};
}

static void every_call_survives_a_refused_request(void **state)
{
	const struct plan own = plan();

	(void)state;
	days_short_of_memory(&own);
}

static void every_call_survives_no_more_memory(void **state)
{
	const struct plan own = plan();

	(void)state;
	days_without_memory(&own);
}

static void every_call_survives_a_failing_operation(void **state)
{
	const struct plan own = plan();
	static const uint32_t kinds[] = {FAULT_OPEN, FAULT_CREATE, FAULT_READ,          FAULT_WRITE,
	                                 FAULT_SYNC, FAULT_RENAME, FAULT_SYNC_DIRECTORY};
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		days_of_failing_files(&own, kinds[k], 0, LOY_EIO);
		days_of_failing_files(&own, kinds[k], 1, LOY_EIO);
	}
}

static void every_call_survives_a_full_medium(void **state)
{
	const struct plan own = plan();

	(void)state;
	days_of_failing_files(&own, FAULT_CREATE | FAULT_WRITE | FAULT_RESIZE, 0, LOY_EFULL);
}

static int32_t no_sink(const void *bytes, size_t size, void *user)
{
	(void)bytes;
	(void)size;
	(void)user;
	fail_msg("something was said");
	return 1;
}

/* After a failed sync nothing is said any more. */
static void a_store_whose_files_failed_says_nothing(void **state)
{
	struct fault_files *disk = fault_create(1);
	const struct fault fault = {.kinds = FAULT_SYNC, .action = FAULT_FAIL};
	loy_files files = fault_as_files(disk);
	const struct plan own = plan();
	struct day day = day_begin(&own, &files, NULL);
	loy_store_stats stats = {.struct_size = sizeof(stats)};
	uint64_t row, hash[2];
	loy_cursor *cursor;
	loy_scorecard *card;
	uint32_t left;
	double value;
	const loy_score_column column = {.struct_size = sizeof(column), .value = &value};

	(void)state;
	day.store = durable_open(model, &day.options, NULL);
	assert_int_equal(record(&day, 1, 0), LOY_OK);
	assert_int_equal(loy_store_sort(day.store), LOY_OK);
	fault_arm(disk, &fault);
	assert_int_equal(record(&day, 2, 0), LOY_EIO);
	assert_int_equal(record(&day, 3, 0), LOY_EIO);
	assert_int_equal(loy_store_retract(day.store, day.event, NULL), LOY_EIO);
	assert_int_equal(loy_store_merge_profile(day.store, 1, NULL, 0, day.profile), LOY_EIO);
	assert_int_equal(loy_store_erase(day.store, 1, NULL, 0), LOY_EIO);
	assert_int_equal(loy_store_sort(day.store), LOY_EIO);
	assert_int_equal(loy_store_find(day.store, 1, &row), LOY_EIO);
	assert_int_equal(loy_store_profile_of(day.store, 1, NULL, 0, day.profile), LOY_EIO);
	assert_int_equal(loy_store_profile(day.store, 0, day.profile), LOY_EIO);
	assert_int_equal(loy_store_hash(day.store, &hash[0], &hash[1]), LOY_EIO);
	assert_int_equal(loy_store_get_stats(day.store, &stats), LOY_EIO);
	assert_int_equal(loy_store_commit(day.store, NULL), LOY_EIO);
	assert_int_equal(loy_store_tick(day.store, 1, NULL), LOY_EIO);
	assert_int_equal(loy_store_compact(day.store, 1, &left, NULL), LOY_EIO);
	assert_int_equal(loy_store_verify(day.store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_EIO);
	assert_int_equal(loy_store_rebuild(day.store, NULL, NULL, NULL), LOY_EIO);
	assert_int_equal(loy_cursor_create(&cursor, day.store, NULL), LOY_EIO);
	assert_int_equal(loy_store_next_identity(day.store, 1, &hash[0], &hash[1]), LOY_EIO);
	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	assert_int_equal(loy_store_evaluate(day.store, 0, card, LOY_DAY), LOY_EIO);
	loy_scorecard_destroy(card);
	assert_int_equal(loy_store_score(day.store, model, LOY_DAY, 0, 1, &column, 1, NULL), LOY_EIO);
	assert_int_equal(loy_store_rank(day.store, model, 0, LOY_DAY, 1, NULL, 0, &row, &value, 1, &row, NULL),
	                 LOY_EIO);
	assert_int_equal(loy_store_export_customer(day.store, 1, NULL, 0, LOY_DAY, no_sink, NULL, NULL), LOY_EIO);
	assert_int_equal(loy_store_ship(day.store, no_sink, NULL, NULL, NULL), LOY_EIO);
	assert_int_equal(loy_store_consent(day.store, 1, NULL, 0, LOY_PURPOSE_MARKETING, NULL), LOY_EIO);
	loy_store_destroy(day.store);
	day_end(&day);
	fault_destroy(disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_call_survives_a_refused_request),
	        cmocka_unit_test(every_call_survives_no_more_memory),
	        cmocka_unit_test(every_call_survives_a_failing_operation),
	        cmocka_unit_test(every_call_survives_a_full_medium),
	        cmocka_unit_test(a_store_whose_files_failed_says_nothing),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
