/*
 * From text to paths. Statements may stand in any order, so all are read first, and then kept: terms in their order,
 * when it is known which names with a dot are products, and definitions each behind those it is made of.
 */
#include "calibrate/paths.h"

#include <string.h>

/* A term as it was read; `second` of a side: what stands behind ':', if anything. */
struct side {
	loy__mark first, second;
};

struct raw_term {
	struct side left, right;
	loy__mark label;
	uint32_t relation, treatment;
	double value;
};

struct raw_definition {
	loy__mark name;
	loy__mark start; /* where the expression begins */
	uint32_t end, line_at;
	int done;
};

struct reader {
	loy__lexer x;
	loy_paths *paths;
	struct raw_term *terms;
	struct raw_definition *definitions;
	struct side *lefts; /* of the statement at hand */
	size_t term_count, term_room, definition_count, definition_room, left_count, left_room;
	size_t statement; /* its first term */
};

static const loy__word nothing = {NULL, 0};

static int is_there(const loy__mark *mark)
{
	return mark->length != 0;
}

static int same_word(const struct reader *r, const loy__mark *a, const loy__mark *b)
{
	return a->length == b->length && memcmp(r->x.text + a->at, r->x.text + b->at, a->length) == 0;
}

/* ---- statements ---- */

/* NAME or NAME:NAME */
static void read_side(struct reader *r, struct side *side)
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

static struct raw_term *add_raw(struct reader *r)
{
	loy_status status = loy__grow(&r->paths->memory, (void **)&r->terms, &r->term_room, r->term_count + 1,
	                              sizeof(*r->terms), LOY_TERMS_MAX);
	struct raw_term *fresh;

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

static void take_value(struct reader *r, struct raw_term *term, uint32_t treatment, double value)
{
	if (term->treatment != LOY_TERM_DEFAULT)
		loy__lexer_refuse(&r->x, &r->x.before, LOY_ESYNTAX, "a coefficient has one value", nothing);
	term->treatment = treatment;
	term->value = value;
}

/* A number before '*', with its sign; alone, 1 means an intercept. 1 when that was it. */
static int read_number(struct reader *r, struct raw_term *term)
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
static int read_name(struct reader *r, struct raw_term *term)
{
	loy__lexer *x = &r->x;
	loy__word word = loy__lexer_word(x, &x->token);
	loy__mark mark = x->token;

	read_side(r, &term->right);
	if (is_there(&term->right.second) || !loy__lexer_accept(x, '*'))
		return 1;
	if (word.length == 2 && memcmp(word.text, "NA", 2) == 0) {
		take_value(r, term, LOY_TERM_FREED, 0.0);
	} else {
		if (is_there(&term->label))
			loy__lexer_refuse(x, &mark, LOY_ESYNTAX, "a coefficient has one label", word);
		term->label = mark;
	}
	return 0;
}

static void read_right(struct reader *r, struct raw_term *term)
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

static int same_side(const struct reader *r, const struct side *a, const struct side *b)
{
	return same_word(r, &a->first, &b->first) && same_word(r, &a->second, &b->second);
}

/* Whether the last term has what this one, of the same variables, lacks: a label or a value. */
static int completes(const struct raw_term *last, const struct raw_term *term)
{
	int gives_label = is_there(&last->label), gives_value = last->treatment != LOY_TERM_DEFAULT;

	return gives_label != gives_value && (!gives_label || !is_there(&term->label)) &&
	       (!gives_value || term->treatment == LOY_TERM_DEFAULT);
}

/* `NA*x + a*x` in one statement is one term, as in lavaan. */
static void merge_last(struct reader *r)
{
	struct raw_term *last = &r->terms[r->term_count - 1];
	size_t i;

	for (i = r->statement; i + 1 < r->term_count; i++) {
		struct raw_term *term = &r->terms[i];

		if (term->relation != last->relation || !same_side(r, &term->right, &last->right) ||
		    !completes(last, term))
			continue;
		if (is_there(&last->label)) {
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
static void read_terms(struct reader *r, uint32_t relation)
{
	size_t count, i, k;

	r->statement = r->term_count;
	do {
		struct raw_term *term = add_raw(r);

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
			struct raw_term *term = add_raw(r);

			if (term == NULL)
				return;
			*term = r->terms[r->statement + k];
			term->left = r->lefts[i];
		}
	}
}

/* The rest of the statement is kept for later, when everything is known. */
static void read_definition(struct reader *r)
{
	loy__lexer *x = &r->x;
	loy_status status = loy__grow(&r->paths->memory, (void **)&r->definitions, &r->definition_room,
	                              r->definition_count + 1, sizeof(*r->definitions), LOY_DEFINITIONS_MAX);
	struct raw_definition *fresh;

	if (r->left_count != 1 || is_there(&r->lefts[0].second)) {
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

static void read_lefts(struct reader *r)
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

static void read_statement(struct reader *r)
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

/* ---- terms, when all are known ---- */

static int is_construct(const struct reader *r, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < r->term_count; i++) {
		const struct raw_term *term = &r->terms[i];

		if ((term->relation == LOY_TERM_MEASURED || term->relation == LOY_TERM_COMPOSED) &&
		    term->left.first.length == length &&
		    memcmp(r->x.text + term->left.first.at, name, length) == 0)
			return 1;
	}
	return 0;
}

/* Whether a name with a dot is a variable for its own sake: it stands on a left side, or is an indicator. */
static int is_variable(const struct reader *r, const loy__mark *name)
{
	size_t i;

	for (i = 0; i < r->term_count; i++) {
		const struct raw_term *term = &r->terms[i];

		if (same_word(r, &term->left.first, name))
			return 1;
		if ((term->relation == LOY_TERM_MEASURED || term->relation == LOY_TERM_COMPOSED) &&
		    same_word(r, &term->right.first, name))
			return 1;
	}
	return 0;
}

/* Where the dot of "X.Z", a product of two constructs, stands in the name; its length when it is none. */
static size_t product_dot(const struct reader *r, const loy__mark *name)
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
static loy__word name_of(const struct reader *r, const struct side *side, char *buffer)
{
	size_t length = side->first.length, dot;
	loy__word word;

	memcpy(buffer, r->x.text + side->first.at, length);
	if (is_there(&side->second)) {
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

static void keep_term(struct reader *r, const struct raw_term *term)
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
	if (is_there(&term->label))
		wish.label = loy__lexer_word(&r->x, &term->label);
	status = loy__paths_insert(r->paths, &wish, &complaint);
	if (status != LOY_OK)
		loy__lexer_refuse(&r->x, complaint.name.text == left ? &term->left.first : &term->right.first,
		                  status, complaint.message, complaint.name);
}

/* ---- definitions, when all are known ---- */

/* The first definition without a place that this one names, or the count of all. */
static size_t waits_for(const struct reader *r, size_t which)
{
	const struct raw_definition *d = &r->definitions[which];
	loy__lexer x;
	size_t i;

	loy__lexer_start(&x, r->x.text, d->start.at, d->end, 1, 0, NULL);
	while (x.token.type != LOY__PATHS_END) {
		loy__lexer_advance(&x);
		if (x.before.type != LOY__PATHS_NAME ||
		    x.token.type == '(') /* functions are no definitions */
			continue;
		for (i = 0; i < r->definition_count; i++) {
			if (!r->definitions[i].done && same_word(r, &x.before, &r->definitions[i].name))
				return i;
		}
	}
	return r->definition_count;
}

/* Whatever waits leads around a cycle: "definitions form a cycle: a := b := a" */
static void refuse_cycle(struct reader *r, size_t at)
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

static void keep_definition(struct reader *r, struct raw_definition *d)
{
	loy__lexer x;

	loy__lexer_start(&x, r->x.text, d->start.at, d->end, d->start.line, d->line_at, r->x.error);
	if (x.status == LOY_OK)
		(void)loy__paths_define(r->paths, loy__lexer_word(&r->x, &d->name), &d->name, &x);
	r->x.status = x.status;
	d->done = 1;
}

/* The first in the order of the text that waits for nothing comes next. */
static void keep_definitions(struct reader *r)
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

/* ---- the public call ---- */

static void read_all(struct reader *r)
{
	size_t i;

	while (r->x.token.type != LOY__PATHS_END) {
		if (!loy__lexer_accept(&r->x, LOY__PATHS_LINE))
			read_statement(r);
	}
	for (i = 0; i < r->term_count && r->x.status == LOY_OK; i++)
		keep_term(r, &r->terms[i]);
	if (r->x.status == LOY_OK)
		keep_definitions(r);
	if (r->x.status == LOY_OK)
		r->x.status = loy_paths_check(r->paths, r->x.error);
}

static loy_status read_paths(loy_paths *paths, const char *text, uint32_t length, loy_error *error)
{
	struct reader r;

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
