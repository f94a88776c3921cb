/*
 * `loyalty what-if`: what a customer's scores would be had some more been recorded. Nothing is: the library scores
 * a copy (loy_scorecard_what_if()). The invented events are mappings of constants, read as rows of a file would be.
 */
#include "card.h"
#include "commands.h"
#include "output.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_MAX (2 * (LOY_CHANNELS_MAX + 8))

struct supposing {
	const struct session *session;
	const struct args *args;
	const loy_model *model;
	loy_event *event[ARGS_LIST_MAX];
	loy_scorecard *before, *after;
	enum format format;
	struct json json;
	struct table table;
};

/* A source of either card, and by how much what it adds differs. */
struct difference {
	uint32_t source, channel;
	double points;
};

/* ---- reading --event ---- */

/* One event of a mapping that names no columns: bare words are texts. Exit code. */
static int read_event(struct supposing *s, const char *text, struct columns *columns, loy_event *event)
{
	const char *customer = s->args->value[OPTION_CUSTOMER];
	struct csv_cell nothing = {0, 0, 1, 1};
	char time[NUMBER_SIZE], none[1] = "";
	struct csv csv;
	struct row row;
	int result;

	(void)time_text(s->session->at, time);
	memset(&csv, 0, sizeof(csv));
	csv.text = none;
	csv.cells = &nothing;
	csv.cell_count = 1;
	if (!columns_fix(columns, LOY_FIELD_CUSTOMER, customer) ||
	    !columns_fix(columns, LOY_FIELD_TIME, time) ||
	    !columns_bind(columns, &csv, loy_model_schema(s->model))) {
		say("--event '%s': %s", text, columns->error);
		return EXIT_USAGE;
	}
	memset(&row, 0, sizeof(row));
	row.repeats = repeats_create();
	if (row.repeats == NULL)
		return library_failure("reading --event", LOY_ENOMEM);
	row.columns = columns;
	row.schema = loy_model_schema(s->model);
	row.csv = &csv;
	result = row_read(&row, event);
	row_free(&row);
	repeats_destroy(row.repeats);
	if (result == ROW_EVENT && row.time > s->session->at)
		(void)snprintf(row.message, sizeof(row.message),
		               "time: it lies after the time of the scores, %s", time);
	else if (result == ROW_EVENT)
		return EXIT_DONE;
	else if (result != ROW_REFUSED)
		(void)snprintf(row.message, sizeof(row.message), "it gives no event");
	say("--event '%s': %s", text, row.message);
	return EXIT_USAGE;
}

static int read_events(struct supposing *s)
{
	int i, code = EXIT_DONE;

	for (i = 0; i < s->args->event_count && code == EXIT_DONE; i++) {
		const char *text = s->args->event[i];
		struct columns columns;

		if (loy_event_create(&s->event[i], NULL) != LOY_OK)
			return library_failure("reading --event", LOY_ENOMEM);
		if (columns_parse(&columns, text, strlen(text), "--event")) {
			code = read_event(s, text, &columns, s->event[i]);
		} else {
			say("%s", columns.error);
			code = EXIT_USAGE;
		}
		columns_free(&columns);
	}
	return code;
}

/* ---- what differs ---- */

static void add_part(struct difference *parts, uint32_t *count, const loy_contribution *part, double sign)
{
	uint32_t i = 0;

	while (i < *count && (parts[i].source != part->source || parts[i].channel != part->channel))
		i++;
	if (i == *count) {
		parts[i].source = part->source;
		parts[i].channel = part->channel;
		parts[i].points = 0.0;
		(*count)++;
	}
	parts[i].points += sign * part->points; /* exact: both are on the library's grid */
}

static int compare_parts(const void *a, const void *b)
{
	const struct difference *x = a, *y = b;
	double first = fabs(x->points), second = fabs(y->points);

	if (first != second)
		return first < second ? 1 : -1;
	return x->source != y->source ? (x->source > y->source) - (x->source < y->source)
	                              : (x->channel > y->channel) - (x->channel < y->channel);
}

/* The sources whose contributions differ, the largest difference first. */
static uint32_t compare_cards(const struct supposing *s, uint32_t construct,
                              struct difference parts[PARTS_MAX])
{
	uint32_t i, count = 0, kept = 0;
	loy_contribution part;

	for (i = 0; i < loy_scorecard_contribution_count(s->after, construct); i++) {
		part = part_of(s->after, construct, i);
		add_part(parts, &count, &part, 1.0);
	}
	for (i = 0; i < loy_scorecard_contribution_count(s->before, construct); i++) {
		part = part_of(s->before, construct, i);
		add_part(parts, &count, &part, -1.0);
	}
	for (i = 0; i < count; i++) {
		if (parts[i].points != 0.0)
			parts[kept++] = parts[i];
	}
	qsort(parts, kept, sizeof(*parts), compare_parts);
	return kept;
}

/* ---- output ---- */

static void print_construct(const struct supposing *s, uint32_t construct)
{
	loy_score before = score_of(s->before, construct), after = score_of(s->after, construct);
	struct difference parts[PARTS_MAX];
	uint32_t i, small = 0, count = compare_cards(s, construct, parts);
	double points[PARTS_MAX];

	if (after.state == LOY_SCORE_UNKNOWN) {
		printf("\n%s stays unknown\n", loy_model_construct_name(s->model, construct));
		return;
	}
	printf("\n%s %.2f%s -> %.2f, 90 %% between %.1f and %.1f\n",
	       loy_model_construct_name(s->model, construct), round_at(before.mean, 2),
	       before.state == LOY_SCORE_UNKNOWN ? " (unknown)" : "", round_at(after.mean, 2), after.low,
	       after.high);
	for (i = 0; i < count; i++)
		points[i] = parts[i].points;
	round_to_sum(before.mean, points, count, after.mean, 2);
	for (i = 0; i < count; i++) {
		if (points[i] != 0.0)
			printf("  %+8.2f  %s\n", points[i],
			       source_name(s->model, parts[i].source, parts[i].channel));
		else
			small++;
	}
	if (small > 0)
		printf("            and %" PRIu32 " more below 0.01\n", small);
}

static void print_stages(const struct supposing *s)
{
	uint32_t i;

	for (i = 0; i < loy_model_staging_count(s->model); i++) {
		const char *before = stage_of(s->before, i), *after = stage_of(s->after, i);

		printf("\n%s: %s", loy_model_staging_name(s->model, i),
		       before[0] != '\0' ? before : "below the first stage");
		if (strcmp(before, after) != 0)
			printf(" -> %s", after[0] != '\0' ? after : "below the first stage");
	}
	(void)putchar('\n');
}

static void print_cards(const struct supposing *s)
{
	char time[NUMBER_SIZE];
	uint32_t i;
	int k;

	printf("customer %s at %s, model %s, supposing", s->args->value[OPTION_CUSTOMER],
	       time_text(s->session->at, time), loy_model_name(s->model));
	for (k = 0; k < s->args->event_count; k++)
		printf("%s %s", k == 0 ? "" : " and", s->args->event[k]);
	(void)putchar('\n');
	for (i = 0; i < loy_model_construct_count(s->model); i++) {
		if (construct_wanted(s->args, s->model, i, 1))
			print_construct(s, i);
	}
	if (s->args->construct_count == 0)
		print_stages(s);
}

/* A line of the CSV; a construct that nothing moves has one without a source. */
static void csv_line(struct supposing *s, uint32_t construct, const char *source, double points)
{
	loy_score before = score_of(s->before, construct), after = score_of(s->after, construct);

	table_text(&s->table, loy_model_construct_name(s->model, construct));
	table_number(&s->table, before.mean, 2);
	table_text(&s->table, state_name(before.state));
	table_number(&s->table, after.mean, 2);
	table_text(&s->table, state_name(after.state));
	table_text(&s->table, source);
	table_number(&s->table, points, 2);
}

static int write_csv(struct supposing *s)
{
	static const struct table_column columns[] = {
	        {"construct", 0},   {"before", 1}, {"before_state", 0}, {"after", 1},
	        {"after_state", 0}, {"source", 0}, {"points", 1}};
	struct difference parts[PARTS_MAX];
	uint32_t i, k;

	table_open(&s->table, FORMAT_CSV, columns, 7, NULL);
	for (i = 0; i < loy_model_construct_count(s->model); i++) {
		uint32_t count = compare_cards(s, i, parts);

		if (!construct_wanted(s->args, s->model, i, 0))
			continue;
		for (k = 0; k < count; k++)
			csv_line(s, i, source_name(s->model, parts[k].source, parts[k].channel),
			         parts[k].points);
		if (count == 0)
			csv_line(s, i, "", 0.0);
	}
	return table_close(&s->table) ? EXIT_DONE : EXIT_RESOURCES;
}

static void json_side(struct supposing *s, const char *name, const loy_score *score)
{
	json_open(&s->json, name, '{');
	json_text(&s->json, "state", state_name(score->state));
	json_number(&s->json, "mean", score->mean);
	json_number(&s->json, "low", score->low);
	json_number(&s->json, "high", score->high);
	json_close(&s->json, '}');
}

static void json_construct(struct supposing *s, uint32_t construct)
{
	loy_score before = score_of(s->before, construct), after = score_of(s->after, construct);
	struct difference parts[PARTS_MAX];
	uint32_t i, count = compare_cards(s, construct, parts);

	json_open(&s->json, NULL, '{');
	json_text(&s->json, "name", loy_model_construct_name(s->model, construct));
	json_side(s, "before", &before);
	json_side(s, "after", &after);
	json_open(&s->json, "lines", '[');
	for (i = 0; i < count; i++) {
		json_open(&s->json, NULL, '{');
		json_text(&s->json, "source", source_name(s->model, parts[i].source, parts[i].channel));
		json_number(&s->json, "points", parts[i].points);
		json_close(&s->json, '}');
	}
	json_close(&s->json, ']');
	json_close(&s->json, '}');
}

static int write_json(struct supposing *s)
{
	char time[NUMBER_SIZE];
	uint32_t i;

	json_open(&s->json, NULL, '{');
	json_text(&s->json, "customer", s->args->value[OPTION_CUSTOMER]);
	json_text(&s->json, "at", time_text(s->session->at, time));
	json_text(&s->json, "model", loy_model_name(s->model));
	json_open(&s->json, "constructs", '[');
	for (i = 0; i < loy_model_construct_count(s->model); i++) {
		if (construct_wanted(s->args, s->model, i, 0))
			json_construct(s, i);
	}
	json_close(&s->json, ']');
	json_open(&s->json, "stagings", '[');
	for (i = 0; i < loy_model_staging_count(s->model); i++) {
		json_open(&s->json, NULL, '{');
		json_text(&s->json, "name", loy_model_staging_name(s->model, i));
		json_text(&s->json, "before", stage_of(s->before, i));
		json_text(&s->json, "after", stage_of(s->after, i));
		json_close(&s->json, '}');
	}
	json_close(&s->json, ']');
	json_close(&s->json, '}');
	return EXIT_DONE;
}

/* ---- the command ---- */

/* Both cards of a profile. Exit code. */
static int evaluate(struct supposing *s, const loy_profile *profile)
{
	const loy_event *events[ARGS_LIST_MAX];
	loy_status status = loy_scorecard_create(&s->before, s->model, NULL);
	loy_error error;
	int i;

	for (i = 0; i < s->args->event_count; i++)
		events[i] = s->event[i];
	memset(&error, 0, sizeof(error));
	error.struct_size = sizeof(error);
	error.row = -1;
	if (status == LOY_OK)
		status = loy_scorecard_create(&s->after, s->model, NULL);
	if (status == LOY_OK)
		status = loy_scorecard_evaluate(s->before, profile, s->session->at);
	if (status == LOY_OK)
		status = loy_scorecard_what_if(s->after, profile, events, (uint32_t)s->args->event_count,
		                               s->session->at, &error);
	if (status == LOY_OK)
		return EXIT_DONE;
	if (error.row < 0)
		return library_failure("scoring", status);
	say("--event '%s': %s%s%s", s->args->event[error.row], value_field_name(error.field),
	    error.field != LOY_FIELD_NONE ? ": " : "",
	    error.message[0] != '\0' ? error.message : loy_status_text(status));
	return EXIT_USAGE;
}

static int suppose(struct supposing *s)
{
	int code = read_events(s);
	loy_profile *profile;

	if (code != EXIT_DONE)
		return code;
	profile = session_profile(s->session->store, s->args->value[OPTION_CUSTOMER], &code);
	if (profile != NULL)
		code = evaluate(s, profile);
	loy_profile_destroy(profile);
	if (code == EXIT_DONE && s->format == FORMAT_TABLE)
		print_cards(s);
	else if (code == EXIT_DONE)
		code = s->format == FORMAT_CSV ? write_csv(s) : write_json(s);
	return code;
}

int command_what_if(const struct args *args)
{
	struct session session;
	struct supposing s;
	int code, i;

	memset(&s, 0, sizeof(s));
	s.session = &session;
	s.args = args;
	if (!format_read(args->value[OPTION_FORMAT], &s.format))
		return EXIT_USAGE;
	if (args->value[OPTION_CUSTOMER] == NULL || args->event_count == 0) {
		say("`what-if` needs --customer and --event; `loyalty what-if --help` shows how");
		return EXIT_USAGE;
	}
	code = session_open(&session, args);
	s.model = session.model;
	if (code == EXIT_DONE && !constructs_exist(args, session.model))
		code = EXIT_USAGE;
	if (code == EXIT_DONE)
		code = session_load(&session, args->value[OPTION_CUSTOMER]);
	if (code == EXIT_DONE)
		code = suppose(&s);
	for (i = 0; i < args->event_count; i++)
		loy_event_destroy(s.event[i]);
	loy_scorecard_destroy(s.before);
	loy_scorecard_destroy(s.after);
	session_close(&session);
	return code;
}
