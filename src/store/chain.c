/*
 * The chain over the records of a journal. Nothing of it is stored but secrets from which each record's salt
 * follows: it is computed when it is asked for, so that it costs nothing when records are written. A record
 * whose content is erased keeps its leaf and loses its salt; then nobody can find the content by trying.
 *
 *	leaf  = BLAKE2s(salt, position, type, body)       value = BLAKE2s(value before, leaf)
 */
#include "store/segment.h"

#include <string.h>

#define PROGRESS_RECORDS 65536u

int loy__chain_leaf(loy__scan *scan, const loy__record_view *record, uint8_t out[LOY__BLAKE2S_SIZE])
{
	uint8_t salt[LOY__SALT_SIZE], numbers[16];
	loy__blake2s hash;

	if (scan->flags & LOY__FRAME_LEAF) {
		memcpy(out, scan->link, LOY__BLAKE2S_SIZE);
		return 1;
	}
	if (!loy__scan_salt(scan, record->position, salt))
		return 0;
	loy__put_u64(numbers, record->position);
	loy__put_u64(numbers + 8, record->type);
	loy__blake2s_init(&hash);
	loy__blake2s_add(&hash, salt, sizeof(salt));
	loy__blake2s_add(&hash, numbers, sizeof(numbers));
	loy__blake2s_add(&hash, record->body, record->size);
	loy__blake2s_end(&hash, out);
	return 1;
}

/* Go on from `value` over one record. */
static loy_status step(loy__scan *scan, const loy__record_view *record, uint8_t value[LOY__BLAKE2S_SIZE],
                       loy_error *error)
{
	const loy__meta *meta = &scan->journal->meta;
	uint8_t leaf[LOY__BLAKE2S_SIZE];
	loy__blake2s hash;

	if (!loy__chain_leaf(scan, record, leaf))
		return loy__scan_damaged(scan, scan->record_at, error);
	loy__blake2s_init(&hash);
	loy__blake2s_add(&hash, value, LOY__BLAKE2S_SIZE);
	loy__blake2s_add(&hash, leaf, sizeof(leaf));
	loy__blake2s_end(&hash, value);
	if (record->position == meta->chain_position &&
	    memcmp(value, meta->chain_value, LOY__BLAKE2S_SIZE) != 0)
		return loy__scan_damaged(scan, scan->record_at, error);
	return LOY_OK;
}

static loy_status walk(loy__scan *scan, uint8_t value[LOY__BLAKE2S_SIZE], loy_progress progress, void *user,
                       loy_error *error)
{
	loy__journal *j = scan->journal;
	loy__record_view record;
	loy_status status = LOY_OK;
	size_t i;

	for (i = 0; status == LOY_OK && i <= j->current && j->committed != 0; i++) {
		uint64_t last = loy__segment_last(j, i);

		if (j->segment[i].first > last)
			continue;
		status = loy__scan_segment(scan, i, i == j->current ? j->offset : 0, error);
		while (status == LOY_OK && scan->next <= last) {
			status = loy__scan_next(scan, &record, error);
			if (status == LOY_ENOTFOUND)
				return loy__scan_damaged(scan, scan->at, error);
			if (status == LOY_OK)
				status = step(scan, &record, value, error);
			if (status == LOY_OK && progress != NULL && record.position % PROGRESS_RECORDS == 0 &&
			    progress(record.position, j->committed, user) != 0)
				return loy__fail(error, LOY_ECANCELLED, "cancelled");
		}
	}
	return status;
}

loy_status loy__journal_verify_chain(loy__journal *j, uint8_t *head, loy_progress progress, void *user,
                                     loy_error *error)
{
	uint8_t value[LOY__BLAKE2S_SIZE];
	loy__meta next = j->meta;
	loy__blake2s hash;
	loy__scan scan;
	loy_status status;

	if ((j->meta.flags & LOY_STORE_UNCHAINED) != 0)
		return loy__fail(error, LOY_ESTATE, "the journal keeps no chain");
	if (j->poisoned != LOY_OK) /* a file may have another in its place that is not known here */
		return loy__fail(error, j->poisoned, "a write or a sync failed before; open the store again");
	loy__blake2s_init(&hash);
	loy__blake2s_add(&hash, j->meta.store_id, sizeof(j->meta.store_id));
	loy__blake2s_end(&hash, value);
	loy__scan_init(&scan, j);
	status = walk(&scan, value, progress, user, error);
	loy__scan_free(&scan);
	if (status != LOY_OK)
		return status;
	if (!j->read_only && next.chain_position != j->committed) {
		next.chain_position = j->committed;
		memcpy(next.chain_value, value, sizeof(value));
		status = loy__meta_save(j, &next, error);
	}
	if (status == LOY_OK)
		memcpy(head, value, sizeof(value));
	return status;
}
