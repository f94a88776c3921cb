/*
 * Effects of a recursive model: with B the paths, row on column, the total is B + B² + … = (I - B)^-1 - I, summed here
 * construct by construct in causal order, which takes as many steps as constructs and paths and cannot be
 * endless.
 * A specific indirect effect is the product along one chain of two paths or more; they add up to total less direct.
 */
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

void loy__pls_effects(const loy__pls_model *m, const double *path, double *total)
{
	size_t q = m->constructs, i, k, at;

	memset(total, 0, q * q * sizeof(*total));
	for (at = 0; at < q; at++) {
		const loy__pls_construct *construct = &m->construct[m->order[at]];
		size_t to = m->order[at];

		for (k = construct->path; k < (size_t)construct->path + construct->path_count; k++) {
			size_t from = m->path[k].from;

			/* what leads to `from` comes before it in order: its effects on `from` are complete */
			for (i = 0; i < q; i++)
				total[i * q + to] += total[i * q + from] * path[k];
			total[from * q + to] += path[k];
		}
	}
}

/* Chains of at least two paths, as a number: there can be more than any integer holds. */
static double count_chains(const loy__pls_model *m, double *room)
{
	size_t q = m->constructs, i;
	double chains = 0.0;

	/* the number of chains from one construct to another is the total effect when all paths are 1 */
	for (i = 0; i < m->paths; i++)
		room[q * q + i] = 1.0;
	loy__pls_effects(m, room + q * q, room);
	for (i = 0; i < q * q; i++)
		chains += room[i];
	return chains - (double)m->paths;
}

/* Does path k leave construct c? Paths are grouped by outcome, so they are looked for one by one. */
static uint32_t leave(const loy__pls_model *m, uint32_t c, uint32_t k)
{
	while (k < m->paths && m->path[k].from != c)
		k++;
	return k;
}

static loy_status keep(loy__pls_chains *chains, const loy_allocator *memory, const uint32_t *on,
                       uint32_t length)
{
	size_t room = chains->link_room, count_room = chains->room;
	void *links = chains->links, *starts = chains->start;
	loy_status status;

	status = loy__grow(memory, &starts, &count_room, (size_t)chains->count + 2, sizeof(*chains->start),
	                   LOY_PLS_CHAINS_MAX + 1);
	chains->start = starts;
	chains->room = count_room;
	if (status != LOY_OK)
		return status;
	if (chains->count == 0)
		chains->start[0] = 0;
	status = loy__grow(memory, &links, &room, (size_t)chains->start[chains->count] + length,
	                   sizeof(*chains->links), (size_t)LOY_PLS_CHAINS_MAX * LOY_PLS_CONSTRUCTS_MAX);
	chains->links = links;
	chains->link_room = room;
	if (status != LOY_OK)
		return status;
	memcpy(chains->links + chains->start[chains->count], on, length * sizeof(*on));
	chains->start[chains->count + 1] = chains->start[chains->count] + length;
	chains->count++;
	return LOY_OK;
}

static loy_status walk_from(const loy__pls_model *m, loy__pls_chains *chains, const loy_allocator *memory,
                            uint32_t start, uint32_t *on, uint32_t *next)
{
	loy_status status = LOY_OK;
	uint32_t depth = 0;

	on[0] = start;
	next[0] = 0;
	for (;;) {
		uint32_t k = leave(m, on[depth], next[depth]);

		if (k == m->paths) {
			if (depth == 0)
				return LOY_OK;
			depth--;
			continue;
		}
		next[depth] = k + 1;
		depth++;
		on[depth] = m->path[k].to;
		next[depth] = 0;
		if (depth >= 2)
			status = keep(chains, memory, on, depth + 1);
		if (status != LOY_OK)
			return status;
	}
}

loy_status loy__pls_list_chains(const loy__pls_model *m, loy__pls_chains *chains, const loy_allocator *memory)
{
	size_t q = m->constructs, bytes = (q * q + m->paths + q + 1) * sizeof(double);
	double *room = loy__alloc(memory, bytes);
	uint32_t *on, *next, c;
	loy_status status = LOY_OK;

	if (room == NULL)
		return LOY_ENOMEM;
	chains->total = count_chains(m, room);
	on = (uint32_t *)(void *)room;
	next = on + q;
	for (c = 0; status == LOY_OK && chains->total <= LOY_PLS_CHAINS_MAX && c < m->constructs; c++)
		status = walk_from(m, chains, memory, c, on, next);
	loy__free(memory, room, bytes);
	return status;
}
