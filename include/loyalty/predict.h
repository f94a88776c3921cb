/**
 * @file loyalty/predict.h
 * @brief Does a path model foretell answers it has not seen? Out-of-sample errors of every endogenous item.
 *
 * PLSpredict (Shmueli, Ray, Velasquez Estrada & Chatla 2016; Shmueli et al. 2019): the model is estimated
 * without the respondents of a fold, whose answers are then predicted from the scores of the constructs that
 * lead to an item's construct: directly (their scores as answered), or from the exogenous constructs alone,
 * passed on along the paths. Means, deviations and weights are those of the respondents left in. The
 * benchmark is the linear regression of the item on the items of all exogenous constructs, as published; the
 * one on the items of all other constructs, which some programs take, sees more than the path model and is
 * told apart.
 *
 * Limits: models of one stage only, without products and without higher-order constructs by stages;
 * uncorrected loadings and paths, also of consistent estimates, as scores are uncorrected too.
 */
#ifndef LOYALTY_PREDICT_H
#define LOYALTY_PREDICT_H

#include <loyalty/pls.h>

LOY_BEGIN_DECLS

/** How answers are predicted. */
enum {
	LOY_PREDICT_DIRECT = 0,        /**< From the constructs that lead to the item's. */
	LOY_PREDICT_EARLIEST = 1,      /**< From the exogenous constructs, along the paths. */
	LOY_PREDICT_LINEAR = 2,        /**< Benchmark: regression on the items of exogenous constructs. */
	LOY_PREDICT_LINEAR_OTHERS = 3, /**< Regression on the items of all other constructs. */
	LOY_PREDICT_METHODS = 4
};

/** Errors of one item. NaN for a benchmark whose items are collinear in a fold, or more than respondents left in. */
typedef struct loy_item_prediction {
	uint32_t struct_size;             /**< sizeof(loy_item_prediction) in the caller's build. */
	uint32_t indicator;               /**< As in loy_pls_get_indicator(). */
	double n;                         /**< Answers predicted, by weight. */
	double rmse[LOY_PREDICT_METHODS]; /**< Root mean squared error, in the item's unit. */
	double mae[LOY_PREDICT_METHODS];  /**< Mean absolute error. */
	double q2[LOY_PREDICT_METHODS];   /**< 1 - SSE / sum of squares about the means of those left in. */
} loy_item_prediction;

/** Endogenous items: how many loy_pls_predict() fills in. 0 for NULL. */
LOY_API uint32_t loy_pls_predict_count(const loy_pls *pls);
/**
 * Predict all endogenous items out of sample. @p table: the one the estimate was made from; row i of its
 * respondents is in fold i mod @p folds; 0 folds: each respondent is one. @p out: room for @p capacity
 * entries, whose first one has its struct_size set. @return LOY_OK, LOY_EINVAL (arguments; one fold; several
 * stages; products; pairwise missing values), LOY_ENAME (an item that is no column), LOY_EBUFFER, LOY_ERANGE (a fold
 * without which nothing can be estimated, in @p error->row) or LOY_ENOMEM.
 */
LOY_API loy_status loy_pls_predict(const loy_pls *pls, const loy_table *table, uint32_t folds,
                                   loy_item_prediction *out, uint32_t capacity, const loy_allocator *memory,
                                   loy_error *error);

LOY_END_DECLS
#endif
