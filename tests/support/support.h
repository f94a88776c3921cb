/*
 * What every test includes: CMocka with the headers it wants, and our helpers.
 *
 * - struct faulty: an allocator that refuses request n and counts live blocks;
 * - assert_close, assert_bits_equal: doubles, which CMocka 1.1.5 cannot compare;
 * - csv_*: strict reader for reference files, any flaw fails the test;
 * - shared_or_skip: data outside the tree, the test is skipped by name where it is absent.
 *
 * scoring.h has what tests of scores share, json.h reads reference parameters.
 */
#ifndef LOY_TESTS_SUPPORT_H
#define LOY_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <loyalty.h>

/* Rounds of a long test: half of them where coverage is measured, which sees nothing new in the others. */
#ifdef LOY_COVERAGE
#define FEWER_ROUNDS(all) ((all) / 2)
#else
#define FEWER_ROUNDS(all) (all)
#endif

/* ---- memory (faulty.c) ---- */

/*
 * Refuses request number `until` (counted from 0 over allocate and resize) and, when `forever` is set, all
 * later ones; −1 refuses none. It checks each old size the library reports and fails the test on a lie.
 *
 *	for (n = 0; status == LOY_ENOMEM; n++) {
 *		struct faulty heap = {.until = n};
 *		loy_allocator memory = faulty_allocator(&heap);
 *		… the call …
 *		assert_int_equal(heap.live, 0);
 *	}
 */
struct faulty {
	long until;    /* number of the request to refuse; -1 for none */
	int forever;   /* refuse all from there on */
	long requests; /* seen so far */
	long refused;  /* refused so far */
	long live;     /* blocks not given back */
	size_t bytes;  /* bytes in live blocks */
	size_t peak;   /* most bytes ever live */
};

void *faulty_alloc(size_t size, void *user_data);
void *faulty_resize(void *block, size_t old_size, size_t new_size, void *user_data);
void faulty_release(void *block, size_t size, void *user_data);
loy_allocator faulty_allocator(struct faulty *heap);

/* ---- doubles (close.c) ---- */

/* |actual - expected| <= relative * |expected| + absolute; NaN equals only NaN, infinities only themselves. */
#define assert_close(actual, expected, relative, absolute)                                                   \
	support_close((actual), (expected), (relative), (absolute), #actual, __FILE__, __LINE__)
/* The same 64 bits. */
#define assert_bits_equal(actual, expected) support_bits((actual), (expected), #actual, __FILE__, __LINE__)
void support_close(double actual, double expected, double relative, double absolute, const char *what,
                   const char *file, int line);
void support_bits(double actual, double expected, const char *what, const char *file, int line);
/* How many doubles lie between the two: 0 when they are equal. UINT64_MAX when one is NaN. */
uint64_t support_ulps(double a, double b);

/* ---- tables ---- */

/* Rows of doubles one after the other, without names or weights; weights, when set, lie beside one another. */
static inline loy_table support_table(const double *values, uint64_t rows, uint32_t columns)
{
	loy_table table = {.struct_size = sizeof(table), .columns = columns, .rows = rows, .values = values};

	table.row_stride = (int64_t)columns * (int64_t)sizeof(double);
	table.column_stride = table.weight_stride = (int64_t)sizeof(double);
	return table;
}

/* ---- reference files (csv.c) ---- */

struct csv;
/* Open a file with a header line; fails the test when it cannot be read. Quotes as in RFC 4180; lines that
 * start with '#' before the header are comments. */
struct csv *csv_open(const char *path);
void csv_close(struct csv *csv);
/* Number of the column with this name; fails the test when there is none. */
size_t csv_column(const struct csv *csv, const char *name);
/* The same, or -1 where there is none. */
int csv_find(const struct csv *csv, const char *name);
size_t csv_columns(const struct csv *csv);
const char *csv_name(const struct csv *csv, size_t column);
/* Go to the next row: 1, or 0 after the last. Each row must have as many fields as the header. */
int csv_next(struct csv *csv);
size_t csv_line(const struct csv *csv);                     /* line of the current row, from 1 */
const char *csv_text(const struct csv *csv, size_t column); /* terminated; valid until csv_next */
int csv_empty(const struct csv *csv, size_t column);        /* nothing, NA or NaN */
/* The whole field must be a number (inf, -inf and nan included), or the test fails. */
double csv_double(const struct csv *csv, size_t column);
int64_t csv_i64(const struct csv *csv, size_t column);

/* ---- data outside the tree (shared.c) ---- */

/*
 * Path of a file of the shared data ("reference/stats/sf_normal.csv"): in the folder LOY_SHARED_DATA of the
 * environment, else the one the build was configured with (LOY_SHARED). The test is skipped, and the name
 * of the file printed, where it is absent. The text is the caller's to free.
 */
char *shared_or_skip(const char *name);
/* Open such a file as CSV. */
struct csv *shared_csv_or_skip(const char *name);
/* Path of a file of this source tree, the caller's to free. */
char *source_path(const char *name);
/* Read a whole file into memory (terminated by a zero not counted in *size); fails the test on an error. */
char *read_whole_file(const char *path, size_t *size);

#endif
