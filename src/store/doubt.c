/*
 * What lies behind the place where reading stopped: a torn tail or damage. An intact frame that was written
 * when the missing record was already known to be on the medium proves damage; nothing else does.
 */
#include "store/segment.h"

#include <string.h>

#define TAGGED    64u /* bit of a record's type: 16 bytes are in front of the event */
#define TAG_BYTES 16u
/*
 * Where canonical bytes of an event have the identity (event_bytes.c): after length, version, kind and time.
 */
#define IDENTITY_AT  15u
#define IDENTITY_END 31u
#define ZERO_PAGE    1024u

/* What a search knows. */
struct search {
	loy__scan *scan;
	uint64_t missing; /* position */
	uint64_t stop;    /* where reading stopped, in its file */
	uint64_t from;    /* where this file's doubtful bytes begin */
	uint64_t end;     /* behind the last byte that is not zero */
	uint32_t generation;
	int covered, found;
	loy_recovery *report;
};

/* The identity of an event, from a frame whose sum may be wrong at the place where reading stopped. */
static void make_out(struct search *s, const loy__frame *frame)
{
	uint32_t skip = frame->type & TAGGED ? TAG_BYTES : 0;

	if (frame->flags & LOY__FRAME_LEAF)
		skip += LOY__BLAKE2S_SIZE;
	else if (frame->flags & LOY__FRAME_SALT)
		skip += LOY__SALT_SIZE;
	if ((frame->type & 15u) != LOY_RECORD_EVENT || (frame->type & LOY__TYPE_OWN) ||
	    frame->body_size < skip + IDENTITY_END)
		return;
	s->found = 1;
	s->report->doubtful_high = loy__get_u64(frame->body + skip + IDENTITY_AT);
	s->report->doubtful_low = loy__get_u64(frame->body + skip + IDENTITY_AT + 8);
}

/* One place where a frame may begin. */
static void try_place(struct search *s, uint64_t at, const uint8_t *bytes, size_t size)
{
	int first = s->from == s->stop && at == s->stop;
	loy__frame frame;

	if (!loy__frame_head(&frame, bytes, size) || frame.generation > s->generation ||
	    frame.sequence < s->missing)
		return;
	/*
	 * Sums of further frames of a record go on from the one before: those are not recognised, and need
	 * not be.
	 */
	if (loy__frame_intact(&frame, bytes, s->scan->journal->seed))
		s->covered |= loy__frame_covers(&frame, s->missing);
	else if (!first || frame.sequence != s->missing)
		return;
	if (!s->found)
		make_out(s, &frame);
}

/* Whether the next bytes, a page of them, are zeroes, as most of a journal file is. */
static int is_empty_page(const uint8_t *bytes, size_t size)
{
	return size >= ZERO_PAGE && loy__get_u64(bytes) == 0 && memcmp(bytes, bytes + 8, ZERO_PAGE - 8) == 0;
}

/* Look at one file from `from` on. */
static loy_status search_file(struct search *s, loy_error *error)
{
	uint64_t at = s->from;
	const uint8_t *bytes;
	size_t size, i, k;

	s->end = at;
	for (;;) {
		loy_status status = loy__scan_load(s->scan, at, LOY__FRAME_MAX, &bytes, &size, error);

		if (status != LOY_OK || size == 0)
			return status;
		/* Frames that may go on behind what was read are looked at with the next bytes. */
		for (i = 0; i < size && (size - i >= LOY__FRAME_MAX || at + size >= s->scan->end); i += 8) {
			size_t part = size - i < 8 ? size - i : 8;

			if (is_empty_page(bytes + i, size - i)) {
				i += ZERO_PAGE - 8;
				continue;
			}
			for (k = part; k > 0 && bytes[i + k - 1] == 0; k--) {}
			if (k == 0)
				continue;
			s->end = at + i + k;
			try_place(s, at + i, bytes + i, size - i);
		}
		if (i == 0)
			return LOY_OK; /* the file became shorter */
		at += i;
	}
}

loy_status loy__doubt(loy__scan *scan, int *covered, uint64_t *torn, loy_recovery *report, loy_error *error)
{
	loy__journal *j = scan->journal;
	struct search s = {scan, scan->next, scan->at, scan->at, 0, j->meta.generation, 0, 0, report};
	loy_status status;
	size_t i;

	*torn = 0;
	status = search_file(&s, error);
	*torn = s.end - s.from;
	for (i = scan->index + 1; status == LOY_OK && i < j->count; i++) {
		status = loy__scan_file(scan, i, 0, error);
		s.from = 0;
		s.stop = UINT64_MAX;
		if (status == LOY_OK)
			status = search_file(&s, error);
		*torn += s.end - s.from;
	}
	*covered = s.covered || scan->covered >= s.missing;
	return status;
}
