/* Transactions at their edges: every argument that may be wrong, columns left out, accumulators that are empty. */
#include "support.h"

#define DAY(n) ((n)*LOY_DAY + 9 * LOY_HOUR)

/* Rows whose words lie at odd addresses. */
#define ROW_SIZE 25
static void put_line(uint8_t *at, uint64_t customer, int64_t time, int64_t amount)
{
	memcpy(at, &customer, 8);
	memcpy(at + 8, &time, 8);
	memcpy(at + 16, &amount, 8);
}

static loy_transaction_columns columns_over(const uint8_t *bytes)
{
	loy_transaction_columns c = {.struct_size = sizeof(c)};

	c.customer = (const void *)bytes;
	c.time = (const void *)(bytes + 8);
	c.amount = (const void *)(bytes + 16);
	c.customer_stride = c.time_stride = c.amount_stride = ROW_SIZE;
	return c;
}

static loy_transactions *make(void)
{
	loy_transactions *t;

	assert_int_equal(loy_transactions_create(&t, 0, NULL), LOY_OK);
	return t;
}

static void creation_is_checked(void **state)
{
	loy_allocator broken = {0};
	loy_transactions *t = (loy_transactions *)(void *)&broken;

	(void)state;
	assert_int_equal(loy_transactions_create(NULL, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_transactions_create(&t, -24 * 60 - 1, NULL), LOY_EINVAL);
	assert_null(t);
	assert_int_equal(loy_transactions_create(&t, 0, &broken), LOY_EINVAL);
	assert_null(t);
	assert_int_equal(loy_transactions_create(&t, -24 * 60, NULL), LOY_OK);
	loy_transactions_destroy(t);
}

static void columns_are_checked(void **state)
{
	int64_t times[2] = {DAY(1), LOY_TIME_MIN - 1};
	uint64_t customers[2] = {1, 1}, count;
	loy_transaction_columns c = {.struct_size = sizeof(c)};
	loy_error error = {.struct_size = sizeof(error)};
	loy_transactions *t = make();

	(void)state;
	assert_int_equal(loy_transactions_add(t, NULL, 0, &error), LOY_OK); /* nothing to read */
	c.customer = customers;
	c.customer_stride = c.time_stride = 8;
	assert_int_equal(loy_transactions_add(t, &c, 1, &error), LOY_EINVAL);
	c.time = times;
	c.reserved = 1;
	assert_int_equal(loy_transactions_add(t, &c, 1, &error), LOY_EINVAL);
	c.reserved = 0;
	c.struct_size = 3;
	assert_int_equal(loy_transactions_add(t, &c, 1, &error), LOY_EINVAL);
	c.struct_size = sizeof(c);
	assert_int_equal(loy_transactions_add(t, &c, UINT64_MAX, &error), LOY_EINVAL);
	assert_int_equal(loy_transactions_add(t, &c, 2, &error), LOY_ETIME);
	assert_int_equal(error.row, 1);
	assert_int_equal(loy_transactions_customers(t, &count), LOY_OK);
	assert_int_equal(count, 0);
	loy_transactions_destroy(t);
}

static void odd_addresses_and_no_amounts(void **state)
{
	uint8_t bytes[1 + 3 * ROW_SIZE] = {0};
	loy_transaction_columns c = columns_over(bytes + 1);
	loy_summary_options o = {.struct_size = sizeof(o), .end = DAY(9), .unit = LOY_DAY};
	loy_summary_rows rows = {.struct_size = sizeof(rows), .capacity = 1};
	loy_transactions *with = make(), *without = make();
	uint64_t count, customer;
	double t_x, spend;
	uint32_t x;

	(void)state;
	put_line(bytes + 1, UINT64_MAX, DAY(2), 100);
	put_line(bytes + 1 + ROW_SIZE, UINT64_MAX, DAY(4), -300);
	put_line(bytes + 1 + 2 * ROW_SIZE, UINT64_MAX, DAY(7), 500);
	assert_int_equal(loy_transactions_add(with, &c, 3, NULL), LOY_OK);
	c.amount = NULL;
	assert_int_equal(loy_transactions_add(without, &c, 3, NULL), LOY_OK);
	rows.customer = &customer;
	rows.x = &x;
	rows.t_x = &t_x;
	rows.mean_spend = &spend;
	assert_int_equal(loy_transactions_summary(with, &o, &rows, &count), LOY_OK);
	assert_int_equal(count, 1);
	assert_true(customer == UINT64_MAX);
	assert_int_equal(x, 1); /* day 4 only took back */
	assert_bits_equal(t_x, 5.0);
	assert_bits_equal(spend, 200.0);
	assert_int_equal(loy_transactions_summary(without, &o, &rows, &count), LOY_OK);
	assert_int_equal(x, 2);
	assert_bits_equal(t_x, 5.0);
	assert_bits_equal(spend, 0.0);
	loy_transactions_destroy(without);
	loy_transactions_destroy(with);
}

static void empty_ones_merge(void **state)
{
	uint8_t bytes[2 * ROW_SIZE] = {0};
	loy_transaction_columns c = columns_over(bytes);
	loy_transactions *empty = make(), *full = make();
	int64_t first, last;
	uint64_t count;

	(void)state;
	put_line(bytes, 5, DAY(2), 100);
	put_line(bytes + ROW_SIZE, 6, DAY(1), 100);
	assert_int_equal(loy_transactions_add(full, &c, 2, NULL), LOY_OK);
	assert_int_equal(loy_transactions_merge(NULL, full), LOY_EINVAL);
	assert_int_equal(loy_transactions_merge(full, NULL), LOY_EINVAL);
	assert_int_equal(loy_transactions_merge(full, empty), LOY_OK);
	assert_int_equal(loy_transactions_customers(full, &count), LOY_OK);
	assert_int_equal(count, 2);
	assert_int_equal(loy_transactions_merge(empty, full), LOY_OK);
	assert_int_equal(loy_transactions_span(empty, &first, &last), LOY_OK);
	assert_int_equal(first, LOY_DAY);
	assert_int_equal(last, 2 * LOY_DAY);
	loy_transactions_destroy(full);
	loy_transactions_destroy(empty);
}

/* Rows that do not fit leave everything as it was, in adding and in merging. */
static void memory_may_end_later(void **state)
{
	struct faulty heap = {.until = 1}; /* the object, then nothing */
	loy_allocator memory = faulty_allocator(&heap);
	uint8_t bytes[ROW_SIZE] = {0};
	loy_transaction_columns c = columns_over(bytes);
	loy_transactions *t, *full = make();
	uint64_t count = 9;

	(void)state;
	put_line(bytes, 5, DAY(2), 100);
	assert_int_equal(loy_transactions_add(full, &c, 1, NULL), LOY_OK);
	assert_int_equal(loy_transactions_create(&t, 0, &memory), LOY_OK);
	assert_int_equal(loy_transactions_merge(t, full), LOY_ENOMEM);
	assert_int_equal(loy_transactions_customers(t, &count), LOY_OK);
	assert_int_equal(count, 0);
	loy_transactions_destroy(t);
	loy_transactions_destroy(full);
	assert_int_equal(heap.live, 0);
}

static void nobody_bought(void **state)
{
	uint8_t bytes[ROW_SIZE] = {0};
	loy_transaction_columns c = columns_over(bytes);
	loy_summary_options o = {.struct_size = sizeof(o), .end = DAY(9), .unit = LOY_DAY};
	loy_transactions *t = make();
	uint64_t count = 9, numbers[2] = {7, 7};
	int64_t first = 1, last = 1;

	(void)state;
	put_line(bytes, 5, DAY(2), -100);
	assert_int_equal(loy_transactions_add(t, &c, 1, NULL), LOY_OK);
	assert_int_equal(loy_transactions_span(t, &first, &last), LOY_EUNKNOWN);
	assert_true(first == 1 && last == 1);
	assert_int_equal(loy_transactions_summary(t, &o, NULL, &count), LOY_OK);
	assert_int_equal(count, 0);
	assert_int_equal(loy_transactions_births(t, DAY(9), 2, numbers), LOY_EUNKNOWN);
	assert_int_equal(loy_transactions_track(t, DAY(9), LOY_DAY, 2, numbers), LOY_EUNKNOWN);
	assert_int_equal(numbers[0], 7);
	loy_transactions_destroy(t);
}

static void outputs_are_checked(void **state)
{
	loy_summary_options o = {.struct_size = sizeof(o), .end = DAY(9), .unit = LOY_DAY};
	loy_summary_rows rows = {.struct_size = sizeof(rows)};
	loy_transactions *t = make();
	uint64_t numbers[2];
	int64_t time;

	(void)state;
	assert_int_equal(loy_transactions_customers(NULL, numbers), LOY_EINVAL);
	assert_int_equal(loy_transactions_customers(t, NULL), LOY_EINVAL);
	assert_int_equal(loy_transactions_span(NULL, &time, &time), LOY_EINVAL);
	assert_int_equal(loy_transactions_span(t, NULL, &time), LOY_EINVAL);
	assert_int_equal(loy_transactions_span(t, &time, NULL), LOY_EINVAL);
	assert_int_equal(loy_transactions_summary(NULL, &o, &rows, numbers), LOY_EINVAL);
	assert_int_equal(loy_transactions_summary(t, &o, &rows, NULL), LOY_EINVAL);
	assert_int_equal(loy_transactions_summary(t, NULL, &rows, numbers), LOY_EINVAL); /* no unit */
	rows.struct_size = 3;
	assert_int_equal(loy_transactions_summary(t, &o, &rows, numbers), LOY_EINVAL);
	rows.struct_size = sizeof(rows);
	o.struct_size = 3;
	assert_int_equal(loy_transactions_summary(t, &o, &rows, numbers), LOY_EINVAL);
	o.struct_size = sizeof(o);
	o.holdout = LOY_TIME_MAX + 1;
	assert_int_equal(loy_transactions_summary(t, &o, &rows, numbers), LOY_ETIME);
	assert_int_equal(loy_transactions_track(t, DAY(9), LOY_DAY, 2, NULL), LOY_EINVAL);
	assert_int_equal(loy_transactions_track(t, DAY(9), LOY_DAY, 0, numbers), LOY_EINVAL);
	assert_int_equal(loy_transactions_track(NULL, DAY(9), LOY_DAY, 2, numbers), LOY_EINVAL);
	assert_int_equal(loy_transactions_births(t, DAY(9), 2, NULL), LOY_EINVAL);
	assert_int_equal(loy_transactions_births(t, DAY(9), 0, numbers), LOY_EINVAL);
	assert_int_equal(loy_transactions_births(NULL, DAY(9), 2, numbers), LOY_EINVAL);
	loy_transactions_destroy(t);
}

/* Customers born late or never, days that only take back, periods beyond the last one. */
static void cohorts_leave_out_the_rest(void **state)
{
	uint8_t bytes[7 * ROW_SIZE] = {0};
	loy_transaction_columns c = columns_over(bytes);
	loy_transactions *t = make();
	uint64_t numbers[2];
	int i;
	static const int64_t lines[7][3] = {{1, 10, 5},  {1, 11, -5}, {1, 11, 9}, {1, 30, 5},
	                                    {2, 10, -5}, {3, 11, 5},  {4, 25, 5}};

	(void)state;
	for (i = 0; i < 7; i++)
		put_line(bytes + i * ROW_SIZE, (uint64_t)lines[i][0], DAY(lines[i][1]), lines[i][2]);
	assert_int_equal(loy_transactions_add(t, &c, 7, NULL), LOY_OK);
	assert_int_equal(loy_transactions_births(t, DAY(20), 2, numbers), LOY_OK);
	assert_int_equal(numbers[0], 1);
	assert_int_equal(numbers[1], 1);
	assert_int_equal(loy_transactions_births(t, DAY(25), 2, numbers), LOY_EBUFFER);
	assert_int_equal(loy_transactions_track(t, DAY(20), LOY_DAY, 2, numbers), LOY_OK);
	assert_int_equal(numbers[0], 0);
	assert_int_equal(numbers[1], 1); /* day 30 lies beyond */
	loy_transactions_destroy(t);
}

/* A caller who wants one column gets what it is among all. */
static void outputs_are_asked_for_one_by_one(void **state)
{
	const int64_t days[] = {1, 4, 9, 2, 2, 30}, spent[] = {100, 250, 300, 50, 70, 90};
	const int64_t too_much[] = {LOY_MONEY_MAX + 1, -LOY_MONEY_MAX - 1};
	const uint64_t who[] = {7, 7, 7, 8, 9, 8};
	loy_summary_options o = {.struct_size = sizeof(o), .unit = LOY_DAY, .end = DAY(20)};
	loy_summary_rows all = {.struct_size = sizeof(all), .capacity = 3}, one;
	uint64_t customer[2][3], count;
	uint32_t x[2][3], later[2][3];
	double t_x[2][3], T[2][3], spend[2][3], logs[2][3], later_spend[2][3];
	loy_transactions *t = make();
	int64_t times[6];
	loy_transaction_columns c = {.struct_size = sizeof(c)};
	int i;

	(void)state;
	for (i = 0; i < 6; i++)
		times[i] = DAY(days[i]);
	c.customer = who;
	c.time = times;
	c.amount = spent;
	c.customer_stride = c.time_stride = c.amount_stride = 8;
	c.amount = &too_much[0]; /* and what cannot be bought is refused */
	assert_int_equal(loy_transactions_add(t, &c, 1, NULL), LOY_ERANGE);
	c.amount = &too_much[1];
	assert_int_equal(loy_transactions_add(t, &c, 1, NULL), LOY_ERANGE);
	c.amount = spent;
	assert_int_equal(loy_transactions_add(t, &c, 6, NULL), LOY_OK);
	assert_int_equal(loy_transactions_sort(t), LOY_OK);
	o.holdout = DAY(40);
	all.customer = customer[0];
	all.x = x[0];
	all.t_x = t_x[0];
	all.T = T[0];
	all.mean_spend = spend[0];
	all.log_intervals = logs[0];
	all.holdout_x = later[0];
	all.holdout_spend = later_spend[0];
	assert_int_equal(loy_transactions_summary(t, &o, &all, &count), LOY_OK);
	assert_int_equal(count, 3);
	assert_true(x[0][0] == 2 && t_x[0][0] == 8.0 && spend[0][0] == 275.0 && later[0][1] == 1 &&
	            later_spend[0][1] == 90.0);
	for (i = 0; i < 8; i++) {
		memset(&one, 0, sizeof(one));
		one.struct_size = sizeof(one);
		one.capacity = 3;
		one.customer = i == 0 ? customer[1] : NULL;
		one.x = i == 1 ? x[1] : NULL;
		one.t_x = i == 2 ? t_x[1] : NULL;
		one.T = i == 3 ? T[1] : NULL;
		one.mean_spend = i == 4 ? spend[1] : NULL;
		one.log_intervals = i == 5 ? logs[1] : NULL;
		one.holdout_x = i == 6 ? later[1] : NULL;
		one.holdout_spend = i == 7 ? later_spend[1] : NULL;
		assert_int_equal(loy_transactions_summary(t, &o, &one, &count), LOY_OK);
	}
	assert_memory_equal(customer[1], customer[0], sizeof(customer[0]));
	assert_memory_equal(x[1], x[0], sizeof(x[0]));
	assert_memory_equal(t_x[1], t_x[0], sizeof(t_x[0]));
	assert_memory_equal(T[1], T[0], sizeof(T[0]));
	assert_memory_equal(spend[1], spend[0], sizeof(spend[0]));
	assert_memory_equal(logs[1], logs[0], sizeof(logs[0]));
	assert_memory_equal(later[1], later[0], sizeof(later[0]));
	assert_memory_equal(later_spend[1], later_spend[0], sizeof(later_spend[0]));
	loy_transactions_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(creation_is_checked),
	        cmocka_unit_test(columns_are_checked),
	        cmocka_unit_test(odd_addresses_and_no_amounts),
	        cmocka_unit_test(empty_ones_merge),
	        cmocka_unit_test(memory_may_end_later),
	        cmocka_unit_test(nobody_bought),
	        cmocka_unit_test(outputs_are_asked_for_one_by_one),
	        cmocka_unit_test(outputs_are_checked),
	        cmocka_unit_test(cohorts_leave_out_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
