/* What other stores lack: version vectors and bundles going out. */
#include "store/bundle.h"

loy_status loy_store_vector(const loy_store *store, void *buffer, size_t capacity, size_t *needed)
{
	loy__writer out;
	loy_status status;

	if (store == NULL || (buffer == NULL && capacity != 0))
		return LOY_EINVAL;
	status = loy__ledger_readable(store, NULL);
	if (status != LOY_OK)
		return status;
	loy__writer_over(&out, buffer, capacity);
	loy__tags_write(loy__ledger_tags(store), &out);
	if (needed != NULL)
		*needed = out.size;
	return out.size <= capacity ? LOY_OK : LOY_EBUFFER;
}

/* Which facts go into a bundle. */
struct wanted {
	const loy__tags *known; /* not these */
	uint64_t limit;         /* bytes of the bundle, about; 0: none */
	int erasures;           /* erasures, or all others */
};

/* Put facts into a bundle; *complete gets 0 when the limit leaves some out. */
static loy_status write_facts(loy_store *store, const struct wanted *wanted, loy__bundle_writer *w,
                              uint32_t *complete, loy_error *error)
{
	loy__fact_reader *reader;
	loy__fact fact;
	loy_status status = loy__fact_reader_create(&reader, store, error);

	if (status != LOY_OK)
		return status;
	while (w->status == LOY_OK && *complete) {
		status = loy__fact_reader_next(reader, &fact, error);
		if (status != LOY_OK)
			break;
		if ((fact.type == LOY_RECORD_ERASE) != wanted->erasures ||
		    loy__tags_have(wanted->known, fact.tag))
			continue;
		if (wanted->limit != 0 && w->records != 0 && loy__bundle_size(w) >= wanted->limit)
			*complete = 0;
		else
			loy__bundle_add(w, &fact);
	}
	loy__fact_reader_destroy(reader);
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

/*
 * Erasures go first: who hears that an event is gone has then heard why. Else a till that loses its erasure to a
 * backup would have the event again, and those it told would not.
 */
static loy_status write_all(loy_store *store, const loy__tags *known, uint64_t limit, loy__bundle_writer *w,
                            uint32_t *complete, loy_error *error)
{
	loy_store_stats stats = {.struct_size = sizeof(stats)};
	struct wanted wanted = {known, limit, 1};
	loy_status status = LOY_OK;

	*complete = 1;
	if (loy__tags_cover(known, loy__ledger_tags(store)))
		return LOY_OK; /* nothing is new, as most often: the journal need not be read */
	(void)loy_store_get_stats(store, &stats);
	if (stats.erased_customers != 0)
		status = write_facts(store, &wanted, w, complete, error);
	wanted.erasures = 0;
	if (status == LOY_OK && *complete)
		status = write_facts(store, &wanted, w, complete, error);
	return status;
}

static loy_status write_bundle(loy_store *store, const loy__tags *known, uint64_t limit, loy_sink sink,
                               void *user_data, loy_export_result *result, loy_error *error)
{
	loy__bundle_writer w;
	loy_status status;

	loy__bundle_writer_init(&w, &store->memory, loy__ledger_pseudonym_check(store), sink, user_data);
	status = write_all(store, known, limit, &w, &result->complete, error);
	if (status == LOY_OK) {
		status = loy__bundle_finish(&w);
		if (status != LOY_OK)
			(void)loy__fail(error, status, loy_status_text(status));
	}
	result->records = w.records;
	result->bytes = w.bytes;
	loy__bundle_writer_free(&w);
	return status;
}

loy_status loy_store_export(loy_store *store, const void *since, size_t since_size, uint64_t limit,
                            loy_sink sink, void *user_data, loy_export_result *result, loy_error *error)
{
	loy_export_result found = {0};
	loy__tags known = {0};
	loy__reader in;
	loy_status status;

	if (store == NULL || sink == NULL || (since == NULL && since_size != 0) ||
	    (result != NULL && loy__result_write(result, &found, sizeof(found)) != LOY_OK))
		return loy__fail(error, LOY_EINVAL,
		                 "a store on files, a sink and a result with its struct_size are needed");
	/* What waits may be an erasure: what it leaves of others must not leave without it. */
	status = loy__ledger_flush(store, error);
	if (status != LOY_OK)
		return status;
	loy__reader_init(&in, since, since_size);
	if (since_size != 0)
		status = loy__tags_read(&known, &in, &store->memory);
	if (status == LOY_OK && loy__reader_left(&in) != 0)
		status = LOY_EFORMAT;
	if (status == LOY_OK)
		status = write_bundle(store, &known, limit, sink, user_data, &found, error);
	else
		(void)loy__fail_byte(error, status, (int64_t)in.at, "this is no version vector");
	loy__tags_free(&known, &store->memory);
	if (status == LOY_OK && result != NULL)
		(void)loy__result_write(result, &found, sizeof(found));
	return loy__store_status(store, status, error);
}

loy_status loy_store_ship(loy_store *store, loy_sink sink, void *user_data, loy_export_result *result,
                          loy_error *error)
{
	return loy_store_export(store, NULL, 0, 0, sink, user_data, result, error);
}
