/*
 * Sorting by a 64-bit key. Radix sort by the 33 highest bits in which keys differ at all, three passes of 11 bits; then
 * runs that agree in those are put in order by merging, with a comparison of the caller's for equal keys.
 */
#include "numeric/numeric.h"

#include <string.h>

#define DIGIT_BITS  11u
#define DIGITS      ((size_t)1 << DIGIT_BITS)
#define PASSES      3u
#define INSERT_MOST 12u

unsigned loy__bit_length(uint64_t v)
{
	unsigned length = 0;

	while (v != 0) {
		length++;
		v >>= 1;
	}
	return length;
}

/* Scatter by one digit, whose counts are given. */
static void radix_pass(const loy__sort_entry *from, loy__sort_entry *to, size_t count, unsigned shift,
                       uint32_t *start)
{
	uint32_t sum = 0;
	size_t digit, i;

	for (digit = 0; digit < DIGITS; digit++) {
		uint32_t here = start[digit];

		start[digit] = sum;
		sum += here;
	}
	for (i = 0; i < count; i++)
		to[start[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
}

/* The digits of all passes are counted in one: their order does not matter for that. */
static void count_digits(const loy__sort_entry *from, size_t count, unsigned low, uint32_t *digits)
{
	size_t i;

	memset(digits, 0, PASSES * DIGITS * sizeof(*digits));
	for (i = 0; i < count; i++) {
		uint64_t key = from[i].key >> low;

		digits[key & (DIGITS - 1)]++;
		digits[DIGITS + (key >> DIGIT_BITS & (DIGITS - 1))]++;
		digits[2 * DIGITS + (key >> 2 * DIGIT_BITS & (DIGITS - 1))]++;
	}
}

static LOY__ALWAYS_INLINE int in_order(const loy__sort_entry *a, const loy__sort_entry *b, loy__sort_tie tie,
                                       const void *user)
{
	if (a->key != b->key)
		return a->key < b->key;
	if (a->minor != b->minor)
		return a->minor < b->minor;
	return tie == NULL || tie(a->index, b->index, user) <= 0;
}

static void insertion_sort(loy__sort_entry *run, size_t count, loy__sort_tie tie, const void *user)
{
	size_t i, j;

	for (i = 1; i < count; i++) {
		loy__sort_entry moving = run[i];

		for (j = i; j > 0 && !in_order(&run[j - 1], &moving, tie, user); j--)
			run[j] = run[j - 1];
		run[j] = moving;
	}
}

/* Merge neighbours of `width` from one array to the other. */
static void merge_pass(const loy__sort_entry *from, loy__sort_entry *to, size_t count, size_t width,
                       loy__sort_tie tie, const void *user)
{
	size_t left, at = 0;

	for (left = 0; left < count; left += 2 * width) {
		size_t middle = count - left < width ? count : left + width;
		size_t end = count - left < 2 * width ? count : left + 2 * width;
		size_t a = left, b = middle;

		while (a < middle && b < end)
			to[at++] = in_order(&from[a], &from[b], tie, user) ? from[a++] : from[b++];
		while (a < middle)
			to[at++] = from[a++];
		while (b < end)
			to[at++] = from[b++];
	}
}

static void sort_run(loy__sort_entry *run, loy__sort_entry *spare, size_t count, loy__sort_tie tie,
                     const void *user)
{
	loy__sort_entry *from = run, *to = spare;
	size_t i, width;

	for (i = 1; i < count && in_order(&run[i - 1], &run[i], tie, user); i++)
		;
	if (i >= count)
		return;
	for (i = 0; i < count; i += INSERT_MOST)
		insertion_sort(run + i, count - i < INSERT_MOST ? count - i : INSERT_MOST, tie, user);
	for (width = INSERT_MOST; width < count; width *= 2) {
		loy__sort_entry *kept = from;

		merge_pass(from, to, count, width, tie, user);
		from = to;
		to = kept;
	}
	if (from != run)
		memcpy(run, from, count * sizeof(*run));
}

loy_status loy__sorter_open(loy__sorter *sorter, const loy_allocator *memory, size_t capacity)
{
	size_t bytes;

	if (capacity > UINT32_MAX || !loy__mul_size(capacity, sizeof(*sorter->entries), &bytes))
		return LOY_ENOMEM;
	sorter->memory = *memory;
	sorter->capacity = capacity;
	sorter->entries = loy__alloc(memory, bytes);
	sorter->spare = loy__alloc(memory, bytes);
	sorter->digits =
	        loy__alloc(memory, PASSES * DIGITS * sizeof(*sorter->digits)); /* too large for the stack */
	if (sorter->entries != NULL && sorter->spare != NULL && sorter->digits != NULL)
		return LOY_OK;
	loy__sorter_close(sorter);
	return LOY_ENOMEM;
}

void loy__sorter_close(loy__sorter *sorter)
{
	loy__free(&sorter->memory, sorter->entries, sorter->capacity * sizeof(*sorter->entries));
	loy__free(&sorter->memory, sorter->spare, sorter->capacity * sizeof(*sorter->spare));
	loy__free(&sorter->memory, sorter->digits, PASSES * DIGITS * sizeof(*sorter->digits));
	sorter->entries = sorter->spare = NULL;
	sorter->digits = NULL;
}

/* Sort by the highest bits that differ; returns how many bits below them were left out. */
static unsigned sort_high_bits(loy__sorter *sorter, size_t count)
{
	uint64_t differ = 0;
	uint32_t *digits = sorter->digits;
	unsigned low, high, shift;
	size_t i;

	for (i = 1; i < count; i++)
		differ |= sorter->entries[i].key ^ sorter->entries[0].key;
	high = loy__bit_length(differ);
	low = high != 0 ? loy__bit_length(differ & (~differ + 1)) - 1 : 0;
	if (high - low > PASSES * DIGIT_BITS)
		low = high - PASSES * DIGIT_BITS;
	if (high != 0)
		count_digits(sorter->entries, count, low, sorter->digits);
	for (shift = low; shift < high; shift += DIGIT_BITS, digits += DIGITS) {
		loy__sort_entry *kept = sorter->entries;

		radix_pass(sorter->entries, sorter->spare, count, shift, digits);
		sorter->entries = sorter->spare;
		sorter->spare = kept;
	}
	return low;
}

void loy__sorter_run(loy__sorter *sorter, size_t count, loy__sort_tie tie, const void *user)
{
	unsigned below = sort_high_bits(sorter, count);
	loy__sort_entry *entries = sorter->entries;
	size_t start, end;

	for (start = 0; start < count; start = end) {
		uint64_t high = entries[start].key >> below;

		for (end = start + 1; end < count && entries[end].key >> below == high; end++)
			;
		if (end - start > 1)
			sort_run(entries + start, sorter->spare, end - start, tie, user);
	}
}
