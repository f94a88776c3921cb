/* The names of codes: each leads to its code and back, and nothing else has one. */
#include "support.h"

static const uint32_t coded_fields[] = {LOY_FIELD_INSTRUMENT, LOY_FIELD_EMOTION, LOY_FIELD_ENGAGEMENT,
                                        LOY_FIELD_STATE, LOY_FIELD_PURPOSE};

static void every_name_leads_back_to_its_code(void **state)
{
	/* 13 instruments, 6 emotions, 5 kinds of engagement, 4 states, 4 purposes: what event.h declares. */
	static const int expected[] = {13, 6, 5, 4, 4};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(coded_fields) / sizeof(coded_fields[0]); i++) {
		uint32_t code, found = 0;
		int count = 0;

		for (code = 0; code <= UINT16_MAX; code++) {
			const char *name = loy_code_name(coded_fields[i], code);

			if (name == NULL)
				continue;
			count++;
			assert_int_equal(loy_code_find(coded_fields[i], name, strlen(name), &found), LOY_OK);
			assert_int_equal(found, code);
		}
		assert_int_equal(count, expected[i]);
	}
}

static void names_belong_to_their_field(void **state)
{
	uint32_t code = 77;

	(void)state;
	assert_string_equal(loy_code_name(LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS), "nps");
	assert_string_equal(loy_code_name(LOY_FIELD_EMOTION, LOY_EMOTION_ANGER), "anger");
	assert_string_equal(loy_code_name(LOY_FIELD_PURPOSE, LOY_PURPOSE_MARKETING), "marketing");
	assert_int_equal(loy_code_find(LOY_FIELD_EMOTION, "trust", 5, &code), LOY_OK);
	assert_int_equal(code, LOY_EMOTION_TRUST);
	assert_int_equal(loy_code_find(LOY_FIELD_INSTRUMENT, "trust", 5, &code), LOY_OK);
	assert_int_equal(code, LOY_INSTRUMENT_TRUST);
}

static void what_is_not_named_is_not_found(void **state)
{
	uint32_t code = 77;

	(void)state;
	assert_null(loy_code_name(LOY_FIELD_INSTRUMENT, 0));
	assert_null(loy_code_name(LOY_FIELD_INSTRUMENT, 1000));
	assert_null(loy_code_name(LOY_FIELD_CATEGORY, 1));
	assert_null(loy_code_name(0, 1));
	assert_int_equal(loy_code_find(LOY_FIELD_INSTRUMENT, "np", 2, &code), LOY_ENOTFOUND);
	assert_int_equal(loy_code_find(LOY_FIELD_INSTRUMENT, "npsx", 4, &code), LOY_ENOTFOUND);
	assert_int_equal(loy_code_find(LOY_FIELD_INSTRUMENT, "", 0, &code), LOY_ENOTFOUND);
	assert_int_equal(loy_code_find(LOY_FIELD_CATEGORY, "nps", 3, &code), LOY_ENOTFOUND);
	assert_int_equal(loy_code_find(LOY_FIELD_INSTRUMENT, NULL, 3, &code), LOY_EINVAL);
	assert_int_equal(loy_code_find(LOY_FIELD_INSTRUMENT, "nps", 3, NULL), LOY_EINVAL);
	assert_int_equal(code, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_name_leads_back_to_its_code),
	        cmocka_unit_test(names_belong_to_their_field),
	        cmocka_unit_test(what_is_not_named_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
