/* Answers and truths; see survey_data.h. */
#include "survey_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const state_names[STATES] = {"value", "satisfaction", "trust", "loyalty"};
const char *const item_names[ITEMS] = {"value1", "value2", "overall", "reliability", "empathy",
                                       "trust1", "trust2", "trust3",  "again",       "recommend"};
const loy_pls_scale item_scales[ITEMS] = {{1, 7}, {1, 7}, {1, 7}, {1, 7}, {1, 7},
                                          {1, 7}, {1, 7}, {1, 7}, {1, 7}, {0, 10}};
/* Instrument and item that each comes by. */
static const uint32_t asked_by[ITEMS][2] = {{LOY_INSTRUMENT_VALUE, 1},
                                            {LOY_INSTRUMENT_VALUE, 2},
                                            {LOY_INSTRUMENT_SATISFACTION, 1},
                                            {LOY_INSTRUMENT_SERVQUAL_PERCEPTION, 2},
                                            {LOY_INSTRUMENT_SERVQUAL_PERCEPTION, 5},
                                            {LOY_INSTRUMENT_TRUST, 1},
                                            {LOY_INSTRUMENT_TRUST, 2},
                                            {LOY_INSTRUMENT_TRUST, 3},
                                            {LOY_INSTRUMENT_LOYALTY, 1},
                                            {LOY_INSTRUMENT_NPS, 0}};

void must(int failed, const char *what, const loy_error *error)
{
	if (!failed)
		return;
	fprintf(stderr, "survey: %s%s%s\n", what, error != NULL ? ": " : "",
	        error != NULL ? error->message : "");
	exit(1);
}

loy_table table_of(const double *first, size_t stride, size_t rows, uint32_t columns,
                   const char *const *names)
{
	loy_table table = {.struct_size = sizeof(table), .columns = columns, .rows = rows, .names = names};

	table.values = first;
	table.row_stride = (int64_t)stride;
	table.column_stride = sizeof(double);
	return table;
}

/* ---- what was answered ---- */

/* Answers of one customer at one time are one questionnaire; events come in order of time. */
static struct filled *filled_at(struct filled *list, size_t *count, const struct happening *one)
{
	struct filled *row = list + *count;
	int i;

	while (row > list && (row - 1)->time == one->time)
		if ((--row)->customer == one->customer)
			return row;
	must(*count == ROWS_MAX, "too many questionnaires", NULL);
	row = &list[(*count)++];
	row->customer = one->customer;
	row->time = one->time;
	for (i = 0; i < ITEMS; i++)
		row->answer[i] = (double)NAN;
	return row;
}

/* Which question an event answers, or ITEMS. */
static size_t answered(const loy_event *event, double *answer)
{
	int64_t instrument = 0, item = 0, value = 0;
	size_t i = 0;

	(void)loy_event_get(event, LOY_FIELD_INSTRUMENT, &instrument);
	(void)loy_event_get(event, LOY_FIELD_ITEM, &item);
	(void)loy_event_get(event, LOY_FIELD_VALUE, &value);
	*answer = (double)value / (double)LOY_RATIO_ONE;
	while (i < ITEMS && (asked_by[i][0] != instrument || asked_by[i][1] != item))
		i++;
	return i;
}

size_t gather_answers(const struct replay *replay, struct filled *list)
{
	loy_event *event = NULL;
	size_t i, k, count = 0, question;
	double answer;
	int pass;

	must(loy_event_create(&event, NULL) != LOY_OK, "out of memory", NULL);
	for (pass = 0; pass < 2; pass++) /* recommendations go to the questionnaires around them */
		for (i = 0; i < replay->count; i++) {
			const struct happening *one = &replay->list[i];

			if (one->size == 0 ||
			    loy_event_read(event, replay->bytes + one->at, one->size, NULL, NULL) != LOY_OK)
				continue;
			question = answered(event, &answer);
			if (question < RECOMMEND && pass == 0)
				filled_at(list, &count, one)->answer[question] = answer;
			for (k = 0; k < count && question == RECOMMEND && pass == 1; k++)
				if (list[k].customer == one->customer &&
				    llabs(list[k].time - one->time) < 80 * LOY_DAY)
					list[k].answer[RECOMMEND] = answer;
		}
	loy_event_destroy(event);
	return count;
}

/* ---- the truth ---- */

static void read_truth(const struct csv *csv, const int cell[STATES + 3], struct truth *out)
{
	char text[32];
	size_t length;
	uint64_t high;
	int i;

	for (i = 0; i < STATES + 3; i++) {
		const char *from = csv_cell(csv, (size_t)cell[i], &length);

		must(length >= sizeof(text), "a cell of the truth is too long", NULL);
		memcpy(text, from, length);
		text[length] = '\0';
		if (i < STATES)
			out->state[i] = strtod(text, NULL);
		else if (i == STATES)
			out->bought = strtod(text, NULL);
		else if (i == STATES + 1)
			must(loy_time_parse(text, length, 0, &out->time) != LOY_OK, "no time", NULL);
		else
			memcpy(out->key, text, length + 1);
	}
	out->there = out->state[STATES - 1] >= 0.1;
	(void)loy_identity_from_key(out->key, strlen(out->key), &high, &out->customer);
}

static int by_time(const void *a, const void *b)
{
	const struct truth *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

size_t read_truths(const char *path, struct truth *list)
{
	static const char *const others[3] = {"bought_within_90_days", "time", "customer"};
	FILE *file = stream_open(path);
	struct csv csv;
	int cell[STATES + 3], i;
	size_t count = 0;

	must(file == NULL || csv_open(&csv, stream_read, file, ',') != 0 || csv_next(&csv) != CSV_ROW, path,
	     NULL);
	for (i = 0; i < STATES + 3; i++) {
		const char *name = i < STATES ? state_names[i] : others[i - STATES];

		cell[i] = csv_find(&csv, name, strlen(name));
		must(cell[i] < 0, "the truth lacks a column", NULL);
	}
	while (csv_next(&csv) == CSV_ROW && count < ROWS_MAX)
		read_truth(&csv, cell, &list[count++]);
	csv_close(&csv);
	stream_close(file);
	qsort(list, count, sizeof(*list), by_time);
	return count;
}
