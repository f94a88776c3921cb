/* Identities with more than one content: few, so an array in order does. */
#include "store/ledger_state.h"

#include <string.h>

#define CONTENTS_MAX ((size_t)1 << 26)

static int before(const loy__content *a, uint64_t high, uint64_t low, uint64_t digest)
{
	if (a->high != high)
		return a->high < high;
	if (a->low != low)
		return a->low < low;
	return a->digest < digest;
}

/* The first content that is not before this one. */
static size_t place_of(const loy__contents *set, uint64_t high, uint64_t low, uint64_t digest)
{
	size_t first = 0, end = set->count;

	while (first < end) {
		size_t middle = (first + end) / 2;

		if (before(&set->at[middle], high, low, digest))
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static int is_of(const loy__contents *set, size_t at, uint64_t high, uint64_t low)
{
	return at < set->count && set->at[at].high == high && set->at[at].low == low;
}

size_t loy__contents_of(const loy__contents *set, uint64_t high, uint64_t low, size_t *count)
{
	size_t first = set->count != 0 ? place_of(set, high, low, 0) : 0;

	for (*count = 0; is_of(set, first + *count, high, low); ++*count)
		;
	return first;
}

int loy__contents_have(const loy__contents *set, uint64_t high, uint64_t low, uint64_t digest)
{
	size_t at = set->count != 0 ? place_of(set, high, low, digest) : 0;

	return is_of(set, at, high, low) && set->at[at].digest == digest;
}

loy_status loy__contents_add(loy__contents *set, const loy_allocator *memory, const loy__content *content)
{
	size_t at = place_of(set, content->high, content->low, content->digest);
	void *block = set->at;
	loy_status status;

	if (is_of(set, at, content->high, content->low) && set->at[at].digest == content->digest)
		return LOY_OK;
	status = loy__grow(memory, &block, &set->capacity, set->count + 1, sizeof(*set->at), CONTENTS_MAX);
	set->at = block;
	if (status != LOY_OK)
		return status;
	memmove(&set->at[at + 1], &set->at[at], (set->count - at) * sizeof(*set->at));
	set->at[at] = *content;
	set->count++;
	return LOY_OK;
}

loy_status loy__contents_copy(loy__contents *out, const loy__contents *from, const loy_allocator *memory)
{
	memset(out, 0, sizeof(*out));
	if (from->count == 0)
		return LOY_OK;
	out->at = loy__alloc(memory, from->count * sizeof(*out->at));
	if (out->at == NULL)
		return LOY_ENOMEM;
	memcpy(out->at, from->at, from->count * sizeof(*out->at));
	out->count = out->capacity = from->count;
	return LOY_OK;
}

void loy__contents_free(loy__contents *set, const loy_allocator *memory)
{
	loy__free(memory, set->at, set->capacity * sizeof(*set->at));
	memset(set, 0, sizeof(*set));
}
