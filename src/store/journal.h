/*
 * The journal of a store on files: records appended in order, committed by a sync, read again in order. What
 * records mean is not known here (ledger.h knows); bytes and crashes are. The file format is in README.md.
 *
 * frame.c     frames: sums, lengths, numbers; records of one frame or several
 * meta.c      the two meta files: which files count
 * segment.c   journal files: their heads, making them ahead
 * scan.c      reading one of them frame by frame
 * journal.c   life, appending, committing; reserve.c room for that
 * recover.c   opening: what was committed, a torn tail or damage; doubt.c tells the two apart
 * reader.c    records in order; chain.c their chain; rewrite.c putting a journal file in another's place
 */
#ifndef LOY_STORE_JOURNAL_H
#define LOY_STORE_JOURNAL_H

#include <loyalty/journal.h>
#include "core/core.h"

/* Longest body of a record: an event of the greatest size with its tag, or a profile. */
#define LOY__RECORD_MAX (UINT32_C(1) << 18)

/*
 * The type of a record is one byte: bits 0 to 3 LOY_RECORD_…; 16 and 64 (a tag of 16 bytes in front of the
 * event) are ledger.h's; 32 is the journal's own, not to be used; 128: may be skipped by who does not know
 * it.
 */
typedef struct loy__record_view {
	uint64_t position; /* from 1, without gaps; the same for ever, also after compaction */
	uint32_t type;
	uint32_t size;
	const uint8_t *body; /* borrowed until the next call */
} loy__record_view;

/* What a store's files say about it; in both meta files, written in turn. */
typedef struct loy__meta {
	uint8_t store_id[16]; /* random; seeds every checksum, so that files of another store never pass */
	uint32_t generation;  /* grows with every opening for writing */
	uint32_t flags;       /* LOY_STORE_UNCHAINED, … as chosen when made */
	uint64_t segment_bytes;
	uint64_t pseudonym_check; /* of the pseudonym key; 0: none */
	uint64_t snapshot;        /* number of the snapshot in force; 0: none */
	uint64_t older_snapshot;  /* one before it that is kept for the past; 0: none */
	uint64_t first_segment, last_segment;
	uint64_t last_bytes;     /* of the last segment when it was made: shorter is damage */
	uint64_t chain_position; /* up to where the chain was walked last, and its value there; 0: never */
	uint8_t chain_value[LOY__BLAKE2S_SIZE];
} loy__meta;

typedef struct loy__journal loy__journal;
/* Takes a record; not LOY_OK stops the reading with that status. */
typedef loy_status (*loy__visit_record)(const loy__record_view *record, void *user);

typedef struct loy__journal_options {
	loy_files files;
	uint64_t segment_bytes, files_limit; /* 0: those of meta, or 4 MiB; 0: no limit */
	uint32_t flags;
	int padded, read_only;
	uint64_t pseudonym_check;
} loy__journal_options;

/*
 * Lock, read meta or make a new store. Then snapshot, then loy__journal_replay(). LOY_ENOTFOUND: read-only
 * and there is no store; LOY_EINVAL: other pseudonyms; LOY_ELOCKED, LOY_EVERSION, LOY_EDAMAGED, LOY_EFULL,
 * LOY_EIO, LOY_ENOMEM; LOY_ESTATE: read-only, and the files became others meanwhile.
 */
loy_status loy__journal_open(loy__journal **out, const loy__journal_options *options,
                             const loy_allocator *memory, loy_error *error);
/* Commits nothing; gives the lock back. A journal without pending records is marked as closed in order. */
void loy__journal_close(loy__journal *journal);
const loy__meta *loy__journal_meta(const loy__journal *journal);
/*
 * Whether the files of a journal that was opened for reading only are others by now, because somebody writes: what
 * then looks like damage may be none. 0 for one that writes.
 */
int loy__journal_changed(loy__journal *journal);
/*
 * Give all committed records after position `after` (which a snapshot holds: they count as known to be on the
 * medium) to visit, find the end, tell a torn tail from damage, and, unless read-only, begin a new generation
 * so that the journal can be appended to. Fills clean, torn_bytes and doubtful_… of `report`, and adds to
 * replayed. LOY_EDAMAGED also when the journal ends before `after`.
 */
loy_status loy__journal_replay(loy__journal *journal, uint64_t after, loy__visit_record visit, void *user,
                               loy_recovery *report, loy_error *error);

/*
 * Make sure that `records` records of together `bytes` body bytes can be appended: LOY_EFULL, LOY_ENOMEM
 * before anything changed, or LOY_EIO.
 */
loy_status loy__journal_reserve(loy__journal *journal, uint64_t records, uint64_t bytes, loy_error *error);
/*
 * Append a record for which there is room; its body (at most LOY__RECORD_MAX) may come in two parts (the
 * second may be NULL, 0). Returns its position; 0, and nothing happened, only when no room was made or the
 * type is not one of a record.
 */
uint64_t loy__journal_append(loy__journal *journal, uint32_t type, const void *a, size_t a_size,
                             const void *b, size_t b_size);
/*
 * A record of one frame whose body is written where it stays: where that is, for LOY__JOURNAL_PLACE bytes at most; and
 * when they are there, as many as there are, append it. Between the two nothing else is done. As
 * loy__journal_append(): there is room for a record of `size` bytes.
 */
#define LOY__JOURNAL_PLACE 616u
uint8_t *loy__journal_place(loy__journal *journal);
uint64_t loy__journal_take(loy__journal *journal, uint32_t type, size_t size);
/* How many records of `size` bytes each there may be room made for before another journal file is begun. */
uint64_t loy__journal_fits(const loy__journal *journal, uint64_t size);
/* Records appended from here to the matching end are committed all or none. */
void loy__journal_begin(loy__journal *journal);
void loy__journal_end(loy__journal *journal);
/*
 * Write and sync. On failure the journal is poisoned: LOY_EIO from then on. LOY_ESTATE between begin and end.
 */
loy_status loy__journal_commit(loy__journal *journal, loy_error *error);
uint64_t
loy__journal_last(const loy__journal *journal); /* position of the last record, pending ones included */
uint64_t loy__journal_committed(const loy__journal *journal);
/* LOY_OK, or LOY_EIO when poisoned, or LOY_EREADONLY. */
loy_status loy__journal_writable(const loy__journal *journal, loy_error *error);

/*
 * Read committed records from position `from` (1 or more) on, in order; several readers may be open while records are
 * appended.
 */
typedef struct loy__journal_reader loy__journal_reader;
loy_status loy__journal_reader_create(loy__journal_reader **out, loy__journal *journal, uint64_t from,
                                      loy_error *error);
/* LOY_ENOTFOUND after the last committed record; later ones are found when asked again. */
loy_status loy__journal_reader_next(loy__journal_reader *reader, loy__record_view *out, loy_error *error);
void loy__journal_reader_destroy(loy__journal_reader *reader);

/* Compaction: segments by index from 0; the last one is being written and is left alone. */
uint32_t loy__journal_segment_count(const loy__journal *journal);
/* *last is *first - 1 for one without records. */
void loy__journal_segment_span(const loy__journal *journal, uint32_t segment, uint64_t *first, uint64_t *last,
                               uint64_t *bytes);
/*
 * Begin another segment, so that the one written so far can be rewritten. LOY_ESTATE while records are
 * pending.
 */
loy_status loy__journal_seal(loy__journal *journal, loy_error *error);
/*
 * Write a segment anew, each record with the type and body that `edit` leaves in it (a shorter or equal body;
 * the position stays, the chain's link too), and put it in the old one's place, atomically. When nothing was
 * edited the old one stays.
 */
typedef loy_status (*loy__edit_record)(loy__record_view *record, uint8_t *body, void *user);
loy_status loy__journal_rewrite(loy__journal *journal, uint32_t segment, loy__edit_record edit, void *user,
                                loy_error *error);
/*
 * The limit of files holds for journal and snapshots together: how many bytes one that is being written may have in
 * all. `written`: those it has, 0 for none, for which journal files leave room from now on.
 */
uint64_t loy__journal_snapshot_room(loy__journal *journal, uint64_t written);
/*
 * Name another snapshot in meta; written and synced. Files of snapshots that meta no longer names are
 * removed.
 */
loy_status loy__journal_set_snapshots(loy__journal *journal, uint64_t snapshot, uint64_t older,
                                      loy_error *error);
/*
 * Walk the chain over all committed records; LOY_EDAMAGED where it breaks. head: 32 bytes. LOY_ESTATE for
 * stores without one. When the store is writable, meta keeps the value, and the next walk must meet it.
 */
loy_status loy__journal_verify_chain(loy__journal *journal, uint8_t *head, loy_progress progress, void *user,
                                     loy_error *error);
/* Bytes of all journal files. */
uint64_t loy__journal_bytes(const loy__journal *journal);

#endif
