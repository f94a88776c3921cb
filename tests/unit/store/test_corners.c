/*
 * Corners of stores on files that nothing else walks into: vectors that are none, statements of one time, events of
 * nobody, profiles whose age is unknown, other half-lives, limits at opening, files that go while a store is open.
 */
#include "durables.h"
#include "fault_files.h"
#include "sample_model.h"
#include "tills.h"

#include <loyalty/privacy.h>

#include "store/ledger_state.h"
#include "store/segment.h"

#define LATE DURABLE_LATE

/* ---- sync ---- */

/* Number of spans, then life, first and end of each, as numbers. */
static loy_status ask_with(loy_store *store, const uint64_t *words, size_t count)
{
	uint8_t vector[200];
	struct bytes out = {NULL, 0};
	loy_status status;
	size_t i;

	for (i = 0; i < count; i++)
		loy__put_u64(vector + 8 * i, words[i]);
	status = loy_store_export(store, vector, 8 * count, 0, bytes_keep, &out, NULL, NULL);
	free(out.data);
	return status;
}

static void vectors_that_are_none(void **state)
{
	static const struct {
		size_t count;
		uint64_t words[7];
		loy_status status;
	} vectors[] = {
	        {1, {0}, LOY_OK},
	        {4, {1, 5, 0, 3}, LOY_OK},
	        {7, {2, 5, 0, 3, 5, 4, 6}, LOY_OK},
	        {7, {2, 5, 4, 6, 6, 0, 1}, LOY_OK},
	        {4, {1, 5, 3, 3}, LOY_EFORMAT},          /* empty */
	        {4, {1, 5, 4, 3}, LOY_EFORMAT},          /* backwards */
	        {7, {2, 5, 0, 3, 5, 3, 6}, LOY_EFORMAT}, /* touching */
	        {7, {2, 5, 0, 3, 5, 2, 6}, LOY_EFORMAT}, /* overlapping */
	        {7, {2, 5, 4, 6, 5, 0, 3}, LOY_EFORMAT}, /* descending */
	        {7, {2, 6, 0, 3, 5, 4, 6}, LOY_EFORMAT}, /* lives descending */
	        {4, {2, 5, 0, 3}, LOY_EFORMAT},          /* fewer than it says */
	        {7, {1, 5, 0, 3, 5, 4, 6}, LOY_EFORMAT}, /* more */
	        {4, {UINT64_MAX, 5, 0, 3}, LOY_EFORMAT}, /* all there can be */
	        {4, {UINT64_MAX / 24 + 2, 5, 0, 3}, LOY_EFORMAT},
	};
	struct till till;
	size_t i;

	(void)state;
	till_create(&till, model, 1);
	durable_record(till.store, 0, 3);
	for (i = 0; i < LOY__COUNT(vectors); i++) {
		if (ask_with(till.store, vectors[i].words, vectors[i].count) != vectors[i].status)
			fail_msg("vector %d", (int)i);
	}
	assert_int_equal(loy_store_export(till.store, "1234567", 7, 0, bytes_keep, NULL, NULL, NULL),
	                 LOY_EFORMAT);
	till_destroy(&till);
}

static void runs_of_tags_meet_others(void **state)
{
	loy__tags tags = {NULL, 0, 0};
	loy_allocator memory;
	uint64_t n;

	(void)state;
	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	assert_int_equal(loy__tags_reserve(&tags, &memory, 10), LOY_OK);
	(void)loy__tags_add(&tags, (loy__tag){1, 4});
	(void)loy__tags_add(&tags, (loy__tag){1, 7});
	loy__tags_add_run(&tags, (loy__tag){1, 2}, 9); /* over both */
	assert_int_equal(tags.count, 1);
	for (n = 0; n < 14; n++)
		assert_int_equal(loy__tags_have(&tags, (loy__tag){1, n}), n >= 2 && n < 11);
	loy__tags_free(&tags, &memory);
}

static void assert_whole(const loy_store *store, uint64_t part, uint64_t expected)
{
	loy_who who = {part, NULL, 0};
	uint64_t whole = 0;
	size_t length;

	assert_int_equal(loy_store_whole(store, &who, &whole, NULL, 0, &length), LOY_OK);
	assert_int_equal(whole, expected);
}

/* Of statements of one time the one with the greater tag holds, here and everywhere. */
static void statements_of_one_time(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 8; seed++) { /* lives are drawn: either may be the greater */
		loy_who part = {5, NULL, 0}, one = {2, NULL, 0}, two = {1, NULL, 0}, three = {7, NULL, 0};
		uint64_t hash[2][2], whole[2];
		struct till a, b;
		size_t length;

		till_create(&a, model, 2 * seed + 1);
		till_create(&b, model, 2 * seed + 2);
		durable_record(a.store, 0, 12);
		till_send(&a, &b);
		assert_int_equal(loy_store_join(a.store, &part, &two, LATE, NULL), LOY_OK);
		assert_int_equal(loy_store_join(a.store, &part, &one, LATE, NULL), LOY_OK);
		assert_whole(a.store, 5, 2); /* its own: the later one */
		assert_int_equal(loy_store_join(b.store, &part, &three, LATE, NULL), LOY_OK);
		assert_whole(b.store, 5, 7);
		till_send(&a, &b);
		till_send(&b, &a);
		stores_hash(a.store, hash[0]);
		stores_hash(b.store, hash[1]);
		assert_memory_equal(hash[0], hash[1], sizeof(hash[0]));
		assert_int_equal(loy_store_whole(a.store, &part, &whole[0], NULL, 0, &length), LOY_OK);
		assert_int_equal(loy_store_whole(b.store, &part, &whole[1], NULL, 0, &length), LOY_OK);
		assert_int_equal(whole[0], whole[1]);
		assert_true(whole[0] == 2 || whole[0] == 7);
		till_destroy(&a);
		till_destroy(&b);
	}
}

/* ---- events ---- */

static void events_of_nobody(void **state)
{
	static const uint8_t key[16] = {1, 2, 3};
	unsigned pseudonymous;

	(void)state;
	for (pseudonymous = 0; pseudonymous < 2; pseudonymous++) {
		loy_files files = durable_files(3);
		loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
		loy_event *event;
		loy_store *store;

		options.pseudonym_key = pseudonymous ? key : NULL;
		store = durable_open(model, &options, NULL);
		assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
		assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, LATE), LOY_OK);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_EINVAL);
		assert_int_equal(loy_store_retract(store, event, NULL), LOY_EINVAL);
		assert_int_equal(stores_stats(store).records, 0);
		loy_event_destroy(event);
		loy_store_destroy(store);
		loy_files_close(&files);
	}
}

static void flip(const loy_files *files, const char *name, uint64_t at)
{
	uint8_t byte;
	size_t got;
	void *file;

	assert_int_equal(files->open(files->user_data, name, LOY_OPEN_WRITE, &file), LOY_OK);
	assert_int_equal(files->read_at(files->user_data, file, at, &byte, 1, &got), LOY_OK);
	byte ^= 4;
	assert_int_equal(files->write_at(files->user_data, file, at, &byte, 1), LOY_OK);
	files->close(files->user_data, file);
}

/* A snapshot of many blocks, one of them damaged: the journal makes it all again. */
static void damage_each_block(const loy_files *files, loy_store_options options, loy_store *store)
{
	loy_recovery report = {.struct_size = sizeof(report)};
	uint64_t before[2], after[2], size, at;
	char name[32];
	void *file;

	assert_int_equal(durable_compact(store, 1u << 22), LOY_OK);
	stores_hash(store, before);
	snprintf(name, sizeof(name), "snap-%016llx",
	         (unsigned long long)loy__journal_meta(store->ledger->journal)->snapshot);
	loy_store_destroy(store);
	assert_int_equal(files->open(files->user_data, name, LOY_OPEN_READ, &file), LOY_OK);
	assert_int_equal(files->size(files->user_data, file, &size), LOY_OK);
	files->close(files->user_data, file);
	assert_true(size > 6 * UINT64_C(65536));
	options.flags = LOY_STORE_READ_ONLY; /* so that it is made again each time */
	for (at = 1000; at < size; at += 65536) {
		flip(files, name, at);
		assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, &report, NULL),
		                 LOY_OK);
		assert_int_equal(report.rebuilt, 1);
		stores_hash(store, after);
		assert_memory_equal(before, after, sizeof(before));
		loy_store_destroy(store);
		flip(files, name, at);
	}
}

/* A table with more conflicts than are kept until its end. */
static void more_conflicts_than_wait(void **state)
{
	enum { ROWS = 5000 };
	static uint64_t customer[ROWS], number[ROWS];
	static int64_t amount[ROWS], time[ROWS];
	static loy_status status[ROWS];
	const uint8_t kind = LOY_KIND_PURCHASE;
	const loy_column columns[] = {
	        {LOY_FIELD_KIND, LOY_COLUMN_U8, &kind, 0, NULL, NULL},
	        {LOY_FIELD_TIME, LOY_COLUMN_I64, time, 8, NULL, NULL},
	        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, customer, 8, NULL, NULL},
	        {LOY_FIELD_AMOUNT, LOY_COLUMN_I64, amount, 8, NULL, NULL},
	        {LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, number, 8, NULL, NULL},
	};
	unsigned durability;

	(void)state;
	for (durability = LOY_DURABLE_EACH; durability <= LOY_DURABLE_CALLER; durability++) {
		loy_files files = durable_files(5);
		loy_store_options options = durable_options(&files, durability);
		loy_store *store = durable_open(model, &options, NULL);
		uint64_t i;

		for (i = 0; i < ROWS; i++) {
			customer[i] = 1 + i % 50;
			number[i] = i + 1;
			amount[i] = 100;
			time[i] = LATE + (int64_t)i * LOY_HOUR;
		}
		assert_int_equal(loy_store_record_columns(store, columns, 5, ROWS, NULL, status, NULL, NULL),
		                 LOY_OK);
		for (i = 0; i < ROWS; i++)
			amount[i] = 200;
		assert_int_equal(loy_store_record_columns(store, columns, 5, ROWS, NULL, status, NULL, NULL),
		                 LOY_OK);
		for (i = 0; i < ROWS; i++)
			assert_int_equal(status[i], LOY_ECONFLICT);
		assert_int_equal(loy_store_conflict_count(store), ROWS);
		assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
		if (durability == LOY_DURABLE_CALLER)
			damage_each_block(&files, options, store);
		else
			loy_store_destroy(store);
		loy_files_close(&files);
	}
}

static void buy(loy_event *event, uint64_t n)
{
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, LATE + (int64_t)n * LOY_DAY), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 1 + n % 3), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 1000 + (int64_t)n), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_CURRENCY, (int64_t)loy_currency_code("EUR")), LOY_OK);
	assert_int_equal(loy_event_set_sequence(event, 1, 1, n), LOY_OK);
}

/* ---- how old a merged profile is ---- */

/* Of an empty profile, and of one from which something was taken back, no time is known: any erasure reaches them. */
static void erasures_reach_what_has_no_time(void **state)
{
	loy_profile *profile;
	loy_event *event;
	unsigned kind;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (kind = 0; kind < 3; kind++) { /* empty; something taken back; as it is */
		loy_files files = durable_files(11);
		loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
		loy_store *store = durable_open(model, &options, NULL);
		uint64_t row;

		assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
		durable_visit(event, "ada", 1, 1);
		if (kind != 0)
			assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
		durable_visit(event, "ada", 2, 1);
		if (kind == 2) { /* another kind of event, and later */
			buy(event, 9);
			assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
		}
		if (kind == 1) {
			assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
			assert_int_equal(loy_profile_retract(profile, event, NULL), LOY_OK);
		}
		assert_int_equal(loy_store_merge_profile(store, 3, NULL, 0, profile), LOY_OK);
		assert_int_equal(loy_store_erase_until(store, 3, NULL, 0, LATE - 400 * LOY_DAY, NULL),
		                 LOY_OK);
		assert_int_equal(loy_store_sort(store), LOY_OK);
		assert_int_equal(loy_store_find(store, 3, &row), kind == 2 ? LOY_OK : LOY_ENOTFOUND);
		assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
		loy_store_destroy(store);
		loy_profile_destroy(profile);
		loy_files_close(&files);
	}
	loy_event_destroy(event);
}

/* ---- facts from outside and from anywhere ---- */

static void facts_that_are_too_long_or_of_themselves(void **state)
{
	static uint8_t body[LOY__RECORD_MAX];
	loy_store *store = stores_create(model, 0);
	loy__fact fact = {.type = LOY_RECORD_PROFILE, .body = body, .size = LOY__RECORD_MAX - 15};
	loy__ref ada = {0, (const uint8_t *)"ada", 3, {0, 0}}, bob = {0, (const uint8_t *)"bob", 3, {0, 0}},
	         seven = {7, NULL, 0, {0, 0}}, none = {0, NULL, 0, {0, 0}};
	const struct {
		const loy__ref *part, *whole;
		loy_status status;
	} statements[] = {{&ada, &ada, LOY_EFORMAT},     {&ada, &bob, LOY_OK},   {&ada, &seven, LOY_OK},
	                  {&seven, &seven, LOY_EFORMAT}, {&seven, &ada, LOY_OK}, {&seven, &none, LOY_OK},
	                  {&none, &seven, LOY_EFORMAT}};
	size_t i;

	(void)state;
	assert_int_equal(loy__fact_check(store, &fact, NULL), LOY_EFORMAT);
	fact.type = LOY_RECORD_ALIAS;
	for (i = 0; i < LOY__COUNT(statements); i++) {
		loy__writer w;

		loy__writer_over(&w, body, sizeof(body));
		loy__write_u64(&w, (uint64_t)LATE);
		loy__ref_write(&w, statements[i].part);
		loy__ref_write(&w, statements[i].whole);
		fact.size = w.size;
		assert_int_equal(loy__fact_check(store, &fact, NULL), statements[i].status);
	}
	loy_store_destroy(store);
}

/* Positions that a snapshot may name, whatever lies there; and a cursor for which events are nothing. */
static void events_are_only_where_they_are(void **state)
{
	loy_files files = durable_files(12);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	unsigned events = 0, kinds[8] = {0}, k;
	loy_cursor *cursor;
	loy_event *event;
	uint64_t position;
	uint32_t kind;
	loy_status status;

	(void)state;
	durable_record(store, 0, 6);
	assert_int_equal(loy_store_join(store, &(loy_who){5, NULL, 0}, &(loy_who){2, NULL, 0}, LATE, NULL),
	                 LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	durable_event(event, 1);
	assert_int_equal(loy_store_retract(store, event, NULL), LOY_OK);
	assert_int_equal(loy_store_erase_until(store, 4, NULL, 0, LOY_TIME_MAX, NULL), LOY_OK);
	for (position = 1; position <= stores_stats(store).records + 2; position++) {
		status = loy__ledger_event_at(store, position, event, NULL);
		assert_true(status == LOY_OK || status == LOY_ENOTFOUND);
		events += status == LOY_OK;
	}
	assert_int_equal(loy_cursor_create(&cursor, store, NULL), LOY_OK);
	while (loy_cursor_next(cursor, &kind, NULL, NULL, NULL) == LOY_OK)
		kinds[kind]++;
	loy_cursor_destroy(cursor);
	assert_int_equal(events, kinds[LOY_RECORD_EVENT] + kinds[LOY_RECORD_RETRACT]);
	for (k = 1; k < 7; k++)
		assert_int_equal(kinds[k] != 0,
		                 k != LOY_RECORD_PROFILE && (k != LOY_RECORD_GONE || events < 7));
	loy_event_destroy(event);
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* ---- other half-lives, other lives ---- */

/* The text of a built-in model with one of its half-lives changed. */
static loy_model *retail_with(const char *half_life)
{
	static char text[65536];
	loy_model *builtin, *changed;
	size_t size = 0;
	char *at;

	assert_int_equal(loy_model_create_builtin(&builtin, "retail", NULL), LOY_OK);
	assert_int_equal(loy_model_print(builtin, text, sizeof(text), &size), LOY_OK);
	loy_model_destroy(builtin);
	at = strstr(text, "half_life 365d");
	assert_non_null(at);
	memcpy(at, half_life, strlen(half_life));
	assert_int_equal(loy_model_create(&changed, text, strlen(text), NULL, NULL), LOY_OK);
	return changed;
}

/* A model that differs in nothing but a half-life: refused, or made again as if it had been so from the beginning. */
static void another_half_life_is_another_schema(void **state)
{
	loy_model *before = retail_with("half_life 365d"), *after = retail_with("half_life 180d");
	loy_files files[2] = {durable_files(15), durable_files(16)};
	loy_store_options options[2] = {durable_options(&files[0], LOY_DURABLE_EACH),
	                                durable_options(&files[1], LOY_DURABLE_EACH)};
	loy_recovery report = {.struct_size = sizeof(report)};
	loy_store *store[2];
	loy_event *event;
	uint64_t hash[2][2], n;
	unsigned k;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (k = 0; k < 2; k++) {
		store[k] = durable_open(k == 0 ? before : after, &options[k], NULL);
		for (n = 0; n < 30; n++) {
			buy(event, n);
			assert_int_equal(loy_store_record(store[k], event, NULL), LOY_OK);
		}
		assert_int_equal(durable_compact(store[k], 1u << 20), LOY_OK);
		stores_hash(store[k], hash[k]);
	}
	assert_memory_not_equal(hash[0], hash[1], sizeof(hash[0]));
	loy_store_destroy(store[0]);
	assert_int_equal(loy_store_open(&store[0], NULL, 0, after, &options[0], NULL, NULL, NULL),
	                 LOY_ESCHEMA);
	options[0].flags = LOY_STORE_REBUILD;
	assert_int_equal(loy_store_open(&store[0], NULL, 0, after, &options[0], NULL, &report, NULL), LOY_OK);
	assert_int_equal(report.rebuilt, 1);
	stores_hash(store[0], hash[0]);
	assert_memory_equal(hash[0], hash[1], sizeof(hash[0]));
	for (k = 0; k < 2; k++) {
		loy_store_destroy(store[k]);
		loy_files_close(&files[k]);
	}
	loy_event_destroy(event);
	loy_model_destroy(before);
	loy_model_destroy(after);
}

static void sell(struct till *till, uint64_t amount, uint64_t *high, uint64_t *low)
{
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_store_next_identity(till->store, 3, high, low), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, LATE + (int64_t)amount), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 1), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, *high, *low), LOY_OK);
	assert_int_equal(loy_store_record(till->store, event, NULL), LOY_OK);
	loy_event_destroy(event);
}

/* A till that is restored from a backup and sells on makes no identity again that it made after the backup. */
static void restored_tills_begin_a_new_epoch(void **state)
{
	uint64_t high[2], low[2], hash[2][2];
	struct files_copy backup;
	struct till till, other;

	(void)state;
	till_create(&till, model, 1);
	till_create(&other, model, 2);
	sell(&till, 1, &high[0], &low[0]);
	till_close(&till);
	files_save(&till.files, &backup);
	till_open(&till);
	sell(&till, 2, &high[0], &low[0]); /* which somebody else hears, and the backup has not */
	till_send(&till, &other);
	till_close(&till);
	files_restore(&till.files, &backup);
	till_open(&till);
	sell(&till, 3, &high[1], &low[1]);
	assert_true(high[0] != high[1]);
	till_send(&till, &other);
	till_send(&other, &till);
	assert_int_equal(loy_store_conflict_count(other.store), 0);
	assert_int_equal(stores_stats(till.store).events, 3);
	stores_hash(till.store, hash[0]);
	stores_hash(other.store, hash[1]);
	assert_memory_equal(hash[0], hash[1], sizeof(hash[0]));
	files_free(&backup);
	till_destroy(&till);
	till_destroy(&other);
}

/* ---- opening ---- */

static void paths_that_are_none(void **state)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_store *store;

	(void)state;
	assert_int_equal(loy_store_open(&store, "/dev/null/none", 14, model, NULL, NULL, NULL, &error),
	                 LOY_EIO);
	assert_null(store);
	assert_true(error.message[0] != '\0');
	assert_int_equal(loy_store_open(&store, "ignored", 0, model, NULL, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(stores_stats(store).journal_bytes, 0); /* in memory */
	loy_store_destroy(store);
}

/* What a crash left in doubt needs another file, for which the limit has no room: told, and nothing changes. */
static void opening_keeps_to_the_limit(void **state)
{
	struct fault_files *disk = fault_create(6);
	const struct fault writes = {.kinds = FAULT_WRITE, .action = FAULT_FAIL, .forever = 1};
	loy_files files = fault_as_files(disk);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	uint64_t before[2], after[2];

	(void)state;
	durable_record(store, 0, 200); /* more than a quarter of the file: it is not written anew */
	stores_hash(store, before);
	fault_arm(disk, &writes);
	loy_store_destroy(store);
	fault_disarm(disk);
	options.files_limit = 100000;
	assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, NULL, NULL), LOY_EFULL);
	assert_null(store);
	options.files_limit = 0;
	store = durable_open(model, &options, NULL);
	stores_hash(store, after);
	assert_memory_equal(before, after, sizeof(before));
	loy_store_destroy(store);
	fault_destroy(disk);
}

/* A record that is longer than what is left of the limit, when the file would have to be made longer for it. */
static void the_limit_holds_for_long_records(void **state)
{
	loy_files files = durable_files(7);
	loy__journal_options options = {.files = files, .segment_bytes = 65536, .files_limit = 200000};
	static uint8_t body[LOY__RECORD_MAX];
	loy_recovery report = {.struct_size = sizeof(report)};
	loy_allocator memory;
	loy__journal *j;

	(void)state;
	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	assert_int_equal(loy__journal_open(&j, &options, &memory, NULL), LOY_OK);
	assert_int_equal(loy__journal_replay(j, 0, NULL, NULL, &report, NULL), LOY_OK);
	assert_int_equal(loy__journal_reserve(j, 1, sizeof(body), NULL), LOY_EFULL);
	assert_int_equal(loy__journal_reserve(j, 1, 100000, NULL), LOY_OK);
	assert_int_equal(loy__journal_append(j, 1, body, 100000, NULL, 0), 1);
	assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
	assert_int_equal(loy__journal_reserve(j, 1, 90000, NULL), LOY_EFULL);
	assert_int_equal(loy__journal_committed(j), 1);
	loy__journal_close(j);
	loy_files_close(&files);
}

/* Bytes behind the end that are no multiple of eight are torn ones like others. */
static void files_may_end_anywhere(void **state)
{
	size_t extra;

	(void)state;
	for (extra = 1; extra < 20; extra++) {
		loy_files files = durable_files(8);
		loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
		loy_recovery report = {.struct_size = sizeof(report)};
		loy_store *store = durable_open(model, &options, NULL);
		uint64_t before[2], after[2], size;
		void *file;

		durable_record(store, 0, 10);
		stores_hash(store, before);
		loy_store_destroy(store);
		assert_int_equal(files.open(files.user_data, "jnl-0000000000000001", LOY_OPEN_WRITE, &file),
		                 LOY_OK);
		assert_int_equal(files.size(files.user_data, file, &size), LOY_OK);
		assert_int_equal(
		        files.write_at(files.user_data, file, size, "what does not belong here", extra),
		        LOY_OK);
		files.close(files.user_data, file);
		assert_int_equal(loy_store_open(&store, NULL, 0, model, &options, NULL, &report, NULL),
		                 LOY_OK);
		assert_true(report.torn_bytes >= extra);
		stores_hash(store, after);
		assert_memory_equal(before, after, sizeof(before));
		loy_store_destroy(store);
		loy_files_close(&files);
	}
}

/* ---- an open store ---- */

static void files_may_go_while_a_store_is_open(void **state)
{
	loy_files files = durable_files(9);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store;
	loy_error error = {.struct_size = sizeof(error)};
	char name[32];

	(void)state;
	options.flags = LOY_STORE_UNCHAINED;
	store = durable_open(model, &options, NULL);
	durable_record(store, 0, 20);
	assert_int_equal(durable_compact(store, 1u << 20), LOY_OK);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_ALL, NULL, NULL, NULL, NULL), LOY_OK);
	snprintf(name, sizeof(name), "snap-%016llx",
	         (unsigned long long)loy__journal_meta(store->ledger->journal)->snapshot);
	assert_int_equal(files.remove(files.user_data, name), LOY_OK);
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_FILES, NULL, NULL, NULL, &error), LOY_EDAMAGED);
	assert_int_equal(error.code, LOY_EDAMAGED);
	assert_int_equal(
	        loy_store_verify(store, LOY_VERIFY_PROFILES | LOY_VERIFY_CHAIN, NULL, NULL, NULL, NULL),
	        LOY_OK);
	loy_store_destroy(store);
	loy_files_close(&files);
}

/* A customer too many, one too few, one that is otherwise: verification counts them. */
static void wrong_profiles_are_counted(void **state)
{
	loy_files files = durable_files(10);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	loy_store *store = durable_open(model, &options, NULL);
	loy_verification found = {.struct_size = sizeof(found)};
	loy__arrival arrival;
	loy_event *event;
	loy__customer *customer;

	(void)state;
	durable_record(store, 0, 20);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, LATE), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 99), LOY_OK);
	assert_int_equal(loy__store_arrive(store, event, &arrival), LOY_OK);
	assert_int_equal(loy__store_apply(store, event, &arrival, NULL), LOY_OK); /* nobody recorded that */
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_PROFILES, &found, NULL, NULL, NULL),
	                 LOY_EDAMAGED);
	assert_int_equal(found.wrong, 1);
	customer = loy__customers_at(&store->numbered, 0);
	customer->who.number = 77; /* one is missing, too, and another there */
	assert_int_equal(loy_store_verify(store, LOY_VERIFY_PROFILES, &found, NULL, NULL, NULL),
	                 LOY_EDAMAGED);
	assert_true(found.wrong >= 3);
	assert_int_equal(loy_store_rebuild(store, NULL, NULL, NULL), LOY_OK);
	loy_event_destroy(event);
	loy_store_destroy(store);
	loy_files_close(&files);
}

static void what_cannot_be_asked_is_refused(void **state)
{
	loy_files files = durable_files(18);
	loy_store_options options = durable_options(&files, LOY_DURABLE_EACH);
	const loy_batch_options small = {.struct_size = 2},
	                        wide = {.struct_size = sizeof(wide), .threads = 257};
	loy_store *store = durable_open(model, &options, NULL);
	uint64_t row, found = 7;
	double value;

	(void)state;
	durable_record(store, 0, 5);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	assert_int_equal(loy_store_rank(store, model, 0, LATE, 1, NULL, 0, NULL, NULL, 1, &found, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_store_rank(store, model, 0, LATE, 1, NULL, 0, &row, &value, 1, &found, &small),
	                 LOY_EINVAL);
	assert_int_equal(loy_store_rank(store, model, 0, LATE, 1, NULL, 0, &row, &value, 1, &found, &wide),
	                 LOY_EINVAL);
	assert_int_equal(found, 7);
	assert_int_equal(loy_store_rank(store, model, 0, LATE, 1, NULL, 0, &row, &value, 1, NULL, NULL),
	                 LOY_OK);
	assert_int_equal(loy_store_erase_until(store, 1, NULL, 0, LOY_TIME_MIN - 1, NULL), LOY_ETIME);
	assert_int_equal(loy_store_erase_until(store, 1, NULL, 0, LOY_TIME_MAX + 1, NULL), LOY_ETIME);
	loy_store_destroy(store);
	options.flags = LOY_STORE_READ_ONLY;
	store = durable_open(model, &options, NULL);
	assert_int_equal(loy_store_erase(store, 1, NULL, 0), LOY_EREADONLY);
	assert_int_equal(loy_store_erase(store, 999, NULL, 0), LOY_EREADONLY);
	loy_store_destroy(store);
	loy_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(vectors_that_are_none),
	        cmocka_unit_test(runs_of_tags_meet_others),
	        cmocka_unit_test(statements_of_one_time),
	        cmocka_unit_test(events_of_nobody),
	        cmocka_unit_test(more_conflicts_than_wait),
	        cmocka_unit_test(erasures_reach_what_has_no_time),
	        cmocka_unit_test(facts_that_are_too_long_or_of_themselves),
	        cmocka_unit_test(events_are_only_where_they_are),
	        cmocka_unit_test(another_half_life_is_another_schema),
	        cmocka_unit_test(restored_tills_begin_a_new_epoch),
	        cmocka_unit_test(paths_that_are_none),
	        cmocka_unit_test(opening_keeps_to_the_limit),
	        cmocka_unit_test(the_limit_holds_for_long_records),
	        cmocka_unit_test(files_may_end_anywhere),
	        cmocka_unit_test(files_may_go_while_a_store_is_open),
	        cmocka_unit_test(wrong_profiles_are_counted),
	        cmocka_unit_test(what_cannot_be_asked_is_refused),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
