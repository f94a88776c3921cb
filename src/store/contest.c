/* Identities with more than one content: finding all contents of those that are contested now, and who wins. */
#include "store/change.h"

#include <string.h>

static loy__content content_of(const loy_store *store, const loy__fact *fact, loy__glance *glance)
{
	loy__content content = {.high = glance->high, .low = glance->low};

	loy__ref_hash(store, &glance->who);
	content.digest = loy__siphash(0, 0, fact->body, fact->size);
	content.position = fact->position;
	content.who[0] = glance->who.hash[0];
	content.who[1] = glance->who.hash[1];
	content.time = glance->time;
	return content;
}

/* The contents of those that wait, as candidates. */
static loy__content content_waiting(const loy__revision *change, const loy__waiting *w)
{
	loy__glance glance;
	loy__fact fact = loy__waiting_look(w, &glance);

	return content_of(change->store, &fact, &glance);
}

static int is_event(uint32_t type)
{
	return type == LOY_RECORD_EVENT || type == LOY_RECORD_RETRACT;
}

static int is_erased(const loy__revision *change, const loy__content *content)
{
	return loy__erasures_until(&change->ledger->erasures, content->who) >= content->time;
}

/* ---- what the journal has ---- */

struct search {
	loy__revision *change;
	const loy__contents *wanted; /* one element for each identity looked for */
	loy__contents *found;
};

static loy_status note(struct search *search, const loy__fact *fact, loy_error *error)
{
	loy__content content;
	loy__glance glance;
	loy_status status;
	size_t count;

	if (!is_event(fact->type) || fact->again)
		return LOY_OK;
	status = loy__fact_look(fact, &glance, error);
	if (status != LOY_OK)
		return status;
	(void)loy__contents_of(search->wanted, glance.high, glance.low, &count);
	if (count == 0)
		return LOY_OK;
	content = content_of(search->change->store, fact, &glance);
	if (is_erased(search->change, &content))
		return LOY_OK;
	return loy__contents_add(search->found, &search->change->store->memory, &content);
}

static loy_status search_journal(struct search *search, loy_error *error)
{
	loy__journal_reader *reader;
	loy__tagging tagging = {0, 0};
	loy__record_view view;
	loy__fact fact;
	loy_status status = loy__journal_reader_create(&reader, search->change->ledger->journal, 1, error);

	if (status != LOY_OK)
		return status;
	while ((status = loy__journal_reader_next(reader, &view, error)) == LOY_OK) {
		status = loy__fact_from_record(&tagging, &view, &fact) ? note(search, &fact, error) : LOY_OK;
		if (status != LOY_OK)
			break;
	}
	loy__journal_reader_destroy(reader);
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

/* The contents the journal has of contested identities of which the ledger has none together. */
static loy_status find_contents(loy__revision *change, loy__contents *found, loy_error *error)
{
	struct search search = {change, NULL, found};
	loy__contents wanted = {NULL, 0, 0};
	loy_status status = LOY_OK;
	loy__content content;
	size_t i, count;

	for (i = 0; i < change->ledger->waiting_count && status == LOY_OK; i++) {
		const loy__waiting *w = &change->ledger->waiting[i];

		if (!is_event(w->type))
			continue;
		content = content_waiting(change, w);
		(void)loy__contents_of(&change->ledger->contents, content.high, content.low, &count);
		content.digest = 0; /* one element an identity */
		if (count == 0)
			status = loy__contents_add(&wanted, &change->store->memory, &content);
	}
	search.wanted = &wanted;
	if (status == LOY_OK && wanted.count != 0)
		status = search_journal(&search, error);
	loy__contents_free(&wanted, &change->store->memory);
	return status;
}

/* ---- who wins ---- */

/*
 * Add those that wait to all that is known. What was known is told from what is new by its position; while replaying,
 * where all have one, whoever is concerned is made again.
 */
static loy_status add_waiting(loy__revision *change, loy__contents *all)
{
	loy_status status = LOY_OK;
	size_t i;

	for (i = 0; i < change->ledger->waiting_count && status == LOY_OK; i++) {
		loy__waiting *w = &change->ledger->waiting[i];
		loy__content content;

		if (!is_event(w->type))
			continue;
		content = content_waiting(change, w);
		if (content.time > change->ledger->newest)
			change->ledger->newest = content.time; /* if it is not taken in after all: no harm */
		if (loy__contents_have(all, content.high, content.low, content.digest)) {
			w->settled = LOY__RECORD_AGAIN;
		} else {
			w->settled = LOY__RECORD_VARIANT;
			status = loy__contents_add(all, &change->store->memory, &content);
		}
		if (change->ledger->replaying)
			w->settled = LOY__RECORD_VARIANT;
		change->contested = 1;
	}
	return status;
}

/* Contents first … end - 1 are of one identity: keep those that are contents then, and mark whom it concerns. */
static loy_status judge(loy__revision *change, const loy__contents *all, size_t first, size_t end,
                        loy__contents *kept)
{
	const loy__content *before = NULL, *after = NULL;
	loy_status status = LOY_OK;
	size_t i, live = 0;

	for (i = first; i < end; i++) {
		int erased = is_erased(change, &all->at[i]);

		if (before == NULL && all->at[i].position != 0)
			before = &all->at[i];
		if (after == NULL && !erased)
			after = &all->at[i];
		live += !erased;
	}
	for (i = first; i < end && live >= 2 && status == LOY_OK; i++) {
		if (!is_erased(change, &all->at[i]))
			status = loy__contents_add(kept, &change->store->memory, &all->at[i]);
	}
	if (change->ledger->replaying && change->contested) {
		for (i = first; i < end && status == LOY_OK; i++)
			status = loy__revision_again(change, all->at[i].who);
		return status;
	}
	if (before == after || status != LOY_OK)
		return status;
	if (before != NULL)
		status = loy__revision_again(change, before->who);
	if (status == LOY_OK && after != NULL)
		status = loy__revision_again(change, after->who);
	return status;
}

static loy_status judge_all(loy__revision *change, const loy__contents *all, loy__contents *kept)
{
	loy_status status = LOY_OK;
	size_t first, end;

	for (first = 0; first < all->count && status == LOY_OK; first = end) {
		for (end = first + 1; end < all->count && all->at[end].high == all->at[first].high &&
		                      all->at[end].low == all->at[first].low;)
			end++;
		status = judge(change, all, first, end, kept);
	}
	return status;
}

/* Erasures are the new ones from when the contents known before were gathered. */
static void raise_erasures(loy__revision *change)
{
	struct loy__ledger *ledger = change->ledger;
	size_t i;

	for (i = 0; i < ledger->waiting_count; i++) {
		const loy__waiting *w = &ledger->waiting[i];
		loy__glance glance;

		change->raised[i] = INT64_MAX; /* nothing to undo */
		change->raised_count = i + 1;
		if (w->type != LOY_RECORD_ERASE)
			continue;
		(void)loy__waiting_look(w, &glance);
		if (loy__erasures_until(&ledger->erasures, glance.hash) < glance.time)
			change->raised[i] = loy__erasures_raise(&ledger->erasures, glance.hash, glance.time);
	}
}

loy_status loy__revision_contents(loy__revision *change, loy_error *error)
{
	const loy_allocator *memory = &change->store->memory;
	loy__contents all, kept = {NULL, 0, 0}, found = {NULL, 0, 0};
	loy_status status = find_contents(change, &found, error);
	size_t i;

	memset(&all, 0, sizeof(all));
	if (status == LOY_OK)
		status = loy__contents_copy(&all, &change->ledger->contents, memory);
	for (i = 0; i < found.count && status == LOY_OK; i++)
		status = loy__contents_add(&all, memory, &found.at[i]);
	if (status == LOY_OK)
		status = add_waiting(change, &all);
	if (status == LOY_OK) {
		raise_erasures(change);
		status = judge_all(change, &all, &kept);
	}
	loy__contents_free(&all, memory);
	loy__contents_free(&found, memory);
	if (status != LOY_OK) {
		loy__contents_free(&kept, memory);
		return status;
	}
	change->contents = change->ledger->contents;
	change->ledger->contents = kept;
	change->swapped = 1;
	return LOY_OK;
}
