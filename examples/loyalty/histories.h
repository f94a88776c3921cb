/*
 * What lifetime models are fitted to and asked about, from three kinds of input: tables of transactions (or of any
 * events), tables of summaries (columns x, t_x and T), and stores on files.
 */
#ifndef SHELL_HISTORIES_H
#define SHELL_HISTORIES_H

#include "commands.h"

struct histories {
	const struct args *args;
	int64_t unit; /* microseconds */
	int64_t end;  /* a time in the last day of the period; INT64_MAX until it is known */
	uint64_t count;
	char **customer; /* names */
	uint32_t *x;
	double *t_x, *T, *mean_spend, *log_intervals; /* log_intervals NULL: not known */
	int has_t_x;                    /* 0: the summaries have no such column, as those of contracts */
	loy_transactions *transactions; /* of transactions only; customers are numbered as `names` is */
	struct repeats *seen;           /* identities of events */
	char **names;
	size_t name_count, name_capacity;
	uint64_t *slots; /* of names, by hash; 0: free, else number + 1 */
	size_t slot_count;
};

/* Read the operands by --end and in `unit` (0: by --unit). Exit code; histories_free() always. */
int histories_read(struct histories *h, const struct args *args, int64_t unit);
void histories_free(struct histories *h);
/* Columns of a history for the library; returns how many. `with` are further LOY_HISTORY_…, 0 for none. */
uint32_t histories_columns(const struct histories *h, int spend, int intervals, loy_history_column out[5]);

/* Read a fitted model from a file. NULL after telling, with the exit code. */
loy_lifetime *lifetime_open(const char *path, int *code);
/* Name of a unit: week, 28d. */
const char *unit_text(int64_t unit, char buffer[32]);

/* The parts of `lifetime`. */
int lifetime_fit(const struct args *args);
int lifetime_predict(const struct args *args);
int lifetime_value(const struct args *args);
int lifetime_track(const struct args *args);

#endif
