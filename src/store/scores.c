/* Scores of many customers, and of one. */
#include "store/store.h"

#define SCORE_SLAB 65536u /* rows a thread between two calls of the caller's progress */
#define AHEAD      6u     /* rows whose records are fetched before they are needed */

struct scoring {
	loy__reading_time at;
	const loy_store *store;
	uint64_t row; /* of the first customer */
	uint32_t intervals, column_count;
	uint32_t purpose; /* 0: consent is not asked for */
	const loy_score_column *columns;
};

static void score_rows(uint64_t first, uint64_t end, void *user)
{
	const struct scoring *job = user;
	const loy__record *record;
	loy__scores scores;
	uint64_t i;

	for (i = first; i < end; i++) {
		if (i + AHEAD < end)
			loy__record_prefetch(loy__store_row(job->store, job->row + i + AHEAD)->record);
		record = loy__store_row(job->store, job->row + i)->record;
		if (LOY__UNLIKELY(job->purpose != 0) && !loy__consented(record, job->purpose))
			record = NULL; /* as if nothing were known */
		loy__score_record(&job->at, record, job->intervals, &scores);
		loy__score_store(&scores, job->columns, job->column_count, i);
	}
}

loy_status loy__store_readable(const loy_store *store, const loy_model *model, int64_t time)
{
	if (store == NULL || model == NULL)
		return LOY_EINVAL;
	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return LOY_ETIME;
	if (!loy__schema_equal(store->schema, &model->schema))
		return LOY_ESCHEMA;
	if (loy__store_sound(store) != LOY_OK)
		return LOY_EIO;
	return store->sorted ? LOY_OK : LOY_ESTATE;
}

loy_status loy_store_score(const loy_store *store, const loy_model *model, int64_t time, uint64_t first,
                           uint64_t count, const loy_score_column *columns, uint32_t column_count,
                           const loy_batch_options *options)
{
	loy_batch_options chosen;
	uint32_t constructs;
	struct scoring *job;
	loy_status status = loy__store_readable(store, model, time);

	if (status != LOY_OK)
		return status;
	if (loy__batch_options(&chosen, options) != LOY_OK || first > loy_store_count(store) ||
	    count > loy_store_count(store) - first)
		return LOY_EINVAL;
	/* Too large for a stack, and the store's own allocator counts, which readers must not. */
	job = loy__alloc(&store->budget.parent, sizeof(*job));
	if (job == NULL)
		return LOY_ENOMEM;
	job->store = store;
	job->row = first;
	job->columns = columns;
	job->column_count = column_count;
	job->purpose = chosen.purpose;
	status = loy__score_columns_check(model, columns, column_count, &constructs, &job->intervals);
	if (status == LOY_OK && constructs == 0)
		count = 0; /* nothing is asked for */
	if (status == LOY_OK)
		status = loy__reading_time_init(&job->at, model, time, constructs);
	if (status == LOY_OK)
		status = loy__rows_run(count, chosen.progress != NULL ? SCORE_SLAB : count, &chosen,
		                       score_rows, NULL, job);
	loy__free(&store->budget.parent, job, sizeof(*job));
	return status;
}

loy_status loy_store_evaluate(const loy_store *store, uint64_t row, loy_scorecard *card, int64_t time)
{
	if (store == NULL || card == NULL)
		return LOY_EINVAL;
	if (loy__store_sound(store) != LOY_OK)
		return LOY_EIO;
	if (!store->sorted)
		return LOY_ESTATE;
	if (row >= loy_store_count(store))
		return LOY_EINVAL;
	return loy__scorecard_evaluate(card, store->schema, loy__store_row(store, row)->record, time);
}
