/*
 * Where to start: a model's own moments by instruments and least squares, without a search. A construct's
 * loadings follow from the covariances of its indicators with one another (Hägglund 1982, FABIN 2, by sums),
 * its covariances with everything known from those of its indicators; constructs of higher order come after
 * what they are made of. Paths are then regressions on these covariances, residual variances what is left.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

#define SHARE_LEAST 0.05 /* of a variance that is left as residual, at least */
#define SHARE_MOST  0.95
#define RIDGE       0.05 /* of a predictor's variance, so that near copies do not blow up */
#define CORRELATION 0.9  /* of exogenous constructs, at most */

struct start {
	loy__sem_model *model;
	double *moments;          /* covariances of all variables as far as known: variables x variables */
	double *loading;          /* of each cell that is one, relative to the construct's own scale */
	double *matrix, *vector;  /* scratch of one regression */
	uint32_t *member, *known; /* cells of a block or regression; whether a variable's moments are known */
};

static double moment(const struct start *s, size_t i, size_t j)
{
	return s->moments[i * s->model->variables + j];
}

static void set_moment(struct start *s, size_t i, size_t j, double value)
{
	s->moments[i * s->model->variables + j] = s->moments[j * s->model->variables + i] = value;
}

/* Cells that measure construct v; 0 unless the moments of all indicators are known. */
static size_t collect_block(struct start *s, uint32_t v)
{
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < s->model->cell_count; i++) {
		const loy__sem_cell *c = s->model->cells + i;

		if (c->relation != LOY_TERM_MEASURED || c->left != v)
			continue;
		if (!s->known[c->right])
			return 0;
		s->member[count++] = i;
	}
	return count;
}

/* Loadings relative to the first indicator's. */
static void find_loadings(struct start *s, size_t count)
{
	const loy__sem_cell *cells = s->model->cells;
	uint32_t first = cells[s->member[0]].right;
	size_t a, b;

	s->loading[s->member[0]] = 1.0;
	for (a = 1; a < count; a++) {
		uint32_t own = cells[s->member[a]].right;
		double top = 0.0, bottom = 0.0, scale = sqrt(moment(s, own, own) / moment(s, first, first));
		double slope;

		for (b = 1; b < count; b++) {
			uint32_t other = cells[s->member[b]].right;

			if (b == a)
				continue;
			top += moment(s, own, other) * moment(s, first, other) / moment(s, other, other);
			bottom += moment(s, first, other) * moment(s, first, other) / moment(s, other, other);
		}
		slope = bottom > 0.0 ? top / bottom : (moment(s, own, first) < 0.0 ? -scale : scale);
		if (!(fabs(slope) <= 5.0 * scale))
			slope = slope < 0.0 ? -5.0 * scale : 5.0 * scale;
		s->loading[s->member[a]] = fabs(slope) >= 0.05 * scale ? slope : 0.05 * scale;
	}
}

/* The construct's variance on the scale of the first indicator, and its covariances with all that is known. */
static void find_moments(struct start *s, uint32_t v, size_t count)
{
	const loy__sem_cell *cells = s->model->cells;
	double top = 0.0, bottom = 0.0, weights = 0.0, variance, most;
	uint32_t x, first = cells[s->member[0]].right;
	size_t a, b;

	for (a = 0; a < count; a++) {
		double own = s->loading[s->member[a]];
		uint32_t i = cells[s->member[a]].right;

		weights += own * own / moment(s, i, i);
		for (b = 0; b < a; b++) {
			uint32_t j = cells[s->member[b]].right;
			double product =
			        own * s->loading[s->member[b]] / sqrt(moment(s, i, i) * moment(s, j, j));

			top += product * moment(s, i, j) / sqrt(moment(s, i, i) * moment(s, j, j));
			bottom += product * product;
		}
	}
	most = moment(s, first, first) * SHARE_MOST;
	variance = bottom > 0.0 ? top / bottom : most;
	variance = variance < most ? variance : most;
	variance = variance > 0.1 * most ? variance : 0.1 * most;
	for (x = 0; x < s->model->variables; x++) {
		double sum = 0.0;

		for (a = 0; a < count && s->known[x]; a++) {
			uint32_t i = cells[s->member[a]].right;
			double own = s->loading[s->member[a]];

			/* its own indicators by what they load, others by what its indicators have with them */
			sum += own / moment(s, i, i) * moment(s, i, x);
		}
		set_moment(s, v, x, sum / weights);
	}
	set_moment(s, v, v, variance);
	for (a = 0; a < count; a++)
		set_moment(s, v, cells[s->member[a]].right, s->loading[s->member[a]] * variance);
	s->known[v] = 1;
}

/* From the first indicator's scale to the one the model fixes. */
static void rescale(struct start *s, uint32_t v, size_t count)
{
	const loy__sem_cell *cells = s->model->cells;
	double factor = 1.0;
	uint32_t x;
	size_t a;

	for (a = 0; a < count; a++) {
		const loy__sem_cell *c = cells + s->member[a];

		if (c->free == LOY__SEM_FIXED && c->value != 0.0) {
			factor = s->loading[s->member[a]] / c->value;
			break;
		}
	}
	for (x = 0; a == count && x < s->model->cell_count; x++) {
		const loy__sem_cell *c = cells + x;

		if (c->place == LOY__SEM_COVARIANCE && c->row == v && c->column == v &&
		    c->free == LOY__SEM_FIXED && c->value > 0.0)
			factor = sqrt(c->value / moment(s, v, v));
	}
	for (a = 0; a < count; a++)
		s->loading[s->member[a]] /= factor;
	for (x = 0; x < s->model->variables; x++) {
		if (x != v)
			set_moment(s, v, x, factor * moment(s, v, x));
	}
	set_moment(s, v, v, factor * factor * moment(s, v, v));
}

/* A construct without indicators whose moments are known has none of its own: variance 1, related to nothing. */
static void find_constructs(struct start *s)
{
	uint32_t v, again = 1;

	while (again) {
		again = 0;
		for (v = s->model->observed; v < s->model->variables; v++) {
			size_t count = s->known[v] ? 0 : collect_block(s, v);

			if (count == 0)
				continue;
			find_loadings(s, count);
			find_moments(s, v, count);
			rescale(s, v, count);
			again = 1;
		}
	}
	for (v = s->model->observed; v < s->model->variables; v++) {
		if (!s->known[v])
			set_moment(s, v, v, 1.0);
	}
}

/* ---- regressions ---- */

/* Free paths to v by least squares on the moments, given the fixed ones; the residual variance is returned. */
static double regress(struct start *s, uint32_t v)
{
	loy__sem_cell *cells = s->model->cells;
	size_t count = 0, a, b;
	double left = moment(s, v, v), least = SHARE_LEAST * left;
	uint32_t i;

	for (i = 0; i < s->model->cell_count; i++) {
		if (cells[i].relation == LOY_TERM_REGRESSED && cells[i].row == v)
			s->member[count++] = i;
	}
	for (a = 0; a < count; a++) {
		uint32_t x = cells[s->member[a]].column;

		s->vector[a] = moment(s, v, x);
		for (b = 0; b <= a; b++)
			s->matrix[a * count + b] = moment(s, x, cells[s->member[b]].column);
		s->matrix[a * count + a] *= 1.0 + RIDGE;
	}
	if (count > 0 && loy__cholesky(s->matrix, count, 1e-6, NULL) == LOY_OK)
		loy__cholesky_solve(s->matrix, count, s->vector);
	else
		memset(s->vector, 0, count * sizeof(double));
	for (a = 0; a < count; a++) {
		loy__sem_cell *c = cells + s->member[a];

		if (c->free != LOY__SEM_FIXED)
			c->value = s->vector[a];
		left -= c->value * moment(s, v, c->column);
	}
	return left > least ? left : least;
}

/* What its measuring constructs leave of an indicator's variance. */
static double residual(struct start *s, uint32_t v)
{
	double own = moment(s, v, v), left = own;
	uint32_t i;

	for (i = 0; i < s->model->cell_count; i++) {
		const loy__sem_cell *c = s->model->cells + i;

		if (c->relation == LOY_TERM_MEASURED && c->right == v)
			left -= c->value * c->value * moment(s, c->left, c->left);
	}
	return left > SHARE_LEAST * own ? left : SHARE_LEAST * own;
}

/* ---- the whole ---- */

static void fill_paths(struct start *s)
{
	loy__sem_model *model = s->model;
	uint32_t i;

	for (i = 0; i < model->cell_count; i++) {
		loy__sem_cell *c = model->cells + i;

		if (c->relation == LOY_TERM_MEASURED && c->free != LOY__SEM_FIXED)
			c->value = s->loading[i];
	}
	for (i = 0; i < model->variables; i++) {
		double left = 0.0;
		int outcome = (model->role[i] & LOY__SEM_OUTCOME) != 0;
		uint32_t j;

		left = outcome ? regress(s, i) : moment(s, i, i);
		if (!outcome && (model->role[i] & LOY__SEM_INDICATOR) != 0)
			left = residual(s, i);
		for (j = 0; j < model->cell_count; j++) {
			loy__sem_cell *c = model->cells + j;

			if (c->place == LOY__SEM_COVARIANCE && c->row == i && c->column == i &&
			    c->free != LOY__SEM_FIXED)
				c->value = left;
		}
	}
}

/* Covariances of what depends on nothing, held away from 1; those of residuals start at 0. */
static void fill_covariances(struct start *s, const double *mean)
{
	loy__sem_model *model = s->model;
	uint32_t i;

	for (i = 0; i < model->cell_count; i++) {
		loy__sem_cell *c = model->cells + i;
		double bound;

		if (c->free == LOY__SEM_FIXED)
			continue;
		if (c->place == LOY__SEM_MEAN) {
			c->value = c->row < model->observed ? mean[c->row] : 0.0;
		} else if (c->place == LOY__SEM_COVARIANCE && c->row != c->column) {
			bound = CORRELATION *
			        sqrt(moment(s, c->row, c->row) * moment(s, c->column, c->column));
			c->value = moment(s, c->row, c->column);
			if (((model->role[c->row] | model->role[c->column]) &
			     (LOY__SEM_INDICATOR | LOY__SEM_OUTCOME)) != 0)
				c->value = 0.0;
			c->value = c->value > bound ? bound : c->value;
			c->value = c->value < -bound ? -bound : c->value;
		}
	}
}

/* Equal labels, one value: the first one's. */
static void share_values(loy__sem_model *model)
{
	uint32_t i, j;

	for (i = 0; i < model->cell_count; i++) {
		for (j = 0; model->cells[i].free != LOY__SEM_FIXED && j < i; j++) {
			if (model->cells[j].free == model->cells[i].free) {
				model->cells[i].value = model->cells[j].value;
				break;
			}
		}
	}
}

loy_status loy__sem_start(loy__sem_model *model, const loy__sem_sample *sample)
{
	size_t t = model->variables, p = model->observed, cells = model->cell_count, i, j;
	size_t doubles = 2 * t * t + t + cells, integers = cells + t;
	const loy_allocator *memory = &model->memory;
	double *block = loy__alloc_zero(memory, doubles * sizeof(double));
	uint32_t *numbers = loy__alloc_zero(memory, integers * sizeof(uint32_t));
	struct start s = {0};

	if (block != NULL && numbers != NULL) {
		s.model = model;
		s.moments = block;
		s.matrix = block + t * t;
		s.vector = s.matrix + t * t;
		s.loading = s.vector + t;
		s.member = numbers;
		s.known = numbers + cells;
		for (i = 0; i < p; i++) {
			s.known[i] = 1;
			for (j = 0; j < p; j++)
				s.moments[i * t + j] = sample->covariance[i * p + j];
		}
		find_constructs(&s);
		fill_paths(&s);
		fill_covariances(&s, sample->mean);
		share_values(model);
	}
	i = block != NULL && numbers != NULL;
	loy__free(memory, block, doubles * sizeof(double));
	loy__free(memory, numbers, integers * sizeof(uint32_t));
	return i ? LOY_OK : LOY_ENOMEM;
}
