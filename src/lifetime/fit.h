/*
 * Inside the buying part of the room: rows of an accumulator, forms of models, the model itself.
 */
#ifndef LOY_LIFETIME_FIT_H
#define LOY_LIFETIME_FIT_H

#include "lifetime.h"
#include "numeric/buying.h"
#include "numeric/optimise.h"

/* ---- histories (data.c) ---------------------------------------------------------------------------------- */

/*
 * A row is `stride` doubles in the order of comparison, so that rows that a fit cannot tell apart lie
 * together; weights are apart. No double is -0, so equal values are equal bits.
 */
enum { LOY__AT_X, LOY__AT_T, LOY__AT_T_X, LOY__AT_COVARIATES };
#define LOY__ROW_FIXED 5u /* x, T, t_x; after the covariates: intervals, spend */
#define LOY__STRIDE_MAX (LOY__ROW_FIXED + LOY_LIFETIME_COVARIATES_MAX)

struct loy_lifetime_data {
	loy_allocator memory;
	uint32_t flags, kind, covariates;
	int64_t unit;
	size_t stride;
	double *rows;
	uint64_t *weights;
	uint32_t *index;        /* hash table of row numbers + 1; 0 is free */
	size_t count, capacity; /* rows */
	size_t slots;           /* of the index: a power of two */
	uint64_t customers;     /* sum of weights */
};

static inline const double *loy__data_row(const loy_lifetime_data *data, size_t row)
{
	return data->rows + row * data->stride;
}
/* Bring a history into a row, or LOY_ERANGE and in *field what cannot be. `values`: x, T, t_x, intervals, spend. */
loy_status loy__data_check(const loy_lifetime_data *data, const double values[LOY__ROW_FIXED],
                           const double *covariates, double *row, uint32_t *field);
loy_status loy__data_add_row(loy_lifetime_data *data, const double *row, uint64_t weight);
/* Undo: the weight of a row that was added, then the rows added since there were `count`. */
void loy__data_take_back(loy_lifetime_data *data, const double *row, uint64_t weight);
void loy__data_cut(loy_lifetime_data *data, size_t count);
/* Row numbers in canonical order, data->count of them, the caller's to give back. */
loy_status loy__data_order(const loy_lifetime_data *data, const loy_allocator *memory, uint32_t **order);

/* ---- columns (columns.c) --------------------------------------------------------------------------------- */

typedef struct loy__columns {
	const loy_history_column *column[LOY_HISTORY_INTERVALS + 1]; /* by field; NULL: absent */
	const loy_history_column *covariate[LOY_LIFETIME_COVARIATES_MAX];
} loy__columns;
loy_status loy__columns_init(loy__columns *out, const loy_history_column *columns, uint32_t count,
                             uint32_t covariates, loy_error *error);
double loy__column_read(const loy_history_column *column, uint64_t row);

/* ---- forms (form.c) -------------------------------------------------------------------------------------- */

enum { LOY__LOG, LOY__LOGIT }; /* how a parameter becomes free to move */

/*
 * A family or one of its limits; rate and drop are LOY__MIXED, …. k is Erlang's of MBG/CNBD, the first period that can
 * end a contract in the SPLIT limit of BdW, else 1.
 */
typedef struct loy__form {
	uint32_t family, k, rate, drop;
	uint32_t rate_covariates, life_covariates; /* bits */
} loy__form;

/* What there is to estimate. Parameters: those in slots 0 to 3 of a row's formula, then the effects. */
typedef struct loy__layout {
	uint32_t n, base;      /* parameters; of these, not effects */
	uint8_t slot[4];       /* of the base parameters */
	uint8_t kind[4];
	double rate_way[4];    /* what an effect on the rate adds to the free parameter of each slot, per unit */
	double life_way[4];
	uint32_t rates, lives; /* effects of each sort */
	uint8_t covariate[LOY_LIFETIME_PARAMETERS_MAX]; /* of each effect, from `base` on */
} loy__layout;

#define LOY__NAME_SIZE 12
void loy__form_layout(loy__layout *out, const loy__form *form);
void loy__form_name(char out[LOY__NAME_SIZE], const loy__form *form, const loy__layout *layout, uint32_t parameter);
/* LOY_BOUNDARY_… of a form. */
uint32_t loy__form_boundary(const loy__form *form);
/* 1 for the families that buy in continuous time. */
int loy__form_buys(const loy__form *form);
/* The kind of data a family is fitted on. */
uint32_t loy__form_kind(const loy__form *form);
/* 1 for families and the limits they have. */
int loy__form_exists(const loy__form *form);
void loy__from_free(const loy__layout *layout, const double *theta, double *values);
void loy__to_free(const loy__layout *layout, const double *values, double *theta);
/* d value / d theta at a value. */
double loy__free_slope(const loy__layout *layout, uint32_t parameter, double value);
/* Formula of a customer with covariates z (NULL: none). */
void loy__form_buying(loy__buying *out, const loy__form *form, const loy__layout *layout, const double *values,
                      const double *z);

/* ---- likelihood (likelihood.c) --------------------------------------------------------------------------- */

typedef struct loy__fit_row {
	double x, t_x, T, spend, weight;
	const double *z; /* covariates in the accumulator's row; NULL: none */
} loy__fit_row;

typedef struct loy__problem {
	loy__form form;
	loy__layout layout;
	const loy__fit_row *rows;
	size_t count;
	double customers;
	double ridge;
	uint32_t first_end; /* contracts: the first period that ended one */
	double mean_T; /* a time typical of the data, to judge scales by */
	double value;  /* of the latest call, without the penalty */
	double *scratch; /* room for the parameters */
	double constants[LOY_LIFETIME_K_MAX + 1]; /* what the log-likelihood holds besides, by k */
} loy__problem;

loy_status loy__likelihood(void *context, const double *theta, double *value, double *gradient, double *hessian);
/* Rows' log-likelihood in the four slots. */
/* What gamma-gamma rows of one x share. */
typedef struct loy__spend_part {
	double x, over_shape[3], over_q[3], trigamma, log_beta;
} loy__spend_part;
void loy__spend_part_init(loy__spend_part *part, const double p[4], const loy__form *form, double x);
void loy__spend_row(loy__jet *out, const double p[4], const loy__form *form, const loy__spend_part *part, double z);
void loy__discrete_row(loy__jet *out, const loy__buying *m, double x, double t_x, double n);
void loy__contract_row(loy__jet *out, const loy__buying *m, const loy__form *form, double T, int ended);

/* ---- searching (fit.c) ----------------------------------------------------------------------------------- */

/* Fit problem->form, of which k = 0 means the likeliest; leaves the parts of info that are about the data. */
loy_status loy__fit(loy_lifetime **out, const loy__problem *problem, const loy_lifetime_options *options,
                    const loy_allocator *memory, loy_error *error);

/* ---- models (model.c) ------------------------------------------------------------------------------------ */

/* A set of parameters and its formula for a customer whose covariates are 0. */
typedef struct loy__variant {
	double values[LOY_LIFETIME_PARAMETERS_MAX];
	loy__buying buying;
} loy__variant;
#define LOY__NUDGE 1e-4 /* how far parameters are moved, on the free scale, to see what answers do */

struct loy_lifetime {
	loy_allocator memory;
	loy__form form;
	loy__layout layout;
	loy_lifetime_info info;
	double values[LOY_LIFETIME_PARAMETERS_MAX];
	double theta[LOY_LIFETIME_PARAMETERS_MAX];
	char names[LOY_LIFETIME_PARAMETERS_MAX][LOY__NAME_SIZE];
	int has_covariance;
	double *covariance; /* of theta, n x n */
	loy__variant *variants;        /* the parameters themselves, then each moved up and down: 2 n + 1 */
	struct loy__shortcut *shortcuts; /* for small x, or NULL */
};

/* What predictions of a BG or MBG model share for all customers of one x. */
#define LOY__SHORTCUTS 48u
typedef struct loy__shortcut {
	double odds;    /* log odds of having left, but for the times */
	uint32_t count; /* of the series; 0: none */
	double coefficients[LOY__SERIES_TERMS];
} loy__shortcut;

/* A model without numbers: form, layout, names; room for a covariance. */
loy_status loy__model_create(loy_lifetime **out, const loy__form *form, const loy_allocator *memory);
void loy__model_set(loy_lifetime *model, const double *theta);
void loy__model_set_values(loy_lifetime *model, const double *values);
/* LOY_ERANGE unless the parameters are within 1 / LOY__VALUE_MAX … LOY__VALUE_MAX, and probabilities below 1. */
loy_status loy__values_check(const loy__layout *layout, const double *values);
#define LOY__VALUE_MAX 1e90
const char *loy__mode_name(uint32_t mode); /* of LOY__MIXED, …; NULL beyond */

/* ---- searching (fit_search.c) ---------------------------------------------------------------------------- */

/* Where a search ended. */
typedef struct loy__found {
	loy__form form;
	uint32_t n, end, iterations;
	double value; /* penalised */
	double theta[LOY_LIFETIME_PARAMETERS_MAX];
} loy__found;

/* One fit in the making. */
typedef struct loy__fit_work {
	loy__problem problem;
	loy_lifetime_options options;
	loy__ascent search;
	double theta[LOY_LIFETIME_PARAMETERS_MAX], values[LOY_LIFETIME_PARAMETERS_MAX];
	double *space;
	size_t space_size;
	uint32_t evaluations;
	loy_error *error;
	loy__found limit, other; /* the best limit, and one more */
	loy__found away, inside; /* where a search beside ran away to, and what had been found before */
} loy__fit_work;

void loy__fit_set_form(loy__fit_work *work, const loy__form *form);
/* Guesses for the form set, in its four slots. */
void loy__fit_guess(const loy__fit_work *work, double p[4]);
/* Guessed start of the form set, effects at 0. */
void loy__fit_guess_start(loy__fit_work *work);
/* Search from work->theta; `stop` says whether to stop when astray. */
loy_status loy__fit_search(loy__fit_work *work, int stop, loy__found *out);

/* ---- answers (answer.c) ---------------------------------------------------------------------------------- */

/* A question made ready. */
typedef struct loy__question {
	uint32_t quantity;
	double from, to, delta; /* delta: log of 1 + discount, per unit */
	double quantile;        /* of the normal, for intervals */
} loy__question;
/* LOY_EINVAL, LOY_ERANGE or LOY_EUNKNOWN when the model, or `spend`, cannot be asked that. */
loy_status loy__question_init(loy__question *out, const loy_lifetime_ask *ask, const loy_lifetime *model,
                              const loy_lifetime *spend);
/* 0 when a history of that kind cannot be; else the field that is wrong. */
uint32_t loy__times_flaw(uint32_t kind, double x, double t_x, double T);
/* Answer with the parameters of variants `of` the model's and `of_spend` the spend model's; row->z may be NULL. */
double loy__answer(const loy_lifetime *model, uint32_t of, const loy_lifetime *spend, uint32_t of_spend,
                   const loy__question *question, const loy__fit_row *row);
/* P(alive) of a purchase model by shortcut where there is one: what loy__answer gives. */
double loy__alive(const loy_lifetime *model, const loy__fit_row *row);
/* Expected purchases of one who is alive for sure, in (from, to]. */
double loy__bought(const loy_lifetime *model, const loy__question *question, const loy__fit_row *row);

#endif
