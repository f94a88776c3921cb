/**
 * @file loyalty/survival.h
 * @brief How long customers stay: survival curves and the comparison of groups. Regression is in cox.h.
 *
 * An accumulator holds one row a subject: how long it was watched, and whether the event (a second purchase, a
 * cancellation) ended that or the watching did ("censored"). Accumulators merge exactly, and everything is
 * computed from rows in one canonical order: the order of adding, and how rows were spread over accumulators
 * that were merged, changes no bit of any result, on any target.
 *
 * Methods: product-limit estimator (Kaplan & Meier 1958) with its variance (Greenwood 1926), cumulative hazard
 * (Nelson 1972, Aalen 1978), log-rank test (Mantel 1966; Fleming & Harrington 1982 for rho). Limits: events are
 * of one kind (no competing risks), censoring must not depend on what would have happened, covariates do not
 * change with time (a subject may be cut into rows with entries), intervals are asymptotic.
 *
 * Units: durations are doubles in any unit, the same for all rows; whole numbers up to 2^53, which is
 * 285 years of microseconds, are exact, and only equal doubles are ties. A censored row counts as at risk at
 * the time it was censored.
 *
 * Threads: an accumulator is changed by one thread at a time; reading one, and curves, from many is
 * safe. No call keeps a pointer to an accumulator.
 */
#ifndef LOYALTY_SURVIVAL_H
#define LOYALTY_SURVIVAL_H

#include <loyalty/base.h>

LOY_BEGIN_DECLS

typedef struct loy_survival loy_survival;
typedef struct loy_curve loy_curve;

/* ---- accumulators ---- */

/** Most covariates, subjects (the sum of counts) and groups an accumulator takes. */
#define LOY_SURVIVAL_COVARIATES_MAX 64
#define LOY_SURVIVAL_SUBJECTS_MAX   INT64_C(4294967295)
#define LOY_SURVIVAL_GROUPS_MAX     16384

/** Flags of an accumulator: what else its rows hold. */
enum {
	LOY_SURVIVAL_WEIGHTED = 1, /**< A weight. */
	LOY_SURVIVAL_ENTERED = 2   /**< An entry: the subject was not watched until then (left truncation). */
};

/** Fields of a row, as loy_error.field names them. */
enum {
	LOY_SURVIVAL_FIELD_TIME = 1,
	LOY_SURVIVAL_FIELD_EVENT = 2,
	LOY_SURVIVAL_FIELD_ENTRY = 3,
	LOY_SURVIVAL_FIELD_WEIGHT = 4,
	LOY_SURVIVAL_FIELD_COUNT = 5,
	LOY_SURVIVAL_FIELD_GROUP = 6,
	LOY_SURVIVAL_FIELD_COVARIATE = 16 /**< The first covariate; the others follow. */
};

typedef struct loy_survival_options {
	uint32_t struct_size; /**< sizeof(loy_survival_options) in the caller's build. */
	uint32_t flags;       /**< LOY_SURVIVAL_WEIGHTED, LOY_SURVIVAL_ENTERED. */
	uint32_t covariates;  /**< Covariates of a row; 0 for curves only. */
	uint32_t reserved;    /**< 0. */
	int64_t unit;         /**< Microseconds in one unit of time, 0 when not said; merging compares it. */
} loy_survival_options;

/** Create an empty accumulator. @return LOY_OK, LOY_EINVAL, LOY_ELIMIT (covariates) or LOY_ENOMEM. */
LOY_API loy_status loy_survival_create(loy_survival **out, const loy_survival_options *options,
                                       const loy_allocator *memory);
/** Release an accumulator. NULL is allowed. Never fails. */
LOY_API void loy_survival_destroy(loy_survival *survival);

/** One row. */
typedef struct loy_survival_row {
	uint32_t struct_size;     /**< sizeof(loy_survival_row) in the caller's build. */
	uint32_t group;           /**< Any number: a cohort, an arm, a stratum. */
	uint32_t event;           /**< 1 when the event came at `time`, 0 when censored then. */
	uint32_t reserved;        /**< 0. */
	double time;              /**< Duration, 0 to 2^53. */
	double entry;             /**< 0 <= entry < time, when the accumulator has entries; else 0. */
	double weight;            /**< 1e-15 to 1e15, when the accumulator has weights; else 0. */
	uint64_t count;           /**< Subjects just like this; 0 means 1. */
	const double *covariates; /**< As many as the accumulator has, at most 1e100 in magnitude. */
} loy_survival_row;

/** Add one row. @return as loy_survival_add_columns(), without a row in @p error. */
LOY_API loy_status loy_survival_add(loy_survival *survival, const loy_survival_row *row, loy_error *error);

/**
 * Many rows from the caller's columns: pointer to the first element and stride in bytes. A column that may be
 * NULL has the value said there for all rows.
 */
typedef struct loy_survival_columns {
	uint32_t struct_size; /**< sizeof(loy_survival_columns) in the caller's build. */
	uint32_t reserved;    /**< 0. */
	const double *time;   /**< Durations; or NULL, and: */
	int64_t time_stride;
	const int64_t *whole; /**< Durations that are whole numbers. Exactly one of the two is given. */
	int64_t whole_stride;
	const uint8_t *event; /**< 1 or 0; NULL: all 1. */
	int64_t event_stride;
	const double *entry; /**< Given exactly when the accumulator has entries. */
	int64_t entry_stride;
	const double *weight; /**< Given exactly when the accumulator has weights. */
	int64_t weight_stride;
	const uint32_t *group; /**< NULL: all 0. */
	int64_t group_stride;
	const double
	        *covariates; /**< Covariate c of row i lies covariate_row i + covariate_column c bytes on. */
	int64_t covariate_row;    /**< Bytes from one row to the next. */
	int64_t covariate_column; /**< Bytes from one covariate to the next. */
	loy_progress progress;    /**< Called now and then; NULL: never. */
	void *user_data;          /**< For progress. */
} loy_survival_columns;

/**
 * Add @p rows rows, all or none. @return LOY_OK, LOY_EINVAL, LOY_ERANGE (NaN, infinite, negative, beyond its
 * range, entry not before time, event neither 0 nor 1), LOY_ELIMIT (subjects), LOY_ENOMEM or LOY_ECANCELLED;
 * @p error has the row and the field.
 */
LOY_API loy_status loy_survival_add_columns(loy_survival *survival, const loy_survival_columns *columns,
                                            uint64_t rows, loy_error *error);
/**
 * Add all rows of @p from, which may be the same. @return LOY_OK, LOY_EINVAL (other covariates, flags or unit),
 * LOY_ELIMIT or LOY_ENOMEM.
 */
LOY_API loy_status loy_survival_merge(loy_survival *survival, const loy_survival *from);
/**
 * Bring the rows into canonical order and join equal ones into one with a count. Needed after changes: the calls
 * that take a const accumulator return LOY_ESTATE before. @return LOY_OK, LOY_EINVAL, LOY_ELIMIT (groups) or
 * LOY_ENOMEM.
 */
LOY_API loy_status loy_survival_sort(loy_survival *survival);
/** Rows held: distinct ones once sorted. 0 for NULL. */
LOY_API uint64_t loy_survival_rows(const loy_survival *survival);
/** Subjects: the sum of counts. 0 for NULL. */
LOY_API uint64_t loy_survival_subjects(const loy_survival *survival);
/** Groups that occur, ascending. Count 0 for NULL and before sorting. LOY_ENOTFOUND beyond the last. */
LOY_API uint32_t loy_survival_group_count(const loy_survival *survival);
LOY_API loy_status loy_survival_group(const loy_survival *survival, uint32_t index, uint32_t *group);

/**
 * Canonical bytes: magic, version, what rows hold, rows, CRC-32C. Same rows, same bytes.
 * @return LOY_OK, LOY_EINVAL, LOY_ESTATE or LOY_EBUFFER with *needed set.
 */
LOY_API loy_status loy_survival_write(const loy_survival *survival, void *buffer, size_t capacity,
                                      size_t *needed);
/**
 * Create an accumulator, sorted, from bytes, which may be hostile. @return LOY_OK, LOY_EINVAL, LOY_EFORMAT,
 * LOY_ECHECKSUM, LOY_EVERSION or LOY_ENOMEM with the byte in @p error.
 */
LOY_API loy_status loy_survival_read(loy_survival **out, const void *bytes, size_t size,
                                     const loy_allocator *memory, loy_error *error);

/* ---- Kaplan-Meier and Nelson-Aalen ---- */

/** How confidence limits of a survival are made. */
enum {
	LOY_LIMITS_LOG = 0,    /**< exp(log S ± z se(log S)), cut at 1: R's default. */
	LOY_LIMITS_LOGLOG = 1, /**< exp(-exp(log(-log S) ± …)): stays within [0, 1]. */
	LOY_LIMITS_PLAIN = 2   /**< S ± z se(S), cut at 0 and 1. */
};

/** Flag of curve options: the rows of `group` only, not all rows. */
enum { LOY_CURVE_GROUP = 1 };

typedef struct loy_curve_options {
	uint32_t struct_size; /**< sizeof(loy_curve_options) in the caller's build. */
	uint32_t flags;       /**< LOY_CURVE_GROUP. */
	uint32_t group;
	uint32_t limits;   /**< LOY_LIMITS_… */
	double confidence; /**< Of the limits, both sides together; 0 means 0.95. */
} loy_curve_options;

/** The curve at one time: what holds from there until the next. Weighted where rows have weights. */
typedef struct loy_curve_point {
	uint32_t struct_size; /**< sizeof(loy_curve_point) in the caller's build. */
	uint32_t reserved;
	double time;
	double at_risk; /**< Watched just before. */
	double events;
	double censored;
	double survival;
	double deviation; /**< Standard error of survival (Greenwood); 0 where survival is 1, NaN where it is 0. */
	double low, high;       /**< Limits of survival; NaN where survival is 0. */
	double hazard;          /**< Cumulative hazard: sum of events / at risk. */
	double hazard_variance; /**< Sum of events / at risk². */
} loy_curve_point;

/**
 * Make the curve of a sorted accumulator. @return LOY_OK, LOY_EINVAL, LOY_ESTATE, LOY_EUNKNOWN (no rows, or none
 * of that group) or LOY_ENOMEM.
 */
LOY_API loy_status loy_curve_create(loy_curve **out, const loy_survival *survival,
                                    const loy_curve_options *options, const loy_allocator *memory);
/** Release. NULL is allowed. Never fails. */
LOY_API void loy_curve_destroy(loy_curve *curve);
/** Points: one for each time an event or a censored row has, ascending. 0 for NULL. */
LOY_API uint64_t loy_curve_count(const loy_curve *curve);
/** @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_curve_get(const loy_curve *curve, uint64_t index, loy_curve_point *out);
/**
 * The curve at any time: the last point not after it, with its time; before the first one, survival 1 of all.
 * LOY_EUNKNOWN after the last time when survival is not 0 there: nobody was watched that long.
 */
LOY_API loy_status loy_curve_at(const loy_curve *curve, double time, loy_curve_point *out);
/**
 * The time by which @p share of the subjects had the event (0.5: the median), and its limits: where the limits
 * of survival cross. Where the curve is flat at just that share, the middle of the flat piece (as R has it).
 * NaN for what is not reached. Outputs may be NULL. @return LOY_OK, LOY_EINVAL or LOY_ERANGE.
 */
LOY_API loy_status loy_curve_quantile(const loy_curve *curve, double share, double *time, double *low,
                                      double *high);
/**
 * Mean time up to @p until (the area under the curve) and its standard error. LOY_EUNKNOWN when nobody was
 * watched that long and survival is not 0.
 */
LOY_API loy_status loy_curve_mean(const loy_curve *curve, double until, double *mean, double *deviation);

/* ---- log-rank test ---- */

typedef struct loy_logrank_result {
	uint32_t struct_size; /**< sizeof(loy_logrank_result) in the caller's build. */
	uint32_t degrees;     /**< Groups with anybody at risk, less one. */
	double chi_square;
	double p;
} loy_logrank_result;

/**
 * Test whether the groups of a sorted accumulator share one curve. Each event time weighs S^@p rho, S being the
 * common Kaplan-Meier curve just before: 0 is the log-rank test, 1 Peto and Peto's. @p observed and @p expected
 * (may be NULL) get a number for each group, in the order of loy_survival_group(). At most 256 groups.
 * @return LOY_OK, LOY_EINVAL, LOY_ESTATE, LOY_ELIMIT, LOY_ENOMEM, or LOY_EUNKNOWN: fewer than two groups, or no
 * event while two were at risk.
 */
LOY_API loy_status loy_survival_logrank(const loy_survival *survival, double rho, loy_logrank_result *out,
                                        double *observed, double *expected, const loy_allocator *memory);

LOY_END_DECLS
#endif
