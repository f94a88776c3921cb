/**
 * @file loyalty/pls.h
 * @brief Partial least squares path modelling: constructs weighed from survey answers, paths between them, indices.
 *
 * Each construct is a weighted sum of standardised indicators (divisor n - 1); weights come from alternating between
 * what a construct's neighbours say of it and what its indicators do (Wold 1982; Lohmoeller 1989; Tenenhaus, Esposito
 * Vinzi, Chatelin & Lauro 2005). Only means and covariances are needed: what estimates does not depend on the number
 * of rows. Paths are regressions of standardised scores. All weights start at 1; nothing is random.
 *
 * Consistent PLS (Dijkstra & Henseler 2015) corrects correlations of `=~` constructs for their reliability. Reliability
 * is that of Cronbach (1951), Dijkstra & Henseler (rho_A), Joereskog (1971; rho_C, with Fornell & Larcker 1981 for
 * average variance extracted) and Dillon & Goldstein (1984). HTMT is that of Henseler, Ringle & Sarstedt (2015) and, by
 * absolute correlations, of Ringle et al. (2023); f² that of Cohen (1988) with scores held fixed; SRMR as in Henseler
 * et al. (2014); goodness of fit as in Tenenhaus et al. (2005). Products are estimated as Chin, Marcolin & Newsted
 * (2003; product indicators), Little, Bovaird & Widaman (2006; orthogonal) and Henseler & Fassott (2010; two stages)
 * say, higher-order constructs as Lohmoeller (repeated indicators) and Becker et al. (2023; disjoint two stages) do.
 * Indices from 0 to 100 are those of the American index (Fornell, Johnson, Anderson, Cha & Bryant 1996).
 *
 * Nothing is repaired in silence: what makes a solution doubtful or inadmissible is listed (loy_pls_get_problem()),
 * with names, and values are given as they come out. Names, texts and handles that are given live as long as the
 * estimate.
 *
 * Threads: an estimate never changes: all may read it at the same time.
 */
#ifndef LOYALTY_PLS_H
#define LOYALTY_PLS_H

#include <loyalty/moments.h>
#include <loyalty/paths.h>

LOY_BEGIN_DECLS

typedef struct loy_pls loy_pls;

/** Most indicators (products and repeated ones included), constructs, and predictors of one construct. */
#define LOY_PLS_INDICATORS_MAX 2048
#define LOY_PLS_CONSTRUCTS_MAX 256
#define LOY_PLS_PREDICTORS_MAX 64
/** Most chains of paths (specific effects) that are listed. */
#define LOY_PLS_CHAINS_MAX 65536

/** How neighbours weigh in a construct's proxy. */
enum {
	LOY_PLS_PATH = 0,      /**< Predictors by regression, outcomes by correlation. */
	LOY_PLS_FACTORIAL = 1, /**< By correlation. */
	LOY_PLS_CENTROID = 2   /**< By the sign of the correlation. */
};

/** How indicators are weighed. */
enum {
	LOY_PLS_MODE_OF_TERM = 0, /**< =~ as mode A, <~ as mode B. */
	LOY_PLS_MODE_A = 1,       /**< By correlations. */
	LOY_PLS_MODE_B = 2,       /**< By regression. */
	LOY_PLS_MODE_UNIT = 3     /**< All the same. */
};

/** Which of the two directions of a construct; applied to weights, loadings, scores and paths alike. */
enum {
	LOY_PLS_SIGN_START = 0,    /**< As it comes out of the start at +1. */
	LOY_PLS_SIGN_DOMINANT = 1, /**< The largest loading, in magnitude, is positive. */
	LOY_PLS_SIGN_MAJORITY = 2  /**< Most loadings are positive; when as many are not, their sum is. */
};

/** How constructs made of constructs are estimated. */
enum {
	LOY_PLS_HIGHER_REPEATED = 0, /**< By the indicators of those; paths join the two. */
	LOY_PLS_HIGHER_STAGES = 1    /**< By the scores of those, which stand in for it in a first stage. */
};

/** How products of constructs are estimated. Needs the rows of a table. */
enum {
	LOY_PLS_PRODUCT_STAGES = 0,     /**< By the product of scores of a first stage without products. */
	LOY_PLS_PRODUCT_INDICATORS = 1, /**< By products of all pairs of indicators. */
	LOY_PLS_PRODUCT_ORTHOGONAL = 2  /**< By those, less what the indicators explain of them. */
};

/** The mode of one construct. */
typedef struct loy_pls_override {
	const char *construct; /**< Terminated. */
	uint32_t mode;         /**< LOY_PLS_MODE_A, LOY_PLS_MODE_B or LOY_PLS_MODE_UNIT. */
	uint32_t reserved;     /**< 0. */
} loy_pls_override;

/** Zero it and set struct_size: zero is the default. */
typedef struct loy_pls_options {
	uint32_t struct_size; /**< sizeof(loy_pls_options) in the caller's build. */
	uint32_t scheme;      /**< LOY_PLS_PATH, … */
	uint32_t mode;        /**< Of all constructs: LOY_PLS_MODE_OF_TERM, … */
	uint32_t consistent;  /**< 1: consistent PLS. */
	uint32_t sign;        /**< LOY_PLS_SIGN_START, … */
	uint32_t higher;      /**< LOY_PLS_HIGHER_REPEATED, … */
	uint32_t product;     /**< LOY_PLS_PRODUCT_STAGES, … */
	uint32_t missing;     /**< LOY_MISSING_LISTWISE, … */
	uint32_t weighting;   /**< LOY_WEIGHT_FREQUENCY, … */
	uint32_t iterations;  /**< Most iterations; 0: 1000. */
	uint32_t reserved;    /**< 0. */
	uint32_t override_count;
	const loy_pls_override *overrides; /**< Go before `mode`; NULL when there are none. */
	double tolerance; /**< Iterations end when the sum of changes of weights is below; 0: 1e-12. */
	double vif_limit; /**< Inflation of variance that is reported; 0: 5. */
} loy_pls_options;

/**
 * Estimate from a table. Items are columns, by name; columns nobody names do not matter. @p options and @p memory may
 * be NULL. @return LOY_OK, and then loy_pls_get_problem() says what is doubtful; LOY_EINVAL (arguments; paths that
 * partial least squares cannot have: fixed or equal coefficients, intercepts, covariances, constructs on no path);
 * LOY_ENAME (an item that is no column); LOY_ECYCLE; LOY_EUNKNOWN (fewer than 3 rows); LOY_ERANGE (an item that does
 * not vary, a block of mode B or predictors that are collinear, a construct that its neighbours say nothing of);
 * LOY_ELIMIT; LOY_ENOMEM. @p error names the item or construct.
 */
LOY_API loy_status loy_pls_create(loy_pls **out, const loy_paths *paths, const loy_table *table,
                                  const loy_pls_options *options, const loy_allocator *memory,
                                  loy_error *error);
/**
 * Estimate from moments, whose columns have these @p names: the same bits as from the table. With LOY_MISSING_LISTWISE
 * rows are complete when all columns are, used or not. LOY_EINVAL for products as well: they need rows.
 */
LOY_API loy_status loy_pls_create_from_moments(loy_pls **out, const loy_paths *paths,
                                               const loy_moments *moments, const char *const *names,
                                               const loy_pls_options *options, const loy_allocator *memory,
                                               loy_error *error);
/** Release. NULL is allowed. Never fails. */
LOY_API void loy_pls_destroy(loy_pls *pls);

/* ---- what was estimated ---- */

typedef struct loy_pls_summary {
	uint32_t struct_size; /**< sizeof(loy_pls_summary) in the caller's build. */
	uint32_t indicators, constructs, paths, items;
	uint32_t stages; /**< 1; more with products or higher-order constructs by stages. */
	uint32_t iterations;
	uint32_t converged; /**< 1 or 0. */
	uint32_t scheme, consistent;
	uint32_t problems;     /**< Entries of the report. */
	uint32_t inadmissible; /**< Those of them that make the solution inadmissible. */
	double change;         /**< Sum of changes of weights in the last iteration. */
	double n;              /**< Respondents: rows, or the sum of frequencies; least pair when pairwise. */
	double gof;  /**< sqrt(mean communality of blocks of several x mean R²). NaN when there are none. */
	double srmr; /**< Of the paths. */
	double srmr_saturated;   /**< With all constructs free to correlate. */
	double condition;        /**< Condition number of the correlations of the items. */
	double latent_condition; /**< Of those of the constructs (corrected ones when consistent). */
} loy_pls_summary;
/** @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_pls_get_summary(const loy_pls *pls, loy_pls_summary *out);

/** A construct: products are constructs, named "a:b". */
typedef struct loy_pls_construct {
	uint32_t struct_size;     /**< sizeof(loy_pls_construct) in the caller's build. */
	uint32_t mode;            /**< LOY_PLS_MODE_A, LOY_PLS_MODE_B or LOY_PLS_MODE_UNIT. */
	uint32_t first_indicator; /**< Its indicators follow one another. */
	uint32_t indicator_count;
	uint32_t predictors; /**< Constructs that lead to it; 0: exogenous, and what is about R² is NaN. */
	uint32_t reflective; /**< 1: =~. */
	uint32_t order;      /**< 1; made of constructs: one more than these. */
	uint32_t product;    /**< 1: of `first` and `second`. */
	uint32_t first, second;
	const char *name;
	double r2, r2_adjusted;
	double aic,
	        bic;  /**< n ln(SSE / n) + 2 (k + 1) and + (k + 1) ln n; SSE = (1 - R²)(n - 1), of scores. */
	double alpha; /**< Of raw indicators; NaN where they are no columns. 1 of a single one. */
	double alpha_standardised;
	double rho_a; /**< 1 in mode B and of a single indicator. */
	double rho_c, ave;
	double rho_pca; /**< Of the first principal component; NaN in mode B. */
	double eigen1,
	        eigen2; /**< The two largest of the block's correlations; 1 and 0 of a single indicator. */
	double communality; /**< Mean squared correlation of its indicators with its score. */
	double redundancy;  /**< communality x R²; 0 of exogenous ones. */
	double unit; /**< Of a product: standard deviation of what was multiplied; else 1. path / unit is the
	                coefficient of the product itself. */
} loy_pls_construct;
/** LOY_ENOTFOUND beyond the last. Constructs come in the order of their first mention. */
LOY_API loy_status loy_pls_get_construct(const loy_pls *pls, uint32_t index, loy_pls_construct *out);
/** @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND. */
LOY_API loy_status loy_pls_find_construct(const loy_pls *pls, const char *name, size_t length,
                                          uint32_t *index);

typedef struct loy_pls_indicator {
	uint32_t struct_size; /**< sizeof(loy_pls_indicator) in the caller's build. */
	uint32_t construct;
	uint32_t item; /**< Place among the items, or LOY_PLS_NO_ITEM: a product, or a construct's score. */
	uint32_t reserved;
	const char *name;
	double weight;  /**< Standardised: the score is the sum of weight x (answer - mean) / deviation. */
	double loading; /**< Correlation with the score; corrected where consistent PLS does so. */
	double communality;     /**< Squared correlation with the score. */
	double redundancy;      /**< communality x R²; 0 of exogenous constructs. */
	double vif;             /**< Within its block; infinite when collinear. */
	double mean, deviation; /**< Of the indicator, divisor n - 1. */
} loy_pls_indicator;
#define LOY_PLS_NO_ITEM 0xffffffffu
/** LOY_ENOTFOUND beyond the last. Indicators are grouped by construct. */
LOY_API loy_status loy_pls_get_indicator(const loy_pls *pls, uint32_t index, loy_pls_indicator *out);
/** An item: a column that was used. LOY_ENOTFOUND beyond the last. @p mean and @p deviation may be NULL. */
LOY_API loy_status loy_pls_get_item(const loy_pls *pls, uint32_t index, const char **name, double *mean,
                                    double *deviation);

typedef struct loy_pls_path {
	uint32_t struct_size; /**< sizeof(loy_pls_path) in the caller's build. */
	uint32_t from, to;    /**< Constructs. */
	uint32_t hierarchy;   /**< 1: joins a higher-order construct and one it is made of. */
	double value;         /**< Standardised. */
	double f2;            /**< (R² - R² without it) / (1 - R²), scores held fixed. */
	double vif;           /**< Of `from` among the predictors of `to`, from scores. */
} loy_pls_path;
/** LOY_ENOTFOUND beyond the last. Paths are grouped by outcome, in the order of constructs. */
LOY_API loy_status loy_pls_get_path(const loy_pls *pls, uint32_t index, loy_pls_path *out);

/** Matrices. Rows and columns are constructs in their order, but where it says otherwise. */
enum {
	LOY_PLS_CROSSLOADINGS = 0,   /**< indicators x constructs: correlations with scores. */
	LOY_PLS_CORRELATIONS = 1,    /**< Of scores. */
	LOY_PLS_LATENT = 2,          /**< Of constructs: corrected when consistent. */
	LOY_PLS_FORNELL_LARCKER = 3, /**< sqrt(AVE) on the diagonal, correlations of scores below, 0 above. */
	LOY_PLS_HTMT = 4,            /**< By absolute correlations; 1 on the diagonal. */
	LOY_PLS_HTMT_SIGNED = 5, /**< As published in 2015: by signed means. NaN where they have no root. */
	LOY_PLS_DIRECT = 6,      /**< Effects, row on column: the path. */
	LOY_PLS_INDIRECT = 7,    /**< Total less direct: the sum over all chains of two paths and more. */
	LOY_PLS_TOTAL = 8,       /**< Sum over all chains. */
	LOY_PLS_ITEMS = 9,       /**< items x items: correlations that were estimated from. */
	/** constructs x items: a score as a sum over standardised items, through all stages; NaN for products. */
	LOY_PLS_ITEM_WEIGHTS = 10
};
/** Copy a matrix, row-major, to @p capacity doubles. LOY_EBUFFER with *needed (may be NULL) doubles. */
LOY_API loy_status loy_pls_get_matrix(const loy_pls *pls, uint32_t kind, double *buffer, size_t capacity,
                                      size_t *needed);

/**
 * The estimate whose scores this one's indicators or products were made of: without products, or with what a
 * higher-order construct is made of in its place. NULL when there is none. It lives as long as @p pls.
 */
LOY_API const loy_pls *loy_pls_first_stage(const loy_pls *pls);

/* ---- effects ---- */

/** A chain of two paths or more: a specific indirect effect, the product of its paths. */
typedef struct loy_pls_chain {
	uint32_t struct_size; /**< sizeof(loy_pls_chain) in the caller's build. */
	uint32_t length;      /**< Constructs on it, both ends included. */
	const uint32_t *constructs;
	double value;
	double vaf; /**< value / total effect of first on last (variance accounted for). NaN when that is 0. */
} loy_pls_chain;
/** Chains in the order of their constructs' places, shorter ones before what continues them. 0 for NULL. */
LOY_API uint32_t loy_pls_chain_count(const loy_pls *pls);
/** Chains there are, listed or not: beyond LOY_PLS_CHAINS_MAX none is listed, and effects are whole all the same. */
LOY_API double loy_pls_chain_total(const loy_pls *pls);
/** @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_pls_get_chain(const loy_pls *pls, uint32_t index, loy_pls_chain *out);

/** Quantities that the paths define (`:=`). 0 for NULL. */
LOY_API uint32_t loy_pls_definition_count(const loy_pls *pls);
/**
 * Name and value of a defined quantity, of labels of paths. @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND beyond the last,
 * or LOY_EUNKNOWN: it is not finite, is of labels of other terms, or comes after one that is.
 */
LOY_API loy_status loy_pls_get_definition(const loy_pls *pls, uint32_t index, const char **name,
                                          double *value);

/** Effect of a product's first or second construct at levels of the other. */
typedef struct loy_pls_slope {
	uint32_t struct_size; /**< sizeof(loy_pls_slope) in the caller's build. */
	uint32_t outcome, predictor, moderator;
	double level; /**< Of the moderator, in its standard deviations. */
	double slope; /**< main effect + level x path of the product / unit; twice that for a square. */
} loy_pls_slope;
/**
 * Simple slope of @p predictor on what @p path, from a product, leads to. @p predictor is one of the product's two.
 * @return LOY_OK, LOY_EINVAL (level not finite; another predictor), LOY_ENOTFOUND (no such path, or not of a product).
 */
LOY_API loy_status loy_pls_get_slope(const loy_pls *pls, uint32_t path, uint32_t predictor, double level,
                                     loy_pls_slope *out);

/* ---- admissibility ---- */

/** What is doubtful. */
enum {
	LOY_PLS_NOT_CONVERGED = 1,      /**< value: change of weights. */
	LOY_PLS_PATH_BEYOND_ONE = 2,    /**< |path| > 1 from `construct` to `other`. */
	LOY_PLS_LOADING_BEYOND_ONE = 3, /**< |loading| > 1 (Heywood 1931). */
	LOY_PLS_RELIABILITY = 4,        /**< rho_A not in (0, 1]. */
	LOY_PLS_R2_BEYOND_ONE = 5,      /**< R² not in [0, 1]. */
	LOY_PLS_NOT_DEFINITE =
	        6, /**< Correlations of constructs; value: least eigenvalue; the nearest two. */
	LOY_PLS_VIF_PREDICTOR = 7,      /**< Of `construct` among the predictors of `other`. */
	LOY_PLS_VIF_INDICATOR = 8,      /**< Of an indicator of mode B. */
	LOY_PLS_CONDITION = 9,          /**< Condition number of the predictors of `construct` beyond 900. */
	LOY_PLS_DUPLICATE = 10,         /**< `indicator` and `second` of one block correlate 1 or -1. */
	LOY_PLS_COLLINEAR = 11,         /**< An indicator depends on those before it in its block. */
	LOY_PLS_NEGATIVE_WEIGHT = 12,   /**< Of a block of several: there is no index. */
	LOY_PLS_CORRELATED = 13,        /**< Latent correlation of two constructs beyond 1; value: that. */
	LOY_PLS_ITEMS_NOT_DEFINITE = 14 /**< Correlations of items (pairwise); value: least eigenvalue. */
};

/** Entries of the report about nothing have LOY_PLS_NONE there. */
#define LOY_PLS_NONE 0xffffffffu

typedef struct loy_pls_problem {
	uint32_t struct_size;  /**< sizeof(loy_pls_problem) in the caller's build. */
	uint32_t kind;         /**< LOY_PLS_NOT_CONVERGED, … */
	uint32_t inadmissible; /**< 1: values are not those of any population; 0: worth a look. */
	uint32_t construct, other, indicator, second; /**< LOY_PLS_NONE: none. */
	uint32_t reserved;
	double value, limit;
} loy_pls_problem;
/** Entry of the admissibility report. LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_pls_get_problem(const loy_pls *pls, uint32_t index, loy_pls_problem *out);
/** The same as a sentence with names. Text out as in base.h. */
LOY_API loy_status loy_pls_print_problem(const loy_pls *pls, uint32_t index, char *buffer, size_t capacity,
                                         size_t *needed);

/* ---- scores and indices, of the fitted respondents and of new ones ---- */

/** What is written for each respondent. */
enum {
	LOY_PLS_SCORES = 0, /**< Standardised by the fitted sample. */
	LOY_PLS_INDICES = 1 /**< 0 to 100 by the ends of scales. */
};

/** Ends of the scale of an item, as the questionnaire has them. */
typedef struct loy_pls_scale {
	double low, high;
} loy_pls_scale;

/**
 * Write a score of each construct for each row of a table, whose columns are found by name: rows x constructs doubles,
 * row-major, of which @p capacity must be enough (LOY_EBUFFER). By the means, deviations and weights of the estimate.
 * Missing answers: NaN for the constructs they belong to, or, when the estimate was made with LOY_MISSING_MEAN, the
 * mean. For LOY_PLS_INDICES @p scales has one entry for each item, answers beyond are refused, and constructs that
 * loy_pls_get_index() refuses get NaN; else @p scales is NULL. Nothing is written unless all rows can be.
 * @return LOY_OK, LOY_EINVAL, LOY_ENAME (an item that is no column), LOY_ERANGE with row and column, LOY_EBUFFER or
 * LOY_ENOMEM.
 */
LOY_API loy_status loy_pls_score(const loy_pls *pls, const loy_table *table, uint32_t kind,
                                 const loy_pls_scale *scales, double *scores, size_t capacity,
                                 const loy_allocator *memory, loy_error *error);

typedef struct loy_pls_index {
	uint32_t struct_size; /**< sizeof(loy_pls_index) in the caller's build. */
	uint32_t construct;
	double mean;      /**< 100 (sum w mean - sum w low) / sum w (high - low), w = weight / deviation. */
	double deviation; /**< Over respondents, divisor n - 1. */
	double equal;     /**< Mean with equal weights. */
} loy_pls_index;
/**
 * Index of a construct from 0 to 100, by LOY_PLS_ITEM_WEIGHTS. @p scales: one for each item, low < high, ends that hold
 * all answers. @return LOY_OK, LOY_EINVAL (scales), LOY_ENOTFOUND, LOY_EUNKNOWN (a product), or LOY_ERANGE: a weight is
 * not above 0, or an answer lies beyond its scale; @p error names the item.
 */
LOY_API loy_status loy_pls_get_index(const loy_pls *pls, uint32_t construct, const loy_pls_scale *scales,
                                     loy_pls_index *out, loy_error *error);

LOY_END_DECLS
#endif
