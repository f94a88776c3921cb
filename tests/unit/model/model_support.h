/* What tests of models share. */
#ifndef LOY_TESTS_MODEL_SUPPORT_H
#define LOY_TESTS_MODEL_SUPPORT_H

#include "model/model.h"
#include "support.h"

/* Make a model of a text that must be good; the test fails with the message otherwise. */
static inline loy_model *good_model(const char *text)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_model *model = NULL;
	loy_status status = loy_model_create(&model, text, strlen(text), NULL, &error);

	if (status != LOY_OK)
		fail_msg("%s, line %u, column %u: %s", loy_status_name(status), (unsigned)error.line,
		         (unsigned)error.column, error.message);
	return model;
}

/* The canonical text, the caller's to free. */
static inline char *printed(const loy_model *model)
{
	size_t needed = 0, again = 0;
	char *text;

	assert_int_equal(loy_model_print(model, NULL, 0, &needed), LOY_EBUFFER);
	text = malloc(needed + 1);
	assert_non_null(text);
	assert_int_equal(loy_model_print(model, text, needed, &again), LOY_EBUFFER);
	assert_int_equal(again, needed);
	assert_int_equal(loy_model_print(model, text, needed + 1, &again), LOY_OK);
	assert_int_equal(strlen(text), needed);
	return text;
}

/* The text prints as `expected`, and what is printed is read and printed the same. */
static inline void expect_print(const char *text, const char *expected)
{
	loy_model *model = good_model(text), *again;
	char *first = printed(model), *second;
	uint64_t a[2], b[2];

	if (expected != NULL)
		assert_string_equal(first, expected);
	again = good_model(first);
	second = printed(again);
	assert_string_equal(second, first);
	assert_int_equal(loy_model_fingerprint(model, &a[1], &a[0]), LOY_OK);
	assert_int_equal(loy_model_fingerprint(again, &b[1], &b[0]), LOY_OK);
	assert_memory_equal(a, b, sizeof(a));
	free(first);
	free(second);
	loy_model_destroy(model);
	loy_model_destroy(again);
}

static inline uint32_t construct_of(const loy_model *model, const char *name)
{
	uint32_t construct = UINT32_MAX;

	assert_int_equal(loy_model_construct_find(model, name, strlen(name), &construct), LOY_OK);
	return construct;
}

#endif
