/*
 * The door of the lifetime room: who is still a customer, what will they buy, what are they worth; how long customers
 * stay; transactions as what is fitted. The rooms above it have nothing to ask for that is not public.
 *
 * Buying while alive (inside: fit.h):
 * - data.c: histories accumulated and merged; data_order.c their canonical order, data_bytes.c their bytes;
 *   columns.c histories by columns, history.c those of profiles
 * - form.c: families and their limits: parameters, names, transformations
 * - likelihood.c: log-likelihood of all rows; spend.c, discrete.c, contract.c rows of the families that do not buy in
 *   continuous time
 * - fit.c: searches and boundaries; fit_data.c from histories to a search
 * - model.c: fitted and given models; model_text.c their text, model_parse.c read back
 * - answer.c: one question, one customer; predict.c many, with intervals; chances.c probabilities of counts
 * - simulate.c: histories drawn from a model
 *
 * Survival (inside: survival.h, cox.h): survival*.c, cox*.c. Transactions (inside: transactions.h): transactions*.c.
 */
#ifndef LOY_LIFETIME_LIFETIME_H
#define LOY_LIFETIME_LIFETIME_H

#include <loyalty/cox.h>
#include <loyalty/lifetime.h>
#include <loyalty/transactions.h>

#include "core/core.h"
#include "numeric/numeric.h"

#endif
