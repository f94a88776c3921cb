/* Writing JSON piece by piece into a sink. */
#include "store/json.h"

#include <string.h>

#define EXACT (INT64_C(1) << 53) /* integers below it in magnitude are doubles */

/* ---- bytes ---- */

static void flush(loy__json *json)
{
	if (json->status == LOY_OK && json->size != 0 &&
	    json->sink(json->buffer, json->size, json->user_data) != 0)
		json->status = LOY_ECANCELLED;
	json->size = 0;
}

static void put(loy__json *json, const char *text, size_t length)
{
	while (length != 0) {
		size_t room = sizeof(json->buffer) - json->size, part = length < room ? length : room;

		memcpy(json->buffer + json->size, text, part);
		json->size += part;
		text += part;
		length -= part;
		if (json->size == sizeof(json->buffer))
			flush(json);
	}
}

static void put_mark(loy__json *json, char mark)
{
	put(json, &mark, 1);
}

/* What goes before a value or a name: a comma, unless it is the first or its name was just written. */
static void begin(loy__json *json)
{
	uint64_t bit = UINT64_C(1) << json->depth;

	if (json->named) {
		json->named = 0;
		return;
	}
	if ((json->begun & bit) != 0)
		put_mark(json, ',');
	json->begun |= bit;
}

static void put_quoted(loy__json *json, const char *text, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	put_mark(json, '"');
	for (i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		char escape[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};

		if (c < 0x20) {
			put(json, escape, sizeof(escape));
			continue;
		}
		if (c == '"' || c == '\\')
			put_mark(json, '\\');
		put_mark(json, text[i]);
	}
	put_mark(json, '"');
}

/* ---- values ---- */

void loy__json_init(loy__json *json, loy_sink sink, void *user_data)
{
	json->sink = sink;
	json->user_data = user_data;
	json->status = LOY_OK;
	json->depth = 0;
	json->begun = 0;
	json->named = 0;
	json->size = 0;
}

void loy__json_open(loy__json *json, char mark)
{
	begin(json);
	put_mark(json, mark);
	json->depth++;
	json->begun &= ~(UINT64_C(1) << json->depth);
}

void loy__json_close(loy__json *json, char mark)
{
	json->depth--;
	put_mark(json, mark);
}

void loy__json_name(loy__json *json, const char *name)
{
	begin(json);
	put_quoted(json, name, strlen(name));
	put_mark(json, ':');
	json->named = 1;
}

void loy__json_text(loy__json *json, const char *text, size_t length)
{
	begin(json);
	put_quoted(json, text, length);
}

void loy__json_word(loy__json *json, const char *text)
{
	begin(json);
	if (text != NULL)
		put_quoted(json, text, strlen(text));
	else
		put(json, "null", 4);
}

void loy__json_wide(loy__json *json, loy__wide value)
{
	/* -EXACT < value < EXACT, in two's complement */
	int exact = (value.high == 0 && value.low < (uint64_t)EXACT) ||
	            (value.high == -1 && value.low > UINT64_MAX - (uint64_t)EXACT + 1);
	char text[40];
	size_t length = loy__wide_write(value, text);

	begin(json);
	if (exact)
		put(json, text, length);
	else
		put_quoted(json, text, length);
}

void loy__json_integer(loy__json *json, int64_t value)
{
	loy__json_wide(json, loy__wide_from(value));
}

void loy__json_unsigned(loy__json *json, uint64_t value)
{
	loy__wide wide = {value, 0};

	loy__json_wide(json, wide);
}

void loy__json_real(loy__json *json, double value)
{
	char text[26];
	size_t length = loy__real_write(value, text);

	begin(json);
	if (length != 0)
		put(json, text, length);
	else
		put(json, "null", 4);
}

void loy__json_truth(loy__json *json, int value)
{
	begin(json);
	if (value)
		put(json, "true", 4);
	else
		put(json, "false", 5);
}

void loy__json_time(loy__json *json, int64_t time)
{
	char text[40];
	size_t length;

	if (loy_time_print(time, text, sizeof(text), &length) == LOY_OK)
		loy__json_text(json, text, length);
	else
		loy__json_integer(json, time);
}

void loy__json_hex(loy__json *json, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	begin(json);
	put_mark(json, '"');
	for (i = 0; i < size; i++) {
		put_mark(json, digits[bytes[i] >> 4]);
		put_mark(json, digits[bytes[i] & 15]);
	}
	put_mark(json, '"');
}

void loy__json_words(loy__json *json, const uint64_t *words, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;
	int shift;

	begin(json);
	put_mark(json, '"');
	for (i = 0; i < count; i++) {
		for (shift = 60; shift >= 0; shift -= 4)
			put_mark(json, digits[words[i] >> shift & 15]);
	}
	put_mark(json, '"');
}

loy_status loy__json_finish(loy__json *json)
{
	flush(json);
	return json->status;
}
