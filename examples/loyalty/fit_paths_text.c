/* The report of a path model in tables, one under another, on a page, or as one JSON object. */
#include "fit_paths.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_ROOM 1024

struct report {
	const struct fitted_paths *f;
	enum format format;
	struct json json;
	struct table table;
	int failed, begun;
};

static void begin(struct report *r, const char *title, const struct table_column *columns, size_t count)
{
	char key[64];
	size_t i;

	if (r->format == FORMAT_JSON) { /* keys have no blanks */
		for (i = 0; title[i] != '\0' && i + 1 < sizeof(key); i++)
			key[i] = title[i];
		key[i] = '\0';
		while (i-- > 0)
			key[i] = key[i] == ' ' ? '_' : key[i];
		json_open(&r->json, key, '[');
	} else if (r->format == FORMAT_HTML) {
		printf("<h2>%c%s</h2>\n", title[0] - 'a' + 'A', title + 1);
	} else {
		if (r->begun)
			(void)putchar('\n');
		if (r->format == FORMAT_TABLE)
			printf("%s\n", title);
	}
	r->begun = 1;
	table_open(&r->table, r->format, columns, count, &r->json);
}

static void end(struct report *r)
{
	r->failed |= !table_close(&r->table);
	if (r->format == FORMAT_JSON)
		json_close(&r->json, ']');
}

/* ---- summary ---- */

static const char *scheme_text(uint32_t scheme)
{
	static const char *const texts[] = {"path", "factorial", "centroid"};

	return texts[scheme < 3 ? scheme : 0];
}

static void write_summary(struct report *r)
{
	const loy_pls_summary *s = &r->f->summary;

	if (r->format == FORMAT_JSON) {
		json_text(&r->json, "method",
		          s->consistent ? "consistent partial least squares" : "partial least squares");
		json_text(&r->json, "scheme", scheme_text(s->scheme));
		json_number(&r->json, "respondents", s->n);
		json_integer(&r->json, "iterations", s->iterations);
		json_integer(&r->json, "converged", s->converged);
		json_number(&r->json, "gof", s->gof);
		json_number(&r->json, "srmr", s->srmr);
		json_integer(&r->json, "inadmissible", s->inadmissible);
	} else if (r->format == FORMAT_TABLE) {
		printf("%s, %s scheme, %.10g respondents, %s after %u iterations; GoF %.4f, SRMR %.4f\n\n",
		       s->consistent ? "consistent partial least squares" : "partial least squares",
		       scheme_text(s->scheme), s->n, s->converged ? "converged" : "NOT converged",
		       s->iterations, s->gof, s->srmr);
	}
}

static void write_problems(struct report *r)
{
	static const struct table_column columns[] = {{"admissible", 0}, {"problem", 0}};
	char text[512];
	size_t needed;
	uint32_t i;

	begin(r, "problems", columns, 2);
	for (i = 0; loy_pls_print_problem(r->f->pls, i, text, sizeof(text), &needed) == LOY_OK; i++) {
		loy_pls_problem problem;

		memset(&problem, 0, sizeof(problem));
		problem.struct_size = sizeof(problem);
		(void)loy_pls_get_problem(r->f->pls, i, &problem);
		table_text(&r->table, problem.inadmissible ? "no" : "yes");
		table_text(&r->table, text);
	}
	end(r);
}

static void write_resamples(struct report *r)
{
	static const struct table_column columns[] = {
	        {"resamples", 1}, {"used", 1}, {"redrawn", 1}, {"unconverged", 1}};
	loy_bootstrap_summary s;

	if (r->f->bootstrap == NULL)
		return;
	memset(&s, 0, sizeof(s));
	s.struct_size = sizeof(s);
	(void)loy_bootstrap_get_summary(r->f->bootstrap, &s);
	begin(r, "resampling", columns, 4);
	table_integer(&r->table, s.resamples);
	table_integer(&r->table, s.used);
	table_integer(&r->table, s.redrawn);
	table_integer(&r->table, s.unconverged);
	end(r);
}

/* ---- constructs and indicators ---- */

static double index_of(const struct fitted_paths *f, uint32_t construct)
{
	loy_pls_index index;

	memset(&index, 0, sizeof(index));
	index.struct_size = sizeof(index);
	if (f->scales == NULL || loy_pls_get_index(f->pls, construct, f->scales, &index, NULL) != LOY_OK)
		return (double)NAN;
	return index.mean;
}

static void write_constructs(struct report *r)
{
	static const struct table_column columns[] = {
	        {"construct", 0},          {"indicators", 1}, {"r2", 1},    {"r2_adjusted", 1}, {"alpha", 1},
	        {"alpha_standardised", 1}, {"rho_a", 1},      {"rho_c", 1}, {"ave", 1},         {"index", 1},
	        {"index_low", 1},          {"index_high", 1}};
	loy_pls_construct c;
	uint32_t i;

	memset(&c, 0, sizeof(c));
	c.struct_size = sizeof(c);
	begin(r, "constructs", columns, sizeof(columns) / sizeof(columns[0]));
	for (i = 0; loy_pls_get_construct(r->f->pls, i, &c) == LOY_OK; i++) {
		loy_bootstrapped b = resampled(r->f, LOY_BOOTSTRAP_INDEX, i, 0);

		table_text(&r->table, c.name);
		table_integer(&r->table, c.indicator_count);
		table_number(&r->table, c.r2, 4);
		table_number(&r->table, c.r2_adjusted, 4);
		table_number(&r->table, c.alpha, 4);
		table_number(&r->table, c.alpha_standardised, 4);
		table_number(&r->table, c.rho_a, 4);
		table_number(&r->table, c.rho_c, 4);
		table_number(&r->table, c.ave, 4);
		table_number(&r->table, index_of(r->f, i), 2);
		table_number(&r->table, b.percentile_low, 2);
		table_number(&r->table, b.percentile_high, 2);
	}
	end(r);
}

static void write_indicators(struct report *r)
{
	static const struct table_column columns[] = {
	        {"construct", 0}, {"indicator", 0},   {"weight", 1}, {"weight_low", 1}, {"weight_high", 1},
	        {"loading", 1},   {"communality", 1}, {"vif", 1},    {"mean", 1},       {"deviation", 1}};
	loy_pls_indicator i;
	uint32_t k;

	memset(&i, 0, sizeof(i));
	i.struct_size = sizeof(i);
	begin(r, "indicators", columns, sizeof(columns) / sizeof(columns[0]));
	for (k = 0; loy_pls_get_indicator(r->f->pls, k, &i) == LOY_OK; k++) {
		loy_bootstrapped b = resampled(r->f, LOY_BOOTSTRAP_WEIGHT, k, i.construct);

		table_text(&r->table, construct_name(r->f, i.construct));
		table_text(&r->table, i.name);
		table_number(&r->table, i.weight, 4);
		table_number(&r->table, b.percentile_low, 4);
		table_number(&r->table, b.percentile_high, 4);
		table_number(&r->table, i.loading, 4);
		table_number(&r->table, i.communality, 4);
		table_number(&r->table, i.vif, 3);
		table_number(&r->table, i.mean, 4);
		table_number(&r->table, i.deviation, 4);
	}
	end(r);
}

/* ---- paths and effects ---- */

static void write_bootstrapped(struct report *r, const loy_bootstrapped *b)
{
	table_number(&r->table, b->deviation, 4);
	table_number(&r->table, b->percentile_low, 4);
	table_number(&r->table, b->percentile_high, 4);
	table_number(&r->table, b->p, 4);
}

static void write_paths(struct report *r)
{
	static const struct table_column columns[] = {{"from", 0},  {"to", 0},  {"path", 1},
	                                              {"error", 1}, {"low", 1}, {"high", 1},
	                                              {"p", 1},     {"f2", 1},  {"vif", 1}};
	loy_pls_path path;
	uint32_t i;

	memset(&path, 0, sizeof(path));
	path.struct_size = sizeof(path);
	begin(r, "paths", columns, sizeof(columns) / sizeof(columns[0]));
	for (i = 0; loy_pls_get_path(r->f->pls, i, &path) == LOY_OK; i++) {
		loy_bootstrapped b = resampled(r->f, LOY_BOOTSTRAP_PATH, path.from, path.to);

		table_text(&r->table, construct_name(r->f, path.from));
		table_text(&r->table, construct_name(r->f, path.to));
		table_number(&r->table, path.value, 4);
		write_bootstrapped(r, &b);
		table_number(&r->table, path.f2, 4);
		table_number(&r->table, path.vif, 3);
	}
	end(r);
}

static void write_effects(struct report *r, const double *direct, const double *total)
{
	static const struct table_column columns[] = {{"from", 0},     {"to", 0},    {"direct", 1},
	                                              {"indirect", 1}, {"total", 1}, {"error", 1},
	                                              {"low", 1},      {"high", 1},  {"p", 1}};
	uint32_t n = r->f->summary.constructs, a, b;

	begin(r, "total effects", columns, sizeof(columns) / sizeof(columns[0]));
	for (a = 0; a < n; a++)
		for (b = 0; b < n; b++) {
			double all = total[(size_t)a * n + b], one = direct[(size_t)a * n + b];
			loy_bootstrapped drawn = resampled(r->f, LOY_BOOTSTRAP_TOTAL, a, b);

			if (!(fabs(all) > 0.0))
				continue;
			table_text(&r->table, construct_name(r->f, a));
			table_text(&r->table, construct_name(r->f, b));
			table_number(&r->table, one, 4);
			table_number(&r->table, all - one, 4);
			table_number(&r->table, all, 4);
			write_bootstrapped(r, &drawn);
		}
	end(r);
}

static void write_chains(struct report *r)
{
	static const struct table_column columns[] = {{"chain", 0}, {"effect", 1}, {"error", 1}, {"low", 1},
	                                              {"high", 1},  {"p", 1},      {"vaf", 1}};
	char text[CHAIN_ROOM];
	loy_pls_chain chain;
	uint32_t i;

	memset(&chain, 0, sizeof(chain));
	chain.struct_size = sizeof(chain);
	begin(r, "specific indirect effects", columns, sizeof(columns) / sizeof(columns[0]));
	for (i = 0; loy_pls_get_chain(r->f->pls, i, &chain) == LOY_OK; i++) {
		loy_bootstrapped b = resampled(r->f, LOY_BOOTSTRAP_CHAIN, i, 0);

		table_text(&r->table, chain_text(r->f, &chain, text, sizeof(text)));
		table_number(&r->table, chain.value, 4);
		write_bootstrapped(r, &b);
		table_number(&r->table, chain.vaf, 4);
	}
	end(r);
}

static void write_validity(struct report *r, const double *htmt, const double *by_sign, const double *fornell)
{
	static const struct table_column columns[] = {
	        {"construct", 0},   {"other", 0},     {"htmt", 1},
	        {"htmt_low", 1},    {"htmt_high", 1}, {"htmt_signed", 1},
	        {"correlation", 1}, {"root_ave", 1},  {"other_root_ave", 1}};
	uint32_t n = r->f->summary.constructs, a, b;

	begin(r, "discriminant validity", columns, sizeof(columns) / sizeof(columns[0]));
	for (a = 1; a < n; a++)
		for (b = 0; b < a; b++) {
			size_t at = (size_t)a * n + b;
			loy_bootstrapped drawn = resampled(r->f, LOY_BOOTSTRAP_HTMT, a, b);

			table_text(&r->table, construct_name(r->f, a));
			table_text(&r->table, construct_name(r->f, b));
			table_number(&r->table, htmt[at], 4);
			table_number(&r->table, drawn.percentile_low, 4);
			table_number(&r->table, drawn.percentile_high, 4);
			table_number(&r->table, by_sign[at], 4);
			table_number(&r->table, fornell[at], 4);
			table_number(&r->table, fornell[(size_t)a * n + a], 4);
			table_number(&r->table, fornell[(size_t)b * n + b], 4);
		}
	end(r);
}

/* Errors out of sample, where --folds asks for them. 1, or 0 after telling. */
static int write_prediction(struct report *r)
{
	static const struct table_column columns[] = {
	        {"item", 0},        {"q2_predict", 1},    {"rmse", 1},      {"mae", 1},
	        {"earliest_q2", 1}, {"earliest_rmse", 1}, {"linear_q2", 1}, {"linear_rmse", 1},
	        {"linear_mae", 1},  {"others_rmse", 1}};
	uint32_t count = loy_pls_predict_count(r->f->pls), i;
	loy_item_prediction *made;
	loy_pls_indicator indicator;
	loy_status status;
	long folds;

	if (r->f->args->value[OPTION_FOLDS] == NULL)
		return 1;
	made = calloc(count + 1u, sizeof(*made));
	if (made == NULL || !args_number(r->f->args, OPTION_FOLDS, 0, 1000000, 0, &folds)) {
		free(made);
		return 0;
	}
	memset(&indicator, 0, sizeof(indicator));
	indicator.struct_size = sizeof(indicator);
	made->struct_size = sizeof(*made);
	status = loy_pls_predict(r->f->pls, &r->f->survey.table, (uint32_t)folds, made, count, NULL, NULL);
	if (status != LOY_OK)
		say("--folds: %s", loy_status_text(status));
	begin(r, "prediction", columns, sizeof(columns) / sizeof(columns[0]));
	for (i = 0; i < count && status == LOY_OK; i++) {
		(void)loy_pls_get_indicator(r->f->pls, made[i].indicator, &indicator);
		table_text(&r->table, indicator.name);
		table_number(&r->table, made[i].q2[LOY_PREDICT_DIRECT], 4);
		table_number(&r->table, made[i].rmse[LOY_PREDICT_DIRECT], 4);
		table_number(&r->table, made[i].mae[LOY_PREDICT_DIRECT], 4);
		table_number(&r->table, made[i].q2[LOY_PREDICT_EARLIEST], 4);
		table_number(&r->table, made[i].rmse[LOY_PREDICT_EARLIEST], 4);
		table_number(&r->table, made[i].q2[LOY_PREDICT_LINEAR], 4);
		table_number(&r->table, made[i].rmse[LOY_PREDICT_LINEAR], 4);
		table_number(&r->table, made[i].mae[LOY_PREDICT_LINEAR], 4);
		table_number(&r->table, made[i].rmse[LOY_PREDICT_LINEAR_OTHERS], 4);
	}
	end(r);
	free(made);
	return status == LOY_OK;
}

/* Importance and performance of what leads to the target, and what to do about it. */
static void write_importance(struct report *r, const double *total)
{
	static const struct table_column columns[] = {
	        {"construct", 0}, {"importance", 1}, {"performance", 1}, {"priority", 0}, {"rank", 1}};
	static const char *const priorities[] = {"keep", "fix", "low", "excess"};
	uint32_t n = r->f->summary.constructs, c, count = 0, *driver = calloc(n + 1u, sizeof(*driver));
	loy_priority *map = calloc(n + 1u, sizeof(*map));
	loy_priority_lines lines;

	memset(&lines, 0, sizeof(lines));
	lines.struct_size = sizeof(lines);
	r->failed |= map == NULL || driver == NULL;
	for (c = 0; c < n && r->f->scales != NULL && !r->failed; c++) {
		map[count].importance = total[(size_t)c * n + r->f->target];
		map[count].performance = index_of(r->f, c);
		driver[count] = c;
		count += fabs(map[count].importance) > 0.0 && !isnan(map[count].performance);
	}
	if (count > 0 && loy_priority_map(map, count, &lines, NULL) == LOY_OK) {
		begin(r, "importance and performance", columns, 5);
		for (c = 0; c < count; c++) {
			table_text(&r->table, construct_name(r->f, driver[c]));
			table_number(&r->table, map[c].importance, 4);
			table_number(&r->table, map[c].performance, 2);
			table_text(&r->table, priorities[map[c].quadrant]);
			table_integer(&r->table, map[c].rank);
		}
		end(r);
	}
	free(map);
	free(driver);
}

static void write_sections(struct report *r, const double *const matrix[5])
{
	if (r->format == FORMAT_HTML) {
		open_paths_page(r->f, matrix[1]);
	} else {
		write_summary(r);
		write_problems(r);
	}
	write_resamples(r);
	write_constructs(r);
	write_indicators(r);
	write_paths(r);
	write_effects(r, matrix[0], matrix[1]);
	write_chains(r);
	write_validity(r, matrix[2], matrix[3], matrix[4]);
	write_importance(r, matrix[1]);
	r->failed |= !write_prediction(r);
	if (r->format == FORMAT_HTML)
		close_paths_page();
}

int write_paths_report(const struct fitted_paths *f, enum format format)
{
	static const uint32_t kinds[5] = {LOY_PLS_DIRECT, LOY_PLS_TOTAL, LOY_PLS_HTMT, LOY_PLS_HTMT_SIGNED,
	                                  LOY_PLS_FORNELL_LARCKER};
	double *matrix[5];
	struct report r;
	int i, there = 1;

	memset(&r, 0, sizeof(r));
	r.f = f;
	r.format = format;
	for (i = 0; i < 5; i++) {
		matrix[i] = matrix_of(f, kinds[i]);
		there = there && matrix[i] != NULL;
	}
	if (there) {
		if (format == FORMAT_JSON)
			json_open(&r.json, NULL, '{');
		write_sections(&r, (const double *const *)matrix);
		if (format == FORMAT_JSON)
			json_close(&r.json, '}');
	}
	for (i = 0; i < 5; i++)
		free(matrix[i]);
	if (!there)
		return library_failure("writing", LOY_ENOMEM);
	return r.failed ? EXIT_NO : EXIT_DONE;
}
