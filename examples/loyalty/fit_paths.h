/* A path model fitted to answers, and the ways to tell of it. */
#ifndef SHELL_FIT_PATHS_H
#define SHELL_FIT_PATHS_H

#include "output.h"
#include "survey_table.h"

struct fitted_paths {
	const struct args *args;
	const char *model_path, *data_path;
	loy_paths *paths;
	struct survey_table survey;
	loy_pls *pls;
	loy_bootstrap *bootstrap; /* NULL: no intervals */
	loy_pls_scale *scales;    /* of each item; NULL: no indices */
	loy_pls_summary summary;
	uint32_t target; /* construct that the importance-performance map is about */
};

const char *construct_name(const struct fitted_paths *f, uint32_t construct);
/* What resampling says of a quantity; NaN in all fields where there was none. */
loy_bootstrapped resampled(const struct fitted_paths *f, uint32_t what, uint32_t first, uint32_t second);
/* "A -> B -> C" of a chain. */
const char *chain_text(const struct fitted_paths *f, const loy_pls_chain *chain, char *buffer, size_t room);
/* A matrix of constructs, the caller's to free; NULL when memory ran out. */
double *matrix_of(const struct fitted_paths *f, uint32_t kind);

/* The report as tables, JSON or a page (fit_paths_text.c). Exit code. */
int write_paths_report(const struct fitted_paths *f, enum format format);
/* What a page has around its tables: summary and drawings before them, the end behind (fit_paths_html.c). */
void open_paths_page(const struct fitted_paths *f, const double *total);
void close_paths_page(void);
/* Drawings as SVG, to standard output (fit_paths_svg.c). */
void draw_paths(const struct fitted_paths *f);
void draw_importance(const struct fitted_paths *f, const double *total);
void draw_indices(const struct fitted_paths *f);

#endif
