/* Adding terms to a path model, one at a time, each all or nothing. */
#include "calibrate/paths.h"

#include <string.h>

static loy_status complain(loy__complaint *complaint, loy_status status, const char *message, loy__word name)
{
	complaint->message = message;
	complaint->name = name;
	return status;
}

/* The two sides of "a:b"; 0 when the word is no product. */
static int split(loy__word word, loy__word *first, loy__word *second)
{
	const char *colon = memchr(word.text, ':', word.length);

	if (colon == NULL)
		return 0;
	first->text = word.text;
	first->length = (size_t)(colon - word.text);
	second->text = colon + 1;
	second->length = word.length - first->length - 1;
	return 1;
}

static loy_status check_name(loy__word word, int may_be_product, loy__complaint *complaint)
{
	loy__word first, second;

	if (!loy__utf8_valid(word.text, word.length))
		return complain(complaint, LOY_EUTF8, "a name is not valid UTF-8", word);
	if (!split(word, &first, &second)) {
		if (!loy__word_is_name(word))
			return complain(complaint, LOY_ESYNTAX, "this is no name", word);
		return LOY_OK;
	}
	if (!may_be_product)
		return complain(complaint, LOY_ESYNTAX, "a product cannot stand here", word);
	if (!loy__word_is_name(first) || !loy__word_is_name(second))
		return complain(complaint, LOY_ESYNTAX, "a product is of two names", word);
	return LOY_OK;
}

static int is_na(loy__word word)
{
	return word.length == 2 && memcmp(word.text, "NA", 2) == 0;
}

/* What can be said of a term alone. */
static loy_status check_wish(const loy__term_wish *wish, loy__complaint *complaint)
{
	loy_status status;

	if (wish->relation < LOY_TERM_MEASURED || wish->relation > LOY_TERM_INTERCEPT ||
	    wish->treatment > LOY_TERM_FREED)
		return complain(complaint, LOY_EINVAL, "there is no such relation or treatment", wish->left);
	status = check_name(wish->left, wish->relation == LOY_TERM_COVARIES, complaint);
	if (status == LOY_OK)
		status = check_name(wish->right, wish->relation != LOY_TERM_INTERCEPT, complaint);
	if (status != LOY_OK)
		return status;
	if (wish->label.text != NULL && (!loy__word_is_name(wish->label) || is_na(wish->label)))
		return complain(complaint, LOY_ESYNTAX, "this is no name for a label", wish->label);
	if (wish->treatment == LOY_TERM_FIXED && !(wish->value - wish->value == 0.0))
		return complain(complaint, LOY_ERANGE, "a fixed coefficient is a finite number", wish->right);
	return LOY_OK;
}

/* ---- variables: room has been reserved, LOY__NO_VARIABLE says that the limit is reached ---- */

static uint32_t one_variable(loy_paths *paths, loy__word name, uint32_t kind)
{
	uint32_t found = loy__paths_find(paths, name);
	loy__variable *fresh;

	if (found != LOY__NO_VARIABLE)
		return found;
	if (paths->variable_count == LOY_VARIABLES_MAX)
		return LOY__NO_VARIABLE;
	fresh = &paths->variables[paths->variable_count];
	memset(fresh, 0, sizeof(*fresh));
	memcpy(fresh->name, name.text, name.length);
	fresh->kind = kind;
	return paths->variable_count++;
}

static uint32_t variable(loy_paths *paths, loy__word name)
{
	uint32_t found = loy__paths_find(paths, name), first_index, second_index;
	loy__word first, second;

	if (found != LOY__NO_VARIABLE)
		return found;
	if (!split(name, &first, &second))
		return one_variable(paths, name, LOY_VARIABLE_ITEM);
	first_index = one_variable(paths, first, LOY_VARIABLE_ITEM);
	second_index = one_variable(paths, second, LOY_VARIABLE_ITEM);
	found = one_variable(paths, name, LOY_VARIABLE_PRODUCT);
	if (first_index == LOY__NO_VARIABLE || second_index == LOY__NO_VARIABLE || found == LOY__NO_VARIABLE)
		return LOY__NO_VARIABLE;
	paths->variables[found].first = first_index;
	paths->variables[found].second = second_index;
	return found;
}

uint32_t loy__paths_label(loy_paths *paths, loy__word name)
{
	uint32_t found = loy__paths_find_label(paths, name);

	if (found != LOY__NO_LABEL)
		return found;
	memset(paths->labels[paths->label_count], 0, sizeof(paths->labels[0]));
	memcpy(paths->labels[paths->label_count], name.text, name.length);
	return paths->label_count++;
}

/* ---- terms ---- */

static int says_the_same(const loy__term *term, uint32_t relation, uint32_t left, uint32_t right)
{
	if (term->relation != relation)
		return 0;
	if (term->left == left && term->right == right)
		return 1;
	return relation == LOY_TERM_COVARIES && term->left == right && term->right == left;
}

/* What a term may not be beside those that are there. */
static loy_status check_beside(const loy_paths *paths, const loy__term_wish *wish, uint32_t left,
                               uint32_t right, loy__complaint *complaint)
{
	int measures = wish->relation == LOY_TERM_MEASURED || wish->relation == LOY_TERM_COMPOSED;
	uint32_t i;

	if (measures && left == right)
		return complain(complaint, LOY_ENAME, "a construct is no indicator of itself", wish->right);
	for (i = 0; i < paths->term_count; i++) {
		const loy__term *term = &paths->terms[i];

		if (says_the_same(term, wish->relation, left, right))
			return complain(complaint, LOY_ENAME, "this term is there already", wish->right);
		if (measures && term->left == left && term->relation != wish->relation &&
		    (term->relation == LOY_TERM_MEASURED || term->relation == LOY_TERM_COMPOSED))
			return complain(complaint, LOY_ENAME, "a construct is either measured or composed",
			                wish->left);
	}
	for (i = 0; i < paths->definition_count; i++) {
		if (wish->label.text != NULL && strlen(paths->definitions[i].name) == wish->label.length &&
		    memcmp(paths->definitions[i].name, wish->label.text, wish->label.length) == 0)
			return complain(complaint, LOY_ENAME, "a label has the name of a definition",
			                wish->label);
	}
	return LOY_OK;
}

/* Room for all that one term can bring, so that nothing fails half way. */
static loy_status reserve(loy_paths *paths)
{
	uint32_t more = LOY_VARIABLES_MAX - paths->variable_count;
	loy_status status;

	status = loy__paths_reserve(paths, (void **)&paths->variables, &paths->variable_room,
	                            paths->variable_count, more < 6 ? more : 6, sizeof(*paths->variables),
	                            LOY_VARIABLES_MAX);
	if (status == LOY_OK)
		status = loy__paths_reserve(paths, (void **)&paths->terms, &paths->term_room,
		                            paths->term_count, 1, sizeof(*paths->terms), LOY_TERMS_MAX);
	if (status == LOY_OK)
		status = loy__paths_reserve(paths, (void **)&paths->labels, &paths->label_room,
		                            paths->label_count, 1, sizeof(*paths->labels), LOY__LABELS_MAX);
	return status;
}

static void append(loy_paths *paths, const loy__term_wish *wish, uint32_t left, uint32_t right)
{
	loy__term *term = &paths->terms[paths->term_count++];

	memset(term, 0, sizeof(*term));
	term->relation = wish->relation;
	term->left = left;
	term->right = right;
	term->treatment = wish->treatment;
	term->line = wish->line;
	term->column = wish->column;
	term->value = wish->treatment == LOY_TERM_FIXED ? wish->value + 0.0 : 0.0; /* no -0 */
	term->label = wish->label.text != NULL ? loy__paths_label(paths, wish->label) : LOY__NO_LABEL;
	if (wish->relation == LOY_TERM_MEASURED || wish->relation == LOY_TERM_COMPOSED)
		paths->variables[left].kind = LOY_VARIABLE_CONSTRUCT;
}

loy_status loy__paths_insert(loy_paths *paths, const loy__term_wish *wish, loy__complaint *complaint)
{
	uint32_t before = paths->variable_count, left, right;
	loy_status status = check_wish(wish, complaint);

	if (status != LOY_OK)
		return status;
	status = reserve(paths);
	if (status != LOY_OK)
		return complain(complaint, status,
		                status == LOY_ELIMIT ? "too many terms" : "no memory for the term",
		                wish->right);
	left = variable(paths, wish->left);
	right = left != LOY__NO_VARIABLE ? variable(paths, wish->right) : LOY__NO_VARIABLE;
	if (right == LOY__NO_VARIABLE)
		status = complain(complaint, LOY_ELIMIT, "too many variables", wish->right);
	else
		status = check_beside(paths, wish, left, right, complaint);
	if (status == LOY_OK)
		append(paths, wish, left, right);
	else
		paths->variable_count = before;
	return status;
}

static loy__word word_of(const char *text)
{
	loy__word word;

	word.text = text;
	word.length = text != NULL ? strlen(text) : 0;
	return word;
}

loy_status loy_paths_add(loy_paths *paths, uint32_t relation, const char *left, const char *right,
                         uint32_t treatment, double value, const char *label, loy_error *error)
{
	loy__complaint complaint;
	loy__term_wish wish = {0};
	loy_status status;

	if (paths == NULL || left == NULL || (right == NULL && relation != LOY_TERM_INTERCEPT))
		return loy__fail(error, LOY_EINVAL, "paths and two names are needed");
	wish.relation = relation;
	wish.treatment = treatment;
	wish.value = value;
	wish.left = word_of(left);
	wish.right = relation == LOY_TERM_INTERCEPT ? wish.left : word_of(right);
	wish.label = word_of(label);
	status = loy__paths_insert(paths, &wish, &complaint);
	if (status != LOY_OK)
		return loy__fail_name(error, status, complaint.message, complaint.name.text,
		                      complaint.name.length);
	return LOY_OK;
}
