/**
 * @file loyalty/items.h
 * @brief Do the questions of a block measure one thing? Item analysis, and which drivers to work on.
 *
 * A `loy_items` sums what reliability needs of the answers to a block of questions, exactly and mergeably, as
 * moments do. Reversed items are turned by their scale's ends, which are declared, not taken from the data.
 *
 * Threads: one object may be changed by one thread at a time; reading is safe from many while nobody changes
 * it.
 */
#ifndef LOYALTY_ITEMS_H
#define LOYALTY_ITEMS_H

#include <loyalty/moments.h>

LOY_BEGIN_DECLS

typedef struct loy_items loy_items;

/** Most items of a block. */
#define LOY_ITEMS_MAX 128

typedef struct loy_items_options {
	uint32_t struct_size; /**< sizeof(loy_items_options) in the caller's build. */
	uint32_t count;       /**< Items: 2 to LOY_ITEMS_MAX. */
	uint32_t missing;     /**< LOY_MISSING_LISTWISE or LOY_MISSING_PAIRWISE. */
	uint32_t weighting;   /**< LOY_WEIGHT_… */
	const int8_t *keys;   /**< 1, or -1 of a reversed item; NULL: all 1. */
	double low, high;     /**< Ends of the scale; both 0 when no item is reversed. */
} loy_items_options;

/** A block without answers. @return LOY_OK, LOY_EINVAL, LOY_ELIMIT or LOY_ENOMEM. */
LOY_API loy_status loy_items_create(loy_items **out, const loy_items_options *options,
                                    const loy_allocator *memory);
/** Release. NULL is allowed. Never fails. */
LOY_API void loy_items_destroy(loy_items *items);
/**
 * Add the rows of a table whose columns are the items, in order; all or none. Values lie below 2^19 in
 * magnitude, and, when the scale's ends are given, between them. @return as loy_moments_add().
 */
LOY_API loy_status loy_items_add(loy_items *items, const loy_table *table, loy_error *error);
/**
 * Add what another block of the same options has summed. @return LOY_OK, LOY_EINVAL (other options) or
 * LOY_EOVERFLOW: unchanged.
 */
LOY_API loy_status loy_items_merge(loy_items *into, const loy_items *from);

/**
 * With missing answers read pairwise, reliabilities come from covariances over the rows that have both, and
 * correlations among items (sampling adequacy, eigenvalues) are those of the rows that have both, as R's
 * psych and cor have them.
 */
typedef struct loy_reliability {
	uint32_t struct_size; /**< sizeof(loy_reliability) in the caller's build. */
	uint32_t items;
	uint32_t negative; /**< Items that correlate negatively with the rest: keys may be missing. */
	uint32_t reserved;
	double n;        /**< Rows with an answer, or complete ones. */
	double complete; /**< Complete rows. */
	double alpha;    /**< Cronbach (1951), of covariances; can be negative. */
	double alpha_standardised;
	double lambda6; /**< Guttman's (1945), of squared multiple correlations; NaN where these have no inverse. */
	double mean_r, median_r;
	double signal_to_noise;
	double alpha_deviation;       /**< Standard error of alpha (Duhachek & Iacobucci 2004). */
	double alpha_low, alpha_high; /**< 95 % limits of alpha (Feldt 1965). */
	double mean, spread;          /**< Of the block's score: the mean of a respondent's answers. */
	double kmo;                   /**< Sampling adequacy (Kaiser 1974); NaN as lambda6. */
	double bartlett, bartlett_p;  /**< Chi-square that all correlations are 0 (Bartlett 1951), */
	double bartlett_degrees; /**< and its degrees of freedom. NaN where correlations are not positive definite. */
} loy_reliability;

typedef struct loy_item {
	double n, mean, spread;
	double skewness, kurtosis; /**< Divisor n, kurtosis as excess. Of a reversed item, as turned. */
	double with_score;         /**< Correlation with the block's score. */
	double with_rest;          /**< Correlation with the sum of the other items: corrected for itself. */
	double alpha_without; /**< alpha_without > alpha: the block is better off without it. NaN for two items, and
	                         where the others cancel, as with_rest. */
	double kmo;
	double multiple; /**< Squared multiple correlation with the other items. */
} loy_item;

/**
 * Analyse the block. @p each (may be NULL) gets the items, @p eigenvalues (may be NULL) those of the
 * correlations, largest first. @return LOY_OK, LOY_EINVAL, LOY_EUNKNOWN (a pair of items has fewer than two
 * rows), LOY_ERANGE (an item does not vary; its number in @p error->field) or LOY_ENOMEM.
 */
LOY_API loy_status loy_items_analyse(const loy_items *items, loy_reliability *out, loy_item *each,
                                     double *eigenvalues, const loy_allocator *memory, loy_error *error);

/* ---- importance and performance ---- */

/** What to do about a driver. */
enum {
	LOY_PRIORITY_KEEP = 0,  /**< Important and good: keep it up. */
	LOY_PRIORITY_FIX = 1,   /**< Important and not good: work here first. */
	LOY_PRIORITY_LOW = 2,   /**< Neither important nor good. */
	LOY_PRIORITY_EXCESS = 3 /**< Good beyond its importance. */
};

/** One driver on the map. */
typedef struct loy_priority {
	double importance;  /**< In: its total effect, or any weight given. */
	double performance; /**< In: index from 0 to 100. */
	uint32_t quadrant;  /**< Out: LOY_PRIORITY_… */
	uint32_t rank;      /**< Out: 1 where gain · (100 - performance) is largest; ties share a rank. */
	double gain; /**< Out: what a point of performance adds: the importance, 0 of a negative one. */
} loy_priority;

/** Where the map is divided. */
typedef struct loy_priority_lines {
	uint32_t struct_size; /**< sizeof(loy_priority_lines) in the caller's build. */
	uint32_t given;       /**< 1: the lines below are given, else they become the means of the drivers. */
	double importance, performance;
} loy_priority_lines;

/**
 * Importance-performance map (Martilla & James 1977): quadrants of @p count drivers, 1 to 10000. On a line
 * counts as above.
 * @return LOY_OK, LOY_EINVAL or LOY_ERANGE (row in @p error: not finite, or no index).
 */
LOY_API loy_status loy_priority_map(loy_priority *drivers, uint32_t count, loy_priority_lines *lines,
                                    loy_error *error);
/** Index from 0 to 100 of a mean on a scale. LOY_ERANGE unless low < high and the mean lies between them. */
LOY_API loy_status loy_index_from_mean(double mean, double low, double high, double *index);

LOY_END_DECLS
#endif
