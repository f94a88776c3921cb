/* servqual: gaps of service quality, by item, by dimension and in all; without expectations the means (SERVPERF). */
#include "output.h"
#include "survey_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX    256 /* of perceptions and expectations together */
#define DIMENSIONS_MAX 32

/* Dimensions as the operands say them: [WEIGHT*]NAME=PERCEPTION[:EXPECTATION],... */
struct quality {
	const struct args *args;
	struct survey_table survey;
	char *texts[DIMENSIONS_MAX]; /* the operands, cut into names in place */
	const char *names[DIMENSIONS_MAX];
	double weights[DIMENSIONS_MAX];
	const char *columns[COLUMNS_MAX];
	uint32_t perception[COLUMNS_MAX], expectation[COLUMNS_MAX], dimension[COLUMNS_MAX];
	uint32_t dimensions, items, column_count, expectations;
};

static int misread(const char *text)
{
	say("'%s' is not [WEIGHT*]DIMENSION=PERCEPTION[:EXPECTATION],...; `loyalty servqual --help` shows "
	    "how",
	    text);
	return 0;
}

/* The next of the parts of *text that `separator` parts; NULL behind the last. */
static char *next_part(char **text, char separator)
{
	char *part = *text, *end = part != NULL ? strchr(part, separator) : NULL;

	if (end != NULL)
		*end++ = '\0';
	*text = end;
	return part;
}

static int add_items(struct quality *q, char *list, const char *operand)
{
	char *item, *column;

	while ((item = next_part(&list, ',')) != NULL) {
		if (q->column_count > COLUMNS_MAX - 2) {
			say("at most %d columns can be asked for", COLUMNS_MAX);
			return 0;
		}
		q->dimension[q->items] = q->dimensions;
		q->perception[q->items] = q->column_count;
		column = next_part(&item, ':');
		if (column[0] == '\0' || (item != NULL && item[0] == '\0'))
			return misread(operand);
		q->columns[q->column_count++] = column;
		if (item != NULL) {
			q->expectation[q->items] = q->column_count;
			q->columns[q->column_count++] = item;
			q->expectations++;
		}
		q->items++;
	}
	return 1;
}

static int add_dimension(struct quality *q, const char *operand)
{
	char *text, *name, *end;

	if (q->dimensions == DIMENSIONS_MAX) {
		say("at most %d dimensions can be asked for", DIMENSIONS_MAX);
		return 0;
	}
	text = malloc(strlen(operand) + 1);
	if (text == NULL) {
		say("out of memory");
		return 0;
	}
	q->texts[q->dimensions] = strcpy(text, operand);
	name = next_part(&text, '=');
	if (text == NULL)
		return misread(operand);
	q->weights[q->dimensions] = 1.0;
	if (strchr(name, '*') != NULL) {
		q->weights[q->dimensions] = strtod(name, &end);
		if (end == name || *end != '*' || !(q->weights[q->dimensions] >= 0.0))
			return misread(operand);
		name = end + 1;
	}
	q->names[q->dimensions] = name;
	if (name[0] == '\0' || !add_items(q, text, operand))
		return name[0] == '\0' ? misread(operand) : 0;
	q->dimensions++;
	return 1;
}

static void write_gap(struct table *table, const char *level, const char *name, const loy_service_gap *gap)
{
	table_text(table, level);
	table_text(table, name);
	table_number(table, gap->n, 0);
	table_number(table, gap->expectation, 3);
	table_number(table, gap->perception, 3);
	table_number(table, gap->gap, 3);
	table_number(table, gap->spread, 3);
	table_number(table, gap->t, 2);
	table_number(table, gap->p, 4);
}

static int write_gaps(const struct quality *q, enum format format, const loy_service_gap *items,
                      const loy_service_gap *dimensions, const loy_service_gap *overall)
{
	static const struct table_column columns[] = {{"level", 0},       {"of", 0},         {"n", 1},
	                                              {"expectation", 1}, {"perception", 1}, {"gap", 1},
	                                              {"spread", 1},      {"t", 1},          {"p", 1}};
	struct json json;
	struct table table;
	uint32_t d, i;
	int written;

	memset(&json, 0, sizeof(json));
	if (format == FORMAT_JSON)
		json_open(&json, NULL, '[');
	table_open(&table, format, columns, sizeof(columns) / sizeof(columns[0]), &json);
	for (d = 0; d < q->dimensions; d++) {
		write_gap(&table, "dimension", q->names[d], &dimensions[d]);
		for (i = 0; i < q->items; i++)
			if (q->dimension[i] == d)
				write_gap(&table, "item", q->columns[q->perception[i]], &items[i]);
	}
	write_gap(&table, "overall", "", overall);
	written = table_close(&table);
	if (format == FORMAT_JSON)
		json_close(&json, ']');
	return written ? EXIT_DONE : EXIT_RESOURCES;
}

static int measure(const struct quality *q, enum format format)
{
	static loy_service_gap items[COLUMNS_MAX], dimensions[DIMENSIONS_MAX], overall;
	loy_service service;
	loy_moments *moments = NULL;
	loy_error error;
	loy_status status;

	memset(&service, 0, sizeof(service));
	service.struct_size = sizeof(service);
	service.items = q->items;
	service.perception = q->perception;
	service.expectation = q->expectations > 0 ? q->expectation : NULL;
	service.dimension = q->dimension;
	service.dimensions = q->dimensions;
	service.weights = q->weights;
	service.weighting = q->args->value[OPTION_WEIGHT] != NULL ? LOY_WEIGHT_SURVEY : LOY_WEIGHT_FREQUENCY;
	memset(&error, 0, sizeof(error));
	error.struct_size = sizeof(error);
	status = loy_moments_create(&moments, q->column_count, LOY_MISSING_LISTWISE, NULL);
	if (status == LOY_OK)
		status = loy_moments_add(moments, &q->survey.table, &error);
	if (status == LOY_OK)
		status = loy_service_gaps(moments, &service, items, dimensions, &overall, NULL, &error);
	loy_moments_destroy(moments);
	if (status == LOY_OK)
		return write_gaps(q, format, items, dimensions, &overall);
	say("%s: %s", q->args->operands[0],
	    error.message[0] != '\0' ? error.message : loy_status_text(status));
	return status == LOY_ENOMEM ? EXIT_RESOURCES : status == LOY_EUNKNOWN ? EXIT_NO : EXIT_INPUT;
}

int command_servqual(const struct args *args)
{
	static struct quality q;
	enum format format;
	uint32_t i;
	int code = EXIT_DONE, k;

	q.args = args;
	if (args->operand_count < 2) {
		say("`servqual` needs a file of answers and dimensions of it; `loyalty servqual --help` "
		    "shows how");
		return EXIT_USAGE;
	}
	if (!format_read(args->value[OPTION_FORMAT], &format))
		return EXIT_USAGE;
	for (k = 1; k < args->operand_count && code == EXIT_DONE; k++)
		code = add_dimension(&q, args->operands[k]) ? EXIT_DONE : EXIT_USAGE;
	if (code == EXIT_DONE && q.expectations > 0 && q.expectations < q.items) {
		say("every item needs an expectation, or none (SERVPERF)");
		code = EXIT_USAGE;
	}
	if (code == EXIT_DONE)
		code = survey_table_read(&q.survey, args, args->operands[0], q.columns, q.column_count);
	if (code == EXIT_DONE)
		code = measure(&q, format);
	survey_table_free(&q.survey);
	for (i = 0; i < DIMENSIONS_MAX; i++)
		free(q.texts[i]);
	return code;
}
