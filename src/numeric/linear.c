/*
 * Small dense matrices: Cholesky, LU, symmetric eigenvalues. Row-major in the caller's arrays, no memory of
 * their own. Every sum runs in index order, so the result has the same bits everywhere.
 *
 * Cholesky: L L' = A, row by row (Golub & Van Loan 2013, 4.2), backward error about n 2^-53 ||A||.
 * LU: Gaussian elimination with partial pivoting (3.4), growth at most 2^(n-1), in practice about n^(2/3).
 * Eigenvalues: cyclic Jacobi by rows (8.5.5) with Rutishauser's rotations (1966): absolute error about
 * n 2^-53 ||A||; for positive definite matrices the small ones come out well too (Demmel & Veselic 1992).
 * Meant for up to a few hundred rows: nothing is blocked, and Jacobi takes some 8 sweeps of 4 n^3 operations.
 */
#include "numeric/numeric.h"

#include <math.h>

#define SWEEPS_MAX 60

loy_status loy__cholesky(double *a, size_t n, double tolerance, size_t *pivot)
{
	size_t i, j, k;

	for (i = 0; i < n; i++) {
		double *row = a + i * n, whole = row[i];

		for (j = 0; j <= i; j++) {
			const double *other = a + j * n;
			double sum = row[j];

			for (k = 0; k < j; k++)
				sum -= row[k] * other[k];
			if (j < i) {
				row[j] = sum / other[j];
			} else if (sum > tolerance * whole && sum > 0.0 && sum <= DBL_MAX) {
				row[i] = sqrt(sum);
			} else { /* NaN comes here as well */
				if (pivot != NULL)
					*pivot = i;
				return LOY_ERANGE;
			}
		}
	}
	for (i = 0; i < n; i++) {
		for (j = i + 1; j < n; j++)
			a[i * n + j] = 0.0;
	}
	return LOY_OK;
}

void loy__cholesky_solve(const double *l, size_t n, double *b)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		double sum = b[i];

		for (k = 0; k < i; k++)
			sum -= l[i * n + k] * b[k];
		b[i] = sum / l[i * n + i];
	}
	for (i = n; i-- > 0;) {
		double sum = b[i];

		for (k = i + 1; k < n; k++)
			sum -= l[k * n + i] * b[k];
		b[i] = sum / l[i * n + i];
	}
}

/* L becomes its inverse, which is lower triangular too: row i needs the finished rows above it. */
static void invert_lower(double *l, size_t n)
{
	size_t i, j, k;

	for (i = 0; i < n; i++) {
		double *row = l + i * n, reciprocal = 1.0 / row[i];

		for (j = 0; j < i; j++) {
			double sum = 0.0;

			for (k = j; k < i; k++)
				sum -= row[k] * l[k * n + j];
			row[j] = sum * reciprocal;
		}
		row[i] = reciprocal;
	}
}

void loy__cholesky_inverse(double *l, size_t n)
{
	size_t i, j, k;

	invert_lower(l, n);
	for (i = 0; i < n; i++) {
		for (j = 0; j <= i;
		     j++) { /* element (i, j) needs rows from i on only: it may take its place */
			double sum = 0.0;

			for (k = i; k < n; k++)
				sum += l[k * n + i] * l[k * n + j];
			l[i * n + j] = sum;
		}
	}
	for (i = 0; i < n; i++) {
		for (j = i + 1; j < n; j++)
			l[i * n + j] = l[j * n + i];
	}
}

double loy__cholesky_log_det(const double *l, size_t n)
{
	double sum = 0.0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += loy__log(l[i * n + i]);
	return 2.0 * sum;
}

static void swap_rows(double *a, size_t n, size_t i, size_t j)
{
	size_t k;

	for (k = 0; k < n; k++) {
		double kept = a[i * n + k];

		a[i * n + k] = a[j * n + k];
		a[j * n + k] = kept;
	}
}

loy_status loy__lu(double *a, size_t n, size_t *pivots)
{
	size_t i, j, k;

	for (k = 0; k < n; k++) {
		size_t best = k;

		for (i = k + 1; i < n; i++) {
			if (fabs(a[i * n + k]) > fabs(a[best * n + k]))
				best = i;
		}
		if (!(fabs(a[best * n + k]) > 0.0) || !(fabs(a[best * n + k]) <= DBL_MAX))
			return LOY_ERANGE;
		pivots[k] = best;
		if (best != k)
			swap_rows(a, n, k, best);
		for (i = k + 1; i < n; i++) {
			double factor = a[i * n + k] / a[k * n + k];

			a[i * n + k] = factor;
			for (j = k + 1; j < n; j++)
				a[i * n + j] -= factor * a[k * n + j];
		}
	}
	return LOY_OK;
}

void loy__lu_solve(const double *lu, size_t n, const size_t *pivots, double *b)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		double kept = b[pivots[i]];

		b[pivots[i]] = b[i];
		b[i] = kept;
	}
	for (i = 0; i < n; i++) {
		for (k = 0; k < i; k++)
			b[i] -= lu[i * n + k] * b[k];
	}
	for (i = n; i-- > 0;) {
		for (k = i + 1; k < n; k++)
			b[i] -= lu[i * n + k] * b[k];
		b[i] /= lu[i * n + i];
	}
}

/* One rotation that makes element (p, q), p < q, zero; both triangles are kept. */
static void rotate(double *a, size_t n, double *vectors, size_t p, size_t q)
{
	double apq = a[p * n + q], h = a[q * n + q] - a[p * n + p], t, c, s, tau;
	size_t k;

	if (fabs(h) + fabs(apq) == fabs(h)) {
		t = apq / h;
	} else {
		double theta = 0.5 * h / apq;

		t = 1.0 / (fabs(theta) + sqrt(1.0 + theta * theta));
		t = theta < 0.0 ? -t : t;
	}
	c = 1.0 / sqrt(1.0 + t * t);
	s = t * c;
	tau = s / (1.0 + c);
	a[p * n + p] -= t * apq;
	a[q * n + q] += t * apq;
	a[p * n + q] = a[q * n + p] = 0.0;
	for (k = 0; k < n; k++) {
		double akp = a[k * n + p], akq = a[k * n + q];

		if (k != p && k != q) {
			a[k * n + p] = a[p * n + k] = akp - s * (akq + tau * akp);
			a[k * n + q] = a[q * n + k] = akq + s * (akp - tau * akq);
		}
		if (vectors != NULL) {
			double vp = vectors[p * n + k], vq = vectors[q * n + k];

			vectors[p * n + k] = vp - s * (vq + tau * vp);
			vectors[q * n + k] = vq + s * (vp - tau * vq);
		}
	}
}

/* Ascending, and each vector's largest component (the first of equals) positive. */
static void order_eigen(size_t n, double *values, double *vectors)
{
	size_t i, j, k;

	for (i = 0; i < n; i++) {
		size_t least = i, largest = 0;
		double kept = values[i];

		for (j = i + 1; j < n; j++) {
			if (values[j] < values[least])
				least = j;
		}
		values[i] = values[least];
		values[least] = kept;
		if (vectors == NULL)
			continue;
		if (least != i)
			swap_rows(vectors, n, i, least);
		for (k = 1; k < n; k++) {
			if (fabs(vectors[i * n + k]) > fabs(vectors[i * n + largest]))
				largest = k;
		}
		for (k = 0; vectors[i * n + largest] < 0.0 && k < n; k++) {
			if (k != largest)
				vectors[i * n + k] = -vectors[i * n + k];
		}
		vectors[i * n + largest] = fabs(vectors[i * n + largest]);
	}
}

/* One sweep over all pairs; returns how many were worth a rotation. */
static size_t sweep(double *a, size_t n, double *vectors, double nothing)
{
	size_t p, q, done = 0;

	for (p = 0; p + 1 < n; p++) {
		for (q = p + 1; q < n; q++) {
			double off = fabs(a[p * n + q]);

			/* against the geometric mean: what keeps small eigenvalues accurate */
			if (off <= 0x1p-54 * sqrt(fabs(a[p * n + p])) * sqrt(fabs(a[q * n + q])) ||
			    off <= nothing)
				continue;
			rotate(a, n, vectors, p, q);
			done++;
		}
	}
	return done;
}

loy_status loy__symmetric_eigen(double *a, size_t n, double *values, double *vectors)
{
	double largest = 0.0;
	size_t i, j;
	int sweeps;

	for (i = 0; i < n; i++) {
		for (j = 0; j <= i; j++) {
			if (!(fabs(a[i * n + j]) <= 1e150)) /* squares must stay finite; refuses NaN too */
				return LOY_ERANGE;
			a[j * n + i] = a[i * n + j];
			largest = fabs(a[i * n + j]) > largest ? fabs(a[i * n + j]) : largest;
		}
	}
	for (i = 0; vectors != NULL && i < n * n; i++)
		vectors[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
	/* a zero on the diagonal makes that mean zero: far below rounding is nothing, too */
	for (sweeps = 0; sweep(a, n, vectors, 0x1p-300 * largest) != 0; sweeps++) {
		if (sweeps == SWEEPS_MAX)
			return LOY_ERANGE;
	}
	for (i = 0; i < n; i++)
		values[i] = a[i * n + i];
	order_eigen(n, values, vectors);
	return LOY_OK;
}

double loy__condition_number(const double *values, size_t n)
{
	if (n == 0)
		return 1.0;
	return values[0] > 0.0 ? values[n - 1] / values[0] : (double)INFINITY;
}
