/*
 * Events one by one: recorded alone, or as a row of a table that has to be looked at by itself, or taken back. What
 * such an event costs is mostly waiting for its customer's slot, entry and record. So the slot is asked for first,
 * then all is made that needs no customer; and the calls that most events come through are one piece of code, short
 * enough for a processor to begin the next event while it waits for this one's record.
 */
#include "store/ledger.h"

static LOY__ALWAYS_INLINE loy_status arrive(loy_store *store, const loy_event *event, loy__arrival *out)
{
	if (LOY__LIKELY(event->customer != 0)) {
		out->table = &store->numbered;
		out->who = loy__who_number(out->table, event->customer);
		loy__notes_prefetch(&store->notes, &out->table->index, out->who.hash);
	} else {
		if (event->key_length == 0)
			return LOY_EINVAL;
		out->table = &store->named;
		out->who = loy__who_key(out->table, event->key, event->key_length);
	}
	out->entry = LOY__NO_ENTRY;
	loy__index_prefetch(&out->table->index, out->who.hash);
	out->identified = (store->flags & LOY_STORE_TRUSTED) == 0 &&
	                  (event->identity_high != 0 || event->identity_low != 0);
	if (!out->identified)
		return LOY_OK;
	out->identity.high = event->identity_high;
	out->identity.low = event->identity_low;
	out->identity_hash =
	        loy__identities_hash(&store->identities, event->identity_high, event->identity_low);
	loy__identities_prefetch(&store->identities, out->identity_hash, event->identity_high);
	if (store->ledger != NULL)
		return LOY_OK; /* which makes the digest from the bytes it writes anyway */
	out->identity.digest = loy__event_mark(event); /* nobody else will see it */
	return LOY_OK;
}

loy_status loy__store_arrive(loy_store *store, const loy_event *event, loy__arrival *out)
{
	return arrive(store, event, out);
}

/* LOY_OK for an event never seen. */
static loy_status look_up(loy_store *store, const loy__arrival *arrival, loy_error *error)
{
	const uint64_t *known = loy__identities_find(&store->identities, arrival->identity_hash,
	                                             arrival->identity.high, arrival->identity.low);

	if (known == NULL)
		return LOY_OK;
	if (*known == arrival->identity.digest) {
		store->duplicates++;
		return loy__fail(error, LOY_EDUPLICATE, "this event was recorded before");
	}
	store->conflicts++;
	return loy__fail(error, LOY_ECONFLICT, "another event with this identity was recorded before");
}

loy_status loy__store_identify(loy_store *store, const loy__arrival *arrival, loy_error *error)
{
	loy_status status = look_up(store, arrival, error);

	if (status == LOY_OK)
		status = loy__identities_reserve_one(&store->identities, &store->memory,
		                                     arrival->identity.high);
	return status;
}

/* ---- adding to a customer ---- */

/* Add an event to a record. What was collected of it is all of it. */
static LOY__ALWAYS_INLINE loy_status add(loy_store *store, const loy_event *event, int collected,
                                         loy__record **record, loy_error *error)
{
	if (LOY__LIKELY(collected) &&
	    LOY__LIKELY(loy__run_apply(&store->run, record, &store->record_memory) == LOY_OK))
		return LOY_OK;
	return loy__record_apply(record, store->schema, event, 1, &store->record_memory, error);
}

loy_status loy__store_add(loy_store *store, const loy_event *event, loy__record **record, loy_error *error)
{
	return add(store, event, loy__run_event(&store->run, event), record, error);
}

/* The first event of a customer. */
static LOY__NOINLINE loy_status admit(loy_store *store, const loy_event *event, const loy__arrival *arrival,
                                      int collected, loy_error *error)
{
	loy__record *record = NULL;
	uint8_t *key = NULL;
	loy_status status = loy__customers_reserve(arrival->table, &store->memory, 1);

	if (status == LOY_OK && arrival->who.number == 0) {
		key = loy__key_create(&store->key_memory, &arrival->who);
		if (key == NULL)
			status = LOY_ENOMEM;
	}
	if (status == LOY_OK)
		status = add(store, event, collected, &record, error);
	if (status != LOY_OK) {
		if (key != NULL)
			loy__free(&store->key_memory, key, loy__key_size(key));
		return status;
	}
	(void)loy__customers_add(arrival->table, &arrival->who, key, record);
	store->sorted = 0;
	return LOY_OK;
}

/* Fetch what is where a note says, taken to lie within 32 GiB of where records are made at present. */
static LOY__ALWAYS_INLINE void fetch_noted(const loy_store *store, uint32_t note)
{
	uint64_t last = (uint64_t)(uintptr_t)store->records.at + (UINT64_C(1) << 35);

	last -= (uint64_t)((uint32_t)(last >> 4) - note) << 4;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): a processor is told of it, nobody reads there */
	loy__record_prefetch((const loy__record *)(uintptr_t)last);
}

/* The entry of a customer with a number, and its note where there are notes; then its record is on its way. */
static LOY__ALWAYS_INLINE uint32_t find_number(const loy_store *store, const loy__who *who, uint32_t **note)
{
	const loy__customers *c = &store->numbered;
	int noted = loy__notes_fit(&store->notes, &c->index);
	loy__search search;
	uint32_t entry;

	loy__index_start(&c->index, who->hash, &search);
	while ((entry = loy__index_next(&c->index, &search)) != LOY__NO_ENTRY) {
		if (noted) {
			*note = &store->notes.note[loy__index_found(&c->index, &search)];
			fetch_noted(store, **note);
		}
		if (LOY__LIKELY(loy__customers_at(c, entry)->who.number == who->number))
			break;
	}
	return entry;
}

static LOY__ALWAYS_INLINE loy_status apply(loy_store *store, const loy_event *event,
                                           const loy__arrival *arrival, int collected, loy_error *error)
{
	uint32_t *note = NULL, entry;
	loy_status status;

	if (arrival->entry == LOY__NO_ENTRY && arrival->table == &store->numbered)
		entry = find_number(store, &arrival->who, &note);
	else
		entry = loy__customers_find_near(arrival->table, &arrival->who, arrival->entry);
	if (LOY__LIKELY(entry != LOY__NO_ENTRY)) {
		loy__customer *customer = loy__customers_at(arrival->table, entry);

		if (note == NULL && customer->record != NULL)
			loy__record_prefetch(customer->record); /* all lines at a time */
		status = add(store, event, collected, &customer->record, error);
		if (note != NULL && *note != loy__note_of(customer->record))
			*note = loy__note_of(customer->record);
	} else {
		status = admit(store, event, arrival, collected, error);
	}
	store->events += status == LOY_OK;
	return status;
}

loy_status loy__store_apply(loy_store *store, const loy_event *event, const loy__arrival *arrival,
                            loy_error *error)
{
	return apply(store, event, arrival, loy__run_event(&store->run, event), error);
}

/* In memory. */
static LOY__ALWAYS_INLINE loy_status settle(loy_store *store, const loy_event *event,
                                            const loy__arrival *arrival, int collected, loy_error *error)
{
	loy_status status = LOY_OK;

	if (arrival->identified) /* room first: once the profile has the event nothing may fail */
		status = loy__store_identify(store, arrival, error);
	if (status == LOY_OK)
		status = apply(store, event, arrival, collected, error);
	if (status == LOY_OK && arrival->identified)
		loy__identities_add(&store->identities, arrival->identity_hash, &arrival->identity);
	return status;
}

loy_status loy__store_settle(loy_store *store, const loy_event *event, const loy__arrival *arrival,
                             loy_error *error)
{
	if (LOY__UNLIKELY(store->ledger != NULL))
		return loy__ledger_settle(store, event, arrival, error);
	return settle(store, event, arrival, loy__run_event(&store->run, event), error);
}

/* ---- the calls ---- */

loy_status loy__store_disguise(loy_store *store, const loy_event **event)
{
	loy_status status;

	if (LOY__LIKELY(!store->pseudonymous))
		return LOY_OK;
	status = loy_event_copy(store->disguised, *event);
	if (status == LOY_OK) {
		loy__pseudonym_event(store->pseudonym_key, store->disguised);
		*event = store->disguised;
	}
	return status;
}

static LOY__NOINLINE loy_status record_on_files(loy_store *store, const loy_event *event, loy_error *error)
{
	loy__arrival arrival;
	loy_status status = loy_event_check(event, error);

	if (status == LOY_OK)
		status = loy__ledger_writable(store, error);
	if (status != LOY_OK)
		return status;
	status = loy__store_disguise(store, &event);
	if (status == LOY_OK)
		status = loy__store_arrive(store, event, &arrival);
	if (status == LOY_EINVAL)
		return loy__fail(error, LOY_EINVAL, "the event has no customer");
	if (status == LOY_OK)
		status = loy__ledger_settle(store, event, &arrival, error);
	return loy__store_status(store, loy__ledger_conclude(store, status, error), error);
}

loy_status loy_store_record(loy_store *store, const loy_event *event, loy_error *error)
{
	loy__arrival arrival;
	loy_status status, arrived;
	int collected;

	if (store == NULL || event == NULL)
		return loy__fail(error, LOY_EINVAL, "a store and an event are needed");
	if (store->ledger != NULL)
		return record_on_files(store, event, error);
	arrived = arrive(store, event, &arrival);
	collected = loy__run_event(&store->run, event);
	status = LOY__LIKELY(collected) ? LOY_OK : loy_event_check(event, error);
	if (status != LOY_OK)
		return status;
	if (arrived != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "the event has no customer");
	status = settle(store, event, &arrival, collected, error);
	if (LOY__LIKELY(status == LOY_OK))
		loy__notes_follow(&store->notes, &store->numbered.index, &store->budget, &store->memory);
	if (LOY__LIKELY(status == LOY_OK && !store->budget.refused))
		return LOY_OK;
	return loy__store_status(store, status, error);
}

loy_status loy_store_retract(loy_store *store, const loy_event *event, loy_error *error)
{
	const loy__customers *table;
	loy_status status;
	uint32_t entry;
	loy__who who;

	if (store == NULL || event == NULL)
		return loy__fail(error, LOY_EINVAL, "a store and an event are needed");
	status = loy_event_check(event, error);
	if (status != LOY_OK)
		return status;
	if (store->ledger != NULL)
		return loy__store_status(store, loy__ledger_retract(store, event, error), error);
	status = loy__store_who(store, event->customer, event->key, event->key_length, &who, &table);
	if (status != LOY_OK)
		return loy__fail(error, status, "the event has no customer");
	entry = loy__customers_find(table, &who);
	if (entry == LOY__NO_ENTRY)
		return loy__fail(error, LOY_ENOTFOUND, "the store has no such customer");
	status = loy__record_apply(&loy__customers_at(table, entry)->record, store->schema, event, -1,
	                           &store->record_memory, error);
	if (status == LOY_OK && store->events != 0)
		store->events--;
	return loy__store_status(store, status, error);
}
