#include <errno.h>

#include "support.h"

#define COLUMNS_MAX 512

struct csv {
	char *path, *data;
	size_t size, at;
	size_t line, next_line; /* of the current row, and of the first byte not read yet */
	size_t columns;
	char *names[COLUMNS_MAX], *fields[COLUMNS_MAX];
};

char *read_whole_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data = NULL;
	long end = 0;

	if (file == NULL)
		fail_msg("cannot open %s", path);
	if (fseek(file, 0, SEEK_END) != 0 || (end = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
		fail_msg("cannot find the size of %s", path);
	data = malloc((size_t)end + 1);
	if (data == NULL || fread(data, 1, (size_t)end, file) != (size_t)end)
		fail_msg("cannot read %s", path);
	fclose(file);
	data[end] = '\0';
	if (size != NULL)
		*size = (size_t)end;
	return data;
}

/* Take one field apart in place; returns it, and in *last whether it ended its row. */
static char *take_field(struct csv *csv, int *last)
{
	char *field = csv->data + csv->at, *from = field, *to = field, end;

	if (*from == '"') {
		for (from++; *from != '"' || from[1] == '"'; from++) {
			if (from >= csv->data + csv->size)
				fail_msg("%s:%zu: quote without end", csv->path, csv->line);
			if (*from == '\n')
				csv->next_line++;
			if (*from == '"')
				from++;
			*to++ = *from;
		}
		from++;
	} else {
		while (*from != ',' && *from != '\n' && *from != '\r' && from < csv->data + csv->size) {
			if (*from == '"')
				fail_msg("%s:%zu: quote inside a field", csv->path, csv->line);
			from++;
		}
		to = from;
	}
	if (*from == '\r' && from[1] == '\n')
		*from++ = '\0';
	end = *from;
	if (from < csv->data + csv->size && end != ',' && end != '\n')
		fail_msg("%s:%zu: a comma or the end of the line was expected", csv->path, csv->line);
	*last = end != ',';
	csv->next_line += end == '\n';
	csv->at = (size_t)(from - csv->data) + (from < csv->data + csv->size);
	*to = '\0';
	return field;
}

static size_t take_row(struct csv *csv, char *fields[COLUMNS_MAX])
{
	size_t n = 0;
	int last = 0;

	csv->line = csv->next_line;
	while (!last) {
		if (n == COLUMNS_MAX)
			fail_msg("%s:%zu: more than %d columns", csv->path, csv->line, COLUMNS_MAX);
		fields[n++] = take_field(csv, &last);
	}
	return n;
}

struct csv *csv_open(const char *path)
{
	struct csv *csv = calloc(1, sizeof(*csv));

	if (csv == NULL)
		fail_msg("out of memory");
	csv->data = read_whole_file(path, &csv->size);
	csv->path = malloc(strlen(path) + 1);
	if (csv->path == NULL)
		fail_msg("out of memory");
	strcpy(csv->path, path);
	csv->next_line = 1;
	if (csv->size >= 3 && memcmp(csv->data, "\xEF\xBB\xBF", 3) == 0)
		csv->at = 3;
	while (csv->data[csv->at] == '#') {
		char *end = strchr(csv->data + csv->at, '\n');

		if (end == NULL)
			fail_msg("%s: only comments", path);
		csv->at = (size_t)(end + 1 - csv->data);
		csv->next_line++;
	}
	if (csv->at >= csv->size)
		fail_msg("%s: no header", path);
	csv->columns = take_row(csv, csv->names);
	return csv;
}

void csv_close(struct csv *csv)
{
	if (csv != NULL) {
		free(csv->path);
		free(csv->data);
		free(csv);
	}
}

int csv_find(const struct csv *csv, const char *name)
{
	size_t i;

	for (i = 0; i < csv->columns; i++) {
		if (strcmp(csv->names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

size_t csv_column(const struct csv *csv, const char *name)
{
	int found = csv_find(csv, name);

	if (found < 0)
		fail_msg("%s has no column %s", csv->path, name);
	return (size_t)found;
}

size_t csv_columns(const struct csv *csv)
{
	return csv->columns;
}

const char *csv_name(const struct csv *csv, size_t column)
{
	return column < csv->columns ? csv->names[column] : NULL;
}

int csv_next(struct csv *csv)
{
	size_t n;

	if (csv->at >= csv->size)
		return 0;
	n = take_row(csv, csv->fields);
	if (n != csv->columns)
		fail_msg("%s:%zu: %zu fields, not %zu", csv->path, csv->line, n, csv->columns);
	return 1;
}

size_t csv_line(const struct csv *csv)
{
	return csv->line;
}

const char *csv_text(const struct csv *csv, size_t column)
{
	if (column >= csv->columns || csv->fields[column] == NULL)
		fail_msg("%s:%zu: no field %zu", csv->path, csv->line, column);
	return csv->fields[column];
}

int csv_empty(const struct csv *csv, size_t column)
{
	const char *text = csv_text(csv, column);

	return text[0] == '\0' || strcmp(text, "NA") == 0 || strcmp(text, "NaN") == 0;
}

double csv_double(const struct csv *csv, size_t column)
{
	const char *text = csv_text(csv, column);
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end != '\0')
		fail_msg("%s:%zu: '%s' is not a number", csv->path, csv->line, text);
	return value;
}

int64_t csv_i64(const struct csv *csv, size_t column)
{
	const char *text = csv_text(csv, column);
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0)
		fail_msg("%s:%zu: '%s' is not a whole number", csv->path, csv->line, text);
	return (int64_t)value;
}
