/**
 * @file loyalty/cox.h
 * @brief What shortens and what lengthens the time customers stay: proportional hazards.
 *
 * The hazard of a subject is a baseline hazard times exp(coefficients · covariates) (Cox 1972). The coefficients
 * maximise the partial likelihood, with ties by Efron (1977) or Breslow (1974); the baseline hazard is Breslow's
 * (1974), with the same treatment of ties. Concordance: Harrell et al. (1982). Rows come from an accumulator
 * (survival.h), in canonical order, so the fit on merged accumulators is the fit on the whole, to the last bit.
 *
 * Limits: hazards must be proportional, which loy_cox_proportionality() tests; weights count like subjects (with
 * Efron's ties as R has them: the mean weight of those tied), so standard errors are too small for weights that
 * mean something else; intervals are asymptotic. With Efron's ties a time takes work in proportion to its events.
 *
 * A fit that has no maximum, or not one, says so: see loy_cox_summary.state and loy_cox_coefficient.flaw.
 *
 * Threads: a fit does not change once made and may be read from many threads.
 */
#ifndef LOYALTY_COX_H
#define LOYALTY_COX_H

#include <loyalty/survival.h>

LOY_BEGIN_DECLS

typedef struct loy_cox loy_cox;

enum { LOY_COX_EFRON = 0, LOY_COX_BRESLOW = 1 };

/** Flag of Cox options: groups are strata, each with a baseline hazard of its own. */
enum { LOY_COX_STRATA = 1 };

typedef struct loy_cox_options {
	uint32_t struct_size;  /**< sizeof(loy_cox_options) in the caller's build. */
	uint32_t flags;        /**< LOY_COX_STRATA. */
	uint32_t ties;         /**< LOY_COX_EFRON or LOY_COX_BRESLOW. */
	uint32_t iterations;   /**< Most Newton steps; 0 means 50. */
	loy_progress progress; /**< Called after each step; NULL: never. */
	void *user_data;       /**< For progress. */
} loy_cox_options;

/** How a fit ended. */
enum {
	LOY_COX_CONVERGED = 0, /**< At the maximum. */
	LOY_COX_ALIASED = 1,   /**< The same, without columns that are constant or depend on others. */
	LOY_COX_SEPARATED = 2, /**< No maximum: some coefficients run to infinity (monotone likelihood). */
	LOY_COX_STOPPED = 3    /**< Neither, within the iterations allowed: do not use it. */
};

/** What became of one coefficient. */
enum {
	LOY_COX_FINITE = 0,
	LOY_COX_CONSTANT = 1,  /**< Nothing to learn from: the column does not vary among those at risk. */
	LOY_COX_COLLINEAR = 2, /**< The column is a combination of those before it. */
	LOY_COX_INFINITE =
	        3 /**< Runs away in the direction of its sign: the value is where it was stopped. */
};

typedef struct loy_cox_summary {
	uint32_t struct_size; /**< sizeof(loy_cox_summary) in the caller's build. */
	uint32_t state;       /**< LOY_COX_CONVERGED, … */
	uint32_t column;      /**< First covariate with a flaw when ALIASED or SEPARATED, else 0. */
	uint32_t degrees;     /**< Coefficients estimated. */
	uint32_t iterations;  /**< Newton steps taken. */
	uint32_t halvings;    /**< Steps halved because the likelihood fell. */
	uint64_t subjects;
	uint64_t events;
	double log_likelihood_null; /**< Partial log-likelihood of all coefficients zero. */
	double log_likelihood;      /**< Of the fit; its supremum, to 1e-9, when SEPARATED. */
	double ratio, wald,
	        score; /**< Chi-squares of the three tests that all are zero; Wald NaN when SEPARATED. */
	double ratio_p, wald_p, score_p;
	double gradient; /**< Euclidean norm of the score at the fit, covariates scaled to about unit deviation. */
	double distance;  /**< sqrt(g' I^-1 g): how far from the maximum, in standard errors. */
	double condition; /**< Condition number of the information, scaled to a diagonal of ones. */
} loy_cox_summary;

typedef struct loy_cox_coefficient {
	uint32_t struct_size; /**< sizeof(loy_cox_coefficient) in the caller's build. */
	uint32_t flaw;        /**< LOY_COX_FINITE, … */
	double value;         /**< Change of the log hazard per unit; NaN when constant or collinear. */
	double deviation;     /**< Standard error; NaN unless finite, as is what follows. */
	double z, p;          /**< Wald test that it is zero. */
	double low, high;     /**< 95 % limits. */
} loy_cox_coefficient;

/**
 * Fit by Newton's method on the partial likelihood. LOY_OK does not mean a maximum was found: look at the
 * summary's state. @return LOY_OK, LOY_EINVAL, LOY_ESTATE, LOY_EUNKNOWN (no events), LOY_ENOMEM or
 * LOY_ECANCELLED; @p error says what.
 */
LOY_API loy_status loy_cox_create(loy_cox **out, const loy_survival *survival, const loy_cox_options *options,
                                  const loy_allocator *memory, loy_error *error);
/** Release a fit. NULL is allowed. Never fails. */
LOY_API void loy_cox_destroy(loy_cox *cox);
/** @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_cox_get_summary(const loy_cox *cox, loy_cox_summary *out);
/** LOY_ENOTFOUND beyond the last covariate. */
LOY_API loy_status loy_cox_get_coefficient(const loy_cox *cox, uint32_t index, loy_cox_coefficient *out);
/** Covariance of two coefficients; NaN unless both are finite. LOY_ENOTFOUND beyond the last covariate. */
LOY_API loy_status loy_cox_covariance(const loy_cox *cox, uint32_t row, uint32_t column, double *out);

/** One step of a baseline hazard: of a subject whose covariates are all 0. */
typedef struct loy_cox_hazard {
	uint32_t struct_size; /**< sizeof(loy_cox_hazard) in the caller's build. */
	uint32_t group;       /**< The stratum; 0 without strata. */
	double time;
	double hazard;   /**< Cumulative. */
	double survival; /**< exp(-hazard). */
} loy_cox_hazard;

/** Steps of the baseline hazard, one for each event time, by stratum and time. The ties option holds here too. */
LOY_API uint64_t loy_cox_hazard_count(const loy_cox *cox);
/** @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_cox_get_hazard(const loy_cox *cox, uint64_t index, loy_cox_hazard *out);
/**
 * Log of the hazard relative to a subject with all covariates 0, for @p rows rows of covariates laid out as in
 * loy_survival_columns. @return LOY_OK, LOY_EINVAL or LOY_ERANGE (covariates not finite), with nothing written.
 */
LOY_API loy_status loy_cox_relative(const loy_cox *cox, const double *covariates, int64_t covariate_row,
                                    int64_t covariate_column, uint64_t rows, double *out);
/**
 * Probability that a subject of a stratum (0 without strata) goes without the event up to @p time.
 * LOY_ENOTFOUND for a stratum the fit has not seen, LOY_EUNKNOWN beyond the last time it was watched.
 */
LOY_API loy_status loy_cox_survival(const loy_cox *cox, uint32_t group, const double *covariates, double time,
                                    double *survival);

/** Pairs of subjects of whom one is known to have had the event first, by the order of their hazards. */
typedef struct loy_concordance {
	uint32_t struct_size; /**< sizeof(loy_concordance) in the caller's build. */
	uint32_t reserved;
	double concordant; /**< The one with the event first has the higher hazard. Weighted where rows are. */
	double discordant;
	double tied;  /**< Same hazard. */
	double share; /**< (concordant + tied / 2) / all; 0.5 is chance. */
} loy_concordance;

/**
 * How well a fit orders the subjects of a sorted accumulator (its own, or others with the same covariates);
 * within strata when it has them. LOY_EUNKNOWN without a pair, LOY_EINVAL for other covariates.
 */
LOY_API loy_status loy_cox_concordance(const loy_cox *cox, const loy_survival *survival, loy_concordance *out,
                                       const loy_allocator *memory);

/** Which function of time the test of proportional hazards looks for an effect of. */
enum {
	LOY_CLOCK_KM = 0,       /**< 1 - S just before, of the Kaplan-Meier curve of all: R's default. */
	LOY_CLOCK_IDENTITY = 1, /**< Time itself. */
	LOY_CLOCK_LOG = 2       /**< Its logarithm. */
};

/** Score test that an effect does not change with time. */
typedef struct loy_proportionality {
	uint32_t struct_size; /**< sizeof(loy_proportionality) in the caller's build. */
	uint32_t degrees;
	double chi_square;
	double p;
} loy_proportionality;

/**
 * Test for proportional hazards (Grambsch & Therneau 1994, as the score test of covariates times a function of time):
 * of covariate @p index alone, or of all together when it is LOY_COX_ALL. A small p says that the effect changes with
 * time: its coefficient is then a mean over time. The accumulator must be the one fitted, sorted.
 * @return LOY_OK, LOY_EINVAL (another accumulator), LOY_ESTATE (not sorted, or the fit has no maximum),
 * LOY_ENOTFOUND (no coefficient of that covariate), LOY_ERANGE (logarithm of an event at time 0), LOY_EUNKNOWN
 * (all events at one time) or LOY_ENOMEM.
 */
LOY_API loy_status loy_cox_proportionality(const loy_cox *cox, const loy_survival *survival, uint32_t clock,
                                           uint32_t index, loy_proportionality *out,
                                           const loy_allocator *memory);
/** All covariates together. */
#define LOY_COX_ALL 0xffffffffu

LOY_END_DECLS
#endif
