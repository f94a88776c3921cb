/* Times, decimals, UTF-8 and varints: what is accepted must come back the same. */
#include "core/core.h"
#include "fuzz.h"

static void times(const char *text, size_t size)
{
	int64_t time = 0, back = 0;
	char printed[32];
	size_t needed = 0;

	if (loy_time_parse(text, size, 90, &time) != LOY_OK)
		return;
	FUZZ_CHECK(time >= LOY_TIME_MIN && time <= LOY_TIME_MAX);
	FUZZ_CHECK(loy_time_print(time, printed, sizeof(printed), &needed) == LOY_OK);
	FUZZ_CHECK(loy_time_parse(printed, needed, 0, &back) == LOY_OK && back == time);
}

static void decimals(const char *text, size_t size)
{
	int64_t value = 0, back = 0;
	loy_status status = LOY_OK;
	char written[24];
	size_t used = loy__decimal_read(text, size, &value, &status);

	FUZZ_CHECK(used <= size);
	if (used == 0 || status != LOY_OK)
		return;
	used = loy__decimal_write(value, written);
	FUZZ_CHECK(used <= sizeof(written));
	FUZZ_CHECK(loy__decimal_read(written, used, &back, &status) == used && back == value);
}

static void varints(const uint8_t *data, size_t size)
{
	loy__reader r;

	loy__reader_init(&r, data, size);
	while (r.status == LOY_OK && loy__reader_left(&r) != 0) {
		size_t from = r.at;
		int64_t value = loy__read_zigzag(&r);
		uint8_t bytes[10];
		loy__writer w;

		if (r.status != LOY_OK)
			break;
		loy__writer_over(&w, bytes, sizeof(bytes));
		loy__write_zigzag(&w, value);
		FUZZ_CHECK(w.size == r.at - from && memcmp(bytes, data + from, w.size) == 0);
	}
	FUZZ_CHECK(r.at <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t good = loy__utf8_check(data, size);
	uint32_t code = 0;

	FUZZ_CHECK(good <= size && loy__utf8_valid(data, good));
	FUZZ_CHECK((loy_code_from_text(text, size, &code) == LOY_OK) == (good == size));
	times(text, size);
	decimals(text, size);
	varints(data, size);
	return 0;
}
