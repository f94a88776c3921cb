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

/* A report that is being made; once memory has failed nothing more is noted. */
struct report {
	loy_pls *pls;
	loy_status status;
};

static void note(struct report *report, uint32_t kind, uint32_t inadmissible, const loy_pls_problem *what)
{
	loy_pls *pls = report->pls;
	void *problems = pls->problems;

	if (loy__grow(&pls->shared->memory, &problems, &pls->problem_room, (size_t)pls->problem_count + 1,
	              sizeof(*pls->problems), 0xffffffu) != LOY_OK) {
		report->status = LOY_ENOMEM;
		return;
	}
	pls->problems = problems;
	pls->problems[pls->problem_count] = *what;
	pls->problems[pls->problem_count].struct_size = sizeof(*what);
	pls->problems[pls->problem_count].kind = kind;
	pls->problems[pls->problem_count].inadmissible = inadmissible;
	pls->problem_count++;
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

static void report_paths(struct report *report)
{
	const loy_pls *pls = report->pls;
	const loy__pls_model *m = pls->model;
	const loy__pls_estimate *e = pls->estimate;
	uint32_t k;

	for (k = 0; k < m->paths; k++) {
		loy_pls_problem what = about(m->path[k].from, m->path[k].to, LOY_PLS_NONE, e->path[k], 1.0);

		if (!(fabs(e->path[k]) <= 1.0 + ROUNDING))
			note(report, LOY_PLS_PATH_BEYOND_ONE, 1, &what);
		what.value = e->vif[k];
		what.limit = pls->shared->vif_limit;
		if (!(e->vif[k] <= what.limit))
			note(report, LOY_PLS_VIF_PREDICTOR, 0, &what);
	}
}

static void report_indicators(struct report *report, uint32_t c)
{
	const loy_pls *pls = report->pls;
	const loy__pls_construct *construct = &pls->model->construct[c];
	const loy__pls_estimate *e = pls->estimate;
	uint32_t i;

	for (i = construct->first; i < construct->first + construct->count; i++) {
		loy_pls_problem what = about(c, LOY_PLS_NONE, i, e->loading[i], 1.0);

		if (!(fabs(e->loading[i]) <= 1.0 + ROUNDING))
			note(report, LOY_PLS_LOADING_BEYOND_ONE, 1, &what);
		what.value = e->weight[i];
		what.limit = 0.0;
		if (!(e->weight[i] > 0.0))
			note(report, LOY_PLS_NEGATIVE_WEIGHT, 0, &what);
		what.value = pls->quality.indicator_vif[i];
		what.limit = pls->shared->vif_limit;
		if (construct->mode == LOY_PLS_MODE_B && !(what.value <= what.limit))
			note(report, LOY_PLS_VIF_INDICATOR, 0, &what);
	}
}

/* Condition of the correlations of a construct's predictors. */
static void report_condition(struct report *report, uint32_t c)
{
	const loy_pls *pls = report->pls;
	const loy__pls_model *m = pls->model;
	const loy__pls_construct *construct = &m->construct[c];
	size_t k = construct->path_count, q = m->constructs, bytes = (k * k + k) * sizeof(double), i, j;
	loy_pls_problem what = about(c, LOY_PLS_NONE, LOY_PLS_NONE, 0.0, CONDITION_LIMIT);
	double *work;

	if (k < 2)
		return;
	work = loy__alloc(&pls->shared->memory, bytes);
	if (work == NULL) {
		report->status = LOY_ENOMEM;
		return;
	}
	for (i = 0; i < k; i++) {
		for (j = 0; j < k; j++)
			work[i * k + j] = pls->estimate->latent[m->path[construct->path + i].from * q +
			                                        m->path[construct->path + j].from];
	}
	what.value = (double)NAN;
	if (loy__symmetric_eigen(work, k, work + k * k, NULL) == LOY_OK)
		what.value = loy__condition_number(work + k * k, k);
	loy__free(&pls->shared->memory, work, bytes);
	if (!(what.value <= CONDITION_LIMIT))
		note(report, LOY_PLS_CONDITION, 0, &what);
}

static void report_construct(struct report *report, uint32_t c)
{
	const loy_pls *pls = report->pls;
	const loy__pls_estimate *e = pls->estimate;
	loy_pls_problem what = about(c, LOY_PLS_NONE, LOY_PLS_NONE, e->rho_a[c], 1.0);

	/* without a correction rho_A is only a figure, but the same figure */
	if (!(e->rho_a[c] > 0.0 && e->rho_a[c] <= 1.0 + ROUNDING))
		note(report, LOY_PLS_RELIABILITY, pls->model->construct[c].corrected, &what);
	what.value = e->r2[c];
	if (!(e->r2[c] >= -ROUNDING && e->r2[c] <= 1.0 + ROUNDING))
		note(report, LOY_PLS_R2_BEYOND_ONE, 1, &what);
	report_indicators(report, c);
	report_condition(report, c);
}

/* Latent correlations: each, and all together, with the two that are nearest. */
static void report_latent(struct report *report)
{
	const loy_pls *pls = report->pls;
	size_t q = pls->model->constructs;
	const double *latent = pls->estimate->latent;
	loy_pls_problem nearest = about(LOY_PLS_NONE, LOY_PLS_NONE, LOY_PLS_NONE, 0.0, 0.0);
	double most = 0.0;
	uint32_t c, d;

	for (c = 0; c < q; c++) {
		for (d = 0; d < c; d++) {
			double r = latent[c * q + d];
			loy_pls_problem what = about(d, c, LOY_PLS_NONE, r, 1.0);

			if (!(fabs(r) <= 1.0 + ROUNDING))
				note(report, LOY_PLS_CORRELATED, 1, &what);
			if (most == most && !(fabs(r) <= most)) {
				most = fabs(r);
				nearest.construct = d;
				nearest.other = c;
			}
		}
	}
	nearest.value = pls->quality.latent_least;
	if (!(nearest.value > ROUNDING))
		note(report, LOY_PLS_NOT_DEFINITE, 1, &nearest);
}

/* Indicators that are others over again, or that those before them in their block make up. */
static void report_collinear(struct report *report)
{
	const loy_pls *pls = report->pls;
	const loy__pls_model *m = pls->model;
	size_t p = m->indicators;
	uint32_t c, d, i, j;

	for (c = 0; c < m->constructs; c++) {
		for (d = 0; d <= c; d++) {
			const loy__pls_construct *first = &m->construct[c], *second = &m->construct[d];

			for (i = first->first; i < first->first + first->count; i++) {
				for (j = second->first; j < second->first + second->count && j < i; j++) {
					double r = pls->estimate->r[i * p + j];
					loy_pls_problem what = about(c, d, i, r, 1.0);

					what.second = j;
					/* the same column twice was meant so: it is repeated */
					if (m->column[i] != m->column[j] && !(fabs(r) < 1.0 - ROUNDING))
						note(report, LOY_PLS_DUPLICATE, 0, &what);
				}
			}
		}
	}
}

static void report_block(struct report *report, uint32_t c)
{
	const loy_pls *pls = report->pls;
	const loy__pls_construct *construct = &pls->model->construct[c];
	size_t k = construct->count, p = pls->model->indicators, pivot = 0, i, j;
	size_t bytes = k * k * sizeof(double);
	double *block;

	if (pls->quality.indicator_vif[construct->first] <= DBL_MAX)
		return;
	block = loy__alloc(&pls->shared->memory, bytes);
	if (block == NULL) {
		report->status = LOY_ENOMEM;
		return;
	}
	for (i = 0; i < k; i++) {
		for (j = 0; j < k; j++)
			block[i * k + j] =
			        pls->estimate->r[(construct->first + i) * p + construct->first + j];
	}
	if (loy__cholesky(block, k, PIVOT, &pivot) != LOY_OK) {
		loy_pls_problem what = about(c, LOY_PLS_NONE, construct->first + (uint32_t)pivot,
		                             (double)INFINITY, pls->shared->vif_limit);

		note(report, LOY_PLS_COLLINEAR, 0, &what);
	}
	loy__free(&pls->shared->memory, block, bytes);
}

loy_status loy__pls_report(loy_pls *pls)
{
	loy_pls_problem what = about(LOY_PLS_NONE, LOY_PLS_NONE, LOY_PLS_NONE, 0.0, 0.0);
	struct report report = {pls, LOY_OK};
	uint32_t c;

	if (!pls->estimate->converged) {
		what.value = pls->estimate->change;
		what.limit = pls->model->tolerance;
		note(&report, LOY_PLS_NOT_CONVERGED, 1, &what);
	}
	what.value = pls->quality.item_least;
	what.limit = 0.0;
	/* of complete rows they cannot be: duplicate and collinear ones have a line of their own */
	if (pls->shared->missing == LOY_MISSING_PAIRWISE && !(what.value > ROUNDING))
		note(&report, LOY_PLS_ITEMS_NOT_DEFINITE, 1, &what);
	report_paths(&report);
	for (c = 0; c < pls->model->constructs; c++)
		report_construct(&report, c);
	report_latent(&report);
	report_collinear(&report);
	for (c = 0; c < pls->model->constructs; c++)
		report_block(&report, c);
	return report.status;
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
