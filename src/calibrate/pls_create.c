/*
 * Making an estimate: options, plan, data, stages, and what is judged of each. All stages share one plan, one run and
 * one workspace; each has a handle of its own, the last of them is the caller's.
 */
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

#define ITERATIONS 1000u
#define TOLERANCE  1e-12
#define VIF_LIMIT  5.0

static loy_status read_options(loy_pls_options *o, const loy_pls_options *options, loy_error *error)
{
	if (loy__options_read(o, sizeof(*o), options) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "options whose struct_size is not right");
	if (o->scheme > LOY_PLS_CENTROID || o->mode > LOY_PLS_MODE_UNIT || o->consistent > 1 ||
	    o->sign > LOY_PLS_SIGN_MAJORITY || o->higher > LOY_PLS_HIGHER_STAGES ||
	    o->product > LOY_PLS_PRODUCT_ORTHOGONAL || o->missing > LOY_MISSING_MEAN ||
	    o->weighting > LOY_WEIGHT_SURVEY || o->reserved != 0)
		return loy__fail(error, LOY_EINVAL, "an option that there is not");
	if ((o->override_count != 0 && o->overrides == NULL) || o->override_count > LOY_VARIABLES_MAX)
		return loy__fail(error, LOY_EINVAL, "modes by construct that are not there");
	if (!(o->tolerance >= 0.0) || !(o->tolerance <= 1.0) || !(o->vif_limit >= 0.0) ||
	    !(o->vif_limit <= DBL_MAX))
		return loy__fail(error, LOY_EINVAL, "a tolerance lies in [0, 1], a limit above");
	o->iterations = o->iterations != 0 ? o->iterations : ITERATIONS;
	o->tolerance = o->tolerance > 0.0 ? o->tolerance : TOLERANCE;
	o->vif_limit = o->vif_limit > 0.0 ? o->vif_limit : VIF_LIMIT;
	return LOY_OK;
}

static void free_shared(loy__pls_shared *s)
{
	loy_allocator memory = s->memory;

	loy__pls_plan_free(s);
	loy__free(&memory, s->room, s->room_size);
	loy__free(&memory, s->defined, s->defined_count * sizeof(*s->defined));
	loy__free(&memory, s->defined_value, s->defined_count * sizeof(*s->defined_value));
	loy__free(&memory, s->item, (size_t)s->plan.items * 4 * sizeof(*s->item));
	loy__free(&memory, s, sizeof(*s));
}

static void free_stage(loy_pls *pls, const loy_allocator *memory)
{
	loy__free(memory, pls->quality_room, pls->quality_size);
	loy__free(memory, pls->chains.start, pls->chains.room * sizeof(*pls->chains.start));
	loy__free(memory, pls->chains.links, pls->chains.link_room * sizeof(*pls->chains.links));
	loy__free(memory, pls->problems, pls->problem_room * sizeof(*pls->problems));
	loy__free(memory, pls, sizeof(*pls));
}

void loy_pls_destroy(loy_pls *pls)
{
	loy__pls_shared *shared;

	if (pls == NULL)
		return;
	shared = pls->shared;
	while (pls != NULL) {
		loy_pls *earlier = pls->earlier;

		free_stage(pls, &shared->memory);
		pls = earlier;
	}
	free_shared(shared);
}

/* Numbers of the run and of the items. */
static loy_status make_room(loy__pls_shared *s)
{
	size_t doubles = loy__pls_room(&s->plan), items = s->plan.items;

	s->item = loy__alloc(&s->memory, items * 4 * sizeof(*s->item));
	if (s->item == NULL || !loy__mul_size(doubles, sizeof(*s->room), &s->room_size))
		return LOY_ENOMEM;
	s->mean = s->item;
	s->deviation = s->item + items;
	s->least = s->item + 2 * items;
	s->greatest = s->item + 3 * items;
	s->room = loy__alloc(&s->memory, s->room_size);
	if (s->room == NULL)
		return LOY_ENOMEM;
	loy__pls_lay(&s->run, &s->plan, s->room);
	return LOY_OK;
}

static loy_status explain(const loy__pls_shared *s, uint32_t stage, loy_status status, loy_error *error)
{
	const loy__pls_estimate *e = &s->run.stage[stage];
	const char *why, *name;

	if (status != LOY_ERANGE || e->blame == LOY_PLS_NONE)
		return status;
	name = s->plan.model[stage].construct[e->blame].name;
	if (e->cause == LOY__PLS_BLOCK_COLLINEAR)
		why = "indicators of a construct of mode B are collinear";
	else if (e->cause == LOY__PLS_PREDICTORS_COLLINEAR)
		why = "predictors of a construct are collinear";
	else
		why = "neighbours say nothing of a construct: its weights vanish";
	return loy__fail_name(error, status, why, name, strlen(name));
}

/* A handle for each stage, each owning the one before. */
static loy_status make_handles(loy__pls_shared *s, loy_pls **out)
{
	loy_status status = LOY_OK;
	uint32_t stage;

	for (stage = 0; status == LOY_OK && stage < s->plan.stages; stage++) {
		loy_pls *pls = loy__alloc_zero(&s->memory, sizeof(*pls));

		if (pls == NULL)
			return LOY_ENOMEM;
		pls->shared = s;
		pls->stage = stage;
		pls->model = &s->plan.model[stage];
		pls->estimate = &s->run.stage[stage];
		pls->earlier = *out;
		*out = pls;
		status = loy__pls_list_chains(pls->model, &pls->chains, &s->memory);
		if (status == LOY_OK)
			status = loy__pls_judge(pls);
		if (status == LOY_OK)
			status = loy__pls_report(pls);
	}
	return status;
}

/* Values of what the paths define, from those of labelled paths of the last stage. */
static loy_status define(loy__pls_shared *s, const loy_paths *paths)
{
	const loy__pls_model *m = &s->plan.model[s->plan.stages - 1];
	size_t bytes = paths->label_count * sizeof(double);
	double *labels;
	loy_status status;
	uint32_t i;

	if (paths->definition_count == 0)
		return LOY_OK;
	s->defined_count = paths->definition_count;
	s->defined = loy__alloc(&s->memory, s->defined_count * sizeof(*s->defined));
	s->defined_value = loy__alloc(&s->memory, s->defined_count * sizeof(*s->defined_value));
	labels = loy__alloc(&s->memory, bytes);
	if (s->defined == NULL || s->defined_value == NULL || labels == NULL) {
		loy__free(&s->memory, labels, bytes);
		return LOY_ENOMEM;
	}
	for (i = 0; i < paths->label_count; i++)
		labels[i] = (double)NAN;
	for (i = 0; i < m->paths; i++) {
		if (m->path[i].label != LOY__NO_LABEL)
			labels[m->path[i].label] = s->run.stage[s->plan.stages - 1].path[i];
	}
	for (i = 0; i < s->defined_count; i++) {
		memcpy(s->defined[i], paths->definitions[i].name, sizeof(s->defined[i]));
		s->defined_value[i] = (double)NAN;
	}
	status = loy__paths_evaluate(paths, labels, s->defined_value, NULL);
	loy__free(&s->memory, labels, bytes);
	return status == LOY_ERANGE ? LOY_OK : status; /* it is told when the value is asked for */
}

static loy_status run_stages(loy__pls_shared *s, const loy__pls_source *source, const loy_paths *paths,
                             loy_pls **out, loy_error *error)
{
	loy__pls_again again = {s, source, error};
	uint32_t stage = 0;
	loy_status status = loy__pls_load(s, source, error);

	if (status != LOY_OK)
		return status;
	status = loy__pls_run_plan(&s->plan, &s->run, loy__pls_products_again, &again, &stage);
	if (status != LOY_OK)
		return explain(s, stage, status, error);
	status = define(s, paths);
	return status == LOY_OK ? make_handles(s, out) : status;
}

/* Which column of the source each item is. */
static loy_status map_items(const loy__pls_shared *s, const loy__pls_source *source, const char *const *names,
                            loy_error *error)
{
	uint32_t i, k;
	loy_status status = LOY_OK;

	for (i = 0; status == LOY_OK && i < s->plan.items; i++) {
		const char *name = s->plan.column[i].name;

		if (source->table != NULL) {
			status = loy__table_find(source->table, name, &source->map[i], error);
			continue;
		}
		for (k = 0; k < source->columns && (names[k] == NULL || strcmp(names[k], name) != 0);)
			k++;
		if (k == source->columns)
			return loy__fail_name(error, LOY_ENAME, "no column has the name of an item", name,
			                      strlen(name));
		source->map[i] = k;
	}
	return status;
}

static loy_status make(loy__pls_shared *s, loy__pls_source *source, const char *const *names,
                       const loy_paths *paths, const loy_pls_options *o, loy_pls **out, loy_error *error)
{
	loy_status status = loy__pls_plan_make(s, paths, o, error);
	size_t size = s->plan.items * sizeof(*source->map);

	if (status != LOY_OK)
		return status;
	if (s->plan.products != 0 && (source->table == NULL || o->missing == LOY_MISSING_PAIRWISE))
		return loy__fail(
		        error, LOY_EINVAL,
		        "products need the rows of a table, complete or with missing values replaced");
	status = make_room(s);
	if (status != LOY_OK)
		return status;
	source->map = loy__alloc(&s->memory, size);
	if (source->map == NULL)
		return LOY_ENOMEM;
	status = map_items(s, source, names, error);
	if (status == LOY_OK)
		status = run_stages(s, source, paths, out, error);
	loy__free(&s->memory, source->map, size);
	return status;
}

static loy_status create(loy_pls **out, const loy_paths *paths, loy__pls_source *source,
                         const char *const *names, const loy_pls_options *options,
                         const loy_allocator *memory, loy_error *error)
{
	loy_pls_options o;
	loy_allocator adopted;
	loy__pls_shared *shared;
	loy_pls *made = NULL;
	loy_status status = read_options(&o, options, error);

	if (status != LOY_OK)
		return status;
	if (paths == NULL || loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "paths or an allocator that are not there");
	shared = loy__alloc_zero(&adopted, sizeof(*shared));
	if (shared == NULL)
		return loy__fail(error, LOY_ENOMEM, loy_status_text(LOY_ENOMEM));
	shared->memory = adopted;
	shared->missing = o.missing;
	shared->weighting = o.weighting;
	shared->vif_limit = o.vif_limit;
	status = make(shared, source, names, paths, &o, &made, error);
	if (status == LOY_OK) {
		*out = made;
		return LOY_OK;
	}
	if (made != NULL)
		loy_pls_destroy(made);
	else
		free_shared(shared);
	return status == LOY_ENOMEM ? loy__fail(error, status, loy_status_text(status)) : status;
}

loy_status loy_pls_create(loy_pls **out, const loy_paths *paths, const loy_table *table,
                          const loy_pls_options *options, const loy_allocator *memory, loy_error *error)
{
	loy__pls_source source = {table, NULL, NULL, 0};
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "no place for the estimate");
	*out = NULL;
	status = loy__table_check(table, error);
	if (status != LOY_OK)
		return status;
	source.columns = table->columns;
	return create(out, paths, &source, NULL, options, memory, error);
}

loy_status loy_pls_create_from_moments(loy_pls **out, const loy_paths *paths, const loy_moments *moments,
                                       const char *const *names, const loy_pls_options *options,
                                       const loy_allocator *memory, loy_error *error)
{
	loy__pls_source source = {NULL, moments, NULL, 0};
	loy_moments_info info = {0};

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "no place for the estimate");
	*out = NULL;
	info.struct_size = sizeof(info);
	if (names == NULL || loy_moments_get_info(moments, &info) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "moments or names that are not there");
	source.columns = info.columns;
	return create(out, paths, &source, names, options, memory, error);
}
