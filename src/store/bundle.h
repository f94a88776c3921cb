/*
 * Bundles: facts on their way from one store to another, as bytes. README.md has the format. What facts mean is not
 * known here; that each byte is the one that was written, and that there is one way to write it, is.
 *
 * bundle.c   writing and reading;  export.c, import.c the calls
 */
#ifndef LOY_STORE_BUNDLE_H
#define LOY_STORE_BUNDLE_H

#include <loyalty/sync.h>
#include "store/ledger.h"

#define LOY__BUNDLE_BLOCK 65536u /* a block takes no more records once its payload is this long */

/* Writes a bundle into a sink, block by block. The first failure stays in `status`. */
typedef struct loy__bundle_writer {
	loy_sink sink;
	void *user_data;
	loy_status status;
	loy__writer block;  /* the payload being filled */
	uint64_t records;
	uint64_t bytes;     /* given to the sink */
	uint32_t sum;       /* of all of them */
	int first;          /* no record in this block yet */
	loy__tag last;
} loy__bundle_writer;

void loy__bundle_writer_init(loy__bundle_writer *w, const loy_allocator *memory, uint64_t pseudonym_check,
                             loy_sink sink, void *user_data);
void loy__bundle_add(loy__bundle_writer *w, const loy__fact *fact);
/* Bytes of the bundle if it ended now. */
uint64_t loy__bundle_size(const loy__bundle_writer *w);
/* The end of the bundle. Returns the status of the whole. */
loy_status loy__bundle_finish(loy__bundle_writer *w);
void loy__bundle_writer_free(loy__bundle_writer *w);

/* Reads a bundle that may be hostile. */
typedef struct loy__bundle_reader {
	loy__reader in;
	size_t block;             /* where the payload begins that is being read */
	size_t block_end;
	uint32_t sum;
	int first;
	loy__tag last;
	uint64_t records;
	uint64_t pseudonym_check; /* from the head */
} loy__bundle_reader;

/* Checks the head. LOY_EFORMAT, LOY_ECHECKSUM, LOY_EVERSION with the byte in the error, here and below. */
loy_status loy__bundle_reader_init(loy__bundle_reader *r, const void *bundle, size_t size, loy_error *error);
/* The next fact, its body borrowed from the bundle; LOY_ENOTFOUND after the last, when all was in order. */
loy_status loy__bundle_next(loy__bundle_reader *r, loy__fact *out, loy_error *error);

#endif
