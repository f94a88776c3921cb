/*
 * A directory of journal files: opened, replayed, read, and, when it may be written, gone on with. The first byte says
 * which request for memory fails (128 and more: none), the second what is done: 1 read only, 2 sums are left as they
 * are (else they are mended first, so that the fuzzer gets past them), 4 commits are padded, 8 begin after record 5.
 * The rest is an image as in tests/support/files_image.h. What a journal accepts to be opened it must be able to read
 * again, with what was appended.
 */
#include "fuzz.h"
#include "store/segment.h"
#include "../support/files_image.h"

#define SEGMENT 65536u

/* ---- mending sums ---- */

/* Files whose sums are mended: all bytes of one at a time. */
static void mend_meta(uint8_t *bytes, size_t size, uint8_t id[16])
{
	if (size != LOY__SECTOR)
		return;
	loy__put_u32(bytes + LOY__SECTOR - 4, loy__crc32c(0, bytes, LOY__SECTOR - 4));
	memcpy(id, bytes + 32, 16);
}

static void mend_journal(uint8_t *bytes, size_t size, const uint8_t id[16])
{
	uint32_t store = loy__crc32c(0, id, 16), seed = store;
	size_t at = LOY__SEGMENT_HEAD;

	if (size < LOY__SEGMENT_HEAD)
		return;
	if (bytes[0] != 0)
		loy__put_u32(bytes + LOY__SEGMENT_HEAD - 4, loy__crc32c(0, bytes, LOY__SEGMENT_HEAD - 4));
	while (size - at >= LOY__FRAME_HEAD) {
		loy__frame frame;

		if (loy__get_u32(bytes + at) == 0 && bytes[at + 4] == 0) { /* padding, or the end */
			at += LOY__SECTOR - at % LOY__SECTOR;
			if (at >= size)
				return;
			continue;
		}
		/* A sum with its first byte 0xFF stays wrong: torn frames are of interest, too. */
		if (!loy__frame_head(&frame, bytes + at, size - at) || bytes[at] == 0xFF)
			return;
		seed = loy__frame_seal(bytes + at, seed);
		if (!(frame.flags & LOY__FRAME_MORE))
			seed = store;
		at += frame.size;
	}
}

struct mending {
	const loy_files *files;
	uint8_t id[16];
	const char *prefix;
};

static int32_t mend_file(const char *name, void *context)
{
	struct mending *m = context;
	const loy_files *f = m->files;
	uint64_t size = 0;
	uint8_t *bytes;
	size_t got = 0;
	void *file;

	if (strncmp(name, m->prefix, strlen(m->prefix)) != 0 ||
	    f->open(f->user_data, name, LOY_OPEN_WRITE, &file) != LOY_OK)
		return 0;
	FUZZ_CHECK(f->size(f->user_data, file, &size) == LOY_OK && size <= IMAGE_FILE_MAX);
	bytes = fuzz_block_create((size_t)size + 1);
	FUZZ_CHECK(bytes != NULL);
	FUZZ_CHECK(f->read_at(f->user_data, file, 0, bytes, (size_t)size, &got) == LOY_OK);
	if (m->prefix[0] == 'm')
		mend_meta(bytes, (size_t)size, m->id);
	else
		mend_journal(bytes, (size_t)size, m->id);
	FUZZ_CHECK(f->write_at(f->user_data, file, 0, bytes, (size_t)size) == LOY_OK);
	f->close(f->user_data, file);
	fuzz_block_destroy(bytes, (size_t)size + 1);
	return 0;
}

static void mend(const loy_files *files)
{
	struct mending m = {files, {0}, "meta-"};

	FUZZ_CHECK(files->list(files->user_data, mend_file, &m) == LOY_OK);
	m.prefix = "jnl-";
	FUZZ_CHECK(files->list(files->user_data, mend_file, &m) == LOY_OK);
}

/* ---- use ---- */

/* Records seen: how many, the last one's position, and a sum over all. */
struct seen {
	uint64_t last, count;
	uint32_t sum;
};

static loy_status see(const loy__record_view *record, void *user)
{
	struct seen *seen = user;

	FUZZ_CHECK(record->position > seen->last && record->type < 256 && record->size <= LOY__RECORD_MAX);
	FUZZ_CHECK(seen->count == 0 || record->position == seen->last + 1);
	seen->last = record->position;
	seen->count++;
	seen->sum = loy__crc32c(seen->sum, record->body, record->size);
	return LOY_OK;
}

static loy_status shorten(loy__record_view *record, uint8_t *body, void *user)
{
	(void)user;
	if (record->position % 2 == 0 && record->size > 0) {
		record->size--;
		if (record->size > 0)
			body[0] ^= 1;
	}
	return LOY_OK;
}

static int refused(loy_status status)
{
	return status == LOY_ENOMEM || status == LOY_EDAMAGED || status == LOY_EVERSION ||
	       status == LOY_EINVAL || status == LOY_ENOTFOUND || status == LOY_ELIMIT ||
	       status == LOY_EFULL || status == LOY_ESTATE;
}

static void read_all(loy__journal *j, uint64_t from, const struct seen *expected)
{
	loy__journal_reader *reader;
	loy__record_view record;
	struct seen seen = {from - 1, 0, 0};
	loy_status status = loy__journal_reader_create(&reader, j, from, NULL);

	while (status == LOY_OK) {
		status = loy__journal_reader_next(reader, &record, NULL);
		if (status == LOY_OK)
			FUZZ_CHECK(see(&record, &seen) == LOY_OK);
	}
	loy__journal_reader_destroy(reader);
	FUZZ_CHECK(status == LOY_ENOTFOUND || refused(status));
	if (status == LOY_ENOTFOUND && expected != NULL)
		FUZZ_CHECK(seen.last == loy__journal_committed(j) && seen.sum == expected->sum);
}

static void write_more(loy__journal *j, const uint8_t *bytes, size_t size)
{
	uint8_t head[32];
	uint32_t i;

	FUZZ_CHECK(refused(loy__journal_verify_chain(j, head, NULL, NULL, NULL)) ||
	           loy__journal_last(j) < UINT64_MAX);
	for (i = 0; i < 2; i++) {
		uint64_t last = loy__journal_last(j);

		if (loy__journal_reserve(j, 2, 2 * size, NULL) != LOY_OK)
			return;
		loy__journal_begin(j);
		FUZZ_CHECK(loy__journal_append(j, 1, bytes, size, NULL, 0) == last + 1);
		FUZZ_CHECK(loy__journal_append(j, 2, bytes, size / 2, bytes, size / 2) == last + 2);
		loy__journal_end(j);
		FUZZ_CHECK(loy__journal_commit(j, NULL) == LOY_OK);
		FUZZ_CHECK(loy__journal_committed(j) == last + 2);
		(void)loy__journal_seal(j, NULL);
	}
	for (i = 0; i + 1 < loy__journal_segment_count(j) && i < 4; i++)
		(void)loy__journal_rewrite(j, i, shorten, NULL, NULL);
}

static loy__journal *open_journal(const loy_files *files, const loy_allocator *memory, unsigned how,
                                  uint64_t after, struct seen *seen)
{
	loy__journal_options options = {
	        .files = *files, .segment_bytes = SEGMENT, .read_only = how & 1, .padded = how >> 2 & 1};
	loy_error error = {.struct_size = sizeof(error)};
	loy_recovery report = {0};
	loy__journal *j = NULL;
	loy_status status = loy__journal_open(&j, &options, memory, &error);

	memset(seen, 0, sizeof(*seen));
	if (status == LOY_OK)
		status = loy__journal_replay(j, after, see, seen, &report, &error);
	if (status == LOY_OK)
		return j;
	FUZZ_CHECK(refused(status) && error.code == status);
	loy__journal_close(j);
	return NULL;
}

static void use(const loy_files *files, const loy_allocator *memory, struct fuzz_heap *heap, unsigned how,
                const uint8_t *data, size_t size)
{
	uint64_t after = how & 8 ? 5 : 0, committed;
	int last_opening; /* nobody opens a store so often */
	struct seen seen;
	loy__journal *j = open_journal(files, memory, how, after, &seen);

	if (j == NULL)
		return;
	FUZZ_CHECK(seen.count == loy__journal_committed(j) - after);
	read_all(j, after + 1, &seen);
	read_all(j, 1, NULL);
	if (!(how & 1))
		write_more(j, data, size < 700 ? size : 700);
	committed = loy__journal_committed(j);
	last_opening = loy__journal_meta(j)->generation == UINT32_MAX;
	if (how & 16)
		j->dirty = 0;
	loy__journal_close(j);
	if (heap->until >= 0 || last_opening)
		return;
	j = open_journal(files, memory, how, after, &seen);
	FUZZ_CHECK(j != NULL && loy__journal_committed(j) == committed && seen.count == committed - after);
	loy__journal_close(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_heap heap = {.until = size > 0 && data[0] < 128 ? data[0] : -1}, room = {.until = -1};
	loy_allocator memory = fuzz_allocator(&heap), medium = fuzz_allocator(&room);
	loy_files files = {.struct_size = sizeof(files)};

	if (size < 2)
		return 0;
	fuzz_begin();
	FUZZ_CHECK(loy_files_open_memory(&files, 3, &medium) == LOY_OK);
	(void)image_unpack(&files, data + 2, size - 2);
	if (!(data[1] & 2))
		mend(&files);
	use(&files, &memory, &heap, data[1], data, size);
	FUZZ_CHECK(heap.live == 0);
	loy_files_close(&files);
	return 0;
}
