/*
 * What was read of a text, into paths: terms in their order, now that it is known which names with a dot are products;
 * definitions each behind those it is made of.
 */
#include "calibrate/paths.h"

#include <string.h>

static const loy__word nothing = {NULL, 0};

/* ---- terms, when all are known ---- */

static int is_construct(const loy__paths_reader *r, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < r->term_count; i++) {
		const loy__raw_term *term = &r->terms[i];

		if ((term->relation == LOY_TERM_MEASURED || term->relation == LOY_TERM_COMPOSED) &&
		    term->left.first.length == length &&
		    memcmp(r->x.text + term->left.first.at, name, length) == 0)
			return 1;
	}
	return 0;
}

/* Whether a name with a dot is a variable for its own sake: it stands on a left side, or is an indicator. */
static int is_variable(const loy__paths_reader *r, const loy__mark *name)
{
	size_t i;

	for (i = 0; i < r->term_count; i++) {
		const loy__raw_term *term = &r->terms[i];

		if (loy__same_word(r, &term->left.first, name))
			return 1;
		if ((term->relation == LOY_TERM_MEASURED || term->relation == LOY_TERM_COMPOSED) &&
		    loy__same_word(r, &term->right.first, name))
			return 1;
	}
	return 0;
}

/* Where the dot of "X.Z", a product of two constructs, stands in the name; its length when it is none. */
static size_t product_dot(const loy__paths_reader *r, const loy__mark *name)
{
	const char *text = r->x.text + name->at;
	size_t at;

	for (at = 1; at + 1 < name->length; at++) {
		if (text[at] == '.' && is_construct(r, text, at) &&
		    is_construct(r, text + at + 1, name->length - at - 1))
			return is_variable(r, name) ? name->length : at;
	}
	return name->length;
}

/* The name of a side in `buffer`, with ':' in products. */
static loy__word name_of(const loy__paths_reader *r, const loy__side *side, char *buffer)
{
	size_t length = side->first.length, dot;
	loy__word word;

	memcpy(buffer, r->x.text + side->first.at, length);
	if (loy__mark_is_there(&side->second)) {
		buffer[length++] = ':';
		memcpy(buffer + length, r->x.text + side->second.at, side->second.length);
		length += side->second.length;
	} else {
		dot = product_dot(r, &side->first);
		if (dot < length)
			buffer[dot] = ':';
	}
	word.text = buffer;
	word.length = length;
	return word;
}

void loy__paths_keep_term(loy__paths_reader *r, const loy__raw_term *term)
{
	char left[2 * LOY_VARIABLE_NAME_MAX + 2], right[2 * LOY_VARIABLE_NAME_MAX + 2];
	loy__complaint complaint;
	loy__term_wish wish;
	loy_status status;

	memset(&wish, 0, sizeof(wish));
	wish.relation = term->relation;
	wish.treatment = term->treatment;
	wish.value = term->value;
	wish.line = term->right.first.line;
	wish.column = term->right.first.column;
	wish.left = name_of(r, &term->left, left);
	wish.right = term->relation == LOY_TERM_INTERCEPT ? wish.left : name_of(r, &term->right, right);
	if (loy__mark_is_there(&term->label))
		wish.label = loy__lexer_word(&r->x, &term->label);
	status = loy__paths_insert(r->paths, &wish, &complaint);
	if (status != LOY_OK)
		loy__lexer_refuse(&r->x, complaint.name.text == left ? &term->left.first : &term->right.first,
		                  status, complaint.message, complaint.name);
}

/* ---- definitions, when all are known ---- */

/* The first definition without a place that this one names, or the count of all. */
static size_t waits_for(const loy__paths_reader *r, size_t which)
{
	const loy__raw_definition *d = &r->definitions[which];
	loy__lexer x;
	size_t i;

	loy__lexer_start(&x, r->x.text, d->start.at, d->end, 1, 0, NULL);
	while (x.token.type != LOY__PATHS_END) {
		loy__lexer_advance(&x);
		if (x.before.type != LOY__PATHS_NAME ||
		    x.token.type == '(') /* functions are no definitions */
			continue;
		for (i = 0; i < r->definition_count; i++) {
			if (!r->definitions[i].done && loy__same_word(r, &x.before, &r->definitions[i].name))
				return i;
		}
	}
	return r->definition_count;
}

/* Whatever waits leads around a cycle: "definitions form a cycle: a := b := a" */
static void refuse_cycle(loy__paths_reader *r, size_t at)
{
	loy__message message = {{0}, 0};
	size_t start, i;

	for (i = 0; i < r->definition_count; i++)
		at = waits_for(r, at);
	for (i = 0, start = at; i < r->definition_count; i++) { /* begin with the first of the text */
		at = waits_for(r, at);
		start = at < start ? at : start;
	}
	at = start;
	loy__message_add_text(&message, "definitions form a cycle: ");
	do {
		loy__message_add(&message, r->x.text + r->definitions[at].name.at,
		                 r->definitions[at].name.length);
		loy__message_add_text(&message, " := ");
		at = waits_for(r, at);
	} while (at != start);
	loy__message_add(&message, r->x.text + r->definitions[at].name.at, r->definitions[at].name.length);
	loy__lexer_refuse(&r->x, &r->definitions[at].name, LOY_ECYCLE, message.text, nothing);
}

static void keep_definition(loy__paths_reader *r, loy__raw_definition *d)
{
	loy__lexer x;

	loy__lexer_start(&x, r->x.text, d->start.at, d->end, d->start.line, d->line_at, r->x.error);
	if (x.status == LOY_OK)
		(void)loy__paths_define(r->paths, loy__lexer_word(&r->x, &d->name), &d->name, &x);
	r->x.status = x.status;
	d->done = 1;
}

/* The first in the order of the text that waits for nothing comes next. */
void loy__paths_keep_definitions(loy__paths_reader *r)
{
	size_t kept, i, waiting;

	for (kept = 0; kept < r->definition_count && r->x.status == LOY_OK; kept++) {
		waiting = r->definition_count;
		for (i = 0; i < r->definition_count; i++) {
			if (r->definitions[i].done)
				continue;
			if (waits_for(r, i) == r->definition_count)
				break;
			waiting = i;
		}
		if (i < r->definition_count)
			keep_definition(r, &r->definitions[i]);
		else
			refuse_cycle(r, waiting);
	}
}
