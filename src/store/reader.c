/* Readers: committed records in order, from any position on. */
#include "store/segment.h"

struct loy__journal_reader {
	loy__scan scan;
	uint64_t next;     /* position to be read */
	uint64_t rewrites; /* of the journal when the file was opened */
	int open;
};

loy_status loy__journal_reader_create(loy__journal_reader **out, loy__journal *j, uint64_t from,
                                      loy_error *error)
{
	loy__journal_reader *reader;

	*out = NULL;
	if (!j->ready)
		return loy__fail(error, LOY_ESTATE, "the journal was not replayed yet");
	reader = loy__alloc_zero(&j->memory, sizeof(*reader));
	if (reader == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory to read the journal");
	loy__scan_init(&reader->scan, j);
	reader->next = from;
	*out = reader;
	return LOY_OK;
}

void loy__journal_reader_destroy(loy__journal_reader *reader)
{
	if (reader != NULL) {
		loy_allocator memory = reader->scan.journal->memory;

		loy__scan_free(&reader->scan);
		loy__free(&memory, reader, sizeof(*reader));
	}
}

/* The segment with a position. */
static size_t find_segment(const loy__journal *j, uint64_t position)
{
	size_t low = 0, high = j->current;

	while (low < high) {
		size_t middle = high - (high - low) / 2;

		if (j->segment[middle].first <= position)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* How far a segment may be read. */
static uint64_t end_of(const loy__journal *j, size_t index)
{
	return index == j->current ? j->offset : j->segment[index].bytes;
}

/* Go to the next position to be read. */
static loy_status seek(loy__journal_reader *reader, loy_error *error)
{
	loy__journal *j = reader->scan.journal;
	size_t index = find_segment(j, reader->next);
	loy_status status = loy__scan_segment(&reader->scan, index, end_of(j, index), error);
	loy__record_view skipped;

	while (status == LOY_OK && reader->scan.next < reader->next)
		status = loy__scan_next(&reader->scan, &skipped, error);
	reader->open = status == LOY_OK;
	reader->rewrites = j->rewrites;
	return status;
}

loy_status loy__journal_reader_next(loy__journal_reader *reader, loy__record_view *out, loy_error *error)
{
	loy__journal *j = reader->scan.journal;
	loy_status status = LOY_OK;

	if (reader->next > j->committed)
		return LOY_ENOTFOUND; /* the end is no failure: nothing to tell */
	if (j->poisoned != LOY_OK)    /* a file may have another in its place that is not known here */
		return loy__fail(error, j->poisoned, "a write or a sync failed before; open the store again");
	if (!reader->open || reader->rewrites != j->rewrites ||
	    reader->next > loy__segment_last(j, reader->scan.index))
		status = seek(reader, error);
	else
		reader->scan.end = end_of(j, reader->scan.index);
	if (status == LOY_OK)
		status = loy__scan_next(&reader->scan, out, error);
	if (status == LOY_ENOTFOUND)
		return loy__scan_damaged(&reader->scan, reader->scan.at, error);
	if (status == LOY_OK)
		reader->next = out->position + 1;
	return status;
}
