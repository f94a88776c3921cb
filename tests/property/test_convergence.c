/*
 * Stores that have seen the same are the same. Random scenarios of two to five tills that record events of their own
 * and events sent twice, contradict one another, take events back, merge profiles, erase, join and separate
 * customers, exchange whole and partial bundles that get lost, repeated and out of order, are closed, compacted and
 * restored from backups; and once everybody has heard everything, all have the same hash. So has a store that hears
 * the same records in another order, and one that recorded everything itself.
 *
 *	test_property_convergence [--scenarios N] [--first N]
 */
#include "tills.h"

#include "model/model.h"
#include "store/bundle.h"

enum { TILLS_MAX = 5, STEPS_MAX = 160, BUNDLES_MAX = 24, LOG_MAX = 400, CUSTOMERS = 9 };

static uint64_t scenarios = 150, first_scenario = 1;
static loy_model *model;

/* What all scenarios together came to, so that they cannot come to nothing. */
static struct {
	uint64_t records, conflicts, gone, erasures, aliases, bundles, restored;
} total;

/* What was done at a till, so that it can be done again elsewhere. */
enum { DID_RECORD = 1, DID_RETRACT, DID_MERGE, DID_OTHER };
struct deed {
	int what;
	uint64_t seed, identity;
	int other; /* the event has other content than its identity says */
};

struct scenario {
	uint64_t number;
	loy__random random;
	unsigned tills;
	struct till till[TILLS_MAX];
	struct files_copy backup[TILLS_MAX];
	int saved[TILLS_MAX];
	struct {
		struct bytes bytes;
		unsigned to;
	} bundle[BUNDLES_MAX]; /* on their way */
	unsigned bundles;
	struct deed log[LOG_MAX];
	unsigned deeds;
	uint64_t identities; /* given out */
	int64_t last_time;   /* of a statement: no two have the same */
	int plain;           /* events only: neither erasures nor aliases nor losses */
	int lossy;           /* backups may lose what nobody has seen */
	loy_event *event;
	loy_profile *profile;
};

static uint64_t below(struct scenario *s, uint64_t limit)
{
	return loy__random_below(&s->random, limit);
}

static int chance(struct scenario *s, unsigned percent)
{
	return below(s, 100) < percent;
}

/* ---- deeds ---- */

static void make_event(struct scenario *s, const struct deed *deed)
{
	loy__random random;

	loy__random_init(&random, deed->seed);
	stores_event(s->event, &random, CUSTOMERS, deed->identity);
	if (deed->other)
		assert_int_equal(loy_event_set(s->event, LOY_FIELD_SOURCE, 1000 + deed->other), LOY_OK);
}

static loy_status merge(struct scenario *s, loy_store *store, const struct deed *deed)
{
	uint64_t i, count = 1 + deed->seed % 3, number = 0;
	char key[LOY_CUSTOMER_KEY_MAX + 1];
	size_t length = 0;

	loy_profile_clear(s->profile);
	for (i = 0; i < count; i++) {
		struct deed part = {DID_MERGE, deed->seed + i, 0, 0};

		make_event(s, &part);
		assert_int_equal(loy_profile_record(s->profile, s->event, NULL), LOY_OK);
	}
	if (loy_event_customer(s->event, &number) != LOY_OK)
		assert_int_equal(loy_event_customer_key(s->event, key, sizeof(key), &length), LOY_OK);
	return loy_store_merge_profile(store, number, key, length, s->profile);
}

static loy_status repeat(struct scenario *s, loy_store *store, const struct deed *deed)
{
	if (deed->what == DID_MERGE)
		return merge(s, store, deed);
	make_event(s, deed);
	return deed->what == DID_RECORD ? loy_store_record(store, s->event, NULL)
	                                : loy_store_retract(store, s->event, NULL);
}

static int is_expected(loy_status status)
{
	return status == LOY_OK || status == LOY_EDUPLICATE || status == LOY_ECONFLICT ||
	       status == LOY_EERASED || status == LOY_ENOTFOUND;
}

static void do_deed(struct scenario *s, struct till *till, const struct deed *deed)
{
	loy_status status = repeat(s, till->store, deed);

	if (!is_expected(status))
		fail_msg("scenario %llu: a deed returned %s", (unsigned long long)s->number,
		         loy_status_name(status));
	if (status != LOY_ENOTFOUND && status != LOY_EDUPLICATE && s->deeds < LOG_MAX)
		s->log[s->deeds++] = *deed;
}

static void record_something(struct scenario *s, struct till *till)
{
	struct deed deed = {DID_RECORD, loy__random_next(&s->random) >> 1, 0, 0};
	uint64_t which = below(s, 100);

	if (which < 5) {
		deed.identity = 0;
	} else if (which < 55 || s->deeds == 0) {
		deed.identity = ++s->identities;
	} else if (which < 95) {
		deed = s->log[below(s, s->deeds)];
		/* the same identity and other content, perhaps of another customer */
		if (which >= 70 && which < 82 && deed.identity != 0)
			deed.other = 1 + (int)below(s, 3);
		if (which >= 70 && which < 75 && deed.identity != 0 && !s->plain)
			deed.seed = loy__random_next(&s->random) >> 1;
		if (which >= 82 && which < 90 && deed.identity != 0)
			deed.what = DID_RETRACT;
		if (deed.what == DID_MERGE || deed.identity == 0)
			return; /* sent twice they count twice */
	} else {
		deed.what = DID_MERGE;
	}
	do_deed(s, till, &deed);
}

/* ---- statements ---- */

static loy_who somebody(struct scenario *s, char key[32])
{
	uint64_t customer = 1 + below(s, CUSTOMERS);
	loy_who who = {customer, NULL, 0};

	if (customer % 3 == 0) { /* as stores_event() names them */
		who.customer = 0;
		who.key = key;
		who.length = (size_t)snprintf(key, 32, "%s%u", customer % 2 ? "customer-" : "\xc3\xa9",
		                              (unsigned)customer);
	}
	return who;
}

static void state_something(struct scenario *s, struct till *till)
{
	char keys[2][32];
	loy_who part = somebody(s, keys[0]), whole = somebody(s, keys[1]);
	/* among the times of events, in no order, each once */
	int64_t time = 19000 * LOY_DAY + (int64_t)below(s, 700) * LOY_DAY + ++s->last_time;
	loy_status status;

	if (chance(s, 40))
		status = loy_store_erase_until(till->store, part.customer, part.key, part.length, time, NULL);
	else if (chance(s, 75))
		status = loy_store_join(till->store, &part, &whole, time, NULL);
	else
		status = loy_store_separate(till->store, &part, time, NULL);
	if (status != LOY_OK && status != LOY_EERASED && status != LOY_EINVAL)
		fail_msg("scenario %llu: a statement returned %s", (unsigned long long)s->number,
		         loy_status_name(status));
}

/* ---- exchange ---- */

static void send_something(struct scenario *s)
{
	struct till *from = &s->till[below(s, s->tills)];
	unsigned to = (unsigned)below(s, s->tills), which = s->bundles;
	struct bytes since = till_vector(&s->till[to]);

	if (s->bundles == BUNDLES_MAX) { /* one is lost */
		which = (unsigned)below(s, BUNDLES_MAX);
		free(s->bundle[which].bytes.data);
	} else {
		s->bundles++;
	}
	s->bundle[which].to = to;
	(void)till_export(from, chance(s, 80) ? &since : NULL, chance(s, 50) ? 200 + below(s, 2000) : 0,
	                  &s->bundle[which].bytes);
	free(since.data);
}

static void drop_bundle(struct scenario *s, unsigned which)
{
	free(s->bundle[which].bytes.data);
	s->bundle[which] = s->bundle[--s->bundles];
}

/*
 * To anybody, whoever it was meant for, and it may come again. But where records get lost with a till, what was made
 * for it goes to it alone: it may tell what an erasure left to somebody who has not heard of the erasure, and never
 * will.
 */
static void deliver_something(struct scenario *s)
{
	unsigned which, to;

	if (s->bundles == 0)
		return;
	which = (unsigned)below(s, s->bundles);
	to = s->lossy ? s->bundle[which].to : (unsigned)below(s, s->tills);
	(void)till_import(&s->till[to], &s->bundle[which].bytes);
	total.bundles++;
	if (chance(s, 60))
		drop_bundle(s, which);
}

/* ---- the life of a till ---- */

static void reopen(struct scenario *s, struct till *till)
{
	uint64_t before[2], after[2];

	stores_hash(till->store, before);
	till_close(till);
	till->durability = (uint32_t)below(s, 3);
	till_open(till);
	stores_hash(till->store, after);
	if (memcmp(before, after, sizeof(before)) != 0)
		fail_msg("scenario %llu: another store after opening", (unsigned long long)s->number);
}

static void back_up(struct scenario *s, unsigned which)
{
	struct till *till = &s->till[which];

	till_close(till);
	if (s->saved[which])
		files_free(&s->backup[which]);
	files_save(&till->files, &s->backup[which]);
	s->saved[which] = 1;
	till_open(till);
}

static void restore(struct scenario *s, unsigned which)
{
	struct till *till = &s->till[which];
	unsigned i;

	if (!s->saved[which])
		return;
	if (!s->lossy) /* somebody has seen everything */
		till_send(till, &s->till[(which + 1) % s->tills]);
	for (i = s->bundles; s->lossy && i > 0; i--) {
		if (s->bundle[i - 1].to == which)
			drop_bundle(s, i - 1);
	}
	till_close(till);
	files_restore(&till->files, &s->backup[which]);
	total.restored++;
	till_open(till);
}

static void live(struct scenario *s, unsigned which)
{
	struct till *till = &s->till[which];
	uint32_t left;

	switch (below(s, 10)) {
	case 0:
	case 1:
		back_up(s, which);
		break;
	case 2:
	case 3:
		restore(s, which);
		break;
	case 4:
	case 5:
		reopen(s, till);
		break;
	case 6:
		till_compact(till);
		break;
	case 7:
		assert_int_equal(loy_store_rebuild(till->store, NULL, NULL, NULL), LOY_OK);
		break;
	default:
		assert_int_equal(loy_store_compact(till->store, 1 + below(s, 5000), &left, NULL), LOY_OK);
		break;
	}
}

static void step(struct scenario *s)
{
	unsigned which = (unsigned)below(s, s->tills);
	uint64_t what = below(s, 100);

	if (what < 55)
		record_something(s, &s->till[which]);
	else if (what < 67 && !s->plain)
		state_something(s, &s->till[which]);
	else if (what < 78)
		send_something(s);
	else if (what < 93)
		deliver_something(s);
	else
		live(s, which);
}

/* ---- the end ---- */

static void compare(const struct scenario *s, const uint64_t hash[2], loy_store *store, const char *what)
{
	uint64_t other[2];

	stores_hash(store, other);
	if (memcmp(hash, other, sizeof(other)) != 0)
		fail_msg("scenario %llu: %s is not the same", (unsigned long long)s->number, what);
}

static void verify(const struct scenario *s, struct till *till)
{
	loy_verification found = {.struct_size = sizeof(found)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = loy_store_verify(till->store, LOY_VERIFY_ALL, &found, NULL, NULL, &error);

	if (status != LOY_OK)
		fail_msg("scenario %llu: verification: %s: %s", (unsigned long long)s->number,
		         loy_status_name(status), error.message);
}

/* Everybody hears everything: once around gathers it, a second time hands it out. */
static void gather(struct scenario *s)
{
	unsigned i;

	for (i = 0; i < 2 * s->tills; i++)
		till_send(&s->till[i % s->tills], &s->till[(i + 1) % s->tills]);
}

static void shuffle(struct scenario *s, loy__fact *facts, uint64_t count)
{
	uint64_t i;

	for (i = count; i > 1; i--) {
		uint64_t k = below(s, i);
		loy__fact kept = facts[i - 1];

		facts[i - 1] = facts[k];
		facts[k] = kept;
	}
}

/* Another store that hears the facts of one in any order, a few at a time. */
static void hear_in_another_order(struct scenario *s, const uint64_t hash[2])
{
	const loy_allocator memory = {faulty_alloc, faulty_resize, faulty_release,
	                              &(struct faulty){.until = -1}};
	struct till *from = &s->till[below(s, s->tills)], listener;
	struct bytes all;
	loy__bundle_reader reader;
	uint64_t count = 0, i = 0;
	loy__fact *facts;

	(void)till_export(from, NULL, 0, &all);
	assert_int_equal(loy__bundle_reader_init(&reader, all.data, all.size, NULL), LOY_OK);
	facts = calloc(all.size / 2, sizeof(*facts)); /* none takes less than two bytes */
	assert_non_null(facts);
	while (loy__bundle_next(&reader, &facts[count], NULL) == LOY_OK)
		count++;
	shuffle(s, facts, count);
	till_create(&listener, model, s->number + 1000000);
	while (i < count) {
		uint64_t end = i + 1 + below(s, 40);
		struct bytes some = {NULL, 0};
		loy__bundle_writer w;

		loy__bundle_writer_init(&w, &memory, 0, bytes_keep, &some);
		for (; i < end && i < count; i++)
			loy__bundle_add(&w, &facts[i]);
		assert_int_equal(loy__bundle_finish(&w), LOY_OK);
		loy__bundle_writer_free(&w);
		(void)till_import(&listener, &some);
		free(some.data);
	}
	compare(s, hash, listener.store, "who hears it in another order");
	verify(s, &listener);
	assert_true(loy_store_conflict_count(listener.store) == loy_store_conflict_count(from->store));
	till_destroy(&listener);
	free(facts);
	free(all.data);
}

/* Another store that does itself what was done at all tills, in another order. */
static void do_in_another_order(struct scenario *s, const uint64_t hash[2])
{
	unsigned waiting = s->deeds, tried;
	struct till doer;

	till_create(&doer, model, s->number + 2000000);
	for (tried = 0; waiting > 0; tried++) {
		unsigned k = (unsigned)below(s, waiting);
		loy_status status = repeat(s, doer.store, &s->log[k]);

		assert_true(is_expected(status) && tried < 100000);
		if (status != LOY_ENOTFOUND) /* else the customer is not there yet */
			s->log[k] = s->log[--waiting];
	}
	compare(s, hash, doer.store, "who does it in another order");
	till_destroy(&doer);
}

static void count(const struct till *till)
{
	loy_store_stats stats = stores_stats(till->store);

	total.records += stats.records;
	total.conflicts += loy_store_conflict_count(till->store);
	total.gone += stats.erased_events;
	total.erasures += stats.erased_customers;
	total.aliases += stats.aliases;
}

static void play(uint64_t number)
{
	struct scenario *s = calloc(1, sizeof(*s));
	uint64_t hash[2];
	unsigned i, kind;

	assert_non_null(s);
	s->number = number;
	loy__random_init(&s->random, number);
	s->tills = 2 + (unsigned)below(s, TILLS_MAX - 1);
	kind = (unsigned)below(s, 3);
	s->plain = kind == 0;
	s->lossy = kind == 1;
	assert_int_equal(loy_event_create(&s->event, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&s->profile, &model->schema, NULL), LOY_OK);
	for (i = 0; i < s->tills; i++)
		till_create(&s->till[i], model, number << 8 | i);
	for (i = 20 + (unsigned)below(s, STEPS_MAX - 20); i > 0; i--)
		step(s);
	gather(s);
	stores_hash(s->till[0].store, hash);
	for (i = 1; i < s->tills; i++)
		compare(s, hash, s->till[i].store, "a till");
	verify(s, &s->till[below(s, s->tills)]);
	reopen(s, &s->till[below(s, s->tills)]);
	count(&s->till[0]);
	hear_in_another_order(s, hash);
	if (s->plain)
		do_in_another_order(s, hash);
	while (s->bundles > 0)
		drop_bundle(s, 0);
	for (i = 0; i < s->tills; i++) {
		if (s->saved[i])
			files_free(&s->backup[i]);
		till_destroy(&s->till[i]);
	}
	loy_profile_destroy(s->profile);
	loy_event_destroy(s->event);
	free(s);
}

static void all_who_heard_the_same_are_the_same(void **state)
{
	uint64_t i;

	(void)state;
	for (i = 0; i < scenarios; i++)
		play(first_scenario + i);
	print_message("%llu scenarios: %llu records, %llu conflicts, %llu erased events, %llu erasures, %llu "
	              "aliases, "
	              "%llu bundles, %llu restored\n",
	              (unsigned long long)scenarios, (unsigned long long)total.records,
	              (unsigned long long)total.conflicts, (unsigned long long)total.gone,
	              (unsigned long long)total.erasures, (unsigned long long)total.aliases,
	              (unsigned long long)total.bundles, (unsigned long long)total.restored);
	assert_true(scenarios < 100 ||
	            (total.records > 1000 && total.conflicts > 50 && total.gone > 50 && total.erasures > 50 &&
	             total.aliases > 20 && total.bundles > 300 && total.restored > 20));
}

/* The same events in `count` shards, some of them in two, merged in any order. */
static void merge_shards(unsigned count, uint64_t hash[2])
{
	struct till *shard = calloc(count, sizeof(*shard)), whole;
	loy__random random, same;
	loy_event *event;
	unsigned k, e;

	assert_non_null(shard);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	loy__random_init(&random, count);
	for (k = 0; k < count; k++)
		till_create(&shard[k], model, 100 * count + k);
	till_create(&whole, model, 100 * count + 99);
	for (e = 0; e < 500; e++) {
		loy__random_init(&same, e);
		stores_event(event, &same, 100, e + 1);
		k = (unsigned)loy__random_below(&random, count);
		assert_int_equal(loy_store_record(shard[k].store, event, NULL), LOY_OK);
		if (e % 10 == 0) /* sent twice, elsewhere */
			(void)loy_store_record(shard[loy__random_below(&random, count)].store, event, NULL);
	}
	for (k = count; k > 0; k--) {
		struct till *from = &shard[loy__random_below(&random, k)];

		till_send(from, &whole);
		till_destroy(from);
		*from = shard[k - 1];
	}
	stores_hash(whole.store, hash);
	till_destroy(&whole);
	loy_event_destroy(event);
	free(shard);
}

static void shards_merge_to_the_same_bytes(void **state)
{
	uint64_t hash[2], other[2];
	unsigned count;

	(void)state;
	merge_shards(1, hash);
	for (count = 2; count <= 64; count++) {
		merge_shards(count, other);
		assert_memory_equal(hash, other, sizeof(hash));
	}
}

static uint64_t number_after(const char *option, int count, char **arguments, uint64_t otherwise)
{
	int i;

	for (i = 1; i + 1 < count; i++) {
		if (strcmp(arguments[i], option) == 0)
			return strtoull(arguments[i + 1], NULL, 10);
	}
	return otherwise;
}

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_who_heard_the_same_are_the_same),
	        cmocka_unit_test(shards_merge_to_the_same_bytes),
	};
	int failed;

	scenarios = number_after("--scenarios", count, arguments, scenarios);
	first_scenario = number_after("--first", count, arguments, first_scenario);
	model = stores_model();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(model);
	return failed;
}
