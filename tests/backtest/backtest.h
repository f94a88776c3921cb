/* The back-tests: each prints what it measured and fails when it misses the figure it states. */
#ifndef LOY_BACKTEST_BACKTEST_H
#define LOY_BACKTEST_BACKTEST_H

#include "fit.h"

void backtest_cdnow(void **state);
void backtest_olist(void **state);
void backtest_chain(void **state);
void backtest_survey(void **state);
void backtest_paths(void **unused);

#endif
