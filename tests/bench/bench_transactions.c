/*
 * How fast transactions become summaries, next to a bare pass that reads the same columns once and adds them up:
 *
 *	cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build build/bench --target bench_transactions
 *	build/bench/tests/bench_transactions [TRANSACTIONS]
 *
 * 2,000,000 transactions, seven of each customer, over two years, sorted and in random order. Medians of five rounds.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#define ROWS_MAX 2000000u
#define EACH     7u /* transactions of a customer */
#define ROUNDS   5

static size_t row_count = ROWS_MAX;
static uint64_t customer[ROWS_MAX];
static int64_t when[ROWS_MAX], amount[ROWS_MAX];
static volatile uint64_t sink;

static double bare_pass(void)
{
	double start = processor_seconds();
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < row_count; i++)
		sum += customer[i] ^ (uint64_t)when[i] ^ (uint64_t)amount[i];
	sink = sum;
	return processor_seconds() - start;
}

static double summarise(void)
{
	loy_transaction_columns c = {
	        .struct_size = sizeof(c), .customer = customer, .time = when, .amount = amount};
	loy_summary_options o = {.struct_size = sizeof(o), .end = 720 * LOY_DAY, .unit = 7 * LOY_DAY};
	loy_summary_rows rows = {.struct_size = sizeof(rows), .capacity = row_count / EACH + 1};
	double start;
	loy_transactions *t;
	uint64_t count;

	c.customer_stride = c.time_stride = c.amount_stride = 8;
	rows.x = must(malloc(rows.capacity * sizeof(*rows.x)));
	rows.t_x = must(malloc(rows.capacity * sizeof(*rows.t_x)));
	rows.T = must(malloc(rows.capacity * sizeof(*rows.T)));
	rows.mean_spend = must(malloc(rows.capacity * sizeof(*rows.mean_spend)));
	start = processor_seconds();
	check(loy_transactions_create(&t, 0, NULL), "loy_transactions_create");
	check(loy_transactions_add(t, &c, row_count, NULL), "loy_transactions_add");
	check(loy_transactions_sort(t), "loy_transactions_sort");
	check(loy_transactions_summary(t, &o, &rows, &count), "loy_transactions_summary");
	loy_transactions_destroy(t);
	start = processor_seconds() - start;
	free(rows.x);
	free(rows.t_x);
	free(rows.T);
	free(rows.mean_spend);
	return start;
}

static void bench(const char *name)
{
	double bare[ROUNDS], ours[ROUNDS], took, least;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		bare[i] = bare_pass();
		ours[i] = summarise();
	}
	took = median(ours, ROUNDS);
	least = median(bare, ROUNDS);
	printf("%-16s %7.1f ms, %5.1f ns a row, %5.1f of a bare pass (%.2f ms)\n", name, took * 1e3,
	       took / (double)row_count * 1e9, took / least, least * 1e3);
}

int main(int argc, char **argv)
{
	loy__random random;
	size_t i;

	if (argc > 1)
		row_count = strtoull(argv[1], NULL, 10);
	need(row_count >= 1 && row_count <= ROWS_MAX, "reading the number of transactions");
	loy__random_init(&random, 5);
	for (i = 0; i < row_count; i++) {
		customer[i] = i / EACH;
		when[i] = (int64_t)(i % EACH * 100 + loy__random_below(&random, 100)) * LOY_DAY;
		amount[i] = (int64_t)loy__random_below(&random, 10000);
		if (i != 0 && customer[i] == customer[i - 1] && when[i] < when[i - 1])
			when[i] = when[i - 1];
	}
	bench("sorted");
	for (i = row_count; i > 1; i--) {
		size_t k = (size_t)loy__random_below(&random, i);
		uint64_t c = customer[i - 1];
		int64_t t = when[i - 1], a = amount[i - 1];

		customer[i - 1] = customer[k];
		when[i - 1] = when[k];
		amount[i - 1] = amount[k];
		customer[k] = c;
		when[k] = t;
		amount[k] = a;
	}
	bench("random order");
	return 0;
}
