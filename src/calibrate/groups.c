/*
 * Two groups: estimates of each, of random divisions of all respondents into groups as large, and of
 * resamples of each. Everything is measured in one pass over the rows made ready for the bootstrap.
 */
#include "calibrate/groups.h"

#include <math.h>
#include <string.h>

#define COUNT_DEFAULT 1000u
#define COUNT_MAX     1000000u
#define TRIES         100u

/* ---- chance ---- */

/* Deal the respondents of both groups out anew (Fisher & Yates, from the last down). */
static void divide(loy__comparing *c, uint32_t number, uint32_t attempt)
{
	size_t i;

	memcpy(c->shuffled, c->group, c->rows.count);
	for (i = c->rows.count; i-- > 1;) {
		size_t other = (size_t)loy__draw_below(c->options.seed, LOY__DRAW_DIVISION, number, attempt,
		                                       i, i + 1);
		uint8_t held = c->shuffled[i];

		c->shuffled[i] = c->shuffled[other];
		c->shuffled[other] = held;
	}
}

/* ---- one division ---- */

static loy_status estimate(loy__comparing *c, const uint8_t *group, uint8_t which)
{
	size_t i;

	for (i = 0; i < c->rows.count; i++)
		c->trial.times[i] = group[i] == which;
	return loy__pls_trial_run(&c->trial);
}

/* Correlation of a construct's scores by two sets of weights, over all. */
static double agreement(const loy__comparing *c, const loy__pls_construct *construct, const double *a,
                        const double *b)
{
	size_t n = c->model->indicators, i, j, first = construct->first, end = first + construct->count;
	double ab = 0.0, aa = 0.0, bb = 0.0;

	for (i = first; i < end; i++)
		for (j = first; j < end; j++) {
			double r = c->pooled[i * n + j];

			ab += a[i] * r * b[j];
			aa += a[i] * r * a[j];
			bb += b[i] * r * b[j];
		}
	return construct->count == 1 ? 1.0 : ab / sqrt(aa * bb);
}

/* Mean and variance (divisor one less) of a construct's common scores in a group. */
static void moments(const loy__comparing *c, const uint8_t *group, uint8_t which, uint32_t construct,
                    double *mean, double *variance)
{
	size_t q = c->model->constructs, i, count = 0;
	double sum = 0.0, squares = 0.0;

	for (i = 0; i < c->rows.count; i++)
		if (group[i] == which) {
			sum += c->score[i * q + construct];
			count++;
		}
	*mean = sum / (double)count;
	for (i = 0; i < c->rows.count; i++)
		if (group[i] == which) {
			double off = c->score[i * q + construct] - *mean;

			squares += off * off;
		}
	*variance = squares / (double)(count - 1);
}

static loy_status compare(loy__comparing *c, const uint8_t *group, const loy__said *out, size_t stride)
{
	const loy__pls_model *m = c->model;
	const loy__pls_estimate *e = &c->trial.run.stage[0];
	double *first = c->weight + m->indicators;
	loy_status status = estimate(c, group, 1);
	uint32_t k;

	if (status != LOY_OK)
		return status;
	memcpy(first, e->weight, m->indicators * sizeof(double));
	for (k = 0; k < m->paths; k++)
		out->first[k * stride] = e->path[k];
	status = estimate(c, group, 2);
	if (status != LOY_OK)
		return status;
	for (k = 0; k < m->paths; k++)
		out->second[k * stride] = e->path[k];
	for (k = 0; k < m->constructs; k++) {
		double mean[2], variance[2];

		out->correlation[k * stride] = agreement(c, &m->construct[k], first, e->weight);
		moments(c, group, 1, k, &mean[0], &variance[0]);
		moments(c, group, 2, k, &mean[1], &variance[1]);
		out->mean[k * stride] = mean[0] - mean[1];
		out->ratio[k * stride] = loy__log(variance[0] / variance[1]);
	}
	return LOY_OK;
}

/* ---- all respondents ---- */

static loy_status pool(loy__comparing *c)
{
	const loy__pls_model *m = c->model;
	const loy__pls_estimate *e = &c->trial.run.stage[0];
	size_t i;
	uint32_t k, j;
	loy_status status;

	for (i = 0; i < c->rows.count; i++)
		c->trial.times[i] = 1.0;
	status = loy__pls_trial_run(&c->trial);
	if (status != LOY_OK)
		return status;
	memcpy(c->pooled, e->r, (size_t)m->indicators * m->indicators * sizeof(double));
	memcpy(c->weight, e->weight, m->indicators * sizeof(double));
	for (i = 0; i < c->rows.count; i++)
		for (k = 0; k < m->constructs; k++) {
			double sum = 0.0;

			for (j = m->construct[k].first; j < m->construct[k].first + m->construct[k].count;
			     j++) {
				uint32_t item = m->column[j];

				if (c->rows.there == NULL || c->rows.there[i * c->rows.items + item] > 0.0)
					sum += c->weight[j] *
					       (c->rows.z[i * c->rows.items + item] - c->trial.mean[item]) /
					       c->trial.scale[item];
			}
			c->score[i * m->constructs + k] = sum;
		}
	return LOY_OK;
}

loy__said loy__groups_series(const loy__comparing *c, size_t place, size_t stride)
{
	size_t q = c->model->constructs, p = c->model->paths;
	loy__said said;

	said.correlation = c->series + place;
	said.mean = said.correlation + q * stride;
	said.ratio = said.mean + q * stride;
	said.first = said.ratio + q * stride;
	said.second = said.first + p * stride;
	return said;
}

/* Tell progress; done of divisions and draws together. */
static loy_status tell(const loy__comparing *c, uint32_t done)
{
	uint64_t all = (uint64_t)c->options.permutations + c->options.resamples;

	if (done % 64 != 0 || c->options.progress == NULL)
		return LOY_OK;
	return c->options.progress(done, all, c->options.user_data) != 0 ? LOY_ECANCELLED : LOY_OK;
}

static loy_status permute(loy__comparing *c)
{
	uint32_t n, attempt;
	loy_status status = LOY_OK;

	for (n = 0; n < c->options.permutations && status == LOY_OK; n++) {
		loy__said said = loy__groups_series(c, n, c->options.permutations);

		for (attempt = 0; attempt < TRIES; attempt++) {
			divide(c, n, attempt);
			status = compare(c, c->shuffled, &said, c->options.permutations);
			if (status == LOY_OK)
				break;
			c->out->summary.redrawn++;
		}
		if (status == LOY_OK)
			status = tell(c, n);
	}
	return status;
}

/* A resample of one group's respondents, and its paths. */
static loy_status resample(loy__comparing *c, uint8_t which, uint32_t number, double *paths)
{
	uint64_t count = which == 1 ? c->out->summary.first : c->out->summary.second, k;
	const loy__pls_estimate *e = &c->trial.run.stage[0];
	uint32_t kind = which == 1 ? LOY__DRAW_FIRST : LOY__DRAW_SECOND, attempt, i;
	size_t row, at;

	for (attempt = 0; attempt < TRIES; attempt++) {
		memset(c->trial.times, 0, c->rows.count * sizeof(double));
		for (k = 0; k < count; k++) {
			at = (size_t)loy__draw_below(c->options.seed, kind, number, attempt, k, count);
			c->trial.times[at] +=
			        1.0; /* of the group's respondents, one after another: spread below */
		}
		for (row = c->rows.count, at = (size_t)count; row-- > 0;) {
			double times = 0.0;

			if (c->group[row] == which)
				times = c->trial.times[--at];
			c->sorted[row] = times;
		}
		memcpy(c->trial.times, c->sorted, c->rows.count * sizeof(double));
		if (loy__pls_trial_run(&c->trial) == LOY_OK) {
			for (i = 0; i < c->model->paths; i++)
				paths[(size_t)i * c->options.resamples] = e->path[i];
			return LOY_OK;
		}
		c->out->summary.redrawn++;
	}
	return LOY_ERANGE;
}

static loy_status draw(loy__comparing *c)
{
	double *first = c->series, *second = first + (size_t)c->model->paths * c->options.resamples;
	loy_status status = LOY_OK;
	uint32_t n;

	for (n = 0; n < c->options.resamples && status == LOY_OK; n++) {
		status = resample(c, 1, n, first + n);
		if (status == LOY_OK)
			status = resample(c, 2, n, second + n);
		if (status == LOY_OK)
			status = tell(c, c->options.permutations + n);
	}
	return status;
}

/* The two groups as they are, into the results. */
static loy_status observe(loy__comparing *c)
{
	loy__said said = loy__groups_series(c, 0, 1);
	loy_status status = compare(c, c->group, &said, 1);
	uint32_t k;

	for (k = 0; k < c->model->constructs && status == LOY_OK; k++) {
		loy_invariance *v = &c->out->invariance[k];

		v->construct = k;
		v->correlation = said.correlation[k];
		v->mean_difference = said.mean[k];
		v->variance_ratio = said.ratio[k];
	}
	for (k = 0; k < c->model->paths && status == LOY_OK; k++) {
		c->out->path[k].path = k;
		c->out->path[k].first = said.first[k];
		c->out->path[k].second = said.second[k];
	}
	return status;
}

/* ---- starting ---- */

static loy_status check(loy__comparing *c, const loy_table *table, const loy_groups_options *options,
                        loy_error *error)
{
	loy_groups_options *o = &c->options;

	if (loy__options_read(o, sizeof(*o), options) != LOY_OK || o->reserved != 0 ||
	    o->permutations > COUNT_MAX || o->permutations == 1 || o->resamples > COUNT_MAX ||
	    o->resamples == 1 || !(o->level >= 0.0 && o->level < 1.0))
		return loy__fail(error, LOY_EINVAL, "an option is not valid");
	if (c->pls->shared->plan.stages != 1 || c->pls->shared->plan.products != 0 ||
	    c->pls->shared->missing == LOY_MISSING_PAIRWISE || table->weights != NULL)
		return loy__fail(
		        error, LOY_EINVAL,
		        "several stages, products, pairwise missing values or weights cannot be compared");
	o->permutations = o->permutations == 0 ? COUNT_DEFAULT : o->permutations;
	o->resamples = o->resamples == 0 ? COUNT_DEFAULT : o->resamples;
	if (!(o->level > 0.0))
		o->level = 0.95;
	return LOY_OK;
}

/* Everything a comparison works with, in one block. */
static loy_status allocate(loy__comparing *c)
{
	size_t n = c->rows.count, q = c->model->constructs, p = c->model->paths, k = c->model->indicators;
	size_t most = c->options.permutations > c->options.resamples ? c->options.permutations
	                                                             : c->options.resamples;
	size_t trial = loy__pls_trial_room(&c->rows), sorted = most > n ? most : n, each = 3 * q + 2 * p;
	uint64_t doubles = (uint64_t)n * q + (uint64_t)each * most;
	double *at;

	doubles += trial + k * k + 2 * k + sorted;
	if (doubles > SIZE_MAX / 2 / sizeof(double))
		return LOY_ENOMEM;
	c->block_size = (size_t)doubles * sizeof(double) + 2 * n;
	c->block = loy__alloc(&c->rows.memory, c->block_size);
	if (c->block == NULL)
		return LOY_ENOMEM;
	at = c->block;
	loy__pls_trial_lay(&c->trial, &c->rows, at);
	c->pooled = at + trial;
	c->weight = c->pooled + k * k;
	c->score = c->weight + 2 * k;
	c->sorted = c->score + n * q;
	c->series = c->sorted + sorted;
	c->group = (uint8_t *)(c->series + each * most);
	c->shuffled = c->group + n;
	return LOY_OK;
}

/* Groups of the rows that are there; rows in neither are taken out of the list. */
static loy_status take_groups(loy__comparing *c, const uint8_t *group, loy_error *error)
{
	size_t i, j, kept = 0, items = c->rows.items;

	for (i = 0; i < c->rows.count; i++) {
		uint8_t which = group[c->rows.origin[i]];

		if (which > 2)
			return loy__fail_row(error, LOY_EINVAL, (int64_t)c->rows.origin[i], 0,
			                     "a group is neither 0, 1 nor 2");
		if (which == 0)
			continue;
		for (j = 0; j < items && kept != i; j++) {
			c->rows.z[kept * items + j] = c->rows.z[i * items + j];
			if (c->rows.there != NULL)
				c->rows.there[kept * items + j] = c->rows.there[i * items + j];
		}
		c->rows.weight[kept] = c->rows.weight[i];
		c->rows.origin[kept++] = c->rows.origin[i];
		c->out->summary.first += which == 1;
		c->out->summary.second += which == 2;
	}
	c->rows.count = kept;
	c->rows.total = (double)kept;
	if (c->out->summary.first < 3 || c->out->summary.second < 3)
		return loy__fail(error, LOY_EUNKNOWN, "fewer than 3 respondents in a group");
	return LOY_OK;
}

static loy_status run(loy__comparing *c, const uint8_t *group, loy_error *error)
{
	loy_status status = allocate(c);
	size_t i;

	for (i = 0; i < c->rows.count && status == LOY_OK; i++)
		c->group[i] = group[c->rows.origin[i]];
	if (status == LOY_OK)
		status = pool(c);
	if (status == LOY_OK)
		status = observe(c);
	if (status == LOY_OK)
		status = permute(c);
	if (status == LOY_OK) {
		loy__groups_judge_permutations(c);
		status = draw(c);
	}
	if (status == LOY_OK)
		loy__groups_judge_draws(c);
	loy__free(&c->rows.memory, c->block, c->block == NULL ? 0 : c->block_size);
	if (status == LOY_ERANGE)
		return loy__fail(error, status,
		                 "the model cannot be estimated in a group, or in what chance makes of them");
	return status == LOY_OK ? LOY_OK : loy__fail(error, status, loy_status_text(status));
}

static loy_status make(loy__comparing *c, const loy_table *table, const uint8_t *group, loy_error *error)
{
	loy_groups *out = c->out;
	loy_status status = loy__pls_rows_open(&c->rows, c->pls, table, &out->memory, error);

	if (status != LOY_OK)
		return status;
	status = take_groups(c, group, error);
	if (status == LOY_OK) {
		out->summary.constructs = c->model->constructs;
		out->summary.paths = c->model->paths;
		out->summary.permutations = c->options.permutations;
		out->summary.resamples = c->options.resamples;
		out->invariance_size = c->model->constructs * sizeof(*out->invariance);
		out->path_size = c->model->paths * sizeof(*out->path);
		out->invariance = loy__alloc_zero(&out->memory, out->invariance_size);
		out->path = loy__alloc_zero(&out->memory, out->path_size);
		if (out->invariance == NULL || out->path == NULL)
			status = loy__fail(error, LOY_ENOMEM, loy_status_text(LOY_ENOMEM));
	}
	if (status == LOY_OK)
		status = run(c, group, error);
	loy__pls_rows_close(&c->rows);
	return status;
}

loy_status loy_groups_create(loy_groups **out, const loy_pls *pls, const loy_table *table,
                             const uint8_t *group, const loy_groups_options *options,
                             const loy_allocator *memory, loy_error *error)
{
	loy__comparing *c;
	loy_allocator own;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "no place for the comparison");
	*out = NULL;
	if (pls == NULL || table == NULL || group == NULL || loy__memory_adopt(&own, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "an argument is missing or an allocator is not whole");
	c = loy__alloc_zero(&own, sizeof(*c));
	if (c == NULL)
		return loy__fail(error, LOY_ENOMEM, loy_status_text(LOY_ENOMEM));
	c->pls = pls;
	c->model = pls->model;
	status = loy__table_check(table, error);
	if (status == LOY_OK)
		status = check(c, table, options, error);
	if (status == LOY_OK) {
		c->out = loy__alloc_zero(&own, sizeof(*c->out));
		if (c->out == NULL)
			status = loy__fail(error, LOY_ENOMEM, loy_status_text(LOY_ENOMEM));
	}
	if (status == LOY_OK) {
		c->out->memory = own;
		status = make(c, table, group, error);
	}
	if (status == LOY_OK)
		*out = c->out;
	else
		loy_groups_destroy(c->out);
	loy__free(&own, c, sizeof(*c));
	return status;
}

void loy_groups_destroy(loy_groups *groups)
{
	loy_allocator memory;

	if (groups == NULL)
		return;
	memory = groups->memory;
	loy__free(&memory, groups->invariance, groups->invariance_size);
	loy__free(&memory, groups->path, groups->path_size);
	loy__free(&memory, groups, sizeof(*groups));
}

/* ---- reading ---- */

loy_status loy_groups_get_summary(const loy_groups *groups, loy_groups_summary *out)
{
	return groups == NULL ? LOY_EINVAL
	                      : loy__result_write(out, &groups->summary, sizeof(groups->summary));
}

loy_status loy_groups_get_invariance(const loy_groups *groups, uint32_t construct, loy_invariance *out)
{
	if (groups == NULL)
		return LOY_EINVAL;
	if (construct >= groups->summary.constructs)
		return LOY_ENOTFOUND;
	return loy__result_write(out, &groups->invariance[construct], sizeof(groups->invariance[construct]));
}

loy_status loy_groups_get_path(const loy_groups *groups, uint32_t path, loy_path_difference *out)
{
	if (groups == NULL)
		return LOY_EINVAL;
	if (path >= groups->summary.paths)
		return LOY_ENOTFOUND;
	return loy__result_write(out, &groups->path[path], sizeof(groups->path[path]));
}
