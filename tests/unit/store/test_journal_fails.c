/*
 * A journal whose memory or medium fails: each request and each operation once and for ever. What comes back
 * is a clear status, nothing leaks, nothing is acknowledged after a failed sync, and opening again finds what
 * was acknowledged.
 */
#include "journal_support.h"
#include "fault_files.h"

#define LARGEST 9000u

/* What one run of every call got through. */
struct outcome {
	uint64_t acknowledged, submitted;
	loy_status status; /* the first that was not LOY_OK */
};

static loy_status shorten(loy__record_view *record, uint8_t *body, void *user)
{
	(void)body;
	(void)user;
	if (record->position % 3 == 0 && record->size > 1)
		record->size /= 2;
	return LOY_OK;
}

static loy_status any_record(const loy__record_view *record, void *user)
{
	uint64_t *next = user;

	assert_int_equal(record->position, (*next)++);
	return LOY_OK;
}

/* Writes, with what room there is. LOY_OK or why not. */
static loy_status put(loy__journal *j, uint64_t count, struct outcome *out)
{
	loy_status status = loy__journal_reserve(j, count, count * LARGEST, NULL);

	if (status != LOY_OK)
		return status;
	append_records(j, count, LARGEST);
	out->submitted = loy__journal_last(j);
	status = loy__journal_commit(j, NULL);
	if (status == LOY_OK)
		out->acknowledged = loy__journal_committed(j);
	else
		assert_int_equal(loy__journal_writable(j, NULL), LOY_EIO); /* poisoned: for good */
	return status;
}

static loy_status read_some(loy__journal *j)
{
	loy__journal_reader *reader;
	loy__record_view record;
	loy_status status = loy__journal_reader_create(&reader, j, 2, NULL);

	while (status == LOY_OK)
		status = loy__journal_reader_next(reader, &record, NULL);
	loy__journal_reader_destroy(reader);
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

/* All calls, one after the other; goes on after failures that are not final. */
static loy_status use(loy__journal *j, struct outcome *out)
{
	uint8_t head[32];
	loy_status status[9];
	size_t i;

	status[0] = put(j, 2, out);
	status[1] = put(j, 12, out); /* into another segment */
	status[2] = loy__journal_seal(j, NULL);
	status[3] = put(j, 3, out);
	status[4] = read_some(j);
	status[5] =
	        loy__journal_segment_count(j) > 1 ? loy__journal_rewrite(j, 0, shorten, NULL, NULL) : LOY_OK;
	status[6] = loy__journal_verify_chain(j, head, NULL, NULL, NULL);
	status[7] = loy__journal_set_snapshots(j, 1, 0, NULL);
	status[8] = put(j, 1, out);
	for (i = 0; i < LOY__COUNT(status); i++) {
		if (status[i] != LOY_OK)
			return status[i];
	}
	return LOY_OK;
}

/* `before`: records there are. */
static void run(const loy_files *files, const loy_allocator *memory, uint64_t before, struct outcome *out)
{
	loy__journal_options options = journal_options(files);
	loy_recovery report = {0};
	loy__journal *j;
	uint64_t next = 1;

	out->acknowledged = out->submitted = before;
	out->status = loy__journal_open(&j, &options, memory, NULL);
	if (out->status != LOY_OK) {
		assert_null(j);
		return;
	}
	out->status = loy__journal_replay(j, 0, any_record, &next, &report, NULL);
	if (out->status == LOY_OK) {
		assert_int_equal(next - 1, before);
		out->status = use(j, out);
	}
	loy__journal_close(j);
}

/* Opening again, when nothing fails any more. */
static void check(const loy_files *files, const struct outcome *out, long n)
{
	loy__journal_options options = journal_options(files);
	loy_allocator memory = plain_memory();
	loy_error error = {.struct_size = sizeof(error)};
	loy_recovery report = {0};
	loy__journal *j;
	uint64_t next = 1;
	loy_status status = loy__journal_open(&j, &options, &memory, &error);

	if (status == LOY_OK)
		status = loy__journal_replay(j, 0, any_record, &next, &report, &error);
	if (status != LOY_OK)
		fail_msg("after failure %ld: %s: %s", n, loy_status_name(status), error.message);
	assert_in_range(next - 1, out->acknowledged, out->submitted);
	loy__journal_close(j);
}

/* Some records, not closed in order: so that opening has to recover. */
static void prepare(const loy_files *files)
{
	loy__journal_options options = journal_options(files);
	loy_allocator memory = plain_memory();
	loy_recovery report = {0};
	struct outcome out = {0};
	loy__journal *j;
	uint64_t next = 1;

	assert_int_equal(loy__journal_open(&j, &options, &memory, NULL), LOY_OK);
	assert_int_equal(loy__journal_replay(j, 0, any_record, &next, &report, NULL), LOY_OK);
	assert_int_equal(put(j, 5, &out), LOY_OK);
	j->dirty = 0;
	loy__journal_close(j);
}

static void every_request_for_memory_may_fail(void **state)
{
	int forever, prepared;

	(void)state;
	for (forever = 0; forever < 2; forever++) {
		for (prepared = 0; prepared < 2; prepared++) {
			struct outcome out = {0};
			struct faulty heap;
			long n;

			for (n = 0;; n++) {
				struct fault_files *disk = fault_create(5);
				loy_files files = fault_as_files(disk);
				loy_allocator memory;

				if (prepared)
					prepare(&files);
				heap = (struct faulty){.until = n, .forever = forever};
				memory = faulty_allocator(&heap);
				run(&files, &memory, prepared ? 5 : 0, &out);
				assert_int_equal(heap.live, 0);
				assert_true(out.status == (heap.refused != 0 ? LOY_ENOMEM : LOY_OK));
				check(&files, &out, n);
				fault_destroy(disk);
				if (heap.refused == 0)
					break;
			}
			assert_true(n > 15);
		}
	}
}

/* What may come back when the medium fails in a way. */
static int allowed(loy_status status, loy_status given)
{
	return status == LOY_OK || status == LOY_EIO || status == given;
}

static void every_operation_may_fail(void **state)
{
	static const loy_status statuses[] = {LOY_EIO, LOY_EFULL, LOY_ENOMEM};
	static const uint32_t actions[] = {FAULT_FAIL, FAULT_SHORT};
	unsigned which, prepared, forever, action, failures = 0;

	(void)state;
	for (which = 0; which < 24; which++) {
		uint64_t at;

		prepared = which & 1;
		forever = which >> 1 & 1;
		action = which >> 2 & 1;
		for (at = 0;; at++) {
			struct fault fault = {FAULT_ALL, actions[action], at, (int)forever,
			                      statuses[which / 8]};
			struct fault_files *disk = fault_create(at + 1);
			loy_files files = fault_as_files(disk);
			loy_allocator memory = plain_memory();
			struct outcome out;
			uint64_t happened;

			if (prepared)
				prepare(&files);
			fault_arm(disk, &fault);
			run(&files, &memory, prepared ? 5 : 0, &out);
			happened = fault_happened(disk);
			fault_kill(disk);
			if (!allowed(out.status, fault.status))
				fail_msg("operation %d: %s", (int)at, loy_status_name(out.status));
			check(&files, &out, (long)at);
			fault_destroy(disk);
			if (happened == 0)
				break;
			failures++;
		}
	}
	print_message("%u failures\n", failures);
	assert_true(failures > 2000);
}

/* A full medium, and the limit of files, are told before anything is changed, and the journal goes on. */
static void full_is_told_before_anything_changed(void **state)
{
	int limited;

	(void)state;
	for (limited = 0; limited < 2; limited++) {
		struct fault_files *disk = fault_create(1);
		loy_files files = fault_as_files(disk);
		loy__journal_options options = journal_options(&files);
		loy__journal *j;
		loy_status status;
		uint64_t count = 0, bytes;

		options.files_limit = limited ? 300000 : 0;
		fault_room(disk, limited ? UINT64_MAX : 300000);
		j = open_records(&options, 0, LARGEST, NULL);
		while ((status = loy__journal_reserve(j, 3, 3 * LARGEST, NULL)) == LOY_OK) {
			append_records(j, 3, LARGEST);
			assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
			count += 3;
		}
		assert_int_equal(status, LOY_EFULL);
		assert_true(count > 30);
		bytes = loy__journal_bytes(j);
		assert_int_equal(loy__journal_reserve(j, 3, 3 * LARGEST, NULL), LOY_EFULL);
		assert_int_equal(loy__journal_bytes(j), bytes);
		assert_true(bytes <= 300000);
		read_records(j, 1, count, LARGEST);
		if (loy__journal_reserve(j, 1, 100, NULL) == LOY_OK) {
			append_records(j, 1, 0); /* what still fits */
			assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
		}
		fault_room(disk, UINT64_MAX);
		if (!limited) {
			write_records(j, 3, 0);
		}
		loy__journal_close(j);
		fault_destroy(disk);
	}
}

/*
 * After a failed sync all calls fail until the journal is opened again; and nothing that was not synced is
 * believed.
 */
static void a_failed_sync_is_final(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 100; seed++) {
		struct fault_files *disk = fault_create(seed);
		loy_files files = fault_as_files(disk);
		loy__journal_options options = journal_options(&files);
		struct fault fault = {FAULT_SYNC, FAULT_FAIL, 0, 0, 0};
		struct expect expect = {1, LARGEST, 0};
		loy_recovery report = {0};
		uint8_t head[32];
		loy__journal *j = open_records(&options, 0, LARGEST, NULL);

		write_records(j, 4, LARGEST);
		assert_int_equal(loy__journal_reserve(j, 2, 2 * LARGEST, NULL), LOY_OK);
		append_records(j, 2, LARGEST);
		fault_arm(disk, &fault);
		assert_int_equal(loy__journal_commit(j, NULL), LOY_EIO);
		assert_int_equal(loy__journal_commit(j, NULL), LOY_EIO);
		assert_int_equal(loy__journal_reserve(j, 1, 1, NULL), LOY_EIO);
		assert_int_equal(loy__journal_seal(j, NULL), LOY_EIO);
		assert_int_equal(loy__journal_rewrite(j, 0, shorten, NULL, NULL), LOY_EIO);
		assert_int_equal(loy__journal_set_snapshots(j, 1, 0, NULL), LOY_EIO);
		assert_int_equal(loy__journal_verify_chain(j, head, NULL, NULL, NULL), LOY_EIO);
		assert_int_equal(loy__journal_committed(j), 4);
		loy__journal_close(j);
		/*
		 * The cache shows all six, the medium may have four: whoever opens must not rely on the
		 * cache.
		 */
		assert_int_equal(try_open(&j, &options, &expect, &report, NULL), LOY_OK);
		assert_in_range(expect.count, 4, 6);
		loy__journal_close(j);
		fault_crash(disk, seed);
		loy__journal_close(open_records(&options, expect.count, LARGEST, NULL));
		fault_destroy(disk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_request_for_memory_may_fail),
	        cmocka_unit_test(every_operation_may_fail),
	        cmocka_unit_test(full_is_told_before_anything_changed),
	        cmocka_unit_test(a_failed_sync_is_final),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
