/*
 * Golden hashes: a program without CMocka, so that it runs anywhere a C compiler reaches. It prints a line
 * `section/name hash` for many values of one kind; the lines must be those of expected/<section>.txt on
 * every target, compiler and optimisation level (tests/targets runs them).
 *
 * To add a section: section_<name>.c with `void golden_<name>(struct golden *g)`, its name in sections.h, then
 * sh tests/golden/update. A line that changes means that scores computed or bytes stored yesterday differ from
 * today's: say why in the commit that changes it.
 */
#ifndef LOY_TESTS_GOLDEN_H
#define LOY_TESTS_GOLDEN_H

#include <stddef.h>
#include <stdint.h>

struct golden {
	const char *section;
	const char *name;
	uint64_t hash;
	int flaws; /* what golden_check found */
};

void golden_begin(struct golden *g, const char *name);
void golden_bytes(struct golden *g, const void *data, size_t size);
void golden_u64(struct golden *g, uint64_t v);
void golden_i64(struct golden *g, int64_t v);
/* The 64 bits, so -0 is not 0; all NaN are one, for their payload is the processor's business. */
void golden_double(struct golden *g, double v);
/* A condition without which the hash would mean nothing, such as a call that succeeds. */
void golden_check(struct golden *g, int good, const char *what);
void golden_end(struct golden *g);
/* Input number `i`: a double spread evenly over [low, high), by arithmetic that is exact everywhere. */
double golden_input(uint64_t i, double low, double high);
/* Input number `i` with an exponent spread over [low, high] as well: 1.x * 2^k. */
double golden_scaled(uint64_t i, int low, int high);

#define SECTION(name) void golden_##name(struct golden *g);
#include "sections.h"
#undef SECTION

#endif
