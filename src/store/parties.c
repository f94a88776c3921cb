/* Who is part of whom: everybody a statement named, what was stated, and the roots that follow from it. */
#include "store/ledger_state.h"

#include <string.h>

#define STATEMENTS_MAX ((size_t)1 << 28)

static uint64_t party_hash(const void *owner, uint32_t entry)
{
	const loy__parties *set = owner;
	const loy__party *party = loy__party_at(set, entry);

	if (party->number != 0)
		return loy__mix64(party->number ^ set->number_seed);
	return loy__siphash(set->key_seed, ~set->key_seed, party->key + 1, party->key[0]);
}

uint32_t loy__parties_find(const loy__parties *set, const loy__who *who)
{
	loy__search search;
	uint32_t entry;

	loy__index_start(&set->index, who->hash, &search);
	while ((entry = loy__index_next(&set->index, &search)) != LOY__NO_ENTRY) {
		const loy__party *party = loy__party_at(set, entry);

		if (party->number != who->number)
			continue;
		if (who->number != 0 ||
		    (party->key[0] == who->length && memcmp(party->key + 1, who->key, who->length) == 0))
			break;
	}
	return entry;
}

loy_status loy__parties_enter(loy__parties *set, loy_store *store, const loy__ref *ref, uint32_t *entry)
{
	loy__who who = loy__who_of(store, ref);
	loy__party *party;
	uint8_t *key = NULL;
	loy_status status;

	set->number_seed = store->numbered.seed;
	set->key_seed = store->named.seed;
	*entry = loy__parties_find(set, &who);
	if (*entry != LOY__NO_ENTRY)
		return LOY_OK;
	status = loy__index_reserve(&set->index, &store->memory, 1, party_hash, set);
	if (status == LOY_OK)
		status = loy__vector_reserve(&set->entries, &store->memory, set->index.live + (uint64_t)1,
		                             sizeof(loy__party));
	if (status != LOY_OK)
		return status;
	if (who.number == 0) {
		key = loy__key_create(&store->key_memory, &who);
		if (key == NULL)
			return LOY_ENOMEM;
	}
	*entry = set->index.live;
	party = loy__party_at(set, *entry);
	memset(party, 0, sizeof(*party));
	party->number = who.number;
	party->key = key;
	party->root = *entry;
	loy__index_add(&set->index, who.hash, *entry);
	return LOY_OK;
}

loy_status loy__parties_state(loy__parties *set, const loy_allocator *memory, const loy__statement *statement)
{
	void *block = set->statement;
	loy_status status = loy__grow(memory, &block, &set->capacity, set->statements + 1,
	                              sizeof(*set->statement), STATEMENTS_MAX);

	set->statement = block;
	if (status == LOY_OK)
		set->statement[set->statements++] = *statement;
	return status;
}

loy__ref loy__party_ref(const loy_store *store, const loy__party *party)
{
	loy__ref ref = {party->number, NULL, 0, {0, 0}};

	if (party->number == 0) {
		ref.key = party->key + 1;
		ref.length = party->key[0];
	}
	loy__ref_hash(store, &ref);
	return ref;
}

void loy__parties_free(loy__parties *set, loy_store *store)
{
	uint32_t i;

	for (i = 0; i < set->index.live; i++) {
		loy__party *party = loy__party_at(set, i);

		if (party->key != NULL)
			loy__free(&store->key_memory, party->key, loy__key_size(party->key));
		loy__record_free(party->own, &store->record_memory);
	}
	loy__index_free(&set->index, &store->memory);
	loy__vector_free(&set->entries, &store->memory, sizeof(loy__party));
	loy__free(&store->memory, set->statement, set->capacity * sizeof(*set->statement));
	memset(set, 0, sizeof(*set));
}

/* ---- roots ---- */

static int is_erased(const loy_store *store, uint32_t entry, int64_t time)
{
	const struct loy__ledger *ledger = store->ledger;
	loy__ref ref;

	if (entry == LOY__NO_ENTRY || ledger->erasures.index.live == 0)
		return 0;
	ref = loy__party_ref(store, loy__party_at(&ledger->parties, entry));
	return loy__erasures_until(&ledger->erasures, ref.hash) >= time;
}

int loy__statement_holds(const loy_store *store, const loy__statement *s)
{
	return !is_erased(store, s->part, s->time) && !is_erased(store, s->whole, s->time);
}

static int stated_before(const loy__statement *a, const loy__statement *b)
{
	return a->time < b->time || (a->time == b->time && loy__tag_before(a->tag, b->tag));
}

/* The latest statement about each party that counts: its number, or LOY__NO_ENTRY. */
static void latest_statements(const loy_store *store, uint32_t *latest)
{
	const loy__parties *set = &store->ledger->parties;
	uint32_t i;

	for (i = 0; i < set->index.live; i++)
		latest[i] = LOY__NO_ENTRY;
	for (i = 0; i < set->statements; i++) {
		const loy__statement *s = &set->statement[i];
		uint32_t held = latest[s->part];

		if (held != LOY__NO_ENTRY && !stated_before(&set->statement[held], s))
			continue;
		if (loy__statement_holds(store, s))
			latest[s->part] = i;
	}
}

static uint32_t next_of(const loy__parties *set, const uint32_t *latest, uint32_t i)
{
	return latest[i] != LOY__NO_ENTRY ? set->statement[latest[i]].whole : LOY__NO_ENTRY;
}

/* Somebody of a circle: the latest statement in it does not hold. */
static void open_circle(const loy__parties *set, uint32_t *latest, uint32_t member)
{
	uint32_t i = next_of(set, latest, member), last = member;

	for (; i != member; i = next_of(set, latest, i)) {
		if (stated_before(&set->statement[latest[last]], &set->statement[latest[i]]))
			last = i;
	}
	latest[last] = LOY__NO_ENTRY;
}

void loy__parties_roots(const loy_store *store, uint32_t *root, uint32_t *latest)
{
	const loy__parties *set = &store->ledger->parties;
	uint32_t count = set->index.live, i, k, end;

	latest_statements(store, latest);
	memset(root, 0, count * sizeof(*root)); /* by which walk each was reached */
	for (i = 0; i < count; i++) {
		for (k = i; k != LOY__NO_ENTRY && root[k] == 0; k = next_of(set, latest, k))
			root[k] = i + 1;
		if (k != LOY__NO_ENTRY && root[k] == i + 1)
			open_circle(set, latest, k);
	}
	for (i = 0; i < count; i++)
		root[i] = LOY__NO_ENTRY;
	for (i = 0; i < count; i++) {
		for (end = i; root[end] == LOY__NO_ENTRY && next_of(set, latest, end) != LOY__NO_ENTRY;)
			end = next_of(set, latest, end);
		end = root[end] != LOY__NO_ENTRY ? root[end] : end;
		for (k = i; root[k] == LOY__NO_ENTRY && k != end; k = next_of(set, latest, k))
			root[k] = end;
		root[end] = end;
	}
}

loy_status loy__parties_settle(loy__parties *set, const loy_store *store)
{
	size_t count = set->index.live, size = 2 * count * sizeof(uint32_t);
	uint32_t *root, i;

	if (count == 0)
		return LOY_OK;
	root = loy__alloc(&store->memory, size);
	if (root == NULL)
		return LOY_ENOMEM;
	loy__parties_roots(store, root, root + count);
	for (i = 0; i < count; i++) {
		loy__party_at(set, i)->root = root[i];
		if (root[i] != i) {
			loy__party_at(set, i)->grouped = loy__party_at(set, root[i])->grouped = 1;
			set->parts++;
		}
	}
	loy__free(&store->memory, root, size);
	return LOY_OK;
}
