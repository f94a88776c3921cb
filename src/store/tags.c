/* Sets of tags: which records of which openings a store has. */
#include "store/ledger.h"

#include <string.h>

#define SPANS_MAX ((size_t)1 << 26)

/* The first span that does not lie wholly before a tag: spans[i].end > number in its life, or of a later life. */
static size_t place_of(const loy__tags *tags, loy__tag tag)
{
	size_t low = 0, high = tags->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const loy__span *span = &tags->span[middle];

		if (span->life < tag.life || (span->life == tag.life && span->end <= tag.number))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int loy__tags_have(const loy__tags *tags, loy__tag tag)
{
	size_t at = place_of(tags, tag);

	return at < tags->count && tags->span[at].life == tag.life && tags->span[at].first <= tag.number;
}

int loy__tags_cover(const loy__tags *tags, const loy__tags *part)
{
	size_t i, at;

	for (i = 0; i < part->count; i++) {
		loy__tag first = {part->span[i].life, part->span[i].first};

		at = place_of(tags, first);
		if (at == tags->count || tags->span[at].life != first.life ||
		    tags->span[at].first > first.number || tags->span[at].end < part->span[i].end)
			return 0;
	}
	return 1;
}

loy_status loy__tags_reserve(loy__tags *tags, const loy_allocator *memory, size_t count)
{
	void *span = tags->span;
	loy_status status;

	if (LOY__LIKELY(count <= tags->capacity - tags->count))
		return LOY_OK;
	status = loy__grow(memory, &span, &tags->capacity, tags->count + count, sizeof(*tags->span),
	                   SPANS_MAX);
	tags->span = span;
	return status;
}

static void take_out(loy__tags *tags, size_t at)
{
	tags->count--;
	memmove(&tags->span[at], &tags->span[at + 1], (tags->count - at) * sizeof(*tags->span));
}

size_t loy__tags_add(loy__tags *tags, loy__tag tag)
{
	size_t at = place_of(tags, tag);
	loy__span *span = tags->span + at; /* one behind the last when it is the end */
	int follows = at > 0 && span[-1].life == tag.life && span[-1].end == tag.number;
	int here = at < tags->count && span->life == tag.life;

	if (here && span->first <= tag.number)
		return at;
	here = here && span->first == tag.number + 1;
	if (follows && here) {
		span[-1].end = span->end;
		take_out(tags, at);
	} else if (follows) {
		span[-1].end++;
	} else if (here) {
		span->first--;
	} else {
		memmove(span + 1, span, (tags->count - at) * sizeof(*span));
		span->life = tag.life;
		span->first = tag.number;
		span->end = tag.number + 1;
		tags->count++;
	}
	return follows ? at - 1 : at;
}

void loy__tags_add_run(loy__tags *tags, loy__tag tag, uint64_t count)
{
	for (; count != 0; count--, tag.number++) {
		size_t at = loy__tags_add(tags, tag);

		if (at + 1 == tags->count || tags->span[at + 1].life != tag.life) { /* nothing in the way */
			uint64_t end = tag.number + count;

			tags->span[at].end = end > tags->span[at].end ? end : tags->span[at].end;
			return;
		}
	}
}

void loy__tags_remove(loy__tags *tags, loy__tag tag)
{
	size_t at = place_of(tags, tag);
	loy__span *span = tags->span + at;

	if (span->first == tag.number && span->end == tag.number + 1) {
		take_out(tags, at);
	} else if (span->first == tag.number) {
		span->first++;
	} else if (span->end == tag.number + 1) {
		span->end--;
	} else {
		memmove(span + 1, span, (tags->count - at) * sizeof(*span));
		span->end = tag.number;
		span[1].first = tag.number + 1;
		tags->count++;
	}
}

void loy__tags_free(loy__tags *tags, const loy_allocator *memory)
{
	loy__free(memory, tags->span, tags->capacity * sizeof(*tags->span));
	memset(tags, 0, sizeof(*tags));
}

void loy__tags_write(const loy__tags *tags, loy__writer *out)
{
	size_t i;

	loy__write_u64(out, tags->count);
	for (i = 0; i < tags->count; i++) {
		loy__write_u64(out, tags->span[i].life);
		loy__write_u64(out, tags->span[i].first);
		loy__write_u64(out, tags->span[i].end);
	}
}

/* Canonical: ascending, not empty, not touching. A number of 2^64 - 1 is none, so that ends do not overflow. */
int loy__span_follows(const loy__span *last, const loy__span *span)
{
	if (span->first >= span->end)
		return 0;
	return last == NULL || last->life < span->life ||
	       (last->life == span->life && last->end < span->first);
}

loy_status loy__tags_read(loy__tags *out, loy__reader *in, const loy_allocator *memory)
{
	uint64_t count = loy__read_u64(in), i;
	loy_status status;

	memset(out, 0, sizeof(*out));
	if (in->status != LOY_OK || count > loy__reader_left(in) / sizeof(*out->span))
		return LOY_EFORMAT;
	status = loy__tags_reserve(out, memory, (size_t)count);
	if (status != LOY_OK)
		return status;
	for (i = 0; i < count; i++) {
		loy__span *span = &out->span[i];

		span->life = loy__read_u64(in);
		span->first = loy__read_u64(in);
		span->end = loy__read_u64(in);
		if (!loy__span_follows(i != 0 ? span - 1 : NULL, span)) {
			loy__tags_free(out, memory);
			return LOY_EFORMAT;
		}
		out->count++;
	}
	return LOY_OK;
}
