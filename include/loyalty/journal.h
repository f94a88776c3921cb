/**
 * @file loyalty/journal.h
 * @brief Stores on files: opening and recovery, commit, compaction, verification, the past.
 *
 * The journal holds every record (events, erasures, aliases) for ever, in the order in which the store
 * accepted them; snapshots hold profiles and make opening fast; profiles are nothing but the sum of the
 * journal. Formats are in `src/store/README.md`.
 *
 * What acknowledged means: with LOY_DURABLE_EACH the LOY_OK of the call that recorded, else the LOY_OK of the
 * loy_store_commit() or loy_store_tick() after it. What was acknowledged survives a crash of the process, of
 * the system and of the power at any moment; what was not is there completely or not at all. After a write or
 * a sync has failed nothing is acknowledged any more: every call but loy_store_destroy() returns LOY_EIO
 * until the store is opened again. LOY_EFULL and LOY_ENOMEM come before anything was changed, and the store
 * goes on.
 *
 * Threads and processes: as in `loyalty/store.h`; one process at a time holds a store open for writing
 * (LOY_ELOCKED), readers (LOY_STORE_READ_ONLY) take no lock and see what was committed when they opened.
 * Calls that read files may refuse them with LOY_ESTATE when the writer compacted or was opened anew meanwhile; then
 * they open again. Opening does so itself, and returns LOY_ESTATE when the files change each time it tries.
 */
#ifndef LOYALTY_JOURNAL_H
#define LOYALTY_JOURNAL_H

#include <loyalty/store.h>

LOY_BEGIN_DECLS

/** What opening found. Zero it and set struct_size. */
typedef struct loy_recovery {
	uint32_t struct_size; /**< sizeof(loy_recovery) in the caller's build. */
	uint32_t clean;            /**< 1 when the store was closed in order or is new: nothing had to be
					recovered. */
	uint64_t snapshot_records; /**< Records that came from the snapshot. */
	uint64_t replayed;         /**< Records read from the journal after it. */
	uint64_t torn_bytes;       /**< Bytes of unfinished, never acknowledged writes that were dropped. */
	uint64_t doubtful_high;    /**< Identity of the first event among those bytes that can be made out:
					send it */
	uint64_t doubtful_low;     /**< again. 0, 0: none. */
	uint64_t rebuilt;          /**< 1 when profiles were built again from the journal. */
} loy_recovery;

/**
 * Open the store on directory @p path (made when missing), or on options->files; without both, a store in
 * memory. Recovery needs no tool: what was acknowledged is there, torn tails are dropped and reported. The
 * model must outlive the store; when its schema is another than that of the files, LOY_ESCHEMA, or with
 * LOY_STORE_REBUILD profiles are built again: with progress, and when cancelled the next opening goes on
 * where this one stopped.
 * @return LOY_OK; LOY_EINVAL, LOY_ENOMEM, LOY_ELIMIT; LOY_ELOCKED; what the files say (LOY_ENOTFOUND, LOY_EDENIED,
 * LOY_EREADONLY, LOY_EFULL, LOY_EIO; LOY_ENOTFOUND also when there is no store to read); LOY_EVERSION: written
 * by a newer version; LOY_EDAMAGED: acknowledged records cannot be read (file and byte in @p error; see
 * loy_store_salvage()); LOY_ESCHEMA; LOY_ECANCELLED.
 */
LOY_API loy_status loy_store_open(loy_store **out, const char *path, size_t length, const loy_model *model,
                                  const loy_store_options *options, const loy_allocator *memory,
                                  loy_recovery *recovery, loy_error *error);
/**
 * Copy all records that can still be read from damaged files into a new, empty directory, which can then be
 * opened.
 * @p lost gets the number of records that are missing, as far as their numbers show. The damaged files are
 * only read.
 */
LOY_API loy_status loy_store_salvage(const loy_files *damaged, const loy_files *out, uint64_t *saved, uint64_t *lost,
                                     const loy_allocator *memory, loy_error *error);

/**
 * Write and sync what is pending; LOY_OK acknowledges it. Stores in memory: LOY_OK. @return LOY_OK, LOY_EINVAL,
 * LOY_EREADONLY, LOY_EFULL, LOY_EIO or LOY_ENOMEM.
 */
LOY_API loy_status loy_store_commit(loy_store *store, loy_error *error);
/**
 * Commit when the group's bounds are reached at @p now (any clock that does not run backwards). @return as
 * loy_store_commit().
 */
LOY_API loy_status loy_store_tick(loy_store *store, int64_t now, loy_error *error);
/**
 * An identity for the next event of a device (1 to 2^31 - 1): the epoch is new for each opening, so neither a
 * crash nor a restored backup makes the same identity twice. @return LOY_OK, LOY_EINVAL, LOY_ESTATE for stores in
 * memory, LOY_EREADONLY, LOY_ENOMEM, LOY_ELIMIT or LOY_EIO (no random bytes, or files that failed before).
 */
LOY_API loy_status loy_store_next_identity(loy_store *store, uint32_t device, uint64_t *high, uint64_t *low);

/**
 * One step of compaction: write a fresh snapshot, drop the bytes of erased content from journal and
 * snapshots, give files back that nobody needs. At most about @p bytes are written, then the call returns
 * with *left 1 while there is more to do; other calls may come between steps, and a crash at any point loses
 * nothing. A till calls it when idle: nothing else writes snapshots, and opening replays what came after the
 * last one. A journal file is rewritten as a whole, and identities that no device counted up are written in
 * one step. An erasure, an alias or a conflict that changes which content counts makes the snapshot begin
 * anew. Stores in memory: LOY_OK, *left 0. @return LOY_OK, LOY_EINVAL, LOY_EREADONLY, LOY_EFULL (also when
 * files_limit leaves no room for another snapshot beside the one in force), LOY_ENOMEM, LOY_ELIMIT, LOY_EIO or
 * LOY_EDAMAGED; after LOY_EFULL, LOY_ENOMEM and LOY_ELIMIT the store goes on without having been compacted.
 */
LOY_API loy_status loy_store_compact(loy_store *store, uint64_t bytes, uint32_t *left, loy_error *error);

/** What loy_store_verify() looks at. */
enum {
	LOY_VERIFY_FILES = 1,    /**< Every byte of journal and snapshots: checksums, numbers, structure. */
	LOY_VERIFY_PROFILES = 2, /**< Profiles equal the sum of the journal, to the byte. */
	LOY_VERIFY_CHAIN = 4,    /**< The hash chain over the journal. */
	LOY_VERIFY_ALL = 7
};
typedef struct loy_verification {
	uint32_t struct_size; /**< sizeof(loy_verification) in the caller's build. */
	uint32_t chained;       /**< 1 when the store keeps a chain. */
	uint64_t records;       /**< Records read. */
	uint64_t bytes;         /**< Bytes read. */
	uint64_t wrong;         /**< Customers whose profile is not the sum of the journal. */
	uint8_t head[32];       /**< The chain's value after the last record: keep it elsewhere to prove later
				     that nothing before it was changed. BLAKE2s-256 (RFC 7693); erased
				     content keeps its link. */
} loy_verification;
/**
 * Check a store on files, what is pending committed before. Profiles are compared with a second store, so
 * that takes their memory once more. @p progress may be NULL. @return LOY_OK; LOY_EINVAL; LOY_EDAMAGED with file
 * and byte in @p error (also when profiles are wrong); LOY_ECANCELLED; LOY_EIO; LOY_ENOMEM or LOY_ELIMIT; LOY_ESTATE
 * for stores in memory.
 */
LOY_API loy_status loy_store_verify(loy_store *store, uint32_t what, loy_verification *result, loy_progress progress,
                                    void *user_data, loy_error *error);
/**
 * Build all profiles again from the journal, in place; the old ones stay when it fails or is cancelled (so
 * both are in memory for a while). Rows may be others afterwards: loy_store_sort(). @return LOY_OK, LOY_EINVAL,
 * LOY_ESTATE (in memory), LOY_ENOMEM, LOY_ELIMIT, LOY_ECANCELLED, LOY_EIO or LOY_EDAMAGED.
 */
LOY_API loy_status loy_store_rebuild(loy_store *store, loy_progress progress, void *user_data, loy_error *error);

/**
 * The past: a new store in memory (of @p model, which may have another schema) with the events whose time is
 * at most
 * @p time, as known now. Erasures and aliases hold as of now; of a merged profile nothing counts unless all
 * of it does. It remembers no identities. It is read from the journal, or copied when all events lie before
 * and the schema is the same.
 * @return LOY_OK, LOY_EINVAL, LOY_ETIME, LOY_ESTATE, LOY_ESCHEMA (profiles of another schema were merged),
 * LOY_EIO, LOY_ENOMEM, LOY_EDAMAGED, LOY_ECANCELLED.
 */
LOY_API loy_status loy_store_as_of(loy_store *store, int64_t time, const loy_model *model, loy_store **out,
                                   const loy_allocator *memory, loy_progress progress, void *user_data,
                                   loy_error *error);
/** The same for one customer: into the caller's profile, whose schema decides. LOY_ENOTFOUND: nothing counts. */
LOY_API loy_status loy_store_profile_as_of(loy_store *store, int64_t time, uint64_t customer, const char *key,
                                           size_t length, loy_profile *out, loy_error *error);

/** Kinds of records. */
enum {
	LOY_RECORD_EVENT = 1,   /**< An event. */
	LOY_RECORD_RETRACT = 2, /**< An event taken back. */
	LOY_RECORD_PROFILE = 3, /**< A profile merged into a customer's. */
	LOY_RECORD_ERASE = 4,   /**< A customer erased. */
	LOY_RECORD_ALIAS = 5,   /**< A customer made part of another, or on its own again. */
	LOY_RECORD_GONE = 6     /**< An event whose content was erased: its identity. */
};
/** Reads the journal from the first record on. The store must not be changed while a cursor is in use. */
typedef struct loy_cursor loy_cursor;
/** @return LOY_OK, LOY_EINVAL, LOY_ESTATE (a store in memory), LOY_EIO, LOY_EDAMAGED or LOY_ENOMEM. */
LOY_API loy_status loy_cursor_create(loy_cursor **out, loy_store *store, loy_error *error);
/** Release, before the store. NULL is allowed. Never fails. */
LOY_API void loy_cursor_destroy(loy_cursor *cursor);
/**
 * The next record: its kind, its position (from 1) and, for EVENT and RETRACT, the event. @return LOY_OK,
 * LOY_ENOTFOUND after the last, LOY_EDAMAGED, LOY_EIO, LOY_ENOMEM.
 */
LOY_API loy_status loy_cursor_next(loy_cursor *cursor, uint32_t *kind, uint64_t *position, loy_event *event,
                                   loy_error *error);

LOY_END_DECLS
#endif
