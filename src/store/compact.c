/*
 * Compaction in steps. First, when somebody was erased, journal files are written anew without what was erased; then a
 * snapshot is written, customer after customer in their order, while events go on: each is written with the position
 * of the last record it holds, so that replay knows what to add. What changes customers by more than additions makes a
 * snapshot begin anew.
 */
#include "store/image.h"

#include <string.h>

enum phase { PHASE_SCRUB, PHASE_BEGIN, PHASE_NUMBERED, PHASE_NAMED, PHASE_FINISH, PHASE_DONE };

struct loy__snapshotting {
	enum phase phase;
	uint32_t segment, segments; /* scrubbing: the next, and how many there are */
	int scrubbed;
	loy__snapshot_writer *writer;
	uint64_t number;
	uint64_t last_number; /* the customer written last, of the table of the phase; 0: none */
	uint8_t last_key[LOY_CUSTOMER_KEY_MAX + 1]; /* length 0: none */
};

void loy__snapshotting_restart(loy_store *store)
{
	struct loy__snapshotting *s = store->ledger->snapshotting;

	if (s == NULL)
		return;
	loy__snapshot_writer_destroy(s->writer);
	(void)loy__journal_snapshot_room(store->ledger->journal, 0);
	loy__free(&store->memory, s, sizeof(*s));
	store->ledger->snapshotting = NULL;
}

/* ---- erased content in the journal ---- */

struct scrub {
	loy_store *store;
	uint64_t gone, last; /* last: position; a file may be gone through twice */
	loy_error *error;
};

/* What is left of a record whose content is erased: its tag, and the identity of an event. */
static loy_status scrub_record(loy__record_view *view, uint8_t *body, void *user)
{
	struct scrub *scrub = user;
	loy__tagging tagging = {0, 0};
	uint8_t gone[LOY__GONE_SIZE];
	uint32_t tagged = view->type & LOY__RECORD_TAGGED;
	size_t tag_size = tagged != 0 ? LOY__TAG_SIZE : 0, size;
	loy__glance glance;
	loy_status status;
	loy__fact fact;

	if (view->position <= scrub->last)
		scrub->gone = 0;
	scrub->last = view->position;
	if (!loy__fact_from_record(&tagging, view, &fact))
		return LOY_OK;
	status = loy__fact_look(&fact, &glance, scrub->error);
	if (status != LOY_OK)
		return status;
	if (fact.type ==
	    LOY_RECORD_GONE) /* by a compaction that a crash ended before its snapshot, perhaps */
		loy__known_bury(scrub->store, glance.high, glance.low);
	if (!loy__fact_erased(scrub->store, &fact, &glance))
		return LOY_OK;
	loy__known_bury(scrub->store, glance.high, glance.low);
	scrub->gone += fact.type == LOY_RECORD_EVENT || fact.type == LOY_RECORD_RETRACT;
	size = loy__fact_bury(&fact, &glance, gone);
	memmove(body, view->body, tag_size);
	memcpy(body + tag_size, gone, size);
	view->type = LOY_RECORD_GONE | tagged;
	view->body = body;
	view->size = (uint32_t)(tag_size + size);
	return LOY_OK;
}

static loy_status begin_scrub(loy_store *store, struct loy__snapshotting *s, loy_error *error)
{
	loy_status status = loy__ledger_commit_pending(store, error);

	if (status == LOY_OK)
		status = loy__journal_seal(store->ledger->journal, error);
	if (status == LOY_OK)
		s->segments = loy__journal_segment_count(store->ledger->journal) - 1;
	return status;
}

static loy_status scrub_segment(loy_store *store, struct loy__snapshotting *s, uint64_t *cost,
                                loy_error *error)
{
	struct scrub scrub = {store, 0, 0, error};
	uint64_t first, last, bytes;
	loy_status status = LOY_OK;

	if (s->segments == 0)
		status = begin_scrub(store, s, error);
	if (status != LOY_OK)
		return status;
	loy__journal_segment_span(store->ledger->journal, s->segment, &first, &last, &bytes);
	*cost += bytes;
	status = loy__journal_rewrite(store->ledger->journal, s->segment, scrub_record, &scrub, error);
	if (status != LOY_OK)
		return status;
	store->ledger->erased_events += scrub.gone;
	if (++s->segment == s->segments) {
		s->scrubbed = 1;
		s->phase = PHASE_BEGIN;
	}
	return LOY_OK;
}

/* ---- the snapshot ---- */

static loy_status begin_snapshot(loy_store *store, struct loy__snapshotting *s, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	const loy__meta *meta = loy__journal_meta(ledger->journal);
	loy__base_head head = {0, {0, 0}};
	loy_status status = loy__ledger_commit_pending(store, error);

	if (status != LOY_OK)
		return status;
	s->number = (uint64_t)meta->generation << 32 | ++ledger->snapshots_begun;
	status = loy__snapshot_writer_create(&s->writer, &ledger->files, meta->store_id, s->number,
	                                     &store->memory, error);
	if (status != LOY_OK)
		return status;
	head.position = loy__journal_committed(ledger->journal);
	loy__snapshot_limit(s->writer, loy__journal_snapshot_room(ledger->journal, 0));
	if (ledger->made != 0) {
		head.tagging.life = ledger->life;
		head.tagging.number = ledger->made;
	}
	s->phase = PHASE_NUMBERED;
	return loy__base_write_start(s->writer, &head, error);
}

/* Whether a customer, in its order, was written. */
static int was_written(const struct loy__snapshotting *s, const loy__customers *table, uint32_t entry)
{
	const loy__customer *customer = loy__customers_at(table, entry);

	if (!table->keyed)
		return customer->who.number <= s->last_number;
	return s->last_key[0] != 0 && !loy__key_before(s->last_key, customer->who.key);
}

/* The first customer that was not: those that came since and lie before it are replayed. */
static uint32_t next_customer(const struct loy__snapshotting *s, const loy__customers *table)
{
	uint32_t low = 0, high = table->index.live;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (was_written(s, table, middle))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void remember(struct loy__snapshotting *s, const loy__customers *table, uint32_t entry)
{
	const loy__customer *customer = loy__customers_at(table, entry);

	if (table->keyed)
		memcpy(s->last_key, customer->who.key, loy__key_size(customer->who.key));
	else
		s->last_number = customer->who.number;
}

static loy_status write_customers(loy_store *store, struct loy__snapshotting *s, const loy__customers *table,
                                  uint64_t limit, loy_error *error)
{
	uint64_t position = loy__journal_last(store->ledger->journal);
	uint64_t before = loy__snapshot_written(s->writer);
	loy_status status = loy_store_sort(store);
	uint32_t i = next_customer(s, table);

	for (; i < table->index.live && status == LOY_OK; i++) {
		if (loy__snapshot_written(s->writer) - before > limit)
			return LOY_OK;
		status = loy__snapshot_write_customer(s->writer, store, table, i, position, error);
		remember(s, table, i);
	}
	if (status == LOY_OK)
		status = loy__snapshot_end_customers(s->writer, store, table, error);
	if (status == LOY_OK)
		s->phase = table->keyed ? PHASE_FINISH : PHASE_NAMED;
	return status;
}

/* Nothing a snapshot says may be unknown to the journal, so that is committed before meta names the snapshot. */
static loy_status finish_snapshot(loy_store *store, struct loy__snapshotting *s, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	const loy__meta *meta = loy__journal_meta(ledger->journal);
	loy_status status = loy__ledger_commit_pending(store, error);
	uint64_t position = loy__journal_committed(ledger->journal);

	if (status == LOY_OK) /* an erasure would have begun another one, which scrubs first */
		status = loy__base_write(s->writer, store, position, position, 1, error);
	if (status == LOY_OK)
		status = loy__snapshot_finish(s->writer, error);
	if (status == LOY_OK) /* an older one may hold what was erased */
		status = loy__journal_set_snapshots(ledger->journal, s->number,
		                                    s->scrubbed || ledger->rebuilt ? 0 : meta->snapshot,
		                                    error);
	if (status != LOY_OK)
		return status;
	ledger->snapshot_bytes = loy__snapshot_written(s->writer);
	ledger->snapshot_position = position;
	ledger->rebuilt = 0;
	if (s->scrubbed)
		ledger->erase_due = 0;
	s->phase = PHASE_DONE;
	return LOY_OK;
}

/* ---- steps ---- */

static int nothing_to_do(const struct loy__ledger *ledger)
{
	return ledger->snapshotting == NULL && !ledger->erase_due && !ledger->rebuilt &&
	       ledger->snapshot_position == loy__journal_last(ledger->journal);
}

static loy_status begin(loy_store *store, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;

	if (ledger->snapshotting != NULL)
		return LOY_OK;
	ledger->snapshotting = loy__alloc_zero(&store->memory, sizeof(*ledger->snapshotting));
	if (ledger->snapshotting == NULL)
		return loy__fail(error, LOY_ENOMEM, "out of memory");
	ledger->snapshotting->phase = ledger->erase_due ? PHASE_SCRUB : PHASE_BEGIN;
	return LOY_OK;
}

static loy_status step(loy_store *store, struct loy__snapshotting *s, uint64_t limit, uint64_t *cost,
                       loy_error *error)
{
	uint64_t before = s->writer != NULL ? loy__snapshot_written(s->writer) : 0;
	loy_status status;

	if (s->writer != NULL)
		loy__snapshot_limit(s->writer, loy__journal_snapshot_room(store->ledger->journal, before));
	switch (s->phase) {
	case PHASE_SCRUB:
		return scrub_segment(store, s, cost, error);
	case PHASE_BEGIN:
		return begin_snapshot(store, s, error);
	case PHASE_NUMBERED:
		status = write_customers(store, s, &store->numbered, limit, error);
		break;
	case PHASE_NAMED:
		status = write_customers(store, s, &store->named, limit, error);
		break;
	default:
		status = finish_snapshot(store, s, error);
		break;
	}
	*cost += loy__snapshot_written(s->writer) - before;
	return status;
}

loy_status loy_store_compact(loy_store *store, uint64_t bytes, uint32_t *left, loy_error *error)
{
	struct loy__ledger *ledger;
	loy_status status;
	uint64_t cost = 0;

	if (store == NULL || left == NULL)
		return loy__fail(error, LOY_EINVAL, "a store and a place for what is left are needed");
	*left = 0;
	ledger = store->ledger;
	if (ledger == NULL)
		return LOY_OK;
	status = loy__ledger_writable(store, error);
	if (status != LOY_OK || nothing_to_do(ledger))
		return status;
	status = begin(store, error);
	while (status == LOY_OK && ledger->snapshotting->phase != PHASE_DONE) {
		if (cost > bytes) {
			*left = 1;
			return LOY_OK;
		}
		status = step(store, ledger->snapshotting, bytes - cost, &cost, error);
	}
	loy__snapshotting_restart(store);
	return loy__store_status(store, status, error);
}

/* ---- while profiles are made again ---- */

static loy_status write_table(loy_store *store, loy__snapshot_writer *writer, const loy__customers *table,
                              uint64_t position, loy_error *error)
{
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; i < table->index.live && status == LOY_OK; i++)
		status = loy__snapshot_write_customer(writer, store, table, i, position, error);
	return status == LOY_OK ? loy__snapshot_end_customers(writer, store, table, error) : status;
}

loy_status loy__snapshot_write_partial(loy_store *store, uint64_t position, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	struct loy__snapshotting s = {.phase = PHASE_BEGIN};
	loy_status status = begin_snapshot(store, &s, error);

	if (status == LOY_OK)
		status = write_table(store, s.writer, &store->numbered, position, error);
	if (status == LOY_OK)
		status = write_table(store, s.writer, &store->named, position, error);
	if (status == LOY_OK)
		status = loy__base_write(s.writer, store, loy__journal_committed(ledger->journal), position,
		                         !ledger->erase_due, error);
	if (status == LOY_OK)
		status = loy__snapshot_finish(s.writer, error);
	if (status == LOY_OK) /* the one before follows another schema, or is another part of this one */
		status = loy__journal_set_snapshots(ledger->journal, s.number, 0, error);
	loy__snapshot_writer_destroy(s.writer);
	return status;
}
