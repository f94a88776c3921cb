/*
 * Resampling inside the room: rows made ready once, and estimates of any weighting of them. Bootstrap,
 * prediction and comparisons of groups differ in which rows count how often.
 */
#ifndef LOY_CALIBRATE_BOOTSTRAP_H
#define LOY_CALIBRATE_BOOTSTRAP_H

#include "calibrate/pls.h"

#include <loyalty/bootstrap.h>

/* Rows of a table as an estimate sees them: complete ones, or all with holes. */
typedef struct loy__pls_rows {
	const loy_pls *pls;
	loy_allocator memory;
	uint32_t items;
	size_t count;     /* rows */
	uint64_t *origin; /* place of each row in the table */
	double *z;        /* count x items: less the sample's mean, by its deviation; 0 where missing */
	double *there;    /* count x items: 1 or 0; NULL when nothing is missing */
	double *weight;   /* count */
	double total;     /* sum of weights */
	size_t size;      /* of the block that holds all of it */
	void *block;
} loy__pls_rows;

loy_status loy__pls_rows_open(loy__pls_rows *rows, const loy_pls *pls, const loy_table *table,
                              const loy_allocator *memory, loy_error *error);
void loy__pls_rows_close(loy__pls_rows *rows);

/* What estimating again works with. */
typedef struct loy__pls_trial {
	const loy__pls_rows *rows;
	loy__pls_run run;
	double *times;        /* rows: how often each counts, its weight included; the caller fills it in */
	double *mean, *scale; /* items, of this weighting, in deviations of the sample */
	double *sums, *squares,
	        *holes;         /* sums of z, of products; of what is there, when something is missing */
	double *value, *moment; /* for products */
	int plain;              /* paths of scores as they are, also of consistent estimates */
} loy__pls_trial;

/* Doubles that a trial takes; lay it out in a caller's room. */
size_t loy__pls_trial_room(const loy__pls_rows *rows);
void loy__pls_trial_lay(loy__pls_trial *trial, const loy__pls_rows *rows, double *room);
/*
 * Estimate by trial->times. LOY_ERANGE when an item does not vary, predictors or blocks are collinear, or a
 * consistent estimate is not whole, its reliabilities being nothing to correct by.
 */
loy_status loy__pls_trial_run(loy__pls_trial *trial);

/* ---- quantities (bootstrap_quantity.c) ---- */

typedef struct loy__quantity {
	uint32_t what, first, second;
	double estimate;
} loy__quantity;

/* List what is resampled; `list` NULL: only count. */
size_t loy__quantities(const loy_pls *pls, const loy_pls_scale *scales, loy__quantity *list);
/* Their values in a trial; `room`: constructs x constructs x 2 doubles. signs: by construct, or NULL. */
void loy__quantity_values(const loy_pls *pls, const loy__pls_trial *trial, const loy_pls_scale *scales,
                          const loy__quantity *list, size_t count, double *signs, double *room,
                          double *values);

/* ---- resamples (bootstrap_draw.c) ---- */

struct loy_bootstrap {
	loy_allocator memory;
	loy_bootstrap_summary summary;
	loy__quantity *list;
	size_t quantity_count;
	double *values; /* quantities x resamples; of those used only, once all are done */
	loy_bootstrapped *limits;
	size_t list_size, values_size, limits_size;
};

/* What became of a resample. */
enum {
	LOY__RESAMPLE_PENDING = 0,
	LOY__RESAMPLE_USED = 1,
	LOY__RESAMPLE_UNCONVERGED = 2,
	LOY__RESAMPLE_DROPPED = 3
};

typedef struct loy__drawing {
	const loy_pls *pls;
	loy_bootstrap_options options;
	loy__pls_rows rows;
	loy_bootstrap *out;
	uint32_t threads, resamples;
	uint32_t first, end; /* of the slab */
	double *room;        /* of all threads */
	size_t room_each, trial_room;
	uint8_t *state; /* of each resample */
	uint16_t *redrawn;
	uint32_t *place;   /* of each row of the table among rows: for rows that are given */
	double *frequency; /* sums of weights up to each row, with frequencies */
	double *left_out;  /* quantities x rows */
	size_t fixed_size, left_size;
	void *fixed; /* block of state, redrawn, place, frequency */
	uint64_t table_rows;
	uint8_t *left_state;
} loy__drawing;

/* Estimate all resamples, and with each row left out. `all`: of both, for progress. LOY_OK or LOY_ECANCELLED. */
loy_status loy__drawing_resample(loy__drawing *d, uint64_t all);
loy_status loy__drawing_leave_out(loy__drawing *d, uint64_t all);

/* ---- chance (bootstrap_limits.c) ---- */

/* What is drawn: draws of one kind have nothing to do with those of another. */
enum { LOY__DRAW_BOOTSTRAP = 0, LOY__DRAW_DIVISION = 1, LOY__DRAW_FIRST = 2, LOY__DRAW_SECOND = 3 };

/*
 * Draw k, below `bound`, of a try of a resample: splitmix64 (Steele, Lea & Flood 2014) at a place of its own,
 * a function of these alone. Off by less than bound / 2^64 from even chances.
 */
uint64_t loy__draw_below(uint64_t seed, uint32_t kind, uint32_t resample, uint32_t attempt, uint64_t k,
                         uint64_t bound);

/* ---- limits ---- */

/* Sort ascending. */
void loy__sort_doubles(double *values, size_t count);
/* Quantile of sorted values, type 7. */
double loy__sorted_quantile(const double *sorted, size_t count, double share);
/*
 * Everything about one quantity. `values`: its resamples, sorted on return; `left_out` may be NULL, `times`
 * its weights.
 */
void loy__bootstrap_limits(double *values, size_t count, const double *left_out, const double *times,
                           size_t left_count, double level, loy_bootstrapped *out);

#endif
