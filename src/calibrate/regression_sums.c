/* Sums over a block of rows on a fixed grid. Four neighbours at a time: that is what compilers make vectors of. */
#include "regression.h"

/* Columns k … k + 3 of the rows of f at j and j + 1. */
static void tile(loy__exact *to, const double *z, const double *f, size_t rows, size_t stride, double magic)
{
	double a[4] = {0.0, 0.0, 0.0, 0.0}, b[4] = {0.0, 0.0, 0.0, 0.0};
	size_t r, l;

	for (r = 0; r < rows; r++) {
		const double *x = z + r * stride;
		double first = f[r * stride], second = f[r * stride + 1];

		for (l = 0; l < 4; l++)
			a[l] += (first * x[l] + magic) - magic;
		for (l = 0; l < 4; l++)
			b[l] += (second * x[l] + magic) - magic;
	}
	for (l = 0; l < 4; l++) {
		loy__exact_add(&to[l], a[l], 0.0);
		loy__exact_add(&to[stride + l], b[l], 0.0);
	}
}

void loy__sum_matrix(loy__exact *to, const double *z, const double *f, size_t rows, size_t size,
                     size_t stride, double bound)
{
	size_t j, k;

	for (j = 0; j < size; j += 2) {
		for (k = 0; k <= j + 1; k += 4)
			tile(to + j * stride + k, z + k, f + j, rows, stride, LOY__MAGIC * bound);
	}
}

void loy__sum_vector(loy__exact *to, const double *z, const double *factor, size_t rows, size_t stride,
                     double bound)
{
	double magic = LOY__MAGIC * bound;
	size_t k, r, l;

	for (k = 0; k < stride; k += 4) {
		double a[4] = {0.0, 0.0, 0.0, 0.0};

		for (r = 0; r < rows; r++) {
			const double *x = z + r * stride + k;

			for (l = 0; l < 4; l++)
				a[l] += (factor[r] * x[l] + magic) - magic;
		}
		for (l = 0; l < 4; l++)
			loy__exact_add(&to[k + l], a[l], 0.0);
	}
}

void loy__sum_values(loy__exact *to, const double *values, size_t rows, double bound)
{
	double magic = LOY__MAGIC * bound, sum = 0.0;
	size_t r;

	for (r = 0; r < rows; r++)
		sum += (values[r] + magic) - magic;
	loy__exact_add(to, sum, 0.0);
}

void loy__sum_values_finely(loy__exact to[2], const double *values, size_t rows, double bound)
{
	double magic = LOY__MAGIC * bound, fine = magic * 0x1p-46, sum = 0.0, rest = 0.0;
	size_t r;

	for (r = 0; r < rows; r++) {
		double cut = (values[r] + magic) - magic;

		sum += cut;
		rest += ((values[r] - cut) + fine) - fine; /* at most half of 2^-46 bound */
	}
	loy__exact_add(&to[0], sum, 0.0);
	loy__exact_add(&to[1], rest, 0.0);
}
