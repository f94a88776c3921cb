/* From text to paths. Statements may stand in any order, so all are read first, and then kept (paths_keep.c). */
#include "calibrate/paths.h"

#include <string.h>

static const loy__word nothing = {NULL, 0};

/* ---- statements ---- */

/* NAME or NAME:NAME */
static void read_side(loy__paths_reader *r, loy__side *side)
{
	loy__lexer *x = &r->x;

	memset(side, 0, sizeof(*side));
	side->first = x->token;
	if (!loy__lexer_accept(x, LOY__PATHS_NAME)) {
		loy__lexer_expected(x, "a name");
		return;
	}
	if (!loy__lexer_accept(x, ':'))
		return;
	side->second = x->token;
	if (!loy__lexer_accept(x, LOY__PATHS_NAME))
		loy__lexer_expected(x, "a name");
}

static loy__raw_term *add_raw(loy__paths_reader *r)
{
	loy_status status = loy__grow(&r->paths->memory, (void **)&r->terms, &r->term_room, r->term_count + 1,
	                              sizeof(*r->terms), LOY_TERMS_MAX);
	loy__raw_term *fresh;

	if (status != LOY_OK) {
		loy__lexer_refuse(&r->x, &r->x.token, status,
		                  status == LOY_ELIMIT ? "too many terms" : "no memory for the terms",
		                  nothing);
		return NULL;
	}
	fresh = &r->terms[r->term_count++];
	memset(fresh, 0, sizeof(*fresh));
	return fresh;
}

static void take_value(loy__paths_reader *r, loy__raw_term *term, uint32_t treatment, double value)
{
	if (term->treatment != LOY_TERM_DEFAULT)
		loy__lexer_refuse(&r->x, &r->x.before, LOY_ESYNTAX, "a coefficient has one value", nothing);
	term->treatment = treatment;
	term->value = value;
}

/* A number before '*', with its sign; alone, 1 means an intercept. 1 when that was it. */
static int read_number(loy__paths_reader *r, loy__raw_term *term)
{
	int negative = loy__lexer_accept(&r->x, '-');
	loy__mark mark = r->x.token;
	double value;

	if (mark.type != LOY__PATHS_NUMBER) {
		loy__lexer_expected(&r->x, "a number");
		return 0;
	}
	value = loy__lexer_number(&r->x);
	loy__lexer_advance(&r->x);
	if (loy__lexer_accept(&r->x, '*')) {
		take_value(r, term, LOY_TERM_FIXED, negative ? -value : value);
		return 0;
	}
	if (negative || value != 1.0)
		loy__lexer_expected(&r->x, "'*'");
	else if (term->relation != LOY_TERM_REGRESSED)
		loy__lexer_refuse(&r->x, &mark, LOY_ESYNTAX, "an intercept stands behind '~'", nothing);
	term->relation = LOY_TERM_INTERCEPT;
	term->right.first = mark;
	return 1;
}

/* A name: of a label or NA before '*', else of the variable, which ends the term. */
static int read_name(loy__paths_reader *r, loy__raw_term *term)
{
	loy__lexer *x = &r->x;
	loy__word word = loy__lexer_word(x, &x->token);
	loy__mark mark = x->token;

	read_side(r, &term->right);
	if (loy__mark_is_there(&term->right.second) || !loy__lexer_accept(x, '*'))
		return 1;
	if (word.length == 2 && memcmp(word.text, "NA", 2) == 0) {
		take_value(r, term, LOY_TERM_FREED, 0.0);
	} else {
		if (loy__mark_is_there(&term->label))
			loy__lexer_refuse(x, &mark, LOY_ESYNTAX, "a coefficient has one label", word);
		term->label = mark;
	}
	return 0;
}

static void read_right(loy__paths_reader *r, loy__raw_term *term)
{
	int whole = 0;

	while (!whole && r->x.status == LOY_OK) {
		if (r->x.token.type == LOY__PATHS_NAME)
			whole = read_name(r, term);
		else if (r->x.token.type == LOY__PATHS_NUMBER || r->x.token.type == '-')
			whole = read_number(r, term);
		else
			loy__lexer_expected(&r->x, "a name, a label or a number");
	}
}

static int same_side(const loy__paths_reader *r, const loy__side *a, const loy__side *b)
{
	return loy__same_word(r, &a->first, &b->first) && loy__same_word(r, &a->second, &b->second);
}

/* Whether the last term has what this one, of the same variables, lacks: a label or a value. */
static int completes(const loy__raw_term *last, const loy__raw_term *term)
{
	int gives_label = loy__mark_is_there(&last->label), gives_value = last->treatment != LOY_TERM_DEFAULT;

	return gives_label != gives_value && (!gives_label || !loy__mark_is_there(&term->label)) &&
	       (!gives_value || term->treatment == LOY_TERM_DEFAULT);
}

/* `NA*x + a*x` in one statement is one term, as in lavaan. */
static void merge_last(loy__paths_reader *r)
{
	loy__raw_term *last = &r->terms[r->term_count - 1];
	size_t i;

	for (i = r->statement; i + 1 < r->term_count; i++) {
		loy__raw_term *term = &r->terms[i];

		if (term->relation != last->relation || !same_side(r, &term->right, &last->right) ||
		    !completes(last, term))
			continue;
		if (loy__mark_is_there(&last->label)) {
			term->label = last->label;
		} else {
			term->treatment = last->treatment;
			term->value = last->value;
		}
		r->term_count--;
		return;
	}
}

/* What stands right of the operator; then all of it again for each further name on the left. */
static void read_terms(loy__paths_reader *r, uint32_t relation)
{
	size_t count, i, k;

	r->statement = r->term_count;
	do {
		loy__raw_term *term = add_raw(r);

		if (term == NULL)
			return;
		term->relation = relation;
		term->left = r->lefts[0];
		read_right(r, term);
		if (r->x.status == LOY_OK)
			merge_last(r);
	} while (loy__lexer_accept(&r->x, '+'));
	count = r->term_count - r->statement;
	for (i = 1; i < r->left_count; i++) {
		for (k = 0; k < count; k++) {
			loy__raw_term *term = add_raw(r);

			if (term == NULL)
				return;
			*term = r->terms[r->statement + k];
			term->left = r->lefts[i];
		}
	}
}

/* The rest of the statement is kept for later, when everything is known. */
static void read_definition(loy__paths_reader *r)
{
	loy__lexer *x = &r->x;
	loy_status status = loy__grow(&r->paths->memory, (void **)&r->definitions, &r->definition_room,
	                              r->definition_count + 1, sizeof(*r->definitions), LOY_DEFINITIONS_MAX);
	loy__raw_definition *fresh;

	if (r->left_count != 1 || loy__mark_is_there(&r->lefts[0].second)) {
		loy__lexer_refuse(x, &x->before, LOY_ESYNTAX, "one name is defined at a time", nothing);
		return;
	}
	if (status != LOY_OK) {
		loy__lexer_refuse(x, &x->before, status,
		                  status == LOY_ELIMIT ? "too many definitions"
		                                       : "no memory for a definition",
		                  nothing);
		return;
	}
	fresh = &r->definitions[r->definition_count++];
	memset(fresh, 0, sizeof(*fresh));
	fresh->name = r->lefts[0].first;
	fresh->start = x->token;
	fresh->line_at = x->token.at + 1 - x->token.column;
	while (x->token.type > LOY__PATHS_LINE) {
		fresh->end = x->token.at + x->token.length;
		loy__lexer_advance(x);
	}
	if (fresh->end == 0)
		loy__lexer_expected(x, "an expression");
}

static void read_lefts(loy__paths_reader *r)
{
	r->left_count = 0;
	do {
		loy_status status = loy__grow(&r->paths->memory, (void **)&r->lefts, &r->left_room,
		                              r->left_count + 1, sizeof(*r->lefts), LOY_TERMS_MAX);

		if (status != LOY_OK) {
			loy__lexer_refuse(&r->x, &r->x.token, status, "no memory for so many names", nothing);
			return;
		}
		read_side(r, &r->lefts[r->left_count++]);
	} while (loy__lexer_accept(&r->x, '+'));
}

static void read_statement(loy__paths_reader *r)
{
	loy__lexer *x = &r->x;

	read_lefts(r);
	if (x->status != LOY_OK)
		return;
	if (loy__lexer_accept(x, LOY__PATHS_MEASURES))
		read_terms(r, LOY_TERM_MEASURED);
	else if (loy__lexer_accept(x, LOY__PATHS_COMPOSES))
		read_terms(r, LOY_TERM_COMPOSED);
	else if (loy__lexer_accept(x, '~'))
		read_terms(r, LOY_TERM_REGRESSED);
	else if (loy__lexer_accept(x, LOY__PATHS_COVARIES))
		read_terms(r, LOY_TERM_COVARIES);
	else if (loy__lexer_accept(x, LOY__PATHS_DEFINES))
		read_definition(r);
	else
		loy__lexer_expected(x, "'=~', '<~', '~', '~~' or ':='");
	if (x->token.type != LOY__PATHS_END && !loy__lexer_accept(x, LOY__PATHS_LINE))
		loy__lexer_expected(x, "'+' or the end of the statement");
}

/* ---- the public call ---- */

static void read_all(loy__paths_reader *r)
{
	size_t i;

	while (r->x.token.type != LOY__PATHS_END) {
		if (!loy__lexer_accept(&r->x, LOY__PATHS_LINE))
			read_statement(r);
	}
	for (i = 0; i < r->term_count && r->x.status == LOY_OK; i++)
		loy__paths_keep_term(r, &r->terms[i]);
	if (r->x.status == LOY_OK)
		loy__paths_keep_definitions(r);
	if (r->x.status == LOY_OK)
		r->x.status = loy_paths_check(r->paths, r->x.error);
}

static loy_status read_paths(loy_paths *paths, const char *text, uint32_t length, loy_error *error)
{
	loy__paths_reader r;

	memset(&r, 0, sizeof(r));
	r.paths = paths;
	/* some editors put a byte order mark at the start */
	loy__lexer_start(&r.x, text, length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0, length, 1,
	                 0, error);
	read_all(&r);
	loy__free(&paths->memory, r.terms, r.term_room * sizeof(*r.terms));
	loy__free(&paths->memory, r.definitions, r.definition_room * sizeof(*r.definitions));
	loy__free(&paths->memory, r.lefts, r.left_room * sizeof(*r.lefts));
	return r.x.status;
}

loy_status loy_paths_parse(loy_paths **out, const char *text, size_t length, const loy_allocator *memory,
                           loy_error *error)
{
	loy_paths *fresh;
	loy_status status;
	size_t at;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "there is no place for the paths");
	*out = NULL;
	if (text == NULL && length != 0)
		return loy__fail(error, LOY_EINVAL, "there is no text");
	if (length > LOY_MODEL_TEXT_MAX)
		return loy__fail(error, LOY_ELIMIT, "a text of paths has at most 262144 bytes");
	at = loy__utf8_check(text, length);
	if (at != length)
		return loy__fail_utf8(error, text, at);
	status = loy_paths_create(&fresh, memory);
	if (status != LOY_OK)
		return loy__fail(error, status, "the paths could not be made");
	status = read_paths(fresh, length != 0 ? text : "", (uint32_t)length, error);
	if (status == LOY_OK)
		*out = fresh;
	else
		loy_paths_destroy(fresh);
	return status;
}
