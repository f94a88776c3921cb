/* Answers to surveys: a CSV file with a header and numbers below it, a row for each respondent. */
#ifndef SHELL_SURVEY_TABLE_H
#define SHELL_SURVEY_TABLE_H

#include "commands.h"

#define SURVEY_CODES_MAX 16

struct survey_table {
	loy_table table; /* what the library takes */
	char **names;    /* of all columns */
	double *values;
	double *weights; /* of --weight; NULL: none */
	double codes[SURVEY_CODES_MAX];
	uint32_t code_count;
	size_t capacity; /* rows that `values` has room for */
};

/*
 * Read a file. Columns in `wanted` (count of them) must be there and hold numbers; cells that are empty, `NA`
 * or `nan` are missing, and so are the codes of --missing-code. Other columns are not looked at. Exit code;
 * survey_table_free() always.
 */
int survey_table_read(struct survey_table *survey, const struct args *args, const char *path,
                      const char *const *wanted, uint32_t count);
void survey_table_free(struct survey_table *survey);

#endif
