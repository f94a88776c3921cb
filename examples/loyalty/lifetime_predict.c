/* `loyalty lifetime predict` and `clv`: customers still there, what they will buy, what that is worth. */
#include "histories.h"
#include "output.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASKS_MAX 4

struct predicting {
	const struct args *args;
	enum format format;
	struct histories histories;
	loy_lifetime *model, *spend;
	int64_t unit;  /* the model's */
	int contracts; /* it is one of contracts */
	double horizon, discount;
	uint32_t ask_count;
	const char *name[ASKS_MAX];
	int decimals[ASKS_MAX];
	loy_lifetime_ask asks[ASKS_MAX];
	loy_status *status;
	uint64_t failed;
};

static int open_models(struct predicting *p)
{
	const char *fitted = p->args->value[OPTION_FITTED], *spend = p->args->value[OPTION_SPEND];
	loy_lifetime_info info = {.struct_size = sizeof(info)};
	int code = EXIT_DONE;

	if (fitted == NULL) {
		say("--fitted needs the file that `loyalty lifetime fit` wrote");
		return EXIT_USAGE;
	}
	p->model = lifetime_open(fitted, &code);
	if (p->model != NULL && spend != NULL)
		p->spend = lifetime_open(spend, &code);
	if (code != EXIT_DONE)
		return code;
	(void)loy_lifetime_get_info(p->model, &info);
	p->unit = info.unit;
	p->contracts = info.family == LOY_LIFETIME_SBG || info.family == LOY_LIFETIME_BDW;
	return EXIT_DONE;
}

/* One more question; its answers go to arrays of our own. 0 without memory. */
static int ask(struct predicting *p, const char *name, uint32_t quantity, int decimals)
{
	uint32_t i = p->ask_count++;
	size_t n = (size_t)p->histories.count + 1;
	loy_lifetime_ask *a = &p->asks[i];

	memset(a, 0, sizeof(*a));
	p->name[i] = name;
	p->decimals[i] = decimals;
	a->struct_size = sizeof(*a);
	a->quantity = quantity;
	a->to = quantity == LOY_ASK_ALIVE || quantity == LOY_ASK_SPEND || quantity == LOY_ASK_RETENTION
	                ? 0.0
	                : p->horizon;
	a->discount = p->discount;
	a->value = calloc(n, sizeof(double));
	a->value_stride = sizeof(double);
	if (p->args->value[OPTION_INTERVALS] != NULL) {
		a->low = calloc(n, sizeof(double));
		a->high = calloc(n, sizeof(double));
		a->low_stride = a->high_stride = sizeof(double);
		a->with_deviation = 1;
		if (a->low == NULL || a->high == NULL)
			return 0;
	}
	return a->value != NULL;
}

static int predict(struct predicting *p)
{
	loy_history_column columns[HISTORIES_COLUMNS];
	unsigned with = (p->spend != NULL ? HISTORIES_SPEND : 0u) | (p->contracts ? HISTORIES_NO_T_X : 0u);
	uint32_t count = histories_columns(&p->histories, with, columns);
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;
	uint64_t i;

	if (!p->contracts && !p->histories.has_t_x) {
		say("the summaries have no column t_x, which this model needs");
		return EXIT_INPUT;
	}
	p->status = calloc((size_t)p->histories.count + 1, sizeof(*p->status));
	if (p->status == NULL)
		return library_failure("predicting", LOY_ENOMEM);
	status = loy_lifetime_predict(p->model, p->spend, columns, count, p->histories.count, p->asks,
	                              p->ask_count, p->status, NULL, &error);
	if (status != LOY_OK) {
		say("%s", error.message[0] != '\0' ? error.message : loy_status_text(status));
		return EXIT_INPUT;
	}
	for (i = 0; i < p->histories.count; i++) {
		if (p->status[i] != LOY_OK && p->failed++ < 5)
			say("customer %s: %s", p->histories.customer[i], loy_status_text(p->status[i]));
	}
	return EXIT_DONE;
}

/* ---- output ---- */

static int is_bought(const loy_lifetime_ask *ask)
{
	return ask->quantity == LOY_ASK_PURCHASES;
}

/* Means over customers of what was expected (e), what came (c), their squares and products, and of errors. */
struct errors {
	double weight, e, c, ee, cc, ec, absolute, square;
};

static void add_error(struct errors *sum, double expected, double came, double weight)
{
	sum->weight += weight;
	sum->e += weight * expected;
	sum->c += weight * came;
	sum->ee += weight * expected * expected;
	sum->cc += weight * came * came;
	sum->ec += weight * expected * came;
	sum->absolute += weight * fabs(expected - came);
	sum->square += weight * (expected - came) * (expected - came);
}

/* How well the purchases of the holdout were predicted. */
static void tell_holdout(const struct predicting *p, const loy_lifetime_ask *ask)
{
	const struct histories *h = &p->histories;
	struct errors sum = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
	double spread, n;
	uint64_t i;

	for (i = 0; i < h->count; i++) {
		if (p->status[i] == LOY_OK)
			add_error(&sum, ask->value[i], (double)h->holdout_x[i],
			          h->weight != NULL ? h->weight[i] : 1.0);
	}
	n = sum.weight;
	if (!(n > 0.0))
		return;
	spread = sqrt((sum.ee - sum.e * sum.e / n) * (sum.cc - sum.c * sum.c / n));
	say("holdout: %.0f purchases came, %.2f were expected", sum.c, sum.e);
	say("a customer: mean absolute error %.6f, root mean square error %.6f, correlation %.6f",
	    sum.absolute / n, sqrt(sum.square / n),
	    spread > 0.0 ? (sum.ec - sum.e * sum.c / n) / spread : 0.0);
}

static size_t name_columns(const struct predicting *p, struct table_column *columns, char (*names)[48])
{
	static const char *const ends[] = {"", "_low", "_high"};
	size_t count = 4;
	uint32_t i, k;

	columns[0].name = "customer";
	columns[1].name = "x";
	columns[2].name = "t_x";
	columns[3].name = "T";
	columns[0].right = 0;
	columns[1].right = columns[2].right = columns[3].right = 1;
	for (i = 0; i < p->ask_count; i++) {
		for (k = 0; k < (p->asks[i].low != NULL ? 3u : 1u); k++) {
			(void)snprintf(names[count], sizeof(names[count]), "%s%s", p->name[i], ends[k]);
			columns[count].name = names[count];
			columns[count++].right = 1;
		}
	}
	if (p->histories.holdout_x != NULL) {
		columns[count].name = "came";
		columns[count++].right = 1;
	}
	return count;
}

static void tell_totals(const struct predicting *p)
{
	uint32_t i;

	for (i = 0; i < p->ask_count; i++) {
		const loy_lifetime_ask *a = &p->asks[i];

		if (a->quantity == LOY_ASK_SPEND || a->quantity == LOY_ASK_RETENTION)
			continue;
		if (a->low != NULL)
			say("%s of all: %.2f (95 %%: %.2f to %.2f)", p->name[i], a->total, a->total_low,
			    a->total_high);
		else
			say("%s of all: %.2f", p->name[i], a->total);
		if (is_bought(a) && p->histories.holdout_x != NULL)
			tell_holdout(p, a);
	}
}

static int write_rows(const struct predicting *p)
{
	struct table_column columns[5 + 3 * ASKS_MAX];
	char names[4 + 3 * ASKS_MAX][48];
	struct json json = {0, {0}};
	struct table table;
	uint64_t row;
	uint32_t i;

	if (p->format == FORMAT_JSON)
		json_open(&json, NULL, '[');
	table_open(&table, p->format, columns, name_columns(p, columns, names), &json);
	for (row = 0; row < p->histories.count; row++) {
		table_text(&table, p->histories.customer[row]);
		table_integer(&table, p->histories.x[row]);
		table_number(&table, p->histories.t_x[row], 2);
		table_number(&table, p->histories.T[row], 2);
		for (i = 0; i < p->ask_count; i++) {
			table_number(&table, p->asks[i].value[row], p->decimals[i]);
			if (p->asks[i].low != NULL) {
				table_number(&table, p->asks[i].low[row], p->decimals[i]);
				table_number(&table, p->asks[i].high[row], p->decimals[i]);
			}
		}
		if (p->histories.holdout_x != NULL)
			table_integer(&table, p->histories.holdout_x[row]);
	}
	i = (uint32_t)table_close(&table);
	if (p->format == FORMAT_JSON)
		json_close(&json, ']');
	if (p->args->value[OPTION_QUIET] == NULL)
		tell_totals(p);
	return i != 0 ? EXIT_DONE : EXIT_RESOURCES;
}

/* ---- the two parts ---- */

static int run(struct predicting *p, int (*choose)(struct predicting *p))
{
	uint32_t i;
	int code = open_models(p);

	if (code == EXIT_DONE)
		code = histories_read(&p->histories, p->args, p->unit);
	if (code == EXIT_DONE && p->histories.holdout != 0)
		p->horizon = histories_horizon(&p->histories);
	if (code == EXIT_DONE && !choose(p))
		code = library_failure("predicting", LOY_ENOMEM);
	if (code == EXIT_DONE)
		code = predict(p);
	if (code == EXIT_DONE)
		code = write_rows(p);
	for (i = 0; i < p->ask_count; i++) {
		free(p->asks[i].value);
		free(p->asks[i].low);
		free(p->asks[i].high);
	}
	free(p->status);
	loy_lifetime_destroy(p->model);
	loy_lifetime_destroy(p->spend);
	histories_free(&p->histories);
	return code;
}

static int ask_purchases(struct predicting *p)
{
	if (p->contracts)
		return ask(p, "retention", LOY_ASK_RETENTION, 4) && ask(p, "renewals", LOY_ASK_RENEWALS, 3);
	return ask(p, "alive", LOY_ASK_ALIVE, 4) && ask(p, "purchases", LOY_ASK_PURCHASES, 3) &&
	       (p->spend == NULL || ask(p, "spend", LOY_ASK_SPEND, 2));
}

static int ask_value(struct predicting *p)
{
	return ask(p, "alive", LOY_ASK_ALIVE, 4) && ask(p, "discounted", LOY_ASK_DISCOUNTED, 3) &&
	       ask(p, "spend", LOY_ASK_SPEND, 2) && ask(p, "value", LOY_ASK_VALUE, 2);
}

/* What both take. 1, or 0 after telling. */
static int start(struct predicting *p, const struct args *args)
{
	memset(p, 0, sizeof(*p));
	p->args = args;
	if ((args->value[OPTION_HORIZON] == NULL) == (args->value[OPTION_HOLDOUT] == NULL)) {
		say("either --horizon needs a number of the model's units, such as 39, or --holdout a date");
		return 0;
	}
	return format_read(args->value[OPTION_FORMAT], &p->format) &&
	       args_real(args, OPTION_HORIZON, 0.0, 1e6, 0.0, &p->horizon) &&
	       args_real(args, OPTION_DISCOUNT, 0.0, 100.0, 0.0, &p->discount);
}

int lifetime_predict(const struct args *args)
{
	struct predicting p;

	return start(&p, args) ? run(&p, ask_purchases) : EXIT_USAGE;
}

int lifetime_value(const struct args *args)
{
	struct predicting p;

	if (!start(&p, args))
		return EXIT_USAGE;
	if (args->value[OPTION_SPEND] == NULL || args->value[OPTION_DISCOUNT] == NULL) {
		say("`lifetime clv` needs --spend and --discount: what a purchase is worth, and a rate a "
		    "year");
		return EXIT_USAGE;
	}
	return run(&p, ask_value);
}
