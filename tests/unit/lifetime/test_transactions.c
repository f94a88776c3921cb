/* From transactions to summaries: the rules, any order, any split, and the reference data sets. */
#include "support.h"

#include "numeric/numeric.h"

#define DAY(n) ((n)*LOY_DAY + 9 * LOY_HOUR)

struct line {
	uint64_t customer;
	int64_t time, amount;
};

static loy_transaction_columns columns_of(const struct line *lines)
{
	loy_transaction_columns c = {.struct_size = sizeof(c)};

	c.customer = &lines->customer;
	c.time = &lines->time;
	c.amount = &lines->amount;
	c.customer_stride = c.time_stride = c.amount_stride = sizeof(*lines);
	return c;
}

static void add(loy_transactions *t, const struct line *lines, size_t count)
{
	loy_transaction_columns c = columns_of(lines);

	assert_int_equal(loy_transactions_add(t, &c, count, NULL), LOY_OK);
}

static loy_transactions *make(const struct line *lines, size_t count)
{
	loy_transactions *t;

	assert_int_equal(loy_transactions_create(&t, 0, NULL), LOY_OK);
	add(t, lines, count);
	assert_int_equal(loy_transactions_sort(t), LOY_OK);
	return t;
}

#define ROWS 64
struct result {
	uint64_t count, customer[ROWS];
	uint32_t x[ROWS], holdout_x[ROWS];
	double t_x[ROWS], T[ROWS], mean_spend[ROWS], holdout_spend[ROWS], log_intervals[ROWS];
};

static void summarise(const loy_transactions *t, int64_t end, int64_t holdout, int64_t unit, struct result *r)
{
	loy_summary_options o = {.struct_size = sizeof(o), .end = end, .holdout = holdout, .unit = unit};
	loy_summary_rows rows = {.struct_size = sizeof(rows), .capacity = ROWS};

	memset(r, 0, sizeof(*r));
	rows.customer = r->customer;
	rows.x = r->x;
	rows.t_x = r->t_x;
	rows.T = r->T;
	rows.mean_spend = r->mean_spend;
	rows.log_intervals = r->log_intervals;
	rows.holdout_x = r->holdout_x;
	rows.holdout_spend = r->holdout_spend;
	assert_int_equal(loy_transactions_summary(t, &o, &rows, &r->count), LOY_OK);
}

/* ---- rules ---- */

static void days_merge_and_the_first_is_left_out(void **state)
{
	const struct line lines[] = {
	        {7, DAY(10), 500},  {7, DAY(10) + LOY_HOUR, 700},
	        {7, DAY(17), 300},  {7, DAY(24), 100},
	        {7, DAY(24), 600},  {7, DAY(40), 900},
	        {8, DAY(31), 0},    {8, DAY(39), 50},
	        {9, DAY(38), 1234},
	};
	struct result r;
	loy_transactions *t = make(lines, LOY__COUNT(lines));

	(void)state;
	summarise(t, DAY(31), DAY(39), 7 * LOY_DAY, &r);
	assert_int_equal(r.count, 2); /* customer 9 came after the period */
	assert_int_equal(r.customer[0], 7);
	assert_int_equal(r.x[0], 2);
	assert_bits_equal(r.t_x[0], 2.0);
	assert_bits_equal(r.T[0], 3.0);
	assert_bits_equal(r.mean_spend[0], 500.0);
	assert_bits_equal(r.log_intervals[0], 0.0); /* a week and a week */
	assert_int_equal(r.holdout_x[0], 0);        /* day 40 lies after the holdout */
	assert_int_equal(r.x[1], 0);
	assert_bits_equal(r.T[1], 0.0); /* the period's last day is inside */
	assert_bits_equal(r.mean_spend[1], 0.0);
	assert_int_equal(r.holdout_x[1], 1);
	assert_bits_equal(r.holdout_spend[1], 50.0);
	loy_transactions_destroy(t);
}

static void returns_are_taken_off(void **state)
{
	const struct line lines[] = {
	        {1, DAY(1), -900}, /* before anything was bought */
	        {1, DAY(2), 1000},  {1, DAY(5), 400},
	        {1, DAY(5), -400}, /* bought and brought back: no purchase */
	        {1, DAY(9), 800},   {1, DAY(9), -300},
	        {1, DAY(12), -100}, /* off the repeat purchases */
	        {2, DAY(3), 100},   {2, DAY(4), 50},
	        {2, DAY(6), -500}, /* never below 0 */
	        {3, DAY(3), -100}, /* no purchase at all */
	};
	struct result r;
	loy_transactions *t = make(lines, LOY__COUNT(lines));
	uint64_t customers;

	(void)state;
	summarise(t, DAY(20), 0, LOY_DAY, &r);
	assert_int_equal(r.count, 2);
	assert_int_equal(loy_transactions_customers(t, &customers), LOY_OK);
	assert_int_equal(customers, 2);
	assert_int_equal(r.x[0], 1);
	assert_bits_equal(r.t_x[0], 7.0);
	assert_bits_equal(r.mean_spend[0], 400.0);
	assert_close(r.log_intervals[0], 1.9459101490553132, 1e-15, 0.0); /* ln 7 */
	assert_int_equal(r.x[1], 1);
	assert_bits_equal(r.mean_spend[1], 0.0);
	loy_transactions_destroy(t);
}

static void days_are_local(void **state)
{
	/* 23:30 and 00:30 at +60 minutes are 22:30 and 23:30 of one day in UTC */
	const struct line lines[] = {{1, 10 * LOY_DAY + 22 * LOY_HOUR, 1},
	                             {1, 10 * LOY_DAY + 23 * LOY_HOUR, 1}};
	loy_transactions *t;
	struct result r;
	int64_t first, last;

	(void)state;
	assert_int_equal(loy_transactions_create(&t, 60, NULL), LOY_OK);
	add(t, lines, 2);
	summarise(t, 20 * LOY_DAY, 0, LOY_DAY, &r);
	assert_int_equal(r.x[0], 1);
	assert_int_equal(loy_transactions_span(t, &first, &last), LOY_OK);
	assert_int_equal(first, 10 * LOY_DAY - LOY_HOUR);
	assert_int_equal(last, 11 * LOY_DAY - LOY_HOUR);
	loy_transactions_destroy(t);
	t = make(lines, 2);
	summarise(t, 20 * LOY_DAY, 0, LOY_DAY, &r);
	assert_int_equal(r.x[0], 0);
	loy_transactions_destroy(t);
}

static void cohorts_are_tracked(void **state)
{
	const struct line lines[] = {
	        {1, DAY(100), 1}, {1, DAY(106), 1}, {1, DAY(107), 1}, {2, DAY(103), 1},
	        {2, DAY(121), 1}, {3, DAY(110), 1}, {3, DAY(112), 1}, /* not of the cohort */
	};
	loy_transactions *t = make(lines, LOY__COUNT(lines));
	uint64_t actual[4], births[8];

	(void)state;
	assert_int_equal(loy_transactions_track(t, DAY(105), 7 * LOY_DAY, 4, actual), LOY_OK);
	assert_int_equal(actual[0], 1); /* day 106 is the seventh */
	assert_int_equal(actual[1], 2);
	assert_int_equal(actual[2], 2);
	assert_int_equal(actual[3], 3);
	assert_int_equal(loy_transactions_births(t, DAY(105), 4, births), LOY_OK);
	assert_int_equal(births[0], 1);
	assert_int_equal(births[3], 1);
	assert_int_equal(births[1] + births[2], 0);
	assert_int_equal(loy_transactions_births(t, DAY(105), 3, births), LOY_EBUFFER);
	assert_int_equal(loy_transactions_track(t, DAY(99), LOY_DAY, 4, actual), LOY_EUNKNOWN);
	loy_transactions_destroy(t);
}

/* ---- order and split ---- */

static void any_order_and_any_split_say_the_same(void **state)
{
	struct line lines[400];
	struct result expected, r;
	loy__random random;
	int round;
	size_t i;

	(void)state;
	loy__random_init(&random, 1);
	for (round = 0; round < 50; round++) {
		loy_transactions *whole, *parts[3];

		for (i = 0; i < LOY__COUNT(lines); i++) {
			lines[i].customer = loy__mix64(loy__random_below(&random, 20));
			lines[i].time = (int64_t)loy__random_below(&random, 120) * LOY_DAY - 60 * LOY_DAY;
			lines[i].amount = (int64_t)loy__random_below(&random, 1000) - 200;
		}
		whole = make(lines, LOY__COUNT(lines));
		summarise(whole, 20 * LOY_DAY, 50 * LOY_DAY, 7 * LOY_DAY, &expected);
		for (i = LOY__COUNT(lines); i > 1; i--) {
			size_t k = (size_t)loy__random_below(&random, i);
			struct line swap = lines[i - 1];

			lines[i - 1] = lines[k];
			lines[k] = swap;
		}
		for (i = 0; i < 3; i++)
			assert_int_equal(loy_transactions_create(&parts[i], 0, NULL), LOY_OK);
		for (i = 0; i < LOY__COUNT(lines); i++)
			add(parts[loy__random_below(&random, 3)], &lines[i], 1);
		assert_int_equal(loy_transactions_merge(parts[2], parts[0]), LOY_OK);
		assert_int_equal(loy_transactions_sort(parts[2]), LOY_OK);
		assert_int_equal(loy_transactions_merge(parts[2], parts[1]), LOY_OK);
		assert_int_equal(loy_transactions_sort(parts[2]), LOY_OK);
		summarise(parts[2], 20 * LOY_DAY, 50 * LOY_DAY, 7 * LOY_DAY, &r);
		assert_memory_equal(&r, &expected, sizeof(r));
		for (i = 0; i < 3; i++)
			loy_transactions_destroy(parts[i]);
		loy_transactions_destroy(whole);
	}
}

/* ---- refusals ---- */

static void bad_rows_are_named_and_change_nothing(void **state)
{
	struct line lines[] = {{1, DAY(1), 100}, {1, DAY(2), 100}, {1, DAY(3), 100}};
	loy_transaction_columns c = columns_of(lines);
	loy_error error = {.struct_size = sizeof(error)};
	loy_transactions *t = make(lines, 2);
	struct result before, after;

	(void)state;
	summarise(t, DAY(9), 0, LOY_DAY, &before);
	lines[2].time = LOY_TIME_MAX + 1;
	assert_int_equal(loy_transactions_add(t, &c, 3, &error), LOY_ETIME);
	assert_int_equal(error.row, 2);
	lines[2].time = DAY(3);
	lines[1].amount = INT64_MIN;
	assert_int_equal(loy_transactions_add(t, &c, 3, &error), LOY_ERANGE);
	assert_int_equal(error.row, 1);
	lines[1].amount = -(LOY_MONEY_MAX + 1);
	assert_int_equal(loy_transactions_add(t, &c, 3, &error), LOY_ERANGE);
	c.customer = NULL;
	assert_int_equal(loy_transactions_add(t, &c, 3, &error), LOY_EINVAL);
	assert_int_equal(loy_transactions_add(t, NULL, 3, &error), LOY_EINVAL);
	assert_int_equal(loy_transactions_add(NULL, &c, 0, &error), LOY_EINVAL);
	summarise(t, DAY(9), 0, LOY_DAY, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	loy_transactions_destroy(t);
}

static void magnitudes_are_bounded_in_every_order(void **state)
{
	struct line lines[2] = {{1, DAY(1), LOY_MONEY_MAX}, {1, DAY(1), -LOY_MONEY_MAX}};
	loy_error error = {.struct_size = sizeof(error)};
	loy_transaction_columns c = columns_of(lines);
	loy_transactions *t, *other;
	loy_status status = LOY_OK;
	int n;

	(void)state;
	assert_int_equal(loy_transactions_create(&t, 0, NULL), LOY_OK);
	for (n = 0; status == LOY_OK; n++)
		status = loy_transactions_add(t, &c, 2, &error);
	assert_int_equal(status, LOY_EOVERFLOW);
	assert_int_equal(error.row, 1); /* 9,223 amounts of 10^15 fit */
	assert_int_equal(n - 1, 4611);
	assert_int_equal(loy_transactions_create(&other, 0, NULL), LOY_OK);
	add(other, lines, 2);
	assert_int_equal(loy_transactions_merge(t, other), LOY_EOVERFLOW);
	loy_transactions_destroy(other);
	loy_transactions_destroy(t);
}

static void calls_want_sorted_days_and_whole_options(void **state)
{
	const struct line lines[] = {{2, DAY(1), 1}, {1, DAY(1), 1}};
	loy_summary_options o = {.struct_size = sizeof(o), .end = DAY(5), .unit = LOY_DAY};
	loy_summary_rows rows = {.struct_size = sizeof(rows), .capacity = 1};
	loy_transactions *t, *east;
	uint64_t count, actual[2];
	int64_t first, last;
	uint32_t x[2] = {77, 77};

	(void)state;
	assert_int_equal(loy_transactions_create(&t, 0, NULL), LOY_OK);
	assert_int_equal(loy_transactions_span(t, &first, &last), LOY_EUNKNOWN);
	add(t, lines, 2);
	assert_int_equal(loy_transactions_customers(t, &count), LOY_ESTATE);
	assert_int_equal(loy_transactions_span(t, &first, &last), LOY_ESTATE);
	assert_int_equal(loy_transactions_summary(t, &o, &rows, &count), LOY_ESTATE);
	assert_int_equal(loy_transactions_track(t, DAY(5), LOY_DAY, 2, actual), LOY_ESTATE);
	assert_int_equal(loy_transactions_sort(t), LOY_OK);
	rows.x = x;
	assert_int_equal(loy_transactions_summary(t, &o, &rows, &count), LOY_EBUFFER);
	assert_int_equal(count, 2);
	assert_int_equal(x[0], 77);
	o.unit = 0;
	assert_int_equal(loy_transactions_summary(t, &o, &rows, &count), LOY_EINVAL);
	o.unit = LOY_DAY;
	o.end = LOY_TIME_MIN - 1;
	assert_int_equal(loy_transactions_summary(t, &o, &rows, &count), LOY_ETIME);
	assert_int_equal(loy_transactions_track(t, DAY(5), 0, 2, actual), LOY_EINVAL);
	assert_int_equal(loy_transactions_births(t, LOY_TIME_MAX + 1, 2, actual), LOY_ETIME);
	assert_int_equal(loy_transactions_create(&east, 60, NULL), LOY_OK);
	assert_int_equal(loy_transactions_merge(t, east), LOY_ESTATE);
	assert_int_equal(loy_transactions_merge(t, t), LOY_EINVAL);
	assert_int_equal(loy_transactions_sort(NULL), LOY_EINVAL);
	loy_transactions_destroy(east);
	assert_int_equal(loy_transactions_create(&east, 24 * 60 + 1, NULL), LOY_EINVAL);
	assert_null(east);
	loy_transactions_destroy(NULL);
	loy_transactions_destroy(t);
}

static void every_allocation_may_fail(void **state)
{
	const struct line lines[] = {{2, DAY(1), 1}, {1, DAY(1), 1}, {1, DAY(3), 5}};
	loy_transaction_columns c = columns_of(lines);
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_transactions *t;

		status = loy_transactions_create(&t, 0, &memory);
		if (status == LOY_OK)
			status = loy_transactions_add(t, &c, 3, NULL);
		if (status == LOY_OK)
			status = loy_transactions_sort(t);
		loy_transactions_destroy(t);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_int_equal(n, 4); /* object, days, the other half of the sort; then all went well */
}

/* ---- reference data ---- */

static int64_t time_of(const struct csv *csv, size_t column)
{
	const char *text = csv_text(csv, column);
	int64_t time;

	assert_int_equal(loy_time_parse(text, strlen(text), 0, &time), LOY_OK);
	return time;
}

static loy_transactions *read_transactions(const char *name)
{
	struct csv *csv = shared_csv_or_skip(name);
	size_t customer = csv_column(csv, "customer_id"), date = csv_column(csv, "date");
	size_t amount = csv_column(csv, "amount");
	loy_transactions *t;

	assert_int_equal(loy_transactions_create(&t, 0, NULL), LOY_OK);
	while (csv_next(csv)) {
		struct line line;

		line.customer = (uint64_t)csv_i64(csv, customer);
		line.time = time_of(csv, date);
		line.amount = (int64_t)(csv_double(csv, amount) * 100.0 + 0.5); /* two decimals in the file */
		add(t, &line, 1);
	}
	csv_close(csv);
	assert_int_equal(loy_transactions_sort(t), LOY_OK);
	return t;
}

static void agrees(const char *transactions, const char *summary, const char *end, const char *holdout)
{
	loy_transactions *t = read_transactions(transactions);
	struct csv *csv = shared_csv_or_skip(summary);
	size_t x = csv_column(csv, "x"), t_x = csv_column(csv, "t_x"), T = csv_column(csv, "T");
	size_t zbar = csv_column(csv, "zbar"), x_holdout = csv_column(csv, "x_holdout");
	size_t spend = csv_column(csv, "spend_holdout"), id = csv_column(csv, "customer_id");
	loy_summary_options o = {.struct_size = sizeof(o), .unit = 7 * LOY_DAY};
	loy_summary_rows rows = {.struct_size = sizeof(rows)};
	uint64_t count = 0, i;

	assert_int_equal(loy_time_parse(end, strlen(end), 0, &o.end), LOY_OK);
	assert_int_equal(loy_time_parse(holdout, strlen(holdout), 0, &o.holdout), LOY_OK);
	assert_int_equal(loy_transactions_summary(t, &o, &rows, &count), LOY_EBUFFER);
	rows.capacity = count;
	rows.customer = malloc(count * sizeof(*rows.customer));
	rows.x = malloc(count * sizeof(*rows.x));
	rows.t_x = malloc(count * sizeof(*rows.t_x));
	rows.T = malloc(count * sizeof(*rows.T));
	rows.mean_spend = malloc(count * sizeof(*rows.mean_spend));
	rows.holdout_x = malloc(count * sizeof(*rows.holdout_x));
	rows.holdout_spend = malloc(count * sizeof(*rows.holdout_spend));
	assert_int_equal(loy_transactions_summary(t, &o, &rows, &count), LOY_OK);
	for (i = 0; csv_next(csv); i++) {
		assert_true(i < count);
		assert_int_equal(rows.customer[i], csv_i64(csv, id));
		assert_int_equal(rows.x[i], csv_i64(csv, x));
		/* the same quotients of whole days: the file has all their digits */
		assert_close(rows.t_x[i], csv_double(csv, t_x), 1e-15, 0.0);
		assert_close(rows.T[i], csv_double(csv, T), 1e-15, 0.0);
		/* cents are whole here and were summed as doubles there */
		assert_close(rows.mean_spend[i] / 100.0, csv_double(csv, zbar), 1e-12, 0.0);
		assert_int_equal(rows.holdout_x[i], csv_i64(csv, x_holdout));
		assert_close(rows.holdout_spend[i] / 100.0, csv_double(csv, spend), 1e-12, 0.0);
	}
	assert_int_equal(i, count);
	free(rows.customer);
	free(rows.x);
	free(rows.t_x);
	free(rows.T);
	free(rows.mean_spend);
	free(rows.holdout_x);
	free(rows.holdout_spend);
	csv_close(csv);
	loy_transactions_destroy(t);
}

static void cdnow_summary_agrees(void **state)
{
	(void)state;
	agrees("data/cdnow_sample_transactions.csv", "data/cdnow_sample_summary.csv", "1997-09-30",
	       "1998-06-30");
}

static void apparel_summary_agrees(void **state)
{
	(void)state;
	agrees("data/apparel_transactions.csv", "reference/btyd/apparel_summary.csv", "2006-12-31",
	       "2010-12-20");
}

static void cdnow_tracking_agrees(void **state)
{
	loy_transactions *t;
	struct csv *csv;
	uint64_t actual[78];
	int64_t end;
	size_t i = 0;

	(void)state;
	t = read_transactions("data/cdnow_sample_transactions.csv");
	csv = shared_csv_or_skip("reference/btyd/cdnow_sample_tracking.csv");
	assert_int_equal(loy_time_parse("1997-09-30", 10, 0, &end), LOY_OK);
	assert_int_equal(loy_transactions_track(t, end, 7 * LOY_DAY, 78, actual), LOY_OK);
	for (; csv_next(csv); i++)
		assert_int_equal(actual[i], csv_i64(csv, csv_column(csv, "actual_cumulative")));
	assert_int_equal(i, 78);
	csv_close(csv);
	loy_transactions_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(days_merge_and_the_first_is_left_out),
	        cmocka_unit_test(returns_are_taken_off),
	        cmocka_unit_test(days_are_local),
	        cmocka_unit_test(cohorts_are_tracked),
	        cmocka_unit_test(any_order_and_any_split_say_the_same),
	        cmocka_unit_test(bad_rows_are_named_and_change_nothing),
	        cmocka_unit_test(magnitudes_are_bounded_in_every_order),
	        cmocka_unit_test(calls_want_sorted_days_and_whole_options),
	        cmocka_unit_test(every_allocation_may_fail),
	        cmocka_unit_test(cdnow_summary_agrees),
	        cmocka_unit_test(apparel_summary_agrees),
	        cmocka_unit_test(cdnow_tracking_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
