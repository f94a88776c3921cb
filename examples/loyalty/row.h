/* One row of a bound mapping to one event. */
#ifndef SHELL_ROW_H
#define SHELL_ROW_H

#include "columns.h"
#include "names.h"

#define ROW_MESSAGE 320

/* What row_read() returns. */
enum { ROW_REFUSED = 0, ROW_EVENT = 1, ROW_LEFT_OUT = 2, ROW_OTHER = 3, ROW_NO_MEMORY = 4 };

struct row {
	const struct columns *columns; /* bound */
	const loy_schema *schema;
	const struct csv *csv;   /* standing on the row */
	struct names *names;     /* collects what codes were hashed from; NULL: nothing does */
	struct repeats *repeats; /* for `identity = auto` */
	const char *only;        /* read events of this customer and leave the rest (ROW_OTHER); NULL: all */
	size_t only_length;
	char *scratch; /* joined texts and the content of a row */
	size_t scratch_capacity;

	/* Of the row read last. */
	int64_t time;
	uint32_t kind;
	uint64_t line, column;     /* where a refused value stands */
	char message[ROW_MESSAGE]; /* and why */
};

/* Fill `event` from the row the CSV stands on. Returns ROW_…. */
int row_read(struct row *row, loy_event *event);
/* Set line, column and message for a flaw the library found in a field of the row read last. */
void row_blame(struct row *row, uint32_t field, const char *message);
void row_free(struct row *row);

#endif
