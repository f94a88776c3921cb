/*
 * Facts that change what others mean: second contents, erasures, aliases. All that wait are settled together: what
 * they lead to is made beside what there is, from the journal where need be; then they are appended, and what was made
 * takes its place. Until they are appended everything can be undone.
 */
#include "store/change.h"

#include <string.h>

#define ROWS_MAX ((size_t)1 << 30)

loy__customer *loy__revision_find_row(const loy__revision *change, const loy__ref *who,
                                      loy__customers **table, uint32_t *entry)
{
	loy__who found = loy__who_of(change->store, who);

	*table = who->number != 0 ? &change->store->numbered : &change->store->named;
	*entry = loy__customers_find(*table, &found);
	return *entry != LOY__NO_ENTRY ? loy__customers_at(*table, *entry) : NULL;
}

loy_status loy__revision_again(loy__revision *change, const uint64_t hash[2])
{
	loy__ref who = {0, NULL, 0, {hash[0], hash[1]}};
	loy__again *again;
	loy_status status = loy__agains_add(&change->agains, change->store, &who, 0, &again);

	if (status == LOY_OK)
		again->ready = 0;
	return status;
}

loy_status loy__revision_row(loy__revision *change, const loy__ref *who, loy__record *record, int drop,
                             int fresh)
{
	loy_store *store = change->store;
	loy__who key = loy__who_of(store, who);
	struct loy__revised_row *row;
	loy__customers *table;
	void *block = change->row;
	uint32_t entry;
	loy_status status = loy__grow(&store->memory, &block, &change->row_capacity, change->rows + 1,
	                              sizeof(*row), ROWS_MAX);

	change->row = block;
	if (status != LOY_OK)
		return status;
	row = &change->row[change->rows];
	memset(row, 0, sizeof(*row));
	row->who = *who;
	row->record = record;
	row->drop = drop;
	row->fresh = fresh;
	if (!drop && who->number == 0 && loy__revision_find_row(change, who, &table, &entry) == NULL) {
		row->key = loy__key_create(&store->key_memory, &key);
		if (row->key == NULL)
			return LOY_ENOMEM;
	}
	change->rows++;
	return LOY_OK;
}

/* ---- whom an erasure concerns ---- */

/* Somebody is erased: gone as a whole when nothing of it is newer, else made again from what is. */
static loy_status erase_known(loy__revision *change, const loy__ref *who, int64_t time)
{
	loy_store *store = change->store;
	loy__who key = loy__who_of(store, who);
	uint32_t at = loy__parties_find(&change->ledger->parties, &key), entry;
	const loy__party *party = at != LOY__NO_ENTRY ? loy__party_at(&change->ledger->parties, at) : NULL;
	loy__customers *table;
	const loy__customer *row = loy__revision_find_row(change, who, &table, &entry);
	const loy__record *own = NULL;
	loy__again *again;
	loy_status status;
	int ready;

	if (party != NULL && party->grouped)
		own = party->own;
	else if (row != NULL)
		own = row->record;
	else
		return LOY_OK;
	ready = own == NULL || loy__profile_newest(own, store->schema) <= time;
	again = loy__agains_find(&change->agains, who->hash);
	if (again != NULL)
		ready = again->ready && ready; /* somebody else's content is the reason for it */
	status = loy__agains_add(&change->agains, store, who, 1, &again);
	if (status == LOY_OK)
		again->ready = ready;
	return status;
}

/* The time up to which an erasure that waits reaches, when it was raised; INT64_MIN otherwise. */
static int64_t raised_to(const loy__revision *change, const uint64_t hash[2])
{
	loy__again *again = loy__agains_find(&change->agains, hash);

	return again != NULL ? loy__erasures_until(&change->ledger->erasures, hash) : INT64_MIN;
}

static loy_status erase_row(loy__revision *change, loy__ref who)
{
	int64_t time;

	loy__ref_hash(change->store, &who);
	time = raised_to(change, who.hash);
	return time != INT64_MIN ? erase_known(change, &who, time) : LOY_OK;
}

static loy_status erase_among_rows(loy__revision *change, const loy__customers *table)
{
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; i < table->index.live && status == LOY_OK; i++)
		status = erase_row(change, loy__ref_of_row(table, i));
	return status;
}

static loy_status erase_among_parties(loy__revision *change)
{
	const loy__parties *set = &change->ledger->parties;
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; i < set->index.live && status == LOY_OK; i++)
		status = erase_row(change, loy__party_ref(change->store, loy__party_at(set, i)));
	return status;
}

/* Hashes do not say who: those not known from the call are looked for among all. */
static loy_status erase(loy__revision *change)
{
	const struct loy__ledger *ledger = change->ledger;
	loy_status status = LOY_OK;
	int search = 0;
	size_t i;

	for (i = 0; i < ledger->waiting_count && status == LOY_OK; i++) {
		const loy__waiting *w = &ledger->waiting[i];
		loy__ref who = {0, NULL, 0, {0, 0}};
		loy__glance glance;
		loy__again *again;

		if (change->raised[i] == INT64_MAX)
			continue;
		(void)loy__waiting_look(w, &glance);
		if (w->who.number != 0 || w->who.length != 0) {
			status = erase_known(change, &w->who, glance.time);
			continue;
		}
		search = 1;
		who.hash[0] = glance.hash[0];
		who.hash[1] = glance.hash[1];
		if (loy__agains_find(&change->agains, who.hash) != NULL)
			continue;
		status = loy__agains_add(&change->agains, change->store, &who, 0, &again);
		if (status == LOY_OK)
			again->ready = 1;
	}
	if (status == LOY_OK && search)
		status = erase_among_rows(change, &change->store->numbered);
	if (status == LOY_OK && search)
		status = erase_among_rows(change, &change->store->named);
	if (status == LOY_OK && search)
		status = erase_among_parties(change);
	return status;
}

/* ---- making customers again ---- */

/* Those that wait and count, which no reading of the journal finds. */
static loy_status take_waiting(loy__revision *change, loy_error *error)
{
	loy_status status = LOY_OK;
	size_t i;

	for (i = 0; i < change->ledger->waiting_count && status == LOY_OK; i++) {
		const loy__waiting *w = &change->ledger->waiting[i];
		loy__glance glance;
		loy__fact fact;

		if (w->settled != LOY__RECORD_VARIANT)
			continue;
		fact = loy__waiting_look(w, &glance);
		loy__ref_hash(change->store, &glance.who);
		status = loy__agains_take(&change->agains, change->store, &fact, &glance,
		                          loy__fact_counts(change->store, &fact, &glance), error);
	}
	return status;
}

static loy_status make_again(loy__revision *change, loy_error *error)
{
	loy_status status = LOY_OK;

	if (!change->ledger->light) /* else everybody is made afterwards */
		status = loy__agains_fold(&change->agains, change->store, error);
	if (status == LOY_OK && !change->ledger->replaying)
		status = take_waiting(change, error);
	return status;
}

/* ---- appending ---- */

static loy_status reserve_rows(loy__revision *change)
{
	loy_store *store = change->store;
	uint64_t numbered = 0, named = 0;
	loy_status status;
	size_t i;

	for (i = 0; i < change->rows; i++) {
		numbered += !change->row[i].drop && change->row[i].who.number != 0;
		named += !change->row[i].drop && change->row[i].who.number == 0;
	}
	status = loy__customers_reserve(&store->numbered, &store->memory, numbered);
	if (status == LOY_OK)
		status = loy__customers_reserve(&store->named, &store->memory, named);
	return status;
}

static loy_status reserve(loy__revision *change, loy_error *error)
{
	loy_status status = reserve_rows(change);
	uint64_t bytes = 0;
	size_t i;

	if (status != LOY_OK || change->ledger->replaying)
		return status;
	for (i = 0; i < change->ledger->waiting_count; i++)
		bytes += change->ledger->waiting[i].size;
	return loy__ledger_reserve(change->store, change->ledger->waiting_count, bytes, error);
}

static void set_position(loy__revision *change, const loy__waiting *w, uint64_t position)
{
	loy__contents *contents = &change->ledger->contents;
	uint64_t digest = loy__siphash(0, 0, w->body, w->size);
	loy__glance glance;
	size_t first, count, i;

	(void)loy__waiting_look(w, &glance);
	first = loy__contents_of(contents, glance.high, glance.low, &count);
	for (i = first; i < first + count; i++) {
		if (contents->at[i].digest == digest)
			contents->at[i].position = position;
	}
}

static void append(loy__revision *change)
{
	struct loy__ledger *ledger = change->ledger;
	size_t i;

	loy__journal_begin(ledger->journal);
	for (i = 0; i < ledger->waiting_count; i++) {
		const loy__waiting *w = &ledger->waiting[i];
		uint64_t position;

		if ((w->tagged && loy__tags_have(&ledger->tags, w->tag)) ||
		    (!w->tagged && w->settled == LOY__RECORD_AGAIN))
			continue;
		position = loy__ledger_append(change->store, w->type | (uint32_t)w->settled,
		                              w->tagged ? &w->tag : NULL, w->body, w->size);
		if (w->settled == LOY__RECORD_VARIANT)
			set_position(change, w, position);
	}
	loy__journal_end(ledger->journal);
}

/* ---- installing: nothing here can fail ---- */

static void install_row(loy__revision *change, struct loy__revised_row *change_of)
{
	loy_store *store = change->store;
	loy__customers *table;
	uint32_t entry;
	loy__customer *row = loy__revision_find_row(change, &change_of->who, &table, &entry);
	loy__who who;

	if (change_of->drop) {
		if (row == NULL)
			return;
		loy__record_free(row->record, &store->record_memory);
		if (table->keyed) {
			uint8_t *key = row->who.key;

			loy__customers_erase(table, entry);
			loy__free(&store->key_memory, key, loy__key_size(key));
		} else {
			loy__customers_erase(table, entry);
		}
		store->sorted = 0;
	} else if (row != NULL) {
		loy__record_free(row->record, &store->record_memory);
		row->record = change_of->record;
	} else {
		who = loy__who_of(store, &change_of->who);
		(void)loy__customers_add(table, &who, change_of->key, change_of->record);
		change_of->key = NULL;
		store->sorted = 0;
	}
}

static void install(loy__revision *change)
{
	struct loy__ledger *ledger = change->ledger;
	size_t i;

	if (!ledger->replaying && ledger->waiting_count != 0)
		append(change);
	loy__revision_install_groups(change);
	for (i = 0; i < change->rows; i++)
		install_row(change, &change->row[i]);
	for (i = 0; i < ledger->waiting_count; i++) {
		ledger->last_settled = ledger->waiting[i].settled;
		if (!ledger->replaying) {
			change->store->conflicts += ledger->last_settled == LOY__RECORD_VARIANT;
			change->store->duplicates += ledger->last_settled == LOY__RECORD_AGAIN;
		}
		if (change->raised[i] != INT64_MAX)
			ledger->erase_due = 1;
	}
	if (change->rows != 0 || change->agains.index.live != 0 || ledger->erase_due ||
	    change->statements != ledger->parties.statements)
		loy__snapshotting_restart(change->store);
}

/* ---- from the beginning to the end ---- */

static void undo(loy__revision *change)
{
	struct loy__ledger *ledger = change->ledger;
	size_t i;

	for (i = 0; i < change->rows; i++) {
		if (change->row[i].fresh)
			loy__record_free(change->row[i].record, &change->store->record_memory);
	}
	if (change->swapped) {
		loy__contents kept = ledger->contents;

		ledger->contents = change->contents;
		change->contents = kept;
	}
	ledger->parties.statements = change->statements;
	for (i = change->raised_count; i > 0; i--) {
		loy__glance glance;

		if (change->raised[i - 1] == INT64_MAX)
			continue;
		(void)loy__waiting_look(&ledger->waiting[i - 1], &glance);
		loy__erasures_lower(&ledger->erasures, glance.hash, change->raised[i - 1]);
	}
}

static void release(loy__revision *change)
{
	const loy_allocator *memory = &change->store->memory;
	size_t count = change->parties, i;

	for (i = 0; i < change->rows; i++) {
		if (change->row[i].key != NULL)
			loy__free(&change->store->key_memory, change->row[i].key,
			          loy__key_size(change->row[i].key));
	}
	loy__free(memory, change->row, change->row_capacity * sizeof(*change->row));
	loy__free(memory, change->raised, change->ledger->waiting_count * sizeof(*change->raised));
	loy__free(memory, change->root, count * sizeof(*change->root));
	loy__free(memory, change->scratch, count * sizeof(*change->scratch));
	loy__free(memory, change->grouped, count);
	loy__free(memory, change->touched, count);
	loy__free(memory, change->own, count * sizeof(*change->own));
	loy__contents_free(&change->contents, memory);
	loy__agains_free(&change->agains, change->store);
}

/* Readers see what is committed. */
static loy_status make_readable(loy__revision *change, loy_error *error)
{
	struct loy__ledger *ledger = change->ledger;

	if (ledger->replaying ||
	    loy__journal_last(ledger->journal) == loy__journal_committed(ledger->journal))
		return LOY_OK;
	return loy__ledger_commit(change->store, error);
}

static loy_status prepare(loy__revision *change, loy_error *error)
{
	struct loy__ledger *ledger = change->ledger;
	loy_status status = make_readable(change, error);

	if (status != LOY_OK)
		return status;
	change->raised = loy__alloc(&change->store->memory, ledger->waiting_count * sizeof(*change->raised));
	if (change->raised == NULL)
		return LOY_ENOMEM;
	status = loy__erasures_reserve(&ledger->erasures, &change->store->memory, ledger->waiting_count);
	if (status == LOY_OK) /* a life of one's own has its name then */
		status = reserve(change, error);
	if (status == LOY_OK)
		status = loy__revision_contents(change, error);
	if (status == LOY_OK)
		status = erase(change);
	if (status == LOY_OK)
		status = make_again(change, error);
	if (status == LOY_OK)
		status = loy__revision_groups(change, error);
	if (status == LOY_OK)
		status = reserve(change, error);
	return status;
}

loy_status loy__ledger_settle_all(loy_store *store, loy_error *error)
{
	loy__revision change = {.store = store, .ledger = store->ledger};
	loy_status status;

	if (store->ledger->waiting_count == 0)
		return LOY_OK;
	change.statements = store->ledger->parties.statements;
	status = prepare(&change, error);
	if (status == LOY_OK)
		install(&change);
	else
		undo(&change);
	release(&change);
	loy__ledger_forget_waiting(store);
	return status;
}

/* ---- everybody again ---- */

static loy_status add_all(loy__revision *change, const loy__customers *table)
{
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; i < table->index.live && status == LOY_OK; i++) {
		loy__ref ref = loy__ref_of_row(table, i);

		loy__ref_hash(change->store, &ref);
		status = loy__agains_add(&change->agains, change->store, &ref, 1, NULL);
	}
	return status;
}

/* Whoever is there, and whoever the journal names: so nobody stays who should not be there. */
static loy_status remake(loy__revision *change, loy_error *error)
{
	const loy__parties *parties = &change->ledger->parties;
	loy_status status = make_readable(change, error);
	uint32_t i;

	if (status == LOY_OK)
		status = add_all(change, &change->store->numbered);
	if (status == LOY_OK)
		status = add_all(change, &change->store->named);
	for (i = 0; i < parties->index.live && status == LOY_OK; i++) {
		loy__ref ref = loy__party_ref(change->store, loy__party_at(parties, i));

		status = loy__agains_add(&change->agains, change->store, &ref, 1, NULL);
	}
	if (status == LOY_OK)
		status = loy__agains_fold(&change->agains, change->store, error);
	if (status == LOY_OK)
		status = loy__revision_groups(change, error);
	if (status == LOY_OK)
		status = reserve_rows(change);
	return status;
}

loy_status loy__ledger_remake(loy_store *store, loy_progress progress, void *user, loy_error *error)
{
	loy__revision change = {.store = store, .ledger = store->ledger};
	loy_status status;

	change.statements = store->ledger->parties.statements;
	change.agains.all = 1;
	change.agains.progress = progress;
	change.agains.progress_user = user;
	status = remake(&change, error);
	if (status == LOY_OK)
		install(&change);
	else
		undo(&change);
	release(&change);
	return status;
}
