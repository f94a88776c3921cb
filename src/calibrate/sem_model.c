/*
 * From terms to cells: which variables there are, what is added to the terms, what is fixed, which cells
 * share a parameter, and an order in which causes come before effects. The rules are those of lavaan's
 * `sem()` (Rosseel 2012, and its lavaanify()).
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

/* ---- cells ---- */

static loy__sem_cell *find(const loy__sem_model *model, uint32_t place, uint32_t row, uint32_t column)
{
	uint32_t i;

	for (i = 0; i < model->cell_count; i++) {
		loy__sem_cell *c = model->cells + i;

		if (c->place == place && c->row == row && c->column == column)
			return c;
	}
	return NULL;
}

/* A new cell at the end, free and without a label. */
static loy_status append(loy__sem_model *model, uint32_t relation, uint32_t left, uint32_t right,
                         loy__sem_cell **out)
{
	loy_status status =
	        loy__grow(&model->memory, (void **)&model->cells, &model->cell_room,
	                  (size_t)model->cell_count + 1, sizeof(*model->cells), LOY_SEM_PARAMETERS_MAX);
	loy__sem_cell *c;

	if (status != LOY_OK)
		return status;
	c = model->cells + model->cell_count++;
	memset(c, 0, sizeof(*c));
	c->relation = relation;
	c->left = left;
	c->right = right;
	c->label = LOY__NO_LABEL;
	c->row = left;
	c->column = right;
	if (relation == LOY_TERM_MEASURED) {
		c->row = right;
		c->column = left;
	} else if (relation == LOY_TERM_COVARIES) {
		c->place = LOY__SEM_COVARIANCE;
		c->row = left > right ? left : right;
		c->column = left > right ? right : left;
	} else if (relation == LOY_TERM_INTERCEPT) {
		c->place = LOY__SEM_MEAN;
	}
	*out = c;
	return LOY_OK;
}

static void fix(loy__sem_cell *c, double value)
{
	c->free = LOY__SEM_FIXED;
	c->value = value;
}

static loy_status add_terms(loy__sem_model *model, const loy_paths *paths, const uint32_t *own,
                            loy_error *error)
{
	uint32_t i;

	for (i = 0; i < paths->term_count; i++) {
		const loy__term *t = paths->terms + i;
		loy__sem_cell *c;
		loy_status status = append(model, t->relation, own[t->left], own[t->right], &c);

		if (status != LOY_OK)
			return loy__fail(error, status, "no room for the terms");
		c->label = t->label;
		c->treatment = t->treatment;
		if (c != find(model, c->place, c->row, c->column))
			return name_of(paths, t->right, error, LOY_ENAME, "a parameter is stated twice");
	}
	return LOY_OK;
}

static loy_status add(loy__sem_model *model, uint32_t relation, uint32_t left, uint32_t right)
{
	loy__sem_cell *c;
	uint32_t place = relation == LOY_TERM_INTERCEPT ? LOY__SEM_MEAN : LOY__SEM_COVARIANCE;
	loy_status status;

	if (find(model, place, left > right ? left : right, left > right ? right : left) != NULL)
		return LOY_OK;
	status = append(model, relation, left, right, &c);
	if (status == LOY_OK) {
		c->added = 1;
		c->sample = (model->role[left] & model->role[right] & LOY__SEM_GIVEN) != 0;
		if (c->sample || (relation == LOY_TERM_INTERCEPT && left >= model->observed))
			fix(c, 0.0);
	}
	return status;
}

/* Covariances among all variables for which `wanted` says so. */
static loy_status add_pairs(loy__sem_model *model, int (*wanted)(const loy__sem_model *, uint32_t))
{
	loy_status status = LOY_OK;
	uint32_t i, j;

	for (i = 0; i < model->variables && status == LOY_OK; i++) {
		for (j = i + 1; wanted(model, i) && j < model->variables && status == LOY_OK; j++) {
			if (wanted(model, j))
				status = add(model, LOY_TERM_COVARIES, i, j);
		}
	}
	return status;
}

int loy__sem_is_exogenous(const loy__sem_model *model, uint32_t variable)
{
	return variable >= model->observed &&
	       (model->role[variable] & (LOY__SEM_INDICATOR | LOY__SEM_OUTCOME)) == 0;
}

static int is_last_outcome(const loy__sem_model *model, uint32_t v)
{
	return (model->role[v] & (LOY__SEM_INDICATOR | LOY__SEM_OUTCOME | LOY__SEM_CAUSE)) ==
	       LOY__SEM_OUTCOME;
}

static int is_given(const loy__sem_model *model, uint32_t v)
{
	return (model->role[v] & LOY__SEM_GIVEN) != 0;
}

static loy_status add_rest(loy__sem_model *model)
{
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; i < model->variables && status == LOY_OK; i++) {
		if (!is_given(model, i))
			status = add(model, LOY_TERM_COVARIES, i, i);
	}
	if (status == LOY_OK)
		status = add_pairs(model, loy__sem_is_exogenous);
	if (status == LOY_OK)
		status = add_pairs(model, is_last_outcome);
	for (i = 0; i < model->variables && status == LOY_OK; i++) {
		if (is_given(model, i))
			status = add(model, LOY_TERM_COVARIES, i, i);
	}
	if (status == LOY_OK)
		status = add_pairs(model, is_given);
	for (i = 0; model->means && i < model->variables && status == LOY_OK; i++)
		status = add(model, LOY_TERM_INTERCEPT, i, i);
	return status;
}

/* ---- what is fixed ---- */

/* The scale of each construct: its first loading or its variance is 1. */
static void fix_scales(loy__sem_model *model, uint32_t flags)
{
	uint32_t i, v;

	for (v = model->observed; v < model->variables; v++) {
		loy__sem_cell *variance = find(model, LOY__SEM_COVARIANCE, v, v);

		if ((flags & LOY_SEM_UNIT_VARIANCE) != 0) {
			fix(variance, 1.0);
			continue;
		}
		for (i = 0; i < model->cell_count; i++) {
			loy__sem_cell *c = model->cells + i;

			if (c->relation == LOY_TERM_MEASURED && c->left == v) {
				fix(c, 1.0);
				break;
			}
		}
	}
}

/* The only indicator of a construct, if of no other, has residual variance 0 unless a term speaks of it. */
static void fix_single(loy__sem_model *model)
{
	uint32_t i, j;

	for (i = 0; i < model->cell_count; i++) {
		const loy__sem_cell *c = model->cells + i;
		loy__sem_cell *variance;
		uint32_t others = 0;

		if (c->relation != LOY_TERM_MEASURED)
			continue;
		for (j = 0; j < model->cell_count; j++) {
			const loy__sem_cell *o = model->cells + j;

			others += j != i && o->relation == LOY_TERM_MEASURED &&
			          (o->left == c->left || o->right == c->right);
		}
		variance = find(model, LOY__SEM_COVARIANCE, c->right, c->right);
		if (others == 0 && variance->added)
			fix(variance, 0.0);
	}
}

/* Terms have the last word; a label whose one cell is fixed fixes the others. */
static loy_status apply_treatments(loy__sem_model *model, const loy_paths *paths, loy_error *error)
{
	uint32_t i, j;

	for (i = 0; i < paths->term_count; i++) {
		loy__sem_cell *c = model->cells + i; /* terms are the first cells */

		if (c->treatment == LOY_TERM_FIXED)
			fix(c, paths->terms[i].value);
		else if (c->treatment == LOY_TERM_FREED)
			c->free = 0;
	}
	for (i = 0; i < paths->term_count; i++) {
		const loy__sem_cell *c = model->cells + i;

		for (j = 0; c->free == LOY__SEM_FIXED && c->label != LOY__NO_LABEL && j < paths->term_count;
		     j++) {
			loy__sem_cell *o = model->cells + j;

			if (o->label != c->label)
				continue;
			if (o->free == LOY__SEM_FIXED && !(o->value >= c->value && o->value <= c->value))
				return loy__fail_name(error, LOY_EINVAL, "a label is fixed at two values",
				                      paths->labels[c->label],
				                      strlen(paths->labels[c->label]));
			fix(o, c->value);
		}
	}
	return LOY_OK;
}

static loy_status number_free(loy__sem_model *model, loy_error *error)
{
	uint32_t i, j;

	for (i = 0; i < model->cell_count; i++) {
		loy__sem_cell *c = model->cells + i;

		if (c->free == LOY__SEM_FIXED)
			continue;
		for (j = 0; j < i && c->label != LOY__NO_LABEL; j++) {
			if (model->cells[j].label == c->label)
				break;
		}
		if (c->label != LOY__NO_LABEL && j < i)
			c->free = model->cells[j].free;
		else
			c->free = model->free_count++;
	}
	if (model->free_count > LOY_SEM_FREE_MAX)
		return loy__fail(error, LOY_ELIMIT, "too many free parameters");
	return LOY_OK;
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
	status = add_terms(model, paths, own, error);
	if (status != LOY_OK)
		return status;
	status = add_rest(model);
	if (status != LOY_OK)
		return loy__fail(error, status, "no room for the parameters");
	fix_scales(model, options->flags);
	fix_single(model);
	for (i = 0; i < paths->term_count;
	     i++) { /* a mean that a term speaks of is free, of constructs as well */
		if (model->cells[i].place == LOY__SEM_MEAN)
			model->cells[i].free = 0;
	}
	status = apply_treatments(model, paths, error);
	if (status == LOY_OK)
		status = number_free(model, error);
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
