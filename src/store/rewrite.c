/* Writing a whole journal file anew, under another name, and putting it in the place of the old one. */
#include "store/segment.h"

#include <string.h>

/* Frames of one record and of a secret, beyond what is written at once. */
#define COPY_BYTES LOY__SCAN_BYTES
#define COPY_ROOM  (COPY_BYTES + (size_t)LOY__RECORD_MAX / 616 * 640 + 2048)

loy_status loy__copy_begin(loy__copy *copy, loy__journal *j, loy_error *error)
{
	loy_status status;

	memset(copy, 0, sizeof(*copy));
	copy->journal = j;
	copy->at = LOY__SEGMENT_HEAD;
	copy->buffer = loy__alloc(&j->memory, COPY_ROOM);
	if (copy->buffer == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory to write a journal file");
	status = loy__files_status(
	        j->files.open(j->files.user_data, LOY__NEW_NAME, LOY_OPEN_CREATE, &copy->file));
	if (status != LOY_OK) {
		copy->file = NULL;
		return loy__fail_file(error, status, "a journal file cannot be made", LOY__NEW_NAME, -1);
	}
	return LOY_OK;
}

uint64_t loy__copy_size(const loy__copy *copy)
{
	return copy->at + copy->used;
}

/* Nothing relies on the new file yet, so its failures change nothing. */
static loy_status write_out(loy__copy *copy, loy_error *error)
{
	loy__journal *j = copy->journal;
	loy_status status = LOY_OK;

	if (copy->used != 0)
		status = loy__files_status(j->files.write_at(j->files.user_data, copy->file, copy->at,
		                                             copy->buffer, copy->used));
	if (status != LOY_OK)
		return loy__fail_file(error, status, "a journal file cannot be written", LOY__NEW_NAME,
		                      (int64_t)copy->at);
	copy->at += copy->used;
	copy->used = 0;
	return LOY_OK;
}

static void add(loy__copy *copy, const loy__frame_kind *kind, const loy__piece *pieces, size_t count)
{
	size_t last;
	uint32_t seed;

	copy->used += loy__frames_write(copy->buffer + copy->used, kind, pieces, count, &last, &seed);
}

/* The secret of a block none of whose records was edited stands before the first of them. */
static void add_secret(loy__copy *copy, loy__scan *scan, uint64_t position, uint32_t generation)
{
	uint64_t block = position / LOY__CHAIN_BLOCK;
	loy__frame_kind kind = {LOY__FRAME_SECRET, 0, generation, 0, position - 1, copy->journal->seed};
	uint8_t body[8 + LOY__SECRET_SIZE];
	loy__piece piece = {body, sizeof(body)};

	if (copy->secret_block == block + 1)
		return;
	copy->secret_block = block + 1;
	loy__put_u64(body, block);
	memcpy(body + 8, scan->secret, LOY__SECRET_SIZE);
	add(copy, &kind, &piece, 1);
}

loy_status loy__copy_record(loy__copy *copy, loy__scan *scan, const loy__record_view *record,
                            uint32_t generation, const uint8_t *leaf, loy_error *error)
{
	loy__frame_kind kind = {(uint8_t)record->type,
	                        (uint8_t)(scan->flags & LOY__FRAME_END),
	                        generation,
	                        0,
	                        record->position,
	                        copy->journal->seed};
	uint8_t salt[LOY__SALT_SIZE];
	loy__piece piece[2] = {{NULL, 0}, {record->body, record->size}};

	if (leaf != NULL) {
		piece[0] = (loy__piece){leaf, LOY__BLAKE2S_SIZE};
		kind.flags |= LOY__FRAME_LEAF;
	} else if (scan->flags & LOY__FRAME_LEAF) {
		piece[0] = (loy__piece){scan->link, LOY__BLAKE2S_SIZE};
		kind.flags |= LOY__FRAME_LEAF;
	} else if (loy__scan_salt(scan, record->position, salt)) {
		uint64_t block = record->position / LOY__CHAIN_BLOCK - copy->first_block;

		if (copy->edited != NULL && !copy->edited[block] && !(scan->flags & LOY__FRAME_SALT)) {
			add_secret(copy, scan, record->position, generation);
		} else {
			piece[0] = (loy__piece){salt, LOY__SALT_SIZE};
			kind.flags |= LOY__FRAME_SALT;
		}
	}
	add(copy, &kind, piece, 2);
	return copy->used >= COPY_BYTES ? write_out(copy, error) : LOY_OK;
}

loy_status loy__copy_finish(loy__copy *copy, const loy__segment_head *head, uint64_t bytes, loy_error *error)
{
	loy__journal *j = copy->journal;
	uint8_t first[LOY__SEGMENT_HEAD];
	loy_status status = write_out(copy, error);

	if (status != LOY_OK)
		return status;
	loy__segment_head_write(j, head, first);
	status = loy__segment_zero(j, copy->file, copy->at, bytes);
	if (status == LOY_OK)
		status = loy__files_status(
		        j->files.write_at(j->files.user_data, copy->file, 0, first, sizeof(first)));
	if (status == LOY_OK)
		status = loy__files_status(j->files.sync(j->files.user_data, copy->file));
	if (status != LOY_OK)
		return loy__fail_file(error, status, "a journal file cannot be written", LOY__NEW_NAME, -1);
	j->files.close(j->files.user_data, copy->file);
	copy->file = NULL;
	return LOY_OK;
}

void loy__copy_end(loy__copy *copy, int published)
{
	loy__journal *j = copy->journal;

	if (copy->file != NULL)
		j->files.close(j->files.user_data, copy->file);
	if (!published && copy->buffer != NULL)
		(void)j->files.remove(j->files.user_data, LOY__NEW_NAME);
	loy__free(&j->memory, copy->buffer, COPY_ROOM);
}

/* ---- editing ---- */

struct edit {
	loy__scan scan;
	loy__edit_record call;
	void *user;
	uint8_t *body; /* of LOY__RECORD_MAX bytes, which the caller changes */
	uint8_t *edited;
	size_t blocks;
	uint64_t first, last; /* positions */
};

/* Let the caller edit a copy of the record. *changed: whether it is another one now. */
static loy_status edit_record(struct edit *e, const loy__record_view *record, loy__record_view *out,
                              int *changed, loy_error *error)
{
	loy_status status;

	memcpy(e->body, record->body, record->size);
	*out = *record;
	out->body = e->body;
	status = e->call(out, e->body, e->user);
	if (status != LOY_OK)
		return status;
	if (out->size > record->size || out->type > UINT8_MAX || (out->type & LOY__TYPE_OWN))
		return loy__fail(error, LOY_EINVAL, "an edited record must not be longer");
	out->position = record->position;
	out->body = e->body;
	*changed = out->type != record->type || out->size != record->size ||
	           memcmp(e->body, record->body, out->size) != 0;
	return LOY_OK;
}

/* Go through the segment: mark the blocks that are edited, or, with a copy, write them. */
static loy_status pass(struct edit *e, size_t index, loy__copy *copy, int *any, loy_error *error)
{
	loy__record_view record, edited;
	loy_status status = loy__scan_segment(&e->scan, index, 0, error);

	while (status == LOY_OK && e->scan.next <= e->last) {
		uint8_t leaf[LOY__BLAKE2S_SIZE];
		int changed = 0;

		status = loy__scan_next(&e->scan, &record, error);
		if (status == LOY_ENOTFOUND)
			return loy__scan_damaged(&e->scan, e->scan.at, error);
		if (status == LOY_OK)
			status = edit_record(e, &record, &edited, &changed, error);
		if (status != LOY_OK)
			return status;
		*any |= changed;
		if (copy == NULL)
			e->edited[record.position / LOY__CHAIN_BLOCK - e->first / LOY__CHAIN_BLOCK] |=
			        (uint8_t)changed;
		else
			status = loy__copy_record(
			        copy, &e->scan, &edited, e->scan.record_generation,
			        changed && loy__chain_leaf(&e->scan, &record, leaf) ? leaf : NULL, error);
	}
	return status;
}

static loy_status rewrite(struct edit *e, size_t index, loy_error *error)
{
	loy__journal *j = e->scan.journal;
	loy__segment_head head;
	loy__copy copy;
	int any = 0, published = 0;
	loy_status status = pass(e, index, NULL, &any, error);

	if (status != LOY_OK)
		return status;
	if (!any) {
		/* Behind the last record there may be those that a recovery copied and could not cut off. */
		if (e->scan.at < j->segment[index].bytes)
			status = loy__segment_cut(j, index, e->scan.at);
		return status == LOY_OK ? LOY_OK : loy__journal_poison(j, status, "journal file", error);
	}
	status = loy__copy_begin(&copy, j, error);
	copy.edited = e->edited;
	copy.first_block = e->first / LOY__CHAIN_BLOCK;
	if (status == LOY_OK)
		status = pass(e, index, &copy, &any, error);
	if (status == LOY_OK) {
		head = e->scan.head;
		head.has_secret = 0;
		head.capacity = loy__copy_size(&copy);
		status = loy__copy_finish(&copy, &head, head.capacity, error);
	}
	loy__scan_free(&e->scan); /* some systems replace no file that is open */
	if (status == LOY_OK) {
		j->rewrites++;
		status = loy__segment_publish(j, loy__segment_number(j, index), error);
		published = status == LOY_OK;
	}
	if (published)
		j->segment[index].bytes = head.capacity;
	loy__copy_end(&copy, published);
	return status;
}

loy_status loy__journal_rewrite(loy__journal *j, uint32_t segment, loy__edit_record edit, void *user,
                                loy_error *error)
{
	struct edit e = {.call = edit, .user = user};
	loy_status status = loy__journal_writable(j, error);

	if (status != LOY_OK)
		return status;
	if (segment >= j->current)
		return loy__fail(error, LOY_EINVAL, "the segment that is written cannot be rewritten");
	e.first = j->segment[segment].first;
	e.last = loy__segment_last(j, segment);
	if (e.first > e.last)
		return LOY_OK;
	if ((e.last - e.first) / LOY__CHAIN_BLOCK + 2 > SIZE_MAX)
		return loy__fail(error, LOY_ENOMEM, "no memory to rewrite a journal file");
	e.blocks = (size_t)((e.last - e.first) / LOY__CHAIN_BLOCK + 2);
	loy__scan_init(&e.scan, j);
	e.body = loy__alloc(&j->memory, LOY__RECORD_MAX);
	e.edited = loy__alloc_zero(&j->memory, e.blocks);
	if (e.body == NULL || e.edited == NULL)
		status = loy__fail(error, LOY_ENOMEM, "no memory to rewrite a journal file");
	else
		status = rewrite(&e, segment, error);
	loy__scan_free(&e.scan);
	loy__free(&j->memory, e.body, LOY__RECORD_MAX);
	loy__free(&j->memory, e.edited, e.blocks);
	return status;
}
