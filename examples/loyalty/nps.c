/* nps: net promoter scores of columns of answers, with limits that also hold when all answers are alike. */
#include "output.h"
#include "survey_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scoring {
	const struct args *args;
	struct survey_table survey;
	loy_scale scale;
	loy_bands bands;
	int has_bands;
};

/* Two whole numbers with a comma between. */
static int read_pair(const char *text, int32_t *first, int32_t *second)
{
	char *comma, *end;
	long a = strtol(text, &comma, 10), b;

	if (comma == text || *comma != ',')
		return 0;
	b = strtol(comma + 1, &end, 10);
	if (end == comma + 1 || *end != '\0' || a < -1000000 || b > 1000000 || a >= b)
		return 0;
	*first = (int32_t)a;
	*second = (int32_t)b;
	return 1;
}

static int read_options(struct scoring *s)
{
	const struct args *args = s->args;
	const char *scale = args->value[OPTION_SCALE], *bands = args->value[OPTION_BANDS];

	s->scale.struct_size = sizeof(s->scale);
	s->scale.high = 10;
	s->scale.weighting = args->value[OPTION_WEIGHT] != NULL ? LOY_WEIGHT_SURVEY : LOY_WEIGHT_FREQUENCY;
	s->bands.struct_size = sizeof(s->bands);
	if (scale != NULL && !read_pair(scale, &s->scale.low, &s->scale.high)) {
		say("--scale needs the ends of the scale, such as 0,10");
		return 0;
	}
	s->has_bands = bands != NULL;
	if (bands != NULL && !read_pair(bands, &s->bands.detractor_most, &s->bands.promoter_least)) {
		say("--bands needs the last answer against and the first for, such as 6,9");
		return 0;
	}
	if (bands == NULL && (s->scale.low != 0 || s->scale.high != 10)) {
		say("the net promoter score is defined from 0 to 10; for another scale --bands says who "
		    "counts for and "
		    "against");
		return 0;
	}
	return 1;
}

/* The score of one column, or the exit code of what went wrong. */
static int score_column(const struct scoring *s, uint32_t column, loy_net *net, loy_interval limits[2])
{
	static const uint32_t methods[2] = {LOY_SURVEY_ADJUSTED, LOY_SURVEY_SCORE};
	const loy_bands *bands = s->has_bands ? &s->bands : NULL;
	loy_answers *answers = NULL;
	loy_error error;
	loy_status status;
	int i;

	memset(&error, 0, sizeof(error));
	error.struct_size = sizeof(error);
	error.row = -1;
	memset(net, 0, sizeof(*net));
	net->struct_size = sizeof(*net);
	status = loy_answers_create(&answers, &s->scale, NULL);
	if (status == LOY_OK)
		status = loy_answers_add(answers, &s->survey.table, column, &error);
	if (status == LOY_OK)
		status = loy_answers_net(answers, bands, net);
	for (i = 0; i < 2 && status == LOY_OK; i++) {
		memset(&limits[i], 0, sizeof(limits[i]));
		limits[i].struct_size = sizeof(limits[i]);
		status = loy_answers_net_interval(answers, bands, methods[i], 0.0, &limits[i]);
	}
	loy_answers_destroy(answers);
	if (status == LOY_OK)
		return EXIT_DONE;
	if (error.row >= 0)
		say("column '%s', row %" PRId64 ": %s", s->survey.names[column], error.row + 2,
		    error.message);
	else
		say("column '%s': %s", s->survey.names[column],
		    error.message[0] != '\0' ? error.message : loy_status_text(status));
	return status == LOY_ENOMEM ? EXIT_RESOURCES : status == LOY_EUNKNOWN ? EXIT_NO : EXIT_INPUT;
}

static int write_scores(const struct scoring *s, enum format format)
{
	static const struct table_column columns[] = {
	        {"column", 0},       {"answers", 1},       {"missing", 1}, {"promoters", 1},
	        {"passives", 1},     {"detractors", 1},    {"score", 1},   {"error", 1},
	        {"adjusted_low", 1}, {"adjusted_high", 1}, {"low", 1},     {"high", 1}};
	struct json json;
	struct table table;
	uint32_t i;
	int code = EXIT_DONE;

	memset(&json, 0, sizeof(json));
	if (format == FORMAT_JSON)
		json_open(&json, NULL, '[');
	table_open(&table, format, columns, sizeof(columns) / sizeof(columns[0]), &json);
	for (i = 0; i < s->survey.table.columns && code == EXIT_DONE; i++) {
		loy_interval limits[2];
		loy_net net;

		code = score_column(s, i, &net, limits);
		if (code != EXIT_DONE)
			break;
		table_text(&table, s->survey.names[i]);
		table_integer(&table, (int64_t)net.answers);
		table_integer(&table, (int64_t)net.missing);
		table_integer(&table, (int64_t)net.promoters);
		table_integer(&table, (int64_t)net.passives);
		table_integer(&table, (int64_t)net.detractors);
		table_number(&table, net.score, 2);
		table_number(&table, net.deviation, 2);
		table_number(&table, limits[0].low, 2);
		table_number(&table, limits[0].high, 2);
		table_number(&table, limits[1].low, 2);
		table_number(&table, limits[1].high, 2);
	}
	if (!table_close(&table))
		code = EXIT_RESOURCES;
	if (format == FORMAT_JSON)
		json_close(&json, ']');
	return code;
}

int command_nps(const struct args *args)
{
	enum format format;
	struct scoring s;
	int code;

	memset(&s, 0, sizeof(s));
	s.args = args;
	if (args->operand_count < 2) {
		say("`nps` needs a file of answers and a column of it; `loyalty nps --help` shows how");
		return EXIT_USAGE;
	}
	if (!format_read(args->value[OPTION_FORMAT], &format) || !read_options(&s))
		return EXIT_USAGE;
	code = survey_table_read(&s.survey, args, args->operands[0],
	                         (const char *const *)(args->operands + 1),
	                         (uint32_t)args->operand_count - 1);
	if (code == EXIT_DONE)
		code = write_scores(&s, format);
	survey_table_free(&s.survey);
	return code;
}
