/* judge: how the scores of one model, or two versions of it, do on what customers then answered and did. */
#include "output.h"
#include "replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODELS_MAX 2

/* What came of one construct of one model. */
struct verdict {
	int model;
	uint32_t construct;
	loy_judgement said;
};

struct judging {
	const struct args *args;
	struct replay replay; /* of the first model; the other lives through the same list */
	loy_model *models[MODELS_MAX];
	const char *names[MODELS_MAX];
	int model_count;
	long folds;
	int64_t retest;
	struct verdict verdicts[MODELS_MAX * LOY_CONSTRUCTS_MAX];
	size_t count;
};

/* Live through everything under one model and judge each construct that was asked about. Exit code. */
static int judge_model(struct judging *j, int model, const struct replay *replay)
{
	loy_calibration_options options;
	loy_calibration *seen = NULL;
	loy_status status = loy_calibration_create(&seen, replay->model, NULL);
	int code = status == LOY_OK ? replay_observe(replay, replay->model, seen)
	                            : library_failure("judging", status);

	memset(&options, 0, sizeof(options));
	options.struct_size = sizeof(options);
	options.folds = (uint32_t)j->folds;
	options.retest = j->retest;
	for (; code == EXIT_DONE && options.construct < loy_model_construct_count(replay->model);
	     options.construct++) {
		struct verdict *verdict = &j->verdicts[j->count];

		memset(verdict, 0, sizeof(*verdict));
		verdict->model = model;
		verdict->construct = options.construct;
		verdict->said.struct_size = sizeof(verdict->said);
		status = loy_calibration_judge(seen, replay->model, &options, &verdict->said, NULL);
		if (status == LOY_OK)
			j->count++;
		else if (status != LOY_EUNKNOWN) /* nobody was asked about it */
			code = library_failure("judging", status);
	}
	loy_calibration_destroy(seen);
	return code;
}

static int judge_all(struct judging *j)
{
	struct replay other;
	int i, code;

	if (!replay_targets(&j->replay))
		return EXIT_USAGE;
	code = replay_read(&j->replay);
	for (i = 0; i < j->model_count && code == EXIT_DONE; i++) {
		other = j->replay;
		other.model = j->models[i];
		other.target_count = 0; /* constructs have other numbers in another model */
		code = replay_targets(&other) ? judge_model(j, i, &other) : EXIT_USAGE;
	}
	if (code == EXIT_DONE && j->count == 0) {
		say("nobody was asked about anything that the model knows; --target says what is asked by "
		    "what");
		code = EXIT_NO;
	}
	return code;
}

/* ---- output ---- */

/* Which version a model is: its fingerprint. */
static const char *version_of(const loy_model *model, char text[33])
{
	uint64_t high = 0, low = 0;

	(void)loy_model_fingerprint(model, &high, &low);
	(void)snprintf(text, 33, "%016" PRIx64 "%016" PRIx64, high, low);
	return text;
}

static int write_models(const struct judging *j, enum format format, struct json *json)
{
	static const struct table_column columns[] = {
	        {"model", 0}, {"name", 0}, {"fingerprint", 0}, {"origin", 0}};
	struct table table;
	char text[33];
	int i;

	table_open(&table, format, columns, 4, json);
	for (i = 0; i < j->model_count; i++) {
		table_text(&table, j->names[i]);
		table_text(&table, loy_model_name(j->models[i]));
		table_text(&table, version_of(j->models[i], text));
		table_text(&table, loy_model_origin(j->models[i]));
	}
	return table_close(&table);
}

static void begin_row(const struct judging *j, const struct verdict *v, struct table *table)
{
	table_text(table, loy_model_construct_name(j->models[v->model], v->construct));
	table_text(table, j->names[v->model]);
}

static int write_verdicts(const struct judging *j, enum format format, struct json *json)
{
	static const struct table_column columns[] = {
	        {"construct", 0},  {"model", 0},    {"answers", 1},  {"customers", 1},
	        {"mean", 1},       {"bias", 1},     {"rmse", 1},     {"loss", 1},
	        {"mean_alone", 1}, {"quasi_r2", 1}, {"coverage", 1}, {"little_evidence", 1},
	        {"more", 1},       {"much", 1}};
	struct table table;
	size_t i, k;

	table_open(&table, format, columns, sizeof(columns) / sizeof(columns[0]), json);
	for (i = 0; i < j->count; i++) {
		const loy_judgement *said = &j->verdicts[i].said;
		const double numbers[] = {said->mean,
		                          said->bias,
		                          said->rmse,
		                          said->log_loss,
		                          said->log_loss_mean,
		                          said->quasi_r2,
		                          said->coverage,
		                          said->coverage_third[0],
		                          said->coverage_third[1],
		                          said->coverage_third[2]};

		begin_row(j, &j->verdicts[i], &table);
		table_integer(&table, (int64_t)said->observations);
		table_integer(&table, (int64_t)said->customers);
		for (k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
			table_number(&table, numbers[k], k == 3 || k == 4 ? 5 : 4);
	}
	return table_close(&table);
}

static int write_bins(const struct judging *j, enum format format, struct json *json)
{
	static const struct table_column columns[] = {{"construct", 0}, {"model", 0},   {"from", 1},
	                                              {"to", 1},        {"answers", 1}, {"predicted", 1},
	                                              {"observed", 1}};
	struct table table;
	size_t i, k;

	table_open(&table, format, columns, sizeof(columns) / sizeof(columns[0]), json);
	for (i = 0; i < j->count; i++)
		for (k = 0; k < LOY_JUDGEMENT_BINS; k++) {
			const loy_judgement_bin *bin = &j->verdicts[i].said.bin[k];

			if (!(bin->weight > 0.0))
				continue;
			begin_row(j, &j->verdicts[i], &table);
			table_number(&table, bin->low, 1);
			table_number(&table, bin->high, 1);
			table_number(&table, bin->weight, 0);
			table_number(&table, bin->predicted, 4);
			table_number(&table, bin->observed, 4);
		}
	return table_close(&table);
}

static int write_report(const struct judging *j, enum format format)
{
	static const struct {
		const char *key;
		int (*write)(const struct judging *j, enum format format, struct json *json);
	} parts[] = {{"models", write_models}, {"constructs", write_verdicts}, {"bins", write_bins}};
	struct json json;
	int written = 1;
	size_t i;

	memset(&json, 0, sizeof(json));
	if (format == FORMAT_JSON)
		json_open(&json, NULL, '{');
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (format == FORMAT_JSON)
			json_open(&json, parts[i].key, '[');
		else if (i > 0)
			(void)putchar('\n');
		written &= parts[i].write(j, format, &json);
		if (format == FORMAT_JSON)
			json_close(&json, ']');
	}
	if (format == FORMAT_JSON)
		json_close(&json, '}');
	return written ? EXIT_DONE : EXIT_RESOURCES;
}

/* ---- the command ---- */

static void add_model(struct judging *j, enum option option, int *code)
{
	j->names[j->model_count] = j->args->value[option] != NULL ? j->args->value[option] : "retail";
	j->models[j->model_count] = model_of(j->args, option, code);
	j->model_count += j->models[j->model_count] != NULL;
}

int command_judge(const struct args *args)
{
	struct judging *j = calloc(1, sizeof(*j));
	enum format format;
	double days, retest;
	int code = EXIT_DONE, i;

	if (j == NULL)
		return library_failure("judging", LOY_ENOMEM);
	j->args = j->replay.args = args;
	if (args->operand_count == 0) {
		say("`judge` needs a file of events; `loyalty judge --help` shows how");
		code = EXIT_USAGE;
	} else if (!format_read(args->value[OPTION_FORMAT], &format) ||
	           !args_real(args, OPTION_HORIZON, 1.0, 3660.0, 90.0, &days) ||
	           !args_real(args, OPTION_RETEST, 0.01, 366.0, 7.0, &retest) ||
	           !args_number(args, OPTION_FOLDS, 0, 1000, 0, &j->folds)) {
		code = EXIT_USAGE;
	} else if (j->folds == 1) {
		say("--folds needs 2 or more, or 0 for none");
		code = EXIT_USAGE;
	}
	if (code == EXIT_DONE) {
		j->replay.horizon = (int64_t)(days * (double)LOY_DAY);
		j->retest = (int64_t)(retest * (double)LOY_DAY);
		add_model(j, OPTION_MODEL, &code);
		if (code == EXIT_DONE && args->value[OPTION_TO_MODEL] != NULL)
			add_model(j, OPTION_TO_MODEL, &code);
		j->replay.model = j->models[0];
	}
	if (code == EXIT_DONE)
		code = judge_all(j);
	if (code == EXIT_DONE)
		code = write_report(j, format);
	for (i = 0; i < MODELS_MAX; i++)
		loy_model_destroy(j->models[i]);
	replay_free(&j->replay);
	free(j);
	return code;
}
