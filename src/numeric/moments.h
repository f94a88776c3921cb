/*
 * A door of the numeric room: tables as every call with one sees them, and what the files of moments share.
 *
 * A value on the grid is an integer of multiples of 2^-40, below 2^80 in magnitude and, coming from a double, with at
 * most 53 bits that are not zero. Sums of products of two such, over at most 2^40 rows, fit 256 bits; what is computed
 * of them, exactly, fits 512.
 */
#ifndef LOY_NUMERIC_MOMENTS_H
#define LOY_NUMERIC_MOMENTS_H

#include <loyalty/moments.h>
#include "numeric/numeric.h"

/* ---- tables (table.c) ---- */

#define LOY__COLUMN_NAME_MAX 63
#define LOY__CODES_MAX       16

/* The checks every call with a table makes first: sizes, pointers, names, codes. Values are not looked at. */
loy_status loy__table_check(const loy_table *table, loy_error *error);
/* Column of a table by name; LOY_ENAME, naming it, when there is none or there are two. */
loy_status loy__table_find(const loy_table *table, const char *name, uint32_t *column, loy_error *error);

#endif
