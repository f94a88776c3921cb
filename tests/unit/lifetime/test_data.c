/* Accumulated histories: order and split do not show, bytes are canonical, nothing hostile gets in. */
#include "buying.h"

#include "numeric/numeric.h"

#define CUSTOMERS 3000

struct table {
	double x[CUSTOMERS], t_x[CUSTOMERS], T[CUSTOMERS], spend[CUSTOMERS], z[CUSTOMERS];
};

/* Drawn from MBG/NBD by day, so that rows repeat. */
static struct table *draw_table(void)
{
	static const double p[4] = {0.6, 5.0, 0.8, 1.9}, g[3] = {6.0, 4.0, 15.0};
	struct table *t = calloc(1, sizeof(*t));
	loy_lifetime *model = NULL, *spend = NULL;
	size_t i;

	assert_non_null(t);
	assert_int_equal(loy_lifetime_create(&model, LOY_LIFETIME_MBG_NBD, 0, 0, p, 4, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_create(&spend, LOY_LIFETIME_GAMMA_GAMMA, 0, 0, g, 3, NULL), LOY_OK);
	for (i = 0; i < CUSTOMERS; i++) {
		t->T[i] = 20.0 + (double)(i % 20);
		assert_int_equal(loy_lifetime_simulate(model, spend, 7, i, 1, t->T[i], NULL, &t->x[i],
		                                       &t->t_x[i], NULL, &t->spend[i]),
		                 LOY_OK);
		t->t_x[i] = floor(t->t_x[i]);
		t->spend[i] = floor(t->spend[i]);
		t->z[i] = (double)(i % 3) - 1.0;
	}
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(spend);
	return t;
}

static loy_lifetime_data *fresh(uint32_t flags, uint32_t kind, uint32_t covariates,
                                const loy_allocator *memory)
{
	loy_lifetime_data_options options = {
	        .struct_size = sizeof(options), .flags = flags, .kind = kind, .covariate_count = covariates};
	loy_lifetime_data *data = NULL;

	assert_int_equal(loy_lifetime_data_create(&data, &options, memory), LOY_OK);
	return data;
}

static void add_row(loy_lifetime_data *data, const struct table *t, size_t i)
{
	loy_history history = {.struct_size = sizeof(history),
	                       .x = t->x[i],
	                       .t_x = t->t_x[i],
	                       .T = t->T[i],
	                       .spend = t->spend[i],
	                       .covariates = &t->z[i],
	                       .covariate_count = 1};

	assert_int_equal(loy_lifetime_data_add(data, &history, NULL), LOY_OK);
}

static uint8_t *bytes_of(const loy_lifetime_data *data, size_t *size)
{
	uint8_t *bytes;

	assert_int_equal(loy_lifetime_data_bytes(data, NULL, 0, size), LOY_EBUFFER);
	bytes = malloc(*size);
	assert_non_null(bytes);
	assert_int_equal(loy_lifetime_data_bytes(data, bytes, *size - 1, size), LOY_EBUFFER);
	assert_int_equal(loy_lifetime_data_bytes(data, bytes, *size, size), LOY_OK);
	return bytes;
}

static void assert_equal_data(const loy_lifetime_data *a, const loy_lifetime_data *b)
{
	size_t m, n;
	uint8_t *left = bytes_of(a, &m), *right = bytes_of(b, &n);

	assert_int_equal(m, n);
	assert_memory_equal(left, right, n);
	free(left);
	free(right);
}

/* The same fit to the last bit: text holds every digit. */
static void assert_equal_fits(const loy_lifetime_data *a, const loy_lifetime_data *b,
                              loy_lifetime_options options)
{
	char left[LOY_LIFETIME_TEXT_MAX + 1], right[LOY_LIFETIME_TEXT_MAX + 1];
	loy_lifetime *of_a = fit(a, options), *of_b = fit(b, options);
	size_t size;

	assert_int_equal(loy_lifetime_print(of_a, left, sizeof(left), &size), LOY_OK);
	assert_int_equal(loy_lifetime_print(of_b, right, sizeof(right), &size), LOY_OK);
	assert_string_equal(left, right);
	loy_lifetime_destroy(of_a);
	loy_lifetime_destroy(of_b);
}

static void ten_shards_are_the_whole(void **state)
{
	struct table *t = draw_table();
	loy_lifetime_data *whole = fresh(0, 0, 1, NULL), *merged = fresh(0, 0, 1, NULL), *shards[10];
	size_t i;

	(void)state;
	for (i = 0; i < 10; i++)
		shards[i] = fresh(0, 0, 1, NULL);
	for (i = 0; i < CUSTOMERS; i++) {
		add_row(whole, t, i);
		add_row(shards[i * 7 % 10], t, i);
	}
	for (i = 10; i-- > 0;)
		assert_int_equal(loy_lifetime_data_merge(merged, shards[i]), LOY_OK);
	assert_equal_data(whole, merged);
	assert_equal_fits(whole, merged, (loy_lifetime_options){.family = LOY_LIFETIME_MBG_NBD});
	assert_equal_fits(whole, merged, (loy_lifetime_options){.family = LOY_LIFETIME_PARETO_NBD});
	assert_equal_fits(whole, merged, (loy_lifetime_options){.family = LOY_LIFETIME_GAMMA_GAMMA});
	assert_equal_fits(whole, merged, (loy_lifetime_options){.rate_covariates = 1, .life_covariates = 1});
	for (i = 0; i < 10; i++)
		loy_lifetime_data_destroy(shards[i]);
	loy_lifetime_data_destroy(whole);
	loy_lifetime_data_destroy(merged);
	free(t);
}

static void columns_are_single_rows(void **state)
{
	struct table *t = draw_table();
	loy_lifetime_data *single = fresh(0, 0, 1, NULL), *columns = fresh(0, 0, 1, NULL);
	loy_history_column all[] = {{LOY_HISTORY_X, LOY_COLUMN_F64, t->x, 8},
	                            {LOY_HISTORY_T_X, LOY_COLUMN_F64, t->t_x, 8},
	                            {LOY_HISTORY_T, LOY_COLUMN_F64, t->T, 8},
	                            {LOY_HISTORY_SPEND, LOY_COLUMN_F64, t->spend, 8},
	                            {LOY_HISTORY_COVARIATE, LOY_COLUMN_F64, t->z, 8}};
	size_t i;

	(void)state;
	for (i = CUSTOMERS; i-- > 0;) /* another order */
		add_row(single, t, i);
	assert_int_equal(loy_lifetime_data_add_columns(columns, all, 5, CUSTOMERS, NULL), LOY_OK);
	assert_equal_data(single, columns);
	loy_lifetime_data_destroy(single);
	loy_lifetime_data_destroy(columns);
	free(t);
}

static void weights_are_repetitions(void **state)
{
	loy_lifetime_data *weighted = fresh(0, 0, 0, NULL), *repeated = fresh(0, 0, 0, NULL);
	loy_history history = {.struct_size = sizeof(history), .x = 2.0, .t_x = 3.0, .T = 9.0};
	loy_lifetime_data_info info = {.struct_size = sizeof(info)};
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(loy_lifetime_data_add(repeated, &history, NULL), LOY_OK);
	history.weight = 5;
	assert_int_equal(loy_lifetime_data_add(weighted, &history, NULL), LOY_OK);
	assert_equal_data(weighted, repeated);
	assert_int_equal(loy_lifetime_data_get_info(weighted, &info), LOY_OK);
	assert_int_equal(info.customers, 5);
	assert_int_equal(info.distinct, 1);
	assert_int_equal(info.repeat, 5);
	assert_int_equal(info.unpriced, 5);
	assert_close(info.period, 9.0, 0.0, 0.0);
	history.weight = UINT64_C(1) << 53;
	assert_int_equal(loy_lifetime_data_add(weighted, &history, NULL), LOY_EOVERFLOW);
	loy_lifetime_data_destroy(weighted);
	loy_lifetime_data_destroy(repeated);
}

static void rows_that_cannot_be_are_named(void **state)
{
	static const struct {
		uint32_t kind, flags, field;
		loy_history history;
	} flaws[] = {
	        {0, 0, LOY_HISTORY_X, {.x = -1.0, .T = 5.0}},
	        {0, 0, LOY_HISTORY_X, {.x = 1.5, .t_x = 1.0, .T = 5.0}},
	        {0, 0, LOY_HISTORY_X, {.x = NAN, .T = 5.0}},
	        {0, 0, LOY_HISTORY_X, {.x = 4294967296.0, .t_x = 1.0, .T = 5.0}},
	        {0, 0, LOY_HISTORY_T, {.T = -1.0}},
	        {0, 0, LOY_HISTORY_T, {.T = NAN}},
	        {0, 0, LOY_HISTORY_T, {.T = INFINITY}},
	        {0, 0, LOY_HISTORY_T_X, {.x = 1.0, .t_x = 6.0, .T = 5.0}},
	        {0, 0, LOY_HISTORY_T_X, {.x = 0.0, .t_x = 1.0, .T = 5.0}},
	        {0, 0, LOY_HISTORY_T_X, {.x = 1.0, .t_x = NAN, .T = 5.0}},
	        {0, 0, LOY_HISTORY_SPEND, {.x = 1.0, .t_x = 1.0, .T = 5.0, .spend = -1.0}},
	        {0, 0, LOY_HISTORY_SPEND, {.x = 1.0, .t_x = 1.0, .T = 5.0, .spend = NAN}},
	        {0, LOY_DATA_SPEND_REQUIRED, LOY_HISTORY_SPEND, {.x = 1.0, .t_x = 1.0, .T = 5.0}},
	        {0,
	         LOY_DATA_INTERVALS,
	         LOY_HISTORY_INTERVALS,
	         {.x = 2.0, .t_x = 4.0, .T = 5.0, .intervals = 1.5}},
	        {0, LOY_DATA_INTERVALS, LOY_HISTORY_INTERVALS, {.x = 1.0, .t_x = 0.0, .T = 5.0}},
	        {1, 0, LOY_HISTORY_T, {.x = 1.0, .t_x = 1.0, .T = 5.5}},
	        {1, 0, LOY_HISTORY_T_X, {.x = 1.0, .t_x = 1.5, .T = 5.0}},
	        {1, 0, LOY_HISTORY_X, {.x = 3.0, .t_x = 2.0, .T = 5.0}},
	        {2, 0, LOY_HISTORY_X, {.x = 2.0, .T = 5.0}},
	        {2, 0, LOY_HISTORY_T, {.x = 1.0, .T = 0.0}},
	        {2, 0, LOY_HISTORY_T, {.x = 0.0, .T = 1.5}},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		loy_lifetime_data *data = fresh(flaws[i].flags, flaws[i].kind, 0, NULL);
		loy_history history = flaws[i].history;
		loy_error error = {.struct_size = sizeof(error)};
		loy_lifetime_data_info info = {.struct_size = sizeof(info)};

		history.struct_size = sizeof(history);
		if (loy_lifetime_data_add(data, &history, &error) != LOY_ERANGE ||
		    error.field != flaws[i].field)
			fail_msg("flaw %zu: field %u, status %d", i, error.field, error.code);
		assert_int_equal(loy_lifetime_data_get_info(data, &info), LOY_OK);
		assert_int_equal(info.distinct, 0);
		loy_lifetime_data_destroy(data);
	}
}

static void a_bad_row_of_many_adds_none(void **state)
{
	struct table *t = draw_table();
	loy_lifetime_data *data = fresh(0, 0, 1, NULL), *same = fresh(0, 0, 1, NULL);
	loy_history_column all[] = {{LOY_HISTORY_X, LOY_COLUMN_F64, t->x, 8},
	                            {LOY_HISTORY_T_X, LOY_COLUMN_F64, t->t_x, 8},
	                            {LOY_HISTORY_T, LOY_COLUMN_F64, t->T, 8},
	                            {LOY_HISTORY_COVARIATE, LOY_COLUMN_F64, t->z, 8}};
	loy_error error = {.struct_size = sizeof(error)};
	size_t i;

	(void)state;
	for (i = 0; i < 100; i++) {
		add_row(data, t, i * 2);
		add_row(same, t, i * 2);
	}
	t->t_x[1234] = t->T[1234] + 1.0;
	assert_int_equal(loy_lifetime_data_add_columns(data, all, 4, CUSTOMERS, &error), LOY_ERANGE);
	assert_int_equal(error.row, 1234);
	assert_int_equal(error.field, LOY_HISTORY_T_X);
	assert_equal_data(data, same);
	assert_int_equal(loy_lifetime_data_add_columns(data, all, 3, CUSTOMERS, &error),
	                 LOY_EINVAL); /* covariate */
	all[1].field = LOY_HISTORY_X;
	assert_int_equal(loy_lifetime_data_add_columns(data, all, 4, CUSTOMERS, &error),
	                 LOY_EINVAL); /* twice */
	all[1].field = LOY_HISTORY_T_X;
	all[1].type = LOY_COLUMN_TEXT;
	assert_int_equal(loy_lifetime_data_add_columns(data, all, 4, CUSTOMERS, &error), LOY_EINVAL);
	loy_lifetime_data_destroy(data);
	loy_lifetime_data_destroy(same);
	free(t);
}

static void column_types(void **state)
{
	static const uint8_t x[2] = {1, 0};
	static const int32_t t_x[2] = {3, 0};
	static const int64_t T = 9;
	static const uint32_t weight[2] = {2, 7};
	const loy_history_column all[] = {{LOY_HISTORY_X, LOY_COLUMN_U8, x, 1},
	                                  {LOY_HISTORY_T_X, LOY_COLUMN_I32, t_x, 4},
	                                  {LOY_HISTORY_T, LOY_COLUMN_I64, &T, 0},
	                                  {LOY_HISTORY_WEIGHT, LOY_COLUMN_U32, weight, 4}};
	loy_lifetime_data *data = fresh(0, 0, 0, NULL);
	loy_lifetime_data_info info = {.struct_size = sizeof(info)};

	(void)state;
	assert_int_equal(loy_lifetime_data_add_columns(data, all, 4, 2, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_data_get_info(data, &info), LOY_OK);
	assert_int_equal(info.customers, 9);
	assert_int_equal(info.repeat, 2);
	assert_close(info.period, 9.0, 0.0, 0.0);
	loy_lifetime_data_destroy(data);
}

static void bytes_come_back(void **state)
{
	struct table *t = draw_table();
	uint32_t kind;

	(void)state;
	for (kind = 0; kind < 3; kind++) {
		loy_lifetime_data *data = fresh(0, kind, kind == 0 ? 1 : 0, NULL), *back = NULL;
		loy_history history = {.struct_size = sizeof(history), .x = 1.0, .t_x = 2.0, .T = 7.0};
		uint8_t *bytes;
		size_t size, i;

		for (i = 0; i < 200; i++) {
			history.T = (double)(2 + i % 9);
			if (kind == 0)
				add_row(data, t, i);
			else
				assert_int_equal(loy_lifetime_data_add(data, &history, NULL), LOY_OK);
		}
		bytes = bytes_of(data, &size);
		assert_int_equal(loy_lifetime_data_from_bytes(&back, bytes, size, NULL, NULL), LOY_OK);
		assert_equal_data(data, back);
		assert_int_equal(loy_lifetime_data_merge(back, data), LOY_OK); /* what was read can go on */
		assert_int_equal(loy_lifetime_data_merge(back, back), LOY_OK);
		loy_lifetime_data_destroy(back);
		loy_lifetime_data_destroy(data);
		free(bytes);
	}
	free(t);
}

static void put_crc(uint8_t *bytes, size_t size)
{
	uint32_t crc = loy__crc32c(0, bytes, size - 4), i;

	for (i = 0; i < 4; i++)
		bytes[size - 4 + i] = (uint8_t)(crc >> 8 * i);
}

/* Every byte changed, with and without a checksum that fits, and every shorter length: a status, never a crash. */
static void damaged_bytes_are_refused(void **state)
{
	struct table *t = draw_table();
	loy_lifetime_data *data = fresh(0, 0, 1, NULL), *back = NULL;
	loy_error error = {.struct_size = sizeof(error)};
	uint8_t *bytes, *copy;
	size_t size, i, accepted = 0;

	(void)state;
	for (i = 0; i < 20; i++)
		add_row(data, t, i);
	bytes = bytes_of(data, &size);
	copy = malloc(size);
	assert_non_null(copy);
	for (i = 0; i < size; i++) {
		memcpy(copy, bytes, size);
		copy[i] ^= 0x11;
		assert_int_not_equal(loy_lifetime_data_from_bytes(&back, copy, size, NULL, &error), LOY_OK);
		assert_null(back);
		assert_int_not_equal(loy_lifetime_data_from_bytes(&back, bytes, i, NULL, &error), LOY_OK);
		put_crc(copy, size);
		if (loy_lifetime_data_from_bytes(&back, copy, size, NULL, &error) == LOY_OK) {
			size_t again;
			uint8_t *written = bytes_of(back, &again);

			accepted++; /* another accumulator, whose bytes are just these */
			assert_int_equal(again, size);
			assert_memory_equal(written, copy, size);
			free(written);
		}
		loy_lifetime_data_destroy(back);
		back = NULL;
	}
	assert_true(accepted > 0);
	memcpy(copy, bytes, size);
	copy[4] = 2; /* version */
	put_crc(copy, size);
	assert_int_equal(loy_lifetime_data_from_bytes(&back, copy, size, NULL, &error), LOY_EVERSION);
	free(copy);
	free(bytes);
	loy_lifetime_data_destroy(data);
	free(t);
}

static void every_allocation_may_fail(void **state)
{
	struct table *t = draw_table();
	loy_lifetime_data *source = fresh(0, 0, 1, NULL), *before = fresh(0, 0, 1, NULL);
	loy_history_column all[] = {{LOY_HISTORY_X, LOY_COLUMN_F64, t->x, 8},
	                            {LOY_HISTORY_T_X, LOY_COLUMN_F64, t->t_x, 8},
	                            {LOY_HISTORY_T, LOY_COLUMN_F64, t->T, 8},
	                            {LOY_HISTORY_COVARIATE, LOY_COLUMN_F64, t->z, 8}};
	loy_status status = LOY_ENOMEM;
	size_t i, size;
	uint8_t *bytes;
	long n;

	(void)state;
	for (i = 0; i < 40; i++)
		add_row(before, t, i);
	for (i = 0; i < 400; i++)
		add_row(source, t, i * 3);
	bytes = bytes_of(source, &size);
	for (n = 0; status == LOY_ENOMEM;
	     n++) { /* adding columns and merging change nothing when they fail */
		struct faulty heap = {.until = -1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_lifetime_data *data = fresh(0, 0, 1, &memory);

		for (i = 0; i < 40; i++)
			add_row(data, t, i);
		heap.until = heap.requests + n;
		status = n % 2 == 0 ? loy_lifetime_data_merge(data, source)
		                    : loy_lifetime_data_add_columns(data, all, 4, 1000, NULL);
		heap.until = -1;
		if (status == LOY_ENOMEM)
			assert_equal_data(data, before);
		loy_lifetime_data_destroy(data);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 4);
	for (status = LOY_ENOMEM, n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_lifetime_data *data = NULL;

		status = loy_lifetime_data_from_bytes(&data, bytes, size, &memory, NULL);
		loy_lifetime_data_destroy(data);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	free(bytes);
	loy_lifetime_data_destroy(source);
	loy_lifetime_data_destroy(before);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ten_shards_are_the_whole),
	        cmocka_unit_test(columns_are_single_rows),
	        cmocka_unit_test(weights_are_repetitions),
	        cmocka_unit_test(rows_that_cannot_be_are_named),
	        cmocka_unit_test(a_bad_row_of_many_adds_none),
	        cmocka_unit_test(column_types),
	        cmocka_unit_test(bytes_come_back),
	        cmocka_unit_test(damaged_bytes_are_refused),
	        cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
