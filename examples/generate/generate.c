/* generate: makes the bundled data set, a coffee chain with known truth. README.md tells how. */
#include "write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
        "usage: generate [options] FOLDER\n"
        "\n"
        "Writes FOLDER/events.csv, the events of a coffee chain in order of arrival, and FOLDER/truth.csv, "
        "what\n"
        "was true of its customers. The same options give the same bytes on every machine.\n"
        "\n"
        "options:\n"
        "  --customers N   customers (2000)\n"
        "  --days N        days of the chain's life, 180 to 7300 (730)\n"
        "  --seed N        which chain (1)\n"
        "  --start DATE    its first day (2024-01-01)\n";

static int read_number(const char *option, const char *text, long long least, long long most, long long *out)
{
	char *end;

	*out = strtoll(text, &end, 10);
	if (*text == '\0' || *end != '\0' || *out < least || *out > most) {
		(void)fprintf(stderr, "generate: %s needs a number from %lld to %lld, not '%s'\n", option,
		              least, most, text);
		return 0;
	}
	return 1;
}

static int read_option(const char *option, const char *text, struct settings *settings)
{
	long long number = 0;

	if (strcmp(option, "--start") == 0) {
		if (loy_time_parse(text, strlen(text), 0, &settings->start) == LOY_OK &&
		    settings->start % LOY_DAY == 0)
			return 1;
		(void)fprintf(stderr, "generate: --start needs a date such as 2024-01-01, not '%s'\n", text);
		return 0;
	}
	if (strcmp(option, "--customers") == 0 && read_number(option, text, 1, 999999, &number))
		settings->customers = number;
	else if (strcmp(option, "--days") == 0 && read_number(option, text, 180, 7300, &number))
		settings->days = number;
	else if (strcmp(option, "--seed") == 0 && read_number(option, text, 0, INT64_MAX, &number))
		settings->seed = (uint64_t)number;
	else
		return 0;
	return 1;
}

static int generate(const struct settings *settings, const char *folder)
{
	struct facts facts = {NULL, 0, 0};
	struct truths truths = {NULL, 0, 0};
	uint32_t customer;
	int done = 1;

	for (customer = 1; done && customer <= (uint32_t)settings->customers; customer++)
		done = chain_customer(settings, customer, &facts, &truths);
	if (!done)
		(void)fprintf(stderr, "generate: out of memory\n");
	done = done && write_events(folder, &facts) && write_truth(folder, &truths);
	if (done)
		printf("%s/events.csv: %zu rows of %" PRId64 " customers; %s/truth.csv: %zu rows\n", folder,
		       facts.count, settings->customers, folder, truths.count);
	free(facts.list);
	free(truths.list);
	return done ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct settings settings = {1, 2000, 730, 19723 * LOY_DAY}; /* 2024-01-01 */
	const char *folder = NULL;
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			(void)fputs(usage, stdout);
			return 0;
		}
		if (argv[i][0] == '-' && i + 1 < argc && read_option(argv[i], argv[i + 1], &settings)) {
			i++;
		} else if (argv[i][0] == '-' || folder != NULL) {
			(void)fprintf(stderr, "generate: cannot use '%s'; --help tells the options\n",
			              argv[i]);
			return 2;
		} else {
			folder = argv[i];
		}
	}
	if (folder == NULL) {
		(void)fputs(usage, stderr);
		return 2;
	}
	return generate(&settings, folder);
}
