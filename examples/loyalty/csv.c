/* The reader of comma-separated values; what it accepts is in csv.h. */
#include "csv.h"

#include <stdlib.h>
#include <string.h>

#ifndef CSV_INPUT_SIZE
#define CSV_INPUT_SIZE 65536u /* bytes asked of the source at a time; at least 3 */
#endif
#define FIRST_TEXT  256u
#define FIRST_CELLS 16u
#define NO_BYTE     (-1)

enum { STATE_START, STATE_READING, STATE_BROKEN };

int csv_open(struct csv *csv, csv_source source, void *user, char separator)
{
	memset(csv, 0, sizeof(*csv));
	csv->source = source;
	csv->user = user;
	csv->separator = separator;
	csv->line = 1;
	csv->column = 1;
	csv->input = malloc(CSV_INPUT_SIZE);
	csv->text = malloc(FIRST_TEXT);
	csv->cells = malloc(FIRST_CELLS * sizeof(*csv->cells));
	if (csv->input == NULL || csv->text == NULL || csv->cells == NULL) {
		csv_close(csv);
		return -1;
	}
	csv->text_capacity = FIRST_TEXT;
	csv->cell_capacity = FIRST_CELLS;
	return 0;
}

void csv_close(struct csv *csv)
{
	free(csv->input);
	free(csv->text);
	free(csv->cells);
	memset(csv, 0, sizeof(*csv));
	csv->state = STATE_BROKEN;
	csv->error = "the reader was closed";
}

const char *csv_cell(const struct csv *csv, size_t index, size_t *length)
{
	*length = csv->cells[index].length;
	return csv->text + csv->cells[index].start;
}

/* ---- failing ---- */

static int fatal_at(struct csv *csv, const char *message, uint64_t line, uint64_t column)
{
	csv->state = STATE_BROKEN;
	csv->error = message;
	csv->error_line = line;
	csv->error_column = column;
	return CSV_FATAL;
}

static int bad(struct csv *csv, const char *message)
{
	csv->error = message;
	csv->error_line = csv->line;
	csv->error_column = csv->column;
	return CSV_BAD_ROW;
}

/* ---- bytes ---- */

/* Make the next byte available: its value, or NO_BYTE at the end of the input or when reading failed. */
static int peek(struct csv *csv)
{
	if (csv->input_at == csv->input_end) {
		size_t got = csv->source(csv->user, csv->input, CSV_INPUT_SIZE);

		if (got == CSV_READ_FAILED) {
			(void)fatal_at(csv, "reading failed", csv->line, csv->column);
			got = 0;
		}
		csv->input_at = 0;
		csv->input_end = got;
		if (got == 0)
			return NO_BYTE;
	}
	return (unsigned char)csv->input[csv->input_at];
}

/* Step over the byte that peek() showed. */
static void advance(struct csv *csv)
{
	if (csv->input[csv->input_at] == '\n') {
		csv->line++;
		csv->column = 1;
	} else {
		csv->column++;
	}
	csv->input_at++;
	csv->bytes++;
}

/* Double a block up to `most` elements; 0 when that cannot be. */
static int grow(void **block, size_t *capacity, size_t size, size_t most)
{
	size_t larger = *capacity > most / 2 ? most : *capacity * 2;
	void *moved = larger > *capacity ? realloc(*block, larger * size) : NULL;

	if (moved == NULL)
		return 0;
	*block = moved;
	*capacity = larger;
	return 1;
}

/* Append a byte to the cell that is being read. */
static int put(struct csv *csv, char byte)
{
	if (csv->text_size == csv->text_capacity) {
		void *text = csv->text;
		int grown = grow(&text, &csv->text_capacity, 1, CSV_ROW_MAX);

		csv->text = text;
		if (!grown) {
			const struct csv_cell *cell = &csv->cells[csv->cell_count - 1];

			return fatal_at(csv,
			                csv->text_capacity < CSV_ROW_MAX
			                        ? "out of memory"
			                        : "the row is longer than 1 MiB: is a quote not closed?",
			                cell->line, cell->column);
		}
	}
	csv->text[csv->text_size++] = byte;
	return CSV_ROW;
}

/* ---- cells ---- */

static int begin_cell(struct csv *csv)
{
	struct csv_cell *cell;

	if (csv->cell_count == csv->cell_capacity) {
		void *cells = csv->cells;
		int grown = grow(&cells, &csv->cell_capacity, sizeof(*csv->cells), CSV_CELLS_MAX);

		csv->cells = cells;
		if (!grown)
			return csv->cell_capacity < CSV_CELLS_MAX
			               ? fatal_at(csv, "out of memory", csv->line, csv->column)
			               : bad(csv, "the row has more than 4096 cells");
	}
	cell = &csv->cells[csv->cell_count++];
	cell->start = csv->text_size;
	cell->length = 0;
	cell->line = csv->line;
	cell->column = csv->column;
	return CSV_ROW;
}

/* What can follow a cell: a separator, the end of the line, or the end of the input. */
static int ends_cell(const struct csv *csv, int byte)
{
	return byte == NO_BYTE || byte == '\n' || byte == '\r' || byte == (unsigned char)csv->separator;
}

static int read_quoted(struct csv *csv)
{
	uint64_t line = csv->line, column = csv->column;
	int result = CSV_ROW;

	advance(csv); /* the opening quote */
	while (result == CSV_ROW) {
		int byte = peek(csv);

		if (byte == NO_BYTE)
			return csv->state == STATE_BROKEN
			               ? CSV_FATAL
			               : fatal_at(csv, "the quote that opens here is never closed", line,
			                          column);
		if (byte == 0)
			return bad(csv, "a zero byte: the text must be UTF-8");
		if (byte == '"') {
			advance(csv);
			if (peek(csv) != '"')
				break;
		}
		result = put(csv, csv->input[csv->input_at]);
		if (result == CSV_ROW)
			advance(csv);
	}
	if (result == CSV_ROW && !ends_cell(csv, peek(csv)))
		return bad(csv, "text after a closing quote (a quote inside quotes is written twice)");
	return result;
}

static int read_plain(struct csv *csv)
{
	for (;;) {
		int byte = peek(csv), result;

		if (ends_cell(csv, byte))
			return csv->state == STATE_BROKEN ? CSV_FATAL : CSV_ROW;
		if (byte == 0)
			return bad(csv, "a zero byte");
		if (byte == '"')
			return bad(csv, "a quote inside a cell that does not begin with one");
		result = put(csv, (char)csv->input[csv->input_at]);
		if (result != CSV_ROW)
			return result;
		advance(csv);
	}
}

/* Step over the end of a line, if it is one. */
static int end_line(struct csv *csv)
{
	if (peek(csv) == '\r') {
		advance(csv);
		if (peek(csv) != '\n')
			return csv->state == STATE_BROKEN ? CSV_FATAL
			                                  : bad(csv, "a carriage return without a line feed");
	}
	if (peek(csv) == '\n')
		advance(csv);
	return CSV_ROW;
}

/* Read one row's cells up to and including the end of its line. */
static int read_row(struct csv *csv)
{
	for (;;) {
		int result = begin_cell(csv);

		if (result == CSV_ROW)
			result = peek(csv) == '"' ? read_quoted(csv) : read_plain(csv);
		if (result != CSV_ROW)
			return result;
		csv->cells[csv->cell_count - 1].length =
		        csv->text_size - csv->cells[csv->cell_count - 1].start;
		if (peek(csv) != (unsigned char)csv->separator)
			return end_line(csv);
		advance(csv);
	}
}

/* After a refusal: go on behind the line it stands in. */
static void skip_line(struct csv *csv)
{
	int byte = peek(csv);

	while (byte != NO_BYTE && byte != '\n') {
		advance(csv);
		byte = peek(csv);
	}
	if (byte == '\n')
		advance(csv);
}

/* Step over a UTF-8 mark at the start, if there is one. */
static void skip_mark(struct csv *csv)
{
	while (csv->input_end < 3) {
		size_t got =
		        csv->source(csv->user, csv->input + csv->input_end, CSV_INPUT_SIZE - csv->input_end);

		if (got == CSV_READ_FAILED)
			(void)fatal_at(csv, "reading failed", csv->line, csv->column);
		if (got == CSV_READ_FAILED || got == 0)
			return;
		csv->input_end += got;
	}
	if (memcmp(csv->input, "\xEF\xBB\xBF", 3) == 0) {
		csv->input_at = 3;
		csv->bytes = 3;
	}
}

int csv_next(struct csv *csv)
{
	int result;

	if (csv->state == STATE_START) {
		csv->state = STATE_READING;
		skip_mark(csv);
	}
	do {
		csv->cell_count = 0;
		csv->text_size = 0;
		if (csv->state == STATE_BROKEN)
			return CSV_FATAL;
		if (peek(csv) == NO_BYTE)
			return csv->state == STATE_BROKEN ? CSV_FATAL : CSV_END;
		result = read_row(csv);
	} while (result == CSV_ROW && csv->cell_count == 1 && csv->cells[0].length == 0);
	csv->row++;
	if (result == CSV_BAD_ROW)
		skip_line(csv);
	return csv->state == STATE_BROKEN ? CSV_FATAL : result;
}

int csv_find(const struct csv *csv, const char *name, size_t size)
{
	size_t i, length;

	for (i = 0; i < csv->cell_count; i++) {
		const char *cell = csv_cell(csv, i, &length);

		if (length == size && memcmp(cell, name, size) == 0)
			return (int)i;
	}
	return -1;
}
