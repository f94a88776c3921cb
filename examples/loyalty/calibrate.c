/*
 * calibrate: evidence weights learned from what customers answered and did. Half-lives by grid, then each
 * construct, parents first, composites after their parts; judged on customers left out, then fitted to all.
 */
#include "output.h"
#include "replay.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FACTORS_MAX 16

/* What came of one construct. */
struct verdict {
	uint32_t construct;
	loy_calibrated_summary summary; /* of the fit to all */
	loy_judgement before, after;    /* on customers left out; observations 0: nobody was */
};

struct calibrating {
	struct replay replay;
	const struct args *args;
	loy_model *model;      /* as given */
	loy_model *faded;      /* with the half-lives chosen */
	loy_calibration *seen; /* under those half-lives */
	double factors[FACTORS_MAX], factor;
	int factor_count;
	long folds;
	int64_t retest;
	loy_calibrated *fit; /* the last one, to all: owns the model that comes out */
	struct verdict verdicts[LOY_CONSTRUCTS_MAX];
	struct {
		uint32_t construct;
		loy_calibrated_weight weight;
	} * weights;
	size_t verdict_count, weight_count;
};

/* ---- one chain of fits ---- */

static int is_target(const struct calibrating *c, uint32_t construct)
{
	int i;

	for (i = 0; i < c->replay.target_count; i++)
		if (c->replay.targets[i].construct == construct)
			return 1;
	return 0;
}

static int fit_failure(const struct calibrating *c, uint32_t construct, loy_status status,
                       const loy_error *error)
{
	say("%s: %s", loy_model_construct_name(c->model, construct),
	    error->message[0] != '\0' ? error->message : loy_status_text(status));
	return status == LOY_EUNKNOWN ? EXIT_NO : library_failure("calibrating", status);
}

static void options_of(const struct calibrating *c, uint32_t construct, int fold,
                       loy_calibration_options *out)
{
	memset(out, 0, sizeof(*out));
	out->struct_size = sizeof(*out);
	out->construct = construct;
	out->folds = fold ? (uint32_t)c->folds : 0;
	out->retest = c->retest;
}

/*
 * Fit one construct of the model of *fit (or `model` where it is NULL) and put the result in its place. A
 * construct that was only guessed to be asked about, and was not, stays as it is. Exit code.
 */
static int fit_one(struct calibrating *c, const loy_calibration *seen, const loy_model *model,
                   uint32_t construct, int fold, loy_calibrated **fit, int *fitted)
{
	loy_calibration_options options;
	loy_calibrated *next = NULL;
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;

	options_of(c, construct, fold, &options);
	status = loy_calibration_fit(seen, *fit == NULL ? model : loy_calibrated_model(*fit), &options, &next,
	                             NULL, &error);
	*fitted = status == LOY_OK;
	if (status == LOY_EUNKNOWN && c->args->target_count == 0)
		return EXIT_DONE;
	if (status != LOY_OK)
		return fit_failure(c, construct, status, &error);
	loy_calibrated_destroy(*fit);
	*fit = next;
	return EXIT_DONE;
}

/* All constructs that are asked about, in order of evaluation; the sum of losses in *losses. */
static int fit_chain(struct calibrating *c, const loy_calibration *seen, const loy_model *model, int fold,
                     loy_calibrated **fit, double *losses)
{
	uint32_t i;
	int code = EXIT_DONE, fitted;

	*losses = 0.0;
	for (i = 0; i < loy_model_construct_count(model) && code == EXIT_DONE; i++) {
		loy_calibrated_summary summary = {.struct_size = sizeof(summary)};

		if (!is_target(c, i))
			continue;
		code = fit_one(c, seen, model, i, fold, fit, &fitted);
		if (code != EXIT_DONE || !fitted)
			continue;
		(void)loy_calibrated_get_summary(*fit, &summary);
		*losses += summary.loss;
	}
	return code;
}

/* ---- half-lives ---- */

static int read_factors(struct calibrating *c)
{
	const char *text = c->args->value[OPTION_HALF_LIVES];
	char *end;

	c->factors[0] = 1.0;
	c->factor_count = 1;
	if (text == NULL)
		return 1;
	for (c->factor_count = 0; c->factor_count < FACTORS_MAX; text = end + 1) {
		double factor = strtod(text, &end);

		if (end == text || !(factor >= 0.01 && factor <= 100.0) || (*end != ',' && *end != '\0'))
			break;
		c->factors[c->factor_count++] = factor;
		if (*end == '\0')
			return 1;
	}
	say("--half-lives needs up to %d factors from 0.01 to 100 with commas between", FACTORS_MAX);
	return 0;
}

/* Observations under the half-lives of one factor. NULL after telling. */
static loy_calibration *observe(struct calibrating *c, double factor, loy_model **faded, int *code)
{
	loy_calibration *seen = NULL;
	loy_status status = loy_model_create_faded(faded, c->model, factor, NULL, NULL);

	if (status == LOY_OK)
		status = loy_calibration_create(&seen, *faded, NULL);
	if (status != LOY_OK)
		*code = library_failure("--half-lives", status);
	else
		*code = replay_observe(&c->replay, *faded, seen);
	if (*code == EXIT_DONE)
		return seen;
	loy_calibration_destroy(seen);
	return NULL;
}

/* Keep the half-lives under which what is left in is fitted with the least loss. */
static int choose_half_lives(struct calibrating *c)
{
	double least = HUGE_VAL;
	int i, code = EXIT_DONE;

	for (i = 0; i < c->factor_count && code == EXIT_DONE; i++) {
		loy_model *faded = NULL;
		loy_calibrated *fit = NULL;
		loy_calibration *seen = observe(c, c->factors[i], &faded, &code);
		double losses = 0.0;

		if (code == EXIT_DONE && c->factor_count > 1)
			code = fit_chain(c, seen, faded, c->folds > 0, &fit, &losses);
		loy_calibrated_destroy(fit);
		if (code == EXIT_DONE && c->factor_count > 1 && c->args->value[OPTION_QUIET] == NULL)
			say("half-lives times %g: losses add up to %.6f", c->factors[i], losses);
		if (code == EXIT_DONE && losses < least) {
			loy_calibration *other_seen = c->seen;
			loy_model *other_faded = c->faded;

			least = losses;
			c->factor = c->factors[i];
			c->seen = seen;
			c->faded = faded;
			seen = other_seen;
			faded = other_faded;
		}
		loy_calibration_destroy(seen);
		loy_model_destroy(faded);
	}
	return code;
}

/* ---- judgement, and the fit to all ---- */

static void judge(const struct calibrating *c, const loy_model *model, uint32_t construct, loy_judgement *out)
{
	loy_calibration_options options;

	memset(out, 0, sizeof(*out));
	out->struct_size = sizeof(*out);
	options_of(c, construct, 1, &options);
	if (loy_calibration_judge(c->seen, model, &options, out, NULL) != LOY_OK)
		out->observations = 0; /* nobody of those left out was asked */
}

static int keep_weights(struct calibrating *c, uint32_t construct)
{
	loy_calibrated_weight weight = {.struct_size = sizeof(weight)};
	uint32_t i;

	for (i = 0; loy_calibrated_get_weight(c->fit, i, &weight) == LOY_OK; i++) {
		void *grown = realloc(c->weights, (c->weight_count + 1) * sizeof(*c->weights));

		if (grown == NULL)
			return library_failure("calibrating", LOY_ENOMEM);
		c->weights = grown;
		c->weights[c->weight_count].construct = construct;
		c->weights[c->weight_count++].weight = weight;
	}
	return EXIT_DONE;
}

static int fit_and_judge(struct calibrating *c)
{
	loy_calibrated *partial = NULL;
	double losses;
	uint32_t i;
	int code = EXIT_DONE, fitted;

	if (c->folds > 0)
		code = fit_chain(c, c->seen, c->faded, 1, &partial, &losses);
	for (i = 0; i < loy_model_construct_count(c->faded) && code == EXIT_DONE; i++) {
		struct verdict *verdict = &c->verdicts[c->verdict_count];

		if (!is_target(c, i))
			continue;
		code = fit_one(c, c->seen, c->faded, i, 0, &c->fit, &fitted);
		if (code != EXIT_DONE || !fitted)
			continue;
		memset(verdict, 0, sizeof(*verdict));
		verdict->construct = i;
		verdict->summary.struct_size = sizeof(verdict->summary);
		(void)loy_calibrated_get_summary(c->fit, &verdict->summary);
		if (c->folds > 0) {
			judge(c, c->faded, i, &verdict->before);
			judge(c, partial != NULL ? loy_calibrated_model(partial) : c->faded, i,
			      &verdict->after);
		}
		c->verdict_count++;
		code = keep_weights(c, i);
	}
	loy_calibrated_destroy(partial);
	return code;
}

/* ---- output ---- */

static const char *state_text(uint32_t state)
{
	static const char *const texts[] = {"maximum", "flat", "stopped"};

	return texts[state < 3 ? state : 2];
}

static void unless(struct table *table, int missing, double value, int decimals)
{
	if (missing)
		table_none(table);
	else
		table_number(table, value, decimals);
}

static int write_verdicts(const struct calibrating *c, enum format format, struct json *json)
{
	static const struct table_column columns[] = {
	        {"construct", 0},     {"answers", 1},    {"customers", 1},     {"loss", 1},
	        {"was", 1},           {"mean_alone", 1}, {"spread", 1},        {"limit", 1},
	        {"end", 0},           {"left_out", 1},   {"left_out_loss", 1}, {"left_out_was", 1},
	        {"left_out_rmse", 1}, {"rmse_was", 1},   {"left_out_bias", 1}, {"coverage", 1}};
	struct table table;
	size_t i;

	table_open(&table, format, columns, sizeof(columns) / sizeof(columns[0]), json);
	for (i = 0; i < c->verdict_count; i++) {
		const struct verdict *v = &c->verdicts[i];
		int nobody = v->after.observations == 0;

		table_text(&table, loy_model_construct_name(c->faded, v->construct));
		table_integer(&table, (int64_t)v->summary.observations);
		table_integer(&table, (int64_t)v->summary.customers);
		table_number(&table, v->summary.loss, 5);
		table_number(&table, v->summary.loss_before, 5);
		table_number(&table, v->summary.loss_mean, 5);
		unless(&table, !(v->summary.spread > 0.0), v->summary.spread, 3); /* a mix has none */
		unless(&table, !(v->summary.limit > 0.0), v->summary.limit, 1);
		table_text(&table, state_text(v->summary.state));
		table_integer(&table, (int64_t)v->after.observations);
		unless(&table, nobody, v->after.log_loss, 5);
		unless(&table, nobody, v->before.log_loss, 5);
		unless(&table, nobody, v->after.rmse, 4);
		unless(&table, nobody, v->before.rmse, 4);
		unless(&table, nobody, v->after.bias, 4);
		unless(&table, nobody, v->after.coverage, 3);
	}
	return table_close(&table);
}

static const char *weight_text(const struct calibrating *c, const loy_calibrated_weight *weight)
{
	static const char *const prospects[] = {"alive", "purchases", "worth"};

	switch (weight->what) {
	case LOY_TUNED_POSITIVE:
	case LOY_TUNED_NEGATIVE:
		return loy_schema_channel_name(loy_model_schema(c->faded), weight->index);
	case LOY_TUNED_PROSPECT:
		return prospects[weight->index];
	case LOY_TUNED_PART:
		return loy_model_construct_name(c->faded, weight->index);
	default:
		return "";
	}
}

static int write_weights(const struct calibrating *c, enum format format, struct json *json)
{
	static const struct table_column columns[] = {{"construct", 0}, {"weight", 0}, {"of", 0},
	                                              {"was", 1},       {"is", 1},     {"relative_error", 1}};
	static const char *const whats[] = {"mean",     "for",  "against",     "silence", "worst",
	                                    "prospect", "part", "gap in days", "sureness"};
	struct table table;
	size_t i;

	table_open(&table, format, columns, 6, json);
	for (i = 0; i < c->weight_count; i++) {
		const loy_calibrated_weight *weight = &c->weights[i].weight;

		table_text(&table, loy_model_construct_name(c->faded, c->weights[i].construct));
		table_text(&table, whats[weight->what]);
		table_text(&table, weight_text(c, weight));
		table_number(&table, weight->before, 4);
		table_number(&table, weight->after, 4);
		table_number(&table, weight->deviation, 3);
	}
	return table_close(&table);
}

static int write_report(const struct calibrating *c, enum format format)
{
	struct json json;
	int written;

	memset(&json, 0, sizeof(json));
	if (format != FORMAT_JSON) {
		written = write_verdicts(c, format, NULL);
		(void)putchar('\n');
		return written && write_weights(c, format, NULL) ? EXIT_DONE : EXIT_RESOURCES;
	}
	json_open(&json, NULL, '{');
	json_text(&json, "model", loy_model_name(c->model));
	json_number(&json, "half_lives", c->factor);
	json_open(&json, "constructs", '[');
	written = write_verdicts(c, format, &json);
	json_close(&json, ']');
	json_open(&json, "weights", '[');
	written = written && write_weights(c, format, &json);
	json_close(&json, ']');
	json_close(&json, '}');
	return written ? EXIT_DONE : EXIT_RESOURCES;
}

static int write_model(const struct calibrating *c)
{
	size_t i;

	for (i = 0; i < c->verdict_count && c->args->value[OPTION_QUIET] == NULL; i++) {
		const struct verdict *v = &c->verdicts[i];

		say("%s: %" PRIu64 " answers, loss %.5f, was %.5f%s%s",
		    loy_model_construct_name(c->faded, v->construct), v->summary.observations,
		    v->summary.loss, v->summary.loss_before,
		    v->summary.state == LOY_CALIBRATED ? "" : ", ended ",
		    v->summary.state == LOY_CALIBRATED ? "" : state_text(v->summary.state));
	}
	return model_write(loy_calibrated_model(c->fit));
}

/* ---- the command ---- */

static int calibrate(struct calibrating *c, int report, enum format format)
{
	int code = replay_read(&c->replay);

	if (code == EXIT_DONE)
		code = choose_half_lives(c);
	if (code == EXIT_DONE)
		code = fit_and_judge(c);
	if (code == EXIT_DONE && c->verdict_count == 0) {
		say("nobody was asked about anything that the model knows; --target says what is asked by "
		    "what");
		code = EXIT_NO;
	}
	if (code != EXIT_DONE)
		return code;
	return report ? write_report(c, format) : write_model(c);
}

int command_calibrate(const struct args *args)
{
	struct calibrating c;
	enum format format = FORMAT_TABLE;
	double days, retest;
	int code = EXIT_DONE;

	memset(&c, 0, sizeof(c));
	c.args = c.replay.args = args;
	if (args->operand_count == 0) {
		say("`calibrate` needs a file of events; `loyalty calibrate --help` shows how");
		return EXIT_USAGE;
	}
	if ((args->value[OPTION_FORMAT] != NULL && !format_read(args->value[OPTION_FORMAT], &format)) ||
	    !args_real(args, OPTION_HORIZON, 1.0, 3660.0, 90.0, &days) ||
	    !args_real(args, OPTION_RETEST, 0.01, 366.0, 7.0, &retest) ||
	    !args_number(args, OPTION_FOLDS, 0, 1000, 0, &c.folds) || !read_factors(&c))
		return EXIT_USAGE;
	if (c.folds == 1) {
		say("--folds needs 2 or more, or 0 for none");
		return EXIT_USAGE;
	}
	c.replay.horizon = (int64_t)(days * (double)LOY_DAY);
	c.retest = (int64_t)(retest * (double)LOY_DAY);
	c.model = model_of(args, OPTION_MODEL, &code);
	c.replay.model = c.model;
	if (c.model != NULL)
		code = replay_targets(&c.replay) ? calibrate(&c, args->value[OPTION_FORMAT] != NULL, format)
		                                 : EXIT_USAGE;
	free(c.weights);
	loy_calibrated_destroy(c.fit);
	loy_calibration_destroy(c.seen);
	loy_model_destroy(c.faded);
	loy_model_destroy(c.model);
	replay_free(&c.replay);
	return code;
}
