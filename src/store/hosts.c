/* What hosts call between records: commit, tick, identities, cursors. */
#include "store/ledger_state.h"

#include <string.h>

/* ---- committing ---- */

loy_status loy_store_commit(loy_store *store, loy_error *error)
{
	loy_status status;

	if (store == NULL)
		return loy__fail(error, LOY_EINVAL, "a store is needed");
	if (store->ledger == NULL)
		return LOY_OK;
	status = loy__ledger_writable(store, error);
	return status == LOY_OK ? loy__ledger_commit(store, error) : status;
}

/* Records wait from the tick that sees them first: what came between two ticks came after the earlier one. */
loy_status loy_store_tick(loy_store *store, int64_t now, loy_error *error)
{
	struct loy__ledger *ledger;
	loy_status status;

	if (store == NULL)
		return loy__fail(error, LOY_EINVAL, "a store is needed");
	ledger = store->ledger;
	if (ledger == NULL)
		return LOY_OK;
	status = loy__ledger_writable(store, error);
	if (status != LOY_OK || ledger->since_commit == 0 || ledger->durability == LOY_DURABLE_CALLER)
		return status;
	if (!ledger->ticking) {
		ledger->ticking = 1;
		ledger->waiting_since = now;
	}
	if (now < ledger->waiting_since || /* the clock ran backwards after all: do not wait for it */
	    (uint64_t)now - (uint64_t)ledger->waiting_since >= (uint64_t)ledger->group_microseconds)
		return loy__ledger_commit(store, error);
	return loy__ledger_done(store, error);
}

/* ---- identities ---- */

#define DEVICES_MAX ((size_t)1 << 20)

/* An epoch nobody used for the device, as far as this store knows. */
static loy_status draw_epoch(loy_store *store, uint32_t device, uint32_t *epoch)
{
	const struct loy__ledger *ledger = store->ledger;
	uint8_t bytes[4] = {0};
	loy_status status;
	uint64_t high;

	do {
		status = ledger->files.entropy(ledger->files.user_data, bytes, sizeof(bytes));
		*epoch = loy__get_u32(bytes);
		high = (uint64_t)device << 32 | *epoch;
	} while (status == LOY_OK && (loy__known_source(store, high)));
	return status;
}

static loy_status epoch_of(loy_store *store, uint32_t device, struct loy__epoch **out, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	void *block = ledger->epoch;
	loy_status status;
	uint32_t i;

	for (i = 0; i < ledger->epoch_count; i++) {
		if (ledger->epoch[i].device == device) {
			*out = &ledger->epoch[i];
			return LOY_OK;
		}
	}
	status = loy__grow(&store->memory, &block, &ledger->epoch_capacity, (size_t)ledger->epoch_count + 1,
	                   sizeof(*ledger->epoch), DEVICES_MAX);
	ledger->epoch = block;
	if (status != LOY_OK)
		return loy__fail(error, status, "out of memory, or too many devices");
	*out = &ledger->epoch[i];
	(*out)->device = device;
	(*out)->next = 0;
	status = draw_epoch(store, device, &(*out)->epoch);
	if (status != LOY_OK)
		return loy__fail(error, LOY_EIO, "no random bytes for an epoch");
	ledger->epoch_count++;
	return LOY_OK;
}

loy_status loy_store_next_identity(loy_store *store, uint32_t device, uint64_t *high, uint64_t *low)
{
	struct loy__epoch *epoch;
	loy_status status;

	if (store == NULL || high == NULL || low == NULL || device == 0 || device > INT32_MAX)
		return LOY_EINVAL;
	status = loy__ledger_writable(store, NULL);
	if (status == LOY_OK)
		status = epoch_of(store, device, &epoch, NULL);
	if (status != LOY_OK)
		return loy__store_status(store, status, NULL);
	*high = (uint64_t)device << 32 | epoch->epoch;
	*low = epoch->next++;
	return LOY_OK;
}

/* ---- cursors ---- */

struct loy_cursor {
	loy_store *store;
	loy__fact_reader *reader;
};

loy_status loy_cursor_create(loy_cursor **out, loy_store *store, loy_error *error)
{
	loy_cursor *cursor;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "a place for the cursor is needed");
	*out = NULL;
	if (store == NULL)
		return loy__fail(error, LOY_EINVAL, "a store is needed");
	status = loy__ledger_readable(store, error);
	if (status != LOY_OK)
		return status;
	cursor = loy__alloc(&store->memory, sizeof(*cursor));
	if (cursor == NULL)
		return loy__store_status(store, loy__fail(error, LOY_ENOMEM, "out of memory"), error);
	cursor->store = store;
	status = loy__fact_reader_create(&cursor->reader, store, error);
	if (status != LOY_OK) {
		loy__free(&store->memory, cursor, sizeof(*cursor));
		return loy__store_status(store, status, error);
	}
	*out = cursor;
	return LOY_OK;
}

void loy_cursor_destroy(loy_cursor *cursor)
{
	if (cursor == NULL)
		return;
	loy__fact_reader_destroy(cursor->reader);
	loy__free(&cursor->store->memory, cursor, sizeof(*cursor));
}

loy_status loy_cursor_next(loy_cursor *cursor, uint32_t *kind, uint64_t *position, loy_event *event,
                           loy_error *error)
{
	loy__fact fact;
	loy_status status;

	if (cursor == NULL)
		return loy__fail(error, LOY_EINVAL, "a cursor is needed");
	status = loy__fact_reader_next(cursor->reader, &fact, error);
	if (status != LOY_OK)
		return loy__store_status(cursor->store, status, error);
	if (event != NULL && (fact.type == LOY_RECORD_EVENT || fact.type == LOY_RECORD_RETRACT)) {
		status = loy__fact_event(&fact, event, error);
		if (status != LOY_OK)
			return loy__store_status(cursor->store, status, error);
	}
	if (kind != NULL)
		*kind = fact.type;
	if (position != NULL)
		*position = fact.position;
	return LOY_OK;
}
