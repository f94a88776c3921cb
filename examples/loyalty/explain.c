/* `loyalty explain`: one customer's scorecard, with what each score is made of. */
#include "card.h"
#include "commands.h"
#include "keys.h"
#include "output.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_MAX (LOY_CHANNELS_MAX + 2)

struct explaining {
	const struct session *session;
	const char *customer;
	const loy_model *model;
	loy_scorecard *card;
	struct json json;
};

/* ---- for people ---- */

static void print_drivers(const struct explaining *e, uint32_t construct)
{
	uint32_t i, count = loy_scorecard_driver_count(e->card, construct);
	loy_driver driver;

	for (i = 0; i < count && i < 3; i++) {
		const char *name;

		memset(&driver, 0, sizeof(driver));
		driver.struct_size = sizeof(driver);
		(void)loy_scorecard_driver(e->card, construct, i, &driver);
		name = loy_schema_channel_name(loy_model_schema(e->model), driver.channel);
		if (driver.regain > driver.gain)
			printf("%s%s (+%.1f without the bad)", i == 0 ? "  to raise it: " : ", ", name,
			       driver.regain);
		else
			printf("%s%s (+%.1f for one more good)", i == 0 ? "  to raise it: " : ", ", name,
			       driver.gain);
	}
	if (count > 0)
		(void)putchar('\n');
}

static void print_construct(const struct explaining *e, uint32_t construct)
{
	loy_score score = score_of(e->card, construct);
	uint32_t i, small = 0, count = loy_scorecard_contribution_count(e->card, construct);
	double points[PARTS_MAX];

	if (score.state == LOY_SCORE_UNKNOWN) {
		printf("\n%s is unknown: nothing recorded bears on it (%.1f would be expected)\n",
		       loy_model_construct_name(e->model, construct), score.baseline);
		return;
	}
	printf("\n%s %.2f, 90 %% between %.1f and %.1f; %s, evidence %.1f, coverage %.0f %%\n",
	       loy_model_construct_name(e->model, construct), round_at(score.value, 2), score.low, score.high,
	       state_name(score.state), score.evidence, 100.0 * score.coverage);
	printf("  %8.2f  expected of a customer nothing is known of\n", round_at(score.baseline, 2));
	for (i = 0; i < count && i < PARTS_MAX; i++)
		points[i] = part_of(e->card, construct, i).points;
	round_to_sum(score.baseline, points, count, score.mean, 2);
	for (i = 0; i < count && i < PARTS_MAX; i++) {
		loy_contribution part = part_of(e->card, construct, i);

		if (points[i] != 0.0)
			printf("  %+8.2f  %-20s good %.2f, bad %.2f\n", points[i],
			       source_name(e->model, part.source, part.channel), part.positive,
			       part.negative);
		else
			small++;
	}
	if (small > 0)
		printf("            and %" PRIu32 " more below 0.01\n", small);
	print_drivers(e, construct);
}

static void print_stages(const struct explaining *e)
{
	static const char *const types[] = {"", "true", "latent", "spurious", "none"};
	loy_loyalty_type type;
	uint32_t i;

	for (i = 0; i < loy_model_staging_count(e->model); i++) {
		const char *stage = stage_of(e->card, i);

		printf("\n%s: %s", loy_model_staging_name(e->model, i),
		       stage[0] != '\0' ? stage : "below the first stage");
	}
	memset(&type, 0, sizeof(type));
	type.struct_size = sizeof(type);
	if (loy_scorecard_type(e->card, &type) == LOY_OK && type.likeliest != 0)
		printf("\nloyalty type: %s (true %.0f %%, latent %.0f %%, spurious %.0f %%, none %.0f %%)",
		       types[type.likeliest], 100.0 * type.loyal, 100.0 * type.latent, 100.0 * type.spurious,
		       100.0 * type.none);
	(void)putchar('\n');
}

static void print_gaps(const struct explaining *e)
{
	uint32_t i, shown = 0;
	loy_gap gap;

	for (i = 0; i < loy_scorecard_gap_count(e->card); i++) {
		memset(&gap, 0, sizeof(gap));
		gap.struct_size = sizeof(gap);
		if (loy_scorecard_gap(e->card, i, &gap) != LOY_OK || isnan(gap.gap))
			continue;
		if (shown++ == 0)
			printf("\nservice quality, perceived less expected, worst first\n");
		printf("  %+8.1f  %-20s perceived %.0f, expected %.0f\n", gap.gap,
		       loy_schema_dimension_name(loy_model_schema(e->model), gap.item), gap.perception,
		       gap.expectation);
	}
}

/* Perceived benefits against perceived costs; state is LOY_SCORE_OBSERVED when both were asked for. */
static loy_value_balance balance_of(const struct explaining *e)
{
	loy_value_balance balance;

	memset(&balance, 0, sizeof(balance));
	balance.struct_size = sizeof(balance);
	(void)loy_scorecard_value_balance(e->card, &balance);
	return balance;
}

static void print_balance(const struct explaining *e)
{
	loy_value_balance balance = balance_of(e);

	if (balance.state == LOY_SCORE_OBSERVED)
		printf("\nperceived benefits %.0f, costs %.0f: ratio %.2f (%.0f points), difference %+.0f "
		       "(%.0f "
		       "points)\n",
		       100.0 * balance.benefit, 100.0 * balance.cost, balance.ratio, balance.ratio_score,
		       100.0 * balance.difference, balance.difference_score);
}

static void print_card(const struct explaining *e)
{
	char time[NUMBER_SIZE];
	uint64_t events = 0;
	uint32_t i;

	(void)loy_scorecard_events(e->card, &events);
	printf("customer %s at %s, model %s, %" PRIu64 " events\n", e->customer,
	       time_text(e->session->at, time), loy_model_name(e->model), events);
	for (i = 0; i < loy_model_construct_count(e->model); i++) {
		if (construct_wanted(e->session->args, e->model, i, 1))
			print_construct(e, i);
	}
	if (e->session->args->construct_count != 0)
		return;
	print_stages(e);
	print_gaps(e);
	print_balance(e);
}

/* ---- for programs ---- */

/* One line of the CSV: construct, line, points and what applies of the rest. */
static void csv_line(struct table *table, const char *construct, const char *line, double points,
                     double first, double second, const char *state)
{
	table_text(table, construct);
	table_text(table, line);
	table_number(table, points, 2);
	table_number(table, first, 2);
	table_number(table, second, 2);
	table_text(table, state);
}

static int write_csv(const struct explaining *e)
{
	static const struct table_column columns[] = {{"construct", 0},   {"line", 0},        {"points", 1},
	                                              {"low_or_good", 1}, {"high_or_bad", 1}, {"state", 0}};
	struct table table;
	uint32_t i, k;

	table_open(&table, FORMAT_CSV, columns, 6, NULL);
	for (i = 0; i < loy_model_construct_count(e->model); i++) {
		const char *name = loy_model_construct_name(e->model, i);
		loy_score score = score_of(e->card, i);

		if (!construct_wanted(e->session->args, e->model, i, 0))
			continue;
		csv_line(&table, name, "score", score.value, score.low, score.high, state_name(score.state));
		csv_line(&table, name, "baseline", score.baseline, (double)NAN, (double)NAN, "");
		for (k = 0; k < loy_scorecard_contribution_count(e->card, i); k++) {
			loy_contribution part = part_of(e->card, i, k);

			csv_line(&table, name, source_name(e->model, part.source, part.channel), part.points,
			         part.positive, part.negative, "");
		}
	}
	return table_close(&table) ? EXIT_DONE : EXIT_RESOURCES;
}

static void json_drivers(struct explaining *e, uint32_t construct)
{
	loy_driver driver;
	uint32_t i;

	json_open(&e->json, "drivers", '[');
	for (i = 0; i < loy_scorecard_driver_count(e->card, construct); i++) {
		memset(&driver, 0, sizeof(driver));
		driver.struct_size = sizeof(driver);
		(void)loy_scorecard_driver(e->card, construct, i, &driver);
		json_open(&e->json, NULL, '{');
		json_text(&e->json, "channel",
		          loy_schema_channel_name(loy_model_schema(e->model), driver.channel));
		json_number(&e->json, "gain", driver.gain);
		json_number(&e->json, "regain", driver.regain);
		json_close(&e->json, '}');
	}
	json_close(&e->json, ']');
}

static void json_construct(struct explaining *e, uint32_t construct)
{
	loy_score score = score_of(e->card, construct);
	uint32_t i;

	json_open(&e->json, NULL, '{');
	json_text(&e->json, "name", loy_model_construct_name(e->model, construct));
	json_text(&e->json, "state", state_name(score.state));
	json_number(&e->json, "value", score.value);
	json_number(&e->json, "mean", score.mean);
	json_number(&e->json, "low", score.low);
	json_number(&e->json, "high", score.high);
	json_number(&e->json, "deviation", score.deviation);
	json_number(&e->json, "baseline", score.baseline);
	json_number(&e->json, "evidence", score.evidence);
	json_number(&e->json, "uncertainty", score.uncertainty);
	json_number(&e->json, "coverage", score.coverage);
	json_number(&e->json, "trend", score.trend);
	json_open(&e->json, "contributions", '[');
	for (i = 0; i < loy_scorecard_contribution_count(e->card, construct); i++) {
		loy_contribution part = part_of(e->card, construct, i);

		json_open(&e->json, NULL, '{');
		json_text(&e->json, "source", source_name(e->model, part.source, part.channel));
		json_number(&e->json, "points", part.points);
		json_number(&e->json, "good", part.positive);
		json_number(&e->json, "bad", part.negative);
		json_close(&e->json, '}');
	}
	json_close(&e->json, ']');
	json_drivers(e, construct);
	json_close(&e->json, '}');
}

static void json_stages(struct explaining *e)
{
	uint32_t i, k;

	json_open(&e->json, "stagings", '[');
	for (i = 0; i < loy_model_staging_count(e->model); i++) {
		json_open(&e->json, NULL, '{');
		json_text(&e->json, "name", loy_model_staging_name(e->model, i));
		json_text(&e->json, "stage", stage_of(e->card, i));
		json_open(&e->json, "probabilities", '{');
		for (k = 0; k < loy_model_rung_count(e->model, i); k++) {
			double probability = (double)NAN;

			(void)loy_scorecard_rung_probability(e->card, i, k + 1, &probability);
			json_number(&e->json, loy_model_rung_name(e->model, i, k + 1), probability);
		}
		json_close(&e->json, '}');
		json_close(&e->json, '}');
	}
	json_close(&e->json, ']');
}

static void json_type(struct explaining *e)
{
	loy_loyalty_type type;

	memset(&type, 0, sizeof(type));
	type.struct_size = sizeof(type);
	if (loy_scorecard_type(e->card, &type) == LOY_OK && type.likeliest != 0) {
		json_open(&e->json, "type", '{');
		json_number(&e->json, "true", type.loyal);
		json_number(&e->json, "latent", type.latent);
		json_number(&e->json, "spurious", type.spurious);
		json_number(&e->json, "none", type.none);
		json_close(&e->json, '}');
	}
}

static void json_gaps(struct explaining *e)
{
	loy_gap gap;
	uint32_t i;

	json_open(&e->json, "gaps", '[');
	for (i = 0; i < loy_scorecard_gap_count(e->card); i++) {
		memset(&gap, 0, sizeof(gap));
		gap.struct_size = sizeof(gap);
		if (loy_scorecard_gap(e->card, i, &gap) != LOY_OK)
			continue;
		json_open(&e->json, NULL, '{');
		json_text(&e->json, "dimension",
		          loy_schema_dimension_name(loy_model_schema(e->model), gap.item));
		json_number(&e->json, "expectation", gap.expectation);
		json_number(&e->json, "perception", gap.perception);
		json_number(&e->json, "gap", gap.gap);
		json_close(&e->json, '}');
	}
	json_close(&e->json, ']');
}

static void json_balance(struct explaining *e)
{
	loy_value_balance balance = balance_of(e);

	if (balance.state != LOY_SCORE_OBSERVED)
		return;
	json_open(&e->json, "value_balance", '{');
	json_number(&e->json, "benefit", balance.benefit);
	json_number(&e->json, "cost", balance.cost);
	json_number(&e->json, "ratio", balance.ratio); /* null where there is no cost */
	json_number(&e->json, "ratio_score", balance.ratio_score);
	json_number(&e->json, "difference", balance.difference);
	json_number(&e->json, "difference_score", balance.difference_score);
	json_close(&e->json, '}');
}

static int write_json(struct explaining *e)
{
	char time[NUMBER_SIZE];
	uint64_t events = 0;
	uint32_t i;

	(void)loy_scorecard_events(e->card, &events);
	json_open(&e->json, NULL, '{');
	json_text(&e->json, "customer", e->customer);
	json_text(&e->json, "at", time_text(e->session->at, time));
	json_text(&e->json, "model", loy_model_name(e->model));
	json_integer(&e->json, "events", (int64_t)events);
	json_open(&e->json, "constructs", '[');
	for (i = 0; i < loy_model_construct_count(e->model); i++) {
		if (construct_wanted(e->session->args, e->model, i, 0))
			json_construct(e, i);
	}
	json_close(&e->json, ']');
	json_stages(e);
	json_type(e);
	json_gaps(e);
	json_balance(e);
	json_close(&e->json, '}');
	return EXIT_DONE;
}

static int explain(struct explaining *e, enum format format)
{
	const struct session *session = e->session;
	int code = EXIT_DONE;
	loy_profile *profile;
	loy_status status;

	profile = session_profile(session->store, e->customer, &code);
	if (profile == NULL)
		return code;
	status = loy_scorecard_create(&e->card, session->model, NULL);
	if (status == LOY_OK)
		status = loy_scorecard_evaluate(e->card, profile, session->at);
	if (status != LOY_OK)
		code = library_failure("scoring", status);
	else if (format == FORMAT_TABLE)
		print_card(e);
	else
		code = format == FORMAT_CSV ? write_csv(e) : write_json(e);
	loy_scorecard_destroy(e->card);
	loy_profile_destroy(profile);
	return code;
}

int command_explain(const struct args *args)
{
	struct session session;
	struct explaining e;
	enum format format;
	int code;

	memset(&e, 0, sizeof(e));
	e.session = &session;
	e.customer = args->value[OPTION_CUSTOMER];
	if (!format_read(args->value[OPTION_FORMAT], &format))
		return EXIT_USAGE;
	if (e.customer == NULL) {
		say("`explain` needs --customer; `loyalty score` lists customers");
		return EXIT_USAGE;
	}
	code = session_open(&session, args);
	e.model = session.model;
	if (code == EXIT_DONE && !constructs_exist(args, session.model))
		code = EXIT_USAGE;
	if (code == EXIT_DONE)
		code = session_load(&session, e.customer);
	if (code == EXIT_DONE)
		code = explain(&e, format);
	session_close(&session);
	return code;
}
