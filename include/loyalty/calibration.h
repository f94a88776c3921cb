/**
 * @file loyalty/calibration.h
 * @brief What evidence should weigh, learned from what customers said and did next; and how good a model's
 * scores are.
 *
 * A `loy_calibration` collects observations: what was known of a customer just before a moment (a profile),
 * and what the customer then answered (a share of the scale) or did (1 or 0). From them:
 *
 * - loy_calibration_fit() gives a model like the one it started from, with evidence weights and prior mean of
 *   one construct that predict the answers best: fractional-logit quasi-likelihood (Papke & Wooldridge 1996)
 *   on the posterior mean, weights as logarithms, pulled to where they were by a ridge. Only ratios to the
 *   prior's strength are identified, so the strength stays. Spread and limit of the interval follow from how
 *   much squared errors exceed the error of the answers themselves; without knowledge of that error they are
 *   not identified and stay.
 * - Where the construct counts silence, the usual gap between purchases and its strength are searched for as
 *   well.
 * - Of a composite (loyalty), the mix. Answers about it: the mix that predicts them best, likewise, and the
 *   limit of its interval by what is left of their squared errors when those of the parts and of the answers
 *   are taken off. Outcomes (all 1 or 0): non-negative logistic regression on the parts, as shares.
 * - loy_calibration_judge() says how any model with the same schema does on observations, best on customers
 *   that were left out of the fit: errors, log loss, calibration by bins, coverage of intervals.
 *
 * Limits: half-lives and rules of the schema are not estimated; fit under several schemas and take the least
 * loss. Answers that come only from extremes (reviews, complaints) bias the mean: calibrate on invited
 * surveys. Standard errors allow for several observations of one customer but not for the choice among
 * models.
 *
 * Observations are summed in a canonical order, so nothing depends on the order they came in or how they were
 * merged.
 *
 * Threads: one object may be changed by one thread at a time; reading is safe from many while nobody changes
 * it.
 */
#ifndef LOYALTY_CALIBRATION_H
#define LOYALTY_CALIBRATION_H

#include <loyalty/bootstrap.h>
#include <loyalty/scorecard.h>

LOY_BEGIN_DECLS

typedef struct loy_calibration loy_calibration;

/** One moment of one customer of which the outcome is known. */
typedef struct loy_observation {
	uint32_t struct_size; /**< sizeof(loy_observation) in the caller's build. */
	uint32_t construct;   /**< The construct that the answer is about: index in the model. */
	uint64_t customer;    /**< Number of the customer, or a hash of its key: groups observations, decides
			       folds. */
	int64_t time;         /**< Of the answer; the profile is what was known just before. */
	double answer;        /**< Share of the scale, 0 to 1; outcomes are 1 or 0. */
	double weight;        /**< 1e-6 to 1e6; 1 is usual. */
} loy_observation;

/**
 * Start collecting for models with the schema of @p model, which must outlive it. NULL @p memory: malloc.
 * @return LOY_OK, LOY_EINVAL or LOY_ENOMEM.
 */
LOY_API loy_status loy_calibration_create(loy_calibration **out, const loy_model *model,
                                          const loy_allocator *memory);
/** Release. NULL is allowed. Never fails. */
LOY_API void loy_calibration_destroy(loy_calibration *calibration);
/**
 * Add an observation; the profile is copied. @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND (no such construct),
 * LOY_ERANGE (answer or weight), LOY_ETIME, LOY_ESCHEMA (a profile of another schema) or LOY_ENOMEM, with
 * nothing changed.
 */
LOY_API loy_status loy_calibration_add(loy_calibration *calibration, const loy_observation *observation,
                                       const loy_profile *before, loy_error *error);
/** Add copies of what another one holds. LOY_ESCHEMA or LOY_ENOMEM: unchanged. */
LOY_API loy_status loy_calibration_merge(loy_calibration *into, const loy_calibration *from);
/** Observations held. */
LOY_API uint64_t loy_calibration_count(const loy_calibration *calibration);

/**
 * Which customers count: with @p folds of 2 or more, those whose number falls (by a hash) into fold @p fold,
 * or, when fitting, all others. 0 folds: everybody.
 */
typedef struct loy_calibration_options {
	uint32_t struct_size;  /**< sizeof(loy_calibration_options) in the caller's build. */
	uint32_t construct;    /**< Which construct to fit. */
	uint32_t folds;        /**< 0, or 2 to 1000. */
	uint32_t fold;         /**< Below folds: customers left out. */
	uint32_t iterations;   /**< Most Newton steps; 0: 200. */
	uint32_t reserved;     /**< 0. */
	double pull;           /**< Strength of the ridge on log weights and logit mean, in answers; 0: 1. */
	double error_variance; /**< Of one answer on the 0-1 scale; 0: from answers repeated within `retest`.
				    */
	int64_t retest;        /**< Two answers of a customer this near measure the same; 0: 7 days. */
	loy_progress progress; /**< Called after each step; NULL: never. */
	void *user_data;       /**< For progress. */
} loy_calibration_options;

/** How a fit ended. */
enum {
	LOY_CALIBRATED = 0,        /**< At the maximum. */
	LOY_CALIBRATED_FLAT = 1,   /**< Nowhere better, but the weights are not all determined by the data. */
	LOY_CALIBRATED_STOPPED = 2 /**< Not within the iterations allowed: do not use it. */
};

/** Flags of a fit. */
enum {
	LOY_CALIBRATED_WIDTH = 1, /**< Spread and limit were estimated; else they stayed as they were. */
	LOY_CALIBRATED_RECOVERY =
	        2, /**< The weight of recovery was lowered to what may not pay (see model text). */
	LOY_CALIBRATED_CLIPPED = 4 /**< A weight was brought back into the range that models allow. */
};

typedef struct loy_calibrated_summary {
	uint32_t struct_size; /**< sizeof(loy_calibrated_summary) in the caller's build. */
	uint32_t state;       /**< LOY_CALIBRATED, … */
	uint32_t flags;       /**< LOY_CALIBRATED_WIDTH, … */
	uint32_t weights;     /**< Weights estimated. */
	uint32_t iterations;
	uint32_t reserved;
	uint64_t observations; /**< Used. */
	uint64_t customers;
	uint64_t retests;      /**< Pairs that the error variance was taken from; 0: it was given. */
	double loss_before;    /**< Mean quasi-likelihood loss of the model it started from … */
	double loss;           /**< … of the fit … */
	double loss_mean;      /**< … and of the mean answer for everybody. */
	double gradient;       /**< Euclidean norm of the mean gradient at the fit. */
	double error_variance; /**< Of one answer; NaN: not known. */
	double spread, limit;  /**< Of the fitted construct; of a composite 0, and 0 where it has no limit. */
} loy_calibrated_summary;

/** What a weight belongs to. */
enum {
	LOY_TUNED_PRIOR = 0,    /**< The prior mean; values are means, the deviation that of the logit. */
	LOY_TUNED_POSITIVE = 1, /**< Positive evidence of channel `index`. */
	LOY_TUNED_NEGATIVE = 2, /**< Negative evidence of channel `index`. */
	LOY_TUNED_SILENCE = 3,
	LOY_TUNED_WORST = 4,
	LOY_TUNED_PROSPECT = 5, /**< Prospect `index`: 0 alive, 1 purchases, 2 worth. */
	LOY_TUNED_PART = 6,     /**< Part `index` (a construct) of a composite. */
	LOY_TUNED_GAP = 7,      /**< Usual gap between purchases that silence is measured by: days. */
	LOY_TUNED_SURENESS = 8  /**< How many gaps that is worth: the strength of `silence`. */
};

typedef struct loy_calibrated_weight {
	uint32_t struct_size; /**< sizeof(loy_calibrated_weight) in the caller's build. */
	uint32_t what;        /**< LOY_TUNED_PRIOR, … */
	uint32_t index;       /**< Channel, prospect or construct; else 0. */
	uint32_t reserved;
	double before, after;
	double deviation; /**< Standard error of the logarithm, by customers (sandwich); NaN: not determined.
			       */
} loy_calibrated_weight;

typedef struct loy_calibrated loy_calibrated;

/**
 * Fit one construct. LOY_OK does not mean a maximum was found: look at the summary's state. @return LOY_OK,
 * LOY_EINVAL, LOY_ENOTFOUND (no such construct), LOY_EUNKNOWN (no observation of it, nothing to estimate, or
 * outcomes all alike), LOY_ENOMEM, LOY_ECANCELLED; @p error says what.
 */
LOY_API loy_status loy_calibration_fit(const loy_calibration *calibration, const loy_model *model,
                                       const loy_calibration_options *options, loy_calibrated **out,
                                       const loy_allocator *memory, loy_error *error);
/** Release a fit with its model. NULL is allowed. Never fails. */
LOY_API void loy_calibrated_destroy(loy_calibrated *fit);
/** The model as calibrated; its origin says on what. Lives as long as the fit; print it to keep it. */
LOY_API const loy_model *loy_calibrated_model(const loy_calibrated *fit);
/** @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_calibrated_get_summary(const loy_calibrated *fit, loy_calibrated_summary *out);
/** LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_calibrated_get_weight(const loy_calibrated *fit, uint32_t index,
                                             loy_calibrated_weight *out);

/**
 * The same model with every half-life multiplied by @p factor, 0.01 to 100, to whole minutes: half-lives
 * cannot be fitted without counting the events again, so collect under several and take the one that fits
 * with the least loss.
 * @return LOY_OK, LOY_EINVAL, LOY_ERANGE (the factor, or half-lives beyond what models allow) or LOY_ENOMEM.
 */
LOY_API loy_status loy_model_create_faded(loy_model **out, const loy_model *model, double factor,
                                          const loy_allocator *memory, loy_error *error);

/** Which construct of a path model is which of a scoring model. */
typedef struct loy_counterpart {
	const char *construct; /**< Of the scoring model: terminated. */
	const char *estimated; /**< Of the path model: terminated. */
	const char *channel;   /**< Channel that answers to its items come by; NULL: evidence weights stay. */
} loy_counterpart;

/** What became of a path model in a scoring model. */
typedef struct loy_adoption {
	uint32_t struct_size; /**< sizeof(loy_adoption) in the caller's build. */
	uint32_t constructs;  /**< That have a counterpart: prior mean and strength were taken over. */
	uint32_t paths;       /**< Taken over. */
	uint32_t negative;    /**< Left out: a scoring model has no negative paths. */
	uint32_t replaced;    /**< Of the scoring model, between these constructs, that gave way. */
	uint32_t normalised;  /**< Constructs whose paths were shrunk: they left no room for the prior mean. */
	uint32_t channels;    /**< Channels of answers that were weighed. */
	uint32_t recovery; /**< 1: weights of recovery were lowered to what may not pay (see model text). */
} loy_adoption;

/**
 * A scoring model out of a fitted path model: @p base with prior means, strengths and paths of the constructs
 * named. On the 0-1 scale of indices (loy_pls_get_index()):
 *
 * - the weight of a path is its coefficient times the deviation of the outcome's index by that of the
 *   predictor's, of consistent estimates both less what is error: times sqrt(rho_A);
 * - the prior mean is such that who answers like everybody scores the mean index; paths that leave no room
 *   for it, or weigh more than 1 together, are shrunk until they do;
 * - the strength is that of a Beta distribution whose variance is what the predictors leave of the
 *   construct's true variance, rho_A (1 - R²) of that of its index, and, with a @p bootstrap (may be NULL),
 *   what the standard errors of the paths add; an answer to one item weighs as many observations as its share
 *   of the rest, 1 - rho_A, is worth.
 *
 * @p counterparts NULL: constructs of equal names, whatever their case, and no channels. Composites of @p
 * base cannot have counterparts. What fits no model (weights beyond 1000) is brought back into range. The
 * origin says what was fitted.
 * @return LOY_OK, LOY_EINVAL (scales; an inadmissible estimate), LOY_ENAME (names a construct or channel that
 * is not there, a composite, or one that has no index), LOY_EUNKNOWN (no counterparts), LOY_ECYCLE or
 * LOY_ENOMEM.
 */
LOY_API loy_status loy_model_create_from_pls(loy_model **out, const loy_model *base, const loy_pls *pls,
                                             const loy_pls_scale *scales, const loy_bootstrap *bootstrap,
                                             const loy_counterpart *counterparts, uint32_t counterpart_count,
                                             loy_adoption *adoption, const loy_allocator *memory,
                                             loy_error *error);

/** One bin of scores: what was said and what came. */
typedef struct loy_judgement_bin {
	double low, high; /**< Scores 0 to 1 of this bin: low <= score < high; the last takes 1. */
	double weight;    /**< Observations by weight; 0: an empty bin, means NaN. */
	double predicted; /**< Their mean score. */
	double observed;  /**< Their mean answer. */
} loy_judgement_bin;

#define LOY_JUDGEMENT_BINS 10

typedef struct loy_judgement {
	uint32_t struct_size; /**< sizeof(loy_judgement) in the caller's build. */
	uint32_t reserved;
	uint64_t observations;
	uint64_t customers;
	double weight;   /**< Sum of weights. */
	double mean;     /**< Mean answer. */
	double bias;     /**< Mean score - mean answer. */
	double rmse;     /**< Of answer - score; what the error of answers adds is in it. */
	double log_loss; /**< -(y log m + (1 - y) log(1 - m)), mean; scores kept within [1e-12, 1 - 1e-12]. */
	double log_loss_mean; /**< The same with the mean answer for everybody. */
	double quasi_r2;      /**< 1 - SSE / SST. */
	double coverage; /**< Share of answers within 1.645 deviations, of score and answer; NaN without an
			      error. */
	double coverage_third[3]; /**< The same by thirds of the evidence. */
	loy_judgement_bin bin[LOY_JUDGEMENT_BINS];
} loy_judgement;

/**
 * How the scores of a model do on what is held: customers of fold @p options->fold alone when there are
 * folds.
 * @p model: any with the schema collected for. Takes construct, folds, fold, error_variance and retest of the
 * options. @return LOY_OK, LOY_EINVAL, LOY_ESCHEMA, LOY_ENOTFOUND, LOY_EUNKNOWN (no observation) or
 * LOY_ENOMEM.
 */
LOY_API loy_status loy_calibration_judge(const loy_calibration *calibration, const loy_model *model,
                                         const loy_calibration_options *options, loy_judgement *out,
                                         loy_error *error);

LOY_END_DECLS
#endif
