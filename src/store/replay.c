/* The records after a snapshot, or all, read into a store that is being opened. */
#include "store/ledger_state.h"

#define TELL_EVERY 65536u

struct replay {
	loy_store *store;
	const loy_store_options *options;
	loy__tagging tagging;
	uint64_t read;
	loy_error *error;
};

static loy_status remember(loy_store *store, const loy__arrival *arrival, uint64_t digest, uint64_t position)
{
	loy__identity identity = arrival->identity;
	loy_status status;

	if (loy__known_have(store, arrival->identity_hash, identity.high, identity.low))
		return LOY_OK;
	status = loy__known_reserve(store, position);
	if (status != LOY_OK)
		return status;
	identity.digest = digest;
	loy__known_add(store, arrival->identity_hash, &identity, position);
	return LOY_OK;
}

static loy_status replay_gone(struct replay *replay, const loy__fact *fact)
{
	loy_store *store = replay->store;
	loy__arrival arrival = {0};
	loy__glance glance;
	loy_status status = loy__fact_look(fact, &glance, replay->error);

	store->ledger->erased_events++;
	if (status != LOY_OK || (glance.high == 0 && glance.low == 0))
		return status;
	arrival.identity.high = glance.high;
	arrival.identity.low = glance.low;
	arrival.identity_hash = loy__identities_hash(&store->identities, glance.high, glance.low);
	return remember(store, &arrival, 0, fact->position);
}

static loy_status replay_event(struct replay *replay, const loy__fact *fact)
{
	loy_store *store = replay->store;
	struct loy__ledger *ledger = store->ledger;
	int sign = fact->type == LOY_RECORD_RETRACT ? -1 : 1;
	int held = fact->position <= ledger->image_position;
	loy__arrival arrival;
	loy_status status = loy__fact_event(fact, ledger->event, replay->error);

	if (status == LOY_OK)
		status = loy__store_arrive(store, ledger->event, &arrival);
	if (status == LOY_OK && arrival.identified && !held) {
		if (sign < 0)
			loy__retract_arrival(store, &arrival);
		status =
		        remember(store, &arrival, loy__siphash(0, 0, fact->body, fact->size), fact->position);
	}
	if (status == LOY_OK && !ledger->light)
		status = loy__ledger_place(store, ledger->event, &arrival, sign, fact->position,
		                           replay->error);
	if (status == LOY_OK && !held)
		loy__ledger_counted(store, ledger->event->time, sign);
	return status;
}

static loy_status replay_profile(struct replay *replay, const loy__fact *fact)
{
	loy_store *store = replay->store;
	loy__record *record;
	loy__glance glance;
	loy_status status = loy__fact_look(fact, &glance, replay->error);

	if (status == LOY_OK)
		status = loy__fact_profile(&glance, store->schema, &store->record_memory, &record,
		                           replay->error);
	if (status != LOY_OK)
		return status;
	if (!store->ledger->light)
		status = loy__ledger_place_profile(store, &glance.who, record, fact->position);
	if (status == LOY_OK && fact->position > store->ledger->image_position)
		loy__ledger_counted_profile(store, record);
	loy__record_free(record, &store->record_memory);
	return status;
}

/* Facts that wait have the form of their kind. */
static loy_status defer(struct replay *replay, const loy__fact *fact)
{
	loy__glance glance;
	loy_status status = loy__fact_look(fact, &glance, replay->error);

	return status == LOY_OK ? loy__ledger_defer(replay->store, fact, 1, NULL) : status;
}

/* What the image holds it knows to count or not; of what comes later second contents wait. */
static loy_status replay_countable(struct replay *replay, const loy__fact *fact, int held)
{
	loy_store *store = replay->store;
	loy__glance glance;
	loy_status status;

	if (fact->again)
		return LOY_OK;
	if (held && (store->ledger->erasures.index.live != 0 || store->ledger->contents.count != 0)) {
		status = loy__fact_look(fact, &glance, replay->error);
		if (status != LOY_OK)
			return status;
		loy__ref_hash(store, &glance.who);
		if (!loy__fact_counts(store, fact, &glance))
			return LOY_OK;
	} else if (fact->variant) {
		return held ? LOY_OK : defer(replay, fact);
	}
	return fact->type == LOY_RECORD_PROFILE ? replay_profile(replay, fact) : replay_event(replay, fact);
}

static loy_status replay_fact(struct replay *replay, const loy__fact *fact)
{
	loy_store *store = replay->store;
	int held = fact->position <= store->ledger->image_position;
	loy_status status;

	if (!held) {
		status = loy__tags_reserve(&store->ledger->tags, &store->memory, 1);
		if (status != LOY_OK)
			return status;
		loy__tags_add(&store->ledger->tags, fact->tag);
	}
	switch (fact->type) {
	case LOY_RECORD_EVENT:
	case LOY_RECORD_RETRACT:
	case LOY_RECORD_PROFILE:
		return replay_countable(replay, fact, held);
	case LOY_RECORD_ERASE:
	case LOY_RECORD_ALIAS:
		return held ? LOY_OK : defer(replay, fact);
	case LOY_RECORD_GONE:
		return held ? LOY_OK : replay_gone(replay, fact);
	default:
		return loy__fail(replay->error, LOY_EVERSION, "the journal holds records of a newer version");
	}
}

static loy_status replay_record(const loy__record_view *view, void *user)
{
	struct replay *replay = user;
	const loy_store_options *options = replay->options;
	loy_status status = LOY_OK;
	loy__fact fact;

	if (loy__fact_from_record(&replay->tagging, view, &fact))
		status = replay_fact(replay, &fact);
	if (status != LOY_OK)
		return status;
	replay->read++;
	if (options->progress != NULL && !replay->store->ledger->light && replay->read % TELL_EVERY == 0 &&
	    options->progress(replay->read, replay->read, options->user_data) != 0)
		return loy__fail(replay->error, LOY_ECANCELLED, "cancelled");
	return LOY_OK;
}

/* Profiles are behind, and what came since must not change the meaning of what they hold. */
int loy__ledger_partial(const struct loy__ledger *ledger)
{
	return ledger->own_position != ledger->image_position;
}

loy_status loy__ledger_replay(loy_store *store, const loy_store_options *options, uint64_t after,
                              loy_recovery *report, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	struct replay replay = {store, options, {ledger->read_life, ledger->read_number}, 0, error};
	loy_status status;

	ledger->replaying = 1;
	status = loy__journal_replay(ledger->journal, after, replay_record, &replay, report, error);
	if (status == LOY_OK && loy__ledger_partial(ledger) && ledger->waiting_count != 0)
		return LOY_ESTATE;
	return status == LOY_OK ? loy__ledger_settle_all(store, error) : status;
}
