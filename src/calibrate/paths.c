/* Specifications of path models: making them, and what they tell. */
#include "calibrate/paths.h"

#include <string.h>

loy_status loy_paths_create(loy_paths **out, const loy_allocator *memory)
{
	loy_allocator adopted;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (loy__memory_adopt(&adopted, memory) != LOY_OK)
		return LOY_EINVAL;
	*out = loy__alloc_zero(&adopted, sizeof(**out));
	if (*out == NULL)
		return LOY_ENOMEM;
	(*out)->memory = adopted;
	return LOY_OK;
}

void loy_paths_destroy(loy_paths *paths)
{
	loy_allocator memory;
	uint32_t i;

	if (paths == NULL)
		return;
	memory = paths->memory; /* it lies in the block */
	for (i = 0; i < paths->definition_count; i++)
		loy__free(&memory, paths->definitions[i].expression,
		          strlen(paths->definitions[i].expression) + 1);
	loy__free(&memory, paths->variables, paths->variable_room * sizeof(*paths->variables));
	loy__free(&memory, paths->terms, paths->term_room * sizeof(*paths->terms));
	loy__free(&memory, paths->labels, paths->label_room * sizeof(*paths->labels));
	loy__free(&memory, paths->definitions, paths->definition_room * sizeof(*paths->definitions));
	loy__free(&memory, paths->steps, paths->step_room * sizeof(*paths->steps));
	loy__free(&memory, paths, sizeof(*paths));
}

loy_status loy__paths_reserve(loy_paths *paths, void **array, uint32_t *room, uint32_t count, uint32_t more,
                              size_t size, uint32_t limit)
{
	size_t capacity = *room, need = (size_t)count + more;
	loy_status status;

	if (need > limit)
		return LOY_ELIMIT;
	status = loy__grow(&paths->memory, array, &capacity, need, size, limit);
	*room = (uint32_t)capacity;
	return status;
}

/* ---- names ---- */

static int is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

size_t loy__name_span(const char *text, size_t length)
{
	size_t n = 0;

	if (length == 0 || !is_letter(text[0]))
		return 0;
	while (n < length && (is_letter(text[n]) || text[n] == '.' || (text[n] >= '0' && text[n] <= '9')))
		n++;
	return n;
}

int loy__word_is_name(loy__word word)
{
	return word.length != 0 && word.length <= LOY_VARIABLE_NAME_MAX &&
	       loy__name_span(word.text, word.length) == word.length;
}

static int is_called(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && memcmp(name, text, length) == 0;
}

uint32_t loy__paths_find(const loy_paths *paths, loy__word name)
{
	const char *colon = memchr(name.text, ':', name.length);
	size_t before = colon != NULL ? (size_t)(colon - name.text) : 0;
	uint32_t i;

	for (i = 0; i < paths->variable_count; i++) {
		const loy__variable *v = &paths->variables[i];

		if (is_called(v->name, name.text, name.length))
			return i;
		if (colon != NULL && v->kind == LOY_VARIABLE_PRODUCT &&
		    is_called(paths->variables[v->second].name, name.text, before) &&
		    is_called(paths->variables[v->first].name, colon + 1, name.length - before - 1))
			return i;
	}
	return LOY__NO_VARIABLE;
}

uint32_t loy__paths_find_label(const loy_paths *paths, loy__word name)
{
	uint32_t i;

	for (i = 0; i < paths->label_count; i++) {
		if (is_called(paths->labels[i], name.text, name.length))
			return i;
	}
	return LOY__NO_LABEL;
}

/* ---- what paths tell ---- */

uint32_t loy_paths_variable_count(const loy_paths *paths)
{
	return paths != NULL ? paths->variable_count : 0;
}

loy_status loy_paths_get_variable(const loy_paths *paths, uint32_t index, loy_variable *out)
{
	loy_variable told = {0};

	if (paths == NULL || out == NULL)
		return LOY_EINVAL;
	if (index >= paths->variable_count)
		return LOY_ENOTFOUND;
	told.kind = paths->variables[index].kind;
	told.first = paths->variables[index].first;
	told.second = paths->variables[index].second;
	told.name = paths->variables[index].name;
	return loy__result_write(out, &told, sizeof(told));
}

loy_status loy_paths_find_variable(const loy_paths *paths, const char *name, size_t length, uint32_t *index)
{
	loy__word word;
	uint32_t found;

	if (paths == NULL || name == NULL || index == NULL)
		return LOY_EINVAL;
	word.text = name;
	word.length = length;
	found = loy__paths_find(paths, word);
	if (found == LOY__NO_VARIABLE)
		return LOY_ENOTFOUND;
	*index = found;
	return LOY_OK;
}

uint32_t loy_paths_term_count(const loy_paths *paths)
{
	return paths != NULL ? paths->term_count : 0;
}

loy_status loy_paths_get_term(const loy_paths *paths, uint32_t index, loy_term *out)
{
	const loy__term *term;
	loy_term told = {0};

	if (paths == NULL || out == NULL)
		return LOY_EINVAL;
	if (index >= paths->term_count)
		return LOY_ENOTFOUND;
	term = &paths->terms[index];
	told.relation = term->relation;
	told.left = term->left;
	told.right = term->right;
	told.treatment = term->treatment;
	told.line = term->line;
	told.column = term->column;
	told.value = term->value;
	told.label = term->label != LOY__NO_LABEL ? paths->labels[term->label] : NULL;
	return loy__result_write(out, &told, sizeof(told));
}

uint32_t loy_paths_definition_count(const loy_paths *paths)
{
	return paths != NULL ? paths->definition_count : 0;
}

loy_status loy_paths_get_definition(const loy_paths *paths, uint32_t index, const char **name,
                                    const char **expression)
{
	if (paths == NULL)
		return LOY_EINVAL;
	if (index >= paths->definition_count)
		return LOY_ENOTFOUND;
	if (name != NULL)
		*name = paths->definitions[index].name;
	if (expression != NULL)
		*expression = paths->definitions[index].expression;
	return LOY_OK;
}
