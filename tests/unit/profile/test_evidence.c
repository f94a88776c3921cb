#include "profiles.h"

static double evidence(const loy_profile *profile, uint32_t field)
{
	loy_value value;

	return loy_profile_get(profile, field, 0, 0, &value) == LOY_OK ? value.real : 0.0;
}

/* A rule of constant value and weight is prepared, but it still has to ask the event. */
static void constant_rules_keep_their_conditions(void **state)
{
	struct loy_schema *schema = plain_schema();
	loy_profile *profile;
	loy_event *event;

	(void)state;
	schema->rule[0].condition_count = 1;
	schema->rule[0].condition[0].field = LOY_FIELD_DISCOUNT;
	schema->rule[0].condition[0].comparison = LOY__GREATER;
	schema->rule[0].condition[0].value = 0;
	assert_int_equal(loy__schema_prepare(schema), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, schema, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, 0), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 100), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_DISCOUNT, 0), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_profile_key_count(profile, LOY_PROFILE_POSITIVE_SLOW), 0);
	assert_int_equal(loy_event_set(event, LOY_FIELD_DISCOUNT, 1), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_close(evidence(profile, LOY_PROFILE_POSITIVE_SLOW), 1.0, 1e-13, 0.0); /* 2^-46 and 2^-50 */
	loy_event_destroy(event);
	loy_profile_destroy(profile);
	free(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(constant_rules_keep_their_conditions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
