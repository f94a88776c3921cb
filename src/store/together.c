/*
 * Rows of a table that a store on files records together (window.c). Nothing may be in a profile that is not in the
 * journal, and a profile may refuse an event; so there is room first, for all of them. Then the rows are looked at in
 * their order: who was met before, is erased, or is part of somebody goes alone and ends the window. Then profiles get
 * them, and at last what they took is appended, in the order of the rows, which cannot fail.
 */
#include "store/ledger_state.h"
#include "store/table.h"

#define IS_OPTIONAL(NAME, NUMBER, ...) +((NUMBER) <= LOY_FIELD_OPTIONAL_LAST)
_Static_assert(LOY__EVENT_BYTES(0 LOY_FIELD_MAP(IS_OPTIONAL)) <= LOY__JOURNAL_PLACE,
               "an event with all fields has room");

size_t loy__together_bytes(const loy__rows *rows)
{
	uint64_t left = rows->present;
	size_t fields = 0;

	for (; left != 0; left &= left - 1)
		fields++;
	return LOY__EVENT_BYTES(fields);
}

uint32_t loy__together_begin(loy_store *store, uint64_t rows, size_t bytes)
{
	const struct loy__ledger *ledger = store->ledger;
	uint64_t most = rows < LOY__TOGETHER ? rows : LOY__TOGETHER, left;

	if (ledger->durability == LOY_DURABLE_GROUP) {
		left = ledger->group_events > ledger->since_commit
		               ? ledger->group_events - ledger->since_commit
		               : 0;
		most = most < left ? most : left;
	}
	/* No more than this journal file has room for, a life announced included, so that it is filled to the end. */
	left = loy__journal_fits(ledger->journal, bytes);
	most = most < left ? most : left > 0 ? left - 1 : 0;
	if (most < LOY__TOGETHER_LEAST || loy__ledger_reserve_own(store, most, most * bytes) != LOY_OK ||
	    loy__known_reserve_run(store, most) != LOY_OK)
		return 0; /* why there is no room is told when rows come one by one */
	return (uint32_t)most;
}

/* Erased as of then, or in a group. */
static int is_special(const loy_store *store, const loy__who *who, int64_t time)
{
	const struct loy__ledger *ledger = store->ledger;
	loy__glance glance;

	if (LOY__UNLIKELY(ledger->parties.parts != 0) &&
	    loy__parties_find(&ledger->parties, who) != LOY__NO_ENTRY)
		return 1;
	if (LOY__LIKELY(ledger->erasures.index.live == 0))
		return 0;
	glance.who.number = who->number;
	glance.time = time;
	loy__ref_hash(store, &glance.who);
	return loy__ledger_erased(store, &glance);
}

int loy__together_meet(loy_store *store, const loy__who *who, int64_t time, uint64_t high, uint64_t low)
{
	if (is_special(store, who, time))
		return 0;
	return (high == 0 && low == 0) || loy__known_enter(store, high, low) == LOY_OK;
}

void loy__together_forget(loy_store *store, uint64_t high, uint64_t low)
{
	if (high != 0 || low != 0)
		loy__known_forget(store, high, low);
}

/* Append an event whose bytes are in their place. */
static LOY__ALWAYS_INLINE void append(loy_store *store, const uint8_t *body, size_t size, int64_t time,
                                      uint64_t high, uint64_t low)
{
	struct loy__ledger *ledger = store->ledger;
	loy__identity identity = {high, low, 0};
	uint64_t position;

	if (high == 0 && low == 0) {
		(void)loy__journal_take(ledger->journal, LOY_RECORD_EVENT, size);
	} else {
		identity.digest = loy__siphash(0, 0, body, size);
		position = loy__journal_take(ledger->journal, LOY_RECORD_EVENT, size);
		loy__known_note(store, &identity, position);
	}
	if (time > ledger->newest)
		ledger->newest = time;
}

static void append_sale(loy_store *store, const loy__run *run, uint64_t row)
{
	uint8_t *body = loy__journal_place(store->ledger->journal);
	loy__sale sale;

	loy__run_sale(run, row, &sale);
	append(store, body, loy__sale_put(&sale, body), sale.time, sale.high, sale.low);
}

static void append_row(loy_store *store, uint64_t row)
{
	uint8_t *body = loy__journal_place(store->ledger->journal);
	loy_event *event = store->blocks->block[0].event;

	(void)loy__event_from_row(event, &store->blocks->rows, row, NULL);
	append(store, body, loy__event_put(event, body), event->time, event->identity_high,
	       event->identity_low);
}

void loy__together_append(const loy__window *w, const loy__table *table, uint64_t first, uint32_t count)
{
	loy_store *store = table->store;
	uint32_t row, recorded = 0;

	for (row = 0; row < count; row++)
		recorded += w->status[row] == LOY_OK;
	loy__ledger_tag_own(store, recorded);
	for (row = 0; row < count; row++) {
		if (LOY__UNLIKELY(w->status[row] != LOY_OK))
			continue;
		if (w->sales)
			append_sale(store, &w->run, first + row);
		else
			append_row(store, first + row);
	}
}
