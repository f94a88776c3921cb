/*
 * Snapshots: a stream of bytes in checked blocks of 64 KiB, under a new name, named by meta when it is complete.
 * What the bytes mean: first customers with their records as they lie in memory (snapshot_groups.h), so that
 * loading is hardly more than reading; then what the ledger adds (image.c). The file format is in README.md.
 *
 * snapshot.c        files written, block by block
 * snapshot_read.c   files read
 * snapshot_write.c  customers into them
 * snapshot_load.c   customers from them
 */
#ifndef LOY_STORE_SNAPSHOT_H
#define LOY_STORE_SNAPSHOT_H

#include "store/store.h"

typedef struct loy__snapshot_writer loy__snapshot_writer;
/*
 * Begin snapshot `number` ("snap-" and 16 hexadecimal digits), a number never used before. Checksums are seeded
 * with the store's id. `files` is copied, `memory` too.
 */
loy_status loy__snapshot_writer_create(loy__snapshot_writer **out, const loy_files *files,
                                       const uint8_t store_id[16], uint64_t number,
                                       const loy_allocator *memory, loy_error *error);
/* Most bytes the file may have; LOY_EFULL beyond. None at first. */
void loy__snapshot_limit(loy__snapshot_writer *writer, uint64_t bytes);
/* After a failure every further call fails with the same status. */
loy_status loy__snapshot_write(loy__snapshot_writer *writer, const void *bytes, size_t size,
                               loy_error *error);
/* Bytes written or waiting so far; what a step of compaction is measured by. */
uint64_t loy__snapshot_written(const loy__snapshot_writer *writer);
/* Write the end, sync file and directory, close the file. Meta is the caller's. */
loy_status loy__snapshot_finish(loy__snapshot_writer *writer, loy_error *error);
/* Without finish the file is removed. NULL is allowed. */
void loy__snapshot_writer_destroy(loy__snapshot_writer *writer);

/*
 * Totals: numbers known only when all is written, but told before anything is read, so that whoever reads can make
 * room at once. They lie in the end of the file. The first six are used by customers; the others are free. Returns
 * the total so far.
 */
#define LOY__SNAPSHOT_TOTALS 8
uint64_t loy__snapshot_add_total(loy__snapshot_writer *writer, unsigned which, uint64_t amount);

/* Customers that wait to be written together (snapshot_write.c). */
typedef struct loy__snapshot_group {
	uint32_t count;
	loy__writer who, positions, sizes, images, large;
} loy__snapshot_group;
loy__snapshot_group *loy__snapshot_writer_group(loy__snapshot_writer *writer);

typedef struct loy__snapshot_reader loy__snapshot_reader;
/*
 * LOY_ENOTFOUND when there is no such file, LOY_EVERSION when a newer version wrote it, LOY_EDAMAGED for anything
 * that a snapshot of this store with this number is not. The end is read first, blocks when their bytes are.
 */
loy_status loy__snapshot_reader_create(loy__snapshot_reader **out, const loy_files *files,
                                       const uint8_t store_id[16], uint64_t number,
                                       const loy_allocator *memory, loy_error *error);
/*
 * Read exactly size bytes into `out`; LOY_EDAMAGED with the byte otherwise. Failures stay, as of writers. Whole
 * blocks are read into their place.
 */
loy_status loy__snapshot_read(loy__snapshot_reader *reader, void *out, size_t size, loy_error *error);
/* The same without a copy where a block allows it: *out borrowed until the next call. At most 64 KiB. */
loy_status loy__snapshot_borrow(loy__snapshot_reader *reader, const uint8_t **out, size_t size,
                                loy_error *error);
uint64_t loy__snapshot_left(const loy__snapshot_reader *reader);
uint64_t loy__snapshot_total(const loy__snapshot_reader *reader, unsigned which);
/* LOY_EDAMAGED, blaming the byte read last: for whoever finds that the bytes cannot be. Stays. */
loy_status loy__snapshot_refuse(loy__snapshot_reader *reader, loy_error *error);
/* The same, blaming a byte that loy__snapshot_byte() said before: where the reader is in the file. */
loy_status loy__snapshot_refuse_at(loy__snapshot_reader *reader, uint64_t byte, loy_error *error);
uint64_t loy__snapshot_byte(const loy__snapshot_reader *reader);
void loy__snapshot_reader_destroy(loy__snapshot_reader *reader);

/*
 * Customers of a table, one after the other, so that a step may stop after any, each with the position of the last
 * record its profile holds. The table may change between calls, but a customer must not be written twice: the
 * loader refuses that. Some wait in memory until there are enough (half a megabyte of records) to be written together.
 */
loy_status loy__snapshot_write_customer(loy__snapshot_writer *writer, const loy_store *store,
                                        const loy__customers *table, uint32_t entry, uint64_t position,
                                        loy_error *error);
/* Ends the list of customers of a table, which may be empty. Once for each table, numbered or named. */
loy_status loy__snapshot_end_customers(loy__snapshot_writer *writer, const loy_store *store,
                                       const loy__customers *table, loy_error *error);
/*
 * Fill an empty table, numbered or named, of the store: records and keys from its arenas, which get one chunk each,
 * and the index. `positions`: uint64_t by entry, empty before; NULL: not wanted. LOY_ESCHEMA: the customers follow
 * another schema. LOY_ESTATE: records lie otherwise in this version, and profiles have to be made from the journal
 * again. Hostile bytes are LOY_EDAMAGED. On failure the store has no customers at all, and `positions` is empty.
 * With two threads or more another one looks at what the caller's reads.
 */
loy_status loy__snapshot_load_customers(loy__snapshot_reader *reader, loy_store *store, loy__customers *table,
                                        loy__vector *positions, uint32_t threads, loy_error *error);

#endif
