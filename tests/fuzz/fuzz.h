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
	char *block;

	FUZZ_CHECK(size != 0);
	if (heap->requests++ == heap->until)
		return NULL;
	block = malloc(size + 16);
	if (block == NULL)
		return NULL;
	memcpy(block, &size, sizeof(size));
	heap->live++;
	return block + 16;
}

static inline void fuzz_release(void *block, size_t size, void *user_data)
{
	struct fuzz_heap *heap = user_data;

	FUZZ_CHECK(memcmp((char *)block - 16, &size, sizeof(size)) == 0);
	free((char *)block - 16);
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
