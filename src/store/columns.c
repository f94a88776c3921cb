/*
 * Tables of events. Finding a customer touches three places in memory that nobody looked at lately: the index,
 * the entry, the record. Rows are therefore taken in blocks that pass each place together, and while one block
 * is read and looked up, what the one before needs is on its way from memory.
 */
#include "store/ledger.h"
#include "store/table.h"

#define TELL_EVERY 65536u /* rows between two calls of the caller's progress */
#define APART      32u    /* rows settled alone where one has to be */

static loy_status make_blocks(loy_store *store)
{
	uint32_t i;

	if (store->blocks != NULL)
		return LOY_OK;
	store->blocks = loy__alloc(&store->memory, sizeof(*store->blocks));
	if (store->blocks == NULL)
		return LOY_ENOMEM;
	for (i = 0; i < LOY__BLOCKS * LOY__BLOCK; i++)
		loy__event_init(&store->blocks->block[i / LOY__BLOCK].event[i % LOY__BLOCK], &store->memory);
	return LOY_OK;
}

loy_status loy__table_read_row(const loy__table *table, uint64_t row, loy_event *event, loy_error *error)
{
	loy_status status = loy__event_from_row(event, &table->store->blocks->rows, row, error);

	if (status == LOY_OK && event->time > table->latest_time)
		status = loy__fail_row(error, LOY_EFUTURE, (int64_t)row, LOY_FIELD_TIME,
		                       "the event lies after the latest time accepted");
	return status;
}

/* Read a block of rows from `first` on, and fetch the entries of their customers. */
static uint32_t read_block(const loy__table *table, uint64_t first, uint64_t end, loy__block *block)
{
	uint64_t left = end - first;
	uint32_t i;

	block->count = left < LOY__BLOCK ? (uint32_t)left : LOY__BLOCK;
	loy__events_from_rows(block->event, &table->store->blocks->rows, first, block->count, block->status);
	for (i = 0; i < block->count; i++) {
		if (LOY__UNLIKELY(block->status[i] == LOY_OK && block->event[i].time > table->latest_time))
			block->status[i] = LOY_EFUTURE;
		if (LOY__UNLIKELY(table->store->pseudonymous))
			loy__pseudonym_event(table->store->pseudonym_key, &block->event[i]);
		if (LOY__LIKELY(block->status[i] == LOY_OK))
			block->status[i] =
			        loy__store_arrive(table->store, &block->event[i], &block->arrival[i]);
	}
	for (i = 0; i < block->count; i++) {
		loy__arrival *arrival = &block->arrival[i];

		arrival->entry = LOY__NO_ENTRY;
		if (LOY__UNLIKELY(block->status[i] != LOY_OK))
			continue;
		arrival->entry = loy__index_first(&arrival->table->index, arrival->who.hash);
		if (arrival->entry != LOY__NO_ENTRY)
			LOY__PREFETCH(loy__customers_at(arrival->table, arrival->entry));
	}
	return block->count;
}

/*
 * The entry of a row is here: fetch what it points to. Inlined because compilers take a function that only prefetches
 * for one that does nothing.
 */
static LOY__ALWAYS_INLINE void fetch_record(const loy__block *block, uint32_t i)
{
	const loy__arrival *arrival = &block->arrival[i];
	const loy__customer *customer;

	if (i >= block->count || arrival->entry == LOY__NO_ENTRY)
		return;
	customer = loy__customers_at(arrival->table, arrival->entry);
	if (arrival->table->keyed)
		LOY__PREFETCH(customer->who.key);
	if (customer->record != NULL)
		loy__record_prefetch(customer->record);
}

void loy__table_count_row(loy__table *table, uint64_t row, loy_status status, const loy_error *detail)
{
	loy_batch_result *result = &table->result;

	if (table->row_status != NULL)
		table->row_status[row] = status;
	if (LOY__LIKELY(status == LOY_OK)) {
		result->recorded++;
	} else if (status == LOY_EDUPLICATE) {
		result->duplicates++;
	} else if (status == LOY_ECONFLICT) {
		result->conflicts++;
	} else if (result->refused++ == 0) {
		result->first_refused = (int64_t)row;
		(void)loy__fail_row(table->error, status, (int64_t)row, detail->field, detail->message);
	}
}

/*
 * Record a block whose first row is *next, and fetch the records of the block after it, one for each row: a
 * processor has only so many lines on their way. Returns LOY_ENOMEM, with *next the row that was not recorded.
 */
static loy_status settle_block(loy__table *table, loy__block *block, const loy__block *after, uint64_t *next)
{
	loy_error detail = {.struct_size = sizeof(detail)};
	uint32_t i;

	for (i = 0; i < block->count; i++, ++*next) {
		loy_error *wanted = table->result.refused == 0 ? &detail : NULL;
		loy_status status = block->status[i];

		fetch_record(after, i);
		if (LOY__LIKELY(status == LOY_OK))
			status =
			        loy__store_settle(table->store, &block->event[i], &block->arrival[i], wanted);
		else if (wanted != NULL) /* once more, to be told why */
			(void)loy__table_read_row(table, *next, &block->event[i], wanted);
		if (LOY__UNLIKELY(status == LOY_ENOMEM || status == LOY_EFULL || status == LOY_EIO))
			return status;
		loy__table_count_row(table, *next, status, &detail);
	}
	return LOY_OK;
}

/* Tell how far it is; LOY_ECANCELLED when the caller wants no more. */
static loy_status tell(const loy__table *table, const loy_batch_options *options, uint64_t done)
{
	if (options->progress != NULL && options->progress(done, table->rows, options->user_data) != 0 &&
	    done < table->rows)
		return LOY_ECANCELLED;
	return LOY_OK;
}

/* Rows one after the other, up to `end`. */
static loy_status do_rows(loy__table *table, const loy_batch_options *options, uint64_t *next, uint64_t end)
{
	loy__block *block = table->store->blocks->block;
	uint64_t told = *next, read = *next;
	uint32_t turn;
	loy_status status = LOY_OK;

	for (turn = 0; turn + 1 < LOY__BLOCKS; turn++)
		read += read_block(table, read, end, &block[turn]);
	for (turn = 0; status == LOY_OK && *next < end; turn++) {
		read += read_block(table, read, end, &block[(turn + 2) % LOY__BLOCKS]);
		status = settle_block(table, &block[turn % LOY__BLOCKS], &block[(turn + 1) % LOY__BLOCKS],
		                      next);
		if (table->store->ledger != NULL && status == LOY_OK)
			status = loy__ledger_step(table->store, table->error);
		if (status != LOY_OK || options == NULL || (*next < table->rows && *next - told < TELL_EVERY))
			continue;
		told = *next;
		status = tell(table, options, told);
	}
	return status;
}

/*
 * After a window in a store on files: one that ended soon, where a row has to be settled alone, is followed by some
 * rows that all are.
 */
static loy_status go_on(loy__table *table, uint64_t before, uint64_t *next)
{
	uint64_t left = table->rows - *next;

	if (left != 0 && *next - before < APART)
		return do_rows(table, NULL, next, *next + (left < APART ? left : APART));
	return loy__ledger_step(table->store, table->error);
}

/* By customer where that pays, and is possible. */
static loy_status do_windows(loy__table *table, const loy_batch_options *options, uint64_t *next)
{
	loy_status status = LOY_OK;
	uint64_t rows = options->progress != NULL && table->rows > TELL_EVERY ? TELL_EVERY : table->rows;
	loy__window *window = loy__window_open(table, rows);

	if (window == NULL)
		return do_rows(table, options, next, table->rows);
	while (status == LOY_OK && *next < table->rows) {
		uint64_t before = *next;

		loy__window_widen(&window, table, rows);
		status = loy__window_record(window, table, next);
		if (status == LOY_OK && table->store->ledger != NULL)
			status = go_on(table, before, next);
		if (status == LOY_OK)
			status = tell(table, options, *next);
	}
	loy__window_close(window, table);
	return status;
}

struct task {
	loy__table *table;
	const loy_batch_options *options;
	uint64_t *next;
	loy_status status;
};

static void do_task(loy__crew *crew, void *user)
{
	struct task *task = user;

	task->table->crew = crew;
	task->status = do_windows(task->table, task->options, task->next);
}

static loy_status do_table(loy__table *table, const loy_batch_options *options, uint64_t *next)
{
	struct task task = {table, options, next, LOY_OK};

	if (options->threads < 2 || table->store->ledger != NULL || table->rows <= table->store->part)
		return do_windows(table, options, next);
	table->threads = options->threads < LOY__ARENA_LISTS ? options->threads : LOY__ARENA_LISTS;
	(void)loy__crew_call(table->threads, do_task, &task); /* no more than there may be */
	return task.status;
}

/* The call ends at row `next`, for a reason that is not that row's. */
static loy_status stop(loy__table *table, loy_status status, uint64_t next)
{
	loy_status told = loy__budget_status(&table->store->budget, status);

	(void)loy__fail_row(table->error, told, (int64_t)next, 0, loy_status_text(told));
	for (; table->row_status != NULL && next < table->rows; next++) {
		if (next >= table->tried || table->row_status[next] == LOY_ENOMEM)
			table->row_status[next] = told;
	}
	return told;
}

loy_status loy_store_record_columns(loy_store *store, const loy_column *columns, uint32_t column_count,
                                    uint64_t rows, const loy_batch_options *options, loy_status *row_status,
                                    loy_batch_result *result, loy_error *error)
{
	loy__table table = {store, rows, 0, 1, NULL, row_status, error, 0, {0}};
	loy_batch_options chosen;
	uint64_t next = 0;
	loy_status status;

	if (store == NULL)
		return loy__fail(error, LOY_EINVAL, "a store is needed");
	if (loy__batch_options(&chosen, options) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "the options are not valid");
	if (result != NULL && loy__result_write(result, &table.result, sizeof(table.result)) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "the struct_size of the result is not set");
	if (rows > INT64_MAX)
		return loy__fail(error, LOY_EINVAL, "there are not that many rows");
	status = loy__columns_check(columns, column_count, error);
	if (status == LOY_OK && store->ledger != NULL)
		status = loy__ledger_writable(store, error);
	if (status != LOY_OK)
		return status;
	table.latest_time = chosen.latest_time != 0 ? chosen.latest_time : LOY_TIME_MAX;
	table.result.first_refused = -1;
	status = make_blocks(store);
	if (status == LOY_OK) {
		loy__rows_prepare(&store->blocks->rows, columns, column_count);
		status = do_table(&table, &chosen, &next);
	}
	if (store->ledger != NULL) {
		loy_status done = loy__ledger_finish(store, error);

		status = status == LOY_OK || done == LOY_EIO ? done : status;
	}
	if (status != LOY_OK)
		status = stop(&table, status, next);
	if (result != NULL)
		(void)loy__result_write(result, &table.result, sizeof(table.result));
	return status;
}
