/* Summaries: tables with columns x, t_x and T, one row a customer; see histories.h. */
#include "histories.h"

#include "csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	COLUMN_CUSTOMER,
	COLUMN_X,
	COLUMN_T_X,
	COLUMN_T,
	COLUMN_SPEND,
	COLUMN_INTERVALS,
	COLUMN_WEIGHT,
	COLUMN_HOLDOUT,
	COLUMN_COVARIATE, /* + i */
	COLUMN_COUNT = COLUMN_COVARIATE + LOY_LIFETIME_COVARIATES_MAX
};

/* What columns are called here, and in files of the literature. */
static const char *const names[COLUMN_COVARIATE][2] = {{"customer", "customer_id"},
                                                       {"x", "x"},
                                                       {"t_x", "t.x"},
                                                       {"T", "T.cal"},
                                                       {"mean_spend", "zbar"},
                                                       {"log_intervals", "litt"},
                                                       {"weight", "customers"},
                                                       {"x_holdout", "x.star"}};

struct reader {
	struct histories *h;
	const char *path;
	struct csv csv;
	int at[COLUMN_COUNT]; /* cells; -1: not there */
	uint64_t room;
};

/* ---- the header ---- */

/* Which cells hold what; 1 when the header is one of summaries. */
static int find_columns(struct reader *r)
{
	int k;

	for (k = 0; k < COLUMN_COVARIATE; k++) {
		r->at[k] = csv_find(&r->csv, names[k][0], strlen(names[k][0]));
		if (r->at[k] < 0)
			r->at[k] = csv_find(&r->csv, names[k][1], strlen(names[k][1]));
	}
	return r->at[COLUMN_X] >= 0 && r->at[COLUMN_T] >= 0;
}

/* The columns that --covariates names, between commas. */
static int find_covariates(struct reader *r)
{
	const char *text = r->h->args->value[OPTION_COVARIATES], *end;

	for (; text != NULL && *text != '\0'; text = *end != '\0' ? end + 1 : end) {
		int cell;

		end = strchr(text, ',') != NULL ? strchr(text, ',') : text + strlen(text);
		cell = csv_find(&r->csv, text, (size_t)(end - text));
		if (cell < 0 || r->h->covariate_count == LOY_LIFETIME_COVARIATES_MAX) {
			say("%s: no column '%.*s', or more than %d of --covariates", r->path,
			    (int)(end - text), text, LOY_LIFETIME_COVARIATES_MAX);
			return EXIT_USAGE;
		}
		r->at[COLUMN_COVARIATE + r->h->covariate_count++] = cell;
	}
	return EXIT_DONE;
}

/* ---- rows ---- */

static int grow(double **numbers, uint64_t room)
{
	double *larger = realloc(*numbers, (size_t)room * sizeof(**numbers));

	if (larger != NULL)
		*numbers = larger;
	return larger != NULL;
}

static int grow_counts(uint32_t **counts, uint64_t room)
{
	uint32_t *larger = realloc(*counts, (size_t)room * sizeof(**counts));

	if (larger != NULL)
		*counts = larger;
	return larger != NULL;
}

/* Room for another row in all columns there are. */
static int make_room(struct reader *r)
{
	struct histories *h = r->h;
	uint64_t room = r->room != 0 ? 2 * r->room : 256;
	char **customers;
	uint32_t i;

	if (h->count < r->room)
		return 1;
	customers = realloc(h->customer, (size_t)room * sizeof(*customers));
	if (customers != NULL)
		h->customer = customers;
	if (customers == NULL || !grow_counts(&h->x, room) || !grow(&h->t_x, room) || !grow(&h->T, room) ||
	    !grow(&h->mean_spend, room) || (r->at[COLUMN_INTERVALS] >= 0 && !grow(&h->log_intervals, room)) ||
	    (r->at[COLUMN_WEIGHT] >= 0 && !grow(&h->weight, room)) ||
	    (r->at[COLUMN_HOLDOUT] >= 0 && !grow_counts(&h->holdout_x, room)))
		return 0;
	for (i = 0; i < h->covariate_count; i++) {
		if (!grow(&h->covariate[i], room))
			return 0;
	}
	r->room = room;
	return 1;
}

static int cell_number(const struct csv *csv, int at, double *out)
{
	char text[64], *end;
	size_t length;
	const char *cell = csv_cell(csv, (size_t)at, &length);

	if (length == 0 || length >= sizeof(text))
		return 0;
	(void)memcpy(text, cell, length);
	text[length] = '\0';
	*out = strtod(text, &end);
	return *end == '\0';
}

static int is_count(double value)
{
	return value >= 0.0 && value <= 4294967295.0 && value == floor(value);
}

/* All numbers of a row, 0 where there is no column. 1, or 0 after telling. */
static int read_numbers(const struct reader *r, double value[COLUMN_COUNT])
{
	int k, last = COLUMN_COVARIATE + (int)r->h->covariate_count, whole;

	for (k = COLUMN_X; k < last; k++) {
		value[k] = 0.0;
		whole = k == COLUMN_X || k == COLUMN_HOLDOUT;
		if (r->at[k] >= 0 &&
		    (!cell_number(&r->csv, r->at[k], &value[k]) || (whole && !is_count(value[k])))) {
			say("%s:%" PRIu64 ": a %snumber is needed in column %d", r->path,
			    r->csv.cells[0].line, whole ? "whole " : "", r->at[k] + 1);
			return 0;
		}
	}
	return 1;
}

static int read_row(struct reader *r)
{
	struct histories *h = r->h;
	double value[COLUMN_COUNT];
	const char *cell = "";
	size_t length = 0, at = (size_t)h->count;
	uint32_t i;

	if (!read_numbers(r, value))
		return EXIT_INPUT;
	if (r->at[COLUMN_CUSTOMER] >= 0)
		cell = csv_cell(&r->csv, (size_t)r->at[COLUMN_CUSTOMER], &length);
	if (length > LOY_CUSTOMER_KEY_MAX) {
		say("%s:%" PRIu64 ": the customer's name is too long", r->path, r->csv.cells[0].line);
		return EXIT_INPUT;
	}
	if (!make_room(r) || (h->customer[at] = malloc(LOY_CUSTOMER_KEY_MAX + 1)) == NULL)
		return library_failure("reading", LOY_ENOMEM);
	(void)memcpy(h->customer[at], cell, length);
	h->customer[at][length] = '\0';
	if (length == 0)
		(void)snprintf(h->customer[at], LOY_CUSTOMER_KEY_MAX + 1, "%" PRIu64, h->count + 1);
	h->x[at] = (uint32_t)value[COLUMN_X];
	h->t_x[at] = value[COLUMN_T_X];
	h->T[at] = value[COLUMN_T];
	h->mean_spend[at] = value[COLUMN_SPEND];
	if (h->log_intervals != NULL)
		h->log_intervals[at] = value[COLUMN_INTERVALS];
	if (h->weight != NULL)
		h->weight[at] = value[COLUMN_WEIGHT];
	if (h->holdout_x != NULL)
		h->holdout_x[at] = (uint32_t)value[COLUMN_HOLDOUT];
	for (i = 0; i < h->covariate_count; i++)
		h->covariate[i][at] = value[COLUMN_COVARIATE + i];
	h->count++;
	return EXIT_DONE;
}

int summaries_read(struct histories *h, const char *path)
{
	FILE *file = strcmp(path, "-") != 0 ? fopen(path, "rb") : NULL;
	int code = EXIT_NO, result;
	struct reader r;

	if (file == NULL)
		return EXIT_NO;
	memset(&r, 0, sizeof(r));
	r.h = h;
	r.path = path;
	if (csv_open(&r.csv, stream_read, file, ',') == 0 && csv_next(&r.csv) == CSV_ROW &&
	    find_columns(&r)) {
		size_t expected = r.csv.cell_count;

		h->has_t_x = r.at[COLUMN_T_X] >= 0;
		code = find_covariates(&r);
		while (code == EXIT_DONE && (result = csv_next(&r.csv)) != CSV_END) {
			if (result == CSV_ROW && r.csv.cell_count == expected) {
				code = read_row(&r);
			} else {
				say("%s: a row that cannot be read after line %" PRIu64, path,
				    r.csv.cells[0].line);
				code = EXIT_INPUT;
			}
		}
	}
	csv_close(&r.csv);
	(void)fclose(file);
	return code;
}
