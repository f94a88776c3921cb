#include "surveys.h"

#include <math.h>

#include "json.h"
#include "numeric/numeric.h"

static void *get(size_t size)
{
	void *block = calloc(1, size != 0 ? size : 1);

	assert_non_null(block);
	return block;
}

static char *copy(const char *text)
{
	char *block = get(strlen(text) + 1);

	strcpy(block, text);
	return block;
}

static void lay_table(struct survey *s, uint32_t columns)
{
	uint64_t rows = s->table.rows;

	s->table = support_table(s->values, rows, columns);
	s->table.names = (const char *const *)s->names;
}

/* NaN for what is no number: the columns of names and groups are not estimated from. */
static double number_or_missing(const struct csv *csv, size_t column)
{
	const char *text = csv_text(csv, column);
	char *end;
	double value = strtod(text, &end);

	return csv_empty(csv, column) || *end != '\0' ? (double)NAN : value;
}

struct survey survey_read_where(const char *file, const char *by, const char *text)
{
	struct csv *csv = shared_csv_or_skip(file);
	struct survey s = {.values = NULL};
	uint32_t columns = (uint32_t)csv_columns(csv), i;
	size_t room = 0;

	s.names = get(columns * sizeof(*s.names));
	for (i = 0; i < columns; i++)
		s.names[i] = copy(csv_name(csv, i));
	while (csv_next(csv)) {
		if (by != NULL && strcmp(csv_text(csv, csv_column(csv, by)), text) != 0)
			continue;
		if (s.table.rows == room) {
			room = room == 0 ? 256 : 2 * room;
			s.values = realloc(s.values, room * columns * sizeof(double));
			assert_non_null(s.values);
		}
		for (i = 0; i < columns; i++)
			s.values[s.table.rows * columns + i] = number_or_missing(csv, i);
		s.table.rows++;
	}
	csv_close(csv);
	lay_table(&s, columns);
	return s;
}

struct survey survey_read(const char *file)
{
	return survey_read_where(file, NULL, NULL);
}

void survey_free(struct survey *s)
{
	uint32_t i;

	for (i = 0; i < s->table.columns; i++)
		free(s->names[i]);
	free(s->names);
	free(s->values);
}

uint32_t survey_column(const struct survey *s, const char *name)
{
	uint32_t i;

	for (i = 0; i < s->table.columns; i++) {
		if (strcmp(s->names[i], name) == 0)
			return i;
	}
	fail_msg("no column %s", name);
	return 0;
}

/* ---- models of the shared list ---- */

static struct json *models(void)
{
	char *path = shared_or_skip("reference/sem/models.json");
	struct json *json = json_open(path);

	free(path);
	return json;
}

static const char *text_at(struct json *json, char *path, const char *format, const char *a, const char *b,
                           size_t i)
{
	sprintf(path, format, a, b, i);
	return json_text(json, path);
}

static void add_term(loy_paths *paths, uint32_t relation, const char *left, const char *right)
{
	loy_error error = {.struct_size = sizeof(error)};

	if (loy_paths_add(paths, relation, left, right, LOY_TERM_DEFAULT, 0.0, NULL, &error) != LOY_OK)
		fail_msg("%s, %s: %s", left, right, error.message);
}

loy_paths *survey_model(const char *model)
{
	struct json *json = models();
	loy_paths *paths = NULL;
	char path[256], block[128], blocks[128];
	size_t c, i;

	assert_int_equal(loy_paths_create(&paths, NULL), LOY_OK);
	sprintf(blocks, "%s/blocks", model);
	for (c = 0; json_member(json, blocks, c) != NULL; c++) {
		uint32_t relation;

		strcpy(block, json_member(json, blocks, c));
		relation = *text_at(json, path, "%s/modes/%s", model, block, 0) == 'A' ? LOY_TERM_MEASURED
		                                                                       : LOY_TERM_COMPOSED;
		for (i = 0; text_at(json, path, "%s/blocks/%s/%zu", model, block, i) != NULL; i++)
			add_term(paths, relation, block, json_text(json, path));
	}
	assert_true(c > 0);
	for (i = 0; text_at(json, path, "%s/%s/%zu/0", model, "paths", i) != NULL; i++) {
		strcpy(block, json_text(json, path));
		text_at(json, path, "%s/%s/%zu/1", model, "paths", i);
		add_term(paths, LOY_TERM_REGRESSED, json_text(json, path), block);
	}
	json_close(json);
	return paths;
}

const char *survey_file(const char *model)
{
	static char file[128];
	struct json *json = models();
	char path[128];

	sprintf(path, "%s/file", model);
	sprintf(file, "data/%s", json_text(json, path));
	json_close(json);
	return file;
}

int survey_scale(const char *model, double *low, double *high)
{
	struct json *json = models();
	char path[128];
	int is_there;

	sprintf(path, "%s/lo", model);
	is_there = json_text(json, path) == NULL; /* null is a text */
	if (is_there) {
		*low = json_number(json, path);
		sprintf(path, "%s/hi", model);
		*high = json_number(json, path);
	}
	json_close(json);
	return is_there;
}

loy_paths *survey_paths(const char *text)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_paths *paths = NULL;

	if (loy_paths_parse(&paths, text, strlen(text), NULL, &error) != LOY_OK)
		fail_msg("%s: %s", text, error.message);
	return paths;
}

/* ---- invented respondents ---- */

/* About normal: enough for answers. */
static double noise(loy__random *r)
{
	double sum = -6.0;
	int i;

	for (i = 0; i < 12; i++)
		sum += loy__random_unit(r);
	return sum;
}

static double answer(double latent, double loading, double offset, loy__random *r)
{
	double value = floor(6.5 + 1.6 * (loading * latent + noise(r)) + offset);

	return value < 1.0 ? 1.0 : value > 10.0 ? 10.0 : value;
}

struct survey survey_invent(uint32_t rows, uint32_t per, uint64_t seed, int reversed)
{
	struct survey s = {.values = get((size_t)rows * 3 * per * sizeof(double))};
	loy__random r;
	uint32_t row, c, i;

	s.names = get(3 * (size_t)per * sizeof(*s.names));
	for (i = 0; i < 3 * per; i++) {
		s.names[i] = get(16);
		sprintf(s.names[i], "%c%u", "abc"[i / per], (unsigned)(i % per + 1));
	}
	loy__random_init(&r, seed);
	for (row = 0; row < rows; row++) {
		double latent[3];

		latent[0] = noise(&r);
		latent[1] = 0.6 * latent[0] + 0.8 * noise(&r);
		latent[2] = 0.3 * latent[0] + 0.5 * latent[1] + 0.7 * noise(&r);
		for (c = 0; c < 3; c++) {
			for (i = 0; i < per; i++) {
				double *value = &s.values[((size_t)row * 3 + c) * per + i];

				*value = answer(latent[c], 1.2 - 0.15 * i, 0.3 * i, &r);
				if (reversed && c == 2 && i + 1 == per)
					*value = 11.0 - *value;
			}
		}
	}
	lay_table(&s, 3 * per);
	s.table.rows = rows;
	return s;
}

char *survey_text(uint32_t per, const char *operation)
{
	char *text = get(64 + 48 * (size_t)per);
	size_t used = 0;
	uint32_t c, i;

	for (c = 0; c < 3; c++) {
		used += (size_t)sprintf(text + used, "%c %s", "ABC"[c], operation);
		for (i = 1; i <= per; i++)
			used += (size_t)sprintf(text + used, "%s %c%u", i > 1 ? " +" : "", "abc"[c],
			                        (unsigned)i);
		used += (size_t)sprintf(text + used, "\n");
	}
	sprintf(text + used, "B ~ A\nC ~ A + B\n");
	return text;
}

/* ---- estimates ---- */

loy_pls *survey_fit(const loy_paths *paths, const loy_table *table, const loy_pls_options *options)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_pls *pls = NULL;
	loy_status status = loy_pls_create(&pls, paths, table, options, NULL, &error);

	if (status != LOY_OK)
		fail_msg("%s: %s", loy_status_name(status), error.message);
	return pls;
}

loy_pls *survey_fit_text(const char *text, const loy_table *table, const loy_pls_options *options)
{
	loy_paths *paths = survey_paths(text);
	loy_pls *pls = survey_fit(paths, table, options);

	loy_paths_destroy(paths);
	return pls;
}

loy_pls *survey_fit_invented(const struct survey *survey, uint32_t per, const char *operation,
                             const loy_pls_options *options)
{
	char *text = survey_text(per, operation);
	loy_pls *pls = survey_fit_text(text, &survey->table, options);

	free(text);
	return pls;
}

void survey_refuse(const loy_paths *paths, const loy_table *table, const loy_pls_options *options,
                   loy_status status, const char *words)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_pls *pls = (loy_pls *)&error;
	loy_status actual = loy_pls_create(&pls, paths, table, options, NULL, &error);

	if (actual != status || strstr(error.message, words) == NULL)
		fail_msg("%s \"%s\", not %s \"%s\"", loy_status_name(actual), error.message,
		         loy_status_name(status), words);
	assert_int_equal(error.code, status);
	assert_null(pls);
}

void survey_refused(const char *text, const loy_table *table, const loy_pls_options *options,
                    loy_status status, const char *words)
{
	loy_paths *paths = survey_paths(text);

	survey_refuse(paths, table, options, status, words);
	loy_paths_destroy(paths);
}

loy_pls_summary survey_summary(const loy_pls *pls)
{
	loy_pls_summary s = {.struct_size = sizeof(s)};

	assert_int_equal(loy_pls_get_summary(pls, &s), LOY_OK);
	return s;
}

loy_pls_construct survey_construct_named(const loy_pls *pls, const char *name)
{
	loy_pls_construct c = {.struct_size = sizeof(c)};

	assert_int_equal(loy_pls_get_construct(pls, survey_construct(pls, name), &c), LOY_OK);
	return c;
}

loy_pls_indicator survey_indicator_named(const loy_pls *pls, const char *construct, const char *name)
{
	loy_pls_indicator i = {.struct_size = sizeof(i)};

	assert_int_equal(loy_pls_get_indicator(pls, survey_indicator(pls, construct, name), &i), LOY_OK);
	return i;
}

double *survey_scores(const loy_pls *pls, const loy_table *table)
{
	size_t room = (size_t)table->rows * survey_summary(pls).constructs;
	double *scores = calloc(room, sizeof(*scores));

	assert_non_null(scores);
	assert_int_equal(loy_pls_score(pls, table, LOY_PLS_SCORES, NULL, scores, room, NULL, NULL), LOY_OK);
	return scores;
}

double survey_correlate(const double *a, size_t step_a, const double *b, size_t step_b, size_t rows)
{
	double mean_a = 0.0, mean_b = 0.0, aa = 0.0, bb = 0.0, ab = 0.0;
	size_t i;

	for (i = 0; i < rows; i++) {
		mean_a += a[i * step_a] / (double)rows;
		mean_b += b[i * step_b] / (double)rows;
	}
	for (i = 0; i < rows; i++) {
		double x = a[i * step_a] - mean_a, y = b[i * step_b] - mean_b;

		aa += x * x;
		bb += y * y;
		ab += x * y;
	}
	return ab / sqrt(aa * bb);
}

uint32_t survey_construct(const loy_pls *pls, const char *name)
{
	uint32_t index = 0;

	if (loy_pls_find_construct(pls, name, strlen(name), &index) != LOY_OK)
		fail_msg("no construct %s", name);
	return index;
}

uint32_t survey_indicator(const loy_pls *pls, const char *construct, const char *name)
{
	uint32_t c = survey_construct(pls, construct), i;
	loy_pls_indicator indicator = {.struct_size = sizeof(indicator)};

	for (i = 0; loy_pls_get_indicator(pls, i, &indicator) == LOY_OK; i++) {
		if (indicator.construct == c && strcmp(indicator.name, name) == 0)
			return i;
	}
	fail_msg("no indicator %s of %s", name, construct);
	return 0;
}

double survey_path(const loy_pls *pls, const char *from, const char *to)
{
	uint32_t a = survey_construct(pls, from), b = survey_construct(pls, to), i;
	loy_pls_path path = {.struct_size = sizeof(path)};

	for (i = 0; loy_pls_get_path(pls, i, &path) == LOY_OK; i++) {
		if (path.from == a && path.to == b)
			return path.value;
	}
	fail_msg("no path from %s to %s", from, to);
	return 0.0;
}

double *survey_matrix(const loy_pls *pls, uint32_t kind)
{
	size_t size = 0;
	double *matrix;

	assert_int_equal(loy_pls_get_matrix(pls, kind, NULL, 0, &size), LOY_EBUFFER);
	matrix = get(size * sizeof(*matrix));
	assert_int_equal(loy_pls_get_matrix(pls, kind, matrix, size, NULL), LOY_OK);
	return matrix;
}

uint32_t survey_problems(const loy_pls *pls, uint32_t kind, loy_pls_problem *first)
{
	loy_pls_problem problem = {.struct_size = sizeof(problem)};
	uint32_t i, count = 0;

	for (i = 0; loy_pls_get_problem(pls, i, &problem) == LOY_OK; i++) {
		if (problem.kind == kind && count++ == 0 && first != NULL)
			*first = problem;
	}
	return count;
}

void survey_says(const loy_pls *pls, uint32_t kind, const char *a, const char *b)
{
	loy_pls_problem problem = {.struct_size = sizeof(problem)};
	char text[1024];
	uint32_t i;

	for (i = 0; loy_pls_get_problem(pls, i, &problem) == LOY_OK; i++) {
		assert_int_equal(loy_pls_print_problem(pls, i, text, sizeof(text), NULL), LOY_OK);
		if (problem.kind == kind && strstr(text, a) != NULL && strstr(text, b) != NULL)
			return;
	}
	fail_msg("no problem of kind %u says %s and %s", (unsigned)kind, a, b);
}
