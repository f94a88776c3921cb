/*
 * A streaming reader of comma-separated values (RFC 4180): quotes, doubled quotes, line ends inside quotes,
 * LF or CRLF, a UTF-8 mark at the start. One row is in memory at a time, at most CSV_ROW_MAX bytes of it.
 *
 * What RFC 4180 does not allow is refused with the place, not guessed at: a quote inside a cell that does not
 * begin with one, text after a closing quote, a carriage return without a line feed, a zero byte. Such a row
 * is skipped to the end of its line. A quote that is never closed and a row too long end the reading.
 */
#ifndef SHELL_CSV_H
#define SHELL_CSV_H

#include <stddef.h>
#include <stdint.h>

#define CSV_ROW_MAX   (1u << 20)
#define CSV_CELLS_MAX 4096u

/* What csv_next() returns. */
enum {
	CSV_END = 0,      /* no more rows */
	CSV_ROW = 1,      /* a row is there */
	CSV_BAD_ROW = -1, /* a row was refused; error_… tell where and why; the next call goes on behind it */
	CSV_FATAL = -2    /* reading cannot go on; every later call says so again */
};

/* Puts 1 to `capacity` bytes into `buffer` and returns how many; 0 at the end, CSV_READ_FAILED on failure. */
typedef size_t (*csv_source)(void *user, char *buffer, size_t capacity);
#define CSV_READ_FAILED ((size_t)-1)

struct csv_cell {
	size_t start, length; /* in the text of the row */
	uint64_t line,
	        column; /* where its first byte stands in the input, both from 1; columns count bytes */
};

struct csv {
	/* The row: valid until the next call. */
	char *text;
	struct csv_cell *cells;
	size_t cell_count;
	uint64_t row; /* rows seen so far, refused ones included; the header is row 1 */
	/* Why a row was refused. */
	const char *error;
	uint64_t error_line, error_column;

	/* The rest is the reader's own. */
	uint64_t bytes; /* of input taken so far */
	csv_source source;
	void *user;
	char separator;
	int state;
	size_t text_size, text_capacity, cell_capacity;
	uint64_t line, column; /* of the next byte */
	char *input;
	size_t input_at, input_end;
};

/* Start reading. Returns 0, or -1 without memory. csv_close() may be called in both cases. */
int csv_open(struct csv *csv, csv_source source, void *user, char separator);
/* Read the next row; empty lines are passed over. Returns CSV_…. */
int csv_next(struct csv *csv);
/* One cell of the row: not terminated. */
const char *csv_cell(const struct csv *csv, size_t index, size_t *length);
/* The cell of the row that holds this text, or -1: for headers. */
int csv_find(const struct csv *csv, const char *text, size_t size);
void csv_close(struct csv *csv);

#endif
