/*
 * Defined quantities: their values, standard errors by the delta method (the gradient by the labels is
 * exact), and what they become when the labels' standardised values are put in.
 */
#include "sem.h"

#include <math.h>

struct definitions {
	loy_sem *sem;
	const loy__sem_model *model;
	const loy_paths *paths;
	double *labels, *values, *jacobian, *gradient;
};

enum { VALUE, STANDARD, LATENT };

/* Each label is what its first cell is; one that no cell has is not a number. */
static void fill_labels(struct definitions *d, int which)
{
	uint32_t i;

	for (i = 0; i < d->paths->label_count; i++)
		d->labels[i] = (double)NAN;
	for (i = d->model->cell_count; i-- > 0;) {
		const loy__sem_row *row = d->sem->rows + i;
		uint32_t label = d->model->cells[i].label;

		if (label != LOY__NO_LABEL)
			d->labels[label] = which == VALUE      ? row->value
			                   : which == STANDARD ? row->standard
			                                       : row->latent;
	}
}

/* Standard error of definition i. */
static double deviation(struct definitions *d, uint32_t i)
{
	size_t q = d->model->free_count, labels = d->paths->label_count, a, b;
	double sum = 0.0;
	uint32_t c, l;

	for (a = 0; a < q; a++)
		d->gradient[a] = 0.0;
	for (l = 0; l < labels; l++) {
		for (c = 0; c < d->model->cell_count && d->model->cells[c].label != l; c++)
			;
		if (c < d->model->cell_count && d->model->cells[c].free != LOY__SEM_FIXED)
			d->gradient[d->model->cells[c].free] += d->jacobian[i * labels + l];
	}
	for (a = 0; a < q; a++) {
		for (b = 0; b < q && (d->gradient[a] > 0.0 || d->gradient[a] < 0.0); b++)
			sum += d->gradient[a] * d->gradient[b] * d->sem->estimates[a * q + b];
	}
	return sqrt(sum);
}

static loy_status evaluate(struct definitions *d)
{
	loy__sem_row *rows = d->sem->rows + d->model->cell_count;
	int finite, which;
	uint32_t i;

	for (which = VALUE; which <= LATENT; which++) {
		loy_status status;

		fill_labels(d, which);
		status = loy__paths_evaluate(d->paths, d->labels, d->values,
		                             which == VALUE ? d->jacobian : NULL);
		if (status != LOY_OK && status != LOY_ERANGE)
			return status;
		finite = status == LOY_OK;
		for (i = 0; i < d->paths->definition_count; i++) {
			double value = finite ? d->values[i] : (double)NAN;

			if (which == VALUE) {
				rows[i].value = value;
				rows[i].deviation = finite ? deviation(d, i) : (double)NAN;
			} else if (which == STANDARD) {
				rows[i].standard = value;
			} else {
				rows[i].latent = value;
			}
		}
	}
	return LOY_OK;
}

loy_status loy__sem_define(loy_sem *sem, const loy__sem_model *model, const loy_paths *paths)
{
	size_t labels = paths->label_count, count = paths->definition_count, q = model->free_count;
	size_t size = (labels + count + count * labels + q + 1) * sizeof(double);
	struct definitions d = {0};
	loy_status status;
	uint32_t i;

	for (i = 0; i < count; i++) {
		loy__sem_row *row = sem->rows + model->cell_count + i;

		row->relation = LOY_SEM_DEFINED;
		row->label = row->free = LOY_SEM_NONE;
	}
	if (count == 0)
		return LOY_OK;
	d.labels = loy__alloc(&sem->memory, size);
	if (d.labels == NULL)
		return LOY_ENOMEM;
	d.values = d.labels + labels;
	d.jacobian = d.values + count;
	d.gradient = d.jacobian + count * labels;
	d.sem = sem;
	d.model = model;
	d.paths = paths;
	status = evaluate(&d);
	loy__free(&sem->memory, d.labels, size);
	return status;
}
