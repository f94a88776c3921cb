/* Journal files: names, heads, making the next one ahead. */
#include "store/segment.h"

#include <string.h>

#define ZERO_BYTES   65536u
#define POSITION_MAX (UINT64_MAX / 2) /* nobody gets so far, and sums of positions do not overflow */

/* "LOYALJNL" */
static const uint8_t magic[8] = {0x4c, 0x4f, 0x59, 0x41, 0x4c, 0x4a, 0x4e, 0x4c};

enum { HEAD_SECRET = 1 }; /* flags of a head */

/* ---- names and failures ---- */

static void name_with(const char *prefix, uint64_t number, loy__journal_name *out)
{
	size_t at = strlen(prefix);
	int i;

	memcpy(out->text, prefix, at);
	for (i = 60; i >= 0; i -= 4)
		out->text[at++] = "0123456789abcdef"[number >> i & 15];
	out->text[at] = '\0';
}

void loy__segment_name(uint64_t number, loy__journal_name *out)
{
	name_with("jnl-", number, out);
}

void loy__snapshot_name(uint64_t number, loy__journal_name *out)
{
	name_with("snap-", number, out);
}

loy_status loy__fail_file(loy_error *error, loy_status status, const char *message, const char *name,
                          int64_t byte)
{
	loy__error_fill_name(error, status, message, name, strlen(name));
	loy__files_reason(error, status);
	if (error != NULL && error->struct_size >= sizeof(*error))
		error->byte = byte;
	return status;
}

loy_status loy__journal_poison(loy__journal *j, loy_status why, const char *name, loy_error *error)
{
	loy_status status = loy__files_status(why);

	j->poisoned = LOY_EIO;
	(void)loy__fail_file(error, status, "a file could not be written; open the store again", name, -1);
	/* Whoever goes on must know that nothing is believed any more; who has not got in yet, why. */
	if (j->ready || status == LOY_ENOTFOUND || status == LOY_ELOCKED)
		status = LOY_EIO;
	if (error != NULL && error->struct_size >= sizeof(*error))
		error->code = status;
	return status;
}

/* ---- heads ---- */

void loy__segment_head_write(const loy__journal *j, const loy__segment_head *head,
                             uint8_t out[LOY__SEGMENT_HEAD])
{
	memset(out, 0, LOY__SEGMENT_HEAD);
	memcpy(out, magic, sizeof(magic));
	loy__put_u16(out + 8, LOY__FORMAT_MAJOR);
	loy__put_u16(out + 10, LOY__FORMAT_MINOR);
	loy__put_u32(out + 12, head->has_secret ? HEAD_SECRET : 0);
	memcpy(out + 16, j->meta.store_id, sizeof(j->meta.store_id));
	loy__put_u64(out + 32, head->number);
	loy__put_u64(out + 40, head->first);
	loy__put_u32(out + 48, head->generation);
	loy__put_u64(out + 56, head->capacity);
	if (head->has_secret)
		memcpy(out + 64, head->secret, LOY__SECRET_SIZE);
	loy__put_u32(out + LOY__SEGMENT_HEAD - 4, loy__crc32c(0, out, LOY__SEGMENT_HEAD - 4));
}

int loy__segment_head_read(const loy__journal *j, const uint8_t *in, size_t size, loy__segment_head *out)
{
	static const uint8_t nothing[LOY__SEGMENT_HEAD] = {0};

	if (size < LOY__SEGMENT_HEAD)
		return LOY__SEGMENT_TORN;
	if (memcmp(in, nothing, sizeof(nothing)) == 0)
		return LOY__SEGMENT_EMPTY;
	if (memcmp(in, magic, sizeof(magic)) != 0 ||
	    loy__get_u32(in + LOY__SEGMENT_HEAD - 4) != loy__crc32c(0, in, LOY__SEGMENT_HEAD - 4))
		return LOY__SEGMENT_TORN;
	if (loy__get_u16(in + 8) > LOY__FORMAT_MAJOR)
		return LOY__SEGMENT_NEWER;
	if (memcmp(in + 16, j->meta.store_id, sizeof(j->meta.store_id)) != 0)
		return LOY__SEGMENT_FOREIGN;
	out->number = loy__get_u64(in + 32);
	out->first = loy__get_u64(in + 40);
	out->generation = loy__get_u32(in + 48);
	out->capacity = loy__get_u64(in + 56);
	out->has_secret = (loy__get_u32(in + 12) & HEAD_SECRET) != 0;
	memcpy(out->secret, in + 64, LOY__SECRET_SIZE);
	return LOY__SEGMENT_USED;
}

/* ---- what there is ---- */

/* Open a segment and read its head. */
static loy_status look_at(loy__journal *j, size_t index, loy__segment_head *head, loy_error *error)
{
	loy__segment *segment = &j->segment[index];
	uint8_t bytes[LOY__SEGMENT_HEAD];
	loy__journal_name name;
	size_t got = 0;
	loy_status status;
	void *file;

	loy__segment_name(loy__segment_number(j, index), &name);
	status = loy__files_status(j->files.open(j->files.user_data, name.text, LOY_OPEN_READ, &file));
	if (status == LOY_ENOTFOUND)
		return loy__fail_file(error, LOY_EDAMAGED, "a journal file is missing", name.text, -1);
	if (status == LOY_OK) {
		status = loy__files_status(j->files.size(j->files.user_data, file, &segment->bytes));
		if (status == LOY_OK)
			status = loy__files_status(
			        j->files.read_at(j->files.user_data, file, 0, bytes, sizeof(bytes), &got));
		j->files.close(j->files.user_data, file);
	}
	if (status != LOY_OK)
		return loy__fail_file(error, status, "a journal file cannot be read", name.text, 0);
	segment->state = loy__segment_head_read(j, bytes, got, head);
	if (segment->state == LOY__SEGMENT_NEWER)
		return loy__fail_file(error, LOY_EVERSION, "a journal file is of a newer version", name.text,
		                      8);
	if (segment->state == LOY__SEGMENT_FOREIGN)
		return loy__fail_file(error, LOY_EDAMAGED, "a journal file is another store's", name.text,
		                      16);
	return LOY_OK;
}

/* Does a segment with an intact head follow the one before it? */
static int follows(const loy__journal *j, size_t index, const loy__segment_head *head)
{
	uint64_t least = index > 0 ? j->segment[index - 1].first : 1;
	uint32_t generation = index > 0 ? j->segment[index - 1].generation : 0;

	return head->number == loy__segment_number(j, index) && head->first >= least &&
	       head->first <= POSITION_MAX && (index > 0 || head->first == 1) &&
	       head->generation >= generation && head->generation <= j->meta.generation;
}

/* Is anything missing at the end of a file that nobody may have cut, the current one or one ahead? */
static int cut_short(const loy__journal *j, size_t index, const loy__segment_head *head)
{
	const loy__segment *segment = &j->segment[index];

	if (index + 1 == j->count && segment->bytes < j->meta.last_bytes)
		return 1;
	/* Those before the one that is written are cut when it is begun; the one ahead has no head yet. */
	return segment->state == LOY__SEGMENT_USED && segment->bytes < head->capacity;
}

/* Take segment `index` into the list, and see whether it may follow the one before it. */
static loy_status load_one(loy__journal *j, size_t index, loy__segment_head *current, loy_error *error)
{
	loy__segment_head head = {0};
	void *table = j->segment;
	loy__journal_name name;
	loy_status status;

	status = loy__grow(&j->memory, &table, &j->capacity, index + 1, sizeof(*j->segment), SIZE_MAX);
	j->segment = table;
	if (status != LOY_OK)
		return loy__fail(error, LOY_ENOMEM, "no memory for the list of journal files");
	memset(&j->segment[index], 0, sizeof(*j->segment));
	j->count = index + 1;
	status = look_at(j, index, &head, error);
	if (status != LOY_OK)
		return status;
	loy__segment_name(loy__segment_number(j, index), &name);
	if (j->segment[index].state == LOY__SEGMENT_USED) {
		if (!follows(j, index, &head))
			return loy__fail_file(error, LOY_EDAMAGED,
			                      "a journal file does not follow the one before it", name.text,
			                      32);
		j->segment[index].first = head.first;
		j->segment[index].generation = head.generation;
		j->current = index;
		*current = head;
	} else if (loy__segment_number(j, index) < j->meta.last_segment) {
		return loy__fail_file(error, LOY_EDAMAGED, "the head of a journal file is damaged", name.text,
		                      0);
	}
	return LOY_OK;
}

loy_status loy__segments_load(loy__journal *j, loy_error *error)
{
	loy__segment_head current = {0};
	loy__journal_name name;
	size_t i;

	/* One by one: how many there are said to be is believed when they are there. */
	for (i = 0; loy__segment_number(j, i) <= j->meta.last_segment; i++) {
		loy_status status = load_one(j, i, &current, error);

		if (status != LOY_OK)
			return status;
	}
	if (j->segment[0].state != LOY__SEGMENT_USED)
		j->segment[0].first = 1;
	for (i = j->count; i-- > j->current;) {
		if (!cut_short(j, i, &current))
			continue;
		/* The one that is written was rightly cut when the next one's head is what is wrong. */
		if (i + 1 < j->count && j->segment[i + 1].state == LOY__SEGMENT_TORN) {
			loy__segment_name(loy__segment_number(j, i + 1), &name);
			return loy__fail_file(error, LOY_EDAMAGED, "the head of a journal file is damaged",
			                      name.text, 0);
		}
		loy__segment_name(loy__segment_number(j, i), &name);
		return loy__fail_file(error, LOY_EDAMAGED, "a journal file was cut short", name.text,
		                      (int64_t)j->segment[i].bytes);
	}
	return LOY_OK;
}

/* Is a segment another one than when it was loaded? */
static int is_other(loy__journal *j, size_t index)
{
	loy__segment was = j->segment[index], is;
	loy__segment_head head = {0};
	loy_status status = look_at(j, index, &head, NULL);

	is = j->segment[index];
	j->segment[index] = was;
	return status == LOY_OK && (is.bytes != was.bytes || is.state != was.state ||
	                            (is.state == LOY__SEGMENT_USED && head.generation != was.generation));
}

int loy__journal_changed(loy__journal *j)
{
	size_t i;

	if (!j->read_only)
		return 0;
	if (loy__meta_changed(j))
		return 1;
	for (i = 0; i < j->count; i++) {
		if (is_other(j, i))
			return 1;
	}
	return 0;
}

uint64_t loy__journal_bytes(const loy__journal *j)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < j->count; i++)
		bytes += j->segment[i].bytes;
	return bytes;
}

uint64_t loy__journal_allowance(const loy__journal *j)
{
	uint64_t held =
	        loy__journal_bytes(j) + j->snapshot_bytes + j->snapshot_written + 2 * (uint64_t)LOY__SECTOR;

	if (j->files_limit == 0)
		return UINT64_MAX;
	return held < j->files_limit ? j->files_limit - held : 0;
}

uint64_t loy__journal_snapshot_room(loy__journal *j, uint64_t written)
{
	uint64_t room;

	j->snapshot_written = 0;
	room = loy__journal_allowance(j);
	j->snapshot_written = written;
	return room;
}

/* ---- making them ---- */

loy_status loy__segment_zero(loy__journal *j, void *file, uint64_t from, uint64_t to)
{
	uint8_t *zeroes = loy__alloc_zero(&j->memory, ZERO_BYTES);
	loy_status status = zeroes != NULL ? LOY_OK : LOY_ENOMEM;

	while (status == LOY_OK && from < to) {
		size_t part = to - from < ZERO_BYTES ? (size_t)(to - from) : ZERO_BYTES;

		status = loy__files_status(j->files.write_at(j->files.user_data, file, from, zeroes, part));
		from += part;
	}
	loy__free(&j->memory, zeroes, ZERO_BYTES);
	return status;
}

/* LOY_EFULL and LOY_ENOMEM changed nothing that counts; after anything else nothing is believed any more. */
static loy_status make_failed(loy__journal *j, loy_status status, loy_error *error)
{
	if (status == LOY_EFULL)
		return loy__fail(error, status, "there is no room for another journal file");
	if (status == LOY_ENOMEM)
		return loy__fail(error, status, "no memory to make another journal file");
	return loy__journal_poison(j, status, LOY__NEW_NAME, error);
}

loy_status loy__segment_publish(loy__journal *j, uint64_t number, loy_error *error)
{
	loy__journal_name name;
	loy_status status;

	loy__segment_name(number, &name);
	status = loy__files_status(j->files.rename(j->files.user_data, LOY__NEW_NAME, name.text));
	if (status == LOY_EFULL || status == LOY_ENOMEM)
		return make_failed(j, status, error);
	if (status == LOY_OK)
		status = loy__files_status(j->files.sync_directory(j->files.user_data));
	return status == LOY_OK ? LOY_OK : loy__journal_poison(j, status, name.text, error);
}

/* A file of zeroes on the medium, under its name. */
static loy_status make_file(loy__journal *j, uint64_t number, uint64_t bytes, loy_error *error)
{
	loy_status status;
	void *file;

	status = loy__files_status(j->files.open(j->files.user_data, LOY__NEW_NAME, LOY_OPEN_CREATE, &file));
	if (status != LOY_OK)
		return make_failed(j, status, error);
	status = loy__segment_zero(j, file, 0, bytes);
	if (status == LOY_OK)
		status = loy__files_status(j->files.sync(j->files.user_data, file));
	j->files.close(j->files.user_data, file);
	if (status == LOY_OK)
		return loy__segment_publish(j, number, error);
	(void)j->files.remove(j->files.user_data,
	                      LOY__NEW_NAME); /* what stays is emptied when the next one is made */
	return make_failed(j, status, error);
}

loy_status loy__segment_blank(loy__journal *j, size_t index, loy_error *error)
{
	loy_status status = make_file(j, loy__segment_number(j, index), j->segment[index].bytes, error);

	if (status == LOY_OK)
		j->segment[index].state = LOY__SEGMENT_EMPTY;
	return status;
}

loy_status loy__segment_ahead(loy__journal *j, uint64_t bytes, loy_error *error)
{
	loy__meta next = j->meta;
	uint8_t secret[LOY__SECRET_SIZE];
	void *table = j->segment, *file;
	loy__journal_name name;
	loy_status status;

	bytes = bytes < j->segment_bytes ? j->segment_bytes
	                                 : (bytes + LOY__SECTOR - 1) / LOY__SECTOR * LOY__SECTOR;
	if (bytes > loy__journal_allowance(j))
		return loy__fail(error, LOY_EFULL, "another journal file would go beyond the limit of files");
	status = loy__grow(&j->memory, &table, &j->capacity, j->count + 1, sizeof(*j->segment), SIZE_MAX);
	j->segment = table;
	if (status != LOY_OK)
		return loy__fail(error, LOY_ENOMEM, "no memory for the list of journal files");
	status = loy__files_status(j->files.entropy(j->files.user_data, secret, sizeof(secret)));
	if (status != LOY_OK)
		return loy__fail(error, status, "the host gave no random bytes");
	next.last_segment++;
	next.last_bytes = bytes;
	status = make_file(j, next.last_segment, bytes, error);
	if (status != LOY_OK)
		return status;
	loy__segment_name(next.last_segment, &name);
	status = loy__files_status(j->files.open(j->files.user_data, name.text, LOY_OPEN_WRITE, &file));
	if (status != LOY_OK)
		return make_failed(j, status, error);
	status = loy__meta_save(j, &next, error);
	if (status != LOY_OK) {
		j->files.close(j->files.user_data, file);
		return status;
	}
	memset(&j->segment[j->count], 0, sizeof(*j->segment));
	j->segment[j->count].bytes = bytes;
	if (j->count == 0) {
		j->segment[0].first = 1;
		j->file = file;
	} else {
		j->ahead = file;
	}
	memcpy(j->secret[j->count == 0 ? 0 : 1], secret, sizeof(secret));
	j->count++;
	return LOY_OK;
}

loy_status loy__segment_extend(loy__journal *j, size_t index, uint64_t bytes, loy_error *error)
{
	void *file = index == j->current ? j->file : j->ahead;
	loy__journal_name name;
	loy_status status;

	bytes = (bytes + LOY__SECTOR - 1) / LOY__SECTOR * LOY__SECTOR;
	if (bytes - j->segment[index].bytes > loy__journal_allowance(j))
		return loy__fail(error, LOY_EFULL,
		                 "a longer journal file would go beyond the limit of files");
	status = loy__segment_zero(j, file, j->segment[index].bytes, bytes);
	if (status == LOY_OK)
		status = loy__files_status(j->files.sync(j->files.user_data, file));
	if (status == LOY_EFULL || status == LOY_ENOMEM)
		return make_failed(j, status, error);
	if (status != LOY_OK) {
		loy__segment_name(loy__segment_number(j, index), &name);
		return loy__journal_poison(j, status, name.text, error);
	}
	j->segment[index].bytes = bytes;
	return LOY_OK;
}

void loy__segment_switch(loy__journal *j, uint64_t first)
{
	j->behind = j->file;
	j->behind_end = j->offset;
	j->file = j->ahead;
	j->ahead = NULL;
	j->current++;
	j->offset = 0;
	j->segment[j->current].first = first;
	memcpy(j->secret[0], j->secret[1], LOY__SECRET_SIZE);
}

void loy__segment_trim(loy__journal *j)
{
	if (j->behind == NULL)
		return;
	/* When it fails zeroes stay behind the last record. */
	if (j->files.resize(j->files.user_data, j->behind, j->behind_end) == LOY_OK)
		j->segment[j->current - 1].bytes = j->behind_end;
	j->files.close(j->files.user_data, j->behind);
	j->behind = NULL;
}

loy_status loy__segment_cut(loy__journal *j, size_t index, uint64_t bytes)
{
	loy__journal_name name;
	loy_status status;
	void *file;

	loy__segment_name(loy__segment_number(j, index), &name);
	status = loy__files_status(j->files.open(j->files.user_data, name.text, LOY_OPEN_WRITE, &file));
	if (status != LOY_OK)
		return status;
	status = loy__files_status(j->files.resize(j->files.user_data, file, bytes));
	if (status == LOY_OK)
		status = loy__files_status(j->files.sync(j->files.user_data, file));
	if (status == LOY_OK)
		j->segment[index].bytes = bytes;
	j->files.close(j->files.user_data, file);
	return status;
}
