/* Memory, growing arrays, options structs and checked arithmetic. */
#include "core/core.h"

#include <stdlib.h>
#include <string.h>

/* Options structs are small: a larger size is a caller's uninitialised memory, not a later version. */
#define OPTIONS_SIZE_MAX 65536u

static void *system_allocate(size_t size, void *user_data)
{
	(void)user_data;
	return malloc(size);
}

static void *system_resize(void *block, size_t old_size, size_t new_size, void *user_data)
{
	(void)old_size;
	(void)user_data;
	return realloc(block, new_size);
}

static void system_release(void *block, size_t size, void *user_data)
{
	(void)size;
	(void)user_data;
	free(block);
}

loy_status loy__memory_adopt(loy_allocator *out, const loy_allocator *from)
{
	if (from == NULL) {
		out->allocate = system_allocate;
		out->resize = system_resize;
		out->release = system_release;
		out->user_data = NULL;
		return LOY_OK;
	}
	if (from->allocate == NULL || from->resize == NULL || from->release == NULL)
		return LOY_EINVAL;
	*out = *from;
	return LOY_OK;
}

/* The allocator's contract has no block of size 0, so an empty request is a request for one byte. */
static size_t at_least_one(size_t size)
{
	return size != 0 ? size : 1;
}

void *loy__alloc(const loy_allocator *memory, size_t size)
{
	return memory->allocate(at_least_one(size), memory->user_data);
}

void *loy__alloc_zero(const loy_allocator *memory, size_t size)
{
	void *block = loy__alloc(memory, size);

	if (block != NULL)
		memset(block, 0, at_least_one(size));
	return block;
}

void *loy__resize(const loy_allocator *memory, void *block, size_t old_size, size_t new_size)
{
	if (block == NULL)
		return loy__alloc(memory, new_size);
	return memory->resize(block, at_least_one(old_size), at_least_one(new_size), memory->user_data);
}

void loy__free(const loy_allocator *memory, void *block, size_t size)
{
	if (block != NULL)
		memory->release(block, at_least_one(size), memory->user_data);
}

loy_status loy__grow(const loy_allocator *memory, void **array, size_t *capacity, size_t need, size_t size,
                     size_t limit)
{
	size_t chosen, bytes;
	void *grown;

	if (need <= *capacity)
		return LOY_OK;
	if (need > limit)
		return LOY_ELIMIT;
	chosen = *capacity > limit / 2 ? limit : *capacity * 2;
	if (chosen < 4)
		chosen = limit < 4 ? limit : 4;
	if (chosen < need)
		chosen = need;
	if (!loy__mul_size(chosen, size, &bytes))
		return LOY_ENOMEM;
	grown = loy__resize(memory, *array, *capacity * size, bytes);
	if (grown == NULL)
		return LOY_ENOMEM;
	*array = grown;
	*capacity = chosen;
	return LOY_OK;
}

loy_status loy__options_read(void *out, size_t known, const void *options)
{
	const uint8_t *bytes = options;
	uint32_t size;
	size_t i;

	memset(out, 0, known);
	if (options == NULL)
		return LOY_OK;
	memcpy(&size, options, sizeof(size));
	if (size < sizeof(size) || size > OPTIONS_SIZE_MAX)
		return LOY_EINVAL;
	for (i = known; i < size; i++) {
		if (bytes[i] != 0)
			return LOY_EINVAL; /* a later version's option that we would silently ignore */
	}
	memcpy(out, options, size < known ? size : known);
	return LOY_OK;
}

loy_status loy__result_write(void *out, const void *result, size_t known)
{
	uint32_t size;

	if (out == NULL)
		return LOY_EINVAL;
	memcpy(&size, out, sizeof(size));
	if (size <= sizeof(size) || size > OPTIONS_SIZE_MAX)
		return LOY_EINVAL; /* not set: it could as well be too large for what lies there */
	memcpy((uint8_t *)out + sizeof(size), (const uint8_t *)result + sizeof(size),
	       (size < known ? size : known) - sizeof(size));
	return LOY_OK;
}

int loy__add_i64(int64_t a, int64_t b, int64_t *out)
{
	if (b > 0 ? a > INT64_MAX - b : a < INT64_MIN - b)
		return 0;
	*out = a + b;
	return 1;
}

int loy__mul_size(size_t a, size_t b, size_t *out)
{
	if (b != 0 && a > SIZE_MAX / b)
		return 0;
	*out = a * b;
	return 1;
}
