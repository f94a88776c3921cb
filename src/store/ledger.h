/*
 * The ledger: what the records of a journal mean. The state of a store is a set of facts, each with a tag; everything
 * shown is a function of the set, never of the order in which facts arrived. README.md has the rules and the bytes.
 *
 * tags.c         sets of tags: version vectors
 * facts.c        bodies of facts: writing, a glance at them, checking what comes from outside
 * erasures.c     who is erased until when
 * conflicts.c    identities with more than one content
 * parties.c      who is part of whom
 * ledger.c       accepting single facts; change.c those that change what others mean: conflicts, erasures, aliases
 * fold.c         what customers are, again, from the journal
 * open.c         opening; replay.c records after the snapshot; image.c what a snapshot holds besides customers;
 *                compact.c; verify.c; past.c
 */
#ifndef LOY_STORE_LEDGER_H
#define LOY_STORE_LEDGER_H

#include "store/journal.h"
#include "store/snapshot.h"
#include "store/store.h"

/* ---- tags (tags.c) ----------------------------------------------------------------------------------------- */

/* The name of a record in all stores: which opening of which store made it, and the how-manieth it was (from 0). */
typedef struct loy__tag {
	uint64_t life, number;
} loy__tag;
static inline int loy__tag_before(loy__tag a, loy__tag b)
{
	return a.life < b.life || (a.life == b.life && a.number < b.number);
}

/* Numbers first … end - 1 of a life. */
typedef struct loy__span {
	uint64_t life, first, end;
} loy__span;
/* A set of tags: spans ascending by life and number, none touching the next. A version vector. */
typedef struct loy__tags {
	loy__span *span;
	size_t count, capacity;
} loy__tags;
/* Whether a span may come after another one (NULL: none) in a set. */
int loy__span_follows(const loy__span *last, const loy__span *span);
int loy__tags_have(const loy__tags *tags, loy__tag tag);
/* 1 when all of `part` are there. */
int loy__tags_cover(const loy__tags *tags, const loy__tags *part);
/* Room for `count` tags more, wherever they lie. LOY_ENOMEM, LOY_ELIMIT: unchanged. */
loy_status loy__tags_reserve(loy__tags *tags, const loy_allocator *memory, size_t count);
/* Add a tag for which there is room; nothing happens when it is there. Returns the index of its span. */
size_t loy__tags_add(loy__tags *tags, loy__tag tag);
/* The same for `count` tags of a life, from one on; room for one will do when none of the later ones is there. */
void loy__tags_add_run(loy__tags *tags, loy__tag tag, uint64_t count);
/* Take out a tag that is there. There must be room for one more. */
void loy__tags_remove(loy__tags *tags, loy__tag tag);
void loy__tags_free(loy__tags *tags, const loy_allocator *memory);
/* Canonical bytes: number of spans (u64), then life, first, end of each (u64). Equal sets, equal bytes. */
void loy__tags_write(const loy__tags *tags, loy__writer *out);
/* Hostile bytes are LOY_EFORMAT. *out is empty on failure. */
loy_status loy__tags_read(loy__tags *out, loy__reader *in, const loy_allocator *memory);

/* ---- facts (facts.c) --------------------------------------------------------------------------------------- */

/* Flags in the type of a journal record, besides LOY_RECORD_…. */
#define LOY__RECORD_LIFE    7u  /* announces the life whose records follow without a tag: its name (u64) */
#define LOY__RECORD_AGAIN   8u  /* an event or retraction that was known when it came from another store */
#define LOY__RECORD_VARIANT 16u /* an event or retraction whose identity was known with another content */
#define LOY__RECORD_TAGGED  64u /* came from another store: its tag (16 bytes) is in front of the body */

/* Somebody, as records name them; the key is borrowed. With the hash by which the erased are known. */
typedef struct loy__ref {
	uint64_t number; /* 0: by key */
	const uint8_t *key;
	size_t length;
	uint64_t hash[2]; /* low, high */
} loy__ref;

/*
 * A record without what only a journal knows. Bodies:
 *	EVENT, RETRACT  canonical bytes of the event
 *	PROFILE         who, time of its oldest event (i64; the least there is when it has none), canonical bytes
 *	ERASE           hash low, hash high (u64), time (i64)
 *	ALIAS           time (i64), who is part, of whom (a number 0: of nobody)
 *	GONE            identity high, low (u64), or nothing when it has none
 * who: varint length of the key, then the key; or varint 0, varint number.
 */
typedef struct loy__fact {
	uint32_t type; /* LOY_RECORD_… */
	int variant;   /* came when its identity was known with another content */
	int again; /* came with a tag of its own when its identity and content were known: it does not count */
	uint64_t position; /* in this store's journal; 0: not there yet */
	loy__tag tag;
	const uint8_t *body;
	size_t size;
} loy__fact;

/* What decides whether and for whom a fact counts. */
typedef struct loy__glance {
	loy__ref who;           /* EVENT, RETRACT, PROFILE; ALIAS: the part. Hash not filled in */
	loy__ref whole;         /* ALIAS; number 0 and length 0: nobody */
	int64_t time;           /* up to which an erasure reaches it */
	uint64_t high, low;     /* identity; RETRACT: derived from the event's; 0, 0: none */
	uint64_t hash[2];       /* ERASE: of whom */
	const uint8_t *profile; /* PROFILE */
	size_t profile_size;
} loy__glance;

/* Take a fact's body apart. LOY_EFORMAT when it is too short or malformed in what is looked at. */
loy_status loy__fact_glance(const loy__fact *fact, loy__glance *out);
/*
 * The same, an event, and a profile of some schema, from a record of the journal. Its sums are right, so nobody wrote
 * what cannot be read: LOY_EDAMAGED; LOY_EVERSION, LOY_ESCHEMA, LOY_ENOMEM.
 */
loy_status loy__fact_look(const loy__fact *fact, loy__glance *out, loy_error *error);
loy_status loy__fact_event(const loy__fact *fact, loy_event *out, loy_error *error);
loy_status loy__fact_profile(const loy__glance *glance, const loy_schema *schema, const loy_allocator *memory,
                             loy__record **out, loy_error *error);
/* Check a body from outside whole. LOY_EFORMAT, … with the byte of the body in the error; LOY_ENOMEM. */
loy_status loy__fact_check(const loy_store *store, const loy__fact *fact, loy_error *error);
/* The identity under which the retraction of an event is known. */
void loy__retract_identity(uint64_t high, uint64_t low, uint64_t *out_high, uint64_t *out_low);
/* Write who somebody is, as in bodies. */
void loy__ref_write(loy__writer *out, const loy__ref *who);
/* Fill in the hash, with the store's key. */
void loy__ref_hash(const loy_store *store, loy__ref *who);
/*
 * Somebody the caller names, made a pseudonym when the store keeps those (`room`: 32 bytes). LOY_EINVAL, LOY_ELIMIT,
 * LOY_EUTF8.
 */
loy_status loy__ref_from(const loy_store *store, uint64_t number, const char *key, size_t length,
                         uint8_t *room, loy__ref *out);

/* ---- what sync and privacy build on -------------------------------------------------------------------------- */

/* LOY_OK, or LOY_ESTATE in memory, LOY_EIO when poisoned, LOY_EREADONLY. */
loy_status loy__ledger_writable(const loy_store *store, loy_error *error);
/* The same for reading: LOY_ESTATE, LOY_EIO. */
loy_status loy__ledger_readable(const loy_store *store, loy_error *error);
/* 1 when a store that is open for reading only reads files that are others by now. */
int loy__ledger_outdated(const loy_store *store);
const loy__tags *loy__ledger_tags(const loy_store *store);
/* 1 for a tag that this opening may still give to a record of its own, so that nobody else can have it. */
int loy__ledger_awaits(const loy_store *store, loy__tag tag);
/* For refusing bundles of other pseudonyms: 0 without them. */
uint64_t loy__ledger_pseudonym_check(const loy_store *store);

/*
 * All facts of the committed journal in order. Erased ones come as GONE, whether compaction was
 * here or not. The fact's body is borrowed until the next call. LOY_ENOTFOUND after the last.
 */
typedef struct loy__fact_reader loy__fact_reader;
loy_status loy__fact_reader_create(loy__fact_reader **out, loy_store *store, loy_error *error);
loy_status loy__fact_reader_next(loy__fact_reader *reader, loy__fact *out, loy_error *error);
void loy__fact_reader_destroy(loy__fact_reader *reader);
/* The event at a position of the committed journal. LOY_ENOTFOUND when there is none or it is erased. */
loy_status loy__ledger_event_at(loy_store *store, uint64_t position, loy_event *out, loy_error *error);

/*
 * Take in a fact of another store, which loy__fact_check() accepted. LOY_OK: in force; LOY_EDUPLICATE: its tag or its
 * identity and content are known (the tag is, from now on); LOY_ECONFLICT, LOY_EERASED as loy_store_record(). Erasures,
 * aliases and conflicts wait (their bytes are copied) until loy__ledger_settle_all(), which the caller must call before
 * it returns and which may fail without a change; the tags of those waiting are not known before. Does not commit.
 */
loy_status loy__ledger_accept(loy_store *store, const loy__fact *fact, loy_error *error);
loy_status loy__ledger_settle_all(loy_store *store, loy_error *error);
/* Before facts are read: what waits is committed, so that readers see all that the ledger knows. */
loy_status loy__ledger_flush(loy_store *store, loy_error *error);
/* The same of a store that is known to be readable. */
loy_status loy__ledger_commit_pending(loy_store *store, loy_error *error);
/* Commit whatever is pending, regardless of the durability chosen; or as it was chosen. */
loy_status loy__ledger_commit(loy_store *store, loy_error *error);
loy_status loy__ledger_done(loy_store *store, loy_error *error);

/* Erase somebody and all who are part of them until a time, committed as durability says. */
loy_status loy__ledger_erase(loy_store *store, const loy__ref *who, int64_t time, loy_error *error);
/* INT64_MIN: not erased. */
int64_t loy__ledger_erased_until(const loy_store *store, const loy__ref *who);
/* State that part belongs to whole (NULL: to nobody). LOY_EINVAL: to itself; LOY_EERASED, LOY_EOVERFLOW. */
loy_status loy__ledger_alias(loy_store *store, const loy__ref *part, const loy__ref *whole, int64_t time,
                             loy_error *error);
/* Whom somebody is part of at the end of the chain; 0 when they are their own. Keys are borrowed from the store. */
int loy__ledger_whole(const loy_store *store, const loy__ref *part, loy__ref *whole);
/* Those who are part of somebody, directly or not, one after the other: start *turn at 0; returns 0 after the last. */
int loy__ledger_next_part(const loy_store *store, const loy__ref *whole, uint32_t *turn, loy__ref *part);

/* Contents of identities with more than one, ascending by (identity, digest): the first of each identity counts. */
typedef struct loy__content {
	uint64_t high, low, digest;
	uint64_t position;
	uint64_t who[2]; /* hash of the customer */
	int64_t time;
} loy__content;
uint32_t loy__ledger_content_count(const loy_store *store);
const loy__content *loy__ledger_content(const loy_store *store, uint32_t index);

#endif
