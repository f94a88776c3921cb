/*
 * The admissibility report: what makes a solution doubtful, or none of any population. Values are never touched.
 */
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

/* Belsley, Kuh & Welsch (1980): a ratio of singular values of 30. */
#define CONDITION_LIMIT 900.0
/* What rounding may add to a correlation that is 1. */
#define ROUNDING 1e-12
/* Least pivot of a block, of its variance. */
#define PIVOT 1e-10

static loy_status note(loy_pls *pls, uint32_t kind, uint32_t inadmissible, const loy_pls_problem *what)
{
	void *problems = pls->problems;
	loy_status status = loy__grow(&pls->shared->memory, &problems, &pls->problem_room,
	                              (size_t)pls->problem_count + 1, sizeof(*pls->problems), 0xffffffu);

	pls->problems = problems;
	if (status != LOY_OK)
		return LOY_ENOMEM;
	pls->problems[pls->problem_count] = *what;
	pls->problems[pls->problem_count].struct_size = sizeof(*what);
	pls->problems[pls->problem_count].kind = kind;
	pls->problems[pls->problem_count].inadmissible = inadmissible;
	pls->problem_count++;
	return LOY_OK;
}

static loy_pls_problem about(uint32_t construct, uint32_t other, uint32_t indicator, double value,
                             double limit)
{
	loy_pls_problem problem = {0};

	problem.construct = construct;
	problem.other = other;
	problem.indicator = indicator;
	problem.second = LOY_PLS_NONE;
	problem.value = value;
	problem.limit = limit;
	return problem;
}

static loy_status report_paths(loy_pls *pls)
{
	const loy__pls_model *m = pls->model;
	const loy__pls_estimate *e = pls->estimate;
	loy_status status = LOY_OK;
	uint32_t k;

	for (k = 0; status == LOY_OK && k < m->paths; k++) {
		loy_pls_problem what = about(m->path[k].from, m->path[k].to, LOY_PLS_NONE, e->path[k], 1.0);

		if (!(fabs(e->path[k]) <= 1.0 + ROUNDING))
			status = note(pls, LOY_PLS_PATH_BEYOND_ONE, 1, &what);
		what.value = e->vif[k];
		what.limit = pls->shared->vif_limit;
		if (status == LOY_OK && !(e->vif[k] <= what.limit))
			status = note(pls, LOY_PLS_VIF_PREDICTOR, 0, &what);
	}
	return status;
}

static loy_status report_indicators(loy_pls *pls, uint32_t c)
{
	const loy__pls_construct *construct = &pls->model->construct[c];
	const loy__pls_estimate *e = pls->estimate;
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = construct->first; status == LOY_OK && i < construct->first + construct->count; i++) {
		loy_pls_problem what = about(c, LOY_PLS_NONE, i, e->loading[i], 1.0);

		if (!(fabs(e->loading[i]) <= 1.0 + ROUNDING))
			status = note(pls, LOY_PLS_LOADING_BEYOND_ONE, 1, &what);
		what.value = e->weight[i];
		what.limit = 0.0;
		if (status == LOY_OK && !(e->weight[i] > 0.0))
			status = note(pls, LOY_PLS_NEGATIVE_WEIGHT, 0, &what);
		what.value = pls->quality.indicator_vif[i];
		what.limit = pls->shared->vif_limit;
		if (status == LOY_OK && construct->mode == LOY_PLS_MODE_B && !(what.value <= what.limit))
			status = note(pls, LOY_PLS_VIF_INDICATOR, 0, &what);
	}
	return status;
}

/* Condition of the correlations of a construct's predictors. */
static loy_status report_condition(loy_pls *pls, uint32_t c)
{
	const loy__pls_model *m = pls->model;
	const loy__pls_construct *construct = &m->construct[c];
	size_t k = construct->path_count, q = m->constructs, bytes = (k * k + k) * sizeof(double), i, j;
	loy_pls_problem what = about(c, LOY_PLS_NONE, LOY_PLS_NONE, 0.0, CONDITION_LIMIT);
	double *work;

	if (k < 2)
		return LOY_OK;
	work = loy__alloc(&pls->shared->memory, bytes);
	if (work == NULL)
		return LOY_ENOMEM;
	for (i = 0; i < k; i++) {
		for (j = 0; j < k; j++)
			work[i * k + j] = pls->estimate->latent[m->path[construct->path + i].from * q +
			                                        m->path[construct->path + j].from];
	}
	what.value = (double)NAN;
	if (loy__symmetric_eigen(work, k, work + k * k, NULL) == LOY_OK)
		what.value = loy__condition_number(work + k * k, k);
	loy__free(&pls->shared->memory, work, bytes);
	return what.value <= CONDITION_LIMIT ? LOY_OK : note(pls, LOY_PLS_CONDITION, 0, &what);
}

static loy_status report_construct(loy_pls *pls, uint32_t c)
{
	const loy__pls_estimate *e = pls->estimate;
	loy_pls_problem what = about(c, LOY_PLS_NONE, LOY_PLS_NONE, e->rho_a[c], 1.0);
	loy_status status = LOY_OK;

	/* without a correction rho_A is only a figure, but the same figure */
	if (!(e->rho_a[c] > 0.0 && e->rho_a[c] <= 1.0 + ROUNDING))
		status = note(pls, LOY_PLS_RELIABILITY, pls->model->construct[c].corrected, &what);
	what.value = e->r2[c];
	if (status == LOY_OK && !(e->r2[c] >= -ROUNDING && e->r2[c] <= 1.0 + ROUNDING))
		status = note(pls, LOY_PLS_R2_BEYOND_ONE, 1, &what);
	if (status == LOY_OK)
		status = report_indicators(pls, c);
	return status == LOY_OK ? report_condition(pls, c) : status;
}

/* Latent correlations: each, and all together, with the two that are nearest. */
static loy_status report_latent(loy_pls *pls)
{
	size_t q = pls->model->constructs;
	const double *latent = pls->estimate->latent;
	loy_pls_problem nearest = about(LOY_PLS_NONE, LOY_PLS_NONE, LOY_PLS_NONE, 0.0, 0.0);
	double most = 0.0;
	loy_status status = LOY_OK;
	uint32_t c, d;

	for (c = 0; c < q; c++) {
		for (d = 0; status == LOY_OK && d < c; d++) {
			double r = latent[c * q + d];
			loy_pls_problem what = about(d, c, LOY_PLS_NONE, r, 1.0);

			if (!(fabs(r) <= 1.0 + ROUNDING))
				status = note(pls, LOY_PLS_CORRELATED, 1, &what);
			if (most == most && !(fabs(r) <= most)) {
				most = fabs(r);
				nearest.construct = d;
				nearest.other = c;
			}
		}
	}
	nearest.value = pls->quality.latent_least;
	if (status == LOY_OK && !(nearest.value > ROUNDING))
		status = note(pls, LOY_PLS_NOT_DEFINITE, 1, &nearest);
	return status;
}

/* Indicators that are others over again, or that those before them in their block make up. */
static loy_status report_collinear(loy_pls *pls)
{
	const loy__pls_model *m = pls->model;
	size_t p = m->indicators;
	loy_status status = LOY_OK;
	uint32_t c, d, i, j;

	for (c = 0; c < m->constructs; c++) {
		for (d = 0; d <= c; d++) {
			const loy__pls_construct *first = &m->construct[c], *second = &m->construct[d];

			for (i = first->first; i < first->first + first->count; i++) {
				for (j = second->first;
				     status == LOY_OK && j < second->first + second->count && j < i; j++) {
					double r = pls->estimate->r[i * p + j];
					loy_pls_problem what = about(c, d, i, r, 1.0);

					what.second = j;
					/* the same column twice was meant so: it is repeated */
					if (m->column[i] != m->column[j] && !(fabs(r) < 1.0 - ROUNDING))
						status = note(pls, LOY_PLS_DUPLICATE, 0, &what);
				}
			}
		}
	}
	return status;
}

static loy_status report_block(loy_pls *pls, uint32_t c)
{
	const loy__pls_construct *construct = &pls->model->construct[c];
	size_t k = construct->count, p = pls->model->indicators, pivot = 0, i, j;
	size_t bytes = k * k * sizeof(double);
	double *block;
	loy_status status = LOY_OK;

	if (pls->quality.indicator_vif[construct->first] <= DBL_MAX)
		return LOY_OK;
	block = loy__alloc(&pls->shared->memory, bytes);
	if (block == NULL)
		return LOY_ENOMEM;
	for (i = 0; i < k; i++) {
		for (j = 0; j < k; j++)
			block[i * k + j] =
			        pls->estimate->r[(construct->first + i) * p + construct->first + j];
	}
	if (loy__cholesky(block, k, PIVOT, &pivot) != LOY_OK) {
		loy_pls_problem what = about(c, LOY_PLS_NONE, construct->first + (uint32_t)pivot,
		                             (double)INFINITY, pls->shared->vif_limit);

		status = note(pls, LOY_PLS_COLLINEAR, 0, &what);
	}
	loy__free(&pls->shared->memory, block, bytes);
	return status;
}

loy_status loy__pls_report(loy_pls *pls)
{
	loy_pls_problem what = about(LOY_PLS_NONE, LOY_PLS_NONE, LOY_PLS_NONE, 0.0, 0.0);
	loy_status status = LOY_OK;
	uint32_t c;

	if (!pls->estimate->converged) {
		what.value = pls->estimate->change;
		what.limit = pls->model->tolerance;
		status = note(pls, LOY_PLS_NOT_CONVERGED, 1, &what);
	}
	what.value = pls->quality.item_least;
	what.limit = 0.0;
	/* of complete rows they cannot be: duplicate and collinear ones have a line of their own */
	if (status == LOY_OK && pls->shared->missing == LOY_MISSING_PAIRWISE && !(what.value > ROUNDING))
		status = note(pls, LOY_PLS_ITEMS_NOT_DEFINITE, 1, &what);
	if (status == LOY_OK)
		status = report_paths(pls);
	for (c = 0; status == LOY_OK && c < pls->model->constructs; c++)
		status = report_construct(pls, c);
	if (status == LOY_OK)
		status = report_latent(pls);
	if (status == LOY_OK)
		status = report_collinear(pls);
	for (c = 0; status == LOY_OK && c < pls->model->constructs; c++)
		status = report_block(pls, c);
	return status;
}

/* ---- in words ---- */

static const struct {
	const char *text;     /* what is said of the names before it */
	const char *about;    /* before the value; NULL: no value */
	uint32_t needs_limit; /* 1: the limit belongs to the sentence */
} wording[] = {
        {"", NULL, 0},
        {"weights did not converge", ": they still change by ", 1},
        {"the standardised path lies beyond 1", ": ", 0},
        {"the loading lies beyond 1 (Heywood case)", ": ", 0},
        {"the reliability rho_A does not lie in (0, 1]", ": ", 0},
        {"R2 does not lie in [0, 1]", ": ", 0},
        {"correlations of constructs are not positive definite; these two are nearest", ": least eigenvalue ",
         0},
        {"the first is explained by other predictors of the second", ": VIF ", 1},
        {"the indicator is explained by others of its block", ": VIF ", 1},
        {"predictors are nearly collinear", ": condition number ", 1},
        {"these indicators are the same", ": correlation ", 0},
        {"the indicator depends on those before it in its block", NULL, 0},
        {"the weight is not above 0: there is no index", ": ", 0},
        {"the correlation of the two constructs lies beyond 1", ": ", 0},
        {"correlations of items are not positive definite", ": least eigenvalue ", 0},
};

static void say(loy__writer *w, const char *text)
{
	loy__write_bytes(w, text, strlen(text));
}

static void say_number(loy__writer *w, double value)
{
	char number[32];

	if (value != value)
		say(w, "NaN");
	else if (fabs(value) > DBL_MAX)
		say(w, value > 0.0 ? "infinite" : "-infinite");
	else
		loy__write_bytes(w, number, loy__real_write(value, number));
}

/* "Image -> Loyalty: " and the like. */
static void say_names(loy__writer *w, const loy_pls *pls, const loy_pls_problem *problem)
{
	const loy__pls_model *m = pls->model;
	const loy__pls_column *column = pls->shared->plan.column;
	const char *between = problem->kind == LOY_PLS_PATH_BEYOND_ONE ? " -> " : ", ";

	if (problem->construct != LOY_PLS_NONE)
		say(w, m->construct[problem->construct].name);
	if (problem->other != LOY_PLS_NONE && problem->other != problem->construct) {
		say(w, between);
		say(w, m->construct[problem->other].name);
	}
	if (problem->indicator != LOY_PLS_NONE) {
		say(w, " / ");
		say(w, column[m->column[problem->indicator]].name);
	}
	if (problem->second != LOY_PLS_NONE) {
		say(w, ", ");
		say(w, column[m->column[problem->second]].name);
	}
	if (problem->construct != LOY_PLS_NONE)
		say(w, ": ");
}

loy_status loy_pls_print_problem(const loy_pls *pls, uint32_t index, char *buffer, size_t capacity,
                                 size_t *needed)
{
	char text[768]; /* four names of at most 127 bytes, and the words */
	loy__writer w;
	const loy_pls_problem *problem;

	if (pls == NULL || (buffer == NULL && capacity != 0))
		return LOY_EINVAL;
	if (index >= pls->problem_count)
		return LOY_ENOTFOUND;
	problem = &pls->problems[index];
	loy__writer_over(&w, text, sizeof(text));
	say_names(&w, pls, problem);
	say(&w, wording[problem->kind].text);
	if (wording[problem->kind].about != NULL) {
		say(&w, wording[problem->kind].about);
		say_number(&w, problem->value);
	}
	if (wording[problem->kind].needs_limit) {
		say(&w, ", at most ");
		say_number(&w, problem->limit);
	}
	return loy__text_out(text, w.size, buffer, capacity, needed);
}
