/* Tables made or read for tests of regressions and surveys. */
#include "regressions.h"

#include <math.h>

struct sheet *sheet_new(size_t rows, uint32_t columns)
{
	struct sheet *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->rows = rows;
	s->columns = columns;
	s->values = calloc(rows * columns + 1, sizeof(*s->values));
	assert_non_null(s->values);
	return s;
}

void sheet_free(struct sheet *sheet)
{
	if (sheet == NULL)
		return;
	free(sheet->values);
	free(sheet->weights);
	free(sheet->names);
	free(sheet);
}

/* Place of the i-th name, and its length. */
static const char *name_at(const char *names, uint32_t index, size_t *length)
{
	while (index-- > 0)
		names = strchr(names, ' ') + 1;
	*length = strcspn(names, " ");
	return names;
}

struct sheet *sheet_shared(const char *path, const char *names)
{
	struct csv *csv = shared_csv_or_skip(path);
	struct sheet *s = sheet_new(0, 1);
	size_t room = 0, column[64], i, length;
	const char *blank;

	for (blank = strchr(names, ' '); blank != NULL; blank = strchr(blank + 1, ' '))
		s->columns++;
	assert_true(s->columns <= 64);
	s->names = malloc(strlen(names) + 1);
	assert_non_null(s->names);
	strcpy(s->names, names);
	for (i = 0; i < s->columns; i++) {
		const char *name = name_at(names, (uint32_t)i, &length);
		char text[64];

		assert_true(length < sizeof(text));
		memcpy(text, name, length);
		text[length] = '\0';
		column[i] = csv_column(csv, text);
	}
	while (csv_next(csv)) {
		if (s->rows == room) {
			room = room != 0 ? 2 * room : 1024;
			s->values = realloc(s->values, room * s->columns * sizeof(*s->values));
			assert_non_null(s->values);
		}
		for (i = 0; i < s->columns; i++)
			s->values[s->rows * s->columns + i] =
			        csv_empty(csv, column[i]) ? (double)NAN : csv_double(csv, column[i]);
		s->rows++;
	}
	csv_close(csv);
	return s;
}

uint32_t sheet_column(const struct sheet *sheet, const char *name)
{
	uint32_t i;
	size_t length;

	for (i = 0; i < sheet->columns; i++) {
		const char *here = name_at(sheet->names, i, &length);

		if (strlen(name) == length && memcmp(here, name, length) == 0)
			return i;
	}
	fail_msg("no column %s", name);
	return 0;
}

loy_table sheet_rows(const struct sheet *sheet, size_t first, size_t count)
{
	loy_table t = support_table(sheet->values + first * sheet->columns, count, sheet->columns);

	if (sheet->weights != NULL)
		t.weights = sheet->weights + first;
	return t;
}

loy_table sheet_table(const struct sheet *sheet)
{
	return sheet_rows(sheet, 0, sheet->rows);
}

struct sheet *sheet_invent(size_t rows, uint32_t columns, uint64_t seed)
{
	struct sheet *s = sheet_new(rows, columns);
	loy__random r;
	size_t i;
	uint32_t j;

	loy__random_init(&r, seed);
	for (i = 0; i < rows; i++) {
		double *x = s->values + i * columns, eta = -0.5;

		for (j = 0; j + 1 < columns; j++) {
			x[j] = j % 3 == 1 ? (double)loy__random_below(&r, 2)
			                  : 4.0 * loy__random_unit(&r) - 1.0;
			eta += (j % 2 == 0 ? 0.4 : -0.3) * x[j] / (1.0 + j / 4.0);
		}
		x[columns - 1] = loy__random_unit(&r) < loy__logistic(eta);
	}
	return s;
}

loy_logistic *fit_sheet(const struct sheet *sheet, const loy_logistic_options *options)
{
	loy_table table = sheet_table(sheet);
	const loy_table *tables = &table;
	loy_error error = {.struct_size = sizeof(error)};
	loy_logistic *fit = NULL;

	if (loy_logistic_fit(&fit, &tables, 1, options, 1, NULL, &error) != LOY_OK)
		fail_msg("%s", error.message);
	return fit;
}

double reference_value(const char *model, const char *term, const char *quantity)
{
	struct csv *csv = shared_csv_or_skip("reference/sem/regression.csv");
	double value = NAN;

	while (csv_next(csv)) {
		if (strcmp(csv_text(csv, 0), model) == 0 && strcmp(csv_text(csv, 1), term) == 0 &&
		    strcmp(csv_text(csv, 2), quantity) == 0)
			value = csv_double(csv, 3);
	}
	csv_close(csv);
	if (isnan(value))
		fail_msg("no %s of %s in %s", quantity, term, model);
	return value;
}
