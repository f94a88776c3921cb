/* What tests of survival share: rows of invented subjects, and accumulators of them. */
#ifndef LOY_TESTS_SURVIVALS_H
#define LOY_TESTS_SURVIVALS_H

#include "support.h"
#include "numeric/numeric.h"

#define SUBJECT_COVARIATES 3u

/* One invented subject: exponential life whose rate depends on the covariates, censored at random. */
struct subject {
	double time, entry, weight, covariate[SUBJECT_COVARIATES];
	uint32_t group, event;
};

/*
 * Fill with what depends on `seed` only. `steps` > 0 rounds times up to multiples of 1 / steps, so that there are
 * ties; 0 leaves them alone. The log hazard is .8, -.5 and .3 times the covariates, of which the second is 0 or 1.
 */
void invent_subjects(struct subject *subjects, size_t count, uint64_t seed, double steps);
/* Empty accumulator with these flags (LOY_SURVIVAL_…) and, unless 0, all the covariates. */
loy_survival *new_survival(uint32_t flags, uint32_t covariates, const loy_allocator *memory);
/* Add one subject, with what the flags ask for. */
loy_status add_subject(loy_survival *survival, const struct subject *subject, uint32_t flags,
                       uint32_t covariates);
/* An accumulator of them all, sorted. */
loy_survival *survival_of(const struct subject *subjects, size_t count, uint32_t flags, uint32_t covariates);
/* Canonical bytes of a sorted accumulator, the caller's to free. */
uint8_t *survival_bytes(const loy_survival *survival, size_t *size);
/* A coefficient of a fit; fails the test when there is none. */
loy_cox_coefficient cox_coefficient(const loy_cox *cox, uint32_t index);

#endif
