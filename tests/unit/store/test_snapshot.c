/* Snapshots as streams of checked blocks: whatever is not what was written is noticed, what fails leaves nothing. */
#include "snapshots.h"

#define NUMBER UINT64_C(0x12ab00000000000f)
#define FIRST  65456u /* bytes in the first block, in the others */
#define OTHER  65520u
#define END    (16u + 8u + 8u * LOY__SNAPSHOT_TOTALS)

static loy_allocator heap_memory;

static int make_memory(void **state)
{
	(void)state;
	assert_int_equal(loy__memory_adopt(&heap_memory, NULL), LOY_OK);
	return 0;
}

static uint8_t byte_at(uint64_t i)
{
	return (uint8_t)(loy__mix64(i / 8) >> 8 * (i % 8));
}

/* Write `size` bytes in pieces of different sizes, and finish. */
static loy_status write_stream(const loy_files *files, uint64_t number, size_t size,
                               const loy_allocator *memory, loy_error *error)
{
	loy__snapshot_writer *writer;
	loy_status status = loy__snapshot_writer_create(&writer, files, snapshots_id, number, memory, error);
	uint8_t piece[999];
	size_t done = 0, part, i;

	if (status != LOY_OK)
		return status;
	for (part = 1; done < size && status == LOY_OK; part = part * 7 % 998 + 1) {
		part = part < size - done ? part : size - done;
		for (i = 0; i < part; i++)
			piece[i] = byte_at(done + i);
		status = loy__snapshot_write(writer, piece, part, error);
		done += part;
	}
	(void)loy__snapshot_add_total(writer, 7, size);
	if (status == LOY_OK)
		status = loy__snapshot_finish(writer, error);
	loy__snapshot_writer_destroy(writer);
	return status;
}

static void check_bytes(const uint8_t *bytes, size_t from, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (bytes[i] != byte_at(from + i))
			fail_msg("byte %zu is wrong", from + i);
	}
}

/* Read all, by copies and by loans in turn; what is read must be right, whatever comes in the end. */
static loy_status read_stream(const loy_files *files, uint64_t number, size_t size, size_t piece,
                              const loy_allocator *memory, loy_error *error)
{
	loy__snapshot_reader *reader;
	loy_status status = loy__snapshot_reader_create(&reader, files, snapshots_id, number, memory, error);
	uint8_t *copy = malloc(piece);
	size_t done, part;
	int turn = 0;

	assert_non_null(copy);
	if (status == LOY_OK) {
		assert_int_equal(loy__snapshot_left(reader), size);
		assert_int_equal(loy__snapshot_total(reader, 7), size);
		assert_int_equal(loy__snapshot_total(reader, 0), 0);
	}
	for (done = 0; status == LOY_OK && done < size; done += part) {
		const uint8_t *loan = copy;

		part = piece < size - done ? piece : size - done;
		if (turn ^= 1)
			status = loy__snapshot_read(reader, copy, part, error);
		else
			status = loy__snapshot_borrow(reader, &loan, part, error);
		assert_int_equal(loan == NULL, turn == 0 && status != LOY_OK);
		if (status == LOY_OK)
			check_bytes(loan, done, part);
	}
	if (status == LOY_OK) {
		assert_int_equal(loy__snapshot_left(reader), 0);
		assert_int_equal(loy__snapshot_read(reader, copy, 1, error),
		                 LOY_EDAMAGED); /* nothing is behind */
	}
	loy__snapshot_reader_destroy(reader);
	free(copy);
	return status;
}

static void what_was_written_is_read(void **state)
{
	static const size_t sizes[] = {0,
	                               1,
	                               999,
	                               FIRST - 1,
	                               FIRST,
	                               FIRST + 1,
	                               FIRST + OTHER,
	                               FIRST + OTHER + 1,
	                               FIRST + 3 * OTHER - 1,
	                               500000};
	static const size_t pieces[] = {1000, 65520, 65536, 7, 40000};
	loy_files files = snapshots_files();
	size_t i, k, length;

	(void)state;
	for (i = 0; i < LOY__COUNT(sizes); i++) {
		assert_int_equal(write_stream(&files, i, sizes[i], &heap_memory, NULL), LOY_OK);
		for (k = 0; k < LOY__COUNT(pieces); k++)
			assert_int_equal(read_stream(&files, i, sizes[i], pieces[k], &heap_memory, NULL),
			                 LOY_OK);
		free(snapshots_bytes(&files, i, &length));
		/* 64 bytes in front, 16 for each block (one at least), and the end */
		assert_int_equal(
		        length,
		        64 + sizes[i] + END +
		                16 * (sizes[i] <= FIRST ? 1 : 1 + (sizes[i] - FIRST + OTHER - 1) / OTHER));
	}
	assert_int_equal(snapshots_count(&files), LOY__COUNT(sizes));
	loy_files_close(&files);
}

static void written_bytes_are_counted(void **state)
{
	loy_files files = snapshots_files();
	loy__snapshot_writer *writer;
	uint64_t before = 0;
	uint8_t bytes[1000] = {0};
	int i;

	(void)state;
	assert_int_equal(loy__snapshot_writer_create(&writer, &files, snapshots_id, 1, &heap_memory, NULL),
	                 LOY_OK);
	for (i = 0; i < 200; i++) {
		uint64_t now = loy__snapshot_written(writer);

		assert_true(i == 0 || (now >= before + 1000 && now <= before + 1016));
		before = now;
		assert_int_equal(loy__snapshot_write(writer, bytes, sizeof(bytes), NULL), LOY_OK);
	}
	assert_int_equal(loy__snapshot_add_total(writer, 3, 5), 5);
	assert_int_equal(loy__snapshot_add_total(writer, 3, 6), 11);
	assert_int_equal(snapshots_count(&files), 1);
	loy__snapshot_writer_destroy(writer); /* without finish nothing stays */
	assert_int_equal(snapshots_count(&files), 0);
	loy__snapshot_writer_destroy(NULL);
	loy__snapshot_reader_destroy(NULL);
	loy_files_close(&files);
}

/* ---- damage ---- */

static void damaged(const loy_files *files, uint64_t number, size_t size, const char *what, size_t where)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = read_stream(files, number, size, 1000, &heap_memory, &error);

	if (status != LOY_EDAMAGED || error.code != LOY_EDAMAGED || error.byte < 0)
		fail_msg("%s at %zu: %s, byte %lld", what, where, loy_status_name(status),
		         (long long)error.byte);
}

static void flips_of(size_t size, size_t step)
{
	loy_files files = snapshots_files();
	uint8_t *bytes;
	size_t length, bit;

	assert_int_equal(write_stream(&files, NUMBER, size, &heap_memory, NULL), LOY_OK);
	bytes = snapshots_bytes(&files, NUMBER, &length);
	for (bit = 0; bit < 8 * length; bit += step) {
		bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
		snapshots_put(&files, NUMBER, bytes, length);
		damaged(&files, NUMBER, size, "flipped bit", bit);
		bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
	}
	snapshots_put(&files, NUMBER, bytes, length);
	assert_int_equal(read_stream(&files, NUMBER, size, 1000, &heap_memory, NULL), LOY_OK);
	free(bytes);
	loy_files_close(&files);
}

static void every_flipped_bit_is_damage(void **state)
{
	(void)state;
	flips_of(0, 1);
	flips_of(700, 1);
	flips_of(FIRST + 100, 997); /* a prime: every bit of a byte, in both blocks */
}

static void every_truncation_is_damage(void **state)
{
	static const size_t sizes[] = {0, 1, 700, FIRST, FIRST + 1, FIRST + OTHER + 30};
	loy_files files = snapshots_files();
	size_t i, length, cut;

	(void)state;
	for (i = 0; i < LOY__COUNT(sizes); i++) {
		uint8_t *bytes;

		assert_int_equal(write_stream(&files, NUMBER, sizes[i], &heap_memory, NULL), LOY_OK);
		bytes = snapshots_bytes(&files, NUMBER, &length);
		for (cut = 0; cut < length;
		     cut += 1 + (length > 2000 && cut > 300 && cut + 500 < length) * 211) {
			snapshots_put(&files, NUMBER, bytes, cut);
			damaged(&files, NUMBER, sizes[i], "truncated", cut);
		}
		bytes = realloc(bytes, length + 65536);
		assert_non_null(bytes);
		memset(bytes + length, 0, 65536);
		for (cut = 1; cut <= 65536; cut *= 2) { /* longer than it was */
			snapshots_put(&files, NUMBER, bytes, length + cut);
			damaged(&files, NUMBER, sizes[i], "lengthened", cut);
		}
		free(bytes);
	}
	loy_files_close(&files);
}

static void blocks_in_the_wrong_place_are_damage(void **state)
{
	const size_t size = FIRST + 4 * OTHER;
	loy_files files = snapshots_files();
	uint8_t *bytes, *kept;
	size_t length, i, k;

	(void)state;
	assert_int_equal(write_stream(&files, NUMBER, size, &heap_memory, NULL), LOY_OK);
	bytes = snapshots_bytes(&files, NUMBER, &length);
	kept = malloc(length);
	assert_non_null(kept);
	memcpy(kept, bytes, length);
	for (i = 1; i < 5; i++) {
		for (k = 1; k < 5; k++) {
			if (i == k)
				continue;
			memcpy(bytes + i * 65536, kept + k * 65536, 65536); /* repeated */
			snapshots_put(&files, NUMBER, bytes, length);
			damaged(&files, NUMBER, size, "repeated block", i);
			memcpy(bytes + k * 65536, kept + i * 65536, 65536); /* swapped */
			snapshots_put(&files, NUMBER, bytes, length);
			damaged(&files, NUMBER, size, "swapped blocks", i);
			memcpy(bytes, kept, length);
		}
		memmove(bytes + i * 65536, kept + (i + 1) * 65536, length - (i + 1) * 65536); /* left out */
		snapshots_put(&files, NUMBER, bytes, length - 65536);
		damaged(&files, NUMBER, size, "missing block", i);
		memcpy(bytes, kept, length);
	}
	free(kept);
	free(bytes);
	loy_files_close(&files);
}

static void snapshots_of_others_are_damage(void **state)
{
	static const uint8_t other_id[16] = "another store id";
	loy_error error = {.struct_size = sizeof(error)};
	loy_files files = snapshots_files();
	loy__snapshot_reader *reader;
	uint8_t *bytes;
	size_t length;

	(void)state;
	assert_int_equal(write_stream(&files, NUMBER, 700, &heap_memory, NULL), LOY_OK);
	bytes = snapshots_bytes(&files, NUMBER, &length);
	snapshots_put(&files, NUMBER + 1, bytes, length);
	damaged(&files, NUMBER + 1, 700, "other number", 0);
	assert_int_equal(loy__snapshot_reader_create(&reader, &files, other_id, NUMBER, &heap_memory, &error),
	                 LOY_EDAMAGED);
	assert_null(reader);
	assert_int_equal(loy__snapshot_reader_create(&reader, &files, snapshots_id, 5, &heap_memory, &error),
	                 LOY_ENOTFOUND);
	assert_null(reader);
	assert_non_null(strstr(error.message, "'snap-0000000000000005'"));
	free(bytes);
	loy_files_close(&files);
}

static void newer_versions_are_refused_as_such(void **state)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_files files = snapshots_files();
	uint8_t *bytes;
	size_t length;

	(void)state;
	assert_int_equal(write_stream(&files, NUMBER, 700, &heap_memory, NULL), LOY_OK);
	bytes = snapshots_bytes(&files, NUMBER, &length);
	bytes[8] = 2; /* the version; the rest of the file may then be anything */
	snapshots_mend(bytes, length, NUMBER);
	memset(bytes + 64, 0x55, length - 64);
	snapshots_put(&files, NUMBER, bytes, length);
	assert_int_equal(read_stream(&files, NUMBER, 700, 1000, &heap_memory, &error), LOY_EVERSION);
	assert_int_equal(error.code, LOY_EVERSION);
	bytes[8] = 0;
	snapshots_mend(bytes, length, NUMBER);
	snapshots_put(&files, NUMBER, bytes, length);
	damaged(&files, NUMBER, 700, "version 0", 8);
	free(bytes);
	loy_files_close(&files);
}

/* Checksums that are right do not make up for lengths, kinds, numbers or reserved bytes that are wrong. */
static void structure_is_checked_besides_sums(void **state)
{
	loy_files files = snapshots_files();
	uint8_t *bytes;
	size_t length, at;

	(void)state;
	assert_int_equal(write_stream(&files, NUMBER, 700, &heap_memory, NULL), LOY_OK);
	bytes = snapshots_bytes(&files, NUMBER, &length);
	for (at = 0; at < length - 8 * LOY__SNAPSHOT_TOTALS; at++) {
		if ((at >= 8 && at < 12) || (at >= 60 && at < 68) || (at >= 80 && at < length - END + 4))
			at++; /* version, sums and content: other tests */
		else {
			bytes[at] ^= 0x10;
			snapshots_mend(bytes, length, NUMBER);
			snapshots_put(&files, NUMBER, bytes, length);
			damaged(&files, NUMBER, 700, "changed byte", at);
			bytes[at] ^= 0x10;
		}
	}
	free(bytes);
	loy_files_close(&files);
}

/* ---- failures ---- */

static void writing_survives_every_failing_operation(void **state)
{
	static const loy_status told[] = {LOY_EIO, LOY_EFULL, LOY_EREADONLY, LOY_ENOTFOUND, LOY_EDUPLICATE};
	static const loy_status seen[] = {LOY_EIO, LOY_EFULL, LOY_EREADONLY, LOY_EIO, LOY_EIO};
	loy_files files = snapshots_files();
	size_t i;

	(void)state;
	for (i = 0; i < 2 * LOY__COUNT(told); i++) {
		loy_status status = LOY_EIO;
		long n;

		for (n = 0; status != LOY_OK; n++) {
			struct faulty heap = {.until = -1};
			loy_allocator memory = faulty_allocator(&heap);
			loy_error error = {.struct_size = sizeof(error)};
			struct failing_files failing;

			failing_files(&failing, &files);
			failing.until = n;
			failing.forever = i >= LOY__COUNT(told);
			failing.status = told[i % LOY__COUNT(told)];
			status = write_stream(&failing.files, NUMBER, FIRST + OTHER + 5, &memory, &error);
			assert_int_equal(failing.open, 0);
			assert_int_equal(heap.live, 0);
			if (status != LOY_OK) {
				assert_int_equal(status, seen[i % LOY__COUNT(told)]);
				assert_int_equal(error.code, status);
				/* what cannot be removed stays; nothing names it */
				assert_int_equal(snapshots_count(&files), failing.forever && n > 0);
			}
		}
		assert_int_equal(n, 1 + 1 + 3 + 1 +
		                            1); /* open, three writes, sync, sync of the directory, success */
		assert_int_equal(snapshots_count(&files), 1);
		assert_int_equal(files.remove(files.user_data, "snap-12ab00000000000f"), LOY_OK);
	}
	loy_files_close(&files);
}

static void a_failed_writer_stays_failed(void **state)
{
	loy_files files = snapshots_files();
	struct failing_files failing;
	loy__snapshot_writer *writer;
	uint8_t *bytes = calloc(3, 65536);

	(void)state;
	failing_files(&failing, &files);
	failing.until = 1;
	assert_int_equal(
	        loy__snapshot_writer_create(&writer, &failing.files, snapshots_id, 1, &heap_memory, NULL),
	        LOY_OK);
	assert_int_equal(loy__snapshot_write(writer, bytes, (size_t)3 * 65536, NULL), LOY_EIO);
	assert_int_equal(loy__snapshot_write(writer, bytes, 1, NULL), LOY_EIO);
	assert_int_equal(loy__snapshot_finish(writer, NULL), LOY_EIO);
	assert_int_equal(failing.calls, 2);
	loy__snapshot_writer_destroy(writer);
	assert_int_equal(snapshots_count(&files), 0);
	free(bytes);
	loy_files_close(&files);
}

static void reading_survives_every_failing_operation(void **state)
{
	loy_files files = snapshots_files();
	int forever;

	(void)state;
	assert_int_equal(write_stream(&files, NUMBER, FIRST + OTHER + 5, &heap_memory, NULL), LOY_OK);
	for (forever = 0; forever < 2; forever++) {
		loy_status status = LOY_EIO;
		long n;

		for (n = 0; status != LOY_OK; n++) {
			struct faulty heap = {.until = -1};
			loy_allocator memory = faulty_allocator(&heap);
			loy_error error = {.struct_size = sizeof(error)};
			struct failing_files failing;

			failing_files(&failing, &files);
			failing.until = n;
			failing.forever = forever;
			status =
			        read_stream(&failing.files, NUMBER, FIRST + OTHER + 5, 1000, &memory, &error);
			assert_int_equal(failing.open, 0);
			assert_int_equal(heap.live, 0);
			assert_true(status == LOY_OK || (status == LOY_EIO && error.code == LOY_EIO));
		}
		assert_int_equal(n, 1 + 2 + 2 + 3); /* success after open, size, head, end, three blocks */
	}
	loy_files_close(&files);
}

static void a_failed_reader_stays_failed(void **state)
{
	loy_files files = snapshots_files();
	struct failing_files failing;
	loy__snapshot_reader *reader;
	const uint8_t *loan;
	uint8_t byte;

	(void)state;
	assert_int_equal(write_stream(&files, NUMBER, 100, &heap_memory, NULL), LOY_OK);
	failing_files(&failing, &files);
	assert_int_equal(loy__snapshot_reader_create(&reader, &failing.files, snapshots_id, NUMBER,
	                                             &heap_memory, NULL),
	                 LOY_OK);
	failing.until = failing.calls;
	assert_int_equal(loy__snapshot_read(reader, &byte, 1, NULL), LOY_EIO);
	assert_int_equal(loy__snapshot_read(reader, &byte, 1, NULL), LOY_EIO);
	assert_int_equal(loy__snapshot_borrow(reader, &loan, 1, NULL), LOY_EIO);
	assert_null(loan);
	loy__snapshot_reader_destroy(reader);
	failing.until = -1;
	assert_int_equal(loy__snapshot_reader_create(&reader, &failing.files, snapshots_id, NUMBER,
	                                             &heap_memory, NULL),
	                 LOY_OK);
	assert_int_equal(loy__snapshot_refuse(reader, NULL),
	                 LOY_EDAMAGED); /* the caller's judgement stays as well */
	assert_int_equal(loy__snapshot_read(reader, &byte, 1, NULL), LOY_EDAMAGED);
	loy__snapshot_reader_destroy(reader);
	loy_files_close(&files);
}

static void no_memory_is_a_status(void **state)
{
	struct faulty heap = {.until = 0, .forever = 1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_error error = {.struct_size = sizeof(error)};
	loy_files files = snapshots_files();

	(void)state;
	assert_int_equal(write_stream(&files, NUMBER, 100, &memory, &error), LOY_ENOMEM);
	assert_int_equal(error.code, LOY_ENOMEM);
	assert_int_equal(snapshots_count(&files), 0);
	assert_int_equal(write_stream(&files, NUMBER, 100, &heap_memory, NULL), LOY_OK);
	assert_int_equal(read_stream(&files, NUMBER, 100, 10, &memory, &error), LOY_ENOMEM);
	loy_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_was_written_is_read),
	        cmocka_unit_test(written_bytes_are_counted),
	        cmocka_unit_test(every_flipped_bit_is_damage),
	        cmocka_unit_test(every_truncation_is_damage),
	        cmocka_unit_test(blocks_in_the_wrong_place_are_damage),
	        cmocka_unit_test(snapshots_of_others_are_damage),
	        cmocka_unit_test(newer_versions_are_refused_as_such),
	        cmocka_unit_test(structure_is_checked_besides_sums),
	        cmocka_unit_test(writing_survives_every_failing_operation),
	        cmocka_unit_test(a_failed_writer_stays_failed),
	        cmocka_unit_test(reading_survives_every_failing_operation),
	        cmocka_unit_test(a_failed_reader_stays_failed),
	        cmocka_unit_test(no_memory_is_a_status),
	};

	return cmocka_run_group_tests(tests, make_memory, NULL);
}
