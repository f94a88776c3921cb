/*
 * Which column of a file becomes which field of an event: the language of --columns. `loyalty help columns`
 * teaches it; in short
 *
 *	customer = id, time = when, kind = type {order: purchase, review: review, log: -}
 *	amount = net * 100 + tax * 100 for purchase
 *
 * Parsing knows no file and no model. columns_bind() looks up the columns and kinds; row.c reads rows.
 */
#ifndef SHELL_COLUMNS_H
#define SHELL_COLUMNS_H

#include "csv.h"
#include "values.h"

#define COLUMNS_TEXT_MAX 65536u
#define COLUMNS_ERROR    256

/* Targets that are no event fields of the library. */
enum {
	TARGET_IDENTITY = 200,  /* what tells the event from others */
	TARGET_REFERENCE = 201, /* identity of the event it refers to */
	TARGET_ZONE = 202,      /* offset of times that carry none */
	TARGET_SKIP = 203       /* the row is left out when this is set */
};

/* How identities are made. */
enum { IDENTITY_TEXT = 0, IDENTITY_AUTO = 1, IDENTITY_CONTENT = 2 };

/* One part of an expression: a column or a constant. Texts are borrowed from the mapping. */
struct term {
	const char *text; /* name of the column, or the constant */
	size_t length;
	const char *part; /* column['part']: the text behind `part=` in a list divided by semicolons */
	size_t part_length;
	int is_column, subtract, has_factor;
	struct factor factor;
	size_t column; /* index, once bound */
	uint32_t at;   /* where it stands in the text */
};

/* One case of `{match: value, *: value, other: -}`. */
struct choice {
	const char *match, *value;
	size_t match_length, value_length;
	int any, none;
};

struct entry {
	uint32_t target, type; /* LOY_FIELD_… or TARGET_…, and LOY_TYPE_… */
	int identity;          /* IDENTITY_… */
	int join;              /* terms are joined as text (&) rather than added */
	struct term *terms;
	size_t term_count;
	struct choice *choices;
	size_t choice_count;
	const char *otherwise; /* `else value`, or NULL */
	size_t otherwise_length;
	struct term *kinds; /* `for a|b`: names; bound: their number in `column` */
	size_t kind_count;
	uint32_t at;
};

struct columns {
	char *text; /* the mapping's own copy */
	size_t length;
	struct entry *entries;
	size_t entry_count;
	char error[COLUMNS_ERROR]; /* what is wrong, with line and column when it is the text */
};

/* Parse a mapping. 1, or 0 with `error` set. columns_free() in both cases. `name` is for messages. */
int columns_parse(struct columns *out, const char *text, size_t length, const char *name);
/* The mapping of files that follow the library's own names: each column named like a field. 1, or 0. */
int columns_standard(struct columns *out, const struct csv *header);
/* Name of a target in a mapping. */
const char *columns_target_name(uint32_t target);
/* The names of a header that are no fields, for people: as many as fit. How many there are. */
size_t columns_unread(const struct csv *header, char *buffer, size_t capacity);
/* Look up columns in the header and kinds in the schema. 1, or 0 with `error` set. */
int columns_bind(struct columns *columns, const struct csv *header, const loy_schema *schema);
/*
 * Make a mapping stand for one event without a file: bare words are texts, and `field` is `value` unless the
 * mapping says otherwise (a customer it must not name). The value is borrowed. 1, or 0 with `error` set.
 */
int columns_fix(struct columns *columns, uint32_t field, const char *value);
void columns_free(struct columns *columns);

#endif
