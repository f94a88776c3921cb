/* Profiles of many histories under each built-in model: their canonical bytes, alone and merged. */
#include <stdlib.h>

#include "history.h"

#define CUSTOMERS 60

static void hash_profile(struct golden *g, const loy_profile *profile)
{
	uint64_t high = 0, low = 0;
	size_t size = 0;
	uint8_t *bytes;

	(void)loy_profile_write(profile, NULL, 0, &size);
	bytes = malloc(size);
	golden_check(g, bytes != NULL && loy_profile_write(profile, bytes, size, &size) == LOY_OK, "writing");
	if (bytes != NULL)
		golden_bytes(g, bytes, size);
	free(bytes);
	golden_check(g, loy_profile_hash(profile, &high, &low) == LOY_OK, "hash");
	golden_u64(g, high);
	golden_u64(g, low);
}

static void histories(struct golden *g, const loy_model *model)
{
	const loy_schema *schema = loy_model_schema(model);
	loy_profile *one = NULL, *all = NULL;
	uint64_t customer;

	golden_check(g, loy_profile_create(&one, schema, NULL) == LOY_OK, "a profile");
	golden_check(g, loy_profile_create(&all, schema, NULL) == LOY_OK, "a profile");
	for (customer = 1; one != NULL && all != NULL && customer <= CUSTOMERS; customer++) {
		history_profile(g, one, customer, customer * 3);
		hash_profile(g, one);
		golden_check(g, loy_profile_merge(all, one) == LOY_OK, "merging");
	}
	if (all != NULL)
		hash_profile(g, all);
	loy_profile_destroy(one);
	loy_profile_destroy(all);
}

void golden_profile(struct golden *g)
{
	uint32_t i;

	for (i = 0; i < loy_model_builtin_count(); i++) {
		loy_model *model;

		golden_begin(g, loy_model_builtin_name(i));
		model = history_model(g, loy_model_builtin_name(i));
		if (model != NULL)
			histories(g, model);
		loy_model_destroy(model);
		golden_end(g);
	}
}
