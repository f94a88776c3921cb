/* What flows in from other profiles and stores, and the hash that tells whether two stores are the same. */
#include "store/store.h"

#include <string.h>

/* ---- one profile ---- */

static loy_status merge_new(loy_store *store, loy__customers *table, const loy__who *who,
                            const loy__record *from)
{
	loy__record *record = NULL;
	uint8_t *key = NULL;
	loy_status status = loy__customers_reserve(table, &store->memory, 1);

	if (status == LOY_OK)
		status = loy__record_copy(&record, from, &store->record_memory);
	if (status != LOY_OK)
		return status;
	if (table->keyed) {
		key = loy__key_create(&store->key_memory, who);
		if (key == NULL) {
			loy__record_free(record, &store->record_memory);
			return LOY_ENOMEM;
		}
	}
	(void)loy__customers_add(table, who, key, record);
	store->sorted = 0;
	return LOY_OK;
}

uint64_t loy__record_events(const loy__record *record, const loy_schema *schema)
{
	loy_value events;

	(void)loy__record_get(record, schema, LOY_PROFILE_EVENTS, 0, 0, &events); /* there in every record */
	return events.integer < 0 ? 0 : (uint64_t)events.integer;
}

loy_status loy_store_merge_profile(loy_store *store, uint64_t customer, const char *key, size_t length,
                                   const loy_profile *profile)
{
	const loy__record *from;
	loy__customers *table;
	loy_status status;
	uint32_t entry;
	loy__who who;

	if (store == NULL || profile == NULL || (customer == 0 && (key == NULL || length == 0)))
		return LOY_EINVAL;
	if (customer == 0 && length > LOY_CUSTOMER_KEY_MAX)
		return LOY_ELIMIT;
	if (customer == 0 && !loy__utf8_valid(key, length))
		return LOY_EUTF8;
	if (!loy__schema_equal(store->schema, loy__profile_schema(profile)))
		return LOY_ESCHEMA;
	from = loy__profile_record(profile);
	if (store->ledger != NULL)
		return loy__store_status(store, loy__ledger_merge_profile(store, customer, key, length, from),
		                         NULL);
	table = customer != 0 ? &store->numbered : &store->named;
	who = customer != 0 ? loy__who_number(table, customer) : loy__who_key(table, key, length);
	entry = loy__customers_find(table, &who);
	if (entry == LOY__NO_ENTRY)
		status = merge_new(store, table, &who, from);
	else
		status = loy__record_merge(&loy__customers_at(table, entry)->record, from,
		                           &store->record_memory);
	if (status == LOY_OK)
		store->events += loy__record_events(from, store->schema);
	return loy__store_status(store, status, NULL);
}

/* ---- one store into another ---- */

/* What a customer of the other store will be in this one: made for all before any is put in its place. */
struct staged {
	uint32_t entry; /* here, or LOY__NO_ENTRY */
	uint8_t *key;   /* of a new customer with a key */
	loy__record *record;
};

static int share_identities(const loy_store *store, const loy_store *from)
{
	loy__identities_walk walk = {0};
	loy__identity theirs;

	while (loy__identities_next(&from->identities, &walk, &theirs)) {
		uint64_t hash = loy__identities_hash(&store->identities, theirs.high, theirs.low);

		if (loy__identities_find(&store->identities, hash, theirs.high, theirs.low) != NULL)
			return 1;
	}
	return 0;
}

/* How this store would know a customer of another one. */
static loy__who known_as(const loy__customers *table, const loy__customer *customer)
{
	return table->keyed ? loy__who_key(table, customer->who.key + 1, customer->who.key[0])
	                    : loy__who_number(table, customer->who.number);
}

static loy_status stage(loy_store *store, const loy__customers *table, const loy__customer *theirs,
                        struct staged *out)
{
	loy__who who = known_as(table, theirs);
	loy_status status;

	out->key = NULL;
	out->record = NULL;
	out->entry = loy__customers_find(table, &who);
	if (out->entry == LOY__NO_ENTRY) {
		status = loy__record_copy(&out->record, theirs->record, &store->record_memory);
		if (status == LOY_OK && table->keyed) {
			out->key = loy__key_create(&store->key_memory, &who);
			status = out->key != NULL ? LOY_OK : LOY_ENOMEM;
		}
	} else {
		status = loy__record_copy(&out->record, loy__customers_at(table, out->entry)->record,
		                          &store->record_memory);
		if (status == LOY_OK)
			status = loy__record_merge(&out->record, theirs->record, &store->record_memory);
	}
	return status;
}

static void unstage(loy_store *store, struct staged *staged, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		loy__record_free(staged[i].record, &store->record_memory);
		if (staged[i].key != NULL)
			loy__free(&store->key_memory, staged[i].key, loy__key_size(staged[i].key));
	}
}

/* Stage all customers of a table and make room for the new ones; on failure nothing is staged. */
static loy_status stage_table(loy_store *store, loy__customers *table, const loy__customers *from,
                              struct staged *staged)
{
	uint32_t i, fresh = 0, count = from->index.live;
	loy_status status = LOY_OK;

	for (i = 0; i < count && status == LOY_OK; i++) {
		status = stage(store, table, loy__customers_at(from, i), &staged[i]);
		fresh += staged[i].entry == LOY__NO_ENTRY;
	}
	if (status == LOY_OK)
		status = loy__customers_reserve(table, &store->memory, fresh);
	if (status != LOY_OK)
		unstage(store, staged, i);
	return status;
}

/* Put what was staged in its place: nothing here can fail. */
static void settle_table(loy_store *store, loy__customers *table, const loy__customers *from,
                         struct staged *staged)
{
	uint32_t i;

	for (i = 0; i < from->index.live; i++) {
		if (staged[i].entry == LOY__NO_ENTRY) {
			loy__who who = known_as(table, loy__customers_at(from, i));

			(void)loy__customers_add(table, &who, staged[i].key, staged[i].record);
			store->sorted = 0;
		} else {
			loy__customer *ours = loy__customers_at(table, staged[i].entry);

			loy__record_free(ours->record, &store->record_memory);
			ours->record = staged[i].record;
		}
	}
}

static loy_status merge_staged(loy_store *store, const loy_store *from, struct staged *staged)
{
	struct staged *named = staged + from->numbered.index.live;
	loy__identities_walk walk = {0};
	loy__identity theirs;
	loy_status status;

	status = loy__identities_reserve_all(&store->identities, &store->memory, &from->identities);
	if (status == LOY_OK)
		status = stage_table(store, &store->numbered, &from->numbered, staged);
	if (status != LOY_OK)
		return status;
	status = stage_table(store, &store->named, &from->named, named);
	if (status != LOY_OK) {
		unstage(store, staged, from->numbered.index.live);
		return status;
	}
	settle_table(store, &store->numbered, &from->numbered, staged);
	settle_table(store, &store->named, &from->named, named);
	while (loy__identities_next(&from->identities, &walk, &theirs))
		loy__identities_add(&store->identities,
		                    loy__identities_hash(&store->identities, theirs.high, theirs.low),
		                    &theirs);
	store->events += from->events;
	store->duplicates += from->duplicates;
	store->conflicts += from->conflicts;
	return LOY_OK;
}

loy_status loy_store_merge(loy_store *store, const loy_store *from)
{
	struct staged *staged;
	loy_status status;
	size_t size;

	if (store == NULL || from == NULL || store == from)
		return LOY_EINVAL;
	if (!loy__schema_equal(store->schema, from->schema))
		return LOY_ESCHEMA;
	if ((store->flags & LOY_STORE_TRUSTED) != (from->flags & LOY_STORE_TRUSTED) ||
	    store->ledger != NULL || from->ledger != NULL)
		return LOY_ESTATE;
	if (share_identities(store, from))
		return LOY_EDUPLICATE;
	if (!loy__mul_size((size_t)loy_store_count(from), sizeof(*staged), &size))
		return LOY_ENOMEM;
	staged = loy__alloc(&store->memory, size);
	if (staged == NULL)
		return loy__store_status(store, LOY_ENOMEM, NULL);
	status = merge_staged(store, from, staged);
	loy__free(&store->memory, staged, size);
	return loy__store_status(store, status, NULL);
}

/* ---- hash ---- */

#define RECORD_BYTES_MAX (16u << 20) /* far more than the canonical bytes of the largest record */

/*
 * A chain: the hash so far is the key of the next. Each link is a customer: number, length of the key, key,
 * canonical bytes of the profile; the last is the number of customers.
 */
loy_status loy_store_hash(const loy_store *store, uint64_t *high, uint64_t *low)
{
	uint64_t state[2] = {0, 0}, row;
	loy__writer w;

	if (store == NULL || high == NULL || low == NULL)
		return LOY_EINVAL;
	if (loy__store_sound(store) != LOY_OK)
		return LOY_EIO;
	if (!store->sorted)
		return LOY_ESTATE;
	/* The store's own allocator counts, which readers must not. */
	loy__writer_init(&w, &store->budget.parent, RECORD_BYTES_MAX);
	for (row = 0; row < loy_store_count(store); row++) {
		const loy__customer *customer = loy__store_row(store, row);
		int keyed = row >= store->numbered.index.live;

		w.size = 0;
		loy__write_u64(&w, keyed ? 0 : customer->who.number);
		loy__write_u8(&w, keyed ? customer->who.key[0] : 0);
		if (keyed)
			loy__write_bytes(&w, customer->who.key + 1, customer->who.key[0]);
		loy__record_write(customer->record, store->schema, &w);
		if (w.status != LOY_OK)
			break;
		loy__siphash128(state[0], state[1], w.data, w.size, state);
	}
	if (w.status == LOY_OK) {
		w.size = 0;
		loy__write_u64(&w, loy_store_count(store));
	}
	if (w.status == LOY_OK) {
		loy__siphash128(state[0], state[1], w.data, w.size, state);
		if (store->ledger != NULL)
			loy__ledger_hash(store, state);
		*low = state[0];
		*high = state[1];
	}
	loy__writer_free(&w);
	return w.status;
}
