/*
 * Tables by customer. Most of the time that an event takes goes by while its customer's index slot, entry and record
 * come from memory. In a long table customers come again and again, so a window of rows is read, in their order, and
 * what can be said without a profile is said: which rows are flawed, which were seen before. The others are sorted by
 * customer, rows of one customer staying in order, and each customer is visited once. As profiles are sums, it makes
 * no difference in what order customers have their turn.
 *
 * Visits overlap: while some are made, what the next ones need is on its way, one step of the path further each time.
 */
#include "store/table.h"

#define ROW_BITS   LOY__WINDOW_BITS
#define ROW_MASK   ((UINT64_C(1) << ROW_BITS) - 1)
#define COLLECTED  (UINT64_C(1) << ROW_BITS) /* mark of a purchase that can be added up with others */
#define ROWS_LEAST 512u                      /* fewer have too few customers in common */
#define DIGIT_BITS 11
#define DIGITS     ((size_t)1 << DIGIT_BITS)
#define SHARE      8u  /* of what the store may still hold, a window takes no more than this part */
#define VISITS     32u /* in one step */
#define STEPS      5u
#define AHEAD      64u        /* items whose rows are fetched ahead */
#define ALONE      LOY_ESTATE /* of a row that has to be settled by itself */

/* ---- memory ---- */

struct visit {
	const uint64_t *items;
	uint64_t hash;
	uint32_t count, entry;
};

struct loy__visits {
	uint32_t at, fetched; /* items seen, and those whose rows were fetched */
	uint32_t count[STEPS];
	struct visit visit[STEPS][VISITS];
};

loy__window *loy__window_open(const loy__table *table, uint64_t rows)
{
	const loy__budget *budget = &table->store->budget;
	const size_t row_size = 2 * sizeof(uint64_t) + sizeof(loy_status);
	const size_t fixed = sizeof(loy__window) + sizeof(loy__visits) + 2 * DIGITS * sizeof(uint32_t) +
	                     LOY__RUN_AHEAD * sizeof(uint64_t);
	const int journaled = table->store->ledger != NULL;
	uint32_t limit =
	        journaled && table->store->window > LOY__TOGETHER ? LOY__TOGETHER : table->store->window;
	uint32_t least = journaled ? LOY__TOGETHER_LEAST : limit < ROWS_LEAST ? limit : ROWS_LEAST;
	uint64_t most = rows < limit ? rows : limit;
	loy__window *w;

	if (!table->store->blocks->rows.plain || table->store->pseudonymous ||
	    (journaled && loy__together_bytes(&table->store->blocks->rows) == 0))
		return NULL;
	if (budget->limit != 0 && most * row_size > (budget->limit - budget->held) / SHARE)
		most = (budget->limit - budget->held) / SHARE / row_size;
	if (most < least)
		return NULL;
	w = loy__alloc_zero(&table->store->memory, fixed + (size_t)most * row_size);
	if (w == NULL)
		return NULL;
	w->size = fixed + (size_t)most * row_size;
	w->capacity = (uint32_t)most;
	w->visits = (loy__visits *)(w + 1);
	w->items = (uint64_t *)(w->visits + 1);
	w->spare = w->items + most + LOY__RUN_AHEAD;
	w->histogram = (uint32_t *)(w->spare + most);
	w->status = (loy_status *)(w->histogram + 2 * DIGITS);
	w->sorts = !journaled || most >= ROWS_LEAST;
	w->row_bytes = journaled ? loy__together_bytes(&table->store->blocks->rows) : 0;
	w->collects = loy__run_prepare(&w->run, table->store->schema, &table->store->blocks->rows);
	w->sales = w->collects && w->run.sales;
	w->identified = w->sales && (table->store->flags & LOY_STORE_TRUSTED) == 0 &&
	                (journaled || w->run.high != NULL || w->run.low != NULL);
	return w;
}

void loy__window_close(loy__window *w, const loy__table *table)
{
	loy__free(&table->store->memory, w, w->size);
}

/* ---- reading rows, in their order ---- */

static uint64_t customer_of(const loy__window *w, uint64_t row)
{
	return (uint64_t)loy__integer_at(loy__column_at(w->run.customer, row), w->run.customer->type);
}

static void add_item(loy__window *w, uint64_t hash, uint32_t row, int collected)
{
	/*
	 * Its low bits: an index is ordered by the high ones, and who fills it in its own order while it grows
	 * crowds its front.
	 */
	uint64_t item = hash << (ROW_BITS + 1) | row | (collected ? COLLECTED : 0);

	w->items[w->count++] = item;
	w->histogram[item >> (64 - DIGIT_BITS)]++;
	w->histogram[DIGITS + (item >> (64 - 2 * DIGIT_BITS) & (DIGITS - 1))]++;
}

/* Whether an event was seen before, as far as that can be said here: LOY_ENOMEM, or ALONE, end the window. */
static loy_status identify(loy_store *store, const loy__arrival *arrival, int64_t time)
{
	loy_status status;

	if (store->ledger != NULL)
		return loy__together_meet(store, arrival, time) ? LOY_OK : ALONE;
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
			status = identify(store, arrival, block->event[i].time);
		w->status[row + i] = status;
		if (LOY__LIKELY(status == LOY_OK))
			add_item(w, arrival->who.hash, row + i,
			         w->collects && block->event[i].kind == LOY_KIND_PURCHASE);
		else if (status == LOY_ENOMEM || status == ALONE)
			return status;
	}
	return LOY_OK;
}

/* The same for a sale of a store on files. */
static LOY__NOINLINE loy_status meet_sale(const loy__window *w, loy_store *store, uint64_t row)
{
	loy__arrival arrival = {.entry = LOY__NO_ENTRY};
	int64_t time = loy__run_identity(&w->run, row, &arrival.identity.high, &arrival.identity.low);

	arrival.who = loy__who_number(&store->numbered, customer_of(w, row));
	arrival.identified = arrival.identity.high != 0 || arrival.identity.low != 0;
	arrival.identity_hash =
	        loy__identities_hash(&store->identities, arrival.identity.high, arrival.identity.low);
	return loy__together_meet(store, &arrival, time) ? LOY_OK : ALONE;
}

/* Whether a sale was seen before. */
static LOY__ALWAYS_INLINE loy_status identify_sale(loy__window *w, loy_store *store, uint64_t row)
{
	loy__arrival arrival;
	loy__identity *identity = &arrival.identity;
	loy_status status;

	if (w->row_bytes != 0)
		return meet_sale(w, store, row);
	identity->digest = loy__run_mark(&w->run, row, &identity->high, &identity->low);
	if (identity->high == 0 && identity->low == 0)
		return LOY_OK;
	arrival.identity_hash = loy__identities_hash(&store->identities, identity->high, identity->low);
	status = loy__store_identify(store, &arrival, NULL);
	if (status == LOY_OK)
		loy__identities_add(&store->identities, arrival.identity_hash, identity);
	return status;
}

/* Rows that are fine as far as they themselves go. */
static LOY__ALWAYS_INLINE loy_status take_sales(loy__window *w, const loy__table *table, uint64_t first,
                                                uint32_t row, uint32_t count)
{
	loy_store *store = table->store;
	uint32_t end = row + count;

	for (; row < end; row++) {
		loy_status status = w->identified ? identify_sale(w, store, first + row) : LOY_OK;

		w->status[row] = status;
		if (LOY__LIKELY(status == LOY_OK))
			add_item(w, loy__who_number(&store->numbered, customer_of(w, first + row)).hash, row,
			         1);
		else if (status == LOY_ENOMEM || status == ALONE)
			return status;
	}
	return LOY_OK;
}

/* Read `count` rows; less when memory ends, and then w->stopped says so. Returns how many were read. */
static uint32_t read_rows(loy__window *w, const loy__table *table, uint64_t first, uint32_t count)
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

/* ---- sorting ---- */

/* One pass of a stable sort by a digit of the items, counted before. */
static void sort_pass(const uint64_t *from, uint64_t *to, uint32_t count, unsigned shift, uint32_t *histogram)
{
	uint32_t sum = 0, i;

	for (i = 0; i < DIGITS; i++) {
		uint32_t size = histogram[i];

		histogram[i] = sum;
		sum += size;
	}
	for (i = 0; i < count; i++)
		to[histogram[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

static void sort_items(loy__window *w)
{
	sort_pass(w->items, w->spare, w->count, 64 - 2 * DIGIT_BITS, w->histogram + DIGITS);
	sort_pass(w->spare, w->items, w->count, 64 - DIGIT_BITS, w->histogram);
}

/* ---- visiting customers ---- */

static LOY__ALWAYS_INLINE void fetch_rows(const loy__window *w, uint64_t first, loy__visits *v)
{
	uint32_t end = w->count - v->at > AHEAD ? v->at + AHEAD : w->count;

	for (; v->fetched < end; v->fetched++) {
		uint64_t row = first + (w->items[v->fetched] & ROW_MASK);

		LOY__PREFETCH(loy__column_at(w->run.customer, row));
	}
}

/* First step: the next visits, and who they are to. */
static LOY__ALWAYS_INLINE void plan_visits(const loy__window *w, const loy__table *table, uint64_t first,
                                           loy__visits *v, uint32_t step)
{
	const loy__customers *customers = &table->store->numbered;
	uint32_t n;

	for (n = 0; n < VISITS && v->at < w->count; n++) {
		struct visit *visit = &v->visit[step][n];
		uint32_t end = v->at + 1;

		fetch_rows(w, first, v);
		while (end < w->count && (w->items[end] ^ w->items[v->at]) >> ROW_BITS == 0)
			end++;
		visit->items = w->items + v->at;
		visit->count = end - v->at;
		visit->hash =
		        loy__who_number(customers, customer_of(w, first + (*visit->items & ROW_MASK))).hash;
		loy__index_prefetch(&customers->index, visit->hash);
		v->at = end;
	}
	v->count[step] = n;
}

/* Second step: the slots of the index are here. */
static LOY__ALWAYS_INLINE void fetch_entries(const loy__table *table, loy__visits *v, uint32_t step)
{
	const loy__customers *customers = &table->store->numbered;
	uint32_t n;

	for (n = 0; n < v->count[step]; n++) {
		struct visit *visit = &v->visit[step][n];

		visit->entry = loy__index_first(&customers->index, visit->hash);
		if (visit->entry != LOY__NO_ENTRY)
			LOY__PREFETCH_FAR(loy__customers_at(customers, visit->entry));
	}
}

/* Third step: the entries are here. */
static LOY__ALWAYS_INLINE void fetch_records(const loy__table *table, const loy__visits *v, uint32_t step)
{
	uint32_t n;

	for (n = 0; n < v->count[step]; n++) {
		uint32_t entry = v->visit[step][n].entry;

		if (entry != LOY__NO_ENTRY)
			loy__record_fetch(loy__customers_at(&table->store->numbered, entry)->record);
	}
}

/* Fourth step: the heads of records are here. */
static LOY__ALWAYS_INLINE void fetch_months(const loy__table *table, const loy__visits *v, uint32_t step)
{
	uint32_t n;

	for (n = 0; n < v->count[step]; n++) {
		uint32_t entry = v->visit[step][n].entry;

		if (entry != LOY__NO_ENTRY)
			loy__record_fetch_end(loy__customers_at(&table->store->numbered, entry)->record);
	}
}

/* The identity of an event that was not recorded after all. */
static void forget(loy_store *store, const loy_event *event)
{
	if (store->ledger != NULL)
		loy__together_forget(store, event->identity_high, event->identity_low);
	else if ((store->flags & LOY_STORE_TRUSTED) == 0)
		loy__identities_forget(&store->identities, event->identity_high, event->identity_low);
}

/* Rows one by one. Returns how many were tried; fewer than `count` when memory ends. */
static LOY__NOINLINE uint32_t settle_rows(loy__window *w, loy__table *table, uint64_t first, uint32_t entry,
                                          const uint64_t *items, uint32_t count)
{
	loy_store *store = table->store;
	loy_event *event = store->blocks->block[0].event;
	loy_error detail = {.struct_size = sizeof(detail)};
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint32_t row = (uint32_t)(items[i] & ROW_MASK);
		loy__arrival arrival;
		loy_status status;

		(void)loy__table_read_row(table, first + row, event, NULL);
		arrival.table = &store->numbered;
		arrival.who = loy__who_number(arrival.table, event->customer);
		arrival.entry = entry;
		status = loy__store_apply(store, event, &arrival, &detail);
		if (LOY__LIKELY(status == LOY_OK))
			continue;
		if (status == LOY_ENOMEM)
			break;
		w->status[row] = status;
		forget(store, event);
		w->revoked = 1;
		if (first + row < w->refused) {
			w->refused = first + row;
			w->detail = detail;
		}
	}
	return i;
}

/* Purchases of one customer, added up. Returns how many of `count` items were done; 0 when memory ends. */
static LOY__ALWAYS_INLINE uint32_t settle_run(loy__window *w, loy__table *table, uint64_t first,
                                              const struct visit *visit, const uint64_t *items,
                                              uint32_t count)
{
	loy__customers *customers = &table->store->numbered;
	uint32_t n = loy__run_collect(&w->run, first, items, ROW_MASK, count), entry;
	loy__who who = loy__who_number(customers, customer_of(w, first + (*items & ROW_MASK)));
	loy__record *record = NULL;
	loy_status status;

	entry = loy__customers_find_near(customers, &who, visit->entry);
	if (LOY__LIKELY(entry != LOY__NO_ENTRY)) {
		status = loy__run_apply(&w->run, &loy__customers_at(customers, entry)->record,
		                        &table->store->record_memory);
	} else {
		status = loy__customers_reserve(customers, &table->store->memory, 1);
		if (status == LOY_OK)
			status = loy__run_apply(&w->run, &record, &table->store->record_memory);
		if (status == LOY_OK) {
			(void)loy__customers_add(customers, &who, NULL, record);
			table->store->sorted = 0;
		}
	}
	if (LOY__UNLIKELY(status != LOY_OK)) /* some may fit, and have to be told from the others */
		return settle_rows(w, table, first, entry, items, n);
	table->store->events += n;
	return n;
}

/* Last step. Returns the number of visits made; less than there are when memory ends, *left items before the end. */
static uint32_t make_visits(loy__window *w, loy__table *table, uint64_t first, const loy__visits *v,
                            uint32_t step, uint32_t *left)
{
	uint32_t n, done, count;

	for (n = 0; n < v->count[step]; n++) {
		const struct visit *visit = &v->visit[step][n];

		for (done = 0; done < visit->count; done += count) {
			if (LOY__LIKELY((*visit->items & COLLECTED) != 0))
				count = settle_run(w, table, first, visit, visit->items + done,
				                   visit->count - done);
			else
				count = settle_rows(w, table, first, visit->entry, visit->items + done,
				                    visit->count - done);
			if (LOY__UNLIKELY(count == 0)) {
				*left = (uint32_t)(w->items + w->count - (visit->items + done));
				return n;
			}
		}
	}
	return n;
}

/* Items that were not tried: forget their identities. */
static LOY__NOINLINE void give_up(loy__window *w, const loy__table *table, uint64_t first, uint32_t left)
{
	loy_store *store = table->store;
	loy_event *event = store->blocks->block[0].event;
	uint32_t i;

	w->revoked = 1;
	w->stopped = LOY_ENOMEM;
	for (i = w->count - left; i < w->count; i++) {
		uint32_t row = (uint32_t)(w->items[i] & ROW_MASK);

		w->status[row] = LOY_ENOMEM;
		(void)loy__table_read_row(table, first + row, event, NULL);
		forget(store, event);
	}
}

static void visit_all(loy__window *w, loy__table *table, uint64_t first)
{
	loy__visits *v = w->visits;
	uint32_t turn, left = 0;

	v->at = v->fetched = 0;
	for (turn = 0; turn < STEPS; turn++)
		v->count[turn] = 0;
	for (turn = 0;; turn++) {
		uint32_t made = (turn + 1) % STEPS;

		plan_visits(w, table, first, v, turn % STEPS);
		fetch_entries(table, v, (turn + STEPS - 1) % STEPS);
		fetch_records(table, v, (turn + STEPS - 2) % STEPS);
		fetch_months(table, v, (turn + STEPS - 3) % STEPS);
		if (make_visits(w, table, first, v, made, &left) < v->count[made]) {
			give_up(w, table, first, left);
			return;
		}
		v->count[made] = 0;
		if (v->count[0] + v->count[1] + v->count[2] + v->count[3] + v->count[4] == 0)
			return;
	}
}

/* ---- the fate of the rows ---- */

/*
 * Identities were forgotten, so a row that was taken for a repetition may be none: it has its turn now, or was not
 * tried either.
 */
static LOY__NOINLINE void revise(loy__window *w, loy__table *table, uint64_t first, uint32_t count)
{
	loy_store *store = table->store;
	loy_event *event = store->blocks->block[0].event;
	loy__arrival arrival;
	uint32_t row;

	for (row = 0; row < count; row++) {
		loy_error detail = {.struct_size = sizeof(detail)};
		loy_status was = w->status[row], status;

		if (was != LOY_EDUPLICATE && was != LOY_ECONFLICT)
			continue;
		(void)loy__table_read_row(table, first + row, event, NULL);
		(void)loy__store_arrive(store, event, &arrival); /* it did before, and needs no memory */
		store->duplicates -= was == LOY_EDUPLICATE;
		store->conflicts -= was == LOY_ECONFLICT;
		status = w->stopped == LOY_OK ? loy__store_settle(store, event, &arrival, &detail)
		                              : loy__store_identify(store, &arrival, NULL);
		if (w->stopped != LOY_OK && status == LOY_OK)
			status = LOY_ENOMEM;
		w->stopped = status == LOY_ENOMEM ? status : w->stopped;
		w->status[row] = status;
		if (status == LOY_EOVERFLOW && first + row < w->refused) {
			w->refused = first + row;
			w->detail = detail;
		}
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
	w->count = 0;
	w->revoked = 0;
	w->stopped = LOY_OK;
	w->refused = UINT64_MAX;
	w->detail.struct_size = sizeof(w->detail);
	if (w->sorts)
		memset(w->histogram, 0, 2 * DIGITS * sizeof(*w->histogram));
	read = read_rows(w, table, first, count);
	if (w->sorts)
		sort_items(w);
	visit_all(w, table, first);
	if (LOY__UNLIKELY(w->revoked))
		revise(w, table, first, read);
	if (w->row_bytes != 0)
		loy__together_append(w, table, first, read);
	*next = tell_rows(w, table, first, read);
	table->tried = first + read;
	return w->stopped;
}
