/* Plausible events for golden sections that need a past: made from a number, the same on every target. */
#ifndef LOY_TESTS_GOLDEN_HISTORY_H
#define LOY_TESTS_GOLDEN_HISTORY_H

#include <loyalty.h>

#include "golden.h"

/* Time of the last event a history can have: 2025-01-01. */
#define HISTORY_END (INT64_C(20089) * LOY_DAY)

/* Make event number i of a customer; histories begin up to three years before HISTORY_END. */
void history_event(struct golden *g, loy_event *event, uint64_t customer, uint64_t i);
/* A model by name; NULL, and a flaw noted, when it cannot be made. */
loy_model *history_model(struct golden *g, const char *name);
/* Fill a profile with `count` events of a customer. */
void history_profile(struct golden *g, loy_profile *profile, uint64_t customer, uint64_t count);

#endif
