/*
 * Visits to customers: the rows of a part of a window are sorted by customer, and each customer's are recorded at once.
 * Visits overlap: while some are made, what the next ones need is on its way, one step of the path further each time.
 */
#include "store/table.h"

#define DIGITS 256u
#define VISITS 32u /* in one step */
#define STEPS  5u

struct visit {
	const uint32_t *order;
	uint64_t hash;
	uint32_t count, entry; /* entry: first a guess, and known once the entries are here */
};

/*
 * Rows in the order of their visits: in the low 16 bits where a row lies, from the first of those that are sorted
 * together, above that 16 bits of its customer's hash.
 */
struct loy__visits {
	loy__run *run;
	const loy_allocator *memory; /* of records */
	int aside;                   /* rows that need more than the record of somebody known are left, */
	int refused;                 /* and those behind one that a record did not take */
	uint64_t events;             /* recorded */
	loy__run_row *rows;
	uint64_t first;     /* row of the table that is row 0 of the window */
	uint32_t count, at; /* rows, and how many were planned */
	uint32_t *order, *spare;
	uint32_t planned[STEPS];
	struct visit visit[STEPS][VISITS];
	uint32_t histogram[2][DIGITS];
};

static uint32_t stretch_of(uint32_t rows)
{
	return rows < LOY__STRETCH ? rows : LOY__STRETCH;
}

size_t loy__visits_size(uint32_t rows)
{
	return sizeof(loy__visits) + 2 * ((size_t)stretch_of(rows) + LOY__RUN_AHEAD) * sizeof(uint32_t);
}

void loy__visits_init(loy__visits *v, uint32_t rows, loy__run *run, const loy_allocator *memory, int aside)
{
	v->run = run;
	v->memory = memory;
	v->aside = aside;
	v->events = 0;
	v->order = (uint32_t *)(v + 1);
	v->spare = v->order + stretch_of(rows) + LOY__RUN_AHEAD;
}

uint64_t loy__visits_events(loy__visits *v)
{
	uint64_t events = v->events;

	v->events = 0;
	return events;
}

/* ---- sorting ---- */

/* One pass of a stable sort by a digit of the names, counted before. */
static void sort_pass(const uint32_t *from, uint32_t *to, uint32_t count, unsigned shift, uint32_t *histogram)
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

static void name_rows(loy__visits *v)
{
	uint32_t i;

	for (i = 0; i < v->count;
	     i++) /* by bits that neither the part follows from nor the place in the index */
		v->order[i] = (uint32_t)(v->rows[i].who >> 32) << 16 | i;
}

static void sort_rows(loy__visits *v)
{
	uint32_t i;

	memset(v->histogram, 0, sizeof(v->histogram));
	for (i = 0; i < v->count; i++) {
		v->histogram[0][v->order[i] >> 16 & (DIGITS - 1)]++;
		v->histogram[1][v->order[i] >> 24]++;
	}
	sort_pass(v->order, v->spare, v->count, 16, v->histogram[0]);
	sort_pass(v->spare, v->order, v->count, 24, v->histogram[1]);
}

/* ---- the steps of a visit ---- */

static LOY__ALWAYS_INLINE loy__run_row *row_at(const loy__visits *v, uint32_t name)
{
	return &v->rows[name & 0xffff];
}

/* First step: the next visits, and who they are to. */
static LOY__ALWAYS_INLINE void plan_visits(const loy__customers *customers, loy__visits *v, uint32_t step)
{
	uint32_t n;

	for (n = 0; n < VISITS && v->at < v->count; n++) {
		struct visit *visit = &v->visit[step][n];
		uint32_t end = v->at + 1;

		while (end < v->count && (v->order[end] ^ v->order[v->at]) >> 16 == 0)
			end++;
		visit->order = v->order + v->at;
		visit->count = end - v->at;
		visit->hash = row_at(v, *visit->order)->who;
		loy__index_prefetch(&customers->index, visit->hash);
		v->at = end;
	}
	v->planned[step] = n;
}

/* Second step: the slots of the index are here. */
static LOY__ALWAYS_INLINE void fetch_entries(const loy__customers *customers, loy__visits *v, uint32_t step)
{
	uint32_t n;

	for (n = 0; n < v->planned[step]; n++) {
		struct visit *visit = &v->visit[step][n];

		visit->entry = loy__index_first(&customers->index, visit->hash);
		if (visit->entry != LOY__NO_ENTRY)
			LOY__PREFETCH_FAR(loy__customers_at(customers, visit->entry));
	}
}

/* Third step: the entries are here. Another's is not to be followed: it may be on another thread's hands. */
static LOY__ALWAYS_INLINE void fetch_records(const loy__customers *customers, loy__visits *v, uint32_t step)
{
	uint32_t n;

	for (n = 0; n < v->planned[step]; n++) {
		struct visit *visit = &v->visit[step][n];
		loy__who who = loy__who_hash(customers, visit->hash);

		if (visit->entry != LOY__NO_ENTRY)
			visit->entry = loy__customers_find_near(customers, &who, visit->entry);
		if (visit->entry != LOY__NO_ENTRY)
			loy__record_fetch(loy__customers_at(customers, visit->entry)->record);
	}
}

/* Fourth step: the heads of records are here. */
static LOY__ALWAYS_INLINE void fetch_months(const loy__customers *customers, const loy__visits *v,
                                            uint32_t step)
{
	uint32_t n;

	for (n = 0; n < v->planned[step]; n++) {
		uint32_t entry = v->visit[step][n].entry;

		if (entry != LOY__NO_ENTRY)
			loy__record_fetch_end(loy__customers_at(customers, entry)->record);
	}
}

/* Rows one by one. Returns how many were tried; fewer than `count` when memory ends. */
static LOY__NOINLINE uint32_t settle_rows(loy__visits *v, loy__window *w, loy__table *table, uint32_t entry,
                                          const uint32_t *order, uint32_t count)
{
	loy_store *store = table->store;
	loy_event *event = store->blocks->block[0].event;
	loy_error detail = {.struct_size = sizeof(detail)};
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint32_t row = row_at(v, order[i])->row;
		loy__arrival arrival;
		loy_status status;

		(void)loy__table_read_row(table, v->first + row, event, NULL);
		arrival.table = &store->numbered;
		arrival.who = loy__who_number(arrival.table, event->customer);
		arrival.entry = entry;
		status = loy__store_apply(store, event, &arrival, &detail);
		if (LOY__LIKELY(status == LOY_OK))
			continue;
		if (status == LOY_ENOMEM)
			break;
		w->status[row] = status;
		loy__window_forget(store, event);
		w->revoked = 1;
		if (v->first + row < w->refused) {
			w->refused = v->first + row;
			w->detail = detail;
		}
	}
	return i;
}

/* Leave rows for later. Returns how many, so that a visit is over. */
static LOY__NOINLINE uint32_t leave_rows(const loy__visits *v, const uint32_t *order, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		row_at(v, order[i])->left = 1;
	return count;
}

/* A new customer with what was added up. LOY_ENOMEM, LOY_ELIMIT. */
static loy_status settle_new(const loy__visits *v, loy_store *store, const loy__who *who)
{
	loy__record *record = NULL;
	loy_status status = loy__customers_reserve(&store->numbered, &store->memory, 1);

	if (status == LOY_OK)
		status = loy__run_apply(v->run, &record, v->memory);
	if (status != LOY_OK)
		return status;
	(void)loy__customers_add(&store->numbered, who, NULL, record);
	store->sorted = 0;
	return LOY_OK;
}

/*
 * Purchases of one customer, added up. Returns how many of the `count` rows that the visit still has were done, or left
 * for later; 0 when memory ends.
 */
static LOY__ALWAYS_INLINE uint32_t settle_run(loy__visits *v, loy__window *w, loy__table *table,
                                              const struct visit *visit, const uint32_t *order,
                                              uint32_t count)
{
	loy__customers *customers = &table->store->numbered;
	uint32_t n = loy__run_collect(v->run, v->first, v->rows, order, count), entry;
	loy__who who = loy__who_hash(customers, row_at(v, *order)->who);
	loy_status status;

	entry = loy__customers_find_near(customers, &who, visit->entry);
	if (LOY__LIKELY(entry != LOY__NO_ENTRY))
		status = loy__run_apply(v->run, &loy__customers_at(customers, entry)->record, v->memory);
	else if (v->aside)
		return leave_rows(v, order, count);
	else
		status = settle_new(v, table->store, &who);
	if (LOY__LIKELY(status == LOY_OK)) {
		v->events += n;
		return n;
	}
	if (!v->aside) /* some may fit, and have to be told from the others */
		return settle_rows(v, w, table, entry, order, n);
	v->refused = 1;
	return leave_rows(v, order, count);
}

/* Rows that are no purchases to be added up. */
static LOY__NOINLINE uint32_t settle_other(loy__visits *v, loy__window *w, loy__table *table,
                                           const struct visit *visit, const uint32_t *order, uint32_t count)
{
	return v->aside ? leave_rows(v, order, count) : settle_rows(v, w, table, visit->entry, order, 1);
}

/* Last step. Returns how many rows are left when memory ends, else 0. */
static uint32_t make_visits(loy__visits *v, loy__window *w, loy__table *table, uint32_t step)
{
	uint32_t n, done, count;

	for (n = 0; n < v->planned[step]; n++) {
		const struct visit *visit = &v->visit[step][n];

		for (done = 0; done < visit->count; done += count) {
			const uint32_t *order = visit->order + done;
			uint32_t rest = visit->count - done;

			count = LOY__LIKELY(row_at(v, *order)->collected)
			                ? settle_run(v, w, table, visit, order, rest)
			                : settle_other(v, w, table, visit, order, rest);
			if (LOY__UNLIKELY(count == 0))
				return (uint32_t)(v->order + v->count - order);
		}
	}
	return 0;
}

int loy__visits_make(loy__visits *v, loy__window *w, loy__table *table, uint64_t first, uint32_t begin,
                     uint32_t end)
{
	const loy__customers *customers = &table->store->numbered;
	uint32_t turn, left = 0;

	v->rows = w->rows + begin;
	v->first = first;
	v->count = end - begin;
	v->at = 0;
	v->refused = 0;
	memset(v->planned, 0, sizeof(v->planned));
	name_rows(v);
	if (w->sorts)
		sort_rows(v);
	memset(v->order + v->count, 0, LOY__RUN_AHEAD * sizeof(*v->order)); /* they are looked at */
	for (turn = 0; left == 0; turn++) {
		plan_visits(customers, v, turn % STEPS);
		fetch_entries(customers, v, (turn + STEPS - 1) % STEPS);
		fetch_records(customers, v, (turn + STEPS - 2) % STEPS);
		fetch_months(customers, v, (turn + STEPS - 3) % STEPS);
		left = make_visits(v, w, table, (turn + 1) % STEPS);
		v->planned[(turn + 1) % STEPS] = 0;
		if (v->planned[0] + v->planned[1] + v->planned[2] + v->planned[3] + v->planned[4] == 0)
			break;
	}
	for (; left != 0; left--)
		loy__window_untried(w, table, first, row_at(v, v->order[v->count - left])->row);
	return !v->refused;
}
