/*
 * The two meta files. Both hold the same; a change is written and synced in one and then in the other, so
 * that one is whole whatever happens. Which is first alternates with the number of the change: the one that
 * was written last, and that a failed sync may have left unwritten, is the first to be written by the next.
 */
#include "store/segment.h"

#include <string.h>

static const char meta_name[2][8] = {"meta-0", "meta-1"};
/* "LOYALMET" */
static const uint8_t magic[8] = {0x4c, 0x4f, 0x59, 0x41, 0x4c, 0x4d, 0x45, 0x54};

enum { SLOT_MISSING, SLOT_BAD, SLOT_NEWER, SLOT_GOOD };
struct slot {
	int state;
	uint64_t sequence;
	loy__meta meta;
};

static void write_meta(const loy__meta *meta, uint64_t sequence, uint8_t *out)
{
	memset(out, 0, LOY__SECTOR);
	memcpy(out, magic, sizeof(magic));
	loy__put_u16(out + 8, LOY__FORMAT_MAJOR);
	loy__put_u16(out + 10, LOY__FORMAT_MINOR);
	/* 12 and 16: features without which files cannot be read, or not written; none yet */
	loy__put_u64(out + 24, sequence);
	memcpy(out + 32, meta->store_id, sizeof(meta->store_id));
	loy__put_u32(out + 48, meta->generation);
	loy__put_u32(out + 52, meta->flags);
	loy__put_u64(out + 56, meta->segment_bytes);
	loy__put_u64(out + 64, meta->pseudonym_check);
	loy__put_u64(out + 72, meta->snapshot);
	loy__put_u64(out + 80, meta->older_snapshot);
	loy__put_u64(out + 88, meta->first_segment);
	loy__put_u64(out + 96, meta->last_segment);
	loy__put_u64(out + 104, meta->last_bytes);
	loy__put_u64(out + 112, meta->chain_position);
	memcpy(out + 120, meta->chain_value, sizeof(meta->chain_value));
	loy__put_u32(out + LOY__SECTOR - 4, loy__crc32c(0, out, LOY__SECTOR - 4));
}

static void read_meta(const loy__journal *j, const uint8_t *in, struct slot *out)
{
	loy__meta *meta = &out->meta;

	out->state = SLOT_BAD;
	if (memcmp(in, magic, sizeof(magic)) != 0 ||
	    loy__get_u32(in + LOY__SECTOR - 4) != loy__crc32c(0, in, LOY__SECTOR - 4))
		return;
	out->state = SLOT_NEWER;
	if (loy__get_u16(in + 8) > LOY__FORMAT_MAJOR || loy__get_u32(in + 12) != 0 ||
	    (loy__get_u32(in + 16) != 0 && !j->read_only))
		return;
	out->sequence = loy__get_u64(in + 24);
	memcpy(meta->store_id, in + 32, sizeof(meta->store_id));
	meta->generation = loy__get_u32(in + 48);
	meta->flags = loy__get_u32(in + 52);
	meta->segment_bytes = loy__get_u64(in + 56);
	meta->pseudonym_check = loy__get_u64(in + 64);
	meta->snapshot = loy__get_u64(in + 72);
	meta->older_snapshot = loy__get_u64(in + 80);
	meta->first_segment = loy__get_u64(in + 88);
	meta->last_segment = loy__get_u64(in + 96);
	meta->last_bytes = loy__get_u64(in + 104);
	meta->chain_position = loy__get_u64(in + 112);
	memcpy(meta->chain_value, in + 120, sizeof(meta->chain_value));
	/* Numbers that no writer writes: a sum that is right by accident, or on purpose. */
	out->state = meta->first_segment != 0 && meta->first_segment - 1 <= meta->last_segment &&
	                             meta->last_segment - (meta->first_segment - 1) <= UINT32_MAX &&
	                             meta->segment_bytes != 0 && meta->segment_bytes % LOY__SECTOR == 0 &&
	                             meta->segment_bytes <= UINT32_MAX && out->sequence < UINT64_MAX / 2
	                     ? SLOT_GOOD
	                     : SLOT_BAD;
}

static loy_status load_slot(loy__journal *j, int which, uint8_t *room, struct slot *out, loy_error *error)
{
	size_t got = 0;
	loy_status status;
	void *file;

	memset(out, 0, sizeof(*out));
	status = loy__files_status(j->files.open(j->files.user_data, meta_name[which], LOY_OPEN_READ, &file));
	if (status == LOY_ENOTFOUND)
		return LOY_OK;
	if (status == LOY_OK) {
		status = loy__files_status(
		        j->files.read_at(j->files.user_data, file, 0, room, LOY__SECTOR, &got));
		j->files.close(j->files.user_data, file);
	}
	if (status != LOY_OK)
		return loy__fail_file(error, status, "a file cannot be read", meta_name[which], 0);
	out->state = SLOT_BAD;
	if (got == LOY__SECTOR)
		read_meta(j, room, out);
	return LOY_OK;
}

/* Is a file a journal or a snapshot? */
static int32_t is_data(const char *name, void *context)
{
	if (strncmp(name, "jnl-", 4) != 0 && strncmp(name, "snap-", 5) != 0)
		return 0;
	*(int *)context = 1;
	return 1;
}

/* Neither file is whole: damage when there are data, else the beginning of a store that never was. */
static loy_status none(loy__journal *j, loy_error *error)
{
	int data = 0;
	loy_status status = loy__files_status(j->files.list(j->files.user_data, is_data, &data));

	if (status != LOY_OK)
		return loy__fail(error, status, "the directory cannot be read");
	if (data)
		return loy__fail_file(error, LOY_EDAMAGED, "both meta files are damaged", meta_name[0], 0);
	return LOY_ENOTFOUND;
}

/* What the next change starts from: see the top of the file. */
static uint64_t last_sequence(const struct slot *slot, int best)
{
	uint64_t sequence = slot[best].sequence;
	int first = (int)(sequence + 1) & 1;

	if (slot[1 - best].state != SLOT_GOOD)
		first = 1 - best; /* the other is whole */
	else if (slot[1 - best].sequence != sequence)
		first = best; /* the newer may not be on the medium yet */
	return (int)((sequence + 1) & 1) == first ? sequence : sequence + 1;
}

loy_status loy__meta_load(loy__journal *j, loy_error *error)
{
	uint8_t *room = loy__alloc(&j->memory, LOY__SECTOR);
	struct slot slot[2];
	loy_status status;
	int best;

	if (room == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory to read meta files");
	status = load_slot(j, 0, room, &slot[0], error);
	if (status == LOY_OK)
		status = load_slot(j, 1, room, &slot[1], error);
	loy__free(&j->memory, room, LOY__SECTOR);
	if (status != LOY_OK)
		return status;
	if (slot[0].state == SLOT_NEWER || slot[1].state == SLOT_NEWER)
		return loy__fail_file(error, LOY_EVERSION, "the store was written by a newer version",
		                      meta_name[slot[0].state == SLOT_NEWER ? 0 : 1], 8);
	if (slot[0].state != SLOT_GOOD && slot[1].state != SLOT_GOOD)
		return none(j, error);
	if (slot[0].state == SLOT_GOOD && slot[1].state == SLOT_GOOD &&
	    memcmp(slot[0].meta.store_id, slot[1].meta.store_id, sizeof(slot[0].meta.store_id)) != 0)
		return loy__fail_file(error, LOY_EDAMAGED, "meta files are of two stores", meta_name[1], 32);
	best = slot[0].state != SLOT_GOOD ||
	       (slot[1].state == SLOT_GOOD && slot[1].sequence > slot[0].sequence);
	j->meta = slot[best].meta;
	j->meta_sequence = last_sequence(slot, best);
	j->meta_seen = slot[best].sequence;
	j->meta_torn = slot[1 - best].state != SLOT_GOOD;
	return LOY_OK;
}

int loy__meta_changed(const loy__journal *j)
{
	loy__journal now = *j;

	return loy__meta_load(&now, NULL) == LOY_OK && now.meta_seen != j->meta_seen;
}

static loy_status save_slot(loy__journal *j, int which, const uint8_t *bytes)
{
	int made = 0;
	loy_status status;
	void *file;

	status = j->files.open(j->files.user_data, meta_name[which], LOY_OPEN_WRITE, &file);
	if (status == LOY_ENOTFOUND) {
		made = 1;
		status = j->files.open(j->files.user_data, meta_name[which], LOY_OPEN_CREATE, &file);
	}
	if (status != LOY_OK)
		return status;
	status = j->files.write_at(j->files.user_data, file, 0, bytes, LOY__SECTOR);
	if (status == LOY_OK)
		status = j->files.sync(j->files.user_data, file);
	j->files.close(j->files.user_data, file);
	if (status == LOY_OK && made)
		status = j->files.sync_directory(j->files.user_data);
	return status;
}

loy_status loy__meta_save(loy__journal *j, const loy__meta *meta, loy_error *error)
{
	uint64_t sequence = j->meta_sequence + 1;
	uint8_t *room = loy__alloc(&j->memory, LOY__SECTOR);
	loy_status status;
	int i;

	if (room == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory to write meta files");
	write_meta(meta, sequence, room);
	for (i = 0; i < 2; i++) {
		int which = (int)((sequence + (uint64_t)i) & 1);

		status = save_slot(j, which, room);
		if (status != LOY_OK) {
			loy__free(&j->memory, room, LOY__SECTOR);
			return loy__journal_poison(j, status, meta_name[which], error);
		}
	}
	loy__free(&j->memory, room, LOY__SECTOR);
	j->meta = *meta;
	j->meta_sequence = sequence;
	return LOY_OK;
}
