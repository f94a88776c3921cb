/*
 * A model for tests with everything scoring knows: damping, a capped recovery, a response curve, interactions on
 * a channel and on a path, silence, the worst episode, a composite, stages and types; and random customers of it.
 */
#ifndef LOY_TESTS_CHAIN_H
#define LOY_TESTS_CHAIN_H

#include "scoring.h"

#include "numeric/numeric.h"

/*
 * All weights of evidence and prior strengths are multiplied by `scale`. `plain` leaves out damping, recovery's
 * cap, curves, interactions and the worst episode: what the formulas of the prototype had.
 */
loy_model *chain_model(double scale, int plain);
/* Kinds of events of the model: own kinds, the last is purchase. */
enum { CHAIN_KINDS = 8, CHAIN_PURCHASE = CHAIN_KINDS - 1 };
enum { CHAIN_QUALITY, CHAIN_PRICE, CHAIN_COMPLAINT, CHAIN_SLIP, CHAIN_RECOVERY, CHAIN_PROMISE, CHAIN_SURVEY };
extern const char chain_kind[CHAIN_KINDS][16];

enum { CHAIN_EVENTS = 40 };
struct chain_event {
	int kind;
	int64_t time;
	double value, weight;
};
struct chain_history {
	int count;
	struct chain_event event[CHAIN_EVENTS];
};
/* Up to `most` events in the two years before 2024, kinds of which a bit is set. */
void chain_random(struct chain_history *history, loy__random *random, int most, unsigned kinds);
void chain_record(loy_profile *profile, const loy_model *model, const struct chain_event *event);
loy_profile *chain_profile(const loy_model *model, const struct chain_history *history);
double chain_unit(loy__random *random); /* one of 0, 1, and thousandths between */

#endif
