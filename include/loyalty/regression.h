/**
 * @file loyalty/regression.h
 * @brief What moves an outcome: linear and logistic regression, drivers, moderation, and how good forecasts
 * are.
 *
 * Linear models are solved from moments (moments.h), logistic ones in rounds over the rows. Everything summed
 * over rows is exact (of what is summed: addends are cut to a fixed grid, 2^-46 of the largest possible), so
 * that no result depends on the order of rows, on how they were split over tables, machines or threads, or on
 * the target.
 *
 * Flaws are named, never repaired in silence: constant and dependent columns, separation (outcomes that a
 * combination of columns tells without error, so that coefficients run to infinity).
 *
 * Weights: with LOY_WEIGHT_FREQUENCY a row of weight 3 is three equal rows and n is the sum of weights; with
 * LOY_WEIGHT_SURVEY weights are scaled to add up to the rows. Standard errors are those of the model; where
 * weights say whom a respondent stands for, the robust covariance is the one to use.
 *
 * Threads: a fit may be changed by one thread at a time; reading is safe from many while nobody changes it.
 */
#ifndef LOYALTY_REGRESSION_H
#define LOYALTY_REGRESSION_H

#include <loyalty/moments.h>

LOY_BEGIN_DECLS

/** Most predictors of a regression. */
#define LOY_PREDICTORS_MAX 128

/** What became of one coefficient. */
enum {
	LOY_FLAW_NONE = 0,
	LOY_FLAW_CONSTANT = 1, /**< The column does not vary: there is no coefficient. */
	LOY_FLAW_COLLINEAR =
	        2, /**< The column is a combination of those before it: there is no coefficient. */
	LOY_FLAW_INFINITE = 3, /**< Separated: it runs away in the direction of its sign. */
	LOY_FLAW_SHRUNK = 4    /**< It would run away; the value is Firth's. */
};

/** One coefficient: number 0 is the intercept, number i the i-th predictor. */
typedef struct loy_coefficient {
	uint32_t struct_size; /**< sizeof(loy_coefficient) in the caller's build. */
	uint32_t flaw;        /**< LOY_FLAW_… */
	double value;        /**< Change of the outcome (of its log odds) per unit; NaN when there is none. */
	double deviation;    /**< Standard error; NaN unless there is a finite value, as is what follows. */
	double statistic, p; /**< Test that it is zero: Student's t of linear, normal of logistic models. */
	double low, high;    /**< Limits. */
	double beta;         /**< Standardised coefficient; NaN for the intercept and logistic models. */
	double inflation;    /**< Variance inflation factor; NaN likewise. */
} loy_coefficient;

/* ---- linear models ---- */

typedef struct loy_linear loy_linear;

typedef struct loy_linear_options {
	uint32_t struct_size;     /**< sizeof(loy_linear_options) in the caller's build. */
	uint32_t outcome;         /**< Column of the moments. */
	uint32_t predictor_count; /**< 0: all other columns, in their order. */
	uint32_t missing;         /**< How the moments are read, as in loy_moments_get_matrix(). */
	uint32_t weighting;       /**< LOY_WEIGHT_… */
	uint32_t reserved;        /**< 0. */
	const uint32_t *predictors;
	double confidence; /**< Of limits, both sides together; 0 means 0.95. */
} loy_linear_options;

typedef struct loy_linear_summary {
	uint32_t struct_size; /**< sizeof(loy_linear_summary) in the caller's build. */
	uint32_t predictors;
	uint32_t estimated; /**< Coefficients, the intercept included. */
	uint32_t column;    /**< First coefficient with a flaw, 0 when there is none. */
	double n;           /**< Complete rows, or what their weights say. */
	double degrees;     /**< Of the residuals. */
	double r_squared, r_squared_adjusted;
	double sigma;          /**< Standard deviation of the residuals. */
	double f, f_p;         /**< Test that all but the intercept are zero. */
	double log_likelihood; /**< Of normal residuals. */
	double aic, bic;       /**< sigma is not counted as a parameter. */
	double condition;      /**< Of the predictors' correlations. */
} loy_linear_summary;

/**
 * Least squares from moments. @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND (no such column), LOY_ERANGE (the
 * outcome does not vary), LOY_EUNKNOWN (not more rows than coefficients), LOY_ELIMIT or LOY_ENOMEM; @p error
 * has the column.
 */
LOY_API loy_status loy_linear_create(loy_linear **out, const loy_moments *moments,
                                     const loy_linear_options *options, const loy_allocator *memory,
                                     loy_error *error);
/** Release a fit. NULL is allowed. Never fails. */
LOY_API void loy_linear_destroy(loy_linear *linear);
/** @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_linear_get_summary(const loy_linear *linear, loy_linear_summary *out);
/** LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_linear_get_coefficient(const loy_linear *linear, uint32_t index, loy_coefficient *out);
/** Covariance of two coefficients; NaN where one has a flaw. @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND. */
LOY_API loy_status loy_linear_covariance(const loy_linear *linear, uint32_t row, uint32_t column,
                                         double *out);

/** Covariances that hold whatever the variances of residuals are (White 1980; MacKinnon & White 1985). */
enum {
	LOY_ROBUST_HC0 = 0, /**< Squared residuals as they are. */
	LOY_ROBUST_HC1 = 1, /**< Times n / (n - coefficients). */
	LOY_ROBUST_HC2 = 2, /**< Over 1 - leverage. */
	LOY_ROBUST_HC3 = 3  /**< Over (1 - leverage)²: nearly the jackknife. */
};
/**
 * Robust covariance of all coefficients, row-major, from the rows the moments were made of, in as many tables
 * as you like (each with weights if the moments had them). @return LOY_OK, LOY_EINVAL, LOY_ESTATE (these are
 * other rows), LOY_ERANGE (a leverage of 1) or LOY_ENOMEM.
 */
LOY_API loy_status loy_linear_robust(const loy_linear *linear, const loy_table *const *tables, uint32_t count,
                                     uint32_t kind, double *covariance, const loy_allocator *memory,
                                     loy_error *error);

/** How R² is shared out over predictors. */
enum {
	LOY_DRIVERS_SHAPLEY =
	        0, /**< Mean gain over all orders (Lindeman, Merenda & Gold 1980); at most 20 predictors. */
	LOY_DRIVERS_RELATIVE = 1 /**< Relative weights (Johnson 2000). */
};
/**
 * Shares of R², one for each predictor (0 of one with a flaw); they add up to R². @return LOY_OK, LOY_EINVAL,
 * LOY_ELIMIT or LOY_ENOMEM.
 */
LOY_API loy_status loy_linear_drivers(const loy_linear *linear, uint32_t method, double *shares,
                                      const loy_allocator *memory);

/** The effect of one predictor where a moderator has a value. */
typedef struct loy_slope {
	uint32_t struct_size; /**< sizeof(loy_slope) in the caller's build. */
	uint32_t reserved;
	double at, value, deviation, statistic, p, low, high;
} loy_slope;
/**
 * Simple slope of predictor @p focal (a coefficient's number) at moderator value @p at, @p product being the
 * coefficient of their product: value = focal + product · at, in the units the product was made with. @return
 * LOY_OK, LOY_EINVAL, LOY_ENOTFOUND (no such coefficient) or LOY_EUNKNOWN (one has a flaw).
 */
LOY_API loy_status loy_linear_slope(const loy_linear *linear, uint32_t focal, uint32_t product, double at,
                                    loy_slope *out);
/** Where a simple slope differs from zero. */
enum {
	LOY_REGION_NOWHERE = 0, /**< At no value of the moderator. */
	LOY_REGION_ALL = 1,     /**< At all of them. */
	LOY_REGION_BETWEEN = 2, /**< Between the bounds. */
	LOY_REGION_OUTSIDE = 3  /**< Below the lower and above the upper bound. */
};
/**
 * Bounds of Johnson & Neyman (1936) at the fit's confidence, low < high; NaN for NOWHERE and ALL. @return as
 * loy_linear_slope().
 */
LOY_API loy_status loy_linear_region(const loy_linear *linear, uint32_t focal, uint32_t product,
                                     uint32_t *region, double *low, double *high);
/**
 * Column of products for moderation: (first - its centre)(second - its centre); NaN where one is missing.
 * @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND (no such column).
 */
LOY_API loy_status loy_table_product(const loy_table *table, uint32_t first, double first_centre,
                                     uint32_t second, double second_centre, double *out);

/** Indirect effect a·b: errors by Sobel (1982), Aroian (1947, adds the product of variances) and Goodman (1960). */
typedef struct loy_indirect {
	uint32_t struct_size; /**< sizeof(loy_indirect) in the caller's build. */
	uint32_t reserved;
	double effect;
	double sobel, aroian, goodman; /**< Standard errors; Goodman's NaN where its variance is negative. */
	double sobel_z, aroian_z, goodman_z; /**< NaN where the error is 0 or NaN. */
	double sobel_p, aroian_p, goodman_p;
} loy_indirect;
LOY_API loy_status loy_indirect_effect(double a, double a_deviation, double b, double b_deviation,
                                       loy_indirect *out);

/* ---- logistic models ---- */

typedef struct loy_logistic loy_logistic;

/** What is maximised. */
enum {
	LOY_LOGISTIC_LIKELIHOOD = 0, /**< The likelihood, less the ridge penalty when there is one. */
	LOY_LOGISTIC_FIRTH = 1,      /**< With Jeffreys' penalty (Firth 1993; Heinze & Schemper 2002). */
	LOY_LOGISTIC_SAFE = 2        /**< The likelihood; Firth's where it has no maximum. */
};

/** Flags of logistic options. */
enum {
	LOY_LOGISTIC_OFFSET = 1, /**< Column `offset` is added to the log odds. */
	LOY_LOGISTIC_HELD =
	        2, /**< Coefficient `held` stays 0, yet counts in Firth's penalty: for likelihood-ratio tests. */
	LOY_LOGISTIC_ROBUST = 4 /**< Also compute the robust covariance. */
};

typedef struct loy_logistic_options {
	uint32_t struct_size;     /**< sizeof(loy_logistic_options) in the caller's build. */
	uint32_t columns;         /**< Of the tables. */
	uint32_t outcome;         /**< Column of 0 and 1. */
	uint32_t predictor_count; /**< 0: all other columns, in their order. */
	uint32_t method;          /**< LOY_LOGISTIC_LIKELIHOOD, … */
	uint32_t flags;           /**< LOY_LOGISTIC_OFFSET, … */
	uint32_t offset, held;    /**< 0 unless flagged. */
	uint32_t weighting;       /**< LOY_WEIGHT_… */
	uint32_t iterations;      /**< Most rounds after the first two; 0 means 1000. */
	const uint32_t *predictors;
	double ridge; /**< lambda of the penalty lambda/2 · sum of squared coefficients but the intercept; 0: none. */
	double confidence; /**< Of limits; 0 means 0.95. */
} loy_logistic_options;

/** How a fit stands. */
enum {
	LOY_LOGISTIC_UNFINISHED = 0, /**< More rounds are needed. */
	LOY_LOGISTIC_CONVERGED = 1,  /**< At the maximum. */
	LOY_LOGISTIC_ALIASED = 2,    /**< The same, without columns that are constant or depend on others. */
	LOY_LOGISTIC_SEPARATED = 3,  /**< No maximum: some coefficients run to infinity. */
	LOY_LOGISTIC_SHRUNK = 4,     /**< No maximum, so this is Firth's estimate. */
	LOY_LOGISTIC_STOPPED = 5     /**< Not there within the rounds allowed: do not use it. */
};

/**
 * A fit without rows. In each round all rows are added, in any order and any pieces, then loy_logistic_step()
 * is called; when it says done the fit can be read. loy_logistic_fit() does all that for rows in memory. Rows
 * with a missing value in a column used are left out. @return LOY_OK, LOY_EINVAL or LOY_ENOMEM.
 */
LOY_API loy_status loy_logistic_create(loy_logistic **out, const loy_logistic_options *options,
                                       const loy_allocator *memory);
/** Release a fit. NULL is allowed. Never fails. */
LOY_API void loy_logistic_destroy(loy_logistic *fit);
/**
 * Add rows to this round, all or none. @return LOY_OK, LOY_EINVAL, LOY_ERANGE (infinite or beyond 1e100, an
 * outcome neither 0 nor 1; row and column in @p error) or LOY_ESTATE (the fit is done; rows of another round
 * were others).
 */
LOY_API loy_status loy_logistic_add(loy_logistic *fit, const loy_table *table, loy_error *error);
/**
 * Another fit at the same round without its rows, for another thread or machine's rows, to be merged. @return
 * LOY_OK, LOY_EINVAL or LOY_ENOMEM.
 */
LOY_API loy_status loy_logistic_fork(loy_logistic **out, const loy_logistic *fit,
                                     const loy_allocator *memory);
/** Add the rows of a fork of the same round. LOY_EINVAL for any other fit. */
LOY_API loy_status loy_logistic_merge(loy_logistic *into, const loy_logistic *from);
/**
 * End the round. *done becomes 1 when the fit is. @return LOY_OK, LOY_EINVAL, LOY_EUNKNOWN (no rows, or all
 * outcomes alike), LOY_ESTATE (done already, or rows are missing that were there before) or LOY_ENOMEM.
 */
LOY_API loy_status loy_logistic_step(loy_logistic *fit, uint32_t *done, loy_error *error);
/**
 * All rounds over @p count tables on @p threads threads (0: 1); bits do not depend on either. @return what
 * loy_logistic_create(), loy_logistic_add() and loy_logistic_step() return; LOY_ELIMIT (threads),
 * LOY_ECANCELLED.
 */
LOY_API loy_status loy_logistic_fit(loy_logistic **out, const loy_table *const *tables, uint32_t count,
                                    const loy_logistic_options *options, uint32_t threads,
                                    const loy_allocator *memory, loy_error *error);

typedef struct loy_logistic_summary {
	uint32_t struct_size; /**< sizeof(loy_logistic_summary) in the caller's build. */
	uint32_t state;       /**< LOY_LOGISTIC_CONVERGED, … */
	uint32_t
	        column; /**< First coefficient with a flaw, 0 when there is none (the intercept comes last). */
	uint32_t predictors, estimated;
	uint32_t rounds, halvings;
	uint32_t reserved;
	uint64_t rows, missing;     /**< Rows used, and left out. */
	double n, events;           /**< With weights. */
	double log_likelihood;      /**< Without penalties. */
	double objective;           /**< What was maximised: with the penalty of ridge or Firth. */
	double log_likelihood_null; /**< Of the intercept alone; NaN with an offset or a held intercept. */
	double deviance, aic, bic;
	double ratio,
	        ratio_p; /**< Likelihood-ratio test that all but the intercept are 0; NaN but for plain likelihood. */
	double gradient;  /**< Largest component of the gradient at the fit, columns scaled into [-1, 1]. */
	double distance;  /**< sqrt(g' I^-1 g): how far from the maximum, in standard errors. */
	double condition; /**< Condition number of the information, scaled to a diagonal of ones. */
} loy_logistic_summary;
/** LOY_ESTATE, here and below, before the fit is done. */
LOY_API loy_status loy_logistic_get_summary(const loy_logistic *fit, loy_logistic_summary *out);
LOY_API loy_status loy_logistic_get_coefficient(const loy_logistic *fit, uint32_t index,
                                                loy_coefficient *out);
/**
 * @p robust 0: inverse information; 1: robust, of a fit with LOY_LOGISTIC_ROBUST. NaN where one has a flaw.
 * @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND or LOY_ESTATE (not done, or not made robust).
 */
LOY_API loy_status loy_logistic_covariance(const loy_logistic *fit, uint32_t robust, uint32_t row,
                                           uint32_t column, double *out);
/** Probabilities of all rows of a table laid out as those of the fit; NaN where a value is missing. */
LOY_API loy_status loy_logistic_predict(const loy_logistic *fit, const loy_table *table, double *out);

/* ---- forecasts against what happened ---- */

/** Forecasts of things that happened or did not. */
typedef struct loy_forecasts {
	uint32_t struct_size; /**< sizeof(loy_forecasts) in the caller's build. */
	uint32_t reserved;
	uint64_t rows;             /**< At most 2^32 - 1. */
	const double *probability; /**< In [0, 1]. */
	const uint8_t *happened;   /**< 0 or 1. */
	const double *weight;      /**< In (0, 2^40); NULL: all 1. Counts like rows. */
} loy_forecasts;

typedef struct loy_forecast_quality {
	uint32_t struct_size; /**< sizeof(loy_forecast_quality) in the caller's build. */
	uint32_t distinct;    /**< Different probabilities. */
	double n, events;
	double auc; /**< Area under the ROC curve, ties half. NaN, like its error, unless both outcomes occur. */
	double auc_deviation; /**< DeLong, DeLong & Clarke-Pearson (1988). NaN with fewer than two of an outcome. */
	double auc_low, auc_high;
	double average_precision; /**< Step-wise, ties together. NaN without events, as is the next. */
	double ks;                /**< Largest difference of the two distributions. */
	double brier;
	double reliability, resolution,
	        uncertainty; /**< Murphy (1973), over distinct forecasts: brier = rel - res + unc. */
	double log_loss;     /**< Mean; probabilities are taken into [1e-15, 1 - 1e-15]. */
	double calibration_error,
	        calibration_worst; /**< Over ten bins of equal width, weighted mean and largest. */
	double spiegelhalter_z,
	        spiegelhalter_p; /**< Test of calibration; NaN when all forecasts are 0 or 1. */
} loy_forecast_quality;
/**
 * How good forecasts are. Does not depend on the order of rows. @p confidence of the AUC's limits, 0 means
 * 0.95.
 * @return LOY_OK, LOY_EINVAL, LOY_ERANGE (row in @p error), LOY_EUNKNOWN (no rows) or LOY_ENOMEM.
 */
LOY_API loy_status loy_forecast_assess(const loy_forecasts *forecasts, double confidence,
                                       loy_forecast_quality *out, const loy_allocator *memory,
                                       loy_error *error);

/** One row of a calibration table. */
typedef struct loy_forecast_bin {
	double low, high;                   /**< Forecasts in [low, high), the last bin with its end. */
	double n;                           /**< 0: what follows is NaN. */
	double forecast;                    /**< Mean. */
	double observed;                    /**< Share that happened, */
	double observed_low, observed_high; /**< and its 95 % limits (Wilson 1927). */
} loy_forecast_bin;
/** Calibration in @p count (1 to 1000) bins of equal width. @return as loy_forecast_assess(). */
LOY_API loy_status loy_forecast_bins(const loy_forecasts *forecasts, uint32_t count, loy_forecast_bin *out,
                                     const loy_allocator *memory, loy_error *error);
/**
 * Gain: the share of all events among the @p share of customers with the highest forecasts, ties shared out;
 * divided by @p share it is the lift. LOY_EUNKNOWN without events.
 */
LOY_API loy_status loy_forecast_gain(const loy_forecasts *forecasts, double share, double *gain,
                                     const loy_allocator *memory, loy_error *error);

LOY_END_DECLS
#endif
