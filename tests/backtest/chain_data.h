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
/* What is true of a customer at one moment, as shares. */
enum { STATE_VALUE, STATE_SATISFACTION, STATE_TRUST, STATE_LOYALTY, STATE_COUNT };
double state_of(const struct truth *truth, int state);
/* Who has left for good has next to no loyalty, and nobody hears of it. */
int is_gone(const struct truth *truth);
/* What a test–retest study among the customers who calibrate would find: the mean variance of the
 * error of one answer, given with a normal error of `noise` and read on steps + 1 points. */
double survey_error(const struct truths *truths, int state, double noise, int steps);
/* Every other customer calibrates; the rest are never seen. */
int is_training(uint32_t customer);

#endif
