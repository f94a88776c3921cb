/**
 * @file loyalty/survey.h
 * @brief What customers answered: net promoter score, satisfaction, effort, service quality, with honest
 * intervals.
 *
 * A `loy_answers` counts the answers to one question on a declared scale. All metrics are worked out of the
 * counts, which are exact integers: they do not depend on the order of answers, on how they were split, or on
 * the machine.
 *
 * Scales are declared and answers outside them are refused: an answer of 11 is a mistake, not a promoter. The
 * net promoter score is validated for 0 to 10 (detractors to 6, promoters from 9); for any other scale its
 * bands must be given.
 *
 * Weights: with LOY_WEIGHT_FREQUENCY an answer of weight 3 is three answers. With LOY_WEIGHT_SURVEY shares
 * and means are weighted and their variance is that of the ratio estimator under sampling with replacement
 * (Taylor linearisation, sum w² (x - mean)² / (sum w)²); intervals that need a number of answers use the
 * effective one (the variance of one answer over that of the mean; Kish's (sum w)² / sum w² where answers do
 * not vary). Strata and clusters are not known here.
 *
 * No score without answers: LOY_EUNKNOWN, never 0.
 *
 * Threads: one object may be changed by one thread at a time; reading is safe from many while nobody changes
 * it.
 */
#ifndef LOYALTY_SURVEY_H
#define LOYALTY_SURVEY_H

#include <loyalty/moments.h>

LOY_BEGIN_DECLS

typedef struct loy_answers loy_answers;

/** Most points of a scale. */
#define LOY_SCALE_POINTS_MAX 1001

/** A scale: whole numbers from low to high in steps. */
typedef struct loy_scale {
	uint32_t struct_size; /**< sizeof(loy_scale) in the caller's build. */
	uint32_t weighting;   /**< LOY_WEIGHT_…: what weights of answers mean. */
	int32_t low, high;    /**< Ends, low < high, at most 1000000 in magnitude. */
	int32_t step;         /**< 0 means 1; divides high - low. */
	uint32_t reserved;    /**< 0. */
} loy_scale;

/** Count answers on a scale. @return LOY_OK, LOY_EINVAL, LOY_ELIMIT (points) or LOY_ENOMEM. */
LOY_API loy_status loy_answers_create(loy_answers **out, const loy_scale *scale, const loy_allocator *memory);
/** Release. NULL is allowed. Never fails. */
LOY_API void loy_answers_destroy(loy_answers *answers);
/**
 * Add a column of a table, all rows or none; NaN and the table's codes are missing and counted as such.
 * @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND (column), LOY_ERANGE (not on the scale, or a weight outside [0,
 * 2^40); row in @p error) or LOY_EOVERFLOW.
 */
LOY_API loy_status loy_answers_add(loy_answers *answers, const loy_table *table, uint32_t column,
                                   loy_error *error);
/** Add @p count equal answers of weight 1. @return LOY_OK, LOY_EINVAL, LOY_ERANGE or LOY_EOVERFLOW. */
LOY_API loy_status loy_answers_count(loy_answers *answers, int32_t answer, uint64_t count);
/**
 * Add what another object has counted: scale and weighting must be the same. Both may be one object. @return
 * LOY_OK, LOY_EINVAL or LOY_EOVERFLOW: unchanged.
 */
LOY_API loy_status loy_answers_merge(loy_answers *into, const loy_answers *from);
/** How many gave one answer, and the sum of their weights (may be NULL). LOY_ERANGE when it is not on the scale. */
LOY_API loy_status loy_answers_get(const loy_answers *answers, int32_t answer, uint64_t *rows,
                                   double *weight);
/** How many gave none. 0 for NULL. */
LOY_API uint64_t loy_answers_missing(const loy_answers *answers);

/** Limits of a quantity. */
typedef struct loy_interval {
	uint32_t struct_size; /**< sizeof(loy_interval) in the caller's build. */
	uint32_t flags;       /**< LOY_INTERVAL_… */
	double centre;        /**< What the limits lie around: not the score itself for all methods. */
	double low, high;     /**< low <= high, always. */
} loy_interval;
/** What to know of limits. */
enum {
	LOY_INTERVAL_DEGENERATE =
	        1, /**< All answers are alike, so that this method has width 0: it says nothing about
	                                how sure the score is. Use LOY_SURVEY_SCORE or LOY_SURVEY_ADJUSTED. */
	LOY_INTERVAL_BEYOND =
	        2 /**< A limit lies beyond what the score can be; it is left as the formula has it. */
};
/** How limits are made. */
enum {
	LOY_SURVEY_WALD = 0,    /**< Score ± z errors. */
	LOY_SURVEY_STUDENT = 1, /**< Net scores and means: ± t errors, with n - 1. */
	LOY_SURVEY_ADJUSTED =
	        2, /**< Net scores: 3/4 more of both kinds, 3 more answers (Rocks 2016). Shares: z²/2 more of
	                             both (Agresti & Coull 1998). */
	LOY_SURVEY_SCORE =
	        3, /**< All values a score test does not reject: shares Wilson (1927), net scores Tango (1998). */
	LOY_SURVEY_EXACT = 4 /**< Shares: Clopper & Pearson (1934). */
};

/* ---- net scores ---- */

/** Which answers count for and against. */
typedef struct loy_bands {
	uint32_t struct_size;   /**< sizeof(loy_bands) in the caller's build. */
	int32_t detractor_most; /**< Answers up to here. */
	int32_t promoter_least; /**< Answers from here on: above detractor_most. */
} loy_bands;

/** A net score: promoters less detractors. */
typedef struct loy_net {
	uint32_t struct_size; /**< sizeof(loy_net) in the caller's build. */
	uint32_t reserved;
	uint64_t answers, missing;
	uint64_t promoters, passives, detractors;              /**< Answers. */
	double promoter_share, passive_share, detractor_share; /**< Weighted. */
	double score;     /**< 100 (promoters - detractors), -100 to 100. */
	double variance;  /**< Of one answer that is 1, 0 or -1: p + d - (p - d)². */
	double deviation; /**< Standard error of the score, in points. */
	double n;         /**< Answers, as their weights say. */
	double effective; /**< Answers the variance corresponds to. */
} loy_net;
/**
 * Net score by bands; NULL means the net promoter score, LOY_EINVAL unless the scale is 0 to 10.
 * LOY_EUNKNOWN without answers.
 */
LOY_API loy_status loy_answers_net(const loy_answers *answers, const loy_bands *bands, loy_net *out);
/** Its limits, in points. @p confidence: 0 means 0.95. LOY_EUNKNOWN also for STUDENT with one answer. */
LOY_API loy_status loy_answers_net_interval(const loy_answers *answers, const loy_bands *bands,
                                            uint32_t method, double confidence, loy_interval *out);
/** A difference and its test. */
typedef struct loy_difference {
	uint32_t struct_size; /**< sizeof(loy_difference) in the caller's build. */
	uint32_t reserved;
	double difference, deviation;
	double z, p; /**< Two-sided test that there is none; NaN when both deviations are 0. */
	double low, high;
} loy_difference;
/** First less second net score, of two independent samples. @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_net_difference(const loy_net *first, const loy_net *second, double confidence,
                                      loy_difference *out);

/* ---- shares and means ---- */

/** The share of answers in a band: top-two-box, bottom-two-box, those who agree. */
typedef struct loy_share {
	uint32_t struct_size; /**< sizeof(loy_share) in the caller's build. */
	uint32_t reserved;
	uint64_t hits, answers;
	double share;     /**< Weighted, 0 to 1. */
	double deviation; /**< Standard error. */
	double n, effective;
} loy_share;
/**
 * Share of answers from @p least to @p most, which are on the scale. @return LOY_OK, LOY_EINVAL or LOY_EUNKNOWN
 * (no answers).
 */
LOY_API loy_status loy_answers_share(const loy_answers *answers, int32_t least, int32_t most, loy_share *out);
/**
 * WALD (cut at 0 and 1), ADJUSTED (likewise), SCORE or EXACT limits of a share. @return as loy_answers_share(), or
 * LOY_ERANGE: EXACT limits of more than 10^9 answers.
 */
LOY_API loy_status loy_answers_share_interval(const loy_answers *answers, int32_t least, int32_t most,
                                              uint32_t method, double confidence, loy_interval *out);

/** Mean answer: customer effort, satisfaction. */
typedef struct loy_mean {
	uint32_t struct_size; /**< sizeof(loy_mean) in the caller's build. */
	uint32_t reserved;
	uint64_t answers, missing;
	double n, mean;
	double spread;    /**< Standard deviation of answers, divisor n - 1; NaN with one, as what follows. */
	double deviation; /**< Standard error of the mean. */
	double low, high; /**< Limits by Student's t with n - 1. */
	double index;     /**< 100 (mean - low end) / (high end - low end). */
	double skewness;  /**< Third central moment over spread³, divisor n; NaN when answers do not vary. */
	double kurtosis;  /**< Excess, likewise. */
} loy_mean;
/** Mean of the answers. @return LOY_OK, LOY_EINVAL or LOY_EUNKNOWN (no answers). */
LOY_API loy_status loy_answers_mean(const loy_answers *answers, double confidence, loy_mean *out);

/* ---- service quality ---- */

/** Items of service quality: SERVQUAL (Parasuraman, Zeithaml & Berry 1988), SERVPERF (Cronin & Taylor 1992). */
typedef struct loy_service {
	uint32_t struct_size;        /**< sizeof(loy_service) in the caller's build. */
	uint32_t items;              /**< 1 to 256. */
	const uint32_t *expectation; /**< Columns of the moments; NULL: SERVPERF, performance alone. */
	const uint32_t *perception;
	const uint32_t *dimension; /**< Of each item, 0 to dimensions - 1; each has an item. */
	uint32_t dimensions;       /**< 1 to 64. */
	uint32_t weighting;        /**< LOY_WEIGHT_… */
	const double *weights;     /**< Of dimensions, at least 0, one positive; NULL: all the same. */
} loy_service;

/** One gap: an item, a dimension (mean of its items) or all (weighted mean of dimensions). */
typedef struct loy_service_gap {
	double n;
	double expectation, perception; /**< Means; expectation NaN for SERVPERF, */
	double gap;    /**< perception less expectation, whose mean is then the perception's. */
	double spread; /**< Standard deviation of the gap over respondents. */
	double t, p;   /**< Paired test that there is none; NaN for SERVPERF and when gaps do not vary. */
} loy_service_gap;
/**
 * Gaps from moments of complete rows: @p items, @p dimensions (NULL: not wanted) and @p overall (NULL
 * likewise).
 * @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND (column), LOY_EUNKNOWN (fewer than two rows) or LOY_ENOMEM.
 */
LOY_API loy_status loy_service_gaps(const loy_moments *moments, const loy_service *service,
                                    loy_service_gap *items, loy_service_gap *dimensions,
                                    loy_service_gap *overall, const loy_allocator *memory, loy_error *error);

LOY_END_DECLS
#endif
