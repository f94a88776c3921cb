/*
 * A schema made by hand and random events, for tests of profiles and of what is built on them.
 */
#ifndef LOY_TESTS_PROFILES_H
#define LOY_TESTS_PROFILES_H

#include "support.h"
#include "profile/profile.h"

/*
 * A schema with rules on many kinds: channels that share half-lives and channels that do not, constant and
 * computed values, two rules of one channel, a worst episode. The caller frees it.
 */
struct loy_schema *sample_schema(void);
/* The same with one channel, fed by purchases alone, and no worst episode: the least a purchase can cost. */
struct loy_schema *plain_schema(void);

/* How wild random events are. */
enum {
	SAMPLE_TAME = 0, /* plausible: some weeks, small codes */
	SAMPLE_WILD = 1, /* everything the setters accept: any time, any code, the largest amounts / 2^14 */
	SAMPLE_TIES = 2  /* few distinct times, identities, values: to meet ties */
};
/* Make `event` a random one that loy_event_check() accepts. */
void sample_event(loy_event *event, loy__random *r, int how);
/* A random event of this kind. */
void sample_event_of(loy_event *event, loy__random *r, int how, uint32_t kind);

/* Canonical bytes of a profile, the caller's to free. */
uint8_t *profile_bytes(const loy_profile *profile, size_t *size);

#endif
