/*
 * The variables that terms speak of and their roles, and an order in which causes come before effects; the cells
 * between (sem_cells.c).
 */
#include "sem.h"

#include <string.h>

static loy_status name_of(const loy_paths *paths, uint32_t variable, loy_error *error, loy_status status,
                          const char *message)
{
	const char *name = paths->variables[variable].name;

	return loy__fail_name(error, status, message, name, strlen(name));
}

static loy_status refuse(const loy_paths *paths, const loy__sem_model *model, uint32_t variable,
                         loy_error *error, loy_status status, const char *message)
{
	return name_of(paths, model->origin[variable], error, status, message);
}

/* ---- variables ---- */

static loy_status check_term(const loy_paths *paths, const loy__term *term, loy_error *error)
{
	if (term->relation == LOY_TERM_COMPOSED)
		return name_of(paths, term->left, error, LOY_EINVAL,
		               "a composite (<~) has no place in a model of covariances");
	if (paths->variables[term->left].kind == LOY_VARIABLE_PRODUCT)
		return name_of(paths, term->left, error, LOY_EINVAL, "a product cannot be a variable here");
	if (paths->variables[term->right].kind == LOY_VARIABLE_PRODUCT)
		return name_of(paths, term->right, error, LOY_EINVAL, "a product cannot be a variable here");
	return LOY_OK;
}

/* Items, then constructs, that terms speak of, in the order of the paths; `own` gets our number of each. */
static void number_variables(loy__sem_model *model, const loy_paths *paths, uint32_t *own)
{
	uint32_t pass, i;

	for (i = 0; i < paths->variable_count; i++)
		own[i] = LOY__SEM_FIXED;
	for (i = 0; i < paths->term_count; i++)
		own[paths->terms[i].left] = own[paths->terms[i].right] = 0;
	for (pass = LOY_VARIABLE_ITEM; pass <= LOY_VARIABLE_CONSTRUCT; pass++) {
		for (i = 0; i < paths->variable_count; i++) {
			if (own[i] == LOY__SEM_FIXED || paths->variables[i].kind != pass)
				continue;
			own[i] = model->variables;
			model->origin[model->variables++] = i;
		}
		if (pass == LOY_VARIABLE_ITEM)
			model->observed = model->variables;
	}
}

static void note_roles(loy__sem_model *model, const loy_paths *paths, const uint32_t *own)
{
	uint32_t i;

	for (i = 0; i < paths->term_count; i++) {
		const loy__term *t = paths->terms + i;
		uint32_t left = own[t->left], right = own[t->right];

		if (t->relation == LOY_TERM_MEASURED) {
			model->role[right] |= LOY__SEM_INDICATOR;
		} else if (t->relation == LOY_TERM_REGRESSED) {
			model->role[left] |= LOY__SEM_OUTCOME;
			model->role[right] |= LOY__SEM_CAUSE;
		} else {
			model->role[left] |= LOY__SEM_SPOKEN;
			model->role[right] |= LOY__SEM_SPOKEN;
		}
		model->means |= t->relation == LOY_TERM_INTERCEPT;
	}
}

/* Observed causes that nothing else is said of keep the moments of the sample. */
static void give(loy__sem_model *model, const loy_sem_options *options)
{
	uint32_t i;

	if ((options->flags & LOY_SEM_RANDOM_CAUSES) != 0 || options->missing == LOY_SEM_FULL_INFORMATION)
		return;
	for (i = 0; i < model->observed; i++) {
		if (model->role[i] == LOY__SEM_CAUSE) {
			model->role[i] |= LOY__SEM_GIVEN;
			model->given++;
		}
	}
}

/* ---- order ---- */

/* Causes before effects: a variable follows when all paths to it come from variables that are there. */
static loy_status sort_variables(loy__sem_model *model, const loy_paths *paths, uint32_t *waiting,
                                 loy_error *error)
{
	uint32_t placed = 0, next, i;

	memset(waiting, 0, model->variables * sizeof(*waiting));
	for (i = 0; i < model->cell_count; i++)
		waiting[model->cells[i].row] += model->cells[i].place == LOY__SEM_PATH;
	for (i = 0; i < model->variables; i++) {
		if (waiting[i] == 0)
			model->order[placed++] = i;
	}
	for (next = 0; next < placed; next++) {
		for (i = 0; i < model->cell_count; i++) {
			const loy__sem_cell *c = model->cells + i;

			if (c->place == LOY__SEM_PATH && c->column == model->order[next] &&
			    --waiting[c->row] == 0)
				model->order[placed++] = c->row;
		}
	}
	for (i = 0; placed < model->variables && i < model->variables; i++) {
		if (waiting[i] != 0)
			return refuse(paths, model, i, error, LOY_ECYCLE, "paths form a cycle through");
	}
	return LOY_OK;
}

/* Paths by the order of what they go to: walked so, a cause is finished before it is used. */
static loy_status list_paths(loy__sem_model *model, loy_error *error)
{
	uint32_t i, j;

	model->path = loy__alloc_zero(&model->memory, model->cell_count * sizeof(*model->path));
	if (model->path == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the model");
	model->path_room = model->cell_count;
	for (i = 0; i < model->variables; i++) {
		for (j = 0; j < model->cell_count; j++) {
			if (model->cells[j].place == LOY__SEM_PATH && model->cells[j].row == model->order[i])
				model->path[model->path_count++] = j;
		}
	}
	return LOY_OK;
}

/* Columns of E come first, then a row of cov(v) for each variable that is a cause. */
static void number_vectors(loy__sem_model *model)
{
	uint32_t i;

	model->vector_count = model->variables;
	for (i = 0; i < model->variables; i++)
		model->vector[i] = LOY__SEM_FIXED;
	for (i = 0; i < model->cell_count; i++) {
		const loy__sem_cell *c = model->cells + i;

		if (c->place == LOY__SEM_PATH && model->vector[c->column] == LOY__SEM_FIXED)
			model->vector[c->column] = model->vector_count++;
	}
}

/* ---- the whole ---- */

static loy_status fill(loy__sem_model *model, const loy_paths *paths, const loy_sem_options *options,
                       uint32_t *own, loy_error *error)
{
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; i < paths->term_count && status == LOY_OK; i++)
		status = check_term(paths, paths->terms + i, error);
	if (status != LOY_OK)
		return status;
	number_variables(model, paths, own);
	/* there is an item: what is no construct is one, and constructs are not made of one another in circles */
	if (model->observed > LOY_TABLE_COLUMNS_MAX)
		return loy__fail(error, LOY_ELIMIT, "too many items");
	model->means = (options->flags & LOY_SEM_MEANS) != 0 || options->missing == LOY_SEM_FULL_INFORMATION;
	note_roles(model, paths, own);
	give(model, options);
	status = loy__sem_cells_build(model, paths, options, own, error);
	if (status == LOY_OK)
		status = sort_variables(model, paths, own, error); /* `own` has served: scratch */
	if (status == LOY_OK)
		status = list_paths(model, error);
	number_vectors(model);
	return status;
}

loy_status loy__sem_model_open(loy__sem_model *model, uint32_t variables)
{
	size_t count = variables;

	model->origin = loy__alloc_zero(&model->memory, 5 * count * sizeof(uint32_t));
	if (model->origin == NULL)
		return LOY_ENOMEM;
	model->room = variables;
	model->order = model->origin + count;
	model->role = model->order + count;
	model->vector = model->role + count;
	return LOY_OK;
}

loy_status loy__sem_model_build(loy__sem_model *model, const loy_paths *paths, const loy_sem_options *options,
                                const loy_allocator *memory, loy_error *error)
{
	memset(model, 0, sizeof(*model));
	model->memory = *memory;
	if (loy__sem_model_open(model, paths->variable_count) != LOY_OK)
		return loy__fail(error, LOY_ENOMEM, "no memory for the model");
	return fill(model, paths, options, model->vector + paths->variable_count, error);
}

void loy__sem_model_free(loy__sem_model *model)
{
	loy__free(&model->memory, model->origin, 5 * (size_t)model->room * sizeof(uint32_t));
	loy__free(&model->memory, model->cells, model->cell_room * sizeof(*model->cells));
	loy__free(&model->memory, model->path, model->path_room * sizeof(*model->path));
	model->origin = NULL;
	model->cells = NULL;
	model->path = NULL;
}

void loy__sem_model_give(loy__sem_model *model, const double *covariance, const double *means)
{
	uint32_t i;

	for (i = 0; i < model->cell_count; i++) {
		loy__sem_cell *c = model->cells + i;

		if (c->sample && c->place == LOY__SEM_COVARIANCE)
			c->value = covariance[(size_t)c->row * model->observed + c->column];
		else if (c->sample)
			c->value = means[c->row];
	}
}
