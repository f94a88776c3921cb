/* The commands of the shell. Each gets its options and operands and returns an exit code. */
#ifndef SHELL_COMMANDS_H
#define SHELL_COMMANDS_H

#include "args.h"
#include "load.h"

int command_score(const struct args *args);
int command_explain(const struct args *args);
int command_change(const struct args *args);
int command_profile(const struct args *args);
int command_model(const struct args *args);
int command_help(const char *topic); /* a command or a topic; NULL: the overview */

/* What commands that read events have in common. */
struct session {
	const struct args *args;
	loy_model *model;
	loy_store *store;
	struct names *names;
	struct load load;
	int64_t at; /* the time asked for, or the newest event's */
};
/* Check operands, make the model and an empty store. Exit code; session_close() always. */
int session_open(struct session *session, const struct args *args);
/* Read the events up to --at, those of one customer or, for NULL, of all. Exit code. */
int session_load(struct session *session, const char *customer);
/* The profile of --customer. NULL after telling, with the exit code in *code. */
loy_profile *session_profile(const loy_store *store, const char *customer, int *code);
void session_close(struct session *session);

/* Read a date: ISO 8601 or `now`. 1, or 0 after telling. */
int read_date(const char *option, const char *text, int64_t *out);
/* Open the model an option names, "retail" when it is not given. NULL after telling. */
loy_model *model_of(const struct args *args, enum option option, int *code);
/* An empty store of a model. NULL after telling. */
loy_store *store_of(const loy_model *model, int *code);

#endif
