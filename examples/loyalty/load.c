/* Loading events; see load.h. */
#include "commands.h"
#include "load.h"
#include "progress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_MAX 10u /* refused rows told one by one */

int library_failure(const char *what, loy_status status)
{
	say("%s: %s", what, loy_status_text(status));
	return status == LOY_ENOMEM || status == LOY_ETHREAD ? EXIT_RESOURCES : EXIT_INPUT;
}

/* ---- files ---- */

size_t stream_read(void *user, char *buffer, size_t capacity)
{
	FILE *file = user;
	size_t got = fread(buffer, 1, capacity, file);

	return got == 0 && ferror(file) ? CSV_READ_FAILED : got;
}

FILE *stream_open(const char *path)
{
	FILE *file;

	if (strcmp(path, "-") == 0)
		return stdin;
	file = fopen(path, "rb");
	if (file == NULL)
		say("cannot read '%s': %s", path, strerror(errno));
	return file;
}

void stream_close(FILE *file)
{
	if (file != stdin)
		(void)fclose(file);
}

char *read_file(const char *path, size_t most, size_t *length)
{
	FILE *file = stream_open(path);
	char *text = file != NULL ? malloc(most + 2) : NULL;

	if (file == NULL)
		return NULL;
	if (text == NULL) {
		say("out of memory");
	} else {
		*length = stream_read(file, text, most + 1);
		if (*length > most) {
			say("'%s' cannot be used: it cannot be read or is larger than %" PRIu64 " bytes",
			    path, (uint64_t)most);
			free(text);
			text = NULL;
		} else {
			text[*length] = '\0';
		}
	}
	stream_close(file);
	return text;
}

static void tell_builtin(void)
{
	char names[256] = "";
	size_t at = 0;
	uint32_t i;

	for (i = 0; i < loy_model_builtin_count(); i++)
		at += (size_t)snprintf(names + at, sizeof(names) - at, " %s", loy_model_builtin_name(i));
	say("a model is a file or one of those built in:%s", names);
}

loy_model *model_open(const char *name, int *code)
{
	loy_model *model = NULL;
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;
	size_t length = 0;
	char *text;

	if (loy_model_builtin_text(name) != NULL) {
		status = loy_model_create_builtin(&model, name, NULL);
		if (status != LOY_OK)
			*code = library_failure(name, status);
		return model;
	}
	text = read_file(name, LOY_MODEL_TEXT_MAX, &length);
	if (text == NULL) {
		tell_builtin();
		*code = EXIT_INPUT;
		return NULL;
	}
	status = loy_model_create(&model, text, length, NULL, &error);
	free(text);
	if (status == LOY_ENOMEM) {
		*code = library_failure(name, status);
	} else if (status != LOY_OK) {
		*code = EXIT_NO;
		say("%s:%" PRIu32 ":%" PRIu32 ": %s", name, error.line, error.column,
		    error.message[0] != '\0' ? error.message : loy_status_text(status));
	}
	return model;
}

int model_write(const loy_model *model)
{
	size_t needed = 0;
	loy_status status;
	char *text;

	(void)loy_model_print(model, NULL, 0, &needed);
	text = malloc(needed + 1);
	status = text == NULL ? LOY_ENOMEM : loy_model_print(model, text, needed + 1, &needed);
	if (status == LOY_OK)
		(void)fwrite(text, 1, needed, stdout);
	free(text);
	return status == LOY_OK ? EXIT_DONE : library_failure("printing", status);
}

/* ---- one file ---- */

/* Count and tell a row that was not recorded. With --strict the first one ends the work. */
static int refuse(struct load *load, uint64_t *count, uint64_t line, uint64_t column, const char *message)
{
	int strict = load->args->value[OPTION_STRICT] != NULL;

	(*count)++;
	if (strict || (load->args->value[OPTION_QUIET] == NULL && load->told < TOLD_MAX))
		say("%s:%" PRIu64 ":%" PRIu64 ": %s", load->path, line, column, message);
	load->told++;
	return strict ? EXIT_INPUT : EXIT_DONE;
}

/* What the store said about an event. */
static int judge(struct load *load, loy_status status, const loy_error *error)
{
	if (status == LOY_OK) {
		load->recorded++;
		if (load->row.time > load->newest)
			load->newest = load->row.time;
	} else if (status == LOY_EDUPLICATE) {
		load->duplicates++;
	} else if (status == LOY_ENOMEM) {
		return library_failure("recording", status);
	} else if (status == LOY_EIO || status == LOY_EFULL) {
		return store_failure(load->path, status,
		                     error); /* nothing of the row, and no row fares better */
	} else if (status == LOY_ECONFLICT) {
		row_blame(&load->row, LOY_FIELD_NONE, loy_status_text(status));
		return refuse(load, &load->conflicts, load->row.line, load->row.column, load->row.message);
	} else {
		row_blame(&load->row, status == LOY_EERASED ? LOY_FIELD_CUSTOMER : error->field,
		          error->message[0] != '\0' ? error->message : loy_status_text(status));
		return refuse(load, &load->refused, load->row.line, load->row.column, load->row.message);
	}
	return EXIT_DONE;
}

static int record(struct load *load)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = LOY_OK;
	int i, count = 0;

	if (load->take != NULL) {
		load->recorded++;
		return load->take(load->event, load->user);
	}
	for (i = 0; i < 2 && load->sinks[i].store != NULL && status == LOY_OK; i++) {
		if (load->row.time <= load->sinks[i].until) {
			status = loy_store_record(load->sinks[i].store, load->event, &error);
			count++;
		}
	}
	if (count == 0) {
		load->later++;
		return EXIT_DONE;
	}
	return judge(load, status, &error);
}

static int take_row(struct load *load, size_t expected)
{
	char message[96];

	if (load->csv.cell_count != expected) {
		(void)snprintf(message, sizeof(message), "the row has %zu cells, the header has %zu",
		               load->csv.cell_count, expected);
		return refuse(load, &load->refused, load->csv.cells[0].line, load->csv.cells[0].column,
		              message);
	}
	switch (row_read(&load->row, load->event)) {
	case ROW_EVENT:
		return record(load);
	case ROW_LEFT_OUT:
		load->left_out++;
		return EXIT_DONE;
	case ROW_OTHER:
		load->others++;
		return EXIT_DONE;
	case ROW_NO_MEMORY:
		return library_failure("reading", LOY_ENOMEM);
	default:
		return refuse(load, &load->refused, load->row.line, load->row.column, load->row.message);
	}
}

/* A misspelt column must not go unnoticed. */
static void tell_unread(const struct load *load)
{
	char names[600];
	size_t count = columns_unread(&load->csv, names, sizeof(names));

	if (count != 0)
		say("%s:1: not read: %s; no field has %s", load->path, names,
		    count == 1 ? "this name" : "these names");
}

/* Read the mapping of the command line, or make the one the header's own names give. */
static int make_columns(struct load *load)
{
	const char *given = load->args->value[OPTION_COLUMNS];
	size_t length = 0;
	char *text = NULL;
	int made;

	if (given == NULL) {
		made = columns_standard(&load->columns, &load->csv);
	} else if (strchr(given, '=') != NULL) {
		made = columns_parse(&load->columns, given, strlen(given), "--columns");
	} else {
		text = read_file(given, COLUMNS_TEXT_MAX, &length);
		if (text == NULL)
			return EXIT_INPUT;
		made = columns_parse(&load->columns, text, length, given);
		free(text);
	}
	if (!made) {
		say("%s", load->columns.error);
		return given != NULL && strchr(given, '=') != NULL ? EXIT_USAGE : EXIT_INPUT;
	}
	if (!columns_bind(&load->columns, &load->csv, loy_model_schema(load->model))) {
		say("%s: %s", load->path, load->columns.error);
		if (given == NULL && load->csv.cell_count == 1)
			say("its first line is one cell; --separator says what stands between cells if it is "
			    "no comma");
		else if (given == NULL)
			say("if its columns have other names, --columns says which is which: `loyalty help "
			    "columns`");
		return EXIT_INPUT;
	}
	if (given == NULL && load->args->value[OPTION_QUIET] == NULL)
		tell_unread(load);
	return EXIT_DONE;
}

static int read_rows(struct load *load)
{
	size_t expected = load->csv.cell_count;
	struct progress progress;
	uint64_t total = file_size(load->path);
	int result, code = EXIT_DONE;

	progress_start(&progress, load->path, load->args->value[OPTION_PROGRESS] != NULL,
	               load->args->value[OPTION_QUIET] != NULL);
	do {
		result = csv_next(&load->csv);
		if (result == CSV_ROW || result == CSV_BAD_ROW)
			load->rows++;
		if (result == CSV_ROW)
			code = take_row(load, expected);
		else if (result == CSV_BAD_ROW)
			code = refuse(load, &load->refused, load->csv.error_line, load->csv.error_column,
			              load->csv.error);
		if (load->rows % 16384 == 0)
			progress_tell(&progress, load->csv.bytes, total, "bytes");
	} while (code == EXIT_DONE && result != CSV_END && result != CSV_FATAL);
	progress_tell(&progress, load->csv.bytes, total, "bytes");
	progress_stop(&progress);
	if (result == CSV_FATAL) {
		say("%s:%" PRIu64 ":%" PRIu64 ": %s", load->path, load->csv.error_line,
		    load->csv.error_column, load->csv.error);
		code = EXIT_INPUT;
	}
	return code;
}

char separator_of(const struct args *args)
{
	const char *text = args->value[OPTION_SEPARATOR];

	if (text == NULL)
		return ',';
	if (strcmp(text, "tab") == 0)
		return '\t';
	return text[0] != '\0' && text[1] == '\0' && text[0] != '"' && text[0] != '\n' && text[0] != '\r'
	               ? text[0]
	               : '\0';
}

static int read_one(struct load *load, FILE *file)
{
	int result, code;

	if (csv_open(&load->csv, stream_read, file, separator_of(load->args)) != 0)
		return library_failure("reading", LOY_ENOMEM);
	result = csv_next(&load->csv);
	if (result != CSV_ROW) {
		if (result == CSV_END)
			say("%s: the file is empty; its first line must name the columns", load->path);
		else
			say("%s:%" PRIu64 ":%" PRIu64 ": %s", load->path, load->csv.error_line,
			    load->csv.error_column, load->csv.error);
		code = EXIT_INPUT;
	} else {
		code = make_columns(load);
	}
	if (code == EXIT_DONE)
		code = read_rows(load);
	columns_free(&load->columns);
	csv_close(&load->csv);
	return code;
}

/* ---- all files ---- */

static void tell_rest(const struct load *load)
{
	static const char *const names[] = {
	        "duplicates",          "conflicts (the first stays)", "refused", "left out by the mapping",
	        "later than the date", "of other customers"};
	const uint64_t counts[] = {load->duplicates, load->conflicts, load->refused,
	                           load->left_out,   load->later,     load->others};
	size_t i;

	(void)fprintf(stderr, "loyalty: %" PRIu64 " rows: %" PRIu64 " recorded", load->rows, load->recorded);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (counts[i] != 0)
			(void)fprintf(stderr, ", %" PRIu64 " %s", counts[i], names[i]);
	}
	(void)fputc('\n', stderr);
}

static int start(struct load *load)
{
	if (separator_of(load->args) == '\0') {
		say("--separator needs one character, or 'tab'");
		return EXIT_USAGE;
	}
	load->row.columns = &load->columns;
	load->row.csv = &load->csv;
	load->row.schema = loy_model_schema(load->model);
	load->row.names = load->names;
	load->row.only = load->customer;
	load->row.only_length = load->customer != NULL ? strlen(load->customer) : 0;
	load->row.repeats = repeats_create();
	load->newest = INT64_MIN;
	if (load->row.repeats == NULL || loy_event_create(&load->event, NULL) != LOY_OK)
		return library_failure("starting", LOY_ENOMEM);
	return EXIT_DONE;
}

int load_files(struct load *load)
{
	int i, code = start(load);

	for (i = 0; i < load->args->operand_count && code == EXIT_DONE; i++) {
		FILE *file;

		load->path = load->args->operands[i];
		file = stream_open(load->path);
		if (file == NULL) {
			code = EXIT_INPUT;
			break;
		}
		repeats_clear(load->row.repeats);
		code = read_one(load, file);
		stream_close(file);
	}
	if (load->args->value[OPTION_QUIET] == NULL && load->rows != 0) {
		if (load->told > TOLD_MAX && load->args->value[OPTION_STRICT] == NULL)
			say("and %u more row%s like these", load->told - TOLD_MAX,
			    load->told - TOLD_MAX == 1 ? "" : "s");
		tell_rest(load);
	}
	loy_event_destroy(load->event);
	repeats_destroy(load->row.repeats);
	row_free(&load->row);
	return code;
}
