/*
 * What the files of scoring share; prepare.c reads it too, and calibration, which takes scores apart. The
 * door of the room is model.h.
 *
 * The way of a score: loy__weigh() reads a record into evidence by channel (score_read.c), loy__means() turns
 * that into means (score_means.c), loy__limits() adds intervals (score_limits.c), loy__explain() adds what
 * each channel contributed (score_explain.c). Batches stop after the second or third; the operations and
 * their order are the same, so the bits are.
 */
#ifndef LOY_MODEL_SCORE_H
#define LOY_MODEL_SCORE_H

#include "model/model.h"

/* Sources of contributions, in the order that breaks ties: the channels, then silence, the worst episode, prospects. */
#define LOY__SOURCE_SILENCE LOY_CHANNELS_MAX
#define LOY__SOURCE_WORST   (LOY_CHANNELS_MAX + 1)
#define LOY__SOURCE_ALIVE   (LOY_CHANNELS_MAX + 2) /* and the two after it, in the order of LOY__PROSPECTS */
#define LOY__PROSPECTS      3                      /* alive, purchases, worth */
#define LOY__SOURCES        (LOY_CHANNELS_MAX + 2 + LOY__PROSPECTS)

/* Which of the two sums of a channel is read. */
enum {
	LOY__READ_MIXED, /* both, by the channel's share */
	LOY__READ_SLOW,
	LOY__READ_FAST
};

/* The evidence of one customer at one time. Arrays are by channel, 0 where there is none. */
typedef struct loy__weighed {
	uint32_t channel_count;            /* channels that hold evidence … */
	uint8_t channel[LOY_CHANNELS_MAX]; /* … ascending */
	double positive[LOY_CHANNELS_MAX], negative[LOY_CHANNELS_MAX];
	double purchases;       /* number of purchases; 0: silence says nothing */
	double silent, span;    /* microseconds since the last purchase, from the first to the last */
	double worst;           /* the worst episode, decayed */
	int has_history;        /* what follows was read, and there is a purchase */
	double x, t_x, T;       /* in the unit of the model's `lifetime` */
	double alive, spend;    /* P(alive) at the time read; mean spend of repeat purchases, minor units */
	int64_t events, newest; /* as loy__reading has them */
} loy__weighed;

/* Read a record (NULL: empty). What stands in the profile, before damping and cap. */
void loy__weigh(const loy__reading_time *at, const loy__record *record, int which, loy__weighed *out);
/* Damp the failure channels and cap the recovery channel, in place: what evaluation and explanations use. */
void loy__weigh_relations(const loy_model *model, loy__weighed *evidence);
/* Make sure a channel is listed, so that evidence can be added to it. */
void loy__weigh_insert(loy__weighed *evidence, uint32_t channel);

/* 100 * mean in points: clamped, and rounded to the nearest multiple of 2^-40, ties to even. */
double loy__points(double mean);
/* Round points below 2048 in magnitude to that grid: adding 6144 leaves no bits below 2^-40. */
static inline double loy__grid(double points)
{
	return (points + 6144.0) - 6144.0;
}

/* Purchases missed since the last one; 0 where the construct does not count them. */
double loy__missed(const loy__construct *construct, const loy__weighed *evidence);
/* ---- prospects (score_prospect.c) ---- */

/* Read a record's purchase history into `out`. */
void loy__weigh_history(const loy__reading_time *at, const loy__record *record, loy__weighed *out);
/* Whether a construct counts any prospect. */
static inline int loy__counts_prospects(const loy__construct *construct)
{
	return construct->prospect.alive > 0.0 || construct->prospect.purchases > 0.0 ||
	       construct->prospect.worth > 0.0;
}
/*
 * Weight and share (0 to 1) of each prospect a construct counts; weights are 0 without a purchase. A share is
 * evidence for, weight * share, and against, weight * (1 - share).
 */
void loy__prospects(const loy_model *model, const loy__construct *construct, const loy__weighed *evidence,
                    double weight[LOY__PROSPECTS], double share[LOY__PROSPECTS]);

/* Positive weight of an indicator once its moderator (if any) is counted. */
double loy__positive_weight(const loy__indicator *indicator, const double *mean);
/*
 * What a parent's distance from its baseline is multiplied with, besides the weight of the path: 1 for a
 * plain path, else the secant of the response between the two, times what the moderator adds above the
 * baseline.
 */
double loy__path_factor(const loy_model *model, const loy__path *path, const double *mean);
/* Prior mean of a construct that is no composite, given the means of its parents. */
double loy__prior_mean(const loy_model *model, const loy__construct *construct, const double *mean);
/* Means (raw, 0–1), own evidence, and what was observed and reached, of the wanted constructs. */
void loy__means(const loy_model *model, uint32_t wanted, const loy__weighed *evidence, loy__scores *out);

/* Variances that do not depend on which construct is asked for. */
typedef struct loy__spread {
	double own[LOY_CONSTRUCTS_MAX]; /* variance of a construct's Beta, parents (or parts) held fixed */
	/* strength / (strength + evidence): how much of the prior mean shows */
	double kept[LOY_CONSTRUCTS_MAX];
} loy__spread;
void loy__spread_init(const loy_model *model, uint32_t wanted, const loy__scores *raw, loy__spread *out);
/*
 * Variance of a weighted sum of constructs by total effects: `effect` holds the weights and is used up. What
 * two constructs share through a common parent is counted once, with the sum of its effects.
 */
double loy__total_variance(const loy_model *model, const loy__scores *raw, const loy__spread *spread,
                           double *effect);
/* The same for one construct. */
double loy__construct_variance(const loy_model *model, const loy__scores *raw, const loy__spread *spread,
                               uint32_t construct);
/* Beta(*a, *b) with that mean and variance; 0 when there is none, the mean then being certain. */
int loy__beta_shape(double mean, double variance, double *a, double *b);
/* 90 % limits in points, widened to include `points`. */
void loy__limits(double mean, double variance, double points, double *low, double *high);
/* The limits of some constructs, into low and high; the means must be raw still. */
void loy__limits_of(const loy_model *model, uint32_t wanted, uint32_t intervals, loy__scores *raw);
/* P(score > cut) for a score with that mean and variance. */
double loy__probability_above(double mean, double variance, double cut);

/* A customer evaluated in full. */
typedef struct loy__explained {
	loy__reading_time at;
	loy__weighed held;                   /* as it stands in the profile */
	loy__weighed used;                   /* damped and capped */
	loy__scores raw;                     /* means not rounded, 0–1; no limits */
	double points[LOY_CONSTRUCTS_MAX];   /* on the grid */
	double baseline[LOY_CONSTRUCTS_MAX]; /* on the grid */
	/* contributions, on the grid: baseline + sum == points */
	double part[LOY_CONSTRUCTS_MAX][LOY__SOURCES];
} loy__explained;

/* Everything but intervals. LOY_EINVAL or LOY_ETIME: `out` is unchanged. */
loy_status loy__explain(loy__explained *out, const loy_model *model, const loy__record *record, int64_t time);
/* 1 when profiles of the schema can be scored with the model. */
int loy__schema_fits(const loy_model *model, const loy_schema *schema);

/* Answers to one survey item. */
typedef struct loy__answers {
	uint32_t count;
	double mean; /* share of the scale, 0–1; NaN without answers */
} loy__answers;

/* Ranked drivers; made when first asked for, as they take an evaluation for each channel and sign. */
typedef struct loy__drivers {
	int ready;
	loy__weighed evidence;
	loy__scores scores;
	double gain[LOY_CONSTRUCTS_MAX][LOY_CHANNELS_MAX], regain[LOY_CONSTRUCTS_MAX][LOY_CHANNELS_MAX];
	uint8_t count[LOY_CONSTRUCTS_MAX], order[LOY_CONSTRUCTS_MAX][LOY_CHANNELS_MAX];
} loy__drivers;

struct loy_scorecard {
	loy_allocator memory;
	const loy_model *model;
	int ready; /* evaluated once at least */
	uint32_t flags;
	loy__explained explained;
	double variance[LOY_CONSTRUCTS_MAX], trend[LOY_CONSTRUCTS_MAX], uncertainty[LOY_CONSTRUCTS_MAX];
	uint8_t part_count[LOY_CONSTRUCTS_MAX], part_order[LOY_CONSTRUCTS_MAX][LOY__SOURCES];
	loy__answers benefit[LOY__ITEMS_MAX], cost[LOY__ITEMS_MAX];
	loy__answers expectation[LOY__DIMENSIONS_MAX], perception[LOY__DIMENSIONS_MAX];
	uint8_t gap_order[LOY__DIMENSIONS_MAX];
	loy__weighed scratch_evidence; /* for the trend */
	loy__scores scratch[2];
	loy__drivers *drivers;
};

/* LOY_SCORE_… of a construct. */
static inline uint32_t loy__score_state(const loy__scores *scores, uint32_t construct)
{
	if ((scores->observed >> construct & 1) != 0)
		return LOY_SCORE_OBSERVED;
	return (scores->reached >> construct & 1) != 0 ? LOY_SCORE_PREDICTED : LOY_SCORE_UNKNOWN;
}
/* LOY_OK when a construct can be asked about: LOY_EINVAL, LOY_ENOTFOUND or LOY_ESTATE. */
loy_status loy__card_check(const loy_scorecard *card, uint32_t construct);
/* Fill in the answers a card keeps (score_survey.c). */
void loy__card_read_answers(loy_scorecard *card, const loy__record *record);

#endif
