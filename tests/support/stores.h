/* What tests of stores share: a model, random events of several customers, comparisons. */
#ifndef LOY_TESTS_STORES_H
#define LOY_TESTS_STORES_H

#include "profiles.h"

/* A model over sample_schema() with two constructs and a composite; loy__free it as a block from malloc. */
struct loy_model *stores_model(void);

/*
 * A random event with a customer: a number below `customers` plus 1, or one customer in three a key made of it.
 * `identity` 0 leaves the event without identity.
 */
void stores_event(loy_event *event, loy__random *r, uint64_t customers, uint64_t identity);
/* Create a store without a limit; fails the test when that fails. */
loy_store *stores_create(const loy_model *model, uint32_t flags);
loy_store_stats stores_stats(const loy_store *store);
/* Sort and hash. */
void stores_hash(loy_store *store, uint64_t hash[2]);
/* Fails unless both hold the same customers and profiles. */
void stores_assert_equal(loy_store *a, loy_store *b);

#endif
