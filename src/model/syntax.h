/*
 * Inside the model room: what the files that read, print and prepare models share.
 *
 * The text is read three times, because statements may stand in any order: once for the names it declares,
 * once for the statements, once for the interactions, which refer to what formulas have built. The first
 * failure sticks in `status` and turns the current token into the end of the text, so every loop ends; what
 * follows a failure does nothing.
 */
#ifndef LOY_MODEL_SYNTAX_H
#define LOY_MODEL_SYNTAX_H

#include "model/model.h"

/* Kinds of tokens. Those of one character are that character. */
enum {
	LOY__TOKEN_END = 1,  /* of the text */
	LOY__TOKEN_LINE = 2, /* end of a statement */
	LOY__TOKEN_NAME = 3,
	LOY__TOKEN_NUMBER = 4,
	LOY__TOKEN_STRING = 5,   /* with its quotes */
	LOY__TOKEN_OTHER = 6,    /* anything that is none of these */
	LOY__TOKEN_MEASURES = 7, /* =~ */
	LOY__TOKEN_COMPOSES = 8, /* <~ */
	LOY__TOKEN_NOT_EQUAL = 9,
	LOY__TOKEN_LESS_EQUAL = 10,
	LOY__TOKEN_GREATER_EQUAL = 11
};

typedef struct loy__token {
	uint32_t type;
	uint32_t at, length;   /* its bytes in the text */
	uint32_t line, column; /* from 1 */
} loy__token;

/* Lists of weights besides formulas. */
enum { LOY__LIST_BENEFIT = 1, LOY__LIST_COST = 2, LOY__LIST_ATTITUDE = 3 };

enum { LOY__PASS_NAMES = 1, LOY__PASS_STATEMENTS = 2, LOY__PASS_INTERACTIONS = 3 };

typedef struct loy__syntax {
	loy_model *model;
	loy_error *error;
	loy_status status;
	uint32_t pass;
	const char *text;
	uint32_t length, at, line, line_at; /* line_at: where the line starts */
	loy__token token, before;           /* the token to look at, the one already taken */
	/* What has been seen, so that nothing is said twice. */
	uint8_t has_model, has_origin, has_dimensions, has_worst, has_recovery, has_type, has_headline,
	        has_construct, reads_worst, reads_prospects, reads_worth;
	uint8_t channel_made[LOY_CHANNELS_MAX], curve_made[LOY__CURVES_MAX],
	        response_made[LOY__RESPONSES_MAX];
	uint8_t construct_named[LOY_CONSTRUCTS_MAX]; /* by `construct` or `<~` */
	uint8_t construct_made[LOY_CONSTRUCTS_MAX];  /* its `construct` statement has been read */
	loy__token
	        construct_at[LOY_CONSTRUCTS_MAX]; /* where it is made: its formulas rather than its prior */
	loy__token channel_at[LOY_CHANNELS_MAX];
	loy__token worst_at, prospect_at;
	loy__token list_at[LOY__LIST_ATTITUDE + 1]; /* by LOY__LIST_… */
} loy__syntax;

/* A range of numbers, in 1e-12 or microseconds, and how a message names it. */
typedef struct loy__range {
	int64_t least, greatest;
	char words[44];
} loy__range;

/* One `name value` of a list; exactly one of real and span is set. */
typedef struct loy__setting {
	const char *name;
	const loy__range *range;
	double *real;
	int64_t *span;
	int required;
} loy__setting;

/* ---- tokens and failures (syntax_lexer.c) ---- */

void loy__syntax_rewind(loy__syntax *s);
void loy__syntax_advance(loy__syntax *s);
int loy__syntax_is(const loy__syntax *s, uint32_t type);
int loy__syntax_accept(loy__syntax *s, uint32_t type);
void loy__syntax_expect(loy__syntax *s, uint32_t type);
int loy__syntax_is_word(const loy__syntax *s, const char *word);
int loy__syntax_accept_word(loy__syntax *s, const char *word);
void loy__syntax_expect_word(loy__syntax *s, const char *word);
int loy__syntax_same(const loy__syntax *s, const loy__token *token, const char *name);
/* Fail with "expected WHAT after 'a', found 'b'". */
void loy__syntax_expected(loy__syntax *s, loy_status status, const char *what);
/* Fail at a token with "message: 'its text'". */
void loy__syntax_refuse(loy__syntax *s, const loy__token *token, loy_status status, const char *message);
/* Fail at a token with a message alone. */
void loy__syntax_fail(loy__syntax *s, const loy__token *token, loy_status status, const char *message);

/* ---- values (syntax_values.c) ---- */

extern const loy__range loy__range_share, loy__range_open, loy__range_positive, loy__range_weight;
extern const loy__range loy__range_half_life, loy__range_duration;

/* A name, copied to `out` (LOY_NAME_MAX + 1 bytes, zeroes behind it) where that is not NULL; returns the token. */
loy__token loy__syntax_name(loy__syntax *s, const char *what, char *out);
double loy__syntax_real(loy__syntax *s, const loy__range *range);
int64_t loy__syntax_decimal(loy__syntax *s, const loy__range *range);
int64_t loy__syntax_integer(loy__syntax *s, int64_t least, int64_t greatest, const char *what);
int64_t loy__syntax_span(loy__syntax *s, const loy__range *range);
/* Strings joined by `+`, into `size` bytes with a terminator. */
void loy__syntax_string(loy__syntax *s, char *out, size_t size);
/* `name value, name value …` up to what is no comma. */
void loy__syntax_settings(loy__syntax *s, const loy__setting *settings, uint32_t count);
/* The unit of duration in which a span is written shortest: LOY__NONE when it cannot be written. */
uint32_t loy__span_unit(int64_t span, int64_t *decimal);
const char *loy__span_unit_name(uint32_t unit);

/* ---- names (syntax_names.c) ---- */

/* 1 when what stands at the current token, behind a name, makes the statement a formula. */
int loy__syntax_is_formula(const loy__syntax *s);
/* The first reading of one statement: declare what it names. */
void loy__syntax_names_of_statement(loy__syntax *s);
/* A model that declares a construct must declare all; one that declares none has all that its formulas name. */
void loy__syntax_keep_declared(loy__syntax *s);
/* Index of a name, or LOY__NONE. */
uint32_t loy__syntax_find_channel(const loy__syntax *s, const loy__token *name);
uint32_t loy__syntax_find_construct(const loy__syntax *s, const loy__token *name);
uint32_t loy__syntax_find_response(loy__syntax *s, const loy__token *name); /* fails when there is none */
/* Take a name that must be declared; LOY__NONE after failing with LOY_ENAME. */
uint32_t loy__syntax_channel(loy__syntax *s);
uint32_t loy__syntax_construct(loy__syntax *s);
uint32_t loy__syntax_curve(loy__syntax *s);
/* Take `a + b`, `a, b` or `a | b`: distinct constructs or channels into out[]; returns how many. */
uint32_t loy__syntax_list(loy__syntax *s, uint32_t (*take)(loy__syntax *), uint32_t separator, uint8_t *out,
                          uint32_t limit);

/* ---- statements; each is called behind its keyword ---- */

/* syntax_schema.c */
void loy__syntax_read_kind(loy__syntax *s);
void loy__syntax_read_dimensions(loy__syntax *s);
void loy__syntax_read_channel(loy__syntax *s);
void loy__syntax_read_worst_half_life(loy__syntax *s);
void loy__syntax_read_curve(loy__syntax *s);
/* syntax_rule.c */
void loy__syntax_read_rule(loy__syntax *s);
/* syntax_formula.c; `name` is what stands left of the operator, which is the current token */
void loy__syntax_read_formula(loy__syntax *s, const loy__token *name);
/* syntax_scoring.c */
void loy__syntax_read_model(loy__syntax *s);
void loy__syntax_read_origin(loy__syntax *s);
void loy__syntax_read_construct(loy__syntax *s);
void loy__syntax_read_response(loy__syntax *s);
void loy__syntax_read_damping(loy__syntax *s);
void loy__syntax_read_repairs(loy__syntax *s, const loy__token *name);
void loy__syntax_read_silence(loy__syntax *s);
void loy__syntax_read_worst_weight(loy__syntax *s);
/* `NAME:` of a construct that may have evidence of its own; NULL after failing. */
loy__construct *loy__syntax_read_burdened(loy__syntax *s);
/* syntax_prospect.c */
void loy__syntax_read_lifetime(loy__syntax *s);
void loy__syntax_read_spend(loy__syntax *s);
void loy__syntax_read_alive(loy__syntax *s);
void loy__syntax_read_purchases(loy__syntax *s);
void loy__syntax_read_worth(loy__syntax *s);
/* At the end: what is counted must have been said. */
void loy__syntax_check_prospects(loy__syntax *s);
void loy__syntax_read_items(loy__syntax *s, int cost);
void loy__syntax_read_stages(loy__syntax *s);
void loy__syntax_read_type(loy__syntax *s);
void loy__syntax_read_headline(loy__syntax *s);

/* ---- preparing (prepare.c) ---- */

/* What loy__model_prepare() found and did, in terms of the constructs' order before it. */
typedef struct loy__blame {
	uint32_t construct;                /* to blame for a failure, or LOY__NONE */
	uint32_t list;                     /* LOY__LIST_… to blame, or 0 */
	uint8_t order[LOY_CONSTRUCTS_MAX]; /* where each construct came from, on success */
	loy__message message;
} loy__blame;
loy_status loy__model_prepare_blaming(loy_model *model, loy__blame *blame);

#endif
