/*
 * Cells of the matrices of a model: those that terms state, what is added to them, what is fixed, and which share a
 * parameter. The rules are those of lavaan's `sem()` (Rosseel 2012, and its lavaanify()).
 */
#include "sem.h"

#include <string.h>

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
			return loy__fail_name(error, LOY_ENAME, "a parameter is stated twice",
			                      paths->variables[t->right].name,
			                      strlen(paths->variables[t->right].name));
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

loy_status loy__sem_cells_build(loy__sem_model *model, const loy_paths *paths, const loy_sem_options *options,
                                const uint32_t *own, loy_error *error)
{
	loy_status status = add_terms(model, paths, own, error);
	uint32_t i;

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
	return status == LOY_OK ? number_free(model, error) : status;
}
