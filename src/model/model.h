/*
 * The door of the model room: a compiled model as scoring and the rooms above see it.
 * Includes profile and what lies below. The text syntax is in README.md of this folder.
 */
#ifndef LOY_MODEL_MODEL_H
#define LOY_MODEL_MODEL_H

#include <loyalty/model.h>
#include <loyalty/scorecard.h>
#include "numeric/buying.h"
#include "profile/profile.h"

#define LOY__INDICATORS_MAX 32
#define LOY__PATHS_MAX      LOY_CONSTRUCTS_MAX
#define LOY__RESPONSES_MAX  8
#define LOY__POINTS_MAX     8
#define LOY__STAGINGS_MAX   4
#define LOY__RUNGS_MAX      8
#define LOY__ITEMS_MAX      16
#define LOY__HEADLINES      4
#define LOY__STAGES_ANY     4 /* constructs of one rung */
#define LOY__ATTITUDES_MAX  4
#define LOY__FAILURES_MAX   4
#define LOY__NONE           0xffu /* no such index */

/* A channel as an indicator of a construct. */
typedef struct loy__indicator {
	uint8_t channel;
	uint8_t moderator;         /* construct whose mean scales the positive weight, or LOY__NONE */
	double positive, negative; /* evidence weights, >= 0 */
	double moderation; /* beta: positive weight * (1 + beta * (2 * mean(moderator) - 1)), 0 <= beta <= 1 */
} loy__indicator;

/*
 * A path from a parent; for composites the parent is a component and weight its normalised share.
 * "Prepared" here and below: filled in by loy__model_prepare() from the rest.
 */
typedef struct loy__path {
	uint8_t parent;
	uint8_t response;  /* index of the response curve, or LOY__NONE for the identity */
	uint8_t moderator; /* construct that strengthens what lies above the baseline, or LOY__NONE */
	double written;    /* weight as the text has it, >= 0; sum over paths (times 1 + moderation) <= 1 */
	double weight;     /* prepared: the same, for composites divided by the sum */
	double moderation; /* beta as above */
} loy__path;

/* What a construct counts of a customer's prospects: shares of 0 to 1 as evidence. Weight 0: not counted. */
typedef struct loy__prospect {
	double alive;                     /* weight of P(alive) */
	double purchases, purchases_half; /* of the purchases expected, and how many count as a half */
	double worth, worth_half, worth_discount; /* of their discounted worth; a year's rate */
	int64_t purchases_horizon, worth_horizon; /* microseconds */
} loy__prospect;

typedef struct loy__construct {
	char name[LOY_NAME_MAX + 1];
	uint8_t composite;
	double mean, strength, spread;
	double limit;      /* of a composite: 0 when it is as sure as its parts */
	double weight_sum; /* prepared: what a composite's weights were divided by; 1 for others */
	double baseline; /* prepared: b in [0, 1], the score without any evidence, by the operations of scoring */
	double prior; /* prepared: the prior mean when all parents are at their baselines */
	uint32_t indicator_count, path_count;
	loy__indicator indicator[LOY__INDICATORS_MAX];
	loy__path path[LOY__PATHS_MAX];
	uint32_t parents; /* prepared: bit of each parent or component that weighs more than nothing */
	uint32_t moderated_count; /* indicators with a moderator; prepared */
	uint8_t moderated[LOY__INDICATORS_MAX];
	double worst_weight; /* of the worst episode; 0: none */
	/* Silence: missed purchases as negative evidence; silence_weight 0: none. */
	double silence_weight, silence_strength, silence_limit;
	int64_t silence_gap; /* microseconds */
	loy__prospect prospect;
} loy__construct;

typedef struct loy__response {
	char name[LOY_NAME_MAX + 1];
	uint32_t point_count; /* first (0, 0), last (1, 1); x rises strictly, y does not fall */
	double x[LOY__POINTS_MAX], y[LOY__POINTS_MAX];
} loy__response;

/* A ladder or pyramid: rungs in order; each is reached with probability P(mean > cut) >= probability. */
typedef struct loy__staging {
	char name[LOY_NAME_MAX + 1];
	uint32_t rung_count;
	double cut, probability;
	struct {
		char name[LOY_NAME_MAX + 1];
		uint32_t count; /* constructs, the likeliest counts; 0: reached by any event */
		uint8_t construct[LOY__STAGES_ANY];
	} rung[LOY__RUNGS_MAX];
} loy__staging;

typedef struct loy__weighted_item {
	char name[LOY_NAME_MAX + 1];
	double written; /* as the text has it */
	double weight;  /* prepared: divided by the sum */
} loy__weighted_item;

typedef struct loy__note {
	uint32_t line;
	char text[160];
} loy__note;

/* One for each construct, one for each channel, one for each of the three other lists of weights. */
#define LOY__NOTES_MAX 64

/* An indicator without a moderator, seen from its channel. */
typedef struct loy__link {
	double positive, negative;
	uint32_t construct;
} loy__link;

struct loy_model {
	loy_allocator memory;
	char name[LOY_NAME_MAX + 1], title[128], origin[512];
	uint64_t fingerprint_high, fingerprint_low;
	loy_schema schema;
	double fast_share[LOY_CHANNELS_MAX]; /* weight of the fast sum of each channel when read */
	struct {
		uint8_t by; /* channel whose positive evidence is the relationship; LOY__NONE: no damping */
		double strength, at; /* negative evidence * (1 - strength * R / (R + at)) */
	} damping[LOY_CHANNELS_MAX];
	/* Recovery never repairs more than the failures: positive evidence of `recovery` is read as at most the
	 * negative evidence of the failure channels together. recovery LOY__NONE: no such rule. */
	uint8_t recovery, failure_count, failure[LOY__FAILURES_MAX];
	uint32_t construct_count;
	loy__construct construct[LOY_CONSTRUCTS_MAX]; /* in order of evaluation */
	uint32_t response_count;
	loy__response response[LOY__RESPONSES_MAX];
	uint32_t staging_count;
	loy__staging staging[LOY__STAGINGS_MAX];
	uint32_t benefit_count, cost_count;
	loy__weighted_item benefit[LOY__ITEMS_MAX], cost[LOY__ITEMS_MAX];
	double benefit_sum, cost_sum; /* prepared: what the weights were divided by */
	/* Dick & Basu type; attitude_count 0: none. */
	uint32_t attitude_count;
	uint8_t attitude[LOY__ATTITUDES_MAX], behaviour;
	double attitude_written[LOY__ATTITUDES_MAX]; /* as the text has them */
	double attitude_weight[LOY__ATTITUDES_MAX];  /* prepared: divided by their sum */
	double attitude_sum, type_cut;
	uint8_t headline
	        [LOY__HEADLINES]; /* constructs of the four scores; LOY__NONE where the text names fewer */
	uint32_t note_count;
	loy__note note[LOY__NOTES_MAX];
	/* How customers buy and leave, and what they spend, as fitted elsewhere; unit or spend_p 0: not said. */
	loy__buying buying;
	int64_t buying_unit; /* microseconds */
	double spend_p, spend_q, spend_gamma;
	uint32_t spend_currency;
	/* Prepared: bit of each channel that can reach the construct, paths included. */
	uint32_t channels_used[LOY_CONSTRUCTS_MAX];
	/* Links of channel k: first_link[k] to first_link[k + 1] - 1, by construct; by loy__score_prepare(). */
	uint16_t first_link[LOY_CHANNELS_MAX + 1];
	loy__link link[LOY_CONSTRUCTS_MAX * LOY__INDICATORS_MAX];
};

/* ---- parsing and printing (syntax*.c, print*.c, effects.c) ------------------------------------------------ */

/* Canonical text; `schema_only` prints the statements that profiles depend on and their fingerprint hashes. */
void loy__model_print(const loy_model *model, int schema_only, loy__writer *out);
/* Numbers of models are decimals in 1e-12, so that text has all of them. */
static inline double loy__real_from_decimal(int64_t decimal)
{
	return (double)decimal / (double)LOY__DECIMAL_ONE;
}
/*
 * The decimal that a real from 0 to 1000000 was read from, or one that is read as the same; of a real that no
 * text has, the nearest. (The product alone may be off by one from 2^12 on.)
 */
static inline int64_t loy__decimal_from_real(double real)
{
	int64_t near = (int64_t)(real * (double)LOY__DECIMAL_ONE), decimal;

	for (decimal = near; decimal <= near + 1; decimal++) {
		if (loy__real_from_decimal(decimal) == real)
			return decimal;
	}
	return real * (double)LOY__DECIMAL_ONE - (double)near >= 0.5 ? near + 1 : near;
}

/*
 * Fill in what follows from the rest: order of the constructs (their indices are renamed), normalised
 * weights, baselines and links (loy__score_prepare), channels used, fingerprints; and hold the model to its
 * rules. For whoever made or changed one, with numbers that text can hold; on failure it is not to be used.
 * @return LOY_OK, LOY_ENOMEM, LOY_ECYCLE, LOY_ERANGE or what loy__schema_prepare() returns.
 */
loy_status loy__model_prepare(loy_model *model, loy_error *error);
/*
 * 1 when recovery outweighs a failure it repairs: the rule that prepare refuses with LOY_ERANGE, once
 * baselines are set.
 */
int loy__recovery_pays(const loy_model *model, const loy__construct *construct);

/* ---- scoring (score*.c) ---------------------------------------------------------------------------------- */

/*
 * Fill in what scoring prepares of a model whose constructs are in order of evaluation: baseline, prior and
 * moderated of each construct, first_link and link. It is the one place where baselines are computed.
 */
void loy__score_prepare(loy_model *model);

/* A model prepared for one time: what all customers share. Made once per batch. */
typedef struct loy__reading_time {
	const loy_model *model;
	int64_t time;
	uint32_t wanted;                     /* bit of each construct to be computed, ancestors included */
	double scale[2 * LOY_CHANNELS_MAX];  /* loy__decay_now per distinct half-life of the schema, … */
	int32_t whole[2 * LOY_CHANNELS_MAX]; /* … in two arrays, which take less of a stack */
	int reads_worst;                     /* a wanted construct counts the worst episode */
	int reads_prospects;                 /* … or prospects */
} loy__reading_time;

/* `constructs` is a bit set; 0 means all. */
loy_status loy__reading_time_init(loy__reading_time *at, const loy_model *model, int64_t time,
                                  uint32_t constructs);

/* Means and what batch columns need, without contributions; the same bits as a scorecard. */
typedef struct loy__scores {
	uint32_t observed, reached;      /* bit sets of constructs: own evidence; any evidence */
	double mean[LOY_CONSTRUCTS_MAX]; /* points on the 2^-40 grid */
	double evidence[LOY_CONSTRUCTS_MAX];
	double low[LOY_CONSTRUCTS_MAX], high[LOY_CONSTRUCTS_MAX]; /* only when asked */
} loy__scores;
void loy__score_record(const loy__reading_time *at, const loy__record *record, uint32_t intervals,
                       loy__scores *out);
/* loy_scorecard_evaluate() of a record of a schema; neither is kept. */
loy_status loy__scorecard_evaluate(loy_scorecard *card, const loy_schema *schema, const loy__record *record,
                                   int64_t time);
/* Write one row of the caller's columns. */
void loy__score_store(const loy__scores *scores, const loy_score_column *columns, uint32_t column_count,
                      uint64_t row);
/* Check columns and tell which constructs and intervals (bit sets) they need. */
loy_status loy__score_columns_check(const loy_model *model, const loy_score_column *columns,
                                    uint32_t column_count, uint32_t *constructs, uint32_t *intervals);

#endif
