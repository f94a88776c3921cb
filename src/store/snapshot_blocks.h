/* What writing and reading the blocks of a snapshot's file share: their form, which the room's README tells. */
#ifndef LOY_STORE_SNAPSHOT_BLOCKS_H
#define LOY_STORE_SNAPSHOT_BLOCKS_H

#include "store/files.h"
#include "store/snapshot.h"

#define LOY__SNAPSHOT_MAGIC      "LOYSNAP\n"
#define LOY__SNAPSHOT_VERSION    1u
#define LOY__SNAPSHOT_HEAD       64u /* for ever, whatever the version is; within the first block */
#define LOY__SNAPSHOT_BLOCK      65536u
#define LOY__SNAPSHOT_BLOCK_HEAD 16u
#define LOY__SNAPSHOT_END        (LOY__SNAPSHOT_BLOCK_HEAD + 8u + 8u * LOY__SNAPSHOT_TOTALS)

enum { LOY__SNAPSHOT_DATA = 1, LOY__SNAPSHOT_LAST = 2 };

/* Checksums begin with what no other file has in common with this one. */
uint32_t loy__snapshot_seed(const uint8_t *store_id, uint64_t number);
void loy__snapshot_file_head(uint8_t *head, const uint8_t *store_id, uint64_t number, uint32_t version);

#endif
