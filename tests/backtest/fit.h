/*
 * What the back-tests share: a minimiser, measures of prediction, and a store scored by a model text.
 * Nothing here is part of the library: a host would use its favourite optimiser.
 */
#ifndef LOY_BACKTEST_FIT_H
#define LOY_BACKTEST_FIT_H

#include "support.h"

#define FIT_PARAMETERS_MAX 16

/* A function to make small. */
typedef double (*fit_function)(const double *theta, void *user);

/*
 * Downhill simplex (Nelder & Mead 1965) from `theta`, which becomes the best point found; first steps of
 * `step`; stops after `evaluations` or when the simplex agrees to `tolerance`. Returns the smallest value.
 */
double fit_minimise(fit_function f, void *user, double *theta, size_t count, double step, size_t evaluations,
                    double tolerance);

double fit_logistic(double x);
double fit_logit(double p);

/* Area under the ROC curve with ties at one half (Mann–Whitney). */
double measure_auc(const double *score, const uint8_t *outcome, size_t count);
/* Mean negative log likelihood of outcomes in [0, 1]; forecasts are kept 1e-12 off the ends. */
double measure_log_loss(const double *forecast, const double *outcome, size_t count);
/* 1 - SSE / SST. */
double measure_r2(const double *forecast, const double *outcome, size_t count);
double measure_rmse(const double *forecast, const double *truth, size_t count);

/* A model from text; a test that cannot make it fails and says where. The caller destroys it. */
loy_model *fit_model(const char *text);

/* Values of the model's first headline for all rows of a sorted store, 0–1. */
void fit_score(const loy_store *store, const char *model_text, int64_t time, double *values);

#endif
