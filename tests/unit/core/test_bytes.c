#include "support.h"

#include "core/core.h"

static const uint64_t words[] = {0,
                                 1,
                                 127,
                                 128,
                                 255,
                                 300,
                                 16383,
                                 16384,
                                 UINT32_MAX,
                                 UINT64_C(1) << 62,
                                 UINT64_C(1) << 63,
                                 UINT64_MAX - 1,
                                 UINT64_MAX};

static loy__writer growing(struct faulty *heap, size_t limit)
{
	loy_allocator memory = faulty_allocator(heap);
	loy__writer w;

	loy__writer_init(&w, &memory, limit);
	return w;
}

static void bytes_are_little_endian(void **state)
{
	struct faulty heap = {.until = -1};
	loy__writer w = growing(&heap, 1000);
	static const uint8_t expected[] = {1, 2, 1, 4, 3, 2,    1,    8,    7,   6,
	                                   5, 4, 3, 2, 1, 0x80, 0x01, 0x03, 'x', 'y'};
	loy__reader r;

	(void)state;
	loy__write_u8(&w, 1);
	loy__write_u16(&w, 0x0102);
	loy__write_u32(&w, 0x01020304);
	loy__write_u64(&w, UINT64_C(0x0102030405060708));
	loy__write_varint(&w, 128);
	loy__write_zigzag(&w, -2);
	loy__write_bytes(&w, "xy", 2);
	loy__write_bytes(&w, NULL, 0);
	assert_int_equal(w.status, LOY_OK);
	assert_int_equal(w.size, sizeof(expected));
	assert_memory_equal(w.data, expected, sizeof(expected));
	loy__reader_init(&r, w.data, w.size);
	assert_int_equal(loy__read_u8(&r), 1);
	assert_int_equal(loy__read_u16(&r), 0x0102);
	assert_int_equal(loy__read_u32(&r), 0x01020304);
	assert_true(loy__read_u64(&r) == UINT64_C(0x0102030405060708));
	assert_int_equal(loy__read_varint(&r), 128);
	assert_int_equal(loy__read_zigzag(&r), -2);
	assert_int_equal(loy__reader_left(&r), 2);
	assert_memory_equal(loy__read_bytes(&r, 2), "xy", 2);
	assert_int_equal(r.status, LOY_OK);
	assert_non_null(loy__read_bytes(&r, 0));
	loy__writer_free(&w);
	loy__writer_free(&w);
	assert_int_equal(heap.live, 0);
}

static void varints_come_back(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(words); i++) {
		uint8_t buffer[20];
		loy__writer w;
		loy__reader r;

		loy__writer_over(&w, buffer, sizeof(buffer));
		loy__write_varint(&w, words[i]);
		loy__write_zigzag(&w, (int64_t)words[i]);
		loy__reader_init(&r, buffer, w.size);
		assert_true(loy__read_varint(&r) == words[i]);
		assert_true(loy__read_zigzag(&r) == (int64_t)words[i]);
		assert_int_equal(r.status, LOY_OK);
		assert_int_equal(loy__reader_left(&r), 0);
	}
}

static void one_value_has_one_encoding(void **state)
{
	static const struct {
		uint8_t bytes[11];
		size_t size;
	} refused[] = {
	        {{0x80}, 1},       /* cut short */
	        {{0x80, 0x00}, 2}, /* 0 in two bytes */
	        {{0xFF, 0x80, 0x00}, 3},
	        {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02}, 10}, /* 2^64 */
	        {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81, 0x00}, 11},
	        {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, 10},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(refused); i++) {
		loy__reader r;

		loy__reader_init(&r, refused[i].bytes, refused[i].size);
		assert_true(loy__read_varint(&r) == 0);
		assert_int_equal(r.status, LOY_EFORMAT);
		assert_int_equal(r.at, 0);
		assert_int_equal(loy__read_u8(&r), 0);
		assert_int_equal(loy__read_zigzag(&r), 0);
		assert_int_equal(r.at, 0);
	}
}

static void reading_beyond_the_end_sticks(void **state)
{
	loy__reader r;

	(void)state;
	loy__reader_init(&r, "abc", 3);
	assert_int_equal(loy__read_u32(&r), 0);
	assert_int_equal(r.status, LOY_EFORMAT);
	assert_int_equal(r.at, 0);
	assert_null(loy__read_bytes(&r, 1));
	loy__reader_init(&r, NULL, 4);
	assert_int_equal(r.status, LOY_EFORMAT);
	loy__reader_init(&r, NULL, 0);
	assert_int_equal(r.status, LOY_OK);
	assert_non_null(loy__read_bytes(&r, 0));
	assert_int_equal(loy__read_u8(&r), 0);
	assert_int_equal(r.status, LOY_EFORMAT);
}

static void a_fixed_buffer_counts_what_does_not_fit(void **state)
{
	char buffer[4] = "....";
	loy__writer w;

	(void)state;
	loy__writer_over(&w, buffer, 3);
	loy__write_bytes(&w, "ab", 2);
	loy__write_bytes(&w, "cde", 3);
	loy__write_u8(&w, 'f');
	assert_int_equal(w.status, LOY_OK);
	assert_int_equal(w.size, 6);
	assert_memory_equal(buffer, "abc.", 4);
	loy__writer_free(&w);
	loy__writer_over(&w, NULL, 3);
	loy__write_u64(&w, 1);
	assert_int_equal(w.size, 8);
}

static void failures_stick(void **state)
{
	struct faulty heap = {.until = -1};
	loy__writer w = growing(&heap, 5);
	size_t i;

	(void)state;
	loy__write_u32(&w, 1);
	loy__write_u16(&w, 1);
	assert_int_equal(w.status, LOY_ELIMIT);
	loy__write_u8(&w, 1); /* would fit, but the output is spoilt already */
	assert_int_equal(w.size, 4);
	loy__writer_free(&w);
	heap.until = heap.requests + 1;
	w = growing(&heap, 1000);
	for (i = 0; i < 100; i++)
		loy__write_u8(&w, 1);
	assert_int_equal(w.status, LOY_ENOMEM);
	assert_int_equal(w.size, 64);
	loy__writer_free(&w);
	assert_int_equal(heap.live, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(bytes_are_little_endian),
	        cmocka_unit_test(varints_come_back),
	        cmocka_unit_test(one_value_has_one_encoding),
	        cmocka_unit_test(reading_beyond_the_end_sticks),
	        cmocka_unit_test(a_fixed_buffer_counts_what_does_not_fit),
	        cmocka_unit_test(failures_stick),
	};

	return cmocka_run_group_tests_name("core/bytes", tests, NULL, NULL);
}
