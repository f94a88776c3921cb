/* What tests of scoring share: models from text, profiles from a few words, and the sums that must be exact. */
#ifndef LOY_TESTS_SCORING_H
#define LOY_TESTS_SCORING_H

#include "support.h"

/* A time in days since 2024-01-01. */
#define DAY_2024(days) (INT64_C(1704067200) * LOY_SECOND + (int64_t)((days) * (double)LOY_DAY))

/* A model from text; fails the test, with the parser's message, when it is refused. */
loy_model *scoring_model(const char *text);
/* Index of a construct or channel; fails the test when there is none. */
uint32_t scoring_construct(const loy_model *model, const char *name);
uint32_t scoring_channel(const loy_model *model, const char *name);
/*
 * Record an event of a kind (by name) with a value in [0, 1] and a weight: for rules such as
 * `on ev_quality: quality value weight weight`. Purchases get an amount, as they must.
 */
void scoring_record(loy_profile *profile, const loy_model *model, const char *kind, int64_t time,
                    double value, double weight);
void scoring_retract(loy_profile *profile, const loy_model *model, const char *kind, int64_t time,
                     double value, double weight);
/* Record an answer to an item, as a share of a scale from 0 to 1. */
void scoring_answer(loy_profile *profile, uint32_t instrument, uint32_t item, int64_t time, double share);
loy_profile *scoring_profile(const loy_model *model);
/* A card evaluated; fails the test when that fails. */
loy_scorecard *scoring_card(const loy_model *model, const loy_profile *profile, int64_t time);
loy_score scoring_score(const loy_scorecard *card, const char *construct);
/* Points that a source contributes to a construct, 0 when it is not listed. */
double scoring_part(const loy_scorecard *card, const char *construct, uint32_t source, const char *channel);
/* Fails unless, for all constructs, baseline + contributions == mean in the order listed and in reverse. */
void scoring_check_sums(const loy_scorecard *card);

#endif
