/*
 * Events in the order in which they happened, with the moments between them at which somebody wants to know
 * what was known: just before a survey answer, or when a time has passed in which a customer bought again or
 * did not.
 */
#ifndef SHELL_REPLAY_H
#define SHELL_REPLAY_H

#include "commands.h"

#define TARGETS_MAX 32

/* Which answers say something of which construct: CONSTRUCT=INSTRUMENT[:ITEM], or CONSTRUCT=purchase. */
struct target {
	uint32_t construct, instrument;
	int64_t item; /* -1: any */
	int outcome;  /* 1: whether the customer buys within the horizon, instead of an instrument */
	const char *text;
};

/* One event or one moment of an outcome. */
struct happening {
	int64_t time;
	uint64_t customer; /* hash of who */
	uint64_t at;       /* where the event's bytes are; of a moment: 1 when the customer bought */
	uint64_t who;  /* digest of the event; of a moment: where the bytes of an event of the customer are */
	uint32_t size; /* of the bytes; 0: a moment */
};

struct replay {
	const struct args *args;
	const loy_model *model;
	struct target targets[TARGETS_MAX];
	int target_count;
	int64_t horizon;
	uint8_t *bytes;
	size_t byte_count, byte_capacity;
	struct happening *list;
	size_t count, capacity;
	int64_t newest;
};

/* Read --target, or those that the names of the model's constructs suggest. 1, or 0 after telling. */
int replay_targets(struct replay *replay);
/* Read all events of the operands. Exit code; replay_free() always. */
int replay_read(struct replay *replay);
/* Live it again under the schema of a model: every answer and outcome becomes an observation. Exit code. */
int replay_observe(const struct replay *replay, const loy_model *model, loy_calibration *calibration);
void replay_free(struct replay *replay);

#endif
