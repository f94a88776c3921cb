/*
 * From the text of a cell to the integer a field holds, exactly: decimals are never doubles on the way.
 */
#ifndef SHELL_VALUES_H
#define SHELL_VALUES_H

#include <loyalty.h>

/* A factor of a mapping, such as the `1d` of `delay_days * 1d`: digits * 10^-decimals, and a unit of time. */
struct factor {
	int64_t digits;
	int32_t decimals;
	int64_t unit; /* microseconds of the unit of time, 0 for a plain number */
};

/* Room for the message of a value that cannot be used. */
#define VALUE_MESSAGE_SIZE 160

/* Whether text with a length is this terminated one. */
int text_is(const char *text, size_t length, const char *name);
/* Microseconds of a unit of time (`us`, `ms`, `s`, `min`, `h`, `d`, `w`); 0 for other texts. */
int64_t unit_of_time(const char *text, size_t length);
/* Read `12.5`, `1d`, `-3h`. Returns 0 when it is none of these. */
int factor_parse(const char *text, size_t length, struct factor *out);

/*
 * Read a decimal (`-12.50`, `3e-4`, `50%`, and with a unit of time `2.5d`) times `factor` times the unit of
 * a field of `type`. Money and counts must come out whole; ratios, spans and times are rounded to their
 * last digit, halves away from zero. `factor` may be NULL. Returns 1, or 0 with a message.
 */
int value_number(const char *text, size_t length, const struct factor *factor, uint32_t type, int64_t *out,
                 char message[VALUE_MESSAGE_SIZE]);
/*
 * Read a cell for a field of the library: numbers as value_number() does, times as ISO 8601 (`YYYYMMDD` too;
 * `zone` is the offset in minutes of those without one) or as a number of a unit of time since 1970, codes
 * as digits, as a name the field knows (`nps`, `EUR`, `joined`, `yes`) or else as a hash of the text.
 */
int value_field(uint32_t field, uint32_t type, const char *text, size_t length, int32_t zone, int64_t *out,
                char message[VALUE_MESSAGE_SIZE]);
/* Item of the SERVQUAL dimension of this name. 1, or 0 when the schema has none of that name. */
int value_dimension(const loy_schema *schema, const char *text, size_t length, int64_t *item);
/* Name of a code as value_field() takes it, or NULL. */
const char *value_code_name(uint32_t field, uint32_t code);
/* Name of an event field, "" when there is none. */
const char *value_field_name(uint32_t field);
/* A message that a value lies outside the range of its field, with the range as cells write it. */
void value_range(uint32_t field, char message[VALUE_MESSAGE_SIZE]);
/* A copy of text for a message: at most 40 bytes, control characters as \xNN, in quotes. */
const char *value_quote(const char *text, size_t length, char buffer[VALUE_MESSAGE_SIZE]);

#endif
