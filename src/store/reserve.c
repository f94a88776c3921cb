/*
 * Room for records, in memory and in files, before they are appended: what is full or out of memory is told
 * while nothing has changed yet.
 */
#include "store/segment.h"

#include <string.h>

#define BUFFER_MIN 65536u

/* Memory for `more` bytes of frames, a gap before them and padding behind. */
static loy_status grow_buffer(loy__journal *j, uint64_t more, loy_error *error)
{
	uint64_t need = j->used + more + loy__journal_gap(j) + LOY__SECTOR;
	size_t size = j->buffer_size;
	void *grown;

	if (need <= size)
		return LOY_OK;
	if (need > SIZE_MAX / 4)
		return loy__fail(error, LOY_ENOMEM, "no memory for so many records at once");
	if (size < BUFFER_MIN)
		size = BUFFER_MIN;
	while (size < need)
		size *= 2;
	grown = loy__resize(&j->memory, j->buffer, j->buffer_size, size);
	if (grown == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for records that wait");
	j->buffer = grown;
	j->buffer_size = size;
	return LOY_OK;
}

/* What is appended from now on, and the unit that is open, goes to the segment ahead. */
static loy_status go_ahead(loy__journal *j, uint64_t more, loy_error *error)
{
	size_t moving = j->unit ? j->used - j->unit_at : 0, gap = loy__journal_gap(j);
	uint64_t need = LOY__SEGMENT_HEAD + moving + more + loy__journal_spare(j);
	loy_status status = LOY_OK;

	if (j->ahead == NULL)
		status = loy__segment_ahead(j, need, error);
	else if (j->segment[j->current + 1].bytes < need)
		status = loy__segment_extend(j, j->current + 1, need, error);
	if (status != LOY_OK)
		return status;
	memmove(j->buffer + (j->used - moving) + gap, j->buffer + (j->used - moving), moving);
	j->split = j->used - moving + gap;
	j->split_first = moving != 0 ? j->unit_first : j->last + 1;
	j->used += gap;
	j->unit_at = j->split;
	j->last_frame += gap;
	return LOY_OK;
}

/* Where frames that are appended now end in their file, with what is left free there. */
static uint64_t end_of_frames(const loy__journal *j)
{
	uint64_t begin = j->split != 0 || j->offset == 0 ? LOY__SEGMENT_HEAD : j->offset;

	return begin + (j->used - (j->split != 0 ? j->split : LOY__SEGMENT_HEAD)) + loy__journal_spare(j);
}

static size_t file_of_frames(const loy__journal *j)
{
	return j->split != 0 ? j->current + 1 : j->current;
}

uint64_t loy__journal_fits(const loy__journal *j, uint64_t size)
{
	uint64_t bytes = j->segment[file_of_frames(j)].bytes, end = end_of_frames(j);
	uint64_t each = loy__frames_bound(1, size) + size * LOY__FRAME_HEAD / LOY__FRAME_BODY + 1;

	return end < bytes ? (bytes - end) / each : 0;
}

loy_status loy__journal_reserve(loy__journal *j, uint64_t records, uint64_t bytes, loy_error *error)
{
	uint64_t more = loy__frames_bound(records, bytes), end;
	loy_status status = loy__journal_writable(j, error);

	if (status != LOY_OK)
		return status;
	if (more > SIZE_MAX / 4)
		return loy__fail(error, LOY_ENOMEM, "no memory for so many records at once");
	status = grow_buffer(j, more, error);
	if (status != LOY_OK)
		return status;
	end = end_of_frames(j) + more;
	if (end > j->segment[file_of_frames(j)].bytes)
		status = j->split != 0 || j->offset == 0
		                 ? loy__segment_extend(j, file_of_frames(j), end, error)
		                 : go_ahead(j, more, error);
	if (status == LOY_OK && j->room < more)
		j->room = more;
	return status;
}
