/*
 * The journal on a directory of the system, next to a bare loop that appends the same bytes to a file of
 * zeroes and syncs, and, where it is installed, to SQLite (WAL, synchronous=FULL), in turn in one run, so
 * that a moody disk is the same for all:
 *
 *	cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_journal
 *	cd on-the-disk-in-question && …/build/bench/tests/bench_journal [seconds of each measurement]
 *
 * Files are made in the current folder and removed.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include "journal_support.h"

#include <fcntl.h>
#if defined(LOY_HAVE_SQLITE)
#include <sqlite3.h>
#endif

#define PLACE "bench_journal.directory"
#define BODY  64u /* a purchase */

static double duration = 1.0;
static uint8_t body[BODY];

/* ---- the bare loop ---- */

static double bare(uint64_t group)
{
	enum { PLENTY = 4 << 20 };
	size_t size = (size_t)group * (BODY + LOY__FRAME_HEAD), i;
	uint8_t *bytes = malloc(size), *zeroes = calloc(1, PLENTY);
	uint64_t commits = 0, at = 0;
	double begin, end;
	int fd = open("bench_journal.bare", O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_non_null(bytes);
	assert_true(fd >= 0 && zeroes != NULL);
	assert_int_equal(pwrite(fd, zeroes, PLENTY, 0), PLENTY);
	assert_int_equal(fdatasync(fd), 0);
	for (i = 0; i < size; i++)
		bytes[i] = (uint8_t)i;
	begin = wall_seconds();
	do {
		if (at + size > PLENTY)
			at = 0; /* over and over: the best there is */
		assert_int_equal(pwrite(fd, bytes, size, (off_t)at), (ssize_t)size);
		assert_int_equal(fdatasync(fd), 0);
		at += size;
		commits++;
		end = wall_seconds();
	} while (end - begin < duration);
	close(fd);
	unlink("bench_journal.bare");
	free(bytes);
	free(zeroes);
	return (double)(commits * group) / (end - begin);
}

/* ---- the journal ---- */

static loy_status count_bytes(const loy__record_view *record, void *user)
{
	*(uint64_t *)user += record->size;
	return LOY_OK;
}

static loy__journal *open_here(loy_files *files, int padded, uint32_t flags, uint64_t *bytes,
                               loy_recovery *report)
{
	loy__journal_options options = {.files = *files, .padded = padded, .flags = flags};
	loy_allocator memory = plain_memory();
	loy__journal *j;

	assert_int_equal(loy__journal_open(&j, &options, &memory, NULL), LOY_OK);
	assert_int_equal(loy__journal_replay(j, 0, count_bytes, bytes, report, NULL), LOY_OK);
	return j;
}

/* Events a second, each commit of `group`; in 1e-9 seconds an event what is spent outside the commits. */
static double ours(loy_files *files, uint64_t group, int padded, double *outside)
{
	loy_recovery report = {0};
	uint64_t bytes = 0, commits = 0, i;
	double begin, end, mark, spent = 0;
	loy__journal *j;

	remove_files(files);
	j = open_here(files, padded, 0, &bytes, &report);
	begin = wall_seconds();
	do {
		mark = processor_seconds();
		assert_int_equal(loy__journal_reserve(j, group, group * BODY, NULL), LOY_OK);
		for (i = 0; i < group; i++) {
			loy__put_u64(body, i);
			(void)loy__journal_append(j, 1, body, BODY, NULL, 0);
		}
		spent += processor_seconds() - mark;
		assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
		commits++;
		end = wall_seconds();
	} while (end - begin < duration);
	*outside = 1e9 * spent / (double)(commits * group);
	loy__journal_close(j);
	return (double)(commits * group) / (end - begin);
}

/* Opening and reading what ours() left, and walking its chain. */
static void reading(loy_files *files)
{
	uint8_t head[LOY__BLAKE2S_SIZE];
	loy_recovery report = {0};
	uint64_t bytes = 0, again = 0, records, size;
	double begin = processor_seconds(), mark;
	loy__journal *j = open_here(files, 0, 0, &bytes, &report);
	loy__journal_reader *reader;
	loy__record_view record;

	mark = processor_seconds();
	records = loy__journal_committed(j);
	size = records * (BODY + LOY__FRAME_HEAD);
	printf("replay   %8.2f M records/s  %6.2f GB/s of journal (%.0f MB)\n",
	       1e-6 * (double)records / (mark - begin), 1e-9 * (double)size / (mark - begin),
	       1e-6 * (double)size);
	assert_int_equal(loy__journal_reader_create(&reader, j, 1, NULL), LOY_OK);
	begin = processor_seconds();
	while (loy__journal_reader_next(reader, &record, NULL) == LOY_OK)
		(void)count_bytes(&record, &again);
	mark = processor_seconds();
	assert_int_equal(again, bytes);
	printf("reader   %8.2f M records/s  %6.2f GB/s\n", 1e-6 * (double)records / (mark - begin),
	       1e-9 * (double)size / (mark - begin));
	loy__journal_reader_destroy(reader);
	begin = processor_seconds();
	assert_int_equal(loy__journal_verify_chain(j, head, NULL, NULL, NULL), LOY_OK);
	mark = processor_seconds();
	printf("chain    %8.2f M records/s  %6.0f ns a record, when it is verified\n",
	       1e-6 * (double)records / (mark - begin), 1e9 * (mark - begin) / (double)records);
	loy__journal_close(j);
}

/* ---- SQLite ---- */

#if defined(LOY_HAVE_SQLITE)
static void run_sql(sqlite3 *db, const char *text)
{
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
}

static double sqlite(uint64_t group)
{
	uint64_t commits = 0, i;
	double begin, end;
	sqlite3_stmt *insert;
	sqlite3 *db;

	unlink("bench_journal.db");
	assert_int_equal(sqlite3_open("bench_journal.db", &db), SQLITE_OK);
	run_sql(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE e(id INTEGER PRIMARY "
	            "KEY, body BLOB)");
	assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO e(body) VALUES(?)", -1, &insert, NULL),
	                 SQLITE_OK);
	begin = wall_seconds();
	do {
		run_sql(db, "BEGIN");
		for (i = 0; i < group; i++) {
			loy__put_u64(body, i);
			sqlite3_bind_blob(insert, 1, body, BODY, SQLITE_TRANSIENT);
			assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
			sqlite3_reset(insert);
		}
		run_sql(db, "COMMIT");
		commits++;
		end = wall_seconds();
	} while (end - begin < duration);
	sqlite3_finalize(insert);
	sqlite3_close(db);
	unlink("bench_journal.db");
	return (double)(commits * group) / (end - begin);
}
#endif

int main(int count, char **arguments)
{
	static const uint64_t groups[] = {1, 10, 100, 1000, 10000};
	loy_files files = {.struct_size = sizeof(files)};
	double outside, plain;
	size_t i;

	if (count > 1)
		duration = atof(arguments[1]);
	assert_int_equal(loy_files_open_directory(&files, PLACE, strlen(PLACE), 0, NULL), LOY_OK);
	printf("records a second, bodies of %u bytes, acknowledged after a sync\n", BODY);
	printf("%8s %12s %12s %8s %12s %12s %8s\n", "a commit", "bare loop", "journal", "ratio", "padded",
	       "SQLite", "ratio");
	for (i = 0; i < LOY__COUNT(groups); i++) {
		double loop = bare(groups[i]), padded = ours(&files, groups[i], 1, &outside);

		plain = ours(&files, groups[i], 0, &outside);
		loop = (loop + bare(groups[i])) / 2;
		printf("%8d %12.0f %12.0f %8.2f %12.0f", (int)groups[i], loop, plain, plain / loop, padded);
#if defined(LOY_HAVE_SQLITE)
		loop = sqlite(groups[i]);
		printf(" %12.0f %8.1f", loop, plain / loop);
#endif
		printf("   (%.0f ns a record before the commit)\n", outside);
	}
	reading(&files);
	remove_files(&files);
	loy_files_close(&files);
	(void)rmdir(PLACE);
	return 0;
}
