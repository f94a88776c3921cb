/*
 * Two small tables of a load: which text a code was hashed from, so that it can be shown again, and how often
 * the same row was seen, so that repeated rows of one file are events of their own.
 */
#ifndef SHELL_NAMES_H
#define SHELL_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define NAMES_MAX 65536u /* codes remembered; beyond that numbers are shown */

struct names;
struct repeats;

/* NULL without memory. */
struct names *names_create(void);
void names_destroy(struct names *names);
/* Remember a text; does nothing when the table is full or memory runs out. */
void names_add(struct names *names, uint32_t field, uint32_t code, const char *text, size_t length);
/* The text of a code, or NULL. */
const char *names_find(const struct names *names, uint32_t field, uint32_t code);

struct repeats *repeats_create(void);
void repeats_destroy(struct repeats *repeats);
/* How often this 128-bit value was counted before; counts it. UINT64_MAX without memory. */
uint64_t repeats_count(struct repeats *repeats, uint64_t high, uint64_t low);
/* Forget all counts: another file begins. */
void repeats_clear(struct repeats *repeats);

#endif
