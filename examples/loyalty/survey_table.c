/* Tables of answers; see survey_table.h. */
#include "survey_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_ROOM 64

struct reading {
	struct survey_table *survey;
	const char *path;
	struct csv csv;
	int *cell;  /* of each column kept */
	int weight; /* cell of the weight, or -1 */
	uint32_t columns;
};

static int read_codes(struct survey_table *survey, const struct args *args)
{
	const char *text = args->value[OPTION_MISSING_CODE];
	char *end;

	for (; text != NULL && survey->code_count < SURVEY_CODES_MAX; text = *end == ',' ? end + 1 : NULL) {
		survey->codes[survey->code_count++] = strtod(text, &end);
		if (end == text || (*end != ',' && *end != '\0'))
			break;
		if (*end == '\0')
			return 1;
	}
	if (text == NULL && args->value[OPTION_MISSING_CODE] == NULL)
		return 1;
	say("--missing-code needs up to %d numbers with commas between, such as -99,-98", SURVEY_CODES_MAX);
	return 0;
}

static int find_columns(struct reading *r, const struct args *args, const char *const *wanted)
{
	uint32_t i;

	r->weight = -1;
	if (args->value[OPTION_WEIGHT] != NULL) {
		r->weight = csv_find(&r->csv, args->value[OPTION_WEIGHT], strlen(args->value[OPTION_WEIGHT]));
		if (r->weight < 0) {
			say("%s: no column '%s' to weigh by", r->path, args->value[OPTION_WEIGHT]);
			return EXIT_INPUT;
		}
	}
	for (i = 0; i < r->columns; i++) {
		r->cell[i] = csv_find(&r->csv, wanted[i], strlen(wanted[i]));
		if (r->cell[i] < 0) {
			say("%s: no column '%s', which is asked for", r->path, wanted[i]);
			return EXIT_INPUT;
		}
		r->survey->names[i] = malloc(strlen(wanted[i]) + 1);
		if (r->survey->names[i] == NULL)
			return library_failure("reading", LOY_ENOMEM);
		(void)memcpy(r->survey->names[i], wanted[i], strlen(wanted[i]) + 1);
	}
	return EXIT_DONE;
}

/* A number, or NaN for what is missing. 1, or 0 after telling where it is neither. */
static int read_cell(const struct reading *r, size_t cell, double *out)
{
	size_t length;
	const char *text = csv_cell(&r->csv, cell, &length);
	char buffer[CELL_ROOM], *end = buffer;

	*out = (double)NAN;
	if (length == 0 || (length == 2 && memcmp(text, "NA", 2) == 0))
		return 1;
	if (length < sizeof(buffer)) {
		(void)memcpy(buffer, text, length);
		buffer[length] = '\0';
		*out = strtod(buffer, &end);
	}
	if (end != buffer && *end == '\0' && !isinf(*out))
		return 1;
	say("%s:%" PRIu64 ":%" PRIu64 ": '%.*s' is no number", r->path, r->csv.cells[cell].line,
	    r->csv.cells[cell].column, (int)(length < 40 ? length : 40), text);
	return 0;
}

static int make_room(struct survey_table *survey, uint32_t columns)
{
	size_t rows = survey->capacity == 0 ? 256 : 2 * survey->capacity;
	double *values, *weights;

	if (survey->table.rows < survey->capacity)
		return 1;
	values = realloc(survey->values, rows * columns * sizeof(*values));
	if (values != NULL)
		survey->values = values;
	weights = realloc(survey->weights, rows * sizeof(*weights));
	if (weights != NULL)
		survey->weights = weights;
	if (values == NULL || weights == NULL)
		return 0;
	survey->capacity = rows;
	return 1;
}

static int take_row(struct reading *r, size_t expected)
{
	struct survey_table *survey = r->survey;
	double *row;
	uint32_t i;

	if (r->csv.cell_count != expected) {
		say("%s:%" PRIu64 ":1: the row has %zu cells, the header has %zu", r->path,
		    r->csv.cells[0].line, r->csv.cell_count, expected);
		return EXIT_INPUT;
	}
	if (!make_room(survey, r->columns))
		return library_failure("reading", LOY_ENOMEM);
	row = survey->values + survey->table.rows * r->columns;
	for (i = 0; i < r->columns; i++)
		if (!read_cell(r, (size_t)r->cell[i], &row[i]))
			return EXIT_INPUT;
	survey->weights[survey->table.rows] = 1.0;
	if (r->weight >= 0 && !read_cell(r, (size_t)r->weight, &survey->weights[survey->table.rows]))
		return EXIT_INPUT;
	survey->table.rows++;
	return EXIT_DONE;
}

static int read_all(struct reading *r, const struct args *args, const char *const *wanted)
{
	size_t expected;
	int result = csv_next(&r->csv), code;

	if (result == CSV_END) {
		say("%s: the file is empty; its first line must name the columns", r->path);
		return EXIT_INPUT;
	}
	expected = r->csv.cell_count;
	code = result == CSV_ROW ? find_columns(r, args, wanted) : EXIT_DONE;
	while (code == EXIT_DONE && result == CSV_ROW) {
		result = csv_next(&r->csv);
		if (result == CSV_ROW)
			code = take_row(r, expected);
	}
	if (code == EXIT_DONE && result != CSV_END) {
		say("%s:%" PRIu64 ":%" PRIu64 ": %s", r->path, r->csv.error_line, r->csv.error_column,
		    r->csv.error);
		code = EXIT_INPUT;
	}
	return code;
}

static void fill_table(struct survey_table *survey, const struct reading *r)
{
	loy_table *table = &survey->table;

	table->struct_size = sizeof(*table);
	table->columns = r->columns;
	table->values = survey->values;
	table->row_stride = (int64_t)(r->columns * sizeof(double));
	table->column_stride = sizeof(double);
	if (r->weight >= 0) {
		table->weights = survey->weights;
		table->weight_stride = sizeof(double);
	}
	table->codes = survey->code_count > 0 ? survey->codes : NULL;
	table->code_count = survey->code_count;
	table->names = (const char *const *)survey->names;
}

int survey_table_read(struct survey_table *survey, const struct args *args, const char *path,
                      const char *const *wanted, uint32_t count)
{
	struct reading r;
	FILE *file;
	int code;

	memset(survey, 0, sizeof(*survey));
	memset(&r, 0, sizeof(r));
	r.survey = survey;
	r.path = path;
	r.columns = count;
	if (!read_codes(survey, args) || separator_of(args) == '\0')
		return EXIT_USAGE;
	file = stream_open(path);
	if (file == NULL)
		return EXIT_INPUT;
	survey->table.columns = count;
	survey->names = calloc(count + 1u, sizeof(*survey->names));
	r.cell = calloc(count + 1u, sizeof(*r.cell));
	if (survey->names == NULL || r.cell == NULL ||
	    csv_open(&r.csv, stream_read, file, separator_of(args)) != 0)
		code = library_failure("reading", LOY_ENOMEM);
	else
		code = read_all(&r, args, wanted);
	csv_close(&r.csv);
	stream_close(file);
	fill_table(survey, &r);
	free(r.cell);
	return code;
}

void survey_table_free(struct survey_table *survey)
{
	uint32_t i;

	for (i = 0; survey->names != NULL && i < survey->table.columns; i++)
		free(survey->names[i]);
	free(survey->names);
	free(survey->values);
	free(survey->weights);
}
