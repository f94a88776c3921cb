/*
 * How fast a store on files replays its journal, compacts and opens, next to the update alone of records found before,
 * in one run:
 *
 *	cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build build/bench --target bench_replay
 *	build/bench/tests/bench_replay
 *
 * The work is that of purchases.h. --events N, --customers N, --rounds N (1,000,000, 100,000, 3).
 */
#define _POSIX_C_SOURCE 200809L
#include "purchases.h"

#include "profile/profile.h"

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

	need(record != NULL, "malloc");
	check(loy__memory_adopt(&memory, NULL), "memory");
	check(loy_event_create(&event, NULL), "loy_event_create");
	loy__random_init(&random, 42);
	start = wall_seconds();
	for (i = 0; i < w->events; i++) {
		(void)loy_event_begin(event, LOY_KIND_PURCHASE, w->time[i]);
		(void)loy_event_set_customer(event, w->customer[i]);
		(void)loy_event_set_identity(event, device, w->sequence[i]);
		(void)loy_event_set(event, LOY_FIELD_AMOUNT, w->amount[i]);
		check(loy__record_apply(&record[1 + loy__random_below(&random, w->customers)], schema, event,
		                        1, &memory, NULL),
		      "loy__record_apply");
	}
	start = wall_seconds() - start;
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
		(void)record(store, w, i, w->events - i < 10000 ? w->events - i : 10000);
	loy_store_destroy(store);
	for (i = 0; i < w->rounds; i++) {
		bare[i] = update_rate(model, w);
		start = wall_seconds();
		store = open_store(model, &report);
		replay[i] = wall_seconds() - start;
		need(report.replayed >= w->events, "replaying all");
		if (i + 1 < w->rounds)
			loy_store_destroy(store);
	}
	start = wall_seconds();
	while (left)
		check(loy_store_compact(store, 1u << 20, &left, NULL), "compact");
	printf("compaction: %.1f ms in all\n", (wall_seconds() - start) * 1e3);
	loy_store_destroy(store);
	for (i = 0; i < w->rounds; i++) {
		before = resident();
		start = wall_seconds();
		store = open_store(model, &report);
		load[i] = wall_seconds() - start;
		need(report.replayed == 0, "loading all");
		if (i == 0)
			print_memory(store, before);
		start = wall_seconds();
		need(record(store, w, 0, w->events).duplicates == w->events,
		     "recognising what was sent again");
		again[i] = wall_seconds() - start;
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
	struct work w = {.events = 1000000, .customers = 100000, .rounds = 3};
	loy_model *model;

	read_options(&w, argc, argv);
	check(loy_model_create_builtin(&model, "retail", NULL), "loy_model_create_builtin");
	make_work(&w);
	bench_opening(model, &w);
	clear_folder();
	loy_model_destroy(model);
	free_work(&w);
	return 0;
}
