/**
 * @file loyalty/groups.h
 * @brief Are two groups of respondents alike: does a path model measure the same in both, and do its paths
 * differ?
 *
 * Measurement invariance of composites (MICOM; Henseler, Ringle & Sarstedt 2016): the correlation of a
 * construct's scores by the weights of the one and of the other group, over all respondents, against what
 * random division gives; then differences of means and variances of scores by common weights. Paths are
 * compared by permutation (Chin & Dibbern 2010), by bootstrap (Henseler 2012: how often the one group's
 * estimate exceeds the other's), and by the test of Welch and Satterthwaite on bootstrap errors. The settings
 * of the estimate hold in all of it.
 *
 * Divisions and draws come from a counter, as those of loy_bootstrap_create(): equal seeds, equal bits. Those
 * from which nothing can be estimated are made again and counted. Tests of many constructs and paths at once
 * find something by chance: `p` is that of each alone.
 *
 * Limits: models of one stage without products; unweighted respondents. Configural invariance (the same
 * items, coded alike) is the caller's to see to.
 *
 * Threads: a comparison never changes once made and may be read from many threads.
 */
#ifndef LOYALTY_GROUPS_H
#define LOYALTY_GROUPS_H

#include <loyalty/pls.h>

LOY_BEGIN_DECLS

typedef struct loy_groups loy_groups;

/** Zero it and set struct_size: zero is the default. */
typedef struct loy_groups_options {
	uint32_t struct_size;  /**< sizeof(loy_groups_options) in the caller's build. */
	uint32_t permutations; /**< 2 to 1000000; 0: 1000. */
	uint32_t resamples;    /**< Of each group, 2 to 1000000; 0: 1000. */
	uint32_t reserved;     /**< 0. */
	uint64_t seed;         /**< Any. */
	double level;          /**< Of limits, above 0 and below 1; 0: 0.95. */
	loy_progress progress; /**< Called now and then; NULL: never. */
	void *user_data;       /**< For progress. */
} loy_groups_options;

/** A construct in both groups. */
typedef struct loy_invariance {
	uint32_t struct_size; /**< sizeof(loy_invariance) in the caller's build. */
	uint32_t construct;
	double correlation;       /**< Of scores by the weights of either group. */
	double correlation_least; /**< The 1 - level quantile of random divisions: below it, measurement
				       differs. */
	double correlation_p;   /**< Share of divisions with a correlation at most as high. */
	double mean_difference; /**< First less second group, in deviations of all. */
	double mean_low, mean_high,
	        mean_p;        /**< Limits of random divisions; share that differ at least as much. */
	double variance_ratio; /**< Logarithm of the first group's variance by the second's. */
	double variance_low, variance_high, variance_p;
} loy_invariance;

/** A path in both groups. */
typedef struct loy_path_difference {
	uint32_t struct_size;             /**< sizeof(loy_path_difference) in the caller's build. */
	uint32_t path;                    /**< As in loy_pls_get_path(). */
	double first, second;             /**< Its value in either group. */
	double first_error, second_error; /**< Standard errors by bootstrap. */
	double permutation_p; /**< Share of random divisions whose difference is at least as large, either
				   way. */
	double bootstrap_p; /**< Two-sided, by how often the first group's resamples exceed the second's. */
	double welch_t,
	        welch_p; /**< Difference by the root of summed squared errors; Satterthwaite's degrees. */
} loy_path_difference;

typedef struct loy_groups_summary {
	uint32_t struct_size; /**< sizeof(loy_groups_summary) in the caller's build. */
	uint32_t constructs, paths;
	uint32_t permutations, resamples;
	uint32_t redrawn;       /**< Divisions and draws from which nothing could be estimated. */
	uint64_t first, second; /**< Respondents. */
} loy_groups_summary;

/**
 * Compare two groups. @p pls: an estimate of the whole table, whose model and settings are used; @p group:
 * for each row of the table 1 or 2; 0: in neither. @return LOY_OK, LOY_EINVAL (arguments; several stages; products;
 * weights; pairwise missing values; another number), LOY_ENAME, LOY_EUNKNOWN (fewer than 3 respondents in a
 * group), LOY_ERANGE (a group in which the model cannot be estimated, or divisions that fail again and
 * again), LOY_ENOMEM or LOY_ECANCELLED.
 */
LOY_API loy_status loy_groups_create(loy_groups **out, const loy_pls *pls, const loy_table *table,
                                     const uint8_t *group, const loy_groups_options *options,
                                     const loy_allocator *memory, loy_error *error);
/** Release. NULL is allowed. Never fails. */
LOY_API void loy_groups_destroy(loy_groups *groups);
/** @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_groups_get_summary(const loy_groups *groups, loy_groups_summary *out);
/** LOY_ENOTFOUND beyond the last construct. */
LOY_API loy_status loy_groups_get_invariance(const loy_groups *groups, uint32_t construct,
                                             loy_invariance *out);
/** LOY_ENOTFOUND beyond the last path. */
LOY_API loy_status loy_groups_get_path(const loy_groups *groups, uint32_t path, loy_path_difference *out);

LOY_END_DECLS
#endif
