/* Telling how far long work has come, on standard error. */
#ifndef SHELL_PROGRESS_H
#define SHELL_PROGRESS_H

#include <stdint.h>

struct progress {
	int shown;    /* whether anything is told */
	int terminal; /* one line, written again and again; else a line a step */
	int dirty;    /* the terminal's line holds something */
	int percent;  /* told last */
	const char *what;
};

/* Progress is told when standard error is a terminal, or when `asked`; never when `quiet`. */
void progress_start(struct progress *progress, const char *what, int asked, int quiet);
/* done of total; total 0 when it is not known. `unit` is what is counted. Cheap to call often. */
void progress_tell(struct progress *progress, uint64_t done, uint64_t total, const char *unit);
/* Clear the line. */
void progress_stop(struct progress *progress);
/* A loy_progress whose user data is a struct progress. */
int32_t progress_callback(uint64_t done, uint64_t total, void *user_data);

/* Processors to use when nobody says how many. */
long processor_count(void);
/* Size of a file, 0 when it cannot be told. */
uint64_t file_size(const char *path);
/* Let standard input and output pass bytes as they are, where systems change line ends. */
void binary_streams(void);

#endif
