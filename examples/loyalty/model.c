/* `loyalty model`: list, check and print models, and the effects of one construct on another. */
#include "card.h"
#include "commands.h"
#include "output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_fingerprint(const loy_model *model, char buffer[NUMBER_SIZE])
{
	uint64_t high = 0, low = 0;

	(void)loy_model_fingerprint(model, &high, &low);
	(void)snprintf(buffer, NUMBER_SIZE, "%016" PRIx64 "%016" PRIx64, high, low);
}

static int list_models(enum format format)
{
	static const struct table_column columns[] = {
	        {"name", 0}, {"constructs", 1}, {"channels", 1}, {"fingerprint", 0}, {"title", 0}};
	struct json json = {0, {0}};
	struct table table;
	uint32_t i;
	int code = EXIT_DONE;

	if (format == FORMAT_JSON)
		json_open(&json, NULL, '[');
	table_open(&table, format, columns, 5, &json);
	for (i = 0; i < loy_model_builtin_count() && code == EXIT_DONE; i++) {
		char fingerprint[NUMBER_SIZE];
		loy_model *model = model_open(loy_model_builtin_name(i), &code);

		if (model == NULL)
			continue;
		put_fingerprint(model, fingerprint);
		table_text(&table, loy_model_name(model));
		table_integer(&table, loy_model_construct_count(model));
		table_integer(&table, loy_schema_channel_count(loy_model_schema(model)));
		table_text(&table, fingerprint);
		table_text(&table, loy_model_title(model));
		loy_model_destroy(model);
	}
	if (!table_close(&table))
		code = EXIT_RESOURCES;
	if (format == FORMAT_JSON)
		json_close(&json, ']');
	return code;
}

static int check_model(const char *name)
{
	int code = EXIT_DONE;
	loy_model *model = model_open(name, &code);
	char fingerprint[NUMBER_SIZE];
	uint32_t i, line;

	if (model == NULL)
		return code;
	for (i = 0; i < loy_model_note_count(model); i++) {
		const char *note = loy_model_note(model, i, &line);

		printf("%s:%" PRIu32 ": note: %s\n", name, line, note);
	}
	put_fingerprint(model, fingerprint);
	printf("%s: passes; model %s, %" PRIu32 " constructs, %" PRIu32 " channels, fingerprint %s\n", name,
	       loy_model_name(model)[0] != '\0' ? loy_model_name(model) : "without a name",
	       loy_model_construct_count(model), loy_schema_channel_count(loy_model_schema(model)),
	       fingerprint);
	loy_model_destroy(model);
	return EXIT_DONE;
}

static int print_model(const char *name, int source)
{
	int code = EXIT_DONE;
	loy_model *model;

	if (source && loy_model_builtin_text(name) != NULL) {
		(void)fputs(loy_model_builtin_text(name), stdout);
		return EXIT_DONE;
	}
	if (source) {
		say("--source prints a built-in model as it was written; '%s' is none", name);
		return EXIT_USAGE;
	}
	model = model_open(name, &code);
	if (model == NULL)
		return code == EXIT_NO ? EXIT_INPUT : code;
	code = model_write(model);
	loy_model_destroy(model);
	return code;
}

/* One pair of constructs; pairs without any effect are left out unless asked for by name. */
static void put_effects(const loy_model *model, uint32_t from, uint32_t to, int named, struct table *table)
{
	double direct = 0.0, indirect = 0.0, total = 0.0;

	if (loy_model_effects(model, from, to, &direct, &indirect, &total) != LOY_OK ||
	    (!named && direct == 0.0 && total == 0.0))
		return;
	table_text(table, loy_model_construct_name(model, from));
	table_text(table, loy_model_construct_name(model, to));
	table_number(table, direct, 4);
	table_number(table, indirect, 4);
	table_number(table, total, 4);
}

static int effects_of(const loy_model *model, const struct args *args, enum format format)
{
	static const struct table_column columns[] = {
	        {"from", 0}, {"to", 0}, {"direct", 1}, {"indirect", 1}, {"total", 1}};
	uint32_t chosen[2] = {0, 0}, from, to, count = loy_model_construct_count(model);
	struct json json = {0, {0}};
	struct table table;
	int i, given = args->operand_count - 2;

	for (i = 0; i < given; i++) {
		if (!construct_find(model, args->operands[2 + i], &chosen[i]))
			return EXIT_USAGE;
	}
	if (format == FORMAT_JSON)
		json_open(&json, NULL, '[');
	table_open(&table, format, columns, 5, &json);
	for (from = 0; from < count; from++) {
		for (to = 0; to < count; to++) {
			if ((given < 1 || chosen[0] == from) && (given < 2 || chosen[1] == to))
				put_effects(model, from, to, given == 2, &table);
		}
	}
	i = table_close(&table);
	if (format == FORMAT_JSON)
		json_close(&json, ']');
	return i ? EXIT_DONE : EXIT_RESOURCES;
}

static int print_effects(const struct args *args, enum format format)
{
	int code = EXIT_DONE;
	loy_model *model = model_open(args->operands[1], &code);

	if (model == NULL)
		return code == EXIT_NO ? EXIT_INPUT : code;
	code = effects_of(model, args, format);
	loy_model_destroy(model);
	return code;
}

int command_model(const struct args *args)
{
	const char *what = args->operand_count > 0 ? args->operands[0] : "";
	int count = args->operand_count;
	enum format format;

	if (!format_read(args->value[OPTION_FORMAT], &format))
		return EXIT_USAGE;
	if (strcmp(what, "list") == 0 && count == 1)
		return list_models(format);
	if (strcmp(what, "check") == 0 && count == 2)
		return check_model(args->operands[1]);
	if (strcmp(what, "print") == 0 && count == 2)
		return print_model(args->operands[1], args->value[OPTION_SOURCE] != NULL);
	if (strcmp(what, "effects") == 0 && count >= 2 && count <= 4)
		return print_effects(args, format);
	say("`model` needs: list; check MODEL; print MODEL; or effects MODEL [FROM [TO]]");
	return EXIT_USAGE;
}
