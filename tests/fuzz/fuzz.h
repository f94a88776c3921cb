/*
 * What fuzz targets share. A target is fuzz_<what>.c with LLVMFuzzerTestOneInput and a folder of seeds
 * corpus/<what>/. Every build links it with replay.c and runs the seeds in ctest; -DLOY_FUZZ=ON (clang)
 * links it with libFuzzer, and tests/fuzz/run runs that.
 */
#ifndef LOY_TESTS_FUZZ_H
#define LOY_TESTS_FUZZ_H

#include <loyalty.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is; unlike assert it is never compiled away. */
#define FUZZ_CHECK(condition)                                                                                \
	do {                                                                                                 \
		if (!(condition)) {                                                                          \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                             \
		}                                                                                            \
	} while (0)

/* All fields of a profile can be read, and are what the registry says. */
static inline void fuzz_read_fields(const loy_profile *profile)
{
	loy_profile_field field;
	loy_value value;
	uint32_t i, k;

	for (i = 0; loy_profile_field_info(i, &field) == LOY_OK; i++) {
		uint32_t count = loy_profile_key_count(profile, field.id);
		uint64_t key = 0;

		for (k = 0; k < count; k += 1 + count / 8) {
			if (field.key != LOY_KEY_NONE)
				FUZZ_CHECK(loy_profile_key(profile, field.id, k, &key) == LOY_OK);
			FUZZ_CHECK(loy_profile_get(profile, field.id, key, 20000 * LOY_DAY, &value) ==
			           LOY_OK);
			FUZZ_CHECK(value.type == field.type && value.real == value.real);
		}
	}
}

/*
 * Where blocks lie. Under libFuzzer that is a pool which every input begins anew: a block costs next to nothing, and
 * what the address sanitizer is told of it makes it as strict as malloc() would be. Nothing in the pool is used twice
 * while one input is looked at, but for the large buffers that come and go; what does not fit comes from malloc().
 */
#ifdef LOY_FUZZ
#include <sanitizer/asan_interface.h>

#define FUZZ_POOL (UINT32_C(16) << 20)
#define FUZZ_HEAD                                                                                            \
	32u /* the size of the block, out of bounds for everybody else, at least 16 bytes in front */
#define FUZZ_LARGE 32768u

static struct fuzz_pool {
	int begun;
	size_t used, frees;
	struct {
		uint8_t *block;
		size_t size;
	} large[8]; /* given back */
	_Alignas(32) uint8_t bytes[FUZZ_POOL];
} fuzz_pool;

/* To be called before the first block of an input is asked for. */
static inline void fuzz_begin(void)
{
	__asan_poison_memory_region(fuzz_pool.bytes, fuzz_pool.begun ? fuzz_pool.used : FUZZ_POOL);
	fuzz_pool.begun = 1;
	fuzz_pool.used = fuzz_pool.frees = 0;
}

static inline int fuzz_in_pool(const uint8_t *block)
{
	return block >= fuzz_pool.bytes && block < fuzz_pool.bytes + FUZZ_POOL;
}

/* A large block that was given back, but not one of the last two. */
static inline uint8_t *fuzz_take_again(size_t size)
{
	uint8_t *block = NULL;
	size_t i;

	for (i = 0; i + 2 < fuzz_pool.frees && fuzz_pool.large[i].size != size; i++) {}
	if (i + 2 < fuzz_pool.frees) {
		block = fuzz_pool.large[i].block;
		fuzz_pool.frees--;
		memmove(&fuzz_pool.large[i], &fuzz_pool.large[i + 1],
		        (fuzz_pool.frees - i) * sizeof(fuzz_pool.large[0]));
		__asan_unpoison_memory_region(block, size);
	}
	return block;
}

static inline uint8_t *fuzz_block_create(size_t size)
{
	size_t whole = FUZZ_HEAD + (size + 16 + 31) / 32 * 32;
	uint8_t *block = size >= FUZZ_LARGE ? fuzz_take_again(size) : NULL;

	if (block != NULL)
		return block;
	if (whole < size || whole > FUZZ_POOL - fuzz_pool.used) {
		block = malloc(size + FUZZ_HEAD);
		if (block != NULL)
			memcpy(block, &size, sizeof(size));
		return block != NULL ? block + FUZZ_HEAD : NULL;
	}
	block = fuzz_pool.bytes + fuzz_pool.used + FUZZ_HEAD;
	fuzz_pool.used += whole;
	__asan_unpoison_memory_region(block - FUZZ_HEAD, sizeof(size));
	memcpy(block - FUZZ_HEAD, &size, sizeof(size));
	__asan_poison_memory_region(block - FUZZ_HEAD, sizeof(size));
	__asan_unpoison_memory_region(block, size);
	return block;
}

static inline void fuzz_block_destroy(uint8_t *block, size_t size)
{
	int pooled = fuzz_in_pool(block);

	if (pooled)
		__asan_unpoison_memory_region(block - FUZZ_HEAD, sizeof(size));
	FUZZ_CHECK(memcmp(block - FUZZ_HEAD, &size, sizeof(size)) == 0);
	if (!pooled) {
		free(block - FUZZ_HEAD);
		return;
	}
	__asan_poison_memory_region(block - FUZZ_HEAD, FUZZ_HEAD + size);
	if (size >= FUZZ_LARGE && fuzz_pool.frees < 8) {
		fuzz_pool.large[fuzz_pool.frees].block = block;
		fuzz_pool.large[fuzz_pool.frees++].size = size;
	}
}
#else
static inline void fuzz_begin(void)
{
}

static inline uint8_t *fuzz_block_create(size_t size)
{
	uint8_t *block = malloc(size + 16);

	if (block != NULL)
		memcpy(block, &size, sizeof(size));
	return block != NULL ? block + 16 : NULL;
}

static inline void fuzz_block_destroy(uint8_t *block, size_t size)
{
	FUZZ_CHECK(memcmp(block - 16, &size, sizeof(size)) == 0);
	free(block - 16);
}
#endif

/*
 * Memory that refuses request number `until` (none when negative), counts blocks and checks the sizes it is
 * told. Take `until` from a byte of the input, so that failures are part of what is explored, and
 * FUZZ_CHECK(heap.live == 0) at the end.
 */
struct fuzz_heap {
	long until, requests, live;
};

static inline void *fuzz_allocate(size_t size, void *user_data)
{
	struct fuzz_heap *heap = user_data;
	void *block;

	FUZZ_CHECK(size != 0);
	if (heap->requests++ == heap->until)
		return NULL;
	block = fuzz_block_create(size);
	heap->live += block != NULL;
	return block;
}

static inline void fuzz_release(void *block, size_t size, void *user_data)
{
	struct fuzz_heap *heap = user_data;

	fuzz_block_destroy(block, size);
	heap->live--;
}

static inline void *fuzz_resize(void *block, size_t old_size, size_t new_size, void *user_data)
{
	void *fresh = fuzz_allocate(new_size, user_data);

	if (fresh != NULL) {
		memcpy(fresh, block, old_size < new_size ? old_size : new_size);
		fuzz_release(block, old_size, user_data);
	}
	return fresh;
}

static inline loy_allocator fuzz_allocator(struct fuzz_heap *heap)
{
	loy_allocator memory = {fuzz_allocate, fuzz_resize, fuzz_release, heap};

	return memory;
}

#endif
