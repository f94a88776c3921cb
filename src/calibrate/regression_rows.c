/* Rows of tables in blocks, predictors centred and scaled by powers of two into [-1, 1]. */
#include "regression.h"

#include <math.h>

double loy__power_above(double magnitude)
{
	int exponent;

	if (!(magnitude > 0.0))
		return 1.0;
	(void)frexp(magnitude, &exponent);
	return ldexp(1.0, exponent < -1000 ? -1000 : exponent);
}

size_t loy__row_block_doubles(size_t stride)
{
	return (size_t)LOY__ROW_BLOCK * (2 * stride + 6);
}

void loy__row_block_lay_out(loy__row_block *block, double *memory, size_t stride)
{
	block->rows = 0;
	block->z = memory;
	block->f = block->z + LOY__ROW_BLOCK * stride;
	block->y = block->f + LOY__ROW_BLOCK * stride;
	block->weight = block->y + LOY__ROW_BLOCK;
	block->offset = block->weight + LOY__ROW_BLOCK;
	block->eta = block->offset + LOY__ROW_BLOCK;
	block->spare = block->eta + LOY__ROW_BLOCK;
	block->row = (uint64_t *)(void *)(block->spare + LOY__ROW_BLOCK);
}

/* Values of one column, `step` doubles apart; rows with a missing one are marked. */
static void read_column(const loy_table *table, uint32_t column, uint64_t row, size_t rows, double *to,
                        size_t step, uint8_t *left_out)
{
	const char *from = (const char *)table->values + (int64_t)column * table->column_stride +
	                   (int64_t)row * table->row_stride;
	size_t r;

	for (r = 0; r < rows; r++, from += table->row_stride) {
		double value;

		memcpy(&value, from, sizeof(value));
		if (loy__table_is_missing(table, value))
			left_out[r] |= 1;
		to[r * step] = value;
	}
}

static void read_weights(const loy_table *table, const loy__design *design, uint64_t row, size_t rows,
                         double *to, uint8_t *left_out)
{
	size_t r;

	for (r = 0; r < rows; r++) {
		to[r] = loy__table_weight(table, row + r) * design->weight_inverse;
		if (to[r] == 0.0)
			left_out[r] |= 2; /* stands for nobody */
	}
}

/* Close the gaps of rows left out. */
static void compact(loy__row_block *b, size_t rows, size_t stride, const uint8_t *left_out)
{
	size_t r, at = 0;

	for (r = 0; r < rows; r++) {
		if (left_out[r])
			continue;
		if (at != r) {
			memcpy(b->z + at * stride, b->z + r * stride, stride * sizeof(*b->z));
			b->y[at] = b->y[r];
			b->weight[at] = b->weight[r];
			b->offset[at] = b->offset[r];
			b->row[at] = b->row[r];
		}
		at++;
	}
	b->rows = at;
}

/* Take predictors as centre and inverse say; *worst becomes the largest magnitude. Returns their sum: NaN with one. */
static double standardise_row(double *z, const loy__design *d, double *worst)
{
	double most[4] = {0.0, 0.0, 0.0, 0.0}, sum[4] = {0.0, 0.0, 0.0, 0.0};
	size_t count = d->predictors, j, l;

	for (j = 0; j + 4 <= count; j += 4) {
		for (l = 0; l < 4; l++) {
			double v = (z[j + l] - d->centre[j + l]) * d->inverse[j + l], size = fabs(v);

			z[j + l] = v;
			most[l] = size > most[l] ? size : most[l];
			sum[l] += v;
		}
	}
	for (; j < count; j++) {
		z[j] = (z[j] - d->centre[j]) * d->inverse[j];
		most[0] = fabs(z[j]) > most[0] ? fabs(z[j]) : most[0];
		sum[0] += z[j];
	}
	most[0] = most[1] > most[0] ? most[1] : most[0];
	most[2] = most[3] > most[2] ? most[3] : most[2];
	*worst = most[2] > most[0] ? most[2] : most[0];
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* 1 when all values are as centre and inverse promise. */
static int standardise(loy__row_block *b, const loy__design *d)
{
	double worst;
	int good = 1;
	size_t r;

	for (r = 0; r < b->rows; r++) {
		double sum = standardise_row(b->z + r * d->stride + 1, d, &worst);

		good &= worst <= 1.0 && sum == sum;
	}
	return good;
}

/* 1 when outcomes, weights and offsets are as the first round saw them. */
static int check_others(const loy__row_block *b, const loy__design *d)
{
	int good = 1;
	size_t r;

	for (r = 0; r < b->rows; r++) {
		good &= b->weight[r] >= 0.0 && b->weight[r] <= 1.0 && fabs(b->offset[r]) <= d->offset_most;
		good &= !d->binary || b->y[r] == 0.0 || b->y[r] == 1.0;
	}
	return good;
}

/* 1 when predictors lie side by side and no code means missing: a row can be copied and taken at once. */
static int side_by_side(const loy__design *d, const loy_table *table)
{
	size_t j;

	for (j = 1; j < d->predictors; j++) {
		if (d->place[j] != d->place[0] + j)
			return 0;
	}
	return !d->free && d->predictors > 0 && table->code_count == 0 &&
	       table->column_stride == (int64_t)sizeof(double);
}

/* Returns 0 when a value is beyond what was promised. */
static int read_rows(loy__row_block *b, const loy__design *d, const loy_table *table, uint64_t row,
                     size_t rows, uint8_t *left_out)
{
	const char *from = (const char *)table->values + (int64_t)d->place[0] * table->column_stride +
	                   (int64_t)row * table->row_stride;
	double worst;
	int good = 1;
	size_t r;

	for (r = 0; r < rows; r++, from += table->row_stride) {
		double *z = b->z + r * d->stride + 1, sum;

		memcpy(z, from, d->predictors * sizeof(*z));
		sum = standardise_row(z, d, &worst);
		left_out[r] |= sum != sum;
		good &= left_out[r] != 0 || worst <= 1.0;
	}
	return good;
}

/* Read a column after the other: any places, any strides. */
static void read_columns(loy__row_block *b, const loy__design *d, const loy_table *table, uint64_t row,
                         size_t rows, uint8_t *left_out)
{
	uint32_t j;

	for (j = 0; j < d->predictors; j++)
		read_column(table, d->place[j], row, rows, b->z + 1 + j, d->stride, left_out);
}

/* Rows with a missing value in a column that is not used. */
static void look_at_others(loy__row_block *b, const loy_table *table, uint64_t row, size_t rows,
                           uint8_t *left_out)
{
	uint32_t i;

	for (i = 0; i < table->columns; i++)
		read_column(table, i, row, rows, b->f, 1, left_out);
}

loy_status loy__row_block_fill(loy__row_block *block, const loy__design *design, const loy_table *table,
                               uint64_t *row, uint64_t *missing)
{
	uint8_t left_out[LOY__ROW_BLOCK] = {0};
	size_t rows = table->rows - *row < LOY__ROW_BLOCK ? (size_t)(table->rows - *row) : LOY__ROW_BLOCK, r,
	       j;
	size_t stride = design->stride;
	int at_once = side_by_side(design, table), good = 1;

	for (r = 0; r < rows; r++) {
		block->z[r * stride] = 1.0;
		for (j = design->size; j < stride; j++)
			block->z[r * stride + j] = 0.0;
		block->offset[r] = 0.0;
		block->row[r] = *row + r;
	}
	read_column(table, design->outcome, *row, rows, block->y, 1, left_out);
	if (design->with_offset)
		read_column(table, design->offset, *row, rows, block->offset, 1, left_out);
	read_weights(table, design, *row, rows, block->weight, left_out);
	if (design->whole)
		look_at_others(block, table, *row, rows, left_out);
	if (at_once)
		good = read_rows(block, design, table, *row, rows, left_out);
	else
		read_columns(block, design, table, *row, rows, left_out);
	for (r = 0; r < rows; r++)
		*missing += left_out[r] == 1;
	*row += rows;
	compact(block, rows, stride, left_out);
	if (!at_once && !design->free)
		good = standardise(block, design);
	return design->free || (good && check_others(block, design)) ? LOY_OK : LOY_ESTATE;
}

loy_status loy__design_choose(uint32_t *place, uint32_t *count, const uint32_t *given, uint32_t columns,
                              uint32_t outcome, uint32_t offset)
{
	uint32_t i, j, at = 0;

	if (*count > LOY_PREDICTORS_MAX)
		return LOY_ELIMIT;
	if ((*count == 0) != (given == NULL) || outcome >= columns)
		return LOY_EINVAL;
	for (i = 0; given == NULL && i < columns; i++) {
		if (i == outcome || i == offset)
			continue;
		if (at == LOY_PREDICTORS_MAX)
			return LOY_ELIMIT;
		place[at++] = i;
	}
	for (i = 0; given != NULL && i < *count; i++) {
		if (given[i] >= columns || given[i] == outcome || given[i] == offset)
			return LOY_EINVAL;
		for (j = 0; j < i; j++) {
			if (given[j] == given[i])
				return LOY_EINVAL;
		}
		place[at++] = given[i];
	}
	*count = at;
	return LOY_OK;
}

double loy__design_restore(const loy__design *design, const double *at, size_t index)
{
	double sum = 0.0;
	size_t j;

	if (index > 0)
		return at[index] * design->inverse[index - 1];
	for (j = 0; j < design->predictors; j++)
		sum += at[j + 1] * design->inverse[j] * design->centre[j];
	return at[0] - sum;
}

void loy__design_restore_covariance(const loy__design *design, double *covariance)
{
	size_t n = design->size, i, j;

	for (i = 0; i < n; i++) { /* rows, then columns */
		for (j = 1; j < n; j++)
			covariance[j * n + i] *= design->inverse[j - 1];
		for (j = 1; j < n; j++)
			covariance[i] -= design->centre[j - 1] * covariance[j * n + i];
	}
	for (i = 0; i < n; i++) {
		double *row = covariance + i * n;

		for (j = 1; j < n; j++)
			row[j] *= design->inverse[j - 1];
		for (j = 1; j < n; j++)
			row[0] -= design->centre[j - 1] * row[j];
	}
}
