/*
 * Texts of path models: a refusal has a message and, but for what is missing altogether, a place; accepted paths print
 * as a text that gives the same paths, and so do the same terms added one by one. The first byte of the input says
 * which request for memory fails (128 and more: none).
 */
#include "fuzz.h"
#include "calibrate/calibrate.h"

#include <math.h>

#define PRINTED_MAX 2097152 /* many names left times many names right */

static void refused(const loy_error *error, loy_status status, size_t size)
{
	FUZZ_CHECK(error->code == status);
	FUZZ_CHECK(error->message[0] != '\0');
	FUZZ_CHECK(memchr(error->message, '\0', sizeof(error->message)) != NULL);
	FUZZ_CHECK(status == LOY_ENOMEM || status == LOY_ESYNTAX || status == LOY_ENAME ||
	           status == LOY_ERANGE || status == LOY_ECYCLE || status == LOY_EUTF8 ||
	           status == LOY_ELIMIT);
	FUZZ_CHECK(error->byte >= -1 && error->byte <= (int64_t)size);
	FUZZ_CHECK((error->line >= 1) == (error->column >= 1));
	FUZZ_CHECK(error->line >= 1 || status == LOY_ESYNTAX || status == LOY_ENOMEM);
}

/* Everything comes behind what it waits for. */
static void check_order(const loy_paths *paths)
{
	static uint32_t order[LOY_VARIABLES_MAX], place[LOY_VARIABLES_MAX];
	loy_status status = loy__paths_order(paths, order, NULL);
	uint32_t i;

	FUZZ_CHECK(status == LOY_OK || status == LOY_ENOMEM);
	if (status != LOY_OK)
		return;
	for (i = 0; i < paths->variable_count; i++)
		place[order[i]] = i;
	for (i = 0; i < paths->term_count; i++) {
		const loy__term *t = &paths->terms[i];

		FUZZ_CHECK(t->left < paths->variable_count && t->right < paths->variable_count);
		if (t->relation == LOY_TERM_REGRESSED)
			FUZZ_CHECK(place[t->right] < place[t->left]);
	}
}

static void check_definitions(const loy_paths *paths)
{
	double *labels = calloc(paths->label_count + 1, sizeof(double));
	double *values = calloc(paths->definition_count + 1, sizeof(double));
	double *jacobian = calloc((size_t)paths->definition_count * paths->label_count + 1, sizeof(double));
	loy_status status;
	uint32_t i;

	FUZZ_CHECK(labels != NULL && values != NULL && jacobian != NULL);
	for (i = 0; i < paths->label_count; i++)
		labels[i] = 0.25 + 0.125 * i;
	status = loy__paths_evaluate(paths, labels, values, jacobian);
	FUZZ_CHECK(status == LOY_OK || status == LOY_ERANGE || status == LOY_ENOMEM);
	for (i = 0; i < paths->definition_count && status == LOY_OK; i++)
		FUZZ_CHECK(isfinite(values[i]));
	free(labels);
	free(values);
	free(jacobian);
}

/* The same terms and definitions, piece by piece. */
static loy_paths *build_again(const loy_paths *paths)
{
	loy_paths *again = NULL;
	uint32_t i;

	FUZZ_CHECK(loy_paths_create(&again, NULL) == LOY_OK);
	for (i = 0; i < loy_paths_term_count(paths); i++) {
		loy_variable left = {.struct_size = sizeof(left)}, right = {.struct_size = sizeof(right)};
		loy_term term = {.struct_size = sizeof(term)};

		FUZZ_CHECK(loy_paths_get_term(paths, i, &term) == LOY_OK);
		FUZZ_CHECK(loy_paths_get_variable(paths, term.left, &left) == LOY_OK);
		FUZZ_CHECK(loy_paths_get_variable(paths, term.right, &right) == LOY_OK);
		FUZZ_CHECK(loy_paths_add(again, term.relation, left.name, right.name, term.treatment,
		                         term.value, term.label, NULL) == LOY_OK);
	}
	for (i = 0; i < loy_paths_definition_count(paths); i++) {
		const char *name, *expression;

		FUZZ_CHECK(loy_paths_get_definition(paths, i, &name, &expression) == LOY_OK);
		FUZZ_CHECK(loy_paths_define(again, name, expression, NULL) == LOY_OK);
	}
	FUZZ_CHECK(loy_paths_check(again, NULL) == LOY_OK);
	return again;
}

static void same_text(const loy_paths *paths, const char *text, size_t length)
{
	static char other[PRINTED_MAX];
	size_t needed = 0;

	FUZZ_CHECK(loy_paths_print(paths, other, sizeof(other), &needed) == LOY_OK);
	FUZZ_CHECK(needed == length && memcmp(other, text, length) == 0);
}

static void accepted(const loy_paths *paths)
{
	static char text[PRINTED_MAX];
	loy_paths *again = NULL;
	size_t length = 0;

	check_order(paths);
	check_definitions(paths);
	FUZZ_CHECK(loy_paths_print(paths, text, sizeof(text), &length) == LOY_OK);
	if (length <= LOY_MODEL_TEXT_MAX) {
		FUZZ_CHECK(loy_paths_parse(&again, text, length, NULL, NULL) == LOY_OK);
		FUZZ_CHECK(again->variable_count == paths->variable_count);
		same_text(again, text, length);
		loy_paths_destroy(again);
	}
	again = build_again(paths);
	same_text(again, text, length);
	loy_paths_destroy(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_heap heap = {.until = size > 0 && data[0] < 128 ? data[0] : -1};
	loy_allocator memory = fuzz_allocator(&heap);
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = NULL;
	loy_status status;

	if (size == 0)
		return 0;
	fuzz_begin();
	status = loy_paths_parse(&paths, (const char *)data + 1, size - 1, &memory, &error);
	FUZZ_CHECK((status == LOY_OK) == (paths != NULL));
	if (status == LOY_OK)
		accepted(paths);
	else
		refused(&error, status, size - 1);
	loy_paths_destroy(paths);
	FUZZ_CHECK(heap.live == 0);
	return 0;
}
