/**
 * @file loyalty/privacy.h
 * @brief Erasure, consent and export of one customer, driven by the same list of fields as everything else.
 *
 * Threads: as in `loyalty/store.h`.
 */
#ifndef LOYALTY_PRIVACY_H
#define LOYALTY_PRIVACY_H

#include <loyalty/sync.h>

LOY_BEGIN_DECLS

/**
 * Erase a customer and all who are part of it: events up to @p time count no more, here and in every store
 * the erasure reaches, also when they arrive later (LOY_EERASED; their identities stay known). Later events
 * start a new profile. The bytes leave the files with the next loy_store_compact() run to its end. Erasing
 * whom nobody knows is no error: the events may still be on their way. The record holds a hash of the
 * customer, not the customer; only a pseudonym_key keeps that hash from being found by trying customers.
 * @return LOY_OK, LOY_EINVAL, LOY_ELIMIT, LOY_EUTF8, LOY_ETIME, LOY_ENOMEM, LOY_EFULL, LOY_EIO,
 * LOY_EREADONLY, or LOY_ESTATE: a store in memory knows sums only, see loy_store_erase().
 */
LOY_API loy_status loy_store_erase_until(loy_store *store, uint64_t customer, const char *key, size_t length,
                                         int64_t time, loy_error *error);
/** The time up to which a customer is erased. LOY_ENOTFOUND: it is not; LOY_ESTATE: in memory. */
LOY_API loy_status loy_store_erased_until(const loy_store *store, uint64_t customer, const char *key,
                                          size_t length, int64_t *time);

/**
 * Whether a customer's latest consent event for a purpose (LOY_PURPOSE_…) grants it. @return LOY_OK: granted,
 * since *time; LOY_ECONSENT: refused or withdrawn, since *time; LOY_EUNKNOWN: never asked (*time untouched);
 * LOY_ENOTFOUND. @p time may be NULL.
 */
LOY_API loy_status loy_store_consent(const loy_store *store, uint64_t customer, const char *key,
                                     size_t length, uint32_t purpose, int64_t *time);

/**
 * Everything a store knows about one customer as one JSON object (UTF-8): who, profile fields by name, type
 * and unit, decayed evidence as of @p time, the scorecard as of @p time, parts, consents, and on files every
 * event. Numbers that a double does not hold exactly (integers from 2^53) are strings of digits; doubles read
 * back to the same bits; times are ISO 8601.
 * @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND, LOY_ETIME, LOY_ECANCELLED (sink), LOY_EIO, LOY_ENOMEM or
 * LOY_EDAMAGED.
 */
LOY_API loy_status loy_store_export_customer(loy_store *store, uint64_t customer, const char *key,
                                             size_t length, int64_t time, loy_sink sink, void *user_data,
                                             loy_error *error);

LOY_END_DECLS
#endif
