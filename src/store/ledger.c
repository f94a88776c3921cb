/* Accepting facts: events and what is like them, one after the other. What changes the meaning of others waits. */
#include "store/ledger_state.h"

#include <string.h>

/* ---- who ---- */

loy__who loy__who_of(const loy_store *store, const loy__ref *ref)
{
	return ref->number != 0 ? loy__who_number(&store->numbered, ref->number)
	                        : loy__who_key(&store->named, ref->key, ref->length);
}

loy__ref loy__ref_of_row(const loy__customers *table, uint32_t entry)
{
	const loy__customer *customer = loy__customers_at(table, entry);
	loy__ref ref = {0, NULL, 0, {0, 0}};

	if (table->keyed) {
		ref.key = customer->who.key + 1;
		ref.length = customer->who.key[0];
	} else {
		ref.number = customer->who.number;
	}
	return ref;
}

/* ---- whether anything may be done ---- */

loy_status loy__ledger_readable(const loy_store *store, loy_error *error)
{
	loy_status status;

	if (store->ledger == NULL)
		return loy__fail(error, LOY_ESTATE, "the store is in memory");
	status = loy__journal_writable(store->ledger->journal, NULL);
	return status == LOY_OK || status == LOY_EREADONLY
	               ? LOY_OK
	               : loy__journal_writable(store->ledger->journal, error);
}

loy_status loy__ledger_writable(const loy_store *store, loy_error *error)
{
	if (store->ledger == NULL)
		return loy__fail(error, LOY_ESTATE, "the store is in memory");
	if (store->ledger->read_only)
		return loy__fail(error, LOY_EREADONLY, "the store was opened for reading only");
	return loy__journal_writable(store->ledger->journal, error);
}

loy_status loy__store_sound(const loy_store *store)
{
	return store->ledger != NULL ? loy__ledger_readable(store, NULL) : LOY_OK;
}

int loy__ledger_outdated(const loy_store *store)
{
	const struct loy__ledger *ledger = store->ledger;

	return ledger->opened && loy__journal_changed(ledger->journal);
}

const loy__tags *loy__ledger_tags(const loy_store *store)
{
	return &store->ledger->tags;
}

int loy__ledger_awaits(const loy_store *store, loy__tag tag)
{
	const struct loy__ledger *ledger = store->ledger;

	return ledger->life != 0 && tag.life == ledger->life && tag.number >= ledger->made;
}

uint64_t loy__ledger_pseudonym_check(const loy_store *store)
{
	return store->pseudonymous ? loy__pseudonym_check(store->pseudonym_key) : 0;
}

/* ---- the journal ---- */

/* A life of our own begins with its first record. */
static loy_status begin_life(struct loy__ledger *ledger, loy_error *error)
{
	uint8_t name[8] = {0}; /* read as bytes: the same name on every target */
	loy_status status = LOY_OK;

	while (status == LOY_OK && ledger->life == 0) {
		status = ledger->files.entropy(ledger->files.user_data, name, sizeof(name));
		ledger->life = status == LOY_OK ? loy__get_u64(name) : 0;
	}
	return status == LOY_OK ? LOY_OK
	                        : loy__fail(error, LOY_EIO, "no random bytes for the name of this opening");
}

loy_status loy__ledger_reserve(loy_store *store, uint64_t count, uint64_t bytes, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	loy_status status = loy__tags_reserve(&ledger->tags, &store->memory, (size_t)count);

	if (status == LOY_OK && ledger->life == 0)
		status = begin_life(ledger, error);
	if (status != LOY_OK)
		return status;
	return loy__journal_reserve(ledger->journal, count + 1, bytes + count * LOY__TAG_SIZE + 8, error);
}

loy_status loy__ledger_reserve_own(loy_store *store, uint64_t count, uint64_t bytes)
{
	struct loy__ledger *ledger = store->ledger;
	loy_status status = loy__tags_reserve(&ledger->tags, &store->memory, 1);

	if (status == LOY_OK && ledger->life == 0)
		status = begin_life(ledger, NULL);
	return status == LOY_OK ? loy__journal_reserve(ledger->journal, count + 1, bytes + 8, NULL) : status;
}

static void announce_life(struct loy__ledger *ledger)
{
	uint8_t name[8];
	loy__writer w;

	loy__writer_over(&w, name, sizeof(name));
	loy__write_u64(&w, ledger->life);
	(void)loy__journal_append(ledger->journal, LOY__RECORD_LIFE, name, sizeof(name), NULL, 0);
}

void loy__ledger_tag_own(loy_store *store, uint64_t count)
{
	struct loy__ledger *ledger = store->ledger;
	loy__tag first = {ledger->life, ledger->made};

	if (count != 0 && ledger->made == 0)
		announce_life(ledger);
	loy__tags_add_run(&ledger->tags, first, count);
	ledger->made += count;
	ledger->since_commit += count;
}

/* An announcement of a life may come before it. */
uint64_t loy__ledger_next_position(const loy_store *store)
{
	return loy__journal_last(store->ledger->journal) + 2;
}

uint64_t loy__ledger_append(loy_store *store, uint32_t type, const loy__tag *tag, const void *body,
                            size_t size)
{
	struct loy__ledger *ledger = store->ledger;
	loy__tag own = {ledger->life, ledger->made};
	uint8_t bytes[LOY__TAG_SIZE];
	loy__writer w;

	ledger->since_commit++;
	if (tag == NULL) {
		if (ledger->made++ == 0)
			announce_life(ledger);
		loy__tags_add(&ledger->tags, own);
		return loy__journal_append(ledger->journal, type, body, size, NULL, 0);
	}
	loy__tags_add(&ledger->tags, *tag);
	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_u64(&w, tag->life);
	loy__write_u64(&w, tag->number);
	return loy__journal_append(ledger->journal, type | LOY__RECORD_TAGGED, bytes, sizeof(bytes), body,
	                           size);
}

loy_status loy__ledger_commit(loy_store *store, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	loy_status status = loy__journal_commit(ledger->journal, error);

	if (status == LOY_OK) {
		ledger->since_commit = 0;
		ledger->ticking = 0;
	}
	return status;
}

loy_status loy__ledger_commit_pending(loy_store *store, loy_error *error)
{
	const loy__journal *journal = store->ledger->journal;

	if (loy__journal_last(journal) == loy__journal_committed(journal))
		return LOY_OK;
	return loy__ledger_commit(store, error);
}

loy_status loy__ledger_flush(loy_store *store, loy_error *error)
{
	loy_status status = loy__ledger_readable(store, error);

	return status == LOY_OK ? loy__ledger_commit_pending(store, error) : status;
}

loy_status loy__ledger_done(loy_store *store, loy_error *error)
{
	const struct loy__ledger *ledger = store->ledger;

	if (ledger->since_commit == 0)
		return LOY_OK;
	if (ledger->durability == LOY_DURABLE_EACH ||
	    (ledger->durability == LOY_DURABLE_GROUP && ledger->since_commit >= ledger->group_events))
		return loy__ledger_commit(store, error);
	return LOY_OK;
}

int loy__fact_from_record(loy__tagging *tagging, const loy__record_view *view, loy__fact *out)
{
	loy__reader in;

	loy__reader_init(&in, view->body, view->size);
	out->type = view->type & LOY__RECORD_KIND;
	out->variant = (view->type & LOY__RECORD_VARIANT) != 0;
	out->again = (view->type & LOY__RECORD_AGAIN) != 0;
	out->position = view->position;
	if (out->type == LOY__RECORD_LIFE) {
		tagging->life = loy__read_u64(&in);
		tagging->number = 0;
		return 0;
	}
	if ((view->type & LOY__RECORD_TAGGED) != 0) {
		out->tag.life = loy__read_u64(&in);
		out->tag.number = loy__read_u64(&in);
	} else {
		out->tag.life = tagging->life;
		out->tag.number = tagging->number++;
	}
	out->body = view->body + in.at;
	out->size = view->size - in.at;
	return in.status == LOY_OK;
}

/* ---- adding to records ---- */

/* The party of somebody who is in a group with others, or NULL. */
static loy__party *group_of(const loy_store *store, const loy__who *who)
{
	const loy__parties *parties = &store->ledger->parties;
	uint32_t entry = parties->parts != 0 ? loy__parties_find(parties, who) : LOY__NO_ENTRY;
	loy__party *party = entry != LOY__NO_ENTRY ? loy__party_at(parties, entry) : NULL;

	return party != NULL && party->grouped ? party : NULL;
}

/* While replaying: whether a row holds a record already. */
static int row_holds(const loy_store *store, const loy__customers *table, uint32_t entry, uint64_t position)
{
	const struct loy__ledger *ledger = store->ledger;
	const uint64_t *held;

	if (entry == LOY__NO_ENTRY || entry >= ledger->positioned[table->keyed])
		return 0;
	held = loy__vector_at(&ledger->positions[table->keyed], entry, sizeof(*held));
	return *held >= position;
}

/* What is added to a customer: an event, or a profile. */
struct addend {
	const loy_event *event; /* NULL: the record */
	int sign;
	const loy__record *record;
	uint64_t position; /* replaying; else UINT64_MAX */
};

static loy_status add_to(loy_store *store, loy__record **record, const struct addend *addend,
                         loy_error *error)
{
	if (addend->event == NULL)
		return loy__record_merge(record, addend->record, &store->record_memory);
	if (addend->sign > 0)
		return loy__store_add(store, addend->event, record, error);
	return loy__record_apply(record, store->schema, addend->event, -1, &store->record_memory, error);
}

/* A customer that has no row yet. */
static loy_status add_row(loy_store *store, const loy__who *who, const struct addend *addend,
                          loy_error *error)
{
	loy__customers *table = who->number != 0 ? &store->numbered : &store->named;
	loy__record *record = NULL;
	uint8_t *key = NULL;
	loy_status status = loy__customers_reserve(table, &store->memory, 1);

	if (status == LOY_OK && who->number == 0) {
		key = loy__key_create(&store->key_memory, who);
		status = key != NULL ? LOY_OK : LOY_ENOMEM;
	}
	if (status == LOY_OK)
		status = add_to(store, &record, addend, error);
	if (status != LOY_OK) {
		if (key != NULL)
			loy__free(&store->key_memory, key, loy__key_size(key));
		return status;
	}
	(void)loy__customers_add(table, who, key, record);
	store->sorted = 0;
	return LOY_OK;
}

static loy_status add_to_row(loy_store *store, const loy__who *who, uint32_t guess,
                             const struct addend *addend, loy_error *error)
{
	loy__customers *table = who->number != 0 ? &store->numbered : &store->named;
	uint32_t entry = loy__customers_find_near(table, who, guess);

	if (store->ledger != NULL && store->ledger->replaying &&
	    row_holds(store, table, entry, addend->position))
		return LOY_OK;
	if (entry == LOY__NO_ENTRY)
		return add_row(store, who, addend, error);
	return add_to(store, &loy__customers_at(table, entry)->record, addend, error);
}

/* Somebody in a group: to the own record, and to the row of the root. */
static loy_status add_to_group(loy_store *store, loy__party *party, const struct addend *addend,
                               loy_error *error)
{
	const struct loy__ledger *ledger = store->ledger;
	const loy__party *root = loy__party_at(&ledger->parties, party->root);
	loy__ref ref = loy__party_ref(store, root);
	loy__who who = loy__who_of(store, &ref);
	loy__record *own = NULL;
	int held = ledger->replaying && addend->position <= ledger->own_position;
	loy_status status = LOY_OK;

	if (!held)
		status = loy__record_copy(&own, party->own, &store->record_memory);
	if (status == LOY_OK && !held)
		status = add_to(store, &own, addend, error);
	if (status == LOY_OK)
		status = add_to_row(store, &who, LOY__NO_ENTRY, addend, error);
	if (status != LOY_OK) {
		loy__record_free(own, &store->record_memory);
		return status;
	}
	if (!held) {
		loy__record_free(party->own, &store->record_memory);
		party->own = own;
		party->exists = 1;
	}
	return LOY_OK;
}

static loy_status add(loy_store *store, const loy__who *who, uint32_t guess, const struct addend *addend,
                      loy_error *error)
{
	loy__party *party = group_of(store, who);

	return party != NULL ? add_to_group(store, party, addend, error)
	                     : add_to_row(store, who, guess, addend, error);
}

loy_status loy__ledger_place(loy_store *store, const loy_event *event, const loy__arrival *arrival, int sign,
                             uint64_t position, loy_error *error)
{
	struct addend addend = {event, sign, NULL, position};

	return add(store, &arrival->who, arrival->entry, &addend, error);
}

loy_status loy__ledger_place_profile(loy_store *store, const loy__ref *ref, const loy__record *from,
                                     uint64_t position)
{
	struct addend addend = {NULL, 0, from, position};
	loy__who who = loy__who_of(store, ref);

	return add(store, &who, LOY__NO_ENTRY, &addend, NULL);
}

int loy__ledger_exists(const loy_store *store, const loy__who *who)
{
	const loy__party *party = group_of(store, who);
	const loy__customers *table;
	loy__who root = *who;
	loy__ref ref;

	if (party != NULL) {
		ref = loy__party_ref(store, loy__party_at(&store->ledger->parties, party->root));
		root = loy__who_of(store, &ref);
	}
	table = root.number != 0 ? &store->numbered : &store->named;
	return loy__customers_find(table, &root) != LOY__NO_ENTRY;
}

/* ---- rows of stores in memory that are made from a journal ---- */

loy_status loy__row_add_event(loy_store *store, const loy__ref *ref, const loy_event *event, int sign,
                              loy_error *error)
{
	struct addend addend = {event, sign, NULL, UINT64_MAX};
	loy__who who = loy__who_of(store, ref);

	return add_to_row(store, &who, LOY__NO_ENTRY, &addend, error);
}

loy_status loy__row_add_record(loy_store *store, const loy__ref *ref, const loy__record *record)
{
	struct addend addend = {NULL, 0, record, UINT64_MAX};
	loy__who who = loy__who_of(store, ref);

	return add_to_row(store, &who, LOY__NO_ENTRY, &addend, NULL);
}
