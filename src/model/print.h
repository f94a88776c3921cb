/*
 * Between the files that print a model: pieces of text. Only print*.c include this.
 */
#ifndef LOY_MODEL_PRINT_H
#define LOY_MODEL_PRINT_H

#include "model/syntax.h"

typedef struct loy__printer {
	loy__writer *out;
	const loy_model *model;
	size_t column;
} loy__printer;

void loy__print_bytes(loy__printer *p, const char *text, size_t length);
void loy__print_text(loy__printer *p, const char *text);
void loy__print_end_line(loy__printer *p);
/* Between two elements of a list: `separator`, whose last byte is a blank, ends a line that is long enough. */
void loy__print_separator(loy__printer *p, const char *separator);
/* The shortest decimal that is read as this double. */
void loy__print_real(loy__printer *p, double real);
void loy__print_integer(loy__printer *p, int64_t value);
void loy__print_span(loy__printer *p, int64_t span);
static inline const char *loy__print_channel_name(const loy__printer *p, uint32_t channel)
{
	return p->model->schema.channel[channel].name;
}

/* print_schema.c and print_scoring.c: the two halves of a model */
void loy__print_schema(loy__printer *p, int schema_only);
void loy__print_scoring(loy__printer *p);

#endif
