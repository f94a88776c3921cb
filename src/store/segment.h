/* Inside the journal: what its files share. Only they include it; journal.h is for the others. */
#ifndef LOY_STORE_SEGMENT_H
#define LOY_STORE_SEGMENT_H

#include "store/files.h"
#include "store/frame.h"
#include "store/journal.h"

#define LOY__SEGMENT_HEAD 128u
#define LOY__SECTOR       4096u
#define LOY__SECRET_SIZE  32u
#define LOY__SALT_SIZE    16u
#define LOY__CHAIN_BLOCK  64u                 /* records that share a secret of the second level */
#define LOY__SCAN_BYTES   (UINT32_C(1) << 16) /* a reader's window on a file */
#define LOY__FORMAT_MAJOR 1u
#define LOY__FORMAT_MINOR 0u

/*
 * ---- segments (segment.c)
 * ----------------------------------------------------------------------------------
 */

/* The head of a journal file. */
typedef struct loy__segment_head {
	uint64_t number, first, capacity;
	uint32_t generation;
	int has_secret;
	uint8_t secret[LOY__SECRET_SIZE];
} loy__segment_head;

enum { LOY__SEGMENT_EMPTY, LOY__SEGMENT_USED, LOY__SEGMENT_TORN };
typedef struct loy__segment {
	uint64_t first; /* position of its first record */
	uint64_t bytes; /* of the file */
	uint32_t generation;
	int state;
} loy__segment;

#define LOY__NEW_NAME "jnl-new" /* of a journal file that does not count yet */

struct loy__journal {
	loy_allocator memory;
	loy_files files;
	void *lock;
	loy__meta meta;
	uint64_t meta_sequence; /* of what both meta files hold */
	uint64_t meta_seen;     /* the higher one when it was opened */
	int meta_torn;          /* one of them is not whole */
	uint32_t seed;          /* of every sum */
	int read_only, padded;
	int ready;           /* replayed: can be read, and appended to */
	loy_status poisoned; /* LOY_OK until a write or a sync fails */
	uint64_t files_limit, segment_bytes;
	uint64_t rewrites; /* of segments, so that readers notice */
	uint64_t snapshot_bytes, snapshot_written; /* of those kept; of one being written */

	loy__segment *segment; /* number meta.first_segment + index */
	size_t count, capacity;
	size_t current; /* the one that is written; one ahead may follow */
	void *file;     /* of current, when writable */
	void *ahead;    /* of the one after it */
	void *behind;   /* of the one before, until what is free at its end is given back */
	uint64_t behind_end;
	uint64_t
	        offset; /* where the next group goes in current; 0: unused, its head is to be written first */
	uint64_t last, committed,
	        durable; /* positions: appended, synced, and known to be by who reads the files */
	int dirty;       /* committed in this life: closing leaves a mark */
	uint8_t secret[2][LOY__SECRET_SIZE]; /* of current and the one ahead, until their heads are written */

	/*
	 * Pending frames, with room for a head before them. After `split` (0: none) they go to the segment
	 * ahead.
	 */
	uint8_t *buffer;
	size_t buffer_size, used, split;
	uint64_t room;        /* bytes that may still be appended */
	uint64_t split_first; /* position of the first record after the split */
	int unit;             /* between begin and end */
	size_t unit_at;       /* where its frames begin */
	uint64_t unit_first;
	size_t last_frame; /* the last frame of all, for end */
	uint32_t last_seed;
};

static inline size_t loy__journal_gap(const loy__journal *j)
{
	return LOY__SEGMENT_HEAD + (j->padded ? LOY__SECTOR : 0);
}
/* What is left free at the end of a segment: the mark of an orderly end, padded. */
static inline uint64_t loy__journal_spare(const loy__journal *j)
{
	return j->padded ? 2 * LOY__SECTOR : LOY__FRAME_HEAD;
}
static inline uint64_t loy__segment_number(const loy__journal *j, size_t index)
{
	return j->meta.first_segment + index;
}
/* Position of the last record of a segment. */
static inline uint64_t loy__segment_last(const loy__journal *j, size_t index)
{
	return index < j->current ? j->segment[index + 1].first - 1 : j->committed;
}

/* Poison the journal by a failed write or sync, and say which file it was and why. LOY_EIO once it is open. */
loy_status loy__journal_poison(loy__journal *j, loy_status why, const char *name, loy_error *error);
void loy__segment_head_write(const loy__journal *j, const loy__segment_head *head,
                             uint8_t out[LOY__SEGMENT_HEAD]);
/* LOY__SEGMENT_…, or LOY__SEGMENT_NEWER or FOREIGN for an intact head that is not for us. */
enum { LOY__SEGMENT_NEWER = 3, LOY__SEGMENT_FOREIGN };
int loy__segment_head_read(const loy__journal *j, const uint8_t *in, size_t size, loy__segment_head *out);
/* Open, look at all segments that meta names, check their order. */
loy_status loy__segments_load(loy__journal *j, loy_error *error);
/* Write zeroes from `from` to `to`. LOY_EFULL, LOY_ENOMEM, LOY_EIO. */
loy_status loy__segment_zero(loy__journal *j, void *file, uint64_t from, uint64_t to);
/* Make the segment ahead, of at least `bytes`, known to meta. LOY_EFULL, LOY_ENOMEM leave all as it was. */
loy_status loy__segment_ahead(loy__journal *j, uint64_t bytes, loy_error *error);
/* Put a file of zeroes in the place of a segment that nothing was committed to. */
loy_status loy__segment_blank(loy__journal *j, size_t index, loy_error *error);
/* Lengthen the segment at `index`, which has not been written to. */
loy_status loy__segment_extend(loy__journal *j, size_t index, uint64_t bytes, loy_error *error);
/* The segment ahead becomes the current one, which begins at position `first`. */
void loy__segment_switch(loy__journal *j, uint64_t first);
/* Cut what is behind the last record that counts from the end of a segment before the current one. */
loy_status loy__segment_cut(loy__journal *j, size_t index, uint64_t bytes);
/* When its head is on the medium: give back what is free at the end of the one before. */
void loy__segment_trim(loy__journal *j);
/* Give a finished file of `bytes` bytes under LOY__NEW_NAME the name of a segment. */
loy_status loy__segment_publish(loy__journal *j, uint64_t number, loy_error *error);
/* Bytes the files may still take; UINT64_MAX without a limit. */
uint64_t loy__journal_allowance(const loy__journal *j);

/*
 * ---- meta (meta.c)
 * -----------------------------------------------------------------------------------------
 */

/* LOY_ENOTFOUND when there is neither; LOY_EDAMAGED, LOY_EVERSION, LOY_EIO. */
loy_status loy__meta_load(loy__journal *j, loy_error *error);
/* 1 when there is a later change by now than what was loaded. */
int loy__meta_changed(const loy__journal *j);
/* Write and sync both; then they count. Poisons on failure, but for LOY_ENOMEM. */
loy_status loy__meta_save(loy__journal *j, const loy__meta *meta, loy_error *error);

/*
 * ---- reading one segment (scan.c)
 * --------------------------------------------------------------------------
 */

typedef struct loy__scan {
	loy__journal *journal;
	void *file;
	size_t index;
	uint64_t end;    /* byte where reading ends */
	uint8_t *window; /* LOY__SCAN_BYTES of the file */
	uint64_t window_at;
	size_t window_size;
	uint64_t proved_at, proved_end; /* bytes of the window whose sums were right */
	uint64_t at;                    /* where the next frame begins */
	uint64_t record_end;            /* behind the last record; marks of the journal's own may follow */
	uint64_t unit_end;              /* up to where units are complete */
	uint64_t next;                  /* position of the next record */
	uint64_t covered;               /* highest position that was shown to be on the medium */
	uint32_t generation;            /* of the last frame */
	loy__segment_head head;
	uint8_t *record; /* records of several frames are put together here */
	size_t record_capacity;
	/* of the last record */
	uint32_t flags, record_generation;
	uint64_t record_at;
	const uint8_t *link;   /* its salt or leaf; NULL: none */
	uint64_t secret_block; /* block whose secret is known, plus 1 */
	uint8_t secret[LOY__SECRET_SIZE];
} loy__scan;

void loy__scan_init(loy__scan *scan, loy__journal *j);
void loy__scan_free(loy__scan *scan);
/* Open a segment at byte 0, whatever its head is. `end` 0: the whole file. */
loy_status loy__scan_file(loy__scan *scan, size_t index, uint64_t end, loy_error *error);
/* Begin with the first record of a segment. */
loy_status loy__scan_segment(loy__scan *scan, size_t index, uint64_t end, loy_error *error);
/*
 * The next record of a complete unit. LOY_ENOTFOUND where no complete unit follows: scan->at is the byte,
 * scan->next the position that is missing. LOY_EVERSION, LOY_EIO, LOY_ENOMEM.
 */
loy_status loy__scan_next(loy__scan *scan, loy__record_view *out, loy_error *error);
/* Bytes of the file from `at` on: *size is how many, at least `want` unless the file ends. */
loy_status loy__scan_load(loy__scan *scan, uint64_t at, size_t want, const uint8_t **bytes, size_t *size,
                          loy_error *error);
/* The salt of the record that was read last. 0: none is known. */
int loy__scan_salt(loy__scan *scan, uint64_t position, uint8_t out[LOY__SALT_SIZE]);
/* LOY_EDAMAGED at a byte of the segment. */
loy_status loy__scan_damaged(const loy__scan *scan, uint64_t byte, loy_error *error);

/*
 * ---- telling a torn tail from damage (doubt.c)
 * --------------------------------------------------------------
 */

/*
 * Look on behind the place where a scan stopped, in its segment and the ones after it. *covered gets 1 when
 * an intact frame proves that what is missing was on the medium. Otherwise *torn gets the bytes of unfinished
 * writes, and the identity of the first event among them is put into the report.
 */
loy_status loy__doubt(loy__scan *scan, int *covered, uint64_t *torn, loy_recovery *report, loy_error *error);

/*
 * ---- writing a whole segment (rewrite.c)
 * --------------------------------------------------------------------
 */

typedef struct loy__copy {
	loy__journal *journal;
	void *file;
	uint8_t *buffer;
	size_t used;
	uint64_t at; /* byte of the file where the buffer goes */
	/* For each block of records in the file, whether one was edited; NULL: all keep their salts. */
	const uint8_t *edited;
	uint64_t first_block;
	uint64_t secret_block; /* whose secret was written last, plus 1 */
} loy__copy;
loy_status loy__copy_begin(loy__copy *copy, loy__journal *j, loy_error *error);
/*
 * Take over a record that was just scanned, and its link in the chain. `leaf`: its leaf, when it has another
 * type or body now; else NULL.
 */
loy_status loy__copy_record(loy__copy *copy, loy__scan *scan, const loy__record_view *record,
                            uint32_t generation, const uint8_t *leaf, loy_error *error);
/* Where the file ends so far. */
uint64_t loy__copy_size(const loy__copy *copy);
/* Write what is left, zeroes up to `bytes`, the head; sync. */
loy_status loy__copy_finish(loy__copy *copy, const loy__segment_head *head, uint64_t bytes, loy_error *error);
/* Close; remove the file unless it was published. */
void loy__copy_end(loy__copy *copy, int published);

/*
 * ---- the chain (chain.c)
 * ------------------------------------------------------------------------------------
 */

/* The leaf of the record that was scanned last. 0: it has none. */
int loy__chain_leaf(loy__scan *scan, const loy__record_view *record, uint8_t out[LOY__BLAKE2S_SIZE]);

/* Remove snapshots that meta does not name; count the bytes of those it does (journal.c). */
loy_status loy__snapshots_tidy(loy__journal *j, loy_error *error);

#endif
