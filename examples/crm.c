/*
 * crm: load a file of events, score everybody on all processors, write a file of scores.
 *
 *	crm EVENTS.csv SCORES.csv [YYYY-MM-DD [THREADS]]
 *
 * The file's columns have the names of `loyalty help fields`; `event` is what tells an event from others, and a
 * row without it always counts. Events after the date are refused. Rows go to the library in batches of columns,
 * the way a data frame holds them. Files with other columns, and messages with the place of each flaw, are the
 * shell's business; its reader of CSV (loyalty/csv.h) and of cells (loyalty/values.h) serves here too.
 */
#include "loyalty/csv.h"
#include "loyalty/progress.h"
#include "loyalty/values.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_ROWS 16384u
#define FIELDS_MAX 64u
#define KEY_SPACE  (BATCH_ROWS * 64u) /* bytes of customers a batch holds */

/* A column of the file that is an optional field of events. */
struct field {
	uint32_t id, type;
	size_t cell;
	int64_t value[BATCH_ROWS];
	uint8_t present[BATCH_ROWS];
};

/* A batch as the library takes it: columns. */
struct batch {
	uint64_t rows;
	char keys[KEY_SPACE];
	int64_t key_end[BATCH_ROWS + 1];
	uint16_t kind[BATCH_ROWS];
	int64_t time[BATCH_ROWS];
	int64_t identity_high[BATCH_ROWS], identity_low[BATCH_ROWS];
	size_t cell_count, customer_cell, kind_cell, time_cell, event_cell;
	uint32_t field_count;
	struct field *field[FIELDS_MAX];
};

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "crm: %s: %s\n", what, why);
	return 1;
}

/* ---- reading ---- */

static size_t read_file(void *user, char *buffer, size_t capacity)
{
	size_t got = fread(buffer, 1, capacity, user);

	return got == 0 && ferror((FILE *)user) ? CSV_READ_FAILED : got;
}

static int find_cell(const struct csv *header, const char *name, size_t *cell)
{
	int found = csv_find(header, name, strlen(name));

	*cell = found >= 0 ? (size_t)found : 0;
	return found >= 0;
}

/* Look up in the header what the library knows. The registry of fields makes a list of ours unnecessary. */
static int read_header(const struct csv *header, struct batch *batch)
{
	loy_field known;
	uint32_t i;
	size_t cell;

	batch->cell_count = header->cell_count;
	if (!find_cell(header, "customer", &batch->customer_cell) ||
	    !find_cell(header, "kind", &batch->kind_cell) || !find_cell(header, "time", &batch->time_cell) ||
	    !find_cell(header, "event", &batch->event_cell))
		return fail("header", "the columns event, customer, kind and time are needed");
	for (i = 0; loy_field_info(i, &known) == LOY_OK; i++) {
		struct field *field;

		if (known.id > LOY_FIELD_OPTIONAL_LAST || known.type == LOY_TYPE_WORD ||
		    !find_cell(header, known.name, &cell))
			continue;
		field = calloc(1, sizeof(*field));
		if (field == NULL)
			return fail("header", "out of memory");
		field->id = known.id;
		field->type = known.type;
		field->cell = cell;
		batch->field[batch->field_count++] = field;
	}
	return 0;
}

static int64_t as_word(uint64_t bits)
{
	int64_t word;

	memcpy(&word, &bits, sizeof(word));
	return word;
}

/* Put one row behind the others. 0 when a cell cannot be read; the row is then left out. */
static int add_row(struct batch *batch, const struct csv *csv, char message[VALUE_MESSAGE_SIZE])
{
	size_t r = (size_t)batch->rows, length;
	int64_t end = batch->key_end[r];
	uint64_t high = 0, low = 0; /* none */
	uint32_t i;
	const char *text = csv_cell(csv, batch->kind_cell, &length);

	batch->kind[r] = (uint16_t)loy_kind_find(text, length);
	text = csv_cell(csv, batch->time_cell, &length);
	if (!value_field(LOY_FIELD_TIME, LOY_TYPE_TIME, text, length, 0, &batch->time[r], message))
		return 0;
	text = csv_cell(csv, batch->event_cell, &length);
	if (length != 0)
		(void)loy_identity_from_key(text, length, &high, &low);
	batch->identity_high[r] = as_word(high);
	batch->identity_low[r] = as_word(low);
	for (i = 0; i < batch->field_count; i++) {
		struct field *field = batch->field[i];

		text = csv_cell(csv, field->cell, &length);
		field->present[r] = length != 0;
		if (length != 0 &&
		    !value_field(field->id, field->type, text, length, 0, &field->value[r], message))
			return 0;
	}
	text = csv_cell(csv, batch->customer_cell, &length);
	if (length > LOY_CUSTOMER_KEY_MAX)
		return 0;
	memcpy(batch->keys + end, text, length);
	batch->key_end[r + 1] = end + (int64_t)length;
	batch->rows++;
	return 1;
}

/* ---- recording ---- */

static loy_column column(uint32_t field, uint32_t type, const void *data, int64_t stride)
{
	loy_column c;

	memset(&c, 0, sizeof(c));
	c.field = field;
	c.type = type;
	c.data = data;
	c.stride = stride;
	return c;
}

static int record(struct batch *batch, loy_store *store, int64_t time, loy_batch_result *total)
{
	loy_column columns[FIELDS_MAX + 5];
	loy_batch_options options = {.struct_size = sizeof(options), .latest_time = time};
	loy_batch_result result = {.struct_size = sizeof(result)};
	uint32_t i, count = 0;
	loy_status status;

	columns[count++] = column(LOY_FIELD_KIND, LOY_COLUMN_U16, batch->kind, sizeof(batch->kind[0]));
	columns[count++] = column(LOY_FIELD_TIME, LOY_COLUMN_I64, batch->time, sizeof(batch->time[0]));
	columns[count++] =
	        column(LOY_FIELD_IDENTITY_HIGH, LOY_COLUMN_I64, batch->identity_high, sizeof(int64_t));
	columns[count++] =
	        column(LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, batch->identity_low, sizeof(int64_t));
	columns[count] = column(LOY_FIELD_CUSTOMER, LOY_COLUMN_TEXT, batch->keys, 0);
	columns[count++].offsets = batch->key_end;
	for (i = 0; i < batch->field_count; i++) {
		columns[count] =
		        column(batch->field[i]->id, LOY_COLUMN_I64, batch->field[i]->value, sizeof(int64_t));
		columns[count++].present = batch->field[i]->present;
	}
	status = loy_store_record_columns(store, columns, count, batch->rows, &options, NULL, &result, NULL);
	if (status != LOY_OK)
		return fail("recording", loy_status_text(status));
	total->recorded += result.recorded;
	total->duplicates += result.duplicates;
	total->conflicts += result.conflicts;
	total->refused += result.refused;
	batch->rows = 0;
	return 0;
}

static int load(const char *path, struct batch *batch, loy_store *store, int64_t time,
                loy_batch_result *total)
{
	FILE *file = fopen(path, "rb");
	char message[VALUE_MESSAGE_SIZE];
	struct csv csv;
	int result, failed;

	if (file == NULL || csv_open(&csv, read_file, file, ',') != 0)
		return fail(path, "cannot be read");
	result = csv_next(&csv);
	failed = result == CSV_ROW ? read_header(&csv, batch) : fail(path, "has no header");
	while (!failed && (result = csv_next(&csv)) != CSV_END && result != CSV_FATAL) {
		if (result != CSV_ROW || csv.cell_count != batch->cell_count ||
		    !add_row(batch, &csv, message))
			total->refused++;
		if (batch->rows == BATCH_ROWS ||
		    batch->key_end[batch->rows] > (int64_t)(KEY_SPACE - LOY_CUSTOMER_KEY_MAX - 1))
			failed = record(batch, store, time, total);
	}
	if (!failed && result == CSV_FATAL)
		failed = fail(path, csv.error);
	if (!failed)
		failed = record(batch, store, time, total);
	csv_close(&csv);
	fclose(file);
	return failed;
}

/* ---- scoring ---- */

#define SCORES_MAX 8u

/* A cell of the output: in quotes where it holds what would end it. */
static void write_cell(FILE *file, const char *text)
{
	if (strpbrk(text, ",\"\r\n") == NULL) {
		fputs(text, file);
		return;
	}
	fputc('"', file);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', file);
		fputc(*text, file);
	}
	fputc('"', file);
}

static int write_scores(const char *path, const loy_store *store, const double *value, uint32_t score_count,
                        const uint32_t *construct)
{
	const loy_model *model = loy_store_model(store);
	uint64_t row, count = loy_store_count(store), unused;
	char key[LOY_CUSTOMER_KEY_MAX + 1];
	FILE *file = fopen(path, "wb");
	uint32_t i;
	size_t length;

	if (file == NULL)
		return fail(path, "cannot be written");
	fputs("customer", file);
	for (i = 0; i < score_count; i++)
		fprintf(file, ",%s", loy_model_construct_name(model, construct[i]));
	fputc('\n', file);
	for (row = 0; row < count; row++) {
		(void)loy_store_customer(store, row, &unused, key, sizeof(key), &length);
		write_cell(file, key);
		for (i = 0; i < score_count; i++) {
			double points = value[i * count + row];

			if (isnan(points)) /* nothing is known */
				fputc(',', file);
			else
				fprintf(file, ",%.2f", points);
		}
		fputc('\n', file);
	}
	return fclose(file) == 0 ? 0 : fail(path, "cannot be written");
}

static int score(loy_store *store, int64_t time, uint32_t threads, const char *path)
{
	const loy_model *model = loy_store_model(store);
	loy_score_column columns[SCORES_MAX];
	uint32_t construct[SCORES_MAX], i, score_count = loy_model_headline_count(model);
	loy_batch_options options = {.struct_size = sizeof(options)};
	loy_status status = loy_store_sort(store);
	uint64_t count = loy_store_count(store);
	double *value = calloc((size_t)count * SCORES_MAX + 1, sizeof(*value));
	int failed;

	if (value == NULL || status != LOY_OK)
		return fail("scoring", "out of memory");
	memset(columns, 0, sizeof(columns));
	for (i = 0; i < score_count; i++) {
		(void)loy_model_headline(model, i, &construct[i]);
		columns[i].struct_size = sizeof(columns[i]);
		columns[i].construct = construct[i];
		columns[i].value = value + i * count;
		columns[i].value_stride = sizeof(*value);
	}
	options.threads = threads;
	status = loy_store_score(store, model, time, 0, count, columns, score_count, &options);
	failed = status == LOY_OK ? write_scores(path, store, value, score_count, construct)
	                          : fail("scoring", loy_status_text(status));
	free(value);
	return failed;
}

static int run(const char *events, const char *scores, int64_t time, uint32_t threads)
{
	loy_model *model = NULL;
	loy_store *store = NULL;
	struct batch *batch = calloc(1, sizeof(*batch));
	loy_batch_result total;
	int failed = 1;
	uint32_t i;

	memset(&total, 0, sizeof(total));
	if (batch != NULL && loy_model_create_builtin(&model, "retail", NULL) == LOY_OK &&
	    loy_store_create(&store, model, NULL, NULL) == LOY_OK)
		failed = load(events, batch, store, time, &total);
	else
		(void)fail("start", "out of memory");
	if (!failed)
		failed = score(store, time, threads, scores);
	if (!failed)
		printf("%" PRIu64 " events recorded, %" PRIu64 " duplicates, %" PRIu64 " conflicts, %" PRIu64
		       " refused; %" PRIu64 " customers scored on %" PRIu32 " threads\n",
		       total.recorded, total.duplicates, total.conflicts, total.refused,
		       loy_store_count(store), threads);
	for (i = 0; batch != NULL && i < batch->field_count; i++)
		free(batch->field[i]);
	free(batch);
	loy_store_destroy(store);
	loy_model_destroy(model);
	return failed;
}

int main(int argc, char **argv)
{
	int64_t time = 20454 * LOY_DAY; /* 2026-01-01 */
	long threads = argc > 4 ? strtol(argv[4], NULL, 10) : processor_count();

	if (argc < 3 || argc > 5 || threads < 1 || threads > 256) {
		fprintf(stderr, "usage: crm EVENTS.csv SCORES.csv [YYYY-MM-DD [THREADS]]\n");
		return 2;
	}
	if (argc > 3 && loy_time_parse(argv[3], strlen(argv[3]), 0, &time) != LOY_OK)
		return fail(argv[3], "is not a date");
	return run(argv[1], argv[2], time, (uint32_t)threads);
}
