/*
 * `loyalty lifetime track`: cumulative repeat purchases of a cohort, predicted against actual, as a table or
 * a plot. The cohort are the customers who first bought up to --end; what lies after it was not seen by the
 * fit.
 */
#include "histories.h"
#include "output.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tracking {
	const struct args *args;
	enum format format;
	int plot;
	struct histories histories;
	loy_lifetime *model;
	loy_lifetime_info info;
	long periods;
	uint64_t *actual;
	double *expected;
	uint32_t days; /* from the first purchase to the end of the cohort */
	uint64_t *births;
	int64_t calibration; /* periods that the fit saw, the last one perhaps in part */
};

/* Periods to show: --periods, else up to the last purchase there is. */
static int choose_periods(struct tracking *t)
{
	int64_t first = 0, last = 0, whole;

	if (loy_transactions_span(t->histories.transactions, &first, &last) != LOY_OK)
		return EXIT_NO;
	t->days = (uint32_t)((t->histories.end - first) / LOY_DAY) + 1;
	t->calibration = (t->histories.end - first + LOY_DAY) / t->info.unit;
	whole = (last - first) / t->info.unit + 1;
	if (!args_number(t->args, OPTION_PERIODS, 1, 100000, (long)whole, &t->periods))
		return EXIT_USAGE;
	t->actual = calloc((size_t)t->periods, sizeof(*t->actual));
	t->expected = calloc((size_t)t->periods, sizeof(*t->expected));
	t->births = calloc(t->days, sizeof(*t->births));
	if (t->actual == NULL || t->expected == NULL || t->births == NULL)
		return library_failure("tracking", LOY_ENOMEM);
	return EXIT_DONE;
}

/* Expected repeat purchases of a new customer within `age` units. */
static double expected_by(const struct tracking *t, double age)
{
	loy_lifetime_estimate out;
	loy_lifetime_ask ask;

	memset(&ask, 0, sizeof(ask));
	memset(&out, 0, sizeof(out));
	ask.struct_size = sizeof(ask);
	out.struct_size = sizeof(out);
	ask.quantity = LOY_ASK_PURCHASES;
	ask.to = age;
	return loy_lifetime_evaluate(t->model, NULL, NULL, &ask, &out) == LOY_OK ? out.value : (double)NAN;
}

/*
 * Customers born on one day are of one age at the end of each period: one evaluation for each age there is. A
 * day counts from its end, as the transactions do: the first day of all is day 1.
 */
static void expect(struct tracking *t)
{
	double day = (double)LOY_DAY / (double)t->info.unit;
	long i;
	uint32_t d;

	for (d = 0; d < t->days; d++) {
		if (t->births[d] == 0)
			continue;
		for (i = 0; i < t->periods; i++) {
			double age = (double)(i + 1) - (double)(d + 1) * day;

			if (age > 0.0)
				t->expected[i] += (double)t->births[d] * expected_by(t, age);
		}
	}
}

static int compute(struct tracking *t)
{
	const loy_transactions *transactions = t->histories.transactions;
	loy_status status = loy_transactions_track(transactions, t->histories.end, t->info.unit,
	                                           (uint32_t)t->periods, t->actual);

	if (status == LOY_OK)
		status = loy_transactions_births(transactions, t->histories.end, t->days, t->births);
	if (status != LOY_OK)
		return library_failure("tracking", status);
	expect(t);
	return EXIT_DONE;
}

/* ---- table ---- */

static int write_table(const struct tracking *t)
{
	static const struct table_column columns[] = {
	        {"period", 1}, {"actual", 1}, {"expected", 1}, {"difference", 1}, {"part", 0}};
	struct json json = {0, {0}};
	struct table table;
	long i;
	int written;

	if (t->format == FORMAT_JSON)
		json_open(&json, NULL, '[');
	table_open(&table, t->format, columns, 5, &json);
	for (i = 0; i < t->periods; i++) {
		table_integer(&table, i + 1);
		table_integer(&table, (int64_t)t->actual[i]);
		table_number(&table, t->expected[i], 1);
		table_number(&table, t->expected[i] - (double)t->actual[i], 1);
		table_text(&table, i < t->calibration ? "fitted" : "ahead");
	}
	written = table_close(&table);
	if (t->format == FORMAT_JSON)
		json_close(&json, ']');
	return written ? EXIT_DONE : EXIT_RESOURCES;
}

/* ---- plot ---- */

#define WIDTH  720.0
#define HEIGHT 400.0
#define LEFT   70.0
#define RIGHT  20.0
#define TOP    40.0
#define BOTTOM 50.0

static double x_of(const struct tracking *t, double period)
{
	return LEFT + (WIDTH - LEFT - RIGHT) * period / (double)t->periods;
}

static double y_of(double value, double most)
{
	return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / most;
}

/* 1, 2 or 5 times a power of ten, so that at most `steps` of it reach `most`. */
static double step_of(double most, double steps)
{
	double step = pow(10.0, floor(log10(most / steps)));

	while (most / step > steps)
		step *= most / (2.0 * step) <= steps ? 2.0 : most / (5.0 * step) <= steps ? 5.0 : 10.0;
	return step;
}

static void draw_axes(const struct tracking *t, double most)
{
	double step = step_of(most, 6.0), at;
	char unit[32];

	for (at = 0.0; at <= most; at += step)
		printf("<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/><text x=\"%.1f\" y=\"%.1f\" "
		       "text-anchor=\"end\">%.0f</text>\n",
		       LEFT, y_of(at, most), WIDTH - RIGHT, LEFT - 6.0, y_of(at, most) + 4.0, at);
	step = step_of((double)t->periods, 10.0);
	step = step < 1.0 ? 1.0 : step;
	for (at = 0.0; at <= (double)t->periods; at += step)
		printf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f</text>\n", x_of(t, at),
		       HEIGHT - BOTTOM + 18.0, at);
	printf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%ss since the first purchase</text>\n",
	       LEFT + (WIDTH - LEFT - RIGHT) / 2.0, HEIGHT - 10.0, unit_text(t->info.unit, unit));
}

static void draw_line(const struct tracking *t, double most, int expected)
{
	long i;

	printf("<path class=\"%s\" d=\"M%.1f %.1f", expected ? "expected" : "actual", x_of(t, 0.0),
	       y_of(0.0, most));
	for (i = 0; i < t->periods; i++)
		printf("L%.1f %.1f", x_of(t, (double)(i + 1)),
		       y_of(expected ? t->expected[i] : (double)t->actual[i], most));
	printf("\"/>\n");
}

static int write_plot(const struct tracking *t)
{
	double most = 1.0;
	long i;

	for (i = 0; i < t->periods; i++)
		most = fmax(most, fmax(t->expected[i], (double)t->actual[i]));
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
	       "font-family=\"sans-serif\" "
	       "font-size=\"12\">\n"
	       "<title>Cumulative repeat purchases, predicted against actual</title>\n"
	       "<style>path{fill:none;stroke-width:2}.grid{stroke:#ddd;stroke-width:1}.actual{stroke:#333}"
	       ".expected{stroke:#c40;stroke-dasharray:6 "
	       "4}.cut{stroke:#888;stroke-width:1;stroke-dasharray:2 3}"
	       "</style>\n"
	       "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
	       WIDTH, HEIGHT);
	draw_axes(t, most);
	if (t->calibration < t->periods)
		printf("<path class=\"cut\" d=\"M%.1f %.1fV%.1f\"/><text x=\"%.1f\" "
		       "y=\"%.1f\">ahead</text>\n",
		       x_of(t, (double)t->calibration), TOP, HEIGHT - BOTTOM,
		       x_of(t, (double)t->calibration) + 5.0, TOP + 12.0);
	draw_line(t, most, 0);
	draw_line(t, most, 1);
	printf("<path class=\"actual\" d=\"M%.1f 20h30\"/><text x=\"%.1f\" y=\"24\">actual</text>\n", LEFT,
	       LEFT + 36.0);
	printf("<path class=\"expected\" d=\"M%.1f 20h30\"/><text x=\"%.1f\" y=\"24\">%s</text>\n</svg>\n",
	       LEFT + 100.0, LEFT + 136.0, loy_lifetime_family_name(t->info.family));
	return EXIT_DONE;
}

/* ---- all ---- */

int lifetime_track(const struct args *args)
{
	const char *format = args->value[OPTION_FORMAT];
	struct tracking t;
	int code = EXIT_DONE;

	memset(&t, 0, sizeof(t));
	t.args = args;
	t.plot = format != NULL && strcmp(format, "svg") == 0;
	if (!t.plot && !format_read(format, &t.format))
		return EXIT_USAGE;
	if (args->value[OPTION_FITTED] == NULL || args->value[OPTION_END] == NULL) {
		say("`lifetime track` needs --fitted and --end: the model and the last day it was fitted on");
		return EXIT_USAGE;
	}
	t.model = lifetime_open(args->value[OPTION_FITTED], &code);
	if (t.model == NULL)
		return code;
	t.info.struct_size = sizeof(t.info);
	(void)loy_lifetime_get_info(t.model, &t.info);
	code = histories_read(&t.histories, args, t.info.unit);
	if (code == EXIT_DONE && t.histories.transactions == NULL) {
		say("`lifetime track` needs transactions: summaries do not say when");
		code = EXIT_INPUT;
	}
	if (code == EXIT_DONE)
		code = choose_periods(&t);
	if (code == EXIT_DONE)
		code = compute(&t);
	if (code == EXIT_DONE)
		code = t.plot ? write_plot(&t) : write_table(&t);
	free(t.actual);
	free(t.expected);
	free(t.births);
	loy_lifetime_destroy(t.model);
	histories_free(&t.histories);
	return code;
}
