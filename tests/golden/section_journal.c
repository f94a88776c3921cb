/*
 * Bytes of journal files and of meta, what opening them after a crash and after rewriting gives, values of
 * the chain.
 */
#include "golden.h"
#include "store/journal.h"

#include <stdlib.h>
#include <string.h>

#define SEGMENT 65536u

static loy_files files;

static int32_t add_file(const char *name, void *context)
{
	uint64_t *sum = context, size = 0, at;
	uint8_t bytes[4096];
	uint32_t crc = loy__crc32c(0, name, strlen(name));
	size_t got;
	void *file;

	if (files.open(files.user_data, name, LOY_OPEN_READ, &file) != LOY_OK)
		return 0;
	(void)files.size(files.user_data, file, &size);
	for (at = 0; at < size; at += got) {
		if (files.read_at(files.user_data, file, at, bytes, sizeof(bytes), &got) != LOY_OK ||
		    got == 0)
			break;
		crc = loy__crc32c(crc, bytes, got);
	}
	files.close(files.user_data, file);
	*sum += (uint64_t)crc << 16 ^ size; /* files come in any order */
	return 0;
}

static loy_status add_record(const loy__record_view *record, void *user)
{
	struct golden *g = user;

	golden_u64(g, record->position);
	golden_u64(g, record->type);
	golden_bytes(g, record->body, record->size);
	return LOY_OK;
}

static loy_status halve(loy__record_view *record, uint8_t *body, void *user)
{
	(void)body;
	(void)user;
	if (record->position % 50 == 0)
		record->size /= 2;
	return LOY_OK;
}

static loy__journal *open_here(struct golden *g, int padded)
{
	loy__journal_options options = {.files = files, .segment_bytes = SEGMENT, .padded = padded};
	loy_allocator memory;
	loy_recovery report = {0};
	loy__journal *j = NULL;

	golden_check(g, loy__memory_adopt(&memory, NULL) == LOY_OK, "memory");
	golden_check(g, loy__journal_open(&j, &options, &memory, NULL) == LOY_OK, "open");
	golden_check(g, loy__journal_replay(j, 0, add_record, g, &report, NULL) == LOY_OK, "replay");
	golden_u64(g, report.clean);
	return j;
}

static void write_some(struct golden *g, loy__journal *j, uint64_t count)
{
	static uint8_t body[3000];
	uint64_t i, position = loy__journal_last(j);
	size_t k;

	golden_check(g, loy__journal_reserve(j, count, count * sizeof(body), NULL) == LOY_OK, "reserve");
	for (i = 0; i < count; i++) {
		uint64_t drawn = loy__mix64(++position);
		size_t size = (size_t)(drawn % (position % 10 == 0 ? sizeof(body) : 100));

		for (k = 0; k < size; k++)
			body[k] = (uint8_t)(loy__mix64(position * 4096 + k) & 0xFF);
		golden_check(g,
		             loy__journal_append(j, 1 + (uint32_t)(position % 6), body, size, body,
		                                 size / 7) == position,
		             "append");
	}
	golden_check(g, loy__journal_commit(j, NULL) == LOY_OK, "commit");
}

static void files_and_chain(struct golden *g, loy__journal *j)
{
	uint64_t sum = 0;
	uint8_t head[32];

	golden_check(g, loy__journal_verify_chain(j, head, NULL, NULL, NULL) == LOY_OK, "chain");
	golden_bytes(g, head, sizeof(head));
	golden_check(g, files.list(files.user_data, add_file, &sum) == LOY_OK, "list");
	golden_u64(g, sum);
}

void golden_journal(struct golden *g)
{
	loy__journal *j;
	int padded;

	for (padded = 0; padded < 2; padded++) {
		files.struct_size = sizeof(files);
		golden_check(g, loy_files_open_memory(&files, 1, NULL) == LOY_OK, "files");
		golden_begin(g, padded ? "written_padded" : "written");
		j = open_here(g, padded);
		write_some(g, j, 100);
		write_some(g, j, 300);
		files_and_chain(g, j);
		golden_end(g);
		golden_begin(g, padded ? "rewritten_padded" : "rewritten");
		golden_check(g, loy__journal_seal(j, NULL) == LOY_OK, "seal");
		golden_check(g, loy__journal_rewrite(j, 0, halve, NULL, NULL) == LOY_OK, "rewrite");
		write_some(g, j, 7);
		files_and_chain(g, j);
		loy__journal_close(j);
		golden_end(g);
		golden_begin(g, padded ? "read_padded" : "read");
		j = open_here(g, !padded);
		write_some(g, j, 9);
		files_and_chain(g, j);
		loy__journal_close(j);
		golden_end(g);
		loy_files_close(&files);
	}
}
