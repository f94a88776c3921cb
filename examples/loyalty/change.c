/* `loyalty change`: why a customer's scores moved between two dates, or between two models. */
#include "card.h"
#include "card.h"
#include "commands.h"
#include "output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX (4 * LOY_CHANNELS_MAX)

struct changing {
	const struct args *args;
	const char *customer;
	loy_model *model, *to_model;
	loy_store *before, *after;
	loy_profile *old_profile, *new_profile;
	loy_change *change;
	int64_t from, to;
	enum format format;
	struct json json;
	struct table table;
};

static const char *const reasons[] = {"", "time", "evidence", "model"};

/* What a line speaks of, by the schema of the moment it belongs to. */
static const char *line_name(const struct changing *c, const loy_change_line *line)
{
	const loy_model *model =
	        line->reason == LOY_CHANGE_MODEL && c->to_model != NULL ? c->to_model : c->model;

	return source_name(model, line->source, line->channel);
}

static loy_change_line line_of(const struct changing *c, uint32_t index)
{
	loy_change_line line = {.struct_size = sizeof(line)};

	(void)loy_change_get_line(c->change, index, &line);
	return line;
}

static void print_change(const struct changing *c, const char *name, double before, double after)
{
	static const char *const texts[] = {"", "time passed:", "recorded since:", "model changed:"};
	uint32_t i, small = 0, count = loy_change_line_count(c->change);
	double points[LINES_MAX];

	printf("\n%s %.2f -> %.2f\n", name, round_at(before, 2), round_at(after, 2));
	if (count > LINES_MAX)
		count = LINES_MAX;
	for (i = 0; i < count; i++)
		points[i] = line_of(c, i).points;
	round_to_sum(before, points, count, after, 2);
	for (i = 0; i < count; i++) {
		loy_change_line line = line_of(c, i);

		if (points[i] != 0.0)
			printf("  %+8.2f  %-15s %s\n", points[i], texts[line.reason], line_name(c, &line));
		else
			small++;
	}
	if (small > 0)
		printf("            and %" PRIu32 " more below 0.01\n", small);
}

static void write_lines(struct changing *c, const char *name, double before, double after)
{
	uint32_t i;

	for (i = 0; i < loy_change_line_count(c->change); i++) {
		loy_change_line line = line_of(c, i);

		if (c->format == FORMAT_JSON) {
			json_open(&c->json, NULL, '{');
			json_text(&c->json, "reason", reasons[line.reason]);
			json_text(&c->json, "source", line_name(c, &line));
			json_number(&c->json, "points", line.points);
			json_close(&c->json, '}');
		} else {
			table_text(&c->table, name);
			table_number(&c->table, before, 2);
			table_number(&c->table, after, 2);
			table_text(&c->table, reasons[line.reason]);
			table_text(&c->table, line_name(c, &line));
			table_number(&c->table, line.points, 2);
		}
	}
}

/* Explain the change of one construct. */
static int change_one(struct changing *c, const char *name)
{
	const loy_model *to_model = c->to_model != NULL ? c->to_model : c->model;
	loy_moment before = {c->model, c->old_profile, c->from}, after = {to_model, c->new_profile, c->to};
	loy_status status = loy_change_explain(c->change, &before, &after, name, strlen(name));
	double first = 0.0, second = 0.0;

	if (status != LOY_OK)
		return library_failure("explaining the change", status);
	(void)loy_change_values(c->change, &first, &second);
	if (c->format == FORMAT_TABLE) {
		print_change(c, name, first, second);
		return EXIT_DONE;
	}
	if (c->format == FORMAT_JSON) {
		json_open(&c->json, NULL, '{');
		json_text(&c->json, "name", name);
		json_number(&c->json, "before", first);
		json_number(&c->json, "after", second);
		json_open(&c->json, "lines", '[');
	}
	write_lines(c, name, first, second);
	if (c->format == FORMAT_JSON) {
		json_close(&c->json, ']');
		json_close(&c->json, '}');
	}
	return EXIT_DONE;
}

static void begin_output(struct changing *c)
{
	static const struct table_column columns[] = {{"construct", 0}, {"before", 1}, {"after", 1},
	                                              {"reason", 0},    {"source", 0}, {"points", 1}};
	char from[NUMBER_SIZE], to[NUMBER_SIZE];

	(void)time_text(c->from, from);
	(void)time_text(c->to, to);
	if (c->format == FORMAT_TABLE) {
		printf("customer %s, %s to %s, model %s", c->customer, from, to, loy_model_name(c->model));
		if (c->to_model != NULL)
			printf(", then %s", loy_model_name(c->to_model));
		(void)putchar('\n');
	} else if (c->format == FORMAT_CSV) {
		table_open(&c->table, FORMAT_CSV, columns, 6, NULL);
	} else {
		json_open(&c->json, NULL, '{');
		json_text(&c->json, "customer", c->customer);
		json_text(&c->json, "from", from);
		json_text(&c->json, "to", to);
		json_text(&c->json, "model", loy_model_name(c->model));
		json_text(&c->json, "to_model", loy_model_name(c->to_model != NULL ? c->to_model : c->model));
		json_open(&c->json, "constructs", '[');
	}
}

/* Whether a headline score of the first model is one of the second's too. */
static int in_both(const struct changing *c, uint32_t headline)
{
	uint32_t construct = 0, unused;
	const char *name;

	(void)loy_model_headline(c->model, headline, &construct);
	name = loy_model_construct_name(c->model, construct);
	return c->to_model == NULL ||
	       loy_model_construct_find(c->to_model, name, strlen(name), &unused) == LOY_OK;
}

/* Whether there is something to explain: the constructs asked for, or a headline score of both models. */
static int check_constructs(const struct changing *c)
{
	uint32_t i, shared = 0;

	if (!constructs_exist(c->args, c->model) ||
	    (c->to_model != NULL && !constructs_exist(c->args, c->to_model)))
		return EXIT_USAGE;
	for (i = 0; i < loy_model_headline_count(c->model); i++)
		shared += (uint32_t)in_both(c, i);
	if (c->args->construct_count != 0 || shared != 0)
		return EXIT_DONE;
	say("the models share no headline score; choose some with --construct");
	return EXIT_USAGE;
}

static int write_all(struct changing *c)
{
	uint32_t i, construct;
	int code = EXIT_DONE, k;

	begin_output(c);
	for (k = 0; k < c->args->construct_count && code == EXIT_DONE; k++)
		code = change_one(c, c->args->construct[k]);
	for (i = 0;
	     c->args->construct_count == 0 && i < loy_model_headline_count(c->model) && code == EXIT_DONE;
	     i++) {
		(void)loy_model_headline(c->model, i, &construct);
		if (in_both(c, i))
			code = change_one(c, loy_model_construct_name(c->model, construct));
		else
			say("%s: only the first model has it", loy_model_construct_name(c->model, construct));
	}
	if (c->format == FORMAT_JSON) {
		json_close(&c->json, ']');
		json_close(&c->json, '}');
	} else if (c->format == FORMAT_CSV && !table_close(&c->table)) {
		code = EXIT_RESOURCES;
	}
	return code;
}

/* Record the customer's events up to each date, each into a store of its own. */
static int load_tables(struct changing *c)
{
	struct load loading;
	int code = EXIT_DONE;

	c->before = store_of(c->model, &code);
	c->after = c->before != NULL ? store_of(c->to_model != NULL ? c->to_model : c->model, &code) : NULL;
	if (c->after == NULL)
		return code;
	memset(&loading, 0, sizeof(loading));
	loading.args = c->args;
	loading.model = c->model;
	loading.customer = c->customer;
	loading.sinks[0].store = c->after;
	loading.sinks[0].until = c->to;
	loading.sinks[1].store = c->before;
	loading.sinks[1].until = c->from;
	return load_files(&loading);
}

/* The same of a store on files. */
static int load_shelf(struct changing *c)
{
	struct shelf shelf;
	int code = shelf_open(&shelf, c->args, c->args->operands[0], LOY_STORE_READ_ONLY);

	if (code == EXIT_DONE)
		c->before = shelf_as_of(&shelf, c->args, c->model, c->from, &code);
	if (code == EXIT_DONE)
		c->after = shelf_as_of(&shelf, c->args, c->to_model != NULL ? c->to_model : c->model, c->to,
		                       &code);
	return shelf_close(&shelf, code);
}

static int load(struct changing *c)
{
	int code = EXIT_DONE;

	c->model = model_of(c->args, OPTION_MODEL, &code);
	if (c->model != NULL && c->args->value[OPTION_TO_MODEL] != NULL)
		c->to_model = model_of(c->args, OPTION_TO_MODEL, &code);
	if (code == EXIT_DONE)
		code = check_constructs(c);
	if (code != EXIT_DONE)
		return code;
	code = c->args->operand_count == 1 && is_directory(c->args->operands[0]) ? load_shelf(c)
	                                                                         : load_tables(c);
	if (code != EXIT_DONE)
		return code;
	c->new_profile = session_profile(c->after, c->customer, &code);
	if (c->new_profile == NULL)
		return code;
	/* Nothing may have been recorded by the first date: NULL is the empty profile. */
	if (loy_profile_create(&c->old_profile, loy_model_schema(c->model), NULL) != LOY_OK)
		return library_failure("reading the profile", LOY_ENOMEM);
	(void)profile_find(c->before, c->customer, c->old_profile);
	return loy_change_create(&c->change, NULL) == LOY_OK ? EXIT_DONE
	                                                     : library_failure("explaining", LOY_ENOMEM);
}

int command_change(const struct args *args)
{
	struct changing c;
	int code;

	memset(&c, 0, sizeof(c));
	c.args = args;
	c.customer = args->value[OPTION_CUSTOMER];
	if (args->operand_count == 0 || c.customer == NULL || args->value[OPTION_FROM] == NULL ||
	    args->value[OPTION_TO] == NULL) {
		say("`change` needs a file, --customer, --from and --to; `loyalty change --help` shows how");
		return EXIT_USAGE;
	}
	if (!format_read(args->value[OPTION_FORMAT], &c.format) ||
	    !read_date("from", args->value[OPTION_FROM], &c.from) ||
	    !read_date("to", args->value[OPTION_TO], &c.to))
		return EXIT_USAGE;
	if (c.from > c.to) {
		say("--from lies after --to");
		return EXIT_USAGE;
	}
	code = load(&c);
	if (code == EXIT_DONE)
		code = write_all(&c);
	loy_change_destroy(c.change);
	loy_profile_destroy(c.old_profile);
	loy_profile_destroy(c.new_profile);
	loy_store_destroy(c.before);
	loy_store_destroy(c.after);
	loy_model_destroy(c.model);
	loy_model_destroy(c.to_model);
	return code;
}
