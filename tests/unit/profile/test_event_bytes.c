/* Canonical bytes of events: golden, hostile, out of memory. */
#include "support.h"

#include "profile/profile.h"

#define BYTES_MAX 128 /* of the samples below */

/*
 * Samples, encoded by hand (a script apart from the library) after the format of src/profile/README.md. They
 * pin the format: they never change.
 */
static const char *const samples[] = {
        /* a visit in 1900 and nothing else */
        "1f000000010300006043b7ef26f8ff0000000000000000000000000000000000"
        "000000",
        /* a purchase with two lines */
        "5200000001010040222018240a060001000000030000004d0000000000000000"
        "cb89ec8ff72306019e1f02a4d5aa0403ab0220082480d0acf30e2680909de91a"
        "02070080a8d6b907e012ffffffff0f02ff93ebdc0301",
        /* an answer by key in the last microsecond */
        "37000000010d00ff3ff86038c919001032547698badcfeefcdab896745230107"
        "4ac3b87267656e040680e888874309040afeff071ffeffffff1f00",
        /* a kind, two fields and an extension of later versions */
        "5400000001090300000000000000000000000000000000010000000000000000"
        "000404ffffffffffffffffff0105feffffffffffffffff0127013fffffffffff"
        "ffffffff0100050200ffe8070674696c6c2034ffff03017a",
};
enum { VISIT, PURCHASE, ANSWER, LATER, SAMPLES };

static size_t from_hex(const char *hex, uint8_t *out)
{
	size_t n;

	for (n = 0; hex[2 * n] != '\0'; n++) {
		char pair[3] = {hex[2 * n], hex[2 * n + 1], '\0'};

		assert_true(n < BYTES_MAX);
		out[n] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

static loy_event *fresh(const loy_allocator *memory)
{
	loy_event *event = NULL;

	assert_int_equal(loy_event_create(&event, memory), LOY_OK);
	return event;
}

/* The first three samples, by the public calls. */
static void build(loy_event *event, int sample)
{
	const loy_line coffee = {7, 0, LOY_RATIO_ONE, 1200},
	               deposit = {UINT32_MAX, 2, -LOY_RATIO_ONE / 2, -1};

	if (sample == VISIT) {
		assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, LOY_TIME_MIN), LOY_OK);
	} else if (sample == PURCHASE) {
		assert_int_equal(loy_event_begin(event, LOY_KIND_PURCHASE, INT64_C(1700000000123456)),
		                 LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_UTC_OFFSET, LOY_HOUR), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_CHANNEL, 4), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_AMOUNT, 1999), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_DISCOUNT, -150), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_CURRENCY, loy_currency_code("EUR")), LOY_OK);
		assert_int_equal(loy_event_set_ratio(event, LOY_FIELD_QUANTITY, 2.0), LOY_OK);
		assert_int_equal(loy_event_add_line(event, &coffee), LOY_OK);
		assert_int_equal(loy_event_add_line(event, &deposit), LOY_OK);
		assert_int_equal(loy_event_set_customer(event, UINT64_C(1234567890123)), LOY_OK);
		assert_int_equal(loy_event_set_sequence(event, 3, 1, 77), LOY_OK);
	} else {
		assert_int_equal(loy_event_begin(event, LOY_KIND_SURVEY_ANSWER, LOY_TIME_MAX), LOY_OK);
		assert_int_equal(loy_event_set_identity(event, UINT64_C(0xfedcba9876543210),
		                                        UINT64_C(0x0123456789abcdef)),
		                 LOY_OK);
		assert_int_equal(loy_event_set_customer_key(event, "J\xC3\xB8rgen", 7), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_VALUE, 9 * LOY_RATIO_ONE), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_ITEM, 65535), LOY_OK);
		assert_int_equal(loy_event_set(event, LOY_FIELD_TOUCHPOINT, UINT32_MAX), LOY_OK);
	}
}

static void assert_bytes(const loy_event *event, const uint8_t *bytes, size_t size)
{
	uint8_t out[BYTES_MAX];
	size_t needed = 0;

	assert_int_equal(loy_event_write(event, out, sizeof(out), &needed), LOY_OK);
	assert_int_equal(needed, size);
	assert_memory_equal(out, bytes, size);
}

static void events_have_the_golden_bytes(void **state)
{
	loy_event *event = fresh(NULL);
	uint8_t bytes[BYTES_MAX];
	int sample;

	(void)state;
	for (sample = VISIT; sample <= ANSWER; sample++) {
		size_t size = from_hex(samples[sample], bytes);

		build(event, sample);
		assert_bytes(event, bytes, size);
	}
	loy_event_destroy(event);
}

static void the_golden_bytes_read_back(void **state)
{
	loy_event *event = fresh(NULL);
	uint8_t bytes[BYTES_MAX + 3] = {0};
	int sample;

	(void)state;
	for (sample = 0; sample < SAMPLES; sample++) {
		size_t size = from_hex(samples[sample], bytes), used = 0;

		memset(bytes + size, 0xEE, 3); /* what follows an event does not matter */
		assert_int_equal(loy_event_read(event, bytes, size + 3, &used, NULL), LOY_OK);
		assert_int_equal(used, size);
		assert_bytes(event, bytes, size);
		assert_int_equal(loy_event_read(event, bytes, size, NULL, NULL), LOY_OK);
		assert_bytes(event, bytes, size);
	}
	loy_event_destroy(event);
}

static void what_later_versions_add_is_kept_and_readable(void **state)
{
	loy_event *event = fresh(NULL);
	uint8_t bytes[BYTES_MAX];
	size_t size = from_hex(samples[LATER], bytes), extension = 0;
	const void *data = NULL;
	int64_t value = 0;
	uint32_t kind = 0;

	(void)state;
	assert_int_equal(loy_event_read(event, bytes, size, NULL, NULL), LOY_OK);
	assert_int_equal(loy_event_check(event, NULL), LOY_OK);
	assert_int_equal(loy_event_kind(event, &kind), LOY_OK);
	assert_int_equal(kind, 777);
	assert_int_equal(loy_event_get(event, 39, &value), LOY_OK);
	assert_true(value == -1);
	assert_int_equal(loy_event_get(event, 63, &value), LOY_OK);
	assert_true(value == INT64_MIN);
	assert_int_equal(loy_event_extension(event, 5, &data, &extension), LOY_OK);
	assert_int_equal(extension, 2);
	assert_memory_equal(data, "\0\xFF", 2);
	loy_event_destroy(event);
}

static void write_asks_for_what_it_needs(void **state)
{
	loy_event *event = fresh(NULL);
	uint8_t bytes[BYTES_MAX], out[BYTES_MAX], untouched[BYTES_MAX];
	size_t size = from_hex(samples[PURCHASE], bytes), needed = 0, capacity;

	(void)state;
	assert_int_equal(loy_event_write(NULL, out, sizeof(out), &needed), LOY_EINVAL);
	assert_int_equal(loy_event_write(event, out, sizeof(out), &needed), LOY_EINVAL); /* empty */
	build(event, PURCHASE);
	assert_int_equal(loy_event_write(event, NULL, 1, &needed), LOY_EINVAL);
	assert_int_equal(needed, 0);
	memset(untouched, 0x77, sizeof(untouched));
	for (capacity = 0; capacity < size; capacity++) {
		memset(out, 0x77, sizeof(out));
		needed = 0;
		assert_int_equal(loy_event_write(event, capacity == 0 ? NULL : out, capacity, &needed),
		                 LOY_EBUFFER);
		assert_int_equal(needed, size);
		assert_memory_equal(out, untouched, sizeof(out));
	}
	assert_int_equal(loy_event_write(event, out, size, NULL), LOY_OK);
	assert_memory_equal(out, bytes, size);
	assert_memory_equal(out + size, untouched, sizeof(out) - size);
	assert_int_equal(loy_event_write(event, NULL, 0, NULL), LOY_EBUFFER);
	loy_event_destroy(event);
}

/* ---- the largest event ---- */

static void build_largest(loy_event *event)
{
	static char block[LOY_EXTENSION_MAX];
	const loy_line line = {UINT32_MAX, UINT32_MAX, -INT64_C(1000000000000000000), -LOY_MONEY_MAX};
	uint32_t field, i;

	memset(block, 'e', sizeof(block));
	assert_int_equal(loy_event_begin(event, LOY_KIND_LAST, LOY_TIME_MAX), LOY_OK);
	assert_int_equal(loy_event_set_identity(event, UINT64_MAX, UINT64_MAX), LOY_OK);
	assert_int_equal(loy_event_set_customer_key(event, block, LOY_CUSTOMER_KEY_MAX), LOY_OK);
	for (field = 1; field <= LOY_FIELD_OPTIONAL_LAST; field++) {
		event->present |= UINT64_C(1) << field;
		event->field[field] =
		        loy__field_ranges[field].type != 0 ? loy__field_ranges[field].least : INT64_MIN;
	}
	for (i = 0; i < LOY_LINES_MAX; i++)
		assert_int_equal(loy_event_add_line(event, &line), LOY_OK);
	assert_int_equal(loy_event_set_extension(event, 65535, block, LOY_EXTENSION_MAX - 6), LOY_OK);
}

static void the_largest_event_goes_there_and_back(void **state)
{
	loy_event *event = fresh(NULL), *back = fresh(NULL);
	uint8_t *bytes = malloc(LOY_EVENT_BYTES_MAX), *again = malloc(LOY_EVENT_BYTES_MAX);
	size_t size = 0, used = 0;
	uint64_t digest = 0;

	(void)state;
	assert_non_null(bytes);
	assert_non_null(again);
	build_largest(event);
	assert_int_equal(loy_event_write(event, bytes, LOY_EVENT_BYTES_MAX, &size), LOY_OK);
	assert_true(size > 40000);
	assert_int_equal(loy_event_read(back, bytes, size, &used, NULL), LOY_OK);
	assert_int_equal(used, size);
	assert_int_equal(loy_event_write(back, again, size, &used), LOY_OK);
	assert_int_equal(used, size);
	assert_memory_equal(bytes, again, size);
	assert_int_equal(loy_event_digest(back, &digest), LOY_OK);
	assert_true(digest == loy__siphash(0, 0, bytes, size));
	free(bytes);
	free(again);
	loy_event_destroy(event);
	loy_event_destroy(back);
}

static void digests_are_of_the_canonical_bytes(void **state)
{
	loy_event *event = fresh(NULL);
	uint8_t bytes[BYTES_MAX];
	uint64_t digest = 7, other = 0;
	int sample;

	(void)state;
	assert_int_equal(loy_event_digest(event, &digest), LOY_EINVAL);
	assert_int_equal(loy_event_digest(NULL, &digest), LOY_EINVAL);
	assert_true(digest == 7);
	for (sample = 0; sample < SAMPLES; sample++) {
		size_t size = from_hex(samples[sample], bytes);

		assert_int_equal(loy_event_read(event, bytes, size, NULL, NULL), LOY_OK);
		assert_int_equal(loy_event_digest(event, NULL), LOY_EINVAL);
		assert_int_equal(loy_event_digest(event, &digest), LOY_OK);
		assert_true(digest == loy__siphash(0, 0, bytes, size));
		assert_true(digest != other);
		other = digest;
	}
	loy_event_destroy(event);
}

/* ---- hostile bytes ---- */

static void expect_refused(loy_event *event, const uint8_t *bytes, size_t size, loy_status status, int64_t at)
{
	loy_error error = {.struct_size = sizeof(error)};
	size_t used = 12345;

	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, 0), LOY_OK);
	assert_int_equal(loy_event_read(event, bytes, size, &used, &error), status);
	assert_int_equal(used, 12345);
	assert_int_equal(error.code, status);
	assert_int_equal(error.byte, at);
	assert_int_equal(error.row, -1);
	assert_true(error.message[0] != '\0');
	assert_int_equal(loy_event_kind(event, NULL), LOY_ENOTFOUND);
	assert_int_equal(loy_event_line_count(event, NULL), LOY_OK);
	assert_int_equal(event->line_count, 0);
	assert_true(event->present == 0);
	assert_int_equal(event->extension_size, 0);
}

static void every_truncation_is_refused(void **state)
{
	loy_event *event = fresh(NULL);
	uint8_t bytes[BYTES_MAX];
	int sample;

	(void)state;
	for (sample = 0; sample < SAMPLES; sample++) {
		size_t size = from_hex(samples[sample], bytes), cut;

		for (cut = 0; cut < size; cut++) {
			uint8_t *part = malloc(cut + 1); /* so that a sanitizer sees a byte too far */

			assert_non_null(part);
			memcpy(part, bytes, cut);
			/* the first bytes are missing themselves, later the length tells more than there is */
			expect_refused(event, part, cut, LOY_EFORMAT, cut < 4 ? 0 : cut < 5 ? 4 : 0);
			free(part);
		}
	}
	assert_int_equal(loy_event_read(event, NULL, 0, NULL, NULL), LOY_EFORMAT);
	assert_int_equal(loy_event_read(event, NULL, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_event_read(NULL, bytes, 1, NULL, NULL), LOY_EINVAL);
	loy_event_destroy(event);
}

/* The length says less than the event: it must end where it says, not a byte before or after. */
static void every_shortened_length_is_refused(void **state)
{
	loy_event *event = fresh(NULL);
	uint8_t bytes[BYTES_MAX];
	int sample;

	(void)state;
	for (sample = 0; sample < SAMPLES; sample++) {
		size_t size = from_hex(samples[sample], bytes), length;

		for (length = 0; length < size - 4; length++) {
			loy_status status;

			bytes[0] = (uint8_t)length;
			status = loy_event_read(event, bytes, size, NULL, NULL);
			/* an event without its last extensions is an event */
			if (sample == LATER && (length == 66 || length == 70 || length == 79))
				assert_int_equal(status, LOY_OK);
			else
				assert_int_equal(status, LOY_EFORMAT);
		}
	}
	loy_event_destroy(event);
}

/* Whatever is accepted is canonical: it is written as it was read. */
static void no_flipped_bit_is_read_as_something_else(void **state)
{
	loy_event *event = fresh(NULL);
	uint8_t bytes[BYTES_MAX], out[BYTES_MAX];
	int sample, accepted = 0, refused = 0;

	(void)state;
	for (sample = 0; sample < SAMPLES; sample++) {
		size_t size = from_hex(samples[sample], bytes), bit;

		for (bit = 0; bit < 8 * size; bit++) {
			size_t used = 0, needed = 0;

			bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
			if (loy_event_read(event, bytes, size, &used, NULL) == LOY_OK) {
				accepted++;
				assert_int_equal(loy_event_write(event, out, sizeof(out), &needed), LOY_OK);
				assert_int_equal(needed, used);
				assert_memory_equal(out, bytes, used);
			} else {
				refused++;
				assert_int_equal(loy_event_kind(event, NULL), LOY_ENOTFOUND);
			}
			bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
	assert_true(accepted > 500 && refused > 500);
	loy_event_destroy(event);
}

struct edit {
	const char *hex; /* the whole event */
	loy_status status;
	int64_t byte;
};

static void each_flaw_is_named_with_its_place(void **state)
{
	static const struct edit edits[] = {
	        {"00000000", LOY_EFORMAT, 4},
	        {"0000000001", LOY_EFORMAT, 0},
	        {"ffffffff01", LOY_EFORMAT, 0},
	        {"0100000000", LOY_EFORMAT, 4},
	        {"0100000002", LOY_EVERSION, 4},
	        {"02000000ff00", LOY_EVERSION, 4},
	        {"0100000001", LOY_EFORMAT, 5},
	        /* kind 0; a microsecond before 1900; the last time of all */
	        {"1f00000001000000000000000000000000000000000000000000000000000000000000", LOY_ERANGE, 5},
	        {"1f000000010300ff5f43b7ef26f8ff0000000000000000000000000000000000000000", LOY_ETIME, 7},
	        {"1f000000010300ffffffffffffff7f0000000000000000000000000000000000000000", LOY_ETIME, 7},
	};
	loy_event *event = fresh(NULL);
	uint8_t bytes[BYTES_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		size_t size = from_hex(edits[i].hex, bytes);

		expect_refused(event, bytes, size, edits[i].status, edits[i].byte);
	}
	loy_event_destroy(event);
}

/* The part after the identity, which starts at byte 31, of an event that is sound before. */
static void each_flaw_after_the_head_is_named(void **state)
{
	static const struct edit edits[] = {
	        {"000000", LOY_EFORMAT, 34},                     /* no line count */
	        {"0080000000", LOY_EFORMAT, 32},                 /* customer 0 in two bytes */
	        {"00ffffffffffffffffff020000", LOY_EFORMAT, 32}, /* a customer beyond 64 bits */
	        {"80020000", LOY_EFORMAT, 31},                   /* a key of 256 bytes */
	        {"8080808080808080800100", LOY_EFORMAT, 31},     /* a key of 2^63 bytes */
	        {"0341", LOY_EFORMAT, 32},                       /* a key that ends early */
	        {"0341c3410000", LOY_EUTF8, 33},                 /* a key that is no text */
	        {"00004000", LOY_EFORMAT, 33},                   /* 64 fields */
	        {"000001000000", LOY_EFORMAT, 34},               /* field 0 */
	        {"000001400000", LOY_EFORMAT, 34},               /* field 64 */
	        {"00000201000100"
	         "00",
	         LOY_EFORMAT, 36}, /* the same field twice */
	        {"00000203000100"
	         "00",
	         LOY_EFORMAT, 36}, /* not ascending */
	        {"000001018000"
	         "00",
	         LOY_EFORMAT, 35}, /* 0 in two bytes */
	        {"0000010b01"
	         "00",
	         LOY_ERANGE, 34}, /* severity −1e-9 */
	        {"0000020b0a0b"
	         "00",
	         LOY_EFORMAT, 36}, /* sound, then a field that ends early */
	        {"000000e907"
	         "00000000",
	         LOY_EFORMAT, 34},                                      /* 1001 lines */
	        {"000000020000000000000000", LOY_OK, 0},                /* two lines, all zero: sound */
	        {"0000000200000000000000", LOY_EFORMAT, 34},            /* two lines in seven bytes */
	        {"000000ffffffffffffffffff0100", LOY_EFORMAT, 34},      /* 2^64 - 1 lines */
	        {"000000018080808010000000", LOY_ERANGE, 35},           /* a category beyond 32 bits */
	        {"000000010080808080100000", LOY_ERANGE, 35},           /* a class beyond 32 bits */
	        {"00000001000000ffffffffffffffffff01", LOY_ERANGE, 35}, /* an amount beyond its range */
	        {"0000000100008080"
	         "00"
	         "00",
	         LOY_EFORMAT, 37}, /* a quantity in three bytes */
	        {"0000000000"
	         "0141",
	         LOY_EFORMAT, 35},                       /* tag 0 */
	        {"000000008080040141", LOY_EFORMAT, 35}, /* tag 65536 */
	        {"00000000010001"
	         "0141",
	         LOY_EFORMAT, 35}, /* an empty extension */
	        {"0000000001014101"
	         "0141",
	         LOY_EFORMAT, 38}, /* the same tag twice */
	        {"0000000002014101"
	         "0141",
	         LOY_EFORMAT, 38},                                     /* tags not ascending */
	        {"00000000010241", LOY_EFORMAT, 35},                   /* an extension that ends early */
	        {"0000000001", LOY_EFORMAT, 36},                       /* a tag and nothing else */
	        {"0000000001ffffffffffffffffff0141", LOY_EFORMAT, 35}, /* an extension of 2^64 - 1 bytes */
	        {"000000008100014100", LOY_EFORMAT, 35},               /* a tag in two bytes */
	};
	loy_event *event = fresh(NULL);
	uint8_t bytes[BYTES_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		size_t head = from_hex(samples[VISIT], bytes) - 4, size;

		assert_int_equal(head, 31);
		size = head + from_hex(edits[i].hex, bytes + head);
		bytes[0] = (uint8_t)(size - 4);
		if (edits[i].status == LOY_OK)
			assert_int_equal(loy_event_read(event, bytes, size, NULL, NULL), LOY_OK);
		else
			expect_refused(event, bytes, size, edits[i].status, edits[i].byte);
	}
	loy_event_destroy(event);
}

static void too_long_an_event_is_refused(void **state)
{
	loy_event *event = fresh(NULL);
	size_t size = LOY_EVENT_BYTES_MAX + 1;
	uint8_t *bytes = calloc(size, 1);

	(void)state;
	assert_non_null(bytes);
	(void)from_hex(samples[VISIT], bytes);
	bytes[0] = 0xFD;
	bytes[1] = 0xFF;
	expect_refused(event, bytes, size, LOY_EFORMAT, 0);
	/* a length that may be, but with more extensions than may be */
	bytes[0] = 0xFC;
	expect_refused(event, bytes, size, LOY_EFORMAT, 35);
	/* a later version may allow more */
	bytes[0] = 0xFD;
	bytes[4] = 2;
	expect_refused(event, bytes, size, LOY_EVERSION, 4);
	free(bytes);
	loy_event_destroy(event);
}

/* A few bytes that speak of a thousand lines get no memory for them. */
static void sizes_are_not_believed(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_event *event = fresh(&memory);
	uint8_t bytes[BYTES_MAX];
	size_t head = from_hex(samples[VISIT], bytes) - 4;
	size_t size = head + from_hex("000000e80700000000000000", bytes + head), before = heap.bytes;

	(void)state;
	bytes[0] = (uint8_t)(size - 4);
	expect_refused(event, bytes, size, LOY_EFORMAT, 34);
	assert_int_equal(heap.bytes, before);
	assert_int_equal(heap.requests, 1);
	loy_event_destroy(event);
}

static void reading_survives_every_failed_allocation(void **state)
{
	loy_event *large = fresh(NULL);
	uint8_t *bytes = malloc(LOY_EVENT_BYTES_MAX);
	loy_status status = LOY_ENOMEM;
	size_t size = 0;
	long n;

	(void)state;
	assert_non_null(bytes);
	build_largest(large);
	assert_int_equal(loy_event_write(large, bytes, LOY_EVENT_BYTES_MAX, &size), LOY_OK);
	for (n = 1; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_event *event = fresh(&memory);
		uint64_t digest = 0;

		status = loy_event_read(event, bytes, size, NULL, NULL);
		if (status == LOY_ENOMEM)
			expect_refused(event, bytes, 0, LOY_EFORMAT, 0); /* still usable */
		else
			status = loy_event_digest(event, &digest);
		loy_event_destroy(event);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_int_equal(n, 5); /* lines, extensions, digest and the run without failure */
	free(bytes);
	loy_event_destroy(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(events_have_the_golden_bytes),
	        cmocka_unit_test(the_golden_bytes_read_back),
	        cmocka_unit_test(what_later_versions_add_is_kept_and_readable),
	        cmocka_unit_test(write_asks_for_what_it_needs),
	        cmocka_unit_test(the_largest_event_goes_there_and_back),
	        cmocka_unit_test(digests_are_of_the_canonical_bytes),
	        cmocka_unit_test(every_truncation_is_refused),
	        cmocka_unit_test(every_shortened_length_is_refused),
	        cmocka_unit_test(no_flipped_bit_is_read_as_something_else),
	        cmocka_unit_test(each_flaw_is_named_with_its_place),
	        cmocka_unit_test(each_flaw_after_the_head_is_named),
	        cmocka_unit_test(too_long_an_event_is_refused),
	        cmocka_unit_test(sizes_are_not_believed),
	        cmocka_unit_test(reading_survives_every_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
