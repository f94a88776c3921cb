/*
 * Days of a till for tests of failures: a plan is a list of calls, which must survive that each request for memory and
 * each operation of the medium fails, and lead to the same.
 */
#ifndef LOY_TESTS_DAYS_H
#define LOY_TESTS_DAYS_H

#include "durables.h"
#include "fault_files.h"

struct day;
struct plan {
	const loy_model *model;
	uint32_t flags, durability; /* of the store */
	/* Step n; LOY_ECANCELLED after the last. One that failed is done again. */
	loy_status (*step)(struct day *day, unsigned n);
	const void *data; /* of the plan's own */
};
struct day {
	const struct plan *plan;
	loy_store *store;
	const loy_model *model; /* its present one */
	loy_store_options options;
	const loy_allocator *memory;
	loy_event *event; /* of memory that does not fail */
	loy_profile *profile;
	int no_merge; /* a merged profile has no identity: done again after a failure, it may count twice */
};

struct day day_begin(const struct plan *plan, const loy_files *files, const loy_allocator *memory);
void day_end(struct day *day);
/* Close and open the store, with another model when that is not NULL. */
loy_status day_open_again(struct day *day, const loy_model *model);

/* Each request for memory is refused once: what failed changed nothing, and works when it is done again. */
void days_short_of_memory(const struct plan *plan);
/* All requests are refused from one on: what is on the files is sound. */
void days_without_memory(const struct plan *plan);
/* Operations of some FAULT_ kinds fail with a status, each once, or all from one on until the store is opened again. */
void days_of_failing_files(const struct plan *plan, uint32_t kinds, int forever, loy_status status);

#endif
