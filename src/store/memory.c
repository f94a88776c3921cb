/* A limit on what a store holds: an allocator in front of the caller's. */
#include "store/store.h"

/* Whether `more` bytes may be held. */
static int allows(const loy__budget *budget, uint64_t more)
{
	return budget->limit == 0 || (budget->held <= budget->limit && more <= budget->limit - budget->held);
}

/* Whose refusal the latest was, the limit's or the caller's allocator's. What comes true in between changes nothing. */
static void *budget_allocate(size_t size, void *user_data)
{
	loy__budget *budget = user_data;
	int allowed = allows(budget, size);
	void *block = allowed ? loy__alloc(&budget->parent, size) : NULL;

	if (block != NULL)
		budget->held += size;
	else
		budget->refused = !allowed;
	return block;
}

static void *budget_resize(void *block, size_t old_size, size_t new_size, void *user_data)
{
	loy__budget *budget = user_data;
	int allowed = new_size <= old_size || allows(budget, new_size - old_size);
	void *moved = allowed ? loy__resize(&budget->parent, block, old_size, new_size) : NULL;

	if (moved != NULL)
		budget->held = budget->held - old_size + new_size;
	else
		budget->refused = !allowed;
	return moved;
}

static void budget_release(void *block, size_t size, void *user_data)
{
	loy__budget *budget = user_data;

	loy__free(&budget->parent, block, size);
	budget->held -= size;
}

loy_allocator loy__budget_allocator(loy__budget *budget)
{
	loy_allocator memory = {budget_allocate, budget_resize, budget_release, budget};

	return memory;
}

loy_status loy__budget_status(loy__budget *budget, loy_status status)
{
	int refused = budget->refused;

	budget->refused = 0;
	return status == LOY_ENOMEM && refused ? LOY_ELIMIT : status;
}
