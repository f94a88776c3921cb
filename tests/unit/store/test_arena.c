#include "support.h"

#include "store/store.h"

/* A fixture: a faulty heap behind an arena. */
struct ground {
	struct faulty heap;
	loy_allocator below, memory;
	loy__arena arena;
};

static void set_up(struct ground *g, long until)
{
	memset(g, 0, sizeof(*g));
	g->heap.until = until;
	g->below = faulty_allocator(&g->heap);
	loy__arena_init(&g->arena, 4, &g->below);
	g->memory = loy__arena_allocator(&g->arena);
}

static void tear_down(struct ground *g)
{
	loy__arena_free(&g->arena);
	assert_int_equal(g->heap.live, 0);
	assert_int_equal(g->heap.bytes, 0);
}

static void blocks_are_little_larger_than_asked(void **state)
{
	struct ground g;
	size_t size, last = 0;

	(void)state;
	set_up(&g, -1);
	assert_int_equal(loy__arena_block(&g.arena, 0), 16);
	for (size = 1; size <= 4096; size++) {
		size_t block = loy__arena_block(&g.arena, size);

		assert_true(block >= size && block >= last && block % 16 == 0);
		if (size <= 1024)
			assert_true(block < size + 16);
		else
			assert_true(block <= size + size / 4 + 1); /* a quarter of a doubling */
		last = block;
	}
	assert_int_equal(loy__arena_block(&g.arena, 1025), 1280);
	assert_int_equal(loy__arena_block(&g.arena, 2048), 2048);
	assert_int_equal(loy__arena_block(&g.arena, 2049), 2560);
	assert_int_equal(loy__arena_block(&g.arena, UINT32_C(1) << 30), UINT32_C(1) << 30);
	assert_int_equal(loy__arena_block(&g.arena, (UINT32_C(1) << 30) + 1), 0);
	tear_down(&g);
	loy__arena_init(&g.arena, 3, &g.below);
	assert_int_equal(loy__arena_block(&g.arena, 1), 8);
	assert_int_equal(loy__arena_block(&g.arena, 17), 24);
	assert_int_equal(loy__arena_block(&g.arena, 256), 256);
	assert_int_equal(loy__arena_block(&g.arena, 513), 640);
}

static void blocks_given_back_are_handed_out_again(void **state)
{
	struct ground g;
	void *block, *other;

	(void)state;
	set_up(&g, -1);
	block = loy__alloc(&g.memory, 100);
	other = loy__alloc(&g.memory, 100);
	assert_non_null(block);
	assert_true((uintptr_t)block % 16 == 0 && (uintptr_t)other % 16 == 0);
	assert_int_equal(g.arena.used, 224);
	loy__free(&g.memory, block, 100);
	assert_int_equal(g.arena.used, 112);
	assert_ptr_equal(loy__alloc(&g.memory, 112), block);
	loy__free(&g.memory, block, 112);
	assert_ptr_not_equal(loy__alloc(&g.memory, 113), block); /* another class */
	assert_ptr_equal(loy__alloc(&g.memory, 97), block);
	assert_int_equal(g.heap.requests, 1);
	tear_down(&g);
}

static void resizing_keeps_content_and_extends_the_last_block_in_place(void **state)
{
	struct ground g;
	uint8_t *block, *grown;
	size_t i;

	(void)state;
	set_up(&g, -1);
	block = loy__alloc(&g.memory, 40);
	for (i = 0; i < 40; i++)
		block[i] = (uint8_t)i;
	assert_ptr_equal(loy__resize(&g.memory, block, 40, 48), block);  /* the same class */
	assert_ptr_equal(loy__resize(&g.memory, block, 48, 200), block); /* the last one */
	assert_int_equal(g.arena.used, 208);
	assert_ptr_equal(loy__resize(&g.memory, block, 200, 50), block);
	assert_int_equal(g.arena.used, 64);
	(void)loy__alloc(&g.memory, 16);
	grown = loy__resize(&g.memory, block, 50, 300);
	assert_ptr_not_equal(grown, block);
	for (i = 0; i < 40; i++)
		assert_int_equal(grown[i], i);
	assert_int_equal(g.arena.used, 16 + 304);
	(void)loy__alloc(&g.memory, 16);
	assert_ptr_equal(loy__resize(&g.memory, grown, 300, 64), block); /* what it left is used again */
	for (i = 0; i < 40; i++)
		assert_int_equal(block[i], i);
	tear_down(&g);
}

static void large_blocks_and_rests_of_chunks_are_used(void **state)
{
	struct ground g;
	uint64_t held;
	size_t i;

	(void)state;
	set_up(&g, -1);
	(void)loy__alloc(&g.memory, 16);
	(void)loy__alloc(&g.memory, 1 << 20); /* needs a chunk of its own; the rest of the first is kept */
	held = g.arena.held;
	for (i = 0; i < 16000 / 256; i++)
		assert_non_null(loy__alloc(&g.memory, 256));
	assert_int_equal(g.arena.held, held); /* all of them lie in what was left of the first chunk */
	tear_down(&g);
}

static void room_reserved_is_enough(void **state)
{
	struct ground g;
	long requests;
	size_t i;

	(void)state;
	set_up(&g, -1);
	assert_int_equal(loy__arena_reserve(&g.arena, 100000), LOY_OK);
	requests = g.heap.requests;
	assert_int_equal(loy__arena_reserve(&g.arena, 100000), LOY_OK);
	for (i = 0; i < 100000 / 400; i++)
		assert_non_null(loy__alloc(&g.memory, 400));
	assert_int_equal(g.heap.requests, requests);
	assert_int_equal(loy__arena_reserve(&g.arena, UINT64_MAX), LOY_ENOMEM);
	tear_down(&g);
}

/* Blocks from several parts, some given back to others, lie apart; what is left comes back. */
static void parts_share_what_there_is(void **state)
{
	enum { PARTS = 3, EACH = 100, SIZE = 48 };
	struct ground g;
	loy__arena part[PARTS];
	loy_allocator memory[PARTS];
	uint8_t *block[PARTS][EACH];
	uint64_t held;
	size_t i, p;

	(void)state;
	set_up(&g, -1);
	for (i = 0; i < PARTS * EACH; i++) /* half of what will be wanted was given back before */
		block[0][i % EACH] = loy__alloc(&g.memory, SIZE);
	for (i = 0; i < EACH; i++)
		loy__free(&g.memory, block[0][i], SIZE);
	for (p = 0; p < PARTS; p++) {
		loy__arena_part(&part[p], &g.arena, (uint32_t)p, PARTS);
		memory[p] = loy__arena_allocator(&part[p]);
	}
	loy__arena_split(&g.arena, part, PARTS, EACH * SIZE);
	held = g.arena.held;
	for (p = 0; p < PARTS; p++) {
		for (i = 0; i < EACH; i++) {
			block[p][i] = loy__alloc(&memory[p], SIZE);
			assert_non_null(block[p][i]);
			memset(block[p][i], (int)(p * EACH + i) % 251, SIZE);
		}
	}
	for (p = 0; p < PARTS; p++) {
		for (i = 0; i < EACH; i++) {
			assert_int_equal(block[p][i][0], (p * EACH + i) % 251);
			assert_int_equal(block[p][i][SIZE - 1], (p * EACH + i) % 251);
			loy__free(&memory[(p + i) % PARTS], block[p][i], SIZE);
		}
	}
	assert_null(loy__alloc(&memory[0], (size_t)1 << 20)); /* a part has no more than it was given */
	loy__arena_join(&g.arena, part, PARTS);
	assert_int_equal(g.arena.used, (PARTS - 1) * EACH * SIZE);
	for (p = 0; p < PARTS; p++)
		loy__arena_close(&g.arena, &part[p]);
	for (i = 0; i < (held - g.arena.used) / SIZE * 9 / 10; i++)
		assert_non_null(loy__alloc(&g.memory, SIZE));
	assert_int_equal(g.arena.held, held); /* all of it is there again, but for what chunks begin with */
	tear_down(&g);
}

/* Where there is no memory for more, parts share what was given back. */
static void parts_do_without_more_memory(void **state)
{
	struct ground g;
	loy__arena part[2];
	loy_allocator memory;
	void *block;

	(void)state;
	set_up(&g, -1);
	block = loy__alloc(&g.memory, 64);
	loy__free(&g.memory, block, 64);
	loy__arena_part(&part[0], &g.arena, 0, 2);
	loy__arena_part(&part[1], &g.arena, 1, 2);
	g.heap.until = 0;
	g.heap.forever = 1;
	g.heap.requests = 0;
	loy__arena_split(&g.arena, part, 2, (size_t)1 << 20);
	memory = loy__arena_allocator(&part[0]);
	assert_ptr_equal(loy__alloc(&memory, 64), block);
	assert_null(loy__alloc(&memory, 64));
	loy__free(&memory, block, 64);
	loy__arena_join(&g.arena, part, 2);
	assert_int_equal(g.arena.used, 0);
	assert_ptr_equal(loy__alloc(&g.memory, 64), block);
	tear_down(&g);
}

static void refusals_change_nothing(void **state)
{
	struct ground g;
	void *block;

	(void)state;
	set_up(&g, 0);
	g.heap.forever = 1;
	assert_null(loy__alloc(&g.memory, 16));
	assert_int_equal(loy__arena_reserve(&g.arena, 1), LOY_ENOMEM);
	g.heap.until = -1;
	block = loy__alloc(&g.memory, 16);
	assert_non_null(block);
	g.heap.until = 0;
	g.heap.requests = 0;
	assert_null(loy__resize(&g.memory, block, 16, 1 << 20));
	assert_null(loy__alloc(&g.memory, (UINT32_C(1) << 30) + 1u));
	assert_null(loy__resize(&g.memory, block, 16, (UINT32_C(1) << 30) + 1u));
	assert_int_equal(g.arena.used, 16);
	tear_down(&g);
}

/* Chunks have a part of what is held, up to 64 MiB; blocks cannot grow beyond the largest class. */
static void chunks_and_blocks_have_a_largest_size(void **state)
{
	const size_t most = (size_t)64 << 20;
	struct ground g;
	void *block;

	(void)state;
	set_up(&g, -1);
	g.arena.held = (uint64_t)40 * most; /* as if so much were there */
	block = loy__alloc(&g.memory, 16);
	assert_non_null(block);
	assert_int_equal(g.heap.bytes, most);
	assert_null(loy__resize(&g.memory, block, 16, ((size_t)1 << 30) + 1));
	assert_null(loy__arena_run(&g.arena, SIZE_MAX - 7)); /* the next multiple of 16 would be 0 */
	g.heap.until = g.heap.requests;
	g.heap.forever = 1;
	assert_null(loy__arena_run(&g.arena, most));
	assert_non_null(loy__arena_run(&g.arena, 1000));
	assert_int_equal(g.heap.refused, 1);
	tear_down(&g);
}

static void close_to_a_limit_what_is_needed_is_still_found(void **state)
{
	struct faulty heap = {.until = -1};
	loy__budget budget = {.limit = 100000};
	loy_allocator memory;
	loy__arena arena;
	uint64_t used;

	(void)state;
	budget.parent = faulty_allocator(&heap);
	memory = loy__budget_allocator(&budget);
	loy__arena_init(&arena, 4, &memory);
	{
		loy_allocator blocks = loy__arena_allocator(&arena);

		while (loy__alloc(&blocks, 512) != NULL)
			;
	}
	used = arena.used;
	assert_true(used > 96000 && arena.held <= 100000);
	assert_int_equal(budget.held, arena.held);
	assert_int_equal(loy__budget_status(&budget, LOY_ENOMEM), LOY_ELIMIT);
	assert_int_equal(loy__budget_status(&budget, LOY_ENOMEM), LOY_ENOMEM);
	assert_int_equal(loy__budget_status(&budget, LOY_OK), LOY_OK);
	loy__arena_free(&arena);
	assert_int_equal(budget.held, 0);
	assert_int_equal(heap.live, 0);
}

static void a_budget_counts_what_is_resized(void **state)
{
	struct faulty heap = {.until = -1};
	loy__budget budget = {.limit = 100};
	loy_allocator memory;
	void *block;

	(void)state;
	budget.parent = faulty_allocator(&heap);
	memory = loy__budget_allocator(&budget);
	block = loy__alloc(&memory, 60);
	assert_null(loy__alloc(&memory, 41));
	assert_null(loy__resize(&memory, block, 60, 101));
	block = loy__resize(&memory, block, 60, 100);
	assert_int_equal(budget.held, 100);
	block = loy__resize(&memory, block, 100, 10);
	assert_int_equal(budget.held, 10);
	heap.until = heap.requests;
	assert_null(loy__resize(&memory, block, 10, 20));
	assert_int_equal(budget.held, 10);
	loy__free(&memory, block, 10);
	assert_int_equal(budget.held, 0);
	assert_int_equal(heap.live, 0);
}

/* Random work against a plain copy of every block. */
static void random_work_never_mixes_blocks_up(void **state)
{
	enum { BLOCKS = 300, STEPS = 60000 };
	static struct {
		uint8_t *at;
		size_t size;
		uint8_t fill;
	} blocks[BLOCKS];
	struct ground g;
	loy__random random;
	uint64_t expected = 0;
	size_t step, i, k;

	(void)state;
	memset(blocks, 0, sizeof(blocks));
	loy__random_init(&random, 7);
	set_up(&g, -1);
	for (step = 0; step < STEPS; step++) {
		size_t size = 1 + (size_t)loy__random_below(&random,
		                                            loy__random_below(&random, 8) == 0 ? 9000 : 600);

		i = (size_t)loy__random_below(&random, BLOCKS);
		for (k = 0; k < blocks[i].size; k++) {
			if (blocks[i].at[k] != blocks[i].fill)
				fail_msg("step %zu: block %zu changed at byte %zu", step, i, k);
		}
		if (blocks[i].at == NULL) {
			blocks[i].at = loy__alloc(&g.memory, size);
		} else if (loy__random_below(&random, 3) == 0) {
			loy__free(&g.memory, blocks[i].at, blocks[i].size);
			expected -= loy__arena_block(&g.arena, blocks[i].size);
			blocks[i].at = NULL;
			size = 0;
		} else {
			blocks[i].at = loy__resize(&g.memory, blocks[i].at, blocks[i].size, size);
			for (k = 0; k < size && k < blocks[i].size; k++)
				assert_int_equal(blocks[i].at[k], blocks[i].fill);
			expected -= loy__arena_block(&g.arena, blocks[i].size);
		}
		blocks[i].size = size;
		blocks[i].fill = (uint8_t)step;
		if (size != 0) {
			memset(blocks[i].at, blocks[i].fill, size);
			expected += loy__arena_block(&g.arena, size);
		}
		assert_int_equal(g.arena.used, expected);
	}
	tear_down(&g);
}

/* Records that grow together leave generations of smaller blocks behind. */
static void what_growing_blocks_leave_is_joined_and_used(void **state)
{
	enum { BLOCKS = 2000 };
	static uint8_t *block[BLOCKS];
	static size_t sizes[BLOCKS];
	struct ground g;
	loy__random random;
	size_t i, round;

	(void)state;
	loy__random_init(&random, 9);
	set_up(&g, -1);
	for (i = 0; i < BLOCKS; i++) {
		sizes[i] = 100;
		block[i] = loy__alloc(&g.memory, sizes[i]);
		memset(block[i], (int)(i & 255), sizes[i]);
	}
	for (round = 0; round < 40; round++) {
		for (i = 0; i < BLOCKS; i++) {
			size_t size = sizes[i] + 16 + 16 * (size_t)loy__random_below(&random, 4), k;

			if (i % 10 == 0)
				continue; /* some stay as they are and keep their places */
			block[i] = loy__resize(&g.memory, block[i], sizes[i], size);
			for (k = 0; k < sizes[i]; k++)
				assert_int_equal(block[i][k], i & 255);
			memset(block[i] + sizes[i], (int)(i & 255), size - sizes[i]);
			sizes[i] = size;
		}
	}
	/* without joining, every generation would still be there: about twenty times as much */
	assert_true(g.arena.held < g.arena.used + g.arena.used / 2);
	tear_down(&g);
}

static void without_memory_for_a_sweep_the_arena_still_grows(void **state)
{
	struct ground g;
	uint8_t *block[400];
	long before;
	size_t i;

	(void)state;
	set_up(&g, -1);
	for (i = 0; i < 400; i++)
		block[i] = loy__alloc(&g.memory, 64);
	for (i = 0; i < 400; i += 2)
		loy__free(&g.memory, block[i], 64);
	for (i = 0; i < 400; i += 2)
		loy__free(&g.memory, block[i + 1], 64);
	while (g.arena.left >= 512)
		(void)loy__alloc(&g.memory, 512);
	before = g.heap.requests;
	g.heap.until = before; /* the map of the sweep */
	assert_non_null(loy__alloc(&g.memory, 1000));
	assert_int_equal(g.heap.requests, before + 2); /* a chunk, then */
	g.heap.until = -1;
	tear_down(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(blocks_are_little_larger_than_asked),
	        cmocka_unit_test(blocks_given_back_are_handed_out_again),
	        cmocka_unit_test(resizing_keeps_content_and_extends_the_last_block_in_place),
	        cmocka_unit_test(large_blocks_and_rests_of_chunks_are_used),
	        cmocka_unit_test(room_reserved_is_enough),
	        cmocka_unit_test(parts_share_what_there_is),
	        cmocka_unit_test(parts_do_without_more_memory),
	        cmocka_unit_test(refusals_change_nothing),
	        cmocka_unit_test(chunks_and_blocks_have_a_largest_size),
	        cmocka_unit_test(close_to_a_limit_what_is_needed_is_still_found),
	        cmocka_unit_test(a_budget_counts_what_is_resized),
	        cmocka_unit_test(what_growing_blocks_leave_is_joined_and_used),
	        cmocka_unit_test(without_memory_for_a_sweep_the_arena_still_grows),
	        cmocka_unit_test(random_work_never_mixes_blocks_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
