/* What tests of path models share: tables out of CSV files, models out of lists of names, invented respondents. */
#ifndef LOY_TESTS_SURVEYS_H
#define LOY_TESTS_SURVEYS_H

#include "support.h"

/* A table and what it points to; columns whose values are no numbers hold NaN. */
struct survey {
	loy_table table;
	double *values;
	char **names;
};
/* The rows of a shared file whose text in column `by` is `text`; all when `by` is NULL. Skips the test without it. */
struct survey survey_read_where(const char *file, const char *by, const char *text);
struct survey survey_read(const char *file);
void survey_free(struct survey *survey);
/* Number of a column by name; fails the test when there is none. */
uint32_t survey_column(const struct survey *survey, const char *name);

/* A model of the shared list (reference/sem/models.json) as paths: =~ where its mode is A, <~ where it is B. */
loy_paths *survey_model(const char *model);
/* Its data file; valid until the next call. */
const char *survey_file(const char *model);
/* Ends of its scale; 0 when it has none. */
int survey_scale(const char *model, double *low, double *high);

/* Paths from text; fails the test, with what was said, when they are refused. */
loy_paths *survey_paths(const char *text);

/*
 * Invented respondents, the same for the same seed: constructs A -> B -> C and A -> C with `per` items each (a1,
 * a2, …), answers on a scale from 1 to 10, the last item of C reversed when `reversed` is set.
 */
struct survey survey_invent(uint32_t rows, uint32_t per, uint64_t seed, int reversed);
/* "A =~ a1 + …; B …; C …; B ~ A; C ~ A + B", the caller's to free. */
char *survey_text(uint32_t per, const char *operation);

/* Estimate; fails the test, with what was said, when that is refused. */
loy_pls *survey_fit(const loy_paths *paths, const loy_table *table, const loy_pls_options *options);
/* The same by text, and by the text of invented respondents. */
loy_pls *survey_fit_text(const char *text, const loy_table *table, const loy_pls_options *options);
loy_pls *survey_fit_invented(const struct survey *survey, uint32_t per, const char *operation,
                             const loy_pls_options *options);
/* Estimating must fail with this status, and the message must hold these words. */
void survey_refuse(const loy_paths *paths, const loy_table *table, const loy_pls_options *options,
                   loy_status status, const char *words);
void survey_refused(const char *text, const loy_table *table, const loy_pls_options *options,
                    loy_status status, const char *words);
loy_pls_summary survey_summary(const loy_pls *pls);
/* A construct or indicator by name; fails the test when there is none. */
loy_pls_construct survey_construct_named(const loy_pls *pls, const char *name);
loy_pls_indicator survey_indicator_named(const loy_pls *pls, const char *construct, const char *name);
/* Scores of respondents, rows x constructs, the caller's to free. */
double *survey_scores(const loy_pls *pls, const loy_table *table);
/* Correlation of two columns of numbers, `step_…` doubles apart, the plain way. */
double survey_correlate(const double *a, size_t step_a, const double *b, size_t step_b, size_t rows);
/* Index of a construct or indicator by name; fails the test when there is none. */
uint32_t survey_construct(const loy_pls *pls, const char *name);
uint32_t survey_indicator(const loy_pls *pls, const char *construct, const char *name);
/* Value of the path between two constructs by name; fails the test when there is none. */
double survey_path(const loy_pls *pls, const char *from, const char *to);
/* A matrix, the caller's to free. */
double *survey_matrix(const loy_pls *pls, uint32_t kind);
/* Entries of the report of this kind; *first (may be NULL) is the first. */
uint32_t survey_problems(const loy_pls *pls, uint32_t kind, loy_pls_problem *first);
/* The sentence of one of them must hold both words. */
void survey_says(const loy_pls *pls, uint32_t kind, const char *a, const char *b);

#endif
