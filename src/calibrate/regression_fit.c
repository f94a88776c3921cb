/* All rounds of a logistic fit over rows in memory, on threads. */
#include "regression.h"

#include "core/parallel.h"

/* A part of the rows of each table for each thread: part 0 works for the fit itself. */
struct work {
	loy_logistic **forks; /* [0] is the fit */
	const loy_table *const *tables;
	uint32_t count;
	loy_status *status;
	loy_error *errors;
};

static void add_part(uint32_t part, uint32_t parts, void *user)
{
	struct work *work = user;
	uint32_t i;

	work->status[part] = LOY_OK;
	for (i = 0; i < work->count && work->status[part] == LOY_OK; i++) {
		loy_table piece = *work->tables[i];
		uint64_t first =
		        piece.rows / parts * part + (piece.rows % parts < part ? piece.rows % parts : part);

		piece.rows = piece.rows / parts + (part < piece.rows % parts);
		if (piece.rows == 0)
			continue;
		piece.struct_size = sizeof(piece);
		piece.values = (const double *)(const void *)((const char *)piece.values +
		                                              (int64_t)first * piece.row_stride);
		if (piece.weights != NULL)
			piece.weights = (const double *)(const void *)((const char *)piece.weights +
			                                               (int64_t)first * piece.weight_stride);
		work->status[part] = loy_logistic_add(work->forks[part], &piece, &work->errors[part]);
		if (work->status[part] != LOY_OK && work->errors[part].row >= 0)
			work->errors[part].row += (int64_t)first;
	}
}

static loy_status run_round(struct work *work, uint32_t threads, uint32_t *done, loy_error *error)
{
	loy_status status;
	uint32_t i;

	for (i = 1; i < threads; i++)
		loy__logistic_follow(work->forks[i], work->forks[0]);
	status = loy__parallel(threads, add_part, work);
	for (i = 0; i < threads && status == LOY_OK; i++) {
		status = work->status[i];
		if (status != LOY_OK) {
			loy__error_fill_row(error, status, work->errors[i].row, work->errors[i].field,
			                    work->errors[i].message);
			return status;
		}
		if (i > 0)
			status = loy_logistic_merge(work->forks[0], work->forks[i]);
	}
	return status == LOY_OK ? loy_logistic_step(work->forks[0], done, error) : status;
}

static loy_status run(loy_logistic *fit, struct work *work, uint32_t threads, loy_error *error)
{
	uint32_t done = 0, i;
	loy_status status = LOY_OK;

	work->forks[0] = fit;
	for (i = 1; i < threads && status == LOY_OK; i++)
		status = loy_logistic_fork(&work->forks[i], fit, &fit->memory);
	if (status != LOY_OK)
		(void)loy__fail(error, status, "no memory for the fit");
	for (i = 0; i < threads; i++)
		work->errors[i].struct_size = sizeof(*work->errors);
	while (status == LOY_OK && !done)
		status = run_round(work, threads, &done, error);
	for (i = 1; i < threads; i++)
		loy_logistic_destroy(work->forks[i]);
	return status;
}

/* Room for what threads need of their own. */
static loy_status run_with_room(loy_logistic *fit, struct work *work, uint32_t threads, loy_error *error)
{
	size_t each = sizeof(*work->errors) + sizeof(void *) + sizeof(*work->status), bytes = threads * each;
	char *block = loy__alloc_zero(&fit->memory, bytes);
	loy_status status;

	if (block == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the fit");
	work->errors = (loy_error *)(void *)block;
	work->forks = (loy_logistic **)(void *)(block + threads * sizeof(*work->errors));
	work->status = (loy_status *)(void *)(block + threads * (sizeof(*work->errors) + sizeof(void *)));
	status = run(fit, work, threads, error);
	loy__free(&fit->memory, block, bytes);
	return status;
}

static loy_status check_tables(const loy_table *const *tables, uint32_t count, loy_error *error)
{
	loy_status status = LOY_OK;
	uint32_t i;

	if (tables == NULL || count == 0)
		return loy__fail(error, LOY_EINVAL, "tables are needed");
	for (i = 0; i < count && status == LOY_OK; i++)
		status = loy__table_check(tables[i], error);
	return status;
}

loy_status loy_logistic_fit(loy_logistic **out, const loy_table *const *tables, uint32_t count,
                            const loy_logistic_options *options, uint32_t threads,
                            const loy_allocator *memory, loy_error *error)
{
	struct work work = {0};
	loy_logistic *fit = NULL;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "nowhere to put the fit");
	*out = NULL;
	threads = threads != 0 ? threads : 1;
	if (threads > LOY__THREADS_MAX)
		return loy__fail(error, LOY_ELIMIT, "too many threads");
	status = check_tables(tables, count, error);
	if (status != LOY_OK)
		return status;
	status = loy_logistic_create(&fit, options, memory);
	if (status != LOY_OK)
		return loy__fail(error, status,
		                 status == LOY_ENOMEM ? "no memory for the fit"
		                                      : "these options say nothing that fits");
	work.tables = tables;
	work.count = count;
	status = run_with_room(fit, &work, threads, error);
	if (status != LOY_OK)
		loy_logistic_destroy(fit);
	else
		*out = fit;
	return status;
}
