/* What customers are, from the journal again: which facts count, and their sum. */
#include "store/ledger_state.h"

#include <string.h>

#define TELL_EVERY 65536u /* records between two calls of the caller's progress */

int loy__fact_counts(const loy_store *store, const loy__fact *fact, const loy__glance *glance)
{
	const struct loy__ledger *ledger = store->ledger;
	size_t count, first;

	if (fact->again || loy__ledger_erased(store, glance))
		return 0;
	if (ledger->contents.count == 0 || (glance->high == 0 && glance->low == 0))
		return 1;
	first = loy__contents_of(&ledger->contents, glance->high, glance->low, &count);
	return count == 0 || ledger->contents.at[first].digest == loy__siphash(0, 0, fact->body, fact->size);
}

static loy_status visit_record(loy_store *store, loy__tagging *tagging, const loy__record_view *view,
                               loy__visit_fact visit, void *user, loy_error *error)
{
	loy__fact fact;
	loy__glance glance;
	loy_status status;

	if (!loy__fact_from_record(tagging, view, &fact))
		return LOY_OK;
	status = loy__fact_look(&fact, &glance, error);
	if (status != LOY_OK)
		return status;
	if (fact.type != LOY_RECORD_EVENT && fact.type != LOY_RECORD_RETRACT &&
	    fact.type != LOY_RECORD_PROFILE)
		return LOY_OK;
	loy__ref_hash(store, &glance.who);
	return visit(&fact, &glance, loy__fact_counts(store, &fact, &glance), user, error);
}

loy_status loy__visit_facts(loy_store *store, uint64_t from, loy__visit_fact visit, void *user,
                            loy_progress progress, void *progress_user, loy_error *error)
{
	loy__journal *journal = store->ledger->journal;
	uint64_t total = loy__journal_committed(journal), told = 0;
	loy__journal_reader *reader;
	loy__tagging tagging = {0, 0};
	loy__record_view view;
	loy_status status = loy__journal_reader_create(&reader, journal, from, error);

	if (status != LOY_OK)
		return status;
	while ((status = loy__journal_reader_next(reader, &view, error)) == LOY_OK) {
		status = visit_record(store, &tagging, &view, visit, user, error);
		if (status != LOY_OK)
			break;
		if (progress != NULL && ++told % TELL_EVERY == 0 &&
		    progress(view.position, total, progress_user) != 0) {
			status = loy__fail(error, LOY_ECANCELLED, "cancelled");
			break;
		}
	}
	loy__journal_reader_destroy(reader);
	if (status != LOY_ENOTFOUND)
		return status;
	if (progress != NULL)
		(void)progress(total, total, progress_user);
	return LOY_OK;
}

loy_status loy__fact_add(loy_store *store, const loy_schema *schema, const loy__fact *fact,
                         const loy__glance *glance, loy__record **record, loy_error *error)
{
	loy_event *event = store->ledger->event;
	loy__record *merged;
	loy_status status;

	if (fact->type == LOY_RECORD_PROFILE) {
		status = loy__fact_profile(glance, schema, &store->record_memory, &merged, error);
		if (status != LOY_OK)
			return status;
		status = loy__record_merge(record, merged, &store->record_memory);
		loy__record_free(merged, &store->record_memory);
		return status;
	}
	status = loy__fact_event(fact, event, error);
	if (status != LOY_OK)
		return status;
	return loy__record_apply(record, schema, event, fact->type == LOY_RECORD_RETRACT ? -1 : 1,
	                         &store->record_memory, error);
}

/* ---- some customers ---- */

static uint64_t again_hash(const void *owner, uint32_t entry)
{
	return loy__again_at(owner, entry)->who.hash[0];
}

loy__again *loy__agains_find(const loy__agains *set, const uint64_t hash[2])
{
	loy__search search;
	uint32_t entry;

	loy__index_start(&set->index, hash[0], &search);
	while ((entry = loy__index_next(&set->index, &search)) != LOY__NO_ENTRY) {
		loy__again *again = loy__again_at(set, entry);

		if (again->who.hash[0] == hash[0] && again->who.hash[1] == hash[1])
			return again;
	}
	return NULL;
}

static loy_status learn(loy__again *again, loy_store *store, const loy__ref *who)
{
	uint8_t *key = NULL;

	if (who->number == 0) {
		key = loy__alloc(&store->memory, who->length);
		if (key == NULL)
			return LOY_ENOMEM;
		memcpy(key, who->key, who->length);
	}
	again->who.number = who->number;
	again->who.key = again->key = key;
	again->who.length = who->number == 0 ? who->length : 0;
	again->known = 1;
	return LOY_OK;
}

loy_status loy__agains_add(loy__agains *set, loy_store *store, const loy__ref *who, int known,
                           loy__again **out)
{
	loy__again *again = loy__agains_find(set, who->hash);
	loy_status status = LOY_OK;

	if (again == NULL) {
		status = loy__index_reserve(&set->index, &store->memory, 1, again_hash, set);
		if (status == LOY_OK)
			status = loy__vector_reserve(&set->entries, &store->memory,
			                             set->index.live + (uint64_t)1, sizeof(*again));
		if (status != LOY_OK)
			return status;
		again = loy__again_at(set, set->index.live);
		memset(again, 0, sizeof(*again));
		again->who.hash[0] = who->hash[0];
		again->who.hash[1] = who->hash[1];
		loy__index_add(&set->index, who->hash[0], set->index.live);
	}
	if (known && !again->known)
		status = learn(again, store, who);
	if (out != NULL)
		*out = again;
	return status;
}

loy_status loy__agains_take(loy__agains *set, loy_store *store, const loy__fact *fact,
                            const loy__glance *glance, int counts, loy_error *error)
{
	loy__again *again = loy__agains_find(set, glance->who.hash);
	loy_status status = LOY_OK;

	if (again == NULL && set->all)
		status = loy__agains_add(set, store, &glance->who, 1, &again);
	if (status != LOY_OK || again == NULL || again->ready)
		return status;
	if (!again->known)
		status = learn(again, store, &glance->who);
	if (status == LOY_OK && counts)
		status = loy__fact_add(store, store->schema, fact, glance, &again->record, error);
	if (status == LOY_OK && counts)
		again->exists = 1;
	return status;
}

struct folding {
	loy__agains *set;
	loy_store *store;
};

static loy_status take_fact(const loy__fact *fact, const loy__glance *glance, int counts, void *user,
                            loy_error *error)
{
	const struct folding *folding = user;

	return loy__agains_take(folding->set, folding->store, fact, glance, counts, error);
}

loy_status loy__agains_fold(loy__agains *set, loy_store *store, loy_error *error)
{
	struct folding folding = {set, store};
	uint32_t i;

	for (i = 0; i < set->index.live && loy__again_at(set, i)->ready; i++)
		;
	if (i == set->index.live && !set->all)
		return LOY_OK;
	return loy__visit_facts(store, 1, take_fact, &folding, set->progress, set->progress_user, error);
}

void loy__agains_free(loy__agains *set, loy_store *store)
{
	uint32_t i;

	for (i = 0; i < set->index.live; i++) {
		loy__again *again = loy__again_at(set, i);

		loy__free(&store->memory, again->key, again->who.length);
		loy__record_free(again->record, &store->record_memory);
	}
	loy__index_free(&set->index, &store->memory);
	loy__vector_free(&set->entries, &store->memory, sizeof(loy__again));
	memset(set, 0, sizeof(*set));
}
