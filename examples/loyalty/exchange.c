/* `loyalty import`, `export` and `sync`: events and bundles into stores and out of them. */
#include "commands.h"
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUNDLE_MAX ((size_t)1 << 30)
#define VECTOR_MAX ((size_t)1 << 26)

/* ---- bytes that grow ---- */

struct bytes {
	char *data;
	size_t size, capacity;
};

static int32_t append(const void *data, size_t size, void *user_data)
{
	struct bytes *b = user_data;

	if (size > b->capacity - b->size) {
		size_t capacity = (b->size + size) * 2;
		char *grown = realloc(b->data, capacity);

		if (grown == NULL)
			return 1;
		b->data = grown;
		b->capacity = capacity;
	}
	memcpy(b->data + b->size, data, size);
	b->size += size;
	return 0;
}

static int32_t write_stream(const void *data, size_t size, void *user_data)
{
	return fwrite(data, 1, size, user_data) != size;
}

/* ---- import ---- */

static void tell_import(const char *name, const loy_import_result *r)
{
	say("%s: %" PRIu64 " records: %" PRIu64 " new, %" PRIu64 " known, %" PRIu64 " in conflict, %" PRIu64
	    " of erased customers",
	    name, r->records, r->recorded, r->known, r->conflicts, r->erased);
	if (r->refused != 0)
		say("%s: %" PRIu64 " records are more than profiles can count: left out", name, r->refused);
}

/* Take in a bundle that is in memory. Exit code. */
static int import_bytes(struct shelf *shelf, const struct args *args, const char *name, const void *bundle,
                        size_t size, loy_import_result *result)
{
	loy_batch_options batch = {.struct_size = sizeof(batch)};
	struct progress progress;
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;

	memset(result, 0, sizeof(*result));
	result->struct_size = sizeof(*result);
	batch.progress = progress_callback;
	batch.user_data = &progress;
	progress_start(&progress, name, args->value[OPTION_PROGRESS] != NULL,
	               args->value[OPTION_QUIET] != NULL);
	status = loy_store_import(shelf->store, bundle, size, &batch, result, &error);
	progress_stop(&progress);
	return status == LOY_OK ? EXIT_DONE : store_failure(name, status, &error);
}

/* Whether a file begins like a bundle, which no table of events does. */
static int is_bundle(const char *path)
{
	static const char mark[4] = {'L', 'O', 'Y', 'B'};
	char head[4];
	FILE *file = strcmp(path, "-") != 0 ? fopen(path, "rb") : NULL;
	int found;

	if (file == NULL)
		return 0;
	found = fread(head, 1, sizeof(head), file) == sizeof(head) && memcmp(head, mark, sizeof(mark)) == 0;
	(void)fclose(file);
	return found;
}

static int import_bundle(struct shelf *shelf, const struct args *args, const char *path)
{
	loy_import_result result;
	size_t size = 0;
	char *bundle = read_file(path, BUNDLE_MAX, &size);
	int code;

	if (bundle == NULL)
		return EXIT_INPUT;
	code = import_bytes(shelf, args, path, bundle, size, &result);
	free(bundle);
	if ((code == EXIT_DONE || result.refused != 0) && args->value[OPTION_QUIET] == NULL)
		tell_import(path, &result);
	return code;
}

/* Events of the tables among the files. */
static int import_tables(struct shelf *shelf, const struct args *args)
{
	struct load load;
	struct names *names = names_create();
	int code;

	memset(&load, 0, sizeof(load));
	load.args = args;
	load.model = shelf->model;
	load.sinks[0].store = shelf->store;
	load.sinks[0].until = INT64_MAX;
	load.names = names;
	code = names != NULL ? load_files(&load) : library_failure("starting", LOY_ENOMEM);
	names_destroy(names);
	return code;
}

int command_import(const struct args *args)
{
	struct args tables = *args;
	struct shelf shelf;
	int i, code;

	if (args->operand_count < 2) {
		say("`import` needs a store and files of events or bundles; `loyalty import --help` shows "
		    "how");
		return EXIT_USAGE;
	}
	code = shelf_open(&shelf, args, args->operands[0], 0);
	tables.operands++;
	tables.operand_count = 0;
	for (i = 1; i < args->operand_count && code == EXIT_DONE; i++) {
		char *path = args->operands[i];

		if (is_bundle(path))
			code = import_bundle(&shelf, args, path);
		else /* tables move to the front */
			tables.operands[tables.operand_count++] = path;
	}
	if (code == EXIT_DONE && tables.operand_count != 0)
		code = import_tables(&shelf, &tables);
	return shelf_close(&shelf, code);
}

/* ---- export ---- */

/* The version vector of a store. Exit code; the caller frees bytes->data. */
static int vector_of(const struct shelf *shelf, struct bytes *out)
{
	loy_status status = loy_store_vector(shelf->store, NULL, 0, &out->size);

	if (status == LOY_EBUFFER) {
		out->data = malloc(out->size);
		out->capacity = out->size;
		status = out->data != NULL ? loy_store_vector(shelf->store, out->data, out->size, &out->size)
		                           : LOY_ENOMEM;
	}
	return status == LOY_OK ? EXIT_DONE : store_failure(shelf->path, status, NULL);
}

static int export_bundle(const struct shelf *shelf, const struct args *args, FILE *to)
{
	const char *since = args->value[OPTION_SINCE];
	loy_export_result result = {.struct_size = sizeof(result)};
	char *vector = NULL;
	size_t size = 0;
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;

	if (since != NULL) {
		vector = read_file(since, VECTOR_MAX, &size);
		if (vector == NULL)
			return EXIT_INPUT;
	}
	status = loy_store_export(shelf->store, vector, size, 0, write_stream, to, &result, &error);
	free(vector);
	if (status != LOY_OK)
		return status == LOY_ECANCELLED ? EXIT_RESOURCES : store_failure(shelf->path, status, &error);
	if (args->value[OPTION_QUIET] == NULL)
		say("%s: %" PRIu64 " records, %" PRIu64 " bytes", shelf->path, result.records, result.bytes);
	return EXIT_DONE;
}

static int export_vector(const struct shelf *shelf, FILE *to)
{
	struct bytes vector = {NULL, 0, 0};
	int code = vector_of(shelf, &vector);

	if (code == EXIT_DONE && write_stream(vector.data, vector.size, to) != 0)
		code = EXIT_RESOURCES;
	free(vector.data);
	return code;
}

static int export_customer(const struct shelf *shelf, const struct args *args, FILE *to)
{
	const char *customer = args->value[OPTION_CUSTOMER];
	int64_t at = 0;
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;
	loy_who who;

	if (!customer_read(customer, &who) ||
	    !read_date("at", args->value[OPTION_AT] != NULL ? args->value[OPTION_AT] : "now", &at))
		return EXIT_USAGE;
	status = loy_store_export_customer(shelf->store, who.customer, who.key, who.length, at, write_stream,
	                                   to, &error);
	if (status == LOY_ENOTFOUND) {
		say("the store has no customer '%s'", customer);
		return EXIT_NO;
	}
	if (status == LOY_OK && fputc('\n', to) == EOF)
		status = LOY_ECANCELLED;
	return status == LOY_OK           ? EXIT_DONE
	       : status == LOY_ECANCELLED ? EXIT_RESOURCES
	                                  : store_failure(customer, status, &error);
}

int command_export(const struct args *args)
{
	const char *path = args->operand_count > 1 ? args->operands[1] : "-";
	FILE *to = stdout;
	struct shelf shelf;
	int code;

	if (args->operand_count < 1 || args->operand_count > 2) {
		say("`export` needs a store and, if not standard output, a file; `loyalty export --help` "
		    "shows how");
		return EXIT_USAGE;
	}
	code = shelf_open(&shelf, args, args->operands[0], LOY_STORE_READ_ONLY);
	if (code == EXIT_DONE && strcmp(path, "-") != 0) {
		to = fopen(path, "wb");
		if (to == NULL) {
			say("%s cannot be written", path);
			code = EXIT_RESOURCES;
		}
	}
	if (code == EXIT_DONE && args->value[OPTION_CUSTOMER] != NULL)
		code = export_customer(&shelf, args, to);
	else if (code == EXIT_DONE && args->value[OPTION_VECTOR] != NULL)
		code = export_vector(&shelf, to);
	else if (code == EXIT_DONE)
		code = export_bundle(&shelf, args, to);
	if (to != NULL && to != stdout && fclose(to) != 0) {
		say("%s cannot be written", path);
		code = EXIT_RESOURCES;
	}
	return shelf_close(&shelf, code);
}

/* ---- sync ---- */

/* Give `to` what it lacks of `from`. Exit code. */
static int send_missing(struct shelf *from, struct shelf *to, const struct args *args,
                        loy_import_result *result)
{
	struct bytes vector = {NULL, 0, 0}, bundle = {NULL, 0, 0};
	loy_export_result made = {.struct_size = sizeof(made)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;
	int code = vector_of(to, &vector);

	if (code == EXIT_DONE) {
		status = loy_store_export(from->store, vector.data, vector.size, 0, append, &bundle, &made,
		                          &error);
		if (status != LOY_OK)
			code = status == LOY_ECANCELLED ? library_failure("exporting", LOY_ENOMEM)
			                                : store_failure(from->path, status, &error);
	}
	if (code == EXIT_DONE)
		code = import_bytes(to, args, to->path, bundle.data, bundle.size, result);
	free(vector.data);
	free(bundle.data);
	return code;
}

/* The store's state as a number, which is the same for equal stores. */
static loy_status state_of(const struct shelf *shelf, char text[33])
{
	uint64_t high = 0, low = 0;
	loy_status status = loy_store_sort(shelf->store);

	if (status == LOY_OK)
		status = loy_store_hash(shelf->store, &high, &low);
	(void)snprintf(text, 33, "%016" PRIx64 "%016" PRIx64, high, low);
	return status;
}

static int sync_two(struct shelf *one, struct shelf *other, const struct args *args)
{
	loy_import_result there, back;
	char state[2][33];
	int code = send_missing(one, other, args, &there);

	if (code == EXIT_DONE)
		code = send_missing(other, one, args, &back);
	if (code != EXIT_DONE)
		return code;
	if (args->value[OPTION_QUIET] == NULL) {
		tell_import(other->path, &there);
		tell_import(one->path, &back);
	}
	if (state_of(one, state[0]) != LOY_OK || state_of(other, state[1]) != LOY_OK)
		return library_failure("comparing", LOY_ENOMEM);
	printf("%s %s\n%s %s\n", state[0], one->path, state[1], other->path);
	if (strcmp(state[0], state[1]) == 0)
		return EXIT_DONE;
	say("the stores differ after the exchange");
	return EXIT_NO;
}

int command_sync(const struct args *args)
{
	struct shelf one, other;
	int code;

	if (args->operand_count != 2) {
		say("`sync` needs two stores; `loyalty sync --help` shows how");
		return EXIT_USAGE;
	}
	if (!store_there(args->operands[0]))
		return EXIT_INPUT;
	code = shelf_open(&one, args, args->operands[0], 0);
	if (code == EXIT_DONE) {
		code = shelf_open(&other, args, args->operands[1], 0);
		if (code == EXIT_DONE)
			code = sync_two(&one, &other, args);
		code = shelf_close(&other, code);
	}
	return shelf_close(&one, code);
}
