/*
 * What programs in other languages must print (survey.py, survey/main.go): a net promoter score with its
 * interval, a path model with bootstrap, and the scoring model that comes of both it and calibration, as text.
 */
#include <loyalty.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESPONDENTS 200
#define COLUMNS     7
#define CUSTOMERS   60
#define START       (INT64_C(20000) * LOY_DAY)

static const char paths_text[] = "Quality =~ q1 + q2 + q3\nTrust =~ t1 + t2 + t3\nTrust ~ Quality\n";
static const char *const names[COLUMNS] = {"q1", "q2", "q3", "t1", "t2", "t3", "recommend"};

static void must(loy_status status)
{
	if (status != LOY_OK) {
		fprintf(stderr, "survey: %s\n", loy_status_text(status));
		exit(1);
	}
}

/* Numerical Recipes' generator: a line in any language. */
static uint32_t draw(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 16) % below;
}

static void answer(double *values)
{
	uint32_t state = 1, row, i;

	for (row = 0; row < RESPONDENTS; row++) {
		uint32_t level = draw(&state, 7), trust = (level + draw(&state, 7)) / 2;

		for (i = 0; i < 3; i++)
			*values++ = 1 + level + draw(&state, 4);
		for (i = 0; i < 3; i++)
			*values++ = 1 + trust + draw(&state, 4);
		*values++ = trust + draw(&state, 5);
	}
}

static void print_bits(const char *name, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	printf("%s %016" PRIx64 "\n", name, bits);
}

static void print_net(const loy_table *table)
{
	loy_scale scale = {.struct_size = sizeof(scale), .high = 10};
	loy_net net = {.struct_size = sizeof(net)};
	loy_interval limits = {.struct_size = sizeof(limits)};
	loy_answers *answers;

	must(loy_answers_create(&answers, &scale, NULL));
	must(loy_answers_add(answers, table, COLUMNS - 1, NULL));
	must(loy_answers_net(answers, NULL, &net));
	must(loy_answers_net_interval(answers, NULL, LOY_SURVEY_SCORE, 0.0, &limits));
	loy_answers_destroy(answers);
	printf("promoters %" PRIu64 "\ndetractors %" PRIu64 "\n", net.promoters, net.detractors);
	print_bits("score", net.score);
	print_bits("low", limits.low);
	print_bits("high", limits.high);
}

/* A scoring model of the answers; prints the path. */
static loy_model *fit(const loy_model *base, const loy_table *table)
{
	static const loy_pls_scale scales[6] = {{1, 10}, {1, 10}, {1, 10}, {1, 10}, {1, 10}, {1, 10}};
	static const loy_counterpart counterparts[2] = {{"satisfaction", "Quality", "survey_satisfaction"},
	                                                {"trust", "Trust", NULL}};
	loy_bootstrap_options draws = {.struct_size = sizeof(draws), .resamples = 100, .seed = 5};
	loy_pls_path path = {.struct_size = sizeof(path)};
	loy_bootstrapped b = {.struct_size = sizeof(b)};
	loy_paths *paths;
	loy_pls *pls;
	loy_bootstrap *bootstrap;
	loy_model *model;

	must(loy_paths_parse(&paths, paths_text, strlen(paths_text), NULL, NULL));
	must(loy_pls_create(&pls, paths, table, NULL, NULL, NULL));
	must(loy_bootstrap_create(&bootstrap, pls, table, &draws, NULL, NULL));
	must(loy_pls_get_path(pls, 0, &path));
	must(loy_bootstrap_get(bootstrap, 0, &b));
	print_bits("path", path.value);
	print_bits("f2", path.f2);
	print_bits("deviation", b.deviation);
	print_bits("percentile_low", b.percentile_low);
	print_bits("percentile_high", b.percentile_high);
	print_bits("accelerated_low", b.accelerated_low);
	must(loy_model_create_from_pls(&model, base, pls, scales, bootstrap, counterparts, 2, NULL, NULL,
	                               NULL));
	loy_bootstrap_destroy(bootstrap);
	loy_pls_destroy(pls);
	loy_paths_destroy(paths);
	return model;
}

/* One answer is known of each customer when the next is given. */
static void observe(loy_calibration *calibration, const loy_model *model, uint32_t construct)
{
	loy_observation o = {.struct_size = sizeof(o), .construct = construct, .weight = 1.0};
	uint32_t state = 2, first, next;
	loy_profile *profile;
	loy_event *event;

	must(loy_profile_create(&profile, loy_model_schema(model), NULL));
	must(loy_event_create(&event, NULL));
	for (o.customer = 1; o.customer <= CUSTOMERS; o.customer++) {
		first = draw(&state, 5);
		next = (2 * first + draw(&state, 5)) / 3;
		loy_profile_clear(profile);
		must(loy_event_begin(event, LOY_KIND_SURVEY_ANSWER, START));
		must(loy_event_set(event, LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_CSAT));
		must(loy_event_set(event, LOY_FIELD_VALUE, first * LOY_RATIO_ONE));
		must(loy_event_set(event, LOY_FIELD_SCALE_MIN, 0));
		must(loy_event_set(event, LOY_FIELD_SCALE_MAX, 4 * LOY_RATIO_ONE));
		must(loy_profile_record(profile, event, NULL));
		o.time = START + 30 * LOY_DAY;
		o.answer = next / 4.0;
		must(loy_calibration_add(calibration, &o, profile, NULL));
	}
	loy_event_destroy(event);
	loy_profile_destroy(profile);
}

static void print_calibrated(const loy_model *model)
{
	loy_calibration_options options = {.struct_size = sizeof(options), .error_variance = 0.01};
	loy_calibrated_summary summary = {.struct_size = sizeof(summary)};
	loy_calibration *calibration;
	loy_calibrated *calibrated;
	size_t needed;
	char *text;

	must(loy_model_construct_find(model, "satisfaction", 12, &options.construct));
	must(loy_calibration_create(&calibration, model, NULL));
	observe(calibration, model, options.construct);
	must(loy_calibration_fit(calibration, model, &options, &calibrated, NULL, NULL));
	must(loy_calibrated_get_summary(calibrated, &summary));
	printf("observations %" PRIu64 "\n", summary.observations);
	print_bits("loss_before", summary.loss_before);
	print_bits("loss", summary.loss);
	text = malloc(LOY_MODEL_TEXT_MAX);
	if (text == NULL)
		must(LOY_ENOMEM);
	must(loy_model_print(loy_calibrated_model(calibrated), text, LOY_MODEL_TEXT_MAX, &needed));
	fputs(text, stdout);
	free(text);
	loy_calibrated_destroy(calibrated);
	loy_calibration_destroy(calibration);
}

int main(void)
{
	static double values[RESPONDENTS * COLUMNS];
	loy_table table = {.struct_size = sizeof(table), .columns = COLUMNS, .rows = RESPONDENTS};
	loy_model *base, *model;

	answer(values);
	table.values = values;
	table.row_stride = COLUMNS * sizeof(double);
	table.column_stride = sizeof(double);
	table.names = names;
	print_net(&table);
	must(loy_model_create_builtin(&base, "retail", NULL));
	model = fit(base, &table);
	print_calibrated(model);
	loy_model_destroy(model);
	loy_model_destroy(base);
	return 0;
}
