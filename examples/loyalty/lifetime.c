/* `loyalty lifetime`: which part, and `fit`. */
#include "histories.h"
#include "output.h"
#include "progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fitting {
	const struct args *args;
	enum format format;
	uint32_t family;
	long k;
	double ridge;
	struct histories histories;
	loy_lifetime_data *data;
	loy_lifetime *model;
};

static int choose_family(struct fitting *f)
{
	const char *name = f->args->value[OPTION_FAMILY];

	if (name == NULL || loy_lifetime_family_find(name, strlen(name), &f->family) == LOY_OK)
		return 1;
	say("there is no family '%s'; `loyalty lifetime --help` lists them", name);
	return 0;
}

static uint32_t kind_of(uint32_t family)
{
	if (family == LOY_LIFETIME_SBG || family == LOY_LIFETIME_BDW)
		return LOY_LIFETIME_CONTRACTS;
	return family == LOY_LIFETIME_BG_BB ? LOY_LIFETIME_OPPORTUNITIES : LOY_LIFETIME_PURCHASES;
}

/* Put the histories into an accumulator. Exit code. */
static int accumulate(struct fitting *f)
{
	unsigned with = f->family == LOY_LIFETIME_GAMMA_GAMMA ? HISTORIES_SPEND
	                : f->family == LOY_LIFETIME_MBG_CNBD  ? HISTORIES_INTERVALS
	                                                      : 0;
	loy_lifetime_data_options options;
	loy_history_column columns[HISTORIES_COLUMNS];
	uint32_t count;
	loy_error error;
	loy_status status;

	memset(&options, 0, sizeof(options));
	memset(&error, 0, sizeof(error));
	options.struct_size = sizeof(options);
	error.struct_size = sizeof(error);
	options.unit = f->histories.unit;
	options.kind = kind_of(f->family);
	options.covariate_count = f->histories.covariate_count;
	if ((with & HISTORIES_INTERVALS) != 0 && f->histories.log_intervals != NULL)
		options.flags = LOY_DATA_INTERVALS;
	else if ((with & HISTORIES_INTERVALS) != 0 && f->k == 0) {
		say("to choose k the intervals must be known: from transactions, or from a column "
		    "log_intervals; or give --k");
		return EXIT_INPUT;
	}
	if (options.kind != LOY_LIFETIME_CONTRACTS && !f->histories.has_t_x) {
		say("the summaries have no column t_x, which `%s` needs",
		    loy_lifetime_family_name(f->family));
		return EXIT_INPUT;
	}
	if (options.kind == LOY_LIFETIME_CONTRACTS)
		with |= HISTORIES_NO_T_X;
	count = histories_columns(&f->histories, with, columns);
	status = loy_lifetime_data_create(&f->data, &options, NULL);
	if (status == LOY_OK)
		status = loy_lifetime_data_add_columns(f->data, columns, count, f->histories.count, &error);
	if (status == LOY_OK)
		return EXIT_DONE;
	if (status == LOY_ENOMEM)
		return library_failure("reading", status);
	if (error.row >= 0 && (uint64_t)error.row < f->histories.count)
		say("customer %s: %s", f->histories.customer[error.row], error.message);
	else
		say("%s", error.message[0] != '\0' ? error.message : loy_status_text(status));
	return EXIT_INPUT;
}

static int fit(struct fitting *f)
{
	loy_lifetime_options options;
	struct progress progress;
	loy_error error;
	loy_status status;

	memset(&options, 0, sizeof(options));
	memset(&error, 0, sizeof(error));
	options.struct_size = sizeof(options);
	error.struct_size = sizeof(error);
	options.family = f->family;
	options.k = (uint32_t)f->k;
	options.ridge = f->ridge;
	options.rate_covariates = options.life_covariates = (UINT32_C(1) << f->histories.covariate_count) - 1;
	options.progress = progress_callback;
	options.user_data = &progress;
	progress_start(&progress, "fitting", f->args->value[OPTION_PROGRESS] != NULL,
	               f->args->value[OPTION_QUIET] != NULL);
	status = loy_lifetime_fit(&f->model, f->data, &options, NULL, &error);
	progress_stop(&progress);
	if (status == LOY_OK)
		return EXIT_DONE;
	if (status == LOY_ENOMEM)
		return library_failure("fitting", status);
	say("no fit: %s", error.message[0] != '\0' ? error.message : loy_status_text(status));
	return EXIT_NO;
}

/* ---- what came out ---- */

/* What one bit says of a family; NULL when it is not set or says nothing. */
static const char *boundary_text(const loy_lifetime_info *info, uint32_t bit)
{
	if ((info->boundary & bit) == 0)
		return NULL;
	if (info->family == LOY_LIFETIME_GAMMA_GAMMA && bit == LOY_BOUNDARY_SAME_RATE)
		return "all purchases of a customer cost the same";
	if (info->family == LOY_LIFETIME_GAMMA_GAMMA && bit == LOY_BOUNDARY_SAME_DROPOUT)
		return "all customers spend alike";
	return loy_lifetime_boundary_name(bit);
}

static void print_boundaries(const loy_lifetime_info *info)
{
	uint32_t bit;

	for (bit = 1; bit != 0 && bit <= info->boundary; bit <<= 1) {
		const char *text = boundary_text(info, bit);

		if (text != NULL && bit == LOY_BOUNDARY_NO_MEAN)
			say("what customers will spend has no mean: %s", text);
		else if (text != NULL)
			say("the likelihood has no maximum inside; the limit model is: %s", text);
	}
}

static void tell_fit(const loy_lifetime_info *info)
{
	char unit[32];

	if (info->k != 0)
		say("k = %" PRIu32 "%s", info->k, info->k == 1 ? ": no more regular than chance" : "");
	say("%s, unit %s: %" PRIu64 " customers in %" PRIu64
	    " distinct rows, log-likelihood %.6f, gradient %.1e, "
	    "condition %.3g, %s",
	    loy_lifetime_family_name(info->family), unit_text(info->unit, unit), info->customers,
	    info->distinct, info->log_likelihood, info->gradient_norm, info->condition,
	    loy_lifetime_status_name(info->status));
	if (info->left_out != 0)
		say("%" PRIu64 " customers without repeat purchases or spend were left out", info->left_out);
	print_boundaries(info);
}

/* Parameters as a table. */
static int write_parameters(const struct fitting *f, const loy_lifetime_info *info)
{
	static const struct table_column columns[] = {{"parameter", 0}, {"value", 1}, {"standard_error", 1}};
	struct json json = {0, {0}};
	struct table table;
	uint32_t i;
	int written;

	if (f->format == FORMAT_JSON) {
		json_open(&json, NULL, '{');
		json_text(&json, "family", loy_lifetime_family_name(info->family));
		if (info->k != 0)
			json_integer(&json, "k", info->k);
		json_text(&json, "status", loy_lifetime_status_name(info->status));
		json_open(&json, "boundary", '[');
		for (i = 1; i != 0 && i <= info->boundary; i <<= 1) {
			if (boundary_text(info, i) != NULL)
				json_text(&json, NULL, boundary_text(info, i));
		}
		json_close(&json, ']');
		json_integer(&json, "customers", (int64_t)info->customers);
		json_number(&json, "log_likelihood", info->log_likelihood);
		json_number(&json, "gradient_norm", info->gradient_norm);
		json_number(&json, "condition", info->condition);
		json_open(&json, "parameters", '[');
	}
	table_open(&table, f->format, columns, 3, &json);
	for (i = 0; i < info->parameter_count; i++) {
		double value = 0.0, deviation = (double)NAN;

		(void)loy_lifetime_parameter(f->model, i, &value, &deviation);
		table_text(&table, loy_lifetime_parameter_name(f->model, i));
		table_number(&table, value, 6);
		table_number(&table, deviation, 6);
	}
	written = table_close(&table);
	if (f->format == FORMAT_JSON) {
		json_close(&json, ']');
		json_close(&json, '}');
	}
	return written ? EXIT_DONE : EXIT_RESOURCES;
}

static int write_fit(const struct fitting *f)
{
	char text[LOY_LIFETIME_TEXT_MAX + 1];
	loy_lifetime_info info = {.struct_size = sizeof(info)};
	size_t needed = 0;

	if (loy_lifetime_get_info(f->model, &info) != LOY_OK)
		return EXIT_RESOURCES;
	if (f->args->value[OPTION_QUIET] == NULL)
		tell_fit(&info);
	if (f->args->value[OPTION_FORMAT] != NULL)
		return write_parameters(f, &info);
	if (loy_lifetime_print(f->model, text, sizeof(text), &needed) != LOY_OK)
		return EXIT_RESOURCES;
	(void)fputs(text, stdout);
	return EXIT_DONE;
}

int lifetime_fit(const struct args *args)
{
	struct fitting f;
	int code;

	memset(&f, 0, sizeof(f));
	f.args = args;
	if (!choose_family(&f) || !format_read(args->value[OPTION_FORMAT], &f.format) ||
	    !args_number(args, OPTION_K, 1, LOY_LIFETIME_K_MAX, 0, &f.k) ||
	    !args_real(args, OPTION_RIDGE, 0.0, 1e9, 0.0, &f.ridge))
		return EXIT_USAGE;
	code = histories_read(&f.histories, args, 0);
	if (code == EXIT_DONE)
		code = accumulate(&f);
	if (code == EXIT_DONE)
		code = fit(&f);
	if (code == EXIT_DONE)
		code = write_fit(&f);
	loy_lifetime_destroy(f.model);
	loy_lifetime_data_destroy(f.data);
	histories_free(&f.histories);
	return code;
}

int command_lifetime(const struct args *args)
{
	static const struct {
		const char *name;
		int (*run)(const struct args *args);
	} parts[] = {{"fit", lifetime_fit},
	             {"predict", lifetime_predict},
	             {"clv", lifetime_value},
	             {"track", lifetime_track}};
	struct args rest = *args;
	size_t i;

	rest.operands++;
	rest.operand_count--;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]) && args->operand_count > 0; i++) {
		if (strcmp(args->operands[0], parts[i].name) == 0)
			return parts[i].run(&rest);
	}
	say("`lifetime` needs fit, predict, clv or track; `loyalty lifetime --help` shows how");
	return EXIT_USAGE;
}
