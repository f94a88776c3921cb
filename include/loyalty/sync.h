/**
 * @file loyalty/sync.h
 * @brief Stores on files exchange records: any order, any number of times, and those that have seen the same
 * are the same.
 *
 * Each opening that records something is a life of the store with a random 64-bit name; a record's tag is
 * (life, number), and a version vector says which tags a store has. A vector takes 24 bytes for each life
 * whose records arrived without gaps. Lives make stores restored from a backup harmless: what they record
 * after it has other tags.
 *
 * What is the same in all stores with the same records (loy_store_hash()): profiles, aliases, erasures, known
 * identities, conflicts. Of several contents with one identity the one with the smallest (digest, bytes)
 * counts everywhere, whichever came first; the others are kept and listed.
 *
 * Threads: as in `loyalty/store.h`.
 */
#ifndef LOYALTY_SYNC_H
#define LOYALTY_SYNC_H

#include <loyalty/journal.h>

LOY_BEGIN_DECLS

/**
 * The version vector as canonical bytes. @return LOY_OK, LOY_EINVAL, LOY_ESTATE (in memory) or LOY_EBUFFER
 * with *needed.
 */
LOY_API loy_status loy_store_vector(const loy_store *store, void *buffer, size_t capacity, size_t *needed);

/** Takes the bytes of a bundle as they are made; returns not 0 to stop. */
typedef int32_t (*loy_sink)(const void *bytes, size_t size, void *user_data);
/** What an export holds. */
typedef struct loy_export_result {
	uint32_t struct_size; /**< sizeof(loy_export_result) in the caller's build. */
	uint32_t complete; /**< 0 when @p limit ended it: import it, then ask again with the new vector. */
	uint64_t records;
	uint64_t bytes;
} loy_export_result;
/**
 * Write a bundle of the records that a store with version vector @p since lacks (NULL, 0: all), at most about
 * @p limit bytes (0: no limit). What waits is committed first; erased content is not in it.
 * @return LOY_OK, LOY_EINVAL, LOY_ESTATE, LOY_EFORMAT (vector), LOY_ECANCELLED (sink), LOY_EIO, LOY_ENOMEM or
 * LOY_EDAMAGED.
 */
LOY_API loy_status loy_store_export(loy_store *store, const void *since, size_t since_size, uint64_t limit,
                                    loy_sink sink, void *user_data, loy_export_result *result,
                                    loy_error *error);

/** What became of an import. */
typedef struct loy_import_result {
	uint32_t struct_size; /**< sizeof(loy_import_result) in the caller's build. */
	uint32_t reserved;
	uint64_t records;   /**< Records of the bundle. */
	uint64_t recorded;  /**< New here and in force. */
	uint64_t known;     /**< Known by tag or by identity and content. */
	uint64_t conflicts; /**< Other content for an identity known here. */
	uint64_t erased;    /**< Events of customers erased here. */
	uint64_t future;    /**< Events after latest_time: recorded, and counted here. */
	uint64_t refused;   /**< Left out, because a profile cannot count that much: see LOY_EOVERFLOW. */
} loy_import_result;
/**
 * Take in a bundle. It is checked whole before anything is changed, then recorded in groups; when that is cut
 * short (LOY_ENOMEM, LOY_ELIMIT, LOY_EFULL, LOY_EIO, LOY_ECANCELLED, a crash) the groups recorded stay, and
 * importing the bundle again goes on from there. Committed when it returns LOY_OK; @p result tells how far it
 * came in any case. @p options gives progress and latest_time; NULL: none.
 * @return LOY_OK; LOY_EFORMAT, LOY_ECHECKSUM, LOY_EVERSION or LOY_ESCHEMA with the byte in @p error, and what
 * the check of an event returns; LOY_EINVAL (also for bundles of another pseudonym key), LOY_ESTATE,
 * LOY_EREADONLY: unchanged; or as above; LOY_EOVERFLOW: a profile cannot count that much, see
 * `loyalty/profile.h`. What it cannot count is left out, the first of it is the byte in @p error, all else is
 * taken in and committed; the version vector lacks it, so that it comes again with the next bundle.
 */
LOY_API loy_status loy_store_import(loy_store *store, const void *bundle, size_t size,
                                    const loy_batch_options *options, loy_import_result *result,
                                    loy_error *error);
/**
 * Ship a store to a new till: all records in one bundle, without content that was erased. The new till
 * imports it like any other and makes the profiles from it, at about a million records a second: profiles are
 * never believed from outside. A copy of the files of a closed store does as well, and lives on as a till of
 * its own.
 */
LOY_API loy_status loy_store_ship(loy_store *store, loy_sink sink, void *user_data, loy_export_result *result,
                                  loy_error *error);

/** One identity with more than one content: the content that counts and one that does not. */
LOY_API uint64_t loy_store_conflict_count(const loy_store *store);
/**
 * Fill the caller's events (NULL allowed) with the @p index-th conflict, in order of identity. LOY_ENOTFOUND
 * beyond the last. Contents that were erased are none.
 */
LOY_API loy_status loy_store_conflict(loy_store *store, uint64_t index, loy_event *counts, loy_event *other,
                                      loy_error *error);

/** Who somebody is: a number, or a key when it is 0. */
typedef struct loy_who {
	uint64_t customer;
	const char *key;
	size_t length;
} loy_who;
/**
 * Two customers were found to be one: from now on @p part belongs to @p whole, events of both count for @p
 * whole, and reading @p part reads @p whole. The latest statement about a part by (time, tag) holds; of
 * statements that would make a circle the latest does not hold. Nothing is lost: loy_store_separate() makes
 * @p part a customer of its own again. @return LOY_OK, LOY_EINVAL, LOY_ELIMIT, LOY_EUTF8, LOY_ETIME, LOY_ENOMEM,
 * LOY_EFULL, LOY_EIO, LOY_EREADONLY or LOY_ESTATE (in memory).
 */
LOY_API loy_status loy_store_join(loy_store *store, const loy_who *part, const loy_who *whole, int64_t time,
                                  loy_error *error);
LOY_API loy_status loy_store_separate(loy_store *store, const loy_who *part, int64_t time, loy_error *error);
/**
 * Whom a customer is part of: the key is copied as loy_store_customer() does. LOY_ENOTFOUND: it is its own.
 */
LOY_API loy_status loy_store_whole(const loy_store *store, const loy_who *part, uint64_t *customer, char *key,
                                   size_t capacity, size_t *key_length);

LOY_END_DECLS
#endif
