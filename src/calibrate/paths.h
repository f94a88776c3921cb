/*
 * Inside the calibrate room: what the files that build, read, print and check paths share.
 */
#ifndef LOY_CALIBRATE_PATHS_H
#define LOY_CALIBRATE_PATHS_H

#include "calibrate/calibrate.h"

/* A name in somebody's text. */
typedef struct loy__word {
	const char *text;
	size_t length;
} loy__word;

/* A term as it is asked for: the names of a product hold a ':'. */
typedef struct loy__term_wish {
	loy__word left, right, label; /* label.text NULL: none */
	uint32_t relation, treatment, line, column;
	double value;
} loy__term_wish;

/* Why something was refused, and the name to blame. */
typedef struct loy__complaint {
	const char *message;
	loy__word name;
} loy__complaint;

/* Bytes at the start of a text that are a name: [A-Za-z_][A-Za-z0-9_.]*, however long. */
size_t loy__name_span(const char *text, size_t length);
/* Whether all of a word is a name of the length allowed. */
int loy__word_is_name(loy__word word);
/* Room for `more` elements behind `count`; LOY_ELIMIT beyond `limit`. */
loy_status loy__paths_reserve(loy_paths *paths, void **array, uint32_t *room, uint32_t count, uint32_t more,
                              size_t size, uint32_t limit);
/* Index of a variable, LOY__NO_VARIABLE where there is none; "b:a" finds "a:b". */
#define LOY__NO_VARIABLE 0xffffffffu
uint32_t loy__paths_find(const loy_paths *paths, loy__word name);
/* Index of a label, or LOY__NO_LABEL. */
uint32_t loy__paths_find_label(const loy_paths *paths, loy__word name);
/* Index of a label, which is made where there is none; room must have been reserved. */
uint32_t loy__paths_label(loy_paths *paths, loy__word name);
/* Add a term, or change nothing and complain. */
loy_status loy__paths_insert(loy_paths *paths, const loy__term_wish *wish, loy__complaint *complaint);

#endif
