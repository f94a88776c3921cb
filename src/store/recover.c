/*
 * Opening: reading what was committed, finding where it ends, and making sure of it. What nobody vouches for
 * (the last group of a store that was not closed in order) may be in the system's memory only: it is written
 * again, to another file, before anything else is.
 */
#include "store/segment.h"

#include <string.h>

#define SMALL_SHARE 4u /* of the bytes of a segment */

/* Where the journal ends. */
struct end {
	uint64_t at;      /* byte of the current segment where reading stopped */
	uint64_t free;    /* byte of it behind the last record */
	uint64_t last;    /* its position */
	uint64_t covered; /* last position that is known to be on the medium */
	uint64_t torn;
};

/* What is done with records. */
struct reading {
	loy__scan scan;
	uint64_t seen; /* records up to here are not given to visit */
	loy__visit_record visit;
	void *user;
	loy_recovery *report;
};

/* Give the records of one segment to visit. LOY_ENOTFOUND: up to where they end, in the current one. */
static loy_status read_segment(struct reading *r, size_t index, loy_error *error)
{
	loy__journal *j = r->scan.journal;
	uint64_t limit = index < j->current ? j->segment[index + 1].first : UINT64_MAX;
	loy__record_view record;
	loy_status status = loy__scan_segment(&r->scan, index, 0, error);
	int within = 0; /* a unit, the end of which was not read yet */

	while (status == LOY_OK && r->scan.next < limit) {
		status = loy__scan_next(&r->scan, &record, error);
		if (status == LOY_OK)
			within = (r->scan.flags & LOY__FRAME_END) == 0;
		if (status == LOY_OK && record.position > r->seen) {
			r->seen = record.position;
			r->report->replayed++;
			status = r->visit(&record, r->user);
			if (status == LOY_ENOTFOUND)
				status = LOY_EINVAL; /* the visitor's failure, not the end */
		}
	}
	/* The head of the next segment says that this one has them all, and units do not go on in another one. */
	if (status == LOY_ENOTFOUND && index < j->current)
		return loy__scan_damaged(&r->scan, r->scan.at, error);
	if (status == LOY_OK && index < j->current && within)
		return loy__scan_damaged(&r->scan, r->scan.record_at, error);
	return status;
}

/* Reading stopped: is it the end? *again gets 1 when that should be tried once more. */
static loy_status look_behind(struct reading *r, uint64_t after, struct end *end, int *again,
                              loy_error *error)
{
	loy__journal *j = r->scan.journal;
	int covered = 0;
	loy_status status;

	end->at = r->scan.at;
	end->free = r->scan.record_end;
	end->last = r->scan.next - 1;
	end->covered = r->scan.covered > after ? r->scan.covered : after;
	status = loy__doubt(&r->scan, &covered, &end->torn, r->report, error);
	if (status != LOY_OK)
		return status;
	if (!covered && after <= end->last)
		return LOY_OK;
	/* While somebody writes, what was not there a moment ago may be there now. */
	if (j->read_only && ++*again < 4)
		return LOY_OK;
	*again = 0;
	r->scan.index = j->current;
	return loy__scan_damaged(&r->scan, end->at, error);
}

static loy_status read_all(struct reading *r, uint64_t after, struct end *end, loy_error *error)
{
	loy__journal *j = r->scan.journal;
	loy_status status = LOY_OK;
	size_t i = j->current;
	int again = 0, tries;

	while (i > 0 && j->segment[i].first > after + 1)
		i--;
	for (; status == LOY_OK && i < j->current; i++)
		status = read_segment(r, i, error);
	if (status != LOY_OK)
		return status;
	do {
		tries = again;
		if (j->segment[j->current].state == LOY__SEGMENT_USED) {
			status = read_segment(r, j->current, error);
		} else { /* a new store, or one whose first write was cut */
			status = loy__scan_file(&r->scan, j->current, 0, error);
			r->scan.next = 1;
			r->scan.covered = 0;
			if (status == LOY_OK)
				status = LOY_ENOTFOUND;
		}
		if (status == LOY_ENOTFOUND)
			status = look_behind(r, after, end, &again, error);
	} while (status == LOY_OK && again != tries);
	return status;
}

/* ---- going on ---- */

/* Open the files that are written to. */
static loy_status open_files(loy__journal *j, loy_error *error)
{
	void **file[2] = {&j->file, &j->ahead};
	loy__journal_name name;
	loy_status status = LOY_OK;
	size_t i;

	for (i = j->current; i < j->count; i++) {
		size_t which = i - j->current;

		loy__segment_name(loy__segment_number(j, i), &name);
		status = loy__files_status(
		        j->files.entropy(j->files.user_data, j->secret[which], LOY__SECRET_SIZE));
		if (status == LOY_OK && *file[which] == NULL)
			status = loy__files_status(
			        j->files.open(j->files.user_data, name.text, LOY_OPEN_WRITE, file[which]));
		if (status != LOY_OK)
			return loy__fail_file(error, status, "a journal file cannot be opened", name.text,
			                      -1);
	}
	return status;
}

/* Copy what nobody vouches for. *cut gets the byte of the old segment behind the records that stay there. */
static loy_status copy_tail(struct reading *r, loy__copy *copy, const struct end *end, uint32_t generation,
                            uint64_t *cut, loy_error *error)
{
	loy__journal *j = r->scan.journal;
	loy__record_view record;
	loy_status status;

	if (j->segment[j->current].state != LOY__SEGMENT_USED)
		return LOY_OK;
	status = loy__scan_segment(&r->scan, j->current, 0, error);
	*cut = r->scan.at;
	while (status == LOY_OK && r->scan.next <= end->last) {
		status = loy__scan_next(&r->scan, &record, error);
		/* Nobody syncs part of a unit: without its end, what stays here could not be read again. */
		if (status == LOY_OK && record.position == end->covered && !(r->scan.flags & LOY__FRAME_END))
			return loy__scan_damaged(&r->scan, r->scan.record_at, error);
		if (status == LOY_OK && record.position <= end->covered)
			*cut = r->scan.at;
		else if (status == LOY_OK)
			status = loy__copy_record(copy, &r->scan, &record, generation, NULL, error);
	}
	if (status == LOY_ENOTFOUND) /* it was there before */
		status = loy__scan_damaged(&r->scan, r->scan.at, error);
	return status;
}

/* Name the new file and the new generation: in an order in which neither is believed without the other. */
static loy_status put_in_force(loy__journal *j, size_t target, uint64_t bytes, loy_error *error)
{
	loy__meta next = j->meta;
	loy_status status;

	next.generation++;
	if (target < j->count) { /* an unused file gives its name */
		status = loy__meta_save(j, &next, error);
		return status == LOY_OK ? loy__segment_publish(j, loy__segment_number(j, target), error)
		                        : status;
	}
	next.last_segment++;
	next.last_bytes = bytes;
	status = loy__segment_publish(j, next.last_segment, error);
	return status == LOY_OK ? loy__meta_save(j, &next, error) : status;
}

/* Bytes of the new segment: as any, but with room for what is copied. */
static uint64_t new_bytes(const loy__journal *j, size_t target, uint64_t copied)
{
	uint64_t bytes = target < j->count ? j->segment[target].bytes : 0,
	         need = copied + loy__journal_spare(j) + LOY__SECTOR;

	if (bytes < j->segment_bytes)
		bytes = j->segment_bytes;
	return bytes < need ? (need + LOY__SECTOR - 1) / LOY__SECTOR * LOY__SECTOR : bytes;
}

/*
 * When no record of the current segment is vouched for, neither is its head: a sync that failed may have left it in
 * the cache alone.
 */
static int head_in_doubt(const loy__journal *j, const struct end *end)
{
	return j->segment[j->current].state == LOY__SEGMENT_USED &&
	       end->covered < j->segment[j->current].first;
}

/* A segment with little in it goes into the new one as a whole: else each crash would leave a small file behind. */
static int is_small(const loy__journal *j, const struct end *end)
{
	return j->segment[j->current].state == LOY__SEGMENT_USED &&
	       end->free <= j->segment_bytes / SMALL_SHARE;
}

/* Which segment takes the records in doubt: one that is ahead, else another one; or one in place of the current. */
static size_t choose_target(const loy__journal *j, const struct end *end)
{
	size_t last = j->count - 1;

	if (head_in_doubt(j, end))
		return j->current;
	return j->segment[last].state == LOY__SEGMENT_USED ? j->count : last;
}

/* Begin another segment with the records that are not covered. */
static loy_status begin_anew(struct reading *r, const struct end *end, loy_error *error)
{
	loy__journal *j = r->scan.journal;
	size_t target = choose_target(j, end);
	loy__segment_head head = {loy__segment_number(j, target),
	                          end->covered + 1,
	                          0,
	                          j->meta.generation + 1,
	                          !(j->meta.flags & LOY_STORE_UNCHAINED),
	                          {0}};
	void *table = j->segment;
	uint64_t cut = 0, bytes;
	loy__copy copy;
	loy_status status;
	int published = 0;

	status = loy__grow(&j->memory, &table, &j->capacity, target + 1, sizeof(*j->segment), SIZE_MAX);
	j->segment = table;
	if (status != LOY_OK)
		return loy__fail(error, LOY_ENOMEM, "no memory for the list of journal files");
	status = loy__files_status(j->files.entropy(j->files.user_data, head.secret, sizeof(head.secret)));
	if (status != LOY_OK)
		return loy__fail(error, status, "the host gave no random bytes");
	loy__scan_free(&r->scan); /* some systems replace no file that is open */
	if (target == j->current && target + 1 < j->count && end->torn != 0)
		status = loy__segment_blank(j, target + 1, error); /* torn bytes may lie there, too */
	if (status != LOY_OK)
		return status;
	status = loy__copy_begin(&copy, j, error);
	if (status == LOY_OK)
		status = copy_tail(r, &copy, end, head.generation, &cut, error);
	loy__scan_free(&r->scan);
	bytes = head.capacity = new_bytes(j, target, loy__copy_size(&copy));
	if (status == LOY_OK && bytes > loy__journal_allowance(j))
		status = loy__fail(error, LOY_EFULL,
		                   "another journal file would go beyond the limit of files");
	j->offset = loy__copy_size(&copy);
	if (status == LOY_OK)
		status = loy__copy_finish(&copy, &head, bytes, error);
	if (status == LOY_OK) {
		status = put_in_force(j, target, bytes, error);
		published = status == LOY_OK;
	}
	loy__copy_end(&copy, published);
	if (status != LOY_OK)
		return status;
	if (j->current != target)
		(void)loy__segment_cut(j, j->current,
		                       cut); /* when that fails the rest is just not looked at */
	j->segment[target] = (loy__segment){head.first, bytes, head.generation, LOY__SEGMENT_USED};
	if (target == j->count)
		j->count++;
	j->current = target;
	return LOY_OK;
}

/* Make sure of what was found, and begin a generation of our own. */
static loy_status go_on(struct reading *r, const struct end *end, loy_error *error)
{
	loy__journal *j = r->scan.journal;
	loy__meta next = j->meta;
	loy_status status = LOY_OK;

	if (j->meta.generation == UINT32_MAX)
		return loy__fail(error, LOY_ELIMIT, "the store was opened too often");
	/*
	 * A cut in the writing of the next meta could complete one that an earlier cut left unfinished, and name files
	 * that have become others meanwhile: both are made whole before any file changes.
	 */
	if (j->meta_torn)
		status = loy__meta_save(j, &next, error);
	if (status != LOY_OK)
		return status;
	if (end->torn == 0 && end->covered == end->last && !head_in_doubt(j, end)) {
		next.generation++;
		status = loy__meta_save(j, &next, error);
		/*
		 * Over the mark of an orderly end: it proves that what is before it is on the medium, not that it is
		 * there itself, and a gap would look like damage.
		 */
		j->offset = j->segment[j->current].state == LOY__SEGMENT_USED ? end->free : 0;
	} else {
		struct end copied = *end;

		if (is_small(j, end))
			copied.covered = j->segment[j->current].first - 1;
		status = begin_anew(r, &copied, error);
	}
	if (status != LOY_OK)
		return status;
	if (j->padded)
		j->offset = (j->offset + LOY__SECTOR - 1) / LOY__SECTOR * LOY__SECTOR;
	status = open_files(j, error);
	if (status != LOY_OK)
		return status;
	(void)j->files.remove(j->files.user_data, LOY__NEW_NAME); /* what a crash left */
	status = loy__snapshots_tidy(j, error);
	/* Names that the last opening could not make durable become so before anything relies on them. */
	if (status != LOY_OK)
		return status;
	status = j->files.sync_directory(j->files.user_data);
	return status == LOY_OK ? LOY_OK : loy__journal_poison(j, status, "directory", error);
}

loy_status loy__journal_replay(loy__journal *j, uint64_t after, loy__visit_record visit, void *user,
                               loy_recovery *report, loy_error *error)
{
	loy_recovery found = {0};
	struct reading r = {{0}, after, visit, user, &found};
	struct end end = {0};
	loy_status status;

	if (j->ready)
		return loy__fail(error, LOY_ESTATE, "the journal was replayed before");
	loy__scan_init(&r.scan, j);
	if (j->count == 0) /* made by somebody who got no further, and opened for reading */
		status = after == 0 ? LOY_OK
		                    : loy__fail_file(error, LOY_EDAMAGED, "a journal file is missing", "jnl",
		                                     -1);
	else
		status = read_all(&r, after, &end, error);
	if (status == LOY_OK) {
		j->last = j->committed = j->durable = end.last;
		j->offset = end.at;
		if (!j->read_only)
			status = go_on(&r, &end, error);
	}
	loy__scan_free(&r.scan);
	if (status != LOY_OK)
		return status;
	j->ready = 1;
	report->replayed += found.replayed;
	report->clean = end.torn == 0 && end.covered == end.last;
	report->torn_bytes = end.torn;
	report->doubtful_high = found.doubtful_high;
	report->doubtful_low = found.doubtful_low;
	return LOY_OK;
}
