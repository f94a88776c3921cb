/* What tests of snapshots share: stores written and loaded, files that fail, bytes of files. */
#ifndef LOY_TESTS_SNAPSHOTS_H
#define LOY_TESTS_SNAPSHOTS_H

#include "stores.h"
#include "store/snapshot.h"

/* The id of the store that snapshots of tests belong to. */
extern const uint8_t snapshots_id[16];

/* A directory in memory; fails the test when there is none. Give it back with loy_files_close(). */
loy_files snapshots_files(void);

/* Position that snapshots_save() gives the entry-th customer of a table. */
#define SNAPSHOTS_POSITION(entry, keyed) ((uint64_t)(entry)*3 + (keyed))
/* Write a store's customers, those with numbers first. Without finish on failure, so nothing is left. */
loy_status snapshots_save(const loy_store *store, const loy_files *files, uint64_t number,
                          const loy_allocator *memory, loy_error *error);
/* Load them into an empty store, which is empty again on failure; all of the snapshot must have been read. */
loy_status snapshots_load(loy_store *store, const loy_files *files, uint64_t number,
                          const loy_allocator *memory, uint32_t threads, loy_error *error);

/* All bytes of snapshot `number`, from malloc; and a file put in its place. */
uint8_t *snapshots_bytes(const loy_files *files, uint64_t number, size_t *size);
void snapshots_put(const loy_files *files, uint64_t number, const uint8_t *bytes, size_t size);
/* How many files there are. */
size_t snapshots_count(const loy_files *files);
/* Make all checksums of blocks right again after bytes were changed: what is left to find is structure. */
void snapshots_mend(uint8_t *bytes, size_t size, uint64_t number);

/*
 * Files that refuse call number `until` (counted from 0; list, entropy and close cannot) with `status`, and all later
 * ones when `forever` is set.
 */
struct failing_files {
	loy_files files; /* of the test: pass this */
	loy_files real;
	long until, calls;
	int forever;
	loy_status status;
	long open; /* handles not closed */
};
void failing_files(struct failing_files *failing, const loy_files *real);

#endif
