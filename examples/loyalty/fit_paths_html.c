/* The report as a page of its own: nothing is loaded from elsewhere. */
#include "fit_paths.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_ROOM 1024

static const char head[] =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Path "
        "model</title>\n<style>\n"
        ":root{--ink:#1c2733;--soft:#5b6b7b;--line:#d7dee6;--main:#1f5f8b;--pale:#e8f0f6;--warn:#9a3412}\n"
        "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);max-width:68rem;margin:2rem auto;padding:0 "
        "1rem}\n"
        "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.2rem}\n"
        "table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}\n"
        "th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:right}\n"
        "th:first-child,td:first-child,td.text,th.text{text-align:left}\nth{color:var(--soft);font-weight:"
        "600}\n"
        ".wide{overflow-x:auto}.bad{color:var(--warn)}p.note{color:var(--soft)}\n"
        "svg{width:100%;height:auto;max-width:60rem;font-family:inherit}\n"
        ".node{fill:var(--pale);stroke:var(--main);stroke-width:1.5}.line{fill:none;stroke:var(--main);"
        "stroke-width:1.8}\n"
        ".unsure{stroke-dasharray:5 4;stroke:var(--soft)}.tip{fill:var(--main)}.plate{fill:#fff;opacity:.9}\n"
        ".name{font-size:14px;font-weight:600;fill:var(--ink)}.number{font-size:13px;fill:var(--ink)}\n"
        ".tick,.axis{font-size:12px;fill:var(--soft)}.grid{stroke:var(--line);fill:none}.dot,.bar{fill:var(--"
        "main)}\n"
        ".range{stroke:var(--ink);stroke-width:2;fill:none}\n</style></head><body>\n";

/* ---- pieces ---- */

static void cell_text(const char *text)
{
	(void)fputs("<td class=\"text\">", stdout);
	put_escaped(text);
	(void)fputs("</td>", stdout);
}

static void cell_number(double value, int decimals)
{
	if (isnan(value))
		(void)fputs("<td>-</td>", stdout);
	else
		printf("<td>%.*f</td>", decimals, value);
}

static void heads(const char *const *names, size_t count, size_t texts)
{
	size_t i;

	(void)fputs("<div class=\"wide\"><table><tr>", stdout);
	for (i = 0; i < count; i++)
		printf("<th%s>%s</th>", i < texts ? " class=\"text\"" : "", names[i]);
	(void)fputs("</tr>\n", stdout);
}

static void close_table(void)
{
	(void)fputs("</table></div>\n", stdout);
}

static void interval(const loy_bootstrapped *b)
{
	cell_number(b->deviation, 4);
	if (isnan(b->percentile_low))
		(void)fputs("<td>-</td>", stdout);
	else
		printf("<td>%.3f to %.3f</td>", b->percentile_low, b->percentile_high);
}

/* ---- sections ---- */

static void write_summary(const struct fitted_paths *f)
{
	const loy_pls_summary *s = &f->summary;
	char text[512];
	size_t needed;
	uint32_t i;

	printf("<h1>Path model</h1>\n<p>%s, %.10g respondents; %s after %u iterations. Goodness of fit %.4f, "
	       "SRMR %.4f.</p>\n",
	       s->consistent ? "Consistent partial least squares" : "Partial least squares", s->n,
	       s->converged ? "converged" : "<strong class=\"bad\">not converged</strong>", s->iterations,
	       s->gof, s->srmr);
	printf("<h2>Is it admissible?</h2>\n");
	if (s->problems == 0)
		printf("<p>Nothing to report.</p>\n");
	else
		printf("<ul>\n");
	for (i = 0; loy_pls_print_problem(f->pls, i, text, sizeof(text), &needed) == LOY_OK; i++) {
		loy_pls_problem problem;

		memset(&problem, 0, sizeof(problem));
		problem.struct_size = sizeof(problem);
		(void)loy_pls_get_problem(f->pls, i, &problem);
		printf("<li%s>", problem.inadmissible ? " class=\"bad\"" : "");
		put_escaped(text);
		printf("%s</li>\n", problem.inadmissible ? " <strong>(inadmissible)</strong>" : "");
	}
	if (s->problems > 0)
		printf("</ul>\n");
}

static void write_drawings(const struct fitted_paths *f, const double *total)
{
	printf("<h2>Paths</h2>\n<p class=\"note\">Standardised coefficients%s.</p>\n",
	       f->bootstrap != NULL ? "; dashed: the 95 % interval holds 0" : "");
	draw_paths(f);
	if (f->scales == NULL)
		return;
	printf("<h2>Indices</h2>\n<p class=\"note\">0 to 100%s.</p>\n",
	       f->bootstrap != NULL ? "; lines: 95 % intervals" : "");
	draw_indices(f);
	(void)fputs("<h2>Importance and performance for ", stdout);
	put_escaped(construct_name(f, f->target));
	(void)fputs("</h2>\n<p class=\"note\">What matters much and does badly stands to the right and "
	            "low.</p>\n",
	            stdout);
	draw_importance(f, total);
}

static void write_paths(const struct fitted_paths *f)
{
	static const char *const names[] = {"from", "to", "path", "error", "95 %", "f²", "VIF"};
	loy_pls_path path;
	uint32_t i;

	memset(&path, 0, sizeof(path));
	path.struct_size = sizeof(path);
	heads(names, 7, 2);
	for (i = 0; loy_pls_get_path(f->pls, i, &path) == LOY_OK; i++) {
		loy_bootstrapped b = resampled(f, LOY_BOOTSTRAP_PATH, path.from, path.to);

		(void)fputs("<tr>", stdout);
		cell_text(construct_name(f, path.from));
		cell_text(construct_name(f, path.to));
		cell_number(path.value, 4);
		interval(&b);
		cell_number(path.f2, 4);
		cell_number(path.vif, 3);
		(void)fputs("</tr>\n", stdout);
	}
	close_table();
}

static void write_effects(const struct fitted_paths *f, const double *direct, const double *total)
{
	static const char *const names[] = {"from", "to", "direct", "indirect", "total", "error", "95 %"};
	uint32_t n = f->summary.constructs, a, b;

	printf("<h2>Effects</h2>\n");
	heads(names, 7, 2);
	for (a = 0; a < n; a++)
		for (b = 0; b < n; b++) {
			double all = total[(size_t)a * n + b], one = direct[(size_t)a * n + b];
			loy_bootstrapped drawn = resampled(f, LOY_BOOTSTRAP_TOTAL, a, b);

			if (!(fabs(all) > 0.0))
				continue;
			(void)fputs("<tr>", stdout);
			cell_text(construct_name(f, a));
			cell_text(construct_name(f, b));
			cell_number(one, 4);
			cell_number(all - one, 4);
			cell_number(all, 4);
			interval(&drawn);
			(void)fputs("</tr>\n", stdout);
		}
	close_table();
}

static void write_chains(const struct fitted_paths *f)
{
	static const char *const names[] = {"chain", "effect", "error", "95 %", "share of the total"};
	char text[CHAIN_ROOM];
	loy_pls_chain chain;
	uint32_t i;

	if (loy_pls_chain_count(f->pls) == 0)
		return;
	memset(&chain, 0, sizeof(chain));
	chain.struct_size = sizeof(chain);
	printf("<h2>Specific indirect effects</h2>\n");
	heads(names, 5, 1);
	for (i = 0; loy_pls_get_chain(f->pls, i, &chain) == LOY_OK; i++) {
		loy_bootstrapped b = resampled(f, LOY_BOOTSTRAP_CHAIN, i, 0);

		(void)fputs("<tr>", stdout);
		cell_text(chain_text(f, &chain, text, sizeof(text)));
		cell_number(chain.value, 4);
		interval(&b);
		cell_number(chain.vaf, 3);
		(void)fputs("</tr>\n", stdout);
	}
	close_table();
}

static void write_constructs(const struct fitted_paths *f)
{
	static const char *const names[] = {"construct",    "R²",    "adjusted", "alpha",
	                                    "standardised", "rho A", "rho C",    "AVE"};
	loy_pls_construct c;
	uint32_t i;

	memset(&c, 0, sizeof(c));
	c.struct_size = sizeof(c);
	printf("<h2>Constructs</h2>\n");
	heads(names, 8, 1);
	for (i = 0; loy_pls_get_construct(f->pls, i, &c) == LOY_OK; i++) {
		(void)fputs("<tr>", stdout);
		cell_text(c.name);
		cell_number(c.r2, 4);
		cell_number(c.r2_adjusted, 4);
		cell_number(c.alpha, 4);
		cell_number(c.alpha_standardised, 4);
		cell_number(c.rho_a, 4);
		cell_number(c.rho_c, 4);
		cell_number(c.ave, 4);
		(void)fputs("</tr>\n", stdout);
	}
	close_table();
}

static void write_indicators(const struct fitted_paths *f)
{
	static const char *const names[] = {"construct", "indicator", "weight",   "loading",
	                                    "VIF",       "mean",      "deviation"};
	loy_pls_indicator i;
	uint32_t k;

	memset(&i, 0, sizeof(i));
	i.struct_size = sizeof(i);
	printf("<h2>Indicators</h2>\n");
	heads(names, 7, 2);
	for (k = 0; loy_pls_get_indicator(f->pls, k, &i) == LOY_OK; k++) {
		(void)fputs("<tr>", stdout);
		cell_text(construct_name(f, i.construct));
		cell_text(i.name);
		cell_number(i.weight, 4);
		cell_number(i.loading, 4);
		cell_number(i.vif, 3);
		cell_number(i.mean, 3);
		cell_number(i.deviation, 3);
		(void)fputs("</tr>\n", stdout);
	}
	close_table();
}

/* HTMT below the diagonal, correlations of scores above it. */
static void write_validity(const struct fitted_paths *f, const double *htmt, const double *correlations)
{
	uint32_t n = f->summary.constructs, a, b;

	printf("<h2>Discriminant validity</h2>\n<p class=\"note\">HTMT below the diagonal, correlations of "
	       "scores "
	       "above.</p>\n<div class=\"wide\"><table><tr><th></th>");
	for (a = 0; a < n; a++) {
		(void)fputs("<th>", stdout);
		put_escaped(construct_name(f, a));
		(void)fputs("</th>", stdout);
	}
	(void)fputs("</tr>\n", stdout);
	for (a = 0; a < n; a++) {
		(void)fputs("<tr>", stdout);
		cell_text(construct_name(f, a));
		for (b = 0; b < n; b++) {
			if (a == b)
				(void)fputs("<td></td>", stdout);
			else
				cell_number(b < a ? htmt[(size_t)a * n + b] : correlations[(size_t)a * n + b],
				            3);
		}
		(void)fputs("</tr>\n", stdout);
	}
	close_table();
}

int write_paths_page(const struct fitted_paths *f)
{
	double *direct = matrix_of(f, LOY_PLS_DIRECT), *total = matrix_of(f, LOY_PLS_TOTAL);
	double *htmt = matrix_of(f, LOY_PLS_HTMT), *correlations = matrix_of(f, LOY_PLS_CORRELATIONS);
	int there = direct != NULL && total != NULL && htmt != NULL && correlations != NULL;

	if (there) {
		(void)fputs(head, stdout);
		write_summary(f);
		write_drawings(f, total);
		write_paths(f);
		write_effects(f, direct, total);
		write_chains(f);
		write_constructs(f);
		write_indicators(f);
		write_validity(f, htmt, correlations);
		(void)fputs("</body></html>\n", stdout);
	}
	free(direct);
	free(total);
	free(htmt);
	free(correlations);
	return there ? EXIT_DONE : library_failure("writing", LOY_ENOMEM);
}
