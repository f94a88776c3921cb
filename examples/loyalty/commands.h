/* The commands of the shell. Each gets its options and operands and returns an exit code. */
#ifndef SHELL_COMMANDS_H
#define SHELL_COMMANDS_H

#include "args.h"
#include "load.h"

int command_score(const struct args *args);
int command_explain(const struct args *args);
int command_change(const struct args *args);
int command_what_if(const struct args *args);
int command_profile(const struct args *args);
int command_model(const struct args *args);
int command_lifetime(const struct args *args);
int command_calibrate(const struct args *args);
int command_judge(const struct args *args);
int command_fit_paths(const struct args *args);
int command_nps(const struct args *args);
int command_csat(const struct args *args);
int command_servqual(const struct args *args);
int command_items(const struct args *args);
/* On stores (exchange.c, upkeep.c). */
int command_import(const struct args *args);
int command_export(const struct args *args);
int command_sync(const struct args *args);
int command_verify(const struct args *args);
int command_erase(const struct args *args);
int command_compact(const struct args *args);
int command_stats(const struct args *args);
const char *help_on_stores(const char *topic); /* NULL: it is another topic */
extern const char help_lifetime[], help_calibrate[], help_judge[], help_fit_paths[], help_nps[], help_csat[],
        help_servqual[], help_items[];
int command_help(const char *topic); /* a command or a topic; NULL: the overview */

/* ---- stores on files (shelf.c) ---- */

/* An open store with the model it follows. */
struct shelf {
	loy_model *model;
	loy_store *store;
	const char *path;
};
/* Whether a path is a directory, which is what stores are. */
int is_directory(const char *path);
/* 1 when there may be a store; 0 after telling: for what must not make one by a slip of the pen. */
int store_there(const char *path);
/*
 * Open the store at `path` with the model of --model; `flags` are LOY_STORE_…. Tells what recovery did,
 * unless --quiet. With LOY_STORE_READ_ONLY the directory must be there. Exit code; shelf_close() always.
 */
int shelf_open(struct shelf *shelf, const struct args *args, const char *path, uint32_t flags);
/* Compact to the end. Exit code. */
int shelf_compact(struct shelf *shelf, const struct args *args);
/* Commit and close; `code` is what the work came to. Exit code. */
int shelf_close(struct shelf *shelf, int code);
/* The store as it was at a time, read by a model; in memory. NULL after telling. */
loy_store *shelf_as_of(const struct shelf *shelf, const struct args *args, const loy_model *model,
                       int64_t time, int *code);
/* Who a text means: a key, or the number behind `#`. 1, or 0 after telling. */
int customer_read(const char *text, loy_who *who);
/* Tell a failure of the library: what, where, and its message. Exit code. */
int store_failure(const char *what, loy_status status, const loy_error *error);

/* What commands that read events have in common. */
struct session {
	const struct args *args;
	loy_model *model;
	loy_store *store;
	struct names *names;
	struct load load;
	struct shelf shelf; /* the store on files that is read, if any; `model` and `store` may be its */
	int64_t at;         /* the time asked for, or the newest event's, or now for stores on files */
};
/*
 * Check operands; make the model and an empty store, or open the store that is the only operand. Exit code;
 * session_close() always.
 */
int session_open(struct session *session, const struct args *args);
/* Read the events up to --at, those of one customer or, for NULL, of all; a store goes back to --at. Exit code. */
int session_load(struct session *session, const char *customer);
/* The profile of a customer by key or, where there is no such key, by the number behind `#`. */
loy_status profile_find(const loy_store *store, const char *customer, loy_profile *out);
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
