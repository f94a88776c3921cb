/*
 * Inside calibration of evidence: observations, the features that a fit sees of them, and the search.
 */
#ifndef LOY_CALIBRATE_CALIBRATION_H
#define LOY_CALIBRATE_CALIBRATION_H

#include "calibrate/calibrate.h"
#include "model/score.h"
#include "numeric/optimise.h"

#include <loyalty/calibration.h>

/* ---- observations (calibration.c) ------------------------------------------------------------------- */

typedef struct loy__observation {
	uint64_t customer, hash[2]; /* hash: of the profile, which settles the order of what else is equal */
	int64_t time;
	double answer, weight;
	loy_profile *profile;
	uint32_t construct;
} loy__observation;

struct loy_calibration {
	loy_allocator memory;
	const loy_model *model;
	loy__observation *list;
	size_t count, capacity;
};

/* Observations of one construct and of the customers that count, in canonical order. */
typedef struct loy__selection {
	const loy_allocator *memory;
	const loy__observation **list;
	size_t count, room;
	uint64_t customers;
} loy__selection;

/* `inside`: customers of the fold, else all others. LOY_EUNKNOWN when none is left. */
loy_status loy__selection_open(loy__selection *out, const loy_calibration *calibration,
                               const loy_calibration_options *options, int inside,
                               const loy_allocator *memory);
void loy__selection_close(loy__selection *selection);
loy_status loy__calibration_options_read(loy_calibration_options *out,
                                         const loy_calibration_options *options);
/*
 * Error variance of one answer: the one given, else half the mean squared difference of answers repeated
 * within options->retest (*pairs of them). NaN when there is neither.
 */
double loy__answer_error(const loy__selection *selection, const loy_calibration_options *options,
                         uint64_t *pairs);

/* ---- what a model makes of an observation (calibration_rows.c) -------------------------------------- */

/* Evidence of an observation, read for a model, and the means of the construct and its ancestors (raw, 0-1). */
typedef struct loy__sighted {
	loy__weighed evidence;
	loy__scores scores;
	uint32_t wanted; /* the construct and its ancestors */
} loy__sighted;
loy_status loy__sight(const loy_model *model, uint32_t construct, const loy__observation *observation,
                      loy__sighted *out);

/* A weight that is looked for. */
typedef struct loy__lever {
	uint32_t what, index; /* LOY_TUNED_… */
	double before, after, deviation;
} loy__lever;

#define LOY__LEVERS_MAX                                                                                      \
	(1 + 2 * LOY__INDICATORS_MAX + 2 + LOY__PROSPECTS + 2) /* the last: gap and sureness */

/*
 * Rows of a fit. The mean of row j is A / (A + B): A = strength * prior + sum of weight i * up[i], B =
 * strength * (1 - prior) + sum of weight i * down[i], prior = rest * mean + fixed. Of a composite `up` holds
 * the means of the parts, `down` what they lack of 1, and there is no more: so the mean is the mix.
 */
typedef struct loy__evidence_rows {
	const loy_allocator *memory;
	size_t count, columns; /* columns: levers but the prior mean */
	double *block;         /* all of what follows */
	size_t size;
	double *up, *down; /* count x columns */
	double *fixed;     /* count */
	double *inherited; /* count: variance that comes from the parents or parts */
	double strength, rest;
} loy__evidence_rows;

/* The levers of a construct that weigh more than nothing; the first is the prior mean (of a composite: none). */
uint32_t loy__levers_of(const loy_model *model, uint32_t construct, loy__lever *levers);
/* Put a lever's value into a model that is not prepared yet. */
void loy__lever_set(loy_model *model, uint32_t construct, const loy__lever *lever);
loy_status loy__evidence_open(loy__evidence_rows *out, const loy_model *model, uint32_t construct,
                              const loy__lever *levers, uint32_t lever_count, const loy__selection *selection,
                              const loy_allocator *memory);
void loy__evidence_close(loy__evidence_rows *rows);

/* ---- the search (calibration_search.c) --------------------------------------------------------------- */

typedef struct loy__tuning {
	const loy__selection *selection;
	loy__evidence_rows *rows;
	const loy_calibration_options *options;
	loy__lever *levers;
	uint32_t lever_count;
	int odds; /* of a composite whose answers are outcomes: the log odds are what is mixed */
	/* out */
	uint32_t state, iterations;
	double gradient, loss, penalised; /* means over observations; the loss without and with the ridge */
} loy__tuning;

/* Move the levers to where the quasi-likelihood is greatest. */
loy_status loy__tune(loy__tuning *tuning, const loy_allocator *memory);
/*
 * The same, and with it the gap and the sureness of silence, which change what the rows hold: `scratch` is a
 * copy of the model to try them in, extra[0] and extra[1] become their levers (calibration_silence.c).
 */
loy_status loy__tune_silence(loy__tuning *tuning, loy_model *scratch, uint32_t construct, loy__lever extra[2],
                             const loy_allocator *memory);

/* ---- how wide intervals should be (calibration_width.c) ---------------------------------------------- */

/* Mean and total evidence, prior included, of each row by the levers' values before (after: later). */
void loy__evidence_means(const loy__evidence_rows *rows, const loy__lever *levers, uint32_t lever_count,
                         double *mean, double *evidence);
/*
 * Spread and limit by which squared errors of answers, less the `error` of an answer and what comes from the
 * parents, are the variance of the construct.
 */
void loy__fit_width(const loy__evidence_rows *rows, const loy__selection *selection, const double *mean,
                    const double *evidence, double error, double *spread, double *limit);
/* The limit of a composite likewise, what comes from its parts taken off; 0 when nothing is left. */
double loy__fit_limit(const loy__evidence_rows *rows, const loy__selection *selection, const double *mean,
                      double error);

struct loy_calibrated {
	loy_allocator memory;
	loy_model *model;
	loy_calibrated_summary summary;
	uint32_t lever_count;
	loy__lever levers[LOY__LEVERS_MAX];
};

/* ---- models (calibration_model.c, calibration_fit.c) --------------------------------------------------- */

/* A model as the text of another makes it, with memory of its own. */
loy_status loy__model_copy(loy_model **out, const loy_model *model, const loy_allocator *memory,
                           loy_error *error);
/* Prepare a model; weights of recovery that its rule refuses are lowered until it does not, and 1 put into *lowered. */
loy_status loy__model_prepare_lowered(loy_model *model, int *lowered, loy_error *error);
/* The nearest span that text can hold: whole minutes, from 6,000 days on whole hours; at least one minute. */
int64_t loy__span_writable(double microseconds);
/* LOY_ESCHEMA, or LOY_ENOTFOUND when the construct is not the one that was collected for. */
loy_status loy__calibration_model_check(const loy_calibration *calibration, const loy_model *model,
                                        uint32_t construct, loy_error *error);
/* Loss of a forecast: -(y log m + (1 - y) log(1 - m)). */
double loy__answer_loss(double answer, double mean);

#endif
