/* The schema that all tests of a file share, made before them and freed behind them, and profiles of it. */
#ifndef LOY_TESTS_SAMPLE_PROFILE_H
#define LOY_TESTS_SAMPLE_PROFILE_H

#include "profiles.h"

static loy_schema *schema;

static int make_schema(void **state)
{
	(void)state;
	schema = sample_schema();
	return 0;
}

static int free_schema(void **state)
{
	(void)state;
	free(schema);
	return 0;
}

static inline loy_profile *new_profile(void)
{
	loy_profile *profile = NULL;

	assert_int_equal(loy_profile_create(&profile, schema, NULL), LOY_OK);
	return profile;
}

#endif
