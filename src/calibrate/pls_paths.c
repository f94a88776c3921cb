/*
 * What follows from the weights of partial least squares: reliability rho_A, corrections of consistent PLS (Dijkstra &
 * Henseler 2015), paths by regression of scores on scores, R², f² with scores held fixed (Cohen 1988) and inflation of
 * variance. With S the correlations of the predictors and b the coefficients, leaving predictor k out takes
 * b_k² / (S^-1)_kk off R², and (S^-1)_kk is its inflation.
 */
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

/* Least pivot of predictors, of their variance: less is collinear. */
#define PIVOT 1e-12

loy_status loy__pls_blame(loy__pls_estimate *e, uint32_t cause, uint32_t construct)
{
	e->cause = cause;
	e->blame = construct;
	return LOY_ERANGE;
}

/* Solve with a matrix that may be indefinite, as corrected correlations can be. */
static int solve_indefinite(double *s, size_t k, double *b, double *inverse, double *column)
{
	size_t pivots[LOY_PLS_PREDICTORS_MAX], i;

	if (loy__lu(s, k, pivots) != LOY_OK)
		return 0;
	loy__lu_solve(s, k, pivots, b);
	for (i = 0; inverse != NULL && i < k; i++) {
		memset(column, 0, k * sizeof(*column));
		column[i] = 1.0;
		loy__lu_solve(s, k, pivots, column);
		inverse[i] = column[i];
	}
	return 1;
}

static void gather_predictors(const loy__pls_model *m, const double *correlations, uint32_t c, double *s,
                              double *b)
{
	const loy__pls_path *path = m->path + m->construct[c].path;
	size_t k = m->construct[c].path_count, q = m->constructs, i, j;

	for (i = 0; i < k; i++) {
		b[i] = correlations[c * q + path[i].from];
		for (j = 0; j < k; j++)
			s[i * k + j] = correlations[path[i].from * q + path[j].from];
	}
}

int loy__pls_regress(const loy__pls_model *m, const double *correlations, uint32_t c, int indefinite,
                     double *work, double *b, double *inverse)
{
	size_t k = m->construct[c].path_count, i;

	gather_predictors(m, correlations, c, work, b);
	if (loy__cholesky(work, k, PIVOT, NULL) != LOY_OK) {
		if (!indefinite)
			return 0;
		gather_predictors(m, correlations, c, work, b);
		return solve_indefinite(work, k, b, inverse, work + k * k);
	}
	loy__cholesky_solve(work, k, b);
	if (inverse != NULL) {
		loy__cholesky_inverse(work, k);
		for (i = 0; i < k; i++)
			inverse[i] = work[i * k + i];
	}
	return 1;
}

/* Reliability of a score by its own weights: sums run over pairs of different indicators. */
static double rho_a_of(const loy__pls_model *m, const loy__pls_estimate *e,
                       const loy__pls_construct *construct)
{
	size_t p = m->indicators, first = construct->first, end = first + construct->count, i, j;
	double squares = 0.0, observed = 0.0, implied = 0.0;

	if (construct->mode == LOY_PLS_MODE_B || construct->count == 1)
		return 1.0;
	for (i = first; i < end; i++) {
		double w = e->weight[i];

		squares += w * w;
		for (j = first; j < i; j++) {
			double v = e->weight[j];

			observed += 2.0 * w * v * e->r[i * p + j];
			implied += 2.0 * (w * w) * (v * v);
		}
	}
	return squares * squares * observed / implied;
}

/* Loadings, and correlations of constructs: of scores, corrected where asked for. */
static void correct(const loy__pls_model *m, loy__pls_estimate *e)
{
	size_t p = m->indicators, q = m->constructs, c, d, i;

	for (c = 0; c < q; c++) {
		const loy__pls_construct *construct = &m->construct[c];
		size_t first = construct->first, end = first + construct->count;
		double squares = 0.0, factor;

		e->rho_a[c] = rho_a_of(m, e, construct);
		for (i = first; i < end; i++) {
			e->loading[i] = e->cross[c * p + i];
			squares += e->weight[i] * e->weight[i];
		}
		if (!construct->corrected)
			continue;
		factor = e->rho_a[c] > 0.0 ? sqrt(e->rho_a[c]) / squares : (double)NAN;
		for (i = first; i < end; i++)
			e->loading[i] = e->weight[i] * factor;
	}
	for (c = 0; m->consistent && c < q; c++) {
		for (d = 0; d < c; d++) {
			double both = (m->construct[c].corrected ? e->rho_a[c] : 1.0) *
			              (m->construct[d].corrected ? e->rho_a[d] : 1.0);
			double r = both > 0.0 ? e->score[c * q + d] / sqrt(both) : (double)NAN;

			e->latent[c * q + d] = e->latent[d * q + c] = r;
		}
		e->latent[c * q + c] = 1.0;
	}
}

/* Paths to one construct; 0 when its predictors are collinear and no correction is the reason. */
static int regress(const loy__pls_model *m, loy__pls_estimate *e, uint32_t c)
{
	const loy__pls_construct *construct = &m->construct[c];
	size_t q = m->constructs, first = construct->path, k = construct->path_count, i;
	double *f2 = e->f2 != NULL ? e->f2 + first : NULL, *b = e->path + first, r2 = 0.0;

	if (!loy__pls_regress(m, e->latent, c, (int)m->consistent, e->work, b, f2)) {
		if (!m->consistent)
			return 0;
		for (i = 0; i < k; i++) { /* singular by correction: there are none, and the report says so */
			b[i] = (double)NAN;
			if (f2 != NULL)
				f2[i] = 1.0;
		}
	}
	for (i = 0; i < k; i++)
		r2 += b[i] * e->latent[c * q + m->path[first + i].from];
	e->r2[c] = r2;
	for (i = 0; f2 != NULL && i < k; i++)
		f2[i] = b[i] * b[i] / f2[i] / (1.0 - r2);
	if (e->vif == NULL)
		return 1;
	/* the coefficients by scores go where the work ends: what they explain is all that is wanted of them */
	b = e->work + k * k + k;
	if (!loy__pls_regress(m, e->score, c, 0, e->work, b, e->vif + first))
		return 0;
	for (i = 0, r2 = 0.0; i < k; i++)
		r2 += b[i] * e->score[c * q + m->path[first + i].from];
	e->r2_score[c] = r2;
	return 1;
}

loy_status loy__pls_follow(const loy__pls_model *m, loy__pls_estimate *e)
{
	uint32_t c;

	correct(m, e);
	for (c = 0; c < m->constructs; c++) {
		e->r2[c] = e->r2_score[c] = 0.0;
		if (m->construct[c].path_count != 0 && !regress(m, e, c))
			return loy__pls_blame(e, LOY__PLS_PREDICTORS_COLLINEAR, c);
	}
	return LOY_OK;
}

int loy__pls_is_whole(const loy__pls_model *m, const loy__pls_estimate *e)
{
	uint32_t i, k;

	for (i = 0; i < m->paths && !isnan(e->path[i]); i++)
		;
	for (k = 0; k < m->indicators && !isnan(e->loading[k]); k++)
		;
	return i == m->paths && k == m->indicators;
}
