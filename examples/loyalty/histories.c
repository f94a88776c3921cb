/* Reading histories; see histories.h. */
#include "histories.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- customers as numbers ---- */

static uint64_t text_hash(const char *text)
{
	uint64_t high = 0, low = 0;

	(void)loy_identity_from_key(text, strlen(text), &high, &low);
	return low;
}

static int grow_slots(struct histories *h)
{
	size_t count = h->slot_count != 0 ? 2 * h->slot_count : 1024, i;
	uint64_t *slots = calloc(count, sizeof(*slots));

	if (slots == NULL)
		return 0;
	for (i = 0; i < h->name_count; i++) {
		size_t at = (size_t)text_hash(h->names[i]) & (count - 1);

		while (slots[at] != 0)
			at = (at + 1) & (count - 1);
		slots[at] = i + 1;
	}
	free(h->slots);
	h->slots = slots;
	h->slot_count = count;
	return 1;
}

/* Number of a customer, new or known; UINT64_MAX without memory. */
static uint64_t number_of(struct histories *h, const char *name)
{
	size_t at;

	if (2 * (h->name_count + 1) > h->slot_count && !grow_slots(h))
		return UINT64_MAX;
	at = (size_t)text_hash(name) & (h->slot_count - 1);
	for (; h->slots[at] != 0; at = (at + 1) & (h->slot_count - 1)) {
		if (strcmp(h->names[h->slots[at] - 1], name) == 0)
			return h->slots[at] - 1;
	}
	if (h->name_count == h->name_capacity) {
		size_t capacity = h->name_capacity != 0 ? 2 * h->name_capacity : 256;
		char **names = realloc(h->names, capacity * sizeof(*names));

		if (names == NULL)
			return UINT64_MAX;
		h->names = names;
		h->name_capacity = capacity;
	}
	h->names[h->name_count] = malloc(strlen(name) + 1);
	if (h->names[h->name_count] == NULL)
		return UINT64_MAX;
	(void)memcpy(h->names[h->name_count], name, strlen(name) + 1);
	h->slots[at] = h->name_count + 1;
	return h->name_count++;
}

/* ---- rows ---- */

static int make_rows(struct histories *h, uint64_t count)
{
	size_t n = (size_t)count + 1;

	h->count = count;
	h->customer = calloc(n, sizeof(*h->customer));
	h->x = calloc(n, sizeof(*h->x));
	h->t_x = calloc(n, sizeof(*h->t_x));
	h->T = calloc(n, sizeof(*h->T));
	h->mean_spend = calloc(n, sizeof(*h->mean_spend));
	return h->customer != NULL && h->x != NULL && h->t_x != NULL && h->T != NULL && h->mean_spend != NULL;
}

/* ---- transactions ---- */

/* Purchases and returns among the events. */
static int take_transaction(const loy_event *event, void *user)
{
	struct histories *h = user;
	loy_transaction_columns c;
	char key[LOY_CUSTOMER_KEY_MAX + 1];
	uint64_t number;
	int64_t time = 0, amount = 0, offset = 0;
	uint64_t high = 0, low = 0;
	uint32_t kind = 0;
	size_t needed;
	loy_error error;

	(void)loy_event_kind(event, &kind);
	(void)loy_event_time(event, &time);
	if ((kind != LOY_KIND_PURCHASE && kind != LOY_KIND_RETURN) ||
	    loy_event_customer_key(event, key, sizeof(key), &needed) != LOY_OK)
		return EXIT_DONE;
	if (loy_event_identity(event, &high, &low) == LOY_OK && repeats_count(h->seen, high, low) != 0)
		return EXIT_DONE; /* sent again */
	(void)loy_event_get(event, LOY_FIELD_AMOUNT, &amount);
	if (loy_event_get(event, LOY_FIELD_UTC_OFFSET, &offset) == LOY_OK)
		time += offset; /* days are the customer's, as in profiles */
	number = number_of(h, key);
	if (number == UINT64_MAX)
		return library_failure("reading", LOY_ENOMEM);
	if (kind == LOY_KIND_RETURN)
		amount = -amount;
	memset(&c, 0, sizeof(c));
	memset(&error, 0, sizeof(error));
	c.struct_size = sizeof(c);
	error.struct_size = sizeof(error);
	c.customer = &number;
	c.time = &time;
	c.amount = &amount;
	return loy_transactions_add(h->transactions, &c, 1, &error) == LOY_OK
	               ? EXIT_DONE
	               : library_failure("reading", error.code);
}

static int read_transactions(struct histories *h)
{
	struct load load;
	loy_model *model;
	int code = EXIT_DONE;

	model = model_of(h->args, OPTION_MODEL, &code); /* its kinds may be named in the mapping */
	if (model == NULL)
		return code;
	memset(&load, 0, sizeof(load));
	load.args = h->args;
	load.model = model;
	load.take = take_transaction;
	load.user = h;
	h->seen = repeats_create();
	if (h->seen == NULL || loy_transactions_create(&h->transactions, 0, NULL) != LOY_OK)
		code = library_failure("starting", LOY_ENOMEM);
	if (code == EXIT_DONE)
		code = load_files(&load);
	loy_model_destroy(model);
	if (code == EXIT_DONE && loy_transactions_sort(h->transactions) != LOY_OK)
		code = library_failure("sorting", LOY_ENOMEM);
	return code;
}

static int summarise(struct histories *h)
{
	loy_summary_options options;
	loy_summary_rows rows;
	int64_t first = 0, last = 0;
	uint64_t count = 0, i, *ids;
	loy_status status;
	int kept;

	if (loy_transactions_span(h->transactions, &first, &last) != LOY_OK) {
		say("there is no purchase in these files");
		return EXIT_NO;
	}
	if (h->end == INT64_MAX)
		h->end = last;
	memset(&options, 0, sizeof(options));
	memset(&rows, 0, sizeof(rows));
	options.struct_size = sizeof(options);
	rows.struct_size = sizeof(rows);
	options.end = h->end;
	options.holdout = h->holdout;
	options.unit = h->unit;
	(void)loy_transactions_summary(h->transactions, &options, &rows, &count);
	ids = calloc((size_t)count + 1, sizeof(*ids));
	h->log_intervals = calloc((size_t)count + 1, sizeof(*h->log_intervals));
	if (h->holdout != 0)
		h->holdout_x = calloc((size_t)count + 1, sizeof(*h->holdout_x));
	kept = make_rows(h, count) && (h->holdout == 0 || h->holdout_x != NULL);
	if (ids == NULL || h->log_intervals == NULL || !kept) {
		free(ids);
		return library_failure("reading", LOY_ENOMEM);
	}
	rows.capacity = count;
	rows.customer = ids;
	rows.x = h->x;
	rows.t_x = h->t_x;
	rows.T = h->T;
	rows.mean_spend = h->mean_spend;
	rows.log_intervals = h->log_intervals;
	rows.holdout_x = h->holdout_x;
	status = loy_transactions_summary(h->transactions, &options, &rows, &count);
	for (i = 0; i < count && status == LOY_OK; i++) {
		const char *name = h->names[ids[i]];

		h->customer[i] = malloc(strlen(name) + 1);
		if (h->customer[i] == NULL)
			status = LOY_ENOMEM;
		else
			(void)memcpy(h->customer[i], name, strlen(name) + 1);
	}
	free(ids);
	if (status == LOY_OK && count == 0) {
		say("nobody had bought by the end of the period");
		return EXIT_NO;
	}
	return status == LOY_OK ? EXIT_DONE : library_failure("summarising", status);
}

/* ---- a store on files ---- */

static int read_row(struct histories *h, const loy_store *store, uint64_t row, loy_profile *profile)
{
	char key[LOY_CUSTOMER_KEY_MAX + 1], text[LOY_CUSTOMER_KEY_MAX + 1];
	loy_purchase_summary s = {.struct_size = sizeof(s)};
	uint64_t id = 0, currency = 0, at = h->count;
	size_t length = 0;

	if (loy_store_profile(store, row, profile) != LOY_OK)
		return library_failure("reading", LOY_ENOMEM);
	(void)loy_profile_key(profile, LOY_PROFILE_PURCHASED, 0, &currency);
	if (loy_profile_purchase_summary(profile, (uint32_t)currency, h->end, &s) != LOY_OK)
		return EXIT_DONE;
	(void)loy_store_customer(store, row, &id, key, sizeof(key), &length);
	(void)snprintf(text, sizeof(text), id != 0 ? "#%" PRIu64 : "%" PRIu64, id);
	h->customer[at] = malloc(LOY_CUSTOMER_KEY_MAX + 1);
	if (h->customer[at] == NULL)
		return library_failure("reading", LOY_ENOMEM);
	(void)strcpy(h->customer[at], id != 0 ? text : key);
	h->x[at] = s.x;
	h->t_x[at] = s.t_x * (double)LOY_DAY / (double)h->unit;
	h->T[at] = s.T * (double)LOY_DAY / (double)h->unit;
	h->mean_spend[at] = s.mean_spend;
	h->count++;
	return EXIT_DONE;
}

/* Profiles hold what models take: nothing is read again. */
static int read_store(struct histories *h)
{
	struct shelf shelf;
	loy_store *store = NULL;
	loy_profile *profile = NULL;
	uint64_t row, rows = 0;
	int code = shelf_open(&shelf, h->args, h->args->operands[0], LOY_STORE_READ_ONLY);

	if (code == EXIT_DONE && h->end == INT64_MAX)
		code = read_date("end", "now", &h->end) ? EXIT_DONE : EXIT_USAGE;
	else if (code == EXIT_DONE) { /* the last day is inside */
		h->end += LOY_DAY - 1 - (h->end % LOY_DAY + LOY_DAY) % LOY_DAY;
		store = shelf_as_of(&shelf, h->args, shelf.model, h->end, &code);
	}
	if (code == EXIT_DONE) {
		loy_store *from = store != NULL ? store : shelf.store;

		(void)loy_store_sort(from);
		rows = loy_store_count(from);
		if (!make_rows(h, rows) ||
		    loy_profile_create(&profile, loy_model_schema(shelf.model), NULL) != LOY_OK)
			code = library_failure("reading", LOY_ENOMEM);
		h->count = 0;
		for (row = 0; row < rows && code == EXIT_DONE; row++)
			code = read_row(h, from, row, profile);
	}
	loy_profile_destroy(profile);
	loy_store_destroy(store);
	return shelf_close(&shelf, code);
}

/* ---- all ---- */

static int read_unit(const struct args *args, int64_t *unit)
{
	const char *text = args->value[OPTION_UNIT];
	char *end;
	double days;

	*unit = LOY_WEEK;
	if (text == NULL || strcmp(text, "week") == 0)
		return 1;
	days = strcmp(text, "day") == 0 ? 1.0 : strtod(text, &end);
	if (strcmp(text, "month") == 0) {
		*unit = LOY_MONTH;
		return 1;
	}
	if (strcmp(text, "day") != 0 &&
	    (end == text || strcmp(end, "d") != 0 || !(days >= 0.01 && days <= 3660.0))) {
		say("--unit needs day, week, month or a number of days such as 28d, not '%s'", text);
		return 0;
	}
	*unit = (int64_t)(days * (double)LOY_DAY);
	return 1;
}

/* Days from the period to the end of the holdout; 0 after telling that there are none. */
static int64_t holdout_days(const struct histories *h)
{
	int64_t days = h->holdout / LOY_DAY - h->end / LOY_DAY;

	if (h->end != INT64_MAX && days > 0)
		return days;
	say("--holdout needs --end, an earlier day");
	return 0;
}

static int read_dates(struct histories *h)
{
	const char *end = h->args->value[OPTION_END], *holdout = h->args->value[OPTION_HOLDOUT];

	if ((end != NULL && !read_date("end", end, &h->end)) ||
	    (holdout != NULL && !read_date("holdout", holdout, &h->holdout)))
		return 0;
	return holdout == NULL || holdout_days(h) > 0;
}

double histories_horizon(const struct histories *h)
{
	return (double)(holdout_days(h) * LOY_DAY) / (double)h->unit;
}

int histories_read(struct histories *h, const struct args *args, int64_t unit)
{
	const char *covariates = args->value[OPTION_COVARIATES], *holdout = args->value[OPTION_HOLDOUT];
	int code;

	memset(h, 0, sizeof(*h));
	h->args = args;
	h->end = INT64_MAX;
	h->has_t_x = 1;
	if (args->operand_count == 0) {
		say("`lifetime` needs a file of transactions or summaries, or a store; `loyalty lifetime "
		    "--help` shows how");
		return EXIT_USAGE;
	}
	if (!read_unit(args, &h->unit))
		return EXIT_USAGE;
	if (unit != 0 && args->value[OPTION_UNIT] != NULL && h->unit != unit) {
		say("--unit is not the unit of the fitted model");
		return EXIT_USAGE;
	}
	if (unit != 0)
		h->unit = unit;
	if (!read_dates(h))
		return EXIT_USAGE;
	if (args->operand_count == 1 && is_directory(args->operands[0])) {
		if (covariates == NULL && holdout == NULL)
			return read_store(h);
		say("--covariates and --holdout are not for stores");
		return EXIT_USAGE;
	}
	if (args->operand_count == 1 && holdout == NULL) {
		code = summaries_read(h, args->operands[0]);
		if (code != EXIT_NO)
			return code;
	}
	if (covariates != NULL) {
		say("--covariates are columns of a table of summaries");
		return EXIT_USAGE;
	}
	code = read_transactions(h);
	return code == EXIT_DONE ? summarise(h) : code;
}

void histories_free(struct histories *h)
{
	uint64_t i;

	for (i = 0; i < h->count && h->customer != NULL; i++)
		free(h->customer[i]);
	for (i = 0; i < h->name_count; i++)
		free(h->names[i]);
	free(h->customer);
	free(h->x);
	free(h->t_x);
	free(h->T);
	free(h->mean_spend);
	free(h->log_intervals);
	free(h->weight);
	free(h->holdout_x);
	for (i = 0; i < h->covariate_count; i++)
		free(h->covariate[i]);
	free(h->names);
	free(h->slots);
	repeats_destroy(h->seen);
	loy_transactions_destroy(h->transactions);
}

static void put_column(loy_history_column *out, uint32_t field, uint32_t type, const void *data,
                       int64_t stride)
{
	out->field = field;
	out->type = type;
	out->data = data;
	out->stride = stride;
}

uint32_t histories_columns(const struct histories *h, unsigned with,
                           loy_history_column out[HISTORIES_COLUMNS])
{
	uint32_t count = 2, i;

	put_column(&out[0], LOY_HISTORY_X, LOY_COLUMN_U32, h->x, sizeof(*h->x));
	put_column(&out[1], LOY_HISTORY_T, LOY_COLUMN_F64, h->T, sizeof(*h->T));
	if ((with & HISTORIES_NO_T_X) == 0)
		put_column(&out[count++], LOY_HISTORY_T_X, LOY_COLUMN_F64, h->t_x, sizeof(*h->t_x));
	if ((with & HISTORIES_SPEND) != 0)
		put_column(&out[count++], LOY_HISTORY_SPEND, LOY_COLUMN_F64, h->mean_spend,
		           sizeof(*h->mean_spend));
	if ((with & HISTORIES_INTERVALS) != 0 && h->log_intervals != NULL)
		put_column(&out[count++], LOY_HISTORY_INTERVALS, LOY_COLUMN_F64, h->log_intervals,
		           sizeof(*h->log_intervals));
	if (h->weight != NULL)
		put_column(&out[count++], LOY_HISTORY_WEIGHT, LOY_COLUMN_F64, h->weight, sizeof(*h->weight));
	for (i = 0; i < h->covariate_count; i++)
		put_column(&out[count++], LOY_HISTORY_COVARIATE + i, LOY_COLUMN_F64, h->covariate[i],
		           sizeof(*h->covariate[i]));
	return count;
}

loy_lifetime *lifetime_open(const char *path, int *code)
{
	loy_lifetime *model = NULL;
	loy_error error = {.struct_size = sizeof(error)};
	size_t length = 0;
	char *text = read_file(path, 65536, &length);
	loy_status status;

	*code = EXIT_INPUT;
	if (text == NULL)
		return NULL;
	status = loy_lifetime_parse(&model, text, length, NULL, &error);
	free(text);
	if (status == LOY_OK)
		*code = EXIT_DONE;
	else
		say("%s:%" PRIu32 ":%" PRIu32 ": %s", path, error.line, error.column,
		    error.message[0] != '\0' ? error.message : loy_status_text(status));
	return model;
}

const char *unit_text(int64_t unit, char buffer[32])
{
	if (unit == LOY_DAY)
		return "day";
	if (unit == LOY_WEEK)
		return "week";
	if (unit == LOY_MONTH)
		return "month";
	(void)snprintf(buffer, 32, "%gd", (double)unit / (double)LOY_DAY);
	return buffer;
}
