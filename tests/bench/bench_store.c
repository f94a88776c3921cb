/*
 * How fast a store records and scores, next to the plainest hash map a program could keep instead, in one run:
 *
 *	cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build build/bench --target bench_store
 *	build/bench/tests/bench_store
 *
 * The work: purchases of customers drawn with Zipf(1), in the order of time, two years of them. The map is open
 * addressing like khash's (separate keys, flags and values, triangular probing, at most 0.77 full) from the customer to
 * count, sum, sum of squares, first and last time. All figures are medians of rounds; ratios are what counts.
 * The sums of both must agree, or the program fails. SQLite, where it is installed, does the same in memory, once, a
 * pass in one transaction. What two threads gain is that of the best of many turns with one
 * and with two, of scoring and of a bare loop: a turn takes a tenth of a second, and whatever else runs only takes
 * away.
 *
 * --events N, --customers N, --rounds N: the size of the work (10,000,000, 1,000,000, 3).
 */
#define _POSIX_C_SOURCE 200809L
#include "peer.h"

#include "core/parallel.h"

#define TURNS 5 /* a round: how often two threads are tried */

/* ---- the map ---- */

struct sums {
	uint64_t count;
	int64_t sum, squares, first, last;
};

struct map {
	uint64_t capacity, size, bound;
	uint32_t *flags; /* 16 slots a word: 2 empty, 0 used */
	uint64_t *keys;
	struct sums *values;
};

static int map_empty(const uint32_t *flags, uint64_t i)
{
	return flags[i >> 4] >> ((i & 15) << 1) & 2;
}

static uint64_t map_hash(uint64_t key)
{
	return (uint32_t)(key >> 33 ^ key ^ key << 11);
}

static uint64_t map_slot(const struct map *m, uint64_t key)
{
	uint64_t mask = m->capacity - 1, i = map_hash(key) & mask, step = 0;

	while (!map_empty(m->flags, i) && m->keys[i] != key)
		i = (i + ++step) & mask;
	return i;
}

static void map_grow(struct map *m)
{
	struct map old = *m;
	uint64_t i;

	m->capacity = old.capacity != 0 ? old.capacity * 2 : 4;
	m->bound = (uint64_t)((double)m->capacity * 0.77 + 0.5);
	m->flags = must(malloc((size_t)(m->capacity / 16 + 1) * sizeof(*m->flags)));
	memset(m->flags, 0xaa, (size_t)(m->capacity / 16 + 1) * sizeof(*m->flags));
	m->keys = must(malloc((size_t)m->capacity * sizeof(*m->keys)));
	m->values = must(malloc((size_t)m->capacity * sizeof(*m->values)));
	for (i = 0; i < old.capacity; i++) {
		if (!map_empty(old.flags, i)) {
			uint64_t at = map_slot(m, old.keys[i]);

			m->flags[at >> 4] &= ~(UINT32_C(3) << ((at & 15) << 1));
			m->keys[at] = old.keys[i];
			m->values[at] = old.values[i];
		}
	}
	free(old.flags);
	free(old.keys);
	free(old.values);
}

static void map_free(struct map *m)
{
	free(m->flags);
	free(m->keys);
	free(m->values);
	memset(m, 0, sizeof(*m));
}

static void map_record(struct map *m, const struct work *w)
{
	uint64_t i;

	for (i = 0; i < w->events; i++) {
		uint64_t at;
		struct sums *s;

		if (m->size >= m->bound)
			map_grow(m);
		at = map_slot(m, w->customer[i]);
		s = &m->values[at];
		if (map_empty(m->flags, at)) {
			m->flags[at >> 4] &= ~(UINT32_C(3) << ((at & 15) << 1));
			m->keys[at] = w->customer[i];
			m->size++;
			memset(s, 0, sizeof(*s));
			s->first = INT64_MAX;
			s->last = INT64_MIN;
		}
		s->count++;
		s->sum += w->amount[i];
		s->squares += w->amount[i] * w->amount[i];
		s->first = w->time[i] < s->first ? w->time[i] : s->first;
		s->last = w->time[i] > s->last ? w->time[i] : s->last;
	}
}

/* ---- the limit ---- */

/*
 * What a call for one event cannot do without, when the next begins after it: look up a slot by the customer's hash,
 * and change a line of what it leads to, which is as large as a customer in the store. Each look waits for the one
 * before; the calls do nothing else.
 */
#define CUSTOMER_BYTES 256u

static double chained_rate(const struct work *w)
{
	uint64_t slots = 1, i, known = 0, carry = 0;
	uint32_t *slot;
	uint8_t *customers;
	double start;

	while (slots < w->customers * 5 / 4)
		slots *= 2;
	slot = must(calloc((size_t)slots, sizeof(*slot)));
	customers = must(calloc((size_t)w->customers + 1, CUSTOMER_BYTES));
	for (i = 0; i < w->events; i++) { /* two with one slot share a customer: that only saves memory */
		uint64_t at = loy__mix64(w->customer[i]) & (slots - 1);

		if (slot[at] == 0 && known < w->customers)
			slot[at] = (uint32_t)++known;
	}
	start = wall_seconds();
	for (i = 0; i < w->events; i++) {
		size_t customer = slot[loy__mix64(w->customer[i] + carry) & (slots - 1)];
		uint64_t *line = (uint64_t *)(void *)(customers + customer * CUSTOMER_BYTES);

		line[0] += (uint64_t)w->amount[i];
		carry = line[1]; /* is 0, which nobody but us knows */
	}
	start = wall_seconds() - start;
	need(carry == 0, "a sum in its place");
	free(slot);
	free(customers);
	return (double)w->events / start;
}

/* ---- the store ---- */

static loy_store *make_store(const loy_model *model, uint32_t flags)
{
	loy_store_options options = {.struct_size = sizeof(options), .flags = flags};
	loy_store *store;

	check(loy_store_create(&store, model, &options, NULL), "loy_store_create");
	return store;
}

static void record_table(loy_store *store, const struct work *w)
{
	need(record(store, w, 0, w->events).recorded == w->events, "recording all rows");
}

static void record_table_with_two(loy_store *store, const struct work *w)
{
	need(record_with(store, w, 0, w->events, 2).recorded == w->events, "recording all rows");
}

static void record_one_by_one(loy_store *store, const struct work *w)
{
	loy_event *event;
	uint64_t i;

	check(loy_event_create(&event, NULL), "loy_event_create");
	for (i = 0; i < w->events; i++) {
		(void)loy_event_begin(event, LOY_KIND_PURCHASE, w->time[i]);
		(void)loy_event_set_customer(event, w->customer[i]);
		(void)loy_event_set_identity(event, device, w->sequence[i]);
		(void)loy_event_set(event, LOY_FIELD_AMOUNT, w->amount[i]);
		check(loy_store_record(store, event, NULL), "loy_store_record");
	}
	loy_event_destroy(event);
}

/* Later and other events, so that a second pass is no repetition; back with -1. */
static void shift_work(struct work *w, int64_t sign)
{
	uint64_t i;

	for (i = 0; i < w->events; i++) {
		w->time[i] += sign * 2 * YEAR;
		w->sequence[i] = sign > 0 ? w->sequence[i] + w->events : w->sequence[i] - w->events;
	}
}

/* The profile of one customer must say what the map says. */
static void compare(const loy_store *store, const struct map *m, const loy_model *model)
{
	loy_profile *profile;
	uint64_t i, looked = 0;

	check(loy_profile_create(&profile, loy_model_schema(model), NULL), "loy_profile_create");
	if (loy_store_count(store) != m->size)
		check(LOY_ESTATE, "the store and the map hold different customers");
	for (i = 0; i < m->capacity; i++) {
		loy_value count, sum, squares, first, last;
		const struct sums *s = &m->values[i];

		if (map_empty(m->flags, i) || (i % 7 != 0 && looked > 1000))
			continue;
		looked++;
		check(loy_store_profile_of(store, m->keys[i], NULL, 0, profile), "loy_store_profile_of");
		if (loy_profile_get(profile, LOY_PROFILE_COUNT, LOY_KIND_PURCHASE, 0, &count) != LOY_OK ||
		    loy_profile_get(profile, LOY_PROFILE_PURCHASED, 0, 0, &sum) != LOY_OK ||
		    loy_profile_get(profile, LOY_PROFILE_PURCHASE_SQUARES, 0, 0, &squares) != LOY_OK ||
		    loy_profile_get(profile, LOY_PROFILE_FIRST_TIME, LOY_KIND_PURCHASE, 0, &first) !=
		            LOY_OK ||
		    loy_profile_get(profile, LOY_PROFILE_LAST_TIME, LOY_KIND_PURCHASE, 0, &last) != LOY_OK ||
		    (uint64_t)count.integer != s->count || sum.integer != s->sum || squares.high != 0 ||
		    squares.low != (uint64_t)s->squares || first.integer != s->first ||
		    last.integer != s->last)
			check(LOY_ESTATE, "a profile does not say what the map says");
	}
	loy_profile_destroy(profile);
}

/* ---- recording ---- */

/* Ways to record, each measured growing and on what there is. */
enum { MAP, TABLE, TABLE_TWO, CHECKED, CHECKED_TWO, ONE, WAYS };

static const struct way {
	const char *name;
	uint32_t flags;
	void (*record_all)(loy_store *store, const struct work *w);
} ways[WAYS] = {
        {"map", 0, NULL},
        {"table, trusted", LOY_STORE_TRUSTED, record_table},
        {"table, trusted, 2 threads", LOY_STORE_TRUSTED, record_table_with_two},
        {"table, identities", 0, record_table},
        {"table, identities, 2 threads", 0, record_table_with_two},
        {"one a call, trusted", LOY_STORE_TRUSTED, record_one_by_one},
};

/* Both passes of one way to record; returns the store. */
static loy_store *two_passes(const loy_model *model, struct work *w, const struct way *way, double rate[2])
{
	loy_store *store = make_store(model, way->flags);
	double start = wall_seconds(), middle;

	way->record_all(store, w);
	middle = wall_seconds();
	rate[0] = (double)w->events / (middle - start);
	shift_work(w, 1);
	start = wall_seconds();
	way->record_all(store, w);
	rate[1] = (double)w->events / (wall_seconds() - start);
	shift_work(w, -1);
	return store;
}

static void map_passes(struct map *map, struct work *w, double rate[2])
{
	double start = wall_seconds();

	map_record(map, w);
	rate[0] = (double)w->events / (wall_seconds() - start);
	shift_work(w, 1);
	start = wall_seconds();
	map_record(map, w);
	rate[1] = (double)w->events / (wall_seconds() - start);
	shift_work(w, -1);
}

static void print_memory(const char *name, const loy_store *store)
{
	loy_store_stats stats = {.struct_size = sizeof(stats)};

	check(loy_store_get_stats(store, &stats), "loy_store_get_stats");
	printf("%-36s %8.1f bytes a customer (profiles %.1f, identities %.1f), %.1f bytes of identities an "
	       "event\n",
	       name, (double)stats.memory / (double)stats.customers,
	       (double)stats.profile_bytes / (double)stats.customers,
	       (double)stats.identity_bytes / (double)stats.customers,
	       (double)stats.identity_bytes / (double)stats.events);
}

static void print_rates(double rate[WAYS][2][ROUNDS_MAX], int rounds)
{
	static const char *const passes[2] = {"growing", "second pass"};
	int way, pass;

	for (way = 0; way < WAYS; way++) {
		for (pass = 0; pass < 2; pass++) {
			double own = median(rate[way][pass], rounds);

			printf("%-28s %-12s %8.2f M events/s  %5.2f of the map\n", ways[way].name,
			       passes[pass], own * 1e-6, own / median(rate[MAP][pass], rounds));
		}
	}
}

#if defined(LOY_HAVE_SQLITE)
/* SQLite's passes next to ours with identities, which it looks at too. */
static void print_peer(struct work *w, double rate[WAYS][2][ROUNDS_MAX], int rounds)
{
	struct peer peer;
	double start, own;
	int pass;

	peer_open(&peer, ":memory:");
	for (pass = 0; pass < 2; pass++) {
		start = wall_seconds();
		peer_record(&peer, w, 0, w->events);
		own = (double)w->events / (wall_seconds() - start);
		printf("%-28s %-12s %8.2f M events/s  %5.1f times as many by table, identities\n",
		       "SQLite in memory", pass == 0 ? "growing" : "second pass", own * 1e-6,
		       median(rate[CHECKED][pass], rounds) / own);
		shift_work(w, pass == 0 ? 1 : -1);
	}
	peer_close(&peer);
}
#endif

/* Prints the figures and returns a store to score. */
static loy_store *bench_recording(const loy_model *model, struct work *w)
{
	double rate[WAYS][2][ROUNDS_MAX], own[2];
	loy_store *store = NULL;
	struct map map = {0};
	uint64_t round;
	int way;

	for (round = 0; round < w->rounds; round++) {
		for (way = 0; way < WAYS; way++) {
			loy_store_destroy(store);
			store = NULL;
			if (way == MAP)
				map_passes(&map, w, own);
			else
				store = two_passes(model, w, &ways[way], own);
			rate[way][0][round] = own[0];
			rate[way][1][round] = own[1];
			if (round == 0 && way != MAP) {
				compare(store, &map, model);
				print_memory(ways[way].name, store);
			}
		}
		map_free(&map);
	}
	print_rates(rate, (int)w->rounds);
	own[0] = chained_rate(w);
	printf("%-28s %-12s %8.2f M events/s  %5.2f of the map\n", "limit of one a call", "", own[0] * 1e-6,
	       own[0] / median(rate[MAP][1], (int)w->rounds));
#if defined(LOY_HAVE_SQLITE)
	print_peer(w, rate, (int)w->rounds);
#endif
	return store;
}

/* ---- scoring ---- */

struct spin {
	uint64_t turns, sink[64]; /* results a cache line apart */
};

static void spin_part(uint32_t part, uint32_t parts, void *user)
{
	struct spin *spin = user;
	uint64_t x = part + 1, i;
	double d = 1.0;

	for (i = 0; i < spin->turns / parts; i++) {
		x = loy__mix64(x + i);
		d = d * 0.999 + (double)(x >> 40);
	}
	spin->sink[part * 8] = x + (uint64_t)d;
}

static double spin_rate(uint32_t threads)
{
	struct spin spin = {.turns = 40000000};
	double start = wall_seconds();

	check(loy__parallel(threads, spin_part, &spin), "loy__parallel");
	return (double)spin.turns / (wall_seconds() - start);
}

static double score_rate(const loy_store *store, const loy_score_column *columns, uint32_t count,
                         uint32_t threads)
{
	loy_batch_options options = {.struct_size = sizeof(options), .threads = threads};
	double start = wall_seconds();

	check(loy_store_score(store, loy_store_model(store), BEGIN + 4 * YEAR, 0, loy_store_count(store),
	                      columns, count, &options),
	      "loy_store_score");
	return (double)loy_store_count(store) / (wall_seconds() - start);
}

/* What two threads gain, at their best. */
static void bench_threads(const loy_store *store, const loy_score_column *columns, uint32_t count,
                          uint64_t turns)
{
	double score[2] = {0}, spin[2] = {0};
	uint32_t threads;

	for (; turns > 0; turns--) {
		for (threads = 1; threads <= 2; threads++) {
			double scored = score_rate(store, columns, count, threads), spun = spin_rate(threads);

			score[threads - 1] = scored > score[threads - 1] ? scored : score[threads - 1];
			spin[threads - 1] = spun > spin[threads - 1] ? spun : spin[threads - 1];
		}
	}
	printf("%-36s %8.2f (bare loop %.2f: %.2f of it)\n", "gain of 2 threads", score[1] / score[0],
	       spin[1] / spin[0], score[1] / score[0] / (spin[1] / spin[0]));
}

static void bench_scoring(loy_store *store, uint64_t rounds)
{
	double values[ROUNDS_MAX], limits[ROUNDS_MAX], start = wall_seconds();
	loy_score_column columns[4];
	size_t customers = (size_t)loy_store_count(store);
	double *out = must(malloc(customers * 12 * sizeof(*out)));
	uint32_t i, count = loy_model_headline_count(loy_store_model(store));
	uint64_t round;

	check(loy_store_sort(store), "loy_store_sort");
	printf("%-36s %8.2f M customers/s\n", "rows put in order",
	       (double)customers / (wall_seconds() - start) * 1e-6);
	memset(columns, 0, sizeof(columns));
	memset(out, 0, customers * 12 * sizeof(*out));
	for (i = 0; i < count; i++) {
		columns[i].struct_size = sizeof(columns[i]);
		check(loy_model_headline(loy_store_model(store), i, &columns[i].construct),
		      "loy_model_headline");
		columns[i].value = out + i * customers;
		columns[i].value_stride = 8;
	}
	(void)score_rate(store, columns, count, 1); /* the first pass brings the store and the results near */
	for (round = 0; round < rounds; round++)
		values[round] = score_rate(store, columns, count, 1);
	bench_threads(store, columns, count, rounds * TURNS);
	for (i = 0; i < count; i++) {
		columns[i].low = out + (4 + i) * customers;
		columns[i].high = out + (8 + i) * customers;
		columns[i].low_stride = columns[i].high_stride = 8;
	}
	for (round = 0; round < rounds; round++)
		limits[round] = score_rate(store, columns, count, 1);
	printf("%-36s %8.2f M customers/s\n", "headline values, 1 thread",
	       median(values, (int)rounds) * 1e-6);
	printf("%-36s %8.2f M customers/s\n", "headline values and intervals",
	       median(limits, (int)rounds) * 1e-6);
	free(out);
}

int main(int argc, char **argv)
{
	struct work w = {.events = 10000000, .customers = 1000000, .rounds = 3};
	loy_model *model;
	loy_store *store;

	read_options(&w, argc, argv);
	make_work(&w);
	check(loy_model_create_builtin(&model, "retail", NULL), "loy_model_create_builtin");
	store = bench_recording(model, &w);
	bench_scoring(store, w.rounds);
	loy_store_destroy(store);
	loy_model_destroy(model);
	free_work(&w);
	return 0;
}
