/**
 * @file loyalty/transactions.h
 * @brief From transactions to what lifetime models take: x, t_x, T and mean spend, by rules that are stated.
 *
 * The rules (Fader & Hardie's convention, with what it leaves open decided):
 * - A day is a local day, (time + utc_offset) / 24 h. All transactions of a customer on one day are one
 *   purchase.
 * - An amount below 0 is a return. It is taken off the sales of its own day; a day on which everything was
 *   returned, or that has returns only, is no purchase, and what it took back is taken off the customer's
 *   other spend: off that of repeat purchases when it lies after the first purchase day, else off that of the
 *   first. An amount of 0 is a purchase.
 * - x counts purchase days after the first: the first purchase made the customer and is in neither x nor the
 *   mean.
 * - t_x is the time from the first purchase day to the last, T to the end of the period, which is itself
 *   inside; both in the unit given. `days since the last purchase` is T - t_x: "recency" means either and is
 *   therefore not used as a name.
 * - Mean spend is the net spend of repeat purchases divided by x, at least 0; 0 when x is 0. Spend models
 *   need it above 0.
 *
 * A `loy_transactions` collects any number of transactions in any order and merges: what it says depends on
 * the set only. Sorted input (by customer, then time) is recognised and costs least. It takes 24 bytes for
 * each customer and day.
 *
 * Threads: one thread changes an object at a time; the calls that take a const one may run side by side.
 */
#ifndef LOYALTY_TRANSACTIONS_H
#define LOYALTY_TRANSACTIONS_H

#include <loyalty/base.h>

LOY_BEGIN_DECLS

typedef struct loy_transactions loy_transactions;

/**
 * Create an empty collection; days begin at midnight of UTC + @p utc_offset_minutes (at most 24 h either way).
 * @return LOY_OK, LOY_EINVAL or LOY_ENOMEM.
 */
LOY_API loy_status loy_transactions_create(loy_transactions **out, int32_t utc_offset_minutes,
                                           const loy_allocator *memory);
/** NULL is allowed. Never fails. */
LOY_API void loy_transactions_destroy(loy_transactions *transactions);

/** Columns of transactions in the caller's memory, borrowed for the call; row r lies at data + r * stride bytes. */
typedef struct loy_transaction_columns {
	uint32_t struct_size;     /**< sizeof(loy_transaction_columns) in the caller's build. */
	uint32_t reserved;        /**< 0. */
	const uint64_t *customer; /**< Any numbers. */
	int64_t customer_stride;
	const int64_t *time;      /**< Microseconds since 1970 UTC. */
	int64_t time_stride;
	const int64_t *amount;    /**< Minor units, at most 10^15 in magnitude; NULL: none, every row is a
				       purchase. */
	int64_t amount_stride;
} loy_transaction_columns;
/**
 * Add @p rows transactions, all or none. Values are read bytewise, so they need not be aligned. @return
 * LOY_OK, LOY_EINVAL; with the row in @p error LOY_ETIME, LOY_ERANGE, or LOY_EOVERFLOW when the magnitudes of
 * all amounts exceed 2^63 - 1; LOY_ENOMEM: unchanged.
 */
LOY_API loy_status loy_transactions_add(loy_transactions *transactions, const loy_transaction_columns *columns,
                                        uint64_t rows, loy_error *error);
/** Add all that @p from holds (same utc_offset, else LOY_ESTATE). LOY_EOVERFLOW, LOY_ENOMEM: unchanged. */
LOY_API loy_status loy_transactions_merge(loy_transactions *transactions, const loy_transactions *from);
/**
 * Sort and join days, so that the calls below can be used (LOY_ESTATE before it and after every addition).
 * Collections of the same transactions are then equal, byte for byte. @return LOY_OK, LOY_EINVAL, LOY_ENOMEM
 * (unchanged).
 */
LOY_API loy_status loy_transactions_sort(loy_transactions *transactions);
/** Customers with at least one purchase day. @return LOY_OK, LOY_EINVAL or LOY_ESTATE (not sorted). */
LOY_API loy_status loy_transactions_customers(const loy_transactions *transactions, uint64_t *count);
/** Times of the first and last day with a purchase (their midnights). LOY_EUNKNOWN without any. */
LOY_API loy_status loy_transactions_span(const loy_transactions *transactions, int64_t *first, int64_t *last);

/** What to summarise. Zero it and set struct_size, end and unit. */
typedef struct loy_summary_options {
	uint32_t struct_size; /**< sizeof(loy_summary_options) in the caller's build. */
	uint32_t reserved;
	int64_t end;     /**< A time in the last day of the period; later transactions do not count. */
	int64_t holdout; /**< A time in the last day of the holdout, from the day after end on; 0: no holdout.
			      */
	int64_t unit;    /**< Microseconds of the time unit: LOY_DAY, 7 * LOY_DAY, …; above 0. */
} loy_summary_options;
/** Where the rows go: arrays of the caller with room for `capacity`; each may be NULL. */
typedef struct loy_summary_rows {
	uint32_t struct_size; /**< sizeof(loy_summary_rows) in the caller's build. */
	uint32_t reserved;
	uint64_t capacity;
	uint64_t *customer;       /**< Ascending. */
	uint32_t *x;              /**< Repeat purchases. */
	double *t_x;              /**< Units. */
	double *T;                /**< Units; at least t_x. */
	double *mean_spend;       /**< Minor units a repeat purchase. */
	double *log_intervals;    /**< Sum over repeat purchases of the natural log of the units since the one
				       before. */
	uint32_t *holdout_x;      /**< Purchases in the holdout. */
	double *holdout_spend;    /**< Their net spend, minor units. */
} loy_summary_rows;
/**
 * One row for each customer whose first purchase lies in the period. *count gets how many there are, also
 * when they do not fit (LOY_EBUFFER: nothing written). @return LOY_OK, LOY_EINVAL, LOY_ETIME, LOY_ESTATE,
 * LOY_EBUFFER.
 */
LOY_API loy_status loy_transactions_summary(const loy_transactions *transactions, const loy_summary_options *options,
                                            const loy_summary_rows *rows, uint64_t *count);
/**
 * Cumulative repeat purchases of the customers who first bought up to @p cohort_end: actual[i] counts those
 * up to the end of period i + 1, which ends (i + 1) * unit after the day of the first purchase of all.
 * @return as above, LOY_EUNKNOWN without any.
 */
LOY_API loy_status loy_transactions_track(const loy_transactions *transactions, int64_t cohort_end, int64_t unit,
                                          uint32_t periods, uint64_t *actual);
/**
 * Number of those customers born on each day: births[i] on the i-th day from the first purchase of all on,
 * for `days` days; what unconditional expectations of a cohort are summed over. LOY_EBUFFER when there are
 * later births than that.
 */
LOY_API loy_status loy_transactions_births(const loy_transactions *transactions, int64_t cohort_end, uint32_t days,
                                           uint64_t *births);

LOY_END_DECLS
#endif
