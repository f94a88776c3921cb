/* What a snapshot holds besides customers (image.c). Only the ledger includes this. */
#ifndef LOY_STORE_IMAGE_H
#define LOY_STORE_IMAGE_H

#include "store/ledger_state.h"

/* In front of the customers: from where on records are replayed, and the tag of the next one made here. */
typedef struct loy__base_head {
	uint64_t position;
	loy__tagging tagging;
} loy__base_head;

loy_status loy__base_write_start(loy__snapshot_writer *writer, const loy__base_head *head, loy_error *error);
loy_status loy__base_read_start(loy__snapshot_reader *reader, loy__base_head *head, loy_error *error);
/*
 * Behind them: the ledger as of a position, profiles of parties as of another, which lies before only while profiles
 * are being made again. `scrubbed`: no journal file has bytes of erased content.
 */
loy_status loy__base_write(loy__snapshot_writer *writer, loy_store *store, uint64_t position,
                           uint64_t own_position, int scrubbed, loy_error *error);
/* Into an empty ledger. Hostile bytes are LOY_EDAMAGED; after a failure the ledger is of no use. */
loy_status loy__base_read(loy__snapshot_reader *reader, loy_store *store, int *scrubbed, loy_error *error);

#endif
