/* Verification: every byte of the files, profiles against the journal, the chain. And making profiles again. */
#include "store/ledger_state.h"

#include <string.h>

#define TELL_EVERY 65536u

/* ---- files ---- */

static loy_status read_journal(loy_store *store, loy_verification *result, loy_progress progress, void *user,
                               loy_error *error)
{
	loy__journal *journal = store->ledger->journal;
	uint64_t total = loy__journal_committed(journal);
	loy__fact_reader *reader;
	loy__fact fact;
	loy_status status = loy__fact_reader_create(&reader, store, error);

	if (status != LOY_OK)
		return status;
	while ((status = loy__fact_reader_next(reader, &fact, error)) == LOY_OK) {
		if (++result->records % TELL_EVERY == 0 && progress != NULL &&
		    progress(fact.position, total, user) != 0) {
			status = loy__fail(error, LOY_ECANCELLED, "cancelled");
			break;
		}
	}
	loy__fact_reader_destroy(reader);
	if (status == LOY_ENOTFOUND)
		result->records = total; /* what the store notes of its own lives included, as its figures have it */
	result->bytes += loy__journal_bytes(journal);
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

static loy_status read_snapshot(loy_store *store, uint64_t number, loy_verification *result, loy_error *error)
{
	struct loy__ledger *ledger = store->ledger;
	loy__snapshot_reader *reader;
	const uint8_t *bytes;
	loy_status status;

	if (number == 0)
		return LOY_OK;
	status = loy__snapshot_reader_create(&reader, &ledger->files,
	                                     loy__journal_meta(ledger->journal)->store_id, number,
	                                     &store->memory, error);
	if (status == LOY_ENOTFOUND)
		return loy__fail(error, LOY_EDAMAGED, "a snapshot is missing");
	if (status != LOY_OK)
		return status;
	result->bytes += loy__snapshot_left(reader);
	while (status == LOY_OK && loy__snapshot_left(reader) != 0) {
		uint64_t left = loy__snapshot_left(reader);

		status = loy__snapshot_borrow(reader, &bytes, left < 4096 ? (size_t)left : 4096, error);
	}
	loy__snapshot_reader_destroy(reader);
	return status;
}

static loy_status verify_files(loy_store *store, loy_verification *result, loy_progress progress, void *user,
                               loy_error *error)
{
	const loy__meta *meta = loy__journal_meta(store->ledger->journal);
	loy_status status = read_journal(store, result, progress, user, error);

	if (status == LOY_OK)
		status = read_snapshot(store, meta->snapshot, result, error);
	if (status == LOY_OK)
		status = read_snapshot(store, meta->older_snapshot, result, error);
	return status;
}

/* ---- profiles ---- */

/* Customers of one table that the other has not, or has otherwise. */
static uint64_t count_wrong(const loy__customers *is, const loy__customers *should)
{
	uint64_t wrong = 0, met = 0;
	uint32_t i;

	for (i = 0; i < is->index.live; i++) {
		const loy__customer *customer = loy__customers_at(is, i);
		loy__who who = is->keyed ? loy__who_key(should, customer->who.key + 1, customer->who.key[0])
		                         : loy__who_number(should, customer->who.number);
		uint32_t entry = loy__customers_find(should, &who);

		if (entry == LOY__NO_ENTRY) {
			wrong++;
			continue;
		}
		met++;
		wrong += !loy__record_equal(customer->record, loy__customers_at(should, entry)->record);
	}
	return wrong + (should->index.live - met);
}

static loy_status verify_profiles(loy_store *store, loy_verification *result, loy_progress progress,
                                  void *user, loy_error *error)
{
	loy_store *should;
	loy_status status = loy__ledger_copy(store, LOY_TIME_MAX, store->model, 0, &should, &store->memory,
	                                     progress, user, error);

	if (status != LOY_OK)
		return status;
	result->wrong =
	        count_wrong(&store->numbered, &should->numbered) + count_wrong(&store->named, &should->named);
	loy_store_destroy(should);
	if (result->wrong != 0)
		return loy__fail(error, LOY_EDAMAGED, "profiles are not the sum of the journal");
	return LOY_OK;
}

/* ---- all ---- */

static loy_status verify(loy_store *store, uint32_t what, loy_verification *result, loy_progress progress,
                         void *user, loy_error *error)
{
	const loy__journal *journal = store->ledger->journal;
	loy_status status = LOY_OK;

	result->chained = (loy__journal_meta(journal)->flags & LOY_STORE_UNCHAINED) == 0;
	if (loy__journal_last(journal) != loy__journal_committed(journal))
		status = loy__ledger_commit(store, error);
	if (status == LOY_OK && (what & LOY_VERIFY_FILES) != 0)
		status = verify_files(store, result, progress, user, error);
	if (status == LOY_OK && (what & LOY_VERIFY_PROFILES) != 0)
		status = verify_profiles(store, result, progress, user, error);
	if (status == LOY_OK && (what & LOY_VERIFY_CHAIN) != 0 && result->chained)
		status = loy__journal_verify_chain(store->ledger->journal, result->head, progress, user,
		                                   error);
	return status;
}

loy_status loy_store_verify(loy_store *store, uint32_t what, loy_verification *result, loy_progress progress,
                            void *user_data, loy_error *error)
{
	loy_verification found = {0};
	loy_status status;

	if (store == NULL || what == 0 || (what & ~(uint32_t)LOY_VERIFY_ALL) != 0 ||
	    (result != NULL && loy__result_write(result, &found, sizeof(found)) != LOY_OK))
		return loy__fail(error, LOY_EINVAL, "the arguments are not valid");
	status = loy__ledger_readable(store, error);
	if (status == LOY_OK)
		status = verify(store, what, &found, progress, user_data, error);
	if (result != NULL)
		(void)loy__result_write(result, &found, sizeof(found));
	return loy__store_status(store, status, error);
}

loy_status loy_store_rebuild(loy_store *store, loy_progress progress, void *user_data, loy_error *error)
{
	loy_status status;

	if (store == NULL)
		return loy__fail(error, LOY_EINVAL, "a store is needed");
	status = loy__ledger_readable(store, error);
	if (status == LOY_OK)
		status = loy__ledger_remake(store, progress, user_data, error);
	if (status == LOY_ENOMEM)
		(void)loy__fail(error, status, "out of memory");
	return loy__store_status(store, status, error);
}
