/*
 * Inside the calibrate room: what the files that build, read, print and check paths share.
 */
#ifndef LOY_CALIBRATE_PATHS_H
#define LOY_CALIBRATE_PATHS_H

#include "calibrate/calibrate.h"

/* A name in somebody's text. */
typedef struct loy__word {
	const char *text;
	size_t length;
} loy__word;

/* A term as it is asked for: the names of a product hold a ':'. */
typedef struct loy__term_wish {
	loy__word left, right, label; /* label.text NULL: none */
	uint32_t relation, treatment, line, column;
	double value;
} loy__term_wish;

/* Why something was refused, and the name to blame. */
typedef struct loy__complaint {
	const char *message;
	loy__word name;
} loy__complaint;

/* Bytes at the start of a text that are a name: [A-Za-z_][A-Za-z0-9_.]*, however long. */
size_t loy__name_span(const char *text, size_t length);
/* Whether all of a word is a name of the length allowed. */
int loy__word_is_name(loy__word word);
/* Room for `more` elements behind `count`; LOY_ELIMIT beyond `limit`. */
loy_status loy__paths_reserve(loy_paths *paths, void **array, uint32_t *room, uint32_t count, uint32_t more,
                              size_t size, uint32_t limit);
/* Index of a variable, LOY__NO_VARIABLE where there is none; "b:a" finds "a:b". */
#define LOY__NO_VARIABLE 0xffffffffu
uint32_t loy__paths_find(const loy_paths *paths, loy__word name);
/* Index of a label, or LOY__NO_LABEL. */
uint32_t loy__paths_find_label(const loy_paths *paths, loy__word name);
/* Index of a label, which is made where there is none; room must have been reserved. */
uint32_t loy__paths_label(loy_paths *paths, loy__word name);
/* Add a term, or change nothing and complain. */
loy_status loy__paths_insert(loy_paths *paths, const loy__term_wish *wish, loy__complaint *complaint);

/* ---- tokens (paths_lexer.c) ---- */

/* Kinds of tokens. Those of one character are that character. */
enum {
	LOY__PATHS_END = 1,  /* of the text */
	LOY__PATHS_LINE = 2, /* end of a statement: a line that does not go on, or ';' */
	LOY__PATHS_NAME = 3,
	LOY__PATHS_NUMBER = 4,
	LOY__PATHS_OTHER = 5,
	LOY__PATHS_MEASURES = 6, /* =~ */
	LOY__PATHS_COMPOSES = 7, /* <~ */
	LOY__PATHS_COVARIES = 8, /* ~~ */
	LOY__PATHS_DEFINES = 9   /* := */
};

typedef struct loy__mark {
	uint32_t type;
	uint32_t at, length;   /* its bytes in the text */
	uint32_t line, column; /* from 1 */
} loy__mark;

/* Reads a part of a text; the first failure sticks in `status`, and the text seems to end there. */
typedef struct loy__lexer {
	const char *text;
	uint32_t length, at, line, line_at; /* line_at: where the line starts */
	loy__mark token, before;            /* the token to look at, the one already taken */
	loy_error *error;
	loy_status status;
} loy__lexer;

/* Start at a byte of the text, which stands in this line at this place; the text ends at `length`. */
void loy__lexer_start(loy__lexer *x, const char *text, uint32_t at, uint32_t length, uint32_t line,
                      uint32_t line_at, loy_error *error);
void loy__lexer_advance(loy__lexer *x);
int loy__lexer_accept(loy__lexer *x, uint32_t type);
loy__word loy__lexer_word(const loy__lexer *x, const loy__mark *mark);
/* Fail with "expected WHAT after 'a', found 'b'". */
void loy__lexer_expected(loy__lexer *x, const char *what);
/* Fail at a token, with "message: 'name'" or, where name.text is NULL, the message alone. */
void loy__lexer_refuse(loy__lexer *x, const loy__mark *mark, loy_status status, const char *message,
                       loy__word name);
/* The number at the token, which is LOY__PATHS_NUMBER; fails when no double can hold it. */
double loy__lexer_number(loy__lexer *x);

/* ---- definitions (paths_define.c) ---- */

/* Define a name by the expression the lexer stands at, which ends where the text does. */
loy_status loy__paths_define(loy_paths *paths, loy__word name, const loy__mark *mark, loy__lexer *x);

/* ---- what was read of a text (paths_text.c), to be kept (paths_keep.c) ---- */

/* A term as it was read; `second` of a side: what stands behind ':', if anything. */
typedef struct loy__side {
	loy__mark first, second;
} loy__side;

typedef struct loy__raw_term {
	loy__side left, right;
	loy__mark label;
	uint32_t relation, treatment;
	double value;
} loy__raw_term;

typedef struct loy__raw_definition {
	loy__mark name;
	loy__mark start; /* where the expression begins */
	uint32_t end, line_at;
	int done;
} loy__raw_definition;

typedef struct loy__paths_reader {
	loy__lexer x;
	loy_paths *paths;
	loy__raw_term *terms;
	loy__raw_definition *definitions;
	loy__side *lefts; /* of the statement at hand */
	size_t term_count, term_room, definition_count, definition_room, left_count, left_room;
	size_t statement; /* its first term */
} loy__paths_reader;

static inline int loy__mark_is_there(const loy__mark *mark)
{
	return mark->length != 0;
}

static inline int loy__same_word(const loy__paths_reader *r, const loy__mark *a, const loy__mark *b)
{
	return a->length == b->length && memcmp(r->x.text + a->at, r->x.text + b->at, a->length) == 0;
}

/* The first failure goes to x.status. */
void loy__paths_keep_term(loy__paths_reader *r, const loy__raw_term *term);
void loy__paths_keep_definitions(loy__paths_reader *r);

#endif
