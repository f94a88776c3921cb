/* What a ledger tells: figures, who leads whom, a hash; and erasures and aliases made here. */
#include "store/ledger_state.h"

#include <string.h>

void loy__ledger_stats(const loy_store *store, loy_store_stats *stats)
{
	const struct loy__ledger *ledger = store->ledger;
	size_t i;

	stats->pending = loy__journal_last(ledger->journal) - loy__journal_committed(ledger->journal);
	stats->records = loy__journal_last(ledger->journal);
	stats->erased_events = ledger->erased_events;
	stats->identity_bytes += loy__known_bytes(&ledger->known);
	stats->erased_customers = ledger->erasures.index.live;
	stats->aliases = ledger->parties.parts;
	for (i = 0; i < ledger->contents.count; i++) {
		const loy__content *content = &ledger->contents.at[i];

		stats->open_conflicts +=
		        i == 0 || content[-1].high != content->high || content[-1].low != content->low;
	}
	stats->journal_bytes = loy__journal_bytes(ledger->journal);
	stats->snapshot_bytes = ledger->snapshot_bytes;
	stats->snapshot_records = ledger->snapshot_position;
}

/* ---- aliases ---- */

/* The party of somebody who is in a group with others. */
static const loy__party *grouped(const loy_store *store, const loy__who *who)
{
	const loy__parties *parties = &store->ledger->parties;
	uint32_t entry = parties->parts != 0 ? loy__parties_find(parties, who) : LOY__NO_ENTRY;
	const loy__party *party = entry != LOY__NO_ENTRY ? loy__party_at(parties, entry) : NULL;

	return party != NULL && party->grouped ? party : NULL;
}

void loy__ledger_lead(const loy_store *store, loy__who *who)
{
	const loy__party *party = grouped(store, who), *root;

	if (party == NULL)
		return;
	root = loy__party_at(&store->ledger->parties, party->root);
	*who = root->number != 0 ? loy__who_number(&store->numbered, root->number)
	                         : loy__who_key(&store->named, root->key + 1, root->key[0]);
}

int loy__ledger_whole(const loy_store *store, const loy__ref *part, loy__ref *whole)
{
	loy__who who = loy__who_of(store, part);
	const loy__party *party = grouped(store, &who);
	const loy__party *root;

	if (party == NULL)
		return 0;
	root = loy__party_at(&store->ledger->parties, party->root);
	if (root == party)
		return 0;
	*whole = loy__party_ref(store, root);
	return 1;
}

int loy__ledger_next_part(const loy_store *store, const loy__ref *whole, uint32_t *turn, loy__ref *part)
{
	const loy__parties *parties = &store->ledger->parties;
	loy__who who = loy__who_of(store, whole);
	uint32_t root = parties->parts != 0 ? loy__parties_find(parties, &who) : LOY__NO_ENTRY;

	for (; root != LOY__NO_ENTRY && *turn < parties->index.live; ++*turn) {
		const loy__party *party = loy__party_at(parties, *turn);

		if (*turn != root && party->root == root) {
			*part = loy__party_ref(store, party);
			++*turn;
			return 1;
		}
	}
	return 0;
}

loy_status loy__ledger_alias(loy_store *store, const loy__ref *part, const loy__ref *whole, int64_t time,
                             loy_error *error)
{
	static const loy__ref nobody = {0, NULL, 0, {0, 0}};
	uint8_t body[2 * (LOY_CUSTOMER_KEY_MAX + 12) + 8];
	loy__fact fact = {.type = LOY_RECORD_ALIAS, .body = body};
	loy_status status;
	loy__writer w;

	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return loy__fail(error, LOY_ETIME, "the time lies outside the years 1900 to 2199");
	if (whole != NULL && memcmp(whole->hash, part->hash, sizeof(part->hash)) == 0)
		return loy__fail(error, LOY_EINVAL, "a customer is no part of itself");
	if (loy__ledger_erased_until(store, part) >= time ||
	    (whole != NULL && loy__ledger_erased_until(store, whole) >= time))
		return loy__fail(error, LOY_EERASED, "the customer was erased");
	loy__writer_over(&w, body, sizeof(body));
	loy__write_u64(&w, (uint64_t)time);
	loy__ref_write(&w, part);
	loy__ref_write(&w, whole != NULL ? whole : &nobody);
	fact.size = w.size;
	status = loy__ledger_defer(store, &fact, 0, NULL);
	return status == LOY_OK ? loy__ledger_conclude(store, LOY_OK, error) : status;
}

/* ---- erasures ---- */

int64_t loy__ledger_erased_until(const loy_store *store, const loy__ref *who)
{
	return loy__erasures_until(&store->ledger->erasures, who->hash);
}

static loy_status defer_erasure(loy_store *store, const loy__ref *who, int64_t time)
{
	uint8_t body[LOY__ERASE_SIZE];
	loy__fact fact = {.type = LOY_RECORD_ERASE, .body = body, .size = sizeof(body)};
	loy__writer w;

	if (loy__ledger_erased_until(store, who) >= time)
		return LOY_OK;
	loy__writer_over(&w, body, sizeof(body));
	loy__write_u64(&w, who->hash[0]);
	loy__write_u64(&w, who->hash[1]);
	loy__write_u64(&w, (uint64_t)time);
	return loy__ledger_defer(store, &fact, 0, who);
}

loy_status loy__ledger_erase(loy_store *store, const loy__ref *who, int64_t time, loy_error *error)
{
	uint32_t turn = 0;
	loy_status status;
	loy__ref part;

	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return loy__fail(error, LOY_ETIME, "the time lies outside the years 1900 to 2199");
	status = defer_erasure(store, who, time);
	while (status == LOY_OK && loy__ledger_next_part(store, who, &turn, &part))
		status = defer_erasure(store, &part, time);
	if (status != LOY_OK) {
		loy__ledger_forget_waiting(store);
		return status;
	}
	return loy__ledger_conclude(store, LOY_OK, error);
}

loy_status loy__ledger_erase_customer(loy_store *store, uint64_t customer, const char *key, size_t length)
{
	uint8_t room[LOY__PSEUDONYM_SIZE];
	loy__ref who;
	loy__who found;
	loy_status status = loy__ref_from(store, customer, key, length, room, &who);

	if (status != LOY_OK)
		return LOY_EINVAL;
	status = loy__ledger_writable(store, NULL);
	if (status != LOY_OK)
		return status;
	found = loy__who_of(store, &who);
	if (!loy__ledger_exists(store, &found))
		return LOY_ENOTFOUND;
	return loy__store_status(store, loy__ledger_erase(store, &who, LOY_TIME_MAX, NULL), NULL);
}

/* ---- contents ---- */

uint32_t loy__ledger_content_count(const loy_store *store)
{
	return (uint32_t)store->ledger->contents.count;
}

const loy__content *loy__ledger_content(const loy_store *store, uint32_t index)
{
	return &store->ledger->contents.at[index];
}

/* ---- the hash ---- */

/* Sums of hashes do not depend on the order in which this store happens to hold things. */
struct sum {
	uint64_t low, high;
};

static void add(struct sum *sum, uint64_t kind, uint64_t a, uint64_t b, uint64_t c)
{
	uint8_t bytes[24];
	uint64_t hash[2];
	loy__writer w;

	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_u64(&w, a);
	loy__write_u64(&w, b);
	loy__write_u64(&w, c);
	loy__siphash128(kind, 0, bytes, sizeof(bytes), hash);
	sum->low += hash[0];
	sum->high += hash[1] + (sum->low < hash[0]);
}

static struct sum sum_identities(const loy_store *store)
{
	const loy__tags *spans = &store->ledger->known.spans;
	struct sum sum = {0, 0};
	loy__identities_walk walk = {0};
	loy__identity identity;
	uint64_t number;
	size_t i;

	for (i = 0; i < spans->count; i++) {
		for (number = spans->span[i].first; number < spans->span[i].end; number++)
			add(&sum, 1, spans->span[i].life, number, 0);
	}
	while (loy__identities_next(&store->identities, &walk, &identity))
		add(&sum, 1, identity.high, identity.low, 0);
	return sum;
}

static struct sum sum_erasures(const struct loy__ledger *ledger)
{
	struct sum sum = {0, 0};
	uint32_t i;

	for (i = 0; i < ledger->erasures.index.live; i++) {
		const loy__erasure *erasure = loy__erasures_at(&ledger->erasures, i);

		add(&sum, 2, erasure->who[0], erasure->who[1], (uint64_t)erasure->time);
	}
	return sum;
}

static struct sum sum_parts(const loy_store *store)
{
	const loy__parties *parties = &store->ledger->parties;
	struct sum sum = {0, 0};
	uint32_t i;

	for (i = 0; i < parties->index.live; i++) {
		const loy__party *party = loy__party_at(parties, i);
		loy__ref part, whole;

		if (party->root == i)
			continue;
		part = loy__party_ref(store, party);
		whole = loy__party_ref(store, loy__party_at(parties, party->root));
		add(&sum, 3, part.hash[0], part.hash[1], whole.hash[0] ^ loy__mix64(whole.hash[1]));
	}
	return sum;
}

static struct sum sum_contents(const struct loy__ledger *ledger)
{
	struct sum sum = {0, 0};
	size_t i;

	for (i = 0; i < ledger->contents.count; i++) {
		const loy__content *content = &ledger->contents.at[i];

		add(&sum, 4, content->high, content->low, content->digest);
	}
	return sum;
}

void loy__ledger_hash(const loy_store *store, uint64_t state[2])
{
	struct sum sum[4] = {sum_identities(store), sum_erasures(store->ledger), sum_parts(store),
	                     sum_contents(store->ledger)};
	uint8_t bytes[64];
	loy__writer w;
	unsigned i;

	loy__writer_over(&w, bytes, sizeof(bytes));
	for (i = 0; i < 4; i++) {
		loy__write_u64(&w, sum[i].low);
		loy__write_u64(&w, sum[i].high);
	}
	loy__siphash128(state[0], state[1], bytes, sizeof(bytes), state);
}
