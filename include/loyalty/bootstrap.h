/**
 * @file loyalty/bootstrap.h
 * @brief How sure estimates of path models are: resampling of respondents.
 *
 * Each resample draws as many respondents as there are, with replacement (Efron 1979), and estimates the
 * whole model again, all stages and products included, with the same settings. Intervals: normal (about
 * the estimate), percentile and basic (Davison & Hinkley 1997), bias-corrected and bias-corrected accelerated
 * (Efron 1987; acceleration by leaving out each respondent, z0 with ties counted half). Quantiles are of type
 * 7 (Hyndman & Fan 1996).
 *
 * Draws come from a counter: respondent k of resample r is a function of the seed, r and k alone, so the bits
 * do not depend on the number of threads, and different seeds have nothing in common. Resamples in which an
 * item does not vary, predictors are collinear, or (consistent estimates) a reliability is not positive, so
 * that paths or loadings are no numbers, are drawn again and counted; those that do not converge are used and
 * counted.
 *
 * Signs: a construct's direction is arbitrary, and may turn in a resample. With LOY_BOOTSTRAP_SIGNS_KEPT the
 * direction in which a construct's loadings agree best with the estimate's is taken (construct level changes
 * of Tenenhaus et al. 2005); by default nothing is changed.
 *
 * Missing values as in the estimate: rows left out, or means, which are those of the resample. Pairwise is
 * refused. With LOY_WEIGHT_FREQUENCY respondents are drawn from all that the rows stand for; frequencies must
 * be whole numbers.
 *
 * Threads: a bootstrap never changes once made and may be read from many threads.
 */
#ifndef LOYALTY_BOOTSTRAP_H
#define LOYALTY_BOOTSTRAP_H

#include <loyalty/pls.h>

LOY_BEGIN_DECLS

typedef struct loy_bootstrap loy_bootstrap;

#define LOY_BOOTSTRAP_RESAMPLES_MAX 1000000

/** Flags. */
enum {
	LOY_BOOTSTRAP_SIGNS_KEPT = 1, /**< Turn constructs to the direction they have in the estimate. */
	LOY_BOOTSTRAP_NO_BCA = 2      /**< Do not leave out each respondent in turn: no accelerated limits. */
};

/** Zero it and set struct_size: zero is the default. */
typedef struct loy_bootstrap_options {
	uint32_t struct_size; /**< sizeof(loy_bootstrap_options) in the caller's build. */
	uint32_t flags;       /**< LOY_BOOTSTRAP_SIGNS_KEPT, … */
	uint32_t resamples;   /**< At most LOY_BOOTSTRAP_RESAMPLES_MAX; 0: 5000. */
	uint32_t threads;     /**< 0: 1. */
	uint64_t seed;        /**< Any. */
	double level;         /**< Of intervals, above 0 and below 1; 0: 0.95. */
	const uint32_t
	        *rows; /**< Resamples to take instead of drawing: rows of the table from 0, as many for each
	                           resample as the table has; NULL: drawn. Those that fail are dropped. */
	const loy_pls_scale *scales; /**< One for each item: indices 0-100 as well; NULL: none. */
	loy_progress progress;       /**< Called now and then with resamples done; NULL: never. */
	void *user_data;             /**< For progress. */
} loy_bootstrap_options;

/** What is resampled. `first` and `second` say of what. */
enum {
	LOY_BOOTSTRAP_PATH = 0,     /**< From construct `first` to `second`. */
	LOY_BOOTSTRAP_WEIGHT = 1,   /**< Of indicator `first` of construct `second`. */
	LOY_BOOTSTRAP_LOADING = 2,  /**< The same. */
	LOY_BOOTSTRAP_R2 = 3,       /**< Of construct `first`; `second` is 0, as with LOY_BOOTSTRAP_INDEX. */
	LOY_BOOTSTRAP_TOTAL = 4,    /**< Effect of construct `first` on `second`. */
	LOY_BOOTSTRAP_INDIRECT = 5, /**< The same, where there is a chain of two paths or more. */
	LOY_BOOTSTRAP_CHAIN = 6,    /**< Specific indirect effect: chain `first` (loy_pls_get_chain()). */
	LOY_BOOTSTRAP_HTMT = 7,     /**< Of constructs `first` > `second`, by absolute correlations. */
	LOY_BOOTSTRAP_INDEX = 8     /**< 0 to 100, of construct `first`. */
};

typedef struct loy_bootstrapped {
	uint32_t struct_size; /**< sizeof(loy_bootstrapped) in the caller's build. */
	uint32_t quantity;    /**< LOY_BOOTSTRAP_PATH, … */
	uint32_t first, second;
	double estimate;  /**< Of the whole sample. */
	double mean;      /**< Of the resamples. */
	double bias;      /**< mean - estimate. */
	double deviation; /**< Standard error: over resamples, divisor one less. */
	double t;         /**< estimate / deviation. */
	double p;         /**< Two-sided, by the normal distribution. */
	double normal_low, normal_high;
	double percentile_low, percentile_high;
	double basic_low, basic_high;
	double corrected_low, corrected_high; /**< Bias-corrected. NaN when all resamples lie on one side. */
	double accelerated_low,
	        accelerated_high; /**< And accelerated. NaN likewise, or when it was not asked for. */
} loy_bootstrapped;

typedef struct loy_bootstrap_summary {
	uint32_t struct_size; /**< sizeof(loy_bootstrap_summary) in the caller's build. */
	uint32_t quantities;
	uint32_t resamples;   /**< Asked for. */
	uint32_t used;        /**< That came to an estimate. */
	uint32_t redrawn;     /**< Draws that did not, and were drawn again. */
	uint32_t dropped;     /**< Resamples given, or drawn 100 times, that did not. */
	uint32_t unconverged; /**< Used, but their weights did not settle. */
	uint32_t left_out;    /**< Estimates with one respondent left out, for the acceleration. */
	double level;
} loy_bootstrap_summary;

/**
 * Resample. @p pls: a last stage; @p table: the one it was estimated from. @return LOY_OK, LOY_EINVAL
 * (arguments; an earlier stage; pairwise missing values; frequencies that are no whole numbers; rows given
 * beyond the table; a table with another number of respondents), LOY_ENAME (an item that is no column),
 * LOY_ESTATE (fewer than two resamples came to an estimate, or the estimate's own paths or loadings are no
 * numbers), LOY_ENOMEM, LOY_ELIMIT or LOY_ECANCELLED; @p error says what.
 */
LOY_API loy_status loy_bootstrap_create(loy_bootstrap **out, const loy_pls *pls, const loy_table *table,
                                        const loy_bootstrap_options *options, const loy_allocator *memory,
                                        loy_error *error);
/** Release. NULL is allowed. Never fails. */
LOY_API void loy_bootstrap_destroy(loy_bootstrap *bootstrap);
/** @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_bootstrap_get_summary(const loy_bootstrap *bootstrap, loy_bootstrap_summary *out);
/** LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_bootstrap_get(const loy_bootstrap *bootstrap, uint32_t index, loy_bootstrapped *out);
/** Place of a quantity. @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND. */
LOY_API loy_status loy_bootstrap_find(const loy_bootstrap *bootstrap, uint32_t quantity, uint32_t first,
                                      uint32_t second, uint32_t *index);
/**
 * Copy the values that a quantity had in the resamples used, in their order. LOY_EBUFFER with *needed (may be
 * NULL) doubles, LOY_ENOTFOUND beyond the last.
 */
LOY_API loy_status loy_bootstrap_replicates(const loy_bootstrap *bootstrap, uint32_t index, double *values,
                                            size_t capacity, size_t *needed);

LOY_END_DECLS
#endif
