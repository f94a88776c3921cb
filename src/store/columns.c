/*
 * Tables of events. Finding a customer touches three places in memory that nobody looked at lately: the index,
 * the entry, the record. Rows are therefore taken in blocks that pass each place together, so that the
 * processor fetches them for all rows of a block at once instead of waiting for each.
 */
#include "store/store.h"

#define TELL_EVERY 65536u /* rows between two calls of the caller's progress */

/* What a call works on and what has become of it so far. */
struct table {
	loy_store *store;
	const loy_column *columns;
	uint32_t column_count;
	uint64_t rows;
	int64_t latest_time;
	loy_status *row_status; /* the caller's, or NULL */
	loy_error *error;
	loy_batch_result result;
};

static loy_status make_block(loy_store *store)
{
	uint32_t i;

	if (store->block != NULL)
		return LOY_OK;
	store->block = loy__alloc(&store->memory, sizeof(*store->block));
	if (store->block == NULL)
		return LOY_ENOMEM;
	for (i = 0; i < LOY__BLOCK; i++)
		loy__event_init(&store->block->event[i], &store->memory);
	return LOY_OK;
}

static loy_status read_row(const struct table *table, uint64_t row, uint32_t i, loy_error *error)
{
	loy__block *block = table->store->block;
	loy_event *event = &block->event[i];
	loy_status status;

	status = loy__event_from_row(event, table->columns, table->column_count, row, error);
	if (LOY__UNLIKELY(status != LOY_OK))
		return status;
	if (LOY__UNLIKELY(event->time > table->latest_time))
		return loy__fail_row(error, LOY_EFUTURE, (int64_t)row, LOY_FIELD_TIME,
		                     "the event lies after the latest time accepted");
	return loy__store_arrive(table->store, event, &block->arrival[i]);
}

/* Fetch the entries of the customers of a block, then their records. */
static void fetch_ahead(loy__block *block, uint32_t count)
{
	uint32_t candidate[LOY__BLOCK];
	uint32_t i;

	for (i = 0; i < count; i++) {
		const loy__arrival *arrival = &block->arrival[i];
		loy__search search;

		candidate[i] = LOY__NO_ENTRY;
		if (block->status[i] != LOY_OK)
			continue;
		loy__index_start(&arrival->table->index, arrival->who.hash, &search);
		candidate[i] = loy__index_next(&arrival->table->index, &search);
		if (candidate[i] != LOY__NO_ENTRY)
			LOY__PREFETCH(loy__customers_at(arrival->table, candidate[i]));
	}
	for (i = 0; i < count; i++) {
		const loy__customers *table = block->arrival[i].table;
		const loy__customer *customer;

		if (candidate[i] == LOY__NO_ENTRY)
			continue;
		customer = loy__customers_at(table, candidate[i]);
		if (table->keyed)
			LOY__PREFETCH(customer->who.key);
		if (customer->record != NULL)
			loy__record_prefetch(customer->record);
	}
}

/* Tell a row's fate, and the caller why the first row that was refused was. */
static void count_row(struct table *table, uint64_t row, loy_status status, const loy_error *detail)
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

/* At most LOY__BLOCK rows. A status other than LOY_OK ends the call at row *next, which was not recorded. */
static loy_status do_block(struct table *table, uint64_t first, uint32_t count, uint64_t *next)
{
	loy_store *store = table->store;
	loy__block *block = store->block;
	loy_error detail = {.struct_size = sizeof(detail)};
	uint32_t i;

	for (i = 0; i < count; i++)
		block->status[i] = read_row(table, first + i, i, NULL);
	fetch_ahead(block, count);
	for (i = 0; i < count; i++) {
		loy_error *wanted = table->result.refused == 0 ? &detail : NULL;
		loy_status status = block->status[i];

		*next = first + i;
		if (LOY__LIKELY(status == LOY_OK))
			status = loy__store_settle(store, &block->event[i], &block->arrival[i], wanted);
		else if (wanted != NULL)
			(void)read_row(table, first + i, i, wanted); /* once more, to be told why */
		if (LOY__UNLIKELY(status == LOY_ENOMEM))
			return LOY_ENOMEM;
		count_row(table, first + i, status, &detail);
	}
	*next = first + count;
	return LOY_OK;
}

static loy_status do_table(struct table *table, const loy_batch_options *options)
{
	uint64_t next = 0, told = 0;
	loy_status status = make_block(table->store);

	while (status == LOY_OK && next < table->rows) {
		uint64_t left = table->rows - next;

		status = do_block(table, next, left < LOY__BLOCK ? (uint32_t)left : LOY__BLOCK, &next);
		if (options->progress == NULL || (next < table->rows && next - told < TELL_EVERY))
			continue;
		told = next;
		if (options->progress(next, table->rows, options->user_data) != 0 && next < table->rows &&
		    status == LOY_OK)
			status = loy__fail_row(table->error, LOY_ECANCELLED, (int64_t)next, 0,
			                       "the caller cancelled");
	}
	if (status == LOY_ENOMEM) {
		(void)loy__fail_row(table->error, LOY_ENOMEM, (int64_t)next, 0, "out of memory");
		status = loy__store_status(table->store, status, table->error);
	}
	for (; table->row_status != NULL && next < table->rows; next++)
		table->row_status[next] = status;
	return status;
}

loy_status loy_store_record_columns(loy_store *store, const loy_column *columns, uint32_t column_count,
                                    uint64_t rows, const loy_batch_options *options, loy_status *row_status,
                                    loy_batch_result *result, loy_error *error)
{
	struct table table = {store, columns, column_count, rows, 0, row_status, error, {0}};
	loy_batch_options chosen;
	loy_status status;

	if (store == NULL)
		return loy__fail(error, LOY_EINVAL, "a store is needed");
	if (loy__batch_options(&chosen, options) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "the options are not valid");
	if (result != NULL && loy__result_write(result, &table.result, sizeof(table.result)) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "the struct_size of the result is not set");
	status = loy__columns_check(columns, column_count, error);
	if (status != LOY_OK)
		return status;
	if (rows > INT64_MAX)
		return loy__fail(error, LOY_EINVAL, "there are not that many rows");
	table.latest_time = chosen.latest_time != 0 ? chosen.latest_time : LOY_TIME_MAX;
	table.result.first_refused = -1;
	status = do_table(&table, &chosen);
	if (result != NULL)
		(void)loy__result_write(result, &table.result, sizeof(table.result));
	return status;
}
