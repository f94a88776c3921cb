/* Fitting: options and paths are checked, a model and a sample made, the minimum sought, the result written. */
#include "sem.h"

#include <string.h>

static loy_status read_options(loy_sem_options *out, const loy_sem_options *options, loy_error *error)
{
	const uint32_t flags = LOY_SEM_UNIT_VARIANCE | LOY_SEM_RANDOM_CAUSES | LOY_SEM_MEANS;

	memset(out, 0, sizeof(*out));
	if (loy__options_read(out, sizeof(*out), options) != LOY_OK || (out->flags & ~flags) != 0 ||
	    out->likelihood > LOY_SEM_WISHART || out->missing > LOY_SEM_FULL_INFORMATION ||
	    out->errors > LOY_SEM_ROBUST_MLM || out->weighting > LOY_WEIGHT_SURVEY || out->reserved != 0)
		return loy__fail(error, LOY_EINVAL, "these are no options of a fit");
	if (out->likelihood == LOY_SEM_WISHART &&
	    (out->missing != LOY_SEM_LISTWISE || out->errors >= LOY_SEM_ROBUST_MLR ||
	     (out->flags & LOY_SEM_MEANS) != 0))
		return loy__fail(
		        error, LOY_EINVAL,
		        "Wishart's likelihood is of covariances: it has no means, rows or missing values");
	if (out->missing == LOY_SEM_FULL_INFORMATION && out->errors == LOY_SEM_ROBUST_MLM)
		return loy__fail(error, LOY_EINVAL, "Satorra and Bentler's errors need complete rows");
	return LOY_OK;
}

/* One call, whatever the sample comes from. */
struct call {
	const loy_paths *paths;
	loy_sem_options options;
	loy_error *error;
	const loy_sem_matrix *matrix;
	const loy_moments *moments;
	const char *const *names;
	const loy_table *table;
};

static loy_status take_sample(const struct call *c, loy__sem_sample *sample, loy__sem_model *model)
{
	loy_status status;

	if (c->matrix != NULL)
		status = loy__sem_sample_matrix(sample, model, c->paths, c->matrix, &c->options, c->error);
	else if (c->moments != NULL)
		status = loy__sem_sample_moments(sample, model, c->paths, c->moments, c->names, &c->options,
		                                 c->error);
	else
		status = loy__sem_sample_table(sample, model, c->paths, c->table, &c->options, c->error);
	if (status == LOY_OK)
		status = loy__sem_sample_finish(sample, model, c->paths, c->error);
	return status;
}

static loy_status search(const struct call *c, loy__sem_model *model, const loy__sem_sample *sample,
                         loy_sem **out)
{
	loy__sem_work work;
	loy__sem_search found;
	loy_status status = loy__sem_work_init(&work, model, sample);

	if (status == LOY_OK)
		status = loy__sem_start(model, sample);
	if (status == LOY_OK)
		status = loy__sem_minimise(&work, model, &c->options, &found);
	if (status == LOY_OK && found.state == LOY_SEM_STOPPED && c->options.iterations == 0)
		status = loy__sem_search_again(&work, model, c->paths, &c->options, &found);
	if (status == LOY_OK)
		status = loy__sem_result(out, &work, c->paths, &c->options, &found);
	loy__sem_work_free(&work);
	if (status == LOY_ERANGE)
		return loy__fail(c->error, status,
		                 "no start was found from which the paths imply covariances");
	if (status == LOY_ECANCELLED)
		return loy__fail(c->error, status, "cancelled");
	if (status != LOY_OK)
		return loy__fail(c->error, status, "no memory for the fit");
	return LOY_OK;
}

static loy_status fit(const struct call *c, const loy_allocator *memory, loy_sem **out)
{
	loy__sem_model model;
	loy__sem_sample sample;
	loy_status status = loy__sem_model_build(&model, c->paths, &c->options, memory, c->error);

	if (status == LOY_OK && model.free_count == 0)
		status = loy__fail(c->error, LOY_EINVAL, "no parameter is free");
	if (status == LOY_OK && model.means && c->options.likelihood == LOY_SEM_WISHART)
		status = loy__fail(c->error, LOY_EINVAL,
		                   "Wishart's likelihood has no means, but a term is one");
	if (status == LOY_OK) {
		status = take_sample(c, &sample, &model);
		if (status == LOY_OK) {
			loy__sem_model_give(&model, sample.covariance, sample.mean);
			status = search(c, &model, &sample, out);
		}
		loy__sem_sample_free(&sample);
	}
	loy__sem_model_free(&model);
	return status;
}

static loy_status begin(loy_sem **out, struct call *c, const loy_sem_options *options,
                        const loy_allocator *memory)
{
	loy_allocator adopted;
	loy_status status;

	if (out == NULL)
		return loy__fail(c->error, LOY_EINVAL, "nowhere to put the fit");
	*out = NULL;
	if (c->paths == NULL ||
	    (c->matrix == NULL && c->table == NULL && (c->moments == NULL || c->names == NULL)) ||
	    loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(c->error, LOY_EINVAL,
		                 "a fit needs paths, data with names, and whole allocators");
	status = read_options(&c->options, options, c->error);
	if (status == LOY_OK)
		status = loy_paths_check(c->paths, c->error);
	if (status != LOY_OK)
		return status;
	status = fit(c, &adopted, out);
	if (status != LOY_OK) {
		loy_sem_destroy(*out);
		*out = NULL;
	}
	return status;
}

loy_status loy_sem_fit_matrix(loy_sem **out, const loy_paths *paths, const loy_sem_matrix *matrix,
                              const loy_sem_options *options, const loy_allocator *memory, loy_error *error)
{
	struct call c = {0};

	c.paths = paths;
	c.error = error;
	c.matrix = matrix;
	return begin(out, &c, options, memory);
}

loy_status loy_sem_fit_moments(loy_sem **out, const loy_paths *paths, const loy_moments *moments,
                               const char *const *names, const loy_sem_options *options,
                               const loy_allocator *memory, loy_error *error)
{
	struct call c = {0};

	c.paths = paths;
	c.error = error;
	c.moments = moments;
	c.names = names;
	return begin(out, &c, options, memory);
}

loy_status loy_sem_fit_table(loy_sem **out, const loy_paths *paths, const loy_table *table,
                             const loy_sem_options *options, const loy_allocator *memory, loy_error *error)
{
	struct call c = {0};

	c.paths = paths;
	c.error = error;
	c.table = table;
	return begin(out, &c, options, memory);
}
