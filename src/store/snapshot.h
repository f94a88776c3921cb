/*
 * Snapshots: a stream of bytes in checked blocks of 64 KiB, under a new name, named by meta when it is complete. What
 * the bytes mean: first customers with their records as they lie in memory (snapshot_customers.c), so that loading is
 * hardly more than reading; then what the ledger adds (ledger_image.c).
 *
 * snapshot.c            files, blocks
 * snapshot_customers.c  customers
 */
#ifndef LOY_STORE_SNAPSHOT_H
#define LOY_STORE_SNAPSHOT_H

#include "store/store.h"

typedef struct loy__snapshot_writer loy__snapshot_writer;
/* Begin snapshot `number` ("snap-" and 16 hexadecimal digits). Checksums are seeded with the store's id. */
loy_status loy__snapshot_writer_create(loy__snapshot_writer **out, const loy_files *files, const uint8_t store_id[16],
                                       uint64_t number, const loy_allocator *memory, loy_error *error);
loy_status loy__snapshot_write(loy__snapshot_writer *writer, const void *bytes, size_t size, loy_error *error);
/* Bytes written so far; what a step of compaction is measured by. */
uint64_t loy__snapshot_written(const loy__snapshot_writer *writer);
/* Write the end, sync file and directory. Meta is the caller's. */
loy_status loy__snapshot_finish(loy__snapshot_writer *writer, loy_error *error);
/* Without finish the file is removed. */
void loy__snapshot_writer_destroy(loy__snapshot_writer *writer);

typedef struct loy__snapshot_reader loy__snapshot_reader;
loy_status loy__snapshot_reader_create(loy__snapshot_reader **out, const loy_files *files, const uint8_t store_id[16],
                                       uint64_t number, const loy_allocator *memory, loy_error *error);
/* Read exactly size bytes into `out`; LOY_EDAMAGED with the byte otherwise. */
loy_status loy__snapshot_read(loy__snapshot_reader *reader, void *out, size_t size, loy_error *error);
/* The same without a copy where a block allows it: *out borrowed until the next call. */
loy_status loy__snapshot_borrow(loy__snapshot_reader *reader, const uint8_t **out, size_t size, loy_error *error);
uint64_t loy__snapshot_left(const loy__snapshot_reader *reader);
void loy__snapshot_reader_destroy(loy__snapshot_reader *reader);

/*
 * Customers of a table with, for each, the position of the last record its profile holds (`positions`: uint64_t by entry).
 * Written entry by entry, so that a step may stop after any; loaded as one arena chunk of records with the index built.
 */
loy_status loy__snapshot_write_customer(loy__snapshot_writer *writer, const loy__customers *table, uint32_t entry,
                                        uint64_t position, loy_error *error);
/* Ends the list of customers of a table. */
loy_status loy__snapshot_end_customers(loy__snapshot_writer *writer, loy_error *error);
/* Fill an empty table, records and keys from the store's arenas. Hostile bytes are LOY_EDAMAGED. */
loy_status loy__snapshot_load_customers(loy__snapshot_reader *reader, loy_store *store, loy__customers *table,
                                        loy__vector *positions, loy_error *error);

#endif
