/*
 * Inside covariance-based structural equation models: a specification as cells of matrices, the sample as
 * patterns of observed items, the function to be minimised with its derivatives, and what a fit keeps.
 *
 * The form is RAM (McArdle & McDonald 1984): all variables v, items first, follow v = m + A v + e with cov(e)
 * = S, so cov(v) = E S E' with E = (I - A)^-1. Each derivative of the items' covariances by a cell of A or S
 * is k (u w' + w u') with u and w from two small sets of vectors: columns of E and rows of cov(v) at the
 * items. All first and second derivatives are therefore products of a few numbers from the vectors' Gram
 * matrices.
 */
#ifndef LOY_CALIBRATE_SEM_H
#define LOY_CALIBRATE_SEM_H

#include "calibrate/calibrate.h"
#include "numeric/numeric.h"

#include <loyalty/sem.h>

#define LOY__SEM_FIXED 0xffffffffu

/* Where a cell stands. */
enum { LOY__SEM_PATH, LOY__SEM_COVARIANCE, LOY__SEM_MEAN };

/* One row of the table of parameters that is not a definition. */
typedef struct loy__sem_cell {
	uint32_t relation, left, right; /* LOY_TERM_…; variables as the term has them */
	uint32_t place, row, column;    /* path: of column on row; covariance: row >= column; mean: row */
	uint32_t free;                  /* number of the parameter, or LOY__SEM_FIXED */
	uint32_t label;                 /* of the paths, or LOY__NO_LABEL */
	uint32_t treatment;             /* of the term */
	int added;                      /* by us */
	int sample;                     /* fixed at what the sample has */
	double value;                   /* fixed, start or estimate */
} loy__sem_cell;

/* What is known of a variable from the terms. */
#define LOY__SEM_INDICATOR 1u  /* right of =~ */
#define LOY__SEM_OUTCOME   2u  /* left of ~ */
#define LOY__SEM_CAUSE     4u  /* right of ~ */
#define LOY__SEM_SPOKEN    8u  /* in ~~ or ~ 1 */
#define LOY__SEM_GIVEN     16u /* an observed cause whose moments are those of the sample */

typedef struct loy__sem_model {
	loy_allocator memory;
	uint32_t observed, variables; /* items come first */
	uint32_t cell_count, free_count, vector_count;
	uint32_t given; /* variables with LOY__SEM_GIVEN */
	uint32_t room;  /* variables of the paths */
	int means;
	uint32_t *origin; /* of each variable in the paths */
	uint32_t *order;  /* variables, causes before effects */
	uint32_t *role;   /* of each variable */
	uint32_t *
	        vector; /* of each variable as a cause: its row of cov(v); its column of E is vector number v */
	uint32_t *path; /* cells that are paths, by the order of the variables they go to */
	uint32_t path_count, path_room;
	loy__sem_cell *cells;
	size_t cell_room;
} loy__sem_model;

/* `model` is to be freed whatever is returned. */
loy_status loy__sem_model_build(loy__sem_model *model, const loy_paths *paths, const loy_sem_options *options,
                                const loy_allocator *memory, loy_error *error);
/* The cells, of variables whose roles are known (sem_cells.c); `own`: our number of each variable of the paths. */
loy_status loy__sem_cells_build(loy__sem_model *model, const loy_paths *paths, const loy_sem_options *options,
                                const uint32_t *own, loy_error *error);
/* Whether a variable is a construct that is neither an indicator nor an outcome. */
int loy__sem_is_exogenous(const loy__sem_model *model, uint32_t variable);
void loy__sem_model_free(loy__sem_model *model);
/* Room for what is kept of each variable; LOY_ENOMEM. */
loy_status loy__sem_model_open(loy__sem_model *model, uint32_t variables);
/* Fix cells of given causes at the moments of the sample. */
void loy__sem_model_give(loy__sem_model *model, const double *covariance, const double *means);

/* Rows that have the same items. Without missing values there is one pattern, of all items. */
typedef struct loy__sem_pattern {
	double weight;             /* of its rows; all add up to n */
	uint32_t items;            /* how many it has */
	const uint32_t *item;      /* which, ascending */
	double *mean, *covariance; /* of its rows; divisor `weight` */
	size_t first, rows;        /* in the rows of the sample, if there are any */
} loy__sem_pattern;

typedef struct loy__sem_sample {
	loy_allocator memory;
	uint32_t items;
	double n;                  /* rows or weight */
	double trials;             /* n, or n - 1 for Wishart: what multiplies the function */
	double *covariance, *mean; /* of all: with missing values the estimates of the unrestricted model */
	uint32_t pattern_count;
	loy__sem_pattern *patterns;
	double *pattern_numbers; /* means and covariances of patterns; NULL without missing values */
	uint32_t *pattern_items;
	size_t pattern_room, pattern_number_count, pattern_item_count;
	/* rows in an order that depends on their content only, NaN where missing; NULL unless needed */
	size_t row_count, row_room;
	double *rows, *row_weights; /* one block: rows, then weights */
	int survey;                 /* weights say how many of the population a row stands for */
	double log_likelihood;      /* of the unrestricted model */
	double value; /* of the function, of the unrestricted model: complete, log det of `covariance` */
	int saturated_stopped;
} loy__sem_sample;

/* Whether every row has every item. */
static inline int loy__sem_is_complete(const loy__sem_sample *sample)
{
	return sample->pattern_count == 1 && sample->patterns->items == sample->items;
}

/* ---- the sample (sem_data.c, sem_rows.c, sem_saturated.c); to be freed whatever is returned ---- */

loy_status loy__sem_sample_matrix(loy__sem_sample *sample, const loy__sem_model *model,
                                  const loy_paths *paths, const loy_sem_matrix *matrix,
                                  const loy_sem_options *options, loy_error *error);
loy_status loy__sem_sample_moments(loy__sem_sample *sample, const loy__sem_model *model,
                                   const loy_paths *paths, const loy_moments *moments,
                                   const char *const *names, const loy_sem_options *options,
                                   loy_error *error);
loy_status loy__sem_sample_table(loy__sem_sample *sample, const loy__sem_model *model, const loy_paths *paths,
                                 const loy_table *table, const loy_sem_options *options, loy_error *error);
void loy__sem_sample_free(loy__sem_sample *sample);
/*
 * What the ways above share: room for a sample of one pattern; columns of items by name; our part of a
 * matrix; n.
 */
loy_status loy__sem_sample_open(loy__sem_sample *sample, const loy__sem_model *model, loy_error *error);
loy_status loy__sem_find_columns(const loy__sem_model *model, const loy_paths *paths,
                                 const char *const *names, uint32_t columns, uint32_t *column,
                                 loy_error *error);
void loy__sem_sample_pick(loy__sem_sample *sample, const uint32_t *column, size_t columns,
                          const double *matrix, const double *means, double factor);
loy_status loy__sem_sample_count(loy__sem_sample *sample, double n, const loy_sem_options *options,
                                 loy_error *error);
/* Rows, already in the sample, are sorted; then patterns are made of them. */
loy_status loy__sem_sort_rows(loy__sem_sample *sample);
loy_status loy__sem_make_patterns(loy__sem_sample *sample, const loy__sem_model *model,
                                  const loy_paths *paths, loy_error *error);
/* Means and covariances of the unrestricted model from patterns, by EM. */
loy_status loy__sem_saturate(loy__sem_sample *sample);
/* Log determinant, likelihood; LOY_ERANGE, naming the item, when the covariances are not positive definite. */
loy_status loy__sem_sample_finish(loy__sem_sample *sample, const loy__sem_model *model,
                                  const loy_paths *paths, loy_error *error);

/* ---- the function and its derivatives (sem_matrices.c, sem_derivatives.c) ---- */

/*
 * f = sum over patterns of share (log det C + trace(C^-1 (T + d d'))), C implied, T of the pattern, d its
 * mean less the implied: -2 log-likelihood / n but for a constant. All matrices row-major; gram matrices
 * vector x vector.
 */
/*
 * Derivative of cov(items) by a free cell: factor (u w' + w u'), u and w vectors; of means: shift times
 * vector u.
 */
typedef struct loy__sem_slope {
	uint32_t u, w, free, cell;
	double factor, shift;
} loy__sem_slope;

typedef struct loy__sem_work {
	loy_allocator memory;
	const loy__sem_model *model;
	const loy__sem_sample *sample;
	double *block; /* everything below lies in it */
	size_t size;
	double *total;                      /* E: variables x variables, row i: effects on i */
	double *effects;                    /* E': row j: effects of j */
	double *residual;                   /* S E' */
	double *covariance;                 /* cov(v) */
	double *mean;                       /* of v */
	double *implied;                    /* items x items */
	double *vectors;                    /* items x vectors: row i: element i of all vectors */
	double *inverse, *misfit, *product; /* of a pattern: C^-1, C^-1 (T + dd' - C) C^-1, scratch */
	double *part, *inverse_part,
	        *misfit_part;                    /* rows of `vectors` a pattern has, and products with them */
	double *gram, *misfit_gram, *misfit_all; /* of a pattern: by inverse, by misfit; of all, by misfit */
	double *deviation, *away, *away_all; /* d, C^-1 d; vectors' products with it: of a pattern, of all */
	double *mean_away;                   /* of a pattern */
	double *gradient;                    /* by free parameter */
	double *hessian;                     /* second derivatives of f */
	double *expected;                    /* their expectation under the model */
	loy__sem_slope *slopes;              /* of free cells */
	uint32_t slope_count;
	double value;
} loy__sem_work;

loy_status loy__sem_work_init(loy__sem_work *w, const loy__sem_model *model, const loy__sem_sample *sample);
void loy__sem_work_free(loy__sem_work *w);
/* Matrices that follow from the cells' values; 0 when what is implied is not positive definite. Sets w->value. */
int loy__sem_evaluate(loy__sem_work *w);
/* Gradient, Hessian and expected Hessian where loy__sem_evaluate was last. */
void loy__sem_derive(loy__sem_work *w);
/* A pattern's inverse and misfit: value of its share of f, or infinity. */
double loy__sem_enter_pattern(loy__sem_work *w, const loy__sem_pattern *pattern);
/* Vectors and Gram matrices of the pattern entered. */
void loy__sem_fill_pattern(loy__sem_work *w, const loy__sem_pattern *pattern);

/* ---- searching (sem_start.c, sem_fit.c, sem_again.c) ---- */

/* Values of free cells to start from. */
loy_status loy__sem_start(loy__sem_model *model, const loy__sem_sample *sample);

typedef struct loy__sem_search {
	uint32_t state, iterations, halvings;
	uint32_t loose;  /* free parameter that is not identified, or LOY__SEM_FIXED */
	double distance; /* length of the step not taken any more, in standard errors */
} loy__sem_search;
/* From the cells' values to the minimum. LOY_ERANGE without a finite start, LOY_ECANCELLED. */
loy_status loy__sem_minimise(loy__sem_work *w, loy__sem_model *model, const loy_sem_options *options,
                             loy__sem_search *search);
void loy__sem_set(loy__sem_model *model, const double *theta);
/* Where a search stopped: try the other way to set scales. *found changes when that leads to a minimum. */
loy_status loy__sem_search_again(loy__sem_work *w, loy__sem_model *model, const loy_paths *paths,
                                 const loy_sem_options *options, loy__sem_search *found);

/* ---- errors and tests (sem_errors.c, sem_traces.c, sem_measures.c) ---- */

typedef struct loy__sem_scaling {
	double model, baseline; /* factors of chi-squares; NaN: none */
} loy__sem_scaling;
/* Covariances of the estimates into `out` (free x free), NaN where there are none, and scaling factors. */
loy_status loy__sem_errors(loy__sem_work *w, const loy_sem_options *options, double *out,
                           loy__sem_scaling *scaling);
/* What a row's products of derivatives are weighted with. */
double loy__sem_row_mass(const loy__sem_sample *sample, size_t row);
/*
 * Sums of products of rows' derivatives of their log-likelihood (free x free); `centred`: of their second
 * moments about the sample's mean, less their mean. Sum of products of the elements of two matrices. Inverse
 * of the information that a matrix of second derivatives is of; 0 when it is not positive definite.
 */
loy_status loy__sem_meat(loy__sem_work *w, int centred, double *meat);
double loy__sem_trace(const double *a, const double *b, size_t n);
int loy__sem_invert(const loy__sem_work *w, const double *matrix, double *out);
/*
 * Scaling factors; `own` is tr(B A^-1) of the model. The second: by models of the moments, as with missing
 * values.
 */
loy_status loy__sem_scale(const loy__sem_work *w, int satorra, double own, loy__sem_scaling *out);
loy_status loy__sem_scale_plain(const loy__sem_work *w, double own, loy__sem_scaling *out);
/* Degrees of freedom, negative when there are more parameters than moments; of the baseline model. */
int64_t loy__sem_degrees(const loy__sem_model *model);
int64_t loy__sem_baseline_degrees(const loy__sem_model *model);
loy_status loy__sem_measure(loy__sem_work *w, const loy__sem_scaling *scaling, double *fit);

/* ---- the result (sem_result.c, sem_issues.c, sem_get.c) ---- */

typedef struct loy__sem_row {
	uint32_t relation, free, added;
	uint32_t left, right, label; /* where they stand in names, or LOY_SEM_NONE */
	double value, deviation, standard, latent;
} loy__sem_row;

typedef struct loy__sem_issue {
	uint32_t kind, parameter, first, second; /* first, second: variables, or LOY_SEM_NONE */
	double value;
} loy__sem_issue;

struct loy_sem {
	loy_allocator memory;
	loy_sem_info info;
	uint32_t *places; /* of the name of each variable in names */
	char *names;
	size_t names_size;
	loy__sem_row *rows;
	loy__sem_issue *issues;
	size_t issue_room;
	double *numbers; /* everything below lies in it */
	size_t number_count;
	double *variance, *mean, *r2;                      /* of variables */
	double *sample, *implied, *constructs, *estimates; /* matrices */
	double fit[LOY_SEM_FIT_COUNT];
};

/* Everything of a fit from what the search found; the caller destroys it whatever is returned, unless NULL. */
loy_status loy__sem_result(loy_sem **out, loy__sem_work *w, const loy_paths *paths,
                           const loy_sem_options *options, const loy__sem_search *search);
/* Values, errors and standardised values of definitions, in the rows behind the cells. */
loy_status loy__sem_define(loy_sem *sem, const loy__sem_model *model, const loy_paths *paths);
loy_status loy__sem_find_issues(loy_sem *sem, const loy__sem_work *w, const loy__sem_search *search);

#endif
