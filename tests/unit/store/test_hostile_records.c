/*
 * Journals whose sums are right and whose records nobody writes: each record of a store in turn becomes something else,
 * below its snapshot, between its beginning and its end, and behind it. Whoever reads them says so, or they are other
 * records that could be, and then profiles are the sum of them or verification tells; nothing is believed half.
 */
#include "durables.h"
#include "sample_models.h"
#include "tills.h"

#include <loyalty/privacy.h>

#include "store/ledger.h"
#include "store/segment.h"

#define LATE DURABLE_LATE

/* ---- a store with something of everything ---- */

static void record(loy_store *store, uint64_t n, int64_t touchpoint, loy_status expected)
{
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	durable_event(event, n);
	if (touchpoint != 0)
		assert_int_equal(loy_event_set(event, LOY_FIELD_TOUCHPOINT, touchpoint), LOY_OK);
	assert_int_equal(loy_store_record(store, event, NULL), expected);
	loy_event_destroy(event);
}

/* An event of somebody who may have been erased: then it is gone. */
static void record_anyhow(loy_store *store, uint64_t n)
{
	loy_event *event;
	loy_status status;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	durable_event(event, n);
	status = loy_store_record(store, event, NULL);
	assert_true(status == LOY_OK || status == LOY_EERASED);
	loy_event_destroy(event);
}

/* Under an identity of random bits. */
static void visit(loy_store *store, uint64_t n, int64_t touchpoint, loy_status expected)
{
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	durable_visit(event, "ada", n, touchpoint);
	assert_int_equal(loy_store_record(store, event, NULL), expected);
	loy_event_destroy(event);
}

/* What another till sends: events, one that is known here, one under an identity that is known with other content. */
static void hear(loy_store *store)
{
	struct bytes bundle;
	struct till till;

	till_create(&till, model, 4242);
	durable_record(till.store, 100, 3);
	record(till.store, 6, 9, LOY_OK);
	record(till.store, 7, 0, LOY_OK);
	assert_int_equal(till_export(&till, NULL, 0, &bundle), 1);
	assert_int_equal(loy_store_import(store, bundle.data, bundle.size, NULL, NULL, NULL), LOY_OK);
	free(bundle.data);
	till_destroy(&till);
}

static void merge(loy_store *store)
{
	loy_profile *profile;
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	durable_event(event, 500);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_store_merge_profile(store, 5, NULL, 0, profile), LOY_OK);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
}

/* What there is besides events. Statements and rivals make opening read the whole journal. */
enum { STATEMENTS = 1, PROFILES = 2 };

/* Compaction step by step, with an event or a visit after each. */
static void compact_meanwhile(loy_store *store, unsigned what)
{
	uint32_t left = 1;
	uint64_t n;

	for (n = 0; left; n++) {
		assert_int_equal(loy_store_compact(store, 1, &left, NULL), LOY_OK);
		if (n >= 8)
			continue;
		if (n == 4 && (what & PROFILES))
			merge(store);
		else if (n % 2)
			visit(store, 50 + n, 1, LOY_OK);
		else
			record_anyhow(store, 40 + n);
	}
}

static void state_something(loy_store *store)
{
	loy_who one = {5, NULL, 0}, two = {2, NULL, 0};

	visit(store, 1, 2, LOY_ECONFLICT);
	record(store, 3, 6, LOY_ECONFLICT);
	hear(store);
	assert_int_equal(loy_store_join(store, &one, &two, LATE, NULL), LOY_OK);
	assert_int_equal(loy_store_erase_until(store, 4, NULL, 0, LOY_TIME_MAX, NULL), LOY_OK);
}

/* And of those who are concerned, which rewinds nothing but must be read behind the snapshot. */
static void state_more(loy_store *store)
{
	loy_who one = {5, NULL, 0};

	visit(store, 61, 3, LOY_ECONFLICT);
	assert_int_equal(loy_store_separate(store, &one, LATE + 1, NULL), LOY_OK);
	assert_int_equal(loy_store_erase_until(store, 1, NULL, 0, LATE - 300 * LOY_DAY, NULL), LOY_OK);
}

static loy_files make_files(unsigned what)
{
	loy_files files = durable_files(21);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	loy_event *event;
	uint64_t n;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	durable_record(store, 0, 12);
	visit(store, 1, 1, LOY_OK);
	durable_event(event, 2);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_OK);
	if (what & PROFILES)
		merge(store);
	if (what & STATEMENTS)
		state_something(store);
	for (n = 12; n < 16; n++)
		record_anyhow(store, n);
	compact_meanwhile(store, what);
	record(store, 60, 0, LOY_OK);
	visit(store, 61, 1, LOY_OK);
	if (what & PROFILES)
		merge(store);
	if (what & STATEMENTS)
		state_more(store);
	record(store, 62, 0, LOY_OK);
	loy_store_destroy(store);
	loy_event_destroy(event);
	return files;
}

/* ---- what becomes of a record ---- */

enum { EMPTY, ONE_BYTE, HALF, LESS, OTHER_KIND, NO_KIND, ONES, ONE_BIT, TAG, LAST_BITS, VERSION, CHANGES };
struct change {
	uint64_t position;
	int how;
};

static loy_status change_record(loy__record_view *view, uint8_t *body, void *user)
{
	const struct change *change = user;
	uint32_t kind = view->type & 7u;

	if (view->position != change->position)
		return LOY_OK;
	switch (change->how) {
	case EMPTY:
		view->size = 0;
		break;
	case ONE_BYTE:
		view->size = view->size != 0;
		break;
	case HALF:
		view->size /= 2;
		break;
	case LESS:
		view->size -= view->size != 0;
		break;
	case OTHER_KIND:
		view->type = (view->type & ~7u) | (kind % 7 + 1);
		break;
	case NO_KIND:
		view->type &= ~7u;
		break;
	case ONES:
		memset(body, 0xff, view->size < 24 ? view->size : 24);
		break;
	case ONE_BIT:
		body[view->size / 2] ^= view->size != 0;
		break;
	case VERSION: /* of an event's bytes */
		if (view->size > 4)
			body[4] = 0x7f;
		break;
	case TAG:
		view->type ^= LOY__RECORD_TAGGED;
		break;
	default:
		memset(body + view->size - view->size / 4, 0xff, view->size / 4);
		break;
	}
	return LOY_OK;
}

static loy_status ignore_record(const loy__record_view *record, void *user)
{
	(void)record;
	(void)user;
	return LOY_OK;
}

/* Opens the journal below a store; returns the number of its records. */
static uint64_t change_journal(const loy_files *files, struct change change)
{
	loy__journal_options options = {.files = *files};
	loy_recovery report = {.struct_size = sizeof(report)};
	loy_allocator memory;
	loy__journal *journal;
	uint64_t records;
	uint32_t i;

	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	assert_int_equal(loy__journal_open(&journal, &options, &memory, NULL), LOY_OK);
	assert_int_equal(loy__journal_replay(journal, 0, ignore_record, NULL, &report, NULL), LOY_OK);
	records = loy__journal_committed(journal);
	assert_int_equal(loy__journal_seal(journal, NULL), LOY_OK);
	for (i = 0; i + 1 < loy__journal_segment_count(journal); i++)
		assert_int_equal(loy__journal_rewrite(journal, i, change_record, &change, NULL), LOY_OK);
	loy__journal_close(journal);
	return records;
}

/* ---- everybody who reads records ---- */

enum {
	CURSOR,
	AS_OF,
	PROFILE_AS_OF,
	SHIP,
	CONFLICT,
	PORTRAIT,
	FILES,
	CHAIN, /* goes by the link that an edited record keeps */
	SUMS,
	REBUILD,
	RECORD,
	JOIN,
	ERASE,
	COMPACT,
	OPEN,
	CALLS
};
/* How often a call told of damage. */
static unsigned told[CALLS];

static void meet(loy_status status, int call)
{
	switch (status) {
	case LOY_OK:
	case LOY_ENOTFOUND:
	case LOY_EDUPLICATE:
	case LOY_ECONFLICT:
	case LOY_EERASED:
		return;
	case LOY_EDAMAGED:
	case LOY_EVERSION:
		told[call]++;
		return;
	default:
		fail_msg("call %d: %s", call, loy_status_name(status));
	}
}

static int32_t drop(const void *data, size_t size, void *user)
{
	(void)data;
	(void)size;
	(void)user;
	return 0;
}

static loy_status read_all(loy_store *store, loy_event *event)
{
	loy_cursor *cursor;
	loy_status status = loy_cursor_create(&cursor, store, NULL);

	assert_int_equal(status, LOY_OK);
	while (status == LOY_OK)
		status = loy_cursor_next(cursor, NULL, NULL, event, NULL);
	loy_cursor_destroy(cursor);
	return status;
}

static loy_status look_back(loy_store *store, int64_t time)
{
	loy_store *then = NULL;
	loy_status status = loy_store_as_of(store, time, model, &then, NULL, NULL, NULL, NULL);

	loy_store_destroy(then);
	return status;
}

/* Calls that change nothing; then some that do. */
static void use(loy_store *store)
{
	loy_export_result exported = {.struct_size = sizeof(exported)};
	loy_who one = {7, NULL, 0}, two = {2, NULL, 0};
	uint64_t before[2], after[2], i;
	loy_profile *profile;
	loy_event *event, *second;
	loy_status status;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&second, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	stores_hash(store, before);
	meet(read_all(store, event), CURSOR);
	meet(look_back(store, LATE - LOY_DAY), AS_OF);
	meet(loy_store_profile_as_of(store, LATE, 2, NULL, 0, profile, NULL), PROFILE_AS_OF);
	meet(loy_store_profile_as_of(store, LOY_TIME_MAX, 0, "ada", 3, profile, NULL), PROFILE_AS_OF);
	meet(loy_store_ship(store, drop, NULL, &exported, NULL), SHIP);
	for (i = 0; i < loy_store_conflict_count(store); i++)
		meet(loy_store_conflict(store, i, event, second, NULL), CONFLICT);
	meet(loy_store_export_customer(store, 5, NULL, 0, LATE, drop, NULL, NULL), PORTRAIT);
	meet(loy_store_export_customer(store, 0, "ada", 3, LATE, drop, NULL, NULL), PORTRAIT);
	meet(loy_store_verify(store, LOY_VERIFY_FILES, NULL, NULL, NULL, NULL), FILES);
	meet(loy_store_verify(store, LOY_VERIFY_CHAIN, NULL, NULL, NULL, NULL), CHAIN);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	status = loy_store_verify(store, LOY_VERIFY_PROFILES, NULL, NULL, NULL, NULL);
	meet(status, SUMS);
	meet(loy_store_rebuild(store, NULL, NULL, NULL), REBUILD);
	stores_hash(store, after);
	if (status == LOY_OK) /* what verification believes is what the journal makes again */
		assert_memory_equal(before, after, sizeof(before));
	durable_event(event, 5); /* known, by a digest that may have to be read */
	meet(loy_store_record(store, event, NULL), RECORD);
	assert_int_equal(loy_event_set(event, LOY_FIELD_TOUCHPOINT, 77), LOY_OK);
	meet(loy_store_record(store, event, NULL), RECORD);
	meet(loy_store_join(store, &one, &two, LATE, NULL), JOIN);
	meet(loy_store_erase_until(store, 2, NULL, 0, LATE, NULL), ERASE);
	meet(durable_compact(store, 1u << 20), COMPACT);
	loy_profile_destroy(profile);
	loy_event_destroy(event);
	loy_event_destroy(second);
}

/* Each record becomes each of these, and the store is opened. */
static void change_each(unsigned what, const loy_model *reader, uint32_t flags, unsigned opened[2])
{
	loy_files files = make_files(what);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	struct change change = {0, 0};
	struct files_copy sound;
	uint64_t records = change_journal(&files, change);

	options.flags = flags;
	files_save(&files, &sound);
	assert_true(records > 25);
	for (change.position = 1; change.position <= records; change.position++) {
		for (change.how = 0; change.how < CHANGES; change.how++) {
			loy_store *store;
			loy_status status;

			files_restore(&files, &sound);
			(void)change_journal(&files, change);
			status = loy_store_open(&store, NULL, 0, reader, &options, NULL, NULL, NULL);
			meet(status, OPEN);
			opened[status == LOY_OK]++;
			if (status == LOY_OK && reader == model)
				use(store);
			loy_store_destroy(store);
		}
	}
	files_free(&sound);
	loy_files_close(&files);
}

static void records_that_nobody_writes(void **state)
{
	unsigned opened[2] = {0, 0}, i;

	(void)state;
	memset(told, 0, sizeof(told));
	change_each(STATEMENTS | PROFILES, model, 0, opened);
	change_each(PROFILES, model, 0, opened);
	print_message("%u journals refused, %u opened; told by call:", opened[0], opened[1]);
	for (i = 0; i < CALLS; i++)
		print_message(" %u", told[i]);
	print_message("\n");
	assert_true(opened[0] > 100 && opened[1] > 300);
	/* All who read records have met some; joining reads none of those who are on their own. */
	for (i = 0; i < CALLS; i++)
		assert_true(i == CHAIN || i == JOIN || i == COMPACT ? told[i] == 0 : told[i] > 0);
}

static void records_that_nobody_writes_under_another_schema(void **state)
{
	unsigned opened[2] = {0, 0};

	(void)state;
	change_each(STATEMENTS, other, LOY_STORE_REBUILD, opened);
	assert_true(opened[0] > 100 && opened[1] > 20);
}

/* ---- under an open store ---- */

/* Find the frame of a record of one frame, give its event a customer that none is, and make its sum right. */
static void change_frame(const loy_files *files, uint64_t position)
{
	static uint8_t bytes[65536];
	size_t size, at = LOY__SEGMENT_HEAD;
	loy__frame frame;
	uint32_t seed;
	void *file;

	assert_int_equal(files->open(files->user_data, "jnl-0000000000000001", LOY_OPEN_WRITE, &file),
	                 LOY_OK);
	assert_int_equal(files->read_at(files->user_data, file, 0, bytes, sizeof(bytes), &size), LOY_OK);
	seed = loy__crc32c(0, bytes + 16, 16);
	for (;; at += frame.size) {
		assert_true(loy__frame_head(&frame, bytes + at, size - at));
		assert_true(loy__frame_intact(&frame, bytes + at, seed));
		if (frame.sequence == position && !(frame.type & LOY__TYPE_OWN))
			break;
	}
	memset(bytes + at + LOY__FRAME_HEAD + 31, 0xff, 8);
	(void)loy__frame_seal(bytes + at, seed);
	assert_int_equal(files->write_at(files->user_data, file, at, bytes + at, frame.size), LOY_OK);
	files->close(files->user_data, file);
}

/* What was sound when the store was opened need not be so for ever. */
static void records_that_change_meanwhile(void **state)
{
	loy_files files = durable_files(33);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	loy_error error = {.struct_size = sizeof(error)};
	uint64_t high, low;
	loy_event *event;
	uint32_t left;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	durable_record(store, 0, 30);
	assert_int_equal(loy_store_erase_until(store, 4, NULL, 0, LOY_TIME_MAX, NULL), LOY_OK);
	change_frame(&files, 9);
	assert_int_equal(loy_store_compact(store, 1u << 20, &left, &error), LOY_EDAMAGED);
	assert_true(error.code == LOY_EDAMAGED && error.message[0] != '\0');
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_FILES, NULL, NULL, NULL, NULL), LOY_EDAMAGED);
	assert_int_equal(loy_store_join(store, &(loy_who){1, NULL, 0}, &(loy_who){2, NULL, 0}, LATE, NULL),
	                 LOY_OK); /* sums do */
	record_anyhow(store, 31); /* and nothing else is held up */
	assert_int_equal(loy_store_next_identity(store, 1, &high, &low), LOY_OK);
	loy_event_destroy(event);
	loy_store_destroy(store);
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_EDAMAGED);
	loy_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(records_that_nobody_writes),
	        cmocka_unit_test(records_that_nobody_writes_under_another_schema),
	        cmocka_unit_test(records_that_change_meanwhile),
	};

	return cmocka_run_group_tests(tests, make_models, free_models);
}
