/* Bundles coming in: checked whole, then recorded in groups. */
#include "store/bundle.h"

#define GROUP_FACTS 4096u
#define GROUP_BYTES (1u << 20)

struct import {
	loy_store *store;
	loy__bundle_reader in;
	loy_batch_options options;
	int64_t latest_time;
	loy_import_result result;
	int erasing; /* facts so far were erasures, and there was one */
	int begun;
	int64_t overflow_at; /* byte of the first fact that was left out */
	loy_error *error;
};

static loy_status check_fact(struct import *job, const loy__fact *fact, loy__tags *seen)
{
	loy_error detail = {.struct_size = sizeof(detail)};
	loy_status status = loy__fact_check(job->store, fact, &detail);
	int64_t at = fact->body - job->in.in.data;

	if (status != LOY_OK)
		return loy__fail_byte(job->error, status, at + (detail.byte > 0 ? detail.byte : 0),
		                      detail.message);
	if (loy__ledger_awaits(job->store, fact->tag))
		return loy__fail_byte(job->error, LOY_EFORMAT, at, "a record claims to have been made here");
	if (loy__tags_have(seen, fact->tag))
		return loy__fail_byte(job->error, LOY_EFORMAT, at, "two records of the bundle have one name");
	status = loy__tags_reserve(seen, &job->store->memory, 1);
	if (status == LOY_OK)
		loy__tags_add(seen, fact->tag);
	return status;
}

/* Every byte and every fact, before anything is changed. */
static loy_status check(struct import *job, const void *bundle, size_t size)
{
	loy__tags seen = {NULL, 0, 0};
	loy__fact fact;
	loy_status status = loy__bundle_reader_init(&job->in, bundle, size, job->error);

	if (status == LOY_OK && job->in.pseudonym_check != loy__ledger_pseudonym_check(job->store))
		return loy__fail(job->error, LOY_EINVAL,
		                 "the bundle comes from stores with another pseudonym key");
	while (status == LOY_OK) {
		status = loy__bundle_next(&job->in, &fact, job->error);
		if (status == LOY_OK)
			status = check_fact(job, &fact, &seen);
	}
	loy__tags_free(&seen, &job->store->memory);
	job->result.records = job->in.records;
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

/*
 * Erasures lead a bundle. They are in force before the first fact that they may have left nothing of, so that a crash
 * leaves nobody with the latter alone. Those that come later wait for the end, so that no bundle costs more than
 * two looks at the journal.
 */
static loy_status settle_erasures(struct import *job, const loy__fact *fact)
{
	int leading = fact->type == LOY_RECORD_ERASE && (job->erasing || !job->begun);
	loy_status status = LOY_OK;

	if (job->erasing && !leading) {
		status = loy__ledger_settle_all(job->store, job->error);
		if (status == LOY_OK)
			status = loy__ledger_commit(job->store, job->error);
	}
	job->erasing = leading;
	job->begun = 1;
	return status;
}

/* Take one fact in and count what became of it. */
static loy_status take(struct import *job, const loy__fact *fact)
{
	loy_error detail = {
	        .struct_size = sizeof(detail)}; /* what becomes of one fact is no failure of the import */
	loy_status status = loy__ledger_accept(job->store, fact, &detail);
	loy__glance glance = {.time = INT64_MIN};

	switch (status) {
	case LOY_OK:
		job->result.recorded++;
		break;
	case LOY_EDUPLICATE:
		job->result.known++;
		break;
	case LOY_ECONFLICT:
		job->result.conflicts++;
		break;
	case LOY_EERASED:
		job->result.erased++;
		break;
	case LOY_EOVERFLOW: /* one customer's, or a liar's: no reason to withhold what others did */
		if (job->result.refused++ == 0)
			job->overflow_at = fact->body - job->in.in.data;
		return LOY_OK;
	default:
		(void)loy__fail(job->error, status,
		                detail.code == status ? detail.message : loy_status_text(status));
		return loy__store_status(job->store, status,
		                         job->error); /* now, while it is known which limit it was */
	}
	if (status != LOY_EDUPLICATE && fact->type == LOY_RECORD_EVENT) {
		(void)loy__fact_glance(fact, &glance);
		job->result.future += glance.time > job->latest_time;
	}
	return LOY_OK;
}

/* Facts until a group is full; LOY_ENOTFOUND after the last. */
static loy_status take_group(struct import *job, uint64_t *done)
{
	uint32_t facts = 0;
	size_t bytes = 0;
	loy_status status = LOY_OK;

	while (status == LOY_OK && facts < GROUP_FACTS && bytes < GROUP_BYTES) {
		loy__fact fact;

		status = loy__bundle_next(&job->in, &fact, job->error);
		if (status == LOY_OK)
			status = settle_erasures(job, &fact);
		if (status == LOY_OK)
			status = take(job, &fact);
		if (status == LOY_OK) {
			facts++;
			bytes += fact.size;
		}
	}
	*done += facts;
	return status;
}

/* Tell how far it came; 1 when the caller cancels while something is left. */
static int cancelled(const struct import *job, uint64_t done)
{
	uint64_t total = job->result.records;

	return job->options.progress != NULL &&
	       job->options.progress(done, total, job->options.user_data) != 0 && done < total;
}

static loy_status take_all(struct import *job, const void *bundle, size_t size)
{
	uint64_t done = 0;
	loy_status status = loy__bundle_reader_init(&job->in, bundle, size, job->error), settled;

	while (status == LOY_OK) {
		status = take_group(job, &done);
		if (status == LOY_OK)
			status = loy__ledger_commit(job->store, job->error);
		if ((status == LOY_OK || status == LOY_ENOTFOUND) && cancelled(job, done))
			status = loy__fail(job->error, LOY_ECANCELLED, loy_status_text(LOY_ECANCELLED));
	}
	if (status == LOY_ENOTFOUND)
		status = LOY_OK;
	/* Also when it was cut short: what was taken in is settled and kept. */
	settled = loy__ledger_settle_all(job->store, status == LOY_OK ? job->error : NULL);
	if (settled == LOY_OK)
		settled = loy__ledger_commit(job->store, status == LOY_OK ? job->error : NULL);
	if (status == LOY_OK)
		status = settled;
	if (status == LOY_OK && job->result.refused != 0)
		status = loy__fail_byte(job->error, LOY_EOVERFLOW, job->overflow_at,
		                        "a profile cannot count what a record adds: it was left out");
	return status;
}

loy_status loy_store_import(loy_store *store, const void *bundle, size_t size,
                            const loy_batch_options *options, loy_import_result *result, loy_error *error)
{
	struct import job = {0};
	loy_status status;

	if (store == NULL || bundle == NULL || loy__batch_options(&job.options, options) != LOY_OK ||
	    (result != NULL && loy__result_write(result, &job.result, sizeof(job.result)) != LOY_OK))
		return loy__fail(error, LOY_EINVAL,
		                 "a store on files, a bundle, valid options and a result with its "
		                 "struct_size are needed");
	status = loy__ledger_writable(store, error);
	if (status != LOY_OK)
		return status;
	job.store = store;
	job.error = error;
	job.latest_time = job.options.latest_time != 0 ? job.options.latest_time : LOY_TIME_MAX;
	status = check(&job, bundle, size);
	if (status == LOY_OK)
		status = take_all(&job, bundle, size);
	if (result != NULL)
		(void)loy__result_write(result, &job.result, sizeof(job.result));
	return loy__store_status(store, status, error);
}
