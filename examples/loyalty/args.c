/* Reading the command line. */
#include "args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	const char *value; /* what its value is, NULL for none */
} options[OPTION_COUNT] = {
        [OPTION_AT] = {"at", "a date"},
        [OPTION_FROM] = {"from", "a date"},
        [OPTION_TO] = {"to", "a date"},
        [OPTION_CUSTOMER] = {"customer", "a customer"},
        [OPTION_MODEL] = {"model", "a model's name or file"},
        [OPTION_TO_MODEL] = {"to-model", "a model's name or file"},
        [OPTION_CONSTRUCT] = {"construct", "a construct of the model"},
        [OPTION_TOP] = {"top", "a number"},
        [OPTION_BOTTOM] = {"bottom", "a number"},
        [OPTION_BY] = {"by", "a construct of the model"},
        [OPTION_WHERE] = {"where", "a condition such as 'loyalty<40'"},
        [OPTION_INTERVALS] = {"intervals", NULL},
        [OPTION_FORMAT] = {"format", "table, csv or json"},
        [OPTION_COLUMNS] = {"columns", "a mapping or its file"},
        [OPTION_SEPARATOR] = {"separator", "a character or 'tab'"},
        [OPTION_THREADS] = {"threads", "a number"},
        [OPTION_STRICT] = {"strict", NULL},
        [OPTION_PROGRESS] = {"progress", NULL},
        [OPTION_QUIET] = {"quiet", NULL},
        [OPTION_SOURCE] = {"source", NULL},
        [OPTION_SINCE] = {"since", "a file with a version vector"},
        [OPTION_UNTIL] = {"until", "a date"},
        [OPTION_VECTOR] = {"vector", NULL},
        [OPTION_REBUILD] = {"rebuild", NULL},
        [OPTION_FAMILY] = {"family", "a family of models such as mbg-nbd"},
        [OPTION_UNIT] = {"unit", "day, week, month or a number of days such as 28d"},
        [OPTION_END] = {"end", "a date"},
        [OPTION_K] = {"k", "a number"},
        [OPTION_RIDGE] = {"ridge", "a number"},
        [OPTION_FITTED] = {"fitted", "a file that `lifetime fit` wrote"},
        [OPTION_SPEND] = {"spend", "a file that `lifetime fit --family gamma-gamma` wrote"},
        [OPTION_HORIZON] = {"horizon", "a number of units"},
        [OPTION_DISCOUNT] = {"discount", "a rate a year such as 0.1"},
        [OPTION_PERIODS] = {"periods", "a number"},
        [OPTION_EVENT] = {"event", "an event such as 'kind=complaint, severity=0.8'"},
        [OPTION_TARGET] = {"target", "CONSTRUCT=INSTRUMENT or CONSTRUCT=purchase"},
        [OPTION_HALF_LIVES] = {"half-lives", "factors such as 0.5,1,2"},
        [OPTION_RETEST] = {"retest", "a number of days"},
        [OPTION_FOLDS] = {"folds", "a number"},
        [OPTION_HOLDOUT] = {"holdout", "a date"},
        [OPTION_COVARIATES] = {"covariates", "columns of the summaries"},
        [OPTION_SCHEME] = {"scheme", "path, factorial or centroid"},
        [OPTION_MODE] = {"mode", "A, B or unit"},
        [OPTION_CONSISTENT] = {"consistent", NULL},
        [OPTION_MISSING] = {"missing", "listwise, mean or pairwise"},
        [OPTION_MISSING_CODE] = {"missing-code", "numbers such as -99,-98"},
        [OPTION_WEIGHT] = {"weight", "a column"},
        [OPTION_SCALE] = {"scale", "two numbers such as 1,10"},
        [OPTION_RESAMPLES] = {"resamples", "a number"},
        [OPTION_SEED] = {"seed", "a number"},
        [OPTION_INTO] = {"into", "a scoring model's name or file"},
        [OPTION_BANDS] = {"bands", "two answers such as 6,9"},
        [OPTION_HELP] = {"help", NULL},
};

void say(const char *format, ...)
{
	va_list list;

	(void)fflush(stdout);
	va_start(list, format);
	(void)fputs("loyalty: ", stderr);
	(void)vfprintf(stderr, format, list);
	(void)fputc('\n', stderr);
	va_end(list);
}

static int find_option(const char *text, size_t length)
{
	int i;

	for (i = 0; i < OPTION_COUNT; i++) {
		if (strlen(options[i].name) == length && memcmp(options[i].name, text, length) == 0)
			return i;
	}
	return -1;
}

static int add(const char *list[ARGS_LIST_MAX], int *count, const char *value, const char *name)
{
	if (*count == ARGS_LIST_MAX) {
		say("--%s may be given %d times", name, ARGS_LIST_MAX);
		return 0;
	}
	list[(*count)++] = value;
	return 1;
}

static int keep(struct args *args, int option, const char *value)
{
	if (option == OPTION_WHERE)
		return add(args->where, &args->where_count, value, "where");
	if (option == OPTION_EVENT)
		return add(args->event, &args->event_count, value, "event");
	if (option == OPTION_TARGET)
		return add(args->target, &args->target_count, value, "target");
	if (option == OPTION_CONSTRUCT)
		return add(args->construct, &args->construct_count, value, "construct");
	if (args->value[option] != NULL && options[option].value != NULL) {
		say("--%s is given twice", options[option].name);
		return 0;
	}
	args->value[option] = value;
	return 1;
}

/* Read the option at argv[*at]; *at moves on to its value if that is a word of its own. */
static int read_option(struct args *args, uint64_t accepted, int argc, char **argv, int *at)
{
	const char *text = strcmp(argv[*at], "-h") == 0 ? "help" : argv[*at] + 2;
	const char *equals = strchr(text, '=');
	size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);
	int option = find_option(text, length);

	if (option < 0 || (accepted & BIT(option)) == 0) {
		say("`%s` has no option --%.*s; `loyalty %s --help` tells its options", args->command,
		    length > 40 ? 40 : (int)length, text, args->command);
		return 0;
	}
	if (options[option].value == NULL) {
		if (equals != NULL)
			say("--%s takes no value", options[option].name);
		return equals == NULL && keep(args, option, "");
	}
	if (equals != NULL)
		return keep(args, option, equals + 1);
	if (*at + 1 >= argc) {
		say("--%s needs %s", options[option].name, options[option].value);
		return 0;
	}
	return keep(args, option, argv[++*at]);
}

int args_read(struct args *args, const char *command, uint64_t accepted, int argc, char **argv)
{
	int i, operands_only = 0;

	memset(args, 0, sizeof(*args));
	args->command = command;
	args->operands = argv; /* operands move to the front, never past where we read */
	for (i = 0; i < argc; i++) {
		if (!operands_only && strcmp(argv[i], "--") == 0)
			operands_only = 1;
		else if (operands_only || argv[i][0] != '-' || argv[i][1] == '\0')
			args->operands[args->operand_count++] = argv[i];
		else if (argv[i][1] != '-' && strcmp(argv[i], "-h") != 0) {
			say("options have two dashes: --%s", argv[i] + 1);
			return 0;
		} else if (!read_option(args, accepted, argc, argv, &i))
			return 0;
	}
	return 1;
}

int args_number(const struct args *args, enum option option, long least, long most, long otherwise, long *out)
{
	const char *text = args->value[option];
	char *end;

	*out = otherwise;
	if (text == NULL)
		return 1;
	*out = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || *out < least || *out > most) {
		say("--%s needs a whole number from %ld to %ld, not '%s'", options[option].name, least, most,
		    text);
		return 0;
	}
	return 1;
}

int args_real(const struct args *args, enum option option, double least, double most, double otherwise,
              double *out)
{
	const char *text = args->value[option];
	char *end;

	*out = otherwise;
	if (text == NULL)
		return 1;
	*out = strtod(text, &end);
	if (*text == '\0' || *end != '\0' || !(*out >= least && *out <= most)) {
		say("--%s needs a number from %g to %g, not '%s'", options[option].name, least, most, text);
		return 0;
	}
	return 1;
}
