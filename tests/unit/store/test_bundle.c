#include "support.h"

#include "numeric/numeric.h"
#include "store/bundle.h"

/* ---- facts and bytes ---- */

enum { FACTS = 1200 };
struct facts {
	uint32_t count;
	loy__fact fact[FACTS];
	uint8_t *bytes; /* of all bodies */
};

static struct facts *make_facts(uint64_t seed, uint32_t count, uint64_t longest)
{
	struct facts *all = calloc(1, sizeof(*all));
	loy__tag tag = {1, 0};
	loy__random random;
	size_t size = 0;
	uint32_t i;

	assert_non_null(all);
	loy__random_init(&random, seed);
	all->count = count;
	for (i = 0; i < count; i++) {
		loy__fact *fact = &all->fact[i];

		if (loy__random_below(&random, 4) == 0) {
			tag.life = loy__random_next(&random);
			tag.number = loy__random_below(&random, 2) ? 0 : loy__random_next(&random) >> 3;
		} else {
			tag.number += 1 + (loy__random_below(&random, 5) == 0);
		}
		fact->type = 1 + (uint32_t)loy__random_below(&random, 6);
		fact->tag = tag;
		fact->size = (size_t)loy__random_below(&random, longest);
		size += fact->size;
	}
	all->bytes = malloc(size + 1);
	assert_non_null(all->bytes);
	for (size = 0, i = 0; i < count; i++) {
		size_t k;

		all->fact[i].body = all->bytes + size;
		for (k = 0; k < all->fact[i].size; k++)
			all->bytes[size++] = (uint8_t)loy__random_next(&random);
	}
	return all;
}

static void free_facts(struct facts *all)
{
	free(all->bytes);
	free(all);
}

struct bytes {
	uint8_t *data;
	size_t size;
	int calls, stop_at;
};

static int32_t keep(const void *bytes, size_t size, void *user_data)
{
	struct bytes *out = user_data;

	if (out->calls++ == out->stop_at)
		return 1;
	out->data = realloc(out->data, out->size + size);
	memcpy(out->data + out->size, bytes, size);
	out->size += size;
	return 0;
}

static loy_status write_bundle(const struct facts *all, const loy_allocator *memory, struct bytes *out)
{
	loy__bundle_writer w;
	loy_allocator chosen;
	loy_status status;
	uint64_t size;
	uint32_t i;

	assert_int_equal(loy__memory_adopt(&chosen, memory), LOY_OK);
	loy__bundle_writer_init(&w, &chosen, 99, keep, out);
	for (i = 0; i < all->count; i++)
		loy__bundle_add(&w, &all->fact[i]);
	size = loy__bundle_size(&w);
	status = loy__bundle_finish(&w);
	if (status == LOY_OK) {
		assert_true(w.bytes == size);
		assert_true(w.records == all->count);
		assert_true(w.bytes == out->size);
	}
	loy__bundle_writer_free(&w);
	return status;
}

static struct bytes bundle_of(const struct facts *all)
{
	struct bytes out = {.stop_at = -1};

	assert_int_equal(write_bundle(all, NULL, &out), LOY_OK);
	return out;
}

/* Read to the end; what came before a failure is what was written. */
static loy_status read_bundle(const uint8_t *data, size_t size, const struct facts *all, loy_error *error)
{
	loy__bundle_reader r;
	loy_status status = loy__bundle_reader_init(&r, data, size, error);
	loy__fact fact;
	uint32_t i;

	if (status != LOY_OK)
		return status;
	for (i = 0; (status = loy__bundle_next(&r, &fact, error)) == LOY_OK; i++) {
		assert_true(i < all->count);
		assert_int_equal(fact.type, all->fact[i].type);
		assert_true(fact.tag.life == all->fact[i].tag.life &&
		            fact.tag.number == all->fact[i].tag.number);
		assert_int_equal(fact.size, all->fact[i].size);
		assert_memory_equal(fact.body, all->fact[i].body, fact.size);
		assert_true(fact.body >= data && fact.body + fact.size <= data + size);
	}
	if (status == LOY_ENOTFOUND)
		assert_int_equal(i, all->count);
	return status;
}

/* ---- tests ---- */

static void what_is_written_is_read(void **state)
{
	static const struct {
		uint32_t count;
		uint64_t longest;
	} sizes[] = {{0, 1}, {1, 1}, {3, 10}, {FACTS, 100}, {FACTS, 3000}, {4, LOY__RECORD_MAX + 1}};
	uint64_t seed;
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(sizes); i++) {
		for (seed = 1; seed <= 5; seed++) {
			struct facts *all = make_facts(seed, sizes[i].count, sizes[i].longest);
			struct bytes bundle = bundle_of(all);

			assert_int_equal(read_bundle(bundle.data, bundle.size, all, NULL), LOY_ENOTFOUND);
			free(bundle.data);
			free_facts(all);
		}
	}
}

/* The largest record a journal takes, alone and where a block is all but full. */
static void the_longest_records_pass(void **state)
{
	struct facts *all = make_facts(1, 3, 10);
	uint8_t *body = calloc(1, LOY__RECORD_MAX);
	struct bytes bundle;

	(void)state;
	all->fact[0].body = body;
	all->fact[0].size = LOY__BUNDLE_BLOCK - 20;
	all->fact[1].body = all->fact[2].body = body;
	all->fact[1].size = all->fact[2].size = LOY__RECORD_MAX;
	bundle = bundle_of(all);
	assert_int_equal(read_bundle(bundle.data, bundle.size, all, NULL), LOY_ENOTFOUND);
	free(bundle.data);
	free(body);
	free_facts(all);
}

/* The bytes of this version, for ever: what is written today is read by every later version. */
static void bytes_are_as_documented(void **state)
{
	static const uint8_t body[3] = {0xaa, 0xbb, 0xcc};
	static const uint8_t expected[] = {
	        'L',  'O',  'Y',  'B',  'N',  'D',  'L',  0,    /* magic */
	        1,    0,    0,    0,    0,    0,    0,    0,    /* version, flags */
	        99,   0,    0,    0,    0,    0,    0,    0,    /* pseudonyms */
	        0,    0,    0,    0,    0x1f, 0x3f, 0xef, 0x87, /* reserved, checksum */
	        1,    0,    0,    0,    21,   0,    0,    0,    /* records, 21 bytes */
	        1,    8,    7,    6,    5,    4,    3,    2,
	        1,    0xac, 2,    3,    0xaa, 0xbb, 0xcc, /* an event */
	        0x86, 0,                                  /* the next of that life: nothing is left of it */
	        0x84, 2,    0xaa, 0xbb,                   /* and the next */
	        0x20, 0x70, 0x69, 0xfb,                   /* checksum */
	        2,    0,    0,    0,    16,   0,    0,    0, /* the end */
	        3,    0,    0,    0,    0,    0,    0,    0, /* records */
	        93,   0,    0,    0,    0,    0,    0,    0, /* bytes */
	        0x77, 0x34, 0x62, 0x74,
	};
	struct facts all = {.count = 3};
	const loy__tag tags[3] = {{UINT64_C(0x0102030405060708), 300},
	                          {UINT64_C(0x0102030405060708), 301},
	                          {UINT64_C(0x0102030405060708), 302}};
	struct bytes bundle;
	uint32_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		all.fact[i].tag = tags[i];
		all.fact[i].body = body;
	}
	all.fact[0].type = LOY_RECORD_EVENT;
	all.fact[0].size = 3;
	all.fact[1].type = LOY_RECORD_GONE;
	all.fact[2].type = LOY_RECORD_ERASE;
	all.fact[2].size = 2;
	bundle = bundle_of(&all);
	assert_int_equal(bundle.size, sizeof(expected));
	assert_memory_equal(bundle.data, expected, sizeof(expected));
	free(bundle.data);
}

static void every_flipped_bit_is_found(void **state)
{
	struct facts *all = make_facts(7, 40, 60);
	struct bytes bundle = bundle_of(all);
	size_t i;

	(void)state;
	for (i = 0; i < bundle.size * 8; i++) {
		loy_error error = {.struct_size = sizeof(error)};
		loy_status status;

		bundle.data[i / 8] ^= (uint8_t)(1u << i % 8);
		status = read_bundle(bundle.data, bundle.size, all, &error);
		assert_true(status == LOY_EFORMAT || status == LOY_ECHECKSUM);
		assert_int_equal(error.code, status);
		assert_true(error.byte >= 0 && (uint64_t)error.byte <= bundle.size);
		bundle.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	free(bundle.data);
	free_facts(all);
}

static void every_other_length_is_refused(void **state)
{
	struct facts *all = make_facts(8, FACTS, 100);
	struct bytes bundle = bundle_of(all);
	size_t i;

	(void)state;
	assert_true(bundle.size > LOY__BUNDLE_BLOCK);
	for (i = 0; i < bundle.size; i += 1 + (i > 300 && i + 300 < bundle.size) * 97)
		assert_int_equal(read_bundle(bundle.data, i, all, NULL), LOY_EFORMAT);
	bundle.data = realloc(bundle.data, bundle.size + 1);
	bundle.data[bundle.size] = 0;
	assert_int_equal(read_bundle(bundle.data, bundle.size + 1, all, NULL), LOY_EFORMAT);
	free(bundle.data);
	free_facts(all);
}

/* Make the checksums right again, so that only the structure is wrong. */
static void seal(uint8_t *data, size_t size)
{
	uint32_t sum = loy__crc32c(0, data, 28);
	size_t at = 32, k;

	for (k = 0; k < 4; k++)
		data[28 + k] = (uint8_t)(sum >> 8 * k);
	while (at + 12 <= size) {
		size_t length = data[at + 4] | (size_t)data[at + 5] << 8 | (size_t)data[at + 6] << 16;

		if (at + 12 + length > size)
			break;
		sum = loy__crc32c(sum, data + at, 8 + length);
		for (k = 0; k < 4; k++)
			data[at + 8 + length + k] = (uint8_t)(sum >> 8 * k);
		at += 12 + length;
	}
}

/* One record of 5 bytes: the head is 32 bytes, then type and length, then the record. */
static loy_status changed(size_t at, uint8_t to)
{
	struct facts *all = make_facts(1, 1, 1);
	struct bytes bundle;
	loy_status status;
	loy_error error = {.struct_size = sizeof(error)};

	all->fact[0].type = LOY_RECORD_EVENT;
	all->fact[0].tag.life = 1;
	all->fact[0].tag.number = 5;
	all->fact[0].body = (const uint8_t *)"\x04five";
	all->fact[0].size = 5;
	bundle = bundle_of(all);
	assert_int_equal(bundle.data[at] == to, 0);
	bundle.data[at] = to;
	seal(bundle.data, bundle.size);
	all->count = 0; /* nothing may be read */
	status = loy__bundle_reader_init(&(loy__bundle_reader){0}, bundle.data, bundle.size, &error);
	if (status == LOY_OK)
		status = read_bundle(bundle.data, bundle.size, all, &error);
	free(bundle.data);
	free_facts(all);
	return status;
}

static void structure_is_held_to(void **state)
{
	(void)state;
	assert_int_equal(changed(0, 'M'), LOY_EFORMAT);
	assert_int_equal(changed(8, 2), LOY_EVERSION);
	assert_int_equal(changed(8, 0), LOY_EFORMAT);
	assert_int_equal(changed(12, 1), LOY_EFORMAT); /* flags */
	assert_int_equal(changed(24, 1), LOY_EFORMAT); /* reserved */
	assert_int_equal(changed(32, 3), LOY_EFORMAT); /* a type of block nobody knows */
	assert_int_equal(changed(40, 0), LOY_EFORMAT); /* types of records nobody knows */
	assert_int_equal(changed(40, 7), LOY_EFORMAT);
	assert_int_equal(changed(40, 0x81), LOY_EFORMAT); /* follows nothing */
	assert_int_equal(changed(49, 0x85), LOY_EFORMAT); /* the number swallows the length */
	assert_int_equal(changed(50, 6), LOY_EFORMAT);    /* longer than the block */
	assert_int_equal(changed(50, 0xff), LOY_EFORMAT); /* longer than any record */
}

/* A bundle of blocks whose payloads are given, terminated by a NULL; the end says `records`. */
struct block {
	const char *payload;
	size_t size;
};

static loy_status read_blocks(const struct block *block, uint8_t records, int64_t *byte)
{
	static const uint8_t head[32] = {'L', 'O', 'Y', 'B', 'N', 'D', 'L', 0, 1};
	loy_error error = {.struct_size = sizeof(error)};
	uint8_t data[300] = {0};
	size_t at = sizeof(head);
	loy__bundle_reader r;
	loy_status status;
	loy__fact fact;

	memcpy(data, head, sizeof(head));
	for (; block->payload != NULL; block++) {
		data[at] = 1;
		data[at + 4] = (uint8_t)block->size;
		memcpy(data + at + 8, block->payload, block->size);
		at += 12 + block->size;
	}
	data[at] = 2;
	data[at + 4] = 16;
	data[at + 8] = records & 0x7f;
	at += 28;
	data[at - 12] = (uint8_t)(at + (records & 0x80)); /* the bytes are wrong when asked for */
	seal(data, at);
	status = loy__bundle_reader_init(&r, data, at, &error);
	while (status == LOY_OK)
		status = loy__bundle_next(&r, &fact, &error);
	*byte = error.byte;
	return status;
}

#define RECORD(type, life, number, body) type life "\0\0\0\0\0\0\0" number "\1" body
#define BLOCK(text)                                                                                          \
	{                                                                                                    \
		text, sizeof(text) - 1                                                                       \
	}

static void there_is_one_way_to_write_a_bundle(void **state)
{
	static const struct block good[] = {
	        BLOCK(RECORD("\1", "\7", "\5", "a") "\x81\1"
	                                            "b" RECORD("\1", "\7", "\x9", "c")),
	        {NULL, 0}};
	static const struct {
		const char *flaw;
		struct block blocks[3];
		uint8_t records; /* with 128: and the end tells of other bytes */
		int64_t byte;
	} bad[] = {
	        {"two blocks where one would do",
	         {BLOCK(RECORD("\1", "\7", "\5", "a")), BLOCK(RECORD("\1", "\7", "\5", "b"))},
	         2,
	         32 + 12 + 12 + 8},
	        {"an empty block", {BLOCK("")}, 0, 40},
	        {"a successor that does not say so",
	         {BLOCK(RECORD("\1", "\7", "\5", "a") RECORD("\1", "\7", "\6", "b"))},
	         2,
	         52},
	        {"a long form of a number", {BLOCK(RECORD("\1", "\7", "\x85\0", "a"))}, 1, 40},
	        {"a number beyond those of spans",
	         {BLOCK(RECORD("\1", "\7", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", "a"))},
	         1,
	         40},
	        {"a record that goes on after its block", {BLOCK("\1\7\0\0\0\0\0\0\0\5\2a")}, 1, 40},
	        {"a record no journal takes",
	         {BLOCK(RECORD("\1", "\7", "\5", "a") "\x81\xff\xff\x7f"
	                                              "b")},
	         2,
	         52},
	        {"another number of bytes", {BLOCK(RECORD("\1", "\7", "\5", "a"))}, 0x81, 32 + 24 + 8 + 16},
	        {"another number of records", {BLOCK(RECORD("\1", "\7", "\5", "a"))}, 2, 32 + 24 + 8 + 16},
	};
	int64_t byte;
	size_t i;

	(void)state;
	assert_int_equal(read_blocks(good, 3, &byte), LOY_ENOTFOUND);
	for (i = 0; i < LOY__COUNT(bad); i++) {
		if (read_blocks(bad[i].blocks, bad[i].records, &byte) != LOY_EFORMAT)
			fail_msg("%s was accepted", bad[i].flaw);
		if (byte != bad[i].byte)
			fail_msg("%s: byte %lld", bad[i].flaw, (long long)byte);
	}
}

/* A record that begins where its block is full already; an end that is longer, or is not the end. */
static void blocks_end_when_they_are_full(void **state)
{
	struct facts *all = make_facts(1, 2, 1);
	uint8_t *body = calloc(1, LOY__BUNDLE_BLOCK), *data;
	struct bytes bundle;
	size_t first;

	(void)state;
	all->fact[0].body = all->fact[1].body = body;
	all->fact[0].size = LOY__BUNDLE_BLOCK;
	all->fact[1].tag = all->fact[0].tag;
	all->fact[1].tag.life++;
	all->fact[1].size = 1;
	bundle = bundle_of(all);
	assert_int_equal(read_bundle(bundle.data, bundle.size, all, NULL), LOY_ENOTFOUND);
	/* make one block of the two */
	first = 40 + bundle.data[36] + ((size_t)bundle.data[37] << 8) + ((size_t)bundle.data[38] << 16);
	data = malloc(bundle.size);
	assert_non_null(data);
	memcpy(data, bundle.data, first);
	memcpy(data + first, bundle.data + first + 12, bundle.size - first - 12);
	data[36] = (uint8_t)(data[36] + bundle.data[first + 8]);
	assert_true(data[36] >= bundle.data[36]);
	bundle.size -= 12;
	data[bundle.size - 12] = (uint8_t)bundle.size;
	data[bundle.size - 11] = (uint8_t)(bundle.size >> 8);
	seal(data, bundle.size);
	all->count = 1; /* the second may not be read */
	assert_int_equal(read_bundle(data, bundle.size, all, NULL), LOY_EFORMAT);
	free(data);
	free(bundle.data);
	free(body);
	free_facts(all);
}

static void the_end_is_the_end(void **state)
{
	struct facts *all = make_facts(1, 0, 1);
	struct bytes bundle = bundle_of(all);
	uint8_t data[200] = {0};

	(void)state;
	memcpy(data, bundle.data, bundle.size);
	data[36] = 20; /* longer */
	data[bundle.size - 12] = (uint8_t)(bundle.size + 4);
	seal(data, bundle.size + 4);
	assert_int_equal(read_bundle(data, bundle.size + 4, all, NULL), LOY_EFORMAT);
	memcpy(data, bundle.data, bundle.size); /* another after it */
	memcpy(data + bundle.size, bundle.data + 32, bundle.size - 32);
	seal(data, 2 * bundle.size - 32);
	assert_int_equal(read_bundle(data, 2 * bundle.size - 32, all, NULL), LOY_EFORMAT);
	free(bundle.data);
	free_facts(all);
}

static void sinks_may_stop(void **state)
{
	struct facts *all = make_facts(9, 200, 2000);
	struct bytes whole = bundle_of(all);
	int i;

	(void)state;
	assert_true(whole.calls > 10);
	for (i = 0; i < whole.calls; i++) {
		struct bytes out = {.stop_at = i};

		assert_int_equal(write_bundle(all, NULL, &out), LOY_ECANCELLED);
		assert_int_equal(out.calls, i + 1);
		free(out.data);
	}
	free(whole.data);
	free_facts(all);
}

static void memory_may_run_out(void **state)
{
	struct facts *all = make_facts(9, 200, 2000);
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		struct bytes out = {.stop_at = -1};

		status = write_bundle(all, &memory, &out);
		assert_int_equal(heap.live, 0);
		free(out.data);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 5);
	free_facts(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_written_is_read),
	        cmocka_unit_test(the_longest_records_pass),
	        cmocka_unit_test(bytes_are_as_documented),
	        cmocka_unit_test(every_flipped_bit_is_found),
	        cmocka_unit_test(every_other_length_is_refused),
	        cmocka_unit_test(structure_is_held_to),
	        cmocka_unit_test(there_is_one_way_to_write_a_bundle),
	        cmocka_unit_test(blocks_end_when_they_are_full),
	        cmocka_unit_test(the_end_is_the_end),
	        cmocka_unit_test(sinks_may_stop),
	        cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
