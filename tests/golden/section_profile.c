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

/* Every value of every field, evidence read at the end of the histories. */
static void hash_values(struct golden *g, const loy_profile *profile)
{
	loy_profile_field field;
	loy_value value;
	uint32_t i, k;

	for (i = 0; loy_profile_field_info(i, &field) == LOY_OK; i++) {
		uint64_t key = 0;

		for (k = 0; k < loy_profile_key_count(profile, field.id); k++) {
			if (field.key != LOY_KEY_NONE)
				golden_check(g, loy_profile_key(profile, field.id, k, &key) == LOY_OK,
				             "a key");
			golden_check(g,
			             loy_profile_get(profile, field.id, key, HISTORY_END, &value) == LOY_OK,
			             "a value");
			golden_u64(g, key);
			golden_i64(g, value.integer);
			golden_double(g, value.real);
			golden_i64(g, value.high);
			golden_u64(g, value.low);
		}
	}
}

/* Values of single customers, and profiles of which every other event was taken back, some before it came. */
static void values(struct golden *g, const loy_model *model)
{
	loy_profile *profile = NULL;
	loy_event *event = NULL;
	uint64_t customer, i;

	golden_check(g, loy_profile_create(&profile, loy_model_schema(model), NULL) == LOY_OK, "a profile");
	golden_check(g, loy_event_create(&event, NULL) == LOY_OK, "an event");
	for (customer = 1; profile != NULL && event != NULL && customer <= CUSTOMERS; customer++) {
		loy_profile_clear(profile);
		for (i = 0; i < 2 * customer; i++) {
			history_event(g, event, customer, i);
			if (i % 4 == 3)
				golden_check(g, loy_profile_retract(profile, event, NULL) == LOY_OK,
				             "taking back");
			golden_check(g, loy_profile_record(profile, event, NULL) == LOY_OK, "recording");
			if (i % 4 == 1)
				golden_check(g, loy_profile_retract(profile, event, NULL) == LOY_OK,
				             "taking back");
		}
		hash_values(g, profile);
		hash_profile(g, profile);
	}
	loy_event_destroy(event);
	loy_profile_destroy(profile);
}

void golden_profile(struct golden *g)
{
	loy_model *retail;
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
	golden_begin(g, "values");
	retail = history_model(g, "retail");
	if (retail != NULL)
		values(g, retail);
	loy_model_destroy(retail);
	golden_end(g);
}
