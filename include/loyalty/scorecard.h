/**
 * @file loyalty/scorecard.h
 * @brief A scorecard is what a model says of one customer at one time, and why.
 *
 * For every construct: the value 0–100 with a 90 % interval, the evidence behind it, and contributions that
 * add up to it exactly. All points in a scorecard (means, baselines, contributions, changes) are multiples
 * of 2^-40, so adding them as doubles, in any order, is exact: baseline + sum of contributions == mean, with
 * ==. Where rounding to that grid leaves a remainder (below 1e-10) the largest contribution takes it.
 *
 * Model: per construct a Beta posterior of weighted, decayed evidence over a prior whose mean comes from the
 * parents (beta reputation, Jøsang & Ismail 2002; credibility, Bühlmann 1967). Contributions are Shapley
 * values of the game in which a channel outside the coalition keeps its amount of evidence but loses its
 * direction (baseline Shapley, Sundararajan & Najmi 2020); through a response curve or an interaction they
 * are scaled by the secant, so what a moderator adds counts for the channel it strengthens. Intervals are
 * delta-method with fixed weights, mapped to a Beta by its first two moments; they know nothing of the
 * uncertainty of the weights themselves.
 *
 * Threads: a scorecard and a change belong to one thread at a time; models and profiles are only read.
 */
#ifndef LOYALTY_SCORECARD_H
#define LOYALTY_SCORECARD_H

#include <loyalty/model.h>

LOY_BEGIN_DECLS

typedef struct loy_scorecard loy_scorecard;
typedef struct loy_change loy_change;

/** What a score rests on. */
enum {
	LOY_SCORE_UNKNOWN = 0,   /**< No evidence reaches it: the value is NaN, the mean is the baseline. */
	LOY_SCORE_PREDICTED = 1, /**< Only from other constructs, through paths. */
	LOY_SCORE_OBSERVED = 2   /**< From evidence of its own (and others). Composites: from any component. */
};

/** One construct's score. Points are 0–100. */
typedef struct loy_score {
	uint32_t struct_size; /**< sizeof(loy_score) in the caller's build. */
	uint32_t state;       /**< LOY_SCORE_… */
	double value;         /**< The score; NaN while unknown. */
	double mean;          /**< The same, or the baseline while unknown. */
	double low, high;     /**< 90 % interval, 5 % on each side; low <= mean <= high. */
	double deviation;     /**< Standard deviation, points. */
	double baseline;      /**< What the model expects of a customer it knows nothing about. */
	double evidence;      /**< Weighted evidence of its own; composites: of their components, weighted. */
	double uncertainty;   /**< strength / (strength + evidence), in (0, 1] (Jøsang 2016). */
	double coverage;      /**< Share of the channels that can reach it that hold evidence, 0–1. */
	double trend;         /**< (fast - slow) / standard deviation: a ranking for early warning, not a test. */
} loy_score;

/** Where a contribution comes from. */
enum {
	LOY_SOURCE_CHANNEL = 0, /**< An evidence channel. */
	LOY_SOURCE_SILENCE = 1, /**< Missed purchases. */
	LOY_SOURCE_WORST = 2,   /**< The worst episode. */
	/* Only in changes: */
	LOY_SOURCE_BASELINE = 3, /**< Another baseline (the model changed). */
	LOY_SOURCE_GONE = 4,     /**< Channels that only the old model's schema has, together. */
	/* Prospects, by the model's `lifetime`; positive and negative are the share below and what it lacks of 1. */
	LOY_SOURCE_ALIVE = 5,     /**< Probability that the customer still is one. */
	LOY_SOURCE_PURCHASES = 6, /**< Purchases expected: purchases / (purchases + half). */
	LOY_SOURCE_WORTH = 7      /**< Their discounted worth: worth / (worth + half). */
};

/** One line of an explanation. */
typedef struct loy_contribution {
	uint32_t struct_size; /**< sizeof(loy_contribution) in the caller's build. */
	uint32_t source;      /**< LOY_SOURCE_… */
	uint32_t channel;     /**< Channel index for LOY_SOURCE_CHANNEL, else 0. */
	uint32_t reserved;
	double points;        /**< What it adds to the score; exact, see above. */
	double positive;      /**< Decayed positive evidence of the source now. */
	double negative;      /**< Decayed negative evidence of the source now. */
} loy_contribution;

/** Bits of loy_scorecard_flags(). */
enum {
	LOY_CARD_FUTURE = 1,   /**< The profile holds events after the time read: they weigh more than they should. */
	LOY_CARD_DROPPED = 2,  /**< The profile dropped keys (LOY_PROFILE_KEYS_DROPPED). */
	LOY_CARD_RETRACTED = 4 /**< The profile had events retracted (LOY_PROFILE_RETRACTED). */
};

/** Create a scorecard for a model, which must outlive it. @return LOY_OK, LOY_EINVAL or LOY_ENOMEM. */
LOY_API loy_status loy_scorecard_create(loy_scorecard **out, const loy_model *model, const loy_allocator *memory);
/** Release a scorecard. NULL is allowed. Never fails. */
LOY_API void loy_scorecard_destroy(loy_scorecard *card);
/**
 * Score a profile at a time. NULL is the empty profile. Does not allocate.
 * @return LOY_OK, LOY_EINVAL, LOY_ETIME or LOY_ESCHEMA: the card is unchanged.
 */
LOY_API loy_status loy_scorecard_evaluate(loy_scorecard *card, const loy_profile *profile, int64_t time);
/**
 * Score a profile as if @p count more events had been recorded; the profile is not changed.
 * @return as loy_scorecard_evaluate(); LOY_ENOMEM; what loy_profile_record() returns, with the event's
 * index as row in @p error. The card is unchanged then.
 */
LOY_API loy_status loy_scorecard_what_if(loy_scorecard *card, const loy_profile *profile,
                                         const loy_event *const *events, uint32_t count, int64_t time,
                                         loy_error *error);

/**
 * The card's model; time of the last evaluation, its LOY_CARD_… bits, and how many events the profile held.
 * @return LOY_OK, LOY_EINVAL, or LOY_ESTATE before the first evaluation.
 */
LOY_API const loy_model *loy_scorecard_model(const loy_scorecard *card);
LOY_API loy_status loy_scorecard_time(const loy_scorecard *card, int64_t *time);
LOY_API loy_status loy_scorecard_flags(const loy_scorecard *card, uint32_t *flags);
LOY_API loy_status loy_scorecard_events(const loy_scorecard *card, uint64_t *events);
/** One construct's score. @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND (no such construct) or LOY_ESTATE. */
LOY_API loy_status loy_scorecard_score(const loy_scorecard *card, uint32_t construct, loy_score *out);
/** Number of contributions of a construct that are not zero. */
LOY_API uint32_t loy_scorecard_contribution_count(const loy_scorecard *card, uint32_t construct);
/**
 * The @p index-th contribution, largest magnitude first. @return LOY_OK, LOY_EINVAL, LOY_ESTATE or
 * LOY_ENOTFOUND.
 */
LOY_API loy_status loy_scorecard_contribution(const loy_scorecard *card, uint32_t construct, uint32_t index,
                                              loy_contribution *out);

/** What would move a score: a channel and what one more unit of good evidence in it, now, would add. */
typedef struct loy_driver {
	uint32_t struct_size; /**< sizeof(loy_driver) in the caller's build. */
	uint32_t channel;
	double gain;          /**< Points gained by one unit of positive evidence of this channel now. */
	double regain;        /**< Points gained if its negative evidence had not happened. */
} loy_driver;
/**
 * Drivers of a construct with a positive gain or regain, ranked by the larger of the two. @return LOY_OK,
 * LOY_EINVAL, LOY_ESTATE or LOY_ENOTFOUND.
 */
LOY_API uint32_t loy_scorecard_driver_count(const loy_scorecard *card, uint32_t construct);
LOY_API loy_status loy_scorecard_driver(const loy_scorecard *card, uint32_t construct, uint32_t index,
                                        loy_driver *out);

/** Number of stagings of the model (ladder, pyramid, …) and their names; rungs count from 1, NULL beyond. */
LOY_API uint32_t loy_model_staging_count(const loy_model *model);
LOY_API const char *loy_model_staging_name(const loy_model *model, uint32_t staging);
LOY_API uint32_t loy_model_rung_count(const loy_model *model, uint32_t staging);
LOY_API const char *loy_model_rung_name(const loy_model *model, uint32_t staging, uint32_t rung);
/**
 * The stage a customer has reached: the last rung so far that every rung up to it is reached with the model's
 * probability (Oliver 1999). *rung is 0 for none, else the rung counted from 1. Constructs that are unknown do
 * not count. Stateless: probabilities take the place of hysteresis. @return LOY_OK, LOY_EINVAL, LOY_ESTATE or
 * LOY_ENOTFOUND (no such staging).
 */
LOY_API loy_status loy_scorecard_stage(const loy_scorecard *card, uint32_t staging, uint32_t *rung);
/**
 * Probability that one rung (from 1) of a staging is reached. @return likewise; LOY_ENOTFOUND also beyond the
 * rungs.
 */
LOY_API loy_status loy_scorecard_rung_probability(const loy_scorecard *card, uint32_t staging, uint32_t rung,
                                                  double *probability);

/** Loyalty types of Dick & Basu (1994): relative attitude by repeat patronage. Probabilities add up to 1. */
typedef struct loy_loyalty_type {
	uint32_t struct_size; /**< sizeof(loy_loyalty_type) in the caller's build. */
	uint32_t likeliest;   /**< 1 true, 2 latent, 3 spurious, 4 none; 0 while neither side has evidence. */
	double loyal;         /**< True loyalty: attitude and patronage. */
	double latent;        /**< Attitude without patronage. */
	double spurious;      /**< Patronage without attitude. */
	double none;
} loy_loyalty_type;
/** @return LOY_OK, LOY_EINVAL, LOY_ESTATE, or LOY_ENOTFOUND (the model has no such type). */
LOY_API loy_status loy_scorecard_type(const loy_scorecard *card, loy_loyalty_type *out);

/** One SERVQUAL dimension: mean perception less mean expectation (Parasuraman, Zeithaml & Berry 1988). */
typedef struct loy_gap {
	uint32_t struct_size; /**< sizeof(loy_gap) in the caller's build. */
	uint32_t item;        /**< Dimension, from 1. */
	uint32_t expectations, perceptions; /**< Number of answers. */
	double expectation;   /**< Mean, points of 100; NaN without answers. */
	double perception;    /**< The same of perceptions (SERVPERF: this alone; Cronin & Taylor 1992). */
	double gap;           /**< perception - expectation; NaN when one is unknown. */
} loy_gap;
/**
 * All dimensions, worst gap first, unknown gaps last; ties by item. @return LOY_OK, LOY_EINVAL, LOY_ESTATE or
 * LOY_ENOTFOUND.
 */
LOY_API uint32_t loy_scorecard_gap_count(const loy_scorecard *card);
LOY_API loy_status loy_scorecard_gap(const loy_scorecard *card, uint32_t index, loy_gap *out);

/** Perceived benefits against perceived costs, from the answers to the model's benefit and cost items. */
typedef struct loy_value_balance {
	uint32_t struct_size; /**< sizeof(loy_value_balance) in the caller's build. */
	uint32_t state;       /**< LOY_SCORE_OBSERVED when both sides have answers, else LOY_SCORE_UNKNOWN. */
	double benefit, cost; /**< Weighted means over the items answered, 0–1; NaN without answers. */
	double ratio;         /**< benefit / cost (+inf when only the cost is 0, 1 when both are). */
	double ratio_score;   /**< 100 * benefit / (benefit + cost); 50 when both are 0. */
	double difference;    /**< benefit - cost, -1…1. */
	double difference_score; /**< 50 + 50 * difference. */
} loy_value_balance;
/** @return LOY_OK, LOY_EINVAL or LOY_ESTATE. */
LOY_API loy_status loy_scorecard_value_balance(const loy_scorecard *card, loy_value_balance *out);

/** One side of a change. */
typedef struct loy_moment {
	const loy_model *model;
	const loy_profile *profile; /**< As it was then; NULL is the empty profile. */
	int64_t time;
} loy_moment;
/** Why a score moved. */
enum {
	LOY_CHANGE_TIME = 1,     /**< Decay and silence: the old profile read at the new time. */
	LOY_CHANGE_EVIDENCE = 2, /**< What was recorded between. */
	LOY_CHANGE_MODEL = 3     /**< The new model reading the new profile. */
};
/** One line of an explained change. */
typedef struct loy_change_line {
	uint32_t struct_size; /**< sizeof(loy_change_line) in the caller's build. */
	uint32_t reason;      /**< LOY_CHANGE_… */
	uint32_t source;      /**< LOY_SOURCE_… */
	uint32_t channel;     /**< Channel of LOY_SOURCE_CHANNEL, by the schema of the moment the line belongs to. */
	double points;
} loy_change_line;

/** Create a reusable change in @p out. @return LOY_OK, LOY_EINVAL or LOY_ENOMEM. */
LOY_API loy_status loy_change_create(loy_change **out, const loy_allocator *memory);
/** Release a change. NULL is allowed. Never fails. */
LOY_API void loy_change_destroy(loy_change *change);
/**
 * Explain the change of the construct named @p name from @p before to @p after: first time passes, then
 * evidence arrives, then the model changes (an ordered attribution; another order gives other lines and the
 * same sum). The lines add up to after - before exactly. When the two models' schemas differ, evidence and
 * model cannot be told apart and all of that step is LOY_CHANGE_MODEL. Does not allocate; models and
 * profiles are only needed during the call. On failure the change is as it was.
 * @return LOY_OK, LOY_EINVAL, LOY_ETIME, LOY_ESCHEMA, or LOY_ENOTFOUND when a model lacks the construct.
 */
LOY_API loy_status loy_change_explain(loy_change *change, const loy_moment *before, const loy_moment *after,
                                      const char *name, size_t length);
/**
 * Means before and after (points), and the lines, largest magnitude first. @return LOY_OK, LOY_EINVAL,
 * LOY_ESTATE (nothing compared yet) or LOY_ENOTFOUND.
 */
LOY_API loy_status loy_change_values(const loy_change *change, double *before, double *after);
LOY_API uint32_t loy_change_line_count(const loy_change *change);
LOY_API loy_status loy_change_get_line(const loy_change *change, uint32_t index, loy_change_line *out);

/**
 * Where a batch call puts the scores of one construct: caller's arrays, one element a customer, strides in
 * bytes; any pointer may be NULL, and what is not asked for is not computed. value and the limits are NaN
 * while unknown (where a scorecard has the mean and limits of somebody unknown). All columns of a call have
 * the same struct_size and lie that far apart.
 */
typedef struct loy_score_column {
	uint32_t struct_size; /**< sizeof(loy_score_column) in the caller's build. */
	uint32_t construct;
	double *value;
	int64_t value_stride;
	double *low;
	int64_t low_stride;
	double *high;
	int64_t high_stride;
	double *evidence;
	int64_t evidence_stride;
	uint8_t *state;       /**< LOY_SCORE_… */
	int64_t state_stride;
} loy_score_column;
/**
 * The constructs of the model's `headline`, in order: usually satisfaction, trust, value, loyalty. @return
 * LOY_OK, LOY_EINVAL or LOY_ENOTFOUND.
 */
LOY_API uint32_t loy_model_headline_count(const loy_model *model);
LOY_API loy_status loy_model_headline(const loy_model *model, uint32_t index, uint32_t *construct);
/**
 * Score many profiles at one time; the values are those of loy_scorecard_evaluate(), bit for bit. Each row's
 * status (LOY_OK or LOY_ESCHEMA) goes to row_status when it is not NULL; a row that fails gets NaN and
 * LOY_SCORE_UNKNOWN and the call still succeeds. NULL profiles are empty ones. Does not allocate.
 * @return LOY_OK, LOY_EINVAL, LOY_ETIME or LOY_ENOTFOUND (no such construct): nothing is written.
 */
LOY_API loy_status loy_score_profiles(const loy_model *model, const loy_profile *const *profiles, uint64_t count,
                                      int64_t time, const loy_score_column *columns, uint32_t column_count,
                                      loy_status *row_status);

LOY_END_DECLS
#endif
