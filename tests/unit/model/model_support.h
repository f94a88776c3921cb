/* What tests of models share. */
#ifndef LOY_TESTS_MODEL_SUPPORT_H
#define LOY_TESTS_MODEL_SUPPORT_H

#include "model/model.h"
#include "scoring.h"

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
	loy_model *model = scoring_model(text), *again;
	char *first = printed(model), *second;
	uint64_t a[2], b[2];

	if (expected != NULL)
		assert_string_equal(first, expected);
	again = scoring_model(first);
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

#endif
