/* From accumulated histories to a fit: options checked, rows that the family cannot tell apart merged. */
#include "fit.h"

#include <math.h>
#include <string.h>

struct table {
	loy__fit_row *rows;
	size_t count, capacity;
	uint64_t left_out;
};

/* 1 when the family uses the row at all. */
static int usable(const loy__form *form, const double *row, size_t stride)
{
	return form->family != LOY_LIFETIME_GAMMA_GAMMA || (row[LOY__AT_X] > 0.0 && row[stride - 1] > 0.0);
}

/* 1 when two rows are one to the family. In canonical order such rows lie together. */
static int same_row(const loy__form *form, const double *a, const double *b, size_t stride)
{
	size_t words = LOY__AT_COVARIATES;

	if (form->family == LOY_LIFETIME_GAMMA_GAMMA)
		return a[LOY__AT_X] == b[LOY__AT_X] && a[stride - 1] == b[stride - 1];
	if ((form->rate_covariates | form->life_covariates) != 0)
		words = stride - 2;
	return memcmp(a, b, words * sizeof(double)) == 0;
}

static void fill(struct table *table, const loy_lifetime_data *data, const loy__form *form,
                 const uint32_t *order)
{
	const double *previous = NULL;
	size_t i;

	for (i = 0; i < data->count; i++) {
		const double *row = loy__data_row(data, order[i]);
		uint64_t weight = data->weights[order[i]];

		if (!usable(form, row, data->stride)) {
			table->left_out += weight;
			continue;
		}
		if (previous == NULL || !same_row(form, previous, row, data->stride)) {
			loy__fit_row *next = &table->rows[table->count++];

			next->x = row[LOY__AT_X];
			next->T = row[LOY__AT_T];
			next->t_x = row[LOY__AT_T_X];
			next->spend = row[data->stride - 1];
			next->z = row + LOY__AT_COVARIATES;
			next->weight = 0.0;
		}
		table->rows[table->count - 1].weight += (double)weight;
		previous = row;
	}
}

/* (k - 1) sum(log intervals) - x log (k - 1)!, for each k, in canonical order. */
static void find_constants(loy__problem *problem, const loy_lifetime_data *data, const uint32_t *order)
{
	double intervals = 0.0, purchases = 0.0;
	uint32_t k;
	size_t i;

	if (problem->form.family != LOY_LIFETIME_MBG_CNBD)
		return;
	for (i = 0; i < data->count; i++) {
		const double *row = loy__data_row(data, order[i]);
		double weight = (double)data->weights[order[i]];

		intervals += weight * row[data->stride - 2];
		purchases += weight * row[LOY__AT_X];
	}
	for (k = 1; k <= LOY_LIFETIME_K_MAX; k++)
		problem->constants[k] = (k - 1.0) * intervals - purchases * loy__lgamma((double)k, NULL);
}

/* What there is to fit on; LOY_EUNKNOWN when nothing could be learnt. */
static loy_status find_totals(loy__problem *problem, double *period, loy_error *error)
{
	double x = 0.0, T = 0.0, first = problem->count > 0 ? problem->rows[0].spend : 0.0;
	int varies = problem->form.family != LOY_LIFETIME_GAMMA_GAMMA;
	size_t i;

	problem->customers = 0.0;
	problem->first_end = UINT32_MAX;
	*period = 0.0;
	for (i = 0; i < problem->count; i++) {
		const loy__fit_row *row = &problem->rows[i];

		problem->customers += row->weight;
		x += row->weight * row->x;
		T += row->weight * row->T;
		varies |= row->spend != first;
		if (row->x > 0.0 && !(row->T >= (double)problem->first_end))
			problem->first_end = (uint32_t)row->T;
		*period = row->T > *period ? row->T : *period;
	}
	if (problem->count == 0)
		return loy__fail(error, LOY_EUNKNOWN, "no customers to fit on");
	if (!varies)
		return loy__fail(error, LOY_EUNKNOWN,
		                 "all spend the same: nothing is known of how it varies");
	if (!(x > 0.0))
		return loy__fail(error, LOY_EUNKNOWN,
		                 loy__form_kind(&problem->form) == LOY_LIFETIME_CONTRACTS
		                         ? "no contract ended: nothing is known of ending"
		                         : "nobody bought again: nothing is known of rates");
	if (!(T > 0.0))
		return loy__fail(error, LOY_EUNKNOWN, "no time was observed");
	problem->mean_T = T / problem->customers;
	return LOY_OK;
}

static loy_status check_options(const loy_lifetime_options *options, const loy_lifetime_data *data,
                                loy__form *form, loy_error *error)
{
	uint32_t all = (UINT32_C(1) << data->covariates) - 1u;

	memset(form, 0, sizeof(*form));
	form->family = options->family;
	form->k = options->family == LOY_LIFETIME_MBG_CNBD ? options->k : 1;
	form->rate_covariates = options->rate_covariates;
	form->life_covariates = options->life_covariates;
	if (options->family > LOY_LIFETIME_BDW || options->reserved != 0)
		return loy__fail(error, LOY_EINVAL, "no such family of models");
	if (loy__form_kind(form) != data->kind)
		return loy__fail(error, LOY_EINVAL,
		                 "the data are of another kind than this family is fitted on");
	if (options->family == LOY_LIFETIME_MBG_CNBD ? options->k > LOY_LIFETIME_K_MAX : options->k != 0)
		return loy__fail(error, LOY_EINVAL, "k belongs to MBG/CNBD-k and goes up to 12");
	if (options->family == LOY_LIFETIME_MBG_CNBD && options->k == 0 &&
	    (data->flags & LOY_DATA_INTERVALS) == 0)
		return loy__fail(error, LOY_EINVAL, "to choose k the data need LOY_DATA_INTERVALS");
	if (((form->rate_covariates | form->life_covariates) & ~all) != 0)
		return loy__fail(error, LOY_EINVAL, "the data have fewer covariates");
	if ((form->rate_covariates | form->life_covariates) != 0 && options->family > LOY_LIFETIME_PARETO_NBD)
		return loy__fail(error, LOY_EINVAL, "covariates act in BG, MBG and Pareto/NBD only");
	if (!(options->ridge >= 0.0 && options->ridge <= 1e12))
		return loy__fail(error, LOY_ERANGE, "the ridge penalty must be from 0 to 1e12");
	return LOY_OK;
}

static loy_status fit_table(loy_lifetime **out, const loy_lifetime_data *data, loy__problem *problem,
                            const struct table *table, const loy_lifetime_options *options,
                            const loy_allocator *memory, loy_error *error)
{
	double period;
	loy_status status;

	problem->rows = table->rows;
	problem->count = table->count;
	status = find_totals(problem, &period, error);
	if (status == LOY_OK)
		status = loy__fit(out, problem, options, memory, error);
	if (status != LOY_OK)
		return status;
	(*out)->info.unit = data->unit;
	(*out)->info.customers = (uint64_t)problem->customers;
	(*out)->info.distinct = table->count;
	(*out)->info.left_out = table->left_out;
	(*out)->info.period = period;
	return LOY_OK;
}

loy_status loy_lifetime_fit(loy_lifetime **out, const loy_lifetime_data *data,
                            const loy_lifetime_options *options, const loy_allocator *memory,
                            loy_error *error)
{
	loy_lifetime_options chosen = {0};
	struct table table = {0};
	loy__problem problem = {0};
	loy_allocator adopted;
	uint32_t *order = NULL;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "nowhere to put the model");
	*out = NULL;
	if (data == NULL)
		return loy__fail(error, LOY_EINVAL, "no data");
	if (loy__options_read(&chosen, sizeof(chosen), options) != LOY_OK ||
	    loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "options or allocator are not valid");
	status = check_options(&chosen, data, &problem.form, error);
	if (status != LOY_OK)
		return status;
	problem.ridge = chosen.ridge;
	table.capacity = data->count * sizeof(*table.rows);
	table.rows = loy__alloc(&adopted, table.capacity);
	status = table.rows != NULL ? loy__data_order(data, &adopted, &order) : LOY_ENOMEM;
	if (status == LOY_OK) {
		fill(&table, data, &problem.form, order);
		find_constants(&problem, data, order);
		loy__free(&adopted, order, data->count * sizeof(*order));
		status = fit_table(out, data, &problem, &table, &chosen, &adopted, error);
	} else {
		(void)loy__fail(error, status, "no memory for the rows");
	}
	loy__free(&adopted, table.rows, table.capacity);
	return status;
}
