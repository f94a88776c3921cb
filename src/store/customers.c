/* Customers by number or by key: entries without gaps, and an index over them. */
#include "store/store.h"

#include <string.h>

static uint64_t hash_key(uint64_t seed, const uint8_t *key, size_t length)
{
	return loy__siphash(seed, ~seed, key, length);
}

loy__who loy__who_key(const loy__customers *c, const void *key, size_t length)
{
	loy__who who = {0, hash_key(c->seed, key, length), key, length};

	return who;
}

uint64_t loy__customers_hash(const void *customers, uint32_t entry)
{
	const loy__customers *c = customers;
	const loy__customer *customer = loy__customers_at(c, entry);

	if (c->keyed)
		return hash_key(c->seed, customer->who.key + 1, customer->who.key[0]);
	return loy__mix64(customer->who.number ^ c->seed);
}

static int is(const loy__customers *c, const loy__customer *customer, const loy__who *who)
{
	if (!c->keyed)
		return customer->who.number == who->number;
	return customer->who.key[0] == who->length &&
	       memcmp(customer->who.key + 1, who->key, who->length) == 0;
}

uint32_t loy__customers_find(const loy__customers *c, const loy__who *who)
{
	loy__search search;
	uint32_t entry;

	loy__index_start(&c->index, who->hash, &search);
	do
		entry = loy__index_next(&c->index, &search);
	while (entry != LOY__NO_ENTRY && !is(c, loy__customers_at(c, entry), who));
	return entry;
}

loy_status loy__customers_reserve(loy__customers *c, const loy_allocator *memory, uint64_t count)
{
	loy_status status = loy__index_reserve(&c->index, memory, count, loy__customers_hash, c);

	if (status == LOY_OK)
		status = loy__vector_reserve(&c->entries, memory, c->index.live + count,
		                             sizeof(loy__customer));
	return status;
}

uint32_t loy__customers_add(loy__customers *c, const loy__who *who, uint8_t *key, loy__record *record)
{
	uint32_t entry = c->index.live;
	loy__customer *customer = loy__customers_at(c, entry);

	if (key != NULL)
		customer->who.key = key;
	else
		customer->who.number = who->number;
	customer->record = record;
	loy__index_add(&c->index, who->hash, entry);
	return entry;
}

void loy__customers_erase(loy__customers *c, uint32_t entry)
{
	uint32_t last = c->index.live - 1;

	loy__index_erase(&c->index, loy__customers_hash(c, entry), entry);
	if (entry != last) {
		loy__index_renumber(&c->index, loy__customers_hash(c, last), last, entry);
		*loy__customers_at(c, entry) = *loy__customers_at(c, last);
	}
}

void loy__customers_free(loy__customers *c, const loy_allocator *memory)
{
	loy__index_free(&c->index, memory);
	loy__vector_free(&c->entries, memory, sizeof(loy__customer));
}

uint8_t *loy__key_create(const loy_allocator *memory, const loy__who *who)
{
	uint8_t *key = loy__alloc(memory, who->length + 1);

	if (key != NULL) {
		key[0] = (uint8_t)who->length;
		memcpy(key + 1, who->key, who->length);
	}
	return key;
}

/* ---- order ---- */

int loy__key_before(const uint8_t *a, const uint8_t *b)
{
	size_t shorter = a[0] < b[0] ? a[0] : b[0];
	int order = memcmp(a + 1, b + 1, shorter);

	return order < 0 || (order == 0 && a[0] < b[0]);
}

static int before(const loy__customers *c, const loy__customer *a, const loy__customer *b)
{
	return c->keyed ? loy__key_before(a->who.key, b->who.key) : a->who.number < b->who.number;
}

static void swap(loy__customer *a, loy__customer *b)
{
	loy__customer kept = *a;

	*a = *b;
	*b = kept;
}

static void insertion_sort(const loy__customers *c, uint32_t first, uint32_t end)
{
	uint32_t i, hole;

	for (i = first + 1; i < end; i++) {
		loy__customer moving = *loy__customers_at(c, i);

		for (hole = i; hole > first && before(c, &moving, loy__customers_at(c, hole - 1)); hole--)
			*loy__customers_at(c, hole) = *loy__customers_at(c, hole - 1);
		*loy__customers_at(c, hole) = moving;
	}
}

/*
 * Hoare's partition of first … end - 1: returns m with first < m < end, nothing before m being after anything
 * from m on. Customers are distinct.
 */
static uint32_t partition(const loy__customers *c, uint32_t first, uint32_t end, uint32_t at)
{
	loy__customer pivot = *loy__customers_at(c, at);
	uint32_t low = first, high = end - 1;

	swap(loy__customers_at(c, at), loy__customers_at(c, first));
	for (;;) {
		while (before(c, loy__customers_at(c, low), &pivot))
			low++;
		while (before(c, &pivot, loy__customers_at(c, high)))
			high--;
		if (low >= high)
			return high + 1;
		swap(loy__customers_at(c, low), loy__customers_at(c, high));
		low++;
		high--;
	}
}

/*
 * Quicksort (Hoare 1962), in place, because a till that sorts must not ask for memory. The pivot is drawn from
 * a seed nobody outside knows, so no choice of customers makes it slow; the larger part waits, so at most one
 * part a doubling does.
 */
static void quick_sort(loy__customers *c)
{
	struct {
		uint32_t first, end;
	} waiting[32];
	uint32_t count = 0, first = 0, end = c->index.live;
	uint64_t random = c->seed;

	for (;;) {
		uint32_t middle;

		while (end - first > 12) {
			random += UINT64_C(0x9e3779b97f4a7c15);
			middle = partition(c, first, end,
			                   first + (uint32_t)(loy__mix64(random) % (end - first)));
			if (middle - first > end - middle) {
				waiting[count].first = first;
				waiting[count++].end = middle;
				first = middle;
			} else {
				waiting[count].first = middle;
				waiting[count++].end = end;
				end = middle;
			}
		}
		insertion_sort(c, first, end);
		if (count == 0)
			return;
		first = waiting[--count].first;
		end = waiting[count].end;
	}
}

void loy__customers_sort(loy__customers *c)
{
	uint32_t i;

	for (i = 1; i < c->index.live; i++) {
		if (before(c, loy__customers_at(c, i), loy__customers_at(c, i - 1)))
			break;
	}
	if (i < c->index.live) {
		quick_sort(c);
		loy__index_rebuild(&c->index, c->index.live, loy__customers_hash, c);
	}
}
