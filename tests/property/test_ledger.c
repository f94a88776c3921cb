/*
 * The laws of a ledger, on random scenarios: whatever is recorded, sent twice, contested, taken back, erased, joined
 * and separated, in whatever order, with the store closed, opened and compacted in between, customers are what a
 * plain sum over the set of facts says; and another store that gets the same facts in another order is the same.
 */
#include "sample_model.h"

#include "store/ledger.h"

enum { SCENARIOS = 400, STEPS = 60, CUSTOMERS = 7, CONTENTS_MAX = 400, STATEMENTS_MAX = 100 };

/* ---- the plain model ---- */

/* One content: an event (sign 1), one taken back (-1), or a merged profile (0). */
struct content {
	int sign;
	uint64_t identity; /* 0: none */
	uint64_t digest;
	uint32_t customer;
	int64_t time;
	loy_event *event;
	loy_profile *profile;
};

struct statement {
	uint32_t part, whole; /* CUSTOMERS: nobody */
	int64_t time;
};

struct plain {
	struct content content[CONTENTS_MAX];
	uint32_t contents;
	struct statement statement[STATEMENTS_MAX];
	uint32_t statements;
	int64_t erased[CUSTOMERS];
};

/* Customers 0, 3, 6 have keys. */
static uint64_t number_of(uint32_t customer)
{
	return customer % 3 == 0 ? 0 : UINT64_C(1) << customer;
}

static const char *key_of(uint32_t customer)
{
	return &"kkkkkkkkkkkk"[customer];
}

static int live(const struct plain *plain, const struct content *c)
{
	return c->time > plain->erased[c->customer];
}

/* Whether a content counts: nobody erased it, and it is the least of its identity. */
static int counts(const struct plain *plain, const struct content *c)
{
	uint32_t i;

	if (!live(plain, c))
		return 0;
	for (i = 0; c->identity != 0 && i < plain->contents; i++) {
		const struct content *other = &plain->content[i];

		if (other->identity == c->identity && other->sign == c->sign && live(plain, other) &&
		    other->digest < c->digest)
			return 0;
	}
	return 1;
}

static int holds(const struct plain *plain, const struct statement *s)
{
	return s->time > plain->erased[s->part] &&
	       (s->whole == CUSTOMERS || s->time > plain->erased[s->whole]);
}

/* Roots by the rule as it is told: the latest statement of each, and of each circle all but its latest. */
static void find_roots(const struct plain *plain, uint32_t *root)
{
	const struct statement *latest[CUSTOMERS] = {NULL};
	uint32_t i, k, n;

	for (i = 0; i < plain->statements; i++) {
		const struct statement *s = &plain->statement[i];

		if (holds(plain, s) && (latest[s->part] == NULL || latest[s->part]->time < s->time))
			latest[s->part] = s;
	}
	for (i = 0; i < CUSTOMERS; i++) { /* is i in a circle? then take the latest of it away */
		const struct statement *last = latest[i];

		for (k = i, n = 0; latest[k] != NULL && latest[k]->whole != CUSTOMERS && n <= CUSTOMERS;
		     n++) {
			k = latest[k]->whole;
			if (latest[k] != NULL && latest[k]->time > last->time)
				last = latest[k];
			if (k == i)
				break;
		}
		if (n <= CUSTOMERS && k == i && latest[i] != NULL && latest[i]->whole != CUSTOMERS)
			latest[last->part] = NULL;
	}
	for (i = 0; i < CUSTOMERS; i++) {
		for (k = i; latest[k] != NULL && latest[k]->whole != CUSTOMERS;)
			k = latest[k]->whole;
		root[i] = k;
	}
}

/* `until`: only what lies before or at this time. */
static void check_until(const struct plain *plain, const loy_store *store, int64_t until, uint64_t scenario)
{
	loy_profile *sum[CUSTOMERS], *copy;
	uint32_t root[CUSTOMERS], i, rows = 0;
	int there[CUSTOMERS] = {0};

	find_roots(plain, root);
	assert_int_equal(loy_profile_create(&copy, &model->schema, NULL), LOY_OK);
	for (i = 0; i < CUSTOMERS; i++)
		assert_int_equal(loy_profile_create(&sum[i], &model->schema, NULL), LOY_OK);
	for (i = 0; i < plain->contents; i++) {
		const struct content *c = &plain->content[i];
		uint32_t to = root[c->customer];

		if (!counts(plain, c) || c->time > until)
			continue;
		there[to] = 1;
		if (c->sign == 0)
			assert_int_equal(loy_profile_merge(sum[to], c->profile), LOY_OK);
		else if (c->sign > 0)
			assert_int_equal(loy_profile_record(sum[to], c->event, NULL), LOY_OK);
		else
			assert_int_equal(loy_profile_retract(sum[to], c->event, NULL), LOY_OK);
	}
	for (i = 0; i < CUSTOMERS; i++) {
		uint32_t of = until != LOY_TIME_MAX ? root[i] : i; /* the past knows no parts */
		loy_status status =
		        loy_store_profile_of(store, number_of(of), key_of(of), strlen(key_of(of)), copy);

		rows += root[i] == i && there[i];
		if (status != (there[root[i]] ? LOY_OK : LOY_ENOTFOUND))
			fail_msg("scenario %u: customer %u: %s, root %u", (unsigned)scenario, (unsigned)i,
			         loy_status_name(status), (unsigned)root[i]);
		if (status == LOY_OK && !loy_profile_equal(copy, sum[root[i]]))
			fail_msg("scenario %u: customer %u differs", (unsigned)scenario, (unsigned)i);
	}
	assert_int_equal(loy_store_count(store), rows);
	for (i = 0; i < CUSTOMERS; i++)
		loy_profile_destroy(sum[i]);
	loy_profile_destroy(copy);
}

static void check_against(const struct plain *plain, const loy_store *store, uint64_t scenario)
{
	check_until(plain, store, LOY_TIME_MAX, scenario);
}

static void forget(struct plain *plain)
{
	uint32_t i;

	for (i = 0; i < plain->contents; i++) {
		loy_event_destroy(plain->content[i].event);
		loy_profile_destroy(plain->content[i].profile);
	}
}

/* ---- steps ---- */

struct scene {
	struct plain plain;
	loy__random random;
	loy_files files;
	loy_store_options options;
	loy_store *store;
	int64_t clock;
	uint64_t identities, number;
};

static void open_store(struct scene *scene)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status =
	        loy_store_open(&scene->store, NULL, 0, model, &scene->options, NULL, NULL, &error);

	if (status != LOY_OK)
		fail_msg("scenario %u: open: %s: %s", (unsigned)scene->number, loy_status_name(status),
		         error.message);
}

static loy__ref ref_of(const struct scene *scene, uint32_t customer)
{
	loy__ref ref;

	assert_int_equal(loy__ref_from(scene->store, number_of(customer), key_of(customer),
	                               strlen(key_of(customer)), NULL, &ref),
	                 LOY_OK);
	return ref;
}

static struct content *known(struct plain *plain, int sign, uint64_t identity, uint64_t digest)
{
	uint32_t i;

	for (i = 0; identity != 0 && i < plain->contents; i++) {
		struct content *c = &plain->content[i];

		if (c->sign == sign && c->identity == identity && (digest == 0 || c->digest == digest))
			return c;
	}
	return NULL;
}

/* Counted up by one of two devices, or of random bits. */
static void identify(loy_event *event, uint64_t identity)
{
	uint64_t high = identity % 3 == 0 ? UINT64_C(7) << 32 | 5 : 9, low = identity;

	if (identity % 3 == 2) {
		high = loy__mix64(identity) | UINT64_C(1) << 63;
		low = loy__mix64(high);
	}
	assert_int_equal(
	        loy_event_set_identity(event, identity != 0 ? high : 0, low != 0 && identity != 0 ? low : 0),
	        LOY_OK);
}

static void record(struct scene *scene, int sign)
{
	struct plain *plain = &scene->plain;
	struct content c = {.sign = sign, .customer = (uint32_t)loy__random_below(&scene->random, CUSTOMERS)};
	uint64_t what = loy__random_below(&scene->random, 8);
	loy_status status, expected = LOY_OK;

	if (plain->contents == CONTENTS_MAX)
		return;
	assert_int_equal(loy_event_create(&c.event, NULL), LOY_OK);
	sample_event(c.event, &scene->random, SAMPLE_TAME);
	if (what < 2 && plain->contents != 0) { /* the same again */
		const struct content *old =
		        &plain->content[loy__random_below(&scene->random, plain->contents)];

		if (old->event == NULL) {
			loy_event_destroy(c.event);
			return;
		}
		assert_int_equal(loy_event_copy(c.event, old->event), LOY_OK);
		c.customer = old->customer;
		c.identity = old->identity;
	} else if (what < 4 && scene->identities != 0) { /* an identity that is there, most likely */
		c.identity = 1 + loy__random_below(&scene->random, scene->identities);
	} else if (what > 4) {
		c.identity = ++scene->identities;
	}
	if (number_of(c.customer) != 0)
		assert_int_equal(loy_event_set_customer(c.event, number_of(c.customer)), LOY_OK);
	else
		assert_int_equal(
		        loy_event_set_customer_key(c.event, key_of(c.customer), strlen(key_of(c.customer))),
		        LOY_OK);
	identify(c.event, c.identity);
	assert_int_equal(loy_event_digest(c.event, &c.digest), LOY_OK);
	assert_int_equal(loy_event_time(c.event, &c.time), LOY_OK);
	if (!live(plain, &c))
		expected = LOY_EERASED;
	else if (known(plain, sign, c.identity, c.digest))
		expected = LOY_EDUPLICATE;
	else if (known(plain, sign, c.identity, 0))
		expected = LOY_ECONFLICT;
	if (sign > 0) {
		status = loy_store_record(scene->store, c.event, NULL);
	} else {
		status = loy_store_retract(scene->store, c.event, NULL);
		if (status == LOY_ENOTFOUND) {
			loy_event_destroy(c.event);
			return;
		}
	}
	if (status != expected && !(expected == LOY_ECONFLICT && status == LOY_OK))
		fail_msg("scenario %u: %s instead of %s", (unsigned)scene->number, loy_status_name(status),
		         loy_status_name(expected));
	if (status == LOY_EDUPLICATE) {
		loy_event_destroy(c.event);
		return;
	}
	plain->content[plain->contents++] = c;
}

static void merge(struct scene *scene)
{
	struct plain *plain = &scene->plain;
	struct content c = {.customer = (uint32_t)loy__random_below(&scene->random, CUSTOMERS)};
	loy_event *event;
	loy_status status;

	if (plain->contents == CONTENTS_MAX)
		return;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	sample_event(event, &scene->random, SAMPLE_TAME);
	assert_int_equal(loy_event_time(event, &c.time), LOY_OK);
	assert_int_equal(loy_profile_create(&c.profile, &model->schema, NULL), LOY_OK);
	assert_int_equal(loy_profile_record(c.profile, event, NULL), LOY_OK);
	loy_event_destroy(event);
	status = loy_store_merge_profile(scene->store, number_of(c.customer), key_of(c.customer),
	                                 strlen(key_of(c.customer)), c.profile);
	assert_int_equal(status, live(plain, &c) ? LOY_OK : LOY_EERASED);
	plain->content[plain->contents++] = c;
}

/* Some time among those of the events. */
static int64_t some_time(struct scene *scene)
{
	struct plain *plain = &scene->plain;

	if (plain->contents == 0)
		return LOY_TIME_MAX;
	return plain->content[loy__random_below(&scene->random, plain->contents)].time;
}

static void erase(struct scene *scene)
{
	uint32_t customer = (uint32_t)loy__random_below(&scene->random, CUSTOMERS), root[CUSTOMERS], i;
	int64_t time =
	        loy__random_below(&scene->random, 3) == 0 ? LOY_TIME_MAX - scene->clock : some_time(scene);
	loy__ref who = ref_of(scene, customer);

	find_roots(&scene->plain, root);
	assert_int_equal(loy__ledger_erase(scene->store, &who, time, NULL), LOY_OK);
	for (i = 0; i < CUSTOMERS; i++) {
		if ((i == customer || root[i] == customer) && scene->plain.erased[i] < time)
			scene->plain.erased[i] = time;
	}
}

static void alias(struct scene *scene)
{
	struct plain *plain = &scene->plain;
	struct statement s = {(uint32_t)loy__random_below(&scene->random, CUSTOMERS),
	                      (uint32_t)loy__random_below(&scene->random, CUSTOMERS + 2), 0};
	loy__ref part = ref_of(scene, s.part), whole;
	loy_status status;

	s.whole = s.whole > CUSTOMERS ? CUSTOMERS : s.whole;
	if (s.whole == s.part || plain->statements == STATEMENTS_MAX)
		return;
	/* Not in the order in which they are made, and no two at once. */
	s.time = (int64_t)loy__random_below(&scene->random, 1000) * 1000 + scene->clock +
	         (loy__random_below(&scene->random, 2) != 0 ? LOY_TIME_MAX / 2 : INT64_C(1700000000000000));
	if (s.whole != CUSTOMERS)
		whole = ref_of(scene, s.whole);
	status = loy__ledger_alias(scene->store, &part, s.whole != CUSTOMERS ? &whole : NULL, s.time, NULL);
	assert_int_equal(status, holds(plain, &s) ? LOY_OK : LOY_EERASED);
	if (status == LOY_OK)
		plain->statement[plain->statements++] = s;
}

/* The past, of all and of one. */
static void look_back(struct scene *scene)
{
	int64_t time = some_time(scene);
	uint32_t customer = (uint32_t)loy__random_below(&scene->random, CUSTOMERS);
	loy_profile *one, *of_all;
	loy_status status;
	loy_store *then;

	assert_int_equal(loy_store_as_of(scene->store, time, model, &then, NULL, NULL, NULL, NULL), LOY_OK);
	check_until(&scene->plain, then, time, scene->number);
	assert_int_equal(loy_profile_create(&one, &model->schema, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&of_all, &model->schema, NULL), LOY_OK);
	status = loy_store_profile_as_of(scene->store, time, number_of(customer), key_of(customer),
	                                 strlen(key_of(customer)), one, NULL);
	if (status == LOY_OK) {
		loy__ref part = ref_of(scene, customer), whole = part;

		(void)loy__ledger_whole(scene->store, &part, &whole);
		assert_int_equal(loy_store_profile_of(then, whole.number, (const char *)whole.key,
		                                      whole.length, of_all),
		                 LOY_OK);
		assert_true(loy_profile_equal(one, of_all));
	} else {
		assert_int_equal(status, LOY_ENOTFOUND);
	}
	loy_profile_destroy(one);
	loy_profile_destroy(of_all);
	loy_store_destroy(then);
}

static void check_all(struct scene *scene)
{
	loy_verification result = {.struct_size = sizeof(result)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = loy_store_verify(scene->store, LOY_VERIFY_ALL, &result, NULL, NULL, &error);

	if (status != LOY_OK)
		fail_msg("scenario %u: verify: %s: %s", (unsigned)scene->number, loy_status_name(status),
		         error.message);
	assert_int_equal(result.wrong, 0);
}

static void step(struct scene *scene)
{
	uint64_t what = loy__random_below(&scene->random, 40);
	uint32_t left;

	scene->clock++;
	if (what < 1)
		erase(scene);
	else if (what < 4)
		alias(scene);
	else if (what < 6)
		merge(scene);
	else if (what < 9)
		record(scene, -1);
	else if (what < 10)
		assert_int_equal(loy_store_commit(scene->store, NULL), LOY_OK);
	else if (what < 13)
		assert_int_equal(
		        loy_store_compact(scene->store, loy__random_below(&scene->random, 3000), &left, NULL),
		        LOY_OK);
	else if (what < 14)
		look_back(scene);
	else if (what < 15)
		check_all(scene);
	else if (what < 16)
		assert_int_equal(loy_store_rebuild(scene->store, NULL, NULL, NULL), LOY_OK);
	else if (what < 18 && scene->options.durability == LOY_DURABLE_EACH) {
		loy_store_destroy(scene->store);
		open_store(scene);
	} else
		record(scene, 1);
}

/* ---- the same facts in another order ---- */

struct kept {
	loy__fact fact;
	uint8_t *body;
};

static uint32_t keep_facts(loy_store *store, struct kept **out)
{
	uint32_t count = 0, capacity = 4096;
	loy__fact_reader *reader;
	struct kept *kept = calloc(capacity, sizeof(*kept));
	loy_status status;

	assert_non_null(kept);
	assert_int_equal(loy_store_commit(store, NULL), LOY_OK);
	assert_int_equal(loy__fact_reader_create(&reader, store, NULL), LOY_OK);
	while ((status = loy__fact_reader_next(reader, &kept[count].fact, NULL)) == LOY_OK) {
		struct kept *k = &kept[count++];

		assert_true(count < capacity);
		k->body = malloc(k->fact.size + 1);
		assert_non_null(k->body);
		memcpy(k->body, k->fact.body, k->fact.size);
		k->fact.body = k->body;
	}
	assert_int_equal(status, LOY_ENOTFOUND);
	loy__fact_reader_destroy(reader);
	*out = kept;
	return count;
}

static void shuffle(struct kept *kept, uint32_t count, loy__random *random)
{
	for (; count > 1; count--) {
		uint64_t k = loy__random_below(random, count);
		struct kept moved = kept[count - 1];

		kept[count - 1] = kept[k];
		kept[k] = moved;
	}
}

static void check_other_order(struct scene *scene)
{
	struct scene other = {.options = scene->options, .number = scene->number};

	other.files.struct_size = sizeof(other.files);
	uint64_t one[2], two[2];
	struct kept *kept;
	uint32_t count = keep_facts(scene->store, &kept), i;

	assert_int_equal(loy_files_open_memory(&other.files, scene->number + 99, NULL), LOY_OK);
	other.options.files = &other.files;
	open_store(&other);
	shuffle(kept, count, &scene->random);
	for (i = 0; i < count; i++) {
		loy_status status;

		assert_int_equal(loy__fact_check(other.store, &kept[i].fact, NULL), LOY_OK);
		status = loy__ledger_accept(other.store, &kept[i].fact, NULL);
		if (status != LOY_OK && status != LOY_EDUPLICATE && status != LOY_ECONFLICT &&
		    status != LOY_EERASED)
			fail_msg("accept: %s", loy_status_name(status));
		if (loy__random_below(&scene->random, 10) == 0)
			assert_int_equal(loy__ledger_settle_all(other.store, NULL), LOY_OK);
		if (loy__random_below(&scene->random, 30) == 0) {
			assert_int_equal(loy__ledger_settle_all(other.store, NULL), LOY_OK);
			assert_int_equal(loy_store_commit(other.store, NULL), LOY_OK);
			loy_store_destroy(other.store);
			open_store(&other);
		}
	}
	assert_int_equal(loy__ledger_settle_all(other.store, NULL), LOY_OK);
	assert_int_equal(loy_store_commit(other.store, NULL), LOY_OK);
	check_against(&scene->plain, other.store, scene->number);
	stores_hash(scene->store, one);
	stores_hash(other.store, two);
	if (memcmp(one, two, sizeof(one)) != 0)
		fail_msg("scenario %u: the hashes differ", (unsigned)scene->number);
	loy_store_destroy(other.store);
	open_store(&other);
	stores_hash(other.store, two);
	if (memcmp(one, two, sizeof(one)) != 0)
		fail_msg("scenario %u: the hashes differ after opening", (unsigned)scene->number);
	loy_store_destroy(other.store);
	loy_files_close(&other.files);
	for (i = 0; i < count; i++)
		free(kept[i].body);
	free(kept);
}

static void the_sum_of_the_set_is_the_state(void **state)
{
	uint64_t scenario;

	(void)state;
	for (scenario = 0; scenario < SCENARIOS; scenario++) {
		struct scene *scene = calloc(1, sizeof(*scene));
		uint32_t i;

		assert_non_null(scene);
		scene->number = scenario;
		loy__random_init(&scene->random, scenario);
		for (i = 0; i < CUSTOMERS; i++)
			scene->plain.erased[i] = INT64_MIN;
		scene->files.struct_size = sizeof(scene->files);
		assert_int_equal(loy_files_open_memory(&scene->files, scenario, NULL), LOY_OK);
		scene->options.struct_size = sizeof(scene->options);
		scene->options.files = &scene->files;
		scene->options.segment_bytes = 65536;
		scene->options.durability = scenario % 2 ? LOY_DURABLE_EACH : LOY_DURABLE_GROUP;
		scene->options.group_events = 5;
		open_store(scene);
		for (i = 0; i < STEPS; i++) {
			step(scene);
			if (i % 16 == 15 || i == STEPS - 1)
				check_against(&scene->plain, scene->store, scenario);
		}
		check_other_order(scene);
		loy_store_destroy(scene->store);
		open_store(scene);
		check_against(&scene->plain, scene->store, scenario);
		loy_store_destroy(scene->store);
		loy_files_close(&scene->files);
		forget(&scene->plain);
		free(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_sum_of_the_set_is_the_state),
	};

	return cmocka_run_group_tests(tests, make_model, free_model);
}
