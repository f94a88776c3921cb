/* Groups of customers that are one: what statements that wait and erasures make of them, and their rows. */
#include "store/change.h"

#include <string.h>

static loy__again *again_of(const loy__revision *change, uint32_t party)
{
	loy__ref ref = loy__party_ref(change->store, loy__party_at(&change->ledger->parties, party));
	loy__again *again = loy__agains_find(&change->agains, ref.hash);

	return again != NULL && again->known ? again : NULL;
}

/* ---- statements ---- */

static loy_status state(loy__revision *change, const loy__waiting *w, loy__tag tag)
{
	loy__parties *parties = &change->ledger->parties;
	loy__statement statement = {0, LOY__NO_ENTRY, 0, tag};
	loy__glance glance;
	loy_status status;

	(void)loy__waiting_look(w, &glance);
	statement.time = glance.time;
	status = loy__parties_enter(parties, change->store, &glance.who, &statement.part);
	if (status == LOY_OK && (glance.whole.number != 0 || glance.whole.length != 0))
		status = loy__parties_enter(parties, change->store, &glance.whole, &statement.whole);
	if (status == LOY_OK)
		status = loy__parties_state(parties, &change->store->memory, &statement);
	return status;
}

/* Each with the tag it has or will have. */
static loy_status state_all(loy__revision *change)
{
	const struct loy__ledger *ledger = change->ledger;
	loy__tag own = {ledger->life, ledger->made};
	loy_status status = LOY_OK;
	size_t i;

	for (i = 0; i < ledger->waiting_count && status == LOY_OK; i++) {
		const loy__waiting *w = &ledger->waiting[i];

		if (w->type == LOY_RECORD_ALIAS &&
		    !(w->tagged && !ledger->replaying && loy__tags_have(&ledger->tags, w->tag)))
			status = state(change, w, w->tagged ? w->tag : own);
		if (!w->tagged && w->settled != LOY__RECORD_AGAIN)
			own.number++;
	}
	return status;
}

/* ---- groups ---- */

static loy_status make_arrays(loy__revision *change)
{
	const loy_allocator *memory = &change->store->memory;
	size_t count = change->ledger->parties.index.live;

	change->parties = (uint32_t)count;
	change->root = loy__alloc(memory, count * sizeof(*change->root));
	change->scratch = loy__alloc(memory, count * sizeof(*change->scratch));
	change->grouped = loy__alloc_zero(memory, count);
	change->touched = loy__alloc_zero(memory, count);
	change->own = loy__alloc_zero(memory, count * sizeof(*change->own));
	return change->root != NULL && change->scratch != NULL && change->grouped != NULL &&
	                       change->touched != NULL && change->own != NULL
	               ? LOY_OK
	               : LOY_ENOMEM;
}

/* Groups somebody joined or left, or of somebody who is made again, are touched: marked at their roots. */
static void touch(loy__revision *change)
{
	const loy__parties *parties = &change->ledger->parties;
	uint32_t i;

	for (i = 0; i < change->parties; i++) {
		if (change->root[i] != i)
			change->grouped[i] = change->grouped[change->root[i]] = 1;
	}
	for (i = 0; i < change->parties; i++) {
		const loy__party *party = loy__party_at(parties, i);

		if (party->root != change->root[i] || party->grouped != change->grouped[i] ||
		    again_of(change, i) != NULL) {
			change->touched[change->root[i]] = 1;
			change->touched[change->root[party->root]] = 1;
		}
	}
}

/* What somebody's own sum will be, and where it lies now. */
static void find_own(loy__revision *change, uint32_t i)
{
	const loy__party *party = loy__party_at(&change->ledger->parties, i);
	const loy__again *again = again_of(change, i);
	loy__ref ref = loy__party_ref(change->store, party);
	const loy__customer *row;
	loy__customers *table;
	uint32_t entry;

	if (again != NULL) {
		change->own[i].record = again->record;
		change->own[i].exists = again->exists;
	} else if (party->grouped) {
		change->own[i].record = party->own;
		change->own[i].exists = party->exists;
	} else {
		row = loy__revision_find_row(change, &ref, &table, &entry);
		change->own[i].record = row != NULL ? row->record : NULL;
		change->own[i].exists = row != NULL;
	}
}

/* The sum of all of a group, as a fresh record. */
static loy_status sum_group(const loy__revision *change, uint32_t root, loy__record **sum, int *exists)
{
	loy_status status = LOY_OK;
	uint32_t i;

	*sum = NULL;
	*exists = 0;
	for (i = 0; i < change->parties && status == LOY_OK; i++) {
		if (change->root[i] != root || !change->own[i].exists)
			continue;
		*exists = 1;
		status = loy__record_merge(sum, change->own[i].record, &change->store->record_memory);
	}
	if (status != LOY_OK)
		loy__record_free(*sum, &change->store->record_memory);
	return status;
}

static loy_status plan_party(loy__revision *change, uint32_t i, loy_error *error)
{
	const loy__party *party = loy__party_at(&change->ledger->parties, i);
	loy__ref ref = loy__party_ref(change->store, party);
	loy__record *sum;
	loy_status status;
	int exists;

	if (!change->grouped[i])
		return loy__revision_row(change, &ref, change->own[i].record, !change->own[i].exists, 0);
	if (change->root[i] != i)
		return loy__revision_row(change, &ref, NULL, 1, 0);
	status = sum_group(change, i, &sum, &exists);
	if (status == LOY_EOVERFLOW)
		return loy__fail(error, status, "the profiles of the group together would overflow");
	if (status != LOY_OK)
		return status;
	status = loy__revision_row(change, &ref, sum, !exists, 1);
	if (status != LOY_OK)
		loy__record_free(sum, &change->store->record_memory);
	return status;
}

static loy_status plan_parties(loy__revision *change, loy_error *error)
{
	loy_status status = make_arrays(change);
	uint32_t i;

	if (status != LOY_OK)
		return status;
	loy__parties_roots(change->store, change->root, change->scratch);
	touch(change);
	for (i = 0; i < change->parties; i++)
		find_own(change, i);
	for (i = 0; i < change->parties && status == LOY_OK; i++) {
		if (change->touched[change->root[i]])
			status = plan_party(change, i, error);
	}
	return status;
}

/* Those made again who were never named by a statement: their rows are their own. */
static loy_status plan_others(loy__revision *change)
{
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; i < change->agains.index.live && status == LOY_OK; i++) {
		loy__again *again = loy__again_at(&change->agains, i);
		loy__who who;

		if (!again->known)
			continue;
		who = loy__who_of(change->store, &again->who);
		if (loy__parties_find(&change->ledger->parties, &who) == LOY__NO_ENTRY)
			status = loy__revision_row(change, &again->who, again->record, !again->exists, 0);
	}
	return status;
}

loy_status loy__revision_groups(loy__revision *change, loy_error *error)
{
	loy_status status = state_all(change);

	if (status == LOY_OK && change->ledger->parties.index.live != 0)
		status = plan_parties(change, error);
	if (status == LOY_OK)
		status = plan_others(change);
	return status;
}

/* ---- installing ---- */

/* The sum of somebody in a group becomes its own; what lay in a row before no longer lies there. */
static void install_party(loy__revision *change, uint32_t i)
{
	loy__party *party = loy__party_at(&change->ledger->parties, i);
	loy__again *again = again_of(change, i);
	loy__ref ref = loy__party_ref(change->store, party);
	loy__customers *table;
	loy__customer *row;
	uint32_t entry;

	if (party->grouped && (again != NULL || !change->own[i].exists))
		loy__record_free(party->own, &change->store->record_memory);
	if (!party->grouped && again == NULL && change->own[i].exists) {
		row = loy__revision_find_row(change, &ref, &table, &entry);
		row->record = NULL;
	}
	if (again != NULL)
		again->record = NULL; /* it is taken */
	party->own = change->grouped[i] && change->own[i].exists ? change->own[i].record : NULL;
	party->exists = change->grouped[i] && change->own[i].exists;
}

void loy__revision_install_groups(loy__revision *change)
{
	loy__parties *parties = &change->ledger->parties;
	uint32_t i;

	for (i = 0; i < change->parties; i++) {
		if (change->touched[change->root[i]])
			install_party(change, i);
	}
	if (change->parties != 0)
		parties->parts = 0;
	for (i = 0; i < change->parties; i++) {
		loy__party *party = loy__party_at(parties, i);

		party->root = change->root[i];
		party->grouped = change->grouped[i];
		parties->parts += change->root[i] != i;
	}
	for (i = 0; i < change->agains.index.live; i++)
		loy__again_at(&change->agains, i)->record = NULL; /* those of others are in rows */
}
