/* What commands that show scorecards have in common. */
#ifndef SHELL_CARD_H
#define SHELL_CARD_H

#include "args.h"

#include <loyalty.h>

/* What a part of a score or of its change comes from, LOY_SOURCE_… and a channel of the model's schema. */
const char *source_name(const loy_model *model, uint32_t source, uint32_t channel);
/* "unknown", "predicted" or "observed". */
const char *state_name(uint32_t state);
/* Score of a construct and one of its contributions, on a card that was evaluated. */
loy_score score_of(const loy_scorecard *card, uint32_t construct);
loy_contribution part_of(const loy_scorecard *card, uint32_t construct, uint32_t index);
/* Name of the rung reached of a staging, "" below the first. */
const char *stage_of(const loy_scorecard *card, uint32_t staging);

/* Index of a construct. 1, or 0 after telling which there are. */
int construct_find(const loy_model *model, const char *name, uint32_t *construct);
/* Whether the model has all constructs of --construct. 1, or 0 after telling. */
int constructs_exist(const struct args *args, const loy_model *model);
/* Whether a construct is asked for: by --construct, else every one, or for `headline_only` those. */
int construct_wanted(const struct args *args, const loy_model *model, uint32_t construct, int headline_only);

#endif
