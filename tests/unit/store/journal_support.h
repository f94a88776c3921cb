/*
 * What tests of the journal share: a directory in memory, records whose content follows from their position.
 */
#ifndef LOY_TESTS_JOURNAL_SUPPORT_H
#define LOY_TESTS_JOURNAL_SUPPORT_H

#include "support.h"
#include "store/segment.h"

#define SEGMENT 65536u

/* Body of the record at a position: `size` bytes that no other record has. */
static inline void fill_body(uint8_t *body, size_t size, uint64_t position)
{
	uint64_t x = loy__mix64(position + UINT64_C(0x9e3779b97f4a7c15));
	size_t i;

	for (i = 0; i < size; i++) {
		if (i % 8 == 0)
			x = loy__mix64(x + i + 1);
		body[i] = (uint8_t)(x >> 8 * (i % 8));
	}
}

static inline size_t body_size(uint64_t position, size_t largest)
{
	return (size_t)(loy__mix64(position) % (largest + 1));
}

static inline uint32_t body_type(uint64_t position)
{
	return 1 + (uint32_t)(position % 6);
}

/* Append records of at most `largest` bytes; the room must be there. */
static inline void append_records(loy__journal *j, uint64_t count, size_t largest)
{
	static uint8_t body[LOY__RECORD_MAX];

	for (; count > 0; count--) {
		uint64_t position = loy__journal_last(j) + 1;
		size_t size = body_size(position, largest), cut = size / 3;

		fill_body(body, size, position);
		assert_int_equal(
		        loy__journal_append(j, body_type(position), body, cut, body + cut, size - cut),
		        position);
	}
}

/* Reserve, append, commit. */
static inline void write_records(loy__journal *j, uint64_t count, size_t largest)
{
	assert_int_equal(loy__journal_reserve(j, count, count * largest, NULL), LOY_OK);
	append_records(j, count, largest);
	assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
}

/* Checks records that are visited: their positions follow one another, their content is as it was written. */
struct expect {
	uint64_t next;
	size_t largest;
	uint64_t count;
};

static inline loy_status expect_record(const loy__record_view *record, void *user)
{
	static uint8_t body[LOY__RECORD_MAX];
	struct expect *e = user;

	assert_int_equal(record->position, e->next);
	assert_int_equal(record->type, body_type(record->position));
	assert_int_equal(record->size, body_size(record->position, e->largest));
	fill_body(body, record->size, record->position);
	assert_memory_equal(record->body, body, record->size);
	e->next++;
	e->count++;
	return LOY_OK;
}

static inline loy_allocator plain_memory(void)
{
	loy_allocator memory;

	assert_int_equal(loy__memory_adopt(&memory, NULL), LOY_OK);
	return memory;
}

static inline loy__journal_options journal_options(const loy_files *files)
{
	loy__journal_options options = {.files = *files, .segment_bytes = SEGMENT};

	return options;
}

/* Open and replay from the first record on. */
static inline loy_status try_open(loy__journal **out, const loy__journal_options *options,
                                  struct expect *expect, loy_recovery *report, loy_error *error)
{
	loy_allocator memory = plain_memory();
	uint64_t after = expect->next - 1;
	loy_status status = loy__journal_open(out, options, &memory, error);

	if (status == LOY_OK) {
		status = loy__journal_replay(*out, after, expect_record, expect, report, error);
		if (status != LOY_OK) {
			loy__journal_close(*out);
			*out = NULL;
		}
	}
	return status;
}

static inline loy__journal *open_records(const loy__journal_options *options, uint64_t count, size_t largest,
                                         loy_recovery *report)
{
	struct expect expect = {1, largest, 0};
	loy_error error = {.struct_size = sizeof(error)};
	loy_recovery own = {0};
	loy__journal *j = NULL;
	loy_status status = try_open(&j, options, &expect, report != NULL ? report : &own, &error);

	if (status != LOY_OK)
		fail_msg("%s: %s", loy_status_name(status), error.message);
	assert_int_equal(expect.count, count);
	assert_int_equal(loy__journal_committed(j), count);
	return j;
}

/* Read all records with a reader. */
static inline void read_records(loy__journal *j, uint64_t from, uint64_t count, size_t largest)
{
	struct expect expect = {from, largest, 0};
	loy__journal_reader *reader;
	loy__record_view record;
	loy_status status;

	assert_int_equal(loy__journal_reader_create(&reader, j, from, NULL), LOY_OK);
	while ((status = loy__journal_reader_next(reader, &record, NULL)) == LOY_OK)
		assert_int_equal(expect_record(&record, &expect), LOY_OK);
	assert_int_equal(status, LOY_ENOTFOUND);
	assert_int_equal(expect.count, count);
	loy__journal_reader_destroy(reader);
}

#endif
