/*
 * More hands for a window: threads that read rows, each a share of them, and make visits, each in parts of its own.
 * Records of different customers have nothing in common but the arena, of which each thread has a part. A thread only
 * brings up to date what takes no more than the record of a customer who is there. All else is left: new customers,
 * rows that are no purchases, records that found no room in the thread's part of the arena or refused. The calling
 * thread goes through that afterwards as it does through a window without threads. So customers come by one thread
 * only, memory is asked for by one thread only, and what a record refuses is told by the one who knows how. How many
 * threads there were makes no difference.
 */
#include "store/table.h"

#include <string.h>

#define STRETCH    (4 * LOY__PART_ROWS) /* most rows that a thread sorts together */
#define ROOM       8u   /* bytes a row of a window that records may need to grow, and seldom do */
#define CACHE_LINE 128u /* bytes of which two threads do not both write some */

struct hand {
	loy__visits *visits;
	loy__run run;
	loy_allocator memory; /* its part of the arena */
	int refused;          /* its share of the rows may hold more than plain sales */
	uint32_t begin, left; /* the first row of its parts, and how many of them, now the first, were left */
	uint8_t apart[CACHE_LINE];
};

struct loy__hands {
	size_t size; /* of its block */
	uint32_t count;
	struct hand *hand;
	loy__arena *arena;
};

static size_t block_size(uint32_t count)
{
	return sizeof(loy__hands) +
	       count * (sizeof(struct hand) + sizeof(loy__arena) + loy__visits_size(STRETCH));
}

loy__hands *loy__hands_open(const loy__table *table, const loy__window *w)
{
	uint32_t count = table->threads < w->parts ? table->threads : w->parts, i;
	loy__hands *hands = NULL;
	uint8_t *visits;

	if (table->crew != NULL && count > 1 && w->collects)
		hands = loy__alloc(&table->store->memory, block_size(count));
	if (hands == NULL)
		return NULL;
	hands->size = block_size(count);
	hands->count = count;
	hands->hand = (struct hand *)(hands + 1);
	hands->arena = (loy__arena *)(hands->hand + count);
	visits = (uint8_t *)(hands->arena + count);
	for (i = 0; i < count; i++) {
		struct hand *hand = &hands->hand[i];

		loy__arena_part(&hands->arena[i], &table->store->records, i, count);
		hand->run = w->run;
		hand->memory = loy__arena_allocator(&hands->arena[i]);
		hand->visits = (loy__visits *)(visits + i * loy__visits_size(STRETCH));
		loy__visits_init(hand->visits, STRETCH, &hand->run, &hand->memory, 1);
	}
	return hands;
}

void loy__hands_close(loy__hands *hands, const loy__table *table)
{
	uint32_t i;

	for (i = 0; i < hands->count; i++)
		loy__arena_close(&table->store->records, &hands->arena[i]);
	loy__free(&table->store->memory, hands, hands->size);
}

uint32_t loy__hands_count(const loy__hands *hands)
{
	return hands != NULL ? hands->count : 1;
}

struct job {
	loy__window *w;
	loy__table *table; /* only visits change it */
	uint64_t first;
	uint32_t count;
	uint64_t *mark;
};

/* ---- reading ---- */

static int share_valid(const struct job *job, uint32_t row, uint32_t end)
{
	for (; row < end; row += LOY__BLOCK) {
		uint32_t count = end - row < LOY__BLOCK ? end - row : LOY__BLOCK;

		if (!loy__run_valid(&job->w->run, job->first + row, count, job->table->latest_time))
			return 0;
	}
	return 1;
}

static void read_share(uint32_t number, uint32_t count, void *user)
{
	const struct job *job = user;
	loy__window *w = job->w;
	uint32_t row = number * w->share_rows, end = row + w->share_rows, *size = w->end[number];

	(void)count;
	end = end < job->count ? end : job->count;
	memset(size, 0, sizeof(w->end[number]));
	w->hands->hand[number].refused = !share_valid(job, row, end);
	if (w->hands->hand[number].refused)
		return;
	for (; row < end; row++) {
		uint64_t customer = (uint64_t)loy__column_word(w->run.customer, job->first + row);
		uint64_t hash = loy__who_number(&job->table->store->numbered, customer).hash;

		w->hash[row] = hash;
		w->status[row] = LOY_OK;
		size[loy__window_part(w, hash)]++;
		if (w->identified)
			job->mark[row] = loy__run_mark(&w->run, job->first + row);
	}
}

int loy__hands_read(loy__window *w, loy__table *table, uint64_t first, uint32_t count, uint64_t *mark)
{
	struct job job = {w, table, first, count, mark};
	int refused = 0;
	uint32_t i;

	loy__crew_work(table->crew, w->shares, read_share, &job);
	for (i = 0; i < w->shares; i++)
		refused |= w->hands->hand[i].refused;
	return !refused;
}

/* ---- visits ---- */

static void spread_share(uint32_t number, uint32_t count, void *user)
{
	const struct job *job = user;

	(void)count;
	loy__window_spread(job->w, job->first, job->count, number);
}

/* Bring the rows from `begin` that were left, and those from `end` on, to where `to` is. Returns the place behind. */
static uint32_t keep_left(loy__run_row *rows, uint32_t to, uint32_t begin, uint32_t end, uint32_t limit)
{
	uint32_t i;

	for (i = begin; i < limit; i++) {
		if (LOY__LIKELY(i < end && !rows[i].left))
			continue;
		rows[to] = rows[i];
		rows[to++].left = 0;
	}
	return to;
}

/* A part of a window. What a record refused may depend on what comes before it, so what follows is left then. */
static uint32_t visit_part(const struct job *job, struct hand *hand, uint32_t to, uint32_t begin,
                           uint32_t limit)
{
	uint32_t at = begin, end;
	int taken = 1;

	for (; at < limit && taken; at = end) {
		end = limit - at < STRETCH ? limit : at + STRETCH;
		taken = loy__visits_make(hand->visits, job->w, job->table, job->first, at, end);
	}
	return keep_left(job->w->rows, to, begin, at, limit);
}

static void visit_parts(uint32_t number, uint32_t count, void *user)
{
	const struct job *job = user;
	const loy__window *w = job->w;
	const uint32_t *ends = w->end[w->shares - 1];
	struct hand *hand = &w->hands->hand[number];
	uint32_t part = w->parts * number / count, end = w->parts * (number + 1) / count;
	uint32_t at = part > 0 ? ends[part - 1] : 0, to = at;

	hand->begin = at;
	for (; part < end; part++) {
		to = visit_part(job, hand, to, at, ends[part]);
		at = ends[part];
	}
	hand->left = to - hand->begin;
}

uint32_t loy__hands_visit(loy__window *w, loy__table *table, uint64_t first, uint32_t count)
{
	loy__hands *hands = w->hands;
	struct job job = {w, table, first, count, NULL};
	uint32_t left = 0, i;

	loy__crew_work(table->crew, hands->count, spread_share, &job);
	loy__arena_split(&table->store->records, hands->arena, hands->count,
	                 (size_t)(w->count / hands->count) * ROOM / 16 * 16);
	loy__crew_work(table->crew, hands->count, visit_parts, &job);
	loy__arena_join(&table->store->records, hands->arena, hands->count);
	for (i = 0; i < hands->count; i++) {
		struct hand *hand = &hands->hand[i];

		memmove(w->rows + left, w->rows + hand->begin, hand->left * sizeof(*w->rows));
		left += hand->left;
		table->store->events += loy__visits_events(hand->visits);
	}
	return left;
}
