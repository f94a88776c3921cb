/* Moments: what is refused and changes nothing, bytes of any origin, memory that runs out, correlations of R. */
#include "support.h"

#include "numeric/moments.h"

#include <math.h>

static loy_moments *fresh(uint32_t columns, uint32_t missing)
{
	loy_moments *m = NULL;

	assert_int_equal(loy_moments_create(&m, columns, missing, NULL), LOY_OK);
	return m;
}

static void assert_bytes(const loy_moments *m, const uint8_t *expected, size_t length)
{
	uint8_t bytes[2048];
	size_t size = 0;

	assert_int_equal(loy_moments_serialize(m, bytes, sizeof(bytes), &size), LOY_OK);
	assert_int_equal(size, length);
	assert_memory_equal(bytes, expected, length);
}

static void arguments_are_checked(void **state)
{
	loy_moments *m = NULL, *two = fresh(2, 0), *three = fresh(3, 0), *pairs = fresh(2, 1);
	loy_moments_info info = {.struct_size = sizeof(info)};
	loy_column_moments column = {.struct_size = sizeof(column)};
	loy_allocator half = {0};
	double matrix[4];
	size_t size = 0;

	(void)state;
	half.allocate = faulty_allocator(&(struct faulty){0}).allocate; /* one function of three */
	assert_int_equal(loy_moments_create(&m, 1, 0, &half), LOY_EINVAL);
	assert_int_equal(loy_moments_merge(NULL, two), LOY_EINVAL);
	assert_int_equal(loy_moments_get_info(two, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_serialize(two, NULL, 1, &size), LOY_EINVAL);
	assert_int_equal(loy_moments_parse(&m, NULL, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_get_matrix(NULL, 0, 0, 0, matrix, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_get_matrix(two, 3, 0, 0, matrix, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_get_column(NULL, 0, 0, &column), LOY_EINVAL);
	assert_int_equal(loy_moments_get_column(two, 0, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_get_column(two, 0, 2, &column), LOY_EINVAL);
	assert_int_equal(loy_moments_create(NULL, 1, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_create(&m, 0, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_create(&m, LOY_TABLE_COLUMNS_MAX + 1, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_create(&m, 1, LOY_MISSING_MEAN, NULL), LOY_EINVAL);
	assert_null(m);
	loy_moments_destroy(NULL);
	assert_int_equal(loy_moments_merge(two, three), LOY_EINVAL);
	assert_int_equal(loy_moments_merge(two, pairs), LOY_EINVAL);
	assert_int_equal(loy_moments_merge(two, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_get_info(NULL, &info), LOY_EINVAL);
	assert_int_equal(loy_moments_serialize(NULL, NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_get_matrix(two, LOY_MISSING_PAIRWISE, 0, 0, matrix, NULL, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_moments_get_matrix(two, 0, 2, 0, matrix, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_get_matrix(two, 0, 0, 4, matrix, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_get_matrix(two, 0, 0, 0, NULL, NULL, NULL), LOY_EINVAL);
	loy_moments_destroy(two);
	loy_moments_destroy(three);
	loy_moments_destroy(pairs);
}

static void flawed_tables_are_refused(void **state)
{
	const double values[] = {1, 2, 3, 4}, codes[] = {-1, (double)NAN};
	const char *const names[] = {"a", "b"}, *const bad[] = {"a", ""}, *const twice[] = {"a", "a"};
	const char *long_name[] = {"a", "0123456789012345678901234567890123456789012345678901234567890123"};
	const char *const missing[] = {"a", NULL}, *const no_text[] = {"a", "\xff"};
	loy_moments *m = fresh(2, 0);
	loy_error error = {.struct_size = sizeof(error)};
	loy_table table = support_table(values, 2, 2);
	uint32_t column = 9;

	(void)state;
	assert_int_equal(loy_moments_add(NULL, &table, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_add(m, NULL, NULL), LOY_EINVAL);
	table.columns = 1;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table = support_table(NULL, 2, 2);
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table = support_table(values, 2, 2);
	table.struct_size = 8;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table = support_table(values, 2, 2);
	table.reserved = 1;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table = support_table(values, 2, 2);
	table.row_stride = INT64_MIN;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table = support_table(values, 2, 2);
	table.code_count = 17;
	table.codes = codes;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table.code_count = 2; /* the second is NaN */
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table = support_table(values, 2, 2);
	table.names = bad;
	assert_int_equal(loy_moments_add(m, &table, &error), LOY_EINVAL);
	assert_int_equal(error.field, 1);
	table.names = long_name;
	assert_int_equal(loy_moments_add(m, &table, &error), LOY_EINVAL);
	table.names = names;
	assert_int_equal(loy__table_find(&table, "b", &column, NULL), LOY_OK);
	assert_int_equal(column, 1);
	assert_int_equal(loy__table_find(&table, "c", &column, &error), LOY_ENAME);
	assert_string_equal(error.message, "the table has no such column: 'c'");
	table.names = twice;
	assert_int_equal(loy__table_find(&table, "a", &column, &error), LOY_ENAME);
	assert_string_equal(error.message, "two columns have the same name: 'a'");
	table.names = NULL;
	assert_int_equal(loy__table_find(&table, "2", &column, NULL), LOY_OK);
	assert_int_equal(column, 1);
	assert_int_equal(loy__table_find(&table, "3", &column, NULL), LOY_ENAME);
	assert_int_equal(loy__table_find(&table, "22", &column, NULL), LOY_ENAME);
	table.columns = 0;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table.columns = LOY_TABLE_COLUMNS_MAX + 1;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table = support_table(values, 2, 2);
	table.column_stride = INT64_MAX;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table = support_table(values, 2, 2);
	table.weights = values;
	table.weight_stride = INT64_MAX;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table = support_table(values, 2, 2);
	table.code_count = 1;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL); /* codes that are nowhere */
	table = support_table(values, 2, 2);
	table.struct_size = UINT32_MAX;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table = support_table(values, 2, 2);
	table.names = missing;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table.names = no_text;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EINVAL);
	table = support_table(NULL, 0, 2);
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_OK); /* no rows need no values */
	table = support_table(values, LOY__TABLE_ROWS_MAX + 1, 2);
	table.row_stride = 0;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EOVERFLOW);
	loy_moments_destroy(m);
}

/* Far behind in a table, so that blocks before it would have been added. */
static void flawed_values_are_named_and_nothing_is_added(void **state)
{
	enum { ROWS = 300, COLUMNS = 3 };
	const double inf = (double)INFINITY, edge = ldexp(1.0, 40);
	const struct {
		double value, weight;
		uint32_t field;
	} list[] = {{inf, 1, 1},     {-edge, 1, 1}, {edge, 1, 1},
	            {1, -1e-300, 3}, {1, edge, 3},  {1, (double)NAN, 3}};
	double values[ROWS * COLUMNS], weights[ROWS];
	uint8_t before[2048];
	loy_moments *m = fresh(COLUMNS, 1);
	size_t i, size = 0;

	(void)state;
	for (i = 0; i < LOY__COUNT(list); i++) {
		loy_table table = support_table(values, ROWS, COLUMNS);
		loy_error error = {.struct_size = sizeof(error)};
		size_t k;

		for (k = 0; k < ROWS * COLUMNS; k++)
			values[k] = k % 7 == 0 ? (double)NAN : (double)(k % 5);
		for (k = 0; k < ROWS; k++)
			weights[k] = 1.5;
		table.weights = weights;
		assert_int_equal(loy_moments_add(m, &table, NULL), LOY_OK);
		assert_int_equal(loy_moments_serialize(m, before, sizeof(before), &size), LOY_OK);
		values[271 * COLUMNS + 1] = list[i].value;
		weights[271] = list[i].weight;
		assert_int_equal(loy_moments_add(m, &table, &error), LOY_ERANGE);
		assert_int_equal(error.row, 271);
		assert_int_equal(error.field, list[i].field);
		assert_bytes(m, before, size);
	}
	loy_moments_destroy(m);
}

static void what_cannot_be_told_is_refused(void **state)
{
	const double nan = (double)NAN;
	const double values[] = {1, 5, 3, nan, 2, nan, nan, 6};
	double matrix[4] = {-1, -1, -1, -1}, means[2] = {-1, -1};
	loy_error error = {.struct_size = sizeof(error)};
	loy_moments *m = fresh(2, 1), *constant = fresh(2, 0);
	loy_table table = support_table(values, 0, 2);
	const double same[] = {0.1, 1, 0.1, 2, 0.1, 4};
	const double weights[] = {0.3, 0.7, 0.1};

	(void)state;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_OK);
	assert_int_equal(loy_moments_get_matrix(m, 1, 0, LOY_MATRIX_COUNT, matrix, means, &error),
	                 LOY_EUNKNOWN);
	table.rows = 4;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_OK);
	assert_int_equal(loy_moments_get_matrix(m, 1, 0, LOY_MATRIX_COVARIANCE, matrix, means, &error),
	                 LOY_EUNKNOWN); /* one row has both */
	assert_int_equal(error.field, 1);
	assert_int_equal(loy_moments_get_matrix(m, 0, 0, LOY_MATRIX_COVARIANCE, matrix, means, &error),
	                 LOY_EUNKNOWN);
	assert_bits_equal(matrix[0], -1.0);
	assert_bits_equal(means[0], -1.0);
	assert_int_equal(loy_moments_get_matrix(m, 1, 0, LOY_MATRIX_COUNT, matrix, means, &error), LOY_OK);
	assert_bits_equal(matrix[0], 3.0);
	assert_bits_equal(matrix[1], 1.0);
	assert_bits_equal(matrix[2], 1.0);
	assert_bits_equal(matrix[3], 2.0);
	assert_bits_equal(means[0], 2.0);
	assert_bits_equal(means[1], 5.5);
	/* a column that does not vary is seen as such whatever the weights are: nothing is left by rounding */
	table = support_table(same, 3, 2);
	table.weights = weights;
	assert_int_equal(loy_moments_add(constant, &table, NULL), LOY_OK);
	assert_int_equal(
	        loy_moments_get_matrix(constant, 0, 1, LOY_MATRIX_CORRELATION, matrix, means, &error),
	        LOY_ERANGE);
	assert_int_equal(error.field, 0);
	assert_int_equal(loy_moments_get_matrix(constant, 0, 1, LOY_MATRIX_COVARIANCE, matrix, means, NULL),
	                 LOY_OK);
	assert_bits_equal(matrix[0], 0.0);
	assert_bits_equal(matrix[1], 0.0);
	assert_close(means[0], 0.1, 5e-12, 0.0); /* of the grid */
	loy_moments_destroy(m);
	loy_moments_destroy(constant);
}

/* A pairwise accumulator of a few rows, with everything in it. */
static loy_moments *rich(const loy_allocator *memory, loy_status *status)
{
	const double values[] = {1,           2,   3,   (double)NAN, 5,   -6.25, 7, 8,
	                         (double)NAN, 0.1, 0.2, 0.3,         1e9, -1e9,  7};
	const double weights[] = {1, 2.5, 0.3, 1, 0.25};
	loy_table table = support_table(values, 5, 3);
	loy_moments *m = NULL;

	table.weights = weights;
	*status = loy_moments_create(&m, 3, LOY_MISSING_PAIRWISE, memory);
	if (*status == LOY_OK)
		*status = loy_moments_add(m, &table, NULL);
	return m;
}

static void every_failed_allocation_is_survived(void **state)
{
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_moments *m = rich(&memory, &status), *back = NULL;
		uint8_t bytes[2048];
		size_t size = 0;

		if (m != NULL && status != LOY_OK) {
			loy_moments_info info = {.struct_size = sizeof(info)};

			assert_int_equal(loy_moments_get_info(m, &info), LOY_OK);
			assert_int_equal(info.rows, 0);
		}
		if (status == LOY_OK) {
			assert_int_equal(loy_moments_serialize(m, bytes, sizeof(bytes), &size), LOY_OK);
			status = loy_moments_parse(&back, bytes, size, &memory, NULL);
		}
		loy_moments_destroy(m);
		loy_moments_destroy(back);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_int_equal(n, 4); /* two accumulators and a block of rows */
}

/* A million rows of 24 columns would take no more than this either: a block is all there is. */
static void little_memory_is_needed(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	double values[24 * 130], weights[130];
	loy_table table = support_table(values, 130, 24);
	loy_moments *m = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(values); i++)
		values[i] = i % 11 == 0 ? (double)NAN : (double)(i % 7) + 0.1;
	for (i = 0; i < LOY__COUNT(weights); i++)
		weights[i] = 0.7;
	table.weights = weights;
	assert_int_equal(loy_moments_create(&m, 24, LOY_MISSING_PAIRWISE, &memory), LOY_OK);
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_OK);
	assert_true(heap.peak < 1048576);
	assert_true(heap.bytes < 131072);
	loy_moments_destroy(m);
}

static void seal(uint8_t *bytes, size_t size)
{
	loy__put_u32(bytes + size - 4, loy__crc32c(0, bytes, size - 4));
}

/* Each byte changed, checksum made right again: refused, or moments that say the same when written. */
static void hostile_bytes_are_refused_or_canonical(void **state)
{
	loy_status status;
	loy_moments *m = rich(NULL, &status);
	uint8_t good[2048], bytes[2048], again[2048];
	size_t size = 0, at, needed = 0;
	int change, taken = 0;

	(void)state;
	assert_int_equal(loy_moments_serialize(m, good, sizeof(good), &size), LOY_OK);
	for (at = 0; at < size; at++) { /* cut short, and damaged */
		loy_moments *back = NULL;

		assert_int_not_equal(loy_moments_parse(&back, good, at, NULL, NULL), LOY_OK);
		memcpy(bytes, good, size);
		bytes[at] ^= 0x10;
		status = loy_moments_parse(&back, bytes, size, NULL, NULL);
		assert_int_equal(status, at < 4 ? LOY_EFORMAT : at == 4 ? LOY_EVERSION : LOY_ECHECKSUM);
		assert_null(back);
	}
	for (at = 0; at + 4 < size; at++) {
		for (change = 0; change < 8; change++) {
			static const uint8_t changes[] = {0, 1, 2, 0x0f, 0x40, 0x7f, 0x80, 0xff};
			loy_moments *back = NULL;

			memcpy(bytes, good, size);
			bytes[at] ^= changes[change];
			seal(bytes, size);
			status = loy_moments_parse(&back, bytes, size, NULL, NULL);
			if (status != LOY_OK) {
				assert_true(status == LOY_EFORMAT || status == LOY_EVERSION);
				continue;
			}
			taken++;
			assert_int_equal(loy_moments_serialize(back, again, sizeof(again), &needed), LOY_OK);
			assert_int_equal(needed, size);
			assert_memory_equal(again, bytes, size);
			loy_moments_destroy(back);
		}
	}
	assert_true(taken > (int)size); /* not only those that were left as they are */
	loy_moments_destroy(m);
}

static void possible_headers_need_their_bytes(void **state)
{
	uint8_t bytes[40] = "LOYX\1\1\0\2";
	loy_moments *back = NULL;
	struct faulty heap = {.until = 0,
	                      .forever = 1}; /* no memory is asked for before there are as many bytes */
	loy_allocator memory = faulty_allocator(&heap);

	(void)state;
	seal(bytes, sizeof(bytes));
	assert_int_equal(loy_moments_parse(&back, bytes, sizeof(bytes), &memory, NULL), LOY_EFORMAT);
	assert_int_equal(heap.refused, 0);
	assert_int_equal(loy_moments_parse(NULL, bytes, sizeof(bytes), NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_parse(&back, NULL, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_moments_parse(&back, NULL, 0, NULL, NULL), LOY_EFORMAT);
}

/* The sums double with each merge with itself, until the rows are too many; nothing overflows on the way. */
static void merging_stops_at_the_limit_of_rows(void **state)
{
	const double most = ldexp(1.0, 40) - ldexp(1.0, -12), values[] = {most, -most};
	const double weights[] = {most, most};
	loy_table table = support_table(values, 2, 1);
	loy_moments *m = fresh(1, 1);
	loy_column_moments column = {.struct_size = sizeof(column)};
	int times = 0;

	(void)state;
	table.weights = weights;
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_OK);
	while (loy_moments_merge(m, m) == LOY_OK)
		times++;
	assert_int_equal(times, 39);
	assert_int_equal(loy_moments_get_column(m, 0, LOY_WEIGHT_FREQUENCY, &column), LOY_OK);
	assert_bits_equal(column.mean, 0.0);
	/* 2^40 w x² / (2^40 w - 1): the 1 is far below the last place */
	assert_close(column.variance, most * most, 4e-16, 0.0);
	assert_bits_equal(column.weight, ldexp(most, 40));
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_EOVERFLOW);
	loy_moments_destroy(m);
}

static void pairwise_correlations_are_those_of_r(void **state)
{
	struct csv *data = shared_csv_or_skip("data/ecsi_mobile_missing.csv");
	struct csv *reference = shared_csv_or_skip("reference/sem/ecsi_missing_pairwise_cor.csv");
	double values[300 * 24], matrix[24 * 24];
	size_t columns = csv_columns(reference), i;
	loy_moments *m = fresh(24, LOY_MISSING_PAIRWISE);
	loy_table table = support_table(values, 0, 24);

	(void)state;
	assert_int_equal(columns, 24);
	for (; csv_next(data); table.rows++) {
		assert_true(table.rows < 300);
		for (i = 0; i < columns; i++) {
			size_t c = csv_column(data, csv_name(reference, i));

			values[table.rows * 24 + i] = csv_empty(data, c) ? (double)NAN : csv_double(data, c);
		}
	}
	assert_int_equal(loy_moments_add(m, &table, NULL), LOY_OK);
	assert_int_equal(loy_moments_get_matrix(m, LOY_MISSING_PAIRWISE, 0, LOY_MATRIX_CORRELATION, matrix,
	                                        NULL, NULL),
	                 LOY_OK);
	for (i = 0; csv_next(reference); i++) {
		size_t k;

		for (k = 0; k < columns; k++) /* R's own rounding is 1e-15 or so */
			assert_close(matrix[i * 24 + k], csv_double(reference, k), 0.0, 4e-15);
	}
	assert_int_equal(i, 24);
	loy_moments_destroy(m);
	csv_close(data);
	csv_close(reference);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(arguments_are_checked),
	        cmocka_unit_test(flawed_tables_are_refused),
	        cmocka_unit_test(flawed_values_are_named_and_nothing_is_added),
	        cmocka_unit_test(what_cannot_be_told_is_refused),
	        cmocka_unit_test(every_failed_allocation_is_survived),
	        cmocka_unit_test(little_memory_is_needed),
	        cmocka_unit_test(hostile_bytes_are_refused_or_canonical),
	        cmocka_unit_test(possible_headers_need_their_bytes),
	        cmocka_unit_test(merging_stops_at_the_limit_of_rows),
	        cmocka_unit_test(pairwise_correlations_are_those_of_r),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
