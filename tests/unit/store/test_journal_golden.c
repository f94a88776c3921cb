/*
 * Files of each version of the format stay readable: tests/golden/files/journal-1.image is the directory that
 * version 1 wrote, kept for ever. It holds records of one frame and of several, a unit, padding, a copied
 * tail, an edited segment with a chain, and a mark of an orderly end. What this version writes is the same,
 * byte for byte, on every target; LOY_GOLDEN_WRITE=path in the environment makes the test write it there.
 */
#include "journal_support.h"
#include "files_image.h"

#define LARGEST 700u
#define RECORDS 230u
#define IMAGE   "tests/golden/files/journal-1.image"
#define ROOM    (8u << 20)

static const char *const names[] = {"meta-0",
                                    "meta-1",
                                    "jnl-0000000000000001",
                                    "jnl-0000000000000002",
                                    "jnl-0000000000000003",
                                    "jnl-0000000000000004"};
/* The value of the chain after the last record. */
static const uint8_t chain[32] = {
        0x51, 0x1d, 0x0c, 0xc3, 0x7e, 0x85, 0x69, 0x06, 0x23, 0xc7, 0x11, 0x1b, 0x36, 0xb3, 0x1c, 0x2c,
        0x94, 0x52, 0x06, 0x24, 0x15, 0xe6, 0x1a, 0x5e, 0x58, 0x1a, 0xee, 0x55, 0x6b, 0xa7, 0xd1, 0x75,
};

static int is_edited(uint64_t position)
{
	return position == 3 || position == 70 || position == 71;
}

static loy_status edit(loy__record_view *record, uint8_t *body, void *user)
{
	(void)user;
	if (is_edited(record->position)) {
		record->type = LOY_RECORD_GONE;
		record->size = record->size < 4 ? record->size : 4;
		memset(body, 0xEE, record->size);
	}
	return LOY_OK;
}

static loy_status check(const loy__record_view *record, void *user)
{
	static uint8_t body[LOY__RECORD_MAX];
	uint64_t *next = user;
	size_t size = body_size(record->position, LARGEST);

	assert_int_equal(record->position, (*next)++);
	fill_body(body, size, record->position);
	if (is_edited(record->position)) {
		size = size < 4 ? size : 4;
		memset(body, 0xEE, size);
	}
	assert_int_equal(record->type,
	                 is_edited(record->position) ? LOY_RECORD_GONE : body_type(record->position));
	assert_int_equal(record->size, size);
	assert_memory_equal(record->body, body, size);
	return LOY_OK;
}

static loy__journal *open_golden(const loy__journal_options *options, int clean)
{
	loy_allocator memory = plain_memory();
	loy_error error = {.struct_size = sizeof(error)};
	loy_recovery report = {0};
	loy__journal *j;
	uint64_t next = 1;

	if (loy__journal_open(&j, options, &memory, &error) != LOY_OK ||
	    loy__journal_replay(j, 0, check, &next, &report, &error) != LOY_OK)
		fail_msg("%s", error.message);
	assert_int_equal(report.clean, clean);
	assert_int_equal(loy__journal_committed(j), next - 1);
	return j;
}

/* How the golden files came about. */
static void write_golden(const loy_files *files)
{
	loy__journal_options options = journal_options(files);
	loy__journal *j;
	uint8_t head[32];

	j = open_records(&options, 0, LARGEST, NULL);
	write_records(j, 100, LARGEST);
	assert_int_equal(loy__journal_reserve(j, 5, 5 * LARGEST, NULL), LOY_OK);
	loy__journal_begin(j);
	append_records(j, 5, LARGEST);
	loy__journal_end(j);
	append_records(j, 0, LARGEST);
	assert_int_equal(loy__journal_commit(j, NULL), LOY_OK);
	write_records(j, 5, LARGEST);
	j->dirty = 0; /* the last commit is copied */
	loy__journal_close(j);
	options.padded = 1;
	j = open_records(&options, 110, LARGEST, NULL);
	write_records(j, 7, LARGEST);
	write_records(j, 3, LARGEST);
	assert_int_equal(loy__journal_rewrite(j, 0, edit, NULL, NULL), LOY_OK);
	assert_int_equal(loy__journal_seal(j, NULL), LOY_OK);
	write_records(j, 100, LARGEST);
	options.padded = 0;
	assert_int_equal(loy__journal_verify_chain(j, head, NULL, NULL, NULL), LOY_OK);
	loy__journal_close(j);
	j = open_golden(&options, 1);
	write_records(j, 10, LARGEST);
	loy__journal_close(j);
}

static void written_as_ever(void **state)
{
	loy_files files = {.struct_size = sizeof(files)};
	uint8_t *image = malloc(ROOM), *golden;
	char *path = source_path(IMAGE);
	const char *write = getenv("LOY_GOLDEN_WRITE");
	size_t size = 0, expected, i;

	(void)state;
	assert_non_null(image);
	assert_int_equal(loy_files_open_memory(&files, 2026, NULL), LOY_OK);
	write_golden(&files);
	for (i = 0; i < LOY__COUNT(names); i++)
		(void)image_pack(&files, names[i], image, &size);
	loy_files_close(&files);
	if (write != NULL) {
		FILE *out = fopen(write, "wb");

		assert_non_null(out);
		assert_int_equal(fwrite(image, 1, size, out), size);
		assert_int_equal(fclose(out), 0);
	}
	golden = (uint8_t *)read_whole_file(path, &expected);
	assert_int_equal(size, expected);
	assert_memory_equal(image, golden, size);
	free(golden);
	free(image);
	free(path);
}

static void read_for_ever(void **state)
{
	int read_only;

	(void)state;
	for (read_only = 1; read_only >= 0; read_only--) {
		loy_files files = {.struct_size = sizeof(files)};
		loy__journal_options options;
		char *path = source_path(IMAGE);
		uint8_t *golden, head[32];
		loy__journal *j;
		size_t size;

		golden = (uint8_t *)read_whole_file(path, &size);
		assert_int_equal(loy_files_open_memory(&files, 1, NULL), LOY_OK);
		assert_int_equal(image_unpack(&files, golden, size), 1);
		options = journal_options(&files);
		options.read_only = read_only;
		j = open_golden(&options, 1);
		assert_int_equal(loy__journal_committed(j), RECORDS);
		assert_int_equal(loy__journal_verify_chain(j, head, NULL, NULL, NULL), LOY_OK);
		assert_memory_equal(head, chain, sizeof(head));
		if (!read_only) { /* and it can be gone on with */
			write_records(j, 20, LARGEST);
			loy__journal_close(j);
			j = open_golden(&options, 1);
			assert_int_equal(loy__journal_committed(j), RECORDS + 20);
		}
		loy__journal_close(j);
		loy_files_close(&files);
		free(golden);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(written_as_ever),
	        cmocka_unit_test(read_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
