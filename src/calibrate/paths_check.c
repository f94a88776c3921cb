/*
 * Paths as a whole: an order in which causes come before effects (Kahn 1962), cycles by name, labels that nothing
 * has.
 */
#include "calibrate/paths.h"

#include <string.h>

/* Whether `left` waits for `right`: what is regressed on, and constructs that constructs are made of. */
static int orders(const loy_paths *paths, const loy__term *term)
{
	if (term->relation == LOY_TERM_REGRESSED)
		return 1;
	return (term->relation == LOY_TERM_MEASURED || term->relation == LOY_TERM_COMPOSED) &&
	       paths->variables[term->right].kind == LOY_VARIABLE_CONSTRUCT;
}

/* What one variable in a cycle waits for, and how a message joins the two. */
struct reason {
	uint32_t next;
	const char *joint;
	const loy__term *term; /* NULL: a product waits for its parts */
};

static const char *joint_of(uint32_t relation)
{
	if (relation == LOY_TERM_REGRESSED)
		return " ~ ";
	return relation == LOY_TERM_MEASURED ? " =~ " : " <~ ";
}

/* The first thing this variable waits for that has no place yet; there is one. */
static struct reason reason_of(const loy_paths *paths, uint32_t at, const uint32_t *waits)
{
	const loy__variable *v = &paths->variables[at];
	struct reason found = {0};
	uint32_t i;

	if (v->kind == LOY_VARIABLE_PRODUCT) {
		found.next = waits[v->first] != 0 ? v->first : v->second;
		found.joint = " of ";
		return found;
	}
	for (i = 0; i < paths->term_count; i++) {
		const loy__term *term = &paths->terms[i];

		if (term->left == at && orders(paths, term) && waits[term->right] != 0) {
			found.next = term->right;
			found.joint = joint_of(term->relation);
			found.term = term;
			break;
		}
	}
	return found;
}

/* "paths form a cycle: a ~ b ~ a", at the term that closes it. Whatever still waits leads to one. */
static loy_status name_cycle(const loy_paths *paths, const uint32_t *waits, loy_error *error)
{
	loy__message message = {{0}, 0};
	uint32_t line = 0, column = 0, start = 0, at, i;

	while (waits[start] == 0)
		start++;
	for (i = 0; i < paths->variable_count; i++) /* after so many steps it goes around */
		start = reason_of(paths, start, waits).next;
	for (i = 0, at = start; i < paths->variable_count;
	     i++) { /* begin with the first in order of mention */
		at = reason_of(paths, at, waits).next;
		start = at < start ? at : start;
	}
	loy__message_add_text(&message, "paths form a cycle: ");
	at = start;
	do {
		struct reason reason = reason_of(paths, at, waits);

		if (reason.term != NULL) {
			line = reason.term->line;
			column = reason.term->column;
		}
		loy__message_add_text(&message, paths->variables[at].name);
		loy__message_add_text(&message, reason.joint);
		at = reason.next;
	} while (at != start);
	loy__message_add_text(&message, paths->variables[at].name);
	return loy__fail_text(error, LOY_ECYCLE, line, column, -1, message.text);
}

/* `waits` counts, for each variable, what it waits for, and 1 until it has its place. */
static void count_waits(const loy_paths *paths, uint32_t *waits)
{
	uint32_t i;

	for (i = 0; i < paths->variable_count; i++)
		waits[i] = paths->variables[i].kind == LOY_VARIABLE_PRODUCT ? 3 : 1;
	for (i = 0; i < paths->term_count; i++)
		waits[paths->terms[i].left] += orders(paths, &paths->terms[i]) ? 1u : 0u;
}

static void place(const loy_paths *paths, uint32_t *waits, uint32_t placed)
{
	uint32_t i;

	waits[placed] = 0;
	for (i = 0; i < paths->variable_count; i++) {
		const loy__variable *v = &paths->variables[i];

		if (v->kind == LOY_VARIABLE_PRODUCT)
			waits[i] -= (v->first == placed ? 1u : 0u) + (v->second == placed ? 1u : 0u);
	}
	for (i = 0; i < paths->term_count; i++) {
		if (paths->terms[i].right == placed && orders(paths, &paths->terms[i]))
			waits[paths->terms[i].left]--;
	}
}

loy_status loy__paths_order(const loy_paths *paths, uint32_t *order, loy_error *error)
{
	size_t size = paths->variable_count * sizeof(uint32_t);
	uint32_t *waits = loy__alloc(&paths->memory, size);
	loy_status status = LOY_OK;
	uint32_t count, next;

	if (waits == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the order of variables");
	count_waits(paths, waits);
	for (count = 0; count < paths->variable_count && status == LOY_OK; count++) {
		next = 0;
		while (next < paths->variable_count && waits[next] != 1)
			next++;
		if (next == paths->variable_count) {
			status = name_cycle(paths, waits, error);
		} else {
			order[count] = next;
			place(paths, waits, next);
		}
	}
	loy__free(&paths->memory, waits, size);
	return status;
}

static loy_status refuse_label(const loy__definition *d, const char *label, loy_error *error)
{
	loy__message message = {{0}, 0};

	loy__message_add_text(&message, "a definition names what no term has: '");
	loy__message_add_text(&message, label);
	loy__message_add_text(&message, "'");
	return loy__fail_text(error, LOY_ENAME, d->line, d->column, -1, message.text);
}

/* A label of a definition that no term has. */
static loy_status check_labels(const loy_paths *paths, loy_error *error)
{
	uint32_t i, k, t;

	for (i = 0; i < paths->definition_count; i++) {
		const loy__definition *d = &paths->definitions[i];

		for (k = d->step; k < d->step + d->step_count; k++) {
			uint32_t label = paths->steps[k].index;

			if (paths->steps[k].what != LOY__PUSH_LABEL)
				continue;
			for (t = 0; t < paths->term_count && paths->terms[t].label != label;)
				t++;
			if (t == paths->term_count)
				return refuse_label(d, paths->labels[label], error);
		}
	}
	return LOY_OK;
}

static int is_construct(const loy_paths *paths, const char *name, size_t length)
{
	loy__word word;
	uint32_t found;

	word.text = name;
	word.length = length;
	found = loy__paths_find(paths, word);
	return found != LOY__NO_VARIABLE && paths->variables[found].kind == LOY_VARIABLE_CONSTRUCT;
}

/* Whether a variable with a dot may be taken for a product: it predicts, is on no left side and no indicator. */
static int may_be_product(const loy_paths *paths, uint32_t variable)
{
	uint32_t i;
	int predicts = 0;

	for (i = 0; i < paths->term_count; i++) {
		const loy__term *term = &paths->terms[i];

		if (term->left == variable)
			return 0;
		if (term->right != variable)
			continue;
		if (term->relation == LOY_TERM_MEASURED || term->relation == LOY_TERM_COMPOSED)
			return 0;
		predicts = 1;
	}
	return predicts;
}

/* A variable "X.Z" beside constructs X and Z, which text could not say: there it is their product. */
static loy_status check_dots(const loy_paths *paths, loy_error *error)
{
	uint32_t i;
	size_t at;

	for (i = 0; i < paths->variable_count; i++) {
		const char *name = paths->variables[i].name;

		if (paths->variables[i].kind != LOY_VARIABLE_ITEM)
			continue;
		for (at = 0; name[at] != '\0'; at++) {
			if (name[at] == '.' && is_construct(paths, name, at) &&
			    is_construct(paths, name + at + 1, strlen(name + at + 1)) &&
			    may_be_product(paths, i))
				return loy__fail_name(error, LOY_ENAME,
				                      "this name would be read as a product of constructs", name,
				                      strlen(name));
		}
	}
	return LOY_OK;
}

loy_status loy_paths_check(const loy_paths *paths, loy_error *error)
{
	size_t size;
	uint32_t *order;
	loy_status status;

	if (paths == NULL)
		return loy__fail(error, LOY_EINVAL, "there are no paths");
	if (paths->term_count == 0)
		return loy__fail(error, LOY_ESYNTAX, "paths need at least one term");
	status = check_labels(paths, error);
	if (status == LOY_OK)
		status = check_dots(paths, error);
	if (status != LOY_OK)
		return status;
	size = paths->variable_count * sizeof(*order);
	order = loy__alloc(&paths->memory, size);
	if (order == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the order of variables");
	status = loy__paths_order(paths, order, error);
	loy__free(&paths->memory, order, size);
	return status;
}
