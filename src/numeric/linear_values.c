/*
 * Eigenvalues of a symmetric matrix without vectors, for matrices that are too large for Jacobi's sweeps: Householder's
 * reduction to three diagonals (Golub & Van Loan 2013, 8.3.1), then implicit QL with Wilkinson's shifts (Bowdler,
 * Martin, Reinsch & Wilkinson 1968). About 3 n^3 operations; absolute error about n 2^-53 ||A||, so eigenvalues far
 * below the largest have fewer true digits than loy__symmetric_eigen() gives them. Sums run in index order: same bits
 * everywhere.
 */
#include "numeric/numeric.h"

#include <math.h>

#define ROUNDS_MAX 60

/* Reflect columns k + 1 … of what is left so that column k keeps one element beside its diagonal, and return that. */
static double reflect(double *a, size_t n, size_t k, double *w)
{
	double squares = 0.0, pivot, beta, half = 0.0;
	size_t i, j;

	for (i = k + 1; i < n; i++)
		squares += a[i * n + k] * a[i * n + k];
	if (!(squares > 0.0))
		return 0.0;
	pivot = a[(k + 1) * n + k] > 0.0 ? -sqrt(squares) : sqrt(squares);
	/* v, the reflection's normal, takes the place of the column; v'v = 2 (squares - pivot x) */
	beta = 1.0 / (squares - pivot * a[(k + 1) * n + k]);
	a[(k + 1) * n + k] -= pivot;
	for (i = k + 1; i < n; i++) {
		double sum = 0.0;

		for (j = k + 1; j < n; j++)
			sum += a[i * n + j] * a[j * n + k];
		w[i] = beta * sum;
		half += w[i] * a[i * n + k];
	}
	half *= 0.5 * beta;
	for (i = k + 1; i < n; i++)
		w[i] -= half * a[i * n + k];
	for (i = k + 1; i < n; i++) {
		double v = a[i * n + k], p = w[i];

		for (j = k + 1; j < n; j++)
			a[i * n + j] -= v * w[j] + p * a[j * n + k];
	}
	return pivot;
}

/* One QL step on d[l … m], e[l … m - 1]. */
static void step(double *d, double *e, size_t l, size_t m)
{
	double g = (d[l + 1] - d[l]) / (2.0 * e[l]), r = sqrt(g * g + 1.0), s = 1.0, c = 1.0, p = 0.0;
	size_t i;

	g = d[m] - d[l] + e[l] / (g + copysign(r, g));
	for (i = m; i-- > l;) {
		double f = s * e[i], b = c * e[i];

		r = sqrt(f * f + g * g);
		e[i + 1] = r;
		if (!(r > 0.0)) { /* the matrix falls into two: start again */
			d[i + 1] -= p;
			e[m] = 0.0;
			return;
		}
		s = f / r;
		c = g / r;
		g = d[i + 1] - p;
		r = (d[i] - g) * s + 2.0 * c * b;
		p = s * r;
		d[i + 1] = g + p;
		g = c * r - b;
	}
	d[l] -= p;
	e[l] = g;
	e[m] = 0.0;
}

static void sort(double *values, size_t n)
{
	size_t i, j;

	for (i = 1; i < n; i++) {
		double value = values[i];

		for (j = i; j > 0 && values[j - 1] > value; j--)
			values[j] = values[j - 1];
		values[j] = value;
	}
}

loy_status loy__symmetric_values(double *a, size_t n, double *values, double *work)
{
	double *e = work;
	size_t i, j, k, l, m;
	int rounds;

	for (i = 0; i < n; i++) {
		for (j = 0; j <= i; j++) {
			if (!(fabs(a[i * n + j]) <= 1e100)) /* squares must stay finite; refuses NaN too */
				return LOY_ERANGE;
			a[j * n + i] = a[i * n + j];
		}
	}
	for (k = 0; k < n; k++) {
		e[k] = k + 1 < n ? a[(k + 1) * n + k] : 0.0;
		if (k + 2 < n)
			e[k] = reflect(a, n, k, values);
	}
	for (k = 0; k < n; k++)
		values[k] = a[k * n + k];
	for (l = 0; l < n; l++) {
		for (rounds = 0;; rounds++) {
			for (m = l; m + 1 < n; m++) {
				if (fabs(e[m]) <= 0x1p-53 * (fabs(values[m]) + fabs(values[m + 1])))
					break;
			}
			if (m == l)
				break;
			if (rounds == ROUNDS_MAX)
				return LOY_ERANGE;
			step(values, e, l, m);
		}
	}
	sort(values, n);
	return LOY_OK;
}
