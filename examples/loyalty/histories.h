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
	double *t_x, *T, *mean_spend;
	double *log_intervals, *weight; /* NULL: not known */
	int64_t holdout;                /* a time in the last day of --holdout; 0: none */
	uint32_t *holdout_x;            /* purchases in it, of summaries or transactions; NULL: not known */
	double *covariate[LOY_LIFETIME_COVARIATES_MAX]; /* those that --covariates names, of summaries */
	uint32_t covariate_count;
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
/* The summaries of one file. EXIT_NO, silently, when it holds none. (histories_summary.c) */
int summaries_read(struct histories *h, const char *path);
/* How long --holdout is, in units. */
double histories_horizon(const struct histories *h);
/* Columns of histories for the library, `with` some that not all models want; returns how many. */
enum { HISTORIES_SPEND = 1, HISTORIES_INTERVALS = 2, HISTORIES_NO_T_X = 4 };
#define HISTORIES_COLUMNS (6 + LOY_LIFETIME_COVARIATES_MAX)
uint32_t histories_columns(const struct histories *h, unsigned with,
                           loy_history_column out[HISTORIES_COLUMNS]);

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
