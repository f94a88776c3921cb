/*
 * nps and csat: net promoter scores, shares and means of columns of answers, with limits that also hold when all
 * are alike.
 */
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
	loy_bands bands; /* of csat: the first and the last answer that is counted */
	int has_bands;
};

/* What is told of one column. */
struct told {
	loy_answers *answers;
	loy_error error;
	loy_status status;
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

static int read_options(struct scoring *s, const char *usual_scale, const char *bands_help)
{
	const struct args *args = s->args;
	const char *scale = args->value[OPTION_SCALE], *bands = args->value[OPTION_BANDS];

	s->scale.struct_size = sizeof(s->scale);
	s->scale.weighting = args->value[OPTION_WEIGHT] != NULL ? LOY_WEIGHT_SURVEY : LOY_WEIGHT_FREQUENCY;
	s->bands.struct_size = sizeof(s->bands);
	if (!read_pair(scale != NULL ? scale : usual_scale, &s->scale.low, &s->scale.high)) {
		say("--scale needs the ends of the scale, such as %s", usual_scale);
		return 0;
	}
	s->has_bands = bands != NULL;
	if (bands != NULL && !read_pair(bands, &s->bands.detractor_most, &s->bands.promoter_least)) {
		say("--bands needs %s", bands_help);
		return 0;
	}
	return 1;
}

/* Count the answers of a column. told_close() always. */
static struct told told_open(const struct scoring *s, uint32_t column)
{
	struct told told;

	memset(&told, 0, sizeof(told));
	told.error.struct_size = sizeof(told.error);
	told.error.row = -1;
	told.status = loy_answers_create(&told.answers, &s->scale, NULL);
	if (told.status == LOY_OK)
		told.status = loy_answers_add(told.answers, &s->survey.table, column, &told.error);
	return told;
}

/* Exit code, after telling what went wrong. */
static int told_close(const struct scoring *s, uint32_t column, const struct told *told)
{
	const char *message =
	        told->error.message[0] != '\0' ? told->error.message : loy_status_text(told->status);

	loy_answers_destroy(told->answers);
	if (told->status == LOY_OK)
		return EXIT_DONE;
	if (told->error.row >= 0)
		say("column '%s', row %" PRId64 ": %s", s->survey.names[column], told->error.row + 2,
		    message);
	else
		say("column '%s': %s", s->survey.names[column], message);
	return told->status == LOY_ENOMEM     ? EXIT_RESOURCES
	       : told->status == LOY_EUNKNOWN ? EXIT_NO
	                                      : EXIT_INPUT;
}

/* ---- net scores ---- */

static int write_net(const struct scoring *s, struct table *table, uint32_t column)
{
	static const uint32_t methods[2] = {LOY_SURVEY_ADJUSTED, LOY_SURVEY_SCORE};
	const loy_bands *bands = s->has_bands ? &s->bands : NULL;
	struct told told = told_open(s, column);
	loy_interval limits[2] = {{0}, {0}};
	loy_net net = {0};
	int i;

	net.struct_size = sizeof(net);
	if (told.status == LOY_OK)
		told.status = loy_answers_net(told.answers, bands, &net);
	for (i = 0; i < 2 && told.status == LOY_OK; i++) {
		limits[i].struct_size = sizeof(limits[i]);
		told.status = loy_answers_net_interval(told.answers, bands, methods[i], 0.0, &limits[i]);
	}
	if (told.status == LOY_OK) {
		table_text(table, s->survey.names[column]);
		table_integer(table, (int64_t)net.answers);
		table_integer(table, (int64_t)net.missing);
		table_integer(table, (int64_t)net.promoters);
		table_integer(table, (int64_t)net.passives);
		table_integer(table, (int64_t)net.detractors);
		table_number(table, net.score, 2);
		table_number(table, net.deviation, 2);
		for (i = 0; i < 2; i++) {
			table_number(table, limits[i].low, 2);
			table_number(table, limits[i].high, 2);
		}
	}
	return told_close(s, column, &told);
}

/* ---- shares and means ---- */

static int write_share(const struct scoring *s, struct table *table, uint32_t column)
{
	struct told told = told_open(s, column);
	loy_interval limits = {0};
	loy_share share = {0};
	loy_mean mean = {0};

	share.struct_size = sizeof(share);
	mean.struct_size = sizeof(mean);
	limits.struct_size = sizeof(limits);
	if (told.status == LOY_OK)
		told.status = loy_answers_share(told.answers, s->bands.detractor_most,
		                                s->bands.promoter_least, &share);
	if (told.status == LOY_OK)
		told.status =
		        loy_answers_share_interval(told.answers, s->bands.detractor_most,
		                                   s->bands.promoter_least, LOY_SURVEY_SCORE, 0.0, &limits);
	if (told.status == LOY_OK)
		told.status = loy_answers_mean(told.answers, 0.0, &mean);
	if (told.status == LOY_OK) {
		table_text(table, s->survey.names[column]);
		table_integer(table, (int64_t)mean.answers);
		table_integer(table, (int64_t)mean.missing);
		table_integer(table, (int64_t)share.hits);
		table_number(table, 100.0 * share.share, 2);
		table_number(table, 100.0 * limits.low, 2);
		table_number(table, 100.0 * limits.high, 2);
		table_number(table, mean.mean, 3);
		table_number(table, mean.spread, 3);
		table_number(table, mean.deviation, 3);
		table_number(table, mean.low, 3);
		table_number(table, mean.high, 3);
		table_number(table, mean.index, 2);
	}
	return told_close(s, column, &told);
}

/* ---- the commands ---- */

/* A row of a table for each column asked for. */
static int write_rows(const struct scoring *s, enum format format, const struct table_column *columns,
                      size_t count,
                      int (*write)(const struct scoring *s, struct table *table, uint32_t column))
{
	struct json json;
	struct table table;
	uint32_t i;
	int code = EXIT_DONE;

	memset(&json, 0, sizeof(json));
	if (format == FORMAT_JSON)
		json_open(&json, NULL, '[');
	table_open(&table, format, columns, count, &json);
	for (i = 0; i < s->survey.table.columns && code == EXIT_DONE; i++)
		code = write(s, &table, i);
	if (!table_close(&table))
		code = EXIT_RESOURCES;
	if (format == FORMAT_JSON)
		json_close(&json, ']');
	return code;
}

/* Read what both commands take; exit code, survey_table_free() always. */
static int open_columns(struct scoring *s)
{
	const struct args *args = s->args;

	return survey_table_read(&s->survey, args, args->operands[0],
	                         (const char *const *)(args->operands + 1),
	                         (uint32_t)args->operand_count - 1);
}

static int has_columns(const struct args *args)
{
	if (args->operand_count >= 2)
		return 1;
	say("`%s` needs a file of answers and a column of it; `loyalty %s --help` shows how", args->command,
	    args->command);
	return 0;
}

/* What the commands read before they open a file; the scale when none is said, and what --bands are. */
static int begin(struct scoring *s, const struct args *args, enum format *format, const char *scale,
                 const char *bands)
{
	memset(s, 0, sizeof(*s));
	s->args = args;
	return has_columns(args) && format_read(args->value[OPTION_FORMAT], format) &&
	       read_options(s, scale, bands);
}

int command_nps(const struct args *args)
{
	static const struct table_column columns[] = {
	        {"column", 0},       {"answers", 1},       {"missing", 1}, {"promoters", 1},
	        {"passives", 1},     {"detractors", 1},    {"score", 1},   {"error", 1},
	        {"adjusted_low", 1}, {"adjusted_high", 1}, {"low", 1},     {"high", 1}};
	enum format format;
	struct scoring s;
	int code;

	if (!begin(&s, args, &format, "0,10", "the last answer against and the first for, such as 6,9"))
		return EXIT_USAGE;
	if (!s.has_bands && (s.scale.low != 0 || s.scale.high != 10)) {
		say("the net promoter score is defined from 0 to 10; for another scale --bands says who "
		    "counts for and against");
		return EXIT_USAGE;
	}
	code = open_columns(&s);
	if (code == EXIT_DONE)
		code = write_rows(&s, format, columns, sizeof(columns) / sizeof(columns[0]), write_net);
	survey_table_free(&s.survey);
	return code;
}

int command_csat(const struct args *args)
{
	static const struct table_column columns[] = {
	        {"column", 0},    {"answers", 1},    {"missing", 1}, {"counted", 1}, {"share", 1},
	        {"share_low", 1}, {"share_high", 1}, {"mean", 1},    {"spread", 1},  {"error", 1},
	        {"mean_low", 1},  {"mean_high", 1},  {"index", 1}};
	enum format format;
	struct scoring s;
	int code;

	if (!begin(&s, args, &format, "1,5", "the first and the last answer that is counted, such as 4,5"))
		return EXIT_USAGE;
	if (!s.has_bands) {
		s.bands.detractor_most = s.scale.high - 1;
		s.bands.promoter_least = s.scale.high;
	}
	code = open_columns(&s);
	if (code == EXIT_DONE)
		code = write_rows(&s, format, columns, sizeof(columns) / sizeof(columns[0]), write_share);
	survey_table_free(&s.survey);
	return code;
}
