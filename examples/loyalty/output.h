/*
 * Results in three formats: aligned tables for people (on pages as HTML), CSV and JSON for programs. Doubles in CSV and
 * JSON are written so that reading them gives the same bits; in tables they are rounded.
 */
#ifndef SHELL_OUTPUT_H
#define SHELL_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

enum format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON, FORMAT_HTML /* of pages: no option says it */ };
/* Format of a name; NULL is the table. 1, or 0 after telling. */
int format_read(const char *name, enum format *out);

/* ---- JSON, to standard output ---- */

struct json {
	int depth;
	int has_items[16]; /* whether something was written at each depth */
};
/* `key` is NULL inside arrays and for the outermost value. `bracket` is '{' or '['. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_text(struct json *json, const char *key, const char *text);
void json_integer(struct json *json, const char *key, int64_t value);
/* NaN and infinities are null. */
void json_number(struct json *json, const char *key, double value);

/* Text with what HTML and XML read as marks made harmless, to standard output. */
void put_escaped(const char *text);

/* ---- tables, in all formats ---- */

#define TABLE_COLUMNS_MAX 128
struct table_column {
	const char *name;
	int right; /* numbers stand on the right */
};
struct table {
	enum format format;
	const struct table_column *columns;
	size_t column_count, at; /* `at`: the column the next cell goes to */
	struct json *json;       /* where JSON rows go, as an array that is open already */
	size_t width[TABLE_COLUMNS_MAX];
	char *held; /* the first rows of a table, kept until widths are known */
	size_t held_size, held_capacity, held_rows;
	int widths_known, failed;
};
/* `json` is needed for FORMAT_JSON only. Rows are written as they come, tables after some were seen. */
void table_open(struct table *table, enum format format, const struct table_column *columns, size_t count,
                struct json *json);
void table_text(struct table *table, const char *text);
void table_integer(struct table *table, int64_t value);
/* A double; tables show `decimals` digits. NaN is `-`, nothing, null. */
void table_number(struct table *table, double value, int decimals);
void table_none(struct table *table);
/* Returns 0 when memory ran out. */
int table_close(struct table *table);

/* ---- numbers ---- */

#define NUMBER_SIZE 40
/* The shortest decimal that reads back as the same double. */
const char *number_exact(double value, char buffer[NUMBER_SIZE]);
/* A value rounded to 10^-decimals, halves up. */
double round_at(double value, int decimals);
/*
 * Round parts to 10^-decimals so that what is printed adds up: base + parts = total, each rounded to the
 * nearest except those with the largest remainders, which are one last digit off. Results replace the parts.
 */
void round_to_sum(double base, double *parts, size_t count, double total, int decimals);
/* Time as the library prints it. */
const char *time_text(int64_t time, char buffer[NUMBER_SIZE]);

#endif
