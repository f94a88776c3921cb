/* Tables, CSV and JSON; see output.h. */
#include "output.h"
#include "args.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <loyalty.h>

#define HELD_ROWS 256u /* rows that decide the widths of a table */

int format_read(const char *name, enum format *out)
{
	static const char *const names[] = {"table", "csv", "json"};
	int i;

	*out = FORMAT_TABLE;
	for (i = 0; name != NULL && i < 3; i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum format)i;
			return 1;
		}
	}
	if (name != NULL)
		say("--format needs table, csv or json, not '%s'", name);
	return name == NULL;
}

const char *number_exact(double value, char buffer[NUMBER_SIZE])
{
	int digits;

	for (digits = 15; digits <= 17; digits++) {
		(void)snprintf(buffer, NUMBER_SIZE, "%.*g", digits, value);
		if (strtod(buffer, NULL) == value)
			break;
	}
	return buffer;
}

const char *time_text(int64_t time, char buffer[NUMBER_SIZE])
{
	size_t needed;

	if (loy_time_print(time, buffer, NUMBER_SIZE, &needed) != LOY_OK)
		(void)snprintf(buffer, NUMBER_SIZE, "%" PRId64, time);
	return buffer;
}

double round_at(double value, int decimals)
{
	double unit = pow(10.0, decimals);

	return floor(value * unit + 0.5) / unit;
}

/* The part whose rounding moved it furthest against `sign`. */
static size_t worst_rounded(const double *parts, size_t count, double sign)
{
	size_t i, chosen = 0;
	double worst = -2.0;

	for (i = 0; i < count; i++) {
		double gap = sign * (parts[i] - floor(parts[i] + 0.5));

		if (gap > worst) {
			worst = gap;
			chosen = i;
		}
	}
	return chosen;
}

void round_to_sum(double base, double *parts, size_t count, double total, int decimals)
{
	double unit = pow(10.0, decimals), missing = floor(total * unit + 0.5) - floor(base * unit + 0.5);
	size_t i;

	for (i = 0; i < count; i++) {
		parts[i] *= unit;
		missing -= floor(parts[i] + 0.5);
	}
	/* A few last digits are missing at most: each goes to the part that was rounded worst. */
	while (fabs(missing) >= 0.5 && count > 0) {
		double sign = missing > 0.0 ? 1.0 : -1.0;

		i = worst_rounded(parts, count, sign);
		parts[i] = floor(parts[i] + 0.5) + sign;
		missing -= sign;
	}
	for (i = 0; i < count; i++)
		parts[i] = floor(parts[i] + 0.5) / unit;
}

/* ---- JSON ---- */

/* Text in quotes. Bytes are UTF-8 already. */
static void put_json_text(const char *text)
{
	(void)putchar('"');
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			(void)printf("\\%c", c);
		else if (c < 0x20 || c == 0x7F)
			(void)printf("\\u%04x", c);
		else
			(void)putchar(c);
	}
	(void)putchar('"');
}

/* Comma, line and key before a value. Objects in arrays of objects stand one a line. */
static void json_key(struct json *json, const char *key)
{
	if (json->has_items[json->depth])
		(void)putchar(',');
	json->has_items[json->depth] = 1;
	if (json->depth > 0 && json->depth <= 2)
		(void)printf("\n%*s", json->depth, "");
	if (key != NULL) {
		put_json_text(key);
		(void)fputs(": ", stdout);
	}
}

void json_open(struct json *json, const char *key, char bracket)
{
	json_key(json, key);
	(void)putchar(bracket);
	json->has_items[++json->depth] = 0;
}

void json_close(struct json *json, char bracket)
{
	int had = json->has_items[json->depth--];

	if (had && json->depth < 2)
		(void)printf("\n%*s", json->depth, "");
	(void)putchar(bracket);
	if (json->depth == 0)
		(void)putchar('\n');
}

void json_text(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	put_json_text(text);
}

void json_integer(struct json *json, const char *key, int64_t value)
{
	json_key(json, key);
	(void)printf("%" PRId64, value);
}

void json_number(struct json *json, const char *key, double value)
{
	char buffer[NUMBER_SIZE];

	json_key(json, key);
	(void)fputs(isnan(value) || isinf(value) ? "null" : number_exact(value, buffer), stdout);
}

/* ---- tables ---- */

static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xC0) != 0x80;
	return width;
}

static void put_spaces(size_t count)
{
	for (; count > 0; count--)
		(void)putchar(' ');
}

/* One cell of a table; the last column is not filled up with blanks. */
static void put_table_cell(const struct table *table, size_t column, const char *text)
{
	size_t width = text_width(text),
	       fill = width < table->width[column] ? table->width[column] - width : 0;

	if (column > 0 && (*text != '\0' || column + 1 < table->column_count))
		put_spaces(2);
	if (table->columns[column].right)
		put_spaces(fill);
	(void)fputs(text, stdout);
	if (!table->columns[column].right && column + 1 < table->column_count)
		put_spaces(fill);
	if (column + 1 == table->column_count)
		(void)putchar('\n');
}

static void put_csv_cell(const struct table *table, size_t column, const char *text)
{
	if (column > 0)
		(void)putchar(',');
	if (strpbrk(text, ",\"\r\n") == NULL) {
		(void)fputs(text, stdout);
	} else {
		(void)putchar('"');
		for (; *text != '\0'; text++) {
			if (*text == '"')
				(void)putchar('"');
			(void)putchar(*text);
		}
		(void)putchar('"');
	}
	if (column + 1 == table->column_count)
		(void)putchar('\n');
}

void put_escaped(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<')
			(void)fputs("&lt;", stdout);
		else if (*text == '>')
			(void)fputs("&gt;", stdout);
		else if (*text == '&')
			(void)fputs("&amp;", stdout);
		else if (*text == '"')
			(void)fputs("&quot;", stdout);
		else
			(void)putchar(*text);
	}
}

static void put_html_cell(const struct table *table, size_t column, const char *text, const char *tag)
{
	if (column == 0)
		(void)fputs("<tr>", stdout);
	printf("<%s%s>", tag, table->columns[column].right ? "" : " class=\"text\"");
	put_escaped(text);
	printf("</%s>%s", tag, column + 1 == table->column_count ? "</tr>\n" : "");
}

void table_open(struct table *table, enum format format, const struct table_column *columns, size_t count,
                struct json *json)
{
	size_t i;

	memset(table, 0, sizeof(*table));
	table->format = format;
	table->columns = columns;
	table->column_count = count;
	table->json = json;
	if (format == FORMAT_HTML)
		(void)fputs("<div class=\"wide\"><table>\n", stdout);
	for (i = 0; i < count; i++) {
		table->width[i] = text_width(columns[i].name);
		if (format == FORMAT_CSV)
			put_csv_cell(table, i, columns[i].name);
		if (format == FORMAT_HTML)
			put_html_cell(table, i, columns[i].name, "th");
	}
}

/* Write the header and the rows that were held back. */
static void release_held(struct table *table)
{
	size_t i, column = 0;
	const char *text = table->held, *end = text + table->held_size;

	table->widths_known = 1;
	for (i = 0; i < table->column_count; i++)
		put_table_cell(table, i, table->columns[i].name);
	while (text < end) {
		put_table_cell(table, column, text);
		text += strlen(text) + 1;
		column = (column + 1) % table->column_count;
	}
	free(table->held);
	table->held = NULL;
}

static void hold(struct table *table, const char *text)
{
	size_t size = strlen(text) + 1, width = text_width(text);

	if (table->held_size + size > table->held_capacity) {
		char *larger = realloc(table->held, (table->held_size + size) * 2);

		if (larger == NULL) {
			table->failed = 1;
			return;
		}
		table->held = larger;
		table->held_capacity = (table->held_size + size) * 2;
	}
	memcpy(table->held + table->held_size, text, size);
	table->held_size += size;
	if (width > table->width[table->at])
		table->width[table->at] = width;
}

/* A cell of a table or CSV whose text is ready. */
static void put_cell(struct table *table, const char *text)
{
	if (table->failed)
		return;
	if (table->format == FORMAT_CSV)
		put_csv_cell(table, table->at, text);
	else if (table->format == FORMAT_HTML)
		put_html_cell(table, table->at, text, "td");
	else if (table->widths_known)
		put_table_cell(table, table->at, text);
	else
		hold(table, text);
	table->at = (table->at + 1) % table->column_count;
	if (table->at == 0 && table->format == FORMAT_TABLE && !table->widths_known &&
	    ++table->held_rows == HELD_ROWS)
		release_held(table);
}

/* Open and close the objects of JSON rows. The key of the cell that comes next. */
static const char *json_cell(struct table *table)
{
	if (table->at == 0)
		json_open(table->json, NULL, '{');
	return table->columns[table->at].name;
}

static void json_cell_done(struct table *table)
{
	table->at = (table->at + 1) % table->column_count;
	if (table->at == 0)
		json_close(table->json, '}');
}

void table_text(struct table *table, const char *text)
{
	char shown[512];
	size_t at = 0;

	if (table->format == FORMAT_JSON) {
		json_text(table->json, json_cell(table), text);
		json_cell_done(table);
		return;
	}
	if (table->format == FORMAT_CSV) {
		put_cell(table, text);
		return;
	}
	/* A terminal must not obey what a file holds. */
	for (; *text != '\0' && at + 5 < sizeof(shown); text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7F)
			at += (size_t)snprintf(shown + at, sizeof(shown) - at, "\\x%02X", c);
		else
			shown[at++] = (char)c;
	}
	shown[at] = '\0';
	put_cell(table, shown);
}

void table_integer(struct table *table, int64_t value)
{
	char buffer[NUMBER_SIZE];

	if (table->format == FORMAT_JSON) {
		json_integer(table->json, json_cell(table), value);
		json_cell_done(table);
		return;
	}
	(void)snprintf(buffer, sizeof(buffer), "%" PRId64, value);
	put_cell(table, buffer);
}

void table_number(struct table *table, double value, int decimals)
{
	char buffer[NUMBER_SIZE];

	if (isnan(value)) {
		table_none(table);
	} else if (table->format == FORMAT_JSON) {
		json_number(table->json, json_cell(table), value);
		json_cell_done(table);
	} else if (table->format == FORMAT_CSV) {
		put_cell(table, number_exact(value, buffer));
	} else {
		(void)snprintf(buffer, sizeof(buffer), "%.*f", decimals, value);
		put_cell(table, buffer);
	}
}

void table_none(struct table *table)
{
	if (table->format == FORMAT_JSON) {
		json_number(table->json, json_cell(table), (double)NAN);
		json_cell_done(table);
	} else {
		put_cell(table, table->format == FORMAT_CSV ? "" : "-");
	}
}

int table_close(struct table *table)
{
	if (table->format == FORMAT_TABLE && !table->widths_known && !table->failed)
		release_held(table);
	if (table->format == FORMAT_HTML)
		(void)fputs("</table></div>\n", stdout);
	free(table->held);
	table->held = NULL;
	if (table->failed)
		say("out of memory");
	return !table->failed;
}
