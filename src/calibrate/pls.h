/*
 * Partial least squares inside the room: what pls_*.c share, and what bootstrap, prediction and group comparison call
 * many times. A plan says what to estimate and never changes; a run holds the numbers, all of them in one workspace of
 * the caller's: running a plan again and again allocates nothing.
 *
 *	room = loy__alloc(memory, loy__pls_room(plan) * sizeof(double));
 *	loy__pls_lay(&run, plan, room);
 *	for (each resample) {
 *		… correlations of the items into run.x, rows of plan->extent doubles, both triangles …
 *		status = loy__pls_run_plan(plan, &run, NULL, NULL, NULL);
 *		… run.stage[plan->stages - 1].path, .r2, .weight, … ; loy__pls_effects(), loy__pls_htmt() …
 *	}
 */
#ifndef LOY_CALIBRATE_PLS_H
#define LOY_CALIBRATE_PLS_H

#include "calibrate/calibrate.h"

#include <loyalty/pls.h>

#define LOY__PLS_STAGES 3u                                /* scores of parts; scores to multiply; all */
#define LOY__PLS_LEVELS 8u                                /* of constructs made of constructs */
#define LOY__PLS_NAME   (2u * LOY_VARIABLE_NAME_MAX + 2u) /* "a:b" and its terminator */

typedef struct loy__pls_construct {
	uint32_t variable;          /* of the paths it was made from */
	uint32_t mode;              /* LOY_PLS_MODE_A, LOY_PLS_MODE_B or LOY_PLS_MODE_UNIT */
	uint32_t first, count;      /* indicators */
	uint32_t path, path_count;  /* paths that lead to it */
	uint32_t reflective, order; /* as in loy_pls_construct */
	uint32_t corrected;         /* 1: consistent PLS corrects it */
	uint32_t product, left, right;
	size_t factor; /* where its block's factor lies, of mode B with several indicators */
	const char *name;
} loy__pls_construct;

typedef struct loy__pls_path {
	uint32_t from, to, hierarchy;
	uint32_t label; /* of the paths it was made from, or LOY__NO_LABEL */
} loy__pls_path;

/* Constructs, indicators and paths of one stage. */
typedef struct loy__pls_model {
	uint32_t indicators, constructs, paths, predictors; /* predictors: most of one construct */
	uint32_t scheme, sign, consistent, iterations;
	double tolerance;
	size_t factors; /* doubles of all factors */
	loy__pls_construct *construct;
	loy__pls_path *path; /* grouped by outcome, in the order of constructs */
	uint32_t *column;    /* of each indicator, among the plan's */
	uint32_t *order;     /* constructs, those nothing leads to first, each after all that lead to it */
	uint8_t *link;       /* [c * constructs + d]: LOY__PLS_… of d, seen from c */
} loy__pls_model;

enum { LOY__PLS_APART = 0, LOY__PLS_BEFORE = 1, LOY__PLS_AFTER = 2 };

/* What indicators are taken from: an item, a construct's score of an earlier stage, a product of two columns. */
enum { LOY__PLS_ITEM, LOY__PLS_SCORE, LOY__PLS_PRODUCT };

typedef struct loy__pls_column {
	uint32_t kind;
	uint32_t left, right; /* of a score: stage and construct; of a product: columns */
	uint32_t cleaned;     /* a product, less its regression on `cleaning[clean …]` */
	uint32_t clean, clean_count;
	const char *name;
} loy__pls_column;

typedef struct loy__pls_plan {
	uint32_t items;    /* the first columns, as the data has them */
	uint32_t extent;   /* all columns */
	uint32_t products; /* columns that are products: they need rows */
	uint32_t stages;
	loy__pls_column *column;
	uint32_t *cleaning; /* columns */
	uint32_t cleaning_count;
	loy__pls_model model[LOY__PLS_STAGES];
} loy__pls_plan;

/* Why a model cannot be estimated. */
enum { LOY__PLS_NO_VARIANCE = 1, LOY__PLS_BLOCK_COLLINEAR = 2, LOY__PLS_PREDICTORS_COLLINEAR = 3 };

/* Estimates of one model. Those by construct have room for all, those by path for all paths. */
typedef struct loy__pls_estimate {
	double *r;        /* indicators x indicators: their correlations */
	double *weight;   /* indicators; the score has variance 1 */
	double *cross;    /* constructs x indicators: correlations of scores with indicators */
	double *score;    /* constructs x constructs: correlations of scores */
	double *latent;   /* the same, corrected when consistent */
	double *loading;  /* indicators; corrected when consistent */
	double *rho_a;    /* constructs */
	double *path;     /* paths */
	double *f2, *vif; /* paths; NULL where nobody asked, which saves time */
	double *r2;       /* constructs; 0 of exogenous ones */
	double *r2_score; /* constructs: of scores, with vif only */
	double change;
	uint32_t iterations, converged;
	uint32_t cause, blame; /* when estimating failed: LOY__PLS_NO_VARIANCE, …, and the construct */
	double *next, *inner, *work; /* for the time of the call */
	double *factor;
} loy__pls_estimate;

typedef struct loy__pls_run {
	double *x; /* extent x extent: correlations of all columns; the caller fills in those of items */
	double *product_sd;   /* extent: standard deviations of products; else 1 */
	double *product_mean; /* extent: their means; else 0 */
	double *beta; /* extent x extent, row of a cleaned product: coefficients by its cleaning columns */
	loy__pls_estimate stage[LOY__PLS_STAGES];
} loy__pls_run;

/*
 * Fill in what products are, when their turn comes: rows and columns of x for all columns of kind LOY__PLS_PRODUCT,
 * product_mean and product_sd. Stages before the last have been estimated, columns of their scores are in x.
 */
typedef loy_status (*loy__pls_products)(const loy__pls_plan *plan, loy__pls_run *run, void *user);

/*
 * The same from the means and covariances (divisor n - 1) of what a row has: its standardised items, then its products
 * as loy__pls_row() gives them, count = items + products. LOY_ERANGE with *blamed: the column that is to blame.
 */
loy_status loy__pls_fill_products(const loy__pls_plan *plan, loy__pls_run *run, const double *means,
                                  const double *covariances, double *work, uint32_t *blamed);
/* Doubles of `work`. */
size_t loy__pls_fill_work(const loy__pls_plan *plan);
/*
 * All columns of one respondent from standardised items in value[0 … items); NaN spreads. `standardise`: products as
 * later stages and scores take them; else as they are multiplied.
 */
void loy__pls_row(const loy__pls_plan *plan, const loy__pls_run *run, int standardise, double *value);

/* Doubles that a run takes. */
size_t loy__pls_room(const loy__pls_plan *plan);
void loy__pls_lay(loy__pls_run *run, const loy__pls_plan *plan, double *room);
/*
 * Estimate all stages from the correlations of items. LOY_ERANGE, with *stage (may be NULL) and its `blame`, when
 * scores have no variance or a block or predictors are collinear. Not converging is no failure: `converged` says it.
 */
loy_status loy__pls_run_plan(const loy__pls_plan *plan, loy__pls_run *run, loy__pls_products products,
                             void *user, uint32_t *stage);

/* Note who is to blame; LOY_ERANGE. */
loy_status loy__pls_blame(loy__pls_estimate *e, uint32_t cause, uint32_t construct);
/* One model from the correlations in e->r: weights, then what follows from them (pls_solve.c, pls_paths.c). */
loy_status loy__pls_weigh(const loy__pls_model *model, loy__pls_estimate *e);
loy_status loy__pls_follow(const loy__pls_model *model, loy__pls_estimate *e);
/* 0 for a consistent estimate with a path or loading that is no number: a reliability was nothing to correct by. */
int loy__pls_is_whole(const loy__pls_model *model, const loy__pls_estimate *e);
/*
 * Regress a construct on its predictors by a matrix of correlations of constructs. b: coefficients; inverse: diagonal
 * of the inverse, or NULL. `indefinite`: the matrix may have negative eigenvalues. 1, or 0 when they are collinear.
 */
int loy__pls_regress(const loy__pls_model *model, const double *correlations, uint32_t construct,
                     int indefinite, double *work, double *b, double *inverse);
#define LOY__PLS_REGRESS_WORK(k) ((size_t)(k) * (k) + 2u * (size_t)(k))

/* Total effects, constructs x constructs, row on column, of paths with these values (pls_effects.c). */
void loy__pls_effects(const loy__pls_model *model, const double *path, double *total);
/* HTMT, constructs x constructs, by absolute and by signed correlations; either may be NULL (pls_quality.c). */
void loy__pls_htmt(const loy__pls_model *model, const double *r, double *absolute, double *by_sign);

/* ---- what an estimate keeps (pls_plan.c, pls_model.c, pls_create.c) ---- */

/* Bytes of a plan's arrays, for whoever gives them back. */
typedef struct loy__pls_rooms {
	size_t construct, path, column, order, link;
} loy__pls_rooms;

/* What the estimates of all stages share. */
typedef struct loy__pls_shared {
	loy_allocator memory;
	loy__pls_plan plan;
	loy__pls_run run;
	loy__pls_rooms rooms[LOY__PLS_STAGES];
	size_t columns_room, cleaning_room; /* elements */
	char (*names)[LOY__PLS_NAME];       /* of the variables of the paths, then of products */
	size_t name_room;
	uint32_t name_count;
	double *room; /* of the run */
	size_t room_size;
	double *item;                                /* items x 4: */
	double *mean, *deviation, *least, *greatest; /* of the items */
	double n;
	char (*defined)[LOY_VARIABLE_NAME_MAX + 1]; /* names of the quantities that the paths define */
	double *defined_value;
	uint32_t defined_count;
	uint32_t missing, weighting;
	double vif_limit;
} loy__pls_shared;

/* Chains of two paths and more: chain i is links[start[i] … start[i + 1]). */
typedef struct loy__pls_chains {
	uint32_t *start, *links;
	size_t room, link_room;
	uint32_t count;
	double total;
} loy__pls_chains;

/* Quality of one stage's constructs and indicators. */
typedef struct loy__pls_quality {
	double *alpha, *alpha_standardised, *rho_c, *ave, *rho_pca, *eigen1, *eigen2,
	        *communality;               /* constructs */
	double *indicator_vif;              /* indicators */
	double *htmt, *htmt_signed, *total; /* constructs x constructs */
	double *item_weight;                /* constructs x items */
	double gof, srmr, srmr_saturated, condition, latent_condition, item_least, latent_least;
} loy__pls_quality;

struct loy_pls {
	loy__pls_shared *shared;
	const loy__pls_model *model;
	const loy__pls_estimate *estimate;
	uint32_t stage;
	loy_pls *earlier;
	loy__pls_quality quality;
	double *quality_room;
	size_t quality_size;
	loy__pls_chains chains;
	loy_pls_problem *problems;
	size_t problem_room;
	uint32_t problem_count;
};

/* Make the plan of checked options. On failure it is partly made: loy__pls_plan_free() takes it as well. */
loy_status loy__pls_plan_make(loy__pls_shared *shared, const loy_paths *paths, const loy_pls_options *options,
                              loy_error *error);
void loy__pls_plan_free(loy__pls_shared *shared);

/* What a variable of the paths is to a plan that is being made. */
typedef struct loy__pls_role {
	uint32_t level;      /* 0 of items, 1 of constructs made of items, … */
	uint32_t reflective; /* 1: =~ */
	uint32_t mode;       /* of constructs and products */
	uint32_t part;       /* 1: a construct is made of it */
	uint32_t regressed;  /* 1: stands in a regression */
	uint32_t column;     /* of an item */
	uint32_t score;      /* column of its scores of a first stage, of what a construct is made of */
	uint32_t factor;     /* column of its scores of a stage without products, of what is multiplied */
	uint32_t product, product_count; /* columns of a product */
	uint32_t place;                  /* among the constructs of the model being made, or LOY_PLS_NONE */
} loy__pls_role;

/* What a stage's model takes in. */
enum { LOY__PLS_PARTS = 1, LOY__PLS_SCORED = 2, LOY__PLS_MULTIPLIED = 4 };

typedef struct loy__pls_maker {
	const loy_paths *paths;
	const loy_pls_options *options;
	loy__pls_shared *shared;
	loy__pls_role *role;
	loy_error *error;
	uint32_t flags; /* of the stage being made */
} loy__pls_maker;

/* Fill in the caller's detail with the name of a variable. */
loy_status loy__pls_refuse(const loy__pls_maker *maker, loy_status status, const char *why,
                           uint32_t variable);

/* The model of the next stage, by `flags`. */
loy_status loy__pls_model_make(loy__pls_maker *maker, loy__pls_model *model, loy__pls_rooms *rooms);
/* Columns a construct is measured by in the stage being made: *count of them, at most `room` written. */
loy_status loy__pls_block(const loy__pls_maker *maker, uint32_t variable, uint32_t *columns, uint32_t room,
                          uint32_t *count);

/*
 * The items of a plan out of a table: its columns, a buffer for some rows, and all there is to know of them. From
 * moments there are no rows.
 */
typedef struct loy__pls_source {
	const loy_table *table; /* NULL: moments */
	const loy_moments *moments;
	uint32_t *map;    /* items: columns of the table or the moments */
	uint32_t columns; /* that it has */
} loy__pls_source;

/* Rows at a time, so that they stay near. */
#define LOY__PLS_CHUNK 64u
/* Copy `count` rows of the items of a plan, from row `first` on, one after another. */
void loy__pls_read_rows(const loy__pls_source *source, uint32_t items, uint64_t first, uint32_t count,
                        double *rows);
/* A table of these rows, with the codes and weights they have. */
loy_table loy__pls_rows_table(const loy__pls_source *source, uint32_t columns, uint64_t first, uint32_t count,
                              const double *rows);
/* Means, deviations and correlations of the items; errors name the item. */
loy_status loy__pls_load(loy__pls_shared *shared, const loy__pls_source *source, loy_error *error);
/* A loy__pls_products that reads the rows of a table again; `user` is a loy__pls_again. */
typedef struct loy__pls_again {
	loy__pls_shared *shared;
	const loy__pls_source *source;
	loy_error *error;
} loy__pls_again;
loy_status loy__pls_products_again(const loy__pls_plan *plan, loy__pls_run *run, void *user);

/* Quality and report of one stage, once it is estimated: LOY_ENOMEM (pls_quality.c, pls_report.c). */
loy_status loy__pls_judge(loy_pls *pls);
loy_status loy__pls_report(loy_pls *pls);

/* List the chains of a model; LOY_ENOMEM. */
loy_status loy__pls_list_chains(const loy__pls_model *model, loy__pls_chains *chains,
                                const loy_allocator *memory);

#endif
