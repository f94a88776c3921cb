/*
 * Random tables of all kinds: moments are the sums that whole numbers give row by row, without blocks or limbs, to the
 * last bit; and they are the same bytes in whatever order and however many shards the rows were added.
 */
#include "support.h"

#include "numeric/moments.h"

#include <math.h>

enum { COLUMNS = 4, ROWS_MAX = 400, TABLES = 60 };

struct sample {
	double values[ROWS_MAX * COLUMNS], weights[ROWS_MAX];
	size_t rows;
	int weighted, gaps;
};

/* Kinds of columns: answers, money, reals, reals far from zero, all magnitudes, mostly zeroes. */
static double draw(loy__random *r, uint64_t kind)
{
	double v = loy__random_unit(r);

	switch (kind) {
	case 0:
		return floor(11.0 * v);
	case 1:
		return floor(1e7 * v) / 100.0;
	case 2:
		return 8.0 * v - 4.0;
	case 3:
		return 1e11 + v;
	case 4:
		return ldexp(2.0 * v - 1.0, (int)loy__random_below(r, 82) - 42);
	default:
		return v < 0.98 ? 0.0 : -ldexp(v, 39);
	}
}

static void invent(struct sample *s, loy__random *r)
{
	uint64_t kinds[COLUMNS];
	size_t i;

	s->rows = 1 + (size_t)loy__random_below(r, ROWS_MAX);
	s->weighted = loy__random_below(r, 2) != 0;
	s->gaps = loy__random_below(r, 2) != 0;
	for (i = 0; i < COLUMNS; i++)
		kinds[i] = loy__random_below(r, 6);
	for (i = 0; i < s->rows * COLUMNS; i++)
		s->values[i] =
		        s->gaps && loy__random_below(r, 20) == 0 ? (double)NAN : draw(r, kinds[i % COLUMNS]);
	kinds[0] = loy__random_below(r, 5);
	for (i = 0; i < s->rows; i++)
		s->weights[i] = loy__random_below(r, 30) == 0 ? 0.0 : fabs(draw(r, kinds[0]));
}

static loy_table table_of(const struct sample *s)
{
	loy_table table = support_table(s->values, s->rows, COLUMNS);

	table.weights = s->weighted ? s->weights : NULL;
	return table;
}

/* The whole number of 2^-40 nearest to a value, ties to even, from its bits. */
static void on_grid(double value, loy__big *out)
{
	int exponent, shift;
	uint64_t mantissa = (uint64_t)ldexp(frexp(fabs(value), &exponent), 53), rest, half;
	loy__big factor, whole;

	shift = exponent - 53 + 40;
	if (shift < -63)
		mantissa = 0;
	if (shift < 0 && mantissa != 0) {
		rest = mantissa & ((UINT64_C(1) << -shift) - 1);
		half = UINT64_C(1) << (-shift - 1);
		mantissa >>= -shift;
		mantissa += rest > half || (rest == half && (mantissa & 1) != 0);
	}
	loy__big_from_u64(&whole, mantissa);
	loy__big_from_u64(&factor, shift > 0 && mantissa != 0 ? UINT64_C(1) << shift : 1);
	loy__big_multiply(out, &whole, &factor);
	if (value < 0.0 && out->count != 0)
		out->negative = 1;
}

struct sums {
	loy__big weight, x, y, product;
};

/* Row by row, over rows that have all (listwise) or both. */
static void add_up(const struct sample *s, size_t i, size_t j, int pairwise, struct sums *out)
{
	size_t r, c;

	memset(out, 0, sizeof(*out));
	for (r = 0; r < s->rows; r++) {
		const double *row = s->values + r * COLUMNS;
		loy__big w, x, y, wx, part;
		int there = 1;

		for (c = 0; c < COLUMNS; c++)
			there = there && ((pairwise && c != i && c != j) || !isnan(row[c]));
		on_grid(s->weighted ? s->weights[r] : 1.0, &w);
		if (!there || w.count == 0)
			continue;
		on_grid(row[i], &x);
		on_grid(row[j], &y);
		loy__big_add(&out->weight, &out->weight, &w);
		loy__big_multiply(&wx, &w, &x);
		loy__big_add(&out->x, &out->x, &wx);
		loy__big_multiply(&part, &w, &y);
		loy__big_add(&out->y, &out->y, &part);
		loy__big_multiply(&part, &wx, &y);
		loy__big_add(&out->product, &out->product, &part);
	}
}

static double covariance(const struct sums *s)
{
	loy__big left, right, below;

	loy__big_multiply(&left, &s->weight, &s->product);
	loy__big_multiply(&right, &s->x, &s->y);
	loy__big_subtract(&left, &left, &right);
	loy__big_multiply(&below, &s->weight, &s->weight);
	return loy__big_to_double(&left, -80) / loy__big_to_double(&below, 0);
}

static loy_moments *fresh(uint32_t missing)
{
	loy_moments *m = NULL;

	assert_int_equal(loy_moments_create(&m, COLUMNS, missing, NULL), LOY_OK);
	return m;
}

static void sums_are_those_of_whole_numbers(void **state)
{
	static struct sample s;
	double matrix[COLUMNS * COLUMNS];
	int table, pairwise, seen = 0;
	loy__random r;
	size_t i, j;

	(void)state;
	loy__random_init(&r, 41);
	for (table = 0; table < TABLES; table++) {
		loy_moments *m = fresh(LOY_MISSING_PAIRWISE);
		loy_table rows;

		invent(&s, &r);
		rows = table_of(&s);
		assert_int_equal(loy_moments_add(m, &rows, NULL), LOY_OK);
		for (pairwise = 0; pairwise < 2; pairwise++) {
			if (loy_moments_get_matrix(m, (uint32_t)pairwise, LOY_WEIGHT_SURVEY,
			                           LOY_MATRIX_COVARIANCE_ML, matrix, NULL, NULL) != LOY_OK)
				continue; /* too few rows in common */
			seen++;
			for (i = 0; i < COLUMNS; i++) {
				for (j = i; j < COLUMNS; j++) {
					struct sums sums;

					add_up(&s, i, j, pairwise, &sums);
					assert_bits_equal(matrix[i * COLUMNS + j], covariance(&sums));
				}
			}
		}
		loy_moments_destroy(m);
	}
	assert_true(seen > TABLES);
}

static uint8_t *bytes_of(const loy_moments *m, size_t *size)
{
	uint8_t *bytes;

	(void)loy_moments_serialize(m, NULL, 0, size);
	bytes = malloc(*size);
	assert_non_null(bytes);
	assert_int_equal(loy_moments_serialize(m, bytes, *size, NULL), LOY_OK);
	return bytes;
}

/* Rows of the sample one by one or a few at a time, from behind, each part to any shard. */
static void add_in_parts(const struct sample *s, loy__random *r, loy_moments *const *shards, uint64_t count)
{
	size_t end = s->rows;

	while (end > 0) {
		size_t part = 1 + (size_t)loy__random_below(r, loy__random_below(r, 4) == 0 ? 150 : 3);
		loy_table table = table_of(s);

		part = part < end ? part : end;
		end -= part;
		table.rows = part;
		table.values += end * COLUMNS;
		table.weights = table.weights != NULL ? table.weights + end : NULL;
		assert_int_equal(loy_moments_add(shards[loy__random_below(r, count)], &table, NULL), LOY_OK);
	}
}

static void order_and_shards_do_not_show(void **state)
{
	static struct sample s;
	loy__random r;
	int table;

	(void)state;
	loy__random_init(&r, 42);
	for (table = 0; table < TABLES; table++) {
		uint32_t missing = (uint32_t)loy__random_below(&r, 2);
		loy_moments *whole = fresh(missing), *shards[3];
		uint8_t *bytes[2];
		size_t size[2], i;
		loy_table rows;

		invent(&s, &r);
		rows = table_of(&s);
		assert_int_equal(loy_moments_add(whole, &rows, NULL), LOY_OK);
		for (i = 0; i < 3; i++)
			shards[i] = fresh(missing);
		add_in_parts(&s, &r, shards, 3);
		assert_int_equal(loy_moments_merge(shards[2], shards[0]), LOY_OK);
		assert_int_equal(loy_moments_merge(shards[2], shards[1]), LOY_OK);
		bytes[0] = bytes_of(whole, &size[0]);
		bytes[1] = bytes_of(shards[2], &size[1]);
		assert_int_equal(size[0], size[1]);
		assert_memory_equal(bytes[0], bytes[1], size[0]);
		for (i = 0; i < 3; i++)
			loy_moments_destroy(shards[i]);
		loy_moments_destroy(whole);
		free(bytes[0]);
		free(bytes[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sums_are_those_of_whole_numbers),
	        cmocka_unit_test(order_and_shards_do_not_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
