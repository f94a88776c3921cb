/*
 * What columns.c, window.c, visit.c, hands.c and together.c share: a table of events on its way into a store. Only they
 * include this.
 */
#ifndef LOY_STORE_TABLE_H
#define LOY_STORE_TABLE_H

#include "core/parallel.h"
#include "store/store.h"

/* What a call works on and what has become of it so far. */
typedef struct loy__table {
	loy_store *store;
	uint64_t rows;
	int64_t latest_time;
	uint32_t threads;       /* at most LOY__ARENA_LISTS, */
	loy__crew *crew;        /* of which these are; NULL: the calling thread alone */
	loy_status *row_status; /* the caller's, or NULL */
	loy_error *error;
	uint64_t tried; /* rows before this have a status; LOY_ENOMEM: they were not tried after all */
	loy_batch_result result;
} loy__table;

/* What reading a row says: for a row that was refused, to be told why. */
loy_status loy__table_read_row(const loy__table *table, uint64_t row, loy_event *event, loy_error *error);
/* Tell a row's fate, and the caller why the first row that was refused was. */
void loy__table_count_row(loy__table *table, uint64_t row, loy_status status, const loy_error *detail);

/* ---- rows that are recorded together, those of a customer one after the other (window.c) ---- */

#define LOY__SHARES  LOY__ARENA_LISTS
#define LOY__PARTS   (LOY__WINDOW_MOST / LOY__PART_ROWS)
#define LOY__STRETCH 65536u /* most rows that are sorted together; a part may have more */

typedef struct loy__visits loy__visits;
typedef struct loy__hands loy__hands;
typedef struct loy__window {
	size_t size;              /* of its block */
	uint32_t capacity, count; /* rows it takes; rows to be recorded */
	uint32_t parts, shares;   /* shares: rows one after the other that a thread reads; else 1 */
	uint32_t share_rows;      /* a multiple of LOY__BLOCK */
	uint32_t end[LOY__SHARES][LOY__PARTS]; /* in `rows`: of the rows of each share in each part */
	loy__run_row *rows; /* rows to be recorded; `who` is the hash of the customer's number */
	uint64_t *hash;     /* that of each row of the table, */
	loy_status *status; /* and what has become of it; LOY_ENOMEM: not tried */
	loy__visits *visits;
	loy__hands *hands;  /* NULL: the calling thread does it all */
	int collects;       /* purchases can be added up before they reach a record */
	int sales;          /* and rows are plain sales: see loy__run */
	int sorts;          /* so many rows that customers come again */
	int identified;     /* with identities that the store looks at */
	size_t row_bytes;   /* in a store on files: most bytes of a row in the journal */
	int revoked;        /* identities were forgotten again */
	loy_status stopped; /* why rows were not tried, or LOY_OK */
	uint64_t refused;   /* the first row a profile refused, and why */
	loy_error detail;
	loy__run run;
} loy__window;

/* Room for as many of `rows` rows as are worth it; NULL when it cannot be had, or does not pay. */
loy__window *loy__window_open(const loy__table *table, uint64_t rows);
void loy__window_close(loy__window *w, const loy__table *table);
/* A larger one in its place when the store has become so much larger, if it can be had. */
void loy__window_widen(loy__window **w, const loy__table *table, uint64_t rows);
/*
 * Record the rows from *next on that fit, and move *next behind them. LOY_ENOMEM: *next is the first row that was not
 * tried, and table->tried lies behind the last one that was.
 */
loy_status loy__window_record(loy__window *w, loy__table *table, uint64_t *next);
/* A row was not tried because memory ended: w->stopped says so, and its identity is forgotten. */
void loy__window_untried(loy__window *w, const loy__table *table, uint64_t first, uint32_t row);
/* The part a customer belongs to. */
static LOY__ALWAYS_INLINE uint32_t loy__window_part(const loy__window *w, uint64_t hash)
{
	/*
	 * By its low bits: an index is ordered by the high ones, and who fills it in its own order while it grows
	 * crowds its front.
	 */
	return (uint32_t)((hash & UINT32_MAX) * w->parts >> 32);
}
/* Copy the rows of a share that are fine, of the first `count`, to the parts they belong to. */
void loy__window_spread(loy__window *w, uint64_t first, uint32_t count, uint32_t share);
/* The identity of an event that was not recorded after all. */
void loy__window_forget(loy_store *store, const loy_event *event);

/* ---- visits to customers (visit.c) ---- */

size_t loy__visits_size(uint32_t rows);
/*
 * In a block of that size, for stretches of so many rows. Purchases are added up in `run`, which is borrowed like the
 * memory of records. `aside`: what needs more than the record of a customer who is there is left, and marked so.
 */
void loy__visits_init(loy__visits *v, uint32_t rows, loy__run *run, const loy_allocator *memory, int aside);
/*
 * Record the rows from `begin` to `end` of a window that starts at row `first` of the table. 0 when a record refused
 * some that were left, else 1.
 */
int loy__visits_make(loy__visits *v, loy__window *w, loy__table *table, uint64_t first, uint32_t begin,
                     uint32_t end);
/* Events added up and recorded since this was asked last. */
uint64_t loy__visits_events(loy__visits *v);

/* ---- on threads (hands.c) ---- */

/* For a window, as many as it has use for; NULL when that is none, or they cannot be had. */
loy__hands *loy__hands_open(const loy__table *table, const loy__window *w);
uint32_t loy__hands_count(const loy__hands *hands); /* 1 for NULL */
void loy__hands_close(loy__hands *hands, const loy__table *table);
/*
 * Read the `count` rows of a window that starts at row `first` of the table, each thread a share, and call all of them
 * fine; the marks of events, where the store looks at identities, go to `mark`. 0 when some may not be plain sales.
 */
int loy__hands_read(loy__window *w, loy__table *table, uint64_t first, uint32_t count, uint64_t *mark);
/* Spread the first `count` rows, and make visits. Returns how many rows, now the first of w->rows, are left. */
uint32_t loy__hands_visit(loy__window *w, loy__table *table, uint64_t first, uint32_t count);

/* ---- rows that are recorded together in a store on files (together.c) ---- */

#define LOY__TOGETHER       1024u /* rows at most */
#define LOY__TOGETHER_LEAST 16u   /* fewer do not pay */
/* Most bytes of a row in the journal: they have room in LOY__JOURNAL_PLACE. */
size_t loy__together_bytes(const loy__rows *rows);
/* Room for so many of `rows` rows; 0: have one row after the other settled. */
uint32_t loy__together_begin(loy_store *store, uint64_t rows, size_t bytes);
/* Look at an event: 0 when it has to be settled alone, else its identity is taken. */
int loy__together_meet(loy_store *store, const loy__who *who, int64_t time, uint64_t high, uint64_t low);
/* A profile did not take it. */
void loy__together_forget(loy_store *store, uint64_t high, uint64_t low);
/* Append those of `count` rows that were recorded, in their order. */
void loy__together_append(const loy__window *w, const loy__table *table, uint64_t first, uint32_t count);

#endif
