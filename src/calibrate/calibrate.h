/*
 * The door of the calibrate room: anything that makes a model from data. What its files share: path specifications
 * with resolved order (paths*.c), tables matched to them, and estimates that bootstrap and prediction repeat.
 */
#ifndef LOY_CALIBRATE_CALIBRATE_H
#define LOY_CALIBRATE_CALIBRATE_H

#include "model/model.h"
#include "numeric/moments.h"

#include <loyalty/moments.h>
#include <loyalty/paths.h>

typedef struct loy__variable {
	char name[2 * LOY_VARIABLE_NAME_MAX + 2]; /* terminated; "a:b" of a product */
	uint32_t kind;                            /* LOY_VARIABLE_ITEM, … */
	uint32_t first, second;                   /* what a product is made of */
} loy__variable;

#define LOY__NO_LABEL   0xffffffffu
#define LOY__LABELS_MAX LOY_TERMS_MAX

typedef struct loy__term {
	uint32_t relation, left, right, treatment;
	uint32_t label; /* index in labels, or LOY__NO_LABEL */
	uint32_t line, column;
	double value;
} loy__term;

/* A definition in postfix: what is pushed and what is done; never more than DEPTH + 1 numbers wait. */
#define LOY__EXPRESSION_DEPTH 64
enum { LOY__PUSH_NUMBER, LOY__PUSH_LABEL, LOY__PUSH_DEFINED, LOY__APPLY };

typedef struct loy__step {
	uint32_t what;
	uint32_t
	        index; /* label or definition; of LOY__APPLY the operator: + - * / ^ n(egate) e(xp) l(og) s(qrt) */
	double number;
} loy__step;

typedef struct loy__definition {
	char name[LOY_VARIABLE_NAME_MAX + 1];
	char *expression; /* canonical text */
	uint32_t step, step_count;
	uint32_t line, column;
} loy__definition;

struct loy_paths {
	loy_allocator memory;
	loy__variable *variables;
	loy__term *terms;
	char (*labels)[LOY_VARIABLE_NAME_MAX + 1];
	loy__definition *definitions;
	loy__step *steps;
	uint32_t variable_count, variable_room, term_count, term_room, label_count, label_room;
	uint32_t definition_count, definition_room, step_count, step_room;
};

/*
 * Variables in an order in which each comes after all that it is regressed on or, as a construct of higher order,
 * made of: `order` has room for all variables. LOY_ECYCLE, named in `error`, or LOY_ENOMEM.
 */
loy_status loy__paths_order(const loy_paths *paths, uint32_t *order, loy_error *error);
/*
 * Values of all definitions and, where `jacobian` is not NULL, their derivatives by the labels (row-major,
 * definition_count x label_count; exact, by forward differentiation). LOY_ERANGE when one is not finite, LOY_ENOMEM.
 */
loy_status loy__paths_evaluate(const loy_paths *paths, const double *labels, double *values,
                               double *jacobian);
/* Columns by name and the checks of tables are in numeric/moments.h, for all rooms. */

#endif
