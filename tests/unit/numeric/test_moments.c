/* Moments against exact fractions, and the same moments however a table is split, ordered or laid out. */
#include "support.h"

#include "numeric/moments.h"

#include <math.h>

struct moments_case {
	const char *name;
	uint32_t columns, rows;
	int missing;
	const double *values, *weights, *results;
};

#include "moments_table.h"

static loy_table table_of(const struct moments_case *c)
{
	loy_table table = support_table(c->values, c->rows, c->columns);

	table.weights = c->weights;
	return table;
}

static loy_moments *fresh(uint32_t columns, uint32_t missing)
{
	loy_moments *m = NULL;

	assert_int_equal(loy_moments_create(&m, columns, missing, NULL), LOY_OK);
	return m;
}

static void add(loy_moments *m, const loy_table *table)
{
	assert_int_equal(loy_moments_add(m, table, NULL), LOY_OK);
}

static void assert_matrix(const loy_moments *m, uint32_t missing, uint32_t weighting, uint32_t kind,
                          const double *expected)
{
	loy_error error = {.struct_size = sizeof(error)};
	double matrix[64];
	loy_moments_info info = {.struct_size = sizeof(info)};
	uint32_t i;

	assert_int_equal(loy_moments_get_info(m, &info), LOY_OK);
	assert_int_equal(loy_moments_get_matrix(m, missing, weighting, kind, matrix, NULL, &error), LOY_OK);
	/* Two roundings and a division, for correlations five: exact sums leave no more. */
	for (i = 0; i < info.columns * info.columns; i++)
		assert_close(matrix[i], expected[i], kind == LOY_MATRIX_CORRELATION ? 6e-16 : 4e-16, 0.0);
}

static void sums_are_exact(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(moments_cases); i++) {
		const struct moments_case *c = &moments_cases[i];
		loy_table table = table_of(c);
		loy_moments *complete = fresh(c->columns, LOY_MISSING_LISTWISE);
		loy_moments *all = fresh(c->columns, LOY_MISSING_PAIRWISE);
		const double *expected = c->results;
		uint32_t missing, weighting, kind;

		add(complete, &table);
		add(all, &table);
		for (missing = 0; missing <= (c->missing ? 2u : 0u); missing++) {
			for (weighting = 0; weighting < 2; weighting++) {
				for (kind = 0; kind < 3; kind++, expected += c->columns * c->columns) {
					assert_matrix(all, missing, weighting, kind, expected);
					if (missing == 0)
						assert_matrix(complete, missing, weighting, kind, expected);
				}
			}
		}
		loy_moments_destroy(complete);
		loy_moments_destroy(all);
	}
}

static void assert_same_bytes(const loy_moments *a, const loy_moments *b)
{
	size_t size[2] = {0, 0};
	uint8_t *bytes[2];
	int i;

	for (i = 0; i < 2; i++) {
		const loy_moments *m = i == 0 ? a : b;

		assert_int_equal(loy_moments_serialize(m, NULL, 0, &size[i]), LOY_EBUFFER);
		bytes[i] = malloc(size[i]);
		assert_non_null(bytes[i]);
		assert_int_equal(loy_moments_serialize(m, bytes[i], size[i] - 1, NULL), LOY_EBUFFER);
		assert_int_equal(loy_moments_serialize(m, bytes[i], size[i], NULL), LOY_OK);
	}
	assert_int_equal(size[0], size[1]);
	assert_memory_equal(bytes[0], bytes[1], size[0]);
	free(bytes[0]);
	free(bytes[1]);
}

/* Row by row, in another order, merged from shards, from bytes: nothing of it shows. */
static void order_and_shards_do_not_show(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 2 * LOY__COUNT(moments_cases); i++) {
		const struct moments_case *c = &moments_cases[i / 2];
		uint32_t missing = i % 2, k;
		loy_moments *whole = fresh(c->columns, missing), *shard[3], *back = NULL;
		loy_table table = table_of(c);
		uint8_t bytes[16384];
		size_t size = 0;

		add(whole, &table);
		for (k = 0; k < 3; k++)
			shard[k] = fresh(c->columns, missing);
		for (k = c->rows; k-- > 0;) {
			loy_table one = table_of(c);

			one.rows = 1;
			one.values += k * c->columns;
			if (one.weights != NULL)
				one.weights += k;
			add(shard[k * 7 % 3], &one);
		}
		assert_int_equal(loy_moments_merge(shard[1], shard[2]), LOY_OK);
		assert_int_equal(loy_moments_serialize(shard[1], bytes, sizeof(bytes), &size), LOY_OK);
		assert_int_equal(loy_moments_parse(&back, bytes, size, NULL, NULL), LOY_OK);
		assert_int_equal(loy_moments_merge(shard[0], back), LOY_OK);
		assert_same_bytes(whole, shard[0]);
		loy_moments_destroy(back);
		loy_moments_destroy(whole);
		for (k = 0; k < 3; k++)
			loy_moments_destroy(shard[k]);
	}
}

static void layouts_do_not_show(void **state)
{
	const struct moments_case *c = &moments_cases[1];
	loy_moments *by_row = fresh(c->columns, 1), *by_column = fresh(c->columns, 1),
	            *from_behind = fresh(c->columns, 1);
	loy_table table = table_of(c);
	double turned[512];
	uint32_t r, k;

	(void)state;
	assert_true(c->rows * c->columns <= LOY__COUNT(turned));
	for (r = 0; r < c->rows; r++) {
		for (k = 0; k < c->columns; k++)
			turned[k * c->rows + r] = c->values[r * c->columns + k];
	}
	add(by_row, &table);
	table.values += (c->rows - 1) * c->columns;
	table.row_stride = -table.row_stride;
	add(from_behind, &table);
	table.values = turned;
	table.row_stride = sizeof(double);
	table.column_stride = (int64_t)(c->rows * sizeof(double));
	add(by_column, &table);
	assert_same_bytes(by_row, by_column);
	assert_same_bytes(by_row, from_behind);
	loy_moments_destroy(by_row);
	loy_moments_destroy(by_column);
	loy_moments_destroy(from_behind);
}

/* Codes stand for what is missing; a row of weight 3 is three rows; one of weight 0 is seen and no more. */
static void codes_and_frequencies(void **state)
{
	const double coded[] = {1, 2, -99, 4, 5, -99, 7, 8, 3, -98};
	const double missing[] = {1, 2, (double)NAN, 4, 5, (double)NAN, 7, 8, 3, (double)NAN};
	const double codes[] = {-98, -99}, weights[] = {1, 3, 2, 0, 1};
	const double repeated[] = {1, 2, (double)NAN, 4, (double)NAN, 4, (double)NAN,
	                           4, 5, (double)NAN, 5, (double)NAN, 3, (double)NAN};
	loy_table table = {
	        .struct_size = sizeof(table), .columns = 2, .rows = 5, .row_stride = 16, .column_stride = 8};
	loy_moments *a = fresh(2, 1), *b = fresh(2, 1), *often = fresh(2, 1), *weighted = fresh(2, 1);
	loy_moments_info info = {.struct_size = sizeof(info)};
	loy_column_moments x = {.struct_size = sizeof(x)}, y = {.struct_size = sizeof(y)};

	(void)state;
	table.values = missing;
	add(a, &table);
	table.weights = weights;
	table.weight_stride = 8;
	add(weighted, &table);
	table.values = coded;
	table.codes = codes;
	table.code_count = 2;
	table.weights = NULL;
	add(b, &table);
	assert_same_bytes(a, b);
	table.values = repeated;
	table.rows = 7;
	add(often, &table);
	assert_int_equal(loy_moments_get_info(weighted, &info), LOY_OK);
	assert_int_equal(info.rows, 5);
	assert_int_equal(info.complete, 1);
	assert_bits_equal(info.weight, 1.0);
	assert_int_equal(loy_moments_get_column(weighted, 0, LOY_WEIGHT_FREQUENCY, &x), LOY_OK);
	assert_int_equal(loy_moments_get_column(often, 0, LOY_WEIGHT_FREQUENCY, &y), LOY_OK);
	assert_int_equal(x.rows, 3);
	assert_int_equal(y.rows, 4);
	assert_bits_equal(x.weight, 4.0);
	assert_bits_equal(x.mean, y.mean);
	assert_bits_equal(x.mean, 3.5);
	assert_bits_equal(x.variance, y.variance);
	assert_close(x.variance, 11.0 / 3.0, 1e-15, 0.0);
	assert_bits_equal(x.least, 1.0);
	assert_bits_equal(x.greatest, 5.0); /* the 7 has weight 0 */
	assert_int_equal(loy_moments_get_column(weighted, 1, LOY_WEIGHT_SURVEY, &x), LOY_OK);
	assert_bits_equal(x.mean, 3.5);
	assert_bits_equal(x.variance, 0.75 * 2.0); /* weights 1 and 3 scaled to 2 in all, divisor 1 */
	assert_int_equal(loy_moments_get_column(weighted, 2, 0, &x), LOY_ENOTFOUND);
	loy_moments_destroy(a);
	loy_moments_destroy(b);
	loy_moments_destroy(often);
	loy_moments_destroy(weighted);
}

/* Halves of the grid go to the even neighbour, and what lies below it is 0. */
static void values_are_taken_to_the_grid(void **state)
{
	const double step = ldexp(1.0, -40), values[] = {0.5 * step, 1.5 * step, -0.5 * step, -2.5 * step};
	loy_table table = {
	        .struct_size = sizeof(table), .columns = 1, .rows = 1, .row_stride = 8, .column_stride = 8};
	const double expected[] = {0.0, 2.0, 0.0, -2.0};
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(values); i++) {
		loy_moments *m = fresh(1, 0);
		loy_column_moments column = {.struct_size = sizeof(column)};

		table.values = &values[i];
		add(m, &table);
		assert_int_equal(loy_moments_get_column(m, 0, 0, &column), LOY_OK);
		assert_bits_equal(column.mean, expected[i] * step);
		assert_bits_equal(column.least, expected[i] * step);
		assert_true(isnan(column.variance));
		loy_moments_destroy(m);
	}
}

/* A value of the grid, below 2^24, as whole number. */
static void take_grid(loy__big *out, double value)
{
	loy__big_from_u64(out, (uint64_t)fabs(value * LOY__GRID_ONE));
	out->negative = value < 0.0;
}

/* The sum of products of two columns, one by one, and what moments have of it. */
static void assert_product(const loy_moments *m, const double *values, size_t rows, uint32_t i, uint32_t j)
{
	loy__big sum, expected, one;
	size_t r;

	loy__big_from_u64(&sum, 0);
	for (r = 0; r < rows; r++) {
		loy__big x, y, product;

		take_grid(&x, values[r * m->columns + i]);
		take_grid(&y, values[r * m->columns + j]);
		loy__big_multiply(&product, &x, &y);
		loy__big_add(&sum, &sum, &product);
	}
	loy__big_from_u64(&one, UINT64_C(1) << LOY__GRID_BITS);
	loy__big_multiply(&expected, &sum, &one);
	loy__big_from_sum(&sum, &m->product[loy__pair_index(i, j, m->columns)]);
	assert_int_equal(sum.negative, expected.negative);
	assert_int_equal(sum.count, expected.count);
	assert_memory_equal(sum.word, expected.word, sum.count * sizeof(sum.word[0]));
}

/*
 * Wide columns, whose products are summed rounded and modulo 2^64: of one sign, where roundings add up most, of both,
 * and around the magnitudes from which they are cut in two, or taken as limbs.
 */
static void wide_columns_are_exact(void **state)
{
	static const double magnitudes[] = {0.3,   1000.0,       1535.0,    1537.0,
	                                    4.1e6, 4194303.9999, 4194304.5, 1.6e7};
	enum { ROWS = 300, MOST = 9 };
	double values[ROWS * MOST];
	loy__random random;
	size_t i, k;

	(void)state;
	loy__random_init(&random, 11);
	for (i = 0; i < 4 * LOY__COUNT(magnitudes); i++) {
		uint32_t columns = 1 + (uint32_t)i * 5 % MOST, a, b;
		loy_table table = {.struct_size = sizeof(table), .columns = columns, .values = values};
		loy_moments *m = fresh(columns, i / 16 % 2);

		for (k = 0; k < (size_t)ROWS * columns; k++) {
			double v = loy__random_unit(&random), least = i % 4 < 2 ? 0.0 : 0.96875;
			double x = magnitudes[i / 4] * (least + (1.0 - least) * v);

			x = loy__nearest(x * LOY__GRID_ONE) / LOY__GRID_ONE;
			values[k] = i % 2 != 0 && k % 3 == 0 ? -x : x;
		}
		table.rows = ROWS - i;
		table.row_stride = (int64_t)(columns * sizeof(double));
		table.column_stride = sizeof(double);
		add(m, &table);
		for (a = 0; a < columns; a++) {
			for (b = a; b < columns; b++)
				assert_product(m, values, (size_t)table.rows, a, b);
		}
		loy_moments_destroy(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sums_are_exact),
	        cmocka_unit_test(order_and_shards_do_not_show),
	        cmocka_unit_test(layouts_do_not_show),
	        cmocka_unit_test(codes_and_frequencies),
	        cmocka_unit_test(values_are_taken_to_the_grid),
	        cmocka_unit_test(wide_columns_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
