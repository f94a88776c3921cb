/*
 * Stores on a medium that is cut off, fails and is damaged (fault_files.h), by their public calls alone: record,
 * retract, erase, join, separate, import, commit, compact, verify, rebuild, open. The state after any misfortune is
 * that after some number of the actions, as their hash tells: all that were acknowledged, and perhaps the ones under
 * way, in order; the store then goes on from there to the same end as if nothing had happened. Damage is noticed.
 *
 *	test_property_power_cut_store [--cuts N] [--seed N]      default: a few seconds
 */
#include "fault_files.h"
#include "numeric/numeric.h"
#include "sample_model.h"
#include <time.h>

#define ACTIONS      64u
#define CUSTOMERS    7u
#define CUTS_DEFAULT 6000u

static uint64_t cuts_wanted = CUTS_DEFAULT, first_seed = 1;

/* ---- what is done ---- */

enum { RECORD, RETRACT, ERASE, JOIN, SEPARATE, IMPORT, COMMIT, TICK, COMPACT, VERIFY, REBUILD, AGAIN };
struct action {
	int kind;
	loy_event *event;
	uint32_t customer, other;
	int64_t time;
	uint64_t bytes;
};

struct bundle {
	uint8_t *bytes;
	size_t size;
};

/* A play: the actions, and what the store is after each of them. */
struct play {
	uint64_t seed;
	loy__random random;
	struct action action[ACTIONS];
	struct bundle bundle;
	uint64_t hash[ACTIONS + 1][2];
	uint32_t acked, begun; /* actions: acknowledged; begun, the last of them perhaps under way */
	struct fault_files *disk;
	loy_files files;
	loy_store_options options;
	const loy_allocator *memory; /* NULL: malloc */
	loy_store *store;
};

#define SAY(play, ...)                                                                                       \
	do {                                                                                                 \
		print_error("seed %llu: ", (unsigned long long)(play)->seed);                                \
		fail_msg(__VA_ARGS__);                                                                       \
	} while (0)

static uint64_t below(struct play *p, uint64_t bound)
{
	return loy__random_below(&p->random, bound);
}

/* Customers 0, 3, 6 have keys. */
static loy_who who(uint32_t customer)
{
	static const char keys[] = "abcdefghijklmnop";
	loy_who w = {0};

	if (customer % 3 == 0) {
		w.key = keys + customer;
		w.length = 5;
	} else {
		w.customer = customer;
	}
	return w;
}

static loy_event *some_event(struct play *p, uint64_t identity, uint32_t customer)
{
	loy_who w = who(customer);
	loy_event *event;

	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	sample_event(event, &p->random, SAMPLE_TAME);
	assert_int_equal(loy_event_set_identity(event, 7, identity), LOY_OK);
	if (w.customer != 0)
		assert_int_equal(loy_event_set_customer(event, w.customer), LOY_OK);
	else
		assert_int_equal(loy_event_set_customer_key(event, w.key, w.length), LOY_OK);
	return event;
}

static int32_t collect(const void *bytes, size_t size, void *user_data)
{
	struct bundle *b = user_data;

	b->bytes = realloc(b->bytes, b->size + size + 1);
	assert_non_null(b->bytes);
	memcpy(b->bytes + b->size, bytes, size);
	b->size += size;
	return 0;
}

/* What another store has. */
static void make_bundle(struct play *p)
{
	loy_files files = {.struct_size = sizeof(files)};
	loy_store_options options = {.struct_size = sizeof(options), .files = &files};
	loy_export_result result = {.struct_size = sizeof(result)};
	loy_store *other;
	uint32_t i;

	options.segment_bytes = 65536;
	options.durability = LOY_DURABLE_CALLER;
	assert_int_equal(loy_files_open_memory(&files, p->seed ^ 0x55, NULL), LOY_OK);
	assert_int_equal(loy_store_open(&other, NULL, 0, model, &options, NULL, NULL, NULL), LOY_OK);
	for (i = 0; i < 12; i++) {
		loy_event *event = some_event(p, 1 + below(p, ACTIONS), (uint32_t)below(p, CUSTOMERS));
		loy_status status = loy_store_record(other, event, NULL);

		assert_true(status == LOY_OK || status == LOY_ECONFLICT);
		loy_event_destroy(event);
	}
	assert_int_equal(loy_store_commit(other, NULL), LOY_OK);
	assert_int_equal(loy_store_export(other, NULL, 0, 0, collect, &p->bundle, &result, NULL), LOY_OK);
	loy_store_destroy(other);
	loy_files_close(&files);
}

static int kind_of(uint64_t chance)
{
	static const uint8_t kinds[] = {RETRACT, RETRACT, ERASE,  JOIN,    JOIN,    SEPARATE,
	                                IMPORT,  COMMIT,  COMMIT, TICK,    COMPACT, COMPACT,
	                                COMPACT, COMPACT, VERIFY, REBUILD, AGAIN,   AGAIN};

	return chance < sizeof(kinds) ? kinds[chance] : RECORD;
}

static void write_play(struct play *p)
{
	uint32_t i;

	for (i = 0; i < ACTIONS; i++) {
		struct action *a = &p->action[i];

		a->kind = kind_of(below(p, 40));
		a->customer = (uint32_t)below(p, CUSTOMERS);
		a->other = (a->customer + 1 + (uint32_t)below(p, CUSTOMERS - 1)) % CUSTOMERS;
		a->time = INT64_C(1700000000000000) + (int64_t)below(p, 1000) * LOY_HOUR + i;
		a->bytes = below(p, 4) == 0 ? UINT64_C(1) << 30 : below(p, 20000);
		if (a->kind == RECORD || a->kind == RETRACT)
			a->event = some_event(p, below(p, 8) == 0 ? 1 + below(p, ACTIONS) : 1000 + i,
			                      a->customer);
	}
}

/* ---- doing it ---- */

static loy_status open_store(struct play *p, loy_error *error)
{
	loy_recovery recovery = {.struct_size = sizeof(recovery)};

	return loy_store_open(&p->store, NULL, 0, model, &p->options, p->memory, &recovery, error);
}

/* Statuses that answer an action; the state is as it should be after it. */
static int is_answer(loy_status status)
{
	return status == LOY_OK || status == LOY_EDUPLICATE || status == LOY_ECONFLICT ||
	       status == LOY_EERASED || status == LOY_ENOTFOUND;
}

static loy_status act(struct play *p, const struct action *a)
{
	loy_import_result imported = {.struct_size = sizeof(imported)};
	loy_verification seen = {.struct_size = sizeof(seen)};
	loy_who part = who(a->customer), whole = who(a->other);
	uint32_t left;

	switch (a->kind) {
	case RECORD:
		return loy_store_record(p->store, a->event, NULL);
	case RETRACT:
		return loy_store_retract(p->store, a->event, NULL);
	case ERASE:
		return loy_store_erase_until(p->store, part.customer, part.key, part.length, a->time, NULL);
	case JOIN:
		return loy_store_join(p->store, &part, &whole, a->time, NULL);
	case SEPARATE:
		return loy_store_separate(p->store, &part, a->time, NULL);
	case IMPORT:
		return loy_store_import(p->store, p->bundle.bytes, p->bundle.size, NULL, &imported, NULL);
	case COMMIT:
		return loy_store_commit(p->store, NULL);
	case TICK:
		return loy_store_tick(p->store, a->time, NULL);
	case COMPACT:
		return loy_store_compact(p->store, a->bytes, &left, NULL);
	case VERIFY:
		return loy_store_verify(p->store,
		                        p->options.flags & LOY_STORE_UNCHAINED
		                                ? LOY_VERIFY_FILES | LOY_VERIFY_PROFILES
		                                : LOY_VERIFY_ALL,
		                        &seen, NULL, NULL, NULL);
	case REBUILD:
		return loy_store_rebuild(p->store, NULL, NULL, NULL);
	default:
		if (p->store != NULL) {
			loy_status status = loy_store_commit(p->store, NULL);

			if (status != LOY_OK)
				return status;
		}
		loy_store_destroy(p->store);
		p->store = NULL;
		return open_store(p, NULL);
	}
}

static uint64_t pending(struct play *p)
{
	return stores_stats(p->store).pending;
}

/* Action number `i`, with what it acknowledges. */
static loy_status act_next(struct play *p, uint32_t i)
{
	loy_status status;

	p->begun = i + 1;
	status = act(p, &p->action[i]);
	if (is_answer(status) && pending(p) == 0)
		p->acked = i + 1;
	return status;
}

static void start(struct play *p, uint64_t seed)
{
	memset(p, 0, sizeof(*p));
	p->seed = seed;
	loy__random_init(&p->random, seed);
	p->disk = fault_create(seed);
	p->files = fault_as_files(p->disk);
	p->options.struct_size = sizeof(p->options);
	p->options.files = &p->files;
	p->options.segment_bytes = 65536;
	p->options.durability = (uint32_t)below(p, 3);
	p->options.group_events = 4;
	p->options.flags =
	        (below(p, 4) == 0 ? LOY_STORE_UNCHAINED : 0) | (below(p, 4) == 0 ? LOY_STORE_PADDED : 0);
	fault_unsafe_sectors(p->disk, (p->options.flags & LOY_STORE_PADDED) != 0);
	make_bundle(p);
	write_play(p);
}

static void end(struct play *p)
{
	uint32_t i;

	loy_store_destroy(p->store);
	for (i = 0; i < ACTIONS; i++)
		loy_event_destroy(p->action[i].event);
	free(p->bundle.bytes);
	fault_destroy(p->disk);
}

static void note(struct play *p, uint32_t i)
{
	stores_hash(p->store, p->hash[i]);
}

/* Play it once without a misfortune on files of its own: what the store is after each action. */
static void rehearse(struct play *p)
{
	struct play own = *p;
	uint32_t i;

	own.disk = fault_create(p->seed + 1);
	own.files = fault_as_files(own.disk);
	own.options.files = &own.files;
	own.store = NULL;
	assert_int_equal(open_store(&own, NULL), LOY_OK);
	note(&own, 0);
	for (i = 0; i < ACTIONS; i++) {
		loy_status status = act_next(&own, i);

		if (!is_answer(status))
			SAY(p, "action %u of kind %d: %s", i, p->action[i].kind, loy_status_name(status));
		note(&own, i + 1);
	}
	loy_store_destroy(own.store);
	fault_destroy(own.disk);
	memcpy(p->hash, own.hash, sizeof(p->hash));
}

/* ---- what there must be ---- */

/* The hash covers customers, profiles, aliases, erasures, identities and conflicts. */
static int is_state(const struct play *p, uint32_t i, const uint64_t hash[2])
{
	return hash[0] == p->hash[i][0] && hash[1] == p->hash[i][1];
}

/* How many of the actions the store holds, which was opened after a misfortune. */
static uint32_t find_state(struct play *p)
{
	uint64_t hash[2];
	uint32_t i;

	stores_hash(p->store, hash);
	for (i = p->acked; i <= p->begun; i++) {
		if (is_state(p, i, hash))
			return i;
	}
	/* An import may stop between its groups; again, it ends where it should. */
	for (i = p->acked; i < p->begun; i++) {
		if (p->action[i].kind == IMPORT) {
			assert_int_equal(act(p, &p->action[i]), LOY_OK);
			stores_hash(p->store, hash);
			if (is_state(p, i + 1, hash))
				return i + 1;
		}
	}
	SAY(p, "no state of actions %u to %u, with %llu records", p->acked, p->begun,
	    (unsigned long long)stores_stats(p->store).records);
	return 0;
}

static uint32_t must_open(struct play *p)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = open_store(p, &error);
	uint32_t at;

	if (status != LOY_OK)
		SAY(p, "a sound store does not open: %s, %s, byte %lld", loy_status_name(status),
		    error.message, (long long)error.byte);
	at = find_state(p);
	p->acked = p->begun = at;
	return at;
}

/* Go on from `at` to the end, and there be equal to the one that nothing happened to. */
static void play_on(struct play *p, uint32_t at)
{
	uint64_t hash[2];
	uint32_t i;

	for (i = at; i < ACTIONS; i++) {
		loy_status status = act_next(p, i);

		if (!is_answer(status))
			SAY(p, "action %u of kind %d after a cut: %s", i, p->action[i].kind,
			    loy_status_name(status));
	}
	stores_hash(p->store, hash);
	if (!is_state(p, ACTIONS, hash))
		SAY(p, "from action %u it did not come to the same end", at);
}

static void lose(struct play *p, uint64_t seed)
{
	fault_crash(p->disk, seed);
	loy_store_destroy(p->store);
	p->store = NULL;
}

/* ---- cuts ---- */

struct moment {
	struct fault_image *image;
	uint32_t acked, begun;
};
#define MOMENTS 4096
struct film {
	struct play *play;
	uint32_t count;
	struct moment moment[MOMENTS];
};

static void keep(uint32_t kind, void *user)
{
	struct film *film = user;
	struct moment *m = &film->moment[film->count];

	(void)kind;
	if (film->count == MOMENTS)
		return;
	m->image = fault_save(film->play->disk);
	m->acked = film->play->acked;
	m->begun = film->play->begun;
	film->count++;
}

/* Cut at a moment, perhaps again while it recovers; returns the number of cuts. */
static uint64_t cut_at(struct play *p, const struct moment *m, uint64_t seed)
{
	uint64_t cuts = 1;
	uint32_t at;

	fault_restore(p->disk, m->image);
	p->acked = m->acked;
	p->begun = m->begun;
	fault_crash(p->disk, seed);
	while (loy__mix64(seed + cuts) % 3 == 0) {
		fault_arm(p->disk, &(struct fault){.kinds = FAULT_CHANGES,
		                                   .at = loy__mix64(seed ^ cuts) % 14,
		                                   .action = FAULT_CUT});
		if (open_store(p, NULL) == LOY_OK && !fault_is_cut(p->disk)) {
			loy_store_destroy(p->store);
			p->store = NULL;
			fault_kill(p->disk);
			break;
		}
		lose(p, seed + cuts++);
	}
	fault_disarm(p->disk);
	at = must_open(p);
	if (seed % 64 == 0) {
		play_on(p, at);
	} else if (seed % 64 < 16) { /* opening again finds the same */
		fault_kill(p->disk);
		loy_store_destroy(p->store);
		p->store = NULL;
		(void)must_open(p);
	}
	fault_kill(p->disk);
	loy_store_destroy(p->store);
	p->store = NULL;
	return cuts;
}

static void report(const char *what, uint64_t cuts, clock_t begin)
{
	double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;

	print_message("%s: %llu cuts in %.1f s, %.0f a second\n", what, (unsigned long long)cuts, seconds,
	              seconds > 0 ? (double)cuts / seconds : 0);
}

static void a_cut_at_every_operation(void **state)
{
	static struct film film;
	static struct play p;
	uint64_t seed = first_seed, cuts = 0;
	clock_t begin = clock();

	(void)state;
	while (cuts < cuts_wanted) {
		uint32_t i, again;

		start(&p, seed++);
		rehearse(&p);
		film.play = &p;
		film.count = 0;
		fault_watch(p.disk, FAULT_CHANGES, keep, &film);
		assert_int_equal(open_store(&p, NULL), LOY_OK);
		for (i = 0; i < ACTIONS; i++)
			assert_true(is_answer(act_next(&p, i)));
		fault_watch(p.disk, 0, NULL, NULL);
		fault_kill(p.disk);
		loy_store_destroy(p.store);
		p.store = NULL;
		for (i = 0; i < film.count; i++) {
			for (again = 0; again < 6 && cuts < cuts_wanted; again++)
				cuts += cut_at(&p, &film.moment[i], loy__mix64(p.seed * 4096 + i) + again);
			fault_forget(p.disk, film.moment[i].image);
		}
		end(&p);
	}
	report("at every operation", cuts, begin);
}

/* ---- failures ---- */

/* Act while operations fail. After LOY_EIO nothing is accepted any more; what was refused is tried again. */
static void act_among_failures(struct play *p, uint32_t at)
{
	uint32_t i, tries = 0;

	for (i = at; i < ACTIONS; i++) {
		loy_status status = act_next(p, i);

		if (status == LOY_EDAMAGED || status == LOY_EVERSION || status == LOY_EFORMAT ||
		    status == LOY_ECHECKSUM)
			SAY(p, "a failure was taken for %s", loy_status_name(status));
		if (p->store == NULL)
			return;
		if (is_answer(status))
			continue;
		if (fault_happened(p->disk) == 0)
			SAY(p, "%s without a reason in action %u of kind %d", loy_status_name(status), i,
			    p->action[i].kind);
		if (loy_store_commit(p->store, NULL) == LOY_EIO) {
			if (loy_store_record(p->store, p->action[i].event, NULL) == LOY_OK ||
			    loy_store_commit(p->store, NULL) != LOY_EIO)
				SAY(p, "not poisoned after a failure");
			return;
		}
		if (pending(p) == 0 && p->action[i].kind != IMPORT)
			p->acked = i > p->acked ? i : p->acked;
		if (++tries == 3)
			fault_disarm(p->disk);
		i--; /* it was refused and changed nothing: once more */
	}
}

static void failing_operations(void **state)
{
	static const loy_status statuses[] = {LOY_EIO, LOY_EFULL, LOY_ENOMEM};
	static struct play p;
	uint64_t seed, struck = 0;

	(void)state;
	for (seed = first_seed; seed < first_seed + cuts_wanted / 40; seed++) {
		uint32_t at = 0;
		int round;

		start(&p, seed);
		rehearse(&p);
		for (round = 0; round < 6 && at < ACTIONS; round++) {
			fault_arm(p.disk, &(struct fault){.kinds = UINT32_C(1) << below(&p, 12),
			                                  .at = below(&p, 20),
			                                  .action = below(&p, 2) ? FAULT_FAIL : FAULT_SHORT,
			                                  .forever = (int)below(&p, 2),
			                                  .status = statuses[below(&p, 3)]});
			if (open_store(&p, NULL) == LOY_OK)
				act_among_failures(&p, at);
			struck += fault_happened(p.disk);
			loy_store_destroy(p.store);
			p.store = NULL;
			if (below(&p, 2))
				fault_kill(p.disk);
			else
				fault_crash(p.disk, seed + (uint64_t)round);
			at = must_open(&p);
			fault_kill(p.disk);
			loy_store_destroy(p.store);
			p.store = NULL;
		}
		assert_int_equal(must_open(&p), at);
		play_on(&p, at);
		end(&p);
	}
	assert_true(struck > cuts_wanted / 40);
}

/*
 * Every allocation of every action fails, once or from there on: the action is refused and has changed nothing, and
 * goes through when there is memory again. An import may stop between its groups.
 */
static void act_without_memory(struct play *p, struct faulty *heap, uint32_t i, int forever)
{
	loy_status status = LOY_ENOMEM;
	uint64_t hash[2];
	long n;

	for (n = 0; status == LOY_ENOMEM; n++) {
		heap->until = heap->requests + n;
		heap->forever = forever;
		status = act_next(p, i);
		heap->until = -1;
		if (status == LOY_ENOMEM && p->store != NULL && p->action[i].kind != IMPORT) {
			stores_hash(p->store, hash);
			if (!is_state(p, i, hash))
				SAY(p,
				    "action %u of kind %d was refused, allocation %ld, and changed something",
				    i, p->action[i].kind, n);
		}
	}
	if (!is_answer(status))
		SAY(p, "action %u of kind %d, allocation %ld: %s", i, p->action[i].kind, n,
		    loy_status_name(status));
	stores_hash(p->store, hash);
	if (!is_state(p, i + 1, hash))
		SAY(p, "action %u of kind %d after %ld refusals is another one", i, p->action[i].kind, n);
}

static void failing_allocations(void **state)
{
	static struct play p;
	uint64_t seed;
	uint32_t i, at;

	(void)state;
	for (seed = first_seed; seed < first_seed + 2 + cuts_wanted / 1000; seed++) {
		struct faulty heap = {.until = -1};
		loy_allocator memory = faulty_allocator(&heap);

		start(&p, seed);
		rehearse(&p);
		p.memory = &memory;
		assert_int_equal(open_store(&p, NULL), LOY_OK);
		for (i = 0; i < ACTIONS; i++)
			act_without_memory(&p, &heap, i, (int)(seed & 1));
		if (seed % 3 == 0)
			assert_int_equal(loy_store_commit(p.store, NULL), LOY_OK);
		if (seed % 3 == 0)
			p.acked = ACTIONS;
		lose(&p, seed);
		assert_int_equal(heap.live, 0);
		at = must_open(&p);
		play_on(&p, at);
		loy_store_destroy(p.store);
		p.store = NULL;
		assert_int_equal(heap.live, 0);
		assert_true(heap.refused > (long)ACTIONS);
		end(&p);
	}
}

/* ---- damage ---- */

/*
 * Open damaged files: a status that says so, or one of the states from `least` on. Returns whether anybody noticed:
 * opening, its report, or verification, which reads what opening need not.
 */
static int open_damaged(struct play *p, uint32_t least, const char *name, uint64_t byte)
{
	loy_recovery found = {.struct_size = sizeof(found)};
	loy_verification seen = {.struct_size = sizeof(seen)};
	loy_status status = loy_store_open(&p->store, NULL, 0, model, &p->options, NULL, &found, NULL);
	int noticed = status != LOY_OK || !found.clean || found.rebuilt;
	uint64_t hash[2];
	uint32_t i;

	if (status == LOY_OK) {
		stores_hash(p->store, hash);
		for (i = least; i <= ACTIONS; i++) {
			if (is_state(p, i, hash))
				break;
		}
		if (i > ACTIONS)
			SAY(p, "accepted without a word: %s, byte %llu", name, (unsigned long long)byte);
		status = loy_store_verify(p->store, LOY_VERIFY_FILES, &seen, NULL, NULL, NULL);
		noticed |= status != LOY_OK;
	}
	if (status != LOY_OK && status != LOY_EDAMAGED && status != LOY_EVERSION && status != LOY_ESCHEMA)
		SAY(p, "%s, byte %llu: %s", name, (unsigned long long)byte, loy_status_name(status));
	fault_kill(p->disk);
	loy_store_destroy(p->store);
	p->store = NULL;
	return noticed;
}

static void every_flipped_bit_and_every_truncation(void **state)
{
	static struct play p;
	uint64_t seed = first_seed, flips = 0, told = 0, shorter = 0, told_shorter = 0;
	int crashed; /* or closed in order */

	(void)state;
	for (crashed = 0; crashed < 2; crashed++, seed++) {
		/* Closed in order nothing may be missing; else the last group, which nobody vouches for. */
		struct fault_image *image;
		const char *name;
		uint32_t n, i, least;

		start(&p, seed);
		p.options.durability = LOY_DURABLE_EACH;
		rehearse(&p);
		assert_int_equal(open_store(&p, NULL), LOY_OK);
		for (i = 0; i < ACTIONS; i++)
			assert_true(is_answer(act_next(&p, i)));
		if (crashed)
			fault_kill(p.disk);
		loy_store_destroy(p.store);
		p.store = NULL;
		for (least = ACTIONS; crashed && is_state(&p, least, p.hash[ACTIONS]); least--)
			;
		image = fault_save(p.disk);
		for (n = 0; (name = fault_file_name(p.disk, n)) != NULL; n++) {
			uint64_t size = fault_file_size(p.disk, name), at, last = 0, stride;

			/* Meta files vouch for each other; of others every bit counts up to the last set. */
			int vouched = strncmp(name, "meta", 4) == 0;

			for (at = 0; at < size; at++)
				last = fault_file_byte(p.disk, name, at) != 0 ? at : last;
			stride = size / (1 + cuts_wanted / 20) +
			         1; /* a long run takes every bit and every byte */
			for (at = 0; at < size; at += at <= last + 64 || stride == 1 ? stride : 61 * stride) {
				int all = stride == 1 && at <= last + 64;
				unsigned bit = all ? 0 : (unsigned)(flips & 7), bits = all ? 8 : bit + 1;

				for (; bit < bits; bit++, flips++) {
					fault_restore(p.disk, image);
					fault_file_flip(p.disk, name, at, (uint8_t)(1u << bit));
					if (open_damaged(&p, least, name, at))
						told++;
					else if (!vouched && at <= last)
						SAY(&p, "nobody noticed bit %u of byte %llu of %s", bit,
						    (unsigned long long)at, name);
				}
				fault_restore(p.disk, image);
				fault_file_cut(p.disk, name, at);
				if (open_damaged(&p, least, name, at))
					told_shorter++;
				else if (!vouched && at <= last)
					SAY(&p, "nobody noticed that %s ends at byte %llu", name,
					    (unsigned long long)at);
				shorter++;
			}
			fault_restore(p.disk, image);
		}
		fault_forget(p.disk, image);
		end(&p);
	}
	print_message("%llu flipped bits, %llu reported; %llu truncations, %llu reported\n",
	              (unsigned long long)flips, (unsigned long long)told, (unsigned long long)shorter,
	              (unsigned long long)told_shorter);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_cut_at_every_operation),
	        cmocka_unit_test(failing_operations),
	        cmocka_unit_test(failing_allocations),
	        cmocka_unit_test(every_flipped_bit_and_every_truncation),
	};
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--cuts") == 0)
			cuts_wanted = strtoull(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0)
			first_seed = strtoull(argv[i + 1], NULL, 10);
	}
	return cmocka_run_group_tests(tests, make_model, free_model);
}
