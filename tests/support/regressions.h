/* What tests of regressions and surveys share: tables made or read, and fits that must succeed. */
#ifndef LOY_TESTS_REGRESSIONS_H
#define LOY_TESTS_REGRESSIONS_H

#include "support.h"
#include "numeric/numeric.h"

/* Rows of doubles one after the other. */
struct sheet {
	size_t rows;
	uint32_t columns;
	double *values, *weights; /* weights may be NULL */
	char *names;              /* those asked for, separated by blanks; NULL when made */
};

struct sheet *sheet_new(size_t rows, uint32_t columns);
/* The columns named, with blanks between, of a shared CSV file; the test is skipped where it is absent. NA: NaN. */
struct sheet *sheet_shared(const char *path, const char *names);
void sheet_free(struct sheet *sheet);
/* Number of a column by its name. */
uint32_t sheet_column(const struct sheet *sheet, const char *name);
loy_table sheet_table(const struct sheet *sheet);
/* Rows [first, first + count) of it. */
loy_table sheet_rows(const struct sheet *sheet, size_t first, size_t count);

/* Customers with `columns` - 1 traits and whether they left, last. */
struct sheet *sheet_invent(size_t rows, uint32_t columns, uint64_t seed);

/* A figure of the shared references of regressions; fails the test when it is not there. Skips it without the file. */
double reference_value(const char *model, const char *term, const char *quantity);

loy_logistic *fit_sheet(const struct sheet *sheet, const loy_logistic_options *options);

#endif
