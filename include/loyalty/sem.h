/**
 * @file loyalty/sem.h
 * @brief Covariance-based structural equation models: maximum likelihood for factor models and recursive paths.
 *
 * A `loy_sem` is what became of a specification (paths.h) and data: estimates with standard errors, tests,
 * measures of fit, standardised solution, defined quantities, and a list of everything that makes the
 * solution inadmissible. The method is that of Jöreskog (1969, 1970) and Bollen (1989): the covariances that
 * the paths imply are fitted to those of the sample by the likelihood of the normal distribution, with exact
 * first and second derivatives until nothing but rounding is left of the gradient. Conventions are lavaan's
 * (Rosseel 2012):
 *
 * - the first loading of each construct is 1, or with LOY_SEM_UNIT_VARIANCE its (residual) variance is;
 * - the residual variance of the only indicator of a construct is 0, when nothing else says otherwise;
 * - residual variances are free; constructs that depend on nothing covary freely, and so do the residuals of
 *   outcomes that nothing depends on;
 * - observed causes keep the covariances they have in the sample and are no part of the likelihood
 *   (`fixed.x`), unless LOY_SEM_RANDOM_CAUSES is set, a term speaks of their (co)variance or mean, or values
 *   are missing;
 * - equal labels are one parameter; with means, intercepts of items are free and those of constructs 0.
 *
 * Composites (`<~`) and products are refused. Standard errors come from the expected information; with
 * missing values (full information: each row counts by what it has, Arbuckle 1996) from the observed one.
 * Robust ones need rows: LOY_SEM_ROBUST_MLR is the sandwich of Huber and White with the scaled test of Yuan &
 * Bentler (2000, as lavaan and Mplus compute it), LOY_SEM_ROBUST_MLM that of Satorra & Bentler (1994).
 *
 * The order of rows does not change a bit of the result: moments are exact sums (moments.h), and what needs
 * the rows themselves sorts them first.
 *
 * Threads: a fit is never changed after it was made: reading is safe from many threads.
 */
#ifndef LOYALTY_SEM_H
#define LOYALTY_SEM_H

#include <loyalty/base.h>
#include <loyalty/moments.h>
#include <loyalty/paths.h>

LOY_BEGIN_DECLS

typedef struct loy_sem loy_sem;

/** Most free parameters and most rows of the table of parameters. */
#define LOY_SEM_FREE_MAX       2048
#define LOY_SEM_PARAMETERS_MAX 16384
/** The relation of a parameter that is a definition (`:=`); others are LOY_TERM_…. */
#define LOY_SEM_DEFINED 6
/** What is said in place of a free parameter's number. */
#define LOY_SEM_NONE UINT32_MAX

/** Flags of options. */
#define LOY_SEM_UNIT_VARIANCE 1u /**< Constructs have (residual) variance 1; first loadings are free. */
#define LOY_SEM_RANDOM_CAUSES 2u /**< Observed causes are part of the model: their moments are parameters. */
#define LOY_SEM_MEANS                                                                                        \
	4u /**< Fit means as well; done anyway when a term is an intercept or values are missing. */

/** What the covariances of the sample are divided by, and what n is in tests. */
enum {
	LOY_SEM_NORMAL = 0, /**< n: the likelihood of the rows. */
	LOY_SEM_WISHART = 1 /**< n - 1: the likelihood of the covariances. */
};

/** What becomes of rows with missing values. */
enum {
	LOY_SEM_LISTWISE = 0,        /**< They are left out. */
	LOY_SEM_FULL_INFORMATION = 1 /**< They count by what they have. Needs a table. */
};

/** Where standard errors come from. */
enum {
	LOY_SEM_ERRORS_DEFAULT = 0, /**< Expected information; observed with full information. */
	LOY_SEM_ERRORS_EXPECTED = 1,
	LOY_SEM_ERRORS_OBSERVED = 2,
	LOY_SEM_ROBUST_MLR = 3, /**< Observed information, sandwich, test of Yuan & Bentler. Needs a table. */
	LOY_SEM_ROBUST_MLM =
	        4 /**< Expected information, sandwich, test of Satorra & Bentler. Complete rows. */
};

/** How to fit. Zero the struct first: a zero field means its default. */
typedef struct loy_sem_options {
	uint32_t struct_size;  /**< sizeof(loy_sem_options) in the caller's build. */
	uint32_t flags;        /**< LOY_SEM_UNIT_VARIANCE, … */
	uint32_t likelihood;   /**< LOY_SEM_NORMAL, … */
	uint32_t missing;      /**< LOY_SEM_LISTWISE, … */
	uint32_t errors;       /**< LOY_SEM_ERRORS_DEFAULT, … */
	uint32_t weighting;    /**< LOY_WEIGHT_FREQUENCY or LOY_WEIGHT_SURVEY. */
	uint32_t iterations;   /**< Most steps of the search; 0: 500, and another way where that stops. */
	uint32_t reserved;     /**< 0. */
	loy_progress progress; /**< May be NULL; told steps done and at most to be done. */
	void *user_data;       /**< Passed to it. */
} loy_sem_options;

/** A covariance matrix, as published ones come. */
typedef struct loy_sem_matrix {
	uint32_t struct_size;     /**< sizeof(loy_sem_matrix) in the caller's build. */
	uint32_t columns;         /**< 1 to LOY_TABLE_COLUMNS_MAX. */
	uint64_t rows;            /**< That it was computed from, at least 2. */
	const double *covariance; /**< Row-major, symmetric, with divisor rows - 1. */
	const double *means;      /**< NULL: unknown. */
	const char *const *names; /**< Of the columns, terminated. */
} loy_sem_matrix;

/**
 * Fit the paths to a table, to moments (their columns named by @p names, terminated; read listwise) or to a
 * covariance matrix. @p options NULL: the defaults; @p memory NULL: malloc. The fit keeps nothing of its
 * inputs. It succeeds with whatever solution was found: loy_sem_get_info() and loy_sem_get_issue() tell what
 * is wrong with it.
 * @return LOY_OK, LOY_EINVAL (also composites, products, a label fixed at two values), LOY_ENAME (an item
 * that is no column; a parameter stated twice), LOY_ECYCLE, LOY_EUNKNOWN (too few rows), LOY_ERANGE (an item
 * does not vary or follows from others, named; a value beyond range, with row and column; no finite start),
 * LOY_ELIMIT, LOY_EOVERFLOW, LOY_ECANCELLED or LOY_ENOMEM.
 */
LOY_API loy_status loy_sem_fit_table(loy_sem **out, const loy_paths *paths, const loy_table *table,
                                     const loy_sem_options *options, const loy_allocator *memory,
                                     loy_error *error);
LOY_API loy_status loy_sem_fit_moments(loy_sem **out, const loy_paths *paths, const loy_moments *moments,
                                       const char *const *names, const loy_sem_options *options,
                                       const loy_allocator *memory, loy_error *error);
LOY_API loy_status loy_sem_fit_matrix(loy_sem **out, const loy_paths *paths, const loy_sem_matrix *matrix,
                                      const loy_sem_options *options, const loy_allocator *memory,
                                      loy_error *error);
/** Release a fit. NULL is allowed. Never fails. */
LOY_API void loy_sem_destroy(loy_sem *sem);

/** How the search ended. */
enum {
	LOY_SEM_CONVERGED = 0, /**< The gradient is nothing but rounding at a minimum. */
	LOY_SEM_STOPPED = 1,   /**< Too many steps, or no way on: what is reported is no solution. */
	LOY_SEM_NOT_IDENTIFIED =
	        2 /**< The information is singular: `parameter` follows from others; no errors. */
};

typedef struct loy_sem_info {
	uint32_t struct_size; /**< sizeof(loy_sem_info) in the caller's build. */
	uint32_t state;       /**< LOY_SEM_CONVERGED, … */
	uint32_t parameter;   /**< Row of the table that is not identified, else LOY_SEM_NONE. */
	uint32_t parameters;  /**< Rows of the table of parameters. */
	uint32_t free;        /**< Free parameters. */
	uint32_t observed, constructs;
	uint32_t issues;
	uint32_t iterations, halvings;
	uint32_t patterns; /**< Of missing values; 1 without. */
	uint32_t means;    /**< 1 when means are fitted. */
	double rows;       /**< n: rows, or the sum of weights. */
	double distance;   /**< Length of the step that was not worth taking any more, in standard errors. */
	double condition;  /**< Of the information, its diagonal scaled to 1, by the largest sum of a row. */
} loy_sem_info;
/** @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_sem_get_info(const loy_sem *sem, loy_sem_info *out);

/** A row of the table of parameters: terms in their order, what was added, definitions. */
typedef struct loy_sem_parameter {
	uint32_t struct_size; /**< sizeof(loy_sem_parameter) in the caller's build. */
	uint32_t relation;    /**< LOY_TERM_MEASURED, …, LOY_SEM_DEFINED. */
	uint32_t
	        free; /**< Number of the free parameter, equal for equal labels; LOY_SEM_NONE: fixed or defined. */
	uint32_t added; /**< 1: no term speaks of it. */
	const char *left,
	        *right; /**< Terminated; of a definition its name and expression. Live as long as the fit. */
	const char *label; /**< NULL: none. */
	double value;
	double deviation; /**< Standard error; 0 of what is fixed, NaN when there is none. */
	double z, p;      /**< value / deviation, two-sided; NaN for what is fixed. */
	double low, high; /**< 95 % interval. */
	double standard; /**< All variables standardised (lavaan's std.all); NaN beyond a negative variance. */
	double latent;   /**< Constructs alone standardised (std.lv). */
} loy_sem_parameter;
/** LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_sem_get_parameter(const loy_sem *sem, uint32_t index, loy_sem_parameter *out);
/**
 * Row of a parameter by names (right is NULL for intercepts and definitions); either order for
 * LOY_TERM_COVARIES. @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND.
 */
LOY_API loy_status loy_sem_find_parameter(const loy_sem *sem, uint32_t relation, const char *left,
                                          const char *right, uint32_t *index);

/**
 * Measures of fit, with lavaan's names. NaN where there is none: tests without degrees of freedom, scaled ones
 * without robust errors; with missing values, robust CFI, TLI and RMSEA and the shares of explained moments (GFI
 * and kin).
 */
#define LOY_SEM_FIT_MAP(X)                                                                                   \
	X(LOY_SEM_NPAR, 0, "npar")                                                                           \
	X(LOY_SEM_FMIN, 1, "fmin")                                                                           \
	X(LOY_SEM_CHISQ, 2, "chisq")                                                                         \
	X(LOY_SEM_DF, 3, "df")                                                                               \
	X(LOY_SEM_P, 4, "pvalue")                                                                            \
	X(LOY_SEM_BASELINE_CHISQ, 5, "baseline.chisq")                                                       \
	X(LOY_SEM_BASELINE_DF, 6, "baseline.df")                                                             \
	X(LOY_SEM_BASELINE_P, 7, "baseline.pvalue")                                                          \
	X(LOY_SEM_CFI, 8, "cfi")                                                                             \
	X(LOY_SEM_TLI, 9, "tli")                                                                             \
	X(LOY_SEM_RFI, 10, "rfi")                                                                            \
	X(LOY_SEM_NFI, 11, "nfi")                                                                            \
	X(LOY_SEM_PNFI, 12, "pnfi")                                                                          \
	X(LOY_SEM_IFI, 13, "ifi")                                                                            \
	X(LOY_SEM_RNI, 14, "rni")                                                                            \
	X(LOY_SEM_LOGL, 15, "logl")                                                                          \
	X(LOY_SEM_LOGL_UNRESTRICTED, 16, "unrestricted.logl")                                                \
	X(LOY_SEM_AIC, 17, "aic")                                                                            \
	X(LOY_SEM_BIC, 18, "bic")                                                                            \
	X(LOY_SEM_BIC_ADJUSTED, 19, "bic2")                                                                  \
	X(LOY_SEM_ROWS, 20, "ntotal")                                                                        \
	X(LOY_SEM_RMSEA, 21, "rmsea")                                                                        \
	X(LOY_SEM_RMSEA_LOW, 22, "rmsea.ci.lower")                                                           \
	X(LOY_SEM_RMSEA_HIGH, 23, "rmsea.ci.upper")                                                          \
	X(LOY_SEM_RMSEA_CLOSE, 24, "rmsea.pvalue")                                                           \
	X(LOY_SEM_RMSEA_NOT_CLOSE, 25, "rmsea.notclose.pvalue")                                              \
	X(LOY_SEM_RMR, 26, "rmr")                                                                            \
	X(LOY_SEM_SRMR, 27, "srmr")                                                                          \
	X(LOY_SEM_CRMR, 28, "crmr")                                                                          \
	X(LOY_SEM_CN_05, 29, "cn_05")                                                                        \
	X(LOY_SEM_CN_01, 30, "cn_01")                                                                        \
	X(LOY_SEM_GFI, 31, "gfi")                                                                            \
	X(LOY_SEM_AGFI, 32, "agfi")                                                                          \
	X(LOY_SEM_PGFI, 33, "pgfi")                                                                          \
	X(LOY_SEM_MFI, 34, "mfi")                                                                            \
	X(LOY_SEM_ECVI, 35, "ecvi")                                                                          \
	X(LOY_SEM_SCALED_CHISQ, 36, "chisq.scaled")                                                          \
	X(LOY_SEM_SCALED_P, 37, "pvalue.scaled")                                                             \
	X(LOY_SEM_SCALING, 38, "chisq.scaling.factor")                                                       \
	X(LOY_SEM_SCALED_BASELINE_CHISQ, 39, "baseline.chisq.scaled")                                        \
	X(LOY_SEM_SCALED_BASELINE_P, 40, "baseline.pvalue.scaled")                                           \
	X(LOY_SEM_BASELINE_SCALING, 41, "baseline.chisq.scaling.factor")                                     \
	X(LOY_SEM_SCALED_CFI, 42, "cfi.scaled")                                                              \
	X(LOY_SEM_SCALED_TLI, 43, "tli.scaled")                                                              \
	X(LOY_SEM_ROBUST_CFI, 44, "cfi.robust")                                                              \
	X(LOY_SEM_ROBUST_TLI, 45, "tli.robust")                                                              \
	X(LOY_SEM_SCALED_RMSEA, 46, "rmsea.scaled")                                                          \
	X(LOY_SEM_SCALED_RMSEA_LOW, 47, "rmsea.ci.lower.scaled")                                             \
	X(LOY_SEM_SCALED_RMSEA_HIGH, 48, "rmsea.ci.upper.scaled")                                            \
	X(LOY_SEM_SCALED_RMSEA_CLOSE, 49, "rmsea.pvalue.scaled")                                             \
	X(LOY_SEM_ROBUST_RMSEA, 50, "rmsea.robust")                                                          \
	X(LOY_SEM_ROBUST_RMSEA_LOW, 51, "rmsea.ci.lower.robust")                                             \
	X(LOY_SEM_ROBUST_RMSEA_HIGH, 52, "rmsea.ci.upper.robust")                                            \
	X(LOY_SEM_ROBUST_RMSEA_CLOSE, 53, "rmsea.pvalue.robust")

#define LOY_SEM_FIT_CONSTANT(name, value, text) name = value,
enum { LOY_SEM_FIT_MAP(LOY_SEM_FIT_CONSTANT) LOY_SEM_FIT_COUNT };
#undef LOY_SEM_FIT_CONSTANT

/** LOY_ENOTFOUND for a measure this version does not know. */
LOY_API loy_status loy_sem_get_fit(const loy_sem *sem, uint32_t measure, double *value);
/** Name of a measure ("cfi"), NULL for one this version does not know. Static text. */
LOY_API const char *loy_sem_fit_name(uint32_t measure);

/** A variable: items in the order of their first mention, then constructs. */
typedef struct loy_sem_variable {
	uint32_t struct_size; /**< sizeof(loy_sem_variable) in the caller's build. */
	uint32_t kind;        /**< LOY_VARIABLE_ITEM or LOY_VARIABLE_CONSTRUCT. */
	const char *name;     /**< Terminated; lives as long as the fit. */
	double variance;      /**< Implied. */
	double mean;          /**< Implied; NaN when means are not fitted. */
	double r2;            /**< 1 - residual / variance; NaN for what depends on nothing. */
} loy_sem_variable;
/** LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_sem_get_variable(const loy_sem *sem, uint32_t index, loy_sem_variable *out);

/** Matrices of a fit: of items, constructs (both in the order of variables) or free parameters. */
enum {
	LOY_SEM_SAMPLE = 0,                /**< Covariances of the items that were fitted. */
	LOY_SEM_IMPLIED = 1,               /**< Those the estimates imply. */
	LOY_SEM_CONSTRUCTS = 2,            /**< Covariances of the constructs. */
	LOY_SEM_CONSTRUCTS_CORRELATED = 3, /**< Their correlations. */
	LOY_SEM_ESTIMATES = 4              /**< Covariances of the free parameters. */
};
/**
 * Row-major into @p matrix with room for @p capacity doubles; *size is the number of rows (may be NULL).
 * LOY_EBUFFER.
 */
LOY_API loy_status loy_sem_get_matrix(const loy_sem *sem, uint32_t kind, double *matrix, size_t capacity,
                                      uint32_t *size);

/** What makes a solution inadmissible or doubtful. */
enum {
	LOY_SEM_ISSUE_STOPPED = 1,        /**< The search found no minimum. */
	LOY_SEM_ISSUE_NOT_IDENTIFIED = 2, /**< `parameter` follows from others. */
	LOY_SEM_ISSUE_VARIANCE = 3,       /**< Negative (residual) variance: Heywood case. */
	LOY_SEM_ISSUE_CORRELATION = 4,    /**< A correlation of two constructs, or of residuals, beyond 1. */
	LOY_SEM_ISSUE_CONSTRUCTS =
	        5, /**< Not positive definite; value: least eigenvalue of their correlations. */
	LOY_SEM_ISSUE_RESIDUALS = 6, /**< The same of the residuals of items. */
	LOY_SEM_ISSUE_PATH = 7,      /**< A standardised path or loading beyond 1 in magnitude. */
	LOY_SEM_ISSUE_FEW_ROWS = 8,  /**< Fewer rows than free parameters. */
	LOY_SEM_ISSUE_SATURATED = 9, /**< The unrestricted model's search stopped: chi-square is too small. */
	LOY_SEM_ISSUE_DEFINITION = 10 /**< A definition is not finite: none has a value. */
};
typedef struct loy_sem_issue {
	uint32_t struct_size; /**< sizeof(loy_sem_issue) in the caller's build. */
	uint32_t kind;        /**< LOY_SEM_ISSUE_VARIANCE, … */
	uint32_t parameter;   /**< Row of the table, or LOY_SEM_NONE. */
	uint32_t reserved;
	const char *first,
	        *second; /**< Variables concerned; NULL when there is none. Live as long as the fit. */
	double value;    /**< The variance, correlation, eigenvalue, path or number of rows. */
} loy_sem_issue;
/** LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_sem_get_issue(const loy_sem *sem, uint32_t index, loy_sem_issue *out);

LOY_END_DECLS
#endif
