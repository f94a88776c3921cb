/* Stores on files: opening, closing, telling what went wrong. */
#define _XOPEN_SOURCE 700 /* S_ISDIR */
#include "commands.h"
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define STEP_BYTES (UINT64_C(4) << 20) /* of one step of compaction */

#ifndef S_ISDIR
#define S_ISDIR(mode) (((mode)&S_IFMT) == S_IFDIR)
#endif

int is_directory(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

int store_there(const char *path)
{
	if (is_directory(path))
		return 1;
	say("there is no store at '%s'", path);
	return 0;
}

int store_failure(const char *what, loy_status status, const loy_error *error)
{
	const char *message =
	        error != NULL && error->message[0] != '\0' ? error->message : loy_status_text(status);

	if (status == LOY_ELOCKED) {
		say("%s: another process has the store open", what);
		return EXIT_RESOURCES;
	}
	if (error != NULL && error->message[0] != '\0' && error->byte >= 0)
		say("%s: %s (byte %" PRId64 ")", what, message, error->byte);
	else
		say("%s: %s", what, message);
	if (status == LOY_ESCHEMA)
		say("another model made the profiles: --rebuild makes them again from the events, or --model "
		    "names the one that did");
	return status == LOY_ENOMEM || status == LOY_EFULL || status == LOY_EIO || status == LOY_ELIMIT
	               ? EXIT_RESOURCES
	               : EXIT_INPUT;
}

static void tell_recovery(const struct shelf *shelf, const loy_recovery *found)
{
	if (found->rebuilt)
		say("%s: profiles were built again from %" PRIu64 " records", shelf->path, found->replayed);
	if (found->torn_bytes == 0)
		return;
	say("%s: %" PRIu64 " bytes of unfinished writes were dropped; all that was acknowledged is there",
	    shelf->path, found->torn_bytes);
	if (found->doubtful_high != 0 || found->doubtful_low != 0)
		say("send event %016" PRIx64 "%016" PRIx64 " and those after it again", found->doubtful_high,
		    found->doubtful_low);
}

int shelf_compact(struct shelf *shelf, const struct args *args)
{
	struct progress progress;
	uint32_t left = 1;
	uint64_t steps = 0;
	loy_error error;
	int code = EXIT_DONE;

	progress_start(&progress, "compacting", args->value[OPTION_PROGRESS] != NULL,
	               args->value[OPTION_QUIET] != NULL);
	while (code == EXIT_DONE && left != 0) {
		loy_status status;

		memset(&error, 0, sizeof(error));
		error.struct_size = sizeof(error);
		status = loy_store_compact(shelf->store, STEP_BYTES, &left, &error);
		if (status != LOY_OK)
			code = store_failure(shelf->path, status, &error);
		progress_tell(&progress, ++steps, 0, "steps");
	}
	progress_stop(&progress);
	return code;
}

int shelf_open(struct shelf *shelf, const struct args *args, const char *path, uint32_t flags)
{
	loy_store_options options;
	struct progress progress;
	loy_recovery found;
	loy_error error;
	loy_status status;
	int code = EXIT_DONE, quiet = args->value[OPTION_QUIET] != NULL;

	memset(shelf, 0, sizeof(*shelf));
	shelf->path = path;
	if ((flags & LOY_STORE_READ_ONLY) != 0 && !store_there(path))
		return EXIT_INPUT;
	shelf->model = model_of(args, OPTION_MODEL, &code);
	if (shelf->model == NULL)
		return code;
	memset(&options, 0, sizeof(options));
	memset(&found, 0, sizeof(found));
	memset(&error, 0, sizeof(error));
	options.struct_size = sizeof(options);
	found.struct_size = sizeof(found);
	error.struct_size = sizeof(error);
	options.flags = flags;
	if (args->value[OPTION_REBUILD] != NULL)
		options.flags |= LOY_STORE_REBUILD;
	options.durability = LOY_DURABLE_CALLER; /* a command is one piece of work: committed where it ends */
	options.threads = processor_count() > 1 ? 2 : 1;
	options.progress = progress_callback;
	options.user_data = &progress;
	progress_start(&progress, path, args->value[OPTION_PROGRESS] != NULL, quiet);
	status = loy_store_open(&shelf->store, path, strlen(path), shelf->model, &options, NULL, &found,
	                        &error);
	progress_stop(&progress);
	if (status != LOY_OK)
		return store_failure(path, status, &error);
	if (!quiet)
		tell_recovery(shelf, &found);
	/* profiles made again are kept, so that the next opening need not make them once more */
	return found.rebuilt && (flags & LOY_STORE_READ_ONLY) == 0 ? shelf_compact(shelf, args) : EXIT_DONE;
}

int shelf_close(struct shelf *shelf, int code)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = LOY_OK;

	if (shelf->store != NULL)
		status = loy_store_commit(shelf->store, &error);
	if (status != LOY_OK && status != LOY_EREADONLY) {
		int failed = store_failure(shelf->path, status, &error);

		if (code == EXIT_DONE)
			code = failed;
	}
	loy_store_destroy(shelf->store);
	loy_model_destroy(shelf->model);
	return code;
}

loy_store *shelf_as_of(const struct shelf *shelf, const struct args *args, const loy_model *model,
                       int64_t time, int *code)
{
	loy_store *past = NULL;
	struct progress progress;
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;

	progress_start(&progress, shelf->path, args->value[OPTION_PROGRESS] != NULL,
	               args->value[OPTION_QUIET] != NULL);
	status =
	        loy_store_as_of(shelf->store, time, model, &past, NULL, progress_callback, &progress, &error);
	progress_stop(&progress);
	if (status != LOY_OK)
		*code = store_failure(shelf->path, status, &error);
	return past;
}

int customer_read(const char *text, loy_who *who)
{
	char *end = NULL;

	memset(who, 0, sizeof(*who));
	who->key = text;
	who->length = strlen(text);
	if (text[0] != '#')
		return 1;
	who->customer = strtoull(text + 1, &end, 10);
	if (who->customer != 0 && *end == '\0' && text[1] >= '0' && text[1] <= '9')
		return 1;
	say("'%s': a customer's number is # and digits", text);
	return 0;
}
