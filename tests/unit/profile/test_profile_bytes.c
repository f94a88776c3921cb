/* Canonical bytes of profiles: what they look like, and that nothing else is taken for them. */
#include "sample_profile.h"
#include "profile/record.h"

/* A profile of this many random events, a quarter of them taken back again. */
static loy_profile *random_profile(uint64_t seed, int events, int how)
{
	loy_profile *profile = new_profile();
	loy_event *event = NULL;
	loy__random r;
	int i;

	loy__random_init(&r, seed);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < events; i++) {
		sample_event(event, &r, how);
		assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
		if (loy__random_below(&r, 4) == 0)
			assert_int_equal(loy_profile_retract(profile, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	return profile;
}

/* ---- the form ---- */

static void the_empty_profile_is_30_bytes(void **state)
{
	static const uint8_t expected[26] = {'L',  'O',  'Y',  'P',  1,    0x10, 0x32, 0x54, 0x76,
	                                     0x98, 0xBA, 0xDC, 0xFE, 0xEF, 0xCD, 0xAB, 0x89, 0x67,
	                                     0x45, 0x23, 0x01, 0,    0,    0,    0,    0};
	loy_profile *profile = new_profile(), *other = new_profile();
	uint8_t *bytes;
	size_t size;
	uint32_t sum;

	(void)state;
	bytes = profile_bytes(profile, &size);
	assert_int_equal(size, 30);
	assert_memory_equal(bytes, expected, 26);
	sum = loy__crc32c(0, bytes, 26);
	assert_int_equal(bytes[26] | (uint32_t)bytes[27] << 8 | (uint32_t)bytes[28] << 16 |
	                         (uint32_t)bytes[29] << 24,
	                 sum);
	assert_int_equal(loy_profile_read(other, bytes, size, NULL), LOY_OK);
	assert_int_equal(loy_profile_equal(profile, other), 1);
	free(bytes);
	loy_profile_destroy(other);
	loy_profile_destroy(profile);
}

/* One visit through channel 5, at 2^40 microseconds: written by hand after the room's README. */
static void one_visit_by_hand(void **state)
{
	static const uint8_t expected[] = {
	        0,    1,    0,    0,                      /* flags, operations, taken back, magnitude */
	        1,    1,    3,                            /* class kind, one entry, key 3 */
	        2,    0x80, 0x80, 0x80, 0x80, 0x80, 0x40, /* zigzag 1, zigzag 2^40 */
	        0x80, 0x80, 0x80, 0x80, 0x80, 0x40,       /* the last time is the first */
	        8,    1,    0x85, 0x80, 0x80, 0x80, 0x80,
	        0x04, 2, /* class tag, one entry, 32 << 32 | 5, count 1 */
	        0,
	};
	loy_profile *profile = new_profile();
	loy_event *event = NULL;
	uint8_t *bytes;
	size_t size;

	(void)state;
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, INT64_C(1) << 40), LOY_OK);
	assert_int_equal(loy_event_set(event, LOY_FIELD_CHANNEL, 5), LOY_OK);
	assert_int_equal(loy_profile_record(profile, event, NULL), LOY_OK);
	bytes = profile_bytes(profile, &size);
	assert_int_equal(size, 21 + sizeof(expected) + 4);
	assert_memory_equal(bytes + 21, expected, sizeof(expected));
	free(bytes);
	loy_event_destroy(event);
	loy_profile_destroy(profile);
}

static void a_small_buffer_is_refused_and_the_size_told(void **state)
{
	loy_profile *profile = random_profile(3, 20, SAMPLE_TAME);
	size_t size, needed, room;
	uint8_t *bytes = profile_bytes(profile, &size), *part = malloc(size);

	(void)state;
	assert_non_null(part);
	for (room = 0; room < size; room++) {
		assert_int_equal(loy_profile_write(profile, part, room, &needed), LOY_EBUFFER);
		assert_int_equal(needed, size);
	}
	assert_int_equal(loy_profile_write(profile, part, size, &needed), LOY_OK);
	assert_memory_equal(part, bytes, size);
	free(part);
	free(bytes);
	loy_profile_destroy(profile);
}

static void what_is_written_is_read_again(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 300; seed++) {
		loy_profile *profile = random_profile(seed, 1 + (int)(seed % 90), (int)(seed % 3)),
		            *other = new_profile();
		size_t size, again_size;
		uint8_t *bytes = profile_bytes(profile, &size), *again;

		assert_int_equal(loy_profile_read(other, bytes, size, NULL), LOY_OK);
		assert_int_equal(loy_profile_equal(profile, other), 1);
		again = profile_bytes(other, &again_size);
		assert_int_equal(size, again_size);
		assert_memory_equal(bytes, again, size);
		/* what is read takes no more room than it needs */
		assert_true(loy_profile_memory(other) <= loy_profile_memory(profile));
		free(again);
		free(bytes);
		loy_profile_destroy(other);
		loy_profile_destroy(profile);
	}
}

/* ---- damage ---- */

static void refused(loy_profile *profile, const uint8_t *bytes, size_t size)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = loy_profile_read(profile, bytes, size, &error);

	if (status != LOY_EFORMAT && status != LOY_ECHECKSUM && status != LOY_EVERSION)
		fail_msg("damaged bytes gave %s", loy_status_name(status));
	assert_int_equal(error.code, status);
	assert_true(error.byte >= 0 && (size_t)error.byte <= size);
}

static void every_truncation_and_flipped_bit_is_refused(void **state)
{
	uint64_t seed;
	size_t i, cut = 0, flips = 0;

	(void)state;
	for (seed = 0; seed < 6; seed++) {
		loy_profile *profile = random_profile(seed, 12, (int)(seed % 3)),
		            *other = random_profile(99, 3, SAMPLE_TAME);
		size_t size, other_size;
		uint8_t *bytes = profile_bytes(profile, &size), *before = profile_bytes(other, &other_size),
		        *after;

		for (i = 0; i < size; i++, cut++) {
			uint8_t *part = malloc(i + 1); /* so that a read beyond the end is seen */

			assert_non_null(part);
			memcpy(part, bytes, i);
			refused(other, part, i);
			free(part);
		}
		for (i = 0; i < 8 * size; i++, flips++) {
			bytes[i / 8] = (uint8_t)(bytes[i / 8] ^ 1u << i % 8);
			refused(other, bytes, size);
			bytes[i / 8] = (uint8_t)(bytes[i / 8] ^ 1u << i % 8);
		}
		after = profile_bytes(other, &size); /* unchanged */
		assert_int_equal(size, other_size);
		assert_memory_equal(before, after, size);
		free(after);
		free(before);
		free(bytes);
		loy_profile_destroy(other);
		loy_profile_destroy(profile);
	}
	print_message("%zu truncations and %zu flipped bits refused\n", cut, flips);
}

/*
 * Any byte changed and the checksum made right again: either refused, or one profile whose canonical bytes
 * these are. So no two inputs give the same profile, and nothing is silently put right.
 */
static void what_is_accepted_is_canonical(void **state)
{
	unsigned long accepted = 0, tried = 0;
	uint64_t seed;
	size_t i;
	int change;

	(void)state;
	for (seed = 0; seed < FEWER_ROUNDS(4); seed++) {
		loy_profile *profile = random_profile(seed, 10, (int)(seed % 3)), *other = new_profile();
		size_t size, again_size;
		uint8_t *bytes = profile_bytes(profile, &size), *again;

		for (i = 0; i < size - 4; i++) {
			uint8_t was = bytes[i];

			for (change = 0; change < 256; change++) {
				uint32_t sum;
				int k;

				bytes[i] = (uint8_t)change;
				sum = loy__crc32c(0, bytes, size - 4);
				for (k = 0; k < 4; k++)
					bytes[size - 4 + (size_t)k] = (uint8_t)(sum >> 8 * k);
				tried++;
				if (loy_profile_read(other, bytes, size, NULL) != LOY_OK)
					continue;
				accepted++;
				again = profile_bytes(other, &again_size);
				assert_int_equal(size, again_size);
				assert_memory_equal(bytes, again, size);
				free(again);
			}
			bytes[i] = was;
		}
		free(bytes);
		loy_profile_destroy(other);
		loy_profile_destroy(profile);
	}
	print_message("%lu of %lu changed profiles accepted, each as written\n", accepted, tried);
	assert_true(accepted > 0 && accepted < tried);
}

/* ---- bytes that no profile has ---- */

struct forged {
	loy__writer out;
	loy_allocator memory;
};

static void forge_begin(struct forged *f, uint64_t flags, uint64_t operations, uint64_t retracted,
                        uint64_t magnitude)
{
	assert_int_equal(loy__memory_adopt(&f->memory, NULL), LOY_OK);
	loy__writer_init(&f->out, &f->memory, SIZE_MAX);
	loy__write_bytes(&f->out, "LOYP\1", 5);
	loy__write_u64(&f->out, schema->fingerprint_high);
	loy__write_u64(&f->out, schema->fingerprint_low);
	loy__write_varint(&f->out, flags);
	loy__write_varint(&f->out, operations);
	loy__write_varint(&f->out, retracted);
	loy__write_varint(&f->out, magnitude);
}

/* The start of a class: its number, and how many entries are said to follow. */
static void forge_class(struct forged *f, unsigned class, uint64_t count)
{
	loy__write_u8(&f->out, (uint8_t) class);
	loy__write_varint(&f->out, count);
}

static void forge_kind(struct forged *f, uint64_t key, int64_t count, int64_t first, int64_t last)
{
	loy__write_varint(&f->out, key);
	loy__write_zigzag(&f->out, count);
	loy__write_zigzag(&f->out, first);
	loy__write_zigzag(&f->out, last);
}

static void forge_values(struct forged *f, const char *how, const int64_t *values)
{
	for (; *how != '\0'; how++, values++) {
		if (*how == 'z')
			loy__write_zigzag(&f->out, *values);
		else if (*how == 'v')
			loy__write_varint(&f->out, (uint64_t)*values);
		else
			loy__write_u64(&f->out, (uint64_t)*values);
	}
}

/* Close the classes, seal and read: returns the status. */
static loy_status forge_end(struct forged *f)
{
	loy_profile *profile = new_profile();
	loy_status status;

	loy__write_u8(&f->out, 0);
	loy__write_u32(&f->out, loy__crc32c(0, f->out.data, f->out.size));
	assert_int_equal(f->out.status, LOY_OK);
	status = loy_profile_read(profile, f->out.data, f->out.size, NULL);
	loy__writer_free(&f->out);
	loy_profile_destroy(profile);
	return status;
}

static void forged_headers_are_refused(void **state)
{
	static const struct {
		uint64_t flags, operations, retracted, magnitude;
		int entry;
		loy_status status;
	} cases[] = {
	        {0, 1, 0, 0, 1, LOY_OK},
	        {0, 0, 0, 0, 0, LOY_OK},
	        {2, 1, 0, 0, 1, LOY_EFORMAT},                       /* a flag nobody knows */
	        {1, 1, 0, 0, 1, LOY_EFORMAT},                       /* keys dropped, but no list is full */
	        {0, LOY__OPERATIONS_MAX, 0, 0, 1, LOY_OK},          /* */
	        {0, LOY__OPERATIONS_MAX + 1, 0, 0, 1, LOY_EFORMAT}, /* too many */
	        {0, 1, 1, 0, 1, LOY_OK},                            /* */
	        {0, 1, 2, 0, 1, LOY_EFORMAT},                       /* more taken back than there were */
	        {0, 1, 0, INT64_MAX, 1, LOY_OK},                    /* */
	        {0, 1, 0, UINT64_C(1) << 63, 1, LOY_EFORMAT},       /* too much */
	        {0, 0, 0, 0, 1, LOY_EFORMAT},                       /* entries of nothing */
	        {0, 1, 0, 0, 0, LOY_EFORMAT},                       /* an event without entries */
	        {0, 0, 0, 1, 0, LOY_EFORMAT},                       /* a magnitude of nothing */
	        {1, 0, 0, 0, 0, LOY_EFORMAT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(cases); i++) {
		struct forged f;
		loy_status status;

		forge_begin(&f, cases[i].flags, cases[i].operations, cases[i].retracted, cases[i].magnitude);
		if (cases[i].entry) {
			forge_class(&f, LOY__CLASS_KIND, 1);
			forge_kind(&f, 3, 0, 5, 5);
		}
		status = forge_end(&f);
		if (status != cases[i].status)
			fail_msg("header %zu gave %s", i, loy_status_name(status));
	}
}

/* A profile with a visit of kind 3 and one more entry. */
static void forged_entries_are_refused(void **state)
{
#define NONE   INT64_MIN
#define DAY(n) ((n)*LOY_DAY)
	static const struct {
		unsigned class;
		uint64_t key;
		const char *how;
		int64_t values[8];
		loy_status status;
	} cases[] = {
	        /* operations 2, magnitude 100 */
	        {2, 978, "zvzvzzzz", {10, 100, 0, 30000, 10, 0, 0, 0}, LOY_OK},
	        {2, UINT32_MAX, "zvzvzzzz", {10, 100, 0, 30000, 10, 0, 0, 0}, LOY_OK},
	        {2, UINT64_C(1) << 32, "zvzvzzzz", {10, 100, 0, 30000, 10, 0, 0, 0}, LOY_EFORMAT},
	        {2, 978, "zvzvzzzz", {101, 100, 0, 30000, 10, 0, 0, 0}, LOY_EFORMAT},
	        {2, 978, "zvzvzzzz", {-100, 10000, 0, 30000, -100, 100, 0, 100}, LOY_OK},
	        {2,
	         978,
	         "zvzvzzzz",
	         {60, 10000, 0, 30000, 60, 0, 41, 0},
	         LOY_EFORMAT},                                                         /* together too much */
	        {2, 978, "zvzvzzzz", {60, 10001, 0, 30000, 60, 0, 0, 0}, LOY_EFORMAT}, /* squares too large */
	        {2, 978, "zvzvzzzz", {60, -10000, -1, 30000, 60, 0, 0, 0}, LOY_OK},    /* taken back */
	        {2, 978, "zvzvzzzz", {60, -10001, -1, 30000, 60, 0, 0, 0}, LOY_EFORMAT},
	        {2, 978, "zvzvzzzz", {60, 0, -1, 30000, 60, 0, 0, 0}, LOY_EFORMAT},
	        {2, 978, "zvzvzzzz", {60, 100, 0, 30000, -60, 0, 0, 0}, LOY_EFORMAT}, /* other days: 120 */
	        {2, 978, "zvzvzzzz", {0, 0, 0, 262144, 0, 0, 5, 5}, LOY_OK},          /* no purchase */
	        {2, 978, "zvzvzzzz", {1, 0, 0, 262144, 0, 0, 5, 5}, LOY_EFORMAT},
	        {2, 978, "zvzvzzzz", {0, 1, 0, 262144, 0, 0, 5, 5}, LOY_EFORMAT},
	        {2, 978, "zvzvzzzz", {0, 0, 0, 262144, 1, 0, 5, 5}, LOY_EFORMAT},
	        {2, 978, "zvzvzzzz", {0, 0, 0, 262144, 0, 1, 5, 5}, LOY_EFORMAT},
	        {2, 978, "zvzvzzzz", {0, 0, 0, 1, 0, 0, 0, 0}, LOY_OK},
	        {2, 978, "zvzvzzzz", {0, 0, 0, 0, 0, 0, 0, 0}, LOY_EFORMAT}, /* before 1900 */
	        {2, 978, "zvzvzzzz", {0, 0, 0, 109575, 0, 0, 0, 0}, LOY_OK},
	        {2, 978, "zvzvzzzz", {0, 0, 0, 109576, 0, 0, 0, 0}, LOY_EFORMAT}, /* after 2199 */
	        {3, 2048, "v", {0x7fffffff}, LOY_OK},
	        {3, 2048, "v", {0}, LOY_EFORMAT},       /* no day */
	        {3, 2049, "v", {1 << 28}, LOY_EFORMAT}, /* 29 February 1970 */
	        {3, 2048 + 25, "v", {1 << 28}, LOY_OK}, /* 29 February 1972 */
	        {3, 2048 + 24, "v", {INT64_C(1) << 31}, LOY_EFORMAT},
	        {3, 2048 - 841, "v", {1 << 30}, LOY_OK}, /* December 1899 */
	        {3, 2048 - 842, "v", {1}, LOY_EFORMAT},
	        {3, 2048 + 2760, "v", {1}, LOY_OK}, /* January 2200 */
	        {3, 2048 + 2761, "v", {1}, LOY_EFORMAT},
	        {3, 65535, "v", {1}, LOY_EFORMAT},
	        {4, 11, "zzzzzzv", {1, 2, 3, 4, 5, 6, 20001 | INT64_C(20001) << 18}, LOY_OK},
	        {4,
	         12,
	         "zzzzzzv",
	         {1, 2, 3, 4, 5, 6, 20001 | INT64_C(20001) << 18},
	         LOY_EFORMAT}, /* six channels */
	        {4, 3, "zzzzzzv", {1, 2, INT64_C(8589934590), 4, 5, 6, 20001 | INT64_C(20001) << 18}, LOY_OK},
	        {4,
	         3,
	         "zzzzzzv",
	         {1, 2, INT64_C(8589934591), 4, 5, 6, 20001 | INT64_C(20001) << 18},
	         LOY_EFORMAT},
	        {4,
	         3,
	         "zzzzzzv",
	         {0, 0, 0, 0, 0, 0, INT64_C(20001) << 18},
	         LOY_EFORMAT}, /* one sum is empty */
	        {4, 3, "zzzzzzv", {0, 0, 0, 0, 0, 0, 20001}, LOY_EFORMAT},
	        {4,
	         3,
	         "zzzzzzv",
	         {0, 0, 0, 0, 0, 0, 1 | INT64_C(20001) << 18},
	         LOY_EFORMAT}, /* too far back */
	        {4, 3, "zzzzzzv", {0, 0, 0, 0, 0, 0, 20001 | INT64_C(262143) << 18}, LOY_EFORMAT},
	        {4,
	         3,
	         "zzzzzzv",
	         {0, 0, 0, 0, 0, 0, 20001 | INT64_C(20001) << 18 | INT64_C(1) << 36},
	         LOY_EFORMAT},
	        {5, 0, "z", {INT64_C(1) << 62}, LOY_OK},
	        {5, 0, "z", {(INT64_C(1) << 62) + 1}, LOY_EFORMAT},
	        {5, 1, "z", {0}, LOY_EFORMAT},
	        {6, 1 << 16, "zwwvzzvz", {DAY(9), -1, -1, 1000000000, 2, 2000000000, 0, 0}, LOY_OK},
	        {6, UINT64_C(1) << 32, "zwwvzzvz", {DAY(9), 1, 1, 1, 1, 1, 1, 0}, LOY_EFORMAT},
	        {6, 1 << 16, "zwwvzzvz", {DAY(90000), 1, 1, 1, 1, 1, 1, 0}, LOY_EFORMAT},
	        {6, 1 << 16, "zwwvzzvz", {DAY(-26000), 1, 1, 1, 1, 1, 1, 0}, LOY_EFORMAT},
	        {6, 1 << 16, "zwwvzzvz", {DAY(9), 1, 1, 1000000001, 1, 1, 1, 0}, LOY_EFORMAT},
	        {6, 1 << 16, "zwwvzzvz", {DAY(9), 1, 1, 1, 3, 1, 1, 0}, LOY_EFORMAT},
	        {6, 1 << 16, "zwwvzzvz", {DAY(9), 1, 1, 1, 1, 2000000001, 1, 0}, LOY_EFORMAT},
	        {6, 1 << 16, "zwwvzzvz", {DAY(9), 1, 1, 1, 1, 1, INT64_C(2000000000000000000), 0}, LOY_OK},
	        {6,
	         1 << 16,
	         "zwwvzzvz",
	         {DAY(9), 1, 1, 1, 1, 1, INT64_C(2000000000000000001), 0},
	         LOY_EFORMAT},
	        {6, 1 << 16, "zwwvzzvz", {NONE, 0, 0, 0, -1, -5, -25, -1}, LOY_OK},
	        {6, 1 << 16, "zwwvzzvz", {NONE, 1, 0, 0, -1, -5, -25, -1}, LOY_EFORMAT},
	        {6, 1 << 16, "zwwvzzvz", {NONE, 0, 1, 0, -1, -5, -25, -1}, LOY_EFORMAT},
	        {6, 1 << 16, "zwwvzzvz", {NONE, 0, 0, 1, -1, -5, -25, -1}, LOY_EFORMAT},
	        {7, LOY_KIND_DELIVERY, "zzzzz", {2, -100, 100, -2, 2}, LOY_OK},
	        {7, LOY_KIND_DELIVERY, "zzzzz", {2, -100, NONE, -2, 2}, LOY_OK},
	        {7, LOY_KIND_PURCHASE, "zzzzz", {2, -100, 100, -2, 2}, LOY_EFORMAT},
	        {7, LOY_KIND_PROMISE_MADE, "zzzzz", {1, 1, 1, 1, 1}, LOY_EFORMAT},
	        {7, UINT64_C(65536) + LOY_KIND_DELIVERY, "zzzzz", {1, 1, 1, 1, 1}, LOY_EFORMAT},
	        {7, LOY_KIND_DELIVERY, "zzzzz", {3, 1, 1, 1, 1}, LOY_EFORMAT},
	        {7, LOY_KIND_DELIVERY, "zzzzz", {1, 101, 1, 1, 1}, LOY_EFORMAT},
	        {7, LOY_KIND_DELIVERY, "zzzzz", {1, 1, 101, 1, 1}, LOY_EFORMAT},
	        {7, LOY_KIND_DELIVERY, "zzzzz", {1, 1, 1, 3, 1}, LOY_EFORMAT},
	        {7, LOY_KIND_DELIVERY, "zzzzz", {1, 1, 1, 1, -3}, LOY_EFORMAT},
	        {8, UINT64_C(31) << 32 | UINT32_MAX, "z", {-2}, LOY_OK},
	        {8, UINT64_C(31) << 32, "z", {3}, LOY_EFORMAT},
	        {8, UINT64_C(30) << 32, "z", {1}, LOY_EFORMAT}, /* no tag */
	        {8, UINT64_C(64) << 32, "z", {1}, LOY_EFORMAT},
	        {9, UINT32_MAX, "zz", {2, -100}, LOY_OK},
	        {9, 1, "zz", {3, 1}, LOY_EFORMAT},
	        {9, 1, "zz", {1, 101}, LOY_EFORMAT},
	        {9, UINT64_C(1) << 32, "zz", {1, 1}, LOY_EFORMAT},
	        {10, UINT64_C(28) << 32, "zwwv", {DAY(9), 1, 1, 65535}, LOY_OK},
	        {10, UINT64_C(28) << 32, "zwwv", {DAY(9), 1, 1, 65536}, LOY_EFORMAT},
	        {10, UINT64_C(28) << 32 | 1, "zwwv", {DAY(9), 1, 1, 1}, LOY_EFORMAT},
	        {10, UINT64_C(28) << 32, "zwwv", {NONE, 1, 1, 1}, LOY_EFORMAT},
	        {10, UINT64_C(29) << 32 | 65535, "zwwv", {DAY(9), 1, 1, 1}, LOY_OK},
	        {10, UINT64_C(29) << 32 | 65536, "zwwv", {DAY(9), 1, 1, 1}, LOY_EFORMAT},
	        {10, UINT64_C(29) << 32, "zwwv", {DAY(9), 1, 1, 2}, LOY_EFORMAT},
	        {10, UINT64_C(30) << 32, "zwwv", {DAY(9), 1, 1, 1}, LOY_EFORMAT},
	        {11, 1, "z", {0}, LOY_EFORMAT},
	        {1, 3, "zzz", {1, 5, 5}, LOY_EFORMAT}, /* a class twice */
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(cases); i++) {
		struct forged f;
		loy_status status;

		forge_begin(&f, 0, 2, 0, 100);
		forge_class(&f, LOY__CLASS_KIND, 1);
		forge_kind(&f, 3, 2, 5, 6);
		forge_class(&f, cases[i].class, 1);
		loy__write_varint(&f.out, cases[i].key);
		forge_values(&f, cases[i].how, cases[i].values);
		status = forge_end(&f);
		if (status != cases[i].status)
			fail_msg("entry %zu (class %u) gave %s", i, cases[i].class, loy_status_name(status));
	}
}

static void forged_kinds_are_refused(void **state)
{
	static const struct {
		uint64_t key;
		int64_t count, first, last;
		loy_status status;
	} cases[] = {
	        {1, 1, LOY_TIME_MIN, LOY_TIME_MAX, LOY_OK},
	        {65535, -1, INT64_MAX, INT64_MIN, LOY_OK},
	        {0, 1, 5, 5, LOY_EFORMAT},
	        {65536, 1, 5, 5, LOY_EFORMAT},
	        {1, 2, 5, 5, LOY_EFORMAT},
	        {1, -2, 5, 5, LOY_EFORMAT},
	        {1, 1, 6, 5, LOY_EFORMAT},
	        {1, 1, LOY_TIME_MIN - 1, 5, LOY_EFORMAT},
	        {1, 1, 5, LOY_TIME_MAX + 1, LOY_EFORMAT},
	        {1, 1, INT64_MAX, 5, LOY_EFORMAT},
	        {1, 1, 5, INT64_MIN, LOY_EFORMAT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(cases); i++) {
		struct forged f;
		loy_status status;

		forge_begin(&f, 0, 1, 0, 0);
		forge_class(&f, LOY__CLASS_KIND, 1);
		forge_kind(&f, cases[i].key, cases[i].count, cases[i].first, cases[i].last);
		status = forge_end(&f);
		if (status != cases[i].status)
			fail_msg("kind %zu gave %s", i, loy_status_name(status));
	}
}

/* `count` entries said, `written` there, from key 1 on. */
static loy_status forge_many(uint64_t flags, uint64_t count, uint64_t written, int tags)
{
	struct forged f;
	uint64_t i;

	forge_begin(&f, flags, 1000, 0, 0);
	forge_class(&f, LOY__CLASS_KIND, tags ? 1 : count);
	for (i = 0; i < (tags ? 1 : written); i++)
		forge_kind(&f, i == 0, 1, 5, 5);
	if (tags) {
		forge_class(&f, LOY__CLASS_TAG, count);
		for (i = 0; i < written; i++) {
			loy__write_varint(&f.out, i == 0 ? UINT64_C(31) << 32 : 0);
			loy__write_zigzag(&f.out, 1);
		}
	}
	return forge_end(&f);
}

static void forged_lists_are_refused(void **state)
{
	struct forged f;

	(void)state;
	assert_int_equal(forge_many(0, 256, 256, 0), LOY_OK);
	assert_int_equal(forge_many(1, 256, 256, 0), LOY_OK);
	assert_int_equal(forge_many(1, 255, 255, 0), LOY_EFORMAT);
	assert_int_equal(forge_many(1, 257, 257, 0), LOY_EFORMAT);
	assert_int_equal(forge_many(0, 64, 64, 1), LOY_OK);
	assert_int_equal(forge_many(1, 64, 64, 1), LOY_OK);
	assert_int_equal(forge_many(0, 65, 65, 1), LOY_EFORMAT);
	assert_int_equal(forge_many(0, 0, 0, 0), LOY_EFORMAT);          /* a class without entries */
	assert_int_equal(forge_many(0, 2, 1, 0), LOY_EFORMAT);          /* fewer than said */
	assert_int_equal(forge_many(0, 1, 2, 0), LOY_EFORMAT);          /* more than said */
	assert_int_equal(forge_many(0, UINT64_MAX, 1, 0), LOY_EFORMAT); /* a hostile number takes no memory */
	/* bytes after the end */
	forge_begin(&f, 0, 1, 0, 0);
	forge_class(&f, LOY__CLASS_KIND, 1);
	forge_kind(&f, 3, 1, 5, 5);
	loy__write_u8(&f.out, 0);
	assert_int_equal(forge_end(&f), LOY_EFORMAT);
	/* classes that do not ascend */
	forge_begin(&f, 0, 1, 0, 0);
	forge_class(&f, LOY__CLASS_TAG, 1);
	loy__write_varint(&f.out, UINT64_C(31) << 32);
	loy__write_zigzag(&f.out, 1);
	forge_class(&f, LOY__CLASS_KIND, 1);
	forge_kind(&f, 3, 1, 5, 5);
	assert_int_equal(forge_end(&f), LOY_EFORMAT);
	/* a key that goes round: 2^64 - 3 after 3 */
	forge_begin(&f, 0, 2, 0, 0);
	forge_class(&f, LOY__CLASS_KIND, 2);
	forge_kind(&f, 3, 1, 5, 5);
	forge_kind(&f, UINT64_MAX - 1, 1, 5, 5);
	assert_int_equal(forge_end(&f), LOY_EFORMAT);
	/* a key after the last of all */
	forge_begin(&f, 0, 2, 0, 0);
	forge_class(&f, LOY__CLASS_KIND, 2);
	forge_kind(&f, 65535, 1, 5, 5);
	forge_kind(&f, 0, 1, 5, 5);
	assert_int_equal(forge_end(&f), LOY_EFORMAT);
}

static void other_schemas_and_versions_are_told_apart(void **state)
{
	loy_schema *plain = plain_schema();
	loy_profile *profile = random_profile(1, 5, SAMPLE_TAME), *other = NULL;
	loy_error error = {.struct_size = sizeof(error)};
	size_t size;
	uint8_t *bytes = profile_bytes(profile, &size);

	(void)state;
	assert_int_equal(loy_profile_create(&other, plain, NULL), LOY_OK);
	assert_int_equal(loy_profile_read(other, bytes, size, &error), LOY_ESCHEMA);
	assert_int_equal(error.byte, 5);
	bytes[4] = 2;
	assert_int_equal(loy_profile_read(profile, bytes, size, &error), LOY_EVERSION);
	assert_int_equal(error.byte, 4);
	bytes[4] = 0;
	assert_int_equal(loy_profile_read(profile, bytes, size, &error), LOY_EFORMAT);
	bytes[4] = 1;
	bytes[0] = 'l';
	assert_int_equal(loy_profile_read(profile, bytes, size, &error), LOY_EFORMAT);
	assert_int_equal(error.byte, 0);
	assert_int_equal(loy_profile_read(profile, NULL, 0, &error), LOY_EFORMAT);
	assert_int_equal(loy_profile_read(profile, NULL, 1, &error), LOY_EINVAL);
	assert_int_equal(loy_profile_read(NULL, bytes, size, &error), LOY_EINVAL);
	free(bytes);
	loy_profile_destroy(other);
	loy_profile_destroy(profile);
	free(plain);
}

/* Sealed bytes that end before the numbers do. */
static void short_but_sealed_bytes_are_refused(void **state)
{
	loy_profile *profile = new_profile();
	size_t size, cut;
	uint8_t *bytes = profile_bytes(profile, &size);

	(void)state;
	for (cut = 5; cut < size - 4; cut++) { /* the version is the fifth byte */
		uint8_t part[40];
		uint32_t sum;
		int k;

		memcpy(part, bytes, cut);
		sum = loy__crc32c(0, part, cut);
		for (k = 0; k < 4; k++)
			part[cut + (size_t)k] = (uint8_t)(sum >> 8 * k);
		assert_int_equal(loy_profile_read(profile, part, cut + 4, NULL), LOY_EFORMAT);
	}
	free(bytes);
	loy_profile_destroy(profile);
}

/* A worst episode in a profile whose schema keeps none. */
static void a_class_the_schema_does_not_keep_is_refused(void **state)
{
	loy_schema *mine = schema;
	struct forged f;

	(void)state;
	schema = plain_schema();
	forge_begin(&f, 0, 2, 0, 100);
	forge_class(&f, LOY__CLASS_KIND, 1);
	forge_kind(&f, 3, 2, 5, 6);
	forge_class(&f, LOY__CLASS_WORST, 1);
	loy__write_varint(&f.out, 0);
	loy__write_zigzag(&f.out, 0);
	assert_int_equal(forge_end(&f), LOY_EFORMAT);
	free(schema);
	schema = mine;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_empty_profile_is_30_bytes),
	        cmocka_unit_test(one_visit_by_hand),
	        cmocka_unit_test(a_small_buffer_is_refused_and_the_size_told),
	        cmocka_unit_test(what_is_written_is_read_again),
	        cmocka_unit_test(every_truncation_and_flipped_bit_is_refused),
	        cmocka_unit_test(what_is_accepted_is_canonical),
	        cmocka_unit_test(forged_headers_are_refused),
	        cmocka_unit_test(forged_entries_are_refused),
	        cmocka_unit_test(forged_kinds_are_refused),
	        cmocka_unit_test(forged_lists_are_refused),
	        cmocka_unit_test(other_schemas_and_versions_are_told_apart),
	        cmocka_unit_test(short_but_sealed_bytes_are_refused),
	        cmocka_unit_test(a_class_the_schema_does_not_keep_is_refused),
	};

	return cmocka_run_group_tests_name("profile bytes", tests, make_schema, free_schema);
}
