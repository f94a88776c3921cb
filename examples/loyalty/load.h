/* From files to stores: open, map, record, and say what became of the rows. */
#ifndef SHELL_LOAD_H
#define SHELL_LOAD_H

#include "args.h"
#include "row.h"

#include <stdio.h>

/* A store that takes the events up to a time. */
struct sink {
	loy_store *store;
	int64_t until; /* the last time it takes */
};

/* Takes an event instead of a store. Returns an exit code. */
typedef int (*take_event)(const loy_event *event, void *user);

struct load {
	/* Set by the caller. */
	const struct args *args;
	const loy_model *model; /* whose kinds the mapping may name */
	struct sink sinks[2];   /* the second one with a NULL store: only one */
	take_event take;        /* where it is not NULL, events go here and to no store */
	void *user;
	const char *customer; /* only this one's events; NULL: all */
	struct names *names;  /* NULL: texts of codes are not kept */

	/* What became of the rows: of the first sink, where there are two of the one that takes more. */
	uint64_t rows, recorded, duplicates, conflicts, refused, left_out, later, others;
	int64_t newest; /* latest time of a recorded event; INT64_MIN: none */

	/* The rest is the loader's own. */
	struct columns columns;
	struct row row;
	struct csv csv;
	loy_event *event;
	const char *path;
	unsigned told; /* refused rows told one by one */
};

/* Read all files of the command line. EXIT_DONE, or another exit code after telling why. */
int load_files(struct load *load);

/*
 * Make a model from a built-in name or a file (`-` is standard input). NULL after telling why; *code says how
 * to exit: EXIT_NO when the text is not a model.
 */
loy_model *model_open(const char *name, int *code);
/* The canonical text of a model, to standard output. Exit code. */
int model_write(const loy_model *model);
/* All of a file as terminated text of at most `most` bytes; NULL after telling why. The caller frees it. */
char *read_file(const char *path, size_t most, size_t *length);
/* A file to read, or standard input for `-`; NULL after telling why. stream_read is a csv_source of it. */
FILE *stream_open(const char *path);
size_t stream_read(void *user, char *buffer, size_t capacity);
void stream_close(FILE *file);
/* What stands between cells, by --separator; '\0' when that is no character. */
char separator_of(const struct args *args);
/* Tell a failure of the library and give the exit code for it. */
int library_failure(const char *what, loy_status status);

#endif
