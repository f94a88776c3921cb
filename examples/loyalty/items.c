/* items: do the questions of a block measure one thing? Reliability of the block, and what each question adds. */
#include "output.h"
#include "survey_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REVERSED ":reversed"

struct block {
	const struct args *args;
	struct survey_table survey;
	char *columns[LOY_ITEMS_MAX]; /* without what says that they are reversed */
	int8_t keys[LOY_ITEMS_MAX];
	loy_items_options options;
	loy_reliability all;
	loy_item each[LOY_ITEMS_MAX];
};

static int read_columns(struct block *b)
{
	uint32_t count = (uint32_t)b->args->operand_count - 1, i;

	if (count < 2 || count > LOY_ITEMS_MAX) {
		say("a block has 2 to %d questions; `loyalty items --help` shows how", LOY_ITEMS_MAX);
		return 0;
	}
	for (i = 0; i < count; i++) {
		const char *operand = b->args->operands[i + 1];
		size_t length = strlen(operand), cut = sizeof(REVERSED) - 1;
		int reversed = length > cut && strcmp(operand + length - cut, REVERSED) == 0;

		b->columns[i] = malloc(length + 1);
		if (b->columns[i] == NULL) {
			say("out of memory");
			return 0;
		}
		(void)memcpy(b->columns[i], operand, length + 1);
		if (reversed)
			b->columns[i][length - cut] = '\0';
		b->keys[i] = reversed ? -1 : 1;
		b->options.count++;
		if (reversed && b->args->value[OPTION_SCALE] == NULL) {
			say("reversed questions need the ends of their scale: --scale, such as 1,7");
			return 0;
		}
	}
	return 1;
}

static int read_options(struct block *b)
{
	const char *scale = b->args->value[OPTION_SCALE], *missing = b->args->value[OPTION_MISSING];
	char *end = NULL;

	b->options.struct_size = sizeof(b->options);
	b->options.keys = b->keys;
	b->options.weighting =
	        b->args->value[OPTION_WEIGHT] != NULL ? LOY_WEIGHT_SURVEY : LOY_WEIGHT_FREQUENCY;
	if (missing != NULL && strcmp(missing, "pairwise") == 0)
		b->options.missing = LOY_MISSING_PAIRWISE;
	else if (missing != NULL && strcmp(missing, "listwise") != 0) {
		say("--missing is listwise or pairwise here");
		return 0;
	}
	if (scale == NULL)
		return 1;
	b->options.low = strtod(scale, &end);
	if (end != scale && *end == ',') {
		scale = end + 1;
		b->options.high = strtod(scale, &end);
	}
	if (end != scale && *end == '\0' && b->options.low < b->options.high)
		return 1;
	say("--scale needs the ends of the scale, such as 1,7");
	return 0;
}

static int analyse(struct block *b)
{
	loy_items *items = NULL;
	loy_error error;
	loy_status status;

	memset(&error, 0, sizeof(error));
	error.struct_size = sizeof(error);
	error.row = -1;
	b->all.struct_size = sizeof(b->all);
	status = loy_items_create(&items, &b->options, NULL);
	if (status == LOY_OK)
		status = loy_items_add(items, &b->survey.table, &error);
	if (status == LOY_OK)
		status = loy_items_analyse(items, &b->all, b->each, NULL, NULL, &error);
	loy_items_destroy(items);
	if (status == LOY_OK)
		return EXIT_DONE;
	if (error.row >= 0)
		say("%s, row %lld: %s", b->args->operands[0], (long long)error.row + 2, error.message);
	else
		say("%s: %s", b->args->operands[0],
		    error.message[0] != '\0' ? error.message : loy_status_text(status));
	return status == LOY_ENOMEM ? EXIT_RESOURCES : status == LOY_EUNKNOWN ? EXIT_NO : EXIT_INPUT;
}

static int write_block(const struct block *b, enum format format, struct json *json)
{
	static const struct table_column columns[] = {{"measure", 0}, {"value", 1}};
	const loy_reliability *r = &b->all;
	const struct {
		const char *name;
		double value;
		int decimals;
	} measures[] = {{"n", r->n, 0},
	                {"complete", r->complete, 0},
	                {"alpha", r->alpha, 4},
	                {"alpha_low", r->alpha_low, 4},
	                {"alpha_high", r->alpha_high, 4},
	                {"alpha_standardised", r->alpha_standardised, 4},
	                {"lambda6", r->lambda6, 4},
	                {"mean_correlation", r->mean_r, 4},
	                {"median_correlation", r->median_r, 4},
	                {"mean", r->mean, 3},
	                {"spread", r->spread, 3},
	                {"kmo", r->kmo, 4},
	                {"bartlett", r->bartlett, 2},
	                {"bartlett_degrees", r->bartlett_degrees, 0},
	                {"bartlett_p", r->bartlett_p, 4},
	                {"negative_items", r->negative, 0}};
	struct table table;
	size_t i;

	if (format == FORMAT_JSON) {
		for (i = 0; i < sizeof(measures) / sizeof(measures[0]); i++)
			json_number(json, measures[i].name, measures[i].value);
		return 1;
	}
	table_open(&table, format, columns, 2, NULL);
	for (i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
		table_text(&table, measures[i].name);
		table_number(&table, measures[i].value, measures[i].decimals);
	}
	return table_close(&table);
}

static int write_items(const struct block *b, enum format format, struct json *json)
{
	static const struct table_column columns[] = {
	        {"item", 0},      {"key", 1},           {"n", 1},        {"mean", 1},
	        {"spread", 1},    {"skewness", 1},      {"kurtosis", 1}, {"with_score", 1},
	        {"with_rest", 1}, {"alpha_without", 1}, {"kmo", 1},      {"multiple", 1}};
	struct table table;
	uint32_t i;

	table_open(&table, format, columns, sizeof(columns) / sizeof(columns[0]), json);
	for (i = 0; i < b->options.count; i++) {
		const loy_item *item = &b->each[i];
		const double rest[] = {item->skewness,      item->kurtosis, item->with_score, item->with_rest,
		                       item->alpha_without, item->kmo,      item->multiple};
		size_t k;

		table_text(&table, b->columns[i]);
		table_integer(&table, b->keys[i]);
		table_number(&table, item->n, 0);
		table_number(&table, item->mean, 3);
		table_number(&table, item->spread, 3);
		for (k = 0; k < sizeof(rest) / sizeof(rest[0]); k++)
			table_number(&table, rest[k], 4);
	}
	return table_close(&table);
}

static int write_analysis(const struct block *b, enum format format)
{
	struct json json;
	int written;

	memset(&json, 0, sizeof(json));
	if (format == FORMAT_JSON)
		json_open(&json, NULL, '{');
	written = write_block(b, format, &json);
	if (format == FORMAT_JSON)
		json_open(&json, "items", '[');
	else
		(void)putchar('\n');
	written = written && write_items(b, format, &json);
	if (format == FORMAT_JSON) {
		json_close(&json, ']');
		json_close(&json, '}');
	}
	return written ? EXIT_DONE : EXIT_RESOURCES;
}

int command_items(const struct args *args)
{
	static struct block b;
	enum format format;
	uint32_t i;
	int code;

	b.args = args;
	if (!format_read(args->value[OPTION_FORMAT], &format) || !read_options(&b))
		return EXIT_USAGE;
	code = read_columns(&b) ? survey_table_read(&b.survey, args, args->operands[0],
	                                            (const char *const *)b.columns, b.options.count)
	                        : EXIT_USAGE;
	if (code == EXIT_DONE)
		code = analyse(&b);
	if (code == EXIT_DONE)
		code = write_analysis(&b, format);
	survey_table_free(&b.survey);
	for (i = 0; i < LOY_ITEMS_MAX; i++)
		free(b.columns[i]);
	return code;
}
