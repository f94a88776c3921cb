/* What tests of stores on files share: opening, events of a till, what a store holds. */
#ifndef LOY_TESTS_DURABLES_H
#define LOY_TESTS_DURABLES_H

#include "stores.h"

/* A directory in memory; the same seed gives the same random bytes. */
loy_files durable_files(uint64_t seed);
/* Options for a store on these files, journal files as small as they may be. */
loy_store_options durable_options(const loy_files *files, uint32_t durability);
/* Open; fails the test, saying why, when that is not LOY_OK. */
loy_store *durable_open(const loy_model *model, const loy_store_options *options,
                        const loy_allocator *memory);
/* Event n of a till: always the same, of one of seven customers, a third of them by key, counted up. */
void durable_event(loy_event *event, uint64_t n);
/*
 * A visit of somebody with a key, n hours after DURABLE_LATE, under an identity of random bits that is n's, with one of
 * several contents.
 */
#define DURABLE_LATE (LOY_DAY * 19800)
void durable_visit(loy_event *event, const char *key, uint64_t n, int64_t content);
/* Record events first … first + count - 1. */
void durable_record(loy_store *store, uint64_t first, uint64_t count);
/* Compact to the end. */
loy_status durable_compact(loy_store *store, uint64_t bytes);

#endif
