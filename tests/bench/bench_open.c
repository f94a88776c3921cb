/*
 * How long opening a store on files takes, what it holds in memory, and how soon one customer is found and scored:
 *
 *	cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build build/bench --target bench_open
 *	build/bench/tests/bench_open
 *
 * The store: a million purchases of 100,000 customers, with identities as a till makes them, compacted, then closed. It
 * is opened as it is (a snapshot), and with events behind the snapshot that have to be replayed. Files are in the
 * page cache. Resident bytes are what the process has more than before opening.
 *
 * --events N, --customers N, --later N (behind the snapshot), --rounds N, --directory PATH.
 */
#define _DEFAULT_SOURCE
#include "bench.h"

#define ROUNDS_MAX 31
#define NOW        (BEGIN + 2 * YEAR)

struct sizes {
	uint64_t events, customers, later, rounds;
};

static uint64_t customer_of(uint64_t i)
{
	return 1 + i * 7919;
}

/* Purchases first to end - 1, recorded one by one, committed by the thousand. */
static void record(loy_store *store, const struct sizes *sizes, uint64_t first, uint64_t end)
{
	loy_event *event;
	loy__random random;
	uint64_t i;

	loy__random_init(&random, first + 1);
	check(loy_event_create(&event, NULL), "loy_event_create");
	for (i = first; i < end; i++) {
		(void)loy_event_begin(event, LOY_KIND_PURCHASE,
		                      BEGIN + (int64_t)((double)i / (double)(sizes->events + sizes->later) *
		                                        (double)(2 * YEAR - LOY_DAY)));
		(void)loy_event_set_customer(event,
		                             customer_of(loy__random_below(&random, sizes->customers)));
		(void)loy_event_set_sequence(event, 7, 1, i + 1);
		(void)loy_event_set(event, LOY_FIELD_AMOUNT,
		                    100 + (int64_t)loy__random_below(&random, 20000));
		check(loy_store_record(store, event, NULL), "loy_store_record");
		if (i % 1000 == 999)
			check(loy_store_commit(store, NULL), "loy_store_commit");
	}
	check(loy_store_commit(store, NULL), "loy_store_commit");
	loy_event_destroy(event);
}

static loy_store *open_store(const char *path, const loy_model *model, loy_recovery *recovery)
{
	loy_store_options options = {.struct_size = sizeof(options), .durability = LOY_DURABLE_CALLER};
	loy_error error = {.struct_size = sizeof(error)};
	loy_store *store = NULL;

	if (loy_store_open(&store, path, strlen(path), model, &options, NULL, recovery, &error) != LOY_OK)
		check(error.code, error.message);
	return store;
}

static void compact(loy_store *store)
{
	uint32_t left = 1;

	while (left != 0)
		check(loy_store_compact(store, UINT64_C(1) << 20, &left, NULL), "loy_store_compact");
}

/* Finding and scoring one customer, each another, in microseconds. */
static double find_and_score(loy_store *store, const loy_model *model, const struct sizes *sizes)
{
	loy_scorecard *card;
	double start;
	uint64_t row;
	int i;

	check(loy_store_sort(store), "loy_store_sort");
	check(loy_scorecard_create(&card, model, NULL), "loy_scorecard_create");
	start = wall_seconds();
	for (i = 0; i < 2000; i++) {
		if (loy_store_find(store, customer_of((uint64_t)i * 31 % sizes->customers), &row) == LOY_OK)
			check(loy_store_evaluate(store, row, card, NOW), "loy_store_evaluate");
	}
	start = wall_seconds() - start;
	loy_scorecard_destroy(card);
	return start / 2000 * 1e6;
}

static void measure(const char *what, const char *path, const loy_model *model, const struct sizes *sizes)
{
	double wall[ROUNDS_MAX], cpu[ROUNDS_MAX], held[ROUNDS_MAX], scored[ROUNDS_MAX];
	loy_recovery recovery = {.struct_size = sizeof(recovery)};
	loy_store_stats stats = {.struct_size = sizeof(stats)};
	int i, rounds = (int)sizes->rounds;

	for (i = 0; i < rounds; i++) {
		double before = resident(), start = wall_seconds(), used = processor_seconds();
		loy_store *store = open_store(path, model, &recovery);

		wall[i] = (wall_seconds() - start) * 1e3;
		cpu[i] = (processor_seconds() - used) * 1e3;
		held[i] = (resident() - before) / (1 << 20);
		check(loy_store_get_stats(store, &stats), "loy_store_get_stats");
		scored[i] = find_and_score(store, model, sizes);
		loy_store_destroy(store);
	}
	printf("%-28s %7.1f ms (processor %.1f), %.1f MiB more resident, %.1f MiB held\n", what,
	       median(wall, rounds), median(cpu, rounds), held[0], (double)stats.memory / (1 << 20));
	printf("%-28s %llu from the snapshot, %llu replayed; %llu customers, profiles %.1f MiB, identities "
	       "%.1f MiB\n",
	       "", (unsigned long long)recovery.snapshot_records, (unsigned long long)recovery.replayed,
	       (unsigned long long)stats.customers, (double)stats.profile_bytes / (1 << 20),
	       (double)stats.identity_bytes / (1 << 20));
	printf("%-28s held %.2f of the profiles, without identities %.2f; found and scored in %.2f us\n", "",
	       (double)stats.memory / (double)stats.profile_bytes,
	       (double)(stats.memory - stats.identity_bytes) / (double)stats.profile_bytes,
	       median(scored, rounds));
}

static void remove_all(const char *path)
{
	loy_files files = {.struct_size = sizeof(files)};

	check(loy_files_open_directory(&files, path, strlen(path), 0, NULL), path);
	remove_files(&files);
	loy_files_close(&files);
	(void)rmdir(path);
}

int main(int count, char **arguments)
{
	struct sizes sizes = {1000000, 100000, 20000, 5};
	char fresh[] = "/tmp/bench-open-XXXXXX";
	const char *path = NULL;
	loy_model *model;
	loy_store *store;
	int i;

	for (i = 1; i + 1 < count; i += 2) {
		uint64_t *number = strcmp(arguments[i], "--events") == 0      ? &sizes.events
		                   : strcmp(arguments[i], "--customers") == 0 ? &sizes.customers
		                   : strcmp(arguments[i], "--later") == 0     ? &sizes.later
		                   : strcmp(arguments[i], "--rounds") == 0    ? &sizes.rounds
		                                                              : NULL;

		if (number != NULL)
			*number = strtoull(arguments[i + 1], NULL, 10);
		else if (strcmp(arguments[i], "--directory") == 0)
			path = arguments[i + 1];
		else
			check(LOY_EINVAL, arguments[i]);
	}
	if (sizes.events == 0 || sizes.customers == 0 || sizes.rounds == 0 || sizes.rounds > ROUNDS_MAX)
		check(LOY_EINVAL, "sizes");
	if (path == NULL && (path = mkdtemp(fresh)) == NULL)
		check(LOY_EIO, fresh);
	check(loy_model_create_builtin(&model, "retail", NULL), "model");
	store = open_store(path, model, NULL);
	record(store, &sizes, 0, sizes.events);
	compact(store);
	loy_store_destroy(store);
	measure("from a snapshot", path, model, &sizes);
	store = open_store(path, model, NULL);
	record(store, &sizes, sizes.events, sizes.events + sizes.later);
	loy_store_destroy(store);
	measure("with events behind it", path, model, &sizes);
	loy_model_destroy(model);
	remove_all(path);
	return 0;
}
