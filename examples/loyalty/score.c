/* `loyalty score`: everyone's scores. */
#include "card.h"
#include "commands.h"
#include "keys.h"
#include "output.h"
#include "progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scoring {
	const struct session *session;
	enum format format;
	uint64_t customers; /* in the store */
	uint32_t construct[LOY_CONSTRUCTS_MAX];
	uint32_t construct_count;
	uint32_t by; /* construct to rank by */
	long wanted; /* how many of the ranking; 0: everyone, in the order of the store */
	int descending;
	loy_filter filters[ARGS_LIST_MAX];
	uint64_t *rows, row_count;  /* which customers, in the order of output; rows NULL: all */
	double *value, *low, *high; /* [construct][customer] */
	long threads;
};

/* Which constructs to show: those of --construct, else the model's headline. */
static int choose_constructs(struct scoring *s)
{
	const loy_model *model = s->session->model;
	const struct args *args = s->session->args;
	const char *by = args->value[OPTION_BY];
	int i;

	for (i = 0; i < args->construct_count && s->construct_count < LOY_CONSTRUCTS_MAX; i++) {
		if (!construct_find(model, args->construct[i], &s->construct[s->construct_count++]))
			return EXIT_USAGE;
	}
	while (args->construct_count == 0 && s->construct_count < loy_model_headline_count(model)) {
		(void)loy_model_headline(model, s->construct_count, &s->construct[s->construct_count]);
		s->construct_count++;
	}
	if (s->construct_count == 0) {
		say("the model names no headline scores; choose some with --construct");
		return EXIT_USAGE;
	}
	s->by = s->construct[s->construct_count - 1];
	return by == NULL || construct_find(model, by, &s->by) ? EXIT_DONE : EXIT_USAGE;
}

static int compare_rows(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Check --where, --top, --bottom and --by, before any file is read. */
static int choose_ranking(struct scoring *s)
{
	const struct args *args = s->session->args;
	int top = args->value[OPTION_TOP] != NULL, bottom = args->value[OPTION_BOTTOM] != NULL, i;

	if (top && bottom) {
		say("--top and --bottom: one or the other");
		return EXIT_USAGE;
	}
	if (args->value[OPTION_BY] != NULL && !top && !bottom) {
		say("--by goes with --top or --bottom");
		return EXIT_USAGE;
	}
	if (!args_number(args, top ? OPTION_TOP : OPTION_BOTTOM, 1, INT32_MAX, 0, &s->wanted))
		return EXIT_USAGE;
	for (i = 0; i < args->where_count; i++) {
		if (!where_parse(args->where[i], s->session->model, &s->filters[i]))
			return EXIT_USAGE;
	}
	s->descending = !bottom;
	return EXIT_DONE;
}

/* Choose and order customers. */
static int choose_rows(struct scoring *s, const loy_batch_options *batch)
{
	uint64_t capacity = s->customers, found = 0;
	uint32_t filter_count = (uint32_t)s->session->args->where_count;
	loy_status status;

	s->row_count = s->customers;
	if (s->wanted == 0 && filter_count == 0)
		return EXIT_DONE;
	if (s->wanted != 0 && (uint64_t)s->wanted < capacity)
		capacity = (uint64_t)s->wanted;
	s->rows = calloc((size_t)capacity + 1, sizeof(*s->rows));
	status = s->rows == NULL ? LOY_ENOMEM
	                         : loy_store_rank(s->session->store, s->session->model, s->by, s->session->at,
	                                          s->descending, s->filters, filter_count, s->rows, NULL,
	                                          capacity, &found, batch);
	if (status != LOY_OK)
		return library_failure("ranking", status);
	s->row_count = found < capacity ? found : capacity;
	if (s->wanted == 0)
		qsort(s->rows, (size_t)s->row_count, sizeof(*s->rows), compare_rows);
	return EXIT_DONE;
}

/* Score everyone into arrays. */
static int compute(struct scoring *s, const loy_batch_options *batch)
{
	int intervals = s->session->args->value[OPTION_INTERVALS] != NULL;
	size_t n = (size_t)s->customers, size = n * s->construct_count;
	loy_score_column columns[LOY_CONSTRUCTS_MAX];
	uint32_t i;
	loy_status status;

	if (n == 0)
		return EXIT_DONE;
	s->value = calloc(size, sizeof(double));
	s->low = intervals ? calloc(size, sizeof(double)) : NULL;
	s->high = intervals ? calloc(size, sizeof(double)) : NULL;
	if (s->value == NULL || (intervals && (s->low == NULL || s->high == NULL)))
		return library_failure("scoring", LOY_ENOMEM);
	memset(columns, 0, sizeof(columns));
	for (i = 0; i < s->construct_count; i++) {
		columns[i].struct_size = sizeof(columns[i]);
		columns[i].construct = s->construct[i];
		columns[i].value = s->value + i * n;
		columns[i].value_stride = sizeof(double);
		columns[i].low = intervals ? s->low + i * n : NULL;
		columns[i].low_stride = sizeof(double);
		columns[i].high = intervals ? s->high + i * n : NULL;
		columns[i].high_stride = sizeof(double);
	}
	status = loy_store_score(s->session->store, s->session->model, s->session->at, 0, s->customers,
	                         columns, s->construct_count, batch);
	return status == LOY_OK ? EXIT_DONE : library_failure("scoring", status);
}

/* ---- output ---- */

static size_t name_columns(const struct scoring *s, struct table_column *columns,
                           char (*names)[LOY_NAME_MAX + 8])
{
	size_t count = 1, i, k;

	columns[0].name = "customer";
	columns[0].right = 0;
	for (i = 0; i < s->construct_count; i++) {
		static const char *const ends[] = {"", "_low", "_high"};

		for (k = 0; k < (s->low != NULL ? 3u : 1u); k++) {
			(void)snprintf(names[count], LOY_NAME_MAX + 8, "%s%s",
			               loy_model_construct_name(s->session->model, s->construct[i]), ends[k]);
			columns[count].name = names[count];
			columns[count++].right = 1;
		}
	}
	return count;
}

static void write_rows(const struct scoring *s, struct table *table)
{
	size_t n = (size_t)s->customers, i;
	uint64_t k;

	for (k = 0; k < s->row_count; k++) {
		uint64_t row = s->rows != NULL ? s->rows[k] : k, id = 0;
		char key[LOY_CUSTOMER_KEY_MAX + 1];
		size_t length = 0;

		(void)loy_store_customer(s->session->store, row, &id, key, sizeof(key), &length);
		if (id != 0)
			(void)snprintf(key, sizeof(key), "#%" PRIu64, id);
		table_text(table, key);
		for (i = 0; i < s->construct_count; i++) {
			table_number(table, s->value[i * n + row], 1);
			if (s->low != NULL) {
				table_number(table, s->low[i * n + row], 1);
				table_number(table, s->high[i * n + row], 1);
			}
		}
	}
}

static int write_scores(const struct scoring *s)
{
	struct table_column columns[1 + 3 * LOY_CONSTRUCTS_MAX];
	char names[1 + 3 * LOY_CONSTRUCTS_MAX][LOY_NAME_MAX + 8], time[NUMBER_SIZE];
	struct json json = {0, {0}};
	struct table table;
	int code;

	if (s->format == FORMAT_JSON) {
		json_open(&json, NULL, '{');
		json_text(&json, "model", loy_model_name(s->session->model));
		json_text(&json, "at", time_text(s->session->at, time));
		json_open(&json, "customers", '[');
	}
	table_open(&table, s->format, columns, name_columns(s, columns, names), &json);
	write_rows(s, &table);
	code = table_close(&table) ? EXIT_DONE : EXIT_RESOURCES;
	if (s->format == FORMAT_JSON) {
		json_close(&json, ']');
		json_close(&json, '}');
	}
	if (s->session->args->value[OPTION_QUIET] == NULL)
		say("%" PRIu64 " of %" PRIu64 " customers at %s, model %s", s->row_count, s->customers,
		    time_text(s->session->at, time), loy_model_name(s->session->model));
	return code;
}

static int score_all(struct scoring *s)
{
	const struct args *args = s->session->args;
	struct progress progress;
	loy_batch_options batch = {.struct_size = sizeof(batch)};
	int code;

	if (loy_store_sort(s->session->store) != LOY_OK)
		return library_failure("scoring", LOY_ENOMEM);
	s->customers = loy_store_count(s->session->store);
	batch.threads = (uint32_t)s->threads;
	batch.progress = progress_callback;
	batch.user_data = &progress;
	progress_start(&progress, "scoring", args->value[OPTION_PROGRESS] != NULL,
	               args->value[OPTION_QUIET] != NULL);
	code = choose_rows(s, &batch);
	if (code == EXIT_DONE)
		code = compute(s, &batch);
	progress_stop(&progress);
	return code == EXIT_DONE ? write_scores(s) : code;
}

int command_score(const struct args *args)
{
	struct session session;
	struct scoring s;
	int code;

	memset(&s, 0, sizeof(s));
	s.session = &session;
	if (!format_read(args->value[OPTION_FORMAT], &s.format) ||
	    !args_number(args, OPTION_THREADS, 1, 256, processor_count(), &s.threads))
		return EXIT_USAGE;
	code = session_open(&session, args);
	if (code == EXIT_DONE)
		code = choose_constructs(&s);
	if (code == EXIT_DONE)
		code = choose_ranking(&s);
	if (code == EXIT_DONE)
		code = session_load(&session, NULL);
	if (code == EXIT_DONE)
		code = score_all(&s);
	free(s.rows);
	free(s.value);
	free(s.low);
	free(s.high);
	session_close(&session);
	return code;
}
