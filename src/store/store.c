/* Stores: life, figures, profiles of customers. */
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
	loy__run_init(&store->run, store->schema);
	store->flags = options->flags;
	store->sorted = 1;
	store->named.keyed = 1;
	store->notes.least = LOY__NOTES_LEAST;
	store->window = LOY__WINDOW_ROWS;
	store->window_most = LOY__WINDOW_MOST;
	store->part = LOY__PART_ROWS;
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
	else if (told == LOY_EDAMAGED && store->ledger != NULL && loy__ledger_outdated(store))
		told = loy__fail(error, LOY_ESTATE,
		                 "the store was changed since it was opened for reading: open it again");
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
