/*
 * How fast a store on files records, opens and replays, next to a bare loop that appends and syncs, and next to SQLite
 * (WAL, synchronous FULL) doing the same work where it is installed, all in one run:
 *
 *	cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build build/bench --target bench_durable
 *	build/bench/tests/bench_durable
 *
 * The work: purchases with identities of customers drawn at random; each event is kept, its identity checked, and the
 * customer's sums brought up to date. Files go to a folder made in the working directory and removed at the end.
 *
 * --events N, --customers N, --rounds N: of opening and replay (1,000,000, 100,000, 3).
 */
#define _POSIX_C_SOURCE 200809L
#include <loyalty.h>

#include "numeric/numeric.h"
#include "profile/profile.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#if defined(LOY_HAVE_SQLITE)
#include <sqlite3.h>
#endif

#define BEGIN      (INT64_C(19723) * LOY_DAY) /* 2024-01-01 */
#define ROUNDS_MAX 15
#define FOLDER     "bench_durable_files"

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void check(loy_status status, const char *what)
{
	if (status != LOY_OK) {
		fprintf(stderr, "%s: %s\n", what, loy_status_name(status));
		exit(1);
	}
}

static void must(int good, const char *what)
{
	if (!good) {
		fprintf(stderr, "%s failed\n", what);
		exit(1);
	}
}

static double median(double *x, int n)
{
	int i, k;

	for (i = 1; i < n; i++)
		for (k = i; k > 0 && x[k] < x[k - 1]; k--) {
			double t = x[k];

			x[k] = x[k - 1];
			x[k - 1] = t;
		}
	return x[n / 2];
}

static int32_t remove_each(const char *name, void *user)
{
	loy_files *files = user;

	return files->remove(files->user_data, name) != LOY_OK;
}

static void clear_folder(void)
{
	loy_files files = {.struct_size = sizeof(files)};

	if (loy_files_open_directory(&files, FOLDER, strlen(FOLDER), 0, NULL) != LOY_OK)
		return;
	check(files.list(files.user_data, remove_each, &files), "list");
	loy_files_close(&files);
	(void)rmdir(FOLDER);
}

/* Resident bytes of this process; 0 where the system does not say. */
static uint64_t resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long long total = 0, pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%llu %llu", &total, &pages) != 2)
		pages = 0;
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* ---- the work ---- */

struct work {
	uint64_t events, customers, rounds;
	uint64_t *customer, *sequence;
	int64_t *amount, *time;
};

static void make_work(struct work *w)
{
	loy__random random;
	uint64_t i;

	w->customer = malloc((size_t)w->events * sizeof(*w->customer));
	w->sequence = malloc((size_t)w->events * sizeof(*w->sequence));
	w->amount = malloc((size_t)w->events * sizeof(*w->amount));
	w->time = malloc((size_t)w->events * sizeof(*w->time));
	must(w->customer != NULL && w->sequence != NULL && w->amount != NULL && w->time != NULL, "malloc");
	loy__random_init(&random, 42);
	for (i = 0; i < w->events; i++) {
		w->customer[i] = loy__mix64(1 + loy__random_below(&random, w->customers));
		w->sequence[i] = i;
		w->amount[i] = 100 + (int64_t)loy__random_below(&random, 20000);
		w->time[i] = BEGIN + (int64_t)i * 60 * LOY_SECOND;
	}
}

static const uint8_t purchase = LOY_KIND_PURCHASE;
static const uint64_t device = UINT64_C(7) << 32 | 99;

static void record(loy_store *store, const struct work *w, uint64_t first, uint64_t count)
{
	const loy_column columns[] = {
	        {LOY_FIELD_KIND, LOY_COLUMN_U8, &purchase, 0, NULL, NULL},
	        {LOY_FIELD_TIME, LOY_COLUMN_I64, w->time + first, 8, NULL, NULL},
	        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, w->customer + first, 8, NULL, NULL},
	        {LOY_FIELD_AMOUNT, LOY_COLUMN_I64, w->amount + first, 8, NULL, NULL},
	        {LOY_FIELD_IDENTITY_HIGH, LOY_COLUMN_I64, &device, 0, NULL, NULL},
	        {LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, w->sequence + first, 8, NULL, NULL},
	};
	loy_batch_result result = {.struct_size = sizeof(result)};

	check(loy_store_record_columns(store, columns, 6, count, NULL, NULL, &result, NULL),
	      "record_columns");
	must(result.recorded == count, "recording");
}

/* All of it again: every row is a duplicate. */
static void record_again(loy_store *store, const struct work *w)
{
	loy_batch_result result = {.struct_size = sizeof(result)};
	const loy_column columns[] = {
	        {LOY_FIELD_KIND, LOY_COLUMN_U8, &purchase, 0, NULL, NULL},
	        {LOY_FIELD_TIME, LOY_COLUMN_I64, w->time, 8, NULL, NULL},
	        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, w->customer, 8, NULL, NULL},
	        {LOY_FIELD_AMOUNT, LOY_COLUMN_I64, w->amount, 8, NULL, NULL},
	        {LOY_FIELD_IDENTITY_HIGH, LOY_COLUMN_I64, &device, 0, NULL, NULL},
	        {LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, w->sequence, 8, NULL, NULL},
	};

	check(loy_store_record_columns(store, columns, 6, w->events, NULL, NULL, &result, NULL),
	      "record_columns");
	must(result.duplicates == w->events, "recognising what was sent again");
}

static loy_store *open_store(const loy_model *model, loy_recovery *report)
{
	loy_store_options options = {.struct_size = sizeof(options)};
	loy_store *store;

	report->struct_size = sizeof(*report);
	check(loy_store_open(&store, FOLDER, strlen(FOLDER), model, &options, NULL, report, NULL), "open");
	return store;
}

/* ---- committing ---- */

/* What nobody can beat: as many bytes as the store's records have, written into a file that is there, and synced. */
static double bare_rate(uint64_t each, double limit)
{
	static char bytes[64 * 10000];
	int file = open(FOLDER "-bare", O_RDWR | O_CREAT | O_TRUNC, 0600);
	uint64_t done = 0, size = 0;
	double start;

	must(file >= 0, "open");
	memset(bytes, 1, sizeof(bytes));
	for (size = 0; size < 64u << 20; size += sizeof(bytes))
		must(pwrite(file, bytes, sizeof(bytes), (off_t)size) == (ssize_t)sizeof(bytes), "write");
	must(fsync(file) == 0, "fsync");
	start = seconds();
	for (size = 0; seconds() - start < limit; done += each, size += 64 * each) {
		if (size + 64 * each > 64u << 20)
			size = 0;
		must(pwrite(file, bytes, (size_t)(64 * each), (off_t)size) == (ssize_t)(64 * each), "write");
		must(fdatasync(file) == 0, "fdatasync");
	}
	start = seconds() - start;
	close(file);
	unlink(FOLDER "-bare");
	return (double)done / start;
}

static double our_rate(const loy_model *model, const struct work *w, uint64_t each, double limit)
{
	loy_recovery report;
	loy_store *store;
	uint64_t done = 0;
	double start;

	clear_folder();
	store = open_store(model, &report);
	start = seconds();
	for (; seconds() - start < limit && done + each <= w->events; done += each)
		record(store, w, done, each);
	start = seconds() - start;
	loy_store_destroy(store);
	return (double)done / start;
}

#if defined(LOY_HAVE_SQLITE)
static void sql(sqlite3 *db, const char *text)
{
	must(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, text);
}

static double sqlite_rate(const struct work *w, uint64_t each, double limit)
{
	sqlite3_stmt *event, *customer;
	uint64_t done = 0, i;
	sqlite3 *db;
	double start;

	unlink(FOLDER ".db");
	unlink(FOLDER ".db-wal");
	unlink(FOLDER ".db-shm");
	must(sqlite3_open(FOLDER ".db", &db) == SQLITE_OK, "sqlite3_open");
	sql(db, "PRAGMA journal_mode=WAL");
	sql(db, "PRAGMA synchronous=FULL");
	sql(db, "CREATE TABLE event(device INTEGER, sequence INTEGER, customer INTEGER, time INTEGER, amount "
	        "INTEGER, "
	        "PRIMARY KEY(device, sequence)) WITHOUT ROWID");
	sql(db, "CREATE TABLE customer(id INTEGER PRIMARY KEY, count INTEGER, sum INTEGER, squares INTEGER, "
	        "first INTEGER, last INTEGER)");
	must(sqlite3_prepare_v2(db, "INSERT INTO event VALUES(?, ?, ?, ?, ?)", -1, &event, NULL) ==
	                     SQLITE_OK &&
	             sqlite3_prepare_v2(
	                     db,
	                     "INSERT INTO customer VALUES(?1, 1, ?2, ?2 * ?2, ?3, ?3) ON CONFLICT(id) DO "
	                     "UPDATE SET count = count + 1, sum = sum + ?2, squares = squares + ?2 * ?2, "
	                     "first = min(first, ?3), last = max(last, ?3)",
	                     -1, &customer, NULL) == SQLITE_OK,
	     "sqlite3_prepare");
	start = seconds();
	for (; seconds() - start < limit && done + each <= w->events; done += each) {
		sql(db, "BEGIN");
		for (i = done; i < done + each; i++) {
			sqlite3_bind_int64(event, 1, (sqlite3_int64)device);
			sqlite3_bind_int64(event, 2, (sqlite3_int64)w->sequence[i]);
			sqlite3_bind_int64(event, 3, (sqlite3_int64)w->customer[i]);
			sqlite3_bind_int64(event, 4, w->time[i]);
			sqlite3_bind_int64(event, 5, w->amount[i]);
			must(sqlite3_step(event) == SQLITE_DONE, "insert");
			sqlite3_reset(event);
			sqlite3_bind_int64(customer, 1, (sqlite3_int64)w->customer[i]);
			sqlite3_bind_int64(customer, 2, w->amount[i]);
			sqlite3_bind_int64(customer, 3, w->time[i]);
			must(sqlite3_step(customer) == SQLITE_DONE, "upsert");
			sqlite3_reset(customer);
		}
		sql(db, "COMMIT");
	}
	start = seconds() - start;
	sqlite3_finalize(event);
	sqlite3_finalize(customer);
	sqlite3_close(db);
	unlink(FOLDER ".db");
	unlink(FOLDER ".db-wal");
	unlink(FOLDER ".db-shm");
	return (double)done / start;
}
#endif

static void bench_commits(const loy_model *model, const struct work *w)
{
	static const uint64_t each[] = {1, 10, 100, 1000, 10000};
	size_t i;

	printf("%-20s %14s %14s %8s %14s %8s\n", "events a commit", "bare, events/s", "ours", "ratio",
	       "SQLite", "ratio");
	for (i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		double bare = bare_rate(each[i], 1.0), ours = our_rate(model, w, each[i], 1.5), peer = 0.0;

#if defined(LOY_HAVE_SQLITE)
		peer = sqlite_rate(w, each[i], 1.5);
#endif
		bare = (bare + bare_rate(each[i], 1.0)) / 2; /* before and after: disks have moods */
		printf("%-20llu %14.0f %14.0f %8.3f %14.0f %8.2f\n", (unsigned long long)each[i], bare, ours,
		       ours / bare, peer, peer != 0.0 ? ours / peer : 0.0);
	}
}

/* ---- opening ---- */

/* The update alone, of records found before: what replay has to do at least. */
static double update_rate(const loy_model *model, const struct work *w)
{
	const loy_schema *schema = loy_model_schema(model);
	loy__record **record = calloc((size_t)w->customers + 1, sizeof(*record));
	loy_allocator memory;
	loy_event *event;
	loy__random random;
	uint64_t i;
	double start;

	must(record != NULL, "malloc");
	check(loy__memory_adopt(&memory, NULL), "memory");
	check(loy_event_create(&event, NULL), "loy_event_create");
	loy__random_init(&random, 42);
	start = seconds();
	for (i = 0; i < w->events; i++) {
		(void)loy_event_begin(event, LOY_KIND_PURCHASE, w->time[i]);
		(void)loy_event_set_customer(event, w->customer[i]);
		(void)loy_event_set_identity(event, device, w->sequence[i]);
		(void)loy_event_set(event, LOY_FIELD_AMOUNT, w->amount[i]);
		check(loy__record_apply(&record[1 + loy__random_below(&random, w->customers)], schema, event,
		                        1, &memory, NULL),
		      "loy__record_apply");
	}
	start = seconds() - start;
	for (i = 0; i <= w->customers; i++)
		loy__record_free(record[i], &memory);
	free(record);
	loy_event_destroy(event);
	return (double)w->events / start;
}

static void print_memory(const loy_store *store, uint64_t before)
{
	loy_store_stats stats = {.struct_size = sizeof(stats)};

	check(loy_store_get_stats(store, &stats), "loy_store_get_stats");
	printf("held %.1f MiB: %.2f times the profiles (%.1f a customer); identities %.2f bytes an event; "
	       "resident %+.1f MiB\n",
	       (double)stats.memory / 1048576.0, (double)stats.memory / (double)stats.profile_bytes,
	       (double)stats.profile_bytes / (double)stats.customers,
	       (double)stats.identity_bytes / (double)stats.events,
	       (double)(resident() - before) / 1048576.0);
}

static void bench_opening(const loy_model *model, const struct work *w)
{
	double replay[ROUNDS_MAX], load[ROUNDS_MAX], bare[ROUNDS_MAX], again[ROUNDS_MAX], start;
	uint64_t before, i;
	loy_recovery report;
	loy_store *store;
	uint32_t left = 1;

	clear_folder();
	store = open_store(model, &report);
	for (i = 0; i < w->events; i += 10000)
		record(store, w, i, w->events - i < 10000 ? w->events - i : 10000);
	loy_store_destroy(store);
	for (i = 0; i < w->rounds; i++) {
		bare[i] = update_rate(model, w);
		start = seconds();
		store = open_store(model, &report);
		replay[i] = seconds() - start;
		must(report.replayed >= w->events, "replaying all");
		if (i + 1 < w->rounds)
			loy_store_destroy(store);
	}
	start = seconds();
	while (left)
		check(loy_store_compact(store, 1u << 20, &left, NULL), "compact");
	printf("compaction: %.1f ms in all\n", (seconds() - start) * 1e3);
	loy_store_destroy(store);
	for (i = 0; i < w->rounds; i++) {
		before = resident();
		start = seconds();
		store = open_store(model, &report);
		load[i] = seconds() - start;
		must(report.replayed == 0, "loading all");
		if (i == 0)
			print_memory(store, before);
		start = seconds();
		record_again(store, w);
		again[i] = seconds() - start;
		loy_store_destroy(store);
	}
	printf("replay %8.2f M events/s, %.2f of the bare update loop (%.2f M/s)\n",
	       (double)w->events / median(replay, (int)w->rounds) * 1e-6,
	       (double)w->events / median(replay, (int)w->rounds) / median(bare, (int)w->rounds),
	       median(bare, (int)w->rounds) * 1e-6);
	printf("open   %8.1f ms: %llu customers, %llu events in a snapshot\n",
	       median(load, (int)w->rounds) * 1e3, (unsigned long long)w->customers,
	       (unsigned long long)w->events);
	printf("sent again: %.2f M events/s are found to be duplicates\n",
	       (double)w->events / median(again, (int)w->rounds) * 1e-6);
}

int main(int argc, char **argv)
{
	struct work w = {1000000, 100000, 3, NULL, NULL, NULL, NULL};
	loy_model *model;
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		uint64_t value = strtoull(argv[i + 1], NULL, 10);

		if (strcmp(argv[i], "--events") == 0)
			w.events = value;
		else if (strcmp(argv[i], "--customers") == 0)
			w.customers = value;
		else if (strcmp(argv[i], "--rounds") == 0)
			w.rounds = value;
	}
	must(w.events >= 1 && w.customers >= 1 && w.rounds >= 1 && w.rounds <= ROUNDS_MAX && i == argc,
	     "reading options");
	check(loy_model_create_builtin(&model, "retail", NULL), "loy_model_create_builtin");
	make_work(&w);
	bench_commits(model, &w);
	bench_opening(model, &w);
	clear_folder();
	loy_model_destroy(model);
	free(w.customer);
	free(w.sequence);
	free(w.amount);
	free(w.time);
	return 0;
}
