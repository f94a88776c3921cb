/*
 * Tables by customer. Most of the time that an event takes goes by while its customer's index slot, entry and record
 * come from memory. In a long table customers come again and again, so a window of rows is read, in their order, and
 * what can be said without a profile is said: which rows are flawed, which were seen before. The others are sorted by
 * customer, rows of one customer staying in order, and each customer is visited once (visit.c). As profiles are sums,
 * it makes no difference in what order customers have their turn.
 *
 * The larger a store, the farther away are its records, and the more rows it takes until customers come again: windows
 * are as large as a small part of what the store holds. What is known of a row is copied to the part of the window its
 * customer belongs to, so that a part lies side by side and is small enough to be sorted and gone through at hand.
 */
#include "store/table.h"

#define ROWS_LEAST 512u /* fewer have too few customers in common */
#define SHARE      8u   /* of what the store holds or may still hold, a window takes no more than this part */
#define ALONE      LOY_ESTATE /* of a row that has to be settled by itself */

/* ---- memory ---- */

/* Bytes of a window. */
static size_t window_size(uint32_t rows)
{
	return sizeof(loy__window) + rows * (sizeof(loy__run_row) + sizeof(uint64_t) + sizeof(loy_status)) +
	       loy__visits_size(rows);
}

/* Rows that a window for so many should take; 0: none. */
static uint32_t capacity_for(const loy__table *table, uint64_t rows)
{
	const loy_store *store = table->store;
	const loy__budget *budget = &store->budget;
	const uint64_t row_size = window_size(LOY__WINDOW_MOST) / LOY__WINDOW_MOST;
	const int journaled = store->ledger != NULL;
	uint32_t limit = journaled && store->window_most > LOY__TOGETHER ? LOY__TOGETHER : store->window_most;
	uint32_t least = journaled ? LOY__TOGETHER_LEAST : limit < ROWS_LEAST ? limit : ROWS_LEAST;
	uint64_t most = rows < limit ? rows : limit, share = budget->held / SHARE / row_size;

	if (most > store->window && most > share)
		most = share > store->window ? share : store->window;
	share = (budget->limit - budget->held) / SHARE / row_size;
	if (budget->limit != 0 && most > share)
		most = share;
	return most < least ? 0 : (uint32_t)most;
}

loy__window *loy__window_open(const loy__table *table, uint64_t rows)
{
	const int journaled = table->store->ledger != NULL;
	uint32_t most = capacity_for(table, rows);
	loy__window *w;

	if (!table->store->blocks->rows.plain || table->store->pseudonymous || most == 0)
		return NULL;
	w = loy__alloc(&table->store->memory, window_size(most));
	if (w == NULL)
		return NULL;
	memset(w, 0, sizeof(*w));
	w->size = window_size(most);
	w->capacity = most;
	w->parts = (most - 1) / table->store->part + 1;
	w->parts = w->parts < LOY__PARTS ? w->parts : LOY__PARTS;
	w->rows = (loy__run_row *)(w + 1);
	w->hash = (uint64_t *)(w->rows + most);
	w->visits = (loy__visits *)(w->hash + most);
	w->status = (loy_status *)((uint8_t *)w->visits + loy__visits_size(most));
	loy__visits_init(w->visits, most, &w->run, &table->store->record_memory, 0);
	w->sorts = !journaled || most >= ROWS_LEAST;
	w->row_bytes = journaled ? loy__together_bytes(&table->store->blocks->rows) : 0;
	w->collects = loy__run_prepare(&w->run, table->store->schema, &table->store->blocks->rows);
	w->sales = w->collects && w->run.sales;
	w->identified = w->sales && (table->store->flags & LOY_STORE_TRUSTED) == 0 &&
	                (journaled || w->run.high != NULL || w->run.low != NULL);
	w->hands = loy__hands_open(table, w);
	w->shares = loy__hands_count(w->hands);
	return w;
}

void loy__window_close(loy__window *w, const loy__table *table)
{
	if (w->hands != NULL)
		loy__hands_close(w->hands, table);
	loy__free(&table->store->memory, w, w->size);
}

void loy__window_widen(loy__window **w, const loy__table *table, uint64_t rows)
{
	loy__window *wider;

	if (LOY__LIKELY(capacity_for(table, rows) / 2 < (*w)->capacity))
		return;
	wider = loy__window_open(table, rows);
	if (wider == NULL)
		return;
	loy__window_close(*w, table);
	*w = wider;
}

/* ---- reading rows, in their order ---- */

static LOY__ALWAYS_INLINE void add_row(loy__window *w, uint64_t hash, uint32_t row)
{
	w->hash[row] = hash;
	w->end[row / w->share_rows][loy__window_part(w, hash)]++;
	w->count++;
}

/* Whether an event was seen before, as far as that can be said here: LOY_ENOMEM, or ALONE, end the window. */
static loy_status identify(loy_store *store, const loy__arrival *arrival, const loy_event *event)
{
	loy_status status;

	if (store->ledger != NULL)
		return loy__together_meet(store, &arrival->who, event->time, event->identity_high,
		                          event->identity_low)
		               ? LOY_OK
		               : ALONE;
	if (!arrival->identified)
		return LOY_OK;
	status = loy__store_identify(store, arrival, NULL);
	if (status == LOY_OK)
		loy__identities_add(&store->identities, arrival->identity_hash, &arrival->identity);
	return status;
}

/* Say what can be said of the rows of a block; what ends the window otherwise. */
static loy_status take_block(loy__window *w, const loy__table *table, loy__block *block, uint32_t row)
{
	loy_store *store = table->store;
	uint32_t i;

	for (i = 0; i < block->count; i++) {
		if (LOY__UNLIKELY(block->status[i] == LOY_OK && block->event[i].time > table->latest_time))
			block->status[i] = LOY_EFUTURE;
		if (LOY__LIKELY(block->status[i] == LOY_OK))
			block->status[i] = loy__store_arrive(store, &block->event[i], &block->arrival[i]);
	}
	for (i = 0; i < block->count; i++) {
		const loy__arrival *arrival = &block->arrival[i];
		loy_status status = block->status[i];

		if (LOY__LIKELY(status == LOY_OK))
			status = identify(store, arrival, &block->event[i]);
		w->status[row + i] = status;
		if (LOY__LIKELY(status == LOY_OK))
			add_row(w, arrival->who.hash, row + i);
		else if (status == LOY_ENOMEM || status == ALONE)
			return status;
	}
	return LOY_OK;
}

/* The same for a sale of a store on files. */
static LOY__NOINLINE loy_status meet_sale(const loy__window *w, loy_store *store, uint64_t row)
{
	loy__sale sale;
	loy__who who;

	loy__run_sale(&w->run, row, &sale);
	who = loy__who_number(&store->numbered, sale.customer);
	return loy__together_meet(store, &who, sale.time, sale.high, sale.low) ? LOY_OK : ALONE;
}

/* Whether a sale was seen before; `mark` is its own. */
static LOY__ALWAYS_INLINE loy_status identify_sale(const loy__window *w, loy_store *store, uint64_t row,
                                                   uint64_t mark)
{
	loy__arrival arrival;
	loy__identity *identity = &arrival.identity;
	loy_status status;

	identity->digest = mark;
	loy__run_identity(&w->run, row, &identity->high, &identity->low);
	if ((identity->high == 0 && identity->low == 0) ||
	    LOY__LIKELY(loy__identities_follow(&store->identities, identity)))
		return LOY_OK;
	arrival.identity_hash = loy__identities_hash(&store->identities, identity->high, identity->low);
	status = loy__store_identify(store, &arrival, NULL);
	if (status == LOY_OK)
		loy__identities_add(&store->identities, arrival.identity_hash, identity);
	return status;
}

static LOY__ALWAYS_INLINE loy_status look_at_sale(const loy__window *w, loy_store *store, uint64_t row)
{
	if (!w->identified)
		return LOY_OK;
	if (w->row_bytes != 0)
		return meet_sale(w, store, row);
	return identify_sale(w, store, row, loy__run_mark(&w->run, row));
}

/* Rows that are fine as far as they themselves go. */
static LOY__ALWAYS_INLINE loy_status take_sales(loy__window *w, const loy__table *table, uint64_t first,
                                                uint32_t row, uint32_t count)
{
	loy_store *store = table->store;
	uint32_t end = row + count;

	for (; row < end; row++) {
		loy_status status = look_at_sale(w, store, first + row);
		uint64_t customer = (uint64_t)loy__column_word(w->run.customer, first + row);

		w->status[row] = status;
		if (LOY__LIKELY(status == LOY_OK))
			add_row(w, loy__who_number(&store->numbered, customer).hash, row);
		else if (status == LOY_ENOMEM || status == ALONE)
			return status;
	}
	return LOY_OK;
}

/* All of it on this thread. */
static uint32_t read_alone(loy__window *w, const loy__table *table, uint64_t first, uint32_t count)
{
	loy__block *block = table->store->blocks->block;
	uint32_t row;

	for (row = 0; row < count; row += block->count) {
		block->count = count - row < LOY__BLOCK ? count - row : LOY__BLOCK;
		if (LOY__LIKELY(w->sales &&
		                loy__run_valid(&w->run, first + row, block->count, table->latest_time))) {
			w->stopped = take_sales(w, table, first, row, block->count);
		} else {
			loy__events_from_rows(block->event, &table->store->blocks->rows, first + row,
			                      block->count, block->status);
			w->stopped = take_block(w, table, block, row);
		}
		if (w->stopped == LOY_OK)
			continue;
		while (w->status[row] != w->stopped)
			row++;
		w->stopped = w->stopped == ALONE ? LOY_OK : w->stopped;
		return row;
	}
	return count;
}

/* A row that threads have read is not fine after all. */
static void take_out(loy__window *w, uint32_t row)
{
	w->end[row / w->share_rows][loy__window_part(w, w->hash[row])]--;
	w->count--;
}

/* Look at the identities of sales that threads have read: that takes their order. */
static uint32_t identify_read(loy__window *w, loy_store *store, uint64_t first, uint32_t count,
                              const uint64_t *mark)
{
	uint32_t row, read = count;

	for (row = 0; row < read; row++) {
		loy_status status = identify_sale(w, store, first + row, mark[row]);

		if (LOY__LIKELY(status == LOY_OK))
			continue;
		w->status[row] = status;
		take_out(w, row);
		if (status == LOY_ENOMEM) {
			w->stopped = status;
			read = row;
		}
	}
	for (row = read + 1; row < count; row++)
		take_out(w, row);
	return read;
}

/* Read `count` rows; less when memory ends, and then w->stopped says so. Returns how many were read. */
static uint32_t read_rows(loy__window *w, loy__table *table, uint64_t first, uint32_t count)
{
	uint64_t *mark = (uint64_t *)(void *)w->rows; /* where nothing is yet */

	if (w->hands == NULL || !w->sales || !loy__hands_read(w, table, first, count, mark)) {
		memset(w->end, 0, sizeof(w->end));
		return read_alone(w, table, first, count);
	}
	w->count = count;
	return w->identified ? identify_read(w, table->store, first, count, mark) : count;
}

/* Parts begin one behind the other, and in each the shares do. */
static void lay_out(loy__window *w)
{
	uint32_t sum = 0, part, share;

	for (part = 0; part < w->parts; part++) {
		for (share = 0; share < w->shares; share++) {
			uint32_t size = w->end[share][part];

			w->end[share][part] = sum;
			sum += size;
		}
	}
}

void loy__window_spread(loy__window *w, uint64_t first, uint32_t count, uint32_t share)
{
	const loy_column *kind = w->run.kind;
	uint32_t row = share * w->share_rows, *end = w->end[share];

	if (count > row + w->share_rows)
		count = row + w->share_rows;
	for (; row < count; row++) {
		loy__run_row *to;

		if (LOY__UNLIKELY(w->status[row] != LOY_OK))
			continue;
		to = &w->rows[end[loy__window_part(w, w->hash[row])]++];
		to->who = w->hash[row];
		to->row = row;
		to->collected = 1;
		to->left = 0;
		if (LOY__LIKELY(w->sales)) {
			to->time = loy__column_word(w->run.time, first + row);
			to->amount = loy__column_word(w->run.amount, first + row);
		} else {
			to->collected = w->collects && loy__integer_at(loy__column_at(kind, first + row),
			                                               kind->type) == LOY_KIND_PURCHASE;
		}
	}
}

/* ---- recording them ---- */

void loy__window_forget(loy_store *store, const loy_event *event)
{
	if (store->ledger != NULL)
		loy__together_forget(store, event->identity_high, event->identity_low);
	else if ((store->flags & LOY_STORE_TRUSTED) == 0)
		loy__identities_forget(&store->identities, event->identity_high, event->identity_low);
}

void loy__window_untried(loy__window *w, const loy__table *table, uint64_t first, uint32_t row)
{
	loy_event *event = table->store->blocks->block[0].event;

	w->revoked = 1;
	w->stopped = LOY_ENOMEM;
	w->status[row] = LOY_ENOMEM;
	(void)loy__table_read_row(table, first + row, event, NULL);
	loy__window_forget(table->store, event);
}

/* Rows from `at` to `limit`. Returns the first that was not tried because memory ended. */
static uint32_t record_part(loy__window *w, loy__table *table, uint64_t first, uint32_t at, uint32_t limit)
{
	uint32_t end;

	for (; at < limit && w->stopped == LOY_OK; at = end) {
		end = limit - at < LOY__STRETCH ? limit : at + LOY__STRETCH;
		(void)loy__visits_make(w->visits, w, table, first, at, end);
	}
	return at;
}

static void record_rows(loy__window *w, loy__table *table, uint64_t first, uint32_t read)
{
	uint32_t count = w->count, at = 0, part;

	lay_out(w);
	if (w->hands != NULL) { /* they leave few, which are one part */
		count = loy__hands_visit(w, table, first, read);
		at = record_part(w, table, first, 0, count);
	} else {
		loy__window_spread(w, first, read, 0);
		for (part = 0; part < w->parts && w->stopped == LOY_OK; part++)
			at = record_part(w, table, first, at, w->end[0][part]);
	}
	for (; at < count; at++)
		loy__window_untried(w, table, first, w->rows[at].row);
	table->store->events += loy__visits_events(w->visits);
}

/* ---- the fate of the rows ---- */

/*
 * Identities were forgotten, so a row that was taken for a repetition may be none: it has its turn now, or was not
 * tried either. When it is refused, the row it seemed to repeat was so before it: it is never the first that was.
 */
static LOY__NOINLINE void revise(loy__window *w, loy__table *table, uint64_t first, uint32_t count)
{
	loy_store *store = table->store;
	loy_event *event = store->blocks->block[0].event;
	loy__arrival arrival;
	uint32_t row;

	for (row = 0; row < count; row++) {
		loy_status was = w->status[row], status;

		if (was != LOY_EDUPLICATE && was != LOY_ECONFLICT)
			continue;
		(void)loy__table_read_row(table, first + row, event, NULL);
		(void)loy__store_arrive(store, event, &arrival); /* it did before, and needs no memory */
		store->duplicates -= was == LOY_EDUPLICATE;
		store->conflicts -= was == LOY_ECONFLICT;
		status = w->stopped == LOY_OK ? loy__store_settle(store, event, &arrival, NULL)
		                              : loy__store_identify(store, &arrival, NULL);
		if (w->stopped != LOY_OK && status == LOY_OK)
			status = LOY_ENOMEM;
		w->stopped = status == LOY_ENOMEM ? status : w->stopped;
		w->status[row] = status;
	}
}

/* A row that was not recorded. */
static LOY__NOINLINE void tell_row(const loy__window *w, loy__table *table, uint64_t row, loy_status status)
{
	loy_error detail = {.struct_size = sizeof(detail)};
	int refused = status != LOY_EDUPLICATE && status != LOY_ECONFLICT;

	if (refused && table->result.refused == 0) {
		if (row == w->refused)
			detail = w->detail;
		else /* once more, to be told why */
			(void)loy__table_read_row(table, row, table->store->blocks->block[0].event, &detail);
	}
	loy__table_count_row(table, row, status, &detail);
}

/* Tell the fate of `count` rows. Returns the first that was not tried, or the row behind them. */
static uint64_t tell_rows(const loy__window *w, loy__table *table, uint64_t first, uint32_t count)
{
	uint64_t untried = first + count;
	uint32_t row;

	if (table->row_status != NULL)
		memcpy(table->row_status + first, w->status, count * sizeof(*w->status));
	if (w->count == count && !w->revoked) { /* nothing was refused */
		table->result.recorded += count;
		return untried;
	}
	for (row = count; row-- > 0;) {
		if (w->status[row] == LOY_ENOMEM)
			untried = first + row;
	}
	for (row = 0; row < count; row++) {
		if (LOY__LIKELY(w->status[row] == LOY_OK))
			table->result.recorded++;
		else if (w->status[row] != LOY_ENOMEM)
			tell_row(w, table, first + row, w->status[row]);
	}
	return untried;
}

loy_status loy__window_record(loy__window *w, loy__table *table, uint64_t *next)
{
	uint64_t first = *next, left = table->rows - first;
	uint32_t count = left < w->capacity ? (uint32_t)left : w->capacity, read;

	if (w->row_bytes != 0)
		count = loy__together_begin(table->store, count, w->row_bytes);
	if (count == 0)
		return LOY_OK;
	w->share_rows = ((count - 1) / w->shares / LOY__BLOCK + 1) * LOY__BLOCK;
	w->count = 0;
	w->revoked = 0;
	w->stopped = LOY_OK;
	w->refused = UINT64_MAX;
	w->detail.struct_size = sizeof(w->detail);
	read = read_rows(w, table, first, count);
	record_rows(w, table, first, read);
	if (LOY__UNLIKELY(w->revoked))
		revise(w, table, first, read);
	if (w->row_bytes != 0)
		loy__together_append(w, table, first, read);
	*next = tell_rows(w, table, first, read);
	table->tried = first + read;
	return w->stopped;
}
