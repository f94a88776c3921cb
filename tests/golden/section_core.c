/* Hashes, varints, decimals and dates over many inputs. */
#include "core/core.h"
#include "golden.h"

static void hashes(struct golden *g)
{
	uint8_t bytes[256];
	uint64_t wide[2];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)loy__mix64(i + 1);
	golden_begin(g, "crc32c");
	for (i = 0; i <= sizeof(bytes); i++)
		golden_u64(g, loy__crc32c(0, bytes, i));
	golden_end(g);
	golden_begin(g, "siphash");
	for (i = 0; i <= sizeof(bytes); i++) {
		golden_u64(g, loy__siphash(i, 7, bytes, i));
		loy__siphash128(7, i, bytes, i, wide);
		golden_u64(g, wide[0]);
		golden_u64(g, wide[1]);
	}
	golden_end(g);
}

static void written(struct golden *g)
{
	uint8_t bytes[64];
	uint64_t i;

	golden_begin(g, "varints");
	for (i = 0; i < 2000; i++) {
		uint64_t v = loy__mix64(i + 1) >> (i % 64);
		loy__writer w;

		loy__writer_over(&w, bytes, sizeof(bytes));
		loy__write_varint(&w, v);
		loy__write_zigzag(&w, (int64_t)v);
		loy__write_u32(&w, (uint32_t)(v >> 7));
		loy__write_u64(&w, v);
		golden_bytes(g, bytes, w.size);
	}
	golden_end(g);
	golden_begin(g, "decimals");
	for (i = 0; i < 2000; i++)
		golden_bytes(g, bytes,
		             loy__decimal_write((int64_t)loy__mix64(i + 1) >> (i % 60), (char *)bytes));
	golden_end(g);
}

static void times(struct golden *g)
{
	const uint64_t span = (uint64_t)(LOY_TIME_MAX - LOY_TIME_MIN) + 1;
	uint64_t i;

	golden_begin(g, "times");
	for (i = 0; i < 2000; i++) {
		int64_t time = LOY_TIME_MIN + (int64_t)(loy__mix64(i + 1) % span), back = 0;
		char text[32];
		size_t needed = 0;

		golden_check(g, loy_time_print(time, text, sizeof(text), &needed) == LOY_OK,
		             "printing a time");
		golden_check(g, loy_time_parse(text, needed, 0, &back) == LOY_OK && back == time,
		             "reading it back");
		golden_bytes(g, text, needed);
	}
	golden_end(g);
}

void golden_core(struct golden *g)
{
	hashes(g);
	written(g);
	times(g);
}
