/* Models: made from numbers, asked for their numbers. */
#include "fit.h"

#include <math.h>
#include <string.h>

#define AS_GOOD_AS 1e6 /* r, a + b, s: beyond, a limit has been reached */

static const char family_names[8][20] = {"mbg-nbd",    "bg-nbd",      "pareto-nbd", "bg-bb",
                                         "mbg-cnbd-k", "gamma-gamma", "sbg",        "bdw"};
static const char boundary_names[6][32] = {
        "no drop-out",           "the same drop-out for all", "leave at once or never",
        "the same rate for all", "infinite mean spend",       "buy always or never"};
static const char status_names[4][12] = {"given", "converged", "boundary", "flat"};

const char *loy_lifetime_family_name(uint32_t family)
{
	return family < LOY__COUNT(family_names) ? family_names[family] : NULL;
}

const char *loy_lifetime_boundary_name(uint32_t boundary)
{
	uint32_t i;

	for (i = 0; i < LOY__COUNT(boundary_names); i++) {
		if (boundary == UINT32_C(1) << i)
			return boundary_names[i];
	}
	return NULL;
}

const char *loy_lifetime_status_name(uint32_t status)
{
	return status < LOY__COUNT(status_names) ? status_names[status] : NULL;
}

loy_status loy_lifetime_family_find(const char *name, size_t length, uint32_t *family)
{
	uint32_t i;

	if (name == NULL || family == NULL)
		return LOY_EINVAL;
	for (i = 0; i < LOY__COUNT(family_names); i++) {
		if (strlen(family_names[i]) == length && memcmp(family_names[i], name, length) == 0) {
			*family = i;
			return LOY_OK;
		}
	}
	return LOY_ENOTFOUND;
}

/* Closed forms whose parts are worth keeping by x. */
static int has_shortcuts(const loy__form *form)
{
	return (form->family == LOY_LIFETIME_BG_NBD || form->family == LOY_LIFETIME_MBG_NBD) &&
	       form->rate == LOY__MIXED && form->drop == LOY__MIXED &&
	       (form->rate_covariates | form->life_covariates) == 0;
}

loy_status loy__model_create(loy_lifetime **out, const loy__form *form, const loy_allocator *memory)
{
	loy_lifetime *model = loy__alloc_zero(memory, sizeof(*model));
	size_t n;
	uint32_t i;

	*out = NULL;
	if (model == NULL)
		return LOY_ENOMEM;
	model->memory = *memory;
	model->form = *form;
	loy__form_layout(&model->layout, form);
	n = model->layout.n;
	model->covariance = loy__alloc_zero(memory, n * n * sizeof(double));
	model->variants = loy__alloc_zero(memory, (2 * n + 1) * sizeof(loy__variant));
	if (has_shortcuts(form))
		model->shortcuts = loy__alloc_zero(memory, LOY__SHORTCUTS * sizeof(loy__shortcut));
	if (model->covariance == NULL || model->variants == NULL ||
	    (has_shortcuts(form) && model->shortcuts == NULL)) {
		loy_lifetime_destroy(model);
		return LOY_ENOMEM;
	}
	for (i = 0; i < n; i++)
		loy__form_name(model->names[i], form, &model->layout, i);
	model->info.family = form->family;
	model->info.k = form->family == LOY_LIFETIME_MBG_CNBD ? form->k : 0;
	model->info.boundary = loy__form_boundary(form);
	model->info.parameter_count = model->layout.n;
	model->info.rate_covariates = form->rate_covariates;
	model->info.life_covariates = form->life_covariates;
	model->info.log_likelihood = model->info.gradient_norm = model->info.condition = (double)NAN;
	*out = model;
	return LOY_OK;
}

void loy_lifetime_destroy(loy_lifetime *model)
{
	if (model != NULL) {
		loy_allocator memory = model->memory;
		size_t n = model->layout.n;

		loy__free(&memory, model->covariance, n * n * sizeof(double));
		loy__free(&memory, model->variants, (2 * n + 1) * sizeof(loy__variant));
		loy__free(&memory, model->shortcuts, LOY__SHORTCUTS * sizeof(loy__shortcut));
		loy__free(&memory, model, sizeof(*model));
	}
}

static void set_variant(loy_lifetime *model, uint32_t which, uint32_t parameter, double by)
{
	loy__variant *variant = &model->variants[which];
	double theta[LOY_LIFETIME_PARAMETERS_MAX];

	memcpy(theta, model->theta, model->layout.n * sizeof(double));
	theta[parameter] += by;
	loy__from_free(&model->layout, theta, variant->values);
	loy__form_buying(&variant->buying, &model->form, &model->layout, variant->values, NULL);
}

/* With covariates a limit may be that of some customers only: what then ran away names the boundary. */
static uint32_t runaway(const loy_lifetime *model)
{
	const double *p = model->variants[0].buying.p;
	uint32_t bits = 0;

	if (!loy__form_buys(&model->form))
		return 0;
	if (model->form.rate == LOY__MIXED && p[0] > AS_GOOD_AS)
		bits |= LOY_BOUNDARY_SAME_RATE;
	if (model->form.drop == LOY__MIXED &&
	    (model->form.family == LOY_LIFETIME_PARETO_NBD ? p[2] : p[2] + p[3]) > AS_GOOD_AS)
		bits |= LOY_BOUNDARY_SAME_DROPOUT;
	return bits;
}

/* Formulas with each parameter as it is and moved a little; what is shared by x; whether a mean spend exists. */
static void prepare(loy_lifetime *model)
{
	loy__variant *own = &model->variants[0];
	uint32_t i, n = model->layout.n;
	loy__buying_part part;

	memcpy(own->values, model->values, n * sizeof(double));
	loy__form_buying(&own->buying, &model->form, &model->layout, model->values, NULL);
	for (i = 0; i < n; i++) {
		set_variant(model, 2 * i + 1, i, LOY__NUDGE);
		set_variant(model, 2 * i + 2, i, -LOY__NUDGE);
	}
	for (i = 0; model->shortcuts != NULL && i < LOY__SHORTCUTS; i++) {
		loy__buying_part_init(&part, &own->buying, (double)i, 0);
		model->shortcuts[i].odds = part.can_leave ? part.odds.v : (double)-INFINITY;
		model->shortcuts[i].count =
		        loy__buying_series(&own->buying, (double)i, model->shortcuts[i].coefficients);
	}
	model->info.boundary |= runaway(model);
	if (model->form.family == LOY_LIFETIME_GAMMA_GAMMA && model->form.drop == LOY__MIXED &&
	    !(own->buying.p[1] > 1.0))
		model->info.boundary |= LOY_BOUNDARY_NO_MEAN;
}

void loy__model_set(loy_lifetime *model, const double *theta)
{
	memcpy(model->theta, theta, model->layout.n * sizeof(double));
	loy__from_free(&model->layout, theta, model->values);
	prepare(model);
}

void loy__model_set_values(loy_lifetime *model, const double *values)
{
	memcpy(model->values, values, model->layout.n * sizeof(double));
	loy__to_free(&model->layout, values, model->theta);
	prepare(model);
}

loy_status loy__values_check(const loy__layout *layout, const double *values)
{
	uint32_t i;

	for (i = 0; i < layout->n; i++) {
		int good = fabs(values[i]) <= LOY__VALUE_MAX;

		if (i < layout->base)
			good = values[i] >= 1.0 / LOY__VALUE_MAX && values[i] <= LOY__VALUE_MAX &&
			       (layout->kind[i] != LOY__LOGIT || values[i] < 1.0);
		if (!good)
			return LOY_ERANGE;
	}
	return LOY_OK;
}

loy_status loy_lifetime_create(loy_lifetime **out, uint32_t family, uint32_t k, int64_t unit,
                               const double *parameters, uint32_t count, const loy_allocator *memory)
{
	loy__form form = {0};
	loy__layout layout;
	loy_allocator adopted;
	loy_status status;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (family > LOY_LIFETIME_BDW || parameters == NULL || unit < 0 ||
	    (family == LOY_LIFETIME_MBG_CNBD ? k < 1 || k > LOY_LIFETIME_K_MAX : k != 0))
		return LOY_EINVAL;
	form.family = family;
	form.k = k != 0 ? k : 1;
	loy__form_layout(&layout, &form);
	if (count != layout.n)
		return LOY_EINVAL;
	status = loy__values_check(&layout, parameters);
	if (status == LOY_OK)
		status = loy__memory_adopt(&adopted, memory);
	if (status == LOY_OK)
		status = loy__model_create(out, &form, &adopted);
	if (status != LOY_OK)
		return status;
	(*out)->info.unit = unit != 0 ? unit : LOY_WEEK;
	(*out)->info.status = LOY_FIT_GIVEN;
	loy__model_set_values(*out, parameters);
	return LOY_OK;
}

loy_status loy_lifetime_get_info(const loy_lifetime *model, loy_lifetime_info *out)
{
	if (model == NULL || out == NULL)
		return LOY_EINVAL;
	return loy__result_write(out, &model->info, sizeof(model->info));
}

const char *loy_lifetime_parameter_name(const loy_lifetime *model, uint32_t index)
{
	return model != NULL && index < model->layout.n ? model->names[index] : NULL;
}

loy_status loy_lifetime_parameter(const loy_lifetime *model, uint32_t index, double *value, double *deviation)
{
	if (model == NULL)
		return LOY_EINVAL;
	if (index >= model->layout.n)
		return LOY_ENOTFOUND;
	if (value != NULL)
		*value = model->values[index];
	if (deviation != NULL) {
		double variance = model->covariance[index * model->layout.n + index];

		*deviation = model->has_covariance ? sqrt(variance) * loy__free_slope(&model->layout, index,
		                                                                      model->values[index])
		                                   : (double)NAN;
	}
	return LOY_OK;
}

loy_status loy_lifetime_parameter_find(const loy_lifetime *model, const char *name, size_t length,
                                       uint32_t *index)
{
	uint32_t i;

	if (model == NULL || name == NULL || index == NULL)
		return LOY_EINVAL;
	for (i = 0; i < model->layout.n; i++) {
		if (strlen(model->names[i]) == length && memcmp(model->names[i], name, length) == 0) {
			*index = i;
			return LOY_OK;
		}
	}
	return LOY_ENOTFOUND;
}

loy_status loy_lifetime_covariance(const loy_lifetime *model, uint32_t i, uint32_t j, double *out)
{
	if (model == NULL || out == NULL)
		return LOY_EINVAL;
	if (i >= model->layout.n || j >= model->layout.n)
		return LOY_ENOTFOUND;
	if (!model->has_covariance)
		return LOY_EUNKNOWN;
	/* slopes first: then both orders have the same bits */
	*out = loy__free_slope(&model->layout, i, model->values[i]) *
	       loy__free_slope(&model->layout, j, model->values[j]) *
	       model->covariance[i * model->layout.n + j];
	return LOY_OK;
}
