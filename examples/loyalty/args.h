/* Options and operands of the command line. */
#ifndef SHELL_ARGS_H
#define SHELL_ARGS_H

#include <stdint.h>

#define ARGS_LIST_MAX 32

/* Exit codes, told by `loyalty help exit`. */
enum {
	EXIT_DONE = 0,
	EXIT_NO = 1,       /* the answer is no: no such customer, a model that does not pass its check */
	EXIT_USAGE = 2,    /* the command line */
	EXIT_INPUT = 3,    /* a file that cannot be read or used; with --strict a bad row */
	EXIT_RESOURCES = 4 /* out of memory, or output that cannot be written */
};

enum option {
	OPTION_AT,
	OPTION_FROM,
	OPTION_TO,
	OPTION_CUSTOMER,
	OPTION_MODEL,
	OPTION_TO_MODEL,
	OPTION_CONSTRUCT, /* may be given again */
	OPTION_TOP,
	OPTION_BOTTOM,
	OPTION_BY,
	OPTION_WHERE, /* may be given again */
	OPTION_INTERVALS,
	OPTION_FORMAT,
	OPTION_COLUMNS,
	OPTION_SEPARATOR,
	OPTION_THREADS,
	OPTION_STRICT,
	OPTION_PROGRESS,
	OPTION_QUIET,
	OPTION_SOURCE,
	OPTION_SINCE,
	OPTION_UNTIL,
	OPTION_VECTOR,
	OPTION_REBUILD,
	OPTION_FAMILY,
	OPTION_UNIT,
	OPTION_END,
	OPTION_K,
	OPTION_RIDGE,
	OPTION_FITTED,
	OPTION_SPEND,
	OPTION_HORIZON,
	OPTION_DISCOUNT,
	OPTION_PERIODS,
	OPTION_EVENT, /* may be given again */
	OPTION_TARGET, /* may be given again */
	OPTION_HALF_LIVES,
	OPTION_RETEST,
	OPTION_FOLDS,
	OPTION_SCHEME,
	OPTION_MODE,
	OPTION_CONSISTENT,
	OPTION_MISSING,
	OPTION_MISSING_CODE,
	OPTION_WEIGHT,
	OPTION_SCALE,
	OPTION_RESAMPLES,
	OPTION_SEED,
	OPTION_INTO,
	OPTION_BANDS,
	OPTION_HOLDOUT,
	OPTION_COVARIATES,
	OPTION_HELP,
	OPTION_COUNT
};
#define BIT(option) (UINT64_C(1) << (option))
/* What all commands that read events take. */
#define OPTIONS_READING                                                                                      \
	(BIT(OPTION_MODEL) | BIT(OPTION_FORMAT) | BIT(OPTION_COLUMNS) | BIT(OPTION_SEPARATOR) |              \
	 BIT(OPTION_STRICT) | BIT(OPTION_PROGRESS) | BIT(OPTION_QUIET) | BIT(OPTION_HELP))
/* What all commands that open a store take. */
#define OPTIONS_STORE                                                                                        \
	(BIT(OPTION_MODEL) | BIT(OPTION_REBUILD) | BIT(OPTION_PROGRESS) | BIT(OPTION_QUIET) |                \
	 BIT(OPTION_HELP))

/* What all parts of `lifetime` take. */
#define OPTIONS_LIFETIME                                                                                     \
	(OPTIONS_READING | BIT(OPTION_REBUILD) | BIT(OPTION_UNIT) | BIT(OPTION_END) | BIT(OPTION_FAMILY) |   \
	 BIT(OPTION_K) | BIT(OPTION_RIDGE) | BIT(OPTION_FITTED) | BIT(OPTION_SPEND) | BIT(OPTION_HORIZON) |  \
	 BIT(OPTION_DISCOUNT) | BIT(OPTION_PERIODS) | BIT(OPTION_INTERVALS) | BIT(OPTION_HOLDOUT) |          \
	 BIT(OPTION_COVARIATES))

struct args {
	const char *command;
	char **operands; /* in the caller's argv */
	int operand_count;
	const char *value[OPTION_COUNT]; /* NULL: not given; "" for options without a value */
	const char *where[ARGS_LIST_MAX], *construct[ARGS_LIST_MAX], *target[ARGS_LIST_MAX], *event[ARGS_LIST_MAX];
	int where_count, construct_count, target_count, event_count;
};

/* Read what follows the command; `accepted` are bits. 1, or 0 after telling what is wrong. */
int args_read(struct args *args, const char *command, uint64_t accepted, int argc, char **argv);
/* A whole number from `least` to `most` in an option, or `otherwise` when it is not given. 1, or 0 after telling. */
int args_number(const struct args *args, enum option option, long least, long most, long otherwise,
                long *out);

/* A real number likewise. */
int args_real(const struct args *args, enum option option, double least, double most, double otherwise,
              double *out);

/* Tell on standard error, after "loyalty: ". */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void say(const char *format, ...);

#endif
