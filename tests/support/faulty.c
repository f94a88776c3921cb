#include "support.h"

/* Each block carries its size in front, so that what the library says about it can be checked. */
#define HEADER 16u

static int refuses(struct faulty *heap)
{
	long request = heap->requests++;
	int refuse = heap->until >= 0 && (request == heap->until || (heap->forever && request > heap->until));

	heap->refused += refuse;
	return refuse;
}

static void check_size(const char *header, size_t said)
{
	size_t real;

	memcpy(&real, header, sizeof(real));
	if (real != said)
		fail_msg("the library says a block of %zu bytes has %zu", real, said);
}

static void *hand_out(struct faulty *heap, char *header, size_t size)
{
	memcpy(header, &size, sizeof(size));
	heap->bytes += size;
	if (heap->bytes > heap->peak)
		heap->peak = heap->bytes;
	return header + HEADER;
}

void *faulty_alloc(size_t size, void *user_data)
{
	struct faulty *heap = user_data;
	char *header;

	if (size == 0)
		fail_msg("a block of 0 bytes was asked for");
	if (refuses(heap))
		return NULL;
	header = malloc(size + HEADER);
	if (header == NULL)
		fail_msg("malloc of %zu bytes failed", size);
	memset(header + HEADER, 0xA5, size); /* whoever counts on zeroes is found out */
	heap->live++;
	return hand_out(heap, header, size);
}

void *faulty_resize(void *block, size_t old_size, size_t new_size, void *user_data)
{
	struct faulty *heap = user_data;
	char *fresh;

	if (block == NULL || new_size == 0)
		fail_msg("resize of no block, or to 0 bytes");
	check_size((char *)block - HEADER, old_size);
	if (refuses(heap))
		return NULL;
	fresh = malloc(new_size + HEADER); /* always moves: stale pointers are found out */
	if (fresh == NULL)
		fail_msg("malloc of %zu bytes failed", new_size);
	memset(fresh + HEADER, 0xA5, new_size);
	memcpy(fresh + HEADER, block, old_size < new_size ? old_size : new_size);
	memset((char *)block - HEADER, 0x5A, old_size + HEADER);
	free((char *)block - HEADER);
	heap->bytes -= old_size;
	return hand_out(heap, fresh, new_size);
}

void faulty_release(void *block, size_t size, void *user_data)
{
	struct faulty *heap = user_data;

	if (block == NULL)
		fail_msg("release of no block");
	check_size((char *)block - HEADER, size);
	memset((char *)block - HEADER, 0x5A, size + HEADER);
	free((char *)block - HEADER);
	heap->bytes -= size;
	heap->live--;
}

loy_allocator faulty_allocator(struct faulty *heap)
{
	loy_allocator memory = {faulty_alloc, faulty_resize, faulty_release, heap};

	return memory;
}
