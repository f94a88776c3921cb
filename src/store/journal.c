/* The life of a journal; appending and committing. */
#include "store/segment.h"

#include <string.h>

#define SEGMENT_BYTES_DEFAULT (UINT64_C(4) << 20)
#define SEGMENT_BYTES_MIN     (UINT64_C(64) << 10)
#define SEGMENT_BYTES_MAX     (UINT64_C(64) << 20)

/* ---- life ---- */

/* Meta of a store that never was. */
static loy_status make_store(loy__journal *j, const loy__journal_options *options, loy_error *error)
{
	loy__meta meta = {0};
	loy_status status;

	status =
	        loy__files_status(j->files.entropy(j->files.user_data, meta.store_id, sizeof(meta.store_id)));
	if (status != LOY_OK)
		return loy__fail(error, status, "the host gave no random bytes");
	meta.generation = 1;
	meta.flags = options->flags & LOY_STORE_UNCHAINED;
	meta.segment_bytes = options->segment_bytes != 0 ? options->segment_bytes : SEGMENT_BYTES_DEFAULT;
	meta.pseudonym_check = options->pseudonym_check;
	meta.first_segment = 1;
	return loy__meta_save(j, &meta, error);
}

/* Meta, made when there is none. */
static loy_status open_meta(loy__journal *j, const loy__journal_options *options, loy_error *error)
{
	loy_status status = loy__meta_load(j, error);

	if (status == LOY_ENOTFOUND && j->read_only)
		return loy__fail(error, LOY_ENOTFOUND, "there is no store");
	if (status == LOY_ENOTFOUND)
		status = make_store(j, options, error);
	if (status == LOY_OK && j->meta.pseudonym_check != options->pseudonym_check)
		return loy__fail(error, LOY_EINVAL, "the store has another pseudonym key, or none");
	return status;
}

static loy_status open_all(loy__journal *j, const loy__journal_options *options, loy_error *error)
{
	loy_status status = LOY_OK;

	if (!j->read_only) {
		status =
		        loy__files_status(j->files.open(j->files.user_data, "lock", LOY_OPEN_LOCK, &j->lock));
		if (status != LOY_OK) {
			j->lock = NULL;
			return loy__fail_file(error, status, "the store cannot be locked", "lock", -1);
		}
	}
	status = open_meta(j, options, error);
	if (status != LOY_OK)
		return status;
	j->seed = loy__crc32c(0, j->meta.store_id, sizeof(j->meta.store_id));
	j->segment_bytes = options->segment_bytes != 0 ? options->segment_bytes : j->meta.segment_bytes;
	if (j->meta.last_segment >= j->meta.first_segment)
		return loy__segments_load(j, error);
	return j->read_only ? LOY_OK : loy__segment_ahead(j, 0, error);
}

loy_status loy__journal_open(loy__journal **out, const loy__journal_options *options,
                             const loy_allocator *memory, loy_error *error)
{
	uint64_t bytes = options->segment_bytes;
	loy__journal *j;
	loy_status status;

	*out = NULL;
	if (bytes != 0 &&
	    (bytes < SEGMENT_BYTES_MIN || bytes > SEGMENT_BYTES_MAX || bytes % LOY__SECTOR != 0))
		return loy__fail(error, LOY_EINVAL,
		                 "segment_bytes must be 64 KiB to 64 MiB and a multiple of 4096");
	j = loy__alloc_zero(memory, sizeof(*j));
	if (j == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for a journal");
	j->memory = *memory;
	j->files = options->files;
	j->read_only = options->read_only;
	j->padded = options->padded;
	j->files_limit = options->files_limit;
	j->used = LOY__SEGMENT_HEAD;
	status = open_all(j, options, error);
	if (status == LOY_EDAMAGED && j->read_only && loy__meta_changed(j))
		status = LOY_ESTATE;
	if (status != LOY_OK) {
		loy__journal_close(j);
		return status;
	}
	*out = j;
	return LOY_OK;
}

/* Say that all that was committed is on the medium, so that the next opening need not doubt it. */
static void leave_mark(loy__journal *j)
{
	loy__frame_kind kind = {LOY__FRAME_CLOSE, 0, j->meta.generation, 0, j->committed, j->seed};
	uint8_t frame[LOY__FRAME_HEAD];
	size_t last;
	uint32_t seed;

	(void)loy__frames_write(frame, &kind, NULL, 0, &last, &seed);
	/* When it fails the next opening is as after a crash. */
	if (j->files.write_at(j->files.user_data, j->file, j->offset, frame, sizeof(frame)) == LOY_OK)
		(void)j->files.sync(j->files.user_data, j->file);
}

void loy__journal_close(loy__journal *j)
{
	loy_allocator memory;

	if (j == NULL)
		return;
	if (j->ready && j->dirty && j->poisoned == LOY_OK)
		leave_mark(j);
	if (j->file != NULL)
		j->files.close(j->files.user_data, j->file);
	if (j->ahead != NULL)
		j->files.close(j->files.user_data, j->ahead);
	if (j->behind != NULL)
		j->files.close(j->files.user_data, j->behind);
	if (j->lock != NULL)
		j->files.close(j->files.user_data, j->lock);
	memory = j->memory;
	loy__free(&memory, j->segment, j->capacity * sizeof(*j->segment));
	loy__free(&memory, j->buffer, j->buffer_size);
	loy__free(&memory, j, sizeof(*j));
}

const loy__meta *loy__journal_meta(const loy__journal *j)
{
	return &j->meta;
}

uint64_t loy__journal_last(const loy__journal *j)
{
	return j->last;
}

uint64_t loy__journal_committed(const loy__journal *j)
{
	return j->committed;
}

loy_status loy__journal_writable(const loy__journal *j, loy_error *error)
{
	if (j->read_only)
		return loy__fail(error, LOY_EREADONLY, "the store was opened for reading only");
	if (j->poisoned != LOY_OK)
		return loy__fail(error, j->poisoned, "a write or a sync failed before; open the store again");
	if (!j->ready)
		return loy__fail(error, LOY_ESTATE, "the journal was not replayed yet");
	return LOY_OK;
}

uint32_t loy__journal_segment_count(const loy__journal *j)
{
	return (uint32_t)j->current + 1;
}

void loy__journal_segment_span(const loy__journal *j, uint32_t segment, uint64_t *first, uint64_t *last,
                               uint64_t *bytes)
{
	*first = j->segment[segment].first;
	*last = loy__segment_last(j, segment);
	*bytes = j->segment[segment].bytes;
}

/* ---- appending ---- */

/* What the frames of the next record share. */
static loy__frame_kind next_kind(const loy__journal *j, uint32_t type)
{
	uint64_t position = j->last + 1;
	loy__frame_kind kind = {(uint8_t)type,      j->unit ? 0 : LOY__FRAME_END,
	                        j->meta.generation, (uint32_t)(position - j->durable),
	                        position,           j->seed};

	return kind;
}

static int can_append(const loy__journal *j, uint32_t type, uint64_t size)
{
	return type <= UINT8_MAX && (type & LOY__TYPE_OWN) == 0 && loy__frames_bound(1, size) <= j->room &&
	       j->last + 1 - j->durable <= UINT32_MAX;
}

/* A record was put behind the others, `size` bytes of frames. */
static uint64_t appended(loy__journal *j, size_t size)
{
	j->last++;
	if (j->unit && j->unit_at == j->used)
		j->unit_first = j->last;
	j->used += size;
	j->room -= size;
	return j->last;
}

uint64_t loy__journal_append(loy__journal *j, uint32_t type, const void *a, size_t a_size, const void *b,
                             size_t b_size)
{
	const loy__piece piece[2] = {{a, a_size}, {b, b_size}};
	const loy__frame_kind kind = next_kind(j, type);
	size_t size, last;

	if (a_size > LOY__RECORD_MAX || b_size > LOY__RECORD_MAX - a_size ||
	    !can_append(j, type, (uint64_t)a_size + b_size))
		return 0;
	size = loy__frames_write(j->buffer + j->used, &kind, piece, 2, &last, &j->last_seed);
	j->last_frame = j->used + last;
	return appended(j, size);
}

_Static_assert(LOY__JOURNAL_PLACE == LOY__FRAME_BODY, "one frame");

uint8_t *loy__journal_place(loy__journal *j)
{
	return j->buffer + j->used + LOY__FRAME_HEAD;
}

uint64_t loy__journal_take(loy__journal *j, uint32_t type, size_t size)
{
	const loy__frame_kind kind = next_kind(j, type);

	if (size > LOY__JOURNAL_PLACE || !can_append(j, type, size))
		return 0;
	j->last_frame = j->used;
	j->last_seed = kind.seed;
	(void)loy__frame_close(j->buffer + j->used, &kind, kind.flags, size, kind.seed);
	return appended(j, (LOY__FRAME_HEAD + size + 7) / 8 * 8);
}

void loy__journal_begin(loy__journal *j)
{
	j->unit = 1;
	j->unit_at = j->used;
}

void loy__journal_end(loy__journal *j)
{
	if (j->unit && j->unit_at != j->used) {
		j->buffer[j->last_frame + 7] |= LOY__FRAME_END;
		(void)loy__frame_seal(j->buffer + j->last_frame, j->last_seed);
	}
	j->unit = 0;
}

/* ---- committing ---- */

static void write_head(loy__journal *j, uint8_t out[LOY__SEGMENT_HEAD])
{
	loy__segment *segment = &j->segment[j->current];
	loy__segment_head head = {loy__segment_number(j, j->current),
	                          segment->first,
	                          segment->bytes,
	                          j->meta.generation,
	                          !(j->meta.flags & LOY_STORE_UNCHAINED),
	                          {0}};

	memcpy(head.secret, j->secret[0], sizeof(head.secret));
	loy__segment_head_write(j, &head, out);
	segment->generation = head.generation;
	segment->state = LOY__SEGMENT_USED;
}

/*
 * Write the frames [from, to) of the buffer to the current segment, its head before them when it is the
 * first, and sync.
 */
static loy_status write_group(loy__journal *j, size_t from, size_t to, loy_error *error)
{
	uint64_t end;
	loy__journal_name name;
	loy_status status;

	if (j->offset == 0) {
		from -= LOY__SEGMENT_HEAD;
		write_head(j, j->buffer + from);
	}
	end = j->offset + (to - from);
	if (j->padded && end % LOY__SECTOR != 0) {
		size_t pad = (size_t)(LOY__SECTOR - end % LOY__SECTOR);

		memset(j->buffer + to, 0, pad);
		to += pad;
		end += pad;
	}
	status = j->files.write_at(j->files.user_data, j->file, j->offset, j->buffer + from, to - from);
	if (status == LOY_OK)
		status = j->files.sync(j->files.user_data, j->file);
	if (status != LOY_OK) {
		loy__segment_name(loy__segment_number(j, j->current), &name);
		return loy__journal_poison(j, status, name.text, error);
	}
	j->offset = end;
	j->dirty = 1;
	return LOY_OK;
}

loy_status loy__journal_commit(loy__journal *j, loy_error *error)
{
	loy_status status = loy__journal_writable(j, error);
	size_t from = LOY__SEGMENT_HEAD, end;

	if (status != LOY_OK)
		return status;
	if (j->unit)
		return loy__fail(error, LOY_ESTATE, "records that belong together are not complete");
	if (j->last == j->committed)
		return LOY_OK;
	if (j->split != 0) {
		end = j->split - loy__journal_gap(j);
		if (end > from)
			status = write_group(j, from, end, error);
		if (status != LOY_OK)
			return status;
		loy__segment_switch(j, j->split_first);
		from = j->split;
	}
	status = write_group(j, from, j->used, error);
	if (status != LOY_OK)
		return status;
	loy__segment_trim(j);
	j->committed = j->durable = j->last;
	j->used = LOY__SEGMENT_HEAD;
	j->split = 0;
	j->room = 0;
	return LOY_OK;
}

loy_status loy__journal_seal(loy__journal *j, loy_error *error)
{
	uint8_t head[LOY__SEGMENT_HEAD];
	loy__journal_name name;
	loy_status status = loy__journal_writable(j, error);

	if (status != LOY_OK)
		return status;
	if (j->last != j->committed || j->unit)
		return loy__fail(error, LOY_ESTATE, "records are pending");
	if (j->segment[j->current].first > j->committed)
		return LOY_OK;
	if (j->ahead == NULL)
		status = loy__segment_ahead(j, 0, error);
	if (status != LOY_OK)
		return status;
	loy__segment_switch(j, j->committed + 1);
	write_head(j, head);
	status = j->files.write_at(j->files.user_data, j->file, 0, head, sizeof(head));
	if (status == LOY_OK)
		status = j->files.sync(j->files.user_data, j->file);
	if (status != LOY_OK) {
		loy__segment_name(loy__segment_number(j, j->current), &name);
		return loy__journal_poison(j, status, name.text, error);
	}
	loy__segment_trim(j);
	j->offset = j->padded ? LOY__SECTOR : LOY__SEGMENT_HEAD;
	j->room = 0;
	return LOY_OK;
}

/* ---- snapshots in meta ---- */

/* A snapshot that meta does not name. */
struct stray {
	const loy__journal *journal;
	char name[LOY_FILE_NAME_MAX + 1];
};

/* "snap-" and 16 hexadecimal digits: somebody's copy of one has another name, and is left alone. */
static int is_snapshot(const char *name)
{
	size_t at = strlen("snap-");

	if (strncmp(name, "snap-", at) != 0)
		return 0;
	while ((name[at] >= '0' && name[at] <= '9') || (name[at] >= 'a' && name[at] <= 'f'))
		at++;
	return name[at] == '\0' && at == strlen("snap-") + 16;
}

static int32_t find_stray(const char *name, void *context)
{
	struct stray *stray = context;
	const loy__meta *meta = &stray->journal->meta;
	loy__journal_name kept;

	if (!is_snapshot(name))
		return 0;
	loy__snapshot_name(meta->snapshot, &kept);
	if (meta->snapshot != 0 && strcmp(name, kept.text) == 0)
		return 0;
	loy__snapshot_name(meta->older_snapshot, &kept);
	if (meta->older_snapshot != 0 && strcmp(name, kept.text) == 0)
		return 0;
	memcpy(stray->name, name, strlen(name) + 1);
	return 1;
}

/* Bytes of a snapshot; 0 when it cannot be asked: whoever reads it will say what is wrong. */
static uint64_t snapshot_size(loy__journal *j, uint64_t number)
{
	loy__journal_name name;
	uint64_t size = 0;
	void *file;

	loy__snapshot_name(number, &name);
	if (number == 0 || j->files.open(j->files.user_data, name.text, LOY_OPEN_READ, &file) != LOY_OK)
		return 0;
	if (j->files.size(j->files.user_data, file, &size) != LOY_OK)
		size = 0;
	j->files.close(j->files.user_data, file);
	return size;
}

loy_status loy__snapshots_tidy(loy__journal *j, loy_error *error)
{
	struct stray stray = {j, ""};

	for (;;) {
		loy_status status;

		stray.name[0] = '\0';
		status = loy__files_status(j->files.list(j->files.user_data, find_stray, &stray));
		if (status == LOY_OK && stray.name[0] != '\0')
			status = loy__files_status(j->files.remove(j->files.user_data, stray.name));
		if (status != LOY_OK)
			return loy__fail_file(error, status, "an old snapshot cannot be removed", stray.name,
			                      -1);
		if (stray.name[0] == '\0')
			break;
	}
	j->snapshot_bytes = snapshot_size(j, j->meta.snapshot) + snapshot_size(j, j->meta.older_snapshot);
	return LOY_OK;
}

loy_status loy__journal_set_snapshots(loy__journal *j, uint64_t snapshot, uint64_t older, loy_error *error)
{
	loy__meta next = j->meta;
	loy_status status = loy__journal_writable(j, error);

	if (status != LOY_OK)
		return status;
	next.snapshot = snapshot;
	next.older_snapshot = older;
	status = loy__meta_save(j, &next, error);
	if (status == LOY_OK)
		status = loy__snapshots_tidy(j, error);
	if (status != LOY_OK)
		return status;
	status = j->files.sync_directory(j->files.user_data);
	return status == LOY_OK ? LOY_OK : loy__journal_poison(j, status, "directory", error);
}
