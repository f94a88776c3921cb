/*
 * A second way to a minimum. Fixing a construct's scale by its first loading lets the others run away when
 * that item hardly measures it, and fixing its variance does not let it cross zero: where one search stops,
 * the other is tried, and what it found, put on the scale that was asked for, is where the first starts
 * again.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

/* Factor by which construct v's values differ on the two scales; those of what it acts on are known. */
static double scale_of(const loy__sem_model *to, const loy__sem_model *from, uint32_t v, const double *scale)
{
	uint32_t i;

	for (i = 0; i < to->cell_count; i++) {
		const loy__sem_cell *c = to->cells + i;

		if (c->relation == LOY_TERM_MEASURED && c->left == v && c->free == LOY__SEM_FIXED &&
		    c->value != 0.0)
			return from->cells[i].value * scale[c->right] / c->value;
	}
	for (i = 0; i < to->cell_count; i++) {
		const loy__sem_cell *c = to->cells + i;

		if (c->place == LOY__SEM_COVARIANCE && c->row == v && c->column == v &&
		    c->free == LOY__SEM_FIXED && c->value > 0.0 && from->cells[i].value > 0.0)
			return sqrt(c->value / from->cells[i].value);
	}
	return 1.0;
}

/* Both models have the same cells; only what sets scales is fixed otherwise. */
static void carry_over(loy__sem_model *to, const loy__sem_model *from, double *scale)
{
	uint32_t i, j;

	for (i = 0; i < to->variables; i++)
		scale[i] = 1.0;
	for (i = to->variables; i-- > 0;) {
		if (to->order[i] >= to->observed)
			scale[to->order[i]] = scale_of(to, from, to->order[i], scale);
	}
	for (i = 0; i < to->cell_count; i++) {
		loy__sem_cell *c = to->cells + i;
		double value = from->cells[i].value;

		if (c->free == LOY__SEM_FIXED)
			continue;
		if (c->place == LOY__SEM_PATH)
			value *= scale[c->row] / scale[c->column];
		else if (c->place == LOY__SEM_COVARIANCE)
			value *= scale[c->row] * scale[c->column];
		else
			value *= scale[c->row];
		for (j = 0; j < i; j++) { /* equal labels, one value: the first one's */
			if (to->cells[j].free == c->free)
				break;
		}
		c->value = j < i ? to->cells[j].value : value;
	}
}

/* A minimum of the same paths on the other scale; *found is 0 when there is none. */
static loy_status search_other(loy__sem_model *other, const loy__sem_sample *sample,
                               const loy_sem_options *options, int *found)
{
	loy__sem_search search;
	loy__sem_work work;
	loy_status status;

	*found = 0;
	loy__sem_model_give(other, sample->covariance, sample->mean);
	status = loy__sem_work_init(&work, other, sample);
	if (status == LOY_OK)
		status = loy__sem_start(other, sample);
	if (status == LOY_OK)
		status = loy__sem_minimise(&work, other, options, &search);
	if (status == LOY_OK)
		*found = search.state == LOY_SEM_CONVERGED;
	loy__sem_work_free(&work);
	return status == LOY_ERANGE ? LOY_OK : status;
}

/*
 * From there once more; the cells, and what *found says, are as they were unless it ends in a minimum no
 * higher.
 */
static loy_status search_on(loy__sem_work *w, loy__sem_model *model, const loy__sem_model *other,
                            const loy_sem_options *options, loy__sem_search *found)
{
	size_t t = model->variables, count = t + model->cell_count, i;
	double *scale = loy__alloc(&w->memory, count * sizeof(double)), *kept, before = w->value;
	loy__sem_search search;
	loy_status status;

	if (scale == NULL)
		return LOY_ENOMEM;
	kept = scale + t;
	for (i = 0; i < model->cell_count; i++)
		kept[i] = model->cells[i].value;
	carry_over(model, other, scale);
	status = loy__sem_minimise(w, model, options, &search);
	if (status == LOY_OK && search.state == LOY_SEM_CONVERGED && w->value <= before) {
		search.iterations += found->iterations;
		search.halvings += found->halvings;
		*found = search;
	} else {
		for (i = 0; i < model->cell_count; i++)
			model->cells[i].value = kept[i];
		(void)loy__sem_evaluate(w);
		loy__sem_derive(w);
	}
	loy__free(&w->memory, scale, count * sizeof(double));
	return status == LOY_ERANGE ? LOY_OK : status;
}

loy_status loy__sem_search_again(loy__sem_work *w, loy__sem_model *model, const loy_paths *paths,
                                 const loy_sem_options *options, loy__sem_search *found)
{
	loy_sem_options turned = *options;
	loy__sem_model other;
	loy_status status;
	int better = 0;

	turned.flags ^= LOY_SEM_UNIT_VARIANCE;
	status = loy__sem_model_build(&other, paths, &turned, &w->memory, NULL);
	/* labels may set scales apart: then there is nothing to carry over */
	if (status == LOY_OK && other.cell_count == model->cell_count &&
	    other.free_count == model->free_count)
		status = search_other(&other, w->sample, options, &better);
	else if (status != LOY_ENOMEM)
		status = LOY_OK;
	if (status == LOY_OK && better)
		status = search_on(w, model, &other, options, found);
	loy__sem_model_free(&other);
	return status;
}
