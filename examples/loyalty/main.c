/*
 * loyalty: the command-line shell of libloyalty. It reads events from CSV, keeps them in a store in memory,
 * and prints scores that explain themselves. Start with `loyalty help`.
 */
#include "commands.h"
#include "progress.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <loyalty.h>

static const struct command {
	const char *name;
	uint64_t accepted;
	int (*run)(const struct args *args);
} commands[] = {
        {"score",
         OPTIONS_READING | BIT(OPTION_AT) | BIT(OPTION_TOP) | BIT(OPTION_BOTTOM) | BIT(OPTION_BY) |
                 BIT(OPTION_WHERE) | BIT(OPTION_INTERVALS) | BIT(OPTION_CONSTRUCT) | BIT(OPTION_THREADS),
         command_score},
        {"explain", OPTIONS_READING | BIT(OPTION_AT) | BIT(OPTION_CUSTOMER) | BIT(OPTION_CONSTRUCT),
         command_explain},
        {"change",
         OPTIONS_READING | BIT(OPTION_FROM) | BIT(OPTION_TO) | BIT(OPTION_CUSTOMER) | BIT(OPTION_TO_MODEL) |
                 BIT(OPTION_CONSTRUCT),
         command_change},
        {"what-if",
         OPTIONS_READING | BIT(OPTION_AT) | BIT(OPTION_CUSTOMER) | BIT(OPTION_CONSTRUCT) | BIT(OPTION_EVENT),
         command_what_if},
        {"profile", OPTIONS_READING | BIT(OPTION_AT) | BIT(OPTION_CUSTOMER), command_profile},
        {"calibrate",
         OPTIONS_READING | BIT(OPTION_TARGET) | BIT(OPTION_HALF_LIVES) | BIT(OPTION_FOLDS) |
                 BIT(OPTION_HORIZON) | BIT(OPTION_RETEST),
         command_calibrate},
        {"judge",
         OPTIONS_READING | BIT(OPTION_TO_MODEL) | BIT(OPTION_TARGET) | BIT(OPTION_FOLDS) |
                 BIT(OPTION_HORIZON) | BIT(OPTION_RETEST),
         command_judge},
        {"fit-paths",
         BIT(OPTION_SCHEME) | BIT(OPTION_MODE) | BIT(OPTION_CONSISTENT) | BIT(OPTION_MISSING) |
                 BIT(OPTION_MISSING_CODE) | BIT(OPTION_WEIGHT) | BIT(OPTION_SCALE) | BIT(OPTION_RESAMPLES) |
                 BIT(OPTION_SEED) | BIT(OPTION_FOLDS) | BIT(OPTION_INTO) | BIT(OPTION_THREADS) |
                 BIT(OPTION_FORMAT) | BIT(OPTION_SEPARATOR) | BIT(OPTION_PROGRESS) | BIT(OPTION_QUIET) |
                 BIT(OPTION_TARGET) | BIT(OPTION_HELP),
         command_fit_paths},
        {"nps",
         BIT(OPTION_SCALE) | BIT(OPTION_BANDS) | BIT(OPTION_WEIGHT) | BIT(OPTION_MISSING_CODE) |
                 BIT(OPTION_SEPARATOR) | BIT(OPTION_FORMAT) | BIT(OPTION_HELP),
         command_nps},
        {"csat",
         BIT(OPTION_SCALE) | BIT(OPTION_BANDS) | BIT(OPTION_WEIGHT) | BIT(OPTION_MISSING_CODE) |
                 BIT(OPTION_SEPARATOR) | BIT(OPTION_FORMAT) | BIT(OPTION_HELP),
         command_csat},
        {"servqual",
         BIT(OPTION_WEIGHT) | BIT(OPTION_MISSING_CODE) | BIT(OPTION_SEPARATOR) | BIT(OPTION_FORMAT) |
                 BIT(OPTION_HELP),
         command_servqual},
        {"items",
         BIT(OPTION_SCALE) | BIT(OPTION_MISSING) | BIT(OPTION_WEIGHT) | BIT(OPTION_MISSING_CODE) |
                 BIT(OPTION_SEPARATOR) | BIT(OPTION_FORMAT) | BIT(OPTION_HELP),
         command_items},
        {"lifetime", OPTIONS_LIFETIME, command_lifetime},
        {"import", (OPTIONS_READING & ~BIT(OPTION_FORMAT)) | OPTIONS_STORE, command_import},
        {"export",
         OPTIONS_STORE | BIT(OPTION_SINCE) | BIT(OPTION_VECTOR) | BIT(OPTION_CUSTOMER) | BIT(OPTION_AT),
         command_export},
        {"sync", OPTIONS_STORE | BIT(OPTION_FORMAT), command_sync},
        {"verify", OPTIONS_STORE | BIT(OPTION_FORMAT), command_verify},
        {"erase", OPTIONS_STORE | BIT(OPTION_UNTIL), command_erase},
        {"compact", OPTIONS_STORE, command_compact},
        {"stats", OPTIONS_STORE | BIT(OPTION_FORMAT), command_stats},
        {"model", BIT(OPTION_FORMAT) | BIT(OPTION_SOURCE) | BIT(OPTION_HELP), command_model},
};

static int run(const struct command *command, int argc, char **argv)
{
	struct args args;

	if (!args_read(&args, command->name, command->accepted, argc, argv))
		return EXIT_USAGE;
	if (args.value[OPTION_HELP] != NULL)
		return command_help(command->name);
	return command->run(&args);
}

static int dispatch(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	size_t i;

	if (argc < 2 || strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return command_help(argc > 2 ? argv[2] : NULL);
	if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
		printf("loyalty %s\n", loy_version());
		return EXIT_DONE;
	}
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(name, commands[i].name) == 0)
			return run(&commands[i], argc - 2, argv + 2);
	}
	say("there is no command '%s'; `loyalty help` lists them", name);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	int code;

	binary_streams();
	code = dispatch(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		say("writing failed: %s", strerror(errno));
		code = EXIT_RESOURCES;
	}
	return code;
}
