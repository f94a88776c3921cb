/*
 * A writer of JSON (RFC 8259): small, without a tree, into a sink. Commas and nesting look after themselves; numbers
 * that a double cannot hold exactly are written as strings, so that no reader rounds them.
 */
#ifndef LOY_STORE_JSON_H
#define LOY_STORE_JSON_H

#include <loyalty/sync.h>
#include "numeric/numeric.h"

#define LOY__JSON_BUFFER 512u

typedef struct loy__json {
	loy_sink sink;
	void *user_data;
	loy_status status;  /* the first failure; nothing is written after it */
	unsigned depth;     /* at most 63 */
	uint64_t begun;     /* bit of each depth that has a member */
	int named;          /* a name was written: the next value belongs to it */
	size_t size;        /* of what waits in the buffer */
	char buffer[LOY__JSON_BUFFER];
} loy__json;

void loy__json_init(loy__json *json, loy_sink sink, void *user_data);
/* mark: '{' or '[', and the mark that closes it. */
void loy__json_open(loy__json *json, char mark);
void loy__json_close(loy__json *json, char mark);
void loy__json_name(loy__json *json, const char *name); /* of the member that follows; terminated */
void loy__json_text(loy__json *json, const char *text, size_t length); /* valid UTF-8 */
void loy__json_word(loy__json *json, const char *text); /* terminated text; NULL is null */
void loy__json_integer(loy__json *json, int64_t value); /* 2^53 and more: a string of digits */
void loy__json_unsigned(loy__json *json, uint64_t value);
void loy__json_wide(loy__json *json, loy__wide value);
void loy__json_real(loy__json *json, double value);     /* reads back to the same bits; NaN and infinities are null */
void loy__json_truth(loy__json *json, int value);
void loy__json_time(loy__json *json, int64_t time);     /* ISO 8601 with microseconds; others as integers */
void loy__json_hex(loy__json *json, const uint8_t *bytes, size_t size);   /* a string, two digits a byte */
void loy__json_words(loy__json *json, const uint64_t *words, size_t count); /* a string, 16 digits a word */
/* What waits goes to the sink. LOY_OK, or LOY_ECANCELLED when the sink said so. */
loy_status loy__json_finish(loy__json *json);

#endif
