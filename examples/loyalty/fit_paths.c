/* fit-paths: from answers to a path model with everything a reviewer asks for, or on to a scoring model. */
#include "fit_paths.h"
#include "progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the reports share ---- */

const char *construct_name(const struct fitted_paths *f, uint32_t construct)
{
	loy_pls_construct c;

	memset(&c, 0, sizeof(c));
	c.struct_size = sizeof(c);
	return loy_pls_get_construct(f->pls, construct, &c) == LOY_OK ? c.name : "";
}

loy_bootstrapped resampled(const struct fitted_paths *f, uint32_t what, uint32_t first, uint32_t second)
{
	loy_bootstrapped b;
	uint32_t index;

	memset(&b, 0, sizeof(b));
	b.struct_size = sizeof(b);
	b.deviation = b.p = b.percentile_low = b.percentile_high = (double)NAN;
	if (f->bootstrap != NULL && loy_bootstrap_find(f->bootstrap, what, first, second, &index) == LOY_OK)
		(void)loy_bootstrap_get(f->bootstrap, index, &b);
	return b;
}

const char *chain_text(const struct fitted_paths *f, const loy_pls_chain *chain, char *buffer, size_t room)
{
	size_t at = 0;
	uint32_t i;

	buffer[0] = '\0';
	for (i = 0; i < chain->length && at + 1 < room; i++)
		at += (size_t)snprintf(buffer + at, room - at, "%s%s", i > 0 ? " -> " : "",
		                       construct_name(f, chain->constructs[i]));
	return buffer;
}

double *matrix_of(const struct fitted_paths *f, uint32_t kind)
{
	size_t size = (size_t)f->summary.constructs * f->summary.constructs;
	double *matrix = calloc(size + 1, sizeof(*matrix));

	if (matrix != NULL)
		(void)loy_pls_get_matrix(f->pls, kind, matrix, size, NULL);
	return matrix;
}

/* ---- options ---- */

/* Place of a word in a list; -1, after telling, when it is not there. 0 when the option is not given. */
static int choice(const struct args *args, enum option option, const char *name, const char *const *words,
                  int count)
{
	const char *text = args->value[option];
	int i;

	for (i = 0; text != NULL && i < count; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	if (text == NULL)
		return 0;
	say("--%s cannot be '%s'", name, text);
	return -1;
}

static int read_settings(const struct args *args, loy_pls_options *out)
{
	static const char *const schemes[] = {"path", "factorial", "centroid"};
	static const char *const modes[] = {"term", "A", "B", "unit"};
	static const char *const missing[] = {"listwise", "pairwise", "mean"};
	int scheme = choice(args, OPTION_SCHEME, "scheme", schemes, 3);
	int mode = choice(args, OPTION_MODE, "mode", modes, 4);
	int holes = choice(args, OPTION_MISSING, "missing", missing, 3);

	memset(out, 0, sizeof(*out));
	out->struct_size = sizeof(*out);
	if (scheme < 0 || mode < 0 || holes < 0)
		return 0;
	out->scheme = (uint32_t)scheme;
	out->mode = (uint32_t)mode;
	out->missing = (uint32_t)holes;
	out->consistent = args->value[OPTION_CONSISTENT] != NULL;
	out->weighting = args->value[OPTION_WEIGHT] != NULL ? LOY_WEIGHT_SURVEY : LOY_WEIGHT_FREQUENCY;
	return 1;
}

/* Ends of all scales, by --scale. */
static int read_scale(struct fitted_paths *f)
{
	const char *text = f->args->value[OPTION_SCALE];
	char *comma, *end;
	double low, high;
	uint32_t i;

	if (text == NULL)
		return EXIT_DONE;
	low = strtod(text, &comma);
	high = *comma == ',' ? strtod(comma + 1, &end) : low;
	if (comma == text || *comma != ',' || end == comma + 1 || *end != '\0' || !(low < high)) {
		say("--scale needs the ends of the scale, such as 1,10");
		return EXIT_USAGE;
	}
	f->scales = calloc(f->summary.items + 1u, sizeof(*f->scales));
	if (f->scales == NULL)
		return library_failure("fitting", LOY_ENOMEM);
	for (i = 0; i < f->summary.items; i++) {
		f->scales[i].low = low;
		f->scales[i].high = high;
	}
	return EXIT_DONE;
}

/* The construct of --target, or the last one that nothing follows from. */
static int read_target(struct fitted_paths *f)
{
	loy_pls_path path;
	uint32_t i, c;

	if (f->args->target_count > 0) {
		const char *name = f->args->target[0];

		if (loy_pls_find_construct(f->pls, name, strlen(name), &f->target) == LOY_OK)
			return EXIT_DONE;
		say("--target: the model has no construct '%s'", name);
		return EXIT_USAGE;
	}
	memset(&path, 0, sizeof(path));
	path.struct_size = sizeof(path);
	for (c = 0; c < f->summary.constructs; c++) {
		int leads = 0, led = 0;

		for (i = 0; loy_pls_get_path(f->pls, i, &path) == LOY_OK; i++) {
			leads |= path.from == c;
			led |= path.to == c;
		}
		if (led && !leads)
			f->target = c;
	}
	return EXIT_DONE;
}

/* ---- fitting ---- */

static int read_model(struct fitted_paths *f)
{
	size_t length = 0;
	char *text = read_file(f->model_path, LOY_MODEL_TEXT_MAX, &length);
	loy_error error;
	loy_status status;

	if (text == NULL)
		return EXIT_INPUT;
	memset(&error, 0, sizeof(error));
	error.struct_size = sizeof(error);
	status = loy_paths_parse(&f->paths, text, length, NULL, &error);
	free(text);
	if (status == LOY_OK)
		return EXIT_DONE;
	say("%s:%" PRIu32 ":%" PRIu32 ": %s", f->model_path, error.line, error.column,
	    error.message[0] != '\0' ? error.message : loy_status_text(status));
	return status == LOY_ENOMEM ? EXIT_RESOURCES : EXIT_NO;
}

static int read_answers(struct fitted_paths *f)
{
	uint32_t all = loy_paths_variable_count(f->paths), i, count = 0;
	const char **wanted = calloc(all + 1u, sizeof(*wanted));
	loy_variable variable;
	int code;

	if (wanted == NULL)
		return library_failure("reading", LOY_ENOMEM);
	memset(&variable, 0, sizeof(variable));
	variable.struct_size = sizeof(variable);
	for (i = 0; i < all; i++)
		if (loy_paths_get_variable(f->paths, i, &variable) == LOY_OK &&
		    variable.kind == LOY_VARIABLE_ITEM)
			wanted[count++] = variable.name;
	code = survey_table_read(&f->survey, f->args, f->data_path, wanted, count);
	free(wanted);
	return code;
}

/* What the library refused, with the row where there is one: the header is line 1. */
static int refused(const struct fitted_paths *f, loy_status status, const loy_error *error)
{
	const char *message = error->message[0] != '\0' ? error->message : loy_status_text(status);

	if (error->row >= 0 && error->code != LOY_OK)
		say("%s, row %" PRId64 ": %s", f->data_path, error->row + 2, message);
	else
		say("%s", message);
	return status == LOY_ENOMEM ? EXIT_RESOURCES : EXIT_NO;
}

static int fit(struct fitted_paths *f)
{
	loy_pls_options options;
	loy_error error;
	loy_status status;

	memset(&error, 0, sizeof(error));
	error.struct_size = sizeof(error);
	error.row = -1;
	if (!read_settings(f->args, &options))
		return EXIT_USAGE;
	status = loy_pls_create(&f->pls, f->paths, &f->survey.table, &options, NULL, &error);
	if (status != LOY_OK)
		return refused(f, status, &error);
	f->summary.struct_size = sizeof(f->summary);
	(void)loy_pls_get_summary(f->pls, &f->summary);
	return EXIT_DONE;
}

static int resample(struct fitted_paths *f)
{
	loy_bootstrap_options options;
	struct progress progress;
	long resamples, threads, seed;
	loy_error error;
	loy_status status;

	if (!args_number(f->args, OPTION_RESAMPLES, 0, LOY_BOOTSTRAP_RESAMPLES_MAX, 0, &resamples) ||
	    !args_number(f->args, OPTION_THREADS, 1, 1024, processor_count(), &threads) ||
	    !args_number(f->args, OPTION_SEED, 0, 2147483647, 1, &seed))
		return EXIT_USAGE;
	if (resamples == 0)
		return EXIT_DONE;
	memset(&options, 0, sizeof(options));
	memset(&error, 0, sizeof(error));
	options.struct_size = sizeof(options);
	error.struct_size = sizeof(error);
	error.row = -1;
	options.resamples = (uint32_t)resamples;
	options.threads = (uint32_t)threads;
	options.seed = (uint64_t)seed;
	options.scales = f->scales;
	options.progress = progress_callback;
	options.user_data = &progress;
	progress_start(&progress, "resampling", f->args->value[OPTION_PROGRESS] != NULL,
	               f->args->value[OPTION_QUIET] != NULL);
	status = loy_bootstrap_create(&f->bootstrap, f->pls, &f->survey.table, &options, NULL, &error);
	progress_stop(&progress);
	return status == LOY_OK ? EXIT_DONE : refused(f, status, &error);
}

/* ---- into a scoring model ---- */

static int write_model(const struct fitted_paths *f)
{
	int code = EXIT_DONE;
	loy_model *base = model_open(f->args->value[OPTION_INTO], &code), *model = NULL;
	loy_adoption done;
	loy_error error;
	loy_status status;

	if (base == NULL)
		return code;
	memset(&done, 0, sizeof(done));
	memset(&error, 0, sizeof(error));
	done.struct_size = sizeof(done);
	error.struct_size = sizeof(error);
	error.row = -1;
	status = loy_model_create_from_pls(&model, base, f->pls, f->scales, f->bootstrap, NULL, 0, &done,
	                                   NULL, &error);
	loy_model_destroy(base);
	if (status != LOY_OK)
		return refused(f, status, &error);
	if (f->args->value[OPTION_QUIET] == NULL)
		say("%" PRIu32 " constructs and %" PRIu32 " paths taken over, %" PRIu32
		    " paths replaced, %" PRIu32 " negative ones left out",
		    done.constructs, done.paths, done.replaced, done.negative);
	code = model_write(model);
	loy_model_destroy(model);
	return code;
}

/* ---- the command ---- */

static int run(struct fitted_paths *f, enum format format)
{
	int code = read_model(f);

	if (code == EXIT_DONE)
		code = read_answers(f);
	if (code == EXIT_DONE)
		code = fit(f);
	if (code == EXIT_DONE)
		code = read_scale(f);
	if (code == EXIT_DONE)
		code = read_target(f);
	if (code == EXIT_DONE)
		code = resample(f);
	if (code != EXIT_DONE)
		return code;
	if (f->args->value[OPTION_INTO] != NULL)
		return write_model(f);
	return write_paths_report(f, format);
}

int command_fit_paths(const struct args *args)
{
	const char *wanted = args->value[OPTION_FORMAT];
	int page = wanted != NULL && strcmp(wanted, "html") == 0, code;
	enum format format = page ? FORMAT_HTML : FORMAT_TABLE;
	struct fitted_paths f;

	memset(&f, 0, sizeof(f));
	f.args = args;
	if (args->operand_count != 2) {
		say("`fit-paths` needs a model and a file of answers; `loyalty fit-paths --help` shows how");
		return EXIT_USAGE;
	}
	if (!page && !format_read(wanted, &format))
		return EXIT_USAGE;
	if (args->value[OPTION_INTO] != NULL && args->value[OPTION_SCALE] == NULL) {
		say("--into needs --scale: scores lie between the ends of the scale");
		return EXIT_USAGE;
	}
	f.model_path = args->operands[0];
	f.data_path = args->operands[1];
	code = run(&f, format);
	loy_bootstrap_destroy(f.bootstrap);
	loy_pls_destroy(f.pls);
	survey_table_free(&f.survey);
	loy_paths_destroy(f.paths);
	free(f.scales);
	return code;
}
