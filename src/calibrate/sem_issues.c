/*
 * What is wrong with a solution: nothing is repaired, everything is named. lavaan's checks of a solution
 * (negative variances, matrices that are not positive definite), and correlations and standardised paths
 * beyond 1, with which published models pass such checks.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

#define BEYOND 1e-9 /* over 1: rounding is no issue */

/* Issues that are being noted; once memory has failed no more are. */
struct noting {
	loy_sem *sem;
	loy_status status;
};

static void note(struct noting *noting, uint32_t kind, uint32_t parameter, uint32_t first, uint32_t second,
                 double value)
{
	loy_sem *sem = noting->sem;
	loy__sem_issue *issue;

	if (loy__grow(&sem->memory, (void **)&sem->issues, &sem->issue_room, (size_t)sem->info.issues + 1,
	              sizeof(*sem->issues), UINT32_MAX / 2) != LOY_OK) {
		noting->status = LOY_ENOMEM;
		return;
	}
	issue = sem->issues + sem->info.issues++;
	issue->kind = kind;
	issue->parameter = parameter;
	issue->first = first;
	issue->second = second;
	issue->value = value;
}

static void note_search(struct noting *noting, const loy__sem_work *w, const loy__sem_search *search)
{
	loy_sem *sem = noting->sem;
	uint32_t i;

	if (search->state == LOY_SEM_STOPPED)
		note(noting, LOY_SEM_ISSUE_STOPPED, LOY_SEM_NONE, LOY_SEM_NONE, LOY_SEM_NONE,
		     search->iterations);
	for (i = 0; search->loose != LOY__SEM_FIXED && i < w->model->cell_count; i++) {
		const loy__sem_cell *c = w->model->cells + i;

		if (c->free != search->loose)
			continue;
		sem->info.parameter = i;
		note(noting, LOY_SEM_ISSUE_NOT_IDENTIFIED, i, c->left, c->right, c->value);
		break;
	}
	if (w->sample->n < w->model->free_count)
		note(noting, LOY_SEM_ISSUE_FEW_ROWS, LOY_SEM_NONE, LOY_SEM_NONE, LOY_SEM_NONE, w->sample->n);
	if (w->sample->saturated_stopped)
		note(noting, LOY_SEM_ISSUE_SATURATED, LOY_SEM_NONE, LOY_SEM_NONE, LOY_SEM_NONE, (double)NAN);
}

static void note_cells(struct noting *noting, const loy__sem_work *w)
{
	const loy_sem *sem = noting->sem;
	const loy__sem_model *model = w->model;
	uint32_t i;

	for (i = 0; i < model->cell_count; i++) {
		const loy__sem_cell *c = model->cells + i;
		double standard = sem->rows[i].standard;

		if (c->place == LOY__SEM_COVARIANCE && c->row == c->column && c->value < 0.0)
			note(noting, LOY_SEM_ISSUE_VARIANCE, i, c->row, LOY_SEM_NONE, c->value);
		else if (c->place == LOY__SEM_PATH && fabs(standard) > 1.0 + BEYOND)
			note(noting, LOY_SEM_ISSUE_PATH, i, c->column, c->row, standard);
		else if (c->place == LOY__SEM_COVARIANCE && c->row != c->column &&
		         fabs(standard) > 1.0 + BEYOND &&
		         !(loy__sem_is_exogenous(model, c->row) && loy__sem_is_exogenous(model, c->column)))
			note(noting, LOY_SEM_ISSUE_CORRELATION, i, c->left, c->right, standard);
	}
}

static void note_correlations(struct noting *noting, const loy__sem_model *model)
{
	const loy_sem *sem = noting->sem;
	size_t m = sem->info.constructs;
	uint32_t i, j, k;

	for (i = 0; i < m; i++) {
		for (j = i + 1; j < m; j++) {
			uint32_t first = model->observed + i, second = model->observed + j,
			         row = LOY_SEM_NONE;
			double r = sem->constructs[i * m + j] /
			           sqrt(sem->constructs[i * (m + 1)] * sem->constructs[j * (m + 1)]);

			if (!(fabs(r) > 1.0 + BEYOND))
				continue;
			for (k = 0; k < model->cell_count; k++) {
				const loy__sem_cell *c = model->cells + k;

				if (c->place == LOY__SEM_COVARIANCE && c->row == second && c->column == first)
					row = k;
			}
			note(noting, LOY_SEM_ISSUE_CORRELATION, row, first, second, r);
		}
	}
}

static void correlate(double *to, const double *matrix, size_t n)
{
	size_t i, j;

	memcpy(to, matrix, n * n * sizeof(double));
	for (i = 0; i < n; i++) {
		if (!(matrix[i * (n + 1)] > 0.0))
			return;
	}
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++)
			to[i * n + j] /= sqrt(matrix[i * (n + 1)] * matrix[j * (n + 1)]);
	}
}

/*
 * Note the least eigenvalue of the correlations of a matrix that is not positive definite (of itself, when a
 * variance is not), and the two variables it is about most.
 */
static void note_matrix(struct noting *noting, uint32_t kind, const double *matrix, size_t n,
                        const uint32_t *variable)
{
	loy_sem *sem = noting->sem;
	size_t size = (2 * n * n + n) * sizeof(double), first = 0, second, i;
	double *work = loy__alloc(&sem->memory, size), *vectors, *values;

	if (work == NULL) {
		noting->status = LOY_ENOMEM;
		return;
	}
	vectors = work + n * n;
	values = vectors + n * n;
	memcpy(work, matrix, n * n * sizeof(double));
	if (loy__cholesky(work, n, 0.0, NULL) != LOY_OK) {
		correlate(work, matrix, n);
		if (loy__symmetric_eigen(work, n, values, vectors) != LOY_OK)
			values[0] = (double)NAN;
		for (i = 1; i < n; i++)
			first = fabs(vectors[i]) > fabs(vectors[first]) ? i : first;
		second = first == 0 && n > 1 ? 1 : 0;
		for (i = 0; i < n; i++)
			second = i != first && fabs(vectors[i]) > fabs(vectors[second]) ? i : second;
		note(noting, kind, LOY_SEM_NONE, variable[first], n > 1 ? variable[second] : LOY_SEM_NONE,
		     values[0]);
	}
	loy__free(&sem->memory, work, size);
}

/*
 * Covariances of the constructs, and of the residuals of items, without those that have none: a residual
 * variance that is negative has been named already. `variable` and `matrix` have room for all variables.
 */
static void note_matrices(struct noting *noting, const loy__sem_work *w, uint32_t *variable, double *matrix)
{
	const loy_sem *sem = noting->sem;
	const loy__sem_model *model = w->model;
	size_t m = sem->info.constructs, n = 0, i, j;
	uint32_t k;

	for (i = 0; i < m; i++)
		variable[i] = model->observed + (uint32_t)i;
	if (m > 0)
		note_matrix(noting, LOY_SEM_ISSUE_CONSTRUCTS, sem->constructs, m, variable);
	for (k = 0; k < model->cell_count; k++) {
		const loy__sem_cell *c = model->cells + k;

		if (c->place != LOY__SEM_COVARIANCE || c->row != c->column || c->row >= model->observed)
			continue;
		if (c->value < 0.0)
			return;
		if (c->value > 0.0)
			variable[n++] = c->row;
	}
	memset(matrix, 0, n * n * sizeof(double));
	for (k = 0; k < model->cell_count; k++) {
		const loy__sem_cell *c = model->cells + k;

		for (i = 0; c->place == LOY__SEM_COVARIANCE && i < n; i++) {
			for (j = 0; variable[i] == c->row && j < n; j++) {
				if (variable[j] == c->column)
					matrix[i * n + j] = matrix[j * n + i] = c->value;
			}
		}
	}
	if (n > 0)
		note_matrix(noting, LOY_SEM_ISSUE_RESIDUALS, matrix, n, variable);
}

static void note_definitions(struct noting *noting, const loy__sem_model *model)
{
	const loy_sem *sem = noting->sem;
	uint32_t i = model->cell_count;

	if (i < sem->info.parameters && !(fabs(sem->rows[i].value) <= DBL_MAX))
		note(noting, LOY_SEM_ISSUE_DEFINITION, i, LOY_SEM_NONE, LOY_SEM_NONE, (double)NAN);
}

/* Of the expected information with ones on its diagonal, in the norm of the largest sum of a row's magnitudes. */
static double condition(const double *matrix, size_t q, double *scratch)
{
	double norms[2] = {0.0, 0.0};
	size_t i, j;
	int pass;

	for (i = 0; i < q; i++) {
		for (j = 0; j < q; j++)
			scratch[i * q + j] =
			        matrix[i * q + j] / sqrt(matrix[i * (q + 1)] * matrix[j * (q + 1)]);
	}
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < q; i++) {
			double sum = 0.0;

			for (j = 0; j < q; j++)
				sum += fabs(scratch[i * q + j]);
			norms[pass] = sum > norms[pass] ? sum : norms[pass];
		}
		if (pass == 0 && loy__cholesky(scratch, q, 0.0, NULL) != LOY_OK)
			return (double)INFINITY;
		if (pass == 0)
			loy__cholesky_inverse(scratch, q);
	}
	return norms[0] * norms[1];
}

loy_status loy__sem_find_issues(loy_sem *sem, const loy__sem_work *w, const loy__sem_search *search)
{
	size_t t = w->model->variables, q = w->model->free_count, side = t > q ? t : q;
	size_t size = side * side * sizeof(double);
	double *block = loy__alloc_zero(&sem->memory, size);
	uint32_t *variable = loy__alloc_zero(&sem->memory, t * sizeof(*variable));
	struct noting noting = {sem, block != NULL && variable != NULL ? LOY_OK : LOY_ENOMEM};

	if (noting.status == LOY_OK) {
		sem->info.condition = condition(w->expected, q, block);
		note_search(&noting, w, search);
		note_cells(&noting, w);
		note_correlations(&noting, w->model);
		note_matrices(&noting, w, variable, block);
		note_definitions(&noting, w->model);
	}
	loy__free(&sem->memory, block, size);
	loy__free(&sem->memory, variable, t * sizeof(*variable));
	return noting.status;
}
