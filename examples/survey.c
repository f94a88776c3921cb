/*
 * survey: from answers to scores, on the bundled chain, where the truth is known.
 *
 *	survey EVENTS.csv TRUTH.csv
 *
 * A path model is fitted to answers to a questionnaire and makes of a built-in model one of this chain; what
 * evidence weighs is then calibrated on what customers answered and bought. One customer in three is kept out
 * of all that: both models score these, and the truth says how well. Events come by loyalty/replay.h.
 */
#include "survey_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char questions[] = "value =~ value1 + value2\n"
                                "satisfaction =~ overall + reliability + empathy\n"
                                "trust =~ trust1 + trust2 + trust3\n"
                                "loyalty =~ again + recommend\n";
static const char states[] = "value =~ value_state\nsatisfaction =~ satisfaction_state\n"
                             "trust =~ trust_state\nloyalty =~ loyalty_state\n";
static const char paths[] =
        "satisfaction ~ value\ntrust ~ satisfaction\nloyalty ~ value + satisfaction + trust\n";

static int is_unseen(uint64_t customer)
{
	return customer % 3 == 0;
}

/* ---- the path model ---- */

static loy_pls *estimate(const char *measured, const loy_table *table, uint32_t consistent)
{
	loy_pls_options options = {.struct_size = sizeof(options), .consistent = consistent};
	loy_error error = {.struct_size = sizeof(error)};
	char text[512];
	loy_paths *parsed = NULL;
	loy_pls *pls = NULL;
	int length = snprintf(text, sizeof(text), "%s%s", measured, paths);

	must(loy_paths_parse(&parsed, text, (size_t)length, NULL, &error) != LOY_OK, "paths", &error);
	must(loy_pls_create(&pls, parsed, table, &options, NULL, &error) != LOY_OK, "fitting", &error);
	loy_paths_destroy(parsed);
	return pls;
}

/* Paths between the states themselves, of all who have not left for good. */
static loy_pls *fit_truth(const struct truth *truths, size_t count)
{
	static const char *const names[STATES] = {"value_state", "satisfaction_state", "trust_state",
	                                          "loyalty_state"};
	loy_table table = table_of(truths[0].state, sizeof(*truths), count, STATES, names);

	table.weights = &truths[0].there;
	table.weight_stride = sizeof(*truths);
	return estimate(states, &table, 0);
}

static void print_paths(const loy_pls *pls, const loy_pls *truth, const loy_bootstrap *bootstrap)
{
	loy_pls_path path = {.struct_size = sizeof(path)}, real = {.struct_size = sizeof(real)};
	loy_bootstrapped b = {.struct_size = sizeof(b)};
	uint32_t i, at = 0;

	printf("%-28s %9s  95 %% between   true\n", "path", "estimated");
	for (i = 0; loy_pls_get_path(pls, i, &path) == LOY_OK; i++) {
		(void)loy_pls_get_path(truth, i, &real); /* the same path: both were written alike */
		(void)loy_bootstrap_find(bootstrap, LOY_BOOTSTRAP_PATH, path.from, path.to, &at);
		(void)loy_bootstrap_get(bootstrap, at, &b);
		printf("%12s -> %-12s %9.3f  %5.3f %6.3f  %6.3f\n", state_names[path.from],
		       state_names[path.to], path.value, b.percentile_low, b.percentile_high, real.value);
	}
}

/* The built-in model with what the survey says of means, strengths, paths and answers. */
static loy_model *survey_model(const loy_model *base, const struct filled *filled, size_t count,
                               const loy_pls *truth)
{
	static const loy_counterpart counterparts[STATES] = {
	        {"value", "value", "survey_value"},
	        {"satisfaction", "satisfaction", "survey_satisfaction"},
	        {"trust", "trust", "survey_trust"},
	        {"attitudinal", "loyalty", "survey_attitude"}};
	loy_table table = table_of(filled[0].answer, sizeof(*filled), count, ITEMS, item_names);
	loy_bootstrap_options draws = {.struct_size = sizeof(draws), .resamples = 1000, .seed = 1};
	loy_pls_summary summary = {.struct_size = sizeof(summary)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_pls *pls = estimate(questions, &table, 1);
	loy_bootstrap *bootstrap = NULL;
	loy_model *model = NULL;

	must(loy_bootstrap_create(&bootstrap, pls, &table, &draws, NULL, &error) != LOY_OK, "resampling",
	     &error);
	(void)loy_pls_get_summary(pls, &summary);
	printf("%zu questionnaires, %.0f of them complete\n\n", count, summary.n);
	print_paths(pls, truth, bootstrap);
	must(loy_model_create_from_pls(&model, base, pls, item_scales, bootstrap, counterparts, STATES, NULL,
	                               NULL, &error) != LOY_OK,
	     "a model of the survey", &error);
	loy_bootstrap_destroy(bootstrap);
	loy_pls_destroy(pls);
	return model;
}

/* ---- what evidence weighs ---- */

/* Calibrate one construct after the other, parents first, under half-lives `factor` times as long. */
static loy_calibrated *calibrate(const struct replay *replay, const loy_model *model, double factor)
{
	loy_calibration_options options = {.struct_size = sizeof(options), .retest = 20 * LOY_DAY};
	loy_error error = {.struct_size = sizeof(error)};
	loy_calibration *seen = NULL;
	loy_calibrated *fit = NULL, *next;
	loy_model *faded = NULL;
	loy_status status;

	must(loy_model_create_faded(&faded, model, factor, NULL, &error) != LOY_OK, "half-lives", &error);
	must(loy_calibration_create(&seen, faded, NULL) != LOY_OK ||
	             replay_observe(replay, faded, seen) != EXIT_DONE,
	     "observing", NULL);
	for (; options.construct < loy_model_construct_count(faded); options.construct++) {
		status = loy_calibration_fit(seen, fit == NULL ? faded : loy_calibrated_model(fit), &options,
		                             &next, NULL, &error);
		if (status == LOY_EUNKNOWN)
			continue; /* nobody was asked about it */
		must(status != LOY_OK, "calibrating", &error);
		loy_calibrated_destroy(fit);
		fit = next;
	}
	loy_calibration_destroy(seen);
	loy_model_destroy(faded);
	return fit;
}

/* ---- judgement ---- */

struct figures {
	double squares[STATES], inside[STATES], loss, count;
};

static loy_score score_of(const loy_scorecard *card, const char *name)
{
	loy_score score = {.struct_size = sizeof(score)};
	uint32_t construct = 0;

	(void)loy_model_construct_find(loy_scorecard_model(card), name, strlen(name), &construct);
	(void)loy_scorecard_score(card, construct, &score);
	return score;
}

static void judge_one(const loy_scorecard *card, const struct truth *truth, struct figures *f)
{
	double p = fmin(fmax(score_of(card, "behavioural").mean / 100.0, 1e-6), 1.0 - 1e-6);
	uint32_t i;

	for (i = 0; i < STATES; i++) {
		loy_score score = score_of(card, state_names[i]);
		double real = 100.0 * truth->state[i];

		f->squares[i] += (score.mean - real) * (score.mean - real) / 1e4;
		f->inside[i] += score.low <= real && real <= score.high;
	}
	f->loss -= truth->bought > 0.0 ? log(p) : log(1.0 - p);
	f->count += 1.0;
}

/* Live everything again and score who was not seen whenever the truth about them is known. */
static struct figures judge(const struct replay *replay, const struct truth *truths, size_t count,
                            const loy_model *model)
{
	struct figures f = {{0}, {0}, 0, 0};
	loy_scorecard *card = NULL;
	loy_profile *profile = NULL;
	loy_store *store = NULL;
	loy_event *event = NULL;
	size_t i, t = 0;

	must(loy_store_create(&store, model, NULL, NULL) != LOY_OK ||
	             loy_event_create(&event, NULL) != LOY_OK ||
	             loy_profile_create(&profile, loy_model_schema(model), NULL) != LOY_OK ||
	             loy_scorecard_create(&card, model, NULL) != LOY_OK,
	     "out of memory", NULL);
	for (i = 0; i <= replay->count; i++) {
		const struct happening *one = &replay->list[i];

		for (; t < count && (i == replay->count || truths[t].time < one->time); t++)
			if (is_unseen(truths[t].customer) &&
			    loy_store_profile_of(store, 0, truths[t].key, strlen(truths[t].key), profile) ==
			            LOY_OK &&
			    loy_scorecard_evaluate(card, profile, truths[t].time) == LOY_OK)
				judge_one(card, &truths[t], &f);
		if (i < replay->count && one->size > 0 && is_unseen(one->customer) &&
		    loy_event_read(event, replay->bytes + one->at, one->size, NULL, NULL) == LOY_OK)
			(void)loy_store_record(store, event, NULL); /* what was sent twice is recorded once */
	}
	loy_event_destroy(event);
	loy_profile_destroy(profile);
	loy_scorecard_destroy(card);
	loy_store_destroy(store);
	return f;
}

static void print_figures(const struct figures *a, const struct figures *b)
{
	int i;

	printf("\n%.0f moments of customers kept out; default model, then calibrated\n%-14s %15s %26s\n",
	       a->count, "", "RMSE", "held by 90 % intervals");
	for (i = 0; i < STATES; i++)
		printf("%-14s %7.4f %7.4f %16.3f %6.3f\n", state_names[i], sqrt(a->squares[i] / a->count),
		       sqrt(b->squares[i] / b->count), a->inside[i] / a->count, b->inside[i] / b->count);
	printf("%-14s %7.4f %7.4f\n", "buying: loss", a->loss / a->count, b->loss / b->count);
}

int main(int argc, char **argv)
{
	static struct filled filled[ROWS_MAX];
	static struct truth truths[ROWS_MAX];
	struct args args = {.operands = argv + 1, .operand_count = 1, .value[OPTION_QUIET] = ""};
	struct replay all = {.args = &args, .horizon = 90 * LOY_DAY}, seen;
	struct figures before, after;
	loy_model *base = NULL, *model;
	loy_calibrated *fit;
	loy_pls *truth;
	size_t count, i;

	must(argc != 3, "usage: survey EVENTS.csv TRUTH.csv", NULL);
	must(loy_model_create_builtin(&base, "retail", NULL) != LOY_OK, "out of memory", NULL);
	all.model = base;
	must(!replay_targets(&all) || replay_read(&all) != EXIT_DONE, argv[1], NULL);
	count = read_truths(argv[2], truths);
	seen = all;
	seen.list = malloc(all.count * sizeof(*seen.list));
	must(seen.list == NULL, "out of memory", NULL);
	for (i = seen.count = 0; i < all.count; i++)
		if (!is_unseen(all.list[i].customer))
			seen.list[seen.count++] = all.list[i];
	truth = fit_truth(truths, count);
	model = survey_model(base, filled, gather_answers(&seen, filled), truth);
	fit = calibrate(&seen, model, 0.1); /* a tenth of the half-lives: the chain's states drift fast */
	before = judge(&all, truths, count, base);
	after = judge(&all, truths, count, loy_calibrated_model(fit));
	print_figures(&before, &after);
	loy_calibrated_destroy(fit);
	loy_pls_destroy(truth);
	loy_model_destroy(model);
	loy_model_destroy(base);
	free(seen.list);
	replay_free(&all);
	return 0;
}
