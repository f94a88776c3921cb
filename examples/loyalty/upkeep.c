/* `loyalty verify`, `erase`, `compact` and `stats`: looking after a store. */
#include "commands.h"
#include "output.h"
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One line of a list of figures. */
struct figure {
	const char *name;
	uint64_t value;
};

static void print_figures(const struct figure *figures, size_t count, struct json *json, enum format format)
{
	size_t i;

	if (format == FORMAT_CSV)
		printf("figure,value\n");
	for (i = 0; i < count; i++) {
		if (format == FORMAT_JSON)
			json_integer(json, figures[i].name, (int64_t)figures[i].value);
		else if (format == FORMAT_CSV)
			printf("%s,%" PRIu64 "\n", figures[i].name, figures[i].value);
		else
			printf("%-18s %15" PRIu64 "\n", figures[i].name, figures[i].value);
	}
}

static int one_store(const struct args *args)
{
	if (args->operand_count == 1)
		return 1;
	say("`%s` needs a store; `loyalty %s --help` shows how", args->command, args->command);
	return 0;
}

/* ---- verify ---- */

static void print_verification(const loy_verification *v, enum format format)
{
	const struct figure figures[] = {
	        {"records", v->records}, {"bytes", v->bytes}, {"wrong_customers", v->wrong}};
	struct json json = {0, {0}};
	char head[65] = "";
	size_t i;

	for (i = 0; i < sizeof(v->head) && v->chained != 0; i++)
		(void)snprintf(head + 2 * i, 3, "%02x", v->head[i]);
	if (format == FORMAT_JSON)
		json_open(&json, NULL, '{');
	print_figures(figures, sizeof(figures) / sizeof(figures[0]), &json, format);
	if (format == FORMAT_JSON) {
		json_text(&json, "chain_head", head);
		json_close(&json, '}');
	} else if (format == FORMAT_CSV) {
		printf("chain_head,%s\n", head);
	} else {
		printf("%-18s %s\n", "chain_head", v->chained != 0 ? head : "no chain is kept");
	}
}

int command_verify(const struct args *args)
{
	loy_verification result;
	struct progress progress;
	struct shelf shelf;
	enum format format;
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;
	int code;

	if (!format_read(args->value[OPTION_FORMAT], &format) || !one_store(args))
		return EXIT_USAGE;
	code = shelf_open(&shelf, args, args->operands[0], LOY_STORE_READ_ONLY);
	if (code == EXIT_DONE) {
		memset(&result, 0, sizeof(result));
		result.struct_size = sizeof(result);
		progress_start(&progress, "verifying", args->value[OPTION_PROGRESS] != NULL,
		               args->value[OPTION_QUIET] != NULL);
		status = loy_store_verify(shelf.store, LOY_VERIFY_ALL, &result, progress_callback, &progress,
		                          &error);
		progress_stop(&progress);
		if (status == LOY_OK) {
			print_verification(&result, format);
		} else {
			code = store_failure(shelf.path, status, &error);
		}
	}
	return shelf_close(&shelf, code);
}

/* ---- erase ---- */

int command_erase(const struct args *args)
{
	int64_t until = LOY_TIME_MAX;
	struct shelf shelf;
	int i, code;

	if (args->operand_count < 2) {
		say("`erase` needs a store and customers; `loyalty erase --help` shows how");
		return EXIT_USAGE;
	}
	if (args->value[OPTION_UNTIL] != NULL && !read_date("until", args->value[OPTION_UNTIL], &until))
		return EXIT_USAGE;
	if (!store_there(args->operands[0])) /* nobody is erased from a store that was misspelt */
		return EXIT_INPUT;
	code = shelf_open(&shelf, args, args->operands[0], 0);
	for (i = 1; i < args->operand_count && code == EXIT_DONE; i++) {
		const char *customer = args->operands[i];
		loy_error error = {.struct_size = sizeof(error)};
		loy_status status;
		loy_who who;

		if (!customer_read(customer, &who)) {
			code = EXIT_USAGE;
			break;
		}
		status = loy_store_erase_until(shelf.store, who.customer, who.key, who.length, until, &error);
		if (status != LOY_OK)
			code = store_failure(customer, status, &error);
	}
	if (code == EXIT_DONE && args->value[OPTION_QUIET] == NULL)
		say("erased; `loyalty compact %s` takes the bytes out of the files", shelf.path);
	return shelf_close(&shelf, code);
}

/* ---- compact ---- */

int command_compact(const struct args *args)
{
	struct shelf shelf;
	int code;

	if (!one_store(args))
		return EXIT_USAGE;
	if (!store_there(args->operands[0]))
		return EXIT_INPUT;
	code = shelf_open(&shelf, args, args->operands[0], 0);
	if (code == EXIT_DONE)
		code = shelf_compact(&shelf, args);
	return shelf_close(&shelf, code);
}

/* ---- stats ---- */

int command_stats(const struct args *args)
{
	struct json json = {0, {0}};
	loy_store_stats s = {.struct_size = sizeof(s)};
	struct shelf shelf;
	enum format format;
	int code;

	if (!format_read(args->value[OPTION_FORMAT], &format) || !one_store(args))
		return EXIT_USAGE;
	code = shelf_open(&shelf, args, args->operands[0], LOY_STORE_READ_ONLY);
	if (code == EXIT_DONE && loy_store_get_stats(shelf.store, &s) == LOY_OK) {
		const struct figure figures[] = {
		        {"customers", s.customers},
		        {"events", s.events},
		        {"records", s.records},
		        {"erased_customers", s.erased_customers},
		        {"erased_events", s.erased_events},
		        {"aliases", s.aliases},
		        {"open_conflicts", s.open_conflicts},
		        {"journal_bytes", s.journal_bytes},
		        {"snapshot_bytes", s.snapshot_bytes},
		        {"snapshot_records", s.snapshot_records},
		        {"memory", s.memory},
		        {"profile_bytes", s.profile_bytes},
		        {"identity_bytes", s.identity_bytes},
		};

		if (format == FORMAT_JSON)
			json_open(&json, NULL, '{');
		print_figures(figures, sizeof(figures) / sizeof(figures[0]), &json, format);
		if (format == FORMAT_JSON)
			json_close(&json, '}');
	}
	return shelf_close(&shelf, code);
}
