/*
 * The journal of a store on files: records appended in order, committed by a sync, read again in order. What records
 * mean is not known here (ledger.h knows); bytes and crashes are. The file format is in README.md.
 *
 * frame.c      frames: checksums, lengths, numbers; records of one frame or several
 * segment.c    journal files: making them ahead, reading them in order, replacing one
 * meta.c       the two meta files: which files count
 * journal.c    appending, committing, the chain; recover.c opening
 */
#ifndef LOY_STORE_JOURNAL_H
#define LOY_STORE_JOURNAL_H

#include <loyalty/journal.h>
#include "core/core.h"

/* Longest body of a record: an event of the greatest size with its tag, or a profile. */
#define LOY__RECORD_MAX (UINT32_C(1) << 18)

/* Record types on file are LOY_RECORD_…; those from here on are the journal's own. Unknown types with bit 7 are skipped. */
enum { LOY__RECORD_CHAIN = 32, LOY__RECORD_LIFE = 33 };

typedef struct loy__record_view {
	uint64_t position; /* from 1, without gaps; the same for ever, also after compaction */
	uint32_t type;
	uint32_t size;
	const uint8_t *body; /* borrowed until the next call */
} loy__record_view;

/* What a store's files say about it; in both meta files, written in turn. */
typedef struct loy__meta {
	uint8_t store_id[16];      /* random; seeds every checksum, so that files of another store never pass */
	uint32_t generation;       /* grows with every opening for writing */
	uint32_t flags;            /* LOY_STORE_UNCHAINED, … as chosen when made */
	uint64_t segment_bytes;
	uint64_t pseudonym_check;  /* of the pseudonym key; 0: none */
	uint64_t snapshot;         /* number of the snapshot in force; 0: none */
	uint64_t older_snapshot;   /* one before it that is kept for the past; 0: none */
	uint64_t first_segment, last_segment;
} loy__meta;

typedef struct loy__journal loy__journal;
/* Takes a record; not LOY_OK stops the reading with that status. */
typedef loy_status (*loy__visit_record)(const loy__record_view *record, void *user);

typedef struct loy__journal_options {
	loy_files files;
	uint64_t segment_bytes, files_limit;
	uint32_t flags;
	int padded, read_only;
	uint64_t pseudonym_check;
} loy__journal_options;

/* Lock, read meta or make a new store. Then snapshot, then loy__journal_replay(). */
loy_status loy__journal_open(loy__journal **out, const loy__journal_options *options, const loy_allocator *memory,
                             loy_error *error);
void loy__journal_close(loy__journal *journal);
const loy__meta *loy__journal_meta(const loy__journal *journal);
/*
 * Give all committed records after position `after` to visit, find the end, tell a torn tail from damage, and, unless
 * read-only, begin a new generation so that the journal can be appended to. Fills the byte counts of `report`.
 */
loy_status loy__journal_replay(loy__journal *journal, uint64_t after, loy__visit_record visit, void *user,
                               loy_recovery *report, loy_error *error);

/* Make sure that `records` records of together `bytes` body bytes can be appended: LOY_EFULL, LOY_ENOMEM, LOY_EIO before anything changed. */
loy_status loy__journal_reserve(loy__journal *journal, uint64_t records, uint64_t bytes, loy_error *error);
/* Append a record for which there is room; its body may come in two parts (the second may be NULL, 0). Cannot fail. */
uint64_t loy__journal_append(loy__journal *journal, uint32_t type, const void *a, size_t a_size, const void *b, size_t b_size);
/* Records appended from here to the matching end are committed all or none. */
void loy__journal_begin(loy__journal *journal);
void loy__journal_end(loy__journal *journal);
/* Write and sync. On failure the journal is poisoned: LOY_EIO from then on. */
loy_status loy__journal_commit(loy__journal *journal, loy_error *error);
uint64_t loy__journal_last(const loy__journal *journal);      /* position of the last record, pending ones included */
uint64_t loy__journal_committed(const loy__journal *journal);
/* LOY_OK, or LOY_EIO when poisoned, or LOY_EREADONLY. */
loy_status loy__journal_writable(const loy__journal *journal, loy_error *error);

/* Read committed records from position `from` on, in order, until visit stops; several readers may be open. */
typedef struct loy__journal_reader loy__journal_reader;
loy_status loy__journal_reader_create(loy__journal_reader **out, loy__journal *journal, uint64_t from, loy_error *error);
/* LOY_ENOTFOUND after the last committed record. */
loy_status loy__journal_reader_next(loy__journal_reader *reader, loy__record_view *out, loy_error *error);
void loy__journal_reader_destroy(loy__journal_reader *reader);

/* Compaction: segments by index from 0; the last one is being written and is left alone. */
uint32_t loy__journal_segment_count(const loy__journal *journal);
void loy__journal_segment_span(const loy__journal *journal, uint32_t segment, uint64_t *first, uint64_t *last, uint64_t *bytes);
/*
 * Write a segment anew, each record with the type and body that `edit` leaves in it (a shorter or equal body; the position
 * stays, the chain's link too), and put it in the old one's place, atomically.
 */
typedef loy_status (*loy__edit_record)(loy__record_view *record, uint8_t *body, void *user);
loy_status loy__journal_rewrite(loy__journal *journal, uint32_t segment, loy__edit_record edit, void *user, loy_error *error);
/* Name another snapshot in meta; written and synced. Files of snapshots that meta no longer names are removed. */
loy_status loy__journal_set_snapshots(loy__journal *journal, uint64_t snapshot, uint64_t older, loy_error *error);
/* Walk the chain from the first record; LOY_EDAMAGED where it breaks. head: 32 bytes. */
loy_status loy__journal_verify_chain(loy__journal *journal, uint8_t *head, loy_progress progress, void *user, loy_error *error);
/* All bytes of journal files; and of all files of the store. */
uint64_t loy__journal_bytes(const loy__journal *journal);

#endif
