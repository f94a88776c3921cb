#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/core.h"

static const struct {
	const char *name;
	void (*run)(struct golden *g);
} sections[] = {
#define SECTION(name) {#name, golden_##name},
#include "sections.h"
#undef SECTION
};

/* FNV-1a: not the library's own hash, which is one of the things looked at. */
void golden_bytes(struct golden *g, const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t i;

	for (i = 0; i < size; i++)
		g->hash = (g->hash ^ bytes[i]) * UINT64_C(0x100000001b3);
}

void golden_begin(struct golden *g, const char *name)
{
	g->name = name;
	g->hash = UINT64_C(0xcbf29ce484222325);
}

void golden_u64(struct golden *g, uint64_t v)
{
	unsigned char bytes[8];
	int i;

	for (i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(v >> (8 * i));
	golden_bytes(g, bytes, sizeof(bytes));
}

void golden_i64(struct golden *g, int64_t v)
{
	golden_u64(g, (uint64_t)v);
}

void golden_double(struct golden *g, double v)
{
	uint64_t bits = UINT64_C(0x7ff8000000000000);

	if (v == v)
		memcpy(&bits, &v, sizeof(bits));
	golden_u64(g, bits);
}

void golden_check(struct golden *g, int good, const char *what)
{
	if (!good) {
		fprintf(stderr, "golden: %s/%s: %s\n", g->section, g->name, what);
		g->flaws++;
	}
}

void golden_end(struct golden *g)
{
	printf("%s/%s %08x%08x\n", g->section, g->name, (unsigned)(g->hash >> 32),
	       (unsigned)(g->hash & 0xffffffffu));
}

double golden_input(uint64_t i, double low, double high)
{
	double unit = ldexp((double)(loy__mix64(i + 1) >> 11), -53);

	return low + (high - low) * unit;
}

double golden_scaled(uint64_t i, int low, int high)
{
	uint64_t span = (uint64_t)(high - low + 1);
	int exponent = low + (int)(loy__mix64(i + UINT64_C(0x9e3779b97f4a7c15)) % span);

	return ldexp(1.0 + ldexp((double)(loy__mix64(i + 1) >> 12), -52), exponent);
}

int main(int count, char **arguments)
{
	struct golden g = {0};
	size_t i;
	int ran = 0;

	for (i = 0; i < LOY__COUNT(sections); i++) {
		if (count > 1 && strcmp(arguments[1], sections[i].name) != 0)
			continue;
		g.section = sections[i].name;
		sections[i].run(&g);
		ran++;
	}
	if (ran == 0)
		fprintf(stderr, "golden: no section %s\n", arguments[1]);
	return ran == 0 || g.flaws != 0;
}
