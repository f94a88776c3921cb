/**
 * @file loyalty/lifetime.h
 * @brief Who is still a customer, what will they buy, what are they worth: buying-while-alive and spend
 * models.
 *
 * Two objects. A `loy_lifetime_data` accumulates customers' histories; it does not depend on their order,
 * merges exactly and has canonical bytes. A `loy_lifetime` is one fitted model: parameters, covariance, what
 * it was fitted on; it predicts, simulates and prints as text that any later version reads. A fit sees only
 * the distinct rows of the data in canonical order, so the fit on the merged data of ten shards is the fit on
 * the whole, to the last bit.
 *
 * A history is x repeat purchases (the first purchase of all is not counted; purchases of one day are one),
 * t_x the time of the last of them (0 when x = 0) and T the time observed, both counted from the first
 * purchase in the data's unit. t_x is an age, not "days since": 0 <= t_x <= T.
 *
 * Models (log-likelihoods are natural logs in the user's unit; "constants" are terms without parameters):
 * - BG/NBD: Fader, Hardie & Lee, Marketing Science 24 (2005); no x! and no interval terms. One-time buyers
 *   are alive by assumption: P(alive | x = 0) = 1, which is why it is not the default.
 * - MBG/NBD: Batislam, Denizel & Filiztekin, Int. J. Research in Marketing 24 (2007); drop-out after the
 *   first purchase too. The default.
 * - Pareto/NBD: Schmittlein, Morrison & Colombo, Management Science 33 (1987); Fader & Hardie's 2005 note.
 * - MBG/CNBD-k: Platzer & Reutterer, Marketing Science 35 (2016): intervals are Erlang-k, purchases regular.
 *   The likelihood holds (k - 1) sum(log intervals) - x log (k - 1)!, so that k can be compared; k = 1 is
 *   MBG/NBD.
 * - BG/BB: Fader, Hardie & Shang, Marketing Science 29 (2010): whole opportunities; no binomial coefficients
 *   (the order of purchases is data up to t_x).
 * - gamma-gamma: Fader & Hardie's 2013 note: mean spend given x > 0 purchases of mean z > 0.
 * - sBG and beta-discrete-Weibull: Fader & Hardie, J. Interactive Marketing 21 (2007); Fader, Hardie, Liu,
 *   Davin & Steenburgh, J. Interactive Marketing 43 (2018): contracts renewed or not at whole periods.
 *
 * Boundaries: where the likelihood has no maximum inside, the limit model is fitted and used for predictions,
 * and its name is in `boundary`: no drop-out, the same drop-out for all, the same rate for all, part of the
 * customers gone at once and the rest never.
 *
 * Threads: a `loy_lifetime` is immutable and may be read from any number of threads; a `loy_lifetime_data` is
 * one thread's while it changes.
 */
#ifndef LOYALTY_LIFETIME_H
#define LOYALTY_LIFETIME_H

#include <loyalty/profile.h>

LOY_BEGIN_DECLS

typedef struct loy_lifetime loy_lifetime;
typedef struct loy_lifetime_data loy_lifetime_data;

/** Units of time, in microseconds; any whole number may be a unit. A month is a twelfth of 365.25 days. */
#define LOY_WEEK  (INT64_C(7) * LOY_DAY)
#define LOY_MONTH (INT64_C(2629800) * LOY_SECOND)
/** Most covariates of a row. */
#define LOY_LIFETIME_COVARIATES_MAX 16
/** Most parameters of a model, covariate effects included. */
#define LOY_LIFETIME_PARAMETERS_MAX 36
/** Largest k of MBG/CNBD-k. */
#define LOY_LIFETIME_K_MAX 12
/** Most bytes of a model's text; without covariates it is under 1,000. */
#define LOY_LIFETIME_TEXT_MAX 20000

/** Families of models. */
enum {
	LOY_LIFETIME_MBG_NBD = 0,     /**< r, alpha, a, b. */
	LOY_LIFETIME_BG_NBD = 1,      /**< r, alpha, a, b. */
	LOY_LIFETIME_PARETO_NBD = 2,  /**< r, alpha, s, beta. */
	LOY_LIFETIME_BG_BB = 3,       /**< alpha, beta, gamma, delta. */
	LOY_LIFETIME_MBG_CNBD = 4,    /**< r, alpha, a, b and k; alpha is of the Erlang phases: k times as fast. */
	LOY_LIFETIME_GAMMA_GAMMA = 5, /**< p, q, gamma. */
	LOY_LIFETIME_SBG = 6,         /**< alpha, beta. */
	LOY_LIFETIME_BDW = 7          /**< alpha, beta, c. */
};

/** What the rows of an accumulator are. */
enum {
	LOY_LIFETIME_PURCHASES = 0,     /**< x, t_x, T in continuous time. */
	LOY_LIFETIME_OPPORTUNITIES = 1, /**< BG/BB: t_x and T count opportunities, whole numbers; x <= t_x. */
	LOY_LIFETIME_CONTRACTS = 2      /**< sBG, BdW: T whole periods; x is 1 when the contract ended at the end of
	                                     period T (T >= 1), 0 when it was still renewed T times. t_x is not used. */
};

/** Columns of histories; ids are pinned. */
enum {
	LOY_HISTORY_X = 1,         /**< Repeat purchases, a whole number below 2^32. */
	LOY_HISTORY_T_X = 2,       /**< Time of the last purchase; not for contracts. */
	LOY_HISTORY_T = 3,         /**< Time observed. */
	LOY_HISTORY_SPEND = 4,     /**< Mean amount of a repeat purchase; 0: not known. Not looked at when x = 0. */
	LOY_HISTORY_WEIGHT = 5,    /**< Customers this row stands for, a whole number from 1; absent: 1. */
	LOY_HISTORY_INTERVALS = 6, /**< Sum over repeat purchases of the log of the interval before each: at most
	                                x log(t_x / x). Not looked at without LOY_DATA_INTERVALS. */
	LOY_HISTORY_COVARIATE = 16 /**< + i: covariate i, from 0. */
};

/** Values of one column for many rows: row r's is at (const char *)data + r * stride; stride 0 repeats one. */
typedef struct loy_history_column {
	uint32_t field;   /**< LOY_HISTORY_…, each at most once. */
	uint32_t type;    /**< LOY_COLUMN_I64, LOY_COLUMN_I32, LOY_COLUMN_U32, LOY_COLUMN_U8 or LOY_COLUMN_F64. */
	const void *data; /**< First value; unaligned is fine. */
	int64_t stride;   /**< Bytes from one row to the next. */
} loy_history_column;

/** One history. Zero the struct, set struct_size. */
typedef struct loy_history {
	uint32_t struct_size; /**< sizeof(loy_history) in the caller's build. */
	uint32_t covariate_count;
	double x;                 /**< A whole number. */
	double t_x;
	double T;
	double spend;             /**< 0: not known. */
	double intervals;         /**< As LOY_HISTORY_INTERVALS. */
	uint64_t weight;          /**< 0 means 1. */
	const double *covariates; /**< covariate_count values. */
} loy_history;

/**
 * The history that a profile holds at a time (loy_profile_purchase_summary(), whose rules apply), in units of
 * @p unit microseconds: what loy_lifetime_data_add() and loy_lifetime_evaluate() take, O(1) after each event.
 * Fills x, t_x, T and spend and leaves the rest of @p out alone. @return LOY_OK, LOY_EINVAL, LOY_ETIME,
 * LOY_EUNKNOWN without a purchase.
 */
LOY_API loy_status loy_history_from_profile(loy_history *out, const loy_profile *profile, uint32_t currency,
                                            int64_t time, int64_t unit);

/** Flags of an accumulator. */
enum {
	LOY_DATA_SPEND_REQUIRED = 1, /**< Refuse rows with x > 0 whose spend is not above 0. */
	LOY_DATA_INTERVALS = 2       /**< Rows have LOY_HISTORY_INTERVALS, which choosing MBG/CNBD's k needs. */
};

/** Creation options of an accumulator. Zero the struct and set struct_size. */
typedef struct loy_lifetime_data_options {
	uint32_t struct_size; /**< sizeof(loy_lifetime_data_options) in the caller's build. */
	uint32_t flags;           /**< LOY_DATA_… */
	int64_t unit;             /**< Microseconds in the unit of t_x and T; 0 means LOY_WEEK. */
	uint32_t kind;            /**< LOY_LIFETIME_PURCHASES, … */
	uint32_t covariate_count; /**< Covariates of each row. */
} loy_lifetime_data_options;

/** Create an empty accumulator in @p out (NULL on failure). @return LOY_OK, LOY_EINVAL, LOY_ERANGE, LOY_ENOMEM. */
LOY_API loy_status loy_lifetime_data_create(loy_lifetime_data **out, const loy_lifetime_data_options *options,
                                            const loy_allocator *memory);
/** Release an accumulator. NULL is allowed. Never fails. */
LOY_API void loy_lifetime_data_destroy(loy_lifetime_data *data);
/**
 * Add one history. @return LOY_OK, LOY_EINVAL, LOY_ERANGE (a value that cannot be: the column is `field` in
 * @p error), LOY_EOVERFLOW (weights), LOY_ELIMIT (2^31 distinct rows), LOY_ENOMEM.
 */
LOY_API loy_status loy_lifetime_data_add(loy_lifetime_data *data, const loy_history *history, loy_error *error);
/**
 * Add @p rows histories by columns. The first row that is refused stops the call, is named in @p error (row
 * and field), and no row is added. @return as loy_lifetime_data_add().
 */
LOY_API loy_status loy_lifetime_data_add_columns(loy_lifetime_data *data, const loy_history_column *columns,
                                                 uint32_t column_count, uint64_t rows, loy_error *error);
/**
 * Add what another accumulator holds; it must have the same options. Exact: any order and any split give the
 * same bytes. @return LOY_OK, LOY_EINVAL (other options), LOY_EOVERFLOW, LOY_ELIMIT, LOY_ENOMEM.
 */
LOY_API loy_status loy_lifetime_data_merge(loy_lifetime_data *data, const loy_lifetime_data *from);
/** Canonical bytes: equal content, equal bytes. @return LOY_OK, LOY_EINVAL, LOY_ENOMEM, LOY_EBUFFER with *needed. */
LOY_API loy_status loy_lifetime_data_bytes(const loy_lifetime_data *data, void *buffer, size_t capacity,
                                           size_t *needed);
/** Read such bytes. @return LOY_OK, LOY_EINVAL, LOY_ENOMEM, LOY_EFORMAT, LOY_ECHECKSUM or LOY_EVERSION. */
LOY_API loy_status loy_lifetime_data_from_bytes(loy_lifetime_data **out, const void *bytes, size_t size,
                                                const loy_allocator *memory, loy_error *error);

/** What an accumulator holds. */
typedef struct loy_lifetime_data_info {
	uint32_t struct_size; /**< sizeof(loy_lifetime_data_info) in the caller's build. */
	uint32_t flags;
	int64_t unit;
	uint32_t kind;
	uint32_t covariate_count;
	uint64_t customers; /**< Sum of the weights. */
	uint64_t distinct;  /**< Distinct rows. */
	uint64_t repeat;    /**< Customers with x > 0. */
	uint64_t unpriced;  /**< Of these, without spend: gamma-gamma leaves them out. */
	double period;      /**< Largest T. */
} loy_lifetime_data_info;
/** @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_lifetime_data_get_info(const loy_lifetime_data *data, loy_lifetime_data_info *out);

/** Options of a fit. Zero the struct and set struct_size; NULL means the defaults. */
typedef struct loy_lifetime_options {
	uint32_t struct_size; /**< sizeof(loy_lifetime_options) in the caller's build. */
	uint32_t family;          /**< LOY_LIFETIME_…; 0 is MBG/NBD. */
	uint32_t k;               /**< MBG/CNBD: Erlang's k; 0: the likeliest of 1 … LOY_LIFETIME_K_MAX. Others: 0. */
	uint32_t iterations;      /**< Most iterations of one search; 0 means 200. */
	uint32_t rate_covariates; /**< Bit i: covariate i acts on the purchase rate. BG, MBG and Pareto only. */
	uint32_t life_covariates; /**< Bit i: covariate i acts on drop-out. */
	double ridge;             /**< Penalty: log-likelihood - ridge / 2 * (sum of squares of the logs of the
	                               parameters and of the covariate effects) is maximised. From 0. */
	const double *start;      /**< Where to start, in the order of the parameters; NULL: from the data. */
	uint32_t start_count;
	uint32_t reserved;        /**< 0. */
	loy_progress progress;    /**< Called once an iteration; NULL: never. */
	void *user_data;
} loy_lifetime_options;

/** How a fit ended. */
enum {
	LOY_FIT_GIVEN = 0,     /**< Parameters were given, not fitted. */
	LOY_FIT_CONVERGED = 1, /**< A maximum inside; the gradient is zero to rounding, the information positive. */
	LOY_FIT_BOUNDARY = 2,  /**< The supremum is on a boundary; the limit model has converged. */
	LOY_FIT_FLAT = 3       /**< Converged, but the data cannot tell some parameters: no covariance. */
};
/**
 * Boundaries, bits. Of gamma-gamma LOY_BOUNDARY_SAME_RATE means that all purchases of a customer cost the same
 * (parameter scale), LOY_BOUNDARY_SAME_DROPOUT that all customers spend alike (parameter rate).
 */
enum {
	LOY_BOUNDARY_NO_DROPOUT = 1,    /**< Nobody ever leaves: NBD. */
	LOY_BOUNDARY_SAME_DROPOUT = 2,  /**< All have the same drop-out probability or rate: parameter p or mu. */
	LOY_BOUNDARY_SPLIT_DROPOUT = 4, /**< A share leaves at the first chance, the rest never: parameter pi. */
	LOY_BOUNDARY_SAME_RATE = 8,     /**< All buy at the same rate (probability): parameter lambda (p). */
	LOY_BOUNDARY_NO_MEAN = 16,      /**< Gamma-gamma with q <= 1: the mean spend is infinite and not predicted. */
	LOY_BOUNDARY_SPLIT_RATE = 32    /**< BG/BB: a share buys at every chance, the rest never: parameter rho. */
};

/** What a model is and how good it is. */
typedef struct loy_lifetime_info {
	uint32_t struct_size; /**< sizeof(loy_lifetime_info) in the caller's build. */
	uint32_t family;
	uint32_t k;              /**< MBG/CNBD; else 0. */
	uint32_t status;         /**< LOY_FIT_… */
	uint32_t boundary;       /**< LOY_BOUNDARY_… bits; 0: inside. */
	uint32_t parameter_count;
	uint32_t rate_covariates;
	uint32_t life_covariates;
	uint32_t iterations;     /**< Of the search that gave the parameters. */
	uint32_t evaluations;    /**< Of the log-likelihood, all searches together. */
	int64_t unit;            /**< Microseconds. */
	uint64_t customers;      /**< Sum of weights fitted. */
	uint64_t distinct;       /**< Distinct rows fitted. */
	uint64_t left_out;       /**< Customers not used (gamma-gamma: those without repeat purchase or spend). */
	double period;           /**< Largest T. */
	double ridge;
	double log_likelihood;   /**< Without the penalty. NaN when the parameters were given. */
	double gradient_norm;    /**< Largest element of the gradient by the logs of the parameters, per customer. */
	double condition;        /**< Of the information matrix by the logs, scaled to a unit diagonal. */
} loy_lifetime_info;

/**
 * Fit a model by maximum likelihood. *out is NULL unless LOY_OK is returned: then the fit converged, inside
 * or on a named boundary. @return LOY_OK; LOY_EINVAL (options, kind of data); LOY_EUNKNOWN (nothing to fit:
 * no customers, nobody bought again, nobody with spend); LOY_ELIMIT (not converged after the iterations
 * allowed; the message has the gradient); LOY_ECANCELLED; LOY_ENOMEM.
 */
LOY_API loy_status loy_lifetime_fit(loy_lifetime **out, const loy_lifetime_data *data,
                                    const loy_lifetime_options *options, const loy_allocator *memory,
                                    loy_error *error);
/**
 * A model with given parameters, such as published ones, in the order of the family's names; @p unit 0 means
 * LOY_WEEK, @p k is MBG/CNBD's. @return LOY_OK, LOY_EINVAL, LOY_ERANGE (parameters must be above 0),
 * LOY_ENOMEM.
 */
LOY_API loy_status loy_lifetime_create(loy_lifetime **out, uint32_t family, uint32_t k, int64_t unit,
                                       const double *parameters, uint32_t count, const loy_allocator *memory);
/** Release a model. NULL is allowed. Never fails. */
LOY_API void loy_lifetime_destroy(loy_lifetime *model);
/** @return LOY_OK or LOY_EINVAL. */
LOY_API loy_status loy_lifetime_get_info(const loy_lifetime *model, loy_lifetime_info *out);
/** Name of a family ("mbg-nbd"), of a boundary bit ("no drop-out"), of a LOY_FIT_… status. Static; NULL if none. */
LOY_API const char *loy_lifetime_family_name(uint32_t family);
LOY_API const char *loy_lifetime_boundary_name(uint32_t boundary);
LOY_API const char *loy_lifetime_status_name(uint32_t status);
/** Family of a name. @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND. */
LOY_API loy_status loy_lifetime_family_find(const char *name, size_t length, uint32_t *family);
/** Name of a parameter ("r", "alpha", "trans.1", "life.1"); NULL beyond. Lives as long as the model. */
LOY_API const char *loy_lifetime_parameter_name(const loy_lifetime *model, uint32_t index);
/** A parameter and its standard error (NaN where there is none); either may be NULL. LOY_ENOTFOUND beyond. */
LOY_API loy_status loy_lifetime_parameter(const loy_lifetime *model, uint32_t index, double *value,
                                          double *deviation);
/** Index of a parameter by name. @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND. */
LOY_API loy_status loy_lifetime_parameter_find(const loy_lifetime *model, const char *name, size_t length,
                                               uint32_t *index);
/** Covariance of two parameters: inverse observed information. LOY_EUNKNOWN where there is none. */
LOY_API loy_status loy_lifetime_covariance(const loy_lifetime *model, uint32_t i, uint32_t j, double *out);

/**
 * A model as text, every digit kept; under 1,000 bytes without covariates.
 * @return LOY_OK, LOY_EINVAL or LOY_EBUFFER with *needed.
 */
LOY_API loy_status loy_lifetime_print(const loy_lifetime *model, char *buffer, size_t capacity, size_t *needed);
/**
 * Read such a text. @return LOY_OK, LOY_EINVAL, LOY_ENOMEM, or with line and column in @p error: LOY_EUTF8,
 * LOY_ESYNTAX, LOY_ENAME, LOY_ERANGE, LOY_ELIMIT, LOY_EVERSION.
 */
LOY_API loy_status loy_lifetime_parse(loy_lifetime **out, const char *text, size_t length,
                                      const loy_allocator *memory, loy_error *error);

/** What can be asked of a history. Times count from the end of the history (T), in the model's unit. */
enum {
	LOY_ASK_ALIVE = 1,          /**< Probability of being a customer still, at T. Contracts: at T + to. */
	LOY_ASK_PURCHASES = 2,      /**< Expected purchases in (from, to]; BG/BB: opportunities from + 1 … to. */
	LOY_ASK_DISCOUNTED = 3,     /**< The same, each discounted to T; `to` infinite gives DERT. */
	LOY_ASK_SPEND = 4,          /**< Expected mean amount of a purchase (gamma-gamma). */
	LOY_ASK_VALUE = 5,          /**< LOY_ASK_DISCOUNTED times LOY_ASK_SPEND: CLV of the interval. */
	LOY_ASK_LOG_LIKELIHOOD = 6, /**< Of the row; gamma-gamma: 0 without spend. */
	LOY_ASK_RETENTION = 7,      /**< Contracts: probability to renew at the next chance. */
	LOY_ASK_RENEWALS = 8        /**< Contracts: expected renewals in (from, to], discounted from the first on:
	                                 DERL with `to` infinite. */
};

/** One question to many histories, and room for the answers. Zero the struct and set struct_size. */
typedef struct loy_lifetime_ask {
	uint32_t struct_size; /**< sizeof(loy_lifetime_ask) in the caller's build. */
	uint32_t quantity;       /**< LOY_ASK_… */
	double from;             /**< From 0. */
	double to;               /**< At least from; infinite where the quantity allows it. */
	double discount;         /**< Annual rate, above -1: 0.15 is 15 % a year. */
	double year;             /**< Units in a year; 0: 52 for weeks, 365 for days, else 365.25 days. */
	double level;            /**< Of the intervals; 0 means 0.95. */
	double *value;           /**< One value a row; NULL: only the total. NaN where the row fails. */
	int64_t value_stride;    /**< Bytes. */
	double *deviation;       /**< Standard error by the delta method, parameter uncertainty only; or NULL. */
	int64_t deviation_stride;
	double *low;             /**< Interval: on the log scale, on the logit scale for probabilities; or NULL. */
	int64_t low_stride;
	double *high;
	int64_t high_stride;
	double total;            /**< Out: sum of values times weights over the rows that did not fail. */
	double total_deviation;  /**< Out: its standard error, covariances between customers included. */
	double total_low;        /**< Out: its interval. */
	double total_high;
	uint32_t with_deviation; /**< In: 1 to get total_deviation although no column asks for deviations. */
	uint32_t reserved;       /**< 0. */
} loy_lifetime_ask;

/**
 * Answer questions about many histories in one pass. @p spend is a gamma-gamma model for LOY_ASK_SPEND and
 * LOY_ASK_VALUE, else NULL allowed. Asks lie their struct_size apart. A row that fails (LOY_ERANGE) gets NaN,
 * its status goes to row_status (NULL allowed), the first one to @p error, and the call still succeeds.
 * Without columns the rows are brand-new customers. Working memory, some 30 KiB, is given back.
 * @return LOY_OK; LOY_ENOMEM; LOY_EINVAL (columns, asks, families); LOY_EUNKNOWN (deviations asked of a model
 * that has no covariance; spend asked of one whose mean is infinite); LOY_ERANGE (an ask's times or rate).
 */
LOY_API loy_status loy_lifetime_predict(const loy_lifetime *model, const loy_lifetime *spend,
                                        const loy_history_column *columns, uint32_t column_count, uint64_t rows,
                                        loy_lifetime_ask *asks, uint32_t ask_count, loy_status *row_status,
                                        const loy_allocator *memory, loy_error *error);

/** An answer about one history. */
typedef struct loy_lifetime_estimate {
	uint32_t struct_size; /**< sizeof(loy_lifetime_estimate) in the caller's build. */
	uint32_t reserved;
	double value;
	double deviation; /**< NaN when the model has no covariance; so are low and high. */
	double low;
	double high;
} loy_lifetime_estimate;
/**
 * One question about one history; NULL is a brand-new customer. The ask's columns are not used. @return LOY_OK,
 * LOY_EINVAL (the ask does not suit the model) or LOY_ERANGE (a history that cannot be).
 */
LOY_API loy_status loy_lifetime_evaluate(const loy_lifetime *model, const loy_lifetime *spend,
                                         const loy_history *history, const loy_lifetime_ask *ask,
                                         loy_lifetime_estimate *out);
/**
 * Probabilities of 0, 1, … count - 1 repeat purchases within @p time of the first purchase; BG/BB:
 * opportunities; contracts: of ending in period 1, 2, …, count. History gives covariates and may be NULL.
 * @return LOY_OK, LOY_EINVAL (also for spend models) or LOY_ERANGE (time, or covariates).
 */
LOY_API loy_status loy_lifetime_probabilities(const loy_lifetime *model, const loy_history *history, double time,
                                              double *out, uint64_t count);
/**
 * Draw histories of @p count customers observed for @p time each (BG/BB: opportunities; contracts: periods).
 * Customer number first + i depends on the seed and that number only. Any output may be NULL. @p spend, a
 * gamma-gamma model or NULL, gives mean amounts where x > 0. @p covariates: for each customer, covariates 0
 * to the last that the model acts on. Contracts: x is 1 when it ended within @p time, t_x the periods seen.
 * At most 10^7 purchases a customer. @return LOY_OK, LOY_EINVAL or LOY_ERANGE (time).
 */
LOY_API loy_status loy_lifetime_simulate(const loy_lifetime *model, const loy_lifetime *spend, uint64_t seed,
                                         uint64_t first, uint64_t count, double time, const double *covariates,
                                         double *x, double *t_x, double *intervals, double *mean_spend);

LOY_END_DECLS
#endif
