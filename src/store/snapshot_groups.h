/* What writing and loading customers of a snapshot share: its form, which the room's README tells. */
#ifndef LOY_STORE_SNAPSHOT_GROUPS_H
#define LOY_STORE_SNAPSHOT_GROUPS_H

#include "store/snapshot.h"

#define LOY__LIST_TAG    UINT32_C(0x54535543) /* "CUST" */
#define LOY__LIST_HEAD   32u                  /* tag, layout, keyed, 0, fingerprint */
#define LOY__GROUP_HEAD  16u                  /* customers, and the bytes of who, images and large images */
#define LOY__GROUP_COUNT 8192u                /* most customers of a group */
/* Images above this lie apart: their blocks are of rounded sizes. */
#define LOY__IMAGE_LARGE ((size_t)LOY__ARENA_EXACT * LOY__IMAGE_STEP)

/* Totals, three of numbered and three of named customers. */
enum { LOY__TOTAL_CUSTOMERS, LOY__TOTAL_RECORD_BYTES, LOY__TOTAL_KEY_BYTES, LOY__TOTALS };

static inline unsigned loy__snapshot_total_of(const loy__customers *table, unsigned which)
{
	return which + (table->keyed ? LOY__TOTALS : 0);
}

#endif
