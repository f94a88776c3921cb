/*
 * Making profiles under another schema: when identities, erasures, conflicts and groups are known, one pass over the
 * journal adds what counts. It may be cancelled and goes on with the next opening.
 */
#include "store/ledger_state.h"

struct building {
	loy_store *store;
	uint64_t at; /* position of the last record that profiles hold */
};

static loy_status build_profile(loy_store *store, const loy__fact *fact, const loy__glance *glance,
                                loy_error *error)
{
	loy__record *record;
	loy_status status = loy__fact_profile(glance, store->schema, &store->record_memory, &record, error);

	if (status != LOY_OK)
		return status;
	status = loy__ledger_place_profile(store, &glance->who, record, fact->position);
	loy__record_free(record, &store->record_memory);
	return status;
}

static loy_status build_event(loy_store *store, const loy__fact *fact, loy_error *error)
{
	loy_event *event = store->ledger->event;
	loy__arrival arrival;
	loy_status status = loy__fact_event(fact, event, error);

	if (status == LOY_OK)
		status = loy__store_arrive(store, event, &arrival);
	if (status == LOY_OK)
		status = loy__ledger_place(store, event, &arrival, fact->type == LOY_RECORD_RETRACT ? -1 : 1,
		                           fact->position, error);
	return status;
}

static loy_status build_fact(const loy__fact *fact, const loy__glance *glance, int counts, void *user,
                             loy_error *error)
{
	struct building *building = user;
	loy_status status = LOY_OK;

	if (counts)
		status = fact->type == LOY_RECORD_PROFILE
		                 ? build_profile(building->store, fact, glance, error)
		                 : build_event(building->store, fact, error);
	if (status == LOY_OK)
		building->at = fact->position;
	return status;
}

/* What was made is kept, so that nobody who has little time at once never comes to an end. */
static loy_status keep(loy_store *store, uint64_t at, loy_error *error)
{
	loy_status status;

	if (store->ledger->read_only)
		return LOY_ECANCELLED;
	status = loy__snapshot_write_partial(store, at, error);
	return status == LOY_OK ? LOY_ECANCELLED : status;
}

loy_status loy__ledger_build(loy_store *store, uint64_t after, const loy_store_options *options,
                             loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	struct building building = {store, after};
	uint32_t left = 1;
	loy_status status;

	status = loy__visit_facts(store, after + 1, build_fact, &building, options->progress,
	                          options->user_data, error);
	if (status == LOY_ECANCELLED)
		return keep(store, building.at, error);
	if (status != LOY_OK)
		return status;
	ledger->light = 0;
	ledger->replaying = 0;
	ledger->rebuilt = 1;
	while (status == LOY_OK && left && !ledger->read_only)
		status = loy_store_compact(store, UINT64_MAX / 2, &left, error);
	return status == LOY_EFULL ? LOY_OK
	                           : status; /* without room for a snapshot the next opening does it again */
}
