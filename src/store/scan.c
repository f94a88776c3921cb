/* Reading one journal file from its first record on: sums, numbers, units. */
#include "store/segment.h"

#include <string.h>

void loy__scan_init(loy__scan *scan, loy__journal *j)
{
	memset(scan, 0, sizeof(*scan));
	scan->journal = j;
}

static void close_file(loy__scan *scan)
{
	if (scan->file != NULL)
		scan->journal->files.close(scan->journal->files.user_data, scan->file);
	scan->file = NULL;
}

void loy__scan_free(loy__scan *scan)
{
	close_file(scan);
	loy__free(&scan->journal->memory, scan->window, LOY__SCAN_BYTES);
	loy__free(&scan->journal->memory, scan->record, scan->record_capacity);
	loy__scan_init(scan, scan->journal);
}

loy_status loy__scan_damaged(const loy__scan *scan, uint64_t byte, loy_error *error)
{
	loy__journal_name name;

	loy__segment_name(loy__segment_number(scan->journal, scan->index), &name);
	return loy__fail_file(error, LOY_EDAMAGED, "a journal file is damaged", name.text, (int64_t)byte);
}

static loy_status unreadable(const loy__scan *scan, loy_status status, uint64_t byte, loy_error *error)
{
	loy__journal_name name;

	loy__segment_name(loy__segment_number(scan->journal, scan->index), &name);
	return loy__fail_file(error, status, "a journal file cannot be read", name.text, (int64_t)byte);
}

loy_status loy__scan_file(loy__scan *scan, size_t index, uint64_t end, loy_error *error)
{
	loy__journal *j = scan->journal;
	loy__journal_name name;
	loy_status status;

	close_file(scan);
	if (scan->window == NULL)
		scan->window = loy__alloc(&j->memory, LOY__SCAN_BYTES);
	if (scan->window == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory to read the journal");
	scan->index = index;
	scan->window_at = scan->at = scan->unit_end = scan->proved_at = scan->proved_end = 0;
	scan->window_size = 0;
	loy__segment_name(loy__segment_number(j, index), &name);
	status = loy__files_status(j->files.open(j->files.user_data, name.text, LOY_OPEN_READ, &scan->file));
	if (status != LOY_OK) {
		scan->file = NULL;
		return unreadable(scan, status == LOY_ENOTFOUND ? LOY_EDAMAGED : status, 0, error);
	}
	scan->end = end != 0 ? end : j->segment[index].bytes;
	return LOY_OK;
}

loy_status loy__scan_segment(loy__scan *scan, size_t index, uint64_t end, loy_error *error)
{
	const uint8_t *bytes;
	size_t size;
	loy_status status = loy__scan_file(scan, index, end, error);

	if (status == LOY_OK)
		status = loy__scan_load(scan, 0, LOY__SEGMENT_HEAD, &bytes, &size, error);
	if (status != LOY_OK)
		return status;
	if (loy__segment_head_read(scan->journal, bytes, size, &scan->head) != LOY__SEGMENT_USED)
		return loy__scan_damaged(scan, 0, error);
	scan->at = scan->unit_end = scan->record_end = LOY__SEGMENT_HEAD;
	scan->next = scan->head.first;
	scan->covered = scan->head.first - 1;
	scan->generation = scan->head.generation;
	scan->secret_block = 0;
	return LOY_OK;
}

loy_status loy__scan_load(loy__scan *scan, uint64_t at, size_t want, const uint8_t **bytes, size_t *size,
                          loy_error *error)
{
	loy__journal *j = scan->journal;
	uint64_t window_end = scan->window_at + scan->window_size, start = at;
	size_t kept = 0, got = 0, part;
	loy_status status;

	if (LOY__UNLIKELY(at < scan->window_at || at > window_end ||
	                  (window_end - at < want && window_end < scan->end))) {
		/* What was not given out yet stays, when there is room for it and for what is wanted. */
		if (at - scan->at <= LOY__SCAN_BYTES - want)
			start = scan->at;
		if (start >= scan->window_at && start < window_end) {
			kept = (size_t)(window_end - start);
			memmove(scan->window, scan->window + (start - scan->window_at), kept);
		}
		if (kept == 0 || scan->proved_end < start)
			scan->proved_at = scan->proved_end = start;
		if (scan->proved_at < start)
			scan->proved_at = start;
		scan->window_at = start;
		scan->window_size = kept;
		part = LOY__SCAN_BYTES - kept;
		if (start + kept + part > scan->end)
			part = scan->end > start + kept ? (size_t)(scan->end - start - kept) : 0;
		if (part != 0) {
			status = loy__files_status(j->files.read_at(j->files.user_data, scan->file,
			                                            start + kept, scan->window + kept, part,
			                                            &got));
			if (status != LOY_OK)
				return unreadable(scan, status, start + kept, error);
		}
		scan->window_size += got <= part ? got : part;
		window_end = start + scan->window_size;
		if (at > window_end) { /* the file became shorter */
			*bytes = scan->window;
			*size = 0;
			return LOY_OK;
		}
	}
	*bytes = scan->window + (at - scan->window_at);
	*size = (size_t)(window_end - at);
	return LOY_OK;
}

/* Commits may be padded with zeroes to the next sector: step over them. */
static loy_status step_over(loy__scan *scan, uint64_t *at, const uint8_t **bytes, size_t *size,
                            loy_error *error)
{
	size_t gap = (size_t)((LOY__SECTOR - *at % LOY__SECTOR) % LOY__SECTOR), i;
	loy_status status;

	if (gap == 0 || (*size >= 8 && (*bytes)[4] != 0))
		return LOY_OK;
	status = loy__scan_load(scan, *at, gap + LOY__FRAME_MAX, bytes, size, error);
	if (status != LOY_OK || *size < gap + LOY__FRAME_HEAD)
		return status;
	for (i = 0; i < gap; i++) {
		if ((*bytes)[i] != 0)
			return LOY_OK;
	}
	*at += gap;
	*bytes += gap;
	*size -= gap;
	return LOY_OK;
}

/* Where a look ahead for the end of a unit stands. */
struct ahead {
	uint64_t at, next;
	uint32_t generation, seed;
	uint8_t type, flags; /* of a record that goes on */
	int begun, more;
};

/* Is the frame what comes next? */
static int continues(const loy__scan *scan, const struct ahead *a, const loy__frame *frame)
{
	int own = (frame->type & LOY__TYPE_OWN) != 0;

	if (frame->generation < a->generation || frame->generation > scan->journal->meta.generation ||
	    frame->behind > frame->sequence)
		return 0;
	if (a->more)
		return frame->sequence == a->next && frame->type == a->type &&
		       !((frame->flags ^ a->flags) & (LOY__FRAME_SALT | LOY__FRAME_LEAF));
	return own ? frame->sequence == a->next - 1 && (frame->flags & ~LOY__FRAME_PAD) == 0
	           : frame->sequence == a->next;
}

static loy_status newer(const loy__scan *scan, uint64_t at, loy_error *error)
{
	loy__journal_name name;

	loy__segment_name(loy__segment_number(scan->journal, scan->index), &name);
	return loy__fail_file(error, LOY_EVERSION, "a journal file has records of a newer version", name.text,
	                      (int64_t)at);
}

static int understood(const loy__frame *frame)
{
	if ((frame->flags & 0x80) != 0)
		return 0;
	return !(frame->type & LOY__TYPE_OWN) || (frame->type & LOY__TYPE_SKIP) ||
	       frame->type == LOY__FRAME_CLOSE || frame->type == LOY__FRAME_SECRET;
}

/* Look for the end of the unit that begins at scan->at. LOY_ENOTFOUND: there is none. */
static loy_status find_unit(loy__scan *scan, loy_error *error)
{
	struct ahead a = {scan->at, scan->next, scan->generation, scan->journal->seed, 0, 0, 0, 0};
	const uint8_t *bytes;
	loy__frame frame;
	size_t size;

	for (;;) {
		loy_status status = loy__scan_load(scan, a.at, LOY__FRAME_MAX, &bytes, &size, error);

		if (status == LOY_OK && !a.begun)
			status = step_over(scan, &a.at, &bytes, &size, error);
		if (status != LOY_OK)
			return status;
		if (!loy__frame_head(&frame, bytes, size) || !loy__frame_intact(&frame, bytes, a.seed))
			return LOY_ENOTFOUND;
		if (!understood(&frame))
			return newer(scan, a.at, error);
		if (!continues(scan, &a, &frame))
			return LOY_ENOTFOUND;
		if (!a.begun)
			scan->at = a.at;
		if (frame.sequence - frame.behind > scan->covered)
			scan->covered = frame.sequence - frame.behind;
		if (scan->proved_end < a.at)
			scan->proved_at = a.at;
		a.at += frame.size;
		scan->proved_end = a.at;
		a.generation = frame.generation;
		a.more = (frame.flags & LOY__FRAME_MORE) != 0;
		a.seed = a.more ? frame.sum : scan->journal->seed;
		a.type = frame.type;
		a.flags = frame.flags;
		if (!(frame.type & LOY__TYPE_OWN))
			a.next += !a.more;
		else if (a.begun)
			continue;
		if (!a.more && ((frame.flags & LOY__FRAME_END) || (frame.type & LOY__TYPE_OWN))) {
			scan->unit_end = a.at;
			return LOY_OK;
		}
		a.begun = 1;
	}
}

/*
 * The frame at scan->at, which find_unit() has accepted; its sum is looked at again when it had to be read
 * again.
 */
static loy_status take_frame(loy__scan *scan, uint32_t seed, loy__frame *frame, loy_error *error)
{
	const uint8_t *bytes = NULL;
	size_t size = 0;
	loy_status status = loy__scan_load(scan, scan->at, LOY__FRAME_MAX, &bytes, &size, error);

	if (status != LOY_OK)
		return status;
	if (!loy__frame_head(frame, bytes, size))
		return loy__scan_damaged(scan, scan->at, error);
	if ((scan->at < scan->proved_at || scan->at + frame->size > scan->proved_end) &&
	    !loy__frame_intact(frame, bytes, seed))
		return loy__scan_damaged(scan, scan->at, error);
	scan->at += frame->size;
	return LOY_OK;
}

/* Put a record of several frames together; `frame` is its first. */
static loy_status assemble(loy__scan *scan, loy__frame *frame, loy_error *error)
{
	const size_t limit = LOY__RECORD_MAX + LOY__BLAKE2S_SIZE;
	void *record = scan->record;
	size_t size = 0;

	for (;;) {
		loy_status status = loy__grow(&scan->journal->memory, &record, &scan->record_capacity,
		                              size + frame->body_size, 1, limit);

		scan->record = record;
		if (status == LOY_ELIMIT)
			return loy__scan_damaged(scan, scan->record_at, error);
		if (status != LOY_OK)
			return loy__fail(error, status, "no memory to read a record");
		memcpy(scan->record + size, frame->body, frame->body_size);
		size += frame->body_size;
		if (!(frame->flags & LOY__FRAME_MORE))
			break;
		status = take_frame(scan, frame->sum, frame, error);
		if (status != LOY_OK)
			return status;
	}
	frame->body = scan->record;
	frame->body_size = (uint32_t)size;
	return LOY_OK;
}

/* The secret of the block that begins, from a frame of the journal's own. */
static void own_frame(loy__scan *scan, const loy__frame *frame)
{
	if (frame->type == LOY__FRAME_SECRET && frame->body_size == 8 + LOY__SECRET_SIZE) {
		scan->secret_block = loy__get_u64(frame->body) + 1;
		memcpy(scan->secret, frame->body + 8, LOY__SECRET_SIZE);
	}
}

loy_status loy__scan_next(loy__scan *scan, loy__record_view *out, loy_error *error)
{
	uint32_t link;
	loy__frame frame;

	do {
		loy_status status = LOY_OK;

		if (scan->at >= scan->unit_end)
			status = find_unit(scan, error);
		scan->record_at = scan->at;
		if (status == LOY_OK)
			status = take_frame(scan, scan->journal->seed, &frame, error);
		if (status != LOY_OK)
			return status;
		scan->generation = frame.generation;
		if (frame.type & LOY__TYPE_OWN)
			own_frame(scan, &frame);
	} while (frame.type & LOY__TYPE_OWN);
	scan->flags = frame.flags;
	scan->record_generation = frame.generation;
	if (frame.flags & LOY__FRAME_MORE) {
		loy_status status = assemble(scan, &frame, error);

		if (status != LOY_OK)
			return status;
	}
	link = scan->flags & LOY__FRAME_LEAF   ? LOY__BLAKE2S_SIZE
	       : scan->flags & LOY__FRAME_SALT ? LOY__SALT_SIZE
	                                       : 0;
	if (frame.body_size < link || frame.body_size - link > LOY__RECORD_MAX)
		return loy__scan_damaged(scan, scan->record_at, error);
	scan->flags = (scan->flags & ~(uint32_t)LOY__FRAME_END) | (frame.flags & LOY__FRAME_END);
	scan->link = link != 0 ? frame.body : NULL;
	scan->record_end = scan->at;
	out->position = scan->next++;
	out->type = frame.type;
	out->body = frame.body + link;
	out->size = frame.body_size - link;
	return LOY_OK;
}

/*
 * A salt for each record from a secret of its file: of the block first, so that blocks can be forgotten one
 * by one.
 */
int loy__scan_salt(loy__scan *scan, uint64_t position, uint8_t out[LOY__SALT_SIZE])
{
	uint64_t block = position / LOY__CHAIN_BLOCK;
	uint8_t number[8], whole[LOY__BLAKE2S_SIZE];
	loy__blake2s hash;

	if (scan->flags & LOY__FRAME_SALT) {
		memcpy(out, scan->link, LOY__SALT_SIZE);
		return 1;
	}
	if (scan->secret_block != block + 1) {
		if (!scan->head.has_secret)
			return 0;
		loy__put_u64(number, block);
		loy__blake2s_init(&hash);
		loy__blake2s_add(&hash, scan->head.secret, LOY__SECRET_SIZE);
		loy__blake2s_add(&hash, number, sizeof(number));
		loy__blake2s_end(&hash, scan->secret);
		scan->secret_block = block + 1;
	}
	loy__put_u64(number, position);
	loy__blake2s_init(&hash);
	loy__blake2s_add(&hash, scan->secret, LOY__SECRET_SIZE);
	loy__blake2s_add(&hash, number, sizeof(number));
	loy__blake2s_end(&hash, whole);
	memcpy(out, whole, LOY__SALT_SIZE);
	return 1;
}
