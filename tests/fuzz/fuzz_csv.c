/*
 * The shell's reader of CSV: however the input is cut into pieces the rows are the same, each cell stands
 * where it says, and rows written as RFC 4180 has it read back as they were.
 */
#define CSV_INPUT_SIZE 48u /* so that small inputs are read in several steps, too */
#include "../../examples/loyalty/csv.c"
#include "fuzz.h"

struct feed {
	const uint8_t *data;
	size_t size, at, piece; /* `piece`: most bytes given at a time */
};

static size_t give(void *user, char *buffer, size_t capacity)
{
	struct feed *feed = user;
	size_t count = feed->size - feed->at;

	if (count > feed->piece)
		count = feed->piece;
	if (count > capacity)
		count = capacity;
	memcpy(buffer, feed->data + feed->at, count);
	feed->at += count;
	return count;
}

static void start(struct csv *csv, struct feed *feed, const uint8_t *data, size_t size, size_t piece)
{
	feed->data = data;
	feed->size = size;
	feed->at = 0;
	feed->piece = piece;
	FUZZ_CHECK(csv_open(csv, give, feed, ',') == 0);
}

/* Where the next line begins. */
static size_t after_line(const uint8_t *data, size_t size, size_t at)
{
	const uint8_t *end = at < size ? memchr(data + at, '\n', size - at) : NULL;

	return end != NULL ? (size_t)(end - data) + 1 : size;
}

/* A cell's text stands at its line and column, behind the quote if there is one. Lines only go forward. */
static void check_places(const struct csv *csv, const uint8_t *data, size_t size, uint64_t *line,
                         size_t *line_at)
{
	size_t i, length;

	for (i = 0; i < csv->cell_count; i++) {
		const struct csv_cell *cell = &csv->cells[i];
		const char *text = csv_cell(csv, i, &length);
		size_t at;

		FUZZ_CHECK(cell->line >= *line && cell->column >= 1);
		for (; *line < cell->line; (*line)++)
			*line_at = after_line(data, size, *line_at);
		at = *line_at + (size_t)cell->column - 1;
		FUZZ_CHECK(at <= size);
		at += at < size && data[at] == '"';
		FUZZ_CHECK(length == 0 || (at < size && (uint8_t)text[0] == data[at]));
	}
}

static void check_same(const struct csv *a, const struct csv *b)
{
	size_t i, a_length, b_length;

	FUZZ_CHECK(a->cell_count == b->cell_count && a->row == b->row);
	for (i = 0; i < a->cell_count; i++) {
		const char *a_text = csv_cell(a, i, &a_length), *b_text = csv_cell(b, i, &b_length);

		FUZZ_CHECK(a_length == b_length && memcmp(a_text, b_text, a_length) == 0);
		FUZZ_CHECK(a->cells[i].line == b->cells[i].line && a->cells[i].column == b->cells[i].column);
	}
}

/* Append a row with every cell in quotes; the room suffices, see below. */
static void write_row(const struct csv *csv, uint8_t *text, size_t *size)
{
	size_t i, k, length;

	for (i = 0; i < csv->cell_count; i++) {
		const char *cell = csv_cell(csv, i, &length);

		if (i > 0)
			text[(*size)++] = ',';
		text[(*size)++] = '"';
		for (k = 0; k < length; k++) {
			text[(*size)++] = (uint8_t)cell[k];
			if (cell[k] == '"')
				text[(*size)++] = '"';
		}
		text[(*size)++] = '"';
	}
	text[(*size)++] = '\r';
	text[(*size)++] = '\n';
}

/* What was written reads back as the good rows of the input, in order. */
static void check_round_trip(const uint8_t *data, size_t size, const uint8_t *text, size_t written)
{
	struct csv csv, again;
	struct feed feed, again_feed;
	size_t i, length, again_length;
	int result;

	start(&csv, &feed, data, size, size + 1);
	start(&again, &again_feed, text, written, written + 1);
	do {
		result = csv_next(&csv);
		if (result != CSV_ROW)
			continue;
		FUZZ_CHECK(csv_next(&again) == CSV_ROW && again.cell_count == csv.cell_count);
		for (i = 0; i < csv.cell_count; i++) {
			const char *cell = csv_cell(&csv, i, &length),
			           *same = csv_cell(&again, i, &again_length);

			FUZZ_CHECK(length == again_length && memcmp(cell, same, length) == 0);
		}
	} while (result == CSV_ROW || result == CSV_BAD_ROW);
	FUZZ_CHECK(csv_next(&again) == CSV_END);
	csv_close(&csv);
	csv_close(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv whole, pieces;
	struct feed whole_feed, pieces_feed;
	size_t mark = size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0, line_at = mark;
	uint64_t line = 1;
	/* A byte of input is a cell of one byte in quotes, doubled, and a separator or a line end at the most. */
	uint8_t *text = malloc(6 * size + 8);
	size_t written = 0;
	int result;

	FUZZ_CHECK(text != NULL);
	start(&whole, &whole_feed, data, size, size + 1);
	start(&pieces, &pieces_feed, data, size, 1 + (size != 0 ? data[size - 1] % 7u : 0));
	do {
		result = csv_next(&whole);
		FUZZ_CHECK(csv_next(&pieces) == result);
		if (result == CSV_ROW) {
			check_same(&whole, &pieces);
			check_places(&whole, data, size, &line, &line_at);
			write_row(&whole, text, &written);
		} else if (result != CSV_END) {
			FUZZ_CHECK(whole.error != NULL && whole.error_line >= 1 && whole.error_column >= 1);
			FUZZ_CHECK(whole.error_line == pieces.error_line &&
			           whole.error_column == pieces.error_column);
		}
	} while (result == CSV_ROW || result == CSV_BAD_ROW);
	FUZZ_CHECK(csv_next(&whole) == result && whole.bytes <= size);
	FUZZ_CHECK(result == CSV_FATAL || whole.bytes == size);
	csv_close(&whole);
	csv_close(&pieces);
	check_round_trip(data, size, text, written);
	free(text);
	return 0;
}
