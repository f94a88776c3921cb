/*
 * First and second derivatives of the function. With V the inverse of what is implied for a pattern, Q = V (T
 * + d d') V - V its misfit, C_a and m_a the derivatives of covariances and means by a cell:
 *
 *	f_a  = -tr(Q C_a) - 2 d'V m_a
 *	f_ab = 2 tr(Q C_a V C_b) + tr(V C_a V C_b) - tr(Q C_ab) + 2 d'V C_b V m_a + 2 d'V C_a V m_b
 *	       + 2 m_a'V m_b - 2 d'V m_ab
 *
 * whose expectation under the model is tr(V C_a V C_b) + 2 m_a'V m_b. As C_a = k (u w' + w u'), each trace is a
 * few products of elements of Gram matrices. By a path from j to i, u is column i of E and w row j of cov(v).
 */
#include "sem.h"

#include <string.h>

/* The slopes of all free cells where the matrices were implied last. */
static void fill_all_slopes(loy__sem_work *w)
{
	const loy__sem_model *model = w->model;
	uint32_t i;

	w->slope_count = 0;
	for (i = 0; i < model->cell_count; i++) {
		const loy__sem_cell *c = model->cells + i;
		loy__sem_slope *s;

		if (c->free == LOY__SEM_FIXED)
			continue;
		s = w->slopes + w->slope_count++;
		s->cell = i;
		s->free = c->free;
		s->u = s->w = c->row;
		s->factor = 0.0;
		s->shift = 1.0;
		if (c->place == LOY__SEM_PATH) {
			s->w = model->vector[c->column];
			s->factor = 1.0;
			s->shift = model->means ? w->mean[c->column] : 0.0;
		} else if (c->place == LOY__SEM_COVARIANCE) {
			s->w = c->column;
			s->factor = c->row == c->column ? 0.5 : 1.0;
			s->shift = 0.0;
		}
	}
}

/* Where the derivative by two cells goes; the same parameter twice counts both orders. */
static void place(double *matrix, size_t q, const loy__sem_slope *a, const loy__sem_slope *b, double value)
{
	matrix[a->free * q + b->free] += value;
	if (a != b)
		matrix[b->free * q + a->free] += value;
}

/* What a pattern adds to both matrices; `both` is 2 Q + V in place of the misfit's Gram matrix. */
static void add_pair(loy__sem_work *w, const loy__sem_slope *a, const loy__sem_slope *b, double share)
{
	const double *g = w->gram, *both = w->misfit_gram;
	size_t nv = w->model->vector_count, q = w->model->free_count;
	size_t u = a->u * nv, v = a->w * nv, x = b->u, y = b->w;
	double k = a->factor * b->factor, h, e, m;

	h = k * (both[u + y] * g[v + x] + both[u + x] * g[v + y] + both[v + y] * g[u + x] +
	         both[v + x] * g[u + y]);
	e = 2.0 * k * (g[v + x] * g[u + y] + g[v + y] * g[u + x]);
	if (w->model->means) {
		m = 2.0 * a->shift * b->shift * g[u + x];
		h += m + 2.0 * b->factor * a->shift * (w->away[x] * g[u + y] + w->away[y] * g[u + x]) +
		     2.0 * a->factor * b->shift *
		             (w->away[a->u] * g[a->w * nv + x] + w->away[a->w] * g[a->u * nv + x]);
		e += m;
	}
	place(w->hessian, q, a, b, share * h);
	place(w->expected, q, a, b, share * e);
}

static void add_pattern(loy__sem_work *w, double share)
{
	size_t nv = w->model->vector_count, i;
	uint32_t a, b;

	for (i = 0; i < nv * nv; i++) {
		w->misfit_all[i] += share * w->misfit_gram[i];
		w->misfit_gram[i] = 2.0 * w->misfit_gram[i] + w->gram[i];
	}
	for (i = 0; i < nv; i++)
		w->away_all[i] += share * w->away[i];
	for (a = 0; a < w->slope_count; a++) {
		for (b = 0; b <= a; b++)
			add_pair(w, w->slopes + a, w->slopes + b, share);
	}
}

/* The part with second derivatives of covariances and means: of two paths. */
static double bend_paths(const loy__sem_work *w, const loy__sem_cell *a, const loy__sem_cell *b)
{
	const loy__sem_model *model = w->model;
	size_t t = model->variables, nv = model->vector_count;
	size_t i = a->row, j = a->column, k = b->row, l = b->column;
	const double *q = w->misfit_all;
	double li = w->total[l * t + i], jk = w->total[j * t + k], h;

	h = -2.0 * (li * q[k * nv + model->vector[j]] + w->covariance[l * t + j] * q[i * nv + k] +
	            jk * q[i * nv + model->vector[l]]);
	if (model->means)
		h -= 2.0 * (li * w->mean[j] * w->away_all[k] + jk * w->mean[l] * w->away_all[i]);
	return h;
}

/* Of a path and a covariance or mean. */
static double bend(const loy__sem_work *w, const loy__sem_cell *path, const loy__sem_cell *other)
{
	size_t t = w->model->variables, nv = w->model->vector_count;
	size_t i = path->row, j = path->column, k = other->row, l = other->column;
	const double *q = w->misfit_all;
	double factor = k == l ? -1.0 : -2.0;

	if (other->place == LOY__SEM_MEAN)
		return -2.0 * w->total[j * t + k] * w->away_all[i];
	return factor * (w->total[j * t + l] * q[i * nv + k] + w->total[j * t + k] * q[i * nv + l]);
}

static void add_bends(loy__sem_work *w)
{
	size_t q = w->model->free_count;
	uint32_t i, j;

	for (i = 0; i < w->slope_count; i++) {
		const loy__sem_slope *a = w->slopes + i;
		const loy__sem_cell *first = w->model->cells + a->cell;

		for (j = 0; j <= i; j++) {
			const loy__sem_slope *b = w->slopes + j;
			const loy__sem_cell *second = w->model->cells + b->cell;

			if (first->place == LOY__SEM_PATH && second->place == LOY__SEM_PATH)
				place(w->hessian, q, a, b, bend_paths(w, first, second));
			else if (first->place == LOY__SEM_PATH)
				place(w->hessian, q, a, b, bend(w, first, second));
			else if (second->place == LOY__SEM_PATH)
				place(w->hessian, q, a, b, bend(w, second, first));
		}
	}
}

void loy__sem_derive(loy__sem_work *w)
{
	const loy__sem_sample *sample = w->sample;
	size_t nv = w->model->vector_count, q = w->model->free_count;
	uint32_t i;

	memset(w->gradient, 0, q * sizeof(double));
	memset(w->hessian, 0, q * q * sizeof(double));
	memset(w->expected, 0, q * q * sizeof(double));
	memset(w->misfit_all, 0, nv * nv * sizeof(double));
	memset(w->away_all, 0, nv * sizeof(double));
	fill_all_slopes(w);
	for (i = 0; i < sample->pattern_count; i++) {
		(void)loy__sem_enter_pattern(w, sample->patterns + i);
		loy__sem_fill_pattern(w, sample->patterns + i);
		add_pattern(w, sample->patterns[i].weight / sample->n);
	}
	add_bends(w);
	for (i = 0; i < w->slope_count; i++) {
		const loy__sem_slope *s = w->slopes + i;

		w->gradient[s->free] -= 2.0 * s->factor * w->misfit_all[s->u * nv + s->w] +
		                        2.0 * s->shift * w->away_all[s->u];
	}
}
