/* Which channels' negative evidence can be the worst episode of a profile. */
#include "support.h"

#define CHANNELS                                                                                             \
	"channel complaint: half_life 100d, fast 10d\n"                                                      \
	"channel slip: half_life 100d, fast 10d\n"                                                           \
	"channel price: half_life 100d, fast 10d\n"                                                          \
	"kind ev_price = 1001\n"                                                                             \
	"on ev_price: price value weight weight\n"                                                           \
	"on complaint: complaint 0 weight severity\n"                                                        \
	"construct satisfaction: mean 0.5, strength 4, spread 1, limit 60\n"                                 \
	"satisfaction =~ 1*complaint + 1*slip + 1*price\n"

static loy_status create(loy_model **model, const char *text, loy_error *error)
{
	memset(error, 0, sizeof(*error));
	error->struct_size = sizeof(*error);
	return loy_model_create(model, text, strlen(text), NULL, error);
}

static loy_model *model_of(const char *text)
{
	loy_model *model;
	loy_error error;

	if (create(&model, text, &error) != LOY_OK)
		fail_msg("line %u column %u: %s", error.line, error.column, error.message);
	return model;
}

/* The worst episode after a complaint of severity 0.25 and a price event of negative weight 2, both just now. */
static double worst_of(const char *text)
{
	loy_model *model = model_of(text);
	loy_profile *profile;
	loy_event *event;
	loy_value value;

	assert_int_equal(loy_profile_create(&profile, loy_model_schema(model), NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_COMPLAINT, 0), LOY_OK);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_SEVERITY, 0.25), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, 1001, 0), LOY_OK);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_VALUE, 0), LOY_OK);
	assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_WEIGHT, 2), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	assert_int_equal(loy_profile_get(profile, LOY_PROFILE_WORST_EPISODE, 0, 0, &value), LOY_OK);
	loy_event_destroy(event);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
	return value.real;
}

static void only_named_channels_count(void **state)
{
	(void)state;
	/* exact powers of two: kept as a logarithm to 2^-40 */
	assert_close(worst_of(CHANNELS "worst: half_life 180d\n"), 2.0, 1e-11, 0);
	assert_close(worst_of(CHANNELS "worst: half_life 180d of slip + complaint\n"), 0.25, 1e-11, 0);
	assert_close(worst_of(CHANNELS "worst: half_life 180d of price\n"), 2.0, 1e-11, 0);
}

static void text_keeps_the_channels(void **state)
{
	char text[4096], again[4096];
	uint64_t high[2], low[2];
	loy_model *model;
	size_t needed;

	(void)state;
	model = model_of(CHANNELS "worst: half_life 180d of slip + complaint\n");
	assert_int_equal(loy_model_print(model, text, sizeof(text), &needed), LOY_OK);
	assert_non_null(strstr(text, "worst: half_life 180d of complaint + slip\n"));
	assert_int_equal(loy_schema_fingerprint(loy_model_schema(model), &high[0], &low[0]), LOY_OK);
	loy_model_destroy(model);
	model = model_of(text);
	assert_int_equal(loy_model_print(model, again, sizeof(again), &needed), LOY_OK);
	assert_string_equal(text, again);
	loy_model_destroy(model);
	/* all of them is what saying nothing means, and other channels are another schema */
	model = model_of(CHANNELS "worst: half_life 180d of slip + complaint + price\n");
	assert_int_equal(loy_model_print(model, text, sizeof(text), &needed), LOY_OK);
	assert_non_null(strstr(text, "worst: half_life 180d\n"));
	assert_int_equal(loy_schema_fingerprint(loy_model_schema(model), &high[1], &low[1]), LOY_OK);
	assert_true(high[0] != high[1] && low[0] != low[1]);
	loy_model_destroy(model);
}

static void flaws_are_refused(void **state)
{
	loy_model *model;
	loy_error error;

	(void)state;
	assert_int_equal(create(&model, CHANNELS "worst: half_life 180d of nothing\n", &error), LOY_ENAME);
	assert_int_equal(error.line, 9);
	assert_int_equal(error.column, 26);
	assert_int_equal(create(&model, CHANNELS "worst: half_life 180d of\n", &error), LOY_ESYNTAX);
	assert_int_equal(create(&model, CHANNELS "worst: half_life 180d of slip + slip\n", &error), LOY_ENAME);
	assert_int_equal(create(&model, CHANNELS "worst: of slip\n", &error), LOY_ESYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(only_named_channels_count),
	        cmocka_unit_test(text_keeps_the_channels),
	        cmocka_unit_test(flaws_are_refused),
	};

	return cmocka_run_group_tests_name("model/worst", tests, NULL, NULL);
}
