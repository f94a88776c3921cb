/* What a page of the report has around its tables: nothing is loaded from elsewhere. */
#include "fit_paths.h"

#include <stdio.h>
#include <string.h>

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

void open_paths_page(const struct fitted_paths *f, const double *total)
{
	(void)fputs(head, stdout);
	write_summary(f);
	write_drawings(f, total);
}

void close_paths_page(void)
{
	(void)fputs("</body></html>\n", stdout);
}
