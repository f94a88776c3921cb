/*
 * kill: a real process that writes a store to a real directory is killed (SIGKILL) at random moments, also while it
 * opens, recovers and compacts; each time the store is opened again and must be what the acknowledged actions make it,
 * or those and the few that were under way, in order. POSIX only.
 *
 *	kill [--kills N] [--seed N] [DIRECTORY]     default: 20 kills in ./kill.directory, which is emptied
 *
 * What the store must be is told by another one in memory files that makes the same actions and is not killed.
 */
#define _GNU_SOURCE 1
#include <loyalty.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CUSTOMERS   40u
#define FLIGHT      64u /* most actions that wait for their acknowledgement */
#define COMPACT_ONE 8u  /* one action in so many is followed by a step of compaction */

static uint64_t seed = 1;

static void die(const char *what, uint64_t number, loy_status status, const loy_error *error)
{
	(void)fprintf(stderr, "kill: %s (%" PRIu64 "): %s %s\n", what, number, loy_status_name(status),
	              error != NULL ? error->message : "");
	exit(1);
}

static void check(const char *what, loy_status status)
{
	if (status != LOY_OK)
		die(what, 0, status, NULL);
}

/* A number of its own for each place and use: actions depend on nothing else. */
static uint64_t chance(uint64_t place, uint64_t use)
{
	uint64_t x =
	        (seed * 1000003 + place) * UINT64_C(0x9e3779b97f4a7c15) + use * UINT64_C(0xbf58476d1ce4e5b9);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* ---- actions ---- */

static loy_status record(loy_store *store, loy_event *event, uint64_t number, uint64_t customer, int64_t time)
{
	uint64_t kind = chance(number, 3) % 10;

	check("event", loy_event_begin(event, kind < 8 ? LOY_KIND_PURCHASE : LOY_KIND_COMPLAINT, time));
	check("customer", loy_event_set_customer(event, customer));
	check("identity", loy_event_set_identity(event, seed, number));
	if (kind < 8)
		check("amount",
		      loy_event_set(event, LOY_FIELD_AMOUNT, (int64_t)(100 + chance(number, 4) % 10000)));
	else
		check("severity", loy_event_set_ratio(event, LOY_FIELD_SEVERITY, 0.5));
	return loy_store_record(store, event, NULL);
}

/* Action `number`, from 1: most record an event, some join, separate or erase. */
static loy_status act(loy_store *store, loy_event *event, uint64_t number)
{
	uint64_t what = chance(number, 1) % 64, customer = 1 + chance(number, 2) % CUSTOMERS;
	int64_t time = INT64_C(1700000000000000) + (int64_t)number * LOY_SECOND;
	loy_who part = {customer, NULL, 0}, whole = {1 + customer % CUSTOMERS, NULL, 0};
	loy_status status;

	if (what == 0)
		status = loy_store_erase_until(store, customer, NULL, 0, time - LOY_HOUR, NULL);
	else if (what == 1)
		status = loy_store_join(store, &part, &whole, time, NULL);
	else if (what == 2)
		status = loy_store_separate(store, &part, time, NULL);
	else
		status = record(store, event, number, customer, time);
	return status == LOY_EERASED ? LOY_OK : status;
}

static uint64_t pending(const loy_store *store)
{
	loy_store_stats stats = {.struct_size = sizeof(stats)};

	check("stats", loy_store_get_stats(store, &stats));
	return stats.pending;
}

/* ---- who is killed ---- */

/* Act from `number` on until killed; tell the pipe what is acknowledged. */
static void work(const char *directory, const loy_model *model, uint64_t number, int pipe_end)
{
	loy_store_options options = {.struct_size = sizeof(options)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_event *event;
	loy_store *store;
	uint32_t left;
	loy_status status;

	options.segment_bytes = 65536;
	options.durability = number % 3 == 0 ? LOY_DURABLE_EACH : LOY_DURABLE_GROUP;
	options.group_events = (uint32_t)(1 + chance(number, 5) % (FLIGHT / 2));
	status = loy_store_open(&store, directory, strlen(directory), model, &options, NULL, NULL, &error);
	if (status != LOY_OK)
		die("the worker cannot open", number, status, &error);
	check("event", loy_event_create(&event, NULL));
	for (;; number++) {
		status = act(store, event, number);
		if (status != LOY_OK)
			die("action", number, status, NULL);
		if (chance(number, 6) % COMPACT_ONE == 0) {
			status = loy_store_compact(store, chance(number, 7) % 30000, &left, &error);
			if (status != LOY_OK)
				die("compact", number, status, &error);
		}
		/* Last, because compaction commits as well: untold, any number of actions could be under way. */
		if (pending(store) == 0 &&
		    write(pipe_end, &number, sizeof(number)) != (ssize_t)sizeof(number))
			_exit(1);
	}
}

static void wait_a_little(uint64_t nanoseconds)
{
	struct timespec t = {0, (long)nanoseconds};

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

/* One life and death; returns the last action that was acknowledged. */
static uint64_t live_and_die(const char *directory, const loy_model *model, uint64_t next, uint64_t round)
{
	uint64_t acknowledged = next - 1, number;
	int ends[2], status = 0;
	pid_t child;

	if (pipe(ends) != 0)
		die("pipe", round, LOY_EIO, NULL);
	child = fork();
	if (child < 0)
		die("fork", round, LOY_EIO, NULL);
	if (child == 0) {
		(void)close(ends[0]);
		work(directory, model, next, ends[1]);
	}
	(void)close(ends[1]);
	/* One in four dies while it opens, the others some commits later. */
	if (chance(round, 8) % 4 != 0 && read(ends[0], &number, sizeof(number)) == (ssize_t)sizeof(number))
		acknowledged = number;
	wait_a_little(chance(round, 9) % (chance(round, 8) % 4 == 0 ? 2000000 : 15000000));
	(void)kill(child, SIGKILL);
	while (read(ends[0], &number, sizeof(number)) == (ssize_t)sizeof(number))
		acknowledged = number;
	(void)close(ends[0]);
	if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		die("the worker ended by itself", round, LOY_EIO, NULL);
	return acknowledged;
}

/* ---- who looks ---- */

static void hash_of(loy_store *store, uint64_t hash[2])
{
	check("sort", loy_store_sort(store));
	check("hash", loy_store_hash(store, &hash[0], &hash[1]));
}

struct truth {
	loy_files files;
	loy_store *store;
	loy_event *event;
	uint64_t number; /* of its last action */
};

static void begin_truth(struct truth *t, const loy_model *model)
{
	loy_store_options options = {.struct_size = sizeof(options), .files = &t->files};

	memset(&t->files, 0, sizeof(t->files));
	t->files.struct_size = sizeof(t->files);
	t->number = 0;
	options.durability = LOY_DURABLE_GROUP;
	check("memory", loy_files_open_memory(&t->files, 1, NULL));
	check("truth", loy_store_open(&t->store, NULL, 0, model, &options, NULL, NULL, NULL));
	check("event", loy_event_create(&t->event, NULL));
}

/* Open what was left and find after which action it is; all must have come up to `acknowledged`. */
static uint64_t look(const char *directory, const loy_model *model, struct truth *t, uint64_t acknowledged)
{
	loy_store_options options = {.struct_size = sizeof(options), .segment_bytes = 65536};
	loy_error error = {.struct_size = sizeof(error)};
	uint64_t is[2], must[2];
	loy_store *store;
	loy_status status =
	        loy_store_open(&store, directory, strlen(directory), model, &options, NULL, NULL, &error);

	if (status != LOY_OK)
		die("the store does not open", acknowledged, status, &error);
	hash_of(store, is);
	for (;;) {
		if (t->number < acknowledged) {
			check("truth", act(t->store, t->event, ++t->number));
			continue;
		}
		hash_of(t->store, must);
		if (is[0] == must[0] && is[1] == must[1])
			break;
		if (t->number >= acknowledged + FLIGHT)
			die("the store is after no action from here on", acknowledged, LOY_EDAMAGED, NULL);
		check("truth", act(t->store, t->event, ++t->number));
	}
	loy_store_destroy(store);
	return t->number;
}

static int32_t first_name(const char *name, void *context)
{
	(void)strcpy(context, name);
	return 1;
}

static void empty(const char *directory)
{
	loy_files files = {.struct_size = sizeof(files)};
	char name[LOY_FILE_NAME_MAX + 1] = "";

	check("directory", loy_files_open_directory(&files, directory, strlen(directory), 0, NULL));
	while (files.list(files.user_data, first_name, name) == LOY_OK && name[0] != '\0') {
		check("remove", files.remove(files.user_data, name));
		name[0] = '\0';
	}
	loy_files_close(&files);
}

int main(int argc, char **argv)
{
	const char *directory = "kill.directory";
	uint64_t kills = 20, round, number = 0, acknowledged = 0, more = 0;
	loy_model *model;
	struct truth truth;
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--kills") == 0 && i + 1 < argc)
			kills = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
			seed = strtoull(argv[++i], NULL, 10);
		else
			directory = argv[i];
	}
	check("model", loy_model_create_builtin(&model, "retail", NULL));
	empty(directory);
	begin_truth(&truth, model);
	for (round = 0; round < kills; round++) {
		acknowledged = live_and_die(directory, model, number + 1, round);
		number = look(directory, model, &truth, acknowledged);
		more += number - acknowledged;
	}
	(void)printf("%" PRIu64 " kills, %" PRIu64 " actions there, %" PRIu64
	             " of them not acknowledged, 0 lost, 0 wrong\n",
	             kills, number, more);
	loy_event_destroy(truth.event);
	loy_store_destroy(truth.store);
	loy_files_close(&truth.files);
	loy_model_destroy(model);
	return 0;
}
