/*
 * How many events a second a store on files acknowledges, by events a commit, next to a bare loop that appends as many
 * bytes to a file that is there and syncs, and next to SQLite (WAL, synchronous FULL) doing the same work where it is
 * installed:
 *
 *	cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build build/bench --target bench_durable
 *	build/bench/tests/bench_durable
 *
 * The work is that of purchases.h: each event is kept, its identity checked, and the customer's sums brought up to
 * date. Commits of 100 events and more go through all of it, in some minutes; those of fewer through its beginning.
 * Disks have moods, so the three take turns in rounds, each with the same commits of the same events, and what is
 * told is the median of the rounds' ratios; and the processor's time, in which others on the disk do not show. The
 * bare loop has a file of the size of a journal file, full of zeroes and synced before, and begins again at its end:
 * it makes no further files. Where the store makes some that matter, in large commits, every round has one.
 *
 * --events N, --customers N, --rounds N (10,000,000, 1,000,000, 21), --each N: only commits of that many events.
 */
#define _POSIX_C_SOURCE 200809L
#include "peer.h"

#include <fcntl.h>
#include <sys/stat.h>

#define BARE_BYTES (4u << 20)
#define FRAME_HEAD 24u

enum { BARE, OURS, SQLITE, KINDS };

/* One of the three, while it works. */
struct contestant {
	uint64_t done; /* events */
	double wall, processor;
	double rate[ROUNDS_MAX],
	        cost[ROUNDS_MAX]; /* events a second, microseconds of the processor an event */
};

/* ---- the bare loop ---- */

static char bytes[BARE_BYTES];

static int bare_open(void)
{
	int file = open(FOLDER "-bare", O_RDWR | O_CREAT | O_TRUNC, 0600);

	need(file >= 0, "open");
	memset(bytes, 0, sizeof(bytes));
	need(pwrite(file, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes), "write");
	need(fsync(file) == 0, "fsync");
	memset(bytes, 1, sizeof(bytes));
	return file;
}

/* Bytes that an event takes in a journal. */
static size_t bytes_of_event(const struct work *w)
{
	uint8_t out[256];
	loy_event *event;
	size_t size = 0;

	check(loy_event_create(&event, NULL), "loy_event_create");
	(void)loy_event_begin(event, LOY_KIND_PURCHASE, w->time[0]);
	(void)loy_event_set_customer(event, w->customer[0]);
	(void)loy_event_set_identity(event, device, w->sequence[0]);
	(void)loy_event_set(event, LOY_FIELD_AMOUNT, w->amount[0]);
	check(loy_event_write(event, out, sizeof(out), &size), "loy_event_write");
	loy_event_destroy(event);
	return (FRAME_HEAD + size + 7) / 8 * 8;
}

static void bare_commit(int file, size_t size, uint64_t *at)
{
	if (*at + size > BARE_BYTES)
		*at = 0;
	need(pwrite(file, bytes, size, (off_t)*at) == (ssize_t)size, "write");
	need(fdatasync(file) == 0, "fdatasync");
	*at += size;
}

/* ---- all of them ---- */

/* What is open while they take turns. */
struct place {
	const struct work *work;
	uint64_t each, commits; /* events a commit; commits a round */
	size_t event_bytes;
	loy_store *store;
	struct peer peer;
	int file;
	uint64_t at;
};

static void take_turn(struct place *p, struct contestant *c, int kind, int round)
{
	double wall = wall_seconds(), used = processor_seconds();
	double events = (double)(p->commits * p->each);
	uint64_t i;

	for (i = 0; i < p->commits; i++, c->done += p->each) {
		if (kind == BARE)
			bare_commit(p->file, p->event_bytes * (size_t)p->each, &p->at);
		else if (kind == OURS)
			need(record(p->store, p->work, c->done, p->each).recorded == p->each, "recording");
		else
			peer_record(&p->peer, p->work, c->done, p->each);
	}
	c->rate[round] = events / (wall_seconds() - wall);
	c->cost[round] = (processor_seconds() - used) / events * 1e6;
}

static double ratio(const struct contestant *a, const struct contestant *b, int rounds)
{
	double ratios[ROUNDS_MAX];
	int i;

	for (i = 0; i < rounds; i++)
		ratios[i] = a->rate[i] / b->rate[i];
	return median(ratios, rounds);
}

static void tell(uint64_t each, struct contestant *c, int rounds)
{
	double bare = ratio(&c[OURS], &c[BARE], rounds), peer = ratio(&c[OURS], &c[SQLITE], rounds);

#if !defined(LOY_HAVE_SQLITE)
	peer = 0.0;
#endif
	printf("%8llu %12.0f %12.0f %12.0f %8.3f %8.2f %10.3f %8.3f %8.3f\n", (unsigned long long)each,
	       median(c[BARE].rate, rounds), median(c[OURS].rate, rounds), median(c[SQLITE].rate, rounds),
	       bare, peer, median(c[BARE].cost, rounds), median(c[OURS].cost, rounds),
	       median(c[SQLITE].cost, rounds));
}

static void bench_commits(const loy_model *model, const struct work *w, uint64_t each, uint64_t commits)
{
	static struct contestant c[KINDS];
	struct place p = {.work = w, .each = each, .event_bytes = bytes_of_event(w)};
	uint64_t most = w->events / (each * w->rounds);
	loy_recovery report;
	int round, turn;

	if (most == 0)
		return;
	p.commits = commits < most ? commits : most;
	memset(c, 0, sizeof(c));
	clear_folder();
	p.store = open_store(model, &report);
	p.file = bare_open();
	remove_database();
	peer_open(&p.peer, DATABASE);
	for (round = 0; round < (int)w->rounds; round++)
		for (turn = 0; turn < KINDS; turn++)
			take_turn(&p, &c[(round + turn) % KINDS], (round + turn) % KINDS, round);
	tell(each, c, (int)w->rounds);
	peer_close(&p.peer);
	remove_database();
	close(p.file);
	unlink(FOLDER "-bare");
	loy_store_destroy(p.store);
}

int main(int argc, char **argv)
{
	static const uint64_t each[][2] = {
	        {1, 200}, {10, 200}, {100, UINT64_MAX}, {1000, UINT64_MAX}, {10000, UINT64_MAX}};
	struct work w = {.events = 10000000, .customers = 1000000, .rounds = 21};
	loy_model *model;
	size_t i;

	read_options(&w, argc, argv);
	check(loy_model_create_builtin(&model, "retail", NULL), "loy_model_create_builtin");
	make_work(&w);
	printf("events   events/s:                            ratio to          microseconds of the "
	       "processor an event:\n"
	       "a commit         bare         ours       SQLite     bare   SQLite       bare     ours   "
	       "SQLite\n");
	for (i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		if (w.each == 0 || w.each == each[i][0])
			bench_commits(model, &w, each[i][0], each[i][1]);
	}
	clear_folder();
	loy_model_destroy(model);
	free_work(&w);
	return 0;
}
