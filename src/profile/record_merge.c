/* Adding records, and telling whether two are equal: entry by entry, in the order both are kept in. */
#include "profile/record_walk.h"

/* Bring every entry of `from` to the walk: to plan, or to change. */
static void visit_entries(loy__walk *walk, int step, const loy__record *from)
{
	const uint64_t *data = from->words + from->entries;
	size_t i;

	for (i = 0; i < from->entries; i++) {
		uint64_t entry = from->words[i], v[LOY__SLOTS], u[LOY__SLOTS];
		uint32_t class = loy__entry_class(entry);

		if (loy__open(walk, step, class, entry, v)) {
			loy__load(class, entry, data, u);
			loy__entry_combine(class, v, u);
			loy__close(walk, class, v);
		}
		data += loy__entry_words(entry);
	}
	for (i = 0; i < from->months; i++)
		loy__walk_month(walk, step, loy__record_months_read(from)[i]);
}

static loy_status merge(loy__record **into, const loy__record *from, const loy_allocator *memory)
{
	loy__record *record = *into;
	loy__walk walk;
	loy_status status;

	if (from->operations > LOY__OPERATIONS_MAX - record->operations ||
	    from->magnitude > (uint64_t)INT64_MAX - record->magnitude)
		return LOY_EOVERFLOW;
	loy__walk_init(&walk, record);
	visit_entries(&walk, LOY__PLAN, from);
	status = loy__record_reserve(into, walk.growth, memory);
	if (status != LOY_OK)
		return status;
	record = *into;
	loy__walk_init(&walk, record);
	visit_entries(&walk, LOY__CHANGE, from);
	record->operations += from->operations;
	record->retracted = (record->retracted + from->retracted) & LOY__RETRACTED_MASK;
	record->magnitude += from->magnitude;
	record->dropped |= from->dropped;
	return LOY_OK;
}

loy_status loy__record_merge(loy__record **into, const loy__record *from, const loy_allocator *memory)
{
	loy__record *copy;
	loy_status status;

	if (from == NULL)
		return LOY_OK;
	if (*into == NULL)
		return loy__record_copy(into, from, memory);
	if (*into != from)
		return merge(into, from, memory);
	/* with itself: what is read must not change meanwhile */
	status = loy__record_copy(&copy, from, memory);
	if (status != LOY_OK || copy == NULL) /* NULL: it was cleared */
		return status;
	status = merge(into, copy, memory);
	loy__record_free(copy, memory);
	return status;
}

int loy__record_equal(const loy__record *a, const loy__record *b)
{
	const uint64_t *at, *bt;
	size_t i, k;

	a = a != NULL ? a : &loy__record_empty;
	b = b != NULL ? b : &loy__record_empty;
	if (a->operations != b->operations || a->retracted != b->retracted || a->magnitude != b->magnitude ||
	    a->dropped != b->dropped || a->entries != b->entries || a->months != b->months)
		return 0;
	for (i = 0; i < a->months; i++) {
		if (loy__record_months_read(a)[i] != loy__record_months_read(b)[i])
			return 0;
	}
	at = a->words + a->entries;
	bt = b->words + b->entries;
	for (i = 0; i < a->entries; i++) {
		uint64_t x = a->words[i], y = b->words[i], v[LOY__SLOTS], u[LOY__SLOTS];
		uint32_t class = loy__entry_class(x);

		if ((x ^ y) >> loy__class_shift(class) != 0)
			return 0;
		loy__load(class, x, at, v);
		loy__load(class, y, bt, u);
		for (k = 0; k < loy__entry_slots[class]; k++) {
			if (v[k] != u[k])
				return 0;
		}
		at += loy__entry_words(x);
		bt += loy__entry_words(y);
	}
	return 1;
}
