/* What survey.c reads: the questionnaires among events, and the truth that a generated file has beside it. */
#ifndef EXAMPLES_SURVEY_DATA_H
#define EXAMPLES_SURVEY_DATA_H

#include "loyalty/replay.h"

#define ROWS_MAX  16384
#define STATES    4
#define ITEMS     10
#define RECOMMEND 9 /* the item that is the net promoter question, which is asked on other days */

extern const char *const state_names[STATES];
extern const char *const item_names[ITEMS];
extern const loy_pls_scale item_scales[ITEMS];

struct filled { /* one questionnaire; NaN: not answered */
	uint64_t customer;
	int64_t time;
	double answer[ITEMS];
};

struct truth { /* of a customer at a time */
	char key[LOY_CUSTOMER_KEY_MAX + 1];
	uint64_t customer; /* as replay.h numbers them */
	int64_t time;
	double state[STATES]; /* shares, by state_names */
	double bought;        /* 1: the customer bought within 90 days */
	double there;         /* 0: has left for good, and has next to no loyalty */
};

/* End the program when something failed. `error` may be NULL. */
void must(int failed, const char *what, const loy_error *error);
/* Rows of `columns` doubles, `stride` bytes apart. */
loy_table table_of(const double *first, size_t stride, size_t rows, uint32_t columns,
                   const char *const *names);
/* Both give the number of rows, at most ROWS_MAX; truths come in order of time. */
size_t gather_answers(const struct replay *replay, struct filled *list);
size_t read_truths(const char *path, struct truth *list);

#endif
