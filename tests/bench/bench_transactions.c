/*
 * How fast transactions become summaries, next to a bare pass that reads the same columns once and adds them up:
 *
 *	cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build build/bench --target bench_transactions
 *	build/bench/tests/bench_transactions
 *
 * 2,000,000 transactions of 300,000 customers over two years, sorted and in random order. Medians of five rounds.
 */
#define _POSIX_C_SOURCE 200809L
#include <loyalty.h>

#include "numeric/numeric.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS      2000000u
#define CUSTOMERS 300000u
#define ROUNDS    5

static uint64_t customer[ROWS];
static int64_t when[ROWS], amount[ROWS];
static volatile uint64_t sink;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void must(loy_status status)
{
	if (status != LOY_OK) {
		fprintf(stderr, "%s\n", loy_status_name(status));
		exit(1);
	}
}

static double bare_pass(void)
{
	double start = seconds();
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < ROWS; i++)
		sum += customer[i] ^ (uint64_t)when[i] ^ (uint64_t)amount[i];
	sink = sum;
	return seconds() - start;
}

static double summarise(void)
{
	loy_transaction_columns c = {
	        .struct_size = sizeof(c), .customer = customer, .time = when, .amount = amount};
	loy_summary_options o = {.struct_size = sizeof(o), .end = 720 * LOY_DAY, .unit = 7 * LOY_DAY};
	loy_summary_rows rows = {.struct_size = sizeof(rows), .capacity = CUSTOMERS};
	double start;
	loy_transactions *t;
	uint64_t count;

	c.customer_stride = c.time_stride = c.amount_stride = 8;
	rows.x = malloc(CUSTOMERS * sizeof(*rows.x));
	rows.t_x = malloc(CUSTOMERS * sizeof(*rows.t_x));
	rows.T = malloc(CUSTOMERS * sizeof(*rows.T));
	rows.mean_spend = malloc(CUSTOMERS * sizeof(*rows.mean_spend));
	start = seconds();
	must(loy_transactions_create(&t, 0, NULL));
	must(loy_transactions_add(t, &c, ROWS, NULL));
	must(loy_transactions_sort(t));
	must(loy_transactions_summary(t, &o, &rows, &count));
	loy_transactions_destroy(t);
	start = seconds() - start;
	free(rows.x);
	free(rows.t_x);
	free(rows.T);
	free(rows.mean_spend);
	return start;
}

static void bench(const char *name)
{
	double bare[ROUNDS], ours[ROUNDS];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		bare[i] = bare_pass();
		ours[i] = summarise();
	}
	qsort(bare, ROUNDS, sizeof(*bare), by_value);
	qsort(ours, ROUNDS, sizeof(*ours), by_value);
	printf("%-16s %7.1f ms, %5.1f ns a row, %5.1f of a bare pass (%.2f ms)\n", name,
	       ours[ROUNDS / 2] * 1e3, ours[ROUNDS / 2] / ROWS * 1e9, ours[ROUNDS / 2] / bare[ROUNDS / 2],
	       bare[ROUNDS / 2] * 1e3);
}

int main(void)
{
	loy__random random;
	size_t i;

	loy__random_init(&random, 5);
	for (i = 0; i < ROWS; i++) {
		customer[i] = i * CUSTOMERS / ROWS;
		when[i] = (int64_t)(i % 7 * 100 + loy__random_below(&random, 100)) * LOY_DAY;
		amount[i] = (int64_t)loy__random_below(&random, 10000);
		if (i != 0 && customer[i] == customer[i - 1] && when[i] < when[i - 1])
			when[i] = when[i - 1];
	}
	bench("sorted");
	for (i = ROWS; i > 1; i--) {
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
