/* What a ledger keeps in memory. Only the files of the ledger include this. */
#ifndef LOY_STORE_LEDGER_STATE_H
#define LOY_STORE_LEDGER_STATE_H

#include "store/files.h"
#include "store/ledger.h"

#define LOY__RECORD_KIND 7u /* LOY_RECORD_… in the type of a journal record */
#define LOY__TAG_SIZE    16u
#define LOY__ERASE_SIZE  24u
#define LOY__GONE_SIZE   16u

/* ---- who is erased until when (erasures.c) ---- */

typedef struct loy__erasure {
	uint64_t who[2];
	int64_t time;
} loy__erasure;
typedef struct loy__erasures {
	loy__index index;
	loy__vector entries; /* of loy__erasure */
} loy__erasures;

/* INT64_MIN when not erased. */
int64_t loy__erasures_until(const loy__erasures *set, const uint64_t who[2]);
loy_status loy__erasures_reserve(loy__erasures *set, const loy_allocator *memory, uint64_t count);
/* There must be room. Returns the time before: INT64_MIN when there was none. Never goes back in time. */
int64_t loy__erasures_raise(loy__erasures *set, const uint64_t who[2], int64_t time);
/* Undo the latest raise of somebody. Those added are taken back last first. */
void loy__erasures_lower(loy__erasures *set, const uint64_t who[2], int64_t before);
static inline const loy__erasure *loy__erasures_at(const loy__erasures *set, uint32_t i)
{
	return loy__vector_at(&set->entries, i, sizeof(loy__erasure));
}
void loy__erasures_free(loy__erasures *set, const loy_allocator *memory);

/* ---- identities with more than one content (contents.c) ---- */

typedef struct loy__contents {
	loy__content *at; /* ascending by identity, digest */
	size_t count, capacity;
} loy__contents;

/* The contents of an identity: *count of them from the returned index on; 0 when there are none. */
size_t loy__contents_of(const loy__contents *set, uint64_t high, uint64_t low, size_t *count);
/* 1 when this content is one of its identity's. */
int loy__contents_have(const loy__contents *set, uint64_t high, uint64_t low, uint64_t digest);
/* Add one in its place; LOY_OK also when it is there. */
loy_status loy__contents_add(loy__contents *set, const loy_allocator *memory, const loy__content *content);
loy_status loy__contents_copy(loy__contents *out, const loy__contents *from, const loy_allocator *memory);
void loy__contents_free(loy__contents *set, const loy_allocator *memory);

/* ---- who is part of whom (parties.c) ---- */

typedef struct loy__party {
	uint64_t number; /* 0: by key */
	uint8_t *key;    /* a block of its length and bytes */
	uint32_t root;   /* whose row holds it: an entry, its own when it is part of nobody */
	int grouped; /* it is part of somebody, or somebody of it: then `own` counts and a part has no row */
	int exists;  /* it has records of its own */
	loy__record *own; /* their sum */
} loy__party;
typedef struct loy__statement {
	uint32_t part, whole; /* entries; LOY__NO_ENTRY: of nobody */
	int64_t time;
	loy__tag tag;
} loy__statement;
typedef struct loy__parties {
	loy__index index;
	loy__vector entries; /* of loy__party */
	loy__statement *statement;
	size_t statements, capacity;
	uint32_t parts;                 /* entries whose root is another */
	uint64_t number_seed, key_seed; /* those of the tables: one hash does for both */
} loy__parties;

static inline loy__party *loy__party_at(const loy__parties *set, uint32_t i)
{
	return loy__vector_at(&set->entries, i, sizeof(loy__party));
}
uint32_t loy__parties_find(const loy__parties *set, const loy__who *who);
/* The entry of somebody, made when needed. LOY_ENOMEM, LOY_ELIMIT. */
loy_status loy__parties_enter(loy__parties *set, loy_store *store, const loy__ref *who, uint32_t *entry);
loy_status loy__parties_state(loy__parties *set, const loy_allocator *memory,
                              const loy__statement *statement);
/*
 * Who is whose root when statements of those erased do not count: root[i] for each entry. `scratch` has as many
 * elements.
 */
void loy__parties_roots(const loy_store *store, uint32_t *root, uint32_t *scratch);
/* Whether a statement counts: neither part nor whole is erased as of it. */
int loy__statement_holds(const loy_store *store, const loy__statement *statement);
/* Make roots and groups from statements that were read. LOY_ENOMEM. */
loy_status loy__parties_settle(loy__parties *set, const loy_store *store);
/* Borrows the key; with the hash. */
loy__ref loy__party_ref(const loy_store *store, const loy__party *party);
void loy__parties_free(loy__parties *set, loy_store *store);

/* ---- which identities are known (known.c) ---- */

#define LOY__KNOWN_BITS 8 /* positions of a block */
/* Which numbers of spans lie in a block of positions: none when least is above greatest. */
struct loy__known_block {
	uint64_t source; /* their high word, unless `mixed` */
	uint64_t least, greatest;
	uint64_t mixed;
};
struct loy__known {
	loy__tags spans;    /* high words as lives; the others are the store's identities */
	loy__vector blocks; /* of loy__known_block */
	uint64_t block_count;
	size_t latest;      /* most likely the span that was joined last */
	struct loy__recent *recent; /* digests at hand */
};
loy_status loy__known_init(struct loy__known *known, const loy_allocator *memory);
void loy__known_free(struct loy__known *known, const loy_allocator *memory);
uint64_t loy__known_bytes(const struct loy__known *known);
/* `hash`: loy__identities_hash(). */
int loy__known_have(const loy_store *store, uint64_t hash, uint64_t high, uint64_t low);
int loy__known_in_spans(const loy_store *store, uint64_t high, uint64_t low);
int loy__known_source(const loy_store *store, uint64_t high); /* 1 when some identity has this high word */
/* Room for one, whose record will have this position or lies before it. */
loy_status loy__known_reserve(loy_store *store, uint64_t position);
/* Add one that is not known, for which there is room. A digest of 0: its content is not known. */
void loy__known_add(loy_store *store, uint64_t hash, const loy__identity *identity, uint64_t position);
/*
 * The same in two steps, for many at once: room for `count`; each is entered when it is met first (LOY_EDUPLICATE: it
 * is known; LOY_ENOMEM, LOY_ELIMIT); and noted when its record was appended, or forgotten.
 */
loy_status loy__known_reserve_run(loy_store *store, uint64_t count);
loy_status loy__known_enter(loy_store *store, uint64_t high, uint64_t low);
void loy__known_note(loy_store *store, const loy__identity *identity, uint64_t position);
void loy__known_forget(loy_store *store, uint64_t high, uint64_t low);
/* Keep an identity, if it is known, and nothing of its content. */
void loy__known_bury(loy_store *store, uint64_t high, uint64_t low);
/* The digest of what was recorded under an identity of a span; 0 when that is not to be found. May commit. */
loy_status loy__known_digest(loy_store *store, uint64_t high, uint64_t low, uint64_t *digest,
                             loy_error *error);
const struct loy__known_block *loy__known_block(const struct loy__known *known, uint64_t index);
loy_status loy__known_set_block(loy_store *store, uint64_t index, const struct loy__known_block *block);

/* ---- facts that wait (change.c) ---- */

typedef struct loy__waiting {
	uint32_t type; /* LOY_RECORD_… */
	int tagged;    /* came with a tag */
	loy__tag tag;
	uint64_t position; /* while replaying; else 0 */
	uint8_t *body;
	size_t size;
	loy__ref who; /* ERASE: of whom, when known (the key lies behind the body) */
	int settled;  /* change.c: 0, LOY__RECORD_VARIANT, or LOY__RECORD_AGAIN: was known */
} loy__waiting;

/* ---- the ledger ---- */

struct loy__snapshotting; /* compact.c */

struct loy__ledger {
	loy_files files;
	int own_files; /* made from a path: closed with the store */
	int read_only, replaying, opened;
	loy__journal *journal;
	uint32_t durability, group_events;
	int64_t group_microseconds;
	int64_t waiting_since; /* the clock of the first tick that saw records wait */
	int ticking;           /* waiting_since counts */
	uint64_t since_commit; /* records appended since the last commit */
	uint64_t life, made;   /* this opening's: records made; life 0: none yet */
	loy__tags tags;
	struct loy__known known;
	loy__erasures erasures;
	loy__contents contents;
	loy__parties parties;
	loy__waiting *waiting;
	size_t waiting_count, waiting_capacity;
	int last_settled;           /* what became of the last fact that waited: loy__waiting.settled */
	uint8_t *scratch;           /* LOY_EVENT_BYTES_MAX */
	loy_event *event;           /* for reading records */
	int64_t newest;             /* the latest time of any event that counts or counted */
	uint64_t erased_events;     /* records whose content was erased */
	uint64_t snapshot_position; /* records the newest snapshot holds */
	uint64_t snapshot_bytes;
	struct loy__snapshotting *snapshotting;
	int rebuilt;              /* snapshots named in meta follow another schema, or are not whole */
	int erase_due;            /* journal or snapshots may hold bytes of erased content */
	uint32_t snapshots_begun; /* by this opening */
	uint32_t epoch_count;
	struct loy__epoch {
		uint32_t device, epoch;
		uint64_t next;
	} * epoch;
	size_t epoch_capacity;
	loy__vector positions[2]; /* replay: of the last record a row holds, by table and entry */
	uint32_t positioned[2];   /* rows that have one */
	uint64_t image_position;  /* replay: of the last record the image holds */
	uint64_t own_position;    /* replay: of the last record that parties hold; behind it when profiles
	                                    are being made again */
	int light;                /* replay: without profiles, which are made afterwards */
	uint64_t read_life, read_number; /* replay: the tag of the next record made here */
};

/* Where a journal record's tag comes from, while records are read in order. */
typedef struct loy__tagging {
	uint64_t life, number;
} loy__tagging;
/* A journal record as a fact: 0 for those that are none. */
int loy__fact_from_record(loy__tagging *tagging, const loy__record_view *view, loy__fact *out);

/*
 * past.c: a store in memory with the facts that count, of those whose time is at most `time`; `rows`: when that is all
 * of them, the rows may be copied. Sorted.
 */
loy_status loy__ledger_copy(loy_store *store, int64_t time, const loy_model *model, int rows, loy_store **out,
                            const loy_allocator *memory, loy_progress progress, void *user, loy_error *error);
/* change.c: make everybody again. */
loy_status loy__ledger_remake(loy_store *store, loy_progress progress, void *user, loy_error *error);

/* fact_reader.c: whether a fact's content is erased, and what is left of it then (`gone`: LOY__GONE_SIZE bytes). */
int loy__fact_erased(const loy_store *store, const loy__fact *fact, loy__glance *glance);
size_t loy__fact_bury(loy__fact *fact, const loy__glance *glance, uint8_t *gone);

/* Profiles of a snapshot are behind the rest of it: somebody was making them again. */
int loy__ledger_partial(const struct loy__ledger *ledger);
/* While opening: the records after position `after` (replay.c). LOY_ESTATE: a partial snapshot is of no use. */
loy_status loy__ledger_replay(loy_store *store, const loy_store_options *options, uint64_t after,
                              loy_recovery *report, loy_error *error);
/*
 * build.c: make profiles from the records after a position, when all else is there. When that is cancelled a snapshot
 * is written from which the next opening goes on.
 */
loy_status loy__ledger_build(loy_store *store, uint64_t after, const loy_store_options *options,
                             loy_error *error);
/* compact.c: a snapshot of customers as of a position that lies behind; and whole snapshots, to the end. */
loy_status loy__snapshot_write_partial(loy_store *store, uint64_t position, loy_error *error);

/* A snapshot that is being written begins anew: what it holds was changed by more than additions. */
void loy__snapshotting_restart(loy_store *store);

/* ledger.c */
loy__who loy__who_of(const loy_store *store, const loy__ref *ref);
/* The customer of a row; hash not filled in. */
loy__ref loy__ref_of_row(const loy__customers *table, uint32_t entry);
/*
 * Add an event or a profile to whoever it counts for. On failure nothing has changed. `position`: of its record when
 * replaying, so that what holds it already is left alone.
 */
loy_status loy__ledger_place(loy_store *store, const loy_event *event, const loy__arrival *arrival, int sign,
                             uint64_t position, loy_error *error);
loy_status loy__ledger_place_profile(loy_store *store, const loy__ref *who, const loy__record *from,
                                     uint64_t position);
/* The same for the rows of a store in memory that is made from a journal. */
loy_status loy__row_add_event(loy_store *store, const loy__ref *ref, const loy_event *event, int sign,
                              loy_error *error);
loy_status loy__row_add_record(loy_store *store, const loy__ref *ref, const loy__record *record);
/* Room in journal and tags for `count` records of together `bytes`, the announcement of a life included. */
loy_status loy__ledger_reserve(loy_store *store, uint64_t count, uint64_t bytes, loy_error *error);
/* Append a record for which there is room; tag NULL: one of our own. Returns its position. */
uint64_t loy__ledger_append(loy_store *store, uint32_t type, const loy__tag *tag, const void *body,
                            size_t size);
/*
 * Room for `count` records of together `bytes` that are made here; and when they are about to be appended, one after
 * the other, their tags.
 */
loy_status loy__ledger_reserve_own(loy_store *store, uint64_t count, uint64_t bytes);
void loy__ledger_tag_own(loy_store *store, uint64_t count);
/* No record appended next lies behind this position. */
uint64_t loy__ledger_next_position(const loy_store *store);
int loy__ledger_erased(const loy_store *store, const loy__glance *glance); /* the hash of who is filled in */
int loy__ledger_exists(const loy_store *store, const loy__who *who);
/* Count an event, or one taken back, that is in force now. */
void loy__ledger_counted(loy_store *store, int64_t time, int sign);
void loy__ledger_counted_profile(loy_store *store, const loy__record *record);
/* Give an arrival of an event the identity of its retraction. */
void loy__retract_arrival(const loy_store *store, loy__arrival *arrival);
/* Time of the oldest event of a record that is sure; LOY_TIME_MIN when the record does not say. */
int64_t loy__profile_oldest(const loy__record *record, const loy_schema *schema);
/* The newest; LOY_TIME_MAX when the record does not say. */
int64_t loy__profile_newest(const loy__record *record, const loy_schema *schema);
/* Put a fact on the list of those that wait; copies. */
loy_status loy__ledger_defer(loy_store *store, const loy__fact *fact, int tagged, const loy__ref *who);
void loy__ledger_forget_waiting(loy_store *store);

/* ---- from the journal again (fold.c) ---- */

/* Takes a fact about a customer, and whether it counts. */
typedef loy_status (*loy__visit_fact)(const loy__fact *fact, const loy__glance *glance, int counts,
                                      void *user, loy_error *error);
/*
 * All events, retractions and profiles of the committed journal from a position on. By what the ledger knows now those
 * count that are not erased and not sent again, and of an identity's contents one.
 */
loy_status loy__visit_facts(loy_store *store, uint64_t from, loy__visit_fact visit, void *user,
                            loy_progress progress, void *progress_user, loy_error *error);
/* 1 when a fact with this glance (hash of who filled in where anybody is erased) counts. */
int loy__fact_counts(const loy_store *store, const loy__fact *fact, const loy__glance *glance);
/* Add a fact that counts to a record from the store's record memory. */
loy_status loy__fact_add(loy_store *store, const loy_schema *schema, const loy__fact *fact,
                         const loy__glance *glance, loy__record **record, loy_error *error);

/* Customers that are made again. */
typedef struct loy__again {
	loy__ref who;
	uint8_t *key; /* the block of its key, when it has one */
	int known;    /* who it is, not only its hash */
	int ready;    /* nothing has to be read for it */
	int exists;
	loy__record *record; /* from the store's record memory */
} loy__again;
typedef struct loy__agains {
	loy__index index;
	loy__vector entries; /* of loy__again */
	int all;             /* whoever is met becomes one of them */
	loy_progress progress;
	void *progress_user;
} loy__agains;
static inline loy__again *loy__again_at(const loy__agains *set, uint32_t i)
{
	return loy__vector_at(&set->entries, i, sizeof(loy__again));
}
/* Add somebody, by hash alone (known 0) or wholly. */
loy_status loy__agains_add(loy__agains *set, loy_store *store, const loy__ref *who, int known,
                           loy__again **out);
loy__again *loy__agains_find(const loy__agains *set, const uint64_t hash[2]);
/* When its customer is one of the set: learn who it is, and add a fact that counts. */
loy_status loy__agains_take(loy__agains *set, loy_store *store, const loy__fact *fact,
                            const loy__glance *glance, int counts, loy_error *error);
/* Read the journal for all that are not ready. */
loy_status loy__agains_fold(loy__agains *set, loy_store *store, loy_error *error);
void loy__agains_free(loy__agains *set, loy_store *store);

#endif
