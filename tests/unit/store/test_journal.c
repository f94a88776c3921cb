#include "journal_support.h"

static loy_files files;

static int setup(void **state)
{
	(void)state;
	files.struct_size = sizeof(files);
	return loy_files_open_memory(&files, 7, NULL) != LOY_OK;
}

static int teardown(void **state)
{
	(void)state;
	loy_files_close(&files);
	return 0;
}

/* ---- round trips ---- */

static void a_new_journal_is_empty(void **state)
{
	loy__journal_options options = journal_options(&files);
	loy_recovery report = {0};
	loy__journal *j = open_records(&options, 0, 0, &report);
	int i;

	(void)state;
	assert_int_equal(report.clean, 1);
	assert_int_equal(report.torn_bytes, 0);
	read_records(j, 1, 0, 0);
	assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
	loy__journal_close(j);
	for (i = 0; i < 5; i++) { /* opening and closing makes no files */
		j = open_records(&options, 0, 0, &report);
		assert_int_equal(report.clean, 1);
		assert_int_equal(loy__journal_bytes(j), SEGMENT);
		assert_int_equal(loy__journal_meta(j)->generation, 3 + i);
		loy__journal_close(j);
	}
}

/* Commits of any number of records of any size, opened again after each. */
static void records_come_back(void **state)
{
	static const size_t largest[] = {0, 60, 700, 5000, 200000};
	size_t k;
	int padded;

	for (padded = 0; padded < 2; padded++) {
		for (k = 0; k < LOY__COUNT(largest); k++) {
			loy__journal_options options = journal_options(&files);
			uint64_t count = 0, i;

			options.padded = padded;
			for (i = 0; i < 12; i++) {
				loy_recovery report = {0};
				loy__journal *j = open_records(&options, count, largest[k], &report);

				assert_int_equal(report.clean, 1);
				write_records(j, i, largest[k]);
				read_records(j, 1, count + i, largest[k]);
				write_records(j, 2 * i, largest[k]);
				write_records(j, 0, largest[k]);
				count += 3 * i;
				assert_int_equal(loy__journal_committed(j), count);
				read_records(j, 1 + count / 2, count - count / 2, largest[k]);
				loy__journal_close(j);
			}
			teardown(state);
			assert_int_equal(setup(state), 0);
		}
	}
}

/* The last commit of a store that was not closed is doubted, copied, and there. */
static void records_survive_a_crash(void **state)
{
	int padded;

	for (padded = 0; padded < 2; padded++) {
		loy__journal_options options = journal_options(&files);
		uint64_t count = 0, i;

		options.padded = padded;
		for (i = 1; i < 12; i++) {
			loy_recovery report = {0};
			loy__journal *j = open_records(&options, count, 300, &report);

			assert_int_equal(report.clean, i == 1);
			write_records(j, i, 300);
			write_records(j, i, 300);
			count += 2 * i;
			j->dirty = 0; /* no mark is left: as if the process had ended */
			loy__journal_close(j);
		}
		teardown(state);
		assert_int_equal(setup(state), 0);
	}
}

/* ---- appending ---- */

/* What begins in one commit and ends in it counts together; its last frame says so, whichever it is. */
/* However often it happens, and whether or not what was there is known to be on the medium. */
static void crashes_leave_no_trail_of_small_files(void **state)
{
	loy__journal_options options = journal_options(&files);
	const uint64_t crashes = 200, each = 3;
	uint64_t n, bytes = 0;
	loy__journal *j;

	(void)state;
	for (n = 0; n < crashes; n++) {
		loy_recovery report = {0};

		j = open_records(&options, n * each, 100, &report);
		assert_int_equal(report.clean, n == 0);
		write_records(j, 1, 100);
		write_records(j, each - 1, 100);
		bytes = loy__journal_bytes(j);
		/* Files that are left behind are a quarter full, or more, and one may lie ahead. */
		assert_true(loy__journal_segment_count(j) <=
		            2 + n * each * (24 + 16 + 100 + 8) / (SEGMENT / 4));
		j->dirty = 0;
		loy__journal_close(j);
	}
	assert_true(bytes < 4 * SEGMENT);
	j = open_records(&options, crashes * each, 100, NULL);
	assert_int_equal(loy__journal_verify_chain(j, (uint8_t[32]){0}, NULL, NULL, NULL), LOY_OK);
	loy__journal_close(j);
}

static void units_end_with_their_last_frame(void **state)
{
	loy__journal_options options = journal_options(&files);
	loy__journal *j = open_records(&options, 0, 2000, NULL);

	(void)state;
	assert_int_equal(loy__journal_reserve(j, 9, 18000, NULL), LOY_OK);
	loy__journal_begin(j);
	loy__journal_end(j); /* of nothing */
	append_records(j, 2, 2000);
	loy__journal_begin(j);
	append_records(j, 4, 2000);
	assert_int_equal(loy__journal_commit(j, NULL), LOY_ESTATE);
	loy__journal_end(j);
	append_records(j, 1, 2000);
	loy__journal_begin(j);
	append_records(j, 2, 2000);
	loy__journal_end(j);
	assert_int_equal(loy__journal_last(j), 9);
	assert_int_equal(loy__journal_committed(j), 0);
	read_records(j, 1, 0, 2000); /* what is pending is not read */
	assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
	read_records(j, 1, 9, 2000);
	j->dirty = 0;
	loy__journal_close(j);
	loy__journal_close(open_records(&options, 9, 2000, NULL));
}

static void pending_records_are_dropped_on_closing(void **state)
{
	loy__journal_options options = journal_options(&files);
	loy__journal *j = open_records(&options, 0, 100, NULL);

	(void)state;
	write_records(j, 3, 100);
	assert_int_equal(loy__journal_reserve(j, 2, 200, NULL), LOY_OK);
	append_records(j, 2, 100);
	loy__journal_close(j);
	loy__journal_close(open_records(&options, 3, 100, NULL));
}

static void there_is_no_more_room_than_was_reserved(void **state)
{
	loy__journal_options options = journal_options(&files);
	loy__journal *j = open_records(&options, 0, 100, NULL);
	static uint8_t body[LOY__RECORD_MAX + 1];

	(void)state;
	assert_int_equal(loy__journal_append(j, 1, body, 1, NULL, 0), 0);
	assert_int_equal(loy__journal_reserve(j, 1, 100, NULL), LOY_OK);
	assert_int_equal(loy__journal_append(j, 1, body, 5000, NULL, 0), 0);
	assert_int_equal(loy__journal_append(j, 33, body, 50, NULL, 0), 0);
	assert_int_equal(loy__journal_append(j, 257, body, 50, NULL, 0), 0);
	assert_int_equal(loy__journal_append(j, 1, body, 50, body, 50), 1);
	assert_int_equal(loy__journal_append(j, 1, body, 100, NULL, 0), 0);
	assert_int_equal(loy__journal_reserve(j, 3, 3 * LOY__RECORD_MAX, NULL), LOY_OK);
	assert_int_equal(loy__journal_append(j, 1, body, LOY__RECORD_MAX + 1, NULL, 0), 0);
	assert_int_equal(loy__journal_append(j, 1, body, LOY__RECORD_MAX, body, 1), 0);
	assert_int_equal(loy__journal_append(j, 1, body, LOY__RECORD_MAX, NULL, 0), 2);
	assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
	assert_int_equal(loy__journal_append(j, 1, body, 1, NULL, 0), 0); /* room is for one commit */
	assert_int_equal(loy__journal_reserve(j, UINT64_MAX, 1, NULL), LOY_ENOMEM);
	assert_int_equal(loy__journal_reserve(j, 1, UINT64_MAX, NULL), LOY_ENOMEM);
	assert_int_equal(loy__journal_committed(j), 2);
	loy__journal_close(j);
}

/*
 * Room made in pieces, between begin and end or not, over ends of segments, for groups larger than a segment.
 */
static void room_may_be_made_in_pieces(void **state)
{
	int padded;

	for (padded = 0; padded < 2; padded++) {
		loy__journal_options options = journal_options(&files);
		loy__journal *j;
		uint64_t count = 0, i, k;

		options.padded = padded;
		j = open_records(&options, 0, 3000, NULL);
		for (i = 0; i < 60; i++) {
			uint64_t units = 1 + i % 5;

			for (k = 0; k < units; k++) {
				uint64_t pieces = 1 + (i * 7 + k) % (i % 10 == 9 ? 90 : 4);
				int unit = (i + k) % 2 == 0;

				if (unit)
					loy__journal_begin(j);
				for (; pieces > 0; pieces--) {
					assert_int_equal(loy__journal_reserve(j, 2, 6000, NULL), LOY_OK);
					append_records(j, 1 + pieces % 2, 3000);
				}
				if (unit)
					loy__journal_end(j);
			}
			count = loy__journal_last(j);
			assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
			if (i % 7 == 0) {
				j->dirty = i % 2 == 0 ? 0 : j->dirty;
				loy__journal_close(j);
				j = open_records(&options, count, 3000, NULL);
			}
		}
		read_records(j, 1, count, 3000);
		assert_true(loy__journal_segment_count(j) > 10);
		loy__journal_close(j);
		loy__journal_close(open_records(&options, count, 3000, NULL));
		teardown(state);
		assert_int_equal(setup(state), 0);
	}
}

/* ---- readers ---- */

static void readers_follow_what_is_committed(void **state)
{
	loy__journal_options options = journal_options(&files);
	loy__journal *j = open_records(&options, 0, 900, NULL);
	struct expect expect[3] = {{1, 900, 0}, {1, 900, 0}, {40, 900, 0}};
	loy__journal_reader *reader[3];
	loy__record_view record;
	loy_status status;
	int i, k;

	(void)state;
	for (k = 0; k < 3; k++)
		assert_int_equal(loy__journal_reader_create(&reader[k], j, expect[k].next, NULL), LOY_OK);
	for (i = 0; i < 100; i++) {
		write_records(j, 1 + (uint64_t)i % 4, 900);
		for (k = 0; k < 3; k++) {
			int most = k == 1 ? 1 : 1000; /* the second falls behind */

			while (most-- > 0 &&
			       (status = loy__journal_reader_next(reader[k], &record, NULL)) == LOY_OK)
				assert_int_equal(expect_record(&record, &expect[k]), LOY_OK);
			if (most >= 0)
				assert_int_equal(status, LOY_ENOTFOUND);
		}
	}
	while (loy__journal_reader_next(reader[1], &record, NULL) == LOY_OK)
		assert_int_equal(expect_record(&record, &expect[1]), LOY_OK);
	assert_int_equal(expect[0].count, loy__journal_committed(j));
	assert_int_equal(expect[1].count, loy__journal_committed(j));
	assert_int_equal(expect[2].count, loy__journal_committed(j) - 39);
	for (k = 0; k < 3; k++)
		loy__journal_reader_destroy(reader[k]);
	loy__journal_reader_destroy(NULL);
	loy__journal_close(j);
}

/* ---- rewriting and the chain ---- */

static const char secret_text[] = "a name that must go";

/* Records with text; every fifth holds the name. */
static void write_names(loy__journal *j, int count)
{
	for (; count > 0; count--) {
		uint64_t position = loy__journal_last(j) + 1;
		const char *text = position % 5 == 0 ? secret_text : "somebody who stays";

		assert_int_equal(loy__journal_reserve(j, 1, 100, NULL), LOY_OK);
		loy__journal_append(j, LOY_RECORD_EVENT, text, strlen(text), &position, 1);
		assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
	}
}

static loy_status forget_name(loy__record_view *record, uint8_t *body, void *user)
{
	++*(int *)user;
	if (record->size > 10 && memcmp(body, secret_text, 10) == 0) {
		memset(body, 'x', 4);
		record->size = 4;
		record->type = LOY_RECORD_GONE;
	}
	return LOY_OK;
}

static loy_status leave(loy__record_view *record, uint8_t *body, void *user)
{
	(void)record;
	(void)body;
	++*(int *)user;
	return LOY_OK;
}

static loy_status lengthen(loy__record_view *record, uint8_t *body, void *user)
{
	(void)body;
	(void)user;
	record->size++;
	return LOY_OK;
}

static loy_status refuse(loy__record_view *record, uint8_t *body, void *user)
{
	(void)body;
	(void)user;
	return record->position > 70 ? LOY_ECANCELLED : LOY_OK;
}

struct hunt {
	const char *text;
	int files, found;
};

static int32_t hunt_file(const char *name, void *context)
{
	struct hunt *hunt = context;
	uint64_t size, at;
	uint8_t *bytes;
	size_t got, length = strlen(hunt->text);
	void *file;

	if (files.open(files.user_data, name, LOY_OPEN_READ, &file) != LOY_OK)
		return 0;
	assert_int_equal(files.size(files.user_data, file, &size), LOY_OK);
	bytes = malloc((size_t)size + 1);
	assert_non_null(bytes);
	assert_int_equal(files.read_at(files.user_data, file, 0, bytes, (size_t)size, &got), LOY_OK);
	files.close(files.user_data, file);
	for (at = 0; at + length <= size; at++)
		hunt->found += memcmp(bytes + at, hunt->text, length) == 0;
	hunt->files++;
	free(bytes);
	return 0;
}

static int times_in_files(const char *text)
{
	struct hunt hunt = {text, 0, 0};

	assert_int_equal(files.list(files.user_data, hunt_file, &hunt), LOY_OK);
	assert_true(hunt.files >= 3);
	return hunt.found;
}

static void check_names(loy__journal *j, uint64_t gone_up_to)
{
	loy__journal_reader *reader;
	loy__record_view record;
	uint64_t next = 1;

	assert_int_equal(loy__journal_reader_create(&reader, j, 1, NULL), LOY_OK);
	while (loy__journal_reader_next(reader, &record, NULL) == LOY_OK) {
		assert_int_equal(record.position, next++);
		assert_int_equal(record.type, record.position % 5 == 0 && record.position <= gone_up_to
		                                      ? LOY_RECORD_GONE
		                                      : LOY_RECORD_EVENT);
		if (record.type == LOY_RECORD_EVENT)
			assert_int_equal(record.body[record.size - 1], record.position & 255);
		else
			assert_int_equal(record.size, 4);
	}
	assert_int_equal(next - 1, loy__journal_committed(j));
	loy__journal_reader_destroy(reader);
}

static loy_status count_records(const loy__record_view *record, void *user)
{
	(void)record;
	++*(uint64_t *)user;
	return LOY_OK;
}

static void erased_bytes_go_and_the_chain_stays(void **state)
{
	loy__journal_options options = journal_options(&files);
	uint8_t before[32], after[32];
	uint64_t first, last, bytes;
	loy__journal *j = open_records(&options, 0, 0, NULL);
	loy_allocator memory = plain_memory();
	loy_recovery report = {0};
	uint64_t count = 0;
	uint32_t i;
	int calls = 0, round;

	(void)state;
	write_names(j, 400); /* more than is copied as a whole */
	j->dirty = 0;
	loy__journal_close(j); /* the last record is copied to another segment, and keeps its link */
	assert_int_equal(loy__journal_open(&j, &options, &memory, NULL), LOY_OK);
	assert_int_equal(loy__journal_replay(j, 0, count_records, &count, &report, NULL), LOY_OK);
	assert_int_equal(count, 400);
	assert_int_equal(report.clean, 0);
	write_names(j, 150);
	assert_int_equal(loy__journal_verify_chain(j, before, NULL, NULL, NULL), LOY_OK);
	assert_int_equal(times_in_files(secret_text), 110);
	assert_int_equal(loy__journal_rewrite(j, loy__journal_segment_count(j) - 1, leave, &calls, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy__journal_seal(j, NULL), LOY_OK);
	assert_int_equal(loy__journal_seal(j, NULL), LOY_OK); /* nothing was written since */
	assert_int_equal(loy__journal_segment_count(j), 3);
	for (i = 0; i < 2; i++) { /* what edits nothing or fails changes nothing */
		assert_int_equal(loy__journal_rewrite(j, i, leave, &calls, NULL), LOY_OK);
		assert_int_equal(loy__journal_rewrite(j, i, lengthen, NULL, NULL), LOY_EINVAL);
		assert_int_equal(loy__journal_rewrite(j, i, refuse, NULL, NULL), LOY_ECANCELLED);
	}
	assert_int_equal(calls, 550);
	check_names(j, 0);
	assert_int_equal(j->rewrites, 0);
	for (round = 0; round < 2; round++) { /* again, and nothing is left to do */
		for (i = 0; i < 2; i++)
			assert_int_equal(loy__journal_rewrite(j, i, forget_name, &calls, NULL), LOY_OK);
		assert_int_equal(j->rewrites, 2);
		check_names(j, 550);
		assert_int_equal(times_in_files(secret_text), 0);
		assert_int_equal(loy__journal_verify_chain(j, after, NULL, NULL, NULL), LOY_OK);
		assert_memory_equal(before, after, 32);
	}
	loy__journal_segment_span(j, 0, &first, &last, &bytes);
	assert_int_equal(first, 1);
	assert_int_equal(last, 399);
	assert_true(bytes < 40000);
	loy__journal_segment_span(j, 2, &first, &last, &bytes);
	assert_int_equal(first, 551);
	assert_int_equal(last, 550);
	write_names(j, 10);
	loy__journal_close(j);
	assert_int_equal(loy__journal_open(&j, &options, &memory, NULL), LOY_OK);
	assert_int_equal(loy__journal_replay(j, 0, count_records, &count, &report, NULL), LOY_OK);
	assert_int_equal(count, 960);
	assert_int_equal(report.clean, 1);
	check_names(j, 550);
	assert_int_equal(loy__journal_verify_chain(j, after, NULL, NULL, NULL), LOY_OK);
	assert_memory_not_equal(before, after, 32);
	loy__journal_close(j);
}

static int32_t cancel(uint64_t done, uint64_t total, void *user_data)
{
	assert_true(done <= total);
	++*(int *)user_data;
	return 1;
}

/* Somebody who changes a record and mends its sum does not get past the value that meta kept. */
static void the_chain_notices_what_sums_do_not(void **state)
{
	loy__journal_options options = journal_options(&files);
	loy__journal *j = open_records(&options, 0, 60, NULL);
	loy_error error = {.struct_size = sizeof(error)};
	uint8_t head[32], frame[LOY__FRAME_MAX];
	loy__frame parts;
	size_t got;
	void *file;

	(void)state;
	write_records(j, 50, 60);
	assert_int_equal(loy__journal_verify_chain(j, head, NULL, NULL, &error), LOY_OK);
	assert_int_equal(files.open(files.user_data, "jnl-0000000000000001", LOY_OPEN_WRITE, &file), LOY_OK);
	assert_int_equal(files.read_at(files.user_data, file, LOY__SEGMENT_HEAD, frame, sizeof(frame), &got),
	                 LOY_OK);
	assert_int_equal(loy__frame_head(&parts, frame, got), 1);
	frame[6] ^= 1;
	loy__frame_seal(frame, j->seed);
	assert_int_equal(files.write_at(files.user_data, file, LOY__SEGMENT_HEAD, frame, parts.size), LOY_OK);
	files.close(files.user_data, file);
	assert_int_equal(loy__journal_verify_chain(j, head, NULL, NULL, &error), LOY_EDAMAGED);
	assert_non_null(strstr(error.message, "jnl-0000000000000001"));
	loy__journal_close(j);
}

static void walking_the_chain_can_be_cancelled(void **state)
{
	loy__journal_options options = {.files = files};
	loy__journal *j = open_records(&options, 0, 0, NULL);
	uint8_t head[32];
	int calls = 0;

	(void)state;
	write_records(j, 70000, 0);
	assert_int_equal(loy__journal_verify_chain(j, head, cancel, &calls, NULL), LOY_ECANCELLED);
	assert_int_equal(calls, 1);
	loy__journal_close(j);
	teardown(state);
	assert_int_equal(setup(state), 0);
	options.files = files;
	options.flags = LOY_STORE_UNCHAINED;
	j = open_records(&options, 0, 0, NULL);
	assert_int_equal(loy__journal_verify_chain(j, head, NULL, NULL, NULL), LOY_ESTATE);
	loy__journal_close(j);
}

/* ---- snapshots in meta ---- */

static void make_file(const char *name, size_t size)
{
	void *file;

	assert_int_equal(files.open(files.user_data, name, LOY_OPEN_CREATE, &file), LOY_OK);
	assert_int_equal(files.write_at(files.user_data, file, size - 1, "x", 1), LOY_OK);
	files.close(files.user_data, file);
}

static int is_there(const char *name)
{
	void *file;

	if (files.open(files.user_data, name, LOY_OPEN_READ, &file) != LOY_OK)
		return 0;
	files.close(files.user_data, file);
	return 1;
}

static void snapshots_no_longer_named_are_removed(void **state)
{
	loy__journal_options options = journal_options(&files);
	loy__journal *j = open_records(&options, 0, 0, NULL);

	(void)state;
	make_file("snap-0000000000000001", 100);
	make_file("snap-0000000000000002", 100);
	make_file("snap-000000000000000a", 1000);
	assert_int_equal(loy__journal_set_snapshots(j, 10, 1, NULL), LOY_OK);
	assert_true(is_there("snap-0000000000000001"));
	assert_false(is_there("snap-0000000000000002"));
	assert_true(is_there("snap-000000000000000a"));
	assert_int_equal(j->snapshot_bytes, 1100);
	make_file("snap-000000000000000b", 10); /* one that was never finished */
	loy__journal_close(j);
	j = open_records(&options, 0, 0, NULL);
	assert_false(is_there("snap-000000000000000b"));
	assert_int_equal(loy__journal_meta(j)->snapshot, 10);
	assert_int_equal(loy__journal_meta(j)->older_snapshot, 1);
	assert_int_equal(loy__journal_set_snapshots(j, 10, 0, NULL), LOY_OK);
	assert_false(is_there("snap-0000000000000001"));
	loy__journal_close(j);
}

/* ---- who may ---- */

static void one_writes_others_read(void **state)
{
	loy__journal_options options = journal_options(&files), reading = options, other;
	loy_allocator memory = plain_memory();
	loy_error error = {.struct_size = sizeof(error)};
	loy__journal *j, *second = NULL, *reader;
	struct expect expect = {1, 50, 0};
	uint8_t head[32];

	(void)state;
	reading.read_only = 1;
	assert_int_equal(loy__journal_open(&second, &reading, &memory, &error), LOY_ENOTFOUND);
	j = open_records(&options, 0, 50, NULL);
	assert_int_equal(loy__journal_open(&second, &options, &memory, &error), LOY_ELOCKED);
	assert_null(second);
	write_records(j, 7, 50);
	reader = open_records(&reading, 7, 50, NULL);
	write_records(j, 5, 50);
	read_records(reader, 3, 5, 50); /* what there was when it was opened */
	assert_int_equal(loy__journal_reserve(reader, 1, 1, &error), LOY_EREADONLY);
	assert_int_equal(loy__journal_commit(reader, NULL), LOY_EREADONLY);
	assert_int_equal(loy__journal_seal(reader, NULL), LOY_EREADONLY);
	assert_int_equal(loy__journal_set_snapshots(reader, 1, 0, NULL), LOY_EREADONLY);
	assert_int_equal(loy__journal_verify_chain(reader, head, NULL, NULL, NULL), LOY_OK);
	loy__journal_close(reader);
	loy__journal_close(j);
	other = options;
	other.pseudonym_check = 5;
	assert_int_equal(loy__journal_open(&second, &other, &memory, &error), LOY_EINVAL);
	other = options;
	other.segment_bytes = 4096;
	assert_int_equal(loy__journal_open(&second, &other, &memory, &error), LOY_EINVAL);
	other.segment_bytes = SEGMENT + 1;
	assert_int_equal(loy__journal_open(&second, &other, &memory, &error), LOY_EINVAL);
	assert_int_equal(loy__journal_open(&second, &options, &memory, &error), LOY_OK);
	assert_int_equal(loy__journal_reserve(second, 1, 1, &error), LOY_ESTATE);
	assert_int_equal(loy__journal_reader_create(&(loy__journal_reader *){NULL}, second, 1, NULL),
	                 LOY_ESTATE);
	assert_int_equal(loy__journal_replay(second, 0, expect_record, &expect, &(loy_recovery){0}, NULL),
	                 LOY_OK);
	assert_int_equal(expect.count, 12);
	assert_int_equal(loy__journal_replay(second, 0, expect_record, &expect, &(loy_recovery){0}, NULL),
	                 LOY_ESTATE);
	loy__journal_close(second);
	loy__journal_close(NULL);
}

static loy_status stop_at_three(const loy__record_view *record, void *user)
{
	*(uint64_t *)user = record->position;
	return record->position == 3 ? LOY_ENOTFOUND : LOY_OK;
}

static void a_visitor_may_stop(void **state)
{
	loy__journal_options options = journal_options(&files);
	loy_allocator memory = plain_memory();
	loy__journal *j = open_records(&options, 0, 50, NULL);
	loy_recovery report = {0};
	uint64_t last = 0;

	(void)state;
	write_records(j, 7, 50);
	loy__journal_close(j);
	assert_int_equal(loy__journal_open(&j, &options, &memory, NULL), LOY_OK);
	assert_int_equal(loy__journal_replay(j, 0, stop_at_three, &last, &report, NULL), LOY_EINVAL);
	assert_int_equal(last, 3);
	assert_int_equal(report.replayed, 0);
	loy__journal_close(j);
	loy__journal_close(open_records(&options, 7, 50, NULL));
}

/* ---- what cannot be asked ---- */

static loy_status make_own(loy__record_view *record, uint8_t *body, void *user)
{
	(void)body;
	record->type = *(const uint32_t *)user;
	return LOY_OK;
}

static void what_cannot_be_asked_is_refused(void **state)
{
	static const uint32_t types[] = {256 + 1, LOY__TYPE_OWN};
	loy__journal_options options = journal_options(&files);
	loy__journal *j = open_records(&options, 0, 50, NULL);
	size_t i;

	(void)state;
	loy__journal_end(j); /* of no unit */
	loy__journal_begin(j);
	loy__journal_end(j); /* of a unit with nothing in it */
	assert_int_equal(loy__journal_reserve(j, 2, 100, NULL), LOY_OK);
	append_records(j, 1, 50);
	assert_int_equal(loy__journal_seal(j, NULL), LOY_ESTATE);
	assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
	loy__journal_begin(j);
	assert_int_equal(loy__journal_seal(j, NULL), LOY_ESTATE);
	loy__journal_end(j);
	assert_int_equal(loy__journal_take(j, 1, LOY__JOURNAL_PLACE + 1), 0);
	assert_int_equal(loy__journal_take(j, LOY__TYPE_OWN, 10), 0);
	assert_int_equal(loy__journal_append(j, 1, "", LOY__RECORD_MAX + 1, NULL, 0), 0);
	assert_int_equal(loy__journal_reserve(j, UINT64_MAX / 100, 0, NULL), LOY_ENOMEM);
	assert_int_equal(loy__journal_seal(j, NULL), LOY_OK);
	for (i = 0; i < LOY__COUNT(types); i++)
		assert_int_equal(loy__journal_rewrite(j, 0, make_own, (void *)(uintptr_t)&types[i], NULL),
		                 LOY_EINVAL);
	loy__journal_close(j);
	j = open_records(&options, 1, 50, NULL);
	loy__journal_close(j);
}

/* A file made ahead and not begun is made longer for a record that does not fit. */
static void files_ahead_are_lengthened(void **state)
{
	loy__journal_options options = journal_options(&files);
	loy__journal *j = open_records(&options, 0, 600, NULL);
	uint64_t records = 0;

	(void)state;
	while (j->count == 1) { /* until there is no room for another */
		assert_int_equal(loy__journal_reserve(j, 1, 600, NULL), LOY_OK);
		if (j->count > 1)
			break;
		append_records(j, 1, 600);
		assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
		records++;
	}
	loy__journal_close(j);
	j = open_records(&options, records, 600, NULL);
	assert_int_equal(j->count, 2);
	assert_int_equal(j->segment[1].bytes, SEGMENT);
	assert_int_equal(loy__journal_reserve(j, 1, 2 * SEGMENT, NULL), LOY_OK);
	assert_int_equal(j->count, 2);
	assert_true(j->segment[1].bytes > 2 * SEGMENT);
	append_records(j, 1, 600);
	assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
	loy__journal_close(j);
	j = open_records(&options, records + 1, 600, NULL);
	loy__journal_close(j);
}

/* A reader that is under way when its file is written anew goes on in the new one. */
static loy_status shorten(loy__record_view *record, uint8_t *body, void *user)
{
	(void)body;
	(void)user;
	record->size = 0;
	return LOY_OK;
}

static void readers_survive_rewriting(void **state)
{
	loy__journal_options options = journal_options(&files);
	loy__journal *j = open_records(&options, 0, 50, NULL);
	loy__journal_reader *reader;
	loy__record_view record;
	uint64_t n;

	(void)state;
	write_records(j, 20, 50);
	assert_int_equal(loy__journal_seal(j, NULL), LOY_OK);
	assert_int_equal(loy__journal_reader_create(&reader, j, 1, NULL), LOY_OK);
	for (n = 1; n <= 20; n++) {
		if (n == 8)
			assert_int_equal(loy__journal_rewrite(j, 0, shorten, NULL, NULL), LOY_OK);
		assert_int_equal(loy__journal_reader_next(reader, &record, NULL), LOY_OK);
		assert_int_equal(record.position, n);
		assert_int_equal(record.size, n < 8 ? body_size(n, 50) : 0);
	}
	assert_int_equal(loy__journal_reader_next(reader, &record, NULL), LOY_ENOTFOUND);
	loy__journal_reader_destroy(reader);
	loy__journal_close(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_new_journal_is_empty, setup, teardown),
	        cmocka_unit_test_setup_teardown(records_come_back, setup, teardown),
	        cmocka_unit_test_setup_teardown(records_survive_a_crash, setup, teardown),
	        cmocka_unit_test_setup_teardown(crashes_leave_no_trail_of_small_files, setup, teardown),
	        cmocka_unit_test_setup_teardown(units_end_with_their_last_frame, setup, teardown),
	        cmocka_unit_test_setup_teardown(pending_records_are_dropped_on_closing, setup, teardown),
	        cmocka_unit_test_setup_teardown(there_is_no_more_room_than_was_reserved, setup, teardown),
	        cmocka_unit_test_setup_teardown(room_may_be_made_in_pieces, setup, teardown),
	        cmocka_unit_test_setup_teardown(readers_follow_what_is_committed, setup, teardown),
	        cmocka_unit_test_setup_teardown(erased_bytes_go_and_the_chain_stays, setup, teardown),
	        cmocka_unit_test_setup_teardown(the_chain_notices_what_sums_do_not, setup, teardown),
	        cmocka_unit_test_setup_teardown(walking_the_chain_can_be_cancelled, setup, teardown),
	        cmocka_unit_test_setup_teardown(snapshots_no_longer_named_are_removed, setup, teardown),
	        cmocka_unit_test_setup_teardown(one_writes_others_read, setup, teardown),
	        cmocka_unit_test_setup_teardown(a_visitor_may_stop, setup, teardown),
	        cmocka_unit_test_setup_teardown(what_cannot_be_asked_is_refused, setup, teardown),
	        cmocka_unit_test_setup_teardown(readers_survive_rewriting, setup, teardown),
	        cmocka_unit_test_setup_teardown(files_ahead_are_lengthened, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
