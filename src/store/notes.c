/* Notes where records are: hints for whoever looks for the record of one customer. */
#include "store/store.h"

#define SHARE 8u /* of what a store may still hold, notes take no more than this part */

void loy__notes_move(loy__notes *notes, const loy__index *ix, const loy__budget *budget,
                     const loy_allocator *memory)
{
	uint64_t size =
	        ix->capacity * sizeof(*notes->note); /* as much as the index has: it fits in a size_t */

	loy__notes_free(notes, memory);
	notes->slots = ix->capacity;
	if (budget->limit == 0 || size <= (budget->limit - budget->held) / SHARE)
		notes->note = loy__alloc_zero(memory, (size_t)size);
}

void loy__notes_free(loy__notes *notes, const loy_allocator *memory)
{
	loy__free(memory, notes->note, (size_t)notes->slots * sizeof(*notes->note));
	notes->note = NULL;
	notes->slots = 0;
}
