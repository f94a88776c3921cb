/* The generated chain as the back-tests see it: facts in the order in which they happened, without copies. */
#ifndef LOY_BACKTEST_CHAIN_DATA_H
#define LOY_BACKTEST_CHAIN_DATA_H

#include "backtest.h"
#include "chain.h"

/* Two years of @p customers, by customer and time; truths likewise. The caller frees both lists. */
void make_chain(uint32_t customers, struct facts *facts, struct truths *truths);
void fill_event(loy_event *event, const struct fact *fact);
/* The answer to any item of an instrument as a share of its scale, or -1. */
double answer_of(const struct fact *fact, uint32_t instrument);
/* Variance of the error of an answer given with a normal error of `noise` and read on steps + 1 points, at a share. */
double answer_variance(double share, double noise, int steps);
/* Every other customer calibrates; the rest are never seen. */
int is_training(uint32_t customer);

#endif
