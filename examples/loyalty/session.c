/* What commands that read events have in common. */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int read_date(const char *option, const char *text, int64_t *out)
{
	char message[VALUE_MESSAGE_SIZE];

	if (strcmp(text, "now") == 0) {
		*out = (int64_t)time(NULL) * LOY_SECOND;
		return 1;
	}
	if (value_field(LOY_FIELD_TIME, LOY_TYPE_TIME, text, strlen(text), 0, out, message))
		return 1;
	say("--%s: %s", option, message);
	return 0;
}

loy_model *model_of(const struct args *args, enum option option, int *code)
{
	const char *name = args->value[option];
	loy_model *model = model_open(name != NULL ? name : loy_model_builtin_name(0), code);

	if (model == NULL && *code == EXIT_NO)
		*code = EXIT_INPUT;
	return model;
}

loy_store *store_of(const loy_model *model, int *code)
{
	loy_store *store = NULL;
	loy_status status = loy_store_create(&store, model, NULL, NULL);

	if (status != LOY_OK)
		*code = library_failure("making a store", status);
	return store;
}

loy_status profile_find(const loy_store *store, const char *customer, loy_profile *out)
{
	loy_status status = loy_store_profile_of(store, 0, customer, strlen(customer), out);
	uint64_t number = 0;
	char *end;

	if (status != LOY_ENOTFOUND || customer[0] != '#' || customer[1] < '1' || customer[1] > '9')
		return status;
	number = strtoull(customer + 1, &end, 10);
	return *end == '\0' ? loy_store_profile_of(store, number, NULL, 0, out) : status;
}

loy_profile *session_profile(const loy_store *store, const char *customer, int *code)
{
	loy_profile *profile = NULL;
	loy_status status = loy_profile_create(&profile, loy_model_schema(loy_store_model(store)), NULL);

	if (status == LOY_OK)
		status = profile_find(store, customer, profile);
	if (status == LOY_OK)
		return profile;
	loy_profile_destroy(profile);
	if (status == LOY_ENOTFOUND) {
		say("no event of customer '%s' up to that date", customer);
		*code = EXIT_NO;
	} else {
		*code = library_failure("reading the profile", status);
	}
	return NULL;
}

int session_open(struct session *session, const struct args *args)
{
	int code = EXIT_DONE;

	memset(session, 0, sizeof(*session));
	session->args = args;
	session->at = INT64_MAX;
	if (args->operand_count == 0) {
		say("`%s` needs a file of events, or - for standard input; `loyalty %s --help` shows how",
		    args->command, args->command);
		return EXIT_USAGE;
	}
	if (args->value[OPTION_AT] != NULL && !read_date("at", args->value[OPTION_AT], &session->at))
		return EXIT_USAGE;
	if (args->operand_count == 1 && is_directory(args->operands[0])) {
		code = shelf_open(&session->shelf, args, args->operands[0], LOY_STORE_READ_ONLY);
		session->model = session->shelf.model;
		session->store = session->shelf.store;
	} else {
		session->model = model_of(args, OPTION_MODEL, &code);
		session->store = session->model != NULL ? store_of(session->model, &code) : NULL;
	}
	if (session->store == NULL)
		return code;
	session->names = names_create();
	return session->names != NULL ? EXIT_DONE : library_failure("starting", LOY_ENOMEM);
}

/* A store on files holds its events already: only --at is left to do. */
static int go_back(struct session *session)
{
	int code = EXIT_DONE;

	if (session->at == INT64_MAX)
		return read_date("at", "now", &session->at) ? EXIT_DONE : EXIT_USAGE;
	session->store = shelf_as_of(&session->shelf, session->args, session->model, session->at, &code);
	return code;
}

int session_load(struct session *session, const char *customer)
{
	int code;

	if (session->shelf.store != NULL)
		return go_back(session);
	session->load.args = session->args;
	session->load.model = session->model;
	session->load.sinks[0].store = session->store;
	session->load.sinks[0].until = session->at;
	session->load.customer = customer;
	session->load.names = session->names;
	code = load_files(&session->load);
	if (code == EXIT_DONE && session->load.newest == INT64_MIN) {
		if (customer != NULL)
			say("no event of customer '%s' in these files up to that date", customer);
		else
			say("no event was recorded");
		code = EXIT_NO;
	}
	if (session->at == INT64_MAX)
		session->at = session->load.newest;
	return code;
}

void session_close(struct session *session)
{
	if (session->store != session->shelf.store)
		loy_store_destroy(session->store);
	if (session->shelf.model != NULL)
		(void)shelf_close(&session->shelf, EXIT_DONE); /* read-only: nothing to commit */
	else
		loy_model_destroy(session->model);
	names_destroy(session->names);
}
