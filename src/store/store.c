/* Stores: life, figures, single events, profiles of customers. */
#include "store/ledger.h"

#include <string.h>

/* ---- life ---- */

static loy_status make_room(loy_store *store, const loy_store_options *options)
{
	loy_status status = LOY_OK;

	if (options->customers != 0)
		status = loy__customers_reserve(&store->numbered, &store->memory, options->customers);
	if (status == LOY_OK && options->customers != 0)
		status = loy__customers_reserve(&store->named, &store->memory, options->customers);
	if (status == LOY_OK && options->events != 0 && (store->flags & LOY_STORE_TRUSTED) == 0)
		status = loy__identities_reserve(&store->identities, &store->memory, options->events);
	if (status == LOY_OK && options->profile_bytes != 0)
		status = loy__arena_reserve(&store->records, options->profile_bytes);
	return status;
}

/* All of a store that lies in its block. Allocators point into it, so it never moves. */
static void set_up(loy_store *store, const loy_model *model, const loy_store_options *options,
                   const loy_allocator *memory)
{
	memset(store, 0, sizeof(*store));
	store->budget.parent = *memory;
	store->budget.limit = options->memory_limit;
	store->budget.held = sizeof(*store);
	store->memory = loy__budget_allocator(&store->budget);
	loy__arena_init(&store->records, 4, &store->memory);
	loy__arena_init(&store->keys, 3, &store->memory);
	store->record_memory = loy__arena_allocator(&store->records);
	store->key_memory = loy__arena_allocator(&store->keys);
	store->model = model;
	store->schema = &model->schema;
	store->flags = options->flags;
	store->sorted = 1;
	store->named.keyed = 1;
	store->notes.least = LOY__NOTES_LEAST;
	store->window = LOY__WINDOW_ROWS;
	store->window_most = LOY__WINDOW_MOST;
	/*
	 * Keys and numbers come from outside. Where the store happens to lie is not known there, so nobody can
	 * choose customers or identities that all collide. No result depends on it.
	 */
	store->numbered.seed = loy__mix64((uint64_t)(uintptr_t)store);
	store->named.seed = loy__mix64(store->numbered.seed);
	store->identities.seed = loy__mix64(store->named.seed);
}

/* Nothing that only stores on files know was asked for. */
static int in_memory(const loy_store_options *options)
{
	return (options->flags & ~(uint32_t)LOY_STORE_TRUSTED) == 0 && options->files == NULL &&
	       options->files_limit == 0 && options->segment_bytes == 0 && options->durability == 0 &&
	       options->group_events == 0 && options->group_microseconds == 0 &&
	       options->pseudonym_key == NULL && options->progress == NULL && options->user_data == NULL &&
	       options->threads == 0;
}

loy_status loy_store_create(loy_store **out, const loy_model *model, const loy_store_options *options,
                            const loy_allocator *memory)
{
	loy_store_options chosen;
	loy_allocator adopted;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (model == NULL || loy__options_read(&chosen, sizeof(chosen), options) != LOY_OK ||
	    loy__memory_adopt(&adopted, memory) != LOY_OK || !in_memory(&chosen))
		return LOY_EINVAL;
	return loy__store_make(out, model, &chosen, &adopted);
}

loy_status loy__store_make(loy_store **out, const loy_model *model, const loy_store_options *options,
                           const loy_allocator *memory)
{
	loy_store *store;
	loy_status status;

	*out = NULL;
	if (options->memory_limit != 0 && options->memory_limit < sizeof(*store))
		return LOY_ELIMIT;
	store = loy__alloc(memory, sizeof(*store));
	if (store == NULL)
		return LOY_ENOMEM;
	set_up(store, model, options, memory);
	status = loy__store_status(store, make_room(store, options), NULL);
	if (status != LOY_OK) {
		loy_store_destroy(store);
		return status;
	}
	*out = store;
	return LOY_OK;
}

void loy_store_destroy(loy_store *store)
{
	loy_allocator memory;
	uint32_t i;

	if (store == NULL)
		return;
	loy__ledger_destroy(store);
	loy_event_destroy(store->disguised);
	for (i = 0; store->blocks != NULL && i < LOY__BLOCKS * LOY__BLOCK; i++)
		loy__event_release(&store->blocks->block[i / LOY__BLOCK].event[i % LOY__BLOCK]);
	loy__free(&store->memory, store->blocks, sizeof(*store->blocks));
	loy__customers_free(&store->numbered, &store->memory);
	loy__customers_free(&store->named, &store->memory);
	loy__notes_free(&store->notes, &store->memory);
	loy__identities_free(&store->identities, &store->memory);
	loy__arena_free(&store->records);
	loy__arena_free(&store->keys);
	memory = store->budget.parent; /* it lies in the block: copy it out */
	loy__free(&memory, store, sizeof(*store));
}

loy_status loy__store_status(loy_store *store, loy_status status, loy_error *error)
{
	loy_status told = loy__budget_status(&store->budget, status);

	if (told != status)
		(void)loy__fail(error, told, "the store would hold more than its memory limit");
	else if (told == LOY_ENOMEM)
		(void)loy__fail(error, told, "out of memory");
	return told;
}

loy_status loy_store_get_stats(const loy_store *store, loy_store_stats *out)
{
	loy_store_stats stats = {0};

	if (store == NULL)
		return LOY_EINVAL;
	if (loy__store_sound(store) != LOY_OK)
		return LOY_EIO;
	stats.customers = loy_store_count(store);
	stats.events = store->events;
	stats.duplicates = store->duplicates;
	stats.conflicts = store->conflicts;
	stats.memory = store->budget.held;
	stats.profile_bytes = store->records.used;
	stats.identity_bytes = loy__identities_bytes(&store->identities);
	if (store->ledger != NULL)
		loy__ledger_stats(store, &stats);
	return loy__result_write(out, &stats, sizeof(stats));
}

const loy_model *loy_store_model(const loy_store *store)
{
	return store != NULL ? store->model : NULL;
}

/* ---- events ---- */

loy_status loy__store_arrive(loy_store *store, const loy_event *event, loy__arrival *out)
{
	if (event->customer != 0) {
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

/* The first event of a customer. */
static loy_status admit(loy_store *store, const loy_event *event, const loy__arrival *arrival,
                        loy_error *error)
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
		status = loy__record_apply(&record, store->schema, event, 1, &store->record_memory, error);
	if (status != LOY_OK) {
		if (key != NULL)
			loy__free(&store->key_memory, key, loy__key_size(key));
		return status;
	}
	(void)loy__customers_add(arrival->table, &arrival->who, key, record);
	store->sorted = 0;
	return LOY_OK;
}

loy_status loy__store_identify(loy_store *store, const loy__arrival *arrival, loy_error *error)
{
	loy_status status = look_up(store, arrival, error);

	if (status == LOY_OK)
		status = loy__identities_reserve_one(&store->identities, &store->memory,
		                                     arrival->identity.high);
	return status;
}

/* Fetch what is where a note says, taken to lie within 32 GiB of where records are made at present. */
static LOY__ALWAYS_INLINE void fetch_noted(const loy_store *store, uint32_t note)
{
	uint64_t last = (uint64_t)(uintptr_t)store->records.at + (UINT64_C(1) << 35);

	last -= (uint64_t)((uint32_t)(last >> 4) - note) << 4;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): a processor is told of it, nobody reads there */
	loy__record_prefetch((const loy__record *)(uintptr_t)last);
}

/* The entry of a customer with a number, and its note; its record is on its way. */
static LOY__ALWAYS_INLINE uint32_t find_noted(const loy_store *store, const loy__who *who, uint32_t **note)
{
	const loy__customers *c = &store->numbered;
	loy__search search;
	uint32_t entry;

	loy__index_start(&c->index, who->hash, &search);
	while ((entry = loy__index_next(&c->index, &search)) != LOY__NO_ENTRY) {
		*note = &store->notes.note[loy__index_found(&c->index, &search)];
		fetch_noted(store, **note);
		if (LOY__LIKELY(loy__customers_at(c, entry)->who.number == who->number))
			break;
	}
	return entry;
}

loy_status loy__store_apply(loy_store *store, const loy_event *event, const loy__arrival *arrival,
                            loy_error *error)
{
	uint32_t *note = NULL, entry;
	loy_status status;

	if (arrival->entry == LOY__NO_ENTRY && arrival->table == &store->numbered &&
	    loy__notes_fit(&store->notes, &store->numbered.index))
		entry = find_noted(store, &arrival->who, &note);
	else
		entry = loy__customers_find_near(arrival->table, &arrival->who, arrival->entry);
	if (LOY__LIKELY(entry != LOY__NO_ENTRY)) {
		loy__customer *customer = loy__customers_at(arrival->table, entry);

		if (note == NULL && customer->record != NULL)
			loy__record_prefetch(customer->record); /* all lines at a time */
		status = loy__record_apply(&customer->record, store->schema, event, 1, &store->record_memory,
		                           error);
		if (note != NULL && *note != loy__note_of(customer->record))
			*note = loy__note_of(customer->record);
	} else {
		status = admit(store, event, arrival, error);
	}
	store->events += status == LOY_OK;
	return status;
}

loy_status loy__store_settle(loy_store *store, const loy_event *event, const loy__arrival *arrival,
                             loy_error *error)
{
	loy_status status = LOY_OK;

	if (LOY__UNLIKELY(store->ledger != NULL))
		return loy__ledger_settle(store, event, arrival, error);
	if (arrival->identified) /* room first: once the profile has the event nothing may fail */
		status = loy__store_identify(store, arrival, error);
	if (status == LOY_OK)
		status = loy__store_apply(store, event, arrival, error);
	if (status == LOY_OK && arrival->identified)
		loy__identities_add(&store->identities, arrival->identity_hash, &arrival->identity);
	return status;
}

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

loy_status loy_store_record(loy_store *store, const loy_event *event, loy_error *error)
{
	loy__arrival arrival;
	loy_status status;

	if (store == NULL || event == NULL)
		return loy__fail(error, LOY_EINVAL, "a store and an event are needed");
	status = loy_event_check(event, error);
	if (status == LOY_OK && store->ledger != NULL)
		status = loy__ledger_writable(store, error);
	if (status != LOY_OK)
		return status;
	status = loy__store_disguise(store, &event);
	if (status == LOY_OK)
		status = loy__store_arrive(store, event, &arrival);
	if (status == LOY_EINVAL)
		return loy__fail(error, LOY_EINVAL, "the event has no customer");
	if (status == LOY_OK)
		status = loy__store_settle(store, event, &arrival, error);
	if (store->ledger != NULL)
		status = loy__ledger_conclude(store, status, error);
	else if (status == LOY_OK)
		loy__notes_follow(&store->notes, &store->numbered.index, &store->budget, &store->memory);
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

/* ---- customers ---- */

/* The pseudonym of a key: what finds it lies with the customer, or finds nobody. */
static void find_pseudonym(const loy_store *store, const char *key, size_t length, loy__who *who)
{
	uint8_t text[LOY__PSEUDONYM_SIZE];
	uint32_t entry;

	loy__pseudonym_key(store->pseudonym_key, key, length, text);
	*who = loy__who_key(&store->named, text, sizeof(text));
	if (store->ledger != NULL)
		loy__ledger_lead(store, who);
	entry = loy__customers_find(who->number != 0 ? &store->numbered : &store->named, who);
	if (who->key == text) {
		who->key =
		        entry != LOY__NO_ENTRY ? loy__customers_at(&store->named, entry)->who.key + 1 : NULL;
		who->length = entry != LOY__NO_ENTRY ? sizeof(text) : 0;
	}
}

loy_status loy__store_who(const loy_store *store, uint64_t customer, const char *key, size_t length,
                          loy__who *who, const loy__customers **table)
{
	if (customer == 0 && (key == NULL || length == 0))
		return LOY_EINVAL;
	if (loy__store_sound(store) != LOY_OK)
		return LOY_EIO;
	if (customer == 0 && store->pseudonymous) {
		find_pseudonym(store, key, length, who);
	} else if (customer == 0) {
		*who = loy__who_key(&store->named, key, length);
	} else {
		if (store->pseudonymous)
			customer = loy__pseudonym_number(store->pseudonym_key, customer);
		*who = loy__who_number(&store->numbered, customer);
	}
	if (store->ledger != NULL && (who->number != 0 || who->length != 0))
		loy__ledger_lead(store, who);
	*table = who->number != 0 ? &store->numbered : &store->named;
	return LOY_OK;
}

loy_status loy__store_entry(const loy_store *store, uint64_t customer, const char *key, size_t length,
                            const loy__customers **table, uint32_t *entry)
{
	loy__who who;
	loy_status status = loy__store_who(store, customer, key, length, &who, table);

	if (status != LOY_OK)
		return status;
	*entry = loy__customers_find(*table, &who);
	return *entry != LOY__NO_ENTRY ? LOY_OK : LOY_ENOTFOUND;
}

loy_status loy_store_profile_of(const loy_store *store, uint64_t customer, const char *key, size_t length,
                                loy_profile *out)
{
	const loy__customers *table;
	loy_status status;
	uint32_t entry;

	if (store == NULL || out == NULL)
		return LOY_EINVAL;
	status = loy__store_entry(store, customer, key, length, &table, &entry);
	if (status != LOY_OK)
		return status;
	return loy__profile_assign(out, store->schema, loy__customers_at(table, entry)->record);
}

loy_status loy_store_erase(loy_store *store, uint64_t customer, const char *key, size_t length)
{
	const loy__customers *table;
	loy__customer gone;
	loy_status status;
	uint32_t entry;

	if (store == NULL)
		return LOY_EINVAL;
	if (store->ledger != NULL)
		return loy__ledger_erase_customer(store, customer, key, length);
	status = loy__store_entry(store, customer, key, length, &table, &entry);
	if (status != LOY_OK)
		return status;
	gone = *loy__customers_at(table, entry);
	loy__customers_erase(table == &store->named ? &store->named : &store->numbered, entry);
	loy__record_free(gone.record, &store->record_memory);
	if (table->keyed)
		loy__free(&store->key_memory, gone.who.key, loy__key_size(gone.who.key));
	store->sorted = 0;
	return LOY_OK;
}
