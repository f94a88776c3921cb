/*
 * The door of the store room: the customer base and what it is made of. Includes model and what lies below.
 *
 * files.h       what all is read from and written to
 * memory.c      a limit on what a store holds
 * arena.h       blocks without headers, for records and keys
 * index.c       from hashes to entry numbers; customers and identities are entries of vectors
 * customers.c   customers by number and by key
 * notes.c       where a customer's record was last time, for events that come alone
 * identities.c  identities and digests of events
 * store.c       life, statistics, profiles; single.c single events; columns.c many; window.c, visit.c those
 *               of a customer together, hands.c on threads; merge.c stores
 * pseudonym.c   what replaces customers on their way in
 * order.c       rows; batch.c many rows, on threads; scores.c scores of many; rank.c the best of many
 * together.c    such rows in a store on files
 * consent.c     consents, and who may be scored for a purpose
 * json.c        writing JSON; portrait*.c everything known of one customer
 * bundle.c      records on their way to other stores (bundle.h); export.c, import.c the calls; statements.c erasure,
 *               parts of a whole, conflicts
 */
#ifndef LOY_STORE_STORE_H
#define LOY_STORE_STORE_H

#include <loyalty/store.h>
#include "model/model.h"
#include "store/arena.h"
#include "store/files.h"

/* ---- what a store may hold (memory.c) -------------------------------------------------------------------- */

/* An allocator that counts and refuses what would go beyond a limit. */
typedef struct loy__budget {
	loy_allocator parent;
	uint64_t held, limit; /* bytes; limit 0: none */
	int refused;          /* the limit refused the latest request that failed */
} loy__budget;

/* Allocate through the budget. It must not move while the allocator is in use. */
loy_allocator loy__budget_allocator(loy__budget *budget);
/* LOY_ENOMEM because of the limit is LOY_ELIMIT. Clears `refused`. */
loy_status loy__budget_status(loy__budget *budget, loy_status status);

/* ---- vectors and indexes (index.c) ----------------------------------------------------------------------- */

/*
 * Elements in chunks: they never move and there is no slack but in the last chunk. Those that are known from the start
 * lie in one block, which may be in huge pages.
 */
#define LOY__VECTOR_BITS  9
#define LOY__VECTOR_CHUNK (1u << LOY__VECTOR_BITS) /* elements */
typedef struct loy__vector {
	uint8_t **chunk;
	size_t chunks, capacity; /* pointers in use, and room for them */
	size_t first;            /* chunks of the first block; each of the others is one */
} loy__vector;

/* Room for `count` elements of `size` bytes. What there is stays on failure. */
loy_status loy__vector_reserve(loy__vector *v, const loy_allocator *memory, uint64_t count, size_t size);
void loy__vector_free(loy__vector *v, const loy_allocator *memory, size_t size);
static inline void *loy__vector_at(const loy__vector *v, uint32_t i, size_t size)
{
	return v->chunk[i >> LOY__VECTOR_BITS] + (i & (LOY__VECTOR_CHUNK - 1)) * size;
}

/*
 * Open addressing with linear probing, four bytes a slot, at most four fifths full. A slot holds the number of
 * an entry plus one and, in the bits that leaves, a part of the hash, so that entries of other hashes are
 * hardly ever looked at. Capacities are 2^k and 3 * 2^k: never less than half full after growth.
 */
#define LOY__ENTRIES_MAX UINT32_C(3000000000)
#define LOY__NO_ENTRY    UINT32_MAX

typedef struct loy__index {
	uint32_t *slots;
	uint64_t capacity; /* slots */
	uint32_t used;     /* slots that are not empty, erased ones included */
	uint32_t live;     /* entries */
	uint32_t mask;     /* of the entry in a slot */
} loy__index;

/* Hash of an entry, for growing. */
typedef uint64_t (*loy__index_hash)(const void *owner, uint32_t entry);

/* Room for `count` more entries; entries 0 … live - 1 are those there are. LOY_ENOMEM or LOY_ELIMIT: unchanged. */
loy_status loy__index_reserve(loy__index *ix, const loy_allocator *memory, uint64_t count, loy__index_hash hash,
                              const void *owner);
/* Forget all and add entries 0 … count - 1, for which there is room: after entries were renumbered. */
void loy__index_rebuild(loy__index *ix, uint32_t count, loy__index_hash hash, const void *owner);
void loy__index_free(loy__index *ix, const loy_allocator *memory);
/* Add an entry for which there is room. */
void loy__index_add(loy__index *ix, uint64_t hash, uint32_t entry);
/*
 * Add the next `count` entries, for which there is room, with these hashes, to an index from which nothing was ever
 * erased. Entries of one hash are compared: 0, and the index is of no use any more, when two are the same; else 1.
 */
typedef int (*loy__index_same)(const void *owner, uint32_t a, uint32_t b);
int loy__index_settle(loy__index *ix, const uint64_t *hashes, uint32_t count, loy__index_same same,
                      const void *owner);
/* Take an entry out, or give its place to another number with the same hash. The entry must be there. */
void loy__index_erase(loy__index *ix, uint64_t hash, uint32_t entry);
void loy__index_renumber(loy__index *ix, uint64_t hash, uint32_t entry, uint32_t number);

/* Entries that may have a hash, one after the other: start, then next until LOY__NO_ENTRY. */
typedef struct loy__search {
	uint64_t slot;
	uint32_t tag;
} loy__search;

static inline uint64_t loy__index_home(const loy__index *ix, uint64_t hash)
{
	return (hash >> 32) * ix->capacity >> 32;
}
static LOY__ALWAYS_INLINE void loy__index_prefetch(const loy__index *ix, uint64_t hash)
{
	if (LOY__LIKELY(ix->capacity != 0)) /* there is nowhere to go from NULL */
		LOY__PREFETCH(ix->slots + loy__index_home(ix, hash));
}
static inline void loy__index_start(const loy__index *ix, uint64_t hash, loy__search *s)
{
	s->slot = loy__index_home(ix, hash);
	s->tag = (uint32_t)hash & ~ix->mask;
}
/* The slot of the entry that was found last. */
static inline uint64_t loy__index_found(const loy__index *ix, const loy__search *s)
{
	return (s->slot != 0 ? s->slot : ix->capacity) - 1;
}
static inline uint32_t loy__index_next(const loy__index *ix, loy__search *s)
{
	/* At least one slot is empty, unless there are none at all. */
	while (s->slot < ix->capacity) {
		uint32_t slot = ix->slots[s->slot];

		if (slot == 0)
			break;
		s->slot = s->slot + 1 < ix->capacity ? s->slot + 1 : 0;
		if ((slot & ~ix->mask) == s->tag && (slot & ix->mask) != ix->mask)
			return (slot & ix->mask) - 1;
	}
	return LOY__NO_ENTRY;
}

static inline uint32_t loy__index_first(const loy__index *ix, uint64_t hash)
{
	loy__search s;

	loy__index_start(ix, hash, &s);
	return loy__index_next(ix, &s);
}

/* ---- customers (customers.c) ----------------------------------------------------------------------------- */

/* A key in an arena: one byte of length, then the bytes. */
typedef struct loy__customer {
	union {
		uint64_t number;
		uint8_t *key;
	} who;
	loy__record *record; /* NULL is the empty record */
} loy__customer;

typedef struct loy__customers {
	loy__index index;    /* index.live is the number of customers */
	loy__vector entries; /* of loy__customer */
	int keyed;
	uint64_t seed;
} loy__customers;

/* Who a customer is, with the hash that finds it. A number of 0 means the key counts. */
typedef struct loy__who {
	uint64_t number, hash;
	const uint8_t *key;
	size_t length; /* at most LOY_CUSTOMER_KEY_MAX in a store */
} loy__who;

static inline loy__customer *loy__customers_at(const loy__customers *c, uint32_t entry)
{
	return loy__vector_at(&c->entries, entry, sizeof(loy__customer));
}
static inline loy__who loy__who_number(const loy__customers *c, uint64_t number)
{
	loy__who who = {number, loy__mix64(number ^ c->seed), NULL, 0};

	return who;
}
/* Who a number is the hash of. */
static inline loy__who loy__who_hash(const loy__customers *c, uint64_t hash)
{
	loy__who who = {loy__unmix64(hash) ^ c->seed, hash, NULL, 0};

	return who;
}
loy__who loy__who_key(const loy__customers *c, const void *key, size_t length); /* borrows the key */
uint64_t loy__customers_hash(const void *customers, uint32_t entry);
/* LOY__NO_ENTRY when there is no such customer. */
uint32_t loy__customers_find(const loy__customers *c, const loy__who *who);
/* The same, when the customer most likely has entry `guess`, which may be LOY__NO_ENTRY. */
static inline uint32_t loy__customers_find_near(const loy__customers *c, const loy__who *who, uint32_t guess)
{
	if (LOY__LIKELY(guess != LOY__NO_ENTRY && !c->keyed && loy__customers_at(c, guess)->who.number == who->number))
		return guess;
	return loy__customers_find(c, who);
}
loy_status loy__customers_reserve(loy__customers *c, const loy_allocator *memory, uint64_t count);
/* Add a customer that is not there, for whom there is room, as the last; `key`: its block (NULL: by number). */
uint32_t loy__customers_add(loy__customers *c, const loy__who *who, uint8_t *key, loy__record *record);
/* Take a customer out; the last one gets its number. Record and key are the caller's to release. */
void loy__customers_erase(loy__customers *c, uint32_t entry);
void loy__customers_free(loy__customers *c, const loy_allocator *memory);
/* Sort by number or key, in place. */
void loy__customers_sort(loy__customers *c);
static inline size_t loy__key_size(const uint8_t *key)
{
	return (size_t)key[0] + 1;
}
/* A key's block; NULL when out of memory. */
uint8_t *loy__key_create(const loy_allocator *memory, const loy__who *who);
/* 1 when a is before b. */
int loy__key_before(const uint8_t *a, const uint8_t *b);

/* ---- notes where records are (notes.c) ------------------------------------------------------------------- */

/*
 * An event that is recorded alone waits for its customer's slot in the index, then for the entry, then for the record,
 * where nobody looked at them lately. A note for each slot says where the record was the last time, so that entry and
 * record come at a time. It is a hint: it may be 0, old, or of somebody else. Notes are made by the first event that
 * comes alone, and without memory for them there are none.
 */
#define LOY__NOTES_LEAST UINT64_C(0x10000) /* slots: what smaller indexes lead to is at hand anyway */
typedef struct loy__notes {
	uint32_t *note;
	uint64_t slots; /* of the index that there are notes for, or was no memory for */
	uint64_t least; /* as above; tests make it smaller */
} loy__notes;

/* Places in memory, in 16 bytes, without the bits that those within 64 GiB have in common. */
static LOY__ALWAYS_INLINE uint32_t loy__note_of(const void *record)
{
	return (uint32_t)((uint64_t)(uintptr_t)record >> 4);
}
void loy__notes_move(loy__notes *notes, const loy__index *ix, const loy__budget *budget, const loy_allocator *memory);
/* Have notes for an index that may have grown. */
static LOY__ALWAYS_INLINE void loy__notes_follow(loy__notes *notes, const loy__index *ix, const loy__budget *budget,
                                                 const loy_allocator *memory)
{
	if (LOY__UNLIKELY(notes->slots != ix->capacity && ix->capacity >= notes->least))
		loy__notes_move(notes, ix, budget, memory);
}
void loy__notes_free(loy__notes *notes, const loy_allocator *memory);
static LOY__ALWAYS_INLINE int loy__notes_fit(const loy__notes *notes, const loy__index *ix)
{
	return notes->note != NULL && notes->slots == ix->capacity;
}
/* The customer will be looked for. */
static LOY__ALWAYS_INLINE void loy__notes_prefetch(const loy__notes *notes, const loy__index *ix, uint64_t hash)
{
	if (loy__notes_fit(notes, ix))
		LOY__PREFETCH(notes->note + loy__index_home(ix, hash));
}

/* ---- identities (identities.c) --------------------------------------------------------------------------- */

typedef struct loy__identity {
	uint64_t high, low, digest;
} loy__identity;

typedef struct loy__identities {
	loy__index index;      /* those of keys, */
	loy__vector entries;   /* one by one */
	loy__index stretch_index;
	loy__vector stretches; /* neighbours of a device's count */
	uint32_t latest;       /* stretch that was added to */
	unsigned ready;        /* kinds of which there is room for one more */
	void *spare;           /* blocks for digests that are not in use, */
	uint64_t spares;       /* so many */
	uint64_t blocks;       /* of digests, those included */
	uint64_t neighbours;   /* identities in stretches */
	uint64_t seed;
} loy__identities;

uint64_t loy__identities_hash(const loy__identities *set, uint64_t high, uint64_t low);
/* The digest of an identity, or NULL. */
const uint64_t *loy__identities_find(const loy__identities *set, uint64_t hash, uint64_t high, uint64_t low);
static LOY__ALWAYS_INLINE void loy__identities_prefetch(const loy__identities *set, uint64_t hash, uint64_t high)
{
	loy__index_prefetch(high >> 63 != 0 ? &set->index : &set->stretch_index, hash);
}
/* Room for one with this high word; for `count`, of counts without gaps or of keys; for all of another set. */
loy_status loy__identities_reserve_one(loy__identities *set, const loy_allocator *memory, uint64_t high);
loy_status loy__identities_reserve(loy__identities *set, const loy_allocator *memory, uint64_t count);
loy_status loy__identities_reserve_all(loy__identities *set, const loy_allocator *memory, const loy__identities *from);
/* Add one for which there is room, and which is not there (of a device's count: nothing happens when it is). */
void loy__identities_add(loy__identities *set, uint64_t hash, const loy__identity *identity);
/* Give one that is there its digest. */
void loy__identities_revise(const loy__identities *set, uint64_t hash, const loy__identity *identity);
/*
 * Add one that is not there, when that can be told at a glance and needs no room: it is next to the one added last.
 * Else 0, and nothing happens.
 */
int loy__identities_follow(loy__identities *set, const loy__identity *identity);
/* Forget one; nothing happens when it is not there. */
void loy__identities_forget(loy__identities *set, uint64_t high, uint64_t low);
/* 1 when some identity has this high word. */
int loy__identities_source_known(const loy__identities *set, uint64_t high);
uint64_t loy__identities_count(const loy__identities *set);
/* All of them, one after the other, in no particular order: start with zeroes; 0 after the last. */
typedef struct loy__identities_walk {
	uint32_t entry, stretch, place;
} loy__identities_walk;
int loy__identities_next(const loy__identities *set, loy__identities_walk *walk, loy__identity *out);
void loy__identities_free(loy__identities *set, const loy_allocator *memory);
uint64_t loy__identities_bytes(const loy__identities *set);

/* ---- pseudonyms (pseudonym.c) ---------------------------------------------------------------------------- */

#define LOY__PSEUDONYM_SIZE 32u /* hexadecimal digits of a pseudonymous key */
uint64_t loy__pseudonym_number(const uint64_t key[2], uint64_t number); /* never 0 */
void loy__pseudonym_key(const uint64_t key[2], const void *text, size_t length, uint8_t out[LOY__PSEUDONYM_SIZE]);
/* Tells keys apart without giving them away; never 0. */
uint64_t loy__pseudonym_check(const uint64_t key[2]);
/* Replace an event's customer. */
void loy__pseudonym_event(const uint64_t key[2], loy_event *event);

/* ---- the store (store.c, single.c, columns.c, merge.c, order.c, scores.c) -------------------------------- */

/* What is known of an event before it is recorded; borrows the event's key. */
typedef struct loy__arrival {
	loy__customers *table;
	loy__who who;
	uint32_t entry;          /* the customer's, most likely; LOY__NO_ENTRY: it seems new, or was not looked for */
	int identified;          /* the event has an identity and the store looks at it */
	uint64_t identity_hash;
	loy__identity identity;
} loy__arrival;

/*
 * Rows of a table are worked on in blocks, one being read while what the other touches is fetched from memory.
 */
#define LOY__BLOCK  16u
#define LOY__BLOCKS 3u
typedef struct loy__block {
	uint32_t count;
	loy_status status[LOY__BLOCK];
	loy__arrival arrival[LOY__BLOCK];
	loy_event event[LOY__BLOCK];
} loy__block;
/* Rows of a table that are recorded together, by customer (window.c): in small stores, and at most. */
#define LOY__WINDOW_ROWS UINT32_C(0x20000)
#define LOY__WINDOW_MOST UINT32_C(0x100000)
/* Of these so many are in a part, about: what a processor keeps at hand. */
#define LOY__PART_ROWS 8192u
typedef struct loy__blocks {
	loy__rows rows;
	loy__block block[LOY__BLOCKS];
} loy__blocks;

struct loy_store {
	loy__budget budget;
	loy_allocator memory;        /* within the budget */
	loy_allocator record_memory; /* of the arena of records */
	loy_allocator key_memory;
	const loy_model *model;
	const loy_schema *schema;
	uint32_t flags;
	int sorted;                  /* rows are in order */
	loy__arena records, keys;
	loy__customers numbered, named;
	loy__notes notes;            /* of those with numbers */
	loy__identities identities;
	uint64_t events, duplicates, conflicts;
	loy__run run;                /* the event that is recorded alone; whoever writes has it */
	loy__blocks *blocks;         /* made by the first table */
	uint32_t window, window_most, part; /* rows that are recorded together, as above; tests make them smaller */
	struct loy__ledger *ledger;  /* NULL: in memory */
	int pseudonymous;            /* numbers and keys are replaced on their way in */
	uint64_t pseudonym_key[2];
	loy_event *disguised;        /* a caller's event with its customer replaced */
};

/* Status for the caller: LOY_ELIMIT where the limit was the reason, with the error saying so. */
loy_status loy__store_status(loy_store *store, loy_status status, loy_error *error);
/* Who an event is about and what it is known by; fetches what finding it will touch. LOY_EINVAL, LOY_ENOMEM. */
loy_status loy__store_arrive(loy_store *store, const loy_event *event, loy__arrival *out);
/* The first half of it: LOY_OK for an event never seen, and then there is room for its identity. */
loy_status loy__store_identify(loy_store *store, const loy__arrival *arrival, loy_error *error);
/* The second: add an event that is new to its customer, found or made. */
loy_status loy__store_apply(loy_store *store, const loy_event *event, const loy__arrival *arrival, loy_error *error);
/* Add an event that is complete to a record of this store. */
loy_status loy__store_add(loy_store *store, const loy_event *event, loy__record **record, loy_error *error);
/* Record an event that is complete. As loy_store_record(), but LOY_ENOMEM where the limit was the reason. */
loy_status loy__store_settle(loy_store *store, const loy_event *event, const loy__arrival *arrival, loy_error *error);
/* Events a record counts, less those taken back; 0 when more were. */
uint64_t loy__record_events(const loy__record *record, const loy_schema *schema);
/* Which customer the caller means; *table is where it is or would be. LOY_EINVAL when it names none. */
loy_status loy__store_who(const loy_store *store, uint64_t customer, const char *key, size_t length,
                          loy__who *who, const loy__customers **table);
/* The same customer's entry, which must be there. LOY_ENOTFOUND as well. */
loy_status loy__store_entry(const loy_store *store, uint64_t customer, const char *key, size_t length,
                            const loy__customers **table, uint32_t *entry);
/* The customer of a row, which must be there. */
static inline loy__customer *loy__store_row(const loy_store *store, uint64_t row)
{
	uint32_t numbered = store->numbered.index.live;

	if (row < numbered)
		return loy__customers_at(&store->numbered, (uint32_t)row);
	return loy__customers_at(&store->named, (uint32_t)(row - numbered));
}

/* ---- what the store asks of its ledger, when it has one (accept.c, open.c; ledger.h) ---- */

loy_status loy__ledger_settle(loy_store *store, const loy_event *event, const loy__arrival *arrival,
                              loy_error *error);
loy_status loy__ledger_retract(loy_store *store, const loy_event *event, loy_error *error);
/* After the one fact of a call: settle what waits, commit as durability says. `status` is what taking it gave. */
loy_status loy__ledger_conclude(loy_store *store, loy_status status, loy_error *error);
/* After a table: the same for all that wait. */
loy_status loy__ledger_finish(loy_store *store, loy_error *error);
/* Now and then while a table is recorded: settle and commit what has become too much. */
loy_status loy__ledger_step(loy_store *store, loy_error *error);
/* LOY_EIO once the files of a store have failed: then nothing it says can be relied on. */
loy_status loy__store_sound(const loy_store *store);
void loy__ledger_destroy(loy_store *store);
loy_status loy__ledger_merge_profile(loy_store *store, uint64_t customer, const char *key, size_t length,
                                     const loy__record *from);
loy_status loy__ledger_erase_customer(loy_store *store, uint64_t customer, const char *key, size_t length);
void loy__ledger_stats(const loy_store *store, loy_store_stats *stats);
/* Somebody who is part of another becomes that other. */
void loy__ledger_lead(const loy_store *store, loy__who *who);
/* What the hash of a store on files covers besides customers; chained to `state`. */
void loy__ledger_hash(const loy_store *store, uint64_t state[2]);
/* A store without customers. `options` have their defaults filled in. */
loy_status loy__store_make(loy_store **out, const loy_model *model, const loy_store_options *options,
                           const loy_allocator *memory);
/* The event with its customer replaced, in place of *event, when the store keeps pseudonyms. LOY_ENOMEM. */
loy_status loy__store_disguise(loy_store *store, const loy_event **event);

/* LOY_OK when a model can read the rows of a store at a time; LOY_EINVAL, LOY_ETIME, LOY_ESCHEMA, LOY_ESTATE. */
loy_status loy__store_readable(const loy_store *store, const loy_model *model, int64_t time);

#define LOY__PURPOSE_MAX 65535u /* as LOY_FIELD_PURPOSE has it */
/* 1 when the latest consent event for a purpose grants it (consent.c). */
int loy__consented(const loy__record *record, uint32_t purpose);

/* ---- many rows (batch.c) --------------------------------------------------------------------------------- */

/* Options of a batch call with their defaults filled in. */
loy_status loy__batch_options(loy_batch_options *out, const loy_batch_options *options);
/* Rows first … end - 1; `user` is the caller's. */
typedef void (*loy__rows_work)(uint64_t first, uint64_t end, void *user);
/* After each slab of rows, on the calling thread; may be NULL. */
typedef void (*loy__rows_done)(uint64_t first, uint64_t end, void *user);
/*
 * Do `work` on rows 0 … count - 1, cut into slabs of at most `slab` rows a thread and each slab among the threads;
 * progress is told between slabs. LOY_OK or LOY_ECANCELLED.
 */
loy_status loy__rows_run(uint64_t count, uint64_t slab, const loy_batch_options *options, loy__rows_work work,
                         loy__rows_done done, void *user);

#endif
