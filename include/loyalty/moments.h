/**
 * @file loyalty/moments.h
 * @brief Means, covariances and extremes of columns of numbers in one pass: exact, mergeable, the same bits.
 *
 * A `loy_moments` is what estimators of survey models need to know of a table, however long: weights, sums and sums
 * of products of all pairs of columns, least and greatest values. Everything is an exact integer sum over rows, so
 * the moments of a table do not depend on the order of its rows, on how it was split, or on the machine.
 *
 * What is summed: each value is taken to the nearest multiple of 2^-40 (9.1e-13; halves to even), which is exact for
 * answers on scales and money, and must lie below 2^40 (1.1e12) in magnitude. A weight is taken to a multiple of
 * 2^-40 likewise and must lie in [0, 2^40); from there on all is exact. A row of weight 0 is seen and counts for
 * nothing. Columns of very small numbers should be scaled by the caller.
 *
 * Missing: NaN, and the codes declared (real surveys use such as -99). With LOY_MISSING_LISTWISE a row with anything
 * missing counts as incomplete and nothing else; with LOY_MISSING_PAIRWISE the sums of each pair are over the rows that
 * have both, and moments can be read pairwise or with missing values replaced by the mean.
 *
 * Threads: one object may be changed by one thread at a time; reading is safe from many while nobody changes it.
 */
#ifndef LOYALTY_MOMENTS_H
#define LOYALTY_MOMENTS_H

#include <loyalty/base.h>

LOY_BEGIN_DECLS

typedef struct loy_moments loy_moments;

/** Most columns of moments, and of the tables that estimators take. */
#define LOY_TABLE_COLUMNS_MAX 512

/** A table of numbers in the caller's memory: pointers to first elements and strides in bytes. */
typedef struct loy_table {
	uint32_t struct_size; /**< sizeof(loy_table) in the caller's build. */
	uint32_t columns;     /**< 1 to LOY_TABLE_COLUMNS_MAX. */
	uint64_t rows;
	const double
	        *values; /**< Value c of row i lies row_stride i + column_stride c bytes on. NaN: missing. */
	int64_t row_stride;
	int64_t column_stride;
	const double *weights; /**< One for each row, in [0, 2^40); NULL: all 1. */
	int64_t weight_stride;
	const double *codes; /**< Values that mean "missing" in any column; NULL when code_count is 0. */
	uint32_t code_count; /**< 0 to 16. */
	uint32_t reserved;   /**< 0. */
	const char *const
	        *names; /**< Terminated names of the columns, at most 63 bytes each; NULL: "1", "2", … */
} loy_table;

/** What becomes of missing values. */
enum {
	LOY_MISSING_LISTWISE = 0, /**< Rows with a missing value are left out. */
	LOY_MISSING_PAIRWISE = 1, /**< Each pair of columns uses the rows that have both. */
	LOY_MISSING_MEAN = 2      /**< Missing values are replaced by the mean of their column. */
};

/** What a weight means for n: the sum of weights is the number of rows, or the weights are scaled to add up to it. */
enum {
	LOY_WEIGHT_FREQUENCY = 0, /**< A row of weight 3 is three equal rows. */
	LOY_WEIGHT_SURVEY =
	        1 /**< Weights say how many of the population a respondent stands for; n stays the rows. */
};

/**
 * Moments of @p columns columns. @p missing: LOY_MISSING_LISTWISE, or LOY_MISSING_PAIRWISE (which can also be read
 * with LOY_MISSING_MEAN). NULL @p memory: malloc. @return LOY_OK, LOY_EINVAL or LOY_ENOMEM.
 */
LOY_API loy_status loy_moments_create(loy_moments **out, uint32_t columns, uint32_t missing,
                                      const loy_allocator *memory);
/** Release. NULL is allowed. Never fails. */
LOY_API void loy_moments_destroy(loy_moments *moments);

/**
 * Add the rows of a table. All or nothing: infinite values, values or weights beyond their range and negative
 * weights are refused with row and column (in @p error->field, from 0) before anything is added.
 * The field of a weight is the number of columns.
 * @return LOY_OK, LOY_EINVAL (other number of columns), LOY_ERANGE, LOY_EOVERFLOW (beyond 2^40 rows) or LOY_ENOMEM.
 */
LOY_API loy_status loy_moments_add(loy_moments *moments, const loy_table *table, loy_error *error);
/**
 * Add what another object has summed: columns and missing must be the same. Both may be one object. @return
 * LOY_OK, LOY_EINVAL or LOY_EOVERFLOW (beyond 2^40 rows): unchanged.
 */
LOY_API loy_status loy_moments_merge(loy_moments *into, const loy_moments *from);

/** Canonical bytes: equal sums, equal bytes. LOY_EBUFFER with *needed when they do not fit. */
LOY_API loy_status loy_moments_serialize(const loy_moments *moments, void *buffer, size_t capacity,
                                         size_t *needed);
/** From bytes of any origin. @return LOY_OK, LOY_EINVAL, LOY_EFORMAT, LOY_ECHECKSUM, LOY_EVERSION or LOY_ENOMEM. */
LOY_API loy_status loy_moments_parse(loy_moments **out, const void *bytes, size_t length,
                                     const loy_allocator *memory, loy_error *error);

/** What has been counted. */
typedef struct loy_moments_info {
	uint32_t struct_size; /**< sizeof(loy_moments_info) in the caller's build. */
	uint32_t columns;
	uint32_t missing; /**< As created. */
	uint32_t reserved;
	uint64_t rows;         /**< Rows seen. */
	uint64_t complete;     /**< Rows without a missing value. */
	double weight;         /**< Sum of weights of the complete rows. */
	double weight_squares; /**< Sum of their squares: weight² / weight_squares is the effective number. */
} loy_moments_info;
/** @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_moments_get_info(const loy_moments *moments, loy_moments_info *out);

/** One column. With LISTWISE of the complete rows, else of the rows that have a value. */
typedef struct loy_column_moments {
	uint32_t struct_size; /**< sizeof(loy_column_moments) in the caller's build. */
	uint32_t reserved;
	uint64_t rows;   /**< Rows with a value. */
	double weight;   /**< Sum of their weights. */
	double mean;     /**< NaN without rows, as what follows. */
	double variance; /**< With divisor n - 1, n as @p weighting of the call says. */
	double least, greatest;
} loy_column_moments;
/** @p weighting: LOY_WEIGHT_FREQUENCY or LOY_WEIGHT_SURVEY. LOY_ENOTFOUND beyond the last column. */
LOY_API loy_status loy_moments_get_column(const loy_moments *moments, uint32_t column, uint32_t weighting,
                                          loy_column_moments *out);

/** Which matrix. */
enum {
	LOY_MATRIX_COVARIANCE = 0,    /**< Divisor n - 1. */
	LOY_MATRIX_COVARIANCE_ML = 1, /**< Divisor n. */
	LOY_MATRIX_CORRELATION = 2,
	LOY_MATRIX_COUNT = 3 /**< Rows (sum of weights) that each pair was computed from. */
};

/**
 * A matrix of all columns, row-major, columns x columns doubles, and the means (may be NULL). Each entry is one
 * correctly rounded quotient of exact sums but for a few last places. @p missing says how an accumulator made with
 * LOY_MISSING_PAIRWISE is read. Pairwise correlations use the deviations over the rows that have both (as R's
 * `pairwise.complete.obs`) and may not be positive definite. @return LOY_OK, LOY_EINVAL, LOY_EUNKNOWN (a pair
 * has fewer than two rows) or LOY_ERANGE (a correlation of a column that does not vary); @p error names the column.
 */
LOY_API loy_status loy_moments_get_matrix(const loy_moments *moments, uint32_t missing, uint32_t weighting,
                                          uint32_t kind, double *matrix, double *means, loy_error *error);

LOY_END_DECLS
#endif
